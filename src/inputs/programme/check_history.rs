//! Checks a programme without prices and returns: every parameter that a history would tell must be given, and what can only be
//! told from a history is a problem at its key.
//!
//! Such a programme runs on the prices of the instruments file and a market model whose figures are all given. Rules that
//! measure volatility against that of the past have nothing to measure against, so that they are refused, not guessed.

use super::gather::Check;
use crate::model::case::Case;
use crate::model::margin::trigger::{Movement, VolatilityTrigger};
use crate::model::market::MarketSpec;
use crate::model::part::{Absent, Kind};

const FIX: &str = "name prices or returns under [data], or";

/// Checks the market model of a programme without a history.
pub fn market(market: &MarketSpec, check: &mut Check<'_, '_, '_>) {
    let (model, values) = (market.key(), market.values());
    match market.declared().kind {
        Kind::OwnPaths => {}
        Kind::Law => {
            let fitted = market.declared().params.iter().filter(|param| matches!(param.absent, Absent::Fitted(_)));
            for key in fitted.map(|param| param.key) {
                let why = "what is not given is fitted on past returns, and neither prices nor returns are named";
                let fix = format!("{FIX} give {key}");
                let what = || format!("`{key}` is not given");
                check.require(values.has(key), &[&["market", model, key], &["market", model]], what, why, &fix);
            }
        }
        _ => {
            let laws = MarketSpec::ALL.iter().filter(|model| model.kind == Kind::Law).map(|model| model.key);
            let laws = laws.collect::<Vec<_>>().join(", ");
            let what = || format!("{model} without a history");
            let why = "it draws from past returns, and neither prices nor returns are named";
            let fix = format!("{FIX} choose one of {laws} with all its figures, or given paths");
            check.require(false, &[&["market", model], &["market"]], what, why, &fix);
        }
    }
}

/// Checks the rules of a case without a history.
pub fn case(case: &Case, check: &mut Check<'_, '_, '_>) {
    market(&case.market, check);
    let (margin, clients, pool) = (&case.margin, &case.clients, &case.pool);
    for (key, day) in [("start", case.estimation.start), ("end", case.estimation.end)] {
        let what = || "an estimation window without a history".to_string();
        let why = "a market model is fitted on past returns, and neither prices nor returns are named";
        check.require(day.is_none(), &[&["estimation", key]], what, why, &format!("{FIX} remove the key"));
    }
    let worries = pool.run.as_ref().is_some_and(|run| run.stress_weight > 0.0) && pool.funders_react();
    let lending = pool.lending.as_ref().and_then(|lending| lending.loan_to_value.as_ref());
    let weighted = |trigger: &VolatilityTrigger| matches!(trigger.measure, Movement::Weighted | Movement::SessionRange);
    let reads: [(&[&str], bool); 10] = [
        (&["margin", "dynamic"], margin.dynamic.is_some()),
        (&["margin", "volatility-trigger", "measure"], margin.volatility_trigger.as_ref().is_some_and(weighted)),
        (&["margin", "template"], margin.template.is_some()),
        (&["margin", "haircuts", "widening"], margin.haircuts.is_on() && margin.haircuts.widening > 0.0),
        (&["clients", "stress-sensitivity"], clients.stress_sensitivity != 0.0),
        (&["clients", "pre-emptive"], clients.pre_emptive.is_some()),
        (&["feedback", "impact"], case.feedback.is_on()),
        (&["pool", "run", "stress-weight"], worries),
        (&["pool", "lending", "loan-to-value"], lending.is_some_and(|l| l.stress_weight > 0.0 || l.volatility_weight > 0.0)),
        (&["pool", "triggers"], pool.triggers.iter().any(|t| t.stress.is_some())),
    ];
    for (path, is_on) in reads {
        let what = || "reads the volatility of the past".to_string();
        let why = "neither prices nor returns are named, so that no past volatility is known";
        check.require(!is_on, &[path], what, why, &format!("{FIX} leave the rule out"));
    }
}
