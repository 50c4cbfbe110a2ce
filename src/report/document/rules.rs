//! Words the rules of a case, line by line in one order, so that two cases can be laid side by side.

use super::parts;
pub use super::rule::Rule;
use super::rules_clients;
use super::rules_margin;
use super::rules_pool;
use crate::model::case::Case;
use crate::model::exchange::{BOARD_LOT, CarryOver, LimitLock, StampDuty};
use crate::model::liquidation::Order;
use crate::model::market::drift::Drift;
use crate::model::part::Words;
use crate::model::sharing::{InterestBase, Mode};
use crate::report::charts::Context;
use crate::report::text::number::{self, line};
use crate::report::text::{Text, shared};

const RULE_DELAY: Words = Words("Sessions from trigger to sale", "触发至卖出（交易日）");
const RULE_COST: Words = Words("Cost of a forced sale, share of proceeds", "强制平仓成本（占成交额）");
const RULE_PARTICIPATION: Words = Words("Largest share of a day's turnover", "占当日成交额上限");
const RULE_NO_CAP: Words = Words("no cap", "不限");
const RULE_ORDER: Words = Words("Order of sale", "卖出顺序");
const ORDER_PRO_RATA: Words = Words("the same share of every holding", "各持仓同比例");
const ORDER_LIQUID: Words = Words("most liquid first", "流动性高者先卖");
const ORDER_LARGEST: Words = Words("largest first", "市值大者先卖");
const ORDER_LOSERS: Words = Words("losers first", "亏损者先卖");
const RULE_PRICE_LIMITS: Words = Words("Daily price limits by board, ST and date", "按板块、ST 与日期的涨跌幅限制");
const RULE_LOCK: Words = Words("A name counts as locked at its limit", "跌停无法卖出的认定");
const LOCK_ALL_DAY: Words = Words("when it traded there all day", "全天封死跌停");
const LOCK_CLOSE: Words = Words("when it closes there", "收盘跌停");
const RULE_CARRY: Words = Words("The part of a move the limit cuts off", "被涨跌停截去的涨跌");
const CARRY_FULL: Words = Words("is due on the next session", "顺延至下一交易日");
const CARRY_NONE: Words = Words("is lost", "不再顺延");
const RULE_TPLUS_ONE: Words = Words(
    "Shares bought on a day are sellable from the next session (T+1), those of the as-of day from the first",
    "当日买入次一交易日可卖（T+1），基准日买入者自首个交易日起可卖",
);
const RULE_LOT: Words = Words("Board lot, shares", "每手股数");
const RULE_TICK: Words = Words("Price tick", "最小价位变动");
const RULE_COMMISSION: Words = Words("Commission on sales", "卖出佣金");
const RULE_DUTY: Words = Words("Stamp duty on sales", "卖出印花税");
const RULE_TRANSFER_FEE: Words = Words("Transfer fee on sales", "卖出过户费");
const DUTY_CHINA: Words = Words("by date: 0.1% to 2023-08-27, then 0.05%", "按日期：2023-08-27 及以前 0.1%，其后 0.05%");
const RULE_CLIENTS: Words = Words("Probability that a called client pays in", "被追保客户补足的概率");
const RULE_PAYMENT: Words = Words("Sessions from call to payment", "追保后补足所需交易日");
const RULE_PAYMENT_TO: Words = Words("A payment restores the ratio to", "补足至");
const RULE_CALL_LINE: Words = Words("the call line", "追保线");
const RULE_INTEREST: Words = Words("Interest is charged on", "计息基数");
const RULE_DAY_COUNT: Words = Words("Days of the interest year", "计息年天数");
const BASE_LOAN: Words = Words("the loan", "融资余额");
const BASE_EXPOSURE: Words = Words("the whole exposure", "全部敞口");
const RULE_FEE_PROFIT: Words = Words("Platform fee, share of profit", "平台费（占盈利）");
const RULE_FEE_EXPOSURE: Words = Words("Fee, share of exposure", "交易费（占敞口）");
const RULE_SHARING: Words = Words("Sharing of profit and loss", "盈亏分配");
const SHARING_NONE: Words = Words("the client keeps all profit and bears all loss", "盈亏均归客户");
const SHARING_SPLIT: Words = Words("profit is split, client's share {share}", "盈利分成，客户占 {share}");
const SHARING_SPLIT_BOTH: Words = Words("profit and loss are split, client's share {share}", "盈亏均分成，客户占 {share}");
const SHARING_FEE: Words = Words("{share} of profit above the high-water mark goes to the lender", "高水位以上盈利的 {share} 归出资方");
const SHARING_GUARANTEED: Words = Words("the client is guaranteed {share} a year", "保证客户年收益 {share}");
const RULE_LOSS_ORDER: Words = Words("Tiers bear losses in the order", "各层承担损失的顺序");
const RULE_RECOURSE: Words = Words("Recovered from the client after a shortfall", "穿仓后向客户追偿的回收率");
const RULE_IMPACT: Words = Words("Impact of forced sales on prices", "强制平仓的价格冲击");
const IMPACT_FADES: Words = Words("{law}; 5% of it left after {days} sessions", "{law}；{days} 个交易日后余 5%");
const IMPACT_STAYS: Words = Words("{law}; it never fades", "{law}；不衰减");
const RULE_MODEL: Words = Words("Market model", "市场模型");
const RULE_WINDOW: Words = Words("History the model is fitted on", "模型估计所用历史");
const WINDOW_FROM: Words = Words("from {start}", "{start} 起");
const WINDOW_TO: Words = Words("to {end}", "至 {end}");
const WINDOW_SPAN: Words = Words("{start} to {end}", "{start} 至 {end}");
const WINDOW_ALL: Words = Words("all of it up to the as-of date", "截至基准日的全部历史");
const RULE_HORIZON: Words = Words("Horizon, sessions", "期限（交易日）");
const RULE_PATHS: Words = Words("Paths", "路径数");
const RULE_UNTIL: Words = Words("Paths added", "追加路径");
const UNTIL_EXACT: Words = Words(
    "until half of the interval of every named figure is at most {width} of it, at most {most} paths",
    "直至各指定数字的区间半宽不超过其数值的 {width}，至多 {most} 条路径",
);
const RULE_SAMPLING: Words = Words("Sampling", "抽样方法");
const SAMPLING_STRATIFIED: Words = Words(
    "stratified: {paths} of {candidates} candidate paths, more of those likely to cost the pool most; each counts for the candidates it \
     stands for",
    "分层抽样：从 {candidates} 条候选路径中抽取 {paths} 条，预计损失大的路径抽取比例更高；每条路径按其代表的候选路径数加权",
);
const SAMPLING_IMPORTANCE: Words = Words(
    "importance: {paths} of {candidates} candidate paths, half of them drawn from laws under which the market falls more, and more of those \
     likely to cost the pool most; each counts by its likelihood and for the candidates it stands for",
    "重要性抽样：从 {candidates} 条候选路径（其中半数取自市场跌幅更大的分布）中抽取 {paths} 条，预计损失大的路径抽取比例更高；每条路径按似然比及其代表的候选路径数加权",
);
const RULE_CONFIDENCE: Words = Words("Confidence of intervals", "区间置信度");
const RULE_SHOCKS: Words = Words("Shocks", "冲击");
const NO_SHOCKS: Words = Words("none", "无");
const SHARING_CAPPED: Words = Words(
    "profit is split, client's share {client}; the lender bears {lender} of a loss, at most {cap} of own capital",
    "盈利分成，客户占 {client}；亏损由出资方承担 {lender}，以自有资金的 {cap} 为限",
);
const CONTINUATION: Words =
    Words("{rule}; a close at the limit adds {limits} of a limit to it", "{rule}；封于涨跌停另加 {limits} 个涨跌停幅度");
const RULE_DRIFT: Words = Words("Drift of what is fitted", "估计所得漂移");
const DRIFT_NONE: Words = Words("none: a mean simple return of 0 a session", "无：每个交易日简单收益率均值为 0");
const DRIFT_HISTORICAL: Words = Words("the mean of the history", "沿用历史均值");
const DRIFT_GIVEN: Words = Words("{size} a year", "年化 {size}");
const DRIFT_PAST: Words = Words("nothing is fitted", "不作估计");
const DRIFT_OF_PORTFOLIO: Words = Words(
    "{rule}; the portfolio's drift is {used} a year, {historical} in the history",
    "{rule}；组合年化漂移 {used}，历史为 {historical}",
);
const DRIFT_OF_PORTFOLIO_ALONE: Words = Words("{rule}; the portfolio's drift is {used} a year", "{rule}；组合年化漂移 {used}");
const RULE_HALTED: Words = Words("Names halted on the as-of date", "基准日停牌证券");
const HALTED_MODELLED: Words = Words(
    "trade again on their stated date, else after a time drawn from the history's halts; what was missed is due then",
    "按所载复牌日复牌，未载明者按历史停牌时长随机复牌；复牌时补足停牌期间涨跌",
);
const HALTED_FOR: Words = Words(
    "trade again on their stated date, else after {n} sessions; what was missed is due then",
    "按所载复牌日复牌，未载明者于 {n} 个交易日后复牌；复牌时补足停牌期间涨跌",
);
const LOAN_RATE_RISE: Words = Words("{rule}; client loan rates {size}", "{rule}；客户融资利率 {size}");
const FUNDING_RATE_RISE: Words = Words("{rule}; funding rates {size}", "{rule}；资金成本利率 {size}");
const CLEARING: Words = Words("Sales press on the price", "卖出影响价格的时点");

/// Every rule of a case, always the same rows in the same order.
pub fn rows(context: &Context<'_>, case: &Case) -> Vec<Rule> {
    let text = &context.text;
    let mut out = rules_margin::rows(text, case);
    out.extend(sale(text, case));
    out.extend(exchange(text, case));
    out.extend(parties(text, case));
    out.extend(rules_pool::rows(text, case));
    out.extend(market(context, case));
    out
}

fn row(text: &Text, word: Words, value: impl Into<String>) -> Rule {
    (text.get(word).to_string(), value.into())
}

fn sale(text: &Text, case: &Case) -> Vec<Rule> {
    let l = &case.liquidation;
    let order = match l.order {
        Order::ProRata => ORDER_PRO_RATA,
        Order::MostLiquidFirst => ORDER_LIQUID,
        Order::LargestFirst => ORDER_LARGEST,
        Order::LosersFirst => ORDER_LOSERS,
    };
    vec![
        row(text, RULE_DELAY, l.delay_days.to_string()),
        row(text, RULE_COST, line(l.cost.get())),
        row(text, RULE_PARTICIPATION, l.participation.map_or(text.get(RULE_NO_CAP).into(), |r| line(r.get()))),
        row(text, RULE_ORDER, text.get(order)),
    ]
}

fn exchange(text: &Text, case: &Case) -> Vec<Rule> {
    let (x, c) = (&case.exchange, &case.costs);
    let yes_no = |yes: bool| text.get(if yes { shared::YES } else { shared::NO });
    let lock = match x.limit_lock {
        LimitLock::AllDay => LOCK_ALL_DAY,
        LimitLock::Close => LOCK_CLOSE,
    };
    let carry = match x.carry_over {
        CarryOver::Full => CARRY_FULL,
        CarryOver::None => CARRY_NONE,
    };
    let mut carry = text.get(carry).to_string();
    if x.continuation > 0.0 {
        carry = text.fill(CONTINUATION, &[("rule", &carry), ("limits", &number::plain(x.continuation))]);
    }
    let duty = match c.stamp_duty {
        StampDuty::China => text.get(DUTY_CHINA).to_string(),
        StampDuty::Rate(rate) => line(rate.get()),
    };
    let halted = match x.resume_after {
        None => text.get(HALTED_MODELLED).to_string(),
        Some(sessions) => text.fill(HALTED_FOR, &[("n", &sessions.to_string())]),
    };
    vec![
        row(text, RULE_PRICE_LIMITS, yes_no(x.price_limits)),
        row(text, RULE_LOCK, text.get(lock)),
        row(text, RULE_CARRY, carry),
        (text.get(RULE_HALTED).to_string(), halted),
        row(text, RULE_TPLUS_ONE, yes_no(x.t_plus_one)),
        row(text, RULE_LOT, number::plain(x.lot.unwrap_or(BOARD_LOT))),
        row(text, RULE_TICK, number::plain(x.tick)),
        row(text, RULE_COMMISSION, line(c.commission.get())),
        row(text, RULE_DUTY, duty),
        row(text, RULE_TRANSFER_FEE, line(c.transfer_fee.get())),
    ]
}

fn parties(text: &Text, case: &Case) -> Vec<Rule> {
    let (c, i, s, p) = (&case.clients, &case.interest, &case.sharing, &case.pool);
    let semicolon = text.get(shared::SEMICOLON);
    let mut cure = vec![line(c.cure_probability.get())];
    cure.extend(
        c.cure_probability_by_grade.iter().map(|(g, r)| text.fill(shared::RULE_CLIENTS_GRADE, &[("grade", g), ("p", &line(r.get()))])),
    );
    let cure_to = c.cure_to.map_or(text.get(RULE_CALL_LINE).into(), |r| line(r.get()));
    let base = match i.interest_base {
        InterestBase::Loan => BASE_LOAN,
        InterestBase::Exposure => BASE_EXPOSURE,
    };
    let mut interest = text.get(base).to_string();
    for (word, rise) in [(LOAN_RATE_RISE, i.loan_rate_rise), (FUNDING_RATE_RISE, i.funding_rate_rise)] {
        if rise.get() != 0.0 {
            interest = text.fill(word, &[("rule", &interest), ("size", &parts::signed(rise.get()))]);
        }
    }
    let mut sharing = vec![mode(text, &s.mode)];
    sharing.extend(s.product.iter().map(|(product, own)| format!("{product}{}{}", text.get(shared::COLON), mode(text, own))));
    let comma = text.get(shared::COMMA);
    let mut out = vec![
        row(text, RULE_CLIENTS, cure.join(comma)),
        row(text, RULE_PAYMENT, c.cure_delay_days.to_string()),
        row(text, RULE_PAYMENT_TO, cure_to),
    ];
    out.extend(rules_clients::under_stress(text, c));
    out.extend(parts::rules(text, case, "clients"));
    out.extend([
        row(text, RULE_INTEREST, interest),
        row(text, RULE_DAY_COUNT, i.day_count.to_string()),
        row(text, RULE_FEE_PROFIT, line(s.platform_fee.get())),
        row(text, RULE_FEE_EXPOSURE, line(s.exposure_fee.get())),
        row(text, RULE_SHARING, sharing.join(semicolon)),
        row(text, RULE_LOSS_ORDER, p.loss_order.join(text.get(shared::ENUMERATION))),
        row(text, RULE_RECOURSE, line(p.recourse.get())),
    ]);
    out
}

fn mode(text: &Text, mode: &Mode) -> String {
    match mode {
        Mode::None => text.get(SHARING_NONE).into(),
        Mode::FixedSplit { client, share_losses } => {
            let word = if *share_losses { SHARING_SPLIT_BOTH } else { SHARING_SPLIT };
            text.fill(word, &[("share", &line(client.get()))])
        }
        Mode::CappedLoss { client, lender_loss, cap } => {
            text.fill(SHARING_CAPPED, &[("client", &line(client.get())), ("lender", &line(lender_loss.get())), ("cap", &line(cap.get()))])
        }
        Mode::PerformanceFee { share } => text.fill(SHARING_FEE, &[("share", &line(share.get()))]),
        Mode::Guaranteed { return_annual } => text.fill(SHARING_GUARANTEED, &[("share", &line(return_annual.get()))]),
    }
}

fn market(context: &Context<'_>, case: &Case) -> Vec<Rule> {
    let text = &context.text;
    let window = match (case.estimation.start, case.estimation.end) {
        (None, None) => text.get(WINDOW_ALL).to_string(),
        (Some(start), None) => text.fill(WINDOW_FROM, &[("start", &start.to_string())]),
        (None, Some(end)) => text.fill(WINDOW_TO, &[("end", &end.to_string())]),
        (Some(start), Some(end)) => text.fill(WINDOW_SPAN, &[("start", &start.to_string()), ("end", &end.to_string())]),
    };
    let shocks: Vec<String> = case.shocks.iter().map(|s| parts::shock(text, s)).collect();
    let shocks = if shocks.is_empty() { text.get(NO_SHOCKS).to_string() } else { shocks.join(text.get(shared::SEMICOLON)) };
    let simulation = &case.simulation;
    let mut rows = vec![
        row(text, RULE_IMPACT, impact(text, case)),
        (text.get(CLEARING).to_string(), rules_clients::clearing(text, &case.feedback)),
        row(text, RULE_MODEL, parts::model(text, &case.market)),
        row(text, RULE_WINDOW, window),
        (text.get(RULE_DRIFT).to_string(), drift(context, case)),
        row(text, RULE_HORIZON, simulation.horizon_days.to_string()),
        row(text, RULE_PATHS, number::count(simulation.paths)),
    ];
    if let Some(until) = &simulation.until {
        let (width, most) = (line(until.half_width.get()), number::count(until.max_paths));
        rows.push(row(text, RULE_UNTIL, text.fill(UNTIL_EXACT, &[("width", &width), ("most", &most)])));
    }
    if !simulation.sampling.is_plain() {
        let candidates = simulation.sampling.candidates_of(simulation.paths);
        let (paths, candidates) = (number::count(simulation.paths), number::count(candidates));
        let how = if simulation.sampling.is_tilted() { SAMPLING_IMPORTANCE } else { SAMPLING_STRATIFIED };
        let told = text.fill(how, &[("paths", &paths), ("candidates", &candidates)]);
        rows.push(row(text, RULE_SAMPLING, told));
    }
    rows.extend([row(text, RULE_CONFIDENCE, line(simulation.confidence.get())), row(text, RULE_SHOCKS, shocks)]);
    rows
}

/// The drift asked for, and what it comes to for the portfolio, in the history and as simulated.
fn drift(context: &Context<'_>, case: &Case) -> String {
    let (text, facts) = (&context.text, context.facts);
    let rule = match case.estimation.drift {
        _ if !case.market.is_fitted() => return text.get(DRIFT_PAST).into(),
        Drift::None => text.get(DRIFT_NONE).to_string(),
        Drift::Historical => text.get(DRIFT_HISTORICAL).to_string(),
        Drift::Annual(size) => text.fill(DRIFT_GIVEN, &[("size", &parts::signed(size.get()))]),
    };
    let scenario = facts.programme.scenarios.iter().find(|s| std::ptr::eq(&s.case, case));
    let found = scenario.and_then(|own| facts.scenarios.iter().find(|s| s.name == own.name)).and_then(|s| s.drift);
    let Some(drift) = found else { return rule };
    let used = parts::yearly(drift.used);
    match drift.historical {
        Some(past) => {
            let values = [("rule", rule.as_str()), ("used", &used), ("historical", &parts::yearly(past))];
            text.fill(DRIFT_OF_PORTFOLIO, &values)
        }
        None => text.fill(DRIFT_OF_PORTFOLIO_ALONE, &[("rule", &rule), ("used", &used)]),
    }
}

/// The impact law and how long a push lasts.
fn impact(text: &Text, case: &Case) -> String {
    let law = parts::law(text, &case.feedback.impact);
    if !case.feedback.is_on() {
        return law;
    }
    let days = case.feedback.fade_days;
    if days > 0.0 {
        text.fill(IMPACT_FADES, &[("law", &law), ("days", &number::plain(days))])
    } else {
        text.fill(IMPACT_STAYS, &[("law", &law)])
    }
}
