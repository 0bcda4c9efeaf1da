//! The URLs that webhooks may be sent to. The rules are stricter than those of HTTP clients: a spelling that
//! two programs could parse as different hosts is refused.

use super::networks::Networks;
use crate::error::{Invalid, Problem};
use crate::model::text;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The host of a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A host name. Its addresses are checked when a connection is made.
    Name(String),
    /// An IP address.
    Address(IpAddr),
}

/// Checks a URL: absolute, http or https, without user and fragment, with a host in its usual spelling, and
/// without an address that webhooks may not reach.
///
/// # Errors
/// [`Problem::NotWebhookUrl`], [`Problem::NotPublic`], or the errors of [`text::single_line`].
pub fn check(field: &str, url: &str, allowed: &Networks) -> Result<(), Invalid> {
    text::single_line(field, url, text::URL_MAX)?;
    match host(url) {
        None => Err(Invalid::new(field, Problem::NotWebhookUrl)),
        Some(Host::Address(address)) if !allowed.allow(address) => {
            Err(Invalid::new(field, Problem::NotPublic))
        }
        Some(_) => Ok(()),
    }
}

/// The receiver of a URL for webhooks: host and port, the same for all spellings.
pub fn receiver(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?']).next().unwrap_or_default().to_ascii_lowercase();
    let has_port = authority.rsplit(']').next().is_some_and(|end| end.contains(':'));
    let port = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
    if has_port { authority } else { format!("{authority}:{port}") }
}

/// The host of a URL for webhooks; `None` for any other text.
pub fn host(url: &str) -> Option<Host> {
    let rest = ["http://", "https://"].iter().find_map(|scheme| {
        let (head, rest) = url.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some(rest)
    })?;
    let is_allowed = |c: char| {
        c.is_ascii_graphic() && !matches!(c, '\\' | '#' | '"' | '<' | '>' | '^' | '`' | '{' | '}' | '|')
    };
    if !rest.chars().all(is_allowed) {
        return None;
    }
    let authority = rest.split(['/', '?']).next()?;
    let (host, port) = match authority.strip_prefix('[') {
        Some(v6) => {
            let (host, port) = v6.split_once(']')?;
            (Host::Address(host.parse::<Ipv6Addr>().ok()?.into()), port)
        }
        None => {
            let end = authority.find(':').unwrap_or(authority.len());
            (name_or_v4(&authority[..end])?, &authority[end..])
        }
    };
    let port_is_valid = match port.strip_prefix(':') {
        Some(digits) => {
            digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse().is_ok_and(|port: u16| port > 0)
        }
        None => port.is_empty(),
    };
    port_is_valid.then_some(host)
}

/// A host name, or an IPv4 address of four decimal numbers. HTTP clients parse a host that ends in a number
/// as an address, and all of them parse only this spelling in the same way.
fn name_or_v4(text: &str) -> Option<Host> {
    let name = text.strip_suffix('.').unwrap_or(text);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if name.len() > 253 || !name.split('.').all(is_label) {
        return None;
    }
    let last = name.rsplit('.').next()?;
    let is_hex = last.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("0x"));
    if is_hex || last.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse::<Ipv4Addr>().ok().map(|v4| Host::Address(v4.into()));
    }
    Some(Host::Name(name.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(url: &str, allowed: &str) -> Option<Problem> {
        check("url", url, &Networks::parse(allowed).unwrap()).err().map(|invalid| invalid.problem)
    }

    #[test]
    fn public_hosts_are_accepted() {
        for url in [
            "https://hooks.example.com/x?y=1&z=%20",
            "http://example.com",
            "HTTPS://EXAMPLE.COM:8443/",
            "https://example.com./",
            "https://xn--fiqs8s.example/",
            "https://a_b.example:443?x",
            "https://1.example",
            "https://1.1.1.1/",
            "https://[2606:4700::1111]:8443/",
            "https://0x.example",
        ] {
            assert_eq!(problem(url, ""), None, "{url}");
        }
    }

    #[test]
    fn addresses_that_are_not_public_are_refused() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:8080",
            "127.1.2.3",
            "0.0.0.0",
            "10.0.0.1",
            "100.64.1.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[::]:8080",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::FFFF:7F00:1]",
            "[0:0:0:0:0:ffff:10.0.0.1]",
            "[::127.0.0.1]",
            "[64:ff9b::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b:1::1]",
            "[fc00::1]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "[febf::1]",
            "[ff02::1]",
            "[2002:7f00:1::]",
            "[2001:0:7f00:1::]",
            "[2001:db8::1]",
        ] {
            for scheme in ["http", "https", "HtTp"] {
                let url = format!("{scheme}://{host}/hook");
                assert_eq!(problem(&url, ""), Some(Problem::NotPublic), "{url}");
            }
        }
        assert_eq!(problem("http://127.0.0.1:1/x", "127.0.0.0/8"), None);
        assert_eq!(problem("http://[::1]/x", "127.0.0.0/8"), Some(Problem::NotPublic));
    }

    #[test]
    fn unusual_spellings_are_refused() {
        for url in [
            // Numbers that some programs parse as 127.0.0.1.
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0X7F000001/",
            "http://017700000001/",
            "http://0x7f.1/",
            "http://0x7f.0.0.1/",
            "http://0177.0.0.1/",
            "http://0177.0.0.01/",
            "http://127.1/",
            "http://127.0.1/",
            "http://127.0.0.1./",
            "http://127.0.0.0x1/",
            "http://127.0.0.01/",
            "http://127.0.0.1.1/",
            "http://127.0.0.256/",
            "http://127.0.0.-1/",
            "http://127.0.0.1%00/",
            "http://127.0.0.1%2f/",
            "http://0/",
            "http://0x/",
            "http://00/",
            "http://1.2.3/",
            "http://4294967296/",
            "http://a.0x7f/",
            "http://a.1/",
            // Percent encoding, full-width characters, other dots, invisible characters.
            "http://%31%32%37.0.0.1/",
            "http://loc%61lhost/",
            "http://127。0。0。1/",
            "http://１２７.0.0.1/",
            "http://①②⑦.0.0.1/",
            "http://ⓛocalhost/",
            "http://local\u{ad}host/",
            "http://例子.中国/",
            // Another host before or after.
            "http://user@127.0.0.1/",
            "http://user:pass@example.com/",
            "http://example.com@127.0.0.1/",
            "http://127.0.0.1\\@example.com/",
            "http://example.com\\@127.0.0.1/",
            "http://example.com#@127.0.0.1/",
            "http://example.com/#x",
            "http:\\\\127.0.0.1/",
            "http:/127.0.0.1/",
            "http:127.0.0.1/",
            "http:///127.0.0.1/",
            "http://:80/",
            "http:///",
            "http://",
            "http://?x",
            "http://./",
            "http://../",
            "http://.example.com/",
            "http://a..b/",
            "http://exa mple.com/",
            "http://exam\tple.com/",
            // Brackets.
            "http://[::1/",
            "http://::1/",
            "http://[::1]x/",
            "http://[::1]:/",
            "http://[::1%25lo]/",
            "http://[fe80::1%eth0]/",
            "http://[127.0.0.1]/",
            "http://[v1.a]/",
            "http://[]/",
            "http://[[::1]]/",
            "http://[::ffff:0x7f.1]/",
            // Ports.
            "http://example.com:/",
            "http://example.com:0/",
            "http://example.com:65536/",
            "http://example.com:80:80/",
            "http://example.com:8a/",
            "http://example.com:-1/",
            "http://example.com:+80/",
            // Other schemes.
            "ftp://example.com/",
            "file:///etc/passwd",
            "gopher://example.com/",
            "unix:/var/run/docker.sock",
            "//example.com/",
            "example.com",
            "javascript:alert(1)",
            "data:text/plain,x",
            "ｈttp://example.com/",
            " http://example.com/",
        ] {
            let problem = problem(url, "0.0.0.0/0,::/0");
            assert!(
                matches!(problem, Some(Problem::NotWebhookUrl | Problem::ControlCharacter)),
                "{url}: {problem:?}"
            );
        }
        assert_eq!(problem("", ""), Some(Problem::Blank));
        let long = format!("https://example.com/{}", "x".repeat(2_048));
        assert_eq!(problem(&long, ""), Some(Problem::TooLong { max: 2_048 }));
    }
}
