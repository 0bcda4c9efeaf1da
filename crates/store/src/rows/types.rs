//! How the domain's types are stored: ids as integers, times and durations as milliseconds (times since
//! 1970), enumerations by their names.

use crate::sql::{FromValue, ToValue, Value, corrupt};
use domain::model::attempts::Evidence;
use domain::model::ids::{
    Hex32, JobId, MergeRequestIid, PipelineId, RepositoryId, StageId, UserId, WebhookId,
};
use domain::model::reports::{Adjustments, Authority, Effect, FieldSet, Rules};
use domain::model::repositories::Visibility;
use domain::model::roles::{Role, Scope};
use domain::model::status::Status;
use domain::model::tokens::TokenKind;
use domain::model::webhooks::{DisabledReason, Secret};
use domain::{Result, SignedDuration, Timestamp};

macro_rules! ids {
    ($($type:ty),*) => { $(
        impl ToValue for $type {
            fn to_value(&self) -> Value<'_> {
                Value::Int(self.get().into())
            }
        }
        impl From<$type> for Value<'_> {
            fn from(id: $type) -> Self {
                Self::Int(id.get().into())
            }
        }
        impl FromValue for $type {
            fn from_value(value: Value<'_>) -> Result<Self> {
                Self::new(i64::from_value(value)?).map_err(corrupt)
            }
        }
    )* };
}
ids!(RepositoryId, PipelineId, StageId, JobId, MergeRequestIid, WebhookId, UserId);

/// Reads text with `parse` without copying it.
fn parse<T>(value: &Value<'_>, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
    match value {
        Value::Text(text) => parse(text).ok_or_else(|| corrupt(text)),
        other => Err(corrupt(format!("{other} instead of text"))),
    }
}

macro_rules! names {
    ($($type:ty),*) => { $(
        impl ToValue for $type {
            fn to_value(&self) -> Value<'_> {
                self.as_str().into()
            }
        }
        impl FromValue for $type {
            fn from_value(value: Value<'_>) -> Result<Self> {
                parse(&value, Self::parse)
            }
        }
    )* };
}
names!(Status, Scope, Role, Visibility, Authority, DisabledReason);

impl ToValue for Effect {
    fn to_value(&self) -> Value<'_> {
        self.as_str().into()
    }
}

impl FromValue for Effect {
    fn from_value(value: Value<'_>) -> Result<Self> {
        parse(&value, |name| Self::ALL.into_iter().find(|effect| effect.as_str() == name))
    }
}

impl ToValue for TokenKind {
    fn to_value(&self) -> Value<'_> {
        match self {
            Self::Session => "session".into(),
            Self::Personal => "personal".into(),
        }
    }
}

impl FromValue for TokenKind {
    fn from_value(value: Value<'_>) -> Result<Self> {
        parse(&value, |name| match name {
            "session" => Some(Self::Session),
            "personal" => Some(Self::Personal),
            _ => None,
        })
    }
}

/// The bits of the set, as an integer. Receipts store them the same way.
impl ToValue for FieldSet {
    fn to_value(&self) -> Value<'_> {
        Value::Int(self.bits().into())
    }
}

impl FromValue for FieldSet {
    fn from_value(value: Value<'_>) -> Result<Self> {
        FromValue::from_value(value).map(Self::from_bits)
    }
}

/// The bits, as an integer.
impl ToValue for Adjustments {
    fn to_value(&self) -> Value<'_> {
        Value::Int(self.bits().cast_signed())
    }
}

impl FromValue for Adjustments {
    fn from_value(value: Value<'_>) -> Result<Self> {
        Ok(Self::from_bits(i64::from_value(value)?.cast_unsigned()))
    }
}

/// The number of the version, from 1.
impl ToValue for Rules {
    fn to_value(&self) -> Value<'_> {
        Value::Int(match self {
            Self::First => 1,
            Self::Second => 2,
        })
    }
}

impl FromValue for Rules {
    fn from_value(value: Value<'_>) -> Result<Self> {
        match i64::from_value(value)? {
            1 => Ok(Self::First),
            2 => Ok(Self::Second),
            other => Err(corrupt(format!("rules {other}"))),
        }
    }
}

impl ToValue for Timestamp {
    fn to_value(&self) -> Value<'_> {
        Value::Int(self.as_millisecond())
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(time: Timestamp) -> Self {
        Self::Int(time.as_millisecond())
    }
}

impl FromValue for Timestamp {
    fn from_value(value: Value<'_>) -> Result<Self> {
        Self::from_millisecond(i64::from_value(value)?).map_err(corrupt)
    }
}

impl ToValue for SignedDuration {
    fn to_value(&self) -> Value<'_> {
        Value::Int(i64::try_from(self.as_millis()).unwrap_or(i64::MAX))
    }
}

impl FromValue for SignedDuration {
    fn from_value(value: Value<'_>) -> Result<Self> {
        Ok(Self::from_millis(i64::from_value(value)?))
    }
}

impl ToValue for Hex32 {
    fn to_value(&self) -> Value<'_> {
        self.as_str().into()
    }
}

impl FromValue for Hex32 {
    fn from_value(value: Value<'_>) -> Result<Self> {
        parse(&value, |text| Self::parse("uuid", text).ok())
    }
}

impl ToValue for Evidence {
    fn to_value(&self) -> Value<'_> {
        self.to_bytes().into()
    }
}

impl FromValue for Evidence {
    fn from_value(value: Value<'_>) -> Result<Self> {
        let bytes = match &value {
            Value::Blob(bytes) => Self::from_bytes(bytes),
            _ => None,
        };
        bytes.ok_or_else(|| corrupt("the evidence of an attempt cannot be read"))
    }
}

impl ToValue for Secret {
    fn to_value(&self) -> Value<'_> {
        self.bytes().to_value()
    }
}

impl FromValue for Secret {
    fn from_value(value: Value<'_>) -> Result<Self> {
        Self::new(Vec::from_value(value)?).map_err(corrupt)
    }
}

/// The repositories of a credential: ids joined by commas.
impl ToValue for Vec<RepositoryId> {
    fn to_value(&self) -> Value<'_> {
        self.iter().map(ToString::to_string).collect::<Vec<_>>().join(",").into()
    }
}

impl FromValue for Vec<RepositoryId> {
    fn from_value(value: Value<'_>) -> Result<Self> {
        parse(&value, |ids| ids.split(',').map(|id| RepositoryId::parse(id).ok()).collect())
    }
}
