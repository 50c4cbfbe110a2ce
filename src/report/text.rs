//! Says things in the language of the reader.
//!
//! There is one kind of word: a [`Words`], English beside Chinese, which stands in the file that says it; a word of several files
//! stands in [`shared`]. A sentence holds `{names}` that [`Text::fill`] replaces. Numbers are written by [`number`], measures are
//! named by [`measure`].

pub mod glossary;
pub mod limit;
pub mod measure;
pub mod number;
pub mod role;
pub mod shared;
pub mod source;
pub mod target;

use crate::model::case::{Language, Severity};
use crate::model::lineage::Note;
use crate::model::part::Words;

const BASE_NAME: Words = Words("base", "基准情景");
const SEVERITY_BASE: Words = Words("base", "基准");
const SEVERITY_MILD: Words = Words("mild", "轻度");
const SEVERITY_MODERATE: Words = Words("moderate", "中度");
const SEVERITY_SEVERE: Words = Words("severe", "重度");
const SEVERITY_REVERSE: Words = Words("reverse", "反向");
const AND: Words = Words(" and ", "和");

/// The words of one language.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    pub language: Language,
    /// How money is written: "CNY" in English; 元 in Chinese when the currency is the yuan.
    pub yuan: bool,
}

impl Text {
    pub fn new(language: Language, currency: &str) -> Self {
        Text { language, yuan: language == Language::Zh && matches!(currency, "CNY" | "RMB" | "元" | "人民币") }
    }

    pub fn zh(&self) -> bool {
        self.language == Language::Zh
    }

    pub fn get(&self, words: Words) -> &'static str {
        match self.language {
            Language::En => words.0,
            Language::Zh => words.1,
        }
    }

    /// The sentence with each `{name}` replaced by its value; what replaces a name is not read again.
    ///
    /// A name the sentence does not hold is a bug: a figure would silently be left out.
    pub fn fill(&self, words: Words, values: &[(&str, &str)]) -> String {
        let sentence = self.get(words);
        for (name, _) in values {
            assert!(sentence.contains(&format!("{{{name}}}")), "the sentence {words:?} has no {{{name}}}");
        }
        let value = |slot: &str| values.iter().find(|(name, _)| *name == slot).map(|(_, value)| value.to_string());
        self.filled(words, |slot| value(slot).unwrap_or_else(|| format!("{{{slot}}}")))
    }

    /// The same, each name's value asked for.
    pub fn filled(&self, words: Words, value: impl Fn(&str) -> String) -> String {
        let mut out = String::new();
        let mut rest = self.get(words);
        while let Some((before, (slot, after))) = rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?))) {
            out.push_str(before);
            out.push_str(&value(slot));
            rest = after;
        }
        out + rest
    }

    pub fn note<'n>(&self, note: &'n Note) -> &'n str {
        match self.language {
            Language::En => &note.en,
            Language::Zh => &note.zh,
        }
    }

    /// The scenario's own name; the base case is called so in the reader's language.
    pub fn scenario(&self, name: &str) -> String {
        if name == "base" { self.get(BASE_NAME).to_string() } else { name.to_string() }
    }

    pub fn severity(&self, severity: Severity) -> &'static str {
        self.get(match severity {
            Severity::Base => SEVERITY_BASE,
            Severity::Mild => SEVERITY_MILD,
            Severity::Moderate => SEVERITY_MODERATE,
            Severity::Severe => SEVERITY_SEVERE,
            Severity::Reverse => SEVERITY_REVERSE,
        })
    }

    /// Items as the language lists them: "A, B and C", `A、B 和 C`.
    pub fn list(&self, items: &[String]) -> String {
        let (comma, and) = (self.get(shared::ENUMERATION), self.get(AND));
        match items {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., last] => format!("{}{and}{last}", first.join(comma)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_joined_as_each_language_joins_them() {
        let items = ["A", "B", "C"].map(String::from);
        assert_eq!(Text::new(Language::En, "CNY").list(&items), "A, B and C");
        assert_eq!(Text::new(Language::Zh, "CNY").list(&items), "A、B和C");
    }
}
