//! Lists what the committee's page answers in plain words, English beside Chinese.

use super::catalogue::words;

words! {
    /// One sentence of the committee's page, or a part of one.
    FindingWord;

    // questions
    Limits: "Limits", "限额";
    Worst: "Worst case", "最不利情景";
    Tiers: "Losses by tier", "损失层级";
    Cash: "Liquidity", "流动性";
    Decide: "To decide", "待决事项";
    Change: "Change", "较前期";
    Book: "Book", "账簿";

    // answers
    VerdictBook: "On {date}, {accounts} accounts owe {loans} on {own} of own capital: a leverage of {leverage} over the whole book.",
        "截至 {date}，共 {accounts} 个账户，融资余额 {loans}，客户自有资金 {own}，整体杠杆 {leverage} 倍。";
    VerdictDrift: "The portfolio's drift before any shock is {used} a year in the base; in the history it is fitted on it was {historical}.",
        "基准情景在施加冲击前，组合年化漂移为 {used}；估计所用历史中为 {historical}。";
    VerdictDriftAlone: "The portfolio's drift before any shock is {used} a year in the base.", "基准情景在施加冲击前，组合年化漂移为 {used}。";
    VerdictWorst: "“{scenario}” ({severity}) costs the pool most of {n} scenarios: in the worst 1% of its paths the pool loses {es} on average within {days} sessions, {share} of all loans; in the base {base}.",
        "{n} 个情景中损失最大的是“{scenario}”（{severity}）：在最差的 1% 路径中，资金池在 {days} 个交易日内平均损失 {es}，占全部融资余额的 {share}；基准情景下为 {base}。";
    VerdictWorstExact: "“{scenario}” ({severity}) costs the pool most of {n} scenarios: on its single path of {days} sessions the pool loses {es}, {share} of all loans; in the worst 1% of the base's paths {base} on average.",
        "{n} 个情景中损失最大的是“{scenario}”（{severity}）：在这条 {days} 个交易日的单一路径上，资金池损失 {es}，占全部融资余额的 {share}；基准情景最差 1% 路径的平均损失为 {base}。";
    VerdictOnly: "In the worst 1% of the paths the pool loses {es} on average within {days} sessions, {share} of all loans.",
        "在最差的 1% 路径中，资金池在 {days} 个交易日内平均损失 {es}，占全部融资余额的 {share}。";
    VerdictLiquidation: "{rate} of the accounts are liquidated there, against {base} in the base.",
        "该情景下 {rate} 的账户被强制平仓，基准情景下为 {base}。";
    VerdictMostLiquidated: "Most accounts are liquidated in “{scenario}”: {rate}.", "强制平仓账户最多的是“{scenario}”：{rate}。";
    VerdictTiers: "Share of paths in “{scenario}” on which a tier bears losses: {tiers}.", "“{scenario}”下各层承担损失的路径占比：{tiers}。";
    VerdictTierPart: "tier {tier} {hit} (base {base})", "{tier} 层：{hit}（基准：{base}）";
    VerdictRunMoves: "Where funders have left a tier, its losses fall on the next.", "资金方撤离的层不再承担损失，由下一层承担。";
    NoPath: "none", "无";
    VerdictCash: "In “{scenario}” a claim stays unpaid at a close on this share of paths: {unpaid} (base: {unpaid_base}); funders run on {run} (base: {run_base}).",
        "“{scenario}”下出现当日未能兑付的路径占比：{unpaid}（基准：{unpaid_base}）；发生资金方挤兑：{run}（基准：{run_base}）。";
    VerdictFailed: "Tiers that then fail to pay their funders: {tiers}.", "其中无力兑付资金方的层：{tiers}。";
    VerdictFailedPart: "{tier} ({failed})", "{tier} 层（{failed}）";
    LimitsText: "A test passes when the figure keeps to its side of the limit with the confidence stated, is breached when it lies on the other side with that confidence, and is undecided between the two: more paths would decide it. A loss that no path shows counts by its bound: of n paths at most some 3/n may show it, with all claims lost; a figure without a bound is undecided.",
        "若结果以所述置信度处于限额允许的一侧，则为通过；以该置信度处于另一侧，则为突破；介于两者之间为未定，增加路径可予判定。所有路径均未出现的损失按其上界计：其出现概率至多约为路径数之三倍倒数，损失至多为全部债权；无上界的指标为未定。";
    LimitsJoint: "Each verdict holds with its own confidence. All {n} tests on sampled paths together are right with a confidence of at least {joint} (Bonferroni); at {each} each it would be 95%.",
        "各项结论各以其置信度成立。{n} 项基于抽样路径的检验同时正确的置信度不低于 {joint}（邦费罗尼不等式）；若每项取 {each}，则整体为 95%。";
    LimitsCaption: "All limit tests", "全部限额检验";
    LimitsNone: "The programme states no limits.", "方案未设限额。";
    VerdictClosest: "Closest to its limit: {measure} in “{scenario}”, {found} against {limit} ({used} of the limit).",
        "最接近限额的是“{scenario}”的{measure}：{found}，限额 {limit}，已占用 {used}。";
    DecideOpen: "What to do about {items}.", "须就下列各项决定措施：{items}。";
    DecideItem: "{measure} in “{scenario}” ({verdict}: {found} against {limit})", "“{scenario}”的{measure}（{verdict}：{found}，限额 {limit}）";
    DecideMore: "{n} more", "另有 {n} 项";
    DecideNothingOpen: "Nothing under the limits set.", "现有限额项下无待决事项。";
    DecideUnwatched: "Whether to limit what no limit watches yet: {items}.", "以下各项尚无限额监控，是否增设：{items}。";
    UnwatchedItem: "{measure} in “{scenario}” ({found})", "“{scenario}”的{measure}（{found}）";
    VerdictChanged: "Against “{name}” as of {date} the ES 99% in the base moved by {base}, in “{scenario}” by {worst}; {moved} of {n} figures moved by more than four standard errors.",
        "与 {date} 的“{name}”相比，基准情景的 ES 99% 变化 {base}，“{scenario}”变化 {worst}；{n} 项数字中有 {moved} 项变化超过四倍标准误。";
    VerdictChangedOnly: "Against “{name}” as of {date} the ES 99% moved by {base}; {moved} of {n} figures moved by more than four standard errors.",
        "与 {date} 的“{name}”相比，ES 99% 变化 {base}；{n} 项数字中有 {moved} 项变化超过四倍标准误。";
    VerdictsMoved: "Verdicts that changed: {items}.", "判定有变：{items}。";
    VerdictMovedItem: "{measure} in “{scenario}” from {before} to {after}", "“{scenario}”的{measure}由{before}变为{after}";
    VerdictsSame: "No verdict on a limit changed.", "各限额判定均无变化。";
    VerdictChange: "Not judged: this run is not compared with an earlier report.", "未作判定：本次运行未与前期报告比较。";
    VerdictLimitsNone: "Not judged: the programme states no limits.", "未作判定：方案未设限额。";
    VerdictLimits: "Not within limits: of {n} tests {pass} pass, {breach} are breached and {undecided} are undecided at the confidence asked.",
        "未全部达标：{n} 项限额检验中，{pass} 项通过，{breach} 项突破，{undecided} 项在要求的置信度下未能判定。";
    VerdictOpen: "Not yet decided: of {n} tests {pass} pass and {undecided} are undecided at the confidence asked; none is breached.",
        "尚待判定：{n} 项限额检验中，{pass} 项通过，{undecided} 项在要求的置信度下未能判定，无突破。";
    VerdictAllPass: "Within limits: all {n} tests pass at the confidence asked.", "全部达标：{n} 项限额检验均在要求的置信度下通过。";

    // the section on change
    ChangeNone: "The run names no earlier report (--previous, or [report] previous): nothing is said of change.", "本次运行未指明前期报告，不评价变化。";
    ChangeText: "This run less “{name}” as of {date} (run {id}). Two reports hold no common paths: the errors of both are taken as independent, and a change of more than two standard errors is not noise. Of {n} figures {judged} can be judged; {moved} of them moved by more than four standard errors.",
        "本次结果减去 {date} 的“{name}”（运行编号 {id}）。两份报告没有共同路径，误差按相互独立处理；变化超过两倍标准误的不是噪声。共 {n} 项数字，{judged} 项可作判断，其中 {moved} 项变化超过四倍标准误。";
    ChangeCaption: "Change since the earlier report", "较前期报告的变化";
    ChangeMissing: "Not in the earlier report: {scenarios}.", "前期报告中没有的情景：{scenarios}。";
}
