//! Signing in below a path: cookies, redirects and the origin check.

use super::{PROXIES, Proxy, server, server_at};
use http::Method;
use testkit::{TestRequest, TestResponse, TestServer};

const FORM: &str = "name=root&password=root-password";

fn set_cookies(answer: &TestResponse) -> Vec<&str> {
    answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect()
}

fn sign_in<'a>(server: &'a TestServer, proxy: Proxy, form: &str) -> TestRequest<'a> {
    let asked = proxy.ask(server, Method::POST, "/stagepost/sign-in");
    asked.header("origin", "https://ci.example").body(form)
}

#[tokio::test]
async fn a_session_is_for_the_path() {
    let server = server().await;
    for proxy in PROXIES {
        let answer = sign_in(&server, proxy, FORM).send().await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, "/stagepost/repositories"),
            "{answer:?}"
        );
        let [cookie] = set_cookies(&answer)[..] else { panic!("{answer:?}") };
        assert!(cookie.starts_with("__Secure-stagepost="), "{cookie}");
        for attribute in ["; Path=/stagepost;", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        let pair = cookie.split(';').next().unwrap();
        let asked = proxy.ask(&server, Method::GET, "/stagepost/account").header("cookie", pair);
        assert_eq!(asked.send().await.status, 200);
        // That of a server without a path, on the same host.
        let other = pair.replace("__Secure-", "__Host-");
        let asked = proxy.ask(&server, Method::GET, "/stagepost/account").header("cookie", &other);
        let refused = asked.send().await;
        assert_eq!((refused.status, refused.header("location")), (303, "/stagepost/sign-in?next=%2Faccount"));

        let out = proxy.ask(&server, Method::POST, "/stagepost/sign-out").header("cookie", pair);
        let out = out.header("origin", "https://ci.example").send().await;
        assert_eq!((out.status, out.header("location")), (303, "/stagepost/sign-in"));
        assert!(set_cookies(&out)[0].starts_with("__Secure-stagepost=; Path=/stagepost; Max-Age=0"));
    }
}

#[tokio::test]
async fn redirects_and_preferences_stay_below_the_path() {
    let server = server().await;
    for proxy in PROXIES {
        for (next, location) in [
            ("/repositories/7/pipelines?ref=dev", "/stagepost/repositories/7/pipelines?ref=dev"),
            ("/other-program", "/stagepost/other-program"),
            ("//evil.example", "/stagepost/repositories"),
            ("https://evil.example", "/stagepost/repositories"),
        ] {
            let answer = sign_in(&server, proxy, &format!("{FORM}&next={next}")).send().await;
            assert_eq!((answer.status, answer.header("location")), (303, location), "{next}");
        }
        let asked = proxy.ask(&server, Method::POST, "/stagepost/preferences");
        let asked = asked.header("origin", "https://ci.example").body("language=en&theme=dark&next=/errors");
        let answer = asked.send().await;
        assert_eq!(answer.header("location"), "/stagepost/errors");
        let cookies = set_cookies(&answer);
        assert!(
            cookies.len() == 2 && cookies.iter().all(|line| line.contains("; Path=/stagepost;")),
            "{cookies:?}"
        );
    }
}

/// Forms come from the public URL, whatever a reverse proxy passes on.
#[tokio::test]
async fn forms_of_the_public_url_are_accepted() {
    let server = server().await;
    let submit = |origin: &'static str, headers: &[(&str, &str)]| {
        let asked = server.ask(Method::POST, "/sign-in").from("10.0.0.9").header("origin", origin).body(FORM);
        headers.iter().fold(asked, |asked, (name, value)| asked.header(name, value)).send()
    };
    for (origin, host, status) in [
        ("https://ci.example", "ci.example", 303),
        ("https://CI.example", "inner:8080", 303),
        ("http://ci.example", "ci.example", 403),
        ("https://ci.example:8443", "ci.example", 403),
        ("http://inner:8080", "inner:8080", 403),
        ("https://evil.example", "ci.example", 403),
        ("null", "ci.example", 403),
    ] {
        let answer = submit(origin, &[("host", host), ("accept-language", "en")]).await;
        assert_eq!(answer.status, status, "{origin} {host}");
        if status == 403 {
            let text = String::from_utf8(answer.body).unwrap();
            assert!(text.contains("the address of this server is https://ci.example."), "{text}");
        }
    }
    let same_origin =
        submit("http://inner:8080", &[("host", "inner:8080"), ("sec-fetch-site", "same-origin")]);
    assert_eq!(same_origin.await.status, 303, "the browser itself knows");
}

/// Without a path the cookie is for the host, and a proxy that does not say that its clients use TLS changes nothing.
#[tokio::test]
async fn a_public_url_without_a_path_has_a_cookie_of_the_host() {
    let server = server_at("https://ci.example").await;
    let asked = server.ask(Method::POST, "/sign-in").header("host", "ci.example");
    let answer = asked.header("origin", "https://ci.example").body(FORM).send().await;
    assert_eq!((answer.status, answer.header("location")), (303, "/repositories"));
    let [cookie] = set_cookies(&answer)[..] else { panic!("{answer:?}") };
    assert!(cookie.starts_with("__Host-stagepost=") && cookie.contains("; Path=/;"), "{cookie}");
}

/// Browsers accept no `__Secure-` cookie from a plain connection.
#[tokio::test]
async fn a_plain_public_url_has_a_plain_cookie_of_the_path() {
    let server = server_at("http://ci.example:8080/stagepost").await;
    let asked = server.ask(Method::POST, "/stagepost/sign-in").header("host", "ci.example:8080");
    let answer = asked.header("origin", "http://ci.example:8080").body(FORM).send().await;
    let cookies = set_cookies(&answer);
    let plain = cookies.iter().find(|line| line.starts_with("stagepost=")).unwrap();
    assert!(plain.contains("; Path=/stagepost;") && !plain.contains("Secure"), "{plain}");
    let pair = plain.split(';').next().unwrap();
    let asked = server.ask(Method::GET, "/stagepost/account").header("host", "ci.example:8080");
    assert_eq!(asked.header("cookie", pair).send().await.status, 200);
}
