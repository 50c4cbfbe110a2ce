//! Reads prices or returns, long or wide, into quotes addressed by day and symbol.

use super::Gather;
use super::cells::{self, Rule};
use super::header_units::fold;
use super::headers::{self, Match, PRICES, RETURNS, Role};
use super::opened::{self, Opened};
use super::quotes::{NONE, Quotes};
use super::table::Table;
use super::turnover;
use crate::model::case::{Programme, ReturnKind};
use crate::problem::{Kind, Place, Problem};
use crate::units::Day;
use std::collections::BTreeSet;

/// The most cells of days × symbols that are laid out.
const MOST_CELLS: usize = 1 << 28;

const PRICE: Rule =
    Rule::any("a price is a number above zero and at most 1e9", "write the price per share").at_least(0.0).at_most(1e9).or_empty();
const AMOUNT: Rule =
    Rule::any("it is a number, zero or more", "write the day's total, or leave the cell empty").at_least(0.0).at_most(1e18).or_empty();
const FACTOR: Rule = Rule::any("an adjustment factor is a number above zero", "write the factor, or leave the column out")
    .above(1e-9)
    .at_most(1e9)
    .or_empty();
const SIDE: Rule = Rule::any("the side of a price limit is -1, 0 or 1", "write -1 for the lower limit, 1 for the upper, 0 for neither")
    .at_least(-1.0)
    .at_most(1.0)
    .or_empty();
const SIMPLE: Rule = Rule::any("a simple return is a fraction above -1", "write 0.012 or 1.2%, or set [data] return-kind = \"log\"")
    .above(-1.0)
    .at_most(1e6)
    .ratio()
    .or_empty();
const LOG: Rule =
    Rule::any("a log return is a finite number", "write ln(close / previous close)").at_least(-30.0).at_most(30.0).ratio().or_empty();

/// Reads the programme's prices, or its returns.
pub fn read(programme: &Programme, gather: &mut Gather) -> Option<Quotes> {
    let data = &programme.data;
    let (role, written) = match (&data.prices, &data.returns) {
        (Some(_), Some(_)) => {
            let place = Place::default().field("data.returns");
            let why = "a history comes from one of the two";
            gather.problems.push(Problem::new(
                Kind::Programme,
                place,
                "stands beside data.prices",
                why,
                "delete data.prices or data.returns",
            ));
            return None;
        }
        (Some(prices), None) => (&PRICES, prices),
        (None, Some(returns)) => (&RETURNS, returns),
        (None, None) => return Some(Quotes::default()),
    };
    let before = gather.problems.len();
    let opened = opened::open(role, written, &programme.folder, data, gather)?;
    let own = data.columns.get(role.name);
    let quotes = match wide_date(role, &opened.headers).filter(|_| own.is_none()) {
        Some(date) => read_wide(role, opened, date, data.return_kind, gather),
        None => read_long(role, opened, programme, gather),
    };
    quotes.filter(|_| gather.problems.len() == before)
}

/// The date column of a wide table: one that has no column of symbols and none of closes or returns.
fn wide_date(role: &Role, headers: &[String]) -> Option<usize> {
    let named = |name: &str| {
        let column = role.columns.iter().find(|c| c.name == name)?;
        headers.iter().position(|h| fold(h) == column.name || column.aliases.contains(&fold(h).as_str()))
    };
    let values = if role.name == "prices" { ["close", "adj_close"] } else { ["return", "return"] };
    if named("symbol").is_some() || values.iter().any(|v| named(v).is_some()) || headers.len() < 2 {
        return None;
    }
    named("date").or_else(|| headers[0].is_empty().then_some(0))
}

fn value_rule(role: &Role, kind: ReturnKind) -> &'static Rule {
    match (role.name, kind) {
        ("prices", _) => &PRICE,
        (_, ReturnKind::Simple) => &SIMPLE,
        (_, ReturnKind::Log) => &LOG,
    }
}

fn read_wide(role: &Role, opened: Opened, date: usize, kind: ReturnKind, gather: &mut Gather) -> Option<Quotes> {
    let place = opened.place.clone();
    let headers = opened.headers.clone();
    let mut wanted =
        vec![(String::new(), Match { index: date, header: headers[date].clone(), scale: 1.0, stated: false, milliseconds: false })];
    let mut seen = BTreeSet::new();
    for (index, header) in headers.iter().enumerate().filter(|(index, _)| *index != date) {
        let symbol = cells::symbol(header);
        if let Some((what, why, fix)) = cells::bad_id(&symbol) {
            gather.problems.push(Problem::new(Kind::Data, place.clone().field(format!("column {}", index + 1)), what, why, fix));
        } else if !seen.insert(symbol.clone()) {
            gather.problems.push(Problem::new(
                Kind::Data,
                place.clone().field(header),
                "stands twice",
                "a symbol has one column",
                "delete one of the columns",
            ));
        }
        wanted.push((symbol, Match { index, header: header.clone(), scale: 1.0, stated: false, milliseconds: false }));
    }
    let table = opened.select(wanted, gather)?;
    let dates = table.days("", false, gather)?;
    let symbols: Vec<String> = seen.into_iter().collect();
    let (mut rows, mut day_of, mut symbol_of, mut lines) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (s, symbol) in symbols.iter().enumerate() {
        let values = table.numbers(symbol, value_rule(role, kind), gather).expect("every symbol is a column");
        for (row, value) in values.into_iter().enumerate().filter(|(_, v)| !v.is_nan()) {
            if role.name == "prices" && value == 0.0 {
                gather.problems.push(table.problem(row, symbol, "found 0", PRICE.why, "leave the cell empty where there is no price"));
            }
            rows.push(value);
            day_of.push(dates[row]);
            symbol_of.push(s as u32);
            lines.push(row as u32);
        }
    }
    let mut quotes = Quotes { file: table.file.clone(), symbols, ..Quotes::default() };
    quotes.lay_out(&day_of, &symbol_of, |row| (table.line(lines[row] as usize), table.place(lines[row] as usize, "")), gather)?;
    if role.name == "prices" {
        quotes.close = rows;
    } else {
        quotes.simple_return = simple(rows, kind);
    }
    Some(quotes)
}

fn read_long(role: &Role, opened: Opened, programme: &Programme, gather: &mut Gather) -> Option<Quotes> {
    let (place, headers) = (opened.place.clone(), opened.headers.clone());
    let mut matches = headers::find(role, &place, &headers, &programme.data, gather)?;
    let all = matches.clone();
    matches.remove("open");
    if matches.contains_key("is_st") {
        matches.remove("name");
    }
    let value = match role.name {
        "prices" if !matches.contains_key("close") && matches.contains_key("adj_close") => "adj_close",
        "prices" => "close",
        _ => "return",
    };
    if !matches.contains_key(value) {
        gather.problems.push(headers::missing(role, value, &place, &headers));
        return None;
    }
    let mut table = opened.columns(&matches, gather)?;
    let mut quotes = Quotes { file: table.file.clone(), ..Quotes::default() };
    if table.refuse_numbers("symbol", gather) {
        return None;
    }
    let dates = table.days("date", false, gather)?;
    table.forget("date");
    let symbol_of = quotes.intern_symbols(&table, gather);
    table.forget("symbol");
    quotes.lay_out(&dates, &symbol_of, |row| (table.line(row), table.place(row, "date")), gather)?;
    drop((dates, symbol_of));
    if role.name == "returns" {
        let kind = programme.data.return_kind;
        let mut values = table.numbers("return", value_rule(role, kind), gather)?;
        if programme.data.return_kind == ReturnKind::Simple && values.iter().all(|v| v.is_nan()) {
            gather.problems.push(table.problem(0, "return", "is empty in every row", SIMPLE.why, SIMPLE.fix));
        }
        values = simple(values, kind);
        quotes.simple_return = values;
        return Some(quotes);
    }
    quotes.read_values(&mut table, gather);
    quotes.check_closes(&table, value, gather);
    quotes.check_ranges(&table, gather);
    check_adjusted(&table, value, gather);
    quotes.mark_st_names(&table, gather);
    turnover::settle(&mut quotes, &all, gather);
    Some(quotes)
}

/// A column that says the closes are adjusted, while they stand where traded ones belong.
fn check_adjusted(table: &Table, value: &str, gather: &mut Gather) {
    if value != "close" || !table.has("adjustflag") {
        return;
    }
    let mut adjusted: Option<(usize, String)> = None;
    let mut rows = 0;
    table.each_text("adjustflag", |row, cell| {
        let raw = matches!(cell.to_lowercase().as_str(), "" | "3" | "3.0" | "none" | "no" | "raw" | "false" | "不复权" | "除权");
        if !raw {
            rows += 1;
            adjusted.get_or_insert((row, cell.to_string()));
        }
    });
    if let Some((row, cell)) = adjusted {
        let what = format!("found {cell:?}, as on {rows} of {} rows: the closes are adjusted", table.rows);
        let why = "positions and price limits need prices as traded";
        let fix = "export prices as traded (adjustflag 3, 不复权), or map the column: [data.columns.prices] adj_close = \"…\"";
        gather.problems.push(table.problem(row, "adjustflag", what, why, fix));
    }
}

/// Log returns as simple ones: `exp(r) - 1`.
fn simple(values: Vec<f64>, kind: ReturnKind) -> Vec<f64> {
    match kind {
        ReturnKind::Simple => values,
        ReturnKind::Log => values.into_iter().map(libm::expm1).collect(),
    }
}

impl Quotes {
    /// Gives every distinct symbol a number in sorted order; each is checked once.
    fn intern_symbols(&mut self, table: &Table, gather: &mut Gather) -> Vec<u32> {
        let (names, mut out) = table.codes("symbol", true, gather);
        self.symbols = names.clone();
        self.symbols.sort();
        let sorted: Vec<u32> = names.iter().map(|name| self.symbols.binary_search(name).expect("every name was kept") as u32).collect();
        out.iter_mut().for_each(|number| *number = sorted[*number as usize]);
        out
    }

    /// Fills `days` and `grid`; two rows for one day and symbol are a problem naming both lines.
    fn lay_out(
        &mut self,
        dates: &[Option<Day>],
        symbol_of: &[u32],
        place: impl Fn(usize) -> (usize, Place),
        gather: &mut Gather,
    ) -> Option<()> {
        let mut days: Vec<Day> = dates.iter().flatten().copied().collect();
        days.sort_unstable();
        days.dedup();
        let width = self.symbols.len();
        if days.len().saturating_mul(width) > MOST_CELLS {
            let what = format!("spreads over {} days and {width} symbols", days.len());
            gather.problems.push(Problem::new(
                Kind::Data,
                Place::file(&self.file),
                what,
                "days times symbols may reach 268 million",
                "keep the period and the symbols that are needed",
            ));
            return None;
        }
        let mut grid = vec![NONE; days.len() * width];
        for (row, (date, symbol)) in dates.iter().zip(symbol_of).enumerate() {
            let Some(date) = date else { continue };
            let day = days.binary_search(date).expect("every day was kept");
            let cell = &mut grid[day * width + *symbol as usize];
            if *cell == NONE {
                *cell = row as u32;
            } else {
                let ((first, _), (second, at)) = (place(*cell as usize), place(row));
                let what = format!("{} has two rows on {date}, on lines {first} and {second}", self.symbols[*symbol as usize]);
                gather.problems.push(Problem::new(Kind::Data, at, what, "a symbol has one row a day", "delete one of the rows"));
            }
        }
        self.days = days;
        self.grid = grid;
        Some(())
    }

    fn read_values(&mut self, table: &mut Table, gather: &mut Gather) {
        let mut take = |name: &str, rule: &Rule| {
            let column = table.numbers(name, rule, gather).unwrap_or_default();
            if !matches!(name, "high" | "low") {
                table.forget(name);
            }
            column
        };
        self.close = take("close", &PRICE);
        self.adj_close = take("adj_close", &PRICE);
        self.preclose = take("preclose", &PRICE);
        self.adj_factor = take("adj_factor", &FACTOR);
        self.high = take("high", &PRICE);
        self.low = take("low", &PRICE);
        self.volume = take("volume", &AMOUNT);
        self.amount = take("amount", &AMOUNT);
        self.float_shares = take("float_shares", &AMOUNT);
        self.limit_close = take("limit_close", &SIDE);
        self.limit_locked = take("limit_locked", &SIDE);
        let suspended = table.flags("suspended", gather);
        let trading = table.flags("tradestatus", gather);
        self.st = table.flags("is_st", gather).unwrap_or_default();
        let idle = |row: usize| self.volume.get(row).is_some_and(|v| *v == 0.0);
        self.halted = (0..table.rows)
            .map(|row| {
                suspended.as_ref().is_some_and(|c| c[row] == Some(true))
                    || trading.as_ref().is_some_and(|c| c[row] == Some(false))
                    || idle(row)
            })
            .collect();
    }

    /// A day with trading has a close; on a halted day the last one is carried.
    fn check_closes(&mut self, table: &Table, name: &str, gather: &mut Gather) {
        let halted = &self.halted;
        let closes = if name == "close" { &mut self.close } else { &mut self.adj_close };
        for (row, close) in closes.iter_mut().enumerate() {
            if *close > 0.0 {
                continue;
            }
            if halted[row] {
                *close = f64::NAN;
            } else {
                let what = if close.is_nan() { "is empty".to_string() } else { format!("found {close}") };
                let fix = "write the close, or mark the day as suspended";
                gather.problems.push(table.problem(row, name, what, "a day with trading has a close above zero", fix));
            }
        }
    }

    /// The high of a day is not below its low.
    fn check_ranges(&self, table: &Table, gather: &mut Gather) {
        for (row, (high, low)) in
            self.high.iter().zip(&self.low).enumerate().filter(|(_, (high, low))| **low > 0.0 && **high > 0.0 && high < low)
        {
            let what = format!("found {high} above which the low of {low} stands");
            let why = "the highest price of a day is not below its lowest; the two may be swapped";
            gather.problems.push(table.problem(row, "high", what, why, "write the higher of the two under `high`"));
        }
    }

    /// A name that says special treatment counts as the day's flag, where the file has no flag of its own.
    fn mark_st_names(&mut self, table: &Table, gather: &mut Gather) {
        if !self.st.is_empty() || !table.has("name") {
            return;
        }
        let mut st = vec![None; table.rows];
        let (mut marked, mut first) = (0, String::new());
        table.each_text("name", |row, name| {
            if cells::is_st_name(name) {
                st[row] = Some(true);
                marked += 1;
                if marked == 1 {
                    first = format!("{name}, line {}", table.line(row));
                }
            }
        });
        if marked > 0 {
            self.st = st;
            let file = &self.file;
            gather.note(
                format!("{file}: on {marked} rows the name says special treatment (first {first}); those days count as ST"),
                format!("{file}：{marked} 行证券简称带 ST（首行为 {first}），当日按 ST 处理"),
            );
        }
    }

    /// Adds symbols that have no rows.
    pub fn add_symbols(&mut self, extra: &[String]) {
        let mut symbols = self.symbols.clone();
        symbols.extend(extra.iter().cloned());
        symbols.sort();
        symbols.dedup();
        let mut grid = vec![NONE; self.days.len() * symbols.len()];
        for (old, symbol) in self.symbols.iter().enumerate() {
            let new = symbols.binary_search(symbol).expect("old symbols are kept");
            for day in 0..self.days.len() {
                grid[day * symbols.len() + new] = self.grid[day * self.symbols.len() + old];
            }
        }
        self.symbols = symbols;
        self.grid = grid;
    }
}
