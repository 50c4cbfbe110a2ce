//! Turns a figure into an estimate: its standard error, its interval, its flag.

use super::influence::{Term, spread, std_error};
use super::{Estimate, Flag, Unit};
use crate::maths::special::{normal_quantile, probability_high, probability_low};

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
}

/// How the interval is made.
#[derive(Clone, Copy, Debug)]
pub enum Doubt {
    /// value ± z·SE, the SE from the influence.
    Normal,
    /// The same for a mean of shares in [0, 1]: clipped there, and exact where no path (or every path) shows the event.
    Share,
    /// A share with the SE known.
    ShareKnown { std_error: f64 },
    /// Exact for a count of paths.
    Count { hits: u64 },
    /// Given: order statistics.
    Given { std_error: f64, low: f64, high: f64 },
}

impl<'a> Figure<'a> {
    /// A plain figure with a normal interval.
    pub fn new(key: impl Into<String>, value: f64, unit: Unit, influence: Vec<Term<'a>>) -> Self {
        Figure { key: key.into(), value, unit, influence, doubt: Doubt::Normal, flag: None, paths: None }
    }

    pub fn doubt(mut self, doubt: Doubt) -> Self {
        self.doubt = doubt;
        self
    }

    pub fn flag(mut self, flag: Option<Flag>) -> Self {
        self.flag = flag;
        self
    }

    /// A figure with nothing to divide by: it says so, and holds 0 because no file may hold a NaN.
    pub fn undefined(key: impl Into<String>, unit: Unit) -> Self {
        Figure::new(key, 0.0, unit, Vec::new()).flag(Some(Flag::Undefined))
    }
}

/// What turns figures into estimates: paths, confidence, and whether every path is the same.
#[derive(Clone, Copy, Debug)]
pub struct Judge {
    pub paths: u64,
    /// Two-sided confidence of intervals.
    pub confidence: f64,
    /// Standard errors in half an interval.
    pub z: f64,
    pub deterministic: bool,
}

impl Judge {
    pub fn new(paths: u64, confidence: f64, deterministic: bool) -> Self {
        assert!(paths > 0, "an outcome without paths has no figures");
        Judge { paths, confidence, z: normal_quantile(0.5 + confidence / 2.0), deterministic }
    }

    /// A figure with its doubt.
    pub fn estimate(&self, figure: &Figure<'_>) -> Estimate {
        let paths = figure.paths.unwrap_or(self.paths);
        let value = figure.value;
        assert!(value.is_finite(), "{} is {value} over {paths} paths", figure.key);
        let exact = |flag| Estimate { value, std_error: 0.0, ci_low: value, ci_high: Some(value), paths, unit: figure.unit, flag };
        if figure.flag == Some(Flag::Undefined) {
            return exact(figure.flag);
        }
        if self.deterministic {
            return exact(None);
        }
        let miss = (1.0 - self.confidence) / 2.0;
        let normal = || std_error(self.paths as usize, &figure.influence, &[]);
        let (std_error, low, high) = match figure.doubt {
            Doubt::Normal => {
                let se = normal();
                (se, value - self.z * se, value + self.z * se)
            }
            Doubt::Share => self.share(value, normal(), paths, miss),
            Doubt::ShareKnown { std_error } => self.share(value, std_error, paths, miss),
            Doubt::Count { hits } => {
                let se = (value * (1.0 - value) / paths as f64).sqrt();
                (se, probability_low(hits, paths, miss), probability_high(hits, paths, miss))
            }
            Doubt::Given { std_error, low, high } => (std_error, low, high),
        };
        assert!(std_error.is_finite() && low.is_finite(), "{} has standard error {std_error} over {paths} paths", figure.key);
        // one path tells nothing of the others
        let flag = if paths < 2 { Some(Flag::OpenInterval) } else { figure.flag };
        let open = flag == Some(Flag::OpenInterval);
        Estimate { value, std_error, ci_low: low, ci_high: (!open).then_some(high), paths, unit: figure.unit, flag }
    }

    /// The mean of a share that is 0 on every path still lies below the exact bound of "any path shows it".
    fn share(&self, value: f64, se: f64, paths: u64, miss: f64) -> (f64, f64, f64) {
        let (mut low, mut high) = ((value - self.z * se).max(0.0), (value + self.z * se).min(1.0));
        if se == 0.0 && value == 0.0 {
            high = probability_high(0, paths, miss);
        }
        if se == 0.0 && value == 1.0 {
            low = probability_low(paths, paths, miss);
        }
        (se, low, high)
    }

    /// How far two shares may lie apart that differ on no path drawn: by the exact bound of "any path differs"; 0 for other figures.
    fn unseen(&self, figure: &Figure<'_>) -> f64 {
        let of_all = figure.paths.is_none() && matches!(figure.doubt, Doubt::Share | Doubt::Count { .. });
        if of_all && !self.deterministic { probability_high(0, self.paths, (1.0 - self.confidence) / 2.0) } else { 0.0 }
    }

    /// `figure` less `base` on the same paths; nothing where it cannot be paired.
    pub fn difference(&self, figure: &Figure<'_>, base: &Figure<'_>) -> Option<Estimate> {
        let undefined = [figure, base].iter().any(|f| f.flag == Some(Flag::Undefined));
        if undefined || figure.influence.is_empty() || base.influence.is_empty() {
            return None;
        }
        let value = figure.value - base.value;
        let variance = if self.deterministic { 0.0 } else { spread(self.paths as usize, &figure.influence, &base.influence).1 };
        let se = (variance / self.paths as f64).sqrt();
        assert!(value.is_finite() && se.is_finite(), "the difference of {} is {value} ± {se}", figure.key);
        let flag = figure.flag.or(base.flag);
        let half = if se == 0.0 && value == 0.0 { self.unseen(figure) } else { self.z * se };
        Some(Estimate {
            value,
            std_error: se,
            ci_low: value - half,
            ci_high: (flag != Some(Flag::OpenInterval)).then_some(value + half),
            paths: self.paths,
            unit: figure.unit,
            flag,
        })
    }
}
