//! Names the accounts of the ledger, and holds the legs that stand on them.

use crate::model::book::Book;

/// A ledger account that an entry is booked on; its name is spelled only where it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ledger {
    /// An account of the book, and one side of it.
    Client(u32, Side),
    Shortfall(u32),
    Recall(u32),
    Tier(u32),
    Of(House),
    /// One of the names of the page.
    Named(u32),
}

/// The sides of an account of the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Side {
    Cash,
    Securities,
    Loan,
    Interest,
    Capital,
    PaidIn,
    Withdrawn,
}

/// Ledger accounts of the house and of others that there is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum House {
    Market,
    Costs,
    LenderInterest,
    LenderFees,
    LenderShare,
    CustodianClients,
    RecallPool,
    Recourse,
    Unallocated,
}

impl Side {
    const fn name(self) -> &'static str {
        match self {
            Side::Cash => "cash",
            Side::Securities => "securities",
            Side::Loan => "loan",
            Side::Interest => "interest",
            Side::Capital => "capital",
            Side::PaidIn => "paid-in",
            Side::Withdrawn => "withdrawn",
        }
    }
}

impl House {
    const fn name(self) -> &'static str {
        match self {
            House::Market => "market",
            House::Costs => "costs",
            House::LenderInterest => "lender/interest",
            House::LenderFees => "lender/fees",
            House::LenderShare => "lender/share",
            House::CustodianClients => "custodian/clients",
            House::RecallPool => "recall/pool",
            House::Recourse => "recourse",
            House::Unallocated => "unallocated",
        }
    }
}

/// One leg of a double entry, its account not spelled; the legs of an `entry_id` sum to zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leg {
    pub entry_id: u32,
    /// Session, from 1; 0 is the as-of date.
    pub day: u16,
    pub account: Ledger,
    pub amount: f64,
    /// What happened: "opening", "market", "interest", "sale", "repayment", "paid in", "withdrawn", "written off", "sharing", "loss".
    pub what: &'static str,
}

/// Legs of a page, but for the last page of a path.
pub const PAGE: usize = 16_384;

/// Some legs that follow each other, and the names that `Ledger::Named` numbers.
#[derive(Clone, Copy, Debug)]
pub struct Page<'p> {
    pub legs: &'p [Leg],
    pub names: &'p [String],
}

impl Page<'_> {
    /// Adds the name of a ledger account of the page to a text.
    pub fn spell(&self, ledger: Ledger, book: &Book, text: &mut String) {
        let id = |index: u32| book.account_id[index as usize].as_str();
        let words: &[&str] = match ledger {
            Ledger::Client(index, side) => &["client/", id(index), "/", side.name()],
            Ledger::Shortfall(index) => &["shortfall/", id(index)],
            Ledger::Recall(index) => &["recall/", id(index)],
            Ledger::Tier(tier) => &["tier/", &book.tiers[tier as usize]],
            Ledger::Of(house) => &[house.name()],
            Ledger::Named(number) => &[&self.names[number as usize]],
        };
        words.iter().for_each(|word| text.push_str(word));
    }
}

/// What every account of a scenario opens with, the same on all paths.
#[derive(Clone, Debug)]
pub struct Opening {
    pub entries: u32,
    /// The legs behind the last full page: a path goes on behind them.
    pub rest: Vec<Leg>,
}

/// Takes the legs of a path, page by page and in order.
pub trait Scribe {
    /// The path starts, or starts again with a wider bound: what was taken of it is void.
    fn start(&mut self);

    fn take(&mut self, page: Page<'_>);
}
