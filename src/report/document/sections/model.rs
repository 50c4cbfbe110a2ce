//! States the model, its assumptions and its limitations.

use super::{Section, Story};
use crate::model::part::Words;
use crate::report::document::block::{Block, Table, figures, words};
use crate::report::document::cells;
use crate::report::document::sections;
use crate::report::document::{assumptions as defaults, parts, rules_clients};
use crate::report::facts::ScenarioFacts;
use crate::report::text::shared;

pub const SECTION: Section =
    Section { slug: "model", title: Words("Model, assumptions and limitations", "模型、假设与局限"), write: blocks };

const HEAD_PARAMETER: Words = Words("Parameter", "参数");
const HEAD_ERROR: Words = Words("Std. error", "标准误");
const MODEL_CARD_CAPTION: Words = Words("Market model of “{scenario}”: {model}", "“{scenario}”的市场模型：{model}");
const MODEL_SAME: Words = Words("The same model serves: {scenarios}.", "同一模型亦用于：{scenarios}。");
const MODEL_NO_PARAMETERS: Words =
    Words("Market model of “{scenario}”: {model}. It has no fitted parameters.", "“{scenario}”的市场模型：{model}，无估计参数。");
const MODEL_NOTES: Words = Words("Fitted as follows:", "估计说明：");
const ASSUMPTIONS: Words = Words("Assumptions", "假设");
const ASSUMPTION_MARKET: Words = Words(
    "The market of the horizon resembles the history the model is fitted on, apart from the shocks stated.",
    "除所述冲击外，期限内市场与模型估计所用历史相似。",
);
const ASSUMPTION_CLOSE: Words = Words(
    "Ratios are judged at the close; sales are made at the close, at the cost stated.",
    "维持担保比例按收盘价判定；卖出按收盘价成交并计所述成本。",
);
const ASSUMPTION_ORDER: Words = Words(
    "All accounts decide on the same prices, so results do not depend on their order.",
    "所有账户按同一价格决策，结果与账户顺序无关。",
);
const ASSUMPTION_WATERFALL: Words = Words(
    "A shortfall, less recourse, is borne by the tiers in the order stated, each up to its capital.",
    "穿仓金额扣除追偿后，由各层按所列顺序在其资金范围内承担。",
);
const LIMITATIONS: Words = Words("Limitations: what this report does not show", "局限：本报告未涵盖的内容");
const LIMIT_NO_IMPACT: Words = Words(
    "Forced sales do not move prices, and there is no spiral from sales to further calls; where positions are crowded, losses are understated.",
    "强制平仓卖出不影响价格，也不引发进一步追保的螺旋；持仓集中时损失被低估。",
);
const LIMIT_NO_IMPACT_IN: Words = Words(
    "In these scenarios forced sales do not move prices: {scenarios}. Where positions are crowded, their losses are understated.",
    "下列情景中强制平仓卖出不影响价格：{scenarios}。持仓集中时其损失被低估。",
);
const LIMIT_IMPACT_LAW: Words = Words(
    "The impact of forced sales follows a law with assumed coefficients; only this book's sales count, not those of other lenders in the same names.",
    "强制平仓的价格冲击采用给定系数的经验法则；仅计本账簿的卖出，不含其他出资方对同一证券的卖出。",
);
const LIMIT_RUN: Words = Words(
    "No scenario keeps the pool's cash day by day: loans and funding neither mature nor run within the horizon, and liquidity is not tested.",
    "各情景均未逐日核算资金池现金：期限内融资与资金不到期、不挤兑，未检验流动性。",
);
const LIMIT_HEDGE: Words =
    Words("No scenario has a hedge, dynamic margins or a volatility trigger in force.", "各情景均未启用对冲、动态保证金或波动率触发。");
const LIMIT_CAPITAL: Words = Words(
    "Transmission to regulatory capital and liquidity indicators, reverse stress tests, sensitivities and backtests are not part of this report.",
    "未包含向监管资本与流动性指标的传导、反向压力测试、敏感性分析与回测。",
);
const LIMIT_CAPITAL_REVERSED: Words = Words(
    "Transmission to regulatory capital and liquidity indicators, sensitivities and backtests are not part of this report.",
    "未包含向监管资本与流动性指标的传导、敏感性分析与回测。",
);
const LIMIT_SEVERITY: Words =
    Words("A severity names the intent of a scenario; it is not a probability.", "严重程度表示情景的用意，并非概率。");
const LIMIT_PREVIOUS: Words = Words("No comparison with an earlier report is made here.", "本报告不含与前期报告的比较。");
const VALIDATION: Words = Words(
    "Validation status: the program's tests check rules and measures against closed forms, worked examples and replays; independent validation by the institution is to be recorded in section “{section}”.",
    "验证状态：程序测试以解析解、算例与历史重演检验规则与指标；机构的独立验证应记录于“{section}”一节。",
);

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let text = &story.context.text;
    let mut out = Vec::new();
    let mut told: Vec<&ScenarioFacts> = Vec::new();
    for scenario in &story.context.facts.scenarios {
        if told.iter().all(|s| s.card != scenario.card) {
            out.extend(card(story, scenario));
            told.push(scenario);
        }
    }
    let unset = story.context.facts.previous.is_none();
    let capital = if story.context.facts.reverse.is_empty() { LIMIT_CAPITAL } else { LIMIT_CAPITAL_REVERSED };
    let limitations: Vec<Words> =
        missing_rules(story).into_iter().chain([capital, LIMIT_SEVERITY]).chain(unset.then_some(LIMIT_PREVIOUS)).collect();
    let said = |words: &[Words]| -> Vec<String> { words.iter().map(|word| text.get(*word).to_string()).collect() };
    out.push(Block::subheading(text.get(ASSUMPTIONS)));
    let mut assumptions = said(&[ASSUMPTION_MARKET]);
    assumptions.push(rules_clients::book(&story.context));
    assumptions.extend(said(&[ASSUMPTION_CLOSE, ASSUMPTION_ORDER, ASSUMPTION_WATERFALL]));
    assumptions.extend(rules_clients::assumptions(&story.context));
    assumptions.extend(defaults::all(&story.context));
    let facts = story.context.facts;
    assumptions.extend(parts::assumed(text, facts.programme.scenarios.iter().map(|s| &s.case), facts.snapshot.depths > 0));
    out.push(Block::List { items: assumptions });
    out.push(Block::subheading(text.get(LIMITATIONS)));
    out.push(Block::List { items: impact(story).into_iter().chain(said(&limitations)).collect() });
    out.push(Block::paragraph(text.fill(VALIDATION, &[("section", sections::title(text, "signatures"))])));
    out
}

/// Rules that no scenario has in force, and whose absence a reader must know of.
fn missing_rules(story: &Story<'_>) -> Vec<Words> {
    let cases = || story.context.facts.programme.scenarios.iter().map(|s| &s.case);
    let kept_daily = cases().any(|case| case.pool.cash.is_some());
    let hedged = cases().any(|case| case.pool.hedge.as_ref().is_some_and(|hedge| hedge.ratio.get() != 0.0));
    let controlled = cases().any(|case| case.margin.dynamic.is_some() || case.margin.volatility_trigger.is_some());
    [(LIMIT_RUN, kept_daily), (LIMIT_HEDGE, hedged || controlled)]
        .into_iter()
        .filter(|(_, in_force)| !in_force)
        .map(|(word, _)| word)
        .collect()
}

/// What must be said of the impact of sales: where it is missing, and what it rests on where it is not.
fn impact(story: &Story<'_>) -> Vec<String> {
    let (context, text, programme) = (&story.context, &story.context.text, story.context.facts.programme);
    let without: Vec<String> = programme.scenarios.iter().filter(|s| !s.case.feedback.is_on()).map(|s| context.scenario(&s.name)).collect();
    if without.len() == programme.scenarios.len() {
        return vec![text.get(LIMIT_NO_IMPACT).into()];
    }
    let mut out = vec![text.get(LIMIT_IMPACT_LAW).to_string()];
    if !without.is_empty() {
        out.push(text.fill(LIMIT_NO_IMPACT_IN, &[("scenarios", &text.list(&without))]));
    }
    out
}

fn card(story: &Story<'_>, scenario: &ScenarioFacts) -> Vec<Block> {
    let (context, text, facts) = (&story.context, &story.context.text, story.context.facts);
    let case = facts.programme.scenarios.iter().find(|p| p.name == scenario.name);
    let model = case.map_or(scenario.card.model.clone(), |p| parts::model(text, &p.case.market));
    let declared = case.map(|p| p.case.market.declared());
    let name = context.scenario(&scenario.name);
    let filled = [("scenario", name.as_str()), ("model", model.as_str())];
    let mut out = Vec::new();
    if scenario.card.parameters.is_empty() {
        out.push(Block::paragraph(text.fill(MODEL_NO_PARAMETERS, &filled)));
    } else {
        let rows = (scenario.card.parameters.iter())
            .map(|(name, value, error)| {
                let error = error.map_or("–".into(), cells::plain);
                vec![parts::figure(text, declared, name).into(), cells::plain(*value), error]
            })
            .collect();
        let columns =
            vec![words(text.get(HEAD_PARAMETER), 1), figures(text.get(shared::HEAD_VALUE), ""), figures(text.get(HEAD_ERROR), "")];
        out.push(Block::Table(Table { caption: text.fill(MODEL_CARD_CAPTION, &filled), columns, rows, narrow: true, ..Table::default() }));
    }
    if !scenario.card.notes.is_empty() {
        out.push(Block::paragraph(text.get(MODEL_NOTES)));
        out.push(Block::List { items: scenario.card.notes.iter().map(|note| text.note(note).to_string()).collect() });
    }
    let same: Vec<String> =
        facts.scenarios.iter().filter(|s| s.card == scenario.card && s.name != scenario.name).map(|s| context.scenario(&s.name)).collect();
    if !same.is_empty() {
        out.push(Block::paragraph(text.fill(MODEL_SAME, &[("scenarios", &text.list(&same))])));
    }
    out
}
