//! Lists the sections of the report in order; each writes its blocks from the facts.

pub mod change;
pub mod closing;
pub mod model_risk;
pub mod opening;
pub mod pool;
pub mod results;

use super::block::{Block, Figure};
use crate::report::charts::{Chart, Context};
use crate::report::text::Word;

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
}

type Write = fn(&Story<'_>) -> Vec<Block>;

pub const SECTIONS: &[(Word, Write)] = &[
    (Word::SectionPurpose, opening::purpose),
    (Word::SectionSnapshot, opening::snapshot),
    (Word::SectionLineage, opening::lineage),
    (Word::SectionRules, opening::rules_in_force),
    (Word::SectionScenarios, opening::scenarios),
    (Word::SectionResults, results::results),
    (Word::SectionDifferences, results::differences),
    (Word::SectionChange, change::change),
    (Word::SectionGroups, results::groups),
    (Word::SectionWorst, results::worst),
    (Word::SectionLiquidity, results::liquidity),
    (Word::SectionPool, pool::pool),
    (Word::SectionModelRisk, model_risk::model_risk),
    (Word::SectionModel, closing::model),
    (Word::SectionLimits, closing::limits),
    (Word::SectionError, closing::error),
    (Word::SectionSign, closing::sign),
    (Word::SectionGlossary, closing::glossary),
];
