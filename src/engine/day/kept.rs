//! Holds what a tile remembers between closes beside its accounts: sales asked for ahead, and what a search for prices goes back to.

use crate::engine::account::accounts::Saved;
use crate::engine::plan::opening::SaleTarget;
use crate::engine::screen::noted::Noted;

/// A sale that an active account asks for on some day.
#[derive(Clone, Copy, Debug)]
pub struct Scheduled {
    pub key: u32,
    pub at: u32,
    pub target: SaleTarget,
}

/// What a session's search for its prices remembers: the accounts as they stood before it.
#[derive(Default)]
pub struct Search {
    pub accounts: Saved,
    pub noted: Vec<Noted>,
}
