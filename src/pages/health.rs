//! For whoever watches the server: is the process alive, and can it work.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    web::{Data, ServiceConfig},
};
use serde_json::json;

use crate::{
    app::App,
    queue,
    web::{get, resource},
};

/// Free space below which uploads would soon fail, in bytes.
const LEAST_FREE: u64 = 200 << 20;

/// A job that has been due for longer than this waits for workers that don't work.
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/livez", "GET").route(get(alive))).service(resource("/readyz", "GET").route(get(ready)));
}

/// `GET /livez`: the process answers.
async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "ok": true }))
}

/// `GET /readyz`: it can write, has room, and its queues move. Names what doesn't, without detail.
#[expect(clippy::redundant_closure_for_method_calls, reason = "the method alone is not general enough in its lifetime")]
async fn ready(app: Data<App>) -> HttpResponse {
    let failing: Vec<&str> = [
        ("database", app.db.write(|tx| tx.prove_writable()).await.is_ok()),
        ("disk", app.dev.is_some() || has_room(&app)),
        ("queue", queues_move(&app).await),
    ]
    .iter()
    .filter_map(|(check, ok)| (!ok).then_some(*check))
    .collect();
    if failing.is_empty() {
        HttpResponse::Ok().json(json!({ "ok": true }))
    } else {
        HttpResponse::ServiceUnavailable().json(json!({ "ok": false, "failing": failing }))
    }
}

/// On the disks that are ours: how much room a bucket has, nobody says, and asking takes a round trip.
fn has_room(app: &App) -> bool {
    std::iter::once(app.config.data.as_path()).chain(app.config.photos.directory()).all(|path| {
        rustix::fs::statvfs(path).is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) >= LEAST_FREE)
    })
}

async fn queues_move(app: &App) -> bool {
    app.db
        .scan(queue::loads)
        .await
        .is_ok_and(|loads| loads.iter().all(|load| load.overdue.is_none_or(|wait| wait < LONGEST_WAIT)))
}
