//! What languages people read: the one each chose, or else the one their browser asked for when they last signed in.

use rusqlite::named_params;

use super::Email;
use crate::{
    db::{Tx, View},
    error::Result,
    i18n::Language,
    ids::AccountId,
};

/// The language of whoever has this address, as far as it is known.
pub fn language_of(view: &View, email: &Email) -> Result<Option<Language>> {
    let known = view.find(
        "select coalesce(language, browser_language) from accounts where email = :email",
        named_params! { ":email": email },
        |row| row.get(0),
    )?;
    Ok(known.flatten())
}

/// The one an account's person chose, and the one their browser asked for.
pub fn languages(view: &View, account: &AccountId) -> Result<(Option<Language>, Option<Language>)> {
    view.one(
        "select language, browser_language from accounts where id = :id",
        named_params! { ":id": account },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Has everything for an account's person be in this language; nothing: as their browser asks for. Whether that is a change.
pub fn choose_language(tx: &Tx, account: &AccountId, language: Option<Language>) -> Result<bool> {
    let changed = tx.execute(
        "update accounts set language = :language where id = :id and language is not :language",
        named_params! { ":id": account, ":language": language },
    )?;
    Ok(changed > 0)
}

/// Writes down which language the browser asks for that somebody signs in on.
pub fn saw_language(tx: &Tx, account: &AccountId, language: Language) -> Result<()> {
    tx.execute(
        "update accounts set browser_language = :language where id = :id and browser_language is not :language",
        named_params! { ":id": account, ":language": language },
    )?;
    Ok(())
}
