//! Gathers every integration test in one binary, so that the libraries are linked once.

mod analytic;
mod architecture;
mod articles;
mod as_of;
mod benches;
mod calendar;
mod cli;
mod clients;
mod containers;
mod correlations;
mod crash_2015;
mod degenerate;
mod differential;
mod errors;
mod faults;
mod faults_pool;
mod faults_programme;
mod feedback;
mod files;
mod files_brothers;
mod fire_sale;
mod fit;
mod fit_cache;
mod fixed_point;
mod garch;
mod golden;
mod hostile;
mod identity;
mod implied;
mod kinds;
mod ledger;
mod margin_cases;
mod markets;
mod model_risk;
mod mutations;
mod never_70;
#[path = "oracle/tests/articles.rs"]
mod oracle_articles;
#[path = "oracle/tests/cases.rs"]
mod oracle_cases;
#[path = "oracle/tests/pool.rs"]
mod oracle_pool;
#[path = "oracle/tests/rules.rs"]
mod oracle_rules;
mod parts;
mod pool;
mod programme;
mod programmes;
mod properties;
mod properties_margin;
mod real_data;
mod renderings;
mod replay_2015;
mod reproducibility;
mod rulebooks;
mod sales;
mod shelf;
mod shipped;
mod shocks;
mod statistics;
mod statistics_laws;
mod statistics_models;
mod statistics_regimes;
mod support;
mod tree;
mod verdicts;
