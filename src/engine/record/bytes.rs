//! Turns columns into bytes and back: the same list of fields, told once, is walked to write and to read.
//!
//! Numbers stand little endian with every bit; a column whose values are all zero is its length alone.

/// One value of a column, as it stands in bytes.
pub trait Cell: Copy + Default {
    /// True for the value whose bits are all zero.
    fn is_zero(self) -> bool;
    fn put(self, out: &mut Vec<u8>);
    /// The next value; nothing where the bytes end before it.
    fn get(bytes: &mut &[u8]) -> Option<Self>;
}

macro_rules! number {
    ($($kind:ty, $is_zero:expr;)*) => {
        $(impl Cell for $kind {
            fn is_zero(self) -> bool {
                $is_zero(self)
            }
            fn put(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
            fn get(bytes: &mut &[u8]) -> Option<Self> {
                let (first, rest) = bytes.split_first_chunk()?;
                *bytes = rest;
                Some(<$kind>::from_le_bytes(*first))
            }
        })*
    };
}

number! {
    f64, |value: f64| value.to_bits() == 0;
    u16, |value: u16| value == 0;
    u32, |value: u32| value == 0;
    u64, |value: u64| value == 0;
}

impl Cell for (u32, f64) {
    fn is_zero(self) -> bool {
        self.0 == 0 && self.1.is_zero()
    }
    fn put(self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }
    fn get(bytes: &mut &[u8]) -> Option<Self> {
        Some((u32::get(bytes)?, f64::get(bytes)?))
    }
}

/// Bytes that are written, or read.
pub enum Bytes<'a> {
    Write(&'a mut Vec<u8>),
    /// What is left to be read; nothing once they ended too early or do not fit.
    Read(Option<&'a [u8]>),
}

impl Bytes<'_> {
    /// Writes the value, or reads it.
    #[inline]
    pub fn value<T: Cell>(&mut self, value: &mut T) {
        match self {
            Bytes::Write(out) => value.put(out),
            Bytes::Read(bytes) => {
                let read = bytes.as_mut().and_then(T::get);
                if read.is_none() {
                    *bytes = None;
                }
                *value = read.unwrap_or_default();
            }
        }
    }

    /// Each value of a list whose length is known.
    pub fn row<T: Cell>(&mut self, values: &mut [T]) {
        values.iter_mut().for_each(|value| self.value(value));
    }

    /// A column of any length.
    pub fn column<T: Cell>(&mut self, values: &mut Vec<T>) {
        let mut length = values.len() as u64;
        self.value(&mut length);
        let mut quiet = u16::from(values.iter().all(|value| value.is_zero()));
        self.value(&mut quiet);
        if let Bytes::Read(bytes) = self {
            // a column of nothing has no bytes to hold its length against, and is bounded by the longest there can be
            let most = if quiet == 1 { LONGEST } else { bytes.map_or(0, <[u8]>::len) };
            let sound = usize::try_from(length).ok().filter(|length| *length <= most);
            if sound.is_none() {
                *bytes = None;
            }
            values.clear();
            values.resize(sound.unwrap_or(0), T::default());
        }
        if quiet == 0 {
            self.row(values);
        }
    }

    /// How many columns a list has; a list that is read gets as many, empty.
    pub fn count<T: Cell>(&mut self, columns: &mut Vec<Vec<T>>) {
        let mut count = columns.len() as u64;
        self.value(&mut count);
        if let Bytes::Read(bytes) = self {
            // each column has ten bytes at least
            let sound = usize::try_from(count).ok().filter(|count| *count <= bytes.map_or(0, <[u8]>::len));
            if sound.is_none() {
                *bytes = None;
            }
            *columns = vec![Vec::new(); sound.unwrap_or(0)];
        }
    }

    /// True when all was read and nothing is left.
    pub fn is_done(&self) -> bool {
        matches!(self, Bytes::Write(_) | Bytes::Read(Some([])))
    }
}

/// Values of a column at most: the paths of a batch, or the symbols of a market.
const LONGEST: usize = 1 << 28;

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(bytes: &mut Bytes<'_>, a: &mut Vec<f64>, b: &mut Vec<Vec<u32>>, c: &mut u64) {
        bytes.column(a);
        bytes.count(b);
        b.iter_mut().for_each(|column| bytes.column(column));
        bytes.value(c);
    }

    #[test]
    fn what_is_read_is_what_was_written_and_bytes_that_do_not_fit_are_none() {
        let (mut a, mut b, mut c) = (vec![-0.0, f64::MIN_POSITIVE, 3.5], vec![vec![], vec![0; 5], vec![7, 0]], 9_u64);
        let mut bytes = Vec::new();
        walk(&mut Bytes::Write(&mut bytes), &mut a, &mut b, &mut c);
        let (mut x, mut y, mut z) = (vec![1.0], vec![vec![1]], 0);
        let mut reader = Bytes::Read(Some(&bytes));
        walk(&mut reader, &mut x, &mut y, &mut z);
        assert!(reader.is_done() && x[0].is_sign_negative());
        assert_eq!((x, y, z), (a, b, c));
        for cut in 0..bytes.len() {
            let mut reader = Bytes::Read(Some(&bytes[..cut]));
            walk(&mut reader, &mut Vec::new(), &mut Vec::new(), &mut 0);
            assert!(!reader.is_done(), "{cut} bytes");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        let mut reader = Bytes::Read(Some(&longer));
        walk(&mut reader, &mut Vec::new(), &mut Vec::new(), &mut 0);
        assert!(!reader.is_done());
    }
}
