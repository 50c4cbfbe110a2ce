//! Picks the paths of a scenario that an audit looks at.

use crate::engine::record::outcome::Outcome;

/// A path to look at: its role on the distribution of losses, its number, and what it lost.
pub type Picked = (&'static str, u64, f64);

/// The paths an audit wants to see of one scenario: the worst, the median, and the one nearest the mean beyond VaR 97.5 %.
pub fn audit_paths(outcome: &Outcome) -> Vec<Picked> {
    let pool_loss = &outcome.path.pool_loss;
    let mut order: Vec<u32> = (0..pool_loss.len()).map(|row| u32::try_from(row).expect("rows are numbered in 32 bits")).collect();
    let loss = |row: &u32| pool_loss[*row as usize];
    order.sort_unstable_by(|a, b| loss(a).total_cmp(&loss(b)).then(b.cmp(a)));
    let Some(worst) = order.last().copied() else { return Vec::new() };
    // what each row in this order counts, and all up to it
    let weights: Vec<f64> = match &outcome.sample {
        None => vec![1.0; order.len()],
        Some(sample) => {
            let by_row: Vec<f64> = sample.weights().collect();
            order.iter().map(|row| by_row[*row as usize]).collect()
        }
    };
    let place = |share: f64| {
        let (mut before, all) = (0.0, order.len() as f64);
        let reached = weights.iter().position(|weight| {
            before += weight;
            before > share * all
        });
        reached.unwrap_or(order.len() - 1)
    };
    let from = place(0.975);
    let counted = weights[from..].iter().sum::<f64>();
    let mean = order[from..].iter().zip(&weights[from..]).fold(0.0, |sum, (row, weight)| sum + weight * loss(row)) / counted;
    let distance = |row: &u32| (loss(row) - mean).abs();
    let typical = order[from..].iter().copied().min_by(|a, b| distance(a).total_cmp(&distance(b)).then(a.cmp(b)));
    let mut rows = vec![("worst", worst), ("median", order[place(0.5)])];
    rows.extend(typical.map(|row| ("es-typical", row)));
    rows.dedup_by_key(|picked| picked.1);
    rows.into_iter().map(|(role, row)| (role, outcome.number_of(row as usize), loss(&row))).collect()
}
