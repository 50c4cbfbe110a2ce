//! Finds eigenvalues and eigenvectors of symmetric matrices with the same bits on every instruction set.
//!
//! All of a small matrix: Householder's reduction to three diagonals and the implicit QL iteration (Golub and Van Loan
//! 2013, "Matrix computations", §8.3). The largest few of a large one: a block Krylov space, orthogonalised twice, and the
//! eigenvalues of the matrix inside it (Golub and Underwood 1977; Saad 2011, "Numerical methods for large eigenvalue
//! problems", §6), grown until the residuals are small.
//!
//! Written out, in loops over rows, because a library's kernels fuse and reorder by processor, and simulated returns hang
//! on these bits; the tests hold them to the library's values. Matrices are square, row by row: `a[i * n + j]`.

use super::isa::by_isa;
use super::linear::dot;
use super::random::{Key, normal};

/// Eigenvalues and their vectors of length 1.
#[derive(Clone, Debug)]
pub struct Eigen {
    pub values: Vec<f64>,
    /// Row `k` is the vector of `values[k]`.
    pub vectors: Vec<f64>,
}

by_isa! {
    /// `out[i] = Σ_j a[from + i][from + j] · x[j]`.
    fn corner_times(a: &[f64], n: usize, from: usize, x: &[f64], out: &mut [f64]) {
        for (row, out) in a[from * n..].chunks_exact(n).zip(out) {
            *out = dot(&row[from..], x);
        }
    }
}

by_isa! {
    /// `a[from + i][from + j] −= v[i]·w[j] + w[i]·v[j]`.
    fn take_pair(a: &mut [f64], n: usize, from: usize, v: &[f64], w: &[f64]) {
        for (i, row) in a[from * n..].chunks_exact_mut(n).enumerate() {
            let (vi, wi) = (v[i], w[i]);
            for ((x, v), w) in row[from..].iter_mut().zip(v).zip(w) {
                *x -= vi * w + wi * v;
            }
        }
    }
}

by_isa! {
    /// Reflects the corner's rows at v: `row −= weight·(row·v)·v`.
    fn reflect(q: &mut [f64], n: usize, from: usize, v: &[f64], weight: f64) {
        for row in q[from * n..].chunks_exact_mut(n) {
            let along = weight * dot(&row[from..], v);
            for (x, v) in row[from..].iter_mut().zip(v) {
                *x -= along * v;
            }
        }
    }
}

by_isa! {
    /// Turns two rows: `(low, high) ← (c·low − s·high, s·low + c·high)`.
    fn turn(low: &mut [f64], high: &mut [f64], c: f64, s: f64) {
        for (x, y) in low.iter_mut().zip(high) {
            (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
        }
    }
}

by_isa! {
    /// `y += weight·x`.
    fn add_row(y: &mut [f64], weight: f64, x: &[f64]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y += weight * x;
        }
    }
}

by_isa! {
    /// The products of every two rows of length `length`: `out[i][j] = rowᵢ·rowⱼ`.
    pub fn gram(rows: &[f64], length: usize, out: &mut [f64]) {
        let n = rows.len() / length;
        for i in 0..n {
            let mine = &rows[i * length..(i + 1) * length];
            for j in 0..=i {
                let product = dot(mine, &rows[j * length..(j + 1) * length]);
                out[i * n + j] = product;
                out[j * n + i] = product;
            }
        }
    }
}

by_isa! {
    /// `out[i] = rowᵢ·x`.
    pub fn rows_times(rows: &[f64], x: &[f64], out: &mut [f64]) {
        for (row, out) in rows.chunks_exact(x.len()).zip(out) {
            *out = dot(row, x);
        }
    }
}

/// All eigenvalues of a symmetric matrix, ascending, and their vectors; nothing when an entry is not finite.
pub fn symmetric_eigen(a: &[f64], n: usize) -> Option<Eigen> {
    assert_eq!(a.len(), n * n, "{} entries are no square matrix of {n}", a.len());
    if a.iter().any(|x| !x.is_finite()) {
        return None;
    }
    let mut held = a.to_vec();
    let (mut diagonal, mut beside, reflections) = three_diagonals(&mut held, n);
    let mut vectors = vec![0.0; n * n];
    (0..n).for_each(|k| vectors[k * n + k] = 1.0);
    for (k, (v, weight)) in reflections.iter().enumerate().rev() {
        reflect(&mut vectors, n, k + 1, v, *weight);
    }
    // the last reflection first: row by row this is the transpose of their product, a vector in each row
    if !iterate(&mut diagonal, &mut beside, &mut vectors, n) {
        return None;
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| diagonal[*a].total_cmp(&diagonal[*b]));
    Some(Eigen {
        values: order.iter().map(|k| diagonal[*k]).collect(),
        vectors: order.iter().flat_map(|k| vectors[k * n..(k + 1) * n].to_vec()).collect(),
    })
}

/// Diagonal, entries beside it, and the reflections that led there, each a vector and twice the inverse of its square.
type ThreeDiagonals = (Vec<f64>, Vec<f64>, Vec<(Vec<f64>, f64)>);

fn three_diagonals(a: &mut [f64], n: usize) -> ThreeDiagonals {
    let (mut diagonal, mut beside, mut reflections) = (vec![0.0; n], vec![0.0; n], Vec::with_capacity(n.saturating_sub(2)));
    for k in 0..n.saturating_sub(2) {
        let from = k + 1;
        let mut v: Vec<f64> = (from..n).map(|i| a[i * n + k]).collect();
        let length = dot(&v, &v).sqrt();
        let turned = if v[0] > 0.0 { -length } else { length };
        v[0] -= turned;
        let square = dot(&v, &v);
        let weight = if square > 0.0 { 2.0 / square } else { 0.0 };
        let mut w = vec![0.0; n - from];
        corner_times(a, n, from, &v, &mut w);
        w.iter_mut().for_each(|x| *x *= weight);
        let half = 0.5 * weight * dot(&w, &v);
        w.iter_mut().zip(&v).for_each(|(x, v)| *x -= half * v);
        take_pair(a, n, from, &v, &w);
        beside[k] = if square > 0.0 { turned } else { a[from * n + k] };
        reflections.push((v, weight));
    }
    (0..n).for_each(|k| diagonal[k] = a[k * n + k]);
    if n > 1 {
        beside[n - 2] = a[(n - 1) * n + n - 2];
    }
    (diagonal, beside, reflections)
}

/// The implicit QL iteration; false when a value does not settle.
fn iterate(diagonal: &mut [f64], beside: &mut [f64], rows: &mut [f64], n: usize) -> bool {
    const MOST: usize = 60;
    // against the largest entry of all: among zero eigenvalues nothing is small against its neighbours
    let small = f64::EPSILON * diagonal.iter().zip(&*beside).map(|(d, b)| d.abs() + b.abs()).fold(0.0, f64::max);
    for low in 0..n {
        for turn_of in 0.. {
            let high = (low..n - 1).find(|m| beside[*m].abs() <= small).unwrap_or(n - 1);
            if high == low {
                break;
            }
            if turn_of == MOST {
                return false;
            }
            let gap = (diagonal[low + 1] - diagonal[low]) / (2.0 * beside[low]);
            let root = libm::hypot(gap, 1.0);
            let mut g = diagonal[high] - diagonal[low] + beside[low] / (gap + if gap < 0.0 { -root } else { root });
            let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
            let mut ended = true;
            for i in (low..high).rev() {
                let (f, b) = (s * beside[i], c * beside[i]);
                let r = libm::hypot(f, g);
                beside[i + 1] = r;
                if r == 0.0 {
                    diagonal[i + 1] -= p;
                    beside[high] = 0.0;
                    ended = false;
                    break;
                }
                (s, c) = (f / r, g / r);
                g = diagonal[i + 1] - p;
                let t = (diagonal[i] - g) * s + 2.0 * c * b;
                p = s * t;
                diagonal[i + 1] = g + p;
                g = c * t - b;
                let (before, after) = rows.split_at_mut((i + 1) * n);
                turn(&mut before[i * n..], &mut after[..n], c, s);
            }
            if ended {
                diagonal[low] -= p;
                beside[low] = g;
                beside[high] = 0.0;
            }
        }
    }
    true
}

/// Vectors a block of the Krylov space has: equal eigenvalues up to this many are all found.
const BLOCK: usize = 4;
/// The residual of a found vector, a share of the largest eigenvalue.
const RESIDUAL: f64 = 1e-7;

/// The `count` largest eigenvalues of a positive semidefinite matrix, descending, and their vectors.
pub fn leading(a: &[f64], n: usize, count: usize) -> Option<Eigen> {
    assert_eq!(a.len(), n * n, "{} entries are no square matrix of {n}", a.len());
    let count = count.min(n);
    let mut space = Space { a, n, basis: Vec::new(), images: Vec::new(), inside: Vec::new(), block: Vec::new() };
    for item in 0..BLOCK as u32 {
        space.add((0..n as u64).map(|k| normal(Key([0x6b72, item]), k, 0)).collect());
    }
    let mut aim = (4 * count + 40).min(n);
    loop {
        while space.basis.len() < aim {
            for image in space.block_images() {
                space.add(image);
            }
            // the space is closed: what lies outside it is reached from fresh draws
            if space.block.is_empty() {
                let item = space.basis.len() as u32;
                space.add((0..n as u64).map(|k| normal(Key([0x6b73, item]), k, 0)).collect());
            }
        }
        let (found, residual) = space.ritz(count)?;
        if residual <= RESIDUAL * found.values[0].abs() || space.basis.len() >= n {
            return Some(found);
        }
        aim = (2 * space.basis.len()).min(n);
    }
}

/// A growing orthonormal basis, the matrix' image of every vector of it, and the matrix inside it.
struct Space<'a> {
    a: &'a [f64],
    n: usize,
    basis: Vec<Vec<f64>>,
    images: Vec<Vec<f64>>,
    /// Row `k`: products of vector `k` with the images of vectors 0 … k.
    inside: Vec<Vec<f64>>,
    /// Vectors whose images have not been added yet.
    block: Vec<usize>,
}

impl Space<'_> {
    /// Adds what a vector has outside the space, if anything.
    fn add(&mut self, mut vector: Vec<f64>) {
        let before = dot(&vector, &vector).sqrt();
        for _ in 0..2 {
            for known in &self.basis {
                let along = dot(known, &vector);
                add_row(&mut vector, -along, known);
            }
        }
        let left = dot(&vector, &vector).sqrt();
        // a vector of zeros has nothing either
        if left <= 1e-10 * before || self.basis.len() == self.n {
            return;
        }
        vector.iter_mut().for_each(|x| *x /= left);
        let mut image = vec![0.0; self.n];
        rows_times(self.a, &vector, &mut image);
        let mut row: Vec<f64> = self.images.iter().map(|known| dot(&vector, known)).collect();
        row.push(dot(&vector, &image));
        self.block.push(self.basis.len());
        self.inside.push(row);
        self.basis.push(vector);
        self.images.push(image);
    }

    fn block_images(&mut self) -> Vec<Vec<f64>> {
        std::mem::take(&mut self.block).into_iter().map(|k| self.images[k].clone()).collect()
    }

    /// The best pairs the space holds, and the largest residual among them.
    fn ritz(&self, count: usize) -> Option<(Eigen, f64)> {
        let m = self.basis.len();
        let inside: Vec<f64> = (0..m * m).map(|at| self.inside[(at / m).max(at % m)][(at / m).min(at % m)]).collect();
        let eigen = symmetric_eigen(&inside, m)?;
        let mut found = Eigen { values: Vec::with_capacity(count), vectors: Vec::with_capacity(count * self.n) };
        let mut worst: f64 = 0.0;
        for k in (m - count.min(m)..m).rev() {
            let (mut vector, mut residual) = (vec![0.0; self.n], vec![0.0; self.n]);
            for ((weight, basis), image) in eigen.vectors[k * m..(k + 1) * m].iter().zip(&self.basis).zip(&self.images) {
                add_row(&mut vector, *weight, basis);
                add_row(&mut residual, *weight, image);
            }
            add_row(&mut residual, -eigen.values[k], &vector);
            worst = worst.max(dot(&residual, &residual).sqrt());
            found.values.push(eigen.values[k]);
            found.vectors.extend(vector);
        }
        Some((found, worst))
    }
}

#[cfg(test)]
mod tests {
    use super::super::isa;
    use super::*;

    /// A covariance of few days: eigenvalues far apart, close together and zero.
    fn covariance(n: usize, days: usize, factors: f64) -> Vec<f64> {
        let rows: Vec<f64> = (0..n)
            .flat_map(|i| (0..days).map(move |t| factors * normal(Key([7, 1]), t as u64, 0) + normal(Key([i as u32, 2]), t as u64, 0)))
            .collect();
        let mut out = vec![0.0; n * n];
        gram(&rows, days, &mut out);
        out.iter_mut().for_each(|x| *x /= days as f64);
        out
    }

    #[test]
    fn all_pairs_solve_their_equation_and_are_the_librarys() {
        for (n, days) in [(1, 3), (2, 5), (3, 1), (40, 100), (60, 25)] {
            let a = covariance(n, days, 1.0);
            let eigen = symmetric_eigen(&a, n).expect("finite");
            let library = faer::Mat::from_fn(n, n, |i, j| a[i * n + j]).self_adjoint_eigenvalues(faer::Side::Lower).expect("symmetric");
            for (k, (value, other)) in eigen.values.iter().zip(&library).enumerate() {
                assert!((value - other).abs() < 1e-12 * library[n - 1], "{value} for {other}");
                let v = &eigen.vectors[k * n..(k + 1) * n];
                assert!((dot(v, v) - 1.0).abs() < 1e-12);
                for i in 0..n {
                    assert!((dot(&a[i * n..(i + 1) * n], v) - value * v[i]).abs() < 1e-12 * library[n - 1], "n {n}, pair {k}");
                }
            }
        }
        let diagonal = symmetric_eigen(&[2.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 2.0], 3).expect("finite");
        assert_eq!(diagonal.values, [-1.0, 2.0, 2.0]);
        assert!(symmetric_eigen(&[f64::NAN], 1).is_none());
    }

    #[test]
    fn the_largest_pairs_are_those_of_all() {
        let cases = [(150, 400, 1.0, 6), (200, 60, 0.3, 12), (90, 30, 0.0, 5), (5, 50, 1.0, 9)];
        for (n, days, factors, count) in cases {
            let a = covariance(n, days, factors);
            let (all, few) = (symmetric_eigen(&a, n).expect("finite"), leading(&a, n, count).expect("finite"));
            for (k, value) in few.values.iter().enumerate() {
                assert!((value - all.values[n - 1 - k]).abs() < 1e-10 * all.values[n - 1], "{value} for {}", all.values[n - 1 - k]);
            }
            assert_eq!(few.values.len(), count.min(n));
        }
        // equal eigenvalues, and a space that closes before it is large enough
        let identity: Vec<f64> = (0..900).map(|at| f64::from(u8::from(at / 30 == at % 30))).collect();
        assert!(leading(&identity, 30, 6).expect("finite").values.iter().all(|v| (v - 1.0).abs() < 1e-12));
        assert!(leading(&[0.0; 100], 10, 3).expect("finite").values.iter().all(|v| *v == 0.0));
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let found: Vec<(Eigen, Eigen)> = isa::LEVELS
            .into_iter()
            .map(|level| {
                isa::force(level);
                let a = covariance(70, 90, 0.8);
                (symmetric_eigen(&a, 70).expect("finite"), leading(&a, 70, 4).expect("finite"))
            })
            .collect();
        isa::force(isa::Isa::Avx512);
        let bits = |e: &Eigen| e.values.iter().chain(&e.vectors).map(|x| x.to_bits()).collect::<Vec<_>>();
        for (all, few) in &found[1..] {
            assert!(bits(all) == bits(&found[0].0) && bits(few) == bits(&found[0].1));
        }
    }
}
