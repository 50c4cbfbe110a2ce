//! Chooses the instruction set that hot loops run on; it changes the speed and never a bit of a result.
//!
//! Every hot loop is compiled three times from one body of plain `*`, `+`, `/`, `sqrt` and bit operations. Rust never
//! contracts `a * b + c` into one rounding, so the three versions give the same bits; `tests/statistics.rs` and
//! `tests/reproducibility.rs` hold them to it. `LEVERTIDE_ISA=baseline|avx2|avx512` lowers the choice for such checks.

use std::sync::atomic::{AtomicU8, Ordering};

/// An instruction-set level, from the one every machine has up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Isa {
    /// What the binary was compiled for: SSE2 on x86-64.
    Baseline = 1,
    Avx2 = 2,
    Avx512 = 3,
}

/// Every level, lowest first.
pub const LEVELS: [Isa; 3] = [Isa::Baseline, Isa::Avx2, Isa::Avx512];

static LEVEL: AtomicU8 = AtomicU8::new(0);

/// The level in force: the highest the machine has, unless `LEVERTIDE_ISA` or `force` asks for a lower one.
#[inline]
pub fn level() -> Isa {
    match LEVEL.load(Ordering::Relaxed) {
        1 => Isa::Baseline,
        2 => Isa::Avx2,
        3 => Isa::Avx512,
        _ => first_look(),
    }
}

#[cold]
fn first_look() -> Isa {
    let asked = match std::env::var("LEVERTIDE_ISA").as_deref() {
        Ok("baseline") => Isa::Baseline,
        Ok("avx2") => Isa::Avx2,
        _ => Isa::Avx512,
    };
    force(asked);
    asked
}

/// Sets the level for the whole process. A level the machine lacks falls to the next one below, loop by loop.
pub fn force(level: Isa) {
    LEVEL.store(level as u8, Ordering::Relaxed);
}

/// Compiles one function for every level and calls the version in force.
///
/// The function returns nothing and takes plain arguments; what it calls is inlined into each version when it is
/// `#[inline(always)]`.
macro_rules! by_isa {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $body:block) => {
        $(#[$meta])*
        $vis fn $name($($arg: $ty),*) {
            #[inline(always)]
            fn body($($arg: $ty),*) $body

            #[inline(never)]
            fn baseline($($arg: $ty),*) {
                body($($arg),*)
            }

            #[multiversion::multiversion(targets("x86_64+avx2"))]
            fn avx2($($arg: $ty),*) {
                body($($arg),*)
            }

            #[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
            fn avx512($($arg: $ty),*) {
                body($($arg),*)
            }

            match $crate::maths::isa::level() {
                $crate::maths::isa::Isa::Baseline => baseline($($arg),*),
                $crate::maths::isa::Isa::Avx2 => avx2($($arg),*),
                $crate::maths::isa::Isa::Avx512 => avx512($($arg),*),
            }
        }
    };
}

pub(crate) use by_isa;
