//! Sends a loss down the tiers, the most junior first, each up to its capital.

use std::collections::BTreeMap;

/// What each tier bears of a loss, and what no tier can bear. `room` is what each can still bear.
pub fn bear(mut loss: f64, order: &[String], room: &BTreeMap<String, f64>) -> (BTreeMap<String, f64>, f64) {
    let mut borne = BTreeMap::new();
    for tier in order {
        let part = loss.min(room.get(tier).copied().unwrap_or(0.0)).max(0.0);
        borne.insert(tier.clone(), part);
        loss -= part;
    }
    (borne, loss)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_takes_the_junior_tier_first() {
        let room = [("C", 50.0), ("B", 100.0), ("A", 350.0)].map(|(tier, room)| (tier.to_string(), room)).into();
        let order = ["C", "B", "A"].map(String::from);
        let (borne, left) = bear(120.0, &order, &room);
        assert_eq!((borne["C"], borne["B"], borne["A"], left), (50.0, 70.0, 0.0, 0.0));
        assert_eq!(bear(600.0, &order, &room).1, 100.0);
    }
}
