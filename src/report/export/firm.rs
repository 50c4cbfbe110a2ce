//! Writes the supervisory tables of a firm: `firm.csv`, `firm_losses.csv`, `firm_names.csv`, `stages.csv`.
//!
//! Each row of `firm.csv` names what it was computed from: keys of the programme and files for what stands on the as-of date, a row of
//! `firm_losses.csv` of the same scenario for what stands after it.

use super::frame::{column, finite, label, table, text, write_csv};
use super::tables::{figures, scenario_labels, written};
use super::{Export, Results};
use crate::measures::Estimate;
use crate::measures::firm::{After, Before, FirmFacts, Named, Standing, Stressed};
use crate::measures::staging::Stage;
use crate::problem::Problems;
use crate::report::charts::Context;
use crate::report::facts::ScenarioFacts;
use crate::report::folder::Claim;
use polars::prelude::DataFrame;

pub const EXPORT: Export = Export { name: "tables/ of the firm", write };

/// Every table, where the programme has a firm.
fn write(results: &Results<'_>, claim: &mut Claim) -> Result<(), Problems> {
    let facts = results.facts;
    let Some(firm) = &facts.firm else { return Ok(()) };
    let after: Vec<(&ScenarioFacts, &Stressed)> = facts.scenarios.iter().filter_map(|s| Some((s, s.firm.as_ref()?))).collect();
    let context = &Context::new(facts, facts.programme.report.language);
    write_csv(claim, "tables/firm.csv", indicators(context, firm, &after))?;
    write_csv(claim, "tables/firm_losses.csv", losses(context, &after))?;
    write_csv(claim, "tables/firm_names.csv", names(context, firm, &after))?;
    write_csv(claim, "tables/stages.csv", stages(context, &after))
}

/// One of the shares of paths of an indicator.
type Get = fn(&After) -> Option<&Estimate>;

/// A row of `firm.csv`: an indicator on the as-of date, or after a scenario.
struct Row<'a> {
    scenario: &'a str,
    severity: String,
    before: &'a Before,
    after: Option<&'a After>,
}

impl Row<'_> {
    fn value(&self) -> Option<f64> {
        match self.after {
            Some(after) => after.value.as_ref().and_then(|e| finite(e.value)),
            None => self.before.value,
        }
    }

    fn of_value(&self, get: impl Fn(&Estimate) -> Option<f64>) -> Option<f64> {
        self.after.and_then(|after| after.value.as_ref()).and_then(get).and_then(finite)
    }

    fn standing(&self) -> Standing {
        self.after.map_or(self.before.standing, |after| after.standing)
    }

    fn source(&self) -> String {
        match self.after {
            Some(after) if !after.source.is_empty() => format!("firm_losses.csv: scenario {}, measure {}", self.scenario, after.source),
            _ => self.before.source.clone(),
        }
    }
}

fn indicators(context: &Context<'_>, firm: &FirmFacts, scenarios: &[(&ScenarioFacts, &Stressed)]) -> DataFrame {
    let on_the_day = firm.before.iter().filter(|b| b.value.is_some());
    let mut rows: Vec<Row<'_>> =
        on_the_day.map(|before| Row { scenario: "as-of date", severity: String::new(), before, after: None }).collect();
    for (scenario, stressed) in scenarios {
        for after in &stressed.after {
            let before = firm.before.iter().find(|b| b.indicator == after.indicator).expect("every indicator has a row before");
            rows.push(Row { scenario: &scenario.name, severity: written(&scenario.severity), before, after: Some(after) });
        }
    }
    let share =
        |get: Get, of: fn(&Estimate) -> f64| rows.iter().map(|r| r.after.and_then(get).map(of).and_then(finite)).collect::<Vec<_>>();
    let limit: Get = |a| a.beyond_limit.as_ref();
    let warning: Get = |a| a.beyond_warning.as_ref();
    table(vec![
        text("scenario", rows.iter().map(|r| r.scenario)),
        text("severity", rows.iter().map(|r| r.severity.as_str())),
        text("indicator", rows.iter().map(|r| r.before.indicator.key())),
        text("side", rows.iter().map(|r| if r.before.indicator.is_floor() { "at least" } else { "at most" })),
        column("before", rows.iter().map(|r| r.before.value).collect::<Vec<_>>()),
        column("value", rows.iter().map(Row::value).collect::<Vec<_>>()),
        column("std_error", rows.iter().map(|r| r.of_value(|e| Some(e.std_error))).collect::<Vec<_>>()),
        column("ci_low", rows.iter().map(|r| r.of_value(|e| Some(e.ci_low))).collect::<Vec<_>>()),
        column("ci_high", rows.iter().map(|r| r.of_value(|e| e.ci_high)).collect::<Vec<_>>()),
        column("limit", rows.iter().map(|r| r.before.level.map(|l| l.limit)).collect::<Vec<_>>()),
        column("warning", rows.iter().map(|r| r.before.level.map(|l| l.warning)).collect::<Vec<_>>()),
        column("loss_to_limit", rows.iter().map(|r| r.before.loss_to_limit).collect::<Vec<_>>()),
        text("standing", rows.iter().map(|r| written(&r.standing())).collect::<Vec<_>>().iter().map(String::as_str)),
        column("beyond_limit_probability", share(limit, |e| e.value)),
        column("beyond_limit_std_error", share(limit, |e| e.std_error)),
        column("beyond_warning_probability", share(warning, |e| e.value)),
        column("beyond_warning_std_error", share(warning, |e| e.std_error)),
        text("source", rows.iter().map(Row::source).collect::<Vec<_>>().iter().map(String::as_str)),
        scenario_labels(context, rows.iter().map(|r| r.scenario)),
        label(rows.iter().map(|r| context.text.get(r.before.indicator.name()).to_string())),
    ])
}

fn losses(context: &Context<'_>, scenarios: &[(&ScenarioFacts, &Stressed)]) -> DataFrame {
    let rows: Vec<(&str, &str, &Estimate)> =
        scenarios.iter().flat_map(|(s, stressed)| stressed.losses.iter().map(|(key, e)| (s.name.as_str(), key.as_str(), e))).collect();
    let mut columns = vec![text("scenario", rows.iter().map(|r| r.0)), text("measure", rows.iter().map(|r| r.1))];
    columns.extend(figures(rows.iter().map(|r| r.2)));
    columns.push(scenario_labels(context, rows.iter().map(|r| r.0)));
    table(columns)
}

/// A row for each named client and security of each scenario.
fn names(context: &Context<'_>, firm: &FirmFacts, scenarios: &[(&ScenarioFacts, &Stressed)]) -> DataFrame {
    let mut rows: Vec<(&str, &str, &Named, &str, &Estimate)> = Vec::new();
    for (scenario, stressed) in scenarios {
        for (named, [loss, liquidated]) in firm.clients.iter().zip(&stressed.clients) {
            rows.push((&scenario.name, "client", named, "loss.mean", loss));
            rows.push((&scenario.name, "client", named, "liquidated.probability", liquidated));
        }
        for (named, sold) in firm.securities.iter().zip(&stressed.securities) {
            rows.push((&scenario.name, "security", named, "forced_sales.mean", sold));
        }
    }
    let mut columns = vec![
        text("scenario", rows.iter().map(|r| r.0)),
        text("kind", rows.iter().map(|r| r.1)),
        text("id", rows.iter().map(|r| r.2.id.as_str())),
        text("name", rows.iter().map(|r| r.2.name.as_str())),
        column("amount", rows.iter().map(|r| finite(r.2.amount)).collect::<Vec<_>>()),
        column("of_net_capital", rows.iter().map(|r| r.2.of_net_capital).collect::<Vec<_>>()),
        column("of_free_float", rows.iter().map(|r| r.2.of_float).collect::<Vec<_>>()),
        text("measure", rows.iter().map(|r| r.3)),
    ];
    columns.extend(figures(rows.iter().map(|r| r.4)));
    columns.push(scenario_labels(context, rows.iter().map(|r| r.0)));
    table(columns)
}

/// A row for each stage, scenario and measure.
fn stages(context: &Context<'_>, scenarios: &[(&ScenarioFacts, &Stressed)]) -> DataFrame {
    let all = scenarios.iter().flat_map(|(s, stressed)| stressed.stages.iter().map(move |stage| (s.name.as_str(), stage)));
    let rows: Vec<(&str, &Stage, &str, &Estimate)> = all
        .flat_map(|(scenario, stage)| {
            [(scenario, stage, "liquidated.mean", &stage.liquidated), (scenario, stage, "expected_loss", &stage.expected_loss)]
        })
        .collect();
    let mut columns = vec![
        text("scenario", rows.iter().map(|r| r.0)),
        column("stage", rows.iter().map(|r| u32::from(r.1.stage)).collect::<Vec<_>>()),
        column("accounts", rows.iter().map(|r| r.1.accounts as u64).collect::<Vec<_>>()),
        column("loans", rows.iter().map(|r| finite(r.1.loans)).collect::<Vec<_>>()),
        text("measure", rows.iter().map(|r| r.2)),
    ];
    columns.extend(figures(rows.iter().map(|r| r.3)));
    columns.push(scenario_labels(context, rows.iter().map(|r| r.0)));
    table(columns)
}
