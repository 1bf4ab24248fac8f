//! Mail: what is written to whom, the outbox where it is seen, and the way out over SMTP.

use std::time::Duration;

use rusqlite::{Row, named_params};
use serde::Serialize;

use crate::{
    clock::Timestamp,
    db::{Part, Slice, Topic, Tx, View, stored_as_text},
    error::{Error, Result},
    ids::{InviteId, JobId, MailId, OrganizationId},
    members::Email,
    notifications::{self, About},
};

mod letter;
mod messages;
mod moments;
mod own;
mod render;
mod samples;
mod shared;
mod sheet;
mod smtp;
pub mod words;

pub use letter::{Letter, Place};
pub use messages::{
    Access, Bounced, Deleted, Digest, EndpointOff, Expiring, Failed, Invitation, LowCredits, MemberHeadshots, Message,
    Nudge, Ownership, Ready, ReadyFor, Reminder, Retry, Security, Submitted, Telling,
};
pub use moments::Moment;
pub use own::{
    LONGEST_BODY, LONGEST_BUTTON, LONGEST_LINE, LONGEST_NAME, LONGEST_SIGNATURE, Own, Sender, Typed, Wrong, changed,
    own, read_sender, read_words, reset_words, sender, set_sender, set_words,
};
pub use samples::sample;
pub use shared::Shared;
pub use smtp::{Delivery, Mailer};
pub use words::Words;

/// The colour of buttons where an organization has chosen none.
pub const ACCENT: &str = "#2f5d50";

stored_as_text! {
    /// What a mail is about.
    pub enum Kind {
        /// Asks someone to join.
        Invite = "invite",
        /// Lets someone in again.
        Access = "access",
        /// Photos have arrived.
        Submitted = "submitted",
        /// Headshots can be seen.
        Ready = "ready",
        /// A shoot failed for good; goes to the leads.
        Failed = "failed",
        /// A webhook endpoint was switched off; goes to the leads.
        Endpoint = "endpoint",
        /// Reminds someone of an invite.
        Reminder = "reminder",
        /// Reminds someone to hand in their photos.
        Nudge = "nudge",
        /// Someone may make headshots once more.
        Retry = "retry",
        /// Something about an account that its person has to know.
        Security = "security",
        /// Photos or headshots are gone, with the proof of it.
        Deleted = "deleted",
        /// Headshots are deleted soon.
        Expiring = "expiring",
        /// Few credits are left; goes to the leads.
        Credits = "credits",
        /// Someone chose a favourite; goes to the leads.
        Favorite = "favorite",
        /// Someone else's mail could not be delivered; goes to the leads.
        Bounced = "bounced",
        /// What happened in a day; goes to a lead.
        Digest = "digest",
        /// A lead looks at how a mail looks.
        Test = "test",
    }
}

stored_as_text! {
    /// What became of a mail.
    pub enum State {
        /// There is no mail server: it stays in the outbox.
        Kept = "kept",
        /// On its way.
        Sending = "sending",
        /// The mail server took it.
        Sent = "sent",
        /// The mail server asks to try later.
        Deferred = "deferred",
        /// The mail server won't have it.
        Refused = "refused",
    }
}

/// A mail as the outbox shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Mail {
    /// Which; stays the same over all attempts, and is part of the Message-ID, so that a mail sent twice is shown once.
    pub id: MailId,
    /// Which organization's; none for mail about no organization.
    pub organization: Option<OrganizationId>,
    /// About which invite.
    pub invite: Option<InviteId>,
    /// What it is about.
    pub kind: Kind,
    /// To whom.
    pub to: Email,
    /// Its subject.
    pub subject: String,
    /// As text; only of a mail that is kept, since it holds sign-in links.
    pub text: Option<String>,
    /// As HTML; only of a mail that is kept.
    pub html: Option<String>,
    /// What became of it.
    pub state: State,
    /// The mail server's last words.
    pub answer: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
}

impl Mail {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            organization: row.get("organization_id")?,
            invite: row.get("invite_id")?,
            kind: row.get("kind")?,
            to: row.get("recipient")?,
            subject: row.get("subject")?,
            text: row.get("text")?,
            html: row.get("html")?,
            state: row.get("state")?,
            answer: row.get("answer")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// Which mail of which job: one row, however often the job runs.
#[derive(Clone, Debug)]
pub struct Slot(String);

impl Slot {
    /// The `nth` mail of a job.
    pub fn new(job: &JobId, nth: usize) -> Self {
        Self(format!("{job}/{nth}"))
    }
}

/// About what a mail is, beside its words.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// What it is about.
    pub kind: Kind,
    /// To whom.
    pub to: Email,
    /// On behalf of which organization.
    pub organization: Option<OrganizationId>,
    /// About which invite.
    pub invite: Option<InviteId>,
}

/// Whether an earlier run of the job has settled this mail.
pub fn settled(view: &View, slot: &Slot) -> Result<bool> {
    view.one(
        "select exists (select 1 from mails where job_id = :slot and state in ('kept', 'sent', 'refused'))",
        named_params! { ":slot": slot.0 },
        |row| row.get(0),
    )
}

/// Whether an earlier run of the job has written this mail, sent or not.
pub fn begun(view: &View, slot: &Slot) -> Result<bool> {
    view.one("select exists (select 1 from mails where job_id = :slot)", named_params! { ":slot": slot.0 }, |row| {
        row.get(0)
    })
}

/// Writes a mail into the outbox: to stay there, or on its way. The next run of a job writes the same one anew.
pub fn begin(tx: &Tx, slot: &Slot, envelope: &Envelope, message: &Message, keep: bool) -> Result<Mail> {
    let state = if keep { State::Kept } else { State::Sending };
    if let Some(organization) = &envelope.organization {
        tx.ring(Topic::Organization(organization.clone()));
    }
    tx.one(
        "insert into mails (id, job_id, organization_id, invite_id, kind, recipient, subject, text, html, state, created_at)
         values (:id, :slot, :organization, :invite, :kind, :to, :subject, :text, :html, :state, :now)
         on conflict (job_id) do update set state = excluded.state, text = excluded.text, html = excluded.html, subject = excluded.subject
         returning *",
        named_params! {
            ":id": MailId::new(), ":slot": slot.0, ":organization": envelope.organization, ":invite": envelope.invite,
            ":kind": envelope.kind, ":to": envelope.to, ":subject": message.subject,
            ":text": keep.then_some(&message.text), ":html": keep.then_some(&message.html), ":state": state, ":now": tx.now,
        },
        Mail::from_row,
    )
}

/// Writes down what the mail server said. Of a refusal, the leads hear.
pub fn record(tx: &Tx, mail: &MailId, delivery: &Delivery) -> Result<()> {
    let (state, answer) = match delivery {
        Delivery::Sent(words) => (State::Sent, words),
        Delivery::Deferred(words) => (State::Deferred, words),
        Delivery::Refused(words) => (State::Refused, words),
    };
    tx.execute(
        "update mails set state = :state, answer = :answer, sent_at = iif(:state = 'sent', :now, null) where id = :id",
        named_params! { ":state": state, ":answer": answer, ":now": tx.now, ":id": mail },
    )?;
    // Of one that was forgotten meanwhile, nobody hears.
    let about: Option<(Option<OrganizationId>, Kind)> =
        tx.find("select organization_id, kind from mails where id = :id", named_params! { ":id": mail }, |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if let Some((Some(organization), kind)) = about {
        tx.ring(Topic::Organization(organization.clone()));
        if state == State::Refused && kind.to_people() {
            notifications::tell(tx, &organization, &About::Bounced(mail.clone()))?;
        }
    }
    Ok(())
}

impl Kind {
    /// Whether it goes to the people an organization writes to. Of mails to leads that bounce, no lead is told by another mail.
    const fn to_people(self) -> bool {
        !matches!(
            self,
            Self::Failed | Self::Endpoint | Self::Credits | Self::Favorite | Self::Bounced | Self::Digest | Self::Test
        )
    }
}

/// Tests a lead may send themselves in an hour.
const TESTS: i64 = 20;

/// Refuses one more test to an address within the hour.
pub fn must_not_flood(view: &View, to: &Email) -> Result<()> {
    let hour = Duration::from_secs(60 * 60);
    let (sent, oldest): (i64, Option<Timestamp>) = view.one(
        "select count(*), min(created_at) from mails where recipient = :to and kind = 'test' and created_at > :since",
        named_params! { ":to": to, ":since": view.now - hour },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    match oldest.filter(|_| sent >= TESTS) {
        Some(oldest) => Err(Error::TooMany { retry_after: (oldest + hour).since(view.now) }),
        None => Ok(()),
    }
}

/// The latest mails of an instance, newest first, behind `after`.
pub fn outbox(view: &View, after: Option<&MailId>, limit: u32) -> Result<Vec<Mail>> {
    view.all(
        "select * from mails
         where :after is null or (created_at, id) < (select created_at, id from mails where id = :after)
         order by created_at desc, id desc
         limit :limit",
        named_params! { ":after": after, ":limit": limit },
        Mail::from_row,
    )
}

/// A part of an organization's mails that could not be sent for want of a mail server, newest first.
pub fn kept(view: &View, organization: &OrganizationId, part: &Part<MailId>, limit: u32) -> Result<Slice<Mail>> {
    part.read(
        limit,
        |after, limit| {
            view.all(
                "select * from mails
                 where organization_id = :organization and state = 'kept'
                   and (:after is null or (created_at, id) <
                       (select created_at, id from mails where id = :after and organization_id = :organization))
                 order by created_at desc, id desc
                 limit :limit",
                named_params! { ":organization": organization, ":after": after, ":limit": limit },
                Mail::from_row,
            )
        },
        |before, limit| {
            view.all(
                "select * from mails
                 where organization_id = :organization and state = 'kept'
                   and (created_at, id) >
                       (select created_at, id from mails where id = :before and organization_id = :organization)
                 order by created_at, id
                 limit :limit",
                named_params! { ":organization": organization, ":before": before, ":limit": limit },
                Mail::from_row,
            )
        },
    )
}

/// How many mails [`kept`] goes through.
pub fn count_kept(view: &View, organization: &OrganizationId) -> Result<u32> {
    view.one(
        "select count(*) from mails where organization_id = :organization and state = 'kept'",
        named_params! { ":organization": organization },
        |row| row.get(0),
    )
}

/// The mail with this id, if it is this organization's.
pub fn of_organization(view: &View, organization: &OrganizationId, id: &MailId) -> Result<Mail> {
    get(view, id).and_then(|mail| {
        if mail.organization.as_ref() == Some(organization) { Ok(mail) } else { Err(Error::NotFound("Mail")) }
    })
}

/// The mail with this id.
pub fn get(view: &View, id: &MailId) -> Result<Mail> {
    view.find("select * from mails where id = :id", named_params! { ":id": id }, Mail::from_row)?
        .ok_or(Error::NotFound("Mail"))
}

/// A mail is kept so long, sent or not.
const KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// A mail to someone who is gone is kept so long: the last one to them is the receipt of their deletion.
const KEPT_OF_THE_GONE: Duration = Duration::from_secs(24 * 60 * 60);

/// Throws away mails that have had their time, a batch at a time; how many.
pub fn expire(tx: &Tx) -> Result<usize> {
    tx.execute(
        "delete from mails where id in (select id from mails where created_at < :old limit 500)",
        named_params! { ":old": tx.now - KEPT },
    )
}

/// The mails to addresses nobody here has any more, and nobody is about to have: for [`crate::db::Db::scan`].
pub fn to_nobody(view: &View) -> Result<Vec<MailId>> {
    view.all(
        "select id from mails
         where created_at < :old and state not in ('sending', 'deferred')
           and recipient not in (select email from accounts where email is not null)
           and recipient not in (select email from invites where state = 'pending')
           and recipient not in (select email from magic_links where email is not null and created_at >= :old)
           and recipient not in (select email from receipts where email is not null)",
        named_params! { ":old": view.now - KEPT_OF_THE_GONE },
        |row| row.get(0),
    )
}

/// Forgets these mails.
pub fn forget(tx: &Tx, ids: &[MailId]) -> Result<()> {
    for id in ids {
        tx.execute("delete from mails where id = :id", named_params! { ":id": id })?;
    }
    Ok(())
}

/// The mails to an address, newest first. Their words are not among what is told.
pub fn sent_to(view: &View, email: &Email) -> Result<Vec<Mail>> {
    view.all(
        "select * from mails where recipient = :email order by created_at desc, id desc",
        named_params! { ":email": email },
        Mail::from_row,
    )
}

/// The mails about an invite, oldest first, each with when it was sent.
pub fn of_invite(view: &View, invite: &InviteId) -> Result<Vec<(Mail, Option<Timestamp>)>> {
    view.all(
        "select * from mails where invite_id = :invite order by created_at, id",
        named_params! { ":invite": invite },
        |row| Ok((Mail::from_row(row)?, row.get("sent_at")?)),
    )
}

/// An invite whose mail was not delivered.
#[derive(Clone, Debug)]
pub struct Undelivered {
    /// Which.
    pub invite: InviteId,
    /// To whom it should have gone.
    pub to: Email,
    /// The mail server's words.
    pub answer: String,
}

/// The invites of an organization whose latest mail the mail server would not have, or not yet.
pub fn undelivered(view: &View, organization: &OrganizationId, limit: u32) -> Result<Vec<Undelivered>> {
    view.all(
        "select m.invite_id, m.recipient, coalesce(m.answer, '') as answer
         from mails m
         join invites i on i.id = m.invite_id
         where m.organization_id = :organization and m.state in ('refused', 'deferred')
           and i.state = 'pending' and i.expires_at > :now
           and m.id = (select id from mails where invite_id = i.id order by created_at desc, id desc limit 1)
         order by m.created_at desc
         limit :limit",
        named_params! { ":organization": organization, ":now": view.now, ":limit": limit },
        |row| Ok(Undelivered { invite: row.get(0)?, to: row.get(1)?, answer: row.get(2)? }),
    )
}
