//! Webhook endpoints and the log of their deliveries.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::walk::{all, pages_as_promised, walk};
use crate::app::{Answer, Caller, TestApp, Wishes};

const ENDPOINTS: &str = "/api/v2/organization/webhooks/endpoints";
const DELIVERIES: &str = "/api/v2/organization/webhooks/deliveries";
const TEST: &str = "/api/v2/organization/webhooks/test";

const NOBODYS: &str = "we_507f1f77bcf86cd799439018";
const EVENTS: &str = "model.created, model.status.updated, model.deleted, model.photos_ready, model.favorite_selected";
const HOUR: Duration = Duration::from_secs(60 * 60);

impl TestApp {
    /// An address that development mode's own catcher answers with this status.
    fn catcher(&self, status: u16) -> String {
        format!("{}/dev/webhooks?status={status}", self.url)
    }

    /// An endpoint that hears of everything, and its secret.
    async fn make_endpoint(&self, url: &str) -> (Value, String) {
        let made = self.post(&self.lead, ENDPOINTS, &json!({ "url": url })).await.ok();
        (made["endpoint"].clone(), made["secret"].as_str().unwrap().to_owned())
    }

    /// What was caught, newest first.
    async fn caught(&self) -> Vec<Value> {
        self.get(&Caller::Nobody, "/dev/webhooks.json").await.json().as_array().unwrap().clone()
    }

    /// Sends a test event and waits until it was tried: the delivery.
    async fn tried(&self, body: &Value) -> Value {
        let delivery = self.post(&self.lead, TEST, body).await.ok()["delivery"].take();
        self.run_jobs().await;
        self.get(&self.lead, &one(DELIVERIES, &delivery)).await.ok()["delivery"].take()
    }
}

/// With one attempt for each delivery.
async fn impatient() -> TestApp {
    TestApp::start_with(Wishes { settings: vec![("webhook_schedule", "0s".to_owned())], ..Wishes::default() }).await
}

fn one(list: &str, thing: &Value) -> String {
    format!("{list}/{}", thing["id"].as_str().unwrap())
}

/// What a receiver of HeadshotPro's webhooks computes.
fn legacy(secret: &str, caught: &Value) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(
        format!("{}.{}", caught["headers"]["x-headshotpro-timestamp"].as_str().unwrap(), caught["body"]).as_bytes(),
    );
    let digest: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digest}")
}

#[tokio::test]
async fn an_endpoint_answers_with_all_its_keys_and_its_secret_once() {
    let app = TestApp::start().await;
    let asked = json!({
        "url": " http://127.0.0.1:9/hooks ", "events": ["model.deleted", "model.created", "model.deleted"],
        "id": NOBODYS, "secret": "whsec_mine",
    });

    let made = app.post(&app.lead, ENDPOINTS, &asked).await.ok();

    let (id, secret) = (made["endpoint"]["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    let endpoint = json!({
        "id": id, "url": "http://127.0.0.1:9/hooks", "events": ["model.created", "model.deleted"], "enabled": true,
        "disabledAt": null, "disabledReason": null, "failingSince": null, "previousSecretUntil": null,
        "createdAt": made["endpoint"]["createdAt"],
    });
    assert_eq!(made, json!({ "success": true, "endpoint": endpoint, "secret": secret }));
    assert!(id != NOBODYS && secret.starts_with("whsec_") && secret.len() == 38, "{made}");

    let (second, _) = app.make_endpoint("http://127.0.0.1:9/more").await;
    assert_eq!(second["events"], json!([]), "everything");
    let listed = app.get(&app.lead, ENDPOINTS).await;
    assert!(!listed.text().contains("whsec_"), "{}", listed.text());
    assert_eq!(listed.ok(), json!({ "success": true, "endpoints": [endpoint, second] }));
    app.post(&app.lead, TEST, &json!({})).await.ok();
    app.run_jobs().await;
    let delivery = app.get(&app.lead, DELIVERIES).await.ok()["deliveries"][0].take();
    for place in [DELIVERIES, &one(DELIVERIES, &delivery)] {
        let answer = app.get(&app.lead, place).await;
        assert!(!answer.text().contains("whsec_"), "{place}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_lost_reply_comes_again_with_the_same_secret() {
    let app = TestApp::start().await;
    let mut replies = Vec::new();
    for _ in 0..2 {
        let request = app.request(&app.lead, reqwest::Method::POST, ENDPOINTS).header("idempotency-key", "k1");
        replies.push(Answer::of(request.json(&json!({ "url": "http://127.0.0.1:9/hooks" }))).await.ok());
    }
    assert_eq!(replies[0], replies[1]);
    assert_eq!(app.get(&app.lead, ENDPOINTS).await.ok()["endpoints"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_left_out_of_a_change_stays() {
    let app = TestApp::start().await;
    let (made, _) = app.make_endpoint("http://127.0.0.1:9/hooks").await;
    let place = one(ENDPOINTS, &made);
    let mut expected = made;
    for (body, key, value) in [
        (json!({ "events": ["model.photos_ready"] }), "events", json!(["model.photos_ready"])),
        (json!({ "url": "http://127.0.0.1:9/other", "events": null }), "url", json!("http://127.0.0.1:9/other")),
        (json!({ "enabled": true }), "enabled", json!(true)),
        (json!({ "events": [] }), "events", json!([])),
    ] {
        expected[key] = value;
        let changed = app.patch(&app.lead, &place, &body).await.ok();
        assert_eq!(changed, json!({ "success": true, "endpoint": expected }), "{body}");
    }

    let off = app.patch(&app.lead, &place, &json!({ "enabled": false })).await.ok()["endpoint"].take();
    assert_eq!((&off["enabled"], &off["disabledReason"]), (&json!(false), &json!("lead")));
    assert!(off["disabledAt"].is_string(), "{off}");
    let again = app.patch(&app.lead, &place, &json!({ "enabled": false })).await.ok()["endpoint"].take();
    assert_eq!(again, off, "it was off already");
    let refused = app.post(&app.lead, TEST, &json!({})).await.refused(400, "INVALID_REQUEST");
    assert!(refused.contains("switched off"), "{refused}");
    assert_eq!(app.patch(&app.lead, &place, &json!({ "enabled": true })).await.ok()["endpoint"], expected);

    let removed = app.delete(&app.lead, &place).await.ok();
    assert_eq!(removed, json!({ "success": true, "message": "Endpoint removed", "id": expected["id"] }));
    assert_eq!(app.get(&app.lead, ENDPOINTS).await.ok()["endpoints"], json!([]));
    app.delete(&app.lead, &place).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn where_nothing_may_go_is_refused_when_it_is_saved_and_when_it_is_tried() {
    let app = TestApp::start().await;
    let (made, _) = app.make_endpoint("http://127.0.0.1:9/hooks").await;
    for (url, said) in [
        ("", "is not a web address"),
        ("acme.com/hooks", "is not a web address"),
        ("ftp://acme.com", "is not a web address"),
        ("https://kim:secret@acme.com", "is not a web address"),
        ("http://10.0.0.1/hooks", "10.0.0.1 is a private or reserved address"),
        ("http://2852039166/", "169.254.169.254 is a private or reserved address"),
        ("http://[::ffff:192.168.0.1]/", "is a private or reserved address"),
    ] {
        let body = json!({ "url": url });
        let added = app.post(&app.lead, ENDPOINTS, &body).await.refused(400, "INVALID_REQUEST");
        let moved = app.patch(&app.lead, &one(ENDPOINTS, &made), &body).await.refused(400, "INVALID_REQUEST");
        assert!(added.contains(said) && added == moved, "{url}: {added} {moved}");
    }
    assert_eq!(app.get(&app.lead, ENDPOINTS).await.ok()["endpoints"], json!([made]));

    // What was allowed once, and isn't any more.
    app.db.write(|tx| tx.execute("update webhook_endpoints set url = 'http://10.0.0.1/'", [])).await.unwrap();
    let tried = app.post(&app.lead, TEST, &json!({})).await.refused(400, "INVALID_REQUEST");
    assert!(tried.contains("10.0.0.1 is a private"), "{tried}");
    assert_eq!(app.get(&app.lead, DELIVERIES).await.ok()["deliveries"], json!([]));
}

#[tokio::test]
async fn what_can_not_be_meant_is_refused_with_a_sentence() {
    let app = TestApp::start().await;
    let none = app.post(&app.lead, TEST, &json!({})).await.refused(400, "INVALID_REQUEST");
    assert!(none.contains("There is no webhook URL yet"), "{none}");
    let url = "http://127.0.0.1:9/hooks";
    for (body, said) in [
        (json!({}), "\"url\" is missing"),
        (json!({ "url": 7 }), "can't be read as JSON"),
        (json!({ "url": url, "events": "model.created" }), "can't be read as JSON"),
        (json!({ "url": url, "events": ["created"] }), EVENTS),
        (json!({ "url": url, "events": ["model.created", "webhook.test"] }), "There is no event \"webhook.test\""),
    ] {
        let sentence = app.post(&app.lead, ENDPOINTS, &body).await.refused(400, "INVALID_REQUEST");
        assert!(sentence.contains(said), "{body}: {sentence}");
    }
    let (made, _) = app.make_endpoint(url).await;
    for (body, said) in [
        (json!({}), "Say what to change"),
        (json!({ "enabled": "yes" }), "can't be read as JSON"),
        (json!({ "events": [""] }), EVENTS),
    ] {
        let sentence = app.patch(&app.lead, &one(ENDPOINTS, &made), &body).await.refused(400, "INVALID_REQUEST");
        assert!(sentence.contains(said), "{body}: {sentence}");
    }
    for body in [json!({}), json!({ "since": "2h" }), json!({ "since": "2024-01-15" })] {
        let sentence =
            app.post(&app.lead, &format!("{DELIVERIES}/replay"), &body).await.refused(400, "INVALID_REQUEST");
        assert!(sentence.starts_with("\"since\" has to be a date and time"), "{body}: {sentence}");
    }
    let wrong = app.get(&app.lead, &format!("{DELIVERIES}?status=lost")).await.refused(400, "INVALID_REQUEST");
    assert!(wrong.contains("waiting, delivered, failed"), "{wrong}");
    for _ in 1..10 {
        app.make_endpoint(url).await;
    }
    let full = app.post(&app.lead, ENDPOINTS, &json!({ "url": url })).await.refused(400, "INVALID_REQUEST");
    assert!(full.contains("at most 10 endpoints"), "{full}");
}

#[tokio::test]
async fn an_id_that_is_nobodys_is_not_found() {
    let app = TestApp::start().await;
    for id in [NOBODYS, "nonsense", "%00%ff"] {
        let place = format!("{ENDPOINTS}/{id}");
        for request in [
            app.patch(&app.lead, &place, &json!({ "enabled": true })).await,
            app.delete(&app.lead, &place).await,
            app.post(&app.lead, &format!("{place}/rotate"), &json!({})).await,
            app.post(&app.lead, TEST, &json!({ "endpointId": id })).await,
            app.get(&app.lead, &format!("{DELIVERIES}?endpointId={id}")).await,
        ] {
            assert_eq!(request.refused(404, "NOT_FOUND"), "Endpoint not found");
        }
    }
    for id in ["507f1f77bcf86cd799439019", "nonsense", "%00%ff"] {
        let place = format!("{DELIVERIES}/{id}");
        app.get(&app.lead, &place).await.refused(404, "NOT_FOUND");
        let replayed = app.post(&app.lead, &format!("{place}/replay"), &json!({})).await;
        assert_eq!(replayed.refused(404, "NOT_FOUND"), "Delivery not found");
    }
}

#[tokio::test]
async fn a_test_event_arrives_at_once_and_the_log_tells_all_of_it() {
    let app = TestApp::start().await;
    let (first, secret) = app.make_endpoint(&app.catcher(200)).await;
    let narrow = json!({ "url": app.catcher(204), "events": ["model.deleted"] });
    let second = app.post(&app.lead, ENDPOINTS, &narrow).await.ok()["endpoint"].take();

    let queued = app.post(&app.lead, TEST, &json!({})).await.ok()["delivery"].take();
    let mut expected = json!({
        "id": queued["id"], "endpointId": first["id"], "url": first["url"], "eventId": queued["eventId"],
        "event": "webhook.test", "modelId": null, "status": "waiting", "attempts": 0, "lastStatus": null,
        "lastError": null, "nextAttemptAt": queued["createdAt"], "createdAt": queued["createdAt"], "finishedAt": null,
    });
    assert_eq!(queued, expected);
    app.run_jobs().await;

    let caught = app.caught().await;
    assert_eq!(caught.len(), 1, "{caught:?}");
    assert_eq!(
        caught[0]["body"],
        json!({
            "id": queued["eventId"], "createdAt": queued["createdAt"], "event": "webhook.test", "objectType": "endpoint",
            "object": { "_id": first["id"], "url": first["url"], "organization": app.organization },
        })
    );
    assert_eq!(caught[0]["headers"]["x-headshotpro-signature"], legacy(&secret, &caught[0]));

    let whole = app.get(&app.lead, &one(DELIVERIES, &queued)).await.ok()["delivery"].take();
    let attempt = &whole["history"][0];
    for (key, value) in [
        ("status", json!("delivered")),
        ("attempts", json!(1)),
        ("lastStatus", json!(200)),
        ("nextAttemptAt", json!(null)),
        ("finishedAt", attempt["attemptedAt"].clone()),
    ] {
        expected[key] = value;
    }
    assert_eq!(app.get(&app.lead, DELIVERIES).await.ok()["deliveries"], json!([expected]));
    (expected["body"], expected["history"]) = (caught[0]["body"].clone(), json!([attempt]));
    assert_eq!(whole, expected);
    assert_eq!((&attempt["status"], &attempt["error"]), (&json!(200), &json!(null)));
    assert!(attempt["reply"].is_string() && attempt["durationMs"].is_u64(), "{attempt}");
    for (name, sent) in attempt["requestHeaders"].as_object().unwrap() {
        assert_eq!(&caught[0]["headers"][name], sent, "{name}");
    }
    assert_eq!(attempt["requestHeaders"]["webhook-id"], queued["eventId"]);

    // Whoever is asked by name hears of it too, whatever it asked for.
    let other = app.tried(&json!({ "endpointId": second["id"] })).await;
    assert_eq!((&other["endpointId"], &other["lastStatus"]), (&second["id"], &json!(204)));
    let filtered = app.get(&app.lead, &format!("{DELIVERIES}?endpointId={}", first["id"].as_str().unwrap())).await.ok();
    assert_eq!(all(filtered["deliveries"].as_array().unwrap(), "id"), [queued["id"].clone()]);
}

#[tokio::test]
async fn a_secret_that_was_replaced_signs_for_one_more_day() {
    let app = TestApp::start().await;
    let (made, old) = app.make_endpoint(&app.catcher(200)).await;
    app.tried(&json!({})).await;
    let rotated = app.post(&app.lead, &format!("{}/rotate", one(ENDPOINTS, &made)), &json!({})).await.ok();
    let new = rotated["secret"].as_str().unwrap();
    assert!(new.starts_with("whsec_") && new != old);
    assert_eq!(rotated["endpoint"]["id"], made["id"]);
    assert!(rotated["endpoint"]["previousSecretUntil"].is_string(), "{rotated}");
    app.tried(&json!({})).await;
    app.advance(24 * HOUR).await;
    app.tried(&json!({})).await;

    let caught = app.caught().await;
    let [after, meanwhile, before] = caught.as_slice() else { panic!("{caught:?}") };
    let signed = |caught: &Value| {
        let value = |name: &str| caught["headers"].get(name).and_then(Value::as_str).map(str::to_owned);
        (value("x-headshotpro-signature"), value("x-headshotpro-signature-previous"))
    };
    assert_eq!(signed(before), (Some(legacy(&old, before)), None));
    assert_eq!(signed(meanwhile), (Some(legacy(new, meanwhile)), Some(legacy(&old, meanwhile))));
    assert_eq!(signed(after), (Some(legacy(new, after)), None));
    assert_eq!(app.get(&app.lead, ENDPOINTS).await.ok()["endpoints"][0]["previousSecretUntil"], json!(null));
}

#[tokio::test]
async fn what_failed_is_delivered_once_its_endpoint_works_again() {
    let app = impatient().await;
    let (made, _) = app.make_endpoint(&app.catcher(500)).await;
    let begun = app.db.clock().now().to_string();
    let first = app.tried(&json!({})).await;
    assert_eq!((&first["status"], &first["lastStatus"]), (&json!("failed"), &json!(500)));
    assert_eq!(
        app.get(&app.lead, ENDPOINTS).await.ok()["endpoints"][0]["failingSince"],
        first["history"][0]["attemptedAt"]
    );
    let second = app.tried(&json!({})).await;
    let failed = format!("{DELIVERIES}?status=failed");
    let ids = all(app.get(&app.lead, &failed).await.ok()["deliveries"].as_array().unwrap(), "id");
    assert_eq!(ids, [second["id"].clone(), first["id"].clone()], "newest first");

    app.patch(&app.lead, &one(ENDPOINTS, &made), &json!({ "url": app.catcher(200) })).await.ok();
    let replayed = app.post(&app.lead, &format!("{}/replay", one(DELIVERIES, &first)), &json!({})).await.ok();
    assert_eq!((&replayed["delivery"]["status"], &replayed["delivery"]["attempts"]), (&json!("waiting"), &json!(1)));
    app.run_jobs().await;
    let now = app.get(&app.lead, &one(DELIVERIES, &first)).await.ok()["delivery"].take();
    assert_eq!(
        (&now["status"], &now["attempts"], &now["eventId"]),
        (&json!("delivered"), &json!(2), &first["eventId"])
    );
    assert_eq!(all(now["history"].as_array().unwrap(), "status"), [json!(500), json!(200)]);

    let later = (app.db.clock().now() + HOUR).to_string();
    for (since, count) in [(later, 0), (begun.clone(), 1), (begun, 0)] {
        let replayed = app.post(&app.lead, &format!("{DELIVERIES}/replay"), &json!({ "since": since })).await.ok();
        assert_eq!(replayed, json!({ "success": true, "count": count }));
        app.run_jobs().await;
    }
    assert_eq!(app.get(&app.lead, &failed).await.ok()["deliveries"], json!([]));
    let delivered = app.get(&app.lead, &format!("{DELIVERIES}?status=delivered")).await.ok();
    assert_eq!(delivered["pagination"]["total"], 2);
    assert_eq!(app.get(&app.lead, ENDPOINTS).await.ok()["endpoints"][0]["failingSince"], json!(null));
}

#[tokio::test]
async fn a_delivery_of_a_deleted_model_keeps_no_body_and_is_not_replayed() {
    let app = TestApp::start().await;
    app.make_endpoint(&app.catcher(200)).await;
    let (_, shoot) = app.member("kim@acme.test").await;
    app.advance(Duration::from_secs(6)).await;
    let of_model = |list: &Value| {
        list["deliveries"].as_array().unwrap().iter().find(|one| one["event"] == "model.created").cloned()
    };
    let created = of_model(&app.get(&app.lead, DELIVERIES).await.ok()).expect("the model's delivery");
    assert_eq!((&created["modelId"], &created["status"]), (&json!(shoot), &json!("delivered")));
    let place = one(DELIVERIES, &created);
    assert_eq!(app.get(&app.lead, &place).await.ok()["delivery"]["body"]["object"]["_id"], json!(shoot));

    app.delete(&app.lead, &format!("/api/v2/organization/models/{shoot}")).await.ok();
    app.db.write(headroom::webhooks::forget_deleted).await.unwrap();
    assert_eq!(app.get(&app.lead, &place).await.ok()["delivery"]["body"], json!(null));
    let refused = app.post(&app.lead, &format!("{place}/replay"), &json!({})).await.refused(400, "INVALID_REQUEST");
    assert!(refused.contains("gone with its model"), "{refused}");
}

#[tokio::test]
async fn the_log_pages_as_every_list() {
    let app = TestApp::start().await;
    app.make_endpoint(&app.catcher(200)).await;
    let mut sent = Vec::new();
    for _ in 0..5 {
        sent.insert(0, app.tried(&json!({})).await["id"].clone());
    }
    pages_as_promised(&app, DELIVERIES, "deliveries").await;
    let walked = walk(&app, DELIVERIES, "deliveries", async || {
        app.post(&app.lead, TEST, &json!({})).await.ok();
        app.run_jobs().await;
    });
    assert_eq!(all(&walked.await, "id"), sent);
}
