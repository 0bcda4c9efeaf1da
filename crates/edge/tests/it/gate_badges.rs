//! What the badge of a gate tells callers without a role in the repository.

use crate::report;
use http::Method;
use serde_json::json;
use testkit::{TestResponse, TestServer};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

fn contains(shown: &TestResponse, parts: [&str; 2]) {
    let svg = std::str::from_utf8(&shown.body).unwrap();
    for part in parts {
        assert!(svg.contains(part), "{part} is not in {svg}");
    }
}

#[tokio::test]
async fn the_badge_of_a_public_repository_does_not_tell_the_target_of_a_merge_request() {
    let server = TestServer::start().await;
    let id = server.repository("acme/open", "public").await;
    let at = format!("/native/v1/repositories/{id}");
    let rules = json!({"rules": [{"targets": ["secret"], "requirements": [{"job": "unit"}]}]});
    assert_eq!(server.root(Method::PUT, &format!("{at}/gates")).json(&rules).send().await.status, 200);
    let head = json!({"head_sha": SHA, "source_branch": "fix", "target_branch": "secret"});
    assert_eq!(
        server.root(Method::PUT, &format!("{at}/merge-requests/7")).json(&head).send().await.status,
        200
    );
    let body = json!({"sha": SHA, "ref": "main", "name": "unit", "status": "success"});
    assert_eq!(report(&server, id, body).await.status, 201);
    let sha = format!("?sha={SHA}");
    for (query, member, anybody) in [
        (sha.as_str(), ["Gate secret", ">Passed<"], ["Gate main", ">No rule applies<"]),
        (
            "?target=refs/merge-requests/7/head",
            ["merge-requests/7", ">Passed<"],
            ["merge-requests/7", ">none<"],
        ),
        ("?target=secret", ["Gate secret", ">Passed<"], ["Gate secret", ">Passed<"]),
    ] {
        let target = format!("/repositories/{id}/gate.svg{query}");
        let shown = server.root(Method::GET, &target).header("accept-language", "en").send().await;
        contains(&shown, member);
        let shown = server.ask(Method::GET, &target).header("accept-language", "en").send().await;
        assert_eq!(shown.status, 200, "{query}");
        contains(&shown, anybody);
    }
}
