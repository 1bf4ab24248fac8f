//! Open invite links: made, listed, revoked.

use std::time::Duration;

use headroom::{auth::Lifetime, clock::Timestamp, links, members::Email};
use serde_json::{Value, json};

use crate::app::{LINKS, TEAMS, TestApp};

const HOUR: Duration = Duration::from_secs(60 * 60);

async fn create(app: &TestApp, body: &Value) -> Value {
    app.post(&app.lead, LINKS, body).await.ok()["link"].clone()
}

async fn join(app: &TestApp, link: &Value, email: &str) {
    let (id, email) = (link["id"].as_str().unwrap().parse().unwrap(), email.parse::<Email>().unwrap());
    app.db.write(move |tx| links::accept(tx, &id, &email)).await.unwrap();
}

fn one_of(link: &Value) -> String {
    format!("{LINKS}/{}", link["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_link_answers_with_all_its_keys() {
    let app = TestApp::start().await;
    let teams = app.post(&app.lead, TEAMS, &json!({ "name": "Sales" })).await.ok();
    let team = &teams["organization"]["teams"][0]["id"];
    let ends = (app.db.clock().now() + HOUR).to_string();
    let asked = json!({
        "domains": ["@Acme.com", "acme.de", "acme.com"], "limit": 50, "expiresAt": ends, "teamId": team,
        "uses": 7, "status": "revoked",
    });

    let made = app.post(&app.lead, LINKS, &asked).await.ok();

    let id = made["link"]["id"].as_str().unwrap();
    let link = json!({
        "id": id, "url": format!("{}/organization/join/{id}", app.url), "domains": ["acme.com", "acme.de"], "limit": 50,
        "uses": 0, "teamId": team, "teamName": "Sales", "status": "open", "createdAt": made["link"]["createdAt"],
        "expiresAt": ends,
    });
    assert_eq!(made, json!({ "success": true, "link": link }));
    assert_eq!(made["link"]["createdAt"].as_str().unwrap().len(), "2024-01-15T10:30:00.000Z".len());

    let bare = create(&app, &json!({ "domains": null, "limit": null, "expiresAt": null, "teamId": "" })).await;
    for (key, value) in [("domains", json!([])), ("limit", json!(null)), ("teamId", json!(null))] {
        assert_eq!(bare[key], value, "{key}");
    }
    assert_eq!((&bare["teamName"], &bare["expiresAt"]), (&json!(null), &json!(null)));
    assert_eq!(app.get(&app.lead, LINKS).await.ok(), json!({ "success": true, "links": [bare, link] }));
}

#[tokio::test]
async fn an_expiry_may_name_any_zone() {
    let app = TestApp::start().await;
    let link = create(&app, &json!({ "expiresAt": "2127-03-01T18:00:00+02:00" })).await;
    assert_eq!(link["expiresAt"], "2127-03-01T16:00:00.000Z");
}

#[tokio::test]
async fn a_link_says_why_it_lets_nobody_in() {
    let app = TestApp::start().await;
    let ends = (app.db.clock().now() + HOUR).to_string();
    let open = create(&app, &json!({})).await;
    let full = create(&app, &json!({ "limit": 1 })).await;
    let late = create(&app, &json!({ "expiresAt": ends })).await;
    let gone = create(&app, &json!({})).await;
    for (link, email) in [(&open, "kim@acme.test"), (&full, "lee@acme.test")] {
        join(&app, link, email).await;
    }
    app.delete(&app.lead, &one_of(&gone)).await.ok();
    app.advance(HOUR).await;

    let listed = app.get(&app.lead, LINKS).await.ok();
    let listed: Vec<_> =
        listed["links"].as_array().unwrap().iter().map(|l| (&l["id"], &l["status"], &l["uses"])).collect();
    let (revoked, expired, used_up, still) = (json!("revoked"), json!("expired"), json!("used-up"), json!("open"));
    let (none, one) = (json!(0), json!(1));
    assert_eq!(
        listed,
        [
            (&gone["id"], &revoked, &none),
            (&late["id"], &expired, &none),
            (&full["id"], &used_up, &one),
            (&open["id"], &still, &one),
        ]
    );
}

#[tokio::test]
async fn a_revoked_link_lets_nobody_in_and_those_inside_stay() {
    let app = TestApp::start().await;
    let link = create(&app, &json!({ "limit": 5 })).await;
    join(&app, &link, "kim@acme.test").await;

    let revoked = app.delete(&app.lead, &one_of(&link)).await.ok();

    let mut left = link.clone();
    (left["uses"], left["status"]) = (json!(1), json!("revoked"));
    assert_eq!(revoked, json!({ "success": true, "message": "Link revoked", "link": left }));
    let again = app.delete(&app.lead, &one_of(&link)).await.refused(400, "INVALID_REQUEST");
    assert_eq!(again, "This link is already revoked.");
    let id = link["id"].as_str().unwrap().parse().unwrap();
    let late = app.db.write(move |tx| links::accept(tx, &id, &"lee@acme.test".parse()?)).await.unwrap_err();
    assert_eq!(late.to_string(), "This invite link was revoked. Ask your admin for a new one.");
    let id = link["id"].as_str().unwrap().parse().unwrap();
    let inside = app.db.read(|view| links::who_joined(view, &id, 10)).unwrap();
    assert_eq!(inside.iter().map(|one| one.email.as_ref().unwrap().as_str()).collect::<Vec<_>>(), ["kim@acme.test"]);
}

#[tokio::test]
async fn what_can_not_be_meant_is_refused_with_a_sentence() {
    let app = TestApp::start().await;
    let past = app.db.clock().now().to_string();
    let many: Vec<String> = (0..21).map(|nth| format!("acme{nth}.com")).collect();
    for (body, said) in [
        (json!({ "domains": "acme.com" }), "can't be read as JSON"),
        (json!({ "domains": [7] }), "can't be read as JSON"),
        (json!({ "limit": "50" }), "can't be read as JSON"),
        (json!({ "expiresAt": 1_705_314_600 }), "can't be read as JSON"),
        (json!({ "teamId": 7 }), "can't be read as JSON"),
        (json!({ "domains": ["acme"] }), "\"acme\" is not a domain"),
        (json!({ "domains": ["kim@acme.com"] }), "\"kim@acme.com\" is not a domain"),
        (json!({ "domains": many }), "at most 20 domains"),
        (json!({ "limit": 0 }), "\"limit\" has to be"),
        (json!({ "limit": 1.5 }), "\"limit\" has to be"),
        (json!({ "limit": -3 }), "\"limit\" has to be"),
        (json!({ "limit": 5_000_000_000_i64 }), "\"limit\" has to be"),
        (json!({ "expiresAt": "" }), "\"expiresAt\" has to be"),
        (json!({ "expiresAt": "tomorrow" }), "\"expiresAt\" has to be"),
        (json!({ "expiresAt": "2127-02-30T00:00:00Z" }), "\"expiresAt\" has to be"),
        (json!({ "expiresAt": "2127-03-01" }), "\"expiresAt\" has to be"),
        (json!({ "expiresAt": "2127-03-01T18:00:00" }), "\"expiresAt\" has to be"),
        (json!({ "expiresAt": past }), "lies in the past"),
    ] {
        let sentence = app.post(&app.lead, LINKS, &body).await.refused(400, "INVALID_REQUEST");
        assert!(sentence.contains(said), "{body}: {sentence}");
    }
    assert_eq!(app.get(&app.lead, LINKS).await.ok()["links"], json!([]));
    let most: Vec<String> = (0..20).map(|nth| format!("acme{nth}.com")).collect();
    create(&app, &json!({ "domains": most, "limit": u32::MAX })).await;
    assert_eq!(create(&app, &json!({ "limit": 50.0 })).await["limit"], 50);
}

#[tokio::test]
async fn checks_come_in_their_order() {
    let app = TestApp::start().await;
    app.spend_all().await;
    let no_team = "team_0123456789abcdef01234567";
    let past = Timestamp::from_millis(0).to_string();

    let all_wrong = json!({ "domains": ["acme"], "limit": 0, "expiresAt": "tomorrow", "teamId": no_team });
    let first = app.post(&app.lead, LINKS, &all_wrong).await.refused(400, "INVALID_REQUEST");
    assert!(first.contains("domain"), "{first}");
    let limit = app
        .post(&app.lead, LINKS, &json!({ "limit": 0, "expiresAt": "tomorrow", "teamId": no_team }))
        .await
        .refused(400, "INVALID_REQUEST");
    assert!(limit.contains("limit"), "{limit}");
    app.post(&app.lead, LINKS, &json!({ "expiresAt": "tomorrow", "teamId": no_team }))
        .await
        .refused(400, "INVALID_REQUEST");
    for team in [no_team, "nonsense"] {
        app.post(&app.lead, LINKS, &json!({ "expiresAt": past, "teamId": team })).await.refused(404, "NOT_FOUND");
    }
    app.post(&app.lead, LINKS, &json!({ "expiresAt": past })).await.refused(400, "INVALID_REQUEST");
    app.post(&app.lead, LINKS, &json!({})).await.refused(402, "INSUFFICIENT_CREDITS");

    app.grant(1).await;
    create(&app, &json!({})).await;
    assert_eq!(app.credits(), 1, "a link costs nothing");
}

#[tokio::test]
async fn another_organizations_link_answers_like_a_random_one() {
    let app = TestApp::start().await;
    let (_, stranger) = app.stranger().await;
    let ours = create(&app, &json!({})).await;
    let theirs = app.post(&stranger, TEAMS, &json!({ "name": "Theirs" })).await.ok();
    let team = &theirs["organization"]["teams"][0]["id"];

    for id in [ours["id"].as_str().unwrap(), "507f1f77bcf86cd799439011", "nonsense", "%00%ff"] {
        let sentence = app.delete(&stranger, &format!("{LINKS}/{id}")).await.refused(404, "NOT_FOUND");
        assert_eq!(sentence, "Link not found");
    }
    app.post(&app.lead, LINKS, &json!({ "teamId": team })).await.refused(404, "NOT_FOUND");
    let page = format!("{LINKS}?cursor={}", ours["id"].as_str().unwrap());
    for list in [LINKS, page.as_str()] {
        assert_eq!(app.get(&stranger, list).await.ok()["links"], json!([]));
    }
    assert_eq!(app.get(&app.lead, LINKS).await.ok()["links"][0]["status"], "open");
}

#[tokio::test]
async fn pages_follow_each_other_newest_first() {
    let app = TestApp::start().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.insert(0, create(&app, &json!({})).await["id"].clone());
    }
    let ids = |page: &Value| page["links"].as_array().unwrap().iter().map(|l| l["id"].clone()).collect::<Vec<_>>();
    let first = app.get(&app.lead, &format!("{LINKS}?limit=2")).await.ok();
    let next = first["pagination"]["nextCursor"].as_str().unwrap();
    assert_eq!(ids(&first), made[..2]);
    assert_eq!(
        first["pagination"],
        json!({ "total": 5, "limit": 2, "offset": 0, "hasMore": true, "nextCursor": next })
    );
    assert_eq!(ids(&app.get(&app.lead, &format!("{LINKS}?limit=2&cursor={next}")).await.ok()), made[2..4]);
    let last = app.get(&app.lead, &format!("{LINKS}?limit=2&offset=4")).await.ok();
    assert_eq!(ids(&last), made[4..]);
    assert_eq!(last["pagination"], json!({ "total": 5, "limit": 2, "offset": 4, "hasMore": false }));
    for nonsense in ["limit=ten", "offset=x", "cursor=x"] {
        app.get(&app.lead, &format!("{LINKS}?{nonsense}")).await.refused(400, "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn links_need_the_scopes_of_invites() {
    let app = TestApp::start().await;
    let link = create(&app, &json!({})).await;
    let reader = app.key("invites:read", Lifetime::Unlimited).await;
    app.get(&reader, LINKS).await.ok();
    app.post(&reader, LINKS, &json!({})).await.refused(403, "FORBIDDEN");
    app.delete(&reader, &one_of(&link)).await.refused(403, "FORBIDDEN");
    let other = app.key("teams:write organization:write", Lifetime::Unlimited).await;
    app.get(&other, LINKS).await.refused(403, "FORBIDDEN");
    let writer = app.key("invites:write", Lifetime::Unlimited).await;
    app.delete(&writer, &one_of(&link)).await.ok();
}
