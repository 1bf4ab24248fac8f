//! `headroom link`.

use clap::Subcommand;
use serde_json::json;

use super::{Said, Station, table};
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    ids::LinkId,
    links::{self, DomainName, Link, NewLink, State},
    members::Actor,
    organizations::{self, Zone},
    teams,
    wire::links::OpenLink,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an open invite link: one address to share with a group
    Create {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Only addresses of these domains may join, such as acme.com; any if none is named
        #[arg(long = "domain", value_name = "DOMAIN", num_args = 1..)]
        domains: Vec<String>,
        /// How many people may join; any number if it is left out
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        limit: Option<u32>,
        /// Until when: a span such as 30d, or a date and time in the organization's time zone such as 2027-03-01T18:00
        #[arg(long, value_name = "WHEN")]
        expires: Option<String>,
        /// Id or name of the team people join
        #[arg(long)]
        team: Option<String>,
    },
    /// List an organization's open invite links, newest first
    List {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
    },
    /// Take a link back: nobody joins by it any more, and who has joined stays
    Revoke {
        /// The link's id, as listed
        id: String,
    },
}

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    match command {
        Command::Create { org, domains, limit, expires, team } => {
            let domains = domains.iter().map(|domain| domain.parse()).collect::<Result<Vec<DomainName>>>()?;
            let (link, now) = station.db.write_and_wait(move |tx| {
                let organization = organizations::named(tx, &org)?.id;
                let zone = organizations::zone(tx, &organization)?;
                let expires_at = expires.map(|text| moment(&text, zone, tx.now)).transpose()?;
                let team = team.map(|text| teams::named(tx, &organization, &text)).transpose()?.map(|team| team.id);
                let new = NewLink { domains, limit, expires_at, team };
                Ok((links::create(tx, &Actor::operator(organization), &new)?, tx.now))
            })?;
            let url = station.urls.join(&link.id);
            Ok(Said::new(json!({ "link": OpenLink::new(link, &station.urls, now) }), url))
        }
        Command::List { org } => {
            let (listed, now) = station.db.read(|view| {
                let organization = organizations::named(view, &org)?;
                Ok((links::list(view, &organization.id)?, view.now))
            })?;
            let rows: Vec<_> = listed.iter().map(|link| row(link, now)).collect();
            let links: Vec<_> = listed.into_iter().map(|link| OpenLink::new(link, &station.urls, now)).collect();
            Ok(Said::new(
                json!({ "links": links }),
                table(&["ID", "FOR", "STATUS", "JOINED", "TEAM", "EXPIRES"], &rows),
            ))
        }
        Command::Revoke { id } => {
            let id: LinkId = id.parse().map_err(|_| Error::NotFound("Link"))?;
            let (link, now) = station.db.write_and_wait(move |tx| {
                let by = Actor::operator(links::get(tx, &id)?.organization);
                Ok((links::revoke(tx, &by, &id)?, tx.now))
            })?;
            let words = format!("Revoked the link {}. Who joined by it stays.", link.id);
            Ok(Said::new(json!({ "link": OpenLink::new(link, &station.urls, now) }), words))
        }
    }
}

/// A span from now, a moment with its zone, or a time on the organization's wall.
fn moment(text: &str, zone: Zone, now: Timestamp) -> Result<Timestamp> {
    if let Ok(span) = humantime::parse_duration(text) {
        return Ok(now + span);
    }
    if let Ok(moment) = text.parse() {
        return Ok(moment);
    }
    zone.read(text).map_err(|_| {
        Error::invalid(plain!(
            "\"{text:.40}\" is no time. Name a span such as 30d, or a date and time such as 2027-03-01T18:00."
        ))
    })
}

fn row(link: &Link, now: Timestamp) -> Vec<String> {
    let status = match link.state(now) {
        State::Open => "open",
        State::UsedUp => "used up",
        State::Expired => "expired",
        State::Revoked => "revoked",
    };
    let or_dash = |text: Option<String>| text.filter(|text| !text.is_empty()).unwrap_or_else(|| "-".to_owned());
    vec![
        link.id.to_string(),
        or_dash(Some(link.domains_or())),
        status.to_owned(),
        link.limit.map_or_else(|| link.uses.to_string(), |limit| format!("{} of {limit}", link.uses)),
        or_dash(link.team.as_ref().map(|team| team.name.clone())),
        or_dash(link.expires_at.map(|end| end.to_string())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_span_or_a_time() {
        let (now, berlin) = (Timestamp::from_millis(1_705_314_600_000), "Europe/Berlin".parse().unwrap());
        let read = |text| moment(text, berlin, now).map(|moment| moment.to_string());
        assert_eq!(read("2h").unwrap(), "2024-01-15T12:30:00.000Z");
        assert_eq!(read("30d").unwrap(), "2024-02-14T10:30:00.000Z");
        assert_eq!(read("2027-03-01T18:00").unwrap(), "2027-03-01T17:00:00.000Z");
        assert_eq!(read("2027-03-01T18:00:00Z").unwrap(), "2027-03-01T18:00:00.000Z");
        assert!(read("soon").is_err());
    }
}
