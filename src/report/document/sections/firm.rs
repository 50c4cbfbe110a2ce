//! Shows the capital and liquidity of the firm before and after each scenario, its largest names, and its loans by stage of credit risk.

use super::{Section, Story};
use crate::measures::Estimate;
use crate::measures::firm::{After, Before, FirmFacts, Standing, Stressed};
use crate::model::case::Severity;
use crate::model::firm::indicator::Indicator;
use crate::model::firm::levels::{self, By};
use crate::model::firm::{Firm, Rules};
use crate::model::part::Words;
use crate::report::charts::Context;
use crate::report::document::block::{Block, Cell, Column, Table, Tone, figures, words};
use crate::report::document::cells;
use crate::report::document::firm::{side, sign, tone, value, word};
use crate::report::document::firm_names;
use crate::report::document::tables;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::{self, Scale};
use crate::report::text::shared;

pub const SECTION: Section =
    Section { slug: "firm", title: Words("Capital and liquidity of the firm", "公司资本与流动性"), write: blocks };

const INTRO: Words = Words(
    "Capital is stressed by the loss that reaches {firm}: {which}. After stress, capital is what is left after {statistic}; every other position of the firm stays as it is, and neither tax, income nor new capital is counted.",
    "以传导至{firm}的损失对资本施压：{which}。压力后资本为扣除{statistic}后的余额；公司其他头寸不变，不计税收影响、收入与补充资本。",
);
const THE_FIRM: Words = Words("the firm", "公司");
const WHOLE_POOL: Words = Words("the whole loss of the pool", "资金池全部损失");
const TIERS: Words = Words("the losses of {tiers} and those beyond all tiers", "{tiers}的损失及超出各层的损失");
const TIERS_ALONE: Words = Words("the losses of {tiers}", "{tiers}的损失");
const MEAN: Words = Words("the mean loss over all paths", "全部路径的平均损失");
const TAIL: Words = Words("the ES {level} of the loss, the mean of the worst paths", "损失的 ES {level}（最差路径的平均损失）");
const BY_RULE: Words =
    Words("Levels: {rule}. The warning line is 120% of a least and 80% of a most.", "标准：{rule}。预警线为下限的 120%、上限的 80%。");
const BY_PROGRAMME: Words = Words("Levels are those the programme sets.", "标准由方案设定。");
const NO_RULE: Words = Words("No version of the rules is known for {date}.", "{date} 无可适用的规则版本。");
const CASH_KEPT: Words = Words(
    "Liquid assets used: idle cash on the as-of date less the least on a path, of the pool kept daily.",
    "耗用的流动性资产：基准日闲置现金减去路径上的最低现金（资金池按日核算）。",
);
const CASH_LOSS: Words = Words(
    "Liquid assets used: the loss that reaches the firm, taken to be paid in full from them, for its cash is not simulated.",
    "耗用的流动性资产：因未模拟公司现金，视为损失全部以流动性资产支付。",
);
const OUTFLOWS: Words = Words(
    "Net outflows stay as given; {money} of the pool's funding falls due within 30 days and is taken to be among them.",
    "现金净流出按所填数字不变；资金池 30 日内到期资金 {money}，视为已包含在内。",
);
const OUTFLOWS_LESS: Words = Words(
    "Net outflows stay as given, though {money} of the pool's funding, more than they are, falls due within 30 days: to be checked.",
    "现金净流出按所填数字不变，但资金池 30 日内到期资金 {money} 已超过该数字，须核对。",
);
const ENDED: Words = Words(
    "Loans that end are those of accounts closed within the horizon, a mean over all paths: in the worst paths more end, so that reserves fall less here than they would.",
    "终结的融资为期限内了结账户的融资，取全部路径均值；最差路径中终结更多，故此处准备下降偏少。",
);
const NOT_ENDED: Words = Words(
    "Reserves and required stable funding stay as given: no rate is stated by which they fall with loans that end.",
    "各项准备与所需稳定资金按所填数字不变：未设随融资终结下降的比例。",
);
const NOT_COUNTED: Words = Words(
    "Reserves and required stable funding stay as given: of a sample whose paths count differently, loans that end are not counted.",
    "各项准备与所需稳定资金按所填数字不变：路径权重不同的抽样不统计终结的融资。",
);
const UNCONFIRMED: Words = Words(
    "To be confirmed against the text of the rule before it is relied on: the levels of {items}.",
    "下列指标的标准须与规则原文核对后使用：{items}。",
);
const LACKS: Words = Words("Not shown, for figures are not given: {items}.", "因未填数据而未列示：{items}。");
const LACKS_ITEM: Words = Words("{indicator} ({keys})", "{indicator}（{keys}）");
const LACKS_FLOAT: Words = Words("free float of the securities", "证券流通市值");
const SEVERITIES: Words = Words(
    "A supervisor asks for a mild, a moderate and a severe scenario; the programme has none of severity {items}.",
    "监管要求轻度、中度、重度情景；方案缺少的严重程度：{items}。",
);

const CAPTION_BEFORE: Words = Words("Indicators on the as-of date", "基准日指标");
const HEAD_INDICATOR: Words = Words("Indicator", "指标");
const HEAD_FORMULA: Words = Words("Formula after stress", "压力后算式");
const HEAD_LIMIT: Words = Words("Limit", "标准");
const HEAD_WARNING: Words = Words("Warning line", "预警线");
const HEAD_ROOM: Words = Words("Loss to the limit", "距标准可承受损失");
const HEAD_STANDING: Words = Words("Standing", "判定");
const HEAD_BEFORE: Words = Words("Before", "压力前");
const HEAD_AFTER: Words = Words("After", "压力后");
const BEFORE_NOTE: Words = Words(
    "Loss to the limit: the loss, or the use of liquid assets, at which the indicator meets its limit with all else as given.",
    "距标准可承受损失：其他不变时，使指标恰达标准的损失（流动性覆盖率为耗用的流动性资产）。",
);
const CAPTION_LOSSES: Words = Words("What reaches the firm", "传导至公司的损失");
const HEAD_LOSS_MEAN: Words = Words("Loss, mean", "平均损失");
const HEAD_LOSS_TAIL: Words = Words("Loss set against capital", "扣减资本的损失");
const HEAD_CASH: Words = Words("Liquid assets used", "耗用的流动性资产");
const HEAD_ENDED: Words = Words("Loans ended, mean", "终结的融资均值");
const CAPTION_CAPITAL: Words = Words("Capital after stress", "压力后资本指标");
const CAPTION_LIQUIDITY: Words = Words("Liquidity and concentration after stress", "压力后流动性与集中度指标");
const AFTER_NOTE: Words = Words(
    "± is one standard error, from that of the loss. Red: breaks its limit. Amber: beyond its warning line, or within two standard errors of a level. (≤) and (≥): no path shows a loss; the far end of the interval.",
    "± 为一倍标准误，由损失的标准误推得。红色：不符合标准。橙色：越过预警线，或与标准、预警线相差不足两倍标准误。（≤）（≥）：没有路径出现损失，为置信区间的另一端。",
);
const CAPTION_OFTEN: Words = Words("How often a level breaks", "越过标准的概率");
const HEAD_P_WARNING: Words = Words("Beyond the warning line", "越过预警线概率");
const HEAD_P_LIMIT: Words = Words("Breaks the limit", "不符合标准概率");
const OFTEN_NOTE: Words = Words(
    "Shares of paths, each with what the loss of that path alone leaves. Only indicators that some path brings beyond a level they keep before stress are listed.",
    "路径占比，按各路径自身损失计算。仅列示压力前符合、而有路径越过预警线或标准的指标。",
);
const NEVER: Words = Words(
    "On no path does an indicator go beyond a level that it keeps before stress.",
    "没有路径使压力前符合标准的指标越过预警线或标准。",
);
const SOURCES: Words = Words(
    "tables/firm.csv names for every figure the row or key it was computed from; tables/stages.csv holds the stages of every scenario.",
    "每个数字的来源见 firm.csv；各情景的分阶段结果见 stages.csv。",
);

const CAPITAL: [Indicator; 5] = [
    Indicator::RiskCoverage,
    Indicator::CapitalLeverage,
    Indicator::NetCapitalToNetAssets,
    Indicator::NetCapitalToLiabilities,
    Indicator::NetAssetsToLiabilities,
];
const LIQUIDITY: [Indicator; 4] =
    [Indicator::LiquidityCoverage, Indicator::StableFunding, Indicator::MarginToNetCapital, Indicator::ClientToNetCapital];

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let context = &story.context;
    let (Some(facts), Some(firm)) = (&context.facts.firm, &context.facts.programme.firm) else { return Vec::new() };
    let stressed: Vec<(&ScenarioFacts, &Stressed)> = context.facts.scenarios.iter().filter_map(|s| Some((s, s.firm.as_ref()?))).collect();
    let mut out = introduction(context, facts, firm, &stressed);
    // a committee's edition ends behind it
    out.extend(story.chart("firm-indicators"));
    out.push(before_table(context, facts));
    out.push(losses_table(context, firm, &stressed));
    out.extend(after_table(context, facts, &stressed, &CAPITAL, CAPTION_CAPITAL));
    out.extend(after_table(context, facts, &stressed, &LIQUIDITY, CAPTION_LIQUIDITY));
    if facts.before.iter().any(|b| b.value.is_some() && b.level.is_some()) {
        out.push(often_table(context, facts, &stressed));
    }
    out.extend(firm_names::clients(context, facts, &stressed));
    out.extend(firm_names::securities(context, facts, &stressed));
    out.extend(firm_names::stages(context, firm, &stressed));
    out.push(Block::paragraph(context.text.get(SOURCES)));
    out
}

/// Which loss, whose levels, what stays, what is missing.
fn introduction(context: &Context<'_>, facts: &FirmFacts, firm: &Firm, stressed: &[(&ScenarioFacts, &Stressed)]) -> Vec<Block> {
    let text = &context.text;
    let named: Vec<String> = firm.tiers.iter().map(|tier| text.fill(shared::TIER_NAMED, &[("tier", tier)])).collect();
    let which = match (named.is_empty(), firm.beyond_tiers) {
        (true, _) => text.get(WHOLE_POOL).to_string(),
        (false, true) => text.fill(TIERS, &[("tiers", &text.list(&named))]),
        (false, false) => text.fill(TIERS_ALONE, &[("tiers", &text.list(&named))]),
    };
    let statistic = match facts.statistic.strip_prefix("es_") {
        Some(level) => text.fill(TAIL, &[("level", &format!("{}%", level.replace('_', ".")))]),
        None => text.get(MEAN).to_string(),
    };
    let name = firm.name_in(text.zh()).unwrap_or(text.get(THE_FIRM)).to_string();
    let first = text.fill(INTRO, &[("firm", &name), ("which", &which), ("statistic", &statistic)]);
    let mut out = vec![Block::paragraph(first)];
    let programme = context.facts.programme;
    let rule = match (firm.rules_for(&programme.currency), levels::version(programme.as_of)) {
        (Rules::Own, _) => text.get(BY_PROGRAMME).to_string(),
        (Rules::Csrc, Some(version)) => text.fill(BY_RULE, &[("rule", text.get(version.name))]),
        (Rules::Csrc, None) => text.fill(NO_RULE, &[("date", &programme.as_of.to_string())]),
    };
    let doubted = facts.before.iter().filter(|b| b.value.is_some() && b.level.is_some_and(|l| l.by == By::Supervisor { confirmed: false }));
    let doubted: Vec<String> = doubted.map(|b| text.get(b.indicator.name()).to_string()).collect();
    let mut items = vec![rule];
    if !doubted.is_empty() {
        items.push(text.fill(UNCONFIRMED, &[("items", &text.list(&doubted))]));
    }
    if !facts.before.iter().any(|b| b.indicator == Indicator::LiquidityCoverage && b.value.is_none()) {
        let kept = stressed.iter().any(|(_, s)| s.losses.contains_key("cash_used.mean"));
        items.push(text.get(if kept { CASH_KEPT } else { CASH_LOSS }).into());
        let more = firm.net_outflows_30d.is_some_and(|given| facts.funding_due_30d > given);
        let due = tables::money(context, facts.funding_due_30d);
        items.push(text.fill(if more { OUTFLOWS_LESS } else { OUTFLOWS }, &[("money", &due)]));
    }
    let rated = firm.margin_reserve_rate.is_some() || firm.margin_stable_factor.is_some();
    let counted = stressed.iter().all(|(_, s)| s.losses.contains_key("loans_ended.mean"));
    items.push(
        text.get(match (rated, counted) {
            (false, _) => NOT_ENDED,
            (true, true) => ENDED,
            (true, false) => NOT_COUNTED,
        })
        .into(),
    );
    items.extend(lacking(context, facts));
    let all = [Severity::Mild, Severity::Moderate, Severity::Severe];
    let absent: Vec<String> = (all.into_iter())
        .filter(|severity| !context.facts.scenarios.iter().any(|s| s.severity == *severity))
        .map(|severity| text.severity(severity).to_string())
        .collect();
    if !absent.is_empty() {
        items.push(text.fill(SEVERITIES, &[("items", &text.list(&absent))]));
    }
    out.push(Block::List { items });
    out
}

/// Which indicators are not shown, and what they would need.
fn lacking(context: &Context<'_>, facts: &FirmFacts) -> Option<String> {
    let text = &context.text;
    let item = |b: &Before| {
        let keys = if b.lacks.is_empty() { text.get(LACKS_FLOAT).to_string() } else { b.lacks.join(text.get(shared::ENUMERATION)) };
        text.fill(LACKS_ITEM, &[("indicator", text.get(b.indicator.name())), ("keys", &keys)])
    };
    let items: Vec<String> = facts.before.iter().filter(|b| b.value.is_none()).map(item).collect();
    (!items.is_empty()).then(|| text.fill(LACKS, &[("items", &items.join(text.get(shared::ENUMERATION)))]))
}

fn before_table(context: &Context<'_>, facts: &FirmFacts) -> Block {
    let text = &context.text;
    let levels = facts.before.iter().any(|b| b.value.is_some() && b.level.is_some());
    let scale = Scale::of(text, facts.before.iter().filter_map(|b| b.loss_to_limit));
    let rows = facts.before.iter().filter_map(|b| {
        let floor = b.indicator.is_floor();
        let level = |of: fn(&levels::InForce) -> f64| {
            let bound = |l: &levels::InForce| Cell { text: side(floor, of(l)), ..cells::bound(cells::line(of(l)), sign(floor)) };
            b.level.as_ref().map_or("–".into(), bound)
        };
        let value = b.value?;
        let mut row: Vec<Cell> =
            vec![text.get(b.indicator.name()).into(), text.get(b.indicator.formula()).into(), cells::said(number::to_four(value), value)];
        if levels {
            row.extend([level(|l| l.limit), level(|l| l.warning)]);
            row.push(b.loss_to_limit.map_or("–".into(), |loss| cells::amount(loss.max(0.0), scale)));
            row.push(Cell::toned(text.get(word(b.standing)), tone(b.standing)));
        }
        Some(row)
    });
    let rows = rows.collect();
    let mut columns = vec![words(text.get(HEAD_INDICATOR), 4), words(text.get(HEAD_FORMULA), 6), figures(text.get(HEAD_BEFORE), "")];
    if levels {
        columns.extend([HEAD_LIMIT, HEAD_WARNING].map(|head| figures(text.get(head), "")));
        columns.push(figures(text.get(HEAD_ROOM), context.unit(scale)));
        columns.push(words(text.get(HEAD_STANDING), 3));
    }
    let note = levels.then(|| text.get(BEFORE_NOTE).into());
    Block::Table(Table { caption: text.get(CAPTION_BEFORE).into(), columns, rows, note, ..Table::default() })
}

/// What reaches the firm in each scenario.
fn losses_table(context: &Context<'_>, firm: &Firm, stressed: &[(&ScenarioFacts, &Stressed)]) -> Block {
    let text = &context.text;
    let statistic = firm.loss_level.statistic();
    let mut heads = vec![(text.get(HEAD_LOSS_MEAN), "firm_loss.mean".to_string())];
    if statistic != "mean" {
        heads.push((text.get(HEAD_LOSS_TAIL), format!("firm_loss.{statistic}")));
    }
    heads.push((text.get(HEAD_CASH), format!("cash_used.{statistic}")));
    heads.push((text.get(HEAD_ENDED), "loans_ended.mean".to_string()));
    heads.retain(|(_, key)| stressed.iter().any(|(_, s)| s.losses.contains_key(key)));
    let scale = Scale::of_estimates(text, stressed.iter().flat_map(|(_, s)| heads.iter().filter_map(|(_, key)| s.losses.get(key))));
    let mut columns = vec![words(text.get(shared::HEAD_SCENARIO), 1), Column { share: 0, ..words(text.get(shared::HEAD_SEVERITY), 0) }];
    columns.extend(heads.iter().map(|(head, _)| figures(head, context.unit(scale))));
    let rows = stressed.iter().map(|(scenario, s)| {
        let mut row: Vec<Cell> = vec![context.scenario(&scenario.name).into(), text.severity(scenario.severity).into()];
        row.extend(heads.iter().map(|(_, key)| tables::cell(context, s.losses.get(key), scale, Tone::Plain)));
        row
    });
    Block::Table(Table { caption: text.get(CAPTION_LOSSES).into(), columns, rows: rows.collect(), ..Table::default() })
}

/// Indicators by scenario: what they were, what is asked of them, what each scenario leaves.
fn after_table(
    context: &Context<'_>,
    facts: &FirmFacts,
    stressed: &[(&ScenarioFacts, &Stressed)],
    indicators: &[Indicator],
    caption: Words,
) -> Option<Block> {
    let text = &context.text;
    let shown: Vec<&Before> = facts.before.iter().filter(|b| b.value.is_some() && indicators.contains(&b.indicator)).collect();
    if shown.is_empty() {
        return None;
    }
    let mut columns = vec![Column { share: 0, ..words(text.get(shared::HEAD_SCENARIO), 0) }];
    columns.extend(shown.iter().map(|b| figures(text.get(b.indicator.name()), "%")));
    let bare = |value: f64| {
        let value = value * 100.0;
        cells::of_hundred(cells::grouped(value, number::decimals_for_value(value, 4).min(2)))
    };
    let before = shown.iter().map(|b| Cell { tone: tone(b.standing), ..b.value.map_or("–".into(), bare) });
    let level = |head: Words, of: fn(&levels::InForce) -> f64| {
        let bound = |b: &&Before| {
            let (sign, Some(level)) = (sign(b.indicator.is_floor()), b.level.as_ref().map(of)) else { return "–".into() };
            let cell = cells::of_hundred(cells::plain(level * 100.0));
            Cell { text: format!("{sign} {}", cell.text), ..cells::bound(cell, sign) }
        };
        std::iter::once(Cell::from(text.get(head))).chain(shown.iter().map(bound)).collect::<Vec<Cell>>()
    };
    let mut rows = vec![std::iter::once(Cell::from(text.get(HEAD_BEFORE))).chain(before).collect()];
    if shown.iter().any(|b| b.level.is_some()) {
        rows.splice(0..0, [level(HEAD_LIMIT, |l| l.limit), level(HEAD_WARNING, |l| l.warning)]);
    }
    rows.extend(stressed.iter().map(|(scenario, s)| {
        let cell = |b: &&Before| match s.after.iter().find(|after| after.indicator == b.indicator) {
            Some(After { value: Some(e), standing, .. }) => tables::cell(context, Some(e), Scale::ONE, tone(*standing)),
            Some(after) => Cell::toned(value(context, after), tone(after.standing)),
            None => "–".into(),
        };
        std::iter::once(context.scenario(&scenario.name).into()).chain(shown.iter().map(cell)).collect()
    }));
    let note = (indicators == CAPITAL).then(|| text.get(AFTER_NOTE).into());
    Some(Block::Table(Table { caption: text.get(caption).into(), columns, rows, note, ..Table::default() }))
}

/// Indicators that some path brings beyond their warning line.
fn often_table(context: &Context<'_>, facts: &FirmFacts, stressed: &[(&ScenarioFacts, &Stressed)]) -> Block {
    let text = &context.text;
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for (scenario, s) in stressed {
        for after in &s.after {
            let (Some(warning), Some(limit)) = (&after.beyond_warning, &after.beyond_limit) else { continue };
            // a level that is broken before any stress tells nothing more
            let before = facts.before.iter().find(|b| b.indicator == after.indicator);
            let kept = before.is_some_and(|b| b.standing == Standing::Meets);
            if limit.value <= 0.0 && (warning.value <= 0.0 || !kept) {
                continue;
            }
            let share = |e: &Estimate| cells::estimate(text, e, Scale::ONE);
            let left = |e: &Estimate| Cell { text: value(context, after), ..cells::estimate(text, e, Scale::ONE) };
            rows.push(vec![
                context.scenario(&scenario.name).into(),
                text.get(after.indicator.name()).into(),
                before.and_then(|b| b.value).map_or("–".into(), |value| cells::said(number::to_four(value), value)),
                after.value.as_ref().map_or_else(|| value(context, after).into(), left),
                share(warning),
                share(limit),
                Cell::toned(text.get(word(after.standing)), tone(after.standing)),
            ]);
        }
    }
    if rows.is_empty() {
        return Block::paragraph(text.get(NEVER));
    }
    let columns = vec![
        words(text.get(shared::HEAD_SCENARIO), 2),
        words(text.get(HEAD_INDICATOR), 3),
        figures(text.get(HEAD_BEFORE), ""),
        figures(text.get(HEAD_AFTER), ""),
        figures(text.get(HEAD_P_WARNING), "%"),
        figures(text.get(HEAD_P_LIMIT), "%"),
        words(text.get(HEAD_STANDING), 3),
    ];
    Block::Table(Table {
        caption: text.get(CAPTION_OFTEN).into(),
        columns,
        rows,
        note: Some(text.get(OFTEN_NOTE).into()),
        ..Table::default()
    })
}
