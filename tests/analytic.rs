//! (analytic)
