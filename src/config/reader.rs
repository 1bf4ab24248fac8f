//! Reads settings as what they are to be.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use url::Url;

use crate::error::{Error, Result};

pub(super) struct Reader<'a> {
    pub(super) values: &'a BTreeMap<&'static str, String>,
}

impl Reader<'_> {
    pub(super) fn text(&self, name: &'static str) -> &str {
        self.values.get(name).map_or("", |value| value.trim())
    }

    pub(super) fn parse<T: std::str::FromStr>(&self, name: &'static str, example: &str) -> Result<T> {
        let text = self.text(name);
        text.parse().map_err(|_| wrong(name, text, example))
    }

    pub(super) fn list<T: std::str::FromStr>(&self, name: &'static str, example: &str) -> Result<Vec<T>> {
        let parts = self.text(name).split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| part.parse().map_err(|_| wrong(name, part, example))).collect()
    }

    /// An amount of memory, in bytes.
    pub(super) fn megabytes(&self, name: &'static str, least: u64, example: &str) -> Result<u64> {
        let bytes = |megabytes: u64| megabytes.checked_mul(1024 * 1024);
        let read = self
            .parse(name, example)
            .map(|megabytes: u64| Some(megabytes).filter(|it| *it >= least).and_then(bytes))?;
        read.ok_or_else(|| wrong(name, self.text(name), example))
    }

    /// A span of at least a second.
    pub(super) fn time(&self, name: &'static str, example: &str) -> Result<Duration> {
        let span: Duration = self.parse::<humantime::Duration>(name, example)?.into();
        if span >= Duration::from_secs(1) { Ok(span) } else { Err(wrong(name, self.text(name), example)) }
    }

    /// An address and port, if one is named.
    pub(super) fn address(&self, name: &'static str, example: &str) -> Result<Option<SocketAddr>> {
        if self.text(name).is_empty() { Ok(None) } else { self.parse(name, example).map(Some) }
    }

    /// An address with the port of a service, if another one isn't named.
    pub(super) fn server(&self, name: &'static str, port: u16) -> Result<Option<SocketAddr>> {
        let text = self.text(name);
        if text.is_empty() {
            return Ok(None);
        }
        let read = text.parse().or_else(|_| text.parse().map(|address: IpAddr| SocketAddr::new(address, port)));
        read.map(Some).map_err(|_| wrong(name, text, "9.9.9.9"))
    }

    /// A URL that paths can be put behind.
    pub(super) fn base(&self, name: &'static str) -> Result<Option<Url>> {
        let text = self.text(name);
        if text.is_empty() {
            return Ok(None);
        }
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none());
        url.map(Some).ok_or_else(|| wrong(name, text, "https://headshots.example.com"))
    }
}

pub(super) fn wrong(name: &str, value: &str, example: &str) -> Error {
    Error::invalid(plain!("Setting \"{name}\" can't be \"{value}\"; an example that works: {example}."))
}
