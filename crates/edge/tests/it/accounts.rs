//! The pages of users, keys, tokens, insights and error codes.

use crate::report;
use http::Method;
use serde_json::json;
use testkit::{TestResponse, TestServer};

/// Submits a form with this token.
async fn post(server: &TestServer, token: &str, path: &str, form: &str) -> TestResponse {
    server.ask(Method::POST, path).token(token).header("accept-language", "en").body(form).send().await
}

async fn page(server: &TestServer, token: &str, path: &str) -> TestResponse {
    let asked = server.ask(Method::GET, path).token(token).header("accept-language", "en");
    asked.header("accept", "text/html").send().await
}

fn text(answer: &TestResponse) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

/// The text in the page that is to be copied.
fn shown(answer: &TestResponse, begins: &str) -> String {
    let text = text(answer);
    let at = text.find(&format!("<code>{begins}")).unwrap_or_else(|| panic!("{begins} in {text}"));
    text[at + "<code>".len()..].split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_is_made_shown_once_works_and_is_revoked() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let amy = server.user("amy").await;
    let form = format!("name=ci+bot&scope=report&repositories={id}&life=30");
    let made = post(&server, &amy, "/account/tokens", &form).await;
    assert_eq!(
        (made.status, made.header("cache-control"), made.header("content-encoding")),
        (200, "no-store", "")
    );
    assert!(made.header("content-security-policy").starts_with("default-src 'none'"));
    let word = shown(&made, "spt_");
    assert!(text(&made).contains(&format!("curl -H &#39;X-Auth-Token: {word}&#39;")), "{}", text(&made));
    let who = server.ask(Method::GET, "/native/v1/whoami").token(&word).send().await.json();
    assert_eq!(
        (&who["user"], &who["scope"], &who["repositories"]),
        (&json!("amy"), &json!("report"), &json!([id]))
    );
    let account = page(&server, &amy, "/account").await;
    assert!(text(&account).contains("ci bot") && !text(&account).contains(&word));
    let listed = page(&server, &amy, "/account.json").await.json();
    let token = listed["tokens"].as_array().unwrap().iter().find(|token| token["name"] == "ci bot").unwrap();
    assert_eq!(token["expires_at"], "2026-12-24T00:00:00.000Z");
    let revoked = post(&server, &amy, &format!("/account/tokens/{}/delete", token["id"]), "").await;
    assert_eq!((revoked.status, revoked.header("location")), (303, "/account?notice=removed"));
    assert_eq!(server.ask(Method::GET, "/native/v1/whoami").token(&word).send().await.status, 401);
}

#[tokio::test]
async fn a_refused_token_names_its_field_and_keeps_what_was_typed() {
    let server = TestServer::start().await;
    let amy = server.user("amy").await;
    for (form, field, why) in [
        ("name=&scope=read&life=30", "name", "must not be empty"),
        ("name=x&scope=all&life=30", "scope", "one of"),
        ("name=x&scope=read&life=31", "life", "one of"),
        ("name=x&scope=read&life=30&other_repositories=7%2C+abc", "other_repositories", "does not exist"),
        ("name=x&scope=read&life=30&other_repositories=0", "other_repositories", "between"),
        ("name=x&scope=read&life=30&repositories=77", "other_repositories", "does not exist"),
    ] {
        let answer = post(&server, &amy, "/account/tokens", form).await;
        let html = text(&answer);
        assert_eq!(answer.status, 400, "{form}");
        let at =
            html.find(&format!("id=\"wrong-token-{field}\"")).unwrap_or_else(|| panic!("{field}: {html}"));
        assert!(html[at..].split("</span>").next().unwrap().contains(why), "{form}: {}", &html[at..at + 200]);
        assert_eq!(html.matches("class=\"wrong\"").count(), 1, "{form}");
        assert!(
            form.starts_with("name=&") || html.contains("name=\"name\" type=\"text\" value=\"x\""),
            "{html}"
        );
    }
    assert_eq!(page(&server, &amy, "/account.json").await.json()["tokens"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_is_shown_with_its_secret_once() {
    let server = TestServer::start().await;
    let amy = server.user("amy").await;
    let made = post(&server, &amy, "/account/keys", "description=%3Cb%3Esdk").await;
    assert_eq!(made.status, 200);
    let account = page(&server, &amy, "/account.json").await.json();
    let access = account["keys"][0]["access"].as_str().unwrap().to_owned();
    assert!(text(&made).contains(&access) && account["keys"][0].get("secret").is_none());
    assert!(!text(&page(&server, &amy, "/account").await).contains("<b>"));
    let gone = post(&server, &amy, &format!("/account/keys/{access}/delete"), "").await;
    assert_eq!(gone.status, 303);
    assert_eq!(page(&server, &amy, "/account.json").await.json()["keys"], json!([]));
}

#[tokio::test]
async fn administrators_make_and_change_users_and_nobody_else_does() {
    let server = TestServer::start().await;
    let root = testkit::ROOT;
    let amy = server.user("amy").await;
    for (method, path) in [
        (Method::GET, "/administration"),
        (Method::GET, "/administration/users/root"),
        (Method::POST, "/administration/users"),
        (Method::POST, "/administration/users/amy"),
        (Method::POST, "/administration/users/root/tokens"),
    ] {
        let form = "name=x&scope=full&life=7&admin=true";
        let answer = server.ask(method, path).token(&amy).body(form).send().await;
        assert_eq!(answer.status, 403, "{path}");
    }
    let weak = post(&server, root, "/administration/users", "name=bob&password=short&admin=true").await;
    assert_eq!(weak.status, 400);
    assert!(
        text(&weak).contains("id=\"wrong-user-password\"") && text(&weak).contains("value=\"bob\""),
        "{}",
        text(&weak)
    );
    assert!(!text(&weak).contains("short\""));
    let made = post(&server, root, "/administration/users", "name=bob&password=long-enough").await;
    assert_eq!((made.status, made.header("location")), (303, "/administration/users/bob?notice=created"));
    assert!(text(&page(&server, root, "/administration").await).contains("/administration/users/bob"));
    let token = post(&server, root, "/administration/users/bob/tokens", "name=t&scope=full&life=never").await;
    let bob = shown(&token, "spt_");
    assert_eq!(page(&server, &bob, "/account").await.status, 200);
    let changed = post(&server, root, "/administration/users/bob", "disabled=true").await;
    assert_eq!(changed.status, 303);
    assert_eq!(server.ask(Method::GET, "/native/v1/whoami").token(&bob).send().await.status, 401);
    let shown = page(&server, root, "/administration/users/bob").await;
    assert!(shown.status == 200 && text(&shown).contains("This user is disabled"), "{}", text(&shown));
    let own = post(&server, root, "/administration/users/root", "disabled=true&admin=true").await;
    assert_eq!(own.status, 400, "an administrator cannot lock themselves out");
    assert!(text(&own).contains("id=\"wrong-change-disabled\""), "{}", text(&own));
    assert!(text(&own).contains("You cannot disable yourself"), "{}", text(&own));
    assert_eq!(page(&server, root, "/administration/users/nobody").await.status, 404);
}

#[tokio::test]
async fn a_narrow_credential_sees_its_account_and_makes_nothing() {
    let server = TestServer::start().await;
    let amy = server.user("amy").await;
    let narrow = server.token("amy", json!({"name": "n", "scope": "read"})).await;
    let shown = page(&server, &narrow, "/account").await;
    assert!(
        shown.status == 200
            && text(&shown).contains("too narrow")
            && !text(&shown).contains("/account/tokens")
    );
    let form = "name=x&scope=read&life=7";
    assert_eq!(post(&server, &narrow, "/account/tokens", form).await.status, 403);
    assert_eq!(post(&server, &amy, "/account/tokens", form).await.status, 200);
}

#[tokio::test]
async fn errors_are_explained_to_anybody() {
    let server = TestServer::start().await;
    let ask = async |path: &str| server.ask(Method::GET, path).header("accept", "text/html").send().await;
    let all = ask("/errors").await;
    let html = text(&all);
    assert_eq!(all.status, 200);
    for entry in edge::catalogue::ALL {
        assert!(html.contains(&format!("id=\"{}\"", entry.code)), "{}", entry.code);
    }
    assert!(html.contains("该仓库不存在") && html.contains("The repository does not exist."));
    let some = text(&ask("/errors?q=402000").await);
    assert!(some.contains("id=\"CH.00402000\"") && !some.contains("id=\"CH.00401999\""));
    let listed = ask("/errors.json?q=402000").await.json();
    assert_eq!(listed["errors"][0]["code"], "CH.00402000");
    assert!(listed["errors"][0]["advice"]["en"].as_str().unwrap().contains("access to the repository"));
    assert!(!text(&ask("/errors?q=%3Cscript%3E").await).contains("<script>"));
}

#[tokio::test]
async fn insights_are_a_page_and_the_same_json() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    for (name, status) in [("unit", "failed"), ("unit", "success"), ("<i>lint", "success")] {
        let build = format!("{name}{status}");
        let fields = json!({"stage": "test", "name": name, "status": status, "third_build_id": build});
        assert_eq!(report(&server, id, fields).await.status, 201);
    }
    let path = format!("/repositories/{id}/insights");
    let shown = page(&server, testkit::ROOT, &path).await;
    let html = text(&shown);
    assert_eq!(shown.status, 200, "{html}");
    assert!(html.contains("66.6%") && html.contains("role=\"img\"") && !html.contains("<i>"), "{html}");
    assert!(html.contains("aria-current=\"page\">Insights"), "{html}");
    let native = server.get(&format!("/native/v1{path}?sort=flaky")).await.json();
    assert_eq!(page(&server, testkit::ROOT, &format!("{path}.json?sort=flaky")).await.json(), native);
    assert_eq!(native["flaky_jobs"], 1);
    assert_eq!(page(&server, testkit::ROOT, &format!("{path}?days=8")).await.status, 400);
    let of_form = page(&server, testkit::ROOT, &format!("{path}.json?days=&ref=&sort=flaky")).await.json();
    assert_eq!(of_form, native, "a form sends its empty fields");
    let amy = server.user("amy").await;
    assert_eq!(page(&server, &amy, &path).await.status, 404);
}

#[tokio::test]
async fn who_knows_the_old_password_gives_a_new_one() {
    let server = TestServer::start().await;
    let made = server.post("/native/v1/users", json!({"name": "lin", "password": "lin-password"})).await;
    assert_eq!(made.status, 201);
    let form = async |path: &str, cookie: &str, form: &str| {
        let asked = server.ask(Method::POST, path).header("host", "stagepost.test").header("cookie", cookie);
        let asked = asked.header("accept-language", "en").header("origin", "http://stagepost.test");
        asked.body(form).send().await
    };
    let sign_in = async |password: &str| form("/sign-in", "", &format!("name=lin&password={password}")).await;
    let cookie = |answer: &TestResponse| {
        let lines = answer.headers.get_all("set-cookie").iter();
        let pairs = lines.map(|line| line.to_str().unwrap().split(';').next().unwrap().to_owned());
        pairs.collect::<Vec<_>>().join("; ")
    };
    let (here, elsewhere) = (cookie(&sign_in("lin-password").await), cookie(&sign_in("lin-password").await));
    let change = async |old: &str, new: &str| {
        form("/account/password", &here, &format!("old_password={old}&password={new}")).await
    };
    for (old, new, field) in
        [("guess", "another-password", "old_password"), ("lin-password", "tiny7", "password")]
    {
        let refused = change(old, new).await;
        assert_eq!(refused.status, 400);
        assert!(text(&refused).contains(&format!("id=\"wrong-own-{field}\"")), "{}", text(&refused));
        assert!(!text(&refused).contains(new), "a password is never given back");
    }
    let changed = change("lin-password", "another-password").await;
    assert_eq!((changed.status, changed.header("location")), (303, "/account?notice=saved"));
    let account =
        async |cookie: &str| server.ask(Method::GET, "/account").header("cookie", cookie).send().await.status;
    assert_eq!(account(&cookie(&changed)).await, 200, "this session goes on");
    assert_eq!((account(&here).await, account(&elsewhere).await), (303, 303), "the others are over");
    assert_eq!((sign_in("lin-password").await.status, sign_in("another-password").await.status), (401, 303));
    // A token is not enough, whatever its scope.
    let by_token =
        server.root(Method::POST, "/account/password").body("old_password=x&password=another-password");
    assert_eq!(by_token.send().await.status, 400);
}
