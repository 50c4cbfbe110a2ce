//! Knows the positions of Fidelity, a broker of the United States: money with a dollar sign, cash under symbols that end in `**`.
//!
//! Headers as public importers of `Portfolio_Positions_….csv` have them, by capital letters or not; each row ends with a comma
//! that the header lacks, and newer files may name the account without its number.

use super::{Shape, column};

pub const SHAPES: &[Shape] = &[
    Shape {
        name: ("positions of Fidelity", "Fidelity 持仓"),
        role: "positions",
        marks: &["account_number", "symbol", "current_value", "average_cost_basis"],
        columns: &[
            column("account_number", "account_id"),
            column("symbol", "symbol"),
            column("quantity", "quantity"),
            column("average_cost_basis", "cost"),
            column("current_value", "stated_value"),
        ],
    },
    Shape {
        name: ("positions of Fidelity, accounts by name", "Fidelity 持仓（账户名称）"),
        role: "positions",
        marks: &["account_name", "current_value", "average_cost_basis"],
        columns: &[
            column("account_name", "account_id"),
            column("symbol", "symbol"),
            column("quantity", "quantity"),
            column("average_cost_basis", "cost"),
            column("current_value", "stated_value"),
        ],
    },
];
