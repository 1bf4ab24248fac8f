//! What is told of a model: everything, as it was then, and nothing of its person once they are gone.

use headroom::webhooks::{self, State};
use serde_json::Value;

use super::{
    kit::{HOUR, MINUTE, SECOND},
    receiver::{Received, Receiver, Reply},
};
use crate::{app::TestApp, studio};

#[tokio::test]
async fn a_model_is_told_of_as_it_was_at_each_step_however_late() {
    let app = TestApp::start().await;
    let receiver = Receiver::happy().await;
    app.listens(&receiver).await;
    // Everything has happened before any of it is told, and much of it in one moment.
    app.db
        .write(|tx| {
            tx.execute(
                "create trigger later after insert on jobs when new.queue = 'webhooks'
                 begin update jobs set run_at = new.run_at + 60000 where id = new.id; end",
                [],
            )
        })
        .await
        .unwrap();
    let (who, shoot) = app.member("kim@acme.test").await;
    studio::finish(&app, &who, &shoot).await;
    app.delete_model(&shoot).await;
    app.db.write(|tx| tx.execute("drop trigger later", [])).await.unwrap();
    assert_eq!(app.log().len(), 0);
    app.advance(60 * SECOND).await;
    app.deliver_first().await;

    let told = receiver.received();
    let said: Vec<String> = told.iter().map(Received::said).collect();
    assert_eq!(
        said,
        [
            "model.created onboarding",
            "model.status.updated waiting",
            "model.status.updated pending",
            "model.status.updated generatingHeadshots",
            "model.status.updated active",
            "model.photos_ready active",
            "model.status.updated deleted",
            "model.deleted deleted",
        ]
    );
    let values = |key: &str| told.iter().map(|one| one.json()["object"][key].clone()).collect::<Vec<Value>>();
    let given = |key: &str| values(key).iter().map(|value| !value.is_null()).collect::<Vec<_>>();
    assert_eq!(given("finishedAt"), [false, false, false, false, true, true, true, true]);
    assert_eq!(given("deletedAt"), [false, false, false, false, false, false, true, true]);
    let (titles, triggers) = (values("title"), values("trigger"));
    assert_eq!((&titles[0], &triggers[0]), (&"kim@acme.test".into(), &Value::Null));
    assert!(titles[1..].iter().all(|title| title == "Kim Lee"), "{titles:?}");
    assert!(triggers[1..].iter().all(|trigger| trigger == "person"), "{triggers:?}");
    let keys: Vec<String> = told[0].json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["id", "createdAt", "event", "objectType", "object"]);
    let keys: Vec<String> = told[0].json()["object"].as_object().unwrap().keys().cloned().collect();
    let documented = [
        "_id",
        "uid",
        "title",
        "trigger",
        "status",
        "finishedAt",
        "deletedAt",
        "inviteExpiresAt",
        "createdAt",
        "organization",
    ];
    assert_eq!(keys, documented);
}

#[tokio::test]
async fn nothing_of_a_person_is_left_in_the_log_once_they_are_gone() {
    let app = TestApp::start().await;
    // One that says back what it was told, as echo services do.
    let echo = Receiver::start(|one| Reply::Full(200, "content-type: application/json", one.text.clone())).await;
    let broken = Receiver::start(|one| Reply::Full(500, "x: y", one.text.clone())).await;
    app.listens(&echo).await;
    app.listens(&broken).await;
    let (who, shoot) = app.member("kim@acme.test").await;
    studio::gather(&app, &who).await;
    app.deliver_first().await;
    let left = || -> Vec<String> {
        let sql = "select 'event ' || coalesce(title, '') || coalesce(gender, '') from events
                   union all select 'body ' || coalesce(body, '') from deliveries
                   union all select 'attempt ' || headers || coalesce(trouble, '') || coalesce(cast(reply as text), '') from delivery_attempts
                   union all select 'job ' || payload || coalesce(last_error, '') from jobs where queue = 'webhooks'";
        let all: Vec<String> = app.db.read(|view| view.all(sql, [], |row| row.get(0))).unwrap();
        all.into_iter().filter(|one| ["kim@acme", "Kim Lee", "person"].iter().any(|word| one.contains(word))).collect()
    };
    assert!(left().len() >= 4, "the search finds what is there: {:?}", left());
    app.delete_model(&shoot).await;
    app.deliver_first().await;
    // What is still tried is still sent; then it is over, and the house is kept.
    while app.log().iter().any(|one| one.state == State::Waiting) {
        assert!(!left().is_empty());
        app.advance(HOUR + 12 * MINUTE).await;
    }
    app.advance(HOUR).await;
    assert_eq!(left(), Vec::<String>::new());
    let log = app.log();
    assert!(log.len() == 6 && log.iter().all(|one| one.finished_at.is_some()));
    let (by, id) = (app.operator(), log[0].id.clone());
    let refused = app.db.write(move |tx| webhooks::replay(tx, &by, &id)).await.unwrap_err().to_string();
    assert!(refused.contains("gone with its model"), "{refused}");
}
