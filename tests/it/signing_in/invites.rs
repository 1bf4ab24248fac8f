//! The bare link of an invite: it asks for the address, and only the invited one works. [000]

use std::time::Duration;

use serde_json::json;

use super::{open, press};
use crate::app::{Caller, INVITES, TestApp};

async fn invite(app: &TestApp, email: &str) -> (String, String) {
    let made = app.post(&app.lead, INVITES, &json!({ "email": email })).await.ok();
    let link = made["link"].as_str().unwrap().strip_prefix(&app.url).unwrap().to_owned();
    app.run_jobs().await;
    (link, made["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn only_the_invited_address_is_mailed() {
    let app = TestApp::start().await;
    let (link, id) = invite(&app, "kim@acme.test").await;
    let page = app.get(&Caller::Nobody, &link).await;
    assert!(page.text().contains("Your headshots at Acme"));
    assert!(!page.text().contains("kim@"), "the page tells nobody who was invited");

    let before = app.mails().len();
    let wrong = app.submit(&Caller::Nobody, "/auth/signup", &[("invite", &id), ("email", "lee@acme.test")]).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text().contains("This invitation is for another address"));
    assert!(wrong.text().contains("value=\"lee@acme.test\""));
    let typo = app.submit(&Caller::Nobody, "/auth/signup", &[("invite", &id), ("email", "kim")]).await;
    assert_eq!(typo.status, 400);
    app.run_jobs().await;
    assert_eq!(app.mails().len(), before);

    let right = app.submit(&Caller::Nobody, "/auth/signup", &[("invite", &id), ("email", " KIM@acme.test")]).await;
    assert!(right.text().contains("Check your mail"));
    app.run_jobs().await;
    let token = app.token_for("kim@acme.test");
    let shown = open(&app, &Caller::Nobody, &token).await;
    assert_eq!(press(&app, &Caller::Nobody, &token, &shown, &[]).await.redirects(), "/team-member/onboarding");
    assert!(app.get(&Caller::Nobody, &link).await.text().contains("This invite was accepted"));
}

#[tokio::test]
async fn the_link_that_was_followed_leads_into_its_own_organization() {
    let app = TestApp::start().await;
    let (_, id) = invite(&app, "kim@acme.test").await;
    let (_, globex) = app.stranger().await;
    app.post(&globex, INVITES, &json!({ "email": "kim@acme.test" })).await.ok();
    app.run_jobs().await;
    app.submit(&Caller::Nobody, "/auth/signup", &[("invite", &id), ("email", "kim@acme.test")]).await;
    app.run_jobs().await;
    let shown = open(&app, &Caller::Nobody, &app.token_for("kim@acme.test")).await;
    assert!(shown.page.contains("Continue to Acme"), "{}", shown.page);
}

#[tokio::test]
async fn an_invite_that_is_over_says_why() {
    let app = TestApp::start().await;
    let (revoked, id) = invite(&app, "kim@acme.test").await;
    let token = app.token_for("kim@acme.test");
    app.post(&app.lead, &format!("{INVITES}/revoke"), &json!({ "email": "kim@acme.test" })).await.ok();
    assert!(app.get(&Caller::Nobody, &revoked).await.text().contains("This invite was revoked"));
    let late = app.submit(&Caller::Nobody, "/auth/signup", &[("invite", &id), ("email", "kim@acme.test")]).await;
    assert!(late.text().contains("This invite was revoked"));
    assert!(open(&app, &Caller::Nobody, &token).await.page.contains("This invite was revoked"));

    let (expired, _) = invite(&app, "lee@acme.test").await;
    app.advance(Duration::from_secs(31 * 24 * 60 * 60)).await;
    assert!(app.get(&Caller::Nobody, &expired).await.text().contains("This invite has expired"));

    for unknown in ["507f1f77bcf86cd799439011", "", "nonsense"] {
        let answer = app.get(&Caller::Nobody, &format!("/auth/signup?invite={unknown}")).await;
        assert_eq!(answer.status, 404);
        assert!(answer.text().contains("There is nothing here"));
    }
}
