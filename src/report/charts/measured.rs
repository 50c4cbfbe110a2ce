//! Writes the figures of many settings in one unit and on one scale.

use crate::measures::{Estimate, Flag, Unit};
use crate::model::part::Words;
use crate::report::text::number::{self, Scale};
use crate::report::text::{Text, measure};

const WITH_UNIT: Words = Words("{measure}, {unit}", "{measure}（{unit}）");

/// One measure of all settings, for a reader.
#[derive(Clone, Copy)]
pub struct Measured<'a> {
    /// Of each setting every measure.
    pub estimates: &'a [Vec<Option<Estimate>>],
    /// Which of them, and its key.
    pub at: usize,
    pub key: &'a str,
    pub text: Text,
    pub currency: &'a str,
}

impl<'a> Measured<'a> {
    /// The figure of a setting where it is one.
    pub fn estimate(&self, setting: usize) -> Option<&'a Estimate> {
        self.estimates[setting][self.at].as_ref().filter(|e| e.flag != Some(Flag::Undefined) && e.value.is_finite())
    }

    fn all(&self) -> impl Iterator<Item = &'a Estimate> {
        let own = *self;
        (0..self.estimates.len()).filter_map(move |setting| own.estimate(setting))
    }

    /// One scale over all settings.
    pub fn scale(&self) -> Scale {
        Scale::of_estimates(&self.text, self.all())
    }

    pub fn unit(&self) -> Unit {
        self.all().next().map_or(Unit::Number, |e| e.unit)
    }

    /// What a figure is multiplied by on a chart.
    pub fn factor(&self) -> f64 {
        number::factor(self.unit(), self.scale())
    }

    /// `CNY m`, `%`, or nothing.
    pub fn unit_name(&self) -> String {
        number::unit_name(&self.text, self.unit(), self.scale(), self.currency)
    }

    pub fn name(&self) -> String {
        measure::name(&self.text, self.key)
    }

    /// The measure with its unit, for an axis.
    pub fn axis(&self) -> String {
        let unit = self.unit_name();
        if unit.is_empty() { self.name() } else { self.text.fill(WITH_UNIT, &[("measure", &self.name()), ("unit", &unit)]) }
    }

    /// A figure without its unit: `12.4 ± 0.3`.
    pub fn written(&self, setting: usize) -> String {
        self.estimate(setting).map_or_else(|| "–".into(), |e| number::estimate(&self.text, e, self.scale()).value)
    }

    /// A figure with its unit.
    pub fn full(&self, e: &Estimate) -> String {
        let written = number::estimate(&self.text, e, self.scale());
        if e.unit == Unit::Money { self.scale().in_text(&self.text, self.currency, &written.value) } else { written.full() }
    }

    /// A difference and its error, without a unit.
    pub fn difference(&self, value: f64, std_error: f64) -> String {
        let (value, error) = (value * self.factor(), std_error * self.factor());
        // where no path differs there is nothing to state an error of
        if value != 0.0 && error > 0.0 && error.is_finite() { number::with_error(value, error) } else { number::plain(value) }
    }

    /// The same with its sign and its unit.
    pub fn change(&self, value: f64, std_error: f64) -> String {
        self.with_unit(&number::signed(&self.difference(value, std_error)))
    }

    /// A number that is written, with the measure's unit.
    pub fn with_unit(&self, written: &str) -> String {
        match self.unit() {
            Unit::Money => self.scale().in_text(&self.text, self.currency, written),
            Unit::Ratio => format!("{written}%"),
            Unit::Days | Unit::Number | Unit::Count => written.into(),
        }
    }
}
