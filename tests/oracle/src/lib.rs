//! Tells what the rules of Levertide's documents make of a book on given price paths: a second reading, to hold the first against.
//!
//! The program this oracle checks is fast: paths side by side, accounts passed over. This one is plain: one path after
//! another, one account after another, one session after another, in the order of the day that the documents state. It was
//! written from `docs/` alone and shares no line with `src/`. Where the documents leave a choice, `README.md` of this folder
//! names the choice that was made.
//!
//! | file | what it holds |
//! |---|---|
//! | `world` | everything that goes in: [`World`], the book and the given paths |
//! | `programme` | the keys of a programme, and their defaults |
//! | `files` | the same from a programme, its tables and a table of paths |
//! | `story` | everything that comes out: [`Story`] |
//! | `day` | the order of the day, one function |
//! | the others | one rule each |
//!
//! ```
//! use levertide_oracle::{World, run};
//! let world = World::default();
//! assert!(run(&world).paths.is_empty());
//! ```

// bits need not agree on every platform here, and nothing is iterated that has no order
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod account;
mod contract;
pub mod csv;
pub mod date;
mod day;
mod end;
mod exchange;
pub mod files;
mod forced;
mod funders;
mod hedge;
mod impact;
mod kinds;
mod ledger;
mod margin;
mod market_state;
mod maths;
mod pool;
mod prices;
pub mod programme;
pub mod ratio;
mod recall;
mod rulebook;
mod sales;
mod sharing;
mod shocks;
pub mod story;
mod value;
mod waterfall;
pub mod world;

pub use date::Date;
pub use programme::Programme;
pub use story::Story;
pub use world::World;

/// What becomes of the book on every path.
///
/// Panics, naming the place, when the world contradicts itself: a position of an account that does not exist, a path with
/// fewer sessions than there are dates, an entry that does not sum to zero.
pub fn run(world: &World) -> Story {
    Story { paths: (0..world.paths.len()).map(|path| day::Path::new(world, path).run()).collect() }
}
