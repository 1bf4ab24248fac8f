//! Personal invites: an address is asked, its owner accepts, and becomes a member with a shoot to begin.

use std::time::Duration;

use rusqlite::{Row, named_params};
use serde::Serialize;

use crate::{
    audit::{self, Action},
    clock::Timestamp,
    credits,
    db::{Topic, Tx, View, stored_as_text},
    error::{Error, Result},
    ids::{InviteId, MemberId, OrganizationId, ShootId, TeamId},
    members::{self, Account, Actor, Change, Email, Member, NewManaged, Role},
    organizations, places,
    queue::{self, Job},
    shoots::{self, Shoot},
    teams,
};

mod known;
mod listing;
mod pasted;
mod reminders;
mod series;
mod table;
mod tabs;

pub use known::{Known, pass_on};
pub use listing::{Listed, Progress, list, page};
pub use pasted::{Asked, Line, MOST as MOST_PASTED, Verdict, check, invite_all, split_line as addresses_of};
pub use reminders::{
    NoReminder, Reminded, Wanted, begin_due, due, mark_reminded, remind, remind_all, remindable, remindable_since,
    still_wanted,
};
pub use series::{Answer, Series, room};
pub use table::{Table, read_file};
pub use tabs::{Counts, OnTab, Tab, Trouble, counts, open};

/// How long an invite can be accepted. [002]
pub const LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Pending invites allowed for each credit. [002]
const PENDING_PER_CREDIT: i64 = 2;

stored_as_text! {
    /// What became of an invite.
    pub enum State {
        /// Waits to be accepted. Past its time it is as good as expired.
        Pending = "pending",
        /// Nobody accepted it in time.
        Expired = "expired",
        /// Accepted.
        Accepted = "accepted",
        /// Taken back.
        Revoked = "revoked",
    }
}

/// A personal invite.
#[derive(Clone, Debug, Serialize)]
pub struct Invite {
    /// Which; part of its bare link.
    pub id: InviteId,
    /// To which organization.
    pub organization: OrganizationId,
    /// Into which team.
    pub team: Option<TeamId>,
    /// Whom.
    pub email: Email,
    /// What became of it.
    pub state: State,
    /// By which lead; nobody if a key or the operator did it.
    pub invited_by: Option<MemberId>,
    /// Who accepted it.
    pub member: Option<MemberId>,
    /// The shoot that began with it.
    pub shoot: Option<ShootId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// When its last reminder went out.
    pub reminded_at: Option<Timestamp>,
}

impl Invite {
    /// Whether it can be accepted now.
    pub fn open(&self, now: Timestamp) -> bool {
        self.state == State::Pending && self.expires_at > now
    }

    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            organization: row.get("organization_id")?,
            team: row.get("team_id")?,
            email: row.get("email")?,
            state: row.get("state")?,
            invited_by: row.get("invited_by")?,
            member: row.get("member_id")?,
            shoot: row.get("shoot_id")?,
            created_at: row.get("created_at")?,
            expires_at: row.get("expires_at")?,
            reminded_at: row.get("reminded_at")?,
        })
    }
}

/// Whom to ask, and into which team.
#[derive(Clone, Debug)]
pub struct NewInvite {
    /// Whom.
    pub email: Email,
    /// Into which team.
    pub team: Option<TeamId>,
}

/// Asks someone to join. Costs nothing yet: the credit goes when photos are submitted. [002]
///
/// # Errors
/// In this order: a foreign team, an address that is invited or a member already, no credit, too many pending invites.
pub fn invite(tx: &Tx, by: &Actor, new: &NewInvite) -> Result<Invite> {
    by.must_be(Role::Admin)?;
    if let Some(team) = &new.team {
        teams::must_exist(tx, &by.organization, team)?;
    }
    settle(tx, &by.organization)?;
    must_be_new(tx, &by.organization, &new.email)?;
    credits::must_have_one(tx, &by.organization)?;
    must_have_room(tx, &by.organization, 1)?;
    let invite = insert(tx, by, new)?;
    announce(tx, &by.organization);
    Ok(invite)
}

fn insert(tx: &Tx, by: &Actor, new: &NewInvite) -> Result<Invite> {
    let invite = tx.one(
        "insert into invites (id, organization_id, team_id, email, invited_by, created_at, expires_at)
         values (:id, :organization, :team, :email, :by, :now, :expires_at)
         returning *",
        named_params! {
            ":id": InviteId::new(), ":organization": by.organization, ":team": new.team, ":email": new.email,
            ":by": by.member, ":now": tx.now, ":expires_at": tx.now + LIFETIME,
        },
        Invite::from_row,
    )?;
    queue::push(tx, Job::InviteMail(invite.id.clone()))?;
    note_sent(tx, by, &invite, None)?;
    Ok(invite)
}

/// Writes down who was asked to join, and into which team.
fn note_sent(tx: &Tx, by: &Actor, invite: &Invite, again: Option<&str>) -> Result<()> {
    let team = match &invite.team {
        Some(team) => Some(format!("into {}", teams::get(tx, &by.organization, team)?.name)),
        None => None,
    };
    by.note_about(tx, Action::InviteSent, invite.email.as_str(), again.or(team.as_deref()))
}

fn announce(tx: &Tx, organization: &OrganizationId) {
    tx.ring(Topic::Organization(organization.clone()));
}

/// Why an address can't be invited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It has a pending or accepted invite.
    Invited,
    /// It belongs to a member.
    Member,
}

/// Whether an address can be invited, for the live check and for the invite itself.
pub fn taken(view: &View, organization: &OrganizationId, email: &Email) -> Result<Option<Taken>> {
    if members::by_email(view, organization, email)?.is_some() {
        return Ok(Some(Taken::Member));
    }
    // An accepted invite whose member left or was removed is history: the address may be asked again.
    let live = live(view, organization, email)?.filter(|invite| invite.open(view.now) || invite.member.is_some());
    Ok(live.map(|_| Taken::Invited))
}

/// Sends an open invite's mail once more, with a fresh link.
pub fn resend(tx: &Tx, by: &Actor, id: &InviteId) -> Result<Invite> {
    by.must_be(Role::Admin)?;
    let invite = of_organization(tx, &by.organization, id)?;
    if !invite.open(tx.now) {
        return Err(Error::invalid(say!(
            "This invite can't be accepted any more, so there is nothing to send. Invite the address again."
        )));
    }
    queue::push(tx, Job::InviteMail(invite.id.clone()))?;
    note_sent(tx, by, &invite, Some("once more"))?;
    Ok(invite)
}

/// Marks an invite as taken back. What it led to, `offboarding` takes down.
///
/// # Errors
/// [`Error::Invalid`] if it was revoked before.
pub fn mark_revoked(tx: &Tx, invite: &Invite) -> Result<()> {
    if invite.state == State::Revoked {
        return Err(Error::invalid(say!("This invite is already revoked.")));
    }
    tx.execute(
        "update invites set state = 'revoked', revoked_at = :now where id = :id",
        named_params! { ":now": tx.now, ":id": invite.id },
    )?;
    tx.ring(Topic::Organization(invite.organization.clone()));
    Ok(())
}

/// Accepts an invite for the account of its address: the account becomes a member, and its shoot begins.
///
/// Someone else's lead leaves that organization; its owner has to hand it over first. [000]
///
/// # Errors
/// The invite can't be accepted any more; or as [`places::take_in`].
pub fn accept(tx: &Tx, id: &InviteId) -> Result<(Account, Member)> {
    let invite = get(tx, id)?;
    if !invite.open(tx.now) {
        return Err(Error::invalid(say!("This invite can't be accepted any more. Ask for a new one.")));
    }
    let account = members::account_for(tx, &invite.email)?;
    let (member, shoot) = places::take_in(tx, &invite.organization, &account.id, invite.team.as_ref())?;
    mark_accepted(tx, &invite, &member, Some(&shoot.id))?;
    known::introduce(tx, &invite.id, &member)?;
    Ok((members::account(tx, &account.id)?, members::get(tx, &member.id)?))
}

/// Someone who was invited has come in another way. Their open invite is accepted by that: it neither waits for an answer any
/// more nor asks again. Its team is theirs, unless the other way led into one.
pub fn accept_along(tx: &Tx, member: &Member) -> Result<()> {
    let Some(email) = &member.email else { return Ok(()) };
    let Some(invite) = live(tx, &member.organization, email)?.filter(|invite| invite.open(tx.now)) else {
        return Ok(());
    };
    if member.team.is_none() && invite.team.is_some() {
        members::change(tx, &member.id, &Change { team: Some(invite.team.clone()), ..Change::default() })?;
    }
    let shoot = shoots::latest(tx, &member.id)?;
    mark_accepted(tx, &invite, member, shoot.as_ref().map(|shoot| &shoot.id))?;
    known::introduce(tx, &invite.id, member)
}

/// Adds someone on their behalf. An open invite of their address is answered by it.
///
/// # Errors
/// As [`shoots::add_on_behalf`].
pub fn add_on_behalf(tx: &Tx, by: &Actor, new: &NewManaged) -> Result<Member> {
    let member = shoots::add_on_behalf(tx, by, new)?;
    accept_along(tx, &member)?;
    members::get(tx, &member.id)
}

/// Gives someone the leads look after an address. They can sign in by it from now on, and are told of headshots that are there;
/// an open invite of that address is answered by it.
///
/// # Errors
/// As [`members::give_address`].
pub fn give_address(tx: &Tx, by: &Actor, member: &Member, email: &Email) -> Result<Member> {
    by.must_be(Role::Admin)?;
    let known = members::give_address(tx, member, email)?;
    accept_along(tx, &known)?;
    let address = audit::Change::between(member.email.as_ref().map(Email::as_str), Some(email.as_str()));
    by.note_change(tx, Action::AddressGiven, Some(&known), address)?;
    if let Some(shoot) = shoots::latest(tx, &known.id)?.filter(|shoot| shoot.state == shoots::State::Ready) {
        queue::push(tx, Job::ReadyMail(shoot.id))?;
    }
    Ok(known)
}

fn mark_accepted(tx: &Tx, invite: &Invite, member: &Member, shoot: Option<&ShootId>) -> Result<()> {
    tx.execute(
        "update invites set state = 'accepted', accepted_at = :now, member_id = :member, shoot_id = :shoot where id = :id",
        named_params! { ":now": tx.now, ":member": member.id, ":shoot": shoot, ":id": invite.id },
    )?;
    tx.ring(Topic::Organization(invite.organization.clone()));
    Ok(())
}

/// The invite with this id.
pub fn get(view: &View, id: &InviteId) -> Result<Invite> {
    view.find("select * from invites where id = :id", named_params! { ":id": id }, Invite::from_row)?
        .ok_or(Error::NotFound("Invite"))
}

/// The invite with this id, if it is this organization's.
pub fn of_organization(view: &View, organization: &OrganizationId, id: &InviteId) -> Result<Invite> {
    get(view, id).and_then(|invite| {
        if invite.organization == *organization { Ok(invite) } else { Err(Error::NotFound("Invite")) }
    })
}

/// An organization's invite for an address, by the address it was sent to or the member's present one; the newest live
/// one goes first, then the newest of any kind. [002]
pub fn live(view: &View, organization: &OrganizationId, email: &Email) -> Result<Option<Invite>> {
    // `cross join` keeps the order of the tables: where nobody has accepted yet, the planner would begin with all invites.
    view.find(
        "select * from (
             select * from invites where email = :email and organization_id = :organization
             union
             select i.* from accounts a
             cross join members m on m.account_id = a.id
             cross join invites i on i.member_id = m.id
             where a.email = :email and i.organization_id = :organization
         )
         order by
             (state = 'pending' and expires_at > :now) or (state = 'accepted' and member_id is not null) desc,
             created_at desc, id desc
         limit 1",
        named_params! { ":organization": organization, ":email": email, ":now": view.now },
        Invite::from_row,
    )
}

/// The invite a member came by, if they came by one, and when they accepted it.
pub fn of_member(view: &View, member: &MemberId) -> Result<Option<(Invite, Option<Timestamp>)>> {
    view.find(
        "select * from invites where member_id = :member order by accepted_at desc limit 1",
        named_params! { ":member": member },
        |row| Ok((Invite::from_row(row)?, row.get("accepted_at")?)),
    )
}

/// How far the person is who accepted an invite, by their latest shoot: after a retry was granted, that one. Nothing as long
/// as nobody has. Of someone who left, the shoot that began with the invite is what stayed.
pub fn progress(view: &View, invite: &Invite) -> Result<Option<Progress>> {
    let latest = match &invite.member {
        Some(member) => shoots::latest(view, member)?,
        None => None,
    };
    let shoot = match (latest, &invite.shoot) {
        (Some(shoot), _) => shoot,
        (None, Some(id)) => shoots::get(view, id)?,
        (None, None) => return Ok(None),
    };
    Ok(Some(Progress { shoot: shoot.id, state: shoot.state, has_photos: shoot.photos > 0 }))
}

/// Until when the person of a shoot can begin: as long as their invite could be accepted, or as an invite of that day could.
pub fn expiry_of(view: &View, shoot: &Shoot) -> Result<Timestamp> {
    let by_invite = view.find(
        "select expires_at from invites where shoot_id = :shoot",
        named_params! { ":shoot": shoot.id },
        |row| row.get(0),
    )?;
    Ok(by_invite.unwrap_or(shoot.created_at + LIFETIME))
}

/// The newest invite of any organization that this address can accept now.
pub fn waiting_for(view: &View, email: &Email) -> Result<Option<Invite>> {
    view.find(
        "select * from invites where email = :email and state = 'pending' and expires_at > :now order by created_at desc limit 1",
        named_params! { ":email": email, ":now": view.now },
        Invite::from_row,
    )
}

/// Turns pending invites past their time into expired ones, so that the kept count is exact and their addresses are free.
fn settle(tx: &Tx, organization: &OrganizationId) -> Result<()> {
    tx.execute(
        "update invites set state = 'expired' where organization_id = :organization and state = 'pending' and expires_at <= :now",
        named_params! { ":organization": organization, ":now": tx.now },
    )?;
    Ok(())
}

/// Pending invites past their time, which the kept count still has among those that wait.
fn expired(view: &View, organization: &OrganizationId) -> Result<i64> {
    view.one(
        "select count(*) from invites where organization_id = :organization and state = 'pending' and expires_at <= :now",
        named_params! { ":organization": organization, ":now": view.now },
        |row| row.get(0),
    )
}

fn must_be_new(tx: &Tx, organization: &OrganizationId, email: &Email) -> Result<()> {
    match taken(tx, organization, email)? {
        None => Ok(()),
        Some(Taken::Invited) => {
            Err(Error::invalid(say!("User with this email already invited: {email}.", email = email.as_str())))
        }
        Some(Taken::Member) => Err(Error::invalid(say!(
            "User with this email already invited: {email} is a member of your organization.",
            email = email.as_str()
        ))),
    }
}

fn must_have_room(tx: &Tx, organization: &OrganizationId, more: usize) -> Result<()> {
    let organization = organizations::get(tx, organization)?;
    let cap = organization.shown_credits().saturating_mul(PENDING_PER_CREDIT);
    let used = organization.pending_invites;
    let more = i64::try_from(more).unwrap_or(i64::MAX);
    if organization.unlimited || more <= cap.saturating_sub(used) {
        Ok(())
    } else {
        Err(Error::InviteLimit { used, cap })
    }
}
