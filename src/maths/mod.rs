//! Computes what the rules need and the platform must not change: addressed random numbers, lane polynomials, linear algebra.

pub mod correlation;
pub mod digest;
pub mod eigen;
pub mod entropy;
pub mod isa;
pub mod lanes;
pub mod linear;
mod normal;
pub mod quantile;
pub mod random;
pub mod select;
pub mod special;
