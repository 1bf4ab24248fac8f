//! An organization's identity provider and the mail domains it has proven to be its own. What signing in by it means is
//! `auth`'s.

use rusqlite::{Row, named_params};

use crate::{
    audit::{Action, Change},
    clock::Timestamp,
    db::{Tx, View},
    error::{Error, Result},
    ids::{ConnectionId, OrganizationId},
    members::{Actor, DomainName, Email, Role},
    oidc::{Issuer, Relation},
    one_line,
    secrets::{Purpose, Secret, ServerKey},
};

mod domains;

pub use domains::{Domain, Proof, RECORD, add, check, domain, domains, named, prove, proven_for, remove_domain};

/// An organization's identity provider.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Which.
    pub id: ConnectionId,
    /// Whose people it knows.
    pub organization: OrganizationId,
    /// Where it is: the address its tokens name.
    pub issuer: String,
    /// What it calls us.
    pub client_id: String,
    /// Who comes from a proven domain joins without an invite.
    pub provisioning: bool,
    /// It is the only way in for the people of proven domains; the owner keeps the others.
    pub enforced: bool,
    /// Since when.
    pub created_at: Timestamp,
    /// When it last let someone in, or would have.
    pub tested_at: Option<Timestamp>,
    sealed: Option<Vec<u8>>,
}

impl Connection {
    /// Whether we have a secret to show to it.
    pub fn has_secret(&self) -> bool {
        self.sealed.is_some()
    }

    /// What the protocol needs to know of it; `redirect` is where it sends people back to.
    ///
    /// # Errors
    /// Its secret was sealed by another server.
    pub fn relation(&self, key: &ServerKey, redirect: String) -> Result<Relation> {
        let opened = self.sealed.as_ref().map(|sealed| key.open(Purpose::SingleSignOn, sealed)).transpose()?;
        let secret = opened.map(String::from_utf8).transpose().map_err(Error::internal)?;
        Ok(Relation {
            issuer: Issuer::parse(&self.issuer)?,
            client_id: self.client_id.clone(),
            client_secret: secret.map(Secret::from),
            redirect,
        })
    }

    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            organization: row.get("organization_id")?,
            issuer: row.get("issuer")?,
            client_id: row.get("client_id")?,
            provisioning: row.get("provisioning")?,
            enforced: row.get("enforced")?,
            created_at: row.get("created_at")?,
            tested_at: row.get("tested_at")?,
            sealed: row.get("client_secret")?,
        })
    }
}

/// What a connection is to be.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the provider is.
    pub issuer: Issuer,
    /// What it calls us.
    pub client_id: String,
    /// What proves that we are it. None leaves what is kept for the same issuer and id.
    pub secret: Option<Secret>,
}

impl Settings {
    /// Reads them as a person typed them.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the first that can't be.
    pub fn parse(issuer: &str, client_id: &str, secret: &str) -> Result<Self> {
        let (issuer, secret) = (Issuer::parse(issuer)?, secret.trim());
        Ok(Self { issuer, client_id: client_id_of(client_id)?, secret: some(secret) })
    }
}

impl Settings {
    /// What the protocol needs to know of a provider that isn't kept yet.
    pub fn relation(&self, redirect: String) -> Relation {
        Relation {
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.secret.clone(),
            redirect,
        }
    }
}

/// The id a provider has given us.
///
/// # Errors
/// None, or one that is too long.
pub fn client_id_of(text: &str) -> Result<String> {
    let id = text.trim();
    if !one_line::fits(id, 500) {
        return Err(Error::invalid(say!("Enter the client id that your provider gave to this server.")));
    }
    Ok(id.to_owned())
}

fn some(secret: &str) -> Option<Secret> {
    if secret.is_empty() { None } else { Some(Secret::from(secret.to_owned())) }
}

/// Sets an organization's identity provider, or changes it. A changed one has to be tried once more before it can be the only
/// way in.
///
/// # Errors
/// Someone who isn't the owner.
pub fn set(tx: &Tx, by: &Actor, key: &ServerKey, new: &Settings) -> Result<Connection> {
    must_be_owner(by)?;
    let (issuer, before) = (new.issuer.as_str(), of_organization(tx, &by.organization)?);
    let same = before.as_ref().filter(|kept| kept.issuer == issuer && kept.client_id == new.client_id);
    let sealed = match &new.secret {
        Some(secret) => Some(key.seal(Purpose::SingleSignOn, secret.reveal().as_bytes())?),
        // A kept secret never goes to another provider than it was given for.
        None => same.and_then(|kept| kept.sealed.clone()),
    };
    if let Some(kept) = same
        && new.secret.is_none()
    {
        return Ok(kept.clone());
    }
    tx.execute(
        "insert into connections (id, organization_id, issuer, client_id, client_secret, created_at)
         values (:id, :organization, :issuer, :client_id, :secret, :now)
         on conflict (organization_id) do update
         set issuer = excluded.issuer, client_id = excluded.client_id, client_secret = excluded.client_secret,
             enforced = 0, tested_at = null",
        named_params! {
            ":id": ConnectionId::new(), ":organization": by.organization, ":issuer": issuer,
            ":client_id": new.client_id, ":secret": sealed, ":now": tx.now,
        },
    )?;
    match &before {
        Some(kept) if kept.issuer == issuer && kept.client_id == new.client_id => {
            by.note_about(tx, Action::SignOnChanged, issuer, Some("another secret"))?;
        }
        _ => {
            let said = |issuer: &str, client: &str| format!("{issuer}, client {client}");
            let old = before.as_ref().map(|kept| said(&kept.issuer, &kept.client_id));
            let now = said(issuer, &new.client_id);
            let change = Change::between(old.as_deref(), Some(&now));
            by.note_change_of(tx, Action::SignOnChanged, issuer, change)?;
        }
    }
    of_organization(tx, &by.organization)?.ok_or(NONE)
}

const NONE: Error = Error::NotFound("Connection");

/// An organization's connection, if it has one.
pub fn of_organization(view: &View, organization: &OrganizationId) -> Result<Option<Connection>> {
    view.find(
        "select * from connections where organization_id = :organization",
        named_params! { ":organization": organization },
        Connection::from_row,
    )
}

/// An organization's connection, which must be there.
pub fn must_have(view: &View, organization: &OrganizationId) -> Result<Connection> {
    of_organization(view, organization)?.ok_or(NONE)
}

/// The connection with this id, if it wasn't removed.
pub fn find(view: &View, id: &ConnectionId) -> Result<Option<Connection>> {
    view.find("select * from connections where id = :id", named_params! { ":id": id }, Connection::from_row)
}

/// The connection that the people of an address's domain sign in by. Says nothing about the address itself.
pub fn for_address(view: &View, email: &Email) -> Result<Option<Connection>> {
    let Some(domain) = DomainName::of(email) else { return Ok(None) };
    match proven_for(view, &domain)? {
        Some(organization) => of_organization(view, &organization),
        None => Ok(None),
    }
}

/// Whether the domain of an address is proven to be this organization's.
pub fn owns(view: &View, organization: &OrganizationId, email: &Email) -> Result<bool> {
    let Some(domain) = DomainName::of(email) else { return Ok(false) };
    Ok(proven_for(view, &domain)?.as_ref() == Some(organization))
}

/// Lets the people of proven domains join without an invite, or no longer.
///
/// # Errors
/// Someone who isn't the owner; no connection.
pub fn provision(tx: &Tx, by: &Actor, on: bool) -> Result<()> {
    must_be_owner(by)?;
    let connection = must_have(tx, &by.organization)?;
    if connection.provisioning == on {
        return Ok(());
    }
    tx.execute(
        "update connections set provisioning = :on where id = :id",
        named_params! { ":on": on, ":id": connection.id },
    )?;
    let words = if on { "people of proven domains join without an invite" } else { "joining needs an invite again" };
    by.note_about(tx, Action::SignOnChanged, &connection.issuer, Some(words))
}

/// Makes it the only way in for the people of proven domains, or one of several again.
///
/// # Errors
/// Someone who isn't the owner; no connection; one that wasn't tried since it was changed; no proven domain.
pub fn enforce(tx: &Tx, by: &Actor, on: bool) -> Result<()> {
    must_be_owner(by)?;
    let connection = must_have(tx, &by.organization)?;
    if connection.enforced == on {
        return Ok(());
    }
    if on && connection.tested_at.is_none() {
        return Err(Error::invalid(say!(
            "Test the connection first. It can become the only way in once a test went well."
        )));
    }
    if on && !domains(tx, &by.organization)?.iter().any(|domain| domain.proven_at.is_some()) {
        return Err(Error::invalid(say!("Prove a domain first. Without one, this would count for nobody.")));
    }
    tx.execute(
        "update connections set enforced = :on where id = :id",
        named_params! { ":on": on, ":id": connection.id },
    )?;
    let words = if on { "the only way in for proven domains" } else { "other ways in are open again" };
    by.note_about(tx, Action::SignOnChanged, &connection.issuer, Some(words))
}

/// Writes down that a test by one of its leads went well.
pub fn mark_tested(tx: &Tx, by: &Actor, connection: &Connection) -> Result<()> {
    tx.execute(
        "update connections set tested_at = :now where id = :id",
        named_params! { ":now": tx.now, ":id": connection.id },
    )?;
    by.note_about(tx, Action::SignOnChanged, &connection.issuer, Some("a test went well"))
}

/// Takes a connection away. Whoever signed in by it is signed out, and comes in by mail from now on.
///
/// # Errors
/// Someone who isn't the owner; no connection.
pub fn remove(tx: &Tx, by: &Actor) -> Result<Connection> {
    must_be_owner(by)?;
    let connection = must_have(tx, &by.organization)?;
    tx.execute("delete from connections where id = :id", named_params! { ":id": connection.id })?;
    by.note_about(tx, Action::SignOnChanged, &connection.issuer, Some("removed"))?;
    Ok(connection)
}

fn must_be_owner(by: &Actor) -> Result<()> {
    if by.role == Role::Owner {
        return Ok(());
    }
    Err(Error::forbidden(say!("Only the organization's owner can change how its people sign in. Ask them.")))
}
