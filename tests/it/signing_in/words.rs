//! Addresses, codes and passwords as people type them, and as others send them.

use headroom::{members, secrets::PasswordHash};
use reqwest::Method;

use super::{set_cookie, signed_in};
use crate::app::{Answer, Caller, TestApp, Wishes};

async fn post(app: &TestApp, path: &str, fields: &[(&str, &str)]) -> Answer {
    app.submit(&Caller::Nobody, path, fields).await
}

pub(super) fn code_for(app: &TestApp, email: &str) -> String {
    let mail = app.outbox().into_iter().find(|mail| mail.to.as_str() == email).expect("a mail");
    let text = mail.text.expect("a mail that is kept");
    let digits = |line: &&str| line.trim().len() == 7 && line.trim().chars().all(|c| c.is_ascii_digit() || c == ' ');
    let line = text.lines().find(digits).map(ToOwned::to_owned);
    let word = |text: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        let pair =
            words.windows(2).find(|two| two.iter().all(|w| w.len() == 3 && w.bytes().all(|b| b.is_ascii_digit())));
        pair.map(|two| two.join(" "))
    };
    line.or_else(|| word(&text)).expect("a code")
}

#[tokio::test]
async fn every_address_gets_the_same_answer() {
    let app = TestApp::start().await;
    for path in ["/signin", "/team-access", "/auth/link/fresh"] {
        let known = post(&app, path, &[("email", " ADA@acme.test ")]).await;
        let unknown = post(&app, path, &[("email", "bob@acme.test")]).await;
        assert_eq!((known.status, unknown.status.as_u16()), (unknown.status, 200));
        assert_eq!(known.text().replace("ada@acme.test", "bob@acme.test"), unknown.text());
    }
    app.run_jobs().await;
    assert!(app.mails().iter().all(|mail| mail == "ada@acme.test: Sign in to Acme"), "{:?}", app.mails());
}

#[tokio::test]
async fn a_code_works_once_and_bears_five_wrong_tries() {
    let app = TestApp::start().await;
    post(&app, "/signin", &[("email", "ada@acme.test")]).await;
    app.run_jobs().await;
    let code = code_for(&app, "ada@acme.test");
    let entered = post(&app, "/auth/code", &[("email", "ada@acme.test"), ("code", &code)]).await;
    assert_eq!(entered.redirects(), "/app/admin");
    assert_eq!(app.get(&signed_in(&entered), "/signin").await.redirects(), "/app");
    let again = post(&app, "/auth/code", &[("email", "ada@acme.test"), ("code", &code)]).await;
    assert_eq!(again.status, 401);
    assert!(again.text().contains("This code is wrong or too old"));

    post(&app, "/signin", &[("email", "ada@acme.test")]).await;
    app.run_jobs().await;
    let code = code_for(&app, "ada@acme.test");
    for _ in 0..5 {
        assert_eq!(post(&app, "/auth/code", &[("email", "ada@acme.test"), ("code", "no")]).await.status, 401);
    }
    let late = post(&app, "/auth/code", &[("email", "ada@acme.test"), ("code", &code)]).await;
    assert_eq!((late.status.as_u16(), set_cookie(&late, "headroom")), (401, None));
}

#[tokio::test]
async fn switching_the_limit_of_programs_off_lets_nobody_guess() {
    let data = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(Wishes { data: Some(data.path().to_owned()), ..Wishes::default() }).await;
    let guess = [("email", "ada@acme.test"), ("code", "123456")];
    for _ in 0..10 {
        assert_eq!(post(&app, "/auth/code", &guess).await.status, 401);
    }
    let refused = post(&app, "/auth/code", &guess).await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").is_some());
    let by_password = [("email", "ada@acme.test"), ("password", "wrong horse")];
    assert_eq!(post(&app, "/signin/password", &by_password).await.status, 429);

    // Whoever guesses keeps nobody from the way in that can't be guessed.
    let asked = post(&app, "/signin", &[("email", "ada@acme.test")]).await;
    assert!(asked.status == 200 && asked.text().contains("Check your mail"));
}

#[tokio::test]
async fn a_password_opens_and_a_wrong_one_tells_nothing() {
    let app = TestApp::start().await;
    let hash = PasswordHash::of("correct horse").unwrap();
    app.db
        .write(move |tx| {
            let account = members::account_for(tx, &"ada@acme.test".parse()?)?;
            members::set_password(tx, &account.id, &hash)
        })
        .await
        .unwrap();
    assert!(app.get(&Caller::Nobody, "/signin?with=password").await.text().contains("current-password"));
    let right = [("email", "ada@acme.test"), ("password", "correct horse")];
    let entered = post(&app, "/signin/password", &right).await;
    assert_eq!(entered.redirects(), "/app/admin");

    let wrong = post(&app, "/signin/password", &[("email", "ada@acme.test"), ("password", "Correct horse")]).await;
    let unknown = post(&app, "/signin/password", &[("email", "bob@acme.test"), ("password", "Correct horse")]).await;
    assert_eq!((wrong.status.as_u16(), unknown.status.as_u16()), (401, 401));
    assert_eq!(wrong.text().replace("ada@", "bob@"), unknown.text());
    assert!(wrong.text().contains("The address or the password is wrong"));
    assert!(!wrong.text().contains("Correct horse"), "a password never comes back");
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let app = TestApp::start().await;
    assert_eq!(app.get(&app.owner, "/app").await.redirects(), "/app/admin");
    let out = app.submit(&app.owner, "/signout", &[]).await;
    assert_eq!(out.redirects(), "/signin");
    assert_eq!(out.header("clear-site-data"), Some("\"cache\", \"storage\""));
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    for path in ["/", "/app"] {
        assert_eq!(app.get(&app.owner, path).await.redirects(), "/signin");
    }
    assert_eq!(app.submit(&Caller::Nobody, "/signout", &[]).await.redirects(), "/signin");
}

#[tokio::test]
async fn whoever_has_no_place_is_told_so() {
    let app = TestApp::start().await;
    let entered = app
        .db
        .write(|tx| {
            let account = members::account_for(tx, &"zoe@acme.test".parse()?)?;
            headroom::auth::begin_session(
                tx,
                &account,
                headroom::auth::Method::Link,
                &headroom::auth::Device::default(),
            )
        })
        .await
        .unwrap();
    let zoe = Caller::Browser(entered.session.reveal().to_owned());
    let page = app.get(&zoe, "/app").await;
    assert!(page.text().contains("belong to an organization") && page.text().contains("zoe@acme.test"));
}

#[tokio::test]
async fn forms_of_any_shape_are_refused_calmly() {
    let app = TestApp::start().await;
    let huge = format!("email={}", "a".repeat(100_000));
    let long = format!("email={}@acme.test&password=x", "a".repeat(10_000));
    let bodies: [(&str, Vec<u8>); 8] = [
        ("application/x-www-form-urlencoded", huge.into_bytes()),
        ("application/x-www-form-urlencoded", long.into_bytes()),
        ("application/x-www-form-urlencoded", vec![b'e', b'm', b'a', b'i', b'l', b'=', 0xff, 0xfe]),
        ("application/x-www-form-urlencoded", b"email=%ff%fe%00&token=%00".to_vec()),
        ("application/x-www-form-urlencoded", b"email=a@b.test&email=c@d.test".to_vec()),
        ("application/x-www-form-urlencoded", Vec::new()),
        ("application/json", br#"{"email": 5}"#.to_vec()),
        ("text/plain", b"email=ada@acme.test".to_vec()),
    ];
    let paths = [
        "/signin",
        "/signin/password",
        "/team-access",
        "/auth/code",
        "/auth/link",
        "/auth/link/fresh",
        "/auth/signup",
        "/organization/join/507f1f77bcf86cd799439011",
        "/setup",
    ];
    for path in paths {
        for (kind, body) in &bodies {
            let request =
                app.request(&Caller::Nobody, Method::POST, path).header("content-type", *kind).body(body.clone());
            let answer = Answer::of(request).await;
            assert!(answer.status.as_u16() < 500, "{path}: {}", answer.text());
            assert!(set_cookie(&answer, "headroom").is_none());
            assert!(answer.text().starts_with("<!doctype html>"), "{path}: {}", answer.text());
        }
    }
    for path in ["/auth/link/%ff%fe", "/auth/signup?invite=%ff", "/auth/signup", "/brand/8a4b2g.css", "/brand/../x.css"]
    {
        let answer = app.get(&Caller::Nobody, path).await;
        assert!(answer.status.as_u16() < 500, "{path}: {}", answer.text());
    }
    let wrong = app.request(&Caller::Nobody, Method::PUT, "/signin");
    assert_eq!(Answer::of(wrong).await.status, 405);
}

#[tokio::test]
async fn other_sites_change_nothing() {
    let app = TestApp::start().await;
    let elsewhere = app
        .request(&app.owner, Method::POST, "/signout")
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://evil.test");
    assert_eq!(Answer::of(elsewhere).await.status, 403);
    assert_eq!(app.get(&app.owner, "/app").await.redirects(), "/app/admin");
}

#[tokio::test]
async fn behind_tls_a_page_that_came_without_it_is_another_site() {
    // Where requests really go is behind the proxy, which keeps the name.
    let behind = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = vec![("base_url", "https://headroom.test".to_owned()), ("listen", behind.to_string())];
    let app = TestApp::start_with(Wishes { settings, ..Wishes::default() }).await;
    for (origin, status) in [("http://headroom.test", 403), ("https://headroom.test", 303)] {
        let request = app.client.post(format!("http://{behind}/signout"));
        let request = request.header("host", "headroom.test").header("origin", origin);
        assert_eq!(Answer::of(request).await.status, status, "{origin}");
    }
}

#[tokio::test]
async fn the_colour_of_an_organization_is_a_file_that_stays() {
    let app = TestApp::start().await;
    let css = app.get(&Caller::Nobody, "/brand/8a4b2f.css").await;
    assert!(css.text().starts_with(":root { --brand: #8a4b2f; "), "{}", css.text());
    assert!(css.header("cache-control").unwrap().contains("immutable"));
    let icon = app.get(&Caller::Nobody, "/favicon.ico").await;
    let icon = app.get(&Caller::Nobody, icon.header("location").unwrap()).await;
    assert_eq!(icon.header("content-type"), Some("image/svg+xml"));
}

#[tokio::test]
async fn a_colour_that_can_not_be_read_gives_way_where_it_has_to() {
    let app = TestApp::start().await;
    const PAGE: &str = "/app/admin/settings/organization";
    let asked =
        app.get(&app.owner, &format!("{PAGE}?preview=1&name=Acme%20%26%20Co&accent=%23ffd400&coloured=on")).await;
    let page = asked.text();
    assert!(page.contains("buttons have black ones") && page.contains("too pale to be read"), "{page}");
    assert!(
        page.contains("1.4:1") && page.contains("/brand/ffd400/preview.css") && page.contains("Acme &#38; Co"),
        "{page}"
    );
    let usual = app.get(&app.owner, PAGE).await.text();
    assert!(!usual.contains("/brand/ffd400"), "looking saves nothing");
    let css = app.get(&Caller::Nobody, "/brand/ffd400.css").await.text();
    assert!(
        css.contains("--fill: #ffd400;")
            && css.contains("--on-fill: #000000;")
            && !css.contains("--accent: #ffd400; --accent-hover: oklch(from #ffd400 calc(l - "),
        "{css}"
    );
    let preview = app.get(&Caller::Nobody, "/brand/ffd400/preview.css").await;
    assert_eq!(preview.header("content-type"), Some("text/css; charset=utf-8"));
}
