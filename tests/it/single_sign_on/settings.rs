//! The settings: the owner's, tried before they count, with secrets that don't show themselves.

use headroom::members::Role;

use super::*;

fn form<'a>(issuer: &'a str, secret: &'a str) -> [(&'a str, &'a str); 3] {
    [("issuer", issuer), ("client_id", CLIENT), ("client_secret", secret)]
}

#[tokio::test]
async fn a_provider_is_saved_once_it_says_of_itself_what_was_entered() {
    let app = TestApp::start().await;
    let provider = Provider::start(&app.db).await;
    let page = app.get(&app.owner, SETTINGS).await.text();
    assert!(page.contains(&format!("{}{CALLBACK}", app.url)), "the redirect URI to copy");
    for (issuer, words) in [
        ("http://login.example.com", "It begins with https://."),
        ("https://127.0.0.1:1", "be used"),
        (&format!("{}/other", provider.issuer), "status 404"),
    ] {
        let answer = app.submit(&app.owner, SETTINGS, &form(issuer, SECRET)).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains(words) && answer.text().contains(issuer), "{words}: {}", answer.text());
    }
    assert_eq!(app.submit(&app.owner, SETTINGS, &form(&provider.issuer, SECRET)).await.redirects(), SETTINGS);
    let page = app.get(&app.owner, SETTINGS).await.text();
    assert!(page.contains(&provider.issuer) && !page.contains(SECRET), "{page}");
    let kept: Vec<u8> =
        app.db.read(|view| view.one("select client_secret from connections", [], |row| row.get(0))).unwrap();
    assert!(!String::from_utf8_lossy(&kept).contains(SECRET), "sealed");
    let audit = app.get(&app.owner, "/app/admin/settings/audit").await.text();
    assert!(audit.contains(&provider.issuer) && audit.contains("ada@acme.test") && !audit.contains(SECRET));
}

#[tokio::test]
async fn a_secret_stays_for_its_provider_and_goes_to_no_other() {
    let scene = Scene::start().await;
    let app = &scene.app;
    app.submit(&app.owner, SETTINGS, &form(&scene.provider.issuer, "")).await.redirects();
    assert!(scene.connection().unwrap().has_secret());
    let other = Provider::start(&app.db).await;
    app.submit(&app.owner, SETTINGS, &form(&other.issuer, "")).await.redirects();
    assert!(!scene.connection().unwrap().has_secret());
}

#[tokio::test]
async fn leads_read_and_the_owner_changes() {
    let scene = Scene::start().await;
    let app = &scene.app;
    let lead = app.browser(&app.organization, "lia@acme.test", Role::Admin).await;
    let page = app.get(&lead, SETTINGS).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Only the owner changes this") && !page.text().contains("Save provider"));
    let domain = app.db.read(|view| connections::domains(view, &app.organization)).unwrap().remove(0);
    for path in ["", "/joining", "/only", "/remove", "/domains", &format!("/domains/{}/remove", domain.id)] {
        let fields =
            [("issuer", scene.provider.issuer.as_str()), ("client_id", "x"), ("domain", "b.test"), ("on", "y")];
        let answer = app.submit(&lead, &format!("{SETTINGS}{path}"), &fields).await;
        assert_eq!(answer.status, 403, "{path}: {}", answer.text());
    }
    let member = scene.app.member("kim@acme.test").await.0;
    assert_eq!(app.get(&member, SETTINGS).await.status, 403);
    // Another organization's domain is like none.
    let (globex, _) = app.stranger().await;
    let theirs = Actor::operator(globex);
    let foreign = app.db.write(move |tx| connections::add(tx, &theirs, &"globex.test".parse()?)).await.unwrap();
    for path in [format!("/domains/{}/check", foreign.id), format!("/domains/{}/remove", foreign.id)] {
        assert_eq!(app.submit(&app.owner, &format!("{SETTINGS}{path}"), &[]).await.status, 404);
    }
}

/// The owner tests, and the provider says this.
async fn tested(scene: &Scene, claims: Value) -> Answer {
    scene.provider.knows(claims);
    let answer = scene.app.submit(&scene.app.owner, &format!("{SETTINGS}/test"), &[]).await;
    let left = Left { caller: Some(scene.app.owner.clone()), ..Left::by(&answer) };
    let (code, state) = scene.provider.signs_in(&left.page);
    scene.comes_back(&left, &[("code", &code), ("state", &state)]).await
}

#[tokio::test]
async fn a_test_tells_what_came_back_and_signs_nobody_in() {
    let scene = Scene::start().await;
    let page = tested(&scene, with("email_verified", Value::Null)).await.text();
    assert!(page.contains("A missing email_verified counts as no") && page.contains("u-1"), "{page}");
    assert!(scene.connection().unwrap().tested_at.is_none());
    let page = tested(&scene, with("email", json!("kim@other.test"))).await.text();
    assert!(page.contains("other.test isn&#39;t proven"), "{page}");
    assert!(scene.connection().unwrap().tested_at.is_none());

    let answer = tested(&scene, kim()).await;
    assert!(
        answer.text().contains("The connection works") && answer.text().contains("has no invite"),
        "{}",
        answer.text()
    );
    assert!(set_cookie(&answer, "headroom").is_none() && scene.member("kim@acme.test").is_none());
    assert!(scene.connection().unwrap().tested_at.is_some());

    // It comes back to who began it, and to nobody else.
    let left = Left::by(&scene.app.submit(&scene.app.owner, &format!("{SETTINGS}/test"), &[]).await);
    let (code, state) = scene.provider.signs_in(&left.page);
    let refused = scene.comes_back(&left, &[("code", &code), ("state", &state)]).await;
    assert!(refused.status == 403 && refused.text().contains("This test was somebody else"), "{}", refused.text());
}

#[tokio::test]
async fn a_test_that_fails_says_why_in_detail() {
    let scene = Scene::start().await;
    scene.provider.lies(&[provider::Lie::RefusesClient]);
    let page = tested(&scene, kim()).await.text();
    assert!(page.contains("doesn&#39;t know this server") && page.contains("invalid_client"), "{page}");
    assert!(!page.contains("<b>no</b>") && page.contains(SETTINGS));
}
