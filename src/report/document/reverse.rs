//! Writes reverse stress tests: what each says, its chart, a row for every ray, and who breaks first.

use super::block::{Block, Cell, Column, Figure, Table, Tone, figures, words};
use super::cells;
use super::findings::Finding;
use crate::measures::Estimate;
use crate::model::part::Words;
use crate::model::reverse::Search;
use crate::report::charts::Chart;
use crate::report::charts::reversed::Reversed;
use crate::report::text::number::{self, Scale};
use crate::report::text::{Text, shared};
use crate::study::reverse::Ray;
use crate::study::reverse::answer::{AccountBreak, Answer, Breaks, PathBreak, Verdict};
use crate::study::reverse::line::Ending;
use crate::study::reverse::plausible::Plausibility;

const ANSWERS: Words = Words("What makes each limit fail", "各限额的突破条件");
const Q_READING: Words = Words("Reading", "说明");
const SAID_READING: Words = Words(
    "“Holds up to” and “fails from” are settings that were simulated: the limit holds, or fails, there with the confidence stated, on the same paths. ± is one standard error.",
    "“满足至”与“突破自”均为实际模拟的设置：在相同路径上，按所列置信水平可确认限额满足或突破。± 为一倍标准误。",
);
const SAID_FAILS: Words = Words(
    "{measure} {limit}, in “{scenario}”: the limit fails from {fails} on ({changes}). It is met at {boundary}.",
    "“{scenario}”情景，{measure}{limit}：自 {fails} 起限额突破（{changes}）；触及限额处为 {boundary}。",
);
const SAID_START: Words = Words(
    "{measure} {limit}, in “{scenario}”: the limit fails as it stands, with nothing changed.",
    "“{scenario}”情景，{measure}{limit}：未作任何变动时限额已突破。",
);
const SAID_HOLDS: Words = Words(
    "{measure} {limit}, in “{scenario}”: the limit holds up to the furthest change, {setting}.",
    "“{scenario}”情景，{measure}{limit}：变动至最大（{setting}）限额仍满足。",
);
const SAID_UNDECIDED: Words = Words(
    "{measure} {limit}, in “{scenario}”: up to {setting} the paths do not tell whether the limit fails. More paths do.",
    "“{scenario}”情景，{measure}{limit}：至{setting}为止，现有路径不足以判断限额是否突破，需增加路径。",
);
const SAID_YEARS: Words =
    Words("A shock as bad returns every {years} years ({low} to {high}).", "同等或更严重的冲击约 {years} 年一遇（{low} 至 {high} 年）。");
const SAID_YEARS_OPEN: Words = Words("A shock as bad returns every {years} years.", "同等或更严重的冲击约 {years} 年一遇。");
const SAID_RARER: Words = Words(
    "Of {paths} paths of the fitted model fewer than ten show a shock as bad: it returns less than once in {low} years.",
    "拟合模型的 {paths} 条路径中，同等或更严重者不足十条：重现期长于 {low} 年。",
);
const RARER: Words = Words("more than {low}", "长于 {low}");
const SAID_CHECKED: Words = Words(
    "On {paths} other paths: {fails} where it fails, {holds} where it holds.",
    "另取 {paths} 条路径检验：突破处为 {fails}，满足处为 {holds}。",
);
const SAID_CHECKED_FAILS: Words = Words("On {paths} other paths: {fails} where it fails.", "另取 {paths} 条路径检验：突破处为 {fails}。");
const SAID_CHECKED_HOLDS: Words = Words("On {paths} other paths: {holds} where it holds.", "另取 {paths} 条路径检验：满足处为 {holds}。");
const SAID_NOT_BORNE: Words = Words("Those paths do not bear the answer out: simulate more.", "该检验未能印证结果，需增加路径。");
const SAID_TEST: Words = Words(
    "{settings} settings on {paths} paths each, at a confidence of {level}.",
    "共试算 {settings} 个设置，各用 {paths} 条路径，置信水平 {level}。",
);
const HEAD_TEST: Words = Words("Reverse stress test", "反向压力测试");
const HEAD_CHANGE: Words = Words("Change", "变动");
const HEAD_HOLDS: Words = Words("Holds up to", "满足至");
const HEAD_BOUNDARY: Words = Words("Limit met at", "触及限额处");
const HEAD_FAILS: Words = Words("Fails from", "突破自");
const HEAD_DISTANCE: Words = Words("Distance", "距离");
const HEAD_DEVIATIONS: Words = Words("standard deviations", "倍标准差");
const HEAD_YEARS: Words = Words("Returns every", "重现期");
const UNIT_YEARS: Words = Words("years", "年");
const HEAD_LOSS: Words = Words("Costs the pool, mean", "资金池平均损失");
const HEAD_LIQUIDATION: Words = Words("Liquidated", "强平概率");
const HEAD_SESSION: Words = Words("Session of liquidation, mean", "平均强平交易日");
const HEAD_SOLD: Words = Words("Forced sales, mean", "强平卖出额均值");
const HEAD_PATH: Words = Words("Path", "路径编号");
const HEAD_POOL_LOSS: Words = Words("Pool loss", "资金池损失");
const CAPTION_ACCOUNTS: Words =
    Words("{name}: accounts that cost the pool most where the limit fails", "{name}：限额突破时资金池损失最大的账户");
const CAPTION_SYMBOLS: Words = Words("{name}: symbols with the largest forced sales there", "{name}：此时强平卖出额最大的证券");
const CAPTION_PATHS: Words = Words("{name}: paths with the largest loss of the pool there", "{name}：此时资金池损失最大的路径");
const NOTE_PATHS: Words = Words(
    "Path numbers are those of {paths} paths of seed {seed}; replay tells a path day by day.",
    "路径编号对应种子 {seed} 的 {paths} 条路径，各路径可逐日重放。",
);
const NOTE_ANSWERS: Words = Words(
    "Distance and return period are those of moves of prices under the fitted model; the interval holds the error of the boundary too.",
    "距离与重现期为拟合模型下价格变动的度量，区间已含边界误差。",
);
const NOT_CHANGED: Words = Words("nothing changed", "未作变动");
const NO_BREAKS: Words = Words("No limit fails within the changes looked at.", "在所考察的变动范围内没有限额突破。");

/// The blocks of some answers.
pub struct Pages<'a> {
    pub text: Text,
    pub currency: &'a str,
    pub answers: &'a [Answer],
}

impl<'a> Pages<'a> {
    fn of(&self, answer: &'a Answer) -> Reversed<'a> {
        Reversed { answer, text: self.text, currency: self.currency }
    }

    pub fn findings(&self) -> Vec<Finding> {
        let one = |answer: &'a Answer| Finding { head: self.head(answer), text: self.said(answer) };
        let mut findings: Vec<Finding> = self.answers.iter().map(one).collect();
        findings.push(Finding { head: self.text.get(Q_READING).into(), text: self.text.get(SAID_READING).into() });
        findings
    }

    fn head(&self, answer: &'a Answer) -> String {
        answer.name.get(self.text.language).to_string()
    }

    fn joined(&self, sentences: Vec<String>) -> String {
        sentences.join(if self.text.zh() { "" } else { " " })
    }

    /// What an answer says.
    fn said(&self, answer: &'a Answer) -> String {
        let (text, of) = (&self.text, self.of(answer));
        let scenario = text.scenario(if text.zh() { &answer.scenario_zh } else { &answer.scenario });
        let fill = |words: Words, more: &[(&str, &str)]| {
            let (measure, limit) = (of.measure(), of.limit());
            let own = [("measure", measure.as_str()), ("limit", limit.as_str()), ("scenario", scenario.as_str())];
            text.fill(words, &[&own[..], more].concat())
        };
        let Some(ray) = answer.best().map(|at| &answer.rays[at]) else {
            // no ray reaches it: the first that holds tells how far
            let ray = answer.rays.iter().find(|ray| ray.found.ending == Ending::Holds).or(answer.rays.first());
            let setting = ray.map_or_else(String::new, |ray| of.setting(ray, 1.0));
            return fill(SAID_HOLDS, &[("setting", &setting)]);
        };
        let mut said = Vec::new();
        match (ray.found.ending, ray.found.boundary) {
            (Ending::AtStart, _) => return fill(SAID_START, &[]),
            (Ending::Fails, Some((place, error))) => {
                let fails = ray.found.fails.as_ref().map_or(place, |tried| tried.place);
                let changes: Vec<String> = of.moved(ray).into_iter().map(|way| of.title(way)).collect();
                let (changes, fails, boundary) = (text.list(&changes), of.values(ray, fails, None), of.values(ray, place, Some(error)));
                said.push(fill(SAID_FAILS, &[("fails", &fails), ("changes", &changes), ("boundary", &boundary)]));
            }
            _ => said.push(fill(SAID_UNDECIDED, &[("setting", &of.setting(ray, 1.0))])),
        }
        said.extend(ray.plausibility.as_ref().map(|p| self.plausible(p)));
        if let Some(checked) = &answer.checked {
            let figure = |verdict: &Option<Verdict>| verdict.as_ref().map(|verdict| of.full(&verdict.estimate));
            let (paths, fails, holds) = (number::count(checked.paths), figure(&checked.fails), figure(&checked.holds));
            said.extend(match (fails, holds) {
                (Some(fails), Some(holds)) => Some(text.fill(SAID_CHECKED, &[("paths", &paths), ("fails", &fails), ("holds", &holds)])),
                (Some(fails), None) => Some(text.fill(SAID_CHECKED_FAILS, &[("paths", &paths), ("fails", &fails)])),
                (None, Some(holds)) => Some(text.fill(SAID_CHECKED_HOLDS, &[("paths", &paths), ("holds", &holds)])),
                (None, None) => None,
            });
            let borne = checked.fails.as_ref().is_none_or(|v| v.beyond) && checked.holds.as_ref().is_none_or(|v| !v.beyond);
            said.extend((!borne).then(|| text.get(SAID_NOT_BORNE).to_string()));
        }
        self.joined(said)
    }

    fn plausible(&self, p: &Plausibility) -> String {
        match (p.years, p.years_low.zip(p.years_high)) {
            (Some(at), Some((low, high))) => self.text.fill(
                SAID_YEARS,
                &[("years", &number::three_digits(at)), ("low", &number::three_digits(low)), ("high", &number::three_digits(high))],
            ),
            (Some(at), None) => self.text.fill(SAID_YEARS_OPEN, &[("years", &number::three_digits(at))]),
            (None, _) => {
                let (paths, low) = (number::count(p.paths as u64), p.years_low.map_or_else(|| "–".into(), number::three_digits));
                self.text.fill(SAID_RARER, &[("paths", &paths), ("low", &low)])
            }
        }
    }

    /// The columns of a table of rays, or of the shorter one of tests.
    fn columns(&self, of_tests: bool) -> Vec<Column> {
        let text = &self.text;
        let head = |head: Words| words(text.get(head), 0);
        let mut columns = vec![words(text.get(HEAD_CHANGE), 2)];
        if of_tests {
            columns.insert(0, words(text.get(HEAD_TEST), 1));
        } else {
            columns.push(head(HEAD_HOLDS));
        }
        columns.extend([head(HEAD_BOUNDARY), head(HEAD_FAILS)]);
        if !of_tests {
            columns.push(figures(text.get(HEAD_DISTANCE), text.get(HEAD_DEVIATIONS)));
        }
        columns.push(figures(text.get(HEAD_YEARS), text.get(UNIT_YEARS)));
        columns
    }

    /// A ray as cells: its changes, where the limit holds, is met, and fails, and how plausible that is.
    fn row(&self, answer: &'a Answer, ray: &'a Ray, tone: Tone) -> Vec<Cell> {
        let (text, of) = (&self.text, self.of(answer));
        let titles: Vec<String> = of.moved(ray).into_iter().map(|way| of.title(way)).collect();
        let none = || "–".to_string();
        let at = |place: f64| if place == 0.0 { text.get(NOT_CHANGED).to_string() } else { of.values(ray, place, None) };
        let holds = ray.found.holds.as_ref().map_or_else(none, |tried| at(tried.place));
        let boundary = ray.found.boundary.map_or_else(none, |(place, error)| of.values(ray, place, Some(error)));
        let fails = ray.found.fails.as_ref().map_or_else(none, |tried| at(tried.place));
        let distance = ray.plausibility.as_ref().map_or("–".into(), |p| match p.distance_std_error {
            error if error > 0.0 => cells::with_error(p.distance, error),
            _ => cells::plain(p.distance),
        });
        let years = ray.plausibility.as_ref().map_or("–".into(), |p| match (p.years, p.years_low) {
            (Some(years), _) => cells::three_digits(years),
            (None, Some(low)) => cells::at_least(text.fill(RARER, &[("low", &number::three_digits(low))]), low),
            (None, None) => "–".into(),
        });
        vec![Cell::toned(titles.join(text.get(shared::COMMA)), tone), holds.into(), boundary.into(), fails.into(), distance, years]
    }

    /// The best ray of every test.
    pub fn answers(&self) -> Table {
        let text = &self.text;
        let row = |answer: &'a Answer| {
            let name = Cell::from(self.head(answer));
            let ray = answer.best().or(if answer.rays.is_empty() { None } else { Some(0) }).map(|at| &answer.rays[at]);
            let rest = ray.map_or_else(Vec::new, |ray| self.row(answer, ray, Tone::Plain));
            // where it holds, and the distance, stand with each test
            let kept = rest.into_iter().enumerate().filter(|(at, _)| *at != 1 && *at != 4).map(|(_, cell)| cell);
            std::iter::once(name).chain(kept).collect::<Vec<Cell>>()
        };
        Table {
            caption: text.get(ANSWERS).into(),
            columns: self.columns(true),
            rows: self.answers.iter().map(row).collect(),
            note: Some(text.get(NOTE_ANSWERS).into()),
            ..Table::default()
        }
    }

    /// One test: what it says, its chart, and a row for each ray.
    pub fn test(&self, answer: &'a Answer, chart: &Chart, with_chart: bool) -> Vec<Block> {
        let text = &self.text;
        let of = self.of(answer);
        let level = number::line(answer.reverse.confidence.get());
        let (settings, paths) = (number::count(answer.tried as u64), number::count(answer.paths));
        let made = text.fill(SAID_TEST, &[("settings", &settings), ("paths", &paths), ("level", &level)]);
        let best = answer.best();
        let shown: Vec<usize> = match answer.reverse.search {
            Search::Plausible => answer.rays.len().checked_sub(1).into_iter().collect(),
            Search::Each | Search::Together | Search::Curve => (0..answer.rays.len()).collect(),
        };
        let tone = |at: usize| if Some(at) == best && shown.len() > 1 { Tone::Strong } else { Tone::Plain };
        let table = Table {
            caption: format!("{}{}{}", self.head(answer), text.get(shared::COLON), of.limit()),
            columns: self.columns(false),
            rows: shown.iter().map(|at| self.row(answer, &answer.rays[*at], tone(*at))).collect(),
            ..Table::default()
        };
        let mut blocks = vec![
            Block::subheading(self.head(answer)),
            Block::paragraph(self.joined(vec![self.said(answer), made])),
            Block::Figure(Figure::of(chart)),
            Block::Table(table),
        ];
        blocks.retain(|block| with_chart || !matches!(block, Block::Figure(_)));
        blocks
    }

    /// Who breaks first, of every test.
    pub fn broken(&self) -> Vec<Block> {
        let broken: Vec<Block> = self.answers.iter().flat_map(|answer| self.breaks(answer)).collect();
        if broken.is_empty() { vec![Block::paragraph(self.text.get(NO_BREAKS))] } else { broken }
    }

    /// Who breaks first where the limit of a test fails.
    fn breaks(&self, answer: &'a Answer) -> Vec<Block> {
        let Some(Breaks { accounts, symbols, paths }) = &answer.breaks else { return Vec::new() };
        let (text, of) = (&self.text, self.of(answer));
        let name = self.head(answer);
        let money = |estimates: &mut dyn Iterator<Item = &Estimate>| {
            let scale = Scale::of_estimates(text, estimates);
            (scale, scale.unit(text, of.currency))
        };
        let written = |e: &Estimate, scale: Scale| cells::estimate(text, e, scale);
        let mut blocks = Vec::new();
        if !accounts.is_empty() {
            let (scale, unit) = money(&mut accounts.iter().map(|row| &row.loss));
            let session = |day: Option<f64>, error: Option<f64>| match (day, error.filter(|error| *error > 0.0)) {
                (Some(day), Some(error)) => cells::with_error(day, error),
                (Some(day), None) => cells::plain(day),
                (None, _) => "–".into(),
            };
            let row = |row: &AccountBreak| -> Vec<Cell> {
                vec![
                    row.account.as_str().into(),
                    written(&row.loss, scale),
                    written(&row.liquidation, scale),
                    session(row.session, row.session_std_error),
                ]
            };
            blocks.push(Block::Table(Table {
                caption: text.fill(CAPTION_ACCOUNTS, &[("name", &name)]),
                columns: vec![
                    words(text.get(shared::HEAD_CLIENT), 1),
                    figures(text.get(HEAD_LOSS), &unit),
                    figures(text.get(HEAD_LIQUIDATION), "%"),
                    figures(text.get(HEAD_SESSION), ""),
                ],
                rows: accounts.iter().map(row).collect(),
                ..Table::default()
            }));
        }
        if !symbols.is_empty() {
            let (scale, unit) = money(&mut symbols.iter().map(|row| &row.forced_sales));
            blocks.push(Block::Table(Table {
                caption: text.fill(CAPTION_SYMBOLS, &[("name", &name)]),
                columns: vec![words(text.get(shared::HEAD_SYMBOL), 1), figures(text.get(HEAD_SOLD), &unit)],
                rows: symbols.iter().map(|row| vec![row.symbol.as_str().into(), written(&row.forced_sales, scale)]).collect(),
                narrow: true,
                ..Table::default()
            }));
        }
        if let Some(checked) = answer.checked.as_ref().filter(|_| !paths.is_empty()) {
            let scale = Scale::of(text, paths.iter().map(|row| row.pool_loss));
            let row = |row: &PathBreak| -> Vec<Cell> {
                vec![cells::said(row.path.to_string(), row.path as f64), cells::grouped(row.pool_loss / scale.divisor, 2)]
            };
            let (count, seed) = (number::count(checked.paths), checked.seed.to_string());
            blocks.push(Block::Table(Table {
                caption: text.fill(CAPTION_PATHS, &[("name", &name)]),
                columns: vec![figures(text.get(HEAD_PATH), ""), figures(text.get(HEAD_POOL_LOSS), scale.unit(text, of.currency))],
                rows: paths.iter().map(row).collect(),
                note: Some(text.fill(NOTE_PATHS, &[("paths", &count), ("seed", &seed)])),
                narrow: true,
                ..Table::default()
            }));
        }
        if !blocks.is_empty() {
            blocks.insert(0, Block::subheading(name));
        }
        blocks
    }
}
