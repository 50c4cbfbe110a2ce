//! Says in the reader's language what a change comes from: the findings, a chart and a table for each measure, what differs.

use super::charts::Chart;
use super::charts::steps::{Steps, drawing};
use super::compared::{Compared, Told};
use super::document::block::{Block, Cell, Figure, Table, Tone, figures, words};
use super::document::differs;
use super::document::findings::Finding;
use super::document::first_page::FirstPage;
use super::document::{Data, Section};
use super::settings::Subject;
use super::text::{Text, number, shared};
use crate::measures::stated::Basis;
use crate::model::part::Words;
use crate::study::split::{Aside, Row, Side, Step};
use crate::study::tornado::Difference;

const TITLE: Words = Words("Change from {first} to {second}", "变动分析：由 {first} 至 {second}");
const FINDINGS: Words = Words("Findings", "结论");
const ATTACHED: Words = Words("Every figure of this comparison, machine-readable", "本次变动分析全部数字的机器可读版本");
const Q_COMPARED: Words = Words("Compared", "比较对象");
const SAID_COMPARED: Words = Words(
    "“{first}” (as of {from}, {n} paths) with “{second}” (as of {to}, {m} paths), scenario “{scenario}”.",
    "“{first}”（基准日 {from}，{n} 条路径）与“{second}”（基准日 {to}，{m} 条路径），情景“{scenario}”。",
);
const Q_CHANGE: Words = Words("Change", "变动");
const SAID_MOVED: Words = Words(
    "{measure}: {start} to {end}, a change of {whole}; most by {step}: {change}.",
    "{measure}：由 {start} 变为 {end}，变动 {whole}；影响最大的一项是{step}：{change}。",
);
const SAID_WHOLE: Words = Words(
    "{measure}: {start} to {end}, a change of {whole}; no step alone is beyond noise.",
    "{measure}：由 {start} 变为 {end}，变动 {whole}；没有单项变动超出抽样误差。",
);
const SAID_STILL: Words =
    Words("{measure}: {start} to {end}; nothing beyond noise.", "{measure}：由 {start} 变为 {end}，变动未超出抽样误差。");
const SAID_SAME: Words = Words("{measure}: {start} in both.", "{measure}：两者均为 {start}。");
const SAID_UNDEFINED: Words = Words("{measure}: not defined in one of the two.", "{measure}：在其中一方没有定义。");
const Q_ENGINE: Words = Words("Engine", "程序版本");
const ENGINE_EQUAL: Words = Words(
    "“{label}” was made by version {version}; run again by version {now}, its figures are equal to the bit.",
    "“{label}”由版本 {version} 生成；以版本 {now} 重新运行，各项数字逐位相同。",
);
const ENGINE_OTHER: Words = Words(
    "“{label}” was made by version {version}; run again by version {now}, {equal} of {n} figures are equal to the bit.",
    "“{label}”由版本 {version} 生成；以版本 {now} 重新运行，{n} 项数字中 {equal} 项逐位相同。",
);
const ENGINE_STRANGE: Words = Words(
    "“{label}” was made by this version, {version}, from the same programme and data, and yet {equal} of {n} figures alone are equal to the bit: it was changed since, or made by another build.",
    "“{label}”由当前版本 {version} 以相同方案与数据生成，但 {n} 项数字中仅 {equal} 项逐位相同：报告此后被改动，或由另一构建生成。",
);
const ASIDE_PATHS: Words = Words(
    "“{label}” was made by version {version}; its stored figures are on other paths than those asked for and are left aside.",
    "“{label}”由版本 {version} 生成；所存数字的路径数与本次要求不同，不予比较。",
);
const ASIDE_SAMPLING: Words = Words(
    "“{label}” was made by version {version}; its programme chooses its paths or adds to them, the split is on plain ones, and its stored figures are left aside.",
    "“{label}”由版本 {version} 生成，采用抽样设计或追加路径；本次分解使用普通路径，所存数字不予比较。",
);
const NOT_STORED: Words = Words("“{label}” is a programme and is run here.", "“{label}”为方案文件，在此运行。");
const Q_JOINED: Words = Words("Joined", "合并");
const SAID_JOINED: Words = Words(
    "{steps} are taken over together: what stands between is refused ({place}).",
    "{steps}合并为一项：介于其间的方案无法运行（{place}）。",
);
const Q_READING: Words = Words("Reading", "说明");
const READ: Words = Words(
    "Each step runs the first with one more kind of input of the second. All but the last are on the seed and paths of the first, and differences are taken path by path; ± is their standard error. The steps add up to the whole change. Their order matters: “alone” is the first with that kind of the second and no other. All {m} changes are judged together at {level}. (=): within noise.",
    "每一项在前一项的基础上再换用后者的一类输入。除最后一项外均用前者的种子与路径，逐条路径相减，± 为其一倍标准误。各项之和等于总变动。结果与顺序有关：“单独影响”为仅换用该类输入的变动。全部 {m} 个变动合计按 {level} 的置信水平判断。（=）：在抽样误差之内。",
);
const EACH: Words = Words("Each measure, step by step", "各指标变动逐项分解");
const DIFFERS: Words = Words("What differs", "差异明细");
const HEAD_STEP: Words = Words("Step", "步骤");
const HEAD_DIFFERS: Words = Words("What differs", "差异");
const HEAD_FIGURE: Words = Words("Figure", "数值");
const HEAD_CHANGE: Words = Words("Change", "变动");
const HEAD_ALONE: Words = Words("Alone", "单独影响");
const HEAD_FIRST: Words = Words("First", "前者");
const HEAD_SECOND: Words = Words("Second", "后者");
const CAPTION: Words = Words("{measure}, step by step", "{measure}：逐项分解");
const NOTHING: Words = Words("nothing differs", "没有差异");
const MORE: Words = Words("{list} and {n} more", "{list}等，另有 {n} 项");
const NOTED: Words = Words("{figure} (=)", "{figure}（=）");
const NOTE: Words = Words(
    "Last line: the whole change. (=): within noise. Alone: “–” where it is not defined, or is the step itself.",
    "末行为总变动。（=）：在抽样误差之内。单独影响：“–”表示没有定义，或即该项本身。",
);

/// Names that stand in one cell, and lines of a table.
const NAMED: usize = 4;
const LINES: usize = 60;

/// The document, as blocks.
pub fn compose(subject: &Subject<'_>, compared: &Compared<'_>, charts: &[Chart]) -> Data {
    let text = subject.text();
    let of = Steps { compared, text, currency: &subject.programme.currency };
    let pages = Pages { subject, compared, of, text };
    let mut blocks = Vec::new();
    for measure in 0..compared.results.measures.len() {
        blocks.push(Block::subheading(of.measured(measure).name()));
        // the first chart is on the first page
        let chart = pages.chart(measure, charts).filter(|chart| !std::ptr::eq(*chart, &charts[0]));
        blocks.extend(chart.map(|chart| Block::Figure(Figure::of(chart))));
        blocks.push(Block::Table(pages.table(measure)));
    }
    let sections =
        vec![Section { title: text.get(EACH), blocks }, Section { title: text.get(DIFFERS), blocks: vec![Block::Table(pages.differs())] }];
    let first = FirstPage {
        verdict_title: text.get(FINDINGS),
        verdict: pages.findings(),
        limits: None,
        scenarios: pages.sources(),
        chart: charts.first().map(Figure::of),
    };
    let title = text.fill(TITLE, &[("first", &compared.first.label), ("second", &compared.second.label)]);
    subject.document(title, ("compare.json", text.get(ATTACHED)), first, sections)
}

struct Pages<'a> {
    subject: &'a Subject<'a>,
    compared: &'a Compared<'a>,
    of: Steps<'a>,
    text: Text,
}

impl Pages<'_> {
    fn findings(&self) -> Vec<Finding> {
        let (text, results) = (&self.text, self.compared.results);
        let (first, second) = (self.compared.first, self.compared.second);
        let compared = self.fill(
            SAID_COMPARED,
            &[
                ("first", first.label.clone()),
                ("from", first.as_of.clone()),
                ("n", number::count(first.paths)),
                ("second", second.label.clone()),
                ("to", second.as_of.clone()),
                ("m", number::count(second.paths)),
                ("scenario", text.scenario(self.subject.scenario_name)),
            ],
        );
        let changes: Vec<String> = (0..results.measures.len()).map(|measure| self.change(measure)).collect();
        let engine: Vec<String> = [Side::First, Side::Second].map(|side| self.engine(side)).to_vec();
        let joined: Vec<String> = results.rows.iter().filter_map(|row| self.joined(row)).collect();
        let reading = self.fill(READ, &[("m", number::count(results.comparisons as u64)), ("level", number::line(results.confidence))]);
        let between = if text.zh() { "" } else { " " };
        let mut said = vec![(Q_COMPARED, compared), (Q_CHANGE, changes.join(between)), (Q_ENGINE, engine.join(between))];
        if !joined.is_empty() {
            said.push((Q_JOINED, joined.join(between)));
        }
        said.push((Q_READING, reading));
        said.into_iter().map(|(head, said)| Finding { head: text.get(head).into(), text: said }).collect()
    }

    fn fill(&self, words: Words, values: &[(&str, String)]) -> String {
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.text.fill(words, &values)
    }

    /// How a measure changed, and what changed it most.
    fn change(&self, measure: usize) -> String {
        let (results, measured) = (self.compared.results, self.of.measured(measure));
        let name = ("measure", measured.name());
        let (Some([start, end]), Some(whole)) = (results.ends(measure), results.whole(measure)) else {
            return self.fill(SAID_UNDEFINED, &[name]);
        };
        let ends = [("start", measured.full(start)), ("end", measured.full(end))];
        let changed = |row: &Row| row.changes[measure].as_ref().is_some_and(|change| change.estimate.value != 0.0);
        if !results.rows.iter().any(changed) {
            return self.fill(SAID_SAME, &[name, ends[0].clone()]);
        }
        let change = |d: &Difference| measured.change(d.estimate.value, d.estimate.std_error);
        let [start, end] = ends;
        match results.largest(measure) {
            Some(row) => {
                let step = self.of.step(&row.step);
                let step = if self.text.zh() { step } else { step.to_lowercase() };
                let most = row.changes[measure].as_ref().map_or_else(String::new, change);
                self.fill(SAID_MOVED, &[name, start, end, ("whole", change(whole)), ("step", step), ("change", most)])
            }
            None if whole.side.is_some() => self.fill(SAID_WHOLE, &[name, start, end, ("whole", change(whole))]),
            None => self.fill(SAID_STILL, &[name, start, end]),
        }
    }

    /// What the program makes of a stored report.
    fn engine(&self, side: Side) -> String {
        let told: &Told = self.compared.side(side);
        let label = ("label", told.label.clone());
        let step = self.compared.results.rows.iter().find_map(|row| match row.step {
            Step::Engine { of, equal, figures } if of == side => Some((equal, figures)),
            _ => None,
        });
        match (told.aside, step, &told.version) {
            (Some(aside), _, Some(version)) => {
                let words = if aside == Aside::Paths { ASIDE_PATHS } else { ASIDE_SAMPLING };
                self.fill(words, &[label, ("version", version.clone())])
            }
            (None, Some((equal, figures)), Some(version)) => {
                let now = env!("CARGO_PKG_VERSION");
                let (version, same) = (("version", version.clone()), version == now);
                let counts = [("equal", number::count(equal as u64)), ("n", number::count(figures as u64))];
                let [equal_of, of] = counts;
                match (equal == figures, same) {
                    (true, _) => self.fill(ENGINE_EQUAL, &[label, version, ("now", now.into())]),
                    (false, false) => self.fill(ENGINE_OTHER, &[label, version, ("now", now.into()), equal_of, of]),
                    (false, true) => self.fill(ENGINE_STRANGE, &[label, version, equal_of, of]),
                }
            }
            _ => self.fill(NOT_STORED, &[label]),
        }
    }

    /// Why sources are taken over together.
    fn joined(&self, row: &Row) -> Option<String> {
        let Step::Taken { why: Some(why), .. } = &row.step else { return None };
        Some(self.fill(SAID_JOINED, &[("steps", self.of.step(&row.step)), ("place", why.place.clone())]))
    }

    /// The chart of a measure.
    fn chart<'c>(&self, measure: usize, charts: &'c [Chart]) -> Option<&'c Chart> {
        // those that were drawn stand in the order of the measures
        let drawn = |measure: &usize| drawing(self.of, *measure).is_some();
        drawn(&measure).then(|| &charts[(0..measure).filter(drawn).count()])
    }

    /// A line for each step of a measure.
    fn table(&self, measure: usize) -> Table {
        let (text, of, measured) = (&self.text, self.of, self.of.measured(measure));
        let unit = measured.unit_name();
        let columns = vec![
            words(text.get(HEAD_STEP), 1),
            figures(text.get(HEAD_FIGURE), unit.clone()),
            figures(text.get(HEAD_CHANGE), unit.clone()),
            figures(text.get(HEAD_ALONE), unit),
        ];
        let change = |change: Option<&Difference>, noted: bool| {
            let Some(Difference { estimate: e, side }) = change else { return "–".to_string() };
            let figure = number::signed(&measured.difference(e.value, e.std_error));
            if side.is_some() || !noted { figure } else { text.fill(NOTED, &[("figure", &figure)]) }
        };
        let row = |(at, row): (usize, &Row)| -> Vec<Cell> {
            let own = row.changes[measure].as_ref();
            let tone = if own.is_some_and(|change| change.side.is_some()) || Steps::is_end(row) { Tone::Strong } else { Tone::Plain };
            // what was not simulated, and what is equal to the bit, is no matter of noise
            let exact = own.is_some_and(|change| change.estimate.value == 0.0 && change.estimate.basis == Basis::Exact);
            let noted = !exact && matches!(row.step, Step::Taken { .. } | Step::Engine { .. } | Step::Second);
            vec![
                Cell::toned(of.step(&row.step), tone),
                measured.written(at).into(),
                change(own, noted).into(),
                change(row.alone.get(measure).and_then(Option::as_ref), true).into(),
            ]
        };
        let caption = text.fill(CAPTION, &[("measure", &measured.name())]);
        let rows = self.of.rows().iter().enumerate().map(row).collect();
        Table { caption, columns, rows, note: Some(text.get(NOTE).into()), ..Table::default() }
    }

    /// What differs, told in short for each source.
    fn sources(&self) -> Table {
        let (text, results) = (&self.text, self.compared.results);
        let columns = vec![words(text.get(differs::HEAD_SOURCE), 0), words(text.get(HEAD_DIFFERS), 1)];
        let row = |row: &Row| -> Option<Vec<Cell>> {
            let sources = row.step.sources();
            if sources.is_empty() {
                return None;
            }
            let names: Vec<String> = results.differs_of(sources).map(|differs| differs::name(&self.text, differs)).collect();
            Some(vec![self.of.step(&row.step).into(), self.short(&names).into()])
        };
        let rows = results.rows.iter().filter_map(row).collect();
        Table { caption: text.get(DIFFERS).into(), columns, rows, ..Table::default() }
    }

    /// Names as far as they have room.
    fn short(&self, names: &[String]) -> String {
        let text = &self.text;
        if names.is_empty() {
            return text.get(NOTHING).into();
        }
        let list = names[..names.len().min(NAMED)].join(text.get(shared::ENUMERATION));
        match names.len().saturating_sub(NAMED) {
            0 => list,
            more => text.fill(MORE, &[("list", &list), ("n", &number::count(more as u64))]),
        }
    }

    /// Everything that differs.
    fn differs(&self) -> Table {
        let table = differs::table(&self.text, &self.compared.results.differs, [HEAD_FIRST, HEAD_SECOND], LINES);
        Table { caption: self.text.get(DIFFERS).into(), ..table }
    }
}
