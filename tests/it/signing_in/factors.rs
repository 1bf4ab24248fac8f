//! Second factors: added, asked for, replayed, lost.

use std::time::Duration;

use headroom::{
    auth::{self, Device, Factors, Proof},
    invites::{self, NewInvite},
    members::{self, Actor},
    secrets::PasswordHash,
};
use totp_rs::{Builder, Secret, Totp};

use super::{open, press, set_cookie, signed_in};
use crate::app::{Answer, Caller, TestApp, Wishes};

const ADA: &str = "ada@acme.test";
const SECOND: &str = "/signin/second";
const STEP: Duration = Duration::from_secs(30);

/// An authenticator app, as the page fed it, and the recovery codes that came with it.
pub(crate) struct Phone {
    totp: Totp,
    pub(crate) codes: Vec<String>,
}

impl Phone {
    /// What it shows now.
    pub(crate) fn digits(&self, app: &TestApp) -> String {
        let now = app.db.clock().now().date_time().timestamp();
        self.totp.generate(u64::try_from(now).unwrap()).to_string()
    }
}

/// Adds an authenticator app on the pages of whoever is signed in, who has to be there fresh.
pub(crate) async fn enrol(app: &TestApp, caller: &Caller) -> Phone {
    assert_eq!(app.submit(caller, "/account/authenticator", &[]).await.redirects(), "/account/authenticator");
    let page = app.get(caller, "/account/authenticator").await.text();
    assert!(page.contains("data:image/svg+xml;base64,"));
    let typed = page.split("id=\"key\">").nth(1).unwrap().split('<').next().unwrap();
    let secret = Secret::try_from_base32(typed.replace(' ', "")).unwrap();
    let mut phone = Phone { totp: Builder::new().with_secret(secret).build().unwrap(), codes: Vec::new() };
    let done = app.submit(caller, "/account/authenticator/confirm", &[("code", &phone.digits(app))]).await;
    assert_eq!(done.status, 200, "{}", done.text());
    phone.codes = codes_in(&done.text());
    // The step that confirmed it is used up.
    app.db.clock().advance(STEP * 2);
    phone
}

pub(crate) fn codes_in(page: &str) -> Vec<String> {
    let list = page.split("id=\"codes\"").nth(1).map(|rest| rest.split("</ul>").next().unwrap());
    let items = list.into_iter().flat_map(|list| list.split("<code>").skip(1));
    items.map(|item| item.split('<').next().unwrap().to_owned()).collect()
}

/// Follows a sign-in link that the operator made.
pub(crate) async fn by_link(app: &TestApp, email: &'static str) -> Answer {
    let minted = app.db.write(move |tx| auth::mint_return(tx, &email.parse()?)).await.unwrap().unwrap();
    let token = minted.token.reveal().to_owned();
    let shown = open(app, &Caller::Nobody, &token).await;
    press(app, &Caller::Nobody, &token, &shown, &[]).await
}

/// The same, up to where the second factor is asked for.
pub(crate) async fn halfway(app: &TestApp, email: &'static str) -> Caller {
    let answer = by_link(app, email).await;
    assert_eq!(answer.redirects(), SECOND);
    signed_in(&answer)
}

async fn show(app: &TestApp, half: &Caller, field: &str, value: &str) -> Answer {
    app.submit(half, SECOND, &[(field, value)]).await
}

fn factors(app: &TestApp, email: &str) -> Factors {
    let account = |view: &headroom::db::View| members::account_by_email(view, &email.parse()?);
    app.db.read(|view| Factors::of(view, &account(view)?.unwrap().id)).unwrap()
}

#[tokio::test]
async fn an_app_counts_once_it_has_shown_a_code() {
    let app = TestApp::start().await;
    app.submit(&app.owner, "/account/authenticator", &[]).await.redirects();
    assert_eq!(by_link(&app, ADA).await.redirects(), "/app/admin");
    let wrong = app.submit(&app.owner, "/account/authenticator/confirm", &[("code", "000000")]).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text().contains("not the app&#39;s code now") && wrong.text().contains("id=\"key\""));

    let phone = enrol(&app, &app.owner).await;
    assert_eq!(phone.codes.len(), 10);
    let page = app.get(&app.owner, "/account").await.text();
    assert!(page.contains("10 left") && page.contains("Authenticator app added"), "{page}");
    assert!(!phone.codes.iter().any(|code| page.contains(code)), "codes are shown once");
    app.run_jobs().await;
    assert!(app.mails().contains(&"ada@acme.test: Authenticator app added: Acme".to_owned()), "{:?}", app.mails());
}

#[tokio::test]
async fn half_a_session_opens_nothing_but_the_second_step() {
    let app = TestApp::start().await;
    let phone = enrol(&app, &app.owner).await;
    let half = halfway(&app, ADA).await;
    for path in ["/app", "/", "/account"] {
        assert_eq!(app.get(&half, path).await.redirects(), "/signin", "{path}");
    }
    for path in ["/app/admin", "/app/admin/members", "/team-member", "/team-member/waiting/events", "/account/prove"] {
        let answer = app.get(&half, path).await;
        assert_eq!(answer.status, 401, "{path}: {}", answer.text());
    }
    for path in ["/account/authenticator/remove", "/account/recovery-codes", "/account/sessions/end-others"] {
        assert_eq!(app.submit(&half, path, &[]).await.status, 401, "{path}");
    }
    assert_eq!(factors(&app, ADA).recovery, 10);
    assert!(app.get(&half, SECOND).await.text().contains("One more step"));

    let done = show(&app, &half, "code", &phone.digits(&app)).await;
    assert_eq!(done.redirects(), "/app/admin");
    let whole = signed_in(&done);
    assert_eq!(app.get(&whole, "/app/admin").await.status, 200);
    let (Caller::Browser(before), Caller::Browser(after)) = (&half, &whole) else { panic!("browsers") };
    assert_ne!(before, after, "what was known before the second factor opens nothing");
    assert_eq!(app.get(&half, SECOND).await.redirects(), "/signin");
    assert_eq!(app.get(&half, "/app/admin").await.status, 401);
}

#[tokio::test]
async fn a_code_is_good_once_and_for_its_time() {
    let app = TestApp::start().await;
    let phone = enrol(&app, &app.owner).await;
    let digits = phone.digits(&app);
    let spaced = format!("{} {}", &digits[..3], &digits[3..]);
    let half = halfway(&app, ADA).await;
    assert_eq!(show(&app, &half, "code", &spaced).await.redirects(), "/app/admin");
    let half = halfway(&app, ADA).await;
    let again = show(&app, &half, "code", &digits).await;
    assert_eq!(again.status, 401);
    assert!(again.text().contains("wrong, too old or was used"), "{}", again.text());

    app.db.clock().advance(STEP);
    let early = phone.digits(&app);
    app.db.clock().advance(STEP);
    assert_eq!(show(&app, &half, "code", &early).await.redirects(), "/app/admin", "one step late is in time");
    app.db.clock().advance(STEP);
    let old = phone.digits(&app);
    app.db.clock().advance(STEP * 2);
    let half = halfway(&app, ADA).await;
    assert_eq!(show(&app, &half, "code", &old).await.status, 401, "two steps late is too late");
}

#[tokio::test]
async fn five_wrong_codes_end_it_and_so_do_ten_minutes() {
    let app = TestApp::start().await;
    let phone = enrol(&app, &app.owner).await;
    let half = halfway(&app, ADA).await;
    for _ in 0..4 {
        assert_eq!(show(&app, &half, "code", "123456").await.status, 401);
    }
    assert_eq!(show(&app, &half, "recovery", "0000-0000-0000-0000").await.redirects(), "/signin");
    assert_eq!(show(&app, &half, "code", &phone.digits(&app)).await.redirects(), "/signin");
    assert_eq!(app.get(&half, "/app").await.redirects(), "/signin");

    let half = halfway(&app, ADA).await;
    app.db.clock().advance(Duration::from_secs(10 * 60));
    assert_eq!(app.get(&half, SECOND).await.redirects(), "/signin");
    assert_eq!(show(&app, &half, "code", &phone.digits(&app)).await.redirects(), "/signin");
}

#[tokio::test]
async fn a_recovery_code_works_once_however_many_try() {
    let app = TestApp::start().await;
    let phone = enrol(&app, &app.owner).await;
    let mut halves = Vec::new();
    for _ in 0..4 {
        halves.push(halfway(&app, ADA).await);
    }
    let code = phone.codes[0].to_uppercase();
    let tries = halves.iter().map(|half| show(&app, half, "recovery", &code));
    let answers = futures::future::join_all(tries).await;
    let won = answers.iter().filter(|answer| answer.status == 303).count();
    assert_eq!((won, factors(&app, ADA).recovery), (1, 9));
    assert!(answers.iter().filter(|answer| answer.status != 303).all(|answer| answer.text().contains("was used")));
    app.run_jobs().await;
    let told = app.mails().iter().filter(|mail| mail.contains("Recovery code used")).count();
    assert_eq!(told, 1);
}

#[tokio::test]
async fn the_password_asks_for_it_too_and_tells_nothing_before() {
    let app = TestApp::start().await;
    let hash = PasswordHash::of("correct horse").unwrap();
    app.db
        .write(move |tx| {
            let account = members::account_for(tx, &ADA.parse()?)?;
            members::set_password(tx, &account.id, &hash)
        })
        .await
        .unwrap();
    let wrong = [("email", ADA), ("password", "wrong horse")];
    let before = app.submit(&Caller::Nobody, "/signin/password", &wrong).await.text();
    enrol(&app, &app.owner).await;
    assert_eq!(app.submit(&Caller::Nobody, "/signin/password", &wrong).await.text(), before);
    let right = app.submit(&Caller::Nobody, "/signin/password", &[("email", ADA), ("password", "correct horse")]);
    assert_eq!(right.await.redirects(), SECOND);
}

#[tokio::test]
async fn an_invite_moves_nobody_before_the_second_factor() {
    let app = TestApp::start().await;
    let (kim, _) = app.member("kim@acme.test").await;
    let phone = enrol(&app, &kim).await;
    let (globex, _) = app.stranger().await;
    let by = Actor::operator(globex.clone());
    let new = NewInvite { email: "kim@acme.test".parse().unwrap(), team: None };
    let invite = app.db.write(move |tx| invites::invite(tx, &by, &new)).await.unwrap();
    let minted = app.db.write(move |tx| auth::mint_invite(tx, &invite.id)).await.unwrap().unwrap();
    let token = minted.token.reveal();
    let shown = open(&app, &Caller::Nobody, token).await;
    let half = press(&app, &Caller::Nobody, token, &shown, &[]).await;
    assert_eq!(half.redirects(), SECOND);
    let place = || {
        let account = app.db.read(|view| members::account_by_email(view, &"kim@acme.test".parse()?)).unwrap().unwrap();
        app.db.read(|view| members::of_account(view, &account.id)).unwrap().unwrap().organization
    };
    assert_eq!(place(), app.organization);
    let done = show(&app, &signed_in(&half), "code", &phone.digits(&app)).await;
    assert_eq!(done.redirects(), "/team-member/onboarding");
    assert_eq!(place(), globex);
}

#[tokio::test]
async fn what_matters_asks_once_more_who_it_is() {
    let app = TestApp::start().await;
    let phone = enrol(&app, &app.owner).await;
    app.db.clock().advance(Duration::from_secs(10 * 60));
    let page = app.get(&app.owner, "/account").await.text();
    assert!(page.contains("Confirm it's you") || page.contains("Confirm it&#39;s you"), "{page}");
    assert!(!page.contains("new-password") && !page.contains("ask=remove-app"));
    for path in
        ["/account/authenticator/remove", "/account/recovery-codes", "/account/password", "/account/password/remove"]
    {
        let refused = app.submit(&app.owner, path, &[("new", "a whole new password")]).await;
        assert_eq!(refused.redirects(), "/account/prove", "{path}");
    }
    assert!(factors(&app, ADA).any());

    // The second factor is what counts where there is one: a mailbox alone is not enough.
    let mailed = app.submit(&app.owner, "/account/prove/mail", &[]).await;
    assert_eq!(mailed.status, 200);
    app.run_jobs().await;
    let code = super::words::code_for(&app, ADA);
    let half = app.submit(&app.owner, "/account/prove/code", &[("code", &code)]).await;
    assert_eq!(half.redirects(), SECOND);
    let done = show(&app, &signed_in(&half), "code", &phone.digits(&app)).await;
    let fresh = signed_in(&done);
    app.db.clock().advance(STEP);

    let proven = app.submit(&fresh, "/account/prove", &[("code", &phone.digits(&app))]).await;
    assert_eq!(proven.redirects(), "/account");
    let fresh = signed_in(&proven);
    let renewed = app.submit(&fresh, "/account/recovery-codes", &[]).await;
    let codes = codes_in(&renewed.text());
    assert_eq!(codes.len(), 10);
    assert!(codes.iter().all(|code| !phone.codes.contains(code)));
    assert_eq!(app.submit(&fresh, "/account/authenticator/remove", &[]).await.redirects(), "/account");
    assert!(!factors(&app, ADA).any());
    assert_eq!(factors(&app, ADA).recovery, 0);
    assert_eq!(by_link(&app, ADA).await.redirects(), "/app/admin");
}

#[tokio::test]
async fn a_password_is_set_changed_and_removed() {
    let app = TestApp::start().await;
    let other = signed_in(&by_link(&app, ADA).await);
    let short = app.submit(&app.owner, "/account/password", &[("new", "short")]).await;
    assert!(short.status == 400 && short.text().contains("at least 10 characters"));
    for easy in ["password123", "ada@acme.test"] {
        let refused = app.submit(&app.owner, "/account/password", &[("new", easy)]).await;
        assert!(refused.status == 400 && refused.text().contains("easy to guess"), "{easy}");
    }
    let set = app.submit(&app.owner, "/account/password", &[("new", "correct horse")]).await;
    assert_eq!(set.redirects(), "/account");
    assert_eq!(app.get(&other, "/app").await.redirects(), "/signin", "other browsers are signed out");
    assert_eq!(app.get(&app.owner, "/app").await.redirects(), "/app/admin");
    let wrong = [("current", "wrong horse"), ("new", "better horses")];
    let refused = app.submit(&app.owner, "/account/password", &wrong).await;
    assert!(refused.status == 400 && refused.text().contains("not your password"));
    assert!(!refused.text().contains("better horses"));
    let right = [("current", "correct horse"), ("new", "better horses")];
    assert_eq!(app.submit(&app.owner, "/account/password", &right).await.redirects(), "/account");

    app.db.clock().advance(Duration::from_secs(10 * 60));
    let wrong = app.submit(&app.owner, "/account/prove/password", &[("password", "correct horse")]).await;
    assert_eq!(wrong.status, 401);
    let proven = app.submit(&app.owner, "/account/prove/password", &[("password", "better horses")]).await;
    assert_eq!(proven.redirects(), "/account");
    let fresh = signed_in(&proven);
    assert_eq!(app.submit(&fresh, "/account/password/remove", &[]).await.redirects(), "/account");
    let gone = app.submit(&Caller::Nobody, "/signin/password", &[("email", ADA), ("password", "better horses")]);
    assert_eq!(gone.await.status, 401);
    app.run_jobs().await;
    assert_eq!(app.mails().iter().filter(|mail| mail.contains("Password changed")).count(), 3);
}

#[tokio::test]
async fn passkeys_say_where_they_can_be_used() {
    let app = TestApp::start().await;
    assert!(app.get(&app.owner, "/account").await.text().contains("they need https and a host name"));
    let begun = app.submit(&app.owner, "/account/passkeys/begin", &[]).await;
    assert_eq!(begun.status, 400, "{}", begun.text());
    assert!(!app.get(&Caller::Nobody, "/signin").await.text().contains("Use a passkey"));

    let behind = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = vec![("base_url", format!("http://localhost:{}", behind.port())), ("listen", behind.to_string())];
    let app = TestApp::start_with(Wishes { settings, ..Wishes::default() }).await;
    assert!(app.get(&Caller::Nobody, "/signin").await.text().contains("Use a passkey"));
    let begun = app.submit(&app.owner, "/account/passkeys/begin", &[]).await.json();
    let options = &begun["options"]["publicKey"];
    assert_eq!(options["rp"]["id"], "localhost");
    assert_eq!(options["authenticatorSelection"]["residentKey"], "preferred");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    let asked = app.submit(&Caller::Nobody, "/signin/passkey/begin", &[]).await.json();
    assert_eq!(asked["options"]["publicKey"]["allowCredentials"], serde_json::json!([]), "nobody is named");
    let ceremony = asked["ceremony"].as_str().unwrap();
    for credential in ["", "{}", "nonsense"] {
        let refused =
            app.submit(&Caller::Nobody, "/signin/passkey", &[("ceremony", ceremony), ("credential", credential)]).await;
        assert!(matches!(refused.status.as_u16(), 400 | 401), "{}", refused.text());
        assert_eq!(set_cookie(&refused, "headroom"), None);
    }
    let used = app.submit(&Caller::Nobody, "/signin/passkey", &[("ceremony", ceremony), ("credential", "{}")]).await;
    assert!(used.text().contains("sent twice"), "what was asked is used up: {}", used.text());
}

#[tokio::test]
async fn whoever_runs_the_server_can_reset_what_was_lost() {
    let app = TestApp::start().await;
    enrol(&app, &app.owner).await;
    app.db.write(|tx| auth::reset_factors_of(tx, &ADA.parse()?)).await.unwrap();
    assert_eq!(app.get(&app.owner, "/app").await.redirects(), "/signin");
    assert!(!factors(&app, ADA).any());
    assert_eq!(by_link(&app, ADA).await.redirects(), "/app/admin");
    app.run_jobs().await;
    assert!(app.mails().contains(&"ada@acme.test: Two-factor was reset: Acme".to_owned()));
    let nobody = app.db.write(|tx| auth::reset_factors_of(tx, &"nobody@acme.test".parse()?)).await.unwrap_err();
    assert!(nobody.to_string().contains("Nobody here"));
}

#[tokio::test]
async fn no_factor_is_shown_for_someone_else() {
    let app = TestApp::start().await;
    let ada = enrol(&app, &app.owner).await;
    let (kim, _) = app.member("kim@acme.test").await;
    enrol(&app, &kim).await;
    let half = halfway(&app, "kim@acme.test").await;
    assert_eq!(show(&app, &half, "code", &ada.digits(&app)).await.status, 401);
    assert_eq!(show(&app, &half, "recovery", &ada.codes[0]).await.status, 401);
    let stray = app.db.write(move |tx| {
        let party = auth::RelyingParty::new(&headroom::config::Urls::new(
            &headroom::config::Config::load(&headroom::config::Sources::default())?.http,
            "127.0.0.1:1".parse().unwrap(),
        )?);
        let key = headroom::secrets::ServerKey::random();
        auth::prove(tx, &key, &party, "no such cookie", &Proof::Recovery(ada.codes[0].clone()), &Device::default())
    });
    assert!(stray.await.unwrap().is_err());
}
