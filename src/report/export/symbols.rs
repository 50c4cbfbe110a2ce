//! Writes `symbols.parquet`: a row per scenario and simulated symbol, its forced sales and the days it could not be sold.

use super::accounts::parts;
use super::frame::{column, table};
use super::parquet::write_parquet;
use super::units::Stated;
use super::{DataExport, Simulated};
use crate::engine::outcome::Outcome;
use crate::measures::Estimate;
use crate::measures::symbols::{self, SymbolFigures};
use crate::model::case::Scenario;
use crate::model::history::Instrument;
use crate::problem::Problems;
use crate::report::folder::Claim;
use polars::prelude::{Column, DataFrame};

pub const EXPORT: DataExport = DataExport { name: NAME, write };
const NAME: &str = "symbols.parquet";

fn write(results: &Simulated<'_>, claim: &mut Claim) -> Result<(), Problems> {
    let held = held_value(results);
    let facts = results.facts;
    let tables = facts.programme.scenarios.iter().zip(&facts.scenarios).zip(results.outcomes).map(|((scenario, facts), outcome)| {
        let causes = facts.causes.as_ref().map(|causes| causes.every[1].as_slice());
        rows_of(scenario, results, &held, outcome, causes)
    });
    write_parquet(claim, NAME, (results.threads, Some(&Stated::of(facts.programme, NAME))), tables)
}

/// Market value the book holds of each market symbol.
fn held_value(results: &Simulated<'_>) -> Vec<f64> {
    let mut held = vec![0.0; results.market.instruments.len()];
    for (symbol, quantity) in results.book.position_symbol.iter().zip(&results.book.position_quantity) {
        held[*symbol as usize] += quantity * results.market.instruments[*symbol as usize].price;
    }
    held
}

/// Days on all paths together, as whole numbers; of a sample they are not.
fn whole(days: &[f64]) -> Vec<u64> {
    days.iter().map(|days| libm::round(*days) as u64).collect()
}

fn rows_of(scenario: &Scenario, results: &Simulated<'_>, held: &[f64], outcome: &Outcome, causes: Option<&[(f64, f64)]>) -> DataFrame {
    let s = &outcome.symbol;
    let facts: Vec<&Instrument> = s.symbol.iter().map(|i| &results.market.instruments[*i as usize]).collect();
    let figures: Vec<SymbolFigures> = (0..s.symbol.len()).map(|at| symbols::figures(scenario, outcome, at)).collect();
    let with_error = |name: &str, get: fn(&SymbolFigures) -> &Estimate| -> [Column; 2] {
        let values =
            |part: fn(&Estimate) -> f64| figures.iter().map(|f| Some(part(get(f))).filter(|x| x.is_finite())).collect::<Vec<Option<f64>>>();
        [column(name, values(|e| e.value)), column(&format!("{name}_std_error"), values(|e| e.std_error))]
    };
    let mut columns = vec![
        column("scenario", vec![scenario.name.as_str(); s.symbol.len()]),
        column("symbol", facts.iter().map(|i| i.symbol.as_str()).collect::<Vec<_>>()),
        column("name", facts.iter().map(|i| i.name.as_str()).collect::<Vec<_>>()),
        column("board", facts.iter().map(|i| format!("{:?}", i.board).to_lowercase()).collect::<Vec<_>>()),
        column("sector", facts.iter().map(|i| i.sector.as_str()).collect::<Vec<_>>()),
        column("own_returns", facts.iter().map(|i| i.own_returns as u64).collect::<Vec<_>>()),
        column("proxy", facts.iter().map(|i| i.proxy.as_deref()).collect::<Vec<Option<&str>>>()),
        column("price", facts.iter().map(|i| i.price).collect::<Vec<_>>()),
        column("held_value", s.symbol.iter().map(|i| held[*i as usize]).collect::<Vec<_>>()),
    ];
    columns.extend(with_error("forced_sales_mean", |f| &f.sold));
    columns.extend(with_error("early_sales_mean", |f| &f.early));
    columns.extend(with_error("unsold_mean", |f| &f.unsold));
    columns.extend(parts(causes, s.symbol.len()));
    columns.extend(with_error("push_mean", |f| &f.push));
    columns.extend([
        column("push_max", &s.push_max),
        column("paths", vec![outcome.paths; s.symbol.len()]),
        column("halted_path_days", whole(&s.halted_days)),
        column("locked_path_days", whole(&s.locked_days)),
        column("queued_path_days", whole(&s.queued_days)),
    ]);
    columns.extend(with_error("halted_days_mean", |f| &f.halted));
    columns.extend(with_error("locked_days_mean", |f| &f.locked));
    columns.extend(with_error("queued_days_mean", |f| &f.queued));
    table(columns)
}
