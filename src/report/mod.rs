//! Tells the results: facts, charts, the document, and the folder that is whole or absent.

pub mod charts;
pub mod compare;
mod compare_pages;
pub mod compared;
pub mod document;
pub mod export;
pub mod facts;
pub mod fit;
pub mod folder;
pub mod fonts;
pub mod names;
pub mod regress;
pub mod reverse;
mod reverse_pages;
pub mod reweigh;
mod reweigh_pages;
pub mod rulebooks;
#[cfg(test)]
pub mod sample;
pub mod settings;
pub mod sweep;
mod sweep_pages;
pub mod text;
pub mod tornado;
mod tornado_pages;
