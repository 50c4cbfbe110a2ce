//! Lets tiers bear a loss in order, each up to its capital.

/// Adds `loss_money` to `taken` in order, each tier up to its capital; returns what no tier could bear.
///
/// `capital` and `taken` run in loss order (most junior first). Source: domain notes §1.2, tiers in series.
pub fn allocate(loss_money: f64, capital: &[f64], taken: &mut [f64]) -> f64 {
    let mut rest = loss_money;
    for (tier, capital) in capital.iter().enumerate() {
        let share = rest.min((capital - taken[tier]).max(0.0));
        taken[tier] += share;
        rest -= share;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_bear_a_loss_in_order_each_up_to_its_capital() {
        let capital = [50.0, 100.0, 350.0];
        for (loss, expected, rest) in [
            (0.0, [0.0, 0.0, 0.0], 0.0),
            (30.0, [30.0, 0.0, 0.0], 0.0),
            (120.0, [50.0, 70.0, 0.0], 0.0),
            (500.0, [50.0, 100.0, 350.0], 0.0),
            (600.0, [50.0, 100.0, 350.0], 100.0),
        ] {
            let mut taken = [0.0; 3];
            assert_eq!(allocate(loss, &capital, &mut taken), rest);
            assert_eq!(taken, expected);
        }
    }

    #[test]
    fn losses_in_two_parts_land_as_one() {
        let (mut once, mut twice) = ([0.0; 2], [0.0; 2]);
        let rest = allocate(75.0, &[50.0, 40.0], &mut once);
        let rests = allocate(45.0, &[50.0, 40.0], &mut twice) + allocate(30.0, &[50.0, 40.0], &mut twice);
        assert_eq!((once, rest), (twice, rests));
    }
}
