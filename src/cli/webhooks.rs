//! `headroom webhook`.

use std::time::Duration;

use clap::Subcommand;
use serde_json::json;

use super::{Said, Station, table};
use crate::{
    db::Window,
    error::{Error, Result},
    ids::DeliveryId,
    members::Actor,
    organizations,
    webhooks::{self, Attempt, Delivery, Filter, State, Target},
    wire::{
        events::{EndpointEvent, TEST, kinds},
        webhooks::{Delivery as ShownDelivery, OneDelivery, WholeDelivery},
    },
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Set the organization's webhook URL; its signing secret is shown once
    Set {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Where events are posted to
        url: String,
        /// Such as model.created; every event if none is named
        #[arg(long = "event", value_name = "EVENT", num_args = 1..)]
        events: Vec<String>,
    },
    /// List the newest deliveries
    Log {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Only those that were given up
        #[arg(long)]
        failed: bool,
        /// How many at most
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Show a delivery: what is posted, and each attempt
    Show {
        /// The delivery's id, as listed
        id: String,
    },
    /// Deliver once more: one delivery, or all of an organization's that failed lately
    Replay {
        /// The delivery's id, as listed
        #[arg(required_unless_present = "failed_since", conflicts_with_all = ["org", "failed_since"])]
        id: Option<String>,
        /// Id or exact name of the organization
        #[arg(long, requires = "failed_since")]
        org: Option<String>,
        /// How far back, such as 2h
        #[arg(long, value_name = "SPAN", requires = "org")]
        failed_since: Option<humantime::Duration>,
    },
    /// Send an event that tries the webhook URL out
    Test {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
    },
}

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    match command {
        Command::Set { org, url, events } => set(station, org, &url, &events),
        Command::Log { org, failed, limit } => log(station, &org, failed, limit),
        Command::Show { id } => show(station, &id),
        Command::Replay { id: Some(id), .. } => replay(station, &id),
        Command::Replay { id: None, org, failed_since } => {
            replay_failed(station, org.unwrap_or_default(), failed_since.map(Duration::from).unwrap_or_default())
        }
        Command::Test { org } => test(station, &org),
    }
}

fn set(station: &Station, org: String, url: &str, events: &[String]) -> Result<Said> {
    let (key, target, events) = (station.key()?, Target::parse(url)?, kinds(events)?);
    station.must_be_allowed(target.url())?;
    let made = station.db.write_and_wait(move |tx| {
        let by = Actor::operator(organizations::company(tx, &org)?.id);
        let made = webhooks::set_url(tx, &by, &key, &target)?;
        webhooks::change(tx, &by, &made.endpoint.id, &target, &events)?;
        Ok(made)
    })?;
    let words = format!(
        "Events go to {}. Each is signed with this secret:\n\n  {}\n\n(shown only now)",
        made.endpoint.url, made.secret
    );
    Ok(Said::new(json!({ "id": made.endpoint.id, "secret": made.secret }), words))
}

fn log(station: &Station, org: &str, failed: bool, limit: u32) -> Result<Said> {
    let filter = Filter { state: failed.then_some(State::Failed), ..Filter::default() };
    let window = Window { limit, offset: 0, after: None };
    let deliveries =
        station.db.read(|view| webhooks::log(view, &organizations::company(view, org)?.id, &filter, &window))?;
    let rows: Vec<_> = deliveries.iter().map(row).collect();
    let shown: Vec<_> = deliveries.into_iter().map(ShownDelivery::from).collect();
    let words = table(&["ID", "CREATED", "EVENT", "STATUS", "TRIES", "LAST ANSWER", "URL"], &rows);
    Ok(Said::new(json!({ "deliveries": shown }), words))
}

fn row(delivery: &Delivery) -> Vec<String> {
    vec![
        delivery.id.to_string(),
        delivery.created_at.to_string(),
        delivery.name.clone(),
        delivery.state.to_string(),
        delivery.attempts.to_string(),
        answer(delivery.status, delivery.trouble.as_deref()),
        delivery.url.clone(),
    ]
}

/// What came back, in as few words as a table has room for.
fn answer(status: Option<u16>, trouble: Option<&str>) -> String {
    match (status, trouble) {
        (Some(status), _) => status.to_string(),
        (None, Some(trouble)) => trouble.to_owned(),
        (None, None) => "-".to_owned(),
    }
}

fn show(station: &Station, id: &str) -> Result<Said> {
    let id = delivery_id(id)?;
    let (delivery, attempts) = station.db.read(|view| {
        let organization = webhooks::organization_of_delivery(view, &id)?;
        let delivery = webhooks::delivery(view, &organization, &id)?;
        Ok((delivery, webhooks::attempts(view, &id)?))
    })?;
    let next = delivery.next_at.map(|at| format!("next attempt  {at}\n")).unwrap_or_default();
    let words = format!(
        "event         {} ({})\nto            {}\nstatus        {}\n{next}\n{}\n\n{}",
        delivery.name,
        delivery.event,
        delivery.url,
        delivery.state,
        delivery.body.as_deref().unwrap_or("What was sent is gone with its model."),
        history(&attempts)
    );
    Ok(Said::new(serde_json::to_value(WholeDelivery::new(delivery, attempts)?)?, words))
}

fn history(attempts: &[Attempt]) -> String {
    if attempts.is_empty() {
        return "Not tried yet.".to_owned();
    }
    let row = |attempt: &Attempt| {
        let reply = String::from_utf8_lossy(attempt.reply.as_deref().unwrap_or_default()).into_owned();
        vec![
            attempt.created_at.to_string(),
            answer(attempt.status, attempt.trouble.as_deref()),
            format!("{} ms", attempt.took.as_millis()),
            // Foreign text: nothing in it moves the cursor or changes colours.
            reply.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(200).collect(),
        ]
    };
    table(&["ATTEMPT", "ANSWER", "TOOK", "REPLY"], &attempts.iter().map(row).collect::<Vec<_>>())
}

fn replay(station: &Station, id: &str) -> Result<Said> {
    let id = delivery_id(id)?;
    let delivery = station.db.write_and_wait(move |tx| {
        let by = Actor::operator(webhooks::organization_of_delivery(tx, &id)?);
        webhooks::replay(tx, &by, &id)
    })?;
    let words = queued(station, &format!("{} goes to {} once more", delivery.name, delivery.url));
    Ok(Said::new(serde_json::to_value(OneDelivery { delivery: delivery.into() })?, words))
}

fn replay_failed(station: &Station, org: String, span: Duration) -> Result<Said> {
    let count = station.db.write_and_wait(move |tx| {
        let by = Actor::operator(organizations::company(tx, &org)?.id);
        webhooks::replay_failed(tx, &by, tx.now - span)
    })?;
    let words = match count {
        0 => "Nothing failed since then.".to_owned(),
        1 => queued(station, "1 delivery is sent once more"),
        many => queued(station, &format!("{many} deliveries are sent once more")),
    };
    Ok(Said::new(json!({ "count": count }), words))
}

fn test(station: &Station, org: &str) -> Result<Said> {
    let endpoint = station.db.read(|view| webhooks::to_try(view, &organizations::company(view, org)?.id, None))?;
    station.must_be_allowed(Target::parse(&endpoint.url)?.url())?;
    let delivery = station.db.write_and_wait(move |tx| {
        let message = EndpointEvent::message(TEST, &endpoint, tx.now)?;
        webhooks::try_out(tx, &Actor::operator(endpoint.organization.clone()), &endpoint, &message)
    })?;
    let (id, url) = (delivery.id.clone(), delivery.url.clone());
    let words = queued(station, &format!("A test event goes to {url}"));
    let words = format!("{words}\nWhat came of it: headroom webhook show {id}");
    Ok(Said::new(serde_json::to_value(OneDelivery { delivery: delivery.into() })?, words))
}

/// What will be delivered, and when.
fn queued(station: &Station, what: &str) -> String {
    if station.has_server() { format!("{what}.") } else { format!("{what} as soon as a server runs: headroom serve.") }
}

fn delivery_id(text: &str) -> Result<DeliveryId> {
    text.parse().map_err(|_| Error::invalid(plain!("\"{text}\" is no delivery id. See: headroom webhook log.")))
}
