//! The canonical request: the text of a request that is signed. It is built from the raw request target.
//!
//! The SDKs differ in two points, so there can be several candidates. Each is another order or trimming of
//! the same content, never a subset of it:
//! - **order of query parameters**: Python and Go sort decoded keys, Java encoded ones; Go sorts the values
//!   of a repeated key, Java and Python (numbers) keep them as sent;
//! - **outer white space of header values**: Python and Go trim, Java does not.
//!
//! These are deliberately no candidates: keys in lower case (the Go SDK folds them; no API has another letter
//! case) and double-encoded paths (the Java SDK for paths with `%`; no path of the API has one). With either,
//! two requests of different meaning could share a signature.

use super::{SignedRequest, percent, trim};

/// How much of a canonical request an error message quotes, in characters.
pub const MAX_PRINTED_CHARS: usize = 4096;

/// Splits a request target at the first `?`. A missing and an empty query are the same.
pub(super) fn split_target(target: &[u8]) -> (&[u8], &[u8]) {
    let end = target.iter().position(|byte| *byte == b'?').unwrap_or(target.len());
    let (path, query) = target.split_at(end);
    (path, query.get(1..).unwrap_or_default())
}

/// The path decoded, split at `/` (also at those that were `%2F`), each segment encoded, `/` appended.
/// Repeated slashes and dot segments stay: the SDKs do not normalise.
pub(super) fn uri(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len() + 1);
    for (index, segment) in percent::decode(path).split(|byte| *byte == b'/').enumerate() {
        if index > 0 {
            out.push(b'/');
        }
        percent::encode(segment, &mut out);
    }
    if out.last() != Some(&b'/') {
        out.push(b'/');
    }
    out
}

/// One query parameter, decoded and in the one spelling of the signature.
struct Parameter {
    key: Vec<u8>,
    value: Vec<u8>,
    encoded_key: Vec<u8>,
    encoded_value: Vec<u8>,
}

impl Parameter {
    /// Reads a parameter. One without `=` has an empty value. An empty piece (`a=1&&b=2`) is an empty
    /// parameter: no SDK sends one, and if it were dropped, two requests would share a signature.
    fn read(piece: &[u8]) -> Self {
        let end = piece.iter().position(|byte| *byte == b'=').unwrap_or(piece.len());
        let (key, value) = piece.split_at(end);
        let value = value.get(1..).unwrap_or_default();
        let (key, value) = (percent::decode_query(key), percent::decode_query(value));
        let (mut encoded_key, mut encoded_value) = (Vec::new(), Vec::new());
        percent::encode(&key, &mut encoded_key);
        percent::encode(&value, &mut encoded_value);
        Self { key, value, encoded_key, encoded_value }
    }
}

/// The canonical query in every order that an SDK signs, without repetitions, the most common one first.
pub(super) fn queries(query: &[u8]) -> Vec<Vec<u8>> {
    if query.is_empty() {
        return vec![Vec::new()];
    }
    let sent: Vec<Parameter> = query.split(|byte| *byte == b'&').map(Parameter::read).collect();
    let mut out = Vec::with_capacity(1);
    let mut add = |order: fn(&Parameter, &Parameter) -> std::cmp::Ordering| {
        let mut sorted: Vec<&Parameter> = sent.iter().collect();
        sorted.sort_by(|a, b| order(a, b));
        let joined = join(&sorted);
        if !out.contains(&joined) {
            out.push(joined);
        }
    };
    add(|a, b| (&a.key, &a.value).cmp(&(&b.key, &b.value)));
    if sent.len() > 1 {
        // The sort is stable: equal keys stay as sent.
        add(|a, b| a.key.cmp(&b.key));
        add(|a, b| (&a.encoded_key, &a.encoded_value).cmp(&(&b.encoded_key, &b.encoded_value)));
        add(|a, b| a.encoded_key.cmp(&b.encoded_key));
    }
    out
}

fn join(parameters: &[&Parameter]) -> Vec<u8> {
    let pairs: Vec<Vec<u8>> =
        parameters.iter().map(|p| [&p.encoded_key[..], &p.encoded_value[..]].join(&b'=')).collect();
    pairs.join(&b'&')
}

/// The lines of the signed headers.
#[derive(Debug, Default)]
pub(super) struct HeaderLines {
    /// `name:value\n` of every signed header, trimmed; then once more untrimmed if that is another text.
    pub(super) candidates: Vec<Vec<u8>>,
    /// A signed header is not in the request.
    pub(super) missing: bool,
    /// A value has a line end or a NUL, which could forge another line.
    pub(super) illegal: bool,
}

/// The lines of the headers `names`. A repeated header has one line per value, values sorted, as in Go.
pub(super) fn header_lines<'n>(
    request: &SignedRequest<'_>,
    names: impl Iterator<Item = &'n str>,
) -> HeaderLines {
    let (mut trimmed, mut raw) = (Vec::new(), Vec::new());
    let (mut missing, mut illegal) = (false, false);
    for name in names {
        let mut values: Vec<&[u8]> = Vec::new();
        values.extend(request.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| *v));
        missing |= values.is_empty();
        illegal |= values.iter().any(|value| value.iter().any(|byte| b"\r\n\0".contains(byte)));
        push_lines(&mut raw, name, &mut values);
        values.iter_mut().for_each(|value| *value = trim(value));
        push_lines(&mut trimmed, name, &mut values);
    }
    let differs = raw != trimmed;
    let mut candidates = vec![trimmed];
    candidates.extend(differs.then_some(raw));
    HeaderLines { candidates, missing, illegal }
}

fn push_lines(out: &mut Vec<u8>, name: &str, values: &mut [&[u8]]) {
    values.sort_unstable();
    for value in values {
        out.extend([name.as_bytes(), b":", value, b"\n"].concat());
    }
}

/// Joins the parts to a canonical request.
pub(super) fn assemble(
    method: &str,
    uri: &[u8],
    query: &[u8],
    header_lines: &[u8],
    signed_headers: &str,
    payload_hash: &str,
) -> Vec<u8> {
    [method.as_bytes(), uri, query, header_lines, signed_headers.as_bytes(), payload_hash.as_bytes()]
        .join(&b'\n')
}

/// A canonical request as the gateway quotes it in `verify aksk signature fail,canonicalRequest:...`: on one
/// line with `|` for each line end, without control characters, with invalid UTF-8 replaced, truncated to
/// [`MAX_PRINTED_CHARS`].
///
/// It has the values of signed headers, such as `X-Security-Token`. Return it to the sender only; do not log
/// it.
#[must_use]
pub fn printable(canonical_request: &[u8]) -> String {
    let lines = String::from_utf8_lossy(canonical_request);
    lines
        .chars()
        .map(|c| if c == '\n' { '|' } else { c })
        .filter(|c| !c.is_control())
        .take(MAX_PRINTED_CHARS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{SignedRequest, header_lines, printable, queries, split_target, uri};

    fn text(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    #[test]
    fn targets_split_at_the_first_question_mark() {
        assert_eq!(split_target(b"/a?b=c?d"), (&b"/a"[..], &b"b=c?d"[..]));
        assert_eq!(split_target(b"/a?"), (&b"/a"[..], &b""[..]));
        assert_eq!(split_target(b"/a"), (&b"/a"[..], &b""[..]));
        assert_eq!(split_target(b""), (&b""[..], &b""[..]));
    }

    #[test]
    fn the_uri_is_recoded_and_ends_with_a_slash() {
        for (path, canonical) in [
            ("/v4/jobs", "/v4/jobs/"),
            ("/v4/jobs/", "/v4/jobs/"),
            ("/", "/"),
            ("", "/"),
            ("//a///b", "//a///b/"),
            ("/a/../%2e/b", "/a/.././b/"),
            ("/a%2Fb%20c", "/a/b%20c/"),
            ("/a:b@c;d,e", "/a%3Ab%40c%3Bd%2Ce/"),
            ("/%E4%BB%BB", "/%E4%BB%BB/"),
        ] {
            assert_eq!(text(&uri(path.as_bytes())), canonical, "{path}");
        }
    }

    #[test]
    fn queries_come_in_every_order_an_sdk_signs() {
        for (sent, expected) in [
            ("", &[""][..]),
            ("a", &["a="]),
            ("a=b=c", &["a=b%3Dc"]),
            ("offset=20&limit=100", &["limit=100&offset=20"]),
            // The signed text is the one that the server reads: a plus is a space, and `%2B` is a plus.
            ("b=1&a=+%20x", &["a=%20%20x&b=1"]),
            ("a=%2B", &["a=%2B"]),
            ("ids=9&ids=10", &["ids=10&ids=9", "ids=9&ids=10"]),
            // `{` sorts behind letters as a byte, and before them as `%7B`.
            ("a=x&{=y", &["a=x&%7B=y", "%7B=y&a=x"]),
            // Empty pieces count.
            ("a=1&&b=2", &["=&a=1&b=2"]),
            ("&", &["=&="]),
        ] {
            let got = queries(sent.as_bytes());
            assert_eq!(got.iter().map(|query| text(query)).collect::<Vec<_>>(), expected, "{sent}");
        }
    }

    fn lines(headers: &[(&str, &[u8])], names: &[&str]) -> super::HeaderLines {
        let request = SignedRequest { method: "GET", target: b"/", headers, body: b"" };
        header_lines(&request, names.iter().copied())
    }

    #[test]
    fn header_lines_follow_the_list() {
        let sent: &[(&str, &[u8])] =
            &[("B", b"2"), ("x", b"\xff"), ("a", b" z "), ("A", b"y"), ("unsigned", b"")];
        let got = lines(sent, &["a", "b", "x"]);
        assert_eq!(
            got.candidates,
            [b"a:y\na:z\nb:2\nx:\xff\n".to_vec(), b"a: z \na:y\nb:2\nx:\xff\n".to_vec()]
        );
        assert!(!got.missing && !got.illegal);
        assert_eq!(lines(&[("b", b"2")], &["b"]).candidates, [b"b:2\n"]);
    }

    #[test]
    fn missing_and_forged_headers_are_detected() {
        assert!(lines(&[("b", b"2")], &["a", "b"]).missing);
        for forged in [&b"1\nb:2"[..], b"1\r", b"\0"] {
            assert!(lines(&[("a", forged)], &["a"]).illegal);
        }
    }

    #[test]
    fn printing_is_one_bounded_line() {
        assert_eq!(printable(b"GET\n/a/\n\nh:\x01\xff\x7f\r\n"), "GET|/a/||h:\u{fffd}|");
        assert_eq!(printable("\u{4efb}".repeat(5000).as_bytes()), "\u{4efb}".repeat(4096));
    }
}
