//! Runs every mode of the bench at its smallest, so that none of them rots.

#[path = "../benches/throughput.rs"]
mod throughput;

use std::fs;

fn bench(words: &[&str]) {
    throughput::run(words.iter().map(|w| w.to_string()).chain(["--tiny".into(), "--here".into()]));
}

#[test]
fn the_reference_books_are_measured() {
    bench(&["desk"]);
    bench(&["--calm", "desk", "--paths", "64"]);
}

#[test]
fn every_market_model_is_measured() {
    bench(&["--models"]);
}

#[test]
fn cost_is_followed_over_sizes() {
    bench(&["--scaling"]);
}

#[test]
fn instruction_sets_are_compared() {
    bench(&["--isa"]);
}

#[test]
fn a_pack_is_set_against_one_scenario() {
    bench(&["--pack"]);
}

#[test]
fn generation_is_set_against_the_market() {
    bench(&["--generation"]);
}

#[test]
fn the_start_is_timed_by_phase() {
    bench(&["--start"]);
}

#[test]
fn fits_repairs_and_programmes_are_timed() {
    let desk = crate::cli::Desk::new();
    desk.expect(0, &["sample-book", "--accounts", "20", "--symbols", "6", "--paths", "32", "--out", "book", "--quiet"]);
    let book = desk.path("book");
    let prices = fs::read_dir(&book).expect("a folder").map(|e| e.expect("a file").path());
    let prices = prices.into_iter().find(|p| p.file_stem().is_some_and(|s| s == "prices")).expect("the book has prices");
    bench(&["--fits", &prices.display().to_string(), "--as-of", "2025-12-31", "--only", "gaussian"]);
    bench(&["--repair", "8"]);
    bench(&["--programme", &book.join("programme.toml").display().to_string(), "--paths", "32"]);
}
