//! Names in both languages what clients do, and what of it is assumed.

use super::margin::Pair;

pub const PAID: Pair = Pair("Part of it a paying client pays", "补足客户实际补足的比例");
pub const STRESS: Pair = Pair("Answers to calls weaken with market stress", "市场压力削弱客户应答");
pub const DRAWDOWN: Pair = Pair("Answers to calls weaken with losses", "亏损削弱客户应答");
pub const CLUSTER: Pair = Pair("Answers to calls cluster", "客户应答的聚集");
pub const STRESS_VALUE: Pair = Pair("lowered by {n} (normal deviation) at full stress", "压力满值时下移 {n} 个正态偏差");
pub const DRAWDOWN_VALUE: Pair =
    Pair("lowered by {n} (normal deviation) when all own capital is lost", "自有资金亏尽时下移 {n} 个正态偏差");
pub const CLUSTER_VALUE: Pair = Pair("with a correlation of {n}", "相关系数 {n}");
pub const AHEAD: Pair = Pair("Clients sell ahead of their line", "客户线前主动减仓");
pub const AHEAD_VALUE: Pair = Pair(
    "from {start} daily volatilities above it, {share} of holdings a session at the line",
    "距线 {start} 倍日波动率起，到线时每个交易日减仓 {share}",
);
pub const WITHDRAWALS: Pair = Pair("Clients take money out", "客户提取资金");
pub const WITHDRAWALS_VALUE: Pair = Pair(
    "with a probability of {p} a session, {share} of what is free; by borrowing: {borrow}",
    "每个交易日概率 {p}，提取可提部分的 {share}；可借款提取：{borrow}",
);
pub const ASSUMED_CLIENTS: Pair = Pair(
    "How far market stress and losses lower clients' answers to calls, and how far they cluster, is assumed: no published estimate for margin clients is at hand.",
    "市场压力与亏损对客户应答的影响及其聚集程度为假设，尚无针对融资客户的公开估计。",
);
pub const ASSUMED_AHEAD: Pair = Pair(
    "Clients sell a share of their holdings each session as the distance to their line shrinks; where they start follows the literature, how much they sell is assumed.",
    "客户距平仓线越近，每个交易日减仓越多；起点依文献，力度为假设。",
);
pub const ASSUMED_WITHDRAWALS: Pair = Pair(
    "How often clients above the withdrawal line take money out, and how much, is assumed.",
    "高于提取线的客户提取资金的频率与数额为假设。",
);
pub const ASSUMED_BOOK_ACTIVE: Pair = Pair(
    "Accounts hold their positions, apart from what their clients do as stated below: no purchases and no deposits, except payments that answer a call.",
    "除下述客户行为外账户持仓不变：除应追保的补足外，无买入或入金。",
);
pub const ASSUMED_PART: Pair = Pair("What part of a call a paying client pays is assumed.", "补足客户实际补足的比例为假设。");
pub const ASSUMED_IMPACT: Pair = Pair(
    "Coefficients of the impact of sales are taken from the literature on orders in orderly markets and assumed to hold for forced sales; sales take a price to a millionth of what it would be without them at most.",
    "卖出冲击的系数取自正常市场的文献，假设对强制平仓卖出同样适用；卖出至多将价格压低至无冲击时价格的百万分之一。",
);
pub const PUSH: Pair = Pair("Largest push", "最大冲击");
pub const PUSH_NOTE: Pair = Pair(
    "Largest push: mean over paths of the most that the book's sales lowered the price on any session.",
    "最大冲击：各路径上本账簿卖出在任一交易日压低价格最大幅度的均值。",
);
pub const CLEARING: Pair = Pair("Sales press on the price", "卖出影响价格的时点");
pub const SINGLE_PASS: Pair = Pair("from the next session on", "自下一交易日起");
pub const FIXED_POINT: Pair =
    Pair("at the very close they are decided at, to a tolerance of {tolerance}", "计入决策当日收盘价，容差 {tolerance}");
pub const CHART_SALES: Pair = Pair("Sales of the book by session: {scenario}", "账簿逐日卖出额：{scenario}");
pub const AXIS_SALES: Pair = Pair("Mean sales of a session, {unit}", "每交易日平均卖出额（{unit}）");
pub const ALT_SALES: Pair = Pair("most on session {day}, {most}", "第 {day} 个交易日最多，{most}");
pub const LEGEND_SILENT: Pair = Pair("{name} (standard error {error} at most)", "{name}（标准误至多 {error}）");
pub const LEGEND_SALES: Pair = Pair("sales, forced and ahead of a line", "卖出额（强制平仓与提前减仓）");
