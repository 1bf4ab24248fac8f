//! `headroom org` and `headroom signin`.

use clap::Subcommand;
use serde_json::json;

use super::{Said, Station, table};
use crate::{
    audit::{Action, Change},
    auth, credits,
    db::Tx,
    error::{Error, Result},
    members::{self, Actor, Email},
    organizations::{self, NewOrganization, OrganizationName},
    secrets::Token,
    shoots,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an organization and its owner
    Create {
        /// What it is called
        #[arg(long)]
        name: String,
        /// The owner's address
        #[arg(long, value_name = "EMAIL")]
        owner: String,
        /// Its web site
        #[arg(long, value_name = "URL")]
        website: Option<String>,
        /// Credits to begin with
        #[arg(long, value_name = "N", default_value_t = 0)]
        credits: i64,
        /// Never ask for a credit: own hardware
        #[arg(long)]
        unlimited: bool,
        /// Allow embedding
        #[arg(long)]
        whitelabel: bool,
    },
    /// List all organizations
    List,
    /// Change settings: name, website, description, unlimited, whitelabel, accent, avatars (favourites
    /// have public addresses), cors_origins, embed_origins,
    /// reminders (days after the invite, as 3,7), quiet_hours (as 20-8), timezone (as Europe/Berlin), language (en, de, es or fr: of mails to people who have no account yet),
    /// headshots (made in a shoot, 12 to 24), edits (of each member, 0 to 100), lead_edits (of leads for each member, 0 to 100),
    /// resultsDays (headshots are deleted after 7 to 3650 days; off: never)
    Set {
        /// Id or exact name
        org: String,
        /// KEY=VALUE, as often as needed
        #[arg(required = true, value_name = "KEY=VALUE")]
        settings: Vec<String>,
    },
}

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    match command {
        Command::Create { name, owner, website, credits: granted, unlimited, whitelabel } => {
            let new = NewOrganization {
                name: OrganizationName::parse(&name)?,
                website: organizations::website(website.as_deref().unwrap_or_default())?,
                unlimited,
                whitelabel,
            };
            let owner: Email = owner.parse()?;
            let (organization, token) = station.db.write_and_wait(move |tx| {
                let organization = organizations::create(tx, &new)?;
                members::add_owner(tx, &organization.id, &owner)?;
                let by = Actor::operator(organization.id.clone());
                by.note_about(tx, Action::OrganizationMade, &organization.name, None)?;
                if granted != 0 {
                    credits::grant_by(tx, &by, granted, "Granted with the organization")?;
                }
                Ok((organization, link_for(tx, &owner)?))
            })?;
            let link = station.urls.sign_in(&token);
            let words = format!(
                "{} is {}.\nIts owner signs in once, within two hours, with:\n\n  {link}",
                organization.name, organization.id
            );
            Ok(Said::new(json!({ "organization": organization.id, "ownerSignIn": link }), words))
        }
        Command::List => {
            let all = station.db.read(organizations::list)?;
            let rows: Vec<_> = all
                .iter()
                .map(|one| {
                    let credits = if one.unlimited { "unlimited".to_owned() } else { one.credits.to_string() };
                    let website = one.website.clone().unwrap_or_default();
                    vec![one.id.to_string(), one.name.clone(), one.kind.to_string(), credits, website]
                })
                .collect();
            Ok(Said::new(json!({ "organizations": all }), table(&["ID", "NAME", "KIND", "CREDITS", "WEBSITE"], &rows)))
        }
        Command::Set { org, settings } => {
            let pairs = settings.iter().map(|setting| pair(setting)).collect::<Result<Vec<_>>>()?;
            let organization = station.db.write_and_wait(move |tx| {
                let organization = organizations::named(tx, &org)?;
                let by = Actor::operator(organization.id.clone());
                let before = organizations::get(tx, &organization.id)?.settings()?;
                for (key, value) in &pairs {
                    match key.as_str() {
                        "resultsDays" | "results_days" => {
                            shoots::keep_results(tx, &organization.id, organizations::results_days(value)?)?;
                        }
                        _ => organizations::set(tx, &organization.id, key, value)?,
                    }
                }
                let changed = organizations::get(tx, &organization.id)?;
                for ((key, old), (_, new)) in before.iter().zip(&changed.settings()?).filter(|(old, new)| old != new) {
                    by.note_change_of(tx, Action::SettingsChanged, key, Change::new(old, new))?;
                }
                Ok(changed)
            })?;
            let words = format!("Changed {}.", organization.name);
            Ok(Said::new(json!({ "organization": organization }), words))
        }
    }
}

fn pair(setting: &str) -> Result<(String, String)> {
    let (key, value) =
        setting.split_once('=').ok_or_else(|| Error::invalid(plain!("\"{setting}\" is not KEY=VALUE.")))?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

pub(super) fn sign_in(station: &Station, email: &str) -> Result<Said> {
    let email: Email = email.parse()?;
    let token = station.db.write_and_wait(move |tx| {
        let token = link_for(tx, &email)?;
        // Who was invited and never came has no account yet.
        let account = members::account_by_email(tx, &email)?;
        let member = account.map(|account| members::of_account(tx, &account.id)).transpose()?.flatten();
        if let Some(member) = member {
            let by = Actor::operator(member.organization.clone());
            by.note(tx, Action::SignInLinkMade, Some(&member), None)?;
        }
        Ok(token)
    })?;
    let link = station.urls.sign_in(&token);
    Ok(Said::new(json!({ "link": link }), link))
}

fn link_for(tx: &Tx, email: &Email) -> Result<Token> {
    let minted = auth::mint_return(tx, email)?;
    minted
        .map(|minted| minted.token)
        .ok_or_else(|| Error::invalid(plain!("Nobody here has the address {email}. See: headroom org list.")))
}
