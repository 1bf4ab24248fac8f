//! Who did what in an organization: written in the transaction of the deed, read by its leads, gone after a year.

use std::time::Duration;

use rusqlite::{Row, named_params};

use crate::{
    clock::Timestamp,
    db::{Part, Slice, Tx, View, stored_as_text},
    error::Result,
    ids::{MemberId, OrganizationId},
};

/// How long it can be looked up.
const KEPT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

stored_as_text! {
    /// By which door someone came.
    pub enum Via {
        /// A person on our pages.
        Session = "session",
        /// A program with an API key.
        Key = "key",
        /// The operator at the command line.
        Operator = "operator",
        /// The server by itself, on a schedule.
        Server = "server",
    }
}

stored_as_text! {
    /// What was done.
    pub enum Action {
        /// Someone was added on their behalf.
        MemberAdded = "member.added",
        /// Someone was taken out of the organization.
        MemberRemoved = "member.removed",
        /// Someone was put into a team or out of it.
        MemberMoved = "member.moved",
        /// Someone who is looked after has an address from now on.
        AddressGiven = "member.address",
        /// What is known of someone was changed: name or job title.
        MemberChanged = "member.changed",
        /// Someone's role changed.
        RoleChanged = "member.role",
        /// The organization has another owner.
        HandedOver = "organization.handed_over",
        /// A lead added or removed a photo for someone they look after.
        PhotosFor = "behalf.photos",
        /// Photos of someone that were turned down may be used all the same.
        PhotosAllowed = "photos.allowed",
        /// That was taken back.
        PhotosBarred = "photos.barred",
        /// A lead handed in the photos of someone they look after.
        SubmittedFor = "behalf.submitted",
        /// A lead chose among the headshots of someone they look after.
        ChoseFor = "behalf.chose",
        /// A lead made or undid an edit of a headshot of someone they look after.
        EditedFor = "behalf.edited",
        /// A lead made or took back a link to the headshots of someone they look after.
        SharedFor = "behalf.shared",
        /// Someone may make headshots once more, for no credit.
        RetryGranted = "member.retry",
        /// Someone was written to once more.
        Reminded = "member.reminded",
        /// An invite was taken back.
        InviteRevoked = "invite.revoked",
        /// An open link was made.
        LinkMade = "link.made",
        /// An open link was taken back.
        LinkRevoked = "link.revoked",
        /// Single sign-on was set up, changed, tried or switched off.
        SignOnChanged = "sso.changed",
        /// A domain was added, proven or given up.
        DomainChanged = "sso.domain",
        /// Leads need a second factor from now on, or no longer.
        TwoFactorRequired = "security.two_factor",
        /// Someone's second factor was taken off.
        TwoFactorReset = "security.reset",
        /// Settings were changed.
        SettingsChanged = "organization.settings",
        /// Someone's photos or headshots were deleted.
        PhotosDeleted = "privacy.deleted",
        /// Someone took out what is kept about them.
        DataExported = "privacy.exported",
    }
}

/// A deed, as it is written down.
#[derive(Clone, Debug)]
pub struct Deed<'a> {
    /// In which organization.
    pub organization: &'a OrganizationId,
    /// By which door.
    pub via: Via,
    /// By which member, if it was one.
    pub member: Option<&'a MemberId>,
    /// What they were called.
    pub who: &'a str,
    /// What was done.
    pub action: Action,
    /// To which member, if to one.
    pub subject_id: Option<&'a MemberId>,
    /// What it was done to, as it is called.
    pub subject: Option<&'a str>,
    /// What else there is to know.
    pub detail: Option<&'a str>,
}

/// A deed, as it is read.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number; later ones are higher.
    pub number: i64,
    /// By which door.
    pub via: Via,
    /// By which member, if it was one who is still here.
    pub member: Option<MemberId>,
    /// What they were called then.
    pub who: String,
    /// What was done.
    pub action: Action,
    /// To which member, if to one who is still here.
    pub subject_id: Option<MemberId>,
    /// What it was done to, as it was called then.
    pub subject: Option<String>,
    /// What else there is to know.
    pub detail: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

impl Entry {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get("id")?,
            via: row.get("via")?,
            member: row.get("member_id")?,
            who: row.get("who")?,
            action: row.get("action")?,
            subject_id: row.get("subject_id")?,
            subject: row.get("subject")?,
            detail: row.get("detail")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// When this was done to a member last; nothing if never, or too long ago.
pub fn last(view: &View, subject: &MemberId, action: Action) -> Result<Option<Timestamp>> {
    view.one(
        "select max(created_at) from audit where subject_id = :subject and action = :action",
        named_params! { ":subject": subject, ":action": action },
        |row| row.get(0),
    )
}

/// What the person was called who did this to a member last; nothing if it was no person on our pages, or too long ago.
pub fn last_by(view: &View, subject: &MemberId, action: Action) -> Result<Option<String>> {
    view.find(
        "select who from audit where subject_id = :subject and action = :action and via = 'session' order by id desc limit 1",
        named_params! { ":subject": subject, ":action": action },
        |row| row.get(0),
    )
}

/// Writes a deed down.
pub fn write(tx: &Tx, deed: &Deed) -> Result<()> {
    tx.execute(
        "insert into audit (organization_id, via, member_id, who, action, subject_id, subject, detail, created_at)
         values (:organization, :via, :member, :who, :action, :subject_id, :subject, :detail, :now)",
        named_params! {
            ":organization": deed.organization, ":via": deed.via, ":member": deed.member, ":who": deed.who,
            ":action": deed.action, ":subject_id": deed.subject_id, ":subject": deed.subject, ":detail": deed.detail,
            ":now": tx.now,
        },
    )?;
    Ok(())
}

/// An organization's deeds, newest first; those about one member only, if one is named.
pub fn page(
    view: &View,
    organization: &OrganizationId,
    about: Option<&MemberId>,
    part: &Part<i64>,
    limit: u32,
) -> Result<Slice<Entry>> {
    part.read(
        limit,
        |after, limit| {
            view.all(
                "select * from audit
                 where organization_id = :organization and (:about is null or subject_id = :about) and id < :after
                 order by id desc
                 limit :limit",
                named_params! {
                    ":organization": organization, ":about": about, ":after": after.unwrap_or(&i64::MAX), ":limit": limit,
                },
                Entry::from_row,
            )
        },
        |before, limit| {
            view.all(
                "select * from audit
                 where organization_id = :organization and (:about is null or subject_id = :about) and id > :before
                 order by id
                 limit :limit",
                named_params! { ":organization": organization, ":about": about, ":before": before, ":limit": limit },
                Entry::from_row,
            )
        },
    )
}

/// How long the same deed done again counts as the one before.
const SAME_DEED: Duration = Duration::from_secs(60 * 60);

/// Whether a member has done this to another one within the hour.
pub fn lately(view: &View, by: &MemberId, action: Action, to: &MemberId) -> Result<bool> {
    view.one(
        "select exists (
             select 1 from audit
             where subject_id = :to and member_id = :by and action = :action and created_at > :since
         )",
        named_params! { ":to": to, ":by": by, ":action": action, ":since": view.now - SAME_DEED },
        |row| row.get(0),
    )
}

/// Forgets what has had its time, a few at a time.
pub fn expire(tx: &Tx) -> Result<usize> {
    tx.execute(
        "delete from audit where id in (select id from audit where created_at < :old limit 500)",
        named_params! { ":old": tx.now - KEPT },
    )
}
