//! States the way of a change of a reverse stress test, from where it starts to the furthest that is looked at.
//!
//! Every change runs from a start, where nothing is changed, to the furthest that is looked at. A place on the way is a fraction from 0 to
//! 1: a number between the two, to ten decimals, a whole number where both are. A shock has a size, which is 0, or a multiple of 1, at the
//! start: a fall of prices to −60 % is one of −30 % half the way. Values between the ends are rounded to a decimal that tells a four thousandth of
//! the way: of a way of 60 % to a hundredth of a per cent.

use super::reverse::{Reverse, Written};
use super::shock::Shock;
use super::sweep::{Form, Named, Value, bound};

/// What a reverse stress test is called.
pub fn name_of(reverse: &Reverse) -> Named {
    Named { en: reverse.name.clone(), zh: reverse.zh.name.clone().unwrap_or_else(|| reverse.name.clone()) }
}

/// What a change moves.
#[derive(Clone, Debug, PartialEq)]
pub enum Moves {
    /// A key of a programme.
    Key(String),
    /// The size of a shock: the key of it.
    Shock(Box<Shock>, &'static str),
}

/// The way of a change, resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    pub moves: Moves,
    pub title: Named,
    pub from: f64,
    pub to: f64,
    pub form: Form,
}

/// Part of a way that its values tell.
const TOLD: f64 = 4000.0;

impl Way {
    /// The value at a place on the way.
    pub fn at(&self, place: f64) -> Value {
        let value = self.from + (self.to - self.from) * place;
        if place == 0.0 || place == 1.0 || self.form == Form::Whole {
            return Value::of(value, self.form);
        }
        let scale = if self.form == Form::Percent { 100.0 } else { 1.0 };
        let text = format!("{:e}", (self.to - self.from).abs() * scale / TOLD);
        let exponent: i32 = text.split_once('e').and_then(|(_, e)| e.parse().ok()).expect("a number has an exponent");
        let unit: f64 = format!("1e{exponent}").parse().expect("a power of ten");
        Value::of(libm::round(value * scale / unit) * unit / scale, self.form)
    }

    /// The place on the way at which the value is written as that of `place` is.
    pub fn snapped(&self, place: f64) -> f64 {
        if place == 0.0 || place == 1.0 {
            return place;
        }
        (self.at(place).number.expect("a number") - self.from) / (self.to - self.from)
    }
}

/// A number, and how it is written; nothing where it is none.
pub fn number(written: &Written) -> Option<(f64, Form)> {
    match written {
        Written::Whole(whole) => Some((*whole as f64, Form::Whole)),
        Written::Plain(number) => number.is_finite().then_some((*number, Form::Plain)),
        Written::Text(text) if text.trim_end().ends_with('%') => bound(text).map(|number| (number, Form::Percent)),
        Written::Text(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_few_places() {
        let way = Way { moves: Moves::Key("margin.cure-days".into()), title: Named::alike("days"), from: 1.0, to: 5.0, form: Form::Whole };
        assert_eq!([0.0, 0.1, 0.2, 0.9, 1.0].map(|place| way.snapped(place)), [0.0, 0.0, 0.25, 1.0, 1.0]);
        assert_eq!(way.at(0.55).toml, "3");
        let fall = Way { from: 0.0, to: -0.6, form: Form::Percent, ..way };
        assert_eq!((fall.at(0.5).toml.as_str(), fall.at(0.123_45).toml.as_str()), ("\"-30%\"", "\"-7.41%\""));
        assert!((fall.snapped(0.123_45) - 0.1235).abs() < 1e-12);
        let money = Way { from: 4e7, to: 1e7, form: Form::Plain, ..fall };
        assert_eq!((money.at(0.123_456).toml.as_str(), money.at(1.0).toml.as_str()), ("36296000.0", "10000000.0"));
    }
}
