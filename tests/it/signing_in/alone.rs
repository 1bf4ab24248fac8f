//! People who make headshots for themselves: how they come to it, and what they see.

use std::time::Duration;

use headroom::{
    credits,
    db::Window,
    ids::OrganizationId,
    members::{self, Actor, Email, Member, Role},
    offboarding, organizations,
    shoots::{self, State},
};
use serde_json::json;

use super::{open, press, signed_in, words::code_for};
use crate::{
    app::{Answer, Caller, TestApp, Wishes},
    studio,
};

/// A server where anyone may sign up, with Acme beside.
pub(super) async fn open_to_all() -> TestApp {
    let settings = vec![("signup", "on".to_owned()), ("dev_shoot", "1h".to_owned())];
    TestApp::start_with(Wishes { settings, ..Wishes::default() }).await
}

/// Someone who has signed up by themselves.
pub(super) async fn on_their_own(app: &TestApp, email: &str) -> Caller {
    app.submit(&Caller::Nobody, "/signup", &[("email", email)]).await;
    app.run_jobs().await;
    let token = app.token_for(email);
    let shown = open(app, &Caller::Nobody, &token).await;
    signed_in(&press(app, &Caller::Nobody, &token, &shown, &[]).await)
}

/// Where an address has its place.
pub(super) fn place(app: &TestApp, email: &str) -> Option<Member> {
    let email: Email = email.parse().unwrap();
    app.db
        .read(|view| match members::account_by_email(view, &email)? {
            Some(account) => members::of_account(view, &account.id),
            None => Ok(None),
        })
        .unwrap()
}

/// One photo, not submitted, of someone on their own.
pub(super) async fn with_a_photo(app: &TestApp, email: &str) -> headroom::ids::ShootId {
    let member = place(app, email).expect("a place");
    let shoot = app.db.read(|view| shoots::latest(view, &member.id)).unwrap().expect("a shoot").id;
    studio::pack(app, &shoot).await;
    shoot
}

fn exists(app: &TestApp, organization: &OrganizationId) -> bool {
    app.db.read(|view| organizations::get(view, organization)).is_ok()
}

#[tokio::test]
async fn nobody_signs_up_unless_the_operator_lets_them() {
    let app = TestApp::start().await;
    assert!(!app.get(&Caller::Nobody, "/signin").await.text().contains("/signup"));
    for answer in [
        app.get(&Caller::Nobody, "/signup").await,
        app.submit(&Caller::Nobody, "/signup", &[("email", "kim@home.test")]).await,
        app.submit(&app.owner, "/signup/begin", &[]).await,
    ] {
        assert_eq!(answer.status, 404, "{}", answer.text());
    }
    app.run_jobs().await;
    assert!(app.mails().is_empty());
}

#[tokio::test]
async fn whoever_signs_up_begins_with_a_credit_of_their_own() {
    let app = open_to_all().await;
    assert!(app.get(&Caller::Nobody, "/signin").await.text().contains("href=\"/signup\""));
    let known = app.submit(&Caller::Nobody, "/signup", &[("email", "ada@acme.test")]).await;
    let unknown = app.submit(&Caller::Nobody, "/signup", &[("email", "kim@home.test")]).await;
    assert_eq!((known.status, unknown.status.as_u16()), (unknown.status, 200));
    assert_eq!(known.text().replace("ada@acme.test", "kim@home.test"), unknown.text());
    let typo = app.submit(&Caller::Nobody, "/signup", &[("email", "kim@")]).await;
    assert!(typo.status == 400 && typo.text().contains("value=\"kim@\""), "{}", typo.text());
    app.run_jobs().await;
    assert_eq!(app.mails(), ["ada@acme.test: Sign in to Acme", "kim@home.test: Sign in to Headroom"]);
    assert!(place(&app, "kim@home.test").is_none(), "asking alone makes nobody");

    let token = app.token_for("kim@home.test");
    for _ in 0..3 {
        let shown = open(&app, &Caller::Nobody, &token).await;
        assert!(shown.page.contains("Headshots for yourself"), "{}", shown.page);
    }
    assert!(place(&app, "kim@home.test").is_none(), "looking at the link neither");
    let shown = open(&app, &Caller::Nobody, &token).await;
    let entered = press(&app, &Caller::Nobody, &token, &shown, &[]).await;
    assert_eq!(entered.redirects(), "/team-member/onboarding");
    let kim = signed_in(&entered);
    let page = app.get(&kim, "/team-member/onboarding/you").await.text();
    assert!(page.contains("<h1>Your headshots</h1>") && !page.contains("joining"), "{page}");
    assert!(!page.contains("colleagues"), "{page}");

    let member = place(&app, "kim@home.test").unwrap();
    let everything = Window { limit: 10, offset: 0, after: None };
    let ledger = app.db.read(|view| credits::ledger(view, &member.organization, &everything)).unwrap();
    let rows: Vec<(i64, &str)> = ledger.iter().map(|row| (row.amount, row.reason.as_str())).collect();
    assert_eq!(rows, [(1, "Signed up")]);
    assert_eq!((member.role, app.get(&kim, "/app").await.redirects()), (Role::Member, "/team-member"));
    assert_eq!(app.get(&kim, "/app/admin").await.status, 403);

    // Signing up once more is a way back, by the code as well.
    app.submit(&Caller::Nobody, "/signup", &[("email", "kim@home.test")]).await;
    app.run_jobs().await;
    let code = code_for(&app, "kim@home.test");
    let back = app.submit(&Caller::Nobody, "/auth/code", &[("email", "kim@home.test"), ("code", &code)]).await;
    assert_eq!(back.redirects(), "/team-member");
    assert_eq!(place(&app, "kim@home.test").unwrap().id, member.id);
}

#[tokio::test]
async fn the_code_signs_up_too_and_other_doors_make_nobody() {
    let app = open_to_all().await;
    for path in ["/signin", "/team-access", "/auth/link/fresh"] {
        app.submit(&Caller::Nobody, path, &[("email", "kim@home.test")]).await;
    }
    app.run_jobs().await;
    assert!(app.mails().is_empty(), "{:?}", app.mails());

    let sent = app.submit(&Caller::Nobody, "/signup", &[("email", "kim@home.test")]).await;
    assert!(sent.text().contains("name=\"again\" value=\"/signup\""), "{}", sent.text());
    app.run_jobs().await;
    let code = code_for(&app, "kim@home.test");
    let entered = app.submit(&Caller::Nobody, "/auth/code", &[("email", "kim@home.test"), ("code", &code)]).await;
    assert_eq!(entered.redirects(), "/team-member/onboarding");
}

#[tokio::test]
async fn an_invite_goes_before_an_account_of_ones_own() {
    let app = open_to_all().await;
    app.post(&app.lead, crate::app::INVITES, &json!({ "email": "kim@home.test" })).await.ok();
    app.run_jobs().await;
    on_their_own(&app, "kim@home.test").await;
    assert_eq!(place(&app, "kim@home.test").unwrap().organization, app.organization);
}

#[tokio::test]
async fn whoever_was_removed_may_go_on_alone() {
    let app = open_to_all().await;
    let (kim, _) = app.member("kim@acme.test").await;
    let member = place(&app, "kim@acme.test").unwrap();
    let by = Actor::operator(app.organization.clone());
    app.db.write(move |tx| offboarding::remove(tx, &by, &member, false)).await.unwrap();
    let page = app.get(&kim, "/app").await.text();
    assert!(page.contains("belong to an organization") && page.contains("action=\"/signup/begin\""), "{page}");
    assert_eq!(app.submit(&kim, "/signup/begin", &[]).await.redirects(), "/app");
    assert_eq!(app.get(&kim, "/app").await.redirects(), "/team-member");
    let first = place(&app, "kim@acme.test").unwrap();
    app.submit(&kim, "/signup/begin", &[]).await;
    assert_eq!(place(&app, "kim@acme.test").unwrap().id, first.id, "pressed twice");
}

async fn again(app: &TestApp, who: &Caller) -> Answer {
    app.submit(who, "/team-member/again", &[]).await
}

#[tokio::test]
async fn their_pages_and_mails_speak_of_no_organization() {
    let app = open_to_all().await;
    let kim = on_their_own(&app, "kim@home.test").await;
    studio::gather(&app, &kim).await;
    let review = app.get(&kim, studio::REVIEW).await.text();
    assert!(review.contains("the people who run this server"), "{review}");
    assert!(review.contains("agree that headshots are made of them") && !review.contains("organization"), "{review}");
    let member = place(&app, "kim@home.test").unwrap();
    let shoot = app.db.read(|view| shoots::latest(view, &member.id)).unwrap().unwrap();
    studio::hand_in(&app, &shoot.id).await;
    let waiting = app.get(&kim, "/team-member/waiting").await.text();
    assert!(!waiting.contains("organization"), "{waiting}");
    studio::deliver_rows(&app, &shoot.id).await;
    app.run_jobs().await;

    let grid = app.get(&kim, "/team-member").await.text();
    assert!(grid.contains("Mark the one you like best") && !grid.contains("Headroom uses"), "{grid}");
    assert!(!grid.contains("/team-member/again"), "there is no credit left: {grid}");
    assert_eq!(again(&app, &kim).await.status, 402);
    let organization = member.organization.clone();
    app.db.write(move |tx| credits::grant(tx, &organization, 1, "Test")).await.unwrap();
    assert!(app.get(&kim, "/team-member").await.text().contains("/team-member/again"));
    assert_eq!(again(&app, &kim).await.redirects(), "/team-member/onboarding");
    assert_eq!(again(&app, &kim).await.redirects(), "/team-member", "one at a time");
    assert_eq!(app.db.read(|view| shoots::of_member(view, &member.id)).unwrap().len(), 2);

    for mail in app.outbox() {
        let words = format!("{} {} {}", mail.subject, mail.text.unwrap_or_default(), mail.html.unwrap_or_default());
        for odd in ["kim@home.test's", "at kim@", "to kim@", "Headroom uses", "organization"] {
            assert!(!words.contains(odd), "{odd}: {words}");
        }
    }
    let subjects: Vec<String> = app.mails();
    assert!(subjects.contains(&"kim@home.test: Your headshots are ready".to_owned()), "{subjects:?}");
}

#[tokio::test]
async fn a_member_of_a_company_does_not_begin_again_by_themselves() {
    let app = open_to_all().await;
    let (kim, shoot) = studio::with_rows_of_headshots(&app, "kim@acme.test").await;
    assert!(!app.get(&kim, "/team-member").await.text().contains("/team-member/again"));
    assert_eq!(again(&app, &kim).await.status, 403);
    assert_eq!(studio::shoot(&app, &shoot).state, State::Ready);
}

#[tokio::test]
async fn the_database_lets_nobody_lead_or_join_someone_on_their_own() {
    let app = open_to_all().await;
    on_their_own(&app, "kim@home.test").await;
    let member = place(&app, "kim@home.test").unwrap();
    let (own, id) = (member.organization.clone(), member.id.clone());
    let joined = app.db.write(move |tx| {
        let account = members::account_for(tx, &"lee@home.test".parse()?)?;
        members::join(tx, &own, &account.id, None, Role::Member)
    });
    assert!(joined.await.is_err());
    let raised = app.db.write(move |tx| tx.execute("update members set role = 'owner' where id = ?1", [&id]));
    assert!(raised.await.is_err());
    let named = app.db.read(|view| organizations::company(view, "kim@home.test")).unwrap_err().to_string();
    assert!(named.contains("only a company can have this"), "{named}");
}

#[tokio::test]
async fn what_someone_leaves_empty_is_tidied_once_its_files_and_its_time_are_gone() {
    let app = open_to_all().await;
    let kim = on_their_own(&app, "kim@home.test").await;
    let shoot = with_a_photo(&app, "kim@home.test").await;
    let own = place(&app, "kim@home.test").unwrap().organization;
    app.post(&app.lead, crate::app::INVITES, &json!({ "email": "kim@home.test" })).await.ok();
    assert_eq!(app.submit(&kim, "/team-member/convert", &[]).await.redirects(), "/team-member/onboarding");
    app.run_jobs().await;
    assert!(studio::photos(&app, &shoot).is_empty(), "its files are purged at once");
    assert!(exists(&app, &own), "its books are kept for a while");
    app.advance(Duration::from_secs(29 * 24 * 60 * 60)).await;
    assert!(exists(&app, &own));
    app.advance(Duration::from_secs(2 * 24 * 60 * 60)).await;
    assert!(!exists(&app, &own));
    assert!(exists(&app, &app.organization));
}
