//! Keeps every word of the report in both languages.
//!
//! A word is a variant of [`Word`]; a sentence holds `{names}` that [`Text::fill`] replaces. Numbers are written by
//! [`number`], measures are named by [`measure`]: no English or Chinese stands anywhere else in the report's code.

pub mod assumption_words;
pub mod catalogue;
pub mod clients;
pub mod finding_words;
pub mod fit_words;
pub mod glossary;
pub mod margin;
pub mod measure;
pub mod number;
pub mod outcome_words;
pub mod panel_words;
pub mod pool_words;
pub mod shock_words;
pub mod target;

pub use assumption_words::AssumptionWord;
pub use catalogue::{Phrase, Word};
pub use finding_words::FindingWord;
pub use fit_words::FitWord;
pub use panel_words::PanelWord;
pub use pool_words::PoolWord;
pub use shock_words::ShockWord;

use crate::model::case::{Language, Severity};
use crate::model::lineage::Note;
use crate::model::part::Words;

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

    pub fn get(&self, word: impl Phrase) -> &'static str {
        match self.language {
            Language::En => word.en(),
            Language::Zh => word.zh(),
        }
    }

    /// The sentence with each `{name}` replaced by its value.
    ///
    /// A name the sentence does not hold is a bug: a figure would silently be left out.
    pub fn fill(&self, word: impl Phrase, values: &[(&str, &str)]) -> String {
        let mut sentence = self.get(word).to_string();
        for (name, value) in values {
            let slot = format!("{{{name}}}");
            assert!(sentence.contains(&slot), "the sentence {word:?} has no {slot}");
            sentence = sentence.replace(&slot, value);
        }
        sentence
    }

    pub fn note<'n>(&self, note: &'n Note) -> &'n str {
        match self.language {
            Language::En => &note.en,
            Language::Zh => &note.zh,
        }
    }

    /// The scenario's own name; the base case is called so in the reader's language.
    pub fn scenario(&self, name: &str) -> String {
        if name == "base" { self.get(Word::BaseName).to_string() } else { name.to_string() }
    }

    pub fn severity(&self, severity: Severity) -> &'static str {
        self.get(match severity {
            Severity::Base => Word::SeverityBase,
            Severity::Mild => Word::SeverityMild,
            Severity::Moderate => Word::SeverityModerate,
            Severity::Severe => Word::SeveritySevere,
            Severity::Reverse => Word::SeverityReverse,
        })
    }

    /// Items as the language lists them: "A, B and C", `A、B 和 C`.
    pub fn list(&self, items: &[String]) -> String {
        let (comma, and) = if self.zh() { ("、", "和") } else { (", ", " and ") };
        match items {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., last] => format!("{}{and}{last}", first.join(comma)),
        }
    }
}

/// What a part declares of itself is said like any word of the report.
impl Phrase for Words {
    fn en(self) -> &'static str {
        self.0
    }

    fn zh(self) -> &'static str {
        self.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::impact::Impact;
    use crate::model::market::MarketSpec;
    use crate::model::part::{Absent, Declared, Unit};
    use crate::model::rules::RULES;
    use crate::model::shock::Shock;
    use std::collections::BTreeSet;

    /// Words that stand in Chinese text as they are.
    const NAMES: [&str; 24] = [
        "VaR",
        "ES",
        "HHI",
        "PDF",
        "SHA",
        "Levertide",
        "TOML",
        "JSON",
        "T",
        "t",
        "ST",
        "json",
        "summary",
        "programme",
        "resolved",
        "toml",
        "B",
        "ETF",
        "LOF",
        "p",
        "k",
        "GARCH",
        "GJR",
        "EGARCH",
    ];

    /// Every word of every list: its name, English and Chinese.
    fn all() -> Vec<(String, &'static str, &'static str)> {
        fn of<P: Phrase>(list: &[P]) -> impl Iterator<Item = (String, &'static str, &'static str)> {
            list.iter().map(|word| (format!("{word:?}"), word.en(), word.zh()))
        }
        let lists = of(Word::ALL).chain(of(ShockWord::ALL)).chain(of(FitWord::ALL));
        let more = lists.chain(of(PanelWord::ALL)).chain(of(PoolWord::ALL)).chain(of(FindingWord::ALL)).chain(of(AssumptionWord::ALL));
        more.chain(declared()).collect()
    }

    /// Every word that a part declares.
    fn declared() -> Vec<(String, &'static str, &'static str)> {
        let mut parts: Vec<&Declared> = [MarketSpec::ALL, Shock::ALL, Impact::ALL].concat();
        parts.extend(RULES.iter().map(|rule| rule.declared));
        let mut out = Vec::new();
        for part in parts {
            let mut say = |of: &str, words: Words| out.push((format!("{}, {of}", part.key), words.0, words.1));
            say("what it does", part.what);
            part.sentences.iter().for_each(|sentence| say("sentence", *sentence));
            part.figures.iter().for_each(|figure| say(figure.name, figure.words));
            for param in part.params {
                say(param.key, param.meaning);
                if let Absent::Fitted(words) | Absent::Says(words) = param.absent {
                    say(param.key, words);
                }
                if let Unit::Choice(choices) = param.unit {
                    choices.iter().for_each(|(_, words)| say(param.key, *words));
                }
            }
        }
        assert!(out.len() > 150, "{} words of parts", out.len());
        out
    }

    fn slots(sentence: &str) -> BTreeSet<&str> {
        sentence.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect()
    }

    #[test]
    fn every_word_is_there_in_both_languages_with_the_same_slots() {
        for (word, en, zh) in all() {
            assert!(!en.is_empty() && !zh.is_empty(), "{word} is empty");
            assert_eq!(slots(en), slots(zh), "{word}");
        }
    }

    #[test]
    fn the_chinese_edition_holds_no_stray_english() {
        for (word, en, zh) in all() {
            let text = slots(zh).iter().fold(zh.to_string(), |text, slot| text.replace(&format!("{{{slot}}}"), ""));
            for run in text.split(|c: char| !c.is_ascii_alphabetic()).filter(|run| !run.is_empty()) {
                assert!(NAMES.contains(&run), "{word}: {run} in {text}");
            }
            assert!(en.is_ascii() || !en.chars().any(|c| ('\u{4e00}'..'\u{a000}').contains(&c)), "{word}");
        }
    }

    #[test]
    fn lists_are_joined_as_each_language_joins_them() {
        let items = ["A", "B", "C"].map(String::from);
        assert_eq!(Text::new(Language::En, "CNY").list(&items), "A, B and C");
        assert_eq!(Text::new(Language::Zh, "CNY").list(&items), "A、B和C");
    }
}
