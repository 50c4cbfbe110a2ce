//! Changes shown files further, three times a kind and more: each is read right, noted, or refused by name.

use crate::files::{CASES, K1, Right, case_folder, hold};
use Right::{Read, Refused};
use std::collections::BTreeMap;

/// A kind by its shown case, the folder and the file that is changed, how, and what has to come of it.
type Further = (&'static str, &'static str, &'static str, fn(&str) -> String, Right);

/// The rows of the prices with further columns behind them, made of the row's number, its symbol and its close.
fn with(prices: &str, header: &str, more: impl Fn(usize, &str, f64) -> String) -> String {
    let rows = prices.lines().skip(1).enumerate().map(|(at, line)| {
        let cells: Vec<&str> = line.split(',').collect();
        format!("{line},{}\n", more(at, cells[1], cells[2].parse().expect("a price")))
    });
    format!("date,symbol,close,volume,{header}\n{}", rows.collect::<String>())
}

/// The prices with closes and volumes changed where the row is one of a symbol on a day.
fn changed(prices: &str, to: impl Fn(&str, &str, f64) -> Option<String>) -> String {
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let close: f64 = cells[2].parse().expect("a price");
        let rest = to(cells[0], cells[1], close).unwrap_or_else(|| format!("{},{}", cells[2], cells[3]));
        format!("{},{},{rest}\n", cells[0], cells[1])
    };
    format!("date,symbol,close,volume\n{}", prices.lines().skip(1).map(row).collect::<String>())
}

/// A close of one symbol from a day on, times a factor; the last day of a symbol that K1 does not hold moves nothing of its value.
fn from(prices: &str, symbol: &str, day: &str, by: f64) -> String {
    changed(prices, |d, s, close| (s == symbol && d >= day).then(|| format!("{:.2},1000000", close * by)))
}

/// Codes as they are written before and after a day.
fn codes(prices: &str, code: &str, before: &str, after: &str) -> String {
    let spelled = |line: &str| line.replace(code, if line < "2015-03-20" { before } else { after }) + "\n";
    prices.lines().map(spelled).collect()
}

/// Daily bars in AkShare's order, with a last column.
fn bars(prices: &str, header: &str, last: impl Fn(f64) -> f64) -> String {
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let (day, code, close) = (cells[0], &cells[1][..6], cells[2]);
        format!("{day},{code},{close},{close},{close},{close},{}\n", last(close.parse().expect("a price")))
    };
    format!("{header}\n{}", prices.lines().skip(1).map(row).collect::<String>())
}

const OUTSIDE: &str = "outside the low and high";
const ASSETS: &str = "资金账号,总资产,担保证券市值,资金余额,资金可用数,融资本金,融资息费,融资负债合计,融券负债合计,维持担保比例\n";
const LOT: &str = "\"25000\",\"11.05\",\"276250\",\"10.1\",\"LOT\"";

#[rustfmt::skip]
const FURTHER: &[Further] = &[
    ("account-id-scientific", "base", "accounts.csv", |t| t.replace("K1", "1.23457E+11"), Refused("accounts.csv", "spreadsheet has rounded")),
    ("account-id-scientific", "base", "accounts.csv", |t| t.replace("K1", "\"6,22848E+18\""), Refused("accounts.csv", "spreadsheet has rounded")),
    ("account-id-scientific", "base", "accounts.csv", |t| t.replace("K2", "622848040256489000"), Refused("accounts.csv", "keeps 15 digits")),
    ("account-id-scientific", "base", "positions.csv", |t| t.replace("K2", "6.2E+08"), Refused("positions.csv", "spreadsheet has rounded")),
    ("adjusted-plus-factor", "base", "prices.csv", |t| with(t, "adj_factor", |at, s, _| if s == "600000.SH" && at >= 400 { "2" } else { "1" }.into()), Read("the closes look adjusted already", K1)),
    ("adjusted-plus-factor", "base", "prices.csv", |t| with(t, "复权因子", |at, s, _| if s == "000002.SZ" && at >= 300 { "1.3" } else { "1" }.into()), Read("the factor counts again", K1)),
    ("adjusted-plus-factor", "base", "prices.csv", |t| with(t, "adj_factor", |at, _, _| if at >= 400 { "0.5" } else { "1" }.into()), Read("4 returns of 4 symbols lie beyond", K1)),
    ("close-outside-range", "base", "prices.csv", |t| with(t, "high,low", |_, _, c| format!("{},{}", c + 1.0, c + 0.5)), Refused("prices.csv", OUTSIDE)),
    ("close-outside-range", "base", "prices.csv", |t| with(t, "high,low", |_, _, c| format!("{},{}", c / 10.0, c / 11.0)), Refused("prices.csv", OUTSIDE)),
    ("close-outside-range", "base", "prices.csv", |t| with(t, "high,low", |at, _, c| format!("{},{}", c + 0.01, if at == 7 { c + 0.01 } else { c })), Read("", K1)),
    ("close-outside-range", "base", "prices.csv", |t| with(t, "high,low", |at, _, c| format!("{},{}", c + 1.0, if at == 7 { c + 0.5 } else { c })), Read("1 of 640 closes lie outside", K1)),
    ("codes-apostrophe", "base", "positions.csv", |t| t.replace("600000.SH", "'600000").replace("000001.SZ", "'000001"), Read("", K1)),
    ("codes-apostrophe", "base", "positions.csv", |t| t.replace("600000.SH", "600000-SH").replace("000001.SZ", "000001 CH Equity"), Read("", K1)),
    ("codes-apostrophe", "base", "positions.csv", |t| t.replace("600000.SH", "\"=\"\"600000\"\"\""), Read("", K1)),
    ("codes-apostrophe", "base", "prices.csv", |t| t.replace("600000.SH", "\u{2018}600000.SH"), Read("", K1)),
    ("codes-bare-then-suffixed", "base", "prices.csv", |t| codes(t, "600000.SH", "600000", "sh.600000"), Read("1 codes stand with and without their exchange", K1)),
    ("codes-bare-then-suffixed", "base", "prices.csv", |t| codes(t, "000001.SZ", "000001.XSHE", "SZ000001"), Read("", K1)),
    ("codes-bare-then-suffixed", "base", "prices.csv", |t| codes(t, "600000.SH", "600000.sh", "600000.SH"), Read("", K1)),
    ("codes-bare-then-suffixed", "base", "prices.csv", |t| codes(t, "000001.SZ", "000001", "000001.SH"), Refused("prices.csv", "000001")),
    ("codes-int-then-text", "base", "prices.csv", |t| codes(t, "000001.SZ", "1", "000001.SZ"), Read("1 codes without their leading zeros", K1)),
    ("codes-int-then-text", "base", "prices.csv", |t| codes(t, "000002.SZ", "2.0", "000002"), Read("1 codes without their leading zeros", K1)),
    ("codes-int-then-text", "base", "prices.csv", |t| codes(t, "600000.SH", "600000.0", "600000.SH"), Read("1 codes stand with and without", K1)),
    ("codes-lost-zeros", "base", "positions.csv", |t| t.replace("000001.SZ", "1").replace("000002.SZ", "2"), Read("", K1)),
    ("codes-lost-zeros", "base", "positions.csv", |t| t.replace("000001.SZ", "000001.0"), Read("", K1)),
    ("codes-lost-zeros", "base", "prices.csv", |t| t.replace("000001.SZ", "1").replace("000002.SZ", "2").replace(".SH", ""), Read("2 codes without their leading zeros", K1)),
    ("decimal-parquet", "decimal-integers", "p.toml", str::to_string, Read("", K1)),
    ("decimal-parquet", "decimal-38", "p.toml", str::to_string, Read("", K1)),
    ("decimal-parquet", "decimal-256", "p.toml", str::to_string, Refused("accounts.parquet", "more than 38 digits")),
    ("factor-misses-event", "base", "prices.csv", |t| from(t, "000002.SZ", "2015-03-23", 0.5), Read("first 000002.SZ 2015-03-23, held: -5", K1)),
    ("factor-misses-event", "base", "prices.csv", |t| from(t, "000002.SZ", "2015-04-01", 2.0), Read("1 returns of 1 symbols lie beyond", K1)),
    ("factor-misses-event", "base", "prices.csv", |t| with(&from(t, "000002.SZ", "2015-05-04", 0.7), "adj_factor", |_, _, _| "1".into()), Read("an ex-date that nothing tells", K1)),
    ("high-below-low", "base", "prices.csv", |t| with(t, "low,high", |_, _, c| format!("{},{}", c + 0.1, c - 0.1)), Refused("prices.csv", "above which the low")),
    ("high-below-low", "base", "prices.csv", |t| with(t, "high,low", |at, _, c| format!("{},{c}", if at == 5 { c - 0.01 } else { c })), Refused("prices.csv", "above which the low")),
    ("high-below-low", "base", "prices.csv", |t| with(t, "high,low", |at, _, c| format!("{},{c}", if at == 5 { c / 10.0 } else { c })), Refused("prices.csv", "above which the low")),
    ("ibkr-lots", "ibkr-lots", "positions.csv", |t| t.replace("\"LOT\"", "\"Lot\"").replace("SUMMARY", "Summary"), Read("2 rows are lots of positions", 442_000.0)),
    ("ibkr-lots", "ibkr-lots", "positions.csv", |t| t.lines().filter(|l| !l.contains("SUMMARY")).collect::<Vec<_>>().join("\n") + "\n", Refused("positions.csv", "on lines 2 and 3")),
    ("ibkr-lots", "ibkr-lots", "positions.csv", |t| t.replace(LOT, &LOT.replace("LOT", "")), Refused("positions.csv", "on lines 2 and 3")),
    ("ibkr-lots", "ibkr-lots", "positions.csv", |t| t.replace("\"STK\"", "\"OPT\""), Refused("positions.csv", "found \"OPT\"")),
    ("log-percent", "log-percent", "p.toml", |t| t.replace("return-kind = \"log\"\n", ""), Refused("returns.csv", "return")),
    ("log-percent", "log-percent", "returns.csv", |t| t.replace("log_return", "收益率(%)"), Read("", K1)),
    ("log-percent", "log-percent", "returns.csv", |t| t.replace("log_return", "ret_pct"), Read("", K1)),
    ("preamble", "base", "positions.csv", |t| format!("# made by a system\n# \"as of\" 2015-06-12\n{t}"), Read("the header stands on line 3", K1)),
    ("preamble", "base", "positions.csv", |t| format!("sep=,\n{t}"), Read("", K1)),
    ("preamble", "base", "positions.csv", |t| format!("融资融券持仓\n,,\n营业部,某部,\n{t}"), Read("the header stands on line 4", K1)),
    ("rate-in-per-cent", "base", "accounts.csv", |t| t.replace("loan", "loan,rate").replace("00000\n", "00000,6\n"), Refused("accounts.csv", "fraction between 0 and 2")),
    ("rate-in-per-cent", "base", "accounts.csv", |t| t.replace("loan", "loan,年利率").replace("00000\n", "00000,0.8\n"), Read("2 annual rates lie above 60 %", K1)),
    ("rate-in-per-cent", "base", "accounts.csv", |t| t.replace("loan", "loan,rate(%)").replace("00000\n", "00000,0.06\n"), Read("2 annual rates", K1)),
    ("seconds-parquet-maturity", "zone-of-the-exchange", "p.toml", str::to_string, Read("", K1)),
    ("seconds-parquet-maturity", "midnights-in-microseconds", "p.toml", str::to_string, Read("", K1)),
    ("seconds-parquet-maturity", "hour-of-utc", "p.toml", str::to_string, Refused("accounts.parquet", "16:00 UTC")),
    ("thousands-point-accounts", "base", "accounts.csv", |t| t.replace("500000", "500.000").replace("300000", "300.000").replace(",K2", ""), Refused("accounts.csv", "may be a decimal sign")),
    ("thousands-point-accounts", "base", "accounts.csv", |t| t.replace("500000", "\"500,000\"").replace("300000", "\"300,000\""), Refused("accounts.csv", "may be a decimal sign")),
    ("thousands-point-accounts", "base", "accounts.csv", |t| t.replace(',', "\t").replace("500000", "1.500.000").replace("300000", "300.000"), Read("decimal comma", K1)),
    ("shape-eastmoney", "shape-eastmoney", "accounts.csv", |_| format!("{ASSETS}K1,752600,652600,90000,100000,500000,2000,502000,0,149.92\nK2,241800,191800,50000,50000,300000,1000,301000,0,80.33\n"), Read("the 2 maintenance ratios the file states are those found here", K1)),
    ("shape-fidelity", "shape-fidelity", "positions.csv", |t| t.replace("Account number,", "").replace("K1,MARGIN", "K1").replace("K2,MARGIN", "K2"), Read("positions of Fidelity, accounts by name", K1)),
    ("shape-qmt-account", "shape-qmt-account", "accounts.csv", |t| t.replace("m_dFinDealAvl", "m_dFinMaxQuota"), Read("the 2 maintenance ratios the file states are those found here", K1)),
    ("tiny-adjusted", "base", "prices.csv", |t| changed(t, |d, s, c| (s == "600036.SH" && d.as_bytes()[9] % 2 == 0).then(|| format!("{:.2},1", c / 2.0))), Refused("prices.csv", "closes are adjusted")),
    ("tiny-adjusted", "base", "prices.csv", |t| changed(t, |d, s, c| (s == "000002.SZ" && d.as_bytes()[9] % 3 == 0).then(|| format!("{:.2},1", c * 1.25))), Refused("prices.csv", "closes are adjusted")),
    ("tiny-adjusted", "base", "prices.csv", |t| changed(t, |_, s, c| (s == "000002.SZ").then(|| format!("{:.2},1", c - 30.0))), Refused("prices.csv", "found \"-")),
    ("volume-in-lots", "base", "prices.csv", |t| bars(t, "日期,股票代码,开盘,收盘,最高,最低,成交量", |_| 10_000.0), Read("成交量 is read in lots of 100 shares", K1)),
    ("volume-in-lots", "base", "prices.csv", |t| bars(t, "date,symbol,open,close,high,low,amount", |_| 10_000.0), Read("`amount` is read as volume in lots", K1)),
    ("volume-in-lots", "base", "prices.csv", |t| t.replace("volume", "成交量(手)").replace("1000000", "10000"), Read("", K1)),
    ("volume-zero-moves", "base", "prices.csv", |t| changed(t, |d, s, c| (s == "600000.SH" && d > "2015-05").then(|| format!("{c},0"))), Read("rows count as halted", K1)),
    ("volume-zero-moves", "base", "prices.csv", |t| changed(t, |_, s, c| (s == "000002.SZ").then(|| format!("{c},0"))), Read("rows count as halted", K1)),
    ("volume-zero-moves", "base", "prices.csv", |t| t.replace("1000000", "0"), Refused("prices.csv", "the halts of the file are not halts")),
    ("zero-width-id", "base", "accounts.csv", |t| t.replace("K2", "K2\u{200d}"), Refused("accounts.csv", "U+200D")),
    ("zero-width-id", "base", "positions.csv", |t| t.replace("K1", "K\u{ad}1"), Refused("positions.csv", "U+00AD")),
    ("zero-width-id", "base", "positions.csv", |t| t.replace("600000.SH", "600000.SH\u{200b}"), Refused("positions.csv", "U+200B")),
];

/// Kinds with three further cases elsewhere, and where.
const ELSEWHERE: &[(&str, &str)] = &[
    ("amount-is-lots", "files_brothers: turnover"),
    ("baostock-adjustflag", "files_brothers: columns that warn"),
    ("bom-gbk", "files_brothers: encodings"),
    ("cp1252-names", "files_brothers: encodings, and the renderings"),
    ("decimal-comma-positions", "files: brothers"),
    ("exact-line", "files: a ratio on a line"),
    ("excel-date", "files: brothers"),
    ("exchange-missing", "files_brothers: a session without an exchange"),
    ("exchange-missing-midway", "files_brothers: a session without an exchange"),
    ("million-unit-after-advice", "files: brothers, units"),
    ("overflow", "files: brothers, ceilings"),
    ("parquet-checksums", "inputs/pages"),
    ("rebound-after-zero", "files: a loss is booked"),
    ("seconds-parquet-prices", "the renderings: every unit and zone"),
    ("short-debt-unused", "files_brothers: columns that warn"),
    ("st-by-name", "files_brothers: columns that warn"),
    ("symbol-spelling", "files: brothers, identity"),
    ("total-row", "containers: a total at the foot"),
    ("trade-status-text-wind", "files: brothers, words"),
    ("tushare-renamed", "files_brothers: turnover"),
    ("unit-in-mapped-header", "files: brothers, units"),
];

#[test]
fn further_files_of_each_kind_are_read_right_or_told() {
    let mut faults = Vec::new();
    for (at, (kind, of, file, change, right)) in FURTHER.iter().enumerate() {
        let folder = case_folder(of);
        let path = folder.path().join(file);
        let text = std::fs::read_to_string(&path).expect("the base is text");
        std::fs::write(&path, change(&text)).expect("it is written");
        faults.extend(hold(&format!("{kind} ({at})"), folder.path(), right).err());
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_shown_kind_has_three_further_cases() {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    FURTHER.iter().for_each(|(kind, ..)| *count.entry(kind).or_default() += 1);
    let few: Vec<&str> = (CASES.iter().map(|(name, _)| *name))
        .filter(|name| !name.starts_with("shape-") && !ELSEWHERE.iter().any(|(kind, _)| kind == name))
        .filter(|name| count.get(name).is_none_or(|n| *n < 3))
        .collect();
    assert!(few.is_empty(), "{few:?}");
}
