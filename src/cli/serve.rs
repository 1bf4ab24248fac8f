//! `headroom serve` and `headroom dev`.

use std::io::Write;

use clap::Args;
use serde_json::{Value, json};

use super::{Common, load, logging, supervisor::Supervisor};
use crate::{
    backup,
    config::Sources,
    error::{Error, Result},
    pages::demo,
    server::{Mode, Server},
};

/// What `serve` takes.
#[derive(Debug, Default, Args)]
pub(super) struct ServeArgs {
    /// Address and port to serve on
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// How people reach the server; goes into links
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

/// What `dev` takes.
#[derive(Debug, Args)]
pub(super) struct DevArgs {
    /// Address and port to serve on
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// Seconds a shoot takes, from submission to the headshots
    #[arg(long, value_name = "N", default_value_t = 20)]
    seconds: u32,
}

/// What development mode decides otherwise than `serve`.
const DEV_DEFAULTS: [(&str, &str); 5] = [
    ("generator", "sample"),
    ("rate_limit", "100000"),
    ("webhook_schedule", "1s,2s,4s,8s"),
    ("webhook_allow", "0.0.0.0/0,::/0"),
    // Test suites upload anything.
    ("photo_checks", "advise"),
];

pub(super) fn serve(common: &Common, args: ServeArgs) -> Result<()> {
    let mut flags = Vec::new();
    flags.extend(args.listen.map(|listen| ("listen", listen)));
    flags.extend(args.base_url.map(|url| ("base_url", url)));
    let config = load(common, &Sources { flags, ..Sources::default() })?;
    logging::begin(&config)?;
    if let Some(place) = config.photos_elsewhere() {
        backup::must_not_be_set_aside(&config.data, place)?;
    }
    runtime(async {
        let server = Server::build(config, Mode::Serve)?;
        let url = server.app().urls.base().to_owned();
        let setup = server.setup_link().await?;
        let words = match &setup {
            Some(link) => format!(
                "Headroom listens on {url}.\nNobody has set it up yet. Open this link once, within a day:\n\n  {link}\n"
            ),
            None => format!("Headroom listens on {url}."),
        };
        let mut said = json!({ "url": url });
        if let Some(metrics) = server.metrics_url() {
            said["metrics"] = Value::from(metrics);
        }
        if let Some(link) = setup {
            said["setup"] = Value::from(link);
        }
        run(server, common.json, &said, &words).await
    })
}

pub(super) fn dev(common: &Common, args: DevArgs) -> Result<()> {
    let mut flags = vec![("dev_shoot", format!("{}s", args.seconds))];
    flags.extend(args.listen.map(|listen| ("listen", listen)));
    let config = load(common, &Sources { flags, defaults: DEV_DEFAULTS.to_vec(), ..Sources::default() })?;
    logging::begin(&config)?;
    runtime(async {
        let server = Server::build(config, Mode::Dev)?;
        let demo = demo::make(server.app()).await?;
        let url = server.app().urls.base();
        let said = json!({
            "url": url, "organization": demo.organization, "apiKey": demo.api_key, "ownerSignIn": demo.sign_in,
            "outbox": format!("{url}/dev/outbox"), "clock": format!("{url}/dev/clock"), "signedUrl": demo.signed_url,
        });
        let words = format!(
            "Headroom listens on {url}, in development mode: everything is in memory and gone when it stops.\n\n  \
             sign in as the owner  {}\n  API key               {}\n  someone embedded      {}\n  mails                 {url}/dev/outbox\n",
            demo.sign_in, demo.api_key, demo.signed_url
        );
        run(server, common.json, &said, &words).await
    })
}

pub(super) fn runtime(serving: impl Future<Output = Result<()>>) -> Result<()> {
    let runner = actix_web::rt::System::with_tokio_rt(|| {
        #[expect(clippy::expect_used, reason = "without a runtime there is nothing to fall back to")]
        tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build().expect("a runtime")
    });
    let done = runner.block_on(serving);
    // Everything that counts is written by now. What still computes on a thread of its own ends with the process; dropped, the
    // runtime would wait for it.
    std::mem::forget(runner);
    done
}

/// Says where the server is once it accepts connections, and serves until a signal.
async fn run(server: Server, json: bool, said: &Value, words: &str) -> Result<()> {
    // Signals are listened to before anything is said, so that whoever reads it may send one at once.
    let stop = stop_signal()?;
    let mut out = std::io::stdout().lock();
    let _ = if json { writeln!(out, "{said}") } else { writeln!(out, "{words}") };
    let _ = out.flush();
    drop(out);
    let supervisor = Supervisor::of_this_process();
    supervisor.ready();
    let stop = async {
        stop.await;
        supervisor.stopping();
    };
    tokio::select! {
        done = server.run_until(stop) => done,
        () = supervisor.live() => Ok(()),
    }
}

pub(super) fn stop_signal() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::from)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::from)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
