//! Writes and reads parts of a run: of a shard, for `merge`, and of a checkpoint, for the run that goes on.
//!
//! A part holds consecutive batches: the rows of each, and their sums as far as the tree of all joins them. It says what it was made of,
//! and is joined with parts of the same alone.

pub mod checkpoint;
pub mod head;
pub mod piece;
