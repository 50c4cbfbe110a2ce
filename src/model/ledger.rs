//! Checks that every path balances: what clients, tiers, fees and the market gain and lose sums to zero.
