//! The language an organization writes in to people whose own it doesn't know yet.

use rusqlite::named_params;

use crate::{
    db::Tx,
    error::{Error, Result},
    i18n::Language,
    ids::OrganizationId,
};

/// Reads a language by its tag.
///
/// # Errors
/// It is none that Headroom speaks.
pub fn language_of(tag: &str) -> Result<Language> {
    Language::parse(tag.trim()).ok_or_else(|| {
        let names: Vec<_> = Language::ALL.iter().map(|language| language.tag()).collect();
        Error::invalid(say!("There is no language {tag} here. Choose one of {names}.", tag, names = names.join(", ")))
    })
}

/// Has it write in this language. How many organizations that is: none if there is no such organization.
pub fn set_language(tx: &Tx, id: &OrganizationId, language: Language) -> Result<usize> {
    tx.execute(
        "update organizations set language = :language where id = :id",
        named_params! { ":id": id, ":language": language },
    )
}
