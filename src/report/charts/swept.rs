//! Holds what every chart of a sweep reads: the settings' figures, and how they are called and written.

use super::measured::Measured;
use crate::measures::Estimate;
use crate::model::part::Words;
use crate::report::text::{Text, shared};
use crate::study::sweep::{Results, Status};

pub const EFFICIENT: Words = Words("efficient", "有效");
pub const TIE: Words = Words("tie", "无法区分");
pub const DOMINATED: Words = Words("dominated", "被支配");
pub const UNDEFINED: Words = Words("not defined", "无定义");

/// Settings that a chart is told by to who cannot see it.
const STATED: usize = 60;

/// The settings of a sweep for a reader.
#[derive(Clone, Copy)]
pub struct Swept<'a> {
    pub results: &'a Results<'a>,
    pub text: Text,
    pub currency: &'a str,
}

impl<'a> Swept<'a> {
    /// One measure of all settings.
    pub fn measured(&self, measure: usize) -> Measured<'a> {
        let key = self.results.sweep.measures[measure].0.as_str();
        Measured { estimates: &self.results.estimates, at: measure, key, text: self.text, currency: self.currency }
    }

    /// The figure of a setting where it is one.
    pub fn estimate(&self, setting: usize, measure: usize) -> Option<&'a Estimate> {
        self.measured(measure).estimate(setting)
    }

    /// What a figure is multiplied by on a chart.
    pub fn factor(&self, measure: usize) -> f64 {
        self.measured(measure).factor()
    }

    /// `CNY m`, `%`, or nothing.
    pub fn unit_name(&self, measure: usize) -> String {
        self.measured(measure).unit_name()
    }

    pub fn name(&self, measure: usize) -> String {
        self.measured(measure).name()
    }

    /// The measure with its unit, for an axis.
    pub fn axis(&self, measure: usize) -> String {
        self.measured(measure).axis()
    }

    /// A figure without its unit: `12.4 ± 0.3`.
    pub fn written(&self, setting: usize, measure: usize) -> String {
        self.measured(measure).written(setting)
    }

    pub fn title(&self, key: usize) -> &'a str {
        self.results.sweep.keys[key].title.get(self.text.language)
    }

    /// What a key's value in a setting is called.
    pub fn label(&self, setting: usize, key: usize) -> &'a str {
        let sweep = self.results.sweep;
        sweep.keys[key].values[sweep.settings[setting][key]].label.get(self.text.language)
    }

    /// `3x, 110%`.
    pub fn labels(&self, setting: usize) -> String {
        let labels: Vec<&str> = (0..self.results.sweep.keys.len()).map(|key| self.label(setting, key)).collect();
        labels.join(self.text.get(shared::COMMA))
    }

    /// `Leverage cap 3x, liquidation line 110%`.
    pub fn setting(&self, setting: usize) -> String {
        let parts: Vec<String> =
            (0..self.results.sweep.keys.len()).map(|key| format!("{} {}", self.title(key), self.label(setting, key))).collect();
        parts.join(self.text.get(shared::COMMA))
    }

    /// Every setting with its figure, as far as a listener follows.
    pub fn stated(&self, measure: usize) -> String {
        let of = |setting: usize| format!("{}{}{}", self.setting(setting), self.text.get(shared::COLON), self.written(setting, measure));
        let all = self.results.sweep.settings.len();
        let told: Vec<String> = (0..all.min(STATED)).map(of).collect();
        format!("{}{}", told.join(self.text.get(shared::SEMICOLON)), if all > STATED { "…" } else { "" })
    }

    pub fn status(&self, setting: usize) -> Option<Status> {
        self.results.frontier.as_ref().map(|frontier| frontier.places[setting].status)
    }
}

/// What a status is called.
pub fn status_words(status: Status) -> Words {
    match status {
        Status::Efficient => EFFICIENT,
        Status::Tie => TIE,
        Status::Dominated => DOMINATED,
        Status::Undefined => UNDEFINED,
    }
}
