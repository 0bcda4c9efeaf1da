//! Whom a request is for: its host, in the header and in the target, must be given once and alike (RFC 9112,
//! 3.2; RFC 9113, 8.3.1). hyper does not check it.

use http::header::{CONTENT_LENGTH, HOST};
use http::uri::Authority;
use http::{HeaderMap, Uri, Version};

/// Whether the request names no host, several, an invalid one, or two different ones; or its length twice.
pub(super) fn is_ambiguous(version: Version, uri: &Uri, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (host, second) = (hosts.next(), hosts.next());
    if second.is_some() {
        return true;
    }
    // Most requests, without parsing.
    if version == Version::HTTP_11
        && uri.authority().is_none()
        && host.is_some_and(|host| is_plain(host.as_bytes()))
    {
        return false;
    }
    let host = match host.map(|host| authority(host.as_bytes())) {
        None => None,
        Some(Some(host)) => Some(host),
        Some(None) => return true,
    };
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return true;
    }
    if version == Version::HTTP_2 && headers.get_all(CONTENT_LENGTH).iter().nth(1).is_some() {
        return true;
    }
    match (host, uri.authority()) {
        (Some(host), Some(target)) => !same(&host, target, uri.scheme_str()),
        (None, None) => version != Version::HTTP_10,
        (None, Some(_)) => version == Version::HTTP_11,
        (Some(_), None) => false,
    }
}

/// Whether a host is a name or an IPv4 address, perhaps with a port.
fn is_plain(host: &[u8]) -> bool {
    let colon = host.iter().position(|byte| *byte == b':');
    let (name, port) = host.split_at(colon.unwrap_or(host.len()));
    let is_port = match port {
        [] => true,
        [_, digits @ ..] => (1..=4).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit),
    };
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    is_port && !name.is_empty() && name.iter().all(in_name)
}

/// A host with an optional port.
fn authority(host: &[u8]) -> Option<Authority> {
    let authority: Authority = std::str::from_utf8(host).ok()?.parse().ok()?;
    // A comma joins the values of two headers.
    let named = !authority.host().is_empty() && !authority.as_str().contains(['@', ',']);
    let port = authority.as_str().strip_prefix(authority.host())?;
    (named && (port.is_empty() || authority.port_u16().is_some())).then_some(authority)
}

fn same(host: &Authority, target: &Authority, scheme: Option<&str>) -> bool {
    let default = match scheme {
        Some("http") => Some(80),
        Some("https") => Some(443),
        _ => None,
    };
    let port = |authority: &Authority| authority.port_u16().or(default);
    host.host().eq_ignore_ascii_case(target.host()) && port(host) == port(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(version: Version, uri: &str, hosts: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(HOST, host.parse().unwrap());
        }
        is_ambiguous(version, &uri.parse().unwrap(), &headers)
    }

    #[test]
    fn a_request_names_its_host_once() {
        for host in ["x", "example.org:8080", "192.0.2.1", "[::1]:8080", "[::1]", "a_b.c"] {
            assert!(!refused(Version::HTTP_11, "/", &[host]), "{host}");
        }
        for host in ["", "a b", "a/b", "u@x", "x:", "x:70000", "x:y", "a\"b", "a,b", "\t", "[::1"] {
            assert!(refused(Version::HTTP_11, "/", &[host]), "{host:?}");
        }
        assert!(refused(Version::HTTP_11, "/", &[]));
        assert!(!refused(Version::HTTP_10, "/", &[]));
        for version in [Version::HTTP_10, Version::HTTP_11, Version::HTTP_2] {
            assert!(refused(version, "/", &["x", "x"]), "{version:?}");
        }
    }

    #[test]
    fn the_target_names_the_same_host() {
        for version in [Version::HTTP_11, Version::HTTP_2] {
            assert!(!refused(version, "http://x/", &["X"]));
            assert!(!refused(version, "http://x/", &["x:80"]));
            assert!(!refused(version, "https://x:443/", &["x"]));
            assert!(refused(version, "http://y/", &["x"]));
            assert!(refused(version, "http://x:81/", &["x"]));
            assert!(refused(version, "http://u@x/", &["x"]));
        }
        assert!(!refused(Version::HTTP_2, "http://x/", &[]));
        assert!(refused(Version::HTTP_2, "/", &[]));
        assert!(refused(Version::HTTP_11, "http://x/", &[]), "the header is required");
    }
}
