//! Rounds a forced sale to board lots: up to whole lots, and an odd lot only together with the whole position.
//!
//! Source: domain notes §2.1 (lot 100, odd lots can only be sold). Worked: 250 held, 120 wanted → 200; 201 wanted → 250,
//! because a third lot is not there and the odd 50 may only leave last.

/// Shares to sell of `held` when `wanted` must go: whole lots, or all that is held; `lot` 0 (or less) for no lots.
pub fn round_up(wanted: f64, held: f64, lot: f64) -> f64 {
    // written so that a want of the whole position, or more, is the whole position to the bit
    if wanted <= 0.0 {
        return 0.0;
    }
    if lot <= 0.0 {
        return wanted.min(held);
    }
    let lots = (wanted / lot).ceil() * lot;
    if lots >= held { held } else { lots }
}

/// Shares that may leave when at most `allowed` of `held` can be sold: whole lots, rounded down; all only if all may go.
pub fn round_down(allowed: f64, held: f64, lot: f64) -> f64 {
    if allowed >= held {
        held
    } else if lot <= 0.0 {
        allowed.max(0.0)
    } else {
        ((allowed / lot).floor() * lot).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sale_goes_up_to_whole_lots_and_the_odd_lot_leaves_last() {
        for (wanted, expected) in [(0.0, 0.0), (-5.0, 0.0), (1.0, 100.0), (100.0, 100.0), (120.0, 200.0), (201.0, 250.0), (900.0, 250.0)] {
            assert_eq!(round_up(wanted, 250.0, 100.0), expected, "wanted {wanted}");
        }
        assert_eq!(round_up(120.5, 250.0, 0.0), 120.5);
        assert_eq!(round_up(f64::INFINITY, 250.0, 100.0), 250.0);
    }

    #[test]
    fn a_cap_goes_down_to_whole_lots() {
        for (allowed, expected) in [(0.0, 0.0), (99.0, 0.0), (120.0, 100.0), (249.0, 200.0), (250.0, 250.0), (900.0, 250.0)] {
            assert_eq!(round_down(allowed, 250.0, 100.0), expected, "allowed {allowed}");
        }
        assert_eq!(round_down(120.5, 250.0, 0.0), 120.5);
    }
}
