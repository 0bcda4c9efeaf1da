//! The public URL: the address by which people and clients reach the server, usually that of a reverse proxy. It
//! may have a path, below which the whole server works.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The longest host name, in bytes (RFC 1035).
const HOST_MAX: usize = 253;

/// The address of the server as the settings name it: `https://ci.example` or `https://ci.example/stagepost`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    /// Without a `/` at the end.
    text: String,
    /// The length of scheme, host and port in `text`.
    origin_len: usize,
    port: u16,
}

/// Why a text is no public URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicUrlProblem {
    /// It does not begin with `http://` or `https://`.
    Scheme,
    /// It has a user name or a password.
    UserInfo,
    /// It has a query or a fragment.
    QueryOrFragment,
    /// Its host is neither an ASCII name nor an address, or its port is not from 1 to 65535.
    Host,
    /// A segment of its path is empty, `.` or `..`, or has a character other than ASCII letters, digits and `-._~`.
    Path,
    /// It is spelled otherwise than browsers spell it.
    NotNormalized {
        /// The usual spelling.
        normalized: String,
    },
    /// A path of this server begins with its path, so a request could mean either.
    Taken {
        /// The path of the server, with parameters in braces.
        route: &'static str,
    },
}

impl PublicUrl {
    /// Reads a URL. One `/` at its end is ignored.
    ///
    /// # Errors
    /// [`PublicUrlProblem`], except for `Taken`: the table of the routes is not known here.
    pub fn parse(text: &str) -> Result<Self, PublicUrlProblem> {
        let (scheme, rest) = text.split_once("://").ok_or(PublicUrlProblem::Scheme)?;
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "http" => 80,
            "https" => 443,
            _ => return Err(PublicUrlProblem::Scheme),
        };
        if rest.contains(['?', '#']) {
            return Err(PublicUrlProblem::QueryOrFragment);
        }
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        if authority.contains('@') {
            return Err(PublicUrlProblem::UserInfo);
        }
        let (host, port) = split_port(authority).ok_or(PublicUrlProblem::Host)?;
        let host = normalized_host(host).ok_or(PublicUrlProblem::Host)?;
        let path = path.strip_suffix('/').unwrap_or(path);
        if !path.split('/').skip(1).all(is_segment) {
            return Err(PublicUrlProblem::Path);
        }
        let shown_port = match port {
            Some(port) if port != default_port => format!(":{port}"),
            _ => String::new(),
        };
        let origin = format!("{scheme}://{host}{shown_port}");
        let normalized = format!("{origin}{path}");
        if text.strip_suffix('/').unwrap_or(text) != normalized {
            return Err(PublicUrlProblem::NotNormalized { normalized });
        }
        Ok(Self { text: normalized, origin_len: origin.len(), port: port.unwrap_or(default_port) })
    }

    /// The URL, without a `/` at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        &self.text[..self.origin_len]
    }

    /// The path: empty, or `/stagepost`.
    pub fn path(&self) -> &str {
        &self.text[self.origin_len..]
    }

    /// Whether clients use TLS.
    pub fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }

    /// Whether a host is that of this URL. It may lack a port, because some proxies pass it on without.
    pub fn is_host(&self, host: &str) -> bool {
        let own = self.origin().split_once("://").map_or("", |(_, authority)| authority);
        let own = split_port(own).map_or(own, |(name, _)| name);
        split_port(host).is_some_and(|(name, port)| {
            name.eq_ignore_ascii_case(own) && port.is_none_or(|port| port == self.port)
        })
    }

    /// The rest of a path that begins with the path of this URL; `None` if it does not, or if this URL has no path.
    pub fn below<'a>(&self, path: &'a str) -> Option<&'a str> {
        if self.path().is_empty() {
            return None;
        }
        let mut rest = path;
        for segment in self.path().split('/').skip(1) {
            // A client whose endpoint ends in `/` sends `//`.
            rest = rest.strip_prefix('/')?.trim_start_matches('/').strip_prefix(segment)?;
            if !(rest.is_empty() || rest.starts_with('/')) {
                return None;
            }
        }
        Some(if rest.is_empty() { "/" } else { rest })
    }

    /// Whether a path of this template may begin with the path of this URL. A template has parameters in braces.
    pub fn is_prefix_of(&self, template: &str) -> bool {
        let mut parts = template.split('/').skip(1);
        let mut own = self.path().split('/').skip(1).peekable();
        own.peek().is_some()
            && own.all(|segment| parts.next().is_some_and(|part| part == segment || part.starts_with('{')))
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Splits a host from its port; `None` if the port is none.
pub fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let after_name = authority.rfind(']').map_or(0, |at| at + 1);
    match authority[after_name..].split_once(':') {
        None => Some((authority, None)),
        Some((name, port)) => {
            let digits = port.bytes().all(|byte| byte.is_ascii_digit());
            let port = port.parse().ok().filter(|port| digits && *port > 0)?;
            Some((&authority[..after_name + name.len()], Some(port)))
        }
    }
}

/// A host as browsers spell it; `None` if it is neither an ASCII name nor an address.
fn normalized_host(host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[') {
        return Some(format!("[{}]", address.strip_suffix(']')?.parse::<Ipv6Addr>().ok()?));
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    if host.len() > HOST_MAX || !host.split('.').all(is_label) {
        return None;
    }
    // Browsers read a name whose last label is a number as an address.
    if host.rsplit('.').next().is_some_and(is_number) {
        return Some(host.parse::<Ipv4Addr>().ok()?.to_string());
    }
    Some(host.to_ascii_lowercase())
}

fn is_segment(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..")
        && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use PublicUrlProblem::{Host, NotNormalized, Path, QueryOrFragment, Scheme, UserInfo};

    fn url(text: &str) -> PublicUrl {
        PublicUrl::parse(text).unwrap()
    }

    #[test]
    fn a_url_has_an_origin_and_perhaps_a_path() {
        for (text, origin, path) in [
            ("https://ci.example", "https://ci.example", ""),
            ("https://ci.example/", "https://ci.example", ""),
            ("http://ci.example:8080/stagepost/", "http://ci.example:8080", "/stagepost"),
            ("https://10.0.0.7/a/b-1.2~_", "https://10.0.0.7", "/a/b-1.2~_"),
            ("https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443", "/x"),
            ("https://xn--fiq228c.example", "https://xn--fiq228c.example", ""),
        ] {
            let url = url(text);
            assert_eq!((url.origin(), url.path()), (origin, path), "{text}");
            assert_eq!(url.as_str(), format!("{origin}{path}"), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused_with_a_reason() {
        let normalized = |text: &str| NotNormalized { normalized: text.into() };
        for (text, problem) in [
            ("", Scheme),
            ("ci.example", Scheme),
            ("ftp://ci.example", Scheme),
            ("https://u@ci.example", UserInfo),
            ("https://u:p@ci.example/x", UserInfo),
            ("https://ci.example/?a=b", QueryOrFragment),
            ("https://ci.example?", QueryOrFragment),
            ("https://ci.example/#x", QueryOrFragment),
            ("https://", Host),
            ("https:///x", Host),
            ("https://ci..example", Host),
            ("https://流水线.example", Host),
            ("https://ci example", Host),
            ("https://[::1", Host),
            ("https://1.2.3", Host),
            ("https://ci.example:", Host),
            ("https://ci.example:0", Host),
            ("https://ci.example:65536", Host),
            ("https://ci.example:+80", Host),
            ("https://ci.example//", Path),
            ("https://ci.example/a//b", Path),
            ("https://ci.example/a/../b", Path),
            ("https://ci.example/.", Path),
            ("https://ci.example/a%2Fb", Path),
            ("https://ci.example/a b", Path),
            ("https://ci.example/流水线", Path),
            ("HTTPS://ci.example/X", normalized("https://ci.example/X")),
            ("https://CI.example", normalized("https://ci.example")),
            ("https://ci.example:443/x", normalized("https://ci.example/x")),
            ("http://ci.example:080", normalized("http://ci.example")),
            ("https://[2001:DB8:0::1]", normalized("https://[2001:db8::1]")),
        ] {
            assert_eq!(PublicUrl::parse(text), Err(problem), "{text}");
        }
    }

    #[test]
    fn a_path_is_below_whole_segments_only() {
        let stagepost = url("https://ci.example/stagepost");
        for (path, below) in [
            ("/stagepost", Some("/")),
            ("/stagepost/", Some("/")),
            ("/stagepost/repositories/1", Some("/repositories/1")),
            ("//stagepost//v4/x", Some("//v4/x")),
            ("/stagepost/stagepost/x", Some("/stagepost/x")),
            ("/stagepostal/x", None),
            ("/Stagepost/x", None),
            ("/repositories/stagepost", None),
            ("/", None),
            ("*", None),
        ] {
            assert_eq!(stagepost.below(path), below, "{path}");
        }
        assert_eq!(url("https://ci.example/a/b").below("/a//b/c"), Some("/c"));
        assert_eq!(url("https://ci.example/a/b").below("/a/c"), None);
        assert_eq!(url("https://ci.example").below("/x"), None);
    }

    #[test]
    fn a_path_that_begins_a_template_is_ambiguous() {
        for (path, template, ambiguous) in [
            ("/repositories", "/repositories/{repository_id}", true),
            ("/repositories", "/repositories", true),
            ("/repos/x", "/repos/{owner}/{repo}", true),
            ("/api", "/api/v4/version", true),
            ("/api/stagepost", "/api/v4/version", false),
            ("/account/x", "/account", false),
            ("/stagepost", "/", false),
            ("", "/", false),
        ] {
            assert_eq!(
                url(&format!("https://x{path}")).is_prefix_of(template),
                ambiguous,
                "{path} {template}"
            );
        }
    }

    #[test]
    fn a_host_is_compared_without_case_and_default_port() {
        for (text, host, same) in [
            ("https://ci.example", "CI.example", true),
            ("https://ci.example", "ci.example:443", true),
            ("https://ci.example", "ci.example:8080", false),
            ("https://ci.example:8443", "ci.example:8443", true),
            ("https://ci.example:8443", "ci.example", true),
            ("https://ci.example", "other.example", false),
            ("https://[2001:db8::1]", "[2001:db8::1]", true),
            ("https://[2001:db8::1]:8443/x", "[2001:db8::1]:8443", true),
            ("https://ci.example", "", false),
        ] {
            assert_eq!(url(text).is_host(host), same, "{text} {host}");
        }
    }
}
