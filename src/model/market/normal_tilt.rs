//! Tilts models of joint normals: their normals are shifted along a direction, and the χ² of a Student t made smaller.
//!
//! A shift of s against the unit direction h turns the session's h·z ~ N(0, 1) into N(−s, 1): ln(q/p) = −s·(h·z) − s²/2. Of a Student t with
//! ν degrees of freedom the χ² W becomes b·W with b = 1/(1 + s²/ν), its likeliest size on a session of s deviations, and the shift
//! s·√b: ln(q/p) gains −(ν/2)·ln b − (W/2)·(1/b − 1) for the W drawn.
//! Worked: s = 1 and h·z = −2 give ln(q/p) = 1.5: the session is 4.48 times as likely.

use super::LANES;
use super::tilt::{Component, Tilts};
use crate::maths::isa::by_isa;

/// A unit direction among a session's normals, along which the book gains most: those that symbols share, and each symbol's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Direction {
    pub common: Vec<f64>,
    pub own: Vec<f64>,
}

/// A symbol's own part in a direction that is left out.
const LITTLE: f64 = 0.02;

impl Direction {
    /// Scaled to length one; nothing where no normal moves the book.
    pub fn unit(common: Vec<f64>, own: Vec<f64>) -> Option<Direction> {
        let length = |common: &[f64], own: &[f64]| common.iter().chain(own).fold(0.0, |sum, h| sum + h * h).sqrt();
        let whole = length(&common, &own);
        // any direction is right: what moves the book little is left where it is
        let own: Vec<f64> = own.into_iter().map(|h| if h.abs() < LITTLE * whole { 0.0 } else { h }).collect();
        let length = length(&common, &own);
        let scaled = |weights: Vec<f64>| weights.into_iter().map(|h| h / length).collect();
        (length > 0.0 && length.is_finite()).then(|| Direction { common: scaled(common), own: scaled(own) })
    }
}

/// The tilts of all components.
pub struct NormalTilt {
    directions: Vec<Direction>,
    strengths: Vec<Strength>,
    degrees: Option<f64>,
}

/// What a component does to a session.
struct Strength {
    direction: usize,
    shift: f64,
    /// What is left of a χ².
    left: f64,
}

impl NormalTilt {
    /// Nothing without a direction for every component.
    pub fn new(directions: impl Iterator<Item = Option<Direction>>, components: &[Component], degrees: Option<f64>) -> Option<Self> {
        let of = |component: &Component| {
            let s = component.strength();
            let left = degrees.map_or(1.0, |nu| 1.0 / (1.0 + s * s / nu));
            Strength { direction: component.direction, shift: s * left.sqrt(), left }
        };
        let directions = directions.collect::<Option<Vec<Direction>>>()?;
        Some(NormalTilt { directions, strengths: components.iter().map(of).collect(), degrees })
    }

    /// Makes the χ² of tilted sessions smaller, `[day][lane]`.
    pub fn shrink(&self, of: &[u8], chi_square: &mut [f64]) {
        for (w, component) in chi_square.iter_mut().zip(of).filter(|(_, component)| **component > 0) {
            *w *= self.strengths[usize::from(*component) - 1].left;
        }
    }

    /// What the normals of a tile are moved by.
    pub fn shifted(&self, tilts: &Tilts<'_>) -> Shifted<'_> {
        let of = tilts.of;
        let asked = if tilts.log_ratio.is_empty() { 0 } else { of.len() };
        let along = |(number, direction)| {
            let shift = |component: &u8| match component.checked_sub(1).map(|at| &self.strengths[usize::from(at)]) {
                Some(strength) if strength.direction == number => -strength.shift,
                _ => 0.0,
            };
            Along { direction, shift: of.iter().map(shift).collect(), reached: vec![0.0; asked] }
        };
        Shifted { of: self.directions.iter().enumerate().map(along).collect() }
    }

    /// Notes ln(q/p) of every session from where it lies along the directions, and from its χ².
    pub fn note(&self, tilts: &mut Tilts<'_>, shifted: &Shifted<'_>, chi_square: &[f64]) {
        if tilts.log_ratio.is_empty() {
            return;
        }
        let terms = |Strength { direction, shift, left }: &Strength| {
            let of_log = self.degrees.map_or(0.0, |nu| -0.5 * nu * libm::log(*left));
            (shifted.of[*direction].reached.as_slice(), *shift, of_log - 0.5 * shift * shift, 0.5 * (1.0 / left - 1.0))
        };
        let terms: Vec<(&[f64], f64, f64, f64)> = self.strengths.iter().map(terms).collect();
        match self.degrees {
            None => tilts.note(|k, cell| terms[k].2 - terms[k].1 * terms[k].0[cell]),
            Some(_) => tilts.note(|k, cell| terms[k].2 - terms[k].1 * terms[k].0[cell] - terms[k].3 * chi_square[cell]),
        }
    }
}

/// Moves the normals of one tile along the directions, and adds up where they lie along each.
pub struct Shifted<'a> {
    of: Vec<Along<'a>>,
}

struct Along<'a> {
    direction: &'a Direction,
    /// `[day][lane]`
    shift: Vec<f64>,
    reached: Vec<f64>,
}

impl Shifted<'_> {
    /// The days of a normal that symbols share, the first of `of` draws of a session: `[day][of][lane]`.
    pub fn move_common(&mut self, item: usize, of: usize, days: &mut [f64]) {
        self.shift_by(|direction| direction.common[item], of, days);
    }

    /// The same of a symbol's own normal.
    pub fn move_own(&mut self, symbol: usize, of: usize, days: &mut [f64]) {
        self.shift_by(|direction| direction.own[symbol], of, days);
    }

    fn shift_by(&mut self, weight: impl Fn(&Direction) -> f64, of: usize, days: &mut [f64]) {
        for along in &self.of {
            let h = weight(along.direction);
            if h != 0.0 {
                shift(h, of, &along.shift, days);
            }
        }
        // where a normal lies is known once it is moved along all of them
        for along in &mut self.of {
            let h = weight(along.direction);
            if h != 0.0 && !along.reached.is_empty() {
                reach(h, of, days, &mut along.reached);
            }
        }
    }
}

by_isa! {
    fn shift(h: f64, of: usize, shift: &[f64], days: &mut [f64]) {
        for (day, shift) in days.chunks_exact_mut(of * LANES).zip(shift.chunks_exact(LANES)) {
            for lane in 0..LANES {
                day[lane] += shift[lane] * h;
            }
        }
    }
}

by_isa! {
    fn reach(h: f64, of: usize, days: &[f64], reached: &mut [f64]) {
        for (day, reached) in days.chunks_exact(of * LANES).zip(reached.chunks_exact_mut(LANES)) {
            for lane in 0..LANES {
                reached[lane] += day[lane] * h;
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
        let tilt = NormalTilt::new([Some(direction)].into_iter(), &[Component::whole(1, 1.0)], None).expect("a direction");
        let (of, mut log_ratio) = ([1; LANES], [0.0; LANES]);
        let mut shifted = tilt.shifted(&Tilts { of: &of, log_ratio: &mut log_ratio });
        let (mut common, mut own) = ([-0.6; LANES], [-0.8; LANES]);
        shifted.move_common(0, 1, &mut common);
        shifted.move_own(0, 1, &mut own);
        assert!((common[0] + 1.2).abs() < 1e-15 && (own[0] + 1.6).abs() < 1e-15 && (shifted.of[0].reached[0] + 2.0).abs() < 1e-15);
        tilt.note(&mut Tilts { of: &of, log_ratio: &mut log_ratio }, &shifted, &[]);
        assert!(log_ratio.iter().all(|ratio| (ratio - 1.5).abs() < 1e-15), "{log_ratio:?}");
        assert_eq!(Direction::unit(vec![0.0], vec![]), None);
    }
}
