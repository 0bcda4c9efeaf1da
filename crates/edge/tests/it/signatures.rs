//! Signed requests: accepted signatures, error messages of the others, and lockout.

use domain::SignedDuration;
use domain::ports::Clock as _;
use http::Method;
use serde_json::json;
use testkit::{TestResponse, TestServer};
use wire::signing::{Algorithm, Header, SdkDate, SignedRequest, sign};

pub const AK: &str = "AKEXAMPLE0000000001";
pub const SK: &str = "SKexample000000000000000000000000000000001";
pub const LIST: &str = "/v4/user/repositories?limit=1&offset=0";

/// A request to be signed, and its changes in transit.
pub struct Signed<'a> {
    pub algorithm: Algorithm,
    pub access: &'a str,
    pub secret: &'a str,
    pub method: Method,
    pub target: &'a str,
    /// Headers in addition to `Host`.
    pub headers: Vec<(&'a str, &'a str)>,
    pub body: &'a str,
    /// The number of seconds by which its clock is ahead.
    pub ahead: i64,
    /// Changes the received headers: names and values, `Authorization` last.
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

    pub async fn send(&self, server: &TestServer) -> TestResponse {
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

pub fn message(answer: &TestResponse) -> String {
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

pub fn replace(headers: &mut [(String, String)], name: &str, change: impl FnOnce(&str) -> String) {
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
        // An accepted signature resets the count of failures, so that no case is locked out by earlier ones.
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
    // Only consecutive failures count.
    for _ in 0..10 {
        let wrong = Signed { secret: "SKguess", ..Signed::default() };
        assert_eq!(wrong.send(&server).await.status, 401);
        assert_eq!(Signed::default().send(&server).await.status, 200);
    }
    // A failure that is not a guess of a secret does not count.
    let late = Signed { ahead: -1_000, ..Signed::default() };
    for _ in 0..10 {
        late.send(&server).await;
    }
    assert_eq!(Signed::default().send(&server).await.status, 200);
}
