//! Reads the positions: which account holds how many shares of what.

use super::Gather;
use super::cells::{self, Rule};
use super::headers::POSITIONS;
use super::table::{self, Places};
use crate::model::case::Programme;
use crate::problem::Place;

/// The positions file, in its own order; each name stands once.
#[derive(Default)]
pub struct Positions {
    /// Accounts and symbols in the order they first appear.
    pub accounts: Vec<String>,
    pub symbols: Vec<String>,
    pub rows: Vec<Position>,
    account_places: Places,
    symbol_places: Places,
}

/// One row of the positions file.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// Indices into the names.
    pub account: u32,
    pub symbol: u32,
    pub quantity: f64,
    pub sellable: f64,
    pub cost: Option<f64>,
}

impl Positions {
    pub fn account_of(&self, row: usize) -> &str {
        &self.accounts[self.rows[row].account as usize]
    }

    /// Where a row names its account.
    pub fn account_place(&self, row: usize) -> Place {
        self.account_places.of(row)
    }

    /// Where a row names its symbol.
    pub fn symbol_place(&self, row: usize) -> Place {
        self.symbol_places.of(row)
    }

    /// The first row of each symbol, in order of the names.
    pub fn first_rows(&self) -> Vec<usize> {
        let mut first = vec![usize::MAX; self.symbols.len()];
        for (row, position) in self.rows.iter().enumerate() {
            let first = &mut first[position.symbol as usize];
            *first = (*first).min(row);
        }
        first
    }
}

const QUANTITY: Rule =
    Rule::any("a quantity is a finite number of shares, zero or more", "write the share count, for example 1500").at_least(0.0);
const SELLABLE: Rule = QUANTITY.or_empty();
const COST: Rule =
    Rule::any("the cost is a price per share, zero or more", "write the price paid, or leave the cell empty").at_least(0.0).or_empty();

/// Reads the positions file.
pub fn read(programme: &Programme, gather: &mut Gather) -> Option<Positions> {
    let written = programme.data.positions.as_ref()?;
    let before = gather.problems.len();
    let table = table::read(&POSITIONS, written, &programme.folder, &programme.data, gather)?;
    if table.refuse_numbers("symbol", gather) {
        return None;
    }
    let (accounts, account) = table.named_ids("account_id", str::to_string, gather);
    let (symbols, symbol) = table.named_ids("symbol", cells::symbol, gather);
    let quantity = table.numbers("quantity", &QUANTITY, gather)?;
    let sellable = table.numbers("sellable_quantity", &SELLABLE, gather);
    let cost = table.numbers("cost", &COST, gather);
    let earlier = earlier_rows(&account, &symbol);
    let mut rows = Vec::with_capacity(table.rows);
    for row in 0..table.rows {
        if let Some(first) = earlier[row] {
            let (account, symbol) = (&accounts[account[row] as usize], &symbols[symbol[row] as usize]);
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
        rows.push(Position {
            account: account[row],
            symbol: symbol[row],
            quantity: quantity[row],
            sellable: free,
            cost: cost.as_ref().map(|c| c[row]).filter(|v| !v.is_nan()),
        });
    }
    let (account_places, symbol_places) = (table.places("account_id"), table.places("symbol"));
    (gather.problems.len() == before).then_some(Positions { accounts, symbols, rows, account_places, symbol_places })
}

/// The row before each that names the same account and symbol.
fn earlier_rows(account: &[u32], symbol: &[u32]) -> Vec<Option<usize>> {
    let mut order: Vec<usize> = (0..account.len()).collect();
    order.sort_by_key(|row| (account[*row], symbol[*row]));
    let mut earlier = vec![None; account.len()];
    for pair in order.windows(2) {
        if (account[pair[0]], symbol[pair[0]]) == (account[pair[1]], symbol[pair[1]]) {
            earlier[pair[1]] = Some(pair[0]);
        }
    }
    earlier
}
