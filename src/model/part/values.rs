//! Reads the values of a part by their keys, through its serde form: what a programme calls them is their only name.
//!
//! A table inside a part gives dotted keys. A key that is left out has no value; a choice with keys of its own gives those.

use crate::units::Ratio;
use serde::ser::{self, Impossible, Serialize, SerializeStruct, SerializeStructVariant};
use std::fmt;

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Figure(f64),
    Text(String),
}

/// The values of a part, each under its dotted key, in the order of the part's fields.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Values(Vec<(String, Value)>);

impl Values {
    pub fn of<P: Serialize + ?Sized>(part: &P) -> Values {
        let mut values = Values::default();
        part.serialize(Walk { key: String::new(), out: &mut values }).expect("a part is a table of figures, words and tables");
        values
    }

    fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(at, _)| at == key).map(|(_, value)| value)
    }

    /// Whether anything stands at a key, or below it.
    pub fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(at, _)| at.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    }

    /// The figure at a key; a percentage is a fraction, and a word is none.
    pub fn figure(&self, key: &str) -> Option<f64> {
        match self.get(key)? {
            Value::Figure(figure) => Some(*figure),
            Value::Text(text) => Ratio::parse(text).map(Ratio::get),
        }
    }

    /// The word at a key.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Value::Figure(_) => None,
            Value::Text(text) => Some(text),
        }
    }

    /// The keys that have a value.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }
}

/// Walks a part's serde form from a key on.
struct Walk<'o> {
    key: String,
    out: &'o mut Values,
}

impl Walk<'_> {
    fn put(self, value: Value) -> Result<(), Unreadable> {
        self.out.0.push((self.key, value));
        Ok(())
    }

    fn below(&mut self, key: &str) -> Walk<'_> {
        let key = if self.key.is_empty() { key.to_string() } else { format!("{}.{key}", self.key) };
        Walk { key, out: self.out }
    }
}

/// A form that no part has.
#[derive(Debug)]
pub struct Unreadable(String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

impl ser::Error for Unreadable {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Unreadable(message.to_string())
    }
}

/// A whole number, exact up to 2⁵³.
macro_rules! figures {
    ($($name:ident: $kind:ty),*) => {
        $(fn $name(self, figure: $kind) -> Result<(), Unreadable> { self.put(Value::Figure(figure as f64)) })*
    };
}

impl<'o> ser::Serializer for Walk<'o> {
    type Ok = ();
    type Error = Unreadable;
    /// The entries of a list are no parameters: only that it is there counts.
    type SerializeSeq = List;
    type SerializeTuple = Impossible<(), Unreadable>;
    type SerializeTupleStruct = Impossible<(), Unreadable>;
    type SerializeTupleVariant = Impossible<(), Unreadable>;
    type SerializeMap = Impossible<(), Unreadable>;
    type SerializeStruct = Walk<'o>;
    type SerializeStructVariant = Walk<'o>;

    figures!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64);
    figures!(serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64);
    figures!(serialize_f32: f32, serialize_f64: f64);

    fn serialize_bool(self, yes: bool) -> Result<(), Unreadable> {
        self.put(Value::Text(yes.to_string()))
    }

    fn serialize_char(self, c: char) -> Result<(), Unreadable> {
        self.put(Value::Text(c.to_string()))
    }

    fn serialize_str(self, text: &str) -> Result<(), Unreadable> {
        self.put(Value::Text(text.to_string()))
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Unreadable> {
        Err(ser::Error::custom("bytes are no parameter"))
    }

    fn serialize_none(self) -> Result<(), Unreadable> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unreadable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unreadable> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unreadable> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Unreadable> {
        self.put(Value::Text(variant.to_string()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Unreadable> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Unreadable> {
        value.serialize(self.below(variant))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List, Unreadable> {
        self.put(Value::Text("a list".into())).map(|()| List)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Unreadable> {
        Err(ser::Error::custom("a tuple is no parameter"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Unreadable> {
        Err(ser::Error::custom("a tuple is no parameter"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unreadable> {
        Err(ser::Error::custom("a tuple is no parameter"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Unreadable> {
        Err(ser::Error::custom("entries by name are no parameter"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Walk<'o>, Unreadable> {
        Ok(self)
    }

    fn serialize_struct_variant(mut self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Walk<'o>, Unreadable> {
        let key = std::mem::take(&mut self.below(variant).key);
        Ok(Walk { key, out: self.out })
    }
}

impl SerializeStruct for Walk<'_> {
    type Ok = ();
    type Error = Unreadable;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Unreadable> {
        value.serialize(self.below(key))
    }

    fn end(self) -> Result<(), Unreadable> {
        Ok(())
    }
}

impl SerializeStructVariant for Walk<'_> {
    type Ok = ();
    type Error = Unreadable;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Unreadable> {
        SerializeStruct::serialize_field(self, key, value)
    }

    fn end(self) -> Result<(), Unreadable> {
        Ok(())
    }
}

/// Takes the entries of a list and keeps none.
pub struct List;

impl ser::SerializeSeq for List {
    type Ok = ();
    type Error = Unreadable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), Unreadable> {
        Ok(())
    }

    fn end(self) -> Result<(), Unreadable> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;

    #[derive(Serialize)]
    #[serde(rename_all = "kebab-case")]
    struct Table {
        first_day: u32,
        size: Ratio,
        law: Law,
        jumps: Option<Inner>,
        absent: Option<f64>,
        on: On,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "kebab-case")]
    struct Inner {
        per_year: f64,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "kebab-case")]
    enum Law {
        SkewedT,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "kebab-case")]
    enum On {
        Symbols(Vec<String>),
    }

    #[test]
    fn values_are_found_under_the_keys_of_the_programme() {
        let size = Ratio::from_fraction(-0.1);
        let inner = Some(Inner { per_year: 5.0 });
        let on = On::Symbols(vec!["A".into()]);
        let values = Values::of(&Table { first_day: 3, size, law: Law::SkewedT, jumps: inner, absent: None, on });
        assert_eq!(values.keys().collect::<Vec<_>>(), ["first-day", "size", "law", "jumps.per-year", "on.symbols"]);
        assert_eq!((values.figure("first-day"), values.figure("size")), (Some(3.0), Some(-0.1)));
        assert_eq!((values.text("law"), values.figure("law"), values.figure("jumps.per-year")), (Some("skewed-t"), None, Some(5.0)));
        assert!(values.has("jumps") && !values.has("absent") && !values.has("jump"));
    }
}
