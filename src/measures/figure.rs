//! Turns a figure into an estimate: its standard error, its interval, its flag.
//!
//! Interval of a figure with influence ψ: Hall's (1992) transformation of the studentised estimate, which takes the skewness
//! out of it. With k = E[(ψ − ψ̄)³]/(sd³·√n), the estimated skewness of the figure itself,
//! `low, high = value − SE·g(±z)`, `g(x) = (3/k)·{[1 + k·x − k²/6]^⅓ − 1}`; g(x) → x as k → 0, and the interval is then value ± z·SE.
//! `coverage` measures what the intervals hold of heavy-tailed laws.
//! Where every path drawn shows the same, no spread can be estimated. The share p of paths that would show something else is
//! below `1 − miss^(1/n)` (the exact bound, about 3/n), and the figure lies within p times the furthest a path can lie away:
//! of a loss, all claims. Where nothing says how far that is, the error is not known and the interval is open.
//!
//! Worked: SE 1, k = 0.316 (a count of 10) at 95 %: from −1.62 to +2.72 about the value; a Poisson count of 10 has −1.65 and +2.65.

use super::influence::{Moments, Term, moments};
use super::stated::{Basis, Estimate, Flag, Unit};
use crate::engine::outcome::Sample;
use crate::maths::special::{probability_high, probability_low, two_sided_quantile};

/// One figure of one outcome, before its doubt is worked out.
#[derive(Clone, Debug)]
pub struct Figure<'a> {
    pub key: String,
    pub value: f64,
    pub unit: Unit,
    /// How much each path moves the figure; empty where only sums over paths are kept, and then it cannot be paired.
    pub influence: Vec<Term<'a>>,
    pub doubt: Doubt,
    pub flag: Option<Flag>,
    /// Paths the figure rests on, when fewer than all.
    pub paths: Option<u64>,
    /// The least and the most the figure can be, however the paths fall.
    pub least: f64,
    pub most: f64,
    /// How far the figure moves per share of paths: 1 of a mean, 1/(1 − α) of a mean of the tail, 1/f of a quantile.
    pub weight: f64,
}

/// How the interval is made.
#[derive(Clone, Copy, Debug)]
pub enum Doubt {
    /// Skewness-corrected, from the influence.
    Skewed,
    /// The same for what is kept as sums over paths.
    Known(Moments),
    /// Exact for a count of paths out of so many: of a sample, the plain paths that would have the same error.
    Count { hits: u64, of: u64 },
    /// Given: order statistics; no upper end where they have none.
    Given { std_error: f64, low: f64, high: f64 },
    /// Every path drawn shows the same.
    Unseen,
    /// A fact without sampling error.
    Exact,
}

/// Paths that must show what a figure measures for it to be read bare.
pub const PATHS_NEEDED: u64 = 10;

/// The error of a bound: half the 95 % interval is 1.96 of them.
pub const ERRORS_AT_95: f64 = 1.959_963_984_540_054;

impl<'a> Figure<'a> {
    /// A plain figure with the interval of its influence.
    pub fn new(key: impl Into<String>, value: f64, unit: Unit, influence: Vec<Term<'a>>) -> Self {
        let (least, most) = (f64::NEG_INFINITY, f64::INFINITY);
        Figure { key: key.into(), value, unit, influence, doubt: Doubt::Skewed, flag: None, paths: None, least, most, weight: 1.0 }
    }

    /// A fact: no path can tell otherwise.
    pub fn exact(key: impl Into<String>, value: f64, unit: Unit) -> Self {
        Figure::new(key, value, unit, Vec::new()).doubt(Doubt::Exact)
    }

    pub fn doubt(mut self, doubt: Doubt) -> Self {
        self.doubt = doubt;
        self
    }

    pub fn flag(mut self, flag: Option<Flag>) -> Self {
        self.flag = flag;
        self
    }

    /// The least and the most the figure can be.
    pub fn within(mut self, least: f64, most: f64) -> Self {
        (self.least, self.most) = (least, most);
        self
    }

    /// A figure with nothing to divide by: it says so, and holds 0 because no file may hold a NaN.
    pub fn undefined(key: impl Into<String>, unit: Unit) -> Self {
        Figure::new(key, 0.0, unit, Vec::new()).flag(Some(Flag::Undefined))
    }
}

/// What turns figures into estimates: paths, confidence, and whether every path is the same.
#[derive(Clone, Copy, Debug)]
pub struct Judge<'a> {
    pub paths: u64,
    /// What the rows stand for, where they do not all count the same.
    pub sample: Option<&'a Sample>,
    /// Two-sided confidence of intervals.
    pub confidence: f64,
    /// Standard errors in half an interval.
    pub z: f64,
    pub deterministic: bool,
}

/// Standard error, both ends, the flag an interval so made asks for, and its basis.
struct Made {
    std_error: f64,
    low: f64,
    high: f64,
    flag: Option<Flag>,
    basis: Basis,
}

impl<'a> Judge<'a> {
    pub fn new(paths: u64, confidence: f64, deterministic: bool) -> Self {
        assert!(paths > 0, "an outcome without paths has no figures");
        Judge { paths, sample: None, confidence, z: two_sided_quantile(confidence), deterministic }
    }

    /// The judge of rows that do not all count the same.
    pub fn of_sample(self, sample: Option<&'a Sample>) -> Self {
        Judge { sample, ..self }
    }

    /// How many plain paths at least show as much as so many rows do of what none of them shows: a row counts at most so much.
    pub fn plain(&self, rows: u64) -> u64 {
        self.sample.map_or(rows, |sample| ((rows as f64 / sample.largest_weight()) as u64).max(1))
    }

    /// Paths met and all paths of a share with this squared error, as whole numbers: plain paths that would have it (Korn and Graubard 1998).
    pub fn count_of(&self, share: f64, error_square: f64) -> Doubt {
        let plain = self.plain(self.paths);
        if error_square > 0.0 && share > 0.0 && share < 1.0 {
            let of = share * (1.0 - share) / error_square;
            let hits = libm::round(share * of).max(1.0);
            return Doubt::Count { hits: hits as u64, of: ((hits / share) as u64).max(hits as u64) };
        }
        Doubt::Count { hits: if share > 0.0 { plain } else { 0 }, of: plain }
    }

    /// A figure with its doubt.
    pub fn estimate(&self, figure: &Figure<'_>) -> Estimate {
        let paths = figure.paths.unwrap_or(self.paths);
        let (value, unit) = (figure.value, figure.unit);
        assert!(value.is_finite(), "{} is {value} over {paths} paths", figure.key);
        let undefined = figure.flag == Some(Flag::Undefined);
        if undefined || self.deterministic || matches!(figure.doubt, Doubt::Exact) {
            let flag = figure.flag.filter(|_| undefined);
            return Estimate {
                value,
                std_error: 0.0,
                ci_low: value,
                ci_high: Some(value),
                paths,
                plain_paths: None,
                unit,
                flag,
                basis: Basis::Exact,
            };
        }
        let made = match figure.doubt {
            Doubt::Skewed => self.skewed(figure, &self.moments(&figure.influence, &[]), paths),
            Doubt::Known(moments) => self.skewed(figure, &moments, paths),
            Doubt::Unseen | Doubt::Exact => self.unseen(figure, value - figure.least, figure.most - value, paths),
            Doubt::Count { hits, of } => self.count(value, hits, of),
            Doubt::Given { std_error, low, high } => Made { std_error, low, high, flag: None, basis: Basis::Sides },
        };
        assert!(!made.std_error.is_nan() && !made.low.is_nan(), "{} has no error over {paths} paths", figure.key);
        // one path tells nothing of the others
        let flag = if paths < 2 { Some(Flag::OpenInterval) } else { figure.flag.or(made.flag) };
        Estimate { plain_paths: self.plain_paths(figure, &made), ..self.finish(figure, value, made, paths, flag) }
    }

    /// How many paths of plain sampling would have a figure's error; nothing where all rows count the same, or nothing tells.
    fn plain_paths(&self, figure: &Figure<'_>, made: &Made) -> Option<u64> {
        self.sample?;
        if let Basis::Count { of, .. } = made.basis {
            return Some(of);
        }
        let m = (!figure.influence.is_empty()).then(|| self.moments(&figure.influence, &[]))?;
        (m.variance > 0.0 && !m.is_constant()).then(|| (m.of_path / m.variance * m.paths as f64) as u64)
    }

    fn moments(&self, plus: &[Term<'_>], minus: &[Term<'_>]) -> Moments {
        moments(self.paths as usize, self.sample, plus, minus)
    }

    fn finish(&self, figure: &Figure<'_>, value: f64, made: Made, paths: u64, flag: Option<Flag>) -> Estimate {
        let open = flag == Some(Flag::OpenInterval) || !made.high.is_finite();
        Estimate {
            value,
            std_error: made.std_error,
            ci_low: made.low,
            ci_high: (!open).then_some(made.high),
            paths,
            plain_paths: None,
            unit: figure.unit,
            flag,
            basis: made.basis,
        }
    }

    fn skewed(&self, figure: &Figure<'_>, m: &Moments, paths: u64) -> Made {
        let value = figure.value;
        if m.is_constant() {
            return self.unseen(figure, value - figure.least, figure.most - value, paths);
        }
        let (std_error, skewness) = (m.std_error(), m.skewness_of_mean());
        let (low, high) = skewed_interval(value, std_error, skewness, self.z);
        // claims grow with interest, so that the most of a loss clips no interval that rests on losses seen
        let top = if figure.unit == Unit::Money { f64::INFINITY } else { figure.most };
        let (low, high) = (low.max(figure.least).min(value), high.min(top).max(value));
        let flag = (m.active < PATHS_NEEDED).then_some(Flag::RareEvent);
        let (least, most) = (figure.least, top);
        Made { std_error, low, high, flag, basis: Basis::Skewed { skewness, least, most } }
    }

    fn count(&self, value: f64, hits: u64, of: u64) -> Made {
        let miss = (1.0 - self.confidence) / 2.0;
        let (low, high) = (probability_low(hits, of, miss), probability_high(hits, of, miss));
        let spread = (value * (1.0 - value) / of as f64).sqrt();
        let std_error = if spread > 0.0 { spread } else { never(of) };
        Made { std_error, low, high, flag: None, basis: Basis::Count { hits, of } }
    }

    /// Every path drawn shows the same: how far down and up the figure may lie by the exact bound of "any path shows another".
    fn unseen(&self, figure: &Figure<'_>, down: f64, up: f64, paths: u64) -> Made {
        let (value, least, most) = (figure.value, figure.least, figure.most);
        let paths = self.plain(paths);
        let (down, up) = (down * figure.weight, up * figure.weight);
        let share = probability_high(0, paths, (1.0 - self.confidence) / 2.0);
        let side = |reach: f64| if reach > 0.0 { share * reach } else { 0.0 };
        let (low, high) = ((value - side(down)).max(least), (value + side(up)).min(most));
        let reach = down.max(up);
        let std_error = if reach > 0.0 { reach * never(paths) } else { 0.0 };
        let flag = match (reach > 0.0, high.is_finite() && low.is_finite()) {
            (false, _) => None,
            (_, true) => Some(Flag::RareEvent),
            (_, false) => Some(Flag::OpenInterval),
        };
        let basis = if reach > 0.0 { Basis::Unseen { down, up, least, most, of: paths } } else { Basis::Exact };
        Made { std_error, low, high, flag, basis }
    }

    /// `figure` less `base` on the same paths; nothing where it cannot be paired.
    pub fn difference(&self, figure: &Figure<'_>, base: &Figure<'_>) -> Option<Estimate> {
        let undefined = [figure, base].iter().any(|f| f.flag == Some(Flag::Undefined));
        if undefined || figure.influence.is_empty() || base.influence.is_empty() {
            return None;
        }
        let (value, paths) = (figure.value - base.value, figure.paths.unwrap_or(self.paths));
        let m = self.moments(&figure.influence, &base.influence);
        assert!(value.is_finite() && m.variance.is_finite(), "the difference of {} is {value}", figure.key);
        let span = (figure.most - figure.least).max(base.most - base.least);
        let pair = Figure { value, ..figure.clone() }.within(-span, span);
        let quantiles = matches!(figure.doubt, Doubt::Given { .. });
        let made = match (self.deterministic, m.is_constant(), quantiles) {
            (true, ..) => Made { std_error: 0.0, low: value, high: value, flag: None, basis: Basis::Exact },
            // what differs on no path drawn, or on all alike, may differ on others; a quantile then moves by 1/f per share of paths
            (_, true, true) => {
                let per_share = figure.weight.max(base.weight);
                Made { flag: None, ..self.unseen(&Figure { weight: per_share, ..pair.clone() }, 1.0, 1.0, paths) }
            }
            (_, true, false) => self.unseen(&pair, span, span, paths),
            // nothing is known of the skewness of the densities that quantiles divide by
            (_, false, true) => self.skewed(&pair, &Moments { third: 0.0, ..m }, paths),
            (_, false, false) => self.skewed(&pair, &m, paths),
        };
        let flag = figure.flag.or(base.flag).or(made.flag);
        Some(self.finish(&pair, value, made, self.paths, flag))
    }
}

/// The standard error that stands for "no path of n shows it": half the exact 95 % interval over 1.96, about 1.9/n.
pub fn never(paths: u64) -> f64 {
    probability_high(0, paths, 0.025) / ERRORS_AT_95
}

/// Both ends of the skewness-corrected interval (Hall 1992).
pub fn skewed_interval(value: f64, std_error: f64, skewness: f64, z: f64) -> (f64, f64) {
    (value - std_error * unskewed(z, skewness), value + std_error * -unskewed(-z, skewness))
}

/// The inverse of Hall's transformation g(t) = t + kt²/3 + k²t³/27 + k/6.
fn unskewed(x: f64, k: f64) -> f64 {
    // below this the cube root loses more digits than the correction is worth
    if k.abs() < 1e-6 { x } else { 3.0 / k * (libm::cbrt(1.0 + k * x - k * k / 6.0) - 1.0) }
}
