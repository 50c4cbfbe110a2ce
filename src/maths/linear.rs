//! Computes what the models need of linear algebra: Cholesky factors and mixtures of normals.
//!
//! Matrices are square, row by row in one slice: `a[i * n + j]`. Every loop is written out, so that its sums keep one order.

use super::isa::by_isa;
use super::lanes::LANES;

/// The lower factor L of A = L Lᵀ, row by row; nothing when A is not positive definite to 1e-12 of its diagonal.
///
/// Written out, in rows of Lᵀ, because a library's kernels fuse and reorder by processor, and every simulated return
/// hangs on these bits.
pub fn cholesky(a: &[f64], n: usize) -> Option<Vec<f64>> {
    assert_eq!(a.len(), n * n, "{} entries are no square matrix of {n}", a.len());
    let mut upper = a.to_vec();
    for j in 0..n {
        let (done, rest) = upper.split_at_mut(j * n);
        subtract_rows(done, &mut rest[..n], n, j);
        let pivot = rest[j];
        // also refuses NaN
        if !(pivot > 1e-12 * a[j * n + j].abs() && pivot.is_finite()) {
            return None;
        }
        let scale = 1.0 / pivot.sqrt();
        rest[..j].fill(0.0);
        rest[j..n].iter_mut().for_each(|x| *x *= scale);
    }
    Some((0..n * n).map(|k| upper[(k % n) * n + k / n]).collect())
}

by_isa! {
    /// Takes from row `j` what the finished rows of Lᵀ above it explain.
    fn subtract_rows(done: &[f64], row: &mut [f64], n: usize, j: usize) {
        for above in done.chunks_exact(n) {
            let weight = above[j];
            for (x, y) in row[j..].iter_mut().zip(&above[j..]) {
                *x -= weight * y;
            }
        }
    }
}

/// A product in sixteen partial sums: one order of addition on every instruction set, and one the vector units like.
#[inline(always)]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 16];
    let (chunks_a, chunks_b) = (a.chunks_exact(16), b.chunks_exact(16));
    let rest: f64 = chunks_a.remainder().iter().zip(chunks_b.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in chunks_a.zip(chunks_b) {
        for k in 0..16 {
            sums[k] += x[k] * y[k];
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// Days mixed side by side: their sums hide each other's delays, and the factor is read once for both.
pub const DAYS_MIXED: usize = 2;

/// Columns of a factor taken at a time: what they multiply stays in the first cache.
const COLUMNS: usize = 64;

by_isa! {
    /// Mixes independent lanes by a lower factor, `mixed[i] = Σ_{j ≤ i} factor[i][j] · drawn[j]`: one day's `LANES` numbers of
    /// each, or `DAYS_MIXED` days' side by side. Every sum runs in the order of j, whatever is taken together.
    pub fn mix_lanes(factor: &[f64], rows: usize, drawn: &[f64], mixed: &mut [f64]) {
        match drawn.len() / rows {
            LANES => mix::<LANES>(factor, rows, drawn, mixed),
            WIDE => mix::<WIDE>(factor, rows, drawn, mixed),
            width => panic!("{width} numbers of each symbol are neither one day's nor {DAYS_MIXED} days'"),
        }
    }
}

const WIDE: usize = DAYS_MIXED * LANES;

#[inline(always)]
fn mix<const WIDTH: usize>(factor: &[f64], n: usize, drawn: &[f64], mixed: &mut [f64]) {
    mixed.fill(0.0);
    for (first, block) in (0..n).step_by(COLUMNS).zip(drawn.chunks(COLUMNS * WIDTH)) {
        for i in first..n {
            let out = &mut mixed[i * WIDTH..(i + 1) * WIDTH];
            let mut sum = [0.0; WIDTH];
            sum.copy_from_slice(out);
            for (weight, drawn) in factor[i * n + first..=i * n + i].iter().zip(block.chunks_exact(WIDTH)) {
                for lane in 0..WIDTH {
                    sum[lane] += weight * drawn[lane];
                }
            }
            out.copy_from_slice(&sum);
        }
    }
}

by_isa! {
    /// Makes one symbol's days joint through what all have in common: `day ← own·day + Σ_k load[k]·common[day][k]`.
    pub fn mix_factors(load: &[f64], own: f64, common: &[f64], days: &mut [f64]) {
        for (day, common) in days.chunks_exact_mut(LANES).zip(common.chunks_exact(load.len() * LANES)) {
            let mut sum = [0.0; LANES];
            for (weight, drawn) in load.iter().zip(common.chunks_exact(LANES)) {
                for lane in 0..LANES {
                    sum[lane] += weight * drawn[lane];
                }
            }
            for lane in 0..LANES {
                day[lane] = own * day[lane] + sum[lane];
            }
        }
    }
}

by_isa! {
    /// The same for one common number with weights of its own: `x ← weight·common + own·x`.
    pub fn mix_common(weight: f64, own: f64, common: &[f64], days: &mut [f64]) {
        for (x, common) in days.iter_mut().zip(common) {
            *x = weight * common + own * *x;
        }
    }
}

/// The lower factor of the matrix with 1 on the diagonal and `correlation` elsewhere, in closed form.
///
/// It exists for −1/(n−1) ≤ correlation ≤ 1, the ends included, where the matrix is singular.
pub fn equicorrelation_factor(correlation: f64, n: usize) -> Option<Vec<f64>> {
    if n > 1 && !(-1.0 / (n - 1) as f64 - 1e-12..=1.0).contains(&correlation) {
        return None;
    }
    let mut factor = vec![0.0; n * n];
    for j in 0..n {
        let spread = 1.0 + (j as f64 - 1.0) * correlation;
        let pivot = if j == 0 { 1.0 } else { ((1.0 - correlation) * (1.0 + j as f64 * correlation) / spread).max(0.0).sqrt() };
        factor[j * n + j] = pivot;
        for i in j + 1..n {
            let below = if j == 0 { correlation } else { correlation * (1.0 - correlation) / spread };
            factor[i * n + j] = if pivot > 0.0 { below / pivot } else { 0.0 };
        }
    }
    Some(factor)
}

/// A correlation matrix with `share` of the identity.
pub fn towards_identity(matrix: &[f64], n: usize, share: f64) -> Vec<f64> {
    matrix.iter().enumerate().map(|(k, c)| if k / n == k % n { 1.0 } else { (1.0 - share) * c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maths::random::Key;

    fn times_transpose(l: &[f64], n: usize) -> Vec<f64> {
        (0..n * n).map(|k| (0..n).map(|m| l[(k / n) * n + m] * l[(k % n) * n + m]).sum()).collect()
    }

    #[test]
    fn a_factor_gives_its_matrix_back() {
        let n = 20usize;
        let a: Vec<f64> = (0..n * n).map(|k| if k / n == k % n { 1.0 } else { 0.9 / (1.0 + (k / n).abs_diff(k % n) as f64) }).collect();
        let l = cholesky(&a, n).expect("positive definite");
        for (x, y) in times_transpose(&l, n).iter().zip(&a) {
            assert!((x - y).abs() < 1e-13, "{x} for {y}");
        }
        assert!(cholesky(&[1.0, 1.0, 1.0, 1.0], 2).is_none());
        assert!(cholesky(&[1.0, 1.2, 1.2, 1.0], 2).is_none());
    }

    #[test]
    fn lanes_mix_by_the_factor_one_day_or_two_at_a_time() {
        let n = 2 * COLUMNS + 3;
        let number = |k: usize| Key([k as u32, 3]).uniform(0, 0) - 0.5;
        let factor: Vec<f64> = (0..n * n).map(|k| if k % n <= k / n { number(k) } else { f64::NAN }).collect();
        let two: Vec<f64> = (0..n * WIDE).map(|k| number(n * n + k)).collect();
        let (mut mixed, mut alone) = (vec![0.0; n * WIDE], vec![0.0; n * LANES]);
        mix_lanes(&factor, n, &two, &mut mixed);
        for day in 0..DAYS_MIXED {
            let one: Vec<f64> = two.chunks_exact(LANES).skip(day).step_by(DAYS_MIXED).flatten().copied().collect();
            mix_lanes(&factor, n, &one, &mut alone);
            for i in 0..n {
                for lane in 0..LANES {
                    let sum = (0..=i).fold(0.0, |sum, j| sum + factor[i * n + j] * one[j * LANES + lane]);
                    let (a, b) = (mixed[i * WIDE + day * LANES + lane], alone[i * LANES + lane]);
                    assert!(a == sum && b == sum, "row {i}, lane {lane}: {a} and {b} for {sum}");
                }
            }
        }
    }

    #[test]
    fn equal_correlations_have_a_factor_up_to_both_ends() {
        for n in [1, 2, 5, 30] {
            let lowest = if n > 1 { -1.0 / (n - 1) as f64 } else { 0.0 };
            for rho in [lowest, lowest / 2.0, 0.0, 0.3, 1.0] {
                let l = equicorrelation_factor(rho, n).expect("inside the range");
                for (k, x) in times_transpose(&l, n).iter().enumerate() {
                    let y = if k / n == k % n { 1.0 } else { rho };
                    assert!((x - y).abs() < 1e-12, "n {n}, correlation {rho}: {x} for {y}");
                }
            }
        }
        assert!(equicorrelation_factor(-0.51, 3).is_none() && equicorrelation_factor(1.01, 3).is_none());
    }
}
