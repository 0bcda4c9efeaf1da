//! A server with a public URL: addresses, cookies and the origin check, behind a reverse proxy that removes the path
//! and behind one that keeps it.

mod addresses;
mod crawl;
mod sessions;

use edge::Settings;
use http::Method;
use std::sync::Arc;
use testkit::{TestRequest, TestServer};

/// The path of the public URL.
const BASE: &str = "/stagepost";
const PUBLIC: &str = "https://ci.example/stagepost";

/// What a reverse proxy passes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proxy {
    /// The whole path.
    KeepsPath,
    /// The rest below the path of the public URL.
    RemovesPath,
}

const PROXIES: [Proxy; 2] = [Proxy::KeepsPath, Proxy::RemovesPath];

impl Proxy {
    /// The target that the server receives for the one that a client sends.
    fn target(self, sent: &str) -> &str {
        let below = sent.strip_prefix(BASE).unwrap_or_else(|| panic!("{sent} does not reach the server"));
        match self {
            Self::KeepsPath => sent,
            Self::RemovesPath if below.is_empty() => "/",
            Self::RemovesPath => below,
        }
    }

    /// A request that it received over TLS for `https://ci.example`, and forwards.
    fn ask<'a>(self, server: &'a TestServer, method: Method, sent: &str) -> TestRequest<'a> {
        let asked = server.ask(method, self.target(sent)).from("127.0.0.1").header("host", "ci.example");
        asked.header("x-forwarded-proto", "https").header("accept-language", "en")
    }
}

async fn server_at(public: &str) -> TestServer {
    let public_url = Some(Arc::new(edge::public_url(public).unwrap()));
    TestServer::start_with(Settings { public_url, ..Settings::default() }).await
}

async fn server() -> TestServer {
    server_at(PUBLIC).await
}
