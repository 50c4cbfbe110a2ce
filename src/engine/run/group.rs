//! Plans the scenarios of a programme, fits each market once, and groups those that draw the same one.

use crate::engine::account::as_of;
use crate::engine::plan::build::held_symbols;
use crate::engine::plan::caps::{AccountCap, caps};
use crate::engine::plan::drift::{PortfolioDrift, of_portfolio};
use crate::engine::plan::scenario::Plan;
use crate::engine::record::order::Order;
use crate::engine::record::outcome::FAN_PATHS;
use crate::engine::record::sample::{Levels, Sample, Stratum};
use crate::engine::record::spool::Rows;
use crate::engine::tally::batch::Tally;
use crate::model::book::Book;
use crate::model::case::{Programme, Scenario};
use crate::model::exchange::resumption;
use crate::model::history::Market;
use crate::model::market::tilt::Mixture;
use crate::model::market::{FitRequest, Job, LANES, MarketModel};
use crate::model::shock::{self, Ground, Prepared};
use crate::problem::Problems;
use crate::units::Day;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// Batches a run of ordinary length is cut into: enough to balance the threads of one machine.
const BATCHES: u64 = 256;

/// Tiles of a batch, at least, where there are twice as many: its paths are put in order, and few paths leave little to order.
const SMALLEST_BATCH: u64 = 8;

/// Tiles of a batch, at most: a long run has more batches, for more machines to share.
const LARGEST_BATCH: u64 = 64;

/// Scenarios that draw the same market: their tiles of raw returns are drawn once.
pub struct Group<'a> {
    pub model: Arc<dyn MarketModel>,
    /// The model with its tilted laws, where paths are drawn from them.
    pub mixture: Option<Arc<Mixture>>,
    pub members: Vec<Member<'a>>,
    /// Which paths are simulated, where they are not the first ones drawn.
    pub sample: Option<Arc<Sample>>,
    /// How candidates were ordered so far, where further rounds of paths may follow.
    pub levels: Levels,
}

/// Rows of a group, one after another, that are cut into batches of their own: a stratum's, or all.
pub struct Section {
    pub group: usize,
    pub rows: Range<u64>,
    /// Tiles of each batch.
    each: u64,
    /// The rows whose pool is shown day by day.
    pub fan: Range<u64>,
}

pub struct Member<'a> {
    /// Index into the cases simulated.
    pub index: usize,
    /// True for a layer of a scenario's contagion, of which few columns are kept.
    pub is_layer: bool,
    pub plan: Plan<'a>,
    pub shocks: Vec<Prepared>,
    pub drift: Option<PortfolioDrift>,
    /// What each account may invest at the as-of date; empty where no cap is asked for.
    pub caps: Vec<AccountCap>,
    /// True when its prices are those of the member before it: same shocks, same exchange.
    pub same_prices: bool,
}

impl Member<'_> {
    /// The rows of one batch that are kept.
    pub fn rows(&self, batch: &mut Tally) -> Rows {
        let rows = batch.take_rows();
        if self.is_layer { rows.of_layer() } else { rows }
    }

    /// True when every path is the same given the same market.
    pub fn draws_nothing(&self) -> bool {
        !self.plan.draws() && !self.shocks.iter().any(Prepared::is_random)
    }
}

/// What is simulated: each scenario, and behind it the layers its contagion is measured against.
pub struct Run {
    pub scenario: Scenario,
    /// The layer's name; nothing for the scenario itself.
    pub layer: Option<&'static str>,
}

/// Every scenario, and behind it the layers its contagion is measured against.
pub fn runs(programme: &Programme) -> Vec<Run> {
    let mut runs = Vec::new();
    for scenario in &programme.scenarios {
        runs.push(Run { scenario: scenario.clone(), layer: None });
        for (name, case) in scenario.case.layers() {
            runs.push(Run { scenario: Scenario { case, ..scenario.clone() }, layer: Some(name) });
        }
    }
    runs
}

/// Runs jobs that do not depend on each other on the threads there are.
pub fn side_by_side(jobs: usize, job: Job<'_>) {
    (0..jobs).into_par_iter().for_each(job);
}

/// Plans every scenario, fits each market once, and gathers every problem.
pub fn prepare<'a>(programme: &Programme, runs: &'a [Run], book: &Book, market: &Market) -> Result<Vec<Group<'a>>, Problems> {
    let mut problems = Problems::new();
    let mut groups: Vec<Group<'a>> = Vec::new();
    let plan = |run: &'a Run| as_of::prepare(&run.scenario, programme.as_of, programme.seed, book, market);
    let plans: Vec<_> = runs.par_iter().map(plan).collect();
    for ((index, Run { scenario, layer }), plan) in runs.iter().enumerate().zip(plans) {
        let plan = match plan {
            Ok(plan) => plan,
            Err(more) => {
                problems.extend(more);
                continue;
            }
        };
        let at = match groups.iter().position(|g| g.members[0].plan.scenario.case.shares_market_with(&scenario.case)) {
            Some(at) => at,
            None => match fit(programme, scenario, market, &held_symbols(book)) {
                Ok(model) => {
                    groups.push(Group::new(model, Vec::new()));
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
        let caps = caps(&plan, book, market, programme.as_of);
        group.members.push(Member { index, is_layer: layer.is_some(), plan, shocks, drift, caps, same_prices: false });
    }
    for group in &mut groups {
        group.settle_paths();
        group.mix(book, market);
    }
    problems.into_result(groups)
}

/// One scenario as its paths are drawn: where they are drawn from tilted laws, those were fitted to all scenarios that share its market, and
/// `fit` does so again.
pub fn prepare_drawn<'a>(
    programme: &'a Programme,
    scenario: usize,
    book: &Book,
    market: &Market,
    fit: impl Fn(&mut Group<'a>) -> Result<(), Problems>,
) -> Result<Group<'a>, Problems> {
    let mut group = prepare_one(programme, scenario, book, market)?;
    if group.mixture.is_none() {
        return Ok(group);
    }
    let own = &programme.scenarios[scenario].case;
    let mut place = 0;
    for (index, other) in programme.scenarios.iter().enumerate().filter(|(_, other)| own.shares_market_with(&other.case)) {
        if index == scenario {
            place = group.members.len() - 1;
            continue;
        }
        let plan = as_of::prepare(other, programme.as_of, programme.seed, book, market)?;
        let shocks = prepare_shocks(&plan, market, group.model.as_ref(), programme.as_of);
        group.members.push(Member { index, is_layer: false, plan, shocks, drift: None, caps: Vec::new(), same_prices: false });
    }
    // in the order of a run, so that sums are its own
    group.members[..=place].rotate_left(1);
    fit(&mut group)?;
    group.members.swap(0, place);
    group.members.truncate(1);
    Ok(group)
}

/// One scenario alone, by its number in the programme.
pub fn prepare_one<'a>(programme: &'a Programme, scenario: usize, book: &Book, market: &Market) -> Result<Group<'a>, Problems> {
    let scenario = &programme.scenarios[scenario];
    let plan = as_of::prepare(scenario, programme.as_of, programme.seed, book, market)?;
    let model = fit(programme, scenario, market, &held_symbols(book))?;
    let shocks = prepare_shocks(&plan, market, model.as_ref(), programme.as_of);
    let member = Member { index: 0, is_layer: false, plan, shocks, drift: None, caps: Vec::new(), same_prices: false };
    let mut group = Group::new(model, vec![member]);
    group.settle_paths();
    group.mix(book, market);
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

/// The money of each symbol that accounts hold on loans: an account's holdings by the share of its loan in its assets, so that those
/// nearest to a loss lead.
fn exposure(book: &Book, market: &Market, symbols: &[usize]) -> Vec<f64> {
    let mut exposure = vec![0.0; symbols.len()];
    let value = |position: usize| {
        let symbol = book.position_symbol[position] as usize;
        (symbol, book.position_quantity[position] * market.instruments[symbol].price)
    };
    for account in 0..book.accounts() {
        let held = book.positions(account);
        let assets = book.cash[account] + held.clone().map(|position| value(position).1).sum::<f64>();
        let lent = ((book.loan[account] + book.accrued_interest[account]) / assets).clamp(0.0, 1.0);
        // a share that is no number is of an account without assets
        for (symbol, money) in held.map(value).filter(|_| lent > 0.0) {
            let at = symbols.binary_search(&symbol).expect("every symbol held is simulated");
            exposure[at] += money * lent * lent * lent;
        }
    }
    exposure
}

impl<'a> Group<'a> {
    fn new(model: Box<dyn MarketModel>, members: Vec<Member<'a>>) -> Group<'a> {
        Group { model: Arc::from(model), mixture: None, members, sample: None, levels: Levels::default() }
    }
}

impl Group<'_> {
    /// Draws paths from tilted laws beside the model's own where the programme asks for it and the model can.
    fn mix(&mut self, book: &Book, market: &Market) {
        let plan = &self.members[0].plan;
        if plan.paths > 1 && plan.scenario.case.simulation.sampling.is_tilted() {
            let exposure = exposure(book, market, &plan.symbols);
            self.mixture = Mixture::new(&self.model, vec![exposure], plan.days).map(Arc::new);
        }
    }

    /// What paths are drawn from.
    pub fn law(&self) -> &dyn MarketModel {
        self.mixture.as_ref().map_or(self.model.as_ref(), |mixture| mixture.as_ref())
    }

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

    pub fn paths(&self) -> u64 {
        self.members[0].plan.paths
    }

    /// What the group's rows are cut into; `at` is its own number.
    pub fn sections(&self, at: usize) -> Vec<Section> {
        match &self.sample {
            None => vec![Section::new(at, 0..self.paths(), 0..FAN_PATHS)],
            Some(sample) => {
                let section = |stratum: &Stratum| Section::new(at, stratum.rows.clone(), sample.even(stratum, FAN_PATHS));
                sample.strata.iter().map(section).collect()
            }
        }
    }

    /// The order in which some rows are simulated.
    pub fn order(&self, rows: Range<u64>) -> Order<'_> {
        let plan = &self.members[0].plan;
        match &self.sample {
            None => {
                let severity = self.model.severity(rows.clone(), plan.days, &plan.streams);
                Order::of(rows, None, severity)
            }
            Some(sample) => {
                let within = rows.start as usize..rows.end as usize;
                let severity = sample.severity[within.clone()].iter().map(|level| f64::from(*level)).collect();
                Order::of(rows, Some(&sample.numbers[within]), Some(severity))
            }
        }
    }

    /// The tiles of each batch where all paths are simulated as they are drawn.
    pub fn plain_tiles(&self) -> Vec<Range<u64>> {
        let section = Section::new(0, 0..self.paths(), 0..0);
        (0..section.batches()).map(|batch| batch * section.each..((batch + 1) * section.each).min(section.tiles())).collect()
    }

    /// How many batches so many paths are cut into where they are one section.
    pub fn batches_of(paths: u64) -> u64 {
        Section::new(0, 0..paths, 0..0).batches()
    }
}

impl Section {
    pub fn new(group: usize, rows: Range<u64>, fan: Range<u64>) -> Self {
        let tiles = (rows.end - rows.start).div_ceil(LANES as u64);
        Section { group, rows, each: tiles_of_a_batch(tiles), fan }
    }

    fn tiles(&self) -> u64 {
        (self.rows.end - self.rows.start).div_ceil(LANES as u64)
    }

    /// How many batches there are; it depends on the number of rows alone.
    pub fn batches(&self) -> u64 {
        self.tiles().div_ceil(self.each)
    }

    /// The rows of one batch.
    pub fn rows_of(&self, batch: u64) -> Range<u64> {
        let row = |batch: u64| (self.rows.start + batch * self.each * LANES as u64).min(self.rows.end);
        row(batch)..row(batch + 1)
    }
}

/// At most half of them: two threads have work however few paths there are, and what is known by batch alone has an error.
fn tiles_of_a_batch(tiles: u64) -> u64 {
    tiles.div_ceil(BATCHES).clamp(SMALLEST_BATCH, LARGEST_BATCH).min(tiles.div_ceil(2)).max(1)
}
