//! Reverse proxies: the client's address, and the origin check of forms.

use http::Method;
use serde_json::json;
use testkit::{TestRequest, TestResponse, TestServer};

async fn behind(proxy: &str) -> TestServer {
    let proxies = vec![proxy.parse().unwrap()];
    TestServer::start_with(edge::Settings { proxies, ..edge::Settings::default() }).await
}

/// Signs in on the page of `https://ci.example` through `peer`, which sends these headers.
fn form<'a>(server: &'a TestServer, peer: &str, headers: &[(&str, &str)]) -> TestRequest<'a> {
    let asked = server.ask(Method::POST, "/sign-in").from(peer).header("accept-language", "en");
    let asked = asked.body("name=root&password=root-password");
    headers.iter().fold(asked, |asked, (name, value)| asked.header(name, value))
}

fn text(answer: &TestResponse) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

#[tokio::test]
async fn one_proxy_or_several_in_a_row() {
    let server = behind("10.0.0.7").await;
    const HOST: (&str, &str) = ("host", "ci.example");
    const ORIGIN: (&str, &str) = ("origin", "https://ci.example");
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("127.0.0.1", &[HOST, ORIGIN, ("x-forwarded-proto", "https")]),
        ("127.0.0.1", &[HOST, ORIGIN, ("x-forwarded-proto", "https,http")]),
        ("10.0.0.7", &[HOST, ORIGIN, ("x-forwarded-proto", "https, https")]),
        ("10.0.0.7", &[HOST, ORIGIN, ("forwarded", "for=192.0.2.1;proto=https, for=10.0.0.7;proto=http")]),
        (
            "10.0.0.7",
            &[
                ("host", "inner:8080"),
                ORIGIN,
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "ci.example"),
            ],
        ),
        (
            "10.0.0.7",
            &[
                ("host", "inner"),
                ORIGIN,
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "ci.example, inner2"),
            ],
        ),
        ("10.0.0.7", &[("host", "inner"), ORIGIN, ("forwarded", "proto=https;host=ci.example")]),
        ("10.0.0.7", &[HOST, ORIGIN, ("x-forwarded-proto", "https"), ("x-forwarded-port", "80")]),
        ("10.0.0.7", &[HOST, ORIGIN, ("x-forwarded-proto", "https"), ("x-forwarded-port", "8080")]),
        (
            "10.0.0.7",
            &[
                HOST,
                ("origin", "https://ci.example:8443"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-port", "8443"),
            ],
        ),
        // The browser itself reports that the page has the same origin, whatever the proxies pass on.
        ("10.9.9.9", &[("host", "inner"), ORIGIN, ("sec-fetch-site", "same-origin")]),
    ];
    for (peer, headers) in cases {
        let answer = form(&server, peer, headers).send().await;
        assert_eq!(answer.status, 303, "{peer} {headers:?} {}", text(&answer));
    }
}

#[tokio::test]
async fn the_error_says_what_was_compared_and_what_to_set() {
    let server = behind("10.0.0.7").await;
    let headers = |extra: &[(&'static str, &'static str)]| {
        [&[("host", "ci.example"), ("origin", "https://ci.example")], extra].concat()
    };
    let refused = async |peer: &str, extra: &[(&'static str, &'static str)]| {
        let answer = form(&server, peer, &headers(extra)).send().await;
        assert_eq!(answer.status, 403, "{peer} {extra:?}");
        text(&answer)
    };
    let plain = refused("10.0.0.7", &[]).await;
    for part in ["https://ci.example", "http://ci.example", "X-Forwarded-Proto", "--proxies", "SP.00403"] {
        assert!(plain.contains(part), "{part}: {plain}");
    }
    assert!(!plain.contains("are ignored"), "{plain}");
    let unknown_proxy = refused("10.0.0.8", &[("x-forwarded-proto", "https")]).await;
    assert!(
        unknown_proxy.contains("10.0.0.8 are ignored because --proxies does not list this address"),
        "{unknown_proxy}"
    );
    // Another site, which the browser names; its origin is text, not markup.
    for extra in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")] {
        refused("127.0.0.1", &[extra, ("x-forwarded-proto", "https")]).await;
    }
    let markup = form(&server, "127.0.0.1", &[("host", "a"), ("origin", "http://<b>evil")]).send().await;
    assert!(markup.status == 403 && !text(&markup).contains("<b>evil"), "{}", text(&markup));
    let json = form(
        &server,
        "127.0.0.1",
        &[("host", "a"), ("origin", "http://evil"), ("accept", "application/json")],
    );
    assert_eq!(json.send().await.error(), (403, "SP.00403".into()));
}

/// Behind a proxy that names its clients, one client does not slow down the others.
#[tokio::test]
async fn guessing_counts_for_the_client_and_not_for_the_proxy() {
    let server = behind("10.0.0.7").await;
    let sign_in = async |client: &str, password: &str| {
        let body = json!({"auth": {"identity": {"methods": ["password"],
            "password": {"user": {"name": "root", "password": password}}}}});
        let asked = server.ask(Method::POST, "/v3/auth/tokens").from("10.0.0.7").json(&body);
        let answer = asked.header("x-forwarded-for", client).header("accept-language", "en").send().await;
        (answer.status, answer.header("retry-after").to_owned(), text(&answer))
    };
    for _ in 0..11 {
        assert_eq!(sign_in("192.0.2.1", "guess").await.0, 401);
    }
    let (status, retry_after, body) = sign_in("192.0.2.1", "root-password").await;
    assert_eq!((status, retry_after.as_str()), (401, "15"));
    assert!(body.contains("try again in 15 seconds"), "{body}");
    assert_eq!(sign_in("192.0.2.2", "root-password").await.0, 201, "another client");
    assert_eq!(sign_in("192.0.2.1, 192.0.2.2", "root-password").await.0, 201, "the last address counts");
    // Who signed in before is slowed down for a second, not locked.
    for _ in 0..11 {
        assert_eq!(sign_in("192.0.2.2", "guess").await.0, 401);
    }
    assert_eq!(sign_in("192.0.2.2", "root-password").await.1, "1");
    server.clock.advance(domain::SignedDuration::from_secs(1));
    assert_eq!(sign_in("192.0.2.2", "root-password").await.0, 201);
}

/// Links in responses have the address that the client used.
#[tokio::test]
async fn links_have_the_address_of_the_client() {
    let server = behind("10.0.0.7").await;
    let domains = async |peer: &str, headers: &[(&str, &str)]| {
        let asked = server.root(Method::GET, "/v3/auth/domains").from(peer).header("host", "inner:8080");
        let asked = headers.iter().fold(asked, |asked, (name, value)| asked.header(name, value));
        asked.send().await.json()["links"]["self"].as_str().unwrap().to_owned()
    };
    let forwarded =
        [("x-forwarded-proto", "https"), ("x-forwarded-host", "ci.example"), ("x-forwarded-port", "8443")];
    assert_eq!(domains("10.0.0.7", &forwarded).await, "https://ci.example:8443/v3/auth/domains");
    assert_eq!(domains("10.0.0.8", &forwarded).await, "http://inner:8080/v3/auth/domains");
    assert_eq!(
        domains("10.0.0.7", &[("x-forwarded-host", "a/../<b>")]).await,
        "http://inner:8080/v3/auth/domains"
    );
}
