//! Request signing against `fixtures/aksk_vectors.json`: requests signed by the official Python SDK. Each
//! must verify, and must be refused after a change of any one byte with a meaning.

use serde::Deserialize;
use std::collections::BTreeMap;
use wire::signing::{
    Algorithm, Authorization, Header, Payload, Reason, SdkDate, SignError, SignedRequest, WINDOW_SECONDS,
    check_window, request_date, sign, verify,
};

#[derive(Deserialize)]
struct Fixture {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    algorithm: String,
    access_key: String,
    secret_key: String,
    x_sdk_date: String,
    request: Original,
    request_target_on_wire: String,
    signed_headers: Vec<String>,
    canonical_request: String,
    authorization: String,
    final_headers: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Original {
    method: String,
    body: String,
}

fn vectors() -> Vec<Vector> {
    let fixture: Fixture = serde_json::from_str(include_str!("../../fixtures/aksk_vectors.json")).unwrap();
    fixture.vectors
}

fn algorithm(vector: &Vector) -> Algorithm {
    Algorithm::of_authorization(vector.algorithm.as_bytes()).unwrap()
}

/// A request as sent, whose bytes the tests change.
#[derive(Clone)]
struct Sent {
    method: Vec<u8>,
    target: Vec<u8>,
    /// All headers except Authorization.
    headers: Vec<(Vec<u8>, Vec<u8>)>,
    body: Vec<u8>,
    authorization: Vec<u8>,
}

impl Sent {
    fn of(vector: &Vector) -> Self {
        let headers = vector.final_headers.iter().filter(|(name, _)| *name != "Authorization");
        Self {
            method: vector.request.method.clone().into(),
            target: vector.request_target_on_wire.clone().into(),
            headers: headers.map(|(name, value)| (name.clone().into(), value.clone().into())).collect(),
            body: vector.request.body.clone().into(),
            authorization: vector.final_headers["Authorization"].clone().into(),
        }
    }

    /// Verifies the request as a server does. `None`: refused.
    fn accepted(&self, vector: &Vector) -> Option<Payload> {
        let authorization = Authorization::parse(&self.authorization).ok()?;
        let mut headers: Vec<Header<'_>> = Vec::new();
        for (name, value) in &self.headers {
            headers.push((std::str::from_utf8(name).ok()?, value));
        }
        let request = SignedRequest {
            method: std::str::from_utf8(&self.method).ok()?,
            target: &self.target,
            headers: &headers,
            body: &self.body,
        };
        let date = request_date(&request).ok()?;
        check_window(date, SdkDate::parse(vector.x_sdk_date.as_bytes()).unwrap().unix_seconds()).ok()?;
        // A dummy secret for an unknown access key.
        let known = authorization.access_key() == vector.access_key;
        let secret = if known { vector.secret_key.as_bytes() } else { b"dummy" };
        verify(&authorization, &request, secret).ok()
    }
}

/// Every value that differs in one bit, and some bytes with a meaning for a parser.
fn replacements(byte: u8) -> impl Iterator<Item = u8> {
    let flipped = (0..8).map(move |bit| byte ^ (1 << bit));
    flipped.chain(*b" \t\n\0/%+&=;,.~?#|aA0").filter(move |new| *new != byte)
}

/// Whether a change keeps the meaning, so that the signature must still match. All other changes must be
/// refused.
type Exempt = fn(&Sent, usize, u8) -> bool;

fn change_every_byte(vector: &Vector, part: fn(&mut Sent) -> &mut Vec<u8>, exempt: Exempt) -> usize {
    let sent = Sent::of(vector);
    let mut count = 0;
    for index in 0..part(&mut sent.clone()).len() {
        let old = part(&mut sent.clone())[index];
        for new in replacements(old) {
            let mut changed = sent.clone();
            part(&mut changed)[index] = new;
            assert_eq!(
                changed.accepted(vector).is_some(),
                exempt(&sent, index, new),
                "{}: byte {index} {:?} -> {:?}",
                vector.name,
                char::from(old),
                char::from(new),
            );
            count += 1;
        }
    }
    count
}

fn never(_: &Sent, _: usize, _: u8) -> bool {
    false
}

/// `%2f` and `%2F` are the same escape (RFC 3986 section 2.1): the letter case of a hexadecimal digit has no
/// meaning.
fn escape_case(sent: &Sent, index: usize, new: u8) -> bool {
    let old = sent.target[index];
    let in_escape = (1..=2).any(|back| index >= back && sent.target[index - back] == b'%');
    in_escape && old.is_ascii_alphabetic() && old.eq_ignore_ascii_case(&new)
}

/// With `UNSIGNED-PAYLOAD` the body is not covered, so every change of it is accepted.
fn any(_: &Sent, _: usize, _: u8) -> bool {
    true
}

#[test]
fn the_official_vectors_verify() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 13);
    let by = |wanted| vectors.iter().filter(|vector| algorithm(vector) == wanted).count();
    assert_eq!(Algorithm::ALL.iter().map(|wanted| by(*wanted)).collect::<Vec<_>>(), [9, 1, 1, 1, 1]);
    for vector in &vectors {
        let sent = Sent::of(vector);
        assert_eq!(sent.authorization, vector.authorization.as_bytes());
        let unsigned = vector.canonical_request.ends_with("\nUNSIGNED-PAYLOAD");
        let expected = if unsigned { Payload::Unsigned } else { Payload::Signed };
        assert_eq!(sent.accepted(vector), Some(expected), "{}", vector.name);
        let parsed = Authorization::parse(&sent.authorization).unwrap();
        assert!(parsed.signed_headers().eq(&vector.signed_headers), "{}", vector.name);
    }
}

#[test]
fn a_mismatch_quotes_the_canonical_request_of_the_vector() {
    for vector in &vectors() {
        // The first candidate of these vectors is not the signed one.
        if ["py-7-int-list-numeric-order", "py-9-unsigned-payload-empty-body"].contains(&&*vector.name) {
            continue;
        }
        let sent = Sent::of(vector);
        let authorization = Authorization::parse(&sent.authorization).unwrap();
        let headers: Vec<Header<'_>> = sent
            .headers
            .iter()
            .map(|(name, value)| (std::str::from_utf8(name).unwrap(), &value[..]))
            .collect();
        let request = SignedRequest {
            method: &vector.request.method,
            target: &sent.target,
            headers: &headers,
            body: &sent.body,
        };
        let mismatch = verify(&authorization, &request, b"another secret").unwrap_err();
        assert_eq!(mismatch.reason, Reason::Signature);
        assert_eq!(mismatch.canonical_request(), vector.canonical_request.replace('\n', "|"));
    }
}

#[test]
fn signing_gives_the_signature_of_the_official_sdk() {
    let (mut same, mut fits) = (0, 0);
    for vector in &vectors() {
        let sent = Sent::of(vector);
        let headers: Vec<Header<'_>> = sent
            .headers
            .iter()
            .map(|(name, value)| (std::str::from_utf8(name).unwrap(), &value[..]))
            .filter(|(name, _)| *name != "X-Sdk-Date")
            .collect();
        let request = SignedRequest {
            method: &vector.request.method,
            target: &sent.target,
            headers: &headers,
            body: &sent.body,
        };
        let date = SdkDate::parse(vector.x_sdk_date.as_bytes()).unwrap();
        let secret = vector.secret_key.as_bytes();
        let signed = match sign(algorithm(vector), &vector.access_key, secret, &request, date) {
            Ok(signed) => signed,
            Err(error) => {
                assert_eq!((algorithm(vector), error), (Algorithm::V11HmacSha256, SignError::Algorithm));
                continue;
            }
        };
        assert_eq!(signed.x_sdk_date, vector.x_sdk_date);
        if matches!(algorithm(vector), Algorithm::SdkEcdsaP256Sha256 | Algorithm::SdkSm2Sm3) {
            // The signature of the SDK is random.
            let ours = Sent { authorization: signed.authorization.into(), ..sent };
            assert_eq!(ours.accepted(vector), Some(Payload::Signed), "{}", vector.name);
            fits += 1;
            continue;
        }
        match &*vector.name {
            // Python sorts numbers as numbers; this implementation sorts values as texts, as Go does.
            "py-7-int-list-numeric-order" => assert_ne!(signed.authorization, vector.authorization),
            // Python signs the hash of the empty body; this implementation signs the value of the header, as
            // Go and Java do.
            "py-9-unsigned-payload-empty-body" => assert_ne!(signed.authorization, vector.authorization),
            _ => {
                assert_eq!(signed.authorization, vector.authorization, "{}", vector.name);
                same += 1;
            }
        }
    }
    assert_eq!((same, fits), (8, 2));
}

#[test]
fn every_byte_of_the_request_line_counts() {
    let mut count = 0;
    for vector in &vectors() {
        count += change_every_byte(vector, |sent| &mut sent.method, never);
        count += change_every_byte(vector, |sent| &mut sent.target, escape_case);
    }
    assert!(count > 8_000, "{count}");
}

#[test]
fn every_byte_of_the_authorization_counts() {
    for vector in &vectors() {
        change_every_byte(vector, |sent| &mut sent.authorization, never);
    }
}

/// The vectors sign every header they send. No value begins or ends with white space, so no change concerns
/// only white space.
#[test]
fn every_byte_of_a_signed_header_counts() {
    for vector in &vectors() {
        let sent = Sent::of(vector);
        for (index, (name, value)) in sent.headers.iter().enumerate() {
            for (at, old) in value.iter().enumerate() {
                for new in replacements(*old) {
                    let mut changed = sent.clone();
                    changed.headers[index].1[at] = new;
                    assert_eq!(changed.accepted(vector), None, "{} {at} {new}", vector.name);
                }
            }
            for (at, old) in name.iter().enumerate() {
                for new in replacements(*old) {
                    let mut changed = sent.clone();
                    changed.headers[index].0[at] = new;
                    // Header names are case-insensitive.
                    let same = old.eq_ignore_ascii_case(&new);
                    assert_eq!(changed.accepted(vector).is_some(), same, "{} {at} {new}", vector.name);
                }
            }
        }
    }
}

#[test]
fn every_byte_of_a_signed_body_counts() {
    let (mut signed, mut unsigned) = (0, 0);
    for vector in &vectors() {
        match vector.name.as_str() {
            "py-8-unsigned-payload" => unsigned += change_every_byte(vector, |sent| &mut sent.body, any),
            _ => signed += change_every_byte(vector, |sent| &mut sent.body, never),
        }
        let mut longer = Sent::of(vector);
        longer.body.push(b' ');
        let covered = vector.name != "py-8-unsigned-payload";
        assert_eq!(longer.accepted(vector).is_none(), covered, "{}", vector.name);
    }
    assert!(signed > 0 && unsigned > 0);
}

#[test]
fn nothing_can_be_added_removed_or_doubled() {
    for vector in &vectors() {
        let sent = Sent::of(vector);
        for index in 0..sent.headers.len() {
            let mut without = sent.clone();
            without.headers.remove(index);
            assert_eq!(without.accepted(vector), None, "{} without header {index}", vector.name);
            let mut doubled = sent.clone();
            doubled.headers.push(sent.headers[index].clone());
            assert_eq!(doubled.accepted(vector), None, "{} doubled header {index}", vector.name);
        }
        for tail in ["&", "&a", "&a=1", "%00", "//", "#a"] {
            let mut longer = sent.clone();
            longer.target.extend(tail.bytes());
            assert_eq!(longer.accepted(vector), None, "{} {tail}", vector.name);
        }
        for index in 0..sent.target.len() {
            let mut shorter = sent.clone();
            shorter.target.remove(index);
            // `empty=&` and `empty&` are the same: a parameter with an empty value.
            let same = sent.target[index..].starts_with(b"=&");
            assert_eq!(shorter.accepted(vector).is_some(), same, "{} without byte {index}", vector.name);
        }
    }
}

/// Other spellings with the same meaning by the rules of the signature.
#[test]
fn equivalent_spellings_still_verify() {
    for vector in &vectors() {
        let sent = Sent::of(vector);
        let same = |change: fn(&mut Sent)| {
            let mut changed = sent.clone();
            change(&mut changed);
            assert!(changed.accepted(vector).is_some(), "{}", vector.name);
        };
        // The order of headers, and headers that are not signed.
        same(|sent| sent.headers.reverse());
        same(|sent| sent.headers.push((b"Accept".to_vec(), b"*/*".to_vec())));
        // White space around a value (RFC 9110 section 5.5).
        same(|sent| sent.headers.iter_mut().for_each(|(_, value)| value.extend(b" \t")));
        // The signed path always ends with a slash.
        same(|sent| {
            let end = sent.target.iter().position(|byte| *byte == b'?').unwrap_or(sent.target.len());
            sent.target.insert(end, b'/');
        });
        // An escape of a character that needs no escape.
        same(|sent| {
            let at = sent.target.iter().position(|byte| *byte == b'v').unwrap();
            sent.target.splice(at..=at, *b"%76");
        });
        // An empty query.
        if !vector.request_target_on_wire.contains('?') {
            same(|sent| sent.target.push(b'?'));
        }
    }
}

/// A key derived for one day must not sign on another day.
#[test]
fn a_derived_key_is_valid_on_its_day_only() {
    let vector = vectors().into_iter().find(|vector| algorithm(vector).name().starts_with("V11")).unwrap();
    let sent = Sent::of(&vector);
    let text = String::from_utf8(sent.authorization).unwrap().replace("/20261123/", "/20261124/");
    let authorization = Authorization::parse(text.as_bytes()).unwrap();
    let headers: Vec<Header<'_>> =
        sent.headers.iter().map(|(name, value)| (std::str::from_utf8(name).unwrap(), &value[..])).collect();
    let request = SignedRequest { method: "GET", target: &sent.target, headers: &headers, body: b"" };
    let refused = verify(&authorization, &request, vector.secret_key.as_bytes()).unwrap_err();
    assert_eq!(refused.reason, Reason::Scope);
}

#[test]
fn a_signature_is_valid_within_the_window() {
    for vector in &vectors() {
        let date = SdkDate::parse(vector.x_sdk_date.as_bytes()).unwrap();
        let window = i64::try_from(WINDOW_SECONDS).unwrap();
        for (offset, fresh) in [(-window - 1, false), (-window, true), (window, true), (window + 1, false)] {
            assert_eq!(check_window(date, date.unix_seconds() + offset).is_ok(), fresh);
        }
    }
}
