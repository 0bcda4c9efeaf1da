//! Insights of a repository over the API.

use crate::report;
use domain::SignedDuration;
use http::Method;
use serde_json::{Value, json};
use testkit::TestServer;

/// An attempt with this duration in seconds that ended this number of hours before 2026-11-24T00:00:00Z, the
/// server's time.
async fn ended(server: &TestServer, id: i64, job: &str, status: &str, hours: i64, seconds: i64, more: Value) {
    let now: domain::Timestamp = "2026-11-24T00:00:00Z".parse().unwrap();
    let finished = now - SignedDuration::from_hours(hours);
    let (stage, name) = job.split_once('/').unwrap();
    let mut fields = json!({"stage": stage, "name": name, "status": status, "finished_at": finished.to_string(),
        "started_at": (finished - SignedDuration::from_secs(seconds)).to_string()});
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = report(server, id, fields).await;
    assert_eq!(answer.status, 201, "{answer:?}");
}

async fn stocked() -> (TestServer, i64, String) {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let build = |n: i64| json!({"third_build_id": n.to_string(), "ref": "main"});
    ended(&server, id, "build/compile", "success", 0, 10, build(1)).await;
    ended(&server, id, "test/unit", "failed", 1, 60, build(2)).await;
    ended(&server, id, "test/unit", "success", 0, 40, build(3)).await;
    ended(&server, id, "test/unit", "success", 24 * 20, 50, json!({"ref": "dev", "third_build_id": "4"}))
        .await;
    ended(&server, id, "test/lint", "canceled", 1, 7, build(5)).await;
    let insights = format!("/native/v1/repositories/{id}/insights");
    (server, id, insights)
}

#[tokio::test]
async fn insights_tell_rates_durations_retries_and_who_is_flaky() {
    let (server, _, insights) = stocked().await;
    let found = server.get(&insights).await.json();
    assert_eq!(
        (&found["days"], &found["ref"], &found["sort"], &found["cut_before"]),
        (&json!(30), &json!(null), &json!("runs"), &json!(null))
    );
    assert_eq!(found["since"], "2026-10-26T00:00:00.000Z");
    assert_eq!(found["until"], "2026-11-24T00:00:00.000Z");
    let unit = json!({"stage": "test", "name": "unit", "runs": 3, "success": 2, "failed": 1, "timedout": 0, "canceled": 0,
        "skipped": 0, "success_rate": 2.0 / 3.0, "retried": 1, "flaky_commits": 1, "median_ms": 50_000, "p95_ms": 60_000});
    assert_eq!(found["jobs"][0], unit);
    let lint = &found["jobs"][2];
    assert_eq!(
        (&lint["name"], &lint["success_rate"], &lint["median_ms"]),
        (&json!("lint"), &json!(null), &json!(null))
    );
    assert_eq!((&found["total"]["runs"], &found["total"]["canceled"]), (&json!(4), &json!(1)));
    let per_day = found["per_day"].as_array().unwrap();
    assert_eq!((per_day.len(), &per_day[0]["date"]), (30, &json!("2026-10-26")));
    let last = &per_day[29];
    assert_eq!(
        (&last["date"], &last["success"], &last["success_rate"]),
        (&json!("2026-11-24"), &json!(2), &json!(1.0))
    );
    assert_eq!(per_day[28]["failed"], 1, "an hour before midnight is yesterday");
}

#[tokio::test]
async fn days_ref_and_order_are_asked_for() {
    let (server, _, insights) = stocked().await;
    let names = async |query: &str| {
        let found = server.get(&format!("{insights}?{query}")).await.json();
        let name = |job: &Value| job["name"].as_str().unwrap().to_owned();
        found["jobs"].as_array().unwrap().iter().map(name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names("sort=name").await, "compile lint unit");
    assert_eq!(names("sort=median").await, "unit compile lint");
    assert_eq!(names("ref=dev").await, "unit");
    assert_eq!(names("ref=dev&days=7").await, "", "older than that");
    let refused = [
        ("days=8", "days"),
        ("sort=speed", "sort"),
        ("days=7&days=30", "days"),
        ("days=", "days"),
        ("ref=", "ref"),
        ("sort=%20", "sort"),
    ];
    for (query, field) in refused {
        let answer = server.get(&format!("{insights}?{query}")).await;
        assert_eq!((answer.status, &answer.json()["field"]), (400, &json!(field)), "{query}");
    }
}

#[tokio::test]
async fn insights_are_for_who_may_read() {
    let (server, id, insights) = stocked().await;
    let other = server.user("amy").await;
    let status = async || server.ask(Method::GET, &insights).token(&other).send().await.status;
    assert_eq!(status().await, 404, "as one that does not exist");
    let member = server.root(Method::PUT, &format!("/native/v1/repositories/{id}/members/amy"));
    assert_eq!(member.json(&json!({"role": "read"})).send().await.status, 204);
    assert_eq!(status().await, 200);
    assert_eq!(server.ask(Method::GET, &insights).send().await.status, 401);
}
