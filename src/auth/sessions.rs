//! Sessions: what a signed-in browser's cookie stands for.

use std::{net::IpAddr, time::Duration};

use rusqlite::named_params;

use super::{devices, factors::Factors, joining, notices, passkeys};
use crate::{
    clock::Timestamp,
    db::{Tx, View, stored_as_text},
    error::{Error, Result},
    ids::{AccountId, MagicLinkId, SessionId},
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

/// How long someone may take to show their second factor.
const SECOND_WITHIN: Duration = Duration::from_secs(10 * 60);

/// Wrong second factors a session bears.
const TRIES: i64 = 5;

/// So long after signing in one may change how one signs in; later, one has to show again who one is.
const FRESH: Duration = Duration::from_secs(10 * 60);

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

impl Method {
    /// As people say it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Setup => "by the setup link",
            Self::Link => "by a mailed link",
            Self::Code => "by a mailed code",
            Self::Password => "by password",
            Self::Passkey => "by passkey",
            Self::SingleSignOn => "by single sign-on",
            Self::SignedUrl => "by a signed URL",
        }
    }

    /// Whether a second factor is asked for after it. A passkey is two in one, and single sign-on is the provider's business.
    const fn is_half(self) -> bool {
        !matches!(self, Self::Passkey | Self::SingleSignOn | Self::SignedUrl)
    }
}

/// The browser someone signs in on.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// What it has kept since it was last seen, for whomever.
    pub mark: Option<Token>,
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
    /// They have a second factor, and have to show it before the session counts for anything.
    pub second_due: bool,
    /// What the browser is to be recognised by.
    pub mark: Option<Token>,
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
    /// Which.
    pub id: SessionId,
    /// How it was begun.
    pub method: Method,
    /// They have signed in just now, or shown again who they are: what matters may be changed.
    pub fresh: bool,
}

/// Signs an account in on a new browser. If it has a second factor, that is to be shown first.
pub fn begin_session(tx: &Tx, account: &Account, method: Method, device: &Device) -> Result<Entered> {
    begin_for(tx, &account.id, method, device)
}

/// The same by the account's id.
pub(super) fn begin_for(tx: &Tx, account: &AccountId, method: Method, device: &Device) -> Result<Entered> {
    if method.is_half() && Factors::of(tx, account)?.any() {
        return begin_half(tx, account, method, device, None);
    }
    let session = keep(tx, account, method, device, tx.now + LONGEST)?;
    let mark = devices::recognise(tx, account, device, method.words())?;
    let member = members::of_account(tx, account)?;
    Ok(Entered { session, account: account.clone(), member, joined: false, second_due: false, mark: Some(mark) })
}

/// Begins a session that is good for showing the second factor only. What the person came to join waits for it.
pub(super) fn begin_half(
    tx: &Tx,
    account: &AccountId,
    method: Method,
    device: &Device,
    joins: Option<&MagicLinkId>,
) -> Result<Entered> {
    let session = keep(tx, account, method, device, tx.now + SECOND_WITHIN)?;
    tx.execute(
        "update sessions set second_due = 1, joins = :joins where digest = :digest",
        named_params! { ":joins": joins, ":digest": session.digest() },
    )?;
    Ok(Entered { session, account: account.clone(), member: None, joined: false, second_due: true, mark: None })
}

/// Signs an anonymous member in inside another product's page.
pub(super) fn begin_embedded_session(tx: &Tx, member: &Member, device: &Device) -> Result<Entered> {
    let session = keep(tx, &member.account, Method::SignedUrl, device, tx.now + LONGEST_EMBEDDED)?;
    let (account, member) = (member.account.clone(), Some(member.clone()));
    Ok(Entered { session, account, member, joined: false, second_due: false, mark: None })
}

/// A session whose person can show a second factor.
pub(super) struct Provable {
    pub(super) account: AccountId,
    method: Method,
    joins: Option<MagicLinkId>,
}

/// The session of this cookie, whole or half, if a second factor can be shown on it.
pub(super) fn provable(view: &View, cookie: &str) -> Result<Option<Provable>> {
    view.find(
        "select account_id, method, joins from sessions
         where digest = :digest and expires_at > :now and seen_at > :idle and embedded = 0 and tries < :tries",
        named_params! {
            ":digest": Digest::of(cookie), ":now": view.now, ":idle": view.now - IDLE, ":tries": TRIES,
        },
        |row| Ok(Provable { account: row.get(0)?, method: row.get(1)?, joins: row.get(2)? }),
    )
}

/// Counts a wrong second factor. Whether that ended the session.
pub(super) fn count_wrong(tx: &Tx, cookie: &str) -> Result<bool> {
    let tries: Option<i64> = tx.find(
        "update sessions set tries = tries + 1 where digest = :digest and tries < :tries returning tries",
        named_params! { ":digest": Digest::of(cookie), ":tries": TRIES },
        |row| row.get(0),
    )?;
    let over = tries.is_none_or(|tries| tries >= TRIES);
    if over {
        end_session(tx, cookie)?;
    }
    Ok(over)
}

/// Begins a whole session in place of another, and does what waited for it.
pub(super) fn renew(tx: &Tx, cookie: &str, open: Provable, device: &Device) -> Result<Entered> {
    end_session(tx, cookie)?;
    let joined = match &open.joins {
        Some(link) => joining::resume(tx, link)?,
        None => false,
    };
    let session = keep(tx, &open.account, open.method, device, tx.now + LONGEST)?;
    let how = format!("{} and a second factor", open.method.words());
    let mark = devices::recognise(tx, &open.account, device, &how)?;
    let member = members::of_account(tx, &open.account)?;
    Ok(Entered { session, account: open.account, member, joined, second_due: false, mark: Some(mark) })
}

/// Whose second factor this browser still has to show.
pub fn halfway(view: &View, cookie: &str) -> Result<Option<AccountId>> {
    view.find(
        "select account_id from sessions where digest = :digest and second_due = 1 and expires_at > :now",
        named_params! { ":digest": Digest::of(cookie), ":now": view.now },
        |row| row.get(0),
    )
}

/// A browser that is signed in, as its person sees it in a list.
#[derive(Clone, Debug)]
pub struct Open {
    /// Which.
    pub id: SessionId,
    /// What the browser calls itself.
    pub agent: Option<String>,
    /// Where it was when it signed in.
    pub address: Option<String>,
    /// How it signed in.
    pub method: Method,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used, to ten minutes.
    pub seen_at: Timestamp,
}

/// The browsers an account is signed in on, last used first.
pub fn sessions_of(view: &View, account: &AccountId) -> Result<Vec<Open>> {
    view.all(
        "select id, agent, address, method, created_at, seen_at from sessions
         where account_id = :account and embedded = 0 and second_due = 0 and expires_at > :now and seen_at > :idle
         order by seen_at desc, created_at desc",
        named_params! { ":account": account, ":now": view.now, ":idle": view.now - IDLE },
        |row| {
            Ok(Open {
                id: row.get("id")?,
                agent: row.get("agent")?,
                address: row.get("address")?,
                method: row.get("method")?,
                created_at: row.get("created_at")?,
                seen_at: row.get("seen_at")?,
            })
        },
    )
}

/// Signs one of an account's browsers out.
///
/// # Errors
/// It is none of theirs.
pub fn revoke_session(tx: &Tx, account: &AccountId, id: &SessionId) -> Result<()> {
    let ended = tx.execute(
        "delete from sessions where id = :id and account_id = :account and embedded = 0",
        named_params! { ":id": id, ":account": account },
    )?;
    if ended == 0 { Err(Error::NotFound("Session")) } else { Ok(()) }
}

/// Signs all of an account's browsers out but this one. How many that were.
pub fn end_others(tx: &Tx, account: &AccountId, this: &SessionId) -> Result<usize> {
    tx.execute(
        "delete from sessions where account_id = :account and id != :this and embedded = 0",
        named_params! { ":account": account, ":this": this },
    )
}

pub(super) fn end_all(tx: &Tx, account: &AccountId) -> Result<()> {
    tx.execute("delete from sessions where account_id = :account", named_params! { ":account": account })?;
    Ok(())
}

/// Sets the password of whoever is signed in, or with none removes it. Their other browsers are signed out.
pub fn change_password(tx: &Tx, session: &Session, password: Option<&PasswordHash>) -> Result<()> {
    match password {
        Some(password) => members::set_password(tx, &session.account, password)?,
        None => members::remove_password(tx, &session.account)?,
    }
    end_others(tx, &session.account, &session.id)?;
    notices::notify(tx, &session.account, notices::Notice::PasswordChanged)
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
        "select s.account_id, a.email, s.embedded, s.seen_at, s.id, s.method, s.created_at from sessions s
         join accounts a on a.id = s.account_id
         where s.digest = :digest and s.second_due = 0 and s.expires_at > :now and s.seen_at > :idle",
        named_params! { ":digest": Digest::of(cookie), ":now": view.now, ":idle": view.now - IDLE },
        |row| {
            Ok(Session {
                account: row.get("account_id")?,
                email: row.get("email")?,
                member: None,
                embedded: row.get("embedded")?,
                stale: view.now.since(row.get("seen_at")?) > SEEN_EVERY,
                id: row.get("id")?,
                method: row.get("method")?,
                fresh: view.now.since(row.get("created_at")?) < FRESH,
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
    let factors = passkeys::expire(tx)? + devices::expire(tx)? + notices::expire(tx)?;
    Ok(sessions + links + signed_urls + factors)
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
