//! The audit log tells who did what, and to nobody else.

use headroom::{
    audit::{self, Check, Fault, Via},
    links::{self, NewLink},
    members::Actor,
    teams::{self, TeamName},
};

use super::scene::{self, At};
use crate::app::TestApp;

const PAGE: &str = "/app/admin/settings/audit";

#[tokio::test]
async fn deeds_are_listed_with_who_did_them() {
    let app = TestApp::start().await;
    assert!(app.page(app.get(&app.owner, "/app/admin/settings").await.redirects()).await.contains(PAGE));
    assert!(app.page(PAGE).await.contains("Made the API key"), "the one of the test");
    let (by, operator) = (app.by(), Actor::operator(app.organization.clone()));
    app.db
        .write(move |tx| {
            scene::person(tx, &by, "kim@acme.test", None, None, At::Invited)?;
            headroom::offboarding::revoke(tx, &by, &"kim@acme.test".parse()?)?;
            links::create(tx, &operator, &NewLink { domains: vec!["acme.test".parse()?], ..NewLink::default() })
        })
        .await
        .unwrap();
    let page = app.page(PAGE).await;
    let made = page.find("Made an invite link").unwrap();
    let revoked = page.find("Revoked the invite of").unwrap();
    assert!(made < revoked, "newest first");
    assert!(page.contains("The operator") && page.contains("Command line") && page.contains("for acme.test"), "{page}");
    assert!(page[revoked..].contains("<strong>kim@acme.test</strong>"));
}

#[tokio::test]
async fn what_was_changed_is_shown_and_found() {
    let app = TestApp::start().await;
    let (by, program) = (app.by(), Actor { via: Via::Key, who: "Importer".to_owned(), ..app.by() });
    app.db
        .write(move |tx| {
            let team = teams::create(tx, &by, &TeamName::parse("Sales")?)?;
            teams::rename(tx, &by, &team.id, &TeamName::parse("Revenue")?)?;
            scene::person(tx, &by, "kim@acme.test", None, None, At::Invited)?;
            teams::create(tx, &program, &TeamName::parse("=cmd()")?).map(drop)
        })
        .await
        .unwrap();
    let page = app.page(PAGE).await;
    assert!(page.contains("Sales</del>") && page.contains("Revenue</ins>"), "{page}");
    assert!(page.contains("This log is as it was written"));

    let rows = |page: String| page.matches("<td class=\"soft\">").count();
    assert_eq!(rows(page), 5, "with the key of the test");
    for (query, found) in [
        ("by=importer", 1),
        ("door=key", 1),
        ("part=invites", 1),
        ("part=people", 3),
        ("to=SALES", 2),
        ("to=kim%40acme", 1),
        ("from=2020-01-01", 5),
        ("until=2020-01-01", 0),
        ("from=nonsense&door=nonsense", 5),
    ] {
        assert_eq!(rows(app.page(&format!("{PAGE}?{query}")).await), found, "{query}");
    }
    assert_eq!(app.get(&app.owner, &format!("{PAGE}?person=507f1f77bcf86cd799439011")).await.status, 404);

    let csv = app.get(&app.owner, &format!("{PAGE}/log.csv?part=people")).await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    let csv = csv.text();
    assert!(csv.starts_with("\u{feff}Number,Time,Door,Who,Action,To,"), "{csv}");
    assert_eq!(csv.lines().count(), 4);
    assert!(csv.contains(",'=cmd(),"), "no formula: {csv}");
    let lines = app.get(&app.owner, &format!("{PAGE}/log.jsonl")).await.text();
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (lines.len(), lines[2]["before"].as_str(), lines[2]["after"].as_str()),
        (5, Some("Sales"), Some("Revenue"))
    );
    assert_eq!(app.get(&app.owner, &format!("{PAGE}/log.exe")).await.status, 404);

    assert_eq!(app.submit(&app.owner, &format!("{PAGE}/check"), &[]).await.redirects(), PAGE);
    assert!(app.db.read(|view| audit::last_check(view, &app.organization)).unwrap().unwrap().trouble.is_none());
}

#[tokio::test]
async fn a_log_that_was_changed_says_so_to_its_leads() {
    let app = TestApp::start().await;
    let (by, organization) = (app.by(), app.organization.clone());
    let found = Check {
        checked_at: app.db.clock().now(),
        entries: 1,
        older: 0,
        expired: 0,
        head: None,
        fault: Some(Fault { number: 1, words: "It was changed.".to_owned() }),
    };
    app.db
        .write(move |tx| {
            teams::create(tx, &by, &TeamName::parse("Sales")?)?;
            audit::keep(tx, &organization, &found)
        })
        .await
        .unwrap();
    assert!(app.page(PAGE).await.contains("Entry 1: It was changed."));
    assert!(app.page("/app/admin").await.contains("The audit log is not as it was written"));
    app.submit(&app.owner, &format!("{PAGE}/check"), &[]).await;
    assert!(app.page(PAGE).await.contains("This log is as it was written"));
}
