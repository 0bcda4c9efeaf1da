//! A token allows no more than its scope and its repositories, on every route of every dialect.

use crate::report;
use edge::routes::RouteInfo;
use http::Method;
use serde_json::{Value, json};
use testkit::{TestResponse, TestServer};

/// A kind of token.
struct Token {
    word: String,
    of_administrator: bool,
    scope: &'static str,
    /// Whether it includes the repository; `None`: it is not limited to repositories.
    reaches: Option<bool>,
}

/// The required response to a token on a route.
#[derive(Debug, PartialEq)]
enum Must {
    Refuse(u16),
    /// Any response of the handler except success.
    NotDo,
    /// Data of the caller: returned, or refused to a token whose scope does not include it.
    MayShow,
    Pass,
}

fn must(route: &RouteInfo, token: &Token) -> Must {
    let at_most = match token.scope {
        "read" => 1,
        "report" => 2,
        _ => 3,
    };
    let in_repository = |least| match token.reaches {
        Some(false) => Must::Refuse(404),
        _ if at_most < least => Must::Refuse(403),
        _ => Must::Pass,
    };
    // The token itself names the repository, the other one too.
    if let Some(role) = route.admits.strip_suffix(" in the token's repository") {
        return match token.reaches {
            None => Must::Refuse(404),
            Some(_) if role == "role report" && at_most < 2 => Must::Refuse(403),
            Some(_) => Must::Pass,
        };
    }
    // No request here has an address or the token for metrics.
    match route.admits.split(',').next().unwrap_or_default() {
        "anybody" => Must::Pass,
        "role read" | "role read; public: anybody" => in_repository(1),
        "role report" => in_repository(2),
        "role manage" => in_repository(3),
        "administrator" if token.of_administrator && token.scope == "full" && token.reaches.is_none() => {
            Must::Pass
        }
        "administrator" => Must::Refuse(403),
        "signed in" if token.scope == "full" && token.reaches.is_none() => Must::Pass,
        // A created credential has the limits of the token that creates it.
        "signed in" if route.operation == "CreateExplorerToken" => Must::Pass,
        "signed in" if route.method != "GET" => Must::NotDo,
        "signed in" => Must::MayShow,
        other => panic!("{other}: say here what it admits"),
    }
}

/// A body that the route accepts, if this test knows the route.
fn body(route: &RouteInfo) -> Value {
    let sha = "1c46c505c84853887efe2ea9ea02a1333bae2237";
    match (route.dialect, route.operation) {
        ("native", "Report") => json!({"sha": sha, "ref": "dev", "name": "not to be", "status": "success"}),
        ("gitlab", "SetCommitStatus") => json!({"state": "success", "name": "not to be"}),
        ("bitbucket", _) => json!({"state": "SUCCESSFUL", "key": "not to be", "url": "https://ci.example/1"}),
        ("github", operation) if operation.contains("CheckRun") => {
            json!({"name": "not to be", "head_sha": sha, "conclusion": "success"})
        }
        ("github" | "gitea", _) => json!({"state": "success", "context": "not to be"}),
        ("native", "SetMergeRequest") => {
            json!({"source_branch": "not-to-be", "target_branch": "main", "head_sha": sha})
        }
        ("native", "AddRepository") => json!({"path": "acme/not-to-be"}),
        ("native", "ChangeRepository") => json!({"description": "not to be"}),
        ("native", "SetMember") => json!({"role": "manage"}),
        ("native", "CreateWebhook") => json!({"url": "https://not-to-be.example.com/"}),
        ("native", "Subscribe") => {
            json!({"repository": "acme/walked", "url": "https://not-to-be.example.com/", "format": "slack"})
        }
        ("native", "CreateDestination") => {
            json!({"kind": "github", "url": "https://not-to-be.example.com", "project": "a/b", "token": "t"})
        }
        ("native", "ChangeDestination") => json!({"enabled": false}),
        ("native", "ChangeWebhook") => json!({"disabled": true}),
        ("native", "CreateUser") => json!({"name": "not-to-be", "password": "password-of-user"}),
        ("native", "ChangeUser") => json!({"admin": true}),
        ("native", "LinkIdentity") => json!({"issuer": "https://not-to-be.example.com", "subject": "1"}),
        ("native", "CreateToken") => json!({"name": "not-to-be", "scope": "full"}),
        ("codearts-v2", "CreateRepository") => json!({"name": "not-to-be", "project_uuid": "0".repeat(32)}),
        _ => json!({}),
    }
}

async fn send(server: &TestServer, route: &RouteInfo, ids: &[(&str, String)], token: &Token) -> TestResponse {
    let mut target = route.path.replace("{folder}/{page}", "operating/tls").replace("{page}", "ci");
    for (name, value) in ids {
        target = target.replace(&format!("{{{name}}}"), value);
    }
    target = target.replace("{user}", if token.of_administrator { "root" } else { "keeper" });
    assert!(!target.contains('{'), "{target}: give the parameter a value here");
    let mut method: Method = route.method.parse().expect("a method");
    if route.operation == "Events" {
        // The response does not end: the status line shows whether the caller has access.
        method = Method::HEAD;
        target += &format!("?repository={}", ids[0].1);
    }
    if route.operation == "ShowRepoId" {
        target += "?group_name=acme&repository_name=walked";
    }
    if matches!(route.operation, "Search" | "PageSearch") {
        // A page repeats the text.
        target += "?q=wal";
    }
    let asked = server.ask(method, &target);
    let asked =
        if route.dialect == "gitlab" { asked.private_token(&token.word) } else { asked.token(&token.word) };
    asked.json(&body(route)).send().await
}

#[tokio::test]
async fn a_token_never_does_more_than_its_scope() {
    let server = TestServer::start().await;
    let id = server.repository("acme/walked", "private").await;
    let other = server.repository("acme/other", "private").await;
    server.user("keeper").await;
    let member = |repository: i64| {
        let asked = server.root(Method::PUT, &format!("/native/v1/repositories/{repository}/members/keeper"));
        asked.json(&json!({"role": "manage"})).send()
    };
    assert_eq!((member(id).await.status, member(other).await.status), (204, 204));
    report(&server, id, json!({})).await;
    let uuid = server.get(&format!("/native/v1/repositories/{id}")).await.json()["uuid"]
        .as_str()
        .unwrap()
        .to_owned();
    let ids = [
        ("repository_id", id.to_string()),
        ("repository_uuid", uuid),
        ("project", "acme%2Fwalked".to_owned()),
        ("owner", "acme".to_owned()),
        ("version", "latest".to_owned()),
        ("repo", "walked".to_owned()),
        ("project_id", "0".repeat(32)),
        ("project_uuid", "0".repeat(32)),
        ("sha", "1c46c505c84853887efe2ea9ea02a1333bae2237".to_owned()),
        ("branch", "dev".to_owned()),
        ("pipeline_id", "1".to_owned()),
        ("pipelines", "1...1".to_owned()),
        ("stage_id", "1".to_owned()),
        ("job_id", "1".to_owned()),
        ("merge_request_iid", "1".to_owned()),
        ("webhook_id", "1".to_owned()),
        ("delivery_id", "msg_0".to_owned()),
        ("destination_id", "1".to_owned()),
        ("subscription_id", "1".to_owned()),
        ("override_id", "1".to_owned()),
        ("state_id", "1".to_owned()),
        ("access", "AK0".to_owned()),
        ("name", "none".to_owned()),
        ("operation", "ListPipelineJobs".to_owned()),
        ("document", "codearts.json".to_owned()),
        ("provider", "none".to_owned()),
        ("stage_id", "1".to_owned()),
        // No token has this right.
        ("id", "2147483647".to_owned()),
    ];
    let mut tokens = Vec::new();
    for of_administrator in [true, false] {
        for scope in ["read", "report", "full"] {
            for (reaches, only) in [(None, None), (Some(true), Some(id)), (Some(false), Some(other))] {
                let mut wanted = json!({"name": "walker", "scope": scope});
                if let Some(only) = only {
                    wanted["repositories"] = json!([only]);
                }
                let user = if of_administrator { "root" } else { "keeper" };
                let word = server.token(user, wanted).await;
                tokens.push(Token { word, of_administrator, scope, reaches });
            }
        }
    }
    let before = server.get(&format!("/native/v1/repositories/{id}")).await.json();
    let (mut refused, mut passed) = (0, 0);
    for route in edge::route_table() {
        for token in &tokens {
            let must = must(route, token);
            // Allowed operations are not executed here, except reads.
            if must == Must::Pass && route.method != "GET" {
                continue;
            }
            let answer = send(&server, route, &ids, token).await;
            let what = format!(
                "{} {} ({}) by {} limited {:?}: {must:?}, but {answer:?}",
                route.method, route.path, route.admits, token.scope, token.reaches
            );
            match must {
                Must::Refuse(status) => assert_eq!(answer.status, status, "{what}"),
                Must::NotDo => assert!((400..500).contains(&answer.status), "{what}"),
                Must::MayShow => assert!([200, 403, 404].contains(&answer.status), "{what}"),
                Must::Pass => assert!(answer.status < 500 && ![401, 403].contains(&answer.status), "{what}"),
            }
            // Lists without a repository contain nothing of repositories that the token does not include.
            if token.reaches == Some(false) {
                assert!(!String::from_utf8_lossy(&answer.body).contains("walked"), "{what}");
            }
            if must == Must::Pass { passed += 1 } else { refused += 1 }
        }
    }
    assert!(refused > 200 && passed > 200, "{refused} {passed}");
    // Nothing was changed.
    assert_eq!(server.get(&format!("/native/v1/repositories/{id}")).await.json(), before);
    let jobs = server.get(&format!("/native/v1/repositories/{id}/pipelines/1/jobs")).await.json();
    assert_eq!(jobs["total"], 1);
    let users = server.get("/native/v1/users").await.json().to_string();
    assert!(!users.contains("not-to-be"), "{users}");
}
