//! How the values that every promise is made of are described: ids, times, addresses and the words for where someone stands.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type},
    },
};

use super::{
    events,
    status::{Standing, Words},
    v2::{Include, PhotoStatus},
};
use crate::{
    clock::Timestamp,
    credits,
    events::Kind,
    ids::{
        DeliveryId, EndpointId, EventId, InviteId, LinkId, MemberId, OrganizationId, ResultId, ShootId, ShootUid,
        TeamId,
    },
    links::DomainName,
    members::Email,
    results::Liked,
    shoots::Gender,
    webhooks,
};

/// Declares texts of one shape: what they mean, what they match, and an example.
macro_rules! texts {
    ($($name:ident, $words:literal, $pattern:literal, $example:literal;)+) => {
        $(
            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    let text = ObjectBuilder::new().schema_type(Type::String).description(Some($words));
                    text.pattern(Some($pattern)).examples([$example]).into()
                }
            }
            impl ToSchema for $name {}
        )+
    };
}

texts! {
    OrganizationId, "An organization.", "^org_[0-9a-f]{24}$", "org_507f1f77bcf86cd799439011";
    TeamId, "A team.", "^team_[0-9a-f]{24}$", "team_507f1f77bcf86cd799439012";
    TeamChoice, "A team of the organization; null or empty for none.", "^(team_[0-9a-f]{24})?$", "team_507f1f77bcf86cd799439012";
    MemberId, "A member; the API's user id.", "^[0-9a-f]{24}$", "507f1f77bcf86cd799439013";
    InviteId, "An invite.", "^[0-9a-f]{24}$", "507f1f77bcf86cd799439014";
    EndpointId, "A webhook endpoint.", "^we_[0-9a-f]{24}$", "we_507f1f77bcf86cd799439018";
    DeliveryId, "A delivery.", "^[0-9a-f]{24}$", "507f1f77bcf86cd799439019";
    EventId, "An event.", "^evt_[0-9a-f-]{36}$", "evt_018d0c1e-5f3a-7c3e-9a51-0242ac120002";
    LinkId, "An open invite link.", "^[0-9a-f]{24}$", "507f1f77bcf86cd799439015";
    ShootId, "A model.", "^[0-9a-f]{24}$", "507f1f77bcf86cd799439011";
    ShootUid, "What a model is called towards other systems.", "^anon_[0-9a-f]{24}$", "anon_507f1f77bcf86cd799439016";
    ResultId, "A photo.", "^[0-9a-f]{24}$", "507f1f77bcf86cd799439017";
    DomainName, "What stands behind the @ of an address.", "^@?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?[.])+[A-Za-z]{2,63}$", "acme.com";
    Email, "An e-mail address, in lower case.", "^[^@]+@[^@]+$", "kim@acme.com";
}

/// A team, as requests name one or none.
#[derive(Debug)]
pub struct TeamChoice;

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        let text =
            ObjectBuilder::new().schema_type(Type::String).description(Some("A moment in UTC, to the millisecond."));
        let text = text.format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
        text.pattern(Some(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")).examples(["2024-01-15T10:30:00.000Z"]).into()
    }
}

impl ToSchema for Timestamp {}

/// Declares a column of the table of vocabularies.
macro_rules! vocabularies {
    ($($(#[$doc:meta])* $name:ident, $words:literal, $column:expr;)+) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub struct $name;
            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    let column: fn(Words) -> Option<&'static str> = $column;
                    let mut words: Vec<&str> = Vec::new();
                    for word in Standing::ALL.iter().filter_map(|standing| column(standing.words())) {
                        if !words.contains(&word) {
                            words.push(word);
                        }
                    }
                    let example = words[0];
                    let text = ObjectBuilder::new().schema_type(Type::String).description(Some($words));
                    text.enum_values(Some(words)).examples([example]).into()
                }
            }
            impl ToSchema for $name {}
        )+
    };
}

vocabularies! {
    /// API v2's word for where an invited person stands.
    InviteStatus, "Where the invited person stands.", |words| Some(words.v2_invite);
    /// API v1's word for it.
    InviteStatusV1, "Where the invited person stands, in the words of API v1.", |words| Some(words.v1_invite);
    /// The word for it in lists of members.
    MemberStatus, "Where the member stands.", |words| words.member;
    /// The word for where a model stands.
    ModelStatus, "Where the model stands.", |words| words.model;
}

/// Declares stored words that programs see as they are.
macro_rules! stored {
    ($($stored:ty as $name:literal, $words:literal;)+) => {
        $(
            impl PartialSchema for $stored {
                fn schema() -> RefOr<Schema> {
                    let words = Self::ALL.iter().map(|one| one.as_str());
                    let text = ObjectBuilder::new().schema_type(Type::String).description(Some($words));
                    text.enum_values(Some(words)).into()
                }
            }
            impl ToSchema for $stored {
                fn name() -> Cow<'static, str> {
                    $name.into()
                }
            }
        )+
    };
}

/// The names of events.
#[derive(Debug)]
pub struct EventName;

impl PartialSchema for EventName {
    fn schema() -> RefOr<Schema> {
        let names = Kind::ALL.iter().map(|kind| events::name(*kind));
        let text = ObjectBuilder::new().schema_type(Type::String).description(Some("What happened."));
        text.enum_values(Some(names)).examples(["model.created"]).into()
    }
}

impl ToSchema for EventName {}

stored! {
    Gender as "Trigger", "How the member wants to be portrayed.";
    Include as "PhotoInclude", "Which URLs a photo comes with: only the one to show, or all of them.";
    PhotoStatus as "PhotoStatus", "Whether a photo can still be seen, or its files are gone.";
    Liked as "LikedStatus", "What the member thinks of a photo.";
    webhooks::State as "DeliveryStatus", "What became of a delivery: it waits for its next attempt, it arrived, it was given up.";
    webhooks::Why as "DisabledReason", "Why an endpoint is off: nothing but failures for five days, it answered 410, a lead switched it off.";
    credits::Kind as "LedgerKind", "Why the balance changed: credits given, photos submitted, a credit that came back, a correction.";
}
