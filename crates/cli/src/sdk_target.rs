//! The server, certificate and credentials that an official SDK uses. `env` prints them and `doctor` checks
//! them.
//!
//! Must not know: the settings of the SDKs.

use crate::exit::Failure;
use crate::messages::Text;
use crate::settings::Context;
use stagepost_client::Url;
use std::path::{Path, PathBuf};

/// The server, certificate and credentials of an SDK.
#[derive(Clone, PartialEq, Eq)]
pub struct SdkTarget {
    /// `http(s)://HOST[:PORT][/PATH]` without a trailing slash, because the Java SDK appends paths directly.
    pub server: String,
    /// The server is on this machine.
    pub is_local: bool,
    /// The CA certificate to trust, if systems do not trust the server's certificate by default.
    pub ca: Option<PathBuf>,
    /// AK and SK.
    pub keys: Option<(String, String)>,
    /// A personal token.
    pub token: Option<String>,
}

impl std::fmt::Debug for SdkTarget {
    /// Without secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SdkTarget")
            .field("server", &self.server)
            .field("ca", &self.ca)
            .finish_non_exhaustive()
    }
}

impl Context {
    /// The target for an SDK. `prefer_http` selects the http URL of a local server, `require_https` replaces
    /// an http URL of a local server by its https URL.
    pub fn sdk_target(&self, prefer_http: bool, require_https: bool) -> Result<SdkTarget, Failure> {
        let endpoints = self.endpoints();
        let configured =
            self.configured_server()?.map(|server| server.trim().trim_end_matches('/').to_owned());
        let configured = configured.map(|server| match &endpoints.https {
            Some(https) if require_https && Some(&server) == endpoints.http.as_ref() => https.clone(),
            _ => server,
        });
        let local = if prefer_http { endpoints.http } else { endpoints.https.or(endpoints.http) };
        let server = match configured.or(local) {
            Some(server) => server,
            None => self.server()?,
        };
        check_url(&server)?;
        let is_local = crate::connect::is_loopback(&server);
        // Secrets of the local server are not sent to another server.
        let admin = is_local.then(|| self.admin()).flatten();
        let keys = self
            .access_key()
            .or_else(|| admin.as_ref().map(|a| (a.access_key.clone(), a.secret_key.clone())));
        let token = self.token(&server)?.or(admin.map(|admin| admin.token));
        let self_signed = self.self_signed_certificate();
        let self_signed = (is_local && self_signed.exists()).then_some(self_signed);
        let ca = self.configured_ca()?.map(Path::to_owned).or(self_signed);
        let ca = ca.filter(|_| server.starts_with("https://"));
        let ca = ca.map(|path| std::path::absolute(&path).unwrap_or(path));
        Ok(SdkTarget { server, is_local, ca, keys, token })
    }
}

impl SdkTarget {
    /// The server without its path, which SDKs do not support: the server responds to the APIs of Huawei Cloud at
    /// the root as well.
    pub fn endpoint(&self) -> &str {
        let host = self.server.find("://").map_or(0, |at| at + 3);
        let end = self.server[host..].find('/').map_or(self.server.len(), |at| host + at);
        &self.server[..end]
    }

    /// The host of the server, without the brackets of an IPv6 address.
    pub fn host(&self) -> String {
        let url = Url::parse(&self.server).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
        host.trim_start_matches('[').trim_end_matches(']').to_owned()
    }
}

/// Each SDK handles a URL without scheme differently.
fn check_url(server: &str) -> Result<(), Failure> {
    let invalid = || Failure::usage(Text::InvalidServerUrl.with(&[("server", &server)]));
    let url = Url::parse(server).map_err(|_| invalid())?;
    let has_only_path = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if matches!(url.scheme(), "http" | "https") && url.has_host() && has_only_path {
        Ok(())
    } else {
        Err(invalid())
    }
}

/// Whether the value of `NO_PROXY` excludes `host` from the proxy.
pub fn bypasses_proxy(no_proxy: &str, host: &str) -> bool {
    let mut entries = no_proxy.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries.any(|entry| {
        let entry = entry.trim_start_matches('.').to_ascii_lowercase();
        let parent = host.strip_suffix(&entry).is_some_and(|rest| rest.ends_with('.'));
        entry == "*" || entry.eq_ignore_ascii_case(host) || parent
    })
}

#[cfg(test)]
mod tests {
    use super::{SdkTarget, bypasses_proxy, check_url};

    #[test]
    fn a_server_url_has_a_scheme_and_perhaps_a_path() {
        for (good, endpoint) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://ci.example.com", "https://ci.example.com"),
            ("https://[::1]:8443", "https://[::1]:8443"),
            ("https://ci.example.com/stagepost", "https://ci.example.com"),
            ("https://ci.example.com:8443/a/b", "https://ci.example.com:8443"),
        ] {
            assert!(check_url(good).is_ok(), "{good}");
            let target =
                SdkTarget { server: good.into(), is_local: false, ca: None, keys: None, token: None };
            assert_eq!(target.endpoint(), endpoint);
        }
        for bad in ["127.0.0.1:8080", "ci.example.com", "ftp://x", "https://u@x", "https://x?a"] {
            assert!(check_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn no_proxy_names_hosts_and_their_domains() {
        for (list, host, direct) in [
            ("127.0.0.1,localhost", "127.0.0.1", true),
            (" a , Example.com", "example.com", true),
            (".example.com", "ci.example.com", true),
            ("example.com", "ci.example.com", true),
            ("example.com", "badexample.com", false),
            (".EXAMPLE.com", "ci.example.com", true),
            ("*", "x", true),
            ("", "x", false),
            (",", "x", false),
        ] {
            assert_eq!(bypasses_proxy(list, host), direct, "{list} {host}");
        }
    }
}
