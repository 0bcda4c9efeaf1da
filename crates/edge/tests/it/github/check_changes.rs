//! Changes of check runs, and the result of a commit: a success never hides a failure that was reported last.

use super::checks::{annotation, change, create, show};
use super::{REPO, SHA, ask, combined, get, server};
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::TestServer;

/// A status of the context `build` on a branch.
async fn on_branch(server: &TestServer, branch: &str, state: &str) {
    of_context(server, branch, "build", state).await;
}

async fn of_context(server: &TestServer, branch: &str, context: &str, state: &str) {
    let target = format!("{REPO}/statuses/{SHA}?ref={branch}");
    let fields = json!({"state": state, "context": context});
    let answer = ask(server, Method::POST, &target).json(&fields).send().await;
    assert_eq!(answer.status, 201, "{answer:?}");
    server.clock.advance(SignedDuration::from_secs(1));
}

#[tokio::test]
async fn the_result_of_a_job_of_two_branches_that_was_reported_last_counts() {
    let (server, _) = server().await;
    for (branch, state, of_commit) in [
        ("main", "pending", "pending"),
        ("dev", "success", "success"),
        ("main", "failure", "failure"),
        ("dev", "success", "failure"),
        ("dev", "pending", "pending"),
        ("dev", "success", "success"),
    ] {
        on_branch(&server, branch, state).await;
        let seen = combined(&server).await;
        assert_eq!(seen, (of_commit.into(), vec![("build".into(), of_commit.into())]), "{branch} {state}");
    }
}

/// GitHub's contexts have no case, whichever branch they are of. The spelling is that of the result that counts.
#[tokio::test]
async fn a_context_in_another_case_on_another_branch_is_the_same_one() {
    let (server, id) = server().await;
    for (branch, context, state) in [
        ("main", "CI/Build", "failure"),
        ("dev", "ci/build", "success"),
        ("main", "ci/build", "pending"),
        ("main", "ci/build", "failure"),
        ("dev", "Ci/Build", "pending"),
        ("dev", "CI/build", "success"),
    ] {
        of_context(&server, branch, context, state).await;
        // A later report on a branch has the spelling of the first one there.
        let shown = if branch == "main" { "CI/Build" } else { "ci/build" };
        let seen = combined(&server).await;
        assert_eq!(seen, (state.into(), vec![(shown.into(), state.into())]), "{branch} {context}");
    }
    let page = get(&server, &format!("/commits/{SHA}/status")).await.json();
    assert_eq!(page["total_count"], 1);
    for name in ["CI/Build", "ci/build"] {
        let listed = get(&server, &format!("/commits/{SHA}/check-runs?check_name={name}")).await.json();
        let run = &listed["check_runs"][0];
        let seen = (&listed["total_count"], &run["name"], &run["conclusion"]);
        assert_eq!(seen, (&json!(1), &json!("ci/build"), &json!("success")), "{name}");
    }
    // Case distinguishes the names of other APIs.
    for (branch, name, status) in [("main", "Lint", "failed"), ("dev", "lint", "success")] {
        let fields = json!({"ref": branch, "sha": SHA, "name": name, "status": status});
        crate::report(&server, id, fields).await;
    }
    let (state, contexts) = combined(&server).await;
    let names: Vec<&str> = contexts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((state.as_str(), names), ("failure", vec!["Lint", "ci/build", "lint"]));
}

#[tokio::test]
async fn a_failure_that_is_reported_after_a_success_counts() {
    for (first, second) in [
        (json!({}), json!({"external_id": "77"})),
        (json!({"external_id": "77"}), json!({})),
        (json!({}), json!({})),
    ] {
        let (server, _) = server().await;
        create(&server, json!({"external_id": "77", "status": "in_progress"})).await;
        let with = |mut fields: Value, conclusion: &str| {
            fields["conclusion"] = conclusion.into();
            fields
        };
        server.clock.advance(SignedDuration::from_secs(1));
        change(&server, 1, with(first.clone(), "success")).await;
        server.clock.advance(SignedDuration::from_secs(1));
        let failed = change(&server, 1, with(second.clone(), "failure")).await.json();
        let seen = (&failed["id"], &failed["conclusion"]);
        assert_eq!(seen, (&json!(1), &json!("failure")), "{first} {second}");
        assert_eq!(combined(&server).await.0, "failure", "{first} {second}");
    }
}

/// As at GitHub, an end without `completed_at` happens when it is reported.
#[tokio::test]
async fn the_last_of_several_ends_counts_also_without_a_time() {
    let timed = |conclusion: &str, second: i64| {
        let completed_at = format!("2026-11-24T00:00:{second:02}Z");
        json!({"conclusion": conclusion, "completed_at": completed_at})
    };
    let untimed = |conclusion: &str| json!({"conclusion": conclusion});
    // Each change is one second after the one before, from second 1 on. The result, and the second of its end.
    for (changes, conclusion, second) in [
        (vec![timed("success", 0), untimed("failure")], "failure", 2),
        (vec![timed("failure", 1), untimed("success")], "success", 2),
        (vec![untimed("failure"), untimed("success")], "success", 2),
        (vec![untimed("success"), untimed("failure"), untimed("failure")], "failure", 2),
        // It arrives later and happened before.
        (vec![untimed("failure"), untimed("neutral"), timed("success", 1)], "neutral", 2),
        // The clock of the reporter is ahead.
        (vec![timed("success", 30), untimed("failure")], "failure", 30),
        // The same result with its own time.
        (vec![untimed("failure"), untimed("success"), timed("success", 1)], "success", 1),
    ] {
        for fields in [json!({"status": "in_progress", "external_id": "77"}), json!({})] {
            let (server, _) = server().await;
            create(&server, fields.clone()).await;
            for fields in &changes {
                server.clock.advance(SignedDuration::from_secs(1));
                assert_eq!(change(&server, 1, fields.clone()).await.status, 200);
            }
            let run = show(&server, 1).await;
            let seen = (&run["conclusion"], &run["completed_at"]);
            let completed_at = format!("2026-11-24T00:00:{second:02}Z");
            assert_eq!(seen, (&json!(conclusion), &json!(completed_at)), "{fields} {changes:?}");
        }
    }
}

/// The time of receipt of an end does not make its attempt the newest one.
#[tokio::test]
async fn a_late_end_of_an_earlier_attempt_without_a_time_is_of_that_attempt() {
    let (server, _) = server().await;
    let first = json!({"external_id": "1", "started_at": "2026-11-23T10:00:00Z", "status": "in_progress"});
    create(&server, first).await;
    let retry = json!({"external_id": "2", "started_at": "2026-11-23T11:00:00Z", "conclusion": "success"});
    assert_eq!(create(&server, retry).await.json()["id"], 2);
    server.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(change(&server, 1, json!({"conclusion": "failure"})).await.json()["conclusion"], "failure");
    assert_eq!(combined(&server).await, ("success".into(), vec![("checks/build".into(), "success".into())]));
}

#[tokio::test]
async fn a_repeated_end_changes_nothing() {
    for fields in [json!({"conclusion": "neutral"}), json!({"conclusion": "failure", "external_id": "77"})] {
        let (server, _) = server().await;
        create(&server, json!({"external_id": "77", "status": "in_progress"})).await;
        server.clock.advance(SignedDuration::from_secs(1));
        let ended = change(&server, 1, fields.clone()).await.json();
        server.clock.advance(SignedDuration::from_secs(60));
        assert_eq!(change(&server, 1, fields.clone()).await.json(), ended, "{fields}");
    }
}

#[tokio::test]
async fn a_change_of_the_output_leaves_the_status_to_the_build_system() {
    let (server, _) = server().await;
    let output = |summary: &str| json!({"output": {"title": "t", "summary": summary}});
    create(&server, json!({"external_id": "1", "conclusion": "neutral"})).await;
    let before = show(&server, 1).await;
    server.clock.advance(SignedDuration::from_secs(1));
    let said = change(&server, 1, output("more")).await.json();
    for name in ["status", "conclusion", "started_at", "completed_at"] {
        assert_eq!(said[name], before[name], "{name}");
    }
    assert_eq!(said["output"]["summary"], "more");
    // A new attempt without a status is queued.
    let mut fields = output("again");
    fields["external_id"] = "2".into();
    let again = change(&server, 1, fields).await.json();
    let seen = (&again["id"], &again["status"], &again["conclusion"], &again["completed_at"]);
    assert_eq!(seen, (&json!(2), &json!("queued"), &Value::Null, &Value::Null));
    assert_eq!(show(&server, 1).await["conclusion"], "neutral");
}

#[tokio::test]
async fn the_check_suites_with_a_job_are_counted_and_paged_each_once() {
    let (server, _) = server().await;
    for branch in 1..=3 {
        let target = format!("{REPO}/check-runs?ref=b{branch}");
        for external_id in 0..40 {
            let fields = json!({"name": "lint", "head_sha": SHA, "external_id": external_id.to_string()});
            assert_eq!(ask(&server, Method::POST, &target).json(&fields).send().await.status, 201);
        }
    }
    create(&server, json!({"name": "other"})).await;
    for (query, ids) in [("", vec![3, 2, 1]), ("&per_page=2", vec![3, 2]), ("&per_page=2&page=2", vec![1])] {
        let listed =
            get(&server, &format!("/commits/{SHA}/check-suites?check_name=lint{query}")).await.json();
        let suites = listed["check_suites"].as_array().unwrap();
        let seen: Vec<i64> = suites.iter().map(|suite| suite["id"].as_i64().unwrap()).collect();
        assert_eq!((&listed["total_count"], seen), (&json!(3), ids), "{query}");
    }
}

#[tokio::test]
async fn a_branch_with_a_name_like_an_id_is_the_branch() {
    let (server, _) = server().await;
    // Another commit has an id that begins so.
    let other = format!("feed{}", "0".repeat(36));
    let target = format!("{REPO}/statuses/{other}");
    let sent = ask(&server, Method::POST, &target).json(&json!({"state": "failure"})).send().await;
    assert_eq!(sent.status, 201);
    let of =
        async |named: &str| get(&server, &format!("/commits/{named}/status")).await.json()["sha"].clone();
    assert_eq!(of("feed").await, other);
    on_branch(&server, "feed", "success").await;
    assert_eq!(
        (of("feed").await, of("feed0").await, of(&other).await),
        (json!(SHA), json!(other), json!(other))
    );
}

#[tokio::test]
async fn an_annotation_keeps_its_white_space() {
    let (server, _) = server().await;
    let mut indented = annotation("a.rs", 1);
    (indented["message"], indented["raw_details"]) = ("    let x;\n".into(), "  ^\n".into());
    let output =
        |annotation: Value| json!({"output": {"title": "t", "summary": "s", "annotations": [annotation]}});
    assert_eq!(create(&server, output(indented.clone())).await.status, 201);
    let listed = get(&server, "/check-runs/1/annotations").await.json();
    assert_eq!(
        (&listed[0]["message"], &listed[0]["raw_details"]),
        (&indented["message"], &indented["raw_details"])
    );
    indented["message"] = " \n ".into();
    assert_eq!(create(&server, output(indented)).await.status, 422);
}
