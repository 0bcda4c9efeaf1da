//! Where an official SDK is pointed, and with what: the same for `env`, which prints it, and `doctor`, which tries it.
//!
//! Must not know: how an SDK is told.

use crate::exit::Failure;
use crate::messages::Text;
use crate::settings::Context;
use stagepost_client::Url;
use std::path::PathBuf;

/// The address an SDK is given, whom it trusts there, and by which key it signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdkTarget {
    /// `http(s)://HOST[:PORT]`, without a slash at its end: the Java SDK puts paths right behind it (wire fact 6.1).
    pub server: String,
    /// It is this machine.
    pub own: bool,
    /// The certificate to trust, where it is not one that every machine does.
    pub ca: Option<PathBuf>,
    /// AK and SK.
    pub keys: Option<(String, String)>,
    /// A token.
    pub token: Option<String>,
}

impl Context {
    /// Where to point. `http`: the plain address, where both are known; `tls`: only an encrypted one will do.
    pub fn sdk_target(&self, http: bool, tls: bool) -> Result<SdkTarget, Failure> {
        let endpoints = self.endpoints();
        let named =
            self.settings.server.as_deref().map(|named| named.trim().trim_end_matches('/').to_owned());
        // Whoever names the plain address of a server here means that server.
        let named = named.map(|named| match &endpoints.https {
            Some(https) if tls && Some(&named) == endpoints.http.as_ref() => https.clone(),
            _ => named,
        });
        let known = if http { endpoints.http } else { endpoints.https.or(endpoints.http) };
        let server = named.or(known).unwrap_or_else(|| self.server());
        check(&server)?;
        let own = crate::connect::is_loopback(&server);
        // What belongs to the server on this machine is not given to another.
        let admin = own.then(|| self.admin()).flatten();
        let keys = self
            .access_key()
            .or_else(|| admin.as_ref().map(|a| (a.access_key.clone(), a.secret_key.clone())));
        let token = self.token()?.or(admin.map(|admin| admin.token));
        let made = self.made_certificate();
        let ca = self.settings.ca.clone().or_else(|| (own && made.exists()).then_some(made));
        let ca = ca.filter(|_| server.starts_with("https://"));
        let ca = ca.map(|path| std::path::absolute(&path).unwrap_or(path));
        Ok(SdkTarget { server, own, ca, keys, token })
    }
}

impl SdkTarget {
    /// Its host, without the brackets of an IPv6 address.
    pub fn host(&self) -> String {
        let url = Url::parse(&self.server).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
        host.trim_start_matches('[').trim_end_matches(']').to_owned()
    }
}

/// No SDK can be given a path (wire fact 6.1), and each completes an address without scheme in its own way.
fn check(server: &str) -> Result<(), Failure> {
    let wrong = || Failure::usage(Text::ServerAddress.with(&[("server", &server)]));
    let url = Url::parse(server).map_err(|_| wrong())?;
    let plain =
        url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if matches!(url.scheme(), "http" | "https") && url.has_host() && plain { Ok(()) } else { Err(wrong()) }
}

/// Whether programs that heed proxies would reach `host` without one, by a value of `NO_PROXY`.
pub fn is_direct(no_proxy: &str, host: &str) -> bool {
    let mut entries = no_proxy.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries.any(|entry| {
        let entry = entry.trim_start_matches('.').to_ascii_lowercase();
        let parent = host.strip_suffix(&entry).is_some_and(|rest| rest.ends_with('.'));
        entry == "*" || entry.eq_ignore_ascii_case(host) || parent
    })
}

#[cfg(test)]
mod tests {
    use super::{check, is_direct};

    #[test]
    fn an_sdk_takes_no_path_and_needs_a_scheme() {
        for good in ["http://127.0.0.1:8080", "https://ci.example.com", "https://[::1]:8443"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in [
            "127.0.0.1:8080",
            "ci.example.com",
            "https://ci.example.com/stagepost",
            "ftp://x",
            "https://u@x",
            "https://x?a",
        ] {
            assert!(check(bad).is_err(), "{bad}");
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
            assert_eq!(is_direct(list, host), direct, "{list} {host}");
        }
    }
}
