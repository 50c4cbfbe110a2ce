//! Spoils good files in one of many ways, and counts how often that is refused or noted.
//!
//! A note counts where the good files have none of its kind: figures, codes and dates aside, its words are new.
//! `LEVERTIDE_MUTATIONS=2000` spoils so many files, `LEVERTIDE_FIRST_MUTATION=500` others, `LEVERTIDE_MISSES=1` lists the files
//! that were read without a word.

pub mod good;
mod kinds;

use good::Files;
use kinds::KINDS;
use levertide::inputs::{self, Inputs, programme};
use levertide::problem::Problems;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Files of an ordinary run.
const MUTATIONS: u64 = 300;
/// Share that is told.
const TOLD: f64 = 0.95;
/// Good books that the files are taken from.
const BOOKS: u64 = 20;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn write(files: &Files, folder: &Path) {
    std::fs::write(folder.join("programme.toml"), good::PROGRAMME).expect("a scratch folder can be written");
    for (name, sheet) in &files.sheets {
        std::fs::write(folder.join(format!("{name}.csv")), sheet.csv()).expect("a scratch folder can be written");
    }
}

fn load(folder: &Path) -> Result<Inputs, Problems> {
    let programme = programme::load(&folder.join("programme.toml"), &programme::Overrides::default())?;
    inputs::load(&programme)
}

/// The words of a note without what stands in them: no token that holds a digit, no code.
fn kind_of(note: &str) -> String {
    note.split_whitespace().filter(|word| !word.chars().any(|c| c.is_ascii_digit())).collect::<Vec<_>>().join(" ")
}

fn kinds_of(inputs: &Inputs) -> BTreeSet<String> {
    inputs.notes.iter().map(|note| kind_of(&note.en)).collect()
}

enum Came {
    Refused,
    Noted,
    Missed,
}

#[test]
fn good_files_are_read_without_a_word_of_doubt() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    for book in 0..BOOKS {
        write(&good::draw(book), folder.path());
        let inputs = load(folder.path()).unwrap_or_else(|problems| panic!("book {book} is refused: {problems}"));
        let doubts = ["beyond", "differ", "outside", "may be", "another unit", "missing", "below 100", "above 1000", "lie", "halted"];
        let is_doubt = |en: &str| !en.starts_with("halted on") && doubts.iter().any(|doubt| en.contains(doubt));
        let doubt = inputs.notes.iter().find(|note| is_doubt(&note.en));
        assert!(doubt.is_none(), "book {book}: {}", doubt.map_or("", |note| note.en.as_str()));
    }
}

#[test]
fn spoilt_files_are_refused_or_noted() {
    let (first, count) = (number("LEVERTIDE_FIRST_MUTATION", 0), number("LEVERTIDE_MUTATIONS", MUTATIONS));
    assert!(KINDS.len() >= 25);
    let folder = tempfile::tempdir().expect("a scratch folder");
    let mut good_kinds: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
    let mut table: BTreeMap<&str, [u64; 3]> = BTreeMap::new();
    let mut misses = Vec::new();
    let (mut done, mut number_of) = (0, first);
    while done < count {
        let number = number_of;
        number_of += 1;
        let (name, spoil) = KINDS[(number % KINDS.len() as u64) as usize];
        let book = number / KINDS.len() as u64 % BOOKS;
        let mut files = good::draw(book);
        let said = good_kinds.entry(book).or_insert_with(|| {
            write(&files, folder.path());
            kinds_of(&load(folder.path()).unwrap_or_else(|problems| panic!("book {book} is refused: {problems}")))
        });
        if !spoil(&mut files, &mut ChaCha8Rng::seed_from_u64(number)) {
            continue;
        }
        done += 1;
        write(&files, folder.path());
        let came = match load(folder.path()) {
            Err(_) => Came::Refused,
            Ok(inputs) if kinds_of(&inputs).is_subset(said) => Came::Missed,
            Ok(_) => Came::Noted,
        };
        let row = table.entry(name).or_default();
        match came {
            Came::Refused => row[0] += 1,
            Came::Noted => row[1] += 1,
            Came::Missed => {
                row[2] += 1;
                misses.push((number, name, book));
            }
        }
    }
    let sum = |at: usize| table.values().map(|row| row[at]).sum::<u64>();
    let (refused, noted, missed) = (sum(0), sum(1), sum(2));
    eprintln!("{count} files of {} kinds: {refused} refused, {noted} noted, {missed} missed", table.len());
    for (name, [refused, noted, missed]) in table.iter().filter(|(_, row)| row[2] > 0) {
        eprintln!("  {name}: {refused} refused, {noted} noted, {missed} missed");
    }
    if std::env::var_os("LEVERTIDE_MISSES").is_some() {
        misses.iter().for_each(|(number, name, book)| eprintln!("  {number} of book {book}: {name}"));
    }
    assert!((refused + noted) as f64 >= TOLD * count as f64, "{missed} of {count} spoilt files are read without a word");
}
