//! Branches, tags and merge requests of the GitLab dialect, which follow from pipelines, and what no pipeline has
//! here.

use crate::gitlab::{SHA, get, post, post_on, server};
use domain::SignedDuration;
use http::Method;
use serde_json::{Value, json};
use testkit::{TestResponse, TestServer};

fn names(answer: &TestResponse) -> Vec<String> {
    let items = answer.json();
    let items = items.as_array().unwrap_or_else(|| panic!("{answer:?}"));
    items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

/// Reports on refs, one a minute; returns the commits.
async fn refs(server: &TestServer, refs: &[&str]) -> Vec<String> {
    let mut commits = Vec::new();
    for (number, git_ref) in refs.iter().enumerate() {
        server.clock.advance(SignedDuration::from_mins(1));
        let sha = format!("{:040x}", number + 1);
        assert_eq!(post_on(server, &sha, json!({"state": "success", "ref": git_ref})).await.status, 201);
        commits.push(sha);
    }
    commits
}

#[tokio::test]
async fn branches_and_tags_are_the_refs_with_pipelines() {
    let (server, _) = server().await;
    for list in ["/repository/branches", "/repository/tags"] {
        let none = get(&server, list).await;
        assert_eq!((none.status, none.json(), none.header("x-total")), (200, json!([]), "0"));
    }
    let all =
        ["main", "feature/B", "dev", "refs/tags/v1", "refs/merge-requests/7/head", "refs/tags/v2", "main"];
    let commits = refs(&server, &all).await;
    for (query, wanted) in [
        ("branches", &["dev", "feature/B", "main"][..]),
        ("branches?sort=updated_desc", &["main", "dev", "feature/B"]),
        ("branches?sort=updated_asc", &["feature/B", "dev", "main"]),
        ("branches?search=E", &["dev", "feature/B"]),
        ("branches?search=^de", &["dev"]),
        ("branches?search=/b$", &["feature/B"]),
        ("branches?search=^main$", &["main"]),
        ("branches?search=^ain", &[]),
        ("branches?search=%25", &[]),
        ("tags", &["v2", "v1"]),
        ("tags?order_by=name&sort=asc", &["v1", "v2"]),
        ("tags?order_by=updated&sort=asc", &["v1", "v2"]),
        ("tags?search=^V1", &["v1"]),
        ("tags?search=refs", &[]),
    ] {
        let answer = get(&server, &format!("/repository/{query}")).await;
        assert_eq!(names(&answer), wanted, "{query}");
        assert_eq!(answer.header("x-total"), wanted.len().to_string(), "{query}");
    }
    let listed = get(&server, "/repository/branches").await.json();
    let main = get(&server, "/repository/branches/main").await.json();
    assert_eq!(main, listed[2]);
    for (name, value) in [
        ("name", json!("main")),
        ("default", json!(true)),
        ("protected", json!(false)),
        ("merged", json!(false)),
        ("web_url", json!("http://localhost/acme/demo/-/tree/main")),
    ] {
        assert_eq!(main[name], value, "{name}");
    }
    assert_eq!((&main["commit"]["id"], &listed[0]["default"]), (&json!(commits[6]), &json!(false)));
    assert_eq!(main["commit"]["created_at"], "2026-11-24T00:07:00.000Z", "that of the newest pipeline");
    let encoded = get(&server, "/repository/branches/feature%2FB").await.json();
    assert_eq!((&encoded["name"], &encoded["commit"]["id"]), (&json!("feature/B"), &json!(commits[1])));
    for missing in ["none", "v1", "refs%2Ftags%2Fv1", "refs%2Fmerge-requests%2F7%2Fhead"] {
        let answer = get(&server, &format!("/repository/branches/{missing}")).await;
        let error = json!({"message": "404 Branch Not Found"});
        assert_eq!((answer.status, answer.json()), (404, error), "{missing}");
    }
    let tag = get(&server, "/repository/tags").await.json()[0].clone();
    assert_eq!((&tag["target"], &tag["commit"]["id"]), (&json!(commits[5]), &json!(commits[5])));
    assert_eq!((&tag["release"], &tag["message"]), (&Value::Null, &json!("")));
    for query in ["branches?sort=up", "branches?regex=.*", "tags?order_by=version", "branches?page=0"] {
        assert_eq!(get(&server, &format!("/repository/{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn many_branches_are_listed_in_pages_and_only_to_readers() {
    let (server, _) = server().await;
    let all: Vec<String> = (0..160).map(|number| format!("topic/{number:03}")).collect();
    refs(&server, &all.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut found = Vec::new();
    for page in 1..=4 {
        let answer = get(&server, &format!("/repository/branches?per_page=50&page={page}")).await;
        let totals = (answer.header("x-total"), answer.header("x-total-pages"));
        assert_eq!(totals, ("160", "4"), "{page}");
        found.extend(names(&answer));
    }
    assert_eq!(found, all);
    let keyset = get(&server, "/repository/branches?pagination=keyset&per_page=100&cursor=100").await;
    assert_eq!((names(&keyset), keyset.header("link")), (all[100..].to_vec(), ""));
    // The page after a page by number, which also passes the cursor that a client adds to it.
    let numbered = get(&server, "/repository/branches?per_page=50&page=1&cursor=7").await;
    assert!(numbered.header("link").contains("rel=\"next\""), "{numbered:?}");
    let stranger = server.user("stranger").await;
    for path in ["branches", "branches/topic%2F000", "tags", &format!("commits/{SHA}/merge_requests")] {
        let target = format!("/api/v4/projects/acme%2Fdemo/repository/{path}");
        let hidden = server.ask(Method::GET, &target).private_token(&stranger).send().await;
        let error = json!({"message": "404 Project Not Found"});
        assert_eq!((hidden.status, hidden.json()), (404, error), "{path}");
        assert_eq!(server.ask(Method::GET, &target).send().await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn keyset_pages_keep_the_order_of_tags_branches_and_projects() {
    let (server, _) = server().await;
    server.repository("acme/zoo", "private").await;
    refs(&server, &["refs/tags/b", "refs/tags/c", "refs/tags/a", "x", "w"]).await;
    let start = "/api/v4/projects/acme%2Fdemo/repository";
    for (list, wanted) in [
        (format!("{start}/tags?order_by=name&sort=asc"), &["a", "b", "c"][..]),
        (format!("{start}/tags?order_by=updated&sort=desc"), &["a", "c", "b"]),
        (format!("{start}/branches?sort=updated_desc"), &["w", "x"]),
        ("/api/v4/projects?order_by=name&sort=desc".to_owned(), &["zoo", "demo"]),
    ] {
        let (mut next, mut found) = (Some(format!("{list}&pagination=keyset&per_page=1")), Vec::new());
        while let Some(target) = next {
            let answer = server.gitlab(Method::GET, &target).send().await;
            assert_eq!(answer.status, 200, "{answer:?}");
            found.extend(names(&answer));
            let link = answer.header("link").strip_prefix("<http://localhost");
            next = link.and_then(|link| link.strip_suffix(">; rel=\"next\"")).map(str::to_owned);
        }
        assert_eq!(found, wanted, "{list}");
    }
    // The cursor of these lists is an id.
    for list in ["jobs?order_by=name", "pipelines?order_by=ref", "pipelines?order_by=updated_at"] {
        assert_eq!(get(&server, &format!("/{list}&pagination=keyset")).await.status, 400, "{list}");
    }
}

#[tokio::test]
async fn a_commit_is_read_by_the_names_of_its_branch_or_tag() {
    let (server, _) = server().await;
    let commits = refs(&server, &["refs/tags/v1", "main", "refs/tags/both", "both"]).await;
    let listed = get(&server, "/repository/tags?order_by=name").await;
    assert_eq!(names(&listed), ["v1", "both"]);
    for (named, commit) in [
        ("v1", 0),
        ("tags%2Fv1", 0),
        ("refs%2Ftags%2Fv1", 0),
        ("main", 1),
        ("heads%2Fmain", 1),
        ("tags%2Fboth", 2),
        // The branch precedes.
        ("both", 3),
        ("heads%2Fboth", 3),
    ] {
        let of = |more: &str| format!("/repository/commits/{named}{more}");
        assert_eq!(get(&server, &of("")).await.json()["id"], commits[commit], "{named}");
        let statuses = get(&server, &of("/statuses")).await.json();
        assert_eq!(statuses[0]["sha"], commits[commit], "{named}");
        assert_eq!(get(&server, &of("/merge_requests")).await.status, 200, "{named}");
    }
    for absent in ["heads%2Fv1", "refs%2Fheads%2Fv1", "tags%2Fmain", "v2"] {
        let answer = get(&server, &format!("/repository/commits/{absent}")).await;
        assert_eq!(
            (answer.status, answer.json()),
            (404, json!({"message": "404 Commit Not Found"})),
            "{absent}"
        );
    }
}

#[tokio::test]
async fn a_commit_lists_the_merge_requests_that_have_or_had_it_as_their_head() {
    let (server, id) = server().await;
    let list = format!("/repository/commits/{SHA}/merge_requests");
    assert_eq!(get(&server, &list).await.json(), json!([]));
    post(&server, json!({"state": "success", "ref": "refs/merge-requests/3/head"})).await;
    post(&server, json!({"state": "success", "ref": "feature"})).await;
    let set = async |iid: i32, sha: &str| {
        let target = format!("/native/v1/repositories/{id}/merge-requests/{iid}");
        let branches = json!({"source_branch": "feature", "target_branch": "main", "head_sha": sha});
        assert_eq!(server.root(Method::PUT, &target).json(&branches).send().await.status, 200);
    };
    set(11, SHA).await;
    let later = "2".repeat(40);
    set(5, SHA).await;
    set(5, &later).await;
    set(8, &later).await;
    let answer = get(&server, &list).await;
    let iids: Vec<i64> =
        answer.json().as_array().unwrap().iter().map(|m| m["iid"].as_i64().unwrap()).collect();
    assert_eq!((iids, answer.header("x-total")), (vec![11, 5, 3], "3"));
    let found = answer.json();
    for (name, value) in [
        ("id", json!(11)),
        ("project_id", json!(id)),
        ("source_branch", json!("feature")),
        ("target_branch", json!("main")),
        ("state", json!("opened")),
        ("sha", json!(SHA)),
        ("web_url", json!("http://localhost/acme/demo/-/merge_requests/11")),
    ] {
        assert_eq!(found[0][name], value, "{name}");
    }
    assert_eq!((&found[1]["sha"], &found[2]["source_branch"]), (&json!(later), &json!("")));
    let second = get(&server, &format!("{list}?per_page=2&page=2")).await;
    assert_eq!(second.json(), json!([found[2]]));
    // A branch names the commit of its newest pipeline.
    assert_eq!(get(&server, "/repository/commits/feature/merge_requests").await.json(), found);
    assert_eq!(get(&server, "/repository/commits/none/merge_requests").await.status, 404);
}

#[tokio::test]
async fn a_test_report_has_a_suite_for_each_job_with_numbers_of_tests() {
    let (server, id) = server().await;
    post(&server, json!({"state": "success"})).await;
    let numbers = |total: i64, passed: i64, failed: i64, skipped: i64| {
        json!({"total_time": 0.0, "total_count": total, "success_count": passed, "failed_count": failed,
            "skipped_count": skipped, "error_count": 0})
    };
    let with = |mut object: Value, more: Value| {
        object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        object
    };
    let report = get(&server, "/pipelines/1/test_report").await.json();
    assert_eq!(report, with(numbers(0, 0, 0, 0), json!({"test_suites": []})));
    let most = i64::from(i32::MAX);
    for (name, build, tests) in [
        ("unit", "1", json!({"failed": 7, "passed": 1})),
        ("unit", "2", json!({"failed": 2, "passed": 40, "skipped": 1})),
        ("many", "1", json!({"passed": most, "skipped": most})),
    ] {
        let fields = json!({"sha": SHA, "ref": "main", "name": name, "status": "success", "third_build_id": build,
            "details": {"title": "x", "tests": tests}});
        crate::report(&server, id, fields).await;
    }
    let report = get(&server, "/pipelines/1/test_report").await.json();
    let none = json!({"suite_error": null, "test_cases": []});
    // Of the newest attempt of each job.
    let unit = with(with(numbers(43, 40, 2, 1), none.clone()), json!({"name": "unit"}));
    let many = with(with(numbers(2 * most, most, 0, most), none), json!({"name": "many"}));
    let totals = numbers(2 * most + 43, most + 40, 2, most + 1);
    assert_eq!(report, with(totals, json!({"test_suites": [unit, many]})));
    let summary = get(&server, "/pipelines/1/test_report_summary").await.json();
    let totals = json!({"time": 0.0, "count": 2 * most + 43, "success": most + 40, "failed": 2,
        "skipped": most + 1, "error": 0, "suite_error": null});
    let of = |name: &str, attempt: i64| json!({"name": name, "build_ids": [attempt], "suite_error": null});
    let suites =
        [with(numbers(43, 40, 2, 1), of("unit", 3)), with(numbers(2 * most, most, 0, most), of("many", 4))];
    assert_eq!(summary, json!({"total": totals, "test_suites": suites}));
}

#[tokio::test]
async fn test_reports_and_bridges_are_of_a_known_pipeline() {
    let (server, _) = server().await;
    post(&server, json!({"state": "success"})).await;
    let bridges = get(&server, "/pipelines/1/bridges?scope[]=success").await;
    assert_eq!((bridges.json(), bridges.header("x-total")), (json!([]), "0"));
    assert_eq!(get(&server, "/pipelines/1/bridges?scope[]=bogus").await.status, 400);
    for path in ["test_report", "test_report_summary", "bridges"] {
        assert_eq!(get(&server, &format!("/pipelines/2/{path}")).await.status, 404, "{path}");
    }
}
