//! Reads the accounts: who owes how much, at what rate, until when, and under which lines.

use super::cells::Rule;
use super::headers::ACCOUNTS;
use super::opened;
use super::rulebooks;
use super::table::{Places, Table};
use super::{Gather, due, duplicates, holdings, totals};
use crate::model::case::Programme;
use crate::model::margin::InForce;
use crate::model::margin::contract::LineOverride;
use crate::problem::near;
use crate::units::Day;
use std::collections::BTreeMap;

/// The accounts file in columns, in order of account.
#[derive(Default)]
pub struct Accounts {
    pub id: Vec<String>,
    pub tier: Vec<String>,
    pub grade: Vec<String>,
    pub product: Vec<String>,
    pub cash: Vec<f64>,
    pub loan: Vec<f64>,
    pub accrued_interest: Vec<f64>,
    pub rate_annual: Vec<f64>,
    pub open_date: Vec<Option<Day>>,
    pub maturity_date: Vec<Option<Day>>,
    pub called_on: Vec<Option<Day>>,
    pub lines: Vec<LineOverride>,
    pub own_capital_initial: Vec<Option<f64>>,
    pub high_water_mark: Vec<Option<f64>>,
    /// The maintenance ratio the file itself states, to hold ours against.
    pub stated_ratio: Vec<Option<f64>>,
    /// The row each account stands in, and where rows name their tier: for problems found against the funding file.
    pub row: Vec<usize>,
    pub tier_places: Places,
}

/// The most money a cell may hold: a thousand times the turnover of the largest exchange in a year, and still exact to the cent or near.
pub const MOST_MONEY: f64 = 1e15;
const CASH: Rule = Rule::any("cash is an amount of money, 0 to 1e15; money owed belongs in `loan`", "write the amount, for example 25000")
    .at_least(0.0)
    .at_most(MOST_MONEY);
const LOAN: Rule = Rule::any("a loan is an amount of money, 0 to 1e15", "write what the account owes as a positive amount, 0 for nothing")
    .at_least(0.0)
    .at_most(MOST_MONEY);
const INTEREST: Rule = Rule::any("accrued interest is an amount of money, 0 to 1e15", "write the amount, 0 for nothing")
    .at_least(0.0)
    .at_most(MOST_MONEY)
    .or_empty();
pub const RATE: Rule = Rule::any("an annual rate is a fraction between 0 and 2", "write 6% or 0.06").at_least(0.0).at_most(2.0).ratio();
const STATED: Rule =
    Rule::any("a maintenance ratio is zero or more", "write 150% or 1.5, or leave the cell empty").at_least(0.0).ratio().or_empty();
const SHORT: Rule =
    Rule::any("a debt is an amount of money, 0 to 1e15", "write the amount, 0 for nothing").at_least(0.0).at_most(MOST_MONEY).or_empty();
const LINE: Rule = Rule::any("a line is a maintenance ratio, a fraction above 0 and at most 20", "write 130% or 1.3")
    .above(0.0)
    .at_most(20.0)
    .ratio()
    .or_empty();
const CURE_DAYS: Rule =
    Rule::any("cure days are a whole number of sessions, 0 to 250", "write for example 2").at_least(0.0).at_most(250.0).or_empty();
const CAPITAL: Rule = Rule::any("it is an amount of money, 0 to 1e15", "write the amount, or leave the cell empty")
    .at_least(0.0)
    .at_most(MOST_MONEY)
    .or_empty();

/// Reads the accounts file, sorted by account.
pub fn read(programme: &Programme, gather: &mut Gather) -> Option<Accounts> {
    let written = programme.data.accounts.as_ref()?;
    let before = gather.problems.len();
    let table = opened::read(&ACCOUNTS, written, &programme.folder, &programme.data, gather)?;
    let id = table.ids("account_id", gather);
    duplicates(&table, "account_id", &id, "an account has one row", gather);
    let tier = match gather.only_tier.clone().filter(|_| !table.has("tier")) {
        Some(only) => {
            gather.note(
                format!("{}: no column names a tier, so that all accounts are of the programme's one tier, {only}", table.file),
                format!("{}：无资金层列，所有账户归入唯一资金层 {only}", table.file),
            );
            vec![only; table.rows]
        }
        None => table.ids("tier", gather),
    };
    let zeros = || vec![0.0; table.rows];
    let mut file = Accounts {
        grade: texts_or(&table, "grade", "unrated"),
        product: texts_or(&table, "product", "standard"),
        cash: table.numbers("cash", &CASH, gather).unwrap_or_else(zeros),
        loan: table.numbers("loan", &LOAN, gather).unwrap_or_else(zeros),
        accrued_interest: empty_as_zero(table.numbers("accrued_interest", &INTEREST, gather).unwrap_or_else(zeros)),
        rate_annual: table.numbers("rate_annual", &RATE, gather).unwrap_or_else(zeros),
        open_date: table.days("open_date", true, gather).unwrap_or_else(|| vec![None; table.rows]),
        maturity_date: table.days("maturity_date", true, gather).unwrap_or_else(|| vec![None; table.rows]),
        called_on: table.days("called_on", true, gather).unwrap_or_else(|| vec![None; table.rows]),
        lines: lines(&table, programme, gather),
        own_capital_initial: amounts(&table, "own_capital_initial", gather),
        high_water_mark: amounts(&table, "high_water_mark", gather),
        stated_ratio: stated_ratios(&table, gather),
        row: (0..table.rows).collect(),
        tier_places: table.places("tier"),
        id,
        tier,
    };
    check_names(&table, &file, gather);
    check_totals(&table, &file, gather);
    check_short_debt(&table, gather);
    holdings::currency(&table, gather);
    check_dates(&table, &file, gather);
    due::check_calls(&table, &file.called_on, programme, gather);
    check_lines(&table, &file, programme, gather);
    note_defaults(&table, gather);
    if gather.problems.len() > before {
        return None;
    }
    if let [only] = file.id.as_slice() {
        gather.only_account = Some(only.clone());
    }
    file.sort();
    Some(file)
}

fn texts_or(table: &Table, name: &str, default: &str) -> Vec<String> {
    let column = table.texts(name).unwrap_or_else(|| vec![String::new(); table.rows]);
    column.into_iter().map(|text| if text.is_empty() { default.to_string() } else { text }).collect()
}

fn empty_as_zero(values: Vec<f64>) -> Vec<f64> {
    values.into_iter().map(|v| if v.is_nan() { 0.0 } else { v }).collect()
}

fn amounts(table: &Table, name: &str, gather: &mut Gather) -> Vec<Option<f64>> {
    let column = table.numbers(name, &CAPITAL, gather);
    column.map_or_else(|| vec![None; table.rows], |c| c.into_iter().map(|v| (!v.is_nan()).then_some(v)).collect())
}

/// Stated ratios as fractions: a file writes 121.4%, 121.4 or 1.214, and a ratio above 20 is meant in per cent.
fn stated_ratios(table: &Table, gather: &mut Gather) -> Vec<Option<f64>> {
    let Some(mut values) = table.numbers("stated_ratio", &STATED, gather) else { return vec![None; table.rows] };
    // counters write 100,000,000 for an account that owes nothing
    values.iter_mut().filter(|v| **v > 1e5).for_each(|v| *v = f64::NAN);
    let in_per_cent =
        values.iter().filter(|v| v.is_finite() && **v > 20.0).count() * 2 > values.iter().filter(|v| v.is_finite() && **v > 0.0).count();
    values.into_iter().map(|v| (v.is_finite() && v > 0.0).then_some(if in_per_cent { v / 100.0 } else { v })).collect()
}

/// A row that adds the others up is no account.
fn check_totals(table: &Table, file: &Accounts, gather: &mut Gather) {
    totals::refuse(table, "account_id", file.id.iter().map(String::as_str).enumerate(), gather);
    if table.rows < 4 {
        return;
    }
    let sum = |column: &[f64]| column.iter().fold(0.0, |sum, v| sum + v);
    let (cash, loan) = (sum(&file.cash), sum(&file.loan));
    let half = |value: f64, total: f64| (2.0 * value - total).abs() <= 0.005 * table.rows as f64;
    for row in (0..table.rows).filter(|row| file.loan[*row] > 0.0 && half(file.loan[*row], loan) && half(file.cash[*row], cash)) {
        let what = format!("{:?} has the cash and the loans of all the others together", file.id[row]);
        let why = "a total counted as an account doubles what is lent";
        gather.problems.push(table.problem(row, "account_id", what, why, "delete the row if it is a total"));
    }
}

/// Money owed in securities is not modelled; without it a ratio comes out too high.
fn check_short_debt(table: &Table, gather: &mut Gather) {
    let Some(short) = table.numbers("short_debt", &SHORT, gather) else { return };
    let owed: Vec<usize> = (0..table.rows).filter(|row| short[*row] > 0.0 && short[*row].is_finite()).collect();
    if let Some(first) = owed.first() {
        let sum = owed.iter().fold(0.0, |sum, row| sum + short[*row]);
        let what = format!("{} accounts owe securities worth {sum} ({} here)", owed.len(), short[*first]);
        let why = "debt in securities sold short is not modelled, and left out it makes every ratio too high";
        let fix = "add it to `loan`, where it then keeps its value, or delete the column to leave it out";
        gather.problems.push(table.problem(*first, "short_debt", what, why, fix));
    }
}

fn lines(table: &Table, programme: &Programme, gather: &mut Gather) -> Vec<LineOverride> {
    let rulebook = rulebooks_named(table, programme, gather);
    let mut read = |name, rule| table.numbers(name, rule, gather);
    let (warning, limit) = (read("warning", &LINE), read("limit", &LINE));
    let (call, liquidation) = (read("call", &LINE), read("liquidation", &LINE));
    let (restore_to, days) = (read("restore_to", &LINE), read("cure_days", &CURE_DAYS));
    for (row, value) in days.iter().flatten().enumerate().filter(|(_, v)| v.is_finite() && v.fract() != 0.0) {
        gather.problems.push(table.problem(row, "cure_days", format!("found {value}"), CURE_DAYS.why, CURE_DAYS.fix));
    }
    let get = |column: &Option<Vec<f64>>, row: usize| column.as_ref().map(|c| c[row]).filter(|v| v.is_finite());
    (0..table.rows)
        .map(|row| LineOverride {
            warning: get(&warning, row),
            limit: get(&limit, row),
            call: get(&call, row),
            liquidation: get(&liquidation, row),
            restore_to: get(&restore_to, row),
            cure_days: get(&days, row).map(|v| v as u32),
            rulebook: rulebook[row],
        })
        .collect()
}

/// The rulebook each row names, in the version in force on the as-of date.
fn rulebooks_named(table: &Table, programme: &Programme, gather: &mut Gather) -> Vec<Option<InForce>> {
    let named = texts_or(table, "rulebook", "");
    let find = |(row, name): (usize, &String)| {
        if name.is_empty() {
            return None;
        }
        let found = rulebooks::in_force(name, programme.as_of);
        if found.is_none() {
            let known = rulebooks::find(name).is_some();
            let names = rulebooks::names();
            let (what, why, fix) = match near::meant(name, &names) {
                _ if known => {
                    ("is not yet in force".to_string(), format!("on {} it has no version", programme.as_of), "name another".into())
                }
                Some(meant) => ("is no rulebook".to_string(), "a rulebook is known by its name".into(), format!("did you mean `{meant}`?")),
                None => ("is no rulebook".to_string(), format!("the rulebooks are {}", names.join(", ")), "name one of them".into()),
            };
            gather.problems.push(table.problem(row, "rulebook", format!("{name:?} {what}"), why, fix));
        }
        found
    };
    let found: Vec<Option<InForce>> = named.iter().enumerate().map(find).collect();
    note_rulebooks(table, &found, gather);
    found
}

/// Says how many accounts stand under rulebooks of their own, and under which versions.
fn note_rulebooks(table: &Table, found: &[Option<InForce>], gather: &mut Gather) {
    let mut count: BTreeMap<(&str, Day), usize> = BTreeMap::new();
    for i in found.iter().flatten() {
        *count.entry((&i.rulebook.name, i.version.effective)).or_default() += 1;
    }
    if count.is_empty() {
        return;
    }
    let (all, file) = (found.iter().flatten().count(), &table.file);
    let en: Vec<String> = count.iter().map(|((name, day), n)| format!("{name} (version of {day}) {n}")).collect();
    let zh: Vec<String> = count.iter().map(|((name, day), n)| format!("{name}（{day} 版本）{n} 个")).collect();
    gather.note(
        format!("{file}: {all} accounts stand under rulebooks of their own: {}", en.join(", ")),
        format!("{file}：{all} 个账户适用自有规则手册：{}", zh.join("，")),
    );
}

/// Grades and products reach keys and tables: the same care as for identifiers.
fn check_names(table: &Table, file: &Accounts, gather: &mut Gather) {
    for (name, column) in [("grade", &file.grade), ("product", &file.product)] {
        for (row, text) in column.iter().enumerate() {
            if let Some((what, why, fix)) = super::cells::bad_id(text) {
                gather.problems.push(table.problem(row, name, what, why, fix));
            }
        }
    }
}

fn check_dates(table: &Table, file: &Accounts, gather: &mut Gather) {
    for row in 0..table.rows {
        if let (Some(open), Some(maturity)) = (file.open_date[row], file.maturity_date[row])
            && maturity < open
        {
            let what = format!("matures on {maturity}, before it opens on {open}");
            gather.problems.push(table.problem(row, "maturity_date", what, "a loan ends after it begins", "mend one of the two dates"));
        }
    }
}

/// The lines an account has, its own over the programme's, must stand in order in every scenario.
fn check_lines(table: &Table, file: &Accounts, programme: &Programme, gather: &mut Gather) {
    for (row, own) in file.lines.iter().enumerate() {
        if *own == LineOverride::default() {
            continue;
        }
        let fault = programme.scenarios.iter().find_map(|scenario| {
            let lines = scenario.case.margin.lines(own, &file.product[row]);
            let ladder = [("liquidation", lines.liquidation), ("call", lines.call), ("limit", lines.limit), ("warning", lines.warning)];
            let present: Vec<(&str, f64)> = ladder.into_iter().filter(|(_, line)| *line > 0.0).collect();
            present.windows(2).find(|pair| pair[0].1 > pair[1].1).map(|pair| (scenario.name.clone(), pair[0], pair[1]))
        });
        let short = programme.scenarios.iter().find_map(|scenario| {
            let lines = scenario.case.margin.lines(own, &file.product[row]);
            let holds = lines.restore_to == 0.0 || lines.restore_to > lines.liquidation.max(1.0);
            (!holds).then(|| (scenario.name.clone(), lines.restore_to, lines.liquidation))
        });
        if let Some((scenario, target, line)) = short {
            let what = format!("restore_to {target} is not above liquidation {line} and 1 (scenario {scenario:?})");
            let why = "sales that stop at or below the liquidation line leave the account in liquidation";
            gather.problems.push(table.problem(row, "restore_to", what, why, "raise it, or leave the cell empty"));
        }
        if let Some((scenario, lower, upper)) = fault {
            let written = |name: &str| match name {
                "liquidation" => own.liquidation.is_some(),
                "call" => own.call.is_some(),
                "limit" => own.limit.is_some(),
                _ => own.warning.is_some(),
            };
            let field = if written(lower.0) { lower.0 } else { upper.0 };
            let what = format!("{} {} stands above {} {} (scenario {scenario:?})", lower.0, lower.1, upper.0, upper.1);
            let why = "the lines stand in the order liquidation, call, limit, warning";
            gather.problems.push(table.problem(row, field, what, why, "lower the one or raise the other, here or under [margin]"));
        }
    }
}

fn note_defaults(table: &Table, gather: &mut Gather) {
    let defaults = [("grade", "unrated"), ("product", "standard"), ("accrued_interest", "0"), ("rate_annual", "0")];
    let missing: Vec<String> =
        defaults.iter().filter(|(name, _)| !table.has(name)).map(|(name, value)| format!("{name} = {value}")).collect();
    if !missing.is_empty() {
        gather.note(
            format!("{}: columns that are absent take their defaults: {}", table.file, missing.join(", ")),
            format!("{}：缺少的列取默认值：{}", table.file, missing.join("、")),
        );
    }
}

impl Accounts {
    fn sort(&mut self) {
        let mut order: Vec<usize> = (0..self.id.len()).collect();
        order.sort_by(|a, b| self.id[*a].cmp(&self.id[*b]));
        fn by<T: Clone>(order: &[usize], column: &mut Vec<T>) {
            *column = order.iter().map(|i| column[*i].clone()).collect();
        }
        by(&order, &mut self.id);
        by(&order, &mut self.tier);
        by(&order, &mut self.grade);
        by(&order, &mut self.product);
        by(&order, &mut self.cash);
        by(&order, &mut self.loan);
        by(&order, &mut self.accrued_interest);
        by(&order, &mut self.rate_annual);
        by(&order, &mut self.open_date);
        by(&order, &mut self.maturity_date);
        by(&order, &mut self.called_on);
        by(&order, &mut self.lines);
        by(&order, &mut self.own_capital_initial);
        by(&order, &mut self.high_water_mark);
        by(&order, &mut self.stated_ratio);
        by(&order, &mut self.row);
    }
}
