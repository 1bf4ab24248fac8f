//! Who gets in, and as whom.

use super::*;

#[tokio::test]
async fn a_member_is_known_by_their_subject_from_the_first_time_on() {
    let scene = Scene::start().await;
    scene.app.member("kim@acme.test").await;
    let entered = scene.goes("kim@acme.test").await;
    assert_eq!(entered.redirects(), "/team-member");
    let caller = signed_in(&entered);
    assert!(
        scene.app.get(&caller, "/team-member/onboarding/you").await.text().contains("Kim Lee"),
        "the name came along"
    );

    // Another address, not verified: the subject is who it is.
    scene.provider.knows(json!({ "sub": "u-1", "email": "kim@elsewhere.test" }));
    assert_eq!(scene.goes("kim@acme.test").await.redirects(), "/team-member");
    assert!(scene.member("kim@elsewhere.test").is_none());
}

#[tokio::test]
async fn the_way_there_says_nothing_of_who_is_known() {
    let scene = Scene::start().await;
    for door in ["/team-access", "/signin", "/auth/link/fresh"] {
        let left = Left::by(&scene.app.submit(&Caller::Nobody, door, &[("email", "nobody@acme.test")]).await);
        let hint = url::Url::parse(&left.page)
            .unwrap()
            .query_pairs()
            .find(|(name, _)| name == "login_hint")
            .unwrap()
            .1
            .into_owned();
        assert_eq!(hint, "nobody@acme.test", "{door}");
    }
    let other = scene.app.submit(&Caller::Nobody, "/team-access", &[("email", "kim@other.test")]).await;
    assert!(other.text().contains("Check your mail"));
    let mailed = scene.app.submit(&Caller::Nobody, "/signin", &[("email", "kim@acme.test"), ("with", "link")]).await;
    assert!(mailed.text().contains("Check your mail"), "who asks for a mail gets one");
}

#[tokio::test]
async fn a_browser_is_taken_there_by_a_page_of_its_own() {
    let scene = Scene::start().await;
    let request = scene
        .app
        .request(&Caller::Nobody, reqwest::Method::POST, "/team-access")
        .header("sec-fetch-site", "same-origin")
        .header("sec-fetch-mode", "navigate")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("email=kim%40acme.test");
    let page = Answer::of(request).await;
    assert_eq!(page.status, 200);
    let refresh = page.header("refresh").unwrap();
    assert!(refresh.starts_with(&format!("0; url={}/authorize?", scene.provider.issuer)), "{refresh}");
    assert!(page.text().contains("127.0.0.1") && set_cookie(&page, "headroom-sso").is_some());
    let cookie = page
        .headers
        .get_all("set-cookie")
        .iter()
        .find(|one| one.to_str().unwrap().starts_with("headroom-sso"))
        .unwrap();
    assert!(cookie.to_str().unwrap().contains("SameSite=Lax") && cookie.to_str().unwrap().contains("HttpOnly"));
}

#[tokio::test]
async fn a_pending_invite_is_accepted_by_coming_in() {
    let scene = Scene::start().await;
    scene.invites("kim@acme.test").await;
    assert_eq!(scene.goes("kim@acme.test").await.redirects(), "/team-member/onboarding");
    let invite = scene.app.get(&scene.app.lead, "/api/v2/organization/invites/kim@acme.test").await.ok();
    assert_eq!(invite["invite"]["status"], "accepted");
}

#[tokio::test]
async fn people_of_the_domain_join_without_an_invite_once_that_is_on() {
    let scene = Scene::start().await;
    let refused = scene.goes("kim@acme.test").await;
    assert!(refused.status == 403 && refused.text().contains("You have not been invited yet"), "{}", refused.text());
    assert!(scene.member("kim@acme.test").is_none(), "nothing of them is kept");
    scene.provisions().await;
    let credits = scene.app.credits();
    let entered = scene.goes("kim@acme.test").await;
    assert_eq!(entered.redirects(), "/team-member/onboarding");
    let kim = scene.member("kim@acme.test").unwrap();
    assert!(scene.app.db.read(|view| headroom::shoots::latest(view, &kim.id)).unwrap().is_some());
    assert_eq!(scene.app.credits(), credits, "a credit is needed when photos are handed in");
}

#[tokio::test]
async fn a_second_person_with_the_same_address_is_not_the_first() {
    let scene = Scene::start().await;
    scene.app.member("kim@acme.test").await;
    scene.goes("kim@acme.test").await.redirects();
    scene.provider.knows(with("sub", json!("u-2")));
    let refused = scene.goes("kim@acme.test").await;
    assert!(refused.status == 403 && refused.text().contains("This address was someone else"), "{}", refused.text());
}

#[tokio::test]
async fn who_belongs_elsewhere_is_told_so() {
    let scene = Scene::start().await;
    scene.provisions().await;
    scene.app.organization("Globex", "kim@acme.test").await;
    let refused = scene.goes("kim@acme.test").await;
    assert!(refused.status == 403 && refused.text().contains("belongs to Globex"), "{}", refused.text());
    assert!(refused.text().contains("hand it over"));
}

#[tokio::test]
async fn the_address_may_come_from_user_info_of_the_same_subject() {
    let scene = Scene::start().await;
    scene.provisions().await;
    scene.provider.knows(json!({ "sub": "u-1" }));
    scene.provider.lies(&[provider::Lie::UserInfo("u-2")]);
    assert_eq!(scene.goes("kim@acme.test").await.status, 403);
    scene.provider.lies(&[provider::Lie::UserInfo("u-1")]);
    assert_eq!(scene.goes("kim@acme.test").await.redirects(), "/team-member/onboarding");
}

#[tokio::test]
async fn a_session_ends_with_its_connection_and_with_its_member() {
    let scene = Scene::start().await;
    scene.provisions().await;
    let caller = signed_in(&scene.goes("kim@acme.test").await);
    assert_eq!(scene.app.get(&caller, "/team-member/onboarding/you").await.status, 200);
    scene.act(connections::remove).await;
    assert_ne!(scene.app.get(&caller, "/team-member/onboarding/you").await.status, 200);
    let mailed = scene.app.submit(&Caller::Nobody, "/team-access", &[("email", "kim@acme.test")]).await;
    assert!(mailed.text().contains("Check your mail"));
}

#[tokio::test]
async fn a_provider_opens_nothing_of_another_organization() {
    let scene = Scene::start().await;
    scene.app.member("kim@acme.test").await;
    let caller = signed_in(&scene.goes("kim@acme.test").await);
    assert_eq!(scene.app.get(&caller, "/team-member").await.status, 303);
    let (globex, _) = scene.app.stranger().await;
    let by = Actor::operator(globex);
    scene
        .app
        .db
        .write(move |tx| {
            let invite = invites::invite(tx, &by, &NewInvite { email: "kim@acme.test".parse()?, team: None })?;
            invites::accept(tx, &invite.id).map(drop)
        })
        .await
        .unwrap();
    // Whoever runs Acme's provider could have begun this session.
    assert_eq!(scene.app.get(&caller, "/team-member").await.status, 401);
    assert_eq!(scene.app.get(&caller, "/account").await.redirects(), "/signin");
}
