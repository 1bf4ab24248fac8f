use headroom::{members::Role, organizations, webhooks};
use reqwest::header::CONTENT_TYPE;

use crate::app::{Answer, TestApp};

const PAGE: &str = "/app/admin/api";
const SAVE: &str = "/app/admin/api/embedding";

const FORM: [(&str, &str); 4] = [
    ("whitelabel", "on"),
    ("webhook", "https://lumen.test/hooks"),
    ("embed_origins", "https://lumen.test/\r\nhttps://app.lumen.test"),
    ("cors_origins", "https://tools.lumen.test"),
];

fn secret_in(answer: &Answer) -> Option<String> {
    let html = answer.text();
    let start = html.split("id=\"webhook-secret\">").nth(1)?;
    Some(start.split('<').next().unwrap().to_owned())
}

/// The form with one field otherwise.
fn with<'a>(name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    FORM.iter().map(|(field, kept)| (*field, if *field == name { value } else { kept })).collect()
}

#[tokio::test]
async fn embedding_is_set_up_on_one_form_and_the_secret_is_shown_once() {
    let app = TestApp::start().await;
    let saved = app.submit(&app.owner, SAVE, &FORM).await;
    assert_eq!(saved.status, 200, "{}", saved.text());
    assert_eq!(saved.header("cache-control"), Some("no-store"));
    let secret = secret_in(&saved).expect("a secret");
    assert!(secret.starts_with("whsec_"), "{secret}");
    let organization = app.db.read(|view| organizations::get(view, &app.organization)).unwrap();
    assert!(organization.whitelabel);
    assert_eq!(organization.embed_origins.iter().count(), 2);

    let page = app.page(PAGE).await;
    assert!(!page.contains(&secret) && page.contains("value=\"on\" checked"), "{page}");
    assert!(page.contains("https://lumen.test\nhttps://app.lumen.test</textarea>"), "{page}");
    assert!(page.contains("value=\"https://lumen.test/hooks\"") && page.contains("href=\"/api/docs\""), "{page}");

    // Saved as it is, nothing moves; moved, the URL has another secret; emptied, there is none.
    assert_eq!(app.submit(&app.owner, SAVE, &FORM).await.redirects(), "/app/admin/api#embedding");
    let moved = app.submit(&app.owner, SAVE, &with("webhook", "https://lumen.test/other")).await;
    assert_ne!(secret_in(&moved).expect("a secret"), secret);
    assert_eq!(app.submit(&app.owner, SAVE, &with("webhook", " ")).await.status, 303);
    assert!(app.db.read(|view| webhooks::first(view, &app.organization)).unwrap().is_none());
    let off: Vec<_> = FORM.into_iter().filter(|(name, _)| *name != "whitelabel").collect();
    app.submit(&app.owner, SAVE, &off).await;
    assert!(!app.db.read(|view| organizations::get(view, &app.organization)).unwrap().whitelabel);
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_its_field_and_nothing_is_lost() {
    let app = TestApp::start().await;
    let wrong = [
        ("whitelabel", "on"),
        ("webhook", "lumen.test/hooks"),
        ("embed_origins", "https://lumen.test\nhttps://lumen.test/app"),
        ("cors_origins", "https://tools.lumen.test"),
    ];
    let again = app.submit(&app.owner, SAVE, &wrong).await;
    assert_eq!(again.status, 400);
    let html = again.text();
    for told in [
        "&#34;lumen.test/hooks&#34; is not a web address",
        "&#34;https://lumen.test/app&#34; is not an origin",
        "value=\"lumen.test/hooks\"",
        "https://lumen.test\nhttps://lumen.test/app</textarea>",
        "https://tools.lumen.test</textarea>",
        "value=\"on\" checked",
        "id=\"webhook-error\"",
        "id=\"embed_origins-error\"",
    ] {
        assert!(html.contains(told), "{told} is missing: {html}");
    }
    assert!(!html.contains("cors_origins-error") && secret_in(&again).is_none());
    assert!(app.db.read(|view| webhooks::first(view, &app.organization)).unwrap().is_none(), "half of it was saved");
}

#[tokio::test]
async fn a_webhook_url_that_leads_inside_is_refused_beside_its_field() {
    let app = TestApp::start().await;
    for hostile in ["http://10.0.0.1/hooks", "http://169.254.169.254/latest", "http://[fd00::1]/", "http://2852039166/"]
    {
        let again = app.submit(&app.owner, SAVE, &with("webhook", hostile)).await;
        let html = again.text();
        assert_eq!(again.status, 400, "{hostile}: {html}");
        for told in ["id=\"webhook-error\"", "is a private or reserved address", "https://tools.lumen.test</textarea>"]
        {
            assert!(html.contains(told), "{hostile}: {told} is missing: {html}");
        }
        assert!(html.contains(&format!("value=\"{hostile}\"")) && secret_in(&again).is_none(), "{html}");
    }
    assert!(app.db.read(|view| webhooks::first(view, &app.organization)).unwrap().is_none());
    assert!(
        !app.db.read(|view| organizations::get(view, &app.organization)).unwrap().whitelabel,
        "half of it was saved"
    );
}

#[tokio::test]
async fn a_webhook_url_that_stays_stands_in_nobodys_way_and_a_new_one_is_on() {
    let app = TestApp::start().await;
    app.submit(&app.owner, SAVE, &FORM).await;
    // What was allowed once, and isn't any more; and it is off.
    let off = app.db.write(|tx| {
        tx.execute("update webhook_endpoints set url = 'http://10.0.0.1/', disabled_at = 1, disabled_why = 'gone'", [])
    });
    off.await.unwrap();
    let endpoint = || app.db.read(|view| webhooks::first(view, &app.organization)).unwrap().unwrap();
    assert_eq!(app.submit(&app.owner, SAVE, &with("webhook", "http://10.0.0.1/")).await.status, 303);
    assert!(endpoint().disabled.is_some());
    assert_eq!(app.submit(&app.owner, SAVE, &with("webhook", "http://10.0.0.1/x")).await.status, 400);
    assert!(secret_in(&app.submit(&app.owner, SAVE, &FORM).await).is_some());
    assert!(endpoint().disabled.is_none());
}

#[tokio::test]
async fn only_leads_decide_about_embedding() {
    let app = TestApp::start().await;
    let member = app.browser(&app.organization, "kim@acme.test", Role::Member).await;
    assert_eq!(app.submit(&member, SAVE, &FORM).await.status, 403);
    let admin = app.browser(&app.organization, "lee@acme.test", Role::Admin).await;
    let saved = app.submit(&admin, SAVE, &FORM).await;
    assert_eq!(
        (saved.status.as_u16(), saved.headers[CONTENT_TYPE].to_str().unwrap()),
        (200, "text/html; charset=utf-8")
    );
    let elsewhere = app.request(&app.owner, reqwest::Method::POST, SAVE).header("sec-fetch-site", "cross-site");
    assert_eq!(Answer::of(elsewhere).await.status, 403);
}
