//! Lays one table over another: tables merge, lists and values are replaced, a choice gives way to another choice.
//!
//! Worked: `[market.gaussian] volatility-annual = "30%"` under `[market.gaussian] drift-annual = "0%"` keeps both keys;
//! under `[market.replay] start = "2015-06-15"` nothing of it is left, since one market cannot be two.

use super::shape::Node;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// Lays `patch` over `base`; `shape` tells choices from plain tables.
pub fn merge<'i>(base: &mut DeTable<'i>, patch: &DeTable<'i>, shape: Option<Node>) {
    for (key, value) in patch {
        let shape = shape.and_then(|s| s.child(key.get_ref()));
        let joint = match (base.get_mut(key.get_ref().as_ref()).map(Spanned::get_mut), value.get_ref()) {
            (Some(DeValue::Table(below)), DeValue::Table(above)) if !replaces(below, above, shape) => {
                merge(below, above, shape);
                true
            }
            _ => false,
        };
        if !joint {
            base.remove(key.get_ref().as_ref());
            base.insert(key.clone(), value.clone());
        }
    }
}

/// True when `above` names another choice than `below`.
fn replaces(below: &DeTable<'_>, above: &DeTable<'_>, shape: Option<Node>) -> bool {
    let same = above.len() == 1 && below.len() == 1 && above.keys().all(|k| below.contains_key(k.get_ref().as_ref()));
    shape.is_some_and(Node::is_choice) && !same
}

/// Turns dates written without quotes into text, so that both spellings mean the same.
pub fn quote_dates(node: &mut DeValue<'_>) {
    match node {
        DeValue::Datetime(date) => *node = DeValue::String(date.to_string().into()),
        DeValue::Array(list) => list.iter_mut().for_each(|entry| quote_dates(entry.get_mut())),
        DeValue::Table(table) => {
            for (_, value) in table.iter_mut() {
                quote_dates(value.get_mut());
            }
        }
        _ => {}
    }
}

/// Takes the node at `path` out; with `climb`, also every table this leaves empty. False when nothing was there.
pub fn drop_at(node: &mut DeValue<'_>, path: &[String], climb: bool) -> bool {
    let Some((step, rest)) = path.split_first() else { return false };
    match node {
        DeValue::Table(table) => {
            let inner = table.get_mut(step.as_str());
            let dropped = inner.is_some_and(|v| drop_at(v.get_mut(), rest, climb) && !(climb && is_empty(v.get_ref())));
            dropped || table.remove(step.as_str()).is_some()
        }
        DeValue::Array(list) => {
            let Ok(index) = step.parse::<usize>() else { return false };
            let Some(inner) = list.get_mut(index) else { return false };
            if drop_at(inner.get_mut(), rest, climb) && !(climb && is_empty(inner.get_ref())) {
                return true;
            }
            *list = std::mem::replace(list, DeArray::new()).into_iter().enumerate().filter(|(i, _)| *i != index).map(|(_, e)| e).collect();
            true
        }
        _ => false,
    }
}

fn is_empty(node: &DeValue<'_>) -> bool {
    matches!(node, DeValue::Table(table) if table.is_empty())
}
