//! The line from a worker to its server.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Method, StatusCode, header};
use serde::Serialize;
use url::{Host, Url};

use super::Terms;
use crate::{
    error::{Error, Result},
    outbound::{self, Means, Outbound, Reply},
    secrets::{Secret, Token},
    workers::protocol::{Hello, LARGEST, LEASE_HEADER, PATIENCE, Refusal, VERSION, VERSION_HEADER, Welcome},
};

/// The pauses before a server that is away is asked again: the first, and the longest.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// What a request that waits for work may take longer than the server waits.
const LEEWAY: Duration = Duration::from_secs(15);

/// What a request with a file may take.
const FILE: Duration = Duration::from_secs(5 * 60);

/// Why something was not done.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The server is not there, or not able: it is asked again.
    Away(String),
    /// The lease is over.
    Over,
    /// The token is not the server's.
    Denied,
    /// The server doesn't do this, in its words.
    Refused(String),
    /// It went wrong here.
    Ours(Error),
}

/// Speaks with one server.
pub(super) struct Line {
    way: Outbound,
    base: Url,
    token: Secret,
}

impl Line {
    pub(super) fn new(terms: &Terms, means: Means) -> Result<Self> {
        must_be_safe(&terms.server, terms.allow_http)?;
        let way = Outbound::to_one(terms.server.clone(), means)?;
        Ok(Self { way, base: terms.server.clone(), token: terms.token.clone() })
    }

    /// Says hello. Here 404 is told instead of waited out: somebody has just started us, and may have mistaken the address.
    pub(super) async fn greet(&self, hello: &Hello) -> Result<Welcome, Trouble> {
        let reply = self.ask(Method::POST, "hello", None, in_json(hello)?).await?;
        if reply.status == StatusCode::NOT_FOUND {
            let words = "It takes no workers. Set HEADROOM_WORKER_TOKEN there too, or check --server.";
            return Err(Trouble::Refused(words.to_owned()));
        }
        serde_json::from_slice(&judged(reply)?.body).map_err(|cause| Trouble::Ours(cause.into()))
    }

    /// Says something in JSON about a lease.
    pub(super) async fn tell(&self, path: &str, lease: &Token, words: &impl Serialize) -> Result<Reply, Trouble> {
        self.send(Method::POST, path, lease, in_json(words)?).await
    }

    /// Sends a request about a lease. What the server says to it is 200, or 204 if there is nothing.
    pub(super) async fn send(&self, method: Method, path: &str, lease: &Token, body: Bytes) -> Result<Reply, Trouble> {
        judged(self.ask(method, path, Some(lease), body).await?)
    }

    /// Sends a request. Whoever answered, and whatever they said, is an answer.
    async fn ask(&self, method: Method, path: &str, lease: Option<&Token>, body: Bytes) -> Result<Reply, Trouble> {
        let base = self.base.as_str().trim_end_matches('/');
        let url =
            Url::parse(&format!("{base}/worker/{path}")).map_err(|cause| Trouble::Ours(Error::internal(cause)))?;
        let is_file = method != Method::POST;
        let whole = match path {
            "claim" => Duration::from_secs(PATIENCE) + LEEWAY,
            _ if is_file => FILE,
            _ => self.way.limits().whole,
        };
        let kind = if is_file { "application/octet-stream" } else { "application/json" };
        let mut request = self
            .way
            .request(method, url)
            .bearer_auth(self.token.reveal())
            .header(VERSION_HEADER, VERSION)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, kind)
            .body(body);
        if let Some(lease) = lease {
            request = request.header(LEASE_HEADER, lease.reveal());
        }
        let terms = outbound::Terms { headers: whole, whole, most: LARGEST };
        self.way.fetch(request, terms).await.map_err(|none| Trouble::Away(none.to_string()))
    }

    /// Does something until the server is there to hear it.
    pub(super) async fn patiently<T, Trying>(&self, mut attempt: impl FnMut() -> Trying) -> Result<T, Trouble>
    where
        Trying: Future<Output = Result<T, Trouble>>,
    {
        let mut pause = PAUSE;
        loop {
            match attempt().await {
                Err(Trouble::Away(why)) => {
                    tracing::warn!(server = %self.base, why, "the server is away; will ask again in {pause:?}");
                    // Up to a quarter more, so that all workers don't come back at the same moment.
                    tokio::time::sleep(pause + pause.mul_f64(rand::random::<f64>() / 4.0)).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                other => return other,
            }
        }
    }
}

fn in_json(words: &impl Serialize) -> Result<Bytes, Trouble> {
    serde_json::to_vec(words).map(Bytes::from).map_err(|cause| Trouble::Ours(cause.into()))
}

/// What an answer means. A 404 means nothing: proxies say it while the server behind them starts, and so does a server that was
/// started without its token. Had it meant "this photo was deleted", a shoot would be given up, or made of fewer photos.
fn judged(reply: Reply) -> Result<Reply, Trouble> {
    match reply.status {
        StatusCode::OK | StatusCode::NO_CONTENT => Ok(reply),
        StatusCode::GONE => Err(Trouble::Over),
        StatusCode::UNAUTHORIZED => Err(Trouble::Denied),
        status @ (StatusCode::NOT_FOUND | StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT) => {
            Err(Trouble::Away(status.to_string()))
        }
        status if status.is_server_error() => Err(Trouble::Away(status.to_string())),
        status => {
            let said = serde_json::from_slice::<Refusal>(&reply.body).map(|refusal| refusal.error);
            Err(Trouble::Refused(said.unwrap_or_else(|_| format!("It answers {status}. Check --server."))))
        }
    }
}

/// Refuses an address where others may listen to token and photos: without TLS only this machine is one, and a private network if
/// the operator says so.
fn must_be_safe(server: &Url, allow_http: bool) -> Result<()> {
    let (here, private) = match server.host() {
        Some(Host::Ipv4(address)) => (address.is_loopback(), address.is_private() || address.is_link_local()),
        Some(Host::Ipv6(address)) => {
            (address.is_loopback(), address.is_unique_local() || address.is_unicast_link_local())
        }
        Some(Host::Domain(name)) => (name == "localhost", true),
        None => (false, false),
    };
    match server.scheme() {
        "https" => Ok(()),
        "http" if here => Ok(()),
        "http" if private && allow_http => {
            tracing::warn!(%server, "without TLS, whoever listens in this network gets the token and the photos");
            Ok(())
        }
        "http" if private => Err(Error::invalid(plain!(
            "{server} is not reached over TLS, and photos would go there. Use https://, or --allow-http in a network of your own."
        ))),
        _ => Err(Error::invalid(plain!(
            "{server} is not reached over TLS, and photos would go there. Use an address that begins with https://."
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::must_be_safe;

    #[test]
    fn photos_go_without_tls_only_where_nobody_else_is() {
        let may = |url: &str, allow_http| must_be_safe(&url.parse().unwrap(), allow_http).is_ok();
        for anywhere in
            ["https://headshots.example.com", "http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost"]
        {
            assert!(may(anywhere, false), "{anywhere}");
        }
        for private in ["http://10.0.0.7:8080", "http://server.internal", "http://[fd00::1]"] {
            assert!(!may(private, false) && may(private, true), "{private}");
        }
        for never in ["http://203.0.113.7", "http://[2001:db8::1]", "ftp://10.0.0.7"] {
            assert!(!may(never, true), "{never}");
        }
    }
}
