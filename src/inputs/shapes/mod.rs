//! Recognises the tables that vendors and brokers export, by the headers that only they write together.
//!
//! A shape is a table of columns: which header stands for which column, and what one of its numbers is worth. A vendor is one file
//! and one line below. What the programme maps in `[data.columns]` goes before a shape, and a shape before the common names.

mod akshare;
mod baostock;
mod choice;
mod comdirect;
mod eastmoney;
mod fidelity;
pub mod interactive_brokers;
mod joinquant;
mod qmt;
mod tushare;
mod wind;

use super::header_units::fold;

/// One table of a vendor.
pub struct Shape {
    /// In English and Chinese.
    pub name: (&'static str, &'static str),
    /// The file it is read as.
    pub role: &'static str,
    /// Headers, folded, that stand together in no other table.
    pub marks: &'static [&'static str],
    pub columns: &'static [Column],
}

/// A column of a vendor's table.
pub struct Column {
    /// As it is written, folded.
    pub header: &'static str,
    pub name: &'static str,
    pub unit: Unit,
}

/// What one of a column's numbers is worth.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Unit {
    /// What the header, and the numbers, say.
    Plain,
    Lots,
    /// Lots of 100 shares; where turnover stands beside it that tells the unit.
    LotsUnlessTurnover,
    Thousands,
    TenThousands,
    Percent,
}

impl Unit {
    /// What one is worth, where the shape says so.
    pub fn scale(self) -> Option<f64> {
        match self {
            Unit::Plain => None,
            Unit::Lots | Unit::LotsUnlessTurnover => Some(100.0),
            Unit::Thousands => Some(1e3),
            Unit::TenThousands => Some(1e4),
            Unit::Percent => Some(0.01),
        }
    }

    /// In English and Chinese.
    pub fn name(self) -> (&'static str, &'static str) {
        match self {
            Unit::Plain => ("as written", "原值"),
            Unit::Lots | Unit::LotsUnlessTurnover => ("in lots of 100 shares", "按手（100 股）"),
            Unit::Thousands => ("in thousands", "按千"),
            Unit::TenThousands => ("in ten thousands", "按万"),
            Unit::Percent => ("in per cent", "按百分比"),
        }
    }
}

const fn column(header: &'static str, name: &'static str) -> Column {
    Column { header, name, unit: Unit::Plain }
}

const fn unit(header: &'static str, name: &'static str, unit: Unit) -> Column {
    Column { header, name, unit }
}

/// Every vendor.
const ALL: [&[Shape]; 11] = [
    qmt::SHAPES,
    tushare::SHAPES,
    akshare::SHAPES,
    baostock::SHAPES,
    joinquant::SHAPES,
    wind::SHAPES,
    choice::SHAPES,
    eastmoney::SHAPES,
    interactive_brokers::SHAPES,
    comdirect::SHAPES,
    fidelity::SHAPES,
];

/// The shape of a table read as `role`: the one of the most marks whose marks all stand among its headers.
pub fn of(role: &str, headers: &[String]) -> Option<&'static Shape> {
    let folded: Vec<String> = headers.iter().map(|header| fold(header)).collect();
    let stands = |mark: &&str| folded.iter().any(|header| header == mark);
    let own = ALL.into_iter().flatten().filter(|shape| shape.role == role && shape.marks.iter().all(&stands));
    own.max_by_key(|shape| shape.marks.len())
}

impl Shape {
    /// The header that stands for a column: its index among the headers, and the shape's own row.
    pub fn find(&self, name: &str, headers: &[String]) -> Option<(usize, &Column)> {
        let own = self.columns.iter().filter(|column| column.name == name);
        own.filter_map(|column| Some((headers.iter().position(|header| fold(header) == column.header)?, column))).next()
    }
}

#[cfg(test)]
mod tests {
    use super::super::headers::ROLES;
    use super::*;

    #[test]
    fn every_shape_names_columns_that_exist_and_is_told_from_every_other() {
        for shape in ALL.into_iter().flatten() {
            let role = ROLES.iter().find(|role| role.name == shape.role).unwrap_or_else(|| panic!("{}", shape.name.0));
            for own in shape.columns {
                assert!(role.columns.iter().any(|c| c.name == own.name), "{}: {}", shape.name.0, own.name);
                assert_eq!(fold(own.header), own.header, "{}", shape.name.0);
            }
            assert!(shape.marks.len() >= 2 && shape.marks.iter().all(|mark| fold(mark) == *mark), "{}", shape.name.0);
            let headers: Vec<String> =
                shape.columns.iter().map(|c| c.header).chain(shape.marks.iter().copied()).map(String::from).collect();
            assert_eq!(of(shape.role, &headers).map(|s| s.name.0), Some(shape.name.0));
        }
    }
}
