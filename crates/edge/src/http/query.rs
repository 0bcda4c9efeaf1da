//! Query parameters and path segments, decoded. Signatures are verified over the raw target instead.

use domain::error::{Invalid, Problem};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::borrow::Cow;

/// The parameters of a query string, in order.
#[derive(Debug, Clone, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads `a=b&c`. `+` is a space, as browsers send it; bytes that are not UTF-8 become replacement
    /// characters.
    pub fn parse(raw: &str) -> Self {
        let pairs = raw.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name, true), decode(value, true))
        });
        Self(pairs.collect())
    }

    /// The value of a parameter.
    ///
    /// # Errors
    /// [`Problem::Twice`], because it is undefined which of two values counts.
    pub fn get(&self, name: &str) -> Result<Option<&str>, Invalid> {
        let mut values = self.all(name);
        let first = values.next();
        if values.next().is_some() {
            return Err(Invalid::new(name, Problem::Twice));
        }
        Ok(first)
    }

    /// All values of a parameter, in order.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Names and values, in order.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// Names and values, in order, by value.
    pub fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }

    /// A parameter that is `true` or `false`.
    ///
    /// # Errors
    /// [`Problem::NotOneOf`].
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Invalid> {
        match self.get(name)? {
            None | Some("") => Ok(None),
            Some(value) if value.eq_ignore_ascii_case("true") || value == "1" => Ok(Some(true)),
            Some(value) if value.eq_ignore_ascii_case("false") || value == "0" => Ok(Some(false)),
            Some(_) => Err(Invalid::new(name, Problem::NotOneOf { allowed: &["true", "false"] })),
        }
    }
}

/// What [`encode`] percent-encodes: everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What [`encode_url`] percent-encodes: what is not visible ASCII, and what ends a URL in a `Link` header.
const UNSAFE_IN_URL: &AsciiSet =
    &CONTROLS.add(b' ').add(b'<').add(b'>').add(b'"').add(b',').add(b';').add(b'\\');

/// Percent-decodes a text. A `%` that starts no encoding stays; bytes that are not UTF-8 become replacement
/// characters.
pub fn decode(text: &str, plus_is_space: bool) -> String {
    let text = if plus_is_space { Cow::Owned(text.replace('+', " ")) } else { Cow::Borrowed(text) };
    percent_decode_str(&text).decode_utf8_lossy().into_owned()
}

/// Percent-encodes a text for a query, a cookie or one segment of a path.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Percent-encodes a URL for headers and bodies. Parts that are already encoded stay unchanged.
pub fn encode_url(url: &str) -> String {
    utf8_percent_encode(url, UNSAFE_IN_URL).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_and_single() {
        let query = Query::parse("a=1&b=%E4%BB%BB+x&&c&d=%&d2=%zz&e=1&e=2&f=TRUE&g=x");
        assert_eq!(query.get("a").unwrap(), Some("1"));
        assert_eq!(query.get("b").unwrap(), Some("任 x"));
        assert_eq!(query.get("c").unwrap(), Some(""));
        assert_eq!(query.get("d").unwrap(), Some("%"));
        assert_eq!(query.get("d2").unwrap(), Some("%zz"));
        assert_eq!(query.get("e").unwrap_err().problem, Problem::Twice);
        assert_eq!(query.all("e").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(query.get("none").unwrap(), None);
        assert_eq!(query.flag("f").unwrap(), Some(true));
        assert!(query.flag("g").is_err());
        assert_eq!(decode("%ff%fe", false), "\u{fffd}\u{fffd}");
    }

    #[test]
    fn texts_are_encoded_but_for_unreserved_characters() {
        assert_eq!(encode("aZ0-._~ /+%&任"), "aZ0-._~%20%2F%2B%25%26%E4%BB%BB");
        assert_eq!(decode(&encode("a +b%2B"), true), "a +b%2B");
        assert_eq!(decode("a+b%2b", false), "a+b+");
    }

    #[test]
    fn urls_are_encoded_where_a_header_would_end_them() {
        let plain = "http://[::1]:80/a%2Fb?c[]=d&e=%E4";
        assert_eq!(encode_url(plain), plain);
        assert_eq!(encode_url("http://a/任?b=\"<>,;c d"), "http://a/%E4%BB%BB?b=%22%3C%3E%2C%3Bc%20d");
    }
}
