//! Compression of whole text bodies with gzip: negotiation, threshold and encoding.
//!
//! A response with a new secret beside text that the caller chose must not be compressed, because over TLS
//! its length would reveal parts of the secret (BREACH).

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, header::ACCEPT_ENCODING};

/// Least length of a compressed body, in bytes: a smaller one fits into one network packet.
pub const MIN_BYTES: usize = 1400;

/// Level 4 has most of the gain of 6 on JSON in about half of the time.
const LEVEL: u32 = 4;

/// Whether the client accepts gzip (RFC 9110, section 12.5.3): `gzip`, `x-gzip` or `*` with a weight above 0
/// and not below that of `identity`. Without the header it does not. Malformed parts are ignored.
#[must_use]
pub fn accepts_gzip(headers: &HeaderMap) -> bool {
    let (mut gzip, mut any, mut identity) = (None, None, None);
    for part in
        headers.get_all(ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','))
    {
        let (coding, rest) = part.split_once(';').unwrap_or((part, ""));
        let Some(weight) = weight(rest) else { continue };
        match coding.trim() {
            c if c.eq_ignore_ascii_case("gzip") || c.eq_ignore_ascii_case("x-gzip") => {
                gzip = gzip.max(Some(weight))
            }
            c if c.eq_ignore_ascii_case("identity") => identity = Some(weight),
            "*" => any = Some(weight),
            _ => {}
        }
    }
    let gzip = gzip.or(any).unwrap_or(0);
    gzip > 0 && identity.is_none_or(|identity| gzip >= identity)
}

/// The weight of `q=0.8` in thousandths (1000 if there is none); `None` if it is malformed (RFC 9110, section
/// 12.4.2).
fn weight(parameters: &str) -> Option<u16> {
    let parameters = parameters.trim();
    if parameters.is_empty() {
        return Some(1000);
    }
    let (name, value) = parameters.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let (whole, fraction) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
    match (whole, thousandths) {
        ("0", n) => Some(n),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

/// Whether a body of `len` bytes and this `Content-Type` is compressed: text of at least [`MIN_BYTES`]. Event
/// streams are not, because they are not whole bodies.
#[must_use]
pub fn is_compressible(content_type: &str, len: usize) -> bool {
    if len < MIN_BYTES {
        return false;
    }
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    let Some((kind, sub)) = kind.split_once('/') else { return false };
    let is_one_of = |names: &[&str]| names.iter().any(|name| sub.eq_ignore_ascii_case(name));
    let ends_with = |end: &str| {
        let start = sub.len().checked_sub(end.len());
        start.and_then(|start| sub.get(start..)).is_some_and(|sub| sub.eq_ignore_ascii_case(end))
    };
    if kind.eq_ignore_ascii_case("text") {
        return !is_one_of(&["event-stream"]);
    }
    let is_named = kind.eq_ignore_ascii_case("application")
        && is_one_of(&["json", "xml", "javascript", "x-ndjson", "manifest+json"]);
    is_named || ends_with("+json") || ends_with("+xml")
}

/// The body as one gzip member, without time and name: the same body always has the same bytes, so an ETag
/// may be computed from them.
#[must_use]
pub fn gzip(body: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4 + 64), Compression::new(LEVEL));
    let packed = encoder.write_all(body).and_then(|()| encoder.finish());
    packed.expect("writing to a vector cannot fail").into()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use http::HeaderValue;

    use super::*;

    fn accepts(values: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(ACCEPT_ENCODING, HeaderValue::from_str(value).unwrap());
        }
        accepts_gzip(&headers)
    }

    #[test]
    fn gzip_is_negotiated_by_weight() {
        for yes in [
            "gzip",
            "GZip",
            "x-gzip",
            "gzip, deflate, br",
            "deflate,gzip;q=0.5",
            "*",
            "*;q=0.1",
            "gzip;q=1.000",
            "gzip ; Q=0.001",
            "br;q=1, gzip;q=0.8, *;q=0",
            "identity;q=0.5, gzip;q=0.5",
            "deflate;q=x, gzip",
        ] {
            assert!(accepts(&[yes]), "{yes}");
        }
        for no in [
            "",
            "identity",
            "br",
            "gzip;q=0",
            "gzip;q=0.000, *",
            "*;q=0",
            "gzip;q=2",
            "gzip;q=-1",
            "gzip;q=0.1234",
            "gzip;level=3",
            "identity, gzip;q=0.5",
            "notgzip",
        ] {
            assert!(!accepts(&[no]), "{no}");
        }
        assert!(!accepts(&[]), "no header");
        assert!(accepts(&["br", "gzip"]), "two header lines");
    }

    #[test]
    fn text_of_a_minimum_length_is_compressible() {
        for yes in [
            "application/json",
            "application/json; charset=utf-8",
            "Application/JSON",
            "application/problem+json",
            "text/html; charset=utf-8",
            "text/plain",
            "image/svg+xml",
            "application/x-ndjson",
        ] {
            assert!(is_compressible(yes, MIN_BYTES), "{yes}");
            assert!(!is_compressible(yes, MIN_BYTES - 1), "{yes}");
        }
        for no in
            ["image/png", "application/octet-stream", "text/event-stream", "application/gzip", "", "json"]
        {
            assert!(!is_compressible(no, 1 << 20), "{no}");
        }
    }

    #[test]
    fn bodies_are_compressed_without_loss() {
        for body in [String::new(), "x".into(), r#"{"id":31930,"status":"success"},"#.repeat(2000)] {
            let packed = gzip(body.as_bytes());
            let mut back = String::new();
            flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut back).unwrap();
            assert_eq!(back, body);
            assert_eq!(packed, gzip(body.as_bytes()), "always the same bytes");
            if body.len() >= MIN_BYTES {
                assert!(packed.len() * 4 < body.len());
            }
        }
    }
}
