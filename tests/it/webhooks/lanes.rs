//! Lanes: a slow host keeps nobody else waiting, nobody spins, and nothing is forgotten.

use std::{sync::Arc, time::Duration};

use headroom::{db::Db, webhooks::State};

use super::{
    kit::{add, add_many, states, until},
    receiver::{Receiver, Reply},
};
use crate::app::TestApp;

/// Deliveries to one host at the same time.
const LANES: u32 = 16;

/// Begun runs of webhook jobs, how many of them run, and how many are due.
fn runs(db: &Db) -> (u32, u32, u32) {
    let sql = "select coalesce(sum(attempts), 0), coalesce(sum(state = 'running'), 0),
                      coalesce(sum(state = 'waiting' and run_at <= ?1), 0) from jobs where queue = 'webhooks'";
    db.read(|view| view.one(sql, [view.now], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))).unwrap()
}

/// Returns once every job that found no lane has ended.
pub(super) async fn until_only_lanes_run(db: &Db, lanes: u32) {
    until(|| matches!(runs(db), (_, running, 0) if running <= lanes)).await;
}

#[tokio::test]
async fn a_host_that_hangs_keeps_no_other_waiting_and_nobody_spins() {
    let app = TestApp::start().await;
    let (deaf, quick) = (Receiver::gated(|_| Reply::Close).await, Receiver::happy().await);
    let (slow, fast) = (app.listens(&deaf).await.endpoint, app.listens(&quick).await.endpoint);
    add_many(&app.db, &slow, 500).await;
    deaf.has(LANES as usize).await;
    until_only_lanes_run(&app.db, LANES).await;
    let (begun, running, _) = runs(&app.db);
    assert_eq!((begun, running), (500, LANES), "each job ran once");

    for round in 1..=20 {
        add_many(&app.db, &fast, 5).await;
        quick.has(5 * round).await;
    }
    until_only_lanes_run(&app.db, LANES).await;
    assert_eq!(runs(&app.db).0, 500 + 100, "a job for each delivery, and no more");
    assert_eq!(deaf.received().len(), LANES as usize);
}

#[tokio::test]
async fn many_hosts_that_hang_keep_no_other_waiting() {
    let app = TestApp::start().await;
    let quick = Receiver::happy().await;
    let fast = app.listens(&quick).await.endpoint;
    let mut deaf = Vec::new();
    for _ in 0..8 {
        let one = Receiver::gated(|_| Reply::Close).await;
        let slow = app.listens(&one).await.endpoint;
        add_many(&app.db, &slow, 20).await;
        deaf.push(one);
    }
    for one in &deaf {
        one.has(1).await;
    }
    add_many(&app.db, &fast, 5).await;
    quick.has(5).await;
    let tried = app.log().iter().filter(|one| one.endpoint != fast.id).map(|one| one.attempts).sum::<u32>();
    assert_eq!(tried, 0, "nobody had to give up first");
}

#[tokio::test]
async fn what_was_left_to_the_lanes_is_delivered_after_the_end_of_their_shift() {
    let app = TestApp::start().await;
    let receiver = Receiver::gated(|_| Reply::Status(200)).await;
    let endpoint = app.listens(&receiver).await.endpoint;
    add_many(&app.db, &endpoint, 100).await;
    receiver.has(LANES as usize).await;
    until_only_lanes_run(&app.db, LANES).await;
    // Each lane has a delivery that began before the end of its shift, and 84 are nobody's.
    app.db.clock().advance(Duration::from_secs(31));
    receiver.open();
    receiver.has(100).await;
    app.run_jobs().await;
    assert_eq!(states(&app.log()), [State::Delivered; 100]);
    assert_eq!(receiver.received().len(), 100, "once each");
}

#[tokio::test]
async fn no_delivery_is_overlooked_when_many_come_at_once() {
    let app = TestApp::start().await;
    let receiver = Receiver::happy().await;
    let endpoint = Arc::new(app.listens(&receiver).await.endpoint);
    for round in 1..=5 {
        let writers = (0..200).map(|_| {
            let (db, endpoint) = (app.db.clone(), endpoint.clone());
            tokio::spawn(async move {
                // Due now, in a moment, or while others are being delivered.
                let ahead = Duration::from_millis(rand::random_range(0..60));
                db.write(move |tx| add(tx, &endpoint, tx.now + ahead)).await.unwrap();
            })
        });
        futures::future::join_all(writers).await;
        receiver.has(200 * round).await;
    }
    app.run_jobs().await;
    assert_eq!(states(&app.log()), [State::Delivered; 1000]);
    assert_eq!(receiver.received().len(), 1000, "once each");
}

#[tokio::test]
async fn connections_are_used_again() {
    let app = TestApp::start().await;
    let receiver = Receiver::happy().await;
    let endpoint = app.listens(&receiver).await.endpoint;
    add_many(&app.db, &endpoint, 200).await;
    receiver.has(200).await;
    app.run_jobs().await;
    assert!(receiver.connections() <= 2 * LANES as usize, "{} connections", receiver.connections());
}
