//! Knows the daily table of Wind's database (AShareEODPrices), and the fields of its functions.
//!
//! In the database volume counts lots of 100 shares and turnover thousands of yuan; the functions count shares and yuan.

use super::{Shape, Unit, column, unit};

pub const SHAPES: &[Shape] = &[
    Shape {
        name: ("daily table of Wind (AShareEODPrices)", "Wind 日行情表（AShareEODPrices）"),
        role: "prices",
        marks: &["s_info_windcode", "trade_dt", "s_dq_close"],
        columns: &[
            column("trade_dt", "date"),
            column("s_info_windcode", "symbol"),
            column("s_dq_close", "close"),
            column("s_dq_open", "open"),
            column("s_dq_high", "high"),
            column("s_dq_low", "low"),
            column("s_dq_preclose", "preclose"),
            unit("s_dq_volume", "volume", Unit::Lots),
            unit("s_dq_amount", "amount", Unit::Thousands),
            column("s_dq_adjfactor", "adj_factor"),
            column("s_dq_tradestatus", "tradestatus"),
        ],
    },
    Shape {
        name: ("fields of Wind's functions", "Wind 函数导出"),
        role: "prices",
        marks: &["windcode", "amt"],
        columns: &[column("windcode", "symbol"), column("datetime", "date"), column("amt", "amount"), column("adjfactor", "adj_factor")],
    },
];
