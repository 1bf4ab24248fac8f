//! Sign-in links: 256 random bits by mail, good for two hours and for one use, with a six-digit code beside them for other
//! devices. Looking at a link changes nothing, so a mail scanner can't burn it; only [`use_token`] does.

use std::time::Duration;

use rusqlite::{Row, named_params};

use super::{
    joining,
    sessions::{Device, Entered, Method, begin_session},
};
use crate::{
    clock::Timestamp,
    db::{Tx, View, stored_as_text},
    error::{Error, Result},
    ids::{InviteId, LinkId, MagicLinkId, OrganizationId},
    invites::{self, Invite},
    links::{self, Link},
    members::{self, Account, Email, Member},
    organizations,
    queue::{self, Job},
    secrets::{Code, Digest, Token},
};

/// How long a link works. [000]
const LINK_LIFETIME: Duration = Duration::from_secs(2 * 60 * 60);

/// How long the code beside it works.
const CODE_LIFETIME: Duration = Duration::from_secs(10 * 60);

/// How long the setup link of an empty instance works.
const SETUP_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Wrong codes a link bears.
const TRIES: i64 = 5;

/// Mails one address can ask for within [`ASKED_WITHIN`]; what is asked beyond is quietly not sent.
const ASKED_AT_MOST: i64 = 6;

/// See [`ASKED_AT_MOST`].
const ASKED_WITHIN: Duration = Duration::from_secs(15 * 60);

stored_as_text! {
    /// What a link is for.
    enum Purpose {
        /// Making the first organization.
        Setup = "setup",
        /// Accepting an invite.
        Invite = "invite",
        /// Coming back.
        Access = "access",
    }
}

/// A link that was made just now. This is the only moment its token and code are known.
#[derive(Debug)]
pub struct Minted {
    /// Goes into the link.
    pub token: Token,
    /// To type instead.
    pub code: Code,
    /// Whom it is for.
    pub email: Email,
    /// The invite it accepts, if it does.
    pub invite: Option<Invite>,
    /// The open link it joins by, if it does.
    pub link: Option<Link>,
    /// Until when the link works.
    pub expires_at: Timestamp,
}

/// Where a link leads, seen without using it.
#[derive(Clone, Debug)]
pub enum Way {
    /// To the setup of an empty instance.
    Setup,
    /// Into an organization, by accepting its invite or by its open link.
    Invite {
        /// Who may go.
        email: Email,
        /// Whose invite or link it is.
        organization: OrganizationId,
        /// The other organization they give up for it.
        leaving: Option<String>,
    },
    /// Back to one's account.
    Access {
        /// Who may go.
        email: Email,
        /// Where they have a place, if they have one.
        organization: Option<OrganizationId>,
    },
    /// Nowhere any more.
    Gone {
        /// Why.
        why: Gone,
        /// Into which organization it led.
        organization: Option<OrganizationId>,
        /// The open link it would have joined by.
        link: Option<LinkId>,
    },
    /// To an open link that lets nobody in any more.
    Closed(Link),
}

/// Why a link leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// Its time is over, or it never was a link of ours: the two look the same.
    Expired,
    /// It was used.
    Used,
    /// Its invite was taken back.
    Revoked,
}

/// A row of `magic_links`.
pub(super) struct MagicLink {
    id: MagicLinkId,
    purpose: Purpose,
    pub(super) email: Option<Email>,
    invite: Option<InviteId>,
    /// The open link it joins by.
    pub(super) joins_by: Option<LinkId>,
    expires_at: Option<Timestamp>,
    used_at: Option<Timestamp>,
}

/// What a sign-in link does besides signing in.
#[derive(Clone, Copy)]
pub(super) enum Toward<'a> {
    /// Nothing: it is a way back.
    Back,
    /// It accepts this invite.
    Invite(&'a InviteId),
    /// It joins by this open link.
    Link(&'a LinkId),
}

impl MagicLink {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            purpose: row.get("purpose")?,
            email: row.get("email")?,
            invite: row.get("invite_id")?,
            joins_by: row.get("link_id")?,
            expires_at: row.get("expires_at")?,
            used_at: row.get("used_at")?,
        })
    }

    fn toward(&self) -> Toward<'_> {
        match (&self.invite, &self.joins_by) {
            (Some(invite), _) => Toward::Invite(invite),
            (None, Some(link)) => Toward::Link(link),
            (None, None) => Toward::Back,
        }
    }
}

/// Someone wants a link sent to an address. What happens here is the same for every address, so that neither the answer nor
/// its time tells who is known; the job that sends the mail finds out.
pub fn ask_for_access(tx: &Tx, email: &Email) -> Result<()> {
    send_link(tx, email, Toward::Back)
}

pub(super) fn send_link(tx: &Tx, email: &Email, toward: Toward) -> Result<()> {
    let lately: i64 = tx.one(
        "select count(*) from magic_links where email = :email and created_at > :since",
        named_params! { ":email": email, ":since": tx.now - ASKED_WITHIN },
        |row| row.get(0),
    )?;
    if lately >= ASKED_AT_MOST {
        return Ok(());
    }
    let id = ask(tx, email, toward)?;
    queue::push(tx, Job::AccessMail(id))?;
    Ok(())
}

fn ask(tx: &Tx, email: &Email, toward: Toward) -> Result<MagicLinkId> {
    let id = MagicLinkId::new();
    let (purpose, invite, link) = match toward {
        Toward::Back => (Purpose::Access, None, None),
        Toward::Invite(invite) => (Purpose::Invite, Some(invite), None),
        Toward::Link(link) => (Purpose::Access, None, Some(link)),
    };
    tx.execute(
        "insert into magic_links (id, purpose, email, invite_id, link_id, created_at)
         values (:id, :purpose, :email, :invite, :link, :now)",
        named_params! { ":id": id, ":purpose": purpose, ":email": email, ":invite": invite, ":link": link, ":now": tx.now },
    )?;
    Ok(id)
}

/// Someone followed a bare invite link and typed an address: the right one is sent its link, any other is refused. [000]
pub fn ask_for_invite(tx: &Tx, invite: &InviteId, email: &Email) -> Result<()> {
    let invite = invites::get(tx, invite)?;
    if invite.email != *email {
        return Err(Error::invalid("This invite was sent to another address. Enter the one it was sent to."));
    }
    send_link(tx, email, Toward::Invite(&invite.id))
}

/// Makes the link of an invite mail. None if the invite can't be accepted any more.
pub fn mint_invite(tx: &Tx, id: &InviteId) -> Result<Option<Minted>> {
    let invite = invites::get(tx, id)?;
    if !invite.open(tx.now) {
        return Ok(None);
    }
    let link = ask(tx, &invite.email, Toward::Invite(&invite.id))?;
    let minted = mint(tx, &link, invite.email.clone())?;
    Ok(Some(Minted { invite: Some(invite), ..minted }))
}

/// Makes the link that someone asked for. None if the address is unknown: neither an account, nor invited, nor on its way in
/// by an open link.
pub fn mint_access(tx: &Tx, id: &MagicLinkId) -> Result<Option<Minted>> {
    let link = tx.one("select * from magic_links where id = :id", named_params! { ":id": id }, MagicLink::from_row)?;
    let Some(email) = link.email.clone() else { return Ok(None) };
    // A second run of the same job: the first one's mail may have left, and its link has to go on working.
    let id = &if link.expires_at.is_none() { link.id.clone() } else { ask(tx, &email, link.toward())? };
    if let Some(open) = &link.joins_by
        && let Some(open) = joining::still_outside(tx, id, open, &email)?
    {
        let minted = if open.revoked_at.is_some() { None } else { Some(mint(tx, id, email)?) };
        return Ok(minted.map(|minted| Minted { link: Some(open), ..minted }));
    }
    if let Some(invite) = waiting_for(tx, link.invite.as_ref(), &email)? {
        tx.execute(
            "update magic_links set purpose = 'invite', invite_id = :invite where id = :id",
            named_params! { ":invite": invite.id, ":id": id },
        )?;
        let minted = mint(tx, id, email)?;
        return Ok(Some(Minted { invite: Some(invite), ..minted }));
    }
    match members::account_by_email(tx, &email)? {
        Some(_) => mint(tx, id, email).map(Some),
        None => Ok(None),
    }
}

/// The invite that a link accepts: the one that was followed, or else the newest of an address that has no place yet. Who has
/// one comes back to it: an invite from elsewhere must neither move them nor lock them out.
fn waiting_for(tx: &Tx, followed: Option<&InviteId>, email: &Email) -> Result<Option<Invite>> {
    if let Some(id) = followed {
        return Ok(Some(invites::get(tx, id)?).filter(|invite| invite.open(tx.now)));
    }
    match place_of(tx, email)? {
        Some(_) => Ok(None),
        None => invites::waiting_for(tx, email),
    }
}

pub(super) fn place_of(view: &View, email: &Email) -> Result<Option<Member>> {
    match members::account_by_email(view, email)? {
        Some(account) => members::of_account(view, &account.id),
        None => Ok(None),
    }
}

/// Makes a link for the operator to hand over, as for a locked-out owner. None if the address has no account.
pub fn mint_for_operator(tx: &Tx, email: &Email) -> Result<Option<Minted>> {
    let id = ask(tx, email, Toward::Back)?;
    mint_access(tx, &id)
}

/// Makes the link of a mail that shows something to someone who never signed up, because leads did all of it. [001]
pub fn mint_for_managed(tx: &Tx, email: &Email) -> Result<Option<Minted>> {
    mint_for_operator(tx, email)
}

/// Makes the link to the setup of an empty instance; an earlier one stops working.
pub fn mint_setup(tx: &Tx) -> Result<Token> {
    tx.execute("delete from magic_links where purpose = 'setup'", [])?;
    let token = Token::new();
    tx.execute(
        "insert into magic_links (id, purpose, token_digest, created_at, expires_at) values (:id, 'setup', :digest, :now, :expires_at)",
        named_params! { ":id": MagicLinkId::new(), ":digest": token.digest(), ":now": tx.now, ":expires_at": tx.now + SETUP_LIFETIME },
    )?;
    Ok(token)
}

fn mint(tx: &Tx, id: &MagicLinkId, email: Email) -> Result<Minted> {
    let (token, code) = (Token::new(), Code::new());
    let digest = token.digest();
    let expires_at = tx.now + LINK_LIFETIME;
    tx.execute(
        "update magic_links
         set token_digest = :token, code_digest = :code, expires_at = :expires_at, code_expires_at = :code_expires_at, tries = 0
         where id = :id",
        named_params! {
            ":token": digest, ":code": Code::digest(code.reveal(), &digest), ":expires_at": expires_at,
            ":code_expires_at": tx.now + CODE_LIFETIME, ":id": id,
        },
    )?;
    Ok(Minted { token, code, email, invite: None, link: None, expires_at })
}

/// Where a token leads. Changes nothing, however often it is asked.
pub fn look(view: &View, token: &str) -> Result<Way> {
    let link = view.find(
        "select * from magic_links where token_digest = :digest",
        named_params! { ":digest": Digest::of(token) },
        MagicLink::from_row,
    )?;
    let nowhere = |why, organization, link| Ok(Way::Gone { why, organization, link });
    let Some(link) = link else { return nowhere(Gone::Expired, None, None) };
    // A used one stays a used one: its person is in, whatever became of the link they came by.
    if link.used_at.is_none()
        && let Some(closed) = joining::closed(view, &link)?
    {
        return Ok(Way::Closed(closed));
    }
    let organization = organization_of(view, &link)?;
    if let Some(why) = gone(view, &link)? {
        return nowhere(why, organization, link.joins_by);
    }
    match (link.purpose, link.email, organization) {
        (Purpose::Setup, ..) => Ok(Way::Setup),
        (_, Some(email), Some(organization)) => {
            let leaving = match place_of(view, &email)?.filter(|here| here.organization != organization) {
                Some(elsewhere) => Some(organizations::get(view, &elsewhere.organization)?.name),
                None => None,
            };
            Ok(Way::Invite { email, organization, leaving })
        }
        (_, Some(email), None) => {
            let member = place_of(view, &email)?;
            Ok(Way::Access { email, organization: member.map(|member| member.organization) })
        }
        (_, None, _) => nowhere(Gone::Expired, None, None),
    }
}

/// The organization whose invite or open link it is.
fn organization_of(view: &View, link: &MagicLink) -> Result<Option<OrganizationId>> {
    Ok(match link.toward() {
        Toward::Back => None,
        Toward::Invite(id) => Some(invites::get(view, id)?.organization),
        Toward::Link(id) => Some(links::get(view, id)?.organization),
    })
}

fn gone(view: &View, link: &MagicLink) -> Result<Option<Gone>> {
    if let Some(id) = &link.invite
        && invites::get(view, id)?.state == invites::State::Revoked
    {
        return Ok(Some(Gone::Revoked));
    }
    if link.used_at.is_some() {
        return Ok(Some(Gone::Used));
    }
    Ok(link.expires_at.is_none_or(|end| end <= view.now).then_some(Gone::Expired))
}

/// Uses a link up and signs its person in. Of many tries at once, one succeeds.
///
/// # Errors
/// [`Error::Unauthorized`] if the link leads nowhere any more; or what [`invites::accept`] or [`links::accept`] refuses.
pub fn use_token(tx: &Tx, token: &str, device: &Device) -> Result<Entered> {
    let link = tx.find(
        "update magic_links set used_at = :now
         where token_digest = :digest and used_at is null and expires_at > :now and purpose != 'setup'
         returning *",
        named_params! { ":now": tx.now, ":digest": Digest::of(token) },
        MagicLink::from_row,
    )?;
    let link =
        link.ok_or_else(|| Error::Unauthorized("This link was used or is too old. Ask for a fresh one.".into()))?;
    enter(tx, link, Method::Link, device)
}

/// Signs someone in by the six digits of a mail they got, on whatever device.
///
/// # Errors
/// [`Error::Unauthorized`] for a wrong or old code; after five wrong ones the code is void, the link still works.
pub fn use_code(tx: &Tx, email: &Email, digits: &str, device: &Device) -> Result<Result<Entered>> {
    let open = tx.all(
        "select id, token_digest, code_digest from magic_links
         where email = :email and used_at is null and code_expires_at > :now and tries < :tries
         order by created_at desc limit 10",
        named_params! { ":email": email, ":now": tx.now, ":tries": TRIES },
        |row| Ok((row.get::<_, MagicLinkId>(0)?, row.get::<_, Digest>(1)?, row.get::<_, Digest>(2)?)),
    )?;
    let right = open.iter().find(|(_, link, code)| Code::digest(digits, link) == *code);
    let Some((id, ..)) = right else {
        tx.execute(
            "update magic_links set tries = tries + 1
             where email = :email and used_at is null and code_expires_at > :now and tries < :tries",
            named_params! { ":email": email, ":now": tx.now, ":tries": TRIES },
        )?;
        // Something is written for every address, so that the time it takes tells nothing.
        tx.prove_writable()?;
        // The count of tries has to be kept, so this is no error of the transaction.
        return Ok(Err(Error::Unauthorized(
            "This code is wrong or too old. Check the digits, or ask for a fresh mail.".into(),
        )));
    };
    let link = tx.one(
        "update magic_links set used_at = :now where id = :id returning *",
        named_params! { ":now": tx.now, ":id": id },
        MagicLink::from_row,
    )?;
    enter(tx, link, Method::Code, device).map(Ok)
}

fn enter(tx: &Tx, link: MagicLink, method: Method, device: &Device) -> Result<Entered> {
    if gone(tx, &link)? == Some(Gone::Revoked) {
        return Err(Error::Unauthorized("This invite was taken back. Ask the person who invited you.".into()));
    }
    if let Some(sentence) = joining::closed(tx, &link)?.and_then(|closed| closed.state(tx.now).refusal()) {
        return Err(Error::Unauthorized(sentence.into()));
    }
    let joined = match (link.toward(), &link.email) {
        (Toward::Invite(id), _) => accept_once(tx, id)?,
        (Toward::Link(id), Some(email)) => joining::join(tx, id, email)?,
        _ => None,
    };
    let has_joined = joined.is_some();
    let account = match (joined, &link.email) {
        (Some(account), _) => account,
        (None, Some(email)) => members::account_by_email(tx, email)?
            .ok_or_else(|| Error::Unauthorized("There is no account for this address any more.".into()))?,
        (None, None) => return Err(Error::internal(format!("link {} is for nobody", link.id))),
    };
    let entered = begin_session(tx, &account, method, device)?;
    Ok(Entered { joined: has_joined, ..entered })
}

/// Accepts the invite if it is still open; an accepted one is a way back for its member.
fn accept_once(tx: &Tx, id: &InviteId) -> Result<Option<Account>> {
    if invites::get(tx, id)?.state == invites::State::Accepted {
        return Ok(None);
    }
    invites::accept(tx, id).map(|(account, _)| Some(account))
}
