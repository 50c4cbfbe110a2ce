//! Writes parts in words, as each declares them: market models, shocks, impact laws, and the figures of a fitted model.

use super::rule::Rule;
use crate::model::case::Case;
use crate::model::impact::Impact;
use crate::model::market::MarketSpec;
use crate::model::part::{Declared, Param, Unit, Values, Words};
use crate::model::rules::{Entry, RULES};
use crate::model::shock::{HorizonDay, Shock, Target};
use crate::report::text::number::{self, line};
use crate::report::text::{Text, shared, target};

const PARAMETER_LOWEST: Words = Words("lowest", "最低");
const PARAMETER_MEDIAN: Words = Words("median", "中位数");
const PARAMETER_HIGHEST: Words = Words("highest", "最高");
const PARAMETER_MEAN: Words = Words("mean", "均值");
const DAY: Words = Words("day {day}", "第 {day} 日");
const DAYS: Words = Words("days {first} to {last}", "第 {first} 至 {last} 日");
const FROM_DAY: Words = Words("from day {first}", "自第 {first} 日起");
const WHOLE_HORIZON: Words = Words("throughout", "全程");

/// The market model as a sentence.
pub fn model(text: &Text, spec: &MarketSpec) -> String {
    Said { text, declared: spec.declared(), values: spec.values(), on: None }.fill(spec.sentence())
}

/// The impact law as a sentence.
pub fn law(text: &Text, impact: &Impact) -> String {
    Said { text, declared: impact.declared(), values: impact.values(), on: None }.fill(impact.sentence())
}

/// One shock as a sentence: when, what it hits, and how far.
pub fn shock(text: &Text, shock: &Shock) -> String {
    Said { text, declared: shock.declared(), values: shock.values(), on: Some(shock.target()) }.fill(shock.sentence())
}

/// The rules of a case that stand in one table, in the order of their list; what is not in force says so.
pub fn rules(text: &Text, case: &Case, above: &str) -> Vec<Rule> {
    let of = |entry: &Entry| {
        let said = rule(text, entry, case).unwrap_or_else(|| text.get(shared::NOT_IN_FORCE).into());
        (text.get(entry.title).to_string(), said)
    };
    RULES.iter().filter(|entry| entry.above == above).map(of).collect()
}

/// What rules of any case assume; `depths` says whether the depth of any symbol's quotes is known.
pub fn assumed<'c>(text: &Text, cases: impl Iterator<Item = &'c Case> + Clone, depths: bool) -> Vec<String> {
    let said = RULES.iter().filter_map(|entry| cases.clone().find_map(|case| (entry.assumed)(case, depths)));
    said.map(|words| text.get(words).to_string()).collect()
}

/// What a rule of a case says, and where grades have their own; nothing where it is not in force.
fn rule(text: &Text, entry: &Entry, case: &Case) -> Option<String> {
    let said = (entry.told)(case).into_iter().map(|told| {
        let said = Said { text, declared: entry.declared, values: told.values, on: None };
        let sentences: Vec<String> = told.sentences.into_iter().map(|sentence| said.fill(sentence)).collect();
        let whole = sentences.join(text.get(shared::SEMICOLON));
        match told.grade {
            Some(grade) => text.fill(shared::RULE_CLIENTS_GRADE, &[("grade", &grade), ("p", &whole)]),
            None => whole,
        }
    });
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then(|| said.join(text.get(shared::COMMA)))
}

/// A part whose sentences are filled.
struct Said<'a> {
    text: &'a Text,
    declared: &'static Declared,
    values: Values,
    /// What a shock hits.
    on: Option<&'a Target>,
}

impl Said<'_> {
    fn fill(&self, sentence: Words) -> String {
        self.text.filled(sentence, |slot| match slot {
            "when" => self.when(),
            key => {
                let param = self.declared.param(key).unwrap_or_else(|| panic!("{} has no parameter {key}", self.declared.key));
                self.value(param)
            }
        })
    }

    /// A parameter's value as its unit is written; a dash where it is left out.
    fn value(&self, param: &Param) -> String {
        let figure = || self.values.figure(param.key).map(|figure| figure_in(param.unit, figure));
        let value = match param.unit {
            Unit::Choice(_) => self.declared.chosen(param.key, &self.values).map(|called| self.fill(called)),
            Unit::Date | Unit::File => self.values.text(param.key).map(String::from),
            Unit::Flag => self.values.text(param.key).map(|yes| self.text.get(if yes == "true" { shared::YES } else { shared::NO }).into()),
            Unit::Target => self.on.map(|on| target::words(self.text, on)),
            _ => figure(),
        };
        value.unwrap_or_else(|| "–".into())
    }

    /// The sessions of a stress: one, so many from a first, or from a first to a last.
    fn when(&self) -> String {
        let day = |unit: Unit| {
            let param = self.declared.params.iter().find(|param| param.unit == unit)?;
            self.values.figure(param.key).map(|day| day as HorizonDay)
        };
        let (first, days, last) = (day(Unit::Session).unwrap_or(1), day(Unit::Sessions), day(Unit::LastSession));
        let runs_on = self.declared.params.iter().any(|param| param.unit == Unit::LastSession);
        match (days, runs_on) {
            (Some(days), _) => span(self.text, first, Some(first + days.saturating_sub(1))),
            (None, true) => span(self.text, first, last),
            (None, false) => span(self.text, first, Some(first)),
        }
    }
}

fn figure_in(unit: Unit, figure: f64) -> String {
    match unit {
        Unit::Percent | Unit::Line => line(figure),
        Unit::Move => signed(figure),
        Unit::Share => number::percent(figure),
        Unit::Count => figure.to_string(),
        _ => number::plain(figure),
    }
}

/// A move with its sign: "+2%", "−10%".
pub fn signed(size: f64) -> String {
    if size > 0.0 { format!("+{}", line(size)) } else { line(size).replace('-', "−") }
}

/// A drift of a year, to a tenth of a per cent.
pub fn yearly(drift: f64) -> String {
    signed((1000.0 * drift).round() / 1000.0 + 0.0)
}

fn span(text: &Text, first: HorizonDay, last: Option<HorizonDay>) -> String {
    match last {
        Some(last) if last <= first => text.fill(DAY, &[("day", &first.to_string())]),
        Some(last) => text.fill(DAYS, &[("first", &first.to_string()), ("last", &last.to_string())]),
        None if first <= 1 => text.get(WHOLE_HORIZON).into(),
        None => text.fill(FROM_DAY, &[("first", &first.to_string())]),
    }
}

/// A figure of a fitted model as the model declares it, with the symbol or the place in a range that follows its name.
///
/// One that is not declared stands as the model wrote it.
pub fn figure(text: &Text, model: Option<&Declared>, name: &str) -> String {
    let tokens: Vec<&str> = name.split(' ').collect();
    let matching = model.into_iter().flat_map(|model| model.figures).filter_map(|figure| Some((figure, slots(figure.name, &tokens)?)));
    let Some((figure, values)) = matching.max_by_key(|(figure, _)| figure.name.split(' ').count()) else { return name.to_string() };
    let words = text.filled(figure.words, |slot| values.iter().find(|(name, _)| *name == slot).map_or_else(String::new, |v| v.1.clone()));
    let of = tokens[figure.name.split(' ').count()..].join(" ");
    let of = match of.as_str() {
        "" => return words,
        "lowest" => text.get(PARAMETER_LOWEST),
        "median" => text.get(PARAMETER_MEDIAN),
        "highest" => text.get(PARAMETER_HIGHEST),
        "mean" => text.get(PARAMETER_MEAN),
        symbol => symbol,
    };
    format!("{words}{}{of}", text.get(shared::COMMA))
}

/// The words of a name that stand where a declared name has `{slots}`; nothing where the two do not agree.
fn slots<'n>(declared: &'n str, name: &[&str]) -> Option<Vec<(&'n str, String)>> {
    let mut found = Vec::new();
    for (at, word) in declared.split(' ').enumerate() {
        let said = name.get(at)?;
        match word.strip_prefix('{').and_then(|slot| slot.split_once('}')) {
            Some((slot, after)) => found.push((slot, said.strip_suffix(after)?.to_string())),
            None if word == *said => {}
            None => return None,
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::case::Language;
    use crate::model::shock::gap::Gap;
    use crate::model::shock::pinned_path::{Pin, PinnedPath};
    use crate::model::shock::suspension::Suspension;
    use crate::units::Ratio;

    fn both(write: impl Fn(&Text) -> String) -> [String; 2] {
        [Language::En, Language::Zh].map(|language| write(&Text::new(language, "CNY")))
    }

    #[test]
    fn a_shock_is_said_as_it_declares_itself() {
        let ratio = Ratio::from_fraction;
        let gap = Shock::Gap(Gap { day: 2, size: ratio(-0.1), on: Target::All });
        assert_eq!(both(|text| shock(text, &gap)), ["day 2: all symbols −10%", "第 2 日：全部证券 −10%"]);
        let half = Shock::Suspension(Suspension { share: ratio(0.4), first_day: 3, days: 10, on: Target::All });
        assert!(both(|text| shock(text, &half))[0].starts_with("days 3 to 12: 40% of all symbols"));
        let symbols = Target::Symbols(vec!["{on}".into(), "B".into()]);
        let pin = Shock::PinnedPath(PinnedPath { total: ratio(-0.35), what: Pin::Each, first_day: 1, last_day: None, on: symbols });
        assert_eq!(both(|text| shock(text, &pin))[0], "throughout: every path bent so that each of {on} and B ends at −35%");
    }

    #[test]
    fn a_further_part_is_said_by_what_it_declares_alone() {
        let spec = MarketSpec::Example(crate::model::market::example::Example { return_daily: Ratio::from_fraction(0.01) });
        assert_eq!(both(|text| model(text, &spec)), ["a return of +1% a session", "每个交易日收益率 +1%"]);
        assert_eq!(both(|text| figure(text, Some(spec.declared()), "return_daily")), ["Return of a session", "日收益率"]);
        let stress = Shock::Example(crate::model::shock::example::Example { day: 3, share: 0.5, on: Target::All });
        assert_eq!(both(|text| shock(text, &stress))[0], "day 3: 0.5 of the move of all symbols");
        assert!(both(|text| law(text, &Impact::Example(Default::default())))[0].starts_with("a cost of 1"));
    }

    #[test]
    fn figures_of_a_fit_are_named_in_the_readers_language() {
        let jumps = MarketSpec::ALL.iter().find(|model| model.key == "jump-diffusion").copied();
        let regimes = MarketSpec::ALL.iter().find(|model| model.key == "regime-switching").copied();
        let said = |model, name: &str| both(|text| figure(text, model, name));
        assert_eq!(said(jumps, "common_jump_deviation"), ["Standard deviation of a common jump", "共同跳跃对数幅度标准差"]);
        assert_eq!(said(jumps, "volatility_annual with jumps 600036.SH")[0], "Annual volatility with jumps, 600036.SH");
        assert_eq!(said(jumps, "drift_annual median"), ["Annual drift, median", "年化漂移率，中位数"]);
        assert_eq!(said(regimes, "transition 3 to 2"), ["Transition from regime 3 to 2", "状态 3 至状态 2 的转移概率"]);
        assert_eq!(said(regimes, "probability regime 1, first session")[0], "Probability of regime 1 on the first session");
        assert_eq!(said(None, "unheard of")[1], "unheard of");
    }
}
