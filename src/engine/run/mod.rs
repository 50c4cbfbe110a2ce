//! Runs batches of tiles over worker threads, and single paths to be told.

pub mod allocation;
pub mod audit;
pub mod batch;
pub mod books;
pub mod breadth;
pub mod brute;
pub mod control;
pub mod group;
pub mod joined;
pub mod legs;
pub mod moves;
pub mod needs;
pub mod pilot;
pub mod round;
pub mod scoring;
pub mod screening;
pub mod sequence;
pub mod simulate;
pub mod snapshot;
pub mod tail;
pub mod threads;
pub mod trace;
pub mod weighing;
pub mod work;
