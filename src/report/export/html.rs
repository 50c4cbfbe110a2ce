//! Writes `report.html`: the report on a screen, one file with its charts and styles inside, no script and nothing fetched.

use super::{Export, Results};
use crate::problem::Problems;
use crate::report::charts::Chart;
use crate::report::document::block::{Block, Cell, Column, Figure, Table, Tone};
use crate::report::document::{self, Data};
use crate::report::folder::Claim;
use std::fmt::Write;

pub const EXPORT: Export = Export { name: "report.html", write };

const STYLE: &str = "\
body{margin:0 auto;max-width:64rem;padding:1.5rem;color:#212529;background:#fff;line-height:1.5;\
font-family:'Noto Sans SC','Noto Sans','PingFang SC','Microsoft YaHei',system-ui,sans-serif}\
header p,footer,caption small,.note{color:#606770}\
h1,h2,h3,caption,figcaption,th{color:#10345c}\
h2{margin-top:2.5rem;border-bottom:1px solid #ced4da}\
.verdict{border-left:3px solid #10345c;padding-left:1rem}\
.verdict dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1rem}\
.verdict dt{font-weight:bold;color:#10345c}.verdict dd{margin:0}\
.wide{overflow-x:auto}\
table{border-collapse:collapse;width:100%;margin:1rem 0 .3rem;font-size:.85rem;font-variant-numeric:tabular-nums}\
caption,figcaption{text-align:left;font-weight:bold;padding:.3rem 0}\
th{text-align:left;vertical-align:bottom;border-bottom:2px solid #10345c}\
th small{font-weight:normal;color:#606770}\
td,th{padding:.25rem .5rem}td{border-bottom:1px solid #ced4da}\
.right{text-align:right}\
.strong,.pass,.breach,.undecided{font-weight:bold}\
.pass{color:#1d6b43}.breach{color:#b03a12}.undecided{color:#7a5a00}\
.code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}\
.note{font-size:.8rem}\
figure{margin:1rem 0}figure svg{width:100%;height:auto}";

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
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n",
        data.lang,
        data.region.to_uppercase()
    );
    let head: Vec<&str> = [&data.institution, &data.name, &data.as_of, &data.confidentiality].into_iter().map(String::as_str).collect();
    let head: Vec<String> = head.into_iter().filter(|part| !part.is_empty()).map(escape).collect();
    let _ = write!(out, "<header>\n<h1>{title}</h1>\n<p>{}</p>\n</header>\n<main>\n", head.join(" · "));
    first_page(&mut out, data, charts);
    if data.sections.len() > 1 {
        contents(&mut out, data);
    }
    for (number, section) in data.sections.iter().enumerate() {
        let _ = writeln!(out, "<section id=\"s{number}\">\n<h2>{}</h2>", escape(section.title));
        section.blocks.iter().for_each(|b| block(&mut out, b, charts));
        out.push_str("</section>\n");
    }
    let _ = write!(out, "</main>\n<footer><p>{} · Levertide</p></footer>\n</body>\n</html>\n", escape(&data.run));
    out
}

fn first_page(out: &mut String, data: &Data, charts: &[Chart]) {
    let first = &data.first;
    let _ = writeln!(out, "<section class=\"verdict\">\n<h2>{}</h2>\n<dl>", escape(first.verdict_title));
    for finding in &first.verdict {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escape(&finding.head), escape(&finding.text));
    }
    out.push_str("</dl>\n</section>\n");
    first.limits.iter().chain([&first.scenarios]).for_each(|t| table(out, t));
    first.chart.iter().for_each(|f| figure(out, f, charts));
}

fn contents(out: &mut String, data: &Data) {
    let _ = write!(out, "<nav>\n<h2>{}</h2>\n<ol>\n", escape(data.contents));
    for (number, section) in data.sections.iter().enumerate() {
        let _ = writeln!(out, "<li><a href=\"#s{number}\">{}</a></li>", escape(section.title));
    }
    out.push_str("</ol>\n</nav>\n");
}

fn block(out: &mut String, block: &Block, charts: &[Chart]) {
    let _ = match block {
        Block::Subheading { text } => writeln!(out, "<h3>{}</h3>", escape(text)),
        Block::Paragraph { text } | Block::Hint { text } => writeln!(out, "<p>{}</p>", escape(text)),
        Block::List { items } => {
            let items: String = items.iter().map(|item| format!("<li>{}</li>\n", escape(item))).collect();
            writeln!(out, "<ul>\n{items}</ul>")
        }
        Block::Table(t) => {
            table(out, t);
            Ok(())
        }
        Block::Figure(f) => {
            figure(out, f, charts);
            Ok(())
        }
        // a screen has no pages
        Block::NewPage => Ok(()),
    };
}

fn table(out: &mut String, table: &Table) {
    let side = |column: &Column| if column.align == "right" { " class=\"right\"" } else { "" };
    let _ = write!(out, "<div class=\"wide\"><table>\n<caption>{}</caption>\n<thead><tr>", escape(&table.caption));
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

/// The drawing itself stands in the page, its text as text, so that it can be searched and enlarged.
fn figure(out: &mut String, figure: &Figure, charts: &[Chart]) {
    let chart = charts.iter().find(|c| Figure::of(c).file == figure.file);
    let drawing = chart.and_then(|c| c.svg_text.find("<svg").map(|start| &c.svg_text[start..]));
    let drawing = drawing.unwrap_or_else(|| panic!("the chart {} is drawn before it is placed", figure.file));
    let _ = writeln!(
        out,
        "<figure><figcaption>{}</figcaption><div role=\"img\" aria-label=\"{}\">{drawing}</div></figure>",
        escape(&figure.title),
        escape(&figure.alt)
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
    fn words_cannot_become_tags() {
        let cell = Cell::toned("<script>alert('1')</script>", Tone::Code);
        assert_eq!(shown(&cell), "<span class=\"code\">&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;</span>");
    }
}
