//! Names the margin's rules in both languages, English beside Chinese.

use super::Text;

/// A word or sentence in both languages; `{names}` are filled with figures.
#[derive(Clone, Copy, Debug)]
pub struct Pair(pub &'static str, pub &'static str);

impl Pair {
    pub fn get(self, text: &Text) -> &'static str {
        if text.zh() { self.1 } else { self.0 }
    }

    /// The sentence with each `{name}` replaced by its value.
    pub fn fill(self, text: &Text, values: &[(&str, &str)]) -> String {
        values.iter().fold(self.get(text).to_string(), |sentence, (name, value)| sentence.replace(&format!("{{{name}}}"), value))
    }
}

pub const RULEBOOK: Pair = Pair("Rulebook", "规则手册");
pub const OWN_KEYS: Pair = Pair("none: the lines below", "无，按下列各线");
pub const SINCE: Pair = Pair("{name}, version in force since {date}", "{name}，{date} 起生效版本");
pub const PRODUCTS: Pair = Pair("Rulebooks by product", "分产品规则手册");
pub const CURED_AT: Pair = Pair("Ratio that cures a call", "追保解除线");
pub const CALL_LINE: Pair = Pair("the call line", "追保线");
pub const LIMIT_ACTION: Pair = Pair("Below the limit line", "低于限额线");
pub const NO_PURCHASES: Pair = Pair("no purchases", "禁止买入");
pub const REDUCE_TO: Pair = Pair("sold down to {ratio} at the same close", "当日收盘减仓至 {ratio}");
pub const CAP_LEVERAGE: Pair = Pair("sold down to a leverage of {leverage} at the same close", "当日收盘减仓至杠杆 {leverage} 倍");
pub const WITHDRAWAL: Pair = Pair("Withdrawal line", "提取线");
pub const INITIAL: Pair = Pair("Initial margin of a purchase", "融资保证金比例");
pub const TABLE_CAPTION: Pair = Pair("Rulebooks in force, their sources and assumptions", "生效的规则手册、出处与假设");
pub const HEAD_FOR: Pair = Pair("For", "适用");
pub const HEAD_SINCE: Pair = Pair("In force since", "生效日");
pub const HEAD_SOURCE: Pair = Pair("Source", "出处");
pub const HEAD_ASSUMPTION: Pair = Pair("Assumption", "假设");
pub const ALL_ACCOUNTS: Pair = Pair("accounts without another", "未另行指定的账户");
pub const OF_PRODUCT: Pair = Pair("product {product}", "产品 {product}");
pub const OF_ACCOUNTS: Pair = Pair("accounts that name it themselves", "账户自行指定");
pub const NO_ASSUMPTION: Pair = Pair("none", "无");
pub const STOP: Pair = Pair("Stops", "止损规则");
pub const STOP_POSITION: Pair = Pair("a position at a loss of {loss} is sold", "单一持仓亏损达 {loss} 时卖出");
pub const STOP_DRAWDOWN: Pair = Pair("an account {loss} below its best is closed out", "账户自有资金自高点回落 {loss} 时强制平仓");
pub const HAIRCUTS: Pair = Pair("Haircuts in the ratio", "担保比例中的折扣");
pub const HAIRCUT_FLAT: Pair = Pair("{share} of every holding", "每项持仓 {share}");
pub const HAIRCUT_COLLATERAL: Pair = Pair("all but the conversion rate", "按折算率计入");
pub const HAIRCUT_WIDENING: Pair =
    Pair("{base}, following {times} times the rise of volatility, at most {cap}", "{base}，随波动率上升的 {times} 倍扩大，最高 {cap}");
pub const TRIGGER: Pair = Pair("Volatility trigger", "波动率触发");
pub const TRIGGER_VALUE: Pair = Pair(
    "{measure} above {threshold}: for {days} sessions accounts above a leverage of {leverage}{what}",
    "{measure}高于 {threshold}：{days} 个交易日内对杠杆高于 {leverage} 倍的账户{what}",
);
pub const TRIGGER_LIMIT: Pair = Pair(", limit line {limit}", "，限额线 {limit}");
pub const TRIGGER_CUT: Pair = Pair(", cut to {leverage}", "，减仓至 {leverage} 倍");
pub const ABSOLUTE: Pair = Pair("absolute return", "收盘涨跌幅绝对值");
pub const REALISED: Pair = Pair("realised volatility of {n} sessions", "{n} 日已实现波动率");
pub const RANGE: Pair = Pair("range of {n} closes", "{n} 日收盘振幅");
pub const WEIGHTED: Pair = Pair("exponentially weighted volatility", "指数加权波动率");
pub const SESSION_RANGE: Pair = Pair("expected range of the session", "当日预期振幅");
pub const ASSUMED_RANGE: Pair = Pair(
    "Highs and lows within a session are not simulated: its range is what is expected of a path between two closes at the day's volatility, scaled to what stock indices have shown.",
    "不模拟盘中高低价：当日振幅取两个收盘价之间按当日波动率的期望值，并按股票指数的历史表现折算。",
);
pub const DYNAMIC: Pair = Pair("Dynamic lines", "动态保证金线");
pub const DYNAMIC_VOLATILITY: Pair = Pair("scaled by volatility over that of the as-of date", "按波动率与基准日之比缩放");
pub const DYNAMIC_RISK: Pair =
    Pair("call line covers the value at risk at {confidence} over {days} sessions", "追保线覆盖 {days} 个交易日 {confidence} 风险价值");
pub const DYNAMIC_VALUE: Pair = Pair(
    "{method}; scale {floor} to {cap}; stressed weight {weight}, buffer {buffer}, lookback floor: {lookback}",
    "{method}；比例 {floor} 至 {cap}；压力权重 {weight}，缓冲 {buffer}，历史下限：{lookback}",
);
pub const RISK: Pair = Pair("Volatility that margin reads", "保证金规则所取波动率");
pub const RISK_LARGER: Pair = Pair("the larger of realised and implied", "已实现与隐含波动率取大者");
pub const RISK_REALISED: Pair = Pair("realised", "已实现波动率");
pub const RISK_IMPLIED: Pair = Pair("implied", "隐含波动率");
pub const RISK_BLEND: Pair = Pair("{weight} implied, the rest realised", "隐含波动率占 {weight}，其余为已实现");
pub const RISK_LASTS: Pair =
    Pair("{measure}; implied keeps its ratio to realised of the as-of date", "{measure}；隐含与已实现之比保持基准日水平");
pub const RISK_REVERTS: Pair = Pair(
    "{measure}; half of implied's distance from {ratio} times realised is gone after {days} sessions",
    "{measure}；隐含波动率与已实现的 {ratio} 倍之差每 {days} 个交易日减半",
);
pub const ASSUMED_IMPLIED: Pair = Pair(
    "On simulated paths implied volatility moves with the realised one, at the ratio of the as-of date (with a half-life: on its way to a long-run ratio): how options are priced along a path is assumed, and the index of options stands for the equal-weighted mean of what is held.",
    "模拟路径上隐含波动率随已实现波动率变动，二者之比取基准日水平（设有半衰期的情景则逐步回归长期比率）；路径上的期权定价方式为假设，且以期权波动率指数代表持仓证券的等权平均。",
);
pub const ASSUMED_DEPTH: Pair = Pair(
    "Where the depth of buyers' quotes is known, the leverage template lets it be taken a fixed number of times a session; how fast quotes fill up again is assumed.",
    "已知买盘深度时，杠杆模板设每日可按固定次数吃掉盘口；盘口恢复速度为假设。",
);
pub const TEMPLATE: Pair = Pair("Leverage template", "杠杆模板");
pub const TEMPLATE_VALUE: Pair =
    Pair("{calm} in calm to {stress} in stress; enforced: {enforced}", "平静时 {calm} 倍，压力时 {stress} 倍；强制执行：{enforced}");
pub const CAP: Pair = Pair("Investment cap", "投资上限");
pub const CAP_VALUE: Pair = Pair(
    "least of own capital times {risk} times the leverage factor, rules, and the platform's limit",
    "自有资金乘以 {risk} 再乘以杠杆系数、监管限额、平台门槛三者取最小",
);
pub const STAGED: Pair = Pair("Most of a position closed out in a session", "平仓单日最多卖出持仓");
pub const ADL: Pair = Pair("De-leveraging ahead of the line", "线前比例减仓");
pub const ADL_VALUE: Pair = Pair(
    "between {lower} and {upper}: {share} of every holding at each close",
    "担保比例介于 {lower} 与 {upper} 时每日卖出各持仓的 {share}",
);
pub const AND: Pair = Pair("; ", "；");

/// `(key, English, Chinese)`: measures of the controls.
pub const MEASURES: [(&str, &str, &str); 19] = [
    ("stock_cap.exceeded", "Stocks held beyond the rulebook's share of the free float", "持仓超过规则流通市值占比上限的股票数"),
    ("risk_volatility.realised", "Volatility of the market a year, realised", "市场年化已实现波动率"),
    ("risk_volatility.read", "Volatility of the market a year, as margin rules read it", "保证金规则所取市场年化波动率"),
    ("reduction_rate", "Rate of accounts sold down before close-out", "平仓前减仓账户占比"),
    ("reduction_sales.mean", "Sales before close-out, mean", "平仓前减仓卖出额均值"),
    ("volatility_trigger.mean_days", "Sessions with the volatility trigger tripped, mean", "波动率触发天数均值"),
    ("procyclicality.peak_to_trough.mean", "Margin requirement, peak to trough, tools on", "保证金要求峰谷比（启用工具）"),
    ("procyclicality.rise_1_day.mean", "Largest 1-day rise of the requirement, tools on", "保证金要求最大单日升幅（启用工具）"),
    ("procyclicality.rise_5_day.mean", "Largest 5-day rise of the requirement, tools on", "保证金要求最大五日升幅（启用工具）"),
    ("procyclicality.rise_30_day.mean", "Largest 30-day rise of the requirement, tools on", "保证金要求最大三十日升幅（启用工具）"),
    ("procyclicality_off.peak_to_trough.mean", "Margin requirement, peak to trough, tools off", "保证金要求峰谷比（不用工具）"),
    ("procyclicality_off.rise_1_day.mean", "Largest 1-day rise of the requirement, tools off", "保证金要求最大单日升幅（不用工具）"),
    ("procyclicality_off.rise_5_day.mean", "Largest 5-day rise of the requirement, tools off", "保证金要求最大五日升幅（不用工具）"),
    ("procyclicality_off.rise_30_day.mean", "Largest 30-day rise of the requirement, tools off", "保证金要求最大三十日升幅（不用工具）"),
    ("investment_cap.by_means", "Accounts whose cap is set by their means", "上限由自身资金决定的账户占比"),
    ("investment_cap.by_regulation", "Accounts whose cap is set by rules", "上限由监管限额决定的账户占比"),
    ("investment_cap.by_platform", "Accounts whose cap is set by the platform", "上限由平台门槛决定的账户占比"),
    ("investment_cap.exceeded", "Accounts beyond their investment cap", "超出投资上限的账户占比"),
    ("investment_cap.excess", "Investment beyond the caps", "超出投资上限的金额"),
];

/// Every pair, for the tests.
#[cfg(test)]
const ALL: &[Pair] = &[
    RULEBOOK,
    OWN_KEYS,
    SINCE,
    PRODUCTS,
    CURED_AT,
    CALL_LINE,
    LIMIT_ACTION,
    NO_PURCHASES,
    REDUCE_TO,
    CAP_LEVERAGE,
    WITHDRAWAL,
    INITIAL,
    TABLE_CAPTION,
    HEAD_FOR,
    HEAD_SINCE,
    HEAD_SOURCE,
    HEAD_ASSUMPTION,
    ALL_ACCOUNTS,
    OF_PRODUCT,
    OF_ACCOUNTS,
    NO_ASSUMPTION,
    STOP,
    STOP_POSITION,
    STOP_DRAWDOWN,
    HAIRCUTS,
    HAIRCUT_FLAT,
    HAIRCUT_COLLATERAL,
    HAIRCUT_WIDENING,
    TRIGGER,
    TRIGGER_VALUE,
    TRIGGER_LIMIT,
    TRIGGER_CUT,
    ABSOLUTE,
    REALISED,
    RANGE,
    WEIGHTED,
    SESSION_RANGE,
    ASSUMED_RANGE,
    DYNAMIC,
    DYNAMIC_VOLATILITY,
    DYNAMIC_RISK,
    DYNAMIC_VALUE,
    RISK,
    RISK_LARGER,
    RISK_REALISED,
    RISK_IMPLIED,
    RISK_BLEND,
    RISK_LASTS,
    RISK_REVERTS,
    ASSUMED_IMPLIED,
    ASSUMED_DEPTH,
    TEMPLATE,
    TEMPLATE_VALUE,
    CAP,
    CAP_VALUE,
    STAGED,
    ADL,
    ADL_VALUE,
    AND,
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn both_languages_are_there_with_the_same_slots_and_no_stray_english() {
        let slots = |s: &str| s.split('{').skip(1).map(|rest| rest.split('}').next().unwrap().to_string()).collect::<BTreeSet<_>>();
        for pair in ALL {
            assert_eq!(slots(pair.0), slots(pair.1), "{pair:?}");
            let bare = slots(pair.1).iter().fold(pair.1.to_string(), |s, slot| s.replace(&format!("{{{slot}}}"), ""));
            assert!(!bare.is_empty() && !bare.chars().any(|c| c.is_ascii_alphabetic()), "{pair:?}");
            assert!(pair.0.is_ascii(), "{pair:?}");
        }
        assert!(MEASURES.iter().all(|(_, en, zh)| en.is_ascii() && !zh.chars().any(|c| c.is_ascii_alphabetic())));
    }
}
