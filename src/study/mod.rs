//! Works across several runs and fits: limits, regression gates, comparisons, sweeps, sensitivities, what models leave unexplained.

pub mod compare;
mod constraints;
pub mod digits;
pub mod fit;
pub mod gate;
pub mod junit;
pub mod limits;
pub mod model_risk;
pub mod noise;
pub mod paths;
pub mod posterior;
pub mod previous;
pub mod register;
pub mod regress;
pub mod reverse;
pub mod reweigh;
pub mod rounds;
pub mod sobol;
pub mod split;
pub mod sweep;
pub mod tornado;
pub mod view;
pub mod watch;
