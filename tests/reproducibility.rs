//! (reproducibility)
