//! How often one may ask: programs by organization and minute, people by address and by what they type.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    num::NonZeroU32,
    time::Duration,
};

use actix_web::{
    HttpRequest,
    http::header::{HeaderMap, HeaderName, HeaderValue},
};
use governor::{
    NotUntil, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock, QuantaInstant},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};
use ipnet::IpNet;

use crate::{
    clock::{Clock, Timestamp},
    config::Http,
    error::{Error, Result},
    ids::{AccountId, MemberId, OrganizationId},
};

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// Tries at a door that one address of the network has in a minute.
const TRIES_BY_ADDRESS: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Tries at a door for one account in a minute, from wherever.
const TRIES_BY_ACCOUNT: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// Second factors that can be typed for an account at once, from wherever and on however many sessions.
const TRIES_BY_FACTOR: NonZeroU32 = NonZeroU32::new(20).unwrap();

/// So many of them come back in an hour: whoever knows the password guesses for years.
const FACTORS_BACK: NonZeroU32 = NonZeroU32::new(4).unwrap();

/// Looks at how an edit would be that one person has in a minute: as fast as sliders move.
const PREVIEWS: NonZeroU32 = NonZeroU32::new(600).unwrap();

/// What the limit of an organization is called towards its programs.
const POLICY: &str = "\"organization\"";

/// All limits of one server.
#[derive(Debug)]
pub struct Limits {
    organizations: Option<(Limiter<OrganizationId>, u32)>,
    addresses: Limiter<IpAddr>,
    accounts: Limiter<String>,
    factors: Limiter<AccountId>,
    previews: Limiter<MemberId>,
    proxies: Vec<IpNet>,
    clock: Clock,
    off: bool,
}

impl Limits {
    /// As configured: a limit of 0 switches that of programs off. Those of people keep guessers out of a server; in
    /// development they would keep out test suites, which sign the same few people in all the time.
    pub fn new(http: &Http, clock: Clock, development: bool) -> Self {
        let keyed = |quota: NonZeroU32| Quota::per_minute(quota);
        Self {
            organizations: NonZeroU32::new(http.rate_limit)
                .map(|limit| (RateLimiter::keyed(keyed(limit)).with_middleware(), http.rate_limit)),
            addresses: RateLimiter::keyed(keyed(TRIES_BY_ADDRESS)).with_middleware(),
            accounts: RateLimiter::keyed(keyed(TRIES_BY_ACCOUNT)).with_middleware(),
            factors: RateLimiter::keyed(Quota::per_hour(FACTORS_BACK).allow_burst(TRIES_BY_FACTOR)).with_middleware(),
            previews: RateLimiter::keyed(keyed(PREVIEWS)).with_middleware(),
            proxies: http.trusted_proxies.clone(),
            clock,
            off: development,
        }
    }

    /// Counts a request of an organization's program.
    pub fn organization(&self, organization: &OrganizationId) -> Allowance {
        let Some((limiter, limit)) = &self.organizations else { return Allowance::unlimited() };
        let (remaining, wait) = match limiter.check_key(organization) {
            Ok(snapshot) => (snapshot.remaining_burst_capacity(), None),
            Err(not_yet) => (0, Some(wait(&not_yet))),
        };
        // One request comes back every 60 s / limit, so this is when all are.
        let whole = Duration::from_secs(60).mul_f64(f64::from(limit - remaining) / f64::from(*limit));
        Allowance(Some(Counted { limit: *limit, remaining, reset: self.clock.now() + whole, wait }))
    }

    /// What is left to someone who has not asked for anything that counts.
    pub fn untouched(&self) -> Allowance {
        let Some((_, limit)) = &self.organizations else { return Allowance::unlimited() };
        Allowance(Some(Counted { limit: *limit, remaining: *limit, reset: self.clock.now(), wait: None }))
    }

    /// Counts a person's try at a door, by where they are and by the account they name.
    pub fn person(&self, request: &HttpRequest, account: &str) -> Result<()> {
        if self.off {
            return Ok(());
        }
        self.address(request)?;
        counted(self.accounts.check_key(&account.trim().to_lowercase()).map(drop))
    }

    /// Counts asking for a mail to this address: not with tries at its account, or whoever guesses would keep its person out of
    /// this way in too.
    pub fn mail(&self, request: &HttpRequest, address: &str) -> Result<()> {
        self.person(request, &format!("mail {address}"))
    }

    /// Counts a second factor that is typed, which could be guessed.
    pub fn factor(&self, account: &AccountId) -> Result<()> {
        if self.off { Ok(()) } else { counted(self.factors.check_key(account).map(drop)) }
    }

    /// Counts a look at how an edit would be.
    pub fn preview(&self, by: &MemberId) -> Result<()> {
        if self.off { Ok(()) } else { counted(self.previews.check_key(by).map(drop)) }
    }

    /// Counts a try from where it comes.
    pub fn address(&self, request: &HttpRequest) -> Result<()> {
        match self.client(request) {
            Some(address) if !self.off => counted(self.addresses.check_key(&address).map(drop)),
            _ => Ok(()),
        }
    }

    /// Where a request comes from.
    pub fn client(&self, request: &HttpRequest) -> Option<IpAddr> {
        client(request, &self.proxies)
    }

    /// Whether whoever is at the other end of the connection is trusted to speak for others.
    pub fn is_proxy(&self, peer: Option<SocketAddr>) -> bool {
        peer.is_some_and(|peer| self.proxies.iter().any(|proxy| proxy.contains(&peer.ip().to_canonical())))
    }

    /// Forgets who has not asked for so long that it makes no difference.
    pub fn forget_idle(&self) {
        if let Some((limiter, _)) = &self.organizations {
            limiter.retain_recent();
        }
        self.addresses.retain_recent();
        self.accounts.retain_recent();
        self.factors.retain_recent();
        self.previews.retain_recent();
    }
}

fn counted(result: Result<(), NotUntil<QuantaInstant>>) -> Result<()> {
    result.map_err(|not_yet| Error::TooMany { retry_after: wait(&not_yet) })
}

/// How long until one may ask again, in whole seconds, rounded up: who has waited as told is not told to wait again.
fn wait(not_yet: &NotUntil<QuantaInstant>) -> Duration {
    let exact = not_yet.wait_time_from(DefaultClock::default().now());
    Duration::from_secs(exact.as_secs() + u64::from(exact.subsec_nanos() > 0))
}

/// Where a request comes from: the connection's address or, behind trusted proxies, the last one they did not add
/// themselves. An IPv6 network of 64 bits counts as one.
pub fn client(request: &HttpRequest, proxies: &[IpNet]) -> Option<IpAddr> {
    // A socket that listens on `::` hears of IPv4 addresses as `::ffff:a.b.c.d`.
    let mut address = request.peer_addr()?.ip().to_canonical();
    let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    for hop in hops.iter().rev() {
        if !proxies.iter().any(|proxy| proxy.contains(&address)) {
            break;
        }
        let Some(next) = hop_address(hop) else { break };
        address = next.to_canonical();
    }
    Some(match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(long) => {
            let [a, b, c, d, ..] = long.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    })
}

/// An address as proxies write it: bare, with a port, an IPv6 address also in brackets or, by RFC 7239, in quotes.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim_matches('"');
    let bare = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().map(IpAddr::V6).ok();
    hop.parse().ok().or_else(|| hop.parse().map(|with_port: SocketAddr| with_port.ip()).ok()).or_else(bare)
}

/// What is left to an organization's programs; goes into the headers of their answers.
#[derive(Clone, Debug)]
pub struct Allowance(Option<Counted>);

#[derive(Clone, Debug)]
struct Counted {
    limit: u32,
    remaining: u32,
    reset: Timestamp,
    wait: Option<Duration>,
}

impl Allowance {
    fn unlimited() -> Self {
        Self(None)
    }

    /// Refuses once nothing is left.
    pub fn must_be_left(&self) -> Result<()> {
        match self.0.as_ref().and_then(|counted| counted.wait) {
            Some(retry_after) => Err(Error::TooMany { retry_after }),
            None => Ok(()),
        }
    }

    /// Says it in the headers: in those that were promised [docs], and in those of draft-ietf-httpapi-ratelimit-headers-11.
    pub fn write(&self, headers: &mut HeaderMap) {
        let Some(Counted { limit, remaining, reset, wait }) = &self.0 else { return };
        // The draft asks in how many seconds nobody gets more than what remains. Requests come back one by one.
        let next = wait.map_or_else(|| 60_u32.div_ceil(*limit).into(), |wait| wait.as_secs());
        let said = [
            (HeaderName::from_static("x-ratelimit-limit"), limit.to_string()),
            (HeaderName::from_static("x-ratelimit-remaining"), remaining.to_string()),
            (HeaderName::from_static("x-ratelimit-reset"), reset.to_string()),
            (HeaderName::from_static("ratelimit-policy"), format!("{POLICY};q={limit};w=60")),
            (HeaderName::from_static("ratelimit"), format!("{POLICY};r={remaining};t={next}")),
        ];
        for (name, value) in said {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn from(peer: &str, forwarded: &str, proxies: &str) -> String {
        let request = TestRequest::default()
            .peer_addr(format!("{peer}:1").parse().unwrap())
            .insert_header(("x-forwarded-for", forwarded));
        let proxies: Vec<IpNet> = proxies.split(',').filter(|p| !p.is_empty()).map(|p| p.parse().unwrap()).collect();
        client(&request.to_http_request(), &proxies).unwrap().to_string()
    }

    #[test]
    fn a_forwarded_address_counts_only_through_trusted_proxies() {
        assert_eq!(from("203.0.113.9", "198.51.100.1", ""), "203.0.113.9");
        assert_eq!(from("10.0.0.1", "198.51.100.1", "10.0.0.0/8"), "198.51.100.1");
        assert_eq!(from("10.0.0.1", "192.0.2.66, 198.51.100.1, 10.0.0.2", "10.0.0.0/8"), "198.51.100.1");
        assert_eq!(from("10.0.0.1", "not an address", "10.0.0.0/8"), "10.0.0.1");
    }

    #[test]
    fn a_forwarded_address_may_have_a_port_and_brackets() {
        let behind = |forwarded: &str| from("10.0.0.1", forwarded, "10.0.0.0/8,fd00::/8");
        assert_eq!(behind("198.51.100.1:52814"), "198.51.100.1");
        assert_eq!(behind("2001:db8:1:2::7"), "2001:db8:1:2::");
        assert_eq!(behind("[2001:db8:1:2::7]"), "2001:db8:1:2::");
        assert_eq!(behind("[2001:db8:1:2::7]:52814"), "2001:db8:1:2::");
        assert_eq!(behind("\"[2001:db8:1:2::7]:52814\""), "2001:db8:1:2::");
        assert_eq!(behind("[::ffff:198.51.100.1]:1, [fd00::1]:80, 10.0.0.2:443"), "198.51.100.1");
        // Nonsense is nobody's address: what follows it counts.
        assert_eq!(behind("198.51.100.1, unknown"), "10.0.0.1");
        assert_eq!(behind("198.51.100.1, 10.0.0.2:99999"), "10.0.0.1");
        assert_eq!(behind("198.51.100.1, [10.0.0.2]"), "10.0.0.1");
    }

    #[test]
    fn an_ipv4_address_is_the_same_on_a_socket_for_both() {
        assert_eq!(from("[::ffff:203.0.113.9]", "", ""), "203.0.113.9");
        assert_eq!(from("[::ffff:10.0.0.1]", "::ffff:198.51.100.1", "10.0.0.0/8"), "198.51.100.1");
    }

    #[test]
    fn second_factors_are_guessed_for_years() {
        let http = Http {
            listen: ([127, 0, 0, 1], 1).into(),
            base_url: None,
            whitelabel_url: None,
            trusted_proxies: Vec::new(),
            rate_limit: 0,
        };
        let (kim, lee, limits) = (AccountId::new(), AccountId::new(), Limits::new(&http, Clock::default(), false));
        assert!((0..20).all(|_| limits.factor(&kim).is_ok()));
        let Err(Error::TooMany { retry_after }) = limits.factor(&kim) else { panic!("a twenty-first") };
        assert!(retry_after > Duration::from_secs(10 * 60) && retry_after <= Duration::from_secs(15 * 60));
        limits.factor(&lee).unwrap();
    }

    #[test]
    fn an_ipv6_network_counts_as_one() {
        assert_eq!(from("[2001:db8:1:2:3:4:5:6]", "", ""), "2001:db8:1:2::");
    }
}
