//! Objects that GitLab's clients read: projects, commits, pipelines and jobs, field by field.

use crate::gitlab::{SHA, get, ids, post, post_on, server};
use domain::SignedDuration;
use http::Method;
use serde_json::json;

#[tokio::test]
async fn a_project_is_found_by_id_and_by_path() {
    let (server, id) = server().await;
    let deep = server.repository("acme/sub/流水线", "private").await;
    let by_id = server.gitlab(Method::GET, &format!("/api/v4/projects/{id}")).send().await.json();
    let by_path = get(&server, "").await.json();
    assert_eq!(by_id, by_path);
    for (name, value) in [
        ("id", json!(id)),
        ("name", json!("demo")),
        ("path", json!("demo")),
        ("path_with_namespace", json!("acme/demo")),
        ("name_with_namespace", json!("acme / demo")),
        ("default_branch", json!("main")),
        ("web_url", json!("http://localhost/acme/demo")),
        ("visibility", json!("private")),
        ("archived", json!(false)),
        ("only_allow_merge_if_pipeline_succeeds", json!(false)),
        ("created_at", json!("2026-11-24T00:00:00.000Z")),
        (
            "permissions",
            json!({"project_access": {"access_level": 40, "notification_level": 3}, "group_access": null}),
        ),
    ] {
        assert_eq!(by_path[name], value, "{name}");
    }
    assert_eq!(
        (&by_path["namespace"]["full_path"], &by_path["namespace"]["path"]),
        (&json!("acme"), &json!("acme"))
    );
    for path in ["acme%2Fsub%2F%E6%B5%81%E6%B0%B4%E7%BA%BF", "acme%2fsub%2f%e6%b5%81%e6%b0%b4%e7%ba%bf"] {
        let found = server.gitlab(Method::GET, &format!("/api/v4/projects/{path}")).send().await.json();
        assert_eq!(found["id"], deep, "{found}");
        assert_eq!(found["web_url"], "http://localhost/acme/sub/%E6%B5%81%E6%B0%B4%E7%BA%BF");
    }
    // Access by path also uses the current role, although the earlier one was cached.
    let ci = server.user("ci").await;
    let role = |role: &'static str| {
        let asked = server.root(Method::PUT, &format!("/native/v1/repositories/{id}/members/ci"));
        asked.json(&json!({"role": role})).send()
    };
    let mut seen = Vec::new();
    for wanted in ["", "read", "report"] {
        if !wanted.is_empty() {
            role(wanted).await;
        }
        let asked = server.ask(Method::GET, "/api/v4/projects/acme%2Fdemo").private_token(&ci);
        seen.push(asked.send().await.json()["permissions"]["project_access"]["access_level"].as_i64());
    }
    assert_eq!(seen, [None, Some(20), Some(30)]);
}

#[tokio::test]
async fn a_commit_is_there_before_its_first_status() {
    let (server, _) = server().await;
    let target = format!("/repository/commits/{SHA}");
    let unseen = get(&server, &target).await;
    assert_eq!(unseen.status, 200);
    let unseen = unseen.json();
    for (name, value) in [
        ("id", json!(SHA)),
        ("short_id", json!("1c46c505")),
        ("title", json!("")),
        ("parent_ids", json!([])),
        ("author_name", json!("")),
        ("created_at", json!("2026-11-24T00:00:00.000Z")),
        ("status", json!(null)),
        ("last_pipeline", json!(null)),
        ("web_url", json!(format!("http://localhost/acme/demo/-/commit/{SHA}"))),
    ] {
        assert_eq!(unseen[name], value, "{name}");
    }
    assert_eq!(get(&server, &format!("{target}/statuses")).await.json(), json!([]));
    post(&server, json!({"state": "success", "ref": "feature/x"})).await;
    server.clock.advance(SignedDuration::from_mins(5));
    post(&server, json!({"state": "running", "ref": "dev"})).await;
    let upper = SHA.to_uppercase();
    for name in [SHA, &upper, "1c46", "dev", "feature%2Fx"] {
        let commit = get(&server, &format!("/repository/commits/{name}")).await.json();
        assert_eq!((&commit["id"], &commit["status"]), (&json!(SHA), &json!("running")), "{name}");
        assert_eq!(commit["created_at"], unseen["created_at"], "that of the first report");
        let last = &commit["last_pipeline"];
        assert_eq!(
            (&last["id"], &last["ref"], &last["sha"]),
            (&json!(2), &json!("dev"), &json!(SHA)),
            "{name}"
        );
    }
    let head = server.gitlab(Method::HEAD, &format!("/api/v4/projects/acme%2Fdemo{target}")).send().await;
    let full = get(&server, &target).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-type"), full.header("content-type"));
    assert_eq!(head.header("content-length"), full.body.len().to_string());
    // Reports also accept short ids of known commits.
    let short = post_on(&server, "1C46C5", json!({"state": "success", "ref": "dev"})).await.json();
    assert_eq!((&short["sha"], &short["pipeline_id"]), (&json!(SHA), &json!(2)));
}

#[tokio::test]
async fn pipelines_and_jobs_have_the_fields_of_gitlabs() {
    let (server, id) = server().await;
    post(&server, json!({"state": "pending", "name": "build"})).await;
    server.clock.advance(SignedDuration::from_millis(2_500));
    post(&server, json!({"state": "running", "name": "build"})).await;
    server.clock.advance(SignedDuration::from_secs(30));
    let running = get(&server, "/jobs/1").await.json();
    assert_eq!((&running["duration"], &running["queued_duration"]), (&json!(30.0), &json!(2.5)), "so far");
    post(&server, json!({"state": "success", "name": "build", "coverage": 90})).await;
    post(
        &server,
        json!({"state": "success", "name": "lint", "coverage": 81.5, "target_url": "http://ci.example/9"}),
    )
    .await;
    let job = get(&server, "/jobs/1").await.json();
    let pipeline = json!({"id": 1, "iid": 1, "project_id": id, "sha": SHA, "ref": "main", "status": "success",
        "source": "external", "created_at": "2026-11-24T00:00:00.000Z", "updated_at": "2026-11-24T00:00:32.500Z",
        "web_url": "http://localhost/acme/demo/-/pipelines/1", "name": null});
    for (name, value) in [
        ("id", json!(1)),
        ("status", json!("success")),
        ("stage", json!("external")),
        ("name", json!("build")),
        ("ref", json!("main")),
        ("tag", json!(false)),
        ("coverage", json!(90.0)),
        ("started_at", json!("2026-11-24T00:00:02.500Z")),
        ("finished_at", json!("2026-11-24T00:00:32.500Z")),
        ("duration", json!(30.0)),
        ("queued_duration", json!(2.5)),
        ("pipeline", pipeline.clone()),
        ("web_url", json!("http://localhost/acme/demo/-/jobs/1")),
        ("artifacts", json!([])),
        ("tag_list", json!([])),
        ("runner", json!(null)),
    ] {
        assert_eq!(job[name], value, "{name}");
    }
    assert_eq!(job.get("failure_reason"), None);
    assert_eq!((&job["commit"]["id"], &job["commit"]["short_id"]), (&json!(SHA), &json!("1c46c505")));
    assert_eq!(job["user"]["username"], "root");
    assert_eq!(get(&server, "/jobs/2").await.json()["web_url"], "http://ci.example/9");
    assert_eq!(get(&server, "/pipelines").await.json(), json!([pipeline]));
    let detail = get(&server, "/pipelines/1").await.json();
    for (name, value) in pipeline.as_object().unwrap() {
        assert_eq!(&detail[name], value, "{name}");
    }
    for (name, value) in [
        ("before_sha", json!("0".repeat(40))),
        ("tag", json!(false)),
        ("yaml_errors", json!(null)),
        ("duration", json!(30)),
        ("queued_duration", json!(2)),
        ("coverage", json!("85.75")),
    ] {
        assert_eq!(detail[name], value, "{name}");
    }
    assert_eq!(detail["user"]["username"], "root");
    let status = &detail["detailed_status"];
    assert_eq!(
        (&status["icon"], &status["text"], &status["label"], &status["group"], &status["details_path"]),
        (
            &json!("status_success"),
            &json!("Passed"),
            &json!("passed"),
            &json!("success"),
            &json!("/acme/demo/-/pipelines/1")
        )
    );
    assert_eq!(get(&server, "/pipelines/latest").await.json(), detail);
}

#[tokio::test]
async fn a_job_that_timed_out_reads_as_failed_and_says_why() {
    let (server, id) = server().await;
    let slow = json!({"sha": SHA, "ref": "refs/tags/v1", "stage": "test", "name": "slow", "status": "timedout",
        "allow_failure": true, "web_url": "https://ci.example/run", "pipeline_key": "run 7"});
    server.post(&format!("/native/v1/repositories/{id}/reports"), slow).await;
    let job = get(&server, "/jobs/1").await.json();
    assert_eq!(
        (&job["status"], &job["failure_reason"], &job["stage"], &job["allow_failure"], &job["tag"]),
        (&json!("failed"), &json!("stuck_or_timeout_failure"), &json!("test"), &json!(true), &json!(true))
    );
    let status = &get(&server, &format!("/repository/commits/{SHA}/statuses")).await.json()[0];
    assert_eq!((&status["status"], &status["failure_reason"]), (&json!("failed"), &job["failure_reason"]));
    assert_eq!(ids(&get(&server, "/pipelines/1/jobs?scope=failed").await), [1]);
    let pipeline = &get(&server, "/pipelines?name=run+7").await.json()[0];
    assert_eq!(
        (&pipeline["name"], &pipeline["web_url"]),
        (&json!("run 7"), &json!("https://ci.example/run"))
    );
}

#[tokio::test]
async fn links_are_on_the_address_that_the_client_called() {
    let (server, _) = server().await;
    post(&server, json!({"state": "success"})).await;
    let asked = server.gitlab(Method::GET, "/api/v4/projects/acme%2Fdemo/pipelines/1/jobs?per_page=1&page=1");
    let answer = asked.header("host", "ci.example:8443").send().await;
    assert!(
        answer
            .header("link")
            .starts_with("<http://ci.example:8443/api/v4/projects/acme%2Fdemo/pipelines/1/jobs?")
    );
    let job = &answer.json()[0];
    assert_eq!(job["web_url"], "http://ci.example:8443/acme/demo/-/jobs/1");
    assert_eq!(job["user"]["web_url"], "http://ci.example:8443/root");
}
