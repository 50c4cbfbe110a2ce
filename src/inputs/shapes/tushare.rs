//! Knows the tables of Tushare, whose codes stand under `ts_code`.
//!
//! `daily`: `vol` in lots of 100 shares, `amount` in thousands of yuan. `daily_basic`: shares in ten thousands.

use super::{Shape, Unit, column, unit};

pub const SHAPES: &[Shape] = &[
    Shape {
        name: ("daily bars of Tushare", "Tushare 日线"),
        role: "prices",
        marks: &["ts_code", "trade_date"],
        columns: &[
            column("ts_code", "symbol"),
            column("trade_date", "date"),
            unit("vol", "volume", Unit::Lots),
            unit("amount", "amount", Unit::Thousands),
            unit("float_share", "float_shares", Unit::TenThousands),
        ],
    },
    Shape {
        name: ("daily returns of Tushare", "Tushare 日涨跌幅"),
        role: "returns",
        marks: &["ts_code", "trade_date"],
        columns: &[column("ts_code", "symbol"), column("trade_date", "date"), unit("pct_chg", "return", Unit::Percent)],
    },
];
