//! Merge requests in the CodeArts API: whether the results allow the merge, one merge request, and lists.

use crate::report;
use domain::SignedDuration;
use http::Method;
use serde_json::{Value, json};
use testkit::{TestResponse, TestServer};

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/// Sets a merge request, a minute after what was before.
async fn set(server: &TestServer, repository: i64, iid: i64, source: &str, target: &str, sha: &str) {
    server.clock.advance(SignedDuration::from_mins(1));
    let path = format!("/native/v1/repositories/{repository}/merge-requests/{iid}");
    let body = json!({"source_branch": source, "target_branch": target, "head_sha": sha});
    assert_eq!(server.root(Method::PUT, &path).json(&body).send().await.status, 200);
}

fn at(repository: i64, rest: &str) -> String {
    format!("/v4/repositories/{repository}/merge-requests{rest}")
}

/// The numbers of a list, and `X-Total`.
fn listed(answer: &TestResponse) -> (Vec<i64>, String) {
    let items = answer.json();
    let items = items.as_array().unwrap_or_else(|| panic!("{answer:?}"));
    (items.iter().map(|item| item["iid"].as_i64().unwrap()).collect(), answer.header("x-total").to_owned())
}

#[tokio::test]
async fn a_merge_may_happen_when_the_head_has_succeeded_everywhere() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    set(&server, id, 7, "feature", "main", A).await;
    let state = async || server.get(&at(id, "/7/mergeable-state-out")).await;
    let passed = async || {
        let body = state().await.json();
        assert_eq!(body["state"], body["ci_state_passed"]);
        body["ci_state_passed"].as_bool().unwrap()
    };
    assert_eq!(
        state().await.json(),
        json!({"merge_request_id": 7, "state": false, "conflict_passed": true, "non_ff_passed": true,
            "merged_by_user_passed": true, "work_in_progress_passed": true, "resolve_discussion_passed": true,
            "ci_state_passed": false, "merge_by_self_passed": true, "can_force_merge": false, "vote_passed": true,
            "e2e_check_passed": true, "all_issues_passed": true, "only_one_issue_passed": true,
            "approval_reviewers_required_passed": true, "approval_approvers_required_passed": true,
            "evaluation_passed": true}),
        "without a pipeline it fails"
    );
    report(&server, id, json!({"sha": A, "ref": "feature", "status": "running"})).await;
    assert!(!passed().await);
    report(&server, id, json!({"sha": A, "ref": "feature", "status": "success"})).await;
    assert!(passed().await);
    let other = |status: &str| json!({"sha": A, "ref": "feature", "source": "other", "name": "lint", "status": status});
    report(&server, id, other("failed")).await;
    report(&server, id, json!({"sha": A, "ref": "feature", "status": "success", "pipeline_key": "again"}))
        .await;
    assert!(!passed().await, "a success of one build system hides no failure of another one");
    report(
        &server,
        id,
        json!({"sha": A, "ref": "feature", "source": "other", "name": "lint", "status": "success",
        "third_build_id": "2"}),
    )
    .await;
    assert!(passed().await);
    set(&server, id, 7, "feature", "main", B).await;
    assert!(!passed().await, "the new head has no pipeline");
}

#[tokio::test]
async fn a_merge_request_has_every_key_of_the_reference() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    set(&server, id, 7, "feature", "main", A).await;
    server.clock.advance(SignedDuration::from_mins(1));
    report(&server, id, json!({"sha": B, "ref": "refs/merge-requests/7/head", "status": "failed"})).await;
    let project = server.get(&format!("/v4/repositories/{id}")).await.json();
    let (project_id, updated) = (project["project_id"].clone(), project["updated_at"].clone());
    let brief = json!({"id": id, "description": null, "name": "demo", "name_with_namespace": "acme/demo",
        "path": "demo", "path_with_namespace": "acme/demo", "created_at": "2026-11-24T08:00:00.000+08:00", "updated_at": updated,
        "archived": false, "is_kia": null, "ssh_url_to_repo": null, "http_url_to_repo": null, "web_url": null,
        "readme_url": null, "project_id": project_id, "project_name": "acme", "develop_mode": "normal",
        "moderation_result": null});
    let shown =
        server.root(Method::GET, &at(id, "/7")).header("host", "stagepost.example").send().await.json();
    let known = json!({"id": 7, "iid": 7, "repository_id": id, "title": "", "state": "opened",
        "created_at": "2026-11-24T08:01:00.000+08:00", "updated_at": "2026-11-24T08:02:00.000+08:00",
        "source_branch": "feature", "target_branch": "main", "is_source_branch_default": false,
        "source_repository_id": id, "target_repository_id": id, "source_project_id": project_id,
        "target_project_id": project_id, "labels": [], "merge_when_build_succeeds": false,
        "merge_status": "unchecked", "sha": B, "auto_merge": false,
        "web_url": format!("http://stagepost.example/repositories/{id}/commits/{B}"),
        "source_repository": brief, "target_repository": brief});
    let known = known.as_object().unwrap();
    let (mut unknown, all) = (0, shown.as_object().unwrap());
    for (name, value) in all {
        assert_eq!(value, known.get(name).unwrap_or(&Value::Null), "{name}");
        unknown += usize::from(!known.contains_key(name));
    }
    assert_eq!((all.len(), unknown), (66, 44), "{all:?}");
    let list = server.get(&at(id, "")).await.json();
    let item = &list[0];
    for (name, value) in [
        ("iid", json!(7)),
        ("title", json!("")),
        ("state", json!("opened")),
        ("pipeline_status", json!("failed")),
        ("pipeline_status_with_code_quality", json!("failed")),
        ("codequality_status", json!(null)),
        ("author", json!(null)),
        ("merged_at", json!(null)),
        ("labels", json!([])),
        ("source_repository_id", json!(id)),
        ("source_product_id", project_id),
        ("product_name", json!("acme")),
    ] {
        assert_eq!(item[name], value, "{name}");
    }
    assert_eq!(item.as_object().unwrap().len(), 36);
    let of_commit = server.get(&format!("/v4/repositories/{id}/commits/{A}/merge-requests")).await;
    assert_eq!(listed(&of_commit), (vec![7], "1".into()), "it was the head");
    let item = &of_commit.json()[0];
    assert_eq!((item["sha"].as_str(), &item["merge_when_pipeline_succeeds"]), (Some(B), &json!(false)));
    assert_eq!(item.as_object().unwrap().len(), 36);
}

#[tokio::test]
async fn lists_are_filtered_ordered_and_counted() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let other = server.repository("acme/other", "private").await;
    set(&server, id, 1, "feature/login", "main", A).await;
    set(&server, id, 3, "fix", "main", A).await;
    set(&server, id, 2, "fix", "release", B).await;
    set(&server, id, 1, "feature/login", "main", B).await;
    set(&server, other, 9, "fix", "main", A).await;
    report(&server, id, json!({"sha": B, "ref": "fix", "status": "success"})).await;
    let project = server.get(&format!("/v4/repositories/{id}")).await.json();
    let project = project["project_id"].as_str().unwrap();
    let (mine, of_project) =
        ("/v4/merge-requests".to_owned(), format!("/v4/projects/{project}/merge-requests"));
    let list = at(id, "");
    let own = format!("?source_repository_id={id}");
    let own = own.as_str();
    for (path, query, wanted, total) in [
        (&list, "", &[3, 2, 1][..], 3),
        (&list, "?sort=asc", &[1, 2, 3], 3),
        (&list, "?order_by=updated_at", &[1, 2, 3], 3),
        (&list, "?order_by=updated_at&sort=asc&limit=1&offset=1", &[2], 3),
        (&list, "?source_branch=fix", &[3, 2], 2),
        (&list, "?source_branch=fix&target_branch=release", &[2], 1),
        (&list, "?search=LOGIN", &[1], 1),
        (&list, "?state=opened", &[3, 2, 1], 3),
        (&list, "?state=merged", &[], 0),
        (&list, "?state=closed", &[], 0),
        (&list, "?author_id=5", &[], 0),
        (&list, "?labels=x", &[], 0),
        (&list, "?source_repository_id=5", &[], 0),
        (&list, own, &[3, 2, 1], 3),
        (&list, "?only_count=true&source_branch=fix", &[], 2),
        (&list, "?offset=3", &[], 3),
        (&of_project, "", &[9, 2, 3, 1], 4),
        (&of_project, "?order_by=updated_at", &[9, 1, 2, 3], 4),
        (&of_project, "?topic=x", &[], 0),
        (&of_project, own, &[2, 3, 1], 3),
        (&mine, "", &[9, 2, 3, 1], 4),
        (&mine, own, &[2, 3, 1], 3),
        (&mine, "?only_count=true", &[], 4),
        (&mine, "?scope=all&state=opened&wip=no&view=basic&order_by=merged_at&limit=2", &[9, 2], 4),
        (&mine, "?scope=created_by_me", &[], 0),
        (&mine, "?wip=yes", &[], 0),
        (&mine, "?merged_after=2026-01-01", &[], 0),
        (&mine, "?merged_by=li", &[], 0),
        (&mine, "?created_after=2026-11-24T08:02:00%2B08:00&created_before=2026-11-24T00:05:00", &[2, 3], 2),
        (&mine, "?updated_after=2026-11-24T00:04:00Z", &[9, 1], 2),
        (&mine, "?state=locked", &[], 0),
    ] {
        let answer = server.get(&format!("{path}{query}")).await;
        assert_eq!(listed(&answer), (wanted.to_vec(), total.to_string()), "{path}{query}");
    }
    let statuses = server.get(&list).await.json();
    let statuses: Vec<_> = statuses.as_array().unwrap().iter().map(|item| &item["pipeline_status"]).collect();
    assert_eq!(statuses, [&json!(null), &json!("success"), &json!(null)]);
}

#[tokio::test]
async fn lists_show_only_repositories_that_the_caller_may_read() {
    let server = TestServer::start().await;
    let hidden = server.repository("acme/hidden", "private").await;
    let open = server.repository("acme/open", "internal").await;
    set(&server, hidden, 1, "a", "main", A).await;
    set(&server, open, 2, "b", "main", A).await;
    let reader = server.user("reader").await;
    let project = server.get(&format!("/v4/repositories/{hidden}")).await.json();
    let of_project = format!("/v4/projects/{}/merge-requests", project["project_id"].as_str().unwrap());
    for path in ["/v4/merge-requests", &of_project] {
        let asked = server.ask(Method::GET, path).token(&reader).send().await;
        assert_eq!(listed(&asked), (vec![2], "1".into()), "{path}");
        assert_eq!(listed(&server.get(path).await).1, "2", "{path}");
    }
}

#[tokio::test]
async fn refusals_come_in_order_and_name_the_parameter() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    set(&server, id, 7, "feature", "main", A).await;
    let stranger = server.user("stranger").await;
    for rest in ["?limit=0", "/7", "/7/mergeable-state-out"] {
        let path = at(id, rest);
        let nobody = server.ask(Method::GET, &path).send().await;
        assert_eq!(nobody.error(), (401, "CH.00000002".into()), "{path}");
        let hidden = server.ask(Method::GET, &path).token(&stranger).send().await;
        assert_eq!(hidden.error(), (404, "CH.00402000".into()), "{path}");
    }
    for rest in ["/8", "/8/mergeable-state-out"] {
        assert_eq!(server.get(&at(id, rest)).await.error(), (404, "CH.000404".into()), "{rest}");
    }
    let approvers = format!("/v4/repositories/{id}/approver-settings");
    let project = format!("/v4/projects/{}/merge-requests", "0".repeat(32));
    for (path, field) in [
        (at(id, "?limit=101"), "limit"),
        (at(id, "?offset=-1"), "offset"),
        (at(id, "?state=open"), "state"),
        (at(id, "?state=locked"), "state"),
        (at(id, "?order_by=merged_at"), "order_by"),
        (at(id, "?sort=up"), "sort"),
        (at(id, "?only_count=maybe"), "only_count"),
        (at(id, "?source_repository_id=abc"), "source_repository_id"),
        (at(id, "/0"), "merge_request_iid"),
        (at(id, "/x/mergeable-state-out"), "merge_request_iid"),
        ("/v4/merge-requests?scope=mine".into(), "scope"),
        ("/v4/merge-requests?created_after=yesterday".into(), "created_after"),
        ("/v4/merge-requests?view=all".into(), "view"),
        (format!("{project}?search={}", "x".repeat(513)), "search"),
        ("/v4/projects/abc/merge-requests".into(), "project_id"),
        (format!("{approvers}?target_type=tag"), "target_type"),
        (format!("{approvers}?limit=0"), "limit"),
    ] {
        let answer = server.get(&path).await;
        assert_eq!(answer.error(), (400, "CH.00401999".into()), "{path}");
        let message = answer.json()["error_msg"].as_str().unwrap().to_owned();
        assert!(message.starts_with(&format!("'{field}': ")), "{path}: {message}");
    }
    let settings = server.get(&approvers).await;
    assert_eq!((settings.status, settings.json(), settings.header("x-total")), (200, json!([]), "0"));
}

#[tokio::test]
async fn a_rule_of_the_gate_decides_instead_of_the_pipeline() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    set(&server, id, 7, "feature", "main", A).await;
    set(&server, id, 8, "feature", "develop", A).await;
    report(&server, id, json!({"sha": A, "ref": "feature", "name": "build", "status": "success"})).await;
    let passed = async |iid: i64| {
        let state = server.get(&at(id, &format!("/{iid}/mergeable-state-out"))).await;
        state.json()["ci_state_passed"].as_bool().unwrap()
    };
    assert!(passed(7).await && passed(8).await);
    let requirement = json!([{"job": "unit"}]);
    let rules = json!({"rules": [
        {"targets": ["main", "release/*"], "requirements": requirement},
        {"targets": ["main"], "requirements": [{"job": "build"}]},
    ]});
    let gates = format!("/native/v1/repositories/{id}/gates");
    assert_eq!(server.root(Method::PUT, &gates).json(&rules).send().await.status, 200);
    assert!(!passed(7).await, "a required job is absent");
    assert!(passed(8).await, "no rule applies to the target");
    report(&server, id, json!({"sha": A, "ref": "feature", "name": "unit", "status": "success"})).await;
    report(&server, id, json!({"sha": A, "ref": "feature", "name": "docs", "status": "failed"})).await;
    assert!(passed(7).await, "no rule requires the job that failed");
    assert!(!passed(8).await);

    let approvers = format!("/v4/repositories/{id}/approver-settings");
    let targets = async |query: &str| {
        let settings = server.get(&format!("{approvers}{query}")).await;
        let found = settings.json();
        let found = found.as_array().unwrap().iter();
        assert!(found.clone().all(|setting| setting["only_merge_when_pipeline_pass"] == true));
        let targets: Vec<String> =
            found.map(|setting| setting["target"].as_str().unwrap().to_owned()).collect();
        (targets.join(" "), settings.header("x-total").to_owned())
    };
    for (query, found, total) in [
        ("", "main release/*", "2"),
        ("?target_type=branch&limit=1&offset=1", "release/*", "2"),
        ("?target_type=project", "", "0"),
    ] {
        assert_eq!(targets(query).await, (found.to_owned(), total.to_owned()), "{query}");
    }
}

#[tokio::test]
async fn a_commit_counts_all_its_merge_requests_and_shows_a_page() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let own =
        |iid: i64| json!({"sha": A, "ref": format!("refs/merge-requests/{iid}/head"), "status": "success"});
    for iid in 1..=106 {
        report(&server, id, own(iid)).await;
    }
    let of_commit = format!("/v4/repositories/{id}/commits/{A}/merge-requests");
    for (query, wanted) in
        [("?limit=2", &[106, 105][..]), ("?offset=103&limit=20", &[3, 2, 1]), ("?offset=106", &[])]
    {
        let answer = server.get(&format!("{of_commit}{query}")).await;
        assert_eq!(listed(&answer), (wanted.to_vec(), "106".into()), "{query}");
    }
    let shown = server.get(&format!("/v4/repositories/{id}/repository/commits?sha={A}")).await.json();
    assert_eq!(shown["merge_request"]["iid"], 106);
}
