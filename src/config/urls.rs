//! The addresses that links lead to.

use std::net::SocketAddr;

use url::Url;

use super::Http;
use crate::{
    error::{Error, Result},
    ids::{InviteId, LinkId},
    secrets::Token,
};

/// What links begin with, known once the server listens.
#[derive(Clone, Debug)]
pub struct Urls {
    base: Url,
    /// The brand-neutral host of signed URLs.
    whitelabel: Url,
}

impl Urls {
    /// For a server that listens at `address`.
    pub fn new(http: &Http, address: SocketAddr) -> Result<Self> {
        let base = match &http.base_url {
            Some(base) => base.clone(),
            None => Url::parse(&format!("http://{address}")).map_err(Error::internal)?,
        };
        let whitelabel = http.whitelabel_url.clone().unwrap_or_else(|| base.clone());
        Ok(Self { base, whitelabel })
    }

    /// What links begin with, without a slash at the end.
    pub fn base(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// Scheme, host and port, as browsers send them in `Origin`.
    pub fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    /// Whether browsers reach the server over TLS.
    pub fn secure(&self) -> bool {
        self.base.scheme() == "https"
    }

    /// Whether they reach the brand-neutral host over TLS.
    pub fn whitelabel_secure(&self) -> bool {
        self.whitelabel.scheme() == "https"
    }

    /// Scheme, host and port of the brand-neutral host.
    pub fn whitelabel_origin(&self) -> String {
        self.whitelabel.origin().ascii_serialization()
    }

    /// Whether `host`, as a request names it, is the brand-neutral one and not the server's own.
    pub fn is_neutral(&self, host: &str) -> bool {
        let named = |url: &Url| url[url::Position::BeforeHost..url::Position::AfterPort].eq_ignore_ascii_case(host);
        named(&self.whitelabel) && !named(&self.base)
    }

    /// The full address of a page.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.base())
    }

    /// An invite's bare link, which asks for the address it was sent to. [002]
    pub fn invite(&self, invite: &InviteId) -> String {
        self.page(&format!("/auth/signup?invite={invite}"))
    }

    /// A signed URL, which opens an anonymous member's pages. [004]
    pub fn signed(&self, token: &Token) -> String {
        let base = self.whitelabel.as_str().trim_end_matches('/');
        format!("{base}/auth/social?token={}&anonymous=1", token.reveal())
    }

    /// A link that shows headshots, on the brand-neutral host if those are of someone whom another product let in.
    pub fn share(&self, token: &Token, neutral: bool) -> String {
        let base = if neutral { self.whitelabel.as_str().trim_end_matches('/') } else { self.base() };
        format!("{base}/share/{}", token.reveal())
    }

    /// An open invite link. [000]
    pub fn join(&self, link: &LinkId) -> String {
        self.page(&format!("/organization/join/{link}"))
    }

    /// A link that signs in.
    pub fn sign_in(&self, token: &Token) -> String {
        self.page(&format!("/auth/link/{}", token.reveal()))
    }

    /// What a phone opens to go on where another screen is; under the brand-neutral host for someone inside another product.
    pub fn phone(&self, token: &Token, embedded: bool) -> String {
        let base = if embedded { &self.whitelabel } else { &self.base };
        format!("{}/auth/phone/{}", base.as_str().trim_end_matches('/'), token.reveal())
    }

    /// The link to the setup of an empty instance.
    pub fn setup(&self, token: &Token) -> String {
        self.page(&format!("/setup?token={}", token.reveal()))
    }
}
