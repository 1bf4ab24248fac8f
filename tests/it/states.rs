//! Where a member is at each state of their shoot. [contract 7]

use std::time::Duration;

use headroom::{
    generator::{Handle, Stage},
    ids::ShootId,
    members,
    shoots::{self, Makers, State},
};
use serde_json::json;

use crate::{
    app::{Caller, TestApp},
    studio::{deliver_rows, finish_packed, gather, hand_in, pack, shoot},
};

const HOME: &str = "/team-member";
const ONBOARDING: &str = "/team-member/onboarding";
const WAITING: &str = "/team-member/waiting";

async fn goes_to(app: &TestApp, who: &Caller, address: &str) {
    assert_eq!(app.get(who, HOME).await.redirects(), address);
}

async fn stays_and_reads(app: &TestApp, who: &Caller, words: &str) -> String {
    let page = app.get(who, HOME).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    assert!(text.contains(words), "{words}: {text}");
    text
}

async fn retry(app: &TestApp) -> ShootId {
    app.post(&app.lead, "/api/v2/organization/members/kim@acme.test/retry", &json!({})).await.ok();
    let kim = app.db.read(|view| members::named(view, &app.organization, &"kim@acme.test".parse().unwrap())).unwrap();
    app.db.read(|view| shoots::latest(view, &kim.id)).unwrap().unwrap().id
}

async fn delete(app: &TestApp, id: &ShootId) {
    app.delete(&app.lead, &format!("/api/v2/organization/models/{id}")).await.ok();
}

#[tokio::test]
async fn each_state_has_its_page() {
    let app = TestApp::start().await;
    goes_to(&app, &app.owner, ONBOARDING).await;
    let you = app.get(&app.owner, "/team-member/onboarding/you").await.text();
    assert!(
        you.contains("signed in as ada@acme.test") && !you.contains("joining"),
        "who leads it joins nothing: {you}"
    );
    let (kim, id) = app.member("kim@acme.test").await;
    goes_to(&app, &kim, ONBOARDING).await;
    gather(&app, &kim).await;
    goes_to(&app, &kim, ONBOARDING).await;

    hand_in(&app, &id).await;
    goes_to(&app, &kim, WAITING).await;
    let waiting = app.get(&kim, WAITING).await.text();
    assert!(waiting.contains("waiting for their turn") && waiting.contains(">Next<"), "{waiting}");
    assert!(waiting.contains("<li data-stage=\"submitted\" aria-current=\"step\">"), "{waiting}");
    assert!(!waiting.contains("write to"), "there is no mail server, so nothing is promised");

    let handle = Handle::new("nobody's");
    let (trained, by) = (id.clone(), handle.clone());
    app.db.write(move |tx| shoots::begin_training(tx, &trained, &by)).await.unwrap();
    goes_to(&app, &kim, WAITING).await;
    let seen = shoot(&app, &id);
    app.db.write(move |tx| shoots::report(tx, &seen, Stage::Generating, 70)).await.unwrap();
    goes_to(&app, &kim, WAITING).await;
    let waiting = app.get(&kim, WAITING).await.text();
    assert!(
        waiting.contains("one after another") && waiting.contains("<span data-live-percent>70</span> %"),
        "{waiting}"
    );
    let failed = id.clone();
    app.db.write(move |tx| shoots::fail(tx, &failed, "The machine is ill.", false)).await.unwrap();
    goes_to(&app, &kim, WAITING).await;
    assert!(app.get(&kim, WAITING).await.text().contains("It starts again by itself"));

    delete(&app, &id).await;
    stays_and_reads(&app, &kim, "Your headshots were deleted").await;
    assert_eq!(app.get(&kim, WAITING).await.redirects(), HOME);
    let first = retry(&app).await;
    goes_to(&app, &kim, ONBOARDING).await;
    let you = app.get(&kim, "/team-member/onboarding/you").await.text();
    assert!(you.contains("You can make headshots once more") && !you.contains("joining"), "{you}");
    pack(&app, &first).await;
    finish_packed(&app, &first).await;
    stays_and_reads(&app, &kim, "photo-grid").await;

    let second = retry(&app).await;
    goes_to(&app, &kim, ONBOARDING).await;
    pack(&app, &second).await;
    hand_in(&app, &second).await;
    goes_to(&app, &kim, WAITING).await;
    let waiting = app.get(&kim, WAITING).await.text();
    let earlier = format!("/team-member/shoots/{first}");
    assert!(waiting.contains(&format!("href=\"{earlier}\"")), "earlier headshots are not out of reach: {waiting}");
    assert_eq!(app.get(&kim, &earlier).await.status, 200);
    deliver_rows(&app, &second).await;
    stays_and_reads(&app, &kim, "shoot-grid").await;

    delete(&app, &second).await;
    stays_and_reads(&app, &kim, "photo-grid").await;
    let gone = first.clone();
    app.db
        .write(move |tx| {
            let shoot = shoots::get(tx, &gone)?;
            shoots::delete(tx, &shoot, "Test")?;
            shoots::mark_expired(tx, &gone)
        })
        .await
        .unwrap();
    assert_eq!(shoot(&app, &first).state, State::Deleted);
    // The latest one decides which of both it was.
    stays_and_reads(&app, &kim, "Your headshots were deleted").await;

    app.post(&app.lead, "/api/v2/organization/invites/revoke", &json!({ "email": "kim@acme.test" })).await.ok();
    assert_eq!(app.get(&kim, HOME).await.status, 401, "access ended with it");
}

#[tokio::test]
async fn a_shoot_that_failed_for_good_has_words_of_its_own() {
    let app = TestApp::start().await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    hand_in(&app, &id).await;
    app.db.write(move |tx| shoots::fail(tx, &id, "No face was found.", true)).await.unwrap();
    goes_to(&app, &kim, WAITING).await;
    let page = app.get(&kim, WAITING).await.text();
    assert!(page.contains("could not be made") && page.contains("No face was found."), "{page}");
    assert!(page.contains("data-live-way hidden"), "there is no progress to show");
}

#[tokio::test]
async fn the_estimate_is_what_the_middle_one_of_the_latest_shoots_took() {
    let app = TestApp::start_with(crate::app::Wishes {
        settings: vec![("dev_shoot", "10m".to_owned())],
        ..Default::default()
    })
    .await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    hand_in(&app, &id).await;
    let estimate = || {
        let shoot = shoot(&app, &id);
        app.db.read(|view| shoots::estimate(view, &shoot, Makers { usual: None, at_once: 1 })).unwrap()
    };
    assert_eq!(estimate(), None, "nothing is known yet");
    assert!(app.get(&kim, WAITING).await.text().contains("In about 10 minutes"), "what the generator says of itself");
    for (nth, minutes) in [4_u64, 30, 5].into_iter().enumerate() {
        let (_, other) = app.member(&format!("other{nth}@acme.test")).await;
        pack(&app, &other).await;
        hand_in(&app, &other).await;
        let (begun, handle) = (other.clone(), Handle::new("nobody's"));
        app.db.write(move |tx| shoots::begin_training(tx, &begun, &handle)).await.unwrap();
        // A long line doesn't count, the work does.
        app.db.clock().advance(Duration::from_secs(3600));
        let seen = shoot(&app, &other);
        app.db.write(move |tx| shoots::report(tx, &seen, Stage::Training, 1)).await.unwrap();
        app.db.clock().advance(Duration::from_secs(60 * minutes));
        let done = other.clone();
        app.db.write(move |tx| shoots::ready(tx, &done)).await.unwrap();
    }
    let estimate = estimate().unwrap().as_secs();
    assert!((300..310).contains(&estimate), "{estimate}");
}

#[tokio::test]
async fn shoots_that_are_made_at_once_are_waited_for_once() {
    let settings = [("generator", "studio"), ("studio_shoots", "2")];
    let settings = settings.map(|(name, value)| (name, value.to_owned())).into();
    let app = TestApp::start_with(crate::app::Wishes { settings, ..Default::default() }).await;
    let (_, first) = app.member("first@acme.test").await;
    pack(&app, &first).await;
    hand_in(&app, &first).await;
    // Ten minutes, as people say it: the rest is for a machine that is busy.
    app.db.clock().advance(Duration::from_secs(595));
    deliver_rows(&app, &first).await;
    let mut line = Vec::new();
    for nth in 1..=5 {
        let (who, id) = app.member(&format!("kim{nth}@acme.test")).await;
        pack(&app, &id).await;
        hand_in(&app, &id).await;
        line.push((who, id));
        // Of two in the same moment, neither is before the other.
        app.db.clock().advance(Duration::from_secs(1));
    }
    let minutes = |at_once| {
        let estimate = |id| {
            let shoot = shoot(&app, id);
            app.db.read(|view| shoots::estimate(view, &shoot, Makers { usual: None, at_once })).unwrap().unwrap()
        };
        line.iter().map(|(_, id)| estimate(id).as_secs_f64() / 60.0).map(f64::round).collect::<Vec<_>>()
    };
    assert_eq!(minutes(1), [10.0, 20.0, 30.0, 40.0, 50.0]);
    assert_eq!(minutes(2), [10.0, 10.0, 20.0, 20.0, 30.0]);
    assert_eq!(minutes(4), [10.0, 10.0, 10.0, 10.0, 20.0]);
    assert_eq!(minutes(0), minutes(1), "nobody makes any now, but somebody will");
    let (last, id) = &line[4];
    assert!(app.get(last, WAITING).await.text().contains("In about 30 minutes"), "two at once, as is configured");

    // The generator says itself how many it has before this one.
    let (seen, handle) = (id.clone(), Handle::new("nobody's"));
    let queued = app.db.write(move |tx| {
        shoots::begin_training(tx, &seen, &handle)?;
        shoots::queued(tx, &shoots::get(tx, &seen)?, 3)
    });
    queued.await.unwrap();
    assert_eq!((minutes(1)[4], minutes(2)[4], minutes(3)[4]), (40.0, 20.0, 20.0));
}
