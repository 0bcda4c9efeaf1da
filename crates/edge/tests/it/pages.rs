//! Pages: signing in and out, the session cookie, languages, errors, and the two lists.

use crate::report;
use http::Method;
use serde_json::json;
use testkit::{TestRequest, TestResponse, TestServer};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Signs in with the form and returns the cookies as a browser sends them.
async fn sign_in(server: &TestServer) -> String {
    let answer = post(server, "/sign-in", "", "name=root&password=root-password").await;
    assert_eq!((answer.status, answer.header("location")), (303, "/repositories"), "{answer:?}");
    cookies(&answer)
}

fn cookies(answer: &TestResponse) -> String {
    let lines = answer.headers.get_all("set-cookie").iter();
    let pairs: Vec<_> =
        lines.map(|line| line.to_str().unwrap().split(';').next().unwrap().to_owned()).collect();
    pairs.join("; ")
}

/// A request that a reverse proxy on this machine received over TLS and forwards.
fn secure(asked: TestRequest<'_>) -> TestRequest<'_> {
    asked.from("127.0.0.1").header("x-forwarded-proto", "https")
}

/// A form of a page of this server.
async fn post(server: &TestServer, path: &str, cookie: &str, form: &str) -> TestResponse {
    let asked = server.ask(Method::POST, path).header("host", "stagepost.test").header("cookie", cookie);
    asked.header("origin", "http://stagepost.test").body(form).send().await
}

async fn page(server: &TestServer, path: &str, cookie: &str) -> TestResponse {
    server.ask(Method::GET, path).header("cookie", cookie).header("accept", "text/html").send().await
}

fn text(answer: &TestResponse) -> &str {
    std::str::from_utf8(&answer.body).unwrap()
}

#[tokio::test]
async fn a_name_and_a_password_make_a_session_that_ends_with_signing_out() {
    let server = TestServer::start().await;
    let cookie = sign_in(&server).await;
    let shown = page(&server, "/repositories", &cookie).await;
    assert_eq!((shown.status, shown.header("content-security-policy")), (200, POLICY));
    assert_eq!(shown.header("referrer-policy"), "same-origin");
    assert_eq!(shown.header("x-content-type-options"), "nosniff");
    assert_eq!(shown.header("cache-control"), "no-store");
    assert!(text(&shown).contains("root"));
    let out = post(&server, "/sign-out", &cookie, "").await;
    assert_eq!((out.status, out.header("location")), (303, "/sign-in"));
    assert!(
        out.headers.get_all("set-cookie").iter().all(|line| line.to_str().unwrap().contains("Max-Age=0"))
    );
    let after = page(&server, "/repositories", &cookie).await;
    assert_eq!((after.status, after.header("location")), (303, "/sign-in?next=%2Frepositories"));
}

#[tokio::test]
async fn what_does_not_sign_in_says_so_and_keeps_the_name() {
    let server = TestServer::start().await;
    for form in ["name=root&password=wrong", "name=%3Cb%3E&password=x", "token=unknown-token-of-nobody"] {
        let answer = post(&server, "/sign-in", "stagepost-language=en", form).await;
        assert_eq!(answer.status, 401, "{form}");
        assert!(
            text(&answer).contains("Incorrect username, password or token.") && cookies(&answer).is_empty(),
            "{form}"
        );
        assert!(!text(&answer).contains("<b>"), "{form}");
    }
    assert_eq!(post(&server, "/sign-in", "", "name=root").await.status, 400);
    // The form stays open after an error, and a change of language keeps the target address.
    let form = "token=unknown-token-of-nobody&next=/repositories/1/pipelines";
    let again = post(&server, "/sign-in", "stagepost-language=en", form).await;
    let again = text(&again);
    assert!(again.contains(r#"<details class="card" open>"#), "{again}");
    assert!(
        again.contains(r#"name="next" value="/sign-in?next=%2Frepositories%2F1%2Fpipelines""#),
        "{again}"
    );
}

#[tokio::test]
async fn guessing_at_a_password_is_over_for_a_while_and_for_that_name_alone() {
    let server = TestServer::start().await;
    let try_ = async |form: &str| post(&server, "/sign-in", "stagepost-language=en", form).await;
    for _ in 0..11 {
        assert!(
            text(&try_("name=root&password=guess").await).contains("Incorrect username, password or token.")
        );
    }
    let right = "name=root&password=root-password";
    let locked = try_(right).await;
    assert!(locked.status == 401 && text(&locked).contains("Try again later"), "{}", text(&locked));
    assert!(
        text(&try_("name=nobody&password=guess").await).contains("Incorrect username, password or token.")
    );
    assert_eq!(try_("token=root-token-for-tests").await.status, 303, "a token is no password");
    server.clock.advance(domain::SignedDuration::from_mins(5));
    assert_eq!(try_(right).await.status, 303);
}

#[tokio::test]
async fn the_page_of_an_error_still_knows_who_looks() {
    let server = TestServer::start().await;
    let cookie = sign_in(&server).await;
    for path in ["/repositories/99/pipelines", "/no-such-page"] {
        let answer = page(&server, path, &cookie).await;
        assert!(answer.status == 404 && text(&answer).contains("action=\"/sign-out\""), "{path}");
    }
    let stranger = page(&server, "/no-such-page", "").await;
    assert!(stranger.status == 404 && !text(&stranger).contains("action=\"/sign-out\""));
}

#[tokio::test]
async fn a_cookie_is_for_this_host_and_for_nobody_elses_forms() {
    let server = TestServer::start().await;
    let ask =
        || server.ask(Method::POST, "/sign-in").header("host", "a").body("name=root&password=root-password");
    let lines = |answer: &TestResponse| -> Vec<String> {
        answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap().to_owned()).collect()
    };
    let plain = lines(&ask().send().await);
    assert_eq!(plain.len(), 2, "{plain:?}");
    assert!(plain[0].starts_with("__Host-stagepost=sps_"), "{plain:?}");
    assert!(plain[0].ends_with("; Path=/; Max-Age=86400; Secure; HttpOnly; SameSite=Strict"), "{plain:?}");
    assert!(plain[1].starts_with("stagepost=sps_") && !plain[1].contains("Secure"), "{plain:?}");
    let word = plain[1].split(['=', ';']).nth(1).unwrap();
    // A proxy on this machine may state that the connection is encrypted.
    let encrypted = lines(&secure(ask()).header("origin", "https://a").send().await);
    assert_eq!(encrypted.len(), 1, "{encrypted:?}");
    let believed = ask().from("192.0.2.1").header("x-forwarded-proto", "https").send().await;
    assert_eq!(lines(&believed).len(), 2, "anybody may say so");
    let get = |cookie: String| server.ask(Method::GET, "/repositories").header("cookie", &cookie);
    assert_eq!(get(format!("stagepost={word}")).send().await.status, 200);
    assert_eq!(
        secure(get(format!("stagepost={word}"))).send().await.status,
        303,
        "set by a plain connection"
    );
    assert_eq!(secure(get(format!("__Host-stagepost={word}"))).send().await.status, 200);
    // Forms of other sites, and forms without an origin.
    let cookie = format!("stagepost={word}");
    for origin in [Some("http://evil"), Some("null"), Some("https://a"), Some("http://a:81"), None] {
        let asked = server.ask(Method::POST, "/sign-out").header("host", "a").header("cookie", &cookie);
        let asked = if let Some(origin) = origin { asked.header("origin", origin) } else { asked };
        assert_eq!(asked.send().await.status, 403, "{origin:?}");
    }
    let foreign = ask().header("origin", "http://evil").send().await;
    assert_eq!((foreign.status, cookies(&foreign)), (403, String::new()));
}

#[tokio::test]
async fn the_native_api_takes_the_cookie_for_reading_only() {
    let server = TestServer::start().await;
    let cookie = sign_in(&server).await;
    let ask = |method| server.ask(method, "/native/v1/repositories").header("cookie", &cookie);
    assert_eq!(ask(Method::GET).send().await.status, 200);
    let asked = ask(Method::POST).header("host", "a").header("origin", "http://a");
    assert_eq!(asked.json(&json!({"path": "acme/x"})).send().await.status, 401);
    let v4 = server.ask(Method::GET, "/v4/user/repositories").header("cookie", &cookie).send().await;
    assert_eq!(v4.status, 401, "no other dialect takes it");
}

#[tokio::test]
async fn who_is_not_signed_in_comes_back_after_it_and_never_elsewhere() {
    let server = TestServer::start().await;
    let asked = page(&server, "/repositories/1/pipelines?ref=a%2Fb", "").await;
    let to = "/sign-in?next=%2Frepositories%2F1%2Fpipelines%3Fref%3Da%252Fb";
    assert_eq!((asked.status, asked.header("location")), (303, to));
    let form = page(&server, to, "").await;
    assert!(text(&form).contains("value=\"/repositories/1/pipelines?ref=a%2Fb\""), "{}", text(&form));
    let sign_in = "name=root&password=root-password&next=";
    let back =
        post(&server, "/sign-in", "", &format!("{sign_in}/repositories/1/pipelines?ref=a%252Fb")).await;
    assert_eq!(back.header("location"), "/repositories/1/pipelines?ref=a%2Fb");
    for evil in
        ["//evil.example.com", "https://evil.example.com", "/%5Cevil.example.com", "javascript:alert(1)"]
    {
        let back = post(&server, "/sign-in", "", &format!("{sign_in}{evil}")).await;
        assert_eq!(back.header("location"), "/repositories", "{evil}");
    }
    // A link on another site: the browser does not send the cookie with the first request.
    let followed = server.ask(Method::GET, "/repositories").header("sec-fetch-site", "cross-site");
    let followed = followed.header("sec-fetch-mode", "navigate").send().await;
    assert_eq!(followed.status, 200);
    assert!(text(&followed).contains("<meta http-equiv=\"refresh\" content=\"0\">"), "{}", text(&followed));
}

#[tokio::test]
async fn pages_speak_the_language_and_wear_the_theme_that_was_chosen() {
    let server = TestServer::start().await;
    let chinese = page(&server, "/sign-in", "").await;
    assert!(
        text(&chinese).contains("<html lang=\"zh-CN\" data-theme=\"system\"")
            && text(&chinese).contains("登录")
    );
    let english = server.ask(Method::GET, "/sign-in").header("accept-language", "en").send().await;
    assert!(text(&english).contains("<html lang=\"en\""));
    let chosen =
        post(&server, "/preferences", "", "language=en&theme=dark&zone=UTC&next=/sign-in?next=/x").await;
    assert_eq!((chosen.status, chosen.header("location")), (303, "/sign-in?next=/x"));
    let after = page(&server, "/sign-in", &cookies(&chosen)).await;
    assert!(text(&after).contains("<html lang=\"en\" data-theme=\"dark\""), "{}", text(&after));
    assert!(text(&after).contains("Time zone: UTC"));
    assert_eq!(post(&server, "/preferences", "", "theme=x%22").await.status, 400);
}

#[tokio::test]
async fn errors_are_pages_for_a_browser_and_json_for_a_program() {
    let server = TestServer::start().await;
    let cookie = sign_in(&server).await;
    for (path, status) in
        [("/repositories/77/pipelines", 404), ("/repositories/x/pipelines", 400), ("/nowhere", 404)]
    {
        let answer = page(&server, path, &format!("{cookie}; stagepost-language=en")).await;
        assert_eq!((answer.status, answer.header("content-security-policy")), (status, POLICY), "{path}");
        assert!(text(&answer).contains(answer.header("x-request-id")), "{path}");
        assert!(text(&answer).contains("<html lang=\"en\""), "{path}");
    }
    let program = server.get("/repositories/77/pipelines.json").await;
    assert_eq!((program.status, program.header("content-type")), (404, "application/problem+json"));
    let nobody = server.ask(Method::GET, "/repositories.json").send().await;
    assert_eq!((nobody.status, nobody.header("content-type")), (401, "application/problem+json"));
    assert_eq!(server.get("/nowhere").await.json()["error_code"], "APIGW.0101", "as before");
}

#[tokio::test]
async fn the_same_address_answers_the_native_json() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    for status in ["success", "failed"] {
        report(&server, id, json!({"ref": status, "status": status})).await;
    }
    let accepting =
        |path: String| server.root(Method::GET, &path).header("accept", "application/json").send();
    for (page, native) in [
        (&*format!("/repositories/{id}"), &*format!("/native/v1/repositories/{id}")),
        (&*format!("/repositories/{id}/pipelines"), &*format!("/native/v1/repositories/{id}/pipelines")),
    ] {
        let native = server.get(native).await.json();
        assert_eq!(server.get(&format!("{page}.json")).await.json(), native, "{page}");
        assert_eq!(accepting(page.to_owned()).await.json(), native, "{page}");
    }
    let failed = server.get(&format!("/repositories/{id}/pipelines.json?status=failed")).await.json();
    assert_eq!(failed["pipelines"].as_array().unwrap().len(), 1, "{failed}");
}

#[tokio::test]
async fn what_others_wrote_is_shown_as_text() {
    let server = TestServer::start().await;
    let evil = "<img src=x onerror=alert(1)>\"'";
    let made = json!({"path": "acme/demo", "description": evil, "default_branch": evil});
    let id = server.post("/native/v1/repositories", made).await.json()["id"].as_i64().unwrap();
    let body = json!({"ref": evil, "stage": evil, "name": evil, "source": evil, "trigger_user": evil});
    assert_eq!(report(&server, id, body).await.status, 201);
    let cookie = sign_in(&server).await;
    for path in
        ["/repositories".to_owned(), format!("/repositories/{id}/pipelines?ref=%3Cimg&q=%22%3E%3Cb%3E")]
    {
        let shown = page(&server, &path, &cookie).await;
        assert_eq!(shown.status, 200);
        assert!(!text(&shown).contains("<img") && !text(&shown).contains("<b>"), "{}", text(&shown));
    }
    let list = page(&server, &format!("/repositories/{id}/pipelines"), &cookie).await;
    assert!(text(&list).contains("&#60;img src=x"), "{}", text(&list));
}

#[tokio::test]
async fn files_of_pages_are_kept_for_ever_and_compressed() {
    let server = TestServer::start().await;
    let form = page(&server, "/sign-in", "").await;
    let mut addresses = text(&form).split('"').filter(|part| part.starts_with("/assets/")).peekable();
    assert!(addresses.peek().is_some());
    for address in addresses {
        let file = server.ask(Method::GET, address).header("accept-encoding", "gzip").send().await;
        assert_eq!(file.status, 200, "{address}");
        assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
    }
    assert_eq!(server.ask(Method::GET, "/assets/app.css").send().await.status, 404);
}

#[tokio::test]
async fn a_link_signs_in_once_when_its_button_is_pressed() {
    let server = TestServer::start().await;
    let root = server.app.store.user_by_name("root").await.unwrap().unwrap().0;
    let by = domain::actions::access::administrator_at_start(root).unwrap();
    let word = domain::actions::tokens::create_sign_in_link(&server.app, &by).await.unwrap();
    let bearer = server.ask(Method::GET, "/native/v1/whoami").token(&word).send().await;
    assert_eq!(bearer.status, 401, "it is no token");
    for _ in 0..2 {
        // Opening the link does not use it up.
        let asked = page(&server, &format!("/sign-in?once={word}"), "").await;
        assert_eq!(asked.status, 200);
        assert!(text(&asked).contains(&format!("name=\"once\" value=\"{word}\"")), "{}", text(&asked));
    }
    let form = format!("once={word}&next=/repositories?q=x");
    let signed_in = post(&server, "/sign-in", "", &form).await;
    assert_eq!((signed_in.status, signed_in.header("location")), (303, "/repositories?q=x"));
    assert_eq!(page(&server, "/repositories", &cookies(&signed_in)).await.status, 200);
    let again = post(&server, "/sign-in", "", &form).await;
    assert_eq!((again.status, cookies(&again)), (401, String::new()));
    assert!(text(&again).contains("该链接已使用过"), "{}", text(&again));
    let late = domain::actions::tokens::create_sign_in_link(&server.app, &by).await.unwrap();
    server.clock.advance(domain::SignedDuration::from_hours(1));
    assert_eq!(post(&server, "/sign-in", "", &format!("once={late}")).await.status, 401);
}

#[tokio::test]
async fn a_list_shows_its_stages_and_a_dot_leads_to_the_first_failed_job() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    for (stage, name, status) in
        [("build", "gcc", "success"), ("test", "unit", "success"), ("test", "e2e", "failed")]
    {
        report(&server, id, json!({"stage": stage, "name": name, "status": status})).await;
    }
    let cookie = format!("{}; stagepost-language=en", sign_in(&server).await);
    let list = page(&server, &format!("/repositories/{id}/pipelines"), &cookie).await;
    assert!(text(&list).contains("title=\"build: Success\""), "{}", text(&list));
    let dot = format!("/repositories/{id}/pipelines/1/stages/2");
    assert!(text(&list).contains(&format!("href=\"{dot}\" title=\"test: Failed\"")), "{}", text(&list));
    let followed = page(&server, &dot, &cookie).await;
    assert_eq!(followed.header("location"), format!("/repositories/{id}/pipelines/1/jobs/3"));
    let good = page(&server, &format!("/repositories/{id}/pipelines/1/stages/1"), &cookie).await;
    assert_eq!(good.header("location"), format!("/repositories/{id}/pipelines/1#stage-1"));
}

#[tokio::test]
async fn pages_of_a_list_lead_to_each_other_and_keep_what_was_asked_for() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    for n in 1..=5 {
        let status = if n == 3 { "running" } else { "failed" };
        report(&server, id, json!({"ref": format!("r{n}"), "status": status})).await;
    }
    let cookie = sign_in(&server).await;
    let link = |answer: &TestResponse, rel: &str| {
        let text = text(answer).to_owned();
        let after = text.split(&format!("rel=\"{rel}\" href=\"")).nth(1)?.to_owned();
        Some(after.split('"').next()?.replace("&#38;", "&").replace("&amp;", "&"))
    };
    let rows = |answer: &TestResponse| -> Vec<String> {
        let keys = text(answer).split("data-key=\"pipeline-").skip(1);
        keys.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let path = format!("/repositories/{id}/pipelines?limit=2&sha=1c46&status=failed&status=timedout");
    let first = page(&server, &path, &cookie).await;
    assert_eq!((rows(&first), link(&first, "prev")), (vec!["5".into(), "4".into()], None));
    let next = link(&first, "next").unwrap();
    assert!(next.contains("status=failed%2Ctimedout") && next.contains("sha=1c46"), "{next}");
    let second = page(&server, &next, &cookie).await;
    assert_eq!((rows(&second), link(&second, "next")), (vec!["2".to_owned(), "1".into()], None));
    let back = page(&server, &link(&second, "prev").unwrap(), &cookie).await;
    assert_eq!(rows(&back), ["5", "4"]);
    let part =
        server.ask(Method::GET, &path).header("cookie", &cookie).header("x-fragment", "1").send().await;
    assert!(!text(&part).contains("<html") && rows(&part) == rows(&first), "{}", text(&part));
}
