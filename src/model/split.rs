//! States what a change between two programmes can come from, and what differs between them.
//!
//! Every key and every file of a programme is of one source: the market's data with the as-of date, the book, the market model, what is
//! drawn (seed and paths), or else the parameters of the rules. A key that moves no figure, such as a limit or the language of the report,
//! is of none.

use super::lineage::InputFile;
use serde::Serialize;

/// What a part of a change comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The program itself: a stored report against its programme run by this one.
    Engine,
    Data,
    Book,
    Parameters,
    Model,
    /// Seed and paths.
    Noise,
}

impl Source {
    /// Those that are taken over one after another, in the order that is usual; what is drawn comes last.
    pub const ORDER: [Source; 4] = [Source::Data, Source::Book, Source::Parameters, Source::Model];

    pub fn name(self) -> &'static str {
        match self {
            Source::Engine => "engine",
            Source::Data => "data",
            Source::Book => "book",
            Source::Parameters => "parameters",
            Source::Model => "model",
            Source::Noise => "noise",
        }
    }
}

/// One thing that differs; on either side nothing where it is not there.
#[derive(Clone, Debug, PartialEq)]
pub struct Differs {
    /// Nothing where no figure depends on it.
    pub source: Option<Source>,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A key and its values.
    Key { key: String, first: Option<String>, second: Option<String> },
    /// The file of a role.
    File { role: String, first: Option<InputFile>, second: Option<InputFile> },
}

impl What {
    /// One of the two: the value of a key, or the path of a file.
    pub fn said(&self, second: bool) -> Option<&str> {
        match self {
            What::Key { first, second: other, .. } => if second { other } else { first }.as_deref(),
            What::File { .. } => self.file(second).map(|file| file.path.as_str()),
        }
    }

    /// The file of one of the two.
    pub fn file(&self, second: bool) -> Option<&InputFile> {
        match self {
            What::File { first, second: other, .. } => if second { other } else { first }.as_ref(),
            What::Key { .. } => None,
        }
    }

    /// The key, or the role of the file.
    pub fn name(&self) -> &str {
        match self {
            What::Key { key, .. } => key,
            What::File { role, .. } => role,
        }
    }

    /// Every text of the user's that is shown.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            What::Key { key, first, second } => std::iter::once(key).chain(first).chain(second).map(String::as_str).collect(),
            What::File { first, second, .. } => first.iter().chain(second).map(|file| file.path.as_str()).collect(),
        }
    }
}

/// The source of a key of a programme, by its steps; several where it is a table that holds keys of more than one.
pub fn source_of(path: &[&str]) -> Of {
    match path {
        // what a scenario changes, by its name
        ["scenario", _] | ["scenario", _, "name" | "severity" | "narrative" | "zh", ..] => Of::None,
        ["scenario", _, own @ ..] => source_of(own),
        ["schema" | "name" | "limits" | "report" | "model-risk" | "reverse" | "watch" | "firm" | "currency", ..] => Of::None,
        ["seed"] | ["simulation", "paths" | "sampling" | "until", ..] => Of::One(Source::Noise),
        ["simulation", "confidence"] | ["data", "root"] => Of::None,
        ["simulation" | "data"] | ["data", "sheet" | "header-row" | "columns"] => Of::Several,
        ["data", "sheet" | "header-row" | "columns", role, ..] | ["data", role, ..] if is_of_book(role) => Of::One(Source::Book),
        ["as-of" | "data", ..] => Of::One(Source::Data),
        ["simulation" | "estimation" | "market" | "feedback", ..] => Of::One(Source::Model),
        _ => Of::One(Source::Parameters),
    }
}

/// Where a key belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    One(Source),
    Several,
    None,
}

/// The source of a file by its role.
pub fn source_of_file(role: &str) -> Source {
    match role {
        "paths" => Source::Model,
        role if is_of_book(role) => Source::Book,
        _ => Source::Data,
    }
}

fn is_of_book(role: &str) -> bool {
    matches!(role, "accounts" | "positions" | "funding")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_source_or_none() {
        let of = |key: &str| source_of(&key.split('.').collect::<Vec<_>>());
        let wanted = [
            ("as-of", Of::One(Source::Data)),
            ("data.prices", Of::One(Source::Data)),
            ("data.columns.prices.close", Of::One(Source::Data)),
            ("data.columns.positions.cost", Of::One(Source::Book)),
            ("data.accounts", Of::One(Source::Book)),
            ("data.sheet", Of::Several),
            ("simulation", Of::Several),
            ("simulation.horizon-days", Of::One(Source::Model)),
            ("simulation.paths", Of::One(Source::Noise)),
            ("simulation.confidence", Of::None),
            ("seed", Of::One(Source::Noise)),
            ("scenario.mild.margin.call", Of::One(Source::Parameters)),
            ("scenario.mild.narrative", Of::None),
            ("margin.call", Of::One(Source::Parameters)),
            ("pool.capital.A", Of::One(Source::Parameters)),
            ("feedback.impact", Of::One(Source::Model)),
            ("report.language", Of::None),
        ];
        for (key, source) in wanted {
            assert_eq!(of(key), source, "{key}");
        }
        assert_eq!(
            [source_of_file("funding"), source_of_file("calendar"), source_of_file("paths")],
            [Source::Book, Source::Data, Source::Model]
        );
    }
}
