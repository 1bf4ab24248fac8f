//! The ten calls of API v1. [004]

use std::time::Duration;

use headroom::ids::ShootId;
use serde_json::{Value, json};

use super::{assert_like, documented, team};
use crate::{
    app::TestApp,
    studio::{deliver_rows, hand_in, pack},
};

const V1: &str = "/api/v1/organization";

const ORGANIZATION: &str = r#"{
    "success": true,
    "organization": {
        "uid": "UNIQUE_ID",
        "name": "Organization Name",
        "description": "Organization Description",
        "website": "https://organization.com",
        "teams": [{ "name": "Team Name", "id": "TEAM_UNIQUE_ID" }]
    }
}"#;

async fn post(app: &TestApp, path: &str, body: &Value) -> Value {
    app.post(&app.lead, &format!("{V1}{path}"), body).await.ok()
}

async fn get(app: &TestApp, path: &str) -> Value {
    app.get(&app.lead, &format!("{V1}{path}")).await.ok()
}

async fn invite(app: &TestApp, email: &str) -> String {
    post(app, "/invite", &json!({ "email": email })).await["id"].as_str().unwrap().to_owned()
}

async fn accept(app: &TestApp, invite: &str) -> ShootId {
    app.accept(&invite.parse().unwrap()).await.1
}

#[tokio::test]
async fn get_organization_details() {
    let app = documented().await;
    team(&app, "Team Name").await;
    let example = r#"{
        "success": true,
        "organization": {
            "uid": "UNIQUE_ID",
            "name": "Organization Name",
            "website": "https://organization.com",
            "teams": [{ "name": "Team Name", "id": "TEAM_UNIQUE_ID" }]
        }
    }"#;
    for path in ["", "/"] {
        assert_like(&get(&app, path).await, example);
    }
}

#[tokio::test]
async fn check_credits() {
    let app = documented().await;
    assert_like(&get(&app, "/credits").await, r#"{ "success": true, "credits": 100 }"#);
}

#[tokio::test]
async fn invite_a_team_member() {
    let app = documented().await;
    let team = team(&app, "Team Name").await;
    let example = r#"{
        "success": true,
        "input": { "email": "user@example.com" },
        "message": "Invite sent",
        "link": "https://www.headshotpro.com/auth/signup?invite=[UNIQUE_ID]",
        "id": "[UNIQUE_ID]",
        "teamId": "TEAM_ID"
    }"#;
    let made = post(&app, "/invite", &json!({ "email": "user@example.com", "teamId": team })).await;
    assert_like(&made, example);
    let made = post(&app, "/invite", &json!({ "email": "other@example.com" })).await;
    assert_like(&made, &example.replace("user@", "other@").replace(r#""TEAM_ID""#, "null"));
    app.run_jobs().await;
    assert_eq!((app.mails().len(), app.credits()), (2, 100), "an email is sent, and no credit consumed yet");

    for (body, status, code) in [
        (json!({ "email": "user@example.com" }), 400, "INVALID_REQUEST"),
        (json!({ "email": "new@example.com", "teamId": "TEAM_ID" }), 404, "NOT_FOUND"),
    ] {
        app.post(&app.lead, &format!("{V1}/invite"), &body).await.refused(status, code);
    }
    app.spend_all().await;
    let new = json!({ "email": "new@example.com" });
    app.post(&app.lead, &format!("{V1}/invite"), &new).await.refused(402, "INSUFFICIENT_CREDITS");
}

#[tokio::test]
async fn revoke_an_invite() {
    let app = documented().await;
    invite(&app, "user@example.com").await;
    let revoked = post(&app, "/invite/revoke", &json!({ "email": "user@example.com" })).await;
    assert_like(
        &revoked,
        r#"{ "success": true, "message": "Invite revoked", "input": { "email": "user@example.com" } }"#,
    );
}

#[tokio::test]
async fn get_all_invites() {
    let app = documented().await;
    let team = team(&app, "Team Name").await;
    let used = post(&app, "/invite", &json!({ "email": "user2@example.com", "teamId": team })).await;
    accept(&app, used["id"].as_str().unwrap()).await;
    post(&app, "/invite", &json!({ "email": "user1@example.com", "teamId": team })).await;

    let listed = get(&app, "/invites").await;

    let example = r#"{
        "success": true,
        "invites": [
            {
                "id": "UNIQUE_ID",
                "email": "user1@example.com",
                "valid": true,
                "teamId": "TEAM_ID",
                "createdAt": "2024-01-15T10:30:00.000Z",
                "used": false,
                "link": "https://www.headshotpro.com/auth/signup?invite=UNIQUE_ID"
            },
            {
                "id": "UNIQUE_ID_2",
                "email": "user2@example.com",
                "valid": false,
                "teamId": "TEAM_ID",
                "createdAt": "2024-01-10T14:20:00.000Z",
                "used": true,
                "link": "https://www.headshotpro.com/auth/signup?invite=UNIQUE_ID_2"
            }
        ]
    }"#;
    assert_like(&listed, example);
}

#[tokio::test]
async fn valid_can_still_be_accepted_and_used_was() {
    let app = documented().await;
    for email in ["old@example.com", "early@example.com"] {
        invite(&app, email).await;
    }
    post(&app, "/invite/revoke", &json!({ "email": "early@example.com" })).await;
    app.advance(Duration::from_secs(31 * 24 * 60 * 60)).await;
    accept(&app, &invite(&app, "in@example.com").await).await;
    accept(&app, &invite(&app, "out@example.com").await).await;
    post(&app, "/invite/revoke", &json!({ "email": "out@example.com" })).await;
    invite(&app, "new@example.com").await;

    let listed = get(&app, "/invites").await["invites"].as_array().unwrap().clone();

    let told = |email: &str| {
        let invite = listed.iter().find(|invite| invite["email"] == email).unwrap();
        (invite["valid"].as_bool().unwrap(), invite["used"].as_bool().unwrap())
    };
    assert_eq!(told("new@example.com"), (true, false), "pending");
    assert_eq!(told("old@example.com"), (false, false), "expired");
    assert_eq!(told("early@example.com"), (false, false), "revoked before it was used");
    assert_eq!(told("in@example.com"), (false, true), "accepted");
    assert_eq!(told("out@example.com"), (false, true), "revoked after it was used");
}

#[tokio::test]
async fn get_invite() {
    let app = documented().await;
    let team = team(&app, "Team Name").await;
    let made = post(&app, "/invite", &json!({ "email": "email@address.com", "teamId": team })).await;
    let example = r#"{
        "success": true,
        "invite": { "email": "email@address.com", "status": "pending-invite", "teamId": "TEAM_ID" }
    }"#;
    let shown = get(&app, &format!("/invite/id/{}", made["id"].as_str().unwrap())).await;
    assert_like(&shown, example);
    for nobody in ["507f1f77bcf86cd799439011", "UNIQUE_ID"] {
        app.get(&app.lead, &format!("{V1}/invite/id/{nobody}")).await.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn an_invite_goes_through_its_words() {
    let app = documented().await;
    let id = invite(&app, "user@example.com").await;
    let status = async || get(&app, &format!("/invite/id/{id}")).await["invite"]["status"].as_str().unwrap().to_owned();
    assert_eq!(status().await, "pending-invite");
    let shoot = accept(&app, &id).await;
    assert_eq!(status().await, "waiting-for-upload");
    pack(&app, &shoot).await;
    assert_eq!(status().await, "waiting-for-upload", "until the photos are submitted");
    hand_in(&app, &shoot).await;
    assert_eq!(status().await, "generating-headshots");
    deliver_rows(&app, &shoot).await;
    assert_eq!(status().await, "active");
    app.delete(&app.lead, &format!("/api/v2/organization/models/{shoot}")).await.ok();
    assert_eq!(status().await, "deleted");
    post(&app, "/invite/revoke", &json!({ "email": "user@example.com" })).await;
    assert_eq!(status().await, "revoked");
}

#[tokio::test]
async fn a_used_invite_shows_the_address_its_person_has_now() {
    let app = documented().await;
    let id = invite(&app, "user@example.com").await;
    accept(&app, &id).await;
    let change = |tx: &headroom::db::Tx| {
        tx.execute("update accounts set email = 'now@example.com' where email = 'user@example.com'", [])
    };
    app.db.write(change).await.unwrap();

    assert_eq!(get(&app, &format!("/invite/id/{id}")).await["invite"]["email"], "now@example.com");

    let by_either = async |email: &str| {
        app.get(&app.lead, &format!("/api/v2/organization/invites/{email}")).await.ok()["invite"]["status"].clone()
    };
    assert_eq!(by_either("now@example.com").await, "accepted");
    assert_eq!(by_either("user@example.com").await, "accepted");
}

#[tokio::test]
async fn create_update_and_delete_a_team() {
    let app = documented().await;
    let made = post(&app, "/teams", &json!({ "name": "Team Name" })).await;
    assert_like(&made, ORGANIZATION);
    let path = format!("{V1}/teams/{}", made["organization"]["teams"][0]["id"].as_str().unwrap());

    let renamed = app.put(&app.lead, &path, &json!({ "name": "Updated Team Name" })).await.ok();
    assert_like(&renamed, &ORGANIZATION.replace(r#""Team Name""#, r#""Updated Team Name""#));

    post(&app, "/teams", &json!({ "name": "Other Team Name" })).await;
    let left = app.delete(&app.lead, &path).await.ok();
    assert_like(&left, &ORGANIZATION.replace(r#""Team Name""#, r#""Other Team Name""#));
    app.delete(&app.lead, &path).await.refused(404, "NOT_FOUND");
    app.put(&app.lead, &path, &json!({ "name": "Third" })).await.refused(404, "NOT_FOUND");
    for body in [json!({}), json!({ "name": "other team name" })] {
        app.post(&app.lead, &format!("{V1}/teams"), &body).await.refused(400, "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn add_members_to_a_team() {
    let app = documented().await;
    let team = team(&app, "Team Name").await;
    for email in ["user1@example.com", "user2@example.com"] {
        app.member(email).await;
    }
    let path = format!("/teams/{team}/add-members");

    let added = post(&app, &path, &json!({ "emails": ["user1@example.com", "user2@example.com"] })).await;

    assert_like(&added, ORGANIZATION);
    let members = app.get(&app.lead, "/api/v2/organization/team").await.ok();
    let inside = members["members"].as_array().unwrap().iter().filter(|member| member["teamId"] == team);
    assert_eq!(inside.count(), 2);
    let outsiders = json!({ "emails": ["user1@example.com", "nobody@example.com"] });
    app.post(&app.lead, &format!("{V1}{path}"), &outsiders).await.refused(400, "INVALID_REQUEST");

    // They stay in the organization when the team goes.
    app.delete(&app.lead, &format!("{V1}/teams/{team}")).await.ok();
    let members = app.get(&app.lead, "/api/v2/organization/team").await.ok();
    let outside = members["members"].as_array().unwrap().iter().filter(|member| member["teamId"].is_null());
    assert_eq!(outside.count(), 3, "and the owner");
}
