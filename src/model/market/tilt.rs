//! Draws some paths from laws under which this book's market falls, and tells what each path counts for the law of the model.
//!
//! With probability ½ a path is drawn from the model as it is, else from one of the components: over a window of consecutive sessions,
//! placed at random, the market is tilted towards falls. How often each component is drawn is fitted to the paths on which the book loses. A path x that components k = 0, 1, … draw with probability αₖ counts
//!
//! ```text
//! w(x) = p(x) / Σₖ αₖ·qₖ(x) = 1 / (α₀ + Σₖ αₖ · mean over windows of Π qₖ/p over the window's sessions)
//! ```
//!
//! whichever component drew it: the balance heuristic (Veach and Guibas 1995), whose mean is unbiased and in which no path counts more than
//! 1/α₀ = 2 (Hesterberg 1995, defensive mixtures). Long windows find slow declines, short ones crashes that come between a margin call and
//! the sale. Worked: a component that draws a path four times as likely as the model does, with α = ½ each: w = 1 / (½ + ½·4) = 0.4.

use super::{LANES, MarketModel, ModelCard, Paths, Tile};
use crate::maths::isa::by_isa;
use crate::maths::lanes::exp1;
use crate::maths::random::{Stream, Streams, unit, words};
use std::ops::Range;
use std::sync::Arc;

/// A fitted model whose sessions can be drawn tilted.
pub trait Tilted: Send + Sync {
    /// Fills the tile as the model does where a cell has no component; else its session is drawn tilted by the component's strength.
    fn fill(&self, tile: &mut Tile<'_>, streams: &Streams, tilts: &mut Tilts<'_>);
}

/// Which component each session is drawn by, and how much likelier each component makes what was drawn.
pub struct Tilts<'a> {
    /// `[day][lane]`: a component's number from 1, 0 for none.
    pub of: &'a [u8],
    /// `[component][day][lane]`: ln(q/p) of the session drawn; empty where nobody asks.
    pub log_ratio: &'a mut [f64],
}

impl Tilts<'_> {
    /// Writes ln(q/p) of every cell under every component; `of(component, cell)` counts components from 0.
    pub fn note(&mut self, of: impl Fn(usize, usize) -> f64) {
        for (component, cells) in self.log_ratio.chunks_exact_mut(self.of.len()).enumerate() {
            cells.iter_mut().enumerate().for_each(|(cell, ratio)| *ratio = of(component, cell));
        }
    }

    /// Adds to what is noted, of draws that are independent of it.
    pub fn add(&mut self, of: impl Fn(usize, usize) -> f64) {
        for (component, cells) in self.log_ratio.chunks_exact_mut(self.of.len()).enumerate() {
            cells.iter_mut().enumerate().for_each(|(cell, ratio)| *ratio += of(component, cell));
        }
    }
}

/// Windows of so many sessions, tilted so that their market falls by so many standard deviations of a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Component {
    /// Among the mixture's exposures.
    pub direction: usize,
    pub length: usize,
    pub deviations: f64,
    /// Of all paths.
    share: f64,
}

impl Component {
    /// One that draws all paths.
    #[cfg(test)]
    pub fn whole(length: usize, deviations: f64) -> Component {
        Component { direction: 0, length, deviations, share: 1.0 }
    }

    /// The standard deviations that each session falls by: a window's sum has √length times the deviation of a session.
    pub fn strength(&self) -> f64 {
        self.deviations / (self.length as f64).sqrt()
    }
}

/// The share of paths drawn from the model as it is; the others are shared among the components.
const PLAIN: f64 = 0.5;

/// The most that a path counts.
pub const WEIGHT_MOST: f64 = 1.0 / PLAIN;

/// Sessions of short windows: a sale comes a few sessions after a call.
const SHORT: usize = 3;

/// Falls of a window.
const DEVIATIONS: [f64; 5] = [1.5, 2.5, 3.5, 4.5, 6.0];

/// The components of a horizon and of so many directions that there may be, each with the same share.
fn candidates(days: usize, directions: usize) -> Vec<Component> {
    let short = SHORT.min(days);
    let mut lengths = vec![days, days.div_ceil(4).max(short), short, 1];
    lengths.dedup();
    let share = (1.0 - PLAIN) / (directions * lengths.len() * DEVIATIONS.len()) as f64;
    let of_window = |direction, length| DEVIATIONS.map(|deviations| Component { direction, length, deviations, share });
    (0..directions).flat_map(|direction| lengths.iter().flat_map(move |length| of_window(direction, *length))).collect()
}

/// A model and the tilted laws beside it.
pub struct Mixture {
    model: Arc<dyn MarketModel>,
    tilted: Arc<dyn Tilted>,
    exposures: Vec<Vec<f64>>,
    components: Vec<Component>,
    /// What the components' shares add up to, one after another.
    places: Vec<f64>,
    days: usize,
}

impl Mixture {
    /// The mixture of all components for a horizon and for each of some exposures, money that falls with each symbol; nothing where the model
    /// cannot be tilted.
    pub fn new(model: &Arc<dyn MarketModel>, exposures: Vec<Vec<f64>>, days: usize) -> Option<Mixture> {
        let components = candidates(days, exposures.len());
        Mixture::of(model, exposures, components, days)
    }

    /// The mixture of all components for other exposures.
    pub fn towards(&self, exposures: Vec<Vec<f64>>) -> Option<Mixture> {
        Mixture::new(&self.model, exposures, self.days)
    }

    fn of(model: &Arc<dyn MarketModel>, exposures: Vec<Vec<f64>>, components: Vec<Component>, days: usize) -> Option<Mixture> {
        let tilted = Arc::clone(model).tilted(&exposures, &components)?;
        let sums = components.iter().scan(0.0, |sum, component| {
            *sum += component.share;
            Some(*sum)
        });
        let places = sums.collect();
        Some(Mixture { model: Arc::clone(model), tilted, exposures, places, components, days })
    }

    /// The mixture that suits paths on which the book loses, each with how much it counts in that, and with the likelihood ratios of all
    /// components, `[path][component]`: the shares that make those paths likeliest, found by expectation and maximisation (Dempster, Laird
    /// and Rubin 1977), which is least cross-entropy (Rubinstein and Kroese 2004). A part stays spread over all components, or, in the `last`
    /// fit, over those kept, which are those that matter.
    pub fn fitted(&self, counts: &[f64], ratios: &[f64], last: bool) -> Option<Mixture> {
        let n = self.components.len();
        let mut shares: Vec<f64> = self.components.iter().map(|component| component.share).collect();
        for _ in 0..ROUNDS {
            let mut sums = vec![0.0; n];
            for (counts, ratios) in counts.iter().zip(ratios.chunks_exact(n)) {
                let all = ratios.iter().zip(&shares).fold(PLAIN, |sum, (ratio, share)| sum + share * ratio);
                for ((sum, ratio), share) in sums.iter_mut().zip(ratios).zip(&shares) {
                    *sum += counts * (share * ratio / all);
                }
            }
            let all: f64 = sums.iter().sum();
            if all <= 0.0 || !all.is_finite() {
                return None;
            }
            shares = sums.into_iter().map(|sum| (1.0 - PLAIN) * sum / all).collect();
        }
        // the likeliest is kept, however many share its part
        let least = (LEAST * (1.0 - PLAIN)).min(shares.iter().copied().fold(0.0, f64::max));
        let matters = |(_, share): &(Component, f64)| !last || *share >= least;
        let kept: Vec<(Component, f64)> = self.components.iter().copied().zip(shares).filter(matters).collect();
        let sum: f64 = kept.iter().map(|(_, share)| share).sum();
        let even = SPREAD * (1.0 - PLAIN) / kept.len() as f64;
        let share = |share: f64| even + (1.0 - SPREAD) * (1.0 - PLAIN) * share / sum;
        // directions that no component goes are left out
        let used: Vec<usize> =
            (0..self.exposures.len()).filter(|at| kept.iter().any(|(component, _)| component.direction == *at)).collect();
        let place = |direction: usize| used.iter().position(|at| *at == direction).expect("a direction in use");
        let component =
            |(component, found): (Component, f64)| Component { direction: place(component.direction), share: share(found), ..component };
        let components = kept.into_iter().map(component).collect();
        let exposures = used.iter().map(|at| self.exposures[*at].clone()).collect();
        Mixture::of(&self.model, exposures, components, self.days)
    }

    /// What paths count, of the likelihood ratios of all components, `[path][component]`.
    pub fn weights(&self, ratios: &[f64]) -> Vec<f32> {
        let likelier =
            |ratios: &[f64]| self.components.iter().zip(ratios).fold(PLAIN, |sum, (component, ratio)| sum + component.share * ratio);
        ratios.chunks_exact(self.components.len()).map(|ratios| (1.0 / likelier(ratios)) as f32).collect()
    }

    /// Fills the tile, and tells what each lane's path counts.
    pub fn fill_weighed(&self, tile: &mut Tile<'_>, streams: &Streams) -> [f64; LANES] {
        let mut likelier = [PLAIN; LANES];
        for (component, ratios) in self.components.iter().zip(self.fill_ratios(tile, streams)) {
            likelier.iter_mut().zip(ratios).for_each(|(sum, ratio)| *sum += component.share * ratio);
        }
        likelier.map(|sum| 1.0 / sum)
    }

    /// Fills the tile, and tells how much likelier each component makes each lane's path.
    pub fn fill_ratios(&self, tile: &mut Tile<'_>, streams: &Streams) -> Vec<[f64; LANES]> {
        let mut log_ratio = vec![0.0; self.components.len() * self.days * LANES];
        self.fill_noting(tile, streams, &mut log_ratio);
        let of = |(component, ratios): (&Component, &mut [f64])| {
            let mut mean = [0.0; LANES];
            mean_of_windows(ratios, component.length, &mut mean);
            mean
        };
        self.components.iter().zip(log_ratio.chunks_exact_mut(self.days * LANES)).map(of).collect()
    }

    fn fill_noting(&self, tile: &mut Tile<'_>, streams: &Streams, log_ratio: &mut [f64]) {
        assert_eq!(tile.days, self.days, "a mixture is made for its horizon");
        let of = self.components_of(&tile.paths, streams);
        self.tilted.fill(tile, streams, &mut Tilts { of: &of, log_ratio });
    }

    /// The component of every session, `[day][lane]`.
    fn components_of(&self, paths: &Paths, streams: &Streams) -> Vec<u8> {
        let mut drawn = [[0; LANES]; 4];
        words(streams.key(Stream::Mixture, 0), paths, 0, &mut drawn);
        let uniform = |low: usize, lane: usize| unit(u64::from(drawn[low][lane]) | (u64::from(drawn[low + 1][lane]) << 32));
        let mut of = vec![0; self.days * LANES];
        for lane in 0..LANES {
            let place = uniform(0, lane) - PLAIN;
            if place < 0.0 {
                continue;
            }
            let number = self.places.partition_point(|sum| *sum <= place).min(self.components.len() - 1);
            let length = self.components[number].length;
            let start = uniform(2, lane) * (self.days - length + 1) as f64;
            let window = start as usize..start as usize + length;
            window.for_each(|day| of[day * LANES + lane] = number as u8 + 1);
        }
        of
    }
}

/// Rounds of expectation and maximisation; the share of a component that is kept, at least; what stays spread.
const ROUNDS: usize = 30;
const LEAST: f64 = 0.02;
const SPREAD: f64 = 0.3;

impl MarketModel for Mixture {
    fn fill(&self, tile: &mut Tile<'_>, streams: &Streams) {
        self.fill_noting(tile, streams, &mut []);
    }

    fn severity(&self, paths: Range<u64>, days: usize, streams: &Streams) -> Option<Vec<f64>> {
        self.model.severity(paths, days, streams)
    }

    fn card(&self) -> ModelCard {
        self.model.card()
    }
}

by_isa! {
    /// The mean over windows of `length` sessions of their likelihood ratio; the logarithms `[day][lane]` are summed up in place.
    fn mean_of_windows(log_ratio: &mut [f64], length: usize, mean: &mut [f64; LANES]) {
        let days = log_ratio.len() / LANES;
        let each = 1.0 / (days - length + 1) as f64;
        let mut sum = [0.0; LANES];
        // of each window the sum up to its end less the sum up to its start
        for day in 0..days {
            let mut before = [0.0; LANES];
            if day >= length {
                before.copy_from_slice(&log_ratio[(day - length) * LANES..][..LANES]);
            }
            let row = &mut log_ratio[day * LANES..][..LANES];
            sum.iter_mut().zip(row.iter()).for_each(|(sum, ratio)| *sum += ratio);
            row.copy_from_slice(&sum);
            if day + 1 >= length {
                for lane in 0..LANES {
                    mean[lane] += each * exp1(sum[lane] - before[lane]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::covariance::Covariance;
    use super::super::gaussian::Gaussian;
    use super::super::jump_diffusion::JumpDiffusion;
    use super::super::poisson::GivenJumps;
    use super::super::student_t::StudentT;
    use super::super::{MarketSpec, toy};
    use super::*;
    use crate::maths::random::{Key, normal};
    use crate::model::history::Market;
    use crate::units::Ratio;

    #[test]
    fn windows_average_their_ratios() {
        // three sessions, windows of two: ln 2 + ln 3 and ln 3 + ln 5
        let mut log_ratio: Vec<f64> = [2.0, 3.0, 5.0].iter().flat_map(|ratio| [libm::log(*ratio); LANES]).collect();
        let mut mean = [0.0; LANES];
        mean_of_windows(&mut log_ratio, 2, &mut mean);
        assert!(mean.iter().all(|sum| (sum - (6.0 + 15.0) / 2.0).abs() < 1e-12), "{mean:?}");
    }

    /// Fifty calm days and ten stormy ones in turn, symbols moving together.
    fn weather(symbols: usize) -> Market {
        toy::with_returns(symbols, 600, |day, symbol| {
            let (level, z) = (if day % 60 < 50 { 0.01 } else { 0.03 }, |item: u32| normal(Key([item, 8]), day as u64, 0));
            libm::expm1(level * (0.8 * z(99) + 0.6 * z(symbol as u32)))
        })
    }

    /// What the weighed paths of a mixture say, and what as many plain ones do: the mean weight, and the share of paths on which money in the
    /// first symbols ends below some levels, each with its standard error.
    fn shares(spec: &MarketSpec, days: usize, levels: &[f64]) -> Vec<[(f64, f64); 2]> {
        let history = weather(4);
        let request = toy::request(&history, &[0, 1, 2, 3], days);
        let model: Arc<dyn MarketModel> = Arc::from(spec.fit(&request).unwrap_or_else(|problems| panic!("{problems}")));
        let mixture = Mixture::new(&model, vec![vec![3.0, 2.0, 1.0, 0.0], vec![1.0, 0.0, 0.0, 0.0]], days).expect("a tilt");
        let mut buffer = toy::Buffer::new(days, 4);
        let streams = Streams::new(7);
        let (tiles, count) = (2_000, 2_000.0 * LANES as f64);
        let mut sums = vec![[[0.0; 2]; 2]; levels.len() + 1];
        for tile in 0..tiles {
            for law in 0..2 {
                let weight = match law {
                    0 => mixture.fill_weighed(&mut buffer.tile(tile * LANES as u64), &streams),
                    _ => {
                        model.fill(&mut buffer.tile(tile * LANES as u64), &streams);
                        [1.0; LANES]
                    }
                };
                for (lane, weight) in weight.into_iter().enumerate() {
                    assert!(weight > 0.0 && weight <= WEIGHT_MOST, "{weight}");
                    let growth =
                        |symbol: usize| (0..days).fold(1.0, |g, day| g * (1.0 + buffer.simple_return[(day * 4 + symbol) * LANES + lane]));
                    let value = (3.0 * growth(0) + 2.0 * growth(1) + growth(2)) / 6.0;
                    let met = std::iter::once(true).chain(levels.iter().map(|level| value < *level));
                    for (sums, _) in sums.iter_mut().zip(met).filter(|(_, met)| *met) {
                        sums[law][0] += weight;
                        sums[law][1] += weight * weight;
                    }
                }
            }
        }
        let of = |[sum, square]: [f64; 2]| (sum / count, ((square / count - (sum / count) * (sum / count)) / count).sqrt());
        sums.into_iter().map(|laws| laws.map(of)).collect()
    }

    #[test]
    fn every_model_keeps_its_law_under_its_tilts() {
        let jumps = |per_year: f64| Some(GivenJumps { per_year, mean: Ratio::from_fraction(-0.05), deviation: Ratio::from_fraction(0.03) });
        let given = JumpDiffusion { common_jumps: jumps(4.0), own_jumps: jumps(1.0), ..JumpDiffusion::default() };
        let specs = [
            MarketSpec::Gaussian(Gaussian::default()),
            MarketSpec::Gaussian(Gaussian { correlation: Some(Ratio::from_fraction(0.5)), ..Gaussian::default() }),
            MarketSpec::Gaussian(Gaussian { covariance: Covariance::Factor, factors: Some(1), ..Gaussian::default() }),
            MarketSpec::StudentT(StudentT { degrees_of_freedom: Some(4.0), ..StudentT::default() }),
            MarketSpec::TCopula(Default::default()),
            MarketSpec::JumpDiffusion(given),
            MarketSpec::BlockBootstrap(Default::default()),
            MarketSpec::FilteredHistorical(Default::default()),
            MarketSpec::RegimeSwitching(Default::default()),
        ];
        for spec in specs {
            for (days, levels) in [(12, [0.95, 0.85, 0.80]), (2, [0.98, 0.93, 0.91])] {
                for (at, [(mean, error), (plain, plain_error)]) in shares(&spec, days, &levels).into_iter().enumerate() {
                    // what plain sampling does not see may be as likely as 4 of its paths
                    let unseen = if plain == 0.0 { 4.0 / 32_000.0 } else { 0.0 };
                    let all = (error * error + plain_error * plain_error).sqrt() + unseen;
                    eprintln!("{} over {days}, {at}: {mean:.6} ± {error:.6}, plain {plain:.6} ± {plain_error:.6}", spec.key());
                    assert!(
                        (mean - plain).abs() < 4.0 * all + 1e-12,
                        "{} over {days} sessions, {at}: {mean} for {plain} ± {all}",
                        spec.key()
                    );
                }
            }
        }
    }

    #[test]
    fn components_fit_every_horizon() {
        for days in [1, 2, 3, 5, 20, 252] {
            let components = candidates(days, 2);
            assert!(components.iter().all(|c| (1..=days).contains(&c.length)), "{days}");
            assert!((components.iter().map(|c| c.share).sum::<f64>() - 0.5).abs() < 1e-12);
        }
    }
}
