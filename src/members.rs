//! People: their accounts, their place in an organization, and what a role may do.

use rusqlite::{Row, named_params};
use serde::Serialize;

use crate::{
    audit::Via,
    clock::Timestamp,
    db::{Topic, Tx, View, stored_as_text},
    error::{Error, Result},
    ids::{AccountId, MemberId, OrganizationId, ShootId, TeamId},
    one_line,
    secrets::PasswordHash,
};

mod actor;
mod avatars;
mod domain;
mod email;
mod languages;
mod listing;
mod others;
mod sorted;

pub use actor::Actor;
pub use avatars::{Avatar, avatar, avatar_for, avatars_for_all, by_avatar, renew_avatar};
pub use domain::DomainName;
pub use email::Email;
pub use languages::{choose_language, language_of, languages, saw_language};
pub use listing::{Filter, Listed, Place, Stage, count, count_at, funnel, listed, page, window};
pub use others::{Change, NewManaged, Title, add_anonymous, add_managed, change, give_address};
pub use sorted::{Order, details, everybody, page_by};

stored_as_text! {
    /// What someone may do in an organization.
    pub enum Role {
        /// Everything, and hand it over. One an organization.
        Owner = "owner",
        /// Invite, manage people, make API keys; the contract's TeamLead.
        Admin = "admin",
        /// Make and see one's own headshots; the contract's TeamMember.
        Member = "member",
    }
}

stored_as_text! {
    /// Who looks after an account.
    pub enum Kind {
        /// Its person, who signs in by an address.
        Personal = "personal",
        /// The leads, for a person who may sign in too if there is an address.
        Managed = "managed",
        /// Another product, which lets its person in by signed URLs. [004]
        Anonymous = "anonymous",
    }
}

/// Someone's place in an organization.
#[derive(Clone, Debug, Serialize)]
pub struct Member {
    /// The API's user id.
    pub id: MemberId,
    /// Where.
    pub organization: OrganizationId,
    /// Who.
    pub account: AccountId,
    /// In which team.
    pub team: Option<TeamId>,
    /// What they may do.
    pub role: Role,
    /// Who looks after their account.
    pub kind: Kind,
    /// The account's address; of someone anonymous the one they are known by.
    pub email: Option<Email>,
    /// The account's name.
    pub name: Option<String>,
    /// Their job title.
    pub title: Option<String>,
    /// Since when.
    pub created_at: Timestamp,
}

impl Member {
    /// Leads run the organization: its owner and its admins.
    pub fn leads(&self) -> bool {
        self.role != Role::Member
    }

    /// Whether the leads may act for them: whoever leads looks after themselves.
    pub fn is_looked_after(&self) -> bool {
        self.kind == Kind::Managed && !self.leads()
    }

    /// This member, as the one who acts.
    pub fn actor(&self) -> Actor {
        Actor {
            organization: self.organization.clone(),
            member: Some(self.id.clone()),
            role: self.role,
            via: Via::Session,
            who: self.called().to_owned(),
        }
    }

    /// What to call them: the name, or else the address.
    pub fn called(&self) -> &str {
        self.name.as_deref().or(self.email.as_ref().map(Email::as_str)).unwrap_or("Someone")
    }

    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            organization: row.get("organization_id")?,
            account: row.get("account_id")?,
            team: row.get("team_id")?,
            role: row.get("role")?,
            kind: row.get("kind")?,
            email: row.get("email")?,
            name: row.get("name")?,
            title: row.get("title")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// Someone who can sign in.
#[derive(Clone, Debug)]
pub struct Account {
    /// Which.
    pub id: AccountId,
    /// Where mail reaches them.
    pub email: Option<Email>,
    /// What they are called.
    pub name: Option<String>,
    /// Their password, if they chose one.
    pub password: Option<PasswordHash>,
}

impl Account {
    /// From a row of its table.
    pub fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            email: row.get("email")?,
            name: row.get("name")?,
            password: row.get("password_hash")?,
        })
    }
}

/// The account with this address.
pub fn account_by_email(view: &View, email: &Email) -> Result<Option<Account>> {
    view.find("select * from accounts where email = :email", named_params! { ":email": email }, Account::from_row)
}

/// The account with this id.
pub fn account(view: &View, id: &AccountId) -> Result<Account> {
    view.find("select * from accounts where id = :id", named_params! { ":id": id }, Account::from_row)?
        .ok_or(Error::NotFound("Account"))
}

/// The account of this address, made if there is none.
pub fn account_for(tx: &Tx, email: &Email) -> Result<Account> {
    if let Some(account) = account_by_email(tx, email)? {
        return Ok(account);
    }
    tx.one(
        "insert into accounts (id, email, created_at) values (:id, :email, :now) returning *",
        named_params! { ":id": AccountId::new(), ":email": email, ":now": tx.now },
        Account::from_row,
    )
}

/// Makes the owner of a new organization.
///
/// # Errors
/// The address already belongs to an organization.
pub fn add_owner(tx: &Tx, organization: &OrganizationId, email: &Email) -> Result<Member> {
    let account = account_for(tx, email)?;
    if let Some(member) = of_account(tx, &account.id)? {
        let email = email.as_str();
        return Err(Error::invalid(match member.organization == *organization {
            true => say!("{email} already belongs to this organization. Use another address.", email),
            false => say!("{email} already belongs to another organization. Use another address.", email),
        }));
    }
    join(tx, organization, &account.id, None, Role::Owner)
}

/// Gives an account its place in an organization. It must have none.
pub fn join(
    tx: &Tx,
    organization: &OrganizationId,
    account: &AccountId,
    team: Option<&TeamId>,
    role: Role,
) -> Result<Member> {
    let id = MemberId::new();
    tx.execute(
        "insert into members (id, organization_id, account_id, team_id, role, created_at)
         values (:id, :organization, :account, :team, :role, :now)",
        named_params! { ":id": id, ":organization": organization, ":account": account, ":team": team, ":role": role, ":now": tx.now },
    )?;
    get(tx, &id)
}

/// Gives an account a place in an organization as a member, whatever place it has: one here it keeps, one elsewhere it gives
/// up, and with it the leads who looked after it. [000]
///
/// # Errors
/// It owns another organization, which has to be handed over first.
pub fn move_in(tx: &Tx, organization: &OrganizationId, account: &AccountId, team: Option<&TeamId>) -> Result<Member> {
    match of_account(tx, account)? {
        Some(here) if here.organization == *organization => return Ok(here),
        Some(elsewhere) if elsewhere.role == Role::Owner => {
            return Err(Error::forbidden(say!(
                "You own another organization here. Hand it over to someone else first, under Settings → People with access, then open this invite again."
            )));
        }
        Some(elsewhere) => {
            leave(tx, &elsewhere.id)?;
            // Only where they come from did anyone look after them.
            tx.execute(
                "update accounts set kind = 'personal' where id = :id and kind = 'managed'",
                named_params! { ":id": account },
            )?;
        }
        None => {}
    }
    join(tx, organization, account, team, Role::Member)
}

/// The member with this id.
pub fn get(view: &View, id: &MemberId) -> Result<Member> {
    view.find(
        "select m.*, coalesce(a.email, m.contact) as email, a.name, a.kind from members m join accounts a on a.id = m.account_id where m.id = :id",
        named_params! { ":id": id },
        Member::from_row,
    )?
    .ok_or(Error::NotFound("Member"))
}

/// The member with this id, if they are of this organization.
pub fn of_organization(view: &View, organization: &OrganizationId, id: &MemberId) -> Result<Member> {
    Some(get(view, id)?).filter(|member| member.organization == *organization).ok_or(Error::NotFound("Member"))
}

/// The place of an account, if it has one.
pub fn of_account(view: &View, account: &AccountId) -> Result<Option<Member>> {
    view.find(
        "select m.*, coalesce(a.email, m.contact) as email, a.name, a.kind from members m join accounts a on a.id = m.account_id where m.account_id = :account",
        named_params! { ":account": account },
        Member::from_row,
    )
}

/// The member of an organization with this address.
pub fn by_email(view: &View, organization: &OrganizationId, email: &Email) -> Result<Option<Member>> {
    view.find(
        "select m.*, a.email, a.name, a.kind from accounts a join members m on m.account_id = a.id
         where a.email = :email and m.organization_id = :organization
         union all
         select m.*, m.contact as email, a.name, a.kind from members m join accounts a on a.id = m.account_id
         where m.contact = :email and m.organization_id = :organization
         limit 1",
        named_params! { ":email": email, ":organization": organization },
        Member::from_row,
    )
}

/// The member of an organization with this address, who must be there.
pub fn named(view: &View, organization: &OrganizationId, email: &Email) -> Result<Member> {
    by_email(view, organization, email)?.ok_or(Error::NotFound("Member"))
}

/// The organization's owner and admins, owner first.
pub fn leads(view: &View, organization: &OrganizationId) -> Result<Vec<Member>> {
    view.all(
        "select m.*, coalesce(a.email, m.contact) as email, a.name, a.kind from members m join accounts a on a.id = m.account_id
         where m.organization_id = :organization and m.role in ('owner', 'admin')
         order by m.role = 'owner' desc, m.created_at",
        named_params! { ":organization": organization },
        Member::from_row,
    )
}

/// Puts members into a team: all of them or, if one address belongs to nobody here, none. Answers those that moved, as they were.
pub fn assign(tx: &Tx, organization: &OrganizationId, emails: &[Email], team: &TeamId) -> Result<Vec<Member>> {
    let mut moved = Vec::new();
    for email in emails {
        let member = by_email(tx, organization, email)?.ok_or_else(|| {
            Error::invalid(say!(
                "{email} is not a member of your organization. Invite them first.",
                email = email.as_str()
            ))
        })?;
        tx.execute(
            "update members set team_id = :team where id = :id",
            named_params! { ":team": team, ":id": member.id },
        )?;
        if member.team.as_ref() != Some(team) {
            moved.push(member);
        }
    }
    Ok(moved)
}

/// Sets what an account is called.
pub fn rename(tx: &Tx, account: &AccountId, name: &PersonName) -> Result<()> {
    tx.execute("update accounts set name = :name where id = :id", named_params! { ":name": name.0, ":id": account })?;
    if let Some(member) = of_account(tx, account)? {
        tx.ring(Topic::Organization(member.organization));
    }
    Ok(())
}

/// Sets what a member may do. Whether it may change, and what else does with it, `auth` sees to.
pub fn set_role(tx: &Tx, member: &MemberId, role: Role) -> Result<()> {
    tx.execute("update members set role = :role where id = :id", named_params! { ":role": role, ":id": member })?;
    Ok(())
}

/// Sets an account's password.
pub fn set_password(tx: &Tx, account: &AccountId, password: &PasswordHash) -> Result<()> {
    tx.execute(
        "update accounts set password_hash = :hash where id = :id",
        named_params! { ":hash": password, ":id": account },
    )?;
    Ok(())
}

/// Leaves an account without a password: its person signs in by mailed links.
pub fn remove_password(tx: &Tx, account: &AccountId) -> Result<()> {
    tx.execute("update accounts set password_hash = null where id = :id", named_params! { ":id": account })?;
    Ok(())
}

/// Takes a member out of the organization, and the account with it. What else is theirs, `offboarding` takes down first.
pub fn forget(tx: &Tx, member: &Member) -> Result<()> {
    tx.execute("delete from accounts where id = :id", named_params! { ":id": member.account })?;
    Ok(())
}

/// Gives up a place in an organization; the account stays.
pub fn leave(tx: &Tx, member: &MemberId) -> Result<()> {
    tx.execute("delete from members where id = :id", named_params! { ":id": member })?;
    Ok(())
}

/// The member whose shoot this is.
pub fn of_shoot(view: &View, shoot: &ShootId) -> Result<Option<Member>> {
    view.find(
        "select m.*, coalesce(a.email, m.contact) as email, a.name, a.kind from shoots s join members m on m.id = s.member_id join accounts a on a.id = m.account_id
         where s.id = :shoot",
        named_params! { ":shoot": shoot },
        Member::from_row,
    )
}

/// What a person is called: 1 to 200 characters on one line.
#[derive(Clone, Debug)]
pub struct PersonName(String);

impl PersonName {
    /// Reads it as a person typed it.
    pub fn parse(text: &str) -> Result<Self> {
        let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !one_line::fits(&name, 200) {
            return Err(Error::invalid(say!("Enter a name of up to 200 characters.")));
        }
        Ok(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
