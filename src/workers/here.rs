//! This server's own share: its studio takes a shoot whenever it is free, like a worker, but without HTTP.

use std::{pin::pin, sync::Arc};

use tokio::{sync::watch, task::JoinSet};

use super::{AFTER_A_FAILURE, Ended, HEARTBEAT, Held, Made, Pool, Wanted, holder, renew};
use crate::{
    error::{Error, Result},
    generator::{self, Failure, Stage, studio::make},
    ids::ShootId,
    secrets::Token,
    to_its_end::to_its_end,
};

impl Pool {
    /// Makes shoots here, as many at the same time as are configured, until the server stops. What is under way then is put up
    /// again.
    pub fn make_here(self: &Arc<Self>, stopping: &watch::Receiver<bool>) -> JoinSet<()> {
        let mut making = JoinSet::new();
        for _ in 0..self.here {
            let (pool, stopping) = (self.clone(), stopping.clone());
            making.spawn(async move { pool.make_on(stopping).await });
        }
        making
    }

    async fn make_on(self: Arc<Self>, mut stopping: watch::Receiver<bool>) {
        while !*stopping.borrow() {
            let lease = Token::new();
            let done = match self.await_work(None, &lease, None, stopping.clone()).await {
                Ok(Some(wanted)) => self.make_one(&lease, wanted).await,
                Ok(None) => return,
                Err(error) => Err(error),
            };
            let is_able = done.unwrap_or_else(|error| {
                // Unfinished, it is put up again when the lease is over.
                tracing::error!(error = error.trail(), "a shoot could not be made here");
                false
            });
            if !is_able {
                tokio::select! {
                    () = self.db.clock().pass(AFTER_A_FAILURE) => {}
                    _ = stopping.changed() => {}
                }
            }
        }
    }

    /// Makes a shoot. False if that failed, and this machine may be the cause.
    async fn make_one(self: &Arc<Self>, lease: &Token, wanted: Wanted) -> Result<bool> {
        let shoot = wanted.shoot.clone();
        let (tell, told) = watch::channel((Stage::Training, 0));
        let request = wanted.into();
        let made = make(&self.workshop, &self.storage, &request, |stage, percent| {
            tell.send_replace((stage, percent));
        });
        let made = tokio::select! {
            made = made => made,
            // Deleted, or the machine slept: nobody wants it of us any more.
            lost = self.keep_lease(lease, &told) => return lost.map(|()| true),
        };
        match made {
            Ok(made) if self.wanted(lease)?.is_some() => {
                let (pool, lease) = (self.clone(), lease.clone());
                // Also when the server stops, and waits for it no more.
                to_its_end(async move { pool.hand_in(&lease, &shoot, &made, &told).await }).await
            }
            // Lost since the last heartbeat: nothing is stored for a shoot that may be deleted.
            Ok(_) => Ok(true),
            Err(_) if self.workshop.is_stopping() => self.handed_back(lease).await.map(|()| true),
            Err(failure) => {
                let ended = Ended::failed(&failure);
                let is_able = !ended.may_be_the_machines_fault();
                self.ended(lease, ended).await.map(|_| is_able)
            }
        }
    }

    /// Keeps what was made, and says so. Whoever loses the lease meanwhile leaves nothing behind.
    async fn hand_in(
        &self,
        lease: &Token,
        shoot: &ShootId,
        made: &generator::Made,
        told: &watch::Receiver<(Stage, u8)>,
    ) -> Result<bool> {
        let holder = holder(&lease.digest());
        let mut keeping = pin!(self.keep(shoot, &holder, made));
        let kept = tokio::select! {
            kept = &mut keeping => kept,
            // A file on its way to the storage can't be called back: all are let through, and thrown away below.
            _ = self.keep_lease(lease, told) => keeping.await,
        };
        let ended = match kept {
            Ok(()) => Ended::Made(Made::from(made)),
            Err(error) => Ended::failed(&Failure::unavailable(error)),
        };
        let (is_made, is_able) = (matches!(ended, Ended::Made(_)), !ended.may_be_the_machines_fault());
        let is_ours = self.ended(lease, ended).await? == Held::Done(());
        if !(is_made && is_ours) {
            self.discard(shoot, &holder, made).await?;
        }
        Ok(is_able)
    }

    /// Renews a lease for as long as it can be.
    async fn keep_lease(&self, lease: &Token, told: &watch::Receiver<(Stage, u8)>) -> Result<()> {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let (digest, told) = (lease.digest(), *told.borrow());
            match self.db.write(move |tx| renew(tx, &digest, told)).await {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(Error::Unavailable(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{
        generator::{Backdrop, Cutout, Image, Look, Scene},
        ids::PhotoId,
        storage::{Folder, Key, MadeFile, Storage},
    };

    #[tokio::test]
    async fn what_was_made_of_a_shoot_that_is_held_no_more_leaves_nothing_behind() {
        let storage = Storage::memory();
        let pool = Pool::of_tests(storage.clone());
        let (lease, shoot, bytes) = (Token::new(), ShootId::new(), Bytes::from_static(b"a headshot"));
        let (_tell, told) = watch::channel((Stage::Generating, 99));
        let scene = Scene::Drawn(Backdrop::Grey);
        let image = Image { scene, bytes: bytes.clone(), head: None, cutout: Some(0), look: Look::default() };
        let cutout = Cutout { photo: PhotoId::new(), bytes: bytes.clone(), head: (0.5, 0.4) };
        let made = generator::Made { images: vec![image], cutouts: vec![cutout] };

        // Deleted a moment ago: there is no such lease any more, and nothing is there to be tidied up later.
        pool.hand_in(&lease, &shoot, &made, &told).await.unwrap();
        assert!(!storage.holds(Folder::Made(&shoot)).await.unwrap());

        // What another holder has brought meanwhile stays.
        let theirs = Key::Made(&shoot, "another", MadeFile::Headshot(0));
        storage.put(theirs, bytes.clone()).await.unwrap();
        pool.hand_in(&lease, &shoot, &made, &told).await.unwrap();
        assert_eq!(storage.get(theirs).await.unwrap(), Some(bytes));
    }
}
