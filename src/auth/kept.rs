//! What is kept about how someone signs in: for them to look at, and to be forgotten with them.

use rusqlite::named_params;

use crate::{
    clock::Timestamp,
    db::{Tx, View},
    error::Result,
    ids::{AccountId, OrganizationId},
    members::Email,
};

/// A browser someone is signed in on, as they are told of it.
#[derive(Clone, Debug)]
pub struct KeptSession {
    /// What it calls itself.
    pub agent: Option<String>,
    /// Where it was begun from.
    pub address: Option<String>,
    /// How they showed who they are, in one word.
    pub method: String,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was used last, to ten minutes.
    pub seen_at: Timestamp,
}

/// How an account signs in. Nothing of it lets anybody in.
#[derive(Clone, Debug)]
pub struct SignsIn {
    /// The browsers, the one used last first.
    pub sessions: Vec<KeptSession>,
    /// There is a password.
    pub password: bool,
    /// An app shows one-time codes for it.
    pub one_time_codes: bool,
    /// What the passkeys are called.
    pub passkeys: Vec<String>,
    /// The identity providers that vouch for it.
    pub providers: Vec<String>,
}

/// How an account signs in.
pub fn signs_in(view: &View, account: &AccountId) -> Result<SignsIn> {
    let account = named_params! { ":account": account };
    let sessions = view.all(
        "select agent, address, method, created_at, seen_at from sessions where account_id = :account order by seen_at desc",
        account,
        |row| {
            Ok(KeptSession {
                agent: row.get("agent")?,
                address: row.get("address")?,
                method: row.get("method")?,
                created_at: row.get("created_at")?,
                seen_at: row.get("seen_at")?,
            })
        },
    )?;
    let text = |row: &rusqlite::Row| row.get(0);
    Ok(SignsIn {
        sessions,
        password: view.one(
            "select exists (select 1 from accounts where id = :account and password_hash is not null)",
            account,
            |row| row.get(0),
        )?,
        one_time_codes: view.one(
            "select exists (select 1 from authenticators where account_id = :account and confirmed_at is not null)",
            account,
            |row| row.get(0),
        )?,
        passkeys: view.all(
            "select name from passkeys where account_id = :account order by created_at",
            account,
            text,
        )?,
        providers: view.all("select distinct issuer from identities where account_id = :account", account, text)?,
    })
}

/// Forgets the links into an organization that were sent to an address and not used: they let nobody in any more. What other
/// organizations sent there stays.
pub fn forget_links_into(tx: &Tx, organization: &OrganizationId, email: &Email) -> Result<()> {
    tx.execute(
        "delete from magic_links
         where email = :email and used_at is null
           and (invite_id is null or invite_id in (select id from invites where organization_id = :organization))
           and (link_id is null or link_id in (select id from links where organization_id = :organization))",
        named_params! { ":email": email, ":organization": organization },
    )?;
    Ok(())
}

/// Forgets every link that was sent to an address, used or not.
pub fn forget_links(tx: &Tx, email: &Email) -> Result<()> {
    tx.execute("delete from magic_links where email = :email", named_params! { ":email": email })?;
    Ok(())
}
