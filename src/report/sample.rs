//! Builds made-up facts for the report's own tests: no figure here comes from a simulation.

use super::facts::{Facts, ScenarioFacts};
use crate::engine::drift::PortfolioDrift;
use crate::measures::book_shapes::{ByRatio, DaysToSell, RatioBin};
use crate::measures::exceedance::Exceedance;
use crate::measures::figure::Judge;
use crate::measures::shapes::{Driver, Drivers, FanQuantiles, Histogram, SymbolFlow};
use crate::measures::snapshot::{LadderRung, Snapshot, TierSnapshot};
use crate::measures::stated::Basis;
use crate::measures::symbols::SymbolFigures;
use crate::measures::{Estimate, Estimates, Flag, Unit, sums};
use crate::model::book::{LEVERAGE_BUCKETS, LEVERAGE_KEYS};
use crate::model::case::{Case, Data, Language, Limit, Programme, Report, Scenario, Severity};
use crate::model::lineage::{InputFile, Note};
use crate::model::market::{MarketSpec, ModelCard, replay::Replay};
use crate::model::pool::trigger::Trigger;
use crate::model::shock::{Shock, Target, gap::Gap, limit_downs::LimitDowns};
use crate::study::limits::{LimitResult, Verdict};
use crate::units::{Day, Ratio};

const SEVERITIES: [Severity; 6] =
    [Severity::Base, Severity::Mild, Severity::Moderate, Severity::Severe, Severity::Severe, Severity::Severe];

fn names(language: Language) -> [(&'static str, &'static str); 6] {
    match language {
        Language::En => [
            ("base", "The book as it stands, the market as the last years were."),
            ("mild", "A fall of 3% on the first day."),
            ("moderate", "A fall of 7% on the first day, volatility half as high again."),
            ("severe", "A fall of 10% on the first day and twice the volatility."),
            ("three limit-downs", "Three sessions locked at the lower limit: nothing can be sold."),
            ("2015 replay", "The 53 sessions after the June 2015 peak, as they happened, halts and limit locks included."),
        ],
        Language::Zh => [
            ("base", "账簿与市场维持现状。"),
            ("轻度下跌", "首日下跌 3%。"),
            ("中度下跌", "首日下跌 7%，波动率升高一半。"),
            ("重度下跌", "首日下跌 10%，波动率加倍。"),
            ("连续三日跌停", "连续三个交易日封死跌停，无法卖出。"),
            ("2015 年重演", "2015 年 6 月高点之后 53 个交易日的历史重演，含停牌与封死跌停。"),
        ],
    }
}

fn scenario(language: Language, at: usize) -> Scenario {
    let (name, narrative) = names(language)[at];
    let mut case = Case::default();
    let ratio = |percent: f64| Ratio::new(percent / 100.0);
    case.margin.warning = ratio(150.0);
    case.margin.limit = ratio(140.0);
    case.margin.call = ratio(130.0);
    case.margin.cure_days = Some(2);
    case.margin.liquidation = ratio(110.0);
    case.margin.restore_to = ratio(140.0);
    case.clients.cure_probability_by_grade.insert("A".into(), Ratio::from_fraction(0.7));
    case.pool.triggers = vec![Trigger {
        name: "thin".into(),
        pool_loss: ratio(2.0),
        buffer_days: Some(0.1),
        loss_order: vec!["B".into()],
        recall: Ratio::from_fraction(0.1),
        recall_tier: Some("B".into()),
        replenish: [("C".to_string(), 5e6)].into(),
        ..Trigger::default()
    }];
    let gap = |percent: f64| Shock::Gap(Gap { day: 1, size: Ratio::from_fraction(percent / 100.0), on: Target::All });
    match at {
        1 => case.shocks.push(gap(-3.0)),
        2 => case.shocks.push(gap(-7.0)),
        3 => case.shocks.push(gap(-10.0)),
        4 => case.shocks.push(Shock::LimitDowns(LimitDowns {
            first_day: 1,
            days: 3,
            size_without_limit: Ratio::from_fraction(0.1),
            on: Target::All,
        })),
        5 => {
            case.market = MarketSpec::Replay(Replay { start: Day::from_ymd(2015, 6, 15).unwrap() });
            case.simulation.horizon_days = 53;
        }
        _ => {}
    }
    Scenario { name: name.into(), severity: SEVERITIES[at], narrative: narrative.into(), zh: Default::default(), case }
}

/// A programme of six scenarios and two limits.
pub fn programme(language: Language) -> Programme {
    let zh = language == Language::Zh;
    let pick = |en: &str, cn: &str| Some(if zh { cn } else { en }.to_string());
    let limit = |measure: &str, below: f64| Limit {
        measure: measure.into(),
        below: Ratio::new(below),
        above: None,
        confidence: Ratio::from_fraction(0.95),
        scenario: None,
    };
    Programme {
        name: "weekly".into(),
        as_of: Day::from_ymd(2015, 6, 12).unwrap(),
        currency: "CNY".into(),
        seed: 20150612,
        data: Data::default(),
        folder: ".".into(),
        scenarios: (0..6).map(|at| scenario(language, at)).collect(),
        limits: vec![limit("tier.A.hit_probability", 0.01), limit("liquidation_rate", 0.2)],
        report: Report {
            language,
            institution: pick("Example Finance Company", "示例融资有限公司"),
            owner: pick("Head of Risk", "风险管理部"),
            distribution: [pick("Risk committee", "风险委员会"), pick("Supervisor", "监管机构")].into_iter().flatten().collect(),
            ..Report::default()
        },
        model_risk: Default::default(),
        reverse: Vec::new(),
        watch: Vec::new(),
        firm: None,
        resolved_toml: String::new(),
    }
}

fn estimate(value: f64, std_error: f64, unit: Unit, paths: u64) -> Estimate {
    let (ci_low, ci_high) = (value - 1.96 * std_error, Some(value + 1.96 * std_error));
    Estimate { value, std_error, ci_low, ci_high, paths, plain_paths: None, unit, flag: None, basis: Basis::Sides }
}

fn measures(at: usize, paths: u64) -> Estimates {
    let k = [1.0, 2.2, 6.5, 14.0, 26.0, 33.0][at];
    let noise = if paths > 1 { 1.0 } else { 0.0 };
    let mut out = Estimates::new();
    let mut put = |key: &str, value: f64, error: f64, unit: Unit| {
        out.insert(key.into(), estimate(value, error * noise, unit, paths));
    };
    for (key, share) in [
        ("mean", 0.02),
        ("var_95", 0.08),
        ("var_97_5", 0.11),
        ("var_99", 0.16),
        ("var_99_9", 0.31),
        ("es_95", 0.13),
        ("es_97_5", 0.17),
        ("es_99", 0.22),
        ("es_99_9", 0.38),
    ] {
        put(&format!("pool_loss.{key}"), share * k * 1e6, share * k * 2.1e4, Unit::Money);
    }
    for (key, value) in [
        ("shortfall.mean", 0.024),
        ("recourse.mean", 0.004),
        ("unallocated_loss.mean", 0.001),
        ("lender_pnl.mean", -0.4),
        ("client_loss.mean", 9.0),
        ("forced_sales.mean", 3.0),
        ("unsold.mean", 0.3),
        ("sale_cost.mean", 0.02),
        ("call_amount.mean", 1.1),
    ] {
        put(key, value * k * 1e6, value.abs() * k * 1.3e4, Unit::Money);
    }
    for (key, value) in [
        ("warning_rate", 0.021),
        ("limit_rate", 0.015),
        ("call_rate", 0.012),
        ("cure_rate", 0.011),
        ("liquidation_rate", 0.007),
        ("shortfall_rate", 0.0011),
        ("shortfall.probability", 0.012),
        ("pool_loss.probability", 0.011),
        ("max_drawdown.mean", 0.008),
    ] {
        put(key, value * k, value * k * 0.011, Unit::Ratio);
    }
    put("time_to_call.mean_days", 7.3, 0.02, Unit::Days);
    put("unneeded_liquidation_share", 0.12, 0.004, Unit::Ratio);
    put("unneeded_liquidation_rate", 0.0008 * k, 0.00003 * k, Unit::Ratio);
    put("time_to_close_out.mean_days", 1.6, 0.01, Unit::Days);
    for (sector, share) in [("Banks", 0.2), ("Brokers", 0.5), ("Steel", 0.3)] {
        for (key, money) in
            [("forced_sales.mean", 3.0), ("unsold.mean", 0.3), ("accounts_loss.mean", 0.02), ("accounts_loss.es_99_part", 0.22)]
        {
            put(&format!("sector.{sector}.{key}"), money * share * k * 1e6, money * share * k * 1.3e4, Unit::Money);
        }
        put(&format!("sector.{sector}.liquidation_rate"), 0.007 * k * share, 0.0001 * k, Unit::Ratio);
    }
    put("sharpe", 0.02 - 0.01 * k, 0.0004, Unit::Number);
    put("sortino", 0.03 - 0.012 * k, 0.0006, Unit::Number);
    for (tier, share) in [("C", 0.7), ("B", 0.25), ("A", 0.05)] {
        put(&format!("tier.{tier}.loss.mean"), 0.02 * k * 1e6 * share, 0.0002 * k * 1e6 * share, Unit::Money);
        put(&format!("tier.{tier}.hit_probability"), 0.03 * k * share, 0.0002 * k, Unit::Ratio);
        put(&format!("tier.{tier}.exhausted_probability"), 0.002 * k * share, 0.00004 * k, Unit::Ratio);
    }
    pool_measures(k, &mut put);
    for (bucket, name) in LEVERAGE_KEYS.iter().enumerate() {
        put(&format!("leverage.{name}.liquidation_rate"), (0.002 * k * (bucket * bucket) as f64).min(0.97), 0.0006 * k, Unit::Ratio);
    }
    for (grade, share) in [("A", 0.4), ("B", 1.0), ("C", 2.1)] {
        put(&format!("grade.{grade}.liquidation_rate"), 0.007 * k * share, 0.0001 * k, Unit::Ratio);
    }
    if paths > 1 {
        let thin = out.get_mut("pool_loss.es_99_9").unwrap();
        thin.flag = Some(Flag::ThinTail);
        if at == 0 {
            let never = Estimate {
                value: 0.0,
                std_error: 0.0,
                ci_low: 0.0,
                ci_high: Some(3e-5),
                paths,
                plain_paths: None,
                unit: Unit::Ratio,
                flag: None,
                basis: Basis::Sides,
            };
            out.insert("tier.A.exhausted_probability".into(), never);
            let undefined =
                Estimate { value: f64::NAN, std_error: f64::NAN, flag: Some(Flag::Undefined), ..estimate(0.0, 0.0, Unit::Ratio, paths) };
            out.insert("cure_rate".into(), undefined);
        }
    }
    out
}

/// What a pool kept daily adds.
fn pool_measures(k: f64, put: &mut dyn FnMut(&str, f64, f64, Unit)) {
    for (key, value) in
        [("cash_min", 1.2), ("recalled", 0.2 * k), ("funding_withdrawn", 0.3 * k), ("hedge_result", -0.02 * k), ("custody_loss", 0.01 * k)]
    {
        put(&format!("{key}.mean"), value * 1e6, value.abs() * 1e4, Unit::Money);
    }
    for (key, value) in [("cover_1.es_99", 0.3), ("cover_2.es_99", 0.5), ("pool_loss.volatility", 0.6), ("client_custody_loss.mean", 0.1)] {
        put(key, value * k * 1e6, value * k * 1e4, Unit::Money);
    }
    for (key, value) in [
        ("pool_return.mean", 0.004),
        ("pool_return.volatility", 0.0002 * k),
        ("cover_2.uncovered_probability", 0.0001 * k),
        ("utilisation_max.mean", 0.98),
        ("run.probability", 0.02 * k),
        ("unpaid.probability", 0.01 * k),
        ("trigger.thin.fired_probability", 0.005 * k),
        ("source.B1.funding_withdrawn.probability", 0.004 * k),
        ("tier.B.failed_probability", 0.001 * k),
    ] {
        put(key, value, value * 0.01, Unit::Ratio);
    }
    put("market_return.mean", -0.009 * k, 0.001, Unit::Ratio);
    put("market_worst_day.mean", -0.03, 0.001, Unit::Ratio);
    put("buffer_days.start", 0.15, 0.0, Unit::Days);
    put("buffer_days_min.mean", 0.12, 0.001, Unit::Days);
    put("survival_days.mean", 19.0 - 0.2 * k, 0.01, Unit::Days);
}

fn scenario_facts(language: Language, at: usize) -> ScenarioFacts {
    let deterministic = at == 5;
    let paths = if deterministic { 1 } else { 100_000 };
    let (name, narrative) = names(language)[at];
    let k = [1.0, 2.2, 6.5, 14.0, 26.0, 33.0][at];
    let horizon_days: u32 = if deterministic { 53 } else { 20 };
    let counts: Vec<u64> = (0..60).map(|bin| (60 - bin) * (60 - bin) * (60 - bin) / 9).collect();
    let zeros = paths - counts.iter().sum::<u64>().min(paths - 1);
    let levels = vec![0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
    let spread = |level: f64| if deterministic { 0.0 } else { (level - 0.5) * 0.05 };
    let value = |level: f64, day: u32| 1.2e8 * (1.0 + f64::from(day).sqrt() * (spread(level) - 0.0008 * k));
    let with_doubt = |value: f64, unit: Unit| estimate(value, if deterministic { 0.0 } else { value * 0.02 }, unit, paths);
    let worst = (1..=10u32).map(|n| {
        let loss = 5e4 * k / f64::from(n);
        let shares = [0.9, 0.3].map(|share| with_doubt(share / f64::from(n), Unit::Ratio));
        (format!("ACC-{:05}", n * 137), [with_doubt(loss, Unit::Money), shares[0].clone(), shares[1].clone()])
    });
    let flow = |symbol: &str, name: &str, sold: f64, blocked: f64| {
        let days = |share: f64| with_doubt(share * f64::from(horizon_days), Unit::Days);
        let figures = SymbolFigures {
            sold: with_doubt(sold, Unit::Money),
            early: with_doubt(0.0, Unit::Money),
            unsold: with_doubt(0.1 * sold, Unit::Money),
            push: with_doubt(0.002 * k.sqrt(), Unit::Ratio),
            halted: days(0.0),
            locked: days(blocked),
            queued: days(0.2 * blocked),
            blocked: with_doubt(blocked, Unit::Ratio),
        };
        SymbolFlow { symbol: symbol.into(), name: name.into(), figures }
    };
    let card = if deterministic {
        ModelCard { model: "replay".into(), parameters: vec![], notes: vec![] }
    } else {
        ModelCard { model: "block-bootstrap".into(), parameters: vec![("mean block length, days".into(), 7.4, None)], notes: vec![] }
    };
    let none = Some(sums::share(&Judge::new(paths, 0.95, deterministic), "pool_loss.none", zeros));
    let difference = if at == 0 || deterministic { Estimates::new() } else { measures(at, paths) };
    ScenarioFacts {
        name: name.into(),
        severity: SEVERITIES[at],
        narrative: narrative.into(),
        paths,
        candidates: None,
        strata: Vec::new(),
        horizon_days,
        first_day: "2015-06-15".into(),
        last_day: if deterministic { "2015-08-28" } else { "2015-07-13" }.into(),
        measures: measures(at, paths),
        difference,
        change: Estimates::new(),
        exceedance: if deterministic { Exceedance::default() } else { exceedance(k, paths) },
        histogram: Histogram { low: 0.0, high: 0.6 * k * 1e6, counts, zeros, beyond: 7, paths, none },
        fan: FanQuantiles {
            value: levels.iter().map(|l| (0..=horizon_days).map(|day| value(*l, day)).collect()).collect(),
            end: levels.iter().map(|l| with_doubt(value(*l, horizon_days), Unit::Money)).collect(),
            levels,
            paths: paths.min(8192),
        },
        card,
        drift: (!deterministic).then_some(PortfolioDrift { historical: Some(0.4521), used: 0.0 }),
        deterministic,
        rulebooks: Vec::new(),
        worst_accounts: worst.collect(),
        causes: (!deterministic).then(|| drivers(k)),
        sales_by_day: [1.08, 1.0]
            .map(|more| (1..=horizon_days).map(|day| with_doubt(1e5 * k * more * f64::from(day % 7), Unit::Money)).collect()),
        worst_symbols: vec![flow("600519.SH", "贵州茅台", 3.1e5 * k, 0.012), flow("300059.SZ", "东方财富", 1.2e5 * k, 0.21)],
        firm: None,
    }
}

fn exceedance(k: f64, paths: u64) -> Exceedance {
    let loss = |share: f64| estimate(-1e5 * k * libm::log10(share), 2e3 * k, Unit::Money, paths);
    Exceedance { curve: [500, 200, 100, 50, 20, 10, 5, 2, 1].map(|above| (above, loss(above as f64 / 1000.0))).to_vec() }
}

fn drivers(k: f64) -> Drivers {
    let driver = |id: &str, name: &str, part: f64| Driver {
        id: id.into(),
        name: name.into(),
        part: estimate(part * k, part * k * 0.02, Unit::Money, 100_000),
    };
    Drivers {
        accounts: vec![driver("A0017", "A", 2.4e5), driver("A0101", "B", 9.1e4), driver("A0042", "C", 1.7e4)],
        symbols: vec![driver("600519.SH", "贵州茅台", 1.9e5), driver("300059.SZ", "东方财富", 1.2e5)],
        accounts_with_part: 37,
        accounts_of_half: 2,
        every: [Vec::new(), Vec::new()],
    }
}

fn ratio_bin(at: u8) -> RatioBin {
    let edge = 1.0 + 0.1 * f64::from(at);
    RatioBin { from: (at > 0).then_some(edge - 0.1), to: (at < 21).then_some(edge), accounts: 9, loans: 1e5 * f64::from(1 + at % 7) }
}

fn snapshot() -> Snapshot {
    let tier = |name: &str, capital: f64, loss_rank: usize| TierSnapshot {
        name: name.into(),
        capital,
        loans: capital * 0.97,
        accounts: 64,
        loss_rank,
    };
    Snapshot {
        accounts: 200,
        positions: 1104,
        symbols: 10,
        depths: 0,
        loans: 5.83e7,
        own_capital: 9.12e7,
        market_value: 1.41e8,
        cash: 8.5e6,
        accrued_interest: 4e5,
        mean_leverage: 1.64,
        tiers: vec![tier("A", 3e7, 3), tier("B", 2.4e7, 2), tier("C", 6e6, 1)],
        leverage: LEVERAGE_BUCKETS.iter().enumerate().map(|(at, name)| (name.to_string(), 70 - 12 * at, 4e6 + 3e6 * at as f64)).collect(),
        grades: vec![("A".into(), 60, 1.2e7), ("B".into(), 100, 3.1e7), ("C".into(), 40, 1.5e7)],
        below_line: vec![("warning".into(), 4, 2.1e6), ("call".into(), 1, 3e5), ("liquidation".into(), 0, 0.0)],
        by_ratio: ByRatio { bins: (0..22_u8).map(ratio_bin).collect(), lines: [1.5, 1.4, 1.3, 1.1], other_lines: 12 },
        days_to_sell: Some(DaysToSell {
            participation: 0.2,
            slowest: vec![("600519.SH".into(), "贵州茅台".into(), 3.2, 2.4e7), ("300059.SZ".into(), "东方财富".into(), 0.4, 1.9e7)],
            within: vec![(1, 0.81), (3, 0.95), (5, 1.0), (10, 1.0), (20, 1.0)],
            unknown: 0.0,
        }),
        top_clients: (1..=10).map(|n| (format!("ACC-{:05}", n * 19), 4e6 / f64::from(n), 0.07 / f64::from(n))).collect(),
        top_symbols: vec![("600519.SH".into(), "贵州茅台".into(), 2.4e7, 0.17), ("300059.SZ".into(), "东方财富".into(), 1.9e7, 0.135)],
        hhi_clients: 0.0182,
        hhi_symbols: 0.1312,
        utilisation: 0.973,
        funding: 6e7,
        ladder: [7, 30, 90, 180, i32::MAX]
            .iter()
            .enumerate()
            .map(|(at, days)| LadderRung { up_to_days: *days, loans: 1e7, funding: 1.2e7, gap: 1.7e6 - 2e6 * at as f64 })
            .collect(),
    }
}

/// Facts of that programme.
pub fn facts(programme: &Programme) -> Facts<'_> {
    let language = programme.report.language;
    let scenarios: Vec<ScenarioFacts> = (0..6).map(|at| scenario_facts(language, at)).collect();
    let mut limits = Vec::new();
    for limit in &programme.limits {
        for s in &scenarios {
            let estimate = s.measures[&limit.measure].clone();
            let bound = limit.below.unwrap().get();
            let verdict = match estimate.value {
                v if v < bound * 0.9 => Verdict::Pass,
                v if v > bound * 1.1 => Verdict::Breach,
                _ => Verdict::Undecided,
            };
            limits.push(LimitResult {
                scenario: s.name.clone(),
                measure: limit.measure.clone(),
                side: "below",
                limit: bound,
                confidence: 0.95,
                estimate,
                verdict,
            });
        }
    }
    let file = |role: &str, rows: u64| InputFile {
        role: role.into(),
        path: format!("data/{role}.csv"),
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        bytes: rows * 60,
        rows,
        used: rows,
        rejected: 0,
        passed_over: 0,
    };
    let note = |en: &str, zh: &str| Note { en: en.into(), zh: zh.into() };
    Facts {
        programme,
        snapshot: snapshot(),
        lineage: vec![file("prices", 9870), file("instruments", 11), file("accounts", 200), file("positions", 1104), file("funding", 6)],
        notes: vec![
            note("601186.SH: 12 missing returns filled from its board", "601186.SH：12 个缺失收益率由所属板块补全"),
            note("1 account stands below the call line on the as-of date", "基准日有 1 个账户低于追保线"),
        ],
        calendar: Some(note("sessions after the as-of date are those of the exchanges of Shanghai", "基准日之后的交易日依上海交易日历")),
        scenarios,
        limits,
        model_risk: Vec::new(),
        previous: None,
        convergence: None,
        reverse: Vec::new(),
        watches: Vec::new(),
        register: None,
        made: None,
        firm: None,
        programme_hash: "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae".into(),
    }
}
