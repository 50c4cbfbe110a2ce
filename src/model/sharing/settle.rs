//! Splits one account's result between client and lender, so that every unit of it goes to exactly one of them.
//!
//! Order: interest, platform fee and exposure fee come first; what is left is the net result `N`; the mode splits `N`.
//! A shortfall S (negative equity after close-out) is not split: recourse and the pool bear it, so the split stops
//! at the loss of all own capital, and `client + lender + interest + fees − S = gross` always holds.
//!
//! | mode | a profit, N > 0 | a loss, N ≤ 0 |
//! |---|---|---|
//! | none | client N | client N |
//! | fixed-split (client c) | client c·N, lender (1 − c)·N | client N; the same split as a profit when `share-losses` |
//! | capped-loss (client c, lender's share l, cap k) | client c·N, lender (1 − c)·N | lender min(l·|N|, k·E), client the rest |
//! | performance-fee (share s) | lender s·max(0, E + N − H), client the rest | client N, as long as E + N ≤ H |
//! | guaranteed (return g) | client g, lender N − g | the same: the lender pays g and bears N |
//!
//! E is own capital on the as-of date, H the high-water mark.
//! Fees are taken from the equity that is left, platform fee first: a fee never makes a shortfall.
//!
//! Worked (domain notes A1–A5): gross 30,000, interest 1,479.45, platform fee 1 % of gross = 300; N = 28,220.55;
//! a 70/30 split gives 19,754.38 and 8,466.16.

use super::rules::{Interest, InterestBase, Mode, Sharing};
use crate::model::book::Book;

/// One account's contract, resolved to plain numbers; made once per account, used on every path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    pub rule: Rule,
    /// Own capital on the as-of date.
    pub own_capital_money: f64,
    /// Share of gross profit.
    pub platform_fee: f64,
    /// The round trip's fee on the opening exposure.
    pub exposure_fee_money: f64,
}

/// A mode with its money filled in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    None,
    FixedSplit { client: f64, share_losses: bool },
    CappedLoss { client: f64, lender_loss: f64, cap_money: f64 },
    PerformanceFee { share: f64, high_water_mark_money: f64 },
    Guaranteed { guaranteed_money: f64 },
}

/// What one path made of an account, before anything is shared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Closing {
    /// Gain of the assets over the horizon after dealing costs, before interest and fees (negative: loss). Money paid in is no gain.
    pub gross_money: f64,
    /// Interest charged over the horizon.
    pub interest_money: f64,
    /// Equity at the close, after interest, before fees; negative equity leaves nothing to take fees from.
    pub equity_money: f64,
    /// Negative equity that is nobody's but the lender's to recover, 0 or more.
    pub shortfall_money: f64,
}

/// Where the gross result went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Split {
    /// The client's net result (negative: loss), before recourse.
    pub client_money: f64,
    /// The lender's share of the profit (negative: of the loss, or a guarantee paid).
    pub lender_money: f64,
    pub interest_money: f64,
    pub platform_fee_money: f64,
    pub exposure_fee_money: f64,
    /// Left for recourse and the pool.
    pub shortfall_money: f64,
}

impl Split {
    /// Both fees.
    pub fn fees_money(&self) -> f64 {
        self.platform_fee_money + self.exposure_fee_money
    }

    /// The gross result the parts add up to.
    pub fn gross_money(&self) -> f64 {
        self.client_money + self.lender_money + self.interest_money + self.fees_money() - self.shortfall_money
    }

    /// What the lender earns before funding cost and pool loss: interest, fees and its share.
    pub fn income_money(&self) -> f64 {
        self.lender_money + self.interest_money + self.fees_money()
    }
}

/// Splits one account's result on one path.
#[inline]
pub fn settle(terms: &Terms, closing: &Closing) -> Split {
    let Closing { gross_money, interest_money, equity_money, shortfall_money } = *closing;
    let left = equity_money.max(0.0);
    let platform_fee_money = (terms.platform_fee * gross_money.max(0.0)).min(left);
    let exposure_fee_money = terms.exposure_fee_money.min(left - platform_fee_money);
    let net = gross_money + shortfall_money - interest_money - (platform_fee_money + exposure_fee_money);
    let lender_money = match terms.rule {
        Rule::None => 0.0,
        Rule::FixedSplit { client, share_losses } => {
            if net > 0.0 || share_losses {
                net - client * net
            } else {
                0.0
            }
        }
        Rule::CappedLoss { client, lender_loss, cap_money } => {
            if net > 0.0 {
                net - client * net
            } else {
                (lender_loss * net).max(-cap_money)
            }
        }
        Rule::PerformanceFee { share, high_water_mark_money } => share * (terms.own_capital_money + net - high_water_mark_money).max(0.0),
        Rule::Guaranteed { guaranteed_money } => net - guaranteed_money,
    };
    Split { client_money: net - lender_money, lender_money, interest_money, platform_fee_money, exposure_fee_money, shortfall_money }
}

/// Interest of `principal_money` over calendar days: `P · rate · days / day_count`.
///
/// Worked (B2): 400,000 at 8 % for 30 days is 2,630.14 on 365 days, 2,666.67 on 360.
pub fn interest_money(principal_money: f64, rate_annual: f64, calendar_days: i32, day_count: u32) -> f64 {
    principal_money * rate_annual * f64::from(calendar_days) / f64::from(day_count)
}

/// What interest is charged on: the loan, or loan and own capital at opening.
pub fn interest_principal_money(base: InterestBase, loan_money: f64, own_capital_initial_money: f64) -> f64 {
    match base {
        InterestBase::Loan => loan_money,
        InterestBase::Exposure => loan_money + own_capital_initial_money,
    }
}

impl Sharing {
    /// The mode of a product.
    pub fn mode_of(&self, product: &str) -> &Mode {
        self.product.get(product).unwrap_or(&self.mode)
    }

    /// The terms of account `account`, with positions at `price` and a horizon of `calendar_days`.
    ///
    /// Own capital at opening is the file's, else the as-of date's. The high-water mark is the file's, else the larger
    /// of own capital at opening and now. A guarantee is a return on own capital at opening.
    pub fn terms(&self, interest: &Interest, book: &Book, account: usize, price: &[f64], calendar_days: i32) -> Terms {
        let own = book.own_capital(account, price);
        let initial = book.own_capital_initial[account].unwrap_or(own);
        let product = book.products.get(book.product[account] as usize).map_or("", String::as_str);
        let rule = match self.mode_of(product) {
            Mode::None => Rule::None,
            Mode::FixedSplit { client, share_losses } => Rule::FixedSplit { client: client.get(), share_losses: *share_losses },
            Mode::CappedLoss { client, lender_loss, cap } => {
                Rule::CappedLoss { client: client.get(), lender_loss: lender_loss.get(), cap_money: cap.get() * own.max(0.0) }
            }
            Mode::PerformanceFee { share } => Rule::PerformanceFee {
                share: share.get(),
                high_water_mark_money: book.high_water_mark[account].unwrap_or(initial.max(own)),
            },
            Mode::Guaranteed { return_annual } => {
                Rule::Guaranteed { guaranteed_money: interest_money(initial, return_annual.get(), calendar_days, interest.day_count) }
            }
        };
        let opening_exposure_money = (initial + book.loan[account]).max(0.0);
        Terms {
            rule,
            own_capital_money: own,
            platform_fee: self.platform_fee.get(),
            exposure_fee_money: self.exposure_fee.get() * opening_exposure_money,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: f64 = 100_000.0;

    fn near(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected}");
    }

    /// A position of `OWN` at `leverage` whose price moves by `change`, financed for 30 days.
    fn closing(leverage: f64, change: f64, base: InterestBase, rate: f64, day_count: u32) -> Closing {
        let gross_money = OWN * leverage * change;
        let principal = interest_principal_money(base, OWN * (leverage - 1.0), OWN);
        let interest_money = interest_money(principal, rate, 30, day_count);
        let equity = OWN + gross_money - interest_money;
        Closing { gross_money, interest_money, equity_money: equity, shortfall_money: (-equity).max(0.0) }
    }

    fn terms(rule: Rule, platform_fee: f64, exposure_fee_money: f64) -> Terms {
        Terms { rule, own_capital_money: OWN, platform_fee, exposure_fee_money }
    }

    const SPLIT_70_30: Rule = Rule::FixedSplit { client: 0.7, share_losses: false };

    #[test]
    fn a_three_times_gain_splits_as_published_on_both_interest_bases() {
        // A1–A6
        let exposure = settle(&terms(SPLIT_70_30, 0.01, 0.0), &closing(3.0, 0.10, InterestBase::Exposure, 0.06, 365));
        near(exposure.gross_money(), 30_000.0, 1e-9);
        near(exposure.interest_money, 1_479.452, 5e-4);
        near(exposure.platform_fee_money, 300.0, 1e-9);
        near(exposure.client_money + exposure.lender_money, 28_220.548, 5e-4);
        near(exposure.client_money, 19_754.384, 5e-4);
        near(exposure.lender_money, 8_466.164, 5e-4);
        let annual = exposure.client_money / OWN * 365.0 / 30.0;
        near(annual, 2.403, 5e-4);
        near(libm::pow(1.0 + exposure.client_money / OWN, 365.0 / 30.0) - 1.0, 7.96, 5e-3);
        let loan = settle(&terms(SPLIT_70_30, 0.01, 0.0), &closing(3.0, 0.10, InterestBase::Loan, 0.06, 365));
        near(loan.interest_money, 986.301, 5e-4);
        near(loan.client_money + loan.lender_money, 28_713.699, 5e-4);
        near(loan.client_money, 20_099.589, 5e-4);
        near(loan.lender_money, 8_614.110, 5e-4);
    }

    #[test]
    fn a_loss_pays_no_platform_fee_and_stays_with_the_client_unless_losses_are_shared() {
        // A3, A7
        for (base, equity) in [(InterestBase::Exposure, 68_520.55), (InterestBase::Loan, 69_013.70)] {
            let closing = closing(3.0, -0.10, base, 0.06, 365);
            near(closing.equity_money, equity, 5e-3);
            let split = settle(&terms(SPLIT_70_30, 0.01, 0.0), &closing);
            assert_eq!((split.platform_fee_money, split.lender_money), (0.0, 0.0));
            near(OWN + split.client_money, equity, 5e-3);
            let shared = settle(&terms(Rule::FixedSplit { client: 0.7, share_losses: true }, 0.01, 0.0), &closing);
            near(shared.client_money, 0.7 * (equity - OWN), 5e-3);
            near(shared.lender_money, 0.3 * (equity - OWN), 5e-3);
        }
    }

    #[test]
    fn a_five_times_position_earns_and_loses_as_published() {
        // B1–B5, B7; a fee on the opening exposure is 500 whatever the result
        let of = |change| settle(&terms(Rule::None, 0.0, 500.0), &closing(5.0, change, InterestBase::Loan, 0.08, 365));
        let (gain, loss) = (of(0.10), of(-0.10));
        near(gain.interest_money, 2_630.137, 5e-4);
        near(closing(5.0, 0.1, InterestBase::Loan, 0.08, 360).interest_money, 2_666.667, 5e-4);
        near(gain.client_money, 46_869.863, 5e-4);
        near(loss.client_money, -53_130.137, 5e-4);
        near(-loss.client_money - gain.client_money, 2.0 * 3_130.137, 1e-3);
        let return_on_equity = 5.0 * 0.10 - gain.interest_money / OWN - 500.0 / OWN;
        near(return_on_equity, gain.client_money / OWN, 1e-12);
        // the other reading of B3 charges half on the opening and half on the closing value
        for (change, fee) in [(0.10, 525.0), (-0.10, 475.0)] {
            near(0.0005 * (500_000.0 + 500_000.0 * (1.0 + change)), fee, 1e-9);
        }
    }

    #[test]
    fn the_published_liquidation_threshold_is_the_drop_to_zero_equity() {
        // B6: with the whole fee on the opening exposure, then with its exit half on the exit value
        let interest = interest_money(400_000.0, 0.08, 30, 365);
        let drop = (OWN - interest - 500.0) / 500_000.0;
        near(drop, 0.193_740, 5e-7);
        let closing = closing(5.0, -drop, InterestBase::Loan, 0.08, 365);
        let split = settle(&terms(Rule::None, 0.0, 500.0), &closing);
        near(OWN + split.client_money, 0.0, 1e-6);
        // 250 at entry, 0.05 % of what is left at exit
        let exit = (OWN - interest - 500.0) / (500_000.0 * (1.0 - 0.0005));
        near(exit, 0.193_837, 5e-7);
        near(OWN - interest - 250.0 - 500_000.0 * exit - 0.0005 * 500_000.0 * (1.0 - exit), 0.0, 1e-6);
    }

    #[test]
    fn a_lender_that_shares_losses_up_to_a_cap_bears_no_more() {
        let rule = Rule::CappedLoss { client: 0.7, lender_loss: 0.3, cap_money: 0.05 * OWN };
        for (gross, lender) in [(10_000.0, 3_000.0), (-10_000.0, -3_000.0), (-50_000.0, -5_000.0)] {
            let closing = Closing { gross_money: gross, interest_money: 0.0, equity_money: OWN + gross, shortfall_money: 0.0 };
            let split = settle(&terms(rule, 0.0, 0.0), &closing);
            near(split.lender_money, lender, 1e-9);
            near(split.client_money, gross - lender, 1e-9);
        }
    }

    #[test]
    fn a_performance_fee_is_taken_only_above_the_high_water_mark() {
        let rule = Rule::PerformanceFee { share: 0.2, high_water_mark_money: 110_000.0 };
        let at = |gross: f64| {
            let closing = Closing { gross_money: gross, interest_money: 0.0, equity_money: OWN + gross, shortfall_money: 0.0 };
            settle(&terms(rule, 0.0, 0.0), &closing)
        };
        assert_eq!(at(9_000.0).lender_money, 0.0);
        near(at(30_000.0).lender_money, 4_000.0, 1e-9);
        near(at(30_000.0).client_money, 26_000.0, 1e-9);
        assert_eq!(at(-30_000.0).lender_money, 0.0);
    }

    #[test]
    fn a_guarantee_pays_the_client_and_leaves_the_lender_the_rest_and_the_gap() {
        let rule = Rule::Guaranteed { guaranteed_money: 500.0 };
        for gross in [30_000.0, 100.0, -30_000.0] {
            let closing = Closing { gross_money: gross, interest_money: 200.0, equity_money: OWN + gross - 200.0, shortfall_money: 0.0 };
            let split = settle(&terms(rule, 0.0, 0.0), &closing);
            near(split.client_money, 500.0, 1e-9);
            near(split.lender_money, gross - 700.0, 1e-9);
        }
    }

    #[test]
    fn a_shortfall_is_left_to_the_pool_and_takes_no_fee() {
        let split = settle(&terms(Rule::None, 0.01, 500.0), &closing(5.0, -0.30, InterestBase::Loan, 0.08, 365));
        near(split.client_money, -OWN, 1e-9);
        near(split.shortfall_money, 52_630.137, 5e-4);
        assert_eq!(split.fees_money(), 0.0);
        near(split.gross_money(), -150_000.0, 1e-9);
    }
}
