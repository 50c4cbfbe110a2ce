//! Scales margin lines with the market's volatility, or sets them by its value at risk, with brakes against procyclicality.
//!
//! A line m leaves the excess m − 1 above the debt; a scale s moves it to `1 + (m − 1)·s`. The requirement M follows the
//! market's daily volatility σ (exponentially weighted, of the held symbols):
//! - `volatility`: M = σ/σ₀, σ₀ that of the as-of date, and s = M;
//! - `value-at-risk`: a fall of q = z_α·σ·√n must leave the debt covered, so the excess of the call line (the liquidation
//!   line where no call is in force) is M = q/(1 − q), and the other lines keep their distances: s = M/(call − 1).
//!
//! s lies between `floor` and `cap`. Three tools of EMIR RTS 153/2013 Art. 28 hold M back, each on its own key:
//! - `stressed-weight` w: σ becomes (1 − w)·σ + w·σ_s, σ_s the highest volatility of any 60 sessions of the history;
//! - `lookback-floor`: σ is at least that of the whole history (ten years at most);
//! - `buffer` b: M·(1 + b) at low volatility, of which the addition is used up before M rises: max(M, min(M, M₀)·(1 + b)).
//!
//! Procyclicality over a path (Murphy, Vasios and Vause 2014): peak-to-trough max M/min M, and the largest n-day rise
//! max M(t + n)/M(t) − 1, for M with the tools and without them.
//!
//! Worked: σ₀ = 2 %, σ = 4 %: M = 2; with w = 25 % and σ_s = 5 %: 4.25 %/2 % = 2.125 against 2.75 %/2 % = 1.375 at the start;
//! α = 99 %, n = 2, σ = 4 %: q = 2.326·4 %·1.414 = 13.16 %, M = 15.15 %: a call line of 115.2 %.

use crate::maths::quantile::normal_quantile;
use crate::model::part::rule::Rule;
use crate::model::part::{Bounds, Declared, Fault, Kind, Param, Part, Unit, Words};
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[margin.dynamic]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Dynamic {
    pub method: Method,
    /// Least scale: at 100 % lines never fall below the contract.
    pub floor: Ratio,
    /// Most scale.
    pub cap: Ratio,
    /// Weight of the stressed volatility.
    pub stressed_weight: Ratio,
    /// Buffer on top of the requirement that stress may use up.
    pub buffer: Ratio,
    /// True when volatility counts at least as it was over the whole history, ten years at most.
    pub lookback_floor: bool,
}

/// What the requirement follows.
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Volatility over that of the as-of date.
    #[default]
    Volatility,
    /// Value at risk of the market over some sessions.
    ValueAtRisk(ValueAtRisk),
}

/// The fall that the call line must cover.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ValueAtRisk {
    pub confidence: Ratio,
    /// Sessions a close-out takes.
    pub days: u32,
}

impl Default for ValueAtRisk {
    fn default() -> Self {
        ValueAtRisk { confidence: Ratio::from_fraction(0.99), days: 2 }
    }
}

impl Default for Dynamic {
    fn default() -> Self {
        Dynamic {
            method: Method::Volatility,
            floor: Ratio::ONE,
            cap: Ratio::from_fraction(3.0),
            stressed_weight: Ratio::ZERO,
            buffer: Ratio::ZERO,
            lookback_floor: false,
        }
    }
}

impl Part for Dynamic {
    const DECLARED: Declared = Declared {
        key: "dynamic",
        kind: Kind::Rule,
        what: Words("lines that move with the market's volatility", "随市场波动率移动的各条线"),
        formula: "a line m moves to 1 + (m − 1)·s, s between floor and cap",
        source: "Murphy, Vasios and Vause (2014)",
        params: &[
            Param::choice(
                "method",
                &[
                    ("volatility", Words("scaled by volatility over that of the as-of date", "按波动率与基准日之比缩放")),
                    (
                        "value-at-risk",
                        Words(
                            "call line covers the value at risk at {method.value-at-risk.confidence} over {method.value-at-risk.days} sessions",
                            "追保线覆盖 {method.value-at-risk.days} 个交易日 {method.value-at-risk.confidence} 风险价值",
                        ),
                    ),
                ],
                "\"volatility\"",
                Words(
                    "what the scale follows: volatility over that of the as-of date, or the fall that the call line must cover",
                    "尺度所依据的指标",
                ),
            ),
            Param::shown(
                "method.value-at-risk.confidence",
                Unit::Percent,
                Bounds::between(0.5, 1.0),
                "\"99%\"",
                Words("level of the value at risk", "在险价值的置信水平"),
            ),
            Param::shown(
                "method.value-at-risk.days",
                Unit::Count,
                Bounds::within(1.0, 250.0),
                "2",
                Words("sessions a close-out takes, over which it is measured", "平仓所需的交易日数"),
            ),
            Param::shown(
                "floor",
                Unit::Percent,
                Bounds::above(0.0, 10.0),
                "\"100%\"",
                Words("least scale of a line's excess over the debt", "尺度下限"),
            ),
            Param::shown(
                "cap",
                Unit::Percent,
                Bounds::above(0.0, 10.0),
                "\"300%\"",
                Words("most scale of a line's excess over the debt", "尺度上限"),
            ),
            Param::shown(
                "stressed-weight",
                Unit::Percent,
                Bounds::SHARE,
                "\"0%\"",
                Words("weight of the most volatile 60 sessions of the history", "历史最高波动时段的权重"),
            ),
            Param::shown(
                "buffer",
                Unit::Percent,
                Bounds::within(0.0, 10.0),
                "\"0%\"",
                Words("addition that stress uses up before lines rise", "可被压力消耗的缓冲"),
            ),
            Param::shown(
                "lookback-floor",
                Unit::Flag,
                Bounds::ANY,
                "false",
                Words("volatility counts at least as over the history, ten years at most", "波动率不低于历史水平（至多十年）"),
            ),
        ],
        sentences: &[Words(
            "{method}; scale {floor} to {cap}; stressed weight {stressed-weight}, buffer {buffer}, lookback floor: {lookback-floor}",
            "{method}；比例 {floor} 至 {cap}；压力权重 {stressed-weight}，缓冲 {buffer}，历史下限：{lookback-floor}",
        )],
        figures: &[],
    };

    fn contradictions(&self) -> Vec<Fault> {
        let what = || format!("the floor {} stands above the cap {}", self.floor, self.cap);
        let fault = || Fault::new(&["floor", "cap"], what(), "a scale lies between its floor and its cap", "swap them");
        (self.floor > self.cap).then(fault).into_iter().collect()
    }
}

impl Rule for Dynamic {
    const TITLE: Words = Words("Dynamic lines", "动态保证金线");
}

/// A fall beyond which a value at risk counts no further: the call line it asks for is ten times the debt.
const DEEPEST_FALL: f64 = 0.9;

/// Daily volatilities of the market that a requirement is measured against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reference {
    /// At the as-of date.
    pub start: f64,
    /// Over the history, ten years at most.
    pub long_run: f64,
    /// Of the most volatile 60 sessions of the history.
    pub stressed: f64,
}

impl Reference {
    /// From the market's daily returns up to the as-of date, oldest first; `start` is the as-of volatility.
    pub fn of(returns: &[f64], start: f64) -> Self {
        const WINDOW: usize = 60;
        const TEN_YEARS: usize = 2500;
        let level = |returns: &[f64]| (returns.iter().fold(0.0, |sum, r| sum + r * r) / returns.len().max(1) as f64).sqrt();
        if returns.len() < 10 {
            return Reference { start, long_run: start, stressed: start };
        }
        let last = &returns[returns.len().saturating_sub(TEN_YEARS)..];
        let stressed = last.windows(WINDOW.min(last.len())).map(level).fold(0.0, f64::max);
        Reference { start, long_run: level(last), stressed }
    }
}

impl Dynamic {
    /// The requirement at a daily volatility, without any tool against procyclicality.
    pub fn plain(&self, volatility: f64, reference: &Reference) -> f64 {
        match self.method {
            Method::Volatility if reference.start > 0.0 => volatility / reference.start,
            Method::Volatility => 1.0,
            Method::ValueAtRisk(risk) => {
                let fall = normal_quantile(risk.confidence.get()) * volatility * f64::from(risk.days).sqrt();
                let fall = fall.min(DEEPEST_FALL);
                fall / (1.0 - fall)
            }
        }
    }

    /// The requirement with the tools that are on.
    pub fn steadied(&self, volatility: f64, reference: &Reference) -> f64 {
        let now = self.plain(self.weighted(volatility, reference), reference);
        let start = self.plain(self.weighted(reference.start, reference), reference);
        now.max(now.min(start) * (1.0 + self.buffer.get()))
    }

    fn weighted(&self, volatility: f64, reference: &Reference) -> f64 {
        let weight = self.stressed_weight.get();
        let mixed = (1.0 - weight) * volatility + weight * reference.stressed;
        if self.lookback_floor { mixed.max(reference.long_run) } else { mixed }
    }

    /// What one unit of requirement scales the lines of a contract by; `call` and `liquidation` are its lines, 0 where not in force.
    /// A value at risk has nothing to scale by where neither is: 0, and the lines stay.
    pub fn unit(&self, call: f64, liquidation: f64) -> f64 {
        let line = if call > 1.0 { call } else { liquidation };
        match self.method {
            Method::ValueAtRisk(_) if line > 1.0 => 1.0 / (line - 1.0),
            Method::ValueAtRisk(_) => 0.0,
            Method::Volatility => 1.0,
        }
    }

    /// The scale of a requirement, within floor and cap.
    pub fn scale(&self, requirement: f64, unit: f64) -> f64 {
        let scale = if unit > 0.0 { requirement * unit } else { 1.0 };
        scale.clamp(self.floor.get(), self.cap.get())
    }
}

/// A line at a scale: the excess over the debt is scaled; a line at or below 100 % stays.
pub fn scaled(line: f64, scale: f64) -> f64 {
    if line > 1.0 { 1.0 + (line - 1.0) * scale } else { line }
}

/// Sessions of the n-day measure of procyclicality.
pub const SPANS: [usize; 3] = [1, 5, 30];

/// Upper bound of a figure: prices driven to zero by sales move by more than numbers hold.
const MOST: f64 = 1e15;

/// Peak-to-trough and the largest rises over [`SPANS`] sessions of one path's requirements, the as-of date first; 0 where none.
pub fn procyclicality(requirements: impl Iterator<Item = f64> + Clone) -> [f64; 4] {
    let (low, high) = requirements.clone().fold((f64::INFINITY, 0.0_f64), |(low, high), m| (low.min(m), high.max(m)));
    let mut out = [if low > 0.0 { (high / low).min(MOST) } else { 0.0 }, 0.0, 0.0, 0.0];
    for (out, span) in out[1..].iter_mut().zip(SPANS) {
        let later = requirements.clone().skip(span);
        *out = requirements
            .clone()
            .zip(later)
            .fold(0.0, |most: f64, (m, later)| if m > 0.0 { most.max((later / m - 1.0).min(MOST)) } else { most });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 5e-5, "found {found}, expected {expected}");
    }

    const REFERENCE: Reference = Reference { start: 0.02, long_run: 0.025, stressed: 0.05 };

    #[test]
    fn the_requirement_follows_volatility_and_value_at_risk_as_worked() {
        let volatility = Dynamic::default();
        near(volatility.plain(0.04, &REFERENCE), 2.0);
        let risk = Dynamic { method: Method::ValueAtRisk(ValueAtRisk::default()), ..Dynamic::default() };
        near(risk.plain(0.04, &REFERENCE), 0.13159 / (1.0 - 0.13159));
        // the call line that this asks for stands where the market's value at risk leaves just the debt
        let scale = risk.plain(0.04, &REFERENCE) * risk.unit(1.3, 1.1);
        near(scaled(1.3, scale), 1.0 / (1.0 - 0.13159));
    }

    #[test]
    fn each_tool_holds_the_requirement_back_in_its_own_way() {
        let weighted = Dynamic { stressed_weight: Ratio::from_fraction(0.25), ..Dynamic::default() };
        near(weighted.steadied(0.04, &REFERENCE), 2.125);
        near(weighted.steadied(0.02, &REFERENCE), 1.375);
        let floored = Dynamic { lookback_floor: true, ..Dynamic::default() };
        near(floored.steadied(0.01, &REFERENCE), 1.25);
        near(floored.steadied(0.04, &REFERENCE), 2.0);
        let buffered = Dynamic { buffer: Ratio::from_fraction(0.25), ..Dynamic::default() };
        for (volatility, expected) in [(0.02, 1.25), (0.016, 1.0), (0.024, 1.25), (0.025, 1.25), (0.03, 1.5)] {
            near(buffered.steadied(volatility, &REFERENCE), expected);
        }
        near(Dynamic::default().steadied(0.04, &REFERENCE), 2.0);
    }

    #[test]
    fn a_tool_never_raises_the_swing_of_the_requirement() {
        let path = [0.02, 0.018, 0.03, 0.05, 0.045, 0.022];
        let swing = |d: &Dynamic| procyclicality(path.iter().map(|v| d.steadied(*v, &REFERENCE)));
        let off = swing(&Dynamic::default());
        for on in [
            Dynamic { stressed_weight: Ratio::from_fraction(0.25), ..Dynamic::default() },
            Dynamic { lookback_floor: true, ..Dynamic::default() },
            Dynamic { buffer: Ratio::from_fraction(0.25), ..Dynamic::default() },
        ] {
            let on = swing(&on);
            assert!(on.iter().zip(off).all(|(on, off)| *on <= off + 1e-12), "{on:?} {off:?}");
        }
        near(off[0], 0.05 / 0.018);
        near(off[1], 2.0 / 3.0);
    }

    #[test]
    fn a_scale_moves_the_excess_of_a_line_within_its_bounds() {
        near(scaled(1.3, 2.0), 1.6);
        near(scaled(1.3, 1.0), 1.3);
        near(scaled(0.95, 2.0), 0.95);
        let dynamic = Dynamic::default();
        assert_eq!((dynamic.scale(0.5, 1.0), dynamic.scale(9.0, 1.0), dynamic.scale(1.5, 1.0)), (1.0, 3.0, 1.5));
    }

    #[test]
    fn references_come_from_the_past() {
        let mut returns = vec![0.01; 200];
        returns[100..160].fill(-0.05);
        let reference = Reference::of(&returns, 0.01);
        near(reference.stressed, 0.05);
        near(reference.long_run, ((140.0 * 0.0001 + 60.0 * 0.0025) / 200.0_f64).sqrt());
    }
}
