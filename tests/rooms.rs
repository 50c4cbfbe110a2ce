//! Enforces the table of the rooms inside the engine, and that files import each other in one direction only.
//!
//! A circle of files has to be read, changed and understood as one. Its remedy is nearly always the same: what both need goes into a
//! file of its own below them, or the function that looks up goes to the file it looks up to.

use super::architecture::{Finding, assert_none, import_table};
use super::code::{Named, Source, code_of, files, paths, root};
use std::collections::{BTreeMap, BTreeSet};

/// The files below `src/`, by their path as modules: `engine/plan/mod.rs` is `[engine, plan]`.
struct Modules(BTreeMap<Vec<String>, String>);

impl Modules {
    fn of(sources: &[Source]) -> Modules {
        Modules(sources.iter().map(|source| (module_of(&source.path), source.path.clone())).collect())
    }

    /// The file a path leads to from the file `from`: that of the longest head of it that is a module; nothing for other packages.
    fn file(&self, from: &str, named: &Named) -> Option<&str> {
        let mut here = module_of(from);
        let mut rest = &named.names[..];
        match rest.first().map(String::as_str) {
            Some("crate") => {
                here.clear();
                rest = &rest[1..];
            }
            Some("self" | "super") => {
                while let Some(word @ ("self" | "super")) = rest.first().map(String::as_str) {
                    if word == "super" {
                        here.pop();
                    }
                    rest = &rest[1..];
                }
            }
            _ if !named.imported => return None,
            _ => {
                let child: Vec<String> = here.iter().chain(rest.first()).cloned().collect();
                if !self.0.contains_key(&child) {
                    return None;
                }
            }
        }
        for name in rest {
            here.push(name.clone());
            if !self.0.contains_key(&here) {
                here.pop();
                break;
            }
        }
        self.0.get(&here).map(String::as_str)
    }
}

fn module_of(path: &str) -> Vec<String> {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    if ["lib", "main", "mod"].contains(&inside) { Vec::new() } else { inside.split('/').map(String::from).collect() }
}

/// The files each file imports.
fn arrows(sources: &[Source]) -> BTreeMap<String, BTreeSet<String>> {
    let modules = Modules::of(sources);
    let of = |source: &Source| {
        let named = paths(&code_of(&source.text));
        let files = named.iter().filter_map(|named| modules.file(&source.path, named)).filter(|file| *file != source.path);
        (source.path.clone(), files.map(String::from).collect())
    };
    sources.iter().map(of).collect()
}

/// The circles of a graph: groups of files each of which leads to all the others.
fn circles(arrows: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reach = |from: &String| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(at) = open.pop() {
            for next in arrows.get(at).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    open.push(next);
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&String, BTreeSet<String>> = arrows.keys().map(|from| (from, reach(from))).collect();
    let mut found: BTreeSet<Vec<String>> = BTreeSet::new();
    for (from, there) in &reached {
        if there.contains(*from) {
            found.insert(there.iter().filter(|file| reached.get(file).is_some_and(|back| back.contains(*from))).cloned().collect());
        }
    }
    found.into_iter().collect()
}

fn sources() -> Vec<Source> {
    files(&root().join("src"), &[".rs"])
}

#[test]
fn the_rooms_of_the_engine_import_as_their_table_says() {
    let sources = sources();
    let docs = &sources.iter().find(|source| source.path == "src/engine/mod.rs").expect("the engine has its docs").text;
    let table = import_table(docs);
    let room = |path: &str| path.strip_prefix("src/engine/").and_then(|inside| inside.split_once('/')).map(|(room, _)| room.to_string());
    let rooms: BTreeSet<String> = sources.iter().filter_map(|source| room(&source.path)).collect();
    assert!(rooms.len() > 5 && rooms == table.keys().cloned().collect(), "the table has a row for every room: {rooms:?}");
    let mut findings = Vec::new();
    for (file, imported) in arrows(&sources) {
        let Some(own) = room(&file) else { continue };
        for other in imported.iter().filter_map(|file| room(file)).filter(|other| *other != own && !table[&own].imports.contains(other)) {
            findings.push(Finding {
                place: file.clone(),
                what: format!("`engine/{own}` imports `engine/{other}`"),
                remedy: "pass what it reads as an argument, or move what both need to the lower room".into(),
            });
        }
    }
    assert_none(findings);
    // rooms that may import each other would be one
    let order: BTreeMap<String, BTreeSet<String>> =
        table.iter().map(|(room, rules)| (room.clone(), rules.imports.iter().cloned().collect())).collect();
    assert_eq!(circles(&order), Vec::<Vec<String>>::new());
}

#[test]
fn no_two_files_import_each_other() {
    let found = circles(&arrows(&sources()));
    let findings = found.into_iter().map(|circle| Finding {
        place: circle[0].clone(),
        what: format!("{} files import each other: {}", circle.len(), circle.join(", ")),
        remedy: "put what both need into a file of its own below them, or move the function that looks up to the file it looks up to"
            .into(),
    });
    assert_none(findings.collect());
}

#[test]
fn planted_circles_are_found_in_every_form_an_import_can_take() {
    let file = |path: &str, text: &str| Source { path: format!("src/{path}"), text: text.into() };
    for (text, found) in [
        ("use super::b::{self, X};", true),
        ("use crate::room::{c, b::X};", true),
        ("fn f() { super::b::g() }", true),
        ("use crate::room::b as other;", true),
        ("use crate::room::c;\n#[cfg(test)]\nmod tests { use super::super::b; }", false),
        ("// use super::b;\nlet because = 1;", false),
    ] {
        let planted =
            [file("room/a.rs", text), file("room/b.rs", "use super::a::Y;"), file("room/c.rs", ""), file("room/mod.rs", "pub mod a;")];
        assert_eq!(!circles(&arrows(&planted)).is_empty(), found, "{text}");
    }
    // a room's docs that use what its files define, and the files what the docs define
    let planted = [file("room/mod.rs", "mod a;\nuse a::X;"), file("room/a.rs", "use super::Rule;")];
    assert_eq!(circles(&arrows(&planted)).len(), 1);
}
