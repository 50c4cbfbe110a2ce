//! Says how a parameter is written and shown, and holds words in both languages.

use crate::units::Ratio;

/// A word or a sentence, English beside Chinese; `{names}` are filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words(pub &'static str, pub &'static str);

/// How a parameter is written and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A fraction, shown in per cent.
    Percent,
    /// A line on the maintenance ratio: where it cannot be meant, a per cent sign was forgotten or doubled.
    Line,
    /// A fraction that prices move by, shown with its sign.
    Move,
    /// A number that is a share, shown in per cent by the report alone.
    Share,
    Number,
    /// A whole number.
    Count,
    /// A session of the horizon, from 1.
    Session,
    /// The last session of a stress that starts with `first-day`; the end of the horizon when absent.
    LastSession,
    /// So many sessions in a row from `first-day`.
    Sessions,
    Date,
    File,
    /// True or false.
    Flag,
    /// One of these words, each with what the report calls it.
    Choice(&'static [(&'static str, Words)]),
    /// What a shock hits.
    Target,
    /// A table of the keys that follow it.
    Table,
}

impl Unit {
    /// Whether the range is one of figures.
    pub fn is_figure(self) -> bool {
        matches!(self, Unit::Percent | Unit::Line | Unit::Move | Unit::Share | Unit::Number | Unit::Count)
    }

    /// A figure as a problem shows it.
    pub fn write(self, figure: f64) -> String {
        match self {
            Unit::Percent | Unit::Line | Unit::Move => Ratio::from_fraction(figure).to_string(),
            Unit::Session | Unit::LastSession => format!("day {figure}"),
            Unit::Sessions => format!("{figure} days"),
            _ => figure.to_string(),
        }
    }
}
