//! The three calls of the whitelabel API. [004]

use headroom::webhooks;
use serde_json::{Value, json};

use super::{assert_like, documented, team};
use crate::{
    app::TestApp,
    studio::{finish_packed, pack},
};

const CREATE: &str = "/api/v2/organization/whitelabel/model/create";

fn get(id: &str) -> String {
    format!("/api/v2/organization/whitelabel/model/get/{id}")
}

fn delete(id: &str) -> String {
    format!("/api/v2/organization/whitelabel/model/delete/{id}")
}

/// The documented organization, with its prerequisites.
async fn embedding() -> TestApp {
    let app = documented().await;
    app.switch_whitelabel_on().await;
    app
}

async fn create(app: &TestApp, body: &Value) -> String {
    app.post(&app.lead, CREATE, body).await.ok()["modelId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn create_model() {
    let app = embedding().await;
    let team = team(&app, "Team Name").await;
    let body = json!({ "email": "user@example.com", "teamId": team, "isDevelopment": false });

    let made = app.post(&app.lead, CREATE, &body).await.ok();

    // The document's example has `"isDevelopment": false` too; its table of values says "only present when true", and that is
    // what the contract holds to.
    let example = r#"{
        "success": true,
        "modelId": "MODEL_UNIQUE_ID",
        "status": "onboarding",
        "signedUrl": "https://www.yourproheadshots.com/auth/social?token=AUTH_TOKEN&anonymous=1"
    }"#;
    assert_like(&made, example);
    assert!(made["signedUrl"].as_str().unwrap().ends_with("&anonymous=1"));
    assert_eq!(app.credits(), 100, "a credit is consumed when photos are submitted");
}

#[tokio::test]
async fn create_model_is_refused_as_listed() {
    let app = embedding().await;
    create(&app, &json!({ "email": "user@example.com" })).await;
    let post = async |body: Value| app.post(&app.lead, CREATE, &body).await;

    for email in [json!("user"), json!(""), json!(null)] {
        post(json!({ "email": email })).await.refused(400, "INVALID_EMAIL");
    }
    post(json!({})).await.refused(400, "INVALID_EMAIL");
    post(json!({ "email": "new@example.com", "teamId": "TEAM_ID" })).await.refused(404, "NOT_FOUND");
    let exists = post(json!({ "email": "USER@example.com" })).await.refused(400, "ALREADY_EXISTS");
    assert!(exists.contains("already exists") && exists.contains("user+1@example.com"), "{exists}");
    create(&app, &json!({ "email": "user+1@example.com" })).await;
    let member = post(json!({ "email": "ada@acme.test" })).await.refused(400, "ALREADY_EXISTS");
    assert!(member.contains("ada+1@acme.test"), "{member}");

    app.spend_all().await;
    post(json!({ "email": "new@example.com" })).await.refused(400, "INSUFFICIENT_CREDITS");
    // Test data costs nothing.
    post(json!({ "email": "new@example.com", "isDevelopment": true })).await.ok();
}

#[tokio::test]
async fn the_prerequisites_are_asked_for_one_after_the_other() {
    let app = documented().await;
    app.spend_all().await;
    let post = async |body: Value| app.post(&app.lead, CREATE, &body).await;
    let good = json!({ "email": "user@example.com" });

    post(json!({ "email": "user" })).await.refused(400, "INVALID_EMAIL");
    let off = post(good.clone()).await.refused(403, "FORBIDDEN");
    assert!(off.contains("switched off"), "{off}");

    app.set("whitelabel", "on").await;
    let unheard = post(good.clone()).await.refused(400, "INVALID_REQUEST");
    assert!(unheard.contains("No webhook URL is configured"), "{unheard}");

    app.switch_whitelabel_on().await;
    let no_team = json!({ "email": "ada@acme.test", "teamId": "team_507f1f77bcf86cd799439012" });
    post(no_team).await.refused(404, "NOT_FOUND");
    post(json!({ "email": "ada@acme.test" })).await.refused(400, "ALREADY_EXISTS");
    post(good.clone()).await.refused(400, "INSUFFICIENT_CREDITS");
    app.grant(1).await;
    let id = create(&app, &good).await;

    app.set("whitelabel", "off").await;
    app.get(&app.lead, &get(&id)).await.refused(403, "FORBIDDEN");
    app.delete(&app.lead, &delete(&id)).await.refused(403, "FORBIDDEN");
    app.set("whitelabel", "on").await;
    let by = headroom::members::Actor::operator(app.organization.clone());
    app.db.write(move |tx| webhooks::remove_url(tx, &by)).await.unwrap();
    app.get(&app.lead, &get(&id)).await.ok();
}

#[tokio::test]
async fn get_model() {
    let app = embedding().await;
    let id = create(&app, &json!({ "email": "user@example.com", "isDevelopment": true })).await;
    let shoot = id.parse().unwrap();
    pack(&app, &shoot).await;
    finish_packed(&app, &shoot).await;

    let shown = app.get(&app.lead, &get(&id)).await.ok();

    let example = r#"{
        "success": true,
        "modelId": "MODEL_UNIQUE_ID",
        "status": "active",
        "isDevelopment": true,
        "signedUrl": "https://www.yourproheadshots.com/auth/social?token=AUTH_TOKEN&anonymous=1"
    }"#;
    assert_like(&shown, example);
    assert_eq!(app.credits(), 100, "getting an existing model does not consume credits");
    for nobody in ["507f1f77bcf86cd799439011", "MODEL_ID"] {
        app.get(&app.lead, &get(nobody)).await.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn delete_model() {
    let app = embedding().await;
    let id = create(&app, &json!({ "email": "user@example.com" })).await;

    let deleted = app.delete(&app.lead, &delete(&id)).await.ok();

    let example = r#"{ "success": true, "message": "Model deleted successfully", "modelId": "MODEL_UNIQUE_ID" }"#;
    assert_like(&deleted, example);
    assert_eq!(deleted["modelId"], id.as_str());
    app.delete(&app.lead, &delete(&id)).await.refused(400, "ALREADY_DELETED");
    app.get(&app.lead, &get(&id)).await.refused(404, "NOT_FOUND");
    for nobody in ["507f1f77bcf86cd799439011", "MODEL_ID"] {
        app.delete(&app.lead, &delete(nobody)).await.refused(404, "NOT_FOUND");
    }
}
