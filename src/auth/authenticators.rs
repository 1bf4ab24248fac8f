//! Authenticator apps: six digits that change every 30 seconds, made from a secret that both sides keep.

use qrcode::{QrCode, render::svg};
use rusqlite::named_params;
use totp_rs::{Builder, Totp};

use super::{
    factors,
    notices::{Notice, notify},
};
use crate::{
    clock::Timestamp,
    db::{Tx, View},
    error::{Error, Result},
    ids::AccountId,
    secrets::{Purpose, RecoveryCode, ServerKey},
};

/// Bytes of a secret, as RFC 4226 recommends.
const SECRET: usize = 20;

/// What an app is fed with.
pub struct Offer {
    /// The secret as it is typed, in groups of four.
    pub typed: String,
    /// The same to scan, as an SVG picture.
    pub picture: String,
}

/// Begins to add an app, or begins anew: until a code of it is shown, it counts for nothing.
///
/// # Errors
/// There is one already.
pub fn offer_authenticator(tx: &Tx, key: &ServerKey, account: &AccountId) -> Result<()> {
    let secret: [u8; SECRET] = rand::random();
    let begun = tx.execute(
        "insert into authenticators (account_id, secret, created_at) values (:account, :secret, :now)
         on conflict (account_id) do update set secret = excluded.secret, created_at = excluded.created_at, last_step = 0
             where confirmed_at is null",
        named_params! { ":account": account, ":secret": key.seal(Purpose::Authenticators, &secret)?, ":now": tx.now },
    )?;
    if begun == 0 {
        return Err(Error::invalid(say!("You have an authenticator app already. Remove it before you add another.")));
    }
    Ok(())
}

/// The app that is being added, as `called` at `issuer`. None if none is.
pub fn offered_authenticator(
    view: &View,
    key: &ServerKey,
    account: &AccountId,
    issuer: &str,
    called: &str,
) -> Result<Option<Offer>> {
    let secret: Option<Vec<u8>> = view.find(
        "select secret from authenticators where account_id = :account and confirmed_at is null",
        named_params! { ":account": account },
        |row| row.get(0),
    )?;
    let Some(secret) = secret else { return Ok(None) };
    // A colon would end a name there.
    let plain = |text: &str| text.replace(':', " ");
    let totp = Builder::new()
        .with_secret(key.open(Purpose::Authenticators, &secret)?)
        .with_account_name(plain(called))
        .with_issuer(Some(plain(issuer)))
        .build()
        .map_err(Error::internal)?;
    let letters: Vec<char> = totp.secret().to_base32().chars().collect();
    let typed = letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ");
    let code = QrCode::new(totp.to_url().map_err(Error::internal)?).map_err(Error::internal)?;
    let picture = code.render::<svg::Color>().min_dimensions(200, 200).build();
    Ok(Some(Offer { typed, picture }))
}

/// Puts the app in force by a code of it. With the first second factor come recovery codes, which can be read now only.
///
/// # Errors
/// A code that isn't the app's now.
pub fn confirm_authenticator(
    tx: &Tx,
    key: &ServerKey,
    account: &AccountId,
    digits: &str,
) -> Result<Option<Vec<RecoveryCode>>> {
    if !accepts(tx, key, account, digits, false)? {
        return Err(Error::invalid(say!(
            "This code is not the app's code now. Type the one it shows; if it keeps failing, check the phone's clock."
        )));
    }
    tx.execute(
        "update authenticators set confirmed_at = :now where account_id = :account",
        named_params! { ":now": tx.now, ":account": account },
    )?;
    notify(tx, account, Notice::AuthenticatorAdded)?;
    factors::first_codes(tx, account)
}

/// Takes the app off, also one that is being added.
///
/// # Errors
/// The organization asks for a second factor, and this is the only one.
pub fn remove_authenticator(tx: &Tx, account: &AccountId) -> Result<()> {
    let was_in_force = confirmed_at(tx, account)?.is_some();
    forget(tx, account)?;
    if was_in_force {
        factors::after_removal(tx, account)?;
        notify(tx, account, Notice::AuthenticatorRemoved)?;
    }
    Ok(())
}

/// Since when the account's app is in force, if it has one.
pub(super) fn confirmed_at(view: &View, account: &AccountId) -> Result<Option<Timestamp>> {
    let found = view.find(
        "select confirmed_at from authenticators where account_id = :account",
        named_params! { ":account": account },
        |row| row.get(0),
    )?;
    Ok(found.flatten())
}

/// Whether this is a code of the app now, or of the step before or after. Each step is good once.
pub(super) fn accepts(tx: &Tx, key: &ServerKey, account: &AccountId, digits: &str, in_force: bool) -> Result<bool> {
    let secret: Option<Vec<u8>> = tx.find(
        "select secret from authenticators where account_id = :account and (confirmed_at is not null) = :in_force",
        named_params! { ":account": account, ":in_force": in_force },
        |row| row.get(0),
    )?;
    let Some(secret) = secret else { return Ok(false) };
    let totp = totp(key, &secret)?;
    let digits: String = digits.chars().filter(|c| !c.is_whitespace()).collect();
    let seconds = u64::try_from(tx.now.date_time().timestamp()).unwrap_or(0);
    let Some(step) = totp.check(&digits, seconds) else { return Ok(false) };
    let taken = tx.execute(
        "update authenticators set last_step = :step where account_id = :account and last_step < :step",
        named_params! { ":step": i64::try_from(step).unwrap_or(i64::MAX), ":account": account },
    )?;
    Ok(taken > 0)
}

pub(super) fn forget(tx: &Tx, account: &AccountId) -> Result<()> {
    tx.execute("delete from authenticators where account_id = :account", named_params! { ":account": account })?;
    Ok(())
}

fn totp(key: &ServerKey, sealed: &[u8]) -> Result<Totp> {
    let secret = key.open(Purpose::Authenticators, sealed)?;
    Builder::new().with_secret(secret).build().map_err(Error::internal)
}
