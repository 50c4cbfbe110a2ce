//! Reads further files of the kinds in `tests/files`, made here byte by byte: encodings, units of turnover, gaps, names, columns that warn.

use crate::files::{K1, Right, base_folder, hold};
use Right::{Read, Refused};
use std::path::Path;

/// Holds the base with one file replaced to what is right.
fn with(what: &str, file: &str, bytes: &[u8], right: &Right) -> Result<(), String> {
    let folder = base_folder();
    std::fs::write(folder.path().join(file), bytes).expect("it is written");
    hold(what, folder.path(), right).map(drop)
}

fn base(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/base").join(file);
    std::fs::read_to_string(path).expect("the base is there")
}

fn all(cases: Vec<Result<(), String>>) {
    let faults: Vec<String> = cases.into_iter().filter_map(Result::err).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_encoding_is_read_or_named() {
    let positions = "客户号,证券代码,持仓数量\nK1,600000.SH,40000\nK1,000001.SZ,20000\n";
    let traditional = "客戶號,證券代碼,持倉數量\nK1,600000.SH,40000\n";
    let utf16 = |little: bool, mark: bool| -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(positions.encode_utf16());
        units.flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
    };
    let gbk = encoding_rs::GBK.encode(positions).0.into_owned();
    let marked = [&[0xef, 0xbb, 0xbf][..], positions.as_bytes()].concat();
    let cut = utf16(true, true);
    all(vec![
        with("GBK", "positions.csv", &gbk, &Read("read as GBK", K1)),
        with("UTF-8 with a mark", "positions.csv", &marked, &Read("", K1)),
        with("UTF-16 little", "positions.csv", &utf16(true, true), &Read("", K1)),
        with("UTF-16 big", "positions.csv", &utf16(false, true), &Read("", K1)),
        with("UTF-16 without a mark", "positions.csv", &utf16(true, false), &Read("UTF-16", K1)),
        with("UTF-16 cut off", "positions.csv", &cut[..cut.len() - 1], &Refused("positions.csv", "is no whole UTF-16")),
        with("a mark of UTF-8 before GBK", "positions.csv", &[&marked[..3], &gbk].concat(), &Refused("positions.csv", "is not UTF-8")),
        with(
            "headers of another script are asked for",
            "positions.csv",
            &encoding_rs::BIG5.encode(traditional).0,
            &Refused("positions.csv", "`account_id`: is missing"),
        ),
        with(
            "accents or Chinese",
            "accounts.csv",
            b"account_id,tier,cash,loan\nGr\xf6\xdfe,A,1,2\nK2,A,1,2\n",
            &Refused("accounts.csv", "do not tell which"),
        ),
    ]);
}

/// The prices of the base with a turnover beside the volume, one of which counts so much.
fn with_amount(shares: f64, money: f64) -> String {
    let rows = base("prices.csv");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let (close, volume): (f64, f64) = (cells[2].parse().expect("a price"), cells[3].parse().expect("a volume"));
        format!("{},{},{},{},{}\n", cells[0], cells[1], cells[2], volume / shares, close * volume * 1.004 / money)
    };
    "date,symbol,close,volume,amount\n".to_string() + &rows.lines().skip(1).map(row).collect::<String>()
}

#[test]
fn turnover_tells_the_units_or_that_it_does_not_fit() {
    let case = |shares: f64, money: f64, note: &'static str| {
        with(&format!("{shares} shares, {money} money"), "prices.csv", with_amount(shares, money).as_bytes(), &Read(note, K1))
    };
    all(vec![
        case(1.0, 1.0, ""),
        case(100.0, 1.0, "volume is read in units of 100 shares and amount in units of 1"),
        case(100.0, 1e3, "volume is read in units of 100 shares and amount in units of 1000"),
        case(100.0, 1e4, "volume is read in units of 100 shares and amount in units of 10000"),
        case(1.0, 1e3, "volume is read in units of 1 shares and amount in units of 1000"),
        case(1.0, 1e4, "volume is read in units of 1 shares and amount in units of 10000"),
        case(1.0, 7.0, "times volume × close: one of the three is in another unit"),
        case(10.0, 1.0, "times volume × close: one of the three is in another unit"),
    ]);
}

#[test]
fn a_session_without_an_exchange_is_named_wherever_it_lies() {
    let prices = base("prices.csv");
    let without = |day: &str, exchange: &str| -> String {
        prices.split_inclusive('\n').filter(|line| !(line.starts_with(day) && line.contains(exchange))).collect()
    };
    all(vec![
        with("Shanghai midway", "prices.csv", without("2015-03-23", ".SH").as_bytes(), &Read("no .SH symbol has a row on 1 sessions", K1)),
        with("Shenzhen early", "prices.csv", without("2014-12-01", ".SZ").as_bytes(), &Read("(first 2014-12-01", K1)),
        with(
            "Shanghai for a month",
            "prices.csv",
            without("2015-02-", ".SH").as_bytes(),
            &Read("no .SH symbol has a row on 20 sessions", K1),
        ),
        with("a whole month", "prices.csv", without("2015-04-", ".").as_bytes(), &Read("no session for more than 12 days", K1)),
    ]);
}

#[test]
fn names_and_columns_that_warn_are_used_or_refused() {
    let prices = base("prices.csv");
    let named = |name: &str| prices.replace("close,volume", "close,volume,名称").replace(",1000000", &format!(",1000000,{name}"));
    let flagged = |flag: &str| prices.replace("close,volume", "close,volume,复权类型").replace(",1000000", &format!(",1000000,{flag}"));
    let accounts = |header: &str, one: &str, two: &str| {
        format!("account_id,tier,cash,loan,{header}\nK1,A,100000,500000,{one}\nK2,A,50000,300000,{two}\n")
    };
    let owes = "owe securities";
    all(vec![
        with("a name of special treatment", "prices.csv", named("*ST甲").as_bytes(), &Read("count as ST", K1)),
        with("the same in full width", "prices.csv", named("＊ＳＴ甲").as_bytes(), &Read("count as ST", K1)),
        with("a name that starts with the letters", "prices.csv", named("STAR").as_bytes(), &Read("", K1)),
        with("as traded", "prices.csv", flagged("不复权").as_bytes(), &Read("", K1)),
        with("adjusted backwards", "prices.csv", flagged("后复权").as_bytes(), &Refused("prices.csv", "the closes are adjusted")),
        with("adjusted forwards", "prices.csv", flagged("2").as_bytes(), &Refused("prices.csv", "the closes are adjusted")),
        with("debt in securities", "accounts.csv", accounts("融券负债", "0", "1").as_bytes(), &Refused("accounts.csv", owes)),
        with("the same in English", "accounts.csv", accounts("short_value", "5000", "0").as_bytes(), &Refused("accounts.csv", owes)),
        with("no debt in securities", "accounts.csv", accounts("融券市值", "0", "0").as_bytes(), &Read("", K1)),
        with("a ratio that agrees", "accounts.csv", accounts("维保比例", "150.52%", "").as_bytes(), &Read("", K1)),
        with(
            "a ratio that does not",
            "accounts.csv",
            accounts("margin_ratio", "1.8", "").as_bytes(),
            &Read("stated maintenance ratios differ", K1),
        ),
    ]);
}
