//! Draws joint log returns from own and common normals, with a common scale of each day where tails are fat.
//!
//! Formula: log return = m + s·w·x for every symbol's mean m, deviation s and joint normal x; w is 1, or for Student t with
//! ν degrees of freedom √((ν − 2) / W) with one W ~ χ²(ν) for all symbols of a day, so that s·w·x has deviation s and all
//! symbols take their bad days together. χ²(ν) = 2 Γ(ν/2) is drawn by the rejection of Marsaglia and Tsang (2000), "A simple
//! method for generating gamma variables", ACM Transactions on Mathematical Software 26, each attempt at its own address.

use super::factors::Factors;
use super::{LANES, MarketModel, ModelCard, SymbolFit, Tile};
use crate::maths::lanes::{exp_less_one, ln1};
use crate::maths::linear::{mix_factors, mix_lanes};
use crate::maths::random::{Key, Stream, Streams, normal, normals};

/// How the symbols' own draws are made joint.
pub enum Mix {
    Own,
    /// Weights of the common and the own draw.
    Common {
        common: f64,
        own: f64,
    },
    /// A lower factor, row by row.
    Factor(Vec<f64>),
    /// Statistical factors and own weights.
    Factors(Factors),
}

/// A fitted model of joint log returns.
pub struct Joint {
    /// `name_address` of each symbol.
    pub addresses: Vec<u64>,
    /// Log drift of a session.
    pub mean: Vec<f64>,
    /// Log volatility of a session.
    pub deviation: Vec<f64>,
    pub mix: Mix,
    /// Degrees of freedom of a Student t; normal when absent.
    pub degrees: Option<f64>,
    /// True when mean and deviation were estimated, false when either was given.
    pub fitted: bool,
    pub card: ModelCard,
}

/// Fills the tile with joint standard normals in place of returns, and with open, ordinary days.
pub fn joint_normals(mix: &Mix, addresses: &[u64], tile: &mut Tile<'_>, streams: &Streams) {
    assert_eq!(tile.symbols, addresses.len(), "the tile's symbols are not the fitted ones");
    tile.state.fill(0);
    tile.volume.fill(1.0);
    let mut drawn = vec![0.0; tile.days * LANES];
    for (symbol, address) in addresses.iter().enumerate() {
        normals(streams.key(Stream::Symbol, *address), tile.first_path, &mut drawn);
        for (day, z) in drawn.chunks_exact(LANES).enumerate() {
            let at = tile.at(day, symbol);
            tile.simple_return[at..at + LANES].copy_from_slice(z);
        }
    }
    if let Mix::Common { .. } = mix {
        normals(streams.key(Stream::Market, COMMON), tile.first_path, &mut drawn);
    }
    if let Mix::Factors(factors) = mix {
        join_by_factors(factors, tile, streams, &mut drawn);
        return;
    }
    for day in 0..tile.days {
        let (from, to) = (tile.at(day, 0), tile.at(day + 1, 0));
        let lanes = &mut tile.simple_return[from..to];
        match mix {
            Mix::Own => {}
            Mix::Common { common, own } => {
                let factor = &drawn[day * LANES..(day + 1) * LANES];
                for symbol in lanes.chunks_exact_mut(LANES) {
                    for (x, f) in symbol.iter_mut().zip(factor) {
                        *x = common * f + own * *x;
                    }
                }
            }
            Mix::Factor(factor) => mix_lanes(factor, lanes),
            Mix::Factors(_) => unreachable!("factors have joined every day"),
        }
    }
}

/// Makes the tile's own normals joint, day by day, through factors drawn at their own addresses.
fn join_by_factors(factors: &Factors, tile: &mut Tile<'_>, streams: &Streams, drawn: &mut [f64]) {
    let mut common = vec![0.0; tile.days * factors.count * LANES];
    for k in 0..factors.count {
        normals(streams.key(Stream::Market, FACTORS + k as u64), tile.first_path, drawn);
        for (day, z) in drawn.chunks_exact(LANES).enumerate() {
            common[(day * factors.count + k) * LANES..][..LANES].copy_from_slice(z);
        }
    }
    for day in 0..tile.days {
        let (from, to) = (tile.at(day, 0), tile.at(day + 1, 0));
        let common = &common[day * factors.count * LANES..][..factors.count * LANES];
        mix_factors(&factors.load, &factors.own, common, &mut tile.simple_return[from..to]);
    }
}

/// The first of the factors' items under `Stream::Market`.
const FACTORS: u64 = 1000;
/// Items under `Stream::Market`: 0 belongs to the models that draw past days.
const COMMON: u64 = 1;
const SCALE: u64 = 2;

impl MarketModel for Joint {
    fn fill(&self, tile: &mut Tile<'_>, streams: &Streams) {
        joint_normals(&self.mix, &self.addresses, tile, streams);
        for day in 0..tile.days {
            let (from, to) = (tile.at(day, 0), tile.at(day + 1, 0));
            let lanes = &mut tile.simple_return[from..to];
            // a normal times this is a Student t of the same variance
            let scale =
                self.degrees.map_or([1.0; LANES], |nu| chi_squares(streams, tile.first_path, day, nu).map(|w| ((nu - 2.0) / w).sqrt()));
            for ((symbol, mean), deviation) in lanes.chunks_exact_mut(LANES).zip(&self.mean).zip(&self.deviation) {
                for (x, w) in symbol.iter_mut().zip(&scale) {
                    *x = mean + deviation * w * *x;
                }
            }
            exp_less_one(lanes);
        }
    }

    fn is_deterministic(&self) -> bool {
        self.deviation.iter().all(|d| *d == 0.0)
    }

    fn card(&self) -> ModelCard {
        self.card.clone()
    }

    fn symbol_fit(&self, symbol: usize, log_returns: &[f64], fitted: usize) -> SymbolFit {
        let fit = SymbolFit::independent(self.mean[symbol], self.deviation[symbol], self.degrees, log_returns, fitted);
        if self.fitted { fit } else { SymbolFit { parameters: Vec::new(), ..fit } }
    }
}

/// Attempts a day has; each succeeds with more than 95 %, so that all fail once in 10⁸⁰ days.
const ATTEMPTS: u32 = 64;

/// W ~ χ²(ν) of every lane of a day, ν ≥ 2.
pub fn chi_squares(streams: &Streams, first_path: u64, day: usize, nu: f64) -> [f64; LANES] {
    let key = streams.key(Stream::Market, SCALE);
    std::array::from_fn(|lane| chi_square(key, first_path + lane as u64, day as u32, nu))
}

fn chi_square(key: Key, path: u64, day: u32, nu: f64) -> f64 {
    let d = 0.5 * nu - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    for attempt in 0..ATTEMPTS {
        let draw = day * ATTEMPTS + attempt;
        let z = normal(key, path, draw);
        let root = 1.0 + c * z;
        let v = root * root * root;
        if root > 0.0 && ln1(key.uniform(path, draw)) < 0.5 * z * z + d - d * v + d * ln1(v) {
            return 2.0 * d * v;
        }
    }
    // the mean of χ²(ν)
    nu
}
