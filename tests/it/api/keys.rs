//! API keys: scopes, expiry, deletion, and the limit of requests.

use std::time::Duration;

use headroom::auth::Lifetime;
use serde_json::json;

use crate::app::{Answer, Caller, INVITES, TEAMS, TestApp, Wishes};

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
        assert_eq!(answer.header("ratelimit-policy"), Some("\"organization\";q=3;w=60"));
        assert_eq!(answer.header("ratelimit"), Some(format!("\"organization\";r={left};t=20").as_str()));
        answer.ok();
    }
    let refused = app.get(&app.lead, "/api/v2/organization").await;
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    assert_eq!(refused.header("x-ratelimit-remaining"), Some("0"));
    assert_eq!(refused.header("ratelimit"), Some(format!("\"organization\";r=0;t={wait}").as_str()));
    refused.refused(429, "RATE_LIMIT_EXCEEDED");

    let (_, stranger) = app.stranger().await;
    app.get(&stranger, "/api/v2/organization").await.ok();
    for (caller, path) in [(&Caller::Nobody, "/api/v2/organization"), (&app.lead, "/api/nothing")] {
        let answer = app.get(caller, path).await;
        assert_eq!(answer.header("x-ratelimit-limit"), Some("3"), "{path}");
        assert_eq!(answer.header("ratelimit"), Some("\"organization\";r=3;t=20"), "{path}");
    }
    let options = Answer::of(app.request(&Caller::Nobody, reqwest::Method::OPTIONS, "/api/v2/organization")).await;
    assert_eq!(options.header("x-ratelimit-remaining"), Some("3"));
}

#[tokio::test]
async fn who_has_waited_as_told_may_ask_again() {
    let app =
        TestApp::start_with(Wishes { settings: vec![("rate_limit", "90".to_owned())], ..Wishes::default() }).await;
    let mut last = app.get(&app.lead, "/api/v2/organization").await;
    while last.status == 200 {
        last = app.get(&app.lead, "/api/v2/organization").await;
    }
    // One comes back after two thirds of a second: that is one second for whoever counts in whole ones, not none.
    assert_eq!(last.header("retry-after"), Some("1"));
    assert_eq!(last.header("ratelimit"), Some("\"organization\";r=0;t=1"));
}
