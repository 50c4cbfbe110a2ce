//! Weighs the paths of a scenario anew so that views hold, and tells how far each path then moves a figure.
//!
//! Entropy pooling (Meucci 2008; `maths/entropy.rs`): of all weights under which the views hold, those nearest to the prior. A view on a
//! standard deviation that the other views leave unmet holds the column's mean where they put it (`constraints`).
//!
//! Influence of path i on θ = Σ q_i h_i, with q_i = p_i r_i, the views that bind g, their bounds b, C = Cov_q(g):
//!
//! ```text
//! ψ_i = r_i · [h_i − θ − B'(g_i − b)] + B'·β_i,   B = C⁻¹ Cov_q(g, h)
//! ```
//!
//! the residual of h on the views, tilted, since the multipliers are estimated as well (calibration estimators: Deville and Särndal 1992,
//! JASA 87, 376–382); β is the influence on the bound itself, which a view against the prior estimates. A view that does not bind has no
//! part in it. Worked: h = g gives θ = b and ψ = β: what a view fixes has no error of its own.

use super::constraints::{Constraint, Unable, figure, is_kept, plain, wide};
use super::paths::{PATHS_LEAST, Paths, Reason, Refused, SHARE_LEAST, problem, quoted, too_few};
use super::view::{Side, Statistic, View, unit_of};
use crate::maths::entropy::{self, Moment, Pooled, Unmet, mean, spread};
use crate::measures::Unit;
use crate::problem::{Kind, Problems};

/// What became of one view.
#[derive(Clone, Debug, PartialEq)]
pub struct Met {
    pub view: View,
    pub unit: Unit,
    pub prior: f64,
    pub asked: f64,
    pub posterior: f64,
    /// Of the dual, per unit of the column (of its square for a standard deviation); 0 where the prior meets the view.
    pub multiplier: f64,
}

/// The paths weighed anew.
pub struct Posterior {
    /// Of one in all.
    pub weights: Vec<f64>,
    pub met: Vec<Met>,
    pub relative_entropy: f64,
    /// How many paths of equal weight have the same entropy, and the same sum of squares; and what they were before.
    pub paths_by_entropy: f64,
    pub paths_by_squares: f64,
    pub prior_by_squares: f64,
    pub tilt: Tilt,
}

/// How the weights depend on what the paths came to.
#[derive(Default)]
pub struct Tilt {
    /// Posterior over prior weight; nothing where they are the same whatever the paths came to.
    ratio: Option<Vec<f64>>,
    binding: Vec<Binding>,
    /// Covariances of the binding views, each in its own standard deviation.
    covariance: Vec<f64>,
}

struct Binding {
    /// Value less bound, in standard deviations.
    centred: Vec<f64>,
    /// How each path moves the bound, in the same; nothing of a fixed one.
    moves: Option<Vec<f64>>,
}

impl Tilt {
    /// How far each path moves the mean of `values` under the weights, which is `mean`.
    pub fn influence(&self, weights: &[f64], values: &[f64], mean: f64) -> Vec<f64> {
        let Some(ratio) = &self.ratio else { return values.iter().map(|h| h - mean).collect() };
        let with = |b: &Binding| entropy::sum((0..weights.len()).map(|i| weights[i] * b.centred[i] * (values[i] - mean)));
        let crossed: Vec<f64> = self.binding.iter().map(with).collect();
        let slopes = entropy::solve_positive(&self.covariance, &crossed).unwrap_or_else(|| vec![0.0; crossed.len()]);
        let of_path = |i: usize| {
            let residual = self.binding.iter().zip(&slopes).fold(values[i] - mean, |rest, (b, slope)| rest - slope * b.centred[i]);
            let moved = self.binding.iter().zip(&slopes).fold(0.0, |sum, (b, slope)| sum + b.moves.as_ref().map_or(0.0, |m| slope * m[i]));
            ratio[i] * residual + moved
        };
        (0..weights.len()).map(of_path).collect()
    }
}

/// The paths of a scenario under views.
///
/// Errors (kind Model, placed at the view): a view lies outside what any path shows, views contradict each other, or too few paths carry
/// them; (kind Usage) a view has nothing to be relative to, or the scenario has no such column.
pub fn posterior(paths: &Paths, views: &[View]) -> Result<Posterior, Refused> {
    let prior = paths.prior();
    let mut constraints: Vec<Constraint> = Vec::new();
    let mut unable: Vec<Unable> = Vec::new();
    for (at, view) in views.iter().enumerate() {
        match plain(paths, &prior, view, at) {
            Ok(constraint) => constraints.extend(constraint),
            Err(found) => unable.push(found),
        }
    }
    all_able(unable)?;
    let mut pooled = solve(paths, views, &prior, &constraints)?;
    let first = pooled.weights.clone();
    let first_tilt = tilt(&prior, &pooled, &constraints);
    // a deviation that the other views leave as asked holds nothing
    loop {
        let unmet = |(at, view): &(usize, &View)| {
            let values = paths.viewed(view);
            let bound = view.target.bound(figure(&prior, values, view.statistic));
            let is_new = view.statistic == Statistic::Deviation && constraints.iter().all(|c| c.view != *at);
            is_new && !is_kept(view.side, figure(&pooled.weights, values, view.statistic), bound)
        };
        let found: Vec<(usize, &View)> = views.iter().enumerate().filter(unmet).collect();
        if found.is_empty() {
            break;
        }
        let mut unable: Vec<Unable> = Vec::new();
        for (at, view) in found {
            let values = paths.viewed(view);
            let centre = mean(&first, values);
            match wide(paths, &prior, (at, view), (centre, first_tilt.influence(&first, values, centre))) {
                Ok(both) => constraints.extend(both),
                Err(found) => unable.push(found),
            }
        }
        all_able(unable)?;
        pooled = solve(paths, views, &prior, &constraints)?;
    }
    let by_squares = |weights: &[f64]| 1.0 / entropy::sum(weights.iter().map(|w| w * w));
    let entropy_of = |weights: &[f64]| -entropy::sum(weights.iter().filter(|w| **w > 0.0).map(|w| w * libm::log(*w)));
    let (kish, n) = (by_squares(&pooled.weights), paths.count() as f64);
    if kish < PATHS_LEAST.max(SHARE_LEAST * n) {
        return Err(too_few(paths, views, ["leaves", "leave"], &format!("{} effective paths of {n}", libm::floor(kish))));
    }
    Ok(Posterior {
        met: views.iter().enumerate().map(|view| met(paths, &prior, &pooled, &constraints, view)).collect(),
        relative_entropy: pooled.relative_entropy,
        paths_by_entropy: libm::exp(entropy_of(&pooled.weights)),
        paths_by_squares: kish,
        prior_by_squares: by_squares(&prior),
        tilt: tilt(&prior, &pooled, &constraints),
        weights: pooled.weights,
    })
}

/// Every fault of the views together, under the reason of the first.
fn all_able(unable: Vec<Unable>) -> Result<(), Refused> {
    let Some((reason, _)) = unable.first() else { return Ok(()) };
    let reason = Some(*reason);
    let mut problems = Problems::new();
    unable.into_iter().for_each(|(_, problem)| problems.push(*problem));
    Err(Refused { reason, problems })
}

fn solve(paths: &Paths, views: &[View], prior: &[f64], constraints: &[Constraint]) -> Result<Pooled, Refused> {
    let moments: Vec<&Moment> = constraints.iter().map(|c| &c.moment).collect();
    let core = match entropy::pool(prior, &moments) {
        Ok(pooled) => return Ok(pooled),
        Err(Unmet::Edge) => return Err(too_few(paths, views, ["rests", "rest"], "on a handful of paths")),
        Err(Unmet::Contradiction(core)) => core,
    };
    let mut at: Vec<usize> = core.iter().map(|k| constraints[*k].view).collect();
    at.sort_unstable();
    at.dedup();
    let what = match at.as_slice() {
        [one] => format!("{:?} cannot hold on these paths", views[*one].text),
        several => format!("{} cannot hold together", quoted(several.iter().map(|k| &views[*k]))),
    };
    let why = "no weights of the simulated paths meet them";
    let problem = problem(Kind::Model, paths, &views[at[0]], what, why, "leave one out, or make one milder");
    Err(Refused { reason: Some(Reason::Contradiction), problems: (*problem).into() })
}

fn met(paths: &Paths, prior: &[f64], pooled: &Pooled, constraints: &[Constraint], (at, view): (usize, &View)) -> Met {
    let values = paths.viewed(view);
    let own = constraints.iter().position(|c| c.view == at && c.is_own);
    let was = figure(prior, values, view.statistic);
    Met {
        view: view.clone(),
        unit: if matches!(view.statistic, Statistic::Share(_)) { Unit::Ratio } else { unit_of(&view.column) },
        prior: was,
        asked: view.target.bound(was),
        posterior: figure(&pooled.weights, values, view.statistic),
        multiplier: own.map_or(0.0, |own| pooled.multipliers[own]),
    }
}

fn tilt(prior: &[f64], pooled: &Pooled, constraints: &[Constraint]) -> Tilt {
    if pooled.multipliers.iter().all(|m| *m == 0.0) {
        return Tilt::default();
    }
    let binds = |(c, m): &(&Constraint, &f64)| c.moment.side == Side::Equal || **m != 0.0;
    let binding = constraints.iter().zip(&pooled.multipliers).filter(binds).map(|(c, _)| {
        let Moment { values, bound, .. } = &c.moment;
        let scale = spread(&pooled.weights, values);
        let scale = if scale > 0.0 { scale } else { 1.0 };
        Binding {
            centred: values.iter().map(|x| (x - bound) / scale).collect(),
            moves: c.moves.as_ref().map(|moves| moves.iter().map(|m| m / scale).collect()),
        }
    });
    let binding: Vec<Binding> = binding.collect();
    let n = binding.len();
    let product = |a: usize, b: usize| {
        let (a, b) = (&binding[a].centred, &binding[b].centred);
        entropy::sum(pooled.weights.iter().zip(a.iter().zip(b)).map(|(w, (a, b))| w * a * b))
    };
    let mut covariance: Vec<f64> = (0..n * n).map(|k| product(k / n, k % n)).collect();
    // views that say the same twice leave it without an inverse
    (0..n).for_each(|k| covariance[k * n + k] += 1e-10);
    let ratio = pooled.weights.iter().zip(prior).map(|(q, p)| if *p > 0.0 { q / p } else { 0.0 }).collect();
    Tilt { ratio: Some(ratio), binding, covariance }
}
