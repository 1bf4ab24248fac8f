//! Where someone is signed in, and who hears of a new browser.

use headroom::{auth, members};
use reqwest::Method;

use super::{factors::by_link, open, set_cookie, signed_in};
use crate::app::{Answer, Caller, TestApp};

const ADA: &str = "ada@acme.test";
const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0";

/// Signs Ada in on a browser that calls itself so and keeps this.
async fn on(app: &TestApp, agent: &str, mark: Option<&str>) -> Answer {
    let minted = app.db.write(|tx| auth::mint_return(tx, &ADA.parse()?)).await.unwrap().unwrap();
    let token = minted.token.reveal();
    let shown = open(app, &Caller::Nobody, token).await;
    let mark = mark.map(|mark| format!("; headroom-device={mark}")).unwrap_or_default();
    let fields = [("token", token), ("nonce", shown.nonce.as_str())];
    let request = app
        .request(&Caller::Nobody, Method::POST, "/auth/link")
        .header("user-agent", agent)
        .header("cookie", format!("headroom-nonce={}{mark}", shown.cookie))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish());
    Answer::of(request).await
}

fn told(app: &TestApp) -> usize {
    app.mails().iter().filter(|mail| mail.contains("New sign-in")).count()
}

#[tokio::test]
async fn a_new_browser_is_told_of_once_and_the_first_one_never() {
    let app = TestApp::start().await;
    // The very first browser of an account is news to nobody.
    let (_, _) = app.member("kim@acme.test").await;
    app.run_jobs().await;
    assert_eq!(told(&app), 0);

    let first = on(&app, FIREFOX, None).await;
    app.run_jobs().await;
    // Ada's first session was begun by the test without a page, but it was a browser.
    let before = told(&app);
    let mark = set_cookie(&first, "headroom-device").expect("something to be recognised by");
    assert!(first.headers.get_all("set-cookie").iter().any(|cookie| {
        let cookie = cookie.to_str().unwrap();
        cookie.starts_with("headroom-device=") && cookie.contains("HttpOnly") && cookie.contains("Max-Age=31536000")
    }));
    on(&app, FIREFOX, Some(&mark)).await;
    app.run_jobs().await;
    assert_eq!(told(&app), before, "known by now");

    on(&app, "curl/8", Some("made-up")).await;
    app.run_jobs().await;
    assert_eq!(told(&app), before + 1);
    on(&app, FIREFOX, None).await;
    app.run_jobs().await;
    assert_eq!(told(&app), before + 2);
    let mail = app.outbox().into_iter().find(|mail| mail.subject.starts_with("New sign-in")).unwrap();
    let text = mail.text.unwrap();
    assert!(text.contains("Firefox on Windows, by a mailed link") && text.contains("/account"), "{text}");
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let app = TestApp::start().await;
    let other = signed_in(&on(&app, FIREFOX, None).await);
    let (kim, _) = app.member("kim@acme.test").await;
    let page = app.get(&app.owner, "/account").await.text();
    assert!(page.contains("Firefox on Windows") && page.contains("This device"), "{page}");
    let id = page.split("/account/sessions/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    assert_eq!(app.submit(&kim, &format!("/account/sessions/{id}/end"), &[]).await.status, 404, "not theirs");
    assert_eq!(app.submit(&app.owner, "/account/sessions/nonsense/end", &[]).await.status, 404);
    assert_eq!(app.get(&other, "/app/admin").await.status, 200);
    assert_eq!(app.submit(&app.owner, &format!("/account/sessions/{id}/end"), &[]).await.redirects(), "/account");
    assert_eq!(app.get(&other, "/app/admin").await.status, 401, "signed out with its next request");
    assert_eq!(app.get(&other, "/account").await.redirects(), "/signin");

    let two = [signed_in(&by_link(&app, ADA).await), signed_in(&by_link(&app, ADA).await)];
    assert_eq!(app.submit(&two[0], "/account/sessions/end-others", &[]).await.redirects(), "/account");
    assert_eq!(app.get(&two[0], "/app/admin").await.status, 200);
    assert_eq!(app.get(&two[1], "/app/admin").await.status, 401);
    assert_eq!(app.get(&app.owner, "/app/admin").await.status, 401);
    assert_eq!(app.get(&kim, "/account").await.status, 200, "nobody else's");
}

#[tokio::test]
async fn the_account_is_for_whoever_signs_in_by_an_address() {
    let app = TestApp::start().await;
    assert_eq!(app.get(&Caller::Nobody, "/account").await.redirects(), "/signin");
    let (kim, _) = app.member("kim@acme.test").await;
    for (caller, email) in [(&app.owner, ADA), (&kim, "kim@acme.test")] {
        assert!(app.get(caller, "/account").await.text().contains(email));
    }
    assert!(app.get(&app.owner, "/app/admin").await.text().contains("href=\"/account\""));
    let zoe = app.db.write(|tx| {
        let account = members::account_for(tx, &"zoe@acme.test".parse()?)?;
        auth::begin_session(tx, &account, auth::Method::Link, &auth::Device::default())
    });
    let zoe = Caller::Browser(zoe.await.unwrap().session.reveal().to_owned());
    assert!(app.get(&zoe, "/account").await.text().contains("zoe@acme.test"), "also without a place");
    let Caller::Browser(cookie) = &kim else { panic!("a browser") };
    let embedded = Caller::Embedded(cookie.clone());
    assert_eq!(app.get(&embedded, "/account").await.redirects(), "/signin");
}
