//! Reads files as desks and vendors export them: each is read right, noted, or refused by name, and never misread in silence.
//!
//! `tests/files/CASE` holds what differs from `tests/files/base`; the table below holds what is right. The second table changes
//! one thing of the base at a time, so that the kind is mended and not the case.

use levertide::inputs::{self, Inputs, programme};
use levertide::problem::Problems;
use std::path::Path;

/// What has to come of a case.
enum Right {
    /// A problem in this file whose sentences hold these words.
    Refused(&'static str, &'static str),
    /// Read, with a note that holds these words where there are any, and the market value of the first account.
    Read(&'static str, f64),
}
use Right::{Read, Refused};

/// What K1 of the base holds: 40,000 shares at 11.05 and 20,000 at 10.53.
const K1: f64 = 652_600.0;

const CASES: &[(&str, Right)] = &[
    ("account-id-scientific", Refused("accounts.csv", "spreadsheet has rounded")),
    ("adjusted-plus-factor", Read("+98.7 % where 10 % is the most): the closes look adjusted already", 611_000.0)),
    ("amount-is-lots", Read("read as volume in lots of 100", K1)),
    ("baostock-adjustflag", Refused("prices.csv", "the closes are adjusted")),
    ("bom-gbk", Read("", K1)),
    ("close-outside-range", Refused("prices.csv", "outside the low and high")),
    ("codes-apostrophe", Read("", K1)),
    ("codes-bare-then-suffixed", Read("4 codes stand with and without their exchange", K1)),
    ("codes-int-then-text", Read("2 codes without their leading zeros", K1)),
    ("codes-lost-zeros", Read("2 codes without their leading zeros", K1)),
    ("cp1252-names", Read("read as Windows-1252", 474_000.0)),
    ("decimal-comma-positions", Refused("positions.csv", "may be a decimal sign")),
    ("decimal-parquet", Refused("prices.parquet", "store it as float64")),
    ("excel-date", Read("", K1)),
    ("exchange-missing", Read("no .SZ symbol has a row on 1 sessions on which others trade (first 2015-06-12", 640_800.0)),
    ("exchange-missing-midway", Read("no .SZ symbol has a row on 1 sessions on which others trade (first 2015-03-23", K1)),
    ("factor-misses-event", Read("first 600000.SH 2015-03-23, held: -50.3 %", 718_900.0)),
    ("high-below-low", Refused("prices.csv", "above which the low")),
    ("ibkr-lots", Read("2 rows are lots of positions", 442_000.0)),
    ("log-percent", Refused("returns.csv", "the returns are in per cent")),
    ("million-unit-after-advice", Read("", K1)),
    ("overflow", Refused("accounts.csv", "0 to 1e15")),
    ("preamble", Read("the header stands on line 4", 442_000.0)),
    ("rate-in-per-cent", Read("2 annual rates lie above 60 %", K1)),
    ("seconds-parquet-maturity", Read("", K1)),
    ("seconds-parquet-prices", Read("", K1)),
    ("short-debt-unused", Refused("accounts.csv", "owe securities")),
    ("st-by-name", Read("count as ST", 663_000.0)),
    ("symbol-spelling", Read("", K1)),
    ("thousands-point-accounts", Refused("accounts.csv", "may be a decimal sign")),
    ("tiny-adjusted", Refused("prices.csv", "closes are adjusted")),
    ("total-row", Refused("accounts.csv", "heads a total")),
    ("trade-status-text-wind", Read("", K1)),
    ("tushare-renamed", Read("volume is read in units of 100 shares and amount in units of 1000", K1)),
    ("unit-in-mapped-header", Read("", K1)),
    ("volume-in-lots", Read("成交量 is read in lots of 100 shares", K1)),
    ("volume-zero-moves", Read("39 rows count as halted", K1)),
    ("zero-width-id", Refused("accounts.csv", "U+200B")),
];

fn case_folder(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files");
    for from in [files.join("base"), files.join(name)] {
        for entry in std::fs::read_dir(&from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
            let path = entry.expect("it is listed").path();
            std::fs::copy(&path, folder.path().join(path.file_name().expect("a name"))).expect("it is copied");
        }
    }
    folder
}

fn load(folder: &Path) -> Result<Inputs, Problems> {
    let programme = programme::load(&folder.join("p.toml"), &programme::Overrides::default())?;
    inputs::load(&programme)
}

/// Holds what came of a folder to what is right; says what differs.
fn hold(name: &str, folder: &Path, right: &Right) -> Result<Option<Inputs>, String> {
    let loaded = load(folder);
    match (right, loaded) {
        (Refused(file, says), Err(problems)) => {
            let told = problems.iter().any(|p| p.place.file == *file && p.to_string().contains(says));
            if told { Ok(None) } else { Err(format!("{name}: refused for another reason: {problems}")) }
        }
        (Refused(..), Ok(inputs)) => Err(format!("{name}: it is read, with {:#?}", inputs.notes)),
        (Read(..), Err(problems)) => Err(format!("{name}: refused: {problems}")),
        (Read(note, value), Ok(inputs)) => {
            let found = inputs.book.market_value(0, &inputs.market.prices());
            if (found - value).abs() > 0.005 {
                return Err(format!("{name}: the first account holds {found}, not {value}"));
            }
            let told = note.is_empty() || inputs.notes.iter().any(|n| n.en.contains(note) && !n.zh.is_empty());
            if told { Ok(Some(inputs)) } else { Err(format!("{name}: no note {note:?} in {:#?}", inputs.notes)) }
        }
    }
}

#[test]
fn every_shown_file_is_read_right_or_told() {
    let faults: Vec<String> = CASES.iter().filter_map(|(name, right)| hold(name, case_folder(name).path(), right).err()).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn read(name: &str) -> Inputs {
    load(case_folder(name).path()).unwrap_or_else(|problems| panic!("{name}: {problems}"))
}

#[test]
fn what_the_shown_files_mean_is_in_the_model() {
    for name in ["unit-in-mapped-header", "million-unit-after-advice"] {
        assert_eq!(read(name).book.loan, [500_000.0, 300_000.0], "{name}");
    }
    assert_eq!(read("cp1252-names").book.account_id, ["Größe", "Müller"]);
    let matures = read("seconds-parquet-maturity").book.maturity_date;
    assert_eq!(matures.iter().map(|d| d.expect("dated").to_string()).collect::<Vec<_>>(), ["2015-06-16", "2015-06-17"]);
    let history = read("seconds-parquet-prices").market.history;
    assert_eq!(history.dates.last().map(ToString::to_string).as_deref(), Some("2015-06-30"));
    for name in ["codes-int-then-text", "codes-bare-then-suffixed", "codes-lost-zeros", "codes-apostrophe", "symbol-spelling"] {
        for instrument in read(name).market.instruments {
            assert_eq!((instrument.own_returns, format!("{:?}", instrument.board)), (159, "Main".into()), "{name}: {}", instrument.symbol);
        }
    }
    let own: Vec<usize> = read("trade-status-text-wind").market.instruments.iter().map(|i| i.own_returns).collect();
    assert_eq!(own, [160, 160, 150, 160]);
    assert!(read("st-by-name").market.instruments.iter().any(|i| i.symbol == "600000.SH" && i.st));
    for name in ["amount-is-lots", "volume-in-lots", "tushare-renamed"] {
        let depth = read(name).market.instruments.iter().map(|i| i.adv_amount.expect("it has a turnover")).fold(f64::INFINITY, f64::min);
        assert!(depth > 5e6, "{name}: {depth}");
    }
}

#[test]
fn every_row_is_used_or_passed_over() {
    for (name, file, rows, used, passed) in
        [("ibkr-lots", "positions", 4, 2, 2), ("preamble", "positions", 3, 2, 1), ("symbol-spelling", "prices", 640, 640, 0)]
    {
        let inputs = read(name);
        let found = inputs.lineage.iter().find(|f| f.role == file).expect("it was read");
        assert_eq!((found.rows, found.used, found.rejected, found.passed_over), (rows, used, 0, passed), "{name}");
    }
}

/// One change of the base: the file, what for what, and what has to come of it.
type Brother = (&'static str, &'static [(&'static str, &'static str)], Right);

const BROTHERS: &[Brother] = &[
    // time
    ("prices.csv", &[("2015-06-12,", "2015-06-12T00:00:00+08:00,"), ("2015-06-11,", "2015-06-11 0:00,")], Read("", K1)),
    ("prices.csv", &[("2015-06-12,", "2015-06-12 15:00:00,")], Refused("prices.csv", "time of day stands behind")),
    ("prices.csv", &[("2015-06-12,", "1434067200,")], Refused("prices.csv", "count of seconds")),
    ("prices.csv", &[("2015-06-12,", "42167,")], Refused("prices.csv", "spreadsheet's count of days")),
    ("prices.csv", &[("2015-06-12,", "2015-06-13,")], Read("has no session on 2015-06-12", 636_400.0)),
    (
        "accounts.csv",
        &[("cash,loan", "cash,loan,maturity_date"), ("500000", "500000,15.09.2015"), ("300000", "300000,01.10.2015")],
        Read("day, month, year", K1),
    ),
    (
        "accounts.csv",
        &[("cash,loan", "cash,loan,maturity_date"), ("500000", "500000,09/10/2015"), ("300000", "300000,01/10/2015")],
        Refused("accounts.csv", "cannot be told apart"),
    ),
    // words
    ("prices.csv", &[("close,volume", "close,停牌"), (",1000000", ",交易")], Read("", K1)),
    ("prices.csv", &[("close,volume", "close,tradestatus"), (",1000000", ",正常")], Read("", K1)),
    (
        "prices.csv",
        &[("close,volume", "close,suspended"), (",1000000", ",1")],
        Refused("prices.csv", "the halts of the file are not halts"),
    ),
    ("prices.csv", &[("close,volume", "close,停牌"), (",1000000", ",ST")], Refused("prices.csv", "neither yes nor no")),
    // decimal sign
    ("positions.csv", &[(",", ";"), ("40000", "40000,0"), ("20000", "20.000,0")], Read("decimal comma", K1)),
    (
        "positions.csv",
        &[("40000", "\"40,000\""), ("20000", "\"20,000\""), ("10000", "\"10,000\"")],
        Refused("positions.csv", "may be a decimal sign"),
    ),
    ("positions.csv", &[("40000", "\"40,000\""), ("20000", "20000.0")], Read("", K1)),
    ("accounts.csv", &[("100000,500000", "100.000,500.000")], Refused("accounts.csv", "may be a decimal sign")),
    // units
    ("accounts.csv", &[("cash,loan", "cash（千元）,loan[千元]"), ("100000,500000", "100,500"), ("50000,300000", "50,300")], Read("", K1)),
    ("accounts.csv", &[("cash,loan", "cash,loan(港元)")], Refused("accounts.csv", "unit \"港元\"")),
    ("accounts.csv", &[("cash,loan", "cash,loan (USD)")], Refused("accounts.csv", "unit \"usd\"")),
    ("positions.csv", &[("quantity", "quantity(手)"), ("40000", "400"), ("20000", "200"), ("10000", "100")], Read("", K1)),
    // what cannot be
    (
        "prices.csv",
        &[("2015-06-12,600000.SH,11.05", "2015-06-12,600000.SH,1105")],
        Read("lie beyond the daily limit (first 600000.SH 2015-06-12", 44_410_600.0),
    ),
    ("prices.csv", &[("2015-03-20,", "2015-03-21,")], Read("fall on a Saturday or Sunday (first 2015-03-21", K1)),
    ("prices.csv", &[("close,volume", "close(后复权),volume")], Refused("prices.csv", "unit \"后复权\"")),
    (
        "accounts.csv",
        &[("K2,A,50000,300000", "K2,A,50000,300000\nK3,A,1,2\nALL,A,150001,800002")],
        Refused("accounts.csv", "all the others together"),
    ),
    ("accounts.csv", &[("K2,A,50000,300000", "K2,A,50000,300000\n总计,A,150000,800000")], Refused("accounts.csv", "heads a total")),
    (
        "accounts.csv",
        &[("K2,A,50000,300000", "K2,A,50000,300000\nK3,A,0,700")],
        Read("have a loan, no cash and no position (first K3)", K1),
    ),
    (
        "accounts.csv",
        &[("500000", "500"), ("300000", "300")],
        Read("2 of 2 accounts with a loan have a maintenance ratio above 1000 %", K1),
    ),
    ("accounts.csv", &[("500000", "5000000")], Read("below 100 % (first K1", K1)),
    (
        "accounts.csv",
        &[("cash,loan", "cash,loan,维持担保比例"), ("500000", "500000,150.52"), ("300000", "300000,1000")],
        Read("1 of 2 stated maintenance ratios differ", K1),
    ),
    ("accounts.csv", &[("cash,loan", "cash,loan,融券余额"), ("500000", "500000,0"), ("300000", "300000,")], Read("", K1)),
    (
        "positions.csv",
        &[("quantity", "quantity,市值"), ("40000", "40000,442000"), ("20000", "20000,1"), ("10000", "10000,")],
        Read("2 of 3 stated values of positions differ", K1),
    ),
    // identity
    ("positions.csv", &[("600000.SH", "SH600000"), ("000001.SZ", "000001.XSHE")], Read("", K1)),
    ("positions.csv", &[("600000.SH", "600000.SZ")], Refused("positions.csv", "it writes 600000.SH")),
    ("positions.csv", &[("600000.SH", "600000.0"), ("000001.SZ", "1")], Read("", K1)),
    ("positions.csv", &[("K2,600036.SH", "k2,600036.SH")], Refused("positions.csv", "accounts.csv writes it K2")),
    ("positions.csv", &[("K2,600036.SH", "K2\u{a0}x,600036.SH")], Refused("positions.csv", "U+00A0")),
    ("accounts.csv", &[("K1", "6228480402564890000")], Refused("accounts.csv", "keeps 15 digits")),
    (
        "prices.csv",
        &[("2015-06-12,000001.SZ", "2015-06-12,000001.SH")],
        Read("valued at an earlier close (first 000001.SZ of 2015-06-11)", 640_800.0),
    ),
    // gaps
    (
        "prices.csv",
        &[("2015-06-12,000001.SZ,10.53,1000000\n", ""), ("2015-06-12,000002.SZ", "2015-06-12,688002.SH")],
        Read("no .SZ symbol has a row on 1 sessions", 640_800.0),
    ),
    // ceilings
    ("prices.csv", &[("2015-06-12,600000.SH,11.05", "2015-06-12,600000.SH,1e300")], Refused("prices.csv", "at most 1e9")),
    ("positions.csv", &[("40000", "9e12"), ("20000", "20000")], Read("", 99_450_000_210_600.0)),
    ("positions.csv", &[("40000", "1e14")], Refused("positions.csv", "0 to 1e13")),
];

#[test]
fn the_brothers_of_each_kind_are_read_right_or_told() {
    let mut faults = Vec::new();
    for (file, changes, right) in BROTHERS {
        let folder = case_folder("symbol-spelling");
        std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/base/prices.csv"), folder.path().join("prices.csv"))
            .expect("copied");
        let path = folder.path().join(file);
        let mut text = std::fs::read_to_string(&path).expect("the base is text");
        for (from, to) in *changes {
            assert!(text.contains(from), "{file} holds no {from:?}");
            text = text.replace(from, to);
        }
        std::fs::write(&path, text).expect("it is written");
        faults.extend(hold(&format!("{file} {:?}", &changes[..1]), folder.path(), right).err());
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
