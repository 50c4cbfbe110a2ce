//! Knows the daily bars that AkShare takes from Sina; those of Eastmoney and Tencent are told by the order of their columns.
//!
//! `volume` and `outstanding_share` in shares, `amount` in yuan, `turnover` a fraction of the shares and no money.

use super::{Shape, column};

pub const SHAPES: &[Shape] = &[Shape {
    name: ("daily bars of AkShare (Sina)", "AkShare 日线（新浪）"),
    role: "prices",
    marks: &["outstanding_share", "turnover"],
    columns: &[column("volume", "volume"), column("amount", "amount"), column("outstanding_share", "float_shares")],
}];
