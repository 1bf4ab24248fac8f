//! Reminders of an invite nobody has answered yet: by hand, or by the days its organization has chosen.

use std::time::Duration;

use rusqlite::named_params;

use super::{Invite, of_organization};
use crate::{
    audit::Action,
    clock::Timestamp,
    db::{Tx, View},
    error::{Error, Result},
    ids::{InviteId, OrganizationId},
    members::{Actor, Role},
    organizations::Reminders,
    queue::{self, Job},
};

/// How long after one reminder the next by hand may go out. An automatic one also leaves out whom a lead has just reminded.
const REMINDED_LATELY: Duration = Duration::from_secs(24 * 60 * 60);

/// Reminders begun in one transaction, so that nobody waits behind them.
const BATCH: u32 = 200;

/// Why an invite can't be reminded of now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoReminder {
    /// It can't be accepted any more, or was.
    Over,
    /// Its last reminder went out then, less than a day ago.
    Lately(Timestamp),
}

/// Whether an invite can be reminded of by hand.
pub fn remindable(invite: &Invite, now: Timestamp) -> Result<(), NoReminder> {
    match invite.reminded_at {
        _ if !invite.open(now) => Err(NoReminder::Over),
        Some(last) if !remindable_since(Some(last), now) => Err(NoReminder::Lately(last)),
        _ => Ok(()),
    }
}

/// Whether the last reminder is long enough ago for another one by hand.
pub fn remindable_since(last: Option<Timestamp>, now: Timestamp) -> bool {
    last.is_none_or(|last| last + REMINDED_LATELY <= now)
}

/// Sends a reminder of a pending invite, with a fresh link: now, whatever the hour, because a lead wants it.
///
/// # Errors
/// It can't be accepted any more, or its last reminder is less than a day old.
pub fn remind(tx: &Tx, by: &Actor, id: &InviteId) -> Result<Invite> {
    by.must_be(Role::Admin)?;
    let invite = of_organization(tx, &by.organization, id)?;
    match remindable(&invite, tx.now) {
        Ok(()) => {}
        Err(NoReminder::Over) => {
            return Err(Error::invalid(say!(
                "This invite can't be accepted any more, so there is nothing to remind of. Invite the address again."
            )));
        }
        Err(NoReminder::Lately(last)) => {
            return Err(Error::invalid(say!(
                "{email} was reminded less than a day ago, at {time} UTC. One reminder a day is enough.",
                email = invite.email.as_str(),
                time = last.date_time().format("%H:%M").to_string()
            )));
        }
    }
    count(tx, &invite.id)?;
    queue::push(tx, Job::ReminderMail(invite.id.clone()))?;
    by.note_about(tx, Action::Reminded, invite.email.as_str(), None)?;
    Ok(invite)
}

/// What became of several reminders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reminded {
    /// Sent.
    pub sent: usize,
    /// Left out: the last one is less than a day old.
    pub lately: usize,
    /// Left out: there is nothing to remind of any more.
    pub over: usize,
}

/// Sends reminders of all of these invites that can be reminded of, and says what became of the others.
///
/// # Errors
/// One of them isn't the organization's; then none is sent.
pub fn remind_all(tx: &Tx, by: &Actor, ids: &[InviteId]) -> Result<Reminded> {
    let mut reminded = Reminded::default();
    for id in ids {
        let invite = of_organization(tx, &by.organization, id)?;
        match remindable(&invite, tx.now) {
            Ok(()) => {
                remind(tx, by, id)?;
                reminded.sent += 1;
            }
            Err(NoReminder::Lately(_)) => reminded.lately += 1,
            Err(NoReminder::Over) => reminded.over += 1,
        }
    }
    Ok(reminded)
}

/// The organization's invites that a reminder is due for by its own days: none within its quiet hours. An address whose mail
/// server has refused it is left alone.
pub fn due(view: &View, organization: &OrganizationId, reminders: &Reminders) -> Result<Vec<InviteId>> {
    let Some(first) = reminders.days.first().filter(|_| !reminders.quiet.hold(view.now)) else { return Ok(Vec::new()) };
    // Days are counted on the wall, where one may be shorter; what is looked at too early is not due yet.
    let youngest = view.now - Duration::from_secs(u64::from(*first) * 24 * 3600).saturating_sub(REMINDED_LATELY);
    let open = view.all(
        "select i.* from invites i
         where i.organization_id = :organization and i.state = 'pending' and i.expires_at > :now
           and i.created_at <= :youngest and (i.reminded_at is null or i.reminded_at <= :lately)
           and not exists (
               select 1 from mails m
               where m.id = (select id from mails where invite_id = i.id order by created_at desc, id desc limit 1)
                 and m.state = 'refused'
           )",
        named_params! {
            ":organization": organization, ":now": view.now, ":youngest": youngest,
            ":lately": view.now - REMINDED_LATELY,
        },
        Invite::from_row,
    )?;
    let due = open.into_iter().filter(|invite| is_due(invite, reminders, view.now));
    Ok(due.map(|invite| invite.id).collect())
}

/// A reminder by hand shortly before counts for the one that is due; and however long nobody looked, there is one, not many.
fn is_due(invite: &Invite, reminders: &Reminders, now: Timestamp) -> bool {
    let Some(due) = reminders.last_due(invite.created_at, now) else { return false };
    invite.open(now) && invite.reminded_at.is_none_or(|last| last + REMINDED_LATELY <= due)
}

/// Begins those of these reminders that are still due, at most [`BATCH`] of them; what is left is to be asked for again. Each
/// is looked at once more when its mail is written, by [`still_wanted`].
pub fn begin_due<'a>(tx: &Tx, reminders: &Reminders, ids: &'a [InviteId]) -> Result<&'a [InviteId]> {
    let (now, later) = ids.split_at(ids.len().min(BATCH as usize));
    for id in now {
        let invite = super::get(tx, id)?;
        let key = format!("reminder@{id}");
        if is_due(&invite, reminders, tx.now)
            && queue::push_unique(tx, Job::ScheduledReminder(id.clone()), &key, tx.now)?.is_some()
        {
            count(tx, id)?;
            let server = Actor::server(invite.organization);
            server.note_about(tx, Action::Reminded, invite.email.as_str(), Some("by schedule"))?;
        }
    }
    Ok(later)
}

/// Whether an automatic reminder that was begun may go out now: the invite still waits, and the organization still reminds.
/// Until when it has to wait, if it is held up into the quiet hours.
pub fn still_wanted(view: &View, id: &InviteId) -> Result<Wanted> {
    let invite = super::get(view, id)?;
    let reminders = crate::organizations::get(view, &invite.organization)?.reminders;
    if !invite.open(view.now) || reminders.days.is_empty() {
        return Ok(Wanted::No);
    }
    match reminders.quiet.end(view.now) {
        end if end > view.now => Ok(Wanted::Later(end)),
        _ => Ok(Wanted::Now),
    }
}

/// See [`still_wanted`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Not any more.
    No,
    /// Yes.
    Now,
    /// At this moment, when the quiet hours end.
    Later(Timestamp),
}

/// Writes down that a reminder is going out just now, however long ago it was begun.
pub fn mark_reminded(tx: &Tx, id: &InviteId) -> Result<()> {
    tx.execute("update invites set reminded_at = :now where id = :id", named_params! { ":now": tx.now, ":id": id })?;
    Ok(())
}

fn count(tx: &Tx, id: &InviteId) -> Result<()> {
    tx.execute(
        "update invites set reminders = reminders + 1, reminded_at = :now where id = :id",
        named_params! { ":now": tx.now, ":id": id },
    )?;
    Ok(())
}
