//! Where a request comes from, by the word of the proxies that are ours.

use std::net::{IpAddr, SocketAddr};

/// The client's address: the nearest that is not one of our own proxies, walking from `peer`, who
/// is connected, through what each proxy added at the end. Several lines are one list in their
/// order (RFC 9110 section 5.3). What stands left of the client is hearsay; where a hop cannot be
/// read, its neighbour is as far as anybody knows.
pub(super) fn client<'l>(
    peer: IpAddr,
    lines: impl DoubleEndedIterator<Item = &'l [u8]>,
    trusted: impl Fn(IpAddr) -> bool,
) -> IpAddr {
    let mut nearest = peer.to_canonical();
    for hop in lines.rev().flat_map(|line| line.rsplit(|byte| *byte == b',')) {
        if !trusted(nearest) {
            break;
        }
        match std::str::from_utf8(hop).ok().and_then(address) {
            Some(address) => nearest = address,
            None => break,
        }
    }
    nearest
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim_matches([' ', '\t']);
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let alone = match bare {
        Some(six) => six.parse::<std::net::Ipv6Addr>().ok().map(IpAddr::V6),
        None => hop.parse().ok(),
    };
    let address = alone.or_else(|| hop.parse::<SocketAddr>().ok().map(|it| it.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::config::Network;

    #[track_caller]
    fn is(peer: &str, lines: &[&str], expected: &str) {
        let ours = ["10.0.0.0/8", "fd00::/8"].map(|n| n.parse::<Network>().expect("a network"));
        let trusted = |ip| ours.iter().any(|n| n.contains(ip));
        let bytes = lines.iter().map(|line| line.as_bytes());
        let found = client(peer.parse().expect("an address"), bytes, trusted);
        assert_eq!(found.to_string(), expected, "{peer} {lines:?}");
    }

    #[test]
    fn only_what_our_own_proxies_added_is_believed() {
        is("192.0.2.9", &[], "192.0.2.9");
        is("192.0.2.9", &["203.0.113.1"], "192.0.2.9");
        is("10.0.0.1", &[], "10.0.0.1");
        is("10.0.0.1", &["203.0.113.1"], "203.0.113.1");
        is("10.0.0.1", &["198.51.100.7, 203.0.113.1"], "203.0.113.1");
        is("10.0.0.1", &["203.0.113.1, 10.0.0.2"], "203.0.113.1");
        is("10.0.0.1", &["198.51.100.7, 203.0.113.1,10.0.0.2 ,\t10.0.0.3"], "203.0.113.1");
        is("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3");
        is("::ffff:10.0.0.1", &["::ffff:203.0.113.1"], "203.0.113.1");
    }

    #[test]
    fn a_line_of_the_clients_own_is_not() {
        is("10.0.0.1", &["198.51.100.7", "203.0.113.1"], "203.0.113.1");
        is("10.0.0.1", &["198.51.100.7", "203.0.113.1, 10.0.0.2"], "203.0.113.1");
        is("10.0.0.1", &["10.0.0.9", "203.0.113.1"], "203.0.113.1");
        is("10.0.0.1", &["198.51.100.7, 203.0.113.1", "10.0.0.2", "10.0.0.3"], "203.0.113.1");
    }

    #[test]
    fn ports_and_brackets_are_read() {
        is("10.0.0.1", &["203.0.113.1:4711"], "203.0.113.1");
        is("10.0.0.1", &["203.0.113.1:4711, 10.0.0.2:80"], "203.0.113.1");
        is("fd00::1", &["2001:db8::1"], "2001:db8::1");
        is("fd00::1", &["[2001:db8::1]"], "2001:db8::1");
        is("fd00::1", &["[2001:db8::1]:4711, [fd00::2]:443"], "2001:db8::1");
    }

    #[test]
    fn what_cannot_be_read_ends_the_walk() {
        for junk in
            ["unknown", "", " ", "_hidden", "203.0.113.1:x", "[203.0.113.1]", "1.2.3", "\u{e9}"]
        {
            is("10.0.0.1", &[junk], "10.0.0.1");
            is("10.0.0.1", &[&format!("198.51.100.7, {junk}, 10.0.0.2")], "10.0.0.2");
            is("10.0.0.1", &[&format!("{junk}, 203.0.113.1")], "203.0.113.1");
        }
    }
}
