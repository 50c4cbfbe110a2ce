//! Decides what each account sells at a close, clears all sales of a symbol together, and settles them.

use crate::account::{EQUAL, Holder, Prices, Standing, Wishes};
use crate::contract::ratio_of;
use crate::day::Path;
use crate::exchange;
use crate::impact;
use crate::kinds::{self, Lots};
use crate::pool::DUST;
use crate::sales::{self, Holding, Seller};
use crate::story::{Sale, Why};
use crate::world::Purpose;

/// What an account wants to sell of a symbol.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    pub account: usize,
    pub symbol: usize,
    pub shares: f64,
    pub why: Why,
}

impl Path<'_> {
    /// Share of proceeds that a sale of a symbol costs today.
    pub fn cost(&self, symbol: usize) -> f64 {
        let costs = &self.world.programme.costs;
        let pays_duty = kinds::pays_duty(self.world.instruments[symbol].board);
        let duty = if pays_duty { exchange::stamp_duty(&costs.stamp_duty, self.date()) } else { 0.0 };
        self.world.programme.liquidation.cost + costs.commission + duty + costs.transfer_fee
    }

    /// The lots a symbol is sold in.
    pub fn lots(&self, symbol: usize) -> Lots {
        kinds::lots(self.world.instruments[symbol].board, &self.world.programme.exchange)
    }

    pub fn holdings(&self, at: usize) -> Vec<Holding> {
        let holder = &self.holders[at];
        let frozen = holder.frozen_until > self.day;
        let of = |(symbol, now): (usize, &crate::day::Symbol)| Holding {
            shares: holder.shares[symbol],
            most: None,
            price: now.trading.price,
            haircut: now.haircut,
            sellable: !now.trading.halted && !now.trading.locked && !frozen,
            lots: self.lots(symbol),
            cost: self.cost(symbol),
            // what is not known to trade goes last
            turnover: self.world.instruments[symbol].adv_amount.unwrap_or(0.0),
            gain: now.trading.price / holder.cost[symbol],
        };
        self.symbols.iter().enumerate().map(of).collect()
    }

    /// Step 7, the first half: every account decides on the same prices.
    pub fn decide_sales(&mut self) -> Vec<Order> {
        let mut orders = Vec::new();
        for at in 0..self.holders.len() {
            let (price, haircut) = self.prices();
            let prices = Prices { price: &price, haircut: &haircut };
            match self.holders[at].standing {
                Standing::InLiquidation { since }
                    if self.day.cast_signed() >= since + self.holders[at].contract.delay_days.cast_signed() =>
                {
                    self.close_out(at, &prices, &mut orders);
                }
                Standing::Open | Standing::Called(_) => {
                    self.reduce(at, &prices, &mut orders);
                }
                Standing::InLiquidation { .. } | Standing::Closed => {}
            }
        }
        orders
    }

    /// Own cash pays first; whatever is repaid counts towards what was called back.
    pub fn pay_from_cash(&mut self, at: usize, amount: f64) {
        let id = self.id(at);
        let holder = &mut self.holders[at];
        let (interest, loan) = holder.repay(amount.min(holder.cash));
        let left = holder.recall - interest - loan;
        holder.recall = if left > DUST { left } else { 0.0 };
        let legs = [
            (&*format!("client/{id}/cash"), -interest - loan),
            (&*format!("client/{id}/interest"), interest),
            (&*format!("client/{id}/loan"), loan),
        ];
        self.ledger.enter(self.day, "repayment", &legs);
        if let Some(pool) = &mut self.pool {
            pool.repaid_today += interest + loan;
        }
    }

    /// All of it, while the ratio is below the target of a sale.
    fn pay_towards(&mut self, at: usize, target: f64, prices: &Prices) {
        if self.holders[at].below(prices, Some(target)) {
            self.pay_from_cash(at, f64::INFINITY);
        }
    }

    /// A close-out: everything, or until `restore-to` is reached.
    fn close_out(&mut self, at: usize, prices: &Prices, orders: &mut Vec<Order>) {
        let target = self.holders[at].today.lines.restore_to;
        if let Some(target) = target {
            let owed = self.holders[at].debt() > 0.0;
            self.pay_towards(at, target, prices);
            if owed && self.holders[at].debt() <= 0.0 {
                // cash repaid the whole debt: the shares stay the client's
                self.holders[at].standing = Standing::Closed;
                self.story.accounts[at].first_close.get_or_insert(self.day);
                return;
            }
            if !self.holders[at].below(prices, Some(target)) {
                self.holders[at].standing = Standing::Open;
                return;
            }
        } else {
            let owed = self.holders[at].debt() > 0.0;
            self.pay_from_cash(at, f64::INFINITY);
            if owed && self.holders[at].debt() <= 0.0 {
                // cash repaid the whole debt: the shares stay the client's
                self.holders[at].standing = Standing::Closed;
                self.story.accounts[at].first_close.get_or_insert(self.day);
                return;
            }
        }
        let mut holdings = self.holdings(at);
        if let Some(share) = self.world.programme.liquidation.daily_share {
            for (holding, opening) in holdings.iter_mut().zip(&self.holders[at].opening_shares) {
                holding.most = Some(sales::whole_lots(share * opening, holding.shares, holding.lots));
            }
        }
        let planned = match target {
            Some(target) => {
                let (assets, debt) = self.holders[at].sides(prices);
                sales::to_ratio(&holdings, assets, debt, target, self.world.programme.liquidation.order)
            }
            None => holdings.iter().map(Holding::free).collect(),
        };
        for (symbol, shares) in planned.into_iter().enumerate() {
            orders.push(Order { account: at, symbol, shares, why: Why::CloseOut });
        }
    }

    /// What the rules want to sell of an account that goes on, at this close.
    fn wishes(&self, at: usize, prices: &Prices) -> Wishes {
        let holder = &self.holders[at];
        let lines = &holder.today.lines;
        let margin = &self.world.programme.margin;
        let mut targets: Vec<f64> = Vec::new();
        if holder.standing == Standing::Open && holder.below(prices, lines.limit) {
            targets.extend(lines.reduce_to);
        }
        if let Some(trigger) = &margin.volatility_trigger
            && self.tripped
            && self.is_high(at, trigger.above_leverage)
        {
            targets.extend(trigger.cut_to_leverage.map(ratio_of));
        }
        if let Some(template) = margin.template.as_ref().filter(|template| template.enforce) {
            let allowed = self.allowed_leverage(at, template);
            if self.is_high(at, allowed) {
                targets.push(ratio_of(allowed));
            }
        }
        let between = |adl: &crate::programme::Adl| holder.below(prices, Some(adl.upper)) && !holder.at_or_below(prices, Some(adl.lower));
        let lost = |(symbol, price): (usize, &f64)| {
            margin.stop.position_loss.is_some_and(|loss| holder.debt() > 0.0 && *price <= holder.cost[symbol] * (1.0 - loss))
        };
        Wishes {
            target: targets.into_iter().reduce(f64::max),
            adl: self.world.programme.liquidation.adl.as_ref().is_some_and(between),
            stops: prices.price.iter().enumerate().map(lost).collect(),
            early: self.early_share(at, holder, prices),
        }
    }

    /// What would be sold at the as-of close, which is past, is sold on session 1.
    pub fn remember_wishes(&mut self) {
        let (price, haircut) = self.prices();
        for at in 0..self.holders.len() {
            if self.holders[at].is_open() {
                self.holders[at].as_of = self.wishes(at, &Prices { price: &price, haircut: &haircut });
            }
        }
    }

    /// The highest of the target ratios, then ADL, then stops, then what is called back, then what the client sells of its own accord;
    /// each on what those before it leave.
    fn reduce(&mut self, at: usize, prices: &Prices, orders: &mut Vec<Order>) {
        let now = self.wishes(at, prices);
        let before = if self.day == 1 { std::mem::take(&mut self.holders[at].as_of) } else { Wishes::default() };
        let mut planned = vec![0.0; self.symbols.len()];
        if let Some(target) = now.target.into_iter().chain(before.target).reduce(f64::max)
            && self.holders[at].below(prices, Some(target))
        {
            self.pay_towards(at, target, prices);
            let (assets, debt) = self.holders[at].sides(prices);
            planned = sales::to_ratio(&self.holdings(at), assets, debt, target, self.world.programme.liquidation.order);
            for (symbol, shares) in planned.iter().enumerate() {
                orders.push(Order { account: at, symbol, shares: *shares, why: Why::Reduction });
            }
        }
        let holdings = self.holdings(at);
        if let Some(adl) = &self.world.programme.liquidation.adl {
            let after = self.after(at, &planned, prices);
            let between = after.below(prices, Some(adl.upper)) && !after.at_or_below(prices, Some(adl.lower));
            // of the as-of close's wishes the first in the order of rules goes; of an account that still owes
            let wished = before.adl && now.target.is_none() && before.target.is_none() && after.sides(prices).1 > 0.0;
            if between || wished {
                let below = after.below(prices, Some(adl.upper));
                self.pay_towards(at, adl.upper, prices);
                // what cash brings back sells nothing
                let sells = !below || self.after(at, &planned, prices).below(prices, Some(adl.upper));
                for (symbol, holding) in holdings.iter().enumerate().filter(|(_, holding)| holding.sellable && sells) {
                    let left = holding.shares - planned[symbol];
                    let shares = sales::whole_lots(adl.share * left, left, holding.lots);
                    planned[symbol] += shares;
                    orders.push(Order { account: at, symbol, shares, why: Why::Adl });
                }
            }
        }
        let stopped = |symbol: usize| now.stops[symbol] || before.stops.get(symbol).copied().unwrap_or(false);
        let owes = self.holders[at].debt() > 0.0;
        for (symbol, holding) in holdings.iter().enumerate().filter(|(symbol, holding)| owes && holding.sellable && stopped(*symbol)) {
            orders.push(Order { account: at, symbol, shares: holding.shares - planned[symbol], why: Why::Stop });
            planned[symbol] = holding.shares;
        }
        self.sell_for_recall(at, &mut planned, prices, orders);
        // a share of what is left, in the order of every sale; near its line is a client by where the platform's sales leave it, and
        // what it wanted at the as-of close goes only where the platform sells nothing
        let early = self.early_share(at, &self.after(at, &planned, prices), prices);
        let sells = planned.iter().any(|shares| *shares > 0.0);
        let early = if sells { early } else { early.max(before.early) };
        if early > 0.0 && self.holders[at].is_open() && self.holders[at].debt() > 0.0 {
            let left = self.left(at, &planned);
            let value: f64 = left.iter().map(|holding| holding.shares * holding.price).sum();
            for (symbol, shares) in sales::of_value(&left, early * value, self.world.programme.liquidation.order).into_iter().enumerate() {
                orders.push(Order { account: at, symbol, shares, why: Why::Early });
            }
        }
    }

    /// What a planned sale leaves of the holdings.
    pub fn left(&self, at: usize, planned: &[f64]) -> Vec<Holding> {
        let holdings = self.holdings(at).into_iter().zip(planned);
        holdings.map(|(holding, planned)| Holding { shares: holding.shares - planned, ..holding }).collect()
    }

    /// The account as it would stand after a planned sale at the close.
    pub fn after(&self, at: usize, planned: &[f64], prices: &Prices) -> Holder {
        let mut after = self.holders[at].clone();
        let sales = planned.iter().zip(prices.price).enumerate();
        let net: f64 = sales.map(|(symbol, (shares, price))| shares * price * (1.0 - self.cost(symbol))).sum();
        for (held, sold) in after.shares.iter_mut().zip(planned) {
            *held -= sold;
        }
        after.cash += net;
        after.repay(net);
        after
    }

    /// The leverage a template allows: 1 + ((calm − 1) + (stress − calm)·s)·liquidity.
    fn allowed_leverage(&self, at: usize, template: &crate::programme::Template) -> f64 {
        let (mut whole, mut liquid) = (0.0, 0.0);
        for (shares, instrument) in self.holders[at].opening_shares.iter().zip(&self.world.instruments) {
            let value = shares * instrument.price;
            let turnover = instrument.adv_amount.map_or(f64::INFINITY, |adv| adv * template.participation * template.liquid_days);
            let quotes = instrument.depth_amount.map_or(f64::INFINITY, |depth| depth * template.depth_refills * template.liquid_days);
            whole += value;
            liquid += value.min(turnover).min(quotes);
        }
        let liquidity = if whole > 0.0 { liquid / whole } else { 1.0 };
        let (calm, stress) = (template.calm_leverage, template.stress_leverage);
        1.0 + ((calm - 1.0) + (stress - calm) * self.market.stress) * liquidity
    }

    /// The share a client near its line sells itself: intensity·(1 − DMC/threshold), DMC = (1 − m/R)/σ.
    fn early_share(&self, at: usize, holder: &Holder, prices: &Prices) -> f64 {
        let Some(rules) = &self.world.programme.clients.pre_emptive else { return 0.0 };
        let lines = &self.holders[at].today.lines;
        let line = lines.call.into_iter().chain(lines.liquidation).reduce(f64::max);
        let (Some(line), Some(ratio)) = (line, holder.ratio(prices)) else { return 0.0 };
        if holder.volatility <= 0.0 {
            return 0.0;
        }
        let distance = ((1.0 - line / ratio) / holder.volatility).max(0.0);
        (rules.intensity * (1.0 - distance / rules.threshold)).max(0.0)
    }

    /// Step 7, the second half, and 8: all sales of a symbol clear together, within the part of the day's turnover that they may
    /// take, and press on its price.
    pub fn clear(&mut self, orders: Vec<Order>) -> Vec<(usize, Sale)> {
        let programme = &self.world.programme;
        let mut sales = Vec::new();
        for symbol in 0..self.symbols.len() {
            let wanted: Vec<(usize, f64)> = (0..self.holders.len())
                .map(|at| (at, orders.iter().filter(|o| o.account == at && o.symbol == symbol).map(|o| o.shares).sum::<f64>()))
                .filter(|(_, shares)| *shares > 0.0)
                .collect();
            if wanted.is_empty() {
                continue;
            }
            let instrument = &self.world.instruments[symbol];
            let cost = self.cost(symbol);
            let price = self.symbols[symbol].trading.price;
            let volume = self.drawn[self.day - 1][symbol].quote.volume;
            let most = match (programme.liquidation.participation, instrument.adv_amount) {
                (Some(participation), Some(adv)) => participation * adv * volume / price,
                _ => f64::INFINITY,
            };
            let seller = |(at, wanted): &(usize, f64)| Seller {
                wanted: *wanted,
                held: self.holders[*at].shares[symbol],
                tie: (self.draw(Purpose::Remainder, self.id(*at), self.day), self.id(*at)),
            };
            let sellers: Vec<Seller<'_>> = wanted.iter().map(seller).collect();
            let sold = sales::capped(&sellers, most, self.lots(symbol));
            let value = price * sold.iter().sum::<f64>();
            let part = instrument.adv_amount.map_or(0.0, |adv| value / (adv * volume.max(0.01)));
            let turnover_ratio = instrument.adv_amount.zip(instrument.free_float_value).map(|(adv, float)| adv / float);
            let pressure = impact::pressure(&programme.feedback.impact, part, self.symbols[symbol].sigma, turnover_ratio);
            self.symbols[symbol].sold = value;
            self.symbols[symbol].new_push = pressure.push;
            let fill = price * (1.0 - pressure.slippage.min(1.0));
            for ((at, _), mut left) in wanted.into_iter().zip(sold) {
                for order in orders.iter().filter(|o| o.account == at && o.symbol == symbol) {
                    let shares = order.shares.min(left);
                    left -= shares;
                    if shares > 0.0 {
                        // slippage is a cost beside those that are a share of what the fill brings
                        let (proceeds, filled) = (shares * price, shares * fill);
                        let cost = proceeds - filled + cost * filled;
                        sales.push((at, Sale { symbol, why: order.why, shares, price: fill, proceeds, cost }));
                    }
                }
            }
        }
        sales
    }

    /// Step 9: proceeds less costs pay interest, then the loan; the remainder is the client's. What is sold out is closed.
    pub fn settle(&mut self, sales: Vec<(usize, Sale)>) {
        let called_back: Vec<bool> = self.holders.iter().map(|holder| holder.recall > 0.0).collect();
        for (at, sale) in sales {
            let id = self.id(at);
            let net = sale.proceeds - sale.cost;
            let holder = &mut self.holders[at];
            holder.shares[sale.symbol] -= sale.shares;
            if holder.shares[sale.symbol] < 1e-9 {
                holder.shares[sale.symbol] = 0.0;
            }
            holder.cash += net;
            holder.story.reduced |= !matches!(sale.why, Why::CloseOut | Why::Early | Why::Recall);
            let legs = [(&*format!("client/{id}/securities"), -sale.proceeds), (&*format!("client/{id}/cash"), net), ("costs", sale.cost)];
            self.ledger.enter(self.day, "sale", &legs);
            self.pay_from_cash(at, net);
            if sale.why == Why::Early {
                self.story.early_sales += sale.proceeds;
            } else {
                self.story.forced_sales += sale.proceeds;
            }
            let holder = &mut self.holders[at];
            if holder.recall_whole {
                holder.recall = holder.debt();
            }
            self.story.sale_cost += sale.cost;
            self.holders[at].today.sales.push(sale);
        }
        for (at, called_back) in called_back.into_iter().enumerate() {
            if called_back {
                self.close_if_repaid(at);
            }
            self.finish_close_out(at);
        }
    }

    /// An account whose loan is called back is closed once nothing is owed; what shares are left are the client's.
    pub fn close_if_repaid(&mut self, at: usize) {
        let holder = &mut self.holders[at];
        if holder.is_open() && holder.debt() <= DUST {
            holder.standing = Standing::Closed;
            holder.recall = 0.0;
            self.story.accounts[at].first_close.get_or_insert(self.day);
        }
    }

    fn finish_close_out(&mut self, at: usize) {
        let (price, haircut) = self.prices();
        let prices = Prices { price: &price, haircut: &haircut };
        // lines as they stand once it is sold: the trigger's limit binds only the high of leverage
        let target = self.lines(at).restore_to;
        let holder = &mut self.holders[at];
        // whatever rule sold the last of it: an account with nothing left is closed, and what it still owes is a shortfall
        let sold_out = holder.is_open() && !holder.today.sales.is_empty() && holder.shares.iter().all(|shares| *shares == 0.0);
        if sold_out {
            holder.standing = Standing::Closed;
            self.story.accounts[at].first_close.get_or_insert(self.day);
            return self.write_off(at);
        }
        let Standing::InLiquidation { since } = holder.standing else { return };
        if self.day.cast_signed() < since + holder.contract.delay_days.cast_signed() {
            return;
        }
        if holder.shares.iter().all(|shares| *shares == 0.0) {
            holder.standing = Standing::Closed;
            self.story.accounts[at].first_close.get_or_insert(self.day);
            self.write_off(at);
        } else if target.is_some() && holder.debt() <= 0.0 {
            // whole lots brought more than was owed
            holder.standing = Standing::Closed;
            self.story.accounts[at].first_close.get_or_insert(self.day);
        } else if let Some(target) = target {
            // what little a large sale leaves is rounding of its own size
            let sold: f64 = holder.today.sales.iter().map(|sale| sale.proceeds).sum();
            let (assets, debt) = holder.sides(&prices);
            if assets >= target * debt - EQUAL * target * (debt + sold) {
                holder.standing = Standing::Open;
            }
        }
    }

    /// Negative own capital after a close-out is a shortfall 穿仓.
    pub fn write_off(&mut self, at: usize) {
        self.pay_from_cash(at, f64::INFINITY);
        let id = self.id(at);
        let holder = &mut self.holders[at];
        let (interest, loan) = (std::mem::take(&mut holder.interest), std::mem::take(&mut holder.loan));
        // what is left of a cent's rounding is none
        let shortfall = interest + loan;
        holder.shortfall += shortfall;
        holder.today.shortfall += shortfall;
        self.followed.lost += shortfall;
        let legs = [
            (&*format!("client/{id}/interest"), interest),
            (&*format!("client/{id}/loan"), loan),
            (&*format!("shortfall/{id}"), -shortfall),
        ];
        self.ledger.enter(self.day, "written off", &legs);
        if let Some(pool) = &mut self.pool {
            pool.lost_today += shortfall;
        }
    }
}
