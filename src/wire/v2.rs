//! API v2: what a request may hold and what each reply holds, to the key. [002]

use serde::{Deserialize, Serialize};

use super::{Pagination, status::Standing};
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    ids::{InviteId, OrganizationId, ShootId, TeamId},
    invites::{self, Invite, Listed, NewInvite, Progress},
    members::Email,
    organizations,
    teams::{Team, TeamName},
    wire,
};

/// An organization with its teams.
#[derive(Debug, Serialize)]
pub struct Organization {
    organization: OrganizationBody,
}

#[derive(Debug, Serialize)]
struct OrganizationBody {
    uid: OrganizationId,
    name: String,
    website: Option<String>,
    teams: Vec<Team>,
}

impl Organization {
    /// From what is stored.
    pub fn new(organization: organizations::Organization, teams: Vec<Team>) -> Self {
        let organizations::Organization { id, name, website, .. } = organization;
        Self { organization: OrganizationBody { uid: id, name, website, teams } }
    }
}

/// The balance.
#[derive(Debug, Serialize)]
pub struct Credits {
    /// Credits left; 999999 for an organization that needs none.
    pub credits: i64,
}

/// All teams.
#[derive(Debug, Serialize)]
pub struct Teams {
    /// By name.
    pub teams: Vec<Team>,
}

/// A sentence about what was done.
#[derive(Debug, Serialize)]
pub struct Message {
    /// It.
    pub message: &'static str,
}

/// What names a team.
#[derive(Debug, Deserialize)]
pub struct NamedTeam {
    name: Option<String>,
}

impl NamedTeam {
    /// The name, checked.
    pub fn parse(self) -> Result<TeamName> {
        TeamName::parse(&self.name.ok_or_else(|| Error::invalid("\"name\" is missing. A team needs one."))?)
    }
}

/// Whom to put into a team.
#[derive(Debug, Deserialize)]
pub struct TeamMembers {
    emails: Option<Vec<String>>,
}

impl TeamMembers {
    /// The addresses, checked.
    pub fn parse(self) -> Result<Vec<Email>> {
        let emails = self.emails.filter(|emails| !emails.is_empty());
        let emails =
            emails.ok_or_else(|| Error::invalid("\"emails\" is missing. It has to list addresses of members."))?;
        emails.iter().map(|email| email.parse()).collect()
    }
}

/// Whom to invite.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateInvite {
    email: Option<String>,
    team_id: Option<String>,
}

impl CreateInvite {
    /// The address and the team, checked in this order. An id that can't be a team's is a team that isn't there.
    pub fn parse(self) -> Result<NewInvite> {
        let email =
            self.email.ok_or_else(|| Error::invalid("\"email\" is missing. It has to say whom to invite."))?.parse()?;
        let team = self
            .team_id
            .filter(|id| !id.is_empty())
            .map(|id| id.parse().map_err(|_| Error::NotFound("Team")))
            .transpose()?;
        Ok(NewInvite { email, team })
    }
}

/// Which invite to revoke.
#[derive(Debug, Deserialize)]
pub struct RevokeInvite {
    email: Option<String>,
}

impl RevokeInvite {
    /// The address, checked.
    pub fn parse(self) -> Result<Email> {
        self.email.ok_or_else(|| Error::invalid("\"email\" is missing. It has to say whose invite to revoke."))?.parse()
    }
}

/// What the caller sent, said back.
#[derive(Debug, Serialize)]
struct Input {
    email: Email,
}

/// An invite was made.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invited {
    input: Input,
    message: &'static str,
    link: String,
    id: InviteId,
    team_id: Option<TeamId>,
}

impl Invited {
    /// From what was made; `link` is the invite's bare link.
    pub fn new(invite: Invite, link: String) -> Self {
        Self { input: Input { email: invite.email }, message: "Invite sent", link, id: invite.id, team_id: invite.team }
    }
}

/// An invite was revoked.
#[derive(Debug, Serialize)]
pub struct Revoked {
    message: &'static str,
    input: Input,
}

impl Revoked {
    /// Of this address.
    pub fn new(email: Email) -> Self {
        Self { message: "Invite revoked", input: Input { email } }
    }
}

/// A list of invites.
#[derive(Debug, Serialize)]
pub struct Invites {
    /// Newest first.
    pub invites: Vec<ListedInvite>,
    /// Where in the list; absent if this is all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
}

/// An invite in a list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedInvite {
    email: Email,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expired: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_id: Option<ShootId>,
    team_id: Option<TeamId>,
    team_name: Option<String>,
    created_at: Timestamp,
}

impl ListedInvite {
    /// As it stands at `now`.
    pub fn new(listed: Listed, now: Timestamp) -> Self {
        let standing = Standing::of_invite(listed.state, listed.progress.as_ref());
        let (team_id, team_name) = listed.team.unzip();
        Self {
            email: listed.email,
            status: standing.words().v2_invite,
            expired: wire::status::expired(listed.state, listed.expires_at, now).then_some(true),
            model_id: shown_model(listed.state, listed.progress),
            team_id,
            team_name,
            created_at: listed.created_at,
        }
    }

    /// The same for a table: address, status, team, time.
    pub fn columns(&self) -> Vec<String> {
        let status = if self.expired.is_some() { "expired" } else { self.status };
        vec![
            self.email.to_string(),
            status.to_owned(),
            self.team_name.clone().unwrap_or_default(),
            self.created_at.to_string(),
        ]
    }
}

/// A revoked invite's model is purged, so it shows none.
fn shown_model(state: invites::State, progress: Option<Progress>) -> Option<ShootId> {
    progress.filter(|_| state == invites::State::Accepted).map(|progress| progress.shoot)
}

/// One invite.
#[derive(Debug, Serialize)]
pub struct OneInvite {
    invite: OneInviteBody,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OneInviteBody {
    email: Email,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expired: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_id: Option<ShootId>,
    team_id: Option<TeamId>,
}

impl OneInvite {
    /// As it stands at `now`.
    pub fn new(invite: Invite, progress: Option<Progress>, now: Timestamp) -> Self {
        let standing = Standing::of_invite(invite.state, progress.as_ref());
        Self {
            invite: OneInviteBody {
                email: invite.email,
                status: standing.words().v2_invite,
                expired: wire::status::expired(invite.state, invite.expires_at, now).then_some(true),
                model_id: shown_model(invite.state, progress),
                team_id: invite.team,
            },
        }
    }
}
