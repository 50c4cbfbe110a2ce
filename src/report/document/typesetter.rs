//! Compiles the template by typst and writes PDF/A-3a and PDF/UA-1, all from memory.

use crate::problem::{Kind, Place, Problem, Problems};
use crate::report::fonts::Fonts;
use crate::units::Day;
use std::collections::BTreeMap;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_kit::files::{FileLoader, FileStore};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

const TEMPLATE: &[u8] = include_bytes!("../assets/report.typ");

/// Files of the compilation by name; nothing else can be read, and no package is ever fetched.
struct Memory(BTreeMap<String, Bytes>);

impl FileLoader for Memory {
    fn load(&self, id: FileId) -> FileResult<Bytes> {
        let path = id.get().vpath().get_without_slash();
        self.0.get(path).cloned().ok_or_else(|| FileError::NotFound(path.into()))
    }
}

struct Desk<'f> {
    library: LazyHash<Library>,
    fonts: &'f Fonts,
    files: FileStore<Memory>,
    main: FileId,
    today: Datetime,
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }
    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.store().book()
    }
    fn main(&self) -> FileId {
        self.main
    }
    fn source(&self, id: FileId) -> FileResult<Source> {
        self.files.source(id)
    }
    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.file(id)
    }
    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.store().font(index)
    }
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        Some(self.today)
    }
}

/// Sets the template with `files` beside it; `ident` names the document, `day` is its time stamp. The PDF, and its pages.
pub fn typeset(fonts: &Fonts, files: BTreeMap<String, Vec<u8>>, ident: &str, day: Day) -> Result<(Vec<u8>, usize), Problems> {
    let mut memory: BTreeMap<String, Bytes> = files.into_iter().map(|(name, bytes)| (name, Bytes::new(bytes))).collect();
    memory.insert("main.typ".into(), Bytes::new(TEMPLATE));
    let (year, month, date) = day.ymd();
    let today = Datetime::from_ymd_hms(year, month as u8, date as u8, 0, 0, 0).expect("a day has a date");
    let path = VirtualPath::new("main.typ").expect("main.typ is a path");
    let desk = Desk {
        library: LazyHash::new(Library::default()),
        fonts,
        files: FileStore::new(Memory(memory)),
        main: RootedPath::new(VirtualRoot::Project, path).intern(),
        today,
    };
    let compiled = typst::compile::<PagedDocument>(&desk);
    let document = compiled.output.map_err(|errors| refused(&errors))?;
    let standards = PdfStandards::new(&[PdfStandard::A_3a, PdfStandard::Ua_1]).expect("A-3a and UA-1 combine");
    let options = PdfOptions {
        ident: Smart::Custom(ident.into()),
        creator: Smart::Custom(Some(concat!("Levertide ", env!("CARGO_PKG_VERSION")).into())),
        timestamp: Some(Timestamp::new_utc(today)),
        standards,
        ..PdfOptions::default()
    };
    let pdf = typst_pdf::pdf(&document, &options).map_err(|errors| refused(&errors))?;
    Ok((pdf, document.pages().len()))
}

/// Texts are checked for glyphs before, so what typst refuses is most likely a fault of the template; the user still gets a place to turn to.
fn refused(errors: &[SourceDiagnostic]) -> Problems {
    let mut problems = Problems::new();
    for error in errors {
        let hints: Vec<String> = error.hints.iter().map(|hint| hint.v.to_string()).collect();
        problems.push(Problem::new(
            Kind::Output,
            Place::file("report.pdf"),
            error.message.to_string(),
            format!("the report must meet PDF/A-3a and PDF/UA-1 {}", hints.join("; ")).trim_end().to_string(),
            "report this with the programme; the other outputs do not depend on it",
        ));
    }
    problems
}
