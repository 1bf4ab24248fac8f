//! Pages that are told of changes: how many there may be. Each keeps a connection, so nobody opens them without end.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use crate::{
    error::{Error, Result},
    ids::AccountId,
};

/// Pages of one person at the same time. A browser lets go of those that are not looked at, so this is many windows.
const OF_ONE: usize = 16;

/// Pages of everybody.
const OF_ALL: usize = 2000;

/// The streams of one server.
#[derive(Debug, Default)]
pub struct Streams(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    /// Of each person, the oldest first.
    rooms: HashMap<AccountId, VecDeque<Held>>,
    all: usize,
    next: u64,
}

/// A room, as long as somebody has it. Dropped, whoever has it is told.
#[derive(Debug)]
struct Held {
    number: u64,
    _hold: oneshot::Sender<()>,
}

/// Room for one stream, until this is dropped.
#[derive(Debug)]
pub struct Room {
    streams: Arc<Streams>,
    whose: AccountId,
    number: u64,
    hold: oneshot::Receiver<()>,
}

impl Streams {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes room for a page of this person's. With one too many, their oldest page has to do without: most likely it was left
    /// a moment ago, which nobody notices before something is written to it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if everybody together follows too many.
    pub fn take(self: &Arc<Self>, whose: &AccountId) -> Result<Room> {
        let mut open = self.open();
        let mut given_up = 0;
        if let Some(theirs) = open.rooms.get_mut(whose)
            && theirs.len() >= OF_ONE
        {
            theirs.pop_front();
            given_up = 1;
        }
        open.all -= given_up;
        if open.all >= OF_ALL {
            return Err(Error::Unavailable(say!(
                "Too many pages are open. This one still works: load it again to see what changed."
            )));
        }
        let number = open.next;
        let (_hold, hold) = oneshot::channel();
        open.next += 1;
        open.all += 1;
        open.rooms.entry(whose.clone()).or_default().push_back(Held { number, _hold });
        Ok(Room { streams: self.clone(), whose: whose.clone(), number, hold })
    }
}

impl Room {
    /// Waits until somebody else needs it.
    pub async fn given_up(&mut self) {
        // What is held is only ever dropped.
        let _ = (&mut self.hold).await;
    }
}

/// Also when the browser went away without a word.
impl Drop for Room {
    fn drop(&mut self) {
        let mut open = self.streams.open();
        let Some(theirs) = open.rooms.get_mut(&self.whose) else { return };
        let before = theirs.len();
        theirs.retain(|held| held.number != self.number);
        let (gone, empty) = (before - theirs.len(), theirs.is_empty());
        if empty {
            open.rooms.remove(&self.whose);
        }
        open.all -= gone;
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn with_one_page_too_many_the_oldest_does_without() {
        let (streams, kim, lee) = (Arc::new(Streams::default()), AccountId::new(), AccountId::new());
        let mut taken: Vec<Room> = (0..OF_ONE).map(|_| streams.take(&kim).unwrap()).collect();
        let mut others = streams.take(&lee).unwrap();
        assert!(taken.iter_mut().all(|room| room.given_up().now_or_never().is_none()));
        let mut newest = streams.take(&kim).unwrap();
        assert!(taken[0].given_up().now_or_never().is_some());
        assert!(taken[1].given_up().now_or_never().is_none());
        assert!(newest.given_up().now_or_never().is_none() && others.given_up().now_or_never().is_none());
        assert_eq!(streams.open().all, OF_ONE + 1);
        drop((taken, newest, others));
        let open = streams.open();
        assert!(open.rooms.is_empty() && open.all == 0);
    }

    #[test]
    fn everybody_together_follows_only_so_many() {
        let streams = Arc::new(Streams::default());
        let taken: Vec<Room> = (0..OF_ALL).map(|_| streams.take(&AccountId::new()).unwrap()).collect();
        assert!(matches!(streams.take(&AccountId::new()), Err(Error::Unavailable(_))));
        drop(taken);
        assert!(streams.take(&AccountId::new()).is_ok());
    }
}
