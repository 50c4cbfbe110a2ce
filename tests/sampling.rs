//! Holds stratified samples of candidate paths to plain sampling: the same figures, errors that are true, and smaller ones in the tail.

use crate::cli::{Desk, err, out};
use crate::reproducibility::{assert_same, bytes};
use crate::support::{Account, book, free_exchange, gaussian, market, programme, ratio, run};
use levertide::engine::outcome::Outcome;
use levertide::measures::accounts::{self, Event};
use levertide::measures::{Estimate, Estimates, difference, estimate, symbols};
use levertide::model::book::Book;
use levertide::model::case::{Case, Programme, Simulation};
use levertide::model::history::Market;
use levertide::model::liquidation::Liquidation;
use levertide::model::margin::Margin;
use levertide::model::sampling::{Method, Sampling};
use levertide::model::shock::{Shock, Target, gap::Gap};

/// Three leveraged accounts in two symbols, sold two sessions after they fall to 120 %; a second scenario opens 5 % lower.
pub struct Small {
    pub book: Book,
    pub market: Market,
    pub programme: Programme,
}

pub fn stratified(candidates: u64) -> Sampling {
    Sampling { method: Method::Stratified, candidates: Some(candidates) }
}

impl Small {
    pub fn new(seed: u64, paths: u64, sampling: Sampling) -> Small {
        let account = |id: &str, loan: f64, positions: &[(u32, f64)]| Account::of(id, loan, 0.08, positions);
        let accounts = [account("a", 70.0, &[(0, 100.0)]), account("b", 150.0, &[(0, 120.0), (1, 80.0)]), account("c", 20.0, &[(0, 90.0)])];
        let case = Case {
            simulation: Simulation { paths, horizon_days: 10, sampling, ..Simulation::default() },
            market: gaussian(1.4, 0.0, 252.0),
            exchange: free_exchange(),
            margin: Margin { liquidation: Some(ratio(1.2)), ..Margin::default() },
            liquidation: Liquidation { delay_days: 2, ..Liquidation::default() },
            ..Case::default()
        };
        let gap = Shock::Gap(Gap { day: 1, size: ratio(-0.05), on: Target::All });
        let worse = Case { shocks: vec![gap], ..case.clone() };
        Small {
            book: book(&accounts, &[("A", 5.0), ("C", 5.0)]),
            market: market(&[1.0, 1.0]),
            programme: programme(seed, vec![case, worse]),
        }
    }

    pub fn outcomes(&self) -> Vec<Outcome> {
        run(&self.programme, &self.book, &self.market)
    }

    pub fn estimates(&self, outcome: &Outcome) -> Estimates {
        estimate(&self.programme.scenarios[0], &self.book, outcome)
    }
}

/// Figures of every kind: path by path, and those kept as sums over paths.
fn figures(small: &Small) -> Vec<(String, Estimate)> {
    let outcomes = small.outcomes();
    let (base, worse) = (&outcomes[0], &outcomes[1]);
    let (scenario, further) = (&small.programme.scenarios[0], &small.programme.scenarios[1]);
    let all = small.estimates(base);
    let keys = [
        "pool_loss.mean",
        "client_loss.mean",
        "pool_loss.var_95",
        "pool_loss.es_97_5",
        "pool_loss.es_99",
        "pool_loss.probability",
        "liquidation_rate",
        "pool_return.volatility",
        "unallocated_loss.es_99_part",
        "tier.A.accounts_loss.mean",
        "tier.A.liquidation_rate",
    ];
    let mut found: Vec<(String, Estimate)> = keys.iter().map(|key| (key.to_string(), all[*key].clone())).collect();
    let paired = difference(&small.book, (further, worse), (scenario, base));
    found.extend(["pool_loss.mean", "pool_loss.es_97_5"].map(|key| (format!("difference of {key}"), paired[key].clone())));
    let bare = |(value, error): (f64, Option<f64>)| {
        let half = 1.96 * error.expect("known");
        Estimate { value, std_error: half / 1.96, ci_low: value - half, ci_high: Some(value + half), ..all["pool_loss.mean"].clone() }
    };
    found.push(("sold of a symbol".into(), symbols::figures(scenario, base, 0).sold));
    found.push(("loss of an account".into(), accounts::expected_loss(scenario, base, 0)));
    found.push(("client's loss".into(), bare(accounts::expected_client_loss(base, 1))));
    found.push(("share liquidated".into(), accounts::probability(scenario, base, Event::Liquidated, 1)));
    found.push(("day of liquidation".into(), bare(accounts::expected_day(base, 1, 2).expect("some path is liquidated"))));
    found
}

#[test]
fn a_sample_of_all_candidates_is_plain_sampling() {
    let plain = Small::new(11, 4_000, Sampling::default());
    let whole = Small::new(11, 4_000, stratified(4_000));
    let (plain_runs, whole_runs) = (plain.outcomes(), whole.outcomes());
    let sample = whole_runs[0].sample.as_ref().expect("a sample");
    assert!(sample.strata.len() > 2 && sample.weights().all(|weight| (weight - 1.0).abs() < 1e-12));
    let (plain_all, whole_all) = (plain.estimates(&plain_runs[0]), whole.estimates(&whole_runs[0]));
    assert_eq!(plain_all.len(), whole_all.len());
    // all of them have the error of as many plain paths
    for key in ["pool_loss.mean", "pool_loss.es_99", "liquidation_rate", "pool_loss.probability"] {
        let same = whole_all[key].plain_paths.expect("a sample tells");
        assert!((3_990..=4_010).contains(&same), "{key}: {same} of 4,000");
        assert_eq!(plain_all[key].plain_paths, None);
    }
    for (key, one) in &plain_all {
        let other = &whole_all[key];
        let near = |a: f64, b: f64, within: f64| (a - b).abs() <= within * a.abs().max(1e-9);
        assert!(near(one.value, other.value, 1e-9), "{key}: {one:?} {other:?}");
        // an order statistic's interval is made of ranks in the one and of a share's error in the other
        let within = if key.contains("var_") || key.contains("es_99_part") { 0.6 } else { 0.02 };
        let same = near(one.std_error, other.std_error, within) || key.contains("99_9");
        assert!(same || one.std_error == other.std_error, "{key}: {one:?} {other:?}");
    }
}

/// Holds figures of 1,024 paths, over seeds, to those of many plain ones, and their errors and intervals to what is seen: of each its name, the
/// variance of plain sampling over its own.
pub fn spread(sampling: &Sampling) -> Vec<(String, f64)> {
    let seeds = 200;
    let truth = figures(&Small::new(99, 400_000, Sampling::default()));
    let sampled: Vec<_> = (0..seeds).map(|seed| figures(&Small::new(1_000 + seed, 1_024, sampling.clone()))).collect();
    let plain: Vec<_> = (0..seeds).map(|seed| figures(&Small::new(1_000 + seed, 1_024, Sampling::default()))).collect();
    let mut gains = Vec::new();
    for (at, (name, truth)) in truth.iter().enumerate() {
        let of = |runs: &[Vec<(String, Estimate)>]| {
            let n = runs.len() as f64;
            let mean = runs.iter().fold(0.0, |sum, run| sum + run[at].1.value) / n;
            let seen = runs.iter().fold(0.0, |sum, run| sum + (run[at].1.value - mean) * (run[at].1.value - mean)) / (n - 1.0);
            let stated = runs.iter().fold(0.0, |sum, run| sum + run[at].1.std_error * run[at].1.std_error) / n;
            let holds = |e: &Estimate| e.ci_low <= truth.value && e.ci_high.is_none_or(|high| truth.value <= high);
            let covered = runs.iter().filter(|run| holds(&run[at].1)).count() as f64 / n;
            (mean, seen, stated / seen, covered)
        };
        let ((mean, seen, ratio, covered), (_, plain_seen, ..)) = (of(&sampled), of(&plain));
        let gain = plain_seen / seen;
        eprintln!(
            "{name}: {:.4}, variance over plain 1/{gain:.1}, stated over seen {ratio:.2}, covered {:.1} %",
            truth.value,
            100.0 * covered
        );
        // a quantile and what rests on it is off by about 1/n
        let error = (seen / seeds as f64 + truth.std_error * truth.std_error).sqrt() + 0.01 * truth.value.abs();
        assert!((mean - truth.value).abs() < 4.0 * error, "{name}: {mean} for {} ± {error}", truth.value);
        assert!((0.7..1.6).contains(&ratio), "{name}: the squared error stated is {ratio} of the variance seen");
        // of 200 intervals that hold with 95 %, 90 to 99.5 % do with all but 0.3 % of chance; what is known by batch alone has an error of few
        // degrees of freedom here
        let least = if name == "client's loss" { 0.8 } else { 0.9 };
        assert!(covered > least, "{name}: {covered} of the intervals hold");
        gains.push((name.clone(), gain));
    }
    gains
}

#[test]
fn the_errors_stated_are_the_spread_over_seeds_and_the_figures_those_of_plain_sampling() {
    for (name, gain) in spread(&stratified(16_384)) {
        assert!(gain > 0.6, "{name}: the variance is {:.2} of plain sampling's", 1.0 / gain);
        if name.contains("es_") {
            assert!(gain > 2.0, "{name}: the variance is only {gain} times smaller");
        }
    }
}

#[test]
fn a_sample_gives_the_same_bytes_on_any_threads_and_in_any_parts_and_its_paths_can_be_replayed() {
    let desk = sampled_desk("stratified");
    // fewer candidates than paths, and candidates without a sample
    let fewer = desk.expect(3, &["check", "programme.toml", "--paths", "20001"]);
    assert!(err(&fewer).contains("simulation.sampling.candidates"), "{}", err(&fewer));
    desk.edit("programme.toml", "method = \"stratified\", ", "");
    let plain = desk.expect(3, &["check", "programme.toml"]);
    assert!(err(&plain).contains("plain sampling simulates every path it draws"), "{}", err(&plain));
}

/// A desk whose sample, by this method, was run on one thread, on three, and in parts, and of which paths were told again.
pub fn sampled_desk(method: &str) -> Desk {
    let desk = Desk::new();
    desk.edit("programme.toml", "[simulation]", &format!("[simulation]\nsampling = {{ method = \"{method}\", candidates = 20_000 }}"));
    let few = ["--paths", "1003", "--quiet"];
    desk.expect(0, &[&["run", "programme.toml", "--out", "one", "--threads", "1"][..], &few].concat());
    desk.expect(0, &[&["run", "programme.toml", "--out", "three", "--threads", "3"][..], &few].concat());
    let one = bytes(&desk.path("one"));
    assert_same(&one, &bytes(&desk.path("three")), "three threads");
    for part in ["1/2", "2/2"] {
        let name = format!("{}.part", &part[..1]);
        desk.expect(0, &[&["shard", "programme.toml", "--part", part, "--out", &name][..], &few].concat());
    }
    desk.expect(0, &["merge", "2.part", "1.part", "--out", "merged", "--quiet"]);
    assert_same(&one, &bytes(&desk.path("merged")), "two parts");
    let summary = String::from_utf8(one["summary.json"].clone()).expect("text");
    assert!(summary.contains("\"candidates\": 20000"), "{summary}");
    // a path of the sample has its number among the candidates, and no number lies beyond them
    let told = desk.expect(0, &["replay", "programme.toml", "--path", "19999", "--paths", "1003", "--quiet"]);
    assert!(!out(&told).is_empty());
    let beyond = desk.expect(2, &["replay", "programme.toml", "--path", "20000", "--paths", "1003", "--quiet"]);
    assert!(err(&beyond).contains("give a number below 20000"), "{}", err(&beyond));
    desk.expect(0, &["replay", "programme.toml", "--path", "worst", "--paths", "1003", "--quiet"]);
    assert!(out(&desk.expect(0, &["check", "programme.toml"])).contains("of 20,000 candidates"));
    desk
}
