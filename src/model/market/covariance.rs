//! Chooses how symbols' normals are made joint: by their sample correlation, shrunk, or by statistical factors.
//!
//! | choice | the correlation | needs |
//! |---|---|---|
//! | `sample` | of the days both trade; repaired where it is not positive definite | n² numbers, n²/2 products a day and path |
//! | `shrinkage` | (1 − δ) of the sample and δ of the identity, δ of Ledoit and Wolf (2004) | the same |
//! | `factor` | loads and own weights of statistical factors (`factors.rs`) | n·k numbers and products |
//! | `given` | the file of `[data] correlations`, repaired as the sample's | as `sample` |
//! | `auto` | `given` where there is a file; else `sample`, shrunk only where it must be, up to `MANY` symbols, `factor` beyond | |
//!
//! A matrix that is not positive definite gets its nearest correlation matrix (Higham 2002) up to `REPAIRED` symbols, and is
//! shrunk to the identity by the least of 1, 2, 4, … thousandths that helps beyond (Higham, Strabić and Šego 2016, "Restoring
//! definiteness via shrinking", SIAM Review 58, with a grid in place of a bisection). Both are reported.

use super::FitRequest;
use super::factors::{Factors, Panel};
use super::fit_cache::{FitCache, Reader, Record, Recorded};
use super::joint::Mix;
use super::moments::{Moments, mean_beside_diagonal};
use crate::maths::correlation::{Repair, nearest_correlation};
use crate::maths::digest::Digest;
use crate::maths::linear::{cholesky, towards_identity};
use crate::model::lineage::Note;
use crate::model::part::{Absent, Bounds, Fault, Figure, Param, Unit, Words};
use crate::problem::Problems;
use crate::problem::model_problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the correlation of symbols is estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Covariance {
    /// The given one; where none is, the sample's, shrunk only where it is singular or indefinite, and statistical factors
    /// for more than 1,000 symbols.
    #[default]
    Auto,
    /// The sample's; repaired where it is not positive definite.
    Sample,
    /// The sample's, shrunk to the identity by the intensity of Ledoit and Wolf.
    Shrinkage,
    /// Principal components of standardised returns, and each symbol's own rest.
    Factor,
    /// The file of `[data] correlations`; repaired where it is not positive semidefinite.
    Given,
}

/// Beyond this many symbols `auto` takes factors: a full matrix costs their square, in memory and for every day drawn.
pub const MANY: usize = 1000;
/// Up to this many symbols an indefinite matrix gets its nearest correlation matrix: each step costs 10 n³ operations.
pub const REPAIRED: usize = 500;
/// A repaired matrix is singular; this much of the identity makes it a matrix that can be factored.
const OFF_SINGULAR: f64 = 1e-8;

/// How own draws become joint ones, and what the report says of it.
pub struct Joined {
    pub mix: Mix,
    /// Mean correlation of two symbols.
    pub correlation: f64,
    pub parameters: Vec<(String, f64, Option<f64>)>,
    pub notes: Vec<Note>,
}

impl Joined {
    /// Of a given correlation, with nothing to say.
    pub fn plain(mix: Mix, correlation: f64) -> Self {
        Joined { mix, correlation, parameters: Vec::new(), notes: Vec::new() }
    }
}

impl Recorded for Joined {
    fn write(&self, record: &mut Record) {
        match &self.mix {
            Mix::Own => record.number(0.0),
            Mix::Common { common, own } => record.numbers.extend([1.0, *common, *own]),
            Mix::Factor(factor) => {
                record.number(2.0);
                record.list(factor);
            }
            Mix::Factors(factors) => {
                record.numbers.extend([3.0, factors.count as f64]);
                record.list(&factors.load);
                record.list(&factors.own);
            }
        }
        record.number(self.correlation);
        self.parameters.write(record);
        self.notes.write(record);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mix = match reader.count()? {
            0 => Mix::Own,
            1 => Mix::Common { common: reader.number()?, own: reader.number()? },
            2 => Mix::Factor(reader.list()?),
            3 => {
                let factors = Factors { count: reader.count()?, load: reader.list()?, own: reader.list()? };
                Mix::Factors((factors.load.len() == factors.count * factors.own.len()).then_some(factors)?)
            }
            _ => return None,
        };
        Some(Joined { mix, correlation: reader.number()?, parameters: Vec::read(reader)?, notes: Vec::read(reader)? })
    }
}

/// The parameter of the choice.
pub const CHOICE: Param = Param {
    key: "covariance",
    unit: Unit::Choice(&[
        ("auto", Words("automatic", "自动")),
        ("sample", Words("sample", "样本")),
        ("shrinkage", Words("shrunk", "收缩")),
        ("factor", Words("factors", "因子")),
        (OF_FILE, Words("given", "给定")),
    ]),
    range: Bounds::ANY,
    absent: Absent::Shown,
    shown: "\"auto\"",
    meaning: Words(
        "where a correlation that is not one number comes from; auto: given where [data] names correlations, else sample up to 1,000 symbols, factor beyond",
        "未以单一数值给出的相关系数的来源",
    ),
};

/// The choice that reads the file of `[data] correlations`.
pub const OF_FILE: &str = "given";

/// The parameter of how many factors.
pub const FACTORS: Param = Param {
    key: "factors",
    unit: Unit::Count,
    range: Bounds::within(1.0, 1000.0),
    absent: Absent::Says(Words("by a criterion", "按准则选定")),
    shown: "5",
    meaning: Words("statistical factors of covariance = \"factor\"", "统计因子个数"),
};

/// Figures of the card.
pub const FACTOR_COUNT: Figure = Figure { name: "factors", words: Words("Statistical factors", "统计因子个数") };
pub const FACTOR_VARIANCE: Figure =
    Figure { name: "variance_share of factors", words: Words("Share of variance the factors explain", "因子解释的方差占比") };

/// Keys that cannot stand together; `given` says that the model has one correlation for all.
pub fn contradictions(choice: Covariance, factors: Option<u32>, given: bool) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Some(k) = factors.filter(|_| choice != Covariance::Factor) {
        let fix = "write covariance = \"factor\" beside it, or leave the key out";
        let what = format!("found {k} without covariance = \"factor\"");
        faults.push(Fault::new(&["factors", "covariance"], what, "only a factor model has factors", fix));
    }
    if given && choice != Covariance::Auto {
        let why = "one correlation for all symbols leaves nothing to estimate";
        let keys = ["covariance", "correlation"];
        faults.push(Fault::new(&keys, "stands beside a given correlation", why, "leave out covariance or correlation"));
    }
    faults
}

/// The correlations of a file, in the order of the request's symbols, where the choice takes them.
///
/// Fails where `given` is chosen without a file, and where the file lacks a symbol.
pub fn given(model: &str, choice: Covariance, request: &FitRequest<'_>) -> Result<Option<Vec<f64>>, Problems> {
    let problem = |what: String, why: &str, fix: &str| Err(model_problem(&format!("market.{model}.covariance"), what, why, fix).into());
    match (&request.market.correlations, choice) {
        (Some(correlations), Covariance::Auto | Covariance::Given) => correlations.of(request.symbols).map(Some).or_else(|missing| {
            let what = format!("symbol {} is not among the given correlations", request.market.history.symbols[missing]);
            problem(what, "a given correlation covers every simulated symbol", "add it to the file of [data] correlations")
        }),
        (None, Covariance::Given) => {
            let fix = "write correlations = \"data/correlations.csv\" under [data], or another covariance";
            problem("found \"given\" without a file".into(), "given correlations are read from the file of [data] correlations", fix)
        }
        _ => Ok(None),
    }
}

/// Joins symbols by the matrix of a file.
pub fn join_given(matrix: &[f64], symbols: usize) -> Joined {
    if symbols < 2 {
        return Joined::plain(Mix::Own, 0.0);
    }
    let (factor, correlation, note) = factor_or_repair(matrix, symbols, GIVEN);
    let mut notes = vec![Note::new("correlations are those given in the data", "相关系数取自所给数据")];
    notes.extend(note);
    Joined { notes, ..Joined::plain(Mix::Factor(factor), correlation) }
}

/// True when `choice` means statistical factors for this many symbols.
pub fn takes_factors(choice: Covariance, symbols: usize) -> bool {
    choice == Covariance::Factor || (choice == Covariance::Auto && symbols > MANY)
}

/// Joins the symbols of `moments` by the correlation of their returns, from the fit cache or estimated.
pub fn join(moments: &Moments, choice: Covariance, factors: Option<u32>, cache: &FitCache) -> Joined {
    let given = |digest: &mut Digest| {
        digest.word(&format!("{choice:?}, {factors:?}, {} days", moments.days));
        digest.numbers(moments.standard());
        digest.numbers(moments.traded());
    };
    cache.get_or_fit("correlation", given, || estimated(moments, choice, factors))
}

fn estimated(moments: &Moments, choice: Covariance, factors: Option<u32>) -> Joined {
    if takes_factors(choice, moments.symbols) {
        return join_by_factors(estimate(moments, factors), choice, factors.is_some());
    }
    join_by_matrix(moments, choice, moments.correlation())
}

/// The statistical factors of the standardised returns.
pub fn estimate(moments: &Moments, factors: Option<u32>) -> Factors {
    Factors::of(&panel(moments), factors.map(|k| k as usize))
}

/// Joins symbols by a correlation made from that of their moments.
pub fn join_by_matrix(moments: &Moments, choice: Covariance, matrix: Vec<f64>) -> Joined {
    let (factor, correlation, notes) = match choice {
        Covariance::Sample => {
            let n = moments.symbols;
            let (factor, mean, note) = factor_or_repair(&matrix, n, SAMPLE);
            (factor, mean, note.into_iter().collect())
        }
        Covariance::Shrinkage => moments.shrunk(&matrix),
        _ => {
            let (factor, mean, note) = moments.factor_of(matrix);
            (factor, mean, note.into_iter().collect::<Vec<_>>())
        }
    };
    Joined { mix: Mix::Factor(factor), correlation, parameters: Vec::new(), notes }
}

fn panel(moments: &Moments) -> Panel<'_> {
    Panel { symbols: moments.symbols, days: moments.days, standard: moments.standard(), traded: moments.traded() }
}

/// Joins symbols by factors; `given` says that their number was.
pub fn join_by_factors(factors: Factors, choice: Covariance, given: bool) -> Joined {
    let count = factors.count;
    let mut notes = Vec::new();
    if choice == Covariance::Auto {
        notes.push(Note::new(
            format!("more than {MANY} symbols: the correlation is that of statistical factors"),
            format!("证券超过 {MANY} 只：相关性取自统计因子"),
        ));
    }
    if !given {
        notes.push(Note::new(
            format!("{count} factors by the criterion IC_p2 of Bai and Ng (2002)"),
            format!("按 Bai–Ng（2002）IC_p2 准则取 {count} 个因子"),
        ));
    }
    let parameters = vec![("factors".to_string(), count as f64, None), ("variance_share of factors".into(), factors.explained(), None)];
    Joined { correlation: factors.mean_correlation(), mix: Mix::Factors(factors), parameters, notes }
}

/// What a matrix is called where it is repaired.
const SAMPLE: Words = Words("the sample correlation", "样本相关矩阵");
const GIVEN: Words = Words("the given correlation", "所给相关矩阵");

/// A lower factor of a correlation matrix or of the nearest one, the mean correlation, and a note where it was repaired.
pub fn factor_or_repair(matrix: &[f64], n: usize, name: Words) -> (Vec<f64>, f64, Option<Note>) {
    if let Some(factor) = cholesky(matrix, n) {
        return (factor, mean_beside_diagonal(matrix, n), None);
    }
    if n > REPAIRED {
        return shrunk_least(matrix, n, name);
    }
    let Repair { matrix, distance, iterations } = nearest_correlation(matrix, n).expect("correlations are finite");
    let factor = off_singular(&matrix, n);
    let Words(en, zh) = name;
    let note = if distance < 1e-6 {
        // a singular matrix is as good as it stands
        Note::new(format!("{en} is singular: some symbols are combinations of others"), format!("{zh}奇异：部分证券为其他证券的组合"))
    } else {
        Note::new(
            format!(
                "{en} is not positive semidefinite: the nearest correlation matrix stands for it (Higham), {distance:.3e} away (Frobenius) after {iterations} iterations"
            ),
            format!("{zh}非半正定：以最近相关矩阵代替（Higham），Frobenius 距离 {distance:.3e}，迭代 {iterations} 次"),
        )
    };
    (factor, mean_beside_diagonal(&matrix, n), Some(note))
}

/// The factor of a semidefinite matrix, held off singularity by as little as it takes.
fn off_singular(matrix: &[f64], n: usize) -> Vec<f64> {
    let mut share = OFF_SINGULAR;
    loop {
        if let Some(factor) = cholesky(&towards_identity(matrix, n, share), n) {
            return factor;
        }
        share *= 10.0;
        assert!(share < 0.1, "a repaired matrix of {n} symbols is far from semidefinite");
    }
}

fn shrunk_least(matrix: &[f64], n: usize, name: Words) -> (Vec<f64>, f64, Option<Note>) {
    let mut share: f64 = 1e-3;
    loop {
        if let Some(factor) = cholesky(&towards_identity(matrix, n, share), n) {
            let Words(en, zh) = name;
            let note = Note::new(
                format!("{en} is not positive definite and of more than {REPAIRED} symbols: it is shrunk to the identity by {share:.3}"),
                format!("{zh}非正定且证券超过 {REPAIRED} 只：向单位阵收缩 {share:.3}"),
            );
            return (factor, mean_beside_diagonal(matrix, n) * (1.0 - share), Some(note));
        }
        assert!(share < 1.0, "the identity has a Cholesky factor");
        share = (2.0 * share).min(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::super::toy;
    use super::*;

    #[test]
    fn a_semidefinite_matrix_is_taken_as_it_stands_and_an_indefinite_one_is_repaired() {
        let square = |l: &[f64], i: usize, j: usize| (0..3).map(|m| l[i * 3 + m] * l[j * 3 + m]).sum::<f64>();
        let twins = [1.0, 1.0, 0.5, 1.0, 1.0, 0.5, 0.5, 0.5, 1.0];
        let (l, mean, note) = factor_or_repair(&twins, 3, SAMPLE);
        assert!((square(&l, 0, 1) - 1.0).abs() < 1e-7 && (square(&l, 0, 2) - 0.5).abs() < 1e-7 && (mean - 2.0 / 3.0).abs() < 1e-6);
        assert!(note.expect("said").en.contains("singular"));
        let (l, _, note) = factor_or_repair(&[1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0], 3, SAMPLE);
        assert!((square(&l, 0, 1) - 0.760690).abs() < 1e-6 && (square(&l, 0, 2) - 0.157298).abs() < 1e-6);
        let note = note.expect("said");
        assert!(note.en.contains("5.278e-1 away") && note.zh.contains("Higham"), "{note:?}");
    }

    #[test]
    fn a_large_indefinite_matrix_is_shrunk() {
        let n = REPAIRED + 10;
        // one symbol moves against all others, which move together: no such market exists
        let cell = |k: usize| {
            if k / n == k % n {
                1.0
            } else if k / n == 0 || k.is_multiple_of(n) {
                -0.9
            } else {
                0.5
            }
        };
        let matrix: Vec<f64> = (0..n * n).map(cell).collect();
        let (factor, _, note) = factor_or_repair(&matrix, n, SAMPLE);
        assert!(factor.iter().all(|x| x.is_finite()) && note.expect("said").en.contains("shrunk"));
    }

    #[test]
    fn auto_takes_factors_where_symbols_are_many() {
        assert!(!takes_factors(Covariance::Auto, MANY) && takes_factors(Covariance::Auto, MANY + 1));
        let n = MANY + 1;
        let market = toy::normal_market(n, 12, 0.02);
        let moments = Moments::of("gaussian", &toy::request(&market, &(0..n).collect::<Vec<_>>(), 1)).expect("fits");
        let joined = join(&moments, Covariance::Auto, None, &FitCache::default());
        assert!(matches!(joined.mix, Mix::Factors(_)) && joined.notes.len() == 2, "{:?}", joined.notes);
    }

    #[test]
    fn a_file_of_correlations_is_taken_symbol_by_symbol_and_repaired() {
        let mut market = toy::normal_market(4, 30, 0.02);
        let request = toy::request(&market, &[0, 2], 1);
        assert!(given("gaussian", Covariance::Given, &request).is_err());
        assert!(given("gaussian", Covariance::Auto, &request).expect("none is needed").is_none());
        // symbol 1 is not covered; 0 and 2 would both have to be 3's twin, and are opposites
        let matrix = ndarray::arr2(&[[1.0, -0.9, 0.9], [-0.9, 1.0, 0.9], [0.9, 0.9, 1.0]]);
        market.correlations = Some(crate::model::history::Correlations { symbols: vec![0, 2, 3], matrix });
        let pair = given("gaussian", Covariance::Auto, &toy::request(&market, &[0, 2], 1)).expect("covered").expect("given");
        assert_eq!(pair, [1.0, -0.9, -0.9, 1.0]);
        assert!(given("gaussian", Covariance::Sample, &toy::request(&market, &[0, 2], 1)).expect("estimated").is_none());
        let text = given("gaussian", Covariance::Auto, &toy::request(&market, &[0, 1], 1)).expect_err("1 is missing").to_string();
        assert!(text.contains("S0001"), "{text}");
        let three = given("gaussian", Covariance::Given, &toy::request(&market, &[0, 2, 3], 1)).expect("covered").expect("given");
        let joined = join_given(&three, 3);
        assert!(joined.notes.len() == 2 && joined.notes[1].en.contains("the given correlation is not positive semidefinite"));
        for spec in [
            super::super::MarketSpec::Gaussian(Default::default()),
            super::super::MarketSpec::StudentT(Default::default()),
            super::super::MarketSpec::TCopula(Default::default()),
        ] {
            let card = spec.fit(&toy::request(&market, &[0, 2], 1)).expect("fits").card();
            let mean = card.parameters.iter().find(|p| p.0 == "correlation mean").expect("a figure").1;
            assert!((mean + 0.9).abs() < 1e-12, "{card:?}");
        }
        let jumps =
            super::super::MarketSpec::JumpDiffusion(Default::default()).fit(&toy::request(&market, &[0, 2], 1)).expect("fits").card();
        assert!(jumps.notes.iter().any(|n| n.en.contains("are not used")), "{jumps:?}");
    }

    #[test]
    fn keys_that_contradict_each_other_are_named_together() {
        assert_eq!(contradictions(Covariance::Shrinkage, Some(3), true).len(), 2);
        assert!(contradictions(Covariance::Factor, Some(3), false).is_empty() && contradictions(Covariance::Auto, None, true).is_empty());
    }
}
