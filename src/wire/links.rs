//! Open invite links over API v2: what a request may hold and what each reply holds.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Pagination, schemas::TeamChoice};
use crate::{
    clock::Timestamp,
    config::Urls,
    error::{Error, Result},
    ids::{LinkId, TeamId},
    links::{DomainName, Link, NewLink, State},
};

/// What a link is to be. Everything may be left out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateLink {
    /// Only addresses of these domains may join; any if it is left out.
    #[schema(value_type = Option<Vec<DomainName>>, max_items = 20)]
    domains: Option<Vec<String>>,
    /// How many people may join by it; any number if it is left out.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 4294967295_i64, example = 50)]
    limit: Option<f64>,
    /// Until when they may join; without end if it is left out.
    #[schema(format = DateTime, example = "2030-03-01T18:00:00.000Z")]
    expires_at: Option<String>,
    /// A team of the organization, to join into; null or empty for none.
    #[schema(value_type = Option<TeamChoice>)]
    team_id: Option<String>,
}

impl CreateLink {
    /// Domains, limit, expiry and team, checked in this order. An id that can't be a team's is a team that isn't there.
    pub fn parse(self) -> Result<NewLink> {
        let domains = self.domains.unwrap_or_default();
        Ok(NewLink {
            domains: domains.iter().map(|domain| domain.parse()).collect::<Result<_>>()?,
            limit: self.limit.map(limit).transpose()?,
            expires_at: self.expires_at.as_deref().map(moment).transpose()?,
            team: self
                .team_id
                .filter(|id| !id.is_empty())
                .map(|id| id.parse().map_err(|_| Error::NotFound("Team")))
                .transpose()?,
        })
    }
}

/// Some programs write 50 as `50.0`, which JSON takes for the same number.
fn limit(number: f64) -> Result<u32> {
    if number.fract() == 0.0 && (1.0..=f64::from(u32::MAX)).contains(&number) {
        Ok(number as u32)
    } else {
        Err(Error::invalid(plain!("\"limit\" has to be a whole number of people, at least 1.")))
    }
}

fn moment(text: &str) -> Result<Timestamp> {
    text.parse().map_err(|_| {
        Error::invalid(plain!(
            "\"expiresAt\" has to be a date and time with its zone, such as 2027-03-01T18:00:00.000Z."
        ))
    })
}

/// A link was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct OneLink {
    link: OpenLink,
}

impl OneLink {
    /// From what was made.
    pub fn new(link: Link, urls: &Urls, now: Timestamp) -> Self {
        Self { link: OpenLink::new(link, urls, now) }
    }
}

/// A list of links.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LinkList)]
pub struct Links {
    /// Newest first.
    pub links: Vec<OpenLink>,
    /// Where in the list; absent if this is all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub pagination: Option<Pagination>,
}

/// A link was revoked.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevokedLink {
    #[schema(value_type = String, example = "Link revoked")]
    message: &'static str,
    link: OpenLink,
}

impl RevokedLink {
    /// From what is left of it.
    pub fn new(link: Link, urls: &Urls, now: Timestamp) -> Self {
        Self { message: "Link revoked", link: OpenLink::new(link, urls, now) }
    }
}

/// A link.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenLink {
    id: LinkId,
    /// What to share.
    #[schema(format = "uri", example = "https://headshots.acme.com/organization/join/507f1f77bcf86cd799439015")]
    url: String,
    /// Only addresses of these may join; any if there is none.
    domains: Vec<DomainName>,
    /// How many people may join by it, or null.
    #[schema(required, minimum = 1, example = 50)]
    limit: Option<u32>,
    /// How many have joined by it.
    #[schema(example = 12)]
    uses: u32,
    /// The team people join into, or null.
    #[schema(required)]
    team_id: Option<TeamId>,
    /// What the team is called now, or null.
    #[schema(required, example = "Marketing")]
    team_name: Option<String>,
    #[schema(value_type = LinkStatus)]
    status: &'static str,
    created_at: Timestamp,
    /// Until when people may join, or null.
    #[schema(required)]
    expires_at: Option<Timestamp>,
}

/// Whether people can join by a link.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum LinkStatus {
    /// They can.
    Open,
    /// As many have joined as may.
    UsedUp,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

impl OpenLink {
    /// As it stands at `now`.
    pub fn new(link: Link, urls: &Urls, now: Timestamp) -> Self {
        let status = match link.state(now) {
            State::Open => "open",
            State::UsedUp => "used-up",
            State::Expired => "expired",
            State::Revoked => "revoked",
        };
        let (team_id, team_name) = link.team.map(|team| (team.id, team.name)).unzip();
        Self {
            url: urls.join(&link.id),
            id: link.id,
            domains: link.domains,
            limit: link.limit,
            uses: link.uses,
            team_id,
            team_name,
            status,
            created_at: link.created_at,
            expires_at: link.expires_at,
        }
    }
}
