//! Names the tiers in the order they lose.

use crate::report::charts::Context;

/// The tiers, the first to lose first.
pub fn tiers_in_loss_order(context: &Context<'_>) -> Vec<String> {
    context.facts.snapshot.in_loss_order().into_iter().map(|tier| tier.name.clone()).collect()
}

/// The tier that loses last.
pub fn senior_tier(context: &Context<'_>) -> Option<String> {
    tiers_in_loss_order(context).pop()
}
