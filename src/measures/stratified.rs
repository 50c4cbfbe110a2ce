//! Estimates quantiles and tails of a sample whose rows count differently.
//!
//! Each row counts its weight over the number of rows (`record/sample.rs`). VaR is the first value, from above, at which the rows above
//! it count more than 1 − α together with it; ES the mean of the worst rows that count 1 − α, the last by its fraction. The interval
//! of a VaR is Woodruff's (1952): the share of paths above it has a standard error, and the values at that share plus and minus its half
//! interval are the ends. Worked: values 1, 2, 3 that count ½, ¼, ¼: VaR at 60 % is 2, and ES (3·¼ + 2·0.15)/0.4 = 2.625.

use super::influence::{Column, Shape, Term, moments};
use super::quantile::{DISTINCT_NEEDED, Level, Quantile, SAMPLES_NEEDED};
use crate::engine::outcome::Sample;
use crate::maths::special::{normal_quantile, two_sided_quantile};

/// Values from the largest down, each with what the rows down to it count.
pub struct Descending {
    pub values: Vec<f64>,
    /// What the rows of `values` down to and with each count, of one.
    counted: Vec<f64>,
}

impl Descending {
    /// Values and what each counts, of one in all.
    pub fn new(pairs: impl Iterator<Item = (f64, f64)>) -> Self {
        let mut pairs: Vec<(f64, f64)> = pairs.collect();
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut sum = 0.0;
        let counted = pairs.iter().map(|(_, counts)| {
            sum += counts;
            sum
        });
        let counted = counted.collect();
        Descending { counted, values: pairs.into_iter().map(|(value, _)| value).collect() }
    }

    /// Where the rows down to and with it first count more than a share.
    fn place(&self, share: f64) -> usize {
        // sums of weights are exact but for rounding
        self.counted.partition_point(|counted| *counted <= share + 1e-12).min(self.values.len() - 1)
    }

    /// The value above which the rows count at most a share.
    pub fn at(&self, share: f64) -> f64 {
        self.values[self.place(share)]
    }

    /// The mean of the worst rows that count a share.
    pub fn mean_beyond(&self, share: f64) -> f64 {
        let (mut sum, mut before) = (0.0, 0.0);
        for (value, counted) in self.values.iter().zip(&self.counted) {
            if *counted >= share {
                return (sum + value * (share - before)) / share;
            }
            sum += value * (counted - before);
            before = *counted;
        }
        sum / before
    }

    /// The quantile with a share beyond it, and its interval, from the error of the share above it (Woodruff 1952).
    pub fn quantile(&self, beyond: f64, error: f64, confidence: f64) -> Quantile {
        let value = self.at(beyond);
        let z = normal_quantile(0.975);
        let end = |half: f64| (self.at(beyond + half), (beyond > half).then(|| self.at(beyond - half)));
        let (error_low, error_high) = end(z * error);
        let (low, high) = end(two_sided_quantile(confidence) * error);
        let std_error = match error_high {
            Some(high) => (high - error_low) / (2.0 * z),
            None => (value - error_low).max(self.values[0] - value) / z,
        };
        let rows = self.values.partition_point(|v| *v > value);
        Quantile {
            value,
            std_error,
            low: low.min(value),
            high: high.map(|high| high.max(value)),
            inverse_density: std_error / error,
            thin: (rows as u64) < SAMPLES_NEEDED,
            coarse: self.distinct(rows) < DISTINCT_NEEDED,
        }
    }

    /// Different values among the first `rows`, counted to ten.
    fn distinct(&self, rows: usize) -> usize {
        let steps = self.values[..rows].windows(2).filter(|pair| pair[0] > pair[1]).take(DISTINCT_NEEDED).count();
        if rows == 0 { 0 } else { steps + 1 }
    }
}

/// A column of a sample from its largest value down.
pub struct WeightedTail<'a> {
    column: Column<'a>,
    sample: &'a Sample,
    order: Descending,
}

impl<'a> WeightedTail<'a> {
    pub fn new(column: Column<'a>, sample: &'a Sample) -> Self {
        let rows = sample.numbers.len();
        let mut values = vec![0.0; rows];
        column.each(|row, value| values[row] = value);
        let order = Descending::new(values.into_iter().zip(sample.weights().map(|weight| weight / rows as f64)));
        WeightedTail { column, sample, order }
    }

    /// The value above which the rows count at most a share.
    pub fn at(&self, share: f64) -> f64 {
        self.order.at(share)
    }

    /// The mean of the worst rows that count a share.
    pub fn mean_beyond(&self, share: f64) -> f64 {
        self.order.mean_beyond(share)
    }

    /// The quantile of one level with its interval.
    pub fn quantile(&self, level: Level, confidence: f64) -> Quantile {
        let beyond = 1.0 - level.alpha();
        // where many rows stand on the value, the share at or above it is as far as any from the level
        let above = Term::new(self.column, Shape::Above(self.at(beyond)), 1.0);
        let above = moments(self.sample.numbers.len(), Some(self.sample), &[above], &[]);
        self.order.quantile(beyond, above.std_error().max(self.least_error(beyond)), confidence)
    }

    /// The error of a share drawn from all candidates: below it no sample of them goes.
    fn least_error(&self, share: f64) -> f64 {
        self.sample.least_error_square(share).sqrt()
    }

    /// The values between which the VaR lies at 95 %.
    pub fn window(&self, level: Level) -> (f64, f64) {
        let q = self.quantile(level, 0.95);
        (q.low, q.high.unwrap_or(self.order.values[0]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::outcome::Stratum;

    #[test]
    fn a_weighted_tail_gives_the_worked_numbers() {
        let strata = vec![Stratum::alike(0..1, 200), Stratum::alike(1..3, 200)];
        let sample = Sample { candidates: 400, counts: 400.0, strata, numbers: vec![0, 1, 2], severity: vec![0.0; 3] };
        let values = [1.0, 3.0, 2.0];
        let tail = WeightedTail::new(Column::Money(&values), &sample);
        assert_eq!((tail.at(0.4), tail.at(0.2), tail.at(0.6)), (2.0, 3.0, 1.0));
        assert!((tail.mean_beyond(0.4) - 2.625).abs() < 1e-12);
        assert!((tail.mean_beyond(1.0) - (0.5 + 0.5 + 0.75)).abs() < 1e-12);
    }
}
