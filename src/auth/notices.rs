//! What the person of an account has to hear of: listed on their page, and mailed in the same transaction.

use std::time::Duration;

use rusqlite::{Row, named_params};

use super::agents::browser_as_written;
use crate::{
    clock::Timestamp,
    db::{Tx, View, stored_as_text},
    error::Result,
    i18n::Message,
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
    pub const fn title(self) -> Message {
        match self {
            Self::NewDevice => say!("New sign-in"),
            Self::PasskeyAdded => say!("Passkey added"),
            Self::PasskeyRemoved => say!("Passkey removed"),
            Self::AuthenticatorAdded => say!("Authenticator app added"),
            Self::AuthenticatorRemoved => say!("Authenticator app removed"),
            Self::RecoveryCodesMade => say!("New recovery codes"),
            Self::RecoveryCodeUsed => say!("Recovery code used"),
            Self::PasswordChanged => say!("Password changed"),
            Self::FactorsReset => say!("Two-factor was reset"),
            Self::Role => say!("Your role changed"),
        }
    }

    /// In a sentence, for whoever did nothing of the kind to see that.
    pub const fn sentence(self) -> Message {
        match self {
            Self::NewDevice => say!("Someone signed in to your account on a browser it was not seen on before."),
            Self::PasskeyAdded => say!("A passkey was added to your account. It signs in without anything else."),
            Self::PasskeyRemoved => say!("A passkey was removed from your account. It signs in no more."),
            Self::AuthenticatorAdded => {
                say!("An authenticator app was added to your account. Signing in asks for its code.")
            }
            Self::AuthenticatorRemoved => say!("The authenticator app was removed from your account."),
            Self::RecoveryCodesMade => say!("Recovery codes were made for your account. Earlier ones work no more."),
            Self::RecoveryCodeUsed => say!("A recovery code was used for your account. It works no more."),
            Self::PasswordChanged => say!("The password of your account was changed. Other browsers were signed out."),
            Self::FactorsReset => {
                say!(
                    "The second factors of your account were taken off, and every browser was signed out. Sign in again and add new ones."
                )
            }
            Self::Role => say!("Your role in your organization changed."),
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
    /// What else there is to know, for whoever reads it. It was written down in English.
    pub fn detail_in_words(&self) -> Option<Message> {
        let detail = self.detail.as_deref()?;
        Some(match self.notice {
            Notice::NewDevice => sign_in_as_written(detail),
            // A name that its owner gave.
            Notice::PasskeyAdded | Notice::PasskeyRemoved => Message::plain(detail),
            _ => Message::english(detail.to_owned()),
        })
    }

    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            account: row.get("account_id")?,
            notice: row.get("kind")?,
            detail: row.get("detail")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// By what, how and from where somebody signed in: `Firefox on Windows, by passkey, from 192.0.2.7`.
pub(super) fn sign_in(browser: Message, how: Message, from: Option<String>) -> Message {
    match from {
        Some(address) => say!("{browser}, {how}, from {address}", browser, how, address),
        None => say!("{browser}, {how}", browser, how),
    }
}

fn sign_in_as_written(detail: &str) -> Message {
    let Some((browser, rest)) = detail.split_once(", ") else { return browser_as_written(detail) };
    let (how, address) = match rest.split_once(", from ") {
        Some((how, address)) => (how, Some(address.to_owned())),
        None => (rest, None),
    };
    sign_in(browser_as_written(browser), Message::english(how.to_owned()), address)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    #[test]
    fn a_sign_in_is_told_in_the_language_of_whoever_reads() {
        for written in ["Firefox on Windows, by a mailed link, from 192.0.2.7", "Unknown browser, by passkey", "Mac"] {
            let read = sign_in_as_written(written);
            assert_eq!(read.to_string(), written);
            assert!(written == "Mac" || read.in_language(Language::Pseudo).contains('⟦'));
        }
    }
}
