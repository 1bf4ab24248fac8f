//! The document tells of every address the API has, and of nothing else.

use std::collections::BTreeSet;

use headroom::api::openapi;

use crate::app::{Caller, TestApp};

/// Where a server listens that was told nothing.
const BASE: &str = "http://127.0.0.1:8080";

/// What has changed about the API shows in this file: someone who looks at a change sees it there.
#[test]
fn every_change_of_the_document_is_seen() {
    let kept = include_str!("../../../docs/api/openapi.json");
    assert!(
        kept == openapi::printed(BASE),
        "docs/api/openapi.json is not what the code says. If that is meant: cargo run openapi > docs/api/openapi.json"
    );
}

#[tokio::test]
async fn it_is_served_with_the_servers_own_address() {
    let app = TestApp::start().await;
    let served = app.get(&Caller::Nobody, "/openapi.json").await;
    assert_eq!(served.status, 200);
    assert_eq!(served.header("content-type"), Some("application/json"));
    assert_eq!(served.json(), openapi::document(&app.url));
    assert_eq!(served.json()["servers"][0]["url"], app.url);
}

/// Addresses and methods as the routes have them: `resource("/teams/{id}", "PUT, DELETE")`.
fn routed(version: &str, source: &str) -> BTreeSet<(String, String)> {
    let resources = source.split("resource(\"").skip(1).map(|rest| {
        let (path, rest) = rest.split_once('"').unwrap();
        let methods = rest.split('"').nth(1).unwrap();
        (format!("/api/{version}/organization{path}"), methods.to_owned())
    });
    resources
        .flat_map(|(path, methods)| {
            let path = plain(path.trim_end_matches('/'));
            methods.split(", ").map(|method| (path.clone(), method.to_lowercase())).collect::<Vec<_>>()
        })
        .collect()
}

/// Whatever a part of the address is called.
fn plain(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect::<Vec<_>>().join("/")
}

#[test]
fn every_route_is_described_and_every_description_has_a_route() {
    let mut routes = routed("v2", include_str!("../../../src/api/v2.rs"));
    routes.extend(routed("v1", include_str!("../../../src/api/v1.rs")));
    // The same call by its old name.
    assert!(routes.remove(&("/api/v2/organization/teams/{}/add-members".to_owned(), "post".to_owned())));
    let document = openapi::document(BASE);
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, operations)| {
            operations.as_object().unwrap().keys().map(|method| (plain(path), method.clone())).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(described, routes);
}

#[test]
fn every_operation_says_all_a_reader_needs() {
    let document = openapi::document(BASE);
    let mut names = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let place = format!("{method} {path}");
            assert!(operation["summary"].as_str().is_some_and(|words| !words.is_empty()), "{place} has no summary");
            assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()), "{place} has a taken name");
            assert!(operation["security"][0]["apiKey"][0].as_str().unwrap().contains(':'), "{place} names no scope");
            let reply = &operation["responses"]["200"]["content"]["application/json"];
            assert_eq!(reply["example"]["success"], true, "{place} has no example");
            for status in ["401", "403", "429", "500", "503"] {
                let examples = &operation["responses"][status]["content"]["application/json"]["examples"];
                assert!(examples.as_object().is_some_and(|examples| !examples.is_empty()), "{place}: {status}");
            }
        }
    }
}
