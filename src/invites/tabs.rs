//! The list of invites as leads look at it: by what became of them, searched, part by part.

use rusqlite::{Row, named_params};

use super::Listed;
use crate::{
    clock::Timestamp,
    db::{Part, Slice, View, stored_as_text},
    error::Result,
    ids::{InviteId, OrganizationId},
    members::Role,
};

stored_as_text! {
    /// The tabs of the list.
    pub enum Tab {
        /// Can still be accepted.
        Pending = "pending",
        /// Was accepted.
        Accepted = "accepted",
        /// Nobody accepted it in time.
        Expired = "expired",
        /// Can still be accepted, but its latest mail did not arrive.
        NotDelivered = "not-delivered",
        /// Was taken back.
        Revoked = "revoked",
    }
}

/// A line of a tab.
#[derive(Clone, Debug)]
pub struct OnTab {
    /// The invite.
    pub invite: Listed,
    /// When its latest mail was written.
    pub mailed_at: Option<Timestamp>,
    /// Why that mail did not arrive.
    pub trouble: Option<Trouble>,
    /// What the person who accepted it may do; nothing if nobody has, or they left.
    pub role: Option<Role>,
    /// How many reminders were sent.
    pub reminders: u32,
    /// When the last one was.
    pub reminded_at: Option<Timestamp>,
}

/// Why a mail did not arrive.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// The mail server's words.
    pub answer: String,
    /// Whether it is tried again.
    pub goes_on: bool,
}

impl OnTab {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        let answer: Option<String> = row.get("answer")?;
        let trouble = match row.get::<_, Option<String>>("mail_state")?.as_deref() {
            Some("refused") => Some(Trouble { answer: answer.unwrap_or_default(), goes_on: false }),
            // Once its job has given up, nobody tries again.
            Some("deferred") => Some(Trouble { answer: answer.unwrap_or_default(), goes_on: row.get("goes_on")? }),
            _ => None,
        };
        Ok(Self {
            invite: Listed::from_row(row)?,
            mailed_at: row.get("mailed_at")?,
            trouble,
            role: row.get("role")?,
            reminders: row.get("reminders")?,
            reminded_at: row.get("reminded_at")?,
        })
    }
}

impl Tab {
    /// A part of the invites of this tab, newest first. `search` is part of an address; empty finds all.
    pub fn page(
        self,
        view: &View,
        organization: &OrganizationId,
        search: &str,
        part: &Part<InviteId>,
        limit: u32,
    ) -> Result<Slice<OnTab>> {
        let search = search.trim().to_lowercase();
        // A tab of its own, but no state of its own.
        let state = if self == Self::NotDelivered { Self::Pending } else { self };
        let troubled = self == Self::NotDelivered;
        part.read(
            limit,
            |after, limit| {
                view.all(
                    "select i.id, i.email, i.state, t.id, t.name, s.id, s.state, s.photos, i.created_at, i.expires_at, i.accepted_at is not null,
                         m.state as mail_state, m.answer, m.created_at as mailed_at, p.role, i.reminders, i.reminded_at,
                         exists (
                             select 1 from jobs j
                             where j.id = substr(m.job_id, 1, instr(m.job_id, '/') - 1) and j.state in ('waiting', 'running')
                         ) as goes_on
                     from invites i
                     left join teams t on t.id = i.team_id
                     left join shoots s on s.id = coalesce((select id from shoots where member_id = i.member_id order by created_at desc, id desc limit 1), i.shoot_id)
                     left join members p on p.id = i.member_id
                     left join mails m on m.id = (select id from mails where invite_id = i.id order by created_at desc, id desc limit 1)
                     where i.organization_id = :organization
                       and case when i.state = 'pending' and i.expires_at <= :now then 'expired' else i.state end = :state
                       and (not :troubled or m.state in ('refused', 'deferred'))
                       and (:search = '' or instr(i.email, :search) > 0)
                       and (:after is null or (i.created_at, i.id) <
                           (select created_at, id from invites where id = :after and organization_id = :organization))
                     order by i.created_at desc, i.id desc
                     limit :limit",
                    named_params! {
                        ":organization": organization, ":state": state, ":troubled": troubled, ":now": view.now,
                        ":search": search, ":after": after, ":limit": limit,
                    },
                    OnTab::from_row,
                )
            },
            |before, limit| {
                view.all(
                    "select i.id, i.email, i.state, t.id, t.name, s.id, s.state, s.photos, i.created_at, i.expires_at, i.accepted_at is not null,
                         m.state as mail_state, m.answer, m.created_at as mailed_at, p.role, i.reminders, i.reminded_at,
                         exists (
                             select 1 from jobs j
                             where j.id = substr(m.job_id, 1, instr(m.job_id, '/') - 1) and j.state in ('waiting', 'running')
                         ) as goes_on
                     from invites i
                     left join teams t on t.id = i.team_id
                     left join shoots s on s.id = coalesce((select id from shoots where member_id = i.member_id order by created_at desc, id desc limit 1), i.shoot_id)
                     left join members p on p.id = i.member_id
                     left join mails m on m.id = (select id from mails where invite_id = i.id order by created_at desc, id desc limit 1)
                     where i.organization_id = :organization
                       and case when i.state = 'pending' and i.expires_at <= :now then 'expired' else i.state end = :state
                       and (not :troubled or m.state in ('refused', 'deferred'))
                       and (:search = '' or instr(i.email, :search) > 0)
                       and (i.created_at, i.id) >
                           (select created_at, id from invites where id = :before and organization_id = :organization)
                     order by i.created_at, i.id
                     limit :limit",
                    named_params! {
                        ":organization": organization, ":state": state, ":troubled": troubled, ":now": view.now,
                        ":search": search, ":before": before, ":limit": limit,
                    },
                    OnTab::from_row,
                )
            },
        )
    }
}

/// How many invites each tab has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Can still be accepted, delivered or not.
    pub pending: u32,
    /// Was accepted.
    pub accepted: u32,
    /// Nobody accepted it in time.
    pub expired: u32,
    /// Can still be accepted, but its latest mail did not arrive.
    pub not_delivered: u32,
    /// Was taken back.
    pub revoked: u32,
}

impl Counts {
    /// That of one tab.
    pub fn of(&self, tab: Tab) -> u32 {
        match tab {
            Tab::Pending => self.pending,
            Tab::Accepted => self.accepted,
            Tab::Expired => self.expired,
            Tab::NotDelivered => self.not_delivered,
            Tab::Revoked => self.revoked,
        }
    }
}

/// Counts an organization's invites by tab: for [`crate::db::Db::scan`].
pub fn counts(view: &View, organization: &OrganizationId) -> Result<Counts> {
    let not_delivered = view.one(
        "select count(*)
         from mails m
         join invites i on i.id = m.invite_id
         where m.organization_id = :organization and m.state in ('refused', 'deferred')
           and i.state = 'pending' and i.expires_at > :now
           and m.id = (select id from mails where invite_id = i.id order by created_at desc, id desc limit 1)",
        named_params! { ":organization": organization, ":now": view.now },
        |row| row.get(0),
    )?;
    view.one(
        "select
             count(*) filter (where state = 'pending' and expires_at > :now) as pending,
             count(*) filter (where state = 'accepted') as accepted,
             count(*) filter (where state = 'expired' or (state = 'pending' and expires_at <= :now)) as expired,
             count(*) filter (where state = 'revoked') as revoked
         from invites where organization_id = :organization",
        named_params! { ":organization": organization, ":now": view.now },
        |row| {
            Ok(Counts {
                pending: row.get("pending")?,
                accepted: row.get("accepted")?,
                expired: row.get("expired")?,
                not_delivered,
                revoked: row.get("revoked")?,
            })
        },
    )
}

/// How many invites can be accepted now, counted no further than `at_most`.
pub fn open(view: &View, organization: &OrganizationId, at_most: u32) -> Result<u32> {
    view.one(
        "select count(*) from (
             select 1 from invites
             where organization_id = :organization and state = 'pending' and expires_at > :now
             limit :at_most
         )",
        named_params! { ":organization": organization, ":now": view.now, ":at_most": at_most },
        |row| row.get(0),
    )
}
