//! Drives batches of tiles over worker threads and joins them in order of paths.
//!
//! The cut into batches depends on the number of paths alone, and batches are joined in order: the last bit of every sum
//! is the same on any number of threads.

use super::Control;
use super::control_plan;
use super::day::Desk;
use super::drift::{PortfolioDrift, of_portfolio};
use super::order::Order;
use super::outcome::Outcome;
use super::plan::{Meeting, Plan, held_symbols};
use super::sequence;
use super::shelf::{Rows, Shelf, Shelved};
use super::tally::Tally;
use super::tile::{MarketTile, within_numbers};
use crate::model::book::Book;
use crate::model::case::{Programme, Scenario};
use crate::model::exchange::resumption;
use crate::model::history::Market;
use crate::model::market::{FitRequest, Job, LANES, MarketModel};
use crate::model::shock::{self, Ground, Prepared};
use crate::problem::{Kind, Place, Problem, Problems};
use crate::units::Day;
use rayon::prelude::*;
use std::sync::atomic::Ordering;

/// Batches a run is cut into, at most; enough to balance any number of threads.
const BATCHES: u64 = 256;

/// Tiles of a batch, at least: its paths are put in order, and few paths leave little to order.
const SMALLEST_BATCH: u64 = 8;

/// Scenarios that draw the same market: their tiles of raw returns are drawn once.
pub(super) struct Group<'a> {
    pub model: Box<dyn MarketModel>,
    pub members: Vec<Member<'a>>,
}

pub(super) struct Member<'a> {
    /// Index into the cases simulated.
    pub index: usize,
    /// True for a layer of a scenario's contagion, of which few columns are kept.
    is_layer: bool,
    pub plan: Plan<'a>,
    pub shocks: Vec<Prepared>,
    drift: Option<PortfolioDrift>,
    /// True when its prices are those of the member before it: same shocks, same exchange.
    same_prices: bool,
}

impl Member<'_> {
    /// The rows of one batch that are kept.
    pub fn rows(&self, batch: &mut Tally) -> Rows {
        let rows = batch.take_rows();
        if self.is_layer { rows.of_layer() } else { rows }
    }

    /// True when every path is the same given the same market.
    fn draws_nothing(&self) -> bool {
        !self.plan.draws() && !self.shocks.iter().any(Prepared::is_random)
    }
}

/// What is simulated: each scenario, and behind it the layers its contagion is measured against.
struct Run {
    scenario: Scenario,
    /// The layer's name; nothing for the scenario itself.
    layer: Option<&'static str>,
}

fn runs(programme: &Programme) -> Vec<Run> {
    let mut runs = Vec::new();
    for scenario in &programme.scenarios {
        runs.push(Run { scenario: scenario.clone(), layer: None });
        for (name, case) in scenario.case.layers() {
            runs.push(Run { scenario: Scenario { case, ..scenario.clone() }, layer: Some(name) });
        }
    }
    runs
}

pub fn simulate(
    programme: &Programme,
    book: &Book,
    market: &Market,
    control: &Control<'_>,
    passes_over: bool,
    shelf: &mut dyn Shelf,
) -> Result<Shelved, Problems> {
    let runs = runs(programme);
    let pool = super::threads::pool(control.threads);
    let mut groups = pool.install(|| prepare(programme, &runs, book, market))?;
    groups.iter_mut().flat_map(|g| &mut g.members).for_each(|m| {
        m.plan.passes_over = passes_over;
        m.plan.looks_ahead &= passes_over;
        if !passes_over {
            m.plan.meeting = Meeting::AtEveryClose;
        }
    });
    let mut done: Vec<Option<Outcome>> = runs.iter().map(|_| None).collect();
    for group in &groups {
        let tallies = within_numbers(|| pool.install(|| run_group(group, control, shelf)))?;
        for (member, tally) in group.members.iter().zip(tallies) {
            done[member.index] = Some(outcome(member, tally, group.model.as_ref()));
        }
    }
    let mut shelved = Shelved::default();
    for (index, (run, outcome)) in runs.iter().zip(done).enumerate() {
        let outcome = outcome.expect("every case belongs to a group");
        match run.layer {
            Some(name) => shelved.add_layer(name, outcome.symbol.by_day, outcome.symbol.square.by_day),
            None => shelved.add(index, outcome),
        }
    }
    Ok(shelved)
}

pub(super) fn interrupted() -> Problems {
    Problem::new(
        Kind::Interrupted,
        Place::default(),
        "the run was interrupted",
        "a signal asked it to stop",
        "start it again; nothing was written",
    )
    .into()
}

/// Runs jobs that do not depend on each other on the threads there are.
pub fn side_by_side(jobs: usize, job: Job<'_>) {
    (0..jobs).into_par_iter().for_each(job);
}

/// Plans every scenario, fits each market once, and gathers every problem.
fn prepare<'a>(programme: &Programme, runs: &'a [Run], book: &Book, market: &Market) -> Result<Vec<Group<'a>>, Problems> {
    let mut problems = Problems::new();
    let mut groups: Vec<Group<'a>> = Vec::new();
    for (index, Run { scenario, layer }) in runs.iter().enumerate() {
        let plan = match Plan::new(scenario, programme.as_of, programme.seed, book, market) {
            Ok(plan) => plan,
            Err(more) => {
                problems.extend(more);
                continue;
            }
        };
        let at = match groups.iter().position(|g| g.members[0].plan.shares_market_with(&plan)) {
            Some(at) => at,
            None => match fit(programme, scenario, market, &held_symbols(book)) {
                Ok(model) => {
                    groups.push(Group { model, members: Vec::new() });
                    groups.len() - 1
                }
                Err(more) => {
                    problems.extend(more);
                    continue;
                }
            },
        };
        let group = &mut groups[at];
        let shocks = prepare_shocks(&plan, market, group.model.as_ref(), programme.as_of);
        let drift = of_portfolio(&plan, market, programme.as_of, group.model.as_ref());
        group.members.push(Member { index, is_layer: layer.is_some(), plan, shocks, drift, same_prices: false });
    }
    for group in &mut groups {
        group.settle_paths();
    }
    problems.into_result(groups)
}

/// One scenario alone, by its number in the programme.
pub(super) fn prepare_one<'a>(programme: &'a Programme, scenario: usize, book: &Book, market: &Market) -> Result<Group<'a>, Problems> {
    let scenario = &programme.scenarios[scenario];
    let plan = Plan::new(scenario, programme.as_of, programme.seed, book, market)?;
    let model = fit(programme, scenario, market, &held_symbols(book))?;
    let shocks = prepare_shocks(&plan, market, model.as_ref(), programme.as_of);
    let mut group = Group { model, members: vec![Member { index: 0, is_layer: false, plan, shocks, drift: None, same_prices: false }] };
    group.settle_paths();
    Ok(group)
}

fn prepare_shocks(plan: &Plan<'_>, market: &Market, model: &dyn MarketModel, as_of: Day) -> Vec<Prepared> {
    let (streams, price_limit) = (&plan.streams, plan.price_limit.clone());
    let case = &plan.scenario.case;
    let halted = resumption::of(&case.exchange, &case.market, market, &plan.symbols, as_of, &plan.dates);
    let ground = Ground { market, symbols: &plan.symbols, model, streams, days: plan.days, price_limit, halted: &halted };
    shock::prepare(&case.shocks, &ground)
}

fn fit(programme: &Programme, scenario: &Scenario, market: &Market, symbols: &[usize]) -> Result<Box<dyn MarketModel>, Problems> {
    let history = &market.history;
    let estimation = &scenario.case.estimation;
    let end = estimation.end.unwrap_or(programme.as_of);
    scenario.case.market.fit(&FitRequest {
        market,
        symbols,
        window: history.window(estimation.start, Some(end)),
        after_as_of: history.window(None, Some(programme.as_of)).end,
        horizon_days: scenario.case.simulation.horizon_days as usize,
        drift: estimation.drift,
        workers: &side_by_side,
    })
}

impl Group<'_> {
    /// Sets what follows from the group as a whole: one path where all are the same, and shared prices.
    fn settle_paths(&mut self) {
        if self.model.is_deterministic() && self.members.iter().all(Member::draws_nothing) {
            self.members.iter_mut().for_each(|m| m.plan.paths = 1);
        }
        for m in 1..self.members.len() {
            let (a, b) = (&self.members[m - 1].plan, &self.members[m].plan);
            let plain = a.looks_ahead == b.looks_ahead && !a.scenario.case.feedback.is_on() && !b.scenario.case.feedback.is_on();
            let same = plain && a.scenario.case.shocks == b.scenario.case.shocks && a.scenario.case.exchange == b.scenario.case.exchange;
            self.members[m].same_prices = same;
        }
    }

    fn paths(&self) -> u64 {
        self.members[0].plan.paths
    }

    /// The order in which the paths of a batch are simulated.
    fn order(&self, tiles: std::ops::Range<u64>) -> Order {
        let plan = &self.members[0].plan;
        let paths = tiles.start * LANES as u64..(tiles.end * LANES as u64).min(plan.paths);
        let outlook = self.model.outlook(paths.clone(), plan.days, &plan.streams);
        Order::of(paths, outlook)
    }

    /// The cut of all tiles into batches, as ranges of tiles; it depends on the number of paths alone.
    pub fn batches(&self) -> impl Iterator<Item = std::ops::Range<u64>> {
        let tiles = self.paths().div_ceil(LANES as u64);
        let per_batch = tiles.div_ceil(BATCHES).max(SMALLEST_BATCH);
        (0..tiles.div_ceil(per_batch)).map(move |b| b * per_batch..((b + 1) * per_batch).min(tiles))
    }
}

/// Runs all paths of a group; their rows go to the shelf as they are done.
fn run_group(group: &Group<'_>, control: &Control<'_>, shelf: &mut dyn Shelf) -> Result<Vec<Tally>, Problems> {
    let batches: Vec<_> = group.batches().collect();
    sequence::run(group, batches.len(), shelf, |batch| run_batch(group, batches[batch].clone(), control))
}

fn run_batch(group: &Group<'_>, tiles: std::ops::Range<u64>, control: &Control<'_>) -> Option<Vec<(Tally, Rows)>> {
    let plan = &group.members[0].plan;
    let with_volume = group.members.iter().any(|m| m.plan.reads_volume());
    let mut market = MarketTile::new(plan.days, plan.symbols.len(), with_volume);
    let mut desk = Desk::default();
    let mut tallies: Vec<Tally> = group.members.iter().map(|m| Tally::new(&m.plan)).collect();
    let order = group.order(tiles);
    for paths in order.tiles() {
        if control.stop.load(Ordering::Relaxed) {
            return None;
        }
        market.draw(group.model.as_ref(), plan, paths);
        for (member, tally) in group.members.iter().zip(&mut tallies) {
            if !member.same_prices && !member.plan.scenario.case.feedback.is_on() {
                market.lay_out(member.plan.looks_ahead);
                market.shock(&member.plan, &member.shocks);
                market.price_all(&member.plan);
            }
            desk.run(&member.plan, &mut market, &member.shocks, tally);
        }
        let paths = paths.iter().filter(|path| **path < plan.paths).count();
        (control.progress)((paths * plan.accounts.len() * plan.days * group.members.len()) as u64);
    }
    let restorer = order.restorer();
    let in_order = |(member, mut tally): (&Member<'_>, Tally)| {
        tally.close_batch(&member.plan);
        let mut rows = member.rows(&mut tally);
        if let Some(restorer) = &restorer {
            rows.restore(restorer);
            tally.fan.restore();
        }
        (tally, rows)
    };
    Some(group.members.iter().zip(tallies).map(in_order).collect())
}

fn outcome(member: &Member<'_>, tally: Tally, model: &dyn MarketModel) -> Outcome {
    let plan = &member.plan;
    let account = tally.accounts(plan);
    Outcome {
        paths: plan.paths,
        dates: plan.dates.clone(),
        path: tally.path,
        pool: tally.pool,
        account,
        symbol: tally.symbol,
        groups: tally.groups,
        fan: tally.fan,
        caps: plan.caps.clone(),
        stocks_beyond_cap: control_plan::stocks_beyond_cap(plan),
        market_volatility: [1.0, plan.risk_factors.market[0]].map(|factor| factor * plan.market_variance.sqrt()),
        card: model.card(),
        drift: member.drift,
        layers: Vec::new(),
        deterministic: model.is_deterministic() && member.draws_nothing(),
        account_steps: plan.accounts.len() as u64 * plan.days as u64 * plan.paths,
    }
}
