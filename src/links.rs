//! Open invite links: one address to share with a group, and whoever opens it may join. [001]

use rusqlite::{Row, named_params, types::Type};
use serde::Serialize;

use crate::{
    audit::Action,
    clock::Timestamp,
    credits,
    db::{Topic, Tx, View},
    error::{Error, Result},
    i18n::Message,
    ids::{LinkId, MemberId, OrganizationId, TeamId},
    members::{self, Account, Actor, Email, Member, Role},
    places,
    teams::{self, Team},
};

mod listing;

pub use crate::members::DomainName;
pub use listing::{Joined, count, list, page, part, still_here, who_joined};

/// Most domains one link can name.
const MOST_DOMAINS: usize = 20;

/// Whether a link lets anyone in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It does.
    Open,
    /// As many as it was made for have joined.
    UsedUp,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

impl State {
    /// Why nobody joins by it any more, and whom to ask; nothing while it is open.
    pub const fn refusal(self) -> Option<Message> {
        match self {
            Self::Open => None,
            Self::UsedUp => Some(say!(
                "This invite link is used up: as many people have joined as it was made for. Ask your admin for a new one."
            )),
            Self::Expired => Some(say!("This invite link has expired. Ask your admin for a new one.")),
            Self::Revoked => Some(say!("This invite link was revoked. Ask your admin for a new one.")),
        }
    }
}

/// An open invite link.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// Which; the part of its address that nobody guesses.
    pub id: LinkId,
    /// Into which organization.
    pub organization: OrganizationId,
    /// Into which team.
    pub team: Option<Team>,
    /// For addresses of these domains; none named means any.
    pub domains: Vec<DomainName>,
    /// For how many people.
    pub limit: Option<u32>,
    /// How many have joined, those who left again included.
    pub uses: u32,
    /// By which lead; nobody if a key or the operator did it.
    pub created_by: Option<MemberId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when anyone can join.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

impl Link {
    /// Whether it lets anyone in now.
    pub fn state(&self, now: Timestamp) -> State {
        if self.revoked_at.is_some() {
            State::Revoked
        } else if self.expires_at.is_some_and(|end| end <= now) {
            State::Expired
        } else if self.limit.is_some_and(|limit| self.uses >= limit) {
            State::UsedUp
        } else {
            State::Open
        }
    }

    /// Whether it is meant for this address. [000]
    pub fn admits(&self, email: &Email) -> bool {
        self.domains.is_empty() || DomainName::of(email).is_some_and(|domain| self.domains.contains(&domain))
    }

    /// Refuses an address it isn't meant for.
    pub fn must_admit(&self, email: &Email) -> Result<()> {
        if self.admits(email) {
            return Ok(());
        }
        Err(Error::invalid(say!(
            "This invite link is only for {domains_or} addresses. Enter yours.",
            domains_or = self.listed().unwrap_or_else(|| plain!(""))
        )))
    }

    /// Its domains as people list them: `acme.com, acme.de or acme.fr`.
    pub fn domains_or(&self) -> String {
        self.listed().map(String::from).unwrap_or_default()
    }

    /// The same, not in words yet; nothing if it is for everyone.
    fn listed(&self) -> Option<Message> {
        let names: Vec<&str> = self.domains.iter().map(DomainName::as_str).collect();
        match names.as_slice() {
            [] => None,
            [one] => Some(Message::plain(*one)),
            [front @ .., last] => Some(say!("{domains} or {last}", domains = front.join(", "), last = *last)),
        }
    }

    /// What to call it among others: by whom it is for.
    fn called(&self) -> String {
        let team = self.team.as_ref().map(|team| format!(" into {}", team.name)).unwrap_or_default();
        let domains = self.domains_or();
        if domains.is_empty() { format!("for anyone{team}") } else { format!("for {domains}{team}") }
    }

    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        let team: Option<TeamId> = row.get("team_id")?;
        let name: Option<String> = row.get("team_name")?;
        let domains: String = row.get("domains")?;
        Ok(Self {
            id: row.get("id")?,
            organization: row.get("organization_id")?,
            team: team.zip(name).map(|(id, name)| Team { id, name }),
            domains: serde_json::from_str(&domains)
                .map_err(|cause| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, cause.into()))?,
            limit: row.get("usage_limit")?,
            uses: row.get("uses")?,
            created_by: row.get("created_by")?,
            created_at: row.get("created_at")?,
            expires_at: row.get("expires_at")?,
            revoked_at: row.get("revoked_at")?,
        })
    }
}

/// What a new link is to be.
#[derive(Clone, Debug, Default)]
pub struct NewLink {
    /// For addresses of these domains; none: any.
    pub domains: Vec<DomainName>,
    /// For how many people.
    pub limit: Option<u32>,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// Into which team.
    pub team: Option<TeamId>,
}

/// What a link was called when something of it was written down, to be read in any language.
pub fn told(called: &str) -> Message {
    let Some(whom) = called.strip_prefix("for ") else { return Message::plain(called) };
    match whom.split_once(" into ") {
        None if whom == "anyone" => say!("for anyone"),
        None => say!("for {domains}", domains = whom),
        Some(("anyone", team)) => say!("for anyone into {team}", team),
        Some((domains, team)) => say!("for {domains} into {team}", domains, team),
    }
}

/// Makes a link. Costs nothing yet: each who joins takes a credit when their photos are submitted. [001]
///
/// # Errors
/// In this order: a foreign team, a limit of nobody, too many domains, an expiry that isn't ahead, no credit.
pub fn create(tx: &Tx, by: &Actor, new: &NewLink) -> Result<Link> {
    by.must_be(Role::Admin)?;
    if let Some(team) = &new.team {
        teams::must_exist(tx, &by.organization, team)?;
    }
    if new.limit == Some(0) {
        return Err(Error::invalid(say!("A link needs a usage limit of at least 1, or none.")));
    }
    if new.expires_at.is_some_and(|end| end <= tx.now) {
        return Err(Error::invalid(say!("The expiry lies in the past. Choose a time to come.")));
    }
    let mut domains: Vec<&DomainName> = Vec::new();
    for domain in &new.domains {
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    if domains.len() > MOST_DOMAINS {
        return Err(Error::invalid(say!("A link can name at most {most} domains.", most = MOST_DOMAINS)));
    }
    credits::must_have_one(tx, &by.organization)?;
    let id = LinkId::new();
    tx.execute(
        "insert into links (id, organization_id, team_id, domains, usage_limit, created_by, created_at, expires_at)
         values (:id, :organization, :team, :domains, :limit, :by, :now, :expires_at)",
        named_params! {
            ":id": id, ":organization": by.organization, ":team": new.team, ":domains": serde_json::to_string(&domains)?,
            ":limit": new.limit, ":by": by.member, ":now": tx.now, ":expires_at": new.expires_at,
        },
    )?;
    let link = get(tx, &id)?;
    by.note_about(tx, Action::LinkMade, &link.called(), None)?;
    tx.ring(Topic::Organization(by.organization.clone()));
    Ok(link)
}

/// The link with this id.
pub fn get(view: &View, id: &LinkId) -> Result<Link> {
    view.find(
        "select l.*, t.name as team_name from links l left join teams t on t.id = l.team_id where l.id = :id",
        named_params! { ":id": id },
        Link::from_row,
    )?
    .ok_or(Error::NotFound("Link"))
}

/// The link with this id, if it is this organization's.
pub fn of_organization(view: &View, organization: &OrganizationId, id: &LinkId) -> Result<Link> {
    Some(get(view, id)?).filter(|link| link.organization == *organization).ok_or(Error::NotFound("Link"))
}

/// Takes a link back. Nobody joins by it from then on; who has joined stays. [001]
///
/// # Errors
/// [`Error::Invalid`] if it was revoked before.
pub fn revoke(tx: &Tx, by: &Actor, id: &LinkId) -> Result<Link> {
    by.must_be(Role::Admin)?;
    let link = of_organization(tx, &by.organization, id)?;
    if link.revoked_at.is_some() {
        return Err(Error::invalid(say!("This link is already revoked.")));
    }
    tx.execute("update links set revoked_at = :now where id = :id", named_params! { ":now": tx.now, ":id": id })?;
    by.note_about(tx, Action::LinkRevoked, &link.called(), None)?;
    tx.ring(Topic::Organization(link.organization));
    get(tx, id)
}

/// Lets the account of an address in by a link: it becomes a member, and its shoot begins. Who is a member already just comes
/// in, without a use.
///
/// Someone else's lead or member leaves that organization; its owner has to hand it over first. [000]
///
/// # Errors
/// The link is used up, expired or revoked, or isn't for this address; or as [`places::take_in`].
pub fn accept(tx: &Tx, id: &LinkId, email: &Email) -> Result<(Account, Member)> {
    let link = get(tx, id)?;
    let account = members::account_for(tx, email)?;
    let place = members::of_account(tx, &account.id)?;
    if let Some(here) = place.filter(|place| place.organization == link.organization) {
        return Ok((account, here));
    }
    // One thread writes, so nobody comes between this look and the use below. `schema.sql` refuses the same once more.
    if let Some(sentence) = link.state(tx.now).refusal() {
        return Err(Error::invalid(sentence));
    }
    link.must_admit(email)?;
    let team = link.team.as_ref().map(|team| &team.id);
    let (member, _) = places::take_in(tx, &link.organization, &account.id, team)?;
    tx.execute(
        "insert into link_uses (link_id, member_id, created_at) values (:link, :member, :now)",
        named_params! { ":link": id, ":member": member.id, ":now": tx.now },
    )?;
    tx.ring(Topic::Organization(link.organization));
    Ok((account, member))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn link(domains: &[&str]) -> Link {
        Link {
            id: LinkId::new(),
            organization: OrganizationId::new(),
            team: None,
            domains: domains.iter().map(|domain| domain.parse().unwrap()).collect(),
            limit: None,
            uses: 0,
            created_by: None,
            created_at: Timestamp::from_millis(0),
            expires_at: None,
            revoked_at: None,
        }
    }

    #[test]
    fn a_link_closes_for_one_reason_at_a_time() {
        let now = Timestamp::from_millis(1_705_314_600_000);
        let open = Link { limit: Some(2), uses: 1, expires_at: Some(now + Duration::from_millis(1)), ..link(&[]) };
        assert_eq!(open.state(now), State::Open);
        let full = Link { uses: 2, ..open };
        assert_eq!(full.state(now), State::UsedUp);
        let late = Link { expires_at: Some(now), ..full };
        assert_eq!(late.state(now), State::Expired);
        assert_eq!(Link { revoked_at: Some(now), ..late }.state(now), State::Revoked);
    }

    #[test]
    fn a_link_admits_the_addresses_of_its_domains() {
        let (kim, sam) = ("kim@acme.com".parse().unwrap(), "sam@mail.acme.com".parse().unwrap());
        assert!(link(&[]).admits(&kim) && link(&[]).admits(&sam));
        let acme = link(&["acme.com", "acme.de"]);
        assert!(acme.admits(&kim) && !acme.admits(&sam));
        let said = acme.must_admit(&sam).unwrap_err().to_string();
        assert_eq!(said, "This invite link is only for acme.com or acme.de addresses. Enter yours.");
    }
}
