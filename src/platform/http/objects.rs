//! JSON in which no list passes for an object, and no object for a word.
//!
//! What serde derives for a struct reads a list as well, field by field in the order in which they
//! were written down: there are formats without names. JSON has names. A list where an object
//! belongs is nobody's meaning, and would come to mean something else with the next field.
//!
//! What serde keeps aside and reads later is out of reach from here: the inside of an enum that is
//! untagged, or tagged by a field of its own, and of what is flattened. Such an enum is refused a
//! list in its own place, and no body has an object further in.

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, Expected, IntoDeserializer as _, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use std::fmt;

/// What is wanted, in the words of the refusal.
const OBJECT: &str = "an object";
/// How serde begins to tell what it expects for an enum that is tagged within: it asks for anything
/// then, so that nothing else tells it from a value that may be a list.
const TAGGED: &str = "internally tagged enum ";

/// Something that reads, or is read into, and hands all on to what it holds; but no list where an
/// object is wanted, at any depth.
pub(super) struct Objects<X>(pub(super) X);

/// What one value is read into.
struct Target<V> {
    visitor: V,
    /// Whether it asked for an object.
    object: bool,
}

impl<V: Expected> Target<V> {
    fn wants_object(&self) -> bool {
        let expected: &dyn Expected = &self.visitor;
        self.object || expected.to_string().starts_with(TAGGED)
    }
}

/// Methods that hand on what they are given, and read into an object or not.
macro_rules! ask {
    ($object:literal: $($method:ident($($name:ident: $type:ty),*))+) => { $(
        fn $method<V: Visitor<'de>>(
            self,
            $($name: $type,)*
            visitor: V,
        ) -> Result<V::Value, Self::Error> {
            self.0.$method($($name,)* Target { visitor, object: $object })
        }
    )+ };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Objects<D> {
    type Error = D::Error;
    ask! { true:
        deserialize_map()
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
    }
    ask! { false:
        deserialize_any() deserialize_bool()
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128()
        deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
        deserialize_f32() deserialize_f64() deserialize_char() deserialize_str()
        deserialize_string() deserialize_bytes() deserialize_byte_buf() deserialize_option()
        deserialize_unit() deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_seq() deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_identifier() deserialize_ignored_any()
    }
    /// What is one of some words may be anything to the JSON reader, so that what is none of them
    /// is told of as a wrong field, and not as no JSON.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_any(Word { visitor, words })
    }
    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

/// Methods that hand a plain value on.
macro_rules! plain {
    ($($method:ident($($value:ident: $type:ty)?))+) => { $(
        fn $method<E: Error>(self, $($value: $type)?) -> Result<Self::Value, E> {
            self.visitor.$method($($value)?)
        }
    )+ };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Target<V> {
    type Value = V::Value;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.object { f.write_str(OBJECT) } else { self.visitor.expecting(f) }
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        if self.wants_object() {
            return Err(A::Error::invalid_type(Unexpected::Seq, &OBJECT));
        }
        self.visitor.visit_seq(Objects(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        self.visitor.visit_map(Objects(map))
    }
    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<Self::Value, D::Error> {
        self.visitor.visit_some(Objects(value))
    }
    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<Self::Value, D::Error> {
        self.visitor.visit_newtype_struct(Objects(value))
    }
    plain! {
        visit_none() visit_unit() visit_bool(value: bool) visit_char(value: char)
        visit_i8(value: i8) visit_i16(value: i16) visit_i32(value: i32) visit_i64(value: i64)
        visit_i128(value: i128)
        visit_u8(value: u8) visit_u16(value: u16) visit_u32(value: u32) visit_u64(value: u64)
        visit_u128(value: u128)
        visit_f32(value: f32) visit_f64(value: f64)
        visit_str(value: &str) visit_borrowed_str(value: &'de str) visit_string(value: String)
        visit_bytes(value: &[u8]) visit_borrowed_bytes(value: &'de [u8])
        visit_byte_buf(value: Vec<u8>)
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Objects<S> {
    type Value = S::Value;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        self.0.deserialize(Objects(from))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Objects<A> {
    type Error = A::Error;
    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Self::Error> {
        self.0.next_element_seed(Objects(seed))
    }
    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Objects<A> {
    type Error = A::Error;
    /// Names are texts: there is nothing to refuse.
    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Self::Error> {
        self.0.next_key_seed(seed)
    }
    fn next_value_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<S::Value, Self::Error> {
        self.0.next_value_seed(Objects(seed))
    }
    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

/// What one of some words is read into: a text, or an object with one field, named by a word that
/// brings something along.
struct Word<V> {
    visitor: V,
    words: &'static [&'static str],
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Word<V> {
    type Value = V::Value;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of `{}`", self.words.join("`, `"))
    }
    fn visit_str<E: Error>(self, word: &str) -> Result<Self::Value, E> {
        self.visitor.visit_enum(word.into_deserializer())
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        self.visitor.visit_enum(More(MapAccessDeserializer::new(Objects(map))))
    }
}

/// A word that came as the name of a field, and what it brings along.
struct More<X>(X);

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for More<A> {
    type Error = A::Error;
    type Variant = More<A::Variant>;
    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), Self::Error> {
        let (word, variant) = self.0.variant_seed(seed)?;
        Ok((word, More(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for More<A> {
    type Error = A::Error;
    /// It brings nothing along: `{"open": null}` is not `"open"`.
    fn unit_variant(self) -> Result<(), Self::Error> {
        Err(A::Error::invalid_type(Unexpected::Map, &"a text"))
    }
    fn newtype_variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<S::Value, Self::Error> {
        self.0.newtype_variant_seed(Objects(seed))
    }
    ask! { true: struct_variant(fields: &'static [&'static str]) }
    ask! { false: tuple_variant(len: usize) }
}
