//! Screens accounts: which could come to a line in a tile, and which meet one at a close.

pub mod bounds;
pub mod kernels;
pub mod noted;
pub mod panel;
pub mod watch;
