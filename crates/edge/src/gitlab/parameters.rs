//! The parameters of a request: from the query and from a body of JSON, a form or a multipart form, mixed (reporters fact 1.1). They are
//! texts, whatever JSON calls them. It must not know what any of them means.

use crate::http::query::Query;
use crate::request::IncomingRequest;
use bytes::Bytes;
use domain::Timestamp;
use domain::error::{Invalid, Problem, Result};
use domain::model::ids::integer;
use http_body_util::{BodyDataStream, Full};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use std::fmt;

const BODY: &str = "body";

/// Parameters, of which those in the body go before those in the query.
pub struct Parameters<'a> {
    query: &'a Query,
    body: Vec<(String, Given)>,
}

/// A value in a body.
enum Given {
    /// Empty: as good as absent.
    Text(String),
    /// An array, an object, or a file.
    Nested,
}

impl<'a> Parameters<'a> {
    /// Those of the query, which is all a `GET` has.
    pub fn of_query(request: &'a IncomingRequest) -> Self {
        Self { query: &request.query, body: Vec::new() }
    }

    /// Those of query and body.
    ///
    /// # Errors
    /// On `Content-Type` or `body`, or that the body did not arrive.
    pub async fn read(request: &'a IncomingRequest) -> Result<Self> {
        let bytes = request.body()?;
        let kind = match request.headers.get(http::header::CONTENT_TYPE) {
            _ if bytes.trim_ascii().is_empty() => return Ok(Self::of_query(request)),
            None => "",
            Some(kind) => kind.to_str().unwrap_or("unreadable"),
        };
        let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let body = match essence.as_str() {
            "application/json" => {
                let Object(pairs) = serde_json::from_slice(bytes).map_err(|e| broken(&e))?;
                pairs
            }
            "" | "application/x-www-form-urlencoded" => {
                let form = Query::parse(&String::from_utf8_lossy(bytes));
                form.into_pairs().into_iter().map(|(name, value)| (name, Given::Text(value))).collect()
            }
            "multipart/form-data" => multipart(kind, bytes.clone()).await.map_err(|e| broken(&e))?,
            _ => {
                let allowed =
                    &["application/json", "application/x-www-form-urlencoded", "multipart/form-data"];
                return Err(Invalid::new("Content-Type", Problem::NotOneOf { allowed }).into());
            }
        };
        Ok(Self { query: &request.query, body })
    }

    /// A parameter's text. An empty one is none.
    ///
    /// # Errors
    /// [`Problem::Twice`]; [`Problem::WrongType`] where it is no single value.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Invalid> {
        let in_body = self.body.iter().map(|(name, given)| match given {
            Given::Text(text) => (name.as_str(), Some(text.as_str())),
            Given::Nested => (name.as_str(), None),
        });
        let in_query = self.query.pairs().iter().map(|(name, text)| (name.as_str(), Some(text.as_str())));
        let (in_body, in_query) = (single(name, in_body)?, single(name, in_query)?);
        Ok(in_body.or(in_query))
    }

    /// An integer.
    ///
    /// # Errors
    /// As [`Parameters::text`], and [`Problem::NotInteger`].
    pub fn integer(&self, name: &str) -> Result<Option<i64>, Invalid> {
        self.text(name)?.map(|text| integer(name, text)).transpose()
    }

    /// A decimal number.
    ///
    /// # Errors
    /// As [`Parameters::text`], and [`Problem::WrongType`].
    pub fn number(&self, name: &str) -> Result<Option<f64>, Invalid> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        // Rust also reads `inf`, `NaN` and exponents.
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let number = text.parse().ok().filter(|number: &f64| plain && number.is_finite());
        number.map(Some).ok_or_else(|| wrong(name, "number"))
    }

    /// True or false, in any of the words for it.
    ///
    /// # Errors
    /// As [`Parameters::text`], and [`Problem::WrongType`].
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Invalid> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "1" | "yes" | "y" | "on" => Ok(Some(true)),
            "false" | "f" | "0" | "no" | "n" | "off" => Ok(Some(false)),
            _ => Err(wrong(name, "boolean")),
        }
    }

    /// One of some words.
    ///
    /// # Errors
    /// As [`Parameters::text`], and [`Problem::NotOneOf`].
    pub fn word(
        &self,
        name: &str,
        allowed: &'static [&'static str],
    ) -> Result<Option<&'static str>, Invalid> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let known = allowed.iter().copied().find(|word| *word == text);
        known.map(Some).ok_or_else(|| Invalid::new(name, Problem::NotOneOf { allowed }))
    }

    /// A time of ISO 8601; without a zone it is UTC, without a time of day the day's beginning.
    ///
    /// # Errors
    /// As [`Parameters::text`], and [`Problem::NotTimestamp`].
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, Invalid> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        // The `+` of an offset that nobody encoded reads as a space.
        let text = match text.rsplit_once(' ') {
            Some((time, zone)) if time.contains(':') => format!("{time}+{zone}"),
            _ => text.to_owned(),
        };
        let in_utc = |at: DateTime| TimeZone::UTC.to_timestamp(at).ok();
        let time = text.parse().ok();
        let time = time.or_else(|| in_utc(text.parse::<DateTime>().ok()?));
        let time = time.or_else(|| in_utc(text.parse::<Date>().ok()?.into()));
        time.map(Some).ok_or_else(|| Invalid::new(name, Problem::NotTimestamp))
    }

    /// Which way a list is sorted: `sort`.
    ///
    /// # Errors
    /// As [`Parameters::word`].
    pub fn descending(&self, by_default: bool) -> Result<bool, Invalid> {
        Ok(self.word("sort", &["asc", "desc"])?.map_or(by_default, |word| word == "desc"))
    }

    /// The values of a parameter of the query that may be given often: `name`, `name[]`, `name[0]`.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let is = |n: &str| n.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('['));
        let values = self.query.pairs().iter().filter(|(n, _)| is(n)).map(|(_, value)| value.as_str());
        values.filter(|value| !value.is_empty()).collect()
    }
}

/// The one value of `name` among names and values; `None` as a value is one that is no text.
fn single<'a>(
    name: &str,
    given: impl Iterator<Item = (&'a str, Option<&'a str>)>,
) -> Result<Option<&'a str>, Invalid> {
    let mut found = None;
    for (n, value) in given {
        let Some(rest) = n.strip_prefix(name) else { continue };
        // `name[]` and `name[key]` are arrays and objects in a form.
        if rest.starts_with('[') || rest.is_empty() && value.is_none() {
            return Err(wrong(name, "string"));
        }
        if !rest.is_empty() {
            continue;
        }
        if found.is_some() {
            return Err(Invalid::new(name, Problem::Twice));
        }
        found = value;
    }
    Ok(found.filter(|text| !text.is_empty()))
}

fn wrong(name: &str, wanted: &'static str) -> Invalid {
    Invalid::new(name, Problem::WrongType { wanted })
}

fn broken(error: &dyn fmt::Display) -> Invalid {
    Invalid::new(BODY, Problem::NotJson { detail: error.to_string() })
}

async fn multipart(kind: &str, body: Bytes) -> multer::Result<Vec<(String, Given)>> {
    let mut parts =
        multer::Multipart::new(BodyDataStream::new(Full::new(body)), multer::parse_boundary(kind)?);
    let mut pairs = Vec::new();
    while let Some(part) = parts.next_field().await? {
        let name = part.name().unwrap_or_default().to_owned();
        let given = if part.file_name().is_some() { Given::Nested } else { Given::Text(part.text().await?) };
        pairs.push((name, given));
    }
    Ok(pairs)
}

/// A JSON object with its names as often as they are there.
struct Object(Vec<(String, Given)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Object;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut pairs = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    pairs.push((name, value.into()));
                }
                Ok(Object(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

impl From<Value> for Given {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Text(String::new()),
            Value::Bool(yes) => Self::Text(yes.to_string()),
            Value::Number(number) => Self::Text(number.to_string()),
            Value::String(text) => Self::Text(text),
            Value::Array(_) | Value::Object(_) => Self::Nested,
        }
    }
}
