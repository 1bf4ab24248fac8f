//! Models: listed, shown, created, deleted, and called by the right words all along.

use std::time::Duration;

use serde_json::{Value, json};

use super::walk::{all, pages_as_promised, walk};
use crate::{
    app::{Caller, INVITES, TEAMS, TestApp, Wishes},
    studio::{deliver_rows, hand_in, pack},
};

const MODELS: &str = "/api/v2/organization/models";
const TEAM: &str = "/api/v2/organization/team";
const MINUTE: Duration = Duration::from_secs(60);

async fn model(app: &TestApp, id: &str) -> Value {
    app.get(&app.lead, &format!("{MODELS}/{id}")).await.ok()["model"].clone()
}

/// Asks for a model of Lee, in a team.
async fn lee(app: &TestApp) -> (String, Value) {
    let teams = app.post(&app.lead, TEAMS, &json!({ "name": "Sales" })).await.ok();
    let team = teams["organization"]["teams"][0]["id"].clone();
    let body = json!({ "email": "lee@acme.test", "teamId": team, "isDevelopment": true });
    (app.post(&app.lead, MODELS, &body).await.ok()["modelId"].as_str().unwrap().to_owned(), team)
}

#[tokio::test]
async fn a_model_shows_itself_and_whose_it_is() {
    let app = TestApp::start().await;
    app.switch_whitelabel_on().await;
    let (_, kims) = app.member("kim@acme.test").await;
    let (lees, team) = lee(&app).await;

    let listed = app.get(&app.lead, MODELS).await.ok();

    let (lee, kim) = (&listed["models"][0], &listed["models"][1]);
    assert_eq!(
        *lee,
        json!({
            "id": lees, "uid": lee["uid"], "email": "lee@acme.test", "title": "lee@acme.test", "status": "onboarding",
            "teamId": team, "teamName": "Sales", "isDevelopment": true, "createdAt": lee["createdAt"], "finishedAt": null,
        })
    );
    assert_eq!(
        *kim,
        json!({
            "id": kims, "uid": kim["uid"], "email": "kim@acme.test", "title": "kim@acme.test", "status": "onboarding",
            "teamId": null, "teamName": null, "createdAt": kim["createdAt"], "finishedAt": null,
        })
    );
    assert_eq!((&model(&app, &lees).await, &model(&app, kims.as_str()).await), (lee, kim));
    for nobody in ["507f1f77bcf86cd799439011", "x", "..%2f"] {
        app.get(&app.lead, &format!("{MODELS}/{nobody}")).await.refused(404, "NOT_FOUND");
        app.delete(&app.lead, &format!("{MODELS}/{nobody}")).await.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn models_are_filtered_by_status_and_team() {
    let app = TestApp::start().await;
    app.switch_whitelabel_on().await;
    let (_, kims) = app.member("kim@acme.test").await;
    pack(&app, &kims).await;
    hand_in(&app, &kims).await;
    let (lees, team) = lee(&app).await;
    let team = team.as_str().unwrap();
    for (query, expected) in [
        ("status=waiting".to_owned(), json!([kims])),
        ("status=onboarding".to_owned(), json!([lees])),
        ("status=active".to_owned(), json!([])),
        (format!("teamId={team}"), json!([lees])),
        (format!("teamId={team}&status=waiting"), json!([])),
        (format!("teamId={team}&status=onboarding"), json!([lees])),
    ] {
        let found = app.get(&app.lead, &format!("{MODELS}?{query}")).await.ok();
        assert_eq!(json!(all(found["models"].as_array().unwrap(), "id")), expected, "{query}");
        assert_eq!(found["pagination"]["total"], expected.as_array().unwrap().len(), "{query}");
    }
    app.get(&app.lead, &format!("{MODELS}?status=accepted")).await.refused(400, "INVALID_REQUEST");
    for nobodys in ["team_507f1f77bcf86cd799439012", "x", ""] {
        app.get(&app.lead, &format!("{MODELS}?teamId={nobodys}")).await.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn the_list_pages() {
    let app = TestApp::start().await;
    for nth in 0..5 {
        app.member(&format!("p{nth}@acme.test")).await;
    }
    pages_as_promised(&app, MODELS, "models").await;
    let mut more = 0;
    let walked = walk(&app, MODELS, "models", async || {
        more += 1;
        app.member(&format!("late{more}@acme.test")).await;
    });
    let emails = all(&walked.await, "email");
    assert_eq!(json!(emails), json!(["p4@acme.test", "p3@acme.test", "p2@acme.test", "p1@acme.test", "p0@acme.test"]));
}

/// Where the person of an invite stands in the words of API v2's invites, API v1's, the members' and the models'.
async fn words(app: &TestApp, invite: &str, model_id: Option<&str>) -> [String; 4] {
    let word = |value: &Value| value.as_str().unwrap_or("–").to_owned();
    let shown = app.get(&app.lead, &format!("{INVITES}/kim@acme.test")).await.ok()["invite"].clone();
    let listed = app.get(&app.lead, INVITES).await.ok()["invites"][0].clone();
    assert_eq!((&shown["status"], &shown["modelId"]), (&listed["status"], &listed["modelId"]));
    let old = app.get(&app.lead, &format!("/api/v1/organization/invite/id/{invite}")).await.ok();

    let team = app.get(&app.lead, TEAM).await.ok()["members"].as_array().unwrap().clone();
    let member = team.into_iter().find(|member| member["email"] == "kim@acme.test").unwrap_or_default();
    for at in ["accepted", "pending", "finished"] {
        let all = app.get(&app.lead, &format!("{TEAM}/{at}")).await.ok();
        let some = app.get(&app.lead, &format!("{TEAM}?status={at}")).await.ok();
        assert_eq!(all["members"], some["members"], "{at}");
        assert_eq!(all["count"], some["members"].as_array().unwrap().len(), "{at}");
        let here = all["members"].as_array().unwrap().contains(&member);
        assert_eq!(here, member["status"] == at, "{at}: {member}");
    }
    let model_word = match model_id {
        Some(id) => {
            let status = word(&model(app, id).await["status"]);
            let found = app.get(&app.lead, &format!("{MODELS}?status={status}")).await.ok();
            assert_eq!(json!(all(found["models"].as_array().unwrap(), "id")), json!([id]));
            assert!(member.is_null() || member["modelStatus"] == status, "{member}");
            status
        }
        None => "–".to_owned(),
    };
    [word(&shown["status"]), word(&old["invite"]["status"]), word(&member["status"]), model_word]
}

#[tokio::test]
async fn each_promise_has_its_word_at_every_step() {
    let settings = vec![("dev_shoot", "1h".to_owned())];
    let app = TestApp::start_with(Wishes { settings, ..Wishes::default() }).await;
    let made = app.post(&app.lead, INVITES, &json!({ "email": "kim@acme.test" })).await.ok();
    let invite = made["id"].as_str().unwrap();
    assert_eq!(words(&app, invite, None).await, ["pending", "pending-invite", "–", "–"]);

    let (_, shoot) = app.accept(&invite.parse().unwrap()).await;
    let model = Some(shoot.as_str());
    assert_eq!(words(&app, invite, model).await, ["accepted", "waiting-for-upload", "accepted", "onboarding"]);
    pack(&app, &shoot).await;
    assert_eq!(words(&app, invite, model).await, ["uploading", "waiting-for-upload", "pending", "onboarding"]);
    hand_in(&app, &shoot).await;
    assert_eq!(words(&app, invite, model).await, ["generating", "generating-headshots", "pending", "waiting"]);

    // The generator takes an hour, and the last two fifths of it are for the pictures.
    let job = headroom::queue::Job::Shoot(shoot.clone());
    app.db.write(move |tx| headroom::queue::push(tx, job)).await.unwrap();
    app.run_jobs().await;
    assert_eq!(words(&app, invite, model).await, ["generating", "generating-headshots", "pending", "pending"]);
    app.advance(40 * MINUTE).await;
    let generating = ["generating", "generating-headshots", "pending", "generatingHeadshots"];
    assert_eq!(words(&app, invite, model).await, generating);
    app.post(&Caller::Nobody, "/dev/fail", &json!({ "modelId": shoot })).await.json();
    app.advance(Duration::from_secs(3)).await;
    assert_eq!(words(&app, invite, model).await, ["generating", "generating-headshots", "pending", "failed"]);
    app.advance(Duration::from_secs(11)).await;
    assert_eq!(words(&app, invite, model).await, ["generating", "generating-headshots", "pending", "pending"]);
    deliver_rows(&app, &shoot).await;
    assert_eq!(words(&app, invite, model).await, ["completed", "active", "finished", "active"]);

    app.delete(&app.lead, &format!("{MODELS}/{shoot}")).await.ok();
    assert_eq!(words(&app, invite, model).await, ["deleted", "deleted", "–", "deleted"]);
    app.post(&app.lead, &format!("{INVITES}/revoke"), &json!({ "email": "kim@acme.test" })).await.ok();
    assert_eq!(words(&app, invite, model).await, ["revoked", "revoked", "–", "deleted"]);
}

#[tokio::test]
async fn deleting_a_members_model_keeps_the_member() {
    let app = TestApp::start().await;
    let (browser, shoot) = app.member("kim@acme.test").await;
    pack(&app, &shoot).await;
    hand_in(&app, &shoot).await;
    assert_eq!(app.credits(), 99);
    let path = format!("{MODELS}/{shoot}");

    let deleted = app.delete(&app.lead, &path).await.ok();

    assert_eq!(deleted, json!({ "success": true, "message": "Model deleted successfully", "modelId": shoot }));
    assert_eq!(app.credits(), 100, "generating had not begun");
    app.delete(&app.lead, &path).await.refused(400, "ALREADY_DELETED");
    let gone = model(&app, shoot.as_str()).await;
    assert_eq!((&gone["status"], &gone["email"]), (&json!("deleted"), &json!("kim@acme.test")));
    let members = app.get(&app.lead, TEAM).await.ok()["members"].clone();
    assert_eq!((&members[0]["email"], &members[0]["status"]), (&json!("kim@acme.test"), &json!(null)));
    assert!(app.get(&browser, "/team-member").await.text().contains("Your headshots were deleted"));
}

#[tokio::test]
async fn a_finished_model_says_since_when_and_costs_its_credit() {
    let app = TestApp::start().await;
    let (_, shoot) = app.member("kim@acme.test").await;
    pack(&app, &shoot).await;
    hand_in(&app, &shoot).await;
    app.db.clock().advance(MINUTE);
    deliver_rows(&app, &shoot).await;
    let done = model(&app, shoot.as_str()).await;
    assert!(done["finishedAt"].as_str() > done["createdAt"].as_str(), "{done}");
    app.delete(&app.lead, &format!("{MODELS}/{shoot}")).await.ok();
    assert_eq!(app.credits(), 99, "the headshots were made");
}

#[tokio::test]
async fn a_model_is_created_as_by_the_whitelabel_api_but_for_402() {
    let app = TestApp::start().await;
    let post = async |body: Value| app.post(&app.lead, MODELS, &body).await;
    let kim = json!({ "email": "kim@acme.test" });
    post(kim.clone()).await.refused(403, "FORBIDDEN");
    app.switch_whitelabel_on().await;
    let made = post(kim.clone()).await.ok();
    assert_eq!(made.as_object().unwrap().keys().collect::<Vec<_>>(), ["success", "modelId", "status", "signedUrl"]);
    post(kim.clone()).await.refused(400, "ALREADY_EXISTS");
    post(json!({ "email": "kim" })).await.refused(400, "INVALID_EMAIL");
    post(json!({ "email": 7 })).await.refused(400, "INVALID_REQUEST");
    post(json!({ "email": "new@acme.test", "teamId": "team_507f1f77bcf86cd799439012" }))
        .await
        .refused(404, "NOT_FOUND");
    app.spend_all().await;
    post(json!({ "email": "new@acme.test" })).await.refused(402, "INSUFFICIENT_CREDITS");
    let free = post(json!({ "email": "new@acme.test", "isDevelopment": true })).await.ok();
    assert_eq!(free["isDevelopment"], true);
}
