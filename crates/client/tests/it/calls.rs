//! What each call sends, and how its response is parsed.

use crate::stub::{ReceivedRequest, Stub, respond};
use serde_json::{Value, json};
use stagepost_client::imports::Chunks;
use stagepost_client::pipelines::PipelineFilter;
use stagepost_client::reports::Report;
use stagepost_client::repositories::{NewRepository, RepositoryChange, RepositoryFilter};
use stagepost_client::tokens::NewToken;
use stagepost_client::users::UserChange;
use stagepost_client::{ErrorKind, Language, Method};

fn query(request: &ReceivedRequest, name: &str) -> Option<usize> {
    let (_, query) = request.target.split_once('?')?;
    let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    pair.parse().ok()
}

fn pipeline(id: usize) -> Value {
    json!({"id": id, "repository_id": 7, "sha": "0", "ref": "dev", "source": "external", "pipeline_key": null,
        "status": "success", "web_url": null, "trigger_user": null, "created_at": "t", "updated_at": "t",
        "started_at": null, "finished_at": null, "job_count": 1, "version": 1})
}

fn repository(id: usize) -> Value {
    json!({"id": id, "uuid": "u", "project_id": "p", "project_name": "n", "path": format!("group/r{id}"),
        "description": null, "default_branch": "main", "visibility": "private", "archived": false,
        "web_url": null, "http_url": null, "ssh_url": null, "created_at": "t", "updated_at": "t"})
}

#[tokio::test]
async fn tokens_and_languages_are_sent_in_headers() {
    let stub = Stub::start(|_, _| respond(200, r#"{"users":[]}"#)).await;
    let client = stub.builder().language(Language::Chinese).build().unwrap();
    assert!(client.users().await.unwrap().is_empty());
    client.raw(Method::GET, "api/v4/version", None).await.unwrap();
    let requests = stub.requests();
    assert_eq!(requests[0].header("X-Auth-Token"), Some("hush"));
    assert_eq!(requests[0].header("Accept-Language"), Some("zh-CN"));
    assert!(requests[0].header("User-Agent").unwrap().starts_with("stagepost/"));
    assert_eq!(
        (requests[1].header("X-Auth-Token"), requests[1].header("PRIVATE-TOKEN")),
        (None, Some("hush"))
    );
    assert_eq!(requests[1].target, "/api/v4/version");
}

#[tokio::test]
async fn pipelines_are_paged_by_cursor_and_stop_at_the_limit() {
    let stub = Stub::start(|_, request| {
        let from = query(request, "before").unwrap_or(251);
        let to = from - query(request, "limit").unwrap().min(from - 1);
        let page: Vec<Value> = (to..from).rev().map(pipeline).collect();
        respond(200, json!({"pipelines": page, "next_before": (to > 1).then_some(to)}).to_string())
    })
    .await;
    let client = stub.client();
    let all = client.all_pipelines(7, &PipelineFilter::default(), None).await.unwrap();
    assert_eq!(all.iter().map(|p| p.id).collect::<Vec<_>>(), (1..=250).rev().collect::<Vec<_>>());
    assert_eq!(stub.requests().len(), 3);
    let some = client.all_pipelines(7, &PipelineFilter::default(), Some(120)).await.unwrap();
    assert_eq!(some.len(), 120);
    let requests = stub.requests();
    assert_eq!((requests.len(), query(&requests[4], "limit")), (5, Some(20)));
}

#[tokio::test]
async fn a_cursor_that_does_not_move_ends_the_list() {
    let stub =
        Stub::start(|_, _| respond(200, json!({"pipelines": [pipeline(5)], "next_before": 5}).to_string()))
            .await;
    assert_eq!(stub.client().all_pipelines(7, &PipelineFilter::default(), None).await.unwrap().len(), 2);
}

#[tokio::test]
async fn repositories_are_paged_by_offset_and_found_by_exact_path() {
    let stub = Stub::start(|_, request| {
        let offset = query(request, "offset").unwrap();
        let page: Vec<Value> = (offset + 1..=(offset + 100).min(130)).map(repository).collect();
        respond(200, json!({"repositories": page, "total": 130}).to_string())
    })
    .await;
    let client = stub.client();
    assert_eq!(client.all_repositories(&RepositoryFilter::default()).await.unwrap().len(), 130);
    assert_eq!(client.repository_by_path("/group/r129").await.unwrap().unwrap().id, 129);
    assert!(stub.requests()[2].target.contains("search=group%2Fr129"));
    assert!(client.repository_by_path("group/r").await.unwrap().is_none());
}

#[tokio::test]
async fn jobs_are_paged() {
    let job = json!({"id": 1, "pipeline_id": 6, "stage_id": 1, "stage": "external", "name": "任务1", "attempt": 1,
        "newest": true, "status": "success", "sha": "0", "ref": "dev", "third_build_id": null, "target_url": null,
        "description": null, "coverage": 87.5, "allow_failure": false, "created_at": "t", "updated_at": "t",
        "started_at": null, "finished_at": null});
    let stub = Stub::start(move |_, request| {
        let remaining = 150 - query(request, "offset").unwrap();
        let page = vec![job.clone(); remaining.min(100)];
        respond(200, json!({"jobs": page, "total": 150}).to_string())
    })
    .await;
    let jobs = stub.client().all_jobs(7, 6).await.unwrap();
    assert_eq!((jobs.len(), jobs[0].name.as_str()), (150, "任务1"));
    assert_eq!(stub.requests()[1].target, "/native/v1/repositories/7/pipelines/6/jobs?offset=100&limit=100");
}

#[tokio::test]
async fn codearts_jobs_have_their_total() {
    let stub = Stub::start(|_, _| respond(200, r#"[{"id":31930}]"#).header("X-Total", "41")).await;
    let page = stub.client().list_codearts_jobs(7, 6, 0, 1).await.unwrap();
    assert_eq!((page.jobs.len(), page.total), (1, Some(41)));
}

#[tokio::test]
async fn a_batch_has_a_result_for_each_report() {
    let stub = Stub::start(|_, request| {
        assert!(request.text().starts_with('['));
        respond(
            200,
            r#"[{"code":400,"error":{"type":"","title":"t","status":400,"detail":"d","code":"CH.1","request_id":"r"}}]"#,
        )
    })
    .await;
    let client = stub.client();
    let results = client.report_batch(7, &[Report::default()], "k").await.unwrap();
    assert_eq!((results[0].code, results[0].receipt.is_none()), (400, true));
    let two = vec![Report::default(); 2];
    assert_eq!(client.report_batch(7, &two, "k").await.unwrap_err().kind, ErrorKind::Other);
}

#[tokio::test]
async fn import_results_have_the_line_numbers_of_the_file() {
    let stub = Stub::start(|_, request| {
        assert_eq!(request.header("content-type"), Some("application/x-ndjson"));
        assert_eq!(request.text(), "{}\n{}\n");
        respond(200, "{\"line\":1,\"result\":\"added\"}\n{\"line\":2,\"result\":\"refused\"}\n")
    })
    .await;
    let chunk = Chunks::new(&b"\n{}\n\n{}"[..]).next_chunk().unwrap().unwrap();
    let results = stub.client().import(&chunk).await.unwrap();
    let lines: Vec<(u64, &str)> = results.iter().map(|r| (r.line, r.result.as_str())).collect();
    assert_eq!(lines, [(2, "added"), (4, "refused")]);
}

#[tokio::test]
async fn an_invalid_import_response_is_an_error() {
    for body in ["{\"line\":1,\"result\":\"added\"}\n", "{\"line\":0,\"result\":\"added\"}\n", "<html>"] {
        let stub = Stub::start(move |_, _| respond(200, body)).await;
        let chunk = Chunks::new(&b"{}\n{}\n"[..]).next_chunk().unwrap().unwrap();
        assert_eq!(stub.client().import(&chunk).await.unwrap_err().kind, ErrorKind::Other);
    }
}

#[tokio::test]
async fn administration_calls_have_the_documented_methods_and_paths() {
    let stub = Stub::start(|_, request| match request.method.as_str() {
        "PUT" | "DELETE" => respond(204, ""),
        _ => respond(404, r#"{"code":"CH.00402000","detail":"none"}"#),
    })
    .await;
    let client = stub.client();
    client.set_member(7, "amy", "report").await.unwrap();
    client.remove_member(7, "amy").await.unwrap();
    client.remove_key("AK1").await.unwrap();
    client.revoke_token("amy", 5).await.unwrap();
    let disabled = UserChange { disabled: Some(true), ..UserChange::default() };
    assert_eq!(client.change_user("a/b", &disabled).await.unwrap_err().kind, ErrorKind::NotFound);
    client.create_key("amy", &Default::default()).await.unwrap_err();
    client.create_token("amy", &NewToken { name: "ci".into(), ..NewToken::default() }).await.unwrap_err();
    let new = NewRepository { path: "g/r".into(), id: Some(9), ..NewRepository::default() };
    client.create_repository(&new).await.unwrap_err();
    let archived = RepositoryChange { archived: Some(true), ..RepositoryChange::default() };
    client.change_repository(9, &archived).await.unwrap_err();
    client.pipeline(9, 6).await.unwrap_err();
    let sent: Vec<String> =
        stub.requests().iter().map(|s| format!("{} {} {}", s.method, s.target, s.text())).collect();
    assert_eq!(
        sent,
        [
            r#"PUT /native/v1/repositories/7/members/amy {"role":"report"}"#,
            "DELETE /native/v1/repositories/7/members/amy ",
            "DELETE /native/v1/keys/AK1 ",
            "DELETE /native/v1/users/amy/tokens/5 ",
            r#"PATCH /native/v1/users/a%2Fb {"disabled":true}"#,
            "POST /native/v1/users/amy/keys {}",
            r#"POST /native/v1/users/amy/tokens {"name":"ci"}"#,
            r#"POST /native/v1/repositories {"path":"g/r","id":9}"#,
            r#"PATCH /native/v1/repositories/9 {"archived":true}"#,
            "GET /native/v1/repositories/9/pipelines/6 ",
        ]
    );
}

#[tokio::test]
async fn a_base_url_with_a_slash_or_a_prefix_works() {
    let stub = Stub::start(|_, _| respond(200, r#"{"projects":[{"id":"p","name":"n"}]}"#)).await;
    for (base, expected) in [("/", "/v3/projects?name=n"), ("/ci/", "/ci/v3/projects?name=n")] {
        let client = stagepost_client::Client::builder(format!("{}{base}", stub.url)).build().unwrap();
        assert_eq!(client.list_projects("n").await.unwrap()[0].id, "p");
        assert_eq!(stub.requests().last().unwrap().target, expected);
    }
}
