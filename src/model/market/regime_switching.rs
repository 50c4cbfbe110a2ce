//! Draws joint past days under regimes of the market that follow each other as a Markov chain.
//!
//! Formula: the equal-weighted simple return of the simulated symbols is a chain of normal regimes, fitted by
//! expectation and maximisation (`regimes.rs`). A path's regime of the first session is drawn with Σₛ ξ(s)·P(s, r), ξ the
//! probabilities filtered up to the as-of date; then the chain runs on. In regime r the simulated day is the past day t
//! with probability γₜ(r) / Σₜ γₜ(r), for all symbols alike, with its halts and limit states as they were.
//!
//! The normal laws only classify past days; what is drawn are the days themselves, fat tails and
//! cross-section included. Source of the chain: Hamilton (1989), Econometrica 57; Kim (1994), Journal of Econometrics 60.
//!
//! Worked number: regimes of 1 % and 3 % volatility that last 50 and 17 sessions: three days in four are in the first in the long run.

use super::day_tilt::{DayTilt, STRONGEST, normal_scores};
use super::drift::{Drift, TRADING_DAYS};
use super::past::{self, Past, market_by_day, window_in_words};
use super::regimes::{self, Chain, Fit};
use super::severity::lowest_levels;
use super::tilt::{Component, Tilted, Tilts};
use super::{FitRequest, LANES, MarketModel, ModelCard, ModelSpec, Paths, Tile};
use crate::maths::digest::Digest;
use crate::maths::random::{Key, Stream, Streams, unit, words};
use crate::model::lineage::Note;
use crate::model::part::{Absent, Bounds, Declared, Figure, Kind, Param, Part, Unit, Words};
use crate::problem::Problems;
use crate::problem::model_problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// `[market.regime-switching]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct RegimeSwitching {
    /// Regimes of the market: 2 or 3.
    pub regimes: u32,
}

impl Default for RegimeSwitching {
    fn default() -> Self {
        RegimeSwitching { regimes: 2 }
    }
}

const MODEL: &str = "regime-switching";

struct Fitted {
    past: Past,
    /// Probabilities of the first simulated day, summed up regime by regime.
    first: Vec<f64>,
    /// The same of the day after each regime.
    transition: Vec<Vec<f64>>,
    /// By regime: weights of the past days, summed up day by day.
    days: Vec<Vec<f64>>,
    /// How often each past day is drawn in the long run.
    weight: Vec<f64>,
    card: ModelCard,
}

impl Part for RegimeSwitching {
    const DECLARED: Declared = Declared {
        key: MODEL,
        kind: Kind::PastDays,
        what: Words(
            "joint historical days, drawn under regimes that follow each other as a Markov chain",
            "按马尔可夫链相继的市场状态抽取的历史交易日",
        ),
        formula: "the regime follows a Markov chain; each session draws a past day, weighted by its probability of that regime",
        source: "Hamilton (1989)",
        params: &[Param {
            key: "regimes",
            unit: Unit::Count,
            range: Bounds::within(2.0, regimes::MOST as f64),
            absent: Absent::Shown,
            shown: "2",
            meaning: Words("regimes of the market, told apart by its mean and volatility", "按均值与波动率区分的市场状态数"),
        }],
        sentences: &[Words("past days drawn under {regimes} regimes of the market", "按 {regimes} 个市场状态抽取的历史日")],
        figures: &[
            Figure { name: "regimes", words: Words("Regimes of the market", "市场状态数") },
            past::WINDOW_DAYS,
            Figure { name: "mean_daily regime {n}", words: Words("Mean of a session, regime {n}", "日均收益率，状态 {n}") },
            Figure {
                name: "volatility_daily regime {n}", words: Words("Volatility of a session, regime {n}", "日波动率，状态 {n}")
            },
            Figure {
                name: "transition {n} to {m}", words: Words("Transition from regime {n} to {m}", "状态 {n} 至状态 {m} 的转移概率")
            },
            Figure {
                name: "duration_days regime {n}", words: Words("Mean stay in regime {n}, sessions", "状态 {n} 的平均持续（交易日）")
            },
            Figure { name: "long_run_share regime {n}", words: Words("Long-run share of regime {n}", "状态 {n} 的长期占比") },
            Figure {
                name: "probability regime {n}, first session",
                words: Words("Probability of regime {n} on the first session", "首个交易日处于状态 {n} 的概率"),
            },
            Figure { name: "log_likelihood", words: Words("Log-likelihood", "对数似然") },
            Figure { name: "log_likelihood of one regime", words: Words("Log-likelihood of one regime", "单一状态的对数似然") },
        ],
    };
}

impl ModelSpec for RegimeSwitching {
    fn name(&self) -> Words {
        Words("regime switching", "状态转换")
    }

    fn fit(&self, request: &FitRequest<'_>) -> Result<Box<dyn MarketModel>, Problems> {
        let mut problems = Problems::new();
        let k = self.regimes as usize;
        if request.window.is_empty() || request.symbols.is_empty() {
            problems.push(model_problem(
                "market.regime-switching",
                format!("{} days and {} symbols to draw from", request.window.len(), request.symbols.len()),
                "simulated days are drawn from past ones",
                "widen [estimation], or move as-of to a day inside the history",
            ));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut past = Past::of(request, request.window.clone());
        past.bind_to_limits_now(request, request.window.clone());
        let window = window_in_words(request, &request.window);
        let mut notes = vec![Note::new(format!("drawn from {}", window.en), format!("抽取自{}", window.zh))];
        let market = market_by_day(request, request.window.clone());
        let traded: Vec<f64> = market.iter().flatten().copied().collect();
        let given = |digest: &mut Digest| {
            digest.word(&k.to_string());
            digest.numbers(&traded);
        };
        let fit: Option<Fit> = request.market.fit_cache.get_or_fit("regimes", given, || regimes::fit(&traded, k));
        let fitted = match fit {
            Some(fit) => told_apart(past, &market, &fit, as_of(&fit.chain, request), notes),
            None => {
                notes.push(one_regime(traded.len()));
                notes.extend(past.note_on_missing());
                alike(past, notes)
            }
        };
        Ok(Box::new(fitted.with_drift(request.drift)))
    }
}

/// Why there is one regime only.
fn one_regime(days: usize) -> Note {
    if days < regimes::LEAST_DAYS {
        let least = regimes::LEAST_DAYS;
        Note::new(
            format!("{days} trading days are too few to tell regimes ({least} are needed): every past day is as likely as any other"),
            format!("{days} 个交易日不足以区分状态（至少 {least} 个）：历史各日等概率抽取"),
        )
    } else {
        Note::new("the market return of the window never moves: there is one regime", "窗口内市场收益率不变：仅一种状态")
    }
}

/// The probabilities of the first day after the as-of date.
fn as_of(chain: &Chain, request: &FitRequest<'_>) -> Vec<f64> {
    // a window that lies beyond the as-of date has no past to filter: all the history up to it serves
    let from = if request.window.start < request.after_as_of { request.window.start } else { 0 };
    let known: Vec<f64> = market_by_day(request, from..request.after_as_of).into_iter().flatten().collect();
    match chain.filter(&known).filtered.chunks_exact(chain.regimes()).last() {
        Some(now) => chain.next(now),
        None => chain.stationary(),
    }
}

/// Sums so far: a uniform finds its place in them.
fn summed(weights: impl Iterator<Item = f64>) -> Vec<f64> {
    weights
        .scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect()
}

/// The place of `u` in [0, 1) among sums of weights.
#[inline(always)]
fn place(sums: &[f64], u: f64) -> usize {
    let aim = u * sums[sums.len() - 1];
    sums.partition_point(|sum| *sum <= aim).min(sums.len() - 1)
}

/// Every day of the window as likely as any other.
fn alike(past: Past, notes: Vec<Note>) -> Fitted {
    let days = vec![summed((0..past.days).map(|_| 1.0))];
    let parameters = vec![("regimes".into(), 1.0, None), ("window_days".into(), past.days as f64, None)];
    let weight = vec![1.0; past.days];
    Fitted { past, first: vec![1.0], transition: vec![vec![1.0]], days, weight, card: ModelCard { model: MODEL.into(), parameters, notes } }
}

fn told_apart(past: Past, market: &[Option<f64>], fit: &Fit, first: Vec<f64>, mut notes: Vec<Note>) -> Fitted {
    let k = fit.chain.regimes();
    let mut rows = fit.smoothed.chunks_exact(k);
    // a day on which nothing trades has no regime and is not drawn
    let weights: Vec<Option<&[f64]>> = market.iter().map(|m| m.map(|_| rows.next().expect("a row of each trading day"))).collect();
    let days: Vec<Vec<f64>> = (0..k).map(|s| summed(weights.iter().map(|row| row.map_or(0.0, |row| row[s])))).collect();
    let still = market.iter().filter(|m| m.is_none()).count();
    if still > 0 {
        notes.push(Note::new(
            format!("{still} days of the window on which nothing trades are not drawn"),
            format!("窗口内 {still} 个无任何交易的日子不参与抽取"),
        ));
    }
    // Schwarz (1978): what further figures must earn; one regime has two of them
    let further = 2 * k + k * (k - 1) - 2;
    let price = 0.5 * further as f64 * libm::log((fit.smoothed.len() / k) as f64);
    if fit.log_likelihood - fit.plain_log_likelihood < price {
        notes.push(Note::new(
            format!("{k} regimes raise the log-likelihood by less than Schwarz's criterion asks: one may be enough"),
            format!("{k} 个状态对对数似然的提升低于施瓦茨准则要求：或许一种状态即可"),
        ));
    }
    notes.extend(past.note_on_missing());
    let parameters = parameters(fit, &first);
    let (long_run, totals) = (fit.chain.stationary(), days.iter().map(|sums| sums.last().copied().unwrap_or(0.0)));
    let shares: Vec<f64> = long_run.iter().zip(totals).map(|(share, total)| if total > 0.0 { share / total } else { 0.0 }).collect();
    let weight = weights.iter().map(|row| row.map_or(0.0, |row| row.iter().zip(&shares).fold(0.0, |sum, (g, s)| sum + g * s))).collect();
    Fitted {
        past,
        first: summed(first.into_iter()),
        transition: fit.chain.transition.chunks_exact(k).map(|row| summed(row.iter().copied())).collect(),
        days,
        weight,
        card: ModelCard { model: MODEL.into(), parameters, notes },
    }
}

/// Regime by regime, by rising volatility: its law, mean duration, long-run share, and probability on the as-of date.
fn parameters(fit: &Fit, first: &[f64]) -> Vec<(String, f64, Option<f64>)> {
    let (chain, errors, k) = (&fit.chain, &fit.errors, fit.chain.regimes());
    let known = |error: f64| Some(error).filter(|e| e.is_finite() && *e > 0.0);
    let stationary = chain.stationary();
    let mut rows = vec![("regimes".to_string(), k as f64, None)];
    for s in 0..k {
        let name = s + 1;
        rows.push((format!("mean_daily regime {name}"), chain.mean[s], known(errors.mean[s])));
        rows.push((format!("volatility_daily regime {name}"), chain.deviation[s], known(errors.deviation[s])));
        rows.extend((0..k).map(|r| {
            let at = s * k + r;
            (format!("transition {name} to {}", r + 1), chain.transition[at], known(errors.transition[at]))
        }));
        // a regime that is never left has no finite stay
        if chain.transition[s * k + s] < 1.0 {
            rows.push((format!("duration_days regime {name}"), chain.duration(s), known(errors.duration[s])));
        }
        rows.push((format!("long_run_share regime {name}"), stationary[s], None));
        rows.push((format!("probability regime {name}, first session"), first[s], None));
    }
    rows.push(("log_likelihood".into(), fit.log_likelihood, None));
    rows.push(("log_likelihood of one regime".into(), fit.plain_log_likelihood, None));
    rows
}

impl Fitted {
    /// The same with another drift in the long run; the regimes' own means stay as far apart as they are.
    fn with_drift(mut self, drift: Drift) -> Fitted {
        if let Some(target) = drift.of_session(TRADING_DAYS) {
            let weight = &self.weight;
            self.past.set_drift(target, &|day| weight[day]);
        }
        self
    }

    /// Moves every lane to its regime and its past day of simulated day `day`.
    fn step(&self, key: Key, paths: &Paths, day: usize, regime: &mut [usize; LANES], days: &mut [usize; LANES]) {
        let uniforms = uniforms(key, paths, day);
        for (lane, (regime, drawn)) in regime.iter_mut().zip(days).enumerate() {
            let sums = if day == 0 { &self.first } else { &self.transition[*regime] };
            *regime = place(sums, uniforms[0][lane]);
            *drawn = place(&self.days[*regime], uniforms[1][lane]);
        }
    }
}

/// The uniforms by which every lane's regime and past day are drawn on simulated day `day`.
fn uniforms(key: Key, paths: &Paths, day: usize) -> [[f64; LANES]; 2] {
    let mut w = [[0; LANES]; 4];
    words(key, paths, day as u32, &mut w);
    [0, 2].map(|low| std::array::from_fn(|lane| unit(u64::from(w[low][lane]) | (u64::from(w[low + 1][lane]) << 32))))
}

/// The probabilities behind sums so far.
fn parts(sums: &[f64]) -> impl Iterator<Item = f64> {
    sums.iter().scan(0.0, |before, sum| Some(sum - std::mem::replace(before, *sum)))
}

/// Regimes and past days under one component: a session's regime and day are drawn together with q = p·e^(s·x) / M, M of the regime before.
struct Leaning {
    direction: usize,
    strength: f64,
    /// Of each regime.
    days: Vec<DayTilt>,
    /// Probabilities of the first session's regime, and of that after each regime, summed up, with ln M.
    first: (Vec<f64>, f64),
    after: Vec<(Vec<f64>, f64)>,
}

impl Leaning {
    fn new(model: &Fitted, scores: &[Vec<f64>], component: &Component) -> Leaning {
        let (direction, strength) = (component.direction, component.strength().min(STRONGEST));
        let scores = &scores[direction];
        let days: Vec<DayTilt> = model.days.iter().map(|sums| DayTilt::new(parts(sums), scores, strength)).collect();
        let leant = |sums: &Vec<f64>| {
            let tilted = summed(parts(sums).zip(&days).map(|(probability, day)| probability * libm::exp(day.log_norm)));
            let norm = tilted[tilted.len() - 1] / sums[sums.len() - 1];
            (tilted, libm::log(norm))
        };
        Leaning { direction, strength, first: leant(&model.first), after: model.transition.iter().map(leant).collect(), days }
    }

    /// What the session after a regime is drawn of.
    fn of(&self, before: Option<usize>) -> &(Vec<f64>, f64) {
        before.map_or(&self.first, |regime| &self.after[regime])
    }
}

/// The model with its tilts: towards regimes and past days that hurt.
struct TiltedRegimes {
    model: Arc<Fitted>,
    /// Of each direction.
    scores: Vec<Vec<f64>>,
    of: Vec<Leaning>,
}

impl Tilted for TiltedRegimes {
    fn fill(&self, tile: &mut Tile<'_>, streams: &Streams, tilts: &mut Tilts<'_>) {
        let (key, model) = (streams.key(Stream::Market, 0), &self.model);
        let mut regime: [Option<usize>; LANES] = [None; LANES];
        // of each session the regime before it and its past day
        let mut drawn: Vec<(Option<usize>, usize)> = Vec::with_capacity(tilts.of.len());
        for (day, of) in tilts.of.chunks_exact(LANES).enumerate() {
            let [regimes, days] = uniforms(key, &tile.paths, day);
            let mut past = [0; LANES];
            for lane in 0..LANES {
                let before = regime[lane];
                let (now, of_day) = match of[lane].checked_sub(1) {
                    None => {
                        let now = place(before.map_or(&model.first, |regime| &model.transition[regime]), regimes[lane]);
                        (now, place(&model.days[now], days[lane]))
                    }
                    Some(component) => {
                        let leaning = &self.of[usize::from(component)];
                        let now = place(&leaning.of(before).0, regimes[lane]);
                        (now, leaning.days[now].place(days[lane]))
                    }
                };
                (regime[lane], past[lane]) = (Some(now), of_day);
                drawn.push((before, of_day));
            }
            model.past.gather(tile, day, &past);
        }
        tilts.note(|component, cell| {
            let (leaning, (before, day)) = (&self.of[component], drawn[cell]);
            leaning.strength * self.scores[leaning.direction][day] - leaning.of(before).1
        });
    }
}

impl MarketModel for Fitted {
    fn fill(&self, tile: &mut Tile<'_>, streams: &Streams) {
        assert_eq!(tile.symbols, self.past.symbols, "the tile's symbols are not the fitted ones");
        let key = streams.key(Stream::Market, 0);
        let (mut regime, mut days) = ([0; LANES], [0; LANES]);
        for day in 0..tile.days {
            self.step(key, &tile.paths, day, &mut regime, &mut days);
            self.past.gather(tile, day, &days);
        }
    }

    fn tilted(self: Arc<Self>, exposures: &[Vec<f64>], components: &[Component]) -> Option<Arc<dyn Tilted>> {
        let scores: Vec<Vec<f64>> = exposures.iter().map(|exposure| normal_scores(&self.past.falls(exposure, 1))).collect();
        let of = components.iter().map(|c| Leaning::new(&self, &scores, c)).collect();
        Some(Arc::new(TiltedRegimes { model: self, scores, of }))
    }

    fn severity(&self, paths: Range<u64>, days: usize, streams: &Streams) -> Option<Vec<f64>> {
        let key = streams.key(Stream::Market, 0);
        Some(lowest_levels(paths, days, |paths, moves| {
            let (mut regime, mut drawn) = ([0; LANES], [0; LANES]);
            for (day, moved) in moves.iter_mut().enumerate() {
                self.step(key, paths, day, &mut regime, &mut drawn);
                *moved = self.past.moves(&drawn);
            }
        }))
    }

    fn log_growth(&self, symbol: usize, power: f64, days: usize) -> Vec<f64> {
        vec![self.past.log_growth(symbol, power, &|day| self.weight[day]); days]
    }

    fn is_deterministic(&self) -> bool {
        self.past.days == 1
    }

    fn card(&self) -> ModelCard {
        self.card.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{MarketSpec, toy};
    use super::*;
    use crate::maths::random::{Key, normal};
    use crate::model::history::{Market, flag};

    /// Fifty calm days and ten stormy ones in turn; each return tells its day.
    fn weather(symbols: usize, days: usize) -> Market {
        toy::with_returns(symbols, days, |day, symbol| {
            let level = if day % 60 < 50 { 0.004 } else { 0.05 };
            level * normal(Key([5, 8]), day as u64, 0) + 1e-5 * symbol as f64
        })
    }

    fn simulate(model: &dyn MarketModel, days: usize, symbols: usize, first_path: u64) -> toy::Buffer {
        let mut buffer = toy::Buffer::new(days, symbols);
        model.fill(&mut buffer.tile(first_path), &Streams::new(5));
        buffer
    }

    #[test]
    fn each_simulated_day_is_one_past_day_for_all_symbols() {
        let market = weather(3, 600);
        let symbols = [0, 2];
        let model = RegimeSwitching::default().fit(&toy::request(&market, &symbols, 12)).expect("fits");
        let buffer = simulate(&*model, 12, 2, 160);
        for day in 0..12 {
            for lane in 0..LANES {
                let of = |k: usize| (day * 2 + k) * LANES + lane;
                let past = (0..600).find(|d| market.history.row(*d)[0] == buffer.simple_return[of(0)]).expect("a past day");
                for (k, symbol) in symbols.iter().enumerate() {
                    assert_eq!(buffer.simple_return[of(k)], market.history.row(past)[*symbol]);
                    assert_eq!(buffer.state[of(k)], market.history.flag_row(past)[*symbol]);
                }
            }
        }
    }

    #[test]
    fn a_path_starts_in_the_weather_of_the_as_of_date() {
        let market = weather(2, 600);
        let spread = |after_as_of: usize| {
            let request = FitRequest { after_as_of, ..toy::request(&market, &[0, 1], 1) };
            let model = RegimeSwitching::default().fit(&request).expect("fits");
            let tiles = (0..100u64).flat_map(|tile| simulate(&*model, 1, 2, tile * LANES as u64).simple_return[..LANES].to_vec());
            (tiles.map(|r| r * r).sum::<f64>() / (100 * LANES) as f64).sqrt()
        };
        // day 545 lies in the calm, day 598 at the end of a storm
        let (calm, storm) = (spread(545), spread(599));
        assert!(storm > 2.0 * calm, "{storm} after a storm, {calm} after a calm");
    }

    #[test]
    fn the_card_tells_the_chain() {
        let market = weather(2, 1200);
        let card = RegimeSwitching::default().fit(&toy::request(&market, &[0, 1], 5)).expect("fits").card();
        let figure = |name: &str| card.parameters.iter().find(|p| p.0 == name).unwrap_or_else(|| panic!("{card:?}"));
        assert!((figure("volatility_daily regime 1").1 / 0.004 - 1.0).abs() < 0.15, "{card:?}");
        assert!((figure("volatility_daily regime 2").1 / 0.05 - 1.0).abs() < 0.25, "{card:?}");
        assert!((figure("long_run_share regime 1").1 - 5.0 / 6.0).abs() < 0.05, "{card:?}");
        assert!((30.0..80.0).contains(&figure("duration_days regime 1").1) && figure("duration_days regime 1").2.is_some(), "{card:?}");
        let three = RegimeSwitching { regimes: 3 }.fit(&toy::request(&market, &[0, 1], 5)).expect("fits").card();
        assert!(three.parameters.iter().any(|p| p.0 == "transition 3 to 2"), "{three:?}");
        assert!(MarketSpec::RegimeSwitching(RegimeSwitching { regimes: 4 }).fit(&toy::request(&market, &[0, 1], 5)).is_err());
    }

    #[test]
    fn degenerate_histories_fall_back_or_are_named() {
        let fit = |market: &Market, symbols: &[usize]| {
            let model = RegimeSwitching::default().fit(&toy::request(market, symbols, 4)).expect("fits");
            assert!(simulate(&*model, 4, symbols.len(), 0).simple_return.iter().all(|r| r.is_finite() && *r > -1.0));
            model.card()
        };
        let said = |card: &ModelCard, words: &str| assert!(card.notes.iter().any(|n| n.en.contains(words)), "{card:?}");
        said(&fit(&toy::with_returns(2, 100, |_, _| 0.0), &[0, 1]), "never moves");
        said(&fit(&toy::market(2, 1), &[0, 1]), "too few");
        said(&fit(&toy::normal_market(40, 15, 0.02), &(0..40).collect::<Vec<_>>()), "too few");
        said(&fit(&toy::normal_market(2, 300, 0.02), &[0, 1]), "one may be enough");
        let mut halted = toy::normal_market(1, 300, 0.02);
        (0..300).step_by(10).for_each(|d| halted.history.flags[[d, 0]] |= flag::HALTED);
        said(&fit(&halted, &[0]), "30 days of the window on which nothing trades");
        let one = toy::market(1, 1);
        let empty = FitRequest { window: 0..0, ..toy::request(&one, &[0], 3) };
        assert!(RegimeSwitching::default().fit(&empty).is_err());
    }
}
