//! Holds the words that several files of the report say; a word of one file stands in that file.

use crate::model::part::Words;

pub const COMMA: Words = Words(", ", "，");
pub const SEMICOLON: Words = Words("; ", "；");
pub const COLON: Words = Words(": ", "：");
/// Between the items of a list.
pub const ENUMERATION: Words = Words(", ", "、");
pub const NOT_AVAILABLE: Words = Words("n/a", "不适用");
pub const YES: Words = Words("yes", "是");
pub const NO: Words = Words("no", "否");
pub const NOT_IN_FORCE: Words = Words("not in force", "未启用");
pub const FIRST_ERRORS: Words = Words(
    "± is one standard error of the simulation. † The tail is thin or the event rare: fewer paths show it than the figure needs. Where ± is missing every path gave the same value; (≤) or (≥) is then the far end of the interval. Bold, and dark in charts: the scenario with the largest ES 99%.",
    "± 为模拟的一倍标准误。† 尾部样本不足或事件罕见，相关路径少于估计所需。无 ± 者为所有路径结果相同，此时括号内（≤ 或 ≥）为置信区间的另一端。粗体及图中深色：ES 99% 最大的情景。",
);
pub const HEAD_SCENARIO: Words = Words("Scenario", "情景");
pub const HEAD_SEVERITY: Words = Words("Severity", "严重程度");
pub const HEAD_MEASURE: Words = Words("Measure", "指标");
pub const HEAD_MARKET: Words = Words("Shares held", "持仓收益");
pub const HEAD_WORST_DAY: Words = Words("Worst session", "最差单日");
pub const HEAD_POOL_MEAN: Words = Words("Pool loss, mean", "资金池损失均值");
pub const HEAD_VAR: Words = Words("VaR 99%", "VaR 99%");
pub const HEAD_ES: Words = Words("ES 99%", "ES 99%");
pub const HEAD_LIQUIDATED: Words = Words("Accounts liquidated", "账户强平率");
pub const HEAD_SHORTFALL: Words = Words("Shortfall probability", "穿仓概率");
pub const HEAD_TIER_HIT: Words = Words("Tier {tier} hit", "{tier} 层受损概率");
pub const HEAD_ITEM: Words = Words("Item", "项目");
pub const HEAD_VALUE: Words = Words("Value", "数值");
pub const HEAD_ACCOUNTS: Words = Words("Accounts", "账户数");
pub const HEAD_CLIENT: Words = Words("Client", "客户");
pub const HEAD_SYMBOL: Words = Words("Symbol", "证券");
pub const HEAD_NAME: Words = Words("Name", "名称");
pub const HEAD_PATHS: Words = Words("Paths", "路径数");
pub const LEVERAGE: Words = Words("Leverage", "杠杆倍数");
pub const RULE_WARNING: Words = Words("Warning line, maintenance ratio", "预警线（维持担保比例）");
pub const RULE_LIMIT: Words = Words("Limit line", "限额线");
pub const RULE_CALL: Words = Words("Call line", "追加保证金线（追保线）");
pub const RULE_LIQUIDATION: Words = Words("Liquidation line", "平仓线");
pub const RULE_CLIENTS_GRADE: Words = Words("grade {grade} {p}", "{grade} 级 {p}");
pub const HEAD_MEAN: Words = Words("Mean", "均值");
pub const HEAD_ES975: Words = Words("ES 97.5%", "ES 97.5%");
pub const HEAD_CALLED: Words = Words("Called", "追保率");
pub const HEAD_LIQUIDATED_SHORT: Words = Words("Liquidated", "强平率");
pub const HEAD_WITH_IMPACT: Words = Words("+ impact", "＋卖出冲击");
pub const HEAD_MARGIN_SPIRAL: Words = Words("+ margin spiral", "＋保证金螺旋");
pub const HEAD_CLIENT_STRESS: Words = Words("+ clients under stress", "＋客户压力反应");
pub const HEAD_RUN: Words = Words("+ run", "＋挤兑");
pub const HEAD_FORCED: Words = Words("Forced sales", "强平卖出额");
pub const HEAD_UNSOLD: Words = Words("Unsold at the end", "期末未卖出");
pub const CASCADE_SILENT: Words = Words("without feedback", "无反馈");
pub const AXIS_DAYS: Words = Words("Sessions after the as-of date", "基准日后的交易日");
pub const AXIS_MEAN_LOSS: Words = Words("Mean pool loss, {unit}", "资金池平均损失（{unit}）");
/// A return period, in horizons.
pub const ONE_IN: Words = Words("1 in {n}", "{n} 期一遇");
pub const TIER_NAMED: Words = Words("Tier {tier}", "{tier} 层");
pub const BEYOND_TIERS: Words = Words("Beyond all tiers", "超出各层");
pub const ALT_BARS: Words = Words("Bar chart, {title}; {unit}: {values}.", "条形图，{title}；{unit}：{values}。");
pub const NOT_KEPT: Words = Words(
    "The programme gives the pool no cash account, so neither its cash nor its funders are simulated.",
    "方案未设资金池现金账户，故不模拟其现金与资金方。",
);
