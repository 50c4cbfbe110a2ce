//! Writes `tables/exceedance.csv`: the loss of each standard return period, and the curve between them.

use super::frame::{column, table, text, write_csv};
use super::tables::{figures, scenario_labels};
use super::{Export, Results};
use crate::measures::Estimate;
use crate::measures::exceedance::years;
use crate::problem::Problems;
use crate::report::charts::Context;
use crate::report::folder::Claim;

pub const EXPORT: Export = Export { name: "tables/exceedance.csv", write };

fn write(results: &Results<'_>, claim: &mut Claim) -> Result<(), Problems> {
    let mut rows: Vec<(&str, f64, f64, &Estimate)> = Vec::new();
    for scenario in &results.facts.scenarios {
        let standard = scenario.exceedance.periods.iter().map(|(n, e)| (1.0 / *n as f64, e));
        let between = scenario.exceedance.curve.iter().map(|(share, e)| (*share, e));
        let mut own: Vec<(f64, &Estimate)> = standard.chain(between).collect();
        own.sort_by(|a, b| b.0.total_cmp(&a.0));
        own.dedup_by(|a, b| a.0 == b.0);
        rows.extend(own.into_iter().map(|(share, e)| (scenario.name.as_str(), share, years(1.0 / share, scenario.horizon_days), e)));
    }
    let mut columns = vec![
        text("scenario", rows.iter().map(|r| r.0)),
        column("exceeded_by", rows.iter().map(|r| r.1).collect::<Vec<f64>>()),
        column("period_horizons", rows.iter().map(|r| 1.0 / r.1).collect::<Vec<f64>>()),
        column("period_years", rows.iter().map(|r| r.2).collect::<Vec<f64>>()),
    ];
    columns.extend(figures(rows.iter().map(|r| r.3)));
    let context = Context::new(results.facts, results.facts.programme.report.language);
    columns.push(scenario_labels(&context, rows.iter().map(|r| r.0)));
    write_csv(claim, EXPORT.name, table(columns))
}
