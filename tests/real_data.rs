//! Loads the real A-share histories, where they are at hand, and counts halts and limits against what is known of them.

use levertide::inputs::{self, Inputs};
use levertide::model::case::{Case, Data, Programme, Report, Scenario, Severity};
use levertide::model::history::flag;
use levertide::units::Day;
use std::path::{Path, PathBuf};

/// The folder of the histories, or nothing (said on the console) when it is not there.
fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

fn load(prices: &Path, as_of: Day) -> Inputs {
    let book = tempfile::tempdir().unwrap();
    std::fs::write(book.path().join("accounts.csv"), "account_id,tier,cash,loan\na,A,100,1000\n").unwrap();
    std::fs::write(book.path().join("positions.csv"), "account_id,symbol,quantity\na,600030.SH,1000\n").unwrap();
    let programme = Programme {
        name: "real".into(),
        as_of,
        currency: "CNY".into(),
        seed: 1,
        data: Data {
            prices: Some(prices.to_str().unwrap().into()),
            accounts: Some("accounts.csv".into()),
            positions: Some("positions.csv".into()),
            ..Data::default()
        },
        folder: book.path().to_path_buf(),
        scenarios: vec![Scenario { name: "base".into(), severity: Severity::Base, narrative: String::new(), case: Case::default() }],
        limits: Vec::new(),
        report: Report::default(),
        resolved_toml: String::new(),
    };
    inputs::load(&programme).unwrap_or_else(|problems| panic!("{problems}"))
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// Symbol-days from `from` to `to` whose bits under `mask` are `bits`.
fn count(inputs: &Inputs, from: &str, to: &str, mask: u8, bits: u8) -> usize {
    let history = &inputs.market.history;
    let window = history.window(Some(day(from)), Some(day(to)));
    window.map(|d| history.flag_row(d).iter().filter(|f| **f & mask == bits).count()).sum()
}

#[test]
fn the_crash_of_2015_is_in_the_flags() {
    let Some(folder) = folder() else { return };
    let inputs = load(&folder.join("a_share_2014_2016.parquet"), day("2015-06-12"));
    let history = &inputs.market.history;
    assert_eq!((history.days(), history.width()), (733, 3023));
    assert_eq!(inputs.lineage[0].rows, 1_977_533);
    let traded = |from, to| count(&inputs, from, to, flag::PRESENT | flag::HALTED, flag::PRESENT);
    assert_eq!(traded("2014-01-02", "2016-12-30"), 1_773_416);
    let (from, to) = ("2015-06-15", "2015-08-26");
    assert_eq!(traded(from, to), 114_439);
    assert_eq!(count(&inputs, from, to, flag::CLOSE_DOWN, flag::CLOSE_DOWN), 23_762);
    assert_eq!(count(&inputs, from, to, flag::LOCKED_DOWN, flag::LOCKED_DOWN), 1_354);
    for (date, down, traded_then) in [("2015-06-26", 2020, 2352), ("2015-07-08", 912, 1459), ("2015-08-24", 2179, 2294)] {
        assert_eq!(count(&inputs, date, date, flag::CLOSE_DOWN, flag::CLOSE_DOWN), down, "{date}");
        assert_eq!(traded(date, date), traded_then, "{date}");
    }
    assert_eq!(count(&inputs, "2015-07-09", "2015-07-09", flag::CLOSE_UP, flag::CLOSE_UP), 1280);
    let citic = &inputs.market.instruments[history.symbol_index("600030.SH").unwrap()];
    assert!(citic.adv_amount.unwrap() > 1e9 && citic.proxy.is_none(), "{citic:?}");
}

#[test]
fn the_long_history_loads_from_adjusted_closes() {
    let Some(folder) = folder() else { return };
    let inputs = load(&folder.join("a_share_liquid400_2007_2023.parquet"), day("2015-06-12"));
    let history = &inputs.market.history;
    assert_eq!((history.days(), history.width()), (3938, 400));
    assert_eq!(inputs.lineage[0].rows, 1_496_470);
    let index = history.symbol_index("600030.SH").unwrap();
    assert!(inputs.market.instruments[index].own_returns > 1900);
    let bad = history.simple_return.iter().filter(|r| !r.is_finite() || **r <= -1.0).count();
    assert_eq!(bad, 0, "every return is finite and above -1");
}
