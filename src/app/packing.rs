//! How far archives are that leads download: the page counts along while its browser saves the file. Only a courtesy, in memory: who
//! asks after a restart hears nothing, and their download has ended with the server.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{clock::Timestamp, ids::MemberId};

/// Archives that are remembered; the ones begun first are forgotten first.
const REMEMBERED: usize = 500;

/// The longest name a page may give its download, in characters.
const LONGEST: usize = 64;

/// How far an archive is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Pictures handed over so far.
    pub done: u32,
    /// Pictures there are.
    pub all: u32,
    /// Nothing more comes: all was sent, or the browser went away.
    pub over: bool,
}

struct Packed {
    progress: Progress,
    begun: Timestamp,
}

type Name = (MemberId, String);

/// The archives of one server.
#[derive(Clone, Default)]
pub struct Packing(Arc<Mutex<HashMap<Name, Packed>>>);

impl Packing {
    /// An archive of so many pictures begins, for a lead whose page calls it `name`. Nothing is counted for a page that gave none.
    pub fn begin(&self, whose: &MemberId, name: &str, all: u32, now: Timestamp) -> Count {
        let named = !name.is_empty() && name.len() <= LONGEST;
        let name = named.then(|| (whose.clone(), name.to_owned()));
        if let Some(name) = &name {
            let mut archives = self.archives();
            while archives.len() >= REMEMBERED {
                let Some(oldest) = archives.iter().min_by_key(|(_, one)| one.begun).map(|(name, _)| name.clone())
                else {
                    break;
                };
                archives.remove(&oldest);
            }
            archives.insert(name.clone(), Packed { progress: Progress { done: 0, all, over: false }, begun: now });
        }
        Count { packing: self.clone(), name }
    }

    /// How far the lead's archive of this name is, if there is one.
    pub fn progress(&self, whose: &MemberId, name: &str) -> Option<Progress> {
        self.archives().get(&(whose.clone(), name.to_owned())).map(|one| one.progress)
    }

    fn archives(&self) -> MutexGuard<'_, HashMap<Name, Packed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, name: Option<&Name>, change: impl FnOnce(&mut Progress)) {
        if let Some(name) = name
            && let Some(one) = self.archives().get_mut(name)
        {
            change(&mut one.progress);
        }
    }
}

/// Counts one archive's pictures, until this is dropped with its stream.
pub struct Count {
    packing: Packing,
    name: Option<Name>,
}

impl Count {
    /// Another picture is on its way, or was left out because it is gone.
    pub fn one_more(&self) {
        self.packing.change(self.name.as_ref(), |progress| progress.done = progress.all.min(progress.done + 1));
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        self.packing.change(self.name.as_ref(), |progress| progress.over = true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_counted_for_its_lead_until_it_is_over() {
        let (packing, ann, bob) = (Packing::default(), MemberId::new(), MemberId::new());
        let now = Timestamp::from_millis(0);
        let count = packing.begin(&ann, "a", 2, now);
        count.one_more();
        assert_eq!(packing.progress(&ann, "a"), Some(Progress { done: 1, all: 2, over: false }));
        assert_eq!(packing.progress(&bob, "a"), None, "nobody else's");
        count.one_more();
        count.one_more();
        drop(count);
        assert_eq!(packing.progress(&ann, "a"), Some(Progress { done: 2, all: 2, over: true }));
        packing.begin(&ann, "", 2, now).one_more();
        assert_eq!(packing.progress(&ann, ""), None);
    }

    #[test]
    fn only_the_latest_are_remembered() {
        let (packing, ann) = (Packing::default(), MemberId::new());
        for at in 0..=REMEMBERED {
            packing.begin(&ann, &at.to_string(), 1, Timestamp::from_millis(i64::try_from(at).unwrap()));
        }
        assert_eq!(packing.progress(&ann, "0"), None);
        assert!(packing.progress(&ann, "1").is_some() && packing.progress(&ann, &REMEMBERED.to_string()).is_some());
    }
}
