//! Writes one table in one of the ways desks and vendors write it, with the same meaning to the last digit.

use crate::mutations::good::Sheet;
use crate::support::containers::{self, Book, Cell};
use encoding_rs::{BIG5, GB18030, WINDOWS_1252};
use levertide::units::Day;
use polars::prelude::*;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use std::collections::BTreeMap;
use std::path::Path;

/// Which letters the texts of a book are made of: what each encoding can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letters {
    Simplified,
    Traditional,
    Western,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Bom,
    Utf16Le,
    Utf16Be,
    Gbk,
    Big5,
    Windows1252,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    Csv,
    Tsv,
    Txt,
    Gzip,
    Zstd,
    Parquet,
    Arrow,
    Feather,
    Xlsx,
    Xls,
    Ods,
}

impl Container {
    const ALL: [Container; 12] = [
        Container::Csv,
        Container::Csv,
        Container::Tsv,
        Container::Txt,
        Container::Gzip,
        Container::Zstd,
        Container::Parquet,
        Container::Arrow,
        Container::Feather,
        Container::Xlsx,
        Container::Xls,
        Container::Ods,
    ];

    /// Whether it holds text, in an encoding.
    pub fn is_text(self) -> bool {
        use Container::{Csv, Gzip, Tsv, Txt, Zstd};
        matches!(self, Csv | Tsv | Txt | Gzip | Zstd)
    }

    fn ending(self) -> &'static str {
        match self {
            Container::Csv => "csv",
            Container::Tsv => "tsv",
            Container::Txt => "txt",
            Container::Gzip => "csv.gz",
            Container::Zstd => "csv.zst",
            Container::Parquet => "parquet",
            Container::Arrow => "arrow",
            Container::Feather => "feather",
            Container::Xlsx => "xlsx",
            Container::Xls => "xls",
            Container::Ods => "ods",
        }
    }
}

/// The decimal sign of a programme's files, and what its `[data] decimal` says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decimal {
    Point,
    /// Declared: thousands are parted.
    PointGrouped,
    Comma,
    CommaGrouped,
}

impl Decimal {
    pub fn declared(self) -> Option<&'static str> {
        match self {
            Decimal::Point | Decimal::Comma => None,
            Decimal::PointGrouped => Some("point"),
            Decimal::CommaGrouped => Some("comma"),
        }
    }

    fn is_comma(self) -> bool {
        matches!(self, Decimal::Comma | Decimal::CommaGrouped)
    }
}

/// How one file is written.
#[derive(Clone, Debug)]
pub struct Manner {
    pub container: Container,
    pub encoding: Encoding,
    pub decimal: Decimal,
    separator: char,
    quoted: bool,
    windows_lines: bool,
    preamble: bool,
    /// By canonical name: the header, and how many digits the point moves to the left.
    headers: BTreeMap<String, (String, i32)>,
    dates: BTreeMap<String, usize>,
    symbols: usize,
    flags: usize,
    order: usize,
}

/// Other headers of a column; none of them is a vendor's mark of another unit.
const ALIASES: &[(&str, &str, &[&str])] = &[
    ("prices", "date", &["trade_date", "日期", "交易日期"]),
    ("*", "symbol", &["code", "ticker", "证券代码", "股票代码"]),
    ("prices", "open", &["开盘价"]),
    ("prices", "high", &["high_price", "最高价"]),
    ("prices", "low", &["low_price", "最低价"]),
    ("prices", "close", &["Close", "close_price", "收盘价"]),
    ("prices", "preclose", &["pre_close", "昨收", "前收盘价"]),
    ("prices", "volume", &["Vol", "成交量"]),
    ("prices", "amount", &["成交额", "成交金额"]),
    ("prices", "adj_factor", &["adjust_factor", "复权因子"]),
    ("prices", "tradestatus", &["trade_status", "交易状态"]),
    ("prices", "is_st", &["isST", "是否ST"]),
    ("instruments", "name", &["证券简称"]),
    ("instruments", "board", &["板块"]),
    ("instruments", "sector", &["industry", "所属行业"]),
    ("instruments", "haircut", &["折算率"]),
    ("instruments", "adv_amount", &["日均成交额"]),
    ("instruments", "free_float_value", &["流通市值"]),
    ("instruments", "list_date", &["ipo_date", "上市日期"]),
    ("*", "account_id", &["client_id", "客户号", "账户编号"]),
    ("*", "tier", &["层级"]),
    ("accounts", "grade", &["信用等级"]),
    ("accounts", "cash", &["现金", "资金余额"]),
    ("accounts", "loan", &["debt", "融资余额"]),
    ("accounts", "accrued_interest", &["应计利息"]),
    ("*", "rate_annual", &["annual_rate", "年利率"]),
    ("accounts", "open_date", &["opened", "开仓日"]),
    ("*", "maturity_date", &["due_date", "到期日"]),
    ("accounts", "stated_ratio", &["维持担保比例"]),
    ("positions", "quantity", &["Shares", "持仓数量"]),
    ("positions", "sellable_quantity", &["可卖数量"]),
    ("positions", "cost", &["cost_price", "成本价"]),
    ("positions", "stated_value", &["market_value", "市值"]),
    ("funding", "source_id", &["资金方"]),
    ("funding", "amount", &["资金金额"]),
    ("funding", "runnable", &["可挤兑"]),
];

const DATES: [&str; 5] = ["date", "open_date", "maturity_date", "list_date", "resume_date"];
const FLAGS: [&str; 4] = ["tradestatus", "is_st", "st", "runnable"];
const TEXTS: [&str; 9] = ["account_id", "symbol", "tier", "grade", "name", "board", "sector", "source_id", "adjustflag"];

/// Units behind a header, with the digits the point moves to the left.
const MONEY: &[(&str, i32)] =
    &[("(元)", 0), ("（万元）", 4), ("[千元]", 3), ("(百万元)", 6), (" (thousand)", 3), ("_millions", 6), ("(CNY)", 0)];
const SHARES: &[(&str, i32)] = &[("(股)", 0), ("(手)", 2), ("_lots", 2), ("[万股]", 4), (" (shares)", 0)];
const RATIOS: &[(&str, i32)] = &[("(%)", -2), ("_pct", -2), ("（bp）", -4)];
const PRICES: &[(&str, i32)] = &[("(元)", 0), ("(元/股)", 0)];

fn units(column: &str) -> &'static [(&'static str, i32)] {
    match column {
        "cash" | "loan" | "accrued_interest" | "amount" | "adv_amount" | "free_float_value" | "stated_value" => MONEY,
        "volume" | "quantity" | "sellable_quantity" => SHARES,
        "haircut" | "rate_annual" => RATIOS,
        "open" | "high" | "low" | "close" | "preclose" | "cost" => PRICES,
        _ => &[],
    }
}

fn some<'t, T>(rng: &mut ChaCha8Rng, list: &'t [T]) -> &'t T {
    &list[rng.random_range(0..list.len())]
}

impl Manner {
    pub fn draw(name: &str, sheet: &Sheet, letters: Letters, decimal: Decimal, rng: &mut ChaCha8Rng) -> Manner {
        let container = *some(rng, &Container::ALL);
        let unicode = [Encoding::Utf8, Encoding::Bom, Encoding::Utf16Le, Encoding::Utf16Be];
        let encoding = match letters {
            _ if rng.random_bool(0.5) => *some(rng, &unicode),
            Letters::Simplified => Encoding::Gbk,
            Letters::Traditional => Encoding::Big5,
            Letters::Western => Encoding::Windows1252,
        };
        let separator = match container {
            Container::Tsv => '\t',
            _ if decimal.is_comma() => *some(rng, &[';', '\t']),
            _ => *some(rng, &[',', ',', ';', '\t']),
        };
        let chinese = !container.is_text() || matches!(encoding, Encoding::Gbk) || unicode.contains(&encoding);
        let mut headers = BTreeMap::new();
        for column in &sheet.header {
            let names: Vec<&str> = ALIASES
                .iter()
                .filter(|(sheet, of, _)| (*sheet == "*" || *sheet == name) && of == column)
                .flat_map(|(.., names)| names.iter().copied())
                .filter(|alias| chinese || alias.is_ascii())
                .collect();
            let header = if names.is_empty() || rng.random_bool(0.5) { column.clone() } else { some(rng, &names).to_string() };
            let units: Vec<&(&str, i32)> = units(column).iter().filter(|(unit, _)| chinese || unit.is_ascii()).collect();
            let (unit, shift) = if units.is_empty() || rng.random_bool(0.5) { ("", 0) } else { **some(rng, &units) };
            headers.insert(column.clone(), (format!("{header}{unit}"), shift));
        }
        let dates = DATES.iter().map(|column| (column.to_string(), rng.random_range(0..11))).collect();
        Manner {
            container,
            encoding,
            decimal,
            separator,
            quoted: rng.random_bool(0.2),
            windows_lines: rng.random_bool(0.3),
            preamble: rng.random_bool(0.15),
            headers,
            dates,
            // the market's own names are those of the prices: a bare code stays one
            symbols: if name == "prices" { rng.random_range(0..7) } else { rng.random_range(0..8) },
            flags: rng.random_range(0..4),
            order: rng.random_range(0..3),
        }
    }

    /// The name of the file.
    pub fn file(&self, name: &str) -> String {
        format!("{name}.{}", self.container.ending())
    }

    pub fn write(&self, name: &str, sheet: &Sheet, folder: &Path, rng: &mut ChaCha8Rng) {
        let mut rows = sheet.rows.clone();
        match self.order {
            0 => {}
            1 => rows.shuffle(rng),
            _ => rows.reverse(),
        }
        let path = folder.join(self.file(name));
        let bytes = match self.container {
            Container::Gzip => containers::gzip(&self.text(sheet, &rows)),
            Container::Zstd => containers::zstd(&self.text(sheet, &rows)),
            Container::Parquet => {
                let mut bytes = Vec::new();
                ParquetWriter::new(&mut bytes).finish(&mut self.frame(sheet, &rows)).expect("it is written");
                bytes
            }
            Container::Arrow => self.arrow(sheet, &rows, None),
            Container::Feather => self.arrow(sheet, &rows, Some(IpcCompression::LZ4)),
            Container::Xlsx => containers::xlsx(&self.book(sheet, &rows)),
            Container::Xls => containers::xls(&self.book(sheet, &rows)),
            Container::Ods => containers::ods(&self.book(sheet, &rows)),
            _ => self.text(sheet, &rows),
        };
        std::fs::write(path, bytes).expect("a scratch folder can be written");
    }

    fn text(&self, sheet: &Sheet, rows: &[Vec<String>]) -> Vec<u8> {
        let end = if self.windows_lines { "\r\n" } else { "\n" };
        let mut text = String::new();
        if self.preamble {
            text += &format!("weekly export{end}{end}");
        }
        let header: Vec<String> = sheet.header.iter().map(|column| self.headers[column].0.clone()).collect();
        let lines = std::iter::once(header).chain(rows.iter().map(|row| self.cells(sheet, row)));
        for cells in lines {
            let cells: Vec<String> = cells.into_iter().map(|cell| self.quote(cell)).collect();
            text += &cells.join(&self.separator.to_string());
            text += end;
        }
        self.encode(&text)
    }

    fn quote(&self, cell: String) -> String {
        if self.quoted || cell.contains([self.separator, '"']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
    }

    fn encode(&self, text: &str) -> Vec<u8> {
        let other = |encoding: &'static encoding_rs::Encoding| {
            let (bytes, _, lost) = encoding.encode(text);
            assert!(!lost, "{encoding:?} cannot hold {text}");
            bytes.into_owned()
        };
        match self.encoding {
            Encoding::Utf8 => text.as_bytes().to_vec(),
            Encoding::Bom => [&[0xef, 0xbb, 0xbf], text.as_bytes()].concat(),
            Encoding::Utf16Le => std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be => std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect(),
            Encoding::Gbk => other(GB18030),
            Encoding::Big5 => other(BIG5),
            Encoding::Windows1252 => other(WINDOWS_1252),
        }
    }

    fn cells(&self, sheet: &Sheet, row: &[String]) -> Vec<String> {
        let cell = |(column, cell): (&String, &String)| match column.as_str() {
            _ if cell.is_empty() => String::new(),
            column if DATES.contains(&column) => self.date(column, cell),
            "symbol" => self.symbol(cell),
            column if FLAGS.contains(&column) => self.flag(column, cell),
            column if TEXTS.contains(&column) => cell.clone(),
            column => self.number(column, cell),
        };
        sheet.header.iter().zip(row).map(cell).collect()
    }

    fn date(&self, column: &str, cell: &str) -> String {
        let (year, month, day) = Day::parse(cell).expect("a date").ymd();
        match self.dates[column] {
            0 => format!("{year}{month:02}{day:02}"),
            1 => format!("{year}/{month}/{day}"),
            2 if self.headers[column].0.is_ascii() => format!("{day:02}.{month:02}.{year}"),
            2 => format!("{year}年{month}月{day}日"),
            3 => format!("{day:02}.{month:02}.{year}"),
            4 => format!("{cell} 0:00"),
            5 => format!("{cell}T00:00:00+08:00"),
            6 if !self.decimal.is_comma() => format!("{year}{month:02}{day:02}.0"),
            _ => cell.to_string(),
        }
    }

    fn symbol(&self, cell: &str) -> String {
        let Some((code, mark)) = cell.split_once('.') else { return cell.to_string() };
        match self.symbols {
            0 => format!("{mark}{code}"),
            1 => format!("{}.{code}", mark.to_lowercase()),
            2 => format!("{code}.{}", if mark == "SH" { "XSHG" } else { "XSHE" }),
            3 => format!("{code}.{}", if mark == "SH" { "SS" } else { "SZ" }),
            4 => format!("'{cell}"),
            5 => format!("{mark}SE.{code}"),
            6 => cell.to_lowercase(),
            7 => code.to_string(),
            _ => cell.to_string(),
        }
    }

    fn flag(&self, column: &str, cell: &str) -> String {
        let yes = cell == "1";
        let chinese = matches!(self.encoding, Encoding::Gbk | Encoding::Utf8 | Encoding::Bom | Encoding::Utf16Le | Encoding::Utf16Be);
        let (on, off) = match (self.flags, column) {
            (0, "tradestatus") if chinese => ("交易", "停牌"),
            (0, _) if chinese => ("是", "否"),
            (1, _) => ("TRUE", "FALSE"),
            (2, _) => ("yes", "no"),
            _ => ("1", "0"),
        };
        if yes { on.into() } else { off.into() }
    }

    fn number(&self, column: &str, cell: &str) -> String {
        let (digits, sign) = cell.strip_suffix('%').map_or((cell, ""), |digits| (digits, "%"));
        let moved = shifted(digits, self.headers[column].1);
        let (whole, fraction) = moved.split_once('.').unwrap_or((&moved, ""));
        let grouped = matches!(self.decimal, Decimal::PointGrouped | Decimal::CommaGrouped);
        let (point, mark) = if self.decimal.is_comma() { (",", ".") } else { (".", ",") };
        let whole = if grouped { group(whole, mark) } else { whole.to_string() };
        if fraction.is_empty() { format!("{whole}{sign}") } else { format!("{whole}{point}{fraction}{sign}") }
    }

    fn arrow(&self, sheet: &Sheet, rows: &[Vec<String>], compression: Option<IpcCompression>) -> Vec<u8> {
        let mut bytes = Vec::new();
        IpcWriter::new(&mut bytes).with_compression(compression).finish(&mut self.frame(sheet, rows)).expect("it is written");
        bytes
    }

    /// A sheet as a person keeps it: numbers as numbers, days as days, in per cent what is in per cent.
    fn book(&self, sheet: &Sheet, rows: &[Vec<String>]) -> Book {
        let header = sheet.header.iter().map(|name| Cell::Text(self.headers[name].0.clone())).collect();
        let row = |row: &Vec<String>| sheet.header.iter().zip(row).map(|(name, cell)| self.cell(name, cell)).collect();
        let above = self.preamble.then(|| vec![Cell::Text("weekly export".into())]);
        let rows = above.into_iter().chain([header]).chain(rows.iter().map(row)).collect();
        Book { sheets: vec![containers::Sheet::new("data", rows)], counts_from_1904: self.quoted && self.container != Container::Ods }
    }

    fn cell(&self, name: &str, cell: &str) -> Cell {
        if cell.is_empty() {
            return Cell::Empty;
        }
        match name {
            name if DATES.contains(&name) && self.dates[name] < 5 => Cell::Day(Day::parse(cell).expect("a date")),
            name if DATES.contains(&name) => Cell::Text(self.date(name, cell)),
            "symbol" => Cell::Text(self.symbol(cell)),
            name if FLAGS.contains(&name) && self.flags == 1 => Cell::Bool(cell == "1"),
            name if FLAGS.contains(&name) => Cell::Text(self.flag(name, cell)),
            name if TEXTS.contains(&name) => Cell::Text(cell.into()),
            name => match cell.strip_suffix('%') {
                // an .xls does not tell how a number is shown
                Some(digits) if self.flags == 0 && self.container != Container::Xls => {
                    Cell::Percent(shifted(digits, 2).parse().expect("a number"))
                }
                Some(_) => Cell::Text(self.number(name, cell)),
                None if self.decimal.declared().is_some() && self.flags == 2 => Cell::Text(self.number(name, cell)),
                None => Cell::Number(shifted(cell, self.headers[name].1).parse().expect("a number")),
            },
        }
    }

    fn frame(&self, sheet: &Sheet, rows: &[Vec<String>]) -> DataFrame {
        let column = |(at, name): (usize, &String)| {
            let cells: Vec<&str> = rows.iter().map(|row| row[at].as_str()).collect();
            let header = PlSmallStr::from(self.headers[name].0.as_str());
            match name.as_str() {
                name if DATES.contains(&name) => self.stored_date(name, header, &cells),
                "symbol" => Column::new(header, cells.iter().map(|cell| self.symbol(cell)).collect::<Vec<_>>()),
                name if FLAGS.contains(&name) && self.flags == 1 => {
                    Column::new(header, cells.iter().map(|c| *c == "1").collect::<Vec<_>>())
                }
                name if TEXTS.contains(&name) || FLAGS.contains(&name) => Column::new(header, cells),
                name if cells.iter().any(|cell| cell.ends_with('%')) => {
                    Column::new(header, cells.iter().map(|cell| self.number(name, cell)).collect::<Vec<_>>())
                }
                name => {
                    let moved: Vec<String> = cells.iter().map(|cell| shifted(cell, self.headers[name].1)).collect();
                    if moved.iter().all(|cell| !cell.contains('.') && !cell.is_empty()) {
                        Column::new(header, moved.iter().map(|cell| cell.parse::<i64>().expect("whole")).collect::<Vec<_>>())
                    } else {
                        Column::new(header, moved.iter().map(|cell| cell.parse::<f64>().ok()).collect::<Vec<_>>())
                    }
                }
            }
        };
        let columns: Vec<Column> = sheet.header.iter().enumerate().map(column).collect();
        DataFrame::new(rows.len(), columns).expect("columns of one length")
    }

    /// Days as dates, as midnights without a zone, and as midnights of a zone, which in UTC are hours of the day before or the same.
    fn stored_date(&self, name: &str, header: PlSmallStr, cells: &[&str]) -> Column {
        let days: Vec<Option<i32>> = cells.iter().map(|cell| Day::parse(cell).map(Day::epoch_days)).collect();
        let (unit, per_day, zone, hours) = match self.dates[name] {
            0 => (TimeUnit::Milliseconds, 86_400_000_i64, None, 0),
            1 => (TimeUnit::Microseconds, 86_400_000_000, None, 0),
            2 => (TimeUnit::Nanoseconds, 86_400_000_000_000, None, 0),
            3 => return Column::new(header, cells.iter().map(|cell| self.date(name, cell)).collect::<Vec<_>>()),
            4 => (TimeUnit::Milliseconds, 86_400_000, Some("Asia/Shanghai"), -8),
            5 => (TimeUnit::Microseconds, 86_400_000_000, Some("+08:00"), -8),
            6 => (TimeUnit::Nanoseconds, 86_400_000_000_000, Some("America/New_York"), 5),
            7 => (TimeUnit::Milliseconds, 86_400_000, Some("UTC"), 0),
            _ => return Column::new(header, days).cast(&DataType::Date).expect("a count of days is a date"),
        };
        let counts: Vec<Option<i64>> = days.into_iter().map(|day| day.map(|day| i64::from(day) * per_day + per_day / 24 * hours)).collect();
        let zone = TimeZone::opt_try_new(zone).expect("no zone is checked");
        // a cast would let the zone fall
        Series::new(header, counts).into_datetime(unit, zone).into_column()
    }
}

/// A decimal number whose point moves so many digits to the left.
pub fn shifted(digits: &str, by: i32) -> String {
    if by == 0 || digits.is_empty() {
        return digits.to_string();
    }
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut all = format!("{whole}{fraction}");
    let mut point = whole.len() as i32 - by;
    while point <= 0 {
        all.insert(0, '0');
        point += 1;
    }
    while all.len() < point as usize {
        all.push('0');
    }
    let (whole, fraction) = all.split_at(point as usize);
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

fn group(whole: &str, mark: &str) -> String {
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out += mark;
        }
        out.push(digit);
    }
    out
}
