//! API v1, which the oldest clients speak. What it shares with v2 to the key is not repeated here. [004]

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    schemas::InviteStatusV1,
    status::{Standing, expired},
    v2::Team,
};
use crate::{
    clock::Timestamp,
    ids::{InviteId, OrganizationId, TeamId},
    invites::{self, Invite, Listed, Progress},
    members::Email,
    organizations, teams,
};

/// An organization with its teams, after they were changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OneOrganizationV1)]
pub struct DescribedOrganization {
    organization: Described,
}

/// An organization with its description.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrganizationV1)]
struct Described {
    uid: OrganizationId,
    #[schema(example = "Acme")]
    name: String,
    /// A sentence about it, or null.
    #[schema(required, example = "Makers of everything")]
    description: Option<String>,
    /// Its web site, or null.
    #[schema(required, example = "https://acme.com")]
    website: Option<String>,
    teams: Vec<Team>,
}

impl DescribedOrganization {
    /// From what is stored.
    pub fn new(organization: organizations::Organization, teams: Vec<teams::Team>) -> Self {
        let organizations::Organization { id, name, description, website, .. } = organization;
        let teams = teams.into_iter().map(Team::from).collect();
        Self { organization: Described { uid: id, name, description, website, teams } }
    }
}

/// All invites.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InviteListV1)]
pub struct Invites {
    /// Newest first.
    pub invites: Vec<ListedInvite>,
}

/// An invite in a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ListedInviteV1)]
pub struct ListedInvite {
    id: InviteId,
    /// The address that was invited.
    email: Email,
    /// Whether it can still be accepted.
    valid: bool,
    /// The team, or null.
    #[schema(required)]
    team_id: Option<TeamId>,
    created_at: Timestamp,
    /// Whether it was accepted.
    used: bool,
    /// The invite's bare link, which asks for the address it was sent to.
    #[schema(format = "uri", example = "https://headshots.acme.com/auth/signup?invite=507f1f77bcf86cd799439014")]
    link: String,
}

impl ListedInvite {
    /// As it stands at `now`; `link` is its bare link.
    pub fn new(listed: Listed, link: String, now: Timestamp) -> Self {
        Self {
            id: listed.id,
            email: listed.email,
            valid: listed.state == invites::State::Pending && !expired(listed.state, listed.expires_at, now),
            team_id: listed.team.map(|(id, _)| id),
            created_at: listed.created_at,
            used: listed.accepted,
            link,
        }
    }
}

/// One invite.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OneInviteV1)]
pub struct OneInvite {
    invite: Standings,
}

/// Where an invited person stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InviteStandingV1)]
struct Standings {
    /// The address that was invited; once the invite is used, the person's present one.
    email: Email,
    #[schema(value_type = InviteStatusV1)]
    status: &'static str,
    /// The team, or null.
    #[schema(required)]
    team_id: Option<TeamId>,
}

impl OneInvite {
    /// As it stands; `present` is the address of whoever accepted it.
    pub fn new(invite: Invite, progress: Option<&Progress>, present: Option<Email>) -> Self {
        let standing = Standing::of_invite(invite.state, progress);
        Self {
            invite: Standings {
                email: present.unwrap_or(invite.email),
                status: standing.words().v1_invite,
                team_id: invite.team,
            },
        }
    }
}
