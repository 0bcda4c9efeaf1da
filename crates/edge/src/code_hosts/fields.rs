//! The fields of a report. Unlike in the native API, a null or an empty text is absent, because reporters send every
//! field that they know.

use crate::http::json_repair;
use crate::http::query::Query;
use crate::request::IncomingRequest;
use domain::Timestamp;
use domain::error::{Invalid, Problem};
use domain::model::reports::{AdjustmentKind, Adjustments};
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

const BODY: &str = "body";

/// The fields of a body: of a JSON object, or of a form.
#[derive(Debug)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Reads the body. It is JSON unless the client says that it is a form: several clients name no media type, or a
    /// wrong one.
    ///
    /// # Errors
    /// [`Problem::NotJson`] and [`Problem::WrongType`] on `body`; for a form those of [`Query::parse_form`] and
    /// [`Problem::Twice`]; that the body did not arrive.
    pub fn read(request: &IncomingRequest) -> domain::Result<Self> {
        let body = request.body()?;
        let kind = request.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_form = kind.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded");
        if is_form && !body.trim_ascii_start().starts_with(b"{") {
            let mut fields = Map::new();
            for (name, value) in Query::parse_form(body)?.into_pairs() {
                if fields.contains_key(&name) {
                    return Err(Invalid::new(name, Problem::Twice).into());
                }
                fields.insert(name, Value::String(value));
            }
            return Ok(Self(fields));
        }
        match json_repair::parse(body)? {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(Invalid::new(BODY, Problem::WrongType { wanted: "object" }).into()),
        }
    }

    /// A value that is neither absent nor null.
    fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Whether the field is neither absent, null nor an empty text.
    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some_and(|value| value.as_str().is_none_or(|text| !text.trim().is_empty()))
    }

    /// A text without the white space around it. An empty one is absent.
    ///
    /// # Errors
    /// [`Problem::WrongType`].
    pub fn text(&self, name: &str) -> Result<Option<&str>, Invalid> {
        Ok(self.untrimmed_text(name)?.map(str::trim))
    }

    /// A text with the white space around it. A blank one is absent.
    ///
    /// # Errors
    /// [`Problem::WrongType`].
    pub fn untrimmed_text(&self, name: &str) -> Result<Option<&str>, Invalid> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let text = value.as_str().ok_or_else(|| wrong_type(name, "string"))?;
        Ok(Some(text).filter(|text| !text.trim().is_empty()))
    }

    /// One of the allowed texts.
    ///
    /// # Errors
    /// As [`Fields::text`], [`Problem::Missing`] and [`Problem::NotOneOf`].
    pub fn one_of(&self, name: &str, allowed: &'static [&'static str]) -> Result<&'static str, Invalid> {
        let text = self.text(name)?.ok_or_else(|| Invalid::new(name, Problem::Missing))?;
        let known = allowed.iter().copied().find(|value| *value == text);
        known.ok_or_else(|| Invalid::new(name, Problem::NotOneOf { allowed }))
    }

    /// A text, also as a number.
    ///
    /// # Errors
    /// As [`Fields::text`].
    pub fn text_or_number(&self, name: &str) -> Result<Option<String>, Invalid> {
        match self.value(name) {
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            _ => Ok(self.text(name)?.map(str::to_owned)),
        }
    }

    /// An integer.
    ///
    /// # Errors
    /// [`Problem::WrongType`].
    pub fn whole_number(&self, name: &str) -> Result<Option<i64>, Invalid> {
        let integer = |value: &Value| value.as_i64().ok_or_else(|| wrong_type(name, "integer"));
        self.value(name).map(integer).transpose()
    }

    /// Takes an object out.
    ///
    /// # Errors
    /// [`Problem::WrongType`].
    pub fn take_object(&mut self, name: &str) -> Result<Option<Self>, Invalid> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(fields)) => Ok(Some(Self(fields))),
            Some(_) => Err(wrong_type(name, "object")),
        }
    }

    /// Takes a list of objects out. An absent one is empty.
    ///
    /// # Errors
    /// [`Problem::WrongType`].
    pub fn take_objects(&mut self, name: &str) -> Result<Vec<Self>, Invalid> {
        let objects = match self.0.remove(name) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(objects)) => objects,
            Some(_) => return Err(wrong_type(name, "array")),
        };
        let object = |value| match value {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(wrong_type(name, "array of objects")),
        };
        objects.into_iter().map(object).collect()
    }

    /// A text that is only displayed: a value of another type is dropped. An empty one is absent.
    pub fn displayed(&self, name: &'static str, adjusted: &mut Adjustments) -> Option<String> {
        self.displayed_as(name, name, adjusted)
    }

    /// As [`Fields::displayed`], with the name of the field in the domain.
    pub fn displayed_as(
        &self,
        name: &str,
        field: &'static str,
        adjusted: &mut Adjustments,
    ) -> Option<String> {
        let text = self.value(name)?.as_str().map(str::to_owned);
        dropped_if_none(text, field, adjusted).filter(|text| !text.trim().is_empty())
    }

    /// An object that is only displayed, with the name of its field in the domain. Another value is dropped.
    pub fn object(&self, name: &str, field: &'static str, adjusted: &mut Adjustments) -> Option<Self> {
        let object = self.value(name)?.as_object().cloned();
        dropped_if_none(object.map(Self), field, adjusted)
    }

    /// An integer that is only displayed, with the name of its field in the domain. Another value is dropped.
    pub fn integer(&self, name: &str, field: &'static str, adjusted: &mut Adjustments) -> Option<i64> {
        dropped_if_none(self.value(name)?.as_i64(), field, adjusted)
    }

    /// A time in milliseconds since 1970 that is only displayed, with the name of its field in the domain. Another
    /// value is dropped; 0 and less mean that it is not set.
    pub fn time(&self, name: &str, field: &'static str, adjusted: &mut Adjustments) -> Option<Timestamp> {
        let millisecond = self.integer(name, field, adjusted).filter(|millisecond| *millisecond > 0)?;
        dropped_if_none(Timestamp::from_millisecond(millisecond).ok(), field, adjusted)
    }
}

fn wrong_type(name: &str, wanted: &'static str) -> Invalid {
    Invalid::new(name, Problem::WrongType { wanted })
}

fn dropped_if_none<T>(value: Option<T>, field: &'static str, adjusted: &mut Adjustments) -> Option<T> {
    if value.is_none() {
        adjusted.add(field, AdjustmentKind::Dropped);
    }
    value
}
