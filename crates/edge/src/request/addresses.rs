//! The addresses of this server that a response contains: the public one, which people see, and the one that the
//! client called, where a client compares them.

use super::IncomingRequest;
use crate::http::public_url::split_port;

impl IncomingRequest {
    /// The URL of this server for people and programs, without a `/` at its end: the public URL, else the address
    /// that the client called.
    pub fn public_url(&self) -> String {
        self.public.as_ref().map_or_else(|| self.called_origin(), |public| public.as_str().to_owned())
    }

    /// The URL of this server as the client called it, without a `/` at its end. Clients of code hosts refuse
    /// addresses that do not begin with their own setting.
    ///
    /// At the public host it is the public URL, because a reverse proxy may have removed the path.
    pub fn called_url(&self) -> String {
        match &self.public {
            Some(public) if self.is_at_public_host => public.as_str().to_owned(),
            Some(public) if self.sent_target.is_some() => self.called_origin() + public.path(),
            _ => self.called_origin(),
        }
    }

    /// The path below which links of pages are: empty, or that of the public URL. The server responds below it at
    /// every host.
    pub fn base_path(&self) -> &str {
        self.public.as_ref().map_or("", |public| public.path())
    }

    /// The value of `Path` of cookies.
    pub fn cookie_path(&self) -> &str {
        if self.base_path().is_empty() { "/" } else { self.base_path() }
    }

    /// The target exactly as sent. A signature covers it.
    pub fn sent_target(&self) -> &str {
        let target = self.sent_target.as_ref().unwrap_or(&self.target);
        target.path_and_query().map_or("/", |target| target.as_str())
    }

    /// The target that the client sent if a reverse proxy removed the path of the public URL.
    pub fn target_before_proxy(&self) -> Option<String> {
        let removable = self.sent_target.is_none() && !self.base_path().is_empty();
        removable.then(|| format!("{}{}", self.base_path(), self.sent_target()))
    }

    /// The origin that the pages of this server have in browsers.
    pub fn expected_origin(&self) -> String {
        self.public.as_ref().map_or_else(|| self.called_origin(), |public| public.origin().to_owned())
    }

    /// Whether an `Origin` is this server's: that of the public URL, else the address that the client called. The
    /// port that a proxy names may be that of an inner connection, so that address without it is accepted too.
    pub fn is_own_origin(&self, origin: &str) -> bool {
        if self.public.is_some() {
            return origin.eq_ignore_ascii_case(&self.expected_origin());
        }
        let plain = format!("{}://{}", self.scheme(), self.host());
        [self.called_origin(), plain].iter().any(|own| origin.eq_ignore_ascii_case(own))
    }

    fn called_origin(&self) -> String {
        let host = self.host();
        match self.client.port {
            Some(port) if matches!(split_port(host), Some((_, None))) => {
                format!("{}://{host}:{port}", self.scheme())
            }
            _ => format!("{}://{host}", self.scheme()),
        }
    }

    fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    pub(super) fn host(&self) -> &str {
        let sent = || self.header("host").or(self.target.authority().map(|a| a.as_str()));
        self.client.host.as_deref().or_else(sent).unwrap_or("localhost")
    }
}
