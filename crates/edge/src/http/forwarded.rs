//! The client's own connection according to trusted reverse proxies: its address, whether it is encrypted, and
//! the host and port that the client addressed.
//!
//! Each proxy appends to the lists of `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`, or to
//! `Forwarded` (RFC 7239). A client may send such headers itself, so the address is the last one that no trusted
//! proxy has. `X-Forwarded-*` headers take precedence, because proxies that set them usually pass on a `Forwarded`
//! header of the client unchanged.

use http::HeaderMap;
use std::net::{IpAddr, SocketAddr};

/// The most entries of a list that are read.
const ENTRIES_MAX: usize = 32;
/// The longest host, in bytes (RFC 1035), with a port.
const HOST_MAX: usize = 261;

/// The reverse proxies whose headers are trusted: those on loopback addresses, and those that the settings name.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<IpAddr>);

impl TrustedProxies {
    /// The proxies that the settings name.
    pub fn new(named: &[IpAddr]) -> Self {
        Self(named.iter().map(IpAddr::to_canonical).collect())
    }

    /// Whether this address is that of a trusted proxy.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_loopback() || self.0.contains(&address)
    }

    /// The address of the client of a peer. `None`: it is that of a proxy, which many clients may share.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let address = Client::of(headers, Some(peer), false, self).address;
        address.filter(|address| !self.contains(*address))
    }
}

/// The client's own connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// Its address. Many clients share that of a proxy that forwards none.
    pub address: Option<IpAddr>,
    /// Whether it is encrypted.
    pub secure: bool,
    /// The host that the client addressed, with a port if that is not the default one; `None`: as in `Host`.
    pub host: Option<String>,
    /// The port that the client addressed, where `host` has none and it is no default port.
    pub port: Option<u16>,
    /// The address of the peer, if it sent such headers and is not trusted.
    pub ignored: Option<IpAddr>,
}

impl Client {
    /// The client of a connection from `peer`; `tls`: that connection is encrypted.
    pub fn of(headers: &HeaderMap, peer: Option<IpAddr>, tls: bool, proxies: &TrustedProxies) -> Self {
        let address = peer.map(|peer| peer.to_canonical());
        if !address.is_some_and(|address| proxies.contains(address)) {
            let ignored = address.filter(|_| is_forwarded(headers));
            return Self { address, secure: tls, ignored, ..Self::default() };
        }
        if !is_forwarded(headers) {
            return Self { address, secure: tls, ..Self::default() };
        }
        let hops = Hops::of(headers);
        let (address, position) = hops.client(address, proxies);
        let proto = hops.at(&hops.protos, position).map(|proto| proto.eq_ignore_ascii_case("https"));
        let host = hops.at(&hops.hosts, position).filter(|host| is_host(host)).map(str::to_owned);
        let port = first(headers, "x-forwarded-port").and_then(|port| port.parse().ok());
        Self {
            address,
            secure: tls || proto == Some(true),
            host,
            // A proxy behind another one often names its own port 80 for an encrypted connection.
            port: port.filter(|port| ![0, 80, 443].contains(port)),
            ignored: None,
        }
    }
}

/// Whether a request has headers in which reverse proxies name the client's connection.
fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| name.as_str().starts_with("x-forwarded-") || name.as_str() == "forwarded")
}

/// Whether a request has headers that only proxies send.
pub fn is_proxied(headers: &HeaderMap) -> bool {
    is_forwarded(headers) || headers.contains_key("via") || headers.contains_key("x-real-ip")
}

/// The lists of the headers, each in the order of the hops: the client's own connection first.
struct Hops {
    addresses: Vec<String>,
    protos: Vec<String>,
    hosts: Vec<String>,
}

impl Hops {
    fn of(headers: &HeaderMap) -> Self {
        let [mut addresses, mut protos, mut hosts] =
            ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"].map(|name| list(headers, name));
        if addresses.is_empty() && protos.is_empty() && hosts.is_empty() {
            for element in elements(headers) {
                let value = |name: &str| parameter(&element, name);
                addresses.push(value("for").unwrap_or_default());
                protos.extend(value("proto"));
                hosts.extend(value("host"));
            }
        }
        Self { addresses, protos, hosts }
    }

    /// The address of the client, and its position in the list of addresses. `peer` is the address of the last
    /// proxy.
    fn client(&self, peer: Option<IpAddr>, proxies: &TrustedProxies) -> (Option<IpAddr>, usize) {
        let mut known = peer;
        for (position, text) in self.addresses.iter().enumerate().rev() {
            // `unknown` and hidden names end what is known.
            let Some(address) = address(text) else { return (known, position) };
            known = Some(address);
            if !proxies.contains(address) {
                return (known, position);
            }
        }
        (known, 0)
    }

    /// The entry about the client's own connection: at the position of its address where both lists have an
    /// entry for each proxy, else the first one.
    fn at<'a>(&self, list: &'a [String], position: usize) -> Option<&'a str> {
        let aligned = list.len() == self.addresses.len();
        list.get(if aligned { position } else { 0 }).map(String::as_str)
    }
}

/// The first entry of a header that is a list.
fn first(headers: &HeaderMap, name: &str) -> Option<String> {
    list(headers, name).into_iter().next()
}

/// The entries of an `X-Forwarded-` header, over all its lines.
fn list(headers: &HeaderMap, name: &str) -> Vec<String> {
    last_entries(lines(headers, name).flat_map(|line| line.split(',')))
}

/// The elements of `Forwarded`, over all its lines.
fn elements(headers: &HeaderMap) -> Vec<String> {
    last_entries(lines(headers, "forwarded").flat_map(|line| split(line, ',')))
}

fn lines<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).iter().filter_map(|line| line.to_str().ok())
}

/// The last entries: they are from the proxies, and the first ones may be from the client.
fn last_entries<'a>(entries: impl Iterator<Item = &'a str>) -> Vec<String> {
    let entries: Vec<&str> = entries.map(str::trim).filter(|entry| !entry.is_empty()).collect();
    let start = entries.len().saturating_sub(ENTRIES_MAX);
    entries.into_iter().skip(start).map(str::to_owned).collect()
}

/// Splits at a separator outside quotation marks. Quotation marks that do not end count for nothing: otherwise a
/// client could hide what the proxies append.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let is_separator = |c: char| {
        if escaped {
            escaped = false;
        } else if quoted && c == '\\' {
            escaped = true;
        } else if c == '"' {
            quoted = !quoted;
        }
        !quoted && c == separator
    };
    let parts: Vec<&str> = text.split(is_separator).collect();
    if quoted { text.split(separator).collect() } else { parts }
}

/// The value of a parameter of an element of `Forwarded`.
fn parameter(element: &str, name: &str) -> Option<String> {
    split(element, ';').into_iter().find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// An address with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let plain = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = plain.parse().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))?;
    Some(address.to_canonical())
}

/// Whether a text can be a host with an optional port.
fn is_host(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= HOST_MAX
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(headers: &[(&'static str, &str)], peer: &str, tls: bool) -> Client {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let proxies = TrustedProxies::new(&["10.0.0.7".parse().unwrap(), "2001:db8::7".parse().unwrap()]);
        Client::of(&map, Some(peer.parse().unwrap()), tls, &proxies)
    }

    fn from(headers: &[(&'static str, &str)], peer: &str) -> String {
        client(headers, peer, false).address.unwrap().to_string()
    }

    #[test]
    fn the_address_is_the_last_one_that_is_no_trusted_proxy() {
        const FOR: &str = "x-forwarded-for";
        for (value, peer, expected) in [
            ("203.0.113.9", "127.0.0.1", "203.0.113.9"),
            ("203.0.113.9", "::ffff:127.0.0.1", "203.0.113.9"),
            ("203.0.113.9, 10.0.0.7", "127.0.0.1", "203.0.113.9"),
            ("203.0.113.9, 10.0.0.7,127.0.0.2", "10.0.0.7", "203.0.113.9"),
            // Values of the client come before those that the proxies append.
            ("1.1.1.1, 203.0.113.9", "127.0.0.1", "203.0.113.9"),
            ("127.0.0.1, 203.0.113.9", "127.0.0.1", "203.0.113.9"),
            ("203.0.113.9:4711", "10.0.0.7", "203.0.113.9"),
            ("[2001:db8::1]:4711, 2001:db8::7", "::1", "2001:db8::1"),
            ("2001:db8::1", "::1", "2001:db8::1"),
            ("::ffff:203.0.113.9", "::1", "203.0.113.9"),
            // The client is on this machine or a proxy itself.
            ("127.0.0.3, 10.0.0.7", "10.0.0.7", "127.0.0.3"),
            ("1.1.1.1, unknown", "10.0.0.7", "10.0.0.7"),
            ("1.1.1.1, nonsense, 127.0.0.1", "10.0.0.7", "127.0.0.1"),
            ("", "10.0.0.7", "10.0.0.7"),
            ("\"1.1.1.1, 203.0.113.9", "10.0.0.7", "203.0.113.9"),
            // Not trusted.
            ("203.0.113.9", "10.0.0.8", "10.0.0.8"),
        ] {
            assert_eq!(from(&[(FOR, value)], peer), expected, "{value} {peer}");
        }
        let two = [(FOR, "203.0.113.9"), (FOR, "10.0.0.7")];
        assert_eq!(from(&two, "127.0.0.1"), "203.0.113.9", "two lines are one list");
    }

    #[test]
    fn the_forwarded_header_says_the_same() {
        for (value, expected) in [
            ("for=203.0.113.9", "203.0.113.9"),
            ("For=\"203.0.113.9:4711\";proto=https;by=10.0.0.7", "203.0.113.9"),
            ("for=1.1.1.1, for=203.0.113.9, for=10.0.0.7", "203.0.113.9"),
            ("for=\"[2001:db8::1]:80\"", "2001:db8::1"),
            ("for=_hidden, for=10.0.0.7", "10.0.0.7"),
            ("for=203.0.113.9;host=\"a,b\", for=10.0.0.7", "203.0.113.9"),
            ("proto=https", "127.0.0.1"),
            // A client does not hide what the proxies append.
            ("for=\"1.1.1.1, for=203.0.113.9", "203.0.113.9"),
            ("for=\"1\\\", for=203.0.113.9", "203.0.113.9"),
        ] {
            assert_eq!(from(&[("forwarded", value)], "127.0.0.1"), expected, "{value}");
        }
        let both = [("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(from(&both, "127.0.0.1"), "203.0.113.9", "a client's own header counts for nothing");
        let seen =
            client(&[("forwarded", "for=203.0.113.9;proto=https;host=ci.example")], "127.0.0.1", false);
        assert_eq!((seen.secure, seen.host.as_deref()), (true, Some("ci.example")));
    }

    #[test]
    fn the_connection_of_the_client_decides_whether_it_is_encrypted() {
        const PROTO: &str = "x-forwarded-proto";
        for (value, secure) in [
            ("https", true),
            ("HTTPS", true),
            ("https,http", true),
            ("https, https", true),
            ("http, https", false),
            ("http", false),
            ("", false),
            ("wss", false),
        ] {
            assert_eq!(client(&[(PROTO, value)], "127.0.0.1", false).secure, secure, "{value}");
            assert!(!client(&[(PROTO, value)], "10.0.0.8", false).secure, "not trusted: {value}");
            assert!(client(&[(PROTO, value)], "10.0.0.8", true).secure, "TLS: {value}");
        }
        // With an address for each hop, the hop of the client counts, not what the client sends before it.
        let of = |protos: &str, addresses: &str| {
            client(&[(PROTO, protos), ("x-forwarded-for", addresses)], "127.0.0.1", false).secure
        };
        assert!(!of("https, http", "1.1.1.1, 203.0.113.9"));
        assert!(of("http, https, http", "1.1.1.1, 203.0.113.9, 10.0.0.7"));
    }

    #[test]
    fn host_and_port_are_those_that_the_client_addressed() {
        let of = |host: &str, port: &str| {
            let headers = [("x-forwarded-host", host), ("x-forwarded-port", port)];
            let client = client(&headers, "127.0.0.1", false);
            (client.host, client.port)
        };
        let host = |text: &str| Some(text.to_owned());
        assert_eq!(of("ci.example", ""), (host("ci.example"), None));
        assert_eq!(of("ci.example:8443, inner:80", "8443, 80"), (host("ci.example:8443"), Some(8443)));
        assert_eq!(of("[2001:db8::1]:8443", "443"), (host("[2001:db8::1]:8443"), None));
        for bad in ["", "a/b", "a b", "a@b", "<a>", &"a".repeat(300)] {
            assert_eq!(of(bad, "80").0, None, "{bad}");
        }
        for bad in ["0", "80", "443", "65536", "x"] {
            assert_eq!(of("a", bad).1, None, "{bad}");
        }
    }

    #[test]
    fn headers_of_a_peer_that_is_not_trusted_are_named() {
        let ignored = |headers: &[(&'static str, &str)]| client(headers, "10.0.0.8", false).ignored;
        assert_eq!(ignored(&[("x-forwarded-proto", "https")]), Some("10.0.0.8".parse().unwrap()));
        assert_eq!(ignored(&[("forwarded", "proto=https")]), Some("10.0.0.8".parse().unwrap()));
        assert_eq!(ignored(&[]), None);
        assert_eq!(client(&[("x-forwarded-proto", "https")], "10.0.0.7", false).ignored, None);
    }

    #[test]
    fn a_long_list_costs_no_more_than_its_end() {
        let long = format!("{}203.0.113.9", "1.1.1.1,".repeat(5_000));
        assert_eq!(from(&[("x-forwarded-for", &long)], "127.0.0.1"), "203.0.113.9");
        let proxies_only = "10.0.0.7,".repeat(5_000);
        assert_eq!(from(&[("x-forwarded-for", &proxies_only)], "127.0.0.1"), "10.0.0.7");
    }

    fn one_client(peer: &str, forwarded: &[&str]) -> Option<String> {
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
            assert_eq!(one_client(proxy, &["192.0.2.9"]).as_deref(), Some("192.0.2.9"), "{proxy}");
        }
        let forged = one_client("10.0.0.7", &["198.51.100.1, 192.0.2.9"]);
        assert_eq!(forged.as_deref(), Some("192.0.2.9"), "the client itself wrote the first address");
        let two = one_client("127.0.0.1", &["192.0.2.9, 10.0.0.7"]);
        assert_eq!(two.as_deref(), Some("192.0.2.9"), "two proxies");
        assert_eq!(one_client("127.0.0.1", &["192.0.2.8", "192.0.2.9"]).as_deref(), Some("192.0.2.9"));
        assert_eq!(one_client("::1", &["[2001:db8::1]:443"]).as_deref(), Some("2001:db8::1"));
        assert_eq!(one_client("::1", &["192.0.2.9:443"]).as_deref(), Some("192.0.2.9"));
    }

    #[test]
    fn a_proxy_that_does_not_say_names_nobody() {
        assert_eq!(one_client("127.0.0.1", &[]), None);
        assert_eq!(one_client("127.0.0.1", &["unknown"]), None);
        assert_eq!(one_client("127.0.0.1", &["192.0.2.9, unknown"]), None);
        assert_eq!(one_client("127.0.0.1", &["127.0.0.1"]), None);
    }

    #[test]
    fn nobody_else_is_believed() {
        assert_eq!(one_client("192.0.2.1", &["192.0.2.9"]).as_deref(), Some("192.0.2.1"));
    }
}
