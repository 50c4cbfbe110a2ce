//! Reads the positions: which account holds how many shares of what.

use super::Gather;
use super::cells::{self, Rule};
use super::headers::POSITIONS;
use super::table;
use crate::model::case::Programme;
use crate::problem::Place;
use std::collections::BTreeMap;

/// One row of the positions file.
#[derive(Clone, Debug)]
pub struct Position {
    pub account: String,
    pub symbol: String,
    pub quantity: f64,
    pub sellable: f64,
    pub cost: Option<f64>,
    pub account_place: Place,
    pub symbol_place: Place,
}

const QUANTITY: Rule =
    Rule::any("a quantity is a finite number of shares, zero or more", "write the share count, for example 1500").at_least(0.0);
const SELLABLE: Rule = QUANTITY.or_empty();
const COST: Rule =
    Rule::any("the cost is a price per share, zero or more", "write the price paid, or leave the cell empty").at_least(0.0).or_empty();

/// Reads the positions file, in its own order.
pub fn read(programme: &Programme, gather: &mut Gather) -> Option<Vec<Position>> {
    let written = programme.data.positions.as_ref()?;
    let before = gather.problems.len();
    let table = table::read(&POSITIONS, written, &programme.folder, &programme.data, gather)?;
    if table.refuse_numbers("symbol", gather) {
        return None;
    }
    let accounts = table.ids("account_id", gather);
    let symbols: Vec<String> = table.ids("symbol", gather).iter().map(|s| cells::symbol(s)).collect();
    let quantity = table.numbers("quantity", &QUANTITY, gather)?;
    let sellable = table.numbers("sellable_quantity", &SELLABLE, gather);
    let cost = table.numbers("cost", &COST, gather);
    let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut out = Vec::with_capacity(table.rows);
    for row in 0..table.rows {
        let (account, symbol) = (accounts[row].as_str(), symbols[row].as_str());
        if let Some(first) = seen.insert((account, symbol), row) {
            let what = format!("{account:?} holds {symbol:?} on lines {} and {}", table.line(first), table.line(row));
            gather.problems.push(table.problem(
                row,
                "symbol",
                what,
                "an account has one row for a symbol",
                "add the quantities up in one row",
            ));
        }
        let free = sellable.as_ref().map(|c| c[row]).filter(|v| !v.is_nan()).unwrap_or(quantity[row]);
        if free > quantity[row] && free.is_finite() {
            let what = format!("{free} can be sold of {}", quantity[row]);
            gather.problems.push(table.problem(
                row,
                "sellable_quantity",
                what,
                "no more can be sold than is held",
                "write at most the quantity",
            ));
        }
        out.push(Position {
            account: account.to_string(),
            symbol: symbol.to_string(),
            quantity: quantity[row],
            sellable: free,
            cost: cost.as_ref().map(|c| c[row]).filter(|v| !v.is_nan()),
            account_place: table.place(row, "account_id"),
            symbol_place: table.place(row, "symbol"),
        });
    }
    (gather.problems.len() == before).then_some(out)
}
