//! What the person of an account has to hear of: listed on their page, and mailed in the same transaction.

use std::time::Duration;

use rusqlite::{Row, named_params};

use crate::{
    clock::Timestamp,
    db::{Tx, View, stored_as_text},
    error::Result,
    ids::{AccountId, NoticeId},
    queue::{self, Job},
};

/// How long they can be looked up.
const KEPT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How many the page of an account lists.
const LISTED: u32 = 20;

stored_as_text! {
    /// What happened to an account.
    pub enum Notice {
        /// It was signed in to on a browser that was never seen before.
        NewDevice = "new_device",
        /// A passkey was added.
        PasskeyAdded = "passkey_added",
        /// A passkey was removed.
        PasskeyRemoved = "passkey_removed",
        /// An authenticator app was added.
        AuthenticatorAdded = "authenticator_added",
        /// The authenticator app was removed.
        AuthenticatorRemoved = "authenticator_removed",
        /// Recovery codes were made; earlier ones work no more.
        RecoveryCodesMade = "recovery_codes_made",
        /// A recovery code was used.
        RecoveryCodeUsed = "recovery_code_used",
        /// The password was set, changed or removed.
        PasswordChanged = "password_changed",
        /// Its second factors were taken off by someone else.
        FactorsReset = "factors_reset",
        /// Its role in its organization changed.
        Role = "role",
    }
}

impl Notice {
    /// In a few words, as a heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::NewDevice => "New sign-in",
            Self::PasskeyAdded => "Passkey added",
            Self::PasskeyRemoved => "Passkey removed",
            Self::AuthenticatorAdded => "Authenticator app added",
            Self::AuthenticatorRemoved => "Authenticator app removed",
            Self::RecoveryCodesMade => "New recovery codes",
            Self::RecoveryCodeUsed => "Recovery code used",
            Self::PasswordChanged => "Password changed",
            Self::FactorsReset => "Two-factor was reset",
            Self::Role => "Your role changed",
        }
    }

    /// In a sentence, for whoever did nothing of the kind to see that.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NewDevice => "Someone signed in to your account on a browser it was not seen on before.",
            Self::PasskeyAdded => "A passkey was added to your account. It signs in without anything else.",
            Self::PasskeyRemoved => "A passkey was removed from your account. It signs in no more.",
            Self::AuthenticatorAdded => "An authenticator app was added to your account. Signing in asks for its code.",
            Self::AuthenticatorRemoved => "The authenticator app was removed from your account.",
            Self::RecoveryCodesMade => "Recovery codes were made for your account. Earlier ones work no more.",
            Self::RecoveryCodeUsed => "A recovery code was used for your account. It works no more.",
            Self::PasswordChanged => "The password of your account was changed. Other browsers were signed out.",
            Self::FactorsReset => {
                "The second factors of your account were taken off, and every browser was signed out. Sign in again and add new ones."
            }
            Self::Role => "Your role in your organization changed.",
        }
    }
}

/// A notice, as it was given.
#[derive(Clone, Debug)]
pub struct Given {
    /// Whose account.
    pub account: AccountId,
    /// What happened.
    pub notice: Notice,
    /// What else there is to know, such as the browser.
    pub detail: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

impl Given {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            account: row.get("account_id")?,
            notice: row.get("kind")?,
            detail: row.get("detail")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// Has the person of an account hear of something.
pub fn notify(tx: &Tx, account: &AccountId, notice: Notice) -> Result<()> {
    notify_of(tx, account, notice, None)
}

/// The same with what else there is to know, in words that stand alone: `Firefox on Windows`.
pub fn notify_of(tx: &Tx, account: &AccountId, notice: Notice, detail: Option<&str>) -> Result<()> {
    let id = NoticeId::new();
    tx.execute(
        "insert into notices (id, account_id, kind, detail, created_at) values (:id, :account, :notice, :detail, :now)",
        named_params! { ":id": id, ":account": account, ":notice": notice, ":detail": detail, ":now": tx.now },
    )?;
    queue::push(tx, Job::SecurityMail(id))?;
    Ok(())
}

/// The latest of an account, newest first.
pub fn notices_of(view: &View, account: &AccountId) -> Result<Vec<Given>> {
    view.all(
        "select * from notices where account_id = :account order by created_at desc, id desc limit :limit",
        named_params! { ":account": account, ":limit": LISTED },
        Given::from_row,
    )
}

/// The one with this id; none if its account is gone.
pub fn notice(view: &View, id: &NoticeId) -> Result<Option<Given>> {
    view.find("select * from notices where id = :id", named_params! { ":id": id }, Given::from_row)
}

pub(super) fn expire(tx: &Tx) -> Result<usize> {
    tx.execute(
        "delete from notices where id in (select id from notices where created_at < :old limit 500)",
        named_params! { ":old": tx.now - KEPT },
    )
}
