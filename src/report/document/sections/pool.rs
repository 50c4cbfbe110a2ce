//! Writes the pool: who bore what, its return and largest clients, its cash and funders, its maturity ladder and triggers.

use super::{Section, Story};
use crate::measures::Estimates;
use crate::model::part::Words;
use crate::model::pool::trigger::Trigger;
use crate::model::pool::trigger_names;
use crate::report::charts::slug;
use crate::report::document::block::{Block, Cell, Source, Table, figures, words};
use crate::report::document::cells;
use crate::report::document::tables::{self, Asked};
use crate::report::document::tiers::tiers_in_loss_order;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::{self, Scale};
use crate::report::text::shared;

pub const SECTION: Section = Section {
    slug: "pool",
    title: Words("The pool: who bears what, and whether the cash lasts", "资金池：损失分担与流动性"),
    write: blocks,
};

const INTRO: Words = Words(
    "The pool's loss is the clients' shortfall, and what it loses with a custodian, less recourse; the tiers bear it in order, each up to its capital. Cover-1 and cover-2 are what the client, and the two clients, with the largest losses of each path cost.",
    "资金池损失为客户穿仓加自身托管损失减去追偿，由各层按顺序以其资金为限承担。单一路径中损失最大的一位、两位客户造成的损失分别列示。",
);
const THIN: Words = Words(
    "On the as-of date the cash covers {days} sessions of what the pool must pay out: less than one. A day on which repayments fail to come in cannot be met from it.",
    "基准日现金仅够 {days} 个交易日的应付款，不足一日：任何一日还款中断都无法以现金应对。",
);
const BUFFERED: Words =
    Words("On the as-of date the cash covers {days} sessions of what the pool must pay out.", "基准日现金可覆盖 {days} 个交易日的应付款。");
const MOVES: Words = Words(
    "The chart shows the tiers as funded on the as-of date. Money that funders take out of a tier no longer bears losses, so that a run on one tier brings the next into loss earlier than drawn.",
    "上图按基准日各层资金绘制。资金方撤出的资金不再承担损失，因此某一层发生挤兑后，下一层会早于图示开始承担损失。",
);
const BORE_CAPTION: Words = Words("Who bore what, mean over paths", "损失由谁承担（路径均值）");
const RETURN_CAPTION: Words = Words("Return of the pool, its swings, and its largest clients", "资金池收益、波动与最大客户");
const CASH_CAPTION: Words = Words("Cash and what is called back", "现金与提前收回");
const FUNDERS_CAPTION: Words = Words("Funders, hedge and custodian", "资金方、对冲与托管");
const TIERS_CAPTION: Words = Words("Tiers that fail, and triggers that fire", "各层无力兑付与触发条件");
const SOURCES_CAPTION: Words = Words("Funding withdrawn by source: probability", "各资金方撤资概率");
/// It is counted from the files of accounts and funding themselves.
const LADDER: Option<Source> = Some(Source::of(&["tables/lineage.csv"], ""));
const LADDER_CAPTION: Words = Words("Maturity ladder on the as-of date", "基准日期限阶梯");
const LADDER_NOTE: Words = Words(
    "Cumulated gap: idle cash and loans due less funding due, up to the rung, when nothing rolls. What has no term stands in the last rung.",
    "累计缺口：无任何续作时，截至该期限的闲置现金加到期融资减到期资金；无期限者列入末档。",
);
const TRIGGERS_CAPTION: Words = Words("Triggers and their values", "触发条件及其数值");
const HEAD_TRIGGER: Words = Words("Trigger", "触发条件");
const HEAD_CONDITION: Words = Words("Fires when", "触发时点");
const HEAD_EFFECT: Words = Words("What it does", "作用");
const WHEN_LOSS: Words = Words("loss at or above {value} of capital", "损失达到资金的 {value}");
const WHEN_BUFFER: Words = Words("buffer at or below {value} sessions", "缓冲不高于 {value} 个交易日");
const WHEN_STRESS: Words = Words("market stress at or above {value}", "市场压力达到 {value}");
const DO_ORDER: Words = Words("tiers lose in the order {order}", "损失顺序改为 {order}");
const DO_RECALL: Words = Words("{share} of loans called back", "收回 {share} 融资");
const DO_RECALL_TIER: Words = Words("{share} of the loans of tier {tier} called back", "收回 {tier} 层 {share} 融资");
const DO_REPLENISH: Words = Words("tiers refilled: {amounts}", "补充各层资金：{amounts}");
const HEAD_RETURN: Words = Words("Return", "收益率");
const HEAD_VOLATILITY: Words = Words("Daily volatility", "日波动率");
const HEAD_LOSS_DEVIATION: Words = Words("Std. deviation of loss", "损失标准差");
const HEAD_COVER1: Words = Words("Cover-1, ES 99%", "最大客户损失 ES 99%");
const HEAD_COVER2: Words = Words("Cover-2, ES 99%", "前两大客户损失 ES 99%");
const HEAD_UNCOVERED: Words = Words("Cover-2 beyond junior tiers", "前两大客户损失超出次级各层");
const HEAD_SHORTFALL_MEAN: Words = Words("Shortfall", "穿仓");
const HEAD_RECOURSE_MEAN: Words = Words("Recourse", "追偿");
const HEAD_CUSTODY_POOL: Words = Words("Custodian", "托管");
const HEAD_TIER: Words = Words("Tier {tier}", "{tier} 层");
const HEAD_BEYOND: Words = Words("Beyond", "超出各层");
const HEAD_BUFFER: Words = Words("Least buffer, sessions", "最低缓冲天数");
const HEAD_CASH: Words = Words("Least cash", "最低现金");
const HEAD_UTILISATION: Words = Words("Highest utilisation", "最高利用率");
const HEAD_SURVIVAL: Words = Words("Sessions paid in full", "全额兑付天数");
const HEAD_UNPAID: Words = Words("A claim unpaid", "未能兑付概率");
const HEAD_RECALLED: Words = Words("Called back", "提前收回");
const HEAD_RUN: Words = Words("A run", "挤兑概率");
const HEAD_WITHDRAWN: Words = Words("Withdrawn", "撤出资金");
const HEAD_HEDGE: Words = Words("Hedge", "对冲损益");
const HEAD_CLIENT_CUSTODY: Words = Words("Clients' custodian loss", "客户托管损失");
const HEAD_FAILED: Words = Words("Tier {tier} fails", "{tier} 层无力兑付");
const HEAD_FIRED: Words = Words("{trigger} fires", "{trigger} 触发");
const HEAD_RUNG: Words = Words("Days to maturity", "剩余天数");
const HEAD_LOANS_DUE: Words = Words("Loans due", "到期融资");
const HEAD_FUNDING_DUE: Words = Words("Funding due", "到期资金");
const HEAD_GAP: Words = Words("Cumulated gap", "累计缺口");
const RUNG_UP_TO: Words = Words("up to {days}", "至 {days} 天");
const RUNG_OPEN: Words = Words("later, or no term", "更长或无期限");

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let mut out = vec![Block::paragraph(text.get(INTRO))];
    out.extend(table(story, bore(story), BORE_CAPTION));
    for scenario in [facts.scenarios.first(), context.worst()].into_iter().flatten() {
        let chart = story.chart(&format!("loss-waterfall-{}", slug(&scenario.name)));
        let base_is_worst = facts.scenarios.first().is_some_and(|b| b.name == scenario.name) && out.iter().any(is_waterfall);
        out.extend(chart.filter(|_| !base_is_worst));
    }
    let attachment = story.chart("tier-attachment");
    let runs = facts.scenarios.iter().any(|s| s.measures.get("run.probability").is_some_and(|e| e.value > 0.0));
    let moves = (runs && attachment.is_some()).then(|| Block::paragraph(text.get(MOVES)));
    out.extend(attachment.into_iter().chain(moves));
    let returns = [
        (HEAD_RETURN, "pool_return.mean"),
        (HEAD_VOLATILITY, "pool_return.volatility"),
        (HEAD_LOSS_DEVIATION, "pool_loss.volatility"),
        (HEAD_COVER1, "cover_1.es_99"),
        (HEAD_COVER2, "cover_2.es_99"),
        (HEAD_UNCOVERED, "cover_2.uncovered_probability"),
    ];
    out.extend(table(story, named(story, &returns), RETURN_CAPTION));
    out.extend(ladder(story));
    out.extend(story.chart("liquidity-ladder"));
    out.extend(kept_daily(story));
    out
}

fn is_waterfall(block: &Block) -> bool {
    matches!(block, Block::Figure(figure) if figure.file.contains("loss-waterfall"))
}

fn named(story: &Story<'_>, asked: &[(Words, &str)]) -> Vec<Asked> {
    let text = &story.context.text;
    asked.iter().map(|(head, key)| Asked { head: text.get(*head).into(), key: (*key).into(), bare: false }).collect()
}

fn has(story: &Story<'_>, key: &str) -> bool {
    story.context.facts.scenarios.iter().any(|s| s.measures.contains_key(key))
}

/// A table by scenario of the figures that are there; none where none is.
fn table(story: &Story<'_>, asked: Vec<Asked>, caption: Words) -> Option<Block> {
    let context = &story.context;
    let scenarios = context.by_loss().into_iter().map(|s| (s, &s.measures as &Estimates));
    asked.iter().any(|a| has(story, &a.key)).then(|| {
        let mut table = tables::by_scenario(context, scenarios, &asked, false);
        table.caption = context.text.get(caption).into();
        Block::Table(table)
    })
}

/// What is lost, and each who bears it, the first to lose first.
fn bore(story: &Story<'_>) -> Vec<Asked> {
    let text = &story.context.text;
    let mut asked = named(story, &[(HEAD_SHORTFALL_MEAN, "shortfall.mean"), (HEAD_RECOURSE_MEAN, "recourse.mean")]);
    let custody = story.context.facts.scenarios.iter().filter_map(|s| s.measures.get("custody_loss.mean")).any(|e| e.value > 0.0);
    if custody {
        asked.extend(named(story, &[(HEAD_CUSTODY_POOL, "custody_loss.mean")]));
    }
    for tier in tiers_in_loss_order(&story.context) {
        asked.push(Asked { head: text.fill(HEAD_TIER, &[("tier", &tier)]), key: format!("tier.{tier}.loss.mean"), bare: false });
    }
    asked.extend(named(story, &[(HEAD_BEYOND, "unallocated_loss.mean")]));
    asked
}

/// Cash, funders, failures and triggers, where the pool is kept daily.
fn kept_daily(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let start = facts.scenarios.iter().find_map(|s| s.measures.get("buffer_days.start"));
    let Some(start) = start else { return vec![Block::paragraph(text.get(shared::NOT_KEPT))] };
    let word = if start.value < 1.0 { THIN } else { BUFFERED };
    let mut out = vec![Block::paragraph(text.fill(word, &[("days", &number::plain((start.value * 100.0).round() / 100.0))]))];
    let cash = [
        (HEAD_BUFFER, "buffer_days_min.mean"),
        (HEAD_CASH, "cash_min.mean"),
        (HEAD_UTILISATION, "utilisation_max.mean"),
        (HEAD_SURVIVAL, "survival_days.mean"),
        (HEAD_UNPAID, "unpaid.probability"),
        (HEAD_RECALLED, "recalled.mean"),
    ];
    out.extend(table(story, named(story, &cash), CASH_CAPTION));
    let funders = [
        (HEAD_RUN, "run.probability"),
        (HEAD_WITHDRAWN, "funding_withdrawn.mean"),
        (HEAD_HEDGE, "hedge_result.mean"),
        (HEAD_CUSTODY_POOL, "custody_loss.mean"),
        (HEAD_CLIENT_CUSTODY, "client_custody_loss.mean"),
    ];
    out.extend(table(story, named(story, &funders), FUNDERS_CAPTION));
    let mut fails: Vec<Asked> = Vec::new();
    for tier in tiers_in_loss_order(context) {
        fails.push(Asked { head: text.fill(HEAD_FAILED, &[("tier", &tier)]), key: format!("tier.{tier}.failed_probability"), bare: false });
    }
    for name in trigger_keys(facts.scenarios.iter()) {
        fails.push(Asked {
            head: text.fill(HEAD_FIRED, &[("trigger", &name)]),
            key: format!("trigger.{name}.fired_probability"),
            bare: false,
        });
    }
    out.extend(table(story, fails, TIERS_CAPTION));
    out.extend(triggers(story));
    out.extend(sources(story));
    out
}

/// Names of triggers that any scenario has a figure of, in order of name.
fn trigger_keys<'s>(scenarios: impl Iterator<Item = &'s ScenarioFacts>) -> Vec<String> {
    let of = |s: &'s ScenarioFacts| {
        s.measures.keys().filter_map(|k| Some(k.strip_prefix("trigger.")?.strip_suffix(".fired_probability")?.to_string()))
    };
    let mut names: Vec<String> = scenarios.flat_map(of).collect();
    names.sort();
    names.dedup();
    names
}

/// Each trigger of any scenario with its values.
fn triggers(story: &Story<'_>) -> Option<Block> {
    let text = &story.context.text;
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut told: Vec<Trigger> = Vec::new();
    for scenario in &story.context.facts.programme.scenarios {
        for (name, trigger) in trigger_names(&scenario.case.pool).into_iter().zip(&scenario.case.pool.triggers) {
            if told.contains(trigger) {
                continue;
            }
            told.push(trigger.clone());
            rows.push(vec![name.into(), text.list(&conditions(story, trigger)).into(), text.list(&effects(story, trigger)).into()]);
        }
    }
    let columns = vec![words(text.get(HEAD_TRIGGER), 1), words(text.get(HEAD_CONDITION), 2), words(text.get(HEAD_EFFECT), 2)];
    let caption = text.get(TRIGGERS_CAPTION).into();
    let source = Some(Source::of(&["programme.resolved.toml"], ""));
    (!rows.is_empty()).then(|| Block::Table(Table { caption, columns, rows, source, ..Table::default() }))
}

fn conditions(story: &Story<'_>, trigger: &Trigger) -> Vec<String> {
    let text = &story.context.text;
    let mut out = Vec::new();
    out.extend(trigger.pool_loss.map(|v| text.fill(WHEN_LOSS, &[("value", &number::line(v.get()))])));
    out.extend(trigger.buffer_days.map(|v| text.fill(WHEN_BUFFER, &[("value", &number::plain(v))])));
    out.extend(trigger.stress.map(|v| text.fill(WHEN_STRESS, &[("value", &number::line(v.get()))])));
    out
}

fn effects(story: &Story<'_>, trigger: &Trigger) -> Vec<String> {
    let (context, text) = (&story.context, &story.context.text);
    let mut out = Vec::new();
    if !trigger.loss_order.is_empty() {
        out.push(text.fill(DO_ORDER, &[("order", &trigger.loss_order.join(text.get(shared::ENUMERATION)))]));
    }
    let share = number::line(trigger.recall.get());
    match &trigger.recall_tier {
        _ if trigger.recall.get() <= 0.0 => {}
        Some(tier) => out.push(text.fill(DO_RECALL_TIER, &[("share", &share), ("tier", tier)])),
        None => out.push(text.fill(DO_RECALL, &[("share", &share)])),
    }
    if !trigger.replenish.is_empty() {
        let amounts: Vec<String> =
            trigger.replenish.iter().map(|(tier, money)| format!("{tier} {}", tables::money(context, *money))).collect();
        out.push(text.fill(DO_REPLENISH, &[("amounts", &text.list(&amounts))]));
    }
    out
}

/// Probability that each source withdraws, where any does; the eight most likely to.
fn sources(story: &Story<'_>) -> Option<Block> {
    let facts = story.context.facts;
    let mut likely: Vec<(f64, String)> = Vec::new();
    for scenario in &facts.scenarios {
        for (key, estimate) in &scenario.measures {
            let Some(name) = key.strip_prefix("source.").and_then(|k| k.strip_suffix(".funding_withdrawn.probability")) else { continue };
            match likely.iter_mut().find(|(_, n)| n == name) {
                Some(row) => row.0 = row.0.max(estimate.value),
                None => likely.push((estimate.value, name.to_string())),
            }
        }
    }
    likely.retain(|(value, _)| *value > 0.0);
    likely.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    likely.truncate(8);
    likely.sort_by(|a, b| a.1.cmp(&b.1));
    let asked: Vec<Asked> =
        likely.into_iter().map(|(_, n)| Asked { key: format!("source.{n}.funding_withdrawn.probability"), head: n, bare: false }).collect();
    if asked.is_empty() { None } else { table(story, asked, SOURCES_CAPTION) }
}

/// Loans and funding by days to maturity, and the cash left when nothing rolls.
fn ladder(story: &Story<'_>) -> Option<Block> {
    let context = &story.context;
    let text = &context.text;
    let rungs = &context.facts.snapshot.ladder;
    if rungs.iter().all(|rung| rung.funding <= 0.0) {
        return None;
    }
    let scale = Scale::of(text, rungs.iter().map(|rung| rung.funding.max(rung.loans)));
    let money = |value: f64| cells::amount(value, scale);
    let rows = rungs.iter().map(|rung| {
        let days = match rung.up_to_days {
            i32::MAX => text.get(RUNG_OPEN).to_string(),
            days => text.fill(RUNG_UP_TO, &[("days", &days.to_string())]),
        };
        vec![days.into(), money(rung.loans), money(rung.funding), money(rung.gap)]
    });
    let unit = context.unit(scale);
    let columns = vec![
        words(text.get(HEAD_RUNG), 1),
        figures(text.get(HEAD_LOANS_DUE), unit.clone()),
        figures(text.get(HEAD_FUNDING_DUE), unit.clone()),
        figures(text.get(HEAD_GAP), unit),
    ];
    let (caption, note) = (text.get(LADDER_CAPTION).into(), Some(text.get(LADDER_NOTE).into()));
    Some(Block::Table(Table { caption, columns, rows: rows.collect(), note, narrow: true, source: LADDER, ..Table::default() }))
}
