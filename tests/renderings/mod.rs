//! Writes one book and one market in many spellings and every container, and reads the same model back from each, to the bit.
//!
//! `LEVERTIDE_RENDERINGS=2000` writes more of them, `LEVERTIDE_FIRST_RENDERING=100` others.

mod render;

use crate::mutations::good::{self, Files, Sheet};
use levertide::inputs::{self, programme};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use render::{Decimal, Encoding, Letters, Manner, shifted};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Renderings of an ordinary run.
const RENDERINGS: u64 = 150;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

const HEAD: &str = "schema = 1\nname = \"renderings\"\nas-of = \"2015-06-12\"\n[data]\nmin-returns = 20\n";

/// The book and the market as they were read, in words that differ where a bit does.
fn model(folder: &Path, data: &str) -> Result<String, String> {
    let path = folder.join("programme.toml");
    std::fs::write(&path, format!("{HEAD}{data}")).expect("a scratch folder can be written");
    let programme = programme::load(&path, &Default::default()).map_err(|problems| problems.to_string())?;
    let inputs = inputs::load(&programme).map_err(|problems| problems.to_string())?;
    Ok(format!("{:#?}\n{:#?}", inputs.book, inputs.market))
}

/// The first line in which two models differ.
fn difference(expected: &str, found: &str) -> String {
    let pair = expected.lines().zip(found.lines()).enumerate().find(|(_, (a, b))| a != b);
    pair.map_or("one is longer".into(), |(at, (a, b))| {
        let field = expected.lines().take(at).filter(|line| line.ends_with(": [")).last().unwrap_or_default();
        format!("{field} line {at}: {a} is read as {b}")
    })
}

/// The texts of the good files in other letters.
fn in_letters(files: &mut Files, letters: Letters) {
    let words: &[(&str, [&str; 3])] = &[
        ("accounts.grade", ["一级", "一級客戶", "Güte 1"]),
        ("accounts.grade", ["二级", "二級客戶", "Güte 2"]),
        ("instruments.sector", ["银行", "銀行業務", "Bänke"]),
        ("instruments.sector", ["地产", "房地產業", "Immobilières"]),
        ("instruments.sector", ["制造", "製造業務", "Fertigung für alle"]),
    ];
    let at = match letters {
        Letters::Simplified => return,
        Letters::Traditional => 1,
        Letters::Western => 2,
    };
    for sheet in files.sheets.values_mut() {
        // names of shares decide nothing here
        if let Some(name) = sheet.column("name") {
            sheet.header.remove(name);
            sheet.rows.iter_mut().for_each(|row| drop(row.remove(name)));
        }
        for (_, word) in words {
            sheet.rows.iter_mut().flatten().filter(|cell| *cell == word[0]).for_each(|cell| *cell = word[at].into());
        }
    }
}

fn plain(files: &Files, folder: &Path) -> String {
    let mut data = String::new();
    for (name, sheet) in &files.sheets {
        std::fs::write(folder.join(format!("{name}.csv")), sheet.csv()).expect("a scratch folder can be written");
        let _ = writeln!(data, "{name} = \"{name}.csv\"");
    }
    data
}

#[test]
fn every_spelling_reads_back_the_same_model() {
    let (first, count) = (number("LEVERTIDE_FIRST_RENDERING", 0), number("LEVERTIDE_RENDERINGS", RENDERINGS));
    let folder = tempfile::tempdir().expect("a scratch folder");
    let mut expected: BTreeMap<(u64, u8), (Files, String)> = BTreeMap::new();
    let mut faults = Vec::new();
    for number in first..first + count {
        let rng = &mut ChaCha8Rng::seed_from_u64(number);
        let letters = [Letters::Simplified, Letters::Traditional, Letters::Western][(number % 3) as usize];
        let (files, model_of) = expected.entry((number % 4, letters as u8)).or_insert_with(|| {
            let mut files = good::draw(number % 4);
            in_letters(&mut files, letters);
            let data = plain(&files, folder.path());
            let read = model(folder.path(), &data).unwrap_or_else(|problems| panic!("the good files are refused: {problems}"));
            (files, read)
        });
        let decimal =
            [Decimal::Point, Decimal::Point, Decimal::PointGrouped, Decimal::Comma, Decimal::CommaGrouped][rng.random_range(0..5)];
        let mut data = String::new();
        if let Some(declared) = decimal.declared() {
            let _ = writeln!(data, "decimal = \"{declared}\"");
        }
        let manners: Vec<(&str, Manner)> =
            files.sheets.iter().map(|(name, sheet)| (*name, Manner::draw(name, sheet, letters, decimal, rng))).collect();
        for (name, manner) in &manners {
            manner.write(name, &files.sheets[name], folder.path(), rng);
            let _ = writeln!(data, "{name} = \"{}\"", manner.file(name));
        }
        let text = |manner: &Manner| manner.container.is_text();
        if let Some((_, other)) = manners.iter().find(|(_, m)| text(m) && matches!(m.encoding, Encoding::Big5 | Encoding::Windows1252)) {
            // short files of either are not always told from others: their encoding is declared, and those in Unicode are known anyway
            let declared = if other.encoding == Encoding::Big5 { "big5" } else { "windows-1252" };
            if manners.iter().all(|(_, m)| !text(m) || m.encoding == other.encoding) {
                let _ = writeln!(data, "encoding = \"{declared}\"");
            }
        }
        let read = model(folder.path(), &data);
        let what = match read {
            Ok(found) if found == *model_of => continue,
            Ok(found) => difference(model_of, &found),
            Err(problems) => format!("refused: {problems}"),
        };
        let told: String = manners.iter().map(|(name, manner)| format!("  {name}: {manner:?}\n")).collect();
        faults.push(format!("rendering {number}: {what}\n{data}{told}"));
    }
    let shown: Vec<&str> = faults.iter().take(10).map(String::as_str).collect();
    assert!(faults.is_empty(), "{} of {count} renderings are read otherwise\n{}", faults.len(), shown.join("\n"));
}

/// Prices in columns by symbol are those in rows, and so are returns, as fractions, per cent and logs of themselves.
#[test]
fn wide_tables_are_long_ones() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    for book in 0..6 {
        let mut files = good::draw(book);
        let prices = files.sheets.get_mut("prices").expect("there are prices");
        let kept: Vec<usize> = ["date", "symbol", "close"].iter().map(|name| prices.column(name).expect("a column")).collect();
        prices.rows.iter_mut().for_each(|row| *row = kept.iter().map(|at| row[*at].clone()).collect());
        prices.header = ["date", "symbol", "close"].map(String::from).to_vec();
        let data = plain(&files, folder.path());
        let long = model(folder.path(), &data).unwrap_or_else(|problems| panic!("{problems}"));
        let mut wide = Sheet { header: vec!["date".into()], rows: Vec::new() };
        let mut by_day: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for row in &files.sheets["prices"].rows {
            by_day.entry(row[0].clone()).or_default().insert(row[1].clone(), row[2].clone());
        }
        let symbols: Vec<String> = by_day.values().next().expect("a day").keys().cloned().collect();
        wide.header.extend(symbols.iter().cloned());
        for (day, closes) in &by_day {
            wide.rows
                .push(std::iter::once(day.clone()).chain(symbols.iter().map(|s| closes.get(s).cloned().unwrap_or_default())).collect());
        }
        std::fs::write(folder.path().join("prices.csv"), wide.csv()).expect("a scratch folder can be written");
        let found = model(folder.path(), &data).unwrap_or_else(|problems| panic!("{problems}"));
        assert!(found == long, "book {book}: {}", difference(&long, &found));
    }
}

#[test]
fn a_point_moves_by_digits() {
    for (digits, by, moved) in
        [("1234.5", 4, "0.12345"), ("0.0739", -2, "7.39"), ("100", 2, "1"), ("5", 3, "0.005"), ("12", -2, "1200"), ("0", 4, "0")]
    {
        assert_eq!(shifted(digits, by), moved);
    }
}
