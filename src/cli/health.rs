//! `headroom health`: asks a running server whether it can work, for whoever restarts it if not. Containers have no `curl`.

use std::{net::IpAddr, time::Duration};

use clap::Args;
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use super::{Common, Said, load};
use crate::{
    config::{Config, Sources},
    error::{Error, Result},
    outbound::{Means, Outbound, Terms},
};

/// A server that takes longer is not well.
const TERMS: Terms = Terms { headers: Duration::from_secs(5), whole: Duration::from_secs(5), most: 4096 };

/// What `health` takes.
#[derive(Debug, Args)]
pub(super) struct HealthArgs {
    /// Address of the server [default: where this configuration has it listen]
    #[arg(long)]
    url: Option<Url>,
}

pub(super) fn run(common: &Common, args: HealthArgs) -> Result<Said> {
    let server = match args.url {
        Some(url) => url,
        None => nearby(&load(common, &Sources::default())?)?,
    };
    let asked = server.join("/readyz").map_err(|_| unusable(&server))?;
    let outbound = Outbound::to_one(server, Means::default())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(outbound.fetch(outbound.request(Method::GET, asked.clone()), TERMS));
    let (ok, words) = match answer {
        Ok(reply) if reply.status.is_success() => (true, "The server can work.".to_owned()),
        Ok(reply) => (false, failing(&reply.body).unwrap_or_else(|| format!("{asked} answers {}.", reply.status))),
        Err(cause) => (false, format!("{asked} doesn't answer: {cause}")),
    };
    Ok(Said { failed: !ok, ..Said::new(json!({ "ok": ok, "detail": words }), words) })
}

/// What the server itself says is wrong.
fn failing(body: &[u8]) -> Option<String> {
    let said: Value = serde_json::from_slice(body).ok()?;
    let names: Vec<&str> = said["failing"].as_array()?.iter().filter_map(Value::as_str).collect();
    Some(format!("The server can't work: {}. What to do: headroom doctor", names.join(", ")))
}

/// The server of this configuration, from the machine it runs on.
fn nearby(config: &Config) -> Result<Url> {
    let mut address = config.http.listen;
    if address.port() == 0 {
        return Err(Error::invalid(plain!("The server takes a free port; say which with --url.")));
    }
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            IpAddr::from([127, 0, 0, 1])
        } else {
            IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1_u16])
        });
    }
    Url::parse(&format!("http://{address}")).map_err(Error::internal)
}

fn unusable(url: &Url) -> Error {
    Error::invalid(plain!("--url can't be \"{url}\"; an example that works: http://127.0.0.1:8080."))
}
