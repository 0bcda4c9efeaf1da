//! The addresses that webhooks may reach: public ones, and the networks that the operator allows. They are
//! checked twice: for an address in a URL, and for every address that a host name resolves to when a
//! connection is made.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks that are not public and that webhooks may reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<(IpAddr, u8)>);

/// The IPv4 networks that are not public (the IANA registry of special-purpose addresses, and multicast).
const NOT_PUBLIC_V4: &[([u8; 4], u8)] = &[
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// The networks of 2000::/3 that are not public: protocol assignments (with Teredo), documentation, 6to4. No
/// address outside 2000::/3 is public.
const NOT_PUBLIC_V6: &[([u16; 2], u8)] =
    &[([0x2001, 0], 23), ([0x2001, 0x0db8], 32), ([0x2002, 0], 16), ([0x3fff, 0], 20)];

impl Networks {
    /// Parses networks such as `10.0.0.0/8` or `fd00::/8`, or single addresses, separated by commas or
    /// spaces.
    ///
    /// # Errors
    /// The first part that is not a network.
    pub fn parse(text: &str) -> Result<Self, &str> {
        let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
        parts.map(|part| network(part).ok_or(part)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether webhooks may reach this address.
    pub fn allow(&self, address: IpAddr) -> bool {
        let effective = effective_address(address);
        is_public(effective)
            || self.0.iter().any(|network| within(effective, *network) || within(address, *network))
    }
}

fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length): (IpAddr, Option<u8>) = match text.split_once('/') {
        Some((address, length)) => (address.parse().ok()?, Some(length.parse().ok()?)),
        None => (text.parse().ok()?, None),
    };
    let max_length = if address.is_ipv4() { 32 } else { 128 };
    let length = length.unwrap_or(max_length);
    (length <= max_length).then_some((address, length))
}

fn within(address: IpAddr, (network, length): (IpAddr, u8)) -> bool {
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(n)) => within_v4(a, n, length),
        (IpAddr::V6(a), IpAddr::V6(n)) => within_v6(a, n, length),
        _ => false,
    }
}

fn within_v4(address: Ipv4Addr, network: Ipv4Addr, length: u8) -> bool {
    let rest = 32 - u32::from(length.min(32));
    (u64::from(address.to_bits() ^ network.to_bits()) >> rest) == 0
}

fn within_v6(address: Ipv6Addr, network: Ipv6Addr, length: u8) -> bool {
    let rest = 128 - u32::from(length.min(128));
    (address.to_bits() ^ network.to_bits()).checked_shr(rest).unwrap_or(0) == 0
}

/// The address that a connection reaches: the IPv4 address of an IPv4-mapped or NAT64 address, else the
/// address itself.
fn effective_address(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    if let Some(v4) = v6.to_ipv4_mapped() {
        return v4.into();
    }
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)).into()
        }
        _ => address,
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !NOT_PUBLIC_V4.iter().any(|(n, length)| within_v4(v4, (*n).into(), *length)),
        IpAddr::V6(v6) => {
            let prefix = |a: u16, b: u16| Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0);
            within_v6(v6, prefix(0x2000, 0), 3)
                && !NOT_PUBLIC_V6.iter().any(|([a, b], length)| within_v6(v6, prefix(*a, *b), *length))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(networks: &str, address: &str) -> bool {
        Networks::parse(networks).unwrap().allow(address.parse().unwrap())
    }

    #[test]
    fn only_public_addresses_are_reached() {
        for public in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450:4001::200e",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
        ] {
            assert!(allowed("", public), "{public}");
        }
        for private in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::a00:1",
            "100::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "4000::1",
            "5f00::1",
        ] {
            assert!(!allowed("", private), "{private}");
        }
    }

    #[test]
    fn only_allowed_networks_are_reached_besides() {
        for (networks, address, expected) in [
            ("10.1.0.0/16", "10.1.255.255", true),
            ("10.1.0.0/16", "10.2.0.0", false),
            ("10.1.0.0/16, 127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("127.0.0.1", "::ffff:127.0.0.1", true),
            ("127.0.0.0/8", "::1", false),
            ("::1", "::1", true),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "fc00::1", false),
            ("::/0", "10.0.0.1", false),
            ("::/0", "fe80::1", true),
            ("0.0.0.0/0", "10.0.0.1", true),
            ("0.0.0.0/0", "fe80::1", false),
            ("10.0.0.0/8", "64:ff9b::a00:1", true),
        ] {
            assert_eq!(allowed(networks, address), expected, "{networks} {address}");
        }
        for bad in ["10.0.0.0/33", "::/129", "10.0.0/8", "localhost", "10.0.0.0/-1", "10.0.0.0/", "/8", "*"] {
            assert_eq!(Networks::parse(&format!("127.0.0.1,{bad}")), Err(bad));
        }
    }
}
