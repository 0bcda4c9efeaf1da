//! Query parameters and path segments, decoded. Signatures are verified over the raw target instead.

use domain::error::{Invalid, Problem};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};
use std::borrow::Cow;

/// The parameters of a query string, in order.
#[derive(Debug, Clone, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads `a=b&c`, with the first parameter that is refused. `+` is a space, as browsers send it. A parameter
    /// that is refused is left out.
    pub fn parse(raw: &[u8]) -> (Self, Option<Invalid>) {
        let (mut pairs, mut refused) = (Vec::new(), None);
        for pair in raw.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
            let (name, value) = match pair.iter().position(|b| *b == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &pair[pair.len()..]),
            };
            match decode_pair(name, value) {
                Ok(pair) => pairs.push(pair),
                Err(invalid) => drop(refused.get_or_insert(invalid)),
            }
        }
        (Self(pairs), refused)
    }

    /// Reads the fields of a form in a body.
    ///
    /// # Errors
    /// [`Problem::NotUtf8`] and [`Problem::ControlCharacter`], each with the field.
    pub fn parse_form(body: &[u8]) -> Result<Self, Invalid> {
        match Self::parse(body) {
            (form, None) => Ok(form),
            (_, Some(invalid)) => Err(invalid),
        }
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

/// The characters that [`encode`] percent-encodes: everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The characters that [`encode_url`] percent-encodes: those that are not visible ASCII, and those that end a URL in a
/// `Link` header.
const UNSAFE_IN_URL: &AsciiSet =
    &CONTROLS.add(b' ').add(b'<').add(b'>').add(b'"').add(b',').add(b';').add(b'\\');

/// A name and a value, decoded.
fn decode_pair(name: &[u8], value: &[u8]) -> Result<(String, String), Invalid> {
    // A name that cannot be decoded is shown as it was sent.
    let sent =
        || name.iter().map(|b| if b.is_ascii_graphic() { char::from(*b) } else { '?' }).collect::<String>();
    let name = decode(name, true).map_err(|problem| Invalid::new(sent(), problem))?;
    let value = decode(value, true).map_err(|problem| Invalid::new(&name, problem))?;
    Ok((name, value))
}

/// Percent-decodes a text. A `%` without two hexadecimal digits stays, as in browsers (WHATWG URL).
///
/// # Errors
/// [`Problem::NotUtf8`], also for characters in more bytes than they need; [`Problem::ControlCharacter`] for a
/// NUL, which PostgreSQL cannot store.
pub fn decode(text: &[u8], plus_is_space: bool) -> Result<String, Problem> {
    let text = if plus_is_space && text.contains(&b'+') {
        Cow::Owned(text.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect::<Vec<_>>())
    } else {
        Cow::Borrowed(text)
    };
    let decoded = percent_decode(&text).decode_utf8().map_err(|_| Problem::NotUtf8)?;
    if decoded.contains('\0') { Err(Problem::ControlCharacter) } else { Ok(decoded.into_owned()) }
}

/// Percent-encodes a text for a query, a cookie or one segment of a path.
pub fn encode(text: &str) -> String {
    Cow::from(utf8_percent_encode(text, RESERVED)).into_owned()
}

/// Percent-encodes a URL for headers and bodies. Parts that are already encoded stay unchanged.
pub fn encode_url(url: &str) -> String {
    Cow::from(utf8_percent_encode(url, UNSAFE_IN_URL)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_and_single() {
        let (query, refused) = Query::parse(b"a=1&b=%E4%BB%BB+x&&c&d=%&d2=%zz&e=1&e=2&f=TRUE&g=x");
        assert_eq!(refused, None);
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
    }

    #[test]
    fn what_is_not_utf8_is_refused_with_its_name() {
        let refused =
            |raw: &[u8]| Query::parse(raw).1.map(|invalid| (invalid.field.into_owned(), invalid.problem));
        for (raw, field) in [
            (&b"a=1&b=%ff"[..], "b"),
            (b"b=\xb1\xe0", "b"),
            (b"b=%C0%AF", "b"),
            (b"b=%ED%A0%80", "b"),
            (b"b=%E4%BB", "b"),
            (b"%ff=1", "%ff"),
            (b"\xb1x=1", "?x"),
        ] {
            assert_eq!(refused(raw), Some((field.into(), Problem::NotUtf8)), "{raw:?}");
        }
        assert_eq!(refused(b"b=%00"), Some(("b".into(), Problem::ControlCharacter)));
        let (query, refused) = Query::parse(b"token=t&b=%ff&c=d");
        assert!(refused.is_some());
        assert_eq!(query.pairs().len(), 2, "the others are read");
        assert!(Query::parse_form(b"a=1&b=%ff").is_err());
        assert_eq!(Query::parse_form("a=任".as_bytes()).unwrap().get("a").unwrap(), Some("任"));
    }

    #[test]
    fn texts_are_encoded_but_for_unreserved_characters() {
        assert_eq!(encode("aZ0-._~ /+%&任"), "aZ0-._~%20%2F%2B%25%26%E4%BB%BB");
        assert_eq!(decode(encode("a +b%2B").as_bytes(), true).unwrap(), "a +b%2B");
        assert_eq!(decode(b"a+b%2b", false).unwrap(), "a+b+");
    }

    #[test]
    fn urls_are_encoded_where_a_header_would_end_them() {
        let plain = "http://[::1]:80/a%2Fb?c[]=d&e=%E4";
        assert_eq!(encode_url(plain), plain);
        assert_eq!(encode_url("http://a/任?b=\"<>,;c d"), "http://a/%E4%BB%BB?b=%22%3C%3E%2C%3Bc%20d");
    }
}
