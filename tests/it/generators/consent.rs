//! Photos leave the machine only to where their organization, or whoever is on their own, has agreed that they go.

use std::{sync::Arc, time::Duration};

use headroom::{
    auth,
    config::PhotoChecks,
    generator::Destination,
    ids::ShootId,
    members::{self, Actor, NewManaged, PersonName, Role, Title},
    organizations,
    queue::{self, Job},
    shoots::{self, State, Whereabouts},
    whitelabel::{self, NewModel},
};
use serde_json::json;
use tokio::sync::Notify;

use super::{
    app_with,
    stub::{Asked, Reply, Stub},
    until,
};
use crate::{
    app::{Answer, Caller, TestApp},
    studio::{REVIEW, gather, pack, shoot, submit, submit_at, told},
};

pub(super) const HOST: &str = "images.example.com";
const PAGE: &str = "/app/admin/settings/generator";

/// A server whose headshots are made on another host, which takes everything.
pub(super) async fn away() -> (TestApp, Stub) {
    away_with(|asked| match asked.what.as_str() {
        "POST /v1/shoots" => Reply::Json(202, json!({ "handle": "run-7" })),
        "GET /v1/health" => Reply::Json(200, json!({ "ok": true })),
        _ => Reply::Json(200, json!({ "state": "queued", "position": 0 })),
    })
    .await
}

/// The same with other answers.
async fn away_with(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> (TestApp, Stub) {
    let stub = Stub::start(answer).await;
    let url = format!("http://{HOST}:{}", stub.port());
    let app = app_with(&[("generator", "http"), ("generator_url", &url), ("signup", "on")]).await;
    (app, stub)
}

fn to(host: &str) -> Destination {
    Destination { generator: "http", host: host.to_owned() }
}

async fn agree(app: &TestApp) -> Answer {
    app.submit(&app.owner, &format!("{PAGE}/agree"), &[("to", &to(HOST).to_string())]).await
}

#[track_caller]
fn is_refused(app: &TestApp, stub: &Stub, id: &ShootId, answer: &Answer, words: &str) {
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains(words), "{}", answer.text());
    let kept = shoot(app, id);
    assert_eq!((kept.state, kept.photos, app.credits()), (State::Onboarding, 1, 100));
    assert_eq!(stub.count("POST"), 0);
}

#[tokio::test]
async fn a_member_is_refused_in_words_until_an_admin_agrees() {
    let (app, stub) = away().await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    let review = app.get(&kim, REVIEW).await;
    assert!(review.text().contains("Acme has not agreed to this yet") && review.text().contains(HOST));
    is_refused(&app, &stub, &id, &submit(&app, &kim).await, "Ask an admin");
    let overview = app.page("/app/admin").await;
    assert!(overview.contains("Nobody can submit photos") && overview.contains(PAGE));

    assert_eq!(agree(&app).await.redirects(), PAGE);
    assert!(!app.page("/app/admin").await.contains("Nobody can submit photos"));
    let review = app.get(&kim, REVIEW).await;
    assert!(
        !review.text().contains("has not agreed") && review.text().contains(&format!("The photos are sent to {HOST}"))
    );
    submit(&app, &kim).await.redirects();
    until(&app, &id, State::Training).await;
    assert_eq!((stub.count("POST /v1/shoots"), app.credits()), (1, 99));
    let account = app.db.read(|view| Ok(members::of_shoot(view, &id)?.unwrap().account)).unwrap();
    let consents = app.db.read(|view| shoots::consents_of(view, &account)).unwrap();
    assert!(consents[0].text.contains(&format!("sent to {HOST},")));
}

#[tokio::test]
async fn a_lead_who_acts_for_someone_is_led_to_the_decision() {
    let (app, stub) = away().await;
    let new = NewManaged { name: PersonName::parse("Kim Lee").unwrap(), email: None, title: Title::none(), team: None };
    let ada = app.db.read(|view| members::leads(view, &app.organization)).unwrap().remove(0).actor();
    let kim = app.db.write(move |tx| shoots::add_on_behalf(tx, &ada, &new)).await.unwrap();
    let id = app.db.read(|view| shoots::latest(view, &kim.id)).unwrap().unwrap().id;
    pack(&app, &id).await;
    let review = format!("/team-member/for/{}/onboarding/review", kim.id);
    let answer = submit_at(&app, &app.owner, &review).await;
    is_refused(&app, &stub, &id, &answer, PAGE);
    agree(&app).await.redirects();
    let unseen = app.submit(&app.owner, &review, &[("consent", "yes")]).await;
    assert_eq!(unseen.status, 409, "of words that were never shown");
    submit_at(&app, &app.owner, &review).await.redirects();
    until(&app, &id, State::Training).await;
}

#[tokio::test]
async fn someone_embedded_is_asked_to_come_back() {
    let (app, stub) = away().await;
    app.switch_whitelabel_on().await;
    for (development, email) in [(false, "kim@lumen.test"), (true, "lee@lumen.test")] {
        let by = Actor::operator(app.organization.clone());
        let new = NewModel { email: email.parse().unwrap(), team: None, development };
        let opened = app.db.write(move |tx| whitelabel::create(tx, &by, &new)).await.unwrap();
        let path = format!("/auth/social?token={}&anonymous=1", opened.token.reveal());
        let entered = app.get(&Caller::Nobody, &path).await;
        let cookie = entered.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        let guest = Caller::Embedded(cookie.strip_prefix("embedded=").unwrap().to_owned());
        gather(&app, &guest).await;
        let answer = submit(&app, &guest).await;
        if development {
            // Test data is made here, so nobody is asked.
            answer.redirects();
            told(&app, &guest).await;
            assert_eq!(shoot(&app, &opened.shoot.id).state, State::Ready);
        } else {
            is_refused(&app, &stub, &opened.shoot.id, &answer, "Come back later");
        }
    }
    assert_eq!(stub.count("POST"), 0);
}

#[tokio::test]
async fn whoever_is_on_their_own_agrees_by_words_that_name_the_host() {
    let (app, stub) = away().await;
    app.submit(&Caller::Nobody, "/signup", &[("email", "kim@home.test")]).await;
    app.run_jobs().await;
    let token = app.token_for("kim@home.test");
    let entered = app.db.write(move |tx| {
        let entered = auth::use_token(tx, &token, &auth::Device::default())?;
        auth::sign_up(tx, entered, Some(1))
    });
    let entered = entered.await.unwrap();
    let (member, session) = (entered.member.unwrap(), entered.session.reveal().to_owned());
    let kim = Caller::Browser(session);
    let id = app.db.read(|view| shoots::latest(view, &member.id)).unwrap().unwrap().id;
    gather(&app, &kim).await;
    let review = app.get(&kim, REVIEW).await;
    assert!(
        review.text().contains(&format!("The photos are sent to {HOST}")) && !review.text().contains("has not agreed")
    );
    submit(&app, &kim).await.redirects();
    until(&app, &id, State::Training).await;
    assert_eq!(stub.count("POST /v1/shoots"), 1);
}

/// Handed in while Acme agreed to `host`, and kept from the generator.
async fn handed_in(app: &TestApp, host: &str) -> ShootId {
    let (_, id) = app.member("kim@acme.test").await;
    pack(app, &id).await;
    let (handed_in, organization, host) = (id.clone(), app.organization.clone(), to(host));
    app.db
        .write(move |tx| {
            organizations::agree(tx, &organization, &host)?;
            let member = shoots::get(tx, &handed_in)?.member.unwrap();
            shoots::submit(tx, &handed_in, &member, PhotoChecks::On, &Whereabouts { made: Some(host), kept: None })?;
            tx.execute("delete from jobs where queue = 'shoots'", [])
        })
        .await
        .unwrap();
    id
}

#[tokio::test]
async fn what_waits_when_it_is_taken_back_or_moved_stays_here_and_costs_nothing() {
    for moved in [false, true] {
        let (app, stub) = away().await;
        let id = handed_in(&app, if moved { "old.example.com" } else { HOST }).await;
        assert_eq!(app.credits(), 99);
        match moved {
            false => assert_eq!(app.submit(&app.owner, &format!("{PAGE}/withdraw"), &[]).await.redirects(), PAGE),
            // The organization agrees to the new host; whose photos they are has not.
            true => assert_eq!(agree(&app).await.redirects(), PAGE),
        }
        let job = Job::Shoot(id.clone());
        app.db.write(move |tx| queue::push(tx, job)).await.unwrap();
        app.run_jobs().await;
        let kept = shoot(&app, &id);
        assert!(kept.gave_up() && kept.failure.as_ref().unwrap().contains(HOST), "{kept:?}");
        assert_eq!((stub.count("POST"), app.credits()), (0, 100));
    }
}

#[tokio::test]
async fn what_is_being_made_when_it_is_taken_back_is_stopped_forgotten_and_given_back() {
    let (app, stub) = away().await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    agree(&app).await.redirects();
    submit(&app, &kim).await.redirects();
    until(&app, &id, State::Training).await;
    assert_eq!((app.credits(), stub.count("DELETE")), (99, 0));
    let asked = app.page(&format!("{PAGE}?withdraw")).await;
    assert!(asked.contains("are stopped") && asked.contains("told to delete"), "{asked}");

    assert_eq!(app.submit(&app.owner, &format!("{PAGE}/withdraw"), &[]).await.redirects(), PAGE);
    let stopped = shoot(&app, &id);
    assert!(stopped.gave_up() && stopped.handle.is_none(), "{stopped:?}");
    assert_eq!(app.credits(), 100);
    app.run_jobs().await;
    assert_eq!((stub.count("POST"), stub.count("DELETE /v1/shoots/run-7")), (1, 1));
    let waiting = app.get(&kim, "/team-member/waiting").await.text();
    assert!(waiting.contains(&format!("Acme no longer allows photos to be sent to {HOST}")), "{waiting}");
    assert!(waiting.contains("The credit was given back"));
    let mail = app.outbox().into_iter().find(|mail| mail.subject.contains("headshots failed")).unwrap();
    let text = mail.text.unwrap();
    assert!(text.contains("after 1 attempt.") && text.contains("no longer allows"), "{text}");
    // It is not asked about any more, and stays stopped.
    let polls = stub.count("GET /v1/shoots");
    app.advance(Duration::from_secs(400)).await;
    app.run_jobs().await;
    assert_eq!((stub.count("GET /v1/shoots"), shoot(&app, &id).state), (polls, State::Failed));
    app.stop().await;
}

/// Acme agrees, Kim hands photos in, and what is sent is answered like this.
async fn sent(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> (TestApp, Stub, ShootId) {
    let (app, stub) = away_with(answer).await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    agree(&app).await.redirects();
    submit(&app, &kim).await.redirects();
    (app, stub, id)
}

#[tokio::test]
async fn what_waits_to_be_tried_again_when_it_is_taken_back_is_forgotten_and_given_back_at_once() {
    let (app, stub, id) = sent(|asked| match asked.what.starts_with("POST") {
        true => Reply::Reset,
        false => Reply::Json(200, json!({})),
    })
    .await;
    until(&app, &id, State::Failed).await;
    assert_eq!((shoot(&app, &id).gave_up(), app.credits(), stub.count("DELETE")), (false, 99, 0));

    app.submit(&app.owner, &format!("{PAGE}/withdraw"), &[]).await.redirects();
    let stopped = shoot(&app, &id);
    assert!(stopped.gave_up() && stopped.failure.as_ref().unwrap().contains("no longer allows"), "{stopped:?}");
    assert_eq!(app.credits(), 100);
    app.advance(Duration::from_secs(60)).await;
    let seen = (stub.count("POST"), stub.count(&format!("DELETE /v1/shoots/{id}")), stub.count("DELETE"));
    assert_eq!(seen, (1, 1, 1), "photos may have arrived although nothing came back");
    assert_eq!(app.mails().iter().filter(|mail| mail.contains("headshots failed")).count(), 1);
    app.stop().await;
}

#[tokio::test]
async fn what_is_on_its_way_there_when_it_is_taken_back_is_forgotten_whenever_it_arrives() {
    let (arrived, broken) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (app, stub, id) = sent({
        let (arrived, broken) = (arrived.clone(), broken.clone());
        move |asked| match asked.what.starts_with("POST") {
            true => {
                arrived.notify_one();
                Reply::ResetAfter(broken.clone())
            }
            false => Reply::Json(404, json!({})),
        }
    })
    .await;
    arrived.notified().await;
    app.submit(&app.owner, &format!("{PAGE}/withdraw"), &[]).await.redirects();
    assert!(shoot(&app, &id).gave_up());
    broken.notify_one();
    app.run_jobs().await;
    // Once in case the server was killed while they were on their way, and once after they were.
    assert_eq!((stub.count(&format!("DELETE /v1/shoots/{id}")), stub.count("DELETE")), (2, 2));
    assert_eq!((stub.count("POST"), app.credits()), (1, 100));
    app.stop().await;
}

#[tokio::test]
async fn only_leads_decide_each_for_their_own_and_about_what_they_saw() {
    let (app, _stub) = away().await;
    let (globex, _) = app.stranger().await;
    let (kim, _) = app.member("kim@acme.test").await;
    let agreed = |of: &headroom::ids::OrganizationId| app.db.read(|view| organizations::agreed(view, of)).unwrap();
    for path in ["agree", "withdraw"] {
        let refused = app.submit(&kim, &format!("{PAGE}/{path}"), &[("to", &to(HOST).to_string())]).await;
        assert_ne!(refused.status, 200);
        assert_eq!(agreed(&app.organization), None);
    }
    let changed = app.submit(&app.owner, &format!("{PAGE}/agree"), &[("to", "http old.example.com")]).await;
    assert!(changed.status == 409 && changed.text().contains("This has changed since you saw it"));
    let admin = app.browser(&app.organization, "lin@acme.test", Role::Admin).await;
    app.submit(&admin, &format!("{PAGE}/agree"), &[("to", &to(HOST).to_string())]).await.redirects();
    assert_eq!((agreed(&app.organization), agreed(&globex)), (Some(format!("http {HOST}")), None));
    let audit = app.page("/app/admin/settings/audit").await;
    assert!(audit.contains(&format!("photos may be sent to {HOST}")), "{audit}");
    app.submit(&admin, &format!("{PAGE}/withdraw"), &[]).await.redirects();
    assert_eq!(agreed(&app.organization), None);
    assert!(app.page("/app/admin/settings/audit").await.contains("photos stay here</ins>"));
}
