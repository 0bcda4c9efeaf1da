//! Signatures that are refused: what the caller is told, who is locked out, and how the owner of the key learns why.

use domain::SignedDuration;
use domain::ports::Clock as _;
use http::Method;
use serde_json::{Value, json};
use testkit::{Answer, TestServer};
use wire::signing::{Algorithm, Header, SdkDate, SignedRequest, sign};

pub const AK: &str = "AKEXAMPLE0000000001";
pub const SK: &str = "SKexample000000000000000000000000000000001";
const LIST: &str = "/v4/user/repositories?limit=1&offset=0";

/// A request to be signed, and what becomes of it on the way.
pub struct Signed<'a> {
    pub algorithm: Algorithm,
    pub access: &'a str,
    pub secret: &'a str,
    pub method: Method,
    pub target: &'a str,
    /// Beside `Host`.
    pub headers: Vec<(&'a str, &'a str)>,
    pub body: &'a str,
    /// How many seconds its clock is ahead.
    pub ahead: i64,
    /// Changes what arrives: names and values of headers, the Authorization last.
    pub changed: fn(&mut Vec<(String, String)>),
    pub from: &'a str,
}

impl Default for Signed<'_> {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::SdkHmacSha256,
            access: AK,
            secret: SK,
            method: Method::GET,
            target: LIST,
            headers: Vec::new(),
            body: "",
            ahead: 0,
            changed: |_| (),
            from: "10.0.0.1",
        }
    }
}

impl Signed<'_> {
    /// The headers as they arrive.
    pub fn arriving(&self, server: &TestServer) -> Vec<(String, String)> {
        let mut headers: Vec<Header<'_>> = vec![("host", b"127.0.0.1:8080")];
        headers.extend(self.headers.iter().map(|(name, value)| (*name, value.as_bytes())));
        let request = SignedRequest {
            method: self.method.as_str(),
            target: self.target.as_bytes(),
            headers: &headers,
            body: self.body.as_bytes(),
        };
        let date = SdkDate::from_unix_seconds(server.clock.now().as_second() + self.ahead);
        let made = sign(self.algorithm, self.access, self.secret.as_bytes(), &request, date).unwrap();
        let text = |value: &[u8]| String::from_utf8(value.to_vec()).unwrap();
        let mut arriving: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect();
        arriving.push(("x-sdk-date".into(), made.x_sdk_date));
        arriving.push(("authorization".into(), made.authorization));
        (self.changed)(&mut arriving);
        arriving
    }

    pub async fn send(&self, server: &TestServer) -> Answer {
        let asked = server.ask(self.method.clone(), self.target).from(self.from).body(self.body);
        let headers = self.arriving(server);
        headers.iter().fold(asked, |asked, (name, value)| asked.header(name, value)).send().await
    }
}

pub async fn server_with_key() -> TestServer {
    let server = TestServer::start().await;
    let made = server.post("/native/v1/users/root/keys", json!({"access": AK, "secret": SK})).await;
    assert_eq!(made.status, 201);
    server
}

fn message(answer: &Answer) -> String {
    answer.json()["error_msg"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_algorithm_signs_in() {
    let server = server_with_key().await;
    for algorithm in
        [Algorithm::SdkHmacSha256, Algorithm::SdkHmacSm3, Algorithm::SdkEcdsaP256Sha256, Algorithm::SdkSm2Sm3]
    {
        let good = Signed { algorithm, ..Signed::default() };
        assert_eq!(good.send(&server).await.status, 200, "{algorithm:?}");
        let bad = Signed { algorithm, secret: "SKanother0000000000", ..Signed::default() };
        assert_eq!(bad.send(&server).await.error(), (401, "APIGW.0301".into()), "{algorithm:?}");
    }
}

fn replace(headers: &mut [(String, String)], name: &str, change: impl FnOnce(&str) -> String) {
    let (_, value) = headers.iter_mut().find(|(other, _)| other == name).unwrap();
    *value = change(value);
}

#[tokio::test]
async fn bad_input_is_401_whatever_it_is() {
    let server = server_with_key().await;
    let long = "x".repeat(100_000);
    let upper: fn(&mut Vec<(String, String)>) = |headers| {
        replace(headers, "authorization", |value| {
            let (start, digits) = value.rsplit_once('=').unwrap();
            format!("{start}={}", digits.to_uppercase())
        });
    };
    let cases: [(&str, Signed<'_>); 14] = [
        ("expired", Signed { ahead: -901, ..Signed::default() }),
        ("future", Signed { ahead: 901, ..Signed::default() }),
        ("no date", Signed { changed: |h| h.retain(|(name, _)| name != "x-sdk-date"), ..Signed::default() }),
        (
            "two dates",
            Signed {
                changed: |h| h.push(("x-sdk-date".into(), "20261124T000000Z".into())),
                ..Signed::default()
            },
        ),
        ("no time", Signed { changed: |h| replace(h, "x-sdk-date", |_| "now".into()), ..Signed::default() }),
        (
            "two authorizations",
            Signed { changed: |h| h.push(h.last().unwrap().clone()), ..Signed::default() },
        ),
        (
            "unsorted",
            Signed {
                changed: |h| replace(h, "authorization", |v| v.replace("host;x-sdk-date", "x-sdk-date;host")),
                ..Signed::default()
            },
        ),
        (
            "absent",
            Signed {
                changed: |h| {
                    replace(h, "authorization", |v| v.replace("host;x-sdk-date", "host;x-nothing;x-sdk-date"))
                },
                ..Signed::default()
            },
        ),
        ("upper-case", Signed { changed: upper, ..Signed::default() }),
        (
            "long, and another was signed",
            Signed {
                headers: vec![("x-long", &long)],
                changed: |h| replace(h, "x-long", |value| format!("{value}y")),
                ..Signed::default()
            },
        ),
        (
            "no bytes of text",
            Signed {
                changed: |h| replace(h, "authorization", |v| v.replace("Access=", "Access=\u{e9}")),
                ..Signed::default()
            },
        ),
        (
            "a MAC of another length",
            Signed {
                changed: |h| replace(h, "authorization", |v| v[..v.len() - 2].to_owned()),
                ..Signed::default()
            },
        ),
        (
            "another algorithm's",
            Signed {
                changed: |h| replace(h, "authorization", |v| v.replace("SHA256", "SM3")),
                ..Signed::default()
            },
        ),
        (
            "nothing but a name",
            Signed {
                changed: |h| replace(h, "authorization", |_| "SDK-HMAC-SHA256".into()),
                ..Signed::default()
            },
        ),
    ];
    for (what, signed) in cases {
        let answer = signed.send(&server).await;
        assert_eq!(answer.error(), (401, "APIGW.0301".into()), "{what}");
        // So that no case is locked out for the ones before it.
        assert_eq!(Signed::default().send(&server).await.status, 200, "{what}");
    }
    let long = Signed { headers: vec![("x-long", &long)], ..Signed::default() };
    assert_eq!(long.send(&server).await.status, 200, "long is no sin");

    let id = server.repository("acme/demo", "private").await;
    let reports = format!("/native/v1/repositories/{id}/reports");
    let post = |body| Signed { method: Method::POST, target: &reports, body, ..Signed::default() };
    let arriving = post("[]").arriving(&server);
    let ask = |body: &'static str| {
        let asked = server.ask(Method::POST, &reports).body(body);
        arriving.iter().fold(asked, |asked, (name, value)| asked.header(name, value)).send()
    };
    assert_eq!(ask("[]").await.status, 200);
    assert_eq!(ask("[ ]").await.status, 401, "another body than the one signed");
    let binary = [("content-type", "application/octet-stream"), ("x-sdk-content-sha256", "UNSIGNED-PAYLOAD")];
    let unsigned = Signed { headers: binary.to_vec(), ..post("[]") };
    assert_eq!(unsigned.send(&server).await.status, 401, "a body that anybody could have put there");
}

#[tokio::test]
async fn guessing_locks_the_key_for_that_address_alone_and_tells_nothing_of_it() {
    let server = server_with_key().await;
    for access in [AK, "AKNOBODY00000000000"] {
        let wrong = Signed { access, secret: "SKguess", ..Signed::default() };
        for _ in 0..6 {
            assert!(message(&wrong.send(&server).await).contains("verify aksk signature fail"), "{access}");
        }
        let locked = wrong.send(&server).await;
        assert_eq!(locked.error(), (401, "APIGW.0301".into()));
        assert_eq!(
            message(&locked),
            "Incorrect IAM authentication information: AK access failed to reach the limit,forbidden."
        );
    }
    assert_eq!(Signed::default().send(&server).await.status, 401, "a good one from there, too");
    let elsewhere = Signed { from: "10.0.0.2", ..Signed::default() };
    assert_eq!(elsewhere.send(&server).await.status, 200);
    server.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(Signed::default().send(&server).await.status, 200, "over");
    // Only failures in a row count.
    for _ in 0..10 {
        let wrong = Signed { secret: "SKguess", ..Signed::default() };
        assert_eq!(wrong.send(&server).await.status, 401);
        assert_eq!(Signed::default().send(&server).await.status, 200);
    }
    // What is no guess at a secret is no strike.
    let late = Signed { ahead: -1_000, ..Signed::default() };
    for _ in 0..10 {
        late.send(&server).await;
    }
    assert_eq!(Signed::default().send(&server).await.status, 200);
}

/// The findings' codes of the newest failure of a key, as its owner sees them.
async fn last(server: &TestServer, access: &str) -> (Value, Vec<String>) {
    let listed = server.get(&format!("/native/v1/keys/{access}/signature-failures")).await.json();
    let newest = listed["failures"][0].clone();
    let codes = newest["findings"].as_array().unwrap().iter();
    let codes = codes.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect();
    (newest, codes)
}

#[tokio::test]
async fn the_owner_learns_why() {
    let server = server_with_key().await;
    let refused = Signed { changed: |h| replace(h, "host", |_| "127.0.0.1".into()), ..Signed::default() };
    let answer = refused.send(&server).await;
    let (failure, codes) = last(&server, AK).await;
    assert_eq!(codes, ["header"]);
    assert_eq!(failure["received"]["request_id"], answer.header("x-request-id"));
    assert_eq!(failure["received"]["from"], "10.0.0.1");
    assert_eq!(failure["request"], format!("GET {LIST}"));
    let said = failure["canonical_request"].as_str().unwrap().replace('\n', "|");
    assert!(message(&answer).ends_with(&said), "{said}");
    assert!(failure["string_to_sign"].as_str().unwrap().starts_with("SDK-HMAC-SHA256\n20261124T000000Z\n"));
    assert!(failure["findings"][0]["text"].as_str().unwrap().contains("127.0.0.1:8080"));

    for (signed, expected) in [
        (Signed { ahead: -3_600, ..Signed::default() }, &["clock_off", "fits"][..]),
        (Signed { secret: "SKwrong", ..Signed::default() }, &["unexplained"]),
        (Signed { access: "AKNOBODY00000000000", ..Signed::default() }, &["key_unknown"]),
    ] {
        signed.send(&server).await;
        assert_eq!(last(&server, signed.access).await.1, expected);
    }
    let (clock, _) = last(&server, AK).await;
    let english = |text: &Value| text.as_str().unwrap().is_ascii();
    assert!(!english(&clock["findings"][0]["text"]), "Chinese by default");
    let listed = server
        .root(Method::GET, &format!("/native/v1/keys/{AK}/signature-failures"))
        .header("accept-language", "en")
        .send()
        .await
        .json();
    assert_eq!(listed["failures"].as_array().unwrap().len(), 3);
    assert!(english(&listed["failures"][0]["findings"][0]["text"]));
    assert!(
        listed["failures"][1]["findings"][0]["text"].as_str().unwrap().contains("about 60 minutes behind")
    );
    // Locked is said as well.
    for _ in 0..6 {
        Signed { secret: "SKwrong", ..Signed::default() }.send(&server).await;
    }
    assert_eq!(last(&server, AK).await.1, ["locked", "unexplained"]);
}

#[tokio::test]
async fn a_captured_request_is_set_beside_what_arrived() {
    let server = server_with_key().await;
    let explain = |body: Value| {
        let asked = server.root(Method::POST, "/native/v1/signature-explanations");
        asked.header("accept-language", "en").json(&body).send()
    };
    let sent = Signed::default();
    let captured = json!({"method": "GET", "target": LIST, "headers": sent.arriving(&server)});
    let codes = |answer: &Value| {
        let codes = answer["findings"].as_array().unwrap().iter();
        codes.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // Never received: as it is.
    let alone = explain(captured.clone()).await.json();
    assert_eq!(
        (codes(&alone), &alone["received"], &alone["difference"]),
        (vec!["fits".into()], &Value::Null, &Value::Null)
    );
    // The path was rewritten on the way in a manner that nobody guesses.
    let asked =
        server.ask(Method::GET, "/v4/user/repositories?limit=1&offset=0&trace=a&span=b").from("10.0.0.9");
    let arrived = sent.arriving(&server).iter().fold(asked, |asked, (name, value)| asked.header(name, value));
    assert_eq!(arrived.send().await.status, 401);
    let beside = explain(captured.clone()).await.json();
    assert_eq!(codes(&beside), ["signer_fits", "unexplained"]);
    assert_eq!(beside["received"]["from"], "10.0.0.9");
    assert_eq!(
        beside["difference"],
        json!({"line": 3, "part": "query", "signer": "limit=1&offset=0", "server": "limit=1&offset=0&span=b&trace=a"})
    );
    // The sender's own text, in the gateway's form.
    let text = beside["signer_canonical_request"].as_str().unwrap().replace('\n', "|");
    let mut with_text = captured.clone();
    with_text["canonical_request"] = text.replace("GET|", "HEAD|").into();
    let told = explain(with_text).await.json();
    assert_eq!(told["difference"]["part"], "method");
    assert!(codes(&told).contains(&"signer_does_not_fit".to_owned()), "{told}");
    // A day later it is still the request that it was.
    server.clock.advance(SignedDuration::from_hours(24));
    let other = Signed { target: "/v4/user/repositories", ahead: -86_400, ..Signed::default() };
    let old = explain(json!({"method": "GET", "target": other.target, "headers": other.arriving(&server)}))
        .await
        .json();
    assert_eq!(codes(&old), ["old", "fits"]);
    // A body that is no text is named by its hash.
    let id = server.repository("acme/demo", "private").await;
    let target = format!("/native/v1/repositories/{id}/reports");
    let post = Signed { method: Method::POST, target: &target, body: "[]", ..Signed::default() };
    let hash = Algorithm::SdkHmacSha256.hash_hex(b"[]");
    for body in [json!({"body": "[]"}), json!({"body_hash": hash})] {
        let mut captured = json!({"method": "POST", "target": target, "headers": post.arriving(&server)});
        captured.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        assert_eq!(codes(&explain(captured).await.json()), ["fits"], "{body}");
    }
    // What cannot be taken is named.
    for (field, body) in [
        ("method", json!({})),
        ("target", json!({"method": "GET"})),
        ("headers", json!({"method": "GET", "target": "/"})),
        ("headers.Authorization", json!({"method": "GET", "target": "/", "headers": []})),
        (
            "headers.Authorization",
            json!({"method": "GET", "target": "/", "headers": [["authorization", "Bearer x"]]}),
        ),
        ("body", json!({"method": 1})),
        (
            "body_hash",
            json!({"method": "GET", "target": LIST, "headers": sent.arriving(&server), "body_hash": "abc"}),
        ),
    ] {
        let answer = explain(body.clone()).await;
        assert_eq!((answer.status, answer.json()["field"].as_str()), (400, Some(field)), "{body}");
    }
}

#[tokio::test]
async fn nobody_learns_of_anothers_key() {
    let server = server_with_key().await;
    let stranger = server.user("stranger").await;
    Signed { secret: "SKwrong", ..Signed::default() }.send(&server).await;
    Signed { access: "AKNOBODY00000000000", ..Signed::default() }.send(&server).await;
    let list = |access: &str, token: &str| {
        server.ask(Method::GET, &format!("/native/v1/keys/{access}/signature-failures")).token(token).send()
    };
    let explain = |access: &'static str, token: &str| {
        let signed = Signed { access, ..Signed::default() };
        let body = json!({"method": "GET", "target": LIST, "headers": signed.arriving(&server)});
        server.ask(Method::POST, "/native/v1/signature-explanations").token(token).json(&body).send()
    };
    let mut answers = Vec::new();
    for access in [AK, "AKNOBODY00000000000"] {
        answers.push(list(access, &stranger).await);
        answers.push(explain(access, &stranger).await);
    }
    for answer in &answers {
        assert_eq!(answer.error(), (404, "CH.000404".into()));
        assert_eq!(answer.json()["detail"], answers[0].json()["detail"]);
    }
    // Not by one's own narrow token, either: it could not manage the key.
    let narrow = server.token("root", json!({"name": "n", "scope": "report"})).await;
    assert_eq!(list(AK, &narrow).await.status, 403);
    let own = server.ask(Method::POST, "/native/v1/users/stranger/keys").token(&stranger);
    assert_eq!(own.json(&json!({"access": "AKOFSTRANGER"})).send().await.status, 201);
    Signed { access: "AKOFSTRANGER", ..Signed::default() }.send(&server).await;
    let listed = list("AKOFSTRANGER", &stranger).await.json();
    assert_eq!(listed["failures"][0]["findings"][0]["code"], "unexplained");
}
