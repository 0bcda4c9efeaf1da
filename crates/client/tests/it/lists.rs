//! Long lists and batched operations: every page is requested once, short pages do not end a list, and every
//! list ends.

use crate::stub::{ReceivedRequest, Stub, respond};
use serde_json::{Value, json};
use stagepost_client::job_closings::JobClosing;
use stagepost_client::jobs::JobFilter;
use stagepost_client::merge_requests::NewMergeRequest;
use stagepost_client::pipelines::PipelineFilter;
use stagepost_client::policies::Policies;

fn found_job(id: i32) -> Value {
    json!({"id": id, "pipeline_id": 6, "stage_id": 1, "stage": "external", "name": "build", "attempt": 1,
        "newest": true, "status": "failed", "sha": "0", "ref": "dev",
        "third_build_id": null, "target_url": null, "description": null,
        "coverage": null, "allow_failure": false, "created_at": "t", "updated_at": "t", "started_at": null,
        "finished_at": null, "heard_at": "h", "reporter": null})
}

fn receipt(job: i32) -> Value {
    json!({"report_id": 1, "pipeline_id": 6, "stage_id": 2, "job_id": job, "attempt": 1, "effect": "changed",
        "changed": ["status"], "status": "canceled", "pipeline_status": "canceled"})
}

fn request_lines(stub: &Stub) -> Vec<String> {
    let line =
        |request: &ReceivedRequest| format!("{} {} {}", request.method, request.target, request.text());
    stub.requests().iter().map(|request| line(request).trim_end().to_owned()).collect()
}

#[tokio::test]
async fn a_short_or_empty_page_is_not_the_end() {
    let stub = Stub::start(|number, _| {
        let (page, next) = match number {
            0 => (vec![found_job(90)], Some(80)),
            1 => (vec![], Some(40)),
            2 => (vec![found_job(30), found_job(20)], Some(20)),
            _ => (vec![], None),
        };
        respond(200, json!({"jobs": page, "next_before": next}).to_string())
    })
    .await;
    let filter = JobFilter {
        pipeline: Some(6),
        statuses: vec!["failed".into(), "timedout".into()],
        newest: Some(true),
        git_ref: Some("a&b".into()),
        third_build_id: Some("#1".into()),
        since: Some("2026-11-24T00:00:00+08:00".into()),
        text: Some("100%".into()),
        ..JobFilter::default()
    };
    let jobs = stub.client().all_found_jobs(7, &filter, None).await.unwrap();
    assert_eq!(jobs.iter().map(|job| job.job.id).collect::<Vec<_>>(), [90, 30, 20]);
    assert_eq!((jobs[0].heard_at.as_str(), &jobs[0].reporter), ("h", &None));
    let query = "pipeline_id=6&status=failed%2Ctimedout&newest=true&ref=a%26b&third_build_id=%231\
                 &since=2026-11-24T00%3A00%3A00%2B08%3A00&q=100%25";
    let expected = |before: &str| format!("GET /native/v1/repositories/7/jobs?{query}{before}&limit=100");
    assert_eq!(request_lines(&stub), ["", "&before=80", "&before=40", "&before=20"].map(expected));
}

#[tokio::test]
async fn a_limit_reduces_the_page_size() {
    let stub = Stub::start(|_, _| {
        respond(200, json!({"jobs": [found_job(9), found_job(8)], "next_before": 8}).to_string())
    })
    .await;
    assert_eq!(stub.client().all_found_jobs(7, &JobFilter::default(), Some(1)).await.unwrap().len(), 1);
    assert_eq!(request_lines(&stub), ["GET /native/v1/repositories/7/jobs?limit=1"]);
    // The cursor does not move: one more request, then the list ends.
    assert_eq!(stub.client().all_found_jobs(7, &JobFilter::default(), None).await.unwrap().len(), 4);
}

#[tokio::test]
async fn totals_are_requested_with_one_item() {
    let stub = Stub::start(|_, request| {
        let list = if request.target.contains("/jobs") { "jobs" } else { "pipelines" };
        respond(200, json!({list: [], "next_before": null, "total": 41}).to_string())
    })
    .await;
    let client = stub.client();
    let filter = PipelineFilter {
        key: Some("run-7".into()),
        user: Some("amy".into()),
        updated_until: Some("t".into()),
        ..PipelineFilter::default()
    };
    assert_eq!(client.count_pipelines(7, &filter).await.unwrap(), 41);
    assert_eq!(client.count_jobs(7, &JobFilter::default()).await.unwrap(), 41);
    assert_eq!(
        request_lines(&stub),
        [
            "GET /native/v1/repositories/7/pipelines?key=run-7&user=amy&updated_until=t&limit=1&total=true",
            "GET /native/v1/repositories/7/jobs?limit=1&total=true",
        ]
    );
    let old = Stub::start(|_, _| respond(200, json!({"jobs": [], "next_before": null}).to_string())).await;
    assert!(old.client().count_jobs(7, &JobFilter::default()).await.is_err(), "a server without totals");
}

#[tokio::test]
async fn a_history_is_read_completely() {
    let entry = |id: i64| {
        json!({"report_id": id, "reporter": null, "dialect": "watchdog", "authority": "watchdog", "received_at": "t",
            "occurred_at": null, "status": "timedout", "third_build_id": null, "target_url": null, "description": null,
            "coverage": null, "allow_failure": null, "started_at": null, "finished_at": null, "effect": "changed",
            "changed": ["status"], "status_after": "timedout", "reason": "2h", "why": "w"})
    };
    let stub = Stub::start(move |number, _| {
        let next = (number == 0).then_some(5);
        respond(200, json!({"history": [entry(5 + number as i64)], "next_after": next}).to_string())
    })
    .await;
    let entries = stub.client().all_history(7, 3).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.report_id).collect::<Vec<_>>(), [5, 6]);
    assert_eq!(
        request_lines(&stub),
        [
            "GET /native/v1/repositories/7/jobs/3/history?limit=1000",
            "GET /native/v1/repositories/7/jobs/3/history?after=5&limit=1000",
        ]
    );
}

#[tokio::test]
async fn batched_operations_are_repeated_until_done() {
    let stub = Stub::start(|number, request| match request.target.rsplit('/').next().unwrap() {
        "closings" => respond(200, json!({"closed": [receipt(number as i32)], "more": number < 2}).to_string()),
        _ if request.text().contains("true") => {
            let after = (number == 3).then_some("c.1");
            let pipeline = json!({"id": number, "sha": "0", "ref": "dev", "status": "failed", "updated_at": "t",
                "job_count": 2});
            respond(200, json!({"would_go": [pipeline], "next_after": after}).to_string())
        }
        _ => respond(200, json!({"pipelines": 5, "jobs": 6, "reports": 7, "more": number < 6}).to_string()),
    })
    .await;
    let client = stub.client();
    let closing = JobClosing { sha: Some("1c46c50".into()), ..JobClosing::default() };
    assert_eq!(client.close_all_jobs(7, &closing).await.unwrap().len(), 3);
    assert_eq!(client.all_expired(7).await.unwrap().len(), 2);
    let pruned = client.prune_all(7).await.unwrap();
    assert_eq!((pruned.pipelines, pruned.jobs, pruned.reports, pruned.more), (10, 12, 14, false));
    assert_eq!(
        request_lines(&stub),
        [
            r#"POST /native/v1/repositories/7/closings {"sha":"1c46c50"}"#,
            r#"POST /native/v1/repositories/7/closings {"sha":"1c46c50"}"#,
            r#"POST /native/v1/repositories/7/closings {"sha":"1c46c50"}"#,
            r#"POST /native/v1/repositories/7/prune {"dry_run":true}"#,
            r#"POST /native/v1/repositories/7/prune {"dry_run":true,"after":"c.1"}"#,
            r#"POST /native/v1/repositories/7/prune {}"#,
            r#"POST /native/v1/repositories/7/prune {}"#,
        ]
    );
}

#[tokio::test]
async fn policies_are_sent_completely() {
    let expected =
        json!({"silence_limit": 60, "stage_limits": {"deploy": null}, "keep_for": null, "keep_per_ref": 3});
    let body = expected.to_string();
    let stub = Stub::start(move |_, _| respond(200, body.clone())).await;
    let policies: Policies = stub.client().policies(7).await.unwrap();
    assert_eq!(
        (policies.silence_limit, policies.stage_limits["deploy"], policies.keep_per_ref),
        (Some(60), None, Some(3))
    );
    stub.client().set_policies(7, &policies).await.unwrap();
    let request = &stub.requests()[1];
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        ("PUT", "/native/v1/repositories/7/policies")
    );
    assert_eq!(serde_json::from_str::<Value>(request.text()).unwrap(), expected);
}

#[tokio::test]
async fn merge_requests_are_set_shown_and_listed() {
    let stub = Stub::start(|_, request| {
        let mr = |iid: i32| {
            json!({"iid": iid, "source_branch": null, "target_branch": null, "head_sha": "a", "updated_at": "t",
                "head_pipeline": {"id": 6, "status": "failed"}})
        };
        let body = match request.target.as_str() {
            path if path.contains("actual-head") => json!({"data": null, "is_valid": false}),
            path if path.contains("before=8") => json!({"merge_requests": [mr(7)], "next_before": null}),
            path if path.contains("limit=") => json!({"merge_requests": [mr(9), mr(8)], "next_before": 8}),
            _ => mr(7),
        };
        respond(200, body.to_string())
    })
    .await;
    let client = stub.client();
    let new = NewMergeRequest {
        source_branch: "feature".into(),
        target_branch: "main".into(),
        head_sha: "a".into(),
    };
    assert_eq!(client.put_merge_request(1, 7, &new).await.unwrap().iid, 7);
    assert_eq!(client.merge_request(1, 7).await.unwrap().head_pipeline.unwrap().id, 6);
    let all = client.all_merge_requests(1, None).await.unwrap();
    assert_eq!(all.iter().map(|m| m.iid).collect::<Vec<_>>(), [9, 8, 7]);
    assert!(!client.actual_head_pipeline(1, 7).await.unwrap().is_valid);
    let requests = stub.requests();
    assert_eq!(requests[0].method, "PUT");
    let body: Value = serde_json::from_str(requests[0].text()).unwrap();
    assert_eq!(body, json!({"source_branch": "feature", "target_branch": "main", "head_sha": "a"}));
    let targets: Vec<&str> = requests.iter().map(|request| request.target.as_str()).collect();
    assert_eq!(
        targets,
        [
            "/native/v1/repositories/1/merge-requests/7",
            "/native/v1/repositories/1/merge-requests/7",
            "/native/v1/repositories/1/merge-requests?limit=100",
            "/native/v1/repositories/1/merge-requests?before=8&limit=100",
            "/v4/repositories/1/merge-requests/7/actual-head-pipeline",
        ]
    );
}
