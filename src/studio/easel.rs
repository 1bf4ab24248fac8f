//! Children that stay for a while: whoever tries out how an edit would look moves a slider, looks, and moves it again. The one
//! that has the cut-out already answers at once.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    sync::{Mutex as Turn, OwnedMutexGuard, Semaphore},
    time::Instant,
};

use super::{Behind, Fault, Laid, Look, Purpose, Session, Workshop};

/// Children that stay at the same time. With one more, the one that was not used for longest goes.
pub(super) const MOST: usize = 4;

/// One that nobody used for so long goes.
pub(super) const IDLE: Duration = Duration::from_secs(60);

/// What one look may take.
const LOOK_TIME: Duration = Duration::from_secs(10);

/// A child with what it keeps.
struct Set {
    session: Session,
    /// The pictures it has, by what they are called here.
    pictures: Vec<(String, Behind)>,
}

type Place = Arc<Turn<Option<Set>>>;

/// Where they stand.
#[derive(Default)]
pub(super) struct Rack(Mutex<Vec<Stand>>);

struct Stand {
    name: String,
    place: Place,
    used: Instant,
}

impl Rack {
    fn stands(&self) -> MutexGuard<'_, Vec<Stand>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The place of this name, a new one if there is none yet.
    fn place(self: &Arc<Self>, name: &str) -> Place {
        let now = Instant::now();
        let mut stands = self.stands();
        if let Some(stand) = stands.iter_mut().find(|stand| stand.name == name) {
            stand.used = now;
            return stand.place.clone();
        }
        while stands.len() >= MOST {
            let oldest = stands.iter().enumerate().min_by_key(|(_, stand)| stand.used).map(|(at, _)| at);
            stands.swap_remove(oldest.unwrap_or_default());
        }
        let place = Place::default();
        stands.push(Stand { name: name.to_owned(), place: place.clone(), used: now });
        drop(stands);
        self.watch(name.to_owned());
        place
    }

    /// Takes a place away. Whoever is at work there finishes; what was kept there goes with them.
    fn clear(&self, name: &str) {
        self.stands().retain(|stand| stand.name != name);
    }

    /// Clears a place once nobody has used it for a while.
    fn watch(self: &Arc<Self>, name: String) {
        let rack = Arc::downgrade(self);
        tokio::spawn(async move {
            let mut due = Instant::now() + IDLE;
            loop {
                tokio::time::sleep_until(due).await;
                let Some(rack) = rack.upgrade() else { return };
                let mut stands = rack.stands();
                let Some(at) = stands.iter().position(|stand| stand.name == name) else { return };
                due = stands[at].used + IDLE;
                if due <= Instant::now() {
                    stands.swap_remove(at);
                    return;
                }
            }
        });
    }
}

impl Workshop {
    /// The easel of this name, once it is this one's turn at it. What is painted on it is half as wide and half as high as a
    /// headshot.
    pub async fn easel(&self, name: &str) -> Easel<'_> {
        Easel { workshop: self, set: self.rack.place(name).lock_owned().await }
    }

    /// Lets go of the easel of this name, and of the cut-out on it, now and not only once nobody has used it for a while.
    pub fn clear_easel(&self, name: &str) {
        self.rack.clear(name);
    }
}

/// A child that may have a cut-out already, for one look or a few.
pub struct Easel<'w> {
    workshop: &'w Workshop,
    set: OwnedMutexGuard<Option<Set>>,
}

impl Easel<'_> {
    /// Whether the cut-out is there.
    pub fn is_set(&self) -> bool {
        self.set.is_some()
    }

    /// Starts the child and has it keep the cut-out.
    ///
    /// # Errors
    /// The child's.
    pub async fn set(&mut self, cutout: Bytes, head: (f32, f32)) -> Result<(), Fault> {
        let mut session = self.workshop.session(Purpose::Preview).await?;
        session.keep(cutout, head, true).await?;
        *self.set = Some(Set { session, pictures: Vec::new() });
        Ok(())
    }

    /// The picture of this name, if it is there.
    pub fn picture(&self, name: &str) -> Option<Behind> {
        let pictures = self.set.as_ref().map(|set| &set.pictures)?;
        pictures.iter().find(|(known, _)| known == name).map(|(_, behind)| *behind)
    }

    /// Has a picture kept under this name.
    ///
    /// # Errors
    /// The child's, which is gone after it.
    pub async fn add_picture(&mut self, name: &str, file: Bytes) -> Result<Behind, Fault> {
        // Whoever goes in the middle leaves a child that has one picture more than is known here, and would take it for the next.
        // That child goes with them.
        let mut set = self.set.take().ok_or_else(nothing)?;
        set.session.lasts(LOOK_TIME);
        let behind = set.session.picture(file).await?;
        set.pictures.push((name.to_owned(), behind));
        *self.set = Some(set);
        Ok(behind)
    }

    /// Lays the cut-out, half as large as a headshot is.
    ///
    /// # Errors
    /// The child's, which is gone after it.
    pub async fn lay(&mut self, behind: Behind, look: Look) -> Result<Laid, Fault> {
        // Saved edits and looks at edits take turns at the processors.
        let _turn = Semaphore::acquire(&self.workshop.edits).await.map_err(|_| nothing())?;
        let set = self.set.as_mut().ok_or_else(nothing)?;
        set.session.lasts(LOOK_TIME);
        let laid = set.session.lay(0, behind, look).await;
        if laid.is_err() {
            *self.set = None;
        }
        laid
    }
}

fn nothing() -> Fault {
    Fault::Died("it is gone".to_owned())
}
