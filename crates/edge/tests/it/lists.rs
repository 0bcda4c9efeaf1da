//! Lists of the pipelines and jobs of a repository: every filter, complete pages, exact totals.

use crate::report;
use domain::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::TestServer;

const FIRST: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";
const SECOND: &str = "1c47000000000000000000000000000000000000";
const THIRD: &str = "aa00000000000000000000000000000000000000";

/// Three pipelines and five attempts, a minute apart from 2026-11-24T00:00:00Z on.
async fn stocked() -> (TestServer, String) {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    for fields in [
        json!({"stage": "build", "status": "success", "third_build_id": "b1"}),
        json!({"stage": "test", "name": "unit", "status": "failed", "third_build_id": "b2", "description": "Flaky network"}),
        json!({"stage": "test", "name": "unit", "status": "running", "third_build_id": "b3"}),
        json!({"sha": SECOND, "ref": "main", "source": "jenkins", "pipeline_key": "Run-7",
            "trigger_user": "amy", "status": "pending"}),
        json!({"sha": THIRD, "ref": "release/1", "stage": "deploy", "name": "ship_100%", "status": "canceled"}),
    ] {
        let answer = report(&server, id, fields).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        server.clock.advance(SignedDuration::from_mins(1));
    }
    (server, format!("/native/v1/repositories/{id}"))
}

fn ids(list: &Value, of: &str) -> Vec<i64> {
    list[of].as_array().expect("a list").iter().map(|item| item["id"].as_i64().expect("an id")).collect()
}

/// Requests a list with and without its total; both must agree.
async fn check(server: &TestServer, repository: &str, of: &str, query: &str, expected: &[i64]) {
    let list = server.get(&format!("{repository}/{of}?{query}")).await.json();
    assert_eq!(ids(&list, of), expected, "{of}?{query}: {list}");
    assert_eq!((&list["next_before"], list.get("total")), (&json!(null), None), "{query}");
    let counted = server.get(&format!("{repository}/{of}?{query}&total=true")).await.json();
    assert_eq!(counted["total"], json!(expected.len()), "{of}?{query}");
}

#[tokio::test]
async fn pipelines_are_filtered_by_all_that_is_known_of_them() {
    let (server, repository) = stocked().await;
    for (query, expected) in [
        ("", [3, 2, 1].as_slice()),
        ("status=running", &[1]),
        ("status=pending,canceled", &[3, 2]),
        ("status=success", &[]),
        ("ref=dev", &[1]),
        ("ref=de", &[]),
        ("sha=1C4", &[2, 1]),
        (&format!("sha={FIRST}"), &[1]),
        ("source=jenkins", &[2]),
        ("source=external", &[3, 1]),
        ("key=Run-7", &[2]),
        ("key=run-7", &[]),
        ("user=amy", &[2]),
        ("since=2026-11-24T00:03:00Z", &[3, 2]),
        ("since=2026-11-24T08:03:00%2B08:00", &[3, 2]),
        ("until=2026-11-24T00:03:00Z", &[1]),
        ("since=2026-11-24T00:03:00Z&until=2026-11-24T00:04:00Z", &[2]),
        ("updated_since=2026-11-24T00:02:00Z", &[3, 2, 1]),
        ("updated_until=2026-11-24T00:04:00Z", &[2, 1]),
        ("q=RUN", &[2]),
        ("q=release", &[3]),
        ("q=1c46", &[1]),
        ("q=%25", &[]),
        ("sha=1c&status=pending,running&source=jenkins&user=amy&q=run&since=2026-11-24T00:00:00Z", &[2]),
        ("status=pending&ref=dev", &[]),
    ] {
        check(&server, &repository, "pipelines", query, expected).await;
    }
}

#[tokio::test]
async fn jobs_across_pipelines_are_filtered_by_all_that_is_known_of_them() {
    let (server, repository) = stocked().await;
    for (query, expected) in [
        ("", [5, 4, 3, 2, 1].as_slice()),
        ("status=failed", &[2]),
        ("status=pending,running", &[4, 3]),
        ("newest=true", &[5, 4, 3, 1]),
        ("newest=false", &[2]),
        ("ref=dev", &[3, 2, 1]),
        ("sha=1c4", &[4, 3, 2, 1]),
        (&format!("sha={THIRD}"), &[5]),
        ("source=jenkins", &[4]),
        ("stage=test", &[3, 2]),
        ("name=unit", &[3, 2]),
        ("name=uni", &[]),
        ("third_build_id=b2", &[2]),
        ("pipeline_id=1", &[3, 2, 1]),
        ("pipeline_id=9", &[]),
        ("since=2026-11-24T00:03:00Z", &[5, 4]),
        ("until=2026-11-24T00:01:00Z", &[1]),
        ("updated_since=2026-11-24T00:02:00Z&updated_until=2026-11-24T00:04:00Z", &[4, 3]),
        ("q=FLAKY", &[2]),
        ("q=100%25", &[5]),
        ("q=unit", &[3, 2]),
        ("ref=dev&stage=test&status=failed,running&newest=true&q=un&sha=1c46", &[3]),
        ("pipeline_id=1&source=jenkins", &[]),
    ] {
        check(&server, &repository, "jobs", query, expected).await;
    }
}

/// Programs decide by these lists whether a commit may be merged: a variable that is not set must not select
/// every commit or job.
#[tokio::test]
async fn an_empty_filter_is_refused() {
    let (server, repository) = stocked().await;
    let both = ["sha", "ref", "source", "status", "since", "until", "updated_since", "updated_until", "q"];
    let of_jobs = ["name", "stage", "third_build_id", "pipeline_id", "newest"];
    let of_pipelines = ["key", "user"];
    let lists = [("jobs", of_jobs.as_slice()), ("pipelines", &of_pipelines)];
    for (list, own) in lists {
        for name in both.iter().chain(own) {
            for query in [format!("{name}="), format!("{name}=&limit=1"), format!("{name}=%20")] {
                let answer = server.get(&format!("{repository}/{list}?{query}")).await;
                assert_eq!((answer.status, &answer.json()["field"]), (400, &json!(name)), "{list}?{query}");
            }
        }
    }
}

#[tokio::test]
async fn a_job_is_the_same_in_a_list_and_alone() {
    let (server, repository) = stocked().await;
    let listed = server.get(&format!("{repository}/jobs?third_build_id=b2")).await.json()["jobs"][0].clone();
    assert_eq!(server.get(&format!("{repository}/jobs/2")).await.json(), listed);
    let own = server.get(&format!("{repository}/pipelines/1/jobs?offset=1&limit=1")).await.json()["jobs"][0]
        .clone();
    for (field, value) in own.as_object().unwrap() {
        assert_eq!(&listed[field], value, "{field}");
    }
    assert_eq!(
        (&listed["heard_at"], &listed["reporter"]),
        (&json!("2026-11-24T00:01:00.000Z"), &json!("root"))
    );
    // A repeat changes nothing but updates the time of the last report.
    let repeat = json!({"stage": "test", "name": "unit", "status": "failed", "third_build_id": "b2", "description": "Flaky network"});
    let id = repository.rsplit('/').next().unwrap().parse().unwrap();
    assert_eq!(report(&server, id, repeat).await.json()["effect"], "repeated");
    let heard = server.get(&format!("{repository}/jobs/2")).await.json();
    assert_eq!(
        (&heard["heard_at"], &heard["updated_at"]),
        (&json!("2026-11-24T00:05:00.000Z"), &listed["updated_at"])
    );
    assert_eq!(server.get(&format!("{repository}/jobs/99")).await.error(), (404, "CH.000404".into()));
}

#[tokio::test]
async fn pages_walk_all_once_while_more_is_added() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let reports = format!("/native/v1/repositories/{id}/reports");
    let one = |n: usize| {
        let status = ["running", "failed", "success"][n % 3];
        json!({"sha": format!("{n:040x}"), "ref": format!("r{}", n % 3), "name": "build", "status": status})
    };
    let first: Vec<Value> = (0..60).map(one).collect();
    assert_eq!(server.post(&reports, json!(first)).await.status, 200);
    let mut added = 60;
    for of in ["pipelines", "jobs"] {
        for query in [
            "",
            "status=running,failed",
            "ref=r1",
            "ref=r1&status=failed",
            "sha=0000",
            "since=2026-11-24T00:00:00Z",
        ] {
            let list = format!("/native/v1/repositories/{id}/{of}?{query}");
            let (mut expected, mut seen) = (Vec::new(), Vec::new());
            for (limit, all) in [(100, &mut expected), (7, &mut seen)] {
                let mut before = String::new();
                loop {
                    let page = server.get(&format!("{list}&limit={limit}{before}")).await.json();
                    all.extend(ids(&page, of));
                    if limit == 7 {
                        assert_eq!(server.post(&reports, one(added)).await.status, 201);
                        added += 1;
                    }
                    let Some(next) = page["next_before"].as_i64() else { break };
                    before = format!("&before={next}");
                }
            }
            assert!(expected.len() >= 20, "{list}: {expected:?}");
            assert_eq!(seen, expected, "{list}");
            assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len(), "{list}");
        }
    }
    assert!(added > 100, "{added}");
}

#[tokio::test]
async fn bad_parameters_are_named() {
    let (server, repository) = stocked().await;
    let both = [
        ("status", "status=cancelled"),
        ("status", "status=failed,"),
        ("sha", "sha=main"),
        ("sha", &format!("sha={}", "a".repeat(65))),
        ("since", "since=yesterday"),
        ("since", "since=2026-11-24"),
        ("until", "until=2026-11-24T00:00:00"),
        ("updated_since", "updated_since=1"),
        ("updated_until", "updated_until=-1"),
        ("before", "before=0"),
        ("before", "before=2147483648"),
        ("before", "before=x"),
        ("limit", "limit=0"),
        ("limit", "limit=101"),
        ("total", "total=yes"),
        ("total", "total="),
        ("ref", "ref=a&ref=b"),
    ];
    let cases =
        both.iter().flat_map(|(field, query)| [("pipelines", *field, *query), ("jobs", *field, *query)]);
    let own = [
        ("jobs", "newest", "newest=2"),
        ("jobs", "pipeline_id", "pipeline_id=x"),
        ("jobs", "pipeline_id", "pipeline_id=0"),
        ("jobs/x", "job_id", ""),
        ("jobs/0", "job_id", ""),
        ("jobs/1/history", "limit", "limit=0"),
        ("jobs/1/history", "limit", "limit=1001"),
        ("jobs/1/history", "after", "after=-1"),
        ("jobs/1/history", "after", "after=x"),
        ("jobs/2147483648/history", "job_id", ""),
    ];
    for (path, field, query) in cases.chain(own) {
        let answer = server.get(&format!("{repository}/{path}?{query}")).await;
        assert_eq!(
            (answer.error(), answer.json()["field"].as_str()),
            ((400, "CH.00401999".into()), Some(field)),
            "{path}?{query}"
        );
    }
    for field in ["search", "archived"] {
        let answer = server.get(&format!("/native/v1/repositories?{field}=")).await;
        assert_eq!((answer.status, answer.json()["field"].as_str()), (400, Some(field)), "an empty filter");
    }
    for path in ["jobs", "pipelines"] {
        let answer = server.get(&format!("{repository}/{path}?sha=main")).await;
        assert_eq!(
            answer.json()["detail"],
            "'sha': 必须是提交 ID，或其开头的至少 1 位十六进制数。",
            "{path}"
        );
    }
}
