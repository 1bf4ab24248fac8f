//! Sign-in links: 256 random bits by mail, good for two hours and for one use, with a six-digit code beside them for other
//! devices. Looking at a link changes nothing, so a mail scanner can't burn it; only [`use_token`] does.

use rusqlite::{Row, named_params};

use super::{
    factors::Factors,
    halves::begin_half,
    joining::{self, Before, Taken},
    sessions::{self, Device, Entered, Method, Then, begin_session},
    single_sign_on,
};
use crate::{
    clock::Timestamp,
    db::{Tx, View, stored_as_text},
    error::{Error, Result},
    i18n::Language,
    ids::{InviteId, LinkId, MagicLinkId, OrganizationId},
    invites,
    links::{self, Link},
    members::{self, Email, Member},
    secrets::{Code, Digest},
};

/// Wrong codes a link bears.
const TRIES: i64 = 5;

stored_as_text! {
    /// What a link is for.
    pub(super) enum Purpose {
        /// Making the first organization.
        Setup = "setup",
        /// Accepting an invite.
        Invite = "invite",
        /// Coming back.
        Access = "access",
        /// Making headshots for oneself.
        SignUp = "signup",
    }
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
        /// What they have elsewhere, which has to be settled.
        before: Before,
        /// The open link, if it is one.
        joins_by: Option<LinkId>,
    },
    /// Back to one's account.
    Access {
        /// Who may go.
        email: Email,
        /// Where they have a place, if they have one.
        organization: Option<OrganizationId>,
    },
    /// To headshots for oneself, without any organization.
    Alone {
        /// Who may go.
        email: Email,
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
    pub(super) id: MagicLinkId,
    pub(super) purpose: Purpose,
    pub(super) email: Option<Email>,
    pub(super) invite: Option<InviteId>,
    /// The open link it joins by.
    pub(super) joins_by: Option<LinkId>,
    pub(super) expires_at: Option<Timestamp>,
    used_at: Option<Timestamp>,
    pub(super) language: Option<Language>,
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
    /// It makes an account for one person alone, unless there is one.
    Alone,
}

impl MagicLink {
    pub(super) fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            purpose: row.get("purpose")?,
            email: row.get("email")?,
            invite: row.get("invite_id")?,
            joins_by: row.get("link_id")?,
            expires_at: row.get("expires_at")?,
            used_at: row.get("used_at")?,
            language: row.get("language")?,
        })
    }

    pub(super) fn toward(&self) -> Toward<'_> {
        match (&self.invite, &self.joins_by) {
            (Some(invite), _) => Toward::Invite(invite),
            (None, Some(link)) => Toward::Link(link),
            (None, None) if self.purpose == Purpose::SignUp => Toward::Alone,
            (None, None) => Toward::Back,
        }
    }
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
            let before = joining::before(view, &email, &organization)?;
            Ok(Way::Invite { email, organization, before, joins_by: link.joins_by })
        }
        (_, Some(email), None) => {
            let member = place_of(view, &email)?;
            if link.purpose == Purpose::SignUp && member.is_none() {
                return Ok(Way::Alone { email });
            }
            Ok(Way::Access { email, organization: member.map(|member| member.organization) })
        }
        (_, None, _) => nowhere(Gone::Expired, None, None),
    }
}

/// The organization whose invite or open link it is.
fn organization_of(view: &View, link: &MagicLink) -> Result<Option<OrganizationId>> {
    Ok(match link.toward() {
        Toward::Back | Toward::Alone => None,
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
        link.ok_or_else(|| Error::Unauthorized(say!("This link was used or is too old. Ask for a fresh one.")))?;
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
        return Ok(Err(Error::Unauthorized(say!(
            "This code is wrong or too old. Check the digits, or ask for a fresh mail."
        ))));
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
        return Err(Error::Unauthorized(say!("This invite was taken back. Ask the person who invited you.")));
    }
    if let Some(sentence) = joining::closed(tx, &link)?.and_then(|closed| closed.state(tx.now).refusal()) {
        return Err(Error::Unauthorized(sentence));
    }
    // Nobody is moved into another organization, or out of theirs, by a mailbox alone if they have more to show.
    if let (Some(email), Toward::Invite(_) | Toward::Link(_)) = (&link.email, link.toward())
        && let Some(account) = members::account_by_email(tx, email)?
        && Factors::of(tx, &account.id)?.any()
    {
        single_sign_on::must_be_open(tx, &account, method)?;
        return begin_half(tx, &account.id, method, device, Some(&link.id));
    }
    let taken = joining::take(tx, &link)?;
    let account = match (&taken, &link.email) {
        (Taken::In(account), _) => account.clone(),
        (_, Some(email)) if link.purpose == Purpose::SignUp => members::account_for(tx, email)?,
        (_, Some(email)) => members::account_by_email(tx, email)?
            .ok_or_else(|| Error::Unauthorized(say!("There is no account for this address any more.")))?,
        (_, None) => return Err(Error::internal(format!("link {} is for nobody", link.id))),
    };
    let entered = begin_session(tx, &account, method, device)?;
    let then = match taken {
        Taken::In(_) => Then::Begin,
        Taken::Held => {
            sessions::hold(tx, &entered.session, &link.id)?;
            Then::Convert
        }
        Taken::Not if link.purpose == Purpose::SignUp && entered.member.is_none() && !entered.second_due => {
            Then::SignUp
        }
        Taken::Not => Then::Home,
    };
    Ok(Entered { then, ..entered })
}

/// The place of whoever has an address, if they have one.
pub(super) fn place_of(view: &View, email: &Email) -> Result<Option<Member>> {
    match members::account_by_email(view, email)? {
        Some(account) => members::of_account(view, &account.id),
        None => Ok(None),
    }
}
