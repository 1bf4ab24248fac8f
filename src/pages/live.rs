//! Pages that stay true while they are open: a stream of events, one now and one whenever what it tells has changed.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CacheControl, CacheDirective, ContentEncoding},
    web::{Bytes, Data},
};
use futures::{Stream, future};

use crate::{
    app::{App, streams::Room},
    db::{Topic, View},
    error::{Error, Result},
    i18n::{Language, language, speaking},
    members::Member,
    web::browser::{self, Onlooker},
};

/// A stream says something at least this often: proxies close silent ones, and a browser that left is noticed only by writing.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// So long a page of a whole organization hears nothing after it heard something: a hundred changes in a moment are one to it.
const BREATH: Duration = Duration::from_secs(1);

/// Whoever looked is signed out, may look no more, or has opened many pages since: the page need not ask again.
const GONE: &[u8] = b"event: gone\ndata:\n\n";

/// What is told.
#[derive(PartialEq, Eq)]
pub(super) struct Told {
    /// In one line.
    pub(super) data: String,
    /// There is nothing to come.
    pub(super) over: bool,
}

/// Tells what `look` sees, each time `topic` was rung and it sees something else.
///
/// # Errors
/// Too many pages of everybody are open.
pub(super) fn stream(
    app: Data<App>,
    request: &HttpRequest,
    topic: Topic,
    look: impl Fn(&View) -> Result<Told> + 'static,
) -> Result<HttpResponse> {
    let onlooker = browser::onlooker(request, &app)?;
    answer(app, onlooker, topic, Duration::ZERO, move |view, onlooker| {
        if onlooker.session(view)?.is_none() { Ok(None) } else { look(view).map(Some) }
    })
}

/// Tells a lead how often their organization's bell has rung, each time it does; over once they lead it no more.
///
/// # Errors
/// Too many pages of everybody are open.
pub(super) fn changes(app: Data<App>, request: &HttpRequest, lead: &Member) -> Result<HttpResponse> {
    let (onlooker, organization) = (browser::onlooker(request, &app)?, lead.organization.clone());
    let (db, topic) = (app.db.clone(), Topic::Organization(organization.clone()));
    answer(app, onlooker, topic, BREATH, move |view, onlooker| {
        let leads = onlooker.leads(view, &organization)?;
        Ok(leads.then(|| Told { data: db.changes(&organization).to_string(), over: false }))
    })
}

fn answer(
    app: Data<App>,
    onlooker: Onlooker,
    topic: Topic,
    breath: Duration,
    look: impl Fn(&View, &Onlooker) -> Result<Option<Told>> + 'static,
) -> Result<HttpResponse> {
    let room = app.streams.take(&onlooker.account)?;
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(CacheControl(vec![CacheDirective::NoStore]))
        // Compressed, an event would stay in the encoder; buffered, in the proxy.
        .insert_header(ContentEncoding::Identity)
        .insert_header(("x-accel-buffering", "no"))
        .streaming(follow(app, room, topic, breath, language(), move |view| look(view, &onlooker))))
}

/// Written after the request was answered, so it has to know what is read. Ends when it is over, with the session, with the server, and with the browser's leaving.
fn follow(
    app: Data<App>,
    mut room: Room,
    topic: Topic,
    breath: Duration,
    reading: Language,
    look: impl Fn(&View) -> Result<Option<Told>> + 'static,
) -> impl Stream<Item = Result<Bytes, Error>> {
    // Before the first look, so that no change falls in between.
    let mut bells = [topic, Topic::SignedOut].map(|topic| app.db.listen(topic));
    let mut stopping = app.stopping.clone();
    async_stream::try_stream! {
        let mut last = None;
        loop {
            let Some(told) = speaking(reading, || app.db.read(&look))? else {
                yield Bytes::from_static(GONE);
                break;
            };
            let over = told.over;
            let news = last.as_ref() != Some(&told);
            if news {
                yield format!("data: {}\n\n", told.data).into();
                last = Some(told);
            } else {
                yield Bytes::from_static(b": still here\n\n");
            }
            if over {
                break;
            }
            if news && !breath.is_zero() {
                tokio::select! {
                    () = tokio::time::sleep(breath) => {}
                    () = room.given_up() => { yield Bytes::from_static(GONE); break }
                    _ = stopping.wait_for(|stopping| *stopping) => break,
                }
            }
            let rung = future::select_all(bells.iter_mut().map(|bell| Box::pin(bell.changed())));
            tokio::select! {
                (rung, ..) = rung => if rung.is_err() { break },
                () = room.given_up() => { yield Bytes::from_static(GONE); break }
                () = tokio::time::sleep(HEARTBEAT) => {}
                _ = stopping.wait_for(|stopping| *stopping) => break,
            }
        }
    }
}
