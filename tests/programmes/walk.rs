//! Draws the keys of a programme by walking its JSON Schema, so that a new key is drawn, or named where nobody said how.

use super::keys::{self, Draw, Of, Span};
use levertide::inputs::rulebooks;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use serde_json::Value as Schema;
use std::sync::LazyLock;
use toml::{Table, Value};

pub static SCHEMA: LazyLock<Schema> =
    LazyLock::new(|| serde_json::from_str(&levertide::inputs::programme::schema()).expect("the schema is JSON"));

/// Those that rounds of paths can be judged by.
const ROW_MEASURES: [&str; 5] = ["pool_loss.mean", "pool_loss.es_97_5", "shortfall.probability", "liquidation_rate", "max_drawdown.mean"];

/// Measures that limits are drawn on; the last is none.
const MEASURES: [&str; 12] = [
    "pool_loss.mean",
    "pool_loss.es_99",
    "shortfall.probability",
    "liquidation_rate",
    "call_rate",
    "cure_rate",
    "time_to_call.mean_days",
    "max_drawdown.mean",
    "tier.A.hit_probability",
    "lender_pnl.mean",
    "amplification",
    "no_such_measure",
];
const TEXTS: [&str; 6] = ["risk", "融资业务压力测试", "a \"quoted\" word, and a comma", "=1+1", "\u{fc}ber 1.000", "x"];

/// Names that the book gives, for keys that take one.
#[derive(Clone, Debug, Default)]
pub struct Names {
    pub tiers: Vec<String>,
    pub grades: Vec<String>,
    pub products: Vec<String>,
    pub sources: Vec<String>,
    pub symbols: Vec<String>,
    pub sectors: Vec<String>,
    pub scenarios: Vec<String>,
    /// Sessions of the history, and what comes after the as-of date.
    pub dates: Vec<String>,
}

pub struct Walk<'a> {
    pub names: &'a Names,
    pub rng: &'a mut ChaCha8Rng,
    pub horizon: u64,
}

/// What a reference leads to.
pub fn resolved(node: &'static Schema) -> &'static Schema {
    match node.get("$ref").and_then(Schema::as_str) {
        Some(reference) => resolved(SCHEMA.pointer(&reference[1..]).expect("a reference of the schema leads somewhere")),
        None => node,
    }
}

/// The alternatives of a node, words of an enumeration one by one, without null.
fn alternatives(node: &'static Schema, out: &mut Vec<Result<String, &'static Schema>>) {
    let node = resolved(node);
    let inner: Vec<&'static Schema> =
        ["oneOf", "anyOf"].iter().filter_map(|k| node.get(k)).filter_map(Schema::as_array).flatten().collect();
    let words = node.get("enum").and_then(Schema::as_array).into_iter().flatten().chain(node.get("const"));
    out.extend(words.filter_map(|w| w.as_str().map(|w| Ok(w.to_string()))));
    for inner in &inner {
        alternatives(inner, out);
    }
    let is_null = node.get("type").and_then(Schema::as_str) == Some("null");
    if inner.is_empty() && node.get("enum").is_none() && node.get("const").is_none() && !is_null {
        out.push(Err(node));
    }
}

fn is_type(node: &Schema, name: &str) -> bool {
    match node.get("type") {
        Some(Schema::String(text)) => text == name,
        Some(Schema::Array(list)) => list.iter().any(|t| t == name),
        _ => false,
    }
}

/// The key under which a path is looked up: one market, one way of sharing, one target for all that have one.
pub fn canonical(path: &[String]) -> Vec<String> {
    let mut path = path.to_vec();
    if path.len() > 2 && path[0] == "model-risk" && path[2] == "market" {
        path.drain(..2);
    }
    if path.len() > 2 && path[0] == "sharing" && path[1] == "product" {
        path.splice(1..3, ["mode".to_string()]);
    }
    path
}

impl Walk<'_> {
    pub fn chance(&mut self, probability: f64) -> bool {
        self.rng.random_bool(probability)
    }

    fn pick<'t>(&mut self, list: &'t [String]) -> Option<&'t String> {
        (!list.is_empty()).then(|| &list[self.rng.random_range(0..list.len())])
    }

    /// A value for the node at `path`.
    pub fn value(&mut self, node: &'static Schema, path: &mut Vec<String>) -> Option<Value> {
        let mut choices = Vec::new();
        alternatives(node, &mut choices);
        let words: Vec<String> = choices.iter().filter_map(|c| c.as_ref().ok().cloned()).collect();
        if let Some(draw) = keys::find(&canonical(path)) {
            if let (false, Draw::Ratio(_) | Draw::Number(_)) = (words.is_empty(), draw)
                && self.chance(0.5)
            {
                return self.pick(&words).cloned().map(Value::String);
            }
            return self.drawn(draw, node, path);
        }
        assert!(!choices.is_empty(), "{} has no alternative", path.join("."));
        let at = self.rng.random_range(0..choices.len());
        match choices[at].clone() {
            Ok(word) => Some(Value::String(word)),
            Err(node) if is_type(node, "boolean") => Some(Value::Boolean(self.chance(0.5))),
            Err(node) if is_type(node, "array") => {
                let items = node.get("items").expect("a list says of what");
                let count = self.rng.random_range(0..3);
                Some(Value::Array((0..count).filter_map(|_| self.value(items, path)).collect()))
            }
            Err(node) if node.get("properties").is_some() => Some(Value::Table(self.table(node, path, 0.4))),
            Err(_) => panic!("nobody says what may stand at `{}`: add it to tests/programmes/keys.rs", canonical(path).join(".")),
        }
    }

    /// A table of the node's keys, each with a probability.
    pub fn table(&mut self, node: &'static Schema, path: &mut Vec<String>, probability: f64) -> Table {
        let required: Vec<&str> =
            node.get("required").and_then(Schema::as_array).into_iter().flatten().filter_map(Schema::as_str).collect();
        let mut table = Table::new();
        for (key, child) in node.get("properties").and_then(Schema::as_object).into_iter().flatten() {
            if required.contains(&key.as_str()) || self.chance(probability) {
                path.push(key.clone());
                if let Some(value) = self.value(child, path) {
                    table.insert(key.clone(), value);
                }
                path.pop();
            }
        }
        table
    }

    fn drawn(&mut self, draw: Draw, node: &'static Schema, path: &mut Vec<String>) -> Option<Value> {
        match draw {
            Draw::Never => None,
            Draw::Word(words) => Some(Value::String(words[self.rng.random_range(0..words.len())].into())),
            Draw::Whole(list) => Some(Value::Integer(list[self.rng.random_range(0..list.len())])),
            Draw::Number(span) => Some(Value::Float(self.number(span))),
            Draw::Count(span) => Some(Value::Integer(self.number(span).round().clamp(span.least, span.most) as i64)),
            Draw::Ratio(span) => {
                let value = self.number(span);
                let percent = format!("{}%", value * 100.0);
                // what is written must be what was drawn: 100 times a fraction may round over an end
                let same = levertide::units::Ratio::parse(&percent).is_some_and(|r| r.get() == value);
                Some(if same && !percent.contains('e') && self.chance(0.7) { Value::String(percent) } else { Value::Float(value) })
            }
            Draw::Of(of) => self.name(of),
            Draw::List(of) => {
                let mut names: Vec<Value> = (0..self.rng.random_range(1..4)).filter_map(|_| self.name(of)).collect();
                names.sort_by_key(ToString::to_string);
                names.dedup();
                Some(Value::Array(names))
            }
            Draw::By(of) => {
                let entries = resolved(node).get("additionalProperties").expect("entries by name have a schema");
                let mut table = Table::new();
                for _ in 0..self.rng.random_range(1..3) {
                    let Some(Value::String(name)) = self.name(of) else { continue };
                    path.push(name.clone());
                    if let Some(value) = self.value(entries, path) {
                        table.insert(name, value);
                    }
                    path.pop();
                }
                Some(Value::Table(table))
            }
        }
    }

    fn name(&mut self, of: Of) -> Option<Value> {
        let names = self.names;
        let list = match of {
            Of::Tier => &names.tiers,
            Of::Grade => &names.grades,
            Of::Product => &names.products,
            Of::Source => &names.sources,
            Of::Symbol => &names.symbols,
            Of::Sector => &names.sectors,
            Of::Scenario => &names.scenarios,
            Of::PastDay => &names.dates,
            Of::Rulebook => &rulebooks::names(),
            Of::Measure => &MEASURES.map(String::from).to_vec(),
            Of::RowMeasure => &ROW_MEASURES.map(String::from).to_vec(),
            Of::Text => &TEXTS.map(String::from).to_vec(),
            Of::Session => return Some(Value::Integer(self.rng.random_range(1..=self.horizon) as i64)),
        };
        self.pick(list).cloned().map(Value::String)
    }

    /// A number of a range: mostly what is usual, else anywhere in it, at an end, or beside one.
    pub fn number(&mut self, span: Span) -> f64 {
        let Span { least, most, open, usual } = span;
        let beside = |end: f64, inwards: f64| if inwards > 0.0 { end.next_up() } else { end.next_down() };
        let (low, high) = (if open.0 { beside(least, 1.0) } else { least }, if open.1 { beside(most, -1.0) } else { most });
        let uniform = |rng: &mut ChaCha8Rng, (a, b): (f64, f64)| if b > a { rng.random_range(a..=b) } else { a };
        let value = match self.rng.random_range(0..100) {
            0..75 => {
                let value = uniform(self.rng, usual);
                (value * 1e4).round() / 1e4
            }
            75..83 => uniform(self.rng, (low, high)),
            83..87 => low,
            87..90 => high,
            90..93 => low.next_up(),
            93..95 => high.next_down(),
            95..97 => 1.0,
            _ => 0.0,
        };
        value.clamp(low, high)
    }
}
