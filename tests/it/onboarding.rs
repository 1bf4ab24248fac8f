//! From accepting to waiting: four steps that can be left and taken up again, and one credit.

use headroom::{members, shoots, shoots::State};

use crate::{
    app::{Caller, TestApp, Wishes},
    studio::{REVIEW, gather, portrait, shoot, submit, told, upload},
};

const START: &str = "/team-member/onboarding";

/// With shoots that take longer than the test.
async fn slow() -> TestApp {
    TestApp::start_with(Wishes { settings: vec![("dev_shoot", "1h".to_owned())], ..Wishes::default() }).await
}

#[tokio::test]
async fn each_step_opens_once_those_before_it_are_done() {
    let app = TestApp::start().await;
    let (kim, id) = app.member("kim@acme.test").await;
    assert_eq!(app.get(&kim, "/team-member").await.redirects(), START);
    assert_eq!(app.get(&kim, START).await.redirects(), "/team-member/onboarding/you");
    for later in ["photos", "style", "review"] {
        assert_eq!(app.get(&kim, &format!("{START}/{later}")).await.redirects(), "/team-member/onboarding/you");
    }
    let you = app.get(&kim, "/team-member/onboarding/you").await.text();
    assert!(you.contains("You're joining <strong>Acme</strong> as kim@acme.test"), "{you}");

    gather(&app, &kim).await;
    assert_eq!(app.get(&kim, START).await.redirects(), REVIEW);
    let review = app.get(&kim, REVIEW).await.text();
    for known in ["Kim Lee", "1 photo", "Navy", "Office"] {
        assert!(review.contains(known), "{known} is missing: {review}");
    }
    // On another device, or after a reload, everything is as it was left.
    let you = app.get(&kim, "/team-member/onboarding/you").await.text();
    assert!(you.contains("value=\"Kim Lee\"") && you.contains("value=\"person\" required checked"), "{you}");
    assert_eq!(shoot(&app, &id).state, State::Onboarding);
    app.stop().await;
}

#[tokio::test]
async fn a_form_with_mistakes_comes_back_with_what_was_typed() {
    let app = TestApp::start().await;
    let (kim, _) = app.member("kim@acme.test").await;
    let you = app.submit(&kim, "/team-member/onboarding/you", &[("name", "  "), ("gender", "male")]).await;
    assert_eq!(you.status, 400);
    assert!(you.text().contains("Enter a name") && you.text().contains("value=\"male\" required checked"));
    let you = app.submit(&kim, "/team-member/onboarding/you", &[("name", "Kim <b>Lee")]).await;
    assert_eq!(you.status, 400);
    assert!(
        you.text().contains("Kim &#60;b&#62;Lee") && you.text().contains("Choose one of the three."),
        "{}",
        you.text()
    );

    gather(&app, &kim).await;
    let style = app.submit(&kim, "/team-member/onboarding/style", &[]).await;
    assert_eq!(style.status, 400);
    assert!(style.text().contains("Choose 1 to 4 backdrops."));
    let all = ["grey", "charcoal", "white", "navy", "office", "garden"].map(|backdrop| ("backdrop", backdrop));
    assert_eq!(app.submit(&kim, "/team-member/onboarding/style", &all).await.status, 400);

    let review = app.submit(&kim, REVIEW, &[]).await;
    assert_eq!(review.status, 400);
    assert!(review.text().contains("without your consent"));
    assert_eq!(app.credits(), 100);
    app.stop().await;
}

#[tokio::test]
async fn submitting_takes_one_credit_however_often_it_is_pressed() {
    let app = slow().await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    let (first, second) = tokio::join!(submit(&app, &kim), submit(&app, &kim));
    assert_eq!((first.redirects(), second.redirects()), ("/team-member", "/team-member"));
    assert_eq!(submit(&app, &kim).await.redirects(), "/team-member");
    assert_eq!(app.get(&kim, "/team-member").await.redirects(), "/team-member/waiting");
    assert_eq!(app.credits(), 99);
    assert!(shoot(&app, &id).submitted_at.is_some());

    // What is submitted stays as it is.
    assert_eq!(app.get(&kim, START).await.redirects(), "/team-member/waiting");
    assert_eq!(app.get(&kim, REVIEW).await.redirects(), "/team-member/waiting");
    upload(&app, &kim, "late.jpg", portrait(9)).await.refused(400, "INVALID_REQUEST");
    let waiting = app.get(&kim, "/team-member/waiting").await;
    assert_eq!(waiting.status, 200);
    assert!(waiting.text().contains("<noscript><meta http-equiv=\"refresh\""));
    app.stop().await;
}

#[tokio::test]
async fn without_a_credit_the_photos_are_kept() {
    let app = TestApp::start().await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    app.spend_all().await;

    let refused = submit(&app, &kim).await;
    assert_eq!(refused.status, 402);
    assert!(refused.text().contains("Acme has no credits left"), "{}", refused.text());
    assert_eq!((shoot(&app, &id).photos, shoot(&app, &id).state), (1, State::Onboarding));

    app.grant(1).await;
    assert_eq!(submit(&app, &kim).await.redirects(), "/team-member");
    assert_eq!(app.credits(), 0);
    app.stop().await;
}

#[tokio::test]
async fn the_owner_begins_with_the_first_form() {
    let app = TestApp::start().await;
    let owner = app.owner.clone();
    assert_eq!(app.get(&owner, "/team-member").await.redirects(), START);
    assert_eq!(app.get(&owner, "/team-member/onboarding/you").await.status, 200);
    assert_eq!(upload(&app, &owner, "me.jpg", portrait(1)).await.status, 400);
    let begun = |view: &headroom::db::View| {
        let owner = &members::leads(view, &app.organization)?[0];
        shoots::of_member(view, &owner.id)
    };
    assert!(app.db.read(begun).unwrap().is_empty());
    gather(&app, &owner).await;
    assert_eq!(app.db.read(begun).unwrap().len(), 1);
    app.stop().await;
}

#[tokio::test]
async fn waiting_is_told_live_until_the_headshots_are_there() {
    let app = TestApp::start().await;
    let (kim, _) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    submit(&app, &kim).await.redirects();
    let told = told(&app, &kim).await;
    let (last, before) = told.split_last().unwrap();
    assert_eq!(last["next"], "/team-member");
    let known = ["submitted", "training", "generating"];
    let states: Vec<usize> = before
        .iter()
        .map(|told| known.iter().position(|state| told["state"] == *state).expect("a waiting state"))
        .collect();
    assert!(!states.is_empty() && states.is_sorted(), "{told:?}");
    assert!(before.iter().map(|told| told["percent"].as_u64().unwrap()).is_sorted(), "{told:?}");
    assert!(
        before.iter().all(|told| told.get("next").is_none() && !told["words"].as_str().unwrap().is_empty()),
        "{told:?}"
    );
    assert_eq!(app.get(&kim, "/team-member").await.status, 200);
    assert_eq!(app.get(&kim, "/team-member/waiting").await.redirects(), "/team-member");
    app.stop().await;
}

#[tokio::test]
async fn a_stream_ends_when_the_server_stops() {
    let app = slow().await;
    let (kim, _) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    submit(&app, &kim).await.redirects();
    let mut stream = app.request(&kim, reqwest::Method::GET, "/team-member/waiting/events").send().await.unwrap();
    assert!(stream.chunk().await.unwrap().unwrap().starts_with(b"data: "));
    let begun = std::time::Instant::now();
    app.stop().await;
    while stream.chunk().await.unwrap().is_some() {}
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "stopping took {:?}", begun.elapsed());
}

#[tokio::test]
async fn strangers_are_asked_to_sign_in() {
    let app = TestApp::start().await;
    for path in ["/team-member", START, REVIEW, "/team-member/waiting", "/team-member/waiting/events"] {
        assert_eq!(app.get(&Caller::Nobody, path).await.status, 401, "{path}");
    }
    app.stop().await;
}
