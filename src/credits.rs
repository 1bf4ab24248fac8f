//! Credits: one buys one person's headshots. The balance is the sum of an append-only ledger; `schema.sql` refuses a
//! negative one, a second debit of one shoot, and any change to a row.

use std::{fmt, str::FromStr};

use rusqlite::{Row, named_params};
use serde::Serialize;

use crate::{
    audit::{Action, Change},
    clock::Timestamp,
    db::{Part, Slice, Topic, Tx, View, Window, stored_as_text},
    error::{Error, Result},
    ids::{OrganizationId, ShootId},
    members::Actor,
    notifications,
    organizations::{self, Organization},
};

mod history;

pub use history::{History, Period, Span, history};

/// Most credits one grant can give.
const LARGEST_GRANT: i64 = 1_000_000_000;

stored_as_text! {
    /// Why a balance changed.
    pub enum Kind {
        /// Credits were given.
        Grant = "grant",
        /// Photos were submitted.
        Consume = "consume",
        /// A shoot's credit came back.
        Refund = "refund",
        /// The operator corrected it.
        Adjust = "adjust",
    }
}

/// A row of the ledger.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Where it stands; later rows have higher numbers.
    pub id: i64,
    /// Why the balance changed.
    pub kind: Kind,
    /// By how much.
    pub amount: i64,
    /// What it was afterwards.
    pub balance: i64,
    /// In words.
    pub reason: String,
    /// For which shoot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shoot: Option<ShootId>,
    /// When.
    pub created_at: Timestamp,
}

impl Entry {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            kind: row.get("kind")?,
            amount: row.get("amount")?,
            balance: row.get("balance")?,
            reason: row.get("reason")?,
            shoot: row.get("shoot_id")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// A place in the ledger, as programs that page through it hand it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position(pub i64);

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:024x}", self.0)
    }
}

impl FromStr for Position {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let place = i64::from_str_radix(text, 16).ok().map(Self).filter(|place| place.to_string() == text);
        place.ok_or_else(|| Error::invalid(plain!("\"{text:.50}\" is no place in the ledger.")))
    }
}

/// Gives credits and answers the new balance.
pub fn grant(tx: &Tx, organization: &OrganizationId, amount: i64, reason: &str) -> Result<i64> {
    if !(1..=LARGEST_GRANT).contains(&amount) {
        return Err(Error::invalid(say!("Grant a whole number of credits, at least 1.")));
    }
    write(tx, organization, Kind::Grant, amount, reason, None)
}

/// [`grant`] by someone, who is written down with what there was before.
pub fn grant_by(tx: &Tx, by: &Actor, amount: i64, reason: &str) -> Result<i64> {
    let before = organizations::get(tx, &by.organization)?.credits;
    let balance = grant(tx, &by.organization, amount, reason)?;
    let change = (before.to_string(), balance.to_string());
    by.note_change(tx, Action::CreditsGranted, None, Change::new(&change.0, &change.1))?;
    Ok(balance)
}

/// The organization, unless it has no credit left.
pub fn must_have_one(view: &View, organization: &OrganizationId) -> Result<Organization> {
    let organization = organizations::get(view, organization)?;
    if organization.shown_credits() > 0 { Ok(organization) } else { Err(Error::NoCredits) }
}

/// Takes the one credit of a shoot, at the moment its photos are submitted.
///
/// # Errors
/// [`Error::NoCredits`] with a balance of zero.
pub fn take(tx: &Tx, organization: &OrganizationId, shoot: &ShootId) -> Result<()> {
    let unlimited = must_have_one(tx, organization)?.unlimited;
    let amount = if unlimited { 0 } else { -1 };
    write(tx, organization, Kind::Consume, amount, "Photos submitted", Some(shoot))?;
    Ok(())
}

/// Gives a shoot's credit back, if one was taken and is not back yet.
pub fn give_back(tx: &Tx, organization: &OrganizationId, shoot: &ShootId, reason: &str) -> Result<()> {
    let taken: Option<i64> = tx.find(
        "select -amount from ledger t
         where shoot_id = :shoot and kind = 'consume'
           and not exists (select 1 from ledger b where b.shoot_id = t.shoot_id and b.kind = 'refund')",
        named_params! { ":shoot": shoot },
        |row| row.get(0),
    )?;
    if let Some(amount) = taken {
        write(tx, organization, Kind::Refund, amount, reason, Some(shoot))?;
    }
    Ok(())
}

/// One page of the ledger, newest first.
pub fn ledger(view: &View, organization: &OrganizationId, window: &Window<Position>) -> Result<Vec<Entry>> {
    view.all(
        "select * from ledger where organization_id = :organization and id < :before order by id desc limit :limit offset :offset",
        named_params! {
            ":organization": organization, ":before": window.after.map_or(i64::MAX, |place| place.0), ":limit": window.limit,
            ":offset": window.offset,
        },
        Entry::from_row,
    )
}

/// A part of the ledger as leads look at it, newest first: each row with the name or address of the person it is about.
pub fn page(
    view: &View,
    organization: &OrganizationId,
    part: &Part<i64>,
    limit: u32,
) -> Result<Slice<(Entry, Option<String>)>> {
    let entry = |row: &Row| Ok((Entry::from_row(row)?, row.get("who")?));
    part.read(
        limit,
        |after, limit| {
            view.all(
                "select l.*, coalesce(a.name, a.email) as who
                 from ledger l
                 left join shoots s on s.id = l.shoot_id
                 left join members m on m.id = s.member_id
                 left join accounts a on a.id = m.account_id
                 where l.organization_id = :organization and l.id < :after
                 order by l.id desc
                 limit :limit",
                named_params! { ":organization": organization, ":after": after.unwrap_or(&i64::MAX), ":limit": limit },
                entry,
            )
        },
        |before, limit| {
            view.all(
                "select l.*, coalesce(a.name, a.email) as who
                 from ledger l
                 left join shoots s on s.id = l.shoot_id
                 left join members m on m.id = s.member_id
                 left join accounts a on a.id = m.account_id
                 where l.organization_id = :organization and l.id > :before
                 order by l.id
                 limit :limit",
                named_params! { ":organization": organization, ":before": before, ":limit": limit },
                entry,
            )
        },
    )
}

/// What a ledger comes to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    /// Credits taken.
    pub used: u32,
    /// Credits given back.
    pub returned: u32,
    /// Rows.
    pub entries: u32,
}

/// Sums an organization's ledger up: for [`crate::db::Db::scan`].
pub fn totals(view: &View, organization: &OrganizationId) -> Result<Totals> {
    view.one(
        "select
             coalesce(-sum(amount) filter (where kind = 'consume'), 0) as used,
             coalesce(sum(amount) filter (where kind = 'refund'), 0) as returned,
             count(*) as entries
         from ledger where organization_id = :organization",
        named_params! { ":organization": organization },
        |row| Ok(Totals { used: row.get("used")?, returned: row.get("returned")?, entries: row.get("entries")? }),
    )
}

fn write(
    tx: &Tx,
    organization: &OrganizationId,
    kind: Kind,
    amount: i64,
    reason: &str,
    shoot: Option<&ShootId>,
) -> Result<i64> {
    tx.ring(Topic::Organization(organization.clone()));
    let balance: i64 = tx.one(
        "insert into ledger (organization_id, kind, amount, balance, reason, shoot_id, created_at)
         select id, :kind, :amount, credits + :amount, :reason, :shoot, :now from organizations where id = :organization
         returning balance",
        named_params! {
            ":organization": organization, ":kind": kind, ":amount": amount, ":reason": reason, ":shoot": shoot, ":now": tx.now,
        },
        |row| row.get(0),
    )?;
    notifications::balance_fell(tx, organization, balance - amount, balance)?;
    Ok(balance)
}
