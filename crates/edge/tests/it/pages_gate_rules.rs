//! The page of the rules of gates, and the form that changes them.

use super::pages_gates::{contains, pages, text};
use http::Method;
use serde_json::json;
use testkit::TestServer;

#[tokio::test]
async fn the_page_of_rules_shows_them_as_they_are() {
    let server = TestServer::start().await;
    let pages = pages(&server).await;
    let path = "/settings/gates";
    contains(&pages.page(path).await, &["No rules, so no branch has a gate verdict"]);
    pages
        .rules(
            json!([{"name": "e2e", "stage": "test", "job": "e2e-*", "absent": "passed", "absent_after": 1800,
            "reporters": [{"user": "root"}], "skipped": "not_applicable"}]),
        )
        .await;
    pages.rules(json!([{"job": "unit"}])).await;
    let now = pages.page(path).await;
    contains(
        &now,
        &["Version 2 (current) · root", "all users who may report", "missing after 1h", "?version=1"],
    );
    let earlier = pages.page(&format!("{path}?version=1")).await;
    contains(
        &earlier,
        &["Version 1 ·", "e2e-*", "passed after 30m", "root</td>", "users with role Manage or higher"],
    );
    assert_eq!(pages.page_in(&format!("{path}?version=9"), "en").await.status, 404);
    let amy = pages.member("amy", "report").await;
    assert_eq!(server.ask(Method::GET, &pages.target(path)).token(&amy).send().await.status, 403);
}

#[tokio::test]
async fn rules_are_changed_as_the_file_that_the_command_takes() {
    let server = TestServer::start().await;
    let pages = pages(&server).await;
    let path = "/settings/gates";
    let form = |version: i64, action: &str, text: &str| {
        let text = text.replace('\n', "%0D%0A").replace(' ', "+").replace('=', "%3D").replace('&', "%26");
        format!("version={version}&action={action}&text={text}")
    };
    let rules = "[[rules]]\ntargets = [\"main\"]\n\n[[rules.requirements]]\njob = \"unit\"\n";
    let preview = pages.submit(path, None, &form(0, "preview", rules)).await;
    assert_eq!(preview.status, 200);
    contains(text(&preview), &["Changes to apply", "Added</span></span> unit", "No rules, so no branch"]);
    assert_eq!(
        server.get(&format!("/native/v1/repositories/{}/gates", pages.repository)).await.json()["version"],
        0
    );
    for (wrong, part) in [
        (rules.replace("job =", "jobs ="), "Line 5: "),
        (rules.replace("targets = [", "targets = "), "Line 2: "),
        (rules.replace("\"unit\"", "\"\""), "Line 5: "),
        (format!("{rules}reporters = [{{ user = \"nobody\" }}]\n"), "Line 6: "),
    ] {
        let refused = pages.submit(path, None, &form(0, "apply", &wrong)).await;
        assert_eq!(refused.status, 400, "{wrong}");
        contains(text(&refused), &[part, "id=\"wrong-text\"", "targets"]);
    }
    assert_eq!(pages.submit(path, None, &form(0, "apply", rules)).await.status, 303);
    let shown = pages.page(path).await;
    contains(&shown, &["Version 1 (current)", "name=\"version\" value=\"1\"", "targets = [&#34;main&#34;]"]);
    let is_stale = "The rules have changed meanwhile and are now version 1.";
    // An error in the text does not make a form current whose rules were changed meanwhile.
    let wrong = pages.submit(path, None, &form(0, "apply", "x = 1\n")).await;
    assert_eq!(wrong.status, 400);
    contains(text(&wrong), &["name=\"version\" value=\"0\""]);
    let stale = pages.submit(path, None, &form(0, "apply", "")).await;
    assert_eq!(stale.status, 409);
    contains(text(&stale), &[is_stale, "name=\"version\" value=\"1\""]);
    let preview = pages.submit(path, None, &form(0, "preview", "")).await;
    assert_eq!(preview.status, 200);
    contains(text(&preview), &[is_stale, "name=\"version\" value=\"1\"", "Removed</span></span> unit"]);
    contains(&pages.page(path).await, &["Version 1 (current)"]);
    let removed = pages.submit(path, None, &form(1, "preview", "")).await;
    contains(text(&removed), &["Removed</span></span> unit"]);
    assert!(!text(&removed).contains(is_stale));
    // Refs of merge queues without rules stay in the text.
    let queues = "merge_queues = [{ refs = \"queue/*\", target = \"main\" }]\n";
    assert_eq!(pages.submit(path, None, &form(1, "apply", queues)).await.status, 303);
    contains(
        &pages.page(path).await,
        &[
            "No rules, so no branch",
            "<code>queue/* → main</code>",
            "merge_queues",
            "refs = &#34;queue/*&#34;",
        ],
    );
    let amy = pages.member("amy", "report").await;
    assert_eq!(pages.submit(path, Some(&amy), &form(2, "apply", "")).await.status, 403);
}
