//! Reads the positions: which account holds how many shares of what.

use super::cells::Rule;
use super::headers::POSITIONS;
use super::identity::is_total;
use super::opened;
use super::table::{Places, Table};
use super::{Gather, holdings, totals};
use crate::model::case::Programme;
use crate::problem::Place;

/// The positions file, in its own order; each name stands once.
#[derive(Default)]
pub struct Positions {
    /// Accounts and symbols in the order they first appear.
    pub accounts: Vec<String>,
    pub symbols: Vec<String>,
    pub rows: Vec<Position>,
    /// The row of the file each stands in.
    at: Vec<usize>,
    account_places: Places,
    symbol_places: Places,
    quantity_places: Places,
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
    /// What the file says the position is worth, to hold ours against.
    pub stated_value: Option<f64>,
}

impl Positions {
    pub fn account_of(&self, row: usize) -> &str {
        &self.accounts[self.rows[row].account as usize]
    }

    /// Where a row names its account.
    pub fn account_place(&self, row: usize) -> Place {
        self.account_places.of(self.at[row])
    }

    /// Where a row names its symbol.
    pub fn symbol_place(&self, row: usize) -> Place {
        self.symbol_places.of(self.at[row])
    }

    /// Where a row tells how much is held.
    pub fn quantity_place(&self, row: usize) -> Place {
        self.quantity_places.of(self.at[row])
    }

    pub fn file(&self) -> &str {
        self.quantity_places.file()
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
    Rule::any("a quantity is a number of shares, 0 to 1e13", "write the share count, for example 1500").at_least(0.0).at_most(1e13);
const STATED: Rule = Rule::any("it is an amount of money", "write what the position is worth, or leave the cell empty").or_empty();
const SELLABLE: Rule = QUANTITY.or_empty();
const COST: Rule = Rule::any("the cost is a price per share, zero or more", "write the price paid, or leave the cell empty")
    .at_least(0.0)
    .at_most(1e9)
    .or_empty();

/// Reads the positions file.
pub fn read(programme: &Programme, gather: &mut Gather) -> Option<Positions> {
    let written = programme.data.positions.as_ref()?;
    let before = gather.problems.len();
    let table = opened::read(&POSITIONS, written, &programme.folder, &programme.data, gather)?;
    if table.refuse_numbers("symbol", gather) {
        return None;
    }
    let (accounts, account) = match gather.only_account.clone().filter(|_| !table.has("account_id")) {
        Some(only) => {
            gather.note(
                format!("{}: no column names an account, so that all positions are of the one account, {only}", table.file),
                format!("{}：无账户列，所有持仓归入唯一账户 {only}", table.file),
            );
            (vec![only], vec![0; table.rows])
        }
        None => table.named_ids("account_id", str::to_string, gather),
    };
    let (symbols, symbol) = table.codes("symbol", false, gather);
    let quantity = table.numbers("quantity", &QUANTITY.or_empty(), gather)?;
    let sellable = table.numbers("sellable_quantity", &SELLABLE, gather);
    let cost = table.numbers("cost", &COST, gather);
    let stated = table.numbers("stated_value", &STATED, gather);
    check_totals(&table, &accounts, &account, gather);
    holdings::check(&table, gather);
    let left_out = left_out(&table, gather);
    let earlier = earlier_rows(&account, &symbol, &left_out);
    let mut rows = Vec::with_capacity(table.rows);
    for row in (0..table.rows).filter(|row| !left_out[*row]) {
        if quantity[row].is_nan() {
            gather.problems.push(table.problem(row, "quantity", "is empty", QUANTITY.why, QUANTITY.fix));
        }
        if let Some(first) = earlier[row] {
            let (account, symbol) = (&accounts[account[row] as usize], &symbols[symbol[row] as usize]);
            let what = format!("{account:?} holds {symbol:?} on lines {} and {}", table.line(first), table.line(row));
            gather.problems.push(table.problem(
                row,
                "symbol",
                what,
                "an account has one row for a symbol",
                "add the quantities up in one row; where one row is the sum of the others, delete the others",
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
            stated_value: stated.as_ref().map(|c| c[row]).filter(|v| v.is_finite() && *v > 0.0),
        });
    }
    note_bought_today(&table, &rows, gather);
    let (account_places, symbol_places, quantity_places) = (table.places("account_id"), table.places("symbol"), table.places("quantity"));
    let at = (0..table.rows).filter(|row| !left_out[*row]).collect();
    let accounts = held(accounts, &mut rows, |row| &mut row.account);
    let symbols = held(symbols, &mut rows, |row| &mut row.symbol);
    (gather.problems.len() == before).then_some(Positions { accounts, symbols, rows, at, account_places, symbol_places, quantity_places })
}

/// The names that stand in some position, in their order: rows that are passed over may name others.
fn held(names: Vec<String>, rows: &mut [Position], index: impl Fn(&mut Position) -> &mut u32) -> Vec<String> {
    let mut used = vec![false; names.len()];
    rows.iter_mut().for_each(|row| used[*index(row) as usize] = true);
    let number: Vec<u32> = (used.iter())
        .scan(0, |next, used| {
            let own = *next;
            *next += u32::from(*used);
            Some(own)
        })
        .collect();
    rows.iter_mut().for_each(|row| *index(row) = number[*index(row) as usize]);
    names.into_iter().zip(used).filter(|(_, used)| *used).map(|(name, _)| name).collect()
}

/// Shares that cannot be sold yet hold no sale of a path back: that is said.
fn note_bought_today(table: &Table, rows: &[Position], gather: &mut Gather) {
    let count = rows.iter().filter(|p| p.sellable < p.quantity).count();
    if count > 0 {
        let file = &table.file;
        gather.note(
            format!(
                "{file}: {count} positions have fewer shares for sale than they hold; the rest counts as bought on the as-of day and can be sold \
                 from the first session on, so that no sale waits for it (shares that stay frozen are not modelled)"
            ),
            format!(
                "{file}：{count} 项持仓的可卖数量少于持仓数量；差额视为基准日当日买入，自首个交易日起可卖，故不影响任何卖出（长期冻结的股份不作处理）"
            ),
        );
    }
}

/// A row that adds others up is no position.
fn check_totals(table: &Table, accounts: &[String], account: &[u32], gather: &mut Gather) {
    let total: Vec<bool> = accounts.iter().map(|a| is_total(a)).collect();
    let rows = (0..table.rows).filter(|row| total[account[*row] as usize]);
    totals::refuse(table, "account_id", rows.map(|row| (row, accounts[account[row] as usize].as_str())), gather);
}

/// Rows that are no position of their own, counted as passed over: lots that a sum stands beside, and cash.
fn left_out(table: &Table, gather: &mut Gather) -> Vec<bool> {
    let (lots, cash) = (lots(table, gather), holdings::cash(table, gather));
    let left_out: Vec<bool> = lots.into_iter().zip(cash).map(|(lot, cash)| lot || cash).collect();
    gather.pass_over("positions", left_out.iter().filter(|out| **out).count() as u64);
    left_out
}

/// Rows that are lots of a position whose sum stands in a row of its own (`LevelOfDetail` of Interactive Brokers).
fn lots(table: &Table, gather: &mut Gather) -> Vec<bool> {
    let mut lots = vec![false; table.rows];
    if !table.has("detail") {
        return lots;
    }
    let mut summaries = 0;
    table.each_text("detail", |row, cell| {
        lots[row] = cell.eq_ignore_ascii_case("lot");
        summaries += usize::from(cell.eq_ignore_ascii_case("summary"));
    });
    if summaries == 0 {
        return vec![false; table.rows];
    }
    let count = lots.iter().filter(|lot| **lot).count();
    if count > 0 {
        let file = &table.file;
        gather.note(
            format!("{file}: {count} rows are lots of positions whose sum stands in a row of its own, and are passed over"),
            format!("{file}：{count} 行为批次明细（LOT），其合计另有一行，已跳过"),
        );
    }
    lots
}

/// The row before each that names the same account and symbol.
fn earlier_rows(account: &[u32], symbol: &[u32], left_out: &[bool]) -> Vec<Option<usize>> {
    let mut order: Vec<usize> = (0..account.len()).filter(|row| !left_out[*row]).collect();
    order.sort_by_key(|row| (account[*row], symbol[*row]));
    let mut earlier = vec![None; account.len()];
    for pair in order.windows(2) {
        if (account[pair[0]], symbol[pair[0]]) == (account[pair[1]], symbol[pair[1]]) {
            earlier[pair[1]] = Some(pair[0]);
        }
    }
    earlier
}
