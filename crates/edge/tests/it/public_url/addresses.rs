//! The absolute addresses in responses of every dialect, and requests that reach the server in other ways.

use super::{PROXIES, PUBLIC, Proxy, server, server_at};
use crate::signatures::{AK, SK, Signed};
use http::Method;
use serde_json::json;
use testkit::{ROOT, TestRequest, TestResponse, TestServer};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

async fn reported(server: &TestServer) -> i64 {
    let id = server.repository("acme/demo", "private").await;
    for name in ["build", "test", "deploy"] {
        assert_eq!(crate::report(server, id, json!({"name": name, "status": "success"})).await.status, 201);
    }
    id
}

/// The addresses of `hosts` in a response: of its body and of the headers that have addresses.
fn addresses(answer: &TestResponse, hosts: &[&str]) -> Vec<String> {
    let body = String::from_utf8_lossy(&answer.body).replace("\\/", "/");
    let headers = ["location", "link"].map(|name| answer.header(name).to_owned());
    let texts = [body, headers.concat()].concat();
    let found =
        texts.match_indices("http").map(|(at, _)| texts[at..].split(['"', '>', '\\', ' ']).next().unwrap());
    let of_hosts = found.filter(|url| hosts.iter().any(|host| url.contains(host)));
    of_hosts.map(str::to_owned).collect()
}

/// Requests with addresses of this server in their responses.
fn targets(id: i64) -> Vec<String> {
    let (gitlab, github) = ("/api/v4/projects/acme%2Fdemo", "/repos/acme/demo");
    [
        "/v3/auth/domains".to_owned(),
        "/v3/projects?name=cn-north-4".to_owned(),
        "/openapi".to_owned(),
        "/openapi/native.json".to_owned(),
        "/openapi/codearts.json".to_owned(),
        "/explorer/ListPipelineJobs".to_owned(),
        "/rest/capabilities".to_owned(),
        "/api/v4/user".to_owned(),
        gitlab.to_owned(),
        format!("{gitlab}/pipelines?per_page=1"),
        format!("{gitlab}/jobs?per_page=1"),
        format!("{gitlab}/pipelines/1"),
        format!("{gitlab}/repository/commits/{SHA}/statuses?per_page=1"),
        "/api/v3/user".to_owned(),
        format!("/api/v3{github}"),
        format!("/api/v3{github}/commits/{SHA}"),
        format!("/api/v3{github}/commits/{SHA}/statuses?per_page=1"),
        format!("{github}/commits/{SHA}/status"),
        "/api/v1/user".to_owned(),
        format!("/api/v1{github}"),
        format!("/api/v1{github}/commits/{SHA}/statuses?limit=1"),
        format!("/repositories/{id}/pipelines/1"),
    ]
    .to_vec()
}

fn get(asked: TestRequest<'_>) -> TestRequest<'_> {
    asked.header("authorization", &format!("Bearer {ROOT}")).header("accept", "text/html, application/json")
}

#[tokio::test]
async fn every_absolute_address_is_below_the_public_url() {
    let server = server().await;
    let id = reported(&server).await;
    let mut found = 0;
    for proxy in PROXIES {
        for target in targets(id) {
            let target = format!("/stagepost{target}");
            let mut asked = proxy.ask(&server, Method::GET, &target);
            // IAM and pages have other headers for tokens.
            asked = if target.contains("/v3/auth")
                || target.contains("/v3/projects")
                || target.contains("/repositories/")
            {
                asked.token(ROOT)
            } else {
                get(asked)
            };
            let answer = asked.send().await;
            assert_eq!(answer.status, 200, "{proxy:?} {target}: {answer:?}");
            let addresses = addresses(&answer, &["//ci.example/", "//localhost", "//127.0.0.1"]);
            found += addresses.len();
            for address in addresses {
                assert!(
                    address == PUBLIC || address.starts_with("https://ci.example/stagepost/"),
                    "{proxy:?} {target}: {address}"
                );
                assert!(!address.contains("/stagepost/stagepost"), "{proxy:?} {target}: {address}");
            }
        }
    }
    assert!(found > 150, "{found}");
}

/// PyGithub posts to the address that it got for the commit, and compares each with its setting.
#[tokio::test]
async fn a_status_is_where_the_client_posted_it() {
    let server = server().await;
    server.repository("acme/demo", "private").await;
    for proxy in PROXIES {
        let target = format!("/stagepost/api/v3/repos/acme/demo/statuses/{SHA}");
        let asked = get(proxy.ask(&server, Method::POST, &target));
        let answer = asked.json(&json!({"state": "success", "context": "ci"})).send().await;
        let url = format!("https://ci.example{target}");
        assert_eq!((answer.status, answer.header("location")), (201, url.as_str()), "{proxy:?}");
        assert_eq!(answer.json()["url"], url);
    }
}

/// The links of a list lead to its other pages, through the same proxy.
#[tokio::test]
async fn links_of_lists_can_be_followed() {
    let server = server().await;
    reported(&server).await;
    for proxy in PROXIES {
        for first in [
            format!("/stagepost/api/v4/projects/acme%2Fdemo/repository/commits/{SHA}/statuses?per_page=1"),
            format!("/stagepost/api/v3/repos/acme/demo/commits/{SHA}/statuses?per_page=1"),
            format!("/stagepost/api/v1/repos/acme/demo/commits/{SHA}/statuses?limit=1"),
        ] {
            let mut target = first.clone();
            let mut pages = 0;
            loop {
                let answer = get(proxy.ask(&server, Method::GET, &target)).send().await;
                assert_eq!((answer.status, answer.json().as_array().unwrap().len()), (200, 1), "{target}");
                pages += 1;
                let links = answer.header("link").to_owned();
                let next = links.split(", ").find(|link| link.ends_with("rel=\"next\""));
                let Some(next) = next else { break };
                let url = next.trim_start_matches('<').split('>').next().unwrap();
                target = url.strip_prefix("https://ci.example").unwrap().to_owned();
            }
            assert_eq!(pages, 3, "{proxy:?} {first}");
        }
    }
}

/// An internal client calls the server by another address: what it compares is that, what people see is public.
#[tokio::test]
async fn another_host_works_and_shows_the_public_url() {
    let server = server().await;
    let id = reported(&server).await;
    let repository = async |host: &str, target: &str| {
        let asked = get(server.ask(Method::GET, target).from("10.0.0.9").header("host", host));
        let answer = asked.send().await;
        assert_eq!(answer.status, 200, "{host} {target}: {answer:?}");
        let json = answer.json();
        (json["url"].as_str().unwrap().to_owned(), json["html_url"].as_str().unwrap().to_owned())
    };
    let page = format!("{PUBLIC}/repositories/{id}");
    for (host, target, url) in [
        ("inner:8080", "/api/v3/repos/acme/demo", "http://inner:8080/api/v3/repos/acme/demo"),
        (
            "inner:8080",
            "/stagepost/api/v3/repos/acme/demo",
            "http://inner:8080/stagepost/api/v3/repos/acme/demo",
        ),
        ("inner", "/repos/acme/demo", "http://inner/repos/acme/demo"),
        // The same machine at its own port.
        ("ci.example:8080", "/api/v3/repos/acme/demo", "http://ci.example:8080/api/v3/repos/acme/demo"),
        ("ci.example:443", "/api/v3/repos/acme/demo", "https://ci.example/stagepost/api/v3/repos/acme/demo"),
    ] {
        assert_eq!(repository(host, target).await, (url.to_owned(), page.clone()), "{host} {target}");
    }
    for target in ["/livez", "/readyz", "/metrics", "/healthz"] {
        for base in ["", "/stagepost"] {
            let asked = server.ask(Method::GET, &format!("{base}{target}")).header("host", "10.0.0.7:8080");
            let asked = asked.from("127.0.0.1");
            assert_eq!(asked.send().await.status, 200, "{base}{target}");
        }
    }
    let shown = server.root(Method::GET, "/repositories").header("host", "inner:8080").send().await;
    assert!(String::from_utf8(shown.body).unwrap().contains("href=\"/stagepost/repositories\""));
    let domains = server.root(Method::GET, "/v3/auth/domains").header("host", "inner:8080").send().await;
    assert_eq!(domains.json()["links"]["self"], format!("{PUBLIC}/v3/auth/domains"));
}

/// The path is removed once, and only where it is whole.
#[tokio::test]
async fn only_the_path_itself_is_removed() {
    let server = server().await;
    let id = server.repository("stagepost/stagepost", "private").await;
    let status = async |target: &str| get(server.ask(Method::GET, target)).send().await.status;
    for (target, expected) in [
        ("/stagepost/repos/stagepost/stagepost", 200),
        ("/repos/stagepost/stagepost", 200),
        ("/stagepost/api/v4/projects/stagepost%2Fstagepost", 200),
        ("//stagepost//livez", 200),
        ("/stagepost/", 303),
        ("/stagepost", 303),
        ("/stagepost?x=1", 303),
        ("/stagepost/stagepost/livez", 404),
        ("/stagepostal/livez", 404),
        ("/Stagepost/livez", 404),
    ] {
        assert_eq!(status(target).await, expected, "{target}");
    }
    let page = server.get(&format!("/stagepost//repositories/{id}/pipelines.json")).await;
    assert_eq!((page.status, page.json()["pipelines"].is_array()), (200, true));
    // Without a public URL the path is unknown.
    assert_eq!(TestServer::start().await.get("/stagepost/livez").await.status, 404);
}

/// A signature covers the path that the client sends.
#[tokio::test]
async fn signed_requests_work_through_both_proxies() {
    let server = server().await;
    let made = server.post("/native/v1/users/root/keys", json!({"access": AK, "secret": SK})).await;
    assert_eq!(made.status, 201);
    let send = async |proxy: Proxy, sent: &str, secret: &str| {
        let signed = Signed { target: sent, secret, ..Signed::default() };
        let target = if sent.starts_with("/stagepost") { proxy.target(sent) } else { sent };
        let asked = server.ask(Method::GET, target).from("10.0.0.9");
        let headers = signed.arriving(&server);
        headers.iter().fold(asked, |asked, (name, value)| asked.header(name, value)).send().await.status
    };
    for proxy in PROXIES {
        for target in
            ["/stagepost/v4/user/repositories?limit=1&offset=0", "/stagepost/native/v1/repositories"]
        {
            assert_eq!(send(proxy, target, SK).await, 200, "{proxy:?} {target}");
            assert_eq!(send(proxy, target, "SKanother0000000000").await, 401, "{proxy:?} {target}");
        }
        // SDKs take no path.
        assert_eq!(send(proxy, "/v4/user/repositories?limit=1&offset=0", SK).await, 200);
    }
    // A signed request that changes something is used up, whichever way it takes.
    let body = r#"{"path": "acme/once"}"#;
    let sent = "/stagepost/native/v1/repositories";
    let headers = [("content-type", "application/json")];
    let signed =
        Signed { method: Method::POST, target: sent, body, headers: headers.to_vec(), ..Signed::default() };
    let arriving = signed.arriving(&server);
    for (proxy, expected) in [(Proxy::RemovesPath, 201), (Proxy::KeepsPath, 401), (Proxy::RemovesPath, 401)] {
        let asked = server.ask(Method::POST, proxy.target(sent)).from("10.0.0.9").body(body);
        let asked = arriving.iter().fold(asked, |asked, (name, value)| asked.header(name, value));
        assert_eq!(asked.send().await.status, expected, "{proxy:?}");
    }
}

#[tokio::test]
async fn a_link_to_an_error_code_is_below_the_path() {
    let server = server().await;
    for proxy in PROXIES {
        let answer =
            proxy.ask(&server, Method::GET, "/stagepost/native/v1/repositories/7").token(ROOT).send().await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.json()["type"], "/stagepost/errors#CH.00402000");
    }
    let plain = server_at("https://ci.example").await;
    let answer = plain.get("/native/v1/repositories/7").await;
    assert_eq!(answer.json()["type"], "/errors#CH.00402000");
}
