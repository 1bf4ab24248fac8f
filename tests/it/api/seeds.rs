//! The documents of the API, replayed: their requests with only ids, base and key changed, and their replies held against ours.

mod v1;
mod v2;
mod whitelabel;

use serde_json::{Map, Value};
use url::Url;

use crate::app::TestApp;

/// What is opaque: any text will do where the document has one.
const OPAQUE: &[&str] = &["id", "uid", "teamId", "modelId"];

/// Panics if `actual` doesn't look like a document's example: the same keys at every level, the same types, null where it is null,
/// and the same words wherever they aren't an id, a time or part of an address.
#[track_caller]
fn assert_like(actual: &Value, example: &str) {
    let example = serde_json::from_str(example).expect("an example that is JSON");
    let different = like(actual, &example, "reply", "");
    assert!(different.is_empty(), "{different:#?}\nactual: {actual:#}");
}

/// The path of each difference, with what is different.
fn like(actual: &Value, example: &Value, path: &str, key: &str) -> Vec<String> {
    match (actual, example) {
        (Value::Object(actual), Value::Object(example)) => like_object(actual, example, path),
        (Value::Array(actual), Value::Array(example)) if actual.len() == example.len() => {
            let both = actual.iter().zip(example).enumerate();
            both.flat_map(|(nth, (actual, example))| like(actual, example, &format!("{path}[{nth}]"), key)).collect()
        }
        (Value::String(actual), Value::String(example)) if like_text(actual, example, key) => Vec::new(),
        _ if actual == example => Vec::new(),
        _ => vec![format!("{path} is {actual}, and {example} in the document")],
    }
}

fn like_object(actual: &Map<String, Value>, example: &Map<String, Value>, path: &str) -> Vec<String> {
    let surplus = actual
        .keys()
        .filter(|key| !example.contains_key(*key))
        .map(|key| format!("{path}.{key} is not in the document"));
    let rest = example.iter().flat_map(|(key, example)| match actual.get(key) {
        Some(actual) => like(actual, example, &format!("{path}.{key}"), key),
        None => vec![format!("{path}.{key} is only in the document")],
    });
    surplus.chain(rest).collect()
}

fn like_text(actual: &str, example: &str, key: &str) -> bool {
    if OPAQUE.contains(&key) {
        return !actual.is_empty();
    }
    if let ("link" | "signedUrl", Ok(actual), Ok(example)) = (key, Url::parse(actual), Url::parse(example)) {
        let names = |url: &Url| url.query_pairs().map(|(name, _)| name.into_owned()).collect::<Vec<_>>();
        return actual.path() == example.path() && names(&actual) == names(&example);
    }
    let time = |text: &str| {
        text.len() == "2024-01-15T10:30:00.000Z".len() && text.ends_with('Z') && text.as_bytes()[10] == b'T'
    };
    actual == example || (time(actual) && time(example))
}

/// An organization as the documents describe theirs.
async fn documented() -> TestApp {
    let app = TestApp::start().await;
    for (key, value) in [
        ("name", "Organization Name"),
        ("website", "https://organization.com"),
        ("description", "Organization Description"),
    ] {
        app.set(key, value).await;
    }
    app
}

/// Makes a team; its id.
async fn team(app: &TestApp, name: &str) -> String {
    let made = app.post(&app.lead, crate::app::TEAMS, &serde_json::json!({ "name": name })).await.ok();
    let teams = made["organization"]["teams"].as_array().unwrap().clone();
    teams.iter().find(|team| team["name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
}

#[test]
fn the_comparison_finds_what_is_different() {
    let example = serde_json::json!({
        "id": "abc", "link": "https://a.test/x?invite=1", "teamId": null, "createdAt": "2024-01-15T10:30:00.000Z", "teams": [{ "name": "A" }],
    });
    let mut same = example.clone();
    (same["id"], same["link"]) = ("other".into(), "http://b.test/x?invite=2".into());
    same["createdAt"] = "2026-02-16T11:31:01.001Z".into();
    assert_eq!(like(&same, &example, "reply", ""), Vec::<String>::new());
    for (pointer, wrong) in [
        ("/id", serde_json::json!(null)),
        ("/id", serde_json::json!("")),
        ("/link", serde_json::json!("https://a.test/y?invite=1")),
        ("/link", serde_json::json!("https://a.test/x?token=1")),
        ("/teamId", serde_json::json!("team_1")),
        ("/createdAt", serde_json::json!("2024-01-15T10:30:00Z")),
        ("/createdAt", serde_json::json!(1_705_314_600)),
        ("/teams/0/name", serde_json::json!("B")),
        ("/teams/0", serde_json::json!({})),
        ("/teams", serde_json::json!([])),
        ("/teams/0", serde_json::json!({ "name": "A", "size": 1 })),
    ] {
        let mut other = example.clone();
        *other.pointer_mut(pointer).unwrap() = wrong.clone();
        assert_eq!(like(&other, &example, "reply", "").len(), 1, "{pointer} {wrong}");
    }
}
