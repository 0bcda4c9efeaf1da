//! Request signing with arbitrary input: every signed request verifies, and nothing panics.

use proptest::collection::vec;
use proptest::prelude::*;
use wire::signing::{
    Algorithm, Authorization, Claim, Header, MAX_PRINTED_CHARS, Payload, Reason, ReceivedRequest, SdkDate,
    SignedRequest, TrialKeys, UNSIGNED_PAYLOAD, explain, printable, request_date, sign, verify,
};

const ACCESS_KEY: &str = "AKEXAMPLE0000000001";
const HOST: Header<'static> = ("Host", b"127.0.0.1:8080");

type Headers = Vec<(String, Vec<u8>)>;

/// Header names in any letter case, some with `_`, some that are never signed; values of any bytes except
/// line ends.
fn headers() -> impl Strategy<Value = Headers> {
    let name = prop_oneof![
        "[A-Za-z][A-Za-z0-9_-]{0,8}",
        Just("Content-Type".to_owned()),
        Just("X-Sdk-Content-Sha256".to_owned()),
        Just("X-Sdk-Content-Sm3".to_owned()),
        Just("accept".to_owned()),
    ];
    let byte = any::<u8>().prop_filter("ends the line", |byte| !b"\r\n\0".contains(byte));
    let value = prop_oneof![
        3 => vec(byte, 0..12),
        1 => Just(b"application/octet-stream".to_vec()),
        1 => Just(b"application/json".to_vec()),
        1 => Just(UNSIGNED_PAYLOAD.into()),
    ];
    vec((name, value), 0..6)
}

/// Targets of any bytes, with many that have a meaning in a URL.
fn target() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => prop::sample::select(&b"/?&=%+;#ab09 ~.{"[..]).prop_map(|byte| vec![byte]),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
        2 => any::<u8>().prop_map(|byte| format!("%{byte:02x}").into_bytes()),
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Mostly the usual algorithm, because the two with curves are slow.
fn algorithm() -> impl Strategy<Value = Algorithm> {
    prop_oneof![
        20 => Just(Algorithm::SdkHmacSha256),
        10 => Just(Algorithm::SdkHmacSm3),
        1 => Just(Algorithm::SdkEcdsaP256Sha256),
        1 => Just(Algorithm::SdkSm2Sm3),
    ]
}

fn borrowed(headers: &Headers) -> Vec<Header<'_>> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect()
}

fn percent_decoded(text: &str) -> String {
    text.replace("%2B", "+").replace("%20", " ")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn every_signed_request_verifies(
        method in "[A-Z]{1,7}",
        target in target(),
        headers in headers(),
        body in vec(any::<u8>(), 0..40),
        secret in vec(any::<u8>(), 0..100),
        seconds in 0_i64..=253_402_300_799,
        other_bit in 0_usize..8,
        algorithm in algorithm(),
    ) {
        let mut sent = borrowed(&headers);
        sent.push(HOST);
        let request = SignedRequest { method: &method, target: &target, headers: &sent, body: &body };
        let date = SdkDate::from_unix_seconds(seconds);
        let Ok(signed) = sign(algorithm, ACCESS_KEY, &secret, &request, date) else {
            // Of these requests only those with a false content header can be refused.
            prop_assert!(headers.iter().any(|(name, _)| name.to_ascii_lowercase().starts_with("x-sdk-content-")));
            return Ok(());
        };
        let mut received = sent.clone();
        received.push(("X-SDK-date", signed.x_sdk_date.as_bytes()));
        received.reverse();
        let request = SignedRequest { headers: &received, ..request };
        let authorization = Authorization::parse(signed.authorization.as_bytes()).unwrap();
        prop_assert_eq!(authorization.access_key(), ACCESS_KEY);
        prop_assert_eq!(request_date(&request), Ok(date));
        let payload = verify(&authorization, &request, &secret);
        prop_assert!(payload.is_ok(), "{:?}", payload);

        // Another secret is refused, and another body if the body is covered.
        let mut other = secret.clone();
        other.push(1);
        prop_assert_eq!(verify(&authorization, &request, &other).unwrap_err().reason, Reason::Signature);
        if let (Ok(Payload::Signed), Some(last)) = (payload, body.last()) {
            let mut body = body.clone();
            *body.last_mut().unwrap() = last ^ (1 << other_bit);
            let request = SignedRequest { body: &body, ..request };
            prop_assert!(verify(&authorization, &request, &secret).is_err());
        }
    }

    /// A signature is valid for the values that the server reads, and for no others: `+` is a space.
    #[test]
    fn what_is_signed_is_what_is_read(other in "[+ a%b&=2B0]{0,4}", same: bool, sent in "[+ab]{0,4}|(%2B|%20|[+a]){0,4}") {
        let escape = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let read = percent_decoded(&sent.replace('+', " "));
        let signed_as = if same { read.clone() } else { other };
        let (plain, target) = (format!("/?q={}", escape(&signed_as)), format!("/?q={sent}"));
        let request = SignedRequest { method: "GET", target: plain.as_bytes(), headers: &[HOST], body: b"" };
        let date = SdkDate::from_unix_seconds(0);
        let signed = sign(Algorithm::SdkHmacSha256, ACCESS_KEY, b"sk", &request, date).unwrap();
        let received = [HOST, ("x-sdk-date", signed.x_sdk_date.as_bytes())];
        let request = SignedRequest { target: target.as_bytes(), headers: &received, ..request };
        let authorization = Authorization::parse(signed.authorization.as_bytes()).unwrap();
        prop_assert_eq!(verify(&authorization, &request, b"sk").is_ok(), read == signed_as, "{} {}", sent, signed_as);
    }

    /// A request is recognized again, whatever a client or an attacker changes without invalidating the
    /// signature: by another signature of the same text, other spellings, another order, other headers.
    #[test]
    fn a_request_has_one_digest(algorithm in algorithm(), body in vec(any::<u8>(), 0..10), other in 1_i64..1_000) {
        let at = |seconds: i64, target: &'static [u8], key: &str| {
            let request = SignedRequest { method: "PUT", target, headers: &[HOST], body: &body };
            let date = SdkDate::from_unix_seconds(seconds);
            let signed = sign(algorithm, key, b"sk", &request, date).unwrap();
            let received = [("X-More", &b"1"[..]), HOST, ("x-sdk-date", signed.x_sdk_date.as_bytes())];
            let request = SignedRequest { headers: &received, ..request };
            let authorization = Authorization::parse(signed.authorization.as_bytes()).unwrap();
            Claim::new(&authorization, &request).verify(b"sk").unwrap().digest
        };
        let first = at(5, b"/x?a=1&b=2", ACCESS_KEY);
        prop_assert_eq!(first, at(5, b"/x?a=1&b=2", ACCESS_KEY));
        prop_assert_eq!(first, at(5, b"/%78/?b=2&a=1", ACCESS_KEY));
        prop_assert_ne!(first, at(5 + other, b"/x?a=1&b=2", ACCESS_KEY));
        prop_assert_ne!(first, at(5, b"/x?a=1&b=3", ACCESS_KEY));
        prop_assert_ne!(first, at(5, b"/x?a=1&b=2", "AKEXAMPLE0000000002"));
    }

    /// Parameters with different keys mean the same in any order.
    #[test]
    fn the_order_of_different_keys_does_not_matter(
        mut pairs in prop::collection::btree_map("[a-z]{1,3}", "[ -~]{0,5}", 1..6),
    ) {
        let joined = |pairs: &[(String, String)]| {
            let escape = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
            let pairs: Vec<_> = pairs.iter().map(|(k, v)| format!("{}={}", escape(k), escape(v))).collect();
            format!("/?{}", pairs.join("&")).into_bytes()
        };
        pairs.insert("z".to_owned(), String::new());
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        let there = joined(&pairs);
        pairs.reverse();
        let back = joined(&pairs);
        let request = SignedRequest { method: "GET", target: &there, headers: &[HOST], body: b"" };
        let date = SdkDate::from_unix_seconds(0);
        let signed = sign(Algorithm::SdkHmacSha256, ACCESS_KEY, b"sk", &request, date).unwrap();
        let received = [HOST, ("x-sdk-date", signed.x_sdk_date.as_bytes())];
        let request = SignedRequest { target: &back, headers: &received, ..request };
        let authorization = Authorization::parse(signed.authorization.as_bytes()).unwrap();
        prop_assert_eq!(verify(&authorization, &request, b"sk"), Ok(Payload::Signed));
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        value in vec(any::<u8>(), 0..200),
        target in vec(any::<u8>(), 0..60),
        method in any::<String>(),
        names in vec((any::<String>(), vec(any::<u8>(), 0..20)), 0..4),
        body in vec(any::<u8>(), 0..20),
    ) {
        let _ = Algorithm::of_authorization(&value);
        let _ = Authorization::parse(&value);
        for algorithm in Algorithm::ALL {
            let start = if algorithm.name().starts_with("V11") { "Credential=" } else { "Access=" };
            let _ = Authorization::parse(&[algorithm.name().as_bytes(), b" ", start.as_bytes(), &value].concat());
        }
        let _ = SdkDate::parse(&value);
        prop_assert!(printable(&value).chars().count() <= MAX_PRINTED_CHARS);

        let headers = borrowed(&names);
        let request = SignedRequest { method: &method, target: &target, headers: &headers, body: &body };
        let _ = request_date(&request);
        let _ = sign(Algorithm::SdkHmacSha256, ACCESS_KEY, &value, &request, SdkDate::from_unix_seconds(1));
        let authorization = format!(
            "SDK-HMAC-SHA256 Access=A, SignedHeaders=host;x-sdk-date, Signature={}", "0".repeat(64)
        );
        let authorization = Authorization::parse(authorization.as_bytes()).unwrap();
        let refused = verify(&authorization, &request, &value).unwrap_err();
        prop_assert!(!refused.canonical_request().contains('\n'));
        let received = ReceivedRequest::new(&authorization, &request);
        let keys = TrialKeys { secret: &value, others: &[] };
        let explained = explain(&authorization, &received, Some(keys), Some(1), Some(&value));
        prop_assert!(!explained.findings.is_empty());
    }

    #[test]
    fn well_formed_headers_are_read(
        access_key in "[A-Za-z0-9._-]{1,128}",
        mut names in prop::collection::btree_set("[a-z0-9-]{1,12}", 0..6),
        signature in "[0-9a-f]{64}",
    ) {
        names.insert("x-sdk-date".to_owned());
        let list = names.iter().cloned().collect::<Vec<_>>().join(";");
        let text = format!("SDK-HMAC-SHA256 Access={access_key}, SignedHeaders={list}, Signature={signature}");
        if names.contains("authorization") {
            return Ok(());
        }
        let parsed = Authorization::parse(text.as_bytes()).unwrap();
        prop_assert_eq!(parsed.access_key(), access_key);
        prop_assert!(parsed.signed_headers().eq(&names));
    }
}

#[test]
fn signing_refuses_requests_that_a_server_would_refuse() {
    use wire::signing::SignError::{AccessKey, DateGiven, HeaderName, HeaderValue, HostMissing, PayloadHash};
    let date = SdkDate::from_unix_seconds(0);
    let signing = |access_key, headers: &[Header<'_>]| {
        let request = SignedRequest { method: "GET", target: b"/", headers, body: b"" };
        sign(Algorithm::SdkHmacSha256, access_key, b"sk", &request, date)
    };
    assert_eq!(signing("A B", &[HOST]), Err(AccessKey));
    assert_eq!(signing("A", &[]), Err(HostMissing));
    assert_eq!(signing("A", &[HOST, ("X-Sdk-Date", b"19700101T000000Z")]), Err(DateGiven));
    assert_eq!(signing("A", &[HOST, ("a b", b"1")]), Err(HeaderName));
    assert_eq!(signing("A", &[HOST, ("a", b"1\nb:2")]), Err(HeaderValue));
    assert_eq!(signing("A", &[HOST, ("X-Sdk-Content-Sha256", b"abc")]), Err(PayloadHash));
    let signed =
        signing("A", &[HOST, ("Content-Length", b"0"), ("x_y", b"1"), ("B", b"1"), ("b", b"2")]).unwrap();
    assert!(signed.authorization.starts_with("SDK-HMAC-SHA256 Access=A, SignedHeaders=b;host;x-sdk-date, "));
}
