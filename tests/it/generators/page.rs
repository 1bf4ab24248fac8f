//! What leads see of the generator.

use super::{
    app_with,
    consent::{HOST, away},
    stub::{Reply, Stub},
};
use crate::app::TestApp;

const PAGE: &str = "/app/admin/settings/generator";

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
    let stub = Stub::start(|_| Reply::Json(200, serde_json::json!({ "ok": false, "message": "No <GPU>." }))).await;
    let app = app_with(&[("generator", "http"), ("generator_url", &stub.url)]).await;
    let page = app.page(PAGE).await;
    assert!(page.contains("Down") && page.contains("No &#60;GPU&#62;.") && page.contains("Check again"), "{page}");
}
