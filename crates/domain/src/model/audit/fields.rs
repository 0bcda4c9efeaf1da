//! The fields of an object in an entry. Only this module's siblings can add one, so that no secret gets in.

use crate::model::text::is_displayed;
use jiff::{SignedDuration, Timestamp};
use std::borrow::Cow;

/// The greatest length of a text in an entry, in characters.
const TEXT_MAX: usize = 400;
/// Most texts of a list in an entry.
const LIST_MAX: usize = 100;

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// None.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(i64),
    /// A text of at most 400 characters.
    Text(String),
    /// At most 100 texts.
    List(Vec<String>),
}

/// Names and values, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(Cow<'static, str>, FieldValue)>);

impl Fields {
    /// Adds a field.
    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: impl Into<FieldValue>) -> Self {
        self.0.push((Cow::Borrowed(name), value.into()));
        self
    }

    /// Those fields of both whose values differ.
    pub(super) fn differences(before: Self, after: Self) -> (Self, Self) {
        let differs = |field: &&(Cow<'static, str>, FieldValue), other: &Self| !other.0.contains(field);
        let of = |one: &Self, other: &Self| {
            Self(one.0.iter().filter(|field| differs(field, other)).cloned().collect())
        };
        (of(&before, &after), of(&after, &before))
    }

    /// Fields as they were stored. They can be read and not be recorded again.
    pub fn stored(fields: impl IntoIterator<Item = (String, FieldValue)>) -> Self {
        Self(fields.into_iter().map(|(name, value)| (Cow::Owned(name), value)).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FieldValue)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&FieldValue> {
        self.iter().find_map(|(known, value)| (known == name).then_some(value))
    }
}

/// A text as an entry has it: on one line and of bounded length.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(TEXT_MAX).map(|c| if is_displayed(c) { c } else { '\u{fffd}' }).collect()
}

impl From<bool> for FieldValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for FieldValue {
    fn from(value: i64) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for FieldValue {
    fn from(value: &str) -> Self {
        Self::Text(shown(value))
    }
}

impl From<String> for FieldValue {
    fn from(value: String) -> Self {
        value.as_str().into()
    }
}

impl From<Timestamp> for FieldValue {
    fn from(value: Timestamp) -> Self {
        Self::Text(value.to_string())
    }
}

/// Seconds.
impl From<SignedDuration> for FieldValue {
    fn from(value: SignedDuration) -> Self {
        Self::Number(value.as_secs())
    }
}

impl From<Vec<String>> for FieldValue {
    fn from(values: Vec<String>) -> Self {
        Self::List(values.iter().take(LIST_MAX).map(|value| shown(value)).collect())
    }
}

impl<T: Into<Self>> From<Option<T>> for FieldValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
