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
pub const ALL_ACCOUNTS: Pair = Pair("all accounts but for their own contracts", "所有账户（自有合同除外）");
pub const OF_PRODUCT: Pair = Pair("product {product}", "产品 {product}");
pub const NO_ASSUMPTION: Pair = Pair("none", "无");

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
    NO_ASSUMPTION,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_are_there_with_the_same_slots_and_no_stray_english() {
        let slots = |s: &str| s.split('{').skip(1).map(|rest| rest.split('}').next().unwrap().to_string()).collect::<Vec<_>>();
        for pair in ALL {
            assert_eq!(slots(pair.0), slots(pair.1), "{pair:?}");
            let bare = slots(pair.1).iter().fold(pair.1.to_string(), |s, slot| s.replace(&format!("{{{slot}}}"), ""));
            assert!(!bare.is_empty() && !bare.chars().any(|c| c.is_ascii_alphabetic()), "{pair:?}");
            assert!(pair.0.is_ascii(), "{pair:?}");
        }
    }
}
