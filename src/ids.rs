//! One type per id, so that no id can stand where another belongs. All are opaque text outside; a text of the wrong shape is no id.

use std::{fmt, str::FromStr};

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Deserializer, Serialize, de};
use uuid::Uuid;

use crate::clock::Timestamp;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// How ids of one kind are written: what they begin with, and what follows.
struct Shape {
    prefix: &'static str,
    body: Body,
}

enum Body {
    /// 24 lowercase hex digits: the time in milliseconds, then 48 random bits.
    Hex,
    /// A hyphenated UUID, version 7.
    Uuid,
}

impl Shape {
    fn fresh(&self) -> String {
        let uuid = Uuid::now_v7();
        match self.body {
            Body::Hex => {
                let random: [u8; 6] = rand::random();
                let mut id = String::with_capacity(self.prefix.len() + 24);
                id.push_str(self.prefix);
                for byte in uuid.as_bytes()[..6].iter().chain(&random) {
                    id.push(char::from(HEX[usize::from(byte >> 4)]));
                    id.push(char::from(HEX[usize::from(byte & 15)]));
                }
                id
            }
            Body::Uuid => format!("{}{uuid}", self.prefix),
        }
    }

    fn fits(&self, text: &str) -> bool {
        text.strip_prefix(self.prefix).is_some_and(|body| match self.body {
            Body::Hex => body.len() == 24 && body.bytes().all(|byte| HEX.contains(&byte)),
            Body::Uuid => Uuid::try_parse(body).is_ok_and(|uuid| uuid.to_string() == body),
        })
    }
}

/// The text can't be an id of this kind.
#[derive(Debug, thiserror::Error)]
#[error("not an id of this kind")]
pub struct Malformed;

/// Declares an id type of one shape.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $body:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            const SHAPE: Shape = Shape { prefix: $prefix, body: Body::$body };

            /// A new id. Later ids sort behind earlier ones, so new rows land together in an index.
            #[expect(clippy::new_without_default, reason = "an id is made on purpose, never by default")]
            pub fn new() -> Self {
                Self(Self::SHAPE.fresh())
            }

            /// When it was made.
            pub fn made_at(&self) -> Timestamp {
                let digits: String =
                    self.0.trim_start_matches(Self::SHAPE.prefix).chars().filter(|c| *c != '-').take(12).collect();
                Timestamp::from_millis(i64::from_str_radix(&digits, 16).unwrap_or_default())
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                if Self::SHAPE.fits(text) { Ok(Self(text.to_owned())) } else { Err(Malformed) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(de::Error::custom)
            }
        }

        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                self.0.to_sql()
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                value.as_str().map(|text| Self(text.to_owned()))
            }
        }
    };
}

id!(
    /// An organization.
    OrganizationId, "org_", Hex
);
id!(
    /// A team within an organization.
    TeamId, "team_", Hex
);
id!(
    /// Someone who can sign in.
    AccountId, "", Hex
);
id!(
    /// An account's place in an organization; the API's user id.
    MemberId, "", Hex
);
id!(
    /// A personal invite.
    InviteId, "", Hex
);
id!(
    /// People to invite out of a table.
    ImportId, "imp_", Hex
);
id!(
    /// An open invite link.
    LinkId, "", Hex
);
id!(
    /// Something leads may want to hear of.
    HappeningId, "hap_", Hex
);
id!(
    /// An address that webhooks go to.
    EndpointId, "we_", Hex
);
id!(
    /// A request for, and the use of, a sign-in link.
    MagicLinkId, "", Hex
);
id!(
    /// An API key.
    KeyId, "", Hex
);
id!(
    /// A shoot; the API's model id.
    ShootId, "", Hex
);
id!(
    /// What a shoot is called towards other systems; the API's model `uid`.
    ShootUid, "anon_", Hex
);
id!(
    /// An uploaded photo.
    PhotoId, "", Hex
);
id!(
    /// A headshot; the API's photo id.
    ResultId, "", Hex
);
id!(
    /// What was asked for and can be undone for some seconds.
    UndoableId, "", Hex
);
id!(
    /// A person cut out of a photo.
    CutoutId, "", Hex
);
id!(
    /// A picture of an organization's own to stand behind its people.
    BackdropId, "bd_", Hex
);
id!(
    /// A link that shows headshots.
    ShareId, "", Hex
);
id!(
    /// A photo that comes in pieces.
    UploadId, "up_", Hex
);
id!(
    /// How profile pictures look.
    TemplateId, "pt_", Hex
);
id!(
    /// What an organization asks its people.
    FieldId, "cf_", Hex
);
id!(
    /// An event that webhooks tell of.
    EventId, "evt_", Uuid
);
id!(
    /// An event on its way to an endpoint.
    DeliveryId, "", Hex
);
id!(
    /// A signed-in browser.
    SessionId, "ses_", Hex
);
id!(
    /// A passkey.
    PasskeyId, "", Hex
);
id!(
    /// Something about an account that its person must hear of.
    NoticeId, "", Hex
);
id!(
    /// An organization's identity provider.
    ConnectionId, "sso_", Hex
);
id!(
    /// A mail domain of an organization.
    DomainId, "", Hex
);
id!(
    /// The proof of a deletion.
    ReceiptId, "rcp_", Hex
);
id!(
    /// A mail, sent or to be sent.
    MailId, "", Hex
);
id!(
    /// A job in a queue.
    JobId, "", Uuid
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_shape_the_contract_gives_them() {
        assert_eq!(ShootId::new().as_str().len(), 24);
        assert!(TeamId::new().as_str().starts_with("team_"));
        assert!(ShootUid::new().as_str().starts_with("anon_"));
        assert!("507f1f77bcf86cd799439011".parse::<ShootId>().is_ok());
        for wrong in
            ["", "507F1F77BCF86CD799439011", "507f1f77bcf86cd79943901", "../etc/passwd", "507f1f77bcf86cd79943901é"]
        {
            assert!(wrong.parse::<ShootId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_id_tells_when_it_was_made() {
        let id: EventId = "evt_018d0d2f-9f00-7000-8000-000000000000".parse().unwrap();
        let same: ShootId = "018d0d2f9f00800000000000".parse().unwrap();
        assert_eq!(id.made_at(), same.made_at());
        assert_eq!(same.made_at().to_string(), "2024-01-15T12:54:01.216Z");
    }

    #[test]
    fn later_ids_sort_behind_earlier_ones() {
        let first = InviteId::new();
        std::thread::sleep(std::time::Duration::from_millis(2));
        assert!(first < InviteId::new());
    }
}
