//! Writes the tables of a firm's largest clients and securities, and of its loans by stage of credit risk.

use super::block::{Block, Cell, Column, Table, Tone, figures, words};
use super::cells;
use super::tables;
use crate::measures::Unit;
use crate::measures::firm::{FirmFacts, Named, Stressed};
use crate::measures::staging::Stage;
use crate::model::case::{BASE, Severity};
use crate::model::firm::Firm;
use crate::model::firm::indicator::Indicator;
use crate::model::part::Words;
use crate::report::charts::Context;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::{self, Scale};
use crate::report::text::shared;

const CAPTION_CLIENTS: Words = Words("Largest clients", "最大融资客户");
const HEAD_LOAN: Words = Words("Loan", "融资余额");
const HEAD_OF_CAPITAL: Words = Words("Of net capital", "占净资本");
const HEAD_OF_CAPITAL_AFTER: Words = Words("After “{scenario}”", "“{scenario}”后");
const HEAD_LOSS_IN: Words = Words("Loss, “{scenario}”", "“{scenario}”预期损失");
const HEAD_LIQUIDATED_IN: Words = Words("Liquidated, “{scenario}”", "“{scenario}”强平概率");
const CAPTION_SECURITIES: Words = Words("Largest securities held as collateral", "最大担保证券");
const HEAD_HELD: Words = Words("Market value", "市值");
const HEAD_OF_FLOAT: Words = Words("Of free float", "占流通市值");
const HEAD_SOLD_IN: Words = Words("Forced sales, “{scenario}”", "“{scenario}”强平卖出均值");
const CAPTION_STAGES: Words = Words("Expected credit loss by stage, “{scenario}”", "“{scenario}”分阶段预期信用损失");
const HEAD_STAGE: Words = Words("Stage", "阶段");
const HEAD_LOANS: Words = Words("Loans", "融资余额");
const HEAD_LIQUIDATED: Words = Words("Liquidated, mean", "平均强平概率");
const HEAD_ECL: Words = Words("Expected credit loss", "预期信用损失");
const HEAD_COVER: Words = Words("Of loans", "占融资余额");
const STAGES_TEXT: Words = Words(
    "Stages of IFRS 9: 3, at or below the liquidation line on the as-of date or owing more than it holds; 2, at or below the call line, or liquidated within the horizon with more than {p}; 1, all others. Stage 1 counts the losses of twelve months, stages 2 and 3 those of the rest of the term, twelve months where a loan has none. The loss of the horizon is carried to more sessions by: mean loss given a shortfall × (1 − (1 − probability of a shortfall)^(sessions / horizon)).",
    "按金融工具准则分阶段：第三阶段，基准日不高于平仓线或资不抵债；第二阶段，不高于追保线，或期限内强平概率超过 {p}；其余为第一阶段。第一阶段计量十二个月损失，第二、三阶段计量剩余期限损失，无到期日者按十二个月。期限内损失按下式换算至更多交易日：穿仓时的平均损失×（1－（1－穿仓概率）^（交易日数÷期限））。",
);
const STAGES_NOTE: Words = Words(
    "Errors of accounts are added up: they fall together, so that this is the most they can be.",
    "各账户同涨同跌，误差按相加计，为其上限。",
);

/// The base, and the worst of the severe scenarios, or of all where none is.
fn base_and_severe<'s>(context: &Context<'_>, stressed: &[(&'s ScenarioFacts, &'s Stressed)]) -> Vec<(&'s ScenarioFacts, &'s Stressed)> {
    let by_loss = context.by_loss();
    let severe = by_loss.iter().skip(1).find(|s| s.severity == Severity::Severe).or(by_loss.get(1));
    let of = |name: &str| stressed.iter().find(|(s, _)| s.name == name).copied();
    let mut shown: Vec<_> = stressed.first().copied().into_iter().collect();
    shown.extend(severe.and_then(|s| of(&s.name)));
    shown
}

/// A share under a head in per cent.
fn share(value: Option<f64>) -> Cell {
    value.map_or("–".into(), |v| cells::of_hundred(cells::grouped(v * 100.0, 2)))
}

pub fn clients(context: &Context<'_>, facts: &FirmFacts, stressed: &[(&ScenarioFacts, &Stressed)]) -> Option<Block> {
    let text = &context.text;
    let shown = base_and_severe(context, stressed);
    let losses = shown.iter().flat_map(|(_, s)| s.clients.iter().map(|[loss, _]| loss));
    let amounts = Scale::of(text, facts.clients.iter().map(|c| c.amount));
    let scale = Scale::of_estimates(text, losses);
    let mut columns = vec![
        Column { share: 0, ..words(text.get(shared::HEAD_CLIENT), 0) },
        figures(text.get(HEAD_LOAN), context.unit(amounts)),
        figures(text.get(HEAD_OF_CAPITAL), "%"),
    ];
    let after = shown.iter().find(|(scenario, _)| scenario.name != BASE);
    columns.extend(
        after.map(|(scenario, _)| figures(&text.fill(HEAD_OF_CAPITAL_AFTER, &[("scenario", &context.scenario(&scenario.name))]), "%")),
    );
    // one client's share of capital moves as that of the largest does
    let rise = |s: &Stressed| {
        let after = s.after.iter().find(|after| after.indicator == Indicator::ClientToNetCapital)?.value.as_ref()?.value;
        let before = facts.before.iter().find(|b| b.indicator == Indicator::ClientToNetCapital)?.value?;
        Some(after / before)
    };
    for (scenario, _) in &shown {
        let name = context.scenario(&scenario.name);
        let head = |word: Words| text.fill(word, &[("scenario", &name)]);
        columns.push(figures(&head(HEAD_LIQUIDATED_IN), "%"));
        columns.push(figures(&head(HEAD_LOSS_IN), context.unit(scale)));
    }
    let row = |(at, client): (usize, &Named)| {
        let mut row: Vec<Cell> = vec![client.id.as_str().into(), cells::amount(client.amount, amounts), share(client.of_net_capital)];
        row.extend(after.map(|(_, s)| share(client.of_net_capital.and_then(|of| Some(of * rise(s)?)))));
        for (_, s) in &shown {
            let [loss, liquidated] = &s.clients[at];
            row.push(tables::cell(context, Some(liquidated), Scale::ONE, Tone::Plain));
            row.push(tables::cell(context, Some(loss), scale, Tone::Plain));
        }
        row
    };
    let rows: Vec<Vec<Cell>> = facts.clients.iter().enumerate().map(row).collect();
    let caption = text.get(CAPTION_CLIENTS).into();
    (!rows.is_empty()).then(|| Block::Table(Table { caption, columns, rows, ..Table::default() }))
}

pub fn securities(context: &Context<'_>, facts: &FirmFacts, stressed: &[(&ScenarioFacts, &Stressed)]) -> Option<Block> {
    let text = &context.text;
    let shown = base_and_severe(context, stressed);
    let sold = shown.iter().flat_map(|(_, s)| &s.securities);
    let amounts = Scale::of(text, facts.securities.iter().map(|s| s.amount));
    let scale = Scale::of_estimates(text, sold);
    let floats = facts.securities.iter().any(|s| s.of_float.is_some());
    let mut columns = vec![
        words(text.get(shared::HEAD_SYMBOL), 1),
        words(text.get(shared::HEAD_NAME), 1),
        figures(text.get(HEAD_HELD), context.unit(amounts)),
        figures(text.get(HEAD_OF_CAPITAL), "%"),
    ];
    if floats {
        columns.push(figures(text.get(HEAD_OF_FLOAT), "%"));
    }
    for (scenario, _) in &shown {
        columns.push(figures(&text.fill(HEAD_SOLD_IN, &[("scenario", &context.scenario(&scenario.name))]), context.unit(scale)));
    }
    let row = |(at, security): (usize, &Named)| {
        let mut row: Vec<Cell> = vec![security.id.as_str().into(), security.name.as_str().into()];
        row.extend([cells::amount(security.amount, amounts), share(security.of_net_capital)]);
        row.extend(floats.then(|| share(security.of_float)));
        row.extend(shown.iter().map(|(_, s)| tables::cell(context, s.securities.get(at), scale, Tone::Plain)));
        row
    };
    let rows: Vec<Vec<Cell>> = facts.securities.iter().enumerate().map(row).collect();
    let caption = text.get(CAPTION_SECURITIES).into();
    (!rows.is_empty()).then(|| Block::Table(Table { caption, columns, rows, ..Table::default() }))
}

/// Loans by stage, in the base and in the worst severe scenario.
pub fn stages(context: &Context<'_>, firm: &Firm, stressed: &[(&ScenarioFacts, &Stressed)]) -> Vec<Block> {
    let text = &context.text;
    let told = text.fill(STAGES_TEXT, &[("p", &number::line(firm.staging.stage_2_probability.get()))]);
    let mut out = vec![Block::paragraph(told)];
    for (scenario, s) in base_and_severe(context, stressed) {
        let scale = Scale::of_estimates(text, s.stages.iter().map(|stage| &stage.expected_loss));
        let loans = Scale::of(text, s.stages.iter().map(|stage| stage.loans));
        let row = |stage: &Stage| -> Vec<Cell> {
            let cover = if stage.loans > 0.0 { cells::percent(stage.expected_loss.value / stage.loans) } else { "–".into() };
            vec![
                stage.stage.to_string().into(),
                cells::count(stage.accounts as u64),
                cells::amount(stage.loans, loans),
                tables::cell(context, Some(&stage.liquidated), Scale::ONE, Tone::Plain),
                tables::cell(context, Some(&stage.expected_loss), scale, Tone::Plain),
                cover,
            ]
        };
        let columns = vec![
            words(text.get(HEAD_STAGE), 1),
            figures(text.get(shared::HEAD_ACCOUNTS), ""),
            figures(text.get(HEAD_LOANS), context.unit(loans)),
            figures(text.get(HEAD_LIQUIDATED), tables::unit_name(context, Unit::Ratio, scale)),
            figures(text.get(HEAD_ECL), context.unit(scale)),
            figures(text.get(HEAD_COVER), ""),
        ];
        let caption = text.fill(CAPTION_STAGES, &[("scenario", &context.scenario(&scenario.name))]);
        let rows = s.stages.iter().map(row).collect();
        let note = Some(text.get(STAGES_NOTE).into());
        out.push(Block::Table(Table { caption, columns, rows, note, narrow: true, ..Table::default() }));
    }
    out
}
