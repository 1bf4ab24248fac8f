//! What has had its time is thrown away, a little at a time.

use std::time::Duration;

use crate::{
    app::App,
    audit, auth,
    error::Result,
    events, idempotency,
    ids::{PhotoId, ResultId, ShootId},
    invites, offboarding, organizations, photos, queue, results,
    shoots::{self, State},
    storage::Folder,
    webhooks,
};

/// Finished jobs are kept so long, to be looked at.
const FINISHED_JOBS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Rows thrown away in one transaction, so that nobody waits behind it.
const BATCH: u32 = 500;

/// Removes the files of a deleted shoot, then forgets them: after a crash in between, the job removes nothing and forgets.
pub(super) async fn purge_files(app: &App, id: ShootId) -> Result<()> {
    let (photos, results) = app.db.read(|view| {
        if shoots::get(view, &id)?.state != State::Deleted {
            return Ok((Vec::new(), Vec::new()));
        }
        let photos: Vec<PhotoId> = photos::of_shoot(view, &id)?.into_iter().map(|photo| photo.id).collect();
        let results: Vec<ResultId> = results::of_shoot(view, &id)?.into_iter().map(|result| result.id).collect();
        Ok((photos, results))
    })?;
    for photo in &photos {
        app.storage.delete_all(Folder::Photo(photo)).await?;
    }
    for result in &results {
        app.storage.delete_all(Folder::Headshot(result)).await?;
    }
    if photos.is_empty() && results.is_empty() {
        return Ok(());
    }
    app.db.write(move |tx| offboarding::forget_pictures(tx, &id)).await
}

/// Old sessions, links, kept replies, deliveries and finished jobs go; shoots that overran their time fail, and so restart.
pub(super) async fn tidy(app: &App) -> Result<()> {
    app.limits.forget_idle();
    for id in app.db.read(shoots::overdue)? {
        app.db.write(move |tx| shoots::wake(tx, &id)).await?;
    }
    for id in app.db.read(events::overdue)? {
        app.db.write(move |tx| events::wake(tx, &id)).await?;
    }
    for id in app.db.read(webhooks::overdue)? {
        app.db.write(move |tx| webhooks::wake(tx, &id)).await?;
    }
    remind(app).await?;
    while app.db.write(auth::expire).await? > 0 {}
    while app.db.write(audit::expire).await? > 0 {}
    while app.db.write(idempotency::expire).await? > 0 {}
    while app.db.write(webhooks::expire).await? > 0 {}
    while app.db.write(webhooks::forget_deleted).await? > 0 {}
    while app.db.write(events::forget_deleted).await? > 0 {}
    loop {
        let gone = app.db.write(|tx| queue::forget_finished(tx, tx.now - FINISHED_JOBS, BATCH)).await?;
        if gone == 0 {
            return Ok(());
        }
    }
}

/// Whoever has not answered an invite by the days their organization has chosen is reminded of it.
async fn remind(app: &App) -> Result<()> {
    for (organization, reminders) in app.db.read(organizations::reminding)? {
        let how = reminders.clone();
        let mut due = app.db.scan(move |view| invites::due(view, &organization, &how)).await?;
        while !due.is_empty() {
            let how = reminders.clone();
            due = app.db.write(move |tx| Ok(invites::begin_due(tx, &how, &due)?.to_vec())).await?;
        }
    }
    Ok(())
}
