//! `GET /app/admin/changes`: open pages of a lead hear that something changed.

use std::time::{Duration, Instant};

use headroom::{
    auth,
    members::{self, Role},
};
use reqwest::{Method, Response};
use serde_json::json;

use crate::{
    app::{Caller, INVITES, TestApp},
    studio::{portrait, upload},
};

const CHANGES: &str = "/app/admin/changes";

/// Far longer than what is silent would take to say something: but nobody waits for it here.
const SOON: Duration = Duration::from_secs(10);

async fn open(app: &TestApp, who: &Caller) -> Response {
    let stream = app.request(who, Method::GET, CHANGES).send().await.unwrap();
    assert_eq!(stream.status(), 200);
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert_eq!(stream.headers()["cache-control"], "no-store");
    stream
}

/// The next thing it says but that it is still there; none once it has ended.
async fn heard(stream: &mut Response) -> Option<String> {
    let begun = Instant::now();
    loop {
        let chunk = stream.chunk().await.unwrap()?;
        let text = String::from_utf8(chunk.to_vec()).unwrap();
        if !text.starts_with(':') {
            return Some(text);
        }
        assert!(begun.elapsed() < SOON, "nothing but heartbeats");
    }
}

/// As of which change a page was made.
fn as_of(page: &str) -> String {
    let (_, rest) = page.split_once("data-as-of=\"").expect("a page that follows changes");
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn it_speaks_after_a_change_of_ones_own_organization_only() {
    let app = TestApp::start().await;
    let (_, stranger) = app.stranger().await;
    app.run_jobs().await;
    let before = as_of(&app.page("/app/admin").await);
    let mut stream = open(&app, &app.owner).await;
    assert_eq!(heard(&mut stream).await, Some(format!("data: {before}\n\n")), "nothing was missed");

    // What is not ours is not heard: the next thing heard is of our own change, and comes after both.
    app.post(&stranger, INVITES, &json!({ "email": "kim@globex.test" })).await.ok();
    app.run_jobs().await;
    assert_eq!(as_of(&app.page("/app/admin").await), before, "another organization's change is none of this one's");
    app.post(&app.lead, INVITES, &json!({ "email": "kim@acme.test" })).await.ok();
    let told = heard(&mut stream).await.unwrap();
    assert!(told.starts_with("data: ") && !told.contains(&before), "{told}");
    app.run_jobs().await;
    assert_ne!(as_of(&app.page("/app/admin").await), before);
}

#[tokio::test]
async fn whatever_pages_show_is_told_of() {
    let app = TestApp::start().await;
    let (kim, _) = app.member("kim@acme.test").await;
    app.run_jobs().await;
    let mut last = as_of(&app.page("/app/admin").await);
    let mut changed = async |what: &str| {
        app.run_jobs().await;
        let now = as_of(&app.page("/app/admin").await);
        assert_ne!(now, last, "{what}");
        last = now;
    };
    app.submit(&app.owner, "/app/admin/teams", &[("name", "Design")]).await.redirects();
    changed("a team").await;
    app.submit(&kim, "/team-member/onboarding/you", &[("name", "Kim Lee"), ("gender", "person")]).await;
    changed("a name").await;
    upload(&app, &kim, "me.jpg", portrait(1)).await.ok();
    changed("a photo").await;
    app.grant(5).await;
    changed("credits").await;
    let reminders = [("on", "on"), ("days", "5"), ("quiet_from", "20"), ("quiet_to", "8"), ("timezone", "UTC")];
    app.submit(&app.owner, "/app/admin/settings/reminders", &reminders).await.redirects();
    changed("settings").await;
    app.submit(&app.owner, "/app/admin/teams", &[("name", "Design")]).await;
    app.run_jobs().await;
    assert_eq!(as_of(&app.page("/app/admin").await), last, "what was refused changed nothing");
}

#[tokio::test]
async fn the_answer_to_a_form_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let refused = app.submit(&app.owner, "/app/admin/teams", &[("name", "")]).await;
    assert_eq!(refused.status, 400);
    assert!(!refused.text().contains("data-as-of"), "it follows nothing");
}

#[tokio::test]
async fn many_changes_at_once_are_one() {
    let app = TestApp::start().await;
    app.run_jobs().await;
    let mut stream = open(&app, &app.owner).await;
    heard(&mut stream).await.unwrap();
    let begun = Instant::now();
    for nth in 0..20 {
        app.submit(&app.owner, "/app/admin/teams", &[("name", &format!("Team {nth}"))]).await.redirects();
    }
    let now = as_of(&app.page("/app/admin").await);
    let mut messages = 0;
    while !heard(&mut stream).await.unwrap().contains(&now) {
        messages += 1;
    }
    assert!(messages <= begun.elapsed().as_secs() + 1, "{messages} in {:?}", begun.elapsed());
}

#[tokio::test]
async fn it_ends_with_the_session() {
    let app = TestApp::start().await;
    let mut stream = open(&app, &app.owner).await;
    heard(&mut stream).await.unwrap();
    let begun = Instant::now();
    app.submit(&app.owner, "/signout", &[]).await.redirects();
    assert_eq!(heard(&mut stream).await.as_deref(), Some("event: gone\ndata:\n\n"));
    assert_eq!(heard(&mut stream).await, None);
    assert!(begun.elapsed() < SOON, "only a heartbeat noticed, after {:?}", begun.elapsed());
    assert_eq!(app.get(&app.owner, CHANGES).await.status, 401);
}

#[tokio::test]
async fn it_ends_with_the_role() {
    let app = TestApp::start().await;
    let lead = app.browser(&app.organization, "lee@acme.test", Role::Admin).await;
    let mut stream = open(&app, &lead).await;
    heard(&mut stream).await.unwrap();
    let organization = app.organization.clone();
    let demoted = app.db.write(move |tx| {
        let leads = members::leads(tx, &organization)?;
        let (owner, admin) = (&leads[0], &leads[1]);
        auth::change_role(tx, &owner.actor(), None, &admin.id, Role::Member)
    });
    demoted.await.unwrap();
    let mut last = None;
    while let Some(told) = heard(&mut stream).await {
        last = Some(told);
    }
    assert_eq!(last.as_deref(), Some("event: gone\ndata:\n\n"));
}

#[tokio::test]
async fn it_is_for_leads_and_for_so_many_pages_of_each() {
    let app = TestApp::start().await;
    let member = app.browser(&app.organization, "kim@acme.test", Role::Member).await;
    assert_eq!(app.get(&member, CHANGES).await.status, 403);
    assert_eq!(app.get(&Caller::Nobody, CHANGES).await.status, 401);
    let mut oldest = open(&app, &app.owner).await;
    heard(&mut oldest).await.unwrap();
    let mut others = Vec::new();
    for _ in 1..16 {
        others.push(open(&app, &app.owner).await);
    }
    let mut second = others.remove(0);
    heard(&mut second).await.unwrap();
    let mut newest = open(&app, &app.owner).await;
    heard(&mut newest).await.unwrap();
    assert_eq!(heard(&mut oldest).await.as_deref(), Some("event: gone\ndata:\n\n"), "the oldest page does without");
    app.submit(&app.owner, "/app/admin/teams", &[("name", "Design")]).await;
    for stream in [&mut second, &mut newest] {
        assert!(heard(stream).await.unwrap().starts_with("data: "));
    }
    // Others have room of their own, and pages work without it.
    let lead = app.browser(&app.organization, "lee@acme.test", Role::Admin).await;
    open(&app, &lead).await;
    assert!(app.page("/app/admin").await.contains("Overview"));
}

#[tokio::test]
async fn it_ends_when_the_server_stops() {
    let app = TestApp::start().await;
    let mut stream = open(&app, &app.owner).await;
    heard(&mut stream).await.unwrap();
    let begun = Instant::now();
    app.stop().await;
    while stream.chunk().await.unwrap().is_some() {}
    assert!(begun.elapsed() < Duration::from_secs(5), "stopping took {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_script_that_reads_a_page_takes_no_words_from_the_next_one() {
    let app = TestApp::start().await;
    let made = app.submit(&app.owner, "/app/admin/teams", &[("name", "Design")]).await;
    assert_eq!(TestApp::flash(&made), "Created the team Design.");
    let said = made.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let Caller::Browser(session) = &app.owner else { unreachable!() };
    let cookies = format!("headroom={session}; {said}");
    let page = |dest: &'static str| {
        let request = app.client.get(format!("{}/app/admin/teams", app.url)).header("sec-fetch-dest", dest);
        request.header("cookie", cookies.clone()).send()
    };
    assert!(!page("empty").await.unwrap().headers().contains_key("set-cookie"));
    assert!(page("document").await.unwrap().headers().contains_key("set-cookie"));
}
