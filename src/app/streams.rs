//! Pages that are told of changes: how many there may be. Each keeps a connection, so nobody opens them without end.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::{
    error::{Error, Result},
    ids::AccountId,
};

/// Pages of one person at the same time. A browser lets go of those that are not looked at, so this is many windows.
const OF_ONE: usize = 16;

/// Pages of everybody.
const OF_ALL: usize = 2000;

/// When one may have been closed.
const SOON: Duration = Duration::from_secs(30);

/// The streams of one server.
#[derive(Debug, Default)]
pub struct Streams(Mutex<HashMap<AccountId, usize>>);

/// Room for one stream, until this is dropped.
#[derive(Debug)]
pub struct Room {
    streams: Arc<Streams>,
    whose: AccountId,
}

impl Streams {
    /// Takes room for a page of this person's.
    ///
    /// # Errors
    /// [`Error::TooMany`] if they follow too many, [`Error::Unavailable`] if everybody together does.
    pub fn take(self: &Arc<Self>, whose: &AccountId) -> Result<Room> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.values().sum::<usize>() >= OF_ALL {
            return Err(Error::Unavailable(
                "Too many pages are open. This one still works: load it again to see what changed.".into(),
            ));
        }
        let theirs = open.entry(whose.clone()).or_default();
        if *theirs >= OF_ONE {
            return Err(Error::TooMany { retry_after: SOON });
        }
        *theirs += 1;
        Ok(Room { streams: self.clone(), whose: whose.clone() })
    }
}

/// Also when the browser went away without a word.
impl Drop for Room {
    fn drop(&mut self) {
        let mut open = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(theirs) = open.get_mut(&self.whose) {
            *theirs -= 1;
            if *theirs == 0 {
                open.remove(&self.whose);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_follows_only_so_many_pages_and_closing_one_makes_room() {
        let (streams, kim, lee) = (Arc::new(Streams::default()), AccountId::new(), AccountId::new());
        let mut taken: Vec<Room> = (0..OF_ONE).map(|_| streams.take(&kim).unwrap()).collect();
        assert!(matches!(streams.take(&kim), Err(Error::TooMany { .. })));
        let others = streams.take(&lee).unwrap();
        taken.pop();
        taken.push(streams.take(&kim).unwrap());
        drop((taken, others));
        assert!(streams.0.lock().unwrap().is_empty());
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
