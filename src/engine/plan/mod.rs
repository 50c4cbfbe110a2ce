//! Resolves programme, book and market to what the day loop reads, once, before the first path.

pub mod account;
pub mod active;
pub mod build;
pub mod caps;
pub mod controls;
pub mod distance;
pub mod drift;
pub mod facts;
pub mod opening;
pub mod past;
pub mod pool;
pub mod recourse;
pub mod risk;
pub mod scenario;
