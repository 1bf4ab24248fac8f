//! Signing in at an organization's identity provider: who is on the way there, whom the provider's word lets in, and whom
//! nothing else lets in any more. Someone is known by (connection, issuer, subject), never by their address.

use std::time::Duration;

use rusqlite::{Row, named_params};
use serde::{Deserialize, Serialize};

use super::{
    joining::{Before, before},
    links::{self as magic, Toward},
    mailed,
    sessions::{Device, Entered, Method, Then, begin_session_by_provider},
};
use crate::{
    connections::{self, Connection},
    db::{Tx, View},
    error::{Error, Result},
    ids::{AccountId, ConnectionId, InviteId, LinkId, MagicLinkId, MemberId},
    invites,
    links::{self, State},
    members::{self, Account, Actor, DomainName, Email, PersonName, Role},
    oidc::{Claims, Kept},
    organizations, places,
    secrets::{Digest, Purpose, ServerKey, Token},
};

/// How long someone may stay at their provider.
const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// Why someone is on their way to a provider.
#[derive(Clone, Debug)]
pub enum Errand {
    /// To sign in.
    SignIn,
    /// To join by an open link, on whose page this address was typed.
    Join(LinkId, Email),
    /// To try the connection: it signs nobody in.
    Test(MemberId),
}

/// Someone is back from their provider.
#[derive(Debug)]
pub struct Returned {
    /// The connection they went by.
    pub connection: Connection,
    /// What was kept for their return.
    pub kept: Kept,
    /// The lead who only tries it.
    pub tester: Option<MemberId>,
    joins: Option<MagicLinkId>,
}

/// Why a return from a provider leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody is on that way: they were back before, took too long, or never left.
    #[error("unknown, used or too old state")]
    Over,
    /// Another browser left.
    #[error("another browser")]
    OtherBrowser,
    /// The connection was removed or changed meanwhile.
    #[error("the connection was removed or changed meanwhile")]
    Removed,
    /// The provider tells no address, and has never let this person in.
    #[error("no address")]
    NoAddress,
    /// It doesn't say that the address is theirs.
    #[error("address not verified: {0}")]
    Unverified(String),
    /// The address is of a domain that isn't proven for this organization.
    #[error("domain not proven: {0}")]
    NotProven(String),
    /// Nobody has invited them, and joining needs an invite.
    #[error("not a member: {0}")]
    NotMember(Email),
    /// They belong to another organization.
    #[error("a member of another organization: {email}")]
    Elsewhere {
        /// Who.
        email: Email,
        /// To which.
        organization: String,
        /// It is theirs.
        owner: bool,
    },
    /// They have headshots of their own, without any organization, which have to go first.
    #[error("headshots of their own: {0}")]
    OwnHeadshots(Email),
    /// The account of this address belongs to someone else at the provider.
    #[error("another person's account: {0}")]
    OtherPerson(Email),
}

/// By which rule someone is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// They have been let in before.
    Known,
    /// They are a member, by their address: the first time.
    Links,
    /// They were invited.
    Invited(InviteId),
    /// They join by an open link.
    JoinsBy(LinkId),
    /// They join without an invite.
    Provisioned,
}

/// Whom a provider's word lets in, and how.
#[derive(Debug)]
struct Plan {
    rule: Rule,
    account: Option<Account>,
    email: Option<Email>,
}

/// What is kept of someone on their way, readable by this server only.
#[derive(Serialize, Deserialize)]
struct Sealed {
    kept: Kept,
    issuer: String,
    client_id: String,
}

/// Writes down that someone leaves for their provider, to be back with `state` in the browser that holds `browser`.
pub fn leave_for_provider(
    tx: &Tx,
    key: &ServerKey,
    connection: &Connection,
    errand: &Errand,
    kept: Kept,
    state: &Token,
    browser: &Digest,
) -> Result<()> {
    let sealed = Sealed { kept, issuer: connection.issuer.clone(), client_id: connection.client_id.clone() };
    let secrets = key.seal(Purpose::SingleSignOn, &serde_json::to_vec(&sealed)?)?;
    let (tester, joins) = match errand {
        Errand::SignIn => (None, None),
        Errand::Join(link, email) => (None, Some(mailed::ask(tx, email, Toward::Link(link))?)),
        Errand::Test(member) => (Some(member), None),
    };
    tx.execute(
        "insert into sso_attempts (digest, connection_id, browser, secrets, tested_by, joins, expires_at)
         values (:digest, :connection, :browser, :secrets, :tester, :joins, :expires_at)",
        named_params! {
            ":digest": state.digest(), ":connection": connection.id, ":browser": browser, ":secrets": secrets,
            ":tester": tester, ":joins": joins, ":expires_at": tx.now + LIFETIME,
        },
    )?;
    Ok(())
}

struct Attempt {
    connection: ConnectionId,
    browser: Digest,
    secrets: Vec<u8>,
    tester: Option<MemberId>,
    joins: Option<MagicLinkId>,
}

impl Attempt {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            connection: row.get("connection_id")?,
            browser: row.get("browser")?,
            secrets: row.get("secrets")?,
            tester: row.get("tested_by")?,
            joins: row.get("joins")?,
        })
    }
}

/// Someone is back: this once, in the browser they left by, and in time.
pub fn return_from_provider(
    tx: &Tx,
    key: &ServerKey,
    state: &str,
    browser: Option<&str>,
) -> Result<Result<Returned, Refusal>> {
    let attempt = tx.find(
        "select * from sso_attempts where digest = :digest and expires_at > :now",
        named_params! { ":digest": Digest::of(state), ":now": tx.now },
        Attempt::from_row,
    )?;
    let Some(attempt) = attempt else { return Ok(Err(Refusal::Over)) };
    // Left as it is: whose browser it is may still come back.
    if browser.map(Digest::of).as_ref() != Some(&attempt.browser) {
        return Ok(Err(Refusal::OtherBrowser));
    }
    tx.execute("delete from sso_attempts where digest = :digest", named_params! { ":digest": Digest::of(state) })?;
    let sealed: Sealed = serde_json::from_slice(&key.open(Purpose::SingleSignOn, &attempt.secrets)?)?;
    let unchanged = |now: &Connection| now.issuer == sealed.issuer && now.client_id == sealed.client_id;
    Ok(match connections::find(tx, &attempt.connection)?.filter(unchanged) {
        Some(connection) => {
            Ok(Returned { connection, kept: sealed.kept, tester: attempt.tester, joins: attempt.joins })
        }
        None => Err(Refusal::Removed),
    })
}

/// Signs in whom the provider's word lets in; the first time it makes the account, the place and the shoot they need.
///
/// # Errors
/// What joining refuses, such as an open link that is used up.
pub fn enter_by_provider(
    tx: &Tx,
    returned: &Returned,
    claims: &Claims,
    device: &Device,
) -> Result<Result<Entered, Refusal>> {
    // It may have been removed while the provider was asked.
    let Some(connection) = connections::find(tx, &returned.connection.id)? else { return Ok(Err(Refusal::Removed)) };
    let plan = match judge(tx, &connection, claims, returned.joins.as_ref())? {
        Ok(plan) => plan,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let account = admit(tx, &connection, &plan)?;
    if plan.rule != Rule::Known {
        tx.execute(
            "insert into identities (connection_id, issuer, subject, account_id, created_at)
             values (:connection, :issuer, :subject, :account, :now)
             on conflict do update set account_id = excluded.account_id, created_at = excluded.created_at",
            named_params! {
                ":connection": connection.id, ":issuer": claims.issuer, ":subject": claims.subject,
                ":account": account.id, ":now": tx.now,
            },
        )?;
    }
    if account.name.is_none()
        && let Some(name) = claims.name.as_deref().and_then(|name| PersonName::parse(name).ok())
    {
        members::rename(tx, &account.id, &name)?;
    }
    let joined = matches!(plan.rule, Rule::Invited(_) | Rule::JoinsBy(_) | Rule::Provisioned);
    let entered = begin_session_by_provider(tx, &account, &connection.id, device)?;
    Ok(Ok(Entered { then: if joined { Then::Begin } else { Then::Home }, ..entered }))
}

fn admit(tx: &Tx, connection: &Connection, plan: &Plan) -> Result<Account> {
    match (&plan.rule, &plan.account, &plan.email) {
        (Rule::Known | Rule::Links, Some(account), _) => Ok(account.clone()),
        (Rule::Invited(invite), ..) => invites::accept(tx, invite).map(|(account, _)| account),
        (Rule::JoinsBy(link), _, Some(email)) => links::accept(tx, link, email).map(|(account, _)| account),
        (Rule::Provisioned, _, Some(email)) => {
            let account = members::account_for(tx, email)?;
            places::take_in(tx, &connection.organization, &account.id, None)?;
            Ok(account)
        }
        (rule, ..) => Err(Error::internal(format!("{rule:?} lets nobody in"))),
    }
}

/// Says by which rule someone would be let in. Changes nothing.
pub fn would_enter(view: &View, connection: &Connection, claims: &Claims) -> Result<Result<Rule, Refusal>> {
    Ok(judge(view, connection, claims, None)?.map(|plan| plan.rule))
}

/// Whether a test that ended so shows that the connection works: the provider's word was believed, and vouched for an address
/// of the organization's own.
pub fn shows_that_it_works(outcome: &Result<Rule, Refusal>) -> bool {
    !matches!(outcome, Err(Refusal::NoAddress | Refusal::Unverified(_) | Refusal::NotProven(_) | Refusal::Removed))
}

/// The one place where it is decided whom a provider's word lets in.
fn judge(
    view: &View,
    connection: &Connection,
    claims: &Claims,
    joins: Option<&MagicLinkId>,
) -> Result<Result<Plan, Refusal>> {
    let inside = |account: &AccountId| {
        Ok::<_, Error>(
            members::of_account(view, account)?.filter(|place| place.organization == connection.organization),
        )
    };
    let known = view.find(
        "select a.* from identities i join accounts a on a.id = i.account_id
         where i.connection_id = :connection and i.issuer = :issuer and i.subject = :subject",
        named_params! { ":connection": connection.id, ":issuer": claims.issuer, ":subject": claims.subject },
        Account::from_row,
    )?;
    if let Some(account) = &known
        && inside(&account.id)?.is_some()
    {
        return Ok(Ok(Plan { rule: Rule::Known, account: known, email: None }));
    }
    // From here on only an address counts that the provider has verified, and whose domain is the organization's own.
    let Some(written) = &claims.email else { return Ok(Err(Refusal::NoAddress)) };
    let Ok(email) = written.parse::<Email>() else { return Ok(Err(Refusal::NoAddress)) };
    if !claims.email_verified {
        return Ok(Err(Refusal::Unverified(email.to_string())));
    }
    if !connections::owns(view, &connection.organization, &email)? {
        let domain = DomainName::of(&email).map_or_else(|| email.to_string(), |domain| domain.to_string());
        return Ok(Err(Refusal::NotProven(domain)));
    }
    let account = members::account_by_email(view, &email)?;
    if let Some(account) = &account {
        if belongs_to_other_person(view, connection, claims, &account.id)? {
            return Ok(Err(Refusal::OtherPerson(email)));
        }
        if inside(&account.id)?.is_some() {
            return Ok(Ok(Plan { rule: Rule::Links, account: Some(account.clone()), email: Some(email) }));
        }
        match before(view, &email, &connection.organization)? {
            Before::Nothing => {}
            Before::Models => return Ok(Err(Refusal::OwnHeadshots(email))),
            Before::Leaves { organization, .. } => {
                return Ok(Err(Refusal::Elsewhere { email, organization, owner: false }));
            }
            Before::Owns { organization } => return Ok(Err(Refusal::Elsewhere { email, organization, owner: true })),
        }
    }
    let rule = match (invited(view, connection, &email)?, open_link(view, connection, joins, &email)?) {
        (Some(invite), _) => Rule::Invited(invite),
        (None, Some(link)) => Rule::JoinsBy(link),
        (None, None) if connection.provisioning => Rule::Provisioned,
        (None, None) => return Ok(Err(Refusal::NotMember(email))),
    };
    Ok(Ok(Plan { rule, account, email: Some(email) }))
}

/// Addresses are given to someone new when their owner leaves; what was the one person's doesn't become the other's.
fn belongs_to_other_person(view: &View, connection: &Connection, claims: &Claims, account: &AccountId) -> Result<bool> {
    view.one(
        "select exists (
             select 1 from identities
             where account_id = :account and connection_id = :connection and issuer = :issuer and subject != :subject
         )",
        named_params! {
            ":account": account, ":connection": connection.id, ":issuer": claims.issuer, ":subject": claims.subject,
        },
        |row| row.get(0),
    )
}

fn invited(view: &View, connection: &Connection, email: &Email) -> Result<Option<InviteId>> {
    let invite = invites::live(view, &connection.organization, email)?;
    Ok(invite.filter(|invite| invite.open(view.now)).map(|invite| invite.id))
}

fn open_link(
    view: &View,
    connection: &Connection,
    joins: Option<&MagicLinkId>,
    email: &Email,
) -> Result<Option<LinkId>> {
    let Some(joins) = joins else { return Ok(None) };
    let Some(link) = mailed::open_link_of(view, joins)? else { return Ok(None) };
    let link = links::get(view, &link)?;
    let lets_in =
        link.organization == connection.organization && link.state(view.now) == State::Open && link.admits(email);
    Ok(lets_in.then_some(link.id))
}

/// The connection that is the only way in for an address, if there is one. It says nothing about who has the address, so it
/// may be asked by whoever comes along.
pub fn only_way_in(view: &View, email: &Email) -> Result<Option<Connection>> {
    Ok(connections::for_address(view, email)?.filter(|connection| connection.enforced))
}

/// The same for whoever has the address: the owner keeps every way in, for the day the provider lets nobody in, and so does
/// someone on their own. Only for who has shown that the address is theirs.
pub fn bound_to(view: &View, email: &Email) -> Result<Option<Connection>> {
    let Some(connection) = only_way_in(view, email)? else { return Ok(None) };
    let free = match magic::place_of(view, email)? {
        Some(place) if place.organization == connection.organization => place.role == Role::Owner,
        // On their own they reach nothing of the organization's.
        Some(place) => organizations::get(view, &place.organization)?.is_alone(),
        None => false,
    };
    Ok((!free).then_some(connection))
}

/// The one place where a session is refused because its person has to come by their provider.
///
/// # Errors
/// [`Error::Forbidden`].
pub(super) fn must_be_open(view: &View, account: &Account, method: Method) -> Result<()> {
    if matches!(method, Method::Setup | Method::SingleSignOn | Method::SignedUrl) {
        return Ok(());
    }
    let Some(connection) = account.email.as_ref().map(|email| bound_to(view, email)).transpose()?.flatten() else {
        return Ok(());
    };
    let organization = organizations::get(view, &connection.organization)?.name;
    Err(Error::forbidden(say!(
        "At {organization}, this address signs in with single sign-on only. Enter it on the sign-in page, which takes you there.",
        organization
    )))
}

/// Writes down that a lead's test went well.
pub fn tested(tx: &Tx, by: &Actor, connection: &Connection) -> Result<()> {
    match connections::find(tx, &connection.id)? {
        // Changed while it was tested: the test was another one's.
        Some(now) if now.issuer == connection.issuer && now.client_id == connection.client_id => {
            connections::mark_tested(tx, by, &now)
        }
        _ => Ok(()),
    }
}

/// Of the members for whom a provider is or would be the only way in: how many have come by it, and how many they are.
pub fn reach(view: &View, connection: &Connection) -> Result<(usize, usize)> {
    let held = view.all(
        "select a.email, exists (
             select 1 from identities i where i.account_id = a.id and i.connection_id = :connection
         )
         from members m join accounts a on a.id = m.account_id
         where m.organization_id = :organization and m.role != 'owner' and a.email is not null",
        named_params! { ":organization": connection.organization, ":connection": connection.id },
        |row| Ok((row.get::<_, Email>(0)?, row.get::<_, bool>(1)?)),
    )?;
    let proven: Vec<String> = connections::domains(view, &connection.organization)?
        .into_iter()
        .filter(|domain| domain.proven_at.is_some())
        .map(|domain| domain.name)
        .collect();
    let bound = held.iter().filter(|(email, _)| {
        DomainName::of(email).is_some_and(|domain| proven.iter().any(|name| name == domain.as_str()))
    });
    let (all, known) = bound.fold((0, 0), |(all, known), (_, is)| (all + 1, known + usize::from(*is)));
    Ok((known, all))
}

/// Forgets who never came back, a few at a time.
pub fn expire_attempts(tx: &Tx) -> Result<usize> {
    tx.execute(
        "delete from sso_attempts where digest in (select digest from sso_attempts where expires_at < :now limit 500)",
        named_params! { ":now": tx.now },
    )
}
