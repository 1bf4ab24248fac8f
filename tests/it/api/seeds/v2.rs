//! Invites over API v2. [002]

use serde_json::{Value, json};

use super::{assert_like, documented, team};
use crate::{
    app::{INVITES, TestApp},
    studio::{deliver_rows, finish_packed, hand_in, pack},
};

async fn invite(app: &TestApp, body: &Value) -> Value {
    app.post(&app.lead, INVITES, body).await.ok()
}

#[tokio::test]
async fn list_all_invites() {
    let app = documented().await;
    let marketing = team(&app, "Marketing").await;
    invite(&app, &json!({ "email": "jane@example.com" })).await;
    let john = invite(&app, &json!({ "email": "john@example.com", "teamId": marketing })).await;
    let (_, shoot) = app.accept(&john["id"].as_str().unwrap().parse().unwrap()).await;
    pack(&app, &shoot).await;
    finish_packed(&app, &shoot).await;

    let listed = app.get(&app.lead, INVITES).await.ok();

    let example = r#"{
        "success": true,
        "invites": [
            {
                "email": "john@example.com",
                "status": "completed",
                "modelId": "507f1f77bcf86cd799439011",
                "teamId": "team_xyz789",
                "teamName": "Marketing",
                "createdAt": "2024-01-15T10:30:00.000Z"
            },
            {
                "email": "jane@example.com",
                "status": "pending",
                "teamId": null,
                "teamName": null,
                "createdAt": "2024-01-14T09:00:00.000Z"
            }
        ]
    }"#;
    assert_like(&listed, example);
}

const INVITED: &str = r#"{
    "success": true,
    "input": { "email": "user@example.com" },
    "message": "Invite sent",
    "link": "https://www.headshotpro.com/auth/signup?invite=abc123",
    "id": "abc123",
    "teamId": "team_xyz789"
}"#;

#[tokio::test]
async fn create_invite() {
    let app = documented().await;
    let team = team(&app, "Marketing").await;
    let made = invite(&app, &json!({ "email": "user@example.com", "teamId": team })).await;
    assert_like(&made, INVITED);
    assert_eq!(made["teamId"], team);
    assert!(made["link"].as_str().unwrap().ends_with(&format!("?invite={}", made["id"].as_str().unwrap())));
    app.run_jobs().await;
    assert_eq!(app.mails().len(), 1, "an email will be sent with instructions");
    assert_eq!(app.credits(), 100, "not when the invite is created");

    let without = invite(&app, &json!({ "email": "other@example.com" })).await;
    assert_like(&without, &INVITED.replace("user@", "other@").replace(r#""team_xyz789""#, "null"));
}

#[tokio::test]
async fn create_invite_is_refused_as_listed() {
    let app = documented().await;
    let listed = [
        (json!({ "email": "invalid" }), 400, "INVALID_REQUEST"),
        (json!({ "email": "user@example.com" }), 400, "INVALID_REQUEST"),
        (json!({ "email": "new@example.com", "teamId": "team_xyz789" }), 404, "NOT_FOUND"),
    ];
    invite(&app, &json!({ "email": "user@example.com" })).await;
    for (body, status, code) in listed {
        app.post(&app.lead, INVITES, &body).await.refused(status, code);
    }

    let capped = documented().await;
    for nth in 0..200 {
        invite(&capped, &json!({ "email": format!("user{nth}@example.com") })).await;
    }
    let new = json!({ "email": "new@example.com" });
    let told = capped.post(&capped.lead, INVITES, &new).await.refused(429, "INVITE_LIMIT_EXCEEDED");
    assert!(told.contains("200 of at most 200"), "the cap and the use: {told}");
    app.spend_all().await;
    app.post(&app.lead, INVITES, &new).await.refused(402, "INSUFFICIENT_CREDITS");
}

#[tokio::test]
async fn an_invite_can_be_accepted_for_30_days() {
    let app = documented().await;
    invite(&app, &json!({ "email": "user@example.com" })).await;
    let expired = async |app: &TestApp| {
        app.get(&app.lead, &format!("{INVITES}/user@example.com")).await.ok()["invite"].get("expired").cloned()
    };
    let day = std::time::Duration::from_secs(24 * 60 * 60);
    app.db.clock().advance(30 * day - std::time::Duration::from_secs(60));
    assert_eq!(expired(&app).await, None);
    app.db.clock().advance(std::time::Duration::from_secs(60));
    assert_eq!(expired(&app).await, Some(json!(true)));
}

#[tokio::test]
async fn get_invite_by_email() {
    let app = documented().await;
    let team = team(&app, "Marketing").await;
    let made = invite(&app, &json!({ "email": "user@example.com", "teamId": team })).await;
    let (_, shoot) = app.accept(&made["id"].as_str().unwrap().parse().unwrap()).await;
    pack(&app, &shoot).await;

    let shown = app.get(&app.lead, &format!("{INVITES}/user@example.com")).await.ok();

    let example = r#"{
        "success": true,
        "invite": {
            "email": "user@example.com",
            "status": "uploading",
            "modelId": "507f1f77bcf86cd799439011",
            "teamId": "team_xyz789"
        }
    }"#;
    assert_like(&shown, example);
    let encoded = app.get(&app.lead, &format!("{INVITES}/user%40example.com")).await.ok();
    assert_eq!(encoded, shown, "some clients encode the sign in the middle");
    app.get(&app.lead, &format!("{INVITES}/nobody@example.com")).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn revoke_invite() {
    let app = documented().await;
    invite(&app, &json!({ "email": "user@example.com" })).await;
    let body = json!({ "email": "user@example.com" });

    let revoked = app.post(&app.lead, &format!("{INVITES}/revoke"), &body).await.ok();

    let example = r#"{ "success": true, "message": "Invite revoked", "input": { "email": "user@example.com" } }"#;
    assert_like(&revoked, example);
    for (body, status, code) in [
        (json!({ "email": "nobody@example.com" }), 404, "NOT_FOUND"),
        (json!({ "email": "invalid" }), 400, "INVALID_REQUEST"),
        (body, 400, "INVALID_REQUEST"),
    ] {
        app.post(&app.lead, &format!("{INVITES}/revoke"), &body).await.refused(status, code);
    }
}

#[tokio::test]
async fn revoking_deletes_the_model_and_refunds_what_is_unused() {
    let app = documented().await;
    for (email, refunded) in [("early@example.com", true), ("late@example.com", false)] {
        let (_, shoot) = app.member(email).await;
        pack(&app, &shoot).await;
        hand_in(&app, &shoot).await;
        if !refunded {
            deliver_rows(&app, &shoot).await;
        }
        assert_eq!(app.credits(), 99, "{email}");
        app.post(&app.lead, &format!("{INVITES}/revoke"), &json!({ "email": email })).await.ok();
        assert_eq!(app.credits(), if refunded { 100 } else { 99 }, "{email}");
        let model = app.get(&app.lead, &format!("/api/v2/organization/models/{shoot}")).await.ok();
        assert_eq!((&model["model"]["status"], &model["model"]["email"]), (&json!("deleted"), &json!(null)));
    }
}
