//! Members: listed, added on their behalf, changed, removed, and let try again.

use headroom::{ids::ShootId, members, shoots};
use reqwest::Method;
use serde_json::{Value, json};

use super::walk::{all, pages_as_promised, walk};
use crate::{
    app::{Answer, TEAMS, TestApp},
    studio::{finish_packed, hand_in, pack},
};

const TEAM: &str = "/api/v2/organization/team";
const MEMBERS: &str = "/api/v2/organization/members";
const LEDGER: &str = "/api/v2/organization/credits/ledger";

fn named(email: &str) -> String {
    format!("{MEMBERS}/{email}")
}

fn emails(list: &Value) -> Vec<&str> {
    list["members"].as_array().unwrap().iter().map(|member| member["email"].as_str().unwrap()).collect()
}

async fn team(app: &TestApp) -> String {
    let made = app.post(&app.lead, TEAMS, &json!({ "name": "Sales" })).await.ok();
    made["organization"]["teams"][0]["id"].as_str().unwrap().to_owned()
}

/// One more shoot for the member of a shoot, as retries make them.
async fn another_shoot(app: &TestApp, shoot: &ShootId) -> ShootId {
    let shoot = crate::studio::shoot(app, shoot);
    let begun = app.db.write(move |tx| shoots::begin(tx, &shoot.organization, &shoot.member.unwrap(), false));
    begun.await.unwrap().id
}

#[tokio::test]
async fn everyone_who_joined_is_listed_newest_first() {
    let app = TestApp::start().await;
    let team = team(&app).await;
    let (_, kims) = app.member("kim@acme.test").await;
    app.patch(&app.lead, &named("kim@acme.test"), &json!({ "teamId": team, "title": "Engineer" })).await.ok();
    app.post(&app.lead, crate::app::INVITES, &json!({ "email": "asked@acme.test" })).await.ok();

    let listed = app.get(&app.lead, TEAM).await.ok();

    let (kim, ada) = (&listed["members"][0], &listed["members"][1]);
    assert_eq!(
        *kim,
        json!({
            "id": kim["id"], "email": "kim@acme.test", "name": null, "title": "Engineer", "status": "accepted", "teamId": team,
            "teamName": "Sales", "modelId": kims, "modelStatus": "onboarding", "joinedAt": kim["joinedAt"],
        })
    );
    assert_eq!(
        (&ada["email"], &ada["status"], &ada["modelId"]),
        (&json!("ada@acme.test"), &json!("accepted"), &json!(null))
    );
    assert_eq!(listed["pagination"], json!({ "total": 2, "limit": 50, "offset": 0, "hasMore": false }));
    app.get(&app.lead, &format!("{TEAM}?status=active")).await.refused(400, "INVALID_REQUEST");
    app.get(&app.lead, &format!("{TEAM}/active")).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn the_list_pages_while_people_come_and_go() {
    let app = TestApp::start().await;
    for nth in 0..6 {
        app.member(&format!("p{nth}@acme.test")).await;
    }
    pages_as_promised(&app, TEAM, "members").await;
    let mut page = 0;
    let walked = walk(&app, TEAM, "members", async || {
        page += 1;
        app.member(&format!("late{page}@acme.test")).await;
        // Whoever the last page ended with goes, and is missed by nobody who pages on.
        let last = ["", "p4@acme.test", "p2@acme.test", "p0@acme.test"][page];
        app.delete(&app.lead, &named(last)).await.ok();
    });
    let expected = ["p5", "p4", "p3", "p2", "p1", "p0", "ada"].map(|name| format!("{name}@acme.test"));
    assert_eq!(json!(all(&walked.await, "email")), json!(expected));
}

#[tokio::test]
async fn someone_is_added_on_their_behalf() {
    let app = TestApp::start().await;
    let team = team(&app).await;
    let body = json!({ "name": "Kim  Lee", "email": "Kim@Acme.test", "title": "Engineer", "teamId": team });

    let added = app.post(&app.lead, MEMBERS, &body).await.ok();

    let member = &added["member"];
    assert_eq!(
        *member,
        json!({
            "id": member["id"], "email": "kim@acme.test", "name": "Kim Lee", "title": "Engineer", "status": "accepted",
            "teamId": team, "teamName": "Sales", "modelId": member["modelId"], "modelStatus": "onboarding",
            "joinedAt": member["joinedAt"],
        })
    );
    assert!(member["modelId"].is_string());
    let bare =
        app.post(&app.lead, MEMBERS, &json!({ "name": "Max", "email": "", "title": null, "teamId": "" })).await.ok();
    for key in ["email", "title", "teamId", "teamName"] {
        assert_eq!(bare["member"][key], Value::Null, "{key}");
    }
    app.post(&app.lead, MEMBERS, &json!({ "name": "Max" })).await.ok();
    assert_eq!(app.credits(), 100, "it costs nothing before photos are submitted");
    assert_eq!(app.get(&app.lead, TEAM).await.ok()["pagination"]["total"], 4);
}

#[tokio::test]
async fn who_can_not_be_added_is_told_why() {
    let app = TestApp::start().await;
    app.member("kim@acme.test").await;
    let post = async |body: Value| app.post(&app.lead, MEMBERS, &body).await;
    for wrong in [
        json!({}),
        json!({ "name": null }),
        json!({ "name": " " }),
        json!({ "name": "x".repeat(201) }),
        json!({ "name": "Lee", "email": "lee" }),
        json!({ "name": "Lee", "title": "x".repeat(201) }),
        json!({ "name": 7 }),
    ] {
        post(wrong).await.refused(400, "INVALID_REQUEST");
    }
    for team in ["team_507f1f77bcf86cd799439012", "x"] {
        post(json!({ "name": "Kim", "email": "kim@acme.test", "teamId": team })).await.refused(404, "NOT_FOUND");
    }
    for taken in ["kim@acme.test", "KIM@acme.test", "ada@acme.test"] {
        let told = post(json!({ "name": "Kim", "email": taken })).await.refused(400, "ALREADY_EXISTS");
        assert!(told.contains("is a member of your organization already"), "{told}");
    }
    app.spend_all().await;
    post(json!({ "name": "Kim", "email": "kim@acme.test" })).await.refused(400, "ALREADY_EXISTS");
    post(json!({ "name": "Lee", "email": "lee@acme.test" })).await.refused(402, "INSUFFICIENT_CREDITS");
    assert_eq!(
        emails(&app.get(&app.lead, TEAM).await.ok()),
        ["kim@acme.test", "ada@acme.test"],
        "none was added halfway"
    );
}

#[tokio::test]
async fn a_change_says_what_changes() {
    let app = TestApp::start().await;
    let team = team(&app).await;
    app.member("kim@acme.test").await;
    let patch = async |body: Value| app.patch(&app.lead, &named("kim@acme.test"), &body).await;
    let told = |answer: Value| (answer["member"]["teamName"].clone(), answer["member"]["title"].clone());

    assert_eq!(told(patch(json!({ "teamId": team })).await.ok()), (json!("Sales"), json!(null)));
    assert_eq!(
        told(patch(json!({ "title": " Head  of Sales " })).await.ok()),
        (json!("Sales"), json!("Head of Sales"))
    );
    assert_eq!(told(patch(json!({ "teamId": null })).await.ok()), (json!(null), json!("Head of Sales")));
    assert_eq!(told(patch(json!({ "teamId": team, "title": null })).await.ok()), (json!("Sales"), json!(null)));
    assert_eq!(told(patch(json!({ "teamId": "", "title": "" })).await.ok()), (json!(null), json!(null)));

    for nothing in [json!({}), json!({ "name": "Kim", "role": "owner" })] {
        patch(nothing).await.refused(400, "INVALID_REQUEST");
    }
    patch(json!({ "title": "x".repeat(201) })).await.refused(400, "INVALID_REQUEST");
    patch(json!({ "title": 7 })).await.refused(400, "INVALID_REQUEST");
    for nobodys in ["team_507f1f77bcf86cd799439012", "x"] {
        patch(json!({ "title": "Kept?", "teamId": nobodys })).await.refused(404, "NOT_FOUND");
    }
    assert_eq!(app.get(&app.lead, TEAM).await.ok()["members"][0]["title"], Value::Null, "all of it or nothing");
    for nobody in ["nobody@acme.test", "x"] {
        app.patch(&app.lead, &named(nobody), &json!({ "title": "x" })).await.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn a_removed_member_loses_everything_here_and_may_keep_their_account() {
    let app = TestApp::start().await;
    let (browser, kims) = app.member("kim@acme.test").await;
    let managed = app.post(&app.lead, MEMBERS, &json!({ "name": "Max", "email": "max@acme.test" })).await.ok();
    let known = |email: &str| {
        let email = email.parse().unwrap();
        app.db.read(|view| members::account_by_email(view, &email)).unwrap().is_some()
    };

    let removed = app.delete(&app.lead, &named("KIM@acme.test")).await.ok();
    app.delete(&app.lead, &named("max@acme.test")).await.ok();

    assert_eq!(removed, json!({ "success": true, "message": "Member removed", "input": { "email": "kim@acme.test" } }));
    assert_eq!((known("kim@acme.test"), known("max@acme.test")), (true, false), "a personal account survives");
    assert_eq!(emails(&app.get(&app.lead, TEAM).await.ok()), ["ada@acme.test"]);
    assert_eq!(app.get(&browser, "/team-member").await.status, 403, "access ends at once");
    for model in [json!(kims), managed["member"]["modelId"].clone()] {
        let left = app.get(&app.lead, &format!("/api/v2/organization/models/{}", model.as_str().unwrap())).await.ok();
        assert_eq!((&left["model"]["status"], &left["model"]["email"]), (&json!("deleted"), &json!(null)));
        assert_eq!(left["model"]["title"], "Former member");
    }
    app.delete(&app.lead, &named("kim@acme.test")).await.refused(404, "NOT_FOUND");
    app.member("kim@acme.test").await;
}

#[tokio::test]
async fn leads_and_those_with_many_shoots_stay() {
    let app = TestApp::start().await;
    let told = app.delete(&app.lead, &named("ada@acme.test")).await.refused(400, "INVALID_REQUEST");
    assert!(told.contains("leads your organization"), "{told}");

    let (_, first) = app.member("kim@acme.test").await;
    for _ in 0..3 {
        another_shoot(&app, &first).await;
    }
    let told = app.delete(&app.lead, &named("kim@acme.test")).await.refused(400, "INVALID_REQUEST");
    assert!(told.contains("4 shoots") && told.contains("operator"), "{told}");
    // Deleted ones are not counted.
    app.delete(&app.lead, &format!("/api/v2/organization/models/{first}")).await.ok();
    app.delete(&app.lead, &named("kim@acme.test")).await.ok();
}

#[tokio::test]
async fn a_retry_costs_nothing_and_waits_for_the_end_of_the_first_try() {
    let app = TestApp::start().await;
    let (_, first) = app.member("kim@acme.test").await;
    let path = format!("{}/retry", named("kim@acme.test"));
    let retry = async || Answer::of(app.request(&app.lead, Method::POST, &path)).await;
    assert!(retry().await.refused(400, "INVALID_REQUEST").contains("still adding photos"));
    pack(&app, &first).await;
    hand_in(&app, &first).await;
    assert!(retry().await.refused(400, "INVALID_REQUEST").contains("are being made"));
    let done = first.clone();
    app.db
        .write(move |tx| shoots::begin_training(tx, &done, &headroom::generator::Handle::new("nobody's")))
        .await
        .unwrap();
    retry().await.refused(400, "INVALID_REQUEST");
    crate::studio::deliver_rows(&app, &first).await;
    assert_eq!(app.credits(), 99);

    let granted = retry().await.ok();

    let second: ShootId = granted["member"]["modelId"].as_str().unwrap().parse().unwrap();
    assert_ne!(second, first);
    assert_eq!(
        (&granted["member"]["status"], &granted["member"]["modelStatus"]),
        (&json!("accepted"), &json!("onboarding"))
    );
    retry().await.refused(400, "INVALID_REQUEST");
    pack(&app, &second).await;
    finish_packed(&app, &second).await;
    assert_eq!(app.credits(), 99, "the retry is free");
    let kept = app.get(&app.lead, &format!("/api/v2/organization/models/{first}")).await.ok();
    assert_eq!(kept["model"]["status"], "active", "what was made before is kept");

    // A lead without a shoot has nothing to try again; nobody else has anything at all.
    let lead = format!("{}/retry", named("ada@acme.test"));
    app.post(&app.lead, &lead, &json!({})).await.refused(400, "INVALID_REQUEST");
    let nobody = format!("{}/retry", named("nobody@acme.test"));
    app.post(&app.lead, &nobody, &json!({})).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn the_ledger_tells_each_change_and_adds_up() {
    let app = TestApp::start().await;
    let (_, kims) = app.member("kim@acme.test").await;
    pack(&app, &kims).await;
    hand_in(&app, &kims).await;
    app.delete(&app.lead, &format!("/api/v2/organization/models/{kims}")).await.ok();
    app.grant(7).await;

    let listed = app.get(&app.lead, LEDGER).await.ok();

    let entries = listed["entries"].as_array().unwrap();
    let told: Vec<_> =
        entries.iter().map(|entry| (entry["kind"].as_str().unwrap(), entry["amount"].as_i64().unwrap())).collect();
    assert_eq!(told, [("grant", 7), ("refund", 1), ("consume", -1), ("grant", 100)]);
    assert_eq!(json!(all(entries, "balance")), json!([107, 100, 99, 100]));
    assert_eq!(json!(all(entries, "modelId")), json!([null, kims, kims, null]));
    pages_as_promised(&app, LEDGER, "entries").await;
    let walked = walk(&app, LEDGER, "entries", async || app.grant(1).await).await;
    assert_eq!(all(&walked, "id"), all(entries, "id"));
}
