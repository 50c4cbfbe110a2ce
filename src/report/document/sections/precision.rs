//! Tells how exact the figures are.

use super::{Section, Story};
use crate::model::part::Words;
use crate::report::document::block::{Block, Table, figures, words};
use crate::report::text::number::{self};
use crate::report::text::shared;

pub const SECTION: Section = Section { slug: "precision", title: Words("How exact the figures are", "估计精度"), write: blocks };

const HEAD_RELATIVE_ERROR: Words = Words("Error of ES 99%, relative", "ES 99% 相对误差");
const ERROR_TEXT: Words = Words(
    "Every simulated figure is an estimate from a finite number of paths. ± gives one standard error; the interval holds the true value of the model with the confidence stated, and says nothing on whether the model itself is right. Intervals are corrected for skewness, and exact for shares of paths. A dagger marks a quantile or tail mean with so few paths beyond it, or a figure shown by fewer than ten paths, that its error is itself uncertain. A replay fixes the path of the market, so its error tells only how clients may answer calls; that does not make it a forecast.",
    "每个模拟数字均由有限路径估计得出。± 为一倍标准误；区间以所述置信度包含模型真值，但不说明模型本身是否正确。区间已作偏度修正，路径占比的区间为精确区间。† 表示越过该分位的路径过少，或出现该事件的路径不足十条，其误差本身也不可靠。历史重演给定了市场路径，其误差仅来自客户对追保的应答，并不因此成为预测。",
);
const ERROR_CAPTION: Words = Words("Paths and error by scenario", "各情景路径数与误差");
const HEAD_PATHS_BEYOND: Words = Words("Paths beyond VaR 99%", "越过 VaR 99% 的路径");

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let context = &story.context;
    let text = &context.text;
    let rows = (context.facts.scenarios.iter())
        .map(|s| {
            let es = s.measures.get("pool_loss.es_99").filter(|e| e.paths > 1 && e.value.is_finite());
            let relative =
                es.filter(|e| e.value > 0.0 && e.std_error.is_finite()).map_or("–".into(), |e| number::percent(e.std_error / e.value));
            let beyond = es.map_or("–".into(), |e| number::count((e.paths as f64 * 0.01).round() as u64));
            vec![context.scenario(&s.name).into(), number::count(s.paths).into(), beyond.into(), relative.into()]
        })
        .collect();
    let columns = vec![
        words(text.get(shared::HEAD_SCENARIO), 1),
        figures(text.get(shared::HEAD_PATHS), ""),
        figures(text.get(HEAD_PATHS_BEYOND), ""),
        figures(text.get(HEAD_RELATIVE_ERROR), ""),
    ];
    vec![
        Block::paragraph(text.get(ERROR_TEXT)),
        Block::Table(Table { caption: text.get(ERROR_CAPTION).into(), columns, rows, narrow: true, ..Table::default() }),
    ]
}
