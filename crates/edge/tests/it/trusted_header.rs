//! Signing in by the header of a reverse proxy.

use super::identities::{World, session};
use http::Method;
use serde_json::json;
use testkit::TestResponse;

/// Whether the response starts a session.
fn is_started(answer: &TestResponse) -> bool {
    answer.headers.get_all("set-cookie").iter().count() > 0
}

async fn ask(world: &World, from: &str, headers: &[(&str, &str)]) -> TestResponse {
    let asked = world.server.ask(Method::GET, "/sign-in?next=/errors").from(from);
    headers.iter().fold(asked, |asked, (name, value)| asked.header(name, value)).send().await
}

#[tokio::test]
async fn a_header_counts_from_listed_proxies_only() {
    let world = World::new().await;
    let named = [("x-forwarded-user", "bob"), ("x-forwarded-groups", "dev, ops")];
    for from in ["127.0.0.1", "::1", "10.0.0.8"] {
        assert!(!is_started(&ask(&world, from, &named).await), "{from}");
    }
    let through = [("x-forwarded-user", "bob"), ("x-forwarded-for", "10.0.0.7")];
    assert!(!is_started(&ask(&world, "127.0.0.1", &through).await), "the peer counts, not what it forwards");
    assert!(!is_started(&ask(&world, "10.0.0.7", &[("x-forwarded-user", " ")]).await));
    let twice = [("x-forwarded-user", "bob"), ("x-forwarded-groups", "dev"), ("x-forwarded-groups", "ops")];
    assert!(!is_started(&ask(&world, "10.0.0.7", &twice).await), "the header of the groups occurs twice");
    assert_eq!(world.users().await, 1);

    let bob = session(&ask(&world, "10.0.0.7", &named).await);
    let me = world.whoami(&bob).await;
    assert_eq!((&me["user"], &me["admin"]), (&json!("bob"), &json!(true)));
    // The session of one person is not that of another one whom the proxy names.
    let account = async |user: &str| {
        let asked = world.server.ask(Method::GET, "/account").from("10.0.0.7").header("cookie", &bob);
        asked.header("x-forwarded-user", user).send().await.status
    };
    assert_eq!((account("bob").await, account("eve").await), (200, 303));
}

#[tokio::test]
async fn a_sign_in_by_header_is_recorded_with_its_address() {
    let world = World::new().await;
    let started = ask(&world, "10.0.0.7", &[("x-forwarded-user", "bob")]).await;
    session(&started);
    let entries = world.server.get("/native/v1/audit?action=sign_in.success").await.json();
    let entry = &entries["entries"][0];
    assert_eq!(entry["actor"]["name"], "bob", "{entry}");
    assert_eq!((&entry["actor"]["kind"], &entry["address"]), (&json!("user"), &json!("10.0.0.7")));
    assert_eq!(entry["after"]["method"], "header");
    assert_eq!(entry["request_id"].as_str(), Some(started.header("x-request-id")));
}

#[tokio::test]
async fn a_person_with_a_session_gets_no_other_one() {
    let world = World::new().await;
    let named = [("x-forwarded-user", "bob"), ("x-forwarded-groups", "dev")];
    let cookie = session(&ask(&world, "10.0.0.7", &named).await);
    let with = async |method: Method, user: &str, groups: &str| {
        let asked = world.server.ask(method, "/sign-in?next=/errors").from("10.0.0.7");
        let asked = asked.header("cookie", &cookie).header("x-forwarded-user", user);
        asked.header("x-forwarded-groups", groups).send().await
    };
    let again = with(Method::GET, "bob", "dev").await;
    assert_eq!((again.status, again.header("location")), (303, "/errors"));
    assert!(!is_started(&again));
    for (user, groups) in [("eve", "dev"), ("carl", "ops")] {
        assert!(!is_started(&with(Method::HEAD, user, groups).await), "{user}");
    }
    assert_eq!(world.users().await, 2, "HEAD creates no user");
    assert!(is_started(&with(Method::GET, "eve", "dev").await), "another person");
    assert!(is_started(&with(Method::GET, "bob", "dev,ops").await), "other groups");
}
