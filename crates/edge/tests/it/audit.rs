//! The audit log: every administrative route makes an entry, which has no secret, and refusals are summed up.

use crate::report;
use edge::routes::RouteInfo;
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::{TestRequest, TestResponse, TestServer};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";
/// In every secret that the requests contain.
const SECRET: &str = "s3crets3cret";
/// The secret of a webhook: `whsec_` and the base64 of bytes that repeat `s3cret`.
const WEBHOOK_SECRET: &str = "whsec_czNjcmV0czNjcmV0czNjcmV0czNjcmV0";

/// Sends requests, one for each administrative operation, and looks for the entry of each.
struct Walk {
    server: TestServer,
    done: BTreeSet<&'static str>,
    /// All entries that were found, as text.
    seen: String,
}

impl Walk {
    /// Sends a request of the administrator; JSON, or a form if the body is a text. Its entry must have this action.
    async fn step(
        &mut self,
        operation: &'static str,
        action: &str,
        method: Method,
        path: &str,
        body: Value,
    ) -> TestResponse {
        let asked = self.server.root(method, path);
        let asked = match &body {
            Value::String(form) => asked.body(form.clone()),
            body => asked.json(body),
        };
        let response = asked.from("192.0.2.7").send().await;
        assert!(response.status < 400, "{operation}: {response:?}");
        self.recorded(operation, action, &response, Some("root")).await;
        response
    }

    /// Finds the entry of a request.
    async fn recorded(
        &mut self,
        operation: &'static str,
        action: &str,
        response: &TestResponse,
        actor: Option<&str>,
    ) {
        let request_id = response.header("x-request-id");
        let entries = self.server.get("/native/v1/audit?limit=200").await.json();
        let entries = entries["entries"].as_array().unwrap();
        let mut of_request = entries.iter().filter(|entry| entry["request_id"] == request_id);
        let found = of_request.find(|entry| entry["action"] == action);
        let found = found.unwrap_or_else(|| panic!("{operation} makes no entry {action}"));
        assert_eq!(found["actor"]["name"].as_str(), actor, "{operation}: {found}");
        assert_eq!(found["address"], "192.0.2.7", "{operation}: {found}");
        assert_eq!((&found["count"], &found["reason"]), (&json!(1), &Value::Null), "{operation}");
        self.seen += &format!("{found}\n");
        self.done.insert(operation);
    }
}

/// Administrative operations that change nothing here.
const WITHOUT_CHANGE: &[&str] = &[
    // Needs the session of a page; its token is created as those of the other routes.
    "CreateExplorerToken",
];

#[tokio::test]
async fn every_administrative_route_makes_an_entry_without_secrets() {
    let server = TestServer::start().await;
    let mut walk = Walk { server, done: BTreeSet::new(), seen: String::new() };
    repositories(&mut walk).await;
    accounts(&mut walk).await;
    sessions(&mut walk).await;
    webhooks(&mut walk).await;
    subscriptions(&mut walk).await;
    destinations(&mut walk).await;
    gates(&mut walk).await;
    retention(&mut walk).await;
    let expected: BTreeSet<&str> = edge::route_table()
        .iter()
        .filter(|route: &&RouteInfo| route.is_administrative())
        .map(|route| route.operation)
        .filter(|operation| !WITHOUT_CHANGE.contains(operation))
        .collect();
    let missing: Vec<_> = expected.difference(&walk.done).collect();
    assert!(missing.is_empty(), "add a step that changes something for {missing:?}");
    let all = walk.server.get("/native/v1/audit?limit=200").await;
    let all = walk.seen + &String::from_utf8(all.body).unwrap();
    for secret in ["s3cret", "czNjcmV0", "spt_", "sps_", "spo_", "spx_"] {
        let at = all.find(secret).map(|at| &all[at.saturating_sub(300)..(at + 40).min(all.len())]);
        assert_eq!(at, None, "{secret}");
    }
}

async fn repositories(walk: &mut Walk) {
    const POST: Method = Method::POST;
    let new = json!({"path": "acme/demo", "id": 7, "http_url": format!("https://x:{SECRET}@host/a.git")});
    walk.step("AddRepository", "repository.create", POST, "/native/v1/repositories", new).await;
    let project = walk.server.get("/native/v1/repositories/7").await.json()["project_id"].clone();
    let new = json!({"name": "second", "project_uuid": project});
    walk.step("CreateRepository", "repository.create", POST, "/v1/repositories", new).await;
    let form = json!("path=acme%2Fformed&visibility=private");
    walk.step("AddRepositoryByForm", "repository.create", POST, "/repositories/new", form).await;
    let path = "/native/v1/repositories/7";
    let change = json!({"description": "one"});
    walk.step("ChangeRepository", "repository.change", Method::PATCH, path, change).await;
    let form = json!("description=two&default_branch=main&visibility=private");
    walk.step("EditRepository", "repository.change", POST, "/repositories/7/settings", form).await;
    walk.server.user("amy").await;
    let member = "/native/v1/repositories/7/members/amy";
    walk.step("SetMember", "member.set", Method::PUT, member, json!({"role": "read"})).await;
    let members = "/repositories/7/settings/members";
    walk.step("EditMember", "member.set", POST, members, json!("user=amy&role=report")).await;
    walk.step("RemoveMember", "member.remove", Method::DELETE, member, json!({})).await;
    let again = walk.server.root(Method::PUT, member).json(&json!({"role": "read"})).send().await;
    assert_eq!(again.status, 204);
    let remove = format!("{members}/amy/remove");
    walk.step("RemoveMemberByForm", "member.remove", POST, &remove, json!("")).await;
    let line = json!({"type": "pipeline", "repository_id": 7, "id": 90, "sha": SHA, "ref": "old",
        "created_at": "2025-05-17T11:02:25Z", "stages": [{"name": "s", "jobs": [{"name": "j", "status": "success",
        "created_at": "2025-05-17T11:02:25Z"}]}]});
    walk.step("Import", "pipeline.import", POST, "/native/v1/import", line).await;
}

async fn accounts(walk: &mut Walk) {
    const POST: Method = Method::POST;
    let new = json!({"name": "bob", "password": format!("{SECRET}1")});
    walk.step("CreateUser", "user.create", POST, "/native/v1/users", new).await;
    let change = json!({"password": format!("{SECRET}2")});
    walk.step("ChangeUser", "user.change", Method::PATCH, "/native/v1/users/bob", change).await;
    let form = json!(format!("name=cat&password={SECRET}3&current_password=root-password"));
    walk.step("AddUser", "user.create", POST, "/administration/users", form).await;
    let form = json!(format!("password={SECRET}4&current_password=root-password"));
    walk.step("EditUser", "user.change", POST, "/administration/users/cat", form).await;

    let invitation = "/administration/users/bob/invitation";
    walk.step("InviteUser", "sign_in.link", POST, invitation, json!("")).await;
    let all = "/native/v1/users/bob/identities";
    let new = json!({"issuer": "https://idp.example", "subject": "b0b"});
    let linked = walk.step("LinkIdentity", "identity.link", POST, all, new).await.json();
    let one = format!("{all}/{}", linked["id"]);
    walk.step("UnlinkIdentity", "identity.unlink", Method::DELETE, &one, json!({})).await;

    let form = json!("repository=7&system=shell");
    walk.step("AddCredentialToConnect", "token.create", POST, "/account/connect", form).await;

    let keys = "/native/v1/users/bob/keys";
    let new = json!({"access": "AKOFBOB1", "secret": format!("{SECRET}5")});
    walk.step("CreateKey", "key.create", POST, keys, new).await;
    let key = "/native/v1/keys/AKOFBOB1";
    walk.step("DeleteKey", "key.delete", Method::DELETE, key, json!({})).await;
    for (of, keys) in [("root", "/account/keys"), ("bob", "/administration/users/bob/keys")] {
        walk.step("AddKey", "key.create", POST, keys, json!("description=k")).await;
        let known = walk.server.get(&format!("/native/v1/users/{of}/keys")).await.json();
        let access = known["keys"][0]["access"].as_str().unwrap().to_owned();
        walk.step("RevokeKey", "key.delete", POST, &format!("{keys}/{access}/delete"), json!("")).await;
    }
    let tokens = "/native/v1/users/bob/tokens";
    let new = json!({"name": "t", "scope": "read", "token": format!("{SECRET}-token-6")});
    let created = walk.step("CreateToken", "token.create", POST, tokens, new).await.json();
    let token = format!("{tokens}/{}", created["id"]);
    walk.step("DeleteToken", "token.revoke", Method::DELETE, &token, json!({})).await;
    for (of, tokens) in [("root", "/account/tokens"), ("bob", "/administration/users/bob/tokens")] {
        walk.step("AddToken", "token.create", POST, tokens, json!("name=formed&scope=read&life=7")).await;
        let known = walk.server.get(&format!("/native/v1/users/{of}/tokens")).await.json();
        let known = known["tokens"].as_array().unwrap();
        let id = known.iter().find(|token| token["name"] == "formed").unwrap()["id"].clone();
        walk.step("RevokeToken", "token.revoke", POST, &format!("{tokens}/{id}/delete"), json!("")).await;
    }
}

async fn sessions(walk: &mut Walk) {
    fn ask<'a>(walk: &'a Walk, path: &str, body: String) -> TestRequest<'a> {
        let asked = walk.server.ask(Method::POST, path).from("192.0.2.7").body(body);
        asked.header("host", "stagepost.test").header("origin", "http://stagepost.test")
    }
    let cookies = |response: &TestResponse| {
        let lines = response.headers.get_all("set-cookie").iter();
        let pairs = lines.map(|line| line.to_str().unwrap().split(';').next().unwrap().to_owned());
        pairs.collect::<Vec<_>>().join("; ")
    };
    let identity = json!({"auth": {"identity": {"methods": ["password"],
        "password": {"user": {"name": "bob", "password": format!("{SECRET}2")}}}}});
    let sent = ask(walk, "/v3/auth/tokens", identity.to_string());
    let response = sent.header("content-type", "application/json").send().await;
    assert_eq!(response.status, 201, "{response:?}");
    let session = response.header("x-subject-token").to_owned();
    let name = "KeystoneCreateUserTokenByPassword";
    walk.recorded(name, "sign_in.success", &response, Some("bob")).await;

    let temporary = json!({"auth": {"identity": {"methods": ["token"], "token": {"id": session}}}});
    let sent = ask(walk, "/v3.0/OS-CREDENTIAL/securitytokens", temporary.to_string());
    let response = sent.header("content-type", "application/json").send().await;
    assert_eq!(response.status, 201, "{response:?}");
    walk.recorded("CreateTemporaryAccessKeyByToken", "key.create", &response, Some("bob")).await;

    let form = format!("name=bob&password={SECRET}2");
    let response = ask(walk, "/sign-in", form).send().await;
    assert_eq!(response.status, 303, "{response:?}");
    walk.recorded("SignIn", "sign_in.success", &response, Some("bob")).await;
    let last = walk.seen.lines().last().unwrap();
    assert!(last.contains("\"method\":\"password\""), "{last}");
    let cookie = cookies(&response);

    let form = format!("old_password={SECRET}2&password={SECRET}7");
    let response = ask(walk, "/account/password", form).header("cookie", &cookie).send().await;
    assert!(response.status < 400, "{response:?}");
    walk.recorded("ChangeOwnPassword", "user.change", &response, Some("bob")).await;

    let response = ask(walk, "/sign-in", format!("name=bob&password={SECRET}7")).send().await;
    let cookie = cookies(&response);
    let response = ask(walk, "/sign-out", String::new()).header("cookie", &cookie).send().await;
    assert_eq!(response.status, 303, "{response:?}");
    walk.recorded("SignOut", "sign_out.success", &response, Some("bob")).await;
}

async fn webhooks(walk: &mut Walk) {
    const POST: Method = Method::POST;
    let all = "/native/v1/repositories/7/webhooks";
    let new = json!({"url": format!("https://hooks.example/{SECRET}"), "secret": WEBHOOK_SECRET});
    let id = walk.step("CreateWebhook", "webhook.create", POST, all, new).await.json()["id"].clone();
    let one = format!("{all}/{id}");
    let change = json!({"url": format!("https://hooks.example/{SECRET}/2")});
    walk.step("ChangeWebhook", "webhook.change", Method::PATCH, &one, change).await;
    let secret = json!({"secret": WEBHOOK_SECRET.replace("czNj", "czNk")});
    walk.step("RotateWebhookSecret", "webhook.change", POST, &format!("{one}/secret"), secret).await;
    let sent = walk.step("TestWebhook", "webhook.send", POST, &format!("{one}/test"), json!({})).await;
    let delivery = sent.json()["id"].as_str().unwrap().to_owned();
    let again = format!("{one}/deliveries/{delivery}/redeliver");
    walk.step("Redeliver", "webhook.send", POST, &again, json!({})).await;

    let page = "/repositories/7/settings/webhooks";
    let form = json!(format!("url=https%3A%2F%2Fhooks.example%2F{SECRET}&events=job"));
    walk.step("AddWebhook", "webhook.create", POST, page, form).await;
    let form = json!(format!("url=https%3A%2F%2Fother.example%2F{SECRET}&events=job"));
    let of_one = format!("{page}/{id}");
    walk.step("EditWebhook", "webhook.change", POST, &of_one, form).await;
    walk.step("TestWebhookByForm", "webhook.send", POST, &format!("{of_one}/test"), json!("")).await;
    let again = format!("{of_one}/deliveries/{delivery}/redeliver");
    walk.step("RedeliverByForm", "webhook.send", POST, &again, json!("")).await;
    let switch = format!("{of_one}/switch");
    walk.step("SwitchWebhook", "webhook.change", POST, &switch, json!("disabled=true")).await;
    walk.step("RotateSecretByForm", "webhook.change", POST, &format!("{of_one}/secret"), json!("")).await;
    walk.server.user("hook-owner").await;
    let member = walk.server.root(Method::PUT, "/native/v1/repositories/7/members/hook-owner");
    assert_eq!(member.json(&json!({"role": "manage"})).send().await.status, 204);
    let form = json!("owner=hook-owner");
    walk.step("GiveWebhook", "webhook.change", POST, &format!("{of_one}/owner"), form).await;
    walk.step("RemoveWebhook", "webhook.delete", POST, &format!("{of_one}/delete"), json!("")).await;
    let left = walk.server.get(all).await.json()["webhooks"][0]["id"].clone();
    let one = format!("{all}/{left}");
    walk.step("DeleteWebhook", "webhook.delete", Method::DELETE, &one, json!({})).await;
}

async fn subscriptions(walk: &mut Walk) {
    const POST: Method = Method::POST;
    let all = "/native/v1/subscriptions";
    let url = format!("https://chat.example.com/{SECRET}");
    let new = json!({"repository": "7", "url": url, "format": "feishu", "secret": SECRET});
    walk.step("Subscribe", "webhook.create", POST, all, new).await;
    let url = format!("https%3A%2F%2Fchat.example.com%2F{SECRET}");
    let form = json!(format!("repository=7&url={url}&format=wecom&events=pipeline"));
    walk.step("SubscribeByForm", "webhook.create", POST, "/account/subscriptions", form).await;
    let made = walk.server.get(all).await.json()["subscriptions"].clone();
    let (first, second) = (made[0]["id"].clone(), made[1]["id"].clone());
    walk.step("TestSubscription", "webhook.send", POST, &format!("{all}/{first}/test"), json!({})).await;
    let test = format!("/account/subscriptions/{second}/test");
    walk.step("TestSubscriptionByForm", "webhook.send", POST, &test, json!("")).await;
    let change = json!({"refs": ["main"]});
    walk.step("ChangeSubscription", "webhook.change", Method::PATCH, &format!("{all}/{first}"), change).await;
    let switch = format!("/account/subscriptions/{first}/switch");
    walk.step("SwitchSubscription", "webhook.change", POST, &switch, json!("disabled=true")).await;
    walk.step("Unsubscribe", "webhook.delete", Method::DELETE, &format!("{all}/{first}"), json!({})).await;
    let delete = format!("/account/subscriptions/{second}/delete");
    walk.step("UnsubscribeByForm", "webhook.delete", POST, &delete, json!("")).await;
}

async fn destinations(walk: &mut Walk) {
    const POST: Method = Method::POST;
    let all = "/native/v1/repositories/7/destinations";
    let new = json!({"kind": "github", "url": "https://api.example", "project": "a/b", "token": SECRET});
    let id = walk.step("CreateDestination", "destination.create", POST, all, new).await.json()["id"].clone();
    let one = format!("{all}/{id}");
    let change = json!({"token": format!("{SECRET}8")});
    walk.step("ChangeDestination", "destination.change", Method::PATCH, &one, change).await;
    walk.step("TestDestination", "destination.send", POST, &format!("{one}/test"), json!({})).await;
    walk.step("RetryDestination", "destination.send", POST, &format!("{one}/retry"), json!({})).await;

    let page = "/repositories/7/settings/destinations";
    let form = |project: &str| {
        json!(format!(
            "kind=github&url=https%3A%2F%2Fapi.example&project=a%2F{project}&token={SECRET}&choice=pipeline"
        ))
    };
    walk.step("AddDestination", "destination.create", POST, page, form("c")).await;
    let of_one = format!("{page}/{id}");
    walk.step("EditDestination", "destination.change", POST, &of_one, form("d")).await;
    let test = format!("{of_one}/test");
    walk.step("TestDestinationByForm", "destination.send", POST, &test, json!("")).await;
    let retry = format!("{of_one}/retry");
    walk.step("RetryDestinationByForm", "destination.send", POST, &retry, json!("")).await;
    let switch = format!("{of_one}/switch");
    walk.step("SwitchDestination", "destination.change", POST, &switch, json!("enabled=false")).await;
    let delete = format!("{of_one}/delete");
    walk.step("RemoveDestination", "destination.delete", POST, &delete, json!("")).await;
    let left = walk.server.get(all).await.json()["destinations"][0]["id"].clone();
    let one = format!("{all}/{left}");
    walk.step("DeleteDestination", "destination.delete", Method::DELETE, &one, json!({})).await;
}

async fn gates(walk: &mut Walk) {
    const POST: Method = Method::POST;
    let all = "/native/v1/repositories/7/gates";
    let rules = json!({"rules": [{"targets": ["main"], "requirements": [{"job": "build"}]}]});
    walk.step("SetGateRules", "gate.rules", Method::PUT, all, rules).await;
    let form = json!(
        "version=1&action=apply&text=%5B%5Brules%5D%5D%0Atargets+%3D+%5B%22main%22%5D%0A%5B%5Brules.requirements%5D%5D%0Ajob+%3D+%22unit%22%0A"
    );
    walk.step("EditGateRules", "gate.rules", POST, "/repositories/7/settings/gates", form).await;
    report(&walk.server, 7, json!({"ref": "main"})).await;
    let overrides = format!("{all}/{SHA}/overrides");
    let decision = json!({"target": "main", "reason": "known"});
    let number =
        walk.step("OverrideGate", "gate.override", POST, &overrides, decision).await.json()["id"].clone();
    let one = format!("{overrides}/{number}");
    walk.step("WithdrawGateOverride", "gate.withdraw", Method::DELETE, &one, json!({})).await;
    let page = format!("/repositories/7/commits/{SHA}/overrides");
    let form = json!("target=main&requirement=whole&reason=known");
    walk.step("OverrideByForm", "gate.override", POST, &page, form).await;
    let known = walk.server.get(&format!("{all}/{SHA}?target=main")).await.json();
    let numbers = known["overrides"].as_array().unwrap().iter().map(|known| known["id"].as_i64().unwrap());
    let number = numbers.max().unwrap();
    let withdraw = format!("{page}/{number}/withdraw");
    walk.step("WithdrawByForm", "gate.withdraw", POST, &withdraw, json!("target=main")).await;
    let close = json!({"job_id": 2, "status": "canceled", "reason": "lost"});
    let found = walk.server.get("/native/v1/repositories/7/jobs?status=running").await.json();
    let job = found["jobs"][0]["id"].clone();
    let close = json!({"job_id": job, "status": close["status"], "reason": close["reason"]});
    walk.step("CloseJobs", "job.close", POST, "/native/v1/repositories/7/closings", close).await;
    let sent = report(&walk.server, 7, json!({"ref": "main", "name": "lint"})).await.json();
    let close = format!("/repositories/7/pipelines/{}/jobs/{}/close", sent["pipeline_id"], sent["job_id"]);
    walk.step("CloseJobByForm", "job.close", POST, &close, json!("status=canceled&reason=lost")).await;
}

async fn retention(walk: &mut Walk) {
    const POST: Method = Method::POST;
    let policies = "/native/v1/repositories/7/policies";
    walk.step("SetPolicies", "policies.set", Method::PUT, policies, json!({"keep_per_ref": 3})).await;
    let page = "/repositories/7/settings/policies";
    walk.step("EditPolicies", "policies.set", POST, page, json!("keep_per_ref=1")).await;
    let fill = async |walk: &Walk, first: u8| {
        for number in first..first + 2 {
            let sha = format!("{number:040x}");
            let sent = report(&walk.server, 7, json!({"sha": sha, "ref": "dev", "status": "success"})).await;
            assert_eq!(sent.status, 201);
        }
    };
    fill(walk, 1).await;
    walk.step("Prune", "pipeline.prune", POST, "/native/v1/repositories/7/prune", json!({})).await;
    fill(walk, 3).await;
    let before = walk.server.get("/native/v1/repositories/7/pipelines").await.json();
    assert!(before["pipelines"].as_array().unwrap().len() > 2);
    let response = walk.server.root(POST, "/repositories/7/settings/prune").from("192.0.2.7");
    let response = response.body("confirm=true").send().await;
    assert_eq!(response.status, 200);
    // Two pipelines, one entry.
    let entries = walk.server.get("/native/v1/audit?action=pipeline.prune").await.json();
    let found = &entries["entries"][0];
    assert_eq!(found["request_id"], response.header("x-request-id"), "{entries}");
    assert_eq!(found["count"], 2, "{found}");
    walk.done.insert("PruneByForm");
}

#[tokio::test]
async fn refusals_are_summed_up_and_bounded() {
    let server = TestServer::start().await;
    server.user("amy").await;
    let wrong = async |address: &str, token: &str| {
        let asked = server.ask(Method::GET, "/native/v1/whoami").from(address).token(token);
        assert_eq!(asked.send().await.status, 401);
    };
    for _ in 0..5 {
        wrong("192.0.2.7", "spt_s3cret").await;
    }
    let forbidden = server.ask(Method::GET, "/native/v1/users").from("192.0.2.8");
    let amy = server.token("amy", json!({"name": "limited", "scope": "read"})).await;
    assert_eq!(forbidden.token(&amy).send().await.status, 403);
    for name in 0..30 {
        let form = format!("name=made-up-{name}&password=wrong-password");
        let asked = server.ask(Method::POST, "/sign-in").from(&format!("192.0.2.{}", 100 + name % 3));
        assert!(asked.body(form).send().await.status >= 400);
    }
    assert_eq!(server.ask(Method::GET, "/native/v1/whoami").send().await.status, 401, "no credential");
    let refusals = "/native/v1/audit?kind=refusal";
    assert_eq!(server.get(refusals).await.json()["entries"], json!([]), "they are recorded later");
    server.edge.record_refusals().await.unwrap();
    let found = server.get(refusals).await.json();
    let entries = found["entries"].as_array().unwrap();
    let of = |address: &str| entries.iter().find(|entry| entry["address"] == address).unwrap();
    let token = of("192.0.2.7");
    assert_eq!(
        (&token["action"], &token["reason"], &token["count"]),
        (&json!("credential.refused"), &json!("token"), &json!(5))
    );
    let access = of("192.0.2.8");
    assert_eq!((&access["action"], &access["actor"]["name"]), (&json!("access.refused"), &json!("amy")));
    let sign_ins: i64 = entries
        .iter()
        .filter(|entry| entry["action"] == "sign_in.refused")
        .map(|entry| {
            assert_eq!(entry["actor"]["name"], Value::Null, "no user has these names");
            entry["count"].as_i64().unwrap()
        })
        .sum();
    assert_eq!(sign_ins, 30, "{found}");
    assert!(entries.len() <= 10, "{found}");
    assert!(!found.to_string().contains("s3cret") && !found.to_string().contains("made-up"), "{found}");
}

#[tokio::test]
async fn the_log_is_for_administrators_and_that_of_a_repository_for_its_maintainers() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    server.repository("acme/other", "private").await;
    let amy = server.user("amy").await;
    let member = format!("/native/v1/repositories/{id}/members/amy");
    let get = async |path: &str, token: &str| server.ask(Method::GET, path).token(token).send().await;
    let own = format!("/native/v1/repositories/{id}/audit");
    assert_eq!(get(&own, &amy).await.status, 404);
    for (role, status) in [("report", 403), ("manage", 200)] {
        let set = server.root(Method::PUT, &member).json(&json!({"role": role})).send().await;
        assert_eq!(set.status, 204);
        assert_eq!(get(&own, &amy).await.status, status, "{role}");
    }
    for path in ["/native/v1/audit", "/audit"] {
        assert_eq!(get(path, &amy).await.status, 403, "{path}");
    }
    let shown = get(&own, &amy).await.json();
    let actions: Vec<&str> =
        shown["entries"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["member.set", "member.set", "repository.create"]);
    let newest = &shown["entries"][0];
    assert_eq!(
        (&newest["before"], &newest["after"]),
        (&json!({"role": "report"}), &json!({"role": "manage"}))
    );
    let of = |query: &str| format!("/native/v1/audit?{query}");
    for (query, field) in [
        ("action=member.x", "action"),
        ("object=x:1", "object"),
        ("kind=x", "kind"),
        ("address=x", "address"),
        ("repository=x", "repository"),
        ("since=x", "since"),
        ("actor=", "actor"),
        ("limit=201", "limit"),
        ("before=0", "before"),
    ] {
        let refused = server.get(&of(query)).await;
        assert_eq!(refused.status, 400, "{query}");
        assert!(refused.json().to_string().contains(field), "{query}: {refused:?}");
    }
    let found = server.get(&of(&format!("repository={id}&action=member&limit=1"))).await.json();
    assert_eq!(found["entries"].as_array().unwrap().len(), 1);
    let rest = of(&format!("repository={id}&action=member&before={}", found["next_before"]));
    let rest = server.get(&rest).await.json();
    assert_eq!((rest["entries"].as_array().unwrap().len(), &rest["next_before"]), (1, &Value::Null));
    // No API changes it.
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        for path in ["/native/v1/audit", "/native/v1/audit/1", &own, "/audit"] {
            let refused = server.root(method.clone(), path).json(&json!({})).send().await;
            assert!([404, 405].contains(&refused.status), "{method} {path}: {refused:?}");
        }
    }
}

#[tokio::test]
async fn the_page_has_filters_in_both_languages() {
    let server = TestServer::start().await;
    let new = json!({"path": "acme/demo", "visibility": "private", "description": "<demo>"});
    let id = server.post("/native/v1/repositories", new).await.json()["id"].clone();
    let page = async |query: &str, language: &str| {
        let asked = server.root(Method::GET, &format!("/audit{query}")).header("accept", "text/html");
        let shown = asked.header("accept-language", language).send().await;
        assert_eq!(shown.status, 200, "{query}");
        String::from_utf8(shown.body).unwrap()
    };
    let english = page("?kind=change&action=repository.create", "en").await;
    for part in [
        "Audit log",
        "Repository created",
        "acme/demo",
        "description: ",
        "visibility: private",
        "root",
        "token 1",
    ] {
        assert!(english.contains(part), "{part}: {english}");
    }
    assert!(!english.contains("User created</th>") && !english.contains("<demo>"), "{english}");
    assert!(english.contains("href=\"/audit\" aria-current=\"page\""), "the link in the menu");
    let chinese = page("", "zh").await;
    for part in ["审计日志", "创建仓库", "创建用户", "服务器"] {
        assert!(chinese.contains(part), "{part}");
    }
    let none = page(&format!("?repository={id}&actor=nobody"), "en").await;
    assert!(none.contains("No matching entries") && none.contains("value=\"nobody\""), "{none}");
    let json = server.get("/audit.json?action=user.create").await.json();
    assert_eq!(json["entries"][0]["object"]["name"], "root");
    server.user("amy").await;
    let amy = server.token("amy", json!({"name": "t2", "scope": "full"})).await;
    let account = server.ask(Method::GET, "/account").token(&amy).header("accept", "text/html").send().await;
    assert!(!String::from_utf8(account.body).unwrap().contains("href=\"/audit\""), "for administrators only");
}
