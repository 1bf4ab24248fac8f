//! `headroom worker`: makes headshots on this machine for a server on another.

use std::{io::Write, sync::Arc};

use clap::Args;
use serde_json::json;
use url::Url;

use super::{Common, load, logging, serve};
use crate::{
    config::Sources,
    error::{Error, Result},
    outbound::Means,
    workers::{Maker, Terms},
};

/// What `worker` takes. The token is none of it: arguments are there for all to see who may list processes.
#[derive(Debug, Args)]
pub(super) struct WorkerArgs {
    /// Where the server is, as https://headshots.example.com
    #[arg(long, value_name = "URL")]
    server: Url,
    /// File of the token that the server has too [default: HEADROOM_WORKER_TOKEN]
    #[arg(long, value_name = "FILE")]
    token_file: Option<std::path::PathBuf>,
    /// What the server calls this worker [default: this machine's name]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Shoots made at the same time [default: one for every two processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    at_once: Option<u32>,
    /// Go without TLS in a private network, where nobody else listens
    #[arg(long)]
    allow_http: bool,
}

pub(super) fn run(common: &Common, args: WorkerArgs) -> Result<()> {
    let mut flags = Vec::new();
    if let Some(path) = &args.token_file {
        let token = std::fs::read_to_string(path).map_err(|cause| {
            Error::invalid(plain!("The token's file {} can't be read: {cause}. Check --token-file.", path.display()))
        })?;
        flags.push(("worker_token", token.trim_end().to_owned()));
    }
    flags.extend(args.at_once.map(|at_once| ("studio_shoots", at_once.to_string())));
    let config = load(common, &Sources { flags, ..Sources::default() })?;
    logging::begin(&config)?;
    let token = config.worker_token.clone().ok_or_else(|| {
        Error::invalid(plain!(
            "A worker needs the server's token. Name a file of it with --token-file, or set HEADROOM_WORKER_TOKEN."
        ))
    })?;
    let name = args.name.unwrap_or_else(|| rustix::system::uname().nodename().to_string_lossy().into_owned());
    let at_once = config.studio.at_once().max(1);
    let terms =
        Terms { server: args.server, token, allow_http: args.allow_http, name, at_once, studio: config.studio.clone() };
    let (server, name) = (terms.server.clone(), terms.name.clone());
    serve::runtime(async {
        let stop = serve::stop_signal()?;
        let mut stop = std::pin::pin!(stop);
        let maker = Arc::new(Maker::new(terms, Means::default())?);
        let welcome = tokio::select! {
            welcome = maker.connect() => welcome?,
            () = &mut stop => return Ok(()),
        };
        let said = json!({ "server": server, "name": name, "atOnce": at_once, "version": welcome.version });
        let mut out = std::io::stdout().lock();
        let _ = match common.json {
            true => writeln!(out, "{said}"),
            false => writeln!(
                out,
                "{name} makes headshots for {server} (Headroom {}), {at_once} at a time.",
                welcome.version
            ),
        };
        let _ = out.flush();
        drop(out);
        maker.run_until(stop).await
    })
}
