//! Tilts the choice of past days towards those that hurt the book.
//!
//! Days are scored by the normal scores of their falls, xᵢ = Φ⁻¹((rank + ½)/n), so that one extreme day does not take all. A day of
//! probability pᵢ is drawn with qᵢ = pᵢ·e^(s·xᵢ) / M, M = Σ pᵢ·e^(s·xᵢ): ln(q/p) = s·xᵢ − ln M.
//! Worked: two days of scores ±0.6745 and s = 1: M = ½(1.963 + 0.509) = 1.236; the worse is drawn with 0.794, ln(q/p) = 0.4625.

use super::tilt::Component;
use crate::maths::lanes::exp1;
use crate::maths::special::normal_quantile;

/// The choice of a day, all alike by the model, under each component.
#[derive(Clone, Debug)]
pub struct DayTilts {
    /// Of each direction.
    scores: Vec<Vec<f64>>,
    of: Vec<(usize, f64, DayTilt)>,
}

/// The strongest tilt: beyond it the worst day takes all.
pub const STRONGEST: f64 = 3.0;

impl DayTilts {
    /// Of days that are followed by these falls in each direction; a session counts for `sessions` of a component's.
    pub fn new(falls: impl Iterator<Item = Vec<f64>>, components: &[Component], sessions: f64) -> DayTilts {
        let scores: Vec<Vec<f64>> = falls.map(|falls| normal_scores(&falls)).collect();
        let of = |component: &Component| {
            let (scores, strength) = (&scores[component.direction], (component.strength() * sessions.sqrt()).min(STRONGEST));
            (component.direction, strength, DayTilt::new(scores.iter().map(|_| 1.0), scores, strength))
        };
        let of = components.iter().map(of).collect();
        DayTilts { scores, of }
    }

    /// The day at a uniform, under the component of this number from 1.
    #[inline(always)]
    pub fn place(&self, component: u8, u: f64) -> usize {
        self.of[usize::from(component) - 1].2.place(u)
    }

    /// ln(q/p) of a day under a component, counted from 0.
    pub fn log_ratio(&self, component: usize, day: usize) -> f64 {
        let (direction, strength, tilt) = &self.of[component];
        strength * self.scores[*direction][day] - tilt.log_norm
    }
}

/// The choice of a day under one strength.
#[derive(Clone, Debug)]
pub struct DayTilt {
    /// Probabilities summed up day by day.
    sums: Vec<f64>,
    /// ln M
    pub log_norm: f64,
}

impl DayTilt {
    /// Of days of these weights and scores.
    pub fn new(weights: impl Iterator<Item = f64>, scores: &[f64], strength: f64) -> DayTilt {
        let (mut all, mut sum) = (0.0, 0.0);
        let sums = weights.zip(scores).map(|(weight, score)| {
            all += weight;
            sum += weight * exp1(strength * score);
            sum
        });
        let sums: Vec<f64> = sums.collect();
        DayTilt { sums, log_norm: libm::log(sum / all) }
    }

    /// The day at `u` in (0, 1).
    #[inline(always)]
    pub fn place(&self, u: f64) -> usize {
        let aim = u * self.sums[self.sums.len() - 1];
        self.sums.partition_point(|sum| *sum <= aim).min(self.sums.len() - 1)
    }
}

/// The normal scores of falls: the larger the fall, the higher; equal falls have equal scores.
pub fn normal_scores(falls: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..falls.len()).collect();
    order.sort_by(|a, b| falls[*a].total_cmp(&falls[*b]));
    let mut scores = vec![0.0; falls.len()];
    for alike in order.chunk_by(|a, b| falls[*a] == falls[*b]) {
        // where equal ones stand is known by their first: ranks are whole numbers
        let first = order.partition_point(|day| falls[*day].total_cmp(&falls[alike[0]]).is_lt());
        let rank = first as f64 + 0.5 * alike.len() as f64;
        alike.iter().for_each(|day| scores[*day] = normal_quantile(rank / falls.len() as f64));
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_days_have_the_worked_odds() {
        let scores = normal_scores(&[0.1, -0.3]);
        assert!((scores[0] - 0.674_489_75).abs() < 1e-6 && (scores[1] + 0.674_489_75).abs() < 1e-6, "{scores:?}");
        let tilt = DayTilt::new([1.0, 1.0].into_iter(), &scores, 1.0);
        assert!((scores[0] - tilt.log_norm - 0.4625).abs() < 1e-3, "{}", tilt.log_norm);
        assert_eq!((tilt.place(0.793), tilt.place(0.795)), (0, 1));
        assert!(normal_scores(&[2.0, 2.0]).iter().all(|score| score.abs() < 1e-15));
    }
}
