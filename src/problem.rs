//! Tells the user what can be fixed: where, what, why, and how; gathered, sorted, bounded.

use std::fmt;

pub mod near;
pub mod visible;

/// Process exit codes; the whole list a script has to know.
pub mod exit {
    pub const DONE: i32 = 0;
    /// A limit is breached or a regression found.
    pub const BREACH: i32 = 1;
    pub const USAGE: i32 = 2;
    pub const PROGRAMME: i32 = 3;
    pub const DATA: i32 = 4;
    /// The market model cannot be fitted, or no weights of the paths meet the views.
    pub const MODEL: i32 = 5;
    pub const OUTPUT: i32 = 6;
    /// A bug in Levertide: a broken invariant, reported with its numbers.
    pub const BUG: i32 = 70;
    pub const INTERRUPTED: i32 = 130;
}

/// Which part of the input a problem lies in; decides the exit code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    Usage,
    Programme,
    Data,
    Model,
    Output,
    Interrupted,
}

impl Kind {
    pub fn exit_code(self) -> i32 {
        match self {
            Kind::Usage => exit::USAGE,
            Kind::Programme => exit::PROGRAMME,
            Kind::Data => exit::DATA,
            Kind::Model => exit::MODEL,
            Kind::Output => exit::OUTPUT,
            Kind::Interrupted => exit::INTERRUPTED,
        }
    }
}

/// Where a problem lies: a file, a line of it (1-based), and a column name or key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Place {
    pub file: String,
    pub line: Option<usize>,
    /// A column of a table or a dotted key of a programme.
    pub field: Option<String>,
}

impl Place {
    pub fn file(file: impl Into<String>) -> Self {
        Place { file: file.into(), ..Place::default() }
    }

    pub fn line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&visible::line(&self.file))?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        match &self.field {
            Some(field) if self.file.is_empty() => write!(f, "`{}`", visible::line(field)),
            Some(field) => write!(f, ", `{}`", visible::line(field)),
            None => Ok(()),
        }
    }
}

/// One thing the user can fix.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Problem {
    pub kind: Kind,
    pub place: Place,
    /// What was found, lower case, present tense, no full stop.
    pub what: String,
    pub why: String,
    pub fix: String,
}

impl Problem {
    pub fn new(kind: Kind, place: Place, what: impl Into<String>, why: impl Into<String>, fix: impl Into<String>) -> Self {
        Problem { kind, place, what: what.into(), why: why.into(), fix: fix.into() }
    }

    /// The same, on a line of its file.
    pub fn on_line(mut self, line: usize) -> Self {
        self.place = self.place.line(line);
        self
    }
}

/// A problem of a model, placed at its key.
pub fn model_problem(key: &str, what: impl Into<String>, why: impl Into<String>, fix: impl Into<String>) -> Problem {
    Problem::new(Kind::Model, Place::default().field(key), what, why, fix)
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.to_string();
        let joint = if place.is_empty() { "" } else { ": " };
        write!(f, "error: {place}{joint}{}\n  why: {}\n  fix: {}", clean(&self.what), clean(&self.why), clean(&self.fix))
    }
}

/// Characters of quoted user data that steer a terminal must not reach it; what is long is cut.
fn clean(text: &str) -> String {
    const LONGEST: usize = 400;
    let visible = visible::line(text);
    match visible.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &visible[..end]),
        None => visible.into_owned(),
    }
}

/// How many problems are shown in full.
pub const SHOWN: usize = 20;
/// How many are kept at all, so that a broken ten-million-row file does not fill the memory.
const KEPT: usize = 10_000;

/// Every problem found, in order of place.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    list: Vec<Problem>,
    dropped: usize,
}

impl Problems {
    pub fn new() -> Self {
        Problems::default()
    }

    pub fn push(&mut self, problem: Problem) {
        if self.list.len() < KEPT {
            self.list.push(problem);
        } else {
            self.dropped += 1;
        }
    }

    pub fn extend(&mut self, other: Problems) {
        self.dropped += other.dropped;
        for problem in other.list {
            self.push(problem);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn len(&self) -> usize {
        self.list.len() + self.dropped
    }

    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter()
    }

    pub fn into_result<T>(self, value: T) -> Result<T, Problems> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }

    /// The exit code of the first kind in the order usage, programme, data, model, output.
    pub fn exit_code(&self) -> i32 {
        self.list.iter().map(|p| p.kind).min().map_or(exit::DONE, Kind::exit_code)
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        let mut problems = Problems::new();
        problems.push(problem);
        problems
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sorted: Vec<&Problem> = self.list.iter().collect();
        sorted.sort();
        sorted.dedup();
        for problem in sorted.iter().take(SHOWN) {
            writeln!(f, "{problem}")?;
        }
        let rest = sorted.len().saturating_sub(SHOWN) + self.dropped;
        if rest > 0 {
            writeln!(f, "… and {rest} more problems")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_says_place_what_why_and_fix() {
        let place = Place::file("data/positions.csv").line(42).field("quantity");
        let problem = Problem::new(
            Kind::Data,
            place,
            "found \"1.5e9999\"",
            "a quantity is a finite number of shares",
            "write the share count, for example 1500",
        );
        let text = problem.to_string();
        assert!(text.starts_with("error: data/positions.csv:42, `quantity`: found \"1.5e9999\"\n  why: "));
        assert_eq!(Problems::from(problem).exit_code(), exit::DATA);
    }

    #[test]
    fn twenty_problems_are_shown_and_the_rest_counted() {
        let mut problems = Problems::new();
        for line in 1..=25 {
            problems.push(Problem::new(Kind::Data, Place::file("a.csv").line(line), "x", "y", "z"));
        }
        let text = problems.to_string();
        assert_eq!(text.matches("error:").count(), 20);
        assert!(text.contains("and 5 more problems"));
    }
}
