//! Sets the settings of a sweep against each other in two measures: which are efficient, which dominated and by which, which tie.
//!
//! Of two settings one is *better* in a measure where their paired difference is beyond noise: its one-sided bound, which the skewness of
//! the difference moves, and the plain one, difference less z standard errors, both lie on the better side of nothing. Each of the m
//! differences of all pairs in both measures is judged at 1 − (1 − c)/(2·m), so that with a probability of c no setting is called better
//! wrongly, all comparisons of the sweep together (Bonferroni 1936). Otherwise the two tie in that measure. Both bounds are asked, for at
//! such levels a few paths that differ all to one side have a skewed bound that claims more than they show.
//!
//! A setting is *dominated* where another is better in one measure and, in the other, better or tied with a value no worse. It is
//! *efficient* where no other dominates it by value, and none that is better in one measure ties in the other. What is neither is a
//! *tie*: whether it lies on the frontier or behind the setting named cannot be told from these paths.
//!
//! Worked: loss 10 against 12 with a paired error of 0.1, profit 5.00 against 4.99 with an error of 0.1: the second is dominated. With a
//! profit of 5.01 it ties with the first: the loss is clearly higher, and nothing shows that the profit is.

use super::noise::{Side, each_of, side};
use crate::measures::pairs::Figures;
use crate::measures::{Estimate, Flag};
use crate::model::sweep::{Better, Sweep};
use crate::problem::Problems;
use serde::Serialize;

/// What the settings of a sweep came to.
pub struct Results<'a> {
    pub sweep: &'a Sweep,
    /// Of each setting every measure of the sweep; nothing where it has none.
    pub estimates: Vec<Vec<Option<Estimate>>>,
    pub frontier: Option<Frontier>,
    pub paths: u64,
    /// Two-sided confidence of intervals.
    pub confidence: f64,
    /// Markets that were drawn: settings that change none share one.
    pub markets: usize,
}

/// How one setting stands to another in a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Better,
    Worse,
    Tie,
}

/// The gain of one setting over another in a measure: positive is better.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Gain {
    pub value: f64,
    /// Infinite (`null`) where no path tells it.
    pub std_error: f64,
    pub standing: Standing,
}

impl Gain {
    /// The gain of the other over the one.
    fn turned(self) -> Gain {
        let standing = match self.standing {
            Standing::Better => Standing::Worse,
            Standing::Worse => Standing::Better,
            Standing::Tie => Standing::Tie,
        };
        Gain { value: -self.value, standing, ..self }
    }

    /// No worse by value, and not worse beyond noise.
    fn holds(self) -> bool {
        self.standing == Standing::Better || (self.standing == Standing::Tie && self.value >= 0.0)
    }
}

/// What becomes of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Efficient,
    Tie,
    Dominated,
    /// A measure of the frontier is not defined there.
    Undefined,
}

/// The place of a setting among all.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub status: Status,
    /// The setting that dominates it, or that it ties with, and its gains over this one in both measures.
    pub by: Option<(usize, [Gain; 2])>,
    /// Settings that no measure tells from it.
    pub alike: Vec<usize>,
}

/// The settings of a sweep in the two measures of its frontier.
#[derive(Clone, Debug, PartialEq)]
pub struct Frontier {
    pub places: Vec<Place>,
    /// Differences judged, and the one-sided confidence of each.
    pub comparisons: usize,
    pub confidence_each: f64,
}

impl Frontier {
    /// The settings of a status, in order.
    pub fn of(&self, status: Status) -> impl Iterator<Item = usize> {
        self.places.iter().enumerate().filter(move |(_, place)| place.status == status).map(|(at, _)| at)
    }
}

/// Asks whether to go on.
///
/// Errors: the run was asked to end.
pub type GoOn<'a> = &'a dyn Fn() -> Result<(), Problems>;

/// Sets every two settings against each other; `figures` hold the two measures of the frontier at `at`, `confidence` is that of intervals.
///
/// Errors: the run was asked to end.
pub fn frontier(
    figures: &[Figures<'_>],
    at: [usize; 2],
    better: [Better; 2],
    confidence: f64,
    go_on: GoOn<'_>,
) -> Result<Frontier, Problems> {
    let defined: Vec<bool> = (figures.iter())
        .map(|of| at.iter().all(|at| of.estimate(*at).is_some_and(|e| e.flag != Some(Flag::Undefined) && e.value.is_finite())))
        .collect();
    let settings = defined.iter().filter(|defined| **defined).count();
    let comparisons = settings * settings.saturating_sub(1);
    let each = each_of(comparisons, confidence);
    let gain = |i: usize, j: usize, k: usize| -> Option<Gain> {
        let difference = figures[i].less(&figures[j], at[k])?;
        Some(judged(&difference, better[k], each, confidence))
    };
    let gains = |i: usize, j: usize| (defined[i] && defined[j]).then(|| Some([gain(i, j, 0)?, gain(i, j, 1)?])).flatten();
    Ok(Frontier { places: places(&defined, gains, go_on)?, comparisons, confidence_each: each })
}

/// A difference as a gain, and whether it is beyond noise.
fn judged(difference: &Estimate, better: Better, each: f64, shown: f64) -> Gain {
    let standing = match (side(difference, each, shown), better) {
        (Some(Side::Above), Better::Higher) | (Some(Side::Below), Better::Lower) => Standing::Better,
        (Some(_), _) => Standing::Worse,
        (None, _) => Standing::Tie,
    };
    Gain { value: better.gain(difference.value), std_error: difference.std_error, standing }
}

/// Every setting's place; `gains(i, j)` are those of i over j.
fn places(defined: &[bool], gains: impl Fn(usize, usize) -> Option<[Gain; 2]>, go_on: GoOn<'_>) -> Result<Vec<Place>, Problems> {
    let n = defined.len();
    let mut above: Vec<Vec<Option<[Gain; 2]>>> = Vec::with_capacity(n);
    for i in 0..n {
        go_on()?;
        above.push((i + 1..n).map(|j| gains(i, j)).collect());
    }
    let over = |i: usize, j: usize| match i < j {
        true => above[i][j - i - 1],
        false => above[j][i - j - 1].map(|[a, b]| [a.turned(), b.turned()]),
    };
    let beats = |j: usize, i: usize| over(j, i).filter(|gains| gains.iter().all(|g| g.holds()) && is_clear(gains));
    let dominated: Vec<bool> = (0..n).map(|i| (0..n).any(|j| j != i && beats(j, i).is_some())).collect();
    // by which: of those that nothing dominates, the one whose smaller gain is the clearest; all others after them
    let clearest = |found: Vec<(usize, [Gain; 2])>| {
        let clear = |gains: &[Gain; 2]| gains.iter().map(clearness).fold(f64::INFINITY, f64::min);
        found
            .into_iter()
            .max_by(|(a, x), (b, y)| (!dominated[*a], clear(x)).partial_cmp(&(!dominated[*b], clear(y))).expect("numbers").then(b.cmp(a)))
    };
    let place = |i: usize| {
        if !defined[i] {
            return Place { status: Status::Undefined, by: None, alike: Vec::new() };
        }
        let others = || (0..n).filter(|j| *j != i).filter_map(|j| Some((j, over(j, i)?)));
        let alike = others().filter(|(_, gains)| gains.iter().all(|g| g.standing == Standing::Tie)).map(|(j, _)| j).collect();
        if let Some(by) = clearest(others().filter(|(j, _)| beats(*j, i).is_some()).collect()) {
            return Place { status: Status::Dominated, by: Some(by), alike };
        }
        // no worse in either by value, or better in one and tied in the other
        let behind = |gains: &[Gain; 2]| gains.iter().all(|g| g.value >= 0.0) && gains.iter().any(|g| g.value > 0.0);
        let doubt = |gains: &[Gain; 2]| is_clear(gains) && gains.iter().all(|g| g.standing != Standing::Worse);
        let rivals: Vec<(usize, [Gain; 2])> = others().filter(|(j, gains)| !dominated[*j] && (behind(gains) || doubt(gains))).collect();
        match clearest(rivals) {
            Some(by) => Place { status: Status::Tie, by: Some(by), alike },
            None => Place { status: Status::Efficient, by: None, alike },
        }
    };
    Ok((0..n).map(place).collect())
}

/// Better beyond noise in a measure at least.
fn is_clear(gains: &[Gain; 2]) -> bool {
    gains.iter().any(|g| g.standing == Standing::Better)
}

/// A gain in its standard errors.
fn clearness(gain: &Gain) -> f64 {
    if gain.std_error > 0.0 {
        gain.value / gain.std_error
    } else if gain.value == 0.0 {
        0.0
    } else {
        f64::INFINITY.copysign(gain.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::stated::Basis;

    /// Settings at (x, y), both better when lower, every difference with this error and judged at four of them.
    fn of(points: &[(f64, f64)], error: f64) -> Vec<Place> {
        let gain = |difference: f64| {
            let standing = match difference {
                d if d > 4.0 * error => Standing::Better,
                d if d < -4.0 * error => Standing::Worse,
                _ => Standing::Tie,
            };
            Gain { value: difference, std_error: error, standing }
        };
        let gains = |i: usize, j: usize| Some([gain(points[j].0 - points[i].0), gain(points[j].1 - points[i].1)]);
        places(&vec![true; points.len()], gains, &|| Ok(())).unwrap()
    }

    #[test]
    fn a_planted_dominated_setting_is_named_with_what_dominates_it() {
        let places = of(&[(1.0, 9.0), (5.0, 5.0), (9.0, 1.0), (6.0, 6.0)], 0.1);
        assert_eq!(
            places.iter().map(|p| p.status).collect::<Vec<_>>(),
            [Status::Efficient, Status::Efficient, Status::Efficient, Status::Dominated]
        );
        let (by, gains) = places[3].by.unwrap();
        assert_eq!((by, gains.map(|g| g.value)), (1, [1.0, 1.0]));
    }

    #[test]
    fn a_few_paths_that_differ_to_one_side_are_no_proof() {
        let of = |paths: f64| Estimate {
            value: paths,
            std_error: paths.sqrt(),
            ci_low: 0.5,
            ci_high: Some(2.0 * paths),
            paths: 2_000,
            plain_paths: None,
            unit: crate::measures::Unit::Money,
            flag: None,
            basis: Basis::Skewed { skewness: 1.0 / paths.sqrt(), least: f64::NEG_INFINITY, most: f64::INFINITY },
        };
        let each = 1.0 - 0.05 / 144.0;
        assert!(crate::measures::bounds::one_sided(&of(8.0), each, 0.95).0 > 0.0, "the skewed bound alone would claim it");
        assert_eq!(judged(&of(8.0), Better::Higher, each, 0.95).standing, Standing::Tie);
        assert_eq!(judged(&of(20.0), Better::Higher, each, 0.95).standing, Standing::Better);
        assert_eq!(judged(&of(20.0), Better::Lower, each, 0.95).standing, Standing::Worse);
    }

    #[test]
    fn neighbours_within_noise_tie_and_are_not_dominated() {
        let places = of(&[(1.0, 9.0), (5.0, 5.0), (5.05, 5.05), (9.0, 1.0)], 0.1);
        assert_eq!((places[1].status, places[2].status), (Status::Efficient, Status::Tie));
        assert_eq!((places[2].by.unwrap().0, &places[1].alike, &places[2].alike), (1, &vec![2], &vec![1]));
        // equal in one, clearly worse in the other: dominated; better by noise alone: a tie
        let places = of(&[(5.0, 5.0), (6.0, 5.0), (6.0, 4.95)], 0.1);
        assert_eq!(places.iter().map(|p| p.status).collect::<Vec<_>>(), [Status::Efficient, Status::Dominated, Status::Tie]);
        assert_eq!(places[2].by.unwrap().0, 0);
    }

    #[test]
    fn settings_that_are_the_same_are_alike_and_efficient() {
        let places = of(&[(5.0, 5.0), (5.0, 5.0)], 0.0);
        assert!(places.iter().all(|p| p.status == Status::Efficient && p.alike.len() == 1), "{places:?}");
    }
}
