//! Runs programmes whose figures stand at the ends of their ranges: each runs, or is a problem of the programme, and none is a bug.

use levertide::problem::exit;
use std::path::Path;

fn run(file: &Path, out: &Path) -> i32 {
    let words = ["levertide", "run", "--quiet", "--force", file.to_str().expect("a path"), "--out", out.to_str().expect("a path")];
    levertide::commands::main(words.into_iter().map(Into::into))
}

#[test]
fn programmes_at_the_ends_of_their_ranges_run_or_are_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/never_70");
    let out = tempfile::tempdir().expect("a temporary folder");
    let entries = std::fs::read_dir(&folder).expect("the programmes").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|e| e == "toml")).collect();
    files.sort();
    assert!(files.len() >= 12, "{} programmes", files.len());
    let codes: Vec<(String, i32)> = files
        .iter()
        .map(|file| {
            let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
            let code = run(file, &out.path().join(&name));
            (name, code)
        })
        .collect();
    eprintln!("{codes:?}");
    // only a drift of 1000 % a session leaves the numbers money is reckoned in
    for (name, code) in codes {
        let expected = if name == "drift_1000_td1_60d" { exit::MODEL } else { 0 };
        assert_eq!(code, expected, "{name}");
    }
}
