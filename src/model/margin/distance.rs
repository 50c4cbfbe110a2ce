//! Measures how far an account stands from a line: in price, in money, and in limit-down days.
//!
//! Leverage L is exposure over own capital, so that the opening ratio is `L / (L − 1)`. A uniform fall d brings the ratio
//! to m when `(1 − d)·L / (L − 1) = m`, hence `d = 1 − m·(L − 1)/L` (domain notes §1.3).
//! Worked: L = 3, m = 130 % → 13.33 %; L = 5 opens at 125 %, already below 130 %: d = −4 %.

/// Leverage of own capital and financing: `(own + financed) / own`.
pub fn leverage_of(own_capital_money: f64, financed_money: f64) -> f64 {
    (own_capital_money + financed_money) / own_capital_money
}

/// Maintenance ratio at which a leverage opens; infinite without a loan.
pub fn opening_ratio(leverage: f64) -> f64 {
    leverage / (leverage - 1.0)
}

/// The fall of all prices, a fraction, that brings the ratio to `line`; negative where it is already below.
pub fn drop_to_reach(leverage: f64, line: f64) -> f64 {
    1.0 - line * (leverage - 1.0) / leverage
}

/// The leverage whose ratio meets `line` after a fall of `drop`: the inverse of [`drop_to_reach`].
///
/// `L = m / (m − (1 − d))`; infinite when even a loan without own capital stays above the line.
pub fn leverage_for_drop(drop: f64, line: f64) -> f64 {
    let slack = line - (1.0 - drop);
    if slack > 0.0 { line / slack } else { f64::INFINITY }
}

/// Cash that brings the ratio back to `line` as added assets: `m·D − A`, 0 when it is there already.
pub fn cash_call_money(assets_money: f64, debt_money: f64, line: f64) -> f64 {
    (line * debt_money - assets_money).max(0.0)
}

/// Consecutive days at the lower price limit after which own capital is gone, all held and nothing sold; none without a loan.
///
/// Worked: L = 10 at ±10 % → 1 day (own capital is exactly 0), L = 3 at ±10 % → 4 days.
pub fn limit_downs_to_zero(leverage: f64, price_limit: f64) -> Option<u32> {
    if leverage <= 1.0 || price_limit <= 0.0 {
        return None;
    }
    let debt = (leverage - 1.0) / leverage;
    let mut assets = 1.0;
    let mut days = 0;
    // a tenth of a billionth of the exposure is rounding, not own capital
    while assets - debt > 1e-10 {
        assets *= 1.0 - price_limit;
        days += 1;
    }
    Some(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected}");
    }

    #[test]
    fn leverage_is_exposure_over_own_capital() {
        // C1, C2
        near(leverage_of(100.0, 50.0), 1.5, 1e-12);
        near(leverage_of(100.0, 150.0), 2.5, 1e-12);
    }

    #[test]
    fn the_table_of_drops_holds() {
        // per cent: opening ratio, then the falls to 150, 140, 130, 110 and 100 %; NaN where the table says "below zero"
        const BELOW: f64 = f64::NAN;
        let table = [
            (1.6, 266.7, [43.75, 47.50, 51.25, 58.75, 62.50]),
            (2.0, 200.0, [25.00, 30.00, 35.00, 45.00, 50.00]),
            (2.25, 180.0, [16.67, 22.22, 27.78, 38.89, 44.44]),
            (3.0, 150.0, [0.0, 6.67, 13.33, 26.67, 33.33]),
            (4.0, 133.3, [BELOW, BELOW, 2.50, 17.50, 25.00]),
            (5.0, 125.0, [BELOW, BELOW, BELOW, 12.00, 20.00]),
            (6.0, 120.0, [BELOW, BELOW, BELOW, 8.33, 16.67]),
            (10.0, 111.1, [BELOW, BELOW, BELOW, 1.00, 10.00]),
        ];
        for (leverage, opening, drops) in table {
            near(100.0 * opening_ratio(leverage), opening, 0.05);
            for (line, expected) in [1.5, 1.4, 1.3, 1.1, 1.0].into_iter().zip(drops) {
                let found = 100.0 * drop_to_reach(leverage, line);
                if expected.is_nan() {
                    assert!(found < 0.0, "leverage {leverage}, line {line}: found {found}");
                } else {
                    near(found, expected, 0.005 + 1e-9);
                }
            }
        }
    }

    #[test]
    fn a_five_times_account_is_called_on_its_first_day_and_meets_110_per_cent_well_before_zero_equity() {
        // B6: opening ratio 125 %, or 124.2 % with 30 days' interest; the 110 % line at −12 % or −11.42 %
        let debt = 400_000.0 + 400_000.0 * 0.08 * 30.0 / 365.0;
        near(500_000.0 / debt, 1.242, 5e-4);
        near(drop_to_reach(5.0, 1.1), 0.12, 1e-12);
        near(1.0 - 1.1 * debt / 500_000.0, 0.1142, 5e-5);
    }

    #[test]
    fn limit_downs_to_zero_equity_are_as_tabled() {
        for (leverage, at_10, at_20) in
            [(2.0, 7, Some(4)), (3.0, 4, Some(2)), (4.0, 3, Some(2)), (5.0, 3, Some(1)), (8.0, 2, None), (10.0, 1, None)]
        {
            assert_eq!(limit_downs_to_zero(leverage, 0.10), Some(at_10), "leverage {leverage}");
            if at_20.is_some() {
                assert_eq!(limit_downs_to_zero(leverage, 0.20), at_20, "leverage {leverage}");
            }
        }
        assert_eq!(limit_downs_to_zero(1.0, 0.10), None);
    }

    #[test]
    fn a_cash_call_restores_the_ratio() {
        near(cash_call_money(120.0, 100.0, 1.3), 10.0, 1e-12);
        assert_eq!(cash_call_money(140.0, 100.0, 1.3), 0.0);
    }

    #[test]
    fn the_leverage_for_a_tolerable_fall_inverts_the_drop() {
        for leverage in [1.6, 2.0, 3.0, 5.0, 10.0] {
            for line in [1.0, 1.1, 1.3, 1.5] {
                near(leverage_for_drop(drop_to_reach(leverage, line), line), leverage, 1e-9 * leverage);
            }
        }
        assert_eq!(leverage_for_drop(0.0, 0.9), f64::INFINITY);
    }
}
