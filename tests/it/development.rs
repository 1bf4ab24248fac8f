//! What only development mode has.

use headroom::{
    config::{Config, Sources},
    credits,
    db::{Part, Window},
    invites, members, organizations,
    pages::demo,
    server::{Mode, Server},
    webhooks,
};
use serde_json::json;

use crate::app::{Answer, Caller, INVITES, TestApp, Wishes};

#[tokio::test]
async fn the_outbox_shows_every_mail() {
    let app = TestApp::start().await;
    for email in ["kim@acme.test", "lee@acme.test"] {
        app.post(&app.lead, INVITES, &json!({ "email": email })).await.ok();
        app.run_jobs().await;
    }
    let mails = app.get(&Caller::Nobody, "/dev/outbox.json").await.json();
    let newest = &mails[0];
    assert_eq!(newest["to"], "lee@acme.test");
    let keys: Vec<&String> = newest.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "to", "subject", "createdAt", "links", "text", "html"]);
    let link = newest["links"][0].as_str().unwrap();
    assert_eq!(link, format!("{}/auth/link/{}", app.url, app.token_for("lee@acme.test")));

    assert!(app.get(&Caller::Nobody, "/dev/outbox").await.text().contains("kim@acme.test"));
    let id = newest["id"].as_str().unwrap();
    let page = app.get(&Caller::Nobody, &format!("/dev/outbox?mail={id}")).await.text();
    assert!(page.contains(&format!("src=\"/dev/outbox/{id}\"")), "{page}");
    let body = app.get(&Caller::Nobody, &format!("/dev/outbox/{id}")).await;
    assert!(body.header("content-security-policy").unwrap().contains("sandbox"));
    assert!(body.text().contains(link));
}

#[tokio::test]
async fn webhooks_are_caught_and_answered_as_asked() {
    let app = TestApp::start().await;
    let catcher = format!("{}/dev/webhooks", app.url);
    app.client.post(&catcher).header("X-Test", "1").body(r#"{"event":"model.created"}"#).send().await.unwrap();
    let failed = app.client.post(format!("{catcher}?status=500")).body("no json").send().await.unwrap();
    assert_eq!(failed.status(), 500);
    let caught = app.get(&Caller::Nobody, "/dev/webhooks.json").await.json();
    assert_eq!((&caught[0]["body"], &caught[1]["body"]["event"]), (&json!("no json"), &json!("model.created")));
    assert_eq!(caught[1]["headers"]["x-test"], "1");
    assert!(caught[0]["receivedAt"].as_str().unwrap().ends_with('Z'));
    assert!(app.get(&Caller::Nobody, "/dev/webhooks").await.text().contains("model.created"));
    app.post(&Caller::Nobody, "/dev/webhooks?status=99", &json!({})).await.refused(400, "INVALID_REQUEST");
}

#[tokio::test]
async fn the_clock_moves_forward_on_demand() {
    let app = TestApp::start().await;
    let before = app.db.clock().now();
    let moved = app.post(&Caller::Nobody, "/dev/clock", &json!({ "advance": "2h" })).await.json();
    assert_eq!(moved.as_object().unwrap().keys().collect::<Vec<_>>(), ["now"]);
    assert!(app.db.clock().now().since(before).as_secs() >= 7200);
    let now = app.get(&Caller::Nobody, "/dev/clock").await.json();
    assert!(now["now"].as_str() >= moved["now"].as_str());
    for wrong in
        [json!({}), json!({ "advance": 2 }), json!({ "advance": "soon" }), json!({ "advance": "900years" }), json!([])]
    {
        app.post(&Caller::Nobody, "/dev/clock", &wrong).await.refused(400, "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn failures_come_on_demand() {
    let app = TestApp::start().await;
    let (_, shoot) = app.member("kim@acme.test").await;
    let asked = app.post(&Caller::Nobody, "/dev/fail", &json!({ "modelId": shoot })).await.json();
    assert_eq!(asked, json!({ "modelId": shoot, "times": 1 }));
    app.post(&Caller::Nobody, "/dev/fail", &json!({ "modelId": "x" })).await.refused(400, "INVALID_REQUEST");
    let unknown = json!({ "modelId": "507f1f77bcf86cd799439011", "times": 2 });
    app.post(&Caller::Nobody, "/dev/fail", &unknown).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_server_for_real_has_none_of_it() {
    let data = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(Wishes { data: Some(data.path().to_owned()), ..Wishes::default() }).await;
    for path in ["/dev/outbox", "/dev/outbox.json", "/dev/webhooks", "/dev/webhooks.json", "/dev/clock", "/dev/fail"] {
        assert_eq!(app.get(&Caller::Nobody, path).await.status, 404, "{path}");
        assert_eq!(app.post(&Caller::Nobody, path, &json!({ "advance": "2h" })).await.status, 404, "{path}");
    }
    app.stop().await;
}

#[tokio::test]
async fn the_demo_organization_has_someone_at_every_step() {
    let flags = vec![("listen", "127.0.0.1:0".to_owned()), ("dev_shoot", "1s".to_owned())];
    let mut config = Config::load(&Sources { flags, ..Sources::default() }).unwrap();
    // This program is a test; children are the one it tests.
    config.studio.program = env!("CARGO_BIN_EXE_headroom").into();
    let server = Server::build(config, Mode::Dev).unwrap();
    let made = demo::make(server.app()).await.unwrap();
    let id = made.organization.clone();
    let db = server.app().db.clone();
    let (organization, progress, ledger, pending) = db
        .read(|view| {
            let people = members::page(view, &id, &members::Filter::default(), &Part::Newest, 100)?.rows;
            let stages: Vec<String> = people.iter().rev().map(|person| person.stage.to_string()).collect();
            let ledger = credits::ledger(view, &id, &Window { limit: 100, offset: 0, after: None })?;
            let organization = organizations::get(view, &id)?;
            let pending = invites::live(view, &id, &"ben@northlight.example".parse()?)?;
            Ok((organization, stages, ledger, pending))
        })
        .unwrap();
    assert_eq!((organization.credits, organization.whitelabel), (25, true));
    assert_eq!(ledger.iter().map(|entry| entry.amount).sum::<i64>(), 25);
    assert!(pending.unwrap().open(db.clock().now()));
    for stage in ["lead", "joined", "uploading", "generating", "finished", "deleted"] {
        assert!(progress.iter().any(|one| one == stage), "{stage} in {progress:?}");
    }

    let url = server.app().urls.base().to_owned();
    assert!(made.sign_in.starts_with(&format!("{url}/auth/link/")));
    assert!(made.signed_url.starts_with(&format!("{url}/auth/social?token=")), "{}", made.signed_url);
    let endpoint = db.read(|view| webhooks::first(view, &made.organization)).unwrap().unwrap();
    assert_eq!(endpoint.url, format!("{url}/dev/webhooks"));
    tokio::spawn(server.run_until(std::future::pending()));
    let client = reqwest::Client::new();
    let answer = Answer::of(client.get(format!("{url}{INVITES}")).bearer_auth(&made.api_key)).await.ok();
    let statuses: Vec<&str> =
        answer["invites"].as_array().unwrap().iter().map(|invite| invite["status"].as_str().unwrap()).collect();
    for status in ["pending", "accepted", "uploading", "completed", "deleted", "revoked"] {
        assert!(statuses.contains(&status), "{status} in {statuses:?}");
    }
}
