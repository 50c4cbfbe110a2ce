//! Lists the sections of the report in order; each writes its blocks from the facts.
//!
//! A further section is a file that declares itself ([`Section`]), the line that names the file, and its line of [`SECTIONS`].

pub mod book;
pub mod change;
pub mod differences;
#[cfg(test)]
pub mod example;
pub mod firm;
pub mod glossary;
pub mod groups;
pub mod limits;
pub mod lineage;
pub mod liquidity;
pub mod model;
pub mod model_risk;
pub mod pool;
pub mod precision;
pub mod purpose;
pub mod register;
pub mod results;
pub mod reverse;
pub mod rules;
pub mod scenarios;
pub mod signatures;
pub mod worst;

use super::block::{Block, Figure};
use crate::model::part::Words;
use crate::report::charts::{Chart, Context, PAINTERS};
use crate::report::facts::ScenarioFacts;
use crate::report::text::Text;

/// What a section declares of itself.
pub struct Section {
    /// Its name in code: others refer to it, and charts say where they stand.
    pub slug: &'static str,
    pub title: Words,
    /// Its blocks, from the facts and the charts that were drawn.
    pub write: fn(&Story<'_>) -> Vec<Block>,
}

impl Section {
    /// What it writes, and the charts that declare to stand in it and have no place in it yet.
    pub fn blocks(&self, story: &Story<'_>) -> Vec<Block> {
        let mut blocks = (self.write)(story);
        for painter in PAINTERS.iter().filter(|painter| painter.section == self.slug) {
            let drawn: Vec<&Chart> = story.charts.iter().filter(|chart| painter.drew(&chart.slug)).collect();
            let stands =
                |block: &Block| matches!(block, Block::Figure(own) if drawn.iter().any(|chart| Figure::of(chart).file == own.file));
            if !blocks.iter().any(stands) {
                blocks.extend(drawn.into_iter().map(|chart| Block::Figure(Figure::of(chart))));
            }
        }
        blocks
    }
}

/// What every section reads.
pub struct Story<'a> {
    pub context: Context<'a>,
    pub charts: &'a [Chart],
}

impl Story<'_> {
    /// The chart of that name, when it was drawn.
    pub fn chart(&self, slug: &str) -> Option<Block> {
        self.charts.iter().find(|c| c.slug == slug).map(|c| Block::Figure(Figure::of(c)))
    }

    /// The base and the worst scenario; one when they are the same.
    pub fn base_and_worst(&self) -> Vec<&ScenarioFacts> {
        let mut shown: Vec<&ScenarioFacts> = self.context.facts.scenarios.first().into_iter().collect();
        shown.extend(self.context.worst().filter(|w| shown.first().is_none_or(|base| base.name != w.name)));
        shown
    }
}

/// The title of a section, for another that refers to it.
pub fn title(text: &Text, slug: &str) -> &'static str {
    text.get(SECTIONS.iter().find(|section| section.slug == slug).unwrap_or_else(|| panic!("there is no section `{slug}`")).title)
}

/// Every section, in the order of the report.
pub const SECTIONS: &[Section] = &[
    purpose::SECTION,
    book::SECTION,
    lineage::SECTION,
    rules::SECTION,
    scenarios::SECTION,
    results::SECTION,
    differences::SECTION,
    change::SECTION,
    groups::SECTION,
    worst::SECTION,
    liquidity::SECTION,
    pool::SECTION,
    firm::SECTION,
    model_risk::SECTION,
    reverse::SECTION,
    model::SECTION,
    limits::SECTION,
    register::SECTION,
    precision::SECTION,
    signatures::SECTION,
    glossary::SECTION,
    #[cfg(test)]
    example::SECTION,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::charts::FIRST_PAGE;
    use std::collections::BTreeSet;

    #[test]
    fn sections_and_charts_have_names_of_their_own_and_every_chart_a_section() {
        let slugs: BTreeSet<&str> = SECTIONS.iter().map(|section| section.slug).collect();
        assert_eq!(slugs.len(), SECTIONS.len());
        for painter in PAINTERS {
            assert!(painter.section == FIRST_PAGE || slugs.contains(painter.section), "{} stands in no section", painter.slug);
            assert_eq!(PAINTERS.iter().filter(|other| other.drew(painter.slug)).count(), 1, "{}", painter.slug);
        }
    }
    #[test]
    fn a_chart_without_a_place_stands_at_the_end_of_the_section_it_declares() {
        let programme = crate::report::sample::programme(crate::model::case::Language::En);
        let facts = crate::report::sample::facts(&programme);
        let charts = crate::report::charts::draw(&facts, crate::model::case::Language::En);
        let story = Story { context: Context::new(&facts, crate::model::case::Language::En), charts: &charts };
        let blocks = |slug: &str| SECTIONS.iter().find(|section| section.slug == slug).expect("a section").blocks(&story);
        let [text, Block::Figure(figure)] = &blocks("example")[..] else { panic!("a sentence and a chart") };
        assert!(matches!(text, Block::Paragraph { .. }) && figure.file == "charts/example.svg");
        // a chart that its section places stands once
        let tails = |block: &Block| matches!(block, Block::Figure(figure) if figure.file.contains("tier-losses"));
        assert_eq!(blocks("results").iter().filter(|block| tails(block)).count(), 1);
    }
}
