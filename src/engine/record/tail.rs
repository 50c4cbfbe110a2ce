//! Holds what accounts and symbols lost on the paths of a tail.

/// Which part of the tail a row belongs to; it may be at its edge and near it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TailPart {
    /// The pool lost more than its VaR, or just as much.
    pub beyond: bool,
    pub at: bool,
    /// The loss lies in the VaR's interval.
    pub near: bool,
}

/// A row of a scenario, and its part of the tail.
pub type TailRow = (u32, TailPart);

/// Losses over some rows: of those beyond VaR how many there are, Σx, Σx² and Σx³, of those at it and near it Σx.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TailSum {
    pub count: u32,
    pub beyond: f64,
    pub square: f64,
    pub cube: f64,
    pub at: f64,
    pub near: f64,
}

/// What each account cost the pool on the rows of one stratum's tail, or of all, and through each symbol.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TailSums {
    /// In the order of the book.
    pub account: Vec<TailSum>,
    /// In the order of `SymbolColumns`.
    pub symbol: Vec<TailSum>,
}

impl TailSum {
    /// Adds one row's loss.
    pub fn add(&mut self, part: TailPart, loss: f64) {
        if part.beyond {
            self.count += 1;
            self.beyond += loss;
            self.square += loss * loss;
            self.cube += loss * loss * loss;
        }
        self.at += if part.at { loss } else { 0.0 };
        self.near += if part.near { loss } else { 0.0 };
    }
}

impl TailSums {
    pub fn new(accounts: usize, symbols: usize) -> Self {
        TailSums { account: vec![TailSum::default(); accounts], symbol: vec![TailSum::default(); symbols] }
    }

    /// Adds the sums of further rows.
    pub fn join(&mut self, next: &TailSums) {
        let pairs = self.account.iter_mut().zip(&next.account).chain(self.symbol.iter_mut().zip(&next.symbol));
        for (sum, next) in pairs {
            sum.count += next.count;
            sum.beyond += next.beyond;
            sum.square += next.square;
            sum.cube += next.cube;
            sum.at += next.at;
            sum.near += next.near;
        }
    }
}
