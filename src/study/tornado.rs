//! Tells what measures depend on: how far each key moves them alone, or what share of their variance each key makes.
//!
//! One at a time: for every key the measure at its low and at its high end, less the base, each a paired difference on common paths. The
//! *swing* is the length of the bar: the most of low, base and high less the least. It is a paired difference too, and what bars are
//! sorted by. Of every bar three differences are judged, low and high against the base and one against the other; each of all m of them at
//! 1 − (1 − c)/2m, so that with a probability of c none is called beyond noise wrongly (Bonferroni 1936). A bar is within noise where none
//! of the three is beyond it.
//!
//! Sobol': `sobol`. Every index is judged against nothing from one side, all of them together in the same way.
//!
//! Worked: base 10, at the low end 8 ± 0.1, at the high end 11 ± 0.1: differences −2 and +1, swing 3. With 9 and 8 the swing is 2, from the
//! high end to the base.

use super::noise::{Side, each_of, side};
use super::sobol::{Index, Indices, Surface, indices};
use super::sweep::GoOn;
use crate::maths::special::{normal_quantile, two_sided_quantile};
use crate::measures::pairs::Figures;
use crate::measures::{Estimate, Flag};
use crate::model::tornado::{Method, Tornado};
use crate::problem::Problems;

/// What a study of sensitivity came to.
pub struct Results<'a> {
    pub tornado: &'a Tornado,
    /// Of each setting every measure; nothing where it has none.
    pub estimates: Vec<Vec<Option<Estimate>>>,
    /// Of each measure what it depends on.
    pub found: Vec<Found>,
    /// Differences or indices judged, and the one-sided confidence of each.
    pub comparisons: usize,
    pub confidence_each: f64,
    pub paths: u64,
    /// Two-sided confidence of intervals.
    pub confidence: f64,
    /// Markets that were drawn: settings that change none share one.
    pub markets: usize,
}

/// What one measure depends on.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// One bar for each key, the longest first.
    Bars(Vec<Bar>),
    Indices(Indices),
    /// It varies by no more over the ranges than its paths could make.
    Flat,
    /// In some settings it has nothing to divide by.
    Undefined,
}

/// How far one key moves a measure alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    pub key: usize,
    /// At either end, less the base; nothing where one of them is not defined.
    pub low: Option<Difference>,
    pub high: Option<Difference>,
    /// The most of low, base and high less the least.
    pub swing: Option<Difference>,
    /// No difference of the bar is beyond noise.
    pub within_noise: bool,
}

/// A paired difference, and the side it is on beyond noise.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub estimate: Estimate,
    pub side: Option<Side>,
}

impl Results<'_> {
    /// The interval of an index, at the confidence of all intervals.
    pub fn interval(&self, index: &Index) -> [f64; 2] {
        let half = two_sided_quantile(self.confidence) * index.std_error;
        [index.value - half, index.value + half]
    }

    /// Whether an index is beyond noise.
    pub fn is_beyond(&self, index: &Index) -> bool {
        index.value > normal_quantile(self.confidence_each) * index.std_error && index.value > 0.0
    }
}

/// The keys of a measure by their total index, the largest first.
pub fn by_total(indices: &Indices) -> Vec<usize> {
    let mut keys: Vec<usize> = (0..indices.keys.len()).collect();
    let total = |key: &usize| indices.keys[*key].total.value;
    keys.sort_by(|a, b| total(b).total_cmp(&total(a)).then(a.cmp(b)));
    keys
}

/// How many comparisons a study makes, and the one-sided confidence of each.
pub fn comparisons(tornado: &Tornado, confidence: f64) -> (usize, f64) {
    let bars = tornado.keys.len() * tornado.measures.len();
    match tornado.method {
        Method::OneAtATime => (3 * bars, each_of(3 * bars, confidence)),
        // from one side each: as many from two sides are half of them
        Method::Sobol => (2 * bars, each_of(bars, confidence)),
    }
}

/// What every measure depends on; `figures` are those of each setting.
///
/// Errors: the run was asked to end.
pub fn found(tornado: &Tornado, figures: &[Figures<'_>], confidence: f64, go_on: GoOn<'_>) -> Result<Vec<Found>, Problems> {
    let (_, each) = comparisons(tornado, confidence);
    let mut found = Vec::with_capacity(tornado.measures.len());
    for measure in 0..tornado.measures.len() {
        go_on()?;
        found.push(match tornado.method {
            Method::OneAtATime => Found::Bars(bars(tornado, figures, measure, (each, confidence))),
            Method::Sobol => of_design(tornado, figures, measure, confidence),
        });
    }
    Ok(found)
}

/// The figure of a setting where it is one.
fn defined<'f>(figures: &'f Figures<'_>, measure: usize) -> Option<&'f Estimate> {
    figures.estimate(measure).filter(|e| e.flag != Some(Flag::Undefined) && e.value.is_finite())
}

fn bars(tornado: &Tornado, figures: &[Figures<'_>], measure: usize, (each, shown): (f64, f64)) -> Vec<Bar> {
    let less = |one: usize, other: usize| -> Option<Difference> {
        let estimate = figures[one].less(&figures[other], measure)?;
        let side = side(&estimate, each, shown);
        Some(Difference { estimate, side })
    };
    let mut bars: Vec<Bar> = (0..tornado.keys.len())
        .map(|key| {
            let (base, low) = (0, tornado.low(key));
            let (low_end, high_end, across) = (less(low, base), less(low + 1, base), less(low + 1, low));
            let beyond = [&low_end, &high_end, &across].iter().any(|d| d.as_ref().is_some_and(|d| d.side.is_some()));
            let value = |setting: usize| defined(&figures[setting], measure).map(|e| (setting, e.value));
            let mut ends: Vec<(usize, f64)> = [base, low, low + 1].into_iter().filter_map(value).collect();
            // where two are the same the first of them, and the base before the ends
            ends.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
            let most = ends.iter().rev().min_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0))).copied();
            let swing = ends.first().copied().zip(most).filter(|_| ends.len() > 1).and_then(|(least, most)| less(most.0, least.0));
            Bar { key, low: low_end, high: high_end, swing, within_noise: !beyond }
        })
        .collect();
    let length = |bar: &Bar| bar.swing.as_ref().map_or(-1.0, |swing| swing.estimate.value);
    bars.sort_by(|a, b| length(b).total_cmp(&length(a)).then(a.key.cmp(&b.key)));
    bars
}

fn of_design(tornado: &Tornado, figures: &[Figures<'_>], measure: usize, confidence: f64) -> Found {
    let values: Option<Vec<f64>> = figures.iter().map(|of| Some(defined(of, measure)?.value)).collect();
    let Some(values) = values else { return Found::Undefined };
    let influence: Option<Vec<Vec<f64>>> = figures.iter().map(|of| of.influence(measure)).collect();
    let surface = Surface { keys: tornado.keys.len(), rows: tornado.rows, values: &values, influence: influence.as_deref() };
    indices(&surface, confidence).map_or(Found::Flat, Found::Indices)
}
