//! Settles an account's profit or loss between client and lender: interest, fees, splits.

mod rules;
mod settle;

pub use rules::{Interest, InterestBase, Mode, Sharing};
pub use settle::{Closing, Rule, Split, Terms, interest_money, interest_principal_money, settle};
