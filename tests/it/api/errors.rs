//! Every path under `/api` answers errors in one shape, whatever raised them.

use reqwest::Method;
use serde_json::json;

use crate::app::{Answer, Caller, INVITES, TEAMS, TestApp};

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let app = TestApp::start().await;
    for path in [
        "/api",
        "/api/",
        "/api/v2",
        "/api/v3/organization",
        "/api/v2/organization/nothing",
        "/api/v2/organization/invites/a/b",
    ] {
        app.get(&app.lead, path).await.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn an_unknown_path_is_not_found_whatever_the_method() {
    let app = TestApp::start().await;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        for path in ["/api", "/api/v2/nothing", "/api/v2/organization/nothing"] {
            Answer::of(app.request(&app.lead, method.clone(), path)).await.refused(404, "NOT_FOUND");
        }
    }
}

const METHODS: [(&str, &str); 5] = [
    ("/api/v2/organization", "GET, HEAD, OPTIONS"),
    (TEAMS, "GET, HEAD, POST, OPTIONS"),
    (INVITES, "GET, HEAD, POST, OPTIONS"),
    ("/api/v2/organization/invites/revoke", "POST, OPTIONS"),
    ("/api/v2/organization/teams/x", "PUT, DELETE, OPTIONS"),
];

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let app = TestApp::start().await;
    for (path, allowed) in METHODS {
        for method in [Method::PATCH, Method::TRACE] {
            let answer = Answer::of(app.request(&app.lead, method, path)).await;
            assert_eq!(answer.header("allow"), Some(allowed));
            answer.refused(405, "METHOD_NOT_ALLOWED");
        }
    }
}

#[tokio::test]
async fn options_tells_the_methods_to_anyone() {
    let app = TestApp::start().await;
    for (path, allowed) in METHODS {
        for caller in [&Caller::Nobody, &app.lead] {
            let answer = Answer::of(app.request(caller, Method::OPTIONS, path)).await;
            assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
            assert_eq!(answer.header("allow"), Some(allowed));
            assert!(answer.header("x-request-id").is_some());
        }
    }
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let app = TestApp::start().await;
    app.post(&app.lead, INVITES, &json!({ "email": "kim@acme.test" })).await.ok();
    let page = format!("{INVITES}?limit=1");
    for path in [
        "/api/v2/organization",
        "/api/v2/organization/credits",
        TEAMS,
        INVITES,
        &page,
        "/api/v2/organization/invites/kim@acme.test",
        "/api/v2/organization/invites/lee@acme.test",
        "/api/nothing",
    ] {
        let get = app.get(&app.lead, path).await;
        let head = Answer::of(app.request(&app.lead, Method::HEAD, path)).await;
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        for name in ["content-length", "content-type", "etag", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
    let nobody = Answer::of(app.request(&Caller::Nobody, Method::HEAD, INVITES)).await;
    assert_eq!((nobody.status.as_u16(), nobody.body.len()), (401, 0));
    let head = Answer::of(app.request(&app.lead, Method::HEAD, "/api/v2/organization/invites/revoke")).await;
    assert_eq!((head.status.as_u16(), head.header("allow")), (405, Some("POST, OPTIONS")));
}

#[tokio::test]
async fn a_body_that_is_empty_is_an_empty_object() {
    let app = TestApp::start().await;
    for request in [app.request(&app.lead, Method::POST, INVITES), app.request(&app.lead, Method::POST, TEAMS)] {
        let sentence = Answer::of(request).await.refused(400, "INVALID_REQUEST");
        assert!(sentence.contains("is missing"), "{sentence}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    let app = TestApp::start().await;
    for body in [
        "",
        "{",
        "null",
        "[]",
        "[\"a@b.test\", null]",
        "\"x\"",
        "{\"email\": }",
        "{\"email\":\"a@b.test\"",
        "\u{feff}{}",
        "email=a@b.test",
    ] {
        let request =
            app.request(&app.lead, Method::POST, INVITES).header("content-type", "application/json").body(body);
        Answer::of(request).await.refused(400, "INVALID_REQUEST");
    }
    let bytes =
        app.request(&app.lead, Method::POST, INVITES).header("content-type", "application/json").body(vec![0xff, 0xfe]);
    Answer::of(bytes).await.refused(400, "INVALID_REQUEST");
    let form = app.request(&app.lead, Method::POST, INVITES).header("content-type", "text/plain").body("{}");
    Answer::of(form).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test]
async fn a_huge_body_is_refused_and_the_next_request_works() {
    let app = TestApp::start().await;
    let huge = json!({ "email": "a@b.test", "note": "x".repeat(2 << 20) });
    app.post(&app.lead, INVITES, &huge).await.refused(400, "INVALID_REQUEST");
    app.post(&app.lead, INVITES, &json!({ "email": "a@b.test" })).await.ok();
}

#[tokio::test]
async fn each_answer_has_its_request_id() {
    let app = TestApp::start().await;
    let fresh = app.get(&app.lead, "/api/v2/organization").await;
    assert_eq!(fresh.header("x-request-id").unwrap().len(), 32);
    // Whoever may choose it could write into the log; a trusted proxy may (see `logs`).
    let request = app.request(&app.lead, Method::GET, "/api/nothing").header("x-request-id", "my-request-0001");
    assert_ne!(Answer::of(request).await.header("x-request-id"), Some("my-request-0001"));
}

#[tokio::test]
async fn an_error_names_no_inner_detail() {
    let app = TestApp::start().await;
    let sentence = app.get(&app.lead, "/api/v2/organization/invites/%00%ff").await.refused(404, "NOT_FOUND");
    assert_eq!(sentence, "Invite not found");
}
