//! The one way out over HTTP. Where it may lead is decided here: not into private networks, unless the operator allows it, and
//! not back to ourselves. The address that is judged is the address that is connected to, because the client asks our resolver.

use std::{
    error::Error as _,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use ipnet::IpNet;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use url::{Host, Url};

use crate::{
    config::Config,
    error::{Error, Result, trail},
};

mod addresses;
mod calls;
mod fetch;
mod resolver;

use addresses::Guard;
pub use calls::Reply;
pub use fetch::{NoReply, Terms};
use resolver::Resolver;
pub use resolver::{Lookup, SystemLookup};

/// What is read of an answer, in bytes.
const READ: usize = 4096;

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Looking a name up and connecting.
    pub connect: Duration,
    /// All of it, from the look-up to the last byte read. [docs]
    pub whole: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), whole: Duration::from_secs(10) }
    }
}

/// What the way out goes by. Only tests want other means than the usual ones.
#[derive(Clone, Debug)]
pub struct Means {
    /// Who knows the addresses of names.
    pub lookup: Arc<dyn Lookup>,
    /// How long things may take.
    pub limits: Limits,
}

impl Default for Means {
    fn default() -> Self {
        Self { lookup: Arc::new(SystemLookup), limits: Limits::default() }
    }
}

/// The way out.
#[derive(Clone, Debug)]
pub struct Outbound {
    client: reqwest::Client,
    guard: Arc<Guard>,
    means: Means,
}

/// What to post.
#[derive(Clone, Debug)]
pub struct Post {
    /// Where to.
    pub url: Url,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

/// What came of it. Someone else's failure is an outcome, not an error of ours.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The answer, if there was one.
    pub answer: Result<Answer, Trouble>,
    /// How long it took.
    pub took: Duration,
}

/// What the other side answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// When it wants to be asked again.
    pub retry_after: Option<String>,
    /// The first 4 KiB of its body.
    pub body: Vec<u8>,
}

/// Why there was no answer, in words for whoever owns the other side.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Trouble(pub String);

impl Outbound {
    /// As configured. `own` is where we ourselves are reached; in development, that may be posted to.
    ///
    /// # Errors
    /// No certificates to trust can be found.
    pub fn new(config: &Config, own: &[&str], development: bool, means: Means) -> Result<Self> {
        // Whoever comes first installs it; all of us want the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let own = if development { Vec::new() } else { own.iter().filter_map(|url| Url::parse(url).ok()).collect() };
        Self::guarded(Guard::new(config.webhooks.allow.clone(), own), means)
    }

    /// The way to one host that the operator chose, private or not; to anywhere else it leads as little as the other.
    ///
    /// # Errors
    /// No certificates to trust can be found.
    pub fn to_one(chosen: Url, means: Means) -> Result<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self::guarded(Guard::for_one(chosen), means)
    }

    /// The way to wherever the operator's own settings lead, private or not. Nothing that anybody else says may be sent here.
    ///
    /// # Errors
    /// No certificates to trust can be found.
    pub fn to_the_operators(means: Means) -> Result<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let everywhere =
            [IpNet::new_assert(Ipv4Addr::UNSPECIFIED.into(), 0), IpNet::new_assert(Ipv6Addr::UNSPECIFIED.into(), 0)];
        Self::guarded(Guard::new(everywhere.into(), Vec::new()), means)
    }

    fn guarded(guard: Guard, means: Means) -> Result<Self> {
        let guard = Arc::new(guard);
        let client = reqwest::Client::builder()
            .dns_resolver(Resolver::new(guard.clone(), means.lookup.clone()))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(means.limits.connect)
            // Less than receivers keep a connection open: 5 seconds in Node, the shortest of the usual ones. One that is used
            // just as it is closed is a failed attempt.
            .pool_idle_timeout(Duration::from_secs(4))
            .user_agent("Headroom-Webhooks/1")
            .build()
            .map_err(Error::internal)?;
        Ok(Self { client, guard, means })
    }

    /// Refuses an address that nothing will be posted to, as far as it can be told now: each connection is judged again.
    ///
    /// # Errors
    /// [`Error::Invalid`] with what is wrong with it.
    pub async fn must_be_allowed(&self, url: &Url) -> Result<()> {
        self.guard.judge(url)?;
        let Some(Host::Domain(name)) = url.host() else { return Ok(()) };
        match tokio::time::timeout(self.means.limits.connect, self.means.lookup.lookup(name)).await {
            Ok(Ok(found)) if !found.is_empty() => self.guard.judge_all(name, &found).map(drop),
            // It may be known tomorrow; until then, attempts say so.
            _ => Ok(()),
        }
    }

    /// Posts. Never fails: what went wrong is the outcome.
    pub async fn post(&self, post: &Post) -> Outcome {
        let begun = Instant::now();
        let answer = match self.guard.judge(&post.url) {
            Ok(()) => match tokio::time::timeout(self.means.limits.whole, self.send(post)).await {
                Ok(answer) => answer,
                Err(_) => Err(Trouble(format!("No answer within {} seconds.", self.means.limits.whole.as_secs()))),
            },
            Err(refused) => Err(Trouble(refused.to_string())),
        };
        Outcome { answer, took: begun.elapsed() }
    }

    async fn send(&self, post: &Post) -> Result<Answer, Trouble> {
        let begun = Instant::now();
        let request = self.client.post(post.url.clone()).headers(post.headers.clone()).body(post.body.clone());
        let mut response = request.send().await.map_err(|error| in_words(&error, self.means.limits))?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = retry_after.map(|value| value.chars().take(100).collect());
        let mut body = Vec::new();
        // The status is what counts. A body that drips is cut where the time ends, and a torn one where it tears.
        while body.len() < READ {
            let left = self.means.limits.whole.saturating_sub(begun.elapsed() + Duration::from_millis(100));
            match tokio::time::timeout(left, response.chunk()).await {
                Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk[..chunk.len().min(READ - body.len())]),
                Ok(Ok(None) | Err(_)) | Err(_) => break,
            }
        }
        Ok(Answer { status, retry_after, body })
    }
}

/// What a failure means to the owner of the other side.
fn in_words(error: &reqwest::Error, limits: Limits) -> Trouble {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(refused) = inner.downcast_ref::<resolver::Refused>() {
            return Trouble(refused.to_string());
        }
        cause = inner.source();
    }
    let details = trail(error.source().unwrap_or(error));
    let details: String = details.chars().take(300).collect();
    let words = if error.is_timeout() {
        format!("Connecting took longer than {} seconds.", limits.connect.as_secs())
    } else if error.is_connect() {
        format!("Could not connect: {details}.")
    } else {
        format!("The connection broke: {details}.")
    };
    Trouble(words)
}

/// An address of the internet, as a connection would go to it.
type Found = Vec<SocketAddr>;
