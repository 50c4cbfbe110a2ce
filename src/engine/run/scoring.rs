//! Scores candidate paths by what a panel of accounts costs on them, under every scenario that draws them.
//!
//! The scores of scenarios, each over its mean, are added, so that scenarios share their paths.

use super::group::Group;
use crate::engine::market::lanes::Carried;
use crate::engine::market::tile::MarketTile;
use crate::engine::plan::scenario::Plan;
use crate::engine::screen::panel::Panel;
use crate::model::market::LANES;
use std::ops::Range;

/// The panel of every member.
pub fn panels(group: &Group<'_>) -> Vec<Panel> {
    group.members.iter().map(|member| Panel::of(&member.plan)).collect()
}

/// What each scenario's panel costs on some candidates, `[candidate][member]`, once `draw` has drawn a tile of them; layers, which have a
/// scenario's prices, cost nothing. `see` is given what each account of a panel costs: member, place in the panel, each lane's.
pub fn scores(
    group: &Group<'_>,
    panels: &[Panel],
    numbers: Range<u64>,
    mut draw: impl FnMut(&mut MarketTile, &Plan<'_>, Carried),
    mut see: impl FnMut(usize, usize, &[f64; LANES]),
) -> Vec<f64> {
    let (plan, members) = (&group.members[0].plan, group.members.len());
    let mut market = MarketTile::new(plan.days, plan.symbols.len(), group.members.iter().any(|m| m.plan.reads_volume()));
    let mut scores = vec![0.0; (numbers.end - numbers.start) as usize * members];
    for start in numbers.clone().step_by(LANES) {
        draw(&mut market, plan, Carried::from(start, numbers.end));
        let mut priced = false;
        for (at, (member, panel)) in group.members.iter().zip(panels).enumerate() {
            if member.is_layer {
                // what stands behind it does not find its prices
                priced = false;
                continue;
            }
            if !(priced && member.same_prices) {
                market.shock(&member.plan, &member.shocks);
                market.price_freely();
                priced = true;
            }
            let mut score = [0.0; LANES];
            panel.losses(&member.plan, &market, |place, losses| {
                see(at, place, &losses);
                score.iter_mut().zip(losses).for_each(|(sum, loss)| *sum += loss);
            });
            for (number, score) in (start..numbers.end).zip(score) {
                scores[(number - numbers.start) as usize * members + at] = score;
            }
        }
    }
    scores
}

/// What makes scores of scenarios comparable: one over the mean of each.
pub fn scale_of(scores: &[f64], weight: &[f32], members: usize) -> Vec<f64> {
    let mean = |member: usize| {
        let of_member = scores.iter().skip(member).step_by(members);
        match weight {
            [] => of_member.sum::<f64>() / (scores.len() / members) as f64,
            weight => of_member.zip(weight).fold(0.0, |sum, (score, weight)| sum + score * f64::from(*weight)) / weight.len() as f64,
        }
    };
    (0..members).map(mean).map(|mean| if mean > 0.0 { 1.0 / mean } else { 0.0 }).collect()
}

/// The level of each candidate: the lower, the worse.
pub fn levels_of(scores: &[f64], scale: &[f64]) -> Vec<f32> {
    let level = |scores: &[f64]| -scores.iter().zip(scale).fold(0.0, |sum, (score, scale)| sum + score * scale) as f32;
    scores.chunks(scale.len()).map(level).collect()
}
