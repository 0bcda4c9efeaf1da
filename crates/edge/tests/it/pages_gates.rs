//! The gate on the pages of commits and merge requests, its badge, the form that overrides, and the page of rules.

use crate::report;
use domain::SignedDuration;
use http::Method;
use serde_json::{Value, json};
use testkit::{TestResponse, TestServer};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

pub struct Pages<'a> {
    server: &'a TestServer,
    pub repository: i64,
}

pub async fn pages(server: &TestServer) -> Pages<'_> {
    Pages { server, repository: server.repository("acme/demo", "private").await }
}

pub fn text(answer: &TestResponse) -> &str {
    std::str::from_utf8(&answer.body).unwrap()
}

impl Pages<'_> {
    pub fn target(&self, rest: &str) -> String {
        format!("/repositories/{}{rest}", self.repository)
    }

    pub async fn rules(&self, requirements: Value) {
        let rules = json!({"rules": [{"targets": ["main"], "requirements": requirements}]});
        let path = format!("/native/v1/repositories/{}/gates", self.repository);
        assert_eq!(self.server.root(Method::PUT, &path).json(&rules).send().await.status, 200);
    }

    async fn report(&self, body: Value) {
        assert_eq!(report(self.server, self.repository, body).await.status, 201);
    }

    pub async fn page_in(&self, rest: &str, language: &str) -> TestResponse {
        let asked = self.server.root(Method::GET, &self.target(rest)).header("accept", "text/html");
        asked.header("accept-language", language).send().await
    }

    pub async fn page(&self, rest: &str) -> String {
        let shown = self.page_in(rest, "en").await;
        assert_eq!(shown.status, 200, "{rest}: {}", text(&shown));
        text(&shown).to_owned()
    }

    /// Submits a form as this user, or as the administrator.
    pub async fn submit(&self, rest: &str, token: Option<&str>, form: &str) -> TestResponse {
        let path = self.target(rest);
        let asked = match token {
            Some(token) => self.server.ask(Method::POST, &path).token(token),
            None => self.server.root(Method::POST, &path),
        };
        asked.header("accept", "text/html").header("accept-language", "en").body(form).send().await
    }

    pub async fn member(&self, name: &str, role: &str) -> String {
        let token = self.server.user(name).await;
        let path = format!("/native/v1/repositories/{}/members/{name}", self.repository);
        assert_eq!(
            self.server.root(Method::PUT, &path).json(&json!({"role": role})).send().await.status,
            204
        );
        token
    }

    async fn head(&self, iid: u32, source: &str, target: &str, sha: &str) {
        let path = format!("/native/v1/repositories/{}/merge-requests/{iid}", self.repository);
        let body = json!({"source_branch": source, "target_branch": target, "head_sha": sha});
        assert_eq!(self.server.root(Method::PUT, &path).json(&body).send().await.status, 200);
    }
}

pub fn contains(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "{part} is not in {html}");
    }
}

#[tokio::test]
async fn the_page_of_a_commit_shows_its_gate_as_it_was_and_no_form() {
    let server = TestServer::start().await;
    let pages = pages(&server).await;
    pages.rules(json!([{"job": "unit"}])).await;
    pages.report(json!({"ref": "main", "stage": "test", "name": "unit", "status": "failed"})).await;
    let body =
        json!({"ref": "main", "stage": "test", "name": "unit", "status": "success", "third_build_id": "2"});
    pages.report(body).await;
    let commit = format!("/commits/{SHA}");
    let past = pages.page(&format!("{commit}?as_of=report:1")).await;
    contains(&past, &["Failed requirements: 1.", r#"<input type="hidden" name="as_of" value="report:1">"#]);
    assert!(!past.contains("data-live") && !past.contains("/overrides"), "{past}");
    let present = pages.page(&commit).await;
    contains(&present, &["data-live", "The commit may be merged into main."]);
    assert!(!present.contains("name=\"as_of\""), "{present}");
}

#[tokio::test]
async fn the_page_of_a_commit_says_what_is_missing_and_since_when() {
    let server = TestServer::start().await;
    let pages = pages(&server).await;
    let commit = format!("/commits/{SHA}");
    pages.report(json!({"ref": "main", "stage": "test", "name": "unit", "status": "success"})).await;
    let without = pages.page(&commit).await;
    contains(&without, &["No gate rule applies to the target branch main", "status status-skipped"]);
    contains(&without, &["data-quiet"]);
    assert!(!without.contains("/overrides"), "{without}");
    pages.rules(json!([{"job": "unit"}, {"name": "end to end", "job": "e2e", "absent_after": 1}, {"job": "lint"}])).await;
    pages.report(json!({"ref": "main", "stage": "test", "name": "lint", "status": "failed"})).await;
    let waiting = pages.page(&commit).await;
    contains(
        &waiting,
        &[
            "data-quiet",
            "Gate for main",
            "Failed requirements: 1.",
            "<strong>end to end</strong>",
            "the wait ends at",
            "Requirements passed, overridden or not applicable: 1",
            "All jobs succeeded.",
            &format!("/repositories/{}/pipelines/1/jobs/2\"", pages.repository),
        ],
    );
    server.clock.advance(SignedDuration::from_secs(2));
    let missing = pages.page(&commit).await;
    contains(&missing, &["the job is missing.", "since <time datetime="]);
    // Times in sentences have the time zone of the page.
    assert!(missing.contains("+08:00; the job is missing."), "{missing}");
    let chinese = pages.page_in(&commit, "zh").await;
    contains(text(&chinese), &["合并到 main 的门禁", "1 项要求未通过。", "任务缺失。"]);
}

#[tokio::test]
async fn every_target_that_applies_has_its_gate_and_another_one_can_be_chosen() {
    let server = TestServer::start().await;
    let pages = pages(&server).await;
    pages.rules(json!([{"job": "unit"}])).await;
    pages.report(json!({"ref": "feature", "name": "unit", "status": "success"})).await;
    for (iid, target) in [(1, "main"), (2, "release/1")] {
        pages.head(iid, "feature", target, SHA).await;
    }
    let shown = pages.page(&format!("/commits/{SHA}")).await;
    contains(
        &shown,
        &["Gate for main", "applies to the target branch release/1", "/merge-requests/1\"", "!2</a>"],
    );
    let chosen = pages.page(&format!("/commits/{SHA}?target=release/2")).await;
    contains(&chosen, &["applies to the target branch release/2", "name=\"target\" value=\"release/2\""]);
    assert!(!chosen.contains("Gate for main"), "{chosen}");
}

#[tokio::test]
async fn announced_jobs_that_have_not_ended_are_listed() {
    let server = TestServer::start().await;
    let pages = pages(&server).await;
    pages.rules(json!([{"job": "unit"}])).await;
    pages.report(json!({"ref": "main", "name": "unit", "status": "success"})).await;
    pages.report(json!({"ref": "main", "stage": "build", "name": "compile", "status": "running"})).await;
    let path = format!("/native/v1/repositories/{}/gates/{SHA}/expect", pages.repository);
    let jobs =
        json!([{"name": "unit"}, {"stage": "build", "name": "compile"}, {"stage": "build", "name": "pack"}]);
    assert_eq!(server.post(&path, json!({"jobs": jobs})).await.status, 201);
    let shown = pages.page(&format!("/commits/{SHA}")).await;
    contains(
        &shown,
        &["Announced jobs not finished: 2", "build / pack", "not reported yet", "build / compile</a>"],
    );
}

#[tokio::test]
async fn those_who_may_override_do_it_on_the_page() {
    let server = TestServer::start().await;
    let pages = pages(&server).await;
    pages.rules(json!([{"name": "<b>", "job": "unit"}])).await;
    pages.report(json!({"ref": "main", "name": "unit", "status": "failed"})).await;
    let (commit, form) = (format!("/commits/{SHA}"), format!("/commits/{SHA}/overrides"));
    let (amy, ben) = (pages.member("amy", "report").await, pages.member("ben", "read").await);
    for token in [&amy, &ben] {
        let asked =
            server.ask(Method::GET, &pages.target(&commit)).token(token).header("accept", "text/html");
        let shown = asked.header("accept-language", "en").send().await;
        assert!(shown.status == 200 && !text(&shown).contains("Override…"), "{}", text(&shown));
    }
    contains(
        &pages.page(&commit).await,
        &[
            "Override…",
            "<select name=\"requirement\" required",
            "<option value=\"\" data-key=\"none\">Choose one</option>",
            "<option value=\"of-&#60;b&#62;\" data-key=\"of-&#60;b&#62;\">",
            "<option value=\"whole\" data-key=\"whole\">The whole gate</option>",
        ],
    );
    let decided = "target=main&requirement=of-%3Cb%3E&reason=bench+is+down";
    for (token, refused) in [(&amy, 403), (&ben, 403)] {
        assert_eq!(pages.submit(&form, Some(token), decided).await.status, refused);
    }
    for (wrong, part) in [
        ("target=main&requirement=of-%3Cb%3E&reason=", "id=\"wrong-override-reason\""),
        ("target=main&requirement=of-other&reason=x", "id=\"wrong-override-requirement\""),
    ] {
        let refused = pages.submit(&form, None, wrong).await;
        assert_eq!(refused.status, 400);
        contains(text(&refused), &[part, "data-key=\"override\" open"]);
        assert!(!text(&refused).contains("data-live="), "a form with an error is not updated");
    }
    for none in ["", "&requirement=", "&requirement=of-", "&requirement=other"] {
        let refused = pages.submit(&form, None, &format!("target=main&reason=x{none}")).await;
        assert_eq!(refused.status, 400, "{none} is not the whole gate");
    }
    let refused = pages.submit(&form, None, "target=main&requirement=whole&reason=").await;
    contains(
        text(&refused),
        &[
            "<option value=\"whole\" data-key=\"whole\" selected>",
            &format!("name=\"next\" value=\"{}\"", pages.target(&format!("{commit}?target=main"))),
        ],
    );
    // The target branch in the address of the page stays.
    let chosen = format!("{commit}?target=main");
    let hidden = "<input type=\"hidden\" name=\"chosen_target\" value=\"main\">";
    contains(&pages.page(&chosen).await, &[hidden]);
    assert!(!pages.page(&commit).await.contains(hidden));
    let location = pages.target(&format!("{chosen}&notice=saved"));
    let done = pages.submit(&form, None, &format!("{decided}&chosen_target=main")).await;
    assert_eq!((done.status, done.header("location")), (303, location.as_str()));
    let withdrawn = pages.submit(&format!("{form}/1/withdraw"), None, "chosen_target=main").await;
    assert_eq!((withdrawn.status, withdrawn.header("location")), (303, location.as_str()));
    let done = pages.submit(&form, None, decided).await;
    assert_eq!(
        (done.status, done.header("location")),
        (303, &*pages.target(&format!("{commit}?notice=saved")))
    );
    let shown = pages.page(&commit).await;
    contains(&shown, &["Passed</span>", "bench is down", "by root", "&#60;b&#62;", "/overrides/2/withdraw"]);
    assert!(!shown.contains("Override…"), "there is nothing to override");
    assert_eq!(pages.submit(&format!("{form}/2/withdraw"), Some(&amy), "").await.status, 403);
    assert_eq!(pages.submit(&format!("{form}/9/withdraw"), None, "").await.status, 404);
    assert_eq!(pages.submit(&format!("{form}/2/withdraw"), None, "").await.status, 303);
    contains(&pages.page(&commit).await, &["Failed</span>", "withdrawn", "Override…"]);
    let whole = pages.submit(&form, None, "target=main&requirement=whole&reason=release").await;
    assert_eq!(whole.status, 303);
    contains(&pages.page(&commit).await, &["<strong>The whole gate</strong>", "release"]);
}

#[tokio::test]
async fn a_page_of_a_commit_that_did_not_change_is_not_sent_again() {
    let server = TestServer::start().await;
    let pages = pages(&server).await;
    pages.rules(json!([{"job": "unit"}])).await;
    pages.report(json!({"ref": "main", "name": "unit", "status": "failed"})).await;
    let commit = format!("/commits/{SHA}");
    let etag = pages.page_in(&commit, "en").await.header("etag").to_owned();
    let again = async || {
        let asked = server.root(Method::GET, &pages.target(&commit)).header("accept", "text/html");
        asked.header("accept-language", "en").header("if-none-match", &etag).send().await.status
    };
    assert_eq!(again().await, 304);
    let override_ =
        pages.submit(&format!("{commit}/overrides"), None, "target=main&requirement=of-unit&reason=x").await;
    assert_eq!((override_.status, again().await), (303, 200));
}

#[tokio::test]
async fn the_entity_tag_of_a_page_depends_on_the_target_branches_and_the_user() {
    let server = TestServer::start().await;
    let pages = pages(&server).await;
    pages.report(json!({"ref": "feature", "name": "unit", "status": "success"})).await;
    let commit = format!("/commits/{SHA}");
    let etag = async |query: &str, token: Option<&str>| {
        let path = pages.target(&format!("{commit}{query}"));
        let asked = match token {
            Some(token) => server.ask(Method::GET, &path).token(token),
            None => server.root(Method::GET, &path),
        };
        let shown = asked.header("accept", "text/html").send().await;
        assert_eq!(shown.status, 200, "{query}");
        shown.header("etag").to_owned()
    };
    assert_ne!(etag("?target=a", None).await, etag("?target=b", None).await);
    let (amy, ben) = (pages.member("amy", "report").await, pages.member("ben", "report").await);
    assert_ne!(etag("", Some(&amy)).await, etag("", Some(&ben)).await);
}

#[tokio::test]
async fn a_form_for_a_path_without_a_commit_is_refused() {
    let server = TestServer::start().await;
    let pages = pages(&server).await;
    for rest in ["/commits", "/commits/"] {
        let asked = server.ask(Method::POST, &pages.target(rest)).header("accept", "text/html");
        let refused = asked.body("").send().await;
        assert!((400..500).contains(&refused.status), "{rest}: {}", refused.status);
    }
}

#[tokio::test]
async fn the_page_of_a_merge_request_has_its_gate_and_its_heads() {
    let server = TestServer::start().await;
    let pages = pages(&server).await;
    pages.rules(json!([{"job": "unit"}])).await;
    let (old, new) = ("a".repeat(40), "b".repeat(40));
    let list = "/merge-requests";
    contains(&pages.page(list).await, &["No merge requests"]);
    pages.head(7, "feature/<b>", "main", &old).await;
    pages.report(json!({"sha": old, "ref": "feature/<b>", "name": "unit", "status": "failed"})).await;
    pages.head(7, "feature/<b>", "main", &new).await;
    pages
        .report(json!({"sha": new, "ref": "refs/merge-requests/7/head", "name": "unit", "status": "success"}))
        .await;
    contains(&pages.page(list).await, &["/merge-requests/7\">!7</a>", "feature/&lt;b&gt;</a> → ", "#2</a>"]);
    contains(
        &pages.page(list).await,
        &["/pipelines?ref=feature%2F%3Cb%3E\">", "/pipelines?ref=main\">main</a>"],
    );
    // A changed merge request causes no event.
    contains(&pages.page(list).await, &["data-quiet"]);
    contains(&pages.page("/pipelines").await, &["/merge-requests/7\">!7</a>"]);
    let shown = pages.page("/merge-requests/7").await;
    contains(
        &shown,
        &[
            "data-quiet",
            "Merge request !7",
            "data-key=\"gate-of-main\"",
            "Gate for main",
            "may be merged into main",
            "current</span>",
            "#1</a>",
            "#2</a>",
        ],
    );
    let (first, second) = (shown.find(&format!("/commits/{new}")), shown.rfind(&format!("/commits/{old}")));
    assert!(first.unwrap() < second.unwrap(), "the latest head is the first");
    // Both forms return to the page.
    pages
        .report(json!({"sha": new, "ref": "refs/merge-requests/7/head", "name": "unit", "status": "failed",
        "third_build_id": "2"}))
        .await;
    let form = format!("/commits/{new}/overrides");
    let wrong = pages.submit(&form, None, "target=main&merge_request=7&requirement=of-unit&reason=").await;
    assert!(wrong.status == 400 && text(&wrong).contains("Merge request !7"), "{}", text(&wrong));
    let next = format!("name=\"next\" value=\"{}\"", pages.target("/merge-requests/7"));
    contains(text(&wrong), &[&next]);
    let done = pages.submit(&form, None, "target=main&merge_request=7&requirement=of-unit&reason=x").await;
    let page = pages.target("/merge-requests/7?notice=saved");
    assert_eq!((done.status, done.header("location")), (303, page.as_str()));
    let withdrawn = pages.submit(&format!("{form}/1/withdraw"), None, "merge_request=7").await;
    assert_eq!((withdrawn.status, withdrawn.header("location")), (303, page.as_str()));
    assert_eq!(pages.page_in("/merge-requests/8", "en").await.status, 404);
    let native = server.get(&pages.target("/merge-requests/7.json")).await.json();
    assert_eq!((&native["iid"], &native["head_sha"]), (&json!(7), &json!(new)));
}

#[tokio::test]
async fn the_badge_of_a_gate_is_green_only_if_it_passed() {
    let server = TestServer::start().await;
    let pages = pages(&server).await;
    let badge = async |query: &str| {
        let shown = pages.page_in(&format!("/gate.svg{query}"), "en").await;
        assert_eq!(
            (shown.status, shown.header("content-type")),
            (200, "image/svg+xml; charset=utf-8"),
            "{query}"
        );
        text(&shown).to_owned()
    };
    contains(&badge("").await, &[">none<", "#57606a", "Gate main: none"]);
    pages.report(json!({"ref": "main", "name": "unit", "status": "success"})).await;
    contains(&badge("").await, &[">No rule applies<", "#57606a"]);
    pages.rules(json!([{"job": "unit"}])).await;
    contains(&badge("").await, &[">Passed<", "#116329", "Gate main: Passed"]);
    contains(&badge("?target=other").await, &[">No rule applies<", "Gate other"]);
    pages.report(json!({"sha": "2".repeat(40), "ref": "feature", "name": "unit", "status": "failed"})).await;
    contains(&badge("?ref=feature").await, &[">No rule applies<"]);
    contains(&badge("?ref=feature&target=main").await, &[">Failed<"]);
    contains(&badge(&format!("?sha={}", "2".repeat(40))).await, &[">Failed<", "Gate main"]);
    contains(&badge(&format!("?sha={SHA}&target=main")).await, &[">Passed<"]);
    contains(&badge("?target=refs/merge-requests/9/head").await, &[">none<", "#57606a", "merge-requests/9"]);
    for wrong in ["?ref=", "?sha=abc", "?target="] {
        assert_eq!(pages.page_in(&format!("/gate.svg{wrong}"), "en").await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn the_badge_of_a_gate_tells_only_who_may_know() {
    let server = TestServer::start().await;
    let amy = server.user("amy").await;
    for (visibility, nobody, some) in [("private", 404, 404), ("internal", 404, 200), ("public", 200, 200)] {
        let id = server.repository(&format!("acme/{visibility}"), visibility).await;
        let badge = format!("/repositories/{id}/gate.svg");
        assert_eq!(server.ask(Method::GET, &badge).send().await.status, nobody, "{visibility}");
        let shown = server.ask(Method::GET, &badge).token(&amy).send().await;
        assert_eq!(shown.status, some, "{visibility}");
        let root = server.root(Method::GET, &badge).send().await;
        let cache = if visibility == "public" { "public, max-age=30" } else { "private, no-cache" };
        assert_eq!(root.header("cache-control"), cache);
        let etag = root.header("etag").to_owned();
        assert_eq!(server.root(Method::GET, &badge).header("if-none-match", &etag).send().await.status, 304);
    }
}

#[tokio::test]
async fn an_old_head_says_that_it_has_no_pipeline_only_if_that_is_known() {
    let server = TestServer::start().await;
    let pages = pages(&server).await;
    let (first, second) = ("a".repeat(40), "b".repeat(40));
    pages.head(7, "feature", "main", &first).await;
    pages.head(7, "feature", "main", &second).await;
    let none = "<span class=\"muted\">none</span>";
    contains(&pages.page("/merge-requests/7").await, &[none]);
    let later: Vec<Value> = (0..50)
        .map(|n| json!({"sha": format!("{n:040}"), "ref": "feature", "name": "unit", "status": "success"}))
        .collect();
    let path = format!("/native/v1/repositories/{}/reports", pages.repository);
    assert_eq!(server.post(&path, json!(later)).await.status, 200);
    // The heads may have pipelines before the newest 50 of the branch.
    let shown = pages.page("/merge-requests/7").await;
    assert!(!shown.contains(none), "{shown}");
}
