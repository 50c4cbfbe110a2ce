//! Lists what the report says of shocks and of rates that rise, English beside Chinese.

use super::catalogue::words;

words! {
    /// One sentence on a shock.
    ShockWord;

    // when
    Day: "day {day}", "第 {day} 日";
    Days: "days {first} to {last}", "第 {first} 至 {last} 日";
    FromDay: "from day {first}", "自第 {first} 日起";
    WholeHorizon: "throughout", "全程";

    // what
    Gap: "{when}: {target} {size}", "{when}：{target} {size}";
    LimitDowns: "{when}: {target} fall to the lower limit and cannot be sold", "{when}：{target}跌停且无法卖出";
    Volatility: "{when}: log returns of {target} times {multiple} about their mean", "{when}：{target}的对数收益率围绕均值放大至 {multiple} 倍";
    Correlation: "{when}: returns of {target} pulled {pull} towards their common move, each with its own variance", "{when}：{target}的收益率向共同变动靠拢 {pull}，各自方差不变";
    DriftTotal: "{when}: a drift of {size} in all on {target}", "{when}：{target}累计漂移 {size}";
    DriftAnnual: "{when}: a drift of {size} a year on {target}", "{when}：{target}年化漂移 {size}";
    VolumeDryUp: "{when}: turnover of {target} falls to {multiple}", "{when}：{target}的成交额降至 {multiple}";
    SuspensionAll: "{when}: {target} suspended, what was missed is due on resumption", "{when}：{target}停牌，复牌时补回期间涨跌";
    SuspensionShare: "{when}: {share} of {target}, drawn on each path, suspended; what was missed is due on resumption", "{when}：{target}中随机抽取 {share} 停牌，复牌时补回期间涨跌";
    PinnedIndex: "{when}: every path bent so that the equally weighted index of {target} ends at {size}", "{when}：逐路径调整，使{target}的等权指数终值为 {size}";
    PinnedEach: "{when}: every path bent so that each of {target} ends at {size}", "{when}：逐路径调整，使{target}各自终值为 {size}";

    // limits
    Continuation: "{rule}; a close at the limit adds {limits} of a limit to it", "{rule}；封于涨跌停另加 {limits} 个涨跌停幅度";

    // drift of what is fitted
    RuleDrift: "Drift of what is fitted", "估计所得漂移";
    DriftNone: "none: a mean simple return of 0 a session", "无：每个交易日简单收益率均值为 0";
    DriftHistorical: "the mean of the history", "沿用历史均值";
    DriftGiven: "{size} a year", "年化 {size}";
    DriftPast: "nothing is fitted", "不作估计";
    DriftOfPortfolio: "{rule}; the portfolio's drift is {used} a year, {historical} in the history", "{rule}；组合年化漂移 {used}，历史为 {historical}";
    DriftOfPortfolioAlone: "{rule}; the portfolio's drift is {used} a year", "{rule}；组合年化漂移 {used}";

    // names halted on the as-of date
    RuleHalted: "Names halted on the as-of date", "基准日停牌证券";
    HaltedModelled: "trade again on their stated date, else after a time drawn from the history's halts; what was missed is due then", "按所载复牌日复牌，未载明者按历史停牌时长随机复牌；复牌时补足停牌期间涨跌";
    HaltedFor: "trade again on their stated date, else after {n} sessions; what was missed is due then", "按所载复牌日复牌，未载明者于 {n} 个交易日后复牌；复牌时补足停牌期间涨跌";

    // rates
    LoanRateRise: "{rule}; client loan rates {size}", "{rule}；客户融资利率 {size}";
    FundingRateRise: "{rule}; funding rates {size}", "{rule}；资金成本利率 {size}";

    // boards beyond those of A shares
    BoardB: "B shares", "B 股";
    BoardEtf: "ETFs", "ETF";
    BoardEtfWide: "ETFs that move by 20%", "涨跌幅 20% 的 ETF";
    BoardFund: "closed and listed funds", "封闭式及 LOF 基金";
    BoardConvertible: "convertible bonds", "可转债";
}
