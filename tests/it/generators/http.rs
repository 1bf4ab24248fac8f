//! Our own protocol, as `docs/generators.md` has it.

use std::{
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use base64::{Engine, prelude::BASE64_STANDARD};
use futures::{FutureExt, future::BoxFuture};
use headroom::{
    generator::{Handle, Health, Progress, Scene},
    ids::BackdropId,
    outbound::{Limits, Lookup, Means},
    shoots::State,
    storage::{BackdropFile, Key},
};
use serde_json::{Value, json};

use super::{
    Bench, SHORT, USUAL, app_with, said, size, square,
    stub::{Asked, Reply, Stub},
    until,
};
use crate::studio::{gather, headshots, portrait, shoot, submit};

fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// Takes every shoot, and is where `stages` say it is, one after the other; the last one for good.
pub(super) fn server(stages: Vec<Value>) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
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

pub(super) fn done() -> Value {
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
async fn a_header_says_when_to_ask_again_within_the_same_bounds() {
    for (said, kept) in [("0", "1s"), ("20", "20s"), ("9999", "300s"), ("soon", "3s")] {
        let queued = json!({ "state": "queued", "position": 1 });
        let stub = Stub::start(move |_| Reply::With(200, "retry-after", said.to_owned(), queued.clone())).await;
        assert_eq!(bench(&stub).await.told(&Handle::new("run-7")).await, format!("queued at 1, ask in {kept}"));
    }
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
async fn a_question_that_is_not_answered_in_time_is_asked_once_more() {
    let asked = AtomicUsize::new(0);
    let stub = Stub::start(move |_| match asked.fetch_add(1, Ordering::Relaxed) {
        0 => Reply::Hang,
        _ => Reply::Json(200, json!({ "state": "queued", "position": 1 })),
    })
    .await;
    let bench = Bench::new(&[("generator", "http"), ("generator_url", &stub.url)], SHORT).await;
    assert_eq!(bench.told(&Handle::new("run-7")).await, "queued at 1, ask in 3s");
    let deaf = Stub::start(|_| Reply::Hang).await;
    let bench = Bench::new(&[("generator", "http"), ("generator_url", &deaf.url)], SHORT).await;
    assert_eq!(bench.told(&Handle::new("run-7")).await, "timed out");
    assert_eq!(deaf.asked().len(), 2);
}

/// Whom nobody tells where anything is, however often they ask.
#[derive(Debug, Default)]
struct Nowhere(AtomicUsize);

impl Lookup for Nowhere {
    fn lookup<'a>(&'a self, _name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        std::future::pending().boxed()
    }
}

#[tokio::test]
async fn who_can_not_be_connected_to_in_time_is_not_there_rather_than_slow() {
    let nowhere = Arc::new(Nowhere::default());
    let means = Means { lookup: nowhere.clone(), limits: Limits { connect: SHORT, whole: USUAL } };
    let settings = [("generator", "http"), ("generator_url", "http://images.example.com")];
    let bench = Bench::reached_by(&settings, &means).await;
    for asked in [1, 4] {
        // Handed over once, and asked three times.
        let told = match asked {
            1 => said(&bench.submit().await.unwrap_err()),
            _ => bench.told(&Handle::new("run-7")).await,
        };
        assert!(told.starts_with("unavailable: Connecting took longer than"), "{told}");
        assert_eq!(nowhere.0.load(Ordering::Relaxed), asked);
    }
}

#[tokio::test]
async fn a_picture_that_can_not_be_read_is_a_failed_try_at_once() {
    let mut torn = portrait(1);
    torn.truncate(torn.len() / 2);
    for wrong in [b"<html>Sorry</html>".to_vec(), torn] {
        let image = json!({ "backdrop": "navy", "data": base64(&wrong) });
        let stub = Stub::start(server(vec![json!({ "state": "done", "images": [image] })])).await;
        let app = app_with(&[("generator", "http"), ("generator_url", &stub.url)]).await;
        let (kim, id) = app.member("kim@acme.test").await;
        gather(&app, &kim).await;
        submit(&app, &kim).await.redirects();
        until(&app, &id, State::Failed).await;
        assert_eq!((stub.count("GET /v1/shoots/"), stub.count("DELETE")), (1, 1));
        assert_eq!(shoot(&app, &id).failure.unwrap(), "The generator is not available right now.");
        app.stop().await;
    }
}

#[tokio::test]
async fn health_says_what_is_wrong() {
    let down = Stub::start(|_| Reply::Json(200, json!({ "ok": false, "message": "No GPU." }))).await;
    assert_eq!(bench(&down).await.generator.health().await, Health::Down("No GPU.".to_owned()));
    let closed = Stub::start(|_| Reply::Json(401, json!({}))).await;
    let said = "The generator refused the request (401 Unauthorized). Check generator_secret.";
    assert_eq!(bench(&closed).await.generator.health().await, Health::Misconfigured(said.to_owned()));
    let bench = Bench::new(&[("generator", "http"), ("generator_url", "http://127.0.0.1:1")], USUAL).await;
    let Health::Down(why) = bench.generator.health().await else { panic!("nobody is there") };
    assert!(why.starts_with("Could not connect"), "{why}");
}
