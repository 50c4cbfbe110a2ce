//! Measures how much of a whole lies in few parts.

/// Herfindahl–Hirschman index Σ s² of the parts' shares; 0 when there is nothing.
///
/// Worked: (0.4, 0.3, 0.2, 0.1) → 0.30, as if 3.33 equal parts.
pub fn herfindahl(parts: &[f64]) -> f64 {
    let whole: f64 = parts.iter().sum();
    if whole > 0.0 { parts.iter().map(|p| (p / whole) * (p / whole)).sum() } else { 0.0 }
}

/// How many equal parts would be as concentrated: 1 / HHI.
pub fn effective_number(herfindahl: f64) -> f64 {
    if herfindahl > 0.0 { 1.0 / herfindahl } else { 0.0 }
}

/// HHI moved to run from 0 (equal parts) to 1 (a single one): (H − 1/n)/(1 − 1/n).
pub fn normalised(herfindahl: f64, parts: usize) -> f64 {
    let least = 1.0 / parts as f64;
    if parts > 1 { (herfindahl - least) / (1.0 - least) } else { herfindahl }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_meets_its_figures_whatever_the_scale() {
        let index = herfindahl(&[40.0, 30.0, 20.0, 10.0]);
        assert!((index - 0.30).abs() < 1e-15);
        assert!((effective_number(index) - 3.3333).abs() < 5e-5);
        assert!((normalised(index, 4) - 0.066_667).abs() < 5e-7);
        assert_eq!(herfindahl(&[]), 0.0);
    }
}
