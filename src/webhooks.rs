//! Webhooks: where an organization hears of events, and the deliveries that tell it.

use std::time::Duration;

use rusqlite::{Row, named_params};
use url::{Position, Url};

use crate::{
    audit::{Action, Change},
    clock::Timestamp,
    db::{Tx, View, stored_as_text},
    error::{Error, Result},
    events::Kind,
    ids::{EndpointId, OrganizationId},
    members::{Actor, Role},
    notifications::{self, About},
    secrets::{Purpose, ServerKey},
};

mod deliveries;
mod edit;
mod log;
mod signing;
mod trial;

pub use deliveries::{Due, Message, Verdict, add, due, host_of, record};
pub use edit::{Edit, change, edit};
pub use log::{
    Attempt, Delivery, Filter, State, attempts, count, delivery, expire, forget_deleted, log, organization_of_delivery,
    overdue, page, replay, replay_failed, wake,
};
pub use signing::headers;
pub use trial::{to_try, try_out};

/// Endpoints an organization has at most.
const MOST: usize = 10;

/// How long a secret that was replaced goes on signing beside the new one. [docs]
const OVERLAP: Duration = Duration::from_secs(24 * 60 * 60);

stored_as_text! {
    /// Why an endpoint is switched off.
    pub enum Why {
        /// It has failed for five days and never worked meanwhile.
        Failures = "failures",
        /// It answered 410: it is gone for good.
        Gone = "gone",
        /// A lead wanted it so.
        Lead = "lead",
    }
}

/// An address that events are posted to.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Which.
    pub id: EndpointId,
    /// Whose.
    pub organization: OrganizationId,
    /// The address.
    pub url: String,
    /// What it wants to hear of; everything if nothing is named.
    pub events: Vec<Kind>,
    /// The first failure after the last success.
    pub failing_since: Option<Timestamp>,
    /// Since when it is switched off, and why.
    pub disabled: Option<(Timestamp, Why)>,
    /// Until when a secret that was replaced goes on signing.
    pub old_until: Option<Timestamp>,
    /// Since when.
    pub created_at: Timestamp,
}

impl Endpoint {
    /// Whether it wants to hear of this.
    pub fn wants(&self, kind: Kind) -> bool {
        self.events.is_empty() || self.events.contains(&kind)
    }

    /// Host and port: nobody waits for what is slow elsewhere.
    pub fn host(&self) -> String {
        let url = Url::parse(&self.url);
        url.map(|url| url[Position::BeforeHost..Position::AfterPort].to_owned()).unwrap_or_default()
    }

    /// Refuses one that is switched off.
    pub fn must_be_on(&self) -> Result<()> {
        match self.disabled {
            None => Ok(()),
            Some(_) => Err(Error::invalid(say!("This endpoint is switched off. Switch it on first."))),
        }
    }

    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        let disabled: Option<Timestamp> = row.get("disabled_at")?;
        Ok(Self {
            id: row.get("id")?,
            organization: row.get("organization_id")?,
            url: row.get("url")?,
            events: serde_json::from_str(&row.get::<_, String>("events")?).unwrap_or_default(),
            failing_since: row.get("failing_since")?,
            disabled: disabled.zip(row.get("disabled_why")?),
            old_until: row.get("old_until")?,
            created_at: row.get("created_at")?,
        })
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
            matches!(url.scheme(), "http" | "https") && url.has_host() && plain && url.as_str().len() <= 2000
        });
        url.map(Self).ok_or_else(|| {
            Error::invalid(say!(
                "\"{text}\" is not a web address, such as https://acme.com/webhooks.",
                text = format!("{text:.100}")
            ))
        })
    }

    /// As it is kept.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What [`crate::outbound::Outbound::must_be_allowed`] judges, which asks others: so before a transaction, never in one.
    pub fn url(&self) -> &Url {
        &self.0
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

/// Makes `target` the organization's webhook URL: its first endpoint, which is made, or moved there and switched on, with a
/// new secret. [004]
pub fn set_url(tx: &Tx, by: &Actor, key: &ServerKey, target: &Target) -> Result<Made> {
    let Some(endpoint) = first(tx, &by.organization)? else { return create(tx, by, key, target, &[]) };
    by.must_be(Role::Admin)?;
    let (secret, sealed) = new_secret(key)?;
    tx.execute(
        "update webhook_endpoints set secret = :secret, old_secret = null, old_until = null where id = :id",
        named_params! { ":secret": sealed, ":id": endpoint.id },
    )?;
    by.note_about(tx, Action::SecretRenewed, &endpoint.host(), Some("the one before is void"))?;
    let moved = Edit { target: Some(target.clone()), on: Some(true), ..Edit::default() };
    Ok(Made { endpoint: edit(tx, by, &endpoint.id, &moved)?, secret })
}

/// Removes the organization's webhook URL, if it has one.
pub fn remove_url(tx: &Tx, by: &Actor) -> Result<()> {
    match first(tx, &by.organization)? {
        Some(endpoint) => remove(tx, by, &endpoint.id),
        None => by.must_be(Role::Admin),
    }
}

/// Makes an endpoint that hears of these events, or of everything if none is named.
pub fn create(tx: &Tx, by: &Actor, key: &ServerKey, target: &Target, events: &[Kind]) -> Result<Made> {
    by.must_be(Role::Admin)?;
    if endpoints(tx, &by.organization)?.len() >= MOST {
        return Err(Error::invalid(say!(
            "An organization has at most {most} endpoints. Remove one first.",
            most = MOST
        )));
    }
    let (secret, sealed) = new_secret(key)?;
    let endpoint = tx.one(
        "insert into webhook_endpoints (id, organization_id, url, events, secret, created_at)
         values (:id, :organization, :url, :events, :secret, :now) returning *",
        named_params! {
            ":id": EndpointId::new(), ":organization": by.organization, ":url": target.as_str(),
            ":events": serde_json::to_string(events)?, ":secret": sealed, ":now": tx.now,
        },
        Endpoint::from_row,
    )?;
    by.note_change_of(tx, Action::EndpointMade, &endpoint.host(), Change::to(&edit::events_in_words(&endpoint)))?;
    Ok(Made { endpoint, secret })
}

/// Removes an endpoint, with all that waits for it and its log.
pub fn remove(tx: &Tx, by: &Actor, id: &EndpointId) -> Result<()> {
    by.must_be(Role::Admin)?;
    let endpoint = of_organization(tx, &by.organization, id)?;
    tx.execute("delete from webhook_endpoints where id = :id", named_params! { ":id": id })?;
    by.note_change_of(tx, Action::EndpointRemoved, &endpoint.host(), Change::from(&edit::events_in_words(&endpoint)))?;
    // The jobs of its deliveries may be all that others at its host have.
    deliveries::wake_host(tx, &endpoint.host())
}

/// Gives an endpoint a new secret. The old one goes on signing beside it for a day, so that receivers can be changed in peace.
pub fn rotate(tx: &Tx, by: &Actor, key: &ServerKey, id: &EndpointId) -> Result<Made> {
    by.must_be(Role::Admin)?;
    of_organization(tx, &by.organization, id)?;
    let (secret, sealed) = new_secret(key)?;
    let endpoint = tx.one(
        "update webhook_endpoints set old_secret = secret, old_until = :until, secret = :secret where id = :id returning *",
        named_params! { ":until": tx.now + OVERLAP, ":secret": sealed, ":id": id },
        Endpoint::from_row,
    )?;
    by.note_about(tx, Action::SecretRenewed, &endpoint.host(), Some("the one before signs for one more day"))?;
    Ok(Made { endpoint, secret })
}

/// Switches an endpoint on again.
pub fn enable(tx: &Tx, by: &Actor, id: &EndpointId) -> Result<Endpoint> {
    by.must_be(Role::Admin)?;
    let endpoint = of_organization(tx, &by.organization, id)?;
    if endpoint.disabled.is_some() {
        by.note_change_of(tx, Action::EndpointChanged, &endpoint.host(), Change::switched(true))?;
    }
    tx.one(
        "update webhook_endpoints set disabled_at = null, disabled_why = null, failing_since = null where id = :id returning *",
        named_params! { ":id": id },
        Endpoint::from_row,
    )
}

/// Switches an endpoint off, as a lead wants it.
pub fn switch_off(tx: &Tx, by: &Actor, id: &EndpointId) -> Result<Endpoint> {
    by.must_be(Role::Admin)?;
    of_organization(tx, &by.organization, id)?.must_be_on()?;
    disable(tx, by, id, Why::Lead)?;
    of_organization(tx, &by.organization, id)
}

/// Switches an endpoint off. What waits for it is given up, and can be delivered once it is on again. Who didn't do it
/// themselves is told by mail.
fn disable(tx: &Tx, by: &Actor, id: &EndpointId, why: Why) -> Result<()> {
    let endpoint = get(tx, id)?;
    by.note_change_of(tx, Action::EndpointChanged, &endpoint.host(), Change::switched(false))?;
    tx.execute(
        "update webhook_endpoints set disabled_at = :now, disabled_why = :why where id = :id",
        named_params! { ":now": tx.now, ":why": why, ":id": id },
    )?;
    tx.execute(
        "update deliveries set state = 'failed', next_at = null, finished_at = :now where endpoint_id = :id and state = 'waiting'",
        named_params! { ":now": tx.now, ":id": id },
    )?;
    if why != Why::Lead {
        notifications::tell(tx, &endpoint.organization, &About::Endpoint(id.clone()))?;
    }
    Ok(())
}

fn new_secret(key: &ServerKey) -> Result<(String, Vec<u8>)> {
    let secret = signing::new_secret();
    let sealed = key.seal(Purpose::WebhookSecrets, secret.as_bytes())?;
    Ok((secret, sealed))
}

/// An organization's endpoints, oldest first.
pub fn endpoints(view: &View, organization: &OrganizationId) -> Result<Vec<Endpoint>> {
    view.all(
        "select * from webhook_endpoints where organization_id = :organization order by created_at, id",
        named_params! { ":organization": organization },
        Endpoint::from_row,
    )
}

/// The endpoint with this id.
pub fn get(view: &View, id: &EndpointId) -> Result<Endpoint> {
    view.find("select * from webhook_endpoints where id = :id", named_params! { ":id": id }, Endpoint::from_row)?
        .ok_or(Error::NotFound("Endpoint"))
}

/// The endpoint with this id, if it is this organization's.
pub fn of_organization(view: &View, organization: &OrganizationId, id: &EndpointId) -> Result<Endpoint> {
    Some(get(view, id)?).filter(|one| one.organization == *organization).ok_or(Error::NotFound("Endpoint"))
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
        // Written out it is three times as long.
        assert!(Target::parse(&format!("https://acme.test/{}", "é".repeat(700))).is_err());
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
