//! The log of deliveries, part by part.

use super::{Chosen, delivery};
use crate::{
    clock::Timestamp,
    db::{Part, View},
    error::Result,
    i18n::Message,
    ids::{DeliveryId, OrganizationId},
    pages::{
        admin::{ROWS, Section, Tone, address, pager, said},
        view::{Choice, Pager, When},
    },
    webhooks::{self, Delivery, Endpoint, Filter, State},
};

/// What of the log is shown.
pub(super) struct Log {
    pub(super) rows: Vec<LogRow>,
    /// Which endpoints to choose from; empty where there is one only.
    pub(super) endpoints: Vec<Choice>,
    pub(super) states: Vec<Choice>,
    pub(super) filtered: bool,
    pub(super) count_words: Message,
    pub(super) pager: Pager,
    /// There is something to replay.
    pub(super) failed: bool,
}

/// A delivery.
pub(super) struct LogRow {
    pub(super) href: String,
    pub(super) event: String,
    /// What its model is called, or else its id.
    pub(super) about: String,
    /// To which host; empty where there is one endpoint only.
    pub(super) host: String,
    pub(super) state: Outcome,
    /// The last answer's status, or that there was none.
    pub(super) answer: String,
    pub(super) tries: u32,
    pub(super) at: When,
    pub(super) next: Option<When>,
}

/// What became of a delivery, as it is said here.
#[derive(Clone, Copy)]
pub(super) struct Outcome(State);

impl Outcome {
    pub(super) fn of(delivery: &Delivery) -> Self {
        Self(delivery.state)
    }

    pub(super) const fn words(self) -> Message {
        match self.0 {
            State::Waiting => say!("delivery|Waiting"),
            State::Delivered => say!("delivery|Delivered"),
            State::Failed => say!("delivery|Failed"),
        }
    }

    pub(super) fn tone(self) -> &'static str {
        match self.0 {
            State::Waiting => Tone::Working,
            State::Delivered => Tone::Good,
            State::Failed => Tone::Bad,
        }
        .class()
    }
}

/// What the address asks for; what it says wrongly counts as not said.
pub(super) fn filter(chosen: &Chosen) -> Filter {
    Filter { endpoint: said(chosen.endpoint.as_deref()), state: said(chosen.state.as_deref()) }
}

impl Log {
    pub(super) fn read(
        view: &View,
        organization: &OrganizationId,
        endpoints: &[Endpoint],
        filter: &Filter,
        part: &Part<DeliveryId>,
    ) -> Result<Self> {
        let slice = webhooks::page(view, organization, filter, part, ROWS)?;
        let failed = Filter { endpoint: None, state: Some(State::Failed) };
        let all = webhooks::count(view, organization, filter)?;
        let several = endpoints.len() > 1;
        let endpoint = filter.endpoint.as_ref().map(ToString::to_string);
        let state = filter.state.map(|state| state.to_string());
        let choice = |value: &str, words: &str, now: &Option<String>| Choice {
            value: value.to_owned(),
            words: words.to_owned(),
            chosen: now.as_deref().unwrap_or_default() == value,
        };
        let mut choices = Vec::new();
        if several {
            choices.push(choice("", &say!("Every endpoint").to_string(), &endpoint));
            choices.extend(endpoints.iter().map(|one| choice(one.id.as_str(), &one.url, &endpoint)));
        }
        let states = [
            ("", say!("Any state")),
            ("waiting", say!("delivery|Waiting")),
            ("delivered", say!("delivery|Delivered")),
            ("failed", say!("delivery|Failed")),
        ];
        let here = address(
            Section::Webhooks.href(),
            &[("endpoint", endpoint.as_deref().unwrap_or("")), ("state", state.as_deref().unwrap_or(""))],
        );
        Ok(Self {
            pager: pager(&here, &slice, |row| row.id.clone()),
            rows: slice.rows.into_iter().map(|row| LogRow::new(row, several, view.now)).collect(),
            endpoints: choices,
            states: states.iter().map(|(value, words)| choice(value, &words.to_string(), &state)).collect(),
            filtered: filter.endpoint.is_some() || filter.state.is_some(),
            count_words: say!("{n} delivery" | "{n} deliveries", n = all),
            failed: webhooks::count(view, organization, &failed)? > 0,
        })
    }
}

impl LogRow {
    fn new(delivery: Delivery, several: bool, now: Timestamp) -> Self {
        Self {
            href: delivery::address(&delivery.id),
            about: delivery::about(&delivery),
            host: if several { delivery::host(&delivery.url) } else { String::new() },
            state: Outcome::of(&delivery),
            answer: match (delivery.status, &delivery.trouble) {
                (Some(status), _) => status.to_string(),
                (None, Some(_)) => say!("No answer").into(),
                (None, None) => String::new(),
            },
            tries: delivery.attempts,
            at: When::ago(delivery.created_at, now),
            next: delivery.next_at.map(|next| delivery::next_try(next, now)),
            event: delivery.name,
        }
    }
}
