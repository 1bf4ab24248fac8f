//! Things nobody may guess or read: tokens, codes, passwords, and the digests kept of them.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use crate::error::Result;

mod passwords;
mod server_key;

pub use passwords::{Password, PasswordHash};
pub use server_key::{Purpose, ServerKey};

/// A text that is not shown in logs, debug output or printed configuration.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("********")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str("********")
    }
}

/// 256 random bits as text for a URL or a header. Only its [`Digest`] is ever stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A new one.
    #[expect(clippy::new_without_default, reason = "a token is made on purpose, never by default")]
    pub fn new() -> Self {
        let bits: [u8; 32] = rand::random();
        Self(BASE64_URL_SAFE_NO_PAD.encode(bits))
    }

    /// One that comes back from where it was kept; none if the text can't be one.
    pub fn parse(text: &str) -> Option<Self> {
        let bits = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        (bits.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The text that opens the door.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(********)")
    }
}

/// Six digits to type on another device.
pub struct Code(String);

impl Code {
    /// A new one.
    #[expect(clippy::new_without_default, reason = "a code is made on purpose, never by default")]
    pub fn new() -> Self {
        Self(format!("{:06}", rand::random_range(0..1_000_000)))
    }

    /// The digits.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of it. Six digits can be guessed from a bare digest, so the link's own digest goes in too.
    pub fn digest(digits: &str, link: &Digest) -> Digest {
        let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
        let mut sum = Sha256::new_with_prefix(link.0);
        sum.update(digits.as_bytes());
        Digest(sum.finalize().into())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(******)")
    }
}

/// A code to write down and keep: 80 random bits in letters and digits that are hard to mistake for each other.
pub struct RecoveryCode(String);

impl RecoveryCode {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

    /// A new one.
    #[expect(clippy::new_without_default, reason = "a code is made on purpose, never by default")]
    pub fn new() -> Self {
        let bits: [u8; 16] = rand::random();
        Self(bits.iter().map(|byte| char::from(Self::LETTERS[usize::from(byte & 31)])).collect())
    }

    /// As it is written down: `7k2m-9x4q-c8dw-51hz`.
    pub fn reveal(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    }

    /// What is stored of it.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }

    /// The same of what someone types: in capitals or not, with gaps or without, a letter for the digit it looks like.
    pub fn digest_of(typed: &str) -> Digest {
        let alike = |letter: char| match letter.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        };
        Digest::of(&typed.chars().filter(char::is_ascii_alphanumeric).map(alike).collect::<String>())
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(********)")
    }
}

/// The SHA-256 of a secret. Compared in constant time.
#[derive(Clone, Debug)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Of a text.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// In hexadecimal digits, to be shown: of something that is no secret.
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The SHA-256 of what arrives piece by piece.
#[derive(Clone, Debug, Default)]
pub struct Digesting(Sha256);

impl Digesting {
    /// Takes the next piece.
    pub fn add(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Of all pieces.
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Digest {}

impl ToSql for Digest {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(&self.0[..]))
    }
}

impl FromSql for Digest {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 32]>::column_result(value).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_itself() {
        let secret = Secret::from("hunter2".to_owned());
        assert!(!format!("{secret:?}").contains("hunter2"));
        assert!(!serde_json::to_string(&secret).unwrap().contains("hunter2"));
        assert!(!format!("{:?}", Token::new()).contains(Token::new().reveal()));
    }

    #[test]
    fn a_recovery_code_may_be_typed_as_it_looks() {
        let code = RecoveryCode::new();
        assert_eq!(code.reveal().len(), 19);
        let typed = code.reveal().to_uppercase().replace('-', " ").replace('0', "O").replace('1', "l");
        assert_eq!(RecoveryCode::digest_of(&typed), code.digest());
        assert_ne!(RecoveryCode::digest_of(&RecoveryCode::new().reveal()), code.digest());
        assert!(!format!("{code:?}").contains(&code.0));
    }

    #[test]
    fn only_what_was_a_token_is_one_again() {
        let token = Token::new();
        assert_eq!(Token::parse(token.reveal()), Some(token));
        assert_eq!((Token::parse(""), Token::parse("short"), Token::parse(&"!".repeat(43))), (None, None, None));
    }

    #[test]
    fn a_code_may_be_typed_with_a_gap() {
        let link = Digest::of("link");
        assert_eq!(Code::digest("123 456", &link), Code::digest("123456", &link));
        assert_ne!(Code::digest("123456", &link), Code::digest("123456", &Digest::of("other")));
    }
}
