//! States the rules: what a book, a market, a margin contract and a funding pool are; no files, no threads, no clock.

pub mod book;
pub mod case;
pub mod client;
pub mod exchange;
pub mod given_paths;
pub mod history;
pub mod impact;
pub mod layers;
pub mod ledger;
pub mod lineage;
pub mod liquidation;
pub mod margin;
pub mod market;
pub mod part;
pub mod pool;
pub mod reverse;
pub mod rules;
pub mod sample;
pub mod sampling;
pub mod sharing;
pub mod shock;
pub mod split;
pub mod sweep;
pub mod tornado;
pub mod until;
pub mod way;
