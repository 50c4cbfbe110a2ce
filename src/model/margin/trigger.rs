//! States the platform's volatility trigger: how the market's movement is measured, and what a session beyond the threshold does.
//!
//! "Volatility of the day" has no one meaning, so it is chosen: the absolute close-to-close return |r|; the realised
//! volatility √(Σ r²/n) of the last n sessions; the range of the last n closes, highest over lowest less one; the
//! exponentially weighted volatility of the market's state; or the range of the session itself.
//!
//! **Range of a session.** A path has closes, and highs and lows of single stocks, whose hours differ, do not add up to those of
//! their mean. What a session's range is expected to be, given its return r (log) and the volatility σ, follows for a
//! Brownian path between two closes from the law of its maximum, P(max > m) = exp(−2m(m − r)/σ²) for m above 0 and r:
//!
//! ```text
//! E ln(high/low) = |r| + c·2A,   A = σ·√(π/8)·exp(r²/2σ²)·erfc(|r|/σ√2)
//! ```
//!
//! with the previous close among the prices of the session; the mean over r is Parkinson's (1980) σ·√(8/π) at c = 1. Part of a day's variance falls
//! between sessions, and indices exceed their closes by less: c = 0.66, measured over 1999–2026 on seven indices of China and the
//! United States (0.60 to 0.72, `tests/real_data.rs`).
//!
//! Accounts above `above-leverage` L stand below the ratio L/(L − 1): for them the limit line rises and, with
//! `cut-to-leverage`, they are sold down at that close.
//!
//! Worked: returns of −3 % and 4 %: absolute 4 %, realised over two √(0.0025/2) = 3.54 %, range 4 %. A session that closes
//! where it began, at σ = 2 %: 2A = 2.507 %, a range of exp(0.66·2.507 %) − 1 = 1.668 %.

use super::distance::opening_ratio;
use crate::model::part::rule::Rule;
use crate::model::part::{Bounds, Declared, Fault, Kind, Param, Part, Unit, Words};
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most sessions a movement is measured over.
pub const SESSIONS: u32 = 60;

/// How a session's movement of the market is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Movement {
    /// Absolute close-to-close return.
    #[default]
    Absolute,
    /// Root mean square of the daily returns of this many sessions, or of those there are.
    Realised(u32),
    /// Highest over lowest close of this many sessions, less one.
    Range(u32),
    /// Exponentially weighted daily volatility, decay 0.94.
    Weighted,
    /// High over low of the session, the close before it counted, less one: what it is expected to be, given the session's return.
    SessionRange,
}

/// `[margin.volatility-trigger]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct VolatilityTrigger {
    pub measure: Movement,
    /// A movement above it trips the trigger.
    pub threshold: Ratio,
    /// Sessions it stays tripped, the tripping one counted.
    pub days: u32,
    /// Only accounts with more leverage than this are touched.
    pub above_leverage: f64,
    /// Their limit line while it is tripped, where that is higher than their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Ratio>,
    /// They are sold down to this leverage at the close; absent, they keep what they hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut_to_leverage: Option<f64>,
}

impl Default for VolatilityTrigger {
    fn default() -> Self {
        VolatilityTrigger {
            measure: Movement::Absolute,
            threshold: Ratio::from_fraction(0.05),
            days: 1,
            above_leverage: 3.0,
            limit: None,
            cut_to_leverage: None,
        }
    }
}

/// Sessions a movement may be measured over.
const SPAN: Bounds = Bounds::within(2.0, SESSIONS as f64);

impl Part for VolatilityTrigger {
    const DECLARED: Declared = Declared {
        key: "volatility-trigger",
        kind: Kind::Rule,
        what: Words("what a volatile session does to accounts of high leverage", "高波动交易日对高杠杆账户的限制"),
        formula: "tripped where the movement measured lies above the threshold",
        source: "Parkinson (1980) for the range of a session",
        params: &[
            Param::choice(
                "measure",
                &[
                    ("absolute", Words("absolute return", "收盘涨跌幅绝对值")),
                    ("realised", Words("realised volatility of {measure.realised} sessions", "{measure.realised} 日已实现波动率")),
                    ("range", Words("range of {measure.range} closes", "{measure.range} 日收盘振幅")),
                    ("weighted", Words("exponentially weighted volatility", "指数加权波动率")),
                    ("session-range", Words("expected range of the session", "当日预期振幅")),
                ],
                "\"absolute\"",
                Words("how the market's movement is measured", "市场波动的度量方式"),
            ),
            Param::optional("measure.realised", Unit::Count, SPAN, "5", Words("sessions it is measured over", "度量所用的交易日数")),
            Param::optional("measure.range", Unit::Count, SPAN, "5", Words("closes it is measured over", "度量所用的收盘价个数")),
            Param::shown("threshold", Unit::Percent, Bounds::PART, "\"5%\"", Words("a movement above it trips the trigger", "触发阈值")),
            Param::shown("days", Unit::Count, Bounds::within(1.0, 1000.0), "1", Words("sessions it stays tripped", "触发后持续的交易日数")),
            Param::shown(
                "above-leverage",
                Unit::Number,
                Bounds::LEVERAGE,
                "3.0",
                Words("only accounts above it are touched", "仅限高于此杠杆的账户"),
            ),
            Param::optional(
                "limit",
                Unit::Line,
                Bounds::LINE,
                "\"150%\"",
                Words("their limit line meanwhile, where higher than their own", "触发期间的限额线"),
            ),
            Param::optional(
                "cut-to-leverage",
                Unit::Number,
                Bounds::LEVERAGE,
                "2.5",
                Words("they are sold down to it at the close", "收盘时降至此杠杆"),
            ),
        ],
        sentences: &[
            Words(
                "{measure} above {threshold}: for {days} sessions it acts on accounts above a leverage of {above-leverage}",
                "{measure}高于 {threshold}：{days} 个交易日内限制杠杆高于 {above-leverage} 倍的账户",
            ),
            Words("their limit line is {limit}", "其限额线为 {limit}"),
            Words("they are cut to a leverage of {cut-to-leverage}", "减仓至 {cut-to-leverage} 倍"),
        ],
        figures: &[],
    };

    fn contradictions(&self) -> Vec<Fault> {
        let cut = self.cut_to_leverage.filter(|cut| *cut > self.above_leverage);
        let fault = cut.map(|cut| {
            let what = format!("accounts above {} are cut to {cut}", self.above_leverage);
            let fix = "set cut-to-leverage at or below above-leverage";
            Fault::new(&["cut-to-leverage", "above-leverage"], what, "a cut lowers leverage", fix)
        });
        fault.into_iter().collect()
    }
}

impl Rule for VolatilityTrigger {
    const TITLE: Words = Words("Volatility trigger", "波动率触发");

    fn said(&self) -> Vec<usize> {
        let further = [self.limit.map(|_| 1), self.cut_to_leverage.map(|_| 2)];
        std::iter::once(0).chain(further.into_iter().flatten()).collect()
    }

    fn assumed(&self, _depths: bool) -> Option<Words> {
        const ASSUMED: Words = Words(
            "Highs and lows within a session are not simulated: its range is what is expected of a path between two closes at the day's volatility, scaled to what stock indices have shown.",
            "不模拟盘中高低价：当日振幅取两个收盘价之间按当日波动率的期望值，并按股票指数的历史表现折算。",
        );
        (self.measure == Movement::SessionRange).then_some(ASSUMED)
    }
}

/// Part of a Brownian path's excursion beyond its closes that indices of shares show.
const EXCURSION: f64 = 0.66;
/// Standard deviations beyond which the excursion stands at its limit σ²/2|r|: there exp grows past what erfc can hold.
const FAR: f64 = 25.0;

/// Expected logarithm of high over low beyond |r| of a Brownian path that ends at `r` (log), at a daily volatility.
pub fn excursion(r: f64, volatility: f64) -> f64 {
    if volatility <= 0.0 {
        return 0.0;
    }
    let z = r.abs() / volatility;
    let scaled = if z < FAR {
        libm::exp(0.5 * z * z) * libm::erfc(z / std::f64::consts::SQRT_2)
    } else {
        std::f64::consts::FRAC_2_SQRT_PI / (std::f64::consts::SQRT_2 * z)
    };
    2.0 * volatility * (std::f64::consts::PI / 8.0).sqrt() * scaled
}

/// Expected range of a session with a simple return, less one; everything lost is an infinite range.
fn session_range(simple_return: f64, volatility: f64) -> f64 {
    let r = libm::log1p(simple_return);
    libm::expm1(r.abs() + EXCURSION * excursion(r, volatility))
}

impl Movement {
    /// Sessions of returns it looks at.
    pub fn sessions(self) -> usize {
        match self {
            Movement::Absolute | Movement::Weighted | Movement::SessionRange => 1,
            Movement::Realised(n) => n as usize,
            // n closes have n − 1 returns between them
            Movement::Range(n) => n.saturating_sub(1) as usize,
        }
    }

    /// The movement of the last session, given the last returns (oldest first) and the weighted daily variance.
    pub fn of(self, returns: &[f64], variance: f64) -> f64 {
        match self {
            Movement::Absolute => returns.last().map_or(0.0, |r| r.abs()),
            Movement::Realised(_) if returns.is_empty() => 0.0,
            Movement::Realised(_) => (returns.iter().fold(0.0, |sum, r| sum + r * r) / returns.len() as f64).sqrt(),
            Movement::Range(_) => {
                let mut level = 1.0_f64;
                let (mut low, mut high) = (level, level);
                for r in returns {
                    level *= 1.0 + r;
                    low = low.min(level);
                    high = high.max(level);
                }
                if low > 0.0 { high / low - 1.0 } else { f64::INFINITY }
            }
            Movement::Weighted => variance.sqrt(),
            Movement::SessionRange => session_range(returns.last().copied().unwrap_or(0.0), variance.sqrt()),
        }
    }
}

impl VolatilityTrigger {
    /// The ratio below which an account has more leverage than the trigger spares.
    pub fn spared_from(&self) -> f64 {
        opening_ratio(self.above_leverage)
    }

    /// Sessions up to the as-of date that it looks back on: those whose trip lasts to it, and what they are measured over.
    pub fn looks_back(&self) -> usize {
        self.days.max(1) as usize + self.measure.sessions().max(1)
    }

    /// The ratio accounts are cut to; 0 where they are not.
    pub fn target(&self) -> f64 {
        self.cut_to_leverage.map_or(0.0, opening_ratio)
    }

    /// The limit line of touched accounts while tripped; 0 where it does not change.
    pub fn limit(&self) -> f64 {
        self.limit.map_or(0.0, Ratio::get)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_definition_measures_what_it_says() {
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "found {found}, expected {expected}");
        let returns = [-0.03, 0.04];
        near(Movement::Absolute.of(&returns[1..], 0.0), 0.04);
        near(Movement::Realised(2).of(&returns, 0.0), (0.0025_f64 / 2.0).sqrt());
        // closes 1, 0.97, 1.0088: the highest over the lowest is the last rise
        near(Movement::Range(3).of(&returns, 0.0), 0.04);
        near(Movement::Weighted.of(&[], 0.0004), 0.02);
        let excursion = 2.0 * 0.02 * (std::f64::consts::PI / 8.0).sqrt();
        near(Movement::SessionRange.of(&[0.0], 0.0004), libm::expm1(0.66 * excursion));
        assert!((excursion - 0.02507).abs() < 5e-6 && (libm::expm1(0.66 * excursion) - 0.01668).abs() < 5e-6);
        // a limit-down of a calm market is its own range, and no movement at all has none
        near(Movement::SessionRange.of(&[-0.1], 0.0), 1.0 / 0.9 - 1.0);
        near(Movement::SessionRange.of(&[0.0], 0.0), 0.0);
        assert_eq!(Movement::SessionRange.of(&[-1.0], 0.0004), f64::INFINITY);
        assert_eq!(Movement::Range(3).sessions(), 2);
    }

    #[test]
    fn the_expected_excursion_adds_up_to_parkinsons_range_and_meets_its_limit() {
        // ∫ φ(x)·(|x| + excursion(x, 1)) dx = √(8/π), by the midpoint rule
        let (step, mut sum) = (1e-3, 0.0);
        for at in 0..20_000 {
            let x = -10.0 + step * (f64::from(at) + 0.5);
            let density = libm::exp(-0.5 * x * x) / (2.0 * std::f64::consts::PI).sqrt();
            sum += step * density * (x.abs() + excursion(x, 1.0));
        }
        assert!((sum - (8.0 / std::f64::consts::PI).sqrt()).abs() < 1e-6, "{sum}");
        let [below, above] = [excursion(FAR - 1e-9, 1.0), excursion(FAR + 1e-9, 1.0)];
        assert!((below / above - 1.0).abs() < 2e-3 && (above * FAR - 1.0).abs() < 1e-6, "{below} {above}");
    }

    #[test]
    fn leverages_are_ratios() {
        let trigger = VolatilityTrigger { cut_to_leverage: Some(2.0), ..VolatilityTrigger::default() };
        assert_eq!((trigger.spared_from(), trigger.target(), trigger.limit()), (1.5, 2.0, 0.0));
    }
}
