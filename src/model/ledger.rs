//! Checks that every path balances: what clients, tiers, fees and the market gain and lose sums to zero.
//!
//! The legs are added up along different ways (the market's gain day by day, the end from what is left), so that a rule
//! that loses or makes money is caught on the path where it does. Always on; a failure is a bug and names its numbers.

/// A cent, and a part in a billion of what flowed.
const TOLERANCE_MONEY: f64 = 0.005;
const TOLERANCE_RELATIVE: f64 = 1e-9;
/// Of money that was added and taken out again: what its digits leave behind.
const TOLERANCE_DIGITS: f64 = 1e-12;

/// What may be missing where `flow` is what is left in the end and `gross` what was added and taken out again on the way: an account of
/// 10¹⁴ on both sides may have an equity of nothing, yet a digit of either side is a cent.
pub fn tolerance(flow: f64, gross: f64) -> f64 {
    TOLERANCE_MONEY + TOLERANCE_RELATIVE * flow + TOLERANCE_DIGITS * gross
}

/// One account's horizon: `end = start + gain − interest − cost + paid in + written off − lost with a custodian`.
#[derive(Clone, Copy, Debug)]
pub struct AccountBalance {
    pub equity_start: f64,
    pub market_gain: f64,
    pub interest: f64,
    pub sale_cost: f64,
    /// What the client paid in, less what it took out.
    pub paid_in: f64,
    /// Debt the lender wrote off at close-out.
    pub written_off: f64,
    /// Securities lost with a custodian.
    pub custody_loss: f64,
    pub equity_end: f64,
    /// Assets and debt of both ends, and what was sold between them.
    pub gross: f64,
}

impl AccountBalance {
    /// What is missing from the end (negative) or too much (positive).
    pub fn gap(&self) -> f64 {
        let flows = self.market_gain - self.interest - self.sale_cost + self.paid_in + self.written_off - self.custody_loss;
        self.equity_end - (self.equity_start + flows)
    }

    pub fn assert_balanced(&self, account: usize) {
        let flow = self.equity_start.abs() + self.market_gain.abs() + self.equity_end.abs() + self.paid_in.abs() + self.written_off;
        let tolerance = tolerance(flow, self.gross);
        assert!(self.gap().abs() <= tolerance, "account {account} does not balance by {}: {self:?}", self.gap());
    }
}

/// One path over all accounts: the market's gain ends with clients, lender and brokers; a shortfall ends with recourse and tiers.
#[derive(Clone, Copy, Debug)]
pub struct PathBalance {
    pub market_gain: f64,
    pub sale_cost: f64,
    /// Recourse included.
    pub client_loss: f64,
    /// Interest, fees and shares, before any pool loss.
    pub lender_income: f64,
    pub shortfall: f64,
    pub recourse: f64,
    /// Lost with a custodian: by clients, and by the pool, which its tiers bear.
    pub client_custody_loss: f64,
    pub custody_loss: f64,
    pub tier_loss: f64,
    pub unallocated: f64,
    /// What the book would have gained or lost untouched, from which sums start, and all that what became of each account was made of.
    pub gross: f64,
}

impl PathBalance {
    /// Market gain less what clients and lender made of it and what sales cost.
    pub fn result_gap(&self) -> f64 {
        self.market_gain - self.sale_cost + self.client_loss - self.lender_income + self.shortfall
            - self.recourse
            - self.client_custody_loss
    }

    /// Shortfall and the pool's own loss with a custodian, less those who bore it.
    pub fn loss_gap(&self) -> f64 {
        self.shortfall + self.custody_loss - self.recourse - self.tier_loss - self.unallocated
    }

    pub fn assert_balanced(&self, path: u64) {
        let flow = self.market_gain.abs() + self.client_loss.abs() + self.lender_income.abs() + self.shortfall;
        let tolerance = tolerance(flow, self.gross);
        assert!(self.result_gap().abs() <= tolerance, "path {path} does not balance by {}: {self:?}", self.result_gap());
        assert!(self.loss_gap().abs() <= tolerance, "path {path} loses {} of its shortfall: {self:?}", self.loss_gap());
    }
}

/// The closing balance sheet of a pool kept daily: what it has less what it owes is what it began with and earned since.
///
/// The loans come from the accounts, the cash from the pool's own payments: money that one side books and the other does not is caught.
#[derive(Clone, Copy, Debug)]
pub struct PoolBalance {
    /// Loans and interest due, less shortfalls marked but not closed out.
    pub loans: f64,
    /// Recourse counted but not yet in cash.
    pub recourse_due: f64,
    pub cash: f64,
    /// Sales not yet settled.
    pub transit: f64,
    /// With a failed custodian.
    pub frozen: f64,
    /// With the hedge's broker.
    pub margin: f64,
    /// To sources and broker, interest included.
    pub owed: f64,
    pub own_start: f64,
    pub interest: f64,
    pub shortfall: f64,
    pub recourse: f64,
    pub hedge: f64,
    pub funding_cost: f64,
    pub custody_loss: f64,
    /// Put in from outside.
    pub replenished: f64,
    /// Claims that leaving sources gave up for their part of losses.
    pub written_down: f64,
    /// Loans, cash and funding of the as-of date, and all that the accounts' sums are made of.
    pub gross: f64,
}

impl PoolBalance {
    /// What the balance sheet holds beyond what it should (negative: lacks).
    pub fn gap(&self) -> f64 {
        let assets = self.loans + self.recourse_due + self.cash + self.transit + self.frozen + self.margin;
        let earned = self.interest - self.shortfall + self.recourse + self.hedge - self.funding_cost - self.custody_loss;
        assets - self.owed - (self.own_start + earned + self.replenished + self.written_down)
    }

    pub fn assert_balanced(&self, path: u64) {
        let flow = self.loans.abs() + self.cash + self.transit + self.owed.abs() + self.own_start.abs() + self.interest + self.shortfall;
        let tolerance = tolerance(flow, self.gross);
        assert!(self.gap().abs() <= tolerance, "the pool of path {path} does not balance by {}: {self:?}", self.gap());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "does not balance by")]
    fn a_cent_that_vanishes_is_caught() {
        let whole = AccountBalance {
            equity_start: 100.0,
            market_gain: -30.0,
            interest: 1.0,
            sale_cost: 2.0,
            paid_in: 0.0,
            written_off: 0.0,
            custody_loss: 0.0,
            equity_end: 67.0,
            gross: 200.0,
        };
        whole.assert_balanced(0);
        AccountBalance { equity_end: 66.99, ..whole }.assert_balanced(0);
    }

    #[test]
    fn a_digit_of_what_stands_on_both_sides_is_none_of_its_equity() {
        let whole = AccountBalance {
            equity_start: 0.0,
            market_gain: 0.0,
            interest: 0.0,
            sale_cost: 0.0,
            paid_in: 0.0,
            written_off: 0.0,
            custody_loss: 0.0,
            equity_end: 0.06,
            gross: 2e14,
        };
        whole.assert_balanced(0);
        let small = AccountBalance { gross: 2e8, ..whole };
        assert!(std::panic::catch_unwind(|| small.assert_balanced(0)).is_err(), "six cents of 10⁸ are missing");
    }

    #[test]
    #[should_panic(expected = "of its shortfall")]
    fn a_shortfall_nobody_bears_is_caught() {
        PathBalance {
            market_gain: -10.0,
            sale_cost: 0.0,
            client_loss: 5.0,
            lender_income: 0.0,
            shortfall: 5.0,
            recourse: 0.0,
            client_custody_loss: 0.0,
            custody_loss: 0.0,
            tier_loss: 4.0,
            unallocated: 0.0,
            gross: 0.0,
        }
        .assert_balanced(0);
    }
}
