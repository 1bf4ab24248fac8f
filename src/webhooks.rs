//! Where an organization hears of events.

use rusqlite::{Row, named_params};
use url::Url;

use crate::{
    clock::Timestamp,
    db::{Tx, View},
    error::{Error, Result},
    ids::{EndpointId, OrganizationId},
    members::{Actor, Role},
    secrets::{Purpose, ServerKey, Token},
};

/// An address that events are posted to.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Which.
    pub id: EndpointId,
    /// The address.
    pub url: String,
    /// Since when.
    pub created_at: Timestamp,
}

impl Endpoint {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self { id: row.get("id")?, url: row.get("url")?, created_at: row.get("created_at")? })
    }
}

/// The address of an endpoint, as far as it can be judged without asking anyone.
#[derive(Clone, Debug)]
pub struct Target(Url);

impl Target {
    /// Reads it as a person typed it.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let url = Url::parse(text).ok().filter(|url| {
            let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
            matches!(url.scheme(), "http" | "https") && url.has_host() && plain && text.len() <= 2000
        });
        url.map(Self).ok_or_else(|| {
            Error::invalid(format!("\"{text:.100}\" is not a web address, such as https://acme.com/webhooks."))
        })
    }

    /// As it is kept.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// An endpoint that was made just now: the only moment its secret can be read.
#[derive(Debug)]
pub struct Made {
    /// As it is kept.
    pub endpoint: Endpoint,
    /// What its deliveries are signed with.
    pub secret: String,
}

/// Makes `target` the organization's webhook URL: its first endpoint, which is made or moved there, with a new secret. [004]
pub fn set_url(tx: &Tx, by: &Actor, key: &ServerKey, target: &Target) -> Result<Made> {
    by.must_be(Role::Admin)?;
    let secret = format!("whsec_{}", Token::new().reveal());
    let sealed = key.seal(Purpose::WebhookSecrets, secret.as_bytes())?;
    let id = first(tx, &by.organization)?.map(|endpoint| endpoint.id);
    let endpoint = match id {
        Some(id) => tx.one(
            "update webhook_endpoints set url = :url, secret = :secret where id = :id returning *",
            named_params! { ":url": target.as_str(), ":secret": sealed, ":id": id },
            Endpoint::from_row,
        )?,
        None => tx.one(
            "insert into webhook_endpoints (id, organization_id, url, secret, created_at)
             values (:id, :organization, :url, :secret, :now) returning *",
            named_params! {
                ":id": EndpointId::new(), ":organization": by.organization, ":url": target.as_str(),
                ":secret": sealed, ":now": tx.now,
            },
            Endpoint::from_row,
        )?,
    };
    Ok(Made { endpoint, secret })
}

/// Removes the organization's webhook URL, if it has one.
pub fn remove_url(tx: &Tx, by: &Actor) -> Result<()> {
    by.must_be(Role::Admin)?;
    if let Some(endpoint) = first(tx, &by.organization)? {
        tx.execute("delete from webhook_endpoints where id = :id", named_params! { ":id": endpoint.id })?;
    }
    Ok(())
}

/// The organization's oldest endpoint: "the webhook URL" of the contract. [004]
pub fn first(view: &View, organization: &OrganizationId) -> Result<Option<Endpoint>> {
    view.find(
        "select * from webhook_endpoints where organization_id = :organization order by created_at, id limit 1",
        named_params! { ":organization": organization },
        Endpoint::from_row,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_web_address_without_secrets_in_it() {
        assert!(Target::parse(" https://acme.test/hooks?a=b ").is_ok());
        for wrong in [
            "",
            "acme.test/hooks",
            "ftp://acme.test",
            "https://",
            "https://kim:secret@acme.test",
            "javascript:alert(1)",
        ] {
            assert!(Target::parse(wrong).is_err(), "{wrong}");
        }
    }
}
