//! Tells what a plan reads of each symbol's past: its recent volatility, and how much of it trades in a session.

use crate::model::case::Scenario;
use crate::model::history::{Instrument, Market, flag};
use crate::problem::{Kind, Place, Problem, Problems};
use crate::units::Day;

/// Sessions a symbol's recent volatility is measured over.
const VOLATILITY_SESSIONS: usize = 60;

/// Standard deviation of a symbol's last 60 daily returns up to the as-of date, about zero; 2 % when fewer than ten are known.
pub fn recent_volatility(market: &Market, symbol: usize, as_of: Day) -> f64 {
    let history = &market.history;
    let known = flag::PRESENT | flag::HALTED;
    let last = history.window(None, Some(as_of)).rev();
    let returns = last.filter(|d| history.flag_row(*d)[symbol] & known == flag::PRESENT).map(|d| history.row(d)[symbol]);
    let (count, squares) = returns.take(VOLATILITY_SESSIONS).fold((0, 0.0), |(n, sum), r| (n + 1, sum + r * r));
    if count < 10 { 0.02 } else { (squares / f64::from(count)).sqrt() }
}

/// Average turnover over the free float; 0 where either is unknown.
pub fn turnover_ratio(instrument: &Instrument) -> f64 {
    match (instrument.adv_amount, instrument.free_float_value) {
        (Some(volume), Some(float)) if float > 0.0 => volume / float,
        _ => 0.0,
    }
}

/// Average turnover of each symbol and the money all forced sales may take of it in a session.
pub fn volume_caps(scenario: &Scenario, instruments: &[&Instrument]) -> Result<(Vec<f64>, Vec<f64>), Problems> {
    let mut problems = Problems::new();
    let case = &scenario.case;
    let average: Vec<f64> = instruments.iter().map(|i| i.adv_amount.unwrap_or(0.0)).collect();
    let reads = [("liquidation.participation", case.liquidation.participation.is_some()), ("feedback.impact", case.feedback.is_on())];
    if let Some((key, _)) = reads.into_iter().find(|(_, reads)| *reads) {
        for instrument in instruments.iter().filter(|i| i.adv_amount.is_none_or(|v| v <= 0.0)) {
            problems.push(Problem::new(
                Kind::Model,
                Place::default().field(key),
                format!("no turnover is known for symbol {}", instrument.symbol),
                format!("scenario `{}` measures forced sales against each symbol's daily turnover", scenario.name),
                "give `adv_amount` in the instruments file, or amounts in the price file",
            ));
        }
    }
    let caps = match case.liquidation.participation {
        Some(share) => average.iter().map(|v| v * share.get()).collect(),
        None => vec![f64::INFINITY; instruments.len()],
    };
    problems.into_result((average, caps))
}
