//! `GET /app/admin/search`: the same results as a page and for the palette.

use headroom::members::Role;
use serde_json::json;

use crate::app::{Caller, INVITES, TestApp};

const SEARCH: &str = "/app/admin/search";

/// The ways among the results, in their order.
fn found(html: &str) -> Vec<String> {
    html.split("<a class=\"result\" href=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

async fn part(app: &TestApp, who: &Caller, query: &str) -> Vec<String> {
    let answer = app.get(who, &format!("{SEARCH}?part=results&{query}")).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.text().contains("<html"), "only the results");
    found(&answer.text())
}

#[tokio::test]
async fn people_are_found_by_name_and_address_and_the_page_shows_the_same() {
    let app = TestApp::start().await;
    let (_, _) = app.member("kim.lee@acme.test").await;
    app.member("robin@acme.test").await;
    app.post(&app.lead, INVITES, &json!({ "email": "kimono@acme.test" })).await.ok();
    let results = part(&app, &app.owner, "q=KIM").await;
    assert_eq!(results.len(), 2, "{results:?}");
    assert!(results[0].starts_with("/app/admin/members/"), "{results:?}");
    assert_eq!(results[1], "/app/admin/invites?q=kimono%40acme.test");
    assert_eq!(found(&app.page(&format!("{SEARCH}?q=KIM")).await), results);
    assert!(app.page(&format!("{SEARCH}?q=zzz")).await.contains("Nothing found"));
}

#[tokio::test]
async fn what_a_page_is_called_leads_to_it_before_people_do() {
    let app = TestApp::start().await;
    app.member("teamster@acme.test").await;
    app.submit(&app.owner, "/app/admin/teams", &[("name", "Team <b>North</b>")]).await.redirects();
    let results = part(&app, &app.owner, "q=team").await;
    assert_eq!(results[0], "/app/admin/teams", "{results:?}");
    assert!(results.iter().any(|href| href.starts_with("/app/admin/members/")), "{results:?}");
    assert!(results.iter().any(|href| href.starts_with("/app/admin/members?team=")), "{results:?}");
    let html = app.get(&app.owner, &format!("{SEARCH}?part=results&q=team")).await.text();
    assert!(!html.contains("<b>North"), "{html}");
    assert_eq!(part(&app, &app.owner, "q=inv").await[0], "/app/admin/invites");
    assert_eq!(part(&app, &app.owner, "q=ip").await[0], "/app/admin/members?add=invite");
}

#[tokio::test]
async fn with_nothing_typed_it_begins_where_someone_was() {
    let app = TestApp::start().await;
    app.member("kim@acme.test").await;
    let kim = part(&app, &app.owner, "q=kim").await.remove(0);
    let (globex, stranger) = app.stranger().await;
    let _ = stranger;
    let foreign = app.browser(&globex, "lee@globex.test", Role::Admin).await;
    let recent = format!("{kim},/app/admin/teams,/app/admin/members/0123456789abcdef01234567,//evil.test,/signout");
    let results = part(&app, &app.owner, &format!("q=&recent={recent}")).await;
    assert_eq!(results[..2], [kim.clone(), "/app/admin/teams".to_owned()], "{results:?}");
    assert!(!results.iter().any(|href| href.contains("evil") || href.contains("0123456789abcdef")), "{results:?}");
    assert_eq!(part(&app, &app.owner, "q=").await.iter().filter(|href| **href == kim).count(), 0);
    // Another organization's person is nobody here.
    let elsewhere = part(&app, &foreign, &format!("q=&recent={recent}")).await;
    assert_eq!(elsewhere[0], "/app/admin/teams", "{elsewhere:?}");
    assert!(part(&app, &foreign, "q=kim").await.is_empty());
}

#[tokio::test]
async fn only_what_the_role_may_do_is_offered() {
    let app = TestApp::start().await;
    let admin = app.browser(&app.organization, "lee@acme.test", Role::Admin).await;
    let member = app.browser(&app.organization, "kim@acme.test", Role::Member).await;
    assert!(part(&app, &app.owner, "q=outbox").await.contains(&"/app/admin/outbox".to_owned()));
    assert!(part(&app, &admin, "q=outbox").await.is_empty());
    assert_eq!(app.get(&member, SEARCH).await.status, 403);
    assert_eq!(app.get(&Caller::Nobody, SEARCH).await.status, 401);
}

#[tokio::test]
async fn every_way_leads_somewhere_and_deeds_are_posted() {
    let app = TestApp::start().await;
    let page = app.page(SEARCH).await;
    assert!(page.contains("<form method=\"post\" action=\"/signout\"><button class=\"result\">"), "{page}");
    let mut ways = found(&page);
    for asked in ["settings", "webhook", "access", "failed", "joined", "headshots", "account", "api"] {
        ways.extend(part(&app, &app.owner, &format!("q={asked}")).await);
    }
    ways.sort();
    ways.dedup();
    assert!(ways.len() > 20, "{ways:?}");
    for way in ways {
        let status = app.get(&app.owner, way.split('#').next().unwrap()).await.status;
        assert!(status == 200 || status == 303, "{way}: {status}");
    }
}
