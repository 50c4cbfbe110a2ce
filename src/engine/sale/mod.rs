//! Makes the forced sales of a session: what accounts ask to sell, what its volume lets them, and what it brings.

pub mod book;
pub mod execute;
pub mod orders;
pub mod volume;
