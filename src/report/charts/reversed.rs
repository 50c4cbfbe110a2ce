//! Holds what the charts and pages of a reverse stress test read: its measure, and how values of its changes are written.

use crate::measures::{Estimate, Unit};
use crate::model::part::Words;
use crate::model::reverse::Side;
use crate::model::sweep::Form;
use crate::model::way::{Moves, Way};
use crate::report::text::number::{self, Scale};
use crate::report::text::{Text, measure, shared};
use crate::study::reverse::Ray;
use crate::study::reverse::answer::Answer;

const WITH_UNIT: Words = Words("{measure}, {unit}", "{measure}（{unit}）");
const AT_MOST: Words = Words("at most {value}", "不高于 {value}");
const AT_LEAST: Words = Words("at least {value}", "不低于 {value}");

/// A reverse stress test for a reader.
#[derive(Clone, Copy)]
pub struct Reversed<'a> {
    pub answer: &'a Answer,
    pub text: Text,
    pub currency: &'a str,
}

impl<'a> Reversed<'a> {
    pub fn estimates(&self) -> impl Iterator<Item = &'a Estimate> {
        self.answer.rays.iter().flat_map(|ray| ray.tried.iter().filter_map(|tried| tried.estimate.as_ref()))
    }

    /// One scale for the measure at all places.
    pub fn scale(&self) -> Scale {
        Scale::of_estimates(&self.text, self.estimates())
    }

    pub fn unit(&self) -> Unit {
        self.estimates().next().map_or(Unit::Number, |e| e.unit)
    }

    /// What a figure is multiplied by on a chart.
    pub fn factor(&self) -> f64 {
        number::factor(self.unit(), self.scale())
    }

    pub fn name(&self) -> &'a str {
        self.answer.name.get(self.text.language)
    }

    pub fn measure(&self) -> String {
        measure::name(&self.text, &self.answer.reverse.measure)
    }

    /// The measure with its unit, for an axis.
    pub fn axis(&self) -> String {
        let unit = number::unit_name(&self.text, self.unit(), self.scale(), self.currency);
        if unit.is_empty() { self.measure() } else { self.text.fill(WITH_UNIT, &[("measure", &self.measure()), ("unit", &unit)]) }
    }

    /// A figure of the measure with its unit.
    pub fn full(&self, e: &Estimate) -> String {
        let scale = self.scale();
        let written = number::estimate(&self.text, e, scale);
        if e.unit == Unit::Money { scale.in_text(&self.text, self.currency, &written.value) } else { written.full() }
    }

    /// The limit: `at most 1%`.
    pub fn limit(&self) -> String {
        let limit = self.answer.limit;
        let value = match self.unit() {
            Unit::Money => {
                let scale = Scale::of_one(&self.text, limit.value);
                scale.in_text(&self.text, self.currency, &number::plain(limit.value / scale.divisor))
            }
            Unit::Ratio => number::line(limit.value),
            Unit::Days | Unit::Number | Unit::Count => number::plain(limit.value),
        };
        let words = if limit.side == Side::Below { AT_MOST } else { AT_LEAST };
        self.text.fill(words, &[("value", &value)])
    }

    pub fn title(&self, way: usize) -> String {
        let way = &self.answer.ways[way];
        match &way.moves {
            // a shock without a title of its own is called by what it does
            Moves::Shock(shock, _) if way.title.en == shock.declared().key => self.text.get(shock.declared().what).to_string(),
            _ => way.title.get(self.text.language).to_string(),
        }
    }

    /// The ways that a ray moves.
    pub fn moved(&self, ray: &Ray) -> Vec<usize> {
        (0..self.answer.ways.len()).filter(|way| ray.direction[*way] != 0.0).collect()
    }

    /// `Fall of the market −23.4%`, of every way that a ray moves.
    pub fn setting(&self, ray: &Ray, place: f64) -> String {
        let places = ray.at(place);
        let part = |way: usize| format!("{} {}", self.title(way), value(&self.answer.ways[way], places[way], None));
        self.moved(ray).into_iter().map(part).collect::<Vec<_>>().join(self.text.get(shared::COMMA))
    }

    /// The values of a ray's ways at a place, with the error of the place where there is one.
    pub fn values(&self, ray: &Ray, place: f64, error: Option<f64>) -> String {
        let places = ray.at(place);
        let part = |way: usize| value(&self.answer.ways[way], places[way], error.map(|error| error * ray.direction[way]));
        self.moved(ray).into_iter().map(part).collect::<Vec<_>>().join(self.text.get(shared::COMMA))
    }
}

/// The value at a place of a way: `−23.4%`, or `−23.4 ± 0.3%`.
pub fn value(way: &Way, place: f64, error: Option<f64>) -> String {
    let number = way.at(place).number.expect("a way is of numbers");
    let error = error.map(|error| (error * (way.to - way.from)).abs()).filter(|error| *error > 0.0 && error.is_finite());
    match (way.form, error) {
        (Form::Percent, Some(error)) => format!("{}%", number::with_error(100.0 * number, 100.0 * error)),
        (Form::Percent, None) => number::line(number).replace('-', "−"),
        (Form::Whole, _) => number::grouped(number, 0),
        (Form::Plain, Some(error)) => number::with_error(number, error),
        (Form::Plain, None) => number::plain(number),
    }
}
