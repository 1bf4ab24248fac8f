//! Browsers an account was seen on. Another one is told of by mail, once.

use std::time::Duration;

use rusqlite::named_params;

use super::{
    agents::browser_in_words,
    notices::{self, Notice, notify_of},
    sessions::Device,
};
use crate::{
    db::Tx,
    error::Result,
    i18n::Message,
    ids::AccountId,
    secrets::{Digest, Token},
};

/// A browser that was not seen for so long is a new one.
const KEPT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Remembers the browser, and tells the account's person if it is a new one beside others. What it returns goes into its
/// cookie.
pub(super) fn recognise(tx: &Tx, account: &AccountId, device: &Device, how: Message) -> Result<Token> {
    let mark = device.mark.clone().unwrap_or_else(Token::new);
    let seen = tx.execute(
        "update devices set seen_at = :now where account_id = :account and digest = :digest",
        named_params! { ":now": tx.now, ":account": account, ":digest": mark.digest() },
    )?;
    if seen > 0 {
        return Ok(mark);
    }
    let has_others: bool = tx.one(
        "select exists (select 1 from devices where account_id = :account)",
        named_params! { ":account": account },
        |row| row.get(0),
    )?;
    remember(tx, account, &mark.digest())?;
    if has_others {
        let from = device.address.map(|address| address.to_string());
        let words = notices::sign_in(browser_in_words(device.agent.as_deref()), how, from);
        notify_of(tx, account, Notice::NewDevice, Some(&words.to_string()))?;
    }
    Ok(mark)
}

fn remember(tx: &Tx, account: &AccountId, digest: &Digest) -> Result<()> {
    tx.execute(
        "insert into devices (account_id, digest, created_at, seen_at) values (:account, :digest, :now, :now)",
        named_params! { ":account": account, ":digest": digest, ":now": tx.now },
    )?;
    Ok(())
}

pub(super) fn expire(tx: &Tx) -> Result<usize> {
    tx.execute(
        "delete from devices where (account_id, digest) in
             (select account_id, digest from devices where seen_at < :old limit 500)",
        named_params! { ":old": tx.now - KEPT },
    )
}
