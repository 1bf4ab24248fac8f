//! `headroom sso` and `headroom domain`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::{Said, Station, table};
use crate::{
    connections::{self, Connection, Domain, Settings},
    dns::Dns,
    error::{Error, Result},
    members::{Actor, DomainName},
    oidc::Provider,
    organizations,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Set the organization's identity provider, once it says of itself what is entered here
    Set {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// The address the provider calls its issuer
        #[arg(long, value_name = "URL")]
        issuer: String,
        /// The id the provider has given to this server
        #[arg(long, value_name = "ID")]
        client_id: String,
        /// A file with the secret that goes with it; without one, what is kept for the same issuer and id stays
        #[arg(long, value_name = "FILE")]
        client_secret_file: Option<PathBuf>,
    },
    /// Show the provider, what it decides, and the redirect URI to enter there
    Show {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
    },
    /// Take the provider away: who signed in by it is signed out
    Remove {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
    },
    /// Make it the only way in for the people of proven domains, or open the other ways again
    Enforce {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// on or off
        switch: Switch,
    },
    /// Let the people of proven domains join without an invite, or no longer
    Provision {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// on or off
        switch: Switch,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum DomainCommand {
    /// Name a domain as the organization's own, and print the record that proves it
    Add {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Such as example.com
        domain: String,
    },
    /// List the domains and what proves them
    List {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
    },
    /// Look for its record in the DNS now
    Check {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Such as example.com
        domain: String,
    },
    /// Take your word for it that the domain is theirs; it is added if need be
    Prove {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Such as example.com
        domain: String,
    },
    /// Give a domain up
    Remove {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Such as example.com
        domain: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Switch {
    On,
    Off,
}

/// Where a provider sends people back to.
const CALLBACK: &str = "/auth/sso/callback";

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    match command {
        Command::Set { org, issuer, client_id, client_secret_file } => {
            let secret = client_secret_file.map(|file| read(&file)).transpose()?.unwrap_or_default();
            set(station, org, &Settings::parse(&issuer, &client_id, &secret)?)
        }
        Command::Show { org } => {
            let connection = station.db.read(|view| {
                let organization = organizations::named(view, &org)?;
                connections::of_organization(view, &organization.id)
            })?;
            let redirect = station.urls.page(CALLBACK);
            let Some(connection) = connection else {
                let words = format!(
                    "No provider is set. Enter this redirect URI at yours, then: headroom sso set\n\n  {redirect}"
                );
                return Ok(Said::new(json!({ "connection": null, "redirectUri": redirect }), words));
            };
            Ok(Said::new(shown(&connection, &redirect), described(&connection, &redirect)))
        }
        Command::Remove { org } => {
            let removed = station.db.write_and_wait(move |tx| {
                connections::remove(tx, &Actor::operator(organizations::named(tx, &org)?.id))
            })?;
            let words = format!("Removed {}. Its people sign in by mailed links again.", removed.issuer);
            Ok(Said::new(json!({ "id": removed.id }), words))
        }
        Command::Enforce { org, switch } => {
            let on = switch == Switch::On;
            change(station, org, move |tx, by| connections::enforce(tx, by, on))
        }
        Command::Provision { org, switch } => {
            let on = switch == Switch::On;
            change(station, org, move |tx, by| connections::provision(tx, by, on))
        }
    }
}

fn read(file: &PathBuf) -> Result<String> {
    std::fs::read_to_string(file).map_err(|cause| {
        Error::invalid(plain!("{} can't be read: {cause}. Check --client-secret-file.", file.display()))
    })
}

fn set(station: &Station, org: String, settings: &Settings) -> Result<Said> {
    let (key, redirect) = (station.key()?, station.urls.page(CALLBACK));
    let outbound = station.outbound()?;
    let found = station.wait(Provider::discover(&outbound, settings.relation(redirect.clone())))?;
    found.map_err(|fault| Error::invalid(plain!("{} can't be used: {fault}", settings.issuer.as_str())))?;
    let settings = settings.clone();
    let connection = station.db.write_and_wait(move |tx| {
        connections::set(tx, &Actor::operator(organizations::named(tx, &org)?.id), &key, &settings)
    })?;
    Ok(Said::new(shown(&connection, &redirect), described(&connection, &redirect)))
}

fn change(
    station: &Station,
    org: String,
    act: impl FnOnce(&crate::db::Tx, &Actor) -> Result<()> + Send + 'static,
) -> Result<Said> {
    let connection = station.db.write_and_wait(move |tx| {
        let by = Actor::operator(organizations::named(tx, &org)?.id);
        act(tx, &by)?;
        connections::must_have(tx, &by.organization)
    })?;
    let redirect = station.urls.page(CALLBACK);
    Ok(Said::new(shown(&connection, &redirect), described(&connection, &redirect)))
}

fn shown(connection: &Connection, redirect: &str) -> Value {
    json!({
        "connection": {
            "id": connection.id, "issuer": connection.issuer, "clientId": connection.client_id,
            "hasSecret": connection.has_secret(), "provisioning": connection.provisioning, "enforced": connection.enforced,
            "testedAt": connection.tested_at,
        },
        "redirectUri": redirect,
    })
}

fn described(connection: &Connection, redirect: &str) -> String {
    let yes = |on: bool| if on { "yes" } else { "no" };
    let tested = connection.tested_at.map_or_else(|| "not since it was set".to_owned(), |at| at.to_string());
    format!(
        "issuer           {}\nclient id        {}\nclient secret    {}\ntested           {tested}\njoins uninvited  {}\nonly way in      {}\nredirect URI     {redirect}",
        connection.issuer,
        connection.client_id,
        if connection.has_secret() { "kept" } else { "none" },
        yes(connection.provisioning),
        yes(connection.enforced),
    )
}

pub(super) fn run_domain(station: &Station, command: DomainCommand) -> Result<Said> {
    match command {
        DomainCommand::Add { org, domain } => {
            let name: DomainName = domain.parse()?;
            let domain = station.db.write_and_wait(move |tx| {
                connections::add(tx, &Actor::operator(organizations::named(tx, &org)?.id), &name)
            })?;
            Ok(said(&domain))
        }
        DomainCommand::List { org } => {
            let domains = station.db.read(|view| connections::domains(view, &organizations::named(view, &org)?.id))?;
            let rows: Vec<Vec<String>> = domains
                .iter()
                .map(|domain| {
                    vec![
                        domain.name.clone(),
                        domain.proven_by.map_or("-", connections::Proof::as_str).to_owned(),
                        domain.proven_at.map_or_else(|| "-".to_owned(), |at| at.to_string()),
                        domain.trouble.clone().unwrap_or_default(),
                    ]
                })
                .collect();
            let json: Vec<Value> = domains.iter().map(written).collect();
            Ok(Said::new(json!({ "domains": json }), table(&["DOMAIN", "PROVEN BY", "SINCE", "LAST LOOK"], &rows)))
        }
        DomainCommand::Check { org, domain } => check(station, org, &domain.parse()?),
        DomainCommand::Prove { org, domain } => {
            let name: DomainName = domain.parse()?;
            let domain = station.db.write_and_wait(move |tx| {
                let by = Actor::operator(organizations::named(tx, &org)?.id);
                let domain = match connections::named(tx, &by.organization, &name) {
                    Err(Error::NotFound(_)) => connections::add(tx, &by, &name)?,
                    other => other?,
                };
                connections::prove(tx, &by, &domain.id)
            })?;
            Ok(said(&domain))
        }
        DomainCommand::Remove { org, domain } => {
            let name: DomainName = domain.parse()?;
            let removed = station.db.write_and_wait(move |tx| {
                let by = Actor::operator(organizations::named(tx, &org)?.id);
                let domain = connections::named(tx, &by.organization, &name)?;
                connections::remove_domain(tx, &by, &domain.id)
            })?;
            Ok(Said::new(json!({ "id": removed.id, "name": removed.name }), format!("Removed {}.", removed.name)))
        }
    }
}

fn check(station: &Station, org: String, name: &DomainName) -> Result<Said> {
    let domain = station.db.read(|view| connections::named(view, &organizations::named(view, &org)?.id, name))?;
    let dns = Dns::new(station.config.dns);
    let mut found = Vec::new();
    for place in domain.places() {
        let texts = station.wait(dns.texts(&place))?.map_err(|silence| Error::Unavailable(plain!("{silence}")))?;
        found.push((place, texts));
    }
    let domain = station
        .db
        .write_and_wait(move |tx| connections::check(tx, &Actor::operator(domain.organization), &domain.id, &found))?;
    match (&domain.trouble, domain.proven_at) {
        (Some(trouble), None) => Err(Error::invalid(plain!("{trouble} Expected: \"{}\".", domain.text()))),
        _ => Ok(said(&domain)),
    }
}

fn said(domain: &Domain) -> Said {
    let [place, _] = domain.places();
    let words = match domain.proven_by {
        Some(proof) => format!(
            "{} is proven by {}.",
            domain.name,
            match proof {
                connections::Proof::Dns => "its DNS",
                connections::Proof::Operator => "the operator",
            }
        ),
        None => {
            format!("Add this TXT record, then check it with: headroom domain check\n\n  {place}\n  {}", domain.text())
        }
    };
    Said::new(written(domain), words)
}

fn written(domain: &Domain) -> Value {
    let [place, _] = domain.places();
    json!({
        "id": domain.id, "name": domain.name, "provenAt": domain.proven_at, "provenBy": domain.proven_by,
        "record": place, "text": domain.text(), "trouble": domain.trouble,
    })
}
