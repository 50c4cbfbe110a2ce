//! Holds what every chart of a study of sensitivity reads: the settings' figures, and how keys and their ends are called.

use super::canvas::{Anchor, Canvas, NORMAL, SMALL, palette};
use super::measured::Measured;
use crate::model::part::Words;
use crate::model::tornado::{HIGH, LOW};
use crate::report::text::{Text, shared};
use crate::study::tornado::Results;
use plotters::style::RGBColor;

pub const WITHIN_NOISE: Words = Words("within noise", "在抽样误差之内");

/// A study of sensitivity for a reader.
#[derive(Clone, Copy)]
pub struct Varied<'a> {
    pub results: &'a Results<'a>,
    pub text: Text,
    pub currency: &'a str,
}

impl<'a> Varied<'a> {
    /// One measure of all settings.
    pub fn measured(&self, measure: usize) -> Measured<'a> {
        let key = self.results.tornado.measures[measure].as_str();
        Measured { estimates: &self.results.estimates, at: measure, key, text: self.text, currency: self.currency }
    }

    pub fn title(&self, key: usize) -> &'a str {
        self.results.tornado.keys[key].title.get(self.text.language)
    }

    pub fn low(&self, key: usize) -> &'a str {
        self.results.tornado.keys[key].values[LOW].label.get(self.text.language)
    }

    pub fn high(&self, key: usize) -> &'a str {
        self.results.tornado.keys[key].values[HIGH].label.get(self.text.language)
    }

    /// What a key is in the base; a dash where it is not written and has no default.
    pub fn base(&self, key: usize) -> &'a str {
        self.results.tornado.bases[key].as_ref().map_or("–", |value| value.label.get(self.text.language))
    }

    /// `Leverage cap 2x`.
    pub fn said(&self, key: usize, label: &str) -> String {
        format!("{} {label}", self.title(key))
    }

    /// Items told one after another.
    pub fn told(&self, items: &[String]) -> String {
        items.join(self.text.get(shared::SEMICOLON))
    }
}

/// Where rows of bars stand on a sheet.
#[derive(Clone, Copy)]
pub struct Rows {
    pub top: f64,
    pub height: f64,
    /// The end of the names, which stand left of it, and how far they reach.
    pub names: f64,
    pub room: f64,
}

impl Rows {
    pub fn middle(&self, row: usize) -> f64 {
        self.top + (row as f64 + 0.5) * self.height
    }

    /// The name of a row, on two lines where it is long.
    pub fn name(&self, canvas: &Canvas<'_, '_>, row: usize, name: &str) {
        let lines = canvas.two_lines(name, NORMAL, self.room);
        for (k, text) in lines.iter().enumerate() {
            let y = self.middle(row) + (k as f64 - (lines.len() - 1) as f64 / 2.0) * 28.0;
            canvas.label(self.names, y, text, Anchor::End);
        }
    }
}

/// The line of an interval, with its ends; an open one has none on its side.
pub fn whisker(canvas: &Canvas<'_, '_>, [from, to]: [f64; 2], [closed_from, closed_to]: [bool; 2], y: f64) {
    if to - from < 3.0 {
        return;
    }
    canvas.line(&[(from, y), (to, y)], palette::PAPER, 6);
    canvas.line(&[(from, y), (to, y)], palette::INK, 3);
    for (x, closed) in [(from, closed_from), (to, closed_to)] {
        if closed {
            canvas.line(&[(x, y - 6.0), (x, y + 6.0)], palette::INK, 3);
        }
    }
}

/// Names of colours from the right edge on, the last of them first.
pub fn legend(canvas: &Canvas<'_, '_>, right: f64, y: f64, entries: &[(&str, RGBColor)]) {
    let mut right = right;
    for (word, colour) in entries.iter().rev() {
        canvas.text(right, y, word, SMALL, Anchor::End, palette::INK, false);
        let x = right - canvas.width(word, SMALL) - 34.0;
        canvas.rect(x, y - 9.0, x + 22.0, y + 9.0, *colour);
        right = x - 30.0;
    }
}
