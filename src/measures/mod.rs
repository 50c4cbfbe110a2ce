//! Turns outcomes into estimates: a value, its standard error, its interval, and a flag where the tail is too thin.

//!
//! A family of measures is one file with a `figures` function, and one line in `FAMILIES`.

use crate::engine::outcome::{Layer, Outcome, PoolColumns, Sample};
use crate::model::book::Book;
use crate::model::case::Scenario;
use crate::model::pool::tier_capital;
use figure::Figure;
use influence::{Term, moments};
use quantile::{LEVELS, Ranks};
use std::collections::{BTreeMap, BTreeSet};

pub mod accounts;
pub mod attribution;
pub mod backtest;
pub mod book_shapes;
pub mod bounds;
mod clearing;
pub mod concentration;
mod contagion;
mod controls;
pub mod diagnostics;
pub mod drawdown;
pub mod es;
pub mod estimate;
pub mod exceedance;
pub mod figure;
pub mod firm;
pub mod groups;
pub mod influence;
pub mod liquidity;
mod market;
pub mod pairs;
pub mod performance;
pub mod pool;
pub mod quantile;
pub mod rates;
pub mod shapes;
pub mod snapshot;
pub mod staging;
pub mod stated;
pub mod stratified;
pub mod sums;
pub mod symbols;
pub mod synthetic;
pub mod tiers;

pub use stated::{Estimate, Flag, Unit};

/// Estimates by dotted, stable key.
pub type Estimates = BTreeMap<String, Estimate>;

/// What a family of measures looks at.
pub struct Context<'a> {
    pub scenario: &'a Scenario,
    pub book: &'a Book,
    pub outcome: &'a Outcome,
    /// Order-statistic ranks, one per level of `LEVELS`.
    pub ranks: Vec<Ranks>,
}

impl<'a> Context<'a> {
    fn new(scenario: &'a Scenario, book: &'a Book, outcome: &'a Outcome) -> Self {
        let confidence = scenario.case.simulation.confidence.get();
        let ranks = LEVELS.map(|level| quantile::ranks(outcome.paths, level, confidence)).to_vec();
        Context { scenario, book, outcome, ranks }
    }

    pub fn paths(&self) -> usize {
        self.outcome.paths as usize
    }

    /// What the rows stand for, where they do not all count the same.
    pub fn sample(&self) -> Option<&'a Sample> {
        self.outcome.sample.as_deref()
    }

    /// The mean over paths of the sum of some terms.
    pub fn mean(&self, terms: &[Term<'_>]) -> f64 {
        moments(self.paths(), self.sample(), terms, &[]).mean
    }

    /// All that is owed on the as-of date, and what stands with a custodian that may fail: the most that is taken to be lost
    /// where no path loses anything.
    pub fn claims(&self) -> f64 {
        let owed: f64 = self.book.loan.iter().chain(&self.book.accrued_interest).sum();
        let custody = self.scenario.case.pool.failure.is_some();
        owed + if custody { tier_capital(self.book, &self.scenario.case.pool).iter().sum() } else { 0.0 }
    }

    fn figures(&self) -> Vec<Figure<'a>> {
        FAMILIES.iter().flat_map(|figures| figures(self)).collect()
    }
}

type Family = for<'a> fn(&Context<'a>) -> Vec<Figure<'a>>;

/// Every family of measures.
const FAMILIES: &[Family] = &[
    estimate::figures,
    loss_tail,
    rates::figures,
    drawdown::figures,
    market::figures,
    contagion::figures,
    clearing::figures,
    controls::figures,
    performance::figures,
    tiers::figures,
    pool::figures,
    liquidity::figures,
    groups::figures,
    attribution::figures,
];

fn loss_tail<'a>(context: &Context<'a>) -> Vec<Figure<'a>> {
    let loss = influence::Column::Money(&context.outcome.path.pool_loss);
    es::tail_figures(context, "pool_loss", Unit::Money, loss, &LEVELS, context.claims())
}

/// Every measure of one scenario.
///
/// Each is per the scenario's horizon; money in the programme's currency, loss positive. A figure with nothing to divide by
/// is 0 and flagged `undefined`. Where every path is the same, errors are 0 and intervals are points.
pub fn estimate(scenario: &Scenario, book: &Book, outcome: &Outcome) -> Estimates {
    check(outcome);
    let judge = sums::judge(scenario, outcome);
    let mut estimates = Estimates::new();
    for figure in Context::new(scenario, book, outcome).figures() {
        let estimate = judge.estimate(&figure);
        assert!(estimates.insert(figure.key.clone(), estimate).is_none(), "two measures are called {}", figure.key);
    }
    estimates
}

/// Some measures of an outcome that holds rows alone, by key, in the order asked for; those that such an outcome has none of are left out.
pub fn of_rows(scenario: &Scenario, book: &Book, outcome: &Outcome, keys: &[String]) -> Vec<(String, Estimate)> {
    check(outcome);
    let judge = sums::judge(scenario, outcome);
    let figures = Context::new(scenario, book, outcome).figures();
    let found = |key: &String| figures.iter().find(|figure| figure.key == *key).map(|figure| (key.clone(), judge.estimate(figure)));
    keys.iter().filter_map(found).collect()
}

/// Every measure's paired difference, scenario less base on the same paths; empty where the paths are not common. Each outcome is
/// measured by its own scenario's rules: a rule of the scenario alone has no figures in the base.
///
/// Paths are common when both have as many and the same market model drew them. Measures that are kept only as sums over
/// paths (the groups' rates) cannot be paired and are absent, and so are measures undefined on either side.
pub fn difference(book: &Book, (scenario, outcome): (&Scenario, &Outcome), (base_scenario, base): (&Scenario, &Outcome)) -> Estimates {
    let same_paths = outcome.paths == base.paths && outcome.sample == base.sample;
    let common = same_paths && outcome.card.model == base.card.model && outcome.deterministic == base.deterministic;
    if !common {
        return Estimates::new();
    }
    let judge = sums::judge(scenario, outcome);
    let mut of_base: BTreeMap<String, Figure<'_>> =
        Context::new(base_scenario, book, base).figures().into_iter().map(|f| (f.key.clone(), f)).collect();
    Context::new(scenario, book, outcome)
        .figures()
        .into_iter()
        .filter_map(|figure| {
            let base = of_base.remove(&figure.key)?;
            judge.difference(&figure, &base).map(|d| (figure.key, d))
        })
        .collect()
}

/// Every key `estimate` gives for this book, known before the first path.
pub fn keys(scenario: &Scenario, book: &Book) -> Vec<String> {
    let mut calm = calm(scenario, book);
    let layer = |name| Layer { name, pool_loss: vec![0.0], forced_sales: vec![0.0], liquidated: vec![0], ..Layer::default() };
    calm.layers = scenario.case.layers().into_iter().map(|(name, _)| layer(name)).collect();
    estimate(scenario, book, &calm).into_keys().collect()
}

/// Those of them that `of_rows` gives.
pub fn keys_of_rows(scenario: &Scenario, book: &Book) -> Vec<String> {
    let calm = Outcome { groups: Vec::new(), ..calm(scenario, book) };
    estimate(scenario, book, &calm).into_keys().collect()
}

/// A path on which nothing happens.
fn calm(scenario: &Scenario, book: &Book) -> Outcome {
    Outcome { pool: PoolColumns::quiet(book, &scenario.case, 1), ..synthetic::quiet(book, 1) }
}

/// Names as parts of dotted keys: dots, blanks and control characters become `_`; a name met before gets a number behind it.
pub fn key_names<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let mut used = BTreeSet::new();
    let clean = |c: char| if c == '.' || c.is_whitespace() || c.is_control() { '_' } else { c };
    names
        .into_iter()
        .map(|name| {
            let stem: String = name.chars().map(clean).collect();
            let numbered = (2..).map(|k| format!("{stem}_{k}"));
            let free = std::iter::once(stem.clone()).chain(numbered).find(|k| !used.contains(k)).expect("numbers do not run out");
            used.insert(free.clone());
            free
        })
        .collect()
}

/// A column of the wrong length or with a value that is not finite is a bug of the rules, found here by its path.
fn check(outcome: &Outcome) {
    let p = &outcome.path;
    let paths = outcome.paths as usize;
    let tiers = p.tier_loss.iter().map(|c| ("tier_loss", c));
    let money = [
        ("pool_loss", &p.pool_loss),
        ("shortfall", &p.shortfall),
        ("recourse", &p.recourse),
        ("unallocated_loss", &p.unallocated_loss),
        ("lender_pnl", &p.lender_pnl),
        ("client_loss", &p.client_loss),
        ("forced_sales", &p.forced_sales),
        ("early_sales", &p.early_sales),
        ("client_withdrawals", &p.client_withdrawals),
        ("unsold", &p.unsold),
        ("clearing_residual", &p.clearing_residual),
        ("sale_cost", &p.sale_cost),
        ("call_amount", &p.call_amount),
        ("max_drawdown", &p.max_drawdown),
        ("market_return", &p.market_return),
        ("market_worst_day", &p.market_worst_day),
        ("market_volatility", &p.market_volatility),
        ("return_sum", &p.return_sum),
        ("return_square", &p.return_square),
        ("downside_square", &p.downside_square),
    ];
    for (name, column) in money.into_iter().chain(tiers).chain(outcome.pool.columns()) {
        assert_eq!(column.len(), paths, "column {name} holds {} of {paths} paths", column.len());
        if let Some(path) = column.iter().position(|v| !v.is_finite()) {
            panic!("column {name} is {} on path {path}", column[path]);
        }
    }
    let met = [&p.warned, &p.limited, &p.called, &p.cured, &p.liquidated, &p.shortfall_accounts, &p.time_to_call];
    let mut counts = met.into_iter().chain([&p.unneeded, &p.close_outs, &p.close_out_days]);
    assert!(counts.all(|c| c.len() == paths), "a column of counts does not hold {paths} paths");
    for group in &outcome.groups {
        let by_path = &group.loss_by_path;
        assert!(by_path.is_empty() || (by_path.len() == paths && group.loss.is_empty()), "{} {} is held twice", group.kind, group.name);
        let bad = by_path.iter().position(|loss| !loss.is_finite());
        assert!(bad.is_none(), "{} {} loses no number on path {bad:?}", group.kind, group.name);
        for (path, loss) in &group.loss {
            assert!(loss.is_finite() && (*path as usize) < paths, "{} {} loses {loss} on path {path} of {paths}", group.kind, group.name);
        }
        assert!(group.loss.is_sorted_by(|a, b| a.0 < b.0), "losses of {} {} are not in order of path", group.kind, group.name);
    }
}

#[cfg(test)]
mod coverage;
#[cfg(test)]
mod tests;
