//! From an empty server to the first report: a repository, a token in place, an invitation; and the documentation.

use crate::report;
use http::Method;
use serde_json::json;
use testkit::{ROOT, TestResponse, TestServer};

async fn post(server: &TestServer, token: &str, path: &str, form: &str) -> TestResponse {
    server.ask(Method::POST, path).token(token).header("accept-language", "en").body(form).send().await
}

async fn page(server: &TestServer, token: &str, path: &str) -> String {
    let asked = server.ask(Method::GET, path).token(token).header("accept-language", "en");
    let shown = asked.header("accept", "text/html").send().await;
    assert_eq!(shown.status, 200, "{path}");
    text(&shown)
}

fn text(answer: &TestResponse) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("{start} in {text}"));
    rest.split_once(end).unwrap().0
}

#[tokio::test]
async fn an_empty_server_leads_to_a_repository_a_token_and_the_first_report() {
    let server = TestServer::start().await;
    let empty = page(&server, ROOT, "/repositories").await;
    assert!(empty.contains("First steps") && empty.contains("href=\"/repositories/new\""), "{empty}");
    let refused = post(&server, ROOT, "/repositories/new", "path=&visibility=private").await;
    assert!(text(&refused).contains("id=\"wrong-repository-path\""), "{}", text(&refused));
    let form = "path=acme%2Fdemo&description=x&default_branch=dev&visibility=internal";
    let made = post(&server, ROOT, "/repositories/new", form).await;
    let connect = made.header("location").split('?').next().unwrap().to_owned();
    assert_eq!(made.status, 303);
    let id: i64 = connect.split('/').nth(2).unwrap().parse().unwrap();
    assert!(page(&server, ROOT, &connect).await.contains("Waiting for the first report"));
    let form = format!("repository={id}&system=shell&form_id=1");
    let filled = post(&server, ROOT, "/account/connect", &form).await;
    assert_eq!((filled.status, filled.header("cache-control")), (200, "no-store"));
    let filled = text(&filled);
    let token = filled[filled.find("spt_").unwrap()..].split(|c: char| !c.is_alphanumeric() && c != '_');
    let token = token.into_iter().next().unwrap().to_owned();
    assert!(!filled.contains("YOUR_TOKEN"), "{filled}");
    let who = server.ask(Method::GET, "/native/v1/whoami").token(&token).send().await.json();
    assert_eq!((&who["scope"], &who["repositories"]), (&json!("report"), &json!([id])));
    let again = post(&server, ROOT, "/account/connect", &form).await;
    assert_eq!((again.status, again.header("location").ends_with("notice=repeated")), (303, true));
    report(&server, id, json!({"status": "success"})).await;
    assert!(page(&server, ROOT, &connect).await.contains("Last pipeline: "));
    let key = post(&server, ROOT, "/account/connect", &format!("repository={id}&system=python-sdk")).await;
    assert!(key.status == 200 && !text(&key).contains("YOUR_"), "{}", text(&key));
}

#[tokio::test]
async fn a_credential_is_created_for_a_visible_repository_only() {
    let server = TestServer::start().await;
    let id = server.repository("acme/secret", "private").await;
    let amy = server.user("amy").await;
    let form = format!("repository={id}&system=shell");
    let hidden = post(&server, &amy, "/account/connect", &form).await;
    let missing = post(&server, &amy, "/account/connect", "repository=2147483647&system=shell").await;
    assert_eq!((hidden.status, missing.status), (404, 404));
    assert_eq!(post(&server, &amy, "/account/connect", "repository=x").await.status, 400);
    // With the role read, a token for reports would be of no use.
    let id = server.repository("acme/open", "internal").await;
    let connect = format!("/repositories/{id}/connect");
    let reader = page(&server, &amy, &connect).await;
    assert!(
        reader.contains("needs the role report") && !reader.contains("action=\"/account/connect\""),
        "{reader}"
    );
    let refused = post(&server, &amy, "/account/connect", &format!("repository={id}&system=shell")).await;
    assert_eq!(refused.status, 403);
    let sdk = page(&server, &amy, &format!("{connect}?system=python-sdk")).await;
    assert!(sdk.contains("action=\"/account/connect\""), "{sdk}");
    for path in ["/repositories/new", "/administration/users/root/invitation"] {
        assert_eq!(post(&server, &amy, path, "path=acme%2Fx&visibility=private").await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn an_invitation_works_once_and_its_user_chooses_a_password() {
    let server = TestServer::start().await;
    let made = post(&server, ROOT, "/administration/users", "name=amy&form_id=a").await;
    assert_eq!((made.status, made.header("cache-control")), (200, "no-store"));
    let made = text(&made);
    let link = between(&made, "<code>", "</code>").replace("&#38;", "&").replace("&amp;", "&");
    let once = between(&format!("{link}&"), "once=", "&").to_owned();
    let twice = post(&server, ROOT, "/administration/users", "name=bob&form_id=a").await;
    assert_eq!(twice.header("location"), "/administration?notice=repeated");
    let target = format!("/sign-in?once={once}");
    let shown = server.ask(Method::GET, &target).header("accept-language", "en").send().await;
    assert!(text(&shown).contains("name=\"password\""), "{}", text(&shown));
    let send = async |form: &str| {
        let asked = server.ask(Method::POST, "/sign-in").header("accept-language", "en");
        asked.body(form).send().await
    };
    let weak = send(&format!("once={once}&password=short")).await;
    assert!(weak.status == 400 && text(&weak).contains("id=\"wrong-password\""), "{}", text(&weak));
    let signed_in = send(&format!("once={once}&password=long-enough")).await;
    assert_eq!((signed_in.status, signed_in.header("location")), (303, "/repositories"));
    assert_eq!(send(&format!("once={once}&password=another-one")).await.status, 401, "it works once");
    assert_eq!(send("name=amy&password=long-enough").await.status, 303);
    assert_eq!(send("name=amy&password=another-one").await.status, 401);
    let again = post(&server, ROOT, "/administration/users/amy/invitation", "").await;
    assert!(text(&again).contains("Invitation link for amy"), "{}", text(&again));
    assert_eq!(post(&server, ROOT, "/administration/users/none/invitation", "").await.status, 404);
}

#[tokio::test]
async fn a_job_is_closed_from_its_page() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "internal").await;
    report(&server, id, json!({"name": "hangs", "status": "running"})).await;
    let job = format!("/repositories/{id}/pipelines/1/jobs/1");
    let close = format!("{job}/close");
    assert!(page(&server, ROOT, &job).await.contains(&format!("action=\"{close}\"")));
    let amy = server.user("amy").await;
    assert!(!page(&server, &amy, &job).await.contains("/close"));
    assert_eq!(post(&server, &amy, &close, "status=canceled").await.status, 403);
    assert_eq!(post(&server, ROOT, &close, "status=pending").await.status, 400);
    let elsewhere = close.replace("pipelines/1", "pipelines/2");
    assert_eq!(post(&server, ROOT, &elsewhere, "status=canceled").await.status, 404);
    let closed = post(&server, ROOT, &close, "status=timedout&reason=agent+lost").await;
    assert_eq!((closed.status, closed.header("location")), (303, job.as_str()));
    let shown = page(&server, ROOT, &job).await;
    assert!(
        shown.contains("agent lost") && shown.contains("Timed out") && !shown.contains("/close"),
        "{shown}"
    );
}

#[tokio::test]
async fn the_documentation_is_there_in_both_languages() {
    let server = TestServer::start().await;
    let read = async |path: &str, language: &str| {
        let asked = server.ask(Method::GET, path).header("accept-language", language);
        asked.header("accept", "text/html").send().await
    };
    let list = text(&read("/docs", "en").await);
    assert!(list.contains("href=\"/docs/operating/tls\"") && list.contains("href=\"/docs/pages\""), "{list}");
    let found = text(&read("/docs?q=litestream", "en").await);
    assert!(found.matches("data-row").count() < list.matches("data-row").count(), "{found}");
    let (english, chinese) =
        (read("/docs/operating/tls", "en").await, read("/docs/operating/tls", "zh-CN").await);
    assert!(text(&english).contains("<h1 id=") && text(&english) != text(&chinese));
    assert!(!english.header("content-security-policy").is_empty());
    for missing in ["/docs/none", "/docs/operating/none", "/docs/..%2FCargo"] {
        assert_eq!(read(missing, "en").await.status, 404, "{missing}");
    }
    // Every link between pages leads to one.
    let mut followed = 0;
    for path in list.split("href=\"/docs/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        for language in ["en", "zh-CN"] {
            let shown = text(&read(&format!("/docs/{path}"), language).await);
            for link in shown.split("class=\"inside\" href=\"/docs/").skip(1) {
                let link = link.split(['"', '#']).next().unwrap();
                assert!(list.contains(&format!("href=\"/docs/{link}\"")), "{path} leads to {link}");
                followed += 1;
            }
        }
    }
    assert!(followed > 50, "{followed}");
}
