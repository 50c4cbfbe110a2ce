//! Orders an account's holdings for a forced sale, and divides what must be raised among them.
//!
//! The three sequential orders rank holdings by one number, ties by symbol, so that the sequence depends on nothing else.
//! Pro rata takes the same share of every sellable holding.
//!
//! Worked: holdings of 60 and 40, 30 to be raised: pro rata 18 and 12; largest first 30 and 0.

use super::Order;

/// What the orders look at in one holding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Holding {
    /// Index into the market's symbols, which are in order of name: breaks ties.
    pub symbol: u32,
    /// Market value, and what of it can be sold now, 0 or more.
    pub held_money: f64,
    pub sellable_money: f64,
    /// Average daily turnover, 0 when unknown.
    pub turnover_money: f64,
    /// Gain since cost (or since the as-of date), a fraction.
    pub gain: f64,
    /// What a unit of money sold of it does for the need; 1 where the need is money, less than 0 where a sale makes it larger.
    pub relief: f64,
}

impl Order {
    /// The number holdings are ranked by, lowest first; all alike under pro rata.
    fn rank(self, holding: &Holding) -> f64 {
        match self {
            Order::ProRata => 0.0,
            Order::MostLiquidFirst => -holding.turnover_money,
            Order::LargestFirst => -holding.held_money,
            Order::LosersFirst => holding.gain,
        }
    }

    /// Fills `sequence` with the positions of `holdings` in the order they are sold; under pro rata in order of symbol.
    pub fn sequence(self, holdings: &[Holding], sequence: &mut Vec<u32>) {
        sequence.clear();
        sequence.extend(0..holdings.len() as u32);
        sequence.sort_unstable_by(|a, b| {
            let (a, b) = (&holdings[*a as usize], &holdings[*b as usize]);
            self.rank(a).total_cmp(&self.rank(b)).then(a.symbol.cmp(&b.symbol))
        });
    }

    /// Divides `need` among holdings: writes the money to sell of each into `sale_money`, returns what is left over.
    ///
    /// A unit of money sold of a holding meets its `relief` of the need. Pro rata all count, with their sign; one after another a
    /// holding without relief is passed over until nothing else is left.
    /// `sequence` is scratch. An infinite need sells everything.
    pub fn divide(self, need: f64, holdings: &[Holding], sequence: &mut Vec<u32>, sale_money: &mut [f64]) -> f64 {
        if let Order::ProRata = self {
            let sellable = holdings.iter().fold(0.0, |sum, h| sum + h.sellable_money * h.relief);
            let share = if need < sellable { need / sellable } else { 1.0 };
            for (sale, holding) in sale_money.iter_mut().zip(holdings) {
                *sale = share * holding.sellable_money;
            }
            return (need - sellable).max(0.0);
        }
        self.sequence(holdings, sequence);
        let mut rest = need;
        for &h in sequence.iter() {
            let holding = &holdings[h as usize];
            let enough = if holding.relief > 0.0 { rest / holding.relief } else { 0.0 };
            let whole = holding.sellable_money;
            sale_money[h as usize] = enough.clamp(0.0, whole);
            // what is enough leaves exactly nothing
            rest = if holding.relief <= 0.0 {
                rest
            } else if enough <= whole {
                0.0
            } else {
                rest - whole * holding.relief
            };
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holdings() -> [Holding; 4] {
        let h = |symbol, sellable_money, turnover_money, gain| Holding {
            symbol,
            held_money: sellable_money,
            sellable_money,
            turnover_money,
            gain,
            relief: 1.0,
        };
        [h(7, 40.0, 5.0, 0.1), h(3, 60.0, 9.0, -0.2), h(5, 40.0, 9.0, 0.3), h(9, 0.0, 1.0, -0.5)]
    }

    #[test]
    fn each_order_ranks_by_its_own_number_and_breaks_ties_by_symbol() {
        let mut sequence = Vec::new();
        for (order, expected) in [
            (Order::ProRata, [1, 2, 0, 3]),
            (Order::MostLiquidFirst, [1, 2, 0, 3]),
            (Order::LargestFirst, [1, 2, 0, 3]),
            (Order::LosersFirst, [3, 1, 0, 2]),
        ] {
            order.sequence(&holdings(), &mut sequence);
            assert_eq!(sequence, expected, "{order:?}");
        }
    }

    #[test]
    fn a_sale_is_divided_as_the_order_says() {
        let (mut sequence, mut sale) = (Vec::new(), [0.0; 4]);
        assert_eq!(Order::ProRata.divide(70.0, &holdings(), &mut sequence, &mut sale), 0.0);
        assert_eq!(sale, [20.0, 30.0, 20.0, 0.0]);
        assert_eq!(Order::LargestFirst.divide(70.0, &holdings(), &mut sequence, &mut sale), 0.0);
        assert_eq!(sale, [0.0, 60.0, 10.0, 0.0]);
        assert_eq!(Order::LosersFirst.divide(200.0, &holdings(), &mut sequence, &mut sale), 60.0);
        assert_eq!(sale, [40.0, 60.0, 40.0, 0.0]);
        assert_eq!(Order::ProRata.divide(f64::INFINITY, &holdings(), &mut sequence, &mut sale), f64::INFINITY);
        assert_eq!(sale, [40.0, 60.0, 40.0, 0.0]);
    }

    #[test]
    fn a_holding_whose_sale_makes_the_need_larger_counts_with_its_sign_or_waits() {
        let (mut sequence, mut sale) = (Vec::new(), [0.0; 4]);
        let mut holdings = holdings();
        (holdings[0].relief, holdings[1].relief, holdings[2].relief) = (-0.1, 0.5, 0.25);
        // 0.1 of each: −0.4 + 3 + 1 meets 3.6
        assert!(Order::ProRata.divide(3.6, &holdings, &mut sequence, &mut sale).abs() < 1e-12);
        assert!((sale[0] - 4.0).abs() < 1e-12 && (sale[1] - 6.0).abs() < 1e-12);
        assert_eq!(Order::LosersFirst.divide(35.0, &holdings, &mut sequence, &mut sale), 0.0);
        assert_eq!(sale, [0.0, 60.0, 20.0, 0.0]);
        assert_eq!(Order::LosersFirst.divide(50.0, &holdings, &mut sequence, &mut sale), 10.0);
    }
}
