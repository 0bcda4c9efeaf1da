//! Parses the text of a configuration file. Every problem has its line, and an unknown key the nearest known one.
//! Keys are written with `-` or `_`.
//!
//! Must not know: files.

use super::Config;
use crate::messages::Text;
use serde::Deserialize;
use serde::de::value::Error as FieldsError;
use serde::de::{Deserializer, Error as _, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The table with the settings of the server.
const SERVE: &str = "serve";

/// A mistake in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: usize,
    /// The problem.
    pub text: String,
}

/// A valid file.
#[derive(Debug)]
pub struct Document {
    /// The settings.
    pub config: Config,
    /// The text of every value by its key, such as `serve.listen`.
    pub values: BTreeMap<String, String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.text)
    }
}

/// The keys that a file may have, with hyphens: those of [`Config`], and those of `[serve]` as `serve.KEY`.
pub fn known_keys() -> Vec<String> {
    let top = fields::<Config>().into_iter().filter(|key| key != SERVE);
    top.chain(fields::<crate::serve::ServeArgs>().into_iter().map(|key| format!("{SERVE}.{key}"))).collect()
}

/// Parses a file.
///
/// # Errors
/// All problems, in the order of their lines.
pub fn parse(text: &str) -> Result<Document, Vec<Problem>> {
    let line = |at: usize| text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
    let of_error = |error: &toml::de::Error| Problem {
        line: line(error.span().map_or(0, |span| span.start)),
        text: Text::ConfigValue.with(&[("reason", &error.message())]),
    };
    let table = DeTable::parse(text).map_err(|error| vec![of_error(&error)])?;
    let mut reader =
        Reader { known: known_keys(), problems: Vec::new(), values: BTreeMap::new(), line: &line };
    let span = table.span();
    let table = reader.normalize("", table.into_inner());
    let Reader { mut problems, values, .. } = reader;
    for (key, value) in &table {
        // One at a time, because the first error ends the reading.
        for (key, value) in single_values(key, value) {
            let single = DeTable::from_iter([(key, value)]);
            if let Err(error) =
                Config::deserialize(toml::Deserializer::from(Spanned::new(span.clone(), single)))
            {
                problems.push(of_error(&error));
            }
        }
    }
    if problems.is_empty() {
        let whole = toml::Deserializer::from(Spanned::new(span, table));
        match Config::deserialize(whole) {
            Ok(config) => return Ok(Document { config, values }),
            Err(error) => problems.push(of_error(&error)),
        }
    }
    problems.sort_by_key(|problem| problem.line);
    Err(problems)
}

type Key<'i> = Spanned<std::borrow::Cow<'i, str>>;
type Value<'i> = Spanned<DeValue<'i>>;

/// The value itself, or each value of the table `[serve]` in its own table.
fn single_values<'i>(key: &Key<'i>, value: &Value<'i>) -> Vec<(Key<'i>, Value<'i>)> {
    match value.as_ref() {
        DeValue::Table(table) if key.as_ref() == SERVE => {
            let single = |(inner, inner_value): (&Key<'i>, &Value<'i>)| {
                let table = DeTable::from_iter([(inner.clone(), inner_value.clone())]);
                (key.clone(), Spanned::new(value.span(), DeValue::Table(table)))
            };
            table.iter().map(single).collect()
        }
        _ => vec![(key.clone(), value.clone())],
    }
}

struct Reader<'a> {
    known: Vec<String>,
    problems: Vec<Problem>,
    values: BTreeMap<String, String>,
    line: &'a dyn Fn(usize) -> usize,
}

impl Reader<'_> {
    /// The table with hyphens in its keys, without unknown and repeated ones.
    fn normalize<'i>(&mut self, prefix: &str, table: DeTable<'i>) -> DeTable<'i> {
        let mut entries: Vec<_> = table.into_iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let mut normalized = DeTable::new();
        for (key, value) in entries {
            let (span, written) = (key.span(), key.into_inner());
            let line = (self.line)(span.start);
            let name = written.replace('_', "-");
            let full = format!("{prefix}{name}");
            let is_table = prefix.is_empty() && name == SERVE;
            if !is_table && !self.known.contains(&full) {
                let text = unknown(&self.known, &full, &format!("{prefix}{written}"));
                self.problems.push(Problem { line, text });
                continue;
            }
            let key = Spanned::new(span, name.clone().into());
            if normalized.contains_key(&key) {
                let text = Text::ConfigKeyTwice.with(&[("key", &full)]);
                self.problems.push(Problem { line, text });
                continue;
            }
            let value_span = value.span();
            let value = match value.into_inner() {
                DeValue::Table(inner) if is_table => {
                    DeValue::Table(self.normalize(&format!("{SERVE}."), inner))
                }
                value => {
                    self.values.insert(full, display(&value));
                    value
                }
            };
            normalized.insert(key, Spanned::new(value_span, value));
        }
        normalized
    }
}

/// The value for people.
fn display(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(items) => {
            items.iter().map(|item| display(item.as_ref())).collect::<Vec<_>>().join(", ")
        }
        DeValue::Table(_) => String::new(),
    }
}

/// The message for an unknown key, with the key that was probably meant.
fn unknown(known: &[String], full: &str, written: &str) -> String {
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    // In the wrong table.
    let moved = known.iter().find(|key| last(key) == last(full));
    let distance = |key: &String| distance(key, full);
    let nearest =
        moved.or_else(|| known.iter().min_by_key(|key| distance(key)).filter(|key| distance(key) <= 3));
    match nearest {
        Some(nearest) => Text::ConfigUnknownKeyNear.with(&[("key", &written), ("nearest", nearest)]),
        None => Text::ConfigUnknownKey.with(&[("key", &written)]),
    }
}

/// How many characters are to be inserted, removed or replaced (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (above, a) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], above + 1);
        for (at, b) in other.chars().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// The names of the fields that a structure reads, with hyphens, each once.
fn fields<'de, T: Deserialize<'de>>() -> Vec<String> {
    struct Fields<'a>(&'a mut Vec<String>);
    impl<'de> Deserializer<'de> for Fields<'_> {
        type Error = FieldsError;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, FieldsError> {
            Err(FieldsError::custom("not a structure"))
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, FieldsError> {
            for field in fields.iter().map(|field| field.replace('_', "-")) {
                if !self.0.contains(&field) {
                    self.0.push(field);
                }
            }
            Err(FieldsError::custom("only the fields"))
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }
    let mut names = Vec::new();
    // Always an error: there is no value.
    let _ = T::deserialize(Fields(&mut names));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        parse(text).unwrap_err().iter().map(Problem::to_string).collect()
    }

    #[test]
    fn an_unknown_key_has_its_line_and_the_nearest_key() {
        let text =
            "repo = '7'\nsever = 'http://x'\n\n[serve]\nlistn = 'none'\ntls_lisen = 'none'\nzzzzzzzzz = 1\n";
        assert_eq!(
            problems(text),
            [
                "2: unknown key sever; did you mean server?",
                "5: unknown key serve.listn; did you mean serve.listen?",
                "6: unknown key serve.tls_lisen; did you mean serve.tls-listen?",
                "7: unknown key serve.zzzzzzzzz",
            ]
        );
        assert_eq!(problems("\nlisten = 'none'\n"), ["2: unknown key listen; did you mean serve.listen?"]);
        assert_eq!(problems("[serve]\nrepo = '7'\n"), ["2: unknown key serve.repo; did you mean repo?"]);
    }

    #[test]
    fn every_value_of_a_wrong_type_has_its_line() {
        let found =
            problems("server = 7\nrepo = 'a/b'\n[serve]\nqueue = 'many'\nconnections = -1\ndemo = 'yes'\n");
        let lines: Vec<&str> = found.iter().map(|text| &text[..1]).collect();
        assert_eq!(lines, ["1", "4", "5", "6"], "{found:?}");
        assert!(found[1].contains("many"), "{found:?}");
        assert_eq!(problems("repo = 'a\n").len(), 1);
    }

    #[test]
    fn a_key_in_two_spellings_is_given_twice() {
        let found =
            problems("token-file = 'a'\n\ntoken_file = 'b'\n[serve]\ntls_cert = 'a'\ntls-cert = 'b'\n");
        assert_eq!(found, ["3: token-file is set twice", "6: serve.tls-cert is set twice"]);
    }

    #[test]
    fn every_key_is_known_in_both_spellings() {
        let known = known_keys();
        assert!(known.len() > 30, "{known:?}");
        for key in ["server", "retry-for", "trusted-directories", "serve.listen", "serve.admin-password-file"]
        {
            assert!(known.iter().any(|known| known == key), "{key}");
        }
        assert!(known.iter().all(|key| !key.contains('_')), "{known:?}");
        for text in [
            "retry_for = '5m'\n[serve]\ntls_listen = 'none'\n",
            "retry-for = '5m'\nserve.tls-listen = 'none'\n",
        ] {
            let document = parse(text).unwrap();
            assert_eq!(document.config.retry_for.as_deref(), Some("5m"));
            assert_eq!(document.config.serve.unwrap().tls_listen.as_deref(), Some("none"));
            assert_eq!(document.values["serve.tls-listen"], "none");
        }
    }
}
