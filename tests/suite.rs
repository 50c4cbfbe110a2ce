//! Gathers every integration test in one binary, so that the libraries are linked once.

mod analytic;
mod architecture;
mod cli;
mod clients;
mod crash_2015;
mod faults;
mod faults_programme;
mod feedback;
mod fire_sale;
mod fit;
mod fixed_point;
mod garch;
mod golden;
mod markets;
mod model_risk;
mod pool;
mod programme;
mod properties;
mod real_data;
mod replay_2015;
mod reproducibility;
mod statistics;
mod statistics_models;
mod statistics_regimes;
mod support;
