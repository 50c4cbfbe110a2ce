//! Lists what the report says beside the sentences of shocks: when, rates that rise, halts, boards; English beside Chinese.

use super::catalogue::words;

words! {
    /// Words of when a shock falls, of rates that rise and of halts.
    ShockWord;

    // when
    Day: "day {day}", "第 {day} 日";
    Days: "days {first} to {last}", "第 {first} 至 {last} 日";
    FromDay: "from day {first}", "自第 {first} 日起";
    WholeHorizon: "throughout", "全程";

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
