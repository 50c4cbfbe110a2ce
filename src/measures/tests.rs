//! Checks whole estimates against samples whose answers are known.

use super::*;
use crate::maths::random::{Stream, Streams};
use crate::model::case::Case;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

pub fn scenario() -> Scenario {
    Scenario::base(Case::default())
}

pub fn book() -> Book {
    Book {
        account_id: vec!["a".into(), "b".into()],
        tier: vec![0, 1],
        grade: vec![0, 0],
        loan: vec![60.0, 40.0],
        tiers: vec!["A".into(), "B.x".into()],
        grades: vec!["G1".into()],
        ..Book::default()
    }
}

/// Losses at the midpoints of n equal shares of a distribution given by its quantile function.
fn grid(n: usize, quantile: impl Fn(f64) -> f64) -> Outcome {
    let mut outcome = synthetic::quiet(&book(), n);
    outcome.path.pool_loss = (0..n).map(|i| quantile((i as f64 + 0.5) / n as f64)).collect();
    outcome
}

#[test]
fn a_normal_grid_meets_the_textbook_tail() {
    let outcome = grid(200_000, |p| Normal::standard().inverse_cdf(p));
    let e = estimate(&scenario(), &book(), &outcome);
    let table = [
        ("95", 1.644_854, 2.062_713, 2.465_57),
        ("97_5", 1.959_964, 2.337_803, 3.199_25),
        ("99", 2.326_348, 2.665_214, 4.588_36),
        ("99_9", 3.090_232, 3.367_090, 12.015_35),
    ];
    for (level, var, es, root_n_se) in table {
        let found = (&e[&format!("pool_loss.var_{level}")], &e[&format!("pool_loss.es_{level}")]);
        assert!((found.0.value - var).abs() < 2e-3, "{level}: {}", found.0.value);
        assert!((found.1.value - es).abs() < 2e-3, "{level}: {}", found.1.value);
        assert!((found.1.std_error * 200_000_f64.sqrt() / root_n_se - 1.0).abs() < 0.02, "{level}: {}", found.1.std_error);
        assert_eq!((found.0.flag, found.1.flag), (None, None));
    }
    assert!((e["pool_loss.mean"].std_error * 200_000_f64.sqrt() - 1.0).abs() < 1e-4);
}

#[test]
fn a_student_grid_meets_the_textbook_tail() {
    for (freedom, level, var, es) in
        [(3.0, "99", 4.540_703, 7.003_082), (5.0, "99", 3.364_930, 4.452_429), (10.0, "95", 1.812_461, 2.408_401)]
    {
        let t = StudentsT::new(0.0, 1.0, freedom).unwrap();
        let outcome = grid(50_000, |p| t.inverse_cdf(p));
        let e = estimate(&scenario(), &book(), &outcome);
        assert!((e[&format!("pool_loss.var_{level}")].value / var - 1.0).abs() < 2e-3, "{freedom}");
        assert!((e[&format!("pool_loss.es_{level}")].value / es - 1.0).abs() < 1e-2, "{freedom}");
    }
}

#[test]
fn stated_errors_are_the_spread_of_repeated_runs() {
    let key = Streams::new(7).key(Stream::Sample, 1);
    let normal = Normal::standard();
    let (runs, n) = (300_u64, 10_000);
    let (mut values, mut stated) = (vec![Vec::new(); 3], [0.0; 3]);
    for run in 0..runs {
        let mut outcome = synthetic::quiet(&book(), n);
        outcome.path.pool_loss = (0..n as u64).map(|i| normal.inverse_cdf(key.uniform(run * n as u64 + i, 0))).collect();
        let e = estimate(&scenario(), &book(), &outcome);
        for (k, name) in ["pool_loss.var_99", "pool_loss.es_99", "pool_loss.mean"].into_iter().enumerate() {
            values[k].push(e[name].value);
            stated[k] += e[name].std_error / runs as f64;
        }
    }
    // domain notes §6: .03724 and .04557 at n = 10⁴ and 99 %
    for ((values, stated), asymptotic) in values.iter().zip(stated).zip([0.037_24, 0.045_57, 0.01]) {
        let mean = values.iter().sum::<f64>() / runs as f64;
        let sd = (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (runs - 1) as f64).sqrt();
        assert!((sd / asymptotic - 1.0).abs() < 0.13, "spread {sd} against {asymptotic}");
        assert!((stated / asymptotic - 1.0).abs() < 0.06, "stated {stated} against {asymptotic}");
    }
}

#[test]
fn a_deterministic_outcome_is_known_exactly() {
    let mut outcome = synthetic::quiet(&book(), 1);
    outcome.deterministic = true;
    outcome.path.pool_loss = vec![5.0];
    let e = estimate(&scenario(), &book(), &outcome);
    for (key, e) in &e {
        assert_eq!((e.std_error, e.ci_low, e.ci_high), (0.0, e.value, Some(e.value)), "{key}");
        assert!(e.flag.is_none_or(|f| f == Flag::Undefined), "{key}");
    }
    assert_eq!(e["pool_loss.es_99"].value, 5.0);
    assert_eq!(e["time_to_call.mean_days"].flag, Some(Flag::Undefined));
}

#[test]
fn thin_and_open_tails_are_flagged() {
    let flags = |n: usize| {
        let e = estimate(&scenario(), &book(), &grid(n, |p| p));
        ["pool_loss.var_99", "pool_loss.es_99"].map(|k| (e[k].flag, e[k].ci_high.is_none()))
    };
    assert_eq!(flags(250), [(Some(Flag::OpenInterval), true); 2]);
    assert_eq!(flags(2_000), [(Some(Flag::ThinTail), false); 2]);
    assert_eq!(flags(5_000), [(None, false); 2]);
}

#[test]
fn a_probability_never_seen_has_an_exact_bound() {
    let e = estimate(&scenario(), &book(), &synthetic::quiet(&book(), 100_000));
    for key in ["tier.A.hit_probability", "liquidation_rate", "tier.B_x.call_rate"] {
        let e = &e[key];
        assert_eq!((e.value, e.ci_low), (0.0, 0.0), "{key}");
        assert!((e.ci_high.unwrap() - 3.69e-5).abs() < 1e-7, "{key}: {:?}", e.ci_high);
    }
}

#[test]
fn a_paired_difference_is_that_of_the_paths() {
    let normal = Normal::standard();
    let n = 20_000;
    let key = Streams::new(3).key(Stream::Sample, 2);
    let noise: Vec<f64> = (0..n as u64).map(|i| normal.inverse_cdf(key.uniform(i, 0))).collect();
    let mut base = synthetic::quiet(&book(), n);
    base.path.pool_loss = noise.clone();
    let mut shifted = base.clone();
    shifted.path.pool_loss = noise.iter().map(|x| x + 0.5).collect();
    shifted.groups[0].loss = (0..100).map(|p| (p * 7, 2.0)).collect();
    let d = difference(&book(), (&scenario(), &shifted), (&scenario(), &base));
    for k in ["mean", "var_95", "var_99", "es_97_5", "es_99_9"] {
        let d = &d[&format!("pool_loss.{k}")];
        assert!((d.value - 0.5).abs() < 1e-9, "{k}: {d:?}");
        // on every path the same, and yet at most 0.0184 % of all paths may show another: no error is nothing
        assert!(d.std_error > 0.0 && d.ci_low < 0.5 && d.ci_high.unwrap() > 0.5, "{k}: {d:?}");
    }
    let mean = &d["pool_loss.mean"];
    assert!((mean.ci_high.unwrap() - 0.5 - 100.0 * 1.844e-4).abs() < 1e-5, "claims are 100: {mean:?}");
    let group = &d["tier.A.accounts_loss.mean"];
    assert!((group.value - 0.01).abs() < 1e-12 && group.std_error > 0.0);
    assert!(!d.contains_key("time_to_call.mean_days") && !d.contains_key("tier.A.call_rate"));
    // what no path of either shows may differ on a path not drawn: none of 20,000 is at most 0.0184 %
    for key in ["tier.A.hit_probability", "liquidation_rate"] {
        let d = &d[key];
        assert_eq!((d.value, d.ci_low), (0.0, -d.ci_high.unwrap()), "{key}");
        assert!((d.std_error - 1.844e-4 / 1.96).abs() < 1e-7, "{key}: {d:?}");
        assert!((d.ci_high.unwrap() - 1.844e-4).abs() < 1e-7, "{key}: {d:?}");
    }
    // an independent base: the pair's error is the root of the sum of squares
    base.path.pool_loss = (0..n as u64).map(|i| normal.inverse_cdf(key.uniform(i, 1))).collect();
    let e = [&shifted, &base].map(|o| estimate(&scenario(), &book(), o));
    let d = difference(&book(), (&scenario(), &shifted), (&scenario(), &base));
    for (k, tolerance) in [("mean", 0.02), ("var_99", 0.05), ("es_99", 0.05)] {
        let k = format!("pool_loss.{k}");
        let root = libm::hypot(e[0][&k].std_error, e[1][&k].std_error);
        assert!((d[&k].std_error / root - 1.0).abs() < tolerance, "{k}: {} against {root}", d[&k].std_error);
    }
    // a rule of the scenario alone has no figures in the base
    let mut triggered = scenario();
    triggered.case.margin.volatility_trigger = Some(Default::default());
    shifted.path.controls.trigger_days = vec![1; n];
    let d = difference(&book(), (&triggered, &shifted), (&scenario(), &base));
    assert!(d.contains_key("pool_loss.mean") && !d.contains_key("volatility_trigger.mean_days"));
    base.paths = 10;
    assert!(difference(&book(), (&scenario(), &shifted), (&scenario(), &base)).is_empty());
}

#[test]
fn ratios_pool_the_days_of_every_path() {
    let returns = [[0.02, -0.01, 0.03, -0.02, 0.01], [-0.01, 0.02, 0.005, -0.03, 0.02]];
    let mut outcome = synthetic::quiet(&book(), 2);
    outcome.dates = vec![crate::units::Day::from_epoch_days(0); 5];
    let per_path = |f: fn(f64) -> f64| returns.iter().map(|r| r.iter().map(|x| f(*x)).sum()).collect::<Vec<f64>>();
    outcome.path.return_sum = per_path(|r| r);
    outcome.path.return_square = per_path(|r| r * r);
    outcome.path.downside_square = per_path(|r| r.min(0.0) * r.min(0.0));
    outcome.path.called = vec![2, 1];
    outcome.path.time_to_call = vec![4, 5];
    let e = estimate(&scenario(), &book(), &outcome);
    let pooled = returns.concat();
    let wanted = [
        ("sharpe", performance::sharpe(&pooled, 0.0, performance::Divisor::N).unwrap()),
        ("sortino", performance::sortino(&pooled, 0.0, performance::Divisor::N).unwrap()),
        ("time_to_call.mean_days", 3.0),
        ("call_rate", 0.75),
    ];
    for (key, wanted) in wanted {
        assert!((e[key].value - wanted).abs() < 1e-12, "{key}: {}", e[key].value);
    }
}

#[test]
fn a_group_without_accounts_is_certain_of_its_nothing() {
    let e = estimate(&scenario(), &book(), &synthetic::quiet(&book(), 100_000));
    assert_eq!(e["leverage.5_00-up.call_rate"].flag, Some(Flag::Undefined));
    assert_eq!((e["leverage.5_00-up.accounts_loss.es_99"].flag, e["grade.G1.accounts_loss.es_99"].flag), (None, Some(Flag::ThinTail)));
}

#[test]
fn keys_are_known_before_the_first_path() {
    let keys = keys(&scenario(), &book());
    for key in
        ["pool_loss.es_97_5", "tier.B_x.accounts_loss.var_99_9", "leverage.5_00-up.liquidation_rate", "grade.G1.cure_rate", "sortino"]
    {
        assert!(keys.iter().any(|k| k == key), "{key}");
    }
    assert_eq!(key_names(["a.b", "a_b", "甲 乙"]), ["a_b", "a_b_2", "甲_乙"]);
}

#[test]
#[should_panic(expected = "column shortfall is NaN on path 3")]
fn a_nan_is_a_bug_named_by_its_path() {
    let mut outcome = synthetic::quiet(&book(), 5);
    outcome.path.shortfall[3] = f64::NAN;
    estimate(&scenario(), &book(), &outcome);
}
