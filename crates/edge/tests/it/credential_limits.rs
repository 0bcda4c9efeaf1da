//! No credential creates one that lives longer or may do more than itself: every kind of credential, on every path
//! that creates one.

use crate::signatures::Signed;
use domain::SignedDuration;
use domain::ports::Clock as _;
use http::Method;
use serde_json::{Value, json};
use testkit::{TestResponse, TestServer};

/// A credential of an administrator that expires or is narrow.
enum Parent {
    Token(String),
    Cookie(String),
    Temporary(Value),
}

impl Parent {
    async fn send(&self, server: &TestServer, method: &Method, target: &str, body: &str) -> TestResponse {
        // Signatures of equal requests are different.
        server.clock.advance(SignedDuration::from_secs(1));
        let asked = server.ask(method.clone(), target).header("accept-language", "en");
        match self {
            Self::Token(token) => asked.token(token).body(body).send().await,
            Self::Cookie(cookie) => {
                let asked = asked.header("host", "a").header("origin", "http://a");
                asked.header("cookie", cookie).body(body).send().await
            }
            Self::Temporary(credential) => {
                let text = |name: &str| credential[name].as_str().unwrap();
                let signed = Signed {
                    access: text("access"),
                    secret: text("secret"),
                    headers: vec![("x-security-token", text("securitytoken"))],
                    method: method.clone(),
                    target,
                    body,
                    ..Signed::default()
                };
                signed.send(server).await
            }
        }
    }
}

async fn iam_token(server: &TestServer) -> String {
    let body = json!({"auth": {"identity": {"methods": ["password"],
        "password": {"user": {"name": "root", "password": "root-password"}}}}});
    let answer = server.ask(Method::POST, "/v3/auth/tokens").json(&body).send().await;
    answer.header("x-subject-token").to_owned()
}

async fn page_session(server: &TestServer) -> String {
    let form = "name=root&password=root-password";
    let asked = server.ask(Method::POST, "/sign-in").header("host", "a").header("origin", "http://a");
    let answer = asked.body(form).send().await;
    let lines = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    lines.map(|line| line.split(';').next().unwrap()).collect::<Vec<_>>().join("; ")
}

async fn parents(server: &TestServer, repository: i64) -> Vec<(&'static str, Parent)> {
    let soon = (server.clock.now() + SignedDuration::from_mins(5)).to_string();
    let explorer = server.root(Method::POST, "/explorer/token").json(&json!({"writes": true})).send().await;
    let iam = iam_token(server).await;
    let seconds = json!({"auth": {"identity": {"methods": ["token"], "token": {"duration_seconds": 900}}}});
    let temporary = server.ask(Method::POST, "/v3.0/OS-CREDENTIAL/securitytokens").token(&iam).json(&seconds);
    let temporary = temporary.send().await.json()["credential"].clone();
    let token = async |fields: Value| Parent::Token(server.token("root", fields).await);
    vec![
        ("explorer", Parent::Token(explorer.json()["token"].as_str().unwrap().to_owned())),
        ("expiring token", token(json!({"name": "e", "scope": "full", "expires_at": soon})).await),
        ("IAM token", Parent::Token(iam)),
        ("page session", Parent::Cookie(page_session(server).await)),
        ("temporary key", Parent::Temporary(temporary)),
        ("read-only token", token(json!({"name": "r", "scope": "read"})).await),
        ("reporting token", token(json!({"name": "w", "scope": "report"})).await),
        (
            "token of a repository",
            token(json!({"name": "o", "scope": "full", "repositories": [repository]})).await,
        ),
    ]
}

/// The end of the credential in a response, as text; empty: it has none.
fn end(answer: &TestResponse) -> String {
    let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let place = [&json["expires_at"], &json["credential"]["expires_at"], &json["token"]["expires_at"]];
    place.iter().find_map(|end| end.as_str()).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn nothing_is_created_that_exceeds_its_creator() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    server.user("amy").await;
    let disabled = json!({"name": "off", "password": "password-of-off"});
    assert_eq!(server.post("/native/v1/users", disabled).await.status, 201);
    let off = server.root(Method::PATCH, "/native/v1/users/off").json(&json!({"disabled": true}));
    assert_eq!(off.send().await.status, 200);
    let far = (server.clock.now() + SignedDuration::from_hours(24 * 300)).to_string();
    let forever = r#"{"name":"t","scope":"full"}"#.to_owned();
    let late = format!(r#"{{"name":"t","scope":"read","expires_at":"{far}"}}"#);
    let seconds = r#"{"auth":{"identity":{"methods":["token"],"token":{"duration_seconds":86400}}}}"#;
    // Settings without an end are refused for every credential.
    let lasting: &[(Method, &str, &str)] = &[
        (Method::POST, "/native/v1/users/root/keys", "{}"),
        (Method::POST, "/native/v1/users/amy/keys", "{}"),
        (Method::POST, "/native/v1/users/root/tokens", &late),
        (Method::POST, "/native/v1/users/amy/tokens", &late),
        (Method::POST, "/native/v1/users", r#"{"name":"new","password":"password-of-new"}"#),
        (Method::POST, "/native/v1/users", r#"{"name":"boss","admin":true}"#),
        (Method::PATCH, "/native/v1/users/amy", r#"{"password":"another-password"}"#),
        (Method::PATCH, "/native/v1/users/amy", r#"{"admin":true}"#),
        (Method::PATCH, "/native/v1/users/off", r#"{"disabled":false}"#),
        (Method::PATCH, "/native/v1/users/root", r#"{"password":"another-password"}"#),
        (Method::POST, "/account/tokens", "name=t&scope=full&life=never"),
        (Method::POST, "/account/tokens", "name=t&scope=read&life=30"),
        (Method::POST, "/account/keys", "description=x"),
        (Method::POST, "/administration/users", "name=new&password=password-of-new"),
        (Method::POST, "/administration/users/amy", "password=another-password"),
        (Method::POST, "/administration/users/amy", "admin=true"),
        (Method::POST, "/administration/users/amy/keys", ""),
        (Method::POST, "/administration/users/amy/tokens", "name=t&scope=full&life=never"),
    ];
    // What may be shorter: no later than the credential.
    let limited: &[(Method, &str, &str)] = &[
        (Method::POST, "/native/v1/users/root/tokens", &forever),
        (Method::POST, "/native/v1/users/amy/tokens", &forever),
        (Method::POST, "/explorer/token", r#"{"writes":true}"#),
        (Method::POST, "/v3.0/OS-CREDENTIAL/securitytokens", seconds),
    ];
    for (kind, parent) in parents(&server, id).await {
        for (method, target, body) in lasting {
            let answer = parent.send(&server, method, target, body).await;
            // The native API accepts a cookie for reading only.
            let refused = [400, 401, 403].contains(&answer.status);
            assert!(refused, "{kind}: {method} {target} {body}: {answer:?}");
        }
        for (method, target, body) in limited {
            let answer = parent.send(&server, method, target, body).await;
            if answer.status >= 400 {
                continue;
            }
            let until = end(&answer);
            assert!(!until.is_empty(), "{kind}: {target} has no end: {answer:?}");
            let until: jiff::Timestamp = until.parse().unwrap();
            let most = match kind {
                "expiring token" => SignedDuration::from_mins(5),
                "explorer" | "temporary key" => SignedDuration::from_mins(15),
                "IAM token" | "page session" => SignedDuration::from_hours(24),
                // They do not expire, and what they may create is narrow.
                _ => SignedDuration::from_hours(24),
            };
            assert!(until <= server.clock.now() + most, "{kind}: {target} {until}");
            let scope = answer.json()["scope"].as_str().unwrap_or_default().to_owned();
            let exceeds = (kind == "read-only token" && !["", "read"].contains(&scope.as_str()))
                || (kind == "reporting token" && scope == "full");
            assert!(!exceeds, "{kind}: {target} {scope}");
        }
    }
    // Nothing was created on the way.
    let users = server.get("/native/v1/users").await.json();
    let names: Vec<_> = users["users"].as_array().unwrap().iter().map(|user| &user["name"]).collect();
    assert_eq!(names, ["amy", "off", "root"]);
    for user in ["root", "amy"] {
        assert_eq!(server.get(&format!("/native/v1/users/{user}/keys")).await.json(), json!({"keys": []}));
        let tokens = server.get(&format!("/native/v1/users/{user}/tokens")).await.json();
        let lasting =
            tokens["tokens"].as_array().unwrap().iter().filter(|token| token["expires_at"].is_null());
        assert!(lasting.filter(|token| token["name"] == "t").count() <= 1, "{tokens}");
    }
}

#[tokio::test]
async fn the_error_says_what_to_use_instead() {
    let server = TestServer::start().await;
    let short =
        server.token("root", json!({"name": "e", "scope": "full", "expires_at": "2026-11-24T00:05:00Z"}));
    let asked = server.ask(Method::POST, "/native/v1/users/root/keys").token(&short.await);
    let answer = asked.header("accept-language", "en").send().await;
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert_eq!(answer.error(), (403, "CH.080403".into()));
    assert!(detail.contains("2026-11-24T00:05:00Z") && detail.contains("does not expire"), "{detail}");
}

/// On a page, the password is asked for: it does not expire.
#[tokio::test]
async fn a_session_creates_credentials_with_the_password() {
    let server = TestServer::start().await;
    server.user("amy").await;
    let cookie = page_session(&server).await;
    let form = async |path: &str, form: &str| {
        let asked = server.ask(Method::POST, path).header("host", "a").header("origin", "http://a");
        asked.header("accept-language", "en").header("cookie", &cookie).body(form).send().await
    };
    let account = server.ask(Method::GET, "/account").header("cookie", &cookie).send().await;
    assert!(String::from_utf8(account.body).unwrap().contains("name=\"current_password\""));
    let by_token = String::from_utf8(server.get("/account").await.body).unwrap();
    assert!(!by_token.contains("current_password"), "its token does not expire");
    for (path, fields, form_name) in [
        ("/account/tokens", "name=t&scope=full&life=never", "token"),
        ("/account/tokens", "name=t&scope=full&life=90", "token"),
        ("/account/keys", "description=x", "key"),
        ("/administration/users/amy/keys", "description=x", "key"),
        ("/administration/users/amy", "password=another-password", "change"),
        ("/administration/users", "name=bob&password=password-of-bob", "user"),
    ] {
        for (password, message) in [("", "expires at"), ("&current_password=wrong", "incorrect")] {
            let refused = form(path, &format!("{fields}{password}")).await;
            let html = String::from_utf8(refused.body.clone()).unwrap();
            let at = html.find(&format!("id=\"wrong-{form_name}-current_password\""));
            let at = at.unwrap_or_else(|| panic!("{path}: {html}"));
            assert!(refused.status == 400 && html[at..at + 400].contains(message), "{}", &html[at..at + 400]);
            assert!(!html.contains("value=\"wrong\""), "a password is never given back");
        }
        let made = form(path, &format!("{fields}&current_password=root-password")).await;
        assert!([200, 303].contains(&made.status), "{path} {fields}: {made:?}");
    }
    // Settings that give no access need none.
    assert_eq!(form("/administration/users", "name=carl").await.status, 303);
    assert_eq!(form("/administration/users/carl", "disabled=true").await.status, 303);
}
