//! Keeps active accounts: where each stands on its path, how a close moves it, and what it pays and asks to sell.

pub mod accounts;
pub mod as_of;
pub mod assess;
pub mod cash;
pub mod close;
pub mod collateral;
pub mod controls;
pub mod end;
pub mod idle;
pub mod moves;
