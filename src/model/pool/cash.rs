//! States the pool's cash: idle cash, the minimum buffer, settlement, and what is called back on a shortage.
//!
//! | figure | formula |
//! |---|---|
//! | idle cash | a share of the funding, else funding less loans |
//! | buffer days | cash over what the pool must pay out a session: loans over their cycle, plus funding expected not to roll |
//! | survival days | sessions whose payments were met in full before the first that was not |
//!
//! Worked (domain notes D2, D3): 800 m of funding at 97.5 % utilisation with a cycle of 5 to 7 sessions lends 111 to 156 m a
//! session against 20 m of idle cash: the buffer is 0.13 to 0.18 sessions.

use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Buffer days are capped here: nothing, or next to nothing, is paid out.
pub const BUFFER_DAYS_MAX: f64 = 1_000.0;

/// A claim or a recall of less is rounding, and ignored: a hundredth of a cent.
pub const DUST_MONEY: f64 = 1e-4;

/// Which loans are called back first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RecallOrder {
    /// The same share of every loan.
    #[default]
    ProRata,
    /// Whole loans, the largest first.
    LargestFirst,
    /// Whole loans, the lowest maintenance ratio first.
    RiskiestFirst,
    /// No loan is called back: what cash cannot pay stays unpaid.
    None,
}

/// `[pool.cash]`: with it the pool is kept day by day; without it only losses are shared out at the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Cash {
    /// Idle cash on the as-of date, a share of the funding; funding less loans (at least nothing) when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle: Option<Ratio>,
    /// The least liquid buffer, a share of the funding: below it loans are called back.
    pub minimum: Ratio,
    /// A loan is out and back within so many sessions, and only what is due can be called back; until their own maturity when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycle_days: Option<f64>,
    /// Sessions until the proceeds of a sale are the pool's cash.
    pub settlement_days: u32,
    /// Sessions an unpaid claim may wait before tiers fail.
    pub grace_days: u32,
    pub recall: RecallOrder,
}

impl Default for Cash {
    fn default() -> Self {
        Cash { idle: None, minimum: Ratio::ZERO, cycle_days: None, settlement_days: 1, grace_days: 1, recall: RecallOrder::ProRata }
    }
}

impl Cash {
    /// Idle cash on the as-of date, money.
    pub fn idle_money(&self, funding_money: f64, loans_money: f64) -> f64 {
        self.idle.map_or((funding_money - loans_money).max(0.0), |share| share.get() * funding_money)
    }
}

/// What the pool must pay out in a session: loans over their cycle, and the funding expected to leave a session.
pub fn outflow_day(loans_money: f64, cycle_days: Option<f64>, leaving_day_money: f64) -> f64 {
    cycle_days.map_or(0.0, |days| loans_money / days) + leaving_day_money
}

/// Cash over the outflow of a session, sessions; `BUFFER_DAYS_MAX` where nothing flows out.
pub fn buffer_days(cash_money: f64, outflow_day_money: f64) -> f64 {
    if outflow_day_money > DUST_MONEY { (cash_money / outflow_day_money).min(BUFFER_DAYS_MAX) } else { BUFFER_DAYS_MAX }
}

/// Whole sessions a stock of cash meets a constant outflow: ⌊cash / outflow⌋, at most `horizon`.
pub fn survival_days(cash_money: f64, outflow_day_money: f64, horizon: u32) -> u32 {
    if outflow_day_money > 0.0 { ((cash_money / outflow_day_money).floor() as u32).min(horizon) } else { horizon }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_of_short_loans_holds_a_buffer_of_a_fraction_of_a_day() {
        // domain notes D3: idle 2 to 3 % of 800 m, and of 500 m, against a cycle of 5 to 7 sessions
        for pool in [8e8, 5e8] {
            let buffer = |idle: f64, cycle: f64| {
                let cash = Cash { idle: Ratio::new(idle), ..Cash::default() };
                buffer_days(cash.idle_money(pool, pool * 0.975), outflow_day(pool * 0.975, Some(cycle), 0.0))
            };
            assert!((buffer(0.02, 5.0) - 0.1026).abs() < 5e-5 && (buffer(0.03, 7.0) - 0.2154).abs() < 5e-5);
        }
        assert!((outflow_day(7.8e8, Some(7.0), 0.0) - 1.114e8).abs() < 5e4 && (outflow_day(7.8e8, Some(5.0), 0.0) - 1.56e8).abs() < 1.0);
        assert_eq!(Cash::default().idle_money(8e8, 7.8e8), 2e7);
        assert_eq!(Cash::default().idle_money(8e8, 9e8), 0.0);
    }

    #[test]
    fn cash_lasts_as_many_whole_sessions_as_it_holds_outflows() {
        assert_eq!(survival_days(100.0, 30.0, 20), 3);
        assert_eq!(survival_days(100.0, 50.0, 20), 2);
        assert_eq!(survival_days(100.0, 1.0, 20), 20);
        assert_eq!(survival_days(0.0, 0.0, 20), 20);
        assert_eq!(buffer_days(5.0, 0.0), BUFFER_DAYS_MAX);
    }
}
