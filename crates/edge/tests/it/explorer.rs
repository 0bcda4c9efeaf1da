//! The API Explorer: its list, the page of an operation in both languages, and the token of its calls.

use domain::ports::Clock as _;
use http::Method;
use serde_json::{Value, json};
use testkit::{TestResponse, TestServer};

async fn page(server: &TestServer, path: &str, cookie: &str) -> String {
    let asked = server.ask(Method::GET, path).header("cookie", cookie).header("accept", "text/html");
    let answer = asked.send().await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    String::from_utf8(answer.body.to_vec()).unwrap()
}

async fn sign_in(server: &TestServer) -> String {
    let form = server.ask(Method::POST, "/sign-in").header("host", "stagepost.test");
    let form = form.header("origin", "http://stagepost.test").body("name=root&password=root-password");
    let answer = form.send().await;
    let lines = answer.headers.get_all("set-cookie").iter();
    let pairs: Vec<_> =
        lines.map(|line| line.to_str().unwrap().split(';').next().unwrap().to_owned()).collect();
    pairs.join("; ")
}

async fn mint(server: &TestServer, headers: &[(&'static str, &str)], body: &str) -> TestResponse {
    let mut asked = server.ask(Method::POST, "/explorer/token").header("host", "stagepost.test");
    for (name, value) in headers {
        asked = asked.header(name, value);
    }
    asked.header("accept", "application/json").body(body.to_owned()).send().await
}

#[tokio::test]
async fn the_list_has_every_described_route_and_a_search_narrows_it() {
    let server = TestServer::start().await;
    let all = page(&server, "/explorer", "").await;
    for operation in
        ["/explorer/ListPipelineJobs", "/explorer/SetCommitStatus", "/explorer/KeystoneListProjects"]
    {
        assert!(all.contains(&format!("href=\"{operation}\"")), "{operation}");
    }
    // An operation also has an address with the name of its document.
    assert!(page(&server, "/explorer/native.Pipeline", "").await.contains("<h1>Pipeline</h1>"));
    let some = page(&server, "/explorer?q=latest-jobs", "").await;
    assert!(some.contains("ListLatestPipelineJobs") && !some.contains("ListPipelineJobs\""));
    let none = page(&server, "/explorer?q=%3Cscript%3Ealert(1)", "stagepost-language=en").await;
    assert!(none.contains("No matching operations") && !none.contains("<script>alert"));
}

#[tokio::test]
async fn every_listed_operation_has_a_page_and_its_json() {
    let server = TestServer::start().await;
    let list = server.ask(Method::GET, "/explorer.json").send().await;
    let list: Value = serde_json::from_slice(&list.body).unwrap();
    let operations = list["operations"].as_array().unwrap();
    assert!(operations.len() > 50, "{}", operations.len());
    for operation in operations {
        let address = operation["address"].as_str().unwrap();
        let html = page(&server, &format!("/explorer/{address}"), "").await;
        assert!(html.contains(&format!("<h1>{}</h1>", operation["id"].as_str().unwrap())), "{address}");
        for parameter in operation["parameters"].as_array().unwrap() {
            assert!(html.contains(&format!("name=\"{}\"", parameter["name"].as_str().unwrap())), "{address}");
        }
        let created = server.ask(Method::GET, &format!("/explorer/{address}.json")).send().await;
        assert_eq!(&serde_json::from_slice::<Value>(&created.body).unwrap(), operation, "{address}");
    }
}

#[tokio::test]
async fn a_deep_link_fills_the_form_in_both_languages() {
    let server = TestServer::start().await;
    let path = "/explorer/ListPipelineJobs?repository_id=2111976239&pipeline_id=6&limit=%22%3E%3Cb%3E";
    let en = page(&server, path, "stagepost-language=en").await;
    assert!(en.contains("name=\"repository_id\" value=\"2111976239\""));
    assert!(en.contains("Sample code") && en.contains("1 to 2147483647") && en.contains(">required<"));
    assert!(!en.contains("\"><b>"), "what the address holds is text");
    // The command to copy without JavaScript.
    assert!(en.contains("/v4/repositories/2111976239/pipelines/6/jobs?limit=%22%3E%3Cb%3E"));
    // Required parameters come first.
    assert!(en.find("id=\"p-pipeline_id\"") < en.find("id=\"p-limit\""));
    let zh = page(&server, path, "").await;
    assert!(zh.contains("代码示例") && zh.contains("必填") && zh.contains("lang=\"zh-CN\""));
    let unknown =
        server.ask(Method::GET, "/explorer/NoSuchOperation").header("accept", "text/html").send().await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn the_fields_of_a_body_are_in_the_form_and_in_the_call() {
    let server = TestServer::start().await;
    let path = "/explorer/Report?repository_id=7&ref=dev&stage_order=3&name=it%27s";
    let en = page(&server, path, "stagepost-language=en").await;
    // Required fields first, in the order of the schema; then the optional ones, collapsed, with their
    // limits.
    let at = |text: &str| en.find(text).unwrap_or_else(|| panic!("{text}: {en}"));
    assert!(at("id=\"b-sha\"") < at("id=\"b-ref\" name=\"ref\" value=\"dev\""));
    assert!(at("id=\"b-status\" name=\"status\"") < at("<details id=\"optional-fields\" open>"));
    assert!(at("<details id=\"optional-fields\" open>") < at("id=\"b-stage_order\""));
    assert!(en.contains("<option>timedout</option>") && en.contains("number · body · 0 to 100"));
    assert!(en.contains("1 to 255 characters · default external"), "{en}");
    // Without JavaScript: the call with its body as typed, and placeholders for the rest.
    let call = en
        .split("<noscript>")
        .find(|part| part.contains("<pre"))
        .unwrap()
        .split("</noscript>")
        .next()
        .unwrap();
    for part in ["Content-Type: application/json", "--data-raw", "stage_order&quot;: 3", "{sha}"] {
        let part = part.replace("&quot;", "&#34;");
        assert!(call.contains(&part), "{part}: {call}");
    }
    let zh = page(&server, "/explorer/Report", "").await;
    assert!(zh.contains("可选字段（") && zh.contains("完整的提交 ID") && zh.contains("默认值 external"));
    // The form parameters of GitLab.
    let status = page(&server, "/explorer/SetCommitStatus?target_url=https://x.test", "").await;
    for field in ["ref", "context", "target_url", "state", "coverage"] {
        assert!(status.contains(&format!("id=\"b-{field}\" name=\"{field}\"")), "{field}");
    }
    // A secret is never read from the address nor written into it.
    let user = page(&server, "/explorer/CreateUser?password=from-the-address", "").await;
    assert!(user.contains("id=\"b-password\"") && !user.contains("name=\"password\""));
    assert!(!user.contains("value=\"from-the-address\""));
    assert!(!user.split("<noscript>").nth(1).unwrap().contains("from-the-address"));
}

#[tokio::test]
async fn the_script_has_the_schema_of_every_body() {
    let server = TestServer::start().await;
    let list = server.ask(Method::GET, "/explorer.json").send().await;
    let list: Value = serde_json::from_slice(&list.body).unwrap();
    let mut with_fields = 0;
    for operation in list["operations"].as_array().unwrap() {
        let body = &operation["body"];
        if body.is_null() {
            continue;
        }
        assert!(body["schema"].is_object() && !body["schema"].to_string().contains("$ref"), "{operation}");
        for field in body["fields"].as_array().unwrap() {
            let html =
                page(&server, &format!("/explorer/{}", operation["address"].as_str().unwrap()), "").await;
            assert!(html.contains(&format!("id=\"b-{}\"", field["name"].as_str().unwrap())), "{operation}");
            with_fields += 1;
        }
    }
    assert!(with_fields > 60, "{with_fields}");
}

#[tokio::test]
async fn whoever_signed_in_sees_it_and_others_are_asked_to() {
    let server = TestServer::start().await;
    let cookie = format!("{}; stagepost-language=en", sign_in(&server).await);
    let mine = page(&server, "/explorer/ListPipelineJobs", &cookie).await;
    assert!(mine.contains("Current user (root)") && mine.contains("data-signed-in=\"true\""));
    let anybodys = page(&server, "/explorer/ListPipelineJobs", "stagepost-language=en").await;
    assert!(
        anybodys.contains("Sign in to call this operation here")
            && anybodys.contains("data-signed-in=\"false\"")
    );
    // A read operation has no checkbox for write operations.
    assert!(!mine.contains("allow-writes"));
    assert!(page(&server, "/explorer/AddRepository", &cookie).await.contains("id=\"allow-writes\""));
}

#[tokio::test]
async fn the_token_lives_a_quarter_of_an_hour_and_reads_until_writes_are_allowed() {
    let server = TestServer::start().await;
    let cookie = sign_in(&server).await;
    let own = [("cookie", cookie.as_str()), ("origin", "http://stagepost.test")];
    let read = mint(&server, &own, "{}").await;
    assert_eq!((read.status, read.header("cache-control")), (201, "no-store"), "{read:?}");
    let read: Value = serde_json::from_slice(&read.body).unwrap();
    assert_eq!(read["scope"], "read");
    let full = mint(&server, &own, "{\"writes\": true}").await;
    let full: Value = serde_json::from_slice(&full.body).unwrap();
    assert_eq!(full["scope"], "full");
    let make = |token: &Value, path: &'static str| {
        let asked = server.ask(Method::POST, "/native/v1/repositories");
        asked
            .header("x-auth-token", token["token"].as_str().unwrap())
            .body(json!({ "path": path }).to_string())
            .send()
    };
    assert_eq!(make(&read, "acme/one").await.status, 403);
    assert_eq!(make(&full, "acme/two").await.status, 201);
    let shown = |token: &Value| {
        let asked = server.ask(Method::GET, "/v4/user/repositories");
        asked.header("x-auth-token", token["token"].as_str().unwrap()).send()
    };
    assert_eq!(shown(&read).await.status, 200);
    server.clock.advance(jiff::SignedDuration::from_secs(15 * 60 - 1));
    assert_eq!(shown(&read).await.status, 200);
    server.clock.advance(jiff::SignedDuration::from_secs(1));
    assert_eq!((shown(&read).await.status, shown(&full).await.status), (401, 401));
}

#[tokio::test]
async fn no_other_site_gets_a_token() {
    let server = TestServer::start().await;
    let cookie = sign_in(&server).await;
    for origin in ["http://evil.test", "null", "https://stagepost.test", "http://stagepost.test.evil"] {
        let answer = mint(&server, &[("cookie", &cookie), ("origin", origin)], "{}").await;
        assert_eq!(answer.status, 403, "{origin}");
    }
    assert_eq!(mint(&server, &[("cookie", &cookie)], "{}").await.status, 403, "a browser names its origin");
    assert_eq!(mint(&server, &[("origin", "http://stagepost.test")], "{}").await.status, 401);
}

#[tokio::test]
async fn a_narrow_token_begets_no_wider_or_longer_one() {
    let server = TestServer::start().await;
    let until = (server.clock.now() + jiff::SignedDuration::from_mins(5)).to_string();
    let made = server.post(
        "/native/v1/users/root/tokens",
        json!({ "name": "narrow", "scope": "report", "expires_at": until }),
    );
    let word = made.await.json()["token"].as_str().unwrap().to_owned();
    let minted = mint(&server, &[("x-auth-token", &word)], "{\"writes\": true}").await;
    let created: Value = serde_json::from_slice(&minted.body).unwrap();
    assert_eq!(
        (minted.status, &created["scope"], created["expires_at"].as_str().unwrap()),
        (201, &json!("report"), until.as_str())
    );
}
