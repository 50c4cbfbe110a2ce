//! Names every measure in both languages by its dotted key; an unknown key names itself.
//!
//! A key is read from the left: a group (`tier.A.`), a quantity (`pool_loss`), a statistic (`es_97_5`).

use super::Text;
use crate::model::book::{LEVERAGE_BUCKETS, LEVERAGE_KEYS};
use crate::model::part::Words;

/// Measures whose key is one piece.
const WHOLE: [(&str, Words); 33] = [
    (
        "clearing_residual.mean",
        Words("Residual of clearing, mean of each path's largest (log price)", "清算残差：各路径最大值的均值（对数价格）"),
    ),
    ("clearing_residual.max", Words("Residual of clearing, largest (log price)", "清算残差最大值（对数价格）")),
    ("warning_rate", Words("Warning rate", "预警率")),
    ("limit_rate", Words("Limit-line rate", "限额线触及率")),
    ("call_rate", Words("Margin-call rate", "追保率")),
    ("cure_rate", Words("Rate of accounts that cure a call", "追保后补足的账户占比")),
    ("liquidation_rate", Words("Forced-liquidation rate", "强制平仓率")),
    ("shortfall_rate", Words("Shortfall rate of accounts", "穿仓率")),
    ("unneeded_liquidation_rate", Words("Unneeded liquidations, of accounts", "不必要强平率（不平仓则可恢复）")),
    ("unneeded_liquidation_share", Words("Unneeded liquidations, of those liquidated", "被强平账户中不平仓则可恢复的占比")),
    ("time_to_close_out.mean_days", Words("Sessions from trigger to close-out, mean", "强制平仓自触发至结束的平均交易日数")),
    ("time_to_call.mean_days", Words("Mean time to the first call, days", "首次追保平均天数")),
    ("sharpe", Words("Sharpe ratio of the pool, per day", "资金池日夏普比率")),
    ("sortino", Words("Sortino ratio of the pool, per day", "资金池日索提诺比率")),
    ("cure_share", Words("Share of called accounts that cure", "被追保账户补足占比")),
    ("amplification", Words("Amplification of the pool loss by feedback", "反馈对资金池损失的放大倍数")),
    ("amplification.forced_sales", Words("Amplification of forced sales by feedback", "反馈对强制平仓卖出的放大倍数")),
    ("hit_probability", Words("Probability of being hit", "受损概率")),
    ("exhausted_probability", Words("Probability of being exhausted", "耗尽概率")),
    ("failed_probability", Words("Probability of failing to pay its funders", "无力兑付资金方的概率")),
    ("fired_probability", Words("Probability of firing", "触发概率")),
    ("funding_withdrawn.probability", Words("Probability of a withdrawal", "撤资概率")),
    ("pool_return.mean", Words("Return of the pool over the horizon", "期限内资金池收益率")),
    ("pool_return.volatility", Words("Volatility of the pool's daily return", "资金池日收益率波动率")),
    (
        "cover_2.uncovered_probability",
        Words("Probability that the two largest clients cost more than all tiers but the last", "前两大客户损失超过除末层外各层资金的概率"),
    ),
    ("buffer_days.start", Words("Liquidity buffer on the as-of date, sessions", "基准日流动性缓冲天数")),
    ("maturity_gap.worst", Words("Worst cumulated maturity gap when nothing rolls", "不续作时最不利累计期限缺口")),
    ("run.probability", Words("Probability of a run", "挤兑概率")),
    ("unpaid.probability", Words("Probability that a claim stays unpaid at a close", "当日未能兑付的概率")),
    ("recall.probability", Words("Probability that loans are called back", "提前收回融资的概率")),
    ("concentration.top_1_share", Words("Share of loans of the largest client", "第一大客户融资占比")),
    ("concentration.top_5_share", Words("Share of loans of the five largest clients", "前五大客户融资占比")),
    ("concentration.top_10_share", Words("Share of loans of the ten largest clients", "前十大客户融资占比")),
];

/// Measures of the platform's controls, in one piece too.
const CONTROLS: [(&str, Words); 19] = [
    ("stock_cap.exceeded", Words("Stocks held beyond the rulebook's share of the free float", "持仓超过规则流通市值占比上限的股票数")),
    ("risk_volatility.realised", Words("Volatility of the market a year, realised", "市场年化已实现波动率")),
    ("risk_volatility.read", Words("Volatility of the market a year, as margin rules read it", "保证金规则所取市场年化波动率")),
    ("reduction_rate", Words("Rate of accounts sold down before close-out", "平仓前减仓账户占比")),
    ("reduction_sales.mean", Words("Sales before close-out, mean", "平仓前减仓卖出额均值")),
    ("volatility_trigger.mean_days", Words("Sessions with the volatility trigger tripped, mean", "波动率触发天数均值")),
    ("procyclicality.peak_to_trough.mean", Words("Margin requirement, peak to trough, tools on", "保证金要求峰谷比（启用工具）")),
    ("procyclicality.rise_1_day.mean", Words("Largest 1-day rise of the requirement, tools on", "保证金要求最大单日升幅（启用工具）")),
    ("procyclicality.rise_5_day.mean", Words("Largest 5-day rise of the requirement, tools on", "保证金要求最大五日升幅（启用工具）")),
    ("procyclicality.rise_30_day.mean", Words("Largest 30-day rise of the requirement, tools on", "保证金要求最大三十日升幅（启用工具）")),
    ("procyclicality_off.peak_to_trough.mean", Words("Margin requirement, peak to trough, tools off", "保证金要求峰谷比（不用工具）")),
    ("procyclicality_off.rise_1_day.mean", Words("Largest 1-day rise of the requirement, tools off", "保证金要求最大单日升幅（不用工具）")),
    ("procyclicality_off.rise_5_day.mean", Words("Largest 5-day rise of the requirement, tools off", "保证金要求最大五日升幅（不用工具）")),
    (
        "procyclicality_off.rise_30_day.mean",
        Words("Largest 30-day rise of the requirement, tools off", "保证金要求最大三十日升幅（不用工具）"),
    ),
    ("investment_cap.by_means", Words("Accounts whose cap is set by their means", "上限由自身资金决定的账户占比")),
    ("investment_cap.by_regulation", Words("Accounts whose cap is set by rules", "上限由监管限额决定的账户占比")),
    ("investment_cap.by_platform", Words("Accounts whose cap is set by the platform", "上限由平台门槛决定的账户占比")),
    ("investment_cap.exceeded", Words("Accounts beyond their investment cap", "超出投资上限的账户占比")),
    ("investment_cap.excess", Words("Investment beyond the caps", "超出投资上限的金额")),
];

/// Layers of contagion: what stands behind a measure's name.
const LAYERS: [(&str, Words); 5] = [
    ("no_feedback", Words("without feedback", "无反馈时")),
    ("impact", Words("with impact of sales", "计入卖出冲击后")),
    ("margin_spiral", Words("with the margin spiral as well", "再计保证金螺旋后")),
    ("client_stress", Words("with clients under stress as well", "再计客户压力反应后")),
    ("run", Words("with a run as well", "再计挤兑后")),
];

/// Quantities that a statistic follows.
const QUANTITIES: [(&str, Words); 39] = [
    ("early_sales", Words("Sales by clients ahead of their line", "客户提前减仓额")),
    ("client_withdrawals", Words("Taken out by clients", "客户提取金额")),
    ("added", Words("Pool loss added", "资金池损失增量")),
    ("pool_loss", Words("Pool loss", "资金池损失")),
    ("loss", Words("Loss", "损失")),
    ("accounts_loss", Words("Loss from its accounts", "所属账户造成的损失")),
    ("shortfall", Words("Shortfall", "穿仓金额")),
    ("recourse", Words("Recovered by recourse", "追偿回收")),
    ("unallocated_loss", Words("Loss beyond all tiers", "超出各层的损失")),
    ("lender_pnl", Words("Lender's profit and loss", "出资方损益")),
    ("client_loss", Words("Clients' loss (negative: gain)", "客户损失（负为盈利）")),
    ("forced_sales", Words("Forced sales", "强制平仓卖出额")),
    ("unsold", Words("Unsold at the end", "期末未卖出市值")),
    ("sale_cost", Words("Cost of forced sales", "强制平仓成本")),
    ("call_amount", Words("Margin called", "追保金额")),
    ("max_drawdown", Words("Maximum drawdown of the pool", "资金池最大回撤")),
    ("pool_return", Words("Return of the pool", "资金池收益率")),
    ("market_return", Words("Return of the shares held", "持仓证券收益率")),
    ("market_worst_day", Words("Worst session of the shares held", "持仓证券最差单日收益率")),
    ("time_to_call", Words("Time to the first call", "首次追保时间")),
    ("volatility", Words("Volatility of the pool", "资金池波动率")),
    ("cover_1", Words("Loss from the largest client of a path", "单一路径最大客户损失")),
    ("cover_2", Words("Loss from the two largest clients of a path", "单一路径前两大客户损失")),
    ("cash_min", Words("Least cash of the pool", "资金池最低现金")),
    ("buffer_days_min", Words("Least liquidity buffer, sessions", "最低流动性缓冲天数")),
    ("utilisation_max", Words("Highest utilisation", "最高资金利用率")),
    ("survival_days", Words("Sessions with all claims paid", "全额兑付的交易日数")),
    ("unpaid_end", Words("Claims unpaid at the end", "期末未兑付金额")),
    ("funding_withdrawn", Words("Funding withdrawn", "撤出资金")),
    ("sources_run", Words("Sources that run", "挤兑的资金方数")),
    ("recalled", Words("Loans called back", "提前收回的融资")),
    ("hedge_result", Words("Result of the hedge", "对冲损益")),
    ("hedge_cost", Words("Cost of the hedge", "对冲成本")),
    ("funding_cost", Words("Interest of the funding", "资金成本")),
    ("replenished", Words("Put into tiers from outside", "外部补充资金")),
    ("custody_loss", Words("Pool's loss with the custodian", "资金池托管损失")),
    ("client_custody_loss", Words("Clients' loss with the custodian", "客户托管损失")),
    ("written_down", Words("Losses that leaving funders bore", "退出资金方承担的损失")),
    ("concentration", Words("Concentration", "集中度")),
];

/// The level of a quantile's tail: `pool_loss.es_97_5` is 0.975.
pub fn tail_level(key: &str) -> Option<f64> {
    let statistic = key.rsplit('.').next()?;
    let digits = statistic.strip_prefix("var_").or_else(|| statistic.strip_prefix("es_"))?;
    // read as a decimal, so that 99_9 is the number 0.999 and not its neighbour
    format!("{}e-2", digits.replace('_', ".")).parse().ok()
}

/// Groups that a measure may be of.
const GROUPS: [(&str, Words); 6] = [
    ("tier", Words("Tier {name}: {measure}", "{name} 层{measure}")),
    ("grade", Words("Grade {name}: {measure}", "{name} 级客户{measure}")),
    ("leverage", Words("Leverage {name}: {measure}", "杠杆 {name} 倍{measure}")),
    ("sector", Words("Sector {name}: {measure}", "{name} 行业{measure}")),
    ("trigger", Words("Trigger {name}: {measure}", "触发条件 {name} {measure}")),
    ("source", Words("Source {name}: {measure}", "资金方 {name} {measure}")),
];
const OF_LAYER: Words = Words("{measure}, {layer}", "{layer}{measure}");

/// What a statistic makes of its quantity.
const STATISTICS: [(&str, Words); 6] = [
    ("mean", Words("{quantity}, mean", "{quantity}均值")),
    ("median", Words("{quantity}, median", "{quantity}中位数")),
    ("mean_days", Words("{quantity}, mean days", "{quantity}均值（天）")),
    ("volatility", Words("{quantity}, standard deviation", "{quantity}波动（标准差）")),
    ("hhi_clients", Words("{quantity} over clients (HHI)", "客户{quantity}（HHI）")),
    ("es_99_part", Words("{quantity}, its part of the pool's ES 99%", "{quantity}在资金池 ES 99% 中的部分")),
];
const VALUE_AT_RISK: Words = Words("{quantity}, VaR {level}%", "{quantity} VaR {level}%");
const TAIL_MEAN: Words = Words("{quantity}, ES {level}%", "{quantity} ES {level}%");
const PROBABILITY: Words = Words("Probability of {event}", "{event}概率");
/// Events that are called otherwise than their quantity.
const EVENTS: [(&str, Words); 3] =
    [("shortfall", Words("a shortfall", "穿仓")), ("pool_loss", Words("a pool loss", "资金池损失")), ("loss", Words("a loss", "损失"))];

/// The measure's name for a reader.
pub fn name(text: &Text, key: &str) -> String {
    grouped(text, key).or_else(|| own(text, key)).unwrap_or_else(|| key.to_string())
}

fn row(rows: &[(&str, Words)], key: &str) -> Option<Words> {
    rows.iter().find(|(own, _)| *own == key).map(|(_, words)| *words)
}

/// `tier.A.loss.mean` → "Tier A: loss, mean".
fn grouped(text: &Text, key: &str) -> Option<String> {
    let (kind, rest) = key.split_once('.')?;
    let group = row(&GROUPS, kind)?;
    // a bucket's name holds points itself: leverage.1.25-1.50.liquidation_rate
    let (name, measure) = rest.char_indices().filter(|(_, c)| *c == '.').find_map(|(at, _)| {
        let (name, measure) = (&rest[..at], &rest[at + 1..]);
        own(text, measure).map(|measure| (name, measure))
    })?;
    let name = if kind == "leverage" { bucket(name) } else { name };
    let capital = text.zh() || measure.starts_with("VaR") || measure.starts_with("ES");
    let measure = if capital { measure } else { measure[..1].to_lowercase() + &measure[1..] };
    Some(text.fill(group, &[("name", name), ("measure", &measure)]))
}

/// A bucket's name by its key: `1_25-1_50` is 1.25-1.50.
fn bucket(key: &str) -> &str {
    LEVERAGE_KEYS.iter().position(|k| *k == key).map_or(key, |at| LEVERAGE_BUCKETS[at])
}

/// The key of a measure of a leverage bucket, by the bucket's name.
pub fn leverage_key(bucket: &str, measure: &str) -> String {
    let key = LEVERAGE_BUCKETS.iter().position(|name| *name == bucket).map_or(bucket, |at| LEVERAGE_KEYS[at]);
    format!("leverage.{key}.{measure}")
}

fn own(text: &Text, key: &str) -> Option<String> {
    if let Some(whole) = row(&WHOLE, key).or_else(|| row(&CONTROLS, key)) {
        return Some(text.get(whole).to_string());
    }
    if let Some((layer, measure)) = key.strip_prefix("contagion.").and_then(|rest| rest.split_once('.')) {
        let layer = text.get(row(&LAYERS, layer)?);
        return Some(text.fill(OF_LAYER, &[("layer", layer), ("measure", &own(text, measure)?)]));
    }
    let (key, statistic) = key.split_once('.')?;
    let quantity = text.get(row(&QUANTITIES, key)?);
    let number = |digits: &&str| digits.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let level = |prefix: &str| statistic.strip_prefix(prefix).filter(number).map(|digits| digits.replace('_', "."));
    let of_level = |words: Words, level: &str| text.fill(words, &[("quantity", quantity), ("level", level)]);
    Some(match (statistic, level("var_"), level("es_")) {
        ("probability", ..) => {
            let event = row(&EVENTS, key).map(|event| text.get(event).to_string()).unwrap_or_else(|| quantity.to_lowercase());
            text.fill(PROBABILITY, &[("event", &event)])
        }
        (_, Some(level), _) => of_level(VALUE_AT_RISK, &level),
        (_, _, Some(level)) => of_level(TAIL_MEAN, &level),
        _ => text.fill(row(&STATISTICS, statistic)?, &[("quantity", quantity)]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::case::Language;

    #[test]
    fn keys_are_named_in_both_languages() {
        let (en, zh) = (Text::new(Language::En, "CNY"), Text::new(Language::Zh, "CNY"));
        for (key, english, chinese) in [
            ("pool_loss.mean", "Pool loss, mean", "资金池损失均值"),
            ("pool_loss.es_97_5", "Pool loss, ES 97.5%", "资金池损失 ES 97.5%"),
            ("shortfall.probability", "Probability of a shortfall", "穿仓概率"),
            ("tier.A.hit_probability", "Tier A: probability of being hit", "A 层受损概率"),
            ("tier.A.loss.mean", "Tier A: loss, mean", "A 层损失均值"),
            ("leverage.1_25-1_50.liquidation_rate", "Leverage 1.25-1.50: forced-liquidation rate", "杠杆 1.25-1.50 倍强制平仓率"),
            ("grade.A.1.warning_rate", "Grade A.1: warning rate", "A.1 级客户预警率"),
            ("something.new", "something.new", "something.new"),
        ] {
            assert_eq!(name(&en, key), english);
            assert_eq!(name(&zh, key), chinese);
        }
        assert_eq!(tail_level("pool_loss.var_99_9"), Some(0.999));
        assert_eq!(tail_level("warning_rate"), None);
    }
}
