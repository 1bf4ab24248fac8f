//! Members who didn't join by themselves: those whom leads look after, and the anonymous ones of another product.

use rusqlite::named_params;

use super::{Email, Kind, Member, PersonName, Role, account_by_email, get, join};
use crate::{
    db::Tx,
    error::{Error, Result},
    ids::{AccountId, MemberId, OrganizationId, TeamId},
};

/// What someone does in the organization: up to 200 characters on one line; none if left empty.
#[derive(Clone, Debug, Default)]
pub struct Title(Option<String>);

impl Title {
    /// Reads it as a person typed it.
    pub fn parse(text: &str) -> Result<Self> {
        let title = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if title.chars().count() > 200 || title.chars().any(char::is_control) {
            return Err(Error::invalid(say!("Enter a job title of up to 200 characters.")));
        }
        Ok(Self(Some(title).filter(|title| !title.is_empty())))
    }

    /// The title; none if they have none.
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// None.
    pub fn none() -> Self {
        Self(None)
    }
}

/// Someone to be added on their behalf. [001]
#[derive(Clone, Debug)]
pub struct NewManaged {
    /// What they are called.
    pub name: PersonName,
    /// Where they hear that their headshots are ready, and sign in by; without it only the leads see them.
    pub email: Option<Email>,
    /// What they do.
    pub title: Title,
    /// In which team.
    pub team: Option<TeamId>,
}

/// Adds someone the leads look after.
///
/// # Errors
/// [`Error::AlreadyExists`] for an address that anyone here has: it is theirs, so they have to be asked.
pub fn add_managed(tx: &Tx, organization: &OrganizationId, new: &NewManaged) -> Result<Member> {
    if let Some(email) = &new.email {
        must_be_nobodys(tx, organization, email)?;
    }
    let account = AccountId::new();
    tx.execute(
        "insert into accounts (id, email, name, kind, created_at) values (:id, :email, :name, 'managed', :now)",
        named_params! { ":id": account, ":email": new.email, ":name": new.name.0, ":now": tx.now },
    )?;
    let member = join(tx, organization, &account, new.team.as_ref(), Role::Member)?;
    set_title(tx, &member.id, &new.title)?;
    get(tx, &member.id)
}

/// Adds someone whom another product lets in by signed URLs. The address is what that product knows them by; nobody signs in
/// by it, so it may be anybody's elsewhere. [004]
///
/// # Errors
/// [`Error::AlreadyExists`] for an address that a member of the organization has.
pub fn add_anonymous(tx: &Tx, organization: &OrganizationId, contact: &Email, team: Option<&TeamId>) -> Result<Member> {
    if super::by_email(tx, organization, contact)?.is_some() {
        let (name, domain) = contact.as_str().rsplit_once('@').unwrap_or((contact.as_str(), ""));
        return Err(Error::AlreadyExists(say!(
            "User with this email already exists. To make another, use an address such as {name}+1@{domain}.",
            name,
            domain
        )));
    }
    let account = AccountId::new();
    tx.execute(
        "insert into accounts (id, kind, created_at) values (:id, 'anonymous', :now)",
        named_params! { ":id": account, ":now": tx.now },
    )?;
    let member = join(tx, organization, &account, team, Role::Member)?;
    tx.execute(
        "update members set contact = :contact where id = :id",
        named_params! { ":contact": contact, ":id": member.id },
    )?;
    get(tx, &member.id)
}

/// Gives someone the leads look after an address: from now on they can sign in by it.
///
/// # Errors
/// They have one, or nobody looks after them; [`Error::AlreadyExists`] for an address that anyone here has.
pub fn give_address(tx: &Tx, member: &Member, email: &Email) -> Result<Member> {
    if member.kind != Kind::Managed || member.email.is_some() {
        return Err(Error::invalid(say!("Only someone you look after, and who has no address yet, can be given one.")));
    }
    must_be_nobodys(tx, &member.organization, email)?;
    tx.execute(
        "update accounts set email = :email where id = :id",
        named_params! { ":email": email, ":id": member.account },
    )?;
    get(tx, &member.id)
}

fn must_be_nobodys(tx: &Tx, organization: &OrganizationId, email: &Email) -> Result<()> {
    if super::by_email(tx, organization, email)?.is_some() {
        return Err(Error::AlreadyExists(say!(
            "{email} is a member of your organization already.",
            email = email.as_str()
        )));
    }
    if account_by_email(tx, email)?.is_some() {
        return Err(Error::AlreadyExists(say!(
            "{email} already has an account. Invite them instead.",
            email = email.as_str()
        )));
    }
    Ok(())
}

/// What is to become different about a member.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Their team, or none.
    pub team: Option<Option<TeamId>>,
    /// What they do.
    pub title: Option<Title>,
}

/// Changes it. That the team is the organization's, the caller has seen to.
pub fn change(tx: &Tx, member: &MemberId, change: &Change) -> Result<Member> {
    if let Some(team) = &change.team {
        tx.execute(
            "update members set team_id = :team where id = :id",
            named_params! { ":team": team, ":id": member },
        )?;
    }
    if let Some(title) = &change.title {
        set_title(tx, member, title)?;
    }
    get(tx, member)
}

fn set_title(tx: &Tx, member: &MemberId, title: &Title) -> Result<()> {
    tx.execute("update members set title = :title where id = :id", named_params! { ":title": title.0, ":id": member })?;
    Ok(())
}
