//! Works across several runs and fits: limits, regression gates, comparisons, what models leave unexplained.

pub mod compare;
pub mod fit;
pub mod limits;
pub mod model_risk;
pub mod previous;
pub mod regress;
pub mod rounds;
