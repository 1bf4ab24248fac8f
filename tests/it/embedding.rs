//! Someone from another product: let in by a signed URL, in a frame or a window, on pages that never name ours.

use std::time::Duration;

use headroom::{
    auth,
    fields::{self, Asks, Label, NewQuestion},
    ids::ShootId,
    members::Actor,
    organizations,
    webhooks::{self, Target},
    whitelabel::{self, NewModel},
};
use reqwest::Method;

use crate::{
    app::{Answer, Caller, TestApp, Wishes},
    studio::{gather, headshots, portrait, submit, told, upload},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const HOME: &str = "/team-member";

impl TestApp {
    /// Switches embedding on, for pages of these sites.
    async fn embed(&self, sites: &str) {
        let (id, by, sites) = (self.organization.clone(), Actor::operator(self.organization.clone()), sites.to_owned());
        let key = headroom::secrets::ServerKey::random();
        self.db
            .write(move |tx| {
                for (setting, value) in [("whitelabel", "on"), ("accent", "#8a4b2f"), ("embed_origins", &*sites)] {
                    organizations::set(tx, &id, setting, value)?;
                }
                webhooks::set_url(tx, &by, &key, &Target::parse("https://lumen.test/hooks")?)
            })
            .await
            .unwrap();
    }

    /// The path of a signed URL for someone new, and their model.
    async fn signed(&self, email: &str) -> (String, ShootId) {
        self.signed_for(email, true).await
    }

    async fn signed_for(&self, email: &str, development: bool) -> (String, ShootId) {
        let by = Actor::operator(self.organization.clone());
        let new = NewModel { email: email.parse().unwrap(), team: None, development };
        let opened = self.db.write(move |tx| whitelabel::create(tx, &by, &new)).await.unwrap();
        (format!("/auth/social?token={}&anonymous=1", opened.token.reveal()), opened.shoot.id)
    }

    /// Someone who has opened theirs.
    async fn guest(&self, email: &str) -> (Caller, ShootId) {
        let (path, shoot) = self.signed(email).await;
        (let_in(&self.get(&Caller::Nobody, &path).await), shoot)
    }

    /// The same with a real model, at an organization that embeds Headroom.
    pub(crate) async fn real_guest(&self, email: &str) -> (Caller, ShootId) {
        self.embed("https://lumen.test").await;
        let (path, shoot) = self.signed_for(email, false).await;
        (let_in(&self.get(&Caller::Nobody, &path).await), shoot)
    }

    /// A page as two cookies of one browser see it.
    async fn both(&self, guest: &Caller, ours: &Caller, path: &str) -> Answer {
        let (Caller::Embedded(guest), Caller::Browser(ours)) = (guest, ours) else { panic!("two browsers") };
        let request = self.request(&Caller::Nobody, Method::GET, path);
        Answer::of(request.header("cookie", format!("headroom={ours}; embedded={guest}"))).await
    }
}

/// The browser after a signed URL was opened in it.
#[track_caller]
fn let_in(answer: &Answer) -> Caller {
    assert_eq!(answer.redirects(), HOME);
    session_of(answer)
}

#[track_caller]
fn session_of(answer: &Answer) -> Caller {
    let cookie = answer.header("set-cookie").expect("a cookie");
    let (pair, _) = cookie.split_once(';').unwrap();
    Caller::Embedded(pair.strip_prefix("embedded=").unwrap().to_owned())
}

fn ancestors(answer: &Answer) -> &str {
    let policy = answer.header("content-security-policy").expect("a policy");
    policy.split("frame-ancestors ").nth(1).expect("frame-ancestors").split(';').next().unwrap()
}

/// Shows the organization's name and not ours, in a frame of the sites it named.
#[track_caller]
fn is_theirs(answer: &Answer, what: &str) {
    let html = answer.text();
    assert!(!html.to_lowercase().contains("headroom"), "{what} names us: {html}");
    assert!(html.contains("· Acme</title>"), "{what} doesn't name Acme: {html}");
    assert!(!html.contains("/signout") && !html.contains("/signin"), "{what}: {html}");
    assert_eq!(ancestors(answer), "'self' https://lumen.test http://localhost:3000", "{what}");
    assert_eq!(answer.header("cross-origin-opener-policy"), Some("unsafe-none"), "{what}");
    for (name, value) in &answer.headers {
        assert!(!value.to_str().unwrap().to_lowercase().contains("headroom"), "{what}: {name} names us");
    }
}

#[tokio::test]
async fn a_signed_url_lets_in_as_often_as_wanted_and_leaves_its_token_behind() {
    let app = TestApp::start().await;
    app.embed("https://lumen.test").await;
    let (path, _) = app.signed("ida@lumen.test").await;

    let looked = Answer::of(app.request(&Caller::Nobody, Method::HEAD, &path)).await;
    assert_eq!((looked.redirects(), looked.header("set-cookie")), (HOME, None), "HEAD changes nothing");

    let opened = app.get(&Caller::Nobody, &path).await;
    assert_eq!(opened.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(opened.header("cache-control"), Some("no-store"));
    assert_eq!(ancestors(&opened), "'self' https://lumen.test");
    let cookie = opened.header("set-cookie").unwrap();
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=1209600"), "{cookie}");
    let first = let_in(&opened);
    assert_eq!(app.get(&first, HOME).await.redirects(), "/team-member/onboarding");

    // The host's page was loaded again: the browser has a new session, and the old one has ended.
    let second = let_in(&app.get(&first, &path).await);
    assert_eq!(app.get(&second, HOME).await.status, 303);
    assert_eq!(app.get(&first, HOME).await.status, 401);
}

#[tokio::test]
async fn a_signed_url_that_is_too_old_says_so_in_the_organizations_name() {
    let app = TestApp::start().await;
    app.embed("https://lumen.test, http://localhost:3000").await;
    let (path, _) = app.signed("ida@lumen.test").await;
    let guest = let_in(&app.get(&Caller::Nobody, &path).await);
    app.db.clock().advance(DAY + Duration::from_secs(1));
    for late in [app.get(&Caller::Nobody, &path).await, app.get(&guest, HOME).await] {
        assert_eq!(late.status, 401);
        is_theirs(&late, "too late");
        assert!(late.text().contains("go back to where you came from and open it again"), "{}", late.text());
    }
    let unknown = app.get(&Caller::Nobody, "/auth/social?token=nothing&anonymous=1").await;
    assert_eq!(unknown.status, 401);
    assert!(!unknown.text().to_lowercase().contains("headroom"), "{}", unknown.text());
    assert_eq!(app.get(&Caller::Nobody, "/auth/social").await.status, 401);
}

#[tokio::test]
async fn a_deleted_model_closes_its_pages() {
    let app = TestApp::start().await;
    app.embed("").await;
    let (path, shoot) = app.signed("ida@lumen.test").await;
    let guest = let_in(&app.get(&Caller::Nobody, &path).await);
    let by = Actor::operator(app.organization.clone());
    app.db.write(move |tx| whitelabel::delete(tx, &by, &shoot)).await.unwrap();
    for gone in [app.get(&Caller::Nobody, &path).await, app.get(&guest, HOME).await] {
        assert_eq!(gone.status, 401);
        assert!(!gone.text().to_lowercase().contains("headroom"), "{}", gone.text());
    }
}

#[tokio::test]
async fn no_page_of_someone_embedded_names_us() {
    let settings = vec![("dev_shoot", "2s".to_owned())];
    let app = TestApp::start_with(Wishes { settings, ..Wishes::default() }).await;
    app.embed("https://lumen.test http://localhost:3000").await;
    let (guest, shoot) = app.guest("ida@lumen.test").await;
    let page = async |path: &str, status: u16| {
        let answer = app.get(&guest, path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text());
        is_theirs(&answer, path);
        answer.text()
    };

    let you = page("/team-member/onboarding/you", 200).await;
    assert!(!you.contains("ida@lumen.test"), "what the other product calls them is not for their eyes: {you}");
    let wrong = app.submit(&guest, "/team-member/onboarding/you", &[("name", " ")]).await;
    assert_eq!(wrong.status, 400);
    is_theirs(&wrong, "a form with mistakes");
    gather(&app, &guest).await;
    for step in ["you", "photos", "style"] {
        page(&format!("/team-member/onboarding/{step}"), 200).await;
    }
    let review = page("/team-member/onboarding/review", 200).await;
    assert!(review.contains("You and Acme can see them."), "{review}");
    upload(&app, &guest, "again.jpg", portrait(2)).await.ok();
    submit(&app, &guest).await.redirects();
    let waiting = page("/team-member/waiting", 200).await;
    assert!(waiting.contains("You can close this page and come back later.") && !waiting.contains("ida@"));
    assert_eq!(told(&app, &guest).await.last().unwrap()["next"], HOME);

    let results = page(HOME, 200).await;
    assert!(results.contains("it is the one Acme uses"), "{results}");
    let first = &headshots(&app, &shoot)[0].id;
    page(&format!("/team-member/headshots/{first}"), 200).await;
    page(&format!("/team-member/shoots/{shoot}"), 200).await;
    let zip = app.get(&guest, &format!("/team-member/shoots/{shoot}/headshots.zip")).await;
    assert_eq!(zip.header("content-disposition"), Some("attachment; filename=\"kim-lee-headshots.zip\""));

    // What they may come across by mistake.
    page("/team-member/nothing", 404).await;
    page("/nothing", 404).await;
    page("/team-member/headshots/507f1f77bcf86cd799439011", 404).await;
    page("/team-member/handoff", 405).await;
    page("/app/admin", 401).await;
    let from_elsewhere =
        app.request(&guest, Method::POST, "/team-member/onboarding/you").header("sec-fetch-site", "cross-site");
    let refused = Answer::of(from_elsewhere).await;
    assert_eq!(refused.status, 403);
    is_theirs(&refused, "a change that another site asked for");
    for asset in ["pages.", "/brand/8a4b2f.css", "/brand/8a4b2f.svg"] {
        assert!(results.contains(asset), "{asset} is missing: {results}");
    }
    assert_eq!(app.get(&guest, "/brand/8a4b2f.svg").await.header("content-type"), Some("image/svg+xml"));
}

#[tokio::test]
async fn without_a_credit_someone_embedded_is_asked_to_come_back() {
    let app = TestApp::start().await;
    app.embed("https://lumen.test http://localhost:3000").await;
    let by = Actor::operator(app.organization.clone());
    let new = NewModel { email: "ida@lumen.test".parse().unwrap(), team: None, development: false };
    let opened = app.db.write(move |tx| whitelabel::create(tx, &by, &new)).await.unwrap();
    let path = format!("/auth/social?token={}&anonymous=1", opened.token.reveal());
    let guest = let_in(&app.get(&Caller::Nobody, &path).await);
    gather(&app, &guest).await;
    app.spend_all().await;
    let refused = submit(&app, &guest).await;
    assert_eq!(refused.status, 402);
    is_theirs(&refused, "without a credit");
    assert!(refused.text().contains("Headshots can't be made at the moment"), "{}", refused.text());
    assert!(!refused.text().contains("credit"), "{}", refused.text());
}

#[tokio::test]
async fn someone_embedded_and_a_lead_share_a_browser() {
    let app = TestApp::start().await;
    app.embed("").await;
    let (guest, _) = app.guest("ida@lumen.test").await;
    for door in ["/", "/app"] {
        assert_eq!(app.get(&guest, door).await.redirects(), HOME);
        assert_eq!(app.both(&guest, &app.owner, door).await.redirects(), "/app/admin");
    }
    assert_eq!(app.both(&guest, &app.owner, "/app/admin").await.status, 200);
    for page in ["members", "api", "credits"] {
        assert_eq!(app.get(&guest, &format!("/app/admin/{page}")).await.status, 401);
    }
    let you = "/team-member/onboarding/you";
    let theirs = app.both(&guest, &app.owner, you).await;
    assert!(!theirs.text().contains("ada@acme.test"), "the signed URL was opened last");
    assert!(app.get(&app.owner, you).await.text().contains("ada@acme.test"));

    // In the other's place neither session counts for anything.
    let (Caller::Embedded(session), Caller::Browser(ours)) = (&guest, &app.owner) else { unreachable!() };
    assert_eq!(app.get(&Caller::Browser(session.clone()), HOME).await.status, 401);
    assert_eq!(app.get(&Caller::Embedded(ours.clone()), HOME).await.status, 401);

    // Who signs in after that is who the browser belongs to again.
    let email = "ada@acme.test".parse().unwrap();
    let minted = app.db.write(move |tx| auth::mint_return(tx, &email)).await.unwrap().unwrap();
    let look = app.get(&guest, &format!("/auth/link/{}", minted.token.reveal())).await;
    let nonce = look.header("set-cookie").unwrap().split_once(';').unwrap().0.to_owned();
    let form = [("token", minted.token.reveal()), ("nonce", nonce.split_once('=').unwrap().1)];
    let form: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = app.request(&Caller::Nobody, Method::POST, "/auth/link").header("cookie", &nonce);
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
    let entered = Answer::of(request).await;
    assert_eq!(entered.redirects(), "/app/admin");
    let cookies: Vec<&str> = entered.headers.get_all("set-cookie").iter().map(|one| one.to_str().unwrap()).collect();
    assert!(cookies.iter().any(|one| one.starts_with("embedded=;") && one.contains("Max-Age=0")), "{cookies:?}");
}

#[tokio::test]
async fn only_pages_of_someone_embedded_may_be_framed() {
    let app = TestApp::start().await;
    app.embed("https://lumen.test").await;
    let (kim, _) = app.member("kim@acme.test").await;
    let (guest, _) = app.guest("ida@lumen.test").await;
    let you = "/team-member/onboarding/you";
    for (who, path) in [
        (&kim, you),
        (&app.owner, "/app/admin"),
        (&app.owner, "/team-member/nothing"),
        (&guest, "/signin"),
        (&Caller::Nobody, you),
        (&Caller::Nobody, "/signin"),
        (&app.lead, "/api/v2/organization"),
    ] {
        let answer = app.get(who, path).await;
        assert_eq!(ancestors(&answer), "'none'", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), Some("same-origin"), "{path}");
    }
    assert_eq!(ancestors(&app.get(&guest, you).await), "'self' https://lumen.test");
}

#[tokio::test]
async fn a_first_try_needs_no_configured_site_in_development_only() {
    let app = TestApp::start().await;
    app.embed("").await;
    let (guest, _) = app.guest("ida@lumen.test").await;
    let you = "/team-member/onboarding/you";
    assert_eq!(ancestors(&app.get(&guest, you).await), "'self' http://localhost:* http://127.0.0.1:*");

    let data = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(Wishes { data: Some(data.path().to_owned()), ..Wishes::default() }).await;
    app.embed("").await;
    let (guest, _) = app.guest("ida@lumen.test").await;
    assert_eq!(ancestors(&app.get(&guest, you).await), "'self'");
    app.stop().await;
}

/// A server on a known port, with other names for it in its links.
async fn behind_tls() -> TestApp {
    let behind = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = [
        ("base_url", "https://headroom.test".to_owned()),
        ("whitelabel_url", "https://faces.test".to_owned()),
        ("listen", behind.to_string()),
    ];
    let mut app = TestApp::start_with(Wishes { settings: settings.into(), ..Wishes::default() }).await;
    app.url = format!("http://{behind}");
    app
}

#[tokio::test]
async fn over_tls_the_cookie_belongs_to_the_product_around_the_frame() {
    let app = behind_tls().await;
    app.embed("https://lumen.test").await;
    let (path, _) = app.signed("ida@lumen.test").await;
    let opened = app.get(&Caller::Nobody, &path).await;
    let cookie = opened.header("set-cookie").unwrap();
    let (pair, attributes) = cookie.split_once(';').unwrap();
    assert!(pair.starts_with("__Host-embedded="), "{cookie}");
    assert_eq!(attributes, " HttpOnly; SameSite=None; Secure; Path=/; Max-Age=1209600; Partitioned");

    // Its pages post to themselves there.
    for (origin, status) in [("https://faces.test", 303), ("https://headroom.test", 303), ("https://lumen.test", 403)] {
        let request = app
            .request(&Caller::Nobody, Method::POST, "/team-member/onboarding/you")
            .header("cookie", pair)
            .header("origin", origin)
            .header("content-type", "application/x-www-form-urlencoded")
            .body("name=Ida&gender=female");
        assert_eq!(Answer::of(request).await.status, status, "{origin}");
    }
}

#[tokio::test]
async fn what_was_done_is_said_in_a_frame_too() {
    let app = behind_tls().await;
    app.embed("https://lumen.test").await;
    let by = Actor::operator(app.organization.clone());
    let desk = NewQuestion { label: Label::parse("Desk").unwrap(), asks: Asks::Text, required: false };
    app.db.write(move |tx| fields::add(tx, &by, &desk)).await.unwrap();
    let (path, _) = app.signed("ida@lumen.test").await;
    let opened = app.get(&Caller::Nobody, &path).await;
    let session = opened.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let to =
        |method, cookie: &str| app.request(&Caller::Nobody, method, "/team-member/answers").header("cookie", cookie);
    let form = "application/x-www-form-urlencoded";
    let saving =
        to(Method::POST, &session).header("origin", "https://faces.test").header("content-type", form).body("");
    let saved = Answer::of(saving).await;
    let (said, attributes) = saved.header("set-cookie").unwrap().split_once(';').unwrap();
    assert!(said.starts_with("said=Saved"), "{said}");
    assert_eq!(attributes, " HttpOnly; SameSite=None; Secure; Path=/; Max-Age=60; Partitioned");
    // A browser takes only the same cookie back.
    let next = Answer::of(to(Method::GET, &format!("{session}; {said}"))).await;
    assert!(next.text().contains("Saved the answers."), "{}", next.text());
    assert_eq!(
        next.header("set-cookie").unwrap(),
        "said=; HttpOnly; SameSite=None; Secure; Path=/; Max-Age=0; Partitioned"
    );
}

#[tokio::test]
async fn without_tls_a_frame_on_another_name_of_this_machine_keeps_its_cookie_too() {
    let app = TestApp::start().await;
    app.embed("").await;
    let (path, _) = app.signed("ida@lumen.test").await;
    for (site, kept) in [("cross-site", "SameSite=None; Secure"), ("same-site", "SameSite=Lax")] {
        let request = app.request(&Caller::Nobody, Method::GET, &path);
        let opened = Answer::of(request.header("sec-fetch-site", site).header("sec-fetch-dest", "iframe")).await;
        let cookie = opened.header("set-cookie").unwrap();
        assert!(cookie.contains(kept), "{site}: {cookie}");
    }
}

#[tokio::test]
async fn the_neutral_host_names_nobody() {
    let app = behind_tls().await;
    for path in ["/nothing", "/team-member", "/auth/social?token=x", "/signin"] {
        let named =
            |host: &'static str| Answer::of(app.request(&Caller::Nobody, Method::GET, path).header("host", host));
        assert!(!named("faces.test").await.text().to_lowercase().contains("headroom"), "{path}");
    }
    let ours = app.request(&Caller::Nobody, Method::GET, "/nothing").header("host", "headroom.test");
    assert!(Answer::of(ours).await.text().contains("Headroom"));
}

#[tokio::test]
async fn a_frame_that_keeps_no_cookie_says_so_and_leads_to_a_window() {
    let app = TestApp::start().await;
    app.embed("https://lumen.test, http://localhost:3000").await;
    let (path, _) = app.signed("ida@lumen.test").await;
    let opened = Answer::of(app.request(&Caller::Nobody, Method::GET, &path).header("sec-fetch-dest", "iframe")).await;
    let on = opened.redirects().to_owned();
    assert!(on.starts_with("/auth/social/arrived?token="), "{on}");

    let kept = app.get(&session_of(&opened), &on).await;
    assert_eq!((kept.redirects(), kept.header("referrer-policy")), (HOME, Some("no-referrer")));

    let not_kept = app.get(&Caller::Nobody, &on).await;
    assert_eq!(not_kept.status, 200);
    is_theirs(&not_kept, "the page of a frame without cookies");
    let again = on.replace("/arrived", "");
    assert!(not_kept.text().contains(&format!("href=\"{again}\" target=\"_blank\"")), "{}", not_kept.text());
    let_in(&app.get(&Caller::Nobody, &again).await);

    // Someone else's session is no reason to go on.
    let (other, _) = app.guest("ola@lumen.test").await;
    assert_eq!(app.get(&other, &on).await.status, 200);
    app.db.clock().advance(DAY + Duration::from_secs(1));
    assert_eq!(app.get(&Caller::Nobody, &on).await.status, 401);
    assert_eq!(app.get(&Caller::Nobody, "/auth/social/arrived?token=x").await.status, 401);
}

#[tokio::test]
async fn the_page_around_is_told_how_the_model_stands_if_its_site_is_named() {
    let app = TestApp::start().await;
    app.embed("https://lumen.test, http://localhost:3000").await;
    let (guest, shoot) = app.guest("ida@lumen.test").await;
    let html = app.get(&guest, "/team-member/onboarding/you").await.text();
    assert!(html.contains("data-host=\"https://lumen.test http://localhost:3000\""), "{html}");
    let model = format!(
        r#"{{&#34;_id&#34;:&#34;{shoot}&#34;,&#34;status&#34;:&#34;onboarding&#34;,&#34;isDevelopment&#34;:true,&#34;favorite&#34;:null}}"#
    );
    assert!(html.contains(&format!("data-model=\"{model}\"")), "{html}");

    // People of ours are in nobody's page.
    let (kim, _) = app.member("kim@acme.test").await;
    assert!(!app.get(&kim, "/team-member/onboarding/you").await.text().contains("data-host"));

    app.db.clock().advance(DAY + Duration::from_secs(1));
    let over = app.get(&guest, HOME).await.text();
    assert!(
        over.contains("data-host=\"https://lumen.test http://localhost:3000\"") && !over.contains("data-model"),
        "{over}"
    );
}

#[tokio::test]
async fn a_first_try_on_this_machine_hears_of_the_end_without_naming_a_site() {
    let app = TestApp::start().await;
    app.embed("").await;
    let (guest, _) = app.guest("ida@lumen.test").await;
    let first_try = "data-host=\"http://localhost:* http://127.0.0.1:*\"";
    let html = app.get(&guest, "/team-member/onboarding/you").await.text();
    assert!(html.contains(first_try) && html.contains("data-model"), "{html}");
    app.db.clock().advance(DAY + Duration::from_secs(1));
    let over = app.get(&guest, HOME).await.text();
    assert!(over.contains(first_try) && !over.contains("data-model"), "{over}");
    app.stop().await;
}

#[tokio::test]
async fn a_phone_that_goes_on_names_nobody_but_the_organization() {
    let settings = vec![("whitelabel_url", "http://faces.test".to_owned())];
    let app = TestApp::start_with(Wishes { settings, ..Wishes::default() }).await;
    app.embed("https://lumen.test").await;
    let (guest, _) = app.guest("ida@lumen.test").await;
    let you = [("name", "Ida Holm"), ("gender", "person")];
    app.submit(&guest, "/team-member/onboarding/you", &you).await.redirects();
    let request = app.request(&guest, Method::POST, "/team-member/handoff").header("accept", "application/json");
    let offered = Answer::of(request).await.ok();
    let address = offered["address"].as_str().unwrap();
    let path = address.strip_prefix("http://faces.test").expect("the neutral host");
    let plain = app.submit(&guest, "/team-member/handoff", &[]).await.text();
    assert!(!plain.to_lowercase().contains("headroom"), "{plain}");
    // The page without a script has shown another code, which counts now.
    assert!(app.get(&Caller::Nobody, path).await.text().contains("works no more"));
    let shown = plain.split("alt=\"Code that opens http://faces.test").nth(1).unwrap();
    let path = shown.split('"').next().unwrap().to_owned();
    let page = app.get(&Caller::Nobody, &path).await.text();
    assert!(page.contains("Continue as Ida Holm on this phone") && page.contains("· Acme</title>"), "{page}");
    assert!(!page.to_lowercase().contains("headroom"), "{page}");
    let pressed = app.submit(&Caller::Nobody, "/auth/phone", &[("token", path.rsplit('/').next().unwrap())]).await;
    assert_eq!(pressed.redirects(), "/team-member/onboarding/photos");
    let cookie = pressed.header("set-cookie").unwrap();
    let phone = Caller::Embedded(cookie.strip_prefix("embedded=").unwrap().split(';').next().unwrap().to_owned());
    assert_eq!(app.get(&phone, "/team-member/onboarding/photos").await.status, 200);
    assert!(app.get(&Caller::Nobody, &path).await.text().contains("· Acme</title>"));
    app.stop().await;
}
