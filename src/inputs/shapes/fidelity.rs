//! Knows the positions of Fidelity, a broker of the United States: money with a dollar sign, cash under symbols that end in `**`.

use super::{Shape, column};

pub const SHAPES: &[Shape] = &[Shape {
    name: ("positions of Fidelity", "Fidelity 持仓"),
    role: "positions",
    marks: &["account_number", "current_value", "average_cost_basis"],
    columns: &[
        column("account_number", "account_id"),
        column("symbol", "symbol"),
        column("quantity", "quantity"),
        column("average_cost_basis", "cost"),
        column("current_value", "stated_value"),
    ],
}];
