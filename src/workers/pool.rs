//! The generator that puts shoots up for whoever is free, and hands in what they made.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture};

use super::{
    Standing, Wanted, begin, offer,
    seen::{self, seen},
    standing, take_down, unwanted,
};
use crate::{
    config::Config,
    db::Db,
    error::Result,
    generator::{
        Answer, Capabilities, Cutout, Failure, Generator, Handle, Health, Image, Made, Progress, Request, Status,
        studio::Studio,
    },
    ids::{JobId, ShootId},
    secrets::{Digest, Secret},
    storage::{Folder, Key, MadeFile, Storage},
    studio::Workshop,
};

/// How long until it is worth asking again for a shoot that is worked on: holders tell about as often.
const NEXT_POLL: Duration = Duration::from_secs(1);

/// Shoots that are put up for this server's own studio and for workers on other machines.
pub struct Pool {
    pub(super) db: Db,
    pub(super) storage: Storage,
    pub(super) workshop: Arc<Workshop>,
    /// Shoots this server makes itself at the same time.
    pub(super) here: usize,
    pub(super) thresholds: headroom_studio::Thresholds,
    token: Digest,
    /// What this server and its workers are: each makes what it would.
    studio: Studio,
}

impl Pool {
    /// One for workers that know `token`, whose own share `workshop` makes.
    pub fn new(db: Db, storage: Storage, workshop: Arc<Workshop>, config: &Config, token: &Secret) -> Self {
        let studio = Studio::new(workshop.clone(), storage.clone());
        Self {
            here: config.studio.at_once(),
            thresholds: config.studio.thresholds,
            token: Digest::of(token.reveal()),
            db,
            storage,
            workshop,
            studio,
        }
    }

    /// One without shoots.
    #[cfg(test)]
    pub(super) fn of_tests(storage: Storage) -> Self {
        let db = Db::open(&crate::db::Place::Memory, crate::clock::Clock::system()).unwrap();
        let config = Config::load(&crate::config::Sources::default()).unwrap();
        let workshop = Arc::new(Workshop::new(config.studio.clone()));
        Self::new(db, storage, workshop, &config, &Secret::from("a token".to_owned()))
    }

    /// Whether a text is the token that workers know.
    pub fn admits(&self, token: &str) -> bool {
        self.token == Digest::of(token)
    }

    /// Takes up what was under way when the server last ended.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn begin(&self) -> Result<()> {
        self.db.write(begin).await
    }

    /// Takes down what nobody waits for, and forgets workers that are long gone.
    ///
    /// # Errors
    /// The database can't be written, or the storage.
    pub async fn tidy(&self) -> Result<()> {
        for shoot in self.db.read(unwanted)? {
            self.take_down(&shoot, None).await?;
        }
        while self.db.write(seen::expire).await? > 0 {}
        Ok(())
    }

    /// Has nobody make a shoot any more, or only not as the try that is called so. Whoever makes it is told when they next bring or say
    /// something.
    ///
    /// # Errors
    /// The database can't be written, or the storage.
    pub async fn take_down(&self, shoot: &ShootId, handle: Option<&Handle>) -> Result<()> {
        let (its, handle) = (shoot.clone(), handle.cloned());
        if self.db.write(move |tx| take_down(tx, &its, handle.as_ref())).await? {
            self.storage.delete_all(Folder::Made(shoot)).await?;
        }
        Ok(())
    }

    /// Keeps the files of what was made, under the name of their holder.
    pub(super) async fn keep(&self, shoot: &ShootId, holder: &str, made: &Made) -> Result<()> {
        for (file, bytes) in files(made) {
            self.storage.put(Key::Made(shoot, holder, file), bytes.clone()).await?;
        }
        Ok(())
    }

    /// Throws them away, and no other holder's.
    pub(super) async fn discard(&self, shoot: &ShootId, holder: &str, made: &Made) -> Result<()> {
        for (file, _) in files(made) {
            self.storage.delete(Key::Made(shoot, holder, file)).await?;
        }
        Ok(())
    }

    /// What was made, with its files.
    async fn made(&self, shoot: &ShootId, holder: &str, told: super::Made) -> Answer<Made> {
        let file = async |file| {
            let kept = self.storage.get(Key::Made(shoot, holder, file)).await.map_err(Failure::unavailable)?;
            kept.ok_or(Failure::Lost)
        };
        let mut made = Made::default();
        for (place, image) in told.images.into_iter().enumerate() {
            let super::MadeImage { scene, head, cutout, look } = image;
            let bytes = file(MadeFile::Headshot(place)).await?;
            made.images.push(Image { scene, bytes, head, cutout, look: look.bounded() });
        }
        for (place, cutout) in told.cutouts.into_iter().enumerate() {
            let bytes = file(MadeFile::Cutout(place)).await?;
            made.cutouts.push(Cutout { photo: cutout.photo, bytes, head: cutout.head });
        }
        Ok(made)
    }

    async fn look(&self) -> Health {
        if self.here > 0 {
            return self.studio.health().await;
        }
        match self.db.read(seen) {
            Ok(workers) if workers.is_empty() => Health::Down(
                say!("No worker has reported in during the last minutes, and this server makes no headshots itself.")
                    .into(),
            ),
            Ok(_) => Health::Ready,
            Err(cause) => Health::Down(cause.to_string()),
        }
    }
}

impl Generator for Pool {
    fn name(&self) -> &'static str {
        self.studio.name()
    }

    fn capabilities(&self) -> Capabilities {
        self.studio.capabilities()
    }

    /// This server's own share; what workers add is in the database.
    fn at_once(&self) -> usize {
        self.here
    }

    fn health(&self) -> BoxFuture<'_, Health> {
        self.look().boxed()
    }

    fn submit<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Answer<Handle>> {
        async move {
            if request.inputs.is_empty() {
                return Err(Failure::Rejected(
                    say!("There are no photos to make headshots from. Upload some first.").into(),
                ));
            }
            // A new one each time: an answer about an earlier try must not be taken for one about this.
            let handle = Handle::new(format!("{}:{}", request.shoot, JobId::new())).of(self.driver());
            let wanted = Wanted::from(request);
            self.db.write(move |tx| offer(tx, &wanted, &handle)).await.map_err(Failure::unavailable)
        }
        .boxed()
    }

    fn poll<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Answer<Status>> {
        async move {
            let shoot = shoot_of(handle).ok_or(Failure::Lost)?;
            let standing = self.db.read(|view| standing(view, handle)).map_err(Failure::unavailable)?;
            let (progress, next_poll) = match standing.ok_or(Failure::Lost)? {
                // What is being made keeps nobody from being next.
                Standing::Waiting { waiting, held } => {
                    return Ok(Status {
                        progress: Progress::Queued { position: waiting + held },
                        ..Status::queued(waiting)
                    });
                }
                Standing::Held(stage, percent) => (Progress::Running { stage, percent }, NEXT_POLL),
                Standing::Done(told, holder) => match self.made(&shoot, &holder, *told).await {
                    Ok(made) => (Progress::Done(made), Duration::ZERO),
                    Err(failure) => {
                        if matches!(failure, Failure::Lost) {
                            // Put up again, it would be found as it is.
                            self.take_down(&shoot, Some(handle)).await.map_err(Failure::unavailable)?;
                        }
                        return Err(failure);
                    }
                },
                Standing::Failed(failure) => return Err(failure),
            };
            Ok(Status { progress, next_poll })
        }
        .boxed()
    }

    fn cancel<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Answer<()>> {
        async move {
            let Some(shoot) = shoot_of(handle) else { return Ok(()) };
            self.take_down(&shoot, Some(handle)).await.map_err(Failure::unavailable)
        }
        .boxed()
    }

    fn cancel_unanswered<'a>(&'a self, shoot: &'a ShootId) -> BoxFuture<'a, Answer<()>> {
        async move { self.take_down(shoot, None).await.map_err(Failure::unavailable) }.boxed()
    }
}

/// What was made, file by file.
fn files(made: &Made) -> impl Iterator<Item = (MadeFile, &Bytes)> {
    let headshots = made.images.iter().enumerate().map(|(place, image)| (MadeFile::Headshot(place), &image.bytes));
    let cutouts = made.cutouts.iter().enumerate().map(|(place, cutout)| (MadeFile::Cutout(place), &cutout.bytes));
    headshots.chain(cutouts)
}

/// The shoot a handle is of.
fn shoot_of(handle: &Handle) -> Option<ShootId> {
    handle.as_str().split_once(':').and_then(|(shoot, _)| shoot.parse().ok())
}
