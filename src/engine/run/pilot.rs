//! Draws a few paths to learn which tilted laws suit a book, before the first candidate.
//!
//! Every level of badness beyond an eighth of all paths counts the same, however rare, so that all tails are drawn with the same care
//! (`model/market/tilt.rs` says how the shares of components follow). The pilot's paths have numbers of their own and are in no figure.

use super::group::Group;
use super::scoring::{levels_of, panels, scale_of, scores};
use super::weighing::{Ordered, bounds};
use crate::engine::market::tile::within_numbers;
use crate::model::market::LANES;
use crate::model::market::tilt::Mixture;
use crate::problem::Problems;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// Rounds of the pilot, each drawn from what the one before it taught; paths of one, at least and at most, and one for so many candidates.
const ROUNDS: u64 = 4;
const PATHS: (u64, u64) = (2_048, 8_192);
const CANDIDATES: u64 = 64;

/// Paths of one job, and the number of the first.
const CHUNK: u64 = 512;
const FIRST: u64 = 1 << 62;

/// Strata by level that are no tail; paths of one, at least.
const CALM: usize = 3;
const FEWEST: usize = 16;

/// Fits the group's mixture to its scenarios, where it has one.
///
/// Errors: a price beyond numbers (kind Model).
pub fn fit(group: &mut Group<'_>) -> Result<(), Problems> {
    let plan = &group.members[0].plan;
    let candidates = plan.scenario.case.simulation.sampling.candidates_of(plan.scenario.case.simulation.paths);
    let paths = (candidates / CANDIDATES).clamp(PATHS.0, PATHS.1) / CHUNK * CHUNK;
    for round in 0..ROUNDS {
        let Some(mixture) = &group.mixture else { break };
        let first = FIRST + round * paths;
        group.mixture = refit(group, mixture, first..first + paths, round + 1 == ROUNDS)?.map(Arc::new);
    }
    if std::env::var("LT_DEBUG").is_ok() {
        eprintln!("{:#?}", group.mixture.as_ref().map(|m| m.components().to_vec()));
    }
    Ok(())
}

/// The mixture that some paths drawn from one teach.
fn refit(group: &Group<'_>, mixture: &Mixture, numbers: Range<u64>, last: bool) -> Result<Option<Mixture>, Problems> {
    let panels = panels(group);
    let firsts: Vec<u64> = numbers.step_by(CHUNK as usize).collect();
    let chunk = |first: u64| {
        let mut drawn: Vec<f64> = Vec::new();
        let scores = scores(group, &panels, first..first + CHUNK, |market, plan, carried| {
            let ratios = market.draw_ratios(mixture, plan, carried);
            drawn.extend((0..LANES).flat_map(|lane| ratios.iter().map(move |of_lane| of_lane[lane])));
        });
        (scores, drawn)
    };
    let drawn = within_numbers(|| Ok(firsts.into_par_iter().map(chunk).collect::<Vec<_>>()))?;
    let (scores, ratios): (Vec<Vec<f64>>, Vec<Vec<f64>>) = drawn.into_iter().unzip();
    let (scores, ratios) = (scores.concat(), ratios.concat());
    let weight = mixture.weights(&ratios);
    let levels = levels_of(&scores, &scale_of(&scores, &weight, group.members.len()));
    Ok(mixture.fitted(&counts(&levels, &weight), &ratios, last))
}

/// What each path counts in the fit: what it counts of its level, all levels of the tail alike.
fn counts(levels: &[f32], weight: &[f32]) -> Vec<f64> {
    let ordered = Ordered::new(levels, weight);
    let mut counts = vec![0.0; levels.len()];
    let by_level = ordered.by_level(levels, &bounds(levels, weight, usize::MAX, FEWEST));
    let tail = by_level.len().saturating_sub(CALM).max(1);
    for level in by_level.into_iter().take(tail) {
        let all = ordered.counts(level);
        level.iter().for_each(|place| counts[*place as usize] = f64::from(weight[*place as usize]) / all);
    }
    counts
}
