//! States triggers: a condition on the pool that, once met, changes the order of losses, calls loans back, or replenishes a tier.

use super::funding::Signs;
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One entry of `[[pool.triggers]]`: fires once on a path, at the first close at which every condition it names holds.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Trigger {
    /// What it is called in figures and tables.
    pub name: String,
    /// The pool's loss is at or above this share of all tiers' capital.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool_loss: Option<Ratio>,
    /// Buffer days are at or below this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buffer_days: Option<f64>,
    /// Market stress, 0 to 1, is at or above this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stress: Option<Ratio>,
    /// From then on tiers bear losses in this order; those not named follow in the order before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub loss_order: Vec<String>,
    /// This share of the loans is called back.
    pub recall: Ratio,
    /// Of the loans of this tier alone: its control after the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall_tier: Option<String>,
    /// Money put into tiers from outside.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub replenish: BTreeMap<String, f64>,
}

impl Trigger {
    /// Whether every condition named holds; one without conditions never fires.
    pub fn fires(&self, signs: &Signs) -> bool {
        let conditions = [
            self.pool_loss.map(|value| signs.loss_share >= value.get()),
            self.buffer_days.map(|value| signs.buffer_days <= value),
            self.stress.map(|value| signs.stress >= value.get()),
        ];
        conditions.iter().any(Option::is_some) && conditions.iter().all(|c| c.unwrap_or(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trigger_waits_for_all_it_names() {
        let trigger = Trigger { pool_loss: Ratio::new(0.02), stress: Ratio::new(0.5), ..Trigger::default() };
        let signs = |loss_share, stress| Signs { loss_share, buffer_days: 1.0, stress };
        assert!(trigger.fires(&signs(0.02, 0.5)) && !trigger.fires(&signs(0.02, 0.4)) && !trigger.fires(&signs(0.01, 0.9)));
        assert!(!Trigger::default().fires(&signs(1.0, 1.0)));
        let thin = Trigger { buffer_days: Some(1.0), ..Trigger::default() };
        assert!(thin.fires(&signs(0.0, 0.0)));
    }
}
