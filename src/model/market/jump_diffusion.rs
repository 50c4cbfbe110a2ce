//! Draws log returns that diffuse and jump: common jumps hit all symbols on one day, own jumps one symbol at a time.
//!
//! Formula: log return of symbol i = aᵢ + cᵢ·z + bᵢ·J + qᵢ·zᵢ + dᵢ·Jᵢ, with z, zᵢ normal, J the common and Jᵢ the own sum
//! of a Poisson number of normal jumps (`poisson.rs`). Given a drift μ of the price, a = (μ − σ²/2) dt less what jumps add
//! to the mean price, rate·(E e^jump − 1) of either kind, so that E S(T) = S(0) e^(μT). Every symbol draws under its name's
//! address: a symbol more or less leaves the others' draws as they are.
//!
//! Source: Merton (1976), "Option pricing when underlying stock returns are discontinuous", Journal of Financial
//! Economics 3.
//!
//! Worked number: σ = 30 % with five common jumps a year of −8 % ± 4 % puts the one-day 99 % loss at 7.52 %; without
//! jumps it is 4.32 %.

use super::diagnosis::{JumpLaw, Kicks};
use super::drift::Drift;
use super::gaussian;
use super::jump_history::History;
use super::moments::Moments;
use super::normal_tilt::{Direction, NormalTilt, Shifted};
use super::past::window_in_words;
pub use super::poisson::GivenJumps;
use super::poisson::{self, Jumps};
use super::severity::lowest_levels;
use super::tilt::{Component, Tilted, Tilts};
use super::{FitRequest, LANES, MarketModel, ModelCard, ModelSpec, Paths, SymbolFit, Tile};
use crate::maths::lanes::exp_less_one;
use crate::maths::random::{Key, Stream, Streams, name_address, normals, unit, words};
use crate::model::lineage::Note;
use crate::model::part::{Absent, Bounds, Declared, Fault, Figure, Kind, Param, Part, Unit, Words};
use crate::problem::Problems;
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// `[market.jump-diffusion]`: what is not given is fitted on the estimation window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct JumpDiffusion {
    /// One annual volatility of the diffusion, jumps aside, for every symbol; fitted per symbol when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volatility_annual: Option<Ratio>,
    /// One annual drift of the price, jumps included, for every symbol; fitted per symbol when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift_annual: Option<Ratio>,
    /// One correlation of any two diffusions, 0 or more; fitted when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation: Option<Ratio>,
    /// Jumps of all symbols on one day; fitted on the market return when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub common_jumps: Option<GivenJumps>,
    /// Jumps of one symbol; fitted on what the market return leaves when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_jumps: Option<GivenJumps>,
    /// Sessions in a year.
    pub trading_days: f64,
}

impl Default for JumpDiffusion {
    fn default() -> Self {
        JumpDiffusion {
            volatility_annual: None,
            drift_annual: None,
            correlation: None,
            common_jumps: None,
            own_jumps: None,
            trading_days: 252.0,
        }
    }
}

const MODEL: &str = "jump-diffusion";
/// The item under `Stream::Market` that the common moves are drawn from.
const COMMON: u64 = 1;
/// One symbol's part in a session.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Symbol {
    address: u64,
    constant: f64,
    common: f64,
    own: f64,
    common_load: f64,
    own_load: f64,
}

struct Fitted {
    symbols: Vec<Symbol>,
    common: Jumps,
    own: Jumps,
    card: ModelCard,
}

impl Part for JumpDiffusion {
    const DECLARED: Declared = Declared {
        key: MODEL,
        kind: Kind::Law,
        what: Words(
            "normal returns with jumps, common and own; what is left out is fitted",
            "含共同与个股跳跃的正态收益率，未给出者由历史估计",
        ),
        formula: "log return = a + c·z + b·J + q·zᵢ + d·Jᵢ: normals and Poisson sums of normal jumps, common and own",
        source: "Merton (1976)",
        params: &[
            Param {
                meaning: Words("one annual volatility of every symbol's diffusion, jumps aside", "全部证券扩散部分的年化波动率，不含跳跃"),
                ..gaussian::VOLATILITY
            },
            gaussian::DRIFT,
            Param {
                range: Bounds::within(0.0, 1.0),
                meaning: Words("one correlation between any two diffusions, which share one factor", "任意两个扩散之间的相关系数"),
                ..gaussian::CORRELATION
            },
            jumps("common-jumps", Words("jumps of all symbols on one day", "全部证券同日的跳跃")),
            poisson::per_year("common-jumps.per-year"),
            poisson::mean("common-jumps.mean", "\"-8%\""),
            poisson::deviation("common-jumps.deviation", "\"4%\""),
            jumps("own-jumps", Words("jumps of one symbol alone", "单只证券自身的跳跃")),
            poisson::per_year("own-jumps.per-year"),
            poisson::mean("own-jumps.mean", "\"0%\""),
            poisson::deviation("own-jumps.deviation", "\"6%\""),
            gaussian::TRADING_DAYS,
        ],
        sentences: &[Words("diffusion with common and own jumps", "含共同跳跃与个股跳跃的扩散")],
        figures: &[
            Figure { name: "common_jumps_per_year", words: Words("Common jumps a year", "每年共同跳跃次数") },
            Figure { name: "common_jump_mean", words: Words("Mean log size of a common jump", "共同跳跃对数幅度均值") },
            Figure {
                name: "common_jump_deviation", words: Words("Standard deviation of a common jump", "共同跳跃对数幅度标准差")
            },
            Figure { name: "own_jumps_per_year", words: Words("Own jumps a year", "每年个股跳跃次数") },
            Figure { name: "own_jump_mean", words: Words("Mean log size of an own jump", "个股跳跃对数幅度均值") },
            Figure { name: "own_jump_deviation", words: Words("Standard deviation of an own jump", "个股跳跃对数幅度标准差") },
            Figure {
                name: "own_jump_mean in residual deviations",
                words: Words("Mean log size of an own jump, in residual deviations", "个股跳跃对数幅度均值（以残差标准差计）"),
            },
            Figure {
                name: "own_jump_deviation in residual deviations",
                words: Words("Standard deviation of an own jump, in residual deviations", "个股跳跃对数幅度标准差（以残差标准差计）"),
            },
            Figure {
                name: "diffusion_volatility_annual", words: Words("Annual volatility of the diffusion", "扩散部分年化波动率")
            },
            Figure { name: "volatility_annual with jumps", words: Words("Annual volatility with jumps", "含跳跃的年化波动率") },
            gaussian::DRIFT_ANNUAL,
            Figure { name: "common_jump_load", words: Words("Load on common jumps", "共同跳跃载荷") },
        ],
    };

    /// Jumps more frequent than can be tabled are a diffusion.
    fn contradictions(&self) -> Vec<Fault> {
        let kinds = [("common-jumps", &self.common_jumps), ("own-jumps", &self.own_jumps)];
        let given = kinds.into_iter().filter_map(|(key, jumps)| Some((key, jumps.as_ref()?.per_year)));
        let rates = given.map(|(key, per_year)| (key, per_year, per_year / self.trading_days));
        let often = rates.filter(|(_, per_year, rate)| *per_year <= poisson::MOST_PER_YEAR && *rate > Jumps::MOST);
        let faults = often.map(|(key, per_year, rate)| {
            let why = format!("jumps come 0 to {} times a session; what moves more often is the diffusion", Jumps::MOST);
            let keys = [&format!("{key}.per-year"), "trading-days"];
            Fault::new(&keys, format!("found {per_year}, or {rate} a session"), why, "write the jumps of a year, for example 5")
        });
        faults.collect()
    }
}

/// The table of one kind of jumps.
const fn jumps(key: &'static str, meaning: Words) -> Param {
    Param { key, unit: Unit::Table, range: Bounds::ANY, absent: Absent::Fitted(gaussian::FITTED), shown: "", meaning }
}

impl ModelSpec for JumpDiffusion {
    fn name(&self) -> Words {
        Words("jump diffusion", "跳跃扩散")
    }

    fn fit(&self, request: &FitRequest<'_>) -> Result<Box<dyn MarketModel>, Problems> {
        let n = request.symbols.len();
        let mut problems = Problems::new();
        let all_given = self.volatility_annual.is_some()
            && (self.drift_annual.is_some() || request.drift != Drift::Historical)
            && (self.correlation.is_some() || n < 2)
            && self.common_jumps.is_some()
            && self.own_jumps.is_some();
        let history = match (!all_given).then(|| Moments::of(MODEL, request)).transpose() {
            Ok(moments) => moments.map(|moments| History::of(moments, &request.market.fit_cache)),
            Err(more) => {
                problems.extend(more);
                None
            }
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        let year = self.trading_days;
        let fitted = || history.as_ref().expect("the history is read whenever something is fitted");
        let law = |given: &GivenJumps| Jumps::new(given.per_year / year, given.mean.get(), given.deviation.get());
        let common = self.common_jumps.as_ref().map_or_else(|| fitted().market.as_ref().map(|f| f.jumps.clone()).unwrap_or_default(), law);
        let own = self.own_jumps.as_ref().map_or_else(|| fitted().own.as_ref().map(|f| f.jumps.clone()).unwrap_or_default(), law);
        let symbols: Vec<Symbol> = (0..n)
            .map(|k| {
                let (c, q) = self.diffusion(k, history.as_ref());
                let mut symbol = Symbol {
                    address: name_address(&request.market.history.symbols[request.symbols[k]]),
                    constant: 0.0,
                    common: c,
                    own: q,
                    common_load: if self.common_jumps.is_some() { 1.0 } else { fitted().beta[k] },
                    own_load: if self.own_jumps.is_some() { 1.0 } else { fitted().residual[k] },
                };
                symbol.constant = match self.drift_annual.map(|d| d.get() / year).or_else(|| request.drift.of_session(year)) {
                    Some(drift) => drift - symbol.log_growth(1.0, &common, &own),
                    None => {
                        let jumps = common.rate * common.mean * symbol.common_load + own.rate * own.mean * symbol.own_load;
                        fitted().moments.mean[k] - jumps
                    }
                };
                symbol
            })
            .collect();
        let card = ModelCard {
            model: MODEL.into(),
            parameters: self.parameters(request, &symbols, &common, &own, history.as_ref()),
            notes: self.notes(request, history.as_ref()),
        };
        Ok(Box::new(Fitted { symbols, common, own, card }))
    }
}

impl JumpDiffusion {
    /// Common and own deviation of a symbol's diffusion in a session.
    fn diffusion(&self, k: usize, history: Option<&History>) -> (f64, f64) {
        let (c, q) = history.map_or((0.0, 1.0), |h| (h.beta[k] * h.diffusion, h.residual[k] * h.own.as_ref().map_or(1.0, |f| f.diffusion)));
        let size = (c * c + q * q).sqrt();
        let deviation = self.volatility_annual.map_or(size, |v| v.get() / self.trading_days.sqrt());
        match self.correlation {
            Some(rho) => (deviation * rho.get().sqrt(), deviation * (1.0 - rho.get()).sqrt()),
            // a price that never moved has no part in the market: what it is given is its own
            None if size == 0.0 => (0.0, deviation),
            None => (c * (deviation / size), q * (deviation / size)),
        }
    }

    fn parameters(
        &self,
        request: &FitRequest<'_>,
        symbols: &[Symbol],
        common: &Jumps,
        own: &Jumps,
        history: Option<&History>,
    ) -> Vec<(String, f64, Option<f64>)> {
        const LISTED: usize = 6;
        let year = self.trading_days;
        let mut rows = Vec::new();
        let market = history.and_then(|h| h.market.as_ref()).filter(|_| self.common_jumps.is_none());
        let error = |at: usize| market.map(|fit| fit.errors[at]).filter(|e| e.is_finite());
        rows.push(("common_jumps_per_year".into(), common.rate * year, error(1).map(|e| e * year)));
        rows.push(("common_jump_mean".into(), common.mean, error(2)));
        rows.push(("common_jump_deviation".into(), common.deviation, error(3)));
        let scale = if self.own_jumps.is_some() { "" } else { " in residual deviations" };
        rows.push(("own_jumps_per_year".into(), own.rate * year, None));
        rows.push((format!("own_jump_mean{scale}"), own.mean, None));
        rows.push((format!("own_jump_deviation{scale}"), own.deviation, None));
        let diffusion = |s: &Symbol| (year * (s.common * s.common + s.own * s.own)).sqrt();
        let whole = |s: &Symbol| (year * s.variance(common, own)).sqrt();
        let drift = |s: &Symbol| year * (s.constant + s.log_growth(1.0, common, own));
        type Figure<'f> = (&'f str, &'f dyn Fn(&Symbol) -> f64);
        let figures: [Figure<'_>; 4] = [
            ("diffusion_volatility_annual", &diffusion),
            ("volatility_annual with jumps", &whole),
            ("drift_annual", &drift),
            ("common_jump_load", &|s| s.common_load),
        ];
        for (figure, value) in figures {
            if symbols.len() <= LISTED {
                for (symbol, at) in symbols.iter().zip(request.symbols) {
                    rows.push((format!("{figure} {}", request.market.history.symbols[*at]), value(symbol), None));
                }
            } else {
                let mut values: Vec<f64> = symbols.iter().map(value).collect();
                values.sort_by(f64::total_cmp);
                rows.push((format!("{figure} median"), values[values.len() / 2], None));
            }
        }
        rows
    }

    fn notes(&self, request: &FitRequest<'_>, history: Option<&History>) -> Vec<Note> {
        let unused = request.market.correlations.is_some() && self.correlation.is_none();
        let mut notes: Vec<Note> = unused
            .then(|| {
                Note::new("the given correlations are not used: diffusions share one factor", "未使用所给相关系数：各扩散仅共享一个因子")
            })
            .into_iter()
            .collect();
        let Some(history) = history else { return notes };
        let window = window_in_words(request, &request.window);
        notes.extend([Note::new(format!("fitted on {}", window.en), format!("由{}估计", window.zh))]);
        if self.common_jumps.is_none() && history.market.is_none() {
            notes.push(Note::new(
                "the market return of the window shows no jumps: none are common",
                "窗口内市场收益率未见跳跃：不设共同跳跃",
            ));
        }
        notes.extend(poisson::bound_note(history.market.as_ref().filter(|_| self.common_jumps.is_none()), Words("common", "共同")));
        notes.extend(poisson::bound_note(history.own.as_ref().filter(|_| self.own_jumps.is_none()), Words("own", "个股")));
        if self.own_jumps.is_none() && history.own.is_none() {
            notes.push(Note::new(
                "what the market return leaves of the symbols shows no jumps: none are their own",
                "剔除市场收益率后的各证券残差未见跳跃：不设个股跳跃",
            ));
        }
        notes
    }
}

impl Symbol {
    /// ln E e^(power · log return), the constant aside.
    fn log_growth(&self, power: f64, common: &Jumps, own: &Jumps) -> f64 {
        0.5 * power * power * (self.common * self.common + self.own * self.own)
            + common.log_growth(power * self.common_load)
            + own.log_growth(power * self.own_load)
    }

    fn variance(&self, common: &Jumps, own: &Jumps) -> f64 {
        let jumps = self.common_load * self.common_load * common.variance() + self.own_load * self.own_load * own.variance();
        self.common * self.common + self.own * self.own + jumps
    }
}

/// Diffusion and jump sums of every day: draws 2k and 2k + 1 are the normals of day k, one for either.
fn moves(key: Key, paths: &Paths, jumps: &Jumps, out: &mut [f64]) {
    normals(key, paths, out);
    for (day, pair) in out.chunks_exact_mut(2 * LANES).enumerate() {
        jumps.draw(key, paths, day as u32, &mut pair[LANES..]);
    }
}

impl Fitted {
    /// Fills the tile given the common diffusion and jumps of every day, `[day][of two][lane]`.
    fn fill_common(&self, tile: &mut Tile<'_>, streams: &Streams, common: &[f64], mut tilt: Option<&mut Shifted<'_>>) {
        assert_eq!(tile.symbols, self.symbols.len(), "the tile's symbols are not the fitted ones");
        tile.state.fill(0);
        tile.volume.fill(1.0);
        let mut own = vec![0.0; 2 * tile.days * LANES];
        for (k, symbol) in self.symbols.iter().enumerate() {
            moves(streams.key(Stream::Symbol, symbol.address), &tile.paths, &self.own, &mut own);
            if let Some(tilt) = &mut tilt {
                tilt.move_own(k, 2, &mut own);
            }
            for day in 0..tile.days {
                let (at, from) = (tile.at(day, k), 2 * day * LANES);
                let out = &mut tile.simple_return[at..at + LANES];
                let ((z, j), (own_z, own_j)) =
                    (common[from..from + 2 * LANES].split_at(LANES), own[from..from + 2 * LANES].split_at(LANES));
                for lane in 0..LANES {
                    out[lane] = symbol.constant
                        + (symbol.common * z[lane] + symbol.common_load * j[lane])
                        + (symbol.own * own_z[lane] + symbol.own_load * own_j[lane]);
                }
                exp_less_one(out);
            }
        }
    }
}

/// The model with its tilts: of the diffusions, and of the jumps that symbols share.
struct TiltedJumps {
    model: Arc<Fitted>,
    diffusion: NormalTilt,
    /// Of each component; none where no jumps are shared.
    jumps: Vec<Jumps>,
}

/// Standard deviations of a window for which it has one jump more.
const OF_A_JUMP: f64 = 2.5;

impl TiltedJumps {
    /// More frequent jumps, each against the book by up to a deviation more.
    fn jumps(common: &Jumps, loads: &[f64], components: &[Component]) -> Vec<Jumps> {
        if common.is_none() {
            return Vec::new();
        }
        let of = |c: &Component| {
            let against = if loads[c.direction] < 0.0 { common.deviation } else { -common.deviation };
            let rate = (common.rate + c.deviations / OF_A_JUMP / c.length as f64).min(Jumps::MOST);
            Jumps::new(rate, common.mean + against * c.strength().min(1.0), common.deviation)
        };
        components.iter().map(of).collect()
    }

    /// ln(q/p) of so many jumps of a session and their sum.
    fn log_ratio(&self, component: usize, (count, sum): (f64, f64)) -> f64 {
        let (plain, tilted) = (&self.model.common, &self.jumps[component]);
        let of_count = count * libm::log(tilted.rate / plain.rate) - (tilted.rate - plain.rate);
        let moved = tilted.mean - plain.mean;
        if moved == 0.0 {
            return of_count;
        }
        let variance = plain.deviation * plain.deviation;
        of_count + moved * (sum - count * plain.mean - 0.5 * count * moved) / variance
    }
}

impl Tilted for TiltedJumps {
    fn fill(&self, tile: &mut Tile<'_>, streams: &Streams, tilts: &mut Tilts<'_>) {
        let (plain, key) = (&self.model.common, streams.key(Stream::Market, COMMON));
        let mut common = vec![0.0; 2 * tile.days * LANES];
        normals(key, &tile.paths, &mut common);
        let mut shifted = self.diffusion.shifted(tilts);
        shifted.move_common(0, 2, &mut common);
        // of each session the number of jumps and their sum
        let mut jumped = vec![(0.0, 0.0); tilts.of.len()];
        for (day, pair) in common.chunks_exact_mut(2 * LANES).enumerate() {
            let mut w = [[0; LANES]; 4];
            words(key, &tile.paths, day as u32, &mut w);
            for (lane, sum) in pair[LANES..].iter_mut().enumerate() {
                let of = match tilts.of[day * LANES + lane].checked_sub(1) {
                    Some(component) if !self.jumps.is_empty() => &self.jumps[usize::from(component)],
                    _ => plain,
                };
                let jumps =
                    if of.is_none() { (0.0, 0.0) } else { of.sum_of(unit(u64::from(w[0][lane]) | (u64::from(w[1][lane]) << 32)), *sum) };
                (*sum, jumped[day * LANES + lane]) = (jumps.1, jumps);
            }
        }
        self.model.fill_common(tile, streams, &common, Some(&mut shifted));
        self.diffusion.note(tilts, &shifted, &[]);
        if !self.jumps.is_empty() {
            tilts.add(|component, cell| self.log_ratio(component, jumped[cell]));
        }
    }
}

impl MarketModel for Fitted {
    fn fill(&self, tile: &mut Tile<'_>, streams: &Streams) {
        let mut common = vec![0.0; 2 * tile.days * LANES];
        moves(streams.key(Stream::Market, COMMON), &tile.paths, &self.common, &mut common);
        self.fill_common(tile, streams, &common, None);
    }

    fn tilted(self: Arc<Self>, exposures: &[Vec<f64>], components: &[Component]) -> Option<Arc<dyn Tilted>> {
        let diffusions = exposures.iter().map(|exposure| {
            let common = self.symbols.iter().zip(exposure).fold(0.0, |sum, (symbol, money)| sum + symbol.common * money);
            let own = self.symbols.iter().zip(exposure).map(|(symbol, money)| symbol.own * money).collect();
            Direction::unit(vec![common], own)
        });
        let diffusion = NormalTilt::new(diffusions, components, None)?;
        let load =
            |exposure: &Vec<f64>| self.symbols.iter().zip(exposure).fold(0.0, |sum, (symbol, money)| sum + symbol.common_load * money);
        let jumps = TiltedJumps::jumps(&self.common, &exposures.iter().map(load).collect::<Vec<f64>>(), components);
        Some(Arc::new(TiltedJumps { model: self, diffusion, jumps }))
    }

    fn severity(&self, paths: std::ops::Range<u64>, days: usize, streams: &Streams) -> Option<Vec<f64>> {
        let (diffusion, load) = self.symbols.iter().fold((0.0, 0.0), |(sum, loads), s| (sum + s.common, loads + s.common_load));
        let mut common = vec![0.0; 2 * days * LANES];
        Some(lowest_levels(paths, days, |paths, out| {
            moves(streams.key(Stream::Market, COMMON), paths, &self.common, &mut common);
            for (moved, pair) in out.iter_mut().zip(common.chunks_exact(2 * LANES)) {
                *moved = std::array::from_fn(|lane| diffusion * pair[lane] + load * pair[LANES + lane]);
            }
        }))
    }

    fn is_deterministic(&self) -> bool {
        self.symbols.iter().all(|s| s.variance(&self.common, &self.own) == 0.0)
    }

    fn log_growth(&self, symbol: usize, power: f64, days: usize) -> Vec<f64> {
        let symbol = &self.symbols[symbol];
        vec![power * symbol.constant + symbol.log_growth(power, &self.common, &self.own); days]
    }

    fn card(&self) -> ModelCard {
        self.card.clone()
    }

    fn symbol_fit(&self, symbol: usize, log_returns: &[f64], fitted: usize) -> SymbolFit {
        let s = &self.symbols[symbol];
        let jumps = |jumps: &Jumps, load: f64| Kicks { rate: jumps.rate, mean: load * jumps.mean, deviation: load * jumps.deviation };
        let law = JumpLaw {
            constant: s.constant,
            variance: s.common * s.common + s.own * s.own,
            kicks: [jumps(&self.common, s.common_load), jumps(&self.own, s.own_load)],
        };
        law.symbol_fit(log_returns, fitted)
    }
}

#[cfg(test)]
mod tests;
