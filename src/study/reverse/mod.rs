//! Searches for the smallest change, the mildest rule or the most plausible shock that makes a limit fail.
//!
//! A *ray* is a proportion of changes: its far end is where the first of them is at its furthest. `line.rs` closes in on where a limit fails
//! along a ray; several rays are tried together, on the same paths of the market. `plausible.rs` says how plausible a shock is.

pub mod answer;
pub mod line;
pub mod plausible;

use crate::measures::{self, Estimate};
use crate::model::book::Book;
use crate::model::case::{BASE, Programme};
use crate::model::reverse::Limit;
use crate::model::way::Way;
use crate::problem::near::nearest;
use crate::problem::{Kind, Place, Problem, Problems};
use line::{Ending, Found, Line, Tried};
use plausible::{Law, Plausibility};

/// Finds, before the first path, every measure that its scenario has not; `file` is the programme's own.
///
/// Errors: each of them (kind Programme).
pub fn check_programme(file: &str, programme: &Programme, book: &Book) -> Result<(), Problems> {
    let mut problems = Problems::new();
    for (at, reverse) in programme.reverse.iter().enumerate() {
        let name = reverse.scenario.as_deref().unwrap_or(BASE);
        let scenario = programme.scenarios.iter().find(|scenario| scenario.name == name);
        let known = scenario.map_or_else(Vec::new, |scenario| measures::keys(scenario, book));
        if !known.contains(&reverse.measure) {
            let place = Place::file(file).field(format!("reverse[{}].measure", at + 1));
            let fix = format!("write one such as {}", nearest(&reverse.measure, &known));
            let what = format!("unknown measure `{}`", reverse.measure);
            problems.push(Problem::new(Kind::Programme, place, what, "a limit holds for a key of summary.json", fix));
        }
    }
    problems.into_result(())
}

/// Tries settings, each a place of every way, and gives the measure of each; nothing where it has none.
///
/// Errors: those of a simulation.
pub type Try<'a> = dyn FnMut(&[Vec<f64>]) -> Result<Vec<Option<Estimate>>, Problems> + 'a;

/// Equal steps that a ray is cut into at first: of a few, and of many.
const STEPS: usize = 8;
const STEPS_OF_MANY: usize = 4;

/// Rays of a curve, from one change alone to the other alone.
pub const RAYS: usize = 9;

/// Directions of the most plausible shock that are tried, at most, and the angle between two, in radians, that makes an end.
const TURNS: usize = 6;
const ANGLE: f64 = 0.02;

/// The part of a shock over which a slope is taken, to both sides.
const SLOPE: f64 = 0.1;

/// What is searched: ways of changes, the limit, and how sure one must be.
pub struct Question<'a> {
    pub ways: &'a [Way],
    pub limit: Limit,
    /// One-sided confidence that the limit fails, and that it holds.
    pub confidence: f64,
    /// Two-sided confidence of the measures' intervals.
    pub shown: f64,
}

/// A ray and what was found on it.
#[derive(Clone, Debug)]
pub struct Ray {
    /// The place of every way at the ray's far end: 0 for changes that stay.
    pub direction: Vec<f64>,
    pub tried: Vec<Tried>,
    pub found: Found,
    /// How plausible the shock at the boundary is, where its changes are moves of prices.
    pub plausibility: Option<Plausibility>,
}

impl Ray {
    /// The places of the ways at a place of the ray.
    pub fn at(&self, place: f64) -> Vec<f64> {
        self.direction.iter().map(|far| far * place).collect()
    }

    /// The place to look at closest: where the limit fails for sure, else where the measure meets it.
    pub fn answer(&self) -> Option<f64> {
        self.found.fails.as_ref().map(|tried| tried.place).or(self.found.boundary.map(|(place, _)| place))
    }
}

/// One ray for each way.
pub fn each(ways: usize) -> Vec<Vec<f64>> {
    (0..ways).map(|own| (0..ways).map(|way| if way == own { 1.0 } else { 0.0 }).collect()).collect()
}

/// The rays of a curve of two ways, at equal angles.
pub fn curve() -> Vec<Vec<f64>> {
    let ray = |k: usize| {
        let angle = k as f64 / (RAYS - 1) as f64 * std::f64::consts::FRAC_PI_2;
        match k {
            0 => vec![1.0, 0.0],
            k if k + 1 == RAYS => vec![0.0, 1.0],
            _ => {
                let (sine, cosine) = (libm::sin(angle), libm::cos(angle));
                let far = sine.max(cosine);
                vec![cosine / far, sine / far]
            }
        }
    };
    (0..RAYS).map(ray).collect()
}

/// Searches along rays, all together.
///
/// Errors: those of a simulation.
pub fn search(question: &Question<'_>, rays: Vec<Vec<f64>>, attempt: &mut Try<'_>) -> Result<Vec<Ray>, Problems> {
    let steps = if rays.len() > 4 { STEPS_OF_MANY } else { STEPS };
    let mut lines: Vec<Line> = rays.iter().map(|_| Line::new(question.limit, question.confidence)).collect();
    loop {
        let mut asked: Vec<(usize, f64)> = Vec::new();
        for (at, (line, ray)) in lines.iter_mut().zip(&rays).enumerate() {
            let snap = |place: f64| snapped(question.ways, ray, place);
            asked.extend(line.next(steps, &snap).into_iter().map(|place| (at, place)));
        }
        if asked.is_empty() {
            break;
        }
        let settings: Vec<Vec<f64>> = asked.iter().map(|(at, place)| rays[*at].iter().map(|far| far * place).collect()).collect();
        // what several rays have in common, their start, is tried once
        let mut once: Vec<Vec<f64>> = Vec::new();
        let places: Vec<usize> = (settings.into_iter())
            .map(|setting| {
                once.iter().position(|other| *other == setting).unwrap_or_else(|| {
                    once.push(setting);
                    once.len() - 1
                })
            })
            .collect();
        let estimates = attempt(&once)?;
        for ((at, place), found) in asked.into_iter().zip(places) {
            lines[at].add(place, estimates[found].clone(), question.shown);
        }
    }
    let ray =
        |(direction, line): (Vec<f64>, Line)| Ray { direction, found: line.found(), tried: line.tried().to_vec(), plausibility: None };
    Ok(rays.into_iter().zip(lines).map(ray).collect())
}

/// The place of a ray nearest to another at which its only way has a value of its own.
fn snapped(ways: &[Way], ray: &[f64], place: f64) -> f64 {
    let mut moved = ways.iter().zip(ray).filter(|(_, far)| **far != 0.0);
    match (moved.next(), moved.next()) {
        (Some((way, far)), None) => way.snapped(place * far) / far,
        _ => place,
    }
}

/// The most plausible shock that makes a limit fail: the boundary's point nearest to the centre of the fitted law.
///
/// Every way is a move of prices. The search starts in the direction in which the baskets fall together, and ends when the direction stays,
/// or no further one is nearer; the nearest of all rays tried is the last of those given. Fewer ways than two have one direction.
///
/// Errors: those of a simulation.
pub fn most_plausible(question: &Question<'_>, law: &Law, attempt: &mut Try<'_>) -> Result<Vec<Ray>, Problems> {
    let ways = question.ways;
    let far: Vec<f64> = ways.iter().map(|way| libm::log1p(way.to)).collect();
    let toward: Vec<f64> = far.iter().map(|far| far.signum()).collect();
    let together: Vec<f64> = law.nearest(&toward, &far).unwrap_or_else(|| far.clone());
    let mut rays: Vec<Ray> = Vec::new();
    let mut next = Some(direction(ways, &together));
    while let Some(direction) = next.take().filter(|_| rays.len() < TURNS) {
        let mut found = search(question, vec![direction], attempt)?;
        let ray = found.pop().expect("one ray was searched");
        let boundary = ray.found.boundary.map(|(place, _)| ray.at(place));
        rays.push(ray);
        let Some(places) = boundary.filter(|_| ways.len() > 1) else { break };
        let point = moves_of(ways, &places);
        let slope = slope(question, &places, attempt)?;
        let Some(nearest) = law.nearest(&slope, &point) else { break };
        let turned = self::direction(ways, &nearest);
        let last = &rays.last().expect("just searched").direction;
        if angle(&turned, last) < ANGLE {
            break;
        }
        next = Some(turned);
    }
    let distance = |ray: &Ray| ray.found.boundary.and_then(|(place, _)| law.distance(&moves_of(ways, &ray.at(place))));
    let nearest = (0..rays.len()).filter(|at| distance(&rays[*at]).is_some()).min_by(|a, b| {
        let of = |at: &usize| distance(&rays[*at]).unwrap_or(f64::INFINITY);
        of(a).total_cmp(&of(b))
    });
    if let Some(at) = nearest {
        let ray = rays.remove(at);
        rays.push(ray);
    }
    Ok(rays)
}

/// The log moves of prices at some places.
pub fn moves_of(ways: &[Way], places: &[f64]) -> Vec<f64> {
    ways.iter().zip(places).map(|(way, place)| libm::log1p(way.at(*place).number.expect("a move is a number"))).collect()
}

/// The ray through a point of log moves; a way that would turn round stays.
fn direction(ways: &[Way], point: &[f64]) -> Vec<f64> {
    let places: Vec<f64> = ways.iter().zip(point).map(|(way, move_)| (libm::expm1(*move_) / way.to).max(0.0)).collect();
    let most = places.iter().copied().fold(0.0, f64::max);
    if most > 0.0 { places.iter().map(|place| place / most).collect() } else { vec![1.0; places.len()] }
}

fn angle(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    libm::acos((dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()).clamp(-1.0, 1.0))
}

/// How the measure's excess rises with each log move at some places.
fn slope(question: &Question<'_>, places: &[f64], attempt: &mut Try<'_>) -> Result<Vec<f64>, Problems> {
    let most = places.iter().copied().fold(0.0, f64::max);
    let step = |way: usize, sign: f64| {
        let mut beside = places.to_vec();
        beside[way] = (beside[way] + sign * SLOPE * most).clamp(0.0, 1.0);
        beside
    };
    let settings: Vec<Vec<f64>> = (0..places.len()).flat_map(|way| [step(way, -1.0), step(way, 1.0)]).collect();
    let estimates = attempt(&settings)?;
    let excess = |at: usize| estimates[at].as_ref().map_or(f64::NAN, |e| question.limit.excess(e.value));
    let of = |way: usize| {
        let at = |side: usize| moves_of(question.ways, &settings[2 * way + side])[way];
        let rise = (excess(2 * way + 1) - excess(2 * way)) / (at(1) - at(0));
        if rise.is_finite() { rise } else { 0.0 }
    };
    Ok((0..places.len()).map(of).collect())
}

/// The ray that needs the smallest part of its way, among those on which the limit fails.
pub fn mildest(rays: &[Ray]) -> Option<usize> {
    let place = |ray: &Ray| if ray.found.ending == Ending::Fails { ray.found.fails.as_ref().map(|tried| tried.place) } else { None };
    let found = (0..rays.len()).filter_map(|at| Some((at, place(&rays[at])?)));
    found.min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0))).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::Unit;
    use crate::measures::stated::Basis;
    use crate::model::reverse::Side;
    use crate::model::sweep::{Form, Named};
    use crate::model::way::Moves;

    fn exact(value: f64) -> Estimate {
        let (ci_low, ci_high) = (value, Some(value));
        Estimate { value, std_error: 0.0, ci_low, ci_high, paths: 1, plain_paths: None, unit: Unit::Money, flag: None, basis: Basis::Exact }
    }

    fn way(to: f64) -> Way {
        Way { moves: Moves::Key("x".into()), title: Named::alike("x"), from: 0.0, to, form: Form::Plain }
    }

    #[test]
    fn a_curve_is_found_where_a_measure_meets_its_limit() {
        let ways = [way(2.0), way(4.0)];
        let question = Question { ways: &ways, limit: Limit { value: 1.0, side: Side::Below }, confidence: 0.95, shown: 0.95 };
        let mut settings = 0;
        let rays = search(&question, curve(), &mut |places| {
            settings += places.len();
            // an ellipse: (x/1)² + (y/2)²
            Ok(places.iter().map(|p| Some(exact((p[0] * 2.0) * (p[0] * 2.0) + (p[1] * 2.0) * (p[1] * 2.0)))).collect())
        })
        .unwrap();
        for ray in &rays {
            let (place, error) = ray.found.boundary.unwrap();
            let at = ray.at(place);
            assert!(((at[0] * at[0] + at[1] * at[1]).sqrt() - 0.5).abs() < 1e-4 && error == 0.0, "{at:?}");
        }
        assert!(settings < 9 * 30, "{settings}");
        assert_eq!(mildest(&rays), Some(4), "both at once need the smallest part: the ray of equal parts");
    }

    #[test]
    fn the_most_plausible_shock_is_the_nearest_point_of_the_boundary() {
        let ways = [way(-0.6), way(-0.6)];
        let law = Law { mean: vec![0.0, 0.0], covariance: vec![0.0004, 0.0003, 0.0003, 0.0009] };
        let question = Question { ways: &ways, limit: Limit { value: 0.1, side: Side::Below }, confidence: 0.95, shown: 0.95 };
        // a loss of 0.8 and 0.2 of the log moves: its nearest point is C g · L/(gᵀ C g)
        let g = [0.8, 0.2];
        let mut rounds = 0;
        let rays = most_plausible(&question, &law, &mut |places| {
            rounds += 1;
            Ok(places.iter().map(|p| Some(exact(-moves_of(&ways, p).iter().zip(g).map(|(m, g)| m * g).sum::<f64>()))).collect())
        })
        .unwrap();
        let ray = rays.last().unwrap();
        let found = moves_of(&ways, &ray.at(ray.found.boundary.unwrap().0));
        let across = [0.0004 * 0.8 + 0.0003 * 0.2, 0.0003 * 0.8 + 0.0009 * 0.2];
        let spread = across[0] * 0.8 + across[1] * 0.2;
        for (found, across) in found.iter().zip(across) {
            let wanted = -across * 0.1 / spread;
            assert!((found / wanted - 1.0).abs() < 0.01, "{found} {wanted}");
        }
        assert!(rounds < 40, "{rounds}");
    }

    #[test]
    fn each_way_has_a_ray_and_whole_numbers_keep_to_themselves() {
        assert_eq!(each(2), [[1.0, 0.0], [0.0, 1.0]]);
        let ways = [Way { to: 4.0, form: Form::Whole, ..way(4.0) }, way(1.0)];
        assert_eq!(snapped(&ways, &[1.0, 0.0], 0.3), 0.25);
        assert_eq!(snapped(&ways, &[1.0, 0.5], 0.3), 0.3);
    }
}
