//! Splits a case into layers of contagion: the same scenario with fewer parts of the feedback switched on.
//!
//! Order of the parts: no feedback → impact of sales on prices → margins that tighten as the market falls → clients under
//! stress → a run of the funders. Each layer adds one part to the one before; a part that the case leaves off has no layer.
//! Paths and draws are common to all, so that the difference of two layers is what the part adds, path by path.

use super::case::Case;
use super::impact::{Feedback, Impact};

/// One part of the feedback: its name in keys, whether a case has it, and the case without it.
struct Part {
    name: &'static str,
    is_on: fn(&Case) -> bool,
    without: fn(Case) -> Case,
}

/// The parts in the order they are switched on.
const PARTS: &[Part] = &[
    Part {
        name: "impact",
        is_on: |case| case.feedback.is_on(),
        without: |case| Case { feedback: Feedback { impact: Impact::None, ..case.feedback }, ..case },
    },
    Part {
        name: "margin_spiral",
        is_on: |case| case.margin.spirals(),
        without: |case| Case { margin: case.margin.without_spiral(), ..case },
    },
    Part {
        name: "client_stress",
        is_on: |case| case.clients.react(),
        without: |case| Case { clients: case.clients.without_stress(), ..case },
    },
    Part { name: "run", is_on: |case| case.pool.funders_react(), without: |case| Case { pool: case.pool.without_run(), ..case } },
];

/// The layer with every part switched off.
pub const SILENT: &str = "no_feedback";

impl Case {
    fn parts(&self) -> Vec<&'static Part> {
        PARTS.iter().filter(|part| (part.is_on)(self)).collect()
    }

    /// This case with fewer parts of the feedback switched on, fewest first: the layers of contagion.
    ///
    /// Empty without feedback; the full case itself is not among them. Without `[feedback] layers` only the one without feedback.
    pub fn layers(&self) -> Vec<(&'static str, Case)> {
        let parts = self.parts();
        let without = |off: &[&Part]| off.iter().fold(self.clone(), |case, part| (part.without)(case));
        let kept = match (parts.is_empty(), self.feedback.layers) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => parts.len(),
        };
        (0..kept).map(|on| (if on == 0 { SILENT } else { parts[on - 1].name }, without(&parts[on..]))).collect()
    }

    /// The name of the last part, which the full case adds to the layers; none where the case is not taken apart.
    pub fn last_part(&self) -> Option<&'static str> {
        self.parts().last().filter(|_| self.feedback.layers).map(|part| part.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::impact::square_root::SquareRoot;

    #[test]
    fn each_layer_adds_one_part_to_the_one_before() {
        let mut case = Case::default();
        assert!(case.layers().is_empty() && case.last_part().is_none());
        case.clients.stress_sensitivity = 1.0;
        case.feedback.impact = Impact::SquareRoot(SquareRoot::default());
        let layers = case.layers();
        assert_eq!(layers.iter().map(|l| l.0).collect::<Vec<_>>(), ["no_feedback", "impact"]);
        assert_eq!(case.last_part(), Some("client_stress"));
        let (silent, impact) = (&layers[0].1, &layers[1].1);
        assert!(silent.feedback.impact == Impact::None && !silent.clients.react());
        assert!(impact.feedback.is_on() && !impact.clients.react());
        case.margin.dynamic = Some(crate::model::margin::dynamic::Dynamic::default());
        let layers = case.layers();
        assert_eq!(layers.iter().map(|l| l.0).collect::<Vec<_>>(), ["no_feedback", "impact", "margin_spiral"]);
        assert!(layers[1].1.margin.dynamic.is_none() && layers[2].1.margin.dynamic.is_some());
        case.feedback.layers = false;
        assert_eq!(case.layers().iter().map(|l| l.0).collect::<Vec<_>>(), ["no_feedback"]);
        assert_eq!(case.last_part(), None);
    }

    #[test]
    fn a_part_that_is_off_has_no_layer() {
        let mut case = Case::default();
        case.feedback.impact = Impact::SquareRoot(SquareRoot::default());
        assert_eq!(case.layers().len(), 1);
        assert_eq!(case.last_part(), Some("impact"));
    }
}
