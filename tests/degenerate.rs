//! Fits every market model to histories that tell little or nothing: a named problem or finite returns, never anything else.

use crate::statistics::{fill, market};
use levertide::maths::random::{Key, normal};
use levertide::model::history::{Market, flag};
use levertide::model::market::block_bootstrap::BlockBootstrap;
use levertide::model::market::covariance::Covariance;
use levertide::model::market::drift::Drift;
use levertide::model::market::filtered_historical::FilteredHistorical;
use levertide::model::market::garch::{Innovations, Volatility};
use levertide::model::market::gaussian::Gaussian;
use levertide::model::market::jump_diffusion::JumpDiffusion;
use levertide::model::market::regime_switching::RegimeSwitching;
use levertide::model::market::replay::Replay;
use levertide::model::market::student_t::StudentT;
use levertide::model::market::t_copula::TCopula;
use levertide::model::market::{FitRequest, MarketSpec, in_turn};
use levertide::problem::exit;

/// What a model does with a history: draws from it, or refuses it by name.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Answer {
    Draws,
    Refuses,
}
use Answer::{Draws, Refuses};

fn z(item: u32, day: usize) -> f64 {
    0.02 * normal(Key([item, 91]), day as u64, 0)
}

/// Histories by what is wrong with them.
fn histories() -> Vec<(&'static str, Market)> {
    let mut halted = market(2, 120, |day, symbol| z(symbol as u32, day));
    (0..120).for_each(|day| halted.history.flags[[day, 0]] |= flag::HALTED);
    vec![
        ("a price that never moves", market(1, 300, |_, _| 0.0)),
        ("a price that grows by the same every day", market(2, 300, |_, symbol| 0.001 * symbol as f64)),
        ("one of two prices never moves", market(2, 300, |day, symbol| if symbol == 0 { 0.0 } else { z(1, day) })),
        ("two identical symbols", market(2, 300, |day, _| z(1, day))),
        ("two opposite symbols", market(2, 300, |day, symbol| if symbol == 0 { z(1, day) } else { -z(1, day) })),
        ("fewer days than symbols", market(30, 12, |day, symbol| z(symbol as u32, day))),
        ("one symbol", market(1, 300, |day, _| z(1, day))),
        ("two days", market(2, 2, |day, symbol| z(symbol as u32, day))),
        ("one day", market(2, 1, |day, symbol| z(symbol as u32, day))),
        ("a symbol that never trades", halted),
        ("a fall of all but everything", market(2, 300, |day, symbol| if day == 200 { -0.999_999 } else { z(symbol as u32, day) })),
    ]
}

/// Every model, each of its choices that is fitted in its own way.
fn models(past: &Market) -> Vec<(String, MarketSpec)> {
    let mut models = vec![
        ("block-bootstrap".to_string(), MarketSpec::BlockBootstrap(BlockBootstrap::default())),
        ("jump-diffusion".into(), MarketSpec::JumpDiffusion(JumpDiffusion::default())),
        ("regime-switching 2".into(), MarketSpec::RegimeSwitching(RegimeSwitching { regimes: 2 })),
        ("regime-switching 3".into(), MarketSpec::RegimeSwitching(RegimeSwitching { regimes: 3 })),
        ("replay".into(), MarketSpec::Replay(Replay { start: past.history.dates[0] })),
    ];
    for volatility in [Volatility::Garch, Volatility::Gjr, Volatility::Egarch] {
        for innovations in [Innovations::Normal, Innovations::T, Innovations::SkewedT] {
            let spec = MarketSpec::FilteredHistorical(FilteredHistorical { volatility, innovations });
            models.push((format!("filtered-historical {volatility:?} {innovations:?}"), spec));
        }
    }
    for covariance in [Covariance::Auto, Covariance::Sample, Covariance::Shrinkage, Covariance::Factor] {
        models.push((format!("gaussian {covariance:?}"), MarketSpec::Gaussian(Gaussian { covariance, ..Gaussian::default() })));
        models.push((format!("student-t {covariance:?}"), MarketSpec::StudentT(StudentT { covariance, ..StudentT::default() })));
        models.push((format!("t-copula {covariance:?}"), MarketSpec::TCopula(TCopula { covariance, ..TCopula::default() })));
    }
    models
}

/// What each model says to each history; the models that draw past days need one, the others two returns of every symbol.
fn expected(history: &str, model: &str) -> Answer {
    let draws_days = ["block-bootstrap", "regime-switching", "replay"].iter().any(|m| model.starts_with(m));
    match history {
        "one day" | "a symbol that never trades" if !draws_days => Refuses,
        _ => Draws,
    }
}

#[test]
fn every_model_answers_every_degenerate_history_with_a_problem_or_with_returns() {
    for (history, past) in histories() {
        let (days, width) = (past.history.days(), past.history.width());
        let symbols: Vec<usize> = (0..width).collect();
        let each = models(&past)
            .into_iter()
            .flat_map(|(model, spec)| [Drift::None, Drift::Historical].map(|drift| (model.clone(), spec.clone(), drift)));
        for (model, spec, drift) in each {
            let horizon_days = days.min(5);
            let (market, symbols, window, workers) = (&past, &symbols, 0..days, &in_turn);
            let request = FitRequest { market, symbols, window, after_as_of: days, horizon_days, drift, workers };
            let answer = match spec.fit(&request) {
                Ok(fitted) => {
                    // the helper refuses what is not finite
                    let (simple_return, _) = fill(&*fitted, 0, horizon_days, width, 3);
                    assert!(simple_return.iter().all(|r| *r > -1.0), "{history}, {model}: a price falls below nothing");
                    for (name, value, error) in fitted.card().parameters {
                        assert!(value.is_finite() && error.is_none_or(f64::is_finite), "{history}, {model}: {name} is {value} ± {error:?}");
                    }
                    Draws
                }
                Err(problems) => {
                    let text = problems.to_string();
                    assert_eq!(problems.exit_code(), exit::MODEL, "{history}, {model}: {text}");
                    assert!(text.contains(&format!("market.{}", spec.key())) && text.contains("fix:"), "{history}, {model}: {text}");
                    Refuses
                }
            };
            assert_eq!(answer, expected(history, &model), "{history}, {model}");
        }
    }
}
