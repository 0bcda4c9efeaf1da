//! GitLab's list of projects: what the caller may read, in pages, and the metadata of the server.

use crate::gitlab::{ids, post, server};
use domain::SignedDuration;
use http::Method;
use serde_json::{Value, json};
use testkit::{ROOT, TestResponse, TestServer};

const MANY: usize = 156;

async fn list(server: &TestServer, token: &str, query: &str) -> TestResponse {
    server.ask(Method::GET, &format!("/api/v4/projects?{query}")).private_token(token).send().await
}

fn paths(answer: &TestResponse) -> Vec<String> {
    let items = answer.json();
    let items = items.as_array().unwrap_or_else(|| panic!("{answer:?}"));
    items.iter().map(|item| item["path_with_namespace"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_caller_lists_the_projects_that_it_may_read() {
    let (server, id) = server().await;
    server.repository("acme/inner", "internal").await;
    server.repository("acme/open", "public").await;
    let other = server.repository("acme/other", "private").await;
    let member = server.user("member").await;
    let path = format!("/native/v1/repositories/{id}/members/member");
    server.root(Method::PUT, &path).json(&json!({"role": "report"})).send().await;
    let limited =
        server.token("root", json!({"name": "one", "scope": "read", "repositories": [other]})).await;
    let by_path = "order_by=path&sort=asc";
    for (token, query, wanted) in [
        (ROOT, by_path, &["acme/demo", "acme/inner", "acme/open", "acme/other"][..]),
        (&member, by_path, &["acme/demo", "acme/inner", "acme/open"]),
        (&limited, by_path, &["acme/other"]),
        (&member, "membership=true", &["acme/demo"]),
        (&member, "owned=true", &[]),
        (&member, "visibility=public", &["acme/open"]),
        (&member, "visibility=private&search=DEMO", &["acme/demo"]),
        (&member, "search=other", &[]),
        (&member, "starred=true", &[]),
        (&member, "archived=true", &[]),
        (
            ROOT,
            "order_by=id&sort=desc&min_access_level=20",
            &["acme/other", "acme/open", "acme/inner", "acme/demo"],
        ),
    ] {
        let answer = list(&server, token, query).await;
        assert_eq!(paths(&answer), wanted, "{query}");
        assert_eq!(answer.header("x-total"), wanted.len().to_string(), "{query}");
    }
    let shown = list(&server, &member, "membership=true").await.json()[0].clone();
    let alone = server.ask(Method::GET, "/api/v4/projects/acme%2Fdemo").private_token(&member).send().await;
    assert_eq!(shown, alone.json(), "as it is returned alone");
    let simple = list(&server, &member, "membership=true&simple=true").await.json()[0].clone();
    let fields = simple.as_object().unwrap();
    assert!(fields.iter().all(|(name, value)| &shown[name] == value), "{simple}");
    assert!(fields.contains_key("http_url_to_repo") && !fields.contains_key("permissions"), "{simple}");
    assert_eq!(server.ask(Method::GET, "/api/v4/projects").send().await.status, 401);
    // The last activity is the last report.
    server.clock.advance(SignedDuration::from_secs(1));
    post(&server, json!({"state": "success"})).await;
    assert_eq!(paths(&list(&server, ROOT, "order_by=last_activity_at").await)[0], "acme/demo");
    for (query, error) in [
        ("order_by=stars", "order_by does not have a valid value"),
        ("visibility=secret", "visibility does not have a valid value"),
        ("min_access_level=30", "min_access_level does not have a valid value"),
        ("membership=maybe", "membership is invalid"),
        ("page=0", "page does not have a valid value"),
    ] {
        let answer = list(&server, ROOT, query).await;
        assert_eq!((answer.status, answer.json()), (400, json!({"error": error})), "{query}");
    }
}

/// The address of the next page.
fn next(answer: &TestResponse) -> Option<String> {
    let links = answer.header("link").to_owned();
    let link = links.split(", ").find(|link| link.ends_with("rel=\"next\""))?.to_owned();
    let url = link.split_once('<')?.1.split_once('>')?.0.to_owned();
    Some(url.strip_prefix("http://localhost").unwrap().to_owned())
}

#[tokio::test]
async fn a_client_that_follows_links_gets_every_project_once() {
    let server = TestServer::start().await;
    for number in 0..MANY {
        server.repository(&format!("acme/{number:03}"), "private").await;
    }
    let wanted: Vec<String> = (0..MANY).map(|number| format!("acme/{number:03}")).collect();
    for query in ["order_by=path&sort=asc&per_page=50", "order_by=id&sort=asc&pagination=keyset&per_page=40"]
    {
        let (mut found, mut pages) = (Vec::new(), 0);
        let mut target = Some(format!("/api/v4/projects?{query}"));
        while let Some(at) = target {
            let answer = server.gitlab(Method::GET, &at).send().await;
            assert_eq!(answer.status, 200, "{answer:?}");
            found.extend(paths(&answer));
            pages += 1;
            target = next(&answer);
        }
        assert_eq!((found.len(), pages), (MANY, 4), "{query}");
        let mut sorted = found.clone();
        sorted.sort();
        assert_eq!(sorted, wanted, "{query}");
    }
    let last = list(&server, ROOT, "order_by=path&sort=asc&per_page=50&page=4").await;
    assert_eq!(ids(&last).len(), 6);
    let header = |name: &str| last.header(name).to_owned();
    assert_eq!((header("x-total"), header("x-total-pages")), ("156".into(), "4".into()));
    assert_eq!((header("x-prev-page"), header("x-next-page")), ("3".into(), String::new()));
    assert!(ids(&list(&server, ROOT, "page=5&per_page=50").await).is_empty());
}

#[tokio::test]
async fn metadata_has_the_version() {
    let (server, _) = server().await;
    let version = server.gitlab(Method::GET, "/api/v4/version").send().await.json();
    let metadata = server.gitlab(Method::GET, "/api/v4/metadata").send().await.json();
    assert_eq!((&metadata["version"], &metadata["revision"]), (&version["version"], &version["revision"]));
    assert_eq!(metadata["enterprise"], Value::Bool(false));
    let none = json!({"enabled": false, "externalUrl": null, "externalK8sProxyUrl": null, "version": null});
    assert_eq!(metadata["kas"], none);
}
