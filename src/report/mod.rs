//! Tells the results: facts, charts, the document, and the folder that is whole or absent.

pub mod charts;
pub mod document;
pub mod export;
pub mod facts;
pub mod folder;
pub mod names;
pub mod shapes;
pub mod snapshot;
pub mod text;
