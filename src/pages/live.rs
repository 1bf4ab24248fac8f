//! Pages that stay true while they are open: a stream of events, one now and one whenever what it tells has changed.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    http::header::{CacheControl, CacheDirective, ContentEncoding},
    web::{Bytes, Data},
};
use futures::Stream;

use crate::{
    app::App,
    db::{Topic, View},
    error::{Error, Result},
};

/// A stream says something at least this often: proxies close silent ones, and a browser that left is noticed only by writing.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// What is told.
#[derive(PartialEq, Eq)]
pub(super) struct Told {
    /// In one line.
    pub(super) data: String,
    /// There is nothing to come.
    pub(super) over: bool,
}

/// Tells what `look` sees, each time `topic` was rung and it sees something else.
pub(super) fn stream(app: Data<App>, topic: Topic, look: impl Fn(&View) -> Result<Told> + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(CacheControl(vec![CacheDirective::NoStore]))
        // Compressed, an event would stay in the encoder; buffered, in the proxy.
        .insert_header(ContentEncoding::Identity)
        .insert_header(("x-accel-buffering", "no"))
        .streaming(follow(app, topic, look))
}

/// Ends when it is over, with the server, and with the browser's leaving.
fn follow(
    app: Data<App>,
    topic: Topic,
    look: impl Fn(&View) -> Result<Told> + 'static,
) -> impl Stream<Item = Result<Bytes, Error>> {
    // Before the first look, so that no change falls in between.
    let (mut bell, mut stopping) = (app.db.listen(topic), app.stopping.clone());
    async_stream::try_stream! {
        let mut last = None;
        loop {
            let told = app.db.read(&look)?;
            let over = told.over;
            if last.as_ref() == Some(&told) {
                yield Bytes::from_static(b": still here\n\n");
            } else {
                yield format!("data: {}\n\n", told.data).into();
                last = Some(told);
            }
            if over {
                break;
            }
            tokio::select! {
                rung = bell.changed() => if rung.is_err() { break },
                () = tokio::time::sleep(HEARTBEAT) => {}
                _ = stopping.wait_for(|stopping| *stopping) => break,
            }
        }
    }
}
