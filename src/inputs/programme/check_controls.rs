//! Checks what the platform's controls of a case need beside what each declares: lines to move, a series of implied volatility.

use super::gather::{Check, found};
use super::locate::View;
use crate::model::liquidation::Liquidation;
use crate::model::margin::Margin;
use crate::problem::Problems;

/// Checks that dynamic margin has lines to move.
pub fn margin(margin: &Margin, check: &mut Check<'_, '_, '_>) {
    let by_product = margin.in_force_by_product.values().any(|i| i.version.lines().highest() > 1.0);
    let lines = [margin.warning, margin.limit, margin.call, margin.liquidation];
    let lined = by_product || lines.iter().flatten().any(|line| line.get() > 1.0);
    let why = "dynamic margin moves the lines of the contract";
    let holds = margin.dynamic.is_none() || lined;
    check.require(holds, &[&["margin", "dynamic"]], || "no line above 100% is in force".into(), why, "write `call` or `liquidation` too");
}

/// Checks what margin rules read as volatility; `given` says whether a series of implied volatility is there, where that is known.
pub fn risk_volatility(margin: &Margin, given: Option<bool>, view: &View<'_, '_>, problems: &mut Problems) {
    let check = &mut Check { view, problems, above: Vec::new() };
    let why = "without a series of implied volatility there is only the realised one";
    let fix = "name the series: implied-volatility = \"data/implied.csv\" under [data], or remove the table";
    let holds = margin.risk_volatility.is_none() || given != Some(false);
    check.require(holds, &[&["margin", "risk-volatility"]], || "no series is given".into(), why, fix);
}

/// Checks the stages of a close-out.
pub fn liquidation(liquidation: &Liquidation, check: &mut Check<'_, '_, '_>) {
    if let Some(share) = liquidation.daily_share {
        let holds = share.get() > 0.0 && share.get() <= 1.0;
        let why = "a session sells more than 0% and at most 100% of a position";
        let path: &[&str] = &["liquidation", "daily-share"];
        check.require(holds, &[path], || found(share), why, "write a percentage within these bounds");
    }
}
