//! `ETag` and `If-None-Match`: a list that is the same is not sent again.

use reqwest::Method;
use serde_json::json;

use crate::app::{Answer, INVITES, TEAMS, TestApp};

async fn again(app: &TestApp, path: &str, tag: &str) -> Answer {
    Answer::of(app.request(&app.lead, Method::GET, path).header("if-none-match", tag)).await
}

#[tokio::test]
async fn a_list_that_is_the_same_is_not_sent_again() {
    let app = TestApp::start_with(crate::app::Wishes {
        settings: vec![("rate_limit", "100".to_owned())],
        ..Default::default()
    })
    .await;
    app.post(&app.lead, INVITES, &json!({ "email": "kim@acme.test" })).await.ok();
    for path in [INVITES.to_owned(), format!("{INVITES}?limit=10"), TEAMS.to_owned()] {
        let first = app.get(&app.lead, &path).await;
        let tag = first.header("etag").unwrap().to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 10, "{tag}");
        assert_eq!(first.header("cache-control"), Some("private, no-cache"));
        first.ok();

        for tags in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            let same = again(&app, &path, &tags).await;
            assert_eq!((same.status.as_u16(), same.body.len()), (304, 0), "{path} {tags}");
            assert_eq!(same.header("etag"), Some(tag.as_str()));
            assert_eq!(same.header("cache-control"), Some("private, no-cache"));
            assert_eq!(same.header("content-type"), None);
            assert_eq!(same.header("x-ratelimit-limit"), Some("100"));
            assert_eq!(same.header("x-request-id").unwrap().len(), 32);
        }
        let head = app.request(&app.lead, Method::HEAD, &path).header("if-none-match", &tag);
        assert_eq!(Answer::of(head).await.status, 304);
        let other = again(&app, &path, "\"x\"").await;
        assert_eq!(other.header("etag"), Some(tag.as_str()));
        other.ok();
    }
}

#[tokio::test]
async fn a_list_that_changed_has_another_tag() {
    let app = TestApp::start().await;
    let page = format!("{INVITES}?limit=10");
    for path in [INVITES, &page] {
        let before = app.get(&app.lead, path).await.header("etag").unwrap().to_owned();
        app.post(&app.lead, INVITES, &json!({ "email": format!("p{}@acme.test", path.len()) })).await.ok();
        let after = again(&app, path, &before).await;
        assert_ne!(after.header("etag"), Some(before.as_str()));
        after.ok();
    }
    let before = app.get(&app.lead, &page).await.header("etag").unwrap().to_owned();
    app.advance(std::time::Duration::from_secs(31 * 24 * 60 * 60)).await;
    again(&app, &page, &before).await.ok();

    let before = app.get(&app.lead, TEAMS).await.header("etag").unwrap().to_owned();
    app.post(&app.lead, TEAMS, &json!({ "name": "Sales" })).await.ok();
    again(&app, TEAMS, &before).await.ok();
}

#[tokio::test]
async fn a_tag_opens_nothing() {
    let app = TestApp::start().await;
    let tag = app.get(&app.lead, TEAMS).await.header("etag").unwrap().to_owned();
    let nobody = app.request(&crate::app::Caller::Nobody, Method::GET, TEAMS).header("if-none-match", &tag);
    Answer::of(nobody).await.refused(401, "UNAUTHORIZED");
    let narrow = app.key("organization:read", headroom::auth::Lifetime::Unlimited).await;
    let narrow = app.request(&narrow, Method::GET, TEAMS).header("if-none-match", "*");
    Answer::of(narrow).await.refused(403, "FORBIDDEN");
}
