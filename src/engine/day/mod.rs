//! Orders a day: for all accounts of a tile together or each by itself, and ends the horizon.

pub mod apart;
pub mod end;
pub mod fixed_point;
pub mod kept;
pub mod workspace;
