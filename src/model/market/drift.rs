//! Chooses the drift of fitted models: the history's own, none, or one that is given.
//!
//! Formula: with drift μ a year, each symbol's simple return of a session has the mean E[1 + r] = e^(μ/252): none is μ = 0. Models
//! of a law set its mean so; models of past days multiply the growth of every day traded by e^(μ/252) / (1 + r̄), r̄ the mean
//! simple return of the symbol's days traded, weighted as they are drawn. The days' halts, closes and locks at a limit stay.
//!
//! Worked number: a window whose days rise by 0.2 % on average gains 4.1 % in 20 sessions; each of its days is multiplied by
//! 1/1.002, and −10 % becomes −10.18 %.

use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// `[estimation] drift`
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Drift {
    /// The mean simple return is 0: a base case must not gain from the window it was fitted on.
    #[default]
    None,
    /// The mean of the window.
    Historical,
    /// So much a year of 252 sessions.
    Annual(Ratio),
}

/// Sessions of a year where no model says otherwise.
pub const TRADING_DAYS: f64 = 252.0;

impl Drift {
    /// The log of the mean growth of a session in a year of so many; nothing where the window's own stays.
    pub fn of_session(self, sessions_a_year: f64) -> Option<f64> {
        match self {
            Drift::None => Some(0.0),
            Drift::Historical => None,
            Drift::Annual(drift) => Some(drift.get() / sessions_a_year),
        }
    }
}

impl Serialize for Drift {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Drift::None => serializer.serialize_str("none"),
            Drift::Historical => serializer.serialize_str("historical"),
            Drift::Annual(drift) => drift.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Drift {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Drift;

            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("\"none\", \"historical\", or a drift a year such as \"8%\" or 0.08")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Drift, E> {
                match text {
                    "none" => Ok(Drift::None),
                    "historical" => Ok(Drift::Historical),
                    other => Ratio::parse(other).map(Drift::Annual).ok_or_else(|| E::invalid_value(de::Unexpected::Str(other), &self)),
                }
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Drift, E> {
                Ratio::new(value).map(Drift::Annual).ok_or_else(|| E::invalid_value(de::Unexpected::Float(value), &self))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Drift, E> {
                self.visit_f64(value as f64)
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Drift, E> {
                self.visit_f64(value as f64)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Drift {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "EstimatedDrift".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [{ "enum": ["none", "historical"] }, generator.subschema_for::<Ratio>()] })
    }
}

#[cfg(test)]
mod tests {
    use super::super::block_bootstrap::{BlockBootstrap, BlockDays};
    use super::super::filtered_historical::FilteredHistorical;
    use super::super::gaussian::Gaussian;
    use super::super::jump_diffusion::JumpDiffusion;
    use super::super::regime_switching::RegimeSwitching;
    use super::super::t_copula::TCopula;
    use super::super::{FitRequest, LANES, MarketModel, MarketSpec, toy};
    use super::*;
    use crate::maths::random::{Key, Streams, normal};
    use crate::model::history::flag;

    const DAYS: usize = 3;

    /// Three symbols that gain 0.4 % a session, halted now and then.
    fn bull() -> crate::model::history::Market {
        let mut market = toy::with_returns(3, 400, |day, symbol| 0.004 + 0.02 * normal(Key([symbol as u32, 17]), day as u64, 0));
        for cell in (0..400 * 3).step_by(11).map(|cell| [cell / 3, cell % 3]) {
            (market.history.simple_return[cell], market.history.flags[cell]) = (0.0, flag::PRESENT | flag::HALTED);
        }
        market
    }

    fn specs() -> Vec<MarketSpec> {
        vec![
            MarketSpec::BlockBootstrap(BlockBootstrap { block_days: BlockDays::Days(1.0) }),
            MarketSpec::FilteredHistorical(FilteredHistorical::default()),
            MarketSpec::Gaussian(Gaussian::default()),
            MarketSpec::JumpDiffusion(JumpDiffusion::default()),
            MarketSpec::RegimeSwitching(RegimeSwitching::default()),
            MarketSpec::StudentT(Default::default()),
            MarketSpec::TCopula(TCopula::default()),
        ]
    }

    fn fit(spec: &MarketSpec, market: &crate::model::history::Market, drift: Drift) -> Box<dyn MarketModel> {
        spec.fit(&FitRequest { drift, ..toy::request(market, &[0, 1, 2], DAYS) }).expect("fits")
    }

    /// Mean of (1 + r)^power over drawn sessions with trading, and its standard error.
    fn drawn(model: &dyn MarketModel, power: f64) -> (f64, f64) {
        let (mut n, mut sum, mut square) = (0.0, 0.0, 0.0);
        for tile in 0..2_000_u64 {
            let mut buffer = toy::Buffer::new(DAYS, 3);
            model.fill(&mut buffer.tile(tile * LANES as u64), &Streams::new(4));
            for (r, _) in buffer.simple_return.iter().zip(&buffer.state).filter(|(_, s)| **s & flag::HALTED == 0) {
                let growth = libm::pow(1.0 + r, power);
                n += 1.0;
                sum += growth;
                square += growth * growth;
            }
        }
        let mean = sum / n;
        (mean, ((square / n - mean * mean) / n).sqrt())
    }

    #[test]
    fn every_fitted_model_has_the_mean_it_is_asked_for() {
        let market = bull();
        for (drift, target) in [(Drift::None, 0.0), (Drift::Annual(Ratio::from_fraction(-0.50)), -0.50 / 252.0)] {
            for spec in specs() {
                let model = fit(&spec, &market, drift);
                // the regimes' own means stay apart: their long-run mix has the mean
                if !matches!(spec, MarketSpec::RegimeSwitching(_)) {
                    let (mean, error) = drawn(&*model, 1.0);
                    assert!((mean - libm::exp(target)).abs() < 6.0 * error, "{}, {drift:?}: {mean} ± {error}", spec.key());
                }
                let said = model.log_growth(0, 1.0, 1)[0];
                assert!((said - target).abs() < 1e-9, "{}, {drift:?}: says {said}", spec.key());
            }
        }
        for spec in specs() {
            let said = fit(&spec, &market, Drift::Historical).log_growth(1, 1.0, 1)[0];
            assert!(said > 0.002, "{}: {said}", spec.key());
        }
    }

    #[test]
    fn every_model_knows_the_growth_of_its_powers() {
        let market = bull();
        for spec in specs().into_iter().filter(|s| !matches!(s, MarketSpec::RegimeSwitching(_))) {
            let model = fit(&spec, &market, Drift::None);
            let (mean, error) = drawn(&*model, 3.0);
            let said: f64 = (0..3).flat_map(|s| model.log_growth(s, 3.0, DAYS)).map(libm::exp).sum::<f64>() / (3 * DAYS) as f64;
            assert!((mean - said).abs() < 6.0 * error + 2e-5, "{}: {mean} ± {error}, says {said}", spec.key());
        }
    }
}
