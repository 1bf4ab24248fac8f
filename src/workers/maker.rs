//! A worker: asks a server for shoots, makes them on this machine, and brings back what was made. It keeps nothing: photos are in its
//! memory while they are worked on, and nowhere else.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures::future::join_all;
use reqwest::{Method, StatusCode};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
};
use url::Url;

use super::{
    AFTER_A_FAILURE, Ended, HEARTBEAT, Made,
    ended::Kind,
    protocol::{Hello, LARGEST, Progress, Welcome, Work},
};
use crate::{
    config,
    error::{Error, Result},
    generator::{self, Scene, Stage, studio::make},
    outbound::Means,
    secrets::{Secret, Token},
    storage::{BackdropFile, Key, PhotoFile, Storage},
    studio::Workshop,
};

mod line;

use line::{Line, Trouble};

/// How long a server is told at the end that its shoots are handed back.
const GOODBYE: Duration = Duration::from_secs(5);

/// What a worker is told when it starts.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Where the server is.
    pub server: Url,
    /// What proves to it that we are one of its workers.
    pub token: Secret,
    /// Whether it may be spoken to without TLS in a private network.
    pub allow_http: bool,
    /// What it knows us by.
    pub name: String,
    /// Shoots that are made at the same time.
    pub at_once: usize,
    /// What the processes are allowed that make them.
    pub studio: config::Studio,
}

/// A worker.
pub struct Maker {
    line: Line,
    terms: Terms,
    /// What we hold, or may hold: an answer may be on its way.
    leases: Mutex<Vec<Token>>,
}

impl Maker {
    /// One that has not spoken to its server yet.
    ///
    /// # Errors
    /// The server would be spoken to without TLS, where others may listen.
    pub fn new(terms: Terms, means: Means) -> Result<Self> {
        let line = Line::new(&terms, means)?;
        Ok(Self { line, terms, leases: Mutex::default() })
    }

    /// Looks whether headshots can be made on this machine, and says hello to the server, once it is there.
    ///
    /// # Errors
    /// No process can be started here, or the server refuses this worker: why, and what to do.
    pub async fn connect(&self) -> Result<Welcome> {
        let workshop = Workshop::new(self.terms.studio.clone());
        workshop.try_out().await.map_err(|fault| {
            Error::invalid(plain!("No process could be started to make headshots in. {fault} Raise studio_memory, or let this user start processes."))
        })?;
        let hello = self.hello();
        self.line.patiently(|| self.line.greet(&hello)).await.map_err(|trouble| self.refused(trouble))
    }

    fn hello(&self) -> Hello {
        Hello {
            name: self.terms.name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            at_once: u32::try_from(self.terms.at_once).unwrap_or(u32::MAX),
        }
    }

    /// Makes headshots until `stop` is over, and then hands back what is under way.
    ///
    /// # Errors
    /// The server refuses this worker, which it didn't before.
    pub async fn run_until(self: Arc<Self>, stop: impl Future<Output = ()>) -> Result<()> {
        let benches = Arc::new(Semaphore::new(self.terms.at_once));
        let mut hands = JoinSet::new();
        // Twice as many, so that the next shoots begin while the headshots of the last ones are still on their way.
        for _ in 0..self.terms.at_once * 2 {
            let (maker, benches) = (self.clone(), benches.clone());
            hands.spawn(async move { maker.work(&benches).await });
        }
        let ended = tokio::select! {
            () = stop => Ok(()),
            Some(ended) = hands.join_next() => ended.map_err(Error::internal)?,
        };
        // With them end the processes they use, whatever those are doing.
        hands.shutdown().await;
        let leases = std::mem::take(&mut *self.leases());
        let all = leases.iter().map(|lease| self.line.tell("hand-back", lease, &()));
        if tokio::time::timeout(GOODBYE, join_all(all)).await.is_err() {
            tracing::warn!("the server could not be told; it gives the shoots to others within half a minute");
        }
        ended
    }

    fn leases(&self) -> MutexGuard<'_, Vec<Token>> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn work(&self, benches: &Arc<Semaphore>) -> Result<()> {
        loop {
            let bench = benches.clone().acquire_owned().await.map_err(Error::internal)?;
            let lease = Token::new();
            self.leases().push(lease.clone());
            let worked = self.one(&lease, bench).await;
            self.leases().retain(|held| *held != lease);
            worked?;
        }
    }

    /// Waits for a shoot and makes it; or for nothing, if there is none for a while.
    async fn one(&self, lease: &Token, bench: OwnedSemaphorePermit) -> Result<()> {
        let hello = self.hello();
        let reply = self.line.patiently(|| self.line.tell("claim", lease, &hello)).await;
        let reply = reply.map_err(|trouble| self.refused(trouble))?;
        if reply.status == StatusCode::NO_CONTENT {
            return Ok(());
        }
        let work: Work = serde_json::from_slice(&reply.body)?;
        let shoot = work.wanted.shoot.clone();
        tracing::info!(%shoot, "makes a shoot");
        let (tell, told) = watch::channel((Stage::Training, 0));
        let done = tokio::select! {
            done = self.make(lease, work, bench, tell) => done,
            trouble = self.keep(lease, told) => Err(trouble),
        };
        match done {
            Ok(broken) => {
                tracing::info!(%shoot, "is done with a shoot");
                if let Some(bench) = broken {
                    tokio::time::sleep(AFTER_A_FAILURE).await;
                    drop(bench);
                }
            }
            Err(Trouble::Over) => {
                tracing::warn!(%shoot, "holds a shoot no more: it was deleted, or is made by another");
            }
            Err(trouble) => return Err(self.refused(trouble)),
        }
        Ok(())
    }

    /// Tells the server how far we are, until it wants to hear of it no more.
    async fn keep(&self, lease: &Token, told: watch::Receiver<(Stage, u8)>) -> Trouble {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let progress = Progress::from(*told.borrow());
            match self.line.tell("progress", lease, &progress).await {
                // Whether a server that is away has given the shoot to others, it says when it is back.
                Ok(_) | Err(Trouble::Away(_)) => {}
                Err(trouble) => return trouble,
            }
        }
    }

    /// Makes a shoot and tells what came of it. Returns the bench if that may be what failed.
    async fn make(
        &self,
        lease: &Token,
        work: Work,
        bench: OwnedSemaphorePermit,
        tell: watch::Sender<(Stage, u8)>,
    ) -> Result<Option<OwnedSemaphorePermit>, Trouble> {
        let storage = Storage::memory();
        let Work { wanted, thresholds } = work;
        for id in &wanted.inputs {
            if let Some(photo) = self.file(&format!("photos/{id}"), lease).await? {
                storage.put(Key::Photo(id, PhotoFile::Master), photo).await.map_err(Trouble::Ours)?;
            }
        }
        for scene in &wanted.scenes {
            let Scene::Own(id) = scene else { continue };
            if let Some(picture) = self.file(&format!("backdrops/{id}"), lease).await? {
                storage.put(Key::Backdrop(id, BackdropFile::Picture), picture).await.map_err(Trouble::Ours)?;
            }
        }
        let settings = config::Studio { thresholds, shoots: Some(1), ..self.terms.studio.clone() };
        let workshop = Workshop::new(settings);
        let request = wanted.into();
        let made = make(&workshop, &storage, &request, |stage, percent| {
            tell.send_replace((stage, percent));
        });
        let made = made.await;
        drop((workshop, storage));
        match made {
            Ok(made) => {
                drop(bench);
                self.bring(lease, made).await.map(|()| None)
            }
            Err(failure) => {
                tracing::warn!(%failure, "a shoot could not be made");
                let ended = Ended::failed(&failure);
                self.end(lease, &ended).await?;
                Ok(ended.may_be_the_machines_fault().then_some(bench))
            }
        }
    }

    /// A file of the shoot; none if it was deleted on the server by now.
    async fn file(&self, path: &str, lease: &Token) -> Result<Option<Bytes>, Trouble> {
        let reply = self.line.patiently(|| self.line.send(Method::GET, path, lease, Bytes::new())).await?;
        Ok((reply.status == StatusCode::OK).then(|| reply.body.into()))
    }

    async fn bring(&self, lease: &Token, made: generator::Made) -> Result<(), Trouble> {
        let headshots =
            made.images.iter().enumerate().map(|(place, image)| (format!("headshots/{place}"), &image.bytes));
        let cutouts = made.cutouts.iter().enumerate().map(|(place, cut)| (format!("cutouts/{place}"), &cut.bytes));
        for (path, bytes) in headshots.chain(cutouts) {
            let refused = if bytes.len() > LARGEST {
                Some(format!("A file of {} bytes is more than the server takes.", bytes.len()))
            } else {
                match self.line.patiently(|| self.line.send(Method::PUT, &path, lease, bytes.clone())).await {
                    Ok(_) => None,
                    Err(Trouble::Refused(words)) => Some(words),
                    Err(trouble) => return Err(trouble),
                }
            };
            if let Some(words) = refused {
                return self.end(lease, &Ended::Failed { kind: Kind::Unavailable, words }).await;
            }
        }
        self.end(lease, &Ended::Made(Made::from(&made))).await
    }

    async fn end(&self, lease: &Token, ended: &Ended) -> Result<(), Trouble> {
        self.line.patiently(|| self.line.tell("ended", lease, ended)).await.map(drop)
    }

    /// Why this worker can't go on.
    fn refused(&self, trouble: Trouble) -> Error {
        let server = &self.terms.server;
        match trouble {
            Trouble::Ours(error) => error,
            Trouble::Denied => Error::invalid(plain!(
                "The server {server} refuses the token. Set HEADROOM_WORKER_TOKEN here to what it is there."
            )),
            Trouble::Refused(words) | Trouble::Away(words) => {
                Error::invalid(plain!("The server {server} refuses this worker: {words}"))
            }
            Trouble::Over => Error::invalid(plain!("The server {server} knows nothing of what this worker holds.")),
        }
    }
}
