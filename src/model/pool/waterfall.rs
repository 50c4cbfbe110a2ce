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
