//! Check runs that are refused, and what is adjusted in those that are not.

use super::checks::{annotation, change, create, show};
use super::{REPO, SHA, ask, get, server};
use http::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn invalid_reports_are_refused_with_githubs_errors_and_write_nothing() {
    let (server, repository) = server().await;
    let annotations =
        |count: usize| -> Vec<Value> { (1..=count).map(|line| annotation("a", line)).collect() };
    let with = |changed: Value| {
        let mut one = annotation("a", 1);
        for (name, value) in changed.as_object().unwrap() {
            one[name] = value.clone();
        }
        json!({"output": {"title": "t", "summary": "s", "annotations": [annotation("b", 1), one]}})
    };
    let long = "x".repeat(10 << 10);
    for (fields, field) in [
        (json!({"status": "done"}), "status"),
        (json!({"status": 1}), "status"),
        (json!({"status": "completed"}), "conclusion"),
        (json!({"status": "in_progress", "completed_at": "2026-11-23T10:00:00Z"}), "conclusion"),
        (json!({"conclusion": "failed"}), "conclusion"),
        (json!({"name": ""}), "name"),
        (json!({"name": null}), "name"),
        (json!({"name": long}), "name"),
        (json!({"name": "a\nb"}), "name"),
        (json!({"head_sha": "main"}), "head_sha"),
        (json!({"head_sha": &SHA[..7]}), "head_sha"),
        (json!({"head_sha": null}), "head_sha"),
        (json!({"external_id": long}), "external_id"),
        (json!({"output": "text"}), "output"),
        (json!({"output": {"summary": "s"}}), "output.title"),
        (json!({"output": {"title": "t"}}), "output.summary"),
        (
            json!({"output": {"title": "t", "summary": "s", "annotations": annotations(51)}}),
            "output.annotations",
        ),
        (json!({"output": {"title": "t", "summary": "s", "annotations": {}}}), "output.annotations"),
        (json!({"output": {"title": "t", "summary": "s", "annotations": [1]}}), "output.annotations"),
        (with(json!({"path": "../etc/passwd"})), "output.annotations[1].path"),
        (with(json!({"path": "/etc/passwd"})), "output.annotations[1].path"),
        (with(json!({"path": null})), "output.annotations[1].path"),
        (with(json!({"start_line": null})), "output.annotations[1].start_line"),
        (with(json!({"start_line": "1"})), "output.annotations[1].start_line"),
        (with(json!({"end_line": null})), "output.annotations[1].end_line"),
        (with(json!({"annotation_level": "error"})), "output.annotations[1].annotation_level"),
        (with(json!({"annotation_level": null})), "output.annotations[1].annotation_level"),
        (with(json!({"message": null})), "output.annotations[1].message"),
    ] {
        let refused = create(&server, fields.clone()).await;
        let body = refused.json();
        assert_eq!(
            (refused.status, &body["message"]),
            (422, &json!("Validation Failed")),
            "{fields}: {body}"
        );
        assert_eq!(
            (&body["errors"][0]["resource"], &body["errors"][0]["field"]),
            (&json!("CheckRun"), &json!(field)),
            "{body}"
        );
        assert_eq!(body["status"], "422");
    }
    let target = format!("{REPO}/check-runs");
    let send = |body: Vec<u8>| ask(&server, Method::POST, &target).body(body).send();
    for (body, status, message) in [
        (b"{".to_vec(), 400, "Problems parsing JSON"),
        (b"[]".to_vec(), 400, "Body should be a JSON object"),
        (vec![b'x'; (1 << 20) + 1], 413, "Payload too big"),
    ] {
        let refused = send(body).await;
        assert_eq!((refused.status, &refused.json()["message"]), (status, &json!(message)));
    }
    for query in ["?ref=a&ref=b", "?source=", "?ref=a%0Ab"] {
        let refused = ask(&server, Method::POST, &format!("{target}{query}"));
        let fields = json!({"name": "build", "head_sha": SHA});
        assert!([400, 422].contains(&refused.json(&fields).send().await.status), "{query}");
    }
    let pipelines =
        server.get(&format!("/native/v1/repositories/{repository}/pipelines?total=true")).await.json();
    assert_eq!(pipelines["total"], 0);
    // A change that is refused changes nothing.
    let run = create(&server, json!({"status": "in_progress"})).await.json();
    for fields in [
        json!({"status": "completed", "output": {"title": "t", "summary": "s"}}),
        json!({"conclusion": "success", "output": {"title": "t"}}),
        json!({"conclusion": "success", "output": {"summary": "s", "annotations": annotations(51)}}),
        json!({"conclusion": "success", "output": with(json!({"path": "a/../../b"}))["output"]}),
        json!({"conclusion": "success", "head_sha": "main"}),
    ] {
        let refused = change(&server, 1, fields.clone()).await;
        assert_eq!(refused.status, 422, "{fields}: {refused:?}");
        assert_eq!(show(&server, 1).await, run, "{fields}");
    }
    assert_eq!(change(&server, 2, json!({"status": "in_progress"})).await.status, 404);
}

#[tokio::test]
async fn what_is_only_displayed_never_costs_the_report() {
    let (server, _) = server().await;
    let text = "长".repeat(70_000);
    for (fields, adjusted) in [
        (json!({"details_url": "javascript:alert(1)"}), "target_url=dropped"),
        (json!({"details_url": 1}), "target_url=dropped"),
        (json!({"status": "in_progress", "started_at": "yesterday"}), "started_at=dropped"),
        (json!({"output": {"title": "t", "summary": "s", "text": text}}), "details=truncated"),
        (json!({"output": {"title": "t".repeat(300), "summary": "s"}}), "description"),
        (json!({"actions": [{"label": "a"}], "output": {"title": "t", "summary": "s", "images": [1]}}), ""),
    ] {
        let run = create(&server, fields.clone()).await;
        assert_eq!(run.status, 201, "{fields}: {run:?}");
        let header = run.header("x-stagepost-adjusted");
        assert!(header.contains(adjusted) || adjusted == "description", "{header}");
        assert_eq!(run.json()["details_url"], Value::Null);
    }
    let run = show(&server, 1).await;
    assert_eq!(run["output"]["text"].as_str().unwrap().chars().count(), 65_535);
}

#[tokio::test]
async fn callers_without_the_right_change_nothing() {
    let (server, id) = server().await;
    create(&server, json!({"status": "in_progress"})).await;
    let stranger = server.user("stranger").await;
    let reader = server.token("root", json!({"name": "r", "scope": "read"})).await;
    let body = json!({"name": "build", "head_sha": SHA, "conclusion": "success"});
    for (method, target) in
        [(Method::POST, format!("{REPO}/check-runs")), (Method::PATCH, format!("{REPO}/check-runs/1"))]
    {
        let asked = |token: &str| {
            server.ask(method.clone(), &target).header("authorization", &format!("token {token}"))
        };
        for (token, status, message) in [
            ("wrong", 401, "Bad credentials"),
            (stranger.as_str(), 404, "Not Found"),
            (reader.as_str(), 403, "Resource not accessible by personal access token"),
        ] {
            let refused = asked(token).json(&body).send().await;
            assert_eq!((refused.status, &refused.json()["message"]), (status, &json!(message)), "{method}");
        }
        let two = asked(testkit::ROOT).token("another").json(&body).send().await;
        assert_eq!(two.status, 400, "{two:?}");
        let nobody = server.ask(method.clone(), &target).json(&body).send().await;
        assert_eq!((nobody.status, &nobody.json()["message"]), (401, &json!("Requires authentication")));
        let absent = target.replace("acme/demo", "acme/absent");
        let unknown = ask(&server, method.clone(), &absent).json(&body).send().await;
        assert_eq!((unknown.status, &unknown.json()["message"]), (404, &json!("Not Found")));
    }
    for target in ["/check-runs/1", "/check-runs/1/annotations", "/check-suites/1"] {
        let hidden = server.ask(Method::GET, &format!("{REPO}{target}")).token(&stranger).send().await;
        assert_eq!(hidden.status, 404, "{target}");
    }
    let unknown = get(&server, "/commits/absent/check-runs").await;
    assert_eq!(
        (unknown.status, &unknown.json()["message"]),
        (422, &json!("No commit found for SHA: absent"))
    );
    assert_eq!(show(&server, 1).await["status"], "in_progress");
    // A check run of another repository has no address here.
    server.repository("acme/other", "private").await;
    let other = ask(&server, Method::PATCH, "/api/v3/repos/acme/other/check-runs/1").json(&body).send().await;
    assert_eq!(other.status, 404, "{id}");
}
