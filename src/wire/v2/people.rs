//! The organization's people. [docs]

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::{
    clock::Timestamp,
    error::{Error, Result},
    ids::{MemberId, ShootId, TeamId},
    members::{Change, Email, Listed, NewManaged, PersonName, Stage, Title},
    shoots,
    wire::{
        Pagination,
        schemas::{MemberStatus, ModelStatus, TeamChoice},
        status::Standing,
    },
};

/// One page of members, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MemberPage)]
pub struct TeamPage {
    /// The members.
    pub members: Vec<TeamMember>,
    /// Where in the list.
    pub pagination: Pagination,
}

/// All members who stand somewhere.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MembersAt)]
pub struct TeamAt {
    /// The members, newest first.
    pub members: Vec<TeamMember>,
    /// How many they are.
    pub count: usize,
}

/// One member.
#[derive(Debug, Serialize, ToSchema)]
pub struct OneMember {
    /// The member.
    pub member: TeamMember,
}

/// A member.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Member)]
pub struct TeamMember {
    id: MemberId,
    /// Their address, or null if leads look after them without one.
    #[schema(required)]
    email: Option<Email>,
    /// Their name, or null as long as they have not said it.
    #[schema(required, example = "Kim Lee")]
    name: Option<String>,
    /// Their job title, or null.
    #[schema(required, example = "Engineer")]
    title: Option<String>,
    /// Where they stand; null once their headshots are deleted.
    #[schema(required, value_type = Option<MemberStatus>)]
    status: Option<&'static str>,
    /// Their team, or null.
    #[schema(required)]
    team_id: Option<TeamId>,
    /// What the team is called now, or null.
    #[schema(required, example = "Marketing")]
    team_name: Option<String>,
    /// Their latest model, or null for a lead who has none.
    #[schema(required)]
    model_id: Option<ShootId>,
    /// Where it stands.
    #[schema(required, value_type = Option<ModelStatus>)]
    model_status: Option<&'static str>,
    joined_at: Timestamp,
}

impl From<Listed> for TeamMember {
    fn from(listed: Listed) -> Self {
        let state: Option<shoots::State> = listed.shoot_state.and_then(|state| state.parse().ok());
        let standing = match (listed.stage, state) {
            (Stage::Uploading, _) => Standing::Uploading,
            (_, Some(state)) => Standing::of_shoot(state, false),
            (_, None) => Standing::SignedUp,
        };
        Self {
            id: listed.id,
            email: listed.email,
            name: listed.name,
            title: listed.title,
            status: standing.words().member,
            team_id: listed.team_id,
            team_name: listed.team,
            model_id: listed.shoot,
            model_status: state.map(Standing::model),
            joined_at: listed.created_at,
        }
    }
}

/// The stages that a member's status stands for.
///
/// # Errors
/// [`Error::Invalid`] for a word that is none.
pub fn stages(status: &str) -> Result<&'static [Stage]> {
    match status {
        "accepted" => Ok(&[Stage::Lead, Stage::Joined]),
        "pending" => Ok(&[Stage::Uploading, Stage::Generating, Stage::Failed]),
        "finished" => Ok(&[Stage::Finished]),
        other => Err(Error::invalid(plain!("\"status\" is one of accepted, pending, finished, not \"{other:.50}\"."))),
    }
}

/// Someone to add on their behalf. [001]
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddMember {
    /// What they are called.
    #[schema(required, nullable = false, min_length = 1, max_length = 200, example = "Kim Lee")]
    name: Option<String>,
    /// Where they hear that their headshots are ready; without it only the leads see them.
    #[schema(value_type = Option<String>, format = Email, example = "kim@acme.com")]
    email: Option<String>,
    /// Their job title.
    #[schema(max_length = 200, example = "Engineer")]
    title: Option<String>,
    /// A team of the organization; null or empty for none.
    #[schema(value_type = Option<TeamChoice>)]
    team_id: Option<String>,
}

impl AddMember {
    /// The values, checked in this order: name, address, job title, team.
    pub fn parse(self) -> Result<NewManaged> {
        let name =
            self.name.ok_or_else(|| Error::invalid(plain!("\"name\" is missing. It has to say whom to add.")))?;
        Ok(NewManaged {
            name: PersonName::parse(&name)?,
            email: self.email.filter(|email| !email.trim().is_empty()).map(|email| email.parse()).transpose()?,
            title: self.title.as_deref().map(Title::parse).transpose()?.unwrap_or_else(Title::none),
            team: team(self.team_id)?,
        })
    }
}

/// What is to become different about a member. What is left out stays as it is; null takes it away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(min_properties = 1)]
pub struct ChangeMember {
    /// A team of the organization; null or empty for none.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<TeamChoice>)]
    team_id: Option<Option<String>>,
    /// Their job title, or null for none.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, max_length = 200, example = "Engineer")]
    title: Option<Option<String>>,
}

/// Tells null from nothing said.
fn said<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

impl ChangeMember {
    /// The change, checked.
    pub fn parse(self) -> Result<Change> {
        if self.team_id.is_none() && self.title.is_none() {
            return Err(Error::invalid(plain!("Say what to change: \"teamId\", \"title\" or both.")));
        }
        Ok(Change {
            team: self.team_id.map(team).transpose()?,
            title: self.title.map(|title| Title::parse(title.as_deref().unwrap_or_default())).transpose()?,
        })
    }
}

/// An empty id is none; another text that can't be a team's id names a team that isn't there.
fn team(id: Option<String>) -> Result<Option<TeamId>> {
    id.filter(|id| !id.is_empty()).map(|id| id.parse().map_err(|_| Error::NotFound("Team"))).transpose()
}

/// A member was removed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RemovedMember)]
pub struct Removed {
    #[schema(value_type = String, example = "Member removed")]
    message: &'static str,
    input: super::Input,
}

impl Removed {
    /// The one with this address.
    pub fn new(email: Email) -> Self {
        Self { message: "Member removed", input: super::Input { email } }
    }
}
