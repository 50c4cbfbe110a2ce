//! Estimates jumps from a window: the diffusion and the jumps of the market return, each symbol's loadings, and its own jumps.

use super::fit_cache::FitCache;
use super::moments::Moments;
use super::poisson;

/// Own residuals of all symbols are pooled; of more than these, evenly spaced ranks are used.
const POOLED: usize = 10_000;

/// Estimates from the window: the market's law, and each symbol's loadings on it.
pub struct History {
    pub moments: Moments,
    /// Deviation of the market's diffusion.
    pub diffusion: f64,
    pub market: Option<poisson::Fit>,
    pub beta: Vec<f64>,
    /// Deviation of each symbol's residual.
    pub residual: Vec<f64>,
    /// Own diffusion and own jumps, in units of the residual.
    pub own: Option<poisson::Fit>,
}

impl History {
    pub fn of(moments: Moments, cache: &FitCache) -> Self {
        let jumps = |series: &[f64]| cache.get_or_fit("jumps", |digest| digest.numbers(series), || poisson::fit(series));
        let market = moments.market();
        let traded: Vec<f64> = market.iter().flatten().copied().collect();
        let mean = traded.iter().sum::<f64>() / traded.len() as f64;
        let variance = traded.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (traded.len() as f64 - 1.0).max(1.0);
        let fit = jumps(&traded);
        let (mut beta, mut residual, mut pool) = (Vec::new(), Vec::new(), Vec::new());
        for k in 0..moments.symbols {
            let days: Vec<(f64, f64)> = market.iter().enumerate().filter_map(|(t, m)| Some((moments.log_return(k, t)?, (*m)?))).collect();
            let count = days.len() as f64;
            let (own, all) = (moments.mean[k], days.iter().map(|(_, m)| m).sum::<f64>() / count);
            let product: f64 = days.iter().map(|(r, m)| (r - own) * (m - all)).sum();
            let square: f64 = days.iter().map(|(_, m)| (m - all) * (m - all)).sum();
            let slope = if square > 1e-20 * count { product / square } else { 0.0 };
            let left: Vec<f64> = days.iter().map(|(r, m)| (r - own) - slope * (m - all)).collect();
            let deviation = (left.iter().map(|x| x * x).sum::<f64>() / (count - 1.0)).sqrt();
            // rounding noise beside the symbol's own moves is no residual
            let deviation = if deviation <= 1e-9 * moments.deviation[k] { 0.0 } else { deviation };
            if deviation > 0.0 {
                pool.extend(left.iter().map(|x| x / deviation));
            }
            beta.push(slope);
            residual.push(deviation);
        }
        let pool = thinned(pool);
        History {
            diffusion: fit.as_ref().map_or(variance.sqrt(), |f| f.diffusion),
            market: fit,
            beta,
            residual,
            own: jumps(&pool),
            moments,
        }
    }
}

/// At most `POOLED` values, at evenly spaced ranks.
fn thinned(mut pool: Vec<f64>) -> Vec<f64> {
    if pool.len() <= POOLED {
        return pool;
    }
    pool.sort_by(f64::total_cmp);
    (0..POOLED).map(|k| pool[(2 * k + 1) * pool.len() / (2 * POOLED)]).collect()
}
