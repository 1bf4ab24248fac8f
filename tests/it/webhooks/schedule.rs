//! When things are tried, in which order, and what stays the same from one try to the next.

use std::collections::{BTreeMap, BTreeSet};

use headroom::{
    clock::Timestamp,
    webhooks::{self, State},
};

use super::{
    kit::{HOUR, MINUTE, SECOND, add_many, states},
    receiver::{Received, Receiver, Reply},
};
use crate::app::TestApp;

#[tokio::test]
async fn four_tries_five_seconds_five_minutes_a_quarter_and_an_hour_apart() {
    let app = TestApp::start().await;
    let receiver = Receiver::start(|_| Reply::Status(500)).await;
    let secret = app.listens(&receiver).await.secret;
    app.member("kim@acme.test").await;
    app.run_jobs().await;
    let (begun, first) = (app.delivery().created_at, app.delivery().next_at.unwrap());
    let event = |one: &Received| one.json()["createdAt"].as_str().unwrap().parse::<Timestamp>().unwrap();
    app.come_to(first).await;
    assert_eq!(first, event(&receiver.received()[0]) + 5 * SECOND);
    assert!(begun <= first);
    for (tries, pause) in [(1, 5 * MINUTE), (2, 15 * MINUTE), (3, HOUR)] {
        let delivery = app.delivery();
        assert_eq!((delivery.state, delivery.attempts), (State::Waiting, tries));
        let last = app.attempts(&delivery.id).pop().unwrap().created_at;
        let waits = delivery.next_at.unwrap().since(last);
        assert!((pause..=pause.mul_f64(1.2)).contains(&waits), "{waits:?} after try {tries}");
        app.come_to(delivery.next_at.unwrap()).await;
    }
    let over = app.delivery();
    assert_eq!((over.state, over.attempts, over.next_at), (State::Failed, 4, None));
    app.advance(24 * HOUR).await;

    let tries = receiver.received();
    assert_eq!(tries.len(), 4, "given up after the last");
    let different = |header: &str| tries.iter().map(|one| one.headers[header].clone()).collect::<BTreeSet<_>>().len();
    assert_eq!(different("webhook-id"), 1);
    assert_eq!(tries[0].headers["webhook-id"], tries[0].id());
    for fresh in ["webhook-timestamp", "webhook-signature", "x-headshotpro-timestamp", "x-headshotpro-signature"] {
        assert_eq!(different(fresh), 4, "{fresh}");
    }
    assert!(tries.iter().all(|one| one.text == tries[0].text), "the same to the byte");
    assert!(tries.iter().all(|one| one.is_signed_with(&secret)));
    let attempts = app.attempts(&over.id);
    for (sent, logged) in tries.iter().zip(&attempts) {
        let headers: BTreeMap<String, String> = logged.headers.iter().cloned().collect();
        assert!(headers.iter().all(|(name, value)| sent.headers[name] == *value), "{headers:?}");
        let signed_at: i64 = sent.headers["webhook-timestamp"].parse().unwrap();
        assert!((logged.created_at.millis() / 1000 - signed_at).abs() <= 30, "{signed_at}");
    }
}

#[tokio::test]
async fn what_failed_together_does_not_come_back_together() {
    let app = TestApp::start().await;
    let receiver = Receiver::start(|_| Reply::Status(500)).await;
    let endpoint = app.listens(&receiver).await.endpoint;
    add_many(&app.db, &endpoint, 20).await;
    app.run_jobs().await;
    let log = app.log();
    let pauses: BTreeSet<_> = log
        .iter()
        .map(|delivery| delivery.next_at.unwrap().since(app.attempts(&delivery.id)[0].created_at).as_secs())
        .collect();
    assert!(pauses.len() > 5 && pauses.iter().all(|pause| (300..=360).contains(pause)), "{pauses:?}");
}

#[tokio::test]
async fn a_later_event_waits_until_the_earlier_one_of_its_model_has_arrived() {
    let app = TestApp::start().await;
    let kims_first = |one: &Received| one.title().starts_with("kim") && one.event() == "model.created" && one.nth == 1;
    let receiver = Receiver::start(move |one| Reply::Status(if kims_first(one) { 500 } else { 200 })).await;
    app.listens(&receiver).await;
    let (_, kim) = app.member("kim@acme.test").await;
    app.deliver_first().await;
    app.delete_model(&kim).await;
    app.member("lee@acme.test").await;
    app.deliver_first().await;
    let whose = |all: Vec<Received>, name: &str| -> Vec<String> {
        all.iter().filter(|one| one.title().starts_with(name)).map(Received::said).collect()
    };
    assert_eq!(whose(receiver.received(), "kim"), ["model.created onboarding"]);
    assert_eq!(whose(receiver.received(), "lee"), ["model.created onboarding"], "another model waits for nobody");

    // The second try arrives, and what waited for it follows at once.
    app.advance(6 * MINUTE).await;
    let kims = [
        "model.created onboarding",
        "model.created onboarding",
        "model.status.updated deleted",
        "model.deleted deleted",
    ];
    assert_eq!(whose(receiver.received(), "kim"), kims);
}

#[tokio::test]
async fn a_later_event_waits_no_longer_once_the_earlier_one_is_given_up() {
    let app = TestApp::start().await;
    let receiver = Receiver::start(|one| Reply::Status(if one.event() == "model.created" { 500 } else { 200 })).await;
    app.listens(&receiver).await;
    let (_, kim) = app.member("kim@acme.test").await;
    app.delete_model(&kim).await;
    app.deliver_first().await;
    for _ in 0..3 {
        assert!(receiver.said().iter().all(|said| said == "model.created onboarding"));
        // What is blocked is due already; the first of the three is what is awaited.
        let first = app.log().into_iter().find(|one| one.name == "model.created").unwrap();
        app.come_to(first.next_at.unwrap()).await;
    }
    assert_eq!(states(&app.log()), [State::Failed, State::Delivered, State::Delivered]);
    assert_eq!(
        receiver.said()[3..],
        ["model.created onboarding", "model.status.updated deleted", "model.deleted deleted"]
    );
}

#[tokio::test]
async fn a_model_deleted_at_once_is_told_from_beginning_to_end() {
    let app = TestApp::start().await;
    let receiver = Receiver::happy().await;
    app.listens(&receiver).await;
    for round in 0..10 {
        let (_, shoot) = app.member(&format!("kim{round}@acme.test")).await;
        app.delete_model(&shoot).await;
    }
    app.deliver_first().await;
    let all = receiver.received();
    assert_eq!(all.len(), 30);
    for round in 0..10 {
        let title = format!("kim{round}@acme.test");
        let one: Vec<String> = all.iter().filter(|one| one.title() == title).map(Received::said).collect();
        assert_eq!(one, ["model.created onboarding", "model.status.updated deleted", "model.deleted deleted"]);
    }
}

#[tokio::test]
async fn a_replay_is_the_same_event_signed_anew_and_begins_the_schedule_again() {
    let app = TestApp::start().await;
    let receiver = Receiver::start(|one| Reply::Status(if one.nth <= 5 { 500 } else { 200 })).await;
    app.listens(&receiver).await;
    app.member("kim@acme.test").await;
    app.deliver_first().await;
    for _ in 0..3 {
        app.come_to(app.next_attempt()).await;
    }
    let id = app.delivery().id;
    let replayed = id.clone();
    app.with(move |tx, by| webhooks::replay(tx, by, &replayed)).await;
    app.run_jobs().await;
    let again = app.delivery();
    assert_eq!((again.state, again.attempts), (State::Waiting, 5));
    let pause = again.next_at.unwrap().since(app.attempts(&id)[4].created_at);
    assert!((5 * MINUTE..=6 * MINUTE).contains(&pause), "{pause:?}");
    app.come_to(again.next_at.unwrap()).await;
    assert_eq!(app.delivery().state, State::Delivered);
    let tries = receiver.received();
    assert!(tries.iter().all(|one| one.text == tries[0].text && one.headers["webhook-id"] == tries[0].id()));
}
