//! What the server does for a worker that asks. The door is in `api::workers`.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::{sync::watch, time::Instant};

use super::{
    Ended, Pool, claim, finish, hand_back, held, holder, is_up, next_lapse,
    protocol::{Hello, Welcome},
    renew, seen,
};
use crate::{
    db::Topic,
    error::{Error, Result},
    generator::{Scene, Stage},
    ids::{BackdropId, PhotoId, ShootId},
    one_line,
    secrets::{Digest, Token},
    storage::{BackdropFile, Key, MadeFile, PhotoFile},
    to_its_end::to_its_end,
};

/// What a request about a held shoot comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held<T> {
    /// It was done.
    Done(T),
    /// The lease is over, or never was: nothing has changed.
    Over,
}

impl Pool {
    /// Takes note of a worker.
    ///
    /// # Errors
    /// Its name is none; the database can't be written.
    pub async fn welcome(&self, hello: Hello) -> Result<Welcome> {
        must_be_complete(&hello)?;
        self.db.write(move |tx| seen::came(tx, &hello.name, &hello.version, hello.at_once)).await?;
        Ok(Welcome { version: env!("CARGO_PKG_VERSION").to_owned() })
    }

    /// The next shoot for a worker, which holds it by `lease` from now on; waits for one for as long as `patience`, and no longer
    /// than the server runs.
    ///
    /// # Errors
    /// Its name is none; the database can't be written.
    pub async fn next(
        &self,
        hello: Hello,
        lease: &Token,
        patience: Duration,
        stopping: watch::Receiver<bool>,
    ) -> Result<Option<super::Wanted>> {
        let name = hello.name.clone();
        self.welcome(hello).await?;
        self.await_work(Some(name), lease, Some(patience), stopping).await
    }

    /// The same for anyone, the server's own studio included, which has all the patience there is.
    pub(super) async fn await_work(
        &self,
        worker: Option<String>,
        lease: &Token,
        patience: Option<Duration>,
        mut stopping: watch::Receiver<bool>,
    ) -> Result<Option<super::Wanted>> {
        let until = patience.map(|patience| Instant::now() + patience);
        // Listened to before anything is read, so that nothing falls between the two.
        let mut bell = self.db.listen(Topic::Work);
        while !*stopping.borrow() {
            bell.mark_unchanged();
            let digest = lease.digest();
            let (is_up, lapse) = self.db.read(|view| Ok((is_up(view)?, next_lapse(view)?)))?;
            if is_up || self.db.read(|view| held(view, &digest))?.is_some() {
                let worker = worker.clone();
                if let Some(wanted) = self.db.write(move |tx| claim(tx, worker.as_deref(), &digest)).await? {
                    return Ok(Some(wanted));
                }
                continue;
            }
            let lapses = async {
                match lapse {
                    Some(lapse) => self.db.clock().reach(lapse).await,
                    None => std::future::pending().await,
                }
            };
            let out_of_patience = async {
                match until {
                    Some(until) => tokio::time::sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = bell.changed() => {}
                () = lapses => {}
                () = out_of_patience => return Ok(None),
                _ = stopping.changed() => {}
            }
        }
        Ok(None)
    }

    /// A photo of the shoot that is held: what headshots are made of. None if it was deleted since.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a photo that the shoot hasn't.
    pub async fn photo(&self, lease: &Token, id: &PhotoId) -> Result<Held<Option<Bytes>>> {
        let Some(wanted) = self.wanted(lease)? else { return Ok(Held::Over) };
        if !wanted.inputs.contains(id) {
            return Err(Error::NotFound("Photo"));
        }
        Ok(Held::Done(self.storage.get(Key::Photo(id, PhotoFile::Master)).await?))
    }

    /// A backdrop of the shoot that is held.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that the shoot hasn't.
    pub async fn backdrop(&self, lease: &Token, id: &BackdropId) -> Result<Held<Option<Bytes>>> {
        let Some(wanted) = self.wanted(lease)? else { return Ok(Held::Over) };
        if !wanted.scenes.contains(&Scene::Own(id.clone())) {
            return Err(Error::NotFound("Backdrop"));
        }
        Ok(Held::Done(self.storage.get(Key::Backdrop(id, BackdropFile::Picture)).await?))
    }

    /// The holder lives, and is so far.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn progress(&self, lease: &Token, told: (Stage, u8)) -> Result<Held<()>> {
        let digest = lease.digest();
        Ok(said(self.db.write(move |tx| renew(tx, &digest, told)).await?))
    }

    /// Keeps a file of what was made. Whoever loses the lease meanwhile leaves nothing behind.
    ///
    /// # Errors
    /// [`Error::Invalid`] for one that is more than was asked for; the storage can't be written.
    pub async fn received(self: Arc<Self>, lease: Token, file: MadeFile, bytes: Bytes) -> Result<Held<()>> {
        let Some(wanted) = self.wanted(&lease)? else { return Ok(Held::Over) };
        let most = match file {
            MadeFile::Headshot(place) => place < wanted.count,
            MadeFile::Cutout(place) => place < wanted.inputs.len(),
        };
        if !most {
            return Err(Error::invalid(plain!("The shoot asks for fewer files than that.")));
        }
        self.keep_while_held(lease, wanted.shoot, file, bytes).await
    }

    /// Keeps a file of a shoot, if that is still held once it is kept.
    async fn keep_while_held(
        self: Arc<Self>,
        lease: Token,
        shoot: ShootId,
        file: MadeFile,
        bytes: Bytes,
    ) -> Result<Held<()>> {
        to_its_end(async move {
            let holder = holder(&lease.digest());
            let key = Key::Made(&shoot, &holder, file);
            self.storage.put(key, bytes).await?;
            if self.wanted(&lease)?.is_none() {
                self.storage.delete(key).await?;
                return Ok(Held::Over);
            }
            Ok(Held::Done(()))
        })
        .await
    }

    /// The shoot is made, or can't be.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn ended(&self, lease: &Token, ended: Ended) -> Result<Held<()>> {
        let (digest, ended) = (lease.digest(), ended.shortened());
        Ok(said(self.db.write(move |tx| finish(tx, &digest, &ended)).await?))
    }

    /// The holder goes.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn handed_back(&self, lease: &Token) -> Result<()> {
        let digest: Digest = lease.digest();
        self.db.write(move |tx| hand_back(tx, &digest)).await
    }

    /// What the holder of this lease is to make; nothing if it holds nothing, or not any more.
    pub(super) fn wanted(&self, lease: &Token) -> Result<Option<super::Wanted>> {
        let digest = lease.digest();
        self.db.read(|view| held(view, &digest))
    }

    /// By what photos are judged.
    pub fn thresholds(&self) -> headroom_studio::Thresholds {
        self.thresholds
    }
}

fn said(is_held: bool) -> Held<()> {
    if is_held { Held::Done(()) } else { Held::Over }
}

fn must_be_complete(hello: &Hello) -> Result<()> {
    if !one_line::fits(&hello.name, 100) {
        return Err(Error::invalid(plain!("A worker needs a name of 1 to 100 characters. Give it one with --name.")));
    }
    if !one_line::fits(&hello.version, 50) || hello.at_once == 0 {
        return Err(Error::invalid(plain!("A worker says its version, and how many shoots it makes at once.")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;
    use crate::storage::{
        Storage,
        gate::{Gate, until_gone},
    };

    #[test]
    fn what_a_worker_brought_for_a_shoot_it_lost_does_not_stay_when_the_worker_has_gone() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::directory(folder.path()).unwrap();
        let pool = Arc::new(Pool::of_tests(storage.clone()));
        // Deleted a moment ago: there is no such lease any more.
        let (lease, shoot, file) = (Token::new(), ShootId::new(), MadeFile::Headshot(0));
        Gate::runtime().block_on(async {
            let gate = Gate::close();
            let keeping = pool.keep_while_held(lease.clone(), shoot.clone(), file, Bytes::from_static(b"a headshot"));
            assert!(keeping.now_or_never().is_none(), "it is on its way");
            gate.open().await;
            until_gone(&storage, Key::Made(&shoot, &holder(&lease.digest()), file)).await;
        });
    }
}
