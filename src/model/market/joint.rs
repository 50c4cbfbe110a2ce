//! Draws joint log returns from own and common normals, with a common scale of each day where tails are fat.
//!
//! Formula: log return = m + s·w·x for every symbol's mean m, deviation s and joint normal x; w is 1, or for Student t with
//! ν degrees of freedom √((ν − 2) / W) with one W ~ χ²(ν) for all symbols of a day, so that s·w·x has deviation s and all
//! symbols take their bad days together. χ²(ν) = 2 Γ(ν/2) is drawn by the rejection of Marsaglia and Tsang (2000), "A simple
//! method for generating gamma variables", ACM Transactions on Mathematical Software 26, each attempt at its own address.

use super::factors::Factors;
use super::normal_tilt::{Direction, NormalTilt, Shifted};
use super::severity::lowest_levels;
use super::tilt::{Component, Tilted, Tilts};
use super::{LANES, MarketModel, ModelCard, Paths, SymbolFit, Tile};
use crate::maths::isa::{self, Isa, by_isa};
use crate::maths::lanes::{exp_less_one, ln1};
use crate::maths::linear::{DAYS_MIXED, mix_common, mix_factors, mix_lanes};
use crate::maths::random::{Key, Stream, Streams, normal, normals};
use std::ops::Range;
use std::sync::Arc;

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

/// Fills the tile with what `finish` makes of joint standard normals, and with open, ordinary days.
///
/// `finish(symbol, first_day, z)` turns a symbol's normals of some days from `first_day` on, `[day][lane]`, into simple returns.
/// A symbol's days are drawn, made joint and finished while they lie in the first cache; only a full matrix joins day by day.
/// Where a tilt is given the normals are moved by it.
pub fn fill_joint(
    (mix, addresses): (&Mix, &[u64]),
    tile: &mut Tile<'_>,
    streams: &Streams,
    mut tilt: Option<&mut Shifted<'_>>,
    mut finish: impl FnMut(usize, usize, &mut [f64]),
) {
    assert_eq!(tile.symbols, addresses.len(), "the tile's symbols are not the fitted ones");
    tile.state.fill(0);
    tile.volume.fill(1.0);
    let common = match mix {
        Mix::Common { .. } => drawn_together(&[COMMON], tile, streams, &mut tilt),
        Mix::Factors(factors) => {
            drawn_together(&(0..factors.count as u64).map(|k| FACTORS + k).collect::<Vec<_>>(), tile, streams, &mut tilt)
        }
        Mix::Own | Mix::Factor(_) => Vec::new(),
    };
    let mut days = vec![0.0; tile.days * LANES];
    for (symbol, address) in addresses.iter().enumerate() {
        normals(streams.key(Stream::Symbol, *address), &tile.paths, &mut days);
        if let Some(tilt) = &mut tilt {
            tilt.move_own(symbol, 1, &mut days);
        }
        match mix {
            Mix::Own | Mix::Factor(_) => {}
            Mix::Common { common: weight, own } => mix_common(*weight, *own, &common, &mut days),
            // without a factor a symbol's own part is all
            Mix::Factors(factors) if factors.count == 0 => days.iter_mut().for_each(|z| *z *= factors.own[symbol]),
            Mix::Factors(factors) => mix_factors(factors.loads(symbol), factors.own[symbol], &common, &mut days),
        }
        if !matches!(mix, Mix::Factor(_)) {
            finish(symbol, 0, &mut days);
        }
        for (day, z) in days.chunks_exact(LANES).enumerate() {
            let at = tile.at(day, symbol);
            tile.simple_return[at..at + LANES].copy_from_slice(z);
        }
    }
    if let Mix::Factor(factor) = mix {
        join_by_matrix(factor, tile, &mut finish);
    }
}

/// Leading columns of a full matrix that the severity reads; the first ones carry what symbols have in common.
const COLUMNS: usize = 4;

/// What the normals of a mix make of the market on each path, whatever the symbols' deviations; nothing where symbols share none.
pub fn severity(mix: &Mix, addresses: &[u64], paths: Range<u64>, days: usize, streams: &Streams) -> Option<Vec<f64>> {
    let keys: Vec<(Key, f64)> = match mix {
        Mix::Own => Vec::new(),
        Mix::Common { common, .. } => vec![(streams.key(Stream::Market, COMMON), *common)],
        Mix::Factors(factors) => (0..factors.count)
            .map(|k| (streams.key(Stream::Market, FACTORS + k as u64), factors.load.iter().skip(k).step_by(factors.count).sum()))
            .collect(),
        Mix::Factor(factor) => {
            let n = addresses.len();
            let weight = |k: usize| (k..n).fold(0.0, |sum, row| sum + factor[row * n + k]);
            addresses.iter().enumerate().take(COLUMNS).map(|(k, address)| (streams.key(Stream::Symbol, *address), weight(k))).collect()
        }
    };
    if keys.is_empty() {
        return None;
    }
    let mut drawn = vec![0.0; days * LANES];
    Some(lowest_levels(paths, days, |paths, moves| {
        moves.fill([0.0; LANES]);
        for (key, weight) in &keys {
            normals(*key, paths, &mut drawn);
            for (moved, z) in moves.as_flattened_mut().iter_mut().zip(&drawn) {
                *moved += weight * z;
            }
        }
    }))
}

/// The direction of a session's normals along which money in each symbol, times its deviation, gains most; nothing where none moves it.
pub fn direction(mix: &Mix, moved: &[f64]) -> Option<Direction> {
    let n = moved.len();
    let scaled = |own: &dyn Fn(usize) -> f64| -> Vec<f64> { moved.iter().enumerate().map(|(symbol, money)| own(symbol) * money).collect() };
    match mix {
        Mix::Own => Direction::unit(Vec::new(), moved.to_vec()),
        Mix::Common { common, own } => Direction::unit(vec![common * moved.iter().sum::<f64>()], scaled(&|_| *own)),
        Mix::Factor(factor) => {
            let weight = |k: usize| (k..n).fold(0.0, |sum, row| sum + factor[row * n + k] * moved[row]);
            Direction::unit(Vec::new(), (0..n).map(weight).collect())
        }
        Mix::Factors(factors) => {
            let load = |k: usize| (0..n).fold(0.0, |sum, symbol| sum + factors.loads(symbol)[k] * moved[symbol]);
            Direction::unit((0..factors.count).map(load).collect(), scaled(&|symbol| factors.own[symbol]))
        }
    }
}

/// Normals all symbols share, `[day][item][lane]`, each item under its own address.
fn drawn_together(items: &[u64], tile: &Tile<'_>, streams: &Streams, tilt: &mut Option<&mut Shifted<'_>>) -> Vec<f64> {
    let mut common = vec![0.0; tile.days * items.len() * LANES];
    let mut drawn = vec![0.0; tile.days * LANES];
    for (k, item) in items.iter().enumerate() {
        normals(streams.key(Stream::Market, *item), &tile.paths, &mut drawn);
        if let Some(tilt) = tilt {
            tilt.move_common(k, 1, &mut drawn);
        }
        for (day, z) in drawn.chunks_exact(LANES).enumerate() {
            common[(day * items.len() + k) * LANES..][..LANES].copy_from_slice(z);
        }
    }
    common
}

/// Makes the tile's own normals joint by a full lower factor, a few days side by side, and finishes them.
fn join_by_matrix(factor: &[f64], tile: &mut Tile<'_>, finish: &mut impl FnMut(usize, usize, &mut [f64])) {
    let n = tile.symbols;
    // the lowest instruction set has too few registers for two days' sums
    let together = if isa::level() == Isa::Baseline { 1 } else { DAYS_MIXED };
    let (mut drawn, mut mixed) = (vec![0.0; n * together * LANES], vec![0.0; n * together * LANES]);
    let mut first_day = 0;
    while first_day < tile.days {
        let days = if first_day + together <= tile.days { together } else { 1 };
        let (drawn, mixed) = (&mut drawn[..n * days * LANES], &mut mixed[..n * days * LANES]);
        for (symbol, rows) in drawn.chunks_exact_mut(days * LANES).enumerate() {
            for (day, row) in rows.chunks_exact_mut(LANES).enumerate() {
                let at = tile.at(first_day + day, symbol);
                row.copy_from_slice(&tile.simple_return[at..at + LANES]);
            }
        }
        mix_lanes(factor, n, drawn, mixed);
        for (symbol, rows) in mixed.chunks_exact_mut(days * LANES).enumerate() {
            finish(symbol, first_day, rows);
            for (day, row) in rows.chunks_exact(LANES).enumerate() {
                let at = tile.at(first_day + day, symbol);
                tile.simple_return[at..at + LANES].copy_from_slice(row);
            }
        }
        first_day += days;
    }
}

by_isa! {
    /// Log returns from joint normals: `x ← mean + (deviation · scale) · x`.
    fn log_returns(mean: f64, deviation: f64, scale: &[f64], days: &mut [f64]) {
        for (x, w) in days.iter_mut().zip(scale) {
            *x = mean + deviation * w * *x;
        }
    }
}

/// The first of the factors' items under `Stream::Market`.
const FACTORS: u64 = 1000;
/// Items under `Stream::Market`: 0 belongs to the models that draw past days.
const COMMON: u64 = 1;
const SCALE: u64 = 2;

impl Joint {
    /// The χ² of every session, `[day][lane]`; empty where returns are normal.
    fn chi_squares(&self, tile: &Tile<'_>, streams: &Streams) -> Vec<f64> {
        self.degrees.map_or_else(Vec::new, |nu| all_chi_squares(tile, streams, nu))
    }

    fn fill_moved(&self, tile: &mut Tile<'_>, streams: &Streams, chi_square: &[f64], tilt: Option<&mut Shifted<'_>>) {
        // a normal times this is a Student t of the same variance
        let scale: Vec<f64> = match self.degrees {
            None => vec![1.0; tile.days * LANES],
            Some(nu) => chi_square.iter().map(|w| ((nu - 2.0) / w).sqrt()).collect(),
        };
        fill_joint((&self.mix, &self.addresses), tile, streams, tilt, |symbol, first_day, days| {
            log_returns(self.mean[symbol], self.deviation[symbol], &scale[first_day * LANES..], days);
            exp_less_one(days);
        });
    }
}

/// A model of joint returns with its tilts.
struct TiltedJoint {
    model: Arc<Joint>,
    tilt: NormalTilt,
}

impl Tilted for TiltedJoint {
    fn fill(&self, tile: &mut Tile<'_>, streams: &Streams, tilts: &mut Tilts<'_>) {
        let mut chi_square = self.model.chi_squares(tile, streams);
        self.tilt.shrink(tilts.of, &mut chi_square);
        let mut shifted = self.tilt.shifted(tilts);
        self.model.fill_moved(tile, streams, &chi_square, Some(&mut shifted));
        self.tilt.note(tilts, &shifted, &chi_square);
    }
}

impl MarketModel for Joint {
    fn fill(&self, tile: &mut Tile<'_>, streams: &Streams) {
        let chi_square = self.chi_squares(tile, streams);
        self.fill_moved(tile, streams, &chi_square, None);
    }

    fn tilted(self: Arc<Self>, exposures: &[Vec<f64>], components: &[Component]) -> Option<Arc<dyn Tilted>> {
        let directions = exposures.iter().map(|exposure| {
            let moved: Vec<f64> = exposure.iter().zip(&self.deviation).map(|(money, deviation)| money * deviation).collect();
            direction(&self.mix, &moved)
        });
        let tilt = NormalTilt::new(directions, components, self.degrees)?;
        Some(Arc::new(TiltedJoint { model: self, tilt }))
    }

    fn severity(&self, paths: Range<u64>, days: usize, streams: &Streams) -> Option<Vec<f64>> {
        severity(&self.mix, &self.addresses, paths, days, streams)
    }

    fn is_deterministic(&self) -> bool {
        self.deviation.iter().all(|d| *d == 0.0)
    }

    fn log_growth(&self, symbol: usize, power: f64, days: usize) -> Vec<f64> {
        // of a t as of the normal with its deviation: its own mean growth is infinite
        let scaled = power * self.deviation[symbol];
        vec![power * self.mean[symbol] + 0.5 * scaled * scaled; days]
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
fn chi_squares(streams: &Streams, paths: &Paths, day: usize, nu: f64) -> [f64; LANES] {
    let key = streams.key(Stream::Market, SCALE);
    paths.map(|path| chi_square(key, path, day as u32, nu))
}

/// The same of every day of a tile, `[day][lane]`.
pub fn all_chi_squares(tile: &Tile<'_>, streams: &Streams, nu: f64) -> Vec<f64> {
    (0..tile.days).flat_map(|day| chi_squares(streams, &tile.paths, day, nu)).collect()
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
