//! `headroom key`.

use clap::Subcommand;
use serde_json::json;

use super::{Said, Station, table};
use crate::{
    auth::{self, Lifetime, NewKey, Scopes},
    clock::Timestamp,
    error::{Error, Result},
    ids::KeyId,
    members::Actor,
    organizations,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a key; it is shown once
    Create {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// What the key is for
        #[arg(long, default_value = "Command line")]
        name: String,
        /// Such as invites:write; all scopes if none is named
        #[arg(long = "scope", value_name = "SCOPE", num_args = 1..)]
        scopes: Vec<String>,
        /// Days until it stops working
        #[arg(long, value_name = "DAYS")]
        expires: Option<u32>,
    },
    /// List keys
    List {
        /// Only those of this organization
        #[arg(long)]
        org: Option<String>,
    },
    /// Delete a key; it stops working at once
    Revoke {
        /// The key's id, as listed
        id: String,
    },
}

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    match command {
        Command::Create { org, name, scopes, expires } => {
            let scopes = if scopes.is_empty() { Scopes::all() } else { scopes.join(" ").parse()? };
            let new = NewKey { name, scopes, lifetime: expires.map_or(Lifetime::Unlimited, Lifetime::Days) };
            let shown = station.db.write_and_wait(move |tx| {
                let organization = organizations::company(tx, &org)?;
                auth::make_key(tx, &Actor::operator(organization.id), &new)
            })?;
            Ok(Said::new(
                json!({ "id": shown.key.id, "apiKey": shown.text }),
                format!("{}\n(shown only now)", shown.text),
            ))
        }
        Command::List { org } => {
            let keys = station.db.read(|view| {
                let organizations = match org {
                    Some(org) => vec![organizations::named(view, &org)?],
                    None => organizations::list(view)?,
                };
                let mut keys = Vec::new();
                for organization in organizations {
                    keys.extend(auth::keys_of(view, &organization.id)?);
                }
                Ok(keys)
            })?;
            let rows: Vec<_> = keys
                .iter()
                .map(|key| {
                    let when = |time: Option<Timestamp>| time.map_or("never".to_owned(), |time| time.to_string());
                    vec![
                        key.id.to_string(),
                        key.name.clone(),
                        key.organization.to_string(),
                        key.scopes.to_string(),
                        when(key.expires_at),
                        when(key.last_used_at),
                    ]
                })
                .collect();
            Ok(Said::new(
                json!({ "keys": keys }),
                table(&["ID", "NAME", "ORGANIZATION", "SCOPES", "EXPIRES", "LAST USED"], &rows),
            ))
        }
        Command::Revoke { id } => {
            let id: KeyId =
                id.parse().map_err(|_| Error::invalid(plain!("\"{id}\" is no key id. See: headroom key list.")))?;
            let gone = id.clone();
            station.db.write_and_wait(move |tx| {
                let organization = auth::organization_of_key(tx, &id)?;
                auth::delete_key(tx, &Actor::operator(organization), &id)
            })?;
            Ok(Said::new(json!({ "id": gone }), format!("Revoked {gone}.")))
        }
    }
}
