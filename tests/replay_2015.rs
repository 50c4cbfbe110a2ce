//! Replays the summer of 2015 over every real stock of the time: halts and limit locks stop the same sales they stopped then.
//!
//! The prices are not part of this repository; without them the test says so and passes.

use crate::support::ratio;
use crate::support::shared;
use levertide::engine::{Control, simulate};
use levertide::model::case::{Case, Data, ListingRuns, Programme, Report, Scenario, Severity};
use levertide::model::history::{History, flag};
use levertide::model::margin::Margin;
use levertide::model::market::{MarketSpec, replay::Replay};
use levertide::units::Day;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::AtomicBool;

const SESSIONS: u32 = 52;

/// Halted and locked sessions of each stock in the window, as the file's own columns say (`tests/real_data.rs` holds them to the data's notes).
fn blocked_in_the_data(history: &History) -> BTreeMap<String, [u64; 2]> {
    let day = |y, m, d| Day::from_ymd(y, m, d).expect("a date");
    let mut counts: BTreeMap<String, [u64; 2]> = BTreeMap::new();
    for day in history.window(Some(day(2015, 6, 15)), Some(day(2015, 8, 26))) {
        for (symbol, flags) in history.symbols.iter().zip(history.flag_row(day)) {
            let count = counts.entry(symbol.clone()).or_default();
            if flags & flag::HALTED != 0 {
                count[0] += 1;
            } else if flags & flag::LOCKED_DOWN != 0 {
                count[1] += 1;
            }
        }
    }
    counts
}

/// One account per stock, at three times leverage, for every stock with a close on the as-of date.
fn write_book(folder: &Path, symbols: &[String]) {
    let mut accounts = String::from("account_id,tier,grade,product,cash,loan,accrued_interest,rate_annual,open_date,maturity_date\n");
    let mut positions = String::from("account_id,symbol,quantity\n");
    for symbol in symbols {
        writeln!(accounts, "c-{symbol},A,1,margin,0,666666,0,0.08,2015-06-01,").unwrap();
        writeln!(positions, "c-{symbol},{symbol},100000").unwrap();
    }
    std::fs::write(folder.join("accounts.csv"), accounts).unwrap();
    std::fs::write(folder.join("positions.csv"), positions).unwrap();
}

fn programme(folder: &Path, prices: &Path) -> Programme {
    let mut case = Case { market: MarketSpec::Replay(Replay { start: Day::from_ymd(2015, 6, 15).unwrap() }), ..Case::default() };
    case.simulation.paths = 1;
    case.simulation.horizon_days = SESSIONS;
    case.margin = Margin { liquidation: Some(ratio(1.3)), ..Margin::default() };
    Programme {
        name: "replay".into(),
        as_of: Day::from_ymd(2015, 6, 12).unwrap(),
        currency: "CNY".into(),
        seed: 1,
        data: Data {
            prices: Some(prices.to_string_lossy().into_owned()),
            accounts: Some("accounts.csv".into()),
            positions: Some("positions.csv".into()),
            // every name as it traded, those on their way up from a listing too
            listing_runs: ListingRuns::Keep,
            ..Data::default()
        },
        folder: folder.to_path_buf(),
        scenarios: vec![Scenario { severity: Severity::Severe, ..Scenario::base(case) }],
        limits: Vec::new(),
        report: Report::default(),
        model_risk: Default::default(),
        reverse: Vec::new(),
        watch: Vec::new(),
        firm: None,
        resolved_toml: String::new(),
    }
}

#[test]
fn sales_queue_on_the_days_and_names_that_were_locked_or_halted_in_2015() {
    let Some(path) = shared::file("a_share_2014_2016.parquet") else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    // a first look at the market finds who was listed on the as-of date
    write_book(folder.path(), &["600036.SH".into()]);
    let market = levertide::inputs::load(&programme(folder.path(), &path)).expect("the market loads").market;
    let data = blocked_in_the_data(&market.history);
    let as_of = market.history.window(None, Some(Day::from_ymd(2015, 6, 12).unwrap())).end - 1;
    let listed = market.history.symbols.iter().zip(market.history.flag_row(as_of)).filter(|(_, f)| *f & flag::PRESENT != 0);
    let symbols: Vec<String> = listed.map(|(s, _)| s.clone()).collect();
    assert!(symbols.len() > 2_700, "{} stocks were listed", symbols.len());
    write_book(folder.path(), &symbols);
    let programme = programme(folder.path(), &path);
    let inputs = levertide::inputs::load(&programme).expect("the book loads");
    let control = Control { threads: Some(2), stop: &AtomicBool::new(false), progress: &|_| {} };
    let outcome = simulate(&programme, &inputs.book, &inputs.market, &control).expect("the replay runs").remove(0);
    let columns = &outcome.symbol;
    let mut sums = [0_u64; 3];
    for (at, symbol) in columns.symbol.iter().enumerate() {
        let name = &inputs.market.history.symbols[*symbol as usize];
        let [halted, locked] = data.get(name).copied().unwrap_or_default();
        let [halted_days, locked_days, queued_days] =
            [&columns.halted_days, &columns.locked_days, &columns.queued_days].map(|days| days[at] as u64);
        assert_eq!([halted_days, locked_days], [halted, locked], "blocked sessions of {name}");
        assert!(queued_days <= halted + locked, "{name} queued on a day it could be sold");
        for (sum, more) in sums.iter_mut().zip([halted, locked, queued_days]) {
            *sum += more;
        }
    }
    eprintln!(
        "{} stocks: {} halted and {} locked stock-days, {} of them with a sale in the queue",
        symbols.len(),
        sums[0],
        sums[1],
        sums[2]
    );
    assert!(sums[2] > 1_000, "only {} sales queued", sums[2]);
}
