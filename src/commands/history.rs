//! Reads the file of the early-warning register, and adds lines to it: a run's when its report stands, a closing by hand.

use crate::disk::bounded;
use crate::disk::whole::{self, Over};
use crate::model::case::Programme;
use crate::model::lineage::InputFile;
use crate::problem::{Kind, Place, Problem, Problems};
use crate::report::export::register as file;
use crate::report::names;
use crate::study::register::line::{Finding, Line, Subject};
use crate::study::register::{Register, reports};
use std::path::{Path, PathBuf};

/// A longer file is no register: a report enters some kilobytes.
const LARGEST_BYTES: u64 = 256 << 20;
const OURS: Over<'static> = Over::Begins { what: "early-warning register", with: file::FIRST_LINE.as_bytes() };

/// The file as it was read.
pub struct History {
    path: PathBuf,
    text: String,
    is_new: bool,
    pub lines: Vec<Line>,
}

impl History {
    /// Reads the file; one that is not there yet is begun with the first line added.
    ///
    /// Errors: it is another file (kind Output), or a line of it cannot be read (kind Data).
    pub fn open(path: &Path) -> Result<History, Problems> {
        whole::folder_stands(path)?;
        let place = whole::check(path, OURS)?;
        if !place.exists() {
            return Ok(History { path: path.to_path_buf(), text: file::FIRST_LINE.into(), is_new: true, lines: Vec::new() });
        }
        let text = read(path)?;
        let lines = file::read(&text).map_err(|(line, what)| {
            let place = Place { line: Some(line), ..Place::file(path.display().to_string()) };
            let why = "a line of the early-warning register is a report or a closing, as this program writes them";
            Problem::new(Kind::Data, place, what, why, "restore the file from a copy, or name another")
        })?;
        Ok(History { path: path.to_path_buf(), text, is_new: false, lines })
    }

    /// The same for a run of a programme.
    ///
    /// Errors: as above, a history of the programme in another currency (kind Data), a place that cannot be written (kind Output).
    pub fn of(path: &Path, programme: &Programme) -> Result<History, Problems> {
        let history = History::open(path)?;
        let mut reports = history.lines.iter().filter_map(Line::report);
        if let Some(other) = reports.find(|entry| entry.programme == programme.name && entry.currency != programme.currency) {
            let what = format!("holds reports of “{}” in {}, the programme is in {}", programme.name, other.currency, programme.currency);
            let why = "amounts of two currencies make no course";
            let place = Place::file(path.display().to_string());
            return Err(Problem::new(Kind::Data, place, what, why, "begin another file").into());
        }
        // what cannot be written at the end is found out before the first path
        drop(whole::create(path, history.over())?);
        Ok(history)
    }

    fn over(&self) -> Over<'static> {
        if self.is_new { Over::Nothing } else { OURS }
    }

    /// Names of watches and of who is told that a report may show again.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let findings = self.lines.iter().filter_map(Line::report).flat_map(|entry| &entry.findings);
        findings.flat_map(|finding| finding.tell.iter().chain(name(finding))).map(String::as_str)
    }

    /// The file among the inputs of a run; nothing where it is begun by it.
    pub fn lineage(&self) -> Option<InputFile> {
        let own = || names::input_file("register", self.path.display().to_string(), self.text.as_bytes(), self.lines.len() as u64);
        (!self.is_new).then(own)
    }

    /// Errors (kind Output): the file is no longer what was read.
    pub fn check_unchanged(&self) -> Result<(), Problems> {
        let now = if self.path.exists() { Some(read(&self.path)?) } else { None };
        if now.as_deref() == (!self.is_new).then_some(self.text.as_str()) {
            return Ok(());
        }
        let place = Place::file(self.path.display().to_string());
        let why = "another run has entered its report since, and numbers of findings would be given twice";
        Err(Problem::new(Kind::Output, place, "has changed since it was read", why, "run again").into())
    }

    /// Enters a run, unless it stands there already, or reports of later days rest on what was there.
    ///
    /// Errors (kind Output): the file has changed, or cannot be written.
    pub fn enter(&self, register: &Register) -> Result<(), Problems> {
        let entry = &register.entry;
        let of_its_day = reports(&self.lines, &entry.programme).remove(&entry.as_of);
        // the edition of a report in the other language says the same
        if register.past || of_its_day.is_some_and(|own| own.says_the_same(entry)) {
            return Ok(());
        }
        self.add(&Line::Report(entry.clone()))
    }

    /// Adds a line.
    ///
    /// Errors (kind Output): the file has changed, or cannot be written.
    pub fn add(&self, line: &Line) -> Result<(), Problems> {
        self.check_unchanged()?;
        let end = if self.text.ends_with('\n') { "" } else { "\n" };
        let text = format!("{}{end}{}", self.text, file::written(line));
        whole::write(&self.path, text.as_bytes(), self.over())
    }
}

fn name(finding: &Finding) -> Option<&String> {
    match &finding.subject {
        Subject::Watch(name) => Some(name),
        Subject::Limit { .. } => None,
    }
}

fn read(path: &Path) -> Result<String, Problems> {
    let shown = path.display().to_string();
    let problem = |what: String| {
        let why = "the early-warning register is a text file that this program writes";
        Problem::new(Kind::Data, Place::file(shown.clone()), what, why, "restore the file from a copy, or name another")
    };
    let bytes = bounded::read(path, LARGEST_BYTES).map_err(|e| problem(format!("cannot be read: {e}")))?;
    Ok(String::from_utf8(bytes).map_err(|_| problem("is no UTF-8".into()))?)
}
