//! The native dialect: single reports, arrays and NDJSON, idempotency keys, imports.

use crate::report;
use http::Method;
use serde_json::{Value, json};
use testkit::TestServer;

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

#[tokio::test]
async fn one_report_is_answered_with_a_receipt() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let first = report(&server, id, json!({"third_build_id": "b"})).await;
    assert_eq!(first.status, 201);
    assert_eq!(
        first.json(),
        json!({"report_id": 1, "pipeline_id": 1, "stage_id": 1, "job_id": 1, "attempt": 1, "effect": "created",
            "changed": ["status"], "status": "running", "pipeline_status": "running"})
    );
    let again = report(&server, id, json!({"third_build_id": "b"})).await;
    assert_eq!(
        (again.status, &again.json()["effect"]),
        (201, &json!("repeated")),
        "acknowledged like the first"
    );
    let late = report(&server, id, json!({"third_build_id": "b", "status": "pending"})).await;
    assert_eq!(
        (late.status, &late.json()["effect"], &late.json()["status"]),
        (201, &json!("late"), &json!("running"))
    );
}

#[tokio::test]
async fn a_batch_is_answered_one_by_one_and_in_order() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let good =
        |name: &str| json!({"sha": SHA, "ref": "dev", "name": name, "status": "success", "unknown_field": 1});
    let items = [
        good("a"),
        json!({"sha": SHA}),
        json!(7),
        good("b"),
        json!({"sha": SHA, "ref": "dev", "name": 5, "status": "success"}),
    ];
    let target = format!("/native/v1/repositories/{id}/reports");
    let lines = items.iter().map(Value::to_string).collect::<Vec<_>>().join("\n") + "\n{broken\n\n";
    let array = server.post(&target, json!(items)).await;
    assert_eq!(array.status, 200);
    let answers = array.json();
    let receipts: Vec<(i64, Option<&str>)> = answers
        .as_array()
        .unwrap()
        .iter()
        .map(|a| (a["code"].as_i64().unwrap(), a["error"]["field"].as_str()))
        .collect();
    assert_eq!(
        receipts,
        [(201, None), (400, Some("status")), (400, Some("report")), (201, None), (400, Some("name"))]
    );
    let asked = server.root(Method::POST, &target).header("content-type", "application/x-ndjson").body(lines);
    let answer = asked.send().await;
    let codes: Vec<i64> = String::from_utf8(answer.body)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["code"].as_i64().unwrap())
        .collect();
    assert_eq!(codes, [201, 400, 400, 201, 400, 400]);
    let jobs = server.get(&format!("/native/v1/repositories/{id}/pipelines/1/jobs")).await.json();
    assert_eq!(jobs["total"], 2);
}

#[tokio::test]
async fn the_same_key_is_the_same_request() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let send = |name: &'static str, key: &'static str| {
        let body = json!([{"sha": SHA, "ref": "dev", "name": name, "status": "success"}, {"sha": "bad"}]);
        let asked = server.root(Method::POST, &format!("/native/v1/repositories/{id}/reports"));
        asked.header("idempotency-key", key).json(&body).send()
    };
    let (first, again) = (send("a", "k1").await, send("a", "k1").await);
    let receipts = |a: &testkit::TestResponse| {
        a.json().as_array().unwrap().iter().map(|x| x["receipt"].clone()).collect::<Vec<_>>()
    };
    assert_eq!((first.status, receipts(&first)), (again.status, receipts(&again)));
    assert_eq!(receipts(&first)[0]["effect"], "created");
    assert_eq!(send("b", "k1").await.error(), (422, "SP.00422".into()));
    assert_eq!(receipts(&send("a", "k2").await)[0]["effect"], "repeated");
}

#[tokio::test]
async fn reporters_choose_their_pipeline() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let pipeline = |fields: Value| {
        let answer = report(&server, id, fields);
        async move { answer.await.json()["pipeline_id"].as_i64() }
    };
    assert_eq!(pipeline(json!({})).await, Some(1));
    assert_eq!(pipeline(json!({"pipeline_key": "run-7"})).await, Some(2));
    assert_eq!(pipeline(json!({"pipeline_key": "run-7", "name": "other"})).await, Some(2));
    assert_eq!(pipeline(json!({"source": "jenkins"})).await, Some(3));
    assert_eq!(pipeline(json!({"pipeline_id": 2, "name": "third"})).await, Some(2));
    assert_eq!(report(&server, id, json!({"pipeline_id": 9})).await.error(), (404, "CH.000404".into()));
    let other = report(&server, id, json!({"pipeline_id": 2, "ref": "main"})).await;
    assert_eq!((other.error(), &other.json()["field"]), ((400, "CH.00401999".into()), &json!("ref")));
    let list = server.get(&format!("/native/v1/repositories/{id}/pipelines?limit=2")).await.json();
    assert_eq!((&list["pipelines"][0]["id"], &list["next_before"]), (&json!(3), &json!(2)));
    let rest = server.get(&format!("/native/v1/repositories/{id}/pipelines?before=2&sha=1c46")).await.json();
    assert_eq!((&rest["pipelines"][0]["id"], &rest["next_before"]), (&json!(1), &json!(null)));
    assert_eq!(server.get(&format!("/native/v1/repositories/{id}/pipelines/2")).await.json()["job_count"], 3);
}

#[tokio::test]
async fn imports_keep_ids_and_can_be_run_again() {
    let server = TestServer::start().await;
    let lines = [
        json!({"type": "repository", "id": 2111976239, "path": "demo/cicd"}),
        json!({"type": "pipeline", "repository_id": 2111976239, "id": 6, "sha": SHA, "ref": "dev",
            "stages": [{"id": 123, "name": "external",
            "jobs": [{"id": 31930, "name": "任务1", "status": "success", "created_at": "2025-05-17T11:02:25+08:00"}]}]}),
        json!({"type": "pipeline", "repository_id": 99, "sha": SHA, "ref": "dev", "created_at": "2025-05-17T11:02:25Z"}),
        json!({"type": "cheese"}),
    ];
    let body = lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let import = || server.root(Method::POST, "/native/v1/import").body(body.clone()).send();
    let results = |answer: testkit::TestResponse| {
        let text = String::from_utf8(answer.body).unwrap();
        text.lines()
            .map(|l| serde_json::from_str::<Value>(l).unwrap()["result"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(results(import().await), ["added", "added", "refused", "refused"]);
    assert_eq!(results(import().await), ["known", "known", "refused", "refused"]);
    let job = &server.get("/v4/repositories/2111976239/pipelines/6/jobs").await.json()[0];
    assert_eq!(
        (&job["id"], &job["stage_id"], &job["created_at"]),
        (&json!(31930), &json!(123), &json!("2025-05-17T11:02:25.000+08:00"))
    );
}

#[tokio::test]
async fn a_server_says_whether_it_lives_and_is_ready() {
    let server = TestServer::start().await;
    for target in ["/livez", "/healthz", "/readyz"] {
        assert_eq!(server.ask(Method::GET, target).send().await.status, 200, "{target}");
    }
    let verbose = server.ask(Method::GET, "/readyz?verbose").send().await;
    let verbose = String::from_utf8(verbose.body).unwrap();
    let durability = verbose.strip_prefix("[+] store\n[+] not stopping\ndurability: ").unwrap();
    // The PostgreSQL cluster of the tests runs with `fsync = off`, and its space is not known.
    let (durability, rest) = durability.split_once('\n').unwrap();
    assert!(["local", "process"].contains(&durability), "{verbose}");
    let (log, free) = ("write-ahead log: ok, 0 MiB\n", "free space: ");
    let is_sqlite = rest.starts_with(&format!("clock: ok\nids: ok\n{log}{free}"));
    assert!((is_sqlite || rest == "clock: ok\nids: ok\nok\n") && rest.ends_with("ok\n"), "{verbose}");
    if is_sqlite {
        domain::actions::trusted_time::observe(&server.app).await.unwrap();
        server.clock.jump(domain::SignedDuration::from_hours(24 * 400));
        domain::actions::trusted_time::observe(&server.app).await.unwrap();
        let verbose = server.ask(Method::GET, "/readyz?verbose").send().await;
        assert_eq!(verbose.status, 200, "the server is ready nevertheless");
        let line =
            "clock: 34560000 s ahead of the time last seen, counts for rules that delete by age in 21600 s\n";
        let verbose = String::from_utf8(verbose.body).unwrap();
        assert!(verbose.contains(line), "{verbose}");
    }
    server.edge.drain();
    let stopping = server.ask(Method::GET, "/readyz").send().await;
    assert_eq!(stopping.status, 503);
    assert!(String::from_utf8(stopping.body).unwrap().contains("[-] not stopping"));
    assert_eq!(server.ask(Method::GET, "/livez").send().await.status, 200);
}
