//! The page of an open invite link, and the mail that lets people in by it. [000]

use std::time::Duration;

use headroom::{
    invites::{self, NewInvite},
    members::{self, Actor, Member},
};
use serde_json::{Value, json};

use super::{open, press, signed_in};
use crate::app::{Answer, Caller, INVITES, LINKS, TEAMS, TestApp};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// An open link as it was answered, and the path of its page.
pub(super) async fn link(app: &TestApp, body: &Value) -> (Value, String) {
    let link = app.post(&app.lead, LINKS, body).await.ok()["link"].clone();
    let path = link["url"].as_str().unwrap().strip_prefix(&app.url).unwrap().to_owned();
    (link, path)
}

pub(super) async fn ask(app: &TestApp, path: &str, email: &str) -> Answer {
    let answer = app.submit(&Caller::Nobody, path, &[("email", email)]).await;
    app.run_jobs().await;
    answer
}

/// The same, with the mail still to be sent.
pub(super) async fn asked(app: &TestApp, path: &str, email: &str) -> Answer {
    app.submit(&Caller::Nobody, path, &[("email", email)]).await
}

/// Opens the newest mail's link and presses its button.
pub(super) async fn follow(app: &TestApp, email: &str) -> Answer {
    let token = app.token_for(email);
    let shown = open(app, &Caller::Nobody, &token).await;
    press(app, &Caller::Nobody, &token, &shown, &[]).await
}

pub(super) async fn revoke(app: &TestApp, link: &Value) {
    app.delete(&app.lead, &format!("{LINKS}/{}", link["id"].as_str().unwrap())).await.ok();
}

pub(super) async fn uses(app: &TestApp) -> Value {
    app.get(&app.lead, LINKS).await.ok()["links"][0]["uses"].clone()
}

fn member(app: &TestApp, email: &str) -> Option<Member> {
    app.db.read(|view| members::by_email(view, &app.organization, &email.parse()?)).unwrap()
}

#[tokio::test]
async fn whoever_has_the_link_and_an_address_of_its_domain_joins() {
    let app = TestApp::start().await;
    let teams = app.post(&app.lead, TEAMS, &json!({ "name": "Sales" })).await.ok();
    let team = teams["organization"]["teams"][0]["id"].clone();
    let (_, path) = link(&app, &json!({ "domains": ["acme.test", "acme.de"], "teamId": team })).await;
    let page = app.get(&Caller::Nobody, &path).await;
    assert!(page.text().contains("Your headshots at Acme"), "{}", page.text());
    assert!(page.text().contains("Use your acme.test or acme.de address."), "{}", page.text());

    let sent = ask(&app, &path, " Kim@Acme.test ").await;
    assert_eq!(sent.status, 200);
    assert!(sent.text().contains("Check your mail") && sent.text().contains("kim@acme.test"), "{}", sent.text());
    assert_eq!(app.mails(), ["kim@acme.test: Your headshots at Acme"]);
    assert!(member(&app, "kim@acme.test").is_none(), "asking alone changes nothing");

    let token = app.token_for("kim@acme.test");
    let shown = open(&app, &Caller::Nobody, &token).await;
    assert!(shown.page.contains("Continue to Acme") && !shown.page.contains("You will leave"), "{}", shown.page);
    let entered = press(&app, &Caller::Nobody, &token, &shown, &[]).await;
    assert_eq!(entered.redirects(), "/team-member/onboarding");
    let kim = signed_in(&entered);
    assert_eq!(app.get(&kim, "/team-member/onboarding").await.redirects(), "/team-member/onboarding/you");
    let kim = member(&app, "kim@acme.test").unwrap();
    assert_eq!(json!(kim.team), team);
    assert!(app.db.read(|view| headroom::shoots::latest(view, &kim.id)).unwrap().is_some());
    assert_eq!(uses(&app).await, 1);

    let again = open(&app, &Caller::Nobody, &token).await;
    assert!(again.page.contains("This link was used") && again.page.contains("/auth/link/fresh"), "{}", again.page);
}

#[tokio::test]
async fn another_domain_is_told_so_and_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let (_, path) = link(&app, &json!({ "domains": ["acme.test"] })).await;
    for typed in ["kim@gmail.test", "kim@mail.acme.test", "kim@notacme.test"] {
        let wrong = ask(&app, &path, typed).await;
        assert_eq!(wrong.status, 400);
        assert!(wrong.text().contains("only for acme.test addresses"), "{}", wrong.text());
        assert!(wrong.text().contains(&format!("value=\"{typed}\"")), "{}", wrong.text());
    }
    for typed in ["kim", "", "\"><script>alert(1)</script>"] {
        let wrong = ask(&app, &path, typed).await;
        assert_eq!(wrong.status, 400);
        assert!(wrong.text().contains("is not an e-mail address") && !wrong.text().contains("<script>"));
    }
    assert!(app.mails().is_empty());
}

#[tokio::test]
async fn every_address_gets_the_same_page_and_members_just_come_back() {
    let app = TestApp::start().await;
    let (first, path) = link(&app, &json!({ "limit": 1 })).await;
    let new = ask(&app, &path, "bob@acme.test").await;
    let owner = ask(&app, &path, "ada@acme.test").await;
    assert_eq!(new.status, owner.status);
    assert_eq!(new.text().replace("bob@", "ada@"), owner.text());
    assert_eq!(app.mails(), ["bob@acme.test: Your headshots at Acme", "ada@acme.test: Sign in to Acme"]);

    assert_eq!(follow(&app, "ada@acme.test").await.redirects(), "/app/admin");
    assert_eq!(uses(&app).await, 0, "who is a member already takes nobody's place");
    // Bob has asked twice before he came; the second mail brings him back, though the link is used up by then.
    ask(&app, &path, "bob@acme.test").await;
    let second = app.token_for("bob@acme.test");
    let again = ask(&app, &path, "bob@acme.test").await;
    assert!(again.text().contains("Check your mail"));
    assert_eq!(follow(&app, "bob@acme.test").await.redirects(), "/team-member/onboarding");
    let shown = open(&app, &Caller::Nobody, &second).await;
    assert_eq!(press(&app, &Caller::Nobody, &second, &shown, &[]).await.redirects(), "/team-member");
    assert_eq!(uses(&app).await, 1);
    // A member's way back has nothing to do with the link any more.
    let (other, path) = link(&app, &json!({})).await;
    ask(&app, &path, "bob@acme.test").await;
    for gone in [&first, &other] {
        revoke(&app, gone).await;
    }
    assert_eq!(follow(&app, "bob@acme.test").await.redirects(), "/team-member");
}

#[tokio::test]
async fn the_code_joins_too() {
    let app = TestApp::start().await;
    let (_, path) = link(&app, &json!({ "limit": 1 })).await;
    let sent = ask(&app, &path, "kim@acme.test").await;
    assert!(sent.text().contains(&format!("name=\"again\" value=\"{path}\"")), "{}", sent.text());
    let code = super::words::code_for(&app, "kim@acme.test");
    let fields = |code| [("email", "kim@acme.test"), ("code", code), ("again", path.as_str())];
    let wrong = app.submit(&Caller::Nobody, "/auth/code", &fields("000 000x")).await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.text().contains(&format!("href=\"{path}\"")), "asking again joins too: {}", wrong.text());
    let elsewhere = [("email", "kim@acme.test"), ("code", "no"), ("again", "https://evil.test/organization/join/x")];
    assert!(!app.submit(&Caller::Nobody, "/auth/code", &elsewhere).await.text().contains("evil"));

    ask(&app, &path, "lee@acme.test").await;
    let lees = super::words::code_for(&app, "lee@acme.test");
    let entered = app.submit(&Caller::Nobody, "/auth/code", &fields(&code)).await;
    assert_eq!(entered.redirects(), "/team-member/onboarding");
    let late = [("email", "lee@acme.test"), ("code", lees.as_str()), ("again", path.as_str())];
    let late = app.submit(&Caller::Nobody, "/auth/code", &late).await;
    assert_eq!(late.status, 401);
    assert!(late.text().contains("This invite link is used up"), "{}", late.text());
    assert!(member(&app, "lee@acme.test").is_none());
}

#[tokio::test]
async fn a_link_that_is_over_says_why_on_its_page_and_in_its_mails() {
    let app = TestApp::start().await;
    let ends = (app.db.clock().now() + HOUR).to_string();
    let (_, full) = link(&app, &json!({ "limit": 1 })).await;
    let (_, late) = link(&app, &json!({ "expiresAt": ends })).await;
    let (gone, revoked) = link(&app, &json!({})).await;
    let mut waiting = Vec::new();
    for (path, email) in [(&full, "kim@acme.test"), (&late, "lee@acme.test"), (&revoked, "mia@acme.test")] {
        ask(&app, path, email).await;
        waiting.push(app.token_for(email));
    }
    ask(&app, &full, "first@acme.test").await;
    assert_eq!(follow(&app, "first@acme.test").await.redirects(), "/team-member/onboarding");
    // Their pages were open while it happened.
    let mut shown = Vec::new();
    for token in &waiting {
        shown.push(open(&app, &Caller::Nobody, token).await);
    }
    revoke(&app, &gone).await;
    app.advance(HOUR).await;

    let reasons = ["This invite link is used up", "This invite link has expired", "This invite link was revoked"];
    for (nth, (path, reason)) in [&full, &late, &revoked].into_iter().zip(reasons).enumerate() {
        let page = app.get(&Caller::Nobody, path).await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains(reason) && page.text().contains("Ask your admin at Acme"), "{}", page.text());
        assert!(!page.text().contains("Mail me a link"));
        let before = app.mails().len();
        assert!(ask(&app, path, "zoe@acme.test").await.text().contains(reason));
        assert_eq!(app.mails().len(), before);

        let pressed = press(&app, &Caller::Nobody, &waiting[nth], &shown[nth], &[]).await;
        assert!(pressed.text().contains(reason), "{}", pressed.text());
        assert!(open(&app, &Caller::Nobody, &waiting[nth]).await.page.contains(reason));
    }
    for email in ["kim@acme.test", "lee@acme.test", "mia@acme.test"] {
        assert!(member(&app, email).is_none(), "{email}");
    }
}

#[tokio::test]
async fn a_mail_that_is_too_old_leads_back_to_the_links_page() {
    let app = TestApp::start().await;
    let (_, path) = link(&app, &json!({})).await;
    ask(&app, &path, "kim@acme.test").await;
    app.advance(2 * HOUR).await;
    let page = open(&app, &Caller::Nobody, &app.token_for("kim@acme.test")).await.page;
    assert!(page.contains("This link has expired"), "{page}");
    assert!(page.contains(&format!("action=\"{path}\"")), "nobody else knows the address yet: {page}");
    ask(&app, &path, "kim@acme.test").await;
    assert_eq!(follow(&app, "kim@acme.test").await.redirects(), "/team-member/onboarding");
}

#[tokio::test]
async fn a_link_nobody_made_is_not_there() {
    let app = TestApp::start().await;
    for id in ["507f1f77bcf86cd799439011", "nonsense", "%00%ff", "507F1F77BCF86CD799439011"] {
        let path = format!("/organization/join/{id}");
        for answer in [app.get(&Caller::Nobody, &path).await, ask(&app, &path, "kim@acme.test").await] {
            assert_eq!(answer.status, 404);
            assert!(answer.text().contains("There is nothing here"), "{}", answer.text());
        }
    }
    let other_site = app
        .request(&Caller::Nobody, reqwest::Method::POST, "/organization/join/507f1f77bcf86cd799439011")
        .header("sec-fetch-site", "cross-site");
    assert_eq!(Answer::of(other_site).await.status, 403);
}

#[tokio::test]
async fn joining_answers_a_personal_invite_of_the_same_address() {
    let app = TestApp::start().await;
    let teams = app.post(&app.lead, TEAMS, &json!({ "name": "Sales" })).await.ok();
    let team = teams["organization"]["teams"][0]["id"].clone();
    app.post(&app.lead, INVITES, &json!({ "email": "kim@acme.test", "teamId": team })).await.ok();
    app.run_jobs().await;
    let invited = app.token_for("kim@acme.test");
    let (_, path) = link(&app, &json!({})).await;
    ask(&app, &path, "kim@acme.test").await;
    assert_eq!(follow(&app, "kim@acme.test").await.redirects(), "/team-member/onboarding");

    let invite = app.get(&app.lead, &format!("{INVITES}/kim@acme.test")).await.ok()["invite"].clone();
    let kim = member(&app, "kim@acme.test").unwrap();
    let shoot = app.db.read(|view| headroom::shoots::latest(view, &kim.id)).unwrap().unwrap();
    assert_eq!(invite, json!({ "email": "kim@acme.test", "status": "accepted", "modelId": shoot.id, "teamId": team }));
    assert_eq!(json!(kim.team), team, "the link names no team, the invite does");
    assert_eq!(uses(&app).await, 1);
    let shown = open(&app, &Caller::Nobody, &invited).await;
    assert_eq!(press(&app, &Caller::Nobody, &invited, &shown, &[]).await.redirects(), "/team-member");
    assert_eq!(app.db.read(|view| headroom::shoots::of_member(view, &kim.id)).unwrap().len(), 1);
}

#[tokio::test]
async fn a_place_elsewhere_is_given_up_unless_it_is_the_owners() {
    let app = TestApp::start().await;
    let (globex, _) = app.stranger().await;
    let (_, path) = link(&app, &json!({ "limit": 2 })).await;
    ask(&app, &path, "hank@globex.test").await;
    let token = app.token_for("hank@globex.test");
    let shown = open(&app, &Caller::Nobody, &token).await;
    let refused = press(&app, &Caller::Nobody, &token, &shown, &[]).await;
    assert_eq!(refused.status, 403);
    assert!(
        refused.text().contains("You own Globex") && refused.text().contains("People with access"),
        "{}",
        refused.text()
    );
    assert_eq!(uses(&app).await, 0);

    let by = Actor::operator(globex.clone());
    let entered = app.db.write(move |tx| {
        let invite = invites::invite(tx, &by, &NewInvite { email: "ida@globex.test".parse()?, team: None })?;
        invites::accept(tx, &invite.id)
    });
    entered.await.unwrap();
    ask(&app, &path, "ida@globex.test").await;
    let token = app.token_for("ida@globex.test");
    let shown = open(&app, &Caller::Nobody, &token).await;
    assert!(
        shown.page.contains("You will leave Globex") && !shown.page.contains("data-link-confirm"),
        "{}",
        shown.page
    );
    assert_eq!(press(&app, &Caller::Nobody, &token, &shown, &[]).await.redirects(), "/team-member/onboarding");
    let left = app.db.read(|view| members::by_email(view, &globex, &"ida@globex.test".parse()?)).unwrap();
    assert!(left.is_none() && member(&app, "ida@globex.test").is_some());
}
