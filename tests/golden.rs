//! (golden)
