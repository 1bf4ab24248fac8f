//! Recovery codes: ten, each good once, for whoever has lost their second factor.

use rusqlite::named_params;

use super::notices::{Notice, notify};
use crate::{
    db::{Tx, View},
    error::Result,
    ids::AccountId,
    secrets::RecoveryCode,
};

/// How many are made at once.
const CODES: usize = 10;

/// Makes new ones in place of any earlier. This is the only moment they can be read.
pub(super) fn renew(tx: &Tx, account: &AccountId) -> Result<Vec<RecoveryCode>> {
    forget(tx, account)?;
    let codes: Vec<RecoveryCode> = (0..CODES).map(|_| RecoveryCode::new()).collect();
    for code in &codes {
        tx.execute(
            "insert into recovery_codes (account_id, digest) values (:account, :digest)",
            named_params! { ":account": account, ":digest": code.digest() },
        )?;
    }
    notify(tx, account, Notice::RecoveryCodesMade)?;
    Ok(codes)
}

/// How many still work.
pub(super) fn left(view: &View, account: &AccountId) -> Result<u32> {
    view.one(
        "select count(*) from recovery_codes where account_id = :account and used_at is null",
        named_params! { ":account": account },
        |row| row.get(0),
    )
}

/// Uses one up, if it is one. Of many tries at once, one succeeds.
pub(super) fn spend(tx: &Tx, account: &AccountId, typed: &str) -> Result<bool> {
    let used = tx.execute(
        "update recovery_codes set used_at = :now
         where account_id = :account and digest = :digest and used_at is null",
        named_params! { ":now": tx.now, ":account": account, ":digest": RecoveryCode::digest_of(typed) },
    )?;
    if used > 0 {
        notify(tx, account, Notice::RecoveryCodeUsed)?;
    }
    Ok(used > 0)
}

pub(super) fn forget(tx: &Tx, account: &AccountId) -> Result<()> {
    tx.execute("delete from recovery_codes where account_id = :account", named_params! { ":account": account })?;
    Ok(())
}
