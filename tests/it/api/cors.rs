//! Scripts on other sites: off, but for the sites an organization lists.

use headroom::{auth::Lifetime, ids::OrganizationId, organizations};
use reqwest::Method;
use serde_json::json;

use crate::app::{Answer, Caller, INVITES, TEAMS, TestApp, Wishes};

const ACME: &str = "https://app.acme.test";
const GLOBEX: &str = "https://globex.test:8443";

/// Acme and Globex with a site each, and Globex's key.
async fn with_sites(wishes: Wishes) -> (TestApp, Caller) {
    let app = TestApp::start_with(wishes).await;
    let (globex, stranger) = app.stranger().await;
    set(&app, &app.organization, "cors_origins", &format!("http://localhost:3000, {ACME}")).await.unwrap();
    set(&app, &globex, "cors_origins", GLOBEX).await.unwrap();
    (app, stranger)
}

async fn set(
    app: &TestApp,
    organization: &OrganizationId,
    key: &'static str,
    value: &str,
) -> headroom::error::Result<()> {
    let (organization, value) = (organization.clone(), value.to_owned());
    app.db.write(move |tx| organizations::set(tx, &organization, key, &value)).await
}

async fn preflight(app: &TestApp, origin: &str, path: &str) -> Answer {
    let request = app
        .request(&Caller::Nobody, Method::OPTIONS, path)
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type");
    Answer::of(request).await
}

async fn get(app: &TestApp, caller: &Caller, origin: &str, path: &str) -> Answer {
    Answer::of(app.request(caller, Method::GET, path).header("origin", origin)).await
}

/// The headers that tell a browser what scripts on other sites may do.
fn told(answer: &Answer) -> Vec<&str> {
    let names = answer.headers.keys().map(reqwest::header::HeaderName::as_str);
    names.filter(|name| name.starts_with("access-control-")).collect()
}

#[track_caller]
fn readable(answer: &Answer, origin: &str) {
    assert_eq!(answer.header("access-control-allow-origin"), Some(origin), "{}", answer.text());
    assert_eq!(answer.header("vary"), Some("Origin"));
    let exposed = answer.header("access-control-expose-headers").unwrap();
    for name in ["X-Request-Id", "X-RateLimit-Remaining", "RateLimit", "ETag", "Idempotent-Replayed", "Retry-After"] {
        assert!(exposed.split(", ").any(|one| one == name), "{name} in {exposed}");
    }
    assert_eq!(told(answer).len(), 2, "{:?}", told(answer));
}

#[tokio::test]
async fn it_is_off_unless_someone_lists_a_site() {
    let app = TestApp::start().await;
    let asked = preflight(&app, ACME, INVITES).await;
    assert_eq!((asked.status.as_u16(), asked.header("allow")), (204, Some("GET, HEAD, POST, OPTIONS")));
    assert_eq!(told(&asked), Vec::<&str>::new());
    let answer = get(&app, &app.lead, ACME, TEAMS).await;
    assert_eq!(told(&answer), Vec::<&str>::new());
    answer.ok();
}

#[tokio::test]
async fn a_browser_that_asks_first_is_told_to_go_on() {
    let (app, _) = with_sites(Wishes::default()).await;
    for origin in [ACME, "http://localhost:3000", GLOBEX] {
        let asked = preflight(&app, origin, INVITES).await;
        assert_eq!((asked.status.as_u16(), asked.body.len()), (204, 0));
        assert_eq!(asked.header("access-control-allow-origin"), Some(origin));
        assert_eq!(asked.header("access-control-allow-methods"), Some("GET, HEAD, POST, OPTIONS"));
        assert_eq!(
            asked.header("access-control-allow-headers"),
            Some("Authorization, Content-Type, Idempotency-Key, If-None-Match")
        );
        assert_eq!(asked.header("access-control-max-age"), Some("600"));
        assert_eq!(asked.header("vary"), Some("Origin"));
        assert_eq!(told(&asked).len(), 4, "{:?}", told(&asked));
    }
}

#[tokio::test]
async fn a_site_that_nobody_lists_is_told_nothing() {
    let (app, _) = with_sites(Wishes::default()).await;
    for origin in ["https://evil.test", "https://app.acme.test.evil.test", "http://app.acme.test", "null", "*", ""] {
        assert_eq!(told(&preflight(&app, origin, INVITES).await), Vec::<&str>::new(), "{origin}");
        let answer = get(&app, &app.lead, origin, TEAMS).await;
        assert_eq!(told(&answer), Vec::<&str>::new(), "{origin}");
        answer.ok();
    }
    let plain = app.request(&Caller::Nobody, Method::OPTIONS, INVITES).header("origin", ACME);
    assert_eq!(told(&Answer::of(plain).await), Vec::<&str>::new(), "no browser asks like this");
    preflight(&app, ACME, "/api/v2/nothing").await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_script_reads_what_its_own_organizations_key_opens() {
    let (app, stranger) = with_sites(Wishes::default()).await;
    readable(&get(&app, &app.lead, ACME, TEAMS).await, ACME);
    readable(&get(&app, &stranger, GLOBEX, TEAMS).await, GLOBEX);
    for (caller, origin) in [(&app.lead, GLOBEX), (&stranger, ACME)] {
        let answer = get(&app, caller, origin, TEAMS).await;
        assert_eq!(told(&answer), Vec::<&str>::new(), "another organization's site");
        answer.ok();
    }
    assert_eq!(told(&app.get(&app.lead, TEAMS).await), Vec::<&str>::new(), "a program is told nothing");

    set(&app, &app.organization, "cors_origins", "").await.unwrap();
    assert_eq!(told(&get(&app, &app.lead, ACME, TEAMS).await), Vec::<&str>::new());
}

#[tokio::test]
async fn a_script_changes_things_from_its_site() {
    let (app, _) = with_sites(Wishes::default()).await;
    let request = app
        .request(&app.lead, Method::POST, INVITES)
        .header("origin", ACME)
        .header("sec-fetch-site", "cross-site")
        .header("idempotency-key", "k")
        .json(&json!({ "email": "kim@acme.test" }));
    let made = Answer::of(request).await;
    readable(&made, ACME);
    made.ok();
}

#[tokio::test]
async fn a_refusal_is_read_too_once_the_key_is_known() {
    let wishes = Wishes { settings: vec![("rate_limit", "20".to_owned())], ..Wishes::default() };
    let (app, _) = with_sites(wishes).await;
    for (path, status) in [
        ("/api/v2/organization/invites/nobody@acme.test", 404),
        ("/api/v2/organization/invites?limit=x", 400),
        ("/api/v2/organization/invites/revoke", 405),
    ] {
        let refused = get(&app, &app.lead, ACME, path).await;
        assert_eq!(refused.status, status);
        if status != 405 {
            readable(&refused, ACME);
        }
    }
    let tag = app.get(&app.lead, TEAMS).await.header("etag").unwrap().to_owned();
    let same = app.request(&app.lead, Method::GET, TEAMS).header("origin", ACME).header("if-none-match", tag);
    let same = Answer::of(same).await;
    assert_eq!(same.status, 304);
    readable(&same, ACME);

    let narrow = app.key("invites:read", Lifetime::Unlimited).await;
    let refused = get(&app, &narrow, ACME, TEAMS).await;
    readable(&refused, ACME);
    refused.refused(403, "FORBIDDEN");
    let mut last = get(&app, &app.lead, ACME, TEAMS).await;
    while last.status == 200 {
        last = get(&app, &app.lead, ACME, TEAMS).await;
    }
    readable(&last, ACME);
    last.refused(429, "RATE_LIMIT_EXCEEDED");

    let wrong = Caller::Key("hr_wrong".to_owned());
    for caller in [&Caller::Nobody, &wrong] {
        let refused = get(&app, caller, ACME, TEAMS).await;
        assert_eq!(told(&refused), Vec::<&str>::new());
        refused.refused(401, "UNAUTHORIZED");
    }
}

#[tokio::test]
async fn pages_are_nobody_elses() {
    let (app, _) = with_sites(Wishes::default()).await;
    for path in ["/app/admin/invites", "/signin", "/dev/clock"] {
        assert_eq!(told(&preflight(&app, ACME, path).await), Vec::<&str>::new(), "{path}");
        assert_eq!(told(&get(&app, &app.owner, ACME, path).await), Vec::<&str>::new(), "{path}");
        for (name, value) in [("origin", ACME), ("sec-fetch-site", "cross-site")] {
            let request = app.request(&app.owner, Method::POST, path).header(name, value);
            assert_eq!(Answer::of(request).await.status, 403, "{path}");
        }
    }
    // Whoever is signed in on the browser is nobody to the API.
    let by_cookie = app.request(&app.owner, Method::POST, INVITES).header("origin", ACME);
    Answer::of(by_cookie.json(&json!({ "email": "kim@acme.test" }))).await.refused(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn sites_are_a_setting() {
    let app = TestApp::start().await;
    for key in ["cors_origins", "embed_origins"] {
        for wrong in ["*", "acme.test", "https://*.acme.test", "https://acme.test/app", "https://a.test null"] {
            let refused = set(&app, &app.organization, key, wrong).await.unwrap_err();
            assert_eq!(refused.code(), "INVALID_REQUEST", "{wrong}");
        }
        set(&app, &app.organization, key, "https://A.test:443 http://b.test:80, https://a.test").await.unwrap();
    }
    let acme = app.db.read(|view| organizations::get(view, &app.organization)).unwrap();
    for origins in [&acme.cors_origins, &acme.embed_origins] {
        assert_eq!(origins.iter().collect::<Vec<_>>(), ["https://a.test", "http://b.test"]);
    }
}
