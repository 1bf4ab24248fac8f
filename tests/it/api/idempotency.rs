//! `Idempotency-Key`: whoever asks twice is answered twice, and it is done once.

use std::time::Duration;

use headroom::ids::OrganizationId;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::app::{Answer, Caller, INVITES, TEAMS, TestApp, Wishes};

const HOUR: Duration = Duration::from_secs(60 * 60);

async fn post(app: &TestApp, caller: &Caller, key: &str, path: &str, body: &Value) -> Answer {
    Answer::of(app.request(caller, Method::POST, path).header("idempotency-key", key).json(body)).await
}

fn kim() -> Value {
    json!({ "email": "kim@acme.test" })
}

fn invites(app: &TestApp, organization: &OrganizationId) -> usize {
    app.db.read(|view| headroom::invites::list(view, organization)).unwrap().len()
}

fn kept(app: &TestApp) -> i64 {
    app.db.read(|view| view.one("select count(*) from idempotency", [], |row| row.get(0))).unwrap()
}

#[tokio::test]
async fn a_repetition_is_answered_the_same_and_changes_nothing() {
    let app = TestApp::start().await;
    let first = post(&app, &app.lead, "k1", INVITES, &kim()).await;
    assert_eq!((first.status.as_u16(), first.header("idempotent-replayed")), (200, None));
    app.run_jobs().await;

    let again = post(&app, &app.lead, "k1", INVITES, &kim()).await;

    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.header("content-type"), first.header("content-type"));
    assert_eq!(again.body, first.body);
    assert_ne!(again.header("x-request-id"), first.header("x-request-id"), "it is another request all the same");
    app.run_jobs().await;
    assert_eq!((invites(&app, &app.organization), app.mails().len()), (1, 1));
    first.ok();
    post(&app, &app.lead, "k2", INVITES, &kim()).await.refused(400, "INVALID_REQUEST");
    app.post(&app.lead, INVITES, &kim()).await.refused(400, "INVALID_REQUEST");
}

#[tokio::test]
async fn every_post_can_be_repeated() {
    let app = TestApp::start().await;
    app.member("kim@acme.test").await;
    let team = post(&app, &app.lead, "team", TEAMS, &json!({ "name": "Sales" })).await;
    let id = team.json()["organization"]["teams"][0]["id"].as_str().unwrap().to_owned();
    let calls = [
        ("team", TEAMS.to_owned(), json!({ "name": "Sales" })),
        ("members", format!("{TEAMS}/{id}/members"), json!({ "emails": ["kim@acme.test"] })),
        ("more", format!("{TEAMS}/{id}/add-members"), json!({ "emails": ["kim@acme.test"] })),
        ("revoke", format!("{INVITES}/revoke"), kim()),
    ];
    for (key, path, body) in &calls {
        post(&app, &app.lead, key, path, body).await.ok();
    }
    for (key, path, body) in &calls {
        let again = post(&app, &app.lead, key, path, body).await;
        assert_eq!(again.header("idempotent-replayed"), Some("true"), "{path}");
        again.ok();
    }
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    let app = TestApp::start().await;
    post(&app, &app.lead, "k", INVITES, &kim()).await.ok();
    for (path, body) in [
        (INVITES.to_owned(), json!({ "email": "lee@acme.test" })),
        (format!("{INVITES}?a=b"), kim()),
        (format!("{INVITES}/revoke"), kim()),
        (TEAMS.to_owned(), json!({ "name": "Sales" })),
    ] {
        post(&app, &app.lead, "k", &path, &body).await.refused(422, "IDEMPOTENCY_CONFLICT");
    }
    assert_eq!(invites(&app, &app.organization), 1);
    assert_eq!(app.get(&app.lead, TEAMS).await.ok()["teams"], json!([]));
}

#[tokio::test]
async fn another_organization_has_keys_of_its_own() {
    let app = TestApp::start().await;
    let (globex, stranger) = app.stranger().await;
    let ours = post(&app, &app.lead, "k", INVITES, &kim()).await.ok();
    let theirs = post(&app, &stranger, "k", INVITES, &kim()).await;
    assert_eq!(theirs.header("idempotent-replayed"), None);
    assert_ne!(theirs.ok()["id"], ours["id"]);
    post(&app, &stranger, "k2", INVITES, &json!({ "email": "other@globex.test" })).await.ok();
    post(&app, &app.lead, "k2", INVITES, &json!({ "email": "lee@acme.test" })).await.ok();
    assert_eq!((invites(&app, &app.organization), invites(&app, &globex)), (2, 2));
}

#[tokio::test]
async fn a_reply_is_kept_for_a_day() {
    let app = TestApp::start().await;
    post(&app, &app.lead, "k", TEAMS, &json!({ "name": "Sales" })).await.ok();

    app.advance(23 * HOUR).await;
    let again = post(&app, &app.lead, "k", TEAMS, &json!({ "name": "Sales" })).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));

    app.db.clock().advance(HOUR);
    let fresh = post(&app, &app.lead, "k", TEAMS, &json!({ "name": "Design" })).await;
    assert_eq!(fresh.header("idempotent-replayed"), None, "whether or not it is thrown away yet");
    assert_eq!(fresh.ok()["organization"]["teams"].as_array().unwrap().len(), 2);

    app.advance(25 * HOUR).await;
    assert_eq!(kept(&app), 0, "housekeeping throws it away");
}

#[tokio::test]
async fn what_is_refused_is_not_kept() {
    let app = TestApp::start().await;
    app.post(&app.lead, INVITES, &kim()).await.ok();
    post(&app, &app.lead, "k", INVITES, &kim()).await.refused(400, "INVALID_REQUEST");
    post(&app, &app.lead, "k", INVITES, &json!({})).await.refused(400, "INVALID_REQUEST");
    assert_eq!(kept(&app), 0);

    app.post(&app.lead, &format!("{INVITES}/revoke"), &kim()).await.ok();
    let now = post(&app, &app.lead, "k", INVITES, &kim()).await;
    assert_eq!(now.header("idempotent-replayed"), None);
    now.ok();
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let app = TestApp::start().await;
    for wrong in ["", "a b", "caf\u{e9}", &"x".repeat(256)] {
        post(&app, &app.lead, wrong, INVITES, &kim()).await.refused(400, "INVALID_REQUEST");
    }
    let two =
        app.request(&app.lead, Method::POST, INVITES).header("idempotency-key", "a").header("idempotency-key", "b");
    Answer::of(two.json(&kim())).await.refused(400, "INVALID_REQUEST");
    assert_eq!(invites(&app, &app.organization), 0);
    post(&app, &app.lead, &"x".repeat(255), INVITES, &kim()).await.ok();
}

#[tokio::test]
async fn of_32_at_once_one_is_done() {
    let app = TestApp::start().await;
    let (calls, kim) = (0..32, kim());
    let answers = futures::future::join_all(calls.map(|_| post(&app, &app.lead, "k", INVITES, &kim))).await;
    let mut originals = 0;
    let mut bodies = std::collections::BTreeSet::new();
    for answer in answers {
        if answer.status == 200 {
            originals += usize::from(answer.header("idempotent-replayed").is_none());
            bodies.insert(answer.body);
        } else {
            assert!(answer.header("retry-after").is_some());
            answer.refused(409, "IDEMPOTENCY_CONFLICT");
        }
    }
    assert_eq!((originals, bodies.len(), invites(&app, &app.organization)), (1, 1, 1));
}

#[tokio::test]
async fn a_repetition_that_comes_too_soon_is_told_to_wait() {
    // In memory, whoever reads would wait for the writer too.
    let data = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(Wishes { data: Some(data.path().to_owned()), ..Wishes::default() }).await;
    // A server writes before it answers for the first time.
    app.get(&app.lead, TEAMS).await.ok();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let db = app.db.clone();
    let busy = tokio::spawn(async move {
        let wait = move |_: &headroom::db::Tx| {
            begun.send(()).unwrap();
            released.recv().unwrap();
            Ok(())
        };
        db.write(wait).await
    });
    has_begun.await.unwrap();

    let mut calls = JoinSet::new();
    for _ in 0..2 {
        let call = app.request(&app.lead, Method::POST, INVITES).header("idempotency-key", "k").json(&kim());
        calls.spawn(Answer::of(call));
    }
    // While nothing can be written, the one that came first waits.
    calls.join_next().await.unwrap().unwrap().refused(409, "IDEMPOTENCY_CONFLICT");
    release.send(()).unwrap();
    calls.join_next().await.unwrap().unwrap().ok();
    busy.await.unwrap().unwrap();

    let after = post(&app, &app.lead, "k", INVITES, &kim()).await;
    assert_eq!(after.header("idempotent-replayed"), Some("true"));
    app.stop().await;
}

#[tokio::test]
async fn a_reply_outlives_the_server_and_is_kept_sealed() {
    let data = tempfile::tempdir().unwrap();
    let wishes = || Wishes { data: Some(data.path().to_owned()), ..Wishes::default() };
    let app = TestApp::start_with(wishes()).await;
    let first = post(&app, &app.lead, "k", INVITES, &kim()).await;
    let sealed: Vec<u8> = app.db.read(|view| view.one("select reply from idempotency", [], |row| row.get(0))).unwrap();
    assert!(!String::from_utf8_lossy(&sealed).contains("kim@acme.test"));

    let app = app.restart(wishes()).await;

    let again = post(&app, &app.lead, "k", INVITES, &kim()).await;
    assert_eq!((again.header("idempotent-replayed"), &again.body), (Some("true"), &first.body));
    assert_eq!(invites(&app, &app.organization), 1);
    app.stop().await;
}
