//! Parsing of host names and networks.

use super::ConfigProblem;
use ipnet::IpNet;
use std::net::IpAddr;

/// Parses a name as in the `Host` header, without a port: it is valid with every port.
pub(super) fn host(text: &str) -> Result<String, ConfigProblem> {
    let name = text.trim().trim_end_matches('.').to_ascii_lowercase();
    let fits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if fits {
        return Ok(name);
    }
    Err(ConfigProblem::new(format!(
        "\"{text}\" is not a host name. Use a name without scheme and port, such as chat.lan."
    )))
}

pub(super) fn network(text: &str) -> Result<IpNet, ConfigProblem> {
    let single = text.parse::<IpAddr>().map(IpNet::from);
    text.parse::<IpNet>().or(single).map_err(|_| {
        ConfigProblem::new(format!("\"{text}\" is not an IP address or network. Use 10.0.0.7 or 10.0.0.0/8."))
    })
}
