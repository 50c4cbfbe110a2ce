//! Lists the figures of a path: columns, their joins, the spool and `paths.parquet` follow from one line each.
//!
//! A new figure is a line here, and the line of `tally/batch.rs` that pushes its value; a measure reads it by its name.

/// A figure of every path as it is written.
#[derive(Clone, Copy, Debug)]
pub enum PathFigure<'a> {
    /// Money or a ratio.
    Float(&'a [f64]),
    Count(&'a [u32]),
}

macro_rules! path_figures {
    (
        floats { $($(#[$of_float:meta])* $float:ident $(=> $float_name:literal)?,)* }
        counts { $($(#[$of_count:meta])* $count:ident $(=> $count_name:literal)?,)* }
    ) => {
        /// One value per path; money in the programme's currency, loss positive.
        #[derive(Clone, Debug, Default)]
        pub struct PathColumns {
            $($(#[$of_float])* pub $float: Vec<f64>,)*
            $($(#[$of_count])* pub $count: Vec<u32>,)*
            /// One column per `Book::tiers`.
            pub tier_loss: Vec<Vec<f64>>,
            pub controls: ControlColumns,
        }

        impl PathColumns {
            /// Every column of money and ratios, in order.
            pub fn floats(&mut self) -> [&mut Vec<f64>; [$(stringify!($float)),*].len()] {
                [$(&mut self.$float,)*]
            }

            /// Every column of counts, in order.
            pub fn counts(&mut self) -> [&mut Vec<u32>; [$(stringify!($count)),*].len()] {
                [$(&mut self.$count,)*]
            }

            /// The figures that `paths.parquet` has a column of, by its name, in order.
            pub fn written(&self) -> Vec<(&'static str, PathFigure<'_>)> {
                let floats = [$($(($float_name, PathFigure::Float(self.$float.as_slice())),)?)*];
                let counts = [$($(($count_name, PathFigure::Count(self.$count.as_slice())),)?)*];
                floats.into_iter().chain(counts).collect()
            }
        }
    };
}

path_figures! {
    floats {
        /// Shortfall and the pool's own loss with a custodian, less recourse: what reaches the pool.
        pool_loss => "pool_loss",
        /// Negative equity of accounts after close-out, and of accounts in liquidation at the end, before recourse.
        shortfall => "shortfall",
        recourse => "recourse",
        /// Loss beyond every tier's capital.
        unallocated_loss => "unallocated_loss",
        /// Interest, fees and shared profit less pool loss and funding cost.
        lender_pnl => "lender_pnl",
        /// What all clients lost (negative: gained), after interest and fees.
        client_loss => "client_loss",
        /// Proceeds of forced sales, and of sales clients made ahead of their line.
        forced_sales => "forced_sales",
        early_sales => "early_sales",
        /// What clients took out.
        client_withdrawals => "client_withdrawals",
        /// Market value still queued for sale at the end.
        unsold => "unsold",
        /// Largest log price by which a session's prices missed the fixed point of its own sales; 0 where none is sought.
        clearing_residual,
        sale_cost => "sale_cost",
        /// Margin calls made, in money needed to be back at the line when first called.
        call_amount => "call_amount",
        /// Largest fall of the pool's value from its running maximum, a fraction.
        max_drawdown => "max_drawdown",
        /// Of the shares held on the as-of date, kept to the end: their return, that of their worst session, and the root mean square of
        /// a session's; fractions.
        market_return => "market_return",
        market_worst_day => "market_worst_day",
        market_volatility => "market_volatility",
        /// Sum over days of the pool's daily return, of its square, and of the square of its negative part.
        return_sum,
        return_square,
        downside_square,
    }
    counts {
        /// Accounts that met each event at least once.
        warned => "warned",
        limited => "limited",
        called => "called",
        cured => "cured",
        liquidated => "liquidated",
        shortfall_accounts => "shortfall_accounts",
        /// Sum over called accounts of the session of the first call, 0 for the as-of close.
        time_to_call,
        /// Liquidated accounts that would have recovered, forced liquidations that ended, and the sum of their sessions from decision
        /// to end.
        unneeded => "unneeded_liquidations",
        close_outs => "close_outs",
        close_out_days => "close_out_days",
    }
}

/// What the platform's controls did on each path; a column is empty where no rule writes it.
#[derive(Clone, Debug, Default)]
pub struct ControlColumns {
    /// Accounts sold down before any close-out, and the proceeds.
    pub reduced: Vec<u32>,
    pub reduction_sales: Vec<f64>,
    /// Sessions on which the volatility trigger tripped.
    pub trigger_days: Vec<u32>,
    /// Of the market's margin requirement: peak-to-trough, and the largest 1-, 5- and 30-day rises; with the tools against
    /// procyclicality, then without. `[figure][path]`.
    pub cycle: Vec<Vec<f64>>,
}
