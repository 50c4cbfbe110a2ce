//! Measures how often the intervals hold the truth, on samples of heavy-tailed laws whose figures are known.
//!
//! A sample of n has n/20 paths beyond its 95 % quantile, the level used here: a tail of 40 paths is one of 4,000 at 99 %.

use super::figure::{Figure, Judge};
use super::influence::Column;
use super::quantile::LEVELS;
use super::{Context, Estimate, Flag, Unit, es, estimate, rates, synthetic, tests};
use crate::maths::random::{Key, normal};
use crate::maths::special::{normal_cdf, normal_quantile};

const SAMPLES: usize = 500;
const TAILS: [usize; 5] = [10, 20, 40, 80, 200];

/// A law of losses: how one is drawn, its mean, its chance of a loss above 0, and its VaR and ES at 95 %.
struct Law {
    name: &'static str,
    draw: fn(Key, u64) -> f64,
    mean: f64,
    probability: f64,
    tail: [f64; 2],
}

fn uniform(key: Key, at: u64) -> f64 {
    key.uniform(at, 9)
}

/// Student's t with three degrees of freedom.
fn t3(key: Key, at: u64) -> f64 {
    let squares: f64 = (1..4).map(|k| normal(key, at, k)).map(|z| z * z).sum();
    normal(key, at, 0) / (squares / 3.0).sqrt()
}

fn lognormal(key: Key, at: u64) -> f64 {
    libm::exp(normal(key, at, 0))
}

/// No loss on nine paths of ten, else an exponential one.
fn loans(key: Key, at: u64) -> f64 {
    let u = uniform(key, at);
    if u < 0.1 { -libm::log(u / 0.1) } else { 0.0 }
}

/// The same with a lognormal loss.
fn heavy_loans(key: Key, at: u64) -> f64 {
    if uniform(key, at) < 0.1 { lognormal(key, at) } else { 0.0 }
}

fn laws() -> [Law; 4] {
    // the lognormal's ES at p is e^½ Φ(1 − z)/(1 − p)
    let lognormal_es = |beyond: f64| libm::exp(0.5) * normal_cdf(1.0 - normal_quantile(1.0 - beyond)) / beyond;
    [
        Law { name: "t3", draw: t3, mean: 0.0, probability: 0.5, tail: [2.353_363, 3.874_268] },
        Law { name: "lognormal", draw: lognormal, mean: libm::exp(0.5), probability: 1.0, tail: [5.180_252, lognormal_es(0.05)] },
        Law { name: "loans", draw: loans, mean: 0.1, probability: 0.1, tail: [libm::log(2.0), libm::log(2.0) + 1.0] },
        Law { name: "heavy loans", draw: heavy_loans, mean: 0.1 * libm::exp(0.5), probability: 0.1, tail: [1.0, lognormal_es(0.5)] },
    ]
}

/// Intervals looked at, those that hold the truth, and those that lie wholly below it.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    all: usize,
    held: usize,
    low: usize,
}

impl Count {
    /// Flagged figures are not counted: they must not be read bare.
    fn add(&mut self, e: &Estimate, truth: f64) {
        if e.flag.is_none() {
            self.all += 1;
            let below = e.ci_high.is_some_and(|high| high < truth);
            self.low += usize::from(below);
            self.held += usize::from(e.ci_low <= truth && !below);
        }
    }

    fn share(&self) -> f64 {
        self.held as f64 / self.all as f64
    }
}

/// The figures of samples: mean, probability, VaR, ES.
fn measured(law: &Law, tail: usize, series: u32) -> [Count; 4] {
    let n = tail * 20;
    let (scenario, book, outcome) = (tests::scenario(), tests::book(), synthetic::quiet(&tests::book(), n));
    let judge = Judge::new(n as u64, 0.95, false);
    let mut counts = [Count::default(); 4];
    for run in 0..SAMPLES as u64 {
        let sample: Vec<f64> = (0..n as u64).map(|i| (law.draw)(Key([series, 17]), run * n as u64 + i)).collect();
        let context = Context::new(&scenario, &book, &outcome);
        let column = Column::Money(&sample);
        let mut figures = vec![
            estimate::mean(&context, "mean", Unit::Money, column, 1.0),
            rates::probability(&context, "probability", column, super::influence::Shape::Above(0.0)),
        ];
        figures.extend(es::tail_figures(&context, "x", Unit::Money, column, &LEVELS[..1], f64::INFINITY));
        let truths = [law.mean, law.probability, law.tail[0], law.tail[1]];
        for ((figure, truth), count) in figures.iter().zip(truths).zip(&mut counts) {
            count.add(&judge.estimate(figure), truth);
        }
    }
    counts
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say_or_are_flagged() {
    for (series, law) in laws().iter().enumerate() {
        let mut whole = [Count::default(); 4];
        for tail in TAILS {
            let counts = measured(law, tail, series as u32);
            for ((whole, count), figure) in whole.iter_mut().zip(counts).zip(["mean", "probability", "VaR", "ES"]) {
                println!("{:12} {tail:4} {figure:12} {:6.3} of {:4}, {:5.3} below", law.name, count.share(), count.all, {
                    count.low as f64 / count.all as f64
                });
                (whole.all, whole.held, whole.low) = (whole.all + count.all, whole.held + count.held, whole.low + count.low);
                // 500 samples tell a share of 95 % to one per cent; an exact interval of few samples holds more
                assert!(count.all == 0 || count.share() > 0.92, "{} of a tail of {tail} by {figure}: {count:?}", law.name);
            }
        }
        for (count, figure) in whole.iter().zip(["mean", "probability", "VaR", "ES"]) {
            let most = if matches!(figure, "probability" | "VaR") { 1.0 } else { 0.965 };
            assert!(count.share() > 0.935 && count.share() <= most, "{} by {figure}: {:.4} {count:?}", law.name, count.share());
            let low = count.low as f64 / count.all as f64;
            assert!(low < 0.05, "{} by {figure}: {low} lie below the truth, where 2.5 % should", law.name);
        }
    }
}

#[test]
fn intervals_of_a_mean_of_rare_losses_hold_it_however_few_paths_lose() {
    for (draw, size) in [(loans as fn(Key, u64) -> f64, 1.0), (heavy_loans, libm::exp(0.5))] {
        for expected in [12.0, 20.0, 40.0] {
            let (n, mut count) = (2_000_usize, Count::default());
            let (scenario, book, outcome) = (tests::scenario(), tests::book(), synthetic::quiet(&tests::book(), n));
            let judge = Judge::new(n as u64, 0.95, false);
            for run in 0..SAMPLES as u64 {
                // every tenth path or so loses; keep so many of them that `expected` are left
                let keep = expected / (0.1 * n as f64);
                let key = Key([run as u32, 23]);
                let sample: Vec<f64> = (0..n as u64).map(|i| if key.uniform(i, 8) < keep { draw(key, i) } else { 0.0 }).collect();
                let context = Context::new(&scenario, &book, &outcome);
                let figure = estimate::mean_of(&context, "mean", Unit::Money, Column::Money(&sample), 1.0, f64::INFINITY);
                let found = judge.estimate(&figure);
                assert!(found.flag.is_none_or(|f| f == Flag::RareEvent));
                count.add(&found, expected / n as f64 * size);
            }
            println!("{expected} of {n} lose {size:.2}: {:.3} of {}, {} below", count.share(), count.all, count.low);
            assert!(count.share() > 0.925 && count.share() < 0.98, "{expected} paths: {count:?}");
        }
    }
}

#[test]
fn paired_differences_hold_the_truth_as_often_as_they_say() {
    // the second scenario adds half of the same loss where it occurs, and now and then one of its own
    for (series, draw) in [loans as fn(Key, u64) -> f64, lognormal, t3].into_iter().enumerate() {
        for tail in [20, 40, 200] {
            let n = tail * 20;
            let (scenario, book, outcome) = (tests::scenario(), tests::book(), synthetic::quiet(&tests::book(), n));
            let judge = Judge::new(n as u64, 0.95, false);
            let mut pairs: Vec<[Estimate; 3]> = Vec::new();
            let mut truth = [0.0; 3];
            for run in 0..SAMPLES as u64 {
                let at = |i: u64| run * n as u64 + i;
                let one: Vec<f64> = (0..n as u64).map(|i| draw(Key([series as u32, 31]), at(i))).collect();
                let other: Vec<f64> =
                    one.iter().zip(0..n as u64).map(|(x, i)| 1.5 * x + 0.5 * loans(Key([series as u32, 37]), at(i))).collect();
                let context = Context::new(&scenario, &book, &outcome);
                let of = |sample| -> Vec<Figure<'_>> {
                    let column = Column::Money(sample);
                    let mut figures = vec![estimate::mean(&context, "mean", Unit::Money, column, 1.0)];
                    figures.extend(es::tail_figures(&context, "x", Unit::Money, column, &LEVELS[..1], f64::INFINITY));
                    figures
                };
                let (one, other) = (of(&one[..]), of(&other[..]));
                let difference = |k: usize| judge.difference(&other[k], &one[k]).expect("a pair");
                pairs.push([difference(0), difference(1), difference(2)]);
                (0..3).for_each(|k| truth[k] += pairs[run as usize][k].value / SAMPLES as f64);
            }
            // the mean of 500 differences stands for the truth: a twentieth of an error away from it
            for (k, figure) in ["mean", "VaR", "ES"].into_iter().enumerate() {
                let mut count = Count::default();
                pairs.iter().for_each(|p| count.add(&p[k], truth[k]));
                println!("{series} {tail:4} {figure:5} {:.3} of {}, {} below", count.share(), count.all, count.low);
                assert!(count.all == 0 || (count.share() > 0.915 && count.share() < 0.985), "{series} {tail} {figure}: {count:?}");
            }
        }
    }
}
