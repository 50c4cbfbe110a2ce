//! Words the rules of the pool: its cash, funders, hedge, failures and controls; always the same rows in the same order.

use super::rule::Rule;
use crate::model::case::Case;
use crate::model::part::Words;
use crate::model::pool::cash::RecallOrder;
use crate::model::pool::trigger_names;
use crate::report::text::number::{self, line};
use crate::report::text::{Text, shared};

const RULE_CAPITAL: Words = Words("Capital of tiers, where not the funding's", "各层资金（另行约定者）");
const RULE_FRONT: Words = Words("Front control: lines stand higher by", "前置风控：各控制线上移");
const RULE_CASH: Words = Words("Cash account of the pool", "资金池现金账户");
const RULE_RECALL: Words = Words("Loans called back when cash lacks", "现金不足时提前收回融资");
const RULE_ROLL: Words = Words("Funding and loans that mature", "到期资金与融资的续作");
const RULE_RUN: Words = Words("Run of funders", "资金方挤兑");
const RULE_HEDGE: Words = Words("Hedge", "对冲");
const RULE_SOURCE_FAILURE: Words = Words("Funders that fail", "违约的资金方");
const RULE_CUSTODIAN: Words = Words("Custodian's failure", "托管机构违约");
const RULE_RECOURSE_DELAY: Words = Words("Sessions until recourse is in", "追偿到账所需交易日");
const RULE_REFILL: Words = Words("Refill of tiers, share of their capital a session", "每日补充各层资金（占其资金）");
const RULE_TRIGGERS: Words = Words("Triggers", "触发条件");
const IDLE_REST: Words = Words("funding less loans", "资金减融资");
const CYCLE_OWN: Words = Words("to maturity", "至到期");
const CASH_VALUE: Words = Words(
    "idle cash {idle}, least buffer {minimum}, sessions a loan is out: {cycle}",
    "闲置现金 {idle}，最低缓冲 {minimum}，融资周转天数：{cycle}",
);
const RECALL_PRO_RATA: Words = Words("the same share of every loan", "各笔融资同比例");
const RECALL_LARGEST: Words = Words("the largest first", "金额大者先收");
const RECALL_RISKIEST: Words = Words("the lowest ratio first", "担保比例低者先收");
const RECALL_NONE: Words = Words("none is called", "不收回");
const RECALL_VALUE: Words = Words(
    "{order}; sessions until sales settle: {settle}; sessions a claim waits before tiers fail: {grace}",
    "{order}；卖出款 {settle} 个交易日到账；{grace} 个交易日未兑付则判定无力兑付",
);
const ROLL_VALUE: Words = Words(
    "sources roll with {sources} for {days} days; loans with {loans}",
    "资金方续作概率 {sources}，续作 {days} 天；融资续作概率 {loans}",
);
const RUN_VALUE: Words = Words(
    "{hazard} a calm session, withdrawing {share}; sessions of notice: {notice}; weights: loss {loss}, buffer (sessions below {days}) {buffer}, stress {stress}",
    "平静时每日 {hazard}，撤出 {share}，{notice} 个交易日后支付；权重：损失 {loss}，缓冲低于 {days} 个交易日 {buffer}，市场压力 {stress}",
);
const HEDGE_VALUE: Words = Words(
    "tier {tier} is short {ratio} of loans; basis {basis} a day, cost {cost} a year, margin {margin}",
    "{tier} 层做空融资额的 {ratio}；基差日波动 {basis}，年成本 {cost}，保证金 {margin}",
);
const SOURCE_FAILURE_VALUE: Words = Words("{sources} on day {day}", "{sources}，第 {day} 日");
const CUSTODIAN_VALUE: Words = Words(
    "day {day}: {cash} of the cash and {clients} of clients; {haircut} gone, the rest frozen for {frozen} sessions",
    "第 {day} 日：{cash} 的现金与 {clients} 的客户；损失 {haircut}，其余冻结 {frozen} 个交易日",
);
const RULE_LENDING: Words = Words("Lending terms", "融资条件");
const LENDING_VALUE: Words = Words(
    "spread over the funding's cost by grade: {spreads}; most lent on assets: {cap}",
    "按等级的利差（相对资金成本）：{spreads}；融资成数上限：{cap}",
);
const LENDING_NO_SPREADS: Words = Words("as contracted", "按合同");
const LENDING_CAP: Words = Words(
    "{base} less {funding} times the funding's annual cost, {volatility} times volatility over the sessions of a sale, {stress} times stress, at least {floor}",
    "{base} 减 {funding} 倍年资金成本、{volatility} 倍变现期波动、{stress} 倍市场压力，不低于 {floor}",
);
const LENDING_NO_CAP: Words = Words("no cap", "不设上限");

/// The pool's rows; what is not in force says so.
pub fn rows(text: &Text, case: &Case) -> Vec<Rule> {
    let row =
        |word: Words, value: Option<String>| (text.get(word).to_string(), value.unwrap_or_else(|| text.get(shared::NOT_IN_FORCE).into()));
    let pool = &case.pool;
    let by_tier = |(tier, share): (&String, &crate::units::Ratio)| format!("{tier} {}", line(share.get()));
    let list = |items: Vec<String>| (!items.is_empty()).then(|| text.list(&items));
    vec![
        row(RULE_CAPITAL, list(pool.capital.iter().map(|(tier, money)| format!("{tier} {}", number::plain(*money))).collect())),
        row(RULE_FRONT, list(pool.line_add.iter().map(by_tier).collect())),
        row(RULE_LENDING, lending(text, case)),
        row(RULE_CASH, cash(text, case)),
        row(RULE_RECALL, recall(text, case)),
        row(RULE_ROLL, roll(text, case)),
        row(RULE_RUN, run(text, case)),
        row(RULE_HEDGE, hedge(text, case)),
        row(RULE_SOURCE_FAILURE, source_failure(text, case)),
        row(RULE_CUSTODIAN, custodian(text, case)),
        row(RULE_RECOURSE_DELAY, (pool.recourse_delay_days > 0).then(|| pool.recourse_delay_days.to_string())),
        row(RULE_REFILL, list(pool.replenish_daily.iter().map(by_tier).collect())),
        row(RULE_TRIGGERS, list(trigger_names(&case.pool))),
    ]
}

fn lending(text: &Text, case: &Case) -> Option<String> {
    let lending = case.pool.lending.as_ref()?;
    let spreads: Vec<String> = lending.spread_by_grade.iter().map(|(grade, spread)| format!("{grade} {}", line(spread.get()))).collect();
    let spreads = if spreads.is_empty() { text.get(LENDING_NO_SPREADS).to_string() } else { text.list(&spreads) };
    let cap = lending.loan_to_value.as_ref().map_or(text.get(LENDING_NO_CAP).to_string(), |l| {
        let values = [
            ("base", line(l.base.get())),
            ("funding", number::plain(l.funding_weight)),
            ("volatility", number::plain(l.volatility_weight)),
            ("stress", number::plain(l.stress_weight)),
            ("floor", line(l.floor.get())),
        ];
        text.fill(LENDING_CAP, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
    });
    Some(text.fill(LENDING_VALUE, &[("spreads", &spreads), ("cap", &cap)]))
}

fn cash(text: &Text, case: &Case) -> Option<String> {
    let cash = case.pool.cash.as_ref()?;
    let idle = cash.idle.map_or(text.get(IDLE_REST).to_string(), |share| line(share.get()));
    let cycle = cash.cycle_days.map_or(text.get(CYCLE_OWN).to_string(), number::plain);
    Some(text.fill(CASH_VALUE, &[("idle", &idle), ("minimum", &line(cash.minimum.get())), ("cycle", &cycle)]))
}

fn recall(text: &Text, case: &Case) -> Option<String> {
    let cash = case.pool.cash.as_ref()?;
    let order = text.get(match cash.recall {
        RecallOrder::ProRata => RECALL_PRO_RATA,
        RecallOrder::LargestFirst => RECALL_LARGEST,
        RecallOrder::RiskiestFirst => RECALL_RISKIEST,
        RecallOrder::None => RECALL_NONE,
    });
    let (settle, grace) = (cash.settlement_days.to_string(), cash.grace_days.to_string());
    Some(text.fill(RECALL_VALUE, &[("order", order), ("settle", &settle), ("grace", &grace)]))
}

fn roll(text: &Text, case: &Case) -> Option<String> {
    let funding = case.pool.funding.as_ref()?;
    let mut sources = vec![line(funding.roll_probability.get())];
    sources.extend(funding.roll_probability_by_source.iter().map(|(source, p)| format!("{source} {}", line(p.get()))));
    let values =
        [("sources", text.list(&sources)), ("days", funding.roll_days.to_string()), ("loans", line(funding.loan_roll_probability.get()))];
    Some(text.fill(ROLL_VALUE, &values.each_ref().map(|(name, value)| (*name, value.as_str()))))
}

fn run(text: &Text, case: &Case) -> Option<String> {
    let run = case.pool.run.as_ref().filter(|run| run.hazard_daily.get() > 0.0)?;
    let values = [
        ("hazard", line(run.hazard_daily.get())),
        ("share", line(run.share.get())),
        ("notice", run.notice_days.to_string()),
        ("loss", number::plain(run.loss_weight)),
        ("buffer", number::plain(run.buffer_weight)),
        ("days", number::plain(run.buffer_days)),
        ("stress", number::plain(run.stress_weight)),
    ];
    Some(text.fill(RUN_VALUE, &values.each_ref().map(|(name, value)| (*name, value.as_str()))))
}

fn hedge(text: &Text, case: &Case) -> Option<String> {
    let hedge = case.pool.hedge.as_ref().filter(|hedge| hedge.ratio.get() > 0.0)?;
    let values = [
        ("tier", hedge.tier.clone()),
        ("ratio", line(hedge.ratio.get())),
        ("basis", line(hedge.basis_volatility_daily.get())),
        ("cost", line(hedge.cost_annual.get())),
        ("margin", line(hedge.margin.get())),
    ];
    Some(text.fill(HEDGE_VALUE, &values.each_ref().map(|(name, value)| (*name, value.as_str()))))
}

fn source_failure(text: &Text, case: &Case) -> Option<String> {
    let failure = case.pool.failure.as_ref().filter(|f| !f.sources.is_empty())?;
    Some(text.fill(SOURCE_FAILURE_VALUE, &[("sources", &text.list(&failure.sources)), ("day", &failure.source_day.to_string())]))
}

fn custodian(text: &Text, case: &Case) -> Option<String> {
    let c = case.pool.failure.as_ref()?.custodian.as_ref()?;
    let values = [
        ("day", c.day.to_string()),
        ("cash", line(c.cash_share.get())),
        ("clients", line(c.client_share.get())),
        ("haircut", line(c.haircut.get())),
        ("frozen", c.frozen_days.to_string()),
    ];
    Some(text.fill(CUSTODIAN_VALUE, &values.each_ref().map(|(name, value)| (*name, value.as_str()))))
}
