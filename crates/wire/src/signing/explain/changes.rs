//! The changes that are known to happen to a request between its signer and its verifier.

use super::{BodyChange, Finding, ReceivedRequest};
use crate::signing::canonical::{self, header_lines};
use crate::signing::parts::RequestParts;
use crate::signing::{Authorization, Header, Payload, SignedRequest, UNSIGNED_PAYLOAD, percent};

/// Headers in which a proxy states what it changed.
pub const FORWARDED: [&str; 7] = [
    "forwarded",
    "x-forwarded-host",
    "x-forwarded-prefix",
    "x-original-host",
    "x-original-uri",
    "x-original-url",
    "x-rewrite-url",
];

/// Most parameters of a query of which each is left out in turn; of longer queries none is.
const PARAMETERS_MAX: usize = 32;

/// Most signed headers whose values are changed.
const HEADERS_MAX: usize = 32;

/// Every possible change, with the parts of the request before it. Lazy, because each item is a copy of a
/// request.
pub fn candidates<'a>(
    authorization: &'a Authorization,
    received: &'a ReceivedRequest,
    request: &'a SignedRequest<'a>,
    parts: &'a RequestParts<'a>,
) -> impl Iterator<Item = (Finding, RequestParts<'a>)> + 'a {
    let (path, query) = canonical::split_target(&received.target);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let methods = methods(&received.method).map(|signed| {
        (Finding::Method { signed: signed.to_owned() }, RequestParts { method: signed, ..parts.clone() })
    });
    let paths = paths(request, path)
        .into_iter()
        .map(move |uri| (Finding::Path { signed: text(&uri) }, RequestParts { uri, ..parts.clone() }));
    let queries = queries(query).into_iter().map(move |query| {
        (Finding::Query { signed: text(&query) }, RequestParts { queries: vec![query], ..parts.clone() })
    });
    let headers = authorization.signed_headers().take(HEADERS_MAX).flat_map(move |name| {
        values(name, request).into_iter().map(move |signed| {
            let mut headers: Vec<Header<'_>> = request.headers.to_vec();
            headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
            headers.push((name, &signed));
            let changed = SignedRequest { headers: &headers, ..*request };
            let lines = header_lines(&changed, authorization.signed_headers()).candidates;
            (
                Finding::Header { name: name.to_owned(), signed: text(&signed) },
                RequestParts { lines, ..parts.clone() },
            )
        })
    });
    let bodies = bodies(authorization, received).into_iter().map(|(change, hash)| {
        (Finding::Body(change), RequestParts { hashes: vec![(Payload::Signed, hash)], ..parts.clone() })
    });
    // The most frequent changes of proxies come first.
    methods.chain(paths).chain(bodies).chain(headers).chain(queries)
}

fn methods(sent: &str) -> impl Iterator<Item = &'static str> {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        .into_iter()
        .filter(move |method| *method != sent)
}

/// The path before a proxy encoded or decoded it once more, normalised its slashes, or removed a prefix.
fn paths(request: &SignedRequest<'_>, path: &[u8]) -> Vec<Vec<u8>> {
    let with_slash = |mut path: Vec<u8>| {
        if path.last() != Some(&b'/') {
            path.push(b'/');
        }
        path
    };
    let encoded = |path: &[u8]| {
        let mut out = Vec::new();
        for (index, segment) in path.split(|byte| *byte == b'/').enumerate() {
            out.extend((index > 0).then_some(b'/'));
            percent::encode(segment, &mut out);
        }
        out
    };
    let single_slashes = |path: &[u8]| {
        let parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').filter(|part| !part.is_empty()).collect();
        [b"/", parts.join(&b'/').as_slice()].concat()
    };
    let before = canonical::uri(path);
    let without_slash = before.strip_suffix(b"/").unwrap_or_default().to_vec();
    let decoded = percent::decode(path);
    let mut out = vec![
        with_slash(path.to_vec()),
        with_slash(encoded(path)),
        canonical::uri(&decoded),
        with_slash(decoded.clone()),
        // Some signers do not append the final slash.
        without_slash,
        canonical::uri(&single_slashes(path)),
        canonical::uri(&[b"/", path].concat()),
        canonical::uri(path.strip_prefix(b"/").unwrap_or(path)),
    ];
    for name in ["x-original-uri", "x-original-url", "x-rewrite-url"] {
        for value in request.header(name) {
            out.push(canonical::uri(canonical::split_target(value).0));
        }
    }
    for prefix in request.header("x-forwarded-prefix") {
        let prefix = prefix.strip_suffix(b"/").unwrap_or(prefix);
        out.push(canonical::uri(&[prefix, path].concat()));
    }
    distinct(out, &before)
}

/// The query before a parameter was added, dropped or written in another way.
fn queries(query: &[u8]) -> Vec<Vec<u8>> {
    let current = canonical::queries(query);
    let pieces: Vec<&[u8]> = query.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty()).collect();
    // Signers that take a plus for itself.
    let literal = query.split(|byte| *byte == b'+').collect::<Vec<_>>().join(&b"%2B"[..]);
    let mut out = vec![Vec::new(), query.to_vec(), pieces.join(&b'&')];
    out.extend(canonical::queries(&pieces.join(&b'&')));
    out.extend(canonical::queries(&literal));
    out.extend(canonical::queries(&query.to_ascii_lowercase()));
    // Encoded once more by a proxy.
    out.extend(canonical::queries(&percent::decode(query)));
    if (2..=PARAMETERS_MAX).contains(&pieces.len()) {
        for index in 0..pieces.len() {
            let mut fewer = pieces.clone();
            fewer.remove(index);
            out.extend(canonical::queries(&fewer.join(&b'&')));
        }
    }
    out.retain(|query| !current.contains(query));
    out.dedup();
    out
}

/// Values that a header may have had when it was signed.
fn values(name: &str, request: &SignedRequest<'_>) -> Vec<Vec<u8>> {
    let sent = request.single_header(name).unwrap_or_default();
    let words: Vec<&[u8]> =
        sent.split(|byte| b" \t".contains(byte)).filter(|word| !word.is_empty()).collect();
    let mut out = vec![Vec::new(), words.join(&b' '), sent.to_ascii_lowercase()];
    let mut add = |value: &[u8]| out.push(value.to_vec());
    match name {
        "host" => {
            for from in ["x-forwarded-host", "x-original-host"] {
                request.header(from).for_each(&mut add);
            }
            for value in request.header("forwarded") {
                let pairs = value.split(|byte| b";,".contains(byte)).map(<[u8]>::trim_ascii);
                let hosts =
                    pairs.filter_map(|pair| pair.strip_prefix(b"host=").or(pair.strip_prefix(b"Host=")));
                hosts.for_each(|host| {
                    add(host.strip_prefix(b"\"").and_then(|h| h.strip_suffix(b"\"")).unwrap_or(host))
                });
            }
            let host = sent.iter().rposition(|byte| *byte == b':').map_or(sent, |colon| &sent[..colon]);
            add(host);
            for port in [&b"443"[..], b"80", b"8443", b"8080"] {
                add(&[host, b":", port].concat());
            }
        }
        "content-type" => {
            let media_type = sent.split(|byte| *byte == b';').next().unwrap_or_default();
            for end in [
                &b""[..],
                b";charset=utf-8",
                b"; charset=utf-8",
                b";charset=UTF-8",
                b"; charset=UTF-8",
                b";charset=utf8",
            ] {
                add(&[media_type, end].concat());
            }
            add(b"application/json");
        }
        "connection" => [&b"keep-alive"[..], b"Keep-Alive", b"close"].into_iter().for_each(add),
        "accept-encoding" => {
            [&b"gzip, deflate"[..], b"gzip", b"identity", b"gzip, deflate, br"].into_iter().for_each(add)
        }
        "content-length" => add(b"0"),
        _ => {}
    }
    distinct(out, sent)
}

fn bodies(authorization: &Authorization, received: &ReceivedRequest) -> Vec<(BodyChange, String)> {
    let mut out = vec![(BodyChange::WasUnsigned, UNSIGNED_PAYLOAD.to_owned())];
    if !received.body.is_empty {
        out.push((BodyChange::WasEmpty, authorization.algorithm().hash_hex(b"")));
    }
    if let Some([longer, shorter]) = &received.line_ends {
        out.push((BodyChange::LostLineEnd, longer.clone()));
        out.extend((*shorter != received.body.hash).then(|| (BodyChange::GainedLineEnd, shorter.clone())));
    }
    out
}

/// Removes repetitions and `sent`.
fn distinct(mut all: Vec<Vec<u8>>, sent: &[u8]) -> Vec<Vec<u8>> {
    let mut known: Vec<Vec<u8>> = vec![sent.to_vec()];
    all.retain(|one| {
        let new = !known.contains(one);
        if new {
            known.push(one.clone());
        }
        new
    });
    all
}
