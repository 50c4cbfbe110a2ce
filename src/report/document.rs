//! Sets the report as PDF/A-3a and PDF/UA-1 with typst.
//!
//! Sections are written as blocks in the reader's language ([`sections`]); one template, `assets/report.typ`, lays
//! them out and knows no words. The same facts give the same bytes: the time stamp is the as-of date.

mod assumptions;
pub mod block;
pub mod cells;
mod coverage;
pub mod cuts;
pub mod differs;
pub mod findings;
mod firm;
mod firm_names;
pub mod first_page;
mod limits;
mod parts;
mod recommendation;
pub mod reverse;
mod rule;
pub mod rules;
pub mod rules_clients;
pub mod rules_margin;
pub mod rules_pool;
pub mod sections;
mod shares;
pub mod tables;
mod tiers;
pub mod typesetter;
mod watches;
mod worst_case;

use super::charts::{Chart, Context};
use super::facts::Facts;
use super::fonts::Fonts;
use super::names::short;
use super::text::Text;
use crate::model::case::{Cut, Language};
use crate::model::part::Words;
use crate::problem::Problems;
use crate::units::Day;
use block::Block;
use serde::Serialize;
use std::collections::BTreeMap;

const REPORT_TITLE: Words = Words("Stress test of the leveraged stock-financing book", "股票杠杆融资业务压力测试报告");
const CONF_PUBLIC: Words = Words("Public", "公开");
const CONF_INTERNAL: Words = Words("Internal", "内部");
const CONF_CONFIDENTIAL: Words = Words("Confidential", "机密");
const CONF_RESTRICTED: Words = Words("Restricted", "限制发放");
pub const PAGE_OF: Words = Words("Page {page} of {pages}", "第 {page} 页，共 {pages} 页");
pub const AS_OF: Words = Words("As of {date}", "基准日 {date}");
pub const RUN_ID: Words = Words("Run {id}", "运行编号 {id}");
pub const ATTACHED_SUMMARY: Words = Words("Every figure of this report, machine-readable", "本报告全部数字的机器可读版本");
pub const CONTENTS: Words = Words("Contents", "目录");

/// What the document needs beside the facts.
pub struct Edition<'a> {
    pub language: Language,
    /// `summary.json`, attached to the PDF.
    pub summary_json: &'a [u8],
    /// Folder with further fonts, for characters the embedded ones lack.
    pub font_dir: Option<&'a std::path::Path>,
}

/// Everything the template reads: the report's words and numbers, ready to be laid out.
#[derive(Clone, Serialize)]
pub struct Data {
    pub lang: &'static str,
    pub region: &'static str,
    pub title: String,
    pub institution: String,
    /// Running header and footer.
    pub name: String,
    pub as_of: String,
    pub run: String,
    pub confidentiality: String,
    /// "Page {page} of {pages}", filled by the template.
    pub page_of: &'static str,
    pub contents: &'static str,
    /// The file attached to the PDF, and what it is.
    pub attachment: &'static str,
    pub attached: &'static str,
    pub first: first_page::FirstPage,
    pub sections: Vec<Section>,
}

#[derive(Clone, Serialize)]
pub struct Section {
    pub title: &'static str,
    pub blocks: Vec<Block>,
}

/// The PDF's bytes; the same for the same facts.
///
/// # Errors
/// Kind `Output`: a character that no font has, each named; a font folder that is none.
pub fn pdf(facts: &Facts<'_>, charts: &[Chart], edition: &Edition<'_>) -> Result<Vec<u8>, Problems> {
    let fonts = Fonts::load(edition.font_dir)?;
    pdf_with(facts, charts, edition, &fonts)
}

/// The same with fonts already loaded; `edition.font_dir` is then not read.
pub fn pdf_with(facts: &Facts<'_>, charts: &[Chart], edition: &Edition<'_>, fonts: &Fonts) -> Result<Vec<u8>, Problems> {
    let data = compose(facts, charts, edition.language);
    set(&data, charts, edition.summary_json, fonts, (&facts.programme_hash, facts.programme.as_of))
}

/// The editions that the programme asks for, each with its PDF.
pub fn editions(facts: &Facts<'_>, charts: &[Chart], edition: &Edition<'_>, fonts: &Fonts) -> Result<Vec<(Cut, Vec<u8>)>, Problems> {
    let asked = &facts.programme.report.cuts;
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let named = named(facts, charts, edition.language);
    let whole = compose_of(facts, charts, edition.language, Vec::new());
    let text = Text::new(edition.language, &facts.programme.currency);
    let set = |kind: &Cut| {
        let data = cuts::cut(&whole, &named, &text, (*kind, facts.scenarios.len()));
        Ok((*kind, set(&data, charts, edition.summary_json, fonts, (&facts.programme_hash, facts.programme.as_of))?))
    };
    asked.iter().map(set).collect()
}

/// Sets composed data, with the charts they name and the file they attach; `ident` names the document, `day` is its time stamp.
pub fn set(data: &Data, charts: &[Chart], attached: &[u8], fonts: &Fonts, ident: (&str, Day)) -> Result<Vec<u8>, Problems> {
    set_counted(data, charts, attached, fonts, ident).map(|(pdf, _)| pdf)
}

/// The same, and how many pages it has.
fn set_counted(
    data: &Data,
    charts: &[Chart],
    attached: &[u8],
    fonts: &Fonts,
    (ident, day): (&str, Day),
) -> Result<(Vec<u8>, usize), Problems> {
    let value = serde_json::to_value(data).expect("the report's data are plain values");
    let mut texts = Vec::new();
    strings(&value, &mut texts);
    fonts.check(texts)?;
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    files.insert("data.json".into(), serde_json::to_vec(&value).expect("a value is writable"));
    files.insert(data.attachment.into(), attached.to_vec());
    for chart in charts {
        files.insert(format!("charts/{}.svg", chart.slug), chart.svg_text.as_bytes().to_vec());
    }
    typesetter::typeset(fonts, files, ident, day)
}

/// The report in the reader's language, as blocks.
pub fn compose(facts: &Facts<'_>, charts: &[Chart], language: Language) -> Data {
    let sections = named(facts, charts, language).into_iter().map(|(_, section)| section).collect();
    compose_of(facts, charts, language, sections)
}

/// The first page and the words around it, with sections behind.
pub(in crate::report) fn compose_of(facts: &Facts<'_>, charts: &[Chart], language: Language, sections: Vec<Section>) -> Data {
    let context = Context::new(facts, language);
    let text = context.text;
    let report = context.report();
    let story = sections::Story { context, charts };
    Data {
        lang: if text.zh() { "zh" } else { "en" },
        region: if text.zh() { "cn" } else { "gb" },
        title: report.title.unwrap_or_else(|| text.get(REPORT_TITLE).into()),
        institution: report.institution.unwrap_or_default(),
        name: facts.programme.name.clone(),
        as_of: text.fill(AS_OF, &[("date", &facts.programme.as_of.to_string())]),
        run: text.fill(RUN_ID, &[("id", short(&facts.programme_hash))]),
        confidentiality: confidentiality(&context),
        page_of: text.get(PAGE_OF),
        contents: text.get(CONTENTS),
        attachment: "summary.json",
        attached: text.get(ATTACHED_SUMMARY),
        first: first_page::compose(&story),
        sections,
    }
}

/// Every section that has something to say, with its slug.
pub(in crate::report) fn named(facts: &Facts<'_>, charts: &[Chart], language: Language) -> Vec<(&'static str, Section)> {
    let story = sections::Story { context: Context::new(facts, language), charts };
    let section = |own: &sections::Section| (own.slug, Section { title: story.context.text.get(own.title), blocks: own.blocks(&story) });
    sections::SECTIONS.iter().map(section).filter(|(_, section)| !section.blocks.is_empty()).collect()
}

/// The programme's word, put in the reader's language where it is one of the usual four.
fn confidentiality(context: &Context<'_>) -> String {
    confidentiality_of(&context.text, context.report().confidentiality)
}

/// The same of the programme's own word.
pub fn confidentiality_of(text: &Text, own: String) -> String {
    let word = match own.to_lowercase().as_str() {
        "public" | "公开" => CONF_PUBLIC,
        "internal" | "内部" => CONF_INTERNAL,
        "confidential" | "机密" => CONF_CONFIDENTIAL,
        "restricted" | "限制发放" => CONF_RESTRICTED,
        _ => return own,
    };
    text.get(word).into()
}

fn strings<'v>(value: &'v serde_json::Value, out: &mut Vec<&'v str>) {
    match value {
        serde_json::Value::String(text) => out.push(text),
        serde_json::Value::Array(items) => items.iter().for_each(|item| strings(item, out)),
        serde_json::Value::Object(fields) => fields.values().for_each(|field| strings(field, out)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{charts, sample};

    /// Writes what a person should look at when `LEVERTIDE_LOOK` names a folder.
    fn look(name: &str, bytes: &[u8]) {
        if let Some(dir) = std::env::var_os("LEVERTIDE_LOOK") {
            std::fs::write(std::path::Path::new(&dir).join(name), bytes).unwrap();
        }
    }

    fn report(language: Language) -> Vec<u8> {
        let programme = sample::programme(language);
        let facts = sample::facts(&programme);
        let charts = charts::draw(&facts, language);
        let edition = Edition { language, summary_json: b"{}", font_dir: None };
        let pdf = pdf(&facts, &charts, &edition).unwrap_or_else(|problems| panic!("{problems}"));
        let tongue = if language == Language::Zh { "zh" } else { "en" };
        look(&format!("report-{tongue}.pdf"), &pdf);
        for chart in &charts {
            assert!(!chart.alt.is_empty() && chart.svg.contains("<path") && !chart.svg.contains("<text"), "{}", chart.slug);
            look(&format!("{tongue}-{}.png", chart.slug), &chart.png);
        }
        pdf
    }

    #[test]
    fn the_report_is_set_in_both_languages_with_the_same_bytes_twice() {
        for language in [Language::En, Language::Zh] {
            let (first, second) = (report(language), report(language));
            assert!(first == second, "{language:?}: two reports of the same facts differ");
            assert!(first.starts_with(b"%PDF-1.7") && first.len() > 50_000);
        }
    }

    #[test]
    fn a_committee_s_edition_has_eight_pages_at_most_however_many_scenarios_there_are() {
        let fonts = Fonts::load(None).unwrap();
        for (language, tongue) in [(Language::En, "en"), (Language::Zh, "zh")] {
            let programme = sample::programme(language);
            let mut facts = sample::facts(&programme);
            let charts = charts::draw(&facts, language);
            for further in [0, 55] {
                for at in 0..further {
                    let name = format!("a further scenario of a long name, {at}");
                    facts.scenarios.push(crate::report::facts::ScenarioFacts { name: name.clone(), ..facts.scenarios[at % 5].clone() });
                    let limits: Vec<_> = facts.limits.iter().take(2).cloned().collect();
                    facts
                        .limits
                        .extend(limits.into_iter().map(|limit| crate::study::limits::LimitResult { scenario: name.clone(), ..limit }));
                }
                let whole = compose_of(&facts, &charts, language, Vec::new());
                let named = named(&facts, &charts, language);
                let data = cuts::cut(&whole, &named, &Text::new(language, "CNY"), (Cut::Committee, facts.scenarios.len()));
                let (pdf, pages) = set_counted(&data, &charts, b"{}", &fonts, ("x", programme.as_of)).unwrap();
                look(&format!("committee-{tongue}-{further}.pdf"), &pdf);
                assert!(pages <= 8, "{pages} pages with {} scenarios", facts.scenarios.len());
            }
        }
    }

    #[test]
    fn a_character_without_a_glyph_stops_the_report() {
        let mut programme = sample::programme(Language::Zh);
        programme.report.institution = Some("\u{20BB7}野家".into());
        let facts = sample::facts(&programme);
        let edition = Edition { language: Language::Zh, summary_json: b"{}", font_dir: None };
        let problems = pdf(&facts, &[], &edition).unwrap_err();
        assert!(problems.to_string().contains("U+20BB7"), "{problems}");
    }

    #[test]
    fn the_chinese_edition_calls_a_scenario_by_its_chinese_name_and_files_keep_the_other() {
        let mut programme = sample::programme(Language::En);
        programme.scenarios[1].zh.name = Some("轻度下跌".into());
        programme.scenarios[1].zh.narrative = Some("首日小跌".into());
        let facts = sample::facts(&programme);
        let name = programme.scenarios[1].name.as_str();
        let slugs = |language| charts::draw(&facts, language).into_iter().map(|c| c.slug).collect::<Vec<String>>();
        assert_eq!(slugs(Language::Zh), slugs(Language::En));
        let told = |language| serde_json::to_string(&compose(&facts, &charts::draw(&facts, language), language)).unwrap();
        let (zh, en) = (told(Language::Zh), told(Language::En));
        assert!(zh.contains("轻度下跌") && zh.contains("首日小跌"));
        assert!(!zh.contains(&format!("\"{name}\"")) && en.contains(&format!("\"{name}\"")) && !en.contains("轻度下跌"));
    }

    #[test]
    fn beside_an_earlier_report_the_first_page_says_what_moved_and_by_how_much() {
        let programme = sample::programme(Language::En);
        let mut facts = sample::facts(&programme);
        let told = |facts: &Facts<'_>| {
            let data = compose(facts, &charts::draw(facts, Language::En), Language::En);
            data.first.verdict.iter().find(|f| f.head == "Change").expect("it is asked").text.clone()
        };
        assert!(told(&facts).starts_with("Not judged"));
        let earlier = crate::report::export::summary::read(&crate::report::export::summary::bytes(&facts)).unwrap();
        let es = facts.scenarios[0].measures.get_mut("pool_loss.es_99").unwrap();
        (es.value, es.std_error) = (es.value + 4e5, 3e4);
        (es.ci_low, es.ci_high) = (es.value - 6e4, Some(es.value + 6e4));
        let then = earlier.scenarios[0].measures["pool_loss.es_99"].std_error.unwrap();
        let breach = facts.limits.iter().position(|l| l.verdict == crate::study::limits::Verdict::Breach).unwrap();
        facts.limits[breach].verdict = crate::study::limits::Verdict::Pass;
        facts.set_beside(&earlier);
        let change = &facts.scenarios[0].change["pool_loss.es_99"];
        assert!((change.value - 4e5).abs() < 1e-6 && (change.std_error - libm::hypot(3e4, then)).abs() < 1e-6, "{change:?}");
        let said = told(&facts);
        assert!(said.contains("in the base moved by CNY +") && said.contains("1 of ") && said.contains("from breach to pass"), "{said}");
        assert!(facts.scenarios.iter().all(|s| s.change.len() > 20), "every scenario has its changes");
    }

    #[test]
    fn the_chinese_edition_says_nothing_in_english() {
        let programme = sample::programme(Language::Zh);
        let mut facts = sample::facts(&programme);
        let earlier = crate::report::export::summary::read(&crate::report::export::summary::bytes(&facts)).unwrap();
        facts.set_beside(&earlier);
        let charts = charts::draw(&facts, Language::Zh);
        let data = serde_json::to_value(compose(&facts, &charts, Language::Zh)).unwrap();
        let mut texts = Vec::new();
        strings(&data["first"], &mut texts);
        strings(&data["sections"], &mut texts);
        let stray = ["loss", "rate", "tier", "limit", "base", "mean", "pass", "breach", "probability", "days"];
        for text in texts.iter().filter(|t| !t.starts_with("charts/") && t.chars().any(|c| c > '\u{4e00}')) {
            for word in stray {
                let found = text.split(|c: char| !c.is_ascii_alphabetic()).any(|w| w.eq_ignore_ascii_case(word));
                assert!(!found, "`{word}` stands in: {text}");
            }
        }
    }
}
