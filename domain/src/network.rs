//! Network of a request's IP address, for rate limits: a household or company, not one machine.

use std::net::IpAddr;

/// An IPv4 address, or the /64 of an IPv6 address: a client that has one address of it has them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Network {
    /// An IPv4 address.
    V4(u32),
    /// The first half of an IPv6 address.
    V6(u64),
    /// The address is not known.
    Unknown,
}

impl Network {
    /// The network of an IP address.
    pub fn from_ip(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.to_bits()),
            IpAddr::V6(address) => Self::V6(u64::try_from(address.to_bits() >> 64).unwrap_or_default()),
        }
    }

    /// The network of an IP address in text, as sessions store it.
    pub fn parse(address: &str) -> Self {
        address.parse().map_or(Self::Unknown, Self::from_ip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_one_ipv6_prefix_are_one_network() {
        let same = |a, b| Network::parse(a) == Network::parse(b);
        assert!(same("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::1"));
        assert!(!same("2001:db8:1:2::1", "2001:db8:1:3::1"));
        assert!(same("192.0.2.1", "::ffff:192.0.2.1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
        assert!(same("", "nonsense") && !same("", "0.0.0.0"));
    }
}
