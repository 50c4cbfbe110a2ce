//! Names the accounts of the ledger, and holds the legs that stand on them.

use crate::model::book::Book;
use std::fmt::Write;

/// A ledger account that an entry is booked on; its name is spelled only where it is read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ledger {
    /// An account of the book, and one part of it.
    Client(u32, &'static str),
    Shortfall(u32),
    Recall(u32),
    Tier(u32),
    Of(&'static str),
    Named(String),
}

impl Ledger {
    /// Adds the name to a text.
    pub fn spell(&self, book: &Book, text: &mut String) {
        let written = match self {
            Ledger::Client(index, part) => write!(text, "client/{}/{part}", book.account_id[*index as usize]),
            Ledger::Shortfall(index) => write!(text, "shortfall/{}", book.account_id[*index as usize]),
            Ledger::Recall(index) => write!(text, "recall/{}", book.account_id[*index as usize]),
            Ledger::Tier(tier) => write!(text, "tier/{}", book.tiers[*tier as usize]),
            Ledger::Of(name) => write!(text, "{name}"),
            Ledger::Named(name) => write!(text, "{name}"),
        };
        written.expect("a text takes what is written to it");
    }

    pub fn name(&self, book: &Book) -> String {
        let mut text = String::new();
        self.spell(book, &mut text);
        text
    }
}

/// One leg of a double entry, its account not spelled; the legs of an `entry_id` sum to zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Leg {
    pub entry_id: u32,
    /// Session, from 1; 0 is the as-of date.
    pub day: u16,
    pub account: Ledger,
    pub amount: f64,
    /// What happened: "opening", "market", "interest", "sale", "repayment", "paid in", "withdrawn", "written off", "sharing", "loss".
    pub what: &'static str,
}
