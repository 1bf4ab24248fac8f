//! Passkeys: keys that a person's device keeps and uses only after it has recognised them. Making one and asking for one is a
//! ceremony: what the browser answers is checked against what was asked, which is kept here for five minutes and used once.

use std::time::Duration;

use rusqlite::{Row, named_params};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    CredentialID, DiscoverableAuthentication, Passkey as Credential, PasskeyAuthentication, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, Webauthn, WebauthnBuilder, WebauthnError,
};

use super::{
    factors,
    notices::{Notice, notify_of},
};
use crate::{
    clock::Timestamp,
    config::Urls,
    db::{Tx, View},
    error::{Error, Result},
    ids::{AccountId, PasskeyId},
    members::Account,
    one_line,
    secrets::{Digest, RecoveryCode, Token},
};

/// How long a browser may take to answer.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// Passkeys of an account.
const AT_MOST: usize = 20;

/// This server as passkeys know it: each belongs to one host name.
pub struct RelyingParty(Option<Webauthn>);

impl RelyingParty {
    /// At the address browsers reach the server by. Passkeys need TLS, but for `localhost`, and a name: no number will do.
    pub fn new(urls: &Urls) -> Self {
        let built = Url::parse(urls.base()).ok().and_then(|base| {
            let name = base.domain()?.to_owned();
            let safe = base.scheme() == "https" || name == "localhost" || name.ends_with(".localhost");
            let builder = WebauthnBuilder::new(&name, &base).ok().filter(|_| safe)?;
            builder.rp_name("Headroom").timeout(PATIENCE).build().ok()
        });
        Self(built)
    }

    /// Whether passkeys can be used here.
    pub fn works(&self) -> bool {
        self.0.is_some()
    }

    fn there(&self) -> Result<&Webauthn> {
        self.0.as_ref().ok_or_else(|| {
            Error::invalid(say!(
                "Passkeys don't work at this address: they need https and a host name. Use another way."
            ))
        })
    }
}

/// What is asked of a browser.
#[derive(Debug, Serialize)]
pub struct Ceremony {
    /// Comes back with the answer.
    pub ceremony: String,
    /// For `navigator.credentials`.
    pub options: Value,
}

/// What a browser answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// To what.
    pub ceremony: String,
    /// The credential, as JSON.
    pub credential: String,
}

#[derive(Serialize, Deserialize)]
enum Asked {
    New(PasskeyRegistration),
    /// One of an account's.
    Own(PasskeyAuthentication),
    /// Anybody's.
    Any(DiscoverableAuthentication),
}

/// A passkey as its person sees it.
#[derive(Clone, Debug)]
pub struct Passkey {
    /// Which.
    pub id: PasskeyId,
    /// What its person calls it.
    pub name: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it last signed in.
    pub used_at: Option<Timestamp>,
}

impl Passkey {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            created_at: row.get("created_at")?,
            used_at: row.get("used_at")?,
        })
    }
}

/// An account's passkeys, oldest first.
pub fn passkeys_of(view: &View, account: &AccountId) -> Result<Vec<Passkey>> {
    view.all(
        "select * from passkeys where account_id = :account order by created_at, id",
        named_params! { ":account": account },
        Passkey::from_row,
    )
}

/// Asks the browser to make a passkey. The same device is not asked twice.
///
/// # Errors
/// Passkeys don't work here, or the account has as many as it can have.
pub fn begin_passkey(tx: &Tx, party: &RelyingParty, account: &Account) -> Result<Ceremony> {
    let known: Vec<CredentialID> = credentials(tx, &account.id)?.iter().map(|one| one.cred_id().clone()).collect();
    if known.len() >= AT_MOST {
        return Err(Error::invalid(say!(
            "You have {most} passkeys. Remove one before you add another.",
            most = AT_MOST
        )));
    }
    let email = account.email.as_ref().map(ToString::to_string).unwrap_or_default();
    let name = account.name.as_deref().unwrap_or(&email);
    let (challenge, state) = party
        .there()?
        .start_passkey_registration(handle(&account.id), &email, name, Some(known))
        .map_err(Error::internal)?;
    let mut options = serde_json::to_value(challenge)?;
    // So that it can be used without typing an address first, where the device has room for that.
    options["publicKey"]["authenticatorSelection"]["residentKey"] = "preferred".into();
    keep(tx, Some(&account.id), &Asked::New(state), options)
}

/// Keeps the passkey that a browser has made. With the first second factor come recovery codes, which can be read now only.
///
/// # Errors
/// An answer that doesn't fit what was asked, or comes too late.
pub fn add_passkey(
    tx: &Tx,
    party: &RelyingParty,
    account: &AccountId,
    answer: &Answer,
    name: &str,
) -> Result<Result<Option<Vec<RecoveryCode>>>> {
    let Some(Asked::New(state)) = take(tx, Some(account), &answer.ceremony)? else { return Ok(Err(too_late())) };
    let Ok(made) = serde_json::from_str::<RegisterPublicKeyCredential>(&answer.credential) else {
        return Ok(Err(unreadable()));
    };
    let credential = match party.there()?.finish_passkey_registration(&made, &state) {
        Ok(credential) => credential,
        Err(why) => return Ok(Err(refused(&why))),
    };
    let name = named(name)?;
    let added = tx.execute(
        "insert into passkeys (id, account_id, credential_id, credential, name, created_at)
         values (:id, :account, :credential_id, :credential, :name, :now)
         on conflict (credential_id) do nothing",
        named_params! {
            ":id": PasskeyId::new(), ":account": account, ":credential_id": credential.cred_id().as_slice(),
            ":credential": serde_json::to_string(&credential)?, ":name": name, ":now": tx.now,
        },
    )?;
    if added == 0 {
        return Ok(Err(Error::invalid(say!("This passkey is here already."))));
    }
    notify_of(tx, account, Notice::PasskeyAdded, Some(&name))?;
    factors::first_codes(tx, account).map(Ok)
}

/// Calls a passkey something else.
///
/// # Errors
/// No name, or no passkey of this account.
pub fn rename_passkey(tx: &Tx, account: &AccountId, id: &PasskeyId, name: &str) -> Result<()> {
    let renamed = tx.execute(
        "update passkeys set name = :name where id = :id and account_id = :account",
        named_params! { ":name": named(name)?, ":id": id, ":account": account },
    )?;
    if renamed == 0 { Err(Error::NotFound("Passkey")) } else { Ok(()) }
}

/// Takes a passkey off.
///
/// # Errors
/// The organization asks for a second factor, and this is the only one; or it is no passkey of this account.
pub fn remove_passkey(tx: &Tx, account: &AccountId, id: &PasskeyId) -> Result<()> {
    let name: Option<String> = tx.find(
        "delete from passkeys where id = :id and account_id = :account returning name",
        named_params! { ":id": id, ":account": account },
        |row| row.get(0),
    )?;
    let name = name.ok_or(Error::NotFound("Passkey"))?;
    factors::after_removal(tx, account)?;
    notify_of(tx, account, Notice::PasskeyRemoved, Some(&name))
}

/// Asks the browser for a passkey of this account or, without one, of whomever it is.
///
/// # Errors
/// Passkeys don't work here, or the account has none.
pub fn ask_for_passkey(tx: &Tx, party: &RelyingParty, account: Option<&AccountId>) -> Result<Ceremony> {
    let party = party.there()?;
    let (challenge, asked) = match account {
        Some(account) => {
            let credentials = credentials(tx, account)?;
            if credentials.is_empty() {
                return Err(Error::invalid(say!("You have no passkey. Use another way.")));
            }
            let (challenge, state) = party.start_passkey_authentication(&credentials).map_err(Error::internal)?;
            (challenge, Asked::Own(state))
        }
        None => {
            let (challenge, state) = party.start_discoverable_authentication().map_err(Error::internal)?;
            (challenge, Asked::Any(state))
        }
    };
    keep(tx, account, &asked, serde_json::to_value(challenge)?)
}

/// Whose passkey the browser has shown: of this account or, without one, of whomever it is. What was asked is used up either
/// way.
pub(super) fn shown(
    tx: &Tx,
    party: &RelyingParty,
    account: Option<&AccountId>,
    answer: &Answer,
) -> Result<Result<AccountId>> {
    let Some(asked) = take(tx, account, &answer.ceremony)? else { return Ok(Err(too_late())) };
    let Ok(given) = serde_json::from_str::<PublicKeyCredential>(&answer.credential) else {
        return Ok(Err(unreadable()));
    };
    let Some((id, owner, mut credential)) = credential(tx, given.raw_id.as_slice())? else {
        return Ok(Err(Error::Unauthorized(say!(
            "This passkey is not known here. It may have been removed. Sign in another way."
        ))));
    };
    let party = party.there()?;
    let result = match asked {
        Asked::Own(state) if account == Some(&owner) => party.finish_passkey_authentication(&given, &state),
        Asked::Any(state) => match party.identify_discoverable_authentication(&given) {
            Ok((handle_given, _)) if handle_given == handle(&owner) => {
                party.finish_discoverable_authentication_v2(&given, state, &credential)
            }
            Ok(_) => Err(WebauthnError::InvalidUserUniqueId),
            Err(why) => Err(why),
        },
        Asked::Own(_) | Asked::New(_) => return Ok(Err(too_late())),
    };
    match result {
        Ok(result) if result.user_verified() => {
            credential.update_credential(&result);
            tx.execute(
                "update passkeys set credential = :credential, used_at = :now where id = :id",
                named_params! { ":credential": serde_json::to_string(&credential)?, ":now": tx.now, ":id": id },
            )?;
            Ok(Ok(owner))
        }
        Ok(_) => Ok(Err(refused(&WebauthnError::UserNotVerified))),
        Err(why) => Ok(Err(refused(&why))),
    }
}

pub(super) fn forget(tx: &Tx, account: &AccountId) -> Result<()> {
    tx.execute("delete from passkeys where account_id = :account", named_params! { ":account": account })?;
    tx.execute("delete from ceremonies where account_id = :account", named_params! { ":account": account })?;
    Ok(())
}

pub(super) fn expire(tx: &Tx) -> Result<usize> {
    tx.execute(
        "delete from ceremonies where digest in (select digest from ceremonies where expires_at < :now limit 500)",
        named_params! { ":now": tx.now },
    )
}

/// What a device knows an account by. It says nothing about its person.
fn handle(account: &AccountId) -> Uuid {
    Uuid::from_u128(u128::from_str_radix(account.as_str(), 16).unwrap_or_default())
}

fn credentials(view: &View, account: &AccountId) -> Result<Vec<Credential>> {
    let kept: Vec<String> = view.all(
        "select credential from passkeys where account_id = :account order by created_at, id",
        named_params! { ":account": account },
        |row| row.get(0),
    )?;
    kept.iter().map(|text| Ok(serde_json::from_str(text)?)).collect()
}

fn credential(view: &View, id: &[u8]) -> Result<Option<(PasskeyId, AccountId, Credential)>> {
    let found: Option<(PasskeyId, AccountId, String)> = view.find(
        "select id, account_id, credential from passkeys where credential_id = :id",
        named_params! { ":id": id },
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    found.map(|(id, owner, text)| Ok((id, owner, serde_json::from_str(&text)?))).transpose()
}

fn keep(tx: &Tx, account: Option<&AccountId>, asked: &Asked, options: Value) -> Result<Ceremony> {
    let token = Token::new();
    tx.execute(
        "insert into ceremonies (digest, account_id, state, expires_at) values (:digest, :account, :state, :expires_at)",
        named_params! {
            ":digest": token.digest(), ":account": account, ":state": serde_json::to_string(asked)?,
            ":expires_at": tx.now + PATIENCE,
        },
    )?;
    Ok(Ceremony { ceremony: token.reveal().to_owned(), options })
}

fn take(tx: &Tx, account: Option<&AccountId>, token: &str) -> Result<Option<Asked>> {
    let state: Option<String> = tx.find(
        "delete from ceremonies where digest = :digest and account_id is :account and expires_at > :now returning state",
        named_params! { ":digest": Digest::of(token), ":account": account, ":now": tx.now },
        |row| row.get(0),
    )?;
    Ok(state.map(|text| serde_json::from_str(&text)).transpose()?)
}

fn named(name: &str) -> Result<String> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if !one_line::fits(&name, 100) {
        return Err(Error::invalid(say!("A passkey needs a name of 1 to 100 characters, such as \"Work laptop\".")));
    }
    Ok(name)
}

fn too_late() -> Error {
    Error::Unauthorized(say!("That took longer than five minutes, or was sent twice. Try again."))
}

fn unreadable() -> Error {
    Error::invalid(say!("What the browser sent is no passkey. Try again, or use another way."))
}

fn refused(why: &WebauthnError) -> Error {
    tracing::info!(why = %why, "a passkey was refused");
    Error::Unauthorized(match why {
        WebauthnError::CredentialPossibleCompromise => {
            say!(
                "This passkey counted backwards, as a copy of it would, so it was not accepted. Sign in another way, remove it, and add it anew."
            )
        }
        _ => say!("The passkey was not accepted. Try again, or use another way."),
    })
}
