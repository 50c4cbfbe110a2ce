//! Says in the reader's language what views make of a report: the page of findings, and figures before and after.

use super::document::block::{Block, Cell, Table, Tone, figures, words};
use super::document::findings::Finding;
use super::document::first_page::FirstPage;
use super::document::{self, Data, Section};
use super::names::short;
use super::text::number::{self, Scale};
use super::text::{Text, measure, shared};

use crate::measures::{Estimate, Flag, Unit};
use crate::model::case::{Language, Programme};
use crate::model::lineage::InputFile;
use crate::model::part::Words;
use crate::study::paths::Reason;
use crate::study::posterior::Met;
use crate::study::reweigh::{Reweighed, Row};
use crate::study::view::Side;
use serde::Serialize;

const TITLE: Words = Words("What if: the simulated paths under views", "情景假设：观点约束下的模拟路径");
const FINDINGS: Words = Words("Findings", "结论");
const ATTACHED: Words = Words("Every figure of this what-if, machine-readable", "本假设分析全部数字的机器可读版本");
const VIEWS: Words = Words("Views", "观点");
const HEAD_VIEW: Words = Words("View", "观点");
const HEAD_BEFORE: Words = Words("Before", "加权前");
const HEAD_ASKED: Words = Words("Asked", "要求");
const HEAD_AFTER: Words = Words("After", "加权后");
const HEAD_CHANGE: Words = Words("Change", "变化");
const HEAD_INTERVAL: Words = Words("{level} interval", "{level} 区间");
const HEAD_WEIGHTS: Words = Words("Weights", "权重");
const SCENARIOS: Words = Words("Scenarios before and after", "各情景加权前后");
const EVERY_FIGURE: Words = Words("Figures before and after", "加权前后的数字");
const CAPTION: Words = Words("“{scenario}”; amounts in {unit}", "“{scenario}”；金额单位：{unit}");
const AT_LEAST: Words = Words("≥ {value}", "≥ {value}");
const AT_MOST: Words = Words("≤ {value}", "≤ {value}");
const EQUAL: Words = Words("= {value}", "= {value}");
const Q_VIEWS: Words = Words("Views", "观点");
const SAID_BINDS: Words = Words(
    "They change the weights in {n} of {all} cases, one for each view and scenario; in the others the simulation meets them as it is.",
    "逐情景、逐项观点共 {all} 例，其中 {n} 例改变了权重，其余在原模拟下已满足。",
);
const Q_PATHS: Words = Words("Paths", "路径");
const SAID_PATHS: Words = Words(
    "The views leave {kish} effective paths of {paths} in {scenario}, the scenario they leave fewest.",
    "{scenario}中 {paths} 条路径加权后相当于 {kish} 条等权路径，为各情景中最少。",
);
const Q_LOSS: Words = Words("Loss", "损失");
const SAID_LOSS: Words = Words(
    "In {scenario} ES 99% of the pool loss moves from {before} to {after}, its mean from {mean_before} to {mean_after}.",
    "{scenario}中资金池损失的 ES 99% 由 {before} 变为 {after}，均值由 {mean_before} 变为 {mean_after}。",
);
const Q_READING: Words = Words("Reading", "说明");
const SAID_READING: Words = Words(
    "No path was simulated anew. The same paths count differently: of all weights under which the views hold, those nearest to the simulation's (entropy pooling, Meucci 2008). What no simulated path shows is in no figure.",
    "未重新模拟任何路径，仅改变各路径的权重：在满足观点的所有权重中取与原模拟最接近者（熵池化）。模拟路径中未出现的情形不在任何数字之内。",
);
const LEFT_OUT: Words = Words("Left out: {names}.", "未加权的情景：{names}。");
const LEFT_OUT_FOR: Words = Words("{scenario} ({reason})", "{scenario}（{reason}）");
const REASON_ALIKE: Words = Words("every path is the same", "全部路径相同");
const REASON_NO_COLUMN: Words = Words("it has no such figure", "无此项数字");
const REASON_NOTHING: Words = Words("the figure is nothing to compare with", "原数字为零，无从比较");
const REASON_OUTSIDE: Words = Words("no path reaches the view", "没有路径达到观点");
const REASON_CONTRADICTION: Words = Words("the views contradict each other on its paths", "观点在其路径上相互矛盾");
const REASON_TOO_FEW: Words = Words("too few paths would carry the views", "承载观点的有效路径过少");
const NOTE_FIGURES: Words = Words(
    "± is one standard error; that of a change is taken on the paths, which are the same before and after. † The tail is thin or the event rare. Every figure, at every level, is in reweighed.csv.",
    "± 为一倍标准误，变化的标准误按加权前后共同的路径计算。† 尾部样本不足或事件罕见。各置信水平下的全部数字见 reweighed.csv。",
);

/// A scenario that was not reweighed.
#[derive(Clone, Debug, Serialize)]
pub struct LeftOut {
    pub name: String,
    pub reason: Reason,
    /// The reason with its figures.
    pub said: String,
}

/// What the folder says of.
pub struct Subject<'a> {
    pub programme: &'a Programme,
    pub programme_hash: &'a str,
    pub language: Language,
    /// The views as they were written.
    pub views: &'a [String],
    pub scenarios: &'a [Reweighed],
    /// Scenarios whose paths cannot carry the views.
    pub left_out: &'a [LeftOut],
    pub lineage: &'a [InputFile],
}

/// The document, as blocks.
pub fn compose(subject: &Subject<'_>) -> Data {
    let programme = subject.programme;
    let text = Text::new(subject.language, &programme.currency);
    let report = programme.report.in_language(subject.language);
    let pages = Pages { subject, text };
    let run = short(subject.programme_hash);
    Data {
        lang: if text.zh() { "zh" } else { "en" },
        region: if text.zh() { "cn" } else { "gb" },
        title: text.get(TITLE).into(),
        institution: report.institution.clone().unwrap_or_default(),
        name: programme.name.clone(),
        as_of: text.fill(document::AS_OF, &[("date", &programme.as_of.to_string())]),
        run: text.fill(document::RUN_ID, &[("id", run)]),
        confidentiality: document::confidentiality_of(&text, report.confidentiality),
        page_of: text.get(document::PAGE_OF),
        contents: text.get(document::CONTENTS),
        attachment: "reweighed.json",
        attached: text.get(ATTACHED),
        first: FirstPage {
            verdict_title: text.get(FINDINGS),
            verdict: pages.findings(),
            limits: Some(pages.views()),
            scenarios: pages.scenarios(),
            chart: None,
        },
        sections: vec![Section { title: text.get(EVERY_FIGURE), blocks: pages.figures() }],
    }
}

fn reason(reason: Reason) -> Words {
    match reason {
        Reason::Alike => REASON_ALIKE,
        Reason::NoColumn => REASON_NO_COLUMN,
        Reason::Nothing => REASON_NOTHING,
        Reason::Outside => REASON_OUTSIDE,
        Reason::Contradiction => REASON_CONTRADICTION,
        Reason::TooFewPaths => REASON_TOO_FEW,
    }
}

struct Pages<'a> {
    subject: &'a Subject<'a>,
    text: Text,
}

/// The measures of the table by scenario.
const KEY_FIGURES: [(&str, Words); 6] = [
    ("pool_loss.mean", shared::HEAD_POOL_MEAN),
    ("pool_loss.var_99", shared::HEAD_VAR),
    ("pool_loss.es_99", shared::HEAD_ES),
    ("shortfall.probability", shared::HEAD_SHORTFALL),
    ("call_rate", shared::HEAD_CALLED),
    ("liquidation_rate", shared::HEAD_LIQUIDATED),
];

/// Whether a figure has a row of its own on a page; the pool's loss is told at every level, other tails at two.
fn is_read(key: &str) -> bool {
    let statistic = key.rsplit('.').next().unwrap_or_default();
    let is_tail = statistic.starts_with("var_") || statistic.starts_with("es_");
    !is_tail || key.starts_with("pool_loss.") || matches!(statistic, "es_97_5" | "es_99")
}

impl Pages<'_> {
    fn scenario(&self, name: &str) -> String {
        let programme = self.subject.programme;
        let own = programme.scenarios.iter().find(|s| s.name == name).map_or(name, |s| s.name_in(self.subject.language));
        self.text.scenario(own)
    }

    fn money(&self, e: &Estimate) -> String {
        let scale = Scale::of_one(&self.text, e.value);
        scale.in_text(&self.text, &self.subject.programme.currency, &number::estimate(&self.text, e, scale).value)
    }

    fn findings(&self) -> Vec<Finding> {
        let text = &self.text;
        let scenarios = self.subject.scenarios;
        let mut findings = Vec::new();
        let mut put = |head: Words, said: String| findings.push(Finding { head: text.get(head).into(), text: said });
        let all: Vec<&Met> = scenarios.iter().flat_map(|s| &s.posterior.met).collect();
        let binding = all.iter().filter(|met| met.multiplier != 0.0).count();
        let counted = [("n", number::count(binding as u64)), ("all", number::count(all.len() as u64))];
        put(Q_VIEWS, text.fill(SAID_BINDS, &counted.each_ref().map(|(name, value)| (*name, value.as_str()))));
        let fewest = scenarios.iter().min_by(|a, b| a.posterior.paths_by_squares.total_cmp(&b.posterior.paths_by_squares));
        if let Some(s) = fewest {
            let (kish, paths) = (number::count(s.posterior.paths_by_squares as u64), number::count(s.paths));
            let said = text.fill(SAID_PATHS, &[("kish", &kish), ("paths", &paths), ("scenario", &self.scenario(&s.scenario))]);
            put(Q_PATHS, said);
        }
        let row = |s: &'_ Reweighed, key: &str| s.rows.iter().position(|row| row.key == key);
        let es = |s: &&Reweighed| row(s, "pool_loss.es_99").map_or(f64::NEG_INFINITY, |at| s.rows[at].posterior.value);
        if let Some(s) = scenarios.iter().max_by(|a, b| es(a).total_cmp(&es(b)))
            && let (Some(es), Some(mean)) = (row(s, "pool_loss.es_99"), row(s, "pool_loss.mean"))
        {
            let [es, mean] = [&s.rows[es], &s.rows[mean]];
            let values = [
                ("scenario", self.scenario(&s.scenario)),
                ("before", self.money(&es.prior)),
                ("after", self.money(&es.posterior)),
                ("mean_before", self.money(&mean.prior)),
                ("mean_after", self.money(&mean.posterior)),
            ];
            put(Q_LOSS, text.fill(SAID_LOSS, &values.each_ref().map(|(name, value)| (*name, value.as_str()))));
        }
        let mut reading = text.get(SAID_READING).to_string();
        if !self.subject.left_out.is_empty() {
            let name = |left_out: &LeftOut| {
                let reason = text.get(reason(left_out.reason));
                text.fill(LEFT_OUT_FOR, &[("scenario", &self.scenario(&left_out.name)), ("reason", reason)])
            };
            let names: Vec<String> = self.subject.left_out.iter().map(name).collect();
            let left_out = text.fill(LEFT_OUT, &[("names", &text.list(&names))]);
            reading = format!("{reading}{}{left_out}", if text.zh() { "" } else { " " });
        }
        put(Q_READING, reading);
        findings
    }

    /// A value of a view's unit; the digits of a decision, not of an error.
    fn value(&self, unit: Unit, value: f64) -> String {
        match unit {
            Unit::Ratio => number::percent(value),
            Unit::Money if value.abs() >= 100.0 => number::grouped(value, 0),
            _ => number::plain(value),
        }
    }

    fn views(&self) -> Table {
        let text = &self.text;
        let columns = vec![
            words(text.get(shared::HEAD_SCENARIO), 0),
            words(text.get(HEAD_VIEW), 1),
            figures(text.get(HEAD_BEFORE), ""),
            figures(text.get(HEAD_ASKED), ""),
            figures(text.get(HEAD_AFTER), ""),
        ];
        let row = |s: &Reweighed, met: &Met| {
            let asked = match met.view.side {
                Side::AtLeast => AT_LEAST,
                Side::AtMost => AT_MOST,
                Side::Equal => EQUAL,
            };
            vec![
                self.scenario(&s.scenario).into(),
                Cell::toned(met.view.text.clone(), Tone::Code),
                self.value(met.unit, met.prior).into(),
                text.fill(asked, &[("value", &self.value(met.unit, met.asked))]).into(),
                self.value(met.unit, met.posterior).into(),
            ]
        };
        let rows = self.subject.scenarios.iter().flat_map(|s| s.posterior.met.iter().map(move |met| row(s, met))).collect();
        Table { caption: text.get(VIEWS).into(), columns, rows, ..Table::default() }
    }

    /// A figure with a dagger where its tail is thin.
    fn cell(&self, e: &Estimate, scale: Scale, with_unit: bool) -> String {
        let written = number::estimate(&self.text, e, scale);
        let thin = matches!(e.flag, Some(Flag::ThinTail | Flag::RareEvent | Flag::OpenInterval)) && e.value != 0.0;
        format!("{}{}", if with_unit { written.full() } else { written.value }, if thin { " †" } else { "" })
    }

    fn scenarios(&self) -> Table {
        let text = &self.text;
        let scenarios = self.subject.scenarios;
        let of = |key: &str| -> Vec<&Row> { scenarios.iter().flat_map(|s| &s.rows).filter(|row| row.key == key).collect() };
        let shown: Vec<&(&str, Words)> = KEY_FIGURES.iter().filter(|(key, _)| !of(key).is_empty()).collect();
        let all = shown.iter().flat_map(|(key, _)| of(key));
        let scale = Scale::of_estimates(text, all.flat_map(|row| [&row.prior, &row.posterior]));
        let mut columns = vec![words(text.get(shared::HEAD_SCENARIO), 1), words(text.get(HEAD_WEIGHTS), 0)];
        for (key, head) in &shown {
            let money = of(key).iter().any(|row| row.prior.unit == Unit::Money);
            let unit = if money { scale.unit(text, &self.subject.programme.currency) } else { "%".into() };
            columns.push(figures(text.get(*head), unit));
        }
        let row = |s: &Reweighed, head: Words, get: fn(&Row) -> &Estimate| {
            let mut cells: Vec<Cell> = vec![self.scenario(&s.scenario).into(), text.get(head).into()];
            cells.extend(shown.iter().map(|(key, _)| match s.rows.iter().find(|row| row.key == *key) {
                Some(row) => self.cell(get(row), scale, false).into(),
                None => Cell::from("–"),
            }));
            cells
        };
        let rows =
            scenarios.iter().flat_map(|s| [row(s, HEAD_BEFORE, |row| &row.prior), row(s, HEAD_AFTER, |row| &row.posterior)]).collect();
        Table { caption: text.get(SCENARIOS).into(), columns, rows, note: Some(text.get(NOTE_FIGURES).into()), ..Table::default() }
    }

    fn figures(&self) -> Vec<Block> {
        self.subject.scenarios.iter().map(|s| Block::Table(self.figures_of(s))).collect()
    }

    fn figures_of(&self, s: &Reweighed) -> Table {
        let text = &self.text;
        let is_shown = |row: &&Row| (row.prior.value != 0.0 || row.posterior.value != 0.0) && is_read(&row.key);
        let rows: Vec<&Row> = s.rows.iter().filter(is_shown).collect();
        let scale = Scale::of_estimates(text, rows.iter().flat_map(|row| [&row.prior, &row.posterior]));
        let level = text.fill(HEAD_INTERVAL, &[("level", &number::whole_percent(s.confidence))]);
        let columns = vec![
            words(text.get(shared::HEAD_MEASURE), 1),
            figures(text.get(HEAD_BEFORE), ""),
            figures(text.get(HEAD_AFTER), ""),
            figures(&level, ""),
            figures(text.get(HEAD_CHANGE), ""),
        ];
        let cells = |row: &&Row| -> Vec<Cell> {
            let change = Estimate {
                value: row.change,
                std_error: row.change_error,
                ci_low: f64::NEG_INFINITY,
                ci_high: Some(f64::INFINITY),
                flag: None,
                ..row.posterior.clone()
            };
            let interval = number::estimate(text, &row.posterior, scale).interval;
            let moved =
                if row.change == 0.0 && row.change_error == 0.0 { "–".into() } else { number::signed(&self.cell(&change, scale, true)) };
            vec![
                measure::name(text, &row.key).into(),
                self.cell(&row.prior, scale, true).into(),
                self.cell(&row.posterior, scale, true).into(),
                interval.into(),
                moved.into(),
            ]
        };
        let unit = scale.unit(text, &self.subject.programme.currency);
        let caption = text.fill(CAPTION, &[("scenario", &self.scenario(&s.scenario)), ("unit", &unit)]);
        Table { caption, columns, rows: rows.iter().map(cells).collect(), ..Table::default() }
    }
}
