//! Keeps the active accounts of one tile: where each stands on its path, and what it holds.

use crate::engine::market::prices::Prices;
use crate::engine::plan::active::{ActiveAccount, State, key};
use crate::engine::plan::distance::Held;
use crate::engine::plan::scenario::Plan;

/// The active accounts of one tile.
#[derive(Default)]
pub struct Accounts {
    pub active: Vec<ActiveAccount>,
    /// Quantities of the accounts that sold; see `ActiveAccount::own_shares`.
    pub shares: Vec<f64>,
    /// Active accounts that are not closed, in order: their keys and places.
    pub in_order: Vec<(u32, u32)>,
    /// The same of those opened since `in_order` was last put in order; and scratch.
    opened: Vec<(u32, u32)>,
    merged: Vec<(u32, u32)>,
}

/// The active accounts as they stood before a session.
#[derive(Default)]
pub struct Saved {
    active: Vec<ActiveAccount>,
    shares: Vec<f64>,
    in_order: Vec<(u32, u32)>,
    opened: Vec<(u32, u32)>,
}

impl Accounts {
    /// No account is active.
    pub fn clear(&mut self) {
        self.active.clear();
        self.shares.clear();
        [&mut self.in_order, &mut self.opened].into_iter().for_each(Vec::clear);
    }

    /// Makes the account active at a place in one lane, whose path is `path`.
    pub fn open(&mut self, plan: &Plan<'_>, place: u32, lane: usize, path: u64) -> usize {
        let at = self.active.len();
        self.active.push(ActiveAccount::new(plan, place, lane, path));
        self.opened.push((key(place, lane), at as u32));
        at
    }

    /// Merges the active accounts opened since into those in order.
    pub fn put_in_order(&mut self) {
        if self.opened.is_empty() {
            return;
        }
        self.opened.sort_unstable();
        self.merged.clear();
        let mut old = self.in_order.iter().copied().peekable();
        for new in self.opened.drain(..) {
            while let Some(earlier) = old.next_if(|old| *old < new) {
                self.merged.push(earlier);
            }
            self.merged.push(new);
        }
        self.merged.extend(old);
        std::mem::swap(&mut self.in_order, &mut self.merged);
    }

    /// Leaves those that are closed out of the order, and hands the others to `look` one by one.
    pub fn each_open(&mut self, mut look: impl FnMut(&mut Accounts, usize)) {
        let mut kept = 0;
        for place in 0..self.in_order.len() {
            let (key, at) = self.in_order[place];
            if self.active[at as usize].state == State::Closed {
                continue;
            }
            self.in_order[kept] = (key, at);
            kept += 1;
            look(self, at as usize);
        }
        self.in_order.truncate(kept);
    }

    /// Puts all of them in order, the closed ones too: sums over accounts are always made in the same order.
    pub fn order_all(&mut self) {
        self.in_order.clear();
        self.in_order.extend(self.active.iter().zip(0..).map(|(active, at)| (active.key(), at)));
        self.in_order.sort_unstable();
    }

    /// Gives an active account its own quantities, before the first sale.
    pub fn separate(&mut self, plan: &Plan<'_>, at: usize) {
        self.active[at].separate(plan, &mut self.shares);
    }

    /// Market value of the holdings of an active account at one row of prices.
    #[inline(always)]
    pub fn value(&self, plan: &Plan<'_>, active: &ActiveAccount, prices: Prices<'_>) -> f64 {
        active.value(plan, &self.shares, prices)
    }

    /// Keeps them as they stand.
    pub fn save(&self, saved: &mut Saved) {
        saved.active.clone_from(&self.active);
        saved.shares.clone_from(&self.shares);
        saved.in_order.clone_from(&self.in_order);
        saved.opened.clone_from(&self.opened);
    }

    /// Puts them back as they were kept.
    pub fn restore(&mut self, saved: &Saved) {
        self.active.clone_from(&saved.active);
        self.shares.clone_from(&saved.shares);
        self.in_order.clone_from(&saved.in_order);
        self.opened.clone_from(&saved.opened);
    }
}

impl ActiveAccount {
    /// The account at a place as the as-of close left it on a path.
    pub fn new(plan: &Plan<'_>, place: u32, lane: usize, path: u64) -> ActiveAccount {
        let row = &plan.distances.rows[place as usize];
        let account = &plan.accounts[row.account as usize];
        match plan.opening_of(row) {
            None => ActiveAccount::of(account, row.account, place, lane),
            Some(opening) => opening.active(account, place, lane, path),
        }
    }

    /// Gives it its own quantities, behind those in `shares`, before the first sale.
    pub fn separate(&mut self, plan: &Plan<'_>, shares: &mut Vec<f64>) {
        if self.own_shares().is_none() {
            self.owns_from(shares.len());
            shares.extend(plan.distances.held_of(self.place() as u32).iter().map(|held| held.quantity));
        }
    }

    /// Market value of the holdings at one day's prices.
    #[inline(always)]
    pub fn value(&self, plan: &Plan<'_>, shares: &[f64], prices: Prices<'_>) -> f64 {
        let held = plan.distances.held_of(self.place() as u32);
        let price = |held: &Held| prices.in_lane(held.at, self.lane());
        match self.own_shares() {
            Some(first) => {
                let own = &shares[first..first + held.len()];
                held.iter().zip(own).fold(0.0, |sum, (held, quantity)| sum + quantity * price(held))
            }
            None => held.iter().fold(0.0, |sum, held| sum + held.quantity * price(held)),
        }
    }
}
