//! (faults)
