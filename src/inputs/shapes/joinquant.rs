//! Knows the daily bars of JoinQuant: `money` is turnover in yuan, `paused` a flag, `factor` the factor of adjustment.

use super::{Shape, column};

pub const SHAPES: &[Shape] = &[Shape {
    name: ("daily bars of JoinQuant", "聚宽日线"),
    role: "prices",
    marks: &["money", "paused"],
    columns: &[
        column("time", "date"),
        column("code", "symbol"),
        column("money", "amount"),
        column("pre_close", "preclose"),
        column("factor", "adj_factor"),
        column("paused", "suspended"),
    ],
}];
