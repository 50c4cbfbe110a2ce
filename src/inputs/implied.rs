//! Reads a dated series of implied volatility, of the market as a whole and of symbols, and finds what was known on the as-of date.
//!
//! One row a date and symbol; without a symbol it is the market's. Volatility is annual, a fraction or with its per cent sign
//! (`35%`, or a header `implied_volatility(%)`). Of each series the last value up to the as-of date counts, at most ten days
//! old; later rows are never looked at.

use super::Gather;
use super::cells::{self, Rule};
use super::headers::IMPLIED;
use super::join::{STALE_DAYS, lookup};
use super::opened;
use super::table::Table;
use crate::model::case::Programme;
use crate::model::history::{Implied, Market, Reading};
use crate::model::margin::risk_volatility::Measure;
use crate::problem::{Kind, Place, Problem};
use crate::units::Day;
use std::collections::{BTreeMap, BTreeSet};

/// One series' last row up to the as-of date, or its first after it.
struct Last {
    row: usize,
    reading: Reading,
}

/// The file's series by symbol, the market's under "".
pub struct Series {
    table: Table,
    last: BTreeMap<String, Last>,
}

const ANNUAL: Rule = Rule::any(
    "an annual volatility lies above 0% and at most at 500%",
    "write 0.35 or 35%, or head the column implied_volatility(%) where it is in per cent",
)
.above(0.0)
.at_most(5.0)
.ratio();

/// Reads the programme's series; nothing when it names none.
pub fn read(programme: &Programme, gather: &mut Gather) -> Option<Series> {
    let written = programme.data.implied_volatility.as_ref()?;
    let before = gather.problems.len();
    let table = opened::read(&IMPLIED, written, &programme.folder, &programme.data, gather)?;
    if table.has("symbol") && table.refuse_numbers("symbol", gather) {
        return None;
    }
    let dates = table.days("date", false, gather)?;
    let values = table.numbers("implied_volatility", &ANNUAL, gather)?;
    let symbols = symbols(&table, gather);
    let mut seen: BTreeMap<(&str, Day), usize> = BTreeMap::new();
    let mut last: BTreeMap<String, Last> = BTreeMap::new();
    for (row, (symbol, date)) in symbols.iter().zip(dates).enumerate() {
        let Some(date) = date else { continue };
        if let Some(first) = seen.insert((symbol, date), row) {
            let whose = if symbol.is_empty() { "the market" } else { symbol };
            let what = format!("{whose} has two values on {date}, on lines {} and {}", table.line(first), table.line(row));
            gather.problems.push(table.problem(row, "date", what, "a series has one value a day", "delete one of the rows"));
        }
        let reading = Reading { annual: values[row], date };
        let later = last.get(symbol).is_none_or(|known| supersedes(date, known.reading.date, programme.as_of));
        if later {
            last.insert(symbol.clone(), Last { row, reading });
        }
    }
    (gather.problems.len() == before).then_some(Series { table, last })
}

fn symbols(table: &Table, gather: &mut Gather) -> Vec<String> {
    let mut out = vec![String::new(); table.rows];
    if table.has("symbol") {
        table.each_text("symbol", |row, cell| {
            if let Some((what, why, fix)) = cells::bad_id(cell).filter(|_| !cell.is_empty()) {
                gather.problems.push(table.problem(row, "symbol", what, why, fix));
            }
            out[row] = cells::symbol(cell);
        });
    }
    out
}

/// Whether a row of `date` tells more of the as-of date than one of `known`: the last up to it, else the first after it.
fn supersedes(date: Day, known: Day, as_of: Day) -> bool {
    match (date <= as_of, known <= as_of) {
        (true, true) => date > known,
        (false, false) => date < known,
        (is_past, _) => is_past,
    }
}

/// Puts what was implied on the as-of date into the market; a series that ends too early, or misses, is a problem.
pub fn resolve(series: Series, market: &mut Market, held: &BTreeSet<usize>, programme: &Programme, gather: &mut Gather) {
    let before = gather.problems.len();
    let of_market = series.last.get("").map(|last| check(&series.table, "the market", last, programme, gather));
    let (mut symbols, mut unused) = (Vec::new(), 0);
    for (symbol, last) in series.last.iter().filter(|(symbol, _)| !symbol.is_empty()) {
        let index = lookup(&market.history.symbols, symbol).ok().and_then(|name| market.history.symbol_index(&name));
        match index.filter(|index| held.contains(index)) {
            Some(index) => symbols.push((index, check(&series.table, symbol, last, programme, gather))),
            None => unused += 1,
        }
    }
    symbols.sort_by_key(|(index, _)| *index);
    let implied = Implied { market: of_market, symbols };
    require_what_is_read(&series.table.file, &implied, programme, gather);
    if gather.problems.len() == before {
        tell(&series.table.file, &implied, (held.len(), unused), gather);
        market.implied = Some(implied);
    }
}

/// The last value of a series, if it is recent.
fn check(table: &Table, whose: &str, last: &Last, programme: &Programme, gather: &mut Gather) -> Reading {
    let (as_of, date) = (programme.as_of, last.reading.date);
    let fix = "extend the series to the as-of date, or take its rows out";
    if date > as_of {
        let what = format!("the series of {whose} starts on {date}");
        let why = format!("nothing of it was known on {as_of}");
        gather.problems.push(table.problem(last.row, "date", what, why, fix));
    } else if date.calendar_days_until(as_of) > STALE_DAYS {
        let what = format!("the series of {whose} ends on {date}");
        let why = format!("it is more than {STALE_DAYS} days old on {as_of}");
        gather.problems.push(table.problem(last.row, "date", what, why, fix));
    }
    last.reading
}

/// Rules that read the market's volatility need the market's own series.
fn require_what_is_read(file: &str, implied: &Implied, programme: &Programme, gather: &mut Gather) {
    let counts = |m: &crate::model::margin::Margin| m.risk_volatility.as_ref().is_some_and(|rule| rule.measure != Measure::Realised);
    let reads = programme.scenarios.iter().find(|s| {
        let margin = &s.case.margin;
        counts(margin) && (margin.dynamic.is_some() || margin.template.is_some())
    });
    if let (None, Some(scenario)) = (implied.market, reads) {
        let why = format!("scenario `{}` scales lines or leverage with the volatility of the market", scenario.name);
        let fix = "add rows with an empty symbol, of a volatility index, or set margin.risk-volatility.measure = \"realised\"";
        gather.problems.push(Problem::new(Kind::Data, Place::file(file), "has no row of the market", why, fix));
    } else if implied.market.is_none() && implied.symbols.is_empty() {
        let why = "neither the market nor a symbol that is held has a row";
        let fix = "add rows with an empty symbol, of a volatility index";
        gather.problems.push(Problem::new(Kind::Data, Place::file(file), "gives nothing that is held", why, fix));
    }
}

/// Says what was read: value, date and source.
fn tell(file: &str, implied: &Implied, (held, unused): (usize, usize), gather: &mut Gather) {
    if let Some(reading) = implied.market {
        let value = format!("{:.2}%", 100.0 * reading.annual);
        gather.note(
            format!("{file}: implied volatility of the market {value} a year, of {}", reading.date),
            format!("{file}：市场隐含波动率年化 {value}，取自 {}", reading.date),
        );
    }
    let own: Vec<f64> = implied.symbols.iter().map(|(_, reading)| reading.annual).collect();
    if !own.is_empty() {
        let (low, high) = own.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), v| (low.min(*v), high.max(*v)));
        let (low, high) = (format!("{:.2}%", 100.0 * low), format!("{:.2}%", 100.0 * high));
        let others = if implied.market.is_some() {
            ("the market's ratio", "市场的比率")
        } else {
            ("realised volatility", "已实现波动率")
        };
        gather.note(
            format!(
                "{file}: {} of {held} held symbols have their own implied volatility, {low} to {high} a year; the others take {}",
                own.len(),
                others.0
            ),
            format!("{file}：{held} 只持仓证券中 {} 只有自身隐含波动率，年化 {low} 至 {high}；其余取{}", own.len(), others.1),
        );
    }
    if unused > 0 {
        gather.note(format!("{file}: {unused} symbols are not held and not used"), format!("{file}：{unused} 只证券未持有，未使用"));
    }
}
