//! Runs paths in tiles through the order of a day, and reduces them in a fixed order.
//!
//! | room      | may import                                                        | holds |
//! |-----------|-------------------------------------------------------------------|-------|
//! | `plan`    | –                                                                 | programme, book and market as plain numbers |
//! | `market`  | plan                                                              | the tile's prices, the market's state |
//! | `record`  | plan, market                                                      | columns by path, account, symbol; the spool |
//! | `account` | plan, market, record                                              | state of active accounts, how a close moves it |
//! | `screen`  | plan, market, account                                             | which accounts could come to a line, and do |
//! | `sale`    | plan, market, record, account                                     | what accounts sell, and what it brings |
//! | `pool`    | plan, market, record, account, screen                             | cash, funders, tiers, recalls, books |
//! | `tally`   | plan, market, record, screen, pool                                | the sums of a batch, and their balance |
//! | `day`     | plan, market, record, account, screen, sale, pool, tally          | the order of a day |
//! | `run`     | plan, market, record, account, screen, pool, tally, day           | batches over threads, parts joined, one path told alone |
//!
//! The table is enforced by `tests/rooms.rs`; no two files of a room import each other. An account on a path is *active* from
//! the first close that does more than warn it; before, screening keeps it by bounds alone.

mod account;
mod day;
mod market;
mod plan;
mod pool;
mod record;
mod run;
mod sale;
mod screen;
mod tally;

pub use plan::build::held_symbols;
pub use plan::{caps as control_plan, drift};
pub use pool::ledger::PoolLine;
pub use record::outcome;
pub use record::spool;
pub use run::batch::{outcomes, simulate as simulate_batches};
pub use run::control::Control;
pub use run::group::{Run, runs, side_by_side};
pub use run::joined::{Holds, Joined, Kept, Piece, Restored, Store};
pub use run::moves::{Basket, Moves, moves};
pub use run::needs::{Needs, needs};
pub use run::simulate::{account_steps, simulate, simulate_every_account, simulate_onto};
pub use run::work::{GroupLayout, Layout, Work};
pub use run::{breadth, brute, trace};
