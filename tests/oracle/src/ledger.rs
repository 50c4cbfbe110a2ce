//! Writes every movement of money as a double entry, and checks that each sums to zero.

use crate::story::Leg;
use std::collections::HashMap;

/// The entries of one path.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    pub legs: Vec<Leg>,
    entries: usize,
    /// What each account stands at, and what was moved on it.
    balances: HashMap<String, (f64, f64)>,
}

/// Half a cent, and a part of what was moved.
fn cent(size: f64) -> f64 {
    0.005 + 1e-9 * size
}

impl Ledger {
    /// An entry of signed legs; what is held is positive, what is owed or given negative.
    pub fn enter(&mut self, day: usize, what: &str, legs: &[(&str, f64)]) {
        let legs: Vec<&(&str, f64)> = legs.iter().filter(|(_, amount)| *amount != 0.0).collect();
        if legs.is_empty() {
            return;
        }
        let (sum, size) = legs.iter().fold((0.0, 0.0), |(sum, size), (_, amount)| (sum + amount, size + amount.abs()));
        assert!(sum.abs() <= cent(size), "entry `{what}` of session {day} leaves {sum}: {legs:?}");
        self.entries += 1;
        for (account, amount) in legs {
            let balance = self.balances.entry((*account).into()).or_default();
            *balance = (balance.0 + amount, balance.1 + amount.abs());
            self.legs.push(Leg { entry: self.entries, day, what: what.into(), account: (*account).into(), amount: *amount });
        }
    }

    /// What an account must stand at.
    pub fn assert_balance(&self, account: &str, right: f64) {
        let (found, size) = self.balances.get(account).copied().unwrap_or_default();
        assert!((found - right).abs() <= cent(size), "`{account}` stands at {found} in the ledger and at {right} in the book");
    }
}
