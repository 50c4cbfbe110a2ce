//! Measures the instruction sets: the same book on each with its hash, and the multiply-add peak the loops are held against.

use super::Args;
use super::shared::{self, Work};
use levertide::engine::brute;
use levertide::maths::isa::{self, Isa, LEVELS};
use std::hint::black_box;

/// Runs one book with every instruction set forced in turn; the hashes must agree.
pub fn run(args: &Args) {
    let book = args.book("desk");
    let reference = shared::reference(book, &[], args.paths_of(book, 4));
    let (programme, inputs) = (&reference.programme, &reference.inputs);
    let steps = shared::account_steps(programme, &inputs.book);
    println!("{book}, {} paths, every instruction set forced in turn, one thread", programme.scenarios[0].case.simulation.paths);
    println!("{:<10} {:>12} {:>12} {:>14} {:>16}  hash", "", "rules, M/s", "values, M/s", "peak, Gflop/s", "values of peak");
    let work = |level: Isa, valuation: bool| {
        isa::force(level);
        match valuation {
            true => shared::hash(&[shared::brute(programme, inputs, 1, brute::Work::Valuation)]),
            false => shared::hash_of(&shared::run(programme, &inputs.book, inputs, 1)),
        }
    };
    let each: Vec<Box<dyn Fn() -> String>> = LEVELS
        .iter()
        .flat_map(|level| [false, true].map(|valuation| Box::new(move || work(*level, valuation)) as Box<dyn Fn() -> String>))
        .collect();
    let works: Vec<Work<'_>> = each.iter().map(|work| ("", &**work)).collect();
    let timed = shared::in_turn(&works, args.runs);
    for (level, pair) in LEVELS.iter().zip(timed.chunks_exact(2)) {
        let (rules, values) = (shared::least(&pair[0].seconds), shared::least(&pair[1].seconds));
        let peak = peak(*level);
        println!(
            "{:<10} {:>12.1} {:>12.1} {peak:>14.1} {:>16.3}  {} {}",
            format!("{level:?}"),
            steps / rules / 1e6,
            steps / values / 1e6,
            share(programme, inputs, values, peak),
            pair[0].hash,
            pair[1].hash
        );
    }
    isa::force(Isa::Avx512);
    let alike = |at: usize| timed.iter().skip(at).step_by(2).all(|t| t.hash == timed[at].hash);
    assert!(alike(0) && alike(1), "the instruction sets differ");
    println!("every instruction set gave the same bits");
}

/// Part of the multiply-add peak of one thread that the valuation loop reaches: a product and a sum a position, day and path.
pub fn share(programme: &levertide::model::case::Programme, inputs: &levertide::inputs::Inputs, seconds: f64, peak_gflops: f64) -> f64 {
    let case = &programme.scenarios[0].case.simulation;
    let terms = inputs.book.position_symbol.len() as f64 * f64::from(case.horizon_days) * case.paths as f64;
    2.0 * terms / seconds / 1e9 / peak_gflops
}

/// Billions of products and sums a second of one thread, fused where the instruction set has it, from registers alone.
pub fn peak(level: Isa) -> f64 {
    const ROUNDS: usize = 2_000_000;
    let once = || match level {
        Isa::Baseline => plain(ROUNDS),
        Isa::Avx2 => avx2(ROUNDS),
        Isa::Avx512 => avx512(ROUNDS),
    };
    let best = (0..7).map(|_| {
        let (flops, seconds) = shared::timed(once);
        flops / seconds / 1e9
    });
    best.fold(0.0, f64::max)
}

/// Sums that run beside each other: more than the delay of a multiply-add times the units there are.
const CHAINS: usize = 10;

#[cfg(target_arch = "x86_64")]
fn avx512(rounds: usize) -> f64 {
    use std::arch::x86_64::{_mm512_fmadd_pd, _mm512_reduce_add_pd, _mm512_set1_pd};
    #[target_feature(enable = "avx512f")]
    fn inner(rounds: usize, by: f64, add: f64) -> f64 {
        let (by, add) = (_mm512_set1_pd(by), _mm512_set1_pd(add));
        let mut sums = [add; CHAINS];
        for _ in 0..rounds {
            for sum in &mut sums {
                *sum = _mm512_fmadd_pd(*sum, by, add);
            }
        }
        sums.iter().map(|s| _mm512_reduce_add_pd(*s)).sum()
    }
    if !is_x86_feature_detected!("avx512f") {
        return avx2(rounds);
    }
    // SAFETY: the feature was detected
    black_box(unsafe { inner(rounds, black_box(0.5), black_box(1.0)) });
    (2 * 8 * CHAINS * rounds) as f64
}

#[cfg(target_arch = "x86_64")]
fn avx2(rounds: usize) -> f64 {
    use std::arch::x86_64::{_mm256_cvtsd_f64, _mm256_fmadd_pd, _mm256_set1_pd};
    #[target_feature(enable = "avx2,fma")]
    fn inner(rounds: usize, by: f64, add: f64) -> f64 {
        let (by, add) = (_mm256_set1_pd(by), _mm256_set1_pd(add));
        let mut sums = [add; CHAINS];
        for _ in 0..rounds {
            for sum in &mut sums {
                *sum = _mm256_fmadd_pd(*sum, by, add);
            }
        }
        sums.iter().map(|s| _mm256_cvtsd_f64(*s)).sum()
    }
    if !(is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")) {
        return plain(rounds);
    }
    // SAFETY: the features were detected
    black_box(unsafe { inner(rounds, black_box(0.5), black_box(1.0)) });
    (2 * 4 * CHAINS * rounds) as f64
}

/// Products and sums apart, in the vectors of the lowest instruction set.
#[cfg(target_arch = "x86_64")]
fn plain(rounds: usize) -> f64 {
    use std::arch::x86_64::{_mm_add_pd, _mm_cvtsd_f64, _mm_mul_pd, _mm_set1_pd};
    #[target_feature(enable = "sse2")]
    fn inner(rounds: usize, by: f64, add: f64) -> f64 {
        let (by, add) = (_mm_set1_pd(by), _mm_set1_pd(add));
        let mut sums = [add; CHAINS];
        for _ in 0..rounds {
            for sum in &mut sums {
                *sum = _mm_add_pd(_mm_mul_pd(*sum, by), add);
            }
        }
        sums.iter().map(|s| _mm_cvtsd_f64(*s)).sum()
    }
    // SAFETY: every x86-64 has the feature
    black_box(unsafe { inner(rounds, black_box(0.5), black_box(1.0)) });
    (2 * 2 * CHAINS * rounds) as f64
}

#[cfg(not(target_arch = "x86_64"))]
fn plain(rounds: usize) -> f64 {
    let (by, add) = (black_box(0.5), black_box(1.0));
    let mut sums = [add; 4 * CHAINS];
    for _ in 0..rounds {
        for sum in &mut sums {
            *sum = f64::mul_add(*sum, by, add);
        }
    }
    black_box(sums.iter().sum::<f64>());
    (2 * 4 * CHAINS * rounds) as f64
}

#[cfg(not(target_arch = "x86_64"))]
use {plain as avx2, plain as avx512};
