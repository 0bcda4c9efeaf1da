//! Explanations of requests that were changed in every known way.

use super::{
    BodyChange, Cell, Finding, ReceivedRequest, RequestParts, TRIALS_MAX, TrialKeys, Trials, explain,
};
use crate::signing::{Algorithm, Authorization, Header, SdkDate, SignedRequest, sign};

const AK: &str = "AKEXAMPLE0000000001";
const SK: &[u8] = b"SKexample000000000000000000000000000000001";
const NOW: i64 = 1_795_478_400;

type Headers = Vec<(String, Vec<u8>)>;

/// A signed request that something changes before it arrives.
struct Sent {
    method: String,
    target: Vec<u8>,
    headers: Headers,
    body: Vec<u8>,
    secret: Vec<u8>,
    at: i64,
}

fn sent() -> Sent {
    let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    Sent {
        method: "POST".into(),
        target: b"/v4/a%20b/jobs?limit=20&offset=1".to_vec(),
        headers: vec![
            header("Host", "ci.example.com:8443"),
            header("Content-Type", "application/json"),
            header("X-Project-Id", "p"),
        ],
        body: b"{}\n".to_vec(),
        secret: SK.to_vec(),
        at: NOW,
    }
}

fn found(sent: Sent, change: impl FnOnce(&mut Sent)) -> Vec<Finding> {
    found_by(Algorithm::SdkHmacSha256, sent, change)
}

fn found_by(algorithm: Algorithm, mut sent: Sent, change: impl FnOnce(&mut Sent)) -> Vec<Finding> {
    fn borrowed(headers: &Headers) -> Vec<Header<'_>> {
        headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect()
    }
    let headers = borrowed(&sent.headers);
    let request =
        SignedRequest { method: &sent.method, target: &sent.target, headers: &headers, body: &sent.body };
    let signed = sign(algorithm, AK, &sent.secret, &request, SdkDate::from_unix_seconds(sent.at)).unwrap();
    sent.headers.push(("X-Sdk-Date".into(), signed.x_sdk_date.into()));
    change(&mut sent);
    let authorization = Authorization::parse(signed.authorization.as_bytes()).unwrap();
    let headers = borrowed(&sent.headers);
    let request =
        SignedRequest { method: &sent.method, target: &sent.target, headers: &headers, body: &sent.body };
    let received = ReceivedRequest::new(&authorization, &request);
    let others: [(&str, &[u8]); 1] = [("AKOTHER", b"SKother")];
    let keys = TrialKeys { secret: SK, others: &others };
    let explained = explain(&authorization, &received, Some(keys), Some(NOW), None);
    assert!(explained.string_to_sign.starts_with(algorithm.name().as_bytes()));
    explained.findings
}

fn set(sent: &mut Sent, name: &str, value: &str) {
    sent.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    sent.headers.push((name.into(), value.into()));
}

fn header(name: &str, signed: &str) -> Vec<Finding> {
    vec![Finding::Header { name: name.into(), signed: signed.into() }]
}

#[test]
fn changes_by_a_proxy_differ_from_a_wrong_secret() {
    assert_eq!(found(sent(), |_| ()), [Finding::Fits]);
    // A proxy that passes on its own host, with and without X-Forwarded-Host.
    let stated = found(sent(), |sent| {
        set(sent, "host", "127.0.0.1:9000");
        set(sent, "x-forwarded-host", "ci.example.com:8443");
    });
    assert_eq!(stated, header("host", "ci.example.com:8443"));
    assert_eq!(
        found(sent(), |sent| set(sent, "host", "ci.example.com")),
        header("host", "ci.example.com:8443")
    );
    let forwarded = found(sent(), |sent| {
        set(sent, "host", "inner");
        set(sent, "Forwarded", "for=10.0.0.1;host=\"ci.example.com:8443\";proto=https");
    });
    assert_eq!(forwarded, header("host", "ci.example.com:8443"));
    let typed = found(sent(), |sent| set(sent, "content-type", "application/json; charset=utf-8"));
    assert_eq!(typed, header("content-type", "application/json"));
    assert_eq!(found(sent(), |sent| set(sent, "host", "elsewhere")), [Finding::Unexplained]);
    // Paths.
    let decoded = found(sent(), |sent| sent.target = b"/v4/a%2520b/jobs?limit=20&offset=1".to_vec());
    assert_eq!(decoded, [Finding::Path { signed: "/v4/a%20b/jobs/".into() }]);
    let prefix = found(sent(), |sent| {
        sent.target = b"/a%20b/jobs?limit=20&offset=1".to_vec();
        set(sent, "x-forwarded-prefix", "/v4");
    });
    assert_eq!(prefix, [Finding::Path { signed: "/v4/a%20b/jobs/".into() }]);
    let slashes = Sent { target: b"//v4/a".to_vec(), ..sent() };
    let tidied = found(slashes, |sent| sent.target = b"/v4/a".to_vec());
    assert_eq!(tidied, [Finding::Path { signed: "//v4/a/".into() }]);
    // Queries.
    let added = found(sent(), |sent| sent.target.extend(b"&trace=1"));
    assert_eq!(added, [Finding::Query { signed: "limit=20&offset=1".into() }]);
    let lost = Sent { target: b"/a".to_vec(), ..sent() };
    let gained = found(lost, |sent| sent.target.extend(b"?x=1"));
    assert_eq!(gained, [Finding::Query { signed: String::new() }]);
    // Method and body.
    assert_eq!(found(sent(), |sent| sent.method = "PUT".into()), [Finding::Method { signed: "POST".into() }]);
    let body = |change: BodyChange| [Finding::Body(change)];
    assert_eq!(found(sent(), |sent| sent.body = b"{}".to_vec()), body(BodyChange::LostLineEnd));
    assert_eq!(found(sent(), |sent| sent.body = b"{}\n\n".to_vec()), body(BodyChange::GainedLineEnd));
    let empty = Sent { body: Vec::new(), ..sent() };
    assert_eq!(found(empty, |sent| sent.body = b"{}".to_vec()), body(BodyChange::WasEmpty));
    assert_eq!(found(sent(), |sent| sent.body = b"{1}".to_vec()), [Finding::Unexplained]);
}

#[test]
fn mistakes_of_the_signer_are_found() {
    let late = found(Sent { at: NOW - 1_000, ..sent() }, |_| ());
    let signed = SdkDate::from_unix_seconds(NOW - 1_000);
    assert_eq!(late, [Finding::ClockOff { signed, ahead: -1_000 }, Finding::Fits]);
    assert_eq!(found(sent(), |sent| set(sent, "x-sdk-date", "x"))[0], Finding::DateInvalid);
    let missing = found(sent(), |sent| sent.headers.retain(|(name, _)| name != "X-Project-Id"));
    assert_eq!(missing[0], Finding::HeaderMissing { name: "x-project-id".into() });
    let padded = Sent { secret: [SK, b"\n"].concat(), ..sent() };
    assert_eq!(found(padded, |_| ()), [Finding::SecretPadded]);
    let other = Sent { secret: b"SKother".to_vec(), ..sent() };
    assert_eq!(found(other, |_| ()), [Finding::OtherKey { access_key: "AKOTHER".into() }]);
    let unknown = Sent { secret: b"SKunknown".to_vec(), ..sent() };
    assert_eq!(found(unknown, |_| ()), [Finding::Unexplained]);
    let mut stated = sent();
    let hash = Algorithm::SdkHmacSha256.hash_hex(&stated.body);
    stated.headers.push(("X-Sdk-Content-Sha256".into(), hash.into()));
    assert_eq!(found(stated, |sent| sent.body = b"[]".to_vec())[0], Finding::StatedHash);
    let mut binary = sent();
    set(&mut binary, "Content-Type", "application/octet-stream");
    binary.headers.push(("X-Sdk-Content-Sha256".into(), b"UNSIGNED-PAYLOAD".to_vec()));
    assert_eq!(found(binary, |_| ()), [Finding::BodyNotCovered]);
}

#[test]
fn a_match_is_reported_only_without_other_findings() {
    let signed = SdkDate::from_unix_seconds(NOW - 1_000);
    let clock = Finding::ClockOff { signed, ahead: -1_000 };
    let wrong = Sent { at: NOW - 1_000, secret: b"SKunknown".to_vec(), ..sent() };
    assert_eq!(found(wrong, |_| ()), [clock, Finding::Unexplained], "an old capture hides no wrong secret");
    // An empty value was signed, and the header is missing: the text is the same.
    let mut empty = sent();
    set(&mut empty, "X-Project-Id", "");
    let gone = found(empty, |sent| sent.headers.retain(|(name, _)| name != "X-Project-Id"));
    assert_eq!(gone, [Finding::HeaderMissing { name: "x-project-id".into() }]);
    let mut stated = sent();
    let hash = Algorithm::SdkHmacSha256.hash_hex(&stated.body);
    let header = ("X-Sdk-Content-Sha256".to_owned(), hash.into_bytes());
    stated.headers.push(header.clone());
    let twice = found(stated, |sent| sent.headers.push(header));
    assert_eq!(twice[0], Finding::HeaderRepeated { name: "x-sdk-content-sha256".into() });
    assert!(!twice.contains(&Finding::StatedHash), "{twice:?}");
}

#[test]
fn an_unknown_body_is_not_reported_as_a_wrong_secret() {
    let headers: [Header<'_>; 1] = [("host", b"h")];
    let request = SignedRequest { method: "POST", target: b"/a", headers: &headers, body: b"{}" };
    let date = SdkDate::from_unix_seconds(NOW);
    let signed = sign(Algorithm::SdkHmacSha256, AK, SK, &request, date).unwrap();
    let authorization = Authorization::parse(signed.authorization.as_bytes()).unwrap();
    let headers: [Header<'_>; 2] = [("host", b"h"), ("x-sdk-date", signed.x_sdk_date.as_bytes())];
    let arrived = ReceivedRequest::new(&authorization, &SignedRequest { headers: &headers, ..request });
    let without = arrived.clone().with_body_unknown();
    let found = |received| {
        explain(&authorization, &received, Some(TrialKeys { secret: SK, others: &[] }), None, None).findings
    };
    assert_eq!(found(without.clone()), [Finding::BodyUnknown]);
    assert_eq!(found(without.with_body_of(&arrived)), [Finding::Fits]);
}

#[test]
fn the_number_of_trials_is_limited() {
    let names: Vec<String> = (0..60).map(|n| format!("x-h{n}")).collect();
    let headers: Vec<Header<'_>> =
        names.iter().map(|name| (name.as_str(), &b" A  b, c "[..])).chain([("host", &b"h"[..])]).collect();
    // These double the number of canonical requests.
    let headers =
        [headers, vec![("content-type", b"x/y"), ("x-sdk-content-sha256", b"UNSIGNED-PAYLOAD")]].concat();
    let target: String = (0..30).map(|n| format!("&a{n}=%7E+")).collect();
    let target = format!("/a//b?{target}");
    let request = SignedRequest { method: "POST", target: target.as_bytes(), headers: &headers, body: b"" };
    let date = SdkDate::from_unix_seconds(NOW);
    let signed = sign(Algorithm::SdkHmacSha256, AK, b"another", &request, date).unwrap();
    let authorization = Authorization::parse(signed.authorization.as_bytes()).unwrap();
    let headers = [headers.clone(), vec![("x-sdk-date", signed.x_sdk_date.as_bytes())]].concat();
    let request = SignedRequest { headers: &headers, ..request };
    let received = ReceivedRequest::new(&authorization, &request);
    let headers = received.headers();
    let request = SignedRequest { headers: &headers, ..request };
    let parts = RequestParts::new(
        Algorithm::SdkHmacSha256,
        authorization.signed_headers_text(),
        &request,
        &received.body,
    );
    let trials = Trials {
        authorization: &authorization,
        date: signed.x_sdk_date.as_bytes(),
        remaining: Cell::new(1_000_000),
    };
    let others: Vec<(&str, &[u8])> = vec![("AKOTHER", b"SKother"); 500];
    let all = |trials: &Trials<'_>| {
        let keys = TrialKeys { secret: SK, others: &others };
        let mut findings = Vec::new();
        trials.find(&received, &request, &parts, keys, None, &mut findings);
        assert_eq!(findings, [Finding::Unexplained]);
    };
    all(&trials);
    let used = 1_000_000 - trials.remaining.get();
    assert!((TRIALS_MAX..20_000).contains(&used), "{used}");
    trials.remaining.set(TRIALS_MAX);
    all(&trials);
    assert_eq!(trials.remaining.get(), 0);
}

#[test]
fn every_algorithm_is_explained() {
    for algorithm in [Algorithm::SdkHmacSm3, Algorithm::SdkEcdsaP256Sha256, Algorithm::SdkSm2Sm3] {
        assert_eq!(found_by(algorithm, sent(), |_| ()), [Finding::Fits], "{algorithm:?}");
        let host = found_by(algorithm, sent(), |sent| set(sent, "host", "ci.example.com"));
        assert_eq!(host, header("host", "ci.example.com:8443"), "{algorithm:?}");
    }
}

#[test]
fn the_signers_own_text_shows_which_side_is_wrong() {
    let headers: [Header<'_>; 1] = [("host", b"h")];
    let request = SignedRequest { method: "GET", target: b"/a", headers: &headers, body: b"" };
    let date = SdkDate::from_unix_seconds(NOW);
    let signed = sign(Algorithm::SdkHmacSha256, AK, SK, &request, date).unwrap();
    let authorization = Authorization::parse(signed.authorization.as_bytes()).unwrap();
    let arrived = |host: &'static [u8]| {
        let headers: [Header<'_>; 2] = [("host", host), ("x-sdk-date", signed.x_sdk_date.as_bytes())];
        ReceivedRequest::new(&authorization, &SignedRequest { headers: &headers, ..request })
    };
    let keys = |secret| Some(TrialKeys { secret, others: &[] });
    let text = explain(&authorization, &arrived(b"h"), None, None, None).canonical_request;
    let by = |secret| explain(&authorization, &arrived(b"i"), keys(secret), None, Some(&text)).findings;
    assert_eq!(by(SK), [Finding::SignerTextFits]);
    assert_eq!(by(b"another"), [Finding::SignerTextDoesNotFit]);
}
