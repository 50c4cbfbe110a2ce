//! Draws a few paths to learn which tilted laws suit a book, before the first candidate.
//!
//! Every level of badness beyond an eighth of all paths counts the same, however rare, so that all tails are drawn with the same care
//! (`model/market/tilt.rs` says how the shares of components follow). The pilot's paths have numbers of their own and are in no figure.

use super::group::Group;
use super::scoring::{levels_of, panels, scale_of, scores};
use super::weighing::{Ordered, bounds};
use crate::engine::market::lanes::Carried;
use crate::engine::market::tile::{MarketTile, within_numbers};
use crate::engine::plan::scenario::Plan;
use crate::engine::screen::panel::Panel;
use crate::model::market::LANES;
use crate::model::market::tilt::Mixture;
use crate::problem::Problems;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Rounds of the pilot, the first for the directions of the tail, each drawn from what the one before it taught; paths of one, at least and
/// at most, and one for so many candidates.
const ROUNDS: u64 = 4;
const PATHS: (u64, u64) = (2_048, 8_192);
const CANDIDATES: u64 = 64;

/// Paths of one job, and the number of the first.
const CHUNK: u64 = 512;
const FIRST: u64 = 1 << 62;

/// Strata by level that are no tail; paths of one, at least.
const CALM: usize = 3;
const FEWEST: usize = 16;

/// Accounts whose own holdings are a direction beside that of all, at most, and the share of the tail's losses that makes one so.
const ACCOUNTS: usize = 3;
const LARGE: f64 = 0.08;

/// Fits the group's mixture to its scenarios, where it has one.
///
/// Errors: a price beyond numbers (kind Model).
pub fn fit(group: &mut Group<'_>) -> Result<(), Problems> {
    let plan = &group.members[0].plan;
    let candidates = plan.scenario.case.simulation.sampling.candidates_of(plan.scenario.case.simulation.paths);
    let paths = (candidates / CANDIDATES).clamp(PATHS.0, PATHS.1) / CHUNK * CHUNK;
    let panels = panels(group);
    for round in 0..ROUNDS {
        let Some(mixture) = &group.mixture else { break };
        let first = FIRST + round * paths;
        let drawn = draw(group, &panels, mixture, first..first + paths)?;
        let next = match round {
            0 => mixture.towards(exposures(group, &panels, &drawn)),
            _ => mixture.fitted(&drawn.counts, &drawn.ratios, round + 1 == ROUNDS),
        };
        group.mixture = next.map(Arc::new);
    }
    Ok(())
}

/// What a round of the pilot showed.
struct Round {
    /// What each path counts: what it counts of its level, all levels of the tail alike.
    counts: Vec<f64>,
    /// `[path][component]`
    ratios: Vec<f64>,
    /// What makes the scores of members comparable.
    scale: Vec<f64>,
    /// What each account of each panel cost: of every chunk `[tile][account, those of all members in turn][lane]`.
    losses: Vec<Vec<f32>>,
}

fn draw(group: &Group<'_>, panels: &[Panel], mixture: &Mixture, numbers: Range<u64>) -> Result<Round, Problems> {
    let firsts: Vec<u64> = numbers.step_by(CHUNK as usize).collect();
    let chunk = |first: u64| {
        let (mut drawn, mut losses): (Vec<f64>, Vec<f32>) = (Vec::new(), Vec::new());
        let draw = |market: &mut MarketTile, plan: &Plan<'_>, carried: Carried| {
            let ratios = mixture.fill_ratios(&mut market.begin(carried), &plan.streams);
            drawn.extend((0..LANES).flat_map(|lane| ratios.iter().map(move |of_lane| of_lane[lane])));
        };
        let see = |_: usize, _: usize, lost: &[f64; LANES]| losses.extend(lost.iter().map(|loss| *loss as f32));
        let scores = scores(group, panels, first..first + CHUNK, draw, see);
        (scores, drawn, losses)
    };
    let drawn = within_numbers(|| Ok(firsts.into_par_iter().map(chunk).collect::<Vec<_>>()))?;
    let scores: Vec<f64> = drawn.iter().flat_map(|(scores, ..)| scores).copied().collect();
    let ratios: Vec<f64> = drawn.iter().flat_map(|(_, ratios, _)| ratios).copied().collect();
    let weight = mixture.weights(&ratios);
    let scale = scale_of(&scores, &weight, group.members.len());
    let counts = counts(&levels_of(&scores, &scale), &weight);
    Ok(Round { counts, ratios, scale, losses: drawn.into_iter().map(|(.., losses)| losses).collect() })
}

/// The money that falls with each symbol in the tail: what all accounts hold, each by its part of the losses there, and what each large one
/// holds alone.
fn exposures(group: &Group<'_>, panels: &[Panel], round: &Round) -> Vec<Vec<f64>> {
    // layers cost nothing
    let seen = || group.members.iter().zip(panels).zip(&round.scale).filter(|((member, _), _)| !member.is_layer);
    let accounts: Vec<(&Plan<'_>, usize, f64)> =
        seen().flat_map(|((member, panel), scale)| panel.accounts().map(move |account| (&member.plan, account, *scale))).collect();
    let mut lost = vec![0.0; accounts.len()];
    let (tiles, paths) = (CHUNK as usize / LANES, round.counts.chunks_exact(CHUNK as usize));
    for (losses, counts) in round.losses.iter().zip(paths) {
        for (losses, counts) in losses.chunks_exact(losses.len() / tiles).zip(counts.chunks_exact(LANES)) {
            for (sum, losses) in lost.iter_mut().zip(losses.chunks_exact(LANES)) {
                *sum += losses.iter().zip(counts).fold(0.0, |sum, (loss, counts)| sum + counts * f64::from(*loss));
            }
        }
    }
    let symbols = group.members[0].plan.symbols.len();
    let mut by_account: BTreeMap<usize, (f64, Vec<f64>)> = BTreeMap::new();
    for ((plan, account, scale), lost) in accounts.into_iter().zip(lost) {
        let own = by_account.entry(account).or_insert_with(|| (0.0, shares(plan, account, symbols)));
        own.0 += scale * lost;
    }
    let all: f64 = by_account.values().map(|(lost, _)| lost).sum();
    let mut whole = vec![0.0; symbols];
    for (lost, shares) in by_account.values() {
        whole.iter_mut().zip(shares).for_each(|(sum, share)| *sum += lost * share);
    }
    let mut large: Vec<(f64, Vec<f64>)> = by_account.into_values().filter(|(lost, _)| *lost >= LARGE * all).collect();
    large.sort_by(|a, b| b.0.total_cmp(&a.0));
    // where one account is nearly all, its direction is that of all
    let is_one = large.first().is_some_and(|(lost, _)| *lost > (1.0 - LARGE) * all);
    let alone = large.into_iter().take(if is_one { 0 } else { ACCOUNTS }).map(|(_, shares)| shares);
    std::iter::once(whole).chain(alone).collect()
}

/// An account's holdings as shares of what it holds.
fn shares(plan: &Plan<'_>, account: usize, symbols: usize) -> Vec<f64> {
    let account = &plan.accounts[account];
    let mut shares = vec![0.0; symbols];
    for position in plan.positions[account.positions.clone()].iter().filter(|_| account.value_start > 0.0) {
        let symbol = position.symbol as usize;
        shares[symbol] += position.quantity * plan.price_start[symbol] / account.value_start;
    }
    shares
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
