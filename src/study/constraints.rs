//! Turns views into bounds on means, each with how every path moves it.
//!
//! A view on a mean has g = x, one on a probability g = 1{x < c}. One on a standard deviation holds the column's mean at c and bounds
//! E(x − c)² by s²: of all weights of a given deviation there are no nearest ones otherwise.
//!
//! A bound against the prior is an estimate: a mean's moves by (1 ± k)(x_i − m), a standard deviation's by (1 + k)²((x_i − m)² − s²) in its
//! square. Worked: k = 30 %, m = 2, x = 3 moves the bound by 1.3.

use super::paths::{Paths, Reason, problem, shown};
use super::view::{Side, Statistic, Target, View, unit_of};
use crate::maths::entropy::{self, Moment, mean, spread};
use crate::measures::Unit;
use crate::problem::{Kind, Problem};

/// A bound of the solver, and the view it comes of.
pub struct Constraint {
    pub view: usize,
    pub moment: Moment,
    /// How each path moves the bound; nothing of a fixed one.
    pub moves: Option<Vec<f64>>,
    /// Its multiplier is the view's own, and not that of a mean held for it.
    pub is_own: bool,
}

/// Why a scenario cannot carry a view.
pub type Unable = (Reason, Box<Problem>);

/// What a view's figure is under weights.
pub fn figure(weights: &[f64], values: &[f64], statistic: Statistic) -> f64 {
    match statistic {
        Statistic::Mean => mean(weights, values),
        Statistic::Deviation => spread(weights, values),
        Statistic::Share(cut) => entropy::sum(weights.iter().zip(values).filter(|(_, x)| cut.holds(**x)).map(|(w, _)| *w)),
    }
}

/// Whether a figure keeps a bound, but for rounding.
pub fn is_kept(side: Side, figure: f64, bound: f64) -> bool {
    let near = 1e-12 * figure.abs().max(bound.abs());
    match side {
        Side::AtLeast => figure >= bound - near,
        Side::AtMost => figure <= bound + near,
        Side::Equal => (figure - bound).abs() <= near,
    }
}

/// What one path adds to a mean or a share.
fn shown_by(statistic: Statistic, x: f64) -> f64 {
    match statistic {
        Statistic::Share(cut) => f64::from(u8::from(cut.holds(x))),
        Statistic::Mean | Statistic::Deviation => x,
    }
}

/// The prior figure of a view, where the scenario has one to be relative to.
fn prior_figure(paths: &Paths, prior: &[f64], view: &View) -> Result<f64, Unable> {
    let Some(values) = paths.column(&view.column) else {
        let what = format!("`{}` has no values", view.column);
        let why = "the pool of the scenario is not kept daily: its paths have no such figure";
        return Err((Reason::NoColumn, problem(Kind::Usage, paths, view, what, why, "view another column, or choose another scenario")));
    };
    let was = figure(prior, values, view.statistic);
    if was == 0.0 && matches!(view.target, Target::FromPrior(change) if change != 0.0) {
        let why = "a change is a share of the prior figure, and a share of nothing is nothing";
        return Err((Reason::Nothing, problem(Kind::Usage, paths, view, "the prior figure is 0".into(), why, "write the value itself")));
    }
    Ok(was)
}

fn outside(paths: &Paths, view: &View, what: String) -> Unable {
    let why = "weights can only choose among the paths that were simulated";
    let fix = "ask for a value inside that range, or simulate a scenario that reaches further";
    (Reason::Outside, problem(Kind::Model, paths, view, what, why, fix))
}

/// The least and the largest value, and both in words.
fn range_of(unit: Unit, values: &[f64]) -> (f64, f64, String) {
    let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(*x), high.max(*x)));
    (low, high, format!("its paths range from {} to {}", shown(unit, low), shown(unit, high)))
}

/// The bound of a view on a mean or a share; of one on a standard deviation nothing but the checks.
pub fn plain(paths: &Paths, prior: &[f64], view: &View, at: usize) -> Result<Option<Constraint>, Unable> {
    let was = prior_figure(paths, prior, view)?;
    let values = paths.viewed(view);
    if view.statistic == Statistic::Deviation {
        return Ok(None);
    }
    let bound = view.target.bound(was);
    let (low, high, range) = range_of(unit_of(&view.column), values);
    let (least, most) = match view.statistic {
        Statistic::Share(cut) => {
            let some = values.iter().any(|x| cut.holds(*x));
            (if values.iter().all(|x| cut.holds(*x)) { 1.0 } else { 0.0 }, if some { 1.0 } else { 0.0 })
        }
        _ => (low, high),
    };
    if !is_kept(view.side, was, bound) && (bound <= least || bound >= most) {
        let asked = if matches!(view.statistic, Statistic::Share(_)) { Unit::Ratio } else { unit_of(&view.column) };
        return Err(outside(paths, view, format!("asks for {}, and {range}", shown(asked, bound))));
    }
    let values: Vec<f64> = values.iter().map(|x| shown_by(view.statistic, *x)).collect();
    let moves = match view.target {
        Target::Value(_) => None,
        Target::FromPrior(change) => {
            let slope = 1.0 + if was < 0.0 { -change } else { change };
            Some(values.iter().map(|x| slope * (x - was)).collect())
        }
    };
    Ok(Some(Constraint { view: at, moment: Moment { values, side: view.side, bound }, moves, is_own: true }))
}

/// The bounds of a view on a standard deviation about a mean that each path moves.
pub fn wide(paths: &Paths, prior: &[f64], (at, view): (usize, &View), (centre, moves): (f64, Vec<f64>)) -> Result<[Constraint; 2], Unable> {
    let was = prior_figure(paths, prior, view)?;
    let (values, unit) = (paths.viewed(view), unit_of(&view.column));
    let bound = view.target.bound(was);
    let (low, high, range) = range_of(unit, values);
    let widest = ((high - centre) * (centre - low)).max(0.0).sqrt();
    if view.side != Side::AtMost && bound >= widest {
        let about = format!("about a mean of {}", shown(unit, centre));
        return Err(outside(paths, view, format!("asks for {}, and {range}: {} {about} at most", shown(unit, bound), shown(unit, widest))));
    }
    let hold = Moment { values: values.to_vec(), side: Side::Equal, bound: centre };
    let square = values.iter().map(|x| (x - centre) * (x - centre)).collect();
    let prior_mean = mean(prior, values);
    let square_moves = match view.target {
        Target::Value(_) => None,
        Target::FromPrior(change) => {
            let slope = (1.0 + change) * (1.0 + change);
            Some(values.iter().map(|x| slope * ((x - prior_mean) * (x - prior_mean) - was * was)).collect())
        }
    };
    let wide = Moment { values: square, side: view.side, bound: bound * bound };
    Ok([
        Constraint { view: at, moment: hold, moves: Some(moves), is_own: false },
        Constraint { view: at, moment: wide, moves: square_moves, is_own: true },
    ])
}
