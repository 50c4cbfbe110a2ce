//! Knows the list of holdings of comdirect, a German broker: semicolons, decimal commas, a line above the header.

use super::{Shape, column};

pub const SHAPES: &[Shape] = &[Shape {
    name: ("holdings of comdirect", "comdirect 持仓"),
    role: "positions",
    marks: &["stück/nom.", "wkn", "kaufkurs_in_eur"],
    columns: &[
        column("wkn", "symbol"),
        column("stück/nom.", "quantity"),
        column("währung", "currency"),
        column("kaufkurs_in_eur", "cost"),
        column("wert_in_eur", "stated_value"),
    ],
}];
