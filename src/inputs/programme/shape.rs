//! Describes which keys a programme may hold, from the types themselves: the JSON Schema and the walks over it.
//!
//! The file mirrors [`ProgrammeHead`] and every key of [`Case`] side by side at its top; a `[[scenario]]` mirrors
//! [`ScenarioHead`] and the same keys of [`Case`], each of them optional.

use crate::model::case::{Case, Data, Limit, ModelRisk, Report, ScenarioZh, Severity};
use crate::model::firm::Firm;
use crate::model::impact::Impact;
use crate::model::market::MarketSpec;
use crate::model::part::{Bounds, Declared, Unit};
use crate::model::reverse::Reverse;
use crate::model::rules::RULES;
use crate::model::shock::Shock;
use crate::model::watch::Watch;
use crate::units::Day;
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// The keys of a programme that are the same for every scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ProgrammeHead {
    /// Version of the programme's format: 1.
    #[schemars(required, range(min = 1, max = 1))]
    pub schema: Option<u32>,
    /// Name of the programme, shown on the report.
    #[schemars(required, length(min = 1, max = 100))]
    pub name: Option<String>,
    /// The day the book and the last known prices stand at.
    #[schemars(required)]
    pub as_of: Option<Day>,
    /// Currency of every amount, an ISO 4217 code.
    #[schemars(regex(pattern = "^[A-Z]{3}$"))]
    pub currency: String,
    /// Seed of every random number.
    #[schemars(range(max = 9_223_372_036_854_775_807_u64))]
    pub seed: u64,
    pub data: Data,
    /// What must hold; decides the exit code.
    pub limits: Vec<Limit>,
    pub report: Report,
    /// The same book under further market models.
    pub model_risk: ModelRisk,
    /// Reverse stress tests: what makes a limit fail.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reverse: Vec<Reverse>,
    /// Early warning: measures with an amber and a red level.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub watch: Vec<Watch>,
    /// The firm behind the pool: its capital and liquidity before and after stress.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firm: Option<Firm>,
}

impl Default for ProgrammeHead {
    fn default() -> Self {
        ProgrammeHead {
            schema: None,
            name: None,
            as_of: None,
            currency: "CNY".into(),
            seed: 1,
            data: Data::default(),
            limits: Vec::new(),
            report: Report::default(),
            model_risk: ModelRisk::default(),
            reverse: Vec::new(),
            watch: Vec::new(),
            firm: None,
        }
    }
}

/// The keys of a `[[scenario]]` beside its patch.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ScenarioHead {
    /// Name, unique in the programme; "base" is the programme's own keys.
    #[schemars(required, length(min = 1, max = 100))]
    pub name: Option<String>,
    /// How severe it is meant to be: mild, moderate (default), severe or reverse.
    pub severity: Option<Severity>,
    /// What happens in it, for the reader of the report.
    pub narrative: String,
    /// Its name and narrative in a Chinese report.
    pub zh: ScenarioZh,
}

static SHAPE: LazyLock<Schema> = LazyLock::new(build);

/// The schema of the whole file, base and scenarios.
pub fn shape() -> &'static Schema {
    &SHAPE
}

/// Joins the head, the case and the scenarios into one object schema.
fn build() -> Schema {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let case = inline::<Case>(&mut generator);
    let mut scenario = inline::<ScenarioHead>(&mut generator);
    adopt(&mut scenario, &case);
    scenario.insert("description".into(), "One scenario: its name, and what it changes in the programme's own keys.".into());
    let mut root = generator.into_root_schema_for::<ProgrammeHead>();
    adopt(&mut root, &case);
    // the types fill every key with a default, so that all that is missing is reported at once; the file may not leave these out
    scenario.insert("required".into(), vec!["name"].into());
    let required = ["schema", "name", "as-of", "data"];
    root.insert("required".into(), required.to_vec().into());
    properties_mut(&mut root, |properties| {
        // the default of a key that must be written is nothing, and says nothing
        for key in required {
            properties.get_mut(key).and_then(|k| k.as_object_mut()).and_then(|k| k.remove("default"));
        }
    });
    root.insert("title".into(), "Levertide programme".into());
    root.insert("description".into(), "One base case and its scenarios; every key is explained in docs/formats.md.".into());
    let scenarios =
        schemars::json_schema!({ "type": "array", "items": scenario, "description": "Scenarios, each a patch of the keys above." });
    properties_mut(&mut root, |properties| {
        properties.insert("scenario".into(), scenarios.into());
    });
    let parts = [("/properties/market", MarketSpec::ALL), ("/properties/shocks/items", Shock::ALL)];
    for (place, parts) in parts.into_iter().chain([("/properties/feedback", Impact::ALL)]) {
        let above: &[&str] = if place == "/properties/feedback" { &["impact"] } else { &[] };
        parts.iter().for_each(|part| bound(&mut root, place, above, part));
    }
    for rule in RULES {
        bound(&mut root, "", &[rule.above], rule.declared);
    }
    root
}

/// Writes the ranges that a part declares at its keys; a percentage written as a text is checked when it is read.
fn bound(root: &mut Schema, place: &str, above: &[&str], part: &Declared) {
    for param in part.params.iter().filter(|param| param.unit.is_figure()) {
        let mut keys = above.iter().copied().chain([part.key]).chain(param.key.split('.'));
        let Some(place) = keys.try_fold(place.to_string(), |place, key| find(root.as_value(), &place, key)) else {
            panic!("the schema has no key for {} of {}", param.key, part.key)
        };
        let Some(serde_json::Value::Object(node)) = root.pointer_mut(&place) else { panic!("{place} is an object") };
        let Bounds { least, most, open } = param.range;
        for (figure, open, (closed_word, open_word)) in
            [(least, open.0, ("minimum", "exclusiveMinimum")), (most, open.1, ("maximum", "exclusiveMaximum"))]
        {
            if figure.is_finite() {
                node.insert(if open { open_word } else { closed_word }.into(), number(param.unit, figure));
            }
        }
    }
}

/// A whole number where the key is one.
fn number(unit: Unit, figure: f64) -> serde_json::Value {
    if unit == Unit::Count { (figure as i64).into() } else { figure.into() }
}

/// The place of a key below a place of the schema, references and alternatives gone through.
fn find(root: &serde_json::Value, place: &str, key: &str) -> Option<String> {
    let node = root.pointer(place)?;
    if let Some(reference) = node.get("$ref").and_then(|r| r.as_str()) {
        return find(root, &reference[1..], key);
    }
    if node.get("properties").is_some_and(|p| p.get(key).is_some()) {
        return Some(format!("{place}/properties/{key}"));
    }
    ["oneOf", "anyOf"].into_iter().find_map(|word| {
        let alternatives = node.get(word)?.as_array()?.len();
        (0..alternatives).find_map(|at| find(root, &format!("{place}/{word}/{at}"), key))
    })
}

/// A type's own schema, not a reference to it; what it refers to stays in the generator.
fn inline<T: JsonSchema>(generator: &mut schemars::SchemaGenerator) -> Schema {
    T::json_schema(generator)
}

/// Adds the properties of `from` to `into`.
fn adopt(into: &mut Schema, from: &Schema) {
    let more = from.get("properties").and_then(|p| p.as_object()).expect("a case is an object").clone();
    properties_mut(into, |properties| properties.extend(more));
}

fn properties_mut(schema: &mut Schema, change: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>)) {
    let properties = schema.get_mut("properties").and_then(|p| p.as_object_mut()).expect("an object schema has properties");
    change(properties);
}

/// A place in the schema, for walking it beside a document.
#[derive(Clone, Copy)]
pub struct Node(&'static serde_json::Value);

impl Node {
    /// The top of another file's schema, which refers to nothing.
    pub fn of(schema: &'static Schema) -> Node {
        Node(schema.as_value())
    }

    /// The programme's own top.
    pub fn root() -> Node {
        Node(shape().as_value())
    }

    /// The item of `[[scenario]]`.
    pub fn scenario() -> Node {
        Node::root().child("scenario").and_then(|list| list.0.get("items")).map(Node).expect("the schema holds scenarios")
    }

    fn resolved(self) -> Node {
        match self.0.get("$ref").and_then(|r| r.as_str()) {
            Some(reference) => Node(shape().pointer(&reference[1..]).expect("a reference of the schema leads somewhere")),
            None => self,
        }
    }

    fn alternatives(self) -> impl Iterator<Item = Node> {
        let node = self.resolved();
        ["oneOf", "anyOf"].into_iter().filter_map(move |k| node.0.get(k)?.as_array()).flatten().map(|v| Node(v).resolved())
    }

    /// What stands under `key`, if anything may.
    pub fn child(self, key: &str) -> Option<Node> {
        let node = self.resolved();
        if let Some(child) = node.0.get("properties").and_then(|p| p.get(key)) {
            return Some(Node(child));
        }
        if let Some(child) = node.0.get("additionalProperties").filter(|v| v.is_object()) {
            return Some(Node(child));
        }
        if let Some(items) = node.0.get("items").filter(|_| key.parse::<usize>().is_ok()) {
            return Some(Node(items));
        }
        node.alternatives().find_map(|n| n.child(key))
    }

    /// The keys that may stand here by name (a choice's own names included).
    pub fn keys(self) -> Vec<String> {
        let node = self.resolved();
        let own = node.0.get("properties").and_then(|p| p.as_object()).into_iter().flat_map(|p| p.keys().cloned());
        own.chain(node.alternatives().flat_map(Node::keys)).collect()
    }

    /// The names a choice can take: its tables' keys and its bare words.
    pub fn choices(self) -> Vec<String> {
        let node = self.resolved();
        let words = node.0.get("enum").and_then(|e| e.as_array()).into_iter().flatten().chain(node.0.get("const"));
        let own: Vec<String> = words.filter_map(|w| w.as_str().map(String::from)).collect();
        let named = |n: Node| if n.0.get("properties").is_some() { n.keys() } else { n.choices() };
        own.into_iter().chain(node.alternatives().flat_map(named)).collect()
    }

    /// True when the table's one key chooses a variant: `[market.replay]` puts another market in place of the base's.
    pub fn is_choice(self) -> bool {
        self.alternatives().any(|n| {
            let one = n.0.get("required").and_then(|r| r.as_array()).is_some_and(|r| r.len() == 1);
            let closed = n.0.get("additionalProperties").and_then(|a| a.as_bool()) == Some(false);
            (one && closed && n.keys().len() == 1) || n.is_choice()
        })
    }
}

/// The schema of a file beside the programme's, without references; made once and kept.
pub fn flat<T: JsonSchema>() -> &'static Schema {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    Box::leak(Box::new(settings.into_generator().into_root_schema_for::<T>()))
}

/// The JSON Schema of a programme, for editors that complete and underline.
pub fn schema() -> String {
    let mut text = serde_json::to_string_pretty(shape()).expect("a schema is JSON");
    text.push('\n');
    text
}

/// The keys that are the programme's and no scenario's.
pub fn head_keys() -> Vec<String> {
    let case = case_keys();
    Node::root().keys().into_iter().filter(|k| k != "scenario" && !case.contains(k)).collect()
}

/// The keys of a scenario that are not its patch.
pub fn scenario_head_keys() -> Vec<String> {
    let case = case_keys();
    Node::scenario().keys().into_iter().filter(|k| !case.contains(k)).collect()
}

/// The keys that a scenario may patch.
pub fn case_keys() -> Vec<String> {
    static KEYS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let schema = schemars::schema_for!(Case);
        schema.get("properties").and_then(|p| p.as_object()).map(|p| p.keys().cloned().collect()).unwrap_or_default()
    });
    KEYS.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_told_from_plain_tables() {
        let at = |path: &str| path.split('.').try_fold(Node::root(), |node, key| node.child(key));
        for choice in ["market", "sharing.mode", "sharing.product.X", "costs.stamp-duty", "shocks.0", "shocks.0.gap.on"] {
            assert!(at(choice).is_some_and(Node::is_choice), "{choice}");
        }
        for plain in ["margin", "margin.call", "sharing", "market.gaussian", "data.columns", "report.language", "limits.0.below"] {
            assert!(at(plain).is_some_and(|n| !n.is_choice()), "{plain}");
        }
        assert!(at("margin.cal").is_none());
    }

    /// The template with every commented key made active.
    fn uncommented() -> String {
        let is_key = |line: &str| {
            let key = line.split(" = ").next().filter(|k| *k != line).unwrap_or_default();
            line.starts_with('[') || (!key.is_empty() && !key.trim_matches('"').contains(' '))
        };
        let active = |line: &str| line.strip_prefix("# ").filter(|l| is_key(l)).unwrap_or(line).to_string();
        crate::inputs::programme::template().lines().map(|line| active(line) + "\n").collect()
    }

    /// Every object of the schema by its place in memory, with the values of the document that stand for it anywhere.
    type Held<'d> = std::collections::BTreeMap<*const serde_json::Value, (Node, Vec<&'d toml::Value>)>;

    fn gather<'d>(node: Node, values: &[&'d toml::Value], held: &mut Held<'d>) {
        let node = node.resolved();
        held.entry(node.0).or_insert((node, Vec::new())).1.extend(values);
        let tables = || values.iter().filter_map(|v| v.as_table());
        for key in node.0.get("properties").and_then(|p| p.as_object()).into_iter().flat_map(|p| p.keys()) {
            let inner: Vec<&toml::Value> = tables().filter_map(|t| t.get(key)).collect();
            gather(node.child(key).expect("a property is a child"), &inner, held);
        }
        if let Some(entries) = node.0.get("additionalProperties").filter(|a| a.is_object()) {
            let inner: Vec<&toml::Value> = tables().flat_map(|t| t.values()).collect();
            gather(Node(entries), &inner, held);
        }
        if let Some(items) = node.0.get("items") {
            let inner: Vec<&toml::Value> = values.iter().filter_map(|v| v.as_array()).flatten().collect();
            gather(Node(items), &inner, held);
        }
        node.alternatives().for_each(|n| gather(n, values, held));
    }

    #[test]
    fn the_template_holds_every_key_active_or_commented() {
        let text = uncommented();
        let document: toml::Value = toml::Value::Table(text.parse().unwrap_or_else(|e| panic!("{e}")));
        let mut held = Held::new();
        gather(Node::root(), &[&document], &mut held);
        // a scenario may hold any key of the case, which the base has shown
        let (case, scenario) = (case_keys(), Node::scenario().0 as *const _);
        let mut out = Vec::new();
        for (place, (node, values)) in &held {
            let keys = node.0.get("properties").and_then(|p| p.as_object()).into_iter().flat_map(|p| p.keys());
            let lacking = keys.filter(|key| !values.iter().any(|v| v.get(key.as_str()).is_some()));
            out.extend(lacking.filter(|key| *place != scenario || !case.contains(key)).cloned());
        }
        assert!(out.is_empty(), "the template lacks {out:?}");
    }

    #[test]
    fn the_formats_page_explains_every_key() {
        let page = include_str!("../../../docs/formats.md");
        let words: std::collections::BTreeSet<&str> =
            page.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|w| !w.is_empty()).collect();
        let mut open: Vec<Node> = vec![Node::root()];
        while let Some(node) = open.pop() {
            // the parts of the tests are no part of the page
            for key in node.keys().into_iter().filter(|key| key != "example") {
                assert!(words.contains(key.as_str()), "docs/formats.md lacks `{key}`");
                let child = node.child(&key).expect("a listed key is there");
                // the scenario repeats the case, and its own keys are listed beside it
                if key != "scenario" {
                    open.extend([child.child("0").unwrap_or(child)]);
                }
            }
        }
    }

    #[test]
    fn what_the_template_comments_out_is_right_when_it_is_made_active() {
        let folder = std::path::Path::new("");
        let problems = crate::inputs::programme::parse(&uncommented(), "t.toml", folder, &Default::default()).unwrap_err();
        // alternatives that cannot stand together, and nothing else
        let mut found: Vec<&str> = problems.iter().filter_map(|p| p.place.field.as_deref()).collect();
        found.sort();
        assert_eq!(found, ["data.returns", "feedback.impact", "market"], "{problems}");
    }

    #[test]
    fn every_key_has_one_owner() {
        assert_eq!(head_keys().len(), 12);
        assert_eq!(scenario_head_keys().len(), 4);
        assert!(head_keys().iter().all(|k| !case_keys().contains(k)));
    }
}
