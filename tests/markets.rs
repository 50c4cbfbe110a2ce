//! Holds the models to real markets, where the histories are at hand: as-of volatility, and how limit-downs cluster.
//!
//! The figures printed are those of `docs/markets.md`: run with `--nocapture` to see them.

use crate::real_data::{day, load_holding};
use crate::support::shared::folder;
use levertide::engine::breadth::{Breadth, Seen, breadth};
use levertide::inputs::Inputs;
use levertide::maths::random::Streams;
use levertide::model::book::Book;
use levertide::model::case::{Case, Estimation, Programme, Report, Scenario, Simulation};
use levertide::model::exchange::{CarryOver, Exchange};
use levertide::model::history::{Market, flag};
use levertide::model::market::drift::Drift;
use levertide::model::market::filtered_historical::FilteredHistorical;
use levertide::model::market::{FitRequest, LANES, MarketSpec, Tile, in_turn, paths_from};
use levertide::units::Day;

/// The 99 % one-day loss of each symbol and of their equal mean, simulated from a model started on `as_of`.
fn one_day_loss(inputs: &Inputs, symbols: &[usize], window: (Day, Day), as_of: Day) -> (Vec<f64>, f64) {
    let history = &inputs.market.history;
    let spec = MarketSpec::FilteredHistorical(FilteredHistorical::default());
    let request = FitRequest {
        market: &inputs.market,
        symbols,
        window: history.window(Some(window.0), Some(window.1)),
        after_as_of: history.window(None, Some(as_of)).end,
        horizon_days: 1,
        drift: Drift::Historical,
        workers: &in_turn,
    };
    let model = spec.fit(&request).unwrap_or_else(|problems| panic!("{problems}"));
    let (mut each, mut mean) = (vec![Vec::new(); symbols.len()], Vec::new());
    let (mut r, mut state) = (vec![0.0; symbols.len() * LANES], vec![0; symbols.len() * LANES]);
    for tile in 0..1_250u64 {
        r.fill(0.0);
        state.fill(0);
        let mut tile = Tile {
            paths: paths_from(tile * LANES as u64),
            days: 1,
            symbols: symbols.len(),
            simple_return: &mut r,
            state: &mut state,
            volume: &mut [],
        };
        model.fill(&mut tile, &Streams::new(20150708));
        for lane in 0..LANES {
            let returns: Vec<f64> = (0..symbols.len()).map(|s| r[s * LANES + lane]).collect();
            mean.push(-returns.iter().sum::<f64>() / returns.len() as f64);
            each.iter_mut().zip(&returns).for_each(|(list, r)| list.push(-r));
        }
    }
    let quantile = |list: &mut Vec<f64>| {
        list.sort_by(f64::total_cmp);
        list[list.len() * 99 / 100]
    };
    (each.iter_mut().map(quantile).collect(), quantile(&mut mean))
}

#[test]
fn a_model_started_in_the_crash_loses_twice_that_of_a_calm_day() {
    let Some(folder) = folder() else { return };
    for (file, held, first) in [
        ("cn_indices.csv", &["000001.SH", "000300.SH", "000905.SH"][..], "2005-01-04"),
        ("a_share_2014_2016.parquet", &["600030.SH", "600036.SH", "000002.SZ", "000651.SZ", "600519.SH", "300059.SZ"][..], "2014-01-02"),
    ] {
        let inputs = load_holding(&folder.join(file), day("2015-07-08"), held);
        let history = &inputs.market.history;
        let symbols: Vec<usize> = held.iter().map(|s| history.symbol_index(s).expect("listed")).collect();
        let window = (day(first), day("2015-07-08"));
        let (calm, calm_mean) = one_day_loss(&inputs, &symbols, window, day("2014-06-30"));
        let (crash, crash_mean) = one_day_loss(&inputs, &symbols, window, day("2015-07-08"));
        println!("{file}, fitted on {} to {}: 99 % one-day loss started on 2014-06-30 and on 2015-07-08", window.0, window.1);
        for (s, name) in held.iter().enumerate() {
            println!("  {name}: {:.2} % and {:.2} %, {:.2} times", 100.0 * calm[s], 100.0 * crash[s], crash[s] / calm[s]);
        }
        println!("  equal mean: {:.2} % and {:.2} %, {:.2} times", 100.0 * calm_mean, 100.0 * crash_mean, crash_mean / calm_mean);
        assert!(crash_mean >= 2.0 * calm_mean, "{file}: {crash_mean} after {calm_mean}");
        if file == "cn_indices.csv" {
            assert!(crash.iter().zip(&calm).all(|(crash, calm)| *crash >= 2.0 * calm), "{crash:?} after {calm:?}");
        }
    }
}

/// The names with a year of trading before the crash and ten days of it in the crash itself.
fn names(market: &Market) -> Vec<usize> {
    let history = &market.history;
    let traded = |symbol: usize, from: &str, to: &str| {
        let window = history.window(Some(day(from)), Some(day(to)));
        window.filter(|d| history.flag_row(*d)[symbol] & (flag::PRESENT | flag::HALTED) == flag::PRESENT).count()
    };
    (0..history.width()).filter(|s| traded(*s, "2014-01-02", "2015-06-12") >= 250 && traded(*s, "2015-06-15", "2015-08-26") >= 10).collect()
}

/// A book that holds one share of each name.
fn one_of_each(names: &[usize]) -> Book {
    Book {
        account_id: vec!["all".into()],
        tiers: vec!["A".into()],
        grades: vec!["g".into()],
        products: vec!["p".into()],
        tier: vec![0],
        grade: vec![0],
        product: vec![0],
        cash: vec![0.0],
        loan: vec![0.0],
        accrued_interest: vec![0.0],
        rate_annual: vec![0.0],
        open_date: vec![None],
        maturity_date: vec![None],
        lines: vec![Default::default()],
        own_capital_initial: vec![None],
        high_water_mark: vec![None],
        position_start: vec![0, names.len() as u32],
        position_symbol: names.iter().map(|s| *s as u32).collect(),
        position_quantity: vec![1.0; names.len()],
        position_sellable: vec![1.0; names.len()],
        position_cost: vec![None; names.len()],
        ..Book::default()
    }
}

/// `[exchange] continuation` that meets the persistence of the crash, on average over three fits.
const CALIBRATED: f64 = 0.3;

/// Sessions of the crash, 2015-06-15 to 2015-08-26.
const CRASH_DAYS: usize = 52;

fn simulate(inputs: &Inputs, as_of: &str, market: MarketSpec, estimation: Estimation, exchange: Exchange) -> Breadth {
    let case = Case {
        market,
        estimation,
        exchange,
        simulation: Simulation { paths: 32, horizon_days: CRASH_DAYS as u32, ..Simulation::default() },
        ..Case::default()
    };
    let programme = Programme {
        name: "breadth".into(),
        as_of: day(as_of),
        currency: "CNY".into(),
        seed: 1,
        data: Default::default(),
        folder: Default::default(),
        scenarios: vec![Scenario::base(case)],
        limits: Vec::new(),
        report: Report::default(),
        model_risk: Default::default(),
        reverse: Vec::new(),
        watch: Vec::new(),
        firm: None,
        resolved_toml: String::new(),
    };
    breadth(&programme, &one_of_each(&names(&inputs.market)), &inputs.market).unwrap_or_else(|problems| panic!("{problems}"))
}

/// What happened, counted the same way.
fn observed(inputs: &Inputs) -> Breadth {
    let history = &inputs.market.history;
    let window = history.window(Some(day("2015-06-15")), Some(day("2015-08-26")));
    let mut found = Breadth { days: window.len(), runs: vec![0; window.len()], ..Breadth::default() };
    let names = names(&inputs.market);
    for d in window.clone() {
        let trades = |f: &&u8| **f & (flag::PRESENT | flag::HALTED) == flag::PRESENT;
        let row = || names.iter().map(|s| &history.flag_row(d)[*s]).filter(trades);
        found.trading.push(row().count() as u32);
        found.down.push(row().filter(|f| **f & flag::CLOSE_DOWN != 0).count() as u32);
        found.up.push(row().filter(|f| **f & flag::CLOSE_UP != 0).count() as u32);
    }
    let seen = |d: usize| {
        names
            .iter()
            .map(move |s| Seen::of(history.flag_row(d)[*s] ^ if history.flag_row(d)[*s] & flag::PRESENT == 0 { flag::HALTED } else { 0 }))
    };
    for d in window.clone().skip(1) {
        found.follow(seen(d - 1).zip(seen(d)));
    }
    for symbol in names.iter().copied() {
        let mut run = 0;
        for d in window.clone() {
            let flags = history.flag_row(d)[symbol];
            if flags & (flag::PRESENT | flag::HALTED) != flag::PRESENT {
                continue;
            }
            let down = flags & flag::CLOSE_DOWN != 0;
            if down {
                run += 1;
            } else if run > 0 {
                found.runs[run - 1] += 1;
                run = 0;
            }
        }
        if run > 0 {
            found.runs[run - 1] += 1;
        }
    }
    found
}

/// Share of names at the lower limit: its mean, deviation, 90 % point, lag-one autocorrelation; then what a name does.
struct Clustering {
    mean: f64,
    deviation: f64,
    high: f64,
    memory: f64,
    again: f64,
    excess: f64,
    run: f64,
    long: f64,
}

fn clustering(name: &str, b: &Breadth) -> Clustering {
    let share: Vec<f64> = b.down.iter().zip(&b.trading).map(|(d, t)| f64::from(*d) / f64::from((*t).max(1))).collect();
    let n = share.len() as f64;
    let mean = share.iter().sum::<f64>() / n;
    let deviation = (share.iter().map(|s| (s - mean) * (s - mean)).sum::<f64>() / n).sqrt();
    let paths = share.chunks_exact(b.days);
    let pairs = || paths.clone().flat_map(|path| path.windows(2));
    let memory = pairs().map(|w| (w[0] - mean) * (w[1] - mean)).sum::<f64>() / pairs().count() as f64 / (deviation * deviation);
    let mut sorted = share.clone();
    sorted.sort_by(f64::total_cmp);
    let runs: u64 = b.runs.iter().sum();
    let days: u64 = b.runs.iter().enumerate().map(|(k, n)| (k as u64 + 1) * n).sum();
    let c = Clustering {
        mean,
        deviation,
        high: sorted[sorted.len() * 9 / 10],
        memory,
        again: b.again as f64 / b.followed.max(1) as f64,
        excess: (b.again as f64 - b.as_others) / b.followed.max(1) as f64,
        run: days as f64 / runs.max(1) as f64,
        long: b.runs.iter().skip(2).sum::<u64>() as f64 / runs.max(1) as f64,
    };
    println!(
        "{name:44} share {:5.1} % ± {:4.1}, 90 % point {:4.1} %, memory {:5.2}; again {:4.1} %, above others {:4.1} %, run {:.2}, runs of 3 and more {:4.1} %",
        100.0 * c.mean,
        100.0 * c.deviation,
        100.0 * c.high,
        c.memory,
        100.0 * c.again,
        100.0 * c.excess,
        c.run,
        100.0 * c.long
    );
    c
}

#[test]
fn limit_downs_cluster_as_they_did_in_2015() {
    let Some(folder) = folder() else { return };
    let inputs = load_holding(&folder.join("a_share_2014_2016.parquet"), day("2015-06-12"), &["600030.SH"]);
    let seen = clustering("observed", &observed(&inputs));
    assert!((seen.mean - 0.197).abs() < 0.02, "{}", seen.mean);
    let before = Estimation { drift: Drift::Historical, ..Estimation::default() };
    let crash = Estimation { start: Some(day("2015-06-15")), end: Some(day("2015-08-26")), drift: Drift::Historical };
    let filtered = || MarketSpec::FilteredHistorical(FilteredHistorical::default());
    assert!((seen.excess - 0.276).abs() < 0.01, "{}", seen.excess);
    let run = |name: &str, as_of: &str, market: MarketSpec, window: &Estimation, carry_over: CarryOver, continuation: f64| {
        let exchange = Exchange { carry_over, continuation, ..Exchange::default() };
        clustering(&format!("{name}, {carry_over:?} {continuation}"), &simulate(&inputs, as_of, market, window.clone(), exchange))
    };
    let past_days = || MarketSpec::default();
    run("block bootstrap, to 2015-06-12", "2015-06-12", past_days(), &before, CarryOver::Full, 0.0);
    // the crash's own days, in blocks: as many limit-downs, somewhat less persistent where blocks join
    let blocks = run("block bootstrap, on the crash", "2015-06-12", past_days(), &crash, CarryOver::Full, 0.0);
    assert!((blocks.mean - seen.mean).abs() < 0.03 && blocks.excess < seen.excess && blocks.excess > 0.15, "{}", blocks.excess);
    let variants = [(CarryOver::None, 0.0), (CarryOver::Full, 0.0), (CarryOver::Full, CALIBRATED)];
    let mut met = Vec::new();
    for (name, as_of, window) in [
        ("filtered historical to 2015-06-12", "2015-06-12", &before),
        ("filtered historical to 2015-07-08", "2015-07-08", &before),
        ("filtered historical, days of the crash", "2015-07-08", &crash),
    ] {
        let [lost, carried, continued] = variants.map(|(rule, more)| run(name, as_of, filtered(), window, rule, more));
        assert!(lost.excess < carried.excess && carried.excess < continued.excess, "each rule makes limit-downs last longer");
        assert!(carried.excess < seen.excess, "{name}: the remainder alone clusters too little: {}", carried.excess);
        met.push(continued.excess);
    }
    let mean = met.iter().sum::<f64>() / met.len() as f64;
    assert!((mean - seen.excess).abs() < 0.03, "{met:?} for {}", seen.excess);
}
