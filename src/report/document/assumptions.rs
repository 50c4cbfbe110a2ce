//! Says what a programme assumes by default or by its own choice, and a supervisor would ask about: one sentence each, with the
//! scenarios it holds for.

use crate::model::case::Case;
use crate::model::exchange::StampDuty;
use crate::model::part::Words;
use crate::report::charts::Context;
use crate::report::text::number::line;
use std::collections::BTreeMap;

const SAME_CLOSE: Words = Words(
    "A forced sale that is decided at a close is made at that very close, at its price, where the delay is 0 ({scenarios}); in practice it is made at the next session's prices.",
    "延迟为 0 时（{scenarios}），收盘时决定的强制平仓即按该收盘价成交；实务中按次一交易日价格成交。",
);
const NEXT_CLOSE: Words = Words(
    "A forced sale is made at the close of a session, {days} after the one whose close decided it, where a delay is in force ({scenarios}).",
    "设有延迟时（{scenarios}），强制平仓于决定之日后第 {days} 个交易日按收盘价成交。",
);
const NO_MATURITIES: Words = Words(
    "Where the pool's cash is not kept ({scenarios}), loans and funding do not fall due within the horizon: their maturity dates are read and not acted on.",
    "未核算资金池现金时（{scenarios}），期限内融资与资金均不到期：到期日已读取但不据以处理。",
);
const SELLS_ALL: Words = Words(
    "A forced liquidation sells the whole account where no ratio is set for it to stop at ({scenarios}).",
    "未设平仓恢复线时（{scenarios}），强制平仓卖出账户全部持仓。",
);
const SELLS_TO: Words = Words(
    "A forced liquidation stops at {ratio}, or sells everything where that does not reach it ({scenarios}).",
    "强制平仓卖至维持担保比例 {ratio} 为止，不足以达到时卖出全部持仓（{scenarios}）。",
);
const TPLUS_ONE: Words = Words(
    "Shares bought on the as-of date can be sold from the first session on (T+1); what an account may not sell on it stands in its positions file.",
    "基准日买入的股票自首个交易日起可卖出（T+1）；当日不可卖出的数量以持仓文件为准。",
);
const NO_TPLUS_ONE: Words =
    Words("Shares can be sold on the day they are bought ({scenarios}).", "当日买入的股票当日可卖出（{scenarios}）。");
const NO_LIMITS: Words = Words("No daily price limit binds ({scenarios}).", "不适用涨跌幅限制（{scenarios}）。");
const NO_DUTY: Words = Words("Sales pay no stamp duty ({scenarios}).", "卖出不计印花税（{scenarios}）。");
const STRESS: Words = Words(
    "Market stress is the larger of two: the fall of the held securities from their highest close since 60 sessions before the as-of date, and the rise of their volatility over the lower of its level in those 60 sessions and in the ten years before; an as-of date inside a crash stands in stress itself.",
    "市场压力取两者较大值：持仓证券自基准日前 60 个交易日以来最高收盘点位的跌幅，以及其波动率相对该 60 个交易日与此前十年两者中较低水平的上升；处于暴跌中的基准日本身即为压力状态。",
);
const ALL_SCENARIOS: Words = Words("all scenarios", "所有情景");
const CALENDAR: Words = Words("The horizon's days: {calendar}.", "期限内日期：{calendar}。");
const INTEREST: Words = Words(
    "Interest accrues for every calendar day from one session to the next, weekends and holidays included.",
    "利息按相邻交易日之间的自然日逐日计提，含周末与节假日。",
);

/// Every assumption in force, in one order.
pub fn all(context: &Context<'_>) -> Vec<String> {
    let text = &context.text;
    let mut out = Vec::new();
    let mut say = |word: Words, more: &[(&str, &str)], holds: &dyn Fn(&Case) -> bool| {
        if let Some(scenarios) = scenarios(context, holds) {
            out.push(text.fill(word, &[&[("scenarios", scenarios.as_str())][..], more].concat()));
        }
    };
    let delay = |case: &Case| case.margin.delay_days.unwrap_or(case.liquidation.delay_days);
    say(SAME_CLOSE, &[], &|case| delay(case) == 0);
    for days in values(context, |case| Some(delay(case)).filter(|days| *days > 0)) {
        say(NEXT_CLOSE, &[("days", &days.to_string())], &|case| delay(case) == days);
    }
    let restore = |case: &Case| case.margin.restore_to.map(|ratio| line(ratio.get()));
    let liquidates = |case: &Case| case.margin.liquidation.is_some() || case.margin.call.is_some();
    say(SELLS_ALL, &[], &|case| liquidates(case) && restore(case).is_none());
    for ratio in values(context, restore) {
        say(SELLS_TO, &[("ratio", &ratio)], &|case| restore(case).as_ref() == Some(&ratio));
    }
    say(NO_TPLUS_ONE, &[], &|case| !case.exchange.t_plus_one);
    say(NO_LIMITS, &[], &|case| !case.exchange.price_limits);
    say(NO_DUTY, &[], &|case| matches!(case.costs.stamp_duty, StampDuty::Rate(rate) if rate.get() == 0.0));
    say(NO_MATURITIES, &[], &|case| case.pool.cash.is_none());
    let any = |holds: &dyn Fn(&Case) -> bool| context.facts.programme.scenarios.iter().any(|s| holds(&s.case));
    if any(&reads_stress) {
        out.push(text.get(STRESS).into());
    }
    if any(&|case| case.exchange.t_plus_one) {
        out.push(text.get(TPLUS_ONE).into());
    }
    out.push(text.get(INTEREST).into());
    if let Some(calendar) = &context.facts.calendar {
        out.push(text.fill(CALENDAR, &[("calendar", text.note(calendar))]));
    }
    out
}

/// True when a rule of the case answers to market stress.
fn reads_stress(case: &Case) -> bool {
    let pool = &case.pool;
    let funders = pool.funders_react() && pool.run.as_ref().is_some_and(|run| run.stress_weight > 0.0);
    let lender = pool.lending.as_ref().and_then(|l| l.loan_to_value.as_ref()).is_some_and(|rule| rule.stress_weight > 0.0);
    case.clients.read_stress() || case.margin.template.is_some() || funders || lender || pool.triggers.iter().any(|t| t.stress.is_some())
}

/// The scenarios a condition holds for, "all scenarios" where it holds for every one; nothing where it holds for none.
fn scenarios(context: &Context<'_>, holds: &dyn Fn(&Case) -> bool) -> Option<String> {
    let all = &context.facts.programme.scenarios;
    let named: Vec<String> = all.iter().filter(|s| holds(&s.case)).map(|s| context.scenario(&s.name)).collect();
    match named.len() {
        0 => None,
        n if n == all.len() => Some(context.text.get(ALL_SCENARIOS).into()),
        _ => Some(context.text.list(&named)),
    }
}

/// What the scenarios say of one thing, each value once.
fn values<T: Ord>(context: &Context<'_>, of: impl Fn(&Case) -> Option<T>) -> Vec<T> {
    let found: BTreeMap<T, ()> = context.facts.programme.scenarios.iter().filter_map(|s| Some((of(&s.case)?, ()))).collect();
    found.into_keys().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::case::Language;
    use crate::report::sample;
    use crate::units::Ratio;

    #[test]
    fn every_default_a_supervisor_asks_about_is_said_in_both_languages() {
        let mut programme = sample::programme(Language::En);
        programme.scenarios[1].case.liquidation.delay_days = 2;
        programme.scenarios[1].case.margin.delay_days = None;
        programme.scenarios[1].case.margin.restore_to = Ratio::new(1.5);
        programme.scenarios[2].case.clients.stress_sensitivity = 1.0;
        let facts = sample::facts(&programme);
        let (en, zh) = (all(&Context::new(&facts, Language::En)), all(&Context::new(&facts, Language::Zh)));
        assert_eq!(en.len(), zh.len());
        let said = |list: &[String], words: &str| assert!(list.iter().any(|s| s.contains(words)), "{words} in {list:#?}");
        said(&en, "made at that very close");
        said(&en, "2 after the one whose close decided it");
        said(&en, "stops at 150%");
        said(&en, "maturity dates are read and not acted on");
        said(&en, "from the first session on (T+1)");
        said(&en, "every calendar day");
        said(&en, "inside a crash stands in stress");
        said(&en, "exchanges of Shanghai");
        said(&zh, "即按该收盘价成交");
        said(&zh, "到期日已读取但不据以处理");
        said(&zh, "上海交易日历");
    }
}
