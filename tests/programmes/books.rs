//! Draws a book, its market and the files beside them: odd figures, short histories, names at the edge of what is allowed.

use super::walk::Names;
use levertide::units::Day;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use std::fmt::Write;
use toml::{Table, Value};

/// Codes and their daily limits in prices; beyond it a file as a whole may be refused.
const CODES: &[(&str, f64)] = &[
    ("600000.SH", 0.1),
    ("000001.SZ", 0.1),
    ("300001.SZ", 0.1),
    ("688001.SH", 0.2),
    ("830799.BJ", 0.3),
    ("510300.SH", 0.1),
    ("113009.SH", 0.2),
    ("900901.SH", 0.1),
    ("159915.SZ", 0.1),
    ("00700.HK", 0.3),
    ("AAPL", 0.3),
    ("X", 0.3),
    ("融资标的", 0.3),
];
const AS_OF: [&str; 8] = ["2015-06-12", "2015-09-30", "2020-09-15", "2024-02-07", "2016-01-04", "2008-09-18", "2026-12-28", "2031-05-07"];
pub const TIERS: [&str; 4] = ["A", "B", "C", "Ω 层"];
const GRADES: [&str; 4] = ["g1", "g2", "C", "unrated"];
const PRODUCTS: [&str; 3] = ["standard", "umbrella", "fund 二"];
const SECTORS: [&str; 3] = ["banks", "tech", "unknown"];
/// Paths and sessions of the file of given paths.
pub const GIVEN: (u64, u64) = (8, 12);

pub struct Book {
    pub as_of: String,
    pub data: Table,
    pub names: Names,
    pub files: Vec<(String, String)>,
    pub accounts: usize,
}

struct Symbol {
    code: String,
    limit: f64,
    price: f64,
    sector: &'static str,
}

/// What a file is written of: whether a column is there, and its cells.
struct Sheet {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    fn new(header: &str) -> Sheet {
        Sheet { header: header.split(',').map(String::from).collect(), rows: Vec::new() }
    }

    fn with(&mut self, name: &str, cells: Vec<String>) {
        self.header.push(name.into());
        self.rows.iter_mut().zip(cells).for_each(|(row, cell)| row.push(cell));
    }

    fn csv(&self) -> String {
        let mut text = self.header.join(",") + "\n";
        self.rows.iter().for_each(|row| _ = writeln!(text, "{}", row.join(",")));
        text
    }
}

fn some<'t, T>(rng: &mut ChaCha8Rng, list: &'t [T]) -> &'t T {
    &list[rng.random_range(0..list.len())]
}

/// A positive number of an order of magnitude between two powers of ten, to a few digits.
fn sized(rng: &mut ChaCha8Rng, powers: (f64, f64)) -> f64 {
    let value = libm::pow(10.0, rng.random_range(powers.0..powers.1));
    let scale = libm::pow(10.0, 3.0 - libm::floor(libm::log10(value)));
    (value * scale).round() / scale
}

fn price(rng: &mut ChaCha8Rng) -> f64 {
    match rng.random_range(0..40) {
        0 => 0.01,
        1 => 1e9,
        2 => sized(rng, (-8.0, 9.0)),
        3 => sized(rng, (-2.0, 5.0)),
        _ => (sized(rng, (0.0, 2.0)) * 100.0).round() / 100.0,
    }
}

pub fn draw(rng: &mut ChaCha8Rng) -> Book {
    let as_of = some(rng, &AS_OF).to_string();
    let count = if rng.random_bool(0.2) { 1 } else { rng.random_range(1..=6) };
    let mut symbols: Vec<Symbol> = Vec::new();
    for _ in 0..count {
        let (code, limit) = *some(rng, CODES);
        if symbols.iter().all(|s| s.code != code) {
            symbols.push(Symbol { code: code.into(), limit, price: price(rng), sector: some::<&str>(rng, &SECTORS) });
        }
    }
    let past = match rng.random_range(0..20) {
        0 => rng.random_range(1..5),
        1 => 700,
        _ => rng.random_range(20..150),
    };
    let dates = sessions(&as_of, past);
    let mut book = Book { as_of, data: Table::new(), names: Names::default(), files: Vec::new(), accounts: 0 };
    book.history(&mut symbols, &dates, rng);
    book.instruments(&symbols, rng);
    book.book(&symbols, rng);
    book.further(&symbols, &dates, rng);
    book.spelling(&symbols, rng);
    book.names.symbols = symbols.iter().map(|s| s.code.clone()).collect();
    book.names.sectors = symbols.iter().map(|s| s.sector.to_string()).collect();
    book.names.dates = dates.iter().map(ToString::to_string).collect();
    book
}

fn plus(day: Day, days: i32) -> Day {
    Day::from_epoch_days(day.epoch_days() + days)
}

/// Weekdays up to and with the as-of date.
fn sessions(as_of: &str, past: usize) -> Vec<Day> {
    let mut days = vec![Day::parse(as_of).expect("a date")];
    while days.len() < past {
        let mut day = plus(days[days.len() - 1], -1);
        while !day.is_weekday() {
            day = plus(day, -1);
        }
        days.push(day);
    }
    days.reverse();
    days
}

impl Book {
    fn put(&mut self, key: &str, sheet: &Sheet) {
        self.files.push((format!("{key}.csv"), sheet.csv()));
        self.data.insert(key.into(), Value::String(format!("{key}.csv")));
    }

    /// Prices, returns, or neither.
    fn history(&mut self, symbols: &mut [Symbol], dates: &[Day], rng: &mut ChaCha8Rng) {
        let kind = rng.random_range(0..20);
        if kind == 0 {
            return;
        }
        let returns: Vec<Vec<Option<f64>>> = symbols.iter().map(|s| past(s, dates.len(), rng)).collect();
        if kind <= 2 {
            let mut sheet = Sheet::new("date,symbol,return");
            for (at, date) in dates.iter().enumerate() {
                for (symbol, returns) in symbols.iter().zip(&returns) {
                    let cell = returns[at].map_or(String::new(), |r| r.to_string());
                    sheet.rows.push(vec![date.to_string(), symbol.code.clone(), cell]);
                }
            }
            if rng.random_bool(0.4) {
                let kind = *some(rng, &["simple", "log"]);
                self.data.insert("return-kind".into(), Value::String(kind.into()));
            }
            return self.put("returns", &sheet);
        }
        let mut sheet = Sheet::new("date,symbol,close");
        let mut halted = Vec::new();
        for (symbol, returns) in symbols.iter_mut().zip(&returns) {
            // back from the as-of price, so that it is what was drawn
            let mut closes = vec![symbol.price; dates.len()];
            for at in (1..dates.len()).rev() {
                closes[at - 1] = closes[at] / (1.0 + returns[at].unwrap_or(0.0));
            }
            let digits = if closes.iter().all(|c| *c > 1.0 && *c < 1e6) { 2 } else { 15 };
            let first = if rng.random_bool(0.1) { rng.random_range(0..dates.len()) } else { 0 };
            for (at, close) in closes.iter().enumerate().skip(first) {
                let close = format!("{close:.digits$}");
                sheet.rows.push(vec![dates[at].to_string(), symbol.code.clone(), close]);
                halted.push(returns[at].is_none() && at > first);
            }
        }
        let rows = sheet.rows.len();
        if rng.random_bool(0.5) {
            sheet.with("suspended", halted.iter().map(|h| u8::from(*h).to_string()).collect());
        }
        if rng.random_bool(0.5) {
            let volume = |halted: &bool, rng: &mut ChaCha8Rng| if *halted { 0.0 } else { sized(rng, (3.0, 8.0)).round() };
            sheet.with("volume", halted.iter().map(|h| volume(h, rng).to_string()).collect());
        }
        if rng.random_bool(0.1) {
            sheet.with("adj_factor", vec!["1".into(); rows]);
        }
        if rng.random_bool(0.1) {
            let st = rng.random_bool(0.5);
            sheet.with("is_st", (0..rows).map(|_| u8::from(st).to_string()).collect());
        }
        self.put("prices", &sheet);
    }

    fn instruments(&mut self, symbols: &[Symbol], rng: &mut ChaCha8Rng) {
        let priced = self.data.contains_key("prices") || self.data.contains_key("returns");
        if priced && rng.random_bool(0.2) {
            return;
        }
        let mut sheet = Sheet::new("symbol,sector");
        sheet.rows = symbols.iter().map(|s| vec![s.code.clone(), s.sector.into()]).collect();
        if !priced || rng.random_bool(0.3) {
            sheet.with("price", symbols.iter().map(|s| s.price.to_string()).collect());
        }
        let mut money = |name: &str, share: f64, powers: (f64, f64), rng: &mut ChaCha8Rng| {
            if rng.random_bool(share) {
                let cell = |rng: &mut ChaCha8Rng| if rng.random_bool(0.1) { "0".into() } else { sized(rng, powers).to_string() };
                sheet.with(name, symbols.iter().map(|_| cell(rng)).collect());
            }
        };
        money("adv_amount", if priced { 0.5 } else { 0.9 }, (2.0, 10.0), rng);
        money("free_float_value", 0.4, (4.0, 12.0), rng);
        money("haircut", 0.4, (-3.0, 0.0), rng);
        if rng.random_bool(0.2) {
            sheet.with("st", symbols.iter().map(|_| u8::from(rng.random_bool(0.3)).to_string()).collect());
        }
        if rng.random_bool(0.2) {
            sheet.with("depth_amount", symbols.iter().map(|_| sized(rng, (2.0, 8.0)).to_string()).collect());
        }
        if rng.random_bool(0.15) {
            let date = plus(Day::parse(&self.as_of).expect("a date"), rng.random_range(1..40));
            let cells = symbols.iter().map(|_| if rng.random_bool(0.3) { date.to_string() } else { String::new() });
            sheet.with("resume_date", cells.collect());
        }
        if rng.random_bool(0.15) {
            let boards = ["main", "star", "chinext", "bse", "b", "etf", "etf-20", "fund", "convertible", "none"];
            sheet.with("board", symbols.iter().map(|_| some(rng, &boards).to_string()).collect());
        }
        self.put("instruments", &sheet);
    }

    /// Accounts, positions and funding.
    fn book(&mut self, symbols: &[Symbol], rng: &mut ChaCha8Rng) {
        let count = match rng.random_range(0..10) {
            0 => 1,
            1 => 30,
            _ => rng.random_range(1..=12),
        };
        self.accounts = count;
        let tiers = &TIERS[..rng.random_range(1..=TIERS.len())];
        let as_of = Day::parse(&self.as_of).expect("a date");
        let mut accounts = Sheet::new("account_id,tier,cash,loan");
        let mut positions = Sheet::new("account_id,symbol,quantity");
        let huge = rng.random_bool(0.03);
        let mut lent = vec![0.0; tiers.len()];
        for at in 0..count {
            let id = if at == 0 && rng.random_bool(0.1) { "客户 ü-1".to_string() } else { format!("a{at}") };
            let wealth = if huge { sized(rng, (13.0, 14.9)) } else { sized(rng, (3.0, 8.0)) };
            let held: Vec<&Symbol> = symbols.iter().filter(|_| rng.random_bool(0.6)).collect();
            let mut value = 0.0;
            for symbol in &held {
                let most = 1e13_f64.min(wealth / symbol.price / held.len() as f64);
                let quantity = if most >= 100.0 && rng.random_bool(0.7) { (most / 100.0).floor() * 100.0 } else { most };
                let quantity = if rng.random_bool(0.03) { 0.0 } else { quantity };
                value += quantity * symbol.price;
                positions.rows.push(vec![id.clone(), symbol.code.clone(), quantity.to_string()]);
            }
            let cash = match rng.random_range(0..6) {
                0 => (wealth * rng.random_range(0.0..0.5)).round(),
                1 => 0.01,
                _ => 0.0,
            };
            let loan = match rng.random_range(0..12) {
                0 => 0.0,
                1 => 0.01,
                2 => (value + cash) / rng.random_range(0.8..1.05),
                3 => value + cash,
                _ => (value + cash) / rng.random_range(1.1..3.0),
            };
            let loan = if rng.random_bool(0.8) { (loan * 100.0).round() / 100.0 } else { loan };
            let tier = rng.random_range(0..tiers.len());
            lent[tier] += loan;
            accounts.rows.push(vec![id, tiers[tier].into(), cash.to_string(), loan.to_string()]);
        }
        self.account_columns(&mut accounts, as_of, rng);
        if rng.random_bool(0.3) {
            let cells = positions.rows.iter().map(|row| if rng.random_bool(0.5) { String::new() } else { row[2].clone() });
            let cells: Vec<String> = cells.collect();
            positions.with("sellable_quantity", cells);
        }
        if rng.random_bool(0.4) {
            let cost = |row: &Vec<String>, rng: &mut ChaCha8Rng| {
                let price = symbols.iter().find(|s| s.code == row[1]).map_or(1.0, |s| s.price);
                (price * rng.random_range(0.5..2.0)).to_string()
            };
            let cells = positions.rows.iter().map(|row| cost(row, rng)).collect();
            positions.with("cost", cells);
        }
        self.put("accounts", &accounts);
        self.put("positions", &positions);
        self.names.tiers = tiers.iter().map(ToString::to_string).collect();
        if rng.random_bool(0.8) {
            self.funding(tiers, &lent, as_of, rng);
        }
    }

    fn account_columns(&mut self, accounts: &mut Sheet, as_of: Day, rng: &mut ChaCha8Rng) {
        let count = accounts.rows.len();
        let loans: Vec<f64> = accounts.rows.iter().map(|row| row[3].parse().expect("a number")).collect();
        let mut column = |name: &str, share: f64, cell: &dyn Fn(usize, &mut ChaCha8Rng) -> String, rng: &mut ChaCha8Rng| {
            if rng.random_bool(share) {
                accounts.with(name, (0..count).map(|at| cell(at, rng)).collect());
            }
        };
        let maybe = |text: String, share: f64, rng: &mut ChaCha8Rng| if rng.random_bool(share) { text } else { String::new() };
        if rng.random_bool(0.5) {
            self.names.grades = GRADES.map(String::from).to_vec();
            column("grade", 1.0, &|_, r| some(r, &GRADES).to_string(), rng);
        } else {
            self.names.grades = vec!["unrated".into()];
        }
        if rng.random_bool(0.5) {
            self.names.products = PRODUCTS.map(String::from).to_vec();
            column("product", 1.0, &|_, r| some(r, &PRODUCTS).to_string(), rng);
        } else {
            self.names.products = vec!["standard".into()];
        }
        column("accrued_interest", 0.3, &|at, r| (loans[at] * r.random_range(0.0..0.02)).to_string(), rng);
        column(
            "rate_annual",
            0.5,
            &|_, r| (r.random_range(0..=200) as f64 / if r.random_bool(0.9) { 1000.0 } else { 100.0 }).to_string(),
            rng,
        );
        column("open_date", 0.3, &|_, r| plus(as_of, -r.random_range(0..400)).to_string(), rng);
        column("maturity_date", 0.3, &|_, r| maybe(plus(as_of, r.random_range(1..60)).to_string(), 0.6, r), rng);
        column("called_on", 0.1, &|_, r| maybe(plus(as_of, -r.random_range(0..10)).to_string(), 0.3, r), rng);
        column("own_capital_initial", 0.2, &|at, r| maybe((loans[at] * r.random_range(0.0..2.0)).to_string(), 0.7, r), rng);
        column("high_water_mark", 0.2, &|at, r| maybe((loans[at] * r.random_range(0.0..3.0)).to_string(), 0.7, r), rng);
        column("liquidation", 0.15, &|_, r| maybe(format!("{}%", r.random_range(100..115)), 0.4, r), rng);
        column("warning", 0.1, &|_, r| maybe(format!("{}%", r.random_range(160..190)), 0.4, r), rng);
        column("cure_days", 0.15, &|_, r| maybe(r.random_range(0..5).to_string(), 0.5, r), rng);
        column("restore_to", 0.1, &|_, r| maybe(format!("{}%", r.random_range(140..180)), 0.4, r), rng);
        let rulebook =
            |_: usize, r: &mut ChaCha8Rng| maybe(some(r, &["cn-broker-140-130", "us-reg-t", "cn-umbrella-2to1"]).to_string(), 0.4, r);
        column("rulebook", 0.07, &rulebook, rng);
    }

    fn funding(&mut self, tiers: &[&str], lent: &[f64], as_of: Day, rng: &mut ChaCha8Rng) {
        let mut sheet = Sheet::new("source_id,tier,amount,rate_annual,maturity_date,runnable");
        for (tier, lent) in tiers.iter().zip(lent) {
            for part in 0..rng.random_range(1..=2) {
                let amount = match rng.random_range(0..8) {
                    0 => 0.0,
                    1 => 0.01,
                    2 => lent * 0.1,
                    _ => (lent * rng.random_range(0.4..1.5)).min(1e15),
                };
                let maturity = if rng.random_bool(0.4) { plus(as_of, rng.random_range(0..40)).to_string() } else { String::new() };
                let (rate, runnable) = (rng.random_range(0.0..0.1).to_string(), u8::from(rng.random_bool(0.5)).to_string());
                let source = format!("{tier}{part}");
                self.names.sources.push(source.clone());
                sheet.rows.push(vec![source, tier.to_string(), amount.to_string(), rate, maturity, runnable]);
            }
        }
        self.put("funding", &sheet);
    }

    /// Correlations, implied volatility, a calendar, paths.
    fn further(&mut self, symbols: &[Symbol], dates: &[Day], rng: &mut ChaCha8Rng) {
        if rng.random_bool(0.12) && symbols.len() > 1 {
            let mut sheet = Sheet::new("symbol_a,symbol_b,correlation");
            for a in 0..symbols.len() {
                for b in a + 1..symbols.len() {
                    let (rho, end) = (rng.random_range(-1.0..1.0_f64), *some(rng, &[-1.0, 0.0, 1.0]));
                    let rho = if rng.random_bool(0.2) { end } else { rho };
                    sheet.rows.push(vec![symbols[a].code.clone(), symbols[b].code.clone(), rho.to_string()]);
                }
            }
            self.put("correlations", &sheet);
        }
        if rng.random_bool(0.2) && self.data.keys().any(|k| k == "prices" || k == "returns") {
            let mut sheet = Sheet::new("date,symbol,implied_volatility");
            for date in &dates[dates.len().saturating_sub(3)..] {
                sheet.rows.push(vec![date.to_string(), String::new(), sized(rng, (-2.0, 0.6)).to_string()]);
                if rng.random_bool(0.5) {
                    let code = some(rng, symbols).code.clone();
                    sheet.rows.push(vec![date.to_string(), code, sized(rng, (-2.0, 0.6)).to_string()]);
                }
            }
            self.put("implied-volatility", &sheet);
        }
        match rng.random_range(0..20) {
            0 => {
                let mut sheet = Sheet::new("date");
                let from = dates[0];
                let days = (0..from.calendar_days_until(dates[dates.len() - 1]) + 60).map(|d| plus(from, d));
                let last = dates[dates.len() - 1];
                sheet.rows = days.filter(|d| *d == last || (d.is_weekday() && rng.random_bool(0.9))).map(|d| vec![d.to_string()]).collect();
                self.put("calendar", &sheet);
            }
            1..6 => {
                let word = *some(rng, &["cn", "hk", "us", "kr", "tw", "weekdays"]);
                self.data.insert("calendar".into(), Value::String(word.into()));
            }
            _ => {}
        }
        self.files.push(("paths.csv".into(), paths(symbols, rng)));
    }

    /// How files are read: keys that change nothing here, and a header of one's own.
    fn spelling(&mut self, symbols: &[Symbol], rng: &mut ChaCha8Rng) {
        let mut key = |name: &str, share: f64, value: Value, rng: &mut ChaCha8Rng| {
            if rng.random_bool(share) {
                self.data.insert(name.into(), value);
            }
        };
        let encoding = *some(rng, &["auto", "utf-8"]);
        key("encoding", 0.1, Value::String(encoding.into()), rng);
        let decimal = *some(rng, &["auto", "point"]);
        key("decimal", 0.4, Value::String(decimal.into()), rng);
        let least = *some(rng, &[0, 1, 10, 60, 300]);
        key("min-returns", 0.3, Value::Integer(least), rng);
        let runs = *some(rng, &["leave-out", "keep"]);
        key("listing-runs", 0.1, Value::String(runs.into()), rng);
        key("root", 0.05, Value::String(".".into()), rng);
        let first = [("accounts".to_string(), Value::Integer(1))].into_iter().collect();
        key("header-row", 0.05, Value::Table(first), rng);
        if rng.random_bool(0.15) {
            let other = some(rng, symbols).code.clone();
            let proxy = some(rng, &["sector".to_string(), "board".into(), "market".into(), other]).clone();
            let proxies = [(some(rng, symbols).code.clone(), Value::String(proxy))].into_iter().collect();
            self.data.insert("proxies".into(), Value::Table(proxies));
        }
        if rng.random_bool(0.05) {
            let (_, text) = self.files.iter_mut().find(|(name, _)| name == "accounts.csv").expect("there are accounts");
            *text = text.replacen(",loan", ",Kredit €", 1);
            let own = [("loan".to_string(), Value::String("Kredit €".into()))].into_iter().collect();
            self.data.insert("columns".into(), Value::Table([("accounts".to_string(), Value::Table(own))].into_iter().collect()));
        }
    }
}

/// Daily returns of a symbol; none where it is halted.
fn past(symbol: &Symbol, days: usize, rng: &mut ChaCha8Rng) -> Vec<Option<f64>> {
    let volatility = *some(rng, &[0.0, 0.005, 0.02, 0.02, 0.03]);
    let halts = *some(rng, &[0.0, 0.0, 0.03]);
    let most = 0.95 * symbol.limit;
    let mut day = || {
        if rng.random_bool(halts) {
            return None;
        }
        let moved = volatility * rng.random_range(-1.8..1.8_f64);
        let jump = if rng.random_bool(0.01) { *some(rng, &[-1.0, 1.0]) * most } else { 0.0 };
        Some((moved + jump).clamp(-most, most))
    };
    (0..days).map(|_| day()).collect()
}

fn paths(symbols: &[Symbol], rng: &mut ChaCha8Rng) -> String {
    let mut sheet = Sheet::new("path,day,symbol,return,halted,locked_down,volume");
    for path in 0..GIVEN.0 {
        for day in 1..=GIVEN.1 {
            for symbol in symbols {
                let halted = rng.random_bool(0.05);
                let end = *some(rng, &[-1.0, -0.9999, 10.0, 0.0]);
                let moved = if rng.random_bool(0.01) { end } else { rng.random_range(-0.12..0.1) };
                let moved = if halted { 0.0 } else { moved };
                let locked = u8::from(!halted && rng.random_bool(0.03));
                let volume = if rng.random_bool(0.05) { 0.0 } else { rng.random_range(0.1..3.0) };
                let cells = [path.to_string(), day.to_string(), symbol.code.clone(), moved.to_string()];
                let flags = [u8::from(halted).to_string(), locked.to_string(), volume.to_string()];
                sheet.rows.push(cells.into_iter().chain(flags).collect());
            }
        }
    }
    sheet.csv()
}
