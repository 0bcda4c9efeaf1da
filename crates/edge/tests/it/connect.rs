//! The page with the settings of build systems: the address that the browser called, the path of the repository,
//! and both languages.

use http::Method;
use testkit::{ROOT, TestResponse, TestServer};

async fn page(server: &TestServer, target: &str, language: &str) -> TestResponse {
    let asked = server.ask(Method::GET, target).token(ROOT).header("accept-language", language);
    asked.header("host", "ci.example:8443").send().await
}

#[tokio::test]
async fn the_page_has_the_address_of_the_server_and_the_path_of_the_repository() {
    let server = TestServer::start().await;
    let id = server.repository("acme/sub/流水线", "private").await;
    let path = format!("/repositories/{id}/connect");
    let project = "http://ci.example:8443/api/v4/projects/acme%2Fsub%2F%E6%B5%81%E6%B0%B4%E7%BA%BF/statuses";
    let shown = page(&server, &path, "en").await;
    let text = String::from_utf8(shown.body.to_vec()).unwrap();
    assert!(text.contains(project) && text.contains("YOUR_TOKEN"), "{text}");
    assert!(text.contains("Create a token") && text.contains("action=\"/account/connect\""), "{text}");
    let drone = page(&server, &format!("{path}?system=drone"), "zh-CN").await;
    let text = String::from_utf8(drone.body.to_vec()).unwrap();
    assert!(text.contains(project) && text.contains("创建令牌") && text.contains(".drone.yml"), "{text}");
    let json = page(&server, &format!("{path}.json?system=jenkins-gitlab"), "en").await.json();
    assert_eq!(json["name"], "jenkins-gitlab");
    let jenkinsfile = json["snippets"][1]["text"].as_str().unwrap();
    assert!(jenkinsfile.contains("projectId: 'acme/sub/流水线'"), "{jenkinsfile}");
    let short = server.repository("demo", "private").await;
    for (system, language, warned) in [
        ("jenkins-gitea", "en", Some("The path of this repository has one part")),
        ("github-actions", "zh-CN", Some("该仓库的路径只有一段")),
        ("drone", "en", None),
    ] {
        let below = |name: &str| format!("/repositories/{short}/{name}?system={system}");
        let html = page(&server, &below("connect"), language).await;
        let html = String::from_utf8(html.body.to_vec()).unwrap();
        let json = page(&server, &below("connect.json"), language).await.json();
        let first = json["notes"][0].as_str().unwrap_or_default().to_owned();
        match warned {
            Some(text) => assert!(first.starts_with(text) && html.contains(text), "{system}: {first}"),
            None => assert!(!html.contains("has one part"), "{system}"),
        }
    }
    let unknown = page(&server, &format!("{path}?system=jenkins"), "en").await;
    assert_eq!(unknown.status, 400);
    let tabs = page(&server, &format!("/repositories/{id}/pipelines"), "en").await;
    let tabs = String::from_utf8(tabs.body.to_vec()).unwrap();
    assert!(tabs.contains(&format!("<a href=\"{path}\">Connect</a>")), "{tabs}");
}
