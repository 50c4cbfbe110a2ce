//! Enforces the house: the import table of the crate docs, one room per outside package, and the habits of a file.
//!
//! The table is read from the doc comment of `src/lib.rs`, so that the doc is the rule. Every finding names its remedy.

use super::code::{Named, Source, code_of, files, line_of, paths, root};
use std::collections::BTreeMap;
use std::fs;

/// Packages that any room may use: derives and log lines decide nothing, and no platform changes `libm`.
const ANYWHERE: [&str; 4] = ["serde", "schemars", "tracing", "libm"];

/// Declared for their features alone; Cargo.toml says why.
const FEATURES_ONLY: [&str; 4] = ["num_bigint", "bytemuck", "num_complex", "approx"];

/// Rooms that compute and touch nothing outside.
const PURE_ROOMS: [&str; 5] = ["units", "maths", "problem", "model", "measures"];

/// Parts of the standard library that reach outside.
const OUTSIDE: [&str; 5] = ["std::fs", "std::thread", "std::time", "std::env", "std::process"];

/// What a pure room reaches for all the same, and why it changes no figure.
const REACHES: [(&str, &str); 1] = [("src/maths/isa.rs", "std::env")]; // lowers the instruction set, for the tests of bit equality

/// A longer file is asked which two things it is.
const LINES_MAX: usize = 500;

/// A longer function is asked which steps it has.
const FUNCTION_LINES_MAX: usize = 105;

/// One room: what it may import and which packages live in it.
#[derive(Debug, Default, PartialEq)]
pub struct Room {
    pub imports: Vec<String>,
    pub packages: Vec<String>,
    imports_anything: bool,
}

pub type Table = BTreeMap<String, Room>;

/// What is wrong, where, and what to do about it.
pub struct Finding {
    pub place: String,
    pub what: String,
    pub remedy: String,
}

// ---- reading the rules ------------------------------------------------------------------------

/// The rows of the import table, as they stand in the doc comment.
pub fn import_table(lib_doc: &str) -> Table {
    let words = |cell: &str| -> Vec<String> {
        let names = cell.split(',').map(|word| word.trim().trim_matches('`').replace('-', "_"));
        names.filter(|word| !word.is_empty() && word != "–").collect()
    };
    let rows = lib_doc.lines().filter_map(|line| line.trim().strip_prefix("//! | `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        assert!(cells.len() >= 3, "a row of the import table has three cells: {row}");
        let imports = words(cells[1]);
        let imports_anything = imports == ["anything"];
        (cells[0].trim().trim_matches('`').to_string(), Room { imports, packages: words(cells[2]), imports_anything })
    })
    .collect()
}

/// The packages under `[dependencies]`, as they are written in code.
fn dependencies(manifest: &str) -> Vec<String> {
    let section = manifest.split("\n[dependencies]").nth(1).expect("the manifest has dependencies");
    let section = section.split("\n[").next().unwrap_or(section);
    let names = section.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name.trim().replace('-', "_"));
    names.filter(|name| !name.starts_with('#')).collect()
}

// ---- what code names --------------------------------------------------------------------------

/// Every room a file names, with the line: through `crate::`, through `levertide::`, or by climbing with `super::`.
fn rooms_named(path: &str, code: &str) -> Vec<(String, usize)> {
    let depth = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod").split('/').count();
    let room = |named: Named| {
        let above = named.names.iter().take_while(|name| *name == "super").count();
        let skip = match named.names.first().map(String::as_str) {
            Some("crate" | "levertide") => 1,
            _ if above == depth => depth,
            _ => return None,
        };
        named.names.get(skip).map(|name| (name.clone(), named.line))
    };
    let mut found: Vec<(String, usize)> = paths(code).into_iter().filter_map(room).collect();
    found.sort();
    found.dedup();
    found
}

fn room_of(path: &str) -> &str {
    let inside = path.trim_start_matches("src/");
    inside.split(['/', '.']).next().unwrap_or(inside)
}

// ---- the rules --------------------------------------------------------------------------------

/// Imports and packages against the table.
fn imports(source: &Source, table: &Table, packages: &[String]) -> Vec<Finding> {
    let room = room_of(&source.path);
    if room == "lib" {
        return Vec::new();
    }
    let Some(rules) = table.get(room) else {
        return vec![Finding {
            place: source.path.clone(),
            what: format!("room `{room}` has no row in the import table"),
            remedy: "give it a row in the crate docs (src/lib.rs), or move the file into a room that has one".into(),
        }];
    };
    let code = code_of(&source.text);
    let mut findings = Vec::new();
    for (name, line) in rooms_named(&source.path, &code) {
        let known = table.contains_key(&name);
        if known && name != room && !rules.imports_anything && !rules.imports.contains(&name) {
            findings.push(Finding {
                place: format!("{}:{line}", source.path),
                what: format!("`{room}` imports `{name}`"),
                remedy: format!(
                    "`{room}` may import {}: pass what it needs as an argument, or move the code up the flow",
                    list(&rules.imports)
                ),
            });
        }
    }
    for package in packages {
        let allowed = ANYWHERE.contains(&package.as_str()) || rules.packages.contains(package);
        for line in if allowed { Vec::new() } else { lines_naming(&code, package) } {
            let homes: Vec<String> = table.iter().filter(|(_, r)| r.packages.contains(package)).map(|(name, _)| name.clone()).collect();
            findings.push(Finding {
                place: format!("{}:{line}", source.path),
                what: format!("`{room}` uses the package `{package}`"),
                remedy: format!(
                    "`{package}` lives in {}: call a function of that room, or add it to this room's row in src/lib.rs",
                    list(&homes)
                ),
            });
        }
    }
    findings
}

/// No file, thread, clock or environment where only numbers are made.
fn purity(source: &Source) -> Vec<Finding> {
    if !PURE_ROOMS.contains(&room_of(&source.path)) {
        return Vec::new();
    }
    let code = code_of(&source.text);
    let hits = OUTSIDE.iter().flat_map(|outside| code.match_indices(outside).map(move |(at, _)| (at, *outside)));
    let hits = hits.filter(|(_, outside)| !REACHES.contains(&(source.path.as_str(), outside)));
    hits.map(|(at, outside)| Finding {
        place: format!("{}:{}", source.path, line_of(&code, at)),
        what: format!("`{}` reaches outside through `{outside}`", room_of(&source.path)),
        remedy: "let `inputs` read, `engine` drive, `report` write, and pass the values in".into(),
    })
    .collect()
}

/// The first line says what the file does; no file does two things.
fn shape(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |place: String, what: String, remedy: &str| findings.push(Finding { place, what, remedy: remedy.into() });
    let lines = source.text.lines().count();
    if lines > LINES_MAX {
        find(
            format!("{}:{LINES_MAX}", source.path),
            format!("{lines} lines, more than {LINES_MAX}"),
            "say which two things the file is, and make two files",
        );
    }
    let code: Vec<&str> = source.text.lines().collect();
    for (at, line) in code.iter().enumerate() {
        let head = line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(super) ").trim_start_matches("const ");
        let closed = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
        let length = if head.starts_with("fn ") { code[at..].iter().position(|line| *line == closed).unwrap_or(0) + 1 } else { 0 };
        if length > FUNCTION_LINES_MAX {
            let what = format!("a function of {length} lines, more than {FUNCTION_LINES_MAX}");
            find(format!("{}:{}", source.path, at + 1), what, "give each of its steps a function of its own");
        }
    }
    let first = source.text.lines().next().unwrap_or("");
    let word: String = first.trim_start_matches("//! ").chars().take_while(|c| c.is_alphabetic() || *c == '-').collect();
    let verb = first.starts_with("//! ") && word.starts_with(char::is_uppercase) && word.ends_with('s');
    let crate_docs = source.path == "src/lib.rs";
    if !verb && !crate_docs {
        find(
            format!("{}:1", source.path),
            format!("opens with `{first}`"),
            "open with one `//!` sentence that starts with a verb: `//! Settles an account's profit or loss …`",
        );
    }
    findings
}

/// Words that promise work instead of doing it, and paths of one machine.
fn words(source: &Source) -> Vec<Finding> {
    // put together here, so that this file does not find itself
    let unfinished = [["TO", "DO"], ["FIX", "ME"], ["todo", "!("], ["unimplemented", "!("], ["dbg", "!("]].map(|word| word.concat());
    let machine = [["/wo", "rk/"], ["/ro", "ot/"], ["/ho", "me/"]].map(|word| word.concat());
    let search = |words: &[String], what: &str, remedy: &str| -> Vec<Finding> {
        let hits = source
            .text
            .lines()
            .enumerate()
            .flat_map(|(at, line)| words.iter().filter(move |word| line.contains(*word)).map(move |w| (at, w)));
        hits.map(|(at, word)| Finding {
            place: format!("{}:{}", source.path, at + 1),
            what: format!("{what} `{word}`"),
            remedy: remedy.into(),
        })
        .collect()
    };
    let mut findings = search(&unfinished, "holds", "do it, or leave it out: an option that is parsed must act, a figure must be computed");
    findings.extend(search(&machine, "names a path of one machine:", "use a path relative to the project, or a temporary folder"));
    findings
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "no other room".into() } else { names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ") }
}

// ---- the files --------------------------------------------------------------------------------

pub fn assert_none(findings: Vec<Finding>) {
    let lines: Vec<String> = findings.iter().map(|f| format!("{}: {}\n  fix: {}", f.place, f.what, f.remedy)).collect();
    assert!(findings.is_empty(), "{} findings\n{}", findings.len(), lines.join("\n"));
}

fn house() -> (Table, Vec<String>) {
    let lib = fs::read_to_string(root().join("src/lib.rs")).expect("the crate docs are there");
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the manifest is there");
    (import_table(&lib), dependencies(&manifest))
}

#[test]
fn every_import_follows_the_table_of_the_crate_docs() {
    let (table, packages) = house();
    let sources = files(&root().join("src"), &[".rs"]);
    assert!(sources.len() > 30 && table.len() > 8 && packages.len() > 20, "the house was read in part only");
    assert_none(sources.iter().flat_map(|source| imports(source, &table, &packages)).collect());
}

#[test]
fn the_table_names_only_rooms_and_packages_that_exist() {
    let (table, packages) = house();
    for (room, rules) in &table {
        let path = root().join("src").join(room);
        assert!(path.is_dir() || path.with_extension("rs").is_file(), "the table names `{room}`, which is not in src/");
        for name in rules.imports.iter().filter(|_| !rules.imports_anything) {
            assert!(table.contains_key(name), "`{room}` may import `{name}`, which has no row");
        }
        for package in &rules.packages {
            assert!(packages.contains(package), "`{room}` lists `{package}`, which is not a dependency");
        }
    }
}

/// A package that nothing uses is compiled by every user for nothing, and a row that lists it tells what is not so.
#[test]
fn every_package_that_is_declared_or_listed_is_used() {
    let (table, packages) = house();
    let sources = files(&root().join("src"), &[".rs"]);
    let code: Vec<(&str, String)> = sources.iter().map(|source| (room_of(&source.path), code_of(&source.text))).collect();
    let uses = |room: &str, package: &str| code.iter().any(|(of, code)| *of == room && is_named(code, package));
    for package in packages.iter().filter(|package| !FEATURES_ONLY.contains(&package.as_str())) {
        assert!(code.iter().any(|(_, code)| is_named(code, package)), "`{package}` is declared in Cargo.toml, and no line of src/ uses it");
    }
    for (room, rules) in &table {
        for package in &rules.packages {
            assert!(uses(room, package), "`{room}` lists `{package}` in src/lib.rs, and none of its lines uses it: take it out of the row");
        }
    }
}

/// Whether code names a package.
fn is_named(code: &str, package: &str) -> bool {
    !lines_naming(code, package).is_empty()
}

/// The lines on which code names a package, each once.
fn lines_naming(code: &str, package: &str) -> Vec<usize> {
    let mut lines: Vec<usize> = paths(code).iter().filter(|named| named.names[0] == package).map(|named| named.line).collect();
    lines.dedup();
    lines
}

#[test]
fn the_pure_rooms_touch_nothing_outside() {
    assert_none(files(&root().join("src"), &[".rs"]).iter().flat_map(purity).collect());
}

#[test]
fn each_file_says_what_it_does_and_does_one_thing() {
    let folders = ["src", "tests"].map(|folder| files(&root().join(folder), &[".rs"]));
    assert_none(folders.iter().flatten().flat_map(shape).collect());
}

#[test]
fn nothing_unfinished_and_no_path_of_one_machine_is_left() {
    let kinds = [".rs", ".toml", ".md", ".typ", ".txt", ".csv", ".yml", ".yaml", ".sh"];
    let mut sources: Vec<Source> = ["src", "tests", "docs", "scenarios", "benches", "deploy", ".ci"]
        .iter()
        .flat_map(|folder| files(&root().join(folder), &kinds))
        .collect();
    for name in ["README.md", "Cargo.toml", "clippy.toml", ".ci/run"] {
        if let Ok(text) = fs::read_to_string(root().join(name)) {
            sources.push(Source { path: name.into(), text });
        }
    }
    assert_none(sources.iter().flat_map(words).collect());
}

// ---- the test of the test ---------------------------------------------------------------------

fn planted(path: &str, text: &str) -> Source {
    Source { path: path.into(), text: text.into() }
}

#[test]
fn a_planted_import_is_caught_in_every_form_it_can_take() {
    let (table, packages) = house();
    let caught = |path: &str, text: &str| imports(&planted(path, text), &table, &packages).len();
    for (path, text, findings) in [
        ("src/model/x.rs", "use crate::engine::outcome::Outcome;", 1),
        ("src/model/x.rs", "use crate::{units::Day, measures::{Unit, Flag}, report};", 2),
        ("src/model/pool/x.rs", "fn f() -> f64 { crate::measures::estimate() }", 1),
        ("src/model/pool/x.rs", "use super::super::super::engine;", 1),
        ("src/model/mod.rs", "use super::engine;", 1),
        ("src/model/pool/mod.rs", "use super::sharing;", 0),
        ("src/measures/x.rs", "use levertide::report::Facts;", 1),
        ("src/engine/x.rs", "use polars::prelude::*;", 1),
        ("src/units/x.rs", "let x = rand::random();", 1),
        ("src/model/x.rs", "use std::rand::x; let y = a.rand::<u8>(); // use crate::engine", 0),
        ("src/model/x.rs", "let s = \"use crate::engine::x\"; let r = r#\"crate::engine::y\"#; let c = '\"'; /* crate::engine::z */", 0),
        ("src/model/x.rs", "fn f() {}\n#[cfg(test)]\nmod tests { use crate::engine::simulate; }", 0),
        ("src/elsewhere/x.rs", "", 1),
        ("src/commands/x.rs", "use crate::engine::simulate; use clap::Parser;", 0),
    ] {
        assert_eq!(caught(path, text), findings, "{path}: {text}");
    }
}

#[test]
fn planted_words_shapes_and_reaches_are_caught() {
    let spelled = |parts: [&str; 2]| parts.concat();
    assert_eq!(words(&planted("src/x.rs", &spelled(["a\n// TO", "DO later"]))).len(), 1);
    assert_eq!(words(&planted("src/x.rs", &spelled(["fn f() { to", "do!() }"]))).len(), 1);
    assert_eq!(words(&planted("docs/x.md", &spelled(["lies in /ho", "me/someone/x"]))).len(), 1);
    assert_eq!(words(&planted("src/x.rs", "//! Settles a result.\n")).len(), 0);
    assert_eq!(shape(&planted("src/x.rs", "//! The sharing module.\n")).len(), 1);
    assert_eq!(shape(&planted("src/x.rs", "use std::fmt;\n")).len(), 1);
    assert_eq!(shape(&planted("src/x.rs", &format!("//! Settles a result.\n{}", "\n".repeat(LINES_MAX)))).len(), 1);
    assert_eq!(shape(&planted("src/x.rs", "//! Settles a result.\n")).len(), 0);
    let long = |lines: usize| format!("//! Settles a result.\nfn f() {{\n{}}}\n", "    g();\n".repeat(lines - 2));
    assert_eq!(shape(&planted("src/x.rs", &long(FUNCTION_LINES_MAX + 1))).len(), 1);
    assert_eq!(shape(&planted("src/x.rs", &long(FUNCTION_LINES_MAX))).len(), 0);
    assert_eq!(purity(&planted("src/model/x.rs", "use std::fs::File;")).len(), 1);
    assert_eq!(purity(&planted("src/inputs/x.rs", "use std::fs::File;")).len(), 0);
}
