//! The CodeArts dialect: shapes, paging, errors in both languages, responses that are never stale.

use crate::report;
use http::Method;
use serde_json::json;
use testkit::TestServer;

#[tokio::test]
async fn a_job_has_thirteen_keys_and_null_where_nothing_is_known() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    report(&server, id, json!({"name": "任务1", "status": "pending"})).await;
    let answer = server.get(&format!("/v4/repositories/{id}/pipelines/1/jobs")).await;
    assert_eq!((answer.status, answer.header("x-total")), (200, "1"));
    assert!(answer.header("content-type").starts_with("application/json"), "{answer:?}");
    assert_eq!(
        String::from_utf8(answer.body).unwrap(),
        "[{\"id\":1,\"sha\":\"1c46c505c84853887efe2ea9ea02a1333bae2237\",\"ref\":\"dev\",\"status\":\"pending\",\"name\":\"任务1\",\
         \"target_url\":null,\"created_at\":\"2026-11-24T08:00:00.000+08:00\",\"started_at\":null,\"finished_at\":null,\
         \"updated_at\":\"2026-11-24T08:00:00.000+08:00\",\"third_build_id\":null,\"stage_id\":1,\"stage\":\"external\"}]"
    );
}

#[tokio::test]
async fn an_acknowledged_report_is_in_the_next_answer() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let target = format!("/v4/repositories/{id}/pipelines/1/jobs");
    for status in ["pending", "running", "success"] {
        report(&server, id, json!({"status": status, "third_build_id": "b1"})).await;
        // Twice: the first response is built, the second comes from the cache.
        for _ in 0..2 {
            assert_eq!(server.get(&target).await.json()[0]["status"], status);
        }
    }
}

#[tokio::test]
async fn pages_have_the_total_of_all() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    for n in 0..25 {
        report(&server, id, json!({"name": format!("job {n}")})).await;
    }
    for (query, want) in [
        ("", 1..=20),
        ("?limit=1", 1..=1),
        ("?offset=20", 21..=25),
        ("?limit=100", 1..=25),
        ("?offset=3&limit=2", 4..=5),
    ] {
        let answer = server.get(&format!("/v4/repositories/{id}/pipelines/1/jobs{query}")).await;
        let ids: Vec<i64> =
            answer.json().as_array().unwrap().iter().map(|job| job["id"].as_i64().unwrap()).collect();
        assert_eq!((ids, answer.header("x-total")), (want.collect(), "25"), "{query}");
    }
    let past = server.get(&format!("/v4/repositories/{id}/pipelines/1/jobs?offset=2147483647")).await;
    assert_eq!((past.status, past.header("x-total"), past.json()), (200, "25", json!([])));
}

#[tokio::test]
async fn latest_jobs_are_the_newest_attempts_by_stage() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    for (stage, order, name, build, status) in [
        ("test", 2, "unit", "1", "failed"),
        ("build", 1, "compile", "1", "success"),
        ("test", 2, "unit", "2", "success"),
    ] {
        let fields = json!({"stage": stage, "stage_order": order, "name": name, "third_build_id": build, "status": status});
        report(&server, id, fields).await;
    }
    let latest = server.get(&format!("/v4/repositories/{id}/pipelines/1/latest-jobs")).await.json();
    assert_eq!((&latest["id"], &latest["status"]), (&json!(1), &json!("success")));
    let stages: Vec<_> = latest["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (&s["name"], &s["sort_id"], &s["jobs"][0]["id"]))
        .collect();
    assert_eq!(stages, [(&json!("build"), &json!(1), &json!(2)), (&json!("test"), &json!(2), &json!(3))]);
    assert_eq!(latest["stages"][1]["jobs"].as_array().unwrap().len(), 1);
    let all = server.get(&format!("/v4/repositories/{id}/pipelines/1/jobs")).await;
    assert_eq!(all.header("x-total"), "3", "the list has every attempt");
}

#[tokio::test]
async fn errors_have_their_codes_in_both_languages() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    report(&server, id, json!({})).await;
    let jobs = format!("/v4/repositories/{id}/pipelines/1/jobs");
    for (target, status, code, zh, en) in [
        (
            "/v4/repositories/99/pipelines/1/jobs".to_owned(),
            404,
            "CH.00402000",
            "该仓库不存在，请检查后重试。",
            "The repository does not exist. Check and try again.",
        ),
        (format!("/v4/repositories/{id}/pipelines/2/jobs"), 404, "CH.000404", "资源不存在", "Not Found"),
        (
            format!("/v4/repositories/{id}/pipelines/2/latest-jobs"),
            404,
            "CH.000404",
            "资源不存在",
            "Not Found",
        ),
        (
            format!("{jobs}?limit=0"),
            400,
            "CH.00401999",
            "'limit': 取值范围为 1-100。",
            "'limit': It must be between 1 and 100.",
        ),
        (
            format!("{jobs}?limit=1.5"),
            400,
            "CH.00401999",
            "'limit': 必须是整数。",
            "'limit': It must be an integer.",
        ),
        (
            format!("{jobs}?offset=-1"),
            400,
            "CH.00401999",
            "'offset': 取值范围为 0-2147483647。",
            "'offset': It must be between 0 and 2147483647.",
        ),
        (
            format!("{jobs}?limit=1&limit=2"),
            400,
            "CH.00401999",
            "'limit': 重复指定。",
            "'limit': It is specified twice.",
        ),
        (
            "/v4/nothing".to_owned(),
            404,
            "APIGW.0101",
            "API 不存在或未发布。",
            "The API does not exist or has not been published in the environment.",
        ),
    ] {
        let answer = server.get(&target).await;
        assert_eq!(answer.error(), (status, code.to_owned()), "{target}");
        assert_eq!(answer.json()["error_msg"], zh, "{target}");
        assert!(
            !answer.header("x-request-id").is_empty()
                && answer.header("content-type").starts_with("application/json")
        );
        let english = server.root(Method::GET, &target).header("x-language", "en-us").send().await;
        assert_eq!(english.json()["error_msg"], en, "{target}");
    }
}

#[tokio::test]
async fn targets_with_spare_slashes_are_understood() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    report(&server, id, json!({})).await;
    for target in [
        format!("//v4/repositories/{id}/pipelines/1/jobs"),
        format!("/v4/repositories/{id}/pipelines/1/jobs/?limit=1"),
    ] {
        assert_eq!(server.get(&target).await.status, 200, "{target}");
    }
}

#[tokio::test]
async fn repositories_can_be_found_by_every_call_the_sdks_have() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let shown = server.get(&format!("/v4/repositories/{id}")).await.json();
    assert_eq!((&shown["id"], &shown["path_with_namespace"]), (&json!(id), &json!("acme/demo")));
    let (uuid, project) = (shown["uuid"].as_str().unwrap(), shown["project_id"].as_str().unwrap());
    let listed = server.get("/v4/user/repositories?order_by=updated_at&sort=asc").await;
    assert_eq!((listed.header("x-total"), &listed.json()[0]["id"]), ("1", &json!(id)));
    assert_eq!(server.get(&format!("/v4/projects/{project}/repositories")).await.json()[0]["id"], id);
    let old = server.get("/v2/projects/repositories?page_index=1&page_size=10&search=demo").await.json();
    assert_eq!((&old["status"], &old["result"]["total"]), (&json!("success"), &json!(1)));
    assert_eq!(old["result"]["repositories"][0]["repository_uuid"], uuid);
    let by_uuid = server.get(&format!("/v2/repositories/{uuid}")).await.json();
    assert_eq!(by_uuid["result"]["repository_id"], id);
    // v1 creates one in the same project and returns only the UUID.
    let made = server
        .post("/v1/repositories", json!({"name": "second", "project_uuid": project, "visibility_level": 20}))
        .await;
    let uuid = made.json()["result"]["repository_uuid"].as_str().unwrap().to_owned();
    let second = server.get(&format!("/v2/repositories/{uuid}")).await.json();
    assert_eq!(
        (&second["result"]["repository_name"], &second["result"]["group_name"]),
        (&json!("second"), &json!("acme"))
    );
    // v1 and v2 use their envelope and their error codes.
    for (answer, status, code) in [
        (server.get(&format!("/v2/repositories/{}", "0".repeat(32))).await, 404, "CH.010117"),
        (server.get("/v2/repositories/abc").await, 400, "CH.010001"),
        (server.get("/v2/projects/repositories?page_size=101").await, 400, "CH.010001"),
        (
            server.post("/v1/repositories", json!({"name": "second", "project_uuid": project})).await,
            400,
            "CH.010001",
        ),
        (server.ask(Method::GET, "/v2/projects/repositories").send().await, 401, "CH.00000002"),
    ] {
        assert_eq!(answer.error(), (status, code.to_owned()));
        assert_eq!(answer.json()["status"], "failed");
    }
}

#[tokio::test]
async fn long_answers_are_compressed_for_who_can_read_it() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    for n in 0..20 {
        report(&server, id, json!({"name": format!("job {n}")})).await;
    }
    let target = format!("/v4/repositories/{id}/pipelines/1/jobs");
    let plain = server.get(&target).await;
    let packed = server.root(Method::GET, &target).header("accept-encoding", "gzip, deflate").send().await;
    assert_eq!((plain.header("content-encoding"), packed.header("content-encoding")), ("", "gzip"));
    assert!(packed.body.len() * 3 < plain.body.len() && packed.header("x-total") == "20");
}
