//! Holds what the pool came to on every path: cover of the largest clients, and where it is kept daily, its cash and its funders.

use crate::model::book::Book;
use crate::model::case::Case;

/// A figure of the pool kept day by day; one value per path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolFigure {
    /// Least idle cash at a close, money.
    CashMin,
    /// Least cash over a session's outflow, sessions.
    BufferDaysMin,
    /// Largest share of the pool's money that is out in loans.
    UtilisationMax,
    /// Sessions before the first with a claim that cash could not pay.
    SurvivalDays,
    /// 1 where a claim was left unpaid at a close.
    Unpaid,
    /// Claims still unpaid at the end, money.
    UnpaidEnd,
    /// Money that sources withdrew, did not roll, or had called.
    Withdrawn,
    /// Sources that ran.
    SourcesRun,
    /// Loans called back, money.
    Recalled,
    /// The hedge's result after its cost, and the cost.
    HedgeResult,
    HedgeCost,
    /// Interest of the funding.
    FundingCost,
    /// Put into tiers from outside.
    Replenished,
    /// Lost with a custodian: by the pool, and by clients.
    CustodyLoss,
    ClientCustodyLoss,
    /// Losses that leaving sources took with them.
    WrittenDown,
}

impl PoolFigure {
    pub const ALL: [PoolFigure; 16] = [
        PoolFigure::CashMin,
        PoolFigure::BufferDaysMin,
        PoolFigure::UtilisationMax,
        PoolFigure::SurvivalDays,
        PoolFigure::Unpaid,
        PoolFigure::UnpaidEnd,
        PoolFigure::Withdrawn,
        PoolFigure::SourcesRun,
        PoolFigure::Recalled,
        PoolFigure::HedgeResult,
        PoolFigure::HedgeCost,
        PoolFigure::FundingCost,
        PoolFigure::Replenished,
        PoolFigure::CustodyLoss,
        PoolFigure::ClientCustodyLoss,
        PoolFigure::WrittenDown,
    ];

    /// Its column in `paths.parquet`.
    pub fn name(self) -> &'static str {
        match self {
            PoolFigure::CashMin => "cash_min",
            PoolFigure::BufferDaysMin => "buffer_days_min",
            PoolFigure::UtilisationMax => "utilisation_max",
            PoolFigure::SurvivalDays => "survival_days",
            PoolFigure::Unpaid => "unpaid",
            PoolFigure::UnpaidEnd => "unpaid_end",
            PoolFigure::Withdrawn => "funding_withdrawn",
            PoolFigure::SourcesRun => "sources_run",
            PoolFigure::Recalled => "recalled",
            PoolFigure::HedgeResult => "hedge_result",
            PoolFigure::HedgeCost => "hedge_cost",
            PoolFigure::FundingCost => "funding_cost",
            PoolFigure::Replenished => "replenished",
            PoolFigure::CustodyLoss => "custody_loss",
            PoolFigure::ClientCustodyLoss => "client_custody_loss",
            PoolFigure::WrittenDown => "written_down",
        }
    }
}

/// The figures of one lane in the order of `PoolFigure::ALL`.
pub type Figures = [f64; PoolFigure::ALL.len()];

/// One value per path.
#[derive(Clone, Debug, Default)]
pub struct PoolColumns {
    /// What the client, and the two clients, with the largest losses on a path cost the pool (CPMI-IOSCO 2012, principle 4).
    pub cover_1: Vec<f64>,
    pub cover_2: Vec<f64>,
    /// Absent where the pool has no cash account.
    pub daily: Option<DailyColumns>,
}

/// One value per path of a pool kept day by day.
#[derive(Clone, Debug, Default)]
pub struct DailyColumns {
    /// In the order of `PoolFigure::ALL`.
    pub figures: Vec<Vec<f64>>,
    /// Per `Book::tiers`: the session it failed, 0 for never.
    pub tier_failed: Vec<Vec<u32>>,
    /// Per trigger: the session it fired, 0 for never.
    pub trigger_fired: Vec<Vec<u32>>,
    /// Per `Book::funding`: money that left, 0 for none.
    pub source_withdrawn: Vec<Vec<f64>>,
    /// Buffer days on the as-of date, and the least cumulated cash of the maturity ladder when nothing rolls; the same on every path.
    pub buffer_days_start: f64,
    pub maturity_gap_worst: f64,
}

impl DailyColumns {
    /// Columns of `paths` zeros for a book and a case.
    pub fn quiet(book: &Book, case: &Case, paths: usize) -> Self {
        DailyColumns {
            figures: vec![vec![0.0; paths]; PoolFigure::ALL.len()],
            tier_failed: vec![vec![0; paths]; book.tiers.len()],
            trigger_fired: vec![vec![0; paths]; case.pool.triggers.len()],
            source_withdrawn: vec![vec![0.0; paths]; book.funding.len()],
            buffer_days_start: 0.0,
            maturity_gap_worst: 0.0,
        }
    }

    pub fn figure(&self, figure: PoolFigure) -> &[f64] {
        &self.figures[figure as usize]
    }
}

impl PoolColumns {
    /// Columns of `paths` zeros.
    pub fn quiet(book: &Book, case: &Case, paths: usize) -> Self {
        let daily = case.pool.is_kept_daily().then(|| DailyColumns::quiet(book, case, paths));
        PoolColumns { cover_1: vec![0.0; paths], cover_2: vec![0.0; paths], daily }
    }

    /// Every column of numbers with its name, for checks.
    pub fn columns(&self) -> Vec<(&'static str, &Vec<f64>)> {
        let mut columns = vec![("cover_1", &self.cover_1), ("cover_2", &self.cover_2)];
        if let Some(daily) = &self.daily {
            columns.extend(PoolFigure::ALL.iter().zip(&daily.figures).map(|(figure, column)| (figure.name(), column)));
            columns.extend(daily.source_withdrawn.iter().map(|column| ("source_withdrawn", column)));
        }
        columns
    }
}
