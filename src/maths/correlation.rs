//! Finds the correlation matrix nearest to a symmetric one.

use super::eigen::symmetric_eigen;
use super::isa::by_isa;
use super::linear::dot;

/// What a repair of a correlation matrix did.
#[derive(Clone, Debug, PartialEq)]
pub struct Repair {
    pub matrix: Vec<f64>,
    /// ‖repaired − given‖ (Frobenius).
    pub distance: f64,
    pub iterations: usize,
}

/// The nearest correlation matrix in the Frobenius norm, by alternating projections with Dykstra's correction.
///
/// Source: Higham (2002), "Computing the nearest correlation matrix", IMA Journal of Numerical Analysis 22. Stops when
/// an iteration moves the matrix by less than 1e-10 of its norm, or after 1,000. Nothing when an entry is not finite. Every
/// iteration takes the eigenvalues of an n × n matrix, about 10 n³ operations.
///
/// Known answer (Higham's example): [[1, 1, 0], [1, 1, 1], [0, 1, 1]] becomes 0.760690 beside the diagonal and 0.157298
/// in the corner, 0.527791 away.
pub fn nearest_correlation(a: &[f64], n: usize) -> Option<Repair> {
    const MOST: usize = 1000;
    let norm = |x: &[f64]| dot(x, x).sqrt();
    let less = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x - y).collect::<Vec<f64>>();
    let mut y = a.to_vec();
    let mut correction = vec![0.0; n * n];
    let mut iterations = 0;
    loop {
        iterations += 1;
        let r = less(&y, &correction);
        let mut next = r.clone();
        take_negative(&mut next, n)?;
        correction = less(&next, &r);
        (0..n).for_each(|i| next[i * n + i] = 1.0);
        let moved = norm(&less(&next, &y));
        y = next;
        if moved <= 1e-10 * norm(&y) || iterations == MOST {
            break;
        }
    }
    let matrix: Vec<f64> = (0..n * n).map(|k| (0.5 * (y[k] + y[(k % n) * n + k / n])).clamp(-1.0, 1.0)).collect();
    Some(Repair { distance: norm(&less(&matrix, a)), matrix, iterations })
}

/// Takes the part with negative eigenvalues from a symmetric matrix: what is left is the nearest positive semidefinite one.
fn take_negative(r: &mut [f64], n: usize) -> Option<()> {
    let eigen = symmetric_eigen(r, n)?;
    for (value, vector) in eigen.values.iter().zip(eigen.vectors.chunks_exact(n)).take_while(|(value, _)| **value < 0.0) {
        add_square(r, -value, vector);
    }
    Some(())
}

by_isa! {
    /// Adds `weight` times a vector's outer square to a matrix.
    fn add_square(a: &mut [f64], weight: f64, vector: &[f64]) {
        for (row, x) in a.chunks_exact_mut(vector.len()).zip(vector) {
            let along = weight * x;
            for (cell, y) in row.iter_mut().zip(vector) {
                *cell += along * y;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_correlation_is_highams() {
        let repair = nearest_correlation(&[1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0], 3).expect("converges");
        assert!((repair.matrix[1] - 0.760690).abs() < 1e-6 && (repair.matrix[2] - 0.157298).abs() < 1e-6, "{:?}", repair.matrix);
        assert!((repair.distance - 0.527791).abs() < 1e-6, "{}", repair.distance);
        assert!(symmetric_eigen(&repair.matrix, 3).expect("symmetric").values[0] > -1e-9);
        let again = nearest_correlation(&repair.matrix, 3).expect("converges");
        assert!(again.distance < 1e-8 && (0..3).all(|i| repair.matrix[i * 4] == 1.0));
    }
}
