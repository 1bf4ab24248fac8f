//! What leads see of the generator.

use std::time::Instant;

use headroom::{
    generator::Scene,
    shoots::{self, State},
};
use serde_json::json;

use super::{
    USUAL, app_with,
    comfyui::graph,
    consent::{HOST, away},
    flags, means,
    stub::{Reply, Stub},
};
use crate::{
    app::{PATIENCE, TestApp, Wishes},
    backdrops::add,
    studio::{gather, shoot, submit},
};

pub(super) const PAGE: &str = "/app/admin/settings/generator";
const SYSTEM: &str = "/app/admin/settings/system";

/// What the server's checks find now.
pub(super) async fn checked(app: &TestApp) -> String {
    app.submit(&app.owner, SYSTEM, &[]).await.redirects();
    let begun = Instant::now();
    loop {
        let page = app.page(SYSTEM).await;
        if !page.contains("Some checks are still under way") {
            return page;
        }
        assert!(begun.elapsed() < PATIENCE, "{page}");
    }
}

#[tokio::test]
async fn it_says_who_makes_the_headshots_and_how_they_are() {
    let here = TestApp::start().await;
    let page = here.page(PAGE).await;
    assert!(page.contains("On this machine. It sends photos nowhere.") && page.contains("Ready"), "{page}");
    assert!(!page.contains("Photos leave this machine") && !page.contains("/agree"));

    let (away, _stub) = away().await;
    let page = away.page(PAGE).await;
    assert!(page.contains("Photos leave this machine") && page.contains(HOST) && page.contains("Ready"), "{page}");
    assert!(!page.contains("Stop sending photos"));
    away.submit(&away.owner, &format!("{PAGE}/agree"), &[("to", &format!("http {HOST}"))]).await.redirects();
    let asked = away.page(&format!("{PAGE}?withdraw=1")).await;
    assert!(asked.contains(&format!("Stop sending photos to {HOST}?")), "{asked}");
}

#[tokio::test]
async fn one_that_is_down_says_why() {
    let stub = Stub::start(|_| Reply::Json(200, json!({ "ok": false, "message": "No <GPU>." }))).await;
    let app = app_with(&[("generator", "http"), ("generator_url", &stub.url)]).await;
    let page = app.page(PAGE).await;
    assert!(page.contains("Down") && page.contains("No &#60;GPU&#62;.") && page.contains("Check again"), "{page}");
}

#[tokio::test]
async fn backdrops_it_can_not_show_are_not_offered() {
    let stub = Stub::start(|_| Reply::Json(200, json!({}))).await;
    let (graph, data) = (graph(), tempfile::tempdir().unwrap());
    let path = graph.path().display().to_string();
    let kept = Some(data.path().to_owned());
    let here = Wishes { data: kept.clone(), ..Wishes::default() };
    let comfyui = [("generator", "comfyui"), ("generator_url", &stub.url), ("generator_graph", &path)];
    let there = Wishes { settings: flags(&comfyui), means: means(USUAL), data: kept, program: None };
    let app = TestApp::start_with(here).await;
    let lobby = add(&app, "Lobby").await;
    let (kim, _) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    let (lee, id) = app.member("lee@acme.test").await;
    gather(&app, &lee).await;
    let (open, chosen) = (shoot(&app, &id), Scene::Own(lobby.id.clone()));
    app.db.write(move |tx| shoots::choose_backdrops(tx, &open, &[chosen])).await.unwrap();
    let (own, style) = (format!("value=\"{}\"", lobby.id), "/team-member/onboarding/style");
    assert!(app.get(&kim, style).await.text().contains(&own));
    let (settings, notice) = ("/app/admin/settings/headshots", "Not offered right now");
    assert!(!app.page(settings).await.contains(notice));

    let app = app.restart(there).await;
    let page = app.get(&kim, style).await.text();
    assert!(!page.contains(&own) && page.contains("value=\"navy\""), "{page}");
    assert_eq!(submit(&app, &lee).await.redirects(), "/team-member/onboarding");
    assert_eq!(app.get(&lee, "/team-member/onboarding").await.redirects(), style);
    assert!(app.get(&lee, style).await.text().contains("Not offered any more: Lobby"));
    assert!(app.page(settings).await.contains(notice));
    assert!(app.page(PAGE).await.contains("Can&#39;t use an organization&#39;s own backdrops."));
    app.stop().await;
}

#[tokio::test]
async fn what_to_change_is_said_once() {
    let stub = Stub::start(|_| Reply::Json(401, json!({}))).await;
    let app = app_with(&[("generator", "http"), ("generator_url", &stub.url)]).await;
    let page = checked(&app).await;
    assert!(page.contains("Check generator_secret. Shoots wait until then."), "{page}");
    assert!(!page.contains("Start it"), "{page}");
    drop(stub);
    let page = checked(&app).await;
    assert!(page.contains("Start it, or check generator_url; shoots wait until then."), "{page}");
}

#[tokio::test]
async fn why_a_shoot_failed_is_said_without_what_opens_a_door() {
    let stub = Stub::start(|asked| match asked.what.as_str() {
        "GET /v1/health" => Reply::Json(200, json!({ "ok": true })),
        _ => Reply::Json(500, json!({ "no": "Bearer of-ours-alone", "at": "http://ada:pw@gpu.test/key" })),
    })
    .await;
    let settings = [("generator", "http"), ("generator_url", &*stub.url), ("generator_secret", "of-ours-alone")];
    let app = app_with(&settings).await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    submit(&app, &kim).await.redirects();
    app.run_jobs().await;
    assert_eq!(shoot(&app, &id).state, State::Failed);
    let page = app.page(PAGE).await;
    assert!(page.contains("The generator answered 500") && page.contains("Bearer [secret]"), "{page}");
    assert!(page.contains("http://gpu.test/…") && !page.contains("of-ours-alone"), "{page}");
    app.stop().await;
}
