//! Bounds a figure: its ends, and whether they belong to it.

use super::unit::Unit;

/// Figures from `least` to `most`; an end may be left out, and may be infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    pub least: f64,
    pub most: f64,
    /// Whether the least and the most are left out.
    pub open: (bool, bool),
}

impl Bounds {
    /// Any finite figure: for what has no figure.
    pub const ANY: Bounds = Bounds::within(f64::NEG_INFINITY, f64::INFINITY);

    /// Both ends belong to it.
    pub const fn within(least: f64, most: f64) -> Bounds {
        Bounds { least, most, open: (false, false) }
    }

    /// All but the least.
    pub const fn above(least: f64, most: f64) -> Bounds {
        Bounds { least, most, open: (true, false) }
    }

    /// All but the most.
    pub const fn below(least: f64, most: f64) -> Bounds {
        Bounds { least, most, open: (false, true) }
    }

    /// All but its ends.
    pub const fn between(least: f64, most: f64) -> Bounds {
        Bounds { least, most, open: (true, true) }
    }

    /// A share or a probability.
    pub const SHARE: Bounds = Bounds::within(0.0, 1.0);

    /// A share of what is there, and not none of it.
    pub const PART: Bounds = Bounds::above(0.0, 1.0);

    /// A line on the maintenance ratio, of a size that can be meant.
    pub const LINE: Bounds = Bounds::within(0.5, 10.0);

    /// A leverage above 1, where nothing is lent.
    pub const LEVERAGE: Bounds = Bounds::above(1.0, 100.0);

    /// True for a finite figure inside.
    pub fn holds(&self, figure: f64) -> bool {
        let low = if self.open.0 { figure > self.least } else { figure >= self.least };
        let high = if self.open.1 { figure < self.most } else { figure <= self.most };
        figure.is_finite() && low && high
    }

    /// "0% to 1000%", "above 2", "1 and more".
    pub fn words(&self, unit: Unit) -> String {
        // far from 1 a power of ten is read sooner than zeros
        let end = |figure: f64| match figure.abs() {
            size if size >= 1e6 || (size > 0.0 && size < 1e-3) => format!("{figure:e}"),
            _ => unit.write(figure),
        };
        let (least, most) = (end(self.least), end(self.most));
        match (self.least.is_finite(), self.most.is_finite(), self.open) {
            (false, false, _) => "a finite number".into(),
            (true, false, (true, _)) => format!("above {least}"),
            (true, false, _) => format!("{least} and more"),
            (false, true, (_, true)) => format!("below {most}"),
            (false, true, _) => format!("at most {most}"),
            (true, true, (false, false)) => format!("{least} to {most}"),
            (true, true, (true, false)) => format!("above {least}, at most {most}"),
            (true, true, (false, true)) => format!("{least} to below {most}"),
            (true, true, (true, true)) => format!("between {least} and {most}, both excluded"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_belong_to_a_range_as_it_says() {
        let (within, above, below) = (Bounds::within(0.0, 10.0), Bounds::above(-1.0, 10.0), Bounds::below(0.0, 1.0));
        assert!(within.holds(0.0) && within.holds(10.0) && !within.holds(10.1) && !within.holds(f64::NAN));
        assert!(!above.holds(-1.0) && above.holds(10.0) && below.holds(0.0) && !below.holds(1.0));
        assert!(Bounds::ANY.holds(-1e300) && !Bounds::ANY.holds(f64::INFINITY));
        assert_eq!(within.words(Unit::Percent), "0% to 1000%");
        assert_eq!(above.words(Unit::Move), "above -100%, at most 1000%");
        assert_eq!(below.words(Unit::Number), "0 to below 1");
        assert_eq!(Bounds::above(2.0, f64::INFINITY).words(Unit::Number), "above 2");
        assert_eq!(Bounds::within(1.0, f64::INFINITY).words(Unit::Count), "1 and more");
    }
}
