//! Endpoints: what each hears of, switching them off and on, moving them, and new secrets.

use headroom::{
    events::Kind,
    webhooks::{self, State, Target},
};

use super::{
    kit::{DAY, HOUR, MINUTE, SECOND, add, add_many, states},
    receiver::{Received, Receiver, Reply},
};
use crate::app::TestApp;

#[tokio::test]
async fn each_endpoint_hears_of_what_it_wants() {
    let app = TestApp::start().await;
    let receiver = Receiver::happy().await;
    app.endpoint(&receiver.url("/all"), &[]).await;
    app.endpoint(&receiver.url("/births"), &[Kind::Created]).await;
    app.endpoint(&receiver.url("/ends"), &[Kind::Deleted, Kind::Created]).await;
    app.endpoint(&receiver.url("/favorites"), &[Kind::FavoriteSelected]).await;
    let (_, shoot) = app.member("kim@acme.test").await;
    app.delete_model(&shoot).await;
    app.deliver_first().await;
    let at = |path: &str| -> Vec<String> {
        receiver.received().iter().filter(|one| one.path == path).map(Received::event).collect()
    };
    assert_eq!(at("/all"), ["model.created", "model.status.updated", "model.deleted"]);
    assert_eq!(at("/births"), ["model.created"]);
    assert_eq!(at("/ends"), ["model.created", "model.deleted"]);
    assert_eq!(at("/favorites"), Vec::<String>::new());
    let ids = |event: &str| -> Vec<String> {
        receiver.received().iter().filter(|one| one.event() == event).map(Received::id).collect()
    };
    let births = ids("model.created");
    assert!(births.len() == 3 && births.iter().all(|id| *id == births[0]), "one event, one id: {births:?}");
}

#[tokio::test]
async fn another_organizations_events_go_nowhere_near() {
    let app = TestApp::start().await;
    let receiver = Receiver::happy().await;
    app.listens(&receiver).await;
    let (globex, _) = app.stranger().await;
    let begun = app.db.write(move |tx| {
        let lead = headroom::members::leads(tx, &globex)?.remove(0);
        headroom::shoots::begin(tx, &globex, &lead.id, false)
    });
    begun.await.unwrap();
    app.member("kim@acme.test").await;
    app.deliver_first().await;
    let titles: Vec<String> = receiver.received().iter().map(Received::title).collect();
    assert_eq!(titles, ["kim@acme.test"]);
}

#[tokio::test]
async fn one_that_is_off_gets_nothing_and_can_have_it_all_once_it_is_on() {
    let app = TestApp::start().await;
    let receiver = Receiver::start(|one| Reply::Status(if one.nth == 1 { 500 } else { 200 })).await;
    let id = app.listens(&receiver).await.endpoint.id;
    let (_, kim) = app.member("kim@acme.test").await;
    app.deliver_first().await;
    // One event is between two tries, two are on their way.
    app.delete_model(&kim).await;
    app.member("lee@acme.test").await;
    app.run_jobs().await;
    let off = id.clone();
    app.with(move |tx, by| webhooks::switch_off(tx, by, &off)).await;
    app.advance(2 * HOUR).await;
    assert_eq!(receiver.received().len(), 1);
    assert_eq!(states(&app.log()), [State::Failed; 4]);
    let refused = {
        let (by, delivery) = (app.operator(), app.log()[0].id.clone());
        app.db.write(move |tx| webhooks::replay(tx, &by, &delivery)).await.unwrap_err().to_string()
    };
    assert!(refused.contains("switched off"), "{refused}");

    let since = app.log()[0].created_at;
    let replayed = app
        .with(move |tx, by| {
            webhooks::enable(tx, by, &id)?;
            webhooks::replay_failed(tx, by, since)
        })
        .await;
    // Of a deleted model nothing is sent any more once the house was kept, and it was.
    let gone = app.log().iter().filter(|one| one.body.is_none()).count();
    assert_eq!((replayed, gone), (1, 3));
    app.run_jobs().await;
    app.advance(6 * MINUTE).await;
    let log = app.log();
    assert!(log.iter().filter(|one| one.body.is_some()).all(|one| one.state == State::Delivered), "{log:?}");
    assert_eq!(receiver.received().last().unwrap().title(), "lee@acme.test");
}

#[tokio::test]
async fn a_new_secret_signs_beside_the_old_one_for_a_day() {
    let app = TestApp::start().await;
    let receiver = Receiver::happy().await;
    let made = app.listens(&receiver).await;
    let (key, id) = (app.key.clone(), made.endpoint.id.clone());
    let new = app.with(move |tx, by| webhooks::rotate(tx, by, &key, &id)).await.secret;
    assert_ne!(new, made.secret);
    let latest = async |email: &str| {
        app.member(email).await;
        app.deliver_first().await;
        receiver.received().pop().unwrap()
    };
    let overlap = latest("kim@acme.test").await;
    assert!(overlap.is_signed_with(&new) && overlap.is_signed_with(&made.secret));
    assert!(!overlap.is_signed_with("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "the check can fail");
    app.advance(DAY - MINUTE).await;
    let end = latest("lee@acme.test").await;
    assert!(end.is_signed_with(&new) && end.is_signed_with(&made.secret));
    app.advance(MINUTE).await;
    let after = latest("max@acme.test").await;
    assert!(after.is_signed_with(&new) && !after.is_signed_with(&made.secret));
}

#[tokio::test]
async fn what_waits_goes_where_the_endpoint_is_now() {
    let app = TestApp::start().await;
    let (deaf, new) = (Receiver::gated(|_| Reply::Status(410)).await, Receiver::happy().await);
    let endpoint = app.listens(&deaf).await.endpoint;
    add_many(&app.db, &endpoint, 40).await;
    // All lanes are taken, so the others' jobs are over: nobody will come for them by himself.
    deaf.has(16).await;
    until_idle(&app).await;
    let (id, target) = (endpoint.id.clone(), Target::parse(&new.url("/")).unwrap());
    app.with(move |tx, by| webhooks::change(tx, by, &id, &target, &[])).await;
    new.has(24).await;
    deaf.open();
    app.run_jobs().await;
    assert_eq!(app.endpoint_now(&endpoint.id).disabled, None, "what the old address says is no longer about it");
    assert_eq!(app.failed_jobs(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_replayed_waits_for_the_host_it_goes_to_and_for_no_other() {
    let app = TestApp::start().await;
    let (deaf, new) = (Receiver::gated(|_| Reply::Close).await, Receiver::happy().await);
    let (stuck, moving) = (app.listens(&deaf).await.endpoint, app.listens(&deaf).await.endpoint);
    let given_up = moving.clone();
    app.with(move |tx, by| {
        add(tx, &given_up, tx.now + HOUR)?;
        webhooks::switch_off(tx, by, &given_up.id)
    })
    .await;
    add_many(&app.db, &stuck, 40).await;
    deaf.has(16).await;
    let (id, target, delivery) = (moving.id, Target::parse(&new.url("/")).unwrap(), app.log()[0].id.clone());
    app.with(move |tx, by| {
        webhooks::change(tx, by, &id, &target, &[])?;
        webhooks::enable(tx, by, &id)?;
        webhooks::replay(tx, by, &delivery)
    })
    .await;
    new.has(1).await;
    assert_eq!(deaf.received().len(), 16, "no lane of the old host had to become free first");
}

#[tokio::test]
async fn the_webhook_url_set_anew_is_on_again() {
    let app = TestApp::start().await;
    let (gone, new) = (Receiver::start(|_| Reply::Status(410)).await, Receiver::happy().await);
    let set = async |url: String| {
        let (key, target) = (app.key.clone(), Target::parse(&url).unwrap());
        app.with(move |tx, by| webhooks::set_url(tx, by, &key, &target)).await
    };
    let first = set(gone.url("/")).await.endpoint;
    app.member("kim@acme.test").await;
    app.deliver_first().await;
    assert!(app.endpoint_now(&first.id).disabled.is_some());
    let second = set(new.url("/")).await;
    assert_eq!((&second.endpoint.id, second.endpoint.disabled), (&first.id, None));
    app.member("lee@acme.test").await;
    app.deliver_first().await;
    assert!(new.received()[0].is_signed_with(&second.secret));
}

#[tokio::test]
async fn one_that_is_removed_while_it_is_written_to_takes_nobody_along() {
    let app = TestApp::start().await;
    let receiver = Receiver::gated(|_| Reply::Status(200)).await;
    let removed = app.listens(&receiver).await.endpoint;
    let neighbour = app.endpoint(&receiver.url("/neighbour"), &[]).await.endpoint;
    add_many(&app.db, &removed, 16).await;
    receiver.has(16).await;
    add_many(&app.db, &neighbour, 10).await;
    until_idle(&app).await;
    app.with(move |tx, by| webhooks::remove(tx, by, &removed.id)).await;
    receiver.open();
    app.run_jobs().await;
    assert_eq!(states(&app.log()), [State::Delivered; 10]);
    assert_eq!(app.failed_jobs(), Vec::<String>::new());
    app.advance(SECOND).await;
    assert_eq!(receiver.received().len(), 26);
}

/// Returns once only lanes run: every job that found none has ended.
async fn until_idle(app: &TestApp) {
    super::lanes::until_only_lanes_run(&app.db, 16).await;
}
