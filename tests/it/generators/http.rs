//! Our own protocol, as `docs/generators.md` has it.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use headroom::{
    generator::{Handle, Health, Progress, Scene},
    ids::BackdropId,
    members::Actor,
    offboarding,
    queue::{self, Job},
    shoots::State,
    storage::{BackdropFile, Key},
};
use serde_json::{Value, json};

use super::{
    Bench, SHORT, USUAL, app_with, said, size, square,
    stub::{Asked, Reply, Stub},
    until,
};
use crate::{
    app::TestApp,
    studio::{gather, headshots, portrait, shoot, submit},
};

fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// Takes every shoot, and is where `stages` say it is, one after the other; the last one for good.
fn server(stages: Vec<Value>) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    let polls = AtomicUsize::new(0);
    move |asked| match asked.what.as_str() {
        "POST /v1/shoots" => Reply::Json(202, json!({ "handle": "run-7" })),
        "GET /v1/shoots/run-7" => {
            let nth = polls.fetch_add(1, Ordering::Relaxed).min(stages.len() - 1);
            Reply::Json(200, stages[nth].clone())
        }
        "DELETE /v1/shoots/run-7" => Reply::Json(200, json!({})),
        "GET /v1/health" => Reply::Json(200, json!({ "ok": true })),
        "GET /v1/pictures/1.jpg" => Reply::File(portrait(1)),
        _ => Reply::Json(404, json!({})),
    }
}

fn done() -> Value {
    json!({ "state": "done", "images": [
        { "backdrop": "navy", "url": "v1/pictures/1.jpg" },
        { "backdrop": "office", "data": base64(&portrait(2)), "face": { "x": 0.5, "y": 0.4 } },
    ] })
}

async fn bench(stub: &Stub) -> Bench {
    Bench::new(&[("generator", "http"), ("generator_url", &stub.url), ("generator_secret", "s3cret")], USUAL).await
}

#[tokio::test]
async fn a_shoot_is_made_from_submission_to_headshots() {
    let stages = vec![
        json!({ "state": "queued", "position": 2, "pollAfter": 1 }),
        json!({ "state": "running", "stage": "training", "percent": 40 }),
        json!({ "state": "running", "stage": "generating", "percent": 10 }),
        done(),
    ];
    let stub = Stub::start(server(stages)).await;
    let app = app_with(&[("generator", "http"), ("generator_url", &stub.url)]).await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    submit(&app, &kim).await.redirects();
    until(&app, &id, State::Ready).await;
    assert_eq!(headshots(&app, &id).len(), 2);
    assert_eq!((stub.count("POST"), stub.count("DELETE")), (1, 1), "handed over once, and forgotten once taken in");
    app.stop().await;
}

#[tokio::test]
async fn what_is_sent_is_all_it_needs_and_no_more() {
    let stub = Stub::start(server(vec![done()])).await;
    let mut bench = bench(&stub).await;
    let (own, gone) = (BackdropId::new(), BackdropId::new());
    bench.storage.put(Key::Backdrop(&own, BackdropFile::Picture), portrait(3).into()).await.unwrap();
    bench.request.scenes.extend([Scene::Own(own.clone()), Scene::Own(gone)]);
    let handle = bench.submit().await.unwrap();
    assert_eq!(handle.as_str(), "run-7");
    let posted = &stub.asked()[0];
    assert_eq!(posted.headers["authorization"], "Bearer s3cret");
    assert_eq!(posted.headers["idempotency-key"], bench.request.shoot.as_str());
    let order: Value = serde_json::from_str(&posted.part("request")).unwrap();
    let expected = json!({
        "version": 1, "id": bench.request.shoot.as_str(), "count": 4, "gender": "female",
        "backdrops": [{ "name": "navy" }, { "name": "office" }, { "name": own.as_str(), "file": "backdrop-3" }, { "name": "grey" }],
        "photos": ["photo-1"],
    });
    assert_eq!(order, expected);
    assert!(posted.holds("name=\"photo-1\"; filename=\"photo-1.jpg\"") && posted.holds("name=\"backdrop-3\""));
    assert!(!posted.holds("me.jpg") && !posted.holds("Kim"));
}

#[tokio::test]
async fn progress_and_pictures_come_as_they_are_told() {
    let stages = vec![
        json!({ "state": "queued", "position": 2, "pollAfter": 9999 }),
        json!({ "state": "running", "stage": "training", "percent": 140.5, "pollAfter": 0 }),
        done(),
    ];
    let stub = Stub::start(server(stages)).await;
    let bench = bench(&stub).await;
    let handle = bench.submit().await.unwrap();
    assert_eq!(bench.told(&handle).await, "queued at 2, ask in 300s");
    assert_eq!(bench.told(&handle).await, "Training 99 %, ask in 1s");
    assert_eq!(bench.told(&handle).await, "done: navy office");
    let Progress::Done(made) = bench.generator.poll(&handle).await.unwrap().progress else { panic!("done") };
    // The stub's pictures are square; headshots are 4:5.
    let (width, height) = size(&made.images[0].bytes);
    assert_eq!((width, height), (409, 512));
    assert_eq!(bench.generator.health().await, Health::Ready);
    bench.generator.cancel(&handle).await.unwrap();
    bench.generator.cancel(&Handle::new("unknown")).await.unwrap();
    assert_eq!(size(&square().into()).0, size(&square().into()).1);
}

#[tokio::test]
async fn failures_are_told_by_their_meaning() {
    let poll = |answer: Value| async move {
        let stub = Stub::start(server(vec![answer])).await;
        let bench = bench(&stub).await;
        bench.told(&Handle::new("run-7")).await
    };
    let failed = |kind: &str| json!({ "state": "failed", "kind": kind, "message": "Two\npeople." });
    assert_eq!(poll(failed("rejected")).await, "rejected: Two people.");
    assert_eq!(poll(failed("unavailable")).await, "unavailable: Two people.");
    assert_eq!(poll(failed("lost")).await, "lost");
    assert!(poll(json!({ "state": "done", "images": [] })).await.contains("names no picture"));
    for wrong in [json!({ "state": "thinking" }), json!([]), json!({ "state": "queued", "position": -1 }), json!("x")] {
        assert!(poll(wrong).await.contains("can't be read"));
    }
    let strange = |image: Value| json!({ "state": "done", "images": [image] });
    for (image, words) in [
        (json!({ "backdrop": "beach", "data": "" }), "backdrop \"beach\""),
        (json!({ "backdrop": "navy" }), "neither data nor url"),
        (json!({ "backdrop": "navy", "data": "***" }), "not base64"),
        (json!({ "backdrop": "navy", "url": "http://169.254.169.254/latest" }), "another host"),
        (json!({ "backdrop": "navy", "url": "//localhost/x.jpg" }), "another host"),
        (json!({ "backdrop": "navy", "url": "v1/pictures/2.jpg" }), "404"),
    ] {
        let told = poll(strange(image)).await;
        assert!(told.starts_with("unavailable: ") && told.contains(words), "{told}");
    }
    let stub = Stub::start(server(vec![done()])).await;
    assert_eq!(bench(&stub).await.told(&Handle::new("forgotten")).await, "lost");
}

#[tokio::test]
async fn a_submission_can_be_refused_in_words_or_fail() {
    let submitted = |reply: Reply| async move {
        let stub = Stub::start(move |_| reply.clone()).await;
        let bench = bench(&stub).await;
        bench.submit().await.map(|handle| handle.as_str().to_owned()).unwrap_or_else(|failure| said(&failure))
    };
    let refusal = json!({ "error": { "kind": "rejected", "message": "There is no face." } });
    assert_eq!(submitted(Reply::Json(422, refusal)).await, "rejected: There is no face.");
    let location = "http://169.254.169.254/".to_owned();
    for (reply, words) in [
        (Reply::Json(401, json!({})), "Check generator_secret"),
        (Reply::With(307, "location", location, json!({})), "redirects"),
        (Reply::Json(500, json!({ "error": "out of memory" })), "out of memory"),
        (Reply::Json(200, json!({ "handle": "../../etc" })), "handle is not"),
        (Reply::Json(200, json!({ "handle": "" })), "handle is not"),
        (Reply::Json(200, json!({ "handle": 7 })), "can't be read"),
        (Reply::File(portrait(1)), "can't be read"),
        (Reply::Reset, "unavailable: "),
        (Reply::Huge, "larger than"),
        (Reply::Endless, "larger than"),
    ] {
        let told = submitted(reply).await;
        assert!(told.starts_with("unavailable: ") && told.contains(words), "{told}");
    }
}

#[tokio::test]
async fn a_hiccup_is_asked_about_again() {
    let asked = AtomicUsize::new(0);
    let stub = Stub::start(move |_| match asked.fetch_add(1, Ordering::Relaxed) {
        0 => Reply::With(503, "retry-after", "0".to_owned(), json!({})),
        1 => Reply::Reset,
        _ => Reply::Json(200, json!({ "state": "queued", "position": 1 })),
    })
    .await;
    assert_eq!(bench(&stub).await.told(&Handle::new("run-7")).await, "queued at 1, ask in 3s");
    let busy = Stub::start(|_| Reply::With(429, "retry-after", "3600".to_owned(), json!({}))).await;
    assert!(bench(&busy).await.told(&Handle::new("run-7")).await.starts_with("unavailable: "));
    assert_eq!(busy.asked().len(), 1, "an hour is not waited out here");
}

#[tokio::test]
async fn who_hangs_or_drips_is_given_up() {
    for reply in [Reply::Hang, Reply::Drip] {
        let stub = Stub::start(move |_| reply.clone()).await;
        let bench = Bench::new(&[("generator", "http"), ("generator_url", &stub.url)], SHORT).await;
        assert_eq!(said(&bench.submit().await.unwrap_err()), "timed out");
        assert_eq!(bench.told(&Handle::new("run-7")).await, "timed out");
        assert_eq!(bench.generator.health().await, Health::Down("It does not answer in time.".to_owned()));
    }
}

#[tokio::test]
async fn health_says_what_is_wrong() {
    let down = Stub::start(|_| Reply::Json(200, json!({ "ok": false, "message": "No GPU." }))).await;
    assert_eq!(bench(&down).await.generator.health().await, Health::Down("No GPU.".to_owned()));
    let bench = Bench::new(&[("generator", "http"), ("generator_url", "http://127.0.0.1:1")], USUAL).await;
    let Health::Down(why) = bench.generator.health().await else { panic!("nobody is there") };
    assert!(why.starts_with("Could not connect"), "{why}");
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
    let gone = shoot(&app, &id);
    let operator = Actor::operator(app.organization.clone());
    app.db.write(move |tx| offboarding::delete_shoot(tx, &operator, gone)).await.unwrap();
    app.run_jobs().await;
    assert_eq!(stub.count("DELETE /v1/shoots/run-1"), 1);
    assert!(shoot(&app, &id).handle.is_none());
    // The job that would have asked how far it is finds nothing left to do.
    app.advance(Duration::from_secs(10)).await;
    assert_eq!(stub.count("DELETE /v1/shoots/run-1"), 1);
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
    let (gone, operator) = (shoot(&app, kim), Actor::operator(app.organization.clone()));
    app.db.write(move |tx| offboarding::delete_shoot(tx, &operator, gone)).await.unwrap();
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
    let (gone, operator) = (shoot(&app, &id), Actor::operator(app.organization.clone()));
    app.db.write(move |tx| offboarding::delete_shoot(tx, &operator, gone)).await.unwrap();
    app.run_jobs().await;
    assert_eq!(stub.count("DELETE"), 0);
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
