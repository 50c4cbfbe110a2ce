//! Finds, along one way from 0 to 1, where a limit holds, where the measure meets it, and where it fails, each with the noise of the paths.
//!
//! Three functions of the place are followed to where they first rise above 0: the measure's excess over the limit, and its lower and upper
//! one-sided bounds at the confidence asked. Where the upper bound crosses the limit no longer *holds* for sure, where the measure does is
//! the *boundary*, where the lower bound does the limit *fails* for sure. Places tried share their random numbers, so that each is a
//! smooth function of the place, or one of steps.
//!
//! The way is first cut into equal steps; each crossing lies between two neighbours, and is closed in on by the secant through them with a
//! tenth of their distance to both sides, and by the middle, which halves the distance at least. The boundary is read off the secant in the
//! end; what holds and what fails are places that were tried. The first crossing counts: the smallest change that makes the limit fail.
//!
//! The error of the boundary is that of the measure over its slope. Worked: a measure of 1 % ± 0.05 % where the limit is 1 %, rising by
//! 1 % over a tenth of the way: the boundary is known to 0.005 of the way.

use crate::measures::bounds::one_sided;
use crate::measures::{Estimate, Flag};
use crate::model::reverse::Limit;
use serde::Serialize;

/// Distance of two neighbours between which a crossing is found: a thousandth of the way.
pub const STEP: f64 = 0.001;
/// Rounds after the first, at most: each halves a distance at least.
const ROUNDS: usize = 10;
/// Part of the way over which the slope is measured, on each side.
const SLOPE: f64 = 1.0 / 32.0;

/// A place, and the measure's excess over the limit with its bounds.
#[derive(Clone, Debug)]
pub struct Tried {
    pub place: f64,
    /// None where the measure is not defined.
    pub estimate: Option<Estimate>,
    /// Lower bound, excess itself, upper bound; NaN where the measure is not defined.
    excess: [f64; 3],
}

/// One way and what was tried on it, in order.
#[derive(Clone, Debug)]
pub struct Line {
    limit: Limit,
    confidence: f64,
    tried: Vec<Tried>,
    rounds: usize,
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The limit fails from a place on.
    Fails,
    /// It fails already at the start.
    AtStart,
    /// The measure goes beyond the limit, and the paths do not tell that it does for sure.
    Undecided,
    /// It holds up to the furthest place.
    Holds,
}

/// Where a limit fails.
#[derive(Clone, Debug)]
pub struct Found {
    pub ending: Ending,
    /// Where the measure meets the limit, and its standard error; nothing where it does not, or does at the start.
    pub boundary: Option<(f64, f64)>,
    /// The last place at which the limit holds with the confidence asked, and the first at which it fails.
    pub holds: Option<Tried>,
    pub fails: Option<Tried>,
}

/// The place of a function among the bounds of a place.
const LOW: usize = 0;
const EXCESS: usize = 1;
const HIGH: usize = 2;

impl Line {
    pub fn new(limit: Limit, confidence: f64) -> Line {
        Line { limit, confidence, tried: Vec::new(), rounds: 0 }
    }

    /// What was tried so far, in order of the place.
    pub fn tried(&self) -> &[Tried] {
        &self.tried
    }

    /// Adds what a place came to; `shown` is the two-sided confidence of the estimate's interval.
    pub fn add(&mut self, place: f64, estimate: Option<Estimate>, shown: f64) {
        let defined = estimate.filter(|e| e.flag != Some(Flag::Undefined) && e.value.is_finite());
        let excess = defined.as_ref().map_or([f64::NAN; 3], |e| {
            let (low, high) = one_sided(e, self.confidence, shown);
            let ends = [low, high].map(|value| self.limit.excess(value));
            [ends[0].min(ends[1]), self.limit.excess(e.value), ends[0].max(ends[1])]
        });
        let at = self.tried.partition_point(|tried| tried.place < place);
        self.tried.insert(at, Tried { place, estimate: defined, excess });
    }

    /// The places to try next: at first so many equal steps, then those that close in; none when all is found. `snap` moves a place to one
    /// that can be.
    pub fn next(&mut self, steps: usize, snap: &dyn Fn(f64) -> f64) -> Vec<f64> {
        let mut places: Vec<f64> = if self.tried.is_empty() {
            (0..=steps).map(|k| k as f64 / steps as f64).collect()
        } else if self.rounds > ROUNDS {
            Vec::new()
        } else {
            [LOW, EXCESS, HIGH].iter().flat_map(|of| self.closing(*of)).collect()
        };
        self.rounds += 1;
        places.iter_mut().for_each(|place| *place = snap(*place));
        places.sort_by(f64::total_cmp);
        places.dedup();
        places.retain(|place| !self.tried.iter().any(|tried| (tried.place - place).abs() < 1e-9));
        places
    }

    /// The neighbours between which a function first rises above 0.
    fn crossing(&self, of: usize) -> Option<[&Tried; 2]> {
        self.tried.windows(2).find(|pair| pair[0].excess[of] <= 0.0 && pair[1].excess[of] > 0.0).map(|pair| [&pair[0], &pair[1]])
    }

    /// Places that close in on a crossing.
    fn closing(&self, of: usize) -> Vec<f64> {
        let Some([a, b]) = self.crossing(of) else { return Vec::new() };
        let (start, width) = (a.place, b.place - a.place);
        if width <= STEP * 1.000_001 {
            return Vec::new();
        }
        let middle = start + width / 2.0;
        let root = secant(a, b, of);
        if !root.is_finite() {
            return vec![middle];
        }
        let beside = (width / 10.0).max(STEP / 2.0);
        let inside = |place: f64| place > start && place < b.place;
        [root - beside, root + beside, middle].into_iter().filter(|place| inside(*place)).collect()
    }

    /// What was found.
    pub fn found(&self) -> Found {
        let first = self.tried.first().expect("places were tried");
        let at_start = |of: usize| first.excess[of] > 0.0;
        let holds = match self.crossing(HIGH) {
            Some([a, _]) => Some(a.clone()),
            // it holds all the way, or never for sure
            None => self.tried.last().filter(|last| !at_start(HIGH) && last.excess[HIGH] <= 0.0).cloned(),
        };
        let fails = if at_start(LOW) { Some(first.clone()) } else { self.crossing(LOW).map(|[_, b]| b.clone()) };
        let boundary = self.crossing(EXCESS).map(|[a, b]| {
            let root = secant(a, b, EXCESS);
            let place = if root.is_finite() { root } else { b.place };
            (place, self.error(place))
        });
        let ending = match (&fails, &boundary) {
            _ if at_start(LOW) => Ending::AtStart,
            (Some(_), _) => Ending::Fails,
            (None, Some(_)) => Ending::Undecided,
            (None, None) if at_start(EXCESS) => Ending::Undecided,
            (None, None) => Ending::Holds,
        };
        Found { ending, boundary, holds, fails }
    }

    /// The error of a crossing of the measure: that of the measure there over its slope.
    fn error(&self, place: f64) -> f64 {
        let defined = || self.tried.iter().filter(|tried| tried.excess[EXCESS].is_finite());
        let below = defined().rfind(|tried| tried.place <= place - SLOPE).or_else(|| defined().next());
        let above = defined().find(|tried| tried.place >= place + SLOPE).or_else(|| defined().next_back());
        let nearest = defined().min_by(|a, b| (a.place - place).abs().total_cmp(&(b.place - place).abs()));
        let Some(((below, above), nearest)) = below.zip(above).zip(nearest) else { return f64::INFINITY };
        let error = nearest.estimate.as_ref().map_or(f64::INFINITY, |e| e.std_error);
        if error == 0.0 {
            return 0.0;
        }
        let slope = (above.excess[EXCESS] - below.excess[EXCESS]) / (above.place - below.place);
        if slope > 0.0 { error / slope } else { f64::INFINITY }
    }
}

/// Where the straight line through two places is 0.
fn secant(a: &Tried, b: &Tried, of: usize) -> f64 {
    let (at, to) = (a.excess[of], b.excess[of]);
    a.place + (b.place - a.place) * (-at / (to - at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::Unit;
    use crate::measures::stated::Basis;
    use crate::model::reverse::Side;

    fn estimate(value: f64, error: f64) -> Estimate {
        let (ci_low, ci_high) = (value - 1.96 * error, Some(value + 1.96 * error));
        let basis = if error == 0.0 { Basis::Exact } else { Basis::Sides };
        Estimate { value, std_error: error, ci_low, ci_high, paths: 1_000, plain_paths: None, unit: Unit::Money, flag: None, basis }
    }

    fn search(value: impl Fn(f64) -> f64, error: f64, side: Side, snap: &dyn Fn(f64) -> f64) -> (Found, usize) {
        let mut line = Line::new(Limit { value: 1.0, side }, 0.95);
        loop {
            let places = line.next(8, snap);
            if places.is_empty() {
                return (line.found(), line.tried().len());
            }
            places.iter().for_each(|place| line.add(*place, Some(estimate(value(*place), error)), 0.95));
        }
    }

    const FREE: &dyn Fn(f64) -> f64 = &|place| place;

    #[test]
    fn a_crossing_is_found_with_its_error() {
        // 4 t² is 1 at a half, where it rises by 4
        let (found, tries) = search(|t| 4.0 * t * t, 0.02, Side::Below, FREE);
        let (place, error) = found.boundary.unwrap();
        assert!((place - 0.5).abs() < 1e-5 && (error - 0.005).abs() < 3e-4, "{place} ± {error}");
        // 1.645 errors of 0.02 to each side: at √(1 ∓ 0.0329)/2
        let (holds, fails) = (found.holds.unwrap().place, found.fails.unwrap().place);
        assert!((holds - 0.491_7).abs() < 1.1e-3 && (fails - 0.508_2).abs() < 1.1e-3, "{holds} {fails}");
        assert!(holds < place && place < fails && found.ending == Ending::Fails);
        assert!(tries < 50, "{tries} places");
    }

    #[test]
    fn a_jump_is_closed_in_on() {
        let (found, _) = search(|t| if t < 0.337 { 0.0 } else { 5.0 }, 0.0, Side::Below, FREE);
        let fails = found.fails.unwrap().place;
        assert!(fails >= 0.337 && fails - 0.337 < STEP, "{fails}");
        let holds = found.holds.unwrap().place;
        assert!(holds < 0.337 && fails - holds <= STEP, "{holds}");
    }

    #[test]
    fn a_measure_that_falls_below_its_limit_is_found_alike() {
        let (found, _) = search(|t| 2.0 - 2.0 * t, 0.0, Side::Above, FREE);
        assert!((found.boundary.unwrap().0 - 0.5).abs() < 1e-9);
        assert!(found.fails.unwrap().place > 0.5 && found.holds.unwrap().place <= 0.5);
    }

    #[test]
    fn whole_numbers_end_between_neighbours() {
        let snap = |place: f64| libm::round(place * 5.0) / 5.0;
        let (found, tries) = search(|t| 5.0 * t / 2.5, 0.0, Side::Below, &snap);
        assert_eq!((found.holds.unwrap().place, found.fails.unwrap().place, tries), (0.4, 0.6, 6));
    }

    #[test]
    fn a_limit_may_fail_at_once_or_never() {
        let (found, _) = search(|_| 3.0, 0.1, Side::Below, FREE);
        assert_eq!((found.ending, found.boundary.is_none(), found.holds.is_none()), (Ending::AtStart, true, true));
        let (found, _) = search(|t| 0.5 * t, 0.01, Side::Below, FREE);
        assert_eq!((found.ending, found.holds.unwrap().place, found.fails.is_none()), (Ending::Holds, 1.0, true));
        // beyond the limit by less than the noise
        let (found, _) = search(|t| 1.01 * t, 0.1, Side::Below, FREE);
        assert_eq!((found.ending, found.fails.is_none()), (Ending::Undecided, true));
        assert!((found.boundary.unwrap().0 - 1.0 / 1.01).abs() < 1e-6);
    }

    #[test]
    fn the_first_of_several_crossings_counts() {
        let (found, _) = search(|t| if t < 0.45 { 4.0 * t } else { 0.0 } + if t > 0.7 { 2.0 } else { 0.0 }, 0.0, Side::Below, FREE);
        assert!((found.boundary.unwrap().0 - 0.25).abs() < 1e-9);
    }

    #[test]
    fn what_is_not_defined_is_no_crossing() {
        let mut line = Line::new(Limit { value: 1.0, side: Side::Below }, 0.95);
        let places = line.next(2, FREE);
        places.iter().for_each(|place| line.add(*place, (*place > 0.4).then(|| estimate(*place, 0.0)), 0.95));
        assert_eq!(line.found().ending, Ending::Holds);
    }
}
