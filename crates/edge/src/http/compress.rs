//! Gzip for whole text bodies: who takes it, when it pays, and the bytes. Must not know routes, dialects or
//! streams. An answer that carries a fresh secret beside text the caller chose must not be compressed by its
//! maker: over TLS its length would say something about the secret (BREACH).

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, header::ACCEPT_ENCODING};

/// Bodies under this many bytes fit one network packet, so smaller is not sooner.
pub const WORTH_FROM: usize = 1400;

/// 4 keeps most of the gain of 6 on JSON for about half of its time.
const LEVEL: u32 = 4;

/// Whether the caller takes gzip (RFC 9110, 12.5.3): `gzip`, `x-gzip` or `*` with a weight above 0 that
/// `identity` does not beat. No header means no. A part that cannot be read is passed over.
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

/// The weight of `q=0.8` in thousandths (1000 where none is named), or `None` if it is not one of RFC 9110,
/// 12.4.2.
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

/// Whether a body of `len` bytes and this `Content-Type` is worth compressing: text, and not tiny.
/// Event streams never are: they are not whole bodies.
#[must_use]
pub fn worth(content_type: &str, len: usize) -> bool {
    if len < WORTH_FROM {
        return false;
    }
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.split_once('/') {
        Some(("text", sub)) => sub != "event-stream",
        Some(("application", "json" | "xml" | "javascript" | "x-ndjson" | "manifest+json")) => true,
        Some((_, sub)) => sub.ends_with("+json") || sub.ends_with("+xml"),
        None => false,
    }
}

/// The body as one gzip member. The same body always gives the same bytes (no time, no name), so an ETag may
/// be made of it.
#[must_use]
pub fn gzip(body: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4 + 64), Compression::new(LEVEL));
    let packed = encoder.write_all(body).and_then(|()| encoder.finish());
    packed.expect("a vector takes every write").into()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use http::HeaderValue;

    use super::*;

    fn accepting(values: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(ACCEPT_ENCODING, HeaderValue::from_str(value).unwrap());
        }
        accepts_gzip(&headers)
    }

    #[test]
    fn who_takes_gzip() {
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
            assert!(accepting(&[yes]), "{yes}");
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
            assert!(!accepting(&[no]), "{no}");
        }
        assert!(!accepting(&[]), "no header");
        assert!(accepting(&["br", "gzip"]), "two header lines");
    }

    #[test]
    fn what_is_worth_it() {
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
            assert!(worth(yes, WORTH_FROM), "{yes}");
            assert!(!worth(yes, WORTH_FROM - 1), "{yes}");
        }
        for no in
            ["image/png", "application/octet-stream", "text/event-stream", "application/gzip", "", "json"]
        {
            assert!(!worth(no, 1 << 20), "{no}");
        }
    }

    #[test]
    fn comes_back_whole_and_smaller() {
        for body in [String::new(), "x".into(), r#"{"id":31930,"status":"success"},"#.repeat(2000)] {
            let packed = gzip(body.as_bytes());
            let mut back = String::new();
            flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut back).unwrap();
            assert_eq!(back, body);
            assert_eq!(packed, gzip(body.as_bytes()), "always the same bytes");
            if body.len() >= WORTH_FROM {
                assert!(packed.len() * 4 < body.len());
            }
        }
    }
}
