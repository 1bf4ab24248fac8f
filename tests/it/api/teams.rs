//! Teams.

use serde_json::{Value, json};

use crate::app::{TEAMS, TestApp};

async fn team(app: &TestApp, name: &str) -> String {
    let answer = app.post(&app.lead, TEAMS, &json!({ "name": name })).await.ok();
    let teams = answer["organization"]["teams"].as_array().unwrap().clone();
    teams.iter().find(|team| team["name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_team_is_made_renamed_and_deleted() {
    let app = TestApp::start().await;
    let sales = team(&app, "Sales").await;
    let renamed = app.put(&app.lead, &format!("{TEAMS}/{sales}"), &json!({ "name": "Revenue" })).await.ok();
    assert_eq!(renamed["organization"]["teams"], json!([{ "id": sales, "name": "Revenue" }]));
    assert_eq!(app.get(&app.lead, TEAMS).await.ok()["teams"], json!([{ "id": sales, "name": "Revenue" }]));

    let left = app.delete(&app.lead, &format!("{TEAMS}/{sales}")).await.ok();
    assert_eq!(left["organization"]["teams"], json!([]));
    app.delete(&app.lead, &format!("{TEAMS}/{sales}")).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_name_is_needed_and_unique_whatever_its_case() {
    let app = TestApp::start().await;
    let sales = team(&app, "Sales").await;
    team(&app, "Design").await;
    for body in [
        json!({}),
        json!({ "name": null }),
        json!({ "name": "  " }),
        json!({ "name": "sALES" }),
        json!({ "name": "x".repeat(101) }),
        json!({ "name": 7 }),
    ] {
        app.post(&app.lead, TEAMS, &body).await.refused(400, "INVALID_REQUEST");
    }
    app.put(&app.lead, &format!("{TEAMS}/{sales}"), &json!({ "name": "Design" })).await.refused(400, "INVALID_REQUEST");
    app.put(&app.lead, &format!("{TEAMS}/{sales}"), &json!({ "name": "SALES" })).await.ok();
}

#[tokio::test]
async fn members_join_a_team_all_or_none_and_outlive_it() {
    let app = TestApp::start().await;
    let sales = team(&app, "Sales").await;
    app.member("kim@acme.test").await;
    app.member("lee@acme.test").await;

    let refused = app
        .post(
            &app.lead,
            &format!("{TEAMS}/{sales}/members"),
            &json!({ "emails": ["kim@acme.test", "nobody@acme.test"] }),
        )
        .await;
    assert!(refused.refused(400, "INVALID_REQUEST").contains("nobody@acme.test"));
    assert_eq!(in_team(&app, "kim@acme.test").await, Value::Null);

    for path in ["members", "add-members"] {
        let answer = app
            .post(
                &app.lead,
                &format!("{TEAMS}/{sales}/{path}"),
                &json!({ "emails": ["KIM@acme.test", "lee@acme.test"] }),
            )
            .await
            .ok();
        assert!(answer["message"].is_string());
    }
    assert_eq!(in_team(&app, "kim@acme.test").await, "Sales");

    app.delete(&app.lead, &format!("{TEAMS}/{sales}")).await.ok();
    assert_eq!(in_team(&app, "kim@acme.test").await, Value::Null);
    for body in [json!({}), json!({ "emails": [] }), json!({ "emails": "kim@acme.test" }), json!({ "emails": ["kim"] })]
    {
        app.post(&app.lead, &format!("{TEAMS}/{sales}/members"), &body).await.refused(400, "INVALID_REQUEST");
    }
}

/// The name of a member's team, as the database knows it.
async fn in_team(app: &TestApp, email: &str) -> Value {
    let filter = headroom::members::Filter { search: email.to_owned(), ..Default::default() };
    let found = app
        .db
        .read(|view| headroom::members::page(view, &app.organization, &filter, &headroom::db::Part::Newest, 2))
        .unwrap()
        .rows;
    assert_eq!(found.len(), 1);
    found[0].team.clone().map_or(Value::Null, Value::from)
}
