//! The `studio` generator: real headshots, made here, on the CPU and offline. The work itself is done by a child process
//! (see [`crate::studio`]); this is who decides what is made, in which order, and who keeps it until it is fetched.
//!
//! What is under way is known to this process only. After a restart the handle is unknown ([`Failure::Lost`]), and the shoot is
//! handed over again.

mod edit;
mod plan;
mod rank;
mod work;

pub(crate) use edit::{preview, retouch};
pub(crate) use work::make;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures::{FutureExt, future::BoxFuture};
use tokio::task::AbortHandle;

use super::{
    Answer, Backdrop, Capabilities, Failure, Generator, Handle, Health, Made, Progress, Request, Scene, Stage, Status,
};
use crate::{
    error::Error,
    ids::{JobId, ShootId},
    storage::{BackdropFile, Key, Storage},
    studio::{Fault, Scenery, Workshop},
};

/// Photos headshots are made of. More of them only makes each less seen.
const MOST_USED: usize = 6;

/// More than anybody looks at.
const MOST_HEADSHOTS: usize = 100;

/// How long until it is worth asking again for a shoot that is worked on.
const NEXT_POLL: Duration = Duration::from_millis(500);

/// A shoot that nobody has asked about for so long is nobody's: it was deleted, or is known by another handle.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(15 * 60);

/// What this generator is called.
pub const NAME: &str = "studio";

/// Makes headshots in child processes of this server.
pub struct Studio {
    workshop: Arc<Workshop>,
    storage: Storage,
    line: Arc<Line>,
}

/// The shoots, in the order they came.
#[derive(Default)]
struct Line(Mutex<VecDeque<Entry>>);

/// One shoot.
struct Entry {
    handle: Handle,
    shoot: ShootId,
    state: State,
    asked: Instant,
    work: Option<AbortHandle>,
}

enum State {
    Waiting,
    Running(Stage, u8),
    Done(Made),
    Failed(Failure),
}

impl Line {
    fn entries(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how far a shoot is, unless it was cancelled.
    fn note(&self, handle: &Handle, state: State) {
        if let Some(entry) = self.entries().iter_mut().find(|entry| entry.handle == *handle) {
            entry.state = state;
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if let Some(work) = &self.work {
            work.abort();
        }
    }
}

impl Studio {
    /// One whose children `workshop` starts, and whose photos are in `storage`.
    pub fn new(workshop: Arc<Workshop>, storage: Storage) -> Self {
        Self { workshop, storage, line: Arc::default() }
    }

    fn begin(&self, request: &Request) -> Handle {
        // A new one each time: an answer about an earlier try must not be taken for one about this.
        let handle = Handle::new(format!("{}:{}", request.shoot, JobId::new())).of(self.driver());
        let entry = Entry {
            handle: handle.clone(),
            shoot: request.shoot.clone(),
            state: State::Waiting,
            asked: Instant::now(),
            work: None,
        };
        self.line.entries().push_back(entry);
        let (workshop, storage, line) = (self.workshop.clone(), self.storage.clone(), self.line.clone());
        let (request, its) = (request.clone(), handle.clone());
        let work = tokio::spawn(async move {
            let tell = |stage, percent| line.note(&its, State::Running(stage, percent));
            let state = match make(&workshop, &storage, &request, tell).await {
                Ok(made) => State::Done(made),
                // It didn't fail: it is begun again by the next server, which won't know the handle.
                Err(_) if workshop.is_stopping() => return,
                Err(failure) => State::Failed(failure),
            };
            line.note(&its, state);
        });
        if let Some(entry) = self.line.entries().iter_mut().find(|entry| entry.handle == handle) {
            entry.work = Some(work.abort_handle());
        }
        handle
    }
}

impl Generator for Studio {
    fn name(&self) -> &'static str {
        NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            remote: false,
            outfits: false,
            prompts: false,
            progress: true,
            cancel: true,
            most_inputs: MOST_USED,
            backdrops: Backdrop::ALL,
            own_backdrops: true,
            cutouts: true,
        }
    }

    fn at_once(&self) -> usize {
        self.workshop.at_once()
    }

    fn health(&self) -> BoxFuture<'_, Health> {
        async {
            match self.workshop.try_out().await {
                Ok(()) => Health::Ready,
                Err(fault) => {
                    let fault = fault.to_string();
                    Health::Down(say!("No process could be started to make headshots in. {fault}", fault).into())
                }
            }
        }
        .boxed()
    }

    fn submit<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Answer<Handle>> {
        async move {
            if request.inputs.is_empty() {
                return Err(Failure::Rejected(
                    say!("There are no photos to make headshots from. Upload some first.").into(),
                ));
            }
            let known = {
                let mut entries = self.line.entries();
                entries.retain(|entry| entry.asked.elapsed() < FORGOTTEN_AFTER);
                // One that failed is tried anew.
                entries.retain(|entry| entry.shoot != request.shoot || !matches!(entry.state, State::Failed(_)));
                let known = entries.iter_mut().find(|entry| entry.shoot == request.shoot);
                known.map(|entry| {
                    entry.asked = Instant::now();
                    entry.handle.clone()
                })
            };
            Ok(known.unwrap_or_else(|| self.begin(request)))
        }
        .boxed()
    }

    fn poll<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Answer<Status>> {
        async move {
            let mut entries = self.line.entries();
            let before = entries.iter().take_while(|entry| entry.handle != *handle);
            let ahead = before.filter(|entry| matches!(entry.state, State::Waiting | State::Running(..))).count();
            let at = entries.iter().position(|entry| entry.handle == *handle).ok_or(Failure::Lost)?;
            let ended = entries[at].work.as_ref().is_some_and(AbortHandle::is_finished);
            if ended && matches!(entries[at].state, State::Waiting | State::Running(..)) && !self.workshop.is_stopping()
            {
                // It broke on the way, and nobody works on it any more.
                entries.remove(at);
                return Err(Failure::Lost);
            }
            let entry = &mut entries[at];
            entry.asked = Instant::now();
            let (progress, next_poll) = match &entry.state {
                State::Waiting => return Ok(Status::queued(u32::try_from(ahead).unwrap_or(u32::MAX))),
                State::Running(stage, percent) => (Progress::Running { stage: *stage, percent: *percent }, NEXT_POLL),
                State::Done(made) => (Progress::Done(made.clone()), Duration::ZERO),
                State::Failed(failure) => return Err(failure.clone()),
            };
            Ok(Status { progress, next_poll })
        }
        .boxed()
    }

    fn cancel<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Answer<()>> {
        async move {
            self.line.entries().retain(|entry| entry.handle != *handle);
            Ok(())
        }
        .boxed()
    }
}

/// What a scene looks like. A picture of the organization's own that was removed meanwhile is grey.
async fn scenery(storage: &Storage, scene: &Scene) -> Answer<(Scene, Scenery)> {
    let drawn = |backdrop| (Scene::Drawn(backdrop), Scenery::Drawn(paper(backdrop)));
    Ok(match scene {
        Scene::Drawn(backdrop) => drawn(*backdrop),
        Scene::Own(id) => {
            let file = storage.get(Key::Backdrop(id, BackdropFile::Picture)).await.map_err(Failure::unavailable)?;
            file.map_or_else(|| drawn(Backdrop::Grey), |file| (scene.clone(), Scenery::Picture(file)))
        }
    })
}

/// A backdrop as the crate that draws it calls it.
fn paper(backdrop: Backdrop) -> headroom_studio::Backdrop {
    match backdrop {
        Backdrop::Grey => headroom_studio::Backdrop::Grey,
        Backdrop::Charcoal => headroom_studio::Backdrop::Charcoal,
        Backdrop::White => headroom_studio::Backdrop::White,
        Backdrop::Navy => headroom_studio::Backdrop::Navy,
        Backdrop::Office => headroom_studio::Backdrop::Office,
        Backdrop::Garden => headroom_studio::Backdrop::Garden,
    }
}

/// What a child's fault means for a shoot or an edit.
fn failure(fault: Fault) -> Failure {
    match fault {
        Fault::Refused(refusal) => Failure::Rejected(refusal.to_string()),
        Fault::NoFace => nobody(),
        Fault::TimedOut => Failure::TimedOut,
        fault @ (Fault::TooMuch(_) | Fault::Killed(_) | Fault::Died(_) | Fault::NotStarted(_)) => {
            Failure::unavailable(Error::internal(fault))
        }
    }
}

pub(super) fn nobody() -> Failure {
    let words = say!(
        "We can't find a face in any of the photos. Upload some in which you look at the camera, alone and in even light."
    );
    Failure::Rejected(words.into())
}

#[cfg(test)]
mod tests;
