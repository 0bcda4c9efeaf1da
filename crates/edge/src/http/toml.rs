//! Reads TOML into the request types of `wire`. Unknown fields are refused, and errors name the line.

use super::json;
use domain::error::{Invalid, Problem};
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};
use std::borrow::Cow;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

/// Why a text is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The line, counted from 1; `None`: the text as a whole.
    pub line: Option<usize>,
    /// The field with its whole path, and its problem.
    pub invalid: Invalid,
}

/// Reads a text as [`json::read_strictly`] reads JSON. `name` is the field that errors name where the text as a whole
/// is wrong.
///
/// # Errors
/// [`Problem::NotToml`] on `name`; those of [`json::read_strictly`] on the field.
pub fn read_strictly<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, Refused> {
    let document = DeTable::parse(text).map_err(|error| Refused {
        line: error.span().map(|span| line_at(text, span)),
        invalid: Invalid::new(name, Problem::NotToml { detail: error.message().to_owned() }),
    })?;
    let document = DeValue::Table(document.into_inner());
    json_value(&document, "")
        .and_then(|value| json::from_value_strictly(name, &value))
        .map_err(|invalid| Refused { line: line(text, &document, &invalid.field), invalid })
}

/// The line of a field, counted from 1, by its whole path: that of its key, or of its item of a list. A field that is
/// absent has the line of what should contain it. `None`: that is the whole text, or the text is not TOML.
pub fn line_of(text: &str, field: &str) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    line(text, &DeValue::Table(document.into_inner()), field)
}

fn line(text: &str, document: &DeValue, field: &str) -> Option<usize> {
    span(document, field).map(|span| line_at(text, span))
}

fn line_at(text: &str, span: Range<usize>) -> usize {
    let before = text.as_bytes().iter().take(span.start);
    before.filter(|byte| **byte == b'\n').count() + 1
}

/// The place of the last part of a path that exists.
fn span(value: &DeValue, path: &str) -> Option<Range<usize>> {
    let (span, value, rest) = match value {
        DeValue::Table(table) => entry(table, path)?,
        DeValue::Array(items) => {
            let (index, rest) = path.strip_prefix('[')?.split_once(']')?;
            let item = items.get(index.parse::<usize>().ok()?)?;
            (item.span(), item, rest)
        }
        _ => return None,
    };
    self::span(value.get_ref(), rest).or(Some(span))
}

type Entry<'a, 'i> = (Range<usize>, &'a Spanned<DeValue<'i>>, &'a str);

/// The entry of a table that a path begins with, and the rest of the path. Keys may contain dots.
fn entry<'a, 'i>(table: &'a DeTable<'i>, path: &'a str) -> Option<Entry<'a, 'i>> {
    let path = path.strip_prefix('.').unwrap_or(path);
    let found = table.iter().filter_map(|(key, value)| {
        let rest = path.strip_prefix(key.get_ref().as_ref())?;
        (rest.is_empty() || rest.starts_with(['.', '['])).then(|| (key.span(), value, rest))
    });
    found.min_by_key(|(.., rest)| rest.len())
}

/// The value as JSON. `path` is its path.
///
/// # Errors
/// [`Problem::WrongType`] for a time, and for a number that JSON cannot express.
fn json_value(value: &DeValue, path: &str) -> Result<Value, Invalid> {
    let wrong_type = |wanted| Invalid::new(path, Problem::WrongType { wanted });
    Ok(match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(number) => integer(number),
        DeValue::Float(number) => {
            let finite = number.as_str().parse().ok().and_then(Number::from_f64);
            Value::Number(finite.ok_or_else(|| wrong_type("number"))?)
        }
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Datetime(_) => return Err(wrong_type("string")),
        DeValue::Array(items) => {
            let item =
                |(at, item): (usize, &Spanned<DeValue>)| json_value(item.get_ref(), &format!("{path}[{at}]"));
            Value::Array(items.iter().enumerate().map(item).collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => {
            let entry = |(key, value): (&Spanned<Cow<str>>, &Spanned<DeValue>)| {
                let key = key.get_ref();
                let path = if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
                Ok((key.to_string(), json_value(value.get_ref(), &path)?))
            };
            Value::Object(table.iter().map(entry).collect::<Result<Map<_, _>, Invalid>>()?)
        }
    })
}

/// An integer. One that 64 bits do not hold is read as the greatest or least, which is outside every range.
fn integer(number: &DeInteger) -> Value {
    let (text, radix) = (number.as_str(), number.radix());
    let limit = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    Value::from(i64::from_str_radix(text, radix).unwrap_or(limit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::native::gates::GateRulesFile;

    const RULES: &str = r#"
[[rules]]
targets = ["main", "release/*"]
override = { role = "none", users = ["nina"] }

[[rules.requirements]]
job = "unit-*"
reporters = [{ user = "ci" }, { token = 12 }]

[[rules.requirements]]
job = "e2e"
absent_after = 1_800

[[merge_queues]]
refs = "staging"
target = "main"
"#;

    fn refused(text: &str) -> (Option<usize>, String, Problem) {
        let Refused { line, invalid } = read_strictly::<GateRulesFile>("gates", text).unwrap_err();
        (line, invalid.field.into_owned(), invalid.problem)
    }

    #[test]
    fn a_text_is_read_as_the_same_json() {
        let read: GateRulesFile = read_strictly("gates", RULES).unwrap();
        let directly: GateRulesFile = toml::from_str(RULES).unwrap();
        assert_eq!(read, directly);
        assert_eq!(read.rules[0].requirements[1].absent_after, Some(1_800));
        assert_eq!(read_strictly::<GateRulesFile>("gates", "").unwrap(), GateRulesFile::default());
    }

    #[test]
    fn an_unknown_field_is_named_with_its_path_and_line() {
        for (known, unknown, line, field) in [
            ("[[rules]]", "dry_run = true\n[[rules]]", 2, "dry_run"),
            ("targets", "target", 3, "rules[0].target"),
            ("role", "roles", 4, "rules[0].override.roles"),
            ("user =", "name =", 8, "rules[0].requirements[0].reporters[0].name"),
            ("absent_after", "absent.after", 12, "rules[0].requirements[1].absent"),
            ("job = \"e2e\"", "\"a.b\" = 1", 11, "rules[0].requirements[1].a.b"),
            ("target =", "branch =", 16, "merge_queues[0].branch"),
        ] {
            let found = refused(&RULES.replacen(known, unknown, 1));
            let problem = match field.ends_with("absent") {
                true => Problem::WrongType { wanted: "string" },
                false => Problem::UnknownField,
            };
            assert_eq!(found, (Some(line), field.to_owned(), problem));
        }
    }

    #[test]
    fn a_wrong_value_is_named_with_its_path_and_line() {
        for value in ["1", "true", "[]", "{}", "1.5", "1979-05-27"] {
            let found = refused(&RULES.replacen("\"e2e\"", value, 1));
            let field = "rules[0].requirements[1].job".to_owned();
            assert_eq!(found, (Some(11), field, Problem::WrongType { wanted: "string" }), "{value}");
        }
        let after = |value: &str| refused(&RULES.replacen("1_800", value, 1)).2;
        assert_eq!(after("1.5"), Problem::NotInteger);
        assert_eq!(after("nan"), Problem::WrongType { wanted: "number" });
        assert_eq!(after("\"2h\""), Problem::WrongType { wanted: "integer" });
        let (line, field, problem) = refused("rules = [");
        assert_eq!((line, field.as_str()), (Some(1), "gates"));
        assert!(matches!(problem, Problem::NotToml { .. }), "{problem:?}");
        for huge in ["9223372036854775808", "0xffff_ffff_ffff_ffff_ff"] {
            let read: GateRulesFile = read_strictly("gates", &RULES.replacen("1_800", huge, 1)).unwrap();
            assert_eq!(read.rules[0].requirements[1].absent_after, Some(i64::MAX), "{huge}");
        }
    }

    #[test]
    fn a_field_has_the_line_of_its_key() {
        for (field, line) in [
            ("rules[0].targets", Some(3)),
            ("rules[0].targets[1]", Some(3)),
            ("rules[0].requirements[0].reporters[1].token", Some(8)),
            ("rules[0].requirements[1].name", Some(10)),
            ("rules[1]", Some(2)),
            ("merge_queues[0].target", Some(16)),
            ("nothing", None),
            ("", None),
        ] {
            assert_eq!(line_of(RULES, field), line, "{field}");
        }
        assert_eq!(line_of("rules = [", "rules"), None);
    }

    #[test]
    fn nesting_is_limited() {
        for text in ["a = ".to_owned() + &"[".repeat(100_000), "a.".repeat(100_000) + "a = 1"] {
            assert!(matches!(refused(&text).2, Problem::NotToml { .. }));
        }
    }
}
