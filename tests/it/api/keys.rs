//! API keys: scopes, expiry, deletion, and the limit of requests.

use std::time::Duration;

use headroom::auth::Lifetime;
use serde_json::json;

use crate::app::{Caller, INVITES, TEAMS, TestApp, Wishes};

#[tokio::test]
async fn a_key_reaches_as_far_as_its_scopes() {
    let app = TestApp::start().await;
    let reader = app.key("invites:read", Lifetime::Unlimited).await;
    app.get(&reader, INVITES).await.ok();
    let refused = app.post(&reader, INVITES, &json!({ "email": "kim@acme.test" })).await.refused(403, "FORBIDDEN");
    assert!(refused.contains("invites:write"), "{refused}");
    app.get(&reader, TEAMS).await.refused(403, "FORBIDDEN");
    let writer = app.key("invites:write", Lifetime::Unlimited).await;
    app.get(&writer, INVITES).await.ok();
}

#[tokio::test]
async fn only_a_key_that_works_opens() {
    let app = TestApp::start().await;
    let Caller::Key(good) = &app.lead else { panic!("a key") };
    let mut wrong =
        vec![String::new(), "x".to_owned(), format!("{good}x"), good.replace("hr_", "hr-"), "hr__".to_owned()];
    wrong.push(good[..good.len() - 1].to_owned());
    for key in wrong {
        app.get(&Caller::Key(key), "/api/v2/organization").await.refused(401, "UNAUTHORIZED");
    }
    app.get(&app.owner, "/api/v2/organization").await.refused(401, "UNAUTHORIZED");

    let short = app.key("organization:read", Lifetime::Days(1)).await;
    app.get(&short, "/api/v2/organization").await.ok();
    app.advance(Duration::from_secs(25 * 60 * 60)).await;
    app.get(&short, "/api/v2/organization").await.refused(401, "UNAUTHORIZED");
    app.get(&app.lead, "/api/v2/organization").await.ok();
}

#[tokio::test]
async fn the_limit_is_told_and_kept() {
    let app = TestApp::start_with(Wishes { settings: vec![("rate_limit", "3".to_owned())], ..Wishes::default() }).await;
    for left in ["2", "1", "0"] {
        let answer = app.get(&app.lead, "/api/v2/organization").await;
        assert_eq!(answer.header("x-ratelimit-limit"), Some("3"));
        assert_eq!(answer.header("x-ratelimit-remaining"), Some(left));
        assert!(answer.header("x-ratelimit-reset").unwrap().ends_with('Z'));
        answer.ok();
    }
    let refused = app.get(&app.lead, "/api/v2/organization").await;
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    refused.refused(429, "RATE_LIMIT_EXCEEDED");

    let (_, stranger) = app.stranger().await;
    app.get(&stranger, "/api/v2/organization").await.ok();
    for (caller, path) in [(&Caller::Nobody, "/api/v2/organization"), (&app.lead, "/api/nothing")] {
        assert_eq!(app.get(caller, path).await.header("x-ratelimit-limit"), Some("3"), "{path}");
    }
}
