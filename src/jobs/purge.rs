//! Removes the files of what was deleted, and makes sure that they are gone.

use std::{path::PathBuf, time::Duration};

use crate::{
    app::App,
    backup,
    clock::Timestamp,
    error::{Error, Result},
    ids::{ResultId, ShootId},
    offboarding::{self, Remains},
    organizations, photos,
    queue::{self, Job},
    receipts::What,
    results,
    storage::{Folder, Ids},
    styles, workers,
};

/// A purge that gave up is tried again after this time: disks get repaired.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// Files nobody knows are left alone so long: their rows may be on their way.
const GRACE: Duration = Duration::from_secs(24 * 60 * 60);

/// More files than this nobody knows, and than a quarter of all there are, are no accident.
const MOST_STRAYS: usize = 100;

/// Removes the files of a deleted shoot, or of its photos alone; looks whether any is left; and only then says that they are
/// gone. After a crash anywhere, the job removes what is left, which may be nothing, and goes on.
pub(super) async fn files(app: &App, id: ShootId) -> Result<()> {
    let Some(remains) = app.db.read(|view| offboarding::remains(view, &id))? else { return Ok(()) };
    clear_easels(app, &remains);
    if let (What::Shoot, Some(pool)) = (remains.what, &app.pool) {
        // A worker that brings something after this is refused, also while the generator is not told yet.
        pool.take_down(&id, None).await?;
    }
    for folder in folders(&remains).chain([Folder::Made(&id)]) {
        app.storage.delete_all(folder).await?;
    }
    // Whoever had asked before the deletion may have read a file until now.
    clear_easels(app, &remains);
    for upload in &remains.uploads {
        app.uploads.discard_pieces(upload).await?;
    }
    for folder in folders(&remains).chain([Folder::Made(&id)]) {
        if app.storage.holds(folder).await? {
            return Err(Error::internal(format!("{folder:?} is still there after it was deleted")));
        }
    }
    app.db.write(move |tx| offboarding::purged(tx, &id, remains.what)).await
}

/// Removes the files of an edit that was undone, and looks whether any is left: then this is tried again.
pub(super) async fn version(app: &App, id: ResultId) -> Result<()> {
    // Whoever wrote this down had taken the version back in the same transaction.
    let gone = app.db.read(|view| results::unknown(view, vec![id]))?;
    for folder in gone.iter().map(Folder::Headshot) {
        app.storage.delete_all(folder).await?;
        if app.storage.holds(folder).await? {
            return Err(Error::internal(format!("{folder:?} is still there after it was deleted")));
        }
    }
    Ok(())
}

/// A cut-out that somebody tried edits with is in the memory of a child, and goes first.
fn clear_easels(app: &App, remains: &Remains) {
    for cutout in &remains.cutouts {
        app.studio.clear_easel(cutout.as_str());
    }
}

fn folders(remains: &Remains) -> impl Iterator<Item = Folder<'_>> {
    let photos = remains.photos.iter().map(Folder::Photo);
    let headshots = remains.headshots.iter().map(Folder::Headshot);
    photos.chain(headshots).chain(remains.cutouts.iter().map(Folder::Cutout))
}

/// Tries again what gave up: a deletion that somebody was promised is never given up for good.
pub(super) async fn once_more(app: &App) -> Result<()> {
    let parked = app.db.read(|view| queue::parked(view, 1000))?;
    for job in parked {
        let purges = matches!(serde_json::from_str(&job.payload), Ok(Job::PurgeFiles(_) | Job::PurgeVersion(_)));
        if purges && app.db.clock().now().since(job.parked_at) > PATIENCE {
            app.db.write(move |tx| queue::run_again(tx, &job.id)).await?;
        }
    }
    Ok(())
}

/// Removes files that no row knows of: a process that was killed between storing them and writing the row left them behind.
///
/// Files older than the oldest organization, or too many at once, are of another database, say one that is to be restored yet;
/// they are only told of. None go while what a restore replaced is kept: they may be of that.
pub(super) async fn strays(app: &App) -> Result<()> {
    if let Some(kept) = replaced_beside_its_pictures(app).await? {
        let kept = kept.display();
        tracing::info!(%kept, "stored pictures that nobody knows are left alone: they may be of what a restore replaced");
        return Ok(());
    }
    let stored = app.storage.ids().await?;
    let now = app.db.clock().now();
    let logos = app.storage.logos_before(now - GRACE).await?;
    let kept = stored.photos.len() + stored.headshots.len() + stored.cutouts.len() + stored.backdrops.len();
    let all = kept + stored.made.len() + logos.len();
    let Some(oldest) = app.db.read(organizations::oldest)? else { return Ok(()) };
    let may_go = move |made: Timestamp| made >= oldest && now.since(made) > GRACE;
    let strays = app.db.scan(move |view| {
        let old = Ids {
            photos: stored.photos.into_iter().filter(|id| may_go(id.made_at())).collect(),
            headshots: stored.headshots.into_iter().filter(|id| may_go(id.made_at())).collect(),
            cutouts: stored.cutouts.into_iter().filter(|id| may_go(id.made_at())).collect(),
            backdrops: stored.backdrops.into_iter().filter(|id| may_go(id.made_at())).collect(),
            // Its row comes before its first file, whenever the shoot was begun.
            made: stored.made.into_iter().filter(|id| id.made_at() >= oldest).collect(),
        };
        let logos = logos.into_iter().filter(|id| id.made_at() >= oldest).collect();
        let unknown = Ids {
            photos: photos::unknown(view, old.photos)?,
            headshots: results::unknown(view, old.headshots)?,
            cutouts: results::unknown_cutouts(view, old.cutouts)?,
            backdrops: styles::unknown(view, old.backdrops)?,
            made: workers::unknown(view, old.made)?,
        };
        Ok((unknown, organizations::without_logo(view, logos)?))
    });
    let (strays, logos) = strays.await?;
    let folders: Vec<Folder<'_>> = strays
        .photos
        .iter()
        .map(Folder::Photo)
        .chain(strays.headshots.iter().map(Folder::Headshot))
        .chain(strays.cutouts.iter().map(Folder::Cutout))
        .chain(strays.backdrops.iter().map(Folder::Backdrop))
        .chain(strays.made.iter().map(Folder::Made))
        .chain(logos.iter().map(Folder::Logo))
        .collect();
    let found = folders.len();
    if found > MOST_STRAYS.max(all / 4) {
        tracing::warn!(
            found,
            "Many stored pictures are unknown to the database. They are left alone: is it the right one?"
        );
        return Ok(());
    }
    for folder in folders {
        tracing::info!(?folder, "removes a stored picture that nobody knows");
        app.storage.delete_all(folder).await?;
    }
    Ok(())
}

/// What a restore replaced and nobody removed yet, if its pictures are where this server's are. In the data directory they went with
/// it.
async fn replaced_beside_its_pictures(app: &App) -> Result<Option<PathBuf>> {
    if app.config.photos_elsewhere().is_none() {
        return Ok(None);
    }
    let data = app.config.data.clone();
    let look = move || backup::kept_by_restores(&data).into_iter().next();
    tokio::task::spawn_blocking(look).await.map_err(Error::internal)
}
