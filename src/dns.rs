//! What stands in the DNS, as far as it proves whose a domain is.

use std::{net::SocketAddr, time::Duration};

use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::{DnsError, NetError, runtime::TokioRuntimeProvider},
    proto::rr::RData,
};

use crate::i18n::Message;

/// How long an answer may take, all tries together.
const PATIENCE: Duration = Duration::from_secs(8);

/// The most texts that are looked at under one name.
const MOST: usize = 50;

/// Asks a name server.
#[derive(Clone, Debug)]
pub struct Dns {
    /// This one, or else the system's.
    server: Option<SocketAddr>,
}

/// The name servers gave no answer, in words for whoever waits for one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Silence(pub Message);

impl Dns {
    /// Asks this server, or else the system's.
    pub fn new(server: Option<SocketAddr>) -> Self {
        Self { server }
    }

    /// The texts (TXT records) that stand under a name; none if it has none or doesn't exist.
    ///
    /// # Errors
    /// [`Silence`] if that can't be found out now.
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, Silence> {
        let resolver = self.resolver().map_err(|cause| in_words(&cause))?;
        // The dot at the end keeps the system's search domains out.
        let found = match tokio::time::timeout(PATIENCE, resolver.txt_lookup(format!("{name}."))).await {
            Err(_) => {
                return Err(Silence(say!(
                    "No name server answered within {n} second." | "No name server answered within {n} seconds.",
                    n = PATIENCE.as_secs()
                )));
            }
            Ok(Err(NetError::Dns(DnsError::NoRecordsFound(_)))) => return Ok(Vec::new()),
            Ok(Err(cause)) => return Err(in_words(&cause)),
            Ok(Ok(found)) => found,
        };
        let texts = found.answers().iter().filter_map(|record| match &record.data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        });
        Ok(texts.take(MOST).collect())
    }

    /// A fresh one each time: what was looked up a minute ago must not stand in for what is there now.
    fn resolver(&self) -> Result<TokioResolver, NetError> {
        let mut builder = match self.server {
            None => TokioResolver::builder_tokio()?,
            Some(server) => {
                let mut ways = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
                ways.iter_mut().for_each(|way| way.port = server.port());
                let servers = vec![NameServerConfig::new(server.ip(), true, ways.into())];
                let config = ResolverConfig::from_parts(None, Vec::new(), servers);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
        };
        let options = builder.options_mut();
        options.timeout = Duration::from_secs(2);
        options.attempts = 2;
        options.cache_size = 0;
        builder.build()
    }
}

fn in_words(cause: &NetError) -> Silence {
    let details: String = cause.to_string().chars().take(200).collect();
    Silence(say!("The name servers gave no answer: {details}.", details))
}
