//! Knows the daily bars of Choice (Eastmoney): `DATES` and `CODES` of its functions, 交易时间 of its exports; shares and yuan.
//!
//! `CODES` and `DATES` stand so in the documentation of `csd` with `Ispandas=1`; days are 2024/12/23, no value is `--`, and whether
//! closes are adjusted (`AdjustFlag`) is told by the call alone. For 交易时间 no public file was found: it is from memory.

use super::{Shape, column};

pub const SHAPES: &[Shape] = &[
    Shape {
        name: ("fields of Choice's functions", "Choice 函数导出"),
        role: "prices",
        marks: &["dates", "codes"],
        columns: &[column("dates", "date"), column("codes", "symbol")],
    },
    Shape {
        name: ("daily bars of Choice", "Choice 日线"),
        role: "prices",
        marks: &["交易时间", "证券代码", "收盘价"],
        columns: &[column("交易时间", "date"), column("证券代码", "symbol")],
    },
];
