//! Calls whose answer is needed whole, as those to an identity provider are.

use reqwest::header::{HeaderValue, USER_AGENT};

use super::{Outbound, Trouble, in_words};

/// The most that is read of such an answer, in bytes; what providers say of themselves takes a tenth of it.
const MOST: usize = 256 * 1024;

/// What was answered to a call.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: reqwest::StatusCode,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
    /// All of the body.
    pub body: Vec<u8>,
}

impl Outbound {
    /// Sends a request and reads the whole answer, under the same rules and within the same time as a delivery. An answer that
    /// is too large counts as none.
    ///
    /// # Errors
    /// What went wrong, in words for whoever owns the other side.
    pub async fn call(&self, mut request: reqwest::Request) -> Result<Reply, Trouble> {
        self.guard.judge(request.url()).map_err(|refused| Trouble(refused.to_string()))?;
        request.headers_mut().insert(USER_AGENT, HeaderValue::from_static("Headroom/1"));
        match tokio::time::timeout(self.means.limits.whole, self.read(request)).await {
            Ok(reply) => reply,
            Err(_) => Err(Trouble(format!("No answer within {} seconds.", self.means.limits.whole.as_secs_f32()))),
        }
    }

    async fn read(&self, request: reqwest::Request) -> Result<Reply, Trouble> {
        let broken = |error: reqwest::Error| in_words(&error, self.means.limits);
        let mut response = self.client.execute(request).await.map_err(broken)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > MOST {
                return Err(Trouble(format!("The answer is larger than {} KiB.", MOST / 1024)));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, headers, body })
    }
}
