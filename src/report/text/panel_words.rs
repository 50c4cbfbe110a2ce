//! Lists what the report says of the same book under further market models, English beside Chinese.

use super::catalogue::words;

words! {
    /// One word or sentence on model risk.
    PanelWord;

    None: "The programme names no further market models ([model-risk]); every figure rests on the model of its scenario alone.",
        "方案未指定其他市场模型，各项数字仅依赖所在情景的模型。";
    Text: "The same accounts, rules and paths are run under each model. The band is how far the models disagree; more paths narrow each interval, not the band.",
        "在每种模型下运行相同的账户、规则与路径数。区间带反映模型之间的分歧；增加路径只会收窄各自的置信区间，不会收窄区间带。";
    TableCaption: "“{scenario}” under each model", "各模型下的“{scenario}”";
    HeadModel: "Model", "模型";
    HeadPaths: "Paths", "路径数";
    HeadCalled: "Called", "追保比例";
    HeadShortfall: "Any shortfall", "穿仓概率";
    Own: "{model} (the scenario's own)", "{model}（情景自身模型）";
    Spread: "highest less lowest", "最高减最低";
    Finding: "Expected shortfall at 97.5% of “{scenario}” runs from {low} under {low_model} to {high} under {high_model}: models disagree by {width}.",
        "“{scenario}”的 97.5% 预期尾部损失由 {low_model} 下的 {low} 到 {high_model} 下的 {high}：模型之间相差 {width}。";
    ChartTitle: "Expected shortfall at 97.5% under each model, “{scenario}”", "各模型下的 97.5% 预期尾部损失，“{scenario}”";
    Axis: "expected shortfall of the pool at 97.5%, {unit}; shaded: from the lowest model to the highest", "资金池 97.5% 预期尾部损失，{unit}；阴影：最低至最高模型";
}
