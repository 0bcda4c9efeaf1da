//! Repairs two faults of JSON that programs write: the numbers `NaN` and `Infinity`, as Python writes them, and
//! control characters in texts, as shell scripts write them. Both are in fields that are only displayed. An unusable
//! value of such a field is adjusted, and the report is accepted.

use super::json;
use domain::error::Invalid;
use serde_json::Value;

/// Stands for a number that JSON does not have. No field of a report is a list, so a field that needs a number
/// is refused, and one that is only displayed is dropped.
const NO_NUMBER: &[u8] = b"[]";

/// Parses a body as JSON, repaired if it is none.
///
/// # Errors
/// As [`json::parse`], for the body as it is.
pub fn parse(body: &[u8]) -> Result<Value, Invalid> {
    json::parse(body).or_else(|invalid| json::parse(&repaired(body)).map_err(|_| invalid))
}

/// The body with an empty list for each number that JSON does not have, and with escaped control characters
/// in texts. Valid JSON stays the same.
pub fn repaired(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let (mut in_text, mut escaped) = (false, false);
    let mut rest = body;
    while let Some((&byte, next)) = rest.split_first() {
        if in_text {
            if byte < b' ' {
                out.extend(if escaped { &b""[..] } else { b"\\" });
                out.extend(format!("u{byte:04x}").into_bytes());
            } else {
                out.push(byte);
            }
            (in_text, escaped) = (escaped || byte != b'"', !escaped && byte == b'\\');
        } else if let Some(length) = no_number(rest) {
            out.extend(NO_NUMBER);
            rest = &rest[length..];
            continue;
        } else if byte.is_ascii_alphanumeric() {
            // A literal or a number as a whole.
            let length = literal(rest);
            out.extend(&rest[..length]);
            rest = &rest[length..];
            continue;
        } else {
            in_text = byte == b'"';
            out.push(byte);
        }
        rest = next;
    }
    out
}

/// The length of the literal or number at the start.
fn literal(text: &[u8]) -> usize {
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    text.iter().position(|b| !is_part(b)).unwrap_or(text.len())
}

/// The length of the number at the start, if JSON or the parser does not have it.
fn no_number(text: &[u8]) -> Option<usize> {
    let length = literal(text);
    let word = std::str::from_utf8(&text[..length]).ok()?;
    let digits = word.strip_prefix('-').unwrap_or(word);
    let too_large =
        || digits.starts_with(|c: char| c.is_ascii_digit()) && digits.parse() == Ok(f64::INFINITY);
    (matches!(digits, "NaN" | "Infinity") || too_large()).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn numbers_and_texts_are_repaired() {
        for (body, value) in [
            ("{\"a\": NaN, \"b\": -Infinity,\"c\":Infinity}", json!({"a": [], "b": [], "c": []})),
            ("[NaN]", json!([[]])),
            ("{\"a\": 1e400, \"b\": -1e999, \"c\": 1e30}", json!({"a": [], "b": [], "c": 1e30})),
            ("{\"NaN\": \"NaN, \\\"NaN\\\" \\\\\"}", json!({"NaN": "NaN, \"NaN\" \\"})),
            ("{\"a\": \"x\ny\t\r\u{1b}\"}", json!({"a": "x\ny\t\r\u{1b}"})),
            ("{\"a\": \"x\\\ny\"}", json!({"a": "x\ny"})),
            ("{\n\t\"a\": \"x\n\"\r\n}", json!({"a": "x\n"})),
        ] {
            assert_eq!(parse(body.as_bytes()).unwrap(), value, "{body:?}");
        }
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for body in ["", "{", "nonsense", "NaNx", "{\"a\": Nan}", "{\"a\": --NaN}", "\"", "\u{0}"] {
            assert_eq!(parse(body.as_bytes()), json::parse(body.as_bytes()), "{body:?}");
        }
    }

    proptest! {
        #[test]
        fn valid_json_stays_the_same(texts in prop::collection::vec(".*", 0..4), number in any::<f64>()) {
            let value = json!({"texts": texts, "number": number, "list": [true, null, -1, {"a": "\\"}]});
            let body = value.to_string();
            prop_assert_eq!(repaired(body.as_bytes()), body.into_bytes());
        }

        #[test]
        fn any_bytes_cause_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            repaired(&bytes);
        }
    }
}
