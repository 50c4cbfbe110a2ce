//! Estimates the pool's Sharpe and Sortino ratios from its daily returns, pooled over every path and day.
//!
//! Both are per day and not annualised, over a target of 0, and both divide by N, the number of path-days (never by N − 1,
//! never by the number of bad days alone):
//! `sharpe = m / √(s − m²)` and `sortino = m / √d` with m = Σr/N, s = Σr²/N, d = Σ min(r, 0)²/N.
//! Days of one path hang together, so the error takes paths as the independent units: the delta method on (m, s) and (m, d).
//! Source: Sharpe (1994); Sortino and Price (1994); Lo (2002) for the delta method.
//! Worked: r = (2, −1, 3, −2, 1) % gives Sharpe 0.323498 (0.289346 with N − 1) and Sortino 0.6 (0.379473 over bad days alone).

use super::figure::Figure;
use super::influence::{Column, Term};
use super::{Context, Unit};

/// What a standard deviation divides by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Divisor {
    N,
    NLessOne,
    /// The number of returns below the target (Sortino only).
    BadDays,
}

/// Mean return less target over the standard deviation; nothing when returns do not vary.
pub fn sharpe(returns: &[f64], target: f64, divisor: Divisor) -> Option<f64> {
    let n = returns.len() as f64;
    let mean = returns.iter().sum::<f64>() / n;
    let squares: f64 = returns.iter().map(|r| (r - mean) * (r - mean)).sum();
    let over = if divisor == Divisor::NLessOne { n - 1.0 } else { n };
    (squares > 0.0 && over > 0.0).then(|| (mean - target) / (squares / over).sqrt())
}

/// Mean return less target over the downside deviation; nothing when no return lies below the target.
pub fn sortino(returns: &[f64], target: f64, divisor: Divisor) -> Option<f64> {
    let n = returns.len() as f64;
    let mean = returns.iter().sum::<f64>() / n;
    let bad: Vec<f64> = returns.iter().map(|r| (r - target).min(0.0)).filter(|d| *d < 0.0).collect();
    let over = match divisor {
        Divisor::N => n,
        Divisor::NLessOne => n - 1.0,
        Divisor::BadDays => bad.len() as f64,
    };
    (!bad.is_empty() && over > 0.0).then(|| (mean - target) / (bad.iter().map(|d| d * d).sum::<f64>() / over).sqrt())
}

/// A mean square of returns below this is nothing: its inverse would leave the range of numbers.
const LEAST: f64 = 1e-60;

/// `sharpe` and `sortino` of the pool.
pub fn figures<'a>(context: &Context<'a>) -> Vec<Figure<'a>> {
    let p = &context.outcome.path;
    let days = context.outcome.dates.len() as f64;
    let columns = [&p.return_sum, &p.return_square, &p.downside_square].map(|c| Column::Money(c));
    let [m, s, d] = columns.map(|c| context.mean(&[Term::linear(c, 1.0 / days)]));
    let variance = s - m * m;
    // below this the variance is rounding of a constant return
    let varies = variance > 1e-14 * s && variance > LEAST;
    let sharpe = varies.then(|| {
        let sd = variance.sqrt();
        let cubed = sd * variance;
        (m / sd, vec![Term::linear(columns[0], s / cubed / days), Term::linear(columns[1], -m / (2.0 * cubed) / days)])
    });
    let sortino = (d > LEAST).then(|| {
        let root = d.sqrt();
        (m / root, vec![Term::linear(columns[0], 1.0 / root / days), Term::linear(columns[2], -m / (2.0 * root * d) / days)])
    });
    [("sharpe", sharpe), ("sortino", sortino)]
        .into_iter()
        .map(|(key, found)| match found {
            Some((value, influence)) => Figure::new(key, value, Unit::Number, influence),
            None => Figure::undefined(key, Unit::Number),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_readings_of_each_ratio_meet_their_figures() {
        let r = [0.02, -0.01, 0.03, -0.02, 0.01];
        let near = |found: Option<f64>, wanted: f64| assert!((found.unwrap() - wanted).abs() < 5e-7, "{found:?} {wanted}");
        near(sharpe(&r, 0.0, Divisor::NLessOne), 0.289_346);
        near(sharpe(&r, 0.0, Divisor::N), 0.323_498);
        near(sortino(&r, 0.0, Divisor::N), 0.6);
        near(sortino(&r, 0.0, Divisor::BadDays), 0.379_473);
        near(sortino(&r, 0.005, Divisor::N), 0.076_696);
        assert_eq!(sharpe(&[0.01, 0.01], 0.0, Divisor::N), None);
        assert_eq!(sortino(&[0.01, 0.02], 0.0, Divisor::N), None);
    }
}
