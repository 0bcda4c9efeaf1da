//! Pipelines that the policies do not keep: listed and deleted.

use crate::report;
use domain::SignedDuration;
use domain::actions::retention;
use http::Method;
use serde_json::{Value, json};
use testkit::{TestResponse, TestServer};

async fn set(server: &TestServer, repository: i64, policies: Value) {
    let target = format!("/native/v1/repositories/{repository}/policies");
    assert_eq!(server.root(Method::PUT, &target).json(&policies).send().await.status, 200);
}

async fn prune(server: &TestServer, repository: i64, body: Value) -> TestResponse {
    server.post(&format!("/native/v1/repositories/{repository}/prune"), body).await
}

fn ids(list: &Value, of: &str) -> Vec<i64> {
    list[of].as_array().expect("a list").iter().map(|item| item["id"].as_i64().expect("an id")).collect()
}

#[tokio::test]
async fn what_is_listed_goes_and_the_rest_stays() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let other = server.repository("acme/other", "private").await;
    // Pipelines 1 to 5 of dev, a day apart, of which 2 has not ended; 6 is the only one of main.
    for (n, status) in ["success", "running", "failed", "success", "success"].into_iter().enumerate() {
        let sha = format!("{n:040x}");
        report(&server, id, json!({"sha": sha, "status": status})).await;
        report(&server, id, json!({"sha": sha, "name": "lint", "status": "success", "target_url": "https://ci.example.com/1"})).await;
        report(&server, other, json!({"sha": sha, "status": "success"})).await;
        server.clock.advance(SignedDuration::from_hours(24));
    }
    report(&server, id, json!({"ref": "main", "status": "success"})).await;
    server.clock.advance(SignedDuration::from_hours(24));

    let nothing = prune(&server, id, json!({"dry_run": true})).await.json();
    assert_eq!(nothing, json!({"would_go": [], "next_after": null}), "without policies all is kept");
    assert_eq!(
        prune(&server, id, json!({})).await.json(),
        json!({"pipelines": 0, "jobs": 0, "reports": 0, "more": false})
    );

    set(&server, id, json!({"keep_for": 4 * 86_400})).await;
    let old = prune(&server, id, json!({"dry_run": true})).await.json();
    assert_eq!(ids(&old, "would_go"), [1]);
    assert_eq!(
        old["would_go"][0],
        json!({"id": 1, "sha": "0".repeat(40), "ref": "dev", "status": "success",
            "updated_at": "2026-11-24T00:00:00.000Z", "job_count": 2})
    );
    set(&server, id, json!({"keep_for": 1, "keep_per_ref": 2})).await;
    assert_eq!(ids(&prune(&server, id, json!({"dry_run": true})).await.json(), "would_go"), [1, 3]);

    let base = format!("/native/v1/repositories/{id}");
    assert_eq!(
        ids(&server.get(&format!("{base}/pipelines")).await.json(), "pipelines"),
        [6, 5, 4, 3, 2, 1],
        "only looked at"
    );
    assert_eq!(
        prune(&server, id, json!({})).await.json(),
        json!({"pipelines": 2, "jobs": 4, "reports": 4, "more": false})
    );
    assert_eq!(
        ids(&server.get(&format!("{base}/pipelines?total=true")).await.json(), "pipelines"),
        [6, 5, 4, 2]
    );
    assert_eq!(server.get(&format!("{base}/jobs?total=true")).await.json()["total"], 7);
    for gone in ["pipelines/1", "pipelines/1/jobs", "jobs/1", "jobs/1/history"] {
        assert_eq!(server.get(&format!("{base}/{gone}")).await.status, 404, "{gone}");
    }
    assert_eq!(prune(&server, id, json!({})).await.json()["pipelines"], 0);
    // A late report creates a new pipeline with an unused id.
    let late = json!({"sha": "0".repeat(40), "ref": "gone", "status": "success"});
    assert_eq!(report(&server, id, json!({"pipeline_id": 1, "status": "success"})).await.status, 404);
    assert_eq!(report(&server, id, late).await.json()["pipeline_id"], 7);

    // Automatic retention deletes the same pipelines in all repositories.
    set(&server, id, json!({"keep_per_ref": 1})).await;
    set(&server, other, json!({"keep_per_ref": 3})).await;
    let mut round: Vec<(i32, u64)> = Vec::new();
    for (repository, pruned) in retention::prune_all(&server.app).await.0 {
        round.push((repository.get(), pruned.pipelines));
    }
    let [id, other] = [id, other].map(|id| i32::try_from(id).unwrap());
    assert_eq!(round, [(id, 1), (other, 2)]);
    assert_eq!(ids(&server.get(&format!("{base}/pipelines")).await.json(), "pipelines"), [7, 6, 5, 2]);
}

#[tokio::test]
async fn long_lists_go_on_where_they_ended() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let reports = format!("/native/v1/repositories/{id}/reports");
    // Dots in names must not break the cursor.
    let one = |n: usize| {
        let git_ref = format!("v1.{}.x", n % 2);
        json!({"sha": format!("{n:040x}"), "ref": git_ref, "name": "b", "status": "success"})
    };
    for part in [0..520, 520..1_040] {
        assert_eq!(server.post(&reports, json!(part.map(one).collect::<Vec<_>>())).await.status, 200);
        server.clock.advance(SignedDuration::from_secs(1));
    }
    for policies in [json!({"keep_per_ref": 10}), json!({"keep_for": 1, "keep_per_ref": 10})] {
        server.clock.advance(SignedDuration::from_secs(10));
        set(&server, id, policies.clone()).await;
        let first = prune(&server, id, json!({"dry_run": true})).await.json();
        assert_eq!(first["would_go"].as_array().unwrap().len(), 1_000, "{policies}");
        let rest = prune(&server, id, json!({"dry_run": true, "after": first["next_after"]})).await.json();
        assert_eq!(rest["next_after"], json!(null));
        let mut all = [ids(&first, "would_go"), ids(&rest, "would_go")].concat();
        all.sort_unstable();
        assert_eq!(all, (1..=1_020).collect::<Vec<i64>>(), "{policies}");
    }
    let mut gone = Vec::new();
    while gone.last().is_none_or(|(_, more)| *more) {
        let response = prune(&server, id, json!({})).await.json();
        gone.push((response["pipelines"].as_u64().unwrap(), response["more"].as_bool().unwrap()));
    }
    assert_eq!((gone.len(), gone[0], gone[10]), (11, (100, true), (20, false)));
    assert_eq!(
        server.get(&format!("/native/v1/repositories/{id}/pipelines?total=true")).await.json()["total"],
        20
    );
}

#[tokio::test]
async fn bad_prunes_are_named_and_take_nothing() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    for n in 0..3 {
        report(&server, id, json!({"sha": format!("{n:040x}"), "status": "success"})).await;
    }
    set(&server, id, json!({"keep_per_ref": 1})).await;
    for (field, body) in [
        ("prune", json!([])),
        ("dry_run", json!({"dry_run": "true"})),
        ("after", json!({"after": "1.1.dev"})),
        ("after", json!({"dry_run": true, "after": 7})),
        ("after", json!({"dry_run": true, "after": ""})),
        ("after", json!({"dry_run": true, "after": "1.dev"})),
        ("after", json!({"dry_run": true, "after": "x.1.dev"})),
        ("after", json!({"dry_run": true, "after": "99999999999999999999.1.dev"})),
        ("after", json!({"dry_run": true, "after": "1.0.dev"})),
    ] {
        let answer = prune(&server, id, body.clone()).await;
        assert_eq!(
            (answer.error(), answer.json()["field"].as_str()),
            ((400, "CH.00401999".into()), Some(field)),
            "{body}"
        );
    }
    let empty = server.root(Method::POST, &format!("/native/v1/repositories/{id}/prune")).send().await;
    assert_eq!(
        (empty.status, &empty.json()["field"]),
        (400, &json!("body")),
        "an empty body takes nothing away"
    );
    assert_eq!(
        server.get(&format!("/native/v1/repositories/{id}/pipelines?total=true")).await.json()["total"],
        3
    );
}
