//! Sessions: what a signed-in browser's cookie stands for.

use std::{net::IpAddr, time::Duration};

use rusqlite::named_params;

use super::{devices, factors::Factors, halves::begin_half, handoffs, notices, passkeys, single_sign_on};
use crate::{
    audit::Action,
    clock::Timestamp,
    db::{Topic, Tx, View, stored_as_text},
    error::{Error, Result},
    i18n::{Language, Message},
    ids::{AccountId, ConnectionId, MagicLinkId, SessionId},
    members::{self, Account, Email, Member, PersonName},
    organizations::{self, NewOrganization, Organization},
    secrets::{Digest, PasswordHash, Token},
    shoots,
};

/// A session nobody uses ends after this time.
pub(super) const IDLE: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Any session ends after this time.
pub(super) const LONGEST: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// A session inside another product ends after this time: that product lets its people in anew by a signed URL.
const LONGEST_EMBEDDED: Duration = Duration::from_secs(24 * 60 * 60);

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
    pub const fn words(self) -> Message {
        match self {
            Self::Setup => say!("by the setup link"),
            Self::Link => say!("by a mailed link"),
            Self::Code => say!("by a mailed code"),
            Self::Password => say!("by password"),
            Self::Passkey => say!("by passkey"),
            Self::SingleSignOn => say!("by single sign-on"),
            Self::SignedUrl => say!("by a signed URL"),
        }
    }

    /// The same where a second factor followed.
    pub(super) const fn words_with_second(self) -> Message {
        match self {
            Self::Setup => say!("by the setup link and a second factor"),
            Self::Link => say!("by a mailed link and a second factor"),
            Self::Code => say!("by a mailed code and a second factor"),
            Self::Password => say!("by password and a second factor"),
            Self::Passkey => say!("by passkey and a second factor"),
            Self::SingleSignOn => say!("by single sign-on and a second factor"),
            Self::SignedUrl => say!("by a signed URL and a second factor"),
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
    /// Which language it asks for, of those that are spoken here.
    pub language: Option<Language>,
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
    /// Where it leads them.
    pub then: Then,
    /// They have a second factor, and have to show it before the session counts for anything.
    pub second_due: bool,
    /// What the browser is to be recognised by.
    pub mark: Option<Token>,
}

/// Where someone goes who has just signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Where they belong.
    Home,
    /// To their first photos: they have a new place.
    Begin,
    /// To the page that converts their account: an organization waits for it.
    Convert,
    /// Nowhere yet: they want a place of their own, which [`sign_up`] makes.
    SignUp,
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
    /// The way into an organization that waits until their account is converted.
    pub joins: Option<MagicLinkId>,
    /// The language its person chose, if they chose one.
    pub language: Option<Language>,
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
    single_sign_on::must_be_open(tx, account, method)?;
    if method.is_half() && Factors::of(tx, &account.id)?.any() {
        return begin_half(tx, &account.id, method, device, None);
    }
    let session = keep(tx, &account.id, method, None, device, tx.now + LONGEST)?;
    whole(tx, &account.id, session, device, method.words())
}

/// Signs in whom an identity provider has vouched for. The session ends with the connection.
pub(super) fn begin_session_by_provider(
    tx: &Tx,
    account: &Account,
    connection: &ConnectionId,
    device: &Device,
) -> Result<Entered> {
    let method = Method::SingleSignOn;
    let session = keep(tx, &account.id, method, Some(connection), device, tx.now + LONGEST)?;
    whole(tx, &account.id, session, device, method.words())
}

/// A session that counts, on a browser that is known from now on.
pub(super) fn whole(tx: &Tx, account: &AccountId, session: Token, device: &Device, how: Message) -> Result<Entered> {
    let mark = devices::recognise(tx, account, device, how)?;
    if let Some(language) = device.language {
        members::saw_language(tx, account, language)?;
    }
    let member = members::of_account(tx, account)?;
    let (account, then) = (account.clone(), Then::Home);
    Ok(Entered { session, account, member, then, second_due: false, mark: Some(mark) })
}

/// Signs an anonymous member in inside another product's page.
pub(super) fn begin_embedded_session(tx: &Tx, member: &Member, device: &Device) -> Result<Entered> {
    let session = keep(tx, &member.account, Method::SignedUrl, None, device, tx.now + LONGEST_EMBEDDED)?;
    let (account, member) = (member.account.clone(), Some(member.clone()));
    Ok(Entered { session, account, member, then: Then::Home, second_due: false, mark: None })
}

pub(super) fn keep(
    tx: &Tx,
    account: &AccountId,
    method: Method,
    connection: Option<&ConnectionId>,
    device: &Device,
    expires_at: Timestamp,
) -> Result<Token> {
    let session = Token::new();
    let agent: Option<String> = device.agent.as_ref().map(|agent| agent.chars().take(200).collect());
    tx.execute(
        "insert into sessions (digest, id, account_id, method, agent, address, created_at, seen_at, expires_at, embedded, connection_id)
         values (:digest, :id, :account, :method, :agent, :address, :now, :now, :expires_at, :embedded, :connection)",
        named_params! {
            ":digest": session.digest(), ":id": SessionId::new(), ":account": account, ":method": method, ":agent": agent,
            ":address": device.address.map(|address| address.to_string()), ":now": tx.now, ":expires_at": expires_at,
            ":embedded": method == Method::SignedUrl, ":connection": connection,
        },
    )?;
    Ok(session)
}

/// Gives someone who has just signed up a place of their own, with the first `granted` credits; if nobody may sign up here by
/// themselves, there are none.
///
/// # Errors
/// [`Error::Unauthorized`] if nobody may.
pub fn sign_up(tx: &Tx, entered: Entered, granted: Option<i64>) -> Result<Entered> {
    if entered.then != Then::SignUp {
        return Ok(entered);
    }
    let member = begin_alone(tx, &entered.account, granted)?;
    Ok(Entered { member: Some(member), then: Then::Begin, ..entered })
}

/// Gives an account that has no place one of its own. As [`sign_up`].
pub fn begin_alone(tx: &Tx, account: &AccountId, granted: Option<i64>) -> Result<Member> {
    let granted = granted.ok_or_else(|| {
        Error::Unauthorized(say!("Nobody signs up here by themselves any more. Ask your organization to invite you."))
    })?;
    shoots::begin_alone(tx, &members::account(tx, account)?, granted)
}

/// Has a session remember the way in that its person's account is converted for.
pub(super) fn hold(tx: &Tx, session: &Token, link: &MagicLinkId) -> Result<()> {
    tx.execute(
        "update sessions set joins = :link where digest = :digest",
        named_params! { ":link": link, ":digest": session.digest() },
    )?;
    Ok(())
}

/// Nothing waits for an account any more: it has joined.
pub(super) fn let_go(tx: &Tx, account: &AccountId) -> Result<()> {
    tx.execute("update sessions set joins = null where account_id = :account", named_params! { ":account": account })?;
    Ok(())
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
    Error::Unauthorized(say!("The address or the password is wrong. Try again, or have a link mailed to you."))
}

/// The browser with this cookie, if it is signed in. A provider vouches for its own organization's people: what it began opens
/// nothing of another one that its person has moved to.
pub fn browser(view: &View, cookie: &str) -> Result<Option<Session>> {
    of_digest(view, &Digest::of(cookie))
}

/// The same by what is kept of the cookie.
pub(super) fn of_digest(view: &View, digest: &Digest) -> Result<Option<Session>> {
    let found = view.find(
        "select s.account_id, a.email, a.language, s.embedded, s.joins, s.seen_at, s.id, s.method, s.created_at from sessions s
         join accounts a on a.id = s.account_id
         where s.digest = :digest and s.second_due = 0 and s.expires_at > :now and s.seen_at > :idle
           and not exists (
               select 1 from connections c join members m on m.account_id = s.account_id
               where c.id = s.connection_id and c.organization_id != m.organization_id
           )",
        named_params! { ":digest": digest, ":now": view.now, ":idle": view.now - IDLE },
        |row| {
            Ok(Session {
                account: row.get("account_id")?,
                email: row.get("email")?,
                member: None,
                embedded: row.get("embedded")?,
                language: row.get("language")?,
                joins: row.get("joins")?,
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
    tx.ring(Topic::SignedOut);
    Ok(())
}

/// Gives a signed-in browser a new cookie; the one it had, and what was handed on by it and not used, is worth nothing any
/// more. None if it isn't signed in.
pub(super) fn renew_session(tx: &Tx, cookie: &str) -> Result<Option<Token>> {
    handoffs::forget_of(tx, &Digest::of(cookie))?;
    let renewed = Token::new();
    let known = tx.execute(
        "update sessions set digest = :new, seen_at = :now where digest = :old",
        named_params! { ":new": renewed.digest(), ":now": tx.now, ":old": Digest::of(cookie) },
    )?;
    Ok((known == 1).then_some(renewed))
}

/// Signs an account out everywhere, but for the browser with this token.
pub(super) fn end_sessions(tx: &Tx, account: &AccountId, but: Option<&Token>) -> Result<()> {
    tx.execute(
        "delete from sessions where account_id = :account and digest is not :but",
        named_params! { ":account": account, ":but": but.map(Token::digest) },
    )?;
    tx.ring(Topic::SignedOut);
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
    let factors = passkeys::expire(tx)? + devices::expire(tx)? + notices::expire(tx)? + handoffs::expire(tx)?;
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
        return Err(Error::Unauthorized(say!(
            "This setup link was used or is too old. Restart the server for a fresh one."
        )));
    }
    let organization = organizations::create(tx, &first.organization)?;
    if let Some(language) = device.language {
        organizations::set_language(tx, &organization.id, language)?;
    }
    let owner = members::add_owner(tx, &organization.id, &first.email)?;
    if let Some(name) = &first.name {
        members::rename(tx, &owner.account, name)?;
    }
    if let Some(password) = &first.password {
        members::set_password(tx, &owner.account, password)?;
    }
    let account = members::account_for(tx, &first.email)?;
    members::get(tx, &owner.id)?.actor().note_about(tx, Action::OrganizationMade, &organization.name, None)?;
    let entered = begin_session(tx, &account, Method::Setup, device)?;
    Ok((organization, entered))
}
