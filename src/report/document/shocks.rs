//! Writes shocks in words: when, what it hits, and how far.

use super::rules::target;
use crate::model::shock::pinned_path::Pin;
use crate::model::shock::{HorizonDay, Shock};
use crate::report::text::number::{self, line};
use crate::report::text::{ShockWord, Text};

/// One shock as a sentence.
pub fn shock(text: &Text, shock: &Shock) -> String {
    let on = target(text, shock.target());
    let say = |word: ShockWord, when: String, more: &[(&str, &str)]| {
        text.fill(word, &[&[("when", when.as_str()), ("target", on.as_str())], more].concat())
    };
    match shock {
        Shock::Correlation(s) => say(ShockWord::Correlation, span(text, s.first_day, s.last_day), &[("pull", &line(s.pull.get()))]),
        Shock::Drift(s) => {
            let (word, size) = match (s.annual, s.total) {
                (Some(annual), _) => (ShockWord::DriftAnnual, annual.get()),
                (None, total) => (ShockWord::DriftTotal, total.map_or(0.0, |t| t.get())),
            };
            say(word, span(text, s.first_day, s.last_day), &[("size", &signed(size))])
        }
        Shock::Gap(s) => say(ShockWord::Gap, day(text, s.day), &[("size", &signed(s.size.get()))]),
        Shock::LimitDowns(s) => say(ShockWord::LimitDowns, run(text, s.first_day, s.days), &[]),
        Shock::PinnedPath(s) => {
            let word = if s.what == Pin::Index { ShockWord::PinnedIndex } else { ShockWord::PinnedEach };
            say(word, span(text, s.first_day, s.last_day), &[("size", &signed(s.total.get()))])
        }
        Shock::Suspension(s) if s.is_random() => {
            say(ShockWord::SuspensionShare, run(text, s.first_day, s.days), &[("share", &line(s.share.get()))])
        }
        Shock::Suspension(s) => say(ShockWord::SuspensionAll, run(text, s.first_day, s.days), &[]),
        Shock::Volatility(s) => {
            say(ShockWord::Volatility, span(text, s.first_day, s.last_day), &[("multiple", &number::plain(s.multiple))])
        }
        Shock::VolumeDryUp(s) => say(ShockWord::VolumeDryUp, span(text, s.first_day, s.last_day), &[("multiple", &line(s.multiple.get()))]),
    }
}

/// A move with its sign: "+2%", "−10%".
pub fn signed(size: f64) -> String {
    if size > 0.0 { format!("+{}", line(size)) } else { line(size).replace('-', "−") }
}

/// A drift of a year, to a tenth of a per cent.
pub fn yearly(drift: f64) -> String {
    signed((1000.0 * drift).round() / 1000.0 + 0.0)
}

fn day(text: &Text, day: HorizonDay) -> String {
    text.fill(ShockWord::Day, &[("day", &day.to_string())])
}

fn run(text: &Text, first: HorizonDay, days: u32) -> String {
    span(text, first, Some(first + days.saturating_sub(1)))
}

fn span(text: &Text, first: HorizonDay, last: Option<HorizonDay>) -> String {
    match last {
        Some(last) if last <= first => day(text, first),
        Some(last) => text.fill(ShockWord::Days, &[("first", &first.to_string()), ("last", &last.to_string())]),
        None if first <= 1 => text.get(ShockWord::WholeHorizon).into(),
        None => text.fill(ShockWord::FromDay, &[("first", &first.to_string())]),
    }
}
