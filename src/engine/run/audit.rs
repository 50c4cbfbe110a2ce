//! Picks the paths of a scenario that an audit looks at.

/// The paths an audit wants to see of one scenario: the worst, the median, and the one nearest the mean beyond VaR 97.5 %.
pub fn audit_paths(pool_loss: &[f64]) -> Vec<(&'static str, u64)> {
    let mut order: Vec<u32> = (0..pool_loss.len()).map(|path| u32::try_from(path).expect("paths are numbered in 32 bits")).collect();
    let loss = |path: &u32| pool_loss[*path as usize];
    order.sort_unstable_by(|a, b| loss(a).total_cmp(&loss(b)).then(b.cmp(a)));
    let Some(worst) = order.last().copied() else { return Vec::new() };
    let tail = &order[(order.len() as f64 * 0.975) as usize..];
    let mean = tail.iter().fold(0.0, |sum, p| sum + loss(p)) / tail.len().max(1) as f64;
    let typical = tail.iter().copied().min_by(|a, b| (loss(a) - mean).abs().total_cmp(&(loss(b) - mean).abs()).then(a.cmp(b)));
    let mut paths = vec![("worst", worst), ("median", order[order.len() / 2])];
    paths.extend(typical.map(|p| ("es-typical", p)));
    paths.dedup_by_key(|p| p.1);
    paths.into_iter().map(|(role, path)| (role, u64::from(path))).collect()
}
