//! Where single sign-on is the only way in.

use super::*;
use crate::signing_in::{
    factors::{enrol, halfway},
    open, press, signed_in,
};

#[tokio::test]
async fn it_is_the_only_way_in_for_all_but_the_owner() {
    let scene = Scene::start().await;
    scene.app.member("kim@acme.test").await;
    scene.app.member("ext@partner.test").await;
    scene.enforces().await;
    let begin = |email: &'static str, method: By| {
        let db = scene.app.db.clone();
        async move {
            db.write(move |tx| {
                auth::begin_session(tx, &members::account_for(tx, &email.parse()?)?, method, &Device::default())
                    .map(drop)
            })
            .await
        }
    };
    for method in [By::Link, By::Code, By::Password, By::Passkey] {
        let refused = begin("kim@acme.test", method).await.unwrap_err().to_string();
        assert!(refused.contains("single sign-on only"), "{refused}");
        begin("ada@acme.test", method).await.unwrap();
        begin("ext@partner.test", method).await.unwrap();
    }
    scene.act(|tx, by| connections::enforce(tx, by, false)).await;
    begin("kim@acme.test", By::Link).await.unwrap();
}

#[tokio::test]
async fn a_mailed_link_leads_to_the_provider_and_is_not_used_up() {
    let scene = Scene::start().await;
    scene.invites("kim@acme.test").await;
    let token = scene.app.token_for("kim@acme.test");
    scene.enforces().await;
    let page = scene.app.get(&Caller::Nobody, &format!("/auth/link/{token}")).await.text();
    assert!(page.contains("Continue with single sign-on") && page.contains("action=\"/signin\""), "{page}");
    let bare = scene.app.get(&scene.app.lead, "/api/v2/organization/invites/kim@acme.test").await;
    drop(bare.ok());
    assert_eq!(scene.goes("kim@acme.test").await.redirects(), "/team-member/onboarding");
    assert!(scene.member("kim@acme.test").is_some());
}

#[tokio::test]
async fn an_open_link_leads_through_the_provider_and_joins_by_it() {
    let scene = Scene::start().await;
    let link = scene.app.post(&scene.app.lead, crate::app::LINKS, &json!({})).await.ok();
    let path = format!("/organization/join/{}", link["link"]["id"].as_str().unwrap());
    let mailed = scene.app.submit(&Caller::Nobody, &path, &[("email", "kim@acme.test")]).await;
    assert!(mailed.text().contains("Check your mail"), "as long as it is one way of several");
    scene.enforces().await;
    let left = Left::by(&scene.app.submit(&Caller::Nobody, &path, &[("email", "kim@acme.test")]).await);
    let (code, state) = scene.provider.signs_in(&left.page);
    let entered = scene.comes_back(&left, &[("code", &code), ("state", &state)]).await;
    assert_eq!(entered.redirects(), "/team-member/onboarding");
    let links = scene.app.get(&scene.app.lead, crate::app::LINKS).await.ok();
    assert_eq!(links["links"][0]["uses"], 1, "{links}");
    let outsider = scene.app.submit(&Caller::Nobody, &path, &[("email", "ext@partner.test")]).await;
    assert!(outsider.text().contains("Check your mail"), "others go on as before");
}

#[tokio::test]
async fn an_invite_of_another_organization_says_why_it_can_not_be_taken() {
    let scene = Scene::start().await;
    let (globex, _) = scene.app.stranger().await;
    let by = Actor::operator(globex);
    let invite = scene
        .app
        .db
        .write(move |tx| invites::invite(tx, &by, &NewInvite { email: "kim@acme.test".parse()?, team: None }))
        .await
        .unwrap();
    scene.enforces().await;
    let id = invite.id.to_string();
    let refused =
        scene.app.submit(&Caller::Nobody, "/auth/signup", &[("invite", &id), ("email", "kim@acme.test")]).await;
    assert!(
        refused.status == 403 && refused.text().contains("can&#39;t be accepted with this address"),
        "{}",
        refused.text()
    );
    let wrong = scene.app.submit(&Caller::Nobody, "/auth/signup", &[("invite", &id), ("email", "lee@acme.test")]).await;
    assert_eq!(wrong.status, 400, "only the invited address learns anything");
}

#[tokio::test]
async fn it_needs_a_test_that_went_well_and_a_domain() {
    let scene = Scene::start().await;
    let refused = scene.app.submit(&scene.app.owner, &format!("{SETTINGS}/only"), &[]).await;
    assert_eq!(refused.redirects(), SETTINGS);
    assert!(!scene.connection().unwrap().enforced);
    scene.act(|tx, by| connections::mark_tested(tx, by, &connections::must_have(tx, &by.organization)?)).await;
    scene.app.submit(&scene.app.owner, &format!("{SETTINGS}/only"), &[]).await.redirects();
    assert!(scene.connection().unwrap().enforced);
    // Another secret is another connection: the other ways are open until it has been tried.
    let (issuer, key) = (scene.provider.issuer.clone(), scene.app.key.clone());
    scene.act(move |tx, by| connections::set(tx, by, &key, &Settings::parse(&issuer, CLIENT, "new")?)).await;
    let now = scene.connection().unwrap();
    assert!(!now.enforced && now.tested_at.is_none());
}

#[tokio::test]
async fn a_second_factor_is_no_way_around_it() {
    let scene = Scene::start().await;
    let app = &scene.app;
    let (kim, _) = app.member("kim@acme.test").await;
    let phone = enrol(app, &kim).await;
    let half = halfway(app, "kim@acme.test").await;
    scene.enforces().await;
    let refused = app.submit(&half, "/signin/second", &[("code", &phone.digits(app))]).await;
    assert!(refused.status == 403 && refused.text().contains("single sign-on only"), "{}", refused.text());
    assert_eq!(set_cookie(&refused, "headroom"), None);

    // Once more from outside, by an invite that is older than the only way in.
    scene.act(|tx, by| connections::enforce(tx, by, false)).await;
    let place = scene.member("kim@acme.test").unwrap().id;
    app.db.write(move |tx| members::leave(tx, &place)).await.unwrap();
    scene.invites("kim@acme.test").await;
    let token = app.token_for("kim@acme.test");
    scene.enforces().await;
    let half = app.db.write(move |tx| auth::use_token(tx, &token, &Device::default())).await;
    assert!(half.unwrap_err().to_string().contains("single sign-on only"));
    assert!(scene.member("kim@acme.test").is_none());
}

#[tokio::test]
async fn whoever_converts_their_account_comes_in_by_it() {
    let settings = vec![("signup", "on".to_owned()), ("dev_shoot", "1h".to_owned())];
    let scene = Scene::start_with(Wishes { settings, ..Wishes::default() }).await;
    let app = &scene.app;
    let email: Email = "kim@acme.test".parse().unwrap();
    let shoot = app
        .db
        .write(move |tx| {
            let account = members::account_for(tx, &email)?;
            let place = auth::begin_alone(tx, &account.id, Some(3))?;
            Ok(headroom::shoots::latest(tx, &place.id)?.expect("a shoot").id)
        })
        .await
        .unwrap();
    crate::studio::pack(app, &shoot).await;
    scene.invites("kim@acme.test").await;
    let token = app.token_for("kim@acme.test");
    scene.enforces().await;

    let refused = scene.goes("kim@acme.test").await;
    assert!(refused.text().contains("You have headshots of your own here"), "{}", refused.text());
    assert!(refused.text().contains("/signin?with=link"), "the way it speaks of is there: {}", refused.text());

    let shown = open(app, &Caller::Nobody, &token).await;
    let entered = press(app, &Caller::Nobody, &token, &shown, &[]).await;
    assert_eq!(entered.redirects(), "/team-member/convert");
    let kim = signed_in(&entered);
    assert_eq!(app.submit(&kim, "/team-member/convert", &[]).await.redirects(), "/signin");
    assert!(scene.member("kim@acme.test").is_some());
    assert_eq!(app.get(&kim, "/team-member").await.status, 401, "a mailbox alone opens nothing there");
    assert_eq!(scene.goes("kim@acme.test").await.redirects(), "/team-member");
}
