//! Counts what a further part of each kind needs: the file of its own, and each line elsewhere, by the examples that are compiled with
//! the tests alone; docs/architecture.md says the same.

use super::code::{code_of, files, root};
use std::fs;

/// A kind of part: its example, and the lines outside it that name the example.
struct Kind {
    name: &'static str,
    file: &'static str,
    /// By file, in order of path.
    lines: &'static [(&'static str, &'static [&'static str])],
}

const PART: &str = "pub mod example;";

const KINDS: [Kind; 9] = [
    Kind {
        name: "market model",
        file: "src/model/market/example.rs",
        lines: &[("src/model/market/mod.rs", &[PART, "Example(example::Example),"])],
    },
    Kind { name: "shock", file: "src/model/shock/example.rs", lines: &[("src/model/shock/mod.rs", &[PART, "Example(example::Example),"])] },
    Kind {
        name: "impact law",
        file: "src/model/impact/example.rs",
        lines: &[("src/model/impact/mod.rs", &[PART, "Example(example::Example),"])],
    },
    Kind {
        name: "margin control",
        file: "src/model/margin/example.rs",
        lines: &[
            ("src/model/margin/mod.rs", &[PART, "pub example: Option<example::Example>,"]),
            ("src/model/rules.rs", &["\"margin\": super::margin::example::Example, |case| case.margin.example.as_ref();"]),
        ],
    },
    Kind {
        name: "client behaviour",
        file: "src/model/client/example.rs",
        lines: &[
            ("src/model/client/mod.rs", &[PART, "pub example: Option<example::Example>,"]),
            ("src/model/rules.rs", &["\"clients\": super::client::example::Example, |case| case.clients.example.as_ref();"]),
        ],
    },
    Kind { name: "chart", file: "src/report/charts/example.rs", lines: &[("src/report/charts/mod.rs", &[PART, "example::PAINTER,"])] },
    Kind {
        name: "section",
        file: "src/report/document/sections/example.rs",
        lines: &[("src/report/document/sections.rs", &[PART, "example::SECTION,"])],
    },
    Kind { name: "export", file: "src/report/export/example.rs", lines: &[("src/report/export/mod.rs", &[PART, "example::EXPORT,"])] },
    Kind { name: "verb", file: "src/commands/example.rs", lines: &[("src/commands/mod.rs", &[PART, "Example(example::Example),"])] },
];

/// The lines of a file that name an example, comments, strings and the tests at its foot aside.
fn naming(path: &str, text: &str) -> Vec<String> {
    let names = |line: &str| line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "example" || word == "Example");
    let code = code_of(text);
    let lines = code.lines().zip(text.lines()).filter(|(code, _)| names(code));
    let found: Vec<String> = lines.map(|(_, line)| line.trim().to_string()).collect();
    // words of one's own that happen to be called so
    if path.starts_with("src/inputs/") || path.starts_with("src/problem") { Vec::new() } else { found }
}

#[test]
fn every_line_that_a_further_part_needs_is_counted() {
    let sources = files(&root().join("src"), &[".rs"]);
    let is_example = |path: &str| KINDS.iter().any(|kind| kind.file == path);
    for kind in &KINDS {
        assert!(sources.iter().any(|source| source.path == kind.file), "{} has no example", kind.name);
    }
    for source in sources.iter().filter(|source| !is_example(&source.path) && !source.path.ends_with("/tests.rs")) {
        let wanted: Vec<&str> = KINDS
            .iter()
            .flat_map(|kind| kind.lines.iter().filter(|(path, _)| *path == source.path).flat_map(|(_, lines)| lines.iter().copied()))
            .collect();
        assert_eq!(naming(&source.path, &source.text), wanted, "{}: a line more than its list needs names a part", source.path);
    }
}

/// A figure of a path is a line of its list, and the line that pushes its value.
#[test]
fn a_figure_of_a_path_is_two_lines() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("a source");
    let list = read("src/engine/record/paths.rs");
    let list = list.rsplit("path_figures! {").next().and_then(|rest| rest.split("\n}\n").next()).expect("the list");
    let figures = list.lines().map(str::trim).filter(|line| line.ends_with(',') && !line.starts_with("//"));
    let names: Vec<&str> = figures.filter_map(|line| line.split([' ', ',']).next()).collect();
    assert!(names.len() > 20, "{names:?}");
    let tally = read("src/engine/tally/batch.rs");
    for name in &names {
        assert_eq!(tally.matches(&format!("columns.{name}.push(")).count(), 1, "{name} is pushed on one line");
    }
    // columns, joins and files follow from the list: none of them names a figure, but that a column tells the number of paths
    for path in ["src/engine/record/join.rs", "src/engine/record/spool.rs", "src/report/export/paths.rs"] {
        let code = code_of(&read(path));
        let is_named = |name: &&&str| code.matches(&format!(".path.{name}")).count() > code.matches(&format!(".path.{name}.len()")).count();
        let named: Vec<&&str> = names.iter().filter(is_named).collect();
        assert!(named.is_empty(), "{path} names {named:?}");
    }
}

#[test]
fn the_page_of_the_architecture_says_what_was_counted() {
    let page = fs::read_to_string(root().join("docs/architecture.md")).expect("the page is there");
    for kind in &KINDS {
        let file = kind.file.replace("example.rs", "NAME.rs");
        let places: Vec<String> = kind.lines.iter().map(|(path, lines)| format!("{} in `{path}`", lines.len())).collect();
        let row = format!("| {} | `{file}` | {} |", kind.name, places.join(", "));
        assert!(page.contains(&row), "docs/architecture.md lacks the row\n{row}");
    }
}
