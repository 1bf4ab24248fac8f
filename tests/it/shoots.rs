//! Shoots that fail: when they restart, and what happens when the job that should do it is lost.

use std::time::Duration;

use headroom::{
    ids::ShootId,
    queue::{self, Queue},
    shoots::{self, State},
};

use crate::{
    app::{TestApp, Wishes},
    studio::{gather, shoot, submit},
};

/// Someone whose shoot is under way for an hour and has just failed.
async fn with_failed_shoot() -> (TestApp, ShootId) {
    let app = TestApp::start_with(Wishes { settings: vec![("dev_shoot", "1h".to_owned())], ..Wishes::default() }).await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    submit(&app, &kim).await.redirects();
    app.run_jobs().await;
    assert_eq!(shoot(&app, &id).state, State::Training);
    let failing = id.clone();
    app.db.write(move |tx| shoots::fail(tx, &failing, "It took too long.", false)).await.unwrap();
    (app, id)
}

#[tokio::test]
async fn the_job_of_a_failed_try_leaves_the_pause_alone() {
    let (app, id) = with_failed_shoot().await;
    // The generator is asked every two seconds; the restart is due after ten.
    app.advance(Duration::from_secs(5)).await;
    assert_eq!((shoot(&app, &id).state, shoot(&app, &id).restarts), (State::Failed, 0));
    app.advance(Duration::from_secs(6)).await;
    assert_eq!((shoot(&app, &id).state, shoot(&app, &id).restarts), (State::Training, 1));
    let loads = app.db.read(queue::loads).unwrap();
    let shoots = loads.iter().find(|load| load.queue == Queue::Shoots).unwrap();
    assert_eq!(shoots.waiting + shoots.running, 1, "one job moves it on, not two");
}

#[tokio::test]
async fn a_failed_shoot_restarts_although_its_job_is_lost() {
    let (app, id) = with_failed_shoot().await;
    app.db.write(|tx| tx.execute("delete from jobs where queue = 'shoots'", [])).await.unwrap();
    app.advance(Duration::from_secs(5 * 3600)).await;
    assert_eq!(shoot(&app, &id).state, State::Failed);
    app.advance(Duration::from_secs(2 * 3600)).await;
    let woken = shoot(&app, &id);
    assert!(woken.state != State::Failed && woken.restarts == 1, "{woken:?}");
}
