//! API v2: what a request may hold and what each reply holds, to the key. [002]

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Pagination,
    schemas::{InviteStatus, TeamChoice},
    status::Standing,
};
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    ids::{InviteId, OrganizationId, ShootId, TeamId},
    invites::{self, Invite, Listed, NewInvite, Progress},
    members::Email,
    organizations,
    teams::{self, TeamName},
    wire,
};

mod ledger;
mod models;
mod people;
mod photos;

pub use ledger::{Entry, Ledger};
pub use models::{Model, Models, OneModel};
pub use people::{AddMember, ChangeMember, OneMember, Removed, TeamAt, TeamMember, TeamPage, stages};
pub use photos::{
    Download, DownloadPhotos, Downloads, FavoritePhoto, Favorites, Include, MembersPhoto, OnePhoto, Photo, PhotoMember,
    PhotoStatus, PhotoUrls, Photos, Signer, must_open,
};

/// A team.
#[derive(Debug, Serialize, ToSchema)]
pub struct Team {
    id: TeamId,
    /// Unique in its organization.
    #[schema(example = "Marketing")]
    name: String,
}

impl From<teams::Team> for Team {
    fn from(team: teams::Team) -> Self {
        Self { id: team.id, name: team.name }
    }
}

/// An organization with its teams.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OneOrganization)]
pub struct Organization {
    organization: OrganizationBody,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Organization)]
struct OrganizationBody {
    uid: OrganizationId,
    #[schema(example = "Acme")]
    name: String,
    /// Its web site, or null.
    #[schema(required, example = "https://acme.com")]
    website: Option<String>,
    /// By name.
    teams: Vec<Team>,
}

impl Organization {
    /// From what is stored.
    pub fn new(organization: organizations::Organization, teams: Vec<teams::Team>) -> Self {
        let organizations::Organization { id, name, website, .. } = organization;
        let teams = teams.into_iter().map(Team::from).collect();
        Self { organization: OrganizationBody { uid: id, name, website, teams } }
    }
}

/// The balance.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Balance)]
pub struct Credits {
    /// Credits left; 999999 for an organization that needs none.
    #[schema(example = 100, minimum = 0)]
    pub credits: i64,
}

/// All teams.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TeamList)]
pub struct Teams {
    /// By name.
    pub teams: Vec<Team>,
}

/// A sentence about what was done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Confirmation)]
pub struct Message {
    /// It.
    #[schema(value_type = String, example = "Members added to the team")]
    pub message: &'static str,
}

/// What names a team.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = TeamName)]
pub struct NamedTeam {
    /// Unique in the organization.
    #[schema(required, value_type = String, min_length = 1, max_length = 100, example = "Marketing")]
    name: Option<String>,
}

impl NamedTeam {
    /// The name, checked.
    pub fn parse(self) -> Result<TeamName> {
        TeamName::parse(&self.name.ok_or_else(|| Error::invalid(plain!("\"name\" is missing. A team needs one.")))?)
    }
}

/// Whom to put into a team.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = AddTeamMembers)]
pub struct TeamMembers {
    /// Addresses of members: all of them are put into the team or, if one is nobody's here, none.
    #[schema(required, value_type = Vec<String>, min_items = 1, example = json!(["user1@example.com", "user2@example.com"]))]
    emails: Option<Vec<String>>,
}

impl TeamMembers {
    /// The addresses, checked.
    pub fn parse(self) -> Result<Vec<Email>> {
        let emails = self.emails.filter(|emails| !emails.is_empty());
        let emails = emails
            .ok_or_else(|| Error::invalid(plain!("\"emails\" is missing. It has to list addresses of members.")))?;
        emails.iter().map(|email| email.parse()).collect()
    }
}

/// Whom to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateInvite {
    /// Whom to invite.
    #[schema(required, value_type = String, format = Email, example = "user@example.com")]
    email: Option<String>,
    /// A team of the organization; null or empty for none.
    #[schema(value_type = Option<TeamChoice>)]
    team_id: Option<String>,
}

impl CreateInvite {
    /// The address and the team, checked in this order. An id that can't be a team's is a team that isn't there.
    pub fn parse(self) -> Result<NewInvite> {
        let email = self
            .email
            .ok_or_else(|| Error::invalid(plain!("\"email\" is missing. It has to say whom to invite.")))?
            .parse()?;
        let team = self
            .team_id
            .filter(|id| !id.is_empty())
            .map(|id| id.parse().map_err(|_| Error::NotFound("Team")))
            .transpose()?;
        Ok(NewInvite { email, team })
    }
}

/// Which invite to revoke.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RevokeInvite {
    /// Whose invite to revoke.
    #[schema(required, value_type = String, format = Email, example = "user@example.com")]
    email: Option<String>,
}

impl RevokeInvite {
    /// The address, checked.
    pub fn parse(self) -> Result<Email> {
        self.email
            .ok_or_else(|| Error::invalid(plain!("\"email\" is missing. It has to say whose invite to revoke.")))?
            .parse()
    }
}

/// What the caller sent, said back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EchoedInput)]
struct Input {
    email: Email,
}

/// An invite was made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CreatedInvite)]
pub struct Invited {
    input: Input,
    #[schema(value_type = String, example = "Invite sent")]
    message: &'static str,
    /// The invite's bare link, which asks for the address it was sent to.
    #[schema(format = "uri", example = "https://headshots.acme.com/auth/signup?invite=507f1f77bcf86cd799439014")]
    link: String,
    id: InviteId,
    /// The team, or null.
    #[schema(required)]
    team_id: Option<TeamId>,
}

impl Invited {
    /// From what was made; `link` is the invite's bare link.
    pub fn new(invite: Invite, link: String) -> Self {
        Self { input: Input { email: invite.email }, message: "Invite sent", link, id: invite.id, team_id: invite.team }
    }
}

/// An invite was revoked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RevokedInvite)]
pub struct Revoked {
    #[schema(value_type = String, example = "Invite revoked")]
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
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InviteList)]
pub struct Invites {
    /// Newest first.
    pub invites: Vec<ListedInvite>,
    /// Where in the list; absent if this is all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub pagination: Option<Pagination>,
}

/// An invite in a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedInvite {
    email: Email,
    #[schema(value_type = InviteStatus)]
    status: &'static str,
    /// Present, and true, only for a pending invite whose 30 days are over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    expired: Option<bool>,
    /// The person's model; absent as long as there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    model_id: Option<ShootId>,
    /// The team, or null.
    #[schema(required)]
    team_id: Option<TeamId>,
    /// What the team is called now, or null.
    #[schema(required, example = "Marketing")]
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
#[derive(Debug, Serialize, ToSchema)]
pub struct OneInvite {
    invite: OneInviteBody,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InviteStanding)]
struct OneInviteBody {
    email: Email,
    #[schema(value_type = InviteStatus)]
    status: &'static str,
    /// Present, and true, only for a pending invite whose 30 days are over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    expired: Option<bool>,
    /// The person's model; absent as long as there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    model_id: Option<ShootId>,
    /// The team, or null.
    #[schema(required)]
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
