use headroom::organizations;

use super::scene::At;
use crate::app::TestApp;

#[tokio::test]
async fn the_ledger_shows_where_credits_went() {
    let app = TestApp::start().await;
    app.person("kim@acme.test", Some("Kim & Co"), At::Generating).await;
    app.person("sam@acme.test", None, At::Failed).await;
    let html = app.page("/app/admin/credits").await;
    assert!(html.contains("<span class=\"value\">99</span>"), "{html}");
    assert!(html.contains("Photos submitted") && html.contains("Kim &#38; Co") && html.contains("−1"));
    assert!(html.contains("The headshots could not be made") && html.contains("+1") && html.contains("+100"));
    assert!(html.contains("4 entries"));
    assert!(html.contains(&format!("headroom credits grant --org {}", app.organization)));
    // Who has credits was not stopped by having none.
    assert!(!app.page("/app/admin/credits?why=invite").await.contains("No credits left"));
}

#[tokio::test]
async fn a_long_ledger_is_walked_in_parts() {
    let app = TestApp::start().await;
    for _ in 0..60 {
        app.grant(1).await;
    }
    let html = app.page("/app/admin/credits").await;
    assert!(html.contains("61 entries") && html.contains("+1</td>"));
    assert!(!html.contains("To begin with"));
    let next = html.split("rel=\"next\"").next().unwrap().rsplit("href=\"").next().unwrap().split('"').next().unwrap();
    assert!(app.page(next).await.contains("To begin with"));
}

#[tokio::test]
async fn unlimited_credits_are_called_so() {
    let app = TestApp::start().await;
    let organization = app.organization.clone();
    app.db.write(move |tx| organizations::set(tx, &organization, "unlimited", "on")).await.unwrap();
    let html = app.page("/app/admin/credits").await;
    assert!(html.contains("Unlimited") && !html.contains("How to get more"));
    assert!(app.page("/app/admin").await.contains("Unlimited"));
}
