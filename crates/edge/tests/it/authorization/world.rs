//! Repositories of every visibility, users with every role, and a request for every route.

use edge::routes::RouteInfo;
use http::Method;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use testkit::{TestResponse, TestServer};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";
const MISSING: &str = "2147483000";

/// The caller.
pub struct Caller {
    pub name: &'static str,
    /// The user whose credential it is.
    pub user: &'static str,
    pub token: Option<String>,
    pub signs_in: bool,
    pub admin: bool,
    /// An access key of the user.
    pub key: String,
    /// The rank of the role in the repositories: 1 read, 2 report, 3 manage.
    pub role: u8,
}

/// A repository, and what is in it.
pub struct Repository {
    pub id: String,
    pub uuid: String,
    pub path: &'static str,
    pub visibility: &'static str,
    pub webhook: String,
    pub delivery: String,
    pub destination: String,
    pub state: String,
}

pub struct World {
    pub server: TestServer,
    pub callers: Vec<Caller>,
    pub repositories: Vec<Repository>,
    /// An id and names that do not exist.
    pub missing: Repository,
    /// Numbers for names that must be new.
    number: AtomicU32,
}

impl World {
    pub async fn create() -> Self {
        let server = TestServer::start().await;
        let mut repositories = Vec::new();
        for (path, visibility) in
            [("acme/private", "private"), ("acme/internal", "internal"), ("acme/public", "public")]
        {
            repositories.push(repository(&server, path, visibility).await);
        }
        let other = server.repository("acme/other", "private").await;
        server.user("guest").await;
        let mut callers = vec![caller("nobody", "nobody", None)];
        callers.push(caller("an unknown token", "nobody", Some(format!("spt_{}", "0".repeat(64)))));
        for (name, role) in [
            ("stranger", ""),
            ("neighbour", ""),
            ("reader", "read"),
            ("reporter", "report"),
            ("manager", "manage"),
        ] {
            let token = server.user(name).await;
            for repository in repositories.iter().filter(|_| !role.is_empty()) {
                set_member(&server, &repository.id, name, role).await;
            }
            let role = ["", "read", "report", "manage"].iter().position(|known| *known == role);
            let role = u8::try_from(role.unwrap()).unwrap();
            let key = key(&server, name).await;
            callers.push(Caller { signs_in: true, role, key, ..caller(name, name, Some(token)) });
        }
        set_member(&server, &other.to_string(), "neighbour", "manage").await;
        let root = Some(testkit::ROOT.to_owned());
        let key = key(&server, "root").await;
        callers.push(Caller { signs_in: true, admin: true, role: 3, key, ..caller("root", "root", root) });
        let disabled = server.user("disabled").await;
        for repository in &repositories {
            set_member(&server, &repository.id, "disabled", "manage").await;
        }
        let change = server.root(Method::PATCH, "/native/v1/users/disabled");
        assert_eq!(change.json(&json!({"disabled": true})).send().await.status, 200);
        callers.push(caller("a disabled user", "disabled", Some(disabled)));
        let soon = json!({"name": "short", "scope": "full", "expires_at": "2026-11-24T00:01:00Z"});
        let expired = server.token("root", soon).await;
        server.clock.advance(domain::SignedDuration::from_mins(2));
        callers.push(caller("an expired token of the administrator", "root", Some(expired)));
        let missing = Repository {
            id: MISSING.to_owned(),
            uuid: "f".repeat(32),
            path: "acme/missing",
            visibility: "missing",
            webhook: "1".to_owned(),
            delivery: "msg_0".to_owned(),
            destination: "1".to_owned(),
            state: "1".to_owned(),
        };
        Self { server, callers, repositories, missing, number: AtomicU32::new(0) }
    }

    /// Creates what a route deletes. Returns the id in the path.
    pub async fn prepare(
        &self,
        route: &RouteInfo,
        at: &Repository,
        user: &str,
    ) -> Option<(&'static str, String)> {
        let server = &self.server;
        let user = if route.admits.starts_with("administrator") { "guest" } else { user };
        if route.path.contains("/members/{user}") {
            set_member(server, &at.id, "guest", "read").await;
            return None;
        }
        let removes = route.method == "DELETE" || route.path.ends_with("/delete");
        if removes && route.path.contains("{webhook_id}") {
            return Some(("{webhook_id}", webhook(server, &at.id).await));
        }
        if removes && route.path.contains("{destination_id}") {
            return Some(("{destination_id}", destination(server, &at.id).await));
        }
        if removes && route.path.contains("{access}") {
            return Some(("{access}", key(server, user).await));
        }
        if removes && route.path.contains("/identities/{id}") {
            let wanted = json!({"issuer": "https://id.example", "subject": user});
            let linked = server.post(&format!("/native/v1/users/{user}/identities"), wanted).await.json();
            return Some(("{id}", linked["id"].to_string()));
        }
        if removes && route.path.contains("{id}") {
            let wanted = json!({"name": "t", "scope": "read"});
            let created = server.post(&format!("/native/v1/users/{user}/tokens"), wanted).await.json();
            return Some(("{id}", created["id"].to_string()));
        }
        None
    }

    pub async fn send(
        &self,
        route: &RouteInfo,
        at: &Repository,
        caller: &Caller,
        prepared: Option<(&str, String)>,
    ) -> TestResponse {
        let number = self.number.fetch_add(1, Ordering::SeqCst);
        let mut target = route.path.to_owned();
        if let Some((parameter, value)) = prepared {
            target = target.replace(parameter, &value);
        }
        let user = match route.admits {
            "signed in" if caller.signs_in => caller.user,
            _ => "guest",
        };
        for (parameter, value) in [
            ("{repository_id}", at.id.as_str()),
            ("{repository_uuid}", &at.uuid),
            ("{project}", &at.path.replace('/', "%2F")),
            ("{owner}", at.path.split('/').next().unwrap()),
            ("{repo}", at.path.split('/').next_back().unwrap()),
            ("{project_id}", &"0".repeat(32)),
            ("{project_uuid}", &"0".repeat(32)),
            ("{sha}", SHA),
            ("{branch}", "main"),
            ("{version}", "latest"),
            ("{webhook_id}", &at.webhook),
            ("{delivery_id}", &at.delivery),
            ("{destination_id}", &at.destination),
            ("{state_id}", &at.state),
            ("{override_id}", "1"),
            ("{pipelines}", "1...1"),
            ("{merge_request_iid}", "1"),
            ("{user}", user),
            ("{access}", &caller.key),
            ("{operation}", "ListPipelineJobs"),
            ("{document}", "codearts.json"),
        ] {
            target = target.replace(parameter, value);
        }
        for parameter in ["{pipeline_id}", "{stage_id}", "{job_id}", "{id}"] {
            target = target.replace(parameter, "1");
        }
        let mut method: Method = route.method.parse().unwrap();
        match route.operation {
            "BitbucketGetBuild" => target += "?key=build",
            "ShowCommit" => target += &format!("?sha={SHA}"),
            "ShowBranch" => target += "?branch_name=main",
            "JobRuns" | "PageJobRuns" => target += "?stage=external&name=build",
            "ComparePipelines" => target += "?with=1",
            "ShowTag" => target += "?tag_name=v1",
            "ShowRepoId" => {
                let (group, name) = at.path.split_once('/').unwrap();
                target += &format!("?group_name={group}&repository_name={name}");
            }
            // The response does not end: the header shows whether the caller has access.
            "Events" => {
                method = Method::HEAD;
                target = format!("{target}?repository={}", at.id);
            }
            _ => assert!(!target.contains('{'), "{target}: give the parameter a value here"),
        }
        let mut asked = self.server.ask(method, &target).header("accept-language", "en");
        if let Some(token) = &caller.token {
            let in_gitlab = route.dialect == "gitlab";
            asked = if in_gitlab { asked.private_token(token) } else { asked.token(token) };
            asked =
                if route.path == "/v3/auth/tokens" { asked.header("x-subject-token", token) } else { asked };
        }
        let asked = match route.dialect {
            "person" => asked.body(form(route, at, number)),
            _ if route.method == "GET" => asked,
            _ => asked.json(&body(route, number)),
        };
        asked.send().await
    }
}

fn caller(name: &'static str, user: &'static str, token: Option<String>) -> Caller {
    Caller { name, user, token, signs_in: false, admin: false, key: "AK0".into(), role: 0 }
}

pub async fn key(server: &TestServer, user: &str) -> String {
    let created = server.post(&format!("/native/v1/users/{user}/keys"), json!({})).await;
    created.json()["access"].as_str().unwrap().to_owned()
}

async fn repository(server: &TestServer, path: &'static str, visibility: &'static str) -> Repository {
    // As long as the missing one, so that pages have the same length.
    let id = (2_100_000_000 + path.len()).to_string();
    let wanted = json!({"path": path, "visibility": visibility, "id": id.parse::<i64>().unwrap()});
    assert_eq!(server.post("/native/v1/repositories", wanted).await.status, 201);
    let shown = server.get(&format!("/native/v1/repositories/{id}")).await.json();
    for git_ref in ["main", "refs/tags/v1"] {
        let sent = crate::report(server, id.parse().unwrap(), json!({"ref": git_ref})).await;
        assert_eq!(sent.status, 201);
    }
    let path_of_request = format!("/native/v1/repositories/{id}/merge-requests/1");
    let set = server.root(Method::PUT, &path_of_request);
    let branches = json!({"source_branch": "feature", "target_branch": "main", "head_sha": SHA});
    assert_eq!(set.json(&branches).send().await.status, 200);
    let gates = format!("/native/v1/repositories/{id}/gates");
    assert_eq!(server.root(Method::PUT, &gates).json(&rules()).send().await.status, 200);
    let decided = json!({"target": "main", "reason": "known"});
    assert_eq!(server.post(&format!("{gates}/{SHA}/overrides"), decided).await.status, 201);
    let webhook = webhook(server, &id).await;
    let test = format!("/native/v1/repositories/{id}/webhooks/{webhook}/test");
    let delivery = server.post(&test, json!({})).await.json()["id"].as_str().unwrap().to_owned();
    let uuid = shown["uuid"].as_str().unwrap().to_owned();
    let destination = destination(server, &id).await;
    let test = format!("/native/v1/repositories/{id}/destinations/{destination}/test");
    let state = server.post(&test, json!({})).await.json()["id"].to_string();
    Repository { id, uuid, path, visibility, webhook, delivery, destination, state }
}

async fn destination(server: &TestServer, repository: &str) -> String {
    let created = server.post(&format!("/native/v1/repositories/{repository}/destinations"), forge()).await;
    created.json()["id"].to_string()
}

/// The body of a new destination.
fn forge() -> Value {
    json!({"kind": "github", "url": "https://api.example.com", "project": "acme/demo", "token": "t"})
}

async fn webhook(server: &TestServer, repository: &str) -> String {
    let wanted = json!({"url": "https://hooks.example.com/"});
    let created = server.post(&format!("/native/v1/repositories/{repository}/webhooks"), wanted).await;
    created.json()["id"].to_string()
}

async fn set_member(server: &TestServer, repository: &str, user: &str, role: &str) {
    let path = format!("/native/v1/repositories/{repository}/members/{user}");
    let set = server.root(Method::PUT, &path).json(&json!({"role": role})).send().await;
    assert_eq!(set.status, 204, "{path}");
}

/// Rules of a merge gate that every reporter may override.
fn rules() -> Value {
    let requirements = json!([{"job": "build"}]);
    json!({"rules": [{"targets": ["main"], "requirements": requirements, "override": {"role": "report"}}]})
}

/// A valid body of an operation.
pub fn body(route: &RouteInfo, number: u32) -> Value {
    match route.operation {
        "Report" => json!({"sha": SHA, "ref": "main", "name": "build", "status": "running"}),
        "SetCommitStatus" => json!({"state": "running", "ref": "main", "name": "build"}),
        "BitbucketAddBuild" => json!({"state": "INPROGRESS", "key": "build", "url": "https://ci.example/1"}),
        "GitHubCreateCommitStatus" | "GitHubCreateCommitStatusAtRoot" | "GiteaCreateStatus" => {
            json!({"state": "pending", "context": "build"})
        }
        "GitHubCreateCheckRun" | "GitHubCreateCheckRunAtRoot" => json!({"name": "lint", "head_sha": SHA}),
        "GitHubUpdateCheckRun" | "GitHubUpdateCheckRunAtRoot" => json!({"status": "in_progress"}),
        "SetMergeRequest" => json!({"source_branch": "feature", "target_branch": "main", "head_sha": SHA}),
        "SetGateRules" => rules(),
        "ExpectJobs" => json!({"jobs": [{"name": "build"}]}),
        "OverrideGate" => json!({"target": "main", "reason": "known"}),
        "CloseJobs" => json!({"job_id": 1, "status": "canceled"}),
        "Prune" => json!({"dry_run": true}),
        "AddRepository" => json!({"path": format!("acme/new-{number}")}),
        "CreateWebhook" => json!({"url": "https://hooks.example.com/"}),
        "CreateDestination" => forge(),
        "SetMember" => json!({"role": "read"}),
        "CreateUser" => json!({"name": format!("new-{number}"), "password": "password-of-user"}),
        "LinkIdentity" => json!({"issuer": "https://id.example", "subject": format!("new-{number}")}),
        "CreateToken" => json!({"name": "t", "scope": "read"}),
        _ => json!({}),
    }
}

/// The fields of a form.
fn form(route: &RouteInfo, at: &Repository, number: u32) -> String {
    let (_, action) = route.path.rsplit_once('/').unwrap_or_default();
    match action {
        "settings" => format!("description=x&default_branch=main&visibility={}", at.visibility),
        "members" => "user=guest&role=read".into(),
        "prune" => "confirm=true".into(),
        "overrides" => "target=main&requirement=whole&reason=known".into(),
        "new" => format!("path=acme/of-a-form-{number}&default_branch=main&visibility=private"),
        "close" => "status=canceled&reason=gone".into(),
        "gates" => "action=preview&text=".into(),
        "destinations" | "{destination_id}" => {
            "kind=github&url=https%3A%2F%2Fapi.example.com&project=acme%2Fdemo&token=t&choice=pipeline".into()
        }
        "webhooks" | "{webhook_id}" => "url=https%3A%2F%2Fhooks.example.com%2F&events=job".into(),
        "switch" => "disabled=false".into(),
        "users" => format!("name=new-{number}&password=password-of-user"),
        "tokens" => "name=t&scope=read&life=7".into(),
        "keys" => "description=k".into(),
        _ => String::new(),
    }
}
