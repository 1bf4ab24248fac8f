//! Copies everything that the database knows from one place to another, and deletes there what it knows no more.
//!
//! The database decides, not what lies where: so a second run after people were deleted deletes them at the new place too, and
//! a run with the wrong settings, from a place that is long out of use, deletes nothing that is in use.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    str::FromStr,
    time::{Duration, Instant},
};

use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    clock::Timestamp,
    config::Location,
    db::{Db, View},
    error::{Error, Result},
    ids::{BackdropId, CutoutId, OrganizationId, PhotoId, ResultId, ShootId},
    organizations, photos, results,
    storage::{Kind, Shelf, Storage, Stored},
    styles, workers,
};

/// Files that are copied at a time.
const AT_A_TIME: usize = 8;

/// So many things that the database doesn't know are no sign of another database: a process that was killed left them behind.
const FEW: usize = 10;

/// How often it is said how far it is.
const SAY_EVERY: Duration = Duration::from_secs(5);

/// What is to be moved.
pub(super) struct Move<'m> {
    pub(super) db: &'m Db,
    pub(super) from: &'m Location,
    pub(super) to: &'m Location,
    pub(super) source: Storage,
    pub(super) target: Storage,
    /// Whether nobody else changes anything. If somebody does, what is unknown may be on its way into the database.
    pub(super) alone: bool,
}

/// What was done, in files.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) copied: usize,
    /// Of those that were copied.
    pub(super) bytes: u64,
    pub(super) same: usize,
    pub(super) removed: usize,
    pub(super) only_there: usize,
    pub(super) deleted: usize,
}

impl Move<'_> {
    /// Copies what is not there or not the same; deletes at the new place what nobody knows, if nobody else is at work.
    pub(super) async fn copy_all(&self) -> Result<Done> {
        // What is deleted goes from the source, so more than a few are of a database that is newer than this one, or another.
        let (files, bytes) = self.look(&self.source, self.from, |things| FEW.max(things / 4)).await?;
        // At the new place many may be of people who went since an earlier run; but a place where nothing is known is another's.
        self.look(&self.target, self.to, |things| things.saturating_sub(1)).await?;
        tell(&format!("{files} files, {} MB, from {} to {}.", bytes >> 20, self.from, self.to));
        let mut done = Done::default();
        let mut told = Instant::now();
        for (kind, shelf) in self.shelves(&[&self.source, &self.target]).await? {
            let here = self.source.on_shelf(kind, &shelf).await?;
            let mut there: BTreeMap<String, Stored> = by_name(self.target.on_shelf(kind, &shelf).await?);
            let unknown = self.unknown(kind, here.iter().chain(there.values()))?;
            let known: Vec<(Stored, Option<Stored>)> = here
                .into_iter()
                .filter(|file| !unknown.contains(file.id()))
                .map(|file| (there.remove(file.name()), file))
                .map(|(its, file)| (file, its))
                .collect();
            let mut copies = stream::iter(known).map(|(file, its)| self.bring(file, its)).buffer_unordered(AT_A_TIME);
            while let Some((file, brought)) = copies.try_next().await? {
                match brought {
                    Brought::Copied => {
                        done.copied += 1;
                        done.bytes += file.size();
                    }
                    Brought::Same => done.same += 1,
                    Brought::Gone => {}
                }
                if told.elapsed() >= SAY_EVERY {
                    told = Instant::now();
                    tell(&format!("{} of {files} files, {} MB copied.", done.copied + done.same, done.bytes >> 20));
                }
            }
            drop(copies);
            let (gone, left): (Vec<Stored>, Vec<Stored>) =
                there.into_values().partition(|file| unknown.contains(file.id()));
            done.only_there += left.len();
            if self.alone {
                done.removed += gone.len();
                self.target.clear(gone).await?;
            }
        }
        Ok(done)
    }

    /// Deletes everything where it was, after one more look whether it is all at the new place.
    pub(super) async fn delete_source(&self, done: &mut Done) -> Result<()> {
        let shelves = self.shelves(&[&self.source]).await?;
        for (kind, shelf) in &shelves {
            self.arrived(*kind, shelf, done).await?;
        }
        for (kind, shelf) in &shelves {
            // Another command may have put a file there since.
            let here = self.arrived(*kind, shelf, done).await?;
            done.deleted += here.len();
            self.source.clear(here).await?;
            self.source.clear_away(*kind, shelf).await?;
        }
        Ok(())
    }

    /// What is on a shelf of the source, once all of it that the database knows is at the new place.
    ///
    /// # Errors
    /// `Invalid` when a file is not there: then none of these may be deleted.
    async fn arrived(&self, kind: Kind, shelf: &Shelf, done: &Done) -> Result<Vec<Stored>> {
        let here = self.source.on_shelf(kind, shelf).await?;
        let there = by_name(self.target.on_shelf(kind, shelf).await?);
        let unknown = self.unknown(kind, here.iter())?;
        let arrived = |file: &Stored| there.get(file.name()).is_some_and(|its| its.size() == file.size());
        match here.iter().find(|file| !unknown.contains(file.id()) && !arrived(file)) {
            None => Ok(here),
            Some(missing) => Err(Error::invalid(plain!(
                "{} came while the others were copied, and stays. Deleted until now: {} files, all of which are at the new place. Run \
                 this again.",
                missing.name(),
                done.deleted
            ))),
        }
    }

    async fn bring(&self, file: Stored, its: Option<Stored>) -> Result<(Stored, Brought)> {
        if let Some(its) = its
            && self.source.is_same(&file, &self.target, &its).await?
        {
            return Ok((file, Brought::Same));
        }
        let copied = self.source.copy_to(&file, &self.target).await?;
        Ok((file, if copied { Brought::Copied } else { Brought::Gone }))
    }

    /// The files and bytes in a place, of whose things the database doesn't know more than so many.
    ///
    /// # Errors
    /// `Invalid` when what lies there is of another database: then nothing may be deleted by what this one knows.
    async fn look(&self, storage: &Storage, place: &Location, most: fn(usize) -> usize) -> Result<(usize, u64)> {
        let oldest = self.db.read(organizations::oldest)?;
        let (mut files, mut bytes, mut things, mut strange) = (0, 0, 0, 0);
        let mut foreign = false;
        for (kind, shelf) in self.shelves(&[storage]).await? {
            let found = storage.on_shelf(kind, &shelf).await?;
            files += found.len();
            bytes += found.iter().map(Stored::size).sum::<u64>();
            let unknown = self.unknown(kind, found.iter())?;
            things += found.iter().map(Stored::id).collect::<BTreeSet<_>>().len();
            strange += unknown.len();
            foreign |=
                unknown.iter().any(|id| made_at(kind, id).zip(oldest).is_none_or(|(made, oldest)| made < oldest));
        }
        if foreign || strange > most(things) {
            return Err(Error::invalid(plain!(
                "Of {things} photos, headshots and pictures in {place}, the database knows {strange} not. Is --data the right directory? \
                 If it is, take the old ones away from {place} first. Nothing was changed."
            )));
        }
        Ok((files, bytes))
    }

    async fn shelves(&self, places: &[&Storage]) -> Result<Vec<(Kind, Shelf)>> {
        let mut all = Vec::new();
        for kind in Kind::ALL {
            let mut shelves = BTreeSet::new();
            for place in places {
                shelves.extend(place.shelves(kind).await?);
            }
            all.extend(shelves.into_iter().map(|shelf| (kind, shelf)));
        }
        Ok(all)
    }

    /// Of what these files are, the ids that the database doesn't know, or not any more.
    fn unknown<'f>(&self, kind: Kind, files: impl Iterator<Item = &'f Stored>) -> Result<BTreeSet<String>> {
        let ids: BTreeSet<&str> = files.map(Stored::id).collect();
        self.db.read(|view: &View| {
            Ok(match kind {
                Kind::Photos => texts(photos::unknown(view, parsed::<PhotoId>(&ids))?),
                Kind::Headshots => texts(results::unknown(view, parsed::<ResultId>(&ids))?),
                Kind::Cutouts => texts(results::unknown_cutouts(view, parsed::<CutoutId>(&ids))?),
                Kind::Backdrops => texts(styles::unknown(view, parsed::<BackdropId>(&ids))?),
                Kind::Logos => texts(organizations::without_logo(view, parsed::<OrganizationId>(&ids))?),
                Kind::Made => texts(workers::unknown(view, parsed::<ShootId>(&ids))?),
            })
        })
    }
}

/// What became of one file.
#[derive(Clone, Copy)]
enum Brought {
    Copied,
    Same,
    /// It was deleted meanwhile.
    Gone,
}

fn by_name(files: Vec<Stored>) -> BTreeMap<String, Stored> {
    files.into_iter().map(|file| (file.name().to_owned(), file)).collect()
}

fn parsed<T: FromStr>(ids: &BTreeSet<&str>) -> Vec<T> {
    ids.iter().filter_map(|id| id.parse().ok()).collect()
}

fn texts<T: ToString>(ids: Vec<T>) -> BTreeSet<String> {
    ids.iter().map(ToString::to_string).collect()
}

fn made_at(kind: Kind, id: &str) -> Option<Timestamp> {
    match kind {
        Kind::Photos => Some(id.parse::<PhotoId>().ok()?.made_at()),
        Kind::Headshots => Some(id.parse::<ResultId>().ok()?.made_at()),
        Kind::Cutouts => Some(id.parse::<CutoutId>().ok()?.made_at()),
        Kind::Backdrops => Some(id.parse::<BackdropId>().ok()?.made_at()),
        Kind::Logos => Some(id.parse::<OrganizationId>().ok()?.made_at()),
        Kind::Made => Some(id.parse::<ShootId>().ok()?.made_at()),
    }
}

/// How far it is, for whoever waits: results go to standard output at the end.
fn tell(words: &str) {
    let _ = writeln!(std::io::stderr(), "{words}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Clock,
        db::Place,
        organizations::{NewOrganization, OrganizationName},
        storage::Key,
    };

    #[tokio::test]
    async fn what_is_not_at_the_new_place_is_not_deleted_at_the_old_one() {
        let db = Db::open(&Place::Memory, Clock::system()).unwrap();
        let acme = |tx: &crate::db::Tx| {
            let name = OrganizationName::parse("Acme").unwrap();
            let new = NewOrganization { name, website: None, unlimited: false, whitelabel: false };
            let id = organizations::create(tx, &new)?.id;
            organizations::set_logo(tx, &id, Some("1"), None)?;
            Ok(id)
        };
        let id = db.write(acme).await.unwrap();
        let (from, to) = (Location::Directory("old".into()), Location::Directory("new".into()));
        let (source, target) = (Storage::memory(), Storage::memory());
        let moved = Move { db: &db, from: &from, to: &to, source: source.clone(), target, alone: true };
        let mut done = moved.copy_all().await.unwrap();

        source.put(Key::Logo(&id), vec![1].into()).await.unwrap();
        let refused = moved.delete_source(&mut done).await.unwrap_err().to_string();
        assert!(refused.contains("came while the others were copied, and stays"), "{refused}");
        let (kind, shelf) = moved.shelves(&[&source]).await.unwrap().remove(0);
        assert!(moved.arrived(kind, &shelf, &done).await.is_err(), "each shelf is looked at once more");
        assert!(source.get(Key::Logo(&id)).await.unwrap().is_some());

        let mut done = moved.copy_all().await.unwrap();
        moved.delete_source(&mut done).await.unwrap();
        assert_eq!((done.copied, done.deleted), (1, 1));
        assert!(source.get(Key::Logo(&id)).await.unwrap().is_none());
    }
}
