//! Rounds a forced sale to board lots: up to whole lots, and an odd lot only together with the whole position.
//!
//! A sale is of at least one lot, and goes on in steps: of a lot, or of single shares where the board says so (STAR: 200, then 1).
//! Source: domain notes §2.1 (lot 100, odd lots can only be sold). Worked: 250 held, 120 wanted → 200; 201 wanted → 250,
//! because a third lot is not there and the odd 50 may only leave last.

/// The smallest sale and what it grows by, in shares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lot {
    pub least: f64,
    pub step: f64,
}

impl Lot {
    /// Any number of shares may be sold.
    pub const NONE: Lot = Lot { least: 0.0, step: 0.0 };

    /// Whole lots of `shares`.
    pub const fn of(shares: f64) -> Lot {
        Lot { least: shares, step: shares }
    }
}

/// A number of lots is whole when a few multiplications could have left it so: what is wanted by 56 % of 2,500 shares is 14 lots.
const EXACT: f64 = 1e-12;

/// Shares to sell of `held` when `wanted` must go: a sale the board allows, or all that is held.
pub fn round_up(wanted: f64, held: f64, lot: Lot) -> f64 {
    // written so that a want of the whole position, or more, is the whole position to the bit
    if wanted <= 0.0 {
        return 0.0;
    }
    if lot.step <= 0.0 {
        return wanted.min(held);
    }
    // what a share of money divided by a price leaves of a lot is rounding
    let whole = ((wanted / lot.step - 1e-9).ceil() * lot.step).max(lot.least);
    if whole >= held { held } else { whole }
}

/// Shares that may leave when at most `allowed` of `held` can be sold: rounded down to a sale the board allows; all only if all may go.
pub fn round_down(allowed: f64, held: f64, lot: Lot) -> f64 {
    if allowed >= held {
        held
    } else if lot.step <= 0.0 {
        allowed.max(0.0)
    } else {
        let whole = ((allowed / lot.step * (1.0 + EXACT)).floor() * lot.step).max(0.0);
        if whole < lot.least { 0.0 } else { whole }
    }
}

/// The least that a sale of `sold` of `held` shares can be more, of `wanted` in all: the smallest sale, a step, or what is left of
/// the whole position; 0 where it has what it wants, or there are no lots.
pub fn next(sold: f64, wanted: f64, held: f64, lot: Lot) -> f64 {
    let (left, step) = (wanted - sold, if sold > 0.0 { lot.step } else { lot.least.max(lot.step) });
    if step <= 0.0 || left <= 0.0 {
        0.0
    } else if left >= step {
        step
    } else if wanted >= held {
        left
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sale_goes_up_to_whole_lots_and_the_odd_lot_leaves_last() {
        for (wanted, expected) in [(0.0, 0.0), (-5.0, 0.0), (1.0, 100.0), (100.0, 100.0), (120.0, 200.0), (201.0, 250.0), (900.0, 250.0)] {
            assert_eq!(round_up(wanted, 250.0, Lot::of(100.0)), expected, "wanted {wanted}");
        }
        assert_eq!(round_up(120.5, 250.0, Lot::NONE), 120.5);
        assert_eq!(round_up(0.56 * 2500.0, 2500.0, Lot::of(100.0)), 1400.0);
        assert_eq!(round_up(f64::INFINITY, 250.0, Lot::of(100.0)), 250.0);
    }

    #[test]
    fn a_cap_goes_down_to_whole_lots() {
        for (allowed, expected) in [(0.0, 0.0), (99.0, 0.0), (120.0, 100.0), (249.0, 200.0), (250.0, 250.0), (900.0, 250.0)] {
            assert_eq!(round_down(allowed, 250.0, Lot::of(100.0)), expected, "allowed {allowed}");
        }
        assert_eq!(round_down(120.5, 250.0, Lot::NONE), 120.5);
    }

    #[test]
    fn star_shares_leave_by_two_hundred_and_more_and_the_rest_at_once() {
        let star = Lot { least: 200.0, step: 1.0 };
        for (wanted, held, up) in [(1.0, 500.0, 200.0), (200.5, 500.0, 201.0), (450.0, 500.0, 450.0), (1.0, 150.0, 150.0)] {
            assert_eq!(round_up(wanted, held, star), up, "wanted {wanted} of {held}");
        }
        for (allowed, held, down) in [(199.9, 500.0, 0.0), (200.9, 500.0, 200.0), (150.0, 150.0, 150.0), (149.0, 150.0, 0.0)] {
            assert_eq!(round_down(allowed, held, star), down, "allowed {allowed} of {held}");
        }
    }

    #[test]
    fn a_sale_grows_by_a_lot_and_by_the_odd_lot_last() {
        for (sold, wanted, expected) in
            [(0.0, 250.0, 100.0), (200.0, 250.0, 50.0), (100.0, 200.0, 100.0), (100.0, 130.0, 0.0), (200.0, 200.0, 0.0)]
        {
            assert_eq!(next(sold, wanted, 250.0, Lot::of(100.0)), expected, "{sold} of {wanted}");
        }
        assert_eq!(next(10.5, 20.0, 250.0, Lot::NONE), 0.0);
        let star = Lot { least: 200.0, step: 1.0 };
        assert_eq!((next(0.0, 500.0, 500.0, star), next(200.0, 500.0, 500.0, star), next(0.0, 150.0, 150.0, star)), (200.0, 1.0, 150.0));
    }
}
