//! Writes JSON, because xtask has no dependencies.

use std::fmt::Write as _;

/// A string with its quotation marks.
pub fn string(text: &str) -> String {
    let mut json = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            c if u32::from(c) < 0x20 => {
                // Writing to a string does not fail.
                let _ = write!(json, "\\u{:04x}", u32::from(c));
            }
            c => json.push(c),
        }
    }
    json + "\""
}

/// An object of members whose values are JSON.
pub fn object(members: &[(&str, String)]) -> String {
    let members: Vec<String> =
        members.iter().map(|(name, value)| format!("{}:{value}", string(name))).collect();
    format!("{{{}}}", members.join(","))
}

/// An array of JSON values.
pub fn array(values: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", values.into_iter().collect::<Vec<_>>().join(","))
}

/// An array of strings.
pub fn strings(values: &[&str]) -> String {
    array(values.iter().map(|value| string(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_escaped() {
        assert_eq!(string("a\"b\\c\n任务"), "\"a\\\"b\\\\c\\u000a任务\"");
        assert_eq!(object(&[("a", array([string("b")])), ("c", strings(&[]))]), r#"{"a":["b"],"c":[]}"#);
    }
}
