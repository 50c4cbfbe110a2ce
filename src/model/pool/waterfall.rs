//! Lets tiers bear a loss in order, each up to its capital, and gives back what is recovered in the reverse order.

/// Adds `loss_money` to `taken` in order, each tier up to its capital; returns what no tier could bear.
///
/// `capital` and `taken` run in loss order (most junior first). Source: domain notes §1.2, tiers in series.
pub fn allocate(loss_money: f64, capital: &[f64], taken: &mut [f64]) -> f64 {
    bear(0..capital.len(), loss_money, capital, taken)
}

/// The same with the order given: `order` names places of `capital` and `taken`, the first bears first.
pub fn allocate_in(order: &[usize], loss_money: f64, capital: &[f64], taken: &mut [f64]) -> f64 {
    bear(order.iter().copied(), loss_money, capital, taken)
}

fn bear(order: impl Iterator<Item = usize>, loss_money: f64, capital: &[f64], taken: &mut [f64]) -> f64 {
    let mut rest = loss_money;
    for tier in order {
        let share = rest.min((capital[tier] - taken[tier]).max(0.0));
        taken[tier] += share;
        rest -= share;
    }
    rest
}

/// Gives `money` back against the order of loss: what nobody bore first, then the last tier hit, the most junior last.
///
/// Returns what is left once everything is whole. Worked: taken C 50, B 70, beyond all 0, in the order C, B; 100 come in: B has its
/// 70 again, C 30, and still bears 20.
pub fn restore_in(order: &[usize], money: f64, taken: &mut [f64], unallocated: &mut f64) -> f64 {
    let beyond = money.min(*unallocated);
    *unallocated -= beyond;
    let mut rest = money - beyond;
    for &tier in order.iter().rev() {
        let share = rest.min(taken[tier]);
        taken[tier] -= share;
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
            let mut in_order = [0.0; 3];
            assert_eq!(allocate_in(&[0, 1, 2], loss, &capital, &mut in_order), rest);
            assert_eq!(in_order, expected);
        }
    }

    #[test]
    fn losses_in_two_parts_land_as_one() {
        let (mut once, mut twice) = ([0.0; 2], [0.0; 2]);
        let rest = allocate(75.0, &[50.0, 40.0], &mut once);
        let rests = allocate(45.0, &[50.0, 40.0], &mut twice) + allocate(30.0, &[50.0, 40.0], &mut twice);
        assert_eq!((once, rest), (twice, rests));
    }

    #[test]
    fn what_comes_back_restores_the_most_senior_first() {
        let (mut taken, mut beyond) = ([50.0, 70.0], 0.0);
        assert_eq!(restore_in(&[0, 1], 100.0, &mut taken, &mut beyond), 0.0);
        assert_eq!(taken, [20.0, 0.0]);
        let (mut taken, mut beyond) = ([50.0, 100.0], 30.0);
        assert_eq!(restore_in(&[0, 1], 300.0, &mut taken, &mut beyond), 120.0);
        assert_eq!((taken, beyond), ([0.0, 0.0], 0.0));
    }
}
