//! Reads a view: what a figure of the paths is taken to be, whatever the simulation says.
//!
//! ```text
//! view      = figure (">=" | "<=" | "=") target
//! figure    = COLUMN | "mean(" COLUMN ")"          its mean over paths
//!           | "sd(" COLUMN ")"                     its standard deviation over paths
//!           | "P(" COLUMN ("<" | "<=" | ">" | ">=") VALUE ")"   the share of paths on that side of a value
//! target    = VALUE                                the figure itself
//!           | "+" PERCENT                          so much above the prior figure
//!           | "prior" ("+" | "-") PERCENT          above or below it
//! ```
//!
//! A leading minus belongs to a value (`market_return <= -10%`); a fall against the prior is written with the word (`prior - 20%`). A
//! percentage is a value of ratios and shares alone: of money or counts it would have to be of something.
//!
//! Worked: `market_volatility >= +30%` with a prior mean of 2 % asks for at least 2.6 %; of a prior mean of −2 %, +30 % is −1.4 %.

pub use crate::maths::entropy::Side;
use crate::measures::Unit;
use crate::problem::{Kind, Place, Problem, near};
use crate::units::Ratio;

/// One view, as it was written and as it is meant.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    pub text: String,
    pub statistic: Statistic,
    pub column: String,
    pub side: Side,
    pub target: Target,
}

/// What of a column a view is on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    Mean,
    Deviation,
    Share(Cut),
}

/// A side of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cut {
    Below(f64),
    AtMost(f64),
    Above(f64),
    AtLeast(f64),
}

impl Cut {
    pub fn holds(self, x: f64) -> bool {
        match self {
            Cut::Below(c) => x < c,
            Cut::AtMost(c) => x <= c,
            Cut::Above(c) => x > c,
            Cut::AtLeast(c) => x >= c,
        }
    }
}

/// What a figure is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    Value(f64),
    /// A share of the prior figure's size above it.
    FromPrior(f64),
}

impl Target {
    /// The bound, for a figure that the prior puts at a value.
    pub fn bound(self, prior: f64) -> f64 {
        match self {
            Target::Value(value) => value,
            Target::FromPrior(change) => prior + change * prior.abs(),
        }
    }
}

/// What may be typed for a column, and the column it stands for.
const SHORT: [(&str, &str); 3] = [("volatility", "market_volatility"), ("return", "market_return"), ("worst_day", "market_worst_day")];

/// The unit a column is in, by its name.
pub fn unit_of(column: &str) -> Unit {
    match column {
        "market_return" | "market_worst_day" | "market_volatility" | "max_drawdown" | "utilisation_max" | "unpaid" => Unit::Ratio,
        "buffer_days_min" | "survival_days" => Unit::Days,
        "warned"
        | "limited"
        | "called"
        | "cured"
        | "liquidated"
        | "shortfall_accounts"
        | "unneeded_liquidations"
        | "close_outs"
        | "close_out_days"
        | "sources_run" => Unit::Count,
        other if other.starts_with("tier_failed_") => Unit::Days,
        _ => Unit::Money,
    }
}

impl View {
    /// Reads a view on one of some columns.
    ///
    /// Errors (kind Usage): it is none, a column is unknown, or a value is none of the column's unit.
    pub fn parse(text: &str, columns: &[String]) -> Result<View, Problem> {
        let reader = Reader { text, columns };
        let plain = text.replace('≥', ">=").replace('≤', "<=").replace('\u{ff05}', "%");
        let (left, operator, right) = split(&plain).ok_or_else(|| reader.shape("has no `>=`, `<=` or `=`"))?;
        let side = match operator {
            ">=" => Side::AtLeast,
            "<=" => Side::AtMost,
            "=" | "==" => Side::Equal,
            other => return Err(reader.shape(&format!("has `{other}` where a view has `>=`, `<=` or `=`"))),
        };
        let (statistic, column) = match (inside(left, "P"), inside(left, "sd"), inside(left, "mean")) {
            (Some(event), ..) => reader.share(event)?,
            (_, Some(column), _) => (Statistic::Deviation, reader.column(column)?),
            (.., Some(column)) => (Statistic::Mean, reader.column(column)?),
            _ => (Statistic::Mean, reader.column(left)?),
        };
        let target = reader.target(right, statistic, unit_of(&column))?;
        Ok(View { text: text.trim().to_string(), statistic, column, side, target })
    }
}

/// A text at its last operator.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let sign = |c: char| matches!(c, '<' | '>' | '=');
    let end = text.rfind(sign)? + 1;
    let start = text[..end].trim_end_matches(sign).len();
    Some((text[..start].trim(), &text[start..end], text[end..].trim()))
}

/// What stands between the brackets of `name(…)`.
fn inside<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let head = text.get(..name.len()).filter(|head| head.eq_ignore_ascii_case(name))?;
    text[head.len()..].trim().strip_prefix('(')?.strip_suffix(')').map(str::trim)
}

struct Reader<'r> {
    text: &'r str,
    columns: &'r [String],
}

impl Reader<'_> {
    fn problem(&self, what: impl Into<String>, why: impl Into<String>, fix: impl Into<String>) -> Problem {
        Problem::new(Kind::Usage, Place::default().field(format!("--view {}", self.text.trim())), what, why, fix)
    }

    fn shape(&self, what: &str) -> Problem {
        let why = "a view says what a figure of the paths is to be: FIGURE >= TARGET";
        self.problem(what, why, "write for example \"volatility >= +30%\", \"P(market_return < -10%) >= 20%\" or \"sd(pool_loss) <= 3e6\"")
    }

    /// A column by its name or a short one for it.
    fn column(&self, typed: &str) -> Result<String, Problem> {
        if self.columns.iter().any(|c| c == typed) {
            return Ok(typed.to_string());
        }
        let meant = SHORT.iter().find(|(short, _)| *short == typed).map_or(typed, |(_, column)| column);
        if self.columns.iter().any(|c| c == meant) {
            return Ok(meant.to_string());
        }
        let what = format!("no column is called {typed:?}");
        if SHORT.iter().any(|(_, column)| *column == meant) {
            let why = "the report was written before paths.parquet told what the market did on each path";
            return Err(self.problem(what, why, "run its programme.resolved.toml again, and reweigh the new report"));
        }
        let why = format!("views are on columns of paths.parquet: {}", self.columns.join(", "));
        Err(self.problem(what, why, format!("the nearest are {}", near::nearest(typed, self.columns))))
    }

    fn share(&self, event: &str) -> Result<(Statistic, String), Problem> {
        let (left, operator, right) = split(event).ok_or_else(|| self.shape("has no `<` or `>` between the brackets of P(…)"))?;
        let column = self.column(left)?;
        let value = self.value(right, unit_of(&column))?;
        let cut = match operator {
            "<" => Cut::Below(value),
            "<=" => Cut::AtMost(value),
            ">" => Cut::Above(value),
            ">=" => Cut::AtLeast(value),
            other => return Err(self.shape(&format!("has `{other}` between the brackets of P(…), where `<`, `<=`, `>` or `>=` stands"))),
        };
        Ok((Statistic::Share(cut), column))
    }

    fn target(&self, text: &str, statistic: Statistic, unit: Unit) -> Result<Target, Problem> {
        let change = match (text.strip_prefix("prior"), text.strip_prefix('+')) {
            (Some(""), _) => return Ok(Target::FromPrior(0.0)),
            (Some(rest), _) => match (rest.trim().strip_prefix('+'), rest.trim().strip_prefix('-')) {
                (Some(rise), _) => Some((rise, 1.0)),
                (_, Some(fall)) => Some((fall, -1.0)),
                _ => return Err(self.shape(&format!("has {text:?} as its target"))),
            },
            (None, Some(rise)) => Some((rise, 1.0)),
            _ => None,
        };
        if let Some((size, sign)) = change {
            let size = size.trim();
            let part = Ratio::parse(size).filter(|part| size.ends_with('%') && part.get() >= 0.0);
            return part.map(|part| Target::FromPrior(sign * part.get())).ok_or_else(|| {
                let why = "a change is told in per cent of the prior figure";
                self.problem(format!("has {text:?} as its target"), why, "write for example +30%, prior - 20%, or the value without a sign")
            });
        }
        let value = self.value(text, if matches!(statistic, Statistic::Share(_)) { Unit::Ratio } else { unit })?;
        let (most, named) = match statistic {
            Statistic::Share(_) => (1.0, "a share of paths lies between 0% and 100%"),
            Statistic::Deviation => (f64::INFINITY, "a standard deviation is not below zero"),
            Statistic::Mean => return Ok(Target::Value(value)),
        };
        if (0.0..=most).contains(&value) {
            return Ok(Target::Value(value));
        }
        Err(self.problem(format!("has {text:?} as its target"), named, "write a value in that range, or a change such as prior - 20%"))
    }

    fn value(&self, text: &str, unit: Unit) -> Result<f64, Problem> {
        let digits: String = text.chars().filter(|c| *c != '_').collect();
        let value = Ratio::parse(&digits).map(Ratio::get).ok_or_else(|| {
            let why = "a value is a finite number, or a percentage of a ratio";
            self.problem(format!("has {text:?} where a value stands"), why, "write for example 3e6, 0.2 or -10%")
        })?;
        if digits.ends_with('%') && unit != Unit::Ratio {
            let why = "the column is no ratio: a percentage of it has to be of something";
            let fix = format!("write an amount, or a change against the prior: +{}", text.trim_start_matches('-'));
            return Err(self.problem(format!("has {text:?} where an amount stands"), why, fix));
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<String> {
        ["pool_loss", "called", "market_return", "market_volatility", "tier_loss_A=B"].map(String::from).to_vec()
    }

    fn read(text: &str) -> (Statistic, String, Side, Target) {
        let view = View::parse(text, &columns()).unwrap_or_else(|p| panic!("{p}"));
        (view.statistic, view.column, view.side, view.target)
    }

    #[test]
    fn every_form_of_the_grammar_is_read() {
        let own = |statistic, column: &str, side, target| (statistic, column.to_string(), side, target);
        let value = Target::Value;
        for (text, meant) in [
            ("volatility >= +30%", own(Statistic::Mean, "market_volatility", Side::AtLeast, Target::FromPrior(0.3))),
            ("mean(market_return)<=-10%", own(Statistic::Mean, "market_return", Side::AtMost, value(-0.1))),
            ("market_return ≤ -10％", own(Statistic::Mean, "market_return", Side::AtMost, value(-0.1))),
            ("pool_loss >= 3e6", own(Statistic::Mean, "pool_loss", Side::AtLeast, value(3e6))),
            ("pool_loss = 3_000_000", own(Statistic::Mean, "pool_loss", Side::Equal, value(3e6))),
            ("pool_loss <= prior - 20%", own(Statistic::Mean, "pool_loss", Side::AtMost, Target::FromPrior(-0.2))),
            ("sd(pool_loss) >= prior+50%", own(Statistic::Deviation, "pool_loss", Side::AtLeast, Target::FromPrior(0.5))),
            ("P(market_return < -10%) >= 20%", own(Statistic::Share(Cut::Below(-0.1)), "market_return", Side::AtLeast, value(0.2))),
            ("p(called >= 5) <= +10%", own(Statistic::Share(Cut::AtLeast(5.0)), "called", Side::AtMost, Target::FromPrior(0.1))),
            ("tier_loss_A=B >= 5", own(Statistic::Mean, "tier_loss_A=B", Side::AtLeast, value(5.0))),
        ] {
            assert_eq!(read(text), meant, "{text}");
        }
        assert_eq!(Target::FromPrior(0.3).bound(-0.02), -0.014);
    }

    #[test]
    fn what_is_no_view_says_what_one_is() {
        for (text, word) in [
            ("volatility", "has no `>=`"),
            ("volatility > 3%", "has `>`"),
            ("volatilty >= 3%", "the nearest are"),
            ("max_drawdow >= 3%", "views are on columns of paths.parquet"),
            ("pool_loss >= 30%", "of something"),
            ("pool_loss >= +5000", "in per cent of the prior"),
            ("pool_loss >= many", "3e6, 0.2 or -10%"),
            ("pool_loss >= inf", "finite"),
            ("pool_loss >= prior * 2", "as its target"),
            ("P(pool_loss > 0) >= 120%", "between 0% and 100%"),
            ("P(pool_loss = 0) >= 20%", "between the brackets"),
            ("sd(pool_loss) >= -5", "not below zero"),
        ] {
            let problem = View::parse(text, &columns()).expect_err(text).to_string();
            assert!(problem.contains(word), "{text}: {problem}");
        }
        let old = View::parse("volatility >= +30%", &["pool_loss".to_string()]).expect_err("no market").to_string();
        assert!(old.contains("run its programme.resolved.toml again"), "{old}");
    }
}
