//! Reads `report.xlsx` back as a spreadsheet does: its figures are those of `summary.json`, words are words, nothing is a formula.

use crate::cli::Desk;
use crate::support::json::{list, number, summary};
use calamine::{Data, DataType, Range, Reader, Xlsx, open_workbook};
use std::fs;
use std::io::{BufReader, Read};

type Book = Xlsx<BufReader<fs::File>>;

fn open(desk: &Desk, name: &str) -> Book {
    open_workbook(desk.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn sheet(book: &mut Book, name: &str) -> Range<Data> {
    book.worksheet_range(name).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The row and column of the first cell with these words.
fn place(range: &Range<Data>, words: &str) -> (u32, u32) {
    let found = range.cells().find(|(_, _, cell)| cell.as_string().as_deref() == Some(words));
    let (row, column, _) = found.unwrap_or_else(|| panic!("no cell holds “{words}”"));
    let (top, left) = range.start().expect("the sheet is not empty");
    (row as u32 + top, column as u32 + left)
}

/// The cell of a row under a head.
fn under<'r>(range: &'r Range<Data>, head: &str, row: &str) -> &'r Data {
    let (top, column) = place(range, head);
    let names = (top + 1..).map_while(|at| Some((at, range.get_value((at, 0))?)));
    let (at, _) = names.into_iter().find(|(_, cell)| cell.as_string().as_deref() == Some(row)).expect("a row of that name");
    range.get_value((at, column)).expect("a cell")
}

/// A file inside a workbook.
fn part(desk: &Desk, book: &str, part: &str) -> String {
    let mut archive = zip::ZipArchive::new(fs::File::open(desk.path(book)).expect("there")).expect("an archive");
    let mut text = String::new();
    archive.by_name(part).expect("a part").read_to_string(&mut text).expect("it is text");
    text
}

fn parts(desk: &Desk, book: &str) -> Vec<String> {
    let archive = zip::ZipArchive::new(fs::File::open(desk.path(book)).expect("there")).expect("an archive");
    archive.file_names().map(|name| name.expect("a name").into_owned()).collect()
}

fn near(found: &Data, wanted: f64) {
    let found = found.get_float().unwrap_or_else(|| panic!("{found:?} is no number"));
    assert!((found - wanted).abs() <= 1e-12 * wanted.abs(), "{found} and {wanted}");
}

#[test]
fn page_one_has_the_figures_of_the_summary_as_numbers() {
    let desk = Desk::new();
    desk.edit("programme.toml", "[[scenario]]", "[[limits]]\nmeasure = \"liquidation_rate\"\nbelow = \"40%\"\n\n[[scenario]]");
    for (lang, first, heads) in [
        ("en", "Page one", ["ES 99% (CNY)", "ES 99%: std. error (CNY)", "Liquidated", "Liquidated: std. error", "Limit", "Verdict"]),
        ("zh", "首页", ["ES 99%（元）", "ES 99%：标准误（元）", "强平率", "强平率：标准误", "限额", "判定"]),
    ] {
        desk.levertide(&["run", "programme.toml", "--out", lang, "--lang", lang, "--quiet"]);
        let summary = summary(&desk, lang);
        let mut book = open(&desk, &format!("{lang}/report.xlsx"));
        let page = sheet(&mut book, first);
        for scenario in list(&summary["scenarios"]) {
            let own = scenario["name"].as_str().expect("a name");
            let name = if lang == "zh" && own == "base" { "基准情景" } else { own };
            let of = |key: &str, part: &str| number(&scenario["measures"][key][part]);
            near(under(&page, heads[0], name), of("pool_loss.es_99", "value"));
            near(under(&page, heads[2], name), of("liquidation_rate", "value"));
            near(under(&page, heads[3], name), of("liquidation_rate", "std_error"));
        }
        // a loss that no path shows has a bound, and no error of nothing
        let gap = &list(&summary["scenarios"])[1]["measures"]["pool_loss.es_99"];
        near(under(&page, heads[1], "gap"), number(&gap["std_error"]));
        let base = &list(&summary["scenarios"])[0]["measures"]["pool_loss.es_99"];
        let name = if lang == "zh" { "基准情景" } else { "base" };
        assert_eq!(number(&base["value"]), 0.0);
        assert_eq!(under(&page, heads[1], name), &Data::Empty);
        let upper = if lang == "zh" { "ES 99%：上限（元）" } else { "ES 99%: upper end (CNY)" };
        near(under(&page, upper, name), number(&base["ci_high"]));
        // a limit is a number, its verdict a word
        let (row, verdict) = place(&page, heads[5]);
        let limit = (0..verdict).find(|at| page.get_value((row, *at)).and_then(DataType::get_string) == Some(heads[4]));
        near(page.get_value((row + 1, limit.expect("a column of limits"))).expect("a limit"), 0.4);
        assert!(matches!(page.get_value((row + 1, verdict)), Some(Data::String(_))));
    }
}

#[test]
fn every_figure_of_a_scenario_s_list_is_that_of_the_summary() {
    let desk = Desk::new();
    desk.expect(0, &["run", "programme.toml", "--out", "r", "--quiet"]);
    let mut book = open(&desk, "r/report.xlsx");
    let results = sheet(&mut book, "Results");
    let (top, _) = place(&results, "Figures of “gap”");
    let summary = summary(&desk, "r");
    let measures = &list(&summary["scenarios"])[1]["measures"];
    let wanted: Vec<f64> = measures.as_object().expect("measures").values().filter_map(|e| e["value"].as_f64()).collect();
    let mut seen = 0;
    for row in top + 2.. {
        let Some(Data::Float(value)) = results.get_value((row, 2)) else { break };
        assert!(wanted.iter().any(|own| (own - value).abs() <= 1e-12 * own.abs()), "row {row}: {value}");
        seen += 1;
    }
    assert!(seen > 15, "{seen} figures");
}

#[test]
fn names_stay_words_and_nothing_is_a_formula_or_a_link() {
    let desk = Desk::new();
    desk.edit("programme.toml", "name = \"gap\"", "name = \"=HYPERLINK(A1)\"");
    for (from, to) in [("a-1,", "+1,"), ("a-2,", "@SUM(A1),")] {
        desk.edit("accounts.csv", from, to);
        desk.edit("positions.csv", from, to);
    }
    desk.expect(0, &["run", "programme.toml", "--out", "r", "--quiet"]);
    let mut book = open(&desk, "r/report.xlsx");
    let mut words = Vec::new();
    for name in book.sheet_names() {
        let formulas = book.worksheet_formula(&name).expect("a sheet");
        assert!(formulas.is_empty(), "{name}: {formulas:?}");
        words.extend(sheet(&mut book, &name).cells().filter_map(|(_, _, cell)| cell.get_string().map(String::from)));
    }
    for name in ["=Beta", "=HYPERLINK(A1)", "+1", "@SUM(A1)"] {
        assert!(words.iter().any(|word| word == name), "{name} is not as it was given");
    }
    let all = parts(&desk, "r/report.xlsx");
    let alien = |name: &&String| ["externalLink", "vba", "drawing", "connections"].iter().any(|what| name.contains(what));
    assert_eq!(all.iter().find(alien), None);
    for name in all.iter().filter(|name| name.starts_with("xl/worksheets/")) {
        let text = part(&desk, "r/report.xlsx", name);
        assert!(!text.contains("<f>") && !text.contains("<f ") && !text.contains("<hyperlink"), "{name}");
    }
    // an edited cell does not become a formula either
    assert!(part(&desk, "r/report.xlsx", "xl/styles.xml").contains("quotePrefix=\"1\""));
}

#[test]
fn the_last_sheet_says_where_everything_comes_from() {
    let desk = Desk::new();
    desk.expect(0, &["run", "programme.toml", "--out", "r", "--quiet"]);
    let mut book = open(&desk, "r/report.xlsx");
    let names = book.sheet_names();
    assert_eq!(names.last().map(String::as_str), Some("Sources"));
    let sources = sheet(&mut book, "Sources");
    let manifest = crate::support::json::json(&desk, "r/manifest.json");
    let text = |at: (u32, u32)| sources.get_value(at).and_then(DataType::get_string).unwrap_or_default().to_string();
    let (row, _) = place(&sources, "SHA-256 of programme.resolved.toml");
    assert_eq!(text((row, 1)), manifest["programme_hash"].as_str().expect("a hash"));
    let inputs = list(&manifest["inputs"]);
    let (top, column) = place(&sources, "SHA-256");
    for (at, file) in inputs.iter().enumerate() {
        let row = top + 1 + at as u32;
        assert_eq!(
            (text((row, 1)).as_str(), text((row, column)).as_str()),
            (file["path"].as_str().expect("a path"), file["sha256"].as_str().expect("a hash"))
        );
        near(sources.get_value((row, 2)).expect("rows"), number(&file["rows"]));
    }
    // every table of every sheet is listed, and every file and measure that is named is there
    let summary = summary(&desk, "r");
    let (top, _) = place(&sources, "Sheet");
    let mut listed = Vec::new();
    for row in top + 1..=sources.end().expect("rows").0 {
        let [on, table, files, key, measures] = [0, 1, 2, 3, 4].map(|column| text((row, column)));
        for file in files.split(", ").filter(|file| !file.is_empty()) {
            assert!(desk.path("r").join(file).is_file(), "{file}");
        }
        for key in key.split(", ").filter(|key| !key.is_empty()) {
            let key: Vec<&str> = key.split("[]").map(|part| part.trim_matches('.')).collect();
            let base = &summary[key[0]];
            let inner = key.get(1).copied().unwrap_or_default();
            assert!(!base.is_null() && (inner.is_empty() || list(base).iter().any(|one| !one[inner].is_null())), "{key:?} of {table}");
        }
        let part = if on == "Differences" { "difference" } else { "measures" };
        for measure in measures.split(", ").filter(|m| !m.is_empty() && !m.contains('*')) {
            let has = |one: &serde_json::Value| !one[part][measure].is_null();
            assert!(list(&summary["scenarios"]).iter().any(has), "{measure} of {table}");
        }
        listed.push((on, table));
    }
    let on = |name: &str| listed.iter().filter(|(on, _)| on == name).count();
    assert!(names.iter().rev().skip(1).all(|name| on(name) > 0), "{names:?} and {listed:?}");
    assert!(on("Results") >= 5 && on("Page one") >= 1);
}

#[test]
fn tables_name_scenarios_and_measures_in_the_report_s_language_behind_their_keys() {
    let desk = Desk::new();
    desk.edit("programme.toml", "[[scenario]]", "[[limits]]\nmeasure = \"liquidation_rate\"\nbelow = \"40%\"\n\n[[scenario]]");
    for (lang, base, rate, prices) in [("en", "base", "Forced-liquidation rate", "Prices"), ("zh", "基准情景", "强制平仓率", "行情")]
    {
        desk.levertide(&["run", "programme.toml", "--out", lang, "--lang", lang, "--quiet"]);
        let table = |name: &str| fs::read_to_string(desk.path(lang).join("tables").join(name)).expect("a table");
        for (file, end) in [
            ("measures.csv", ",scenario_label,label"),
            ("differences.csv", ",scenario_label,label"),
            ("limits.csv", ",scenario_label,label"),
            ("lineage.csv", ",passed_over,label"),
        ] {
            let text = table(file);
            assert!(text.lines().next().expect("heads").ends_with(end), "{file}");
        }
        let measures = table("measures.csv");
        let row = measures.lines().find(|line| line.starts_with("base,liquidation_rate,")).expect("a row");
        assert!(row.ends_with(&format!(",{base},{rate}")), "{row}");
        assert!(table("limits.csv").contains(&format!(",{base},{rate}")) && table("lineage.csv").contains(&format!(",{prices}")));
    }
}

#[test]
fn an_edition_has_its_own_workbook() {
    let desk = Desk::new();
    desk.edit("programme.toml", "[simulation]", "[report]\ncuts = [\"committee\", \"engineer\"]\n\n[simulation]");
    desk.expect(0, &["run", "programme.toml", "--out", "r", "--quiet"]);
    let names = |file: &str| open(&desk, &format!("r/{file}")).sheet_names();
    assert_eq!(names("report-committee.xlsx").first().map(String::as_str), Some("Page one"));
    assert!(!names("report-committee.xlsx").contains(&"Model".to_string()) && names("report-engineer.xlsx").contains(&"Model".to_string()));
    assert!(!desk.path("r/report-regulator.xlsx").exists());
}

#[test]
fn heads_stay_in_sight_and_properties_know_no_clock() {
    let desk = Desk::new();
    desk.expect(0, &["run", "programme.toml", "--out", "r", "--quiet"]);
    let properties = part(&desk, "r/report.xlsx", "docProps/core.xml");
    assert!(properties.contains("2024-03-01T00:00:00Z") && properties.matches("dcterms:W3CDTF").count() == 2, "{properties}");
    let sheets = parts(&desk, "r/report.xlsx").into_iter().filter(|name| name.starts_with("xl/worksheets/sheet"));
    let texts: Vec<String> = sheets.map(|name| part(&desk, "r/report.xlsx", &name)).collect();
    let frozen = texts.iter().filter(|text| text.contains("state=\"frozen\"") && text.contains("<autoFilter")).count();
    assert!(frozen >= 4 && frozen < texts.len(), "{frozen} of {}", texts.len());
    let styles = part(&desk, "r/report.xlsx", "xl/styles.xml");
    assert!(styles.contains("#,##0.0%") && styles.contains("&quot;CNY &quot;#,##0"), "{styles}");
    // the same on any number of threads, and on any day
    for threads in ["1", "3"] {
        desk.expect(0, &["run", "programme.toml", "--out", threads, "--threads", threads, "--quiet"]);
        let bytes = |folder: &str| fs::read(desk.path(folder).join("report.xlsx")).expect("there");
        assert!(bytes(threads) == bytes("r"), "{threads} threads");
    }
}
