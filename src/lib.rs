//! Levertide stress-tests lenders who finance leveraged stock positions.
//!
//! **report = f(programme, data files, binary).** Data flows one way:
//!
//! ```text
//! inputs ──► model ──► engine ──► measures ──► report       study (several runs) stands above
//! polars     (pure)    rayon      (pure)       plotters,     engine and measures
//!                                              typst
//! ```
//!
//! | room       | may import                                | packages in it                     |
//! |------------|-------------------------------------------|------------------------------------|
//! | `units`    | –                                         | serde, schemars, chrono            |
//! | `maths`    | –                                         | rand, multiversion, libm, sha2        |
//! | `problem`  | units                                     | strsim                             |
//! | `disk`     | problem                                   | tempfile, rustix, sha2, serde_json, zstd, object_store, tokio |
//! | `model`    | units, maths, problem                     | serde, schemars, rand, rand_distr, ndarray, argmin |
//! | `inputs`   | units, problem, disk, model                   | ndarray, polars, polars_arrow, polars_arrow_format, calamine, zip, quick_xml, flate2, zstd, toml, serde_json, serde_path_to_error, encoding_rs, sha2, libm |
//! | `engine`   | units, maths, problem, model              | rayon                              |
//! | `measures` | units, maths, model, engine               | –                                  |
//! | `study`    | units, maths, problem, model, engine, measures | quick-junit                        |
//! | `report`   | units, problem, disk, model, engine, measures, study | plotters, resvg, typst, typst-layout, typst-pdf, typst-kit, serde_json, polars, polars_arrow, polars_parquet, rust_xlsxwriter, sha2 |
//! | `commands` | anything                                  | clap, clap_complete, indicatif, ctrlc, comfy-table, tracing-subscriber, chrono, tempfile |
//! | `main`     | commands                                  | –                                  |
//!
//! Derives, the log and the mathematics no platform changes (serde, schemars, tracing, libm) may stand anywhere; any other
//! package only in the rooms that name it.
//! The table is enforced by `tests/architecture.rs`; the rooms inside the engine have one of their own (`engine/mod.rs`,
//! `tests/rooms.rs`). A market model, shock, impact law, chart, section, export or verb is one new file and one line of its
//! list; docs/architecture.md says how, and what other parts cost.
//!
//! A run is cut into numbered batches (`engine/run/work.rs`); a part of it, made by another machine or before a stop, is joined in the
//! tree of `engine/tally/tree.rs`, so that the bytes are those of one run (`commands/parts`, docs/scale.md).
//!
//! Which paths are simulated, the first ones drawn or a stratified sample of candidates (`model/sampling.rs`), drawn from tilted laws
//! where the programme asks for it (`model/market/tilt.rs`), is settled before the
//! first batch (`engine/run/screening.rs`); what each then counts is `engine/record/sample.rs`, and every measure reads it
//! (`measures/stratified.rs`, docs/methods.md). A run that goes on until its figures are exact adds rounds of paths behind all others
//! (`engine/run/round.rs`); what is looked at between them, and how many come next, is `study/rounds.rs`. Once the pool's VaR is known the
//! paths of its tail are run again, for the part of every account and symbol (`engine/run/tail.rs`, `measures/attribution.rs`).
//!
//! What stands above one run: the early-warning register over weeks (`model/watch.rs`, `study/watch.rs`, `study/register`,
//! `commands/history.rs`, docs/register.md); a change between two reports or programmes, split into what it comes from (`model/split.rs`,
//! `inputs/programme/mix.rs`, `study/split.rs`, `commands/split.rs`, docs/compare.md); sweeps, sensitivities and reverse stress tests
//! (`study`, `commands/laid.rs`). Page one is `report/document/first_page.rs` with the answers of `findings.rs`; editions of the report
//! for one kind of reader are cut by `report/document/cuts.rs` (docs/report.md). The same document is the page
//! (`report/export/html.rs`, its styles and script in `report/assets`) and, by the numbers behind its cells (`report/document/cells.rs`),
//! the workbook (`report/export/workbook.rs`). The firm behind the pool, its capital and liquidity, is `model/firm`, `measures/firm.rs` and
//! `report/document/sections/firm.rs` (docs/firm.md); return periods are `measures/exceedance.rs`.
//!
//! Nothing of the user's on disk is touched but by `disk`, which tells what the program made by a mark inside it. The rules are held
//! against a second reading of the documents, the crate in `tests/oracle`, on worlds drawn by `tests/differential`
//! (docs/validation.md).
//!
//! ## The order of a day
//! 1. The market model gives each symbol's return; shocks are laid over it.
//! 2. Exchange rules bind: price limits, tick, suspension.
//! 3. Interest accrues by calendar days.
//! 4. Accounts are marked to market.
//! 5. Platform controls tighten or relax (dynamic margin).
//! 6. The margin state machine moves each account.
//! 7. Forced sales are decided by all accounts on the same prices, then clear together.
//! 8. Sales move prices (impact).
//! 9. Settlement: costs, repayment, sharing, recourse, waterfall.
//! 10. The pool: tiers, hedge, funding sources.
//! 11. Record, and assert the conservation of money.
//!
//! ## Glossary
//! own capital 自有资金 · loan 融资 · exposure 敞口 · maintenance ratio 维持担保比例 =
//! (cash + market value) / (loan + accrued interest) · warning line 预警线 · limit line 限额线 ·
//! call 追加保证金 · liquidation line 平仓线 · forced liquidation 强平 · shortfall 穿仓 ·
//! tier 层 · waterfall 损失分担 · tile: a block of paths simulated side by side, one per lane ·
//! distance to the line: the fall of all prices an account can bear · active account: one that a close did more to than warn it, on one
//! path · severity: a rough measure of how deep a path falls, by which paths are put side by side.

#![forbid(unsafe_code)]

pub mod commands;
pub mod disk;
pub mod engine;
pub mod inputs;
pub mod maths;
pub mod measures;
pub mod model;
pub mod problem;
pub mod report;
pub mod study;
pub mod units;
