//! Names the sheets of a workbook: short, each once, without what a sheet's name may not hold.

use crate::model::part::Words;
use crate::report::text::Text;
use std::collections::BTreeSet;

/// The most letters of a sheet's name, counted as spreadsheets count them: in UTF-16.
const MOST: usize = 31;

pub const FIRST: Words = Words("Page one", "首页");
pub const SOURCES: Words = Words("Sources", "数据出处");

/// Sections whose titles are too long for a tab, by their slugs.
const SHORT: [(&str, Words); 11] = [
    ("lineage", Words("Data", "数据来源与核对")),
    ("differences", Words("Differences", "与基准差异")),
    ("change", Words("Change", "较前期变化")),
    ("groups", Words("Tiers, grades, leverage", "分层分级分杠杆")),
    ("worst", Words("Largest losses", "损失最大的账户与证券")),
    ("liquidity", Words("Forced sales", "强制平仓卖出")),
    ("pool", Words("Pool", "资金池")),
    ("firm", Words("Capital and liquidity", "公司资本与流动性")),
    ("model-risk", Words("Model risk", "模型风险")),
    ("reverse", Words("Reverse stress tests", "反向压力测试")),
    ("model", Words("Model", "模型与假设")),
];

/// The names given so far.
#[derive(Default)]
pub struct Tabs {
    given: BTreeSet<String>,
}

impl Tabs {
    /// The tab of a section: its short name, or its title.
    pub fn section(&mut self, text: &Text, slug: &str, title: &str) -> String {
        let short = SHORT.iter().find(|(own, _)| *own == slug).map(|(_, words)| text.get(*words));
        self.name(short.unwrap_or(title))
    }

    /// A name as a sheet may have it, and has no other sheet.
    pub fn name(&mut self, asked: &str) -> String {
        let plain: String = asked.chars().map(|c| if c.is_control() || "[]:*?/\\".contains(c) { ' ' } else { c }).collect();
        let plain = plain.split_whitespace().collect::<Vec<&str>>().join(" ");
        let plain = plain.trim_matches('\'').trim();
        let mut name = cut(if plain.is_empty() { "-" } else { plain }, MOST);
        let mut number = 1;
        // case does not tell sheets apart, and one name is taken by spreadsheets themselves
        while !self.given.insert(name.to_lowercase()) || name.eq_ignore_ascii_case("history") {
            number += 1;
            let tail = format!(" {number}");
            name = cut(plain, MOST - tail.len()) + &tail;
        }
        name
    }
}

/// The start of a text, to the last whole word where there are several.
fn cut(text: &str, most: usize) -> String {
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= most
    };
    let kept: String = text.chars().take_while(fits).collect();
    let whole = kept.len() == text.len() || text[kept.len()..].starts_with(' ');
    match kept.rsplit_once(' ') {
        Some((words, _)) if !whole => words.trim_end_matches([',', ':', ';']).to_string(),
        _ => kept,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::case::Language;
    use crate::report::document::sections::SECTIONS;

    #[test]
    fn every_section_has_a_tab_of_its_own_in_both_languages_and_none_is_cut() {
        for language in [Language::En, Language::Zh] {
            let (text, mut tabs) = (Text::new(language, "CNY"), Tabs::default());
            for section in SECTIONS {
                let title = text.get(section.title);
                let name = tabs.section(&text, section.slug, title);
                let short = SHORT.iter().find(|(slug, _)| *slug == section.slug).map(|(_, words)| text.get(*words));
                assert_eq!(name, short.unwrap_or(title), "{}", section.slug);
            }
            for own in [FIRST, SOURCES] {
                assert_eq!(tabs.name(text.get(own)), text.get(own));
            }
        }
        assert!(SHORT.iter().all(|(slug, _)| SECTIONS.iter().any(|section| section.slug == *slug)));
    }

    #[test]
    fn a_name_is_made_fit_for_a_sheet() {
        let mut tabs = Tabs::default();
        assert_eq!(tabs.name("'A: b/c?'"), "A b c");
        assert_eq!(tabs.name("a B C"), "a B C 2");
        assert_eq!(tabs.name("History"), "History 2");
        assert_eq!(tabs.name("Forced sales and what could not be sold"), "Forced sales and what could not");
        assert_eq!(tabs.name(&"长".repeat(40)), "长".repeat(31));
        assert_eq!(tabs.name(&"长".repeat(40)), "长".repeat(29) + " 2");
        assert_eq!(tabs.name("::"), "-");
    }
}
