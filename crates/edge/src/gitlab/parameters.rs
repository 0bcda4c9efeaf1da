//! The parameters of a request, from the query and from a body of JSON, a form or a multipart form (reporters
//! fact 1.1). All values are texts, whatever their JSON type.

use crate::code_hosts;
use crate::http::json_repair::repaired;
use crate::http::query::Query;
use crate::request::IncomingRequest;
use bytes::Bytes;
use domain::Timestamp;
use domain::error::{Invalid, Problem, Result};
use domain::model::ids::integer;
use http_body_util::{BodyDataStream, Full};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value as Json;
use std::fmt;

const BODY: &str = "body";

/// The parameters. Those in the body have precedence over those in the query.
pub struct Parameters<'a> {
    query: &'a Query,
    body: Vec<(String, Value)>,
}

/// A value in a body.
enum Value {
    /// A text; an empty one counts as absent.
    Text(String),
    /// An array, an object, or a file.
    Nested,
}

impl<'a> Parameters<'a> {
    /// The parameters of the query: all that a `GET` has.
    pub fn from_query(request: &'a IncomingRequest) -> Self {
        Self { query: &request.query, body: Vec::new() }
    }

    /// The parameters of query and body.
    ///
    /// # Errors
    /// [`Problem::NotOneOf`] on `Content-Type`; [`Problem::NotJson`] on `body`; that the body did not arrive.
    pub async fn read(request: &'a IncomingRequest) -> Result<Self> {
        let bytes = request.body()?;
        let kind = match request.headers.get(http::header::CONTENT_TYPE) {
            _ if bytes.trim_ascii().is_empty() => return Ok(Self::from_query(request)),
            None => "",
            Some(kind) => kind.to_str().unwrap_or("unreadable"),
        };
        let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let body = match essence.as_str() {
            "application/json" => {
                let parsed = serde_json::from_slice(bytes)
                    .or_else(|e| serde_json::from_slice(&repaired(bytes)).map_err(|_| malformed(&e)));
                let Object(pairs) = parsed?;
                pairs
            }
            "" | "application/x-www-form-urlencoded" => {
                let form = Query::parse_form(bytes)?;
                form.into_pairs().into_iter().map(|(name, value)| (name, Value::Text(value))).collect()
            }
            "multipart/form-data" => multipart(kind, bytes.clone()).await?,
            _ => {
                let allowed =
                    &["application/json", "application/x-www-form-urlencoded", "multipart/form-data"];
                return Err(Invalid::new("Content-Type", Problem::NotOneOf { allowed }).into());
            }
        };
        Ok(Self { query: &request.query, body })
    }

    /// The text of a parameter. An empty one counts as absent.
    ///
    /// # Errors
    /// [`Problem::Twice`]; [`Problem::WrongType`] for an array or an object.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Invalid> {
        let in_body = self.body.iter().map(|(name, value)| match value {
            Value::Text(text) => (name.as_str(), Some(text.as_str())),
            Value::Nested => (name.as_str(), None),
        });
        let in_query = self.query.pairs().iter().map(|(name, text)| (name.as_str(), Some(text.as_str())));
        let (in_body, in_query) = (single(name, in_body)?, single(name, in_query)?);
        Ok(in_body.or(in_query))
    }

    /// The text of a filter of a list. An empty one is refused, unlike in GitLab: programs decide by these
    /// lists whether a commit may be merged, and a variable that is not set must not select everything.
    ///
    /// # Errors
    /// As [`Parameters::text`], and [`Problem::Blank`].
    pub fn filter(&self, name: &str) -> Result<Option<&str>, Invalid> {
        if self.query.all(name).any(|value| value.trim().is_empty()) {
            return Err(Invalid::new(name, Problem::Blank));
        }
        self.text(name)
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
        // The parser of Rust also accepts `inf`, `NaN` and exponents.
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let number = text.parse().ok().filter(|number: &f64| plain && number.is_finite());
        number.map(Some).ok_or_else(|| wrong_type(name, "number"))
    }

    /// A boolean, in any of GitLab's spellings.
    ///
    /// # Errors
    /// As [`Parameters::text`], and [`Problem::WrongType`].
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Invalid> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "1" | "yes" | "y" | "on" => Ok(Some(true)),
            "false" | "f" | "0" | "no" | "n" | "off" => Ok(Some(false)),
            _ => Err(wrong_type(name, "boolean")),
        }
    }

    /// One of the allowed values.
    ///
    /// # Errors
    /// As [`Parameters::text`], and [`Problem::NotOneOf`].
    pub fn one_of(
        &self,
        name: &str,
        allowed: &'static [&'static str],
    ) -> Result<Option<&'static str>, Invalid> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let known = allowed.iter().copied().find(|value| *value == text);
        known.map(Some).ok_or_else(|| Invalid::new(name, Problem::NotOneOf { allowed }))
    }

    /// A time ([`code_hosts::time`]).
    ///
    /// # Errors
    /// As [`Parameters::text`], and [`Problem::NotTimestamp`].
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, Invalid> {
        self.text(name)?.map_or(Ok(None), |text| code_hosts::time(name, text))
    }

    /// Whether `sort` requests descending order.
    ///
    /// # Errors
    /// As [`Parameters::one_of`].
    pub fn descending(&self, by_default: bool) -> Result<bool, Invalid> {
        Ok(self.one_of("sort", &["asc", "desc"])?.map_or(by_default, |sort| sort == "desc"))
    }

    /// The values of a repeatable parameter of the query: `name`, `name[]`, `name[0]`.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let matches =
            |n: &str| n.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('['));
        let values = self.query.pairs().iter().filter(|(n, _)| matches(n)).map(|(_, value)| value.as_str());
        values.filter(|value| !value.is_empty()).collect()
    }
}

/// The only value of `name` in a list of names and values, where `None` is a value that is not a text.
fn single<'a>(
    name: &str,
    pairs: impl Iterator<Item = (&'a str, Option<&'a str>)>,
) -> Result<Option<&'a str>, Invalid> {
    let mut found = None;
    for (n, value) in pairs {
        let Some(rest) = n.strip_prefix(name) else { continue };
        // `name[]` and `name[key]` are arrays and objects in a form.
        if rest.starts_with('[') || rest.is_empty() && value.is_none() {
            return Err(wrong_type(name, "string"));
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

fn wrong_type(name: &str, wanted: &'static str) -> Invalid {
    Invalid::new(name, Problem::WrongType { wanted })
}

fn malformed(error: &dyn fmt::Display) -> Invalid {
    Invalid::new(BODY, Problem::NotJson { detail: error.to_string() })
}

async fn multipart(kind: &str, body: Bytes) -> Result<Vec<(String, Value)>, Invalid> {
    let malformed = |error: multer::Error| malformed(&error);
    let boundary = multer::parse_boundary(kind).map_err(malformed)?;
    let mut parts = multer::Multipart::new(BodyDataStream::new(Full::new(body)), boundary);
    let mut pairs = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(malformed)? {
        // The library replaces what is not UTF-8 in a name, so the header is checked first.
        let disposition = part.headers().get(http::header::CONTENT_DISPOSITION);
        if disposition.is_some_and(|header| std::str::from_utf8(header.as_bytes()).is_err()) {
            return Err(Invalid::new("Content-Disposition", Problem::NotUtf8));
        }
        let name = part.name().unwrap_or_default().to_owned();
        if part.file_name().is_some() {
            pairs.push((name, Value::Nested));
            continue;
        }
        let bytes = part.bytes().await.map_err(malformed)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Invalid::new(&name, Problem::NotUtf8))?.to_owned();
        pairs.push((name, Value::Text(text)));
    }
    Ok(pairs)
}

/// A JSON object with repeated names preserved.
struct Object(Vec<(String, Value)>);

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
                while let Some((name, value)) = map.next_entry::<String, Json>()? {
                    pairs.push((name, value.into()));
                }
                Ok(Object(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

impl From<Json> for Value {
    fn from(value: Json) -> Self {
        match value {
            Json::Null => Self::Text(String::new()),
            Json::Bool(yes) => Self::Text(yes.to_string()),
            Json::Number(number) => Self::Text(number.to_string()),
            Json::String(text) => Self::Text(text),
            Json::Array(_) | Json::Object(_) => Self::Nested,
        }
    }
}
