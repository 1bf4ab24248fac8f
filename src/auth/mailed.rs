//! Asking for sign-in links, and making them: what is mailed, to whom, and how often.

use std::time::Duration;

use rusqlite::named_params;

use super::{
    joining,
    links::{MagicLink, Purpose, Toward, place_of},
};
use crate::{
    clock::Timestamp,
    db::{Tx, View},
    error::{Error, Result},
    i18n::Language,
    ids::{InviteId, LinkId, MagicLinkId},
    invites::{self, Invite},
    links::Link,
    members::{self, Email},
    queue::{self, Job},
    secrets::{Code, Token},
};

/// How long a link works. [000]
const LINK_LIFETIME: Duration = Duration::from_secs(2 * 60 * 60);

/// How long the code beside it works.
const CODE_LIFETIME: Duration = Duration::from_secs(10 * 60);

/// How long the setup link of an empty instance works.
const SETUP_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Mails one address can ask for within [`ASKED_WITHIN`]; what is asked beyond is quietly not sent.
const ASKED_AT_MOST: i64 = 6;

/// See [`ASKED_AT_MOST`].
const ASKED_WITHIN: Duration = Duration::from_secs(15 * 60);

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
    /// The language of the browser in which it was asked for, if it was.
    pub language: Option<Language>,
}

/// Someone wants a link sent to an address. What happens here is the same for every address, so that neither the answer nor
/// its time tells who is known; the job that sends the mail finds out.
pub fn ask_for_access(tx: &Tx, email: &Email) -> Result<()> {
    send_link(tx, email, Toward::Back)
}

/// Someone wants headshots for themselves. The same for every address as well; whoever is known here is let in instead.
pub fn ask_to_sign_up(tx: &Tx, email: &Email) -> Result<()> {
    send_link(tx, email, Toward::Alone)
}

/// In which language the browser is where somebody has just asked for a link, so that its mail is in it too.
pub fn asked_in(tx: &Tx, email: &Email, language: Option<Language>) -> Result<()> {
    tx.execute(
        "update magic_links set language = :language where email = :email and token_digest is null",
        named_params! { ":language": language, ":email": email },
    )?;
    Ok(())
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

pub(super) fn ask(tx: &Tx, email: &Email, toward: Toward) -> Result<MagicLinkId> {
    let id = MagicLinkId::new();
    let (purpose, invite, link) = match toward {
        Toward::Back => (Purpose::Access, None, None),
        Toward::Invite(invite) => (Purpose::Invite, Some(invite), None),
        Toward::Link(link) => (Purpose::Access, None, Some(link)),
        Toward::Alone => (Purpose::SignUp, None, None),
    };
    tx.execute(
        "insert into magic_links (id, purpose, email, invite_id, link_id, created_at)
         values (:id, :purpose, :email, :invite, :link, :now)",
        named_params! { ":id": id, ":purpose": purpose, ":email": email, ":invite": invite, ":link": link, ":now": tx.now },
    )?;
    Ok(id)
}

/// The open link that someone on their way to a provider came by, if its row is still there.
pub(super) fn open_link_of(view: &View, id: &MagicLinkId) -> Result<Option<LinkId>> {
    let link =
        view.find("select * from magic_links where id = :id", named_params! { ":id": id }, MagicLink::from_row)?;
    Ok(link.and_then(|link| link.joins_by))
}

/// Someone followed a bare invite link and typed an address: the right one is sent its link, any other is refused. [000]
pub fn ask_for_invite(tx: &Tx, invite: &InviteId, email: &Email) -> Result<()> {
    let invite = invites::get(tx, invite)?;
    if invite.email != *email {
        return Err(Error::invalid(say!("This invite was sent to another address. Enter the one it was sent to.")));
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
    let minted = mint_toward(tx, &link)?;
    Ok(minted.map(|minted| Minted { language: link.language, ..minted }))
}

fn mint_toward(tx: &Tx, link: &MagicLink) -> Result<Option<Minted>> {
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
    let known = members::account_by_email(tx, &email)?.is_some();
    if known || link.purpose == Purpose::SignUp { mint(tx, id, email).map(Some) } else { Ok(None) }
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

/// Makes a link back that nobody has asked for: for a mail that leads someone back, or for the operator to hand over, as to a
/// locked-out owner. None if the address has no account.
pub fn mint_return(tx: &Tx, email: &Email) -> Result<Option<Minted>> {
    let id = ask(tx, email, Toward::Back)?;
    mint_access(tx, &id)
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
    Ok(Minted { token, code, email, invite: None, link: None, expires_at, language: None })
}
