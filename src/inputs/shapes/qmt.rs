//! Knows the bars, positions and credit accounts of QMT (xtquant).
//!
//! Bars: `volume` in lots of 100 shares, `amount` in yuan, `suspendFlag` 1 halted, 0 and -1 (resumed) trading, `time` in milliseconds.
//!
//! Credit accounts: the fields of `XtCreditDetail` in the documentation of xtquant. `m_dFinDebt` 融资负债 is `m_dFinDealAvl` 融资本金 and
//! `m_dFinFee` 融资息费 together, as in the counter behind it (`ftotaldebts` = `fdealavl` + `ffee`): where the principal stands by
//! itself the fee is accrued interest, and else it is part of the loan and not counted again.

use super::{Shape, Unit, column, unit};

pub const SHAPES: &[Shape] = &[
    Shape {
        name: ("daily bars of QMT (xtquant)", "QMT（xtquant）日线"),
        role: "prices",
        marks: &["suspendflag", "preclose"],
        columns: &[
            column("time", "date"),
            column("stock_code", "symbol"),
            column("preclose", "preclose"),
            column("suspendflag", "suspended"),
            unit("volume", "volume", Unit::LotsUnlessTurnover),
        ],
    },
    Shape {
        name: ("positions of QMT (xtquant)", "QMT（xtquant）持仓"),
        role: "positions",
        marks: &["stock_code", "volume", "can_use_volume"],
        columns: &[
            column("account_id", "account_id"),
            column("stock_code", "symbol"),
            column("volume", "quantity"),
            column("can_use_volume", "sellable_quantity"),
            column("avg_price", "cost"),
            column("open_price", "cost"),
            column("market_value", "stated_value"),
        ],
    },
    Shape {
        name: ("credit accounts of QMT (xtquant)", "QMT（xtquant）信用账户"),
        role: "accounts",
        marks: &["m_davailable", "m_dfindebt", "m_dperassurescalevalue"],
        columns: &[
            column("account_id", "account_id"),
            column("m_davailable", "cash"),
            column("m_dfindebt", "loan"),
            column("m_dslodebt", "short_debt"),
            column("m_dperassurescalevalue", "stated_ratio"),
        ],
    },
    Shape {
        name: ("credit accounts of QMT (xtquant), principal and fees", "QMT（xtquant）信用账户（本金与息费）"),
        role: "accounts",
        marks: &["m_davailable", "m_dfindealavl", "m_dfinfee", "m_dperassurescalevalue"],
        columns: &[
            column("account_id", "account_id"),
            column("m_davailable", "cash"),
            column("m_dfindealavl", "loan"),
            column("m_dfinfee", "accrued_interest"),
            column("m_dslodebt", "short_debt"),
            column("m_dperassurescalevalue", "stated_ratio"),
        ],
    },
];
