//! Plans what an account sells, and clears all sales of a symbol together.

use crate::programme::Order;

/// A holding as a sale sees it.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Holding {
    pub shares: f64,
    pub price: f64,
    pub haircut: f64,
    /// Neither locked at its lower limit nor halted.
    pub sellable: bool,
    /// Shares to a lot, 0 for none.
    pub lot: f64,
    pub turnover: f64,
    /// Price over cost.
    pub gain: f64,
}

/// Whole lots of a sale, rounded up; an odd lot leaves only with the whole position.
pub fn whole_lots(wanted: f64, held: f64, lot: f64) -> f64 {
    if wanted <= 0.0 {
        return 0.0;
    }
    if lot <= 0.0 {
        return wanted.min(held);
    }
    ((wanted / lot - 1e-9).ceil() * lot).min(held)
}

/// Shares of each holding that bring a debt side `debt` and an asset side `assets` to the ratio `target`, when a part `cost` of
/// proceeds is lost: S = (m·D − A)/(m·(1 − c) − (1 − h)).
pub fn to_ratio(holdings: &[Holding], assets: f64, debt: f64, target: f64, cost: f64, order: Order) -> Vec<f64> {
    let mut need = target * debt - assets;
    let mut planned = vec![0.0; holdings.len()];
    if need <= 0.0 || debt <= 0.0 {
        return planned;
    }
    // what a unit of value sold does for the need
    let does = |holding: &Holding| target * (1.0 - cost) - (1.0 - holding.haircut);
    let sellable: Vec<usize> = (0..holdings.len()).filter(|at| holdings[*at].sellable && holdings[*at].shares > 0.0).collect();
    if order == Order::ProRata {
        let whole: f64 = sellable.iter().map(|at| holdings[*at].shares * holdings[*at].price * does(&holdings[*at])).sum();
        let share = if whole > 0.0 { (need / whole).min(1.0) } else { 1.0 };
        for at in sellable {
            let holding = &holdings[at];
            planned[at] = if share >= 1.0 { holding.shares } else { whole_lots(share * holding.shares, holding.shares, holding.lot) };
        }
        return planned;
    }
    for at in in_order(holdings, sellable, order) {
        let holding = &holdings[at];
        if need <= 0.0 {
            break;
        }
        let each = does(holding) * holding.price;
        let wanted = if each > 0.0 { need / each } else { f64::INFINITY };
        planned[at] = if wanted >= holding.shares { holding.shares } else { whole_lots(wanted, holding.shares, holding.lot) };
        need -= planned[at] * each;
    }
    planned
}

/// Shares of each holding that make up a value.
pub fn of_value(holdings: &[Holding], value: f64, order: Order) -> Vec<f64> {
    let plain: Vec<Holding> = holdings.iter().map(|holding| Holding { haircut: 0.0, ..*holding }).collect();
    // m·D − A is the value and a unit does m·(1 − c) − 1 = 1
    to_ratio(&plain, 0.0, value / 2.0, 2.0, 0.0, order)
}

/// One holding after another; ties go by symbol, which is by place.
fn in_order(holdings: &[Holding], mut which: Vec<usize>, order: Order) -> Vec<usize> {
    let key = |at: usize| match order {
        Order::ProRata => 0.0,
        Order::MostLiquidFirst => -holdings[at].turnover,
        Order::LargestFirst => -holdings[at].shares * holdings[at].price,
        Order::LosersFirst => holdings[at].gain,
    };
    which.sort_by(|a, b| key(*a).total_cmp(&key(*b)).then(a.cmp(b)));
    which
}

/// What each of the sellers of one symbol sells when all together sell no more than `most` shares: in proportion to what each
/// wants, in whole lots rounded down, and the lots that are left one each to those whose remainder is largest. `ties` decides
/// between remainders that are equal to a millionth of a lot: the lower draw first.
pub fn capped(wanted: &[f64], ties: &[(f64, &str)], most: f64, lot: f64) -> Vec<f64> {
    let total: f64 = wanted.iter().sum();
    if total <= most {
        return wanted.to_vec();
    }
    let fair: Vec<f64> = wanted.iter().map(|wanted| wanted * (most / total)).collect();
    if lot <= 0.0 {
        return fair;
    }
    let mut sold: Vec<f64> = fair.iter().map(|fair| (fair / lot + 1e-9).floor() * lot).collect();
    let mut left = most - sold.iter().sum::<f64>();
    let mut by_remainder: Vec<usize> = (0..wanted.len()).collect();
    let remainder = |at: usize| ((fair[at] - sold[at]) / lot * 1e6).round();
    let tie = |a: usize, b: usize| ties[a].0.total_cmp(&ties[b].0).then(ties[a].1.cmp(ties[b].1));
    by_remainder.sort_by(|a, b| remainder(*b).total_cmp(&remainder(*a)).then(tie(*a, *b)));
    for at in by_remainder {
        let more = lot.min(wanted[at] - sold[at]);
        if more > 0.0 && more <= left + 1e-9 {
            sold[at] += more;
            left -= more;
        }
    }
    sold
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(shares: f64, price: f64) -> Holding {
        Holding { shares, price, sellable: true, ..Holding::default() }
    }

    fn near(found: f64, right: f64) {
        assert!((found - right).abs() < 5e-3, "{found} where {right} is right");
    }

    #[test]
    fn the_sale_that_restores_a_ratio() {
        for (assets, target, cost, sold) in
            [(120.0, 1.3, 0.0, 33.33), (110.0, 1.3, 0.0, 66.67), (110.0, 1.45, 0.0, 77.78), (120.0, 1.3, 0.02, 36.50)]
        {
            near(to_ratio(&[holding(assets, 1.0)], assets, 100.0, target, cost, Order::ProRata)[0], sold);
        }
        // no sale helps where m·(1 − c) ≤ 1
        assert_eq!(to_ratio(&[holding(100.0, 1.0)], 100.0, 100.0, 1.01, 0.02, Order::ProRata), [100.0]);
    }

    #[test]
    fn orders_go_one_holding_after_another() {
        let two = [Holding { turnover: 1.0, gain: 0.9, ..holding(30.0, 1.0) }, Holding { turnover: 2.0, gain: 1.1, ..holding(90.0, 1.0) }];
        // 33.33 is needed
        let plan = |order| to_ratio(&two, 120.0, 100.0, 1.3, 0.0, order);
        near(plan(Order::LosersFirst)[0], 30.0);
        near(plan(Order::LosersFirst)[1], 3.33);
        near(plan(Order::LargestFirst)[1], 33.33);
        near(plan(Order::MostLiquidFirst)[0], 0.0);
        near(plan(Order::ProRata)[0] * 3.0, plan(Order::ProRata)[1]);
        let blocked = [Holding { sellable: false, ..two[0] }, two[1]];
        near(to_ratio(&blocked, 120.0, 100.0, 1.3, 0.0, Order::ProRata)[1], 33.33);
    }

    #[test]
    fn lots_are_rounded_up_and_an_odd_lot_leaves_with_the_whole() {
        assert_eq!(whole_lots(150.0, 250.0, 100.0), 200.0);
        assert_eq!(whole_lots(210.0, 250.0, 100.0), 250.0);
        assert_eq!(whole_lots(200.0, 250.0, 100.0), 200.0);
        assert_eq!(whole_lots(210.0, 250.0, 0.0), 210.0);
    }

    #[test]
    fn a_capped_sale_hands_out_the_rest() {
        let names: Vec<String> = (0..100).map(|at| format!("a{at:03}")).collect();
        let names: Vec<(f64, &str)> = names.iter().map(|name| (0.5, name.as_str())).collect();
        let sold = capped(&[1000.0; 100], &names, 5000.0, 100.0);
        assert_eq!(sold.iter().sum::<f64>(), 5000.0);
        assert!(sold[..50].iter().all(|sold| *sold == 100.0));
        assert_eq!(capped(&[1000.0; 100], &names, 5000.0, 0.0), [50.0; 100]);
    }
}
