//! Books what happened to accounts between two closes as double entries, and hands them on page by page.

use super::legs::{House, Ledger, Leg, Opening, PAGE, Page, Scribe, Side};
use super::snapshot::Snapshot;
use crate::engine::plan::active::State;
use crate::engine::plan::scenario::Plan;
use crate::model::ledger::tolerance;
use crate::model::sharing::Split;

/// The entries of one path while it is told.
pub struct Books<'t> {
    scribe: &'t mut dyn Scribe,
    /// What no full page was made of yet.
    legs: Vec<Leg>,
    names: Vec<String>,
    /// The entries so far.
    entries: u32,
    /// The largest balance of an account so far.
    largest: f64,
}

impl<'t> Books<'t> {
    pub fn new(scribe: &'t mut dyn Scribe) -> Books<'t> {
        Books { scribe, legs: Vec::with_capacity(2 * PAGE), names: Vec::new(), entries: 0, largest: 0.0 }
    }

    /// The start of a path, or of another run of it, behind an opening that is told.
    pub fn start(&mut self, opening: Option<&Opening>) {
        self.scribe.start();
        self.names.clear();
        self.legs.clear();
        self.legs.extend(opening.into_iter().flat_map(|opening| &opening.rest));
        self.entries = opening.map_or(0, |opening| opening.entries);
    }

    /// The end of a path.
    pub fn end(&mut self) {
        self.hand_on(1);
    }

    /// Nothing but an opening was booked, its full pages are handed on.
    pub fn opened(self) -> Opening {
        Opening { entries: self.entries, rest: self.legs }
    }

    /// What an account opens with.
    pub fn open(&mut self, plan: &Plan<'_>, index: usize) {
        let s = Snapshot::opening(plan, index);
        let capital = s.cash + s.held - s.loan - s.accrued;
        let legs = [
            (Side::Cash, s.cash),
            (Side::Securities, s.held),
            (Side::Loan, -s.loan),
            (Side::Interest, -s.accrued),
            (Side::Capital, -capital),
        ];
        self.entry(0, "opening", &legs.map(|(side, amount)| (Ledger::Client(index as u32, side), amount)));
    }

    /// The entries between two looks at one account.
    pub fn difference(&mut self, day: usize, index: usize, before: &Snapshot, now: &Snapshot) {
        self.largest = [before.cash, before.loan, before.held, now.cash, now.loan, now.held].into_iter().fold(self.largest, f64::max);
        let client = |side| Ledger::Client(index as u32, side);
        let (gain, interest) = (now.gain - before.gain, now.charged - before.charged);
        let (paid_in, cost) = (now.paid_in - before.paid_in, now.sale_cost - before.sale_cost);
        let withdrawn = now.withdrawn - before.withdrawn;
        let (gross, shortfall) = (now.proceeds - before.proceeds, now.shortfall - before.shortfall);
        let (custody_loss, recall) = (now.custody_loss - before.custody_loss, now.recall - before.recall);
        let repaid_interest = before.accrued + interest - now.accrued;
        let repaid_loan = before.loan - now.loan;
        let repaid = before.cash + paid_in - withdrawn + gross - cost - now.cash;
        let written_off = if now.state == State::Closed { shortfall } else { 0.0 };
        let entries: [(&'static str, &[(Ledger, f64)]); 9] = [
            ("market", &[(client(Side::Securities), gain), (Ledger::Of(House::Market), -gain)]),
            ("interest", &[(client(Side::Interest), -interest), (Ledger::Of(House::LenderInterest), interest)]),
            ("paid in", &[(client(Side::Cash), paid_in), (client(Side::PaidIn), -paid_in)]),
            ("withdrawn", &[(client(Side::Cash), -withdrawn), (client(Side::Withdrawn), withdrawn)]),
            ("sale", &[(client(Side::Securities), -gross), (client(Side::Cash), gross - cost), (Ledger::Of(House::Costs), cost)]),
            (
                "repayment",
                &[
                    (client(Side::Loan), repaid_loan),
                    (client(Side::Interest), repaid_interest),
                    (client(Side::Cash), -repaid),
                    (Ledger::Shortfall(index as u32), -written_off),
                ],
            ),
            (
                "written off",
                &[(client(Side::Capital), shortfall - written_off), (Ledger::Shortfall(index as u32), written_off - shortfall)],
            ),
            ("custodian", &[(client(Side::Securities), -custody_loss), (Ledger::Of(House::CustodianClients), custody_loss)]),
            ("recall", &[(Ledger::Recall(index as u32), recall), (Ledger::Of(House::RecallPool), -recall)]),
        ];
        for (what, legs) in entries {
            self.entry(day, what, legs);
        }
    }

    /// What the lender gets of an account's result.
    pub fn share(&mut self, day: usize, index: usize, split: &Split) {
        let shared = [
            (Ledger::Client(index as u32, Side::Cash), -split.lender_money - split.fees_money()),
            (Ledger::Of(House::LenderShare), split.lender_money),
            (Ledger::Of(House::LenderFees), split.fees_money()),
        ];
        self.entry(day, "sharing", &shared);
    }

    /// An entry on ledger accounts that have a name.
    pub fn named_entry(&mut self, day: usize, what: &'static str, legs: Vec<(String, f64)>) {
        let mut number = |name| {
            self.names.push(name);
            Ledger::Named(self.names.len() as u32 - 1)
        };
        let legs: Vec<(Ledger, f64)> = legs.into_iter().map(|(name, amount)| (number(name), amount)).collect();
        self.entry(day, what, &legs);
    }

    /// Books one entry; legs of zero are left out, and entries that only hold what rounding left.
    pub fn entry(&mut self, day: usize, what: &'static str, legs: &[(Ledger, f64)]) {
        if legs.iter().all(|(_, amount)| amount.abs() < 1e-6) {
            return;
        }
        let gap = legs.iter().fold(0.0, |sum, (_, amount)| sum + amount);
        let flow = legs.iter().fold(0.0, |sum, (_, amount)| sum + amount.abs());
        // balances are kept to the last bit of the largest of them, and a flow is the difference of two
        assert!(gap.abs() <= tolerance(flow, self.largest), "the entry `{what}` of day {day} does not sum to zero by {gap}: {legs:?}");
        self.entries += 1;
        let (entry_id, day) = (self.entries, day as u16);
        let booked = legs.iter().filter(|(_, amount)| *amount != 0.0);
        self.legs.extend(booked.map(|(account, amount)| Leg { entry_id, day, account: *account, amount: *amount, what }));
        self.hand_on(PAGE);
    }

    /// Hands on full pages, and what is left where it has `least` legs.
    fn hand_on(&mut self, least: usize) {
        while self.legs.len() >= least {
            let page = self.legs.len().min(PAGE);
            self.scribe.take(Page { legs: &self.legs[..page], names: &self.names });
            self.legs.drain(..page);
        }
    }
}
