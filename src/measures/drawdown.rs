//! Estimates the largest fall of the pool's value from its running maximum.
//!
//! MDD = max_t (1 − P_t / max_{s ≤ t} P_s), a fraction per path; stated as a mean and as the tail over paths.
//! Worked: returns (2, −1, 3, −2, 1) % have a maximum drawdown of 2 %.

use super::figure::Figure;
use super::influence::Column;
use super::quantile::LEVELS;
use super::{Context, Unit, es, estimate};

/// The largest fall from a running maximum, a fraction of it.
pub fn max_drawdown(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut peak, mut worst) = (f64::NEG_INFINITY, 0.0_f64);
    for value in values {
        peak = peak.max(value);
        worst = worst.max(1.0 - value / peak);
    }
    worst
}

/// `max_drawdown.mean` and its tail.
pub fn figures<'a>(context: &Context<'a>) -> Vec<Figure<'a>> {
    let column = Column::Money(&context.outcome.path.max_drawdown);
    // assets may fall below nothing where debts are counted in
    let most = f64::INFINITY;
    let mut figures = vec![estimate::mean_of(context, "max_drawdown.mean", Unit::Ratio, column, 1.0, most)];
    figures.extend(es::tail_figures(context, "max_drawdown", Unit::Ratio, column, &LEVELS, most));
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fall_is_measured_from_the_peak_before_it() {
        let mut value = 1.0;
        let path: Vec<f64> = [0.02, -0.01, 0.03, -0.02, 0.01]
            .map(|r| {
                value *= 1.0 + r;
                value
            })
            .to_vec();
        assert!((max_drawdown(path) - 0.02).abs() < 1e-12);
        assert_eq!(max_drawdown([1.0, 2.0, 3.0]), 0.0);
        // SSE Composite, 2015-06-12 to 2015-08-26 (domain notes §3.1): −43.34 %
        assert!((max_drawdown([5166.35, 4053.03, 4277.22, 3507.19, 3725.56, 2927.29, 2950.0]) - 0.4334).abs() < 5e-5);
    }
}
