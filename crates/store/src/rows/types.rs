//! How the domain's types are stored: ids as integers, times and durations as milliseconds (times since
//! 1970), enumerations by their names; in tables with a row for each job or report by numbers.

use crate::sql::{FromValue, ToValue, Value, corrupt};
use domain::model::destinations::{ForgeKind, ForgeToken};
use domain::model::ids::{
    DestinationId, Hex32, JobId, MergeRequestIid, PipelineId, RepositoryId, StageId, UserId, WebhookId,
};
use domain::model::reports::Authority;
use domain::model::repositories::Visibility;
use domain::model::roles::{Role, Scope};
use domain::model::status::Status;
use domain::model::tokens::{SignInMethod, TokenKind};
use domain::model::webhooks::content::Format;
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
ids!(RepositoryId, PipelineId, StageId, JobId, MergeRequestIid, WebhookId, DestinationId, UserId);

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
names!(Scope, Role, Visibility, DisabledReason, ForgeKind, Format);

/// The statuses in order of their numbers, from 1. A number never gets another meaning. SQLite stores the number 1
/// without a byte, so it is the most frequent status.
const STATUSES: [Status; 7] = [
    Status::Success,
    Status::Pending,
    Status::Running,
    Status::Failed,
    Status::Canceled,
    Status::Skipped,
    Status::TimedOut,
];

/// The number of a status in tables with a row for each job or report.
pub fn status_number(status: Status) -> i64 {
    (1..).zip(STATUSES).find(|(_, known)| *known == status).map_or(0, |(number, _)| number)
}

/// The status with this number.
pub fn status_of_number(number: i64) -> Option<Status> {
    (1..).zip(STATUSES).find(|(known, _)| *known == number).map(|(_, status)| status)
}

impl ToValue for Status {
    fn to_value(&self) -> Value<'_> {
        self.as_str().into()
    }
}

/// A name or a number.
impl FromValue for Status {
    fn from_value(value: Value<'_>) -> Result<Self> {
        match value {
            Value::Int(number) => status_of_number(number).ok_or_else(|| corrupt(format!("status {number}"))),
            name => parse(&name, Self::parse),
        }
    }
}

/// A number.
impl ToValue for Authority {
    fn to_value(&self) -> Value<'_> {
        Value::Int(match self {
            Self::Reporter => 0,
            Self::Operator => 1,
            Self::Watchdog => 2,
        })
    }
}

impl FromValue for Authority {
    fn from_value(value: Value<'_>) -> Result<Self> {
        match i64::from_value(value)? {
            0 => Ok(Self::Reporter),
            1 => Ok(Self::Operator),
            2 => Ok(Self::Watchdog),
            other => Err(corrupt(format!("authority {other}"))),
        }
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

impl ToValue for SignInMethod {
    fn to_value(&self) -> Value<'_> {
        self.as_str().into()
    }
}

impl FromValue for SignInMethod {
    fn from_value(value: Value<'_>) -> Result<Self> {
        parse(&value, Self::parse)
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

/// Minutes since 1970, as the columns `updated_minute` and `active_minute` have them.
pub fn minute(at: Timestamp) -> i64 {
    // Rounded towards zero, as in SQL.
    at.as_millisecond() / 60_000
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

impl ToValue for Secret {
    fn to_value(&self) -> Value<'_> {
        self.bytes().to_value()
    }
}

impl FromValue for Secret {
    fn from_value(value: Value<'_>) -> Result<Self> {
        Ok(Self::stored(Vec::from_value(value)?))
    }
}

impl ToValue for ForgeToken {
    fn to_value(&self) -> Value<'_> {
        self.as_str().into()
    }
}

impl FromValue for ForgeToken {
    fn from_value(value: Value<'_>) -> Result<Self> {
        Self::new(String::from_value(value)?).map_err(corrupt)
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
