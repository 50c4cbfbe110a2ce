//! Keeps what one session's sales come to while they are decided: who sells, what is wanted of each symbol, and at what slippage.

use crate::engine::market::tile::MarketTile;
use crate::model::liquidation::lots::Lot;
use crate::model::liquidation::order::Holding;
use crate::model::market::LANES;

/// The sales of one session of one tile, and the memory they are decided in.
#[derive(Default)]
pub struct SaleBook {
    /// Who sells today.
    pub sellers: Vec<Seller>,
    /// Shares wanted in today's sales, and of those of more than one kind what each is for.
    pub wanted: Vec<f64>,
    pub parts: Vec<Parts>,
    /// Shares wanted by all sellers, `[symbol][lane]`.
    pub demand: Vec<f64>,
    pub sold: Vec<f64>,
    /// What sales under a cap might get beyond their whole lots.
    pub rests: Vec<Rest>,
    /// Cells of `demand` in use today.
    pub wanted_cells: Vec<u32>,
    /// Today's slippage and lasting impact, `[symbol][lane]`.
    pub slippage: Vec<f64>,
    pub lasting: Vec<f64>,
    /// Prices before the session's own sales, `[symbol][lane]`; empty where sales clear in one pass.
    pub price_before: Vec<f64>,
    /// What clients paid in this session's decisions from their cash of what was called back before.
    pub paid_on_recall: [f64; LANES],
    /// Of the account deciding: what of each holding may be sold now, what is held of it, its price and haircut.
    pub free: Vec<Free>,
    pub held_shares: Vec<f64>,
    pub prices: Vec<f64>,
    pub haircuts: Vec<f64>,
    pub holdings: Vec<Holding>,
    pub sequence: Vec<u32>,
    pub sale_money: Vec<f64>,
}

/// One account that sells today on one path.
#[derive(Clone, Copy, Debug)]
pub struct Seller {
    /// Its place among the active, the index of its account, its lane, and where the shares it wants to sell start, one per position.
    pub at: u32,
    pub account: u32,
    pub lane: u32,
    pub wanted: u32,
    /// Where their parts start, of a sale that is of more than one kind.
    pub parts: Option<u32>,
}

/// What an account may sell of a holding today.
#[derive(Clone, Copy, Debug)]
pub struct Free {
    pub shares: f64,
    pub blocked: bool,
    /// It stands at its stop, of an account that goes on.
    pub stopped: bool,
}

/// Of the shares wanted of a holding, those that a reduction wants, and those that the platform wants in all; the rest is the client's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parts {
    pub reduction: f64,
    pub platform: f64,
}

/// What a sale under a cap might get beyond its whole lots.
#[derive(Clone, Copy, Debug)]
pub struct Rest {
    /// Symbol and lane.
    pub cell: u32,
    /// The remainder, a part of what it would sell more, and the draw that breaks ties.
    pub rank: u32,
    pub draw: u64,
    /// Where its shares stand among those wanted, and how many more it would sell.
    pub at: u32,
    pub shares: f64,
    /// What it wants in all, and the lots it is sold in.
    pub wanted: f64,
    pub lot: Lot,
}

impl SaleBook {
    /// A tile begins.
    pub fn start(&mut self, tile: &MarketTile) {
        for column in [&mut self.demand, &mut self.slippage, &mut self.lasting] {
            column.clear();
            column.resize(tile.symbols * LANES, 0.0);
        }
        self.price_before.clear();
        self.open_session();
        self.wanted_cells.clear();
    }

    /// Nothing is wanted yet.
    pub fn open_session(&mut self) {
        self.sellers.clear();
        self.wanted.clear();
        self.parts.clear();
        self.paid_on_recall = [0.0; LANES];
    }

    /// Undoes what was decided: nothing is in demand.
    pub fn take_back(&mut self) {
        for cell in self.wanted_cells.drain(..) {
            self.demand[cell as usize] = 0.0;
            self.lasting[cell as usize] = 0.0;
            self.slippage[cell as usize] = 0.0;
        }
    }

    /// Whether an account wants to sell anything.
    pub fn wants(&self, seller: Seller) -> bool {
        self.wanted[seller.wanted as usize..].iter().any(|shares| *shares > 0.0)
    }
}
