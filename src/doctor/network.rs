//! Whom the server speaks to: the generator, the mail server, and people.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::{Method, StatusCode};
use url::Url;

use super::{
    Bench, Finding,
    database::{current, said},
};
use crate::{
    config::{Driver, Urls},
    error::Result,
    generator::{self, Health, studio::Studio},
    mail::Mailer,
    outbound::{Means, Outbound, Terms},
    shoots,
    storage::Storage,
    studio::Workshop,
};

/// What doesn't answer by then counts as down.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn generator(bench: &Bench) -> Result<Finding> {
    // It is asked how it is, and for no photo.
    let storage = Storage::memory();
    let generator = match generator::elsewhere(&bench.config.generator, &storage, &Means::default())? {
        Some(elsewhere) => elsewhere,
        None if bench.config.generator.driver == Driver::Sample => {
            return Ok(Finding::Fine(
                "Headshots are test data, marked as samples. Set generator for real ones.".to_owned(),
            ));
        }
        None => Arc::new(Studio::new(Arc::new(Workshop::new(bench.config.studio.clone())), storage)),
    };
    let remedy = match generator.name() {
        "studio" => "Raise studio_memory, or let this user start processes",
        _ => "Start it, or check generator_url",
    };
    let place = match generator.destination() {
        Some(to) => format!("on {}; photos leave this machine", to.host),
        None => "on this machine".to_owned(),
    };
    let begun = Instant::now();
    let health = bench.runtime.block_on(async { tokio::time::timeout(PATIENCE, generator.health()).await });
    let name = generator.name();
    Ok(match health {
        Ok(Health::Ready) => {
            let ready =
                format!("The generator {name} ({place}) is ready; it answered in {} ms.", begun.elapsed().as_millis());
            match last_failure(bench)? {
                // It says no more of itself than that it is there.
                Some(failure) => Finding::Doubtful(format!("{ready} {failure}")),
                None => Finding::Fine(ready),
            }
        }
        Ok(Health::Misconfigured(why)) => {
            Finding::Bad(format!("The generator {name} ({place}) can't be used. {why} Shoots wait until then."))
        }
        Ok(Health::Down(why)) => {
            Finding::Bad(format!("The generator {name} ({place}) is down. {why} {remedy}; shoots wait until then."))
        }
        Err(_) => Finding::Bad(format!(
            "The generator {name} ({place}) does not answer within {} seconds. {remedy}.",
            PATIENCE.as_secs()
        )),
    })
}

/// When the last shoot failed, and why; nothing if it succeeded.
fn last_failure(bench: &Bench) -> Result<Option<String>> {
    let Ok(glance) = current(bench)? else { return Ok(None) };
    let trouble = glance.read(bench.now, |view| shoots::trouble(view, None))?;
    Ok(trouble.map(|trouble| format!("But the last shoot failed on {}: {}", said(trouble.at), trouble.cause)))
}

pub(super) fn mail(bench: &Bench) -> Result<Finding> {
    let mailer = Mailer::new(&bench.config.mail)?;
    Ok(match bench.runtime.block_on(mailer.reach(PATIENCE)) {
        None => {
            Finding::Fine("No mail server is set; mails stay in the outbox page. Set smtp_url to send them.".to_owned())
        }
        Some(Ok(())) => Finding::Fine("The mail server answers.".to_owned()),
        Some(Err(why)) => Finding::Bad(format!(
            "The mail server can't be used: {}. Check smtp_url: scheme, host, port, user and password.",
            why.trim_end_matches('.')
        )),
    })
}

/// Whether people reach the server by the address that stands in links. It is asked from this machine.
pub(super) fn url(bench: &Bench) -> Result<Finding> {
    let http = &bench.config.http;
    if !bench.runs {
        return Ok(Finding::Fine("Not checked: no server runs on this data directory.".to_owned()));
    }
    if http.base_url.is_none() && http.listen.port() == 0 {
        return Ok(Finding::Fine("Not checked: the server took a free port, and base_url is not set.".to_owned()));
    }
    let urls = Urls::new(http, http.listen)?;
    let base = urls.base();
    let Ok(alive) = Url::parse(&urls.page("/livez")) else {
        return Ok(Finding::Bad(format!("base_url {base} is no address.")));
    };
    let outbound = Outbound::to_one(alive.clone(), Means::default())?;
    let terms = Terms { headers: PATIENCE, whole: PATIENCE, most: 4096 };
    let request = outbound.request(Method::GET, alive);
    Ok(match bench.runtime.block_on(outbound.fetch(request, terms)) {
        Ok(reply) if reply.status == StatusCode::OK && is_ours(&reply.body) => {
            let tls = if urls.secure() { ", and its certificate is valid" } else { "" };
            Finding::Fine(format!("{base} answers{tls}."))
        }
        Ok(reply) => Finding::Bad(format!(
            "{base} is answered by something else ({}). Check base_url and the proxy in front of the server.",
            reply.status
        )),
        Err(none) => Finding::Bad(format!(
            "{base} can't be reached from here. {none} Check base_url, DNS, the certificate, and the proxy in front of the server."
        )),
    })
}

fn is_ours(body: &[u8]) -> bool {
    serde_json::from_slice(body).is_ok_and(|said: serde_json::Value| said["ok"] == true)
}
