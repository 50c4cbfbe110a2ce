//! States a study of sensitivity: keys of a programme between two ends, the settings that its method makes of them, and what is looked at.
//!
//! One at a time: the base, then each key at its low and at its high end with all others as they are; 2k + 1 settings of k keys.
//! Sobol': rows of two independent points each, A and B, drawn evenly over the ranges, and for each key the point A with that key of B
//! (Saltelli 2002; Saltelli et al. 2010); k + 2 settings a row. Rows are drawn independently of each other, so that their spread tells
//! the error of what is averaged over them.
//!
//! Worked: 3 keys are 7 settings one at a time, and with 100 rows 500 of a Sobol' design.

use super::sweep::{Key, Named, Value};
use serde::{Deserialize, Serialize};

/// How settings are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    #[default]
    OneAtATime,
    Sobol,
}

/// Values of a key that always stand first: its ends.
pub const LOW: usize = 0;
pub const HIGH: usize = 1;

/// What is varied, and what is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Tornado {
    pub name: Named,
    pub method: Method,
    /// Rows of a Sobol' design, and the seed it is drawn from.
    pub rows: usize,
    pub seed: u64,
    /// The values of each: low and high, then the base where one is written, or the draws of A and those of B.
    pub keys: Vec<Key>,
    /// What each key is in the base: as written, or as the programme has it; nothing where it has none.
    pub bases: Vec<Option<Value>>,
    /// Of each setting, the number of each key's value; nothing where the key stays as the programme has it.
    pub settings: Vec<Vec<Option<usize>>>,
    /// Keys of `summary.json`.
    pub measures: Vec<String>,
}

/// What a setting is in its design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Base,
    Low(usize),
    High(usize),
    /// The two points of a row, and the first with a key of the second.
    A(usize),
    B(usize),
    Mixed(usize, usize),
}

impl Tornado {
    /// The keys that a setting has of its own, with their values.
    pub fn own(&self, setting: usize) -> impl Iterator<Item = (&Key, &Value)> {
        self.keys.iter().zip(&self.settings[setting]).filter_map(|(key, at)| Some((key, &key.values[(*at)?])))
    }

    /// The value of a key in a setting; nothing where the programme has none.
    pub fn value(&self, setting: usize, key: usize) -> Option<&Value> {
        match self.settings[setting][key] {
            Some(at) => Some(&self.keys[key].values[at]),
            None => self.bases[key].as_ref(),
        }
    }

    pub fn part(&self, setting: usize) -> Part {
        let keys = self.keys.len();
        match self.method {
            Method::OneAtATime if setting == 0 => Part::Base,
            Method::OneAtATime if setting % 2 == 1 => Part::Low(setting / 2),
            Method::OneAtATime => Part::High(setting / 2 - 1),
            Method::Sobol => match (setting / (keys + 2), setting % (keys + 2)) {
                (row, 0) => Part::A(row),
                (row, 1) => Part::B(row),
                (row, at) => Part::Mixed(row, at - 2),
            },
        }
    }

    /// The setting of a key at its low end, one at a time; the next one is its high end.
    pub fn low(&self, key: usize) -> usize {
        1 + 2 * key
    }

    /// The first setting of a row of a Sobol' design: A, then B, then A with each key of B.
    pub fn row(&self, row: usize) -> usize {
        row * (self.keys.len() + 2)
    }
}

/// The settings of one key after another at its ends; `written` says which keys have a base of their own.
pub fn one_at_a_time(written: &[bool]) -> Vec<Vec<Option<usize>>> {
    let base: Vec<Option<usize>> = written.iter().map(|written| written.then_some(HIGH + 1)).collect();
    let with = |key: usize, end: usize| {
        let mut setting = base.clone();
        setting[key] = Some(end);
        setting
    };
    let ends = (0..written.len()).flat_map(|key| [with(key, LOW), with(key, HIGH)]);
    std::iter::once(base.clone()).chain(ends).collect()
}

/// The settings of a Sobol' design: the values of a key are its ends, then a draw of A for each row, then one of B.
pub fn sobol(keys: usize, rows: usize) -> Vec<Vec<Option<usize>>> {
    let of_row = |row: usize| {
        let (a, b) = (HIGH + 1 + row, HIGH + 1 + rows + row);
        let mixed = move |key: usize| (0..keys).map(|k| Some(if k == key { b } else { a })).collect();
        [vec![Some(a); keys], vec![Some(b); keys]].into_iter().chain((0..keys).map(mixed))
    };
    (0..rows).flat_map(of_row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tornado(method: Method, settings: Vec<Vec<Option<usize>>>, keys: usize, rows: usize) -> Tornado {
        let key = Key { names: vec!["a".into()], title: Named::alike("a"), values: Vec::new() };
        let (name, bases) = (Named::alike("t"), vec![None; keys]);
        Tornado { name, method, rows, seed: 0, keys: vec![key; keys], bases, settings, measures: Vec::new() }
    }

    #[test]
    fn one_at_a_time_leaves_all_other_keys_as_they_are() {
        let settings = one_at_a_time(&[false, true]);
        let wanted = [[None, Some(2)], [Some(0), Some(2)], [Some(1), Some(2)], [None, Some(0)], [None, Some(1)]];
        assert_eq!(settings, wanted);
        let of = tornado(Method::OneAtATime, settings, 2, 0);
        let parts: Vec<Part> = (0..5).map(|s| of.part(s)).collect();
        assert_eq!(parts, [Part::Base, Part::Low(0), Part::High(0), Part::Low(1), Part::High(1)]);
        assert_eq!((of.low(0), of.low(1)), (1, 3));
    }

    #[test]
    fn a_row_has_two_points_and_the_first_with_each_key_of_the_second() {
        let settings = sobol(2, 3);
        assert_eq!(settings[4..8], [[3, 3], [6, 6], [6, 3], [3, 6]].map(|s| s.map(Some)));
        let of = tornado(Method::Sobol, settings, 2, 3);
        let parts: Vec<Part> = (4..8).map(|s| of.part(s)).collect();
        assert_eq!((parts, of.row(1)), (vec![Part::A(1), Part::B(1), Part::Mixed(1, 0), Part::Mixed(1, 1)], 4));
    }
}
