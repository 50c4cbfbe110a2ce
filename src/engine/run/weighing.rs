//! Picks paths of candidates that count differently, drawn from tilted laws: strata by how bad they are, then by what they count.
//!
//! Strata hold the worst ½, ¼, … of what all candidates count, and from 2⁻⁸ on a quarter of the one before, as deep as candidates lie. Each is
//! split into classes within which no candidate counts more than four times another, but for a last one of little weight. Of a class
//! rows are drawn systematically with probabilities in proportion to what candidates count (Madow 1949; Cochran 1977, §9A.9), so that all
//! its rows count the same; as many as Σw/max w can be drawn without one twice. Worked: weights 2, 1, 1, steps of 2 and a start of ¼
//! of a step: sums 2, 3, 4 pass ½ and 2½ at the first and the second, which are drawn.

use super::allocation::allocate;
use crate::engine::record::sample::{Sample, Stratum};
use crate::maths::random::{Stream, Streams};
use crate::problem::{Kind, Place, Problem, Problems};

/// Rows of a level, at least.
const FEWEST_ROWS: u64 = 32;

/// Halvings before strata become a quarter of the one before, and the most strata by level.
const HALVINGS: i32 = 8;
const LEVELS: usize = 20;

/// How much more the first candidate of a class counts than its last; the last class takes what is left.
const CLASS: f32 = 4.0;
const CLASSES: usize = 3;

/// The share of all beyond which a level is deeper than what reports show.
const DEEP: f64 = 1.0 / 3_000.0;

/// What is left of a level belongs to the class before it where it counts less than this share.
const LITTLE: f64 = 0.05;

/// Candidates by number, from the worst to the calmest, with what each counts.
pub struct Ordered<'a> {
    weight: &'a [f32],
    /// Places in `weight`.
    order: Vec<u32>,
}

/// Candidates of a stratum by level, at least.
pub const FEWEST: usize = 64;

/// How many strata by level so many paths have, at most, where there are earlier ones: each class of each has two of them.
pub fn most_levels(paths: u64, earlier: u64) -> usize {
    usize::try_from(((earlier + paths) / (2 * FEWEST_ROWS)).min(paths / 8)).unwrap_or(LEVELS)
}

/// The level at and below which each stratum but the first lies, from the highest to the lowest, so that each holds `fewest` candidates.
pub fn bounds(levels: &[f32], weight: &[f32], most: usize, fewest: usize) -> Vec<f32> {
    let ordered = Ordered::new(levels, weight);
    let all = ordered.counts(&ordered.order);
    let (mut bounds, mut sum, mut places) = (Vec::new(), 0.0, ordered.order.iter().enumerate().peekable());
    let shares: Vec<f64> = (1..).map(share_beyond).take(LEVELS).collect();
    let mut before = 0;
    // the deepest share first, as sums come from the worst on
    for share in shares.iter().take(most.saturating_sub(1)).rev() {
        let mut last = None;
        while let Some((count, place)) = places.next_if(|_| sum < share * all) {
            sum += f64::from(weight[*place as usize]);
            last = Some((count + 1, levels[*place as usize]));
        }
        if let Some((count, level)) = last.filter(|(count, _)| *count >= before + fewest) {
            bounds.push(level);
            before = count;
        }
    }
    bounds.reverse();
    // many candidates may stand on one level
    bounds.dedup();
    bounds
}

/// The share of all that lies beyond the bound of this number, from 1.
fn share_beyond(number: i32) -> f64 {
    let halvings = number.min(HALVINGS) + 2 * (number - HALVINGS).max(0);
    libm::ldexp(1.0, -halvings)
}

/// Picks `paths` of the candidates from the number `first` on with these levels, the lowest of which are the worst, by the bounds of strata.
///
/// Errors: fewer can be drawn (kind Model).
pub fn pick(first: u64, (levels, weight): (&[f32], &[f32]), bounds: &[f32], paths: u64, streams: &Streams) -> Result<Sample, Problems> {
    let ordered = Ordered::new(levels, weight);
    // strata stand from the calmest to the worst
    let mut by_level = ordered.by_level(levels, bounds);
    by_level.reverse();
    let (mut classes, mut parts) = (Vec::new(), Vec::new());
    for (level, part) in by_level.iter().zip(ordered.parts(&by_level)) {
        let own = ordered.classes(level, if paths < 2 * FEWEST_ROWS { 1 } else { CLASSES });
        let all: f64 = own.iter().map(|(_, counts)| counts).sum();
        parts.extend(own.iter().map(|(_, counts)| part * counts / all));
        classes.extend(own);
    }
    let counts: f64 = classes.iter().map(|(_, counts)| counts).sum();
    let shares: Vec<f64> = classes.iter().map(|(_, own)| own / counts).collect();
    let most = |(places, counts): &(Vec<u32>, f64)| ((counts / f64::from(ordered.largest(places))) as u64).max(1);
    let most: Vec<u64> = classes.iter().map(most).collect();
    let mut rows = allocate(&shares, &parts, &most, paths);
    if rows.iter().sum::<u64>() < paths {
        return Err(too_few(levels.len(), most.iter().sum(), paths));
    }
    give_each(&mut rows, &most);
    let mut sample = Sample { candidates: levels.len() as u64, counts, ..Sample::default() };
    let key = streams.key(Stream::Mixture, 1);
    for (k, ((mut places, counts), rows)) in classes.into_iter().zip(rows).enumerate() {
        places.sort_unstable();
        let drawn = systematic(&places, weight, counts, rows, key.uniform(first, k as u32));
        let row = sample.numbers.len() as u64;
        let squares = places.iter().map(|place| f64::from(weight[*place as usize]) * f64::from(weight[*place as usize])).sum();
        let rows = row..row + drawn.len() as u64;
        sample.strata.push(Stratum { rows, candidates: places.len() as u64, counts, squares });
        sample.severity.extend(drawn.iter().map(|place| levels[*place as usize]));
        sample.numbers.extend(drawn.iter().map(|place| first + u64::from(*place)));
    }
    assert_eq!(sample.numbers.len() as u64, paths, "as many rows as paths");
    Ok(sample)
}

impl<'a> Ordered<'a> {
    pub fn new(levels: &[f32], weight: &'a [f32]) -> Self {
        let mut order: Vec<u32> = (0..u32::try_from(levels.len()).expect("candidates are numbered in 32 bits")).collect();
        order.sort_unstable_by(|a, b| levels[*a as usize].total_cmp(&levels[*b as usize]).then(a.cmp(b)));
        Ordered { weight, order }
    }

    /// The candidates of each level, from the worst on.
    pub fn by_level(&self, levels: &[f32], bounds: &[f32]) -> Vec<&[u32]> {
        let mut worst = self.order.as_slice();
        let of = |bound: Option<&f32>| {
            let inside = bound.map_or(worst.len(), |bound| worst.partition_point(|place| levels[*place as usize] <= *bound));
            let (level, rest) = worst.split_at(inside);
            worst = rest;
            level
        };
        bounds.iter().rev().map(Some).chain([None]).map(of).collect()
    }

    pub fn counts(&self, places: &[u32]) -> f64 {
        places.iter().map(|place| f64::from(self.weight[*place as usize])).sum()
    }

    fn largest(&self, places: &[u32]) -> f32 {
        places.iter().fold(0.0, |largest, place| largest.max(self.weight[*place as usize]))
    }

    /// What each level, from the calmest on, has of the rows that are not spread in proportion: all the same down to the last quantiles that
    /// reports show, and those beyond together as much as two.
    fn parts(&self, by_level: &[&[u32]]) -> Vec<f64> {
        let counts: Vec<f64> = by_level.iter().map(|level| self.counts(level)).collect();
        let all: f64 = counts.iter().sum();
        let mut beyond = all;
        let is_deep = counts.iter().map(|counts| {
            let deep = beyond < DEEP * all;
            beyond -= counts;
            deep
        });
        let is_deep: Vec<bool> = is_deep.collect();
        let deep = is_deep.iter().filter(|deep| **deep).count() as f64;
        is_deep.into_iter().map(|is_deep| if is_deep { (2.0 / deep).min(1.0) } else { 1.0 }).collect()
    }

    /// The candidates of a level in so many classes at most by what they count, from the lightest to the heaviest, each with what it counts.
    fn classes(&self, level: &[u32], most: usize) -> Vec<(Vec<u32>, f64)> {
        let mut places = level.to_vec();
        let weight = |place: &u32| self.weight[*place as usize];
        places.sort_unstable_by(|a, b| weight(b).total_cmp(&weight(a)).then(a.cmp(b)));
        let all = self.counts(&places);
        let (mut left, mut classes) = (places.as_slice(), Vec::new());
        while let Some(heaviest) = left.first().map(weight) {
            let end = left.partition_point(|place| weight(place) * CLASS >= heaviest);
            let rest = self.counts(&left[end..]);
            let whole = classes.len() + 1 == most || rest < LITTLE * all;
            let (own, next) = if whole { (left, &left[left.len()..]) } else { left.split_at(end) };
            classes.push((own.to_vec(), self.counts(own)));
            left = next;
        }
        classes.reverse();
        classes
    }
}

/// Gives strata that would have fewer than two rows two, or all they have, from the one with most.
fn give_each(rows: &mut [u64], most: &[u64]) {
    for k in 0..rows.len() {
        while rows[k] < most[k].min(2) {
            let largest = (0..rows.len()).max_by_key(|other| rows[*other]).expect("some stratum");
            rows[largest] -= 1;
            rows[k] += 1;
        }
    }
}

/// So many of these places, in their order, with probabilities in proportion to what they count; `start` in (0, 1) of a step.
fn systematic(places: &[u32], weight: &[f32], counts: f64, rows: u64, start: f64) -> Vec<u32> {
    let step = counts / rows as f64;
    let mut drawn = Vec::with_capacity(rows as usize);
    let mut reached = 0.0;
    for place in places {
        reached += f64::from(weight[*place as usize]);
        if reached > (drawn.len() as f64 + start) * step && (drawn.len() as u64) < rows {
            drawn.push(*place);
        }
    }
    drawn
}

fn too_few(candidates: usize, most: u64, paths: u64) -> Problems {
    let what = format!("{most} of {candidates} candidates can be simulated without one twice, and {paths} paths are asked for");
    let why = "candidates of tilted laws count differently, and are drawn in proportion to what they count";
    let place = Place::default().field("simulation.sampling.candidates");
    Problem::new(Kind::Model, place, what, why, "give more candidates, or fewer paths").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_drawn_as_worked() {
        assert_eq!(systematic(&[0, 1, 2], &[2.0, 1.0, 1.0], 4.0, 2, 0.25), [0, 1]);
    }

    #[test]
    fn weighed_strata_reach_as_deep_as_candidates_lie() {
        // of 20,000 candidates half are calm and count 2; the others lie ever deeper and count ever less
        let n = 20_000;
        let levels: Vec<f32> = (0..n).map(|k| if k % 2 == 0 { 0.0 } else { -(k as f32) / 1_000.0 }).collect();
        let weight: Vec<f32> = levels.iter().map(|level| if *level == 0.0 { 2.0 } else { 2.0 * libm::expf(*level) }).collect();
        let bounds = bounds(&levels, &weight, most_levels(8_192, 0), FEWEST);
        assert!(bounds.windows(2).all(|pair| pair[0] > pair[1]), "{bounds:?}");
        let sample = pick(0, (&levels, &weight), &bounds, 8_192, &Streams::new(1)).expect("enough");
        assert_eq!(sample.numbers.len(), 8_192);
        assert_eq!(sample.strata.last().map(|stratum| stratum.rows.end), Some(8_192));
        let shares: f64 = sample.strata.iter().map(|stratum| sample.share(stratum)).sum();
        assert!((shares - 1.0).abs() < 1e-12);
        let deepest = sample.strata.last().expect("some");
        assert!(sample.share(deepest) < 1e-5 && deepest.count() >= 64, "{deepest:?}");
        assert!(sample.weights().all(|weight| weight < 2.1), "{}", sample.largest_weight());
        // the mean of the level over the rows is that over the candidates
        let all = levels.iter().zip(&weight).fold(0.0, |sum, (level, weight)| sum + f64::from(level * weight)) / sample.counts;
        let (mean, square) = sample.gather(|k| {
            let rows = &sample.strata[k].rows;
            let of = &sample.severity[rows.start as usize..rows.end as usize];
            (of.iter().map(|level| f64::from(*level)).sum::<f64>() / of.len() as f64, 0.0)
        });
        assert!((mean - all).abs() < 0.1 * square.sqrt().max(0.01), "{mean} {all}");
    }
}
