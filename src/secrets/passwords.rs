//! Passwords: what may be one, and what is kept of it.

use std::{fmt, sync::LazyLock};

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash as Parsed};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use zxcvbn::{Score, zxcvbn};

use super::Token;
use crate::error::{Error, Result};

/// A million guesses: what is beyond that can't be found by asking a server that limits how often it is asked.
const STRONG_ENOUGH: Score = Score::Two;

/// A password someone chose: 10 to 200 characters, and not among those that are tried first.
pub struct Password(String);

impl Password {
    /// Reads it as a person typed it; none if the field was left empty. `theirs` is what stands beside it, such as the address and
    /// the organization's name: whoever guesses begins with that.
    ///
    /// # Errors
    /// [`Error::Invalid`] for one that is too short, too long or too easy to guess.
    pub fn parse(text: &str, theirs: &[&str]) -> Result<Option<Self>> {
        match text.chars().count() {
            0 => return Ok(None),
            10..=200 => {}
            1..10 => return Err(Error::invalid(say!("Choose a password of at least 10 characters."))),
            _ => return Err(Error::invalid(say!("Choose a password of at most 200 characters."))),
        }
        let theirs: Vec<&str> = theirs.iter().flat_map(|text| words(text)).chain(["headroom"]).collect();
        if zxcvbn(text, &theirs).score() < STRONG_ENOUGH {
            return Err(Error::invalid(say!(
                "This password is easy to guess. Three or four words nobody would put together are better."
            )));
        }
        Ok(Some(Self(text.to_owned())))
    }

    /// Hashes it, as [`PasswordHash::of`] does.
    pub fn hash(&self) -> Result<PasswordHash> {
        PasswordHash::of(&self.0)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(********)")
    }
}

/// A password as argon2id keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(********)")
    }
}

impl PasswordHash {
    /// Hashes a password. Takes tens of milliseconds on purpose: never inside a transaction.
    pub fn of(password: &str) -> Result<Self> {
        let hash =
            Argon2::default().hash_password(password.as_bytes()).map_err(|cause| Error::internal(cause.to_string()))?;
        Ok(Self(hash.to_string()))
    }

    /// Whether `password` is the one. Takes as long for no password kept as for a wrong one.
    pub fn matches(kept: Option<&Self>, password: &str) -> bool {
        // Of a password nobody has, so that an address without one costs as much as any other.
        static NOBODYS: LazyLock<Option<PasswordHash>> = LazyLock::new(|| PasswordHash::of(Token::new().reveal()).ok());
        let text = kept.or(NOBODYS.as_ref()).map_or("", |hash| hash.0.as_str());
        let right =
            Parsed::new(text).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        right && kept.is_some()
    }
}

impl ToSql for PasswordHash {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for PasswordHash {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        String::column_result(value).map(Self)
    }
}

/// The words of a text, and all of it.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 2).chain([text])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_matches() {
        let kept = PasswordHash::of("correct horse").unwrap();
        assert!(kept.0.starts_with("$argon2id$"), "{}", kept.0);
        assert!(PasswordHash::matches(Some(&kept), "correct horse"));
        assert!(!PasswordHash::matches(Some(&kept), "correct horse "));
        assert!(!PasswordHash::matches(None, "correct horse"));
    }

    #[test]
    fn what_is_tried_first_is_no_password() {
        let theirs = ["ada@lovelace.test", "Analytical Engines"];
        for easy in [
            "password123",
            "P@ssw0rd123",
            "1234567890",
            "qwertyuiop",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "iloveyou2024",
            "adalovelace",
            "Lovelace2024",
            "analyticalengines",
            "headroom123",
        ] {
            assert!(Password::parse(easy, &theirs).is_err(), "{easy}");
        }
        for good in ["correct horse battery", "better horses", "Ke3-vmQ.81x", "дождь в четверг", "tisch lampe wolke"]
        {
            assert!(Password::parse(good, &theirs).unwrap().is_some(), "{good}");
        }
    }

    #[test]
    fn its_length_counts_characters_and_an_empty_field_is_none() {
        assert!(Password::parse("", &[]).unwrap().is_none());
        assert!(Password::parse("vmQ.81x-k", &[]).is_err());
        assert!(Password::parse("żółćżółćż", &[]).is_err(), "18 bytes, 9 characters");
        assert!(Password::parse(&"horse lamp ".repeat(19), &[]).is_err());
        assert!(Password::parse(&"q".repeat(1 << 20), &[]).is_err());
    }
}
