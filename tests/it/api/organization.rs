//! `GET /api/v2/organization` and `…/credits`.

use serde_json::json;

use crate::app::{Caller, TEAMS, TestApp};

#[tokio::test]
async fn the_organization_shows_itself_and_its_teams() {
    let app = TestApp::start().await;
    app.post(&app.lead, TEAMS, &json!({ "name": "Sales" })).await.ok();

    let shown = app.get(&app.lead, "/api/v2/organization").await.ok();
    assert_eq!(app.get(&app.lead, "/api/v2/organization/").await.ok(), shown);

    let team = shown["organization"]["teams"][0]["id"].clone();
    assert!(team.as_str().unwrap().starts_with("team_"));
    assert_eq!(
        shown,
        json!({
            "success": true,
            "organization": { "uid": app.organization, "name": "Acme", "website": "https://acme.test", "teams": [{ "id": team, "name": "Sales" }] },
        })
    );
}

#[tokio::test]
async fn the_balance_is_a_number_and_unlimited_shows_as_999999() {
    let app = TestApp::start().await;
    assert_eq!(
        app.get(&app.lead, "/api/v2/organization/credits").await.ok(),
        json!({ "success": true, "credits": 100 })
    );

    let organization = app.organization.clone();
    app.db.write(move |tx| headroom::organizations::set(tx, &organization, "unlimited", "on")).await.unwrap();

    assert_eq!(app.get(&app.lead, "/api/v2/organization/credits").await.ok()["credits"], 999_999);
}

#[tokio::test]
async fn two_organizations_see_nothing_of_each_other() {
    let app = TestApp::start().await;
    let (_, stranger) = app.stranger().await;
    let team =
        app.post(&app.lead, TEAMS, &json!({ "name": "Sales" })).await.ok()["organization"]["teams"][0]["id"].clone();
    app.post(&app.lead, "/api/v2/organization/invites", &json!({ "email": "kim@acme.test" })).await.ok();
    let theirs = format!("{TEAMS}/{}", team.as_str().unwrap());
    let random = format!("{TEAMS}/team_0123456789abcdef01234567");

    assert_eq!(app.get(&stranger, "/api/v2/organization").await.ok()["organization"]["name"], "Globex");
    assert_eq!(app.get(&stranger, TEAMS).await.ok()["teams"], json!([]));
    assert_eq!(app.get(&stranger, "/api/v2/organization/invites").await.ok()["invites"], json!([]));
    app.get(&stranger, "/api/v2/organization/invites/kim@acme.test").await.refused(404, "NOT_FOUND");
    app.post(&stranger, "/api/v2/organization/invites/revoke", &json!({ "email": "kim@acme.test" }))
        .await
        .refused(404, "NOT_FOUND");
    for path in [&theirs, &random] {
        let told = [
            app.put(&stranger, path, &json!({ "name": "Mine" })).await.refused(404, "NOT_FOUND"),
            app.delete(&stranger, path).await.refused(404, "NOT_FOUND"),
            app.post(&stranger, &format!("{path}/members"), &json!({ "emails": ["hank@globex.test"] }))
                .await
                .refused(404, "NOT_FOUND"),
        ];
        assert_eq!(told, ["Team not found", "Team not found", "Team not found"]);
    }
    assert_eq!(app.get(&app.lead, TEAMS).await.ok()["teams"][0]["name"], "Sales");
    app.get(&Caller::Nobody, TEAMS).await.refused(401, "UNAUTHORIZED");
}
