//! The door for Prometheus: an address of its own that has `/metrics` and nothing else.

use std::{net::TcpListener, time::Duration};

use actix_web::{
    App as Actix, HttpResponse, HttpServer,
    dev::Server,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web::{self, Data},
};

use crate::{
    app::App,
    backup,
    config::Config,
    doctor::Sizes,
    error::{Error, Result},
    meters::{Meters, QueueLoad},
    queue,
};

/// How often what was measured is put in order. Prometheus usually asks every 15 seconds, and may not ask at all.
const TIDY: Duration = Duration::from_secs(5);

/// Takes the address, if one is set.
pub(super) fn listen(config: &Config) -> Result<(Meters, Option<TcpListener>)> {
    let Some(address) = config.metrics else { return Ok((Meters::default(), None)) };
    let listener = TcpListener::bind(address).map_err(|cause| {
        Error::invalid(plain!(
            "Can't listen on {address} for metrics: {cause}. Choose another address with metrics_listen."
        ))
    })?;
    Ok((Meters::on()?, Some(listener)))
}

/// Serves them until it is stopped.
pub(super) fn serve(app: Data<App>, listener: TcpListener) -> Result<Server> {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are exact for another 200,000 years")]
    app.meters.build(env!("CARGO_PKG_VERSION"), app.started.millis() as f64 / 1000.0);
    let server = HttpServer::new(move || {
        Actix::new()
            .app_data(app.clone())
            .route("/metrics", web::get().to(scrape))
            .route("/metrics", web::head().to(scrape))
    });
    Ok(server.disable_signals().workers(1).shutdown_timeout(1).listen(listener)?.run())
}

/// Keeps measurements in order for as long as nobody asks for them.
pub(super) async fn tidy(meters: Meters) {
    let mut ticks = tokio::time::interval(TIDY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        meters.tidy();
    }
}

/// `GET /metrics`
async fn scrape(app: Data<App>) -> HttpResponse {
    let (db, seen) = (app.db.clone(), app.clone());
    let looked = db.scan(move |view| {
        for load in queue::loads(view)? {
            seen.meters.queue(&QueueLoad {
                queue: load.queue.as_str(),
                waiting: load.waiting,
                running: load.running,
                parked: load.parked,
                oldest: load.overdue.unwrap_or_default(),
            });
        }
        // In development mode there is no file to look at.
        if seen.dev.is_none() {
            let sizes = Sizes::of(&seen.config);
            seen.meters.database(sizes.database, sizes.log);
            seen.meters.photos_disk(sizes.free);
        }
        if let Some(backups) = &seen.config.backups {
            // Where none can be found, none is young enough: an alert on the age has to hear of it.
            let stored = backup::stored(&backups.directory).unwrap_or_default();
            seen.meters.backup(stored.first().map(|newest| view.now.since(newest.made_at)));
        }
        Ok(seen.meters.text())
    });
    match looked.await {
        Ok(Some(text)) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(text),
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(cause) => {
            tracing::warn!(cause = cause.trail(), "the metrics could not be taken");
            HttpResponse::ServiceUnavailable().finish()
        }
    }
}
