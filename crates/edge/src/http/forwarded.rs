//! The address of a client behind reverse proxies.

use http::HeaderMap;
use std::net::{IpAddr, SocketAddr};

/// The addresses of reverse proxies whose statements about clients are trusted.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpAddr>);

impl TrustedProxies {
    /// These addresses, beside the loopback addresses, which are always trusted.
    pub fn new(addresses: &[IpAddr]) -> Self {
        Self(addresses.iter().map(IpAddr::to_canonical).collect())
    }

    /// Whether this is a proxy.
    pub fn contains(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        ip.is_loopback() || self.0.contains(&ip)
    }

    /// The address of the client that a peer speaks for: the peer itself, or behind a proxy the last address
    /// in `X-Forwarded-For` that is not a proxy. `None`: the proxy does not say, so many clients may share the
    /// address.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        if !self.contains(peer) {
            return Some(peer.to_canonical());
        }
        let lines = headers.get_all("x-forwarded-for").iter().rev().filter_map(|line| line.to_str().ok());
        let addresses = lines.flat_map(|line| line.rsplit(',')).map(|text| parse(text.trim()));
        // What is before an address that is not a proxy, or before a text that is no address, is not trusted.
        addresses.take_while(Option::is_some).flatten().find(|ip| !self.contains(*ip))
    }
}

/// An address, with or without a port, as proxies write it.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let ip = bare.parse().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))?;
    Some(IpAddr::to_canonical(&ip))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let proxies = TrustedProxies::new(&["10.0.0.7".parse().unwrap()]);
        proxies.client(peer.parse().unwrap(), &headers).map(|ip| ip.to_string())
    }

    #[test]
    fn the_client_of_a_trusted_proxy_is_the_one_it_names() {
        for proxy in ["127.0.0.1", "::1", "10.0.0.7", "::ffff:10.0.0.7"] {
            assert_eq!(client(proxy, &["192.0.2.9"]).as_deref(), Some("192.0.2.9"), "{proxy}");
        }
        let forged = client("10.0.0.7", &["198.51.100.1, 192.0.2.9"]);
        assert_eq!(forged.as_deref(), Some("192.0.2.9"), "the client itself wrote the first address");
        let two = client("127.0.0.1", &["192.0.2.9, 10.0.0.7"]);
        assert_eq!(two.as_deref(), Some("192.0.2.9"), "two proxies");
        assert_eq!(client("127.0.0.1", &["192.0.2.8", "192.0.2.9"]).as_deref(), Some("192.0.2.9"));
        assert_eq!(client("::1", &["[2001:db8::1]:443"]).as_deref(), Some("2001:db8::1"));
        assert_eq!(client("::1", &["192.0.2.9:443"]).as_deref(), Some("192.0.2.9"));
    }

    #[test]
    fn a_proxy_that_does_not_say_names_nobody() {
        assert_eq!(client("127.0.0.1", &[]), None);
        assert_eq!(client("127.0.0.1", &["unknown"]), None);
        assert_eq!(client("127.0.0.1", &["192.0.2.9, unknown"]), None);
        assert_eq!(client("127.0.0.1", &["127.0.0.1"]), None);
    }

    #[test]
    fn nobody_else_is_believed() {
        assert_eq!(client("192.0.2.1", &["192.0.2.9"]).as_deref(), Some("192.0.2.1"));
    }
}
