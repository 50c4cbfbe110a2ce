//! Lists what the report says of the pool, its cash and its funders, English beside Chinese.

use super::catalogue::words;

words! {
    /// One word or sentence on the pool.
    PoolWord;

    Intro: "The pool's loss is the clients' shortfall, and what it loses with a custodian, less recourse; the tiers bear it in order, each up to its capital. Cover-1 and cover-2 are what the client, and the two clients, with the largest losses of each path cost.",
        "资金池损失为客户穿仓加自身托管损失减去追偿，由各层按顺序以其资金为限承担。单一路径中损失最大的一位、两位客户造成的损失分别列示。";
    NotKept: "The programme gives the pool no cash account, so neither its cash nor its funders are simulated.", "方案未设资金池现金账户，故不模拟其现金与资金方。";
    Thin: "On the as-of date the cash covers {days} sessions of what the pool must pay out: less than one. A day on which repayments fail to come in cannot be met from it.",
        "基准日现金仅够 {days} 个交易日的应付款，不足一日：任何一日还款中断都无法以现金应对。";
    Buffered: "On the as-of date the cash covers {days} sessions of what the pool must pay out.", "基准日现金可覆盖 {days} 个交易日的应付款。";
    Moves: "The chart shows the tiers as funded on the as-of date. Money that funders take out of a tier no longer bears losses, so that a run on one tier brings the next into loss earlier than drawn.",
        "上图按基准日各层资金绘制。资金方撤出的资金不再承担损失，因此某一层发生挤兑后，下一层会早于图示开始承担损失。";
    BoreCaption: "Who bore what, mean over paths", "损失由谁承担（路径均值）";
    ReturnCaption: "Return of the pool, its swings, and its largest clients", "资金池收益、波动与最大客户";
    CashCaption: "Cash and what is called back", "现金与提前收回";
    FundersCaption: "Funders, hedge and custodian", "资金方、对冲与托管";
    TiersCaption: "Tiers that fail, and triggers that fire", "各层无力兑付与触发条件";
    SourcesCaption: "Funding withdrawn by source: probability", "各资金方撤资概率";
    LadderCaption: "Maturity ladder on the as-of date", "基准日期限阶梯";
    LadderNote: "Cumulated gap: idle cash and loans due less funding due, up to the rung, when nothing rolls. What has no term stands in the last rung.",
        "累计缺口：无任何续作时，截至该期限的闲置现金加到期融资减到期资金；无期限者列入末档。";
    TriggersCaption: "Triggers and their values", "触发条件及其数值";
    HeadTrigger: "Trigger", "触发条件";
    HeadCondition: "Fires when", "触发时点";
    HeadEffect: "What it does", "作用";
    WhenLoss: "loss at or above {value} of capital", "损失达到资金的 {value}";
    WhenBuffer: "buffer at or below {value} sessions", "缓冲不高于 {value} 个交易日";
    WhenStress: "market stress at or above {value}", "市场压力达到 {value}";
    DoOrder: "tiers lose in the order {order}", "损失顺序改为 {order}";
    DoRecall: "{share} of loans called back", "收回 {share} 融资";
    DoRecallTier: "{share} of the loans of tier {tier} called back", "收回 {tier} 层 {share} 融资";
    DoReplenish: "tiers refilled: {amounts}", "补充各层资金：{amounts}";
    HeadReturn: "Return", "收益率";
    HeadVolatility: "Daily volatility", "日波动率";
    HeadLossDeviation: "Std. deviation of loss", "损失标准差";
    HeadCover1: "Cover-1, ES 99%", "最大客户损失 ES 99%";
    HeadCover2: "Cover-2, ES 99%", "前两大客户损失 ES 99%";
    HeadUncovered: "Cover-2 beyond junior tiers", "前两大客户损失超出次级各层";
    HeadShortfallMean: "Shortfall", "穿仓";
    HeadRecourseMean: "Recourse", "追偿";
    HeadCustodyPool: "Custodian", "托管";
    HeadTier: "Tier {tier}", "{tier} 层";
    HeadBeyond: "Beyond", "超出各层";
    HeadBuffer: "Least buffer, sessions", "最低缓冲天数";
    HeadCash: "Least cash", "最低现金";
    HeadUtilisation: "Highest utilisation", "最高利用率";
    HeadSurvival: "Sessions paid in full", "全额兑付天数";
    HeadUnpaid: "A claim unpaid", "未能兑付概率";
    HeadRecalled: "Called back", "提前收回";
    HeadRun: "A run", "挤兑概率";
    HeadWithdrawn: "Withdrawn", "撤出资金";
    HeadHedge: "Hedge", "对冲损益";
    HeadClientCustody: "Clients' custodian loss", "客户托管损失";
    HeadFailed: "Tier {tier} fails", "{tier} 层无力兑付";
    HeadFired: "{trigger} fires", "{trigger} 触发";
    HeadRung: "Days to maturity", "剩余天数";
    HeadLoansDue: "Loans due", "到期融资";
    HeadFundingDue: "Funding due", "到期资金";
    HeadGap: "Cumulated gap", "累计缺口";
    RungUpTo: "up to {days}", "至 {days} 天";
    RungOpen: "later, or no term", "更长或无期限";
    ChartWaterfall: "Who bore what: {scenario}", "损失分担：{scenario}";
    ChartAttachment: "Where each tier attaches, and how often it is touched: {scenario}", "各层的起赔点与受损概率：{scenario}";
    AxisMoney: "mean over paths, {unit}", "路径均值（{unit}）";
    AxisLoss: "pool loss, {unit}", "资金池损失（{unit}）";
    StepShortfall: "Clients' shortfall", "客户穿仓";
    StepCustody: "Lost with the custodian", "托管损失";
    StepRecourse: "Recovered from clients", "向客户追回";
    Touched: "touched {hit}, exhausted {gone}", "受损 {hit}，耗尽 {gone}";
    AltWaterfall: "Waterfall chart, {title}; {unit}: {values}.", "瀑布图，{title}；{unit}：{values}。";
    AltAttachment: "Tiers from the first loss up, {unit}: {values}.", "自首个损失起的各层，{unit}：{values}。";

    // rules
    RuleCapital: "Capital of tiers, where not the funding's", "各层资金（另行约定者）";
    RuleFront: "Front control: lines stand higher by", "前置风控：各控制线上移";
    RuleCash: "Cash account of the pool", "资金池现金账户";
    RuleRecall: "Loans called back when cash lacks", "现金不足时提前收回融资";
    RuleRoll: "Funding and loans that mature", "到期资金与融资的续作";
    RuleRun: "Run of funders", "资金方挤兑";
    RuleHedge: "Hedge", "对冲";
    RuleSourceFailure: "Funders that fail", "违约的资金方";
    RuleCustodian: "Custodian's failure", "托管机构违约";
    RuleRecourseDelay: "Sessions until recourse is in", "追偿到账所需交易日";
    RuleRefill: "Refill of tiers, share of their capital a session", "每日补充各层资金（占其资金）";
    RuleTriggers: "Triggers", "触发条件";
    IdleRest: "funding less loans", "资金减融资";
    CycleOwn: "to maturity", "至到期";
    CashValue: "idle cash {idle}, least buffer {minimum}, sessions a loan is out: {cycle}", "闲置现金 {idle}，最低缓冲 {minimum}，融资周转天数：{cycle}";
    RecallProRata: "the same share of every loan", "各笔融资同比例";
    RecallLargest: "the largest first", "金额大者先收";
    RecallRiskiest: "the lowest ratio first", "担保比例低者先收";
    RecallNone: "none is called", "不收回";
    RecallValue: "{order}; sessions until sales settle: {settle}; sessions a claim waits before tiers fail: {grace}", "{order}；卖出款 {settle} 个交易日到账；{grace} 个交易日未兑付则判定无力兑付";
    RollValue: "sources roll with {sources} for {days} days; loans with {loans}", "资金方续作概率 {sources}，续作 {days} 天；融资续作概率 {loans}";
    RunValue: "{hazard} a calm session, withdrawing {share}; sessions of notice: {notice}; weights: loss {loss}, buffer (sessions below {days}) {buffer}, stress {stress}",
        "平静时每日 {hazard}，撤出 {share}，{notice} 个交易日后支付；权重：损失 {loss}，缓冲低于 {days} 个交易日 {buffer}，市场压力 {stress}";
    HedgeValue: "tier {tier} is short {ratio} of loans; basis {basis} a day, cost {cost} a year, margin {margin}",
        "{tier} 层做空融资额的 {ratio}；基差日波动 {basis}，年成本 {cost}，保证金 {margin}";
    SourceFailureValue: "{sources} on day {day}", "{sources}，第 {day} 日";
    CustodianValue: "day {day}: {cash} of the cash and {clients} of clients; {haircut} gone, the rest frozen for {frozen} sessions",
        "第 {day} 日：{cash} 的现金与 {clients} 的客户；损失 {haircut}，其余冻结 {frozen} 个交易日";
    SharingCapped: "profit is split, client's share {client}; the lender bears {lender} of a loss, at most {cap} of own capital",
        "盈利分成，客户占 {client}；亏损由出资方承担 {lender}，以自有资金的 {cap} 为限";
    RuleLending: "Lending terms", "融资条件";
    LendingValue: "spread over the funding's cost by grade: {spreads}; most lent on assets: {cap}", "按等级的利差（相对资金成本）：{spreads}；融资成数上限：{cap}";
    LendingNoSpreads: "as contracted", "按合同";
    LendingCap: "{base} less {funding} times the funding's annual cost, {volatility} times volatility over the sessions of a sale, {stress} times stress, at least {floor}",
        "{base} 减 {funding} 倍年资金成本、{volatility} 倍变现期波动、{stress} 倍市场压力，不低于 {floor}";
    LendingNoCap: "no cap", "不设上限";
}
