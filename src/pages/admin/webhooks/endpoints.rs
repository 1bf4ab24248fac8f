//! Endpoints as the page shows them, and the form of one.

use super::{Section, asking};
use crate::{
    db::{View, Window},
    error::{Error, Result},
    events::Kind,
    i18n::Message,
    pages::{
        admin::Tone,
        undoing::Leaving,
        view::{Field, When},
    },
    webhooks::{self, Endpoint, Filter, Why},
    wire::events::{kinds, name},
};

/// One endpoint.
pub(super) struct EndpointRow {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) health: Health,
    /// Which events, by their names.
    pub(super) events: String,
    /// What else there is to know of it, in sentences.
    pub(super) notes: Vec<Message>,
    pub(super) on: bool,
    /// Where its deliveries are.
    pub(super) log: String,
    pub(super) edit: String,
    pub(super) rotate: String,
    pub(super) off: String,
    pub(super) remove: String,
    /// It is being removed.
    pub(super) leaving: Option<Leaving>,
}

/// How an endpoint is.
#[derive(Clone, Copy)]
pub(super) enum Health {
    New,
    Working,
    Failing,
    /// Somebody wanted it so.
    Off,
    /// Nobody wanted it so.
    GivenUp,
}

impl Health {
    pub(super) const fn words(self) -> Message {
        match self {
            Self::New => say!("Nothing sent yet"),
            Self::Working => say!("endpoint|Working"),
            Self::Failing => say!("endpoint|Failing"),
            Self::Off | Self::GivenUp => say!("endpoint|Switched off"),
        }
    }

    pub(super) fn tone(self) -> &'static str {
        match self {
            Self::New => Tone::Waiting,
            Self::Working => Tone::Good,
            Self::Failing => Tone::Warn,
            Self::Off => Tone::Ended,
            Self::GivenUp => Tone::Bad,
        }
        .class()
    }
}

/// Why it is switched off, as its owner has to know.
pub(in crate::pages::admin) const fn because(why: Why) -> Message {
    match why {
        Why::Failures => say!("It failed for five days and worked not once meanwhile."),
        Why::Gone => say!("It answered 410, which means that it is gone for good."),
        Why::Lead => say!("One of your organization's leads switched it off."),
    }
}

impl EndpointRow {
    pub(super) fn read(view: &View, endpoint: Endpoint, leaving: Option<Leaving>) -> Result<Self> {
        let only = Filter { endpoint: Some(endpoint.id.clone()), state: None };
        let first = Window { limit: 1, offset: 0, after: None };
        let last = webhooks::log(view, &endpoint.organization, &only, &first)?.pop();
        let health = match (endpoint.disabled, endpoint.failing_since, &last) {
            (Some((_, Why::Lead)), ..) => Health::Off,
            (Some(_), ..) => Health::GivenUp,
            (None, Some(_), _) => Health::Failing,
            (None, None, Some(_)) => Health::Working,
            (None, None, None) => Health::New,
        };
        let mut notes = Vec::new();
        if let Some((at, why)) = endpoint.disabled {
            notes.push(say!("{why} That was on {when}.", why = because(why), when = When::exact(at).words));
        } else if let Some(since) = endpoint.failing_since {
            let since = When::exact(since).words;
            notes.push(say!(
                "It has not worked since {since}. After five days of nothing but failures it is switched off.",
                since
            ));
        }
        if let Some(until) = endpoint.old_until.filter(|until| *until > view.now) {
            notes.push(match until.since(view.now).as_secs() {
                seconds @ 0..3600 => say!(
                    "The secret before this one stops working in {minutes} min. Until then both sign.",
                    minutes = seconds.div_ceil(60)
                ),
                seconds => say!(
                    "The secret before this one stops working in {n} hour. Until then both sign."
                        | "The secret before this one stops working in {n} hours. Until then both sign.",
                    n = seconds.div_ceil(3600)
                ),
            });
        }
        Ok(Self {
            health,
            leaving,
            events: match endpoint.events.as_slice() {
                [] => say!("Every event").into(),
                some => some.iter().map(|kind| name(*kind)).collect::<Vec<_>>().join(", "),
            },
            notes,
            on: endpoint.disabled.is_none(),
            log: asking("endpoint", &endpoint.id),
            edit: asking("edit", &endpoint.id),
            rotate: asking("rotate", &endpoint.id),
            off: asking("off", &endpoint.id),
            remove: asking("remove", &endpoint.id),
            id: endpoint.id.to_string(),
            url: endpoint.url,
        })
    }
}

/// The form that adds an endpoint or changes one.
pub(super) struct EndpointForm {
    pub(super) open: bool,
    /// It is one that exists.
    pub(super) changes: bool,
    /// Where it is posted.
    pub(super) action: String,
    pub(super) url: Field,
    pub(super) events: Vec<EventChoice>,
    pub(super) events_error: Option<String>,
}

/// An event to hear of.
pub(super) struct EventChoice {
    pub(super) name: &'static str,
    pub(super) words: Message,
    pub(super) chosen: bool,
}

impl EndpointForm {
    /// An empty one.
    pub(super) fn new() -> Self {
        Self {
            open: false,
            changes: false,
            action: Section::Webhooks.href().to_owned(),
            url: Field::default(),
            events: choices(|_| false),
            events_error: None,
        }
    }

    /// One that changes this endpoint.
    pub(super) fn of(endpoint: &Endpoint) -> Self {
        Self {
            open: true,
            changes: true,
            action: format!("{}/{}", Section::Webhooks.href(), endpoint.id),
            url: Field::new(endpoint.url.clone()),
            events: choices(|kind| endpoint.events.contains(&kind)),
            events_error: None,
        }
    }

    /// The same with what was typed into it, and what is wrong with that.
    pub(super) fn again(self, posted: Posted, error: &Error) -> Self {
        let unknown = posted.kinds().is_err();
        Self {
            open: true,
            events: choices(|kind| posted.events.iter().any(|event| event == name(kind))),
            events_error: unknown.then(|| error.to_string()),
            url: if unknown { Field::new(posted.url) } else { Field::wrong(posted.url, error) },
            ..self
        }
    }
}

fn choices(chosen: impl Fn(Kind) -> bool) -> Vec<EventChoice> {
    let choice = |kind: &Kind| EventChoice { name: name(*kind), words: words(*kind), chosen: chosen(*kind) };
    Kind::ALL.iter().map(choice).collect()
}

const fn words(kind: Kind) -> Message {
    match kind {
        Kind::Created => say!("Someone's model was made"),
        Kind::Moved => say!("Its status changed"),
        Kind::Deleted => say!("Its photos and headshots were deleted"),
        Kind::PhotosReady => say!("Its headshots can be seen"),
        Kind::FavoriteSelected => say!("A favourite was chosen"),
    }
}

/// What the form holds when it is posted.
pub(super) struct Posted {
    pub(super) url: String,
    events: Vec<String>,
}

impl Posted {
    pub(super) fn read(fields: Vec<(String, String)>) -> Self {
        let mut posted = Self { url: String::new(), events: Vec::new() };
        for (field, value) in fields {
            match field.as_str() {
                "url" => posted.url = value,
                "event" => posted.events.push(value),
                _ => {}
            }
        }
        posted
    }

    /// The events that are ticked.
    pub(super) fn kinds(&self) -> Result<Vec<Kind>> {
        kinds(&self.events)
    }
}
