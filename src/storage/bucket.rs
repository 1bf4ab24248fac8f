//! A bucket of S3, or of something that speaks like it: how it is opened, and what one request may take.

use std::time::Duration;

use futures::future::BoxFuture;
use object_store::{
    BackoffConfig, ClientConfigKey, ClientOptions, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey},
    client::{HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService},
};
use reqwest::{Body, Method, StatusCode};
use url::Url;

use crate::{
    config::is_here,
    error::{Error, Result},
    outbound::{Means, NoReply, Outbound, Terms},
};

/// Bytes of the largest answer: many times the largest file we keep.
const MOST: usize = 256 << 20;

/// Reading, listing and deleting: pages wait for it, so what hasn't begun to come by then counts as down.
pub(super) const READING: Terms =
    Terms { headers: Duration::from_secs(10), whole: Duration::from_secs(30), most: MOST };

/// Sending a file: the answer begins when all of it is there.
const SENDING: Terms = Terms { headers: Duration::from_secs(30), whole: Duration::from_secs(30), most: MOST };

/// What fails quickly is tried again, but nothing is begun after five seconds: with the terms above, all is over after 35.
const RETRIES: RetryConfig = RetryConfig {
    backoff: BackoffConfig { init_backoff: Duration::from_millis(100), max_backoff: Duration::from_secs(1), base: 2.0 },
    max_retries: 3,
    retry_timeout: Duration::from_secs(5),
};

/// A bucket as the environment says it is reached.
#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) files: AmazonS3,
    pub(super) out: Outbound,
    /// Where it is reached, for sentences.
    pub(super) endpoint: String,
    /// The host that is on, if it isn't this machine.
    pub(super) host: Option<String>,
    /// The region that requests are signed for.
    pub(super) region: String,
}

impl Bucket {
    /// The bucket of this name by the `AWS_…` variables. Asks nobody yet.
    ///
    /// # Errors
    /// `Invalid` when those make no sense.
    pub(super) fn open(name: &str) -> Result<Self> {
        // What is set to nothing counts as not set: that is how a composed environment leaves things out.
        let given =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let given = given.filter(|(name, value)| name.starts_with("AWS_") && !value.is_empty());
        let settings =
            given.fold(AmazonS3Builder::new(), |settings, (name, value)| match name.to_ascii_lowercase().parse() {
                Ok(key) => settings.with_config(key, value),
                Err(_) => settings,
            });
        Self::built(settings, name)
    }

    pub(super) fn built(settings: AmazonS3Builder, name: &str) -> Result<Self> {
        let said = |key| settings.get_config_value(&key);
        let region = said(AmazonS3ConfigKey::Region).unwrap_or_else(|| "us-east-1".to_owned());
        let endpoint = said(AmazonS3ConfigKey::S3Endpoint)
            .or_else(|| said(AmazonS3ConfigKey::Endpoint))
            .unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
        let allows_http = said(AmazonS3ConfigKey::Client(ClientConfigKey::AllowHttp)).is_some_and(|said| is_on(&said));
        let url = Url::parse(&endpoint).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
        });
        let Some(url) = url else {
            return Err(Error::invalid(plain!(
                "AWS_ENDPOINT_URL has to be an address without a password in it, like https://s3.example.com."
            )));
        };
        if url.scheme() == "http" && !allows_http {
            return Err(Error::invalid(plain!(
                "Photos would go to {endpoint} unencrypted. Use https, or set AWS_ALLOW_HTTP=true if nobody can listen there."
            )));
        }
        let out = Outbound::to_the_operators(Means::default())?;
        let files = settings
            .with_bucket_name(name)
            .with_retry(RETRIES)
            .with_http_connector(Wires(out.clone()))
            .build()
            .map_err(|cause| {
                Error::invalid(plain!("The bucket {name} can't be used: {cause}. Check the AWS_… variables."))
            })?;
        let host = url.host_str().filter(|_| !is_here(&url)).map(str::to_owned);
        Ok(Self { files, out, endpoint, host, region })
    }
}

/// Connects `object_store` to our way out.
#[derive(Debug)]
struct Wires(Outbound);

impl HttpConnector for Wires {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        // Where a machine of a cloud asks for its own credentials, there is no https.
        let unencrypted = options.get_config_value(&ClientConfigKey::AllowHttp).is_some_and(|said| is_on(&said));
        Ok(HttpClient::new(Wire { out: self.0.clone(), unencrypted }))
    }
}

#[derive(Debug)]
struct Wire {
    out: Outbound,
    unencrypted: bool,
}

impl Wire {
    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string()).map_err(|cause| HttpError::new(HttpErrorKind::Unknown, cause))?;
        if url.scheme() != "https" && !self.unencrypted {
            let refused = std::io::Error::other("it is not encrypted, and AWS_ALLOW_HTTP is not set");
            return Err(HttpError::new(HttpErrorKind::Unknown, refused));
        }
        let terms = if parts.method == Method::PUT { SENDING } else { READING };
        let mut request = self.out.request(parts.method, url).headers(parts.headers);
        if body.content_length() > 0 {
            request = request.body(Body::wrap(body));
        }
        let reply = self.out.fetch(request, terms).await.map_err(|none| {
            // All that is asked here may be asked twice: a file is put under its name whole, and deleted only for good.
            let kind = match none {
                NoReply::TooSlow(_) => HttpErrorKind::Timeout,
                NoReply::TooLarge(_) => HttpErrorKind::Decode,
                NoReply::Broken(_) => HttpErrorKind::Request,
            };
            HttpError::new(kind, none)
        })?;
        let (mut status, mut body) = (reply.status, reply.body);
        if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
            // Only ever the way to a bucket's own region. Requests are signed for one, so nobody follows it.
            let region = reply.headers.get("x-amz-bucket-region").and_then(|region| region.to_str().ok());
            body = refusal(
                "PermanentRedirect",
                &format!("It is in the region {}", region.unwrap_or("of another address")),
            );
            status = StatusCode::BAD_REQUEST;
        } else if !status.is_success() {
            // Of what else stands there, signatures and what was signed for one, nothing belongs into a log.
            let text = String::from_utf8_lossy(&body);
            body = refusal(
                tagged(&text, "Code").unwrap_or_else(|| status.canonical_reason().unwrap_or("unknown")),
                tagged(&text, "Message").unwrap_or_default(),
            );
        }
        let mut response = HttpResponse::new(body.into());
        *response.status_mut() = status;
        *response.headers_mut() = reply.headers;
        Ok(response)
    }
}

impl HttpService for Wire {
    fn call<'a, 'b>(&'a self, request: HttpRequest) -> BoxFuture<'b, Result<HttpResponse, HttpError>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(self.answer(request))
    }
}

/// As `object_store` reads it, which hands on what was written.
fn is_on(said: &str) -> bool {
    ["1", "true", "on", "yes", "y"].iter().any(|on| said.eq_ignore_ascii_case(on))
}

fn refusal(code: &str, message: &str) -> Vec<u8> {
    format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>").into_bytes()
}

/// What stands between the first two marks of this name, which is all we need to understand of XML.
pub(super) fn tagged<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0.trim())
}
