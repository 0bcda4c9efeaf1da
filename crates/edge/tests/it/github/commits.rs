//! Commits, by the names of their branches and tags.

use super::{REPO, SHA, ask, get, server};
use http::Method;
use serde_json::json;

#[tokio::test]
async fn reads_accept_a_branch_and_reports_do_not() {
    let (server, _) = server().await;
    let on = |query: &str| ask(&server, Method::POST, &format!("{REPO}/statuses/{SHA}{query}"));
    let sent = on("?ref=feature%2Fx").json(&json!({"state": "failure"})).send().await;
    assert_eq!(sent.status, 201, "{sent:?}");
    for named in ["feature%2Fx", "heads%2Ffeature%2Fx", "feature/x", "heads/feature/x", &SHA[..7], SHA] {
        let combined = get(&server, &format!("/commits/{named}/status")).await.json();
        assert_eq!((&combined["sha"], &combined["state"]), (&json!(SHA), &json!("failure")), "{named}");
    }
    for named in ["main", "absent", &SHA[..7], "heads%2Fmain", "heads/main"] {
        let target = format!("{REPO}/statuses/{named}");
        let answer = ask(&server, Method::POST, &target).json(&json!({"state": "success"})).send().await;
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(
            answer.status == 422 && message.starts_with("No commit found for SHA: "),
            "{named}: {message}"
        );
    }
    let unknown = get(&server, "/commits/absent/status").await;
    assert_eq!(unknown.status, 422);
    // Without a ref, a report goes to the pipeline that the commit has.
    let before = get(&server, &format!("/commits/{SHA}/status")).await.json();
    on("").json(&json!({"state": "success", "context": "more"})).send().await;
    let after = get(&server, "/commits/feature%2Fx/status").await.json();
    assert_eq!((&before["total_count"], &after["total_count"]), (&json!(1), &json!(2)));
}

#[tokio::test]
async fn a_tag_is_read_by_its_name_and_the_date_of_a_commit_stays() {
    let (server, _) = server().await;
    for git_ref in ["refs%2Ftags%2Fv1", "main"] {
        let target = format!("{REPO}/statuses/{SHA}?ref={git_ref}");
        let sent = ask(&server, Method::POST, &target).json(&json!({"state": "success"})).send().await;
        assert_eq!(sent.status, 201, "{sent:?}");
        server.clock.advance(domain::SignedDuration::from_mins(5));
    }
    for named in ["v1", "tags/v1", "tags%2Fv1", "main", "heads/main", SHA] {
        let status = get(&server, &format!("/commits/{named}/status")).await.json();
        assert_eq!(status["sha"], SHA, "{named}");
        let commit = get(&server, &format!("/commits/{named}")).await.json();
        let first = "2026-11-24T00:00:00Z";
        assert_eq!(
            (&commit["sha"], &commit["commit"]["author"]["date"]),
            (&json!(SHA), &json!(first)),
            "{named}"
        );
        let target = format!("/api/v1/repos/acme/demo/git/commits/{named}");
        let of_gitea = ask(&server, Method::GET, &target).send().await.json();
        assert_eq!(of_gitea["created"], first, "{named}");
        let suites = get(&server, &format!("/commits/{named}/check-suites")).await.json();
        for suite in suites["check_suites"].as_array().unwrap() {
            assert_eq!(suite["head_commit"]["timestamp"], first, "{named}");
            let alone = get(&server, &format!("/check-suites/{}", suite["id"])).await;
            assert_eq!(alone.json(), *suite, "{named}");
        }
        assert_eq!(suites["total_count"], 2, "{named}");
    }
    assert_eq!(get(&server, "/commits/heads/v1/status").await.status, 422);
}
