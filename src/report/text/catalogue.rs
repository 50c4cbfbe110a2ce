//! Lists every word and sentence of the report, English beside Chinese; `{names}` are filled with figures.

/// Something the report says, in both languages.
pub trait Phrase: Copy + std::fmt::Debug {
    fn en(self) -> &'static str;
    fn zh(self) -> &'static str;
}

macro_rules! words {
    ($(#[$doc:meta])* $list:ident; $($name:ident: $en:literal, $zh:literal;)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $list { $($name),* }

        impl $list {
            pub const ALL: &'static [$list] = &[$($list::$name),*];
        }

        impl $crate::report::text::catalogue::Phrase for $list {
            fn en(self) -> &'static str {
                match self { $($list::$name => $en),* }
            }

            fn zh(self) -> &'static str {
                match self { $($list::$name => $zh),* }
            }
        }
    };
}
pub(super) use words;

words! {
    /// One word or sentence of the report.
    Word;

    // general
    ReportTitle: "Stress test of the leveraged stock-financing book", "股票杠杆融资业务压力测试报告";
    BaseName: "base", "基准情景";
    SeverityBase: "base", "基准";
    SeverityMild: "mild", "轻度";
    SeverityModerate: "moderate", "中度";
    SeveritySevere: "severe", "重度";
    SeverityReverse: "reverse", "反向";
    NotAvailable: "n/a", "不适用";
    NotStated: "not stated in the programme", "方案中未载明";
    Yes: "yes", "是";
    No: "no", "否";
    NotInForce: "not in force", "未启用";
    FlagThinTail: "thin tail", "尾部样本不足";
    FlagThinTailCounted: "thin tail: {n} paths beyond", "尾部样本不足：越过 {n} 条";
    FlagRareEvent: "rare: fewer than ten paths", "罕见：不足十条路径出现";
    FlagOpenInterval: "no upper end known", "路径过少，区间无上界";
    FlagUndefined: "not defined: nothing to divide by", "无定义：分母为零";
    IntervalTo: "to", "至";
    ExactPath: "exact, one path", "单一路径，无抽样误差";
    ConfPublic: "Public", "公开";
    ConfInternal: "Internal", "内部";
    ConfConfidential: "Confidential", "机密";
    ConfRestricted: "Restricted", "限制发放";
    PageOf: "Page {page} of {pages}", "第 {page} 页，共 {pages} 页";
    AsOf: "As of {date}", "基准日 {date}";
    RunId: "Run {id}", "运行编号 {id}";
    AttachedSummary: "Every figure of this report, machine-readable", "本报告全部数字的机器可读版本";
    Contents: "Contents", "目录";

    // page one
    FirstVerdict: "Findings", "结论";
    FirstLimits: "Limits", "限额";
    FirstScenarios: "Scenarios", "情景结果";
    LimitInEach: "each of {n}", "全部 {n} 个情景";
    LimitMostPressing: "{scenario} (nearest of {n})", "{scenario}（{n} 个中最紧）";
    HeadLimitUsed: "Used", "占用";
    FirstMorePasses: "{n} further limits pass; every test is in section “{section}”.", "另有 {n} 项限额通过，全部检验见“{section}”一节。";
    FirstMoreTests: "{n} further limits are in section “{section}”.", "另有 {n} 项限额见“{section}”一节。";
    FirstMoreScenarios: "{n} further scenarios are in section “{section}”.", "另有 {n} 个情景见“{section}”一节。";
    FirstErrors: "± is one standard error of the simulation. † The tail is thin or the event rare: fewer paths show it than the figure needs. Where ± is missing every path gave the same value; (≤) or (≥) is then the far end of the interval. Bold, and dark in charts: the scenario with the largest ES 99%.",
        "± 为模拟的一倍标准误。† 尾部样本不足或事件罕见，相关路径少于估计所需。无 ± 者为所有路径结果相同，此时括号内（≤ 或 ≥）为置信区间的另一端。粗体及图中深色：ES 99% 最大的情景。";
    VerdictPass: "pass", "通过";
    VerdictBreach: "breach", "突破";
    VerdictUndecided: "undecided", "未定";

    // column heads
    HeadScenario: "Scenario", "情景";
    HeadSeverity: "Severity", "严重程度";
    HeadMeasure: "Measure", "指标";
    HeadLimit: "Limit", "限额";
    HeadFound: "Found", "结果";
    HeadConfidence: "Confidence", "置信度";
    HeadVerdict: "Verdict", "判定";
    HeadPoolMean: "Pool loss, mean", "资金池损失均值";
    HeadVar: "VaR 99%", "VaR 99%";
    HeadEs: "ES 99%", "ES 99%";
    HeadLiquidated: "Accounts liquidated", "账户强平率";
    HeadShortfall: "Shortfall probability", "穿仓概率";
    HeadTierHit: "Tier {tier} hit", "{tier} 层受损概率";
    HeadTierExhausted: "Tier {tier} exhausted", "{tier} 层耗尽概率";
    HeadItem: "Item", "项目";
    HeadValue: "Value", "数值";
    HeadInterval: "{level} interval", "{level} 区间";
    HeadNote: "Note", "备注";
    HeadUnit: "Unit", "单位";
    HeadRole: "Input", "数据";
    HeadFile: "File", "文件";
    HeadRows: "Rows", "行数";
    HeadUsed: "Used", "采用";
    HeadRejected: "Rejected", "剔除";
    HeadPassedOver: "passed over", "跳过";
    HeadHash: "SHA-256", "SHA-256";
    HeadTier: "Tier", "层";
    HeadLossRank: "Order of loss", "损失顺序";
    HeadCapital: "Capital", "资金";
    HeadLoans: "Loans", "融资余额";
    HeadAccounts: "Accounts", "账户数";
    HeadShare: "Share", "占比";
    HeadGrade: "Grade", "客户等级";
    HeadLine: "Line", "控制线";
    HeadClient: "Client", "客户";
    HeadSymbol: "Symbol", "证券";
    HeadName: "Name", "名称";
    HeadMarketValue: "Market value", "市值";
    HeadRule: "Rule", "规则";
    HeadModel: "Market model", "市场模型";
    HeadPaths: "Paths", "路径数";
    HeadDays: "Sessions", "交易日";
    HeadFirstDay: "First day", "首日";
    HeadLastDay: "Last day", "末日";
    HeadExpectedLoss: "Expected loss", "预期损失";
    HeadLiquidationProbability: "Liquidated", "强制平仓概率";
    HeadShortfallProbability: "Shortfall", "穿仓概率";
    HeadForcedSales: "Forced sales", "强制平仓卖出额";
    HeadBlocked: "Days blocked", "无法卖出天数占比";
    HeadParameter: "Parameter", "参数";
    HeadError: "Std. error", "标准误";
    HeadRelativeError: "Error of ES 99%, relative", "ES 99% 相对误差";
    HeadRoleOf: "Role", "角色";
    HeadSignName: "Name", "姓名";
    HeadDecision: "Decision", "意见";
    HeadDate: "Date", "日期";
    HeadSignature: "Signature", "签字";
    HeadAction: "Action decided", "决定措施";
    HeadOwner: "Owner", "责任人";
    HeadDue: "Due", "期限";
    HeadTerm: "Term", "术语";
    HeadTermOther: "Chinese", "英文";
    HeadMeaning: "Meaning", "含义";

    // sections
    SectionPurpose: "Purpose, scope and ownership", "目的、范围与职责";
    SectionSnapshot: "The book on the as-of date", "基准日账簿概况";
    SectionLineage: "Data and where it came from", "数据来源与核对";
    SectionRules: "Rules in force", "适用规则";
    SectionScenarios: "Scenarios and shocks", "情景与冲击";
    SectionResults: "Results", "结果";
    SectionDifferences: "Differences to the base", "与基准情景的差异";
    SectionChange: "Change since the earlier report", "较前期报告的变化";
    SectionGroups: "Tiers, grades and leverage", "分层、分级与分杠杆结果";
    SectionWorst: "Accounts and symbols that lose most", "损失最大的账户与证券";
    SectionLiquidity: "Forced sales and what could not be sold", "强制平仓卖出与未能卖出的部分";
    SectionModelRisk: "Model risk: the same book under several market models", "模型风险：多种市场模型下的同一账簿";
    SectionPool: "The pool: who bears what, and whether the cash lasts", "资金池：损失分担与流动性";
    SectionModel: "Model, assumptions and limitations", "模型、假设与局限";
    SectionLimits: "Limits and actions", "限额与措施";
    SectionError: "How exact the figures are", "估计精度";
    SectionSign: "Review and approval", "复核与签批";
    SectionGlossary: "Glossary", "术语表";

    // purpose
    PurposeText: "This report tells the risk committee, and a supervisor who receives it, how much the funding pool can lose, how many accounts are warned, called and liquidated, and which tier, client and stock carry the loss, under every scenario of the programme. All scenarios start from the same book on the same date.",
        "本报告向风险委员会及接收报告的监管机构说明：在方案的各个情景下，资金池可能损失多少，多少账户被预警、被追加保证金、被强制平仓，损失由哪一层、哪些客户与哪些证券承担。所有情景均从同一日期的同一账簿出发。";
    PurposeReproduce: "Every figure follows from the programme, the data files and the program alone: running programme.resolved.toml again on the files whose hashes are given below yields the same summary.json, which is attached to this PDF. For that reason the PDF bears the as-of date as its time stamp, not the time of the run.",
        "所有数字仅由方案、数据文件与程序决定：以下文所列哈希对应的文件重新运行 programme.resolved.toml，即得到相同的 summary.json（已作为附件嵌入本 PDF）。因此本 PDF 的时间戳为基准日，而非运行时刻。";
    ItemProgramme: "Programme", "方案";
    ItemInstitution: "Institution", "机构";
    ItemOwner: "Owner", "负责人";
    ItemApprover: "Approver", "批准人";
    ItemAsOf: "As-of date", "基准日";
    ItemHorizon: "Horizon of the base", "基准情景期限";
    ItemSessions: "{n} sessions", "{n} 个交易日";
    ItemScenarios: "Scenarios", "情景数";
    ItemPaths: "Paths of the base", "基准情景路径数";
    ItemSeed: "Seed", "随机种子";
    ItemRun: "Run id", "运行编号";
    ItemProgrammeHash: "SHA-256 of programme.resolved.toml", "方案文件的 SHA-256";
    ItemEngine: "Program", "程序";
    ItemCurrency: "Currency", "货币";
    ItemConfidentiality: "Confidentiality", "密级";
    ItemDistribution: "Distribution", "分发范围";

    // snapshot
    SnapshotCaption: "The book in figures", "账簿主要数字";
    SnapshotPositions: "Positions", "持仓笔数";
    SnapshotSymbols: "Symbols held", "持有证券数";
    SnapshotOwn: "Own capital of clients", "客户自有资金";
    SnapshotCash: "Cash in accounts", "账户现金";
    SnapshotLeverage: "Leverage of the whole book", "整体杠杆倍数";
    SnapshotFunding: "Funding", "可用资金";
    SnapshotUtilisation: "Utilisation, loans over funding", "资金利用率（融资 / 资金）";
    SnapshotHhiClients: "Concentration of loans over clients (HHI)", "融资的客户集中度（HHI）";
    SnapshotHhiSymbols: "Concentration of market value over symbols (HHI)", "市值的证券集中度（HHI）";
    SnapshotTiers: "Tiers of the funding pool, in the order they bear losses", "资金池各层（按承担损失的顺序）";
    SnapshotLeverageTable: "Accounts and loans by leverage", "按杠杆划分的账户与融资";
    SnapshotGrades: "Accounts and loans by grade", "按客户等级划分的账户与融资";
    SnapshotBelow: "Accounts at or below a line on the as-of date", "基准日已触线的账户";
    SnapshotBelowNone: "On the as-of date no account stands at or below a line.", "基准日无账户触及任何一条控制线（预警、限额、追保、平仓）。";
    SnapshotTopClients: "Largest clients by loan", "融资最大的客户";
    SnapshotTopSymbols: "Largest holdings by market value", "市值最大的持仓";
    Leverage: "Leverage", "杠杆倍数";
    ShareOfAccounts: "Share of accounts", "账户占比";
    ShareOfLoans: "Share of loans", "融资占比";
    Ordinal: "{n}", "{n}";

    // lineage
    LineageText: "Every row of a file is used, rejected or passed over (without a value, a repeated header, a total); the hash identifies the file as it was read.", "文件的每一行或被采用，或被剔除，或被跳过（空行、重复表头、合计行）；哈希值用于确认读入的文件。";
    LineageCaption: "Input files", "输入文件";
    LineageNotes: "What was filled in, guessed or left out:", "补全、推定或略去的内容：";
    LineageNoNotes: "Nothing was filled in, guessed or left out.", "没有补全、推定或略去的内容。";
    LineageMore: "… and {n} further notes, all in summary.json.", "……另有 {n} 条，均见 summary.json。";
    RolePrices: "Prices", "行情";
    RoleReturns: "Returns", "收益率";
    RoleInstruments: "Instruments", "证券资料";
    RoleAccounts: "Accounts", "账户";
    RolePositions: "Positions", "持仓";
    RoleFunding: "Funding", "资金";
    RoleCorrelations: "Correlations", "相关系数";
    RoleGiven: "Given paths", "给定路径";
    RoleImplied: "Implied volatility", "隐含波动率";
    RoleCalendar: "Trading calendar", "交易日历";
    RolePrevious: "Earlier report", "前期报告";

    // rules
    RulesText: "The rules of the base. Where a scenario departs from them, section “{section}” says so. A contract that states its own lines keeps them.", "以下为基准情景的规则；情景有所不同之处见“{section}”一节。合同另有约定的账户从其约定。";
    RulesCaption: "Rules of the base", "基准情景规则";
    RulesOff: "Not in force: {rules}.", "未启用：{rules}。";
    RuleWarning: "Warning line, maintenance ratio", "预警线（维持担保比例）";
    RuleLimit: "Limit line", "限额线";
    RuleCall: "Call line", "追加保证金线（追保线）";
    RuleCure: "Sessions to answer a call", "追保期限（交易日）";
    RuleLiquidation: "Liquidation line", "平仓线";
    RuleRestore: "Forced sales stop at", "强制平仓卖至";
    RuleSellAll: "everything is sold", "全部卖出";
    RuleDelay: "Sessions from trigger to sale", "触发至卖出（交易日）";
    RuleCost: "Cost of a forced sale, share of proceeds", "强制平仓成本（占成交额）";
    RuleParticipation: "Largest share of a day's turnover", "占当日成交额上限";
    RuleNoCap: "no cap", "不限";
    RuleOrder: "Order of sale", "卖出顺序";
    OrderProRata: "the same share of every holding", "各持仓同比例";
    OrderLiquid: "most liquid first", "流动性高者先卖";
    OrderLargest: "largest first", "市值大者先卖";
    OrderLosers: "losers first", "亏损者先卖";
    RulePriceLimits: "Daily price limits by board, ST and date", "按板块、ST 与日期的涨跌幅限制";
    RuleLock: "A name counts as locked at its limit", "跌停无法卖出的认定";
    LockAllDay: "when it traded there all day", "全天封死跌停";
    LockClose: "when it closes there", "收盘跌停";
    RuleCarry: "The part of a move the limit cuts off", "被涨跌停截去的涨跌";
    CarryFull: "is due on the next session", "顺延至下一交易日";
    CarryNone: "is lost", "不再顺延";
    RuleTPlusOne: "Shares bought on a day are sellable from the next session (T+1), those of the as-of day from the first", "当日买入次一交易日可卖（T+1），基准日买入者自首个交易日起可卖";
    RuleLot: "Board lot, shares", "每手股数";
    RuleTick: "Price tick", "最小价位变动";
    RuleCommission: "Commission on sales", "卖出佣金";
    RuleDuty: "Stamp duty on sales", "卖出印花税";
    RuleTransferFee: "Transfer fee on sales", "卖出过户费";
    DutyChina: "by date: 0.1% to 2023-08-27, then 0.05%", "按日期：2023-08-27 及以前 0.1%，其后 0.05%";
    RuleClients: "Probability that a called client pays in", "被追保客户补足的概率";
    RuleClientsGrade: "grade {grade} {p}", "{grade} 级 {p}";
    RulePayment: "Sessions from call to payment", "追保后补足所需交易日";
    RulePaymentTo: "A payment restores the ratio to", "补足至";
    RuleCallLine: "the call line", "追保线";
    RuleInterest: "Interest is charged on", "计息基数";
    RuleDayCount: "Days of the interest year", "计息年天数";
    BaseLoan: "the loan", "融资余额";
    BaseExposure: "the whole exposure", "全部敞口";
    RuleFeeProfit: "Platform fee, share of profit", "平台费（占盈利）";
    RuleFeeExposure: "Fee, share of exposure", "交易费（占敞口）";
    RuleSharing: "Sharing of profit and loss", "盈亏分配";
    SharingNone: "the client keeps all profit and bears all loss", "盈亏均归客户";
    SharingSplit: "profit is split, client's share {share}", "盈利分成，客户占 {share}";
    SharingSplitBoth: "profit and loss are split, client's share {share}", "盈亏均分成，客户占 {share}";
    SharingFee: "{share} of profit above the high-water mark goes to the lender", "高水位以上盈利的 {share} 归出资方";
    SharingGuaranteed: "the client is guaranteed {share} a year", "保证客户年收益 {share}";
    RuleLossOrder: "Tiers bear losses in the order", "各层承担损失的顺序";
    RuleRecourse: "Recovered from the client after a shortfall", "穿仓后向客户追偿的回收率";
    RuleImpact: "Impact of forced sales on prices", "强制平仓的价格冲击";
    ImpactFades: "{law}; 5% of it left after {days} sessions", "{law}；{days} 个交易日后余 5%";
    ImpactStays: "{law}; it never fades", "{law}；不衰减";
    RuleModel: "Market model", "市场模型";
    RuleWindow: "History the model is fitted on", "模型估计所用历史";
    WindowFrom: "from {start}", "{start} 起";
    WindowTo: "to {end}", "至 {end}";
    WindowSpan: "{start} to {end}", "{start} 至 {end}";
    WindowAll: "all of it up to the as-of date", "截至基准日的全部历史";
    RuleHorizon: "Horizon, sessions", "期限（交易日）";
    RulePaths: "Paths", "路径数";
    RuleConfidence: "Confidence of intervals", "区间置信度";
    RuleShocks: "Shocks", "冲击";
    NoShocks: "none", "无";

    // scenarios
    ScenariosText: "All scenarios but replays use the same random numbers, so that a difference between two of them is the effect of what was changed, almost free of sampling error.", "除历史重演外，各情景使用相同的随机数，因此两者之差即为所改变因素的影响，几乎不含抽样误差。";
    ScenariosCaption: "Scenarios", "情景一览";
    ScenarioChanges: "Departs from the base:", "与基准情景的不同：";
    ScenarioNoChange: "The programme as it stands, without any shock.", "方案自身的设定，不加冲击。";
    ScenarioBaseShocks: "The programme as it stands, with its own shocks: {shocks}.", "方案自身的设定，含冲击：{shocks}。";
    ScenarioChange: "{rule}: {value} (base: {base})", "{rule}：{value}（基准：{base}）";
    TargetAll: "all symbols", "全部证券";
    TargetBoard: "symbols of the {board}", "{board}证券";
    TargetSector: "sector {sector}", "{sector}行业证券";
    TargetSymbols: "{symbols}", "{symbols}";
    BoardMain: "main board", "主板";
    BoardStar: "STAR market", "科创板";
    BoardChinext: "ChiNext", "创业板";
    BoardBse: "Beijing exchange", "北交所";
    BoardNone: "boards without limits", "无涨跌幅限制";

    // results
    ResultsText: "Loss is positive. Rates are shares of accounts over the horizon, probabilities are shares of paths. VaR 99% is the loss that 1% of paths exceed; ES 99% is the mean loss of those paths.",
        "损失为正数。各“率”为期限内账户占比，各“概率”为路径占比。VaR 99% 为仅 1% 的路径超过的损失，ES 99% 为这些路径的平均损失。";
    ResultsLossCaption: "Pool loss by scenario", "各情景资金池损失";
    ResultsAccountsCaption: "Accounts by scenario", "各情景账户结果";
    ResultsScenarioCaption: "Figures of “{scenario}”", "“{scenario}”结果";
    ResultsScenarioNote: "Further levels, groups and accounts are in summary.json.", "更多分位、分组与账户结果见 summary.json。";
    ResultsPool: "Pool", "资金池";
    HeadMean: "Mean", "均值";
    HeadVar95: "VaR 95%", "VaR 95%";
    HeadVar999: "VaR 99.9%", "VaR 99.9%";
    HeadEs975: "ES 97.5%", "ES 97.5%";
    HeadEs999: "ES 99.9%", "ES 99.9%";
    HeadWarned: "Warned", "预警率";
    HeadCalled: "Called", "追保率";
    HeadCured: "Cured, of called", "补足率（占追保）";
    HeadLiquidatedShort: "Liquidated", "强平率";
    HeadShortfallAccounts: "In shortfall", "穿仓率";
    HeadTimeToCall: "Days to first call", "首次追保天数";
    HeadDrawdown: "Drawdown, mean", "平均最大回撤";

    // differences
    DifferencesText: "Scenario less base on the same paths. A difference of more than two standard errors is not noise.", "同一路径上情景减基准。超过两倍标准误的差异不是噪声。";
    DifferencesCaption: "Paired differences to the base", "与基准情景的配对差异";
    DifferencesNone: "No scenario shares its paths with the base, so there are no paired differences.", "没有情景与基准共用路径，故无配对差异。";
    DifferencesMissing: "Not on common paths, and therefore without a paired difference: {scenarios}.", "未与基准共用路径、因而无配对差异的情景：{scenarios}。";

    // groups
    GroupsTierCaption: "{tier}: mean loss and probabilities", "{tier}平均损失与概率";
    GroupsGradeCaption: "Forced-liquidation rate by grade", "各等级客户强制平仓率";
    GroupsLeverageCaption: "Forced-liquidation rate by leverage", "各杠杆区间强制平仓率";
    GroupsNone: "No group measure was computed.", "未计算分组指标。";
    HeadMeanLoss: "Mean loss", "平均损失";
    HeadHit: "Hit", "受损概率";
    HeadExhausted: "Exhausted", "耗尽概率";

    // worst
    WorstAccounts: "“{scenario}”: accounts with the largest expected loss to the pool", "“{scenario}”：对资金池预期损失最大的账户";
    WorstSymbols: "“{scenario}”: symbols with the largest forced sales", "“{scenario}”：强制平仓卖出最多的证券";
    WorstNone: "No account costs the pool anything in the scenarios shown.", "所示情景中没有账户给资金池造成损失。";
    WorstBlockedNote: "Means over paths. Days blocked: share of all path-days on which the symbol was halted or locked at its lower limit.", "均为各路径平均值。无法卖出天数占比：该证券停牌或封死跌停的路径日占全部路径日的比例。";

    // liquidity
    LiquidityText: "Means over paths. Unsold is the market value still queued for sale on the last day, because of halts, limit locks, lots or the cap on turnover.", "均为各路径平均值。未卖出市值指期末因停牌、跌停、整手或成交占比上限仍在排队的市值。";
    LiquidityAmplified: "Amplification is the mean pool loss over that of the same paths on which nothing answers: sales move no price, and clients and lines do not react to the fall.",
        "损失放大倍数为资金池平均损失与同一路径上无任何反馈（卖出不影响价格，客户与线不随下跌而变）时的平均损失之比。";
    ContagionText: "Each column adds one part of the answer to the one before it, on the same paths and draws, so that a difference between columns is what the part adds.", "各列在前一列基础上加入一项反馈，路径与随机数相同，两列之差即该项所增损失。";
    ContagionCaption: "Mean pool loss as parts of the answer are switched on", "逐项计入反馈时的资金池平均损失";
    HeadWithImpact: "+ impact", "＋卖出冲击";
    HeadMarginSpiral: "+ margin spiral", "＋保证金螺旋";
    HeadClientStress: "+ clients under stress", "＋客户压力反应";
    HeadRun: "+ run", "＋挤兑";
    HeadAmplification: "Amplification", "放大倍数";
    HeadWithoutImpact: "Pool loss without feedback", "无反馈时资金池损失";
    LiquidityCaption: "Forced sales by scenario, means", "各情景强制平仓卖出（均值）";
    HeadForced: "Forced sales", "强平卖出额";
    HeadUnsold: "Unsold at the end", "期末未卖出";
    HeadSaleCost: "Cost of sales", "卖出成本";
    HeadMarginCalled: "Margin called", "追保金额";
    HeadRecourse: "Recourse", "追偿回收";

    // model
    ModelCardCaption: "Market model of “{scenario}”: {model}", "“{scenario}”的市场模型：{model}";
    ModelSame: "The same model serves: {scenarios}.", "同一模型亦用于：{scenarios}。";
    ModelNoParameters: "Market model of “{scenario}”: {model}. It has no fitted parameters.", "“{scenario}”的市场模型：{model}，无估计参数。";
    ModelNotes: "Fitted as follows:", "估计说明：";
    Assumptions: "Assumptions", "假设";
    AssumptionMarket: "The market of the horizon resembles the history the model is fitted on, apart from the shocks stated.", "除所述冲击外，期限内市场与模型估计所用历史相似。";
    AssumptionBook: "Accounts hold their positions: no voluntary trades, deposits or withdrawals, except payments that answer a call.", "账户持仓不变：除应追保的补足外，无主动交易、入金或出金。";
    AssumptionClose: "Ratios are judged at the close; sales are made at the close, at the cost stated.", "维持担保比例按收盘价判定；卖出按收盘价成交并计所述成本。";
    AssumptionOrder: "All accounts decide on the same prices, so results do not depend on their order.", "所有账户按同一价格决策，结果与账户顺序无关。";
    AssumptionWaterfall: "A shortfall, less recourse, is borne by the tiers in the order stated, each up to its capital.", "穿仓金额扣除追偿后，由各层按所列顺序在其资金范围内承担。";
    Limitations: "Limitations: what this report does not show", "局限：本报告未涵盖的内容";
    LimitNoImpact: "Forced sales do not move prices, and there is no spiral from sales to further calls; where positions are crowded, losses are understated.", "强制平仓卖出不影响价格，也不引发进一步追保的螺旋；持仓集中时损失被低估。";
    LimitNoImpactIn: "In these scenarios forced sales do not move prices: {scenarios}. Where positions are crowded, their losses are understated.", "下列情景中强制平仓卖出不影响价格：{scenarios}。持仓集中时其损失被低估。";
    LimitImpactLaw: "The impact of forced sales follows a law with assumed coefficients; only this book's sales count, not those of other lenders in the same names.", "强制平仓的价格冲击采用给定系数的经验法则；仅计本账簿的卖出，不含其他出资方对同一证券的卖出。";
    LimitRun: "No scenario keeps the pool's cash day by day: loans and funding neither mature nor run within the horizon, and liquidity is not tested.", "各情景均未逐日核算资金池现金：期限内融资与资金不到期、不挤兑，未检验流动性。";
    LimitHedge: "No scenario has a hedge, dynamic margins or a volatility trigger in force.", "各情景均未启用对冲、动态保证金或波动率触发。";
    LimitCapital: "Transmission to regulatory capital and liquidity indicators, reverse stress tests, sensitivities and backtests are not part of this report.", "未包含向监管资本与流动性指标的传导、反向压力测试、敏感性分析与回测。";
    LimitSeverity: "A severity names the intent of a scenario; it is not a probability.", "严重程度表示情景的用意，并非概率。";
    LimitPrevious: "No comparison with an earlier report is made here.", "本报告不含与前期报告的比较。";
    Validation: "Validation status: the program's tests check rules and measures against closed forms, worked examples and replays; independent validation by the institution is to be recorded in section “{section}”.",
        "验证状态：程序测试以解析解、算例与历史重演检验规则与指标；机构的独立验证应记录于“{section}”一节。";

    // limits
    ActionsText: "Each breach and each undecided test needs a decision; the programme records none, so they are left for the committee to enter.", "每项突破与未定均须作出决定；方案未载明措施，留待委员会填写。";
    ActionsCaption: "Actions on limits", "限额措施";
    ActionsNone: "No limit is breached or undecided: no action is due.", "没有限额突破或未定，无须采取措施。";
    ActionItem: "{measure}, {scenario}: {verdict}", "{measure}，{scenario}：{verdict}";

    // error
    ErrorText: "Every simulated figure is an estimate from a finite number of paths. ± gives one standard error; the interval holds the true value of the model with the confidence stated, and says nothing on whether the model itself is right. Intervals are corrected for skewness, and exact for shares of paths. A dagger marks a quantile or tail mean with so few paths beyond it, or a figure shown by fewer than ten paths, that its error is itself uncertain. A replay fixes the path of the market, so its error tells only how clients may answer calls; that does not make it a forecast.",
        "每个模拟数字均由有限路径估计得出。± 为一倍标准误；区间以所述置信度包含模型真值，但不说明模型本身是否正确。区间已作偏度修正，路径占比的区间为精确区间。† 表示越过该分位的路径过少，或出现该事件的路径不足十条，其误差本身也不可靠。历史重演给定了市场路径，其误差仅来自客户对追保的应答，并不因此成为预测。";
    ErrorCaption: "Paths and error by scenario", "各情景路径数与误差";
    HeadPathsBeyond: "Paths beyond VaR 99%", "越过 VaR 99% 的路径";

    // model cards
    ParameterLowest: "lowest", "最低";
    ParameterMedian: "median", "中位数";
    ParameterHighest: "highest", "最高";
    ParameterMean: "mean", "均值";

    // sign
    SignText: "By signing, each reviewer confirms having read the limitations in section “{section}”.", "签字人确认已阅读“{section}”一节所述局限。";
    SignCaption: "Signatures", "签字";
    SignPrepared: "Prepared by", "编制";
    SignChallenge: "Independent challenge", "独立复核";
    SignApproved: "Approved by", "批准";

    // charts
    ChartTailLoss: "Expected pool loss in the worst 1% of paths, by scenario", "各情景最差 1% 路径的资金池平均损失";
    ChartLiquidation: "Accounts liquidated, by scenario", "各情景账户强制平仓率";
    ChartLossDistribution: "Pool loss over all paths: {scenario}", "资金池损失分布：{scenario}";
    ChartFan: "Value of the pool over the horizon", "期限内资金池价值";
    ChartFunnel: "From warning to shortfall, by scenario", "各情景从预警到穿仓";
    ChartTiers: "Who bears the mean pool loss", "平均损失由谁承担";
    ChartLiquidationByLeverage: "Accounts liquidated, by leverage and scenario", "各情景分杠杆的账户强制平仓率";
    ChartLeverage: "The book by leverage on the as-of date", "基准日账簿的杠杆分布";
    ChartCascade: "How the mean pool loss builds up: {scenario}", "资金池平均损失的逐项累积：{scenario}";
    CascadeSilent: "without feedback", "无反馈";
    CascadeRise: "raises the loss", "增加损失";
    CascadeFall: "lowers the loss", "减少损失";
    CascadeWhole: "all together", "合计";
    AxisTailLoss: "ES 99% of the pool loss, {unit}", "资金池损失 ES 99%（{unit}）";
    AxisAccounts: "Share of accounts, %", "账户占比（%）";
    AxisPercent: "%", "%";
    AxisAccountsInBucket: "Share of the bucket's accounts that are liquidated, with interval; across: leverage on the as-of date, from", "各杠杆区间内被强平账户占比及其区间；横轴：基准日杠杆倍数（起）";
    AxisPoolLoss: "Pool loss, {unit}", "资金池损失（{unit}）";
    AxisShareOfPaths: "Share of paths per bin", "各区间路径占比";
    AxisPoolValue: "Pool value, {unit} (scale does not start at zero)", "资金池价值（{unit}；纵轴不从零起）";
    AxisDays: "Sessions after the as-of date", "基准日后的交易日";
    AxisMeanLoss: "Mean pool loss, {unit}", "资金池平均损失（{unit}）";
    LossZeroMass: "without loss: {share} ({zeros} of {paths} paths, not drawn)", "无损失路径：{share}（{paths} 条中的 {zeros} 条，未画出）";
    LossBeyond: "paths farther right: {n}", "更右侧路径：{n} 条";
    NoLossAtAll: "no path loses anything", "没有任何路径发生损失";
    LegendMedian: "median", "中位数";
    FanPaths: "quantiles over {paths} paths", "{paths} 条路径的分位数";
    LegendBand: "{low} to {high}", "{low} 至 {high}";
    StageAccounts: "Accounts", "账户";
    StageWarned: "Warned", "预警";
    StageCalled: "Called", "追保";
    StageLiquidated: "Liquidated", "强平";
    StageShortfall: "In shortfall", "穿仓";
    FunnelNote: "Share of all accounts that meet the event at least once within the horizon; bars on one common scale.", "期限内至少发生一次该事件的账户占全部账户的比例；各条同一比例尺。";
    TierNamed: "Tier {tier}", "{tier} 层";
    GradeNamed: "Grade {grade}", "{grade} 级";
    BeyondTiers: "Beyond all tiers", "超出各层";
    AltBars: "Bar chart, {title}; {unit}: {values}.", "条形图，{title}；{unit}：{values}。";
    AltLossDistribution: "Histogram, {title}; {zero}; {marks}.", "直方图，{title}；{zero}；{marks}。";
    AltFan: "Fan chart of the pool's value. At the end: {values}.", "资金池价值扇形图。期末：{values}。";
    AltFanScenario: "{scenario} median {middle}, lowest 1% below {low}", "{scenario}中位数 {middle}，最低 1% 低于 {low}";
    AltFunnel: "Shares of accounts by stage. {values}.", "各阶段账户占比。{values}。";
    AltLeverageBucket: "{bucket}: {accounts} of accounts, {loans} of loans", "{bucket}：账户 {accounts}，融资 {loans}";
}
