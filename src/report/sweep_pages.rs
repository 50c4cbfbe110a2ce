//! Says in the reader's language what a sweep shows: the findings, the efficient settings, what dominates what, every figure.

use super::charts::Chart;
use super::charts::swept::{Swept, status_words};
use super::document::block::{Block, Cell, Column, Figure, Table, Tone, figures, words};
use super::document::findings::Finding;
use super::document::first_page::FirstPage;
use super::document::{Data, Section};
use super::settings::Subject;
use super::text::Text;
use super::text::number;
use crate::measures::{Estimate, Flag};
use crate::model::part::Words;
use crate::model::sweep::Better;
use crate::study::sweep::{Frontier, Gain, Results, Standing, Status};

const TITLE: Words = Words("Sweep: {name}", "参数扫描：{name}");
const FINDINGS: Words = Words("Findings", "结论");
const ATTACHED: Words = Words("Every figure of this sweep, machine-readable", "本次参数扫描全部数字的机器可读版本");
const Q_SETTINGS: Words = Words("Settings", "方案");
const SAID_SETTINGS: Words = Words(
    "{n} settings of {keys}, laid over the scenario “{scenario}”, on {paths} common paths each.",
    "在情景“{scenario}”上设 {n} 个方案，变动{keys}，各用相同的 {paths} 条路径。",
);
const Q_FRONTIER: Words = Words("Frontier", "前沿");
const SAID_FRONTIER: Words = Words(
    "Between {first} and {second}: {efficient} efficient, {dominated} dominated, {ties} that tie with the frontier.",
    "就{first}与{second}而言：有效方案 {efficient} 个，被支配方案 {dominated} 个，与前沿无法区分者 {ties} 个。",
);
const Q_DOMINATED: Words = Words("Dominated", "被支配");
const SAID_DOMINATED: Words = Words(
    "Most clearly, setting {one} ({setting}) by setting {other} ({by}): {first} {first_gain} and {second} {second_gain}.",
    "最明显者：方案 {one}（{setting}）被方案 {other}（{by}）支配，{first} {first_gain}，{second} {second_gain}。",
);
const Q_BEST: Words = Words("Best", "最优");
const SAID_BEST: Words = Words("{measure}: setting {one} ({setting}), {value}.", "{measure}：方案 {one}（{setting}），{value}。");
const Q_READING: Words = Words("Reading", "说明");
const SAID_READING: Words = Words(
    "A setting is called better than another only where their difference on the same paths is beyond noise, all {m} comparisons together at {level}. Dominated: another is better in one measure, and no worse in the other.",
    "仅当两方案在相同路径上的差异超出抽样误差时，才称一方更优；全部 {m} 次比较合计的置信水平为 {level}。被支配：另有方案在一项指标上更优，且在另一项上不更差。",
);
const SAID_PLAIN: Words = Words("± is one standard error.", "± 为一倍标准误。");
const EFFICIENT_SETTINGS: Words = Words("Efficient settings, and ties with the frontier", "有效方案及与前沿无法区分的方案");
const SETTINGS: Words = Words("Settings", "方案");
const FRONTIER: Words = Words("What dominates what", "支配关系");
const MEASURES: Words = Words("Measures", "指标");
const EVERY: Words = Words("Every setting", "全部方案");
const HEAD_NUMBER: Words = Words("No.", "编号");
const HEAD_SETTING: Words = Words("Setting", "方案");
const HEAD_PLACE: Words = Words("Place", "类别");
const HEAD_BY: Words = Words("By", "对照方案");
const HEAD_OTHER: Words = Words("Its values", "对照方案取值");
const CAPTION_GAIN: Words = Words("Settings by {keys}, and what the other one gains", "按{keys}列示的方案，及对照方案的改善");
const CAPTION_EVERY: Words = Words("Settings by {keys}", "按{keys}列示的方案");
const NOTE_GAIN: Words = Words(
    "A gain is positive where the other setting is better, whatever side of the measure is the better one; ± is the standard error of the difference on common paths. (=): within noise.",
    "改善为正表示对照方案更优，与指标方向无关；± 为相同路径上差异的标准误。（=）：在抽样误差之内。",
);
const NOTE_MORE: Words = Words("{n} further rows are in cells.csv.", "其余 {n} 行见 cells.csv。");
const NOTE_FLAG: Words = Words("† The tail is thin or the event rare.", "† 尾部样本不足或事件罕见。");
const NO_OTHER: Words = Words("No setting is dominated, and none ties.", "没有被支配或无法区分的方案。");
const WITHIN_NOISE: Words = Words("{gain} (=)", "{gain}（=）");
const LOWER_IS_BETTER: Words = Words("lower is better", "越低越好");
const HIGHER_IS_BETTER: Words = Words("higher is better", "越高越好");

/// Rows of a table on pages, and on the first.
const ROWS: usize = 150;
const ROWS_FIRST: usize = 12;

/// The document, as blocks.
pub fn compose(subject: &Subject<'_>, results: &Results<'_>, charts: &[Chart]) -> Data {
    let text = subject.text();
    let of = Swept { results, text, currency: &subject.programme.currency };
    let pages = Pages { subject, results, of, text };
    let (first, rest): (Vec<&Chart>, Vec<&Chart>) = charts.iter().partition(|chart| chart.slug == super::charts::frontier::SLUG);
    let mut sections = Vec::new();
    if results.frontier.is_some() {
        sections.push(Section { title: text.get(FRONTIER), blocks: pages.dominated() });
    }
    sections.push(Section { title: text.get(MEASURES), blocks: rest.into_iter().map(|chart| Block::Figure(Figure::of(chart))).collect() });
    let every: Vec<usize> = (0..results.estimates.len()).collect();
    sections.push(Section {
        title: text.get(EVERY),
        blocks: vec![Block::Table(pages.settings(&every, ROWS, text.fill(CAPTION_EVERY, &[("keys", &pages.keys())])))],
    });
    let first = FirstPage {
        verdict_title: text.get(FINDINGS),
        verdict: pages.findings(),
        limits: None,
        scenarios: pages.first_table(),
        chart: first.first().map(|chart| Figure::of(chart)),
    };
    let title = text.fill(TITLE, &[("name", results.sweep.name.get(subject.language))]);
    subject.document(title, ("sweep.json", text.get(ATTACHED)), first, sections)
}

struct Pages<'a> {
    subject: &'a Subject<'a>,
    results: &'a Results<'a>,
    of: Swept<'a>,
    text: Text,
}

impl Pages<'_> {
    fn findings(&self) -> Vec<Finding> {
        let (text, results) = (&self.text, self.results);
        let sweep = results.sweep;
        let mut findings = Vec::new();
        let mut put = |head: Words, said: String| findings.push(Finding { head: text.get(head).into(), text: said });
        let values = [
            ("n", number::count(sweep.settings.len() as u64)),
            ("keys", self.keys()),
            ("scenario", text.scenario(self.subject.scenario_name)),
            ("paths", number::count(results.paths)),
        ];
        put(Q_SETTINGS, text.fill(SAID_SETTINGS, &values.each_ref().map(|(name, value)| (*name, value.as_str()))));
        if let Some((at, frontier)) = sweep.frontier.zip(results.frontier.as_ref()) {
            let count = |status| number::count(frontier.of(status).count() as u64);
            let values = [
                ("first", self.sided(at[0])),
                ("second", self.sided(at[1])),
                ("efficient", count(Status::Efficient)),
                ("dominated", count(Status::Dominated)),
                ("ties", count(Status::Tie)),
            ];
            put(Q_FRONTIER, text.fill(SAID_FRONTIER, &values.each_ref().map(|(name, value)| (*name, value.as_str()))));
            put_some(&mut put, Q_DOMINATED, self.clearest(at, frontier));
        }
        let best: Vec<String> = (0..sweep.measures.len()).filter_map(|measure| self.best(measure)).collect();
        put(Q_BEST, best.join(if text.zh() { "" } else { " " }));
        put(
            Q_READING,
            match &results.frontier {
                Some(frontier) => {
                    let values = [("m", number::count(frontier.comparisons as u64)), ("level", number::line(results.confidence))];
                    text.fill(SAID_READING, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
                }
                None => text.get(SAID_PLAIN).into(),
            },
        );
        findings
    }

    /// The titles of the keys as a list.
    fn keys(&self) -> String {
        let keys: Vec<String> = (0..self.results.sweep.keys.len()).map(|key| self.of.title(key).to_string()).collect();
        self.text.list(&keys)
    }

    /// A measure with the side that is better.
    fn sided(&self, measure: usize) -> String {
        let side = if self.results.sweep.measures[measure].1 == Better::Higher { HIGHER_IS_BETTER } else { LOWER_IS_BETTER };
        let (open, close) = if self.text.zh() { ("（", "）") } else { (" (", ")") };
        format!("{}{open}{}{close}", self.of.name(measure), self.text.get(side))
    }

    /// The setting that is dominated by the most standard errors.
    fn clearest(&self, at: [usize; 2], frontier: &Frontier) -> Option<String> {
        let clear =
            |gains: &[Gain; 2]| gains.iter().map(|g| if g.std_error > 0.0 { g.value / g.std_error } else { 0.0 }).fold(0.0, f64::max);
        let found = frontier
            .places
            .iter()
            .enumerate()
            .filter(|(_, place)| place.status == Status::Dominated)
            .filter_map(|(s, place)| Some((s, place.by?)));
        let (setting, (by, gains)) = found.max_by(|a, b| clear(&a.1.1).total_cmp(&clear(&b.1.1)).then(b.0.cmp(&a.0)))?;
        let values = [
            ("one", (setting + 1).to_string()),
            ("setting", self.of.setting(setting)),
            ("other", (by + 1).to_string()),
            ("by", self.of.setting(by)),
            ("first", self.of.name(at[0])),
            ("second", self.of.name(at[1])),
            ("first_gain", self.change(at[0], gains[0])),
            ("second_gain", self.change(at[1], gains[1])),
        ];
        Some(self.text.fill(SAID_DOMINATED, &values.each_ref().map(|(name, value)| (*name, value.as_str()))))
    }

    /// The setting with the best value of a measure.
    fn best(&self, measure: usize) -> Option<String> {
        let sweep = self.results.sweep;
        let (of, better) = (self.of, sweep.measures[measure].1);
        let value = |setting: usize| of.estimate(setting, measure).map(|e| better.gain(e.value));
        let settings = (0..sweep.settings.len()).filter_map(|s| Some((s, value(s)?)));
        let (setting, _) = settings.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
        let e = of.estimate(setting, measure)?;
        let values = [
            ("measure", of.name(measure)),
            ("one", (setting + 1).to_string()),
            ("setting", of.setting(setting)),
            ("value", of.measured(measure).full(e)),
        ];
        Some(self.text.fill(SAID_BEST, &values.each_ref().map(|(name, value)| (*name, value.as_str()))))
    }

    /// What a measure is lower or higher by, as a change of the figure itself.
    fn change(&self, measure: usize, gain: Gain) -> String {
        let better = self.results.sweep.measures[measure].1;
        self.of.measured(measure).change(better.gain(gain.value), gain.std_error)
    }

    /// A difference and its error, without a unit.
    fn difference(&self, measure: usize, gain: Gain) -> String {
        self.of.measured(measure).difference(gain.value, gain.std_error)
    }

    fn first_table(&self) -> Table {
        let results = self.results;
        match &results.frontier {
            Some(frontier) => {
                let efficient: Vec<usize> = frontier.of(Status::Efficient).chain(frontier.of(Status::Tie)).collect();
                self.settings(&efficient, ROWS_FIRST, self.text.get(EFFICIENT_SETTINGS).into())
            }
            None => {
                let all: Vec<usize> = (0..results.estimates.len()).collect();
                self.settings(&all, ROWS_FIRST, self.text.get(SETTINGS).into())
            }
        }
    }

    /// A row for each of some settings: its values, its measures and its place.
    fn settings(&self, settings: &[usize], most: usize, caption: String) -> Table {
        let (text, of, results) = (&self.text, self.of, self.results);
        let sweep = results.sweep;
        let mut columns = vec![figures(text.get(HEAD_NUMBER), "")];
        columns.extend((0..sweep.keys.len()).map(|key| words(of.title(key), 0)));
        columns.extend((0..sweep.measures.len()).map(|measure| figures(&of.name(measure), of.unit_name(measure))));
        if results.frontier.is_some() {
            columns.push(Column { share: 0, ..words(text.get(HEAD_PLACE), 0) });
        }
        let mut flagged = false;
        let rows = (settings.iter().take(most))
            .map(|setting| {
                let tone = if of.status(*setting) == Some(Status::Efficient) { Tone::Strong } else { Tone::Plain };
                let mut row: Vec<Cell> = vec![Cell::toned((setting + 1).to_string(), tone)];
                row.extend((0..sweep.keys.len()).map(|key| Cell::from(of.label(*setting, key))));
                row.extend((0..sweep.measures.len()).map(|measure| {
                    let thin =
                        |e: &Estimate| matches!(e.flag, Some(Flag::ThinTail | Flag::RareEvent | Flag::OpenInterval)) && e.value != 0.0;
                    let marked = of.estimate(*setting, measure).is_some_and(thin);
                    flagged |= marked;
                    Cell::from(format!("{}{}", of.written(*setting, measure), if marked { " †" } else { "" }))
                }));
                row.extend(of.status(*setting).map(|status| Cell::toned(text.get(status_words(status)), tone)));
                row
            })
            .collect();
        let more = settings.len().saturating_sub(most);
        let mut note = text.get(SAID_PLAIN).to_string();
        let space = if text.zh() { "" } else { " " };
        if flagged {
            note = format!("{note}{space}{}", text.get(NOTE_FLAG));
        }
        if more > 0 {
            note = format!("{note}{space}{}", text.fill(NOTE_MORE, &[("n", &number::count(more as u64))]));
        }
        Table { caption, columns, rows, note: Some(note), ..Table::default() }
    }

    /// What dominates each setting that is not efficient, or ties with it.
    fn dominated(&self) -> Vec<Block> {
        let (text, of, results) = (&self.text, self.of, self.results);
        let Some((at, frontier)) = results.sweep.frontier.zip(results.frontier.as_ref()) else { return Vec::new() };
        let named: Vec<usize> = frontier.of(Status::Dominated).chain(frontier.of(Status::Tie)).collect();
        if named.is_empty() {
            return vec![Block::paragraph(text.get(NO_OTHER))];
        }
        let head = |measure: usize| figures(&of.name(measure), of.unit_name(measure));
        let columns = vec![
            figures(text.get(HEAD_NUMBER), ""),
            words(text.get(HEAD_SETTING), 1),
            Column { share: 0, ..words(text.get(HEAD_PLACE), 0) },
            figures(text.get(HEAD_BY), ""),
            words(text.get(HEAD_OTHER), 1),
            head(at[0]),
            head(at[1]),
        ];
        let gain = |measure: usize, gain: Gain| {
            let written = number::signed(&self.difference(measure, gain));
            if gain.standing == Standing::Tie { text.fill(WITHIN_NOISE, &[("gain", &written)]) } else { written }
        };
        let row = |setting: &usize| -> Option<Vec<Cell>> {
            let place = &frontier.places[*setting];
            let (by, gains) = place.by?;
            Some(vec![
                (setting + 1).to_string().into(),
                of.labels(*setting).into(),
                text.get(status_words(place.status)).into(),
                (by + 1).to_string().into(),
                of.labels(by).into(),
                gain(at[0], gains[0]).into(),
                gain(at[1], gains[1]).into(),
            ])
        };
        let mut note = text.get(NOTE_GAIN).to_string();
        let more = named.len().saturating_sub(ROWS);
        if more > 0 {
            note = format!("{note} {}", text.fill(NOTE_MORE, &[("n", &number::count(more as u64))]));
        }
        let rows = named.iter().take(ROWS).filter_map(row).collect();
        let caption = text.fill(CAPTION_GAIN, &[("keys", &self.keys())]);
        vec![Block::Table(Table { caption, columns, rows, note: Some(note), ..Table::default() })]
    }
}

fn put_some(put: &mut impl FnMut(Words, String), head: Words, said: Option<String>) {
    if let Some(said) = said {
        put(head, said);
    }
}
