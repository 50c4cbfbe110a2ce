//! Plans what an account sells, and clears all sales of a symbol together.

use crate::kinds::Lots;
use crate::programme::Order;

/// A holding as a sale sees it.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Holding {
    pub shares: f64,
    /// What of them a staged close-out may sell today, all where nothing is staged.
    pub most: Option<f64>,
    pub price: f64,
    pub haircut: f64,
    /// Neither locked at its lower limit nor halted.
    pub sellable: bool,
    pub lots: Lots,
    /// Share of proceeds that its sale costs.
    pub cost: f64,
    pub turnover: f64,
    /// Price over cost.
    pub gain: f64,
}

impl Holding {
    /// Shares that may be sold today.
    pub fn free(&self) -> f64 {
        if self.sellable { self.most.map_or(self.shares, |most| most.min(self.shares)) } else { 0.0 }
    }
}

/// Whole lots of a sale, rounded up; an odd lot leaves only with the whole position.
pub fn whole_lots(wanted: f64, held: f64, lots: Lots) -> f64 {
    if wanted <= 0.0 {
        return 0.0;
    }
    if lots.step <= 0.0 {
        return wanted.min(held);
    }
    ((wanted / lots.step - 1e-9).ceil() * lots.step).max(lots.least).min(held)
}

/// Whole lots of a sale, rounded down: nothing where that is less than the smallest sale, all where all may go.
fn down_to_lots(part: f64, held: f64, lots: Lots) -> f64 {
    if part >= held {
        return held;
    }
    if lots.step <= 0.0 {
        return part;
    }
    let whole = (part / lots.step * (1.0 + EXACT)).floor() * lots.step;
    if whole < lots.least { 0.0 } else { whole }
}

/// The least that a sale can be more: a lot, or the odd lot that goes with all of a position; nothing where there is neither.
fn next_lot(sold: f64, wanted: f64, held: f64, lots: Lots) -> f64 {
    let (left, lot) = (wanted - sold, if sold > 0.0 { lots.step } else { lots.least });
    if left >= lot {
        lot
    } else if wanted >= held {
        left
    } else {
        0.0
    }
}

/// What a few multiplications leave of a whole number.
const EXACT: f64 = 1e-12;

/// Shares of each holding that bring a debt side `debt` and an asset side `assets` to the ratio `target`, when a part c of
/// proceeds is lost: S = (m·D − A)/(m·(1 − c) − (1 − h)).
pub fn to_ratio(holdings: &[Holding], assets: f64, debt: f64, target: f64, order: Order) -> Vec<f64> {
    let mut need = target * debt - assets;
    let mut planned = vec![0.0; holdings.len()];
    if need <= 0.0 || debt <= 0.0 {
        return planned;
    }
    // what a unit of value sold does for the need
    let does = |holding: &Holding| target * (1.0 - holding.cost) - (1.0 - holding.haircut);
    let free = |at: usize| holdings[at].free();
    let sellable: Vec<usize> = (0..holdings.len()).filter(|at| free(*at) > 0.0).collect();
    if order == Order::ProRata {
        let whole: f64 = sellable.iter().map(|at| free(*at) * holdings[*at].price * does(&holdings[*at])).sum();
        let share = if whole > 0.0 { (need / whole).min(1.0) } else { 1.0 };
        for at in sellable {
            let holding = &holdings[at];
            planned[at] = if share >= 1.0 { free(at) } else { whole_lots(share * free(at), holding.shares, holding.lots).min(free(at)) };
        }
        return planned;
    }
    let sequence = in_order(holdings, sellable, order);
    for at in sequence.clone() {
        let holding = &holdings[at];
        let each = does(holding) * holding.price;
        // one whose sale does not help waits until nothing else is left
        if each <= 0.0 {
            continue;
        }
        let wanted = need / each;
        if wanted <= free(at) {
            planned[at] = whole_lots(wanted, holding.shares, holding.lots).min(free(at));
            return planned;
        }
        planned[at] = free(at);
        need -= planned[at] * each;
    }
    sequence.into_iter().for_each(|at| planned[at] = free(at));
    planned
}

/// Shares of each holding that make up a value.
pub fn of_value(holdings: &[Holding], value: f64, order: Order) -> Vec<f64> {
    let free: Vec<Holding> = holdings.iter().map(|holding| Holding { cost: 0.0, ..*holding }).collect();
    bringing(&free, value, order)
}

/// Shares of each holding that bring an amount, when their costs are paid.
pub fn bringing(holdings: &[Holding], amount: f64, order: Order) -> Vec<f64> {
    // m·D − A is the amount, and a unit does m·(1 − c) − (1 − h) = 1 − c
    let plain: Vec<Holding> = holdings.iter().map(|holding| Holding { haircut: 1.0, ..*holding }).collect();
    to_ratio(&plain, 0.0, amount, 1.0, order)
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

/// One seller of a symbol under a cap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seller<'a> {
    pub wanted: f64,
    pub held: f64,
    /// Decides between equal remainders, the lower first; then the account's name.
    pub tie: (f64, &'a str),
}

/// What each of the sellers of one symbol sells when all together sell no more than `most` shares.
///
/// In proportion to what each wants, in whole lots rounded down. What is left goes out by the lot to the largest remainders, as
/// parts of the lot (smallest sale, or odd lot) that each would sell more; remainders that are equal to a millionth go by the
/// draw. On boards that count share by share above a smallest sale, what then is left goes in the same order to those who sell.
pub fn capped(sellers: &[Seller<'_>], most: f64, lots: Lots) -> Vec<f64> {
    let total: f64 = sellers.iter().map(|seller| seller.wanted).sum();
    if total <= most {
        return sellers.iter().map(|seller| seller.wanted).collect();
    }
    let parts: Vec<f64> = sellers.iter().map(|seller| seller.wanted * (most / total)).collect();
    if lots.step <= 0.0 {
        return parts;
    }
    let mut sold: Vec<f64> = sellers.iter().zip(&parts).map(|(s, part)| down_to_lots(*part, s.held, lots)).collect();
    let more: Vec<f64> = sellers.iter().zip(&sold).map(|(s, sold)| next_lot(*sold, s.wanted, s.held, lots)).collect();
    let remainder = |at: usize| ((parts[at] - sold[at]) / more[at] * 1e6).round();
    let mut in_turn: Vec<(usize, f64)> = (0..sellers.len()).filter(|at| more[*at] > 0.0).map(|at| (at, remainder(at))).collect();
    let tie = |a: usize, b: usize| sellers[a].tie.0.total_cmp(&sellers[b].tie.0).then(sellers[a].tie.1.cmp(sellers[b].tie.1));
    in_turn.sort_by(|(a, of_a), (b, of_b)| of_b.total_cmp(of_a).then(tie(*a, *b)));
    let mut left = most - sold.iter().sum::<f64>();
    for (at, _) in &in_turn {
        if more[*at] <= left + 1e-9 * most {
            sold[*at] += more[*at];
            left -= more[*at];
        }
    }
    if lots.step < lots.least {
        for (at, _) in in_turn {
            let shares = ((left + 1e-9 * most).min(sellers[at].wanted - sold[at]) / lots.step).floor() * lots.step;
            if sold[at] >= lots.least && shares > 0.0 {
                sold[at] += shares;
                left -= shares;
            }
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
            near(to_ratio(&[Holding { cost, ..holding(assets, 1.0) }], assets, 100.0, target, Order::ProRata)[0], sold);
        }
        // no sale helps where m·(1 − c) ≤ 1
        assert_eq!(to_ratio(&[Holding { cost: 0.02, ..holding(100.0, 1.0) }], 100.0, 100.0, 1.01, Order::ProRata), [100.0]);
    }

    #[test]
    fn orders_go_one_holding_after_another() {
        let two = [Holding { turnover: 1.0, gain: 0.9, ..holding(30.0, 1.0) }, Holding { turnover: 2.0, gain: 1.1, ..holding(90.0, 1.0) }];
        // 33.33 is needed
        let plan = |order| to_ratio(&two, 120.0, 100.0, 1.3, order);
        near(plan(Order::LosersFirst)[0], 30.0);
        near(plan(Order::LosersFirst)[1], 3.33);
        near(plan(Order::LargestFirst)[1], 33.33);
        near(plan(Order::MostLiquidFirst)[0], 0.0);
        near(plan(Order::ProRata)[0] * 3.0, plan(Order::ProRata)[1]);
        let blocked = [Holding { sellable: false, ..two[0] }, two[1]];
        near(to_ratio(&blocked, 120.0, 100.0, 1.3, Order::ProRata)[1], 33.33);
    }

    #[test]
    fn lots_are_rounded_up_and_an_odd_lot_leaves_with_the_whole() {
        let hundred = Lots::of(100.0);
        assert_eq!([150.0, 210.0, 200.0].map(|wanted| whole_lots(wanted, 250.0, hundred)), [200.0, 250.0, 200.0]);
        assert_eq!(whole_lots(210.0, 250.0, Lots::default()), 210.0);
        let star = Lots { least: 200.0, step: 1.0 };
        assert_eq!([1.0, 200.5, 450.0].map(|wanted| whole_lots(wanted, 500.0, star)), [200.0, 201.0, 450.0]);
        assert_eq!(whole_lots(1.0, 150.0, star), 150.0);
    }

    fn sellers(names: &[String], wanted: f64, held: f64) -> Vec<Seller<'_>> {
        names.iter().map(|name| Seller { wanted, held, tie: (0.5, name) }).collect()
    }

    #[test]
    fn a_capped_sale_hands_out_the_rest() {
        let names: Vec<String> = (0..100).map(|at| format!("a{at:03}")).collect();
        let all = sellers(&names, 1000.0, 1000.0);
        let sold = capped(&all, 5000.0, Lots::of(100.0));
        assert_eq!(sold.iter().sum::<f64>(), 5000.0);
        assert!(sold[..50].iter().all(|sold| *sold == 100.0));
        assert_eq!(capped(&all, 5000.0, Lots::default()), [50.0; 100]);
        // 500, 300 and 200 under a cap of 640: parts of 320, 192 and 128
        let three = [500.0, 300.0, 200.0].map(|wanted| Seller { wanted, held: 1000.0, tie: (0.5, "") });
        assert_eq!(capped(&three, 640.0, Lots::of(100.0)), [300.0, 200.0, 100.0]);
    }

    #[test]
    fn star_shares_are_handed_out_by_the_share() {
        // parts of 175 each, below the smallest sale: one sells 200, and the rest of the cap goes to it
        let star = Lots { least: 200.0, step: 1.0 };
        let names = ["a".to_string(), "b".to_string()];
        assert_eq!(capped(&sellers(&names, 1000.0, 1000.0), 350.0, star), [350.0, 0.0]);
        assert_eq!(capped(&sellers(&names, 1000.0, 1000.0), 450.4, star), [225.0, 225.0]);
    }

    #[test]
    fn an_amount_is_brought_by_what_costs_leave() {
        let taxed = [Holding { cost: 0.01, ..holding(1000.0, 1.0) }, Holding { cost: 0.0, ..holding(1000.0, 1.0) }];
        let sold = bringing(&taxed, 199.0, Order::ProRata);
        near(sold[0], 100.0);
        near(sold[1], 100.0);
        near(of_value(&taxed, 200.0, Order::ProRata)[0], 100.0);
    }
}
