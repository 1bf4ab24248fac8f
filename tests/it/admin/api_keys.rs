use std::time::Duration;

use headroom::{
    auth::{self, Lifetime, NewKey, Scopes},
    members::{Actor, Role},
};

use crate::app::{Caller, TestApp};

const PAGE: &str = "/app/admin/api";

fn key_in(html: &str) -> String {
    let start = html.split("id=\"fresh-key\">").nth(1).expect("a fresh key");
    start.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_key_is_shown_once_and_works_at_once() {
    let app = TestApp::start().await;
    let form = [
        ("name", "HR <sync>"),
        ("scope", "organization:read"),
        ("scope", "invites:read"),
        ("scope", "invites:write"),
        ("expires", "30"),
    ];
    let made = app.submit(&app.owner, PAGE, &form).await;
    assert_eq!(made.status, 200);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let html = made.text();
    assert!(html.contains("Your new key: HR &#60;sync&#62;"));
    let key = Caller::Key(key_in(&html));
    app.get(&key, "/api/v2/organization").await.ok();
    app.get(&key, "/api/v2/organization/teams").await.refused(403, "FORBIDDEN");

    let Caller::Key(text) = &key else { unreachable!() };
    let listed = app.page(PAGE).await;
    assert!(!listed.contains(text) && listed.contains("HR &#60;sync&#62;"));
    assert!(listed.contains("Read: organization · Read and write: invites"), "{listed}");
    assert!(listed.contains("Everything"), "the key the organization began with");

    app.db.clock().advance(Duration::from_secs(31 * 24 * 60 * 60));
    let owner = app.browser(&app.organization, "ada@acme.test", Role::Owner).await;
    assert!(app.page_of(&owner, PAGE).await.contains("Expired"));
}

#[tokio::test]
async fn a_key_that_cannot_be_made_keeps_its_form() {
    let app = TestApp::start().await;
    let bad = app.submit(&app.owner, PAGE, &[("name", "HR sync"), ("expires", "90")]).await;
    assert_eq!(bad.status, 400);
    assert!(bad.text().contains("A key needs at least one scope.") && bad.text().contains("value=\"HR sync\""));
    assert!(bad.text().contains("value=\"90\" selected"));
    let bad = app.submit(&app.owner, PAGE, &[("name", ""), ("scope", "teams:write")]).await;
    assert_eq!(bad.status, 400);
    assert!(bad.text().contains("A key needs a name") && bad.text().contains("value=\"teams:write\" checked"));
    for form in [
        [("name", "x"), ("scope", "secrets:read"), ("expires", "")],
        [("name", "x"), ("scope", "teams:read"), ("expires", "99999")],
    ] {
        assert_eq!(app.submit(&app.owner, PAGE, &form).await.status, 400);
    }
}

#[tokio::test]
async fn a_deleted_key_stops_at_once() {
    let app = TestApp::start().await;
    let listed = app.page(PAGE).await;
    let id = listed.split("/app/admin/api?delete=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let asked = app.page(&format!("{PAGE}?delete={id}")).await;
    assert!(asked.contains("Delete the key Test") && asked.contains("Programs that use it are refused"));
    let deleted = app.submit(&app.owner, &format!("{PAGE}/{id}/delete"), &[]).await;
    assert_eq!(deleted.redirects(), PAGE);
    app.get(&app.lead, "/api/v2/organization").await.refused(401, "UNAUTHORIZED");
    assert!(app.page(PAGE).await.contains("No keys yet"));
}

#[tokio::test]
async fn another_organizations_key_is_like_none() {
    let app = TestApp::start().await;
    let (globex, _) = app.stranger().await;
    let new = NewKey { name: "Theirs".to_owned(), scopes: Scopes::all(), lifetime: Lifetime::Unlimited };
    let by = Actor::operator(globex);
    let theirs = app.db.write(move |tx| auth::make_key(tx, &by, &new)).await.unwrap();
    let id = theirs.key.id;
    assert_eq!(app.submit(&app.owner, &format!("{PAGE}/{id}/delete"), &[]).await.status, 404);
    assert_eq!(app.get(&app.owner, &format!("{PAGE}?delete={id}")).await.status, 404);
    app.get(&Caller::Key(theirs.text), "/api/v2/organization").await.ok();
}

#[tokio::test]
async fn the_first_request_works_as_it_is_written() {
    let app = TestApp::start().await;
    let html = app.page(PAGE).await;
    assert!(html.contains(&format!("{}/api/v2</code>", app.url)));
    for language in ["curl", "JavaScript", "Python"] {
        assert!(html.contains(&format!("<span>{language}</span>")), "{language}");
    }
    assert!(html.contains(&format!("curl {}/api/v2/organization", app.url)));
}
