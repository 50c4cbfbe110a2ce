//! Reads the correlations a user gives, long or wide, and checks that they are a matrix: symmetric, complete, 1 with itself.
//!
//! Long: `symbol_a, symbol_b, correlation`, each pair once or, with the same value, both ways round. Wide: symbols down the
//! first column and along the headers; one half may be empty. Whether the matrix is positive semidefinite is the model's to
//! see, which repairs it and says so.

use super::Gather;
use super::cells::{self, Rule};
use super::header_units::fold;
use super::headers::{self, CORRELATIONS, Match};
use super::join::{held, lookup};
use super::opened::{self, Opened};
use super::positions::Positions;
use super::table::Table;
use crate::model::case::Programme;
use crate::model::history::{Correlations, Market};
use crate::problem::{Kind, Place, Problem};
use ndarray::Array2;
use std::collections::{BTreeMap, BTreeSet};

/// The matrix as the file has it.
pub struct Given {
    place: Place,
    symbols: Vec<String>,
    /// Row by row.
    matrix: Array2<f64>,
}

const CORRELATION: Rule = Rule::any("a correlation lies within -1 and 1", "write for example 0.45").at_least(-1.0).at_most(1.0).ratio();
const CELL: Rule = CORRELATION.or_empty();
/// Two ways of writing one correlation may differ by rounding.
const ROUNDING: f64 = 1e-9;

/// One cell of the file: its row, its column's name, and the two symbols it is of.
struct Entry {
    row: usize,
    column: String,
    a: usize,
    b: usize,
    value: f64,
}

/// Reads the programme's correlations; nothing when it names none.
pub fn read(programme: &Programme, gather: &mut Gather) -> Option<Given> {
    let written = programme.data.correlations.as_ref()?;
    let opened = opened::open(&CORRELATIONS, written, &programme.folder, &programme.data, gather)?;
    let is = |header: &String, name: &str| {
        let column = CORRELATIONS.columns.iter().find(|c| c.name == name).expect("a column of the role");
        fold(header) == name || column.aliases.contains(&fold(header).as_str())
    };
    let long =
        programme.data.columns.contains_key(CORRELATIONS.name) || opened.headers.iter().any(|h| is(h, "symbol_b") || is(h, "correlation"));
    if long { read_long(opened, programme, gather) } else { read_wide(opened, gather) }
}

fn read_long(opened: Opened, programme: &Programme, gather: &mut Gather) -> Option<Given> {
    let before = gather.problems.len();
    let place = opened.place.clone();
    let matches = headers::find(&CORRELATIONS, &place, &opened.headers, &programme.data, gather)?;
    let table = opened.columns(&matches, gather)?;
    let [a, b] = ["symbol_a", "symbol_b"].map(|name| {
        let refused = table.refuse_numbers(name, gather);
        if refused { Vec::new() } else { table.ids(name, gather).iter().map(|s| cells::symbol(s)).collect::<Vec<_>>() }
    });
    let values = table.numbers("correlation", &CORRELATION, gather)?;
    if gather.problems.len() > before {
        return None;
    }
    let symbols: Vec<String> = a.iter().chain(&b).cloned().collect::<BTreeSet<_>>().into_iter().collect();
    let at = |symbol: &String| symbols.binary_search(symbol).expect("every symbol was gathered");
    let entries = values.iter().enumerate().map(|(row, value)| Entry {
        row,
        column: "correlation".into(),
        a: at(&a[row]),
        b: at(&b[row]),
        value: *value,
    });
    assemble(&table, place, symbols.clone(), entries.collect(), gather)
}

fn read_wide(opened: Opened, gather: &mut Gather) -> Option<Given> {
    let before = gather.problems.len();
    let (place, headers) = (opened.place.clone(), opened.headers.clone());
    let symbols: Vec<String> = headers.iter().skip(1).map(|h| cells::symbol(h)).collect();
    let mut wanted = vec![(String::new(), Match { index: 0, header: headers[0].clone(), scale: 1.0, stated: false, milliseconds: false })];
    let mut seen = BTreeMap::new();
    for (k, symbol) in symbols.iter().enumerate() {
        if let Some((what, why, fix)) = cells::bad_id(symbol) {
            gather.problems.push(Problem::new(Kind::Data, place.clone().field(format!("column {}", k + 2)), what, why, fix));
        } else if seen.insert(symbol.clone(), k).is_some() {
            let fix = "delete one of the columns";
            gather.problems.push(Problem::new(Kind::Data, place.clone().field(symbol), "stands twice", "a symbol has one column", fix));
        }
        wanted
            .push((symbol.clone(), Match { index: k + 1, header: headers[k + 1].clone(), scale: 1.0, stated: false, milliseconds: false }));
    }
    if gather.problems.len() > before {
        return None;
    }
    let table = opened.select(wanted, gather)?;
    let rows: Vec<String> = table.ids("", gather).iter().map(|s| cells::symbol(s)).collect();
    for (row, symbol) in rows.iter().enumerate().filter(|(_, symbol)| !seen.contains_key(*symbol)) {
        let fix = "add a column for it, or delete the row";
        gather.problems.push(table.problem(row, "", format!("found symbol {symbol:?}"), "no column has this symbol", fix));
    }
    let mut entries = Vec::new();
    for (b, symbol) in symbols.iter().enumerate() {
        let values = table.numbers(symbol, &CELL, gather).expect("every symbol is a column");
        for (row, value) in values.into_iter().enumerate().filter(|(_, value)| !value.is_nan()) {
            let a = seen.get(&rows[row]).copied().unwrap_or(b);
            entries.push(Entry { row, column: symbol.clone(), a, b, value });
        }
    }
    if gather.problems.len() > before {
        return None;
    }
    assemble(&table, place, symbols, entries, gather)
}

/// Lays the cells out as a matrix; what contradicts another cell, or is missing, is a problem.
fn assemble(table: &Table, place: Place, symbols: Vec<String>, entries: Vec<Entry>, gather: &mut Gather) -> Option<Given> {
    let before = gather.problems.len();
    let n = symbols.len();
    let mut matrix = Array2::from_elem((n, n), f64::NAN);
    for entry in &entries {
        let (a, b) = (&symbols[entry.a], &symbols[entry.b]);
        let mut find = |what: String, why: &str, fix: &str| gather.problems.push(table.problem(entry.row, &entry.column, what, why, fix));
        if entry.a == entry.b && (entry.value - 1.0).abs() > ROUNDING {
            find(
                format!("found {} of {a} with itself", entry.value),
                "a symbol is correlated with itself by 1",
                "write 1, or leave it out",
            );
        }
        let here = [entry.a, entry.b];
        if !matrix[here].is_nan() {
            find(format!("{a} and {b} stand on an earlier line too"), "a pair has one correlation", "delete one of the rows");
        }
        matrix[here] = entry.value;
        let other = matrix[[entry.b, entry.a]];
        if (other - entry.value).abs() > ROUNDING {
            find(
                format!("{a} and {b} are given {} and {other}", entry.value),
                "a correlation is the same both ways round",
                "write one value for the pair",
            );
        }
    }
    for i in 0..n {
        matrix[[i, i]] = 1.0;
        for j in 0..i {
            let value = if matrix[[i, j]].is_nan() { matrix[[j, i]] } else { matrix[[i, j]] };
            (matrix[[i, j]], matrix[[j, i]]) = (value, value);
        }
    }
    let missing: Vec<(usize, usize)> = matrix.indexed_iter().filter(|((i, j), x)| j < i && x.is_nan()).map(|(pair, _)| pair).collect();
    if let Some((row, column)) = missing.first() {
        let what = format!("{} of {} pairs are missing", missing.len(), n * (n - 1) / 2);
        let why = format!("every two symbols need a correlation; the first without is {} and {}", symbols[*column], symbols[*row]);
        gather.problems.push(Problem::new(Kind::Data, place.clone(), what, why, "add the missing pairs"));
    }
    (gather.problems.len() == before).then_some(Given { place, symbols, matrix })
}

/// Puts the correlations of the held symbols into the market; symbols that one of the two lacks are problems.
pub fn resolve(given: Given, market: &mut Market, positions: &Positions, gather: &mut Gather) {
    let history = &market.history;
    let mut place_of: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, symbol) in given.symbols.iter().enumerate() {
        match lookup(&history.symbols, symbol).ok().and_then(|name| history.symbol_index(&name)) {
            Some(index) => {
                place_of.insert(index, at);
            }
            None => gather.problems.push(Problem::new(
                Kind::Data,
                given.place.clone(),
                format!("found symbol {symbol:?}"),
                "the prices do not have it",
                "mend the code, or delete its correlations",
            )),
        }
    }
    let held: Vec<usize> = held(positions, market).into_iter().collect();
    for index in held.iter().filter(|index| !place_of.contains_key(index)) {
        gather.problems.push(Problem::new(
            Kind::Data,
            given.place.clone(),
            format!("symbol {} is missing", history.symbols[*index]),
            "the book holds it, and a given correlation covers all that is held",
            "add its correlations, or take correlations out of [data] to estimate them",
        ));
    }
    let known: Vec<usize> = held.iter().filter_map(|index| place_of.get(index)).copied().collect();
    let matrix = Array2::from_shape_fn((known.len(), known.len()), |(i, j)| given.matrix[[known[i], known[j]]]);
    market.correlations = Some(Correlations { symbols: held, matrix });
}
