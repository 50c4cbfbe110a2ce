//! Reads files into the model: programme, prices, instruments, accounts, positions, funding.

mod accounts;
mod agreement;
mod arrow;
mod calendar;
mod cells;
mod compound;
mod container;
mod correlations;
mod count;
mod dates;
mod decimal;
mod due;
mod encoding;
mod exact;
mod fingerprint;
pub mod fit_store;
mod funding;
mod given;
mod halts;
mod header_units;
mod headers;
mod history;
mod holdings;
mod identity;
mod implied;
mod initial_margin;
mod instruments;
mod join;
mod listing;
mod looks;
mod open_document;
mod opened;
mod pages;
pub mod parquet;
mod plausible;
mod plausible_book;
mod pool_names;
mod positions;
mod prices;
pub mod programme;
mod proxies;
mod quotes;
mod records;
mod remarks;
pub mod report_origin;
pub mod report_paths;
mod roles;
pub mod rulebooks;
mod shapes;
mod sheet;
mod sheet_bounds;
mod table;
mod targets;
mod text;
mod totals;
mod turnover;
mod unpack;
mod width;
mod workbook;
pub mod write;
mod zones;

use crate::model::book::Book;
use crate::model::case::Programme;
use crate::model::history::Market;
use crate::model::lineage::{InputFile, Note};
use crate::problem::{Kind, Place, Problem, Problems};
use std::collections::BTreeMap;

/// Everything the data files of a programme came to.
#[derive(Clone, Debug)]
pub struct Inputs {
    pub book: Book,
    pub market: Market,
    pub lineage: Vec<InputFile>,
    pub notes: Vec<Note>,
}

/// What is gathered while files are read: problems, sentences for the reader, fingerprints.
#[derive(Default)]
pub(crate) struct Gather {
    pub problems: Problems,
    pub notes: Vec<Note>,
    pub lineage: Vec<InputFile>,
    /// The programme's currency, which headers may name.
    pub currency: String,
    /// The one tier of the programme, and the one account of its book, which a file need not repeat in every row.
    pub only_tier: Option<String>,
    pub only_account: Option<String>,
}

impl Gather {
    /// Counts rows of the file read last for a role as passed over.
    pub fn pass_over(&mut self, role: &str, rows: u64) {
        if let Some(line) = self.lineage.iter_mut().rev().find(|line| line.role == role) {
            line.used -= rows;
            line.passed_over += rows;
        }
    }
}

/// Reads every data file of a programme; every problem of every file at once.
pub fn load(programme: &Programme) -> Result<Inputs, Problems> {
    let mut gather = Gather { currency: programme.currency.clone(), ..Gather::default() };
    if let [only] = programme.scenarios[0].case.pool.loss_order.as_slice() {
        gather.only_tier = Some(only.clone());
    }
    headers::check_overrides(&programme.data, &mut gather.problems);
    for (key, written) in [("data.accounts", &programme.data.accounts), ("data.positions", &programme.data.positions)] {
        if written.is_none() {
            let fix = format!("write {} = \"{}.csv\" under [data]", &key[5..], &key[5..]);
            gather.problems.push(Problem::new(
                Kind::Programme,
                Place::default().field(key),
                "is missing",
                "a book is made of accounts and positions",
                fix,
            ));
        }
    }
    let quotes = prices::read(programme, &mut gather);
    let instruments = instruments::read(programme, &mut gather);
    let accounts = accounts::read(programme, &mut gather);
    let positions = positions::read(programme, &mut gather);
    let funding = funding::read(programme, &mut gather);
    let correlations = correlations::read(programme, &mut gather);
    let implied = implied::read(programme, &mut gather);
    let named = calendar::read(programme, &mut gather);
    if let (Some(accounts), Some(funding)) = (&accounts, &funding) {
        join::check_tiers(accounts, funding, programme, &mut gather);
    }
    if let (Some(accounts), Some(positions)) = (&accounts, &positions) {
        join::check_owners(accounts, positions, &mut gather);
    }
    let mut market = match (quotes, instruments, &positions) {
        (Some(quotes), Some(instruments), Some(positions)) => join::market(programme, quotes, &instruments, positions, &mut gather),
        (Some(quotes), _, _) => {
            join::check_as_of(programme, &quotes.days, &quotes.file, &mut gather);
            None
        }
        _ => None,
    };
    if let (Some(market), Some(positions), Some(given)) = (&mut market, &positions, correlations) {
        correlations::resolve(given, market, positions, &mut gather);
    }
    if let (Some(market), Some(positions), Some(series)) = (&mut market, &positions, implied) {
        let held = join::held(positions, market);
        implied::resolve(series, market, &held, programme, &mut gather);
    }
    if let (Some(market), Some(positions)) = (&mut market, &positions) {
        let held = join::held(positions, market);
        given::read(programme, market, &held, &mut gather);
    }
    if let (Some(market), Some(positions), Some(named)) = (&mut market, &positions, named) {
        let held = join::held(positions, market);
        calendar::resolve(named, market, &held, programme, &mut gather);
    }
    if let Some(market) = &market {
        targets::check(programme, market, &mut gather);
    }
    let (Some(market), Some(accounts), Some(positions), Some(funding)) = (market, accounts, positions, funding) else {
        assert!(!gather.problems.is_empty(), "a table that is not read leaves a problem");
        return Err(gather.problems);
    };
    if !gather.problems.is_empty() {
        return Err(gather.problems);
    }
    let stated = accounts.stated_ratio.clone();
    let book = join::book(accounts, &positions, funding, &market, programme, &mut gather);
    pool_names::check(programme, &book, &market, &mut gather.problems);
    plausible_book::check(programme, &book, &market, &positions, &stated, &mut gather);
    initial_margin::note(programme, &book, &market, &mut gather);
    due::note(programme, &book, &market, &mut gather);
    if !gather.problems.is_empty() {
        return Err(gather.problems);
    }
    for file in &gather.lineage {
        let counted = file.used + file.rejected + file.passed_over;
        assert!(file.rows == counted, "{}: {counted} of {} rows are accounted for", file.path, file.rows);
    }
    Ok(Inputs { book, market, lineage: gather.lineage, notes: gather.notes })
}

/// Reads the prices and instruments of a programme alone: the market without a book to hold it.
pub fn market(programme: &Programme) -> Result<Market, Problems> {
    let mut gather = Gather { currency: programme.currency.clone(), ..Gather::default() };
    headers::check_overrides(&programme.data, &mut gather.problems);
    let quotes = prices::read(programme, &mut gather);
    let instruments = instruments::read(programme, &mut gather);
    let market = match (quotes, instruments) {
        (Some(quotes), Some(instruments)) => join::market(programme, quotes, &instruments, &Default::default(), &mut gather),
        _ => None,
    };
    match market {
        Some(market) if gather.problems.is_empty() => Ok(market),
        _ => {
            assert!(!gather.problems.is_empty(), "a table that is not read leaves a problem");
            Err(gather.problems)
        }
    }
}

/// Reports rows whose key stands on an earlier line too.
pub(crate) fn duplicates(table: &table::Table, name: &str, keys: &[String], why: &str, gather: &mut Gather) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (row, key) in keys.iter().enumerate().filter(|(_, key)| !key.is_empty()) {
        if let Some(first) = seen.insert(key, row) {
            let what = format!("{key:?} stands on lines {} and {}", table.line(first), table.line(row));
            gather.problems.push(table.problem(row, name, what, why, "delete or rename one of the rows"));
        }
    }
}
