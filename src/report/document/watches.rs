//! Sets out early-warning watches and the findings of the register: their names, states and tables.

use super::block::{Cell, Column, Source, Table, Tone, figures, words};
use super::cells;
use super::tables;
use crate::measures::Unit;
use crate::model::part::Words;
use crate::report::charts::Context;
use crate::report::text::number;
use crate::report::text::{measure, shared};
use crate::study::register::line::{Finding, Status, Subject};
use crate::study::watch::{State, WatchResult};

const GREEN: Words = Words("green", "正常");
const AMBER: Words = Words("amber", "黄色");
const RED: Words = Words("red", "红色");
const UNDECIDED: Words = Words("{state} (within noise)", "{state}（未定）");
const OF_LIMIT: Words = Words("Limit: {measure} in “{scenario}”", "限额：“{scenario}”的{measure}");
const HEAD_WATCH: Words = Words("Watch", "预警项");
const HEAD_FOUND: Words = Words("Found", "结果");
const HEAD_AMBER: Words = Words("Amber", "黄色预警");
const HEAD_RED: Words = Words("Red", "红色预警");
const HEAD_STATE: Words = Words("State", "状态");
const HEAD_BEFORE: Words = Words("Before", "上期");
const HEAD_NUMBER: Words = Words("No.", "编号");
const HEAD_FINDING: Words = Words("Finding", "预警事项");
const HEAD_LEVEL: Words = Words("Level", "等级");
const HEAD_OPENED: Words = Words("Opened", "首次出现");
const HEAD_REPORTS: Words = Words("Reports", "期数");
const HEAD_WORST: Words = Words("Worst", "最差值");
const HEAD_NOW: Words = Words("In this report", "本期");
const HEAD_TELL: Words = Words("To be told", "报送对象");
const STATUSES: [(Status, Words); 7] = [
    (Status::Opened, Words("new", "新增")),
    (Status::Worse, Words("worse: amber before", "升级：上期为黄色")),
    (Status::Better, Words("better: red before", "缓和：上期为红色")),
    (Status::Persists, Words("persists", "持续")),
    (Status::Green, Words("green, not closed yet", "已回落，尚未关闭")),
    (Status::Closed, Words("closed", "关闭")),
    (Status::NotJudged, Words("not judged", "本期未评估")),
];

const STATES: Words =
    Words("Watches: {n}; red {red}, amber {amber}, green {green}.", "共 {n} 项预警指标：红色 {red} 项，黄色 {amber} 项，正常 {green} 项。");
const ITEM: Words = Words("“{name}” ({level}, {found})", "“{name}”（{level}，{found}）");
const ITEM_NUMBERED: Words =
    Words("no. {number}, {name} ({level}, {status}{since}{tell})", "{number} 号，{name}（{level}，{status}{since}{tell}）");
const ITEM_SINCE: Words = Words("; in {n} reports since {date}", "，自 {date} 起共 {n} 期");
const ITEM_TELL: Words = Words("; to be told: {names}", "，报送：{names}");
const ITEM_CLOSED: Words = Words("no. {number}, {name}", "{number} 号，{name}");

/// How many watches are in each state; nothing where there are none.
pub fn states(context: &Context<'_>) -> Option<String> {
    let all = &context.facts.watches;
    let count = |state| all.iter().filter(|w| w.state == state).count().to_string();
    let (red, amber, green) = (count(State::Red), count(State::Amber), count(State::Green));
    let values = [("n", &*all.len().to_string()), ("red", &red), ("amber", &amber), ("green", &green)];
    (!all.is_empty()).then(|| context.text.fill(STATES, &values))
}

/// What is open, the most pressing first, and what this report closed: findings of the register, or watches where none is kept.
pub fn items(context: &Context<'_>) -> (Vec<String>, Vec<String>) {
    let text = &context.text;
    let Some(register) = &context.facts.register else {
        let mut open: Vec<&WatchResult> = context.facts.watches.iter().filter(|w| w.state > State::Green).collect();
        open.sort_by_key(|w| std::cmp::Reverse(w.state));
        let item = |w: &&WatchResult| {
            let (level, found) = (text.get(state_word(w.state)), tables::stated(context, &w.estimate));
            text.fill(ITEM, &[("name", watch_name(context, &w.name)), ("level", level), ("found", &found)])
        };
        return (open.iter().map(item).collect(), Vec::new());
    };
    let (closed, mut open): (Vec<&Finding>, Vec<&Finding>) = register.entry.findings.iter().partition(|f| f.status == Status::Closed);
    open.sort_by_key(|f| std::cmp::Reverse((f.level, f.reports)));
    let item = |f: &&Finding| {
        let since = [("n", &*f.reports.to_string()), ("date", &*f.opened.to_string())];
        let since = if f.reports > 1 { text.fill(ITEM_SINCE, &since) } else { String::new() };
        let names = told(context, f);
        let tell = if f.tell.is_empty() { String::new() } else { text.fill(ITEM_TELL, &[("names", &names)]) };
        let (number, name) = (f.number.to_string(), finding_name(context, f));
        let (level, status) = (text.get(state_word(f.level)), text.get(status_word(f.status)));
        let values = [("number", &*number), ("name", &name), ("level", level), ("status", status), ("since", &since), ("tell", &tell)];
        text.fill(ITEM_NUMBERED, &values)
    };
    let ended = |f: &&Finding| text.fill(ITEM_CLOSED, &[("number", &f.number.to_string()), ("name", &finding_name(context, f))]);
    (open.iter().map(item).collect(), closed.iter().map(ended).collect())
}

/// The word for a state.
pub fn state_word(state: State) -> Words {
    match state {
        State::Green => GREEN,
        State::Amber => AMBER,
        State::Red => RED,
    }
}

/// The word for what a report did to a finding.
pub fn status_word(status: Status) -> Words {
    STATUSES.iter().find(|(own, _)| *own == status).expect("every status has its word").1
}

fn tone(state: State) -> Tone {
    match state {
        State::Green => Tone::Pass,
        State::Amber => Tone::Undecided,
        State::Red => Tone::Breach,
    }
}

/// What a watch of the programme is called in the reader's language; a watch that is no more keeps the name it had.
pub fn watch_name<'a>(context: &Context<'a>, name: &'a str) -> &'a str {
    let own = context.facts.programme.watch.iter().find(|w| w.name == name);
    own.map_or(name, |watch| watch.name_in(context.text.zh()))
}

/// What a finding is about.
pub fn finding_name(context: &Context<'_>, finding: &Finding) -> String {
    match &finding.subject {
        Subject::Watch(name) => watch_name(context, name).to_string(),
        Subject::Limit { scenario, measure, .. } => {
            let (measure, scenario) = (measure::name(&context.text, measure), context.scenario(scenario));
            context.text.fill(OF_LIMIT, &[("measure", &measure), ("scenario", &scenario)])
        }
    }
}

/// Who is told of a finding, in the reader's language.
fn told(context: &Context<'_>, finding: &Finding) -> String {
    let watch = match &finding.subject {
        Subject::Watch(name) => context.facts.programme.watch.iter().find(|w| w.name == *name),
        Subject::Limit { .. } => None,
    };
    let name = |name: &'_ String| watch.map_or(name.clone(), |watch| watch.told_in(name, context.text.zh()).to_string());
    finding.tell.iter().map(name).collect::<Vec<String>>().join(context.text.get(shared::ENUMERATION))
}

/// A value without an error in the unit of its measure.
pub fn value(context: &Context<'_>, unit: Unit, value: f64) -> String {
    match unit {
        Unit::Money => tables::money(context, value),
        Unit::Ratio => number::percent(value),
        Unit::Days | Unit::Number | Unit::Count => number::plain(value),
    }
}

/// Every watch, red ones first.
pub fn watches(context: &Context<'_>) -> Table {
    let text = &context.text;
    let all = &context.facts.watches;
    let with_before = all.iter().any(|w| w.before.is_some());
    let narrow = |head: Words| Column { share: 0, ..words(text.get(head), 0) };
    let mut columns = vec![
        words(text.get(HEAD_WATCH), 3),
        words(text.get(shared::HEAD_MEASURE), 3),
        words(text.get(shared::HEAD_SCENARIO), 2),
        figures(text.get(HEAD_FOUND), ""),
        figures(text.get(HEAD_AMBER), ""),
        figures(text.get(HEAD_RED), ""),
        narrow(HEAD_STATE),
    ];
    if with_before {
        columns.push(narrow(HEAD_BEFORE));
    }
    let mut sorted: Vec<&WatchResult> = all.iter().collect();
    sorted.sort_by_key(|w| std::cmp::Reverse(w.state));
    let level = |w: &WatchResult, level: f64| tables::bound_cell(context, w.side, w.estimate.unit, level);
    let row = |w: &WatchResult| {
        let state = text.get(state_word(w.state));
        let state = if w.decided { state.to_string() } else { text.fill(UNDECIDED, &[("state", state)]) };
        let mut row = vec![
            Cell::from(watch_name(context, &w.name)),
            measure::name(text, &w.measure).into(),
            context.scenario(&w.scenario).into(),
            tables::stated_cell(context, &w.estimate),
            level(w, w.amber),
            level(w, w.red),
            Cell::toned(state, tone(w.state)),
        ];
        if with_before {
            row.push(w.before.map_or("–", |before| text.get(state_word(before))).into());
        }
        row
    };
    let (rows, source) = (sorted.into_iter().map(row).collect(), Some(Source::of(&["tables/watches.csv"], "watches[]")));
    Table { columns, rows, source, ..Table::default() }
}

/// Every finding of the register that is open, and those this report closed.
pub fn findings(context: &Context<'_>, findings: &[Finding]) -> Table {
    let text = &context.text;
    let columns = vec![
        figures(text.get(HEAD_NUMBER), ""),
        words(text.get(HEAD_FINDING), 4),
        Column { share: 0, ..words(text.get(HEAD_LEVEL), 0) },
        Column { share: 0, ..words(text.get(HEAD_OPENED), 0) },
        figures(text.get(HEAD_REPORTS), ""),
        words(text.get(HEAD_WORST), 2),
        words(text.get(HEAD_NOW), 2),
        words(text.get(HEAD_TELL), 3),
    ];
    let row = |f: &Finding| {
        let closed = f.status == Status::Closed;
        vec![
            cells::said(f.number.to_string(), f64::from(f.number)),
            finding_name(context, f).into(),
            Cell::toned(text.get(state_word(f.level)), if closed { Tone::Plain } else { tone(f.level) }),
            f.opened.to_string().into(),
            cells::said(f.reports.to_string(), f64::from(f.reports)),
            format!("{}, {}", value(context, f.unit, f.worst), f.worst_on).into(),
            text.get(status_word(f.status)).into(),
            if f.tell.is_empty() { "–".into() } else { told(context, f).into() },
        ]
    };
    let source = Some(Source::of(&["tables/findings.csv"], "findings[]"));
    Table { columns, rows: findings.iter().map(row).collect(), source, ..Table::default() }
}
