//! Reads the flags that several verbs share.

use crate::inputs::programme::Overrides;
use crate::model::case::Language;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Overrides of the programme; all of them are written into `programme.resolved.toml`.
#[derive(Debug, Args)]
pub struct Changes {
    /// Paths of every scenario, for example 1_000_000
    #[arg(long, value_name = "N", value_parser = count)]
    pub paths: Option<u64>,
    /// Seed of all random numbers
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Run only this scenario and the base it is compared with (repeatable)
    #[arg(long, value_name = "NAME")]
    pub scenario: Vec<String>,
    /// Override one key, for example margin.call=135% (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Language of the report
    #[arg(long, value_enum)]
    pub lang: Option<Lang>,
}

impl Changes {
    /// The same, as the programme reader takes it.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            paths: self.paths,
            seed: self.seed,
            scenarios: self.scenario.clone(),
            set: self.set.clone(),
            language: self.lang.map(Into::into),
            previous: None,
        }
    }
}

/// Where a report goes, and what it is set beside.
#[derive(Debug, Args)]
pub struct ReportFolder {
    /// The report folder [default: reports/<name of the programme>]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace an existing report folder
    #[arg(long)]
    pub force: bool,
    /// An earlier report folder; the report states the changes since, with their standard errors
    #[arg(long, value_name = "DIR")]
    pub previous: Option<PathBuf>,
    /// A file that keeps the early-warning register over reports: findings keep their numbers until they are closed, and the report
    /// shows the course of figures; begun where it is not there
    #[arg(long, value_name = "FILE")]
    pub history: Option<PathBuf>,
    /// Exit with code 1 where a limit is undecided too, not only where one is breached
    #[arg(long)]
    pub strict: bool,
    /// Folder with further fonts, for characters that the embedded fonts lack
    #[arg(long, value_name = "DIR")]
    pub font_dir: Option<PathBuf>,
}

/// How a simulation is driven; nothing here changes a figure.
#[derive(Debug, Args)]
pub struct Drive {
    /// Worker threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    #[command(flatten)]
    pub recall: FitCache,
}

/// The fit cache; nothing here changes a figure.
#[derive(Debug, Args)]
pub struct FitCache {
    /// Fit cache: store the results of slow fits in this folder, and reuse them for the same prices, window and model
    #[arg(long, value_name = "DIR")]
    pub fit_cache: Option<PathBuf>,
}

/// What is printed while working.
#[derive(Debug, Args)]
pub struct Voice {
    /// Print no progress
    #[arg(long)]
    pub quiet: bool,
    /// Format of progress and problems on standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    En,
    Zh,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Language {
        match lang {
            Lang::En => Language::En,
            Lang::Zh => Language::Zh,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    /// One JSON object a line
    Json,
}

/// A whole number of at least 1; `_` and `,` may group its digits, and `1e6` is a million.
pub fn count(text: &str) -> Result<u64, String> {
    let digits: String = text.chars().filter(|c| !matches!(c, '_' | ',')).collect();
    let short = |text: &str| {
        let (digits, zeros) = text.split_once(['e', 'E'])?;
        digits.parse::<u64>().ok()?.checked_mul(10_u64.checked_pow(zeros.parse().ok()?)?)
    };
    match digits.parse::<u64>().ok().or_else(|| short(&digits)) {
        Some(n) if n >= 1 => Ok(n),
        _ => Err("a whole number of at least 1 is needed, for example 100000".into()),
    }
}

/// A finite number above 0.
pub fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if x.is_finite() && x > 0.0 => Ok(x),
        _ => Err("a number above 0 is needed, for example 4".into()),
    }
}

/// A share between 0 and 1, both excluded, per cent or as a fraction.
pub fn share(text: &str) -> Result<f64, String> {
    let number =
        text.trim().strip_suffix('%').map_or_else(|| text.trim().parse::<f64>().ok(), |n| n.trim().parse::<f64>().ok().map(|n| n / 100.0));
    match number {
        Some(x) if x > 0.0 && x < 1.0 => Ok(x),
        _ => Err("a share above 0% and below 100% is needed, for example 1%".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_per_cent_or_a_fraction() {
        assert_eq!((share("1%"), share("0.05"), share("0.5 %")), (Ok(0.01), Ok(0.05), Ok(0.005)));
        for text in ["0", "0%", "1", "100%", "-1%", "nan%", "", "x"] {
            assert!(share(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_count_may_be_grouped_and_is_at_least_one() {
        assert_eq!(count("1_000_000"), Ok(1_000_000));
        assert_eq!(count("1,000"), Ok(1_000));
        assert_eq!((count("1e6"), count("25E3"), count("3e0")), (Ok(1_000_000), Ok(25_000), Ok(3)));
        for text in ["0", "-1", "1.5", "", "e6", "1e", "1e-2", "0e6", "1e30", "1.5e3"] {
            assert!(count(text).is_err(), "{text}");
        }
    }
}
