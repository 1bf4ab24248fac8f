//! Sessions: what a signed-in browser's cookie stands for.

use std::{net::IpAddr, time::Duration};

use rusqlite::named_params;

use crate::{
    clock::Timestamp,
    db::{Tx, View, stored_as_text},
    error::{Error, Result},
    ids::{AccountId, OrganizationId, SessionId},
    members::{self, Account, Email, Member, PersonName},
    organizations::{self, NewOrganization, Organization},
    secrets::{Digest, PasswordHash, Token},
};

/// A session nobody uses ends after this time.
const IDLE: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Any session ends after this time.
const LONGEST: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// A session inside another product ends after this time: that product lets its people in anew by a signed URL.
const LONGEST_EMBEDDED: Duration = Duration::from_secs(24 * 60 * 60);

/// How exactly its last use is known: more often than this, a session isn't written.
const SEEN_EVERY: Duration = Duration::from_secs(10 * 60);

stored_as_text! {
    /// How someone showed who they are.
    pub enum Method {
        /// By the link that sets an empty instance up.
        Setup = "setup",
        /// By a link that was mailed to them.
        Link = "link",
        /// By the code in that mail.
        Code = "code",
        /// By their password.
        Password = "password",
        /// By a passkey alone.
        Passkey = "passkey",
        /// At their organization's identity provider.
        SingleSignOn = "sso",
        /// By a signed URL, inside another product.
        SignedUrl = "signed_url",
    }
}

/// The browser someone signs in on.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// What it calls itself.
    pub agent: Option<String>,
    /// Where it is, as far as the network tells.
    pub address: Option<IpAddr>,
}

/// Someone has just signed in.
#[derive(Debug)]
pub struct Entered {
    /// Goes into the cookie; only its digest is kept.
    pub session: Token,
    /// Who.
    pub account: AccountId,
    /// Their place, if they have one.
    pub member: Option<Member>,
    /// They have accepted an invite with it.
    pub joined: bool,
}

/// A browser that is signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// As whom.
    pub account: AccountId,
    /// Where mail reaches them.
    pub email: Option<Email>,
    /// Their place, if they have one.
    pub member: Option<Member>,
    /// It was begun by a signed URL, inside another product.
    pub embedded: bool,
    /// Whether its last use is long enough ago to be written down.
    pub stale: bool,
}

/// Signs an account in on a new browser.
pub fn begin_session(tx: &Tx, account: &Account, method: Method, device: &Device) -> Result<Entered> {
    let session = keep(tx, &account.id, method, device, tx.now + LONGEST)?;
    let member = members::of_account(tx, &account.id)?;
    Ok(Entered { session, account: account.id.clone(), member, joined: false })
}

/// Signs an anonymous member in inside another product's page.
pub(super) fn begin_embedded_session(tx: &Tx, member: &Member, device: &Device) -> Result<Entered> {
    let session = keep(tx, &member.account, Method::SignedUrl, device, tx.now + LONGEST_EMBEDDED)?;
    Ok(Entered { session, account: member.account.clone(), member: Some(member.clone()), joined: false })
}

fn keep(tx: &Tx, account: &AccountId, method: Method, device: &Device, expires_at: Timestamp) -> Result<Token> {
    let session = Token::new();
    let agent: Option<String> = device.agent.as_ref().map(|agent| agent.chars().take(200).collect());
    tx.execute(
        "insert into sessions (digest, id, account_id, method, agent, address, created_at, seen_at, expires_at, embedded)
         values (:digest, :id, :account, :method, :agent, :address, :now, :now, :expires_at, :embedded)",
        named_params! {
            ":digest": session.digest(), ":id": SessionId::new(), ":account": account, ":method": method, ":agent": agent,
            ":address": device.address.map(|address| address.to_string()), ":now": tx.now, ":expires_at": expires_at,
            ":embedded": method == Method::SignedUrl,
        },
    )?;
    Ok(session)
}

/// Signs in whoever has shown the password `kept` is of. Comparing takes long on purpose, so it comes before this, outside
/// the transaction; a password that was changed meanwhile doesn't count.
///
/// # Errors
/// [`Error::Unauthorized`] if the address doesn't have this password any more.
pub fn use_password(tx: &Tx, email: &Email, kept: &PasswordHash, device: &Device) -> Result<Entered> {
    let account = members::account_by_email(tx, email)?.filter(|account| account.password.as_ref() == Some(kept));
    begin_session(tx, &account.ok_or_else(wrong_password)?, Method::Password, device)
}

/// The same for a wrong password, for an account without one and for no account.
pub fn wrong_password() -> Error {
    Error::Unauthorized("The address or the password is wrong. Try again, or have a link mailed to you.".into())
}

/// The browser with this cookie, if it is signed in.
pub fn browser(view: &View, cookie: &str) -> Result<Option<Session>> {
    let found = view.find(
        "select s.account_id, a.email, s.embedded, s.seen_at from sessions s
         join accounts a on a.id = s.account_id
         where s.digest = :digest and s.expires_at > :now and s.seen_at > :idle",
        named_params! { ":digest": Digest::of(cookie), ":now": view.now, ":idle": view.now - IDLE },
        |row| {
            Ok(Session {
                account: row.get("account_id")?,
                email: row.get("email")?,
                member: None,
                embedded: row.get("embedded")?,
                stale: view.now.since(row.get("seen_at")?) > SEEN_EVERY,
            })
        },
    )?;
    let Some(session) = found else { return Ok(None) };
    let member = members::of_account(view, &session.account)?;
    Ok(Some(Session { member, ..session }))
}

/// Writes down that a session was used.
pub fn keep_alive(tx: &Tx, cookie: &str) -> Result<()> {
    tx.execute(
        "update sessions set seen_at = :now where digest = :digest",
        named_params! { ":now": tx.now, ":digest": Digest::of(cookie) },
    )?;
    Ok(())
}

/// Signs a browser out.
pub fn end_session(tx: &Tx, cookie: &str) -> Result<()> {
    tx.execute("delete from sessions where digest = :digest", named_params! { ":digest": Digest::of(cookie) })?;
    Ok(())
}

/// Forgets the links into an organization that were sent to an address and not used: they let nobody in any more. What other
/// organizations sent there stays.
pub fn forget_links(tx: &Tx, organization: &OrganizationId, email: &Email) -> Result<()> {
    tx.execute(
        "delete from magic_links
         where email = :email and used_at is null
           and (invite_id is null or invite_id in (select id from invites where organization_id = :organization))
           and (link_id is null or link_id in (select id from links where organization_id = :organization))",
        named_params! { ":email": email, ":organization": organization },
    )?;
    Ok(())
}

/// Forgets sessions, links and signed URLs whose time is long over, a few at a time. What opened pages inside another product
/// stays a while longer: it still tells whose pages they were.
pub fn expire(tx: &Tx) -> Result<usize> {
    let sessions = tx.execute(
        "delete from sessions where digest in (
             select digest from sessions where (expires_at < :now and embedded = 0) or seen_at < :idle limit 500
         )",
        named_params! { ":now": tx.now, ":idle": tx.now - IDLE },
    )?;
    let links = tx.execute(
        "delete from magic_links where id in (
             select id from magic_links where created_at < :old limit 500
         )",
        named_params! { ":old": tx.now - LONGEST },
    )?;
    let signed_urls = tx.execute(
        "delete from signed_urls where digest in (select digest from signed_urls where expires_at < :idle limit 500)",
        named_params! { ":idle": tx.now - IDLE },
    )?;
    Ok(sessions + links + signed_urls)
}

/// What the first person decides.
#[derive(Clone, Debug)]
pub struct FirstRun {
    /// The organization to make.
    pub organization: NewOrganization,
    /// Its owner's address.
    pub email: Email,
    /// Its owner's name.
    pub name: Option<PersonName>,
    /// Its owner's password, hashed before.
    pub password: Option<PasswordHash>,
}

/// Makes the first organization and its owner by the setup link. Of two who try at once, one wins.
///
/// # Errors
/// [`Error::Unauthorized`] if the link was used, is too old, or an organization exists by now.
pub fn set_up(tx: &Tx, token: &str, first: &FirstRun, device: &Device) -> Result<(Organization, Entered)> {
    let used = tx.execute(
        "update magic_links set used_at = :now
         where token_digest = :digest and purpose = 'setup' and used_at is null and expires_at > :now",
        named_params! { ":now": tx.now, ":digest": Digest::of(token) },
    )?;
    if used == 0 || organizations::any(tx)? {
        return Err(Error::Unauthorized(
            "This setup link was used or is too old. Restart the server for a fresh one.".into(),
        ));
    }
    let organization = organizations::create(tx, &first.organization)?;
    let owner = members::add_owner(tx, &organization.id, &first.email)?;
    if let Some(name) = &first.name {
        members::rename(tx, &owner.account, name)?;
    }
    if let Some(password) = &first.password {
        members::set_password(tx, &owner.account, password)?;
    }
    let account = members::account_for(tx, &first.email)?;
    let entered = begin_session(tx, &account, Method::Setup, device)?;
    Ok((organization, entered))
}
