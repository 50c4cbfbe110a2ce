//! Knows the daily bars of BaoStock: codes `sh.600000`, volume in shares, amount in yuan, `adjustflag` 3 as traded.

use super::{Shape, column};

pub const SHAPES: &[Shape] = &[Shape {
    name: ("daily bars of BaoStock", "BaoStock 日线"),
    role: "prices",
    marks: &["code", "adjustflag", "close"],
    columns: &[
        column("code", "symbol"),
        column("preclose", "preclose"),
        column("adjustflag", "adjustflag"),
        column("tradestatus", "tradestatus"),
        column("isst", "is_st"),
    ],
}];
