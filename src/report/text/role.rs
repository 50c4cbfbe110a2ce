//! Names the kinds of input files in both languages; an unknown one names itself.

use super::Text;
use crate::model::part::Words;

const ROLE_PRICES: Words = Words("Prices", "行情");
const ROLE_RETURNS: Words = Words("Returns", "收益率");
const ROLE_INSTRUMENTS: Words = Words("Instruments", "证券资料");
const ROLE_ACCOUNTS: Words = Words("Accounts", "账户");
const ROLE_POSITIONS: Words = Words("Positions", "持仓");
const ROLE_FUNDING: Words = Words("Funding", "资金");
const ROLE_CORRELATIONS: Words = Words("Correlations", "相关系数");
const ROLE_GIVEN: Words = Words("Given paths", "给定路径");
const ROLE_IMPLIED: Words = Words("Implied volatility", "隐含波动率");
const ROLE_CALENDAR: Words = Words("Trading calendar", "交易日历");
const ROLE_PREVIOUS: Words = Words("Earlier report", "前期报告");
const ROLE_REGISTER: Words = Words("History of reports", "历史台账");

/// What a role is called.
pub fn name(text: &Text, role: &str) -> String {
    let word = match role {
        "prices" => ROLE_PRICES,
        "returns" => ROLE_RETURNS,
        "instruments" => ROLE_INSTRUMENTS,
        "accounts" => ROLE_ACCOUNTS,
        "positions" => ROLE_POSITIONS,
        "funding" => ROLE_FUNDING,
        "correlations" => ROLE_CORRELATIONS,
        "paths" => ROLE_GIVEN,
        "implied-volatility" => ROLE_IMPLIED,
        "calendar" => ROLE_CALENDAR,
        "previous" => ROLE_PREVIOUS,
        "register" => ROLE_REGISTER,
        other => return other.to_string(),
    };
    text.get(word).into()
}
