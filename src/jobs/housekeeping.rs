//! What has had its time is thrown away, a little at a time.

use std::time::Duration;

use super::{purge, shoot};
use crate::{
    app::App,
    audit, auth,
    db::Tx,
    error::Result,
    events, idempotency,
    ids::ShootId,
    imports, invites, mail, notifications, offboarding, organizations,
    queue::{self, Job},
    shares, shoots, undo, uploads, webhooks,
};

/// Finished jobs are kept so long, to be looked at.
const FINISHED_JOBS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Rows thrown away in one transaction, so that nobody waits behind it.
const BATCH: u32 = 500;

/// Audit logs looked at in one run.
const LOGS: u32 = 200;

/// Old sessions, links, kept replies, deliveries, mails, uploaded photos, uploads nobody went on with, headshots and finished jobs go;
/// shoots that overran their time fail, and so restart; what could not be removed is tried again.
pub(super) async fn tidy(app: &App) -> Result<()> {
    app.limits.forget_idle();
    for id in app.db.read(shoots::overdue)? {
        shoot::wake(app, &id).await?;
    }
    for id in app.db.read(events::overdue)? {
        app.db.write(move |tx| events::wake(tx, &id)).await?;
    }
    for id in app.db.read(webhooks::overdue)? {
        app.db.write(move |tx| webhooks::wake(tx, &id)).await?;
    }
    remind(app).await?;
    warn(app).await?;
    let leads = app.db.scan(notifications::due).await?;
    if !leads.is_empty() {
        app.db.write(move |tx| notifications::begin_due(tx, leads)).await?;
    }
    while app.db.write(notifications::expire).await? > 0 {}
    while app.db.write(offboarding::expire_results).await? > 0 {}
    while app.db.write(offboarding::expire_photos).await? > 0 {}
    purge::once_more(app).await?;
    while app.db.write(mail::expire).await? > 0 {}
    mail_to_nobody(app).await?;
    while app.db.write(auth::expire).await? > 0 {}
    while app.db.write(offboarding::forget_emptied).await? > 0 {}
    while app.db.write(auth::expire_attempts).await? > 0 {}
    while app.db.write(shares::expire).await? > 0 {}
    while app.db.write(undo::expire).await? > 0 {}
    while app.db.write(imports::expire).await? > 0 {}
    while app.db.write(audit::expire).await? > 0 {}
    look_at_logs(app).await?;
    while app.db.write(idempotency::expire).await? > 0 {}
    while app.db.write(webhooks::expire).await? > 0 {}
    while app.db.write(webhooks::forget_deleted).await? > 0 {}
    while app.db.write(events::forget_deleted).await? > 0 {}
    loop {
        let gone = app.db.write(|tx| queue::forget_finished(tx, tx.now - FINISHED_JOBS, BATCH)).await?;
        if gone == 0 {
            break;
        }
    }
    while app.db.write(uploads::expire).await? > 0 {}
    app.uploads.discard_unknown_pieces(&app.db).await?;
    if let Some(pool) = &app.pool {
        pool.tidy().await?;
    }
    purge::strays(app).await
}

/// Looks whether anything in an audit log was changed, once a day each.
async fn look_at_logs(app: &App) -> Result<()> {
    for organization in app.db.read(|view| audit::unchecked(view, LOGS))? {
        let whose = organization.clone();
        let check = app.db.scan(move |view| audit::verify(view, &whose)).await?;
        if let Some(fault) = &check.fault {
            tracing::error!(%organization, entry = fault.number, why = fault.words, "the audit log was tampered with");
        }
        app.db.write(move |tx| audit::keep(tx, &organization, &check)).await?;
    }
    Ok(())
}

/// Forgets the mails to those who are gone.
async fn mail_to_nobody(app: &App) -> Result<()> {
    let mut old = app.db.scan(mail::to_nobody).await?;
    while !old.is_empty() {
        let rest = old.split_off(old.len().min(BATCH as usize));
        app.db.write(move |tx| mail::forget(tx, &old)).await?;
        old = rest;
    }
    Ok(())
}

/// Whoever's headshots are deleted soon is told.
async fn warn(app: &App) -> Result<()> {
    let mut due = app.db.scan(shoots::to_warn_of).await?;
    while !due.is_empty() {
        let rest = due.split_off(due.len().min(BATCH as usize));
        app.db.write(move |tx| begin_warning(tx, due)).await?;
        due = rest;
    }
    Ok(())
}

/// One that waits for the morning, or for the mail server, is not begun again.
fn begin_warning(tx: &Tx, due: Vec<ShootId>) -> Result<()> {
    for id in due {
        let key = format!("expiring@{id}");
        queue::push_unique(tx, Job::ExpiringMail(id), &key, tx.now)?;
    }
    Ok(())
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
