//! Names every measure in both languages by its dotted key; an unknown key names itself.
//!
//! A key is read from the left: a group (`tier.A.`), a quantity (`pool_loss`), a statistic (`es_97_5`).

use super::{Text, margin};
use crate::model::book::{LEVERAGE_BUCKETS, LEVERAGE_KEYS};
use crate::model::case::Language;

/// `(key, English, Chinese)`: measures whose key is one piece.
const WHOLE: [(&str, &str, &str); 33] = [
    ("clearing_residual.mean", "Residual of clearing, mean of each path's largest (log price)", "清算残差：各路径最大值的均值（对数价格）"),
    ("clearing_residual.max", "Residual of clearing, largest (log price)", "清算残差最大值（对数价格）"),
    ("warning_rate", "Warning rate", "预警率"),
    ("limit_rate", "Limit-line rate", "限额线触及率"),
    ("call_rate", "Margin-call rate", "追保率"),
    ("cure_rate", "Rate of accounts that cure a call", "追保后补足的账户占比"),
    ("liquidation_rate", "Forced-liquidation rate", "强制平仓率"),
    ("shortfall_rate", "Shortfall rate of accounts", "穿仓率"),
    ("unneeded_liquidation_rate", "Unneeded liquidations, of accounts", "不必要强平率（不平仓则可恢复）"),
    ("unneeded_liquidation_share", "Unneeded liquidations, of those liquidated", "被强平账户中不平仓则可恢复的占比"),
    ("time_to_close_out.mean_days", "Sessions from trigger to close-out, mean", "强制平仓自触发至结束的平均交易日数"),
    ("time_to_call.mean_days", "Mean time to the first call, days", "首次追保平均天数"),
    ("sharpe", "Sharpe ratio of the pool, per day", "资金池日夏普比率"),
    ("sortino", "Sortino ratio of the pool, per day", "资金池日索提诺比率"),
    ("cure_share", "Share of called accounts that cure", "被追保账户补足占比"),
    ("amplification", "Amplification of the pool loss by feedback", "反馈对资金池损失的放大倍数"),
    ("amplification.forced_sales", "Amplification of forced sales by feedback", "反馈对强制平仓卖出的放大倍数"),
    ("hit_probability", "Probability of being hit", "受损概率"),
    ("exhausted_probability", "Probability of being exhausted", "耗尽概率"),
    ("failed_probability", "Probability of failing to pay its funders", "无力兑付资金方的概率"),
    ("fired_probability", "Probability of firing", "触发概率"),
    ("funding_withdrawn.probability", "Probability of a withdrawal", "撤资概率"),
    ("pool_return.mean", "Return of the pool over the horizon", "期限内资金池收益率"),
    ("pool_return.volatility", "Volatility of the pool's daily return", "资金池日收益率波动率"),
    (
        "cover_2.uncovered_probability",
        "Probability that the two largest clients cost more than all tiers but the last",
        "前两大客户损失超过除末层外各层资金的概率",
    ),
    ("buffer_days.start", "Liquidity buffer on the as-of date, sessions", "基准日流动性缓冲天数"),
    ("maturity_gap.worst", "Worst cumulated maturity gap when nothing rolls", "不续作时最不利累计期限缺口"),
    ("run.probability", "Probability of a run", "挤兑概率"),
    ("unpaid.probability", "Probability that a claim stays unpaid at a close", "当日未能兑付的概率"),
    ("recall.probability", "Probability that loans are called back", "提前收回融资的概率"),
    ("concentration.top_1_share", "Share of loans of the largest client", "第一大客户融资占比"),
    ("concentration.top_5_share", "Share of loans of the five largest clients", "前五大客户融资占比"),
    ("concentration.top_10_share", "Share of loans of the ten largest clients", "前十大客户融资占比"),
];

/// Layers of contagion: what stands behind a measure's name.
const LAYERS: [(&str, &str, &str); 5] = [
    ("no_feedback", "without feedback", "无反馈时"),
    ("impact", "with impact of sales", "计入卖出冲击后"),
    ("margin_spiral", "with the margin spiral as well", "再计保证金螺旋后"),
    ("client_stress", "with clients under stress as well", "再计客户压力反应后"),
    ("run", "with a run as well", "再计挤兑后"),
];

/// Quantities that a statistic follows.
const QUANTITIES: [(&str, &str, &str); 37] = [
    ("early_sales", "Sales by clients ahead of their line", "客户提前减仓额"),
    ("client_withdrawals", "Taken out by clients", "客户提取金额"),
    ("added", "Pool loss added", "资金池损失增量"),
    ("pool_loss", "Pool loss", "资金池损失"),
    ("loss", "Loss", "损失"),
    ("accounts_loss", "Loss from its accounts", "所属账户造成的损失"),
    ("shortfall", "Shortfall", "穿仓金额"),
    ("recourse", "Recovered by recourse", "追偿回收"),
    ("unallocated_loss", "Loss beyond all tiers", "超出各层的损失"),
    ("lender_pnl", "Lender's profit and loss", "出资方损益"),
    ("client_loss", "Clients' loss (negative: gain)", "客户损失（负为盈利）"),
    ("forced_sales", "Forced sales", "强制平仓卖出额"),
    ("unsold", "Unsold at the end", "期末未卖出市值"),
    ("sale_cost", "Cost of forced sales", "强制平仓成本"),
    ("call_amount", "Margin called", "追保金额"),
    ("max_drawdown", "Maximum drawdown of the pool", "资金池最大回撤"),
    ("pool_return", "Return of the pool", "资金池收益率"),
    ("time_to_call", "Time to the first call", "首次追保时间"),
    ("volatility", "Volatility of the pool", "资金池波动率"),
    ("cover_1", "Loss from the largest client of a path", "单一路径最大客户损失"),
    ("cover_2", "Loss from the two largest clients of a path", "单一路径前两大客户损失"),
    ("cash_min", "Least cash of the pool", "资金池最低现金"),
    ("buffer_days_min", "Least liquidity buffer, sessions", "最低流动性缓冲天数"),
    ("utilisation_max", "Highest utilisation", "最高资金利用率"),
    ("survival_days", "Sessions with all claims paid", "全额兑付的交易日数"),
    ("unpaid_end", "Claims unpaid at the end", "期末未兑付金额"),
    ("funding_withdrawn", "Funding withdrawn", "撤出资金"),
    ("sources_run", "Sources that run", "挤兑的资金方数"),
    ("recalled", "Loans called back", "提前收回的融资"),
    ("hedge_result", "Result of the hedge", "对冲损益"),
    ("hedge_cost", "Cost of the hedge", "对冲成本"),
    ("funding_cost", "Interest of the funding", "资金成本"),
    ("replenished", "Put into tiers from outside", "外部补充资金"),
    ("custody_loss", "Pool's loss with the custodian", "资金池托管损失"),
    ("client_custody_loss", "Clients' loss with the custodian", "客户托管损失"),
    ("written_down", "Losses that leaving funders bore", "退出资金方承担的损失"),
    ("concentration", "Concentration", "集中度"),
];

/// The level of a quantile's tail: `pool_loss.es_97_5` is 0.975.
pub fn tail_level(key: &str) -> Option<f64> {
    let statistic = key.rsplit('.').next()?;
    let digits = statistic.strip_prefix("var_").or_else(|| statistic.strip_prefix("es_"))?;
    // read as a decimal, so that 99_9 is the number 0.999 and not its neighbour
    format!("{}e-2", digits.replace('_', ".")).parse().ok()
}

/// The measure's name for a reader.
pub fn name(text: &Text, key: &str) -> String {
    grouped(text, key).or_else(|| own(text.language, key)).unwrap_or_else(|| key.to_string())
}

/// `tier.A.loss.mean` → "Tier A: loss, mean".
fn grouped(text: &Text, key: &str) -> Option<String> {
    let (kind, rest) = key.split_once('.')?;
    let zh = text.zh();
    // a bucket's name holds points itself: leverage.1.25-1.50.liquidation_rate
    let (name, inner) = rest.char_indices().filter(|(_, c)| *c == '.').find_map(|(at, _)| {
        let (name, inner) = (&rest[..at], &rest[at + 1..]);
        own(text.language, inner).map(|inner| (name, inner))
    })?;
    let group = match (kind, zh) {
        ("tier", false) => format!("Tier {name}"),
        ("tier", true) => format!("{name} 层"),
        ("grade", false) => format!("Grade {name}"),
        ("grade", true) => format!("{name} 级客户"),
        ("leverage", false) => format!("Leverage {}", bucket(name)),
        ("leverage", true) => format!("杠杆 {} 倍", bucket(name)),
        ("sector", false) => format!("Sector {name}"),
        ("sector", true) => format!("{name} 行业"),
        ("trigger", false) => format!("Trigger {name}"),
        ("trigger", true) => format!("触发条件 {name} "),
        ("source", false) => format!("Source {name}"),
        ("source", true) => format!("资金方 {name} "),
        _ => return None,
    };
    if zh {
        return Some(format!("{group}{inner}"));
    }
    let lower = if inner.starts_with("VaR") || inner.starts_with("ES") { inner } else { inner[..1].to_lowercase() + &inner[1..] };
    Some(format!("{group}: {lower}"))
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

fn own(language: Language, key: &str) -> Option<String> {
    let pick = |(_, en, zh): &(&str, &str, &str)| match language {
        Language::En => en.to_string(),
        Language::Zh => zh.to_string(),
    };
    if let Some(row) = WHOLE.iter().chain(&margin::MEASURES).find(|(k, _, _)| *k == key) {
        return Some(pick(row));
    }
    if let Some((layer, inner)) = key.strip_prefix("contagion.").and_then(|rest| rest.split_once('.')) {
        let layer = pick(LAYERS.iter().find(|(name, _, _)| *name == layer)?);
        let inner = own(language, inner)?;
        return Some(if language == Language::Zh { format!("{layer}{inner}") } else { format!("{inner}, {layer}") });
    }
    let (quantity, statistic) = key.split_once('.')?;
    let quantity = pick(QUANTITIES.iter().find(|(k, _, _)| *k == quantity)?);
    let zh = language == Language::Zh;
    let number = |digits: &&str| digits.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let level = |prefix: &str| statistic.strip_prefix(prefix).filter(number).map(|digits| digits.replace('_', "."));
    Some(match statistic {
        "mean" if zh => format!("{quantity}均值"),
        "mean" => format!("{quantity}, mean"),
        "volatility" if zh => format!("{quantity}波动（标准差）"),
        "volatility" => format!("{quantity}, standard deviation"),
        "hhi_clients" if zh => format!("客户{quantity}（HHI）"),
        "hhi_clients" => format!("{quantity} over clients (HHI)"),
        "median" if zh => format!("{quantity}中位数"),
        "median" => format!("{quantity}, median"),
        "probability" if zh => format!("{}概率", quantity.trim_end_matches("金额")),
        "probability" => format!(
            "Probability of {}",
            match key {
                "shortfall.probability" => "a shortfall".to_string(),
                "pool_loss.probability" => "a pool loss".to_string(),
                "loss.probability" => "a loss".to_string(),
                _ => quantity.to_lowercase(),
            }
        ),
        "es_99_part" if zh => format!("{quantity}在资金池 ES 99% 中的部分"),
        "es_99_part" => format!("{quantity}, its part of the pool's ES 99%"),
        "mean_days" if zh => format!("{quantity}均值（天）"),
        "mean_days" => format!("{quantity}, mean days"),
        _ => match (level("var_"), level("es_")) {
            (Some(level), _) if zh => format!("{quantity} VaR {level}%"),
            (Some(level), _) => format!("{quantity}, VaR {level}%"),
            (_, Some(level)) if zh => format!("{quantity} ES {level}%"),
            (_, Some(level)) => format!("{quantity}, ES {level}%"),
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
