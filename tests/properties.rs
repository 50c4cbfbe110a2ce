//! (properties)
