//! Every read right after an acknowledged report. In SQLite a report is first in the journal only, and the test
//! server never applies the journal by itself. Each read therefore has to show the same as after the journal was
//! applied to the other tables, and another response than before the report.

mod queries;

use domain::SignedDuration;
use edge::language::Language;
use edge::routes::RouteInfo;
use http::Method;
use http_body_util::BodyExt as _;
use queries::queries;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use testkit::{ROOT, TestRequest, TestServer};
use tokio::time::timeout;

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

/// Operations that show nothing of a report. A new route is either here, or its response changes with the reports
/// of [`report_changes`].
const WITHOUT_REPORTS: &[&str] = &[
    // A commit has the date of its first report, whatever is reported later.
    "GitHubGetCommit",
    "GitHubGetCommitAtRoot",
    "GiteaGetCommit",
    // The server, its documents and its pages.
    "BitbucketBuildCapabilities",
    "BitbucketCapabilities",
    "FinishProviderSignIn",
    "GiteaGetVersion",
    "GitHubGetRateLimit",
    "Healthz",
    "KeystoneListAuthDomains",
    "ListOpenApiDocuments",
    "Livez",
    "Metrics",
    "PageAsset",
    "PageErrors",
    "PageExplorer",
    "PageHome",
    "PageOperation",
    "PageSignIn",
    "Readyz",
    "StartProviderSignIn",
    "ShowOpenApiDocument",
    // Users and credentials.
    "GetCurrentUser",
    "GetMetadata",
    "GiteaGetCurrentUser",
    "GitHubGetCurrentUser",
    "GetRoot",
    "GetVersion",
    "Identities",
    "Keys",
    "KeystoneListAuthProjects",
    "KeystoneListProjects",
    "KeystoneValidateToken",
    "PageAccount",
    "PageUser",
    "PageUsers",
    "PageAuditLog",
    "AuditLog",
    "RepositoryAuditLog",
    "PageSubscriptions",
    "SignatureFailures",
    "Subscriptions",
    "Tokens",
    "Users",
    "WhoAmI",
    // Downstream pipelines are never reported.
    "ListBridges",
    // Without a rule for the branch it has no verdict; the operation `Gate` has the version too.
    "PageGateBadge",
    // A verdict is recorded some time after its report.
    "GateVerdicts",
    // The settings of a repository.
    "GateRules",
    "ListMembers",
    "ListMergeRequestApproverSettings",
    "ListProjectRepositories",
    "Members",
    "PageDocument",
    "PageDocumentInFolder",
    "PageDocumentation",
    "PageNewRepository",
    "PageGateRules",
    "PagePrune",
    "ShowRepoId",
    "Policies",
    "Destination",
    "Destinations",
    "Webhook",
    "Webhooks",
    // A delivery of another event.
    "Delivery",
];

/// Pages that show nothing of a report, but whose JSON does: a redirect, and a form.
const IN_JSON_ONLY: &[&str] =
    &["PageMembers", "PagePolicies", "PageRepository", "PageSettings", "PageWebhooks"];
/// Pages that show that there is a report, but whose JSON does not: the settings of a build system.
const ONLY_ON_PAGE: &[&str] = &["PageConnect"];
/// Responses with a time that does not depend on reports.
const WITH_TIMES: &[&str] = &["GitHubGetRateLimit", "PageAccount", "PageAuditLog", "PageUser"];
/// Operations of which no target exists here.
const UNKNOWN: &[&str] = &["FinishProviderSignIn", "PageAsset", "StartProviderSignIn"];
/// Operations that need a parameter of a query.
const ONLY_WITH_QUERY: &[&str] = &[
    "BitbucketGetBuild",
    "ComparePipelines",
    "JobRuns",
    "PageJobRuns",
    "PageSearch",
    "Search",
    "ShowBranch",
    "ShowCommit",
    "ShowTag",
];
/// Queries of which nothing is known, and one for a number that does not change.
const EMPTY: &[&str] = &[
    // GitLab's pipelines have names, and these have none. No check run is of an app.
    "?name=p",
    "?app_id=1",
    "?only_count=true",
    "?author_id=1",
    "?labels=x",
    "?source_repository_id=2147483647",
    "?merged_by=1",
    "&merged_before=2026-12-24T00:00:00Z",
    "?creator=1",
];

/// A repository with a job in the tables, before the reports that a read is to show.
struct Place {
    id: i64,
    uuid: String,
    project: String,
    path: String,
    webhook: String,
    subscription: String,
    delivery: String,
    destination: String,
    state: String,
    key: String,
    /// A token that is limited to the repository, for an API that does not name it.
    token: String,
}

impl Place {
    async fn create(server: &TestServer, number: usize) -> Self {
        // The newest one is the first of the list by name.
        let path = format!("acme/{}", 99_999 - number);
        let id = server.repository(&path, "private").await;
        let shown = server.get(&format!("/native/v1/repositories/{id}")).await.json();
        let text = |name: &str| shown[name].as_str().unwrap().to_owned();
        let at = format!("/native/v1/repositories/{id}");
        let hook = server.post(&format!("{at}/webhooks"), json!({"url": "https://hooks.example.com/"})).await;
        let webhook = hook.json()["id"].to_string();
        let test = server.post(&format!("{at}/webhooks/{webhook}/test"), json!({})).await.json();
        // A user has few subscriptions.
        let subscriptions = server.get("/native/v1/subscriptions").await.json();
        for old in subscriptions["subscriptions"].as_array().unwrap() {
            let old = format!("/native/v1/subscriptions/{}", old["id"]);
            assert_eq!(server.root(Method::DELETE, &old).send().await.status, 204);
        }
        let new = json!({"repository": path, "url": "https://chat.example.com/x", "format": "slack"});
        let subscription = server.post("/native/v1/subscriptions", new).await.json()["id"].to_string();
        let forge =
            json!({"kind": "github", "url": "https://api.example.com", "project": "a/b", "token": "t"});
        let destination = server.post(&format!("{at}/destinations"), forge).await.json()["id"].to_string();
        let branches = json!({"source_branch": "main", "target_branch": "dev", "head_sha": SHA});
        let set = server.root(Method::PUT, &format!("{at}/merge-requests/1")).json(&branches).send().await;
        assert_eq!(set.status, 200, "{set:?}");
        let key = server.post("/native/v1/users/root/keys", json!({})).await.json();
        let place = Self {
            id,
            uuid: text("uuid"),
            project: text("project_id"),
            path,
            webhook,
            subscription,
            delivery: test["id"].as_str().unwrap().to_owned(),
            destination,
            state: String::new(),
            key: key["access"].as_str().unwrap().to_owned(),
            token: server.token("root", json!({"name": "ci", "scope": "read", "repositories": [id]})).await,
        };
        place.report(server, json!({"status": "running", "description": "first"})).await;
        let states = format!("{at}/destinations/{}/states", place.destination);
        let state = server.get(&states).await.json()["states"][0]["id"].to_string();
        Self { state, ..place }
    }

    async fn report(&self, server: &TestServer, mut fields: Value) {
        for (name, value) in [("sha", SHA), ("ref", "main"), ("name", "build"), ("third_build_id", "1")] {
            fields[name] = fields.get(name).cloned().unwrap_or_else(|| value.into());
        }
        let sent = crate::report(server, self.id, fields).await;
        assert!([200, 201].contains(&sent.status), "{sent:?}");
    }

    /// The path of a route, with the job and the pipeline that exist.
    fn target(&self, route: &RouteInfo) -> String {
        let (id, project) = (self.id.to_string(), self.path.replace('/', "%2F"));
        let (owner, repo) = self.path.split_once('/').unwrap();
        let mut target = route.path.to_owned();
        for (parameter, value) in [
            ("{repository_id}", id.as_str()),
            ("{repository_uuid}", &self.uuid),
            ("{project}", &project),
            ("{project_id}", &self.project),
            ("{project_uuid}", &self.project),
            ("{sha}", SHA),
            ("{branch}", "other"),
            ("{owner}", owner),
            ("{repo}", repo),
            ("{version}", "latest"),
            ("{webhook_id}", &self.webhook),
            ("{subscription_id}", &self.subscription),
            ("{delivery_id}", &self.delivery),
            ("{destination_id}", &self.destination),
            ("{state_id}", &self.state),
            ("{merge_request_iid}", "1"),
            ("{pipeline_id}", "1"),
            ("{pipelines}", "1...2"),
            ("{stage_id}", "1"),
            ("{job_id}", "1"),
            ("{user}", "root"),
            ("{access}", &self.key),
            ("{operation}", "ListPipelineJobs"),
            ("{folder}/{page}", "operating/tls"),
            ("{page}", "ci"),
            ("{document}", "codearts.json"),
            ("{provider}", "none"),
            // The names of the assets have a digest.
            ("{name}", "none"),
        ] {
            target = target.replace(parameter, value);
        }
        assert!(!target.contains('{'), "{target}: give the parameter a value here");
        target
    }
}

/// Changes the status of a job, of its stage and of its pipeline, adds a job to the pipeline, and a pipeline.
/// Where the operation lists other refs, also pipelines of those.
async fn report_changes(server: &TestServer, place: &Place, operation: &str) {
    if operation == "ShowMergeableStateOuter" {
        // A failure does not change it.
        return place.report(server, json!({"status": "success"})).await;
    }
    for fields in [
        json!({"status": "failed", "description": "second", "details": {"title": "second", "tests": {"failed": 1}}}),
        json!({"name": "test", "status": "success", "stage": "check", "third_build_id": "2"}),
        json!({"ref": "other", "status": "failed", "pipeline_key": "k", "trigger_user": "u"}),
    ] {
        place.report(server, fields).await;
    }
    let said = json!({"output": {"title": "t", "summary": "s", "annotations": [
        {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}]}});
    let target = format!("/api/v3/repos/{}/check-runs/1", place.path);
    let sent = server.root(Method::PATCH, &target).json(&said).send().await;
    assert_eq!(sent.status, 200, "{sent:?}");
    let git_ref = match operation {
        "ListProjectTags" | "ListTags" | "ShowTag" => "refs/tags/v1",
        "ListMergeRequestsOfCommit" | "ListCommitAssociatedMergeRequests" => "refs/merge-requests/2/head",
        "ShowMergeRequestDetail" => "refs/merge-requests/1/head",
        _ => return,
    };
    place.report(server, json!({"ref": git_ref, "status": "failed"})).await;
}

/// What a client sees of a response, without what differs between two requests.
type Seen = (u16, Vec<(String, String)>, String);

/// The body and the target of a redirect.
fn content((_, headers, body): &Seen) -> (Option<&str>, &str) {
    let location = headers.iter().find(|(name, _)| name == "location");
    (location.map(|(_, value)| value.as_str()), body)
}

fn ask<'a>(server: &'a TestServer, place: &Place, route: &RouteInfo, target: &str) -> TestRequest<'a> {
    let asked = server.ask(Method::GET, target).header("accept-language", "en");
    match (route.dialect, route.path) {
        ("gitlab", _) => asked.private_token(ROOT),
        ("bitbucket", _) => asked.token(&place.token),
        (_, "/v3/auth/tokens") => asked.token(ROOT).header("x-subject-token", ROOT),
        _ => asked.token(ROOT),
    }
}

/// Reads as a client that has a version, which a read of a page may confirm.
async fn read(
    server: &TestServer,
    place: &Place,
    route: &RouteInfo,
    target: &str,
    etag: &str,
) -> (Seen, String) {
    let asked = ask(server, place, route, target);
    let asked = if etag.is_empty() { asked } else { asked.header("if-none-match", etag) };
    if route.operation == "Events" {
        return (events(asked).await, String::new());
    }
    let response = asked.send().await;
    let id = response.header("x-request-id").to_owned();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&id, "REQUEST");
    let headers = response.headers.iter();
    let headers = headers.map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect();
    let etag = response.header("etag").to_owned();
    ((response.status, headers, without_form_ids(&text(&response.body))), etag)
}

/// A page without the ids of its forms, which are random.
fn without_form_ids(text: &str) -> String {
    const FIELD: &str = "name=\"form_id\" value=\"";
    let mut parts = text.split(FIELD);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out += part.split_once('"').map_or(part, |(_, rest)| rest);
    }
    out
}

/// The events of a stream up to the last one of the repository.
async fn events(asked: TestRequest<'_>) -> Seen {
    let response = asked.header("last-event-id", "0").open().await;
    let status = response.status().as_u16();
    let (mut body, mut text) = (response.into_body(), String::new());
    while status == 200 && !text.contains(r#""ref":"other""#) {
        let next = timeout(Duration::from_secs(60), body.frame()).await;
        let frame = next.unwrap_or_else(|_| panic!("an event is missing after {text}"));
        text += std::str::from_utf8(frame.unwrap().unwrap().data_ref().unwrap()).unwrap();
    }
    // The time to reconnect is random.
    let lines = text.lines().filter(|line| !line.starts_with("retry:")).map(|line| format!("{line}\n"));
    (status, Vec::new(), lines.collect())
}

/// Every request of a read: the path of the route, its queries, and its JSON.
fn targets(route: &RouteInfo, place: &Place) -> Vec<String> {
    let path = place.target(route);
    if route.operation == "ShowRepoId" {
        let (group, name) = place.path.split_once('/').unwrap();
        return vec![format!("{path}?group_name={group}&repository_name={name}")];
    }
    if route.operation == "Events" {
        return vec![
            format!("{path}?repository={}", place.id),
            format!("{path}?repository={}&pipeline=2", place.id),
        ];
    }
    let mut targets: Vec<String> =
        queries(route.operation).iter().map(|query| format!("{path}?{query}")).collect();
    if route.dialect == "person" && !path.contains('.') && path != "/" {
        let needs_query = ONLY_WITH_QUERY.contains(&route.operation);
        let query = queries(route.operation).first().filter(|_| needs_query);
        targets.push(format!("{path}.json{}", query.map(|query| format!("?{query}")).unwrap_or_default()));
    }
    if !ONLY_WITH_QUERY.contains(&route.operation) {
        targets.push(path);
    }
    targets
}

#[tokio::test]
async fn every_read_shows_the_reports_that_were_acknowledged_before_it() {
    let server = TestServer::start().await;
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for route in edge::route_table().iter().filter(|route| route.method == "GET") {
        let count = targets(route, &Place::create(&server, checked).await).len();
        for number in 0..count {
            checked += 1;
            let place = Place::create(&server, 10_000 + checked).await;
            let target = &targets(route, &place)[number];
            // Any other write applies the journal.
            server.app.store.set_setting("demo", "before").await.unwrap();
            let is_stream = route.operation == "Events";
            // Also fills the caches.
            let (before, etag) = match is_stream {
                true => Default::default(),
                false => read(&server, &place, route, target, "").await,
            };
            server.clock.advance(SignedDuration::from_secs(1));
            report_changes(&server, &place, route.operation).await;
            let (recent, _) = read(&server, &place, route, target, &etag).await;
            server.app.store.set_setting("demo", "after").await.unwrap();
            let (applied, _) = read(&server, &place, route, target, &etag).await;
            let is_listed = WITHOUT_REPORTS.contains(&route.operation);
            let only_json = IN_JSON_ONLY.contains(&route.operation) && !target.ends_with(".json");
            let is_of_topic = route.operation == "ListProjectMergeRequests" && target.ends_with("?topic=x");
            let is_empty = is_of_topic || EMPTY.iter().any(|query| target.ends_with(query));
            let only_page = ONLY_ON_PAGE.contains(&route.operation) && target.ends_with(".json");
            let shows = !is_listed && !only_json && !only_page && !is_empty;
            let is_same = content(&recent) == content(&before) || recent.0 == 304;
            // A page without JSON.
            let exists = applied.0 != 404 || before.0 != 404;
            let named = format!("{} {target}", route.operation);
            if recent != applied {
                wrong.push(format!("{named} is stale:\n{recent:?}\nthen\n{applied:?}"));
            } else if shows && !is_stream && exists && is_same {
                wrong.push(format!("{named} does not show the reports:\n{before:?}\nthen\n{recent:?}"));
            } else if is_listed && !is_same && !WITH_TIMES.contains(&route.operation) {
                wrong.push(format!(
                    "{named} shows reports: remove it from the list\n{before:?}\nthen\n{recent:?}"
                ));
            } else if applied.0 >= 400 && !target.contains(".json") && !UNKNOWN.contains(&route.operation) {
                wrong.push(format!("{named} is refused: {applied:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {checked}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked >= 140, "{checked}");
}

/// A parameter of a read that no query above has could choose a way to the store that nothing else checks.
#[test]
fn every_parameter_of_a_read_is_in_a_query() {
    let mut missing = BTreeSet::new();
    for document in edge::documents(Language::English) {
        for (path, item) in document.json["paths"].as_object().unwrap() {
            let operation = item["get"]["operationId"].as_str().unwrap_or_default();
            if WITHOUT_REPORTS.contains(&operation) || operation == "Events" {
                continue;
            }
            for parameter in item["get"]["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap();
                let has = |query: &&str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
                if parameter["in"] == "query" && !queries(operation).iter().any(has) {
                    missing.insert(format!("{operation} ({path}): {name}"));
                }
            }
        }
    }
    // A place in a list of deliveries has the id of a delivery.
    let deliveries = "/native/v1/repositories/{repository_id}/webhooks/{webhook_id}/deliveries";
    missing.remove(&format!("Deliveries ({deliveries}): before"));
    let deliveries = "/native/v1/subscriptions/{subscription_id}/deliveries";
    missing.remove(&format!("SubscriptionDeliveries ({deliveries}): before"));
    assert!(missing.is_empty(), "add queries with these parameters: {missing:#?}");
}
