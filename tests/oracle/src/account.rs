//! Holds one account on one path: what it has, what it owes, and where it stands.

use crate::contract::Contract;
use crate::story::{AccountDay, AccountStory};
use crate::world::{Account, World};

/// Two sides of a comparison that differ by less than this part are equal: sums are not made in one order everywhere.
pub const EQUAL: f64 = 1e-12;

/// A call that runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The session of whose close it has to be cured at.
    pub deadline: usize,
    /// The session the client pays on, and the part of what is asked that it pays; nothing when it does not.
    pub pays: Option<(usize, f64)>,
}

#[derive(Clone, Debug, PartialEq, Default)]
pub enum Standing {
    /// It goes on.
    #[default]
    Open,
    Called(Call),
    /// Since the close that triggered it.
    InLiquidation {
        since: isize,
    },
    Closed,
}

/// An account on a path.
#[derive(Clone, Debug, Default)]
pub struct Holder {
    pub contract: Contract,
    pub cash: f64,
    /// By symbol.
    pub shares: Vec<f64>,
    pub loan: f64,
    pub interest: f64,
    pub standing: Standing,
    /// What the platform has called back and the account still has to sell for.
    pub recall: f64,
    /// The loan is called back whole, with the interest it bears meanwhile.
    pub recall_whole: bool,
    pub maturity: Option<crate::Date>,
    /// Securities cannot be sold up to this session: they lie with a failed custodian.
    pub frozen_until: usize,
    // what does not change on a path
    pub opening_shares: Vec<f64>,
    pub cost: Vec<f64>,
    pub opening_own: f64,
    /// Value-weighted mean of the holdings' volatilities on the as-of date.
    pub volatility: f64,
    // what is added up over a path
    pub best_own: f64,
    pub calls: usize,
    pub paid_in: f64,
    pub taken_out: f64,
    pub accrued: f64,
    pub repaid: f64,
    pub shortfall: f64,
    pub cured_today: bool,
    /// What rules would have sold at the as-of close, which is past: it is sold on session 1.
    pub as_of: Wishes,
    pub today: AccountDay,
    pub story: AccountStory,
}

/// What the rules want to sell of an account that goes on.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Wishes {
    /// The highest of the target ratios of limit line, trigger and template.
    pub target: Option<f64>,
    pub adl: bool,
    /// By symbol: the position has lost too much.
    pub stops: Vec<bool>,
    /// Share of its holdings that the client sells itself.
    pub early: f64,
}

/// What holdings are worth today: by symbol, and the share of it that counts in the ratio.
pub struct Prices<'a> {
    pub price: &'a [f64],
    pub haircut: &'a [f64],
}

impl Holder {
    pub fn new(world: &World, account: &Account, contract: Contract, sigmas: &[f64]) -> Holder {
        let symbols = world.instruments.len();
        let (mut shares, mut cost) = (vec![0.0; symbols], vec![0.0; symbols]);
        for position in world.positions.iter().filter(|position| position.account_id == account.account_id) {
            let at = world.symbol(&position.symbol);
            shares[at] += position.quantity;
            cost[at] = position.cost.unwrap_or(world.instruments[at].price);
        }
        let values: Vec<f64> = shares.iter().zip(&world.instruments).map(|(q, i)| q * i.price).collect();
        let value: f64 = values.iter().sum();
        let own = account.cash + value - account.loan - account.accrued_interest;
        let volatility = if value > 0.0 { values.iter().zip(sigmas).map(|(v, s)| v * s).sum::<f64>() / value } else { 0.0 };
        Holder {
            contract,
            cash: account.cash,
            opening_shares: shares.clone(),
            shares,
            loan: account.loan,
            interest: account.accrued_interest,
            maturity: account.maturity_date,
            cost,
            opening_own: own,
            best_own: own,
            volatility,
            ..Holder::default()
        }
    }

    pub fn debt(&self) -> f64 {
        self.loan + self.interest
    }

    /// Market value of the holdings.
    pub fn value(&self, price: &[f64]) -> f64 {
        self.shares.iter().zip(price).map(|(q, p)| q * p).sum()
    }

    /// What the holdings count for.
    pub fn counted(&self, prices: &Prices) -> f64 {
        self.shares.iter().zip(prices.price).zip(prices.haircut).map(|((q, p), h)| q * p * (1.0 - h)).sum()
    }

    /// Own capital at market prices.
    pub fn own(&self, price: &[f64]) -> f64 {
        self.cash + self.value(price) - self.debt()
    }

    /// The two sides of the maintenance ratio: (cash + value) over (loan + interest), or value over the debt net of cash.
    pub fn sides(&self, prices: &Prices) -> (f64, f64) {
        if self.contract.net_of_cash {
            (self.counted(prices), self.debt() - self.cash)
        } else {
            (self.cash + self.counted(prices), self.debt())
        }
    }

    /// The maintenance ratio; nothing where nothing is owed.
    pub fn ratio(&self, prices: &Prices) -> Option<f64> {
        let (assets, debt) = self.sides(prices);
        (debt > 0.0).then(|| assets / debt)
    }

    /// At or below a line; a line that is absent is not in force.
    pub fn at_or_below(&self, prices: &Prices, line: Option<f64>) -> bool {
        let (assets, debt) = self.sides(prices);
        line.is_some_and(|line| debt > 0.0 && assets <= line * debt * (1.0 + EQUAL))
    }

    pub fn below(&self, prices: &Prices, line: Option<f64>) -> bool {
        let (assets, debt) = self.sides(prices);
        line.is_some_and(|line| debt > 0.0 && assets < line * debt * (1.0 - EQUAL))
    }

    /// Money that is missing to a line, if it were paid in: m·D − A.
    pub fn missing(&self, prices: &Prices, line: f64) -> f64 {
        let (assets, debt) = self.sides(prices);
        if self.contract.net_of_cash {
            // cash lowers the debt: A = m·(D − x)
            (debt - assets / line).max(0.0)
        } else {
            (line * debt - assets).max(0.0)
        }
    }

    pub fn is_open(&self) -> bool {
        matches!(self.standing, Standing::Open | Standing::Called(_))
    }

    /// Cash pays interest, then the loan; returns what it paid of each.
    pub fn repay(&mut self, amount: f64) -> (f64, f64) {
        let interest = amount.min(self.interest).max(0.0);
        let loan = (amount - interest).min(self.loan).max(0.0);
        self.interest -= interest;
        self.loan -= loan;
        // rounding leaves no cash below nothing
        self.cash = (self.cash - interest - loan).max(0.0);
        self.repaid += interest + loan;
        (interest, loan)
    }
}
