//! Holds market models, shocks and impact laws to what they declare: the page of formats, the schema, the messages, where code names them.

use levertide::inputs::programme::{Overrides, parse, schema};
use levertide::model::impact::Impact;
use levertide::model::market::MarketSpec;
use levertide::model::part::{Absent, Bounds, Declared, Fault, Param, Unit, Values};
use levertide::model::rules::RULES;
use levertide::model::shock::Shock;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A kind of part: its choice, where it stands in a programme, and the room of its files.
struct Kind {
    choice: &'static str,
    room: &'static str,
    page: &'static str,
    parts: &'static [&'static Declared],
    read: fn(&str, &Declared) -> Result<Read, String>,
    /// A programme's lines for a part with these values.
    lines: fn(&str, &str) -> String,
}

/// The values of a part, and what its declaration says against them.
type Read = (Values, Vec<Fault>);

const KINDS: [Kind; 3] = [
    Kind {
        choice: "MarketSpec",
        room: "src/model/market",
        page: "models",
        parts: MarketSpec::ALL,
        read: |values, part| Ok(taken::<MarketSpec>(values, part)?.with(MarketSpec::values, MarketSpec::declared)),
        lines: |key, values| format!("market.{key} = {values}"),
    },
    Kind {
        choice: "Shock",
        room: "src/model/shock",
        page: "shocks",
        parts: Shock::ALL,
        read: |values, part| Ok(taken::<Shock>(values, part)?.with(Shock::values, Shock::declared)),
        lines: |key, values| format!("shocks = [{{ {key} = {values} }}]"),
    },
    Kind {
        choice: "Impact",
        room: "src/model/impact",
        page: "laws",
        parts: Impact::ALL,
        read: |values, part| Ok(taken::<Impact>(values, part)?.with(Impact::values, Impact::declared)),
        lines: |key, values| format!("feedback.impact.{key} = {values}"),
    },
];

struct Taken<C>(C);

impl<C> Taken<C> {
    /// Its values, and what its declaration says against them one by one.
    fn with(self, values: fn(&C) -> Values, declared: fn(&C) -> &'static Declared) -> Read {
        let values = values(&self.0);
        let faults = declared(&self.0).faults(&values);
        (values, faults)
    }
}

/// The choice of a part, read from an inline table of its values.
fn taken<C: DeserializeOwned>(values: &str, part: &Declared) -> Result<Taken<C>, String> {
    let document: toml::Table = format!("{} = {values}", part.key).parse().map_err(|e| format!("{e}"))?;
    toml::Value::Table(document).try_into().map(Taken).map_err(|e| format!("{}: {e}", part.key))
}

/// The parameters that a part cannot do without, as TOML, one of them with another value, and a further one.
fn inline(part: &Declared, changed: Option<(&Param, &str)>) -> String {
    let beside = |param: &Param| matches!(changed, Some((own, _)) if own.absent == Absent::Unless(param.key));
    let needed = |param: &&Param| match param.absent {
        Absent::Required => true,
        Absent::Unless(other) => part.params.iter().position(|p| p.key == other) > part.params.iter().position(|p| p.key == param.key),
        _ => false,
    };
    let value = |param: &Param| match changed {
        Some((own, value)) if own.key == param.key => value.to_string(),
        _ => param.shown.to_string(),
    };
    let is_changed = |param: &Param| changed.is_some_and(|(own, _)| own.key == param.key);
    // an inner table is complete or absent
    let inner = |table: &str| {
        let own: Vec<&Param> = part.params.iter().filter(|p| p.key.starts_with(&format!("{table}."))).collect();
        let pairs: Vec<String> = own.iter().map(|p| format!("{} = {}", p.name(), value(p))).collect();
        own.iter().any(|p| is_changed(p)).then(|| format!("{table} = {{ {} }}", pairs.join(", ")))
    };
    let pairs = part.params.iter().filter_map(|param| match param.unit {
        Unit::Table => inner(param.key),
        _ if param.key.contains('.') || beside(param) => None,
        _ => (needed(&param) || is_changed(param)).then(|| format!("{} = {}", param.key, value(param))),
    });
    format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

// ---- the page of formats ----------------------------------------------------------------------

/// As the page writes figures: a space before the per cent sign, a minus before a number.
fn typeset(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '%' => out.push_str(" %"),
            '-' if rest.peek().is_some_and(char::is_ascii_digit) => out.push('−'),
            _ => out.push(c),
        }
    }
    out
}

fn row(part: &Declared, param: &Param) -> String {
    let absent = match param.absent {
        Absent::Required => "required".to_string(),
        Absent::Shown => format!("`{}`", param.shown),
        Absent::Fitted(words) | Absent::Says(words) => words.0.to_string(),
        Absent::Unless(_) => "–".into(),
    };
    format!("| `{}.{}` | {} | {absent} | {} |\n", part.key, param.key, typeset(param.meaning.0), typeset(&param.allowed()))
}

/// What the page says of a kind of parts: what each does, and its keys.
fn page(parts: &[&Declared]) -> String {
    let mut out = String::from("| table | what it does | formula | source |\n|---|---|---|---|\n");
    for part in parts {
        let source = if part.source.is_empty() { "–" } else { part.source };
        out.push_str(&format!("| `{}` | {} | {} | {source} |\n", part.key, part.what.0, part.formula));
    }
    out.push_str("\n| key | meaning | default | range |\n|---|---|---|---|\n");
    parts.iter().for_each(|part| part.params.iter().for_each(|param| out.push_str(&row(part, param))));
    out
}

#[test]
fn the_page_of_formats_says_what_parts_declare() {
    let path = root().join("docs/formats.md");
    let text = fs::read_to_string(&path).expect("the page is there");
    let mut wanted = text.clone();
    let kinds = KINDS.iter().map(|kind| (kind.page, kind.parts.to_vec()));
    let rules = |above| RULES.iter().filter(|rule| rule.above == above).map(|rule| rule.declared).collect();
    for (name, parts) in kinds.chain(["margin", "liquidation", "clients"].map(|above| (above, rules(above)))) {
        let (open, close) = (format!("<!-- declared: {name} -->\n"), "<!-- end -->\n");
        let from = wanted.find(&open).unwrap_or_else(|| panic!("docs/formats.md has no {open}")) + open.len();
        let to = from + wanted[from..].find(close).expect("what is declared has an end");
        wanted.replace_range(from..to, &page(&parts));
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &wanted).expect("the page can be written");
    } else {
        let line = wanted.lines().zip(text.lines()).find(|(wanted, found)| wanted != found);
        assert!(wanted == text, "docs/formats.md is behind: run with UPDATE_GOLDEN=1; the first line that differs: {line:#?}");
    }
}

// ---- declarations against the types -----------------------------------------------------------

#[test]
fn what_is_shown_can_be_read_and_a_default_is_the_types_own() {
    for part in KINDS.iter().flat_map(|kind| kind.parts.iter().map(move |part| (kind, *part))).filter(|(_, part)| !part.params.is_empty()) {
        let (kind, part) = part;
        let (least, _) = (kind.read)(&inline(part, None), part).unwrap_or_else(|e| panic!("{e}"));
        for param in part.params.iter().filter(|param| param.unit != Unit::Table) {
            let (values, faults) = (kind.read)(&inline(part, Some((param, param.shown))), part).unwrap_or_else(|e| panic!("{e}"));
            let name = format!("{}.{}", part.key, param.key);
            assert!(faults.is_empty(), "{name}: {faults:?}");
            assert!(values.has(param.key), "{name} is no key of the type");
            let (shown, default) = ((values.figure(param.key), values.text(param.key)), (least.figure(param.key), least.text(param.key)));
            if param.absent == Absent::Shown {
                // two thirds are shown to three digits
                let near = shown.0.zip(default.0).is_some_and(|(a, b)| (a - b).abs() < 1e-3);
                assert!(near || shown == default, "{name}: the default shown is not the type's own: {shown:?}, {default:?}");
            } else if !matches!(param.absent, Absent::Required | Absent::Unless(_)) {
                assert!(!least.has(param.key), "{name} has a value where it is left out");
            }
        }
    }
}

#[test]
fn every_key_of_a_part_is_declared() {
    let schema: serde_json::Value = serde_json::from_str(&schema()).expect("the schema is JSON");
    let resolve = |node: &serde_json::Value| match node.get("$ref").and_then(|r| r.as_str()) {
        Some(reference) => schema.pointer(&reference[1..]).expect("a reference leads somewhere").clone(),
        None => node.clone(),
    };
    let places = ["/properties/market", "/properties/shocks/items", "/$defs/Impact"];
    for (kind, place) in KINDS.iter().zip(places) {
        let choice = resolve(schema.pointer(place).expect("the choice is there"));
        let choices = choice["oneOf"].as_array().expect("a choice of parts").clone();
        let tables: Vec<(String, serde_json::Value)> = choices
            .iter()
            .filter_map(|c| c["properties"].as_object())
            .flat_map(|p| p.iter().map(|(k, v)| (k.clone(), resolve(v))))
            .collect();
        let declared = kind.parts.iter().filter(|part| !part.params.is_empty());
        assert_eq!(tables.iter().map(|t| t.0.as_str()).collect::<Vec<_>>(), declared.clone().map(|p| p.key).collect::<Vec<_>>());
        for (part, (_, table)) in declared.zip(&tables) {
            let keys: BTreeSet<&str> = table["properties"].as_object().expect("keys").keys().map(String::as_str).collect();
            let own: BTreeSet<&str> = part.params.iter().map(|p| p.key).filter(|key| !key.contains('.')).collect();
            assert_eq!(keys, own, "`params` of {} and the keys of its type", part.key);
        }
    }
}

// ---- messages ---------------------------------------------------------------------------------

const HEAD: &str = "schema = 1\nname = \"p\"\nas-of = 2015-06-12\ndata = { prices = \"p.csv\", instruments = \"i.csv\", accounts = \"a.csv\", \
                    positions = \"q.csv\", correlations = \"c.csv\" }\nmargin.liquidation = \"110%\"\n";

/// Figures just outside a range.
fn outside(range: Bounds) -> Vec<f64> {
    let low = if range.open.0 { range.least } else { range.least.next_down() };
    let high = if range.open.1 { range.most } else { range.most.next_up() };
    [low, high].into_iter().filter(|figure| figure.is_finite()).collect()
}

/// A figure as TOML; a whole number beside a range is the next one.
fn written(unit: Unit, range: Bounds, figure: f64) -> String {
    match unit {
        Unit::Count => (figure.round() + if figure > range.most { 1.0 } else { -1.0 }).max(0.0).to_string(),
        _ => format!("{figure:?}"),
    }
}

/// Whether a programme with these lines is told that a parameter is out of range, in the words of its declaration.
fn tells(lines: &str, part: &Declared, param: &Param) {
    let Err(problems) = parse(&format!("{HEAD}{lines}\n"), "p.toml", Path::new(""), &Overrides::default()) else {
        panic!("{}.{} is accepted: {lines}", part.key, param.key)
    };
    let said = format!("`{}` is {}: {}", param.name(), param.range.words(param.unit), param.meaning.0);
    assert!(problems.iter().any(|problem| problem.why == said), "{}.{}: {lines}: {problems}", part.key, param.key);
}

#[test]
fn a_figure_outside_its_range_is_told_in_the_words_of_its_declaration() {
    let mut tried = 0;
    for (kind, part) in KINDS.iter().flat_map(|kind| kind.parts.iter().map(move |part| (kind, part))) {
        for param in part.params.iter().filter(|param| param.unit.is_figure()) {
            for figure in outside(param.range) {
                let figure = written(param.unit, param.range, figure);
                tells(&(kind.lines)(part.key, &inline(part, Some((param, &figure)))), part, param);
                tried += 1;
            }
        }
    }
    for rule in RULES {
        for param in rule.declared.params.iter().filter(|param| param.unit.is_figure()) {
            for figure in outside(param.range) {
                let figure = written(param.unit, param.range, figure);
                tells(&format!("{}.{}.{} = {figure}", rule.above, rule.declared.key, param.key), rule.declared, param);
                tried += 1;
            }
        }
    }
    assert!(tried > 100, "{tried} figures");
}

#[test]
fn a_rule_shows_the_default_of_its_type_and_what_can_be_read() {
    let resolved = |lines: &str| -> toml::Table {
        let head = HEAD.replace("correlations = ", "implied-volatility = \"v.csv\", correlations = ");
        let programme = parse(&format!("{head}{lines}\n"), "p.toml", Path::new(""), &Overrides::default());
        programme.unwrap_or_else(|e| panic!("{lines}: {e}")).resolved_toml.parse().expect("TOML")
    };
    let at = |table: &toml::Table, path: &str| {
        let mut steps = path.split('.');
        let first = table.get(steps.next()?)?.clone();
        steps.try_fold(first, |value, step| value.get(step).cloned())
    };
    for rule in RULES {
        let least = resolved(&format!("[{}.{}]", rule.above, rule.declared.key));
        for param in rule.declared.params.iter().filter(|param| param.absent == Absent::Shown) {
            let path = format!("{}.{}.{}", rule.above, rule.declared.key, param.key);
            let shown: toml::Table = format!("v = {}", param.shown).parse().expect("TOML");
            let default = match at(&least, &path) {
                Some(default) => default,
                // of a choice that is not the default one
                None if param.key.contains('.') => continue,
                None => panic!("{path} has no default"),
            };
            let figure = |value: &toml::Value| match value {
                toml::Value::Integer(whole) => Some(*whole as f64),
                toml::Value::Float(figure) => Some(*figure),
                toml::Value::String(text) => levertide::units::Ratio::parse(text).map(|ratio| ratio.get()),
                _ => None,
            };
            let same = figure(&default).is_some() && figure(&default) == figure(&shown["v"]);
            assert!(same || default == shown["v"], "{path}: the default is {default}, {} is shown", param.shown);
        }
    }
}

// ---- where code names a part ------------------------------------------------------------------

/// Where code names a part all the same, and why.
const NAMED: [(&str, &str, &str); 5] = [
    ("src/report/sample.rs", "", "a report of a made-up run, for the tests of its looks"),
    ("src/inputs/given.rs", "MarketSpec::Given", "reads the file of paths that the user gives"),
    ("src/model/layers.rs", "Impact::None", "a layer without impact"),
    ("src/model/impact/mod.rs", "Impact::None", "the default"),
    ("src/model/market/mod.rs", "MarketSpec::BlockBootstrap", "the default"),
];

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            out.push(path);
        }
    }
}

/// The name of a part's type: `block-bootstrap` is `BlockBootstrap`.
fn type_of(key: &str) -> String {
    key.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

#[test]
fn code_names_a_part_in_its_own_file_and_on_a_line_of_its_registry() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    files.sort();
    let mut wrong = String::new();
    for path in files {
        let name = path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(&path).expect("a source");
        if name.ends_with("/tests.rs") {
            continue;
        }
        let code = text.split("mod tests {").next().unwrap_or(&text);
        for kind in &KINDS {
            for part in kind.parts {
                let own = part.key.replace('-', "_");
                let variant = format!("{}::{}", kind.choice, type_of(part.key));
                let is_named = |line: &&str| line.contains(&variant) && !line.trim_start().starts_with("//");
                let excused = NAMED.iter().any(|(file, what, _)| *file == name && variant.starts_with(what.trim()));
                let lines = code.lines().filter(is_named).count();
                if lines > 0 && !excused && name != format!("{}/{own}.rs", kind.room) {
                    wrong.push_str(&format!("{name} names {variant}: let the part declare what is asked of it\n"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
