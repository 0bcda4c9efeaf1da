//! Commits, branches and tags, members and the id by names in the CodeArts API.

use crate::report;
use domain::SignedDuration;
use http::Method;
use serde_json::{Value, json};
use testkit::TestServer;

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

fn at(repository: i64, rest: &str) -> String {
    format!("/v4/repositories/{repository}/repository/{rest}")
}

/// Reports on refs, one a minute.
async fn refs(server: &TestServer, repository: i64, refs: &[(&str, &str)]) {
    for (git_ref, sha) in refs {
        server.clock.advance(SignedDuration::from_mins(1));
        report(server, repository, json!({"sha": sha, "ref": git_ref, "status": "success"})).await;
    }
}

/// The fields of a body that are not null.
fn known(body: &Value) -> Value {
    let known = body.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
    Value::Object(known.map(|(name, value)| (name.clone(), value.clone())).collect())
}

#[tokio::test]
async fn a_commit_has_its_newest_pipeline_and_merge_request() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let commit = async |named: &str| server.get(&at(id, &format!("commits?sha={named}"))).await;
    let unknown = commit(A).await;
    assert_eq!(
        (unknown.status, known(&unknown.json())),
        (200, json!({"id": A, "short_id": "aaaaaaaa", "project_id": id})),
        "every full id may be a commit"
    );
    assert_eq!(unknown.json().as_object().unwrap().len(), 32);
    report(
        &server,
        id,
        json!({"sha": A, "ref": "main", "status": "success", "web_url": "https://ci.example.com/1"}),
    )
    .await;
    refs(&server, id, &[("refs/merge-requests/3/head", A), ("refs/tags/v1", A)]).await;
    server.clock.advance(SignedDuration::from_mins(1));
    let failed = json!({"sha": A, "ref": "main", "status": "failed", "pipeline_key": "nightly"});
    report(&server, id, failed).await;
    let shown = commit(A).await.json();
    assert_eq!(
        (&shown["status"], &shown["created_at"]),
        (&json!("failed"), &json!("2026-11-24T08:00:00.000+08:00"))
    );
    assert_eq!(
        shown["last_pipeline"],
        json!({"id": 4, "web_url": null, "sha": A, "ref": "main", "status": "failed"})
    );
    assert_eq!(
        known(&shown["merge_request"]),
        json!({"id": 3, "iid": 3, "title": "", "state": "opened", "created_at": "2026-11-24T08:01:00.000+08:00"})
    );
    for named in ["main", "v1", "refs%2Ftags%2Fv1", "aaaa", &A.to_uppercase()] {
        assert_eq!(commit(named).await.json(), shown, "{named}");
    }
    // A name is taken as it is.
    refs(&server, id, &[("heads/main", B)]).await;
    assert_eq!(commit("heads%2Fmain").await.json()["id"], B);
    assert_eq!(commit("refs%2Fheads%2Fmain").await.json()["id"], A);
    assert_eq!(commit("heads%2Fdev").await.error(), (404, "CH.000404".into()));
    assert_eq!(commit("nothing").await.error(), (404, "CH.000404".into()));
    for (query, field) in [("", "sha"), ("?sha=", "sha"), ("?sha=main&stats=2", "stats")] {
        let refused = server.get(&at(id, &format!("commits{query}"))).await;
        assert_eq!(refused.error(), (400, "CH.00401999".into()), "{query}");
        let message = refused.json()["error_msg"].as_str().unwrap().to_owned();
        assert!(message.starts_with(&format!("'{field}': ")), "{message}");
    }
}

#[tokio::test]
async fn branches_and_tags_are_those_with_pipelines() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let all = [
        ("main", A),
        ("zeta/B", A),
        ("dev", B),
        ("refs/tags/v1", A),
        ("refs/merge-requests/7/head", A),
        ("refs/tags/v2", B),
        ("main", B),
    ];
    refs(&server, id, &all).await;
    let of_commit = |sha: &str, query: &str| format!("commits/{sha}/refs{query}");
    for (path, wanted) in [
        ("branches".to_owned(), &["dev", "main", "zeta/B"][..]),
        ("branches?sort=name".into(), &["zeta/B", "main", "dev"]),
        ("branches?sort=updated_desc&view=all".into(), &["main", "dev", "zeta/B"]),
        ("branches?sort=updated_asc&view=simple".into(), &["zeta/B", "dev", "main"]),
        ("branches?query_view=active&branch_type=not_protect".into(), &["dev", "main", "zeta/B"]),
        ("branches?query_view=my_branches".into(), &[]),
        ("branches?query_view=stale".into(), &[]),
        ("branches?creator=5".into(), &[]),
        ("tags".into(), &["v2", "v1"]),
        ("tags?order_by=name&sort=asc&view=detail".into(), &["v1", "v2"]),
        ("tags?order_by=created&sort=asc".into(), &["v1", "v2"]),
        ("tags?search=V1".into(), &["v1"]),
        ("tags?search=refs".into(), &[]),
        ("tags?creator=5".into(), &[]),
        ("refs".into(), &["dev", "main", "zeta/B", "v1", "v2"]),
        ("refs?type=branch".into(), &["dev", "main", "zeta/B"]),
        ("refs?type=tag".into(), &["v1", "v2"]),
        ("refs?search=e".into(), &["dev", "zeta/B"]),
        (of_commit(A, ""), &["main", "zeta/B", "v1"]),
        (of_commit(B, ""), &["dev", "main", "v2"]),
        (of_commit(B, "?type=tag"), &["v2"]),
        (of_commit("aaaa", "?type=branch"), &["main", "zeta/B"]),
        (of_commit(&"c".repeat(40), ""), &[]),
    ] {
        let answer = server.get(&at(id, &path)).await;
        let body = answer.json();
        let name = |item: &Value| item.as_str().or(item["name"].as_str()).unwrap().to_owned();
        let names: Vec<_> =
            body.as_array().unwrap_or_else(|| panic!("{path}: {answer:?}")).iter().map(name).collect();
        assert_eq!(names, wanted, "{path}");
        assert_eq!(answer.header("x-total"), wanted.len().to_string(), "{path}");
        let separator = if path.contains('?') { '&' } else { '?' };
        let page = server.get(&at(id, &format!("{path}{separator}offset=1&limit=1"))).await;
        let page_body = page.json();
        let page_names: Vec<_> = page_body.as_array().unwrap().iter().map(name).collect();
        assert_eq!(page_names, wanted.iter().skip(1).take(1).copied().collect::<Vec<_>>(), "{path}");
        assert_eq!(page.header("x-total"), answer.header("x-total"), "{path}");
    }
    assert_eq!(
        server.get(&at(id, "branches?sort=updated_desc&limit=1")).await.json(),
        json!([{"name": "main", "default": true, "can_delete": false, "can_read": true, "can_download": false,
            "can_push": false}])
    );
    assert_eq!(
        server.get(&at(id, "tags?limit=1")).await.json(),
        json!([{"name": "v2", "message": null, "target": B, "gpgKey": null, "can_delete": false, "can_read": true,
            "can_download": false}])
    );
}

#[tokio::test]
async fn a_branch_and_a_tag_have_the_commit_of_their_newest_pipeline() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    refs(&server, id, &[("feature/x", A), ("refs/tags/v1", A), ("feature/x", B)]).await;
    let commit = |sha: &str, time: &str| json!({"id": sha, "short_id": &sha[..8], "created_at": time});
    let branch = server.get(&at(id, "branch?branch_name=feature/x")).await.json();
    assert_eq!(known(&branch["commit"]), commit(B, "2026-11-24T08:03:00.000+08:00"));
    let mut rest = branch.clone();
    rest.as_object_mut().unwrap().remove("commit");
    assert_eq!(
        rest,
        json!({"name": "feature/x", "merged": null, "protected": null, "developers_can_push": null,
            "developers_can_merge": null, "can_push": false, "default": false})
    );
    let tag = server.get(&at(id, "tag?tag_name=v1")).await.json();
    assert_eq!((&tag["name"], &tag["message"], &tag["target"]), (&json!("v1"), &json!(null), &json!(A)));
    assert_eq!(known(&tag["commit"]), commit(A, "2026-11-24T08:01:00.000+08:00"));
    for (path, status, text) in [
        ("branch?branch_name=v1", 404, "分支不存在"),
        ("branch?branch_name=refs/tags/v1", 404, "分支不存在"),
        ("tag?tag_name=feature/x", 404, "标签不存在"),
        ("branch", 400, "'branch_name': "),
        ("tag?tag_name=", 400, "'tag_name': "),
        ("branches?sort=up", 400, "'sort': "),
        ("branches?view=detail", 400, "'view': "),
        ("branches?query_view=x", 400, "'query_view': "),
        ("tags?order_by=id", 400, "'order_by': "),
        ("refs?type=head", 400, "'type': "),
        ("refs?limit=x", 400, "'limit': "),
    ] {
        let answer = server.get(&at(id, path)).await;
        let code = if status == 404 { "CH.000404" } else { "CH.00401999" };
        assert_eq!(answer.error(), (status, code.into()), "{path}");
        assert!(answer.json()["error_msg"].as_str().unwrap().starts_with(text), "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn members_are_listed_for_those_who_manage() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let path = format!("/v4/repositories/{id}/members");
    let mut tokens = Vec::new();
    for (name, role) in [("zhang", "read"), ("li", "manage"), ("wang", "report")] {
        tokens.push(server.user(name).await);
        let set = server.root(Method::PUT, &format!("/native/v1/repositories/{id}/members/{name}"));
        assert_eq!(set.json(&json!({"role": role})).send().await.status, 204);
    }
    let disable = server.root(Method::PATCH, "/native/v1/users/wang").json(&json!({"disabled": true}));
    assert_eq!(disable.send().await.status, 200);
    let answer = server.ask(Method::GET, &path).token(&tokens[1]).send().await;
    let all = answer.json();
    let row = |item: &Value| {
        let text = |name: &str| item[name].as_str().unwrap().to_owned();
        (text("user_name"), text("repository_role_name"), text("repository_role_Id"))
    };
    let owned = |(name, role, id): (&str, &str, &str)| (name.to_owned(), role.to_owned(), id.to_owned());
    let wanted =
        [("li", "manage", "40"), ("root", "manage", "40"), ("wang", "report", "30"), ("zhang", "read", "20")];
    assert_eq!(all.as_array().unwrap().iter().map(row).collect::<Vec<_>>(), wanted.map(owned));
    assert_eq!(answer.header("x-total"), "4");
    let root = known(&all[1]);
    let iam_id = root["user_iam_id"].as_str().unwrap();
    assert_eq!(iam_id.len(), 32);
    assert_eq!(
        root,
        json!({"user_id": 1, "user_iam_id": iam_id, "user_name": "root", "tenant_name": all[0]["tenant_name"],
            "is_repo_creator": 1, "repository_role_name": "manage", "repository_role_Id": "40"})
    );
    let of_wang =
        (&all[2]["service_license_status"], &all[2]["is_repo_creator"], &all[2]["is_Project_admin"]);
    assert_eq!(of_wang, (&json!(null), &json!(0), &json!(null)));
    // What the SDKs send as an action.
    let query = "search=AN&permission=mr&action=mr%EF%BC%9Acreate,update&limit=1&offset=1";
    let found = server.get(&format!("{path}?{query}")).await;
    assert_eq!((row(&found.json()[0]).0.as_str(), found.header("x-total")), ("zhang", "2"));
    let reader = server.ask(Method::GET, &path).token(&tokens[0]).send().await;
    assert_eq!(reader.error(), (403, "CH.080403".into()));
    for query in ["?permission=x", "?limit=0"] {
        assert_eq!(
            server.get(&format!("{path}{query}")).await.error(),
            (400, "CH.00401999".into()),
            "{query}"
        );
    }
}

#[tokio::test]
async fn the_id_of_a_repository_is_found_by_its_names() {
    let server = TestServer::start().await;
    let id = server.repository("acme/tools/demo", "private").await;
    let path = |group: &str, name: &str| {
        format!("/v1/repositories/repoid?group_name={group}&repository_name={name}")
    };
    let found = server.get(&path("acme/tools", "demo")).await;
    assert_eq!((found.status, found.json()), (200, json!({"result": id, "status": "success"})));
    let stranger = server.user("stranger").await;
    let right = path("acme%2Ftools", "demo");
    assert_eq!(server.get(&right).await.status, 200);
    assert_eq!(server.ask(Method::GET, &right).send().await.error().0, 401);
    let hidden = server.ask(Method::GET, &right).token(&stranger).send().await;
    assert_eq!((hidden.error(), &hidden.json()["status"]), ((404, "CH.010117".into()), &json!("failed")));
    assert_eq!(server.get(&path("acme", "demo")).await.error(), (404, "CH.010117".into()));
    for (query, field) in [("?repository_name=demo", "group_name"), ("?group_name=acme", "repository_name")] {
        let refused = server.get(&format!("/v1/repositories/repoid{query}")).await;
        assert_eq!(refused.error(), (400, "CH.010001".into()), "{query}");
        let message = refused.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with(&format!("'{field}': ")), "{message}");
    }
}
