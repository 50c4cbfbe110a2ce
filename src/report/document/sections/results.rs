//! Shows the results by scenario.

use super::{Section, Story};
use crate::measures::{Estimate, Estimates, Flag, exceedance};
use crate::model::part::Words;
use crate::report::charts::slug;
use crate::report::document::block::{Block, Cell, Source, Table, Tone, figures, words};
use crate::report::document::tables::{self, Asked, asked};
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::{self, Scale};
use crate::report::text::shared;

pub const SECTION: Section = Section { slug: "results", title: Words("Results", "结果"), write: blocks };

const RESULTS_TEXT: Words = Words(
    "Loss is positive. Rates are shares of accounts over the horizon, probabilities are shares of paths. VaR 99% is the loss that 1% of paths exceed; ES 99% is the mean loss of those paths.",
    "损失为正数。各“率”为期限内账户占比，各“概率”为路径占比。VaR 99% 为仅 1% 的路径超过的损失，ES 99% 为这些路径的平均损失。",
);
const RESULTS_LOSS_CAPTION: Words = Words("Pool loss by scenario", "各情景资金池损失");
const RESULTS_ACCOUNTS_CAPTION: Words = Words("Accounts by scenario", "各情景账户结果");
const RESULTS_MARKET_CAPTION: Words =
    Words("The shares held on the as-of date, means over the horizon", "基准日持仓证券在期限内的平均表现");
const RESULTS_SCENARIO_NOTE: Words =
    Words("Further levels, groups and accounts are in summary.json.", "更多分位、分组与账户结果见 summary.json。");
const RETURN_PERIODS: Words = Words("Pool loss that is exceeded once in so many horizons", "各重现期的资金池损失");
const RETURN_PERIODS_NOTE: Words = Words(
    "Given the scenario. At {days} sessions to a horizon, one after another and independent, and 252 sessions a year, 1 in 10 is once in {ten} years, 1 in 100 once in {hundred}, 1 in 1,000 once in {thousand}; a stress scenario does not return that often, it is assumed to happen. ±: one standard error; †: fewer than 30 paths lie beyond.",
    "以情景发生为条件。按每期 {days} 个交易日、各期前后相接且相互独立、每年 252 个交易日计，10 期一遇约合 {ten} 年一遇，100 期一遇约合 {hundred} 年，1,000 期一遇约合 {thousand} 年；压力情景系假设其发生，并非按此频率重现。±：一倍标准误；†：其外路径不足 30 条。",
);
const HEAD_VAR95: Words = Words("VaR 95%", "VaR 95%");
const HEAD_VAR999: Words = Words("VaR 99.9%", "VaR 99.9%");
const HEAD_ES999: Words = Words("ES 99.9%", "ES 99.9%");
const HEAD_WARNED: Words = Words("Warned", "预警率");
const HEAD_CURED: Words = Words("Cured, of called", "补足率（占追保）");
const HEAD_SHORTFALL_ACCOUNTS: Words = Words("In shortfall", "穿仓率");
const HEAD_TIME_TO_CALL: Words = Words("Days to first call", "首次追保天数");
const HEAD_DRAWDOWN: Words = Words("Drawdown, mean", "平均最大回撤");
const CLOSE_OUTS: Words = Words("Forced liquidations by scenario", "各情景强制平仓过程");
const UNNEEDED: Words = Words("Would have recovered", "不平仓则可恢复");
const DAYS_TO_CLOSE_OUT: Words = Words("Days to close out", "平仓所需天数");
const CLOSE_OUTS_NOTE: Words = Words(
    "Would have recovered: share of liquidated accounts that would stand at or above their call line (without one, above their liquidation line) on the last day of the same path had nothing been sold of them. Days to close out: sessions from the close that decides a liquidation to the one that ends it, of those that end within the horizon.",
    "不平仓则可恢复：被强平账户中，若不卖出，同一路径期末维持担保比例不低于追保线（无追保线时高于平仓线）的占比。平仓所需天数：自触发收盘至平仓结束的交易日数，仅计期限内结束者。",
);

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let all = context.by_loss().into_iter().map(|s| (s, &s.measures));
    let losses = [
        asked(context, shared::HEAD_MEAN, "pool_loss.mean"),
        asked(context, HEAD_VAR95, "pool_loss.var_95"),
        asked(context, shared::HEAD_VAR, "pool_loss.var_99"),
        asked(context, HEAD_VAR999, "pool_loss.var_99_9"),
        asked(context, shared::HEAD_ES975, "pool_loss.es_97_5"),
        asked(context, shared::HEAD_ES, "pool_loss.es_99"),
        asked(context, HEAD_ES999, "pool_loss.es_99_9"),
    ];
    let accounts = [
        asked(context, HEAD_WARNED, "warning_rate"),
        asked(context, shared::HEAD_CALLED, "call_rate"),
        asked(context, HEAD_CURED, "cure_share"),
        asked(context, shared::HEAD_LIQUIDATED_SHORT, "liquidation_rate"),
        asked(context, HEAD_SHORTFALL_ACCOUNTS, "shortfall_rate"),
        asked(context, HEAD_TIME_TO_CALL, "time_to_call.mean_days"),
        asked(context, HEAD_DRAWDOWN, "max_drawdown.mean"),
    ];
    let mut table = tables::by_scenario(context, all.clone(), &losses, false);
    (table.caption, table.note) = (text.get(RESULTS_LOSS_CAPTION).into(), Some(text.get(shared::FIRST_ERRORS).into()));
    let told = [text.get(RESULTS_TEXT), text.get(RESULTS_SCENARIO_NOTE)].join(if text.zh() { "" } else { " " });
    let mut out = vec![Block::paragraph(told), Block::Table(table)];
    out.extend(story.chart("tier-losses-by-scenario"));
    let mut table = tables::by_scenario(context, all.clone(), &accounts, false);
    table.caption = text.get(RESULTS_ACCOUNTS_CAPTION).into();
    out.push(Block::Table(table));
    out.extend(close_outs(story, all.clone()));
    out.extend(return_periods(story));
    out.extend(story.chart("exceedance"));
    let market =
        [asked(context, shared::HEAD_MARKET, "market_return.mean"), asked(context, shared::HEAD_WORST_DAY, "market_worst_day.mean")];
    let mut table = tables::by_scenario(context, all, &market, false);
    (table.caption, table.narrow) = (text.get(RESULTS_MARKET_CAPTION).into(), true);
    out.push(Block::Table(table));
    for chart in ["liquidation-rate-by-scenario", "account-funnel", "pool-value-fan"] {
        out.extend(story.chart(chart));
    }
    for scenario in &facts.scenarios {
        out.push(Block::NewPage);
        out.push(Block::subheading(context.scenario(&scenario.name)));
        out.extend(story.chart(&format!("loss-distribution-{}", slug(&scenario.name))));
        let case = facts.programme.scenarios.iter().find(|p| p.name == scenario.name);
        let confidence = case.map_or(0.95, |p| p.case.simulation.confidence.get());
        out.push(Block::Table(tables::whole(context, scenario, confidence)));
    }
    out
}

/// The loss of each standard return period, and what the period is in years for the base; nothing where every scenario is one path.
fn return_periods(story: &Story<'_>) -> Option<Block> {
    let context = &story.context;
    let text = &context.text;
    let shown: Vec<&ScenarioFacts> = context.by_loss().into_iter().filter(|s| !s.exceedance.curve.is_empty()).collect();
    let first = shown.first()?;
    let scale = Scale::of_estimates(text, shown.iter().flat_map(|s| s.exceedance.periods().map(|(_, e)| e)));
    let mut columns = vec![words(text.get(shared::HEAD_SCENARIO), 0)];
    let head = |(n, _): (u64, &Estimate)| figures(&text.fill(shared::ONE_IN, &[("n", &number::count(n))]), context.unit(scale));
    columns.extend(first.exceedance.periods().map(head));
    let worst = context.worst().map(|s| &s.name);
    let row = |s: &&ScenarioFacts| {
        let tone = if worst == Some(&s.name) { Tone::Strong } else { Tone::Plain };
        let losses = s.exceedance.periods().map(|(_, e)| tables::cell(context, Some(e), scale, tone));
        std::iter::once(Cell::toned(context.scenario(&s.name), tone)).chain(losses).collect()
    };
    let rows = shown.iter().map(row).collect();
    let years = |n: f64| {
        let years = exceedance::years(n, first.horizon_days);
        number::grouped(years, number::decimals_for_value(years, 2))
    };
    let days = first.horizon_days.to_string();
    let values = [("days", days.as_str()), ("ten", &years(10.0)), ("hundred", &years(100.0)), ("thousand", &years(1000.0))];
    let note = Some(text.fill(RETURN_PERIODS_NOTE, &values));
    let (caption, source) = (text.get(RETURN_PERIODS).into(), Some(Source::of(&["tables/exceedance.csv"], "")));
    Some(Block::Table(Table { caption, columns, rows, note, source, ..Table::default() }))
}

/// What forced liquidations came to, where there were any.
fn close_outs<'s>(story: &Story<'_>, scenarios: impl Iterator<Item = (&'s ScenarioFacts, &'s Estimates)> + Clone) -> Option<Block> {
    let context = &story.context;
    let text = &context.text;
    let paired = |pair: Words, key: &str| Asked { head: text.get(pair).into(), key: key.into(), bare: false };
    let heads = [
        asked(context, shared::HEAD_LIQUIDATED_SHORT, "liquidation_rate"),
        paired(UNNEEDED, "unneeded_liquidation_share"),
        paired(DAYS_TO_CLOSE_OUT, "time_to_close_out.mean_days"),
        asked(context, shared::HEAD_FORCED, "forced_sales.mean"),
        asked(context, shared::HEAD_UNSOLD, "unsold.mean"),
    ];
    let any = scenarios.clone().any(|(_, m)| m.get("unneeded_liquidation_share").is_some_and(|e| e.flag != Some(Flag::Undefined)));
    let mut table = tables::by_scenario(context, scenarios, &heads, false);
    table.caption = text.get(CLOSE_OUTS).into();
    table.note = Some(text.get(CLOSE_OUTS_NOTE).into());
    any.then_some(Block::Table(table))
}
