//! Breaks a good programme in one way at a time: each fault is its own problem, at its line, with a remedy.

use levertide::inputs::programme::{self, Overrides};
use levertide::model::case::Programme;
use levertide::problem::{Kind, Problem, Problems, exit};
use proptest::prelude::*;

pub const GOOD: &str = r#"schema = 1
name = "weekly"
as-of = "2015-06-12"
currency = "CNY"
seed = 7
[data]
prices = "prices.csv"
accounts = "accounts.csv"
positions = "positions.csv"
[simulation]
paths = 1000
horizon-days = 10
confidence = "95%"
[market.gaussian]
volatility-annual = "30%"
correlation = 0.5
[[shocks]]
gap = { day = 2, size = "-5%", on = { board = "main" } }
[margin]
warning = "150%"
limit = "140%"
call = "130%"
liquidation = "110%"
restore-to = "135%"
cure-days = 2
[liquidation]
participation = "20%"
cost = "1%"
[interest]
day-count = 365
[clients]
cure-probability = "40%"
[sharing.mode.fixed-split]
client = "80%"
[pool]
recourse = "20%"
[[limits]]
measure = "pool_loss.es_99"
below = 5_000_000
[[scenario]]
name = "mild"
severity = "mild"
[scenario.simulation]
horizon-days = 8
[[scenario]]
name = "2015 replay"
severity = "severe"
narrative = "as it happened"
[scenario.market.replay]
start = "2015-06-15"
"#;

pub fn load_with(text: &str, overrides: &Overrides) -> Result<Programme, Problems> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.toml");
    std::fs::write(&path, text).unwrap();
    programme::load(&path, overrides).map(|mut p| {
        p.folder = "folder".into();
        p
    })
}

pub fn load(text: &str) -> Result<Programme, Problems> {
    load_with(text, &Overrides::default())
}

pub fn set(pairs: &[&str]) -> Overrides {
    Overrides { set: pairs.iter().map(|p| p.to_string()).collect(), ..Overrides::default() }
}

pub fn only(problems: Problems) -> Problem {
    assert_eq!(problems.len(), 1, "one fault is one problem:\n{problems}");
    problems.iter().next().unwrap().clone()
}

/// What is replaced by what, and the line, key and words of the problem that follows.
type Fault = (&'static str, &'static str, usize, &'static str, &'static str);

const FAULTS: &[Fault] = &[
    // the text itself
    ("call = \"130%\"", "call = 130%", 22, "", ""),
    ("name = \"weekly\"", "name = \"weekly", 2, "", ""),
    ("seed = 7", "seed = 7\nseed = 8", 6, "", "duplicate key"),
    // unknown keys
    ("call = \"130%\"", "cal = \"130%\"", 22, "margin.cal", "unknown key `cal`"),
    ("seed = 7", "sed = 7", 5, "sed", "unknown key `sed`"),
    ("[interest]", "[interst]", 29, "interst", "unknown key `interst`"),
    ("day = 2", "dya = 2, day = 2", 18, "shocks[1].gap.dya", "unknown key `dya`"),
    ("client = \"80%\"", "client = \"80%\"\nclientt = 1", 35, "sharing.mode.fixed-split.clientt", "unknown key `clientt`"),
    ("[scenario.simulation]", "[scenario.simulaton]", 43, "scenario.mild.simulaton", "unknown key `simulaton`"),
    ("narrative = ", "narative = ", 48, "scenario.2015 replay.narative", "unknown key `narative`"),
    ("narrative = \"as it happened\"", "seed = 8", 48, "scenario.2015 replay.seed", "stands in a scenario"),
    // types and choices
    ("paths = 1000", "paths = \"many\"", 11, "simulation.paths", "found the text \"many\""),
    ("paths = 1000", "paths = -1", 11, "simulation.paths", "found the number -1"),
    ("paths = 1000", "paths = 1.5", 11, "simulation.paths", "found the number 1.5"),
    ("cure-days = 2", "cure-days = true", 25, "margin.cure-days", "found the flag true"),
    ("call = \"130%\"", "call = \"high\"", 22, "margin.call", "found the text \"high\""),
    ("volatility-annual = \"30%\"", "volatility-annual = nan", 15, "market.gaussian.volatility-annual", "found"),
    ("correlation = 0.5", "correlation = 1e999", 16, "market.gaussian.correlation", ""),
    ("prices = \"prices.csv\"", "prices = 7", 7, "data.prices", "found the number 7"),
    ("[market.gaussian]", "[market.gausian]", 14, "market.gausian", "\"gausian\" is not a choice"),
    ("[interest]", "[market.replay]\nstart = \"2015-06-15\"\n[interest]", 14, "market", "stand side by side"),
    ("severity = \"mild\"", "severity = \"soft\"", 42, "scenario.mild.severity", "\"soft\" is not a choice"),
    ("board = \"main\"", "board = \"moon\"", 18, "shocks[1].gap.on.board", "\"moon\" is not a choice"),
    ("day = 2, ", "", 18, "shocks[1].gap", "key `day` is missing"),
    ("as-of = \"2015-06-12\"", "as-of = \"2015-02-30\"", 3, "as-of", "not a date"),
    ("start = \"2015-06-15\"", "", 49, "scenario.2015 replay.market.replay", "key `start` is missing"),
    // the head
    ("schema = 1", "schema = 2", 1, "schema", "found 2"),
    ("name = \"weekly\"", "", 0, "name", "key `name` is missing"),
    ("as-of = \"2015-06-12\"", "", 0, "as-of", "key `as-of` is missing"),
    ("name = \"weekly\"", "name = \" \"", 2, "name", "found \" \""),
    ("currency = \"CNY\"", "currency = \"yuan\"", 4, "currency", "found \"yuan\""),
    ("prices = \"prices.csv\"", "", 6, "data.prices", "neither prices nor returns"),
    ("prices = \"prices.csv\"", "prices = \"a.csv\"\nreturns = \"b.csv\"", 8, "data.returns", "both given"),
    ("positions = \"positions.csv\"", "", 6, "data.positions", "key `positions` is missing"),
    ("accounts = \"accounts.csv\"", "accounts = \"\"", 8, "data.accounts", "found \"\""),
    ("accounts = \"accounts.csv\"", "accounts = \"a\"\ncolumns.price.close = \"x\"", 9, "data.columns.price", "no data file"),
    // lines of the margin contract
    ("liquidation = \"110%\"", "liquidation = \"131%\"", 23, "margin.liquidation", "liquidation 131% stands above call 130%"),
    ("limit = \"140%\"", "limit = \"155%\"", 21, "margin.limit", "limit 155% stands above warning 150%"),
    ("restore-to = \"135%\"", "restore-to = \"110%\"", 24, "margin.restore-to", "not above liquidation"),
    ("restore-to = \"135%\"", "restore-to = \"99%\"", 24, "margin.restore-to", "found 99%"),
    ("warning = \"150%\"", "warning = \"150\"", 20, "margin.warning", "is this per cent?"),
    ("warning = \"150%\"", "warning = 15000", 20, "margin.warning", "is this per cent?"),
    // bounds
    ("paths = 1000", "paths = 0", 11, "simulation.paths", "found 0"),
    ("paths = 1000", "paths = 2_000_000_000", 11, "simulation.paths", "found 2000000000"),
    ("horizon-days = 10", "horizon-days = 1001", 12, "simulation.horizon-days", "found 1001"),
    ("confidence = \"95%\"", "confidence = \"50%\"", 13, "simulation.confidence", "found 50%"),
    ("confidence = \"95%\"", "confidence = 95", 13, "simulation.confidence", "found 9500%"),
    ("volatility-annual = \"30%\"", "volatility-annual = 30", 15, "market.gaussian.volatility-annual", "found 3000%"),
    ("volatility-annual = \"30%\"", "volatility-annual = \"-1%\"", 15, "market.gaussian.volatility-annual", "found -1%"),
    ("correlation = 0.5", "correlation = 1.2", 16, "market.gaussian.correlation", "found 1.2"),
    ("correlation = 0.5", "trading-days = inf", 16, "market.gaussian.trading-days", "found inf"),
    (
        "[market.gaussian]",
        "[market.jump-diffusion]\ncommon-jumps = { per-year = -1, mean = 0, deviation = 0 }",
        15,
        "market.jump-diffusion.common-jumps.per-year",
        "found -1",
    ),
    (
        "[market.gaussian]",
        "[market.jump-diffusion]\nown-jumps = { per-year = 1, mean = 0, deviation = 3 }",
        15,
        "market.jump-diffusion.own-jumps.deviation",
        "found 300%",
    ),
    (
        "[market.gaussian]\nvolatility-annual = \"30%\"\ncorrelation = 0.5",
        "[market.jump-diffusion]\ncorrelation = -0.5",
        15,
        "market.jump-diffusion.correlation",
        "found -0.5",
    ),
    (
        "[market.gaussian]\nvolatility-annual = \"30%\"\ncorrelation = 0.5",
        "[market.regime-switching]\nregimes = 4",
        15,
        "market.regime-switching.regimes",
        "found 4",
    ),
    ("correlation = 0.5", "factors = 3", 16, "market.gaussian.factors", "found 3 without covariance"),
    ("correlation = 0.5", "covariance = \"factor\"\nfactors = 0", 17, "market.gaussian.factors", "found 0"),
    (
        "correlation = 0.5",
        "correlation = 0.5\ncovariance = \"shrinkage\"",
        17,
        "market.gaussian.covariance",
        "stands beside a given correlation",
    ),
    ("[market.gaussian]", "[market.student-t]\ndegrees-of-freedom = 2", 15, "market.student-t.degrees-of-freedom", "found 2"),
    (
        "[market.gaussian]\nvolatility-annual = \"30%\"\ncorrelation = 0.5",
        "[market.t-copula]\ncorrelation = -0.5",
        15,
        "market.t-copula.correlation",
        "found -0.5",
    ),
    (
        "[market.gaussian]\nvolatility-annual = \"30%\"\ncorrelation = 0.5",
        "[market.t-copula]\ndegrees-of-freedom = 1.5",
        15,
        "market.t-copula.degrees-of-freedom",
        "found 1.5",
    ),
    ("day = 2", "day = 0", 18, "shocks[1].gap.day", "found day 0"),
    ("size = \"-5%\"", "size = \"-100%\"", 18, "shocks[1].gap.size", "found -100%"),
    ("{ board = \"main\" }", "{ symbols = [] }", 18, "shocks[1].gap.on", "nothing is named"),
    (
        "gap = { day = 2, size = \"-5%\", on = { board = \"main\" } }",
        "limit-downs = { first-day = 8, days = 0 }",
        18,
        "shocks[1].limit-downs.days",
        "found 0 days",
    ),
    (
        "gap = { day = 2, size = \"-5%\", on = { board = \"main\" } }",
        "volatility = { multiple = 0 }",
        18,
        "shocks[1].volatility.multiple",
        "found 0",
    ),
    (
        "gap = { day = 2, size = \"-5%\", on = { board = \"main\" } }",
        "correlation = { pull = 2 }",
        18,
        "shocks[1].correlation.pull",
        "found 200%",
    ),
    (
        "gap = { day = 2, size = \"-5%\", on = { board = \"main\" } }",
        "drift = { first-day = 2 }",
        18,
        "shocks[1].drift",
        "no size is given",
    ),
    (
        "gap = { day = 2, size = \"-5%\", on = { board = \"main\" } }",
        "drift = { total = \"-100%\" }",
        18,
        "shocks[1].drift.total",
        "found -100%",
    ),
    (
        "gap = { day = 2, size = \"-5%\", on = { board = \"main\" } }",
        "volume-dry-up = { multiple = 0 }",
        18,
        "shocks[1].volume-dry-up.multiple",
        "found 0%",
    ),
    (
        "gap = { day = 2, size = \"-5%\", on = { board = \"main\" } }",
        "suspension = { days = 2, share = 0 }",
        18,
        "shocks[1].suspension.share",
        "found 0%",
    ),
    (
        "gap = { day = 2, size = \"-5%\", on = { board = \"main\" } }",
        "suspension = { days = 0, first-day = 8 }",
        18,
        "shocks[1].suspension.days",
        "found 0 days",
    ),
    (
        "gap = { day = 2, size = \"-5%\", on = { board = \"main\" } }",
        "pinned-path = { total = \"-1000%\" }",
        18,
        "shocks[1].pinned-path.total",
        "found -1000%",
    ),
    (
        "gap = { day = 2, size = \"-5%\", on = { board = \"main\" } }",
        "pinned-path = { total = 0.1, first-day = 5, last-day = 4 }",
        18,
        "shocks[1].pinned-path.last-day",
        "lies before",
    ),
    ("day-count = 365", "loan-rate-rise = 2", 30, "interest.loan-rate-rise", "found 200%"),
    ("participation = \"20%\"", "participation = 0", 27, "liquidation.participation", "found 0%"),
    ("cost = \"1%\"", "cost = \"100%\"", 28, "liquidation.cost", "found 100%"),
    ("day-count = 365", "day-count = 366", 30, "interest.day-count", "found 366"),
    ("cure-probability = \"40%\"", "cure-probability = 40", 32, "clients.cure-probability", "found 4000%"),
    ("cure-probability = \"40%\"", "cure-to = \"120%\"", 32, "clients.cure-to", "cure-to 120% stands below call 130%"),
    ("client = \"80%\"", "client = \"180%\"", 34, "sharing.mode.fixed-split.client", "found 180%"),
    ("recourse = \"20%\"", "loss-order = [\"C\", \"B\", \"C\"]", 36, "pool.loss-order[3]", "found \"C\""),
    ("recourse = \"20%\"", "capital = { A = -1 }", 36, "pool.capital.A", "found -1"),
    // limits
    ("below = 5_000_000", "", 37, "limits[1]", "neither below nor above"),
    ("below = 5_000_000", "below = 5\nabove = 4", 37, "limits[1]", "both given"),
    ("below = 5_000_000", "below = 5\nconfidence = 1", 40, "limits[1].confidence", "found 100%"),
    ("below = 5_000_000", "below = 5\nscenario = \"mld\"", 40, "limits[1].scenario", "no scenario \"mld\""),
    // scenarios
    ("name = \"2015 replay\"", "name = \"mild\"", 46, "scenario.mild.name", "a second scenario"),
    ("name = \"2015 replay\"", "name = \"2015 replay\"\nzh.name = \"mild\"", 47, "scenario.2015 replay.zh.name", "shows it as \"mild\""),
    ("name = \"2015 replay\"", "name = \"2015 replay\"\nzh.name = \"\"", 47, "scenario.2015 replay.zh.name", "found \"\""),
    ("name = \"2015 replay\"", "name = \"base\"", 46, "scenario.base.name", "found \"base\""),
    ("name = \"2015 replay\"", "name = \"\"", 46, "scenario..name", "found \"\""),
    ("name = \"2015 replay\"", "", 45, "scenario.[2].name", "key `name` is missing"),
    ("severity = \"severe\"", "severity = \"base\"", 47, "scenario.2015 replay.severity", "found \"base\""),
    ("horizon-days = 8", "horizon-days = 1", 44, "scenario.mild.simulation.horizon-days", "found day 2"),
    (
        "horizon-days = 8",
        "horizon-days = 8\n[scenario.margin]\nliquidation = \"132%\"",
        46,
        "scenario.mild.margin.liquidation",
        "stands above call",
    ),
];

#[test]
fn every_fault_is_one_problem_at_its_place() {
    assert!(load(GOOD).is_ok(), "{}", load(GOOD).unwrap_err());
    assert!(FAULTS.len() >= 60);
    let mut wrong = String::new();
    for (from, to, line, field, what) in FAULTS {
        assert_eq!(GOOD.matches(from).count(), 1, "`{from}` must stand once");
        let Err(problems) = load(&GOOD.replacen(from, to, 1)) else {
            wrong.push_str(&format!("`{to}` is accepted\n"));
            continue;
        };
        assert_eq!(problems.exit_code(), exit::PROGRAMME, "{to}");
        let first = problems.iter().next().unwrap().clone();
        let placed = first.place.line.unwrap_or(0) == *line && first.place.field.as_deref().unwrap_or("") == *field;
        let told = first.what.contains(what) && !first.why.is_empty() && !first.fix.is_empty() && first.kind == Kind::Programme;
        if problems.len() != 1 || !placed || !told {
            wrong.push_str(&format!("`{to}`: expected line {line} `{field}` \"{what}\", got {}\n{problems}\n", problems.len()));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_typo_is_told_its_neighbour() {
    let problem = only(load(&GOOD.replace("cure-days", "cure_days")).unwrap_err());
    assert_eq!(problem.fix, "did you mean `cure-days`?");
    let problem = only(load(&GOOD.replace("[market.gaussian]", "[market.gausian]")).unwrap_err());
    assert_eq!(problem.fix, "did you mean `gaussian`?");
}

#[test]
fn all_faults_come_at_once_and_an_inherited_one_comes_once() {
    let text = GOOD
        .replace("schema = 1", "schema = 3")
        .replace("paths = 1000", "pahts = 1000")
        .replace("cure-days = 2", "cure-days = \"two\"")
        .replace("recourse = \"20%\"", "recourse = 2")
        .replace("severity = \"mild\"", "severity = \"mild\"\ncolour = 1")
        .replace("start = \"2015-06-15\"", "start = \"tomorrow\"");
    let problems = load(&text).unwrap_err();
    let lines: Vec<usize> = problems.iter().filter_map(|p| p.place.line).collect();
    assert_eq!(problems.len(), 6, "{problems}");
    for line in [1, 11, 25, 36, 43, 51] {
        assert!(lines.contains(&line), "line {line}:\n{problems}");
    }
}

#[test]
fn an_address_of_the_network_is_refused_as_data() {
    for address in ["http://127.0.0.1:8765/a.csv", "s3://bucket/a.parquet", "file:///etc/passwd", "HTTPS://x/y"] {
        let problem = only(load(&GOOD.replace("\"prices.csv\"", &format!("\"{address}\""))).unwrap_err());
        assert_eq!((problem.kind, problem.place.line), (Kind::Data, Some(7)), "{address}");
    }
}

#[test]
fn a_file_that_is_no_text_or_not_there_is_a_problem_of_the_programme() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.toml");
    let problem = only(programme::load(&path, &Overrides::default()).unwrap_err());
    assert!(problem.what.contains("cannot be read"), "{problem}");
    std::fs::write(&path, b"schema = 1\nname = \"\xd6\xdc\xb1\xa8\"\n").unwrap();
    let problem = only(programme::load(&path, &Overrides::default()).unwrap_err());
    assert_eq!((problem.kind, problem.place.line), (Kind::Programme, Some(2)), "{problem}");
    assert!(problem.what.contains("UTF-8"));
}

#[test]
fn line_ends_and_a_byte_order_mark_of_windows_are_no_fault() {
    let windows = format!("\u{feff}{}", GOOD.replace('\n', "\r\n"));
    assert_eq!(load(&windows).unwrap(), load(GOOD).unwrap());
    let problem = only(load(&windows.replace("day-count = 365", "day-count = 1")).unwrap_err());
    assert_eq!(problem.place.line, Some(30));
}

#[test]
fn a_wrong_flag_is_a_matter_of_usage() {
    let cases: &[(&str, &str)] = &[
        ("margin.cal=130%", "margin.cal"),
        ("margin.call=high", "margin.call"),
        ("margin.liquidation=145%", "margin.liquidation"),
        ("margin.call", "margin.call"),
        ("scenario.none.margin.call=130%", "scenario.none.margin.call"),
        ("scenario.mild.simulation.horizon-days=0", "scenario.mild.simulation.horizon-days"),
        ("not a key=1", "not a key"),
        ("simulation.paths=0", "simulation.paths"),
    ];
    for (pair, field) in cases {
        let problems = load_with(GOOD, &set(&[pair])).unwrap_err();
        let problem = problems.iter().next().unwrap();
        assert_eq!(problems.exit_code(), exit::USAGE, "{pair}\n{problems}");
        assert_eq!((problem.place.file.as_str(), problem.place.field.as_deref()), ("--set", Some(*field)), "{pair}");
    }
    let overrides = Overrides { scenarios: vec!["mld".into()], ..Overrides::default() };
    let problem = only(load_with(GOOD, &overrides).unwrap_err());
    assert_eq!((problem.kind, problem.fix.as_str()), (Kind::Usage, "did you mean `mild`?"));
}

/// A programme with a few stretches of it replaced by text of other places, or by signs of the syntax.
fn damaged() -> impl Strategy<Value = String> {
    let signs = prop::sample::select(vec![
        "",
        "=",
        "[",
        "]]",
        "{",
        "\"",
        "\n",
        ".",
        "1e999",
        "nan",
        "-",
        "scenario = 3\n",
        "# ",
        "\u{0}",
        "资",
        "[[shocks]]\n",
    ]);
    let wound = (0..GOOD.len(), 0usize..20, 0..GOOD.len(), 0usize..20, signs);
    prop::collection::vec(wound, 1..6).prop_map(|wounds| {
        let mut text: Vec<char> = GOOD.chars().collect();
        for (at, length, from, copied, sign) in wounds {
            let copy: Vec<char> = GOOD.chars().skip(from).take(copied).chain(sign.chars()).collect();
            let at = at.min(text.len());
            text.splice(at..(at + length).min(text.len()), copy);
        }
        text.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(crate::support::world::cases(2_000))]

    /// A damaged programme is read, or refused with problems that say where, why and what to do; it never panics.
    #[test]
    fn a_damaged_programme_is_read_or_refused_in_words(text in damaged()) {
        match programme::parse(&text, "p.toml", std::path::Path::new("folder"), &Overrides::default()) {
            Ok(read) => prop_assert_eq!(load(&read.resolved_toml).unwrap_or_else(|p| panic!("{p}")), read),
            Err(problems) => for problem in problems.iter() {
                let told = [&problem.what, &problem.why, &problem.fix, &problem.place.file].iter().all(|t| !t.is_empty());
                let placed = problem.place.line.is_some() || problem.place.field.is_some();
                prop_assert!(told && placed, "{}", problem);
                prop_assert!(problem.place.line.is_none_or(|l| l >= 1 && l <= text.lines().count().max(1)), "{}", problem);
            },
        }
    }
}
