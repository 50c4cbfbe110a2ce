//! Tilts models of joint normals: their normals are shifted along one direction, and the χ² of a Student t made smaller.
//!
//! A shift of s against the unit direction h turns the session's h·z ~ N(0, 1) into N(−s, 1): ln(q/p) = −s·(h·z) − s²/2. Of a Student t with
//! ν degrees of freedom the χ² W becomes b·W with b = 1/(1 + s²/ν), its likeliest size on a session of s deviations, and the shift
//! s·√b: ln(q/p) gains −(ν/2)·ln b − (W/2)·(1/b − 1) for the W drawn.
//! Worked: s = 1 and h·z = −2 give ln(q/p) = 1.5: the session is 4.48 times as likely.

use super::LANES;
use super::tilt::{Component, Tilts};

/// A unit direction among a session's normals, along which the book gains most: those that symbols share, and each symbol's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Direction {
    pub common: Vec<f64>,
    pub own: Vec<f64>,
}

impl Direction {
    /// Scaled to length one; nothing where no normal moves the book.
    pub fn unit(common: Vec<f64>, own: Vec<f64>) -> Option<Direction> {
        let length = common.iter().chain(&own).fold(0.0, |sum, h| sum + h * h).sqrt();
        let scaled = |weights: Vec<f64>| weights.into_iter().map(|h| h / length).collect();
        (length > 0.0 && length.is_finite()).then(|| Direction { common: scaled(common), own: scaled(own) })
    }
}

/// The tilts of all components.
pub struct NormalTilt {
    pub direction: Direction,
    /// Of each component the shift and what is left of a χ².
    strengths: Vec<(f64, f64)>,
    degrees: Option<f64>,
}

impl NormalTilt {
    pub fn new(direction: Direction, components: &[Component], degrees: Option<f64>) -> Self {
        let of = |component: &Component| {
            let s = component.strength();
            let left = degrees.map_or(1.0, |nu| 1.0 / (1.0 + s * s / nu));
            (s * left.sqrt(), left)
        };
        NormalTilt { direction, strengths: components.iter().map(of).collect(), degrees }
    }

    /// Makes the χ² of tilted sessions smaller, `[day][lane]`.
    pub fn shrink(&self, of: &[u8], chi_square: &mut [f64]) {
        for (w, component) in chi_square.iter_mut().zip(of).filter(|(_, component)| **component > 0) {
            *w *= self.strengths[usize::from(*component) - 1].1;
        }
    }

    /// What the normals of a tile are moved by.
    pub fn shifted(&self, of: &[u8]) -> Shifted<'_> {
        let shift = of.iter().map(|component| component.checked_sub(1).map_or(0.0, |at| -self.strengths[usize::from(at)].0)).collect();
        Shifted { direction: &self.direction, shift, along: vec![0.0; of.len()] }
    }

    /// Notes ln(q/p) of every session from where it lies along the direction, and from its χ².
    pub fn note(&self, tilts: &mut Tilts<'_>, along: &[f64], chi_square: &[f64]) {
        let strengths: Vec<(f64, f64, f64)> = self
            .strengths
            .iter()
            .map(|(shift, left)| {
                let of_log = self.degrees.map_or(0.0, |nu| -0.5 * nu * libm::log(*left));
                (*shift, of_log - 0.5 * shift * shift, 0.5 * (1.0 / left - 1.0))
            })
            .collect();
        match self.degrees {
            None => tilts.note(|k, cell| strengths[k].1 - strengths[k].0 * along[cell]),
            Some(_) => tilts.note(|k, cell| strengths[k].1 - strengths[k].0 * along[cell] - strengths[k].2 * chi_square[cell]),
        }
    }
}

/// Moves the normals of one tile along the direction, and adds up where they lie along it.
pub struct Shifted<'a> {
    direction: &'a Direction,
    /// `[day][lane]`
    shift: Vec<f64>,
    pub along: Vec<f64>,
}

impl Shifted<'_> {
    /// The days of a normal that symbols share, the first of `of` draws of a session: `[day][of][lane]`.
    pub fn move_common(&mut self, item: usize, of: usize, days: &mut [f64]) {
        self.shift_by(self.direction.common[item], of, days);
    }

    /// The same of a symbol's own normal.
    pub fn move_own(&mut self, symbol: usize, of: usize, days: &mut [f64]) {
        self.shift_by(self.direction.own[symbol], of, days);
    }

    fn shift_by(&mut self, h: f64, of: usize, days: &mut [f64]) {
        let rows = self.shift.chunks_exact(LANES).zip(self.along.chunks_exact_mut(LANES));
        for (day, (shift, along)) in days.chunks_exact_mut(of * LANES).zip(rows) {
            for (z, (shift, along)) in day.iter_mut().zip(shift.iter().zip(along)) {
                *z += shift * h;
                *along += *z * h;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_has_the_worked_ratio() {
        let direction = Direction::unit(vec![3.0], vec![4.0]).expect("a direction");
        assert_eq!((direction.common[0], direction.own[0]), (0.6, 0.8));
        let tilt = NormalTilt::new(direction, &[Component::whole(1, 1.0)], None);
        let (of, mut log_ratio) = ([1; LANES], [0.0; LANES]);
        let mut shifted = tilt.shifted(&of);
        let (mut common, mut own) = ([-0.6; LANES], [-0.8; LANES]);
        shifted.move_common(0, 1, &mut common);
        shifted.move_own(0, 1, &mut own);
        assert!((common[0] + 1.2).abs() < 1e-15 && (own[0] + 1.6).abs() < 1e-15 && (shifted.along[0] + 2.0).abs() < 1e-15);
        let along = shifted.along;
        tilt.note(&mut Tilts { of: &of, log_ratio: &mut log_ratio }, &along, &[]);
        assert!(log_ratio.iter().all(|ratio| (ratio - 1.5).abs() < 1e-15), "{log_ratio:?}");
        assert_eq!(Direction::unit(vec![0.0], vec![]), None);
    }
}
