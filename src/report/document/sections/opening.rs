//! Writes what stands before the results: purpose, the book, the data, the rules, the scenarios.

use super::Story;
use crate::report::document::block::{Block, Cell, Column, Table, Tone, figures, words};
use crate::report::document::{parts, rules, rules_margin, run_id, tables};
use crate::report::text::number::{self, Scale};
use crate::report::text::{Word, measure};

/// How many rows of a ranking a page shows.
const RANKED: usize = 10;
/// How many notes are printed before the rest is counted.
const NOTES: usize = 30;

pub fn purpose(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let (text, programme) = (&context.text, facts.programme);
    let stated = |value: &Option<String>| value.clone().unwrap_or_else(|| text.get(Word::NotStated).into());
    let report = context.report();
    let distribution = if report.distribution.is_empty() { text.get(Word::NotStated).into() } else { text.list(&report.distribution) };
    let mut rows: Vec<(Word, Cell)> = vec![
        (Word::ItemProgramme, programme.name.clone().into()),
        (Word::ItemInstitution, stated(&report.institution).into()),
        (Word::ItemOwner, stated(&report.owner).into()),
        (Word::ItemApprover, stated(&report.approver).into()),
        (Word::ItemDistribution, distribution.into()),
        (Word::ItemConfidentiality, super::super::confidentiality(context).into()),
        (Word::ItemAsOf, programme.as_of.to_string().into()),
        (Word::ItemCurrency, programme.currency.clone().into()),
        (Word::ItemScenarios, facts.scenarios.len().to_string().into()),
    ];
    if let Some(base) = facts.scenarios.first() {
        rows.push((Word::ItemHorizon, text.fill(Word::ItemSessions, &[("n", &base.horizon_days.to_string())]).into()));
        rows.push((Word::ItemPaths, number::count(base.paths).into()));
    }
    rows.extend([
        (Word::ItemSeed, programme.seed.to_string().into()),
        (Word::ItemRun, Cell::toned(run_id(facts), Tone::Code)),
        (Word::ItemProgrammeHash, Cell::toned(&facts.programme_hash, Tone::Code)),
        (Word::ItemEngine, concat!("Levertide ", env!("CARGO_PKG_VERSION")).into()),
    ]);
    let rows = rows.into_iter().map(|(word, value)| vec![text.get(word).into(), value]).collect();
    let columns = vec![words(text.get(Word::HeadItem), 2), words(text.get(Word::HeadValue), 5)];
    vec![
        Block::paragraph(text.get(Word::PurposeText)),
        Block::Table(Table { caption: text.get(Word::SectionPurpose).into(), columns, rows, ..Table::default() }),
        Block::paragraph(text.get(Word::PurposeReproduce)),
    ]
}

pub fn snapshot(story: &Story<'_>) -> Vec<Block> {
    let (context, book) = (&story.context, &story.context.facts.snapshot);
    let text = &context.text;
    let amount = |v: f64| tables::money(context, v);
    let mut rows: Vec<(Word, String)> = vec![
        (Word::HeadAccounts, number::count(book.accounts as u64)),
        (Word::SnapshotPositions, number::count(book.positions as u64)),
        (Word::SnapshotSymbols, number::count(book.symbols as u64)),
        (Word::HeadLoans, amount(book.loans)),
        (Word::SnapshotOwn, amount(book.own_capital)),
        (Word::HeadMarketValue, amount(book.market_value)),
        (Word::SnapshotCash, amount(book.cash)),
        (Word::SnapshotLeverage, number::grouped(book.mean_leverage, 2)),
    ];
    if book.funding > 0.0 {
        rows.push((Word::SnapshotFunding, amount(book.funding)));
        rows.push((Word::SnapshotUtilisation, number::percent(book.utilisation)));
    }
    rows.push((Word::SnapshotHhiClients, number::grouped(book.hhi_clients, 4)));
    rows.push((Word::SnapshotHhiSymbols, number::grouped(book.hhi_symbols, 4)));
    let mut rows: Vec<Vec<Cell>> = rows.into_iter().map(|(word, value)| vec![text.get(word).into(), value.into()]).collect();
    // of the as-of date, and therefore the same in every scenario
    let base = context.facts.scenarios.first();
    for key in ["concentration.top_1_share", "concentration.top_5_share", "concentration.top_10_share"] {
        let share = base.and_then(|s| s.measures.get(key));
        rows.extend(share.map(|e| vec![measure::name(text, key).into(), number::share(e.value, 1.0).into()]));
    }
    let columns = vec![words(text.get(Word::HeadItem), 1), figures(text.get(Word::HeadValue), "")];
    let mut out =
        vec![Block::Table(Table { caption: text.get(Word::SnapshotCaption).into(), columns, rows, narrow: true, ..Table::default() })];
    out.extend(story.chart("leverage-of-the-book"));
    out.push(tiers(story));
    out.push(groups(story, Word::SnapshotLeverageTable, Word::Leverage, &book.leverage));
    if !book.grades.is_empty() {
        out.push(groups(story, Word::SnapshotGrades, Word::HeadGrade, &book.grades));
    }
    if book.below_line.iter().all(|(_, n, _)| *n == 0) {
        out.push(Block::paragraph(text.get(Word::SnapshotBelowNone)));
    } else {
        let lines: Vec<(String, usize, f64)> =
            book.below_line.iter().map(|(line, n, loans)| (line_name(story, line), *n, *loans)).collect();
        out.push(groups(story, Word::SnapshotBelow, Word::HeadLine, &lines));
    }
    out.extend(ranking(story));
    out
}

/// A line's key in the reader's words.
fn line_name(story: &Story<'_>, line: &str) -> String {
    let word = match line {
        "warning" => Word::RuleWarning,
        "limit" => Word::RuleLimit,
        "call" => Word::RuleCall,
        "liquidation" => Word::RuleLiquidation,
        _ => return line.to_string(),
    };
    story.context.text.get(word).into()
}

fn tiers(story: &Story<'_>) -> Block {
    let (context, book) = (&story.context, &story.context.facts.snapshot);
    let text = &context.text;
    let scale = Scale::of(text, book.tiers.iter().flat_map(|t| [t.capital, t.loans]));
    let amount = |v: f64| number::grouped(v / scale.divisor, number::decimals_for_value(v / scale.divisor, 4).min(2));
    let mut order: Vec<_> = book.tiers.iter().collect();
    order.sort_by_key(|t| t.loss_rank);
    let rows = (order.iter())
        .map(|t| {
            vec![
                t.name.as_str().into(),
                text.fill(Word::Ordinal, &[("n", &t.loss_rank.to_string())]).into(),
                amount(t.capital).into(),
                amount(t.loans).into(),
                number::count(t.accounts as u64).into(),
            ]
        })
        .collect();
    let unit = context.unit(scale);
    let columns = vec![
        words(text.get(Word::HeadTier), 1),
        words(text.get(Word::HeadLossRank), 1),
        figures(text.get(Word::HeadCapital), unit.clone()),
        figures(text.get(Word::HeadLoans), unit),
        figures(text.get(Word::HeadAccounts), ""),
    ];
    Block::Table(Table { caption: text.get(Word::SnapshotTiers).into(), columns, rows, narrow: true, ..Table::default() })
}

/// Accounts and loans by some name, with shares of the whole book.
fn groups(story: &Story<'_>, caption: Word, head: Word, rows: &[(String, usize, f64)]) -> Block {
    let (context, book) = (&story.context, &story.context.facts.snapshot);
    let text = &context.text;
    let scale = Scale::of(text, [book.loans]);
    let rows = (rows.iter())
        .map(|(name, accounts, loans)| {
            let loan = loans / scale.divisor;
            vec![
                name.as_str().into(),
                number::count(*accounts as u64).into(),
                number::share(*accounts as f64, book.accounts as f64).into(),
                number::grouped(loan, number::decimals_for_value(loan, 4).min(2)).into(),
                number::share(*loans, book.loans).into(),
            ]
        })
        .collect();
    let columns = vec![
        words(text.get(head), 1),
        figures(text.get(Word::HeadAccounts), ""),
        figures(text.get(Word::HeadShare), ""),
        figures(text.get(Word::HeadLoans), context.unit(scale)),
        figures(text.get(Word::HeadShare), ""),
    ];
    Block::Table(Table { caption: text.get(caption).into(), columns, rows, narrow: true, ..Table::default() })
}

fn ranking(story: &Story<'_>) -> Vec<Block> {
    let (context, book) = (&story.context, &story.context.facts.snapshot);
    let text = &context.text;
    let mut out = Vec::new();
    let scale = Scale::of(text, book.top_clients.iter().map(|c| c.1).chain(book.top_symbols.iter().map(|s| s.2)));
    let amount = |v: f64| number::grouped(v / scale.divisor, number::decimals_for_value(v / scale.divisor, 4).min(2));
    if !book.top_clients.is_empty() {
        let rows = book.top_clients.iter().take(RANKED);
        let rows =
            rows.map(|(id, loan, share)| vec![id.as_str().into(), amount(*loan).into(), number::share(*share, 1.0).into()]).collect();
        let columns = vec![
            words(text.get(Word::HeadClient), 1),
            figures(text.get(Word::HeadLoans), context.unit(scale)),
            figures(text.get(Word::HeadShare), ""),
        ];
        out.push(Block::Table(Table {
            caption: text.get(Word::SnapshotTopClients).into(),
            columns,
            rows,
            narrow: true,
            ..Table::default()
        }));
    }
    if !book.top_symbols.is_empty() {
        let rows = (book.top_symbols.iter().take(RANKED))
            .map(|(symbol, name, value, share)| {
                vec![symbol.as_str().into(), name.as_str().into(), amount(*value).into(), number::share(*share, 1.0).into()]
            })
            .collect();
        let columns = vec![
            words(text.get(Word::HeadSymbol), 1),
            words(text.get(Word::HeadName), 1),
            figures(text.get(Word::HeadMarketValue), context.unit(scale)),
            figures(text.get(Word::HeadShare), ""),
        ];
        out.push(Block::Table(Table {
            caption: text.get(Word::SnapshotTopSymbols).into(),
            columns,
            rows,
            narrow: true,
            ..Table::default()
        }));
    }
    out
}

pub fn lineage(story: &Story<'_>) -> Vec<Block> {
    let (text, facts) = (&story.context.text, story.context.facts);
    let role = |role: &str| -> String {
        let word = match role {
            "prices" => Word::RolePrices,
            "returns" => Word::RoleReturns,
            "instruments" => Word::RoleInstruments,
            "accounts" => Word::RoleAccounts,
            "positions" => Word::RolePositions,
            "funding" => Word::RoleFunding,
            "correlations" => Word::RoleCorrelations,
            "paths" => Word::RoleGiven,
            "implied-volatility" => Word::RoleImplied,
            "calendar" => Word::RoleCalendar,
            "previous" => Word::RolePrevious,
            other => return other.to_string(),
        };
        text.get(word).into()
    };
    let rows = (facts.lineage.iter())
        .map(|f| {
            let hash: String = f.sha256.chars().take(12).collect();
            vec![
                role(&f.role).into(),
                f.path.as_str().into(),
                number::count(f.rows).into(),
                number::count(f.used).into(),
                number::count(f.rejected).into(),
                number::count(f.passed_over).into(),
                Cell::toned(hash, Tone::Code),
            ]
        })
        .collect();
    let columns = vec![
        Column { share: 0, ..words(text.get(Word::HeadRole), 0) },
        words(text.get(Word::HeadFile), 1),
        figures(text.get(Word::HeadRows), ""),
        figures(text.get(Word::HeadUsed), ""),
        figures(text.get(Word::HeadRejected), ""),
        figures(text.get(Word::HeadPassedOver), ""),
        Column { share: 0, ..words(text.get(Word::HeadHash), 0) },
    ];
    let mut out = vec![
        Block::paragraph(text.get(Word::LineageText)),
        Block::Table(Table { caption: text.get(Word::LineageCaption).into(), columns, rows, ..Table::default() }),
    ];
    if facts.notes.is_empty() {
        out.push(Block::paragraph(text.get(Word::LineageNoNotes)));
        return out;
    }
    out.push(Block::paragraph(text.get(Word::LineageNotes)));
    let mut items: Vec<String> = facts.notes.iter().take(NOTES).map(|note| text.note(note).to_string()).collect();
    if facts.notes.len() > NOTES {
        items.push(text.fill(Word::LineageMore, &[("n", &(facts.notes.len() - NOTES).to_string())]));
    }
    out.push(Block::List { items });
    out
}

pub fn rules_in_force(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let Some(base) = facts.programme.scenarios.first() else { return Vec::new() };
    let heads = (text.get(Word::HeadRule), text.get(Word::HeadValue));
    // what is switched off is named in a sentence, so that the table holds what acts
    let (off, on): (Vec<_>, Vec<_>) =
        rules::rows(context, &base.case).into_iter().partition(|(_, value)| value == text.get(Word::NotInForce));
    let mut out = vec![
        Block::paragraph(text.fill(Word::RulesText, &[("section", text.get(Word::SectionScenarios))])),
        Block::Table(tables::pairs(text.get(Word::RulesCaption), heads, on)),
    ];
    if !off.is_empty() {
        let semicolon = if text.zh() { "；" } else { "; " };
        let names: Vec<String> = off.into_iter().map(|(name, _)| name).collect();
        out.push(Block::paragraph(text.fill(Word::RulesOff, &[("rules", &names.join(semicolon))])));
    }
    out.extend(rules_margin::rulebooks(context));
    out
}

pub fn scenarios(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let rows = (facts.scenarios.iter())
        .map(|s| {
            let case = facts.programme.scenarios.iter().find(|p| p.name == s.name).map(|p| &p.case);
            vec![
                context.scenario(&s.name).into(),
                text.severity(s.severity).into(),
                case.map_or(s.card.model.clone(), |c| parts::model(text, &c.market)).into(),
                number::count(s.paths).into(),
                s.horizon_days.to_string().into(),
                s.first_day.as_str().into(),
                s.last_day.as_str().into(),
            ]
        })
        .collect();
    let columns = vec![
        words(text.get(Word::HeadScenario), 3),
        Column { share: 0, ..words(text.get(Word::HeadSeverity), 0) },
        words(text.get(Word::HeadModel), 4),
        figures(text.get(Word::HeadPaths), ""),
        figures(text.get(Word::HeadDays), ""),
        figures(text.get(Word::HeadFirstDay), ""),
        figures(text.get(Word::HeadLastDay), ""),
    ];
    let mut out = vec![
        Block::paragraph(text.get(Word::ScenariosText)),
        Block::Table(Table { caption: text.get(Word::ScenariosCaption).into(), columns, rows, ..Table::default() }),
    ];
    let Some(base) = facts.programme.scenarios.first() else { return out };
    let base_rules = rules::rows(context, &base.case);
    for s in &facts.scenarios {
        out.push(Block::subheading(context.scenario(&s.name)));
        let own = facts.programme.scenarios.iter().find(|p| p.name == s.name);
        let narrative = own.map_or(s.narrative.as_str(), |own| own.narrative_in(text.language));
        if !narrative.is_empty() {
            out.push(Block::paragraph(narrative));
        }
        if s.name == base.name {
            let shocks: Vec<String> = base.case.shocks.iter().map(|shock| parts::shock(text, shock)).collect();
            if !shocks.is_empty() {
                let shocks = shocks.join(if text.zh() { "；" } else { "; " });
                out.push(Block::paragraph(text.fill(Word::ScenarioBaseShocks, &[("shocks", &shocks)])));
            } else if narrative.is_empty() {
                out.push(Block::paragraph(text.get(Word::ScenarioNoChange)));
            }
            continue;
        }
        let Some(own) = own else { continue };
        let changed: Vec<String> = (rules::rows(context, &own.case).iter().zip(&base_rules))
            .filter(|((_, value), (_, base))| value != base)
            .map(|((rule, value), (_, base))| text.fill(Word::ScenarioChange, &[("rule", rule), ("value", value), ("base", base)]))
            .collect();
        if !changed.is_empty() {
            out.push(Block::paragraph(text.get(Word::ScenarioChanges)));
            out.push(Block::List { items: changed });
        }
    }
    out
}
