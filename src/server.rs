//! HTTP and workers in one process.

use std::{
    fs::{File, TryLockError},
    net::TcpListener,
    sync::Arc,
};

use actix_web::{HttpServer, middleware::from_fn, web};
use futures::FutureExt;
use tokio::{sync::watch, task::JoinSet};

use crate::{
    api,
    app::{
        App, Dev, darkroom::Darkroom, in_flight::InFlight, limits::Limits, packing::Packing, portraits::Portraits,
        replies::Replies, uploads::Uploads,
    },
    auth,
    backup::{self, Maker},
    clock::Clock,
    config::{Config, Driver, PhotoChecks, Urls},
    db::{Db, Place},
    dns::Dns,
    error::{Error, Result},
    generator::{self, Generator, sample::Sample, studio::Studio},
    jobs::{self, worker::Workers},
    mail::Mailer,
    organizations,
    outbound::{Means, Outbound},
    pages,
    secrets::ServerKey,
    storage::Storage,
    studio::Workshop,
    web::{answer, behalf, language, observe, origin},
    workers::{Pool, clear},
};

mod metrics;

/// The file in the data directory that a running server holds.
const LOCK: &str = "headroom.lock";

/// Where a server keeps what it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// In the data directory.
    Serve,
    /// In memory, with the doors of development mode.
    Dev,
}

/// A server that listens already and answers once [`Server::run_until`] is called.
pub struct Server {
    app: web::Data<App>,
    listener: TcpListener,
    /// Where Prometheus asks.
    metrics: Option<TcpListener>,
    stop: watch::Sender<bool>,
    /// Held for as long as the server lives.
    _lock: Option<File>,
}

impl Server {
    /// Opens the database, takes the port, and puts everything together.
    ///
    /// # Errors
    /// A taken port, a data directory that can't be written or that another server uses, a newer schema: one sentence each.
    pub fn build(config: Config, mode: Mode) -> Result<Self> {
        Self::build_with(config, mode, Means::default())
    }

    /// The same, with other means of going out over HTTP.
    ///
    /// # Errors
    /// As [`Server::build`].
    pub fn build_with(config: Config, mode: Mode, means: Means) -> Result<Self> {
        let clock = Clock::system();
        let (place, storage, key, lock) = match mode {
            Mode::Dev => (Place::Memory, Storage::memory(), ServerKey::random(), None),
            Mode::Serve => {
                let lock = claim(&config)?;
                let storage = Storage::open(&config.photos)?;
                (Place::File(config.database()), storage, ServerKey::kept_in(&config.key_file())?, Some(lock))
            }
        };
        let listener = TcpListener::bind(config.http.listen).map_err(|cause| {
            let address = config.http.listen;
            Error::invalid(plain!(
                "Can't listen on {address}: {cause}. Is another server running there? Choose another with --listen."
            ))
        })?;
        let urls = Urls::new(&config.http, listener.local_addr()?)?;
        let (meters, metrics) = metrics::listen(&config)?;
        let db = Db::open_measured(&place, clock.clone(), meters.clone())?;
        let sample = Arc::new(Sample::new(clock.clone(), storage.clone(), config.generator.dev_shoot));
        let studio = Arc::new(Workshop::new(config.studio.clone()));
        let (stop, stopping) = watch::channel(false);
        let own = [urls.base().to_owned(), urls.whitelabel_origin()];
        let pool = config.worker_token.as_ref().map(|token| {
            if !urls.secure() && !listener.local_addr().is_ok_and(|address| address.ip().is_loopback()) {
                tracing::warn!(
                    "Workers bring headshots over plain HTTP: set base_url to https:// and a proxy with TLS in front."
                );
            }
            Arc::new(Pool::new(db.clone(), storage.clone(), studio.clone(), &config, token))
        });
        let generator: Arc<dyn Generator> = match generator::elsewhere(&config.generator, &storage, &means)? {
            Some(elsewhere) => elsewhere,
            None if config.generator.driver == Driver::Sample => sample.clone(),
            None => match &pool {
                Some(pool) => pool.clone(),
                None => Arc::new(Studio::new(studio.clone(), storage.clone())),
            },
        };
        let backups = config.backups.clone().filter(|_| mode == Mode::Serve).map(|settings| {
            let (database, key, pictures) = (config.database(), config.key_file(), storage.clone());
            let (place, runtime) = (config.photos.clone(), tokio::runtime::Handle::current());
            let source = backup::Source { database, key, pictures, place, runtime };
            Maker::new(source, settings, clock.clone(), stopping.clone())
        });
        let outbound = Outbound::new(&config, &own.each_ref().map(String::as_str), mode == Mode::Dev, means)?;
        let app = App {
            outbound,
            dns: Dns::new(config.dns),
            lanes: Default::default(),
            portraits: Portraits::new(storage.clone(), studio.clone()),
            db,
            key,
            storage,
            generator,
            pool,
            sample: sample.clone(),
            studio: studio.clone(),
            mailer: Mailer::new(&config.mail)?,
            limits: Limits::new(&config.http, clock.clone(), mode == Mode::Dev),
            in_flight: InFlight::default(),
            packing: Packing::default(),
            replies: Replies::default(),
            streams: Default::default(),
            uploads: Uploads::new(
                (mode == Mode::Serve).then(|| config.data.clone()),
                studio.clone(),
                config.checks.mode != PhotoChecks::Off,
            )?,
            darkroom: Darkroom::default(),
            started: clock.now(),
            checkup: Default::default(),
            meters,
            backups,
            dev: (mode == Mode::Dev).then(|| Dev { sample, caught: Default::default() }),
            passkeys: auth::RelyingParty::new(&urls),
            urls,
            stopping,
            config,
        };
        Ok(Self { app: web::Data::new(app), listener, metrics, stop, _lock: lock })
    }

    /// What the server is made of, for whoever starts it.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Where Prometheus finds its metrics, if they are switched on.
    pub fn metrics_url(&self) -> Option<String> {
        let address = self.metrics.as_ref()?.local_addr().ok()?;
        Some(format!("http://{address}/metrics"))
    }

    /// The one-time setup link, if nobody has set this instance up yet.
    pub async fn setup_link(&self) -> Result<Option<String>> {
        let app = self.app.clone();
        let token = self
            .app
            .db
            .write(|tx| if organizations::any(tx)? { Ok(None) } else { auth::mint_setup(tx).map(Some) })
            .await?;
        Ok(token.map(|token| app.urls.setup(&token)))
    }

    /// Answers until `stop` is over, then finishes what is under way.
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> Result<()> {
        let app = self.app.clone();
        let mut making = match &app.pool {
            Some(pool) => {
                pool.begin().await?;
                pool.make_here(&app.stopping)
            }
            None => {
                app.db.write(clear).await?;
                JoinSet::new()
            }
        };
        let workers = Workers::start(app.db.clone(), {
            let app = app.clone().into_inner();
            move |job, attempt| jobs::run(app.clone(), job, attempt)
        })
        .await?;
        let backups = tokio::spawn(jobs::schedule_backups(app.clone().into_inner()));
        let http = HttpServer::new({
            let app = app.clone();
            move || {
                actix_web::App::new()
                    .app_data(app.clone())
                    .app_data(web::Data::new(pages::problem as answer::Page))
                    .configure(api::routes)
                    .configure(|config| pages::routes(config, app.dev.is_some()))
                    .wrap(from_fn(behalf::acts_for))
                    .wrap(from_fn(origin::own_pages_only))
                    .wrap(from_fn(answer::every_answer))
                    .wrap(from_fn(language::of_reader))
                    .wrap(from_fn(observe::every_request))
            }
        })
        .disable_signals()
        .shutdown_timeout(Workers::GRACE.as_secs())
        .worker_max_blocking_threads(16)
        // Who has gone is not answered: a worker's question for work that is left open would take a shoot for nobody.
        .h1_allow_half_closed(false)
        .listen(self.listener)?
        .run();
        let handle = http.handle();
        let serving = tokio::spawn(http);
        let metrics = self.metrics.map(|listener| metrics::serve(app.clone(), listener)).transpose()?.map(|door| {
            let handle = door.handle();
            let tasks = [tokio::spawn(door.map(drop)), tokio::spawn(metrics::tidy(app.meters.clone()))];
            (handle, tasks)
        });
        stop.await;
        tracing::info!("stopping");
        self.stop.send_replace(true);
        app.studio.stop_shoots();
        backups.abort();
        let made_here = async { while making.join_next().await.is_some() {} };
        let made_here = tokio::time::timeout(Workers::GRACE, made_here);
        let (..) = tokio::join!(handle.stop(true), workers.stop(Workers::GRACE), made_here);
        app.studio.stop();
        // Until the end: a stop that takes long can be watched.
        if let Some((door, tasks)) = metrics {
            door.stop(false).await;
            tasks.iter().for_each(tokio::task::JoinHandle::abort);
        }
        serving.await.map_err(Error::internal)??;
        app.db.close().await;
        Ok(())
    }
}

/// Whether a server uses the data directory now: it holds the lock there, which is tried for an instant only.
pub fn is_running(config: &Config) -> bool {
    let lock = File::open(config.data.join(LOCK)).map(|file| file.try_lock_shared());
    matches!(lock, Ok(Err(TryLockError::WouldBlock)))
}

/// Takes the data directory for as long as the file is kept, as a running server does; none if one does. What a restore that was
/// interrupted has left to do is done then.
///
/// # Errors
/// `Invalid` when the data directory can't be written.
pub fn hold(config: &Config) -> Result<Option<File>> {
    config.make_data()?;
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(config.data.join(LOCK))
        .map_err(|cause| config.cannot_write_data(&cause))?;
    match file.try_lock() {
        Ok(()) => backup::finish_restoring(&config.data).map(|_| Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(cause)) => Err(config.cannot_write_data(&cause)),
    }
}

/// Makes the data directory if need be, and sees to it that nobody else serves it or restores into it.
///
/// # Errors
/// A server uses it; it can't be written.
pub(crate) fn claim(config: &Config) -> Result<File> {
    hold(config)?.ok_or_else(|| {
        Error::invalid(plain!(
            "Another Headroom server is using the data directory {}. Stop it first, or point --data elsewhere.",
            config.data.display()
        ))
    })
}
