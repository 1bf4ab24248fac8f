//! Webhooks, as a receiver meets them.

use headroom::{
    members::Actor,
    webhooks::{self, Target},
};
use serde_json::{Value, json};

use crate::app::{INVITES, TestApp};

/// What development mode's own catcher has got so far, oldest first.
async fn caught(app: &TestApp) -> Vec<Value> {
    let mut all: Vec<Value> =
        app.get(&crate::app::Caller::Nobody, "/dev/webhooks.json").await.json().as_array().unwrap().clone();
    all.reverse();
    all
}

#[tokio::test]
async fn every_change_of_a_model_is_told_in_order_and_signed_twice() {
    let app = TestApp::start().await;
    let (by, key) = (Actor::operator(app.organization.clone()), app.key.clone());
    let target = Target::parse(&format!("{}/dev/webhooks", app.url)).unwrap();
    app.db.write(move |tx| webhooks::set_url(tx, &by, &key, &target)).await.unwrap();
    app.post(&app.lead, INVITES, &json!({ "email": "kim@acme.test" })).await.ok();
    let (_, shoot) = app.member("lee@acme.test").await;
    app.run_jobs().await;
    app.advance(std::time::Duration::from_secs(6)).await;
    let all = caught(&app).await;
    assert_eq!(all.len(), 1, "{all:?}");
    for header in ["webhook-signature", "x-headshotpro-signature"] {
        assert!(all[0]["headers"][header].is_string(), "{header}: {}", all[0]);
    }
    assert_eq!(all[0]["body"]["object"]["_id"], shoot.to_string());
}
