//! Writes the summary of a regression test, or of renewed baselines, as Markdown in the reader's language.

use super::text::{Text, shared};
use crate::model::case::Language;
use crate::model::part::Words;
use crate::problem::visible;
use crate::study::digits::percent;
use crate::study::gate::{Fate, Gate, Judged, LimitRow, Renewal, Row, Rule};
use crate::study::limits::Verdict;
use std::fmt::Write;

/// By this first line a file is known as a summary of ours.
pub const FIRST_LINE: &str = "<!-- levertide regress -->\n";
/// Rows of a table of changes; the verdicts in JUnit XML have no such end.
const ROWS: usize = 500;

const TITLE: Words = Words("Regression test", "回归测试");
const TITLE_RENEWED: Words = Words("Baselines renewed", "基线更新");
const PASSED: Words = Words(
    "**No figure changed.** {figures} figures of {programmes} programmes.",
    "**数字无变化。**共 {programmes} 个方案、{figures} 项数字。",
);
const FAILED: Words = Words(
    "**{changed} of {figures} figures changed**, {breaches} limits breached, in {failing} of {programmes} programmes.",
    "**{figures} 项数字中 {changed} 项有变化**，{breaches} 项限额被突破；涉及 {programmes} 个方案中的 {failing} 个。",
);
const BY_RATE: Words = Words(
    "{family} figures with a sampling error may each move by {errors} standard errors of the difference: by chance alone at most {rate} of runs without a change fail.",
    "{family} 项有抽样误差的数字各可变动 {errors} 倍差值标准误：在没有变化的情况下，因偶然而失败的运行不超过 {rate}。",
);
const BY_TOLERANCE: Words = Words(
    "{family} figures with a sampling error may each move by {errors} standard errors of the difference, as asked for: by chance alone up to {rate} of runs without a change fail.",
    "按指定，{family} 项有抽样误差的数字各可变动 {errors} 倍差值标准误：在没有变化的情况下，因偶然而失败的运行可达 {rate}。",
);
const BY_BITS: Words = Words("Every figure has to be equal to the last bit.", "每项数字须逐位相等。");
const NO_FAMILY: Words =
    Words("No figure that is judged has a sampling error: a change is a change.", "受检数字均无抽样误差：凡有差异即为变化。");
const HEAD_PROGRAMME: Words = Words("Programme", "方案");
const HEAD_FIGURES: Words = Words("Figures", "数字");
const HEAD_EQUAL: Words = Words("Equal", "逐位相等");
const HEAD_WITHIN: Words = Words("Within noise", "噪声之内");
const HEAD_UNJUDGED: Words = Words("Not judged", "未判断");
const HEAD_CHANGED: Words = Words("Changed", "有变化");
const HEAD_BREACHES: Words = Words("Limits breached", "突破限额");
const HEAD_BEFORE: Words = Words("Before", "之前");
const HEAD_NOW: Words = Words("Now", "现在");
const HEAD_ERRORS: Words = Words("Difference in standard errors", "差值（倍标准误）");
const HEAD_ALLOWED: Words = Words("Allowed", "允许");
const HEAD_LIMIT: Words = Words("Limit", "限额");
const HEAD_VERDICT: Words = Words("Verdict", "结论");
const CHANGES: Words = Words("Changed figures", "有变化的数字");
const LIMITS: Words = Words("Limits", "限额");
const MADE_OF: Words = Words("What they were made from", "生成依据");
const HEAD_ITEM_CHANGED: Words = Words("Changed", "有变动者");
const REST: Words = Words("{n} more are not shown.", "另有 {n} 项未列出。");
const UNJUDGED: Words = Words(
    "Not judged: figures whose noise is not known, a tail of too few paths above all; more paths have them guarded.",
    "未判断：噪声未知的数字，主要是尾部路径过少者；增加路径即可纳入。",
);
const EXACT: Words = Words("exact", "精确");
const NEW: Words = Words("new", "新增");
const GONE: Words = Words("gone", "消失");
const NOT_DEFINED: Words = Words("not defined", "无定义");
const PASS: Words = Words("pass", "通过");
const BREACH: Words = Words("breach", "突破");
const UNDECIDED: Words = Words("undecided", "未定");
const FIRST: Words = Words("a new baseline of {figures} figures", "新基线，{figures} 项数字");
const RENEWED: Words = Words(
    "{moved} of {figures} figures moved beyond noise and {within} within it; {new} are new, {gone} are gone.",
    "{figures} 项数字中，变动超出噪声者 {moved} 项，在噪声之内者 {within} 项；新增 {new} 项，消失 {gone} 项。",
);

/// The summary of a regression test.
pub fn verdicts(gate: &Gate, language: Language) -> String {
    let page = Page { text: Text::new(language, ""), gate };
    let mut out = page.head(TITLE);
    let figures = count(gate.programmes.iter().map(|programme| programme.rows.len()).sum());
    let programmes = count(gate.programmes.len());
    let changed: usize = gate.programmes.iter().map(|programme| programme.changes().count()).sum();
    let breaches: usize = gate.programmes.iter().map(|programme| programme.breaches().count()).sum();
    let failing = gate.programmes.iter().filter(|programme| programme.fails()).count();
    out += &if gate.fails() {
        let (changed, breaches, failing) = (count(changed), count(breaches), count(failing));
        let values =
            [("changed", &*changed), ("figures", &figures), ("breaches", &breaches), ("failing", &failing), ("programmes", &programmes)];
        page.text.fill(FAILED, &values)
    } else {
        page.text.fill(PASSED, &[("figures", &figures), ("programmes", &programmes)])
    };
    let _ = writeln!(out, "\n\n{}\n", page.rule());
    out += &page.counts();
    out += &page.changes(CHANGES);
    out += &page.limits();
    out
}

/// The summary of renewed baselines: what a reviewer has to agree with.
pub fn renewals(renewals: &[Renewal], gate: &Gate, language: Language) -> String {
    let page = Page { text: Text::new(language, ""), gate };
    let mut out = page.head(TITLE_RENEWED);
    let is_moved = |fate: &Fate| matches!(fate, Fate::Moved { .. } | Fate::Definition);
    let of = |fate: Fate| gate.count(|other| *other == fate);
    let figures = gate.programmes.iter().map(|programme| programme.rows.len()).sum();
    let values = [figures, gate.count(is_moved), of(Fate::Within), of(Fate::New), of(Fate::Gone)].map(count);
    let [figures, moved, within, new, gone] = &values;
    out += &page.text.fill(RENEWED, &[("figures", figures), ("moved", moved), ("within", within), ("new", new), ("gone", gone)]);
    let _ = writeln!(out, "\n\n{}\n", page.rule());
    for renewal in renewals.iter().filter(|renewal| renewal.is_first) {
        let figures = count(renewal.figures);
        let _ = writeln!(out, "- `{}`: {}", plain(&renewal.name), page.text.fill(FIRST, &[("figures", &figures)]));
    }
    out += &page.counts();
    out += &page.changes(CHANGES);
    out += &page.made_of(renewals);
    out += &page.limits();
    out
}

struct Page<'a> {
    text: Text,
    gate: &'a Gate,
}

impl Page<'_> {
    fn head(&self, title: Words) -> String {
        format!("{FIRST_LINE}## {}\n\n", self.text.get(title))
    }

    /// The rule, with its rate of false alarms.
    fn rule(&self) -> String {
        let gate = self.gate;
        let family = count(gate.family);
        let rate = percent(gate.rate);
        match gate.rule {
            Rule::Exact => self.text.get(BY_BITS).into(),
            _ if gate.family == 0 => self.text.get(NO_FAMILY).into(),
            Rule::FalseAlarms(_) => {
                self.text.fill(BY_RATE, &[("family", &family), ("errors", &format!("{:.2}", gate.tolerance)), ("rate", &rate)])
            }
            Rule::Tolerance(_) => {
                self.text.fill(BY_TOLERANCE, &[("family", &family), ("errors", &gate.tolerance.to_string()), ("rate", &rate)])
            }
        }
    }

    fn table(&self, heads: &[Words]) -> String {
        let heads: Vec<&str> = heads.iter().map(|head| self.text.get(*head)).collect();
        format!("| {} |\n|{}\n", heads.join(" | "), "---|".repeat(heads.len()))
    }

    /// What became of how many figures, by programme.
    fn counts(&self) -> String {
        let heads = [HEAD_PROGRAMME, HEAD_FIGURES, HEAD_EQUAL, HEAD_WITHIN, HEAD_UNJUDGED, HEAD_CHANGED, HEAD_BREACHES];
        if self.gate.programmes.is_empty() {
            return String::new();
        }
        let mut out = self.table(&heads);
        for programme in &self.gate.programmes {
            let of = |fate: Fate| programme.count(|other| *other == fate);
            let changed = programme.changes().count();
            let counts =
                [programme.rows.len(), of(Fate::Equal), of(Fate::Within), of(Fate::Unjudged), changed, programme.breaches().count()];
            let _ = writeln!(out, "| {} | {} |", plain(&programme.name), counts.map(count).join(" | "));
        }
        if self.gate.count(|fate| *fate == Fate::Unjudged) > 0 {
            let _ = writeln!(out, "\n{}", self.text.get(UNJUDGED));
        }
        out
    }

    /// Every figure that changed: of each programme those without an error first, then the furthest.
    fn changes(&self, title: Words) -> String {
        let mut rows: Vec<(&Judged, &Row)> = Vec::new();
        for programme in &self.gate.programmes {
            let mut of: Vec<&Row> = programme.changes().collect();
            let errors = |row: &Row| row.in_errors().map_or(f64::INFINITY, |(by, _)| by.abs());
            of.sort_by(|a, b| errors(b).total_cmp(&errors(a)));
            rows.extend(of.into_iter().map(|row| (programme, row)));
        }
        if rows.is_empty() {
            return String::new();
        }
        let heads = [HEAD_PROGRAMME, shared::HEAD_SCENARIO, shared::HEAD_MEASURE, HEAD_BEFORE, HEAD_NOW, HEAD_ERRORS, HEAD_ALLOWED];
        let mut out = format!("\n### {}\n\n{}", self.text.get(title), self.table(&heads));
        for (programme, row) in rows.iter().take(ROWS) {
            let [before, now] = [row.before, row.after].map(|figure| match figure {
                None => "–".to_string(),
                Some(figure) if figure.defined().is_none() => self.text.get(NOT_DEFINED).into(),
                Some(figure) => row.side(&figure),
            });
            let (errors, allowed) = match (row.fate, row.in_errors()) {
                (Fate::New, _) => (self.text.get(NEW).to_string(), "–".to_string()),
                (Fate::Gone, _) => (self.text.get(GONE).to_string(), "–".to_string()),
                (_, Some((errors, allowed))) => (format!("{errors:+.1}"), format!("{allowed:.1}")),
                (Fate::Moved { .. }, None) => (self.text.get(EXACT).to_string(), "0".to_string()),
                _ => ("–".to_string(), "0".to_string()),
            };
            let names = [&programme.name, &row.scenario].map(|name| plain(name)).join(" | ");
            let _ = writeln!(out, "| {names} | `{}` | {before} | {now} | {errors} | {allowed} |", plain(&row.measure));
        }
        if rows.len() > ROWS {
            let _ = writeln!(out, "\n{}", self.text.fill(REST, &[("n", &count(rows.len() - ROWS))]));
        }
        out
    }

    fn limits(&self) -> String {
        let rows: Vec<(&Judged, &LimitRow)> =
            self.gate.programmes.iter().flat_map(|p| p.limits.iter().map(move |limit| (p, limit))).collect();
        if rows.is_empty() {
            return String::new();
        }
        let heads = [HEAD_PROGRAMME, shared::HEAD_SCENARIO, shared::HEAD_MEASURE, HEAD_LIMIT, HEAD_NOW, HEAD_VERDICT];
        let mut out = format!("\n### {}\n\n{}", self.text.get(LIMITS), self.table(&heads));
        let word = |verdict: Verdict| match verdict {
            Verdict::Pass => self.text.get(PASS),
            Verdict::Breach => self.text.get(BREACH),
            Verdict::Undecided => self.text.get(UNDECIDED),
        };
        for (programme, limit) in rows {
            let result = &limit.result;
            let names = [&programme.name, &result.scenario].map(|name| plain(name)).join(" | ");
            let was =
                limit.before.filter(|before| *before != result.verdict).map_or_else(String::new, |before| format!("{} → ", word(before)));
            let sign = if result.side == "below" { "≤" } else { "≥" };
            let (now, verdict) = (limit.figure(), word(result.verdict));
            let _ = writeln!(out, "| {names} | `{}` | {sign} {} | {now} | {was}{verdict} |", plain(&result.measure), limit.value());
        }
        out
    }

    /// Versions, seeds and hashes that are not as they were.
    fn made_of(&self, renewals: &[Renewal]) -> String {
        let changed: Vec<(&Renewal, &[String; 3])> = renewals.iter().flat_map(|of| of.made_of.iter().map(move |row| (of, row))).collect();
        if changed.is_empty() {
            return String::new();
        }
        let heads = [HEAD_PROGRAMME, HEAD_ITEM_CHANGED, HEAD_BEFORE, HEAD_NOW];
        let mut out = format!("\n### {}\n\n{}", self.text.get(MADE_OF), self.table(&heads));
        for (renewal, [what, before, now]) in changed {
            let _ = writeln!(out, "| {} | {} | `{}` | `{}` |", plain(&renewal.name), plain(what), plain(before), plain(now));
        }
        out
    }
}

fn count(n: usize) -> String {
    super::text::number::count(n as u64)
}

/// A name as the cell of a table: nothing in it is read as Markdown's own.
fn plain(name: &str) -> String {
    let mut out = String::new();
    for c in visible::line(name).chars() {
        match c {
            '|' => out.push_str("\\|"),
            '<' => out.push_str("&lt;"),
            '`' => out.push('\''),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::regress::Figure;

    fn figure(value: f64, std_error: f64) -> Option<Figure> {
        Some(Figure { value: Some(value), std_error: Some(std_error), unit: None, flag: None, paths: None, ci_low: None, ci_high: None })
    }

    fn gate() -> Gate {
        let row = |measure: &str, before, after, fate| Row { scenario: "a|b".into(), measure: measure.into(), before, after, fate };
        let rows = vec![
            row("moved", figure(100.0, 3.0), figure(121.0, 4.0), Fate::Moved { by: 21.0, allowed: 20.0 }),
            row("gone", figure(1.0, 0.0), None, Fate::Gone),
            row("same", figure(1.0, 0.0), figure(1.0, 0.0), Fate::Equal),
        ];
        let programmes = vec![Judged { name: "<w>".into(), rows, limits: Vec::new() }];
        Gate { programmes, rule: Rule::FalseAlarms(0.01), family: 1, tolerance: 4.0, rate: 0.01 }
    }

    #[test]
    fn a_change_stands_in_the_table_with_its_errors_in_both_languages() {
        let english = verdicts(&gate(), Language::En);
        assert!(english.starts_with(FIRST_LINE) && english.contains("**2 of 3 figures changed**"), "{english}");
        assert!(english.contains("| &lt;w> | a\\|b | `moved` | 100.0 ± 3.0 | 121.0 ± 4.0 | +4.2 | 4.0 |"), "{english}");
        assert!(english.contains("`gone` | 1.0 | – | gone | – |") && english.contains("at most 1% of runs"), "{english}");
        let chinese = verdicts(&gate(), Language::Zh);
        assert!(chinese.contains("3 项数字中 2 项有变化") && chinese.contains("不超过 1%"), "{chinese}");
    }

    #[test]
    fn a_renewal_says_what_moved_and_what_it_was_made_from() {
        let renewal =
            Renewal { name: "w".into(), is_first: false, figures: 3, made_of: vec![["accounts".into(), "12".into(), "34".into()]] };
        let told = renewals(&[renewal], &gate(), Language::En);
        assert!(told.contains("1 of 3 figures moved beyond noise and 0 within it; 0 are new, 1 are gone."), "{told}");
        assert!(told.contains("| w | accounts | `12` | `34` |"), "{told}");
    }
}
