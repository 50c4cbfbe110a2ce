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
        for (above, e) in &scenario.exceedance.curve {
            let share = *above as f64 / 1000.0;
            rows.push((&scenario.name, share, years(1.0 / share, scenario.horizon_days), e));
        }
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
