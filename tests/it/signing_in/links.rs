//! Links that come by mail: looked at any number of times, used once.

use std::time::Duration;

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::{open, press, set_cookie, signed_in};
use crate::app::{Answer, Caller, INVITES, TestApp};

async fn invited(app: &TestApp, email: &str) -> String {
    app.post(&app.lead, INVITES, &json!({ "email": email })).await.ok();
    app.run_jobs().await;
    app.token_for(email)
}

#[tokio::test]
async fn scanners_may_look_before_the_person_presses() {
    let app = TestApp::start().await;
    let token = invited(&app, "kim@acme.test").await;
    for _ in 0..3 {
        let shown = open(&app, &Caller::Nobody, &token).await;
        assert!(shown.page.contains("Continue to Acme"), "{}", shown.page);
        assert!(shown.page.contains("k…@acme.test") && !shown.page.contains("kim@acme.test"));
    }
    let head = Answer::of(app.request(&Caller::Nobody, Method::HEAD, &format!("/auth/link/{token}"))).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(head.header("cache-control"), Some("no-store"));
    let kept = head.header("set-cookie").unwrap();
    assert!(kept.contains("HttpOnly") && kept.contains("SameSite=Strict"), "{kept}");

    let shown = open(&app, &Caller::Nobody, &token).await;
    let pressed = press(&app, &Caller::Nobody, &token, &shown, &[]).await;
    assert_eq!(pressed.redirects(), "/team-member/onboarding");
    let cookies: Vec<&str> = pressed.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap()).collect();
    let session = cookies.iter().find(|cookie| cookie.starts_with("headroom=")).unwrap();
    assert!(
        session.contains("HttpOnly") && session.contains("SameSite=Lax") && session.contains("Path=/"),
        "{session}"
    );
    let kim = signed_in(&pressed);
    assert_eq!(app.get(&kim, "/").await.redirects(), "/team-member");

    let again = open(&app, &Caller::Nobody, &token).await;
    assert!(again.page.contains("This link was used") && again.nonce.is_empty());
}

#[tokio::test]
async fn fifty_presses_at_once_make_one_session() {
    let app = TestApp::start().await;
    let token = invited(&app, "kim@acme.test").await;
    let shown = open(&app, &Caller::Nobody, &token).await;
    let pressed = join_all((0..50).map(|_| press(&app, &Caller::Nobody, &token, &shown, &[]))).await;
    let sessions = pressed.iter().filter(|answer| set_cookie(answer, "headroom").is_some()).count();
    assert_eq!(sessions, 1);
    for answer in pressed.iter().filter(|answer| answer.status != 303) {
        assert_eq!(answer.status, 200);
        assert!(answer.text().contains("This link was used"), "{}", answer.text());
    }
}

#[tokio::test]
async fn only_the_page_itself_can_use_its_link() {
    let app = TestApp::start().await;
    let token = invited(&app, "kim@acme.test").await;
    let mut shown = open(&app, &Caller::Nobody, &token).await;
    let right = std::mem::replace(&mut shown.nonce, "another".to_owned());
    let wrong = press(&app, &Caller::Nobody, &token, &shown, &[]).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text().contains("Continue to Acme") && set_cookie(&wrong, "headroom").is_none());
    let bare = app.submit(&Caller::Nobody, "/auth/link", &[("token", &token)]).await;
    assert!(set_cookie(&bare, "headroom").is_none());
    shown.nonce = right;
    assert_eq!(press(&app, &Caller::Nobody, &token, &shown, &[]).await.status, 303);
}

#[tokio::test]
async fn a_link_expires_after_two_hours_and_a_fresh_one_is_sent() {
    let app = TestApp::start().await;
    let token = invited(&app, "kim@acme.test").await;
    let shown = open(&app, &Caller::Nobody, &token).await;
    app.advance(Duration::from_secs(2 * 60 * 60 + 1)).await;
    let late = press(&app, &Caller::Nobody, &token, &shown, &[]).await;
    assert!(late.text().contains("This link has expired"), "{}", late.text());
    assert!(open(&app, &Caller::Nobody, &token).await.page.contains("This link has expired"));
    assert!(open(&app, &Caller::Nobody, "nonsense").await.page.contains("This link has expired"));

    let typo = app.submit(&Caller::Nobody, "/auth/link/fresh", &[("email", "kim@")]).await;
    assert_eq!(typo.status, 400);
    assert!(typo.text().contains("is not an e-mail address") && typo.text().contains("value=\"kim@\""));
    let sent = app.submit(&Caller::Nobody, "/auth/link/fresh", &[("email", "Kim@Acme.test")]).await;
    assert!(sent.text().contains("Check your mail"));
    app.run_jobs().await;
    let fresh = app.token_for("kim@acme.test");
    assert_ne!(fresh, token);
    let shown = open(&app, &Caller::Nobody, &fresh).await;
    assert_eq!(press(&app, &Caller::Nobody, &fresh, &shown, &[]).await.redirects(), "/team-member/onboarding");
}

#[tokio::test]
async fn whoever_else_is_signed_in_is_asked_first() {
    let app = TestApp::start().await;
    let token = invited(&app, "kim@acme.test").await;
    let shown = open(&app, &app.owner, &token).await;
    assert!(shown.page.contains("signed in as someone else") && shown.page.contains("ada@acme.test"));
    let unasked = press(&app, &app.owner, &token, &shown, &[]).await;
    assert_eq!(unasked.status, 400);
    assert_eq!(app.get(&app.owner, "/").await.redirects(), "/app/admin");

    let shown = open(&app, &app.owner, &token).await;
    let pressed = press(&app, &app.owner, &token, &shown, &[("switch", "yes")]).await;
    assert_eq!(pressed.redirects(), "/team-member/onboarding");
    assert_eq!(app.get(&app.owner, "/").await.redirects(), "/signin", "the session before has ended");
    assert_eq!(app.get(&signed_in(&pressed), "/").await.redirects(), "/team-member");
}

#[tokio::test]
async fn an_invite_from_elsewhere_neither_moves_nor_locks_out() {
    let app = TestApp::start().await;
    let (_, globex) = app.stranger().await;
    for email in ["ada@acme.test", "kim@acme.test"] {
        app.post(&globex, INVITES, &json!({ "email": email })).await.ok();
    }
    app.member("kim@acme.test").await;
    app.run_jobs().await;

    // The owner can't leave, and is told so; the link isn't used up by trying.
    let token = app.token_for("ada@acme.test");
    let shown = open(&app, &Caller::Nobody, &token).await;
    let refused = press(&app, &Caller::Nobody, &token, &shown, &[]).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("You own Acme"), "{}", refused.text());
    // A member is warned before.
    let token = app.token_for("kim@acme.test");
    let shown = open(&app, &Caller::Nobody, &token).await;
    assert!(shown.page.contains("You will leave Acme") && !shown.page.contains("data-link-confirm"), "{}", shown.page);
    // And who just signs in stays where they are.
    for (email, place) in [("ada@acme.test", "/app/admin"), ("kim@acme.test", "/team-member")] {
        app.submit(&Caller::Nobody, "/signin", &[("email", email)]).await;
        app.run_jobs().await;
        let token = app.token_for(email);
        let shown = open(&app, &Caller::Nobody, &token).await;
        assert!(shown.page.contains("Continue to Acme") && !shown.page.contains("You leave"), "{}", shown.page);
        assert_eq!(press(&app, &Caller::Nobody, &token, &shown, &[]).await.redirects(), place);
    }
}
