//! Caches the results of fits: an earlier result is reused when all arguments of the fit are the same, to the bit.
//!
//! A slow part of a fit is a pure function of its arguments. `FitCache::get_or_fit` takes the fingerprint of all of them, asks
//! the store for a record under it, and otherwise fits and stores a record of the result. A record is plain numbers and words, so
//! that the store does not depend on the models; one that does not read back is ignored.

use crate::maths::digest::Digest;
use crate::model::lineage::Note;
use std::fmt;
use std::sync::Arc;

/// The result of a fit, as numbers in the order they are read back, and words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    pub numbers: Vec<f64>,
    pub words: Vec<String>,
}

/// A store of records, such as a folder. An address holds the kind of fit and the fingerprint of its arguments.
pub trait FitStore: Send + Sync {
    fn recall(&self, address: &str) -> Option<Record>;

    fn keep(&self, address: &str, record: &Record);

    /// Is told that a record could not be used for such a fit.
    fn refuse(&self, address: &str);
}

/// The fit cache of a market; none by default.
#[derive(Clone, Default)]
pub struct FitCache(pub Option<Arc<dyn FitStore>>);

impl fmt::Debug for FitCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "FitCache(store)" } else { "FitCache(none)" })
    }
}

/// A result that can be stored as a record and read back to the bit.
pub trait Recorded: Sized {
    fn write(&self, record: &mut Record);

    /// Nothing when the record is of something else.
    fn read(reader: &mut Reader<'_>) -> Option<Self>;
}

impl FitCache {
    /// The record under `what` and the fingerprint of everything in `given`, or else the result of `fit`, which is stored.
    pub fn get_or_fit<T: Recorded>(&self, what: &str, given: impl FnOnce(&mut Digest), fit: impl FnOnce() -> T) -> T {
        let Some(store) = &self.0 else { return fit() };
        let mut digest = Digest::default();
        digest.word(what);
        given(&mut digest);
        let address = format!("{what}-{}", digest.finish());
        if let Some(record) = store.recall(&address) {
            let mut reader = Reader { numbers: &record.numbers, words: &record.words };
            let found = T::read(&mut reader).filter(|_| reader.numbers.is_empty() && reader.words.is_empty());
            match found {
                Some(found) => return found,
                None => store.refuse(&address),
            }
        }
        let found = fit();
        let mut record = Record::default();
        found.write(&mut record);
        store.keep(&address, &record);
        found
    }
}

impl Record {
    pub fn number(&mut self, number: f64) {
        self.numbers.push(number);
    }

    /// A list, its length before it.
    pub fn list(&mut self, numbers: &[f64]) {
        self.number(numbers.len() as f64);
        self.numbers.extend_from_slice(numbers);
    }
}

/// The part of a record not yet read.
pub struct Reader<'r> {
    numbers: &'r [f64],
    words: &'r [String],
}

impl<'r> Reader<'r> {
    pub fn number(&mut self) -> Option<f64> {
        let (first, rest) = self.numbers.split_first()?;
        self.numbers = rest;
        Some(*first)
    }

    /// A number that counts something: whole, and no more than the record could hold.
    pub fn count(&mut self) -> Option<usize> {
        let number = self.number()?;
        (number >= 0.0 && number.fract() == 0.0 && number <= 1e9).then_some(number as usize)
    }

    pub fn list(&mut self) -> Option<Vec<f64>> {
        let count = self.count()?;
        let list = self.numbers.get(..count)?;
        self.numbers = &self.numbers[count..];
        Some(list.to_vec())
    }

    /// A list of known length.
    pub fn array<const N: usize>(&mut self) -> Option<[f64; N]> {
        self.list()?.try_into().ok()
    }

    pub fn word(&mut self) -> Option<String> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first.clone())
    }
}

impl<T: Recorded> Recorded for Option<T> {
    fn write(&self, record: &mut Record) {
        record.number(f64::from(u8::from(self.is_some())));
        self.iter().for_each(|inner| inner.write(record));
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        match reader.count()? {
            0 => Some(None),
            1 => T::read(reader).map(Some),
            _ => None,
        }
    }
}

impl<T: Recorded> Recorded for Vec<T> {
    fn write(&self, record: &mut Record) {
        record.number(self.len() as f64);
        self.iter().for_each(|each| each.write(record));
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        (0..reader.count()?).map(|_| T::read(reader)).collect()
    }
}

impl<A: Recorded, B: Recorded> Recorded for (A, B) {
    fn write(&self, record: &mut Record) {
        self.0.write(record);
        self.1.write(record);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some((A::read(reader)?, B::read(reader)?))
    }
}

impl Recorded for f64 {
    fn write(&self, record: &mut Record) {
        record.number(*self);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.number()
    }
}

impl Recorded for Note {
    fn write(&self, record: &mut Record) {
        record.words.extend([self.en.clone(), self.zh.clone()]);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Note { en: reader.word()?, zh: reader.word()? })
    }
}

/// A figure of a model card: its name, value and standard error.
impl Recorded for (String, f64, Option<f64>) {
    fn write(&self, record: &mut Record) {
        record.words.push(self.0.clone());
        record.number(self.1);
        self.2.write(record);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some((reader.word()?, reader.number()?, Option::read(reader)?))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::{MarketModel, MarketSpec, toy};
    use super::*;
    use crate::maths::random::Streams;
    use crate::model::history::Market;
    use std::collections::BTreeMap;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Keeps records in memory, and counts.
    #[derive(Default)]
    struct Memory {
        records: Mutex<BTreeMap<String, Record>>,
        recalled: AtomicUsize,
        refused: AtomicUsize,
    }

    impl FitStore for Memory {
        fn recall(&self, address: &str) -> Option<Record> {
            let found = self.records.lock().expect("one thread at a time").get(address).cloned();
            self.recalled.fetch_add(usize::from(found.is_some()), Ordering::Relaxed);
            found
        }

        fn keep(&self, address: &str, record: &Record) {
            self.records.lock().expect("one thread at a time").insert(address.into(), record.clone());
        }

        fn refuse(&self, _address: &str) {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Every model that has something to recall, at its defaults.
    fn specs() -> [MarketSpec; 6] {
        [
            MarketSpec::FilteredHistorical(Default::default()),
            MarketSpec::Gaussian(Default::default()),
            MarketSpec::JumpDiffusion(Default::default()),
            MarketSpec::RegimeSwitching(Default::default()),
            MarketSpec::StudentT(Default::default()),
            MarketSpec::TCopula(Default::default()),
        ]
    }

    fn bits(model: &dyn MarketModel) -> (Vec<u64>, String) {
        let mut buffer = toy::Buffer::new(6, 4);
        model.fill(&mut buffer.tile(32), &Streams::new(3));
        (buffer.simple_return.iter().map(|r| r.to_bits()).collect(), format!("{:?}", model.card()))
    }

    #[test]
    fn what_is_recalled_draws_the_same_bits_and_says_the_same() {
        let plain = toy::normal_market(4, 300, 0.02);
        for spec in specs() {
            let memory = Arc::new(Memory::default());
            let mut market = plain.clone();
            market.fit_cache = FitCache(Some(memory.clone()));
            let symbols = [0, 1, 2, 3];
            let fit = |market: &Market| bits(&*spec.fit(&toy::request(market, &symbols, 6)).expect("fits"));
            let (without, first) = (fit(&plain), fit(&market));
            let kept = memory.records.lock().expect("one thread").len();
            assert!(kept > 0 && memory.recalled.load(Ordering::Relaxed) == 0, "{}: {kept} records", spec.key());
            let again = fit(&market);
            assert_eq!(memory.recalled.load(Ordering::Relaxed), kept, "{}: every record serves again", spec.key());
            assert!(without == first && first == again, "{}", spec.key());
            // another return is another fit; ranks do not see the smallest of changes
            market.history.simple_return[[1, 1]] += 0.05;
            fit(&market);
            assert!(memory.records.lock().expect("one thread").len() > kept, "{}", spec.key());
        }
    }

    #[test]
    fn a_record_of_something_else_is_refused_and_fitted_anew() {
        let mut market = toy::normal_market(4, 300, 0.02);
        let memory = Arc::new(Memory::default());
        market.fit_cache = FitCache(Some(memory.clone()));
        for spec in specs() {
            let fit = || bits(&*spec.fit(&toy::request(&market, &[0, 1, 2, 3], 6)).expect("fits"));
            let sound = fit();
            for spoil in [|r: &mut Record| r.numbers.truncate(r.numbers.len() - 1), |r: &mut Record| r.numbers.push(1.0)] {
                let refused = memory.refused.load(Ordering::Relaxed);
                memory.records.lock().expect("one thread").values_mut().for_each(spoil);
                assert!(fit() == sound && memory.refused.load(Ordering::Relaxed) > refused, "{}", spec.key());
            }
        }
    }
}
