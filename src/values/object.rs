//! Objects of the API: read liberally, written as they were read.
//!
//! Reading an object and writing it again is the identity: no key is lost, none
//! is added and no value is changed. What a type does not know is kept in its
//! [`Extra`], and so is a known key that came in a form that its field cannot hold.

use crate::values::json::{Extra, Json};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, DeserializeOwned, DeserializeSeed, MapAccess, SeqAccess, Visitor},
    ser::SerializeMap,
};
use std::{
    collections::BTreeMap,
    fmt::{self, Debug, Display},
    marker::PhantomData,
};

/// A type whose keys are known.
pub(crate) trait Object: Sized {
    const KEYS: &'static [&'static str];
    /// What has to be there for a value to be of use.
    const DEMAND: Demand;

    /// The place of a known key.
    fn key(name: &str) -> Option<usize>;
    /// The object without any key.
    fn empty() -> Self;
    /// Reads the value of a key into its field.
    fn read<'de, A: MapAccess<'de>>(
        &mut self,
        key: usize,
        map: &mut A,
    ) -> Result<Came<()>, A::Error>;
    fn extra(&mut self) -> &mut Extra;
}

/// What an answer cannot be used without.
pub(crate) enum Demand {
    /// These keys, which may be none.
    Keys(&'static [usize]),
    /// Any of the known keys: without one it is another thing altogether.
    Any,
    /// Any of the known keys, or no key at all, as for a list without items.
    AnyOrEmpty,
}

/// What a field of an object can be.
pub(crate) trait Field: PartialEq + Serialize + Sized {
    /// What stands for a value that is not there.
    fn empty() -> Self;

    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Came<Self>, A::Error>;

    /// Whether this is what reading `came`, which has another form, gave.
    fn is_of(&self, _came: &Json) -> bool {
        false
    }
}

/// How the value of a field came.
pub(crate) enum Came<T> {
    As(T),
    /// In another form, and perhaps as nothing.
    Otherwise(Option<T>, Json),
}

impl<T> Came<T> {
    pub fn or_null(value: Option<T>) -> Self {
        match value {
            Some(value) => Self::As(value),
            None => Self::Otherwise(None, Json::default()),
        }
    }

    /// Gives the value, if there is one, to `keep`, and says how it came.
    fn kept(self, keep: impl FnOnce(Option<T>)) -> Came<()> {
        match self {
            Self::As(value) => {
                keep(Some(value));
                Came::As(())
            }
            Self::Otherwise(value, came) => {
                let there = value.as_ref().map(|_| ());
                keep(value);
                Came::Otherwise(there, came)
            }
        }
    }
}

/// Fields that read as their type does.
macro_rules! plain_field {
    ($($ty:ty),* $(,)?) => {
        $(
            impl crate::values::object::Field for $ty {
                fn empty() -> Self {
                    Default::default()
                }

                fn read<'de, A: serde::de::MapAccess<'de>>(
                    map: &mut A,
                ) -> Result<crate::values::object::Came<Self>, A::Error> {
                    map.next_value().map(crate::values::object::Came::or_null)
                }
            }
        )*
    };
}

plain_field!(
    bool,
    crate::values::number::Number,
    crate::values::secret::Secret
);

impl Field for Json {
    fn empty() -> Self {
        Self::default()
    }

    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Came<Self>, A::Error> {
        let json: Self = map.next_value()?;
        Ok(Came::or_null(Some(json).filter(|json| !json.is_null())))
    }
}

impl<T: DeserializeOwned + Serialize + PartialEq> Field for Vec<T> {
    fn empty() -> Self {
        Self::default()
    }

    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Came<Self>, A::Error> {
        let items: Option<Items<T>> = map.next_value()?;
        Ok(Came::or_null(items.map(|items| items.0)))
    }
}

impl<T: DeserializeOwned + Serialize + PartialEq> Field for BTreeMap<String, T> {
    fn empty() -> Self {
        Self::default()
    }

    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Came<Self>, A::Error> {
        let entries: Option<Entries<T>> = map.next_value()?;
        Ok(Came::or_null(entries.map(|entries| entries.0)))
    }
}

/// Ids have come as numbers where others come as texts.
impl Field for String {
    fn empty() -> Self {
        Self::default()
    }

    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Came<Self>, A::Error> {
        map.next_value().map(|Scalar(came)| came)
    }

    fn is_of(&self, came: &Json) -> bool {
        self == came.text()
    }
}

/// A whole number may be written with a fraction: `1.0`.
impl Field for i64 {
    fn empty() -> Self {
        Self::default()
    }

    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Came<Self>, A::Error> {
        map.next_value().map(|Scalar(came)| came)
    }

    fn is_of(&self, came: &Json) -> bool {
        came.decode()
            .is_ok_and(|number: f64| number == *self as f64)
    }
}

struct Scalar<T>(Came<T>);

macro_rules! scalar {
    ($ty:ty, $expected:literal { $($visit:ident($value:ident: $from:ty) => $came:expr;)* }) => {
        impl<'de> Deserialize<'de> for Scalar<$ty> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Read;

                impl<'de> Visitor<'de> for Read {
                    type Value = Scalar<$ty>;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expected)
                    }

                    fn visit_unit<E>(self) -> Result<Self::Value, E> {
                        Ok(Scalar(Came::or_null(None)))
                    }

                    $(
                        fn $visit<E: de::Error>(self, $value: $from) -> Result<Self::Value, E> {
                            $came.map(Scalar)
                        }
                    )*
                }

                deserializer.deserialize_any(Read)
            }
        }
    };
}

scalar!(String, "a text" {
    visit_str(text: &str) => Ok(Came::As(text.to_string()));
    visit_string(text: String) => Ok(Came::As(text));
    visit_i64(number: i64) => Ok(Came::Otherwise(Some(number.to_string()), Json::from(serde_json::Value::from(number))));
    visit_u64(number: u64) => Ok(Came::Otherwise(Some(number.to_string()), Json::from(serde_json::Value::from(number))));
});

scalar!(i64, "a whole number" {
    visit_i64(number: i64) => Ok(Came::As(number));
    visit_u64(number: u64) => i64::try_from(number)
        .map(Came::As)
        .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &"a number of 64 bits"));
    visit_f64(number: f64) => whole(number)
        .map(|whole| Came::Otherwise(Some(whole), Json::from(serde_json::Value::from(number))))
        .ok_or_else(|| E::invalid_value(de::Unexpected::Float(number), &"a whole number"));
});

fn whole(number: f64) -> Option<i64> {
    // Beyond this not every whole number is a floating-point number.
    const MOST: f64 = (1i64 << 53) as f64;
    (number.fract() == 0.0 && number.abs() <= MOST).then_some(number as i64)
}

/// Reads a field that every known answer has.
pub(crate) fn required<'de, T: Field, A: MapAccess<'de>>(
    field: &mut T,
    map: &mut A,
) -> Result<Came<()>, A::Error> {
    Ok(T::read(map)?.kept(|value| *field = value.unwrap_or_else(T::empty)))
}

/// Reads a field that may be missing.
pub(crate) fn optional<'de, T: Field, A: MapAccess<'de>>(
    field: &mut Option<T>,
    map: &mut A,
) -> Result<Came<()>, A::Error> {
    Ok(T::read(map)?.kept(|value| *field = value))
}

/// Reads an object.
pub(crate) fn read<'de, T: Object, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(Read(PhantomData))
}

struct Read<T>(PhantomData<T>);

impl<'de, T: Object> Visitor<'de> for Read<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let mut object = T::empty();
        fill(&mut object, T::KEYS, T::key, T::DEMAND, map)?;
        Ok(object)
    }
}

/// An [`Object`], whatever its type: what reads all of them is compiled once.
trait Fields<'de, A: MapAccess<'de>> {
    fn read(&mut self, key: usize, map: &mut A) -> Result<Came<()>, A::Error>;
    fn extra(&mut self) -> &mut Extra;
}

impl<'de, A: MapAccess<'de>, T: Object> Fields<'de, A> for T {
    fn read(&mut self, key: usize, map: &mut A) -> Result<Came<()>, A::Error> {
        Object::read(self, key, map)
    }

    fn extra(&mut self) -> &mut Extra {
        Object::extra(self)
    }
}

fn fill<'de, A: MapAccess<'de>>(
    object: &mut dyn Fields<'de, A>,
    keys: &'static [&'static str],
    known: fn(&str) -> Option<usize>,
    demand: Demand,
    mut map: A,
) -> Result<(), A::Error> {
    let (mut there, mut usable) = (0u64, 0u64);
    while let Some(key) = map.next_key_seed(Keys(known))? {
        match key {
            Key::Known(key) => {
                let name = keys[key];
                let came = object.read(key, &mut map).map_err(|e| at(name, e))?;
                usable &= !(1 << key);
                if matches!(came, Came::As(()) | Came::Otherwise(Some(()), _)) {
                    usable |= 1 << key;
                }
                match came {
                    Came::Otherwise(_, came) => drop(object.extra().insert(name.into(), came)),
                    // The key came twice: the last one counts.
                    Came::As(()) if there & (1 << key) != 0 => drop(object.extra().remove(name)),
                    Came::As(()) => {}
                }
                there |= 1 << key;
            }
            Key::Unknown(key) => drop(object.extra().insert(key, map.next_value()?)),
        }
    }
    object.extra().absent = !there;
    let is_nothing = match demand {
        Demand::Keys(needed) => {
            let missing = needed.iter().find(|key| usable & (1 << **key) == 0);
            return missing.map_or(Ok(()), |key| Err(de::Error::missing_field(keys[*key])));
        }
        Demand::Any => there == 0,
        Demand::AnyOrEmpty => there == 0 && !object.extra().is_empty(),
    };
    match is_nothing {
        true => Err(de::Error::custom(format_args!(
            "none of its keys is there (`{}`)",
            keys.join("`, `")
        ))),
        false => Ok(()),
    }
}

enum Key {
    Known(usize),
    Unknown(String),
}

/// Looks a key up before it is copied.
struct Keys(fn(&str) -> Option<usize>);

impl<'de> DeserializeSeed<'de> for Keys {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Keys {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Key, E> {
        let unknown = || Key::Unknown(key.to_string());
        Ok((self.0)(key).map_or_else(unknown, Key::Known))
    }
}

/// A list whose errors name the item.
struct Items<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Read<T> {
            type Value = Items<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Items<T>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) =
                    (seq.next_element()).map_err(|e| at(format_args!("[{}]", items.len()), e))?
                {
                    items.push(item);
                }
                Ok(Items(items))
            }
        }

        deserializer.deserialize_seq(Read(PhantomData))
    }
}

/// A map whose errors name the place of the entry: its key may be a secret.
struct Entries<T>(BTreeMap<String, T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Read<T> {
            type Value = Entries<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<T>, A::Error> {
                let mut entries = BTreeMap::new();
                let mut place = 0;
                while let Some(key) = map.next_key()? {
                    let value = map.next_value();
                    entries.insert(key, value.map_err(|e| at(format_args!("[{place}]"), e))?);
                    place += 1;
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Read(PhantomData))
    }
}

/// An error with the place where it was met, and without the value, which may be a secret.
fn at<E: de::Error>(place: impl Display, error: E) -> E {
    let text = error.to_string();
    match text.strip_prefix("at `") {
        Some(inner) if inner.starts_with('[') => E::custom(format_args!("at `{place}{inner}")),
        Some(inner) => E::custom(format_args!("at `{place}.{inner}")),
        None => E::custom(format_args!("at `{place}`: {}", without_value(&text))),
    }
}

/// What was wrong with an answer, and where.
pub(crate) fn placed(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.starts_with("at `") {
        true => text,
        false => format!("the answer: {}", without_value(&text)),
    }
}

/// What was wrong with an item of a list, and where.
pub(crate) fn placed_item(key: &str, place: usize, error: serde_json::Error) -> String {
    at(format_args!("{key}[{place}]"), error).to_string()
}

/// What was found and expected, without the value that was found.
fn without_value(message: &str) -> String {
    match message.rsplit_once(", expected ") {
        Some((found, expected)) => {
            let found = found.split(['"', '`']).next().unwrap_or_default();
            format!("{}, expected {expected}", found.trim_end())
        }
        None => message.to_string(),
    }
}

/// Writes an object.
pub(crate) struct Writer<'e, M> {
    map: M,
    extra: &'e Extra,
}

impl<'e, M: SerializeMap> Writer<'e, M> {
    pub fn new(map: M, extra: &'e Extra) -> Self {
        Self { map, extra }
    }

    /// A field that is written unless it was absent and still is what that reads as.
    pub fn required<T: Field>(
        &mut self,
        index: usize,
        key: &'static str,
        field: &T,
    ) -> Result<(), M::Error> {
        let unset = || *field == T::empty();
        match self.extra.get(key) {
            Some(came) if field.is_of(came) || is_nothing(came) && unset() => {
                self.map.serialize_entry(key, came)
            }
            _ if self.extra.absent & (1 << index) != 0 && unset() => Ok(()),
            _ => self.map.serialize_entry(key, field),
        }
    }

    pub fn optional<T: Field>(
        &mut self,
        _: usize,
        key: &'static str,
        field: &Option<T>,
    ) -> Result<(), M::Error> {
        match (self.extra.get(key), field) {
            (Some(came), Some(field)) if field.is_of(came) => self.map.serialize_entry(key, came),
            (_, Some(field)) => self.map.serialize_entry(key, field),
            (Some(came), None) if is_nothing(came) => self.map.serialize_entry(key, came),
            (_, None) => Ok(()),
        }
    }

    pub fn tag(&mut self, key: &'static str, tag: &'static str) -> Result<(), M::Error> {
        self.map.serialize_entry(key, tag)
    }

    pub fn end(mut self, known: &[&str]) -> Result<M::Ok, M::Error> {
        for (key, value) in self
            .extra
            .iter()
            .filter(|(k, _)| !known.contains(&k.as_str()))
        {
            self.map.serialize_entry(key, value)?;
        }
        self.map.end()
    }
}

/// What stands for no value.
fn is_nothing(came: &Json) -> bool {
    came.is_null() || came.text() == "\"\""
}

/// Reads the tag of a union's member, which has one value.
pub(crate) fn tag<'de, A: MapAccess<'de>>(
    tag: &'static str,
    map: &mut A,
) -> Result<Came<()>, A::Error> {
    let found: String = map.next_value()?;
    match found == tag {
        true => Ok(Came::As(())),
        false => Err(de::Error::custom(format_args!(
            "another tag, expected {tag}"
        ))),
    }
}

/// What a [`Debug`] shows of a field that may hold a secret.
pub(crate) struct Hidden;

impl Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

pub(crate) fn debug(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    known: &[&str],
    fields: &[(&str, &dyn Debug)],
    extra: &Extra,
) -> fmt::Result {
    let mut object = f.debug_struct(name);
    for (name, value) in fields {
        object.field(name, value);
    }
    // A known key that came in another form may be a secret as well.
    for (key, value) in extra.iter().filter(|(k, _)| !known.contains(&k.as_str())) {
        object.field(key, value);
    }
    object.finish()
}

/// A type that is an object of the API, a row for each of its keys.
macro_rules! object {
    (
        #[doc = $docs:literal] $name:ident $(: $default:ident)?, $demand:ident $(($($must:literal),*))?
        { $(#[doc = $doc:literal] $index:literal $key:literal $field:ident: $ty:ty = $kind:ident $shown:ident;)* }
        $({ $tag_index:literal $tag_key:literal = $tag:literal })?
    ) => {
        #[doc = $docs]
        #[derive(Clone, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $(#[doc = $doc] pub $field: $ty,)*
            /// Keys that this version of the crate does not know, kept as they came.
            pub extra: crate::values::json::Extra,
        }

        impl crate::values::object::Object for $name {
            const KEYS: &'static [&'static str] = &[$($key,)* $($tag_key)?];
            const DEMAND: crate::values::object::Demand = crate::values::object::Demand::$demand $((&[$($must),*]))?;

            fn key(name: &str) -> Option<usize> {
                match name {
                    $($key => Some($index),)*
                    $($tag_key => Some($tag_index),)?
                    _ => None,
                }
            }

            fn empty() -> Self {
                Self { $($field: object!(@ $kind),)* extra: Default::default() }
            }

            fn read<'de, A: serde::de::MapAccess<'de>>(
                &mut self,
                key: usize,
                map: &mut A,
            ) -> Result<crate::values::object::Came<()>, A::Error> {
                match key {
                    $($index => crate::values::object::$kind(&mut self.$field, map),)*
                    $($tag_index => crate::values::object::tag($tag, map),)?
                    _ => Ok(crate::values::object::Came::As(())),
                }
            }

            fn extra(&mut self) -> &mut crate::values::json::Extra {
                &mut self.extra
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::values::object::read(deserializer)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut object = crate::values::object::Writer::new(serializer.serialize_map(None)?, &self.extra);
                $(object.$kind($index, $key, &self.$field)?;)*
                $(object.tag($tag_key, $tag)?;)?
                object.end(<Self as crate::values::object::Object>::KEYS)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let fields: &[(&str, &dyn std::fmt::Debug)] =
                    &[$((stringify!($field), object!(@ $shown self $field)),)*];
                let known = <Self as crate::values::object::Object>::KEYS;
                crate::values::object::debug(f, stringify!($name), known, fields, &self.extra)
            }
        }

        impl crate::values::object::Field for $name {
            fn empty() -> Self {
                crate::values::object::Object::empty()
            }

            fn read<'de, A: serde::de::MapAccess<'de>>(
                map: &mut A,
            ) -> Result<crate::values::object::Came<Self>, A::Error> {
                map.next_value().map(crate::values::object::Came::or_null)
            }
        }

        $(
            impl std::default::Default for $name {
                fn $default() -> Self {
                    crate::values::object::Object::empty()
                }
            }
        )?
    };
    (@ required) => { crate::values::object::Field::empty() };
    (@ optional) => { None };
    (@ shown $self:ident $field:ident) => { &$self.$field };
    (@ hidden $self:ident $field:ident) => { &crate::values::object::Hidden };
}

/// A union whose members are told apart by a tag; the last member takes what the others do not.
macro_rules! union {
    (
        #[doc = $docs:literal] $name:ident by $key:literal
        { $($tag:literal $member:ident;)* } else $other:ident
    ) => {
        #[doc = $docs]
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("A [`", stringify!($member), "`].")] $member($member),)*
            #[doc = concat!("Anything else, as a [`", stringify!($other), "`].")]
            $other($other),
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let json = crate::values::json::Json::deserialize(deserializer)?;
                // A member that is not whole is kept by the one that takes the rest.
                let member = match crate::values::object::tag_of(&json, $key).as_deref() {
                    $(Some($tag) => json.decode().map(Self::$member).ok(),)*
                    _ => None,
                };
                match member {
                    Some(member) => Ok(member),
                    None => json.decode().map(Self::$other).map_err(serde::de::Error::custom),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$member(member) => member.serialize(serializer),)*
                    Self::$other(other) => other.serialize(serializer),
                }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::$other(Default::default())
            }
        }

        $(
            impl From<$member> for $name {
                fn from(member: $member) -> Self {
                    Self::$member(member)
                }
            }
        )*

        impl From<$other> for $name {
            fn from(other: $other) -> Self {
                Self::$other(other)
            }
        }

        plain_field!($name);
    };
}

/// The tag of a union's member, if it is an object with a text for one.
pub(crate) fn tag_of(json: &Json, key: &str) -> Option<String> {
    let mut object: BTreeMap<String, Json> = json.decode().ok()?;
    object.remove(key)?.decode().ok()
}
