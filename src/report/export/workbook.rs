//! Writes `report.xlsx`, and one for each edition asked for: the tables of the report as a workbook, their figures as numbers.
//!
//! A sheet holds page one, one each section that has tables, and the last one where everything comes from. Words are words: no cell
//! holds a formula, and there are no links and no macros. The same facts give the same bytes: the time stamp is the as-of date.

pub mod grid;
pub mod sources;
mod style;
pub mod tabs;

use super::{Export, Results};
use crate::model::part::Words;
use crate::problem::Problems;
use crate::report::document::block::Table;
use crate::report::document::{self, Data, Section, cuts};
use crate::report::facts::Facts;
use crate::report::folder::{Claim, io_problem};
use crate::report::text::Text;
use grid::{Grid, Room};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};
use sources::Placed;
use std::io;
use style::Style;
use tabs::Tabs;

pub const EXPORT: Export = Export { name: NAME, write };
const NAME: &str = "report.xlsx";

const ELSEWHERE: Words = Words("all are in {files}", "全部见 {files}");
const IN_SUMMARY: Words = Words("all are in summary.json", "全部见 summary.json");
/// What page one's tables come from.
const FIRST_PAGE: [&str; 2] = ["limits", "results"];

fn write(results: &Results<'_>, claim: &mut Claim) -> Result<(), Problems> {
    let present: Vec<String> = claim.files().keys().cloned().collect();
    let has = |name: &str| present.iter().any(|own| own == name);
    let facts = results.facts;
    let language = facts.programme.report.language;
    let sections = document::named(facts, results.charts, language);
    let around = document::compose_of(facts, results.charts, language, Vec::new());
    let text = Text::new(language, &facts.programme.currency);
    let mut put = |name: &str, around: &Data, sections: &[(&str, &Section)]| {
        let bytes = workbook(&Told { facts, text, around, sections, has: &has }, Room::SHEET);
        let bytes = bytes.map_err(|e| io_problem(&claim.target().join(name), "cannot be written", &io::Error::other(e.to_string())))?;
        claim.write(name, &bytes)
    };
    put(NAME, &around, &sections.iter().map(|(slug, section)| (*slug, section)).collect::<Vec<_>>())?;
    for cut in &facts.programme.report.cuts {
        let data = cuts::cut(&around, &sections, &text, (*cut, facts.scenarios.len()));
        let slug = |section: &Section| sections.iter().find(|(_, own)| own.title == section.title).map_or("", |(slug, _)| *slug);
        let own: Vec<(&str, &Section)> = data.sections.iter().map(|section| (slug(section), section)).collect();
        put(&format!("{}.xlsx", cuts::stem(*cut)), &data, &own)?;
    }
    Ok(())
}

/// What a workbook tells.
struct Told<'a> {
    facts: &'a Facts<'a>,
    text: Text,
    /// Page one, and the words around the sections.
    around: &'a Data,
    sections: &'a [(&'a str, &'a Section)],
    /// Whether the folder has a file.
    has: &'a dyn Fn(&str) -> bool,
}

impl Told<'_> {
    /// Where rows are that have no room on a sheet.
    fn elsewhere(&self, slug: &str) -> String {
        let files: Vec<&str> = sources::section(slug).files.iter().copied().filter(|file| (self.has)(file)).collect();
        if files.is_empty() { self.text.get(IN_SUMMARY).into() } else { self.text.fill(ELSEWHERE, &[("files", &files.join(", "))]) }
    }
}

/// The bytes of a workbook whose sheets have so much room.
fn workbook(told: &Told<'_>, room: Room) -> Result<Vec<u8>, XlsxError> {
    let text = told.text;
    let style = Style::new(text.zh());
    let (mut book, mut tabs, mut placed) = (Workbook::new(), Tabs::default(), Vec::new());
    book.set_properties(&properties(told)?);
    // the names of the two sheets every workbook has are given first
    let [first, last] = [tabs::FIRST, tabs::SOURCES].map(|name| tabs.name(text.get(name)));
    let sheet = book.add_worksheet();
    sheet.set_name(&first)?;
    first_page(told, Grid::new(sheet, text, &style, room))?;
    let page = &told.around.first;
    placed.extend(page.limits.iter().map(|table| Placed { sheet: first.clone(), slug: FIRST_PAGE[0], table }));
    placed.push(Placed { sheet: first, slug: FIRST_PAGE[1], table: &page.scenarios });
    for (slug, section) in told.sections {
        let tables: Vec<&Table> = sources::tables(section).collect();
        if tables.is_empty() {
            continue;
        }
        let name = tabs.section(&text, slug, section.title);
        let sheet = book.add_worksheet();
        sheet.set_name(&name)?;
        stack(Grid::new(sheet, text, &style, room), section.title, &tables, &told.elsewhere(slug))?;
        placed.extend(tables.into_iter().map(|table| Placed { sheet: name.clone(), slug, table }));
    }
    let sheet = book.add_worksheet();
    sheet.set_name(&last)?;
    let tables = sources::sheet(&text, told.facts, &placed, told.has);
    stack(Grid::new(sheet, text, &style, room), text.get(sources::TITLE), &tables.each_ref(), text.get(IN_SUMMARY))?;
    book.save_to_buffer()
}

/// Fixed by the facts: no clock, no name of a machine or its user.
fn properties(told: &Told<'_>) -> Result<DocProperties, XlsxError> {
    let (year, month, day) = told.facts.programme.as_of.ymd();
    // days before 1900 are none to a spreadsheet
    let stamp = ExcelDateTime::from_ymd(u16::try_from(year.max(1900)).unwrap_or(9999), month as u8, day as u8)?;
    let around = told.around;
    Ok(DocProperties::new()
        .set_title(&around.title)
        .set_subject(&around.name)
        .set_company(&around.institution)
        .set_author(concat!("Levertide ", env!("CARGO_PKG_VERSION")))
        .set_comment(&around.run)
        .set_creation_datetime(&stamp))
}

/// Findings, limits, scenarios.
fn first_page(told: &Told<'_>, mut grid: Grid<'_>) -> Result<(), XlsxError> {
    let around = told.around;
    let (page, style) = (&around.first, grid.style);
    grid.title(&around.title)?;
    let head = [&around.institution, &around.name, &around.as_of, &around.run, &around.confidentiality];
    let head: Vec<&str> = head.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    grid.line(&head.join(" · "), &style.faint())?;
    grid.gap();
    grid.line(page.verdict_title, &style.caption())?;
    for finding in &page.verdict {
        grid.answer(&finding.head, &finding.text)?;
    }
    let tables = page.limits.iter().zip([FIRST_PAGE[0]]).chain([(&page.scenarios, FIRST_PAGE[1])]);
    for (table, slug) in tables {
        grid.gap();
        grid.table(table, &told.elsewhere(slug))?;
    }
    printed(grid.sheet);
    grid.finish()
}

/// Tables below each other under a title; of one alone the heads stay in sight, and rows can be picked by them.
fn stack(mut grid: Grid<'_>, title: &str, tables: &[&Table], elsewhere: &str) -> Result<(), XlsxError> {
    grid.title(title)?;
    for (at, table) in tables.iter().enumerate() {
        if grid.is_full() {
            grid.left_out(tables.len() - at, elsewhere);
            break;
        }
        grid.gap();
        let heads = grid.table(table, elsewhere)?;
        let rows = table.rows.len();
        if tables.len() == 1 && rows > 0 {
            grid.keep_heads(heads, rows)?;
        }
    }
    printed(grid.sheet);
    grid.finish()
}

/// As wide as a page, and as long as it takes.
fn printed(sheet: &mut Worksheet) {
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::case::Language;
    use crate::report::document::block::{Cell, figures, words};
    use crate::report::{charts, sample};
    use crate::units::Day;

    fn made(facts: &Facts<'_>, language: Language, room: Room) -> Vec<u8> {
        let charts = charts::draw(facts, language);
        let sections = document::named(facts, &charts, language);
        let around = document::compose_of(facts, &charts, language, Vec::new());
        let text = Text::new(language, &facts.programme.currency);
        let own: Vec<(&str, &Section)> = sections.iter().map(|(slug, section)| (*slug, section)).collect();
        let told = Told { facts, text, around: &around, sections: &own, has: &|_| true };
        workbook(&told, room).expect("it can be written")
    }

    #[test]
    fn the_same_facts_give_the_same_bytes() {
        for language in [Language::En, Language::Zh] {
            let programme = sample::programme(language);
            let facts = sample::facts(&programme);
            let first = made(&facts, language, Room::SHEET);
            assert!((0..4).all(|_| made(&facts, language, Room::SHEET) == first), "{language:?}");
        }
    }

    #[test]
    fn what_stands_in_a_column_of_figures_is_a_number() {
        for language in [Language::En, Language::Zh] {
            let programme = sample::programme(language);
            let facts = sample::facts(&programme);
            let charts = charts::draw(&facts, language);
            let data = document::compose(&facts, &charts, language);
            let first = data.first.limits.iter().chain([&data.first.scenarios]);
            let mut seen = 0;
            for table in first.chain(data.sections.iter().flat_map(sources::tables)) {
                for (at, column) in table.columns.iter().enumerate().filter(|(_, column)| column.align == "right") {
                    for cell in table.rows.iter().map(|row| &row[at]).filter(|cell| cell.text.chars().any(|c| c.is_ascii_digit())) {
                        let is_day = Day::parse(&cell.text).is_some();
                        assert!(is_day || cell.number.is_some(), "{}, {}: {}", table.caption, column.head, cell.text);
                        seen += 1;
                    }
                }
            }
            assert!(seen > 200, "{seen} figures");
        }
    }

    #[test]
    fn a_table_larger_than_a_sheet_is_cut_and_says_where_the_rest_is() {
        let text = Text::new(Language::En, "CNY");
        let style = Style::new(false);
        let columns = vec![words("a", 1), figures("b", ""), figures("c", "")];
        let rows = (0..60).map(|at| vec![at.to_string().into(), document::cells::count(at), Cell::from("x")]).collect();
        let table = Table { columns, rows, ..Table::default() };
        let mut sheet = Worksheet::new();
        let mut grid = Grid::new(&mut sheet, text, &style, Room { rows: 40, columns: 2 });
        grid.table(&table, "all are in x.csv").expect("it fits");
        assert!(grid.is_full());
        let said: Vec<String> = grid.said().map(str::to_string).collect();
        let wanted = |what: &str| format!("{what} have no room on this sheet; all are in x.csv.");
        assert_eq!(said, [wanted("29 further rows"), wanted("1 further columns")]);
        grid.finish().expect("it is written");
    }
}
