//! Estimates means, volatilities and correlations of log returns on unbalanced histories, shrunk where they must be.
//!
//! A symbol's mean and volatility (divisor n − 1) use its own trading days: PRESENT, not HALTED, above −100 %. The
//! correlation of two symbols uses the days both trade: Σ zᵢzⱼ / √(Σ zᵢ² · Σ zⱼ²) over them, with z standardised by the
//! symbol's own mean and volatility.
//!
//! Shrinkage: C' = (1 − δ) C + δ I with Ledoit and Wolf (2004), "A well-conditioned estimator for large-dimensional
//! covariance matrices", Journal of Multivariate Analysis 88, on the standardised returns: δ = min(b², d²) / d²,
//! d² = ‖S − I‖² / n, b² = (Σₜ ‖zₜ zₜᵀ − S‖²) / (T² n), S = Zᵀ Z / T. It is used when there are fewer days than symbols, or
//! when C has no Cholesky factor; where even C' has none (gaps can make C indefinite), δ grows by halving the way to 1.

use super::FitRequest;
use crate::maths::isa::by_isa;
use crate::maths::linear::{cholesky, dot, towards_identity};
use crate::maths::special::normal_quantile;
use crate::model::history::flag;
use crate::model::lineage::Note;
use crate::model::part::Words;
use crate::problem::Problems;
use crate::problem::model_problem;

/// Log returns of the window's trading days, by symbol.
pub struct Moments {
    pub symbols: usize,
    /// Days of the window.
    pub days: usize,
    /// Mean log return of one session, per symbol.
    pub mean: Vec<f64>,
    /// Standard deviation of the log return of one session, per symbol.
    pub deviation: Vec<f64>,
    /// Trading days used, per symbol.
    pub used: Vec<usize>,
    /// Standardised log returns, `[symbol][day]`; 0 where the symbol did not trade.
    standard: Vec<f64>,
    /// 1 where the symbol traded, else 0; same shape.
    traded: Vec<f64>,
}

impl Moments {
    /// Fails, naming every symbol, when one has fewer than two trading days.
    pub fn of(model: &str, request: &FitRequest<'_>) -> Result<Self, Problems> {
        let history = &request.market.history;
        let (n, days) = (request.symbols.len(), request.window.len());
        if history.days() == 0 {
            // every other figure was asked for when the programme was read
            return Err(model_problem(
                &format!("market.{model}.correlation"),
                "`correlation` is not given",
                format!("that of {n} symbols is estimated on past returns, and neither prices nor returns are named"),
                "name prices or returns under [data], or give correlation",
            )
            .into());
        }
        let mut moments = Moments {
            symbols: n,
            days,
            mean: Vec::with_capacity(n),
            deviation: Vec::with_capacity(n),
            used: Vec::with_capacity(n),
            standard: vec![0.0; n * days],
            traded: vec![0.0; n * days],
        };
        let mut problems = Problems::new();
        for (k, &symbol) in request.symbols.iter().enumerate() {
            let row = &mut moments.standard[k * days..(k + 1) * days];
            let mask = &mut moments.traded[k * days..(k + 1) * days];
            let mut count = 0;
            for (t, day) in request.window.clone().enumerate() {
                let (r, state) = (history.row(day)[symbol], history.flag_row(day)[symbol]);
                if state & flag::PRESENT != 0 && state & flag::HALTED == 0 && r > -1.0 {
                    row[t] = libm::log1p(r);
                    mask[t] = 1.0;
                    count += 1;
                }
            }
            if count < 2 {
                problems.push(model_problem(
                    &format!("market.{model}"),
                    format!("symbol {} trades on {count} days of the window", history.symbols[symbol]),
                    "a volatility needs at least two daily returns",
                    "widen [estimation], give volatility-annual and drift-annual, or name a proxy in [data.proxies]",
                ));
                continue;
            }
            let mean = row.iter().sum::<f64>() / count as f64;
            let squares: f64 = row.iter().zip(&*mask).map(|(x, m)| m * (x - mean) * (x - mean)).sum();
            let deviation = (squares / (count - 1) as f64).sqrt();
            // a price that never moves has rounding noise for a deviation at most
            let deviation = if deviation <= 1e-12 * (1.0 + mean.abs()) { 0.0 } else { deviation };
            let scale = if deviation > 0.0 { 1.0 / deviation } else { 0.0 };
            for (x, m) in row.iter_mut().zip(&*mask) {
                *x = m * (*x - mean) * scale;
            }
            moments.mean.push(mean);
            moments.deviation.push(deviation);
            moments.used.push(count);
        }
        problems.into_result(moments)
    }

    /// The log return of a symbol on a day of the window; nothing where it did not trade.
    pub fn log_return(&self, symbol: usize, day: usize) -> Option<f64> {
        let cell = symbol * self.days + day;
        (self.traded[cell] > 0.0).then(|| self.mean[symbol] + self.deviation[symbol] * self.standard[cell])
    }

    /// The mean log return of the symbols that trade, day by day; nothing on a day without any.
    pub fn market(&self) -> Vec<Option<f64>> {
        let of_day = |day: usize| {
            let (sum, count) = (0..self.symbols)
                .filter_map(|symbol| self.log_return(symbol, day))
                .fold((0.0, 0u32), |(sum, count), r| (sum + r, count + 1));
            (count > 0).then(|| sum / f64::from(count))
        };
        (0..self.days).map(of_day).collect()
    }

    /// Standardised log returns of every symbol's trading days, one after another, and the day of each; none of a symbol that
    /// never moves.
    pub fn standardised(&self) -> (Vec<f64>, Vec<u32>) {
        let moves = |cell: usize| self.traded[cell] > 0.0 && self.deviation[cell / self.days] > 0.0;
        self.standard.iter().enumerate().filter(|(cell, _)| moves(*cell)).map(|(cell, z)| (*z, (cell % self.days) as u32)).unzip()
    }

    /// Puts standardised ranks in the place of standardised returns, so that `correlation` becomes Spearman's.
    ///
    /// Gives the ranks as rank / (trading days + 1), `[symbol][day]`, NaN where a symbol does not trade or never moves;
    /// equal returns share their mean rank.
    pub fn rank(&mut self) -> Vec<f64> {
        let mut uniform = vec![f64::NAN; self.standard.len()];
        for k in (0..self.symbols).filter(|k| self.deviation[*k] > 0.0) {
            let row = k * self.days..(k + 1) * self.days;
            let (standard, uniform) = (&mut self.standard[row.clone()], &mut uniform[row.clone()]);
            let mut order: Vec<usize> = (0..self.days).filter(|t| self.traded[row.start + t] > 0.0).collect();
            order.sort_by(|a, b| standard[*a].total_cmp(&standard[*b]));
            let count = order.len() as f64;
            let mut rank = 0.0;
            for equal in order.chunk_by(|a, b| standard[*a] == standard[*b]) {
                let size = equal.len() as f64;
                equal.iter().for_each(|t| uniform[*t] = (rank + 0.5 * (size + 1.0)) / (count + 1.0));
                rank += size;
            }
            let squares: f64 = order.iter().map(|t| (uniform[*t] - 0.5) * (uniform[*t] - 0.5)).sum();
            let scale = 1.0 / (squares / (count - 1.0)).sqrt();
            order.iter().for_each(|t| standard[*t] = (uniform[*t] - 0.5) * scale);
        }
        uniform
    }

    /// Puts normal scores of the ranks, made variance 1, in the place of standardised returns.
    pub fn score(&mut self, uniform: &[f64]) {
        for (row, uniform) in self.standard.chunks_exact_mut(self.days).zip(uniform.chunks_exact(self.days)) {
            let mut squares = 0.0;
            let mut count = 0.0;
            for (x, u) in row.iter_mut().zip(uniform) {
                *x = if u.is_nan() { 0.0 } else { normal_quantile(*u) };
                squares += *x * *x;
                count += if u.is_nan() { 0.0 } else { 1.0 };
            }
            let scale = if squares > 0.0 { ((count - 1.0) / squares).sqrt() } else { 0.0 };
            row.iter_mut().for_each(|x| *x *= scale);
        }
    }

    /// Correlations on joint days, row by row; 0 beside a symbol that never moves.
    pub fn correlation(&self) -> Vec<f64> {
        let n = self.symbols;
        let mut matrix = vec![0.0; n * n];
        let squares: Vec<f64> = self.standard.iter().map(|x| x * x).collect();
        for i in 0..n {
            matrix[i * n + i] = 1.0;
            let (before, from) = matrix.split_at_mut((i + 1) * n);
            let row = &mut before[i * n..];
            correlation_row(&self.standard, &squares, &self.traded, self.days, i, row);
            for (below, j) in from.chunks_exact_mut(n).zip(i + 1..) {
                below[i] = row[j];
            }
        }
        matrix
    }

    /// The Ledoit–Wolf intensity towards the identity, between 0 and 1.
    pub fn shrinkage(&self) -> f64 {
        let (n, days) = (self.symbols, self.days as f64);
        // ‖S‖² equals Σ (zₛ · zₜ)² / T² over pairs of days: the smaller of the two products is taken
        let by_day: Vec<Vec<f64>> = (0..self.days).map(|t| (0..n).map(|i| self.standard[i * self.days + t]).collect()).collect();
        let norms: Vec<f64> = by_day.iter().map(|z| dot(z, z)).collect();
        let square_of_s = if self.days < n {
            pair_squares(&by_day) / (days * days)
        } else {
            let by_symbol: Vec<Vec<f64>> = self.standard.chunks_exact(self.days).map(<[f64]>::to_vec).collect();
            pair_squares(&by_symbol) / (days * days)
        };
        let trace: f64 = norms.iter().sum::<f64>() / days;
        let level = trace / n as f64;
        let d2 = (square_of_s - level * level * n as f64) / n as f64;
        let b2 = (norms.iter().map(|x| x * x).sum::<f64>() - days * square_of_s) / (days * days) / n as f64;
        if d2 <= 0.0 { 1.0 } else { (b2.max(0.0) / d2).min(1.0) }
    }

    /// Standardised returns, `[symbol][day]`: 0 where a symbol does not trade, or never moves.
    pub fn standard(&self) -> &[f64] {
        &self.standard
    }

    /// 1 where the symbol trades, else 0; same shape.
    pub fn traded(&self) -> &[f64] {
        &self.traded
    }

    /// A Cholesky factor of a correlation made from that of these moments, shrunk by the Ledoit–Wolf intensity.
    pub fn shrunk(&self, matrix: &[f64]) -> (Vec<f64>, f64, Vec<Note>) {
        let n = self.symbols;
        let delta = self.shrinkage();
        let note = Note::new(
            format!("the correlation is shrunk to the identity by {delta:.4} (Ledoit-Wolf)"),
            format!("相关矩阵向单位阵收缩 {delta:.4}（Ledoit-Wolf）"),
        );
        match cholesky(&towards_identity(matrix, n, delta), n) {
            Some(factor) => (factor, mean_beside_diagonal(matrix, n) * (1.0 - delta), vec![note]),
            None => {
                let (factor, mean, further) = self.factor_of(matrix.to_vec());
                (factor, mean, further.into_iter().collect())
            }
        }
    }

    /// A Cholesky factor of a correlation made from that of these moments, shrunk as little as it takes; with a note when it was.
    pub fn factor_of(&self, matrix: Vec<f64>) -> (Vec<f64>, f64, Option<Note>) {
        let n = self.symbols;
        let mean = mean_beside_diagonal(&matrix, n);
        if self.days > n
            && let Some(factor) = cholesky(&matrix, n)
        {
            return (factor, mean, None);
        }
        let mut delta = self.shrinkage().clamp(1e-6, 1.0);
        loop {
            if let Some(factor) = cholesky(&towards_identity(&matrix, n, delta), n) {
                let Words(why, why_zh) = if self.days > n {
                    Words("it is singular or indefinite", "其为奇异或非正定")
                } else {
                    Words("there are no more days than symbols", "天数不多于证券数")
                };
                let note = Note::new(
                    format!("the correlation is shrunk to the identity by {delta:.4} (Ledoit-Wolf) because {why}"),
                    format!("因{why_zh}，相关矩阵向单位阵收缩 {delta:.4}（Ledoit-Wolf）"),
                );
                return (factor, mean * (1.0 - delta), Some(note));
            }
            assert!(delta < 1.0, "the identity has a Cholesky factor");
            // halving the way to 1 ends: a diagonal is reached after 53 steps at most
            delta = if delta > 1.0 - 1e-12 { 1.0 } else { 0.5 * (1.0 + delta) };
        }
    }
}

/// The mean of the entries beside the diagonal; 0 for one symbol.
pub fn mean_beside_diagonal(matrix: &[f64], n: usize) -> f64 {
    if n < 2 {
        return 0.0;
    }
    let sum: f64 = (0..n).map(|i| matrix[i * n..i * n + i].iter().sum::<f64>()).sum();
    2.0 * sum / (n * (n - 1)) as f64
}

/// Σ over all ordered pairs of rows of their squared products.
fn pair_squares(rows: &[Vec<f64>]) -> f64 {
    let mut total = 0.0;
    for (i, a) in rows.iter().enumerate() {
        let own = dot(a, a);
        let mut beside = 0.0;
        for b in &rows[..i] {
            let product = dot(a, b);
            beside += product * product;
        }
        total += own * own + 2.0 * beside;
    }
    total
}

by_isa! {
    /// Correlations of symbol `i` with the symbols after it, into its row.
    fn correlation_row(standard: &[f64], squares: &[f64], traded: &[f64], days: usize, i: usize, row: &mut [f64]) {
        let mine = i * days..(i + 1) * days;
        for (j, correlation) in row.iter_mut().enumerate().skip(i + 1) {
            let theirs = j * days..(j + 1) * days;
            let product = dot(&standard[mine.clone()], &standard[theirs.clone()]);
            let own = dot(&squares[mine.clone()], &traded[theirs.clone()]);
            let other = dot(&squares[theirs], &traded[mine.clone()]);
            let scale = (own * other).sqrt();
            *correlation = if scale > 0.0 { (product / scale).clamp(-1.0, 1.0) } else { 0.0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::toy;
    use super::*;
    use crate::maths::random::{Key, normal};

    #[test]
    fn moments_leave_halted_days_out() {
        let mut market = toy::with_returns(2, 100, |day, symbol| 0.01 * normal(Key([3, symbol as u32]), day as u64, 0));
        for day in (0..100).step_by(4) {
            market.history.flags[[day, 0]] |= flag::HALTED;
            market.history.simple_return[[day, 0]] = 0.0;
        }
        let moments = Moments::of("gaussian", &toy::request(&market, &[0, 1], 1)).expect("enough days");
        assert_eq!(moments.used, [75, 100]);
        let logs: Vec<f64> = (0..100).filter(|d| d % 4 != 0).map(|d| libm::log1p(market.history.row(d)[0])).collect();
        let mean = logs.iter().sum::<f64>() / 75.0;
        let variance = logs.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 74.0;
        assert!((moments.mean[0] - mean).abs() < 1e-16 && (moments.deviation[0] - variance.sqrt()).abs() < 1e-16);
    }

    #[test]
    fn shrinkage_is_small_with_many_days_and_large_with_few() {
        let few = Moments::of("gaussian", &toy::request(&toy::normal_market(60, 40, 0.01), &(0..60).collect::<Vec<_>>(), 1))
            .expect("fits")
            .shrinkage();
        assert!(few > 0.8, "independent symbols, fewer days than symbols: {few}");
        let common = toy::with_returns(10, 2000, |day, symbol| {
            0.01 * (normal(Key([0, 1]), day as u64, 0) + normal(Key([symbol as u32, 2]), day as u64, 0))
        });
        let many = Moments::of("gaussian", &toy::request(&common, &(0..10).collect::<Vec<_>>(), 1)).expect("fits").shrinkage();
        assert!(many < 0.01, "{many}");
    }
}
