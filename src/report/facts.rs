//! Gathers what a report says: every figure computed elsewhere, nothing computed here.

use super::rulebooks::{self, RulebookUse};
use crate::engine::drift::PortfolioDrift;
use crate::engine::outcome::{Outcome, Stratum};
use crate::measures::exceedance::{self, Exceedance};
use crate::measures::firm::{self, FirmFacts, Stressed};
use crate::measures::shapes::{self, Drivers, FanQuantiles, Histogram, SymbolFlow};
use crate::measures::snapshot::{self, Snapshot};
use crate::measures::{self, Estimate, Estimates, sums, symbols};
use crate::model::book::Book;
use crate::model::case::{Programme, Scenario, Severity};
use crate::model::history::Market;
use crate::model::lineage::{InputFile, Note};
use crate::model::market::ModelCard;
use crate::model::split::Differs;
use crate::problem::Problems;
use crate::study::limits::{self, LimitResult, Measured};
use crate::study::model_risk::Panel;
use crate::study::previous::{self, Now, Previous};
use crate::study::register::line::Line;
use crate::study::register::{self, Before, Register};
use crate::study::regress::Baseline;
use crate::study::reverse::answer::Answer;
use crate::study::rounds::Convergence;
use crate::study::watch::{self, WatchResult};

/// Everything the exporters and the document read.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    pub programme: &'a Programme,
    pub snapshot: Snapshot,
    pub lineage: Vec<InputFile>,
    /// Plain sentences on what was filled, guessed or left out: proxies, ignored columns, accounts below a line at the start.
    pub notes: Vec<Note>,
    /// Which sessions the horizon follows; nothing where nobody chose.
    pub calendar: Option<Note>,
    /// Base first, then in the programme's order.
    pub scenarios: Vec<ScenarioFacts>,
    pub limits: Vec<LimitResult>,
    /// What the watches of the programme show.
    pub watches: Vec<WatchResult>,
    /// The early-warning register with this run in it; nothing where no history is kept.
    pub register: Option<Register>,
    /// The same book under further market models; empty where the programme asks for none.
    pub model_risk: Vec<Panel>,
    /// The earlier report the run is set beside; nothing where none is named.
    pub previous: Option<Previous>,
    /// What differs between what the two were made of; nothing where the earlier one does not say.
    pub made: Option<Made>,
    /// What each round of paths showed; nothing where a number of paths was asked for.
    pub convergence: Option<Convergence>,
    /// What makes limits fail; empty where it was not searched for.
    pub reverse: Vec<Answer>,
    /// The firm on the as-of date; nothing where the programme has none.
    pub firm: Option<FirmFacts>,
    /// SHA-256 of `programme.resolved.toml`.
    pub programme_hash: String,
}

/// What an earlier report was made of, as far as it differs.
#[derive(Clone, Debug)]
pub struct Made {
    /// The version of the program.
    pub version: String,
    pub differs: Vec<Differs>,
}

/// One scenario's results, ready to show.
#[derive(Clone, Debug)]
pub struct ScenarioFacts {
    pub name: String,
    pub severity: Severity,
    pub narrative: String,
    pub paths: u64,
    /// What they were chosen of; nothing where they are the first ones drawn.
    pub candidates: Option<u64>,
    /// Where candidates count differently.
    pub strata: Vec<Stratum>,
    pub horizon_days: u32,
    pub first_day: String,
    pub last_day: String,
    pub measures: Estimates,
    /// Scenario less base on the same paths; empty for the base and where numbers are not common.
    pub difference: Estimates,
    /// This run less the earlier report it is set beside; empty where there is none, or it lacks the scenario.
    pub change: Estimates,
    pub histogram: Histogram,
    /// How often the pool loses more than what; empty where there is one path.
    pub exceedance: Exceedance,
    pub fan: FanQuantiles,
    pub card: ModelCard,
    /// The drift of the book's portfolio: in the history, and as simulated.
    pub drift: Option<PortfolioDrift>,
    pub deterministic: bool,
    /// The rulebooks in force and the accounts under each; empty where every line is the programme's own.
    pub rulebooks: Vec<RulebookUse>,
    /// Accounts with the largest expected loss: id, expected loss, liquidation probability, shortfall probability.
    pub worst_accounts: Vec<(String, [Estimate; 3])>,
    /// Who causes the pool's ES 99 %; nothing where its tail is too thin, or nothing is lost.
    pub causes: Option<Drivers>,
    /// Proceeds of all sales by session, a mean over paths: as the scenario has it, and without feedback where it was taken apart.
    pub sales_by_day: [Vec<Estimate>; 2],
    /// Symbols with the largest forced sales.
    pub worst_symbols: Vec<SymbolFlow>,
    /// What it leaves of the firm; nothing where the programme has none.
    pub firm: Option<Stressed>,
}

/// Gathers the facts of a finished run; `outcomes` in the programme's order, all with their columns.
///
/// Errors: a limit on a measure or scenario that does not exist (kind Programme).
pub fn gather<'a>(
    programme: &'a Programme,
    book: &Book,
    market: &Market,
    lineage: Vec<InputFile>,
    notes: Vec<Note>,
    outcomes: &[Outcome],
) -> Result<Facts<'a>, Problems> {
    let scenarios = (0..outcomes.len()).map(|at| scenario(programme, book, market, at, outcomes)).collect();
    compose(programme, book, market, lineage, notes, scenarios)
}

/// The facts of one scenario; of the outcomes it reads the scenario's and the base's, the first.
pub fn scenario(programme: &Programme, book: &Book, market: &Market, at: usize, outcomes: &[Outcome]) -> ScenarioFacts {
    let (scenario, outcome) = (&programme.scenarios[at], &outcomes[at]);
    let difference =
        if at == 0 { Estimates::new() } else { measures::difference(book, (scenario, outcome), (&programme.scenarios[0], &outcomes[0])) };
    let firm = firm::after(programme, scenario, book, market, outcome);
    scenario_facts(scenario, book, market, outcome, (difference, firm))
}

/// Composes the facts of a run from those of its scenarios, in the programme's order.
///
/// Errors: a limit on a measure or scenario that does not exist (kind Programme).
pub fn compose<'a>(
    programme: &'a Programme,
    book: &Book,
    market: &Market,
    lineage: Vec<InputFile>,
    notes: Vec<Note>,
    scenarios: Vec<ScenarioFacts>,
) -> Result<Facts<'a>, Problems> {
    assert_eq!(programme.scenarios.len(), scenarios.len(), "{} scenarios and {} of facts", programme.scenarios.len(), scenarios.len());
    let measured = measured(programme, &scenarios);
    let watches = watch::judge(&programme.watch, &measured, &|_| None);
    let limits = limits::judge(&programme.limits, &measured)?;
    let programme_hash = super::names::sha256(programme.resolved_toml.as_bytes());
    let snapshot = snapshot::take(programme, book, market);
    let (model_risk, previous) = (Vec::new(), None);
    let calendar = market.calendar_note.clone();
    Ok(Facts {
        programme,
        snapshot,
        lineage,
        notes,
        calendar,
        scenarios,
        limits,
        model_risk,
        previous,
        made: None,
        convergence: None,
        reverse: Vec::new(),
        watches,
        register: None,
        firm: firm::before(programme, book, market),
        programme_hash,
    })
}

/// The figures of every scenario, with the confidence of their intervals.
fn measured<'f>(programme: &'f Programme, scenarios: &'f [ScenarioFacts]) -> Vec<Measured<'f>> {
    (programme.scenarios.iter().zip(scenarios))
        .map(|(s, facts)| Measured { scenario: &s.name, confidence: s.case.simulation.confidence.get(), estimates: &facts.measures })
        .collect()
}

impl Facts<'_> {
    /// Enters the run into the register whose file has these lines; the states of watches then rest on those before.
    pub fn enter(&mut self, lines: &[Line]) {
        let programme = self.programme;
        let before = Before::of(lines, &programme.name, programme.as_of);
        let measured = measured(programme, &self.scenarios);
        let watches = watch::judge(&programme.watch, &measured, &|name| before.state(name));
        let register = before.with(&register::item::Now {
            as_of: programme.as_of,
            programme: &programme.name,
            programme_hash: &self.programme_hash,
            version: env!("CARGO_PKG_VERSION"),
            seed: programme.seed,
            currency: &programme.currency,
            watches: &programme.watch,
            results: &watches,
            limits: &self.limits,
            measured: &measured,
        });
        (self.watches, self.register) = (watches, Some(register));
    }

    /// Sets the run beside an earlier report.
    pub fn set_beside(&mut self, earlier: &Baseline) {
        let now: Vec<Now<'_>> = (self.programme.scenarios.iter().zip(&self.scenarios))
            .map(|(s, facts)| Now { scenario: &s.name, confidence: s.case.simulation.confidence.get(), measures: &facts.measures })
            .collect();
        let (moves, previous) = previous::set_beside(earlier, &now, &self.limits);
        self.previous = Some(previous);
        self.scenarios.iter_mut().zip(moves).for_each(|(scenario, moves)| scenario.change = moves);
    }
}

fn scenario_facts(
    scenario: &Scenario,
    book: &Book,
    market: &Market,
    outcome: &Outcome,
    (difference, firm): (Estimates, Option<Stressed>),
) -> ScenarioFacts {
    let day = |d: Option<&crate::units::Day>| d.map(ToString::to_string).unwrap_or_default();
    ScenarioFacts {
        name: scenario.name.clone(),
        severity: scenario.severity,
        narrative: scenario.narrative.clone(),
        paths: outcome.paths,
        candidates: outcome.sample.as_ref().map(|sample| sample.candidates),
        strata: outcome.sample.as_ref().map_or_else(Vec::new, |sample| sample.told_strata().to_vec()),
        horizon_days: outcome.dates.len() as u32,
        first_day: day(outcome.dates.first()),
        last_day: day(outcome.dates.last()),
        measures: measures::estimate(scenario, book, outcome),
        difference,
        change: Estimates::new(),
        histogram: shapes::histogram(&sums::judge(scenario, outcome), &outcome.path.pool_loss),
        exceedance: exceedance::of_pool(scenario, outcome),
        fan: shapes::fan(&sums::judge(scenario, outcome), &outcome.fan),
        card: outcome.card.clone(),
        drift: outcome.drift,
        deterministic: outcome.deterministic,
        rulebooks: rulebooks::in_use(&scenario.case.margin, book),
        worst_accounts: shapes::worst_accounts(scenario, book, outcome),
        causes: shapes::drivers(scenario, book, market, outcome),
        sales_by_day: symbols::sales_by_day(scenario, outcome),
        worst_symbols: shapes::worst_symbols(scenario, market, outcome),
        firm,
    }
}
