//! Edits of images as OpenAI's reference has them: a form with image, prompt, n and size; pictures in `b64_json` or by `url`.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::{Engine, prelude::BASE64_STANDARD};
use headroom::{
    generator::{Handle, Health, Scene},
    ids::{BackdropId, ShootId},
    shoots::State,
    storage::{BackdropFile, Key},
};
use serde_json::{Value, json};

use super::{
    Bench, SHORT, USUAL, app_with, said,
    stub::{Reply, Stub},
    until,
};
use crate::studio::{gather, headshots, portrait, submit};

fn picture() -> Value {
    json!({ "created": 1, "data": [{ "b64_json": BASE64_STANDARD.encode(portrait(1)) }] })
}

async fn bench_with(stub: &Stub, whole: std::time::Duration) -> Bench {
    let url = format!("{}/v1", stub.url);
    let settings =
        [("generator", "http"), ("generator_preset", "openai"), ("generator_url", &*url), ("generator_secret", "sk-1")];
    Bench::new(&settings, whole).await
}

async fn bench(stub: &Stub) -> Bench {
    bench_with(stub, USUAL).await
}

/// Asks until there is an end.
async fn end(bench: &Bench) -> String {
    let handle = match bench.submit().await {
        Ok(handle) => handle,
        Err(failure) => return said(&failure),
    };
    loop {
        let told = bench.told(&handle).await;
        if !told.starts_with("Generating") {
            return told;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_shoot_is_made_from_submission_to_headshots() {
    let stub = Stub::start(|_| Reply::Json(200, picture())).await;
    let url = format!("{}/v1", stub.url);
    let app = app_with(&[("generator", "http"), ("generator_preset", "openai"), ("generator_url", &url)]).await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    submit(&app, &kim).await.redirects();
    until(&app, &id, State::Ready).await;
    assert_eq!((headshots(&app, &id).len(), stub.count("POST /v1/images/edits")), (12, 12));
    app.stop().await;
}

#[tokio::test]
async fn each_call_says_what_is_wanted() {
    let stub = Stub::start(|_| Reply::Json(200, picture())).await;
    let mut bench = bench(&stub).await;
    let own = BackdropId::new();
    bench.storage.put(Key::Backdrop(&own, BackdropFile::Picture), portrait(3).into()).await.unwrap();
    bench.request.scenes[1] = Scene::Own(own.clone());
    assert_eq!(end(&bench).await, format!("done: navy {own} navy {own}"));
    let asked = stub.asked();
    let plain = asked.iter().find(|asked| asked.holds("navy blue")).unwrap();
    assert_eq!(plain.headers["authorization"], "Bearer sk-1");
    assert_eq!(
        (plain.part("n"), plain.part("size"), plain.part("model")),
        ("1".into(), "1024x1536".into(), "gpt-image-1".into())
    );
    let prompt = plain.part("prompt");
    assert!(
        prompt.contains("this woman, before a plain dark navy blue studio backdrop") && !prompt.contains('{'),
        "{prompt}"
    );
    assert!(plain.holds("name=\"image\"") && !plain.holds("image[]"));
    let with_own = asked.iter().find(|asked| asked.holds("second picture")).unwrap();
    assert!(with_own.holds("name=\"image[]\"; filename=\"photo.jpg\"") && with_own.holds("filename=\"backdrop.jpg\""));
    assert_eq!(bench.generator.health().await, Health::Ready);
    assert_eq!(stub.count("GET /v1/models"), 1);
}

#[tokio::test]
async fn pictures_by_address_come_from_the_same_host_only() {
    let answered = |url: String| async move {
        let stub = Stub::start(move |asked| match asked.what.starts_with("GET") {
            true => Reply::File(portrait(1)),
            false => Reply::Json(200, json!({ "data": [{ "url": url }] })),
        })
        .await;
        end(&bench(&stub).await).await
    };
    assert_eq!(answered("/files/1.jpg".to_owned()).await, "done: navy office navy office");
    let told = answered("http://10.0.0.1/1.jpg".to_owned()).await;
    assert!(told.contains("another host"), "{told}");
}

#[tokio::test]
async fn refusals_are_told_and_some_are_left_out() {
    let refused = || json!({ "error": { "message": "Your request was rejected by the safety system.", "type": "user_error", "code": "moderation_blocked" } });
    let stub = Stub::start(move |_| Reply::Json(400, refused())).await;
    let told = end(&bench(&stub).await).await;
    assert_eq!(
        told,
        "rejected: The service that makes the headshots refuses these photos: Your request was rejected by the safety system."
    );
    let calls = AtomicUsize::new(0);
    let stub = Stub::start(move |_| match calls.fetch_add(1, Ordering::Relaxed) {
        0 => Reply::Json(400, refused()),
        _ => Reply::Json(200, picture()),
    })
    .await;
    let told = end(&bench(&stub).await).await;
    assert_eq!(told.split(' ').count(), 4, "three of four: {told}");
}

#[tokio::test]
async fn what_is_not_about_the_photos_is_not_told_of_them() {
    for (reply, words) in [
        (Reply::Json(400, json!({ "error": { "message": "Invalid size.", "code": "invalid_value" } })), "Invalid size"),
        (Reply::Json(401, json!({ "error": { "message": "Incorrect API key." } })), "Check generator_secret"),
        (
            Reply::Json(
                429,
                json!({ "error": { "message": "You exceeded your quota.", "code": "insufficient_quota" } }),
            ),
            "quota",
        ),
        (Reply::With(503, "retry-after", "3600".to_owned(), json!({})), "503"),
        (Reply::Json(200, json!({ "data": [] })), "without a picture"),
        (Reply::Json(200, json!({ "data": [{ "b64_json": "***" }] })), "not base64"),
        (Reply::File(portrait(1)), "can't be read"),
        (Reply::With(302, "location", "/elsewhere".to_owned(), json!({})), "redirects"),
        (Reply::Huge, "larger than"),
    ] {
        let stub = Stub::start(move |_| reply.clone()).await;
        let told = end(&bench(&stub).await).await;
        assert!(told.starts_with("unavailable: ") && told.contains(words), "{told}");
        assert!(stub.asked().len() <= 4, "none was asked for twice");
    }
    for (reply, told) in [(Reply::Hang, "timed out"), (Reply::Drip, "timed out"), (Reply::Reset, "unavailable: ")] {
        let stub = Stub::start(move |_| reply.clone()).await;
        let end = end(&bench_with(&stub, SHORT).await).await;
        assert!(end.starts_with(told), "{end}");
    }
}

#[tokio::test]
async fn too_many_calls_are_made_again_when_told() {
    let calls = AtomicUsize::new(0);
    let stub = Stub::start(move |_| match calls.fetch_add(1, Ordering::Relaxed) {
        0..3 => Reply::With(429, "retry-after", "0".to_owned(), json!({})),
        _ => Reply::Json(200, picture()),
    })
    .await;
    assert_eq!(end(&bench(&stub).await).await, "done: navy office navy office");
    assert_eq!(stub.asked().len(), 7);
}

#[tokio::test]
async fn what_stumbles_is_asked_for_again_and_the_rest_is_no_worse_for_it() {
    let calls = AtomicUsize::new(0);
    let stub = Stub::start(move |_| match calls.fetch_add(1, Ordering::Relaxed) {
        0 => Reply::Reset,
        1 => Reply::Json(500, json!({ "error": { "message": "The server had an error." } })),
        2 => Reply::Hang,
        _ => Reply::Json(200, picture()),
    })
    .await;
    assert_eq!(end(&bench_with(&stub, SHORT).await).await, "done: navy office navy office");
    assert_eq!(stub.asked().len(), 7);
}

#[tokio::test]
async fn what_was_paid_for_is_delivered_if_it_is_at_least_half() {
    let stub = Stub::start(|asked| match asked.holds("navy blue") {
        true => Reply::Json(200, json!({ "data": [{ "b64_json": "***" }] })),
        false => Reply::Json(200, picture()),
    })
    .await;
    assert_eq!(end(&bench(&stub).await).await, "done: office office");
    assert_eq!(stub.asked().len(), 4, "nothing is asked for twice that would be paid for twice");
    let mut bench = bench(&stub).await;
    bench.request.count = 3;
    let told = end(&bench).await;
    assert!(told.starts_with("unavailable: ") && told.contains("not base64"), "two of three: {told}");
}

#[tokio::test]
async fn calls_at_the_same_time_are_few_whoever_they_are_for() {
    let stub = Stub::start(|_| Reply::Hang).await;
    let mut bench = bench(&stub).await;
    for _ in 0..4 {
        bench.request.shoot = ShootId::new();
        bench.submit().await.unwrap();
    }
    let begun = std::time::Instant::now();
    while stub.asked().len() < 6 {
        assert!(begun.elapsed() < USUAL, "{}", stub.asked().len());
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    // Those beyond would be there as quickly.
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(stub.asked().len(), 6);
}

#[tokio::test]
async fn a_shoot_is_made_once_and_lost_with_the_process_or_when_stopped() {
    let stub = Stub::start(|_| Reply::Hang).await;
    let bench = bench(&stub).await;
    let handle = bench.submit().await.unwrap();
    assert_eq!(bench.submit().await.unwrap(), handle);
    assert_eq!(bench.told(&handle).await, "Generating 0 %, ask in 2s");
    bench.generator.cancel(&handle).await.unwrap();
    assert_eq!(bench.told(&handle).await, "lost");
    assert_eq!(bench.told(&Handle::new("openai-507f1f77bcf86cd799439011")).await, "lost");
    assert!(stub.asked().len() <= 3);
}
