use headroom::{
    ids::MemberId,
    members::{self, Kind, Member},
    shoots,
};

use super::scene::At;
use crate::{
    app::{Caller, TestApp},
    signing_in::{open, press, signed_in},
};

const PAGE: &str = "/app/admin/managed";

/// Adds someone; who they are.
async fn add(app: &TestApp, fields: &[(&str, &str)]) -> Member {
    let answer = app.submit(&app.owner, PAGE, fields).await;
    let path = answer.redirects();
    let id = path.strip_prefix("/team-member/for/").and_then(|rest| rest.strip_suffix("/onboarding"));
    let id: MemberId = id.expect("the way to their photos").parse().unwrap();
    app.db.read(|view| members::get(view, &id)).unwrap()
}

#[tokio::test]
async fn someone_added_leads_straight_to_their_photos() {
    let app = TestApp::start().await;
    let team = app.team(&app.organization, "Board").await;
    let form = [
        ("name", " Kim Lee "),
        ("email", "Kim@acme.test"),
        ("title", "Chair"),
        ("team", team.as_str()),
        ("from", "/app/admin"),
    ];
    let kim = add(&app, &form).await;
    assert_eq!(
        (kim.kind, kim.name.as_deref(), kim.email.unwrap().as_str()),
        (Kind::Managed, Some("Kim Lee"), "kim@acme.test")
    );
    assert_eq!((kim.title.as_deref(), kim.team), (Some("Chair"), Some(team)));
    let sam = add(&app, &[("name", "Sam")]).await;
    assert!(sam.email.is_none());
    assert!(app.db.read(|view| shoots::latest(view, &sam.id)).unwrap().is_some());
    app.run_jobs().await;
    assert_eq!(app.mails(), Vec::<String>::new(), "nobody hears of it yet");
}

#[tokio::test]
async fn every_slip_is_said_beside_its_field_and_nothing_is_lost() {
    let app = TestApp::start().await;
    let form = [("name", " "), ("email", "kim@"), ("title", "Chair"), ("from", "/app/admin/members")];
    let answer = app.submit(&app.owner, PAGE, &form).await;
    assert_eq!(answer.status, 400);
    let html = answer.text();
    for kept in ["id=\"name-error\"", "id=\"email-error\"", "value=\"kim@\"", "value=\"Chair\""] {
        assert!(html.contains(kept), "{kept}: {html}");
    }
    assert_eq!(app.member_ids().len(), 1);
}

#[tokio::test]
async fn an_address_with_an_account_is_offered_an_invite() {
    let app = TestApp::start().await;
    app.stranger().await;
    let form = [("name", "Hank"), ("email", "hank@globex.test"), ("from", "/app/admin/members?q=h")];
    let answer = app.submit(&app.owner, PAGE, &form).await;
    assert_eq!(answer.status, 400);
    let html = answer.text();
    assert!(html.contains("hank@globex.test already has an account. Invite them instead."), "{html}");
    let invite = "/app/admin/members?q=h&#38;add=invite&#38;emails=hank%40globex.test";
    assert!(
        html.contains(&format!("<a href=\"{invite}\">Invite them</a>")) && html.contains("value=\"Hank\""),
        "{html}"
    );
    assert!(app.page(&invite.replace("&#38;", "&")).await.contains("hank@globex.test</textarea>"));

    app.person("kim@acme.test", None, At::Joined).await;
    let html = app.submit(&app.owner, PAGE, &[("name", "Kim"), ("email", "kim@acme.test")]).await.text();
    assert!(html.contains("kim@acme.test is a member of your organization already."), "{html}");
    assert!(!html.contains(">Invite them<"));
}

#[tokio::test]
async fn a_second_press_adds_nobody_twice() {
    let app = TestApp::start().await;
    let html = app.page("/app/admin?add=managed").await;
    let once = html.split("name=\"once\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = [("once", once.as_str()), ("name", "Kim Lee")];
    let both = futures::future::join(app.submit(&app.owner, PAGE, &form), app.submit(&app.owner, PAGE, &form)).await;
    assert_eq!(both.0.redirects(), both.1.redirects());
    assert_eq!(app.member_ids().len(), 2);
    add(&app, &[("once", once.as_str()), ("name", "Sam Roe")]).await;
    assert_eq!(app.member_ids().len(), 3);
}

#[tokio::test]
async fn another_organizations_team_is_like_none() {
    let app = TestApp::start().await;
    let (globex, _) = app.stranger().await;
    let foreign = app.team(&globex, "Theirs").await;
    for team in [foreign.as_str(), "nonsense"] {
        let answer = app.submit(&app.owner, PAGE, &[("name", "Kim"), ("team", team)]).await;
        assert!(answer.status == 404 && answer.text().contains("value=\"Kim\""), "{team}");
    }
    assert_eq!(app.member_ids().len(), 1);
}

#[tokio::test]
async fn who_was_added_with_an_address_opens_their_headshots_by_the_mail_that_tells_of_them() {
    let app = TestApp::start().await;
    let kim = add(&app, &[("name", "Kim Lee"), ("email", "kim@acme.test")]).await;
    app.finish(&kim).await;
    app.run_jobs().await;
    assert_eq!(app.mails(), ["kim@acme.test: Your headshots at Acme are ready"], "and nothing before");
    let text = app.outbox()[0].text.clone().unwrap();
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("Kim Lee, ada@acme.test at Acme had professional headshots made of you"), "{text}");
    assert!(flat.contains("because ada@acme.test at Acme entered your address"), "{text}");

    let token = app.token_for("kim@acme.test");
    let shown = open(&app, &Caller::Nobody, &token).await;
    assert!(shown.page.contains("Continue to Acme"), "{}", shown.page);
    let entered = press(&app, &Caller::Nobody, &token, &shown, &[]).await;
    assert_eq!(entered.redirects(), "/team-member");
    let html = app.get(&signed_in(&entered), "/team-member").await;
    assert!(html.status == 200 && html.text().contains("Your headshots"), "{}", html.text());

    // Two hours later the same mail still leads in, by a fresh link.
    let gone = open(&app, &Caller::Nobody, &token).await;
    assert!(gone.page.contains("This link was used"));
    app.submit(&Caller::Nobody, "/auth/link/fresh", &[("email", "kim@acme.test")]).await;
    app.run_jobs().await;
    assert_ne!(app.token_for("kim@acme.test"), token);
}

#[tokio::test]
async fn without_an_address_nobody_is_written_to() {
    let app = TestApp::start().await;
    let kim = add(&app, &[("name", "Kim Lee")]).await;
    app.finish(&kim).await;
    app.run_jobs().await;
    assert_eq!(app.mails(), Vec::<String>::new());
}
