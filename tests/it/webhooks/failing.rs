//! Endpoints that fail for days, and a database that fails for a while.

use std::time::Duration;

use headroom::{
    members::{self, Actor, Role},
    queue::Queue,
    webhooks::{self, State, Why},
};

use super::{
    kit::{DAY, HOUR, SECOND, states},
    receiver::{Received, Receiver, Reply},
};
use crate::app::TestApp;

/// A day with one new model, to the end of its event's schedule.
async fn a_day(app: &TestApp, nth: usize) {
    app.member(&format!("day{nth}@acme.test")).await;
    app.deliver_first().await;
    let begun = app.db.clock().now();
    for _ in 0..3 {
        app.advance(72 * Duration::from_secs(60)).await;
    }
    app.advance(DAY.saturating_sub(app.db.clock().now().since(begun))).await;
}

#[tokio::test]
async fn five_days_of_nothing_but_failures_switch_an_endpoint_off() {
    let app = TestApp::start().await;
    let receiver = Receiver::start(|_| Reply::Status(503)).await;
    let other = Receiver::happy().await;
    let id = app.listens(&receiver).await.endpoint.id;
    app.listens(&other).await;
    let organization = app.organization.clone();
    let second_lead = app.db.write(move |tx| {
        let bea = members::account_for(tx, &"bea@acme.test".parse()?)?;
        members::join(tx, &organization, &bea.id, None, Role::Admin)
    });
    second_lead.await.unwrap();
    for day in 0..5 {
        a_day(&app, day).await;
        assert_eq!(app.endpoint_now(&id).disabled, None, "on day {day}");
    }
    a_day(&app, 5).await;
    assert_eq!(app.endpoint_now(&id).disabled.unwrap().1, Why::Failures);
    let tries = receiver.received().len();
    a_day(&app, 6).await;
    assert_eq!(receiver.received().len(), tries, "nothing comes any more");
    let mut told: Vec<String> = app
        .mails()
        .into_iter()
        .filter(|mail| mail.contains("webhook"))
        .map(|mail| mail.split(':').next().unwrap().to_owned())
        .collect();
    told.sort();
    assert_eq!(told, ["ada@acme.test", "bea@acme.test"], "{:?}", app.mails());
    assert_eq!(other.received().iter().filter(|one| one.event() == "endpoint.disabled").count(), 1);

    // The one that was given up then, too, can be had once more.
    let since = app.log()[0].created_at;
    let again = app
        .with(move |tx, by: &Actor| {
            webhooks::enable(tx, by, &id)?;
            webhooks::replay_failed(tx, by, since)
        })
        .await;
    assert_eq!(again, 6);
}

#[tokio::test]
async fn a_success_in_between_begins_the_five_days_anew() {
    let app = TestApp::start().await;
    let receiver = Receiver::start(|one| Reply::Status(if one.title() == "day3@acme.test" { 200 } else { 500 })).await;
    let id = app.listens(&receiver).await.endpoint.id;
    for day in 0..8 {
        a_day(&app, day).await;
        assert_eq!(app.endpoint_now(&id).failing_since.is_none(), day == 3);
    }
    assert_eq!(app.endpoint_now(&id).disabled, None);
    a_day(&app, 8).await;
    a_day(&app, 9).await;
    assert_eq!(app.endpoint_now(&id).disabled.unwrap().1, Why::Failures);
}

/// Makes a table refuse new rows, until [`mend`].
async fn break_table(app: &TestApp, table: &'static str) {
    let sql = format!("create trigger broken before insert on {table} begin select raise(abort, 'broken'); end");
    app.db.write(move |tx| tx.execute(&sql, [])).await.unwrap();
}

async fn mend(app: &TestApp) {
    app.db.write(|tx| tx.execute("drop trigger broken", [])).await.unwrap();
}

fn parked(app: &TestApp) -> u32 {
    let sql = "select count(*) from jobs where state = 'parked' and queue = 'webhooks'";
    app.db.read(|view| view.one(sql, [], |row| row.get(0))).unwrap()
}

/// Until the jobs that can't be done are parked. Housekeeping may have added some meanwhile.
async fn until_parked(app: &TestApp, jobs: u32) {
    let policy = Queue::Webhooks.policy();
    for attempt in 1..policy.attempts {
        app.advance(policy.pause(attempt).mul_f64(1.25) + SECOND).await;
    }
    assert!(parked(app) >= jobs, "{:?}", app.failed_jobs());
}

#[tokio::test]
async fn an_event_that_could_not_be_told_is_told_when_the_house_is_kept() {
    let app = TestApp::start().await;
    let receiver = Receiver::happy().await;
    app.listens(&receiver).await;
    break_table(&app, "deliveries").await;
    let (_, kim) = app.member("kim@acme.test").await;
    app.delete_model(&kim).await;
    app.run_jobs().await;
    until_parked(&app, 3).await;
    mend(&app).await;
    app.advance(HOUR).await;
    app.run_jobs().await;
    let said = ["model.created onboarding", "model.status.updated deleted", "model.deleted deleted"];
    assert_eq!(receiver.said(), said);
    assert!(receiver.received().iter().all(|one| one.title() == "kim@acme.test"));
}

#[tokio::test]
async fn a_delivery_whose_end_could_not_be_written_is_tried_again_when_the_house_is_kept() {
    let app = TestApp::start().await;
    let receiver = Receiver::happy().await;
    app.listens(&receiver).await;
    app.member("kim@acme.test").await;
    app.run_jobs().await;
    break_table(&app, "delivery_attempts").await;
    app.advance(5 * SECOND).await;
    until_parked(&app, 1).await;
    let sent = receiver.received();
    assert!(sent.len() > 1 && sent.iter().all(|one| one.id() == sent[0].id()), "at least once, as one event");
    assert_eq!(states(&app.log()), [State::Waiting]);
    mend(&app).await;
    app.advance(HOUR).await;
    app.run_jobs().await;
    assert_eq!(states(&app.log()), [State::Delivered]);
    assert_eq!(receiver.received().iter().map(Received::id).filter(|id| *id == sent[0].id()).count(), sent.len() + 1);
}
