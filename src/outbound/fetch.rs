//! Requests to a host of the operator's own choice, which may take long and answer much: each says how long and how much.

use std::time::{Duration, Instant};

use reqwest::{
    Method, RequestBuilder,
    header::{HeaderValue, USER_AGENT},
};
use url::Url;

use super::{Limits, Outbound, Reply, in_words};

/// What one request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Until the answer begins, sending the request included.
    pub headers: Duration,
    /// All of it.
    pub whole: Duration,
    /// Bytes of the answer's body.
    pub most: usize,
}

/// Why there is no answer, in words for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoReply {
    /// It took longer than it may.
    #[error("{0}")]
    TooSlow(String),
    /// It is larger than it may be.
    #[error("{0}")]
    TooLarge(String),
    /// Not connected, or broken on the way.
    #[error("{0}")]
    Broken(String),
}

impl Outbound {
    /// Begins a request that [`Outbound::fetch`] sends.
    pub fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// How long things may take here by themselves.
    pub fn limits(&self) -> Limits {
        self.means.limits
    }

    /// Sends a request and reads the whole answer. A redirect is an answer like any other: nobody is sent elsewhere with what
    /// was meant for one host.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn fetch(&self, request: RequestBuilder, terms: Terms) -> Result<Reply, NoReply> {
        let mut request = request.build().map_err(|cause| NoReply::Broken(cause.to_string()))?;
        self.guard.judge(request.url()).map_err(|refused| NoReply::Broken(refused.to_string()))?;
        request.headers_mut().insert(USER_AGENT, HeaderValue::from_static("Headroom/1"));
        // Who can't be connected to in time was sent nothing, and has nothing to be slow with.
        let broken = |error: reqwest::Error| match error.is_timeout() && !error.is_connect() {
            true => NoReply::TooSlow(in_words(&error, self.means.limits).0),
            false => NoReply::Broken(in_words(&error, self.means.limits).0),
        };
        let begun = Instant::now();
        let too_slow =
            |allowed: Duration| NoReply::TooSlow(format!("No answer within {} seconds.", allowed.as_secs_f32()));
        let mut response = tokio::time::timeout(terms.headers.min(terms.whole), self.client.execute(request))
            .await
            .map_err(|_| too_slow(terms.headers.min(terms.whole)))?
            .map_err(broken)?;
        let too_large = || NoReply::TooLarge(format!("The answer is larger than {} KiB.", terms.most / 1024));
        if response.content_length().is_some_and(|length| length > terms.most as u64) {
            return Err(too_large());
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        loop {
            let left = terms.whole.saturating_sub(begun.elapsed());
            let chunk = tokio::time::timeout(left, response.chunk()).await.map_err(|_| too_slow(terms.whole))?;
            let Some(chunk) = chunk.map_err(broken)? else { return Ok(Reply { status, headers, body }) };
            if body.len() + chunk.len() > terms.most {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
    }
}
