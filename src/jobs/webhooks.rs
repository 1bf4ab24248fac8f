//! Tells endpoints what happened: makes deliveries of events, and delivers them.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::{
    app::{App, lanes::LANES},
    db::Tx,
    error::{Error, Result},
    events,
    ids::{DeliveryId, EventId},
    invites,
    meters::Delivered,
    outbound::{Outcome, Post, Trouble},
    queue::Next,
    secrets::Purpose,
    shoots,
    webhooks::{self, Due, Message, Verdict},
    wire::events::{DISABLED, EndpointEvent, ModelEvent, name},
};

/// How long one job goes on delivering before it lets the queue have a look.
const SHIFT: Duration = Duration::from_secs(30);

/// Makes deliveries of an event, and of those of its shoot before it that no job has come to yet: so they keep their order.
pub(super) async fn tell(app: &App, until: EventId) -> Result<()> {
    let first = app.config.webhooks.schedule.first().copied().unwrap_or_default();
    app.db
        .write(move |tx| {
            for told in events::untold(tx, &until)? {
                let shoot = shoots::get(tx, &told.shoot)?;
                let expires_at = invites::expiry_of(tx, &shoot)?;
                let message = Message {
                    event: told.id.clone(),
                    name: name(told.kind),
                    shoot: Some(told.shoot.clone()),
                    place: told.place,
                    body: serde_json::to_string(&ModelEvent::new(&told, shoot, expires_at))?,
                };
                for endpoint in webhooks::endpoints(tx, &told.organization)? {
                    if endpoint.disabled.is_none() && endpoint.wants(told.kind) {
                        webhooks::add(tx, &endpoint, &message, told.created_at + first)?;
                    }
                }
                events::mark_told(tx, &told.id)?;
            }
            Ok(())
        })
        .await
}

/// Delivers what is due at the host of this delivery, for as long as something is. Where enough others do so already, they
/// take it along.
pub(super) async fn deliver(app: &App, id: DeliveryId) -> Result<Next> {
    let Some(host) = app.db.read(|view| webhooks::host_of(view, &id))? else { return Ok(Next::Done) };
    let Some(mut lane) = app.lanes.enter(&host) else { return Ok(Next::Done) };
    let (clock, stopping) = (app.db.clock(), &app.stopping);
    let end = clock.now() + SHIFT;
    while let Some(due) = lane.next(|| app.db.read(|view| webhooks::due(view, &host, LANES)))? {
        attempt(app, due).await?;
        if clock.now() > end || *stopping.borrow() {
            return Ok(Next::Again(clock.now()));
        }
    }
    Ok(Next::Done)
}

/// Tries once. A deaf endpoint is no error of ours: it is written down, with what follows from it.
async fn attempt(app: &App, due: Due) -> Result<()> {
    let secrets = due.secrets().map(|sealed| {
        let secret = app.key.open(Purpose::WebhookSecrets, sealed)?;
        String::from_utf8(secret).map_err(Error::internal)
    });
    let headers = match secrets.collect::<Result<Vec<_>>>() {
        Ok(secrets) => webhooks::headers(&due.event, &due.body, &secrets, app.db.clock().now()),
        // Sealed with a key this server no longer has: only a new secret helps, and the log is where its owner looks.
        Err(_) => return unsigned(app, due).await,
    };
    let outcome = app.outbound.post(&post(&due, &headers)?).await;
    write_down(app, due, headers, outcome).await
}

fn post(due: &Due, headers: &[(&'static str, String)]) -> Result<Post> {
    let mut all = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    for (name, value) in headers {
        all.insert(HeaderName::from_static(name), HeaderValue::from_str(value).map_err(Error::internal)?);
    }
    Ok(Post { url: Url::parse(&due.url).map_err(Error::internal)?, headers: all, body: due.body.clone() })
}

async fn unsigned(app: &App, due: Due) -> Result<()> {
    let words = "The endpoint's secret can't be read any more. Make a new one.";
    let outcome = Outcome { answer: Err(Trouble(words.to_owned())), took: Duration::ZERO };
    write_down(app, due, Vec::new(), outcome).await
}

async fn write_down(app: &App, due: Due, headers: Vec<(&'static str, String)>, outcome: Outcome) -> Result<()> {
    let schedule = app.config.webhooks.schedule.clone();
    let took = outcome.took;
    let verdict = app
        .db
        .write(move |tx| {
            let verdict = webhooks::record(tx, &due, &headers, &outcome, &schedule)?;
            if matches!(verdict, Verdict::Disabled(_)) {
                tell_others(tx, &due)?;
            }
            Ok(verdict)
        })
        .await?;
    let end = match verdict {
        Verdict::Delivered => Delivered::Done,
        Verdict::Later(_) => Delivered::Later,
        Verdict::GivenUp => Delivered::GivenUp,
        Verdict::Disabled(_) => Delivered::SwitchedOff,
        Verdict::TooLate => Delivered::TooLate,
    };
    app.meters.delivered(end, took);
    Ok(())
}

/// The organization's other endpoints hear that one was switched off.
fn tell_others(tx: &Tx, due: &Due) -> Result<()> {
    let gone = webhooks::get(tx, &due.endpoint)?;
    let message = EndpointEvent::message(DISABLED, &gone, tx.now)?;
    for other in webhooks::endpoints(tx, &gone.organization)? {
        if other.disabled.is_none() && other.events.is_empty() {
            webhooks::add(tx, &other, &message, tx.now)?;
        }
    }
    Ok(())
}
