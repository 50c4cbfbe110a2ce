//! Picks the largest of many numbers exactly, in passes over them and in memory that does not grow with how many there are.
//!
//! A number's bits are mapped to a whole number of the same order (`total_cmp`). One pass counts numbers by the upper 16 bits of it;
//! where the cut falls into a group, the next pass counts that group by the next 16, and so on: two or three passes, four at most, and one
//! that gathers. Beside what is gathered there are 65,536 counters. Numbers may come from memory, or piece by piece from a disk.
//!
//! Worked: of 3, −1, 2, 2 the largest three are 2, 2, 3.

/// Bits that one pass looks at.
const DIGIT_BITS: u32 = 16;

/// A whole number of the same order as `total_cmp` has.
fn key(value: f64) -> u64 {
    let bits = value.to_bits();
    bits ^ (((bits as i64 >> 63) as u64) | 1 << 63)
}

/// The `keep` largest of the numbers that `pass` hands out, in order; every call of `pass` hands out the same.
///
/// Panics when there are fewer.
pub fn largest(keep: usize, mut pass: impl FnMut(&mut dyn FnMut(&[f64]))) -> Vec<f64> {
    if keep == 0 {
        return Vec::new();
    }
    // the keys of the cut's group: these upper bits, and how many of the group are among the largest
    let (mut prefix, mut shift, mut wanted) = (0_u64, u64::BITS, keep as u64);
    let mut counts = vec![0_u64; 1 << DIGIT_BITS];
    loop {
        counts.fill(0);
        let below = shift - DIGIT_BITS;
        pass(&mut |piece| count(piece, prefix, shift, &mut counts));
        let mut digit = counts.len();
        let mut above = 0;
        while above < wanted {
            assert!(digit > 0, "{keep} are asked for of fewer numbers");
            digit -= 1;
            above += counts[digit];
        }
        let group = counts[digit];
        wanted -= above - group;
        prefix = prefix << DIGIT_BITS | digit as u64;
        shift = below;
        if group == wanted || shift == 0 {
            break;
        }
    }
    // everything above the group, and as many of it as are wanted: all, or those that are one number
    let first = prefix << shift;
    let mut largest = Vec::with_capacity(keep);
    let mut ties = wanted;
    pass(&mut |piece| {
        for value in piece {
            let key = key(*value);
            if key >> shift == prefix {
                if ties > 0 {
                    ties -= 1;
                    largest.push(*value);
                }
            } else if key > first {
                largest.push(*value);
            }
        }
    });
    assert_eq!(largest.len(), keep, "every pass hands out the same numbers");
    largest.sort_unstable_by(f64::total_cmp);
    largest
}

/// Counts the numbers whose key has the upper bits `prefix` by the bits that follow.
fn count(piece: &[f64], prefix: u64, shift: u32, counts: &mut [u64]) {
    let below = shift - DIGIT_BITS;
    for value in piece {
        let key = key(*value);
        if shift == u64::BITS || key >> shift == prefix {
            counts[(key >> below) as usize & (counts.len() - 1)] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64], keep: usize) -> Vec<f64> {
        largest(keep, |take| values.chunks(7).for_each(take))
    }

    #[test]
    fn the_largest_are_those_of_a_sorted_sample() {
        let mut values: Vec<f64> = (0..5_000_u64).map(|n| f64::from_bits(n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
        values.extend([0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -f64::NAN, f64::MIN_POSITIVE, 1.0, 1.0, 1.0]);
        values.extend((0..3_000).map(|n| f64::from(n % 10) * 1e6));
        let mut sorted = values.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        for keep in [0, 1, 2, 3, 250, 2_999, 5_000, values.len() - 1, values.len()] {
            let wanted: Vec<u64> = sorted[sorted.len() - keep..].iter().map(|v| v.to_bits()).collect();
            assert_eq!(of(&values, keep).iter().map(|v| v.to_bits()).collect::<Vec<_>>(), wanted, "{keep}");
        }
        assert_eq!(of(&[3.0, -1.0, 2.0, 2.0], 3), [2.0, 2.0, 3.0]);
        assert_eq!(of(&[7.0; 100], 40), [7.0; 40]);
    }

    #[test]
    fn keys_keep_the_order_of_numbers() {
        let values = [f64::NEG_INFINITY, -1.5, -f64::MIN_POSITIVE, -0.0, 0.0, 1e-300, 1.5, f64::INFINITY];
        assert!(values.windows(2).all(|pair| key(pair[0]) < key(pair[1])));
    }

    /// Numbers that are known by rank: 0 to n − 1 in another order, a loss on one path of twenty where `rare`.
    fn at_size(n: u64, rare: bool) {
        const STEP: u64 = 1_000_000_007;
        let mut piece = vec![0.0; 1 << 16];
        let keep = (n / 20 + n / 1_000) as usize;
        let tail = largest(keep, |take| {
            let mut place = 0;
            for from in (0..n).step_by(piece.len()) {
                let rows = (n - from).min(piece.len() as u64) as usize;
                for value in &mut piece[..rows] {
                    *value = if rare && place < n - n / 20 { 0.0 } else { place as f64 * 0.37 };
                    place = (place + STEP) % n;
                }
                take(&piece[..rows]);
            }
        });
        let wanted = |rank: u64| if rare && rank < n - n / 20 { 0.0 } else { rank as f64 * 0.37 };
        assert!(tail.iter().zip(n - keep as u64..n).all(|(value, rank)| *value == wanted(rank)), "every rank of the tail");
    }

    #[test]
    fn ranks_are_exact_where_they_are_known() {
        at_size(1_000_003, false);
        at_size(1_000_003, true);
    }

    #[test]
    fn ranks_are_exact_at_a_hundred_million() {
        at_size(100_000_000, false);
        at_size(100_000_000, true);
    }
}
