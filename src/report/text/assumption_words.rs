//! Lists what the report assumes where a programme is silent, English beside Chinese.

use super::catalogue::words;

words! {
    /// One assumption.
    AssumptionWord;

    SameClose: "A forced sale that is decided at a close is made at that very close, at its price, where the delay is 0 ({scenarios}); in practice it is made at the next session's prices.",
        "延迟为 0 时（{scenarios}），收盘时决定的强制平仓即按该收盘价成交；实务中按次一交易日价格成交。";
    NextClose: "A forced sale is made at the close of a session, {days} after the one whose close decided it, where a delay is in force ({scenarios}).",
        "设有延迟时（{scenarios}），强制平仓于决定之日后第 {days} 个交易日按收盘价成交。";
    NoMaturities: "Where the pool's cash is not kept ({scenarios}), loans and funding do not fall due within the horizon: their maturity dates are read and not acted on.",
        "未核算资金池现金时（{scenarios}），期限内融资与资金均不到期：到期日已读取但不据以处理。";
    SellsAll: "A forced liquidation sells the whole account where no ratio is set for it to stop at ({scenarios}).",
        "未设平仓恢复线时（{scenarios}），强制平仓卖出账户全部持仓。";
    SellsTo: "A forced liquidation stops at {ratio}, or sells everything where that does not reach it ({scenarios}).",
        "强制平仓卖至维持担保比例 {ratio} 为止，不足以达到时卖出全部持仓（{scenarios}）。";
    TPlusOne: "Shares bought on the as-of date can be sold from the first session on (T+1); what an account may not sell on it stands in its positions file.",
        "基准日买入的股票自首个交易日起可卖出（T+1）；当日不可卖出的数量以持仓文件为准。";
    NoTPlusOne: "Shares can be sold on the day they are bought ({scenarios}).", "当日买入的股票当日可卖出（{scenarios}）。";
    NoLimits: "No daily price limit binds ({scenarios}).", "不适用涨跌幅限制（{scenarios}）。";
    NoDuty: "Sales pay no stamp duty ({scenarios}).", "卖出不计印花税（{scenarios}）。";
    Stress: "Market stress is the larger of two: the fall of the held securities from their highest close since 60 sessions before the as-of date, and the rise of their volatility over the lower of its level in those 60 sessions and in the ten years before; an as-of date inside a crash stands in stress itself.",
        "市场压力取两者较大值：持仓证券自基准日前 60 个交易日以来最高收盘点位的跌幅，以及其波动率相对该 60 个交易日与此前十年两者中较低水平的上升；处于暴跌中的基准日本身即为压力状态。";
    AllScenarios: "all scenarios", "所有情景";
    Calendar: "The horizon's days: {calendar}.", "期限内日期：{calendar}。";
    Interest: "Interest accrues for every calendar day from one session to the next, weekends and holidays included.", "利息按相邻交易日之间的自然日逐日计提，含周末与节假日。";
}
