//! Shows that a recalled fit changes nothing but the time: the same bytes, whatever becomes of the folder it was kept in.

use crate::cli::{Desk, err, tree};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// A generated book under one market model.
fn book(market: &str) -> Desk {
    let desk = Desk::new();
    desk.expect(0, &["sample-book", "--accounts", "12", "--symbols", "4", "--days", "5", "--paths", "48", "--out", "book", "--quiet"]);
    desk.edit("book/programme.toml", "[market.block-bootstrap]\nblock-days = \"auto\"", market);
    desk
}

/// Runs the book into a folder of its own; what it said, its manifest, and every other file.
fn run(desk: &Desk, name: &str, flags: &[&str]) -> (String, Value, BTreeMap<String, Vec<u8>>) {
    let output = desk.levertide(&[&["run", "book/programme.toml", "--out", name], flags].concat());
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", err(&output));
    let read = |file: &str| fs::read(desk.path(name).join(file)).expect("a file of the report");
    let files = tree(&desk.path(name)).into_iter().filter(|f| f != "manifest.json").map(|f| (f.clone(), read(&f))).collect();
    (err(&output), serde_json::from_slice(&read("manifest.json")).expect("JSON"), files)
}

fn kept(desk: &Desk) -> Vec<PathBuf> {
    tree(&desk.path("cache")).into_iter().map(|f| desk.path("cache").join(f)).collect()
}

#[test]
fn a_recalled_fit_gives_the_same_bytes_and_is_told() {
    for market in ["[market.filtered-historical]\nvolatility = \"gjr\"\ninnovations = \"t\"", "[market.t-copula]"] {
        let desk = book(market);
        let (_, manifest, plain) = run(&desk, "plain", &[]);
        assert!(manifest["run"]["fits"].is_null(), "{manifest}");
        let cached = ["--fit-cache", "cache"];
        let (said, manifest, first) = run(&desk, "first", &cached);
        assert!(said.contains("fits: 0 parts recalled, 1 fitted and kept"), "{said}");
        assert_eq!(manifest["run"]["fits"]["kept"], 1);
        let (said, manifest, second) = run(&desk, "second", &[&cached[..], &["--threads", "1"]].concat());
        assert!(said.contains("fits: 1 parts recalled, 0 fitted and kept"), "{said}");
        assert_eq!(manifest["run"]["fits"]["recalled"], 1);
        assert!(plain == first && first == second, "{market}");
        // another seed draws on the same fit; another window is another
        let (said, ..) = run(&desk, "seed", &[&cached[..], &["--seed", "9"]].concat());
        assert!(said.contains("fits: 1 parts recalled"), "{said}");
        let (said, ..) = run(&desk, "window", &[&cached[..], &["--set", "estimation.start=2024-06-03"]].concat());
        assert!(said.contains("fits: 0 parts recalled, 1 fitted"), "{said}");
    }
}

#[test]
fn a_spoiled_cache_is_fitted_anew_and_never_an_error() {
    let desk = book("[market.filtered-historical]");
    let cached = ["--fit-cache", "cache"];
    let (_, _, sound) = run(&desk, "sound", &cached);
    let [file] = kept(&desk).try_into().expect("one record");
    let bytes = fs::read(&file).expect("the record");
    for (k, spoiled) in [bytes[..bytes.len() / 2].to_vec(), b"somebody's file\n".to_vec(), Vec::new()].into_iter().enumerate() {
        let theirs = spoiled.starts_with(b"somebody");
        fs::write(&file, &spoiled).expect("the record can be spoiled");
        let (said, manifest, files) = run(&desk, &format!("spoiled {k}"), &cached);
        assert!(files == sound && said.contains("1 files of the fit cache are no records"), "{said}");
        assert_eq!(manifest["run"]["fits"]["unreadable"], 1);
        assert_eq!(fs::read(&file).expect("it stands"), if theirs { spoiled } else { bytes.clone() }, "only a record is written anew");
    }
    // a file where the folder should be
    desk.put("taken", "a file");
    let (said, _, files) = run(&desk, "taken-out", &["--fit-cache", "taken"]);
    assert!(files == sound && said.contains("could not be written to the fit cache"), "{said}");
}

#[test]
fn every_command_that_fits_can_recall() {
    let desk = book("[market.t-copula]");
    let told = |words: &[&str]| {
        let output = desk.levertide(&[words, &["--fit-cache", "cache"]].concat());
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", err(&output));
        err(&output)
    };
    assert!(told(&["replay", "book/programme.toml", "--path", "3"]).contains("1 fitted and kept"));
    assert!(told(&["replay", "book/programme.toml", "--path", "3"]).contains("fits: 1 parts recalled"));
    assert!(told(&["regress", "book/programme.toml", "--baselines", "baselines", "--update"]).contains("1 parts recalled"));
    assert!(told(&["fit", "book/programme.toml", "--out", "fitted"]).contains("fits: "));
}
