//! Second factors as a whole: who has one, who needs one, and showing it.

use rusqlite::named_params;

use super::{
    authenticators, halves,
    notices::{Notice, notify},
    passkeys::{self, Answer, RelyingParty},
    recovery,
    sessions::{Device, Entered, Method, begin_session, end_sessions},
};
use crate::{
    audit::{Action, Change},
    clock::Timestamp,
    db::{Tx, View},
    error::{Error, Result},
    ids::{AccountId, OrganizationId},
    members::{self, Actor, Email, Member, Role},
    organizations,
    secrets::{RecoveryCode, ServerKey},
};

/// The second factors of an account.
#[derive(Clone, Copy, Debug)]
pub struct Factors {
    /// Passkeys it has.
    pub passkeys: u32,
    /// Since when its authenticator app is in force, if it has one.
    pub authenticator: Option<Timestamp>,
    /// Recovery codes that still work.
    pub recovery: u32,
}

impl Factors {
    /// Of this account.
    pub fn of(view: &View, account: &AccountId) -> Result<Self> {
        let passkeys = view.one(
            "select count(*) from passkeys where account_id = :account",
            named_params! { ":account": account },
            |row| row.get(0),
        )?;
        Ok(Self {
            passkeys,
            authenticator: authenticators::confirmed_at(view, account)?,
            recovery: recovery::left(view, account)?,
        })
    }

    /// Whether there is one. Recovery codes alone are none: they stand in for one that is lost.
    pub fn any(&self) -> bool {
        self.passkeys > 0 || self.authenticator.is_some()
    }
}

/// What someone shows as their second factor.
#[derive(Clone, Debug)]
pub enum Proof {
    /// Six digits of the authenticator app.
    Digits(String),
    /// A recovery code.
    Recovery(String),
    /// A passkey.
    Passkey(Answer),
}

/// Shows a second factor: to end signing in, or once more before something that matters. The browser gets a new session for
/// it. After five wrong ones its session ends.
///
/// # Errors
/// [`Error::Unauthorized`] for a wrong one; inside, because the count of tries has to be kept.
pub fn prove(
    tx: &Tx,
    key: &ServerKey,
    party: &RelyingParty,
    cookie: &str,
    proof: &Proof,
    device: &Device,
) -> Result<Result<Entered>> {
    let Some(open) = halves::provable(tx, cookie)? else {
        return Ok(Err(Error::Unauthorized(say!("This took too long. Sign in again."))));
    };
    let wrong = match proof {
        Proof::Digits(digits) if authenticators::accepts(tx, key, &open.account, digits, true)? => None,
        Proof::Digits(_) => Some(say!("This code is wrong, too old or was used. Type the one the app shows now.")),
        Proof::Recovery(code) if recovery::spend(tx, &open.account, code)? => None,
        Proof::Recovery(_) => Some(say!("This recovery code is wrong or was used. Try another one.")),
        Proof::Passkey(answer) => match passkeys::shown(tx, party, Some(&open.account), answer)? {
            Ok(_) => None,
            Err(Error::Unauthorized(words) | Error::Invalid(words)) => Some(words),
            Err(other) => return Err(other),
        },
    };
    if let Some(words) = wrong {
        let words = if halves::count_wrong(tx, cookie)? {
            say!("That was wrong five times, so you were signed out. Sign in again.")
        } else {
            words
        };
        return Ok(Err(Error::Unauthorized(words)));
    }
    halves::renew(tx, cookie, open, device).map(Ok)
}

/// Signs in whoever's passkey the browser has shown. It is both factors in one: the device has recognised its person.
///
/// # Errors
/// [`Error::Unauthorized`] for one that isn't accepted; inside, because what was asked is used up.
pub fn use_passkey(tx: &Tx, party: &RelyingParty, answer: &Answer, device: &Device) -> Result<Result<Entered>> {
    let account = match passkeys::shown(tx, party, None, answer)? {
        Ok(account) => account,
        Err(refused) => return Ok(Err(refused)),
    };
    begin_session(tx, &members::account(tx, &account)?, Method::Passkey, device).map(Ok)
}

/// Whether a lead has to add a second factor before anything else: their organization asks for one, and they have none. Who
/// came by single sign-on has shown what their provider asks for.
pub fn lacks_factor(view: &View, member: &Member, method: Method) -> Result<bool> {
    if !member.leads() || method == Method::SingleSignOn {
        return Ok(false);
    }
    view.one(
        "select exists (select 1 from organizations where id = :organization and two_factor = 1)
             and not exists (select 1 from passkeys where account_id = :account)
             and not exists (select 1 from authenticators where account_id = :account and confirmed_at is not null)",
        named_params! { ":organization": member.organization, ":account": member.account },
        |row| row.get(0),
    )
}

/// Has an organization's leads need a second factor, or no longer.
///
/// # Errors
/// Not the owner, or an owner without one: they would lock themselves out.
pub fn require_factors(tx: &Tx, by: &Actor, on: bool) -> Result<()> {
    by.must_be(Role::Owner)?;
    if let (true, Some(member)) = (on, &by.member) {
        let own = members::get(tx, member)?;
        if !Factors::of(tx, &own.account)?.any() {
            return Err(Error::invalid(say!("Add a second factor to your own account first, under Account.")));
        }
    }
    if organizations::set_two_factor(tx, &by.organization, on)? {
        let (needed, not) = (say!("needed").to_string(), say!("not needed").to_string());
        let change = if on { Change::new(&not, &needed) } else { Change::new(&needed, &not) };
        by.note_change(tx, Action::TwoFactorRequired, None, change)?;
    }
    Ok(())
}

/// Takes a person's second factors off, when they have lost them. Every browser of theirs is signed out.
///
/// # Errors
/// Not the owner, or nobody of theirs; or their own, which they take off where they show again who they are.
pub fn reset_factors(tx: &Tx, by: &Actor, member: &Member) -> Result<()> {
    by.must_be(Role::Owner)?;
    if member.organization != by.organization {
        return Err(Error::NotFound("Member"));
    }
    if by.member.as_ref() == Some(&member.id) {
        return Err(Error::invalid(say!("This is your own. Remove your second factors under Account.")));
    }
    take_off(tx, &member.account)?;
    by.note(tx, Action::TwoFactorReset, Some(member), None)
}

/// The same by the operator, of whoever has this address.
///
/// # Errors
/// Nobody has it.
pub fn reset_factors_of(tx: &Tx, email: &Email) -> Result<()> {
    let account = members::account_by_email(tx, email)?
        .ok_or_else(|| Error::invalid(say!("Nobody here has the address {email}.", email = email.as_str())))?;
    match members::of_account(tx, &account.id)? {
        Some(member) => reset_factors(tx, &Actor::operator(member.organization.clone()), &member),
        None => take_off(tx, &account.id),
    }
}

fn take_off(tx: &Tx, account: &AccountId) -> Result<()> {
    passkeys::forget(tx, account)?;
    authenticators::forget(tx, account)?;
    recovery::forget(tx, account)?;
    end_sessions(tx, account, None)?;
    notify(tx, account, Notice::FactorsReset)
}

/// Makes new recovery codes; earlier ones stop working.
///
/// # Errors
/// There is no second factor they would stand in for.
pub fn renew_codes(tx: &Tx, account: &AccountId) -> Result<Vec<RecoveryCode>> {
    if !Factors::of(tx, account)?.any() {
        return Err(Error::invalid(say!(
            "Add a passkey or an authenticator app first. Recovery codes stand in for them."
        )));
    }
    recovery::renew(tx, account)
}

/// The recovery codes that come with the first second factor.
pub(super) fn first_codes(tx: &Tx, account: &AccountId) -> Result<Option<Vec<RecoveryCode>>> {
    if recovery::left(tx, account)? > 0 {
        return Ok(None);
    }
    recovery::renew(tx, account).map(Some)
}

/// What follows when a factor is taken off: without any, recovery codes stand in for nothing.
pub(super) fn after_removal(tx: &Tx, account: &AccountId) -> Result<()> {
    if Factors::of(tx, account)?.any() {
        return Ok(());
    }
    if let Some(member) = members::of_account(tx, account)?
        && lacks_factor(tx, &member, Method::Password)?
    {
        return Err(Error::invalid(say!(
            "Your organization asks its leads for a second factor, and this is your only one. Add another before you remove it."
        )));
    }
    recovery::forget(tx, account)
}

/// The leads of an organization, owner first, each with the second factors they have.
pub fn leads_with_factors(view: &View, organization: &OrganizationId) -> Result<Vec<(Member, Factors)>> {
    let leads = members::leads(view, organization)?;
    leads.into_iter().map(|lead| Ok((Factors::of(view, &lead.account)?, lead)).map(|(f, l)| (l, f))).collect()
}
