//! Holds what the program says in two languages to its rules: nothing half said, the same figures in both, no English in Chinese.
//!
//! There is one kind of word, `Words("English", "中文")`, and one kind of filled sentence, `Note::new(English, 中文)`. Both are read
//! from the sources here, so that none can be left out of a list.

use super::code::{Source, files, literals, root};
use std::collections::BTreeSet;

/// Names that stand in Chinese text as they are.
const NAMES: [&str; 42] = [
    "VaR",
    "ES",
    "HHI",
    "PDF",
    "SHA",
    "Levertide",
    "TOML",
    "JSON",
    "T",
    "t",
    "ST",
    "json",
    "summary",
    "programme",
    "resolved",
    "toml",
    "B",
    "A",
    "ETF",
    "LOF",
    "p",
    "k",
    "n",
    "GARCH",
    "GJR",
    "EGARCH",
    "Politis",
    "Sobol",
    "White",
    "Higham",
    "Frobenius",
    "Ledoit",
    "Wolf",
    "Bai",
    "Ng",
    "UTF",
    "AkShare",
    "LOT",
    "IC",
    "board",
    "Pending",
    "activity",
];

/// Where Chinese stands outside a pair all the same, and why.
const ELSEWHERE: [(&str, &str); 3] = [
    ("src/report/sample.rs", "a report of a made-up run, for the tests of its looks"),
    ("src/report/document.rs", "the programme's own word for how confidential it is, in either language"),
    ("src/report/text.rs", "the programme's own word for the yuan"),
];

/// A sentence in both languages, where it stands.
struct Said {
    place: String,
    en: String,
    zh: String,
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..'\u{a000}').contains(&c)
}

fn sources() -> Vec<Source> {
    files(&root().join("src"), &[".rs"]).into_iter().filter(|source| !source.path.ends_with("/tests.rs")).collect()
}

/// The text without its comments and the tests at its foot.
fn spoken(source: &Source) -> &str {
    source.text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default()
}

/// The pairs of a source behind one of these openings.
fn pairs(source: &Source, openings: &[&str]) -> Vec<Said> {
    let text = spoken(source);
    let found = literals(text);
    let starts = openings.iter().flat_map(|opening| text.match_indices(opening).map(|(at, opening)| at + opening.len()));
    let said = starts.filter_map(|start| {
        let first = found.iter().position(|literal| literal.at >= start)?;
        let [en, zh] = [found.get(first)?, found.get(first + 1)?];
        let is_bare = |from: usize, to: usize| text[from..to].trim_matches(|c: char| c.is_whitespace() || c == ',').is_empty();
        let place = format!("{}:{}", source.path, text[..start].matches('\n').count() + 1);
        (is_bare(start, en.at) && is_bare(en.end, zh.at)).then(|| Said { place, en: en.value.clone(), zh: zh.value.clone() })
    });
    said.collect()
}

/// Every pair that a part declares, and that a file of the report says.
fn words() -> Vec<Said> {
    sources().iter().flat_map(|source| pairs(source, &["Words("])).collect()
}

/// The sentences that are filled where they are written: notes on data and on fits. What is written in one call of `format!` stands for
/// one language.
fn notes() -> Vec<Said> {
    let mut out = Vec::new();
    for source in sources() {
        let text = spoken(&source);
        let found = literals(text);
        for opening in ["Note::new(", ".note("] {
            for (at, _) in text.match_indices(opening) {
                let end = at + closing(&text[at..]);
                let inside: Vec<&str> = found.iter().filter(|l| l.at > at && l.end < end).map(|l| l.value.as_str()).collect();
                let Some(zh) = inside.iter().find(|value| value.chars().any(is_chinese)) else { continue };
                let en = inside.iter().find(|value| value.len() > 3).copied().unwrap_or_default();
                let place = format!("{}:{}", source.path, text[..at].matches('\n').count() + 1);
                out.push(Said { place, en: en.to_string(), zh: zh.to_string() });
            }
        }
    }
    out
}

/// The length of a text up to the bracket that closes its first one; brackets in texts are in pairs.
fn closing(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return at,
            ')' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// The `{slots}` of a sentence. In a note one that differs by language is named for it: `more_en`, `more_zh`, or `en`, `zh`.
fn slots(sentence: &str) -> BTreeSet<String> {
    let names = sentence.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    names
        .map(|name| name.split(':').next().unwrap_or(name))
        .map(|name| name.trim_end_matches("_en").trim_end_matches("_zh"))
        .map(own)
        .collect()
}

fn own(name: &str) -> String {
    if matches!(name, "en" | "zh") { "of the language".into() } else { name.into() }
}

/// The runs of Latin letters in a sentence outside its slots, and outside the keys of a programme: `[data] calendar`, `margin.call`.
fn latin(sentence: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut rest = sentence;
    while let Some(at) = rest.find(['{', '[']) {
        plain.push_str(&rest[..at]);
        plain.push(' ');
        let is_key = rest[at..].starts_with('[');
        rest = rest[at..].split_once(['}', ']']).map_or("", |(_, after)| after);
        if is_key {
            rest = rest.trim_start().trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '-');
        }
    }
    plain.push_str(rest);
    // a key is in small letters: `exchange.resume-after`
    let is_key = |run: &str| run.contains(['.', '-']) && run.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '.' | '-'));
    let runs = plain.split(|c: char| !c.is_ascii_alphabetic() && !matches!(c, '.' | '-')).map(|run| run.trim_matches(['.', '-']));
    let words = runs.filter(|run| !is_key(run)).flat_map(|run| run.split(['.', '-']));
    words.filter(|run| !run.is_empty()).map(String::from).collect()
}

#[test]
fn every_word_is_there_in_both_languages_with_the_same_slots() {
    let all = words();
    assert!(all.len() > 900, "{} words", all.len());
    for Said { place, en, zh } in &all {
        assert!(!en.trim().is_empty() && !zh.trim().is_empty(), "{place}: nothing is said in one language");
        assert_eq!(slots(en), slots(zh), "{place}: {en}");
        assert!(!en.chars().any(is_chinese), "{place}: {en}");
        for run in latin(zh) {
            assert!(NAMES.contains(&run.as_str()), "{place}: `{run}` stands in {zh}");
        }
    }
}

#[test]
fn a_note_says_the_same_in_both_languages() {
    let all = notes();
    assert!(all.len() > 60, "{} notes", all.len());
    for Said { place, en, zh } in &all {
        assert!(!en.is_empty() && !en.chars().any(is_chinese), "{place}: {en}");
        let (mine, other) = (slots(en), slots(zh));
        assert_eq!(mine, other, "{place}: {en}");
        for run in latin(zh).iter().filter(|run| run.len() > 2) {
            assert!(NAMES.contains(&run.as_str()), "{place}: `{run}` stands in {zh}");
        }
    }
}

/// What is said in Chinese alone has no English beside it, and no test would miss it.
#[test]
fn chinese_stands_in_pairs_alone() {
    for source in sources().iter().filter(|source| !source.path.starts_with("src/inputs/")) {
        if ELSEWHERE.iter().any(|(path, _)| *path == source.path) {
            continue;
        }
        let text = spoken(source);
        let paired: BTreeSet<String> = pairs(source, &["Words("]).into_iter().map(|said| said.zh).collect();
        let notes: Vec<(usize, usize)> = text.match_indices("Note::new(").map(|(at, _)| (at, at + closing(&text[at..]))).collect();
        for literal in literals(text).iter().filter(|literal| literal.value.chars().any(is_chinese)) {
            let known = paired.contains(&literal.value) || notes.iter().any(|(from, to)| (*from..*to).contains(&literal.at));
            assert!(known, "{}: {} stands alone: write Words(\"English\", \"中文\")", source.path, literal.value);
        }
    }
}

#[test]
fn a_planted_fault_is_found() {
    let planted = |text: &str| pairs(&Source { path: "src/x.rs".into(), text: text.into() }, &["Words("]);
    let said = planted("const A: Words = Words(\n    \"{n} days\",\n    \"{m} 天 loss\",\n);\n// Words(\"a\", \"b\")");
    assert_eq!(said.len(), 1);
    assert!(slots(&said[0].en) != slots(&said[0].zh) && latin(&said[0].zh) == ["loss"] && said[0].place == "src/x.rs:1");
    assert!(planted("pub struct Words(pub &'static str, pub &'static str);").is_empty());
    assert_eq!(slots("{more_en} of {n:.2}"), slots("{n} 中 {more_zh}"));
    assert!(latin("可用 [data] calendar 指定 {name}").is_empty());
}
