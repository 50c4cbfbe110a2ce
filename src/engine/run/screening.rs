//! Orders many candidate paths by what they are likely to cost, and picks some of each stratum to be simulated.
//!
//! A candidate's market is drawn, and a panel of accounts followed (`screen/panel.rs`), under the shocks and lines of every scenario that
//! draws it; the scores, each over its mean, are added, so that scenarios share their paths.
//! Stratum j holds the candidates with the highest scores beyond the 2⁻ʲ share, up to the next. Half of the rows are spread
//! in proportion to the candidates, so that no row counts more than twice; the other half evenly over the strata, so that every tail
//! probability has about as many rows as the next (Cochran 1977, §5.5 and §12.3). A stratum with fewer candidates than rows is simulated
//! whole. Rows are those of the lowest numbers: candidates are drawn independently, so that any choice by number is one at random. Where
//! candidates are drawn from tilted laws, each with what it counts, `weighing.rs` picks of them.

use super::allocation::allocate;
use super::group::Group;
use super::pilot;
use super::scoring::{levels_of, panels, scale_of, scores};
use super::weighing;
use crate::engine::market::lanes::{Carried, NO_ROW};
use crate::engine::market::tile::{MarketTile, within_numbers};
use crate::engine::plan::scenario::Plan;
use crate::engine::record::sample::{Levels, Sample, Stratum};
use crate::problem::Problems;
use rayon::prelude::*;
use std::sync::Arc;

/// Candidates ordered by one job.
const CHUNK: u64 = 4_096;

/// Candidates of the smallest stratum, at least; and its rows.
const FEWEST: u64 = 512;
const FEWEST_ROWS: u64 = 64;

/// Picks the paths of every group whose programme asks for a sample of candidates and that has more than one path.
///
/// Errors: a price beyond numbers (kind Model).
pub fn choose(groups: &mut [Group<'_>]) -> Result<(), Problems> {
    for group in groups {
        let plan = &group.members[0].plan;
        let simulation = &plan.scenario.case.simulation;
        if plan.paths > 1 && !simulation.sampling.is_plain() {
            let (candidates, paths, keeps) = (simulation.sampling.candidates_of(plan.paths), plan.paths, simulation.until.is_some());
            pilot::fit(group)?;
            let mut levels = Levels::default();
            let sample = screen(group, &mut levels, candidates, paths)?;
            group.sample = Some(Arc::new(sample));
            // further rounds are cut into strata by all candidates
            if keeps {
                group.levels = levels;
            }
        }
    }
    Ok(())
}

/// Picks `paths` of the next candidates for the scenarios of a group; their strata are those of all candidates and paths so far.
///
/// Errors: a price beyond numbers (kind Model).
pub fn screen(group: &Group<'_>, levels: &mut Levels, candidates: u64, paths: u64) -> Result<Sample, Problems> {
    let panels = panels(group);
    let (from, earlier) = (levels.of.len() as u64, group.sample.as_ref().map_or(0, |sample| sample.numbers.len() as u64));
    let end = from + candidates;
    let chunk = |first: u64| {
        let mut weights = Vec::new();
        let draw = |market: &mut MarketTile, plan: &Plan<'_>, carried: Carried| match &group.mixture {
            None => market.draw(group.model.as_ref(), plan, carried),
            Some(mixture) => {
                let of_lane = mixture.fill_weighed(&mut market.begin(carried), &plan.streams);
                weights.extend(of_lane.iter().zip(carried.rows).filter(|(_, row)| *row != NO_ROW).map(|(weight, _)| *weight as f32));
            }
        };
        let scores = scores(group, &panels, first..(first + CHUNK).min(end), draw, |_, _, _| {});
        (scores, weights)
    };
    let members = group.members.len();
    let (first, first_weight) = within_numbers(|| Ok(chunk(from)))?;
    if levels.scale.is_empty() {
        levels.scale = scale_of(&first, &first_weight, members);
    }
    let scale = &levels.scale;
    let levels_of = |scores: &[f64]| levels_of(scores, scale);
    let further: Vec<u64> = (from..end).step_by(CHUNK as usize).skip(1).collect();
    let leveled = |first: u64| {
        let (scores, weight) = chunk(first);
        (levels_of(&scores), weight)
    };
    let further = within_numbers(|| Ok(further.into_par_iter().map(leveled).collect::<Vec<_>>()))?;
    let first = levels_of(&first);
    for (more, weight) in std::iter::once((first, first_weight)).chain(further) {
        levels.of.extend(more);
        levels.weight.extend(weight);
    }
    let new = from as usize..;
    if group.mixture.is_some() {
        let most = weighing::most_levels(paths, earlier);
        let bounds = weighing::bounds(&levels.of, &levels.weight, most, weighing::FEWEST);
        let streams = &group.members[0].plan.streams;
        return weighing::pick(from, (&levels.of[new.clone()], &levels.weight[new]), &bounds, paths, streams);
    }
    let bounds = bounds(&levels.of, earlier + paths);
    Ok(pick(from, &levels.of[new], &bounds, paths))
}

/// Picks `paths` of the candidates from the number `first` on with these levels, the lowest of which are the worst, by the bounds of strata.
fn pick(first: u64, levels: &[f32], bounds: &[f32], paths: u64) -> Sample {
    let candidates = levels.len() as u64;
    let stratum_of = |level: f32| bounds.partition_point(|bound| level <= *bound);
    let mut held = vec![0_u64; bounds.len() + 1];
    levels.iter().for_each(|level| held[stratum_of(*level)] += 1);
    let shares: Vec<f64> = held.iter().map(|held| *held as f64 / candidates as f64).collect();
    let rows = allocate(&shares, &vec![1.0; held.len()], &held, paths);
    let mut numbers: Vec<Vec<u64>> = rows.iter().map(|rows| Vec::with_capacity(*rows as usize)).collect();
    for (number, level) in (first..).zip(levels) {
        let k = stratum_of(*level);
        if (numbers[k].len() as u64) < rows[k] {
            numbers[k].push(number);
        }
    }
    let mut sample = Sample { candidates, counts: candidates as f64, ..Sample::default() };
    for (numbers, candidates) in numbers.into_iter().zip(held).filter(|(_, held)| *held > 0) {
        let row = sample.numbers.len() as u64;
        sample.strata.push(Stratum::alike(row..row + numbers.len() as u64, candidates));
        sample.severity.extend(numbers.iter().map(|number| levels[(*number - first) as usize]));
        sample.numbers.extend(numbers);
    }
    sample
}

/// The level at and below which each stratum but the first lies, from the highest to the lowest.
fn bounds(levels: &[f32], paths: u64) -> Vec<f32> {
    let mut left = levels.to_vec();
    let mut bounds = Vec::new();
    while left.len() as u64 / 2 >= FEWEST && (bounds.len() as u64 + 2) * 2 * FEWEST_ROWS <= paths {
        let half = left.len() / 2;
        let (_, bound, _) = left.select_nth_unstable_by(half - 1, f32::total_cmp);
        bounds.push(*bound);
        left.truncate(half);
    }
    // many candidates may stand on one level
    bounds.dedup();
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strata_halve_and_ties_stand_together() {
        let levels: Vec<f32> = (0..100_000).map(|k| -(k as f32)).collect();
        let found = bounds(&levels, 100_000);
        assert_eq!((found.len(), found[0], found[1]), (7, -50_000.0, -75_000.0));
        assert_eq!(bounds(&vec![1.0; 5_000], 100_000), [1.0]);
        assert_eq!(bounds(&levels, 300).len(), 1, "few paths have few strata");
    }
}
