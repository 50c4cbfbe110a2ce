//! Finds the line and the dotted name of every key, through scenarios laid over a base and flags laid over both.

use crate::problem::{Kind, Place, Problem};
use std::ops::Range;
use toml::Spanned;
use toml::de::DeValue;

/// The steps to a key; an entry of a list is its index in decimal, from 0.
pub type Path = Vec<String>;

/// A programme's text and where its lines start.
pub struct Source {
    pub file: String,
    line_starts: Vec<usize>,
}

impl Source {
    pub fn new(file: String, text: &str) -> Source {
        // the end of the text is a place on its last line, also behind a closing newline
        let next = |(at, _)| Some(at + 1).filter(|start| *start < text.len());
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').filter_map(next)).collect();
        Source { file, line_starts }
    }

    /// The line, from 1, that holds byte `offset`.
    pub fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }
}

/// One table of the file that a value may come from: the base's, or a scenario's.
pub struct Layer<'t, 'i> {
    pub tree: &'t DeValue<'i>,
    /// What stands before its keys: nothing, or `scenario` and its name.
    pub prefix: Path,
    /// The keys that a flag has set, and the flag's name.
    pub flags: &'t [(Path, &'static str)],
    /// Where the table begins, for a key that is missing.
    pub start: Option<Range<usize>>,
}

/// What a key of the merged document came from: the topmost layer that holds it.
pub struct View<'t, 'i> {
    pub source: &'t Source,
    /// The merged document as it stands, faulty keys already dropped.
    pub current: &'t DeValue<'i>,
    /// Topmost first.
    pub layers: &'t [Layer<'t, 'i>],
}

struct Found {
    depth: usize,
    span: Option<Range<usize>>,
    /// With list entries counted from 1, as people do.
    shown: String,
}

impl View<'_, '_> {
    /// A problem of the keys at `paths`, placed at the first of them that the topmost layer holds.
    pub fn problem(&self, paths: &[&[&str]], what: String, why: impl Into<String>, fix: impl Into<String>) -> Problem {
        let top = |path: &&&[&str]| self.layers.first().is_some_and(|layer| self.find(layer, path).depth == path.len());
        let path = paths.iter().find(top).unwrap_or(&paths[0]);
        let (kind, place) = self.place(path);
        Problem::new(kind, place, what, why, fix)
    }

    /// True when a key was written but dropped for a fault of its own: what its absence leads to is no news.
    pub fn dropped(&self, path: &[&str]) -> bool {
        lookup(self.current, path).is_none() && self.layers.iter().any(|layer| self.find(layer, path).depth == path.len())
    }

    /// Where a key stands; a key that a flag has set is a matter of usage.
    pub fn place(&self, path: &[&str]) -> (Kind, Place) {
        let found: Vec<Found> = self.layers.iter().map(|layer| self.find(layer, path)).collect();
        let deepest = found.iter().map(|f| f.depth).max().unwrap_or(0);
        let which = found.iter().position(|f| f.depth == deepest).unwrap_or(0);
        let (layer, found) = (&self.layers[which], &found[which]);
        let field = layer.prefix.iter().map(String::as_str).chain([found.shown.as_str()]).collect::<Vec<_>>().join(".");
        let flag = layer.flags.iter().find(|(set, _)| set.len() <= path.len() && set.iter().zip(path).all(|(a, b)| a == b));
        if let Some((_, flag)) = flag {
            return (Kind::Usage, Place::file(*flag).field(field));
        }
        let mut place = Place::file(&self.source.file).field(field);
        if let Some(span) = found.span.as_ref().or(layer.start.as_ref()) {
            place = place.line(self.source.line(span.start));
        }
        (Kind::Programme, place)
    }

    /// Follows `path` in one layer as far as it goes. An index counts in the merged document, where faulty entries of a
    /// list may be gone; the entry itself is known by its span.
    fn find(&self, layer: &Layer<'_, '_>, path: &[&str]) -> Found {
        let (mut node, mut merged) = (Some(layer.tree), Some(self.current));
        let mut found = Found { depth: 0, span: None, shown: String::new() };
        for step in path {
            let mut shown_step = step.to_string();
            let next_merged = merged.and_then(|m| child(m, step));
            let next = match node {
                Some(DeValue::Array(list)) => {
                    let index = match next_merged {
                        Some(entry) => list.iter().position(|e| e.span() == entry.span()),
                        None => step.parse().ok(),
                    };
                    shown_step = format!("[{}]", index.map_or_else(|| step.to_string(), |i| (i + 1).to_string()));
                    index.and_then(|i| list.get(i))
                }
                Some(table) => child(table, step),
                None => None,
            };
            if !found.shown.is_empty() && !shown_step.starts_with('[') {
                found.shown.push('.');
            }
            found.shown.push_str(&shown_step);
            if let Some(next) = next {
                found.depth += 1;
                found.span = Some(next.span());
            }
            node = next.map(Spanned::get_ref);
            merged = next_merged.map(Spanned::get_ref);
        }
        found
    }
}

/// What stands at the end of a path.
pub fn lookup<'t, 'i>(tree: &'t DeValue<'i>, path: &[&str]) -> Option<&'t DeValue<'i>> {
    path.iter().try_fold(tree, |node, step| child(node, step).map(Spanned::get_ref))
}

/// What stands under one step.
pub fn child<'t, 'i>(node: &'t DeValue<'i>, step: &str) -> Option<&'t Spanned<DeValue<'i>>> {
    match node {
        DeValue::Table(table) => table.get(step),
        DeValue::Array(list) => list.get(step.parse::<usize>().ok()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use toml::de::DeTable;

    #[test]
    fn a_line_is_counted_from_one() {
        let source = Source::new("a.toml".into(), "a = 1\n\nb = 2\n");
        assert_eq!([0, 5, 6, 7, 12, 13].map(|at| source.line(at)), [1, 1, 2, 3, 3, 3]);
    }

    #[test]
    fn a_key_is_placed_in_the_topmost_layer_that_holds_it() {
        let base_text = "[margin]\ncall = 1\n[[shocks]]\na = 1\n[[shocks]]\na = 2\n";
        let base = DeValue::Table(DeTable::parse(base_text).unwrap().into_inner());
        let source = Source::new("p.toml".into(), base_text);
        let flags = [(vec!["margin".to_string(), "call".to_string()], "--set")];
        let layer = |flags| Layer { tree: &base, prefix: Path::new(), flags, start: None };
        let layers = [layer(&[])];
        let view = View { source: &source, current: &base, layers: &layers };
        assert_eq!(view.place(&["shocks", "1", "a"]).1.to_string(), "p.toml:6, `shocks[2].a`");
        assert_eq!(view.place(&["margin", "limit"]).1.to_string(), "p.toml:1, `margin.limit`");
        let layers = [layer(&flags)];
        let view = View { source: &source, current: &base, layers: &layers };
        assert_eq!(view.place(&["margin", "call"]).0, Kind::Usage);
    }
}
