//! Draws charts from facts: once by plotters as SVG, then to PNG.

use crate::measures::shapes::Drivers;
use crate::model::case::{Language, Programme, Report};
use crate::model::part::Words;
use crate::problem::Problems;
use crate::report::facts::{Facts, ScenarioFacts};
use crate::report::fonts::Fonts;
use crate::report::names::{file_name, short};
use crate::report::text::Text;
use crate::report::text::number::Scale;
use canvas::Drawing;
use std::collections::BTreeSet;

pub mod attachment;
pub mod bars;
pub mod canvas;
pub mod cascade;
pub mod chart;
pub mod convergence;
pub mod days_to_sell;
pub mod diagnostics;
pub mod drivers;
#[cfg(test)]
pub mod example;
pub mod exceedance;
#[cfg(test)]
mod extremes;
pub mod fan;
pub mod firm;
pub mod frontier;
pub mod funnel;
pub mod heat_map;
pub mod ladder;
pub mod leverage;
pub mod limit_use;
pub mod loss_distribution;
pub mod maintenance;
pub mod measured;
pub mod model_risk;
pub mod reverse;
pub mod reversed;
pub mod sales;
pub mod sobol;
pub mod steps;
pub mod sweep_lines;
pub mod swept;
pub mod tiers;
pub mod tornado;
pub mod trend;
pub mod varied;
pub mod waterfall;

pub use chart::Chart;

/// What every chart reads.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub facts: &'a Facts<'a>,
    pub text: Text,
}

impl<'a> Context<'a> {
    pub fn new(facts: &'a Facts<'a>, language: Language) -> Self {
        Context { facts, text: Text::new(language, &facts.programme.currency) }
    }

    pub fn currency(&self) -> &'a str {
        &self.facts.programme.currency
    }

    /// The scenario with the largest expected shortfall at 99 %, the base aside when there are others.
    pub fn worst(&self) -> Option<&'a ScenarioFacts> {
        let mut worst: Option<&'a ScenarioFacts> = None;
        for scenario in &self.facts.scenarios {
            if worst.is_none_or(|w| tail_loss(scenario) > tail_loss(w)) {
                worst = Some(scenario);
            }
        }
        worst
    }

    /// The base, then the others from the largest expected shortfall at 99 % to the smallest.
    pub fn by_loss(&self) -> Vec<&'a ScenarioFacts> {
        let mut scenarios: Vec<&'a ScenarioFacts> = self.facts.scenarios.iter().collect();
        if let Some(others) = scenarios.get_mut(1..) {
            others.sort_by(|a, b| tail_loss(b).total_cmp(&tail_loss(a)));
        }
        scenarios
    }

    /// The scenarios that a chart with a row for each has room for: the base and the worst.
    pub fn rows(&self) -> Vec<&'a ScenarioFacts> {
        let mut scenarios = self.by_loss();
        scenarios.truncate(ROWS);
        scenarios
    }

    /// What a title says where these are not all.
    pub fn shown(&self) -> String {
        let n = self.facts.scenarios.len();
        if n <= ROWS {
            return String::new();
        }
        self.text.fill(WORST_OF, &[("most", &(ROWS - 1).to_string()), ("n", &(n - 1).to_string())])
    }

    /// The worst scenario of those whose tail was told by accounts and symbols, and who causes it.
    pub fn caused(&self) -> Option<(&'a ScenarioFacts, &'a Drivers)> {
        let told = self.facts.scenarios.iter().filter_map(|s| Some((s, s.causes.as_ref().filter(|causes| !causes.accounts.is_empty())?)));
        told.reduce(|worst, next| if tail_loss(next.0) > tail_loss(worst.0) { next } else { worst })
    }

    /// One scale for a measure over all scenarios.
    pub fn scale(&self, keys: &[&str]) -> Scale {
        let values = self.facts.scenarios.iter().flat_map(|s| keys.iter().filter_map(|key| s.measures.get(*key)));
        Scale::of(&self.text, values.map(|e| e.value))
    }

    /// What a scenario is called in the reader's language.
    pub fn scenario(&self, name: &str) -> String {
        let own = self.facts.programme.scenarios.iter().find(|s| s.name == name);
        self.text.scenario(own.map_or(name, |s| s.name_in(self.text.language)))
    }

    /// What a model of a panel is called: by the name the programme gives it, else as it calls itself.
    pub fn model(&self, name: &str) -> String {
        model_name(&self.text, self.facts.programme, name)
    }

    /// The words of the report in the reader's language.
    pub fn report(&self) -> Report {
        self.facts.programme.report.in_language(self.text.language)
    }

    /// "million CNY", "万元": the unit of a money axis.
    pub fn unit(&self, scale: Scale) -> String {
        scale.unit(&self.text, self.currency())
    }
}

/// Scenarios that a chart with a row for each has room for.
const ROWS: usize = 12;
const WORST_OF: Words = Words(" (base, and the {most} with the largest ES 99% of {n})", "（基准及 ES 99% 最大的 {most} 个，共 {n} 个）");

const IMPRINT: Words = Words(
    "{name}  ·  as of {date}  ·  run {run}  ·  {program} {version}",
    "{name}  ·  基准日 {date}  ·  运行 {run}  ·  {program} {version}",
);

/// What stands below a chart that stands alone: of which programme, day, run and version it is.
pub fn imprint(text: &Text, programme: &Programme, programme_hash: &str) -> String {
    let (date, version) = (programme.as_of.to_string(), env!("CARGO_PKG_VERSION"));
    text.fill(
        IMPRINT,
        &[("name", &programme.name), ("date", &date), ("run", short(programme_hash)), ("program", "Levertide"), ("version", version)],
    )
}

/// What scenarios are ranked by: the pool's ES 99 %.
fn tail_loss(scenario: &ScenarioFacts) -> f64 {
    scenario.measures.get("pool_loss.es_99").map_or(f64::NEG_INFINITY, |e| e.value)
}

/// What a model of a programme is called, where `name` is its key and not a name that the programme gives it.
pub fn model_name(text: &Text, programme: &Programme, name: &str) -> String {
    let further = programme.model_risk.models.iter().filter(|m| m.name.is_none()).map(|m| &m.market);
    let mut models = programme.scenarios.iter().map(|s| &s.case.market).chain(further);
    models.find(|model| model.key() == name).map_or(name.to_string(), |model| text.get(model.name()).to_string())
}

/// What a chart declares of itself.
pub struct Painter {
    /// The stem of its files; one by scenario adds the scenario's name.
    pub slug: &'static str,
    /// The slug of the section it stands in, at its end unless the section gives it a place; or [`FIRST_PAGE`].
    pub section: &'static str,
    pub title: Words,
    /// What it draws from the facts, none where there is nothing to draw.
    pub draw: for<'a> fn(Context<'a>) -> Vec<Drawing<'a>>,
}

/// Where the charts of the committee's page stand.
pub const FIRST_PAGE: &str = "first-page";

impl Painter {
    /// Whether a drawn chart is one of its own.
    pub fn drew(&self, slug: &str) -> bool {
        slug.strip_prefix(self.slug).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }
}

/// Every chart, in the order of their files; a further one is a file, the line that names it, and its line here.
pub const PAINTERS: &[Painter] = &[
    bars::TAIL_LOSS,
    bars::LIQUIDATION,
    loss_distribution::PAINTER,
    exceedance::PAINTER,
    fan::PAINTER,
    funnel::PAINTER,
    tiers::PAINTER,
    waterfall::PAINTER,
    attachment::PAINTER,
    leverage::LIQUIDATION,
    leverage::BOOK,
    maintenance::PAINTER,
    days_to_sell::PAINTER,
    ladder::PAINTER,
    limit_use::PAINTER,
    cascade::PAINTER,
    sales::PAINTER,
    drivers::PAINTER,
    model_risk::PAINTER,
    convergence::PAINTER,
    firm::PAINTER,
    reverse::PAINTER,
    trend::PAINTER,
    #[cfg(test)]
    example::PAINTER,
];

/// Draws every chart of the report, in order, with the embedded fonts.
///
/// A character no embedded font has is drawn as a box here; [`super::document::pdf`] refuses it, and so does
/// [`draw_with`], which also takes further fonts.
pub fn draw(facts: &Facts<'_>, language: Language) -> Vec<Chart> {
    let fonts = Fonts::load(None).expect("the embedded fonts need no folder");
    finished(facts, language, &fonts)
}

/// Draws every chart of the report, in order, with the fonts given.
///
/// # Errors
/// Kind `Output` for each character that none of the fonts has.
pub fn draw_with(facts: &Facts<'_>, language: Language, fonts: &Fonts) -> Result<Vec<Chart>, Problems> {
    let names = facts.programme.scenarios.iter().map(|s| s.name_in(language)).chain(facts.scenarios.iter().map(|s| s.name.as_str()));
    let tiers = facts.snapshot.tiers.iter().map(|t| t.name.as_str());
    let models = facts.model_risk.iter().flat_map(|p| p.models.iter().map(|m| m.model.as_str()));
    fonts.check(names.chain(models).chain(tiers).chain([facts.programme.currency.as_str()]))?;
    Ok(finished(facts, language, fonts))
}

fn finished(facts: &Facts<'_>, language: Language, fonts: &Fonts) -> Vec<Chart> {
    let imprint = imprint(&Context::new(facts, language).text, facts.programme, &facts.programme_hash);
    drawings(facts, language).into_iter().map(|drawing| canvas::finish(drawing, &imprint, fonts)).collect()
}

fn drawings<'a>(facts: &'a Facts<'a>, language: Language) -> Vec<Drawing<'a>> {
    let context = Context::new(facts, language);
    let mut drawings: Vec<Drawing<'a>> = PAINTERS.iter().flat_map(|painter| (painter.draw)(context)).collect();
    keep_apart(&mut drawings);
    drawings
}

/// Gives each drawing a file of its own: of names that differ in case or punctuation alone, the second gets `-2`.
pub(super) fn keep_apart(drawings: &mut [Drawing<'_>]) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for drawing in drawings {
        let own = drawing.slug.clone();
        let mut number = 1;
        while !taken.insert(file_name(&drawing.slug)) {
            number += 1;
            drawing.slug = format!("{own}-{number}");
        }
    }
}

/// A scenario's name as part of a file name: letters and digits kept, the rest joined by `-`.
pub fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_string()
}
