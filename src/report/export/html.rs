//! Writes `report.html`: the report on a screen, one file with its charts, styles and script inside, and nothing fetched.

use super::{Export, Results};
use crate::model::case::Language;
use crate::model::part::Words;
use crate::problem::Problems;
use crate::report::charts::Chart;
use crate::report::document::block::{Block, Cell, Column, Figure, Table, Tone};
use crate::report::document::{self, Data, Section};
use crate::report::folder::Claim;
use crate::report::text::Text;
use std::fmt::Write;

pub const EXPORT: Export = Export { name: "report.html", write };

/// How the page looks: wide, on a phone, in the dark and on paper.
const STYLE: &str = include_str!("../assets/report.css");
/// Sorts tables; without it the page is whole.
const SCRIPT: &str = include_str!("../assets/report.js");
/// SHA-256 of the script, by which the page allows it and no other.
const SCRIPT_HASH: &str = "+c+zUhrGNS0KsNkb8Yuo07WmBqvFu/ZbEOOfl7t/Z3w=";

const TABLE: Words = Words("Table {n}: ", "表 {n}：");
const FIGURE: Words = Words("Figure {n}: ", "图 {n}：");

/// Counts what the report numbers, as its PDF does.
#[derive(Default)]
struct Numbers {
    section: usize,
    part: usize,
    tables: usize,
    figures: usize,
}

fn write(results: &Results<'_>, claim: &mut Claim) -> Result<(), Problems> {
    let data = document::compose(results.facts, results.charts, results.facts.programme.report.language);
    claim.write("report.html", page(&data, results.charts).as_bytes())
}

/// A composed document as one page.
pub(in crate::report) fn page(data: &Data, charts: &[Chart]) -> String {
    let mut out = String::new();
    let title = escape(&data.title);
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"{}-{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{SCRIPT_HASH}'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n",
        data.lang,
        data.region.to_uppercase()
    );
    let head: Vec<&str> = [&data.institution, &data.name, &data.as_of, &data.confidentiality].into_iter().map(String::as_str).collect();
    let head: Vec<String> = head.into_iter().filter(|part| !part.is_empty()).map(escape).collect();
    let _ = write!(out, "<header>\n<h1>{title}</h1>\n<p>{}</p>\n</header>\n", head.join(" · "));
    out.push_str("<main>\n");
    let language = if data.lang == "zh" { Language::Zh } else { Language::En };
    first_page(&mut out, data, charts);
    if data.sections.len() > 1 {
        contents(&mut out, data);
    }
    let mut page = Page { out, charts, text: Text::new(language, ""), numbers: Numbers::default() };
    for section in &data.sections {
        page.section(section);
    }
    let mut out = page.out;
    let _ =
        write!(out, "</main>\n<footer><p>{} · Levertide</p></footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n", escape(&data.run));
    out
}

fn first_page(out: &mut String, data: &Data, charts: &[Chart]) {
    let first = &data.first;
    let _ = writeln!(out, "<section class=\"verdict\">\n<h2>{}</h2>\n<dl>", escape(first.verdict_title));
    for finding in &first.verdict {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escape(&finding.head), escape(&finding.text));
    }
    out.push_str("</dl>\n</section>\n");
    // as in the PDF, what stands on page one has no number
    first.limits.iter().chain([&first.scenarios]).for_each(|t| table(out, t, ""));
    first.chart.iter().for_each(|f| figure(out, f, charts, ""));
}

fn contents(out: &mut String, data: &Data) {
    let _ = write!(out, "<nav>\n<h2>{}</h2>\n<ol>\n", escape(data.contents));
    for (at, section) in data.sections.iter().enumerate() {
        let number = at + 1;
        let _ = writeln!(out, "<li><a href=\"#s{number}\"><span class=\"number\">{number}</span>{}</a></li>", escape(section.title));
    }
    out.push_str("</ol>\n</nav>\n");
}

/// The page as far as it is written.
struct Page<'c> {
    out: String,
    charts: &'c [Chart],
    text: Text,
    numbers: Numbers,
}

impl Page<'_> {
    fn section(&mut self, section: &Section) {
        self.numbers.section += 1;
        self.numbers.part = 0;
        let number = self.numbers.section;
        let title = escape(section.title);
        let _ = writeln!(self.out, "<section id=\"s{number}\">\n<h2><span class=\"number\">{number}</span>{title}</h2>");
        section.blocks.iter().for_each(|block| self.block(block));
        self.out.push_str("</section>\n");
    }

    fn numbered(&self, words: Words, n: usize) -> String {
        self.text.fill(words, &[("n", &n.to_string())])
    }

    fn block(&mut self, block: &Block) {
        let out = &mut self.out;
        let _ = match block {
            Block::Subheading { text } => {
                self.numbers.part += 1;
                let (section, part) = (self.numbers.section, self.numbers.part);
                writeln!(out, "<h3><span class=\"number\">{section}.{part}</span>{}</h3>", escape(text))
            }
            Block::Paragraph { text } | Block::Hint { text } => writeln!(out, "<p>{}</p>", escape(text)),
            Block::List { items } => {
                let items: String = items.iter().map(|item| format!("<li>{}</li>\n", escape(item))).collect();
                writeln!(out, "<ul>\n{items}</ul>")
            }
            Block::Table(t) => {
                self.numbers.tables += 1;
                let number = self.numbered(TABLE, self.numbers.tables);
                table(&mut self.out, t, &number);
                Ok(())
            }
            Block::Figure(f) => {
                self.numbers.figures += 1;
                let number = self.numbered(FIGURE, self.numbers.figures);
                figure(&mut self.out, f, self.charts, &number);
                Ok(())
            }
            // a screen has no pages
            Block::NewPage => Ok(()),
        };
    }
}

fn table(out: &mut String, table: &Table, number: &str) {
    let side = |column: &Column| if column.align == "right" { " class=\"right\"" } else { "" };
    let _ = write!(out, "<div class=\"wide\"><table>\n<caption>{number}{}</caption>\n<thead><tr>", escape(&table.caption));
    for column in &table.columns {
        let unit = if column.unit.is_empty() { String::new() } else { format!("<br><small>{}</small>", escape(&column.unit)) };
        let _ = write!(out, "<th scope=\"col\"{}>{}{unit}</th>", side(column), escape(&column.head));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>");
        for (cell, column) in row.iter().zip(&table.columns) {
            let _ = write!(out, "<td{}>{}</td>", side(column), shown(cell));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n");
    if let Some(note) = &table.note {
        let _ = writeln!(out, "<p class=\"note\">{}</p>", escape(note));
    }
}

fn shown(cell: &Cell) -> String {
    let tone = match cell.tone {
        Tone::Plain => return escape(&cell.text),
        Tone::Strong => "strong",
        Tone::Pass => "pass",
        Tone::Breach => "breach",
        Tone::Undecided => "undecided",
        Tone::Code => "code",
    };
    format!("<span class=\"{tone}\">{}</span>", escape(&cell.text))
}

/// The drawing itself stands in the page, its text as text, so that it can be searched and enlarged, with its values where a pointer
/// rests.
fn figure(out: &mut String, figure: &Figure, charts: &[Chart], number: &str) {
    let chart = charts.iter().find(|c| Figure::of(c).file == figure.file);
    let drawing = chart.and_then(|c| Some((c, c.svg_text.find("<svg")?, c.svg_text.rfind("</svg>")?)));
    let (chart, from, to) = drawing.unwrap_or_else(|| panic!("the chart {} is drawn before it is placed", figure.file));
    let mut hover = String::new();
    for spot in &chart.hover {
        let [left, top, right, bottom] = spot.edges;
        let (width, height, says) = (right - left, bottom - top, escape(&spot.says));
        let _ = write!(
            hover,
            "<rect x=\"{left:.0}\" y=\"{top:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" fill=\"none\" pointer-events=\"all\">\
             <title>{says}</title></rect>"
        );
    }
    let _ = writeln!(
        out,
        "<figure><figcaption>{number}{}</figcaption><div class=\"wide\" role=\"img\" aria-label=\"{}\">{}{hover}</svg></div></figure>",
        escape(&figure.title),
        escape(&figure.alt),
        &chart.svg_text[from..to]
    );
}

/// Text as it may stand in a page, in an attribute or between tags.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_allows_its_own_script_and_no_other() {
        use base64::Engine;
        use sha2::Digest;
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(SCRIPT.as_bytes()));
        assert_eq!(SCRIPT_HASH, hash);
    }

    #[test]
    fn words_cannot_become_tags() {
        let cell = Cell::toned("<script>alert('1')</script>", Tone::Code);
        assert_eq!(shown(&cell), "<span class=\"code\">&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;</span>");
    }
}
