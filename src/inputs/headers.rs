//! Matches the headers of a file to the columns of a table: English, Chinese, vendors' names, and the programme's own map.
//!
//! Matching ignores case, spaces and underscores at the ends. A unit behind the name scales the column:
//! `成交额(万元)` is 10,000, `rate(%)` and `rate_pct` are 0.01, `成交量(手)` is 100.

use super::Gather;
use super::header_units::fold;
use super::header_units::{self, Split};
pub use super::roles::*;
use super::shapes::{self, Shape, Unit};
use crate::model::case::Data;
use crate::model::lineage::Note;
use crate::problem::{Kind, Place, Problem, Problems};
use std::collections::BTreeMap;

/// Where a column stands in the file, under which header, and what one unit of it is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    pub index: usize,
    pub header: String,
    pub scale: f64,
    /// The header, or the vendor's shape, says what one unit is.
    pub stated: bool,
    /// Days may be counts of milliseconds, each at midnight in Beijing, as the vendor writes them.
    pub milliseconds: bool,
}

/// The columns found in a file, by canonical name.
pub type Matches = BTreeMap<&'static str, Match>;

/// Checks that `[data.columns]` names files and columns that exist.
pub fn check_overrides(data: &Data, problems: &mut Problems) {
    for (file, map) in &data.columns {
        let key = format!("data.columns.{file}");
        let Some(role) = ROLES.iter().find(|role| role.name == file) else {
            let known: Vec<&str> = ROLES.iter().map(|role| role.name).collect();
            let fix = format!("write one of {}", known.join(", "));
            problems.push(Problem::new(
                Kind::Programme,
                Place::default().field(key),
                "names no input file",
                "columns are mapped by file",
                fix,
            ));
            continue;
        };
        for column in map.keys().filter(|column| role.columns.iter().all(|c| c.name != column.as_str())) {
            let known: Vec<&str> = role.columns.iter().map(|c| c.name).collect();
            let place = Place::default().field(format!("{key}.{column}"));
            let what = format!("`{column}` is no column of {file}");
            problems.push(Problem::new(
                Kind::Programme,
                place,
                what,
                "own headers are given by canonical name",
                format!("write one of {}", known.join(", ")),
            ));
        }
    }
}

/// Finds each column of `role` among `headers`; repeated headers, ambiguous and missing columns are problems.
pub fn find(role: &Role, place: &Place, headers: &[String], data: &Data, gather: &mut Gather) -> Option<Matches> {
    let before = gather.problems.len();
    let plain: Vec<Split> = headers.iter().map(|header| header_units::split(header, &gather.currency)).collect();
    let overrides = data.columns.get(role.name);
    let shape = shapes::of(role.name, headers);
    let mut matches = Matches::new();
    for column in role.columns {
        let shaped = shape.and_then(|shape| shape.find(column.name, headers));
        let found = match overrides.and_then(|map| map.get(column.name)) {
            Some(own) => {
                let index = headers.iter().position(|header| fold(header) == fold(own));
                if index.is_none() {
                    let what = format!("has no header {own:?}");
                    let why = format!("[data.columns.{}] names it for `{}`", role.name, column.name);
                    gather.problems.push(Problem::new(
                        Kind::Data,
                        place.clone().field(column.name),
                        what,
                        why,
                        format!("write one of: {}", headers.join(", ")),
                    ));
                }
                index
            }
            None => shaped.map(|(index, _)| index).or_else(|| unmapped(column, place, headers, &plain, overrides, &mut gather.problems)),
        };
        if let Some(index) = found {
            let Split { stated, unknown, .. } = &plain[index];
            if let Some(unit) = unknown.as_ref().filter(|_| !is_text(column.name)) {
                gather.problems.push(unknown_unit(place, &headers[index], unit));
            }
            let (scale, stated) = (scale_of(&plain[index]), *stated);
            let milliseconds = shaped.is_some_and(|(own, _)| own == index) && shape.is_some_and(|shape| shape.role == "prices");
            matches.insert(column.name, Match { index, header: headers[index].clone(), scale, stated, milliseconds });
        }
    }
    repeated(place, headers, &matches, &mut gather.problems);
    if let Some(shape) = shape {
        apply(shape, headers, &mut matches, place, gather);
    }
    let told = |column: &Column| match (role.name, column.name) {
        ("positions", "account_id") => gather.only_account.is_some(),
        ("accounts", "tier") => gather.only_tier.is_some(),
        _ => false,
    };
    let missing_ones: Vec<&Column> = role.columns.iter().filter(|c| c.required && !matches.contains_key(c.name) && !told(c)).collect();
    for column in missing_ones {
        let named = overrides.is_some_and(|map| map.contains_key(column.name));
        if !named {
            gather.problems.push(missing(role, column.name, place, headers));
        }
    }
    let unused: Vec<&str> = (0..headers.len()).filter(|i| matches.values().all(|m| m.index != *i)).map(|i| headers[i].as_str()).collect();
    let unused: Vec<&str> = unused.into_iter().filter(|header| !header.is_empty()).collect();
    if !unused.is_empty() && gather.problems.len() == before {
        gather.note(
            format!("{}: columns not used: {}", place.file, unused.join(", ")),
            format!("{}：未使用的列：{}", place.file, unused.join("、")),
        );
    }
    (gather.problems.len() == before).then_some(matches)
}

/// How many columns of a role a line of headers names.
pub fn recognised(role: &Role, headers: &[String], data: &Data) -> usize {
    fit(role, headers, data).1
}

/// How many of the columns that a role cannot do without a line of headers names, and how many columns in all.
pub fn fit(role: &Role, headers: &[String], data: &Data) -> (usize, usize) {
    let overrides = data.columns.get(role.name);
    let names = |column: &Column, header: &str| {
        let stem = header_units::split(header, "").stem;
        stem == column.name
            || column.aliases.contains(&stem.as_str())
            || overrides.and_then(|map| map.get(column.name)).is_some_and(|own| fold(own) == fold(header))
    };
    let shape = shapes::of(role.name, headers);
    let shaped = |column: &&Column| shape.is_some_and(|shape| shape.find(column.name, headers).is_some());
    let stands = |column: &&Column| shaped(column) || headers.iter().any(|header| names(column, header));
    let named: Vec<&Column> = role.columns.iter().filter(stands).collect();
    (named.iter().filter(|column| column.required).count(), named.len())
}

/// Columns of days, by canonical name.
pub fn is_day(column: &str) -> bool {
    ["date", "open_date", "maturity_date", "called_on", "resume_date", "list_date"].contains(&column)
}

/// Columns of words, days and codes, by canonical name: no unit scales them and no decimal sign stands in them.
pub fn is_text(column: &str) -> bool {
    const TEXT: [&str; 30] = [
        "",
        "date",
        "symbol",
        "account_id",
        "tier",
        "grade",
        "product",
        "open_date",
        "maturity_date",
        "rulebook",
        "name",
        "board",
        "st",
        "sector",
        "source_id",
        "runnable",
        "symbol_a",
        "symbol_b",
        "suspended",
        "tradestatus",
        "is_st",
        "kind",
        "called_on",
        "adjustflag",
        "detail",
        "settlement",
        "resume_date",
        "list_date",
        "currency",
        "asset_class",
    ];
    TEXT.contains(&column)
}

/// The problem of a column that a table cannot do without.
pub fn missing(role: &Role, name: &str, place: &Place, headers: &[String]) -> Problem {
    let found = if headers.len() > 12 { format!("{}, …", headers[..12].join(", ")) } else { headers.join(", ") };
    let fix = format!("add a column `{name}`, or write [data.columns.{}] {name} = \"your header\"; the file has: {found}", role.name);
    Problem::new(Kind::Data, place.clone().field(name), "is missing", format!("{} need this column", role.name), fix)
}

/// A column that is used has one header; others may repeat theirs, as brokers do with differences in money and in per cent.
fn repeated(place: &Place, headers: &[String], matches: &Matches, problems: &mut Problems) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let used = |index: usize| matches.values().any(|found| found.index == index);
    for (index, header) in headers.iter().enumerate().filter(|(_, header)| !header.is_empty()) {
        if let Some(first) = seen.insert(fold(header), index).filter(|first| used(*first) || used(index)) {
            let what = format!("stands twice, in columns {} and {}", first + 1, index + 1);
            problems.push(Problem::new(
                Kind::Data,
                place.clone().field(header),
                what,
                "a header names one column",
                "rename or delete one of them",
            ));
        }
    }
}

/// The header that stands for `column` by name; two different ones are a problem, but a `ts_code` beside `symbol` is the fuller code.
fn unmapped(
    column: &Column,
    place: &Place,
    headers: &[String],
    plain: &[Split],
    overrides: Option<&BTreeMap<String, String>>,
    problems: &mut Problems,
) -> Option<usize> {
    let taken = |index: usize| overrides.is_some_and(|map| map.values().any(|own| fold(own) == fold(&headers[index])));
    let named = |name: &str| plain.iter().position(|split| split.stem == name).filter(|index| !taken(*index));
    let found: Vec<usize> = std::iter::once(column.name).chain(column.aliases.iter().copied()).filter_map(named).collect();
    if column.name == "symbol"
        && let Some(full) = named("ts_code")
    {
        return Some(full);
    }
    if let [first, second, ..] = found.as_slice() {
        let what = format!("stands twice, as {:?} and {:?}", headers[*first], headers[*second]);
        let why = "two headers mean the same column";
        problems.push(Problem::new(Kind::Data, place.clone().field(column.name), what, why, "delete one, or choose with [data.columns]"));
    }
    found.first().copied()
}

/// Takes the units of a vendor's shape, and says which shape it is and what was read by it.
fn apply(shape: &'static Shape, headers: &[String], matches: &mut Matches, place: &Place, gather: &mut Gather) {
    let turnover = matches.contains_key("amount");
    let (mut en, mut zh) = (Vec::new(), Vec::new());
    for (name, found) in matches.iter_mut() {
        let Some((_, own)) = shape.find(name, headers).filter(|(index, _)| *index == found.index) else { continue };
        let scale = own.unit.scale().filter(|_| !(found.stated || (own.unit == Unit::LotsUnlessTurnover && turnover)));
        if let Some(scale) = scale {
            (found.scale, found.stated) = (scale, true);
            let ((unit, einheit), header) = (own.unit.name(), &found.header);
            en.push(format!("`{header}` {unit}"));
            zh.push(format!("{header} {einheit}"));
        } else if fold(&found.header) != *name {
            en.push(format!("`{}` as {name}", found.header));
            zh.push(format!("{} 作为 {name}", found.header));
        }
    }
    let (name, name_zh) = shape.name;
    let read = |list: Vec<String>, between: &str, before: &str| {
        if list.is_empty() { String::new() } else { format!("{before}{}", list.join(between)) }
    };
    gather.note(
        format!("{}: told by its columns to be {name}{}", place.file, read(en, ", ", ": read ")),
        format!("{}：按列名识别为{name_zh}{}", place.file, read(zh, "、", "，读取：")),
    );
}

fn unknown_unit(place: &Place, header: &str, unit: &str) -> Problem {
    let what = format!("has the unit {unit:?}, which is not known");
    let why = "its numbers would be read as ones";
    let fix = "write 元, 千元, 万元, 百万元, 亿元, 股, 手, 万股 or % behind the name, or the name alone where the numbers are ones of the programme's currency, or shares";
    Problem::new(Kind::Data, place.clone().field(header), what, why, fix)
}

fn scale_of(Split { stem, scale, .. }: &Split) -> f64 {
    match stem.as_str() {
        "amount_k" => 1e3,
        "pct_chg" | "pctchg" => 0.01,
        _ => *scale,
    }
}

impl Gather {
    /// Keeps a sentence for the reader.
    pub fn note(&mut self, en: String, zh: String) {
        self.notes.push(Note { en, zh });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(role: &Role, headers: &str) -> Result<Matches, String> {
        let headers: Vec<String> = headers.split(',').map(String::from).collect();
        let mut gather = Gather::default();
        find(role, &Place::file("a.csv"), &headers, &Data::default(), &mut gather).ok_or_else(|| gather.problems.to_string())
    }

    #[test]
    fn vendor_shapes_and_chinese_headers_need_no_map() {
        let tushare = found(&PRICES, "ts_code,trade_date,open,high,low,close,pre_close,change,pct_chg,vol,amount").unwrap();
        assert_eq!((tushare["volume"].scale, tushare["amount"].scale), (100.0, 1000.0));
        let chinese = found(&PRICES, "日期,代码,收盘,成交额(万元),成交量（手）").unwrap();
        assert_eq!((chinese["amount"].scale, chinese["volume"].scale), (1e4, 100.0));
        let baostock =
            found(&PRICES, "date,code,open,high,low,close,preclose,volume,amount,adjustflag,turn,tradestatus,pctChg,isST").unwrap();
        assert_eq!(baostock["is_st"].index, 13);
        assert_eq!(found(&ACCOUNTS, "客户号,层级,信用等级,现金,融资余额,年利率(%)").unwrap()["rate_annual"].scale, 0.01);
        assert_eq!(found(&INSTRUMENTS, "ts_code,symbol,name,area,industry").unwrap()["symbol"].index, 0);
    }

    #[test]
    fn repeated_and_missing_columns_are_named() {
        assert!(found(&POSITIONS, "account_id,symbol").unwrap_err().contains("`quantity`: is missing"));
        assert!(found(&POSITIONS, "account_id,symbol,quantity,Quantity").unwrap_err().contains("columns 3 and 4"));
        assert!(found(&POSITIONS, "account_id,代码,股票代码,quantity").unwrap_err().contains("stands twice"));
    }
}
