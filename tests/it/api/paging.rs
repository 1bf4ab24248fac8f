//! Pages of the invite list.

use serde_json::{Value, json};

use crate::app::{INVITES, TestApp};

async fn with_invites(count: usize) -> TestApp {
    let app = TestApp::start().await;
    for nth in 0..count {
        app.post(&app.lead, INVITES, &json!({ "email": format!("p{nth}@acme.test") })).await.ok();
    }
    app
}

fn emails(page: &Value) -> Vec<&str> {
    page["invites"].as_array().unwrap().iter().map(|invite| invite["email"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn pages_follow_each_other_newest_first() {
    let app = with_invites(5).await;
    let first = app.get(&app.lead, &format!("{INVITES}?limit=2")).await.ok();
    assert_eq!(emails(&first), ["p4@acme.test", "p3@acme.test"]);
    let next = first["pagination"]["nextCursor"].as_str().unwrap();
    assert_eq!(
        first["pagination"],
        json!({ "total": 5, "limit": 2, "offset": 0, "hasMore": true, "nextCursor": next })
    );

    let second = app.get(&app.lead, &format!("{INVITES}?limit=2&cursor={next}")).await.ok();
    assert_eq!(emails(&second), ["p2@acme.test", "p1@acme.test"]);
    let last = app.get(&app.lead, &format!("{INVITES}?limit=2&offset=4")).await.ok();
    assert_eq!(emails(&last), ["p0@acme.test"]);
    assert_eq!(last["pagination"], json!({ "total": 5, "limit": 2, "offset": 4, "hasMore": false }));
}

#[tokio::test]
async fn limits_are_clamped_and_nonsense_is_refused() {
    let app = with_invites(1).await;
    for (asked, limit) in [("0", 1), ("-5", 1), ("999999", 200), ("7", 7)] {
        let page = app.get(&app.lead, &format!("{INVITES}?limit={asked}")).await.ok();
        assert_eq!(page["pagination"]["limit"], limit, "{asked}");
    }
    assert_eq!(app.get(&app.lead, &format!("{INVITES}?offset=0")).await.ok()["pagination"]["limit"], 50);
    for nonsense in ["limit=ten", "limit=", "limit=1.5", "offset=x", "cursor=x", "cursor=team_0123456789abcdef01234567"]
    {
        app.get(&app.lead, &format!("{INVITES}?{nonsense}")).await.refused(400, "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn a_kept_page_is_never_older_than_the_list() {
    let app = with_invites(1).await;
    let page = format!("{INVITES}?limit=10");
    assert_eq!(app.get(&app.lead, &page).await.ok()["invites"][0]["status"], "pending");

    app.post(&app.lead, INVITES, &json!({ "email": "new@acme.test" })).await.ok();
    assert_eq!(emails(&app.get(&app.lead, &page).await.ok()), ["new@acme.test", "p0@acme.test"]);
    app.post(&app.lead, &format!("{INVITES}/revoke"), &json!({ "email": "p0@acme.test" })).await.ok();
    assert_eq!(app.get(&app.lead, &page).await.ok()["invites"][1]["status"], "revoked");
    app.advance(std::time::Duration::from_secs(31 * 24 * 60 * 60)).await;
    assert_eq!(app.get(&app.lead, &page).await.ok()["invites"][0]["expired"], true, "time alone changes it too");

    let (_, shoot) = app.member("kim@acme.test").await;
    assert_eq!(app.get(&app.lead, &page).await.ok()["invites"][0]["modelId"], json!(shoot));
}

#[tokio::test]
async fn a_strangers_page_is_their_own() {
    let app = with_invites(1).await;
    let (_, stranger) = app.stranger().await;
    let page = format!("{INVITES}?limit=10");
    assert_eq!(emails(&app.get(&app.lead, &page).await.ok()).len(), 1);
    assert_eq!(emails(&app.get(&stranger, &page).await.ok()).len(), 0);
    let cursor = app.db.read(|view| headroom::invites::list(view, &app.organization)).unwrap()[0].id.clone();
    assert_eq!(emails(&app.get(&stranger, &format!("{page}&cursor={cursor}")).await.ok()).len(), 0);
}
