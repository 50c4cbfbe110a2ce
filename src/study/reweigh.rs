//! States what a report's figures become when its paths are weighed anew: prior, posterior and change, each with its error.
//!
//! A measure is here where it is a function of the columns of `paths.parquet`: means, shares of paths, quantiles and tail means, standard
//! deviations, ratios of means. Its estimator is that of `measures/`, with weights; its error is the spread of the influence that
//! `posterior` gives, by the rule of every other figure (`measures/influence.rs`), and so is that of the change, path by path: posterior
//! and prior share their paths. A share's interval is exact for the plain paths with its error, a quantile's is Woodruff's.
//!
//! What every path shows alike has no error of its own: the prior's is kept, and stands n / n_effective times as far away.
//!
//! Worked: X normal, a view that lifts its mean from 0 to ½: VaR 95 % moves from 1.645 to 2.145, ES 95 % from 2.063 to 2.563.

use super::paths::{Paths, Refused};
use super::posterior::{Posterior, Tilt, posterior};
use super::regress;
use super::view::View;
use crate::engine::outcome::{EVENTS, Sample};
use crate::maths::entropy::{self, mean};
use crate::measures::figure::{Doubt, Figure, Judge, PATHS_NEEDED};
use crate::measures::influence::{Column, Term, moments};
use crate::measures::quantile::{LEVELS, Level, SAMPLES_NEEDED};
use crate::measures::stated::Basis;
use crate::measures::stratified::Descending;
use crate::measures::{Estimate, Flag, Unit, key_names};
use crate::problem::{Kind, Place, Problem};
use std::collections::BTreeMap;

/// A measure before and after.
#[derive(Clone, Debug)]
pub struct Row {
    pub key: String,
    /// As the report states it.
    pub prior: Estimate,
    pub posterior: Estimate,
    /// Posterior less prior, and its standard error.
    pub change: f64,
    pub change_error: f64,
}

/// A scenario under views.
pub struct Reweighed {
    pub scenario: String,
    pub paths: u64,
    /// Two-sided confidence of intervals.
    pub confidence: f64,
    pub posterior: Posterior,
    /// In the order a reader expects.
    pub rows: Vec<Row>,
}

/// Weighs the paths of a scenario anew and states its figures.
///
/// Errors: those of the views (`posterior::posterior`), and of paths that are not those of the report (kind Data).
pub fn reweigh(paths: &Paths, views: &[View], stored: &BTreeMap<String, regress::Figure>) -> Result<Reweighed, Refused> {
    let posterior = posterior(paths, views)?;
    let rows = rows(paths, &posterior, stored)?;
    Ok(Reweighed { scenario: paths.scenario.clone(), paths: paths.count() as u64, confidence: paths.confidence, posterior, rows })
}

/// What a measure makes of its column.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Statistic {
    Mean,
    /// A mean in the report's own unit, which only the report knows: a share of accounts, a return on capital.
    Scaled,
    Probability,
    Var(Level),
    Es(Level),
    Deviation,
}

struct Measure {
    key: String,
    column: String,
    /// What a mean is divided by, where it is a ratio of two.
    over: Option<&'static str>,
    statistic: Statistic,
}

/// Means, by the column's name: what is stated as `COLUMN.mean`.
const MEANS: [&str; 30] = [
    "pool_loss",
    "shortfall",
    "recourse",
    "unallocated_loss",
    "lender_pnl",
    "client_loss",
    "forced_sales",
    "early_sales",
    "client_withdrawals",
    "unsold",
    "sale_cost",
    "call_amount",
    "max_drawdown",
    "cover_1",
    "cover_2",
    "cash_min",
    "buffer_days_min",
    "utilisation_max",
    "survival_days",
    "unpaid_end",
    "funding_withdrawn",
    "sources_run",
    "recalled",
    "hedge_result",
    "hedge_cost",
    "funding_cost",
    "replenished",
    "custody_loss",
    "client_custody_loss",
    "written_down",
];
/// Quantities with a tail.
const TAILS: [&str; 4] = ["pool_loss", "max_drawdown", "cover_1", "cover_2"];
/// The columns that events are counted in, in the order of `EVENTS`.
const COUNTED: [&str; EVENTS.len()] = ["warned", "limited", "called", "cured", "liquidated", "shortfall_accounts", "unneeded_liquidations"];
/// Shares of paths on which a column is above zero.
const PROBABILITIES: [(&str, &str); 6] = [
    ("pool_loss.probability", "pool_loss"),
    ("shortfall.probability", "shortfall"),
    ("unallocated_loss.probability", "unallocated_loss"),
    ("unpaid.probability", "unpaid"),
    ("run.probability", "sources_run"),
    ("recall.probability", "recalled"),
];
/// Ratios of means.
const RATIOS: [(&str, &str, &str); 3] = [
    ("cure_share", "cured", "called"),
    ("unneeded_liquidation_share", "unneeded_liquidations", "liquidated"),
    ("time_to_close_out.mean_days", "close_out_days", "close_outs"),
];

/// Every measure that follows from the columns.
fn measures(paths: &Paths) -> Vec<Measure> {
    let of = |key: String, column: &str, statistic: Statistic| Measure { key, column: column.to_string(), over: None, statistic };
    let tail = |prefix: &str, column: &str| -> Vec<Measure> {
        let var = |level: Level| of(format!("{prefix}.var_{}", level.key), column, Statistic::Var(level));
        let es = |level: Level| of(format!("{prefix}.es_{}", level.key), column, Statistic::Es(level));
        LEVELS.into_iter().map(var).chain(LEVELS.into_iter().map(es)).collect()
    };
    let is_first = |key: &str| key.starts_with("pool_loss") || key.starts_with("shortfall");
    let mean = |c: &&str| of(format!("{c}.mean"), c, Statistic::Mean);
    let mut all: Vec<Measure> = PROBABILITIES.iter().map(|(key, c)| of((*key).into(), c, Statistic::Probability)).collect();
    all.extend(MEANS.iter().map(mean));
    all.extend(TAILS.iter().flat_map(|c| tail(c, c)));
    all.extend(["pool_loss", "lender_pnl"].map(|c| of(format!("{c}.volatility"), c, Statistic::Deviation)));
    // what is lost stands before what happens to accounts
    all.sort_by_key(|m| (!is_first(&m.key), m.key.split('.').next() != Some("pool_loss")));
    all.push(of("pool_return.mean".into(), "lender_pnl", Statistic::Scaled));
    all.extend(EVENTS.iter().zip(COUNTED).map(|(key, c)| of((*key).into(), c, Statistic::Scaled)));
    all.extend(RATIOS.iter().map(|(key, c, over)| Measure { over: Some(over), ..of((*key).into(), c, Statistic::Mean) }));
    let named = |prefix: &str| -> Vec<(String, String)> {
        let columns: Vec<&String> = paths.columns.iter().map(|(name, _)| name).filter(|c| c.starts_with(prefix)).collect();
        let keys = key_names(columns.iter().map(|c| &c[prefix.len()..]));
        keys.into_iter().zip(columns.into_iter().cloned()).collect()
    };
    for (name, column) in named("tier_loss_") {
        let prefix = format!("tier.{name}.loss");
        all.push(of(format!("{prefix}.mean"), &column, Statistic::Mean));
        all.extend(tail(&prefix, &column));
        all.push(of(format!("{prefix}.volatility"), &column, Statistic::Deviation));
        all.push(of(format!("tier.{name}.hit_probability"), &column, Statistic::Probability));
    }
    let failed = |(name, column): (String, String)| of(format!("tier.{name}.failed_probability"), &column, Statistic::Probability);
    all.extend(named("tier_failed_").into_iter().map(failed));
    all
}

/// Every measure of a scenario before and after.
fn rows(paths: &Paths, posterior: &Posterior, stored: &BTreeMap<String, regress::Figure>) -> Result<Vec<Row>, Problem> {
    let (weights, sample) = (paths.prior(), paths.sample());
    let untilted = Tilt::default();
    let judge = Judge::new(paths.count() as u64, paths.confidence, false).of_sample(sample.as_ref());
    let desk = Desk {
        paths,
        judge,
        prior: Law { weights: &weights, tilt: &untilted, sample: sample.as_ref(), thinned: 1.0 },
        posterior: Law {
            weights: &posterior.weights,
            tilt: &posterior.tilt,
            sample: sample.as_ref(),
            thinned: posterior.prior_by_squares / posterior.paths_by_squares,
        },
    };
    let mut rows = Vec::new();
    for measure in measures(paths) {
        let Some((known, was)) = stored.get(&measure.key).and_then(|known| Some((known, known.defined()?))) else { continue };
        rows.extend(desk.row(&measure, known, was)?);
    }
    Ok(rows)
}

/// Weights, and how they hang on the paths.
struct Law<'a> {
    weights: &'a [f64],
    tilt: &'a Tilt,
    sample: Option<&'a Sample>,
    /// How many times fewer paths carry it than the prior.
    thinned: f64,
}

/// A measure's value under one law, how each path moves it, and what its interval needs.
struct Valued {
    value: f64,
    influence: Vec<f64>,
    doubt: Doubt,
    flag: Option<Flag>,
}

struct Desk<'a> {
    paths: &'a Paths,
    judge: Judge<'a>,
    prior: Law<'a>,
    posterior: Law<'a>,
}

impl Desk<'_> {
    fn row(&self, measure: &Measure, known: &regress::Figure, was: f64) -> Result<Option<Row>, Problem> {
        let Some(values) = self.paths.column(&measure.column) else { return Ok(None) };
        let over = measure.over.and_then(|over| self.paths.column(over));
        if over.is_some() != measure.over.is_some() {
            return Ok(None);
        }
        let (Some(before), Some(mut after)) =
            (self.valued(&self.prior, measure, values, over), self.valued(&self.posterior, measure, values, over))
        else {
            return Ok(None);
        };
        let scale = match measure.statistic {
            Statistic::Scaled if before.value != 0.0 => was / before.value,
            Statistic::Scaled if was != 0.0 => return Err(self.apart(measure, before.value, was)),
            _ => 1.0,
        };
        let largest = values.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        if (before.value * scale - was).abs() > 1e-9 * largest.max(was.abs()).max(1e-12) {
            return Err(self.apart(measure, before.value * scale, was));
        }
        let unit = known.unit.unwrap_or(Unit::Number);
        let prior = stated(known, unit, self.paths.count() as u64);
        let alike = values.iter().all(|x| *x == values[0]);
        let change = if alike { 0.0 } else { (after.value - before.value) * scale };
        let difference: Vec<f64> = after.influence.iter().zip(&before.influence).map(|(a, b)| scale * (a - b)).collect();
        // what the views fix has no error, and rounding is none
        let rounding = 1e-10 * before.influence.iter().fold(0.0, |most: f64, psi| most.max((psi * scale).abs()));
        let error_of = |influence: &[f64]| Some(self.error(&self.posterior, influence)).filter(|error| *error > rounding).unwrap_or(0.0);
        let change_error = if alike { 0.0 } else { error_of(&difference) };
        after.influence.iter_mut().for_each(|psi| *psi *= scale);
        let is_seen = after.influence.iter().any(|psi| *psi != 0.0);
        if is_seen && error_of(&after.influence) == 0.0 && matches!(after.doubt, Doubt::Skewed) {
            after.doubt = Doubt::Exact;
        }
        // what the weights leave as it was is the prior's figure, to the last bit
        let posterior = if alike { self.thin(&prior) } else { self.estimate(measure, unit, after, prior.value + change, values) };
        Ok(Some(Row { key: measure.key.clone(), prior, posterior, change, change_error }))
    }

    fn apart(&self, measure: &Measure, found: f64, stated: f64) -> Problem {
        let what =
            format!("`{}` of scenario {:?} is {found} by paths.parquet and {stated} by summary.json", measure.key, self.paths.scenario);
        let why = "the two files are not of one run";
        Problem::new(Kind::Data, Place::file("paths.parquet"), what, why, "run programme.resolved.toml again, and reweigh the new report")
    }

    fn error(&self, law: &Law<'_>, influence: &[f64]) -> f64 {
        moments(influence.len(), law.sample, &[Term::linear(Column::Money(influence), 1.0)], &[]).std_error()
    }

    /// A measure under a law; nothing where there is nothing to divide by.
    fn valued(&self, law: &Law<'_>, measure: &Measure, values: &[f64], over: Option<&[f64]>) -> Option<Valued> {
        let plain = |value: f64, h: &[f64], flag| Valued { value, influence: law.influence(h), doubt: Doubt::Skewed, flag };
        Some(match measure.statistic {
            Statistic::Mean | Statistic::Scaled => match over {
                None => plain(mean(law.weights, values), values, None),
                Some(over) => {
                    let (top, bottom) = (mean(law.weights, values), mean(law.weights, over));
                    if bottom.abs() < 1e-12 {
                        return None;
                    }
                    let ratio = top / bottom;
                    let h: Vec<f64> = values.iter().zip(over).map(|(a, b)| (a - ratio * b) / bottom).collect();
                    plain(ratio, &h, None)
                }
            },
            Statistic::Deviation => {
                let (centre, sd) = (mean(law.weights, values), entropy::spread(law.weights, values));
                if sd == 0.0 {
                    return Some(Valued { value: 0.0, influence: vec![0.0; values.len()], doubt: Doubt::Skewed, flag: None });
                }
                let h: Vec<f64> = values.iter().map(|x| (x - centre) * (x - centre) / (2.0 * sd)).collect();
                plain(sd, &h, None)
            }
            Statistic::Probability => {
                let h: Vec<f64> = values.iter().map(|x| f64::from(u8::from(*x > 0.0))).collect();
                let valued = plain(mean(law.weights, &h).clamp(0.0, 1.0), &h, None);
                let error = self.error(law, &valued.influence);
                let doubt = match self.judge.count_of(valued.value, error * error) {
                    // all paths or none: as many as carry the weights
                    Doubt::Count { hits, of } if hits == 0 || hits == of => {
                        let of = ((of as f64 / law.thinned) as u64).max(1);
                        Doubt::Count { hits: if hits == 0 { 0 } else { of }, of }
                    }
                    other => other,
                };
                Valued { doubt, ..valued }
            }
            Statistic::Var(level) | Statistic::Es(level) => self.tail(law, measure.statistic, level, values),
        })
    }

    /// A quantile, or the mean beyond it.
    fn tail(&self, law: &Law<'_>, statistic: Statistic, level: Level, values: &[f64]) -> Valued {
        let beyond = 1.0 - level.alpha();
        let order = Descending::new(values.iter().copied().zip(law.weights.iter().copied()));
        let at = order.at(beyond);
        let above: Vec<f64> = values.iter().map(|x| f64::from(u8::from(*x > at))).collect();
        let of_share = law.influence(&above);
        let least = (beyond * (1.0 - beyond) / values.len() as f64).sqrt();
        let quantile = order.quantile(beyond, self.error(law, &of_share).max(least), self.judge.confidence);
        // rows of little weight speak for few paths
        let tail: Vec<f64> = values.iter().zip(law.weights).filter(|(x, _)| **x > at).map(|(_, w)| *w).collect();
        let (whole, squares) = (entropy::sum(tail.iter().copied()), entropy::sum(tail.iter().map(|w| w * w)));
        let carried = if squares > 0.0 { whole * whole / squares } else { 0.0 };
        let thin = carried < SAMPLES_NEEDED as f64 || quantile.coarse;
        let in_atom = quantile.high == Some(quantile.low);
        let flag = match quantile.high {
            None => Some(Flag::OpenInterval),
            Some(_) if thin && !(in_atom && matches!(statistic, Statistic::Var(_))) => Some(Flag::ThinTail),
            Some(_) => None,
        };
        if let Statistic::Var(_) = statistic {
            let (low, high) = (quantile.low, quantile.high.unwrap_or(quantile.value));
            let influence = of_share.iter().map(|psi| psi * quantile.inverse_density).collect();
            return Valued { value: at, influence, doubt: Doubt::Given { std_error: quantile.std_error, low, high }, flag };
        }
        let h: Vec<f64> = values.iter().map(|x| (x - at).max(0.0) / beyond).collect();
        Valued { value: order.mean_beyond(beyond), influence: law.influence(&h), doubt: Doubt::Skewed, flag }
    }

    fn estimate(&self, measure: &Measure, unit: Unit, valued: Valued, value: f64, values: &[f64]) -> Estimate {
        let influence = [Term::linear(Column::Money(&valued.influence), 1.0)];
        let least = if values.iter().all(|x| *x >= 0.0) { 0.0 } else { f64::NEG_INFINITY };
        let is_share = measure.over.is_some() || EVENTS.contains(&measure.key.as_str());
        let most = if unit == Unit::Ratio && is_share { 1.0 } else { f64::INFINITY };
        let contributing = values.iter().filter(|x| **x != 0.0).count() as u64;
        let rare = (contributing.min(values.len() as u64) < PATHS_NEEDED).then_some(Flag::RareEvent);
        let figure = Figure::new(measure.key.clone(), value, unit, influence.to_vec()).within(least, most).doubt(valued.doubt);
        let made = self.judge.estimate(&figure.flag(valued.flag.or(rare)));
        // the number of plain paths is one of figures that were simulated
        Estimate { plain_paths: None, ..made }
    }

    /// A prior figure that every path shows alike, on fewer paths.
    fn thin(&self, prior: &Estimate) -> Estimate {
        let most = if prior.unit == Unit::Ratio { 1.0 } else { f64::INFINITY };
        let thinned = self.posterior.thinned;
        let away = |end: f64| prior.value + (end - prior.value) * thinned;
        let ci_high = prior.ci_high.map(|high| away(high).min(most));
        Estimate { std_error: prior.std_error * thinned, ci_low: away(prior.ci_low), ci_high, ..prior.clone() }
    }
}

impl Law<'_> {
    fn influence(&self, values: &[f64]) -> Vec<f64> {
        self.tilt.influence(self.weights, values, mean(self.weights, values))
    }
}

/// A figure as the report states it.
fn stated(known: &regress::Figure, unit: Unit, paths: u64) -> Estimate {
    Estimate {
        value: known.value.unwrap_or(f64::NAN),
        std_error: known.std_error.unwrap_or(f64::INFINITY),
        ci_low: known.ci_low.unwrap_or(f64::NEG_INFINITY),
        ci_high: known.ci_high,
        paths: known.paths.unwrap_or(paths),
        plain_paths: None,
        unit,
        flag: known.flag,
        basis: Basis::Exact,
    }
}

#[cfg(test)]
mod tests;
