//! A program that didn't hear our answer asks again with the same `Idempotency-Key`, and gets the same answer: what it
//! asked for is done once.

use std::{str::FromStr, time::Duration};

use rusqlite::named_params;

use crate::{
    db::{Tx, View},
    error::{Error, Result},
    ids::OrganizationId,
    secrets::{Digest, Digesting, Purpose, ServerKey},
};

/// How long an answer can be repeated.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// A text by which a program knows its request again: 1 to 255 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(String);

impl FromStr for Key {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::invalid(say!("Idempotency-Key has to be 1 to 255 visible ASCII characters, such as a UUID.")))
        }
    }
}

impl Key {
    /// Of a form as it was shown to someone once, filled in like this. Pressed twice, it is the same; filled in differently
    /// after going back to it, it is another.
    pub fn of_form(shown: &str, filled_in: &[&str]) -> Self {
        let mut sum = Digesting::default();
        for piece in [&[shown], filled_in].concat() {
            sum.add(&piece.len().to_be_bytes());
            sum.add(piece.as_bytes());
        }
        Self(format!("form-{}", sum.finish().hex()))
    }
}

/// What a request is, apart from who sent it when: the same for a repetition only.
#[derive(Clone, Debug)]
pub struct Fingerprint(Digest);

impl Fingerprint {
    /// Of a request to `address`, its query included.
    pub fn of(method: &str, address: &str, body: &[u8]) -> Self {
        let mut sum = Digesting::default();
        // Neither a method nor an address has a line break in it, so no two requests read the same.
        for piece in [method.as_bytes(), b"\n", address.as_bytes(), b"\n", body] {
            sum.add(piece);
        }
        Self(sum.finish())
    }
}

/// The reply to an earlier request with this key, if there was one in the last 24 hours.
///
/// # Errors
/// [`Error::KeyReused`] if that was another request; [`Error::Internal`] if the server's key is another one since.
pub fn recall(
    view: &View,
    server: &ServerKey,
    organization: &OrganizationId,
    key: &Key,
    fingerprint: &Fingerprint,
) -> Result<Option<Vec<u8>>> {
    let kept = view.find(
        "select fingerprint, reply from idempotency
         where organization_id = :organization and key = :key and created_at > :old",
        named_params! { ":organization": organization, ":key": key.0, ":old": view.now - LIFETIME },
        |row| Ok((row.get::<_, Digest>(0)?, row.get::<_, Vec<u8>>(1)?)),
    )?;
    match kept {
        None => Ok(None),
        Some((other, _)) if other != fingerprint.0 => Err(Error::KeyReused),
        Some((_, sealed)) => server.open(Purpose::Replies, &sealed).map(Some),
    }
}

/// Keeps a reply, sealed: it may hold a URL that signs someone in.
pub fn keep(
    tx: &Tx,
    server: &ServerKey,
    organization: &OrganizationId,
    key: &Key,
    fingerprint: &Fingerprint,
    reply: &[u8],
) -> Result<()> {
    // One that has had its time may still be there under this key.
    tx.execute(
        "insert into idempotency (organization_id, key, fingerprint, reply, created_at)
         values (:organization, :key, :fingerprint, :reply, :now)
         on conflict (organization_id, key) do update set
             fingerprint = excluded.fingerprint, reply = excluded.reply, created_at = excluded.created_at",
        named_params! {
            ":organization": organization, ":key": key.0, ":fingerprint": fingerprint.0,
            ":reply": server.seal(Purpose::Replies, reply)?, ":now": tx.now,
        },
    )?;
    Ok(())
}

/// Throws away replies that have had their time, a batch at a time; how many.
pub fn expire(tx: &Tx) -> Result<usize> {
    tx.execute(
        "delete from idempotency where (organization_id, key) in (
             select organization_id, key from idempotency where created_at <= :old limit 500
         )",
        named_params! { ":old": tx.now - LIFETIME },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_ascii() {
        for good in ["1", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", &"x".repeat(255)] {
            assert!(good.parse::<Key>().is_ok(), "{good}");
        }
        for wrong in ["", " ", "a b", "a\tb", "é", &"x".repeat(256)] {
            assert!(wrong.parse::<Key>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_part_of_a_request_counts() {
        let of = |method, address, body: &str| Fingerprint::of(method, address, body.as_bytes()).0;
        let one = of("POST", "/a?b", "{}");
        assert_eq!(one, of("POST", "/a?b", "{}"));
        for other in
            [of("PUT", "/a?b", "{}"), of("POST", "/a", "{}"), of("POST", "/a?b", "{} "), of("POST", "/a", "?b{}")]
        {
            assert_ne!(one, other);
        }
    }
}
