//! Keeps what paths came to: columns by path, account, symbol and group, their sums, and the spool of finished rows.

pub mod account_sums;
pub mod bytes;
pub mod join;
pub mod lanes;
pub mod order;
pub mod outcome;
pub mod paths;
pub mod pool;
pub mod sample;
pub mod spool;
pub mod symbol_lanes;
pub mod tail;
