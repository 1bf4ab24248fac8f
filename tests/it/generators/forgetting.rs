//! What a generator elsewhere is told to forget, whether or not it ever said that it has it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use headroom::{
    generator::Handle,
    ids::ShootId,
    members::Actor,
    offboarding,
    queue::{self, Job},
    shoots::State,
};
use serde_json::json;
use tokio::sync::Notify;

use super::{
    app_with,
    http::{done, server},
    stub::{Reply, Stub},
    until,
};
use crate::{
    app::TestApp,
    studio::{gather, shoot, submit},
};

/// Deletes a shoot as the operator does.
async fn delete(app: &TestApp, id: &ShootId) {
    let (gone, operator) = (shoot(app, id), Actor::operator(app.organization.clone()));
    app.db.write(move |tx| offboarding::delete_shoot(tx, &operator, gone)).await.unwrap();
}

#[tokio::test]
async fn a_shoot_that_is_lost_is_handed_over_again_and_a_deleted_one_forgotten() {
    let handles = AtomicUsize::new(0);
    let stub = Stub::start(move |asked| match asked.what.as_str() {
        "POST /v1/shoots" => {
            Reply::Json(202, json!({ "handle": format!("run-{}", handles.fetch_add(1, Ordering::Relaxed)) }))
        }
        "GET /v1/shoots/run-0" => Reply::Json(404, json!({})),
        "GET /v1/shoots/run-1" => Reply::Json(200, json!({ "state": "running", "stage": "training", "percent": 5 })),
        _ => Reply::Json(200, json!({})),
    })
    .await;
    let app = app_with(&[("generator", "http"), ("generator_url", &stub.url)]).await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    submit(&app, &kim).await.redirects();
    until(&app, &id, State::Training).await;
    for _ in 0..10 {
        app.advance(Duration::from_secs(5)).await;
    }
    let again = shoot(&app, &id);
    assert_eq!((again.handle.unwrap().as_str(), again.state, again.restarts), ("run-1", State::Training, 0));
    delete(&app, &id).await;
    app.run_jobs().await;
    assert_eq!(stub.count("DELETE /v1/shoots/run-1"), 1);
    assert!(shoot(&app, &id).handle.is_none());
    // The job that would have asked how far it is finds nothing left to do.
    app.advance(Duration::from_secs(10)).await;
    assert_eq!(stub.count("DELETE /v1/shoots/run-1"), 1);
    app.stop().await;
}

#[tokio::test]
async fn a_run_that_was_cut_off_may_have_handed_over_what_is_deleted_by_now() {
    let stub = Stub::start(|asked| match asked.what.as_str() {
        "POST /v1/shoots" => Reply::Json(202, json!({ "handle": "run-0" })),
        "GET /v1/shoots/run-0" => Reply::Json(200, json!({ "state": "running", "stage": "training", "percent": 5 })),
        _ => Reply::Json(200, json!({})),
    })
    .await;
    let app = app_with(&[("generator", "http"), ("generator_url", &stub.url)]).await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    submit(&app, &kim).await.redirects();
    until(&app, &id, State::Training).await;
    delete(&app, &id).await;
    app.run_jobs().await;
    let unanswered = format!("DELETE /v1/shoots/{id}");
    assert_eq!((stub.count("DELETE /v1/shoots/run-0"), stub.count(&unanswered)), (1, 0));
    // As if the server had ended in the middle of it.
    let cut_off = "update jobs set attempts = 1 where queue = 'shoots' and state = 'waiting'";
    assert_eq!(app.db.write(move |tx| tx.execute(cut_off, [])).await.unwrap(), 1);
    app.advance(Duration::from_secs(10)).await;
    app.run_jobs().await;
    assert_eq!(stub.count(&unanswered), 1);
    app.stop().await;
}

/// Lets a minute or so go by, as servers live through it.
async fn pass(app: &TestApp, seconds: u64) {
    for _ in 0..seconds / 5 {
        app.advance(Duration::from_secs(5)).await;
        app.run_jobs().await;
    }
}

#[tokio::test]
async fn a_server_that_does_not_hear_is_told_again_to_forget_whatever_became_of_the_shoot() {
    let (handles, deaf) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let stub = Stub::start(move |asked| match asked.what.as_str() {
        "POST /v1/shoots" => {
            Reply::Json(202, json!({ "handle": format!("run-{}", handles.fetch_add(1, Ordering::Relaxed)) }))
        }
        "GET /v1/shoots/run-0" => Reply::Json(200, json!({ "state": "failed", "kind": "unavailable" })),
        "DELETE /v1/shoots/run-0" if deaf.fetch_add(1, Ordering::Relaxed) < 2 => Reply::Json(500, json!({})),
        "DELETE /v1/shoots/run-0" => Reply::Json(200, json!({})),
        _ => Reply::Json(200, json!({ "state": "running", "stage": "training", "percent": 5 })),
    })
    .await;
    let app = app_with(&[("generator", "http"), ("generator_url", &stub.url)]).await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    submit(&app, &kim).await.redirects();
    until(&app, &id, State::Failed).await;
    assert_eq!(stub.count("DELETE /v1/shoots/run-0"), 1);
    pass(&app, 30).await;
    let again = shoot(&app, &id);
    assert_eq!((again.handle.unwrap().as_str(), again.state, again.restarts), ("run-1", State::Training, 1));
    pass(&app, 300).await;
    assert_eq!(
        (stub.count("DELETE /v1/shoots/run-0"), stub.count("DELETE")),
        (3, 3),
        "until it has heard, and no more"
    );
    assert_eq!(shoot(&app, &id).state, State::Training);
    let overview = app.page("/app/admin").await;
    assert!(overview.contains("headshots started again"), "{overview}");
    assert_eq!(overview.matches("submitted photos").count(), 1, "by the person, once");
    app.stop().await;
}

#[tokio::test]
async fn what_was_handed_over_again_under_the_same_handle_is_not_stopped_by_an_older_wish() {
    let stages = vec![
        json!({ "state": "failed", "kind": "unavailable" }),
        json!({ "state": "running", "stage": "training", "percent": 5, "pollAfter": 200 }),
        done(),
    ];
    let (serve, deaf) = (server(stages), AtomicUsize::new(0));
    let stub = Stub::start(move |asked| match asked.what.starts_with("DELETE") {
        true if deaf.fetch_add(1, Ordering::Relaxed) == 0 => Reply::Json(500, json!({})),
        _ => serve(asked),
    })
    .await;
    let app = app_with(&[("generator", "http"), ("generator_url", &stub.url)]).await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    submit(&app, &kim).await.redirects();
    until(&app, &id, State::Failed).await;
    pass(&app, 150).await;
    assert_eq!((stub.count("DELETE"), shoot(&app, &id).state), (1, State::Training));
    until(&app, &id, State::Ready).await;
    app.run_jobs().await;
    assert_eq!(stub.count("DELETE"), 2);
    app.stop().await;
}

#[tokio::test]
async fn a_hand_over_without_an_answer_is_taken_back_by_the_shoots_id_once_nobody_wants_it() {
    let stub = Stub::start(|asked| match asked.what.starts_with("POST") {
        true => Reply::Reset,
        false => Reply::Json(404, json!({})),
    })
    .await;
    let app = app_with(&[("generator", "http"), ("generator_url", &stub.url)]).await;
    let mut ids = Vec::new();
    for email in ["kim@acme.test", "lee@acme.test"] {
        let (who, id) = app.member(email).await;
        gather(&app, &who).await;
        submit(&app, &who).await.redirects();
        until(&app, &id, State::Failed).await;
        ids.push(id);
    }
    let [kim, lee] = &ids[..] else { panic!("two shoots") };
    assert_eq!(stub.count("DELETE"), 0, "it is handed over again, and is the same to the generator");
    // Deleted while it waits to be handed over again.
    delete(&app, kim).await;
    app.run_jobs().await;
    assert_eq!((stub.count(&format!("DELETE /v1/shoots/{kim}")), stub.count("DELETE")), (1, 1));
    // Given up for good.
    pass(&app, 800).await;
    assert!(shoot(&app, lee).gave_up());
    assert_eq!((stub.count(&format!("DELETE /v1/shoots/{lee}")), stub.count("DELETE")), (1, 2));
    app.stop().await;
}

#[tokio::test]
async fn a_refused_or_unsent_shoot_is_not_asked_back() {
    let refusal = json!({ "error": { "kind": "rejected", "message": "There is no face." } });
    let stub = Stub::start(move |_| Reply::Json(422, refusal.clone())).await;
    let app = app_with(&[("generator", "http"), ("generator_url", &stub.url)]).await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    submit(&app, &kim).await.redirects();
    until(&app, &id, State::Failed).await;
    delete(&app, &id).await;
    app.run_jobs().await;
    assert_eq!(stub.count("DELETE"), 0);
    app.stop().await;
}

#[tokio::test]
async fn what_is_refused_at_a_later_try_is_asked_back_because_an_earlier_one_may_have_arrived() {
    let tries = AtomicUsize::new(0);
    let refusal = json!({ "error": { "kind": "rejected", "message": "There is no face." } });
    let stub = Stub::start(move |asked| match asked.what.starts_with("POST") {
        true if tries.fetch_add(1, Ordering::Relaxed) == 0 => Reply::Reset,
        true => Reply::Json(422, refusal.clone()),
        false => Reply::Json(404, json!({})),
    })
    .await;
    let app = app_with(&[("generator", "http"), ("generator_url", &stub.url)]).await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    submit(&app, &kim).await.redirects();
    pass(&app, 30).await;
    assert!(shoot(&app, &id).gave_up());
    let seen = (stub.count("POST"), stub.count(&format!("DELETE /v1/shoots/{id}")), stub.count("DELETE"));
    assert_eq!(seen, (2, 1, 1));
    app.stop().await;
}

#[tokio::test]
async fn a_lost_shoot_that_is_deleted_on_its_way_back_is_forgotten_whenever_it_arrives() {
    let (again, broken, tries) = (Arc::new(Notify::new()), Arc::new(Notify::new()), AtomicUsize::new(0));
    let stub = Stub::start({
        let (again, broken) = (again.clone(), broken.clone());
        move |asked| match asked.what.starts_with("POST") {
            true if tries.fetch_add(1, Ordering::Relaxed) == 0 => Reply::Json(202, json!({ "handle": "run-0" })),
            true => {
                again.notify_one();
                Reply::ResetAfter(broken.clone())
            }
            false => Reply::Json(404, json!({})),
        }
    })
    .await;
    let app = app_with(&[("generator", "http"), ("generator_url", &stub.url)]).await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    submit(&app, &kim).await.redirects();
    again.notified().await;
    delete(&app, &id).await;
    broken.notify_one();
    app.run_jobs().await;
    assert_eq!((stub.count("DELETE /v1/shoots/run-0"), stub.count(&format!("DELETE /v1/shoots/{id}"))), (1, 1));
    app.stop().await;
}

#[tokio::test]
async fn an_owed_cancel_goes_to_the_generator_that_took_the_shoot_or_to_none() {
    let stub = Stub::start(server(vec![json!({ "state": "running", "stage": "training", "percent": 5 })])).await;
    let app = app_with(&[("generator", "http"), ("generator_url", &stub.url)]).await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    submit(&app, &kim).await.redirects();
    until(&app, &id, State::Training).await;
    assert_eq!(shoot(&app, &id).handle, Some(Handle::new("run-7").of("http")), "it is known whose it is");
    let owe = async |handle: Handle| {
        let owed = id.clone();
        app.db.write(move |tx| queue::push(tx, Job::Cancel(owed, handle)).map(drop)).await.unwrap();
        app.run_jobs().await;
    };
    for (handle, heard) in [
        (Handle::new("prompt-1").of("comfyui"), 0),
        (Handle::new("run-6").of("openai"), 0),
        (Handle::new("run-6").of("http"), 1),
        // Owed before it was written down whose it was.
        (Handle::new("run-5"), 2),
        // Wanted.
        (Handle::new("run-7").of("http"), 2),
    ] {
        owe(handle.clone()).await;
        assert_eq!(stub.count("DELETE"), heard, "{handle:?}");
    }
    assert_eq!(app.db.read(|view| queue::parked(view, 10)).unwrap().len(), 0, "nothing is tried in vain");
    app.stop().await;
}
