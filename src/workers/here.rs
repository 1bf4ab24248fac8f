//! This server's own share: its studio takes a shoot whenever it is free, like a worker, but without HTTP.

use std::sync::Arc;

use tokio::{sync::watch, task::JoinSet};

use super::{Ended, HEARTBEAT, Made, Pool, Wanted, finish, hand_back, holder, renew};
use crate::{
    error::{Error, Result},
    generator::{Failure, Stage, studio::make},
    secrets::Token,
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

    async fn make_on(&self, mut stopping: watch::Receiver<bool>) {
        while !*stopping.borrow() {
            let lease = Token::new();
            let done = match self.await_work(None, &lease, None, stopping.clone()).await {
                Ok(Some(wanted)) => self.make_one(&lease, wanted).await,
                Ok(None) => return,
                Err(error) => Err(error),
            };
            if let Err(error) = done {
                // Unfinished, it is put up again when the lease is over.
                tracing::error!(error = error.trail(), "a shoot could not be made here");
                tokio::select! {
                    () = tokio::time::sleep(HEARTBEAT) => {}
                    _ = stopping.changed() => {}
                }
            }
        }
    }

    async fn make_one(&self, lease: &Token, wanted: Wanted) -> Result<()> {
        let (shoot, digest) = (wanted.shoot.clone(), lease.digest());
        let (tell, told) = watch::channel((Stage::Training, 0));
        let request = wanted.into();
        let making = async {
            let made = make(&self.workshop, &self.storage, &request, |stage, percent| {
                tell.send_replace((stage, percent));
            });
            match made.await {
                Ok(made) => {
                    self.keep(&shoot, &holder(&digest), &made).await?;
                    Ok(Ended::Made(Made::from(&made)))
                }
                Err(failure) => Ok(Ended::failed(&failure)),
            }
        };
        let ended: Result<Ended> = tokio::select! {
            ended = making => ended,
            lost = self.keep_lease(lease, told) => {
                // Deleted, or the machine slept: nobody wants it of us any more.
                return lost;
            }
        };
        let stopped = self.workshop.is_stopping() && !matches!(ended, Ok(Ended::Made(_)));
        let ended = match ended {
            Ok(ended) => ended,
            Err(error) => Ended::failed(&Failure::unavailable(error)),
        };
        self.db
            .write(move |tx| if stopped { hand_back(tx, &digest) } else { finish(tx, &digest, &ended).map(drop) })
            .await
    }

    /// Renews a lease for as long as it can be.
    async fn keep_lease(&self, lease: &Token, told: watch::Receiver<(Stage, u8)>) -> Result<()> {
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
