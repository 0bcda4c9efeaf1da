//! The limits of requests and reports: in the error of each API, for each credential and address, and before a body is
//! read. And who may read the metrics, which name repositories.

use domain::SignedDuration;
use domain::model::rate_limits::RateLimit;
use edge::Settings;
use edge::auth::RateLimitSettings;
use http::Method;
use serde_json::json;
use testkit::{ROOT, TestServer};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

fn rate(text: &str) -> Option<RateLimit> {
    Some(RateLimit::parse(text).unwrap())
}

async fn limited(rate_limits: RateLimitSettings) -> TestServer {
    TestServer::start_with(Settings { rate_limits, ..Settings::default() }).await
}

#[tokio::test]
async fn each_api_refuses_in_its_own_form_and_says_when_to_come_back() {
    let server = limited(RateLimitSettings { address: rate("1/m:1"), ..RateLimitSettings::default() }).await;
    let cases = [
        ("/v4/user/repositories", "error_code"),
        ("/v3/projects", "error_code"),
        ("/api/v4/user", "message"),
        ("/api/v3/user", "message"),
        ("/api/v1/user", "message"),
        ("/rest/api/latest/projects/ACME/repos/demo", "errors"),
        ("/native/v1/whoami", "code"),
        ("/native/v1/no/such/path", "code"),
    ];
    for (n, (target, field)) in cases.into_iter().enumerate() {
        let from = format!("192.0.2.{n}");
        let ask = || server.ask(Method::GET, target).from(&from);
        assert_ne!(ask().send().await.status, 429, "{target}: the first one");
        let refused = ask().send().await;
        assert_eq!(refused.status, 429, "{target}");
        assert_eq!(refused.header("retry-after"), "60", "{target}");
        assert!(refused.json().get(field).is_some(), "{target}: {:?}", refused.json());
        assert!(!refused.header("x-request-id").is_empty(), "{target}");
    }
    let page = server.ask(Method::GET, "/").from("192.0.2.99").header("accept", "text/html");
    assert_ne!(page.send().await.status, 429);
    let page = server.ask(Method::GET, "/").from("192.0.2.99").header("accept", "text/html").send().await;
    assert_eq!((page.status, page.header("retry-after")), (429, "60"));
    assert!(String::from_utf8(page.body).unwrap().contains("<html"));
    // An operator's probe is never refused.
    for _ in 0..3 {
        assert_eq!(server.ask(Method::GET, "/livez").from("192.0.2.99").send().await.status, 200);
    }
    server.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(server.ask(Method::GET, "/").from("192.0.2.99").send().await.status, 303);
}

#[tokio::test]
async fn a_credential_has_its_own_limit_and_its_body_is_not_read_beyond_it() {
    let server = limited(RateLimitSettings { requests: rate("1/s:3"), ..RateLimitSettings::default() }).await;
    let token = server.token("root", json!({"name": "ci", "scope": "report"})).await;
    let ask = |token: &str| server.ask(Method::GET, "/native/v1/whoami").token(token);
    for _ in 0..3 {
        assert_eq!(ask(&token).send().await.status, 200);
    }
    assert_eq!(ask(&token).send().await.status, 429);
    assert_eq!(ask(ROOT).send().await.status, 200, "another credential of the same user");
    // What the credential may not do counts too, and a body that is too large is not noticed.
    let large = server.ask(Method::POST, "/native/v1/repositories").token(&token).body("x".repeat(2 << 20));
    assert_eq!(large.send().await.status, 429);
    server.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(ask(&token).send().await.status, 200);
    assert_eq!(ask(&token).send().await.status, 429);
}

#[tokio::test]
async fn every_report_of_a_batch_counts_and_other_requests_do_not() {
    let server =
        limited(RateLimitSettings { reports: rate("10/s:10"), ..RateLimitSettings::default() }).await;
    let id = server.repository("acme/demo", "private").await;
    let reports: Vec<_> = (0..30)
        .map(|n| json!({"sha": SHA, "ref": "dev", "name": format!("job-{n}"), "status": "success"}))
        .collect();
    let target = format!("/native/v1/repositories/{id}/reports");
    let post = || server.root(Method::POST, &target).json(&json!(reports));
    let first = post().send().await;
    assert_eq!(first.status, 200, "a batch is accepted as a whole");
    assert_eq!(first.json().as_array().unwrap().len(), 30);
    let refused = post().send().await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "3"), "30 - 10 + 1 at 10/s");
    let gitlab = format!("/api/v4/projects/{id}/statuses/{SHA}");
    let status = json!({"state": "success", "name": "x"});
    assert_eq!(server.gitlab(Method::POST, &gitlab).json(&status).send().await.status, 429, "any API");
    assert_eq!(server.get("/native/v1/whoami").await.status, 200, "no report");
    server.clock.advance(SignedDuration::from_secs(3));
    assert_eq!(server.gitlab(Method::POST, &gitlab).json(&status).send().await.status, 201);
    assert_eq!(post().send().await.status, 200, "some are free");
    let again = post().send().await;
    assert_eq!((again.status, again.json().as_array().map(Vec::len)), (429, None), "a part is not accepted");
}

#[tokio::test]
async fn the_metrics_are_for_administrators_for_their_token_and_for_this_machine() {
    let settings = |metrics_token: Option<&str>, metrics_on_loopback| Settings {
        metrics: Box::new(|names| format!("names {names:?}\n")),
        metrics_token: metrics_token.map(str::to_owned),
        metrics_on_loopback,
        ..Settings::default()
    };
    let server = TestServer::start_with(settings(None, true)).await;
    let ask = |from: &str| server.ask(Method::GET, "/metrics").from(from);
    let text = async |from: &str, token: Option<&str>| {
        let asked = ask(from);
        let asked = if let Some(token) = token { asked.token(token) } else { asked };
        let response = asked.send().await;
        (response.status, String::from_utf8(response.body).unwrap())
    };
    let (shown, hidden) = ((200, "names Shown\n".to_owned()), (200, "names Hidden\n".to_owned()));
    assert_eq!(text("127.0.0.1", None).await, hidden, "any user of this machine");
    assert_eq!(text("::1", None).await, hidden);
    assert_eq!(text("127.0.0.1", Some(ROOT)).await, shown);
    assert_eq!(ask("192.0.2.1").send().await.status, 401);
    assert_eq!(text("192.0.2.1", Some(ROOT)).await, shown);
    let reader = server.token("root", json!({"name": "reader", "scope": "read"})).await;
    assert_eq!(ask("192.0.2.1").token(&reader).send().await.status, 403);
    assert_eq!(ask("127.0.0.1").token("wrong").send().await.status, 401);
    // A proxy of this machine that passes requests of others on.
    for header in ["x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-proto"] {
        let proxied = ask("127.0.0.1").header(header, "127.0.0.1").send().await;
        assert_eq!(proxied.status, 401, "{header}");
        assert!(!String::from_utf8(proxied.body).unwrap().contains("names"), "{header}");
    }

    let server = TestServer::start_with(settings(Some("for-prometheus"), false)).await;
    let ask = |from: &str| server.ask(Method::GET, "/metrics").from(from);
    assert_eq!(ask("127.0.0.1").send().await.status, 401);
    assert_eq!(ask("192.0.2.1").header("authorization", "Bearer for-prometheus").send().await.status, 200);
    let response = ask("192.0.2.1").token("for-prometheus").send().await;
    assert_eq!((response.status, &response.body[..]), (200, &b"names Shown\n"[..]));
    assert_eq!(ask("192.0.2.1").token(ROOT).send().await.status, 200);
    let elsewhere = server.ask(Method::GET, "/native/v1/whoami").token("for-prometheus").send().await;
    assert_eq!(elsewhere.status, 401, "the token is for the metrics alone");
    for probe in ["/livez", "/readyz"] {
        assert_eq!(server.ask(Method::GET, probe).from("192.0.2.1").send().await.status, 200, "{probe}");
    }
}
