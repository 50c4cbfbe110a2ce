//! Holds the market of one tile: its prices under the exchange's limits, their bounds, and its volatility and stress.

pub mod kernels;
pub mod lanes;
pub mod prices;
pub mod state;
pub mod tile;
