//! Estimates the loss that is exceeded once in so many horizons: the exceedance curve of a scenario and its standard return periods.
//!
//! A loss exceeded with probability 1/n in a horizon of h sessions is exceeded, in horizons one after another that do not depend on each
//! other, once in n·h/252 years on average (252 sessions a year). It is the VaR at 1 − 1/n, with its interval (`quantile.rs`).
//! Worked: of the losses 1 to 1,000, 990 is exceeded once in 100, and with 20 sessions to a horizon once in 7.94 years.

use super::influence::Column;
use super::quantile::{Level, Quantile, Tail, figure, quantile, ranks};
use super::stratified::WeightedTail;
use super::{Estimate, Unit, sums};
use crate::engine::outcome::Outcome;
use crate::model::case::Scenario;

/// Standard return periods, in horizons.
pub const PERIODS: [u64; 7] = [10, 20, 50, 100, 200, 500, 1000];
/// Sessions in a year.
pub const SESSIONS_A_YEAR: f64 = 252.0;
/// Where the curve has its points, in thousandths of the paths above them: closer together the fewer they are, every period among them.
const CURVE: [u64; 24] = [500, 400, 300, 250, 200, 160, 130, 100, 80, 65, 50, 40, 30, 25, 20, 15, 10, 8, 6, 5, 4, 3, 2, 1];

/// How often a scenario's pool loss exceeds what.
#[derive(Clone, Debug, Default)]
pub struct Exceedance {
    /// Thousandths of the paths above, and the loss, from the most frequent to the rarest; empty for a scenario of one path.
    pub curve: Vec<(u64, Estimate)>,
}

impl Exceedance {
    /// The loss of each of [`PERIODS`].
    pub fn periods(&self) -> impl Iterator<Item = (u64, &Estimate)> {
        PERIODS.into_iter().filter_map(|n| Some((n, &self.curve.iter().find(|(above, _)| above * n == 1000)?.1)))
    }
}

/// The curve of the pool's loss.
pub fn of_pool(scenario: &Scenario, outcome: &Outcome) -> Exceedance {
    let losses = &outcome.path.pool_loss;
    if outcome.deterministic || losses.len() < 2 {
        return Exceedance::default();
    }
    let (judge, column) = (sums::judge(scenario, outcome), Column::Money(losses));
    let estimate = |level: Level, q: &Quantile| judge.estimate(&figure("pool_loss", Unit::Money, column, level, q));
    let level = |above: u64| Level { key: "exceeded", permille: 1000 - above };
    let at: Box<dyn Fn(u64) -> Estimate> = match judge.sample {
        Some(sample) => {
            let tail = WeightedTail::new(column, sample);
            let confidence = judge.confidence;
            Box::new(move |above| estimate(level(above), &tail.quantile(level(above), confidence)))
        }
        None => {
            let n = losses.len() as u64;
            let first = ranks(n, level(CURVE[0]), judge.confidence);
            let tail = Tail::new(column, n, first.low.min(first.error_low));
            let confidence = judge.confidence;
            Box::new(move |above| estimate(level(above), &quantile(&tail, &ranks(n, level(above), confidence))))
        }
    };
    Exceedance { curve: CURVE.map(|above| (above, at(above))).to_vec() }
}

/// Years from one loss to the next that is exceeded once in so many horizons.
pub fn years(period: f64, horizon_days: u32) -> f64 {
    period * f64::from(horizon_days) / SESSIONS_A_YEAR
}

#[cfg(test)]
mod tests {
    use super::super::tests::{book, scenario};
    use super::*;
    use crate::measures::{Flag, estimate, synthetic};

    #[test]
    fn return_periods_are_the_values_at_risk_of_the_same_levels() {
        let mut outcome = synthetic::quiet(&book(), 40_000);
        outcome.path.pool_loss = (0..40_000_u64).map(|i| (i * 7_919 % 40_000) as f64).collect();
        let (found, all) = (of_pool(&scenario(), &outcome), estimate(&scenario(), &book(), &outcome));
        for (period, key) in [(20, "pool_loss.var_95"), (100, "pool_loss.var_99"), (1000, "pool_loss.var_99_9")] {
            let own = found.periods().find(|(n, _)| *n == period).expect("a standard period").1;
            assert_eq!((own.value, own.std_error, own.ci_low, own.ci_high), {
                let var = &all[key];
                (var.value, var.std_error, var.ci_low, var.ci_high)
            });
        }
        assert!(found.curve.windows(2).all(|pair| pair[0].0 > pair[1].0 && pair[0].1.value <= pair[1].1.value));
    }

    #[test]
    fn a_period_that_few_paths_show_is_flagged_and_a_single_path_has_none() {
        let mut outcome = synthetic::quiet(&book(), 1_000);
        outcome.path.pool_loss = (1..=1_000).map(f64::from).collect();
        let found = of_pool(&scenario(), &outcome);
        let flags: Vec<Option<Flag>> = found.periods().map(|(_, e)| e.flag).collect();
        assert_eq!(found.periods().nth(3).map(|(n, e)| (n, e.value)), Some((100, 990.0)));
        assert_eq!(flags[..2], [None; 2]);
        assert_eq!(
            flags[2..],
            [Some(Flag::ThinTail), Some(Flag::ThinTail), Some(Flag::ThinTail), Some(Flag::OpenInterval), Some(Flag::OpenInterval)]
        );
        outcome.deterministic = true;
        assert!(of_pool(&scenario(), &outcome).curve.is_empty());
        assert!((years(100.0, 20) - 7.936_507).abs() < 1e-6);
    }
}
