//! Claims, fills and publishes a report folder: it exists whole or not at all.
