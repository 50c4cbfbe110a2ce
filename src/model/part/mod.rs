//! States what a part says of itself: a market model, a shock or an impact law declares its key, its parameters, its sentences and
//! its formula in its own file.
//!
//! From the declaration come the checks of a programme, the ranges of its schema, the template of `init`, the key tables of
//! docs/formats.md and the rules section of the report. docs/architecture.md shows how a part is added.
//!
//! Worked: `[market.gaussian] volatility-annual` is declared as a percentage within 0 and 10; 30 is found as "3000%", and the reason
//! says "0% to 1000%".

use crate::units::Ratio;
use serde::Serialize;

pub mod bounds;
pub(in crate::model) mod registry;
pub mod rule;
mod unit;
mod values;

pub use bounds::Bounds;
pub use unit::{Unit, Words};
pub use values::{Value, Values};

/// What a part does, as far as others must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A market model with figures, given or fitted.
    Law,
    /// A market model that draws past days.
    PastDays,
    /// A market model that is one path of the past.
    Replay,
    /// A market model whose paths the user gives.
    OwnPaths,
    Shock,
    Impact,
    /// A table of rules that is there or not: a control of the platform, a behaviour of clients.
    Rule,
}

impl Kind {
    /// Whether a market model is estimated, so that a drift can be chosen for it.
    pub fn is_fitted(self) -> bool {
        matches!(self, Kind::Law | Kind::PastDays)
    }
}

/// What is taken where a parameter is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// It cannot be left out.
    Required,
    /// The value that is shown.
    Shown,
    /// It is read from the history, as the words say: without one it must be given.
    Fitted(Words),
    /// What the words say.
    Says(Words),
    /// Exactly one of it and of the other is given.
    Unless(&'static str),
}

/// One parameter of a part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Param {
    /// As in the programme; dotted where it stands in a table of the part's own.
    pub key: &'static str,
    pub unit: Unit,
    /// Of a figure; days, dates, files, choices and targets have the range of their unit.
    pub range: Bounds,
    pub absent: Absent,
    /// As TOML: the default, or an example where there is none.
    pub shown: &'static str,
    pub meaning: Words,
}

impl Param {
    /// One of the words named, by default the one shown.
    pub const fn choice(key: &'static str, words: &'static [(&'static str, Words)], shown: &'static str, meaning: Words) -> Param {
        Param { key, unit: Unit::Choice(words), range: Bounds::ANY, absent: Absent::Shown, shown, meaning }
    }

    /// A figure or a flag, by default the one shown.
    pub const fn shown(key: &'static str, unit: Unit, range: Bounds, shown: &'static str, meaning: Words) -> Param {
        Param { key, unit, range, absent: Absent::Shown, shown, meaning }
    }

    /// A figure that is not in force where it is left out.
    pub const fn optional(key: &'static str, unit: Unit, range: Bounds, shown: &'static str, meaning: Words) -> Param {
        Param { key, unit, range, absent: Absent::Says(Words("none", "无")), shown, meaning }
    }

    /// The last segment of its key.
    pub fn name(&self) -> &'static str {
        self.key.rsplit('.').next().unwrap_or(self.key)
    }

    /// What may be written, in words.
    pub fn allowed(&self) -> String {
        let choices = |words: &[(&str, Words)]| words.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let own = match self.unit {
            Unit::Session => "1 to the horizon".to_string(),
            Unit::LastSession => "`first-day` to the horizon".into(),
            Unit::Sessions => "1 and more, ending within the horizon".into(),
            Unit::Date => "date".into(),
            Unit::File => "path".into(),
            Unit::Flag => "true, false".into(),
            Unit::Choice(words) => choices(words),
            Unit::Target => "see below".into(),
            Unit::Table => "the keys below".into(),
            _ => self.range.words(self.unit),
        };
        match (self.word(), self.absent) {
            (Some(word), _) => format!("`{word}`, or {own}"),
            (None, Absent::Unless(other)) => format!("{own}; exactly one of `{}` and `{other}`", self.key),
            _ => own,
        }
    }

    /// The word a figure may be in place of a number: its default, where that is one.
    fn word(&self) -> Option<&'static str> {
        let quoted = self.shown.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        quoted.filter(|word| self.unit.is_figure() && self.absent == Absent::Shown && Ratio::parse(word).is_none())
    }

    /// What is said of a figure outside its range.
    fn fault(&self, figure: f64) -> Fault {
        let out = match self.absent {
            Absent::Required | Absent::Unless(_) => "",
            Absent::Shown | Absent::Says(_) => ", or leave the key out",
            Absent::Fitted(_) => ", or leave the key out to have it fitted",
        };
        Fault {
            keys: vec![self.key.into()],
            what: format!("found {}{}", self.unit.write(figure), if self.unit == Unit::Line { ", is this per cent?" } else { "" }),
            why: format!("`{}` is {}: {}", self.name(), self.range.words(self.unit), self.meaning.0),
            fix: format!("write for example {} = {}{out}", self.name(), self.shown),
        }
    }
}

/// A figure of a fitted model, by its name in the model's card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// `{slots}` stand for one word each; a symbol or a place in a range may follow.
    pub name: &'static str,
    pub words: Words,
}

/// What a part declares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Declared {
    /// The programme's key.
    pub key: &'static str,
    pub kind: Kind,
    /// What it does, in half a line.
    pub what: Words,
    pub formula: &'static str,
    /// Where it is from; empty where it is our own.
    pub source: &'static str,
    pub params: &'static [Param],
    /// What the report says of it, by the keys of its parameters; `{when}` are the sessions of a stress.
    pub sentences: &'static [Words],
    pub figures: &'static [Figure],
}

impl Declared {
    pub fn param(&self, key: &str) -> Option<&'static Param> {
        self.params.iter().find(|param| param.key == key)
    }

    /// What a report calls the word chosen at a key.
    pub fn chosen(&self, key: &str, values: &Values) -> Option<Words> {
        let Unit::Choice(words) = self.param(key)?.unit else { return None };
        let is_chosen = |word: &str| values.text(key) == Some(word) || values.has(&format!("{key}.{word}"));
        words.iter().find(|(word, _)| is_chosen(word)).map(|(_, called)| *called)
    }

    /// The parameters whose figures lie outside their range.
    fn out_of_range(&self, values: &Values) -> Vec<Fault> {
        let figures = self.params.iter().filter(|param| param.unit.is_figure());
        let outside = figures.filter_map(|param| values.figure(param.key).map(|figure| (param, figure)));
        outside.filter(|(param, figure)| !param.range.holds(*figure)).map(|(param, figure)| param.fault(figure)).collect()
    }

    /// Pairs of which not exactly one is given.
    fn not_one(&self, values: &Values) -> Vec<Fault> {
        let pairs = self.params.iter().filter_map(|param| match param.absent {
            // each pair once, from the first of the two
            Absent::Unless(other) if self.params.iter().position(|p| p.key == other) > self.params.iter().position(|p| p == param) => {
                Some((param, self.param(other)?))
            }
            _ => None,
        });
        let faults = pairs.filter(|(one, other)| values.has(one.key) == values.has(other.key)).map(|(one, other)| {
            let both = values.has(one.key);
            let what = if both { format!("both {} and {} are given", one.key, other.key) } else { "no size is given".to_string() };
            let why = format!("exactly one of `{}` and `{}` is given", one.key, other.key);
            let fix = format!("write either {} = {} or {} = {}", one.key, one.shown, other.key, other.shown);
            Fault { keys: vec![String::new()], what, why, fix }
        });
        faults.collect()
    }

    /// What is wrong with the values of a part, one by one and pair by pair.
    pub fn faults(&self, values: &Values) -> Vec<Fault> {
        let mut faults = self.out_of_range(values);
        faults.extend(self.not_one(values));
        faults
    }
}

/// What is wrong with a part's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The parameters it lies in, the first at fault before those it stands against; empty for the part itself.
    pub keys: Vec<String>,
    pub what: String,
    pub why: String,
    pub fix: String,
}

impl Fault {
    pub fn new(keys: &[&str], what: impl Into<String>, why: impl Into<String>, fix: impl Into<String>) -> Self {
        Fault { keys: keys.iter().map(ToString::to_string).collect(), what: what.into(), why: why.into(), fix: fix.into() }
    }
}

/// A choice that a programme can make: its table, and what it declares.
pub trait Part: Serialize {
    const DECLARED: Declared;

    /// Which of the declared sentences is said of these values.
    fn sentence(&self) -> usize {
        0
    }

    /// What contradicts another key of the part.
    fn contradictions(&self) -> Vec<Fault> {
        Vec::new()
    }

    /// Everything that is wrong with the values.
    fn faults(&self) -> Vec<Fault>
    where
        Self: Sized,
    {
        let mut faults = Self::DECLARED.faults(&Values::of(self));
        faults.extend(self.contradictions());
        faults
    }
}
