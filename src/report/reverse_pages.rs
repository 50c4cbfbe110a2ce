//! Says in the reader's language what makes limits fail: the findings, each reverse stress test with its chart, and who breaks first.

use super::charts::Chart;
use super::document::block::Figure;
use super::document::first_page::FirstPage;
use super::document::reverse::Pages;
use super::document::{self, Data, Section};
use super::names::short;
use super::text::Text;
use crate::model::case::{Language, Programme};
use crate::model::lineage::InputFile;
use crate::model::part::Words;
use crate::study::reverse::answer::Answer;

const TITLE: Words = Words("Reverse stress tests: {name}", "反向压力测试：{name}");
const FINDINGS: Words = Words("Findings", "结论");
const ATTACHED: Words = Words("Every figure of these reverse stress tests, machine-readable", "本次反向压力测试全部数字的机器可读版本");
const TESTS: Words = Words("Tests", "各项测试");
const BREAKS: Words = Words("Who breaks first", "率先突破者");

/// What the folder says of.
pub struct Subject<'a> {
    /// The programme with the settings found as its scenarios.
    pub programme: &'a Programme,
    pub programme_hash: &'a str,
    pub language: Language,
    pub answers: &'a [Answer],
    pub lineage: &'a [InputFile],
}

/// The document, as blocks.
pub fn compose(subject: &Subject<'_>, charts: &[Chart]) -> Data {
    let programme = subject.programme;
    let text = Text::new(subject.language, &programme.currency);
    let report = programme.report.in_language(subject.language);
    let pages = Pages { text, currency: &programme.currency, answers: subject.answers };
    let alone = charts.len() == 1;
    let run = short(subject.programme_hash);
    let tests = subject.answers.iter().zip(charts).flat_map(|(answer, chart)| pages.test(answer, chart, !alone)).collect();
    Data {
        lang: if text.zh() { "zh" } else { "en" },
        region: if text.zh() { "cn" } else { "gb" },
        title: text.fill(TITLE, &[("name", &programme.name)]),
        institution: report.institution.clone().unwrap_or_default(),
        name: programme.name.clone(),
        as_of: text.fill(document::AS_OF, &[("date", &programme.as_of.to_string())]),
        run: text.fill(document::RUN_ID, &[("id", run)]),
        confidentiality: document::confidentiality_of(&text, report.confidentiality),
        page_of: text.get(document::PAGE_OF),
        contents: text.get(document::CONTENTS),
        attachment: "reverse.json",
        attached: text.get(ATTACHED),
        first: FirstPage {
            verdict_title: text.get(FINDINGS),
            verdict: pages.findings(),
            limits: None,
            scenarios: pages.answers(),
            // a single test stands there whole
            chart: if let [chart] = charts { Some(Figure::of(chart)) } else { None },
        },
        sections: vec![Section { title: text.get(TESTS), blocks: tests }, Section { title: text.get(BREAKS), blocks: pages.broken() }],
    }
}
