//! What holds for every operation of the document: who may ask, and what is no business of a caller's.

use std::collections::BTreeMap;

use headroom::auth::Lifetime;
use regex::Regex;
use serde_json::{Value, json};

use super::every::{Call, World, rows};
use crate::{
    app::{Caller, TestApp},
    document::{Operation, operations},
};

const AREAS: [&str; 5] = ["organization", "invites", "teams", "models", "photos"];

#[tokio::test]
async fn a_key_needs_the_scope_that_is_documented_and_no_other() {
    let app = World::server().await;
    for (nth, operation) in operations().into_iter().enumerate() {
        let world = World::make(&app, &format!("org{nth}")).await;
        let call = Call::new(operation, &world.ids);
        let (area, access) = operation.scope().split_once(':').unwrap();
        let mut others: Vec<String> =
            AREAS.iter().filter(|one| **one != area).map(|one| format!("{one}:write")).collect();
        if access == "write" {
            others.push(format!("{area}:read"));
        }
        let others = app.key_of(&world.organization, &others.join(","), Lifetime::Unlimited).await;
        let right = app.key_of(&world.organization, operation.scope(), Lifetime::Unlimited).await;

        call.send(&app, &Caller::Nobody, operation).await.refused(401, "UNAUTHORIZED");
        let told = call.send(&app, &others, operation).await.refused(403, "FORBIDDEN");
        assert!(told.contains(operation.scope()), "{}: {told}", operation.id);
        call.send(&app, &right, operation).await.ok();
    }
}

/// What a caller would like to decide, and what is another's.
fn wishes(other: &World) -> Value {
    let mut wishes = json!({
        "id": other.ids.model, "organizationId": other.organization, "organization": other.organization,
        "uid": "anon_507f1f77bcf86cd799439016", "modelId": other.ids.model, "memberId": other.ids.model,
        "teamId": other.ids.team, "email": "eve@evil.test", "emails": ["eve@evil.test"], "name": "Eve", "title": "Eve",
        "credits": 1_000_000, "amount": 1_000_000, "balance": 1_000_000, "unlimited": true, "whitelabel": true,
        "status": "active", "state": "ready", "success": false, "role": "owner", "kind": "personal", "valid": true,
        "used": true, "uses": -1, "favorite": true, "likedStatus": "loved", "granted": true, "development": true,
        "isDevelopment": true, "createdAt": "2001-01-01T00:00:00.000Z", "expiresAt": "2999-01-01T00:00:00.000Z",
        "finishedAt": "2001-01-01T00:00:00.000Z", "deletedAt": "2001-01-01T00:00:00.000Z", "surprise": { "deep": [null] },
    });
    let of_webhooks = json!({
        "endpointId": other.ids.endpoint, "deliveryId": other.ids.delivery, "url": "http://127.0.0.1:9/eve",
        "events": ["model.created"], "enabled": false, "secret": "whsec_AAAA", "attempts": 7, "body": {},
    });
    wishes.as_object_mut().unwrap().extend(of_webhooks.as_object().unwrap().clone());
    wishes
}

/// The rows that a call takes away and adds, with what is different each time left out.
async fn changes(app: &TestApp, operation: Operation, name: &str, more: Option<&Value>) -> (Vec<String>, String) {
    let world = World::make(app, name).await;
    app.run_jobs().await;
    let before = rows(app);
    let mut call = Call::new(operation, &world.ids);
    if let Some(more) = more {
        let fields = operation.fields();
        let body = call.body.get_or_insert_with(|| json!({}));
        for (key, value) in more.as_object().unwrap() {
            if !fields.is_some_and(|fields| fields.contains_key(key)) {
                body[key] = value.clone();
            }
        }
    }
    let reply = call.send(app, &world.key, operation).await;
    let said = reply.text();
    reply.ok();
    app.run_jobs().await;

    let mut counted: BTreeMap<String, i64> = BTreeMap::new();
    for row in before {
        *counted.entry(row).or_default() -= 1;
    }
    for row in rows(app) {
        *counted.entry(row).or_default() += 1;
    }
    let changed = counted.into_iter().filter(|(_, count)| *count != 0);
    let mut changed: Vec<String> = changed.map(|(row, count)| alike(&format!("{count:+} {row}"), name)).collect();
    changed.sort();
    (changed, alike(&said, name))
}

/// A text without ids, times, secrets and the organization's name.
fn alike(text: &str, name: &str) -> String {
    let text = text.replace(name, "ORG");
    let shapes = [
        (r"blob \[[^]]*\]", "BLOB"),
        (r"delivery_attempts \d+", "ATTEMPT"),
        (r"audit_anchors \S+ \| \d+ \| BLOB \| \d+", "ANCHOR"),
        (r"(audit|consents) \d+", "ROW"),
        (r"whsec_[\w+/=]+", "SECRET"),
        (r"token=[\w-]+", "TOKEN"),
        (r"signature=[\w-]+", "SIGNATURE"),
        (r"[0-9a-f]{24}", "ID"),
        (r"\d{13}", "TIME"),
        (r"\d\d:\d\d UTC", "TIME"),
        (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
        (r"[0-9a-f]{8}-[0-9a-f-]{27}", "UUID"),
    ];
    shapes.iter().fold(text, |text, (shape, name)| Regex::new(shape).unwrap().replace_all(&text, *name).into_owned())
}

#[tokio::test]
async fn nobody_decides_what_is_not_theirs_to_decide() {
    let app = World::server().await;
    let other = World::make(&app, "globex").await;
    let more = wishes(&other);
    let mut changed = 0;
    for operation in operations().into_iter().filter(|operation| matches!(operation.method, "post" | "put" | "patch")) {
        let plain = changes(&app, operation, &format!("plain-{}", operation.id.to_lowercase()), None).await;
        let wishful = changes(&app, operation, &format!("wishful-{}", operation.id.to_lowercase()), Some(&more)).await;
        assert_eq!(wishful, plain, "{}", operation.id);
        changed += usize::from(!plain.0.is_empty());
    }
    assert!(changed > 10, "{changed}");
}
