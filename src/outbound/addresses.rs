//! Which addresses may be connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;
use url::{Host, Url};

use super::Found;
use crate::error::{Error, Result};

/// Networks that are nobody's on the internet, or somebody else's business: this host, private networks, carriers' own, links,
/// protocol assignments, documentation, benchmarks, relays, multicast, reserved.
const CLOSED_V4: [(Ipv4Addr, u8); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The same within what IPv6 gives out at all: protocol assignments with Teredo, documentation twice, 6to4.
const CLOSED_V6: [(Ipv6Addr, u8); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// All that IPv6 gives out.
const GIVEN_OUT_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Judges addresses.
#[derive(Debug)]
pub(super) struct Guard {
    /// Networks the operator allows, private or not.
    allowed: Vec<IpNet>,
    /// Where we ourselves are reached.
    own: Vec<Url>,
    /// Where the operator sends us, wherever that is: what answers there is their own choice.
    chosen: Option<Url>,
}

impl Guard {
    pub(super) fn new(allowed: Vec<IpNet>, own: Vec<Url>) -> Self {
        Self { allowed, own, chosen: None }
    }

    /// One that lets nothing private pass but this host, at this port.
    pub(super) fn for_one(chosen: Url) -> Self {
        Self { allowed: Vec::new(), own: Vec::new(), chosen: Some(chosen) }
    }

    /// Judges what a URL says by itself. A name in it is judged once it is looked up.
    pub(super) fn judge(&self, url: &Url) -> Result<()> {
        if self.own.iter().any(|own| place(own) == place(url)) {
            return Err(Error::invalid(say!("This address is this server's own. Give that of your receiver.")));
        }
        if self.chosen.as_ref().is_some_and(|chosen| place(chosen) == place(url)) {
            return Ok(());
        }
        match url.host() {
            Some(Host::Ipv4(address)) => self.judge_one(address.into()),
            Some(Host::Ipv6(address)) => self.judge_one(address.into()),
            Some(Host::Domain(_)) => Ok(()),
            None => Err(Error::invalid(say!("This address names no host."))),
        }
    }

    /// What may be connected to of the addresses a name has.
    pub(super) fn judge_all(&self, name: &str, found: &[IpAddr]) -> Result<Found> {
        let chosen = self.chosen.as_ref().is_some_and(|chosen| chosen.host_str() == Some(name));
        let open: Found = found
            .iter()
            .filter(|address| chosen || self.allows(**address))
            .map(|one| SocketAddr::new(*one, 0))
            .collect();
        if open.is_empty() {
            let closed = found.first().map(ToString::to_string).unwrap_or_default();
            return Err(Error::invalid(say!(
                "{name} leads to {closed}, which is a private or reserved address. Only the operator of this server can allow it.",
                name,
                closed
            )));
        }
        Ok(open)
    }

    fn judge_one(&self, address: IpAddr) -> Result<()> {
        if self.allows(address) {
            return Ok(());
        }
        Err(Error::invalid(say!(
            "{address} is a private or reserved address. Only the operator of this server can allow it.",
            address = address.to_string()
        )))
    }

    fn allows(&self, address: IpAddr) -> bool {
        let plain = plain(address);
        self.allowed.iter().any(|net| net.contains(&address) || net.contains(&plain)) || is_public(plain)
    }
}

/// Host and port. A dot at the end of a name changes nothing about where it leads.
fn place(url: &Url) -> (Option<&str>, Option<u16>) {
    (url.host_str().map(|name| name.strip_suffix('.').unwrap_or(name)), url.port_or_known_default())
}

/// The IPv4 address that an IPv6 one stands for: mapped, or behind a translator (NAT64).
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(long) = address else { return address };
    match long.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            Ipv4Addr::new(a, b, c, d).into()
        }
        _ => address,
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !CLOSED_V4.iter().any(|(net, bits)| {
            let shift = 32 - u32::from(*bits);
            address.to_bits() >> shift == net.to_bits() >> shift
        }),
        IpAddr::V6(address) => {
            let within = |(net, bits): &(Ipv6Addr, u8)| {
                let shift = 128 - u32::from(*bits);
                address.to_bits() >> shift == net.to_bits() >> shift
            };
            within(&GIVEN_OUT_V6) && !CLOSED_V6.iter().any(within)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(allowed: &[&str]) -> Guard {
        let own = Url::parse("https://headshots.acme.test").unwrap();
        Guard::new(allowed.iter().map(|net| net.parse().unwrap()).collect(), vec![own])
    }

    fn judged(guard: &Guard, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| guard.judge(&url).is_ok())
    }

    #[test]
    fn what_is_not_the_internet_is_refused_however_it_is_written() {
        let guard = guard(&[]);
        for hostile in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://127.255.255.254:8080/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://0/",
            "http://0.0.0.0/",
            "http://10.0.0.1/",
            "http://100.64.0.1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://172.16.0.1/",
            "http://172.31.255.255/",
            "http://192.0.0.1/",
            "http://192.0.2.1/",
            "http://192.88.99.1/",
            "http://192.168.1.1/",
            "http://198.18.0.1/",
            "http://198.51.100.1/",
            "http://203.0.113.1/",
            "http://224.0.0.1/",
            "http://240.0.0.1/",
            "http://255.255.255.255/",
            "http://[::]/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://[::127.0.0.1]/",
            "http://[64:ff9b::127.0.0.1]/",
            "http://[64:ff9b::a00:1]/",
            "http://[64:ff9b:1::1]/",
            "http://[100::1]/",
            "http://[2001::1]/",
            "http://[2001:db8::1]/",
            "http://[2002:7f00:1::]/",
            "http://[3fff::1]/",
            "http://[fc00::1]/",
            "http://[fd12:3456::1]/",
            "http://[fe80::1]/",
            "http://[ff02::1]/",
            "https://headshots.acme.test/dev/webhooks",
            "https://HEADSHOTS.acme.test:443/",
            "https://headshots.acme.test./",
            "http://１２７.0.0.1/",
        ] {
            assert!(!judged(&guard, hostile), "{hostile}");
        }
        for fine in [
            "http://1.1.1.1/",
            "https://[2606:4700::1111]/",
            "http://[64:ff9b::1.1.1.1]/",
            "https://acme.test/",
            "http://headshots.acme.test:8080/",
        ] {
            assert!(judged(&guard, fine), "{fine}");
        }
    }

    #[test]
    fn the_operator_can_allow_a_network() {
        let guard = guard(&["10.1.0.0/16", "::1/128"]);
        for fine in ["http://10.1.2.3/", "http://[::1]:9000/", "http://[::ffff:10.1.2.3]/"] {
            assert!(judged(&guard, fine), "{fine}");
        }
        assert!(!judged(&guard, "http://10.2.0.1/"));
    }

    #[test]
    fn what_the_operator_chose_may_be_private_and_nothing_beside_it() {
        let guard = Guard::for_one(Url::parse("http://gpu.internal:8188/api").unwrap());
        let private = ["10.0.0.7".parse().unwrap()];
        assert!(guard.judge_all("gpu.internal", &private).is_ok());
        assert!(guard.judge_all("other.internal", &private).is_err());
        let guard = Guard::for_one(Url::parse("http://127.0.0.1:8188").unwrap());
        assert!(judged(&guard, "http://127.0.0.1:8188/view") && !judged(&guard, "http://127.0.0.1:22/"));
    }

    #[test]
    fn of_several_addresses_only_the_open_ones_are_used() {
        let guard = guard(&[]);
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let open = guard.judge_all("a.test", &[address("127.0.0.1"), address("1.1.1.1")]).unwrap();
        assert_eq!(open, [SocketAddr::new(address("1.1.1.1"), 0)]);
        let refused = guard.judge_all("a.test", &[address("::1")]).unwrap_err().to_string();
        assert!(refused.starts_with("a.test leads to ::1"), "{refused}");
    }
}
