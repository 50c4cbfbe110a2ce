//! Explains the words of the trade, English and Chinese side by side.

use crate::model::part::Words;

/// Each term and its meaning.
pub const TERMS: &[(Words, Words)] = &[
    (
        Words("own capital", "自有资金"),
        Words("what the client owns: cash and market value less loan and interest", "客户权益：现金加市值减去融资与利息"),
    ),
    (Words("loan", "融资"), Words("money lent to the client against the account", "以账户为担保借给客户的资金")),
    (Words("exposure", "敞口"), Words("cash and market value of an account", "账户的现金与市值")),
    (Words("leverage", "杠杆倍数"), Words("exposure over own capital", "敞口除以自有资金")),
    (
        Words("maintenance ratio", "维持担保比例"),
        Words("cash and market value over loan and accrued interest", "现金与市值之和除以融资与应计利息之和"),
    ),
    (Words("warning line", "预警线"), Words("below it the client is warned", "低于此线即预警")),
    (Words("limit line", "限额线"), Words("below it the account may not buy", "低于此线不得买入")),
    (Words("call", "追加保证金"), Words("the demand to pay in until the deadline", "要求客户限期补足，简称追保")),
    (
        Words("liquidation line", "平仓线"),
        Words("at or below it forced liquidation begins without a deadline", "触及或低于此线即触发强制平仓，不再给予补足期限"),
    ),
    (Words("forced liquidation", "强制平仓"), Words("sale of an account's holdings by the lender", "出资方卖出账户持仓，简称强平")),
    (Words("shortfall", "穿仓"), Words("negative own capital after close-out", "强制平仓后自有资金为负")),
    (Words("recourse", "追偿"), Words("what is recovered from the client after a shortfall", "穿仓后向客户追回的部分")),
    (Words("tier", "层"), Words("a part of the funding pool with its own place in the order of losses", "资金池中具有各自损失顺序的部分")),
    (Words("waterfall", "损失分担"), Words("the order in which tiers bear losses", "各层承担损失的顺序")),
    (Words("VaR 99%", "风险价值"), Words("the loss that 1% of paths exceed", "仅 1% 的路径超过的损失")),
    (Words("ES 99%", "预期尾部损失"), Words("the mean loss of the worst 1% of paths", "最差 1% 路径的平均损失")),
    (Words("standard error", "标准误"), Words("the spread of an estimate over repeated simulations", "估计值在重复模拟中的离散程度")),
    (
        Words("HHI", "赫芬达尔指数"),
        Words("the sum of squared shares; 1 is one holder, 1/n is n equal ones", "占比平方和；1 为单一持有，1/n 为 n 个均等持有"),
    ),
    (Words("utilisation", "资金利用率"), Words("loans over funding", "融资除以可用资金")),
    (Words("suspension", "停牌"), Words("no trading in a symbol all day", "证券全天停止交易")),
    (Words("price limit", "涨跌停"), Words("the largest daily move the exchange allows", "交易所允许的最大日涨跌幅")),
];
