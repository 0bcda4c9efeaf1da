//! A visitor who follows everything that the pages of the demo refer to.

use super::{BASE, PROXIES, Proxy, server};
use http::Method;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use testkit::{ROOT, TestResponse, TestServer};

const DEMO: &str = include_str!("../../../../cli/src/serve/demo.ndjson");

/// The values of these attributes, without character references.
fn values(html: &str, attribute: &str) -> Vec<String> {
    let start = format!(" {attribute}=\"");
    let parts = html.split(&start).skip(1);
    parts.map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")).collect()
}

/// The target of a form and its method.
fn forms(html: &str) -> Vec<(Method, String)> {
    let tags = html.split("<form").skip(1).map(|rest| rest.split('>').next().unwrap());
    let own = tags.filter(|tag| !tag.contains("method=\"dialog\""));
    // A form without a target is for a script.
    own.filter_map(|tag| {
        let method = if tag.contains("method=\"post\"") { Method::POST } else { Method::GET };
        Some((method, values(tag, "action").pop()?))
    })
    .collect()
}

/// Whether an address leads to this server. Everything that does is below the path.
fn is_own(address: &str, page: &str) -> bool {
    if address.starts_with('#') || address.starts_with("https://") || address.starts_with("data:") {
        assert!(!address.starts_with("https://ci.example/stagepost"), "{page}: {address} needs no host");
        return false;
    }
    assert!(address == BASE || address.starts_with("/stagepost/"), "{page}: {address} is not below the path");
    true
}

/// One address of those that differ in the values of their query only.
fn kind(address: &str) -> String {
    let address = address.split('#').next().unwrap();
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let names: Vec<&str> = query.split('&').map(|pair| pair.split('=').next().unwrap()).collect();
    format!("{path}?{}", names.join("&"))
}

struct Visitor<'a> {
    server: &'a TestServer,
    proxy: Proxy,
    todo: Vec<(String, String)>,
    seen: BTreeSet<String>,
    statuses: BTreeMap<u16, usize>,
}

impl Visitor<'_> {
    /// Adds an address that a page refers to.
    fn add(&mut self, address: &str, page: &str) {
        if is_own(address, page) && self.seen.insert(kind(address)) {
            self.todo.push((address.split('#').next().unwrap().to_owned(), page.to_owned()));
        }
    }

    async fn visit(&mut self, address: &str, page: &str) {
        let asked = self.proxy.ask(self.server, Method::GET, address).token(ROOT);
        let answer = asked.header("accept", "text/html").send().await;
        assert!(matches!(answer.status, 200 | 303), "{page} refers to {address}: {answer:?}");
        *self.statuses.entry(answer.status).or_default() += 1;
        if answer.status == 303 {
            self.add(answer.header("location"), address);
            return;
        }
        let text = String::from_utf8(answer.body.clone()).unwrap();
        match answer.header("content-type") {
            "text/html; charset=utf-8" => self.page(address, &text).await,
            "text/javascript; charset=utf-8" => self.script(address, &text),
            "text/css; charset=utf-8" => assert!(!text.contains("url("), "{address}"),
            _ => {}
        }
    }

    async fn page(&mut self, address: &str, html: &str) {
        for attribute in ["href", "src", "data-alone", "data-icon"] {
            for value in values(html, attribute) {
                self.add(&value, address);
            }
        }
        assert!(html.contains(" data-base=\"/stagepost\"") || html.contains("http-equiv"), "{address}");
        // The server adds the path to the page that a form returns to.
        for next in html.split("name=\"next\" value=\"").skip(1) {
            assert!(next.starts_with('/') && !next.starts_with(BASE), "{address}: {next:.60}");
        }
        for (method, action) in forms(html) {
            if method == Method::GET {
                self.add(&action, address);
            } else if is_own(&action, address) && self.seen.insert(format!("POST {action}")) {
                // The form exists, and neither another site nor a stranger can submit it.
                let asked = self.proxy.ask(self.server, method, &action);
                let answer = asked.header("origin", "https://evil.example").body("").send().await;
                let is_refused = match answer.status {
                    303 => answer.header("location").starts_with("/stagepost/sign-in"),
                    status => status == 403,
                };
                assert!(is_refused, "{address} submits to {action}: {answer:?}");
            }
        }
    }

    fn script(&mut self, address: &str, text: &str) {
        for (at, _) in text.match_indices(['"', '\'', '`']) {
            let rest = &text[at + 1..];
            // The end of an address, in a selector.
            let is_end = text[..at].ends_with("$=");
            let is_path =
                !is_end && rest.starts_with('/') && rest[1..].starts_with(|c: char| c.is_ascii_lowercase());
            assert!(!is_path, "{address} has a path without that of the server: {:.60}", &text[at..]);
            if let Some(name) = rest.strip_prefix("./") {
                self.add(&format!("/stagepost/assets/{}", name.split('"').next().unwrap()), address);
            }
        }
    }
}

/// A server with the demo, and objects that the demo does not have.
async fn demo() -> TestServer {
    let server = server().await;
    let imported = server.root(Method::POST, "/native/v1/import").body(DEMO).send().await;
    assert_eq!(imported.status, 200, "{imported:?}");
    let hook = json!({"url": "https://receiver.example/hook", "events": ["job"]});
    let created: TestResponse = server.post("/native/v1/repositories/2111976239/webhooks", hook).await;
    assert_eq!(created.status, 201, "{created:?}");
    server.user("lin").await;
    assert_eq!(server.post("/native/v1/users/root/keys", json!({})).await.status, 201);
    server
}

#[tokio::test]
async fn every_page_of_the_demo_refers_to_addresses_below_the_path_only() {
    let server = demo().await;
    for proxy in PROXIES {
        let mut visitor = Visitor {
            server: &server,
            proxy,
            todo: Vec::new(),
            seen: BTreeSet::new(),
            statuses: BTreeMap::new(),
        };
        visitor.add(BASE, "the start");
        visitor.add("/stagepost/sign-in", "the start");
        while let Some((address, page)) = visitor.todo.pop() {
            visitor.visit(&address, &page).await;
        }
        let seen = &visitor.seen;
        for expected in [
            "/stagepost/repositories/2111976239/pipelines/6?",
            "/stagepost/repositories/2111976239/settings/prune?",
            "/stagepost/repositories/2111976239/connect?system",
            "/stagepost/administration/users/lin?",
            "/stagepost/explorer/ListPipelineJobs?",
            "/stagepost/openapi/native.json?",
            "/stagepost/errors?",
            "/stagepost/account?",
            "POST /stagepost/sign-out",
        ] {
            assert!(seen.contains(expected), "{proxy:?}: nothing refers to {expected}");
        }
        let scripts = seen.iter().filter(|address| address.contains(".js")).count();
        assert!(scripts > 25 && seen.len() > 300, "{proxy:?}: {scripts} {:?}", visitor.statuses);
    }
}

/// Pages of errors and of a link from another site have links too.
#[tokio::test]
async fn pages_without_a_visitor_refer_to_addresses_below_the_path() {
    let server = server().await;
    for proxy in PROXIES {
        for (target, header) in [
            ("/stagepost/unknown", ("accept-language", "en")),
            ("/stagepost/repositories", ("sec-fetch-site", "cross-site")),
            ("/stagepost/sign-in?once=x", ("accept-language", "en")),
        ] {
            let asked = proxy.ask(&server, Method::GET, target).header("accept", "text/html");
            let answer = asked.header(header.0, header.1).header("sec-fetch-mode", "navigate").send().await;
            let html = String::from_utf8(answer.body).unwrap();
            let links = ["href", "src", "action"].map(|attribute| values(&html, attribute)).concat();
            assert!(!links.is_empty(), "{target}");
            assert!(
                links.iter().all(|link| link.starts_with('#') || is_own(link, target)),
                "{target}: {links:?}"
            );
        }
    }
}
