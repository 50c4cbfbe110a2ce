//! Loads the real A-share histories, where they are at hand, and counts halts and limits against what is known of them.

use crate::support::shared::folder;
use levertide::inputs::{self, Inputs};
use levertide::model::case::{Case, Data, ListingRuns, Programme, Report, Scenario};
use levertide::model::history::flag;
use levertide::units::Day;
use std::path::Path;

fn load(prices: &Path, as_of: Day) -> Inputs {
    load_holding(prices, as_of, &["600030.SH"])
}

/// The inputs of a book that holds these names.
pub fn load_holding(prices: &Path, as_of: Day, held: &[&str]) -> Inputs {
    load_with(prices, as_of, held, ListingRuns::LeaveOut)
}

fn load_with(prices: &Path, as_of: Day, held: &[&str], listing_runs: ListingRuns) -> Inputs {
    let book = tempfile::tempdir().unwrap();
    std::fs::write(book.path().join("accounts.csv"), "account_id,tier,cash,loan\na,A,100,1000\n").unwrap();
    let positions: String = held.iter().map(|s| format!("a,{s},1000\n")).collect();
    std::fs::write(book.path().join("positions.csv"), format!("account_id,symbol,quantity\n{positions}")).unwrap();
    // an index is held here as if it were a share without board rules
    let index = |code: &&&str| (code.starts_with("000") && code.ends_with(".SH")) || code.starts_with("399");
    let boards: String = held.iter().filter(index).map(|code| format!("{code},none\n")).collect();
    std::fs::write(book.path().join("instruments.csv"), format!("symbol,board\n{boards}")).unwrap();
    let instruments = (!boards.is_empty()).then(|| "instruments.csv".into());
    let programme = Programme {
        name: "real".into(),
        as_of,
        currency: "CNY".into(),
        seed: 1,
        data: Data {
            prices: Some(prices.to_str().unwrap().into()),
            accounts: Some("accounts.csv".into()),
            instruments,
            positions: Some("positions.csv".into()),
            listing_runs,
            ..Data::default()
        },
        folder: book.path().to_path_buf(),
        scenarios: vec![Scenario::base(Case::default())],
        limits: Vec::new(),
        report: Report::default(),
        model_risk: Default::default(),
        reverse: Vec::new(),
        watch: Vec::new(),
        firm: None,
        resolved_toml: String::new(),
    };
    inputs::load(&programme).unwrap_or_else(|problems| panic!("{problems}"))
}

pub fn day(text: &str) -> Day {
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
    // as the file has it, the runs after listings among it
    let inputs = load_with(&folder.join("a_share_2014_2016.parquet"), day("2015-06-12"), &["600030.SH"], ListingRuns::Keep);
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

#[test]
fn limit_ups_after_a_listing_are_left_out_and_listed() {
    let Some(folder) = folder() else { return };
    let file = folder.join("a_share_2014_2016.parquet");
    let held = ["600030.SH", "002739.SZ", "300431.SZ"];
    let end = day("2016-12-30");
    let (kept, left) = (load_with(&file, end, &held, ListingRuns::Keep), load_holding(&file, end, &held));
    let traded = |inputs: &Inputs| count(inputs, "2014-01-02", "2016-12-30", flag::PRESENT | flag::HALTED | flag::PROXY, flag::PRESENT);
    let note = left.notes.iter().find(|n| n.en.starts_with("limit-ups after a listing")).expect("said");
    println!("{}", note.en);
    let sessions: usize = note.en.split(": ").nth(1).and_then(|t| t.split(' ').next()).and_then(|n| n.parse().ok()).expect("a number");
    assert_eq!(traded(&kept) - traded(&left), sessions, "what is left out is what is said");
    assert!(
        sessions > 4_000 && note.en.contains("002739.SZ (") && note.en.contains("300431.SZ (") && !note.en.contains("600030"),
        "{}",
        note.en
    );
    // what comes after the as-of date is as it happened: a name still on its way up then shows it in a replay
    let early = load_holding(&file, day("2015-04-15"), &held);
    let at = early.market.history.symbol_index("300431.SZ").expect("listed");
    let after = early.market.history.window(Some(day("2015-04-16")), Some(day("2015-04-17")));
    assert!(after.clone().all(|d| early.market.history.flag_row(d)[at] & (flag::CLOSE_UP | flag::PROXY) == flag::CLOSE_UP));
    // the first year of a listed name is that of its market: no run of one-price limit-ups is left at its start
    let history = &left.market.history;
    for name in ["002739.SZ", "300431.SZ"] {
        let at = history.symbol_index(name).expect("listed");
        let first =
            (0..history.days()).find(|d| history.flag_row(*d)[at] & (flag::PRESENT | flag::PROXY) == flag::PRESENT).expect("trades");
        assert_eq!(history.flag_row(first)[at] & flag::CLOSE_UP, 0, "{name} on {}", history.dates[first]);
    }
}

#[test]
fn a_filled_history_keeps_the_variance_of_the_symbol() {
    let Some(folder) = folder() else { return };
    let inputs = load_holding(&folder.join("a_share_2014_2016.parquet"), day("2016-12-30"), &["002739.SZ"]);
    let history = &inputs.market.history;
    let at = history.symbol_index("002739.SZ").expect("listed");
    let deviation = |proxy: bool| {
        let wanted = flag::PRESENT | if proxy { flag::PROXY } else { 0 };
        let of = |d: &usize| history.flag_row(*d)[at] & (flag::PRESENT | flag::HALTED | flag::PROXY) == wanted;
        let r: Vec<f64> = (0..history.days()).filter(of).map(|d| history.row(d)[at]).collect();
        let mean = r.iter().sum::<f64>() / r.len() as f64;
        ((r.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / r.len() as f64).sqrt(), r.len())
    };
    let ((filled, days), (own, _)) = (deviation(true), deviation(false));
    assert!(days > 200 && filled > 0.7 * own, "{filled} over {days} filled days, {own} of its own: the residual is there");
    // halted days stand at 0 with their flag, and count for nothing in the recent volatility
    let halted = (0..history.days()).filter(|d| history.flag_row(*d)[at] & flag::HALTED != 0);
    assert!(halted.clone().count() > 50 && halted.clone().all(|d| history.row(d)[at] == 0.0));
}

/// Rows of an index file by symbol: high, low and close, in order of date.
fn bars(path: &Path) -> std::collections::BTreeMap<String, Vec<[f64; 3]>> {
    let mut out = std::collections::BTreeMap::<String, Vec<[f64; 3]>>::new();
    for row in std::fs::read_to_string(path).expect("it can be read").lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let number = |at: usize| cells[at].parse().unwrap_or(f64::NAN);
        out.entry(cells[1].to_string()).or_default().push([number(3), number(4), number(5)]);
    }
    out
}

#[test]
fn indices_exceed_their_closes_by_two_thirds_of_what_a_brownian_path_would() {
    let Some(folder) = folder() else { return };
    let mut found = Vec::new();
    let files = ["cn_indices.csv", "us_indices.csv"].map(|file| bars(&folder.join(file)));
    // the index of option volatility has closes alone
    for (symbol, bars) in files.into_iter().flatten().filter(|(symbol, _)| symbol != "^VIX") {
        let (mut shown, mut expected, mut variance) = (0.0, 0.0, Vec::new());
        for pair in bars.windows(2).filter(|pair| pair.iter().flatten().all(|p| p.is_finite() && *p > 0.0)) {
            let (before, [high, low, close]) = (pair[0][2], pair[1]);
            let r = libm::log(close / before);
            variance.push(r * r);
            if variance.len() < 60 {
                continue;
            }
            if variance.len() == 60 {
                variance[59] = variance.iter().sum::<f64>() / 60.0;
                continue;
            }
            let now = 0.94 * variance[variance.len() - 2] + 0.06 * r * r;
            *variance.last_mut().expect("just pushed") = now;
            shown += libm::log(high.max(before) / low.min(before)) - r.abs();
            expected += levertide::model::margin::trigger::excursion(r, now.sqrt());
        }
        let share = shown / expected;
        println!("{symbol}: {share:.3} over {} sessions", variance.len());
        assert!((0.59..0.73).contains(&share), "{symbol}: {share}");
        found.push(share);
    }
    let mean = found.iter().sum::<f64>() / found.len() as f64;
    assert!(found.len() == 7 && (mean - 0.66).abs() < 0.01, "{found:?}");
}
