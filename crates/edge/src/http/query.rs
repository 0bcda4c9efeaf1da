//! Query parameters and path segments, decoded for use. Signatures are verified over the raw target instead, never over these.

use domain::error::{Invalid, Problem};

/// The parameters of a query string, in order.
#[derive(Debug, Clone, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads `a=b&c`. `+` is a space, as browsers send it; bytes that are no UTF-8 become replacement characters.
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
    /// [`Problem::Twice`]: which of two would count is nobody's to guess.
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

    /// Names and values, in order.
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

/// Undoes percent encoding; what is not an encoding stays as it is.
pub fn decode(text: &str, plus_is_space: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |i: usize| bytes.get(i).and_then(|b| char::from(*b).to_digit(16));
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                at += 3;
                continue;
            }
            (b'+', _, _) if plus_is_space => out.push(b' '),
            (byte, _, _) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// A URL as headers and bodies can carry it: what is not visible ASCII, and what ends a URL in a `Link`, percent-encoded. What is
/// encoded already stays so.
pub fn encode_url(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for byte in url.bytes() {
        match byte {
            b'<' | b'>' | b'"' | b',' | b';' | b'\\' => out += &format!("%{byte:02X}"),
            byte if byte.is_ascii_graphic() => out.push(char::from(byte)),
            byte => out += &format!("%{byte:02X}"),
        }
    }
    out
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
    fn urls_hold_nothing_that_ends_them() {
        let plain = "http://[::1]:80/a%2Fb?c[]=d&e=%E4";
        assert_eq!(encode_url(plain), plain);
        assert_eq!(encode_url("http://a/任?b=\"<>,;c d"), "http://a/%E4%BB%BB?b=%22%3C%3E%2C%3Bc%20d");
    }
}
