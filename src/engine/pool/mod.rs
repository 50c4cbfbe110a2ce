//! Keeps the pool day by day: its cash, funders, tiers, recalls and books.

pub mod claims;
pub mod lane;
pub mod ledger;
pub mod recall;
pub mod record;
pub mod source;
pub mod workspace;
