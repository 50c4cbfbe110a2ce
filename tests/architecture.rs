//! (architecture)
