//! Says in the reader's language what measures depend on: the findings, a chart and a table for each measure, the ranges of the keys.

use super::charts::sobol::{FIRST, TOTAL, written};
use super::charts::varied::Varied;
use super::charts::{Chart, sobol, tornado};
use super::document::block::{Block, Cell, Figure, Table, Tone, figures, words};
use super::document::findings::Finding;
use super::document::first_page::FirstPage;
use super::document::{Data, Section};
use super::settings::Subject;
use super::text::{Text, number};
use crate::model::part::Words;
use crate::model::tornado::Method;
use crate::study::sobol::{Index, Indices};
use crate::study::tornado::{Bar, Difference, Found, Results, by_total};

const TITLE: Words = Words("Sensitivity: {name}", "敏感性分析：{name}");
const FINDINGS: Words = Words("Findings", "结论");
const ATTACHED: Words = Words("Every figure of this study, machine-readable", "本次敏感性分析全部数字的机器可读版本");
const Q_VARIED: Words = Words("Varied", "变动");
const SAID_ONE: Words = Words(
    "{keys} keys, each alone at its low and at its high end, over the scenario “{scenario}”: {n} settings on {paths} common paths each.",
    "在情景“{scenario}”上分别将 {keys} 个参数单独取低值与高值，共 {n} 个方案，各用相同的 {paths} 条路径。",
);
const SAID_ALL: Words = Words(
    "{keys} keys together over their ranges, over the scenario “{scenario}”: {rows} rows of a Sobol' design, {n} settings on {paths} common paths each.",
    "在情景“{scenario}”上令 {keys} 个参数在取值范围内同时变动，Sobol 设计 {rows} 行，共 {n} 个方案，各用相同的 {paths} 条路径。",
);
const SAID_LONGEST: Words = Words(
    "{measure}: most by {key}, from {low} to {high} it swings by {swing}; base {base}. {count} of {keys} keys move it beyond noise.",
    "{measure}：影响最大的是{key}，由 {low} 至 {high}，摆幅 {swing}；基准 {base}。{keys} 个参数中有 {count} 个的影响超出抽样误差。",
);
const SAID_NONE: Words =
    Words("{measure}: no key moves it beyond noise; base {base}.", "{measure}：没有参数的影响超出抽样误差；基准 {base}。");
const SAID_LARGEST: Words = Words(
    "{measure}: most by {key}, total index {total}, first order {first}. Over the ranges its mean is {mean}, its standard deviation {deviation}. Keys acting together make {together} of the variance.",
    "{measure}：影响最大的是{key}，总效应指数 {total}，一阶指数 {first}。取值范围内均值为 {mean}，标准差为 {deviation}；参数间交互作用占方差的 {together}。",
);
const SAID_UNCLEAR: Words = Words(
    "{measure}: no total index is beyond noise; more rows would tell. Over the ranges its mean is {mean}, its standard deviation {deviation}.",
    "{measure}：没有总效应指数超出抽样误差，需要更多设计行。取值范围内均值为 {mean}，标准差为 {deviation}。",
);
const SAID_FLAT: Words = Words(
    "{measure}: over these ranges it varies by no more than the noise of the paths; it has no indices.",
    "{measure}：在取值范围内的变动不超出路径的抽样误差，不计算指数。",
);
const SAID_UNDEFINED: Words =
    Words("{measure}: in some settings there is nothing to divide by; it has no indices.", "{measure}：部分方案中分母为零，不计算指数。");
const Q_READING: Words = Words("Reading", "说明");
const READ_ONE: Words = Words(
    "Differences from the base are taken path by path; ± is their standard error. They are called beyond noise so that all {m} comparisons together are right at {level}. (=): within noise. Swing: the most of low, base and high less the least.",
    "与基准之差逐条路径计算，± 为其一倍标准误。判断是否超出抽样误差时，全部 {m} 次比较合计的置信水平为 {level}。（=）：在抽样误差之内。摆幅：低值、基准、高值三者中最大值减最小值。",
);
const READ_ALL: Words = Words(
    "Total index: the share of the variance that is left when all other keys are known; first order: the share that the key explains alone. What the noise of the paths adds is taken off; ± holds the error of the design and that of the paths. All {m} indices are judged together at {level}. (=): within noise.",
    "总效应指数：其他参数均已知时剩余的方差比例；一阶指数：该参数单独解释的方差比例。已扣除路径抽样误差的贡献；± 含设计与路径两部分误差。全部 {m} 个指数合计按 {level} 的置信水平判断。（=）：在抽样误差之内。",
);
const Q_MEASURES: Words = Words("Depends", "取决于");
const EACH: Words = Words("What each measure depends on", "各指标的敏感性");
const KEYS: Words = Words("Keys and their ranges", "参数及其取值范围");
const HEAD_KEY: Words = Words("Key", "参数");
const HEAD_NAME: Words = Words("In the programme", "方案文件中的键");
const HEAD_LOW: Words = Words("Low", "低值");
const HEAD_BASE: Words = Words("Base", "基准");
const HEAD_HIGH: Words = Words("High", "高值");
const HEAD_AT_LOW: Words = Words("At low, less base", "低值与基准之差");
const HEAD_AT_HIGH: Words = Words("At high, less base", "高值与基准之差");
const HEAD_SWING: Words = Words("Swing", "摆幅");
const CAPTION_BARS: Words = Words("{measure}, one key at a time; base {base}", "{measure}：逐一变动参数；基准 {base}");
const CAPTION_INDICES: Words = Words("{measure}: Sobol' indices", "{measure}：Sobol 指数");
const NOTE_NOISE: Words = Words(
    "Of the variance between settings the noise of the paths made {share}, and was taken off.",
    "方案间方差中有 {share} 来自路径抽样误差，已予扣除。",
);
const NOTE_NO_NOISE: Words = Words(
    "This measure is known by sums over paths alone: the noise of the paths is in its indices and not in their errors.",
    "该指标仅保留路径合计数，路径抽样误差未从指数中扣除，也未计入其误差。",
);
const NOTED: Words = Words("{figure} (=)", "{figure}（=）");
const NOTE_WITHIN: Words = Words("(=): within noise.", "（=）：在抽样误差之内。");

/// The document, as blocks.
pub fn compose(subject: &Subject<'_>, results: &Results<'_>, charts: &[Chart]) -> Data {
    let text = subject.text();
    let of = Varied { results, text, currency: &subject.programme.currency };
    let pages = Pages { subject, results, of, text };
    let mut blocks = Vec::new();
    for measure in 0..results.tornado.measures.len() {
        blocks.push(Block::subheading(of.measured(measure).name()));
        // the first chart is on the first page
        let chart = pages.chart(measure, charts).filter(|chart| !std::ptr::eq(*chart, &charts[0]));
        blocks.extend(chart.map(|chart| Block::Figure(Figure::of(chart))));
        blocks.push(pages.table(measure).map_or_else(|| Block::paragraph(pages.depends(measure)), Block::Table));
    }
    let sections = vec![
        Section { title: text.get(EACH), blocks },
        Section { title: text.get(KEYS), blocks: vec![Block::Table(pages.keys(text.get(KEYS).into()))] },
    ];
    let first = FirstPage {
        verdict_title: text.get(FINDINGS),
        verdict: pages.findings(),
        limits: None,
        scenarios: pages.keys(text.get(KEYS).into()),
        chart: charts.first().map(Figure::of),
    };
    let title = text.fill(TITLE, &[("name", results.tornado.name.get(subject.language))]);
    subject.document(title, ("tornado.json", text.get(ATTACHED)), first, sections)
}

struct Pages<'a> {
    subject: &'a Subject<'a>,
    results: &'a Results<'a>,
    of: Varied<'a>,
    text: Text,
}

impl Pages<'_> {
    fn findings(&self) -> Vec<Finding> {
        let (text, results) = (&self.text, self.results);
        let tornado = results.tornado;
        let mut values = vec![
            ("keys", number::count(tornado.keys.len() as u64)),
            ("scenario", text.scenario(self.subject.scenario_name)),
            ("n", number::count(tornado.settings.len() as u64)),
            ("paths", number::count(results.paths)),
        ];
        let (said, read) = match tornado.method {
            Method::OneAtATime => (SAID_ONE, READ_ONE),
            Method::Sobol => {
                values.push(("rows", number::count(tornado.rows as u64)));
                (SAID_ALL, READ_ALL)
            }
        };
        let varied = self.fill(said, &values);
        let depends: Vec<String> = (0..tornado.measures.len()).map(|measure| self.depends(measure)).collect();
        let reading = self.fill(read, &[("m", number::count(results.comparisons as u64)), ("level", number::line(results.confidence))]);
        let joined = depends.join(if text.zh() { "" } else { " " });
        [(Q_VARIED, varied), (Q_MEASURES, joined), (Q_READING, reading)]
            .map(|(head, said)| Finding { head: text.get(head).into(), text: said })
            .into()
    }

    fn fill(&self, words: Words, values: &[(&str, String)]) -> String {
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.text.fill(words, &values)
    }

    /// What a measure depends on most.
    fn depends(&self, measure: usize) -> String {
        let (of, measured) = (self.of, self.of.measured(measure));
        let name = ("measure", measured.name());
        match &self.results.found[measure] {
            Found::Flat => self.fill(SAID_FLAT, &[name]),
            Found::Undefined => self.fill(SAID_UNDEFINED, &[name]),
            Found::Bars(bars) => {
                let base = ("base", measured.estimate(0).map_or("–".into(), |e| measured.full(e)));
                let longest = bars.iter().find(|bar| !bar.within_noise).and_then(|bar| Some((bar.key, bar.swing.as_ref()?)));
                let Some((key, swing)) = longest else { return self.fill(SAID_NONE, &[name, base]) };
                let swing = measured.with_unit(&measured.difference(swing.estimate.value, swing.estimate.std_error));
                self.fill(
                    SAID_LONGEST,
                    &[
                        name,
                        base,
                        ("key", of.title(key).into()),
                        ("low", of.low(key).into()),
                        ("high", of.high(key).into()),
                        ("swing", swing),
                        ("count", number::count(bars.iter().filter(|bar| !bar.within_noise).count() as u64)),
                        ("keys", number::count(bars.len() as u64)),
                    ],
                )
            }
            Found::Indices(indices) => {
                let key = by_total(indices)[0];
                let figure = |index: &Index| measured.with_unit(&measured.difference(index.value, index.std_error));
                let [mean, deviation] = [("mean", figure(&indices.mean)), ("deviation", figure(&indices.deviation))];
                if !self.results.is_beyond(&indices.keys[key].total) {
                    return self.fill(SAID_UNCLEAR, &[name, mean, deviation]);
                }
                self.fill(
                    SAID_LARGEST,
                    &[
                        name,
                        ("key", of.title(key).into()),
                        ("total", written(&indices.keys[key].total)),
                        ("first", written(&indices.keys[key].first)),
                        mean,
                        deviation,
                        ("together", written(&indices.together)),
                    ],
                )
            }
        }
    }

    /// The chart of a measure.
    fn chart<'c>(&self, measure: usize, charts: &'c [Chart]) -> Option<&'c Chart> {
        // those that were drawn stand in the order of the measures
        let drawn = |measure: &usize| tornado::drawing(self.of, *measure).or_else(|| sobol::drawing(self.of, *measure)).is_some();
        drawn(&measure).then(|| &charts[(0..measure).filter(drawn).count()])
    }

    /// A row for each key of a measure; nothing where it has no indices.
    fn table(&self, measure: usize) -> Option<Table> {
        match &self.results.found[measure] {
            Found::Bars(bars) => Some(self.bars(measure, bars)),
            Found::Indices(indices) => Some(self.indices(measure, indices)),
            Found::Flat | Found::Undefined => None,
        }
    }

    fn bars(&self, measure: usize, bars: &[Bar]) -> Table {
        let (text, of, measured) = (&self.text, self.of, self.of.measured(measure));
        let unit = measured.unit_name();
        let columns = vec![
            words(text.get(HEAD_KEY), 1),
            figures(text.get(HEAD_LOW), ""),
            figures(text.get(HEAD_BASE), ""),
            figures(text.get(HEAD_HIGH), ""),
            figures(text.get(HEAD_AT_LOW), unit.clone()),
            figures(text.get(HEAD_AT_HIGH), unit.clone()),
            figures(text.get(HEAD_SWING), unit),
        ];
        let figure = |d: &Option<Difference>, signed: bool| {
            let Some(Difference { estimate: e, side }) = d else { return "–".to_string() };
            let plain = measured.difference(e.value, e.std_error);
            let figure = if signed { number::signed(&plain) } else { plain };
            if side.is_some() { figure } else { text.fill(NOTED, &[("figure", &figure)]) }
        };
        let row = |bar: &Bar| -> Vec<Cell> {
            let tone = if bar.within_noise { Tone::Plain } else { Tone::Strong };
            vec![
                Cell::toned(of.title(bar.key), tone),
                of.low(bar.key).into(),
                of.base(bar.key).into(),
                of.high(bar.key).into(),
                figure(&bar.low, true).into(),
                figure(&bar.high, true).into(),
                figure(&bar.swing, false).into(),
            ]
        };
        let base = measured.estimate(0).map_or("–".into(), |e| measured.full(e));
        let caption = text.fill(CAPTION_BARS, &[("measure", &measured.name()), ("base", &base)]);
        Table { caption, columns, rows: bars.iter().map(row).collect(), note: Some(text.get(NOTE_WITHIN).into()), ..Table::default() }
    }

    fn indices(&self, measure: usize, indices: &Indices) -> Table {
        let (text, of) = (&self.text, self.of);
        let columns = vec![
            words(text.get(HEAD_KEY), 1),
            figures(text.get(HEAD_LOW), ""),
            figures(text.get(HEAD_HIGH), ""),
            figures(text.get(FIRST), ""),
            figures(text.get(TOTAL), ""),
        ];
        let figure = |index: &Index| {
            let figure = written(index);
            if self.results.is_beyond(index) { figure } else { text.fill(NOTED, &[("figure", &figure)]) }
        };
        let row = |key: usize| -> Vec<Cell> {
            let both = &indices.keys[key];
            let tone = if self.results.is_beyond(&both.total) { Tone::Strong } else { Tone::Plain };
            vec![
                Cell::toned(of.title(key), tone),
                of.low(key).into(),
                of.high(key).into(),
                figure(&both.first).into(),
                figure(&both.total).into(),
            ]
        };
        let caption = text.fill(CAPTION_INDICES, &[("measure", &of.measured(measure).name())]);
        let note = match indices.noise {
            Some(share) => text.fill(NOTE_NOISE, &[("share", &number::percent(share))]),
            None => text.get(NOTE_NO_NOISE).into(),
        };
        let note = format!("{}{}{note}", text.get(NOTE_WITHIN), if text.zh() { "" } else { " " });
        Table { caption, columns, rows: by_total(indices).into_iter().map(row).collect(), note: Some(note), ..Table::default() }
    }

    /// The keys with their ranges.
    fn keys(&self, caption: String) -> Table {
        let (text, of, tornado) = (&self.text, self.of, self.results.tornado);
        let based = tornado.method == Method::OneAtATime;
        let mut columns = vec![words(text.get(HEAD_KEY), 1), words(text.get(HEAD_NAME), 1), figures(text.get(HEAD_LOW), "")];
        if based {
            columns.push(figures(text.get(HEAD_BASE), ""));
        }
        columns.push(figures(text.get(HEAD_HIGH), ""));
        let row = |key: usize| -> Vec<Cell> {
            let names = tornado.keys[key].names.join(", ");
            let mut row: Vec<Cell> = vec![of.title(key).into(), Cell::toned(names, Tone::Code), of.low(key).into()];
            if based {
                row.push(of.base(key).into());
            }
            row.push(of.high(key).into());
            row
        };
        Table { caption, columns, rows: (0..tornado.keys.len()).map(row).collect(), ..Table::default() }
    }
}
