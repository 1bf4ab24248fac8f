//! What who waits is told where several make shoots at the same time.

use headroom::workers::RECENTLY;

use super::*;
use crate::{
    app::Caller,
    studio::{deliver_rows, hand_in, pack},
};

const WAITING: &str = "/team-member/waiting";

/// Someone whose photos were handed in, and kept from the generator; after whoever was before them.
async fn hand_in_packed(app: &TestApp, email: &str) -> (Caller, ShootId) {
    let (who, id) = app.member(email).await;
    pack(app, &id).await;
    hand_in(app, &id).await;
    app.db.clock().advance(Duration::from_secs(1));
    (who, id)
}

#[tokio::test]
async fn who_is_next_while_another_one_is_made_is_still_in_line() {
    let app = TestApp::start_with(with("0")).await;
    handed_in(&app).await;
    Hand::new(&app).claims().await;
    let (lee, id) = app.member("lee@acme.test").await;
    gather(&app, &lee).await;
    submit(&app, &lee).await.redirects();
    until(&app, &id, |shoot| shoot.ahead == 1).await;
    let page = app.get(&lee, WAITING).await.text();
    assert!(page.contains("1 shoot is ahead of yours") && page.contains("waiting for their turn"), "{page}");
    app.stop().await;
}

#[tokio::test]
async fn what_workers_make_at_once_is_not_waited_for() {
    let app = TestApp::start_with(with("1")).await;
    let first = hand_in_packed(&app, "first@acme.test").await.1;
    // Ten minutes, as people say it: the rest is for a machine that is busy.
    app.db.clock().advance(Duration::from_secs(594));
    deliver_rows(&app, &first).await;
    let three = json!({ "name": "box-1", "version": "1", "atOnce": 3 });
    assert_eq!(Hand::new(&app).tells("hello", &three).await, 200);
    for nth in 1..=3 {
        hand_in_packed(&app, &format!("before{nth}@acme.test")).await;
    }
    let (kim, _) = hand_in_packed(&app, "kim@acme.test").await;
    app.run_jobs().await;
    let mail = app.outbox().into_iter().find(|mail| mail.to.as_str() == "kim@acme.test").and_then(|mail| mail.text);
    let mail = mail.unwrap();
    assert!(mail.contains("about 10 minutes"), "three by the worker and one here, at the same time: {mail}");
    assert!(app.get(&kim, WAITING).await.text().contains("In about 10 minutes"));
    // It is gone, as far as anyone knows.
    app.db.clock().advance(RECENTLY);
    assert!(app.get(&kim, WAITING).await.text().contains("In about 40 minutes"));
    app.stop().await;
}
