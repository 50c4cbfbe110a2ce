//! Cuts the report for one kind of reader: which sections each edition holds, in which order.
//!
//! A supervisor's list of what a stress test has to state, R1 to R20 (docs/report.md says where each comes from), is the order of its
//! edition. A committee's has what it decides on: of each section what stands before its first further page, and of each table the first
//! rows.

use super::block::{Block, Table};
use super::{Data, Section};
use crate::model::case::Cut;
use crate::model::part::Words;
use crate::report::text::Text;

/// What a supervisor asks for, and the sections that answer it.
pub const ASKED: [(&str, &[&str]); 20] = [
    ("R1", &["purpose"]),
    ("R2", &["lineage"]),
    ("R3", &["book"]),
    ("R4", &["rules"]),
    ("R5", &["scenarios"]),
    ("R6", &["results"]),
    ("R7", &["liquidity", "pool"]),
    ("R8", &["liquidity", "differences", "results"]),
    ("R9", &["firm"]),
    ("R10", &["reverse"]),
    ("R11", &["worst", "model-risk"]),
    ("R12", &["groups", "worst"]),
    ("R13", &["results"]),
    ("R14", &["model"]),
    ("R15", &["model", "change"]),
    ("R16", &["limits", "register"]),
    ("R17", &["change"]),
    ("R18", &["purpose"]),
    ("R19", &["signatures"]),
    ("R20", &["precision", "lineage"]),
];
const COMMITTEE: &[&str] = &["results", "worst", "firm", "register", "limits", "change", "reverse", "signatures"];
const ENGINEER: &[&str] = &["lineage", "rules", "scenarios", "model", "model-risk", "results", "precision", "glossary"];

/// Rows of a committee's table, and scenarios that its charts have room for.
const ROWS: usize = 12;
/// Of its reverse stress tests: what they are, and the table of their answers.
const REVERSE: usize = 2;
/// A chart whose figures stand in a committee's table of accounts.
const FUNNEL: &str = "charts/account-funnel.svg";
/// Of the firm: which loss, whose levels, and its indicators against them.
const FIRM: usize = 3;

const CUT_COMMITTEE: Words = Words("Committee edition", "委员会版");
const CUT_REGULATOR: Words = Words("Supervisory edition", "监管报送版");
const CUT_ENGINEER: Words = Words("Technical edition", "技术版");
const MORE_ROWS: Words = Words("{n} further rows are in the whole report.", "另有 {n} 行，见完整报告。");

/// The files of an edition, without their endings.
pub fn stem(cut: Cut) -> &'static str {
    match cut {
        Cut::Committee => "report-committee",
        Cut::Regulator => "report-regulator",
        Cut::Engineer => "report-engineer",
    }
}

/// The sections of an edition, in its order.
pub fn sections(cut: Cut) -> Vec<&'static str> {
    match cut {
        Cut::Committee => COMMITTEE.to_vec(),
        Cut::Engineer => ENGINEER.to_vec(),
        Cut::Regulator => {
            let mut order: Vec<&'static str> = Vec::new();
            for slug in ASKED.iter().flat_map(|(_, slugs)| slugs.iter()).chain(&["glossary"]) {
                if !order.contains(slug) {
                    order.push(slug);
                }
            }
            order
        }
    }
}

/// An edition of the report on so many scenarios: what stands around its sections, and all of them by their slugs.
pub fn cut(around: &Data, named: &[(&str, Section)], text: &Text, (cut, scenarios): (Cut, usize)) -> Data {
    let own = |slug: &&str| named.iter().find(|(own, _)| own == slug).map(|(_, section)| section);
    let told = |block: &&Block| cut == Cut::Engineer || !matches!(block, Block::Hint { .. });
    let fits = |block: &&Block| match block {
        Block::Figure(figure) => scenarios <= ROWS && figure.file != FUNNEL,
        _ => true,
    };
    let blocks = |slug: &str, section: &Section| -> Vec<Block> {
        let all = section.blocks.iter().filter(told);
        match cut {
            Cut::Committee => {
                let most = match slug {
                    "reverse" => REVERSE,
                    "firm" => FIRM,
                    _ => usize::MAX,
                };
                let first = all.take_while(|block| !matches!(block, Block::NewPage)).take(most).filter(fits);
                first.map(|block| short(block, text)).collect()
            }
            Cut::Regulator | Cut::Engineer => all.cloned().collect(),
        }
    };
    let order = sections(cut);
    let sections = order.iter().filter_map(|slug| Some((*slug, own(slug)?)));
    let sections = sections.map(|(slug, section)| Section { title: section.title, blocks: blocks(slug, section) });
    let name = text.get(match cut {
        Cut::Committee => CUT_COMMITTEE,
        Cut::Regulator => CUT_REGULATOR,
        Cut::Engineer => CUT_ENGINEER,
    });
    Data {
        name: format!("{} · {name}", around.name),
        sections: sections.filter(|section| !section.blocks.is_empty()).collect(),
        ..around.clone()
    }
}

/// A block with the first rows of its table.
fn short(block: &Block, text: &Text) -> Block {
    let Block::Table(table) = block else { return block.clone() };
    let more = table.rows.len().saturating_sub(ROWS);
    if more == 0 {
        return block.clone();
    }
    let said = text.fill(MORE_ROWS, &[("n", &more.to_string())]);
    let note = table.note.as_ref().map_or(said.clone(), |own| format!("{said} {own}"));
    Block::Table(Table { rows: table.rows[..ROWS].to_vec(), note: Some(note), ..table.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::case::Language;
    use crate::report::charts;
    use crate::report::document::sections::SECTIONS;
    use crate::report::document::{compose, named};
    use crate::report::sample;

    #[test]
    fn every_item_of_a_supervisor_s_list_has_its_section_and_every_section_an_edition() {
        let known: Vec<&str> = SECTIONS.iter().map(|section| section.slug).collect();
        for (item, slugs) in ASKED {
            assert!(slugs.iter().all(|slug| known.contains(slug)), "{item}: {slugs:?}");
            assert!(!slugs.is_empty(), "{item} is answered nowhere");
        }
        let all: Vec<&str> = [Cut::Committee, Cut::Regulator, Cut::Engineer].into_iter().flat_map(sections).collect();
        assert!(known.iter().all(|slug| all.contains(slug) || *slug == "example"), "{known:?}");
    }

    #[test]
    fn an_edition_has_its_sections_in_its_order_and_no_words_for_operators() {
        let programme = sample::programme(Language::En);
        let facts = sample::facts(&programme);
        let charts = charts::draw(&facts, Language::En);
        let whole = compose(&facts, &charts, Language::En);
        let named = named(&facts, &charts, Language::En);
        let text = Text::new(Language::En, "CNY");
        let hint = |block: &Block| matches!(block, Block::Hint { .. });
        assert!(whole.sections.iter().any(|section| section.blocks.iter().any(hint)));
        for kind in [Cut::Committee, Cut::Regulator, Cut::Engineer] {
            let data = cut(&whole, &named, &text, (kind, facts.scenarios.len()));
            let titles: Vec<&str> = data.sections.iter().map(|section| section.title).collect();
            let order = sections(kind);
            let wanted = order.iter().filter_map(|slug| Some(text.get(SECTIONS.iter().find(|s| s.slug == *slug)?.title)));
            let wanted: Vec<&str> = wanted.filter(|title| titles.contains(title)).collect();
            assert_eq!(titles, wanted);
            assert!(kind == Cut::Engineer || !data.sections.iter().any(|section| section.blocks.iter().any(hint)), "{kind:?}");
        }
    }
}
