//! Knows the margin accounts and the holdings that Eastmoney Securities (东方财富证券) lists for 融资融券.
//!
//! Headers of its web pages, as public programs that read them name them: holdings by 持仓数量, 可用数量, 最新市值; margin assets either short
//! (可用资金, 融资负债, 融券负债, 维持担保比例) or whole (资金可用数, 融资本金, 融资息费, 融资负债合计). A debt is principal and fees together: its ratio is
//! assets over it. Total assets are 资金可用数 and 担保证券市值, so that 资金可用数 is the cash.

use super::{Shape, column};

pub const SHAPES: &[Shape] = &[
    Shape {
        name: ("margin accounts of Eastmoney", "东方财富 融资融券账户"),
        role: "accounts",
        marks: &["融资负债", "融券负债", "维持担保比例"],
        columns: &[
            column("资金账号", "account_id"),
            column("可用资金", "cash"),
            column("融资负债", "loan"),
            column("融券负债", "short_debt"),
            column("维持担保比例", "stated_ratio"),
        ],
    },
    Shape {
        name: ("margin assets of Eastmoney, principal and fees", "东方财富 融资融券资产（本金与息费）"),
        role: "accounts",
        marks: &["资金可用数", "融资本金", "融资息费", "维持担保比例"],
        columns: &[
            column("资金账号", "account_id"),
            column("资金可用数", "cash"),
            column("融资本金", "loan"),
            column("融资息费", "accrued_interest"),
            column("融券负债合计", "short_debt"),
            column("维持担保比例", "stated_ratio"),
        ],
    },
    Shape {
        name: ("holdings of Eastmoney", "东方财富 持仓"),
        role: "positions",
        marks: &["证券代码", "可用数量", "最新市值"],
        columns: &[
            column("资金账号", "account_id"),
            column("证券代码", "symbol"),
            column("证券数量", "quantity"),
            column("持仓数量", "quantity"),
            column("可用数量", "sellable_quantity"),
            column("成本价", "cost"),
            column("最新市值", "stated_value"),
        ],
    },
];
