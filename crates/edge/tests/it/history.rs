//! The history of a job: every report with its effect and explanation, in both languages.

use crate::report;
use domain::SignedDuration;
use domain::actions::job_closings;
use http::Method;
use serde_json::{Value, json};
use testkit::TestServer;

async fn history(server: &TestServer, repository: i64, job: i64, language: &str) -> Vec<Value> {
    let target = format!("/native/v1/repositories/{repository}/jobs/{job}/history");
    let answer = server.root(Method::GET, &target).header("accept-language", language).send().await.json();
    assert_eq!(answer["next_after"], json!(null));
    answer["history"].as_array().expect("a history").clone()
}

fn of<'a>(entries: &'a [Value], field: &str) -> Vec<&'a str> {
    entries.iter().map(|entry| entry[field].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn every_report_says_what_it_did_and_why() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    for fields in [
        json!({}),
        json!({}),
        json!({"status": "success", "occurred_at": "2026-11-24T00:00:09Z", "coverage": 81.5}),
        json!({"status": "running", "target_url": "https://ci.example.com/1"}),
        json!({"status": "failed", "occurred_at": "2026-11-24T00:00:03Z", "description": "flaky"}),
    ] {
        let mut fields = fields;
        fields["third_build_id"] = "b".into();
        report(&server, id, fields).await;
        server.clock.advance(SignedDuration::from_secs(1));
    }
    let closed = json!({"job_id": 1, "reason": "branch is gone"});
    assert_eq!(server.post(&format!("/native/v1/repositories/{id}/closings"), closed).await.status, 200);

    let english = history(&server, id, 1, "en").await;
    assert_eq!(of(&english, "effect"), ["created", "repeated", "changed", "late", "late", "late"]);
    assert_eq!(of(&english, "status"), ["running", "running", "success", "running", "failed", "canceled"]);
    assert_eq!(
        of(&english, "status_after"),
        ["running", "running", "success", "success", "success", "success"]
    );
    assert_eq!(of(&english, "authority")[4..], ["reporter", "operator"]);
    assert_eq!(
        of(&english, "why"),
        [
            "The report started this attempt with status running.",
            "The report repeats the known state and changed nothing.",
            "The report changed status, coverage, finished_at; the resulting status is success.",
            "The attempt already had a later status, and a status never goes back, so the status stays success, and only target_url changed.",
            "The reported time is earlier (2026-11-24T00:00:03.000Z), so the status stays success, and only description changed.",
            "Closed manually by root as canceled (branch is gone); a result of the build system takes precedence, so the status stays success.",
        ]
    );
    let chinese = history(&server, id, 1, "zh").await;
    assert_eq!(
        of(&chinese, "why"),
        [
            "开始了这次执行，状态为运行中。",
            "与当前状态一致，没有变化。",
            "更新了 status、coverage、finished_at，此后状态为成功。",
            "该次执行已处于更后的状态，不会倒退，状态仍为成功，只更新了 target_url。",
            "该状态发生得更早（2026-11-24T00:00:03.000Z），状态仍为成功，只更新了 description。",
            "由 root 手动关闭为已取消（branch is gone）；以构建系统上报的结束状态为准，状态仍为成功。",
        ]
    );
    assert_eq!(
        english[2],
        json!({"report_id": 3, "reporter": "root", "credential": {"kind": "token", "id": "1", "name": "tests"},
            "dialect": "native", "authority": "reporter",
            "received_at": "2026-11-24T00:00:02.000Z", "occurred_at": "2026-11-24T00:00:09.000Z", "status": "success",
            "third_build_id": "b", "target_url": null, "description": null, "coverage": 81.5, "allow_failure": null,
            "started_at": null, "finished_at": null, "effect": "changed", "changed": ["status", "coverage", "finished_at"],
            "status_after": "success", "reason": null,
            "why": "The report changed status, coverage, finished_at; the resulting status is success."})
    );
    assert_eq!((&english[5]["reason"], &english[5]["reporter"]), (&json!("branch is gone"), &json!("root")));
}

#[tokio::test]
async fn the_watchdog_says_how_long_it_waited_and_gives_way_to_the_build_system() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let base = format!("/native/v1/repositories/{id}");
    let policies = json!({"silence_limit": 7_200, "stage_limits": {"deploy": 600, "manual": null}});
    let set = server.root(Method::PUT, &format!("{base}/policies")).json(&policies).send().await;
    assert_eq!(set.status, 200, "{set:?}");
    for stage in ["build", "deploy", "manual"] {
        report(&server, id, json!({"stage": stage, "third_build_id": stage})).await;
    }
    let statuses = async || {
        let jobs = server.get(&format!("{base}/jobs")).await.json();
        of(jobs["jobs"].as_array().unwrap(), "status")
            .iter()
            .rev()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    server.clock.advance(SignedDuration::from_secs(601));
    // A server that has just started cannot have received earlier reports.
    assert!(job_closings::watch(&server.app, SignedDuration::ZERO).await.0.is_empty());
    assert_eq!(job_closings::watch(&server.app, SignedDuration::MAX).await.0.len(), 1);
    assert_eq!(statuses().await, ["running", "timedout", "running"]);
    assert!(job_closings::watch(&server.app, SignedDuration::MAX).await.0.is_empty(), "once");

    // A report that changes nothing counts as activity.
    server.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(
        report(&server, id, json!({"stage": "build", "third_build_id": "build"})).await.json()["effect"],
        "repeated"
    );
    server.clock.advance(SignedDuration::from_hours(1) + SignedDuration::from_mins(55));
    assert!(job_closings::watch(&server.app, SignedDuration::MAX).await.0.is_empty());
    server.clock.advance(SignedDuration::from_mins(6));
    assert_eq!(job_closings::watch(&server.app, SignedDuration::MAX).await.0.len(), 1);
    assert_eq!(statuses().await, ["timedout", "timedout", "running"]);

    // The reported result takes precedence over the timeout, however late it arrives.
    server.clock.advance(SignedDuration::from_mins(1));
    let real =
        report(&server, id, json!({"stage": "build", "third_build_id": "build", "status": "success"})).await;
    assert_eq!((&real.json()["effect"], &real.json()["status"]), (&json!("changed"), &json!("success")));
    let entries = history(&server, id, 1, "en").await;
    assert_eq!(
        of(&entries, "why"),
        [
            "The report started this attempt with status running.",
            "The report repeats the known state and changed nothing.",
            "No report for longer than 2h: closed as timed out.",
            "The report changed status, finished_at; the resulting status is success.",
        ]
    );
    let guess = &entries[2];
    assert_eq!(
        (&guess["reporter"], &guess["dialect"], &guess["authority"], &guess["reason"]),
        (&json!(null), &json!("watchdog"), &json!("watchdog"), &json!("2h"))
    );
    assert_eq!(history(&server, id, 2, "zh").await[1]["why"], "超过 10m 没有收到任何上报，判定为超时。");
}

#[tokio::test]
async fn a_long_history_comes_in_pages() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    for _ in 0..7 {
        report(&server, id, json!({"name": "a", "third_build_id": "a"})).await;
        report(&server, id, json!({"name": "b", "third_build_id": "b"})).await;
    }
    let (mut seen, mut after) = (Vec::new(), json!(0));
    loop {
        let page = server
            .get(&format!("/native/v1/repositories/{id}/jobs/2/history?after={after}&limit=3"))
            .await
            .json();
        let entries = page["history"].as_array().unwrap();
        seen.extend(entries.iter().map(|entry| entry["report_id"].as_i64().unwrap()));
        after = page["next_after"].clone();
        if after.is_null() {
            break;
        }
        assert_eq!(entries.len(), 3);
    }
    assert_eq!(seen, [2, 4, 6, 8, 10, 12, 14]);
    let end = server.get(&format!("/native/v1/repositories/{id}/jobs/2/history?after=14")).await.json();
    assert_eq!(end, json!({"history": [], "next_after": null}));
    let none = server.get(&format!("/native/v1/repositories/{id}/jobs/9/history")).await;
    assert_eq!(none.error(), (404, "CH.000404".into()));
}
