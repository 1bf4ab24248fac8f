//! Models inside another product, beyond what its document shows.

use std::time::Duration;

use headroom::{auth, events, ids::ShootId};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::{Answer, TestApp},
    studio::{hand_in, make, pack},
};

const MODELS: &str = "/api/v2/organization/models";
const WHITELABEL: &str = "/api/v2/organization/whitelabel/model";

async fn embedding() -> TestApp {
    let app = TestApp::start().await;
    app.switch_whitelabel_on().await;
    app
}

async fn create(app: &TestApp, body: Value) -> Value {
    app.post(&app.lead, &format!("{WHITELABEL}/create"), &body).await.ok()
}

async fn get(app: &TestApp, id: &ShootId) -> Value {
    app.get(&app.lead, &format!("{WHITELABEL}/get/{id}")).await.ok()
}

fn id(model: &Value) -> ShootId {
    model["modelId"].as_str().unwrap().parse().unwrap()
}

fn token(model: &Value) -> String {
    let url = url::Url::parse(model["signedUrl"].as_str().unwrap()).unwrap();
    url.query_pairs().find(|(name, _)| name == "token").unwrap().1.into_owned()
}

/// Whether a signed URL lets someone in now.
fn opens(app: &TestApp, token: &str) -> bool {
    app.db.read(|view| auth::look_at_signed_url(view, token)).is_ok()
}

#[tokio::test]
async fn each_signed_url_is_new_and_lives_for_a_day() {
    let app = embedding().await;
    let made = create(&app, json!({ "email": "kim@acme.test" })).await;
    let id = id(&made);
    let hour = Duration::from_secs(60 * 60);
    app.db.clock().advance(hour);
    let again = get(&app, &id).await;
    let third = get(&app, &id).await;
    let tokens = [&made, &again, &third].map(token);
    assert!(tokens[0] != tokens[1] && tokens[1] != tokens[2], "{tokens:?}");
    assert!(tokens.iter().all(|token| opens(&app, token)), "a new one takes none back");
    app.db.clock().advance(23 * hour);
    assert_eq!(tokens.clone().map(|token| opens(&app, &token)), [false, true, true]);
    app.db.clock().advance(hour);
    assert_eq!(tokens.map(|token| opens(&app, &token)), [false, false, false]);
    assert!(opens(&app, &token(&get(&app, &id).await)));
    assert_eq!(app.credits(), 100);
}

#[tokio::test]
async fn a_lost_answer_can_be_asked_for_again() {
    let app = embedding().await;
    let post = async |key: &str| {
        let request =
            app.request(&app.lead, Method::POST, &format!("{WHITELABEL}/create")).header("idempotency-key", key);
        Answer::of(request.json(&json!({ "email": "kim@acme.test" }))).await
    };
    let (first, again) = (post("k").await.ok(), post("k").await.ok());
    assert_eq!(first, again, "its signed URL too");
    post("other").await.refused(400, "ALREADY_EXISTS");
}

#[tokio::test]
async fn test_data_becomes_active_for_no_credit() {
    let app = embedding().await;
    app.spend_all().await;
    let id = id(&create(&app, json!({ "email": "kim@acme.test", "isDevelopment": true })).await);
    pack(&app, &id).await;
    make(&app, &id).await;

    let shown = get(&app, &id).await;

    assert_eq!((&shown["status"], &shown["isDevelopment"]), (&json!("active"), &json!(true)));
    assert_eq!(app.credits(), 0);
    let model = app.get(&app.lead, &format!("{MODELS}/{id}")).await.ok()["model"].clone();
    assert_eq!((&model["status"], &model["isDevelopment"]), (&json!("active"), &json!(true)));
    let photos = app.get(&app.lead, &format!("{MODELS}/{id}/photos")).await.ok();
    assert_eq!(photos["pagination"]["total"], 12);
    let url = photos["photos"][0]["urls"]["main"].as_str().unwrap().strip_prefix(&app.url).unwrap().to_owned();
    let picture = app.get(&crate::app::Caller::Nobody, &url).await;
    assert!(image::load_from_memory(&picture.body).is_ok(), "{}", picture.status);
}

#[tokio::test]
async fn only_test_data_is_marked() {
    let app = embedding().await;
    for (nth, said) in
        [json!({}), json!({ "isDevelopment": false }), json!({ "isDevelopment": null })].into_iter().enumerate()
    {
        let mut body = said;
        body["email"] = json!(format!("p{nth}@acme.test"));
        let made = create(&app, body).await;
        let id = id(&made);
        let model = app.get(&app.lead, &format!("{MODELS}/{id}")).await.ok()["model"].clone();
        for shown in [made, get(&app, &id).await, model] {
            assert_eq!(shown.get("isDevelopment"), None, "{shown}");
        }
    }
    let wrong = json!({ "email": "kim@acme.test", "isDevelopment": "yes" });
    app.post(&app.lead, &format!("{WHITELABEL}/create"), &wrong).await.refused(400, "INVALID_REQUEST");
}

#[tokio::test]
async fn real_data_takes_its_credit_when_it_is_submitted() {
    let app = embedding().await;
    let made = create(&app, json!({ "email": "kim@acme.test" })).await;
    pack(&app, &id(&made)).await;
    assert_eq!(app.credits(), 100);
    hand_in(&app, &id(&made)).await;
    assert_eq!(app.credits(), 99);
    assert_eq!(get(&app, &id(&made)).await["status"], "waiting");
    // Generating has not begun, so it comes back.
    app.delete(&app.lead, &format!("{WHITELABEL}/delete/{}", id(&made))).await.ok();
    assert_eq!(app.credits(), 100);
}

#[tokio::test]
async fn deleting_takes_the_anonymous_user_along_and_frees_the_address() {
    let app = embedding().await;
    let made = create(&app, json!({ "email": "kim@acme.test" })).await;
    let first = id(&made);
    let team = async || app.get(&app.lead, "/api/v2/organization/team").await.ok()["pagination"]["total"].clone();
    assert_eq!(team().await, 2);

    app.delete(&app.lead, &format!("{WHITELABEL}/delete/{first}")).await.ok();

    assert_eq!(team().await, 1);
    assert!(!opens(&app, &token(&made)), "its signed URLs open nothing");
    let told = app.db.read(|view| events::latest(view, &app.organization, 10)).unwrap();
    let kinds: Vec<_> = told.iter().map(|one| one.kind).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == events::Kind::Deleted).count(), 1, "{kinds:?}");
    let left = app.get(&app.lead, &format!("{MODELS}/{first}")).await.ok();
    assert_eq!((&left["model"]["status"], &left["model"]["email"]), (&json!("deleted"), &json!(null)));

    let second = id(&create(&app, json!({ "email": "kim@acme.test" })).await);
    assert_ne!(first, second);
    app.delete(&app.lead, &format!("{WHITELABEL}/delete/{first}")).await.refused(400, "ALREADY_DELETED");
    app.delete(&app.lead, &format!("{MODELS}/{first}")).await.refused(400, "ALREADY_DELETED");
    assert_eq!(get(&app, &second).await["status"], "onboarding");
    app.delete(&app.lead, &format!("{MODELS}/{second}")).await.ok();
    app.delete(&app.lead, &format!("{WHITELABEL}/delete/{second}")).await.refused(400, "ALREADY_DELETED");
}

#[tokio::test]
async fn a_members_own_model_is_none_of_it() {
    let app = embedding().await;
    let (_, kims) = app.member("kim@acme.test").await;
    app.get(&app.lead, &format!("{WHITELABEL}/get/{kims}")).await.refused(404, "NOT_FOUND");
    app.delete(&app.lead, &format!("{WHITELABEL}/delete/{kims}")).await.refused(404, "NOT_FOUND");
    assert_eq!(app.get(&app.lead, &format!("{MODELS}/{kims}")).await.ok()["model"]["status"], "onboarding");
}
