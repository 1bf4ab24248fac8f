use headroom::members::Role;
use reqwest::Method;

use crate::app::{Answer, Caller, TestApp};

const PAGES: [&str; 10] = [
    "/app/admin",
    "/app/admin/members",
    "/app/admin/headshots",
    "/app/admin/invites",
    "/app/admin/imports",
    "/app/admin/teams",
    "/app/admin/credits",
    "/app/admin/api",
    "/app/admin/outbox",
    "/app/admin/settings/system",
];

const FORMS: [&str; 12] = [
    "/app/admin/invites",
    "/app/admin/invites/check",
    "/app/admin/invites/507f1f77bcf86cd799439011/resend",
    "/app/admin/invites/507f1f77bcf86cd799439011/revoke",
    "/app/admin/imports",
    "/app/admin/imports/imp_507f1f77bcf86cd799439011",
    "/app/admin/teams",
    "/app/admin/teams/team_507f1f77bcf86cd799439011",
    "/app/admin/teams/team_507f1f77bcf86cd799439011/delete",
    "/app/admin/api",
    "/app/admin/api/507f1f77bcf86cd799439011/delete",
    "/app/admin/settings/system",
];

#[tokio::test]
async fn only_leads_come_in() {
    let app = TestApp::start().await;
    let (member, _) = app.member("kim@acme.test").await;
    let admin = app.browser(&app.organization, "ann@acme.test", Role::Admin).await;
    for path in PAGES {
        assert_eq!(app.get(&Caller::Nobody, path).await.status, 401, "{path}");
        assert_eq!(app.get(&member, path).await.status, 403, "{path}");
        assert_eq!(app.get(&app.owner, path).await.status, 200, "{path}");
        let expected = match path.rsplit('/').next() {
            Some("outbox") => 403,
            Some("system") => 404,
            _ => 200,
        };
        assert_eq!(app.get(&admin, path).await.status, expected, "{path}");
    }
    for path in FORMS {
        assert_eq!(app.submit(&Caller::Nobody, path, &[]).await.status, 401, "{path}");
        assert_eq!(app.submit(&member, path, &[]).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn a_page_says_which_methods_it_takes() {
    let app = TestApp::start().await;
    let (kim, _) = app.member("kim@acme.test").await;
    for (path, allowed) in [
        ("/livez", "GET, HEAD, OPTIONS"),
        ("/app/admin", "GET, HEAD, OPTIONS"),
        ("/app/admin/invites", "GET, HEAD, POST, OPTIONS"),
        ("/app/admin/api", "GET, HEAD, POST, OPTIONS"),
        ("/team-member", "GET, HEAD, OPTIONS"),
        ("/team-member/onboarding/review", "GET, HEAD, POST, OPTIONS"),
        ("/team-member/photos", "GET, HEAD, POST, OPTIONS"),
        ("/team-member/handoff", "POST, OPTIONS"),
    ] {
        let answer = Answer::of(app.request(&kim, Method::DELETE, path)).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, Some(allowed)), "{path}");
        assert!(answer.text().contains("<!doctype html>"), "{path}");
    }
    for path in ["/livez", "/readyz", "/team-member/onboarding/you"] {
        let answer = Answer::of(app.request(&kim, Method::HEAD, path)).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0), "{path}");
    }
}

#[tokio::test]
async fn another_sites_page_changes_nothing() {
    let app = TestApp::start().await;
    for path in FORMS {
        let request = app
            .request(&app.owner, Method::POST, path)
            .header("sec-fetch-site", "cross-site")
            .header("content-type", "application/x-www-form-urlencoded")
            .body("name=Stolen&emails=eve@evil.test");
        assert_eq!(Answer::of(request).await.status, 403, "{path}");
    }
    assert!(!app.page("/app/admin/teams").await.contains("Stolen"));
    assert!(!app.page("/app/admin/invites").await.contains("eve@evil.test"));
}

#[tokio::test]
async fn pages_run_no_script_but_ours_and_are_framed_by_nobody() {
    let app = TestApp::start().await;
    for path in PAGES {
        let answer = app.get(&app.owner, path).await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        let html = answer.text();
        assert!(!html.contains("<script>") && !html.contains(" style=") && !html.contains(" onclick="), "{path}");
        assert_eq!(html.matches("<h1").count(), 1, "{path}");
    }
}

#[tokio::test]
async fn an_address_that_makes_no_sense_still_shows_a_page() {
    let app = TestApp::start().await;
    for path in [
        "/app/admin/members?team=nonsense&state=nonsense&after=nonsense",
        "/app/admin/invites?tab=nonsense&before=nonsense",
        "/app/admin/credits?after=nonsense",
        "/app/admin/outbox?after=nonsense",
    ] {
        app.page(path).await;
    }
    for path in [
        "/app/admin/invites?revoke=nonsense",
        "/app/admin/teams?rename=team_507f1f77bcf86cd799439011",
        "/app/admin/api?delete=507f1f77bcf86cd799439011",
        "/app/admin/outbox/507f1f77bcf86cd799439011",
        "/app/admin/nowhere",
    ] {
        assert_eq!(app.get(&app.owner, path).await.status, 404, "{path}");
    }
}
