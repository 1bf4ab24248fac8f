//! `GET /api/docs`: the reference says everything the document says.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::Value;

use crate::app::{Answer, Caller, TestApp};

const PAGE: &str = "/api/docs";

async fn document(app: &TestApp) -> Value {
    app.get(&Caller::Nobody, "/openapi.json").await.json()
}

/// What stands between two texts, each time.
fn between<'t>(text: &'t str, before: &str, after: &str) -> Vec<&'t str> {
    text.split(before).skip(1).filter_map(|rest| rest.split_once(after)).map(|(inside, _)| inside).collect()
}

/// The part of the page about an operation.
fn about<'t>(html: &'t str, id: &str) -> &'t str {
    let begin =
        html.find(&format!("<article class=\"operation pair\" id=\"{id}\"")).unwrap_or_else(|| panic!("no {id}"));
    let rest = &html[begin..];
    &rest[..rest.find("</article>").unwrap()]
}

#[tokio::test]
async fn every_operation_is_told_with_all_it_may_answer() {
    let app = TestApp::start().await;
    // Addresses may break where they are too long for a line.
    let html = app.get(&Caller::Nobody, PAGE).await.text().replace("<wbr>", "");
    let document = document(&app).await;
    let paths = document["paths"].as_object().unwrap();
    let operations = paths
        .iter()
        .flat_map(|(path, methods)| methods.as_object().unwrap().iter().map(move |(method, one)| (path, method, one)));
    let mut told = 0;
    for (path, method, operation) in operations {
        let part = about(&html, operation["operationId"].as_str().unwrap());
        assert!(part.contains(&format!("data-try=\"{}\" data-path=\"{path}\"", method.to_uppercase())), "{part}");
        for (status, reply) in operation["responses"].as_object().unwrap() {
            let codes = reply["content"]["application/json"]["examples"].as_object();
            for (code, _) in codes.into_iter().flatten() {
                let line = format!("<span class=\"status-code\">{status}</span><div><code>{code}</code>");
                assert!(part.contains(&line), "{path} lacks {status} {code}");
            }
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let parameter = match parameter["$ref"].as_str() {
                Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
                None => parameter,
            };
            assert!(
                part.contains(&format!("<code>{}</code>", parameter["name"].as_str().unwrap())),
                "{path} {parameter}"
            );
        }
        for scope in operation["security"][0]["apiKey"].as_array().unwrap() {
            assert!(part.contains(&format!("<code>{}</code>", scope.as_str().unwrap())), "{path} {scope}");
        }
        assert!(part.contains(&format!("{}/api/v", app.url)), "samples of {path} name another server");
        told += 1;
    }
    assert_eq!(html.matches("class=\"operation pair\"").count(), told);
    for event in document["webhooks"].as_object().unwrap().keys() {
        assert!(html.contains(&format!("<code>{event}</code>")), "{event}");
    }
}

#[tokio::test]
async fn the_page_is_whole() {
    let app = TestApp::start().await;
    let html = app.get(&Caller::Nobody, PAGE).await.text();
    for odd in ["{{", "{%", "undefined", "NaN", "null null", "<p></p>", "<code></code>", "style=\"", "[001]", "[004]"] {
        assert!(!html.contains(odd), "{odd}");
    }
    let all = between(&html, " id=\"", "\"");
    let ids: BTreeSet<&str> = all.iter().copied().collect();
    assert_eq!(ids.len(), all.len(), "an id stands twice");
    let aimed = ["href=\"#", "data-copy=\"#", "for=\"", "aria-labelledby=\""];
    for target in aimed.iter().flat_map(|attribute| between(&html, attribute, "\"")) {
        assert!(ids.contains(target), "nothing is called {target}");
    }
    for asset in between(&html, "\"/assets/", "\"") {
        assert_eq!(app.get(&Caller::Nobody, &format!("/assets/{asset}")).await.status, 200, "{asset}");
    }
    assert_eq!(between(&html, "<title>", "</title>"), ["API reference · Headroom"]);
    assert_eq!(html.matches("<h1").count(), 1);
}

#[tokio::test]
async fn anyone_may_read_it_and_nobody_is_sent_it_twice() {
    let app = TestApp::start().await;
    let page = app.get(&Caller::Nobody, PAGE).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    assert_eq!(page.header("vary"), Some("accept-encoding"));
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    let tag = page.header("etag").unwrap().to_owned();

    let head = app.request(&Caller::Nobody, Method::HEAD, PAGE);
    let head = Answer::of(head).await;
    assert_eq!((head.status.as_u16(), head.body.len(), head.header("etag")), (200, 0, Some(tag.as_str())));

    let again = Answer::of(app.request(&Caller::Nobody, Method::GET, PAGE).header("if-none-match", &tag)).await;
    assert_eq!((again.status.as_u16(), again.body.len(), again.header("etag")), (304, 0, Some(tag.as_str())));

    let packed = Answer::of(app.request(&Caller::Nobody, Method::GET, PAGE).header("accept-encoding", "gzip")).await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.len() * 5 < page.body.len(), "{} of {}", packed.body.len(), page.body.len());

    app.post(&Caller::Nobody, PAGE, &Value::Null).await.refused(405, "METHOD_NOT_ALLOWED");
}
