//! Invites: made, listed, shown, revoked. [002]

use std::time::Duration;

use serde_json::{Value, json};

use crate::app::{INVITES, TEAMS, TestApp};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn revoke(app: &TestApp, email: &str) -> Value {
    app.post(&app.lead, &format!("{INVITES}/revoke"), &json!({ "email": email })).await.ok()
}

async fn show(app: &TestApp, email: &str) -> Value {
    app.get(&app.lead, &format!("{INVITES}/{email}")).await.ok()["invite"].clone()
}

#[tokio::test]
async fn an_invite_answers_as_the_document_shows_it() {
    let app = TestApp::start().await;
    let teams = app.post(&app.lead, TEAMS, &json!({ "name": "Marketing" })).await.ok();
    let team = &teams["organization"]["teams"][0]["id"];

    let made =
        app.post(&app.lead, INVITES, &json!({ "email": "User@Example.com", "teamId": team, "owner": true })).await.ok();
    let id = made["id"].as_str().unwrap();
    assert_eq!(
        made,
        json!({
            "success": true, "input": { "email": "user@example.com" }, "message": "Invite sent",
            "link": format!("{}/auth/signup?invite={id}", app.url), "id": id, "teamId": team,
        })
    );
    assert_eq!(app.post(&app.lead, INVITES, &json!({ "email": "two@example.com" })).await.ok()["teamId"], Value::Null);

    let listed = app.get(&app.lead, INVITES).await.ok();
    let created = &listed["invites"][1]["createdAt"];
    assert_eq!(created.as_str().unwrap().len(), "2024-01-15T10:30:00.000Z".len());
    assert_eq!(
        listed,
        json!({
            "success": true,
            "invites": [
                { "email": "two@example.com", "status": "pending", "teamId": null, "teamName": null, "createdAt": listed["invites"][0]["createdAt"] },
                { "email": "user@example.com", "status": "pending", "teamId": team, "teamName": "Marketing", "createdAt": created },
            ],
        })
    );
    assert_eq!(
        show(&app, "user@example.com").await,
        json!({ "email": "user@example.com", "status": "pending", "teamId": team })
    );
}

#[tokio::test]
async fn an_address_is_invited_once_until_the_invite_expires() {
    let app = TestApp::start().await;
    let kim = json!({ "email": " Kim@Acme.test " });

    app.post(&app.lead, INVITES, &kim).await.ok();
    app.run_jobs().await;
    assert_eq!(app.mails(), ["kim@acme.test: Your headshots at Acme"]);

    let again = app.post(&app.lead, INVITES, &kim).await;
    assert!(again.refused(400, "INVALID_REQUEST").contains("already invited"));

    app.advance(31 * DAY).await;
    let old = show(&app, "kim@acme.test").await;
    assert_eq!((&old["status"], &old["expired"]), (&json!("pending"), &json!(true)));
    app.post(&app.lead, INVITES, &kim).await.ok();
    assert_eq!(show(&app, "kim@acme.test").await["expired"], Value::Null, "the newest live one wins");
    assert_eq!(app.get(&app.lead, INVITES).await.ok()["invites"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn plus_addresses_are_different_people() {
    let app = TestApp::start().await;
    app.post(&app.lead, INVITES, &json!({ "email": "user@example.com" })).await.ok();
    app.post(&app.lead, INVITES, &json!({ "email": "user+1@example.com" })).await.ok();
    assert_eq!(show(&app, "user+1@example.com").await["email"], "user+1@example.com");
}

#[tokio::test]
async fn checks_come_in_their_order() {
    let app = TestApp::start().await;
    let (organization, _) = app.stranger().await;
    app.db
        .write(move |tx| {
            headroom::teams::create(
                tx,
                &headroom::members::Actor::operator(organization),
                &headroom::teams::TeamName::parse("Theirs")?,
            )
        })
        .await
        .unwrap();
    app.post(&app.lead, INVITES, &json!({ "email": "kim@acme.test" })).await.ok();
    app.spend_all().await;
    let no_team = "team_0123456789abcdef01234567";

    for body in [json!([]), json!("kim"), json!({ "email": 7 }), json!({ "teamId": no_team })] {
        app.post(&app.lead, INVITES, &body).await.refused(400, "INVALID_REQUEST");
    }
    app.post(&app.lead, INVITES, &json!({ "email": "kim", "teamId": no_team })).await.refused(400, "INVALID_REQUEST");
    for team in [no_team, "x", "../../etc"] {
        app.post(&app.lead, INVITES, &json!({ "email": "kim@acme.test", "teamId": team }))
            .await
            .refused(404, "NOT_FOUND");
    }
    app.post(&app.lead, INVITES, &json!({ "email": "kim@acme.test" })).await.refused(400, "INVALID_REQUEST");
    app.post(&app.lead, INVITES, &json!({ "email": "new@acme.test" })).await.refused(402, "INSUFFICIENT_CREDITS");
}

#[tokio::test]
async fn pending_invites_are_capped_at_twice_the_credits() {
    let app = TestApp::start().await;
    for nth in 0..200 {
        app.post(&app.lead, INVITES, &json!({ "email": format!("p{nth}@acme.test") })).await.ok();
    }
    let refused = app
        .post(&app.lead, INVITES, &json!({ "email": "one-more@acme.test" }))
        .await
        .refused(429, "INVITE_LIMIT_EXCEEDED");
    assert!(refused.contains("200"), "{refused}");

    revoke(&app, "p0@acme.test").await;
    app.post(&app.lead, INVITES, &json!({ "email": "one-more@acme.test" })).await.ok();
    app.advance(31 * DAY).await;
    app.post(&app.lead, INVITES, &json!({ "email": "after@acme.test" })).await.ok();
}

#[tokio::test]
async fn the_cap_holds_under_64_callers_at_once() {
    let app = TestApp::start().await;
    let calls = (0..64).flat_map(|caller| (0..5).map(move |nth| format!("c{caller}-{nth}@acme.test")));
    let answers = futures::future::join_all(calls.map(|email| {
        let app = &app;
        async move { app.post(&app.lead, INVITES, &json!({ "email": email })).await.status.as_u16() }
    }))
    .await;
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 200);
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 120);
}

#[tokio::test]
async fn a_revoked_invite_stays_listed_and_its_address_is_free() {
    let app = TestApp::start().await;
    app.post(&app.lead, INVITES, &json!({ "email": "kim@acme.test" })).await.ok();
    app.run_jobs().await;
    let token = app.token_for("kim@acme.test");

    let revoked = revoke(&app, "KIM@acme.test").await;
    assert_eq!(revoked, json!({ "success": true, "message": "Invite revoked", "input": { "email": "kim@acme.test" } }));
    assert_eq!(show(&app, "kim@acme.test").await["status"], "revoked");
    let again = app.post(&app.lead, &format!("{INVITES}/revoke"), &json!({ "email": "kim@acme.test" })).await;
    again.refused(400, "INVALID_REQUEST");
    let way = app.db.read(|view| headroom::auth::look(view, &token)).unwrap();
    assert!(matches!(way, headroom::auth::Way::Gone { why: headroom::auth::Gone::Revoked, .. }));

    app.post(&app.lead, INVITES, &json!({ "email": "kim@acme.test" })).await.ok();
    assert_eq!(show(&app, "kim@acme.test").await["status"], "pending");
    app.post(&app.lead, &format!("{INVITES}/revoke"), &json!({ "email": "nobody@acme.test" }))
        .await
        .refused(404, "NOT_FOUND");
    app.post(&app.lead, &format!("{INVITES}/revoke"), &json!({})).await.refused(400, "INVALID_REQUEST");
}

#[tokio::test]
async fn revoking_takes_down_the_member_and_the_model() {
    let app = TestApp::start().await;
    let (browser, shoot) = app.member("kim@acme.test").await;
    let accepted = show(&app, "kim@acme.test").await;
    assert_eq!(accepted, json!({ "email": "kim@acme.test", "status": "accepted", "modelId": shoot, "teamId": null }));

    revoke(&app, "kim@acme.test").await;

    assert_eq!(
        show(&app, "kim@acme.test").await,
        json!({ "email": "kim@acme.test", "status": "revoked", "teamId": null })
    );
    let gone = app.db.read(|view| headroom::shoots::get(view, &shoot)).unwrap();
    assert_eq!((gone.state, gone.member), (headroom::shoots::State::Deleted, None));
    let signed_in = app.request(&browser, reqwest::Method::GET, "/team-member").send().await.unwrap();
    assert_ne!(signed_in.status(), 200, "access ends at once");
}

#[tokio::test]
async fn revoking_takes_down_the_model_of_someone_who_left() {
    let app = TestApp::start().await;
    let (browser, shoot) = app.member("kim@acme.test").await;
    let (globex, _) = app.stranger().await;
    let entered = app.db.write(move |tx| {
        let new = headroom::invites::NewInvite { email: "kim@acme.test".parse()?, team: None };
        let invite = headroom::invites::invite(tx, &headroom::members::Actor::operator(globex), &new)?;
        headroom::invites::accept(tx, &invite.id)
    });
    entered.await.unwrap();

    revoke(&app, "kim@acme.test").await;

    let gone = app.db.read(|view| headroom::shoots::get(view, &shoot)).unwrap();
    assert_eq!(gone.state, headroom::shoots::State::Deleted);
    let still = app.request(&browser, reqwest::Method::GET, "/team-member/onboarding/you").send().await.unwrap();
    assert_eq!(still.status(), 200, "their place elsewhere is not Acme's to take");
}

#[tokio::test]
async fn a_lead_is_not_taken_down_by_revoking_an_invite() {
    let app = TestApp::start().await;
    app.post(&app.lead, &format!("{INVITES}/revoke"), &json!({ "email": "ada@acme.test" }))
        .await
        .refused(404, "NOT_FOUND");
    app.post(&app.lead, INVITES, &json!({ "email": "ada@acme.test" })).await.refused(400, "INVALID_REQUEST");
}
