//! Tells how exact the figures are.

use super::{Section, Story};
use crate::measures::Unit;
use crate::model::part::Words;
use crate::model::until::Until;
use crate::report::charts::Context;
use crate::report::document::block::{Block, Cell, Source, Table, figures, words};
use crate::report::document::cells;
use crate::report::text::number::{self, Scale};
use crate::report::text::{measure, shared};
use crate::study::rounds::{self, Convergence, Round};

pub const SECTION: Section = Section { slug: "precision", title: Words("How exact the figures are", "估计精度"), write: blocks };

const HEAD_RELATIVE_ERROR: Words = Words("Error of ES 99%, relative", "ES 99% 相对误差");
const ERROR_TEXT: Words = Words(
    "Every simulated figure is an estimate from a finite number of paths. ± gives one standard error; the interval holds the true value of the model with the confidence stated, and says nothing on whether the model itself is right. Intervals are corrected for skewness, and exact for shares of paths. A dagger marks a quantile or tail mean with so few paths beyond it, or a figure shown by fewer than ten paths, that its error is itself uncertain. A replay fixes the path of the market, so its error tells only how clients may answer calls; that does not make it a forecast.",
    "每个模拟数字均由有限路径估计得出。± 为一倍标准误；区间以所述置信度包含模型真值，但不说明模型本身是否正确。区间已作偏度修正，路径占比的区间为精确区间。† 表示越过该分位的路径过少，或出现该事件的路径不足十条，其误差本身也不可靠。历史重演给定了市场路径，其误差仅来自客户对追保的应答，并不因此成为预测。",
);
const ERROR_CAPTION: Words = Words("Paths and error by scenario", "各情景路径数与误差");
const HEAD_PATHS_BEYOND: Words = Words("Paths beyond VaR 99%", "越过 VaR 99% 的路径");

const ROUNDS_TEXT: Words = Words(
    "Paths were added in rounds until half of every named figure's interval was at most {asked} of the figure: {paths} paths, {met}. A run that stops when its intervals are narrow states errors that are a little too small on average, the less so the more paths there are.",
    "路径按轮追加，直至各指定数字的区间半宽不超过其数值的 {asked}：共 {paths} 条路径，{met}。因区间变窄而停止的模拟，其所述误差平均略偏小，路径越多偏差越小。",
);
const ROUNDS_MET: Words = Words("and every one is", "全部达到要求");
const ROUNDS_CEILING: Words = Words("the most allowed, and not every one is", "已达上限，仍有未达到要求者");
const ROUNDS_CAPTION: Words = Words("The least exact figure round by round: {figure}", "精度最低的数字逐轮变化：{figure}");
const HEAD_ESTIMATE: Words = Words("Estimate", "估计值");
const HEAD_HALF_WIDTH: Words = Words("Half of the interval", "区间半宽");

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let context = &story.context;
    let text = &context.text;
    let rows = (context.facts.scenarios.iter())
        .map(|s| {
            let es = s.measures.get("pool_loss.es_99").filter(|e| e.paths > 1 && e.value.is_finite());
            let relative =
                es.filter(|e| e.value > 0.0 && e.std_error.is_finite()).map_or("–".into(), |e| cells::percent(e.std_error / e.value));
            // rows of a sample are more, and count differently
            let counted = es.filter(|_| s.candidates.is_none());
            let beyond = counted.map_or("–".into(), |e| cells::count((e.paths as f64 * 0.01).round() as u64));
            vec![context.scenario(&s.name).into(), cells::count(s.paths), beyond, relative]
        })
        .collect();
    let columns = vec![
        words(text.get(shared::HEAD_SCENARIO), 1),
        figures(text.get(shared::HEAD_PATHS), ""),
        figures(text.get(HEAD_PATHS_BEYOND), ""),
        figures(text.get(HEAD_RELATIVE_ERROR), ""),
    ];
    let mut blocks = vec![
        Block::paragraph(text.get(ERROR_TEXT)),
        Block::Table(Table { caption: text.get(ERROR_CAPTION).into(), columns, rows, narrow: true, ..Table::default() }),
    ];
    if let (Some(convergence), Some(until)) = (&context.facts.convergence, rounds::asked(context.facts.programme)) {
        blocks.extend(rounds_of(context, convergence, until));
    }
    blocks
}

/// How far paths were added, and what each round showed of the figure that was least exact.
fn rounds_of(context: &Context<'_>, convergence: &Convergence, until: &Until) -> Vec<Block> {
    let text = &context.text;
    let Some(last) = convergence.rounds.last() else { return Vec::new() };
    let Some(widest) = last.widest() else { return Vec::new() };
    let paths = number::count(last.paths);
    let asked = number::line(until.half_width.get());
    let met = if convergence.met { text.get(ROUNDS_MET) } else { text.get(ROUNDS_CEILING) };
    let told = text.fill(ROUNDS_TEXT, &[("asked", &asked), ("paths", &paths), ("met", met)]);
    let row = |round: &Round| {
        let shown = round.figures.iter().find(|shown| shown.scenario == widest.scenario && shown.measure == widest.measure)?;
        let scale = Scale::of_estimates(text, [&widest.estimate]);
        let half = shown.estimate.relative_half_width().map_or(text.get(shared::NOT_AVAILABLE).into(), cells::percent);
        let told = number::estimate(text, &shown.estimate, scale).full();
        let estimate = Cell { text: told, ..cells::estimate(text, &shown.estimate, scale) };
        Some(vec![cells::count(round.paths), estimate, half])
    };
    let name = format!("{}{}{}", context.scenario(&widest.scenario), text.get(shared::COLON), measure::name(text, &widest.measure));
    let unit = match widest.estimate.unit {
        Unit::Money => context.unit(Scale::of_estimates(text, [&widest.estimate])),
        _ => String::new(),
    };
    let columns =
        vec![figures(text.get(shared::HEAD_PATHS), ""), figures(text.get(HEAD_ESTIMATE), &unit), figures(text.get(HEAD_HALF_WIDTH), "")];
    let caption = text.fill(ROUNDS_CAPTION, &[("figure", &name)]);
    let rows = convergence.rounds.iter().filter_map(row).collect();
    let source = Some(Source::of(&["tables/convergence.csv"], "convergence"));
    vec![Block::paragraph(told), Block::Table(Table { caption, columns, rows, narrow: true, source, ..Table::default() })]
}
