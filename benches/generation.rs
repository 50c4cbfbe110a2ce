//! Times normals, correlation and exponentials alone, beside the engine's market and its whole run on the same paths.

use super::Args;
use super::shared::{self, Work};
use levertide::engine::{brute, held_symbols};
use levertide::maths::lanes::exp_less_one;
use levertide::maths::linear::{DAYS_MIXED, mix_common, mix_lanes};
use levertide::maths::random::{Stream, Streams, normals, paths_from};
use levertide::model::market::{LANES, MarketSpec, gaussian::Gaussian};
use levertide::units::Ratio;

/// How the bare loop makes its normals joint.
enum Joins {
    Common,
    /// A full lower factor of the symbols.
    Matrix(Vec<f64>),
}

pub fn run(args: &Args) {
    normals_alone(args.runs);
    let book = args.book("desk");
    let mut reference = shared::reference(book, &[], args.paths_of(book, 1));
    // the exchange's limits and ticks are rules, not generation
    let exchange = &mut reference.programme.scenarios[0].case.exchange;
    (exchange.price_limits, exchange.tick) = (false, 0.0);
    let ratio = |percent: f64| Some(Ratio::from_fraction(percent / 100.0));
    let given = Gaussian { volatility_annual: ratio(40.0), drift_annual: ratio(0.0), correlation: ratio(40.0), ..Gaussian::default() };
    let symbols = held_symbols(&reference.inputs.book).len();
    let matrix = (0..symbols * symbols).map(|k| if k % symbols <= k / symbols { 0.01 } else { 0.0 }).collect();
    compare("one correlation given", MarketSpec::Gaussian(given), Joins::Common, &mut reference, args);
    compare("correlations fitted", MarketSpec::Gaussian(Gaussian::default()), Joins::Matrix(matrix), &mut reference, args);
}

fn compare(name: &str, market: MarketSpec, joins: Joins, reference: &mut shared::Reference, args: &Args) {
    reference.programme.scenarios[0].case.market = market;
    let (programme, inputs) = (&reference.programme, &reference.inputs);
    let case = &programme.scenarios[0].case.simulation;
    let (days, symbols) = (case.horizon_days as usize, held_symbols(&inputs.book).len());
    let tiles = case.paths.div_ceil(LANES as u64);
    println!("\n{name}: {symbols} symbols, {days} days, {} paths, one thread", case.paths);
    let works: [Work<'_>; 3] = [
        ("normals, correlation, exponentials", &|| shared::hash(&[bare(&joins, symbols, days, tiles)])),
        ("the engine's market: drawn, shocked, priced", &|| shared::hash(&[shared::brute(programme, inputs, 1, brute::Work::Market)])),
        ("the whole run, rules included", &|| shared::hash_of(&shared::run(programme, &inputs.book, inputs, 1))),
    ];
    let timed = shared::in_turn(&works, args.runs);
    let returns = tiles as f64 * (LANES * days * symbols) as f64;
    for ((what, _), t) in works.iter().zip(&timed) {
        let (median, ratio) = (t.median(), t.median() / timed[0].median());
        println!("  {what:<46} {median:>8.3} s  {:>6.2} ns a return  {ratio:>5.2} of generation  {}", median / returns * 1e9, t.hash);
    }
}

/// Generates returns and keeps nothing but a checksum; every buffer stays in the nearest cache it fits.
fn bare(joins: &Joins, symbols: usize, days: usize, tiles: u64) -> f64 {
    let streams = Streams::new(1);
    let mut common = vec![0.0; days * LANES];
    let mut own = vec![0.0; days * LANES];
    let mean = vec![-0.0003; days * LANES];
    let (mut drawn, mut mixed) = (vec![0.0; symbols * days * LANES], vec![0.0; symbols * DAYS_MIXED * LANES]);
    let mut sum = 0.0;
    for tile in 0..tiles {
        let paths = paths_from(tile * LANES as u64);
        normals(streams.key(Stream::Market, 1), &paths, &mut common);
        for symbol in 0..symbols {
            normals(streams.key(Stream::Symbol, symbol as u64), &paths, &mut own);
            match joins {
                Joins::Common => {
                    mix_common(0.6, 0.8, &common, &mut own);
                    mix_common(1.0, 0.025, &mean, &mut own);
                    exp_less_one(&mut own);
                    sum += own[0];
                }
                Joins::Matrix(_) => {
                    let width = DAYS_MIXED * LANES;
                    for (pair, z) in own.chunks(width).enumerate() {
                        drawn[pair * symbols * width + symbol * z.len()..][..z.len()].copy_from_slice(z);
                    }
                }
            }
        }
        if let Joins::Matrix(factor) = joins {
            for drawn in drawn.chunks(symbols * DAYS_MIXED * LANES) {
                let mixed = &mut mixed[..drawn.len()];
                mix_lanes(factor, symbols, drawn, mixed);
                exp_less_one(mixed);
                sum += mixed[0];
            }
        }
    }
    sum
}

/// Nanoseconds a standard normal takes on one core, at the length of a usual horizon and of a long one.
pub fn normals_alone(runs: usize) {
    let key = Streams::new(1).key(Stream::Symbol, 7);
    for draws in [20, 64, 250] {
        let tiles = 160_000 / draws as u64;
        let (mut seconds, mut sum) = (Vec::new(), 0.0);
        let mut rows = vec![0.0; draws * LANES];
        for _ in 0..runs.max(5) {
            let (part, took) = shared::timed(|| {
                let mut part = 0.0;
                for tile in 0..tiles {
                    normals(key, &paths_from(tile * LANES as u64), &mut rows);
                    part += rows[0];
                }
                part
            });
            seconds.push(took);
            sum += part;
        }
        let each = |seconds: f64| seconds / (tiles as usize * draws * LANES) as f64 * 1e9;
        println!(
            "standard normals, {draws} draws at a time: {:.2} ns each on one core, at best {:.2}  {}",
            each(shared::median(&seconds)),
            each(shared::least(&seconds)),
            shared::hash(&[sum])
        );
    }
}
