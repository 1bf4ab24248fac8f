//! Open invite links over API v2: what a request may hold and what each reply holds.

use serde::{Deserialize, Serialize};

use super::Pagination;
use crate::{
    clock::Timestamp,
    config::Urls,
    error::{Error, Result},
    ids::{LinkId, TeamId},
    links::{DomainName, Link, NewLink, State},
};

/// What a link is to be. Everything may be left out.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateLink {
    domains: Option<Vec<String>>,
    limit: Option<i64>,
    expires_at: Option<String>,
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

fn limit(number: i64) -> Result<u32> {
    u32::try_from(number)
        .ok()
        .filter(|limit| *limit > 0)
        .ok_or_else(|| Error::invalid("\"limit\" has to be a whole number of people, at least 1."))
}

fn moment(text: &str) -> Result<Timestamp> {
    text.parse().map_err(|_| {
        Error::invalid("\"expiresAt\" has to be a date and time with its zone, such as 2027-03-01T18:00:00.000Z.")
    })
}

/// A link was made.
#[derive(Debug, Serialize)]
pub struct Made {
    link: Shown,
}

impl Made {
    /// From what was made.
    pub fn new(link: Link, urls: &Urls, now: Timestamp) -> Self {
        Self { link: Shown::new(link, urls, now) }
    }
}

/// A list of links.
#[derive(Debug, Serialize)]
pub struct Links {
    /// Newest first.
    pub links: Vec<Shown>,
    /// Where in the list; absent if this is all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
}

/// A link was revoked.
#[derive(Debug, Serialize)]
pub struct Revoked {
    message: &'static str,
    link: Shown,
}

impl Revoked {
    /// From what is left of it.
    pub fn new(link: Link, urls: &Urls, now: Timestamp) -> Self {
        Self { message: "Link revoked", link: Shown::new(link, urls, now) }
    }
}

/// A link.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    id: LinkId,
    url: String,
    domains: Vec<DomainName>,
    limit: Option<u32>,
    uses: u32,
    team_id: Option<TeamId>,
    team_name: Option<String>,
    status: &'static str,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
}

impl Shown {
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
