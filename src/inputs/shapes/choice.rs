//! Knows the daily bars of Choice (Eastmoney): `DATES` and `CODES` of its functions, 交易时间 of its exports; shares and yuan.

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
