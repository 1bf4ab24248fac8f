//! How the server itself is: who sees it, that nobody waits for it, and what may be handed on.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use headroom::{doctor::Check, members::Role};

use crate::app::{Answer, Caller, PATIENCE, TestApp, Wishes};

const PAGE: &str = "/app/admin/settings/system";
const TAB: &str = "href=\"/app/admin/settings/system\"";
const UNFINISHED: &str = "Some checks are still under way";

/// The page once all checks are made.
async fn finished(app: &TestApp) -> String {
    let begun = Instant::now();
    loop {
        let page = app.page(PAGE).await;
        if !page.contains(UNFINISHED) {
            return page;
        }
        assert!(begun.elapsed() < PATIENCE, "{page}");
    }
}

fn report(page: &str) -> String {
    let start = page.split("<code id=\"report\">").nth(1).unwrap();
    start.split("</code>").next().unwrap().to_owned()
}

#[tokio::test]
async fn only_who_owns_the_first_organization_finds_it() {
    let app = TestApp::start().await;
    let (globex, _) = app.stranger().await;
    let others = app.browser(&globex, "hank@globex.test", Role::Owner).await;
    let admin = app.browser(&app.organization, "ann@acme.test", Role::Admin).await;
    let (member, _) = app.member("kim@acme.test").await;
    let settings = "/app/admin/settings/organization";
    for (who, found) in [(&app.owner, true), (&admin, false), (&others, false)] {
        let status = if found { 200 } else { 404 };
        assert_eq!(app.get(who, PAGE).await.status, status, "{who:?}");
        assert_eq!(app.get(who, settings).await.text().contains(TAB), found, "{who:?}");
        assert_eq!(
            app.get(who, "/app/admin/search?part=results&q=system").await.text().contains(TAB),
            found,
            "{who:?}"
        );
        let again = app.submit(who, PAGE, &[]).await;
        assert_eq!(again.status, if found { 303 } else { 404 }, "{who:?}");
    }
    assert_eq!(app.get(&member, PAGE).await.status, 403);
    assert_eq!(app.get(&Caller::Nobody, PAGE).await.status, 401);
}

#[tokio::test]
async fn each_check_says_how_it_is_and_when_it_looked() {
    let data = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(Wishes { data: Some(data.path().to_owned()), ..Wishes::default() }).await;
    let page = finished(&app).await;
    let checks = [
        "Data directory",
        "Free space",
        "Database",
        "Clock",
        "Queues",
        "Audit logs",
        "Backups",
        "Generator",
        "Mail server",
    ];
    for check in checks {
        assert!(page.contains(&format!("<strong>{check}</strong>")), "{check}: {page}");
    }
    assert_eq!(page.matches("<time").count(), Check::ALL.len(), "{page}");
    assert!(page.contains("this program&#39;s") && page.contains(env!("CARGO_PKG_VERSION")), "{page}");

    // The remedy is there, and gone once it was followed and somebody looked again.
    std::fs::set_permissions(data.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    app.submit(&app.owner, PAGE, &[]).await.redirects();
    let open = finished(&app).await;
    assert!(open.contains("Needs attention") && open.contains("chmod 700"), "{open}");
    std::fs::set_permissions(data.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    app.submit(&app.owner, PAGE, &[]).await.redirects();
    assert!(!finished(&app).await.contains("chmod 700"));
}

#[tokio::test]
async fn nobody_waits_for_a_check_that_hangs() {
    // It takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let smtp = format!("smtp://{}", silent.local_addr().unwrap());
    let app = TestApp::start_with(Wishes { settings: vec![("smtp_url", smtp)], ..Wishes::default() }).await;
    let begun = Instant::now();
    let page = app.page(PAGE).await;
    // Less than the mail server is given.
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert!(page.contains(UNFINISHED) && page.contains("Under way"), "{page}");
    assert!(page.contains("Headshots are test data"), "what was found already is shown: {page}");
    drop(silent);
    assert!(finished(&app).await.contains("Check smtp_url"));
}

#[tokio::test]
async fn the_report_says_nothing_of_where_the_server_is() {
    let data = tempfile::tempdir().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = vec![
        ("listen", free.to_string()),
        ("base_url", "http://headshots.acme.test".to_owned()),
        ("smtp_url", format!("smtp://postmaster:hunter2@{closed}")),
        ("mail_from", "Acme Portraits <portraits@acme.test>".to_owned()),
    ];
    let wishes = Wishes { settings, data: Some(data.path().to_owned()), ..Wishes::default() };
    let mut app = TestApp::start_with(wishes).await;
    // Its own name leads nowhere, which is what one of the checks is about.
    app.url = format!("http://{free}");
    let page = finished(&app).await;
    let data = data.path().display().to_string();
    assert!(page.contains(&data) && page.contains("headshots.acme.test"), "the page itself hides nothing: {page}");
    let report = report(&page);
    let address = closed.ip().to_string();
    let folder = data.rsplit('/').next().unwrap();
    for secret in ["acme", "Acme", "hunter2", "postmaster", "portraits", "/tmp", &data, folder, &address] {
        assert!(!report.contains(secret), "{secret}: {report}");
    }
    for check in ["ok    data", "ok    database", "FAIL  mail", "FAIL  url"] {
        assert!(report.contains(check), "{check}: {report}");
    }
    assert!(report.starts_with(&format!("Headroom {}, schema ", env!("CARGO_PKG_VERSION"))), "{report}");
}

#[tokio::test]
async fn in_development_there_are_no_files_to_look_at() {
    let app = TestApp::start().await;
    let page = finished(&app).await;
    assert!(page.contains("In memory, for development") && !page.contains("Data directory"), "{page}");
    assert_eq!(page.matches("<time").count(), 3, "{page}");
    let german = app.request(&app.owner, reqwest::Method::GET, PAGE).header("accept-language", "de");
    let german = Answer::of(german).await.text();
    assert!(german.contains("In Ordnung") && german.contains("Headshots are test data"), "{german}");
}
