//! Which language pages, mails and answers to programs are in.

use headroom::{
    auth::{self, Device},
    i18n::{Language, Message},
    invites::{self, NewInvite},
    mail::{Kind, Letter, words},
    members::{self, Actor},
    shoots::{self, told_of_failure},
};
use reqwest::Method;

use crate::{
    app::{Answer, Caller, TestApp},
    studio::{hand_in, pack, shoot},
};

const ACCOUNT: &str = "/account";
const SETTINGS: &str = "/app/admin/settings/organization";

impl TestApp {
    /// What a browser gets that asks for these languages.
    async fn in_browser(&self, caller: &Caller, path: &str, asks_for: &str) -> String {
        let request = self.request(caller, Method::GET, path).header("accept-language", asks_for);
        Answer::of(request).await.text()
    }

    /// Has whoever has this address signed in on a browser that asks for a language.
    async fn signs_in(&self, email: &str, language: Option<Language>) -> Caller {
        let email: members::Email = email.parse().unwrap();
        let device = Device { language, ..Device::default() };
        let entered = self.db.write(move |tx| {
            let minted = auth::mint_return(tx, &email)?.expect("an account");
            auth::use_token(tx, minted.token.reveal(), &device)
        });
        Caller::Browser(entered.await.unwrap().session.reveal().to_owned())
    }

    /// Invites somebody nobody knows yet.
    async fn person_invited(&self, email: &str) {
        let by = Actor::operator(self.organization.clone());
        let new = NewInvite { email: email.parse().unwrap(), team: None };
        self.db.write(move |tx| invites::invite(tx, &by, &new)).await.unwrap();
        self.run_jobs().await;
    }

    /// The subject of the newest mail to an address that leads in.
    fn subject_to(&self, email: &str) -> String {
        let mail = self.outbox().into_iter().find(|mail| mail.to.as_str() == email && leads_in(mail.kind));
        mail.expect("a mail to this address").subject
    }

    /// Asks for a sign-in link as a browser does that asks for a language.
    async fn asks_for_a_link(&self, email: &str, asks_for: Option<&str>) {
        let body: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("email", email).finish();
        let mut request = self
            .request(&Caller::Nobody, Method::POST, "/team-access")
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        if let Some(asks_for) = asks_for {
            request = request.header("accept-language", asks_for);
        }
        let answer = Answer::of(request).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.run_jobs().await;
    }
}

/// Beside them, a new browser is told of.
fn leads_in(kind: Kind) -> bool {
    matches!(kind, Kind::Access | Kind::Invite)
}

fn is_in(page: &str, tag: &str) -> bool {
    page.contains(&format!("<html lang=\"{tag}\""))
}

#[tokio::test]
async fn pages_are_in_the_language_the_browser_asks_for_until_their_person_chooses_one() {
    let app = TestApp::start().await;
    for (asks_for, tag) in [("de-AT,de;q=0.9,en;q=0.5", "de"), ("nl, fr;q=0.5", "fr"), ("nl", "en")] {
        let page = app.in_browser(&app.owner, ACCOUNT, asks_for).await;
        assert!(is_in(&page, tag), "{asks_for}: {page}");
    }
    let page = app.in_browser(&app.owner, ACCOUNT, "de").await;
    assert!(page.contains("<h2 id=\"language-title\">Sprache</h2>") && page.contains("(Deutsch)"), "{page}");

    let saved = app.submit(&app.owner, "/account/language", &[("language", "es")]).await;
    assert_eq!((saved.redirects(), TestApp::flash(&saved).as_str()), (ACCOUNT, "Idioma guardado."));
    for path in [ACCOUNT, "/app/admin", SETTINGS] {
        assert!(is_in(&app.in_browser(&app.owner, path, "de").await, "es"), "{path}");
    }
    let page = app.in_browser(&app.owner, ACCOUNT, "de").await;
    assert!(page.contains("<option value=\"es\" selected>Español</option>"), "{page}");
    // Nobody else's pages.
    assert!(is_in(&app.in_browser(&Caller::Nobody, "/signin", "de").await, "de"));

    let back = app.submit(&app.owner, "/account/language", &[("language", "")]).await;
    assert_eq!(TestApp::flash(&back), "Saved the language.");
    assert!(is_in(&app.in_browser(&app.owner, ACCOUNT, "de").await, "de"));
    let refused = app.submit(&app.owner, "/account/language", &[("language", "tlh")]).await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn a_mail_is_in_the_language_of_its_reader() {
    let app = TestApp::start().await;
    // Nobody knows yet what Ada reads.
    app.asks_for_a_link("ada@acme.test", None).await;
    assert_eq!(app.subject_to("ada@acme.test"), "Sign in to Acme");

    app.signs_in("ada@acme.test", Some(Language::German)).await;
    app.asks_for_a_link("ada@acme.test", None).await;
    let mail = app.outbox().into_iter().find(|mail| mail.subject == "Bei Acme anmelden").expect("a German mail");
    let (text, html) = (mail.text.unwrap(), mail.html.unwrap());
    assert!(text.contains("Auf einem anderen Gerät?") && !text.contains("The link"), "{text}");
    assert!(is_in(&html, "de") && html.contains(">Anmelden</a>"), "{html}");

    // Who chose a language gets it, whatever the browser asks for.
    let browser = app.signs_in("ada@acme.test", Some(Language::German)).await;
    app.submit(&browser, "/account/language", &[("language", "fr")]).await;
    app.asks_for_a_link("ada@acme.test", Some("es")).await;
    assert_eq!(app.subject_to("ada@acme.test"), "Se connecter à Acme");
}

#[tokio::test]
async fn why_headshots_failed_is_read_in_the_same_words_on_pages_and_in_the_mail() {
    let app = TestApp::start().await;
    app.submit(&app.owner, "/account/language", &[("language", "de")]).await.redirects();
    let (_, id) = app.member("kim@acme.test").await;
    pack(&app, &id).await;
    hand_in(&app, &id).await;
    // With something filled in, it is none of the sentences that are translated as they are.
    let stored = "Headshots are now made on images.example.com. Nobody had agreed to that for these photos, so they were not sent there.";
    assert_eq!(Message::english(stored).in_language(Language::German), stored);
    let failing = id.clone();
    app.db.write(move |tx| shoots::fail(tx, &failing, stored, true)).await.unwrap();
    app.run_jobs().await;
    let why = told_of_failure(stored).in_language(Language::German);
    assert_ne!(why, stored);
    let kim = shoot(&app, &id).member.unwrap();
    for page in ["/app/admin", &format!("/app/admin/members/{kim}")] {
        let page = app.page(page).await;
        assert!(page.contains(&why) && !page.contains(stored), "{page}");
    }
    let mail = app.outbox().into_iter().find(|mail| mail.kind == Kind::Failed).expect("a mail to the lead");
    assert!(mail.text.unwrap().contains(&why) && mail.html.unwrap().contains(&why));
}

#[tokio::test]
async fn who_has_no_account_yet_is_written_to_as_the_organization_says() {
    let app = TestApp::start().await;
    let fields = [("name", "Acme"), ("website", ""), ("accent", ""), ("language", "de")];
    let saved = app.submit(&app.owner, SETTINGS, &fields).await;
    assert_eq!(saved.redirects(), SETTINGS, "{}", saved.text());
    let page = app.page(SETTINGS).await;
    assert!(page.contains("<option value=\"de\" selected>Deutsch</option>"), "{page}");
    app.person_invited("kim@acme.test").await;
    assert_eq!(app.subject_to("kim@acme.test"), "Ihre Porträts bei Acme");
    // Somebody who asks for another language gets that one.
    app.asks_for_a_link("kim@acme.test", Some("fr-CH")).await;
    assert_eq!(app.subject_to("kim@acme.test"), "Se connecter à Acme");

    // The page of the mail has our words in the organization's language, and they stay ours when they are saved as they are.
    let page = app.page("/app/admin/settings/mail/access").await;
    assert!(page.contains("value=\"Bei {organization} anmelden\"") && page.contains("Deutsch"), "{page}");
    let ours = words::ours_in(Letter::Access, Language::German);
    let same = [
        ("subject", ours.subject.as_str()),
        ("heading", ours.heading.as_str()),
        ("body", ours.body.as_str()),
        ("button", ours.button.as_str()),
    ];
    let saved = app.submit(&app.owner, "/app/admin/settings/mail/access", &same).await;
    assert_eq!(TestApp::flash(&saved), "The mail is as it was.");

    app.set("language", "es").await;
    app.person_invited("ann@acme.test").await;
    assert_eq!(app.subject_to("ann@acme.test"), "Tus retratos en Acme");
}

#[tokio::test]
async fn the_words_of_an_organization_go_to_everyone_as_they_are() {
    let app = TestApp::start().await;
    app.signs_in("ada@acme.test", Some(Language::German)).await;
    let own = [("subject", "Come in"), ("heading", "Hello"), ("body", "{button}\n\n{code}"), ("button", "Enter")];
    app.submit(&app.owner, "/app/admin/settings/mail/access", &own).await;
    app.asks_for_a_link("ada@acme.test", None).await;
    let mail = app.outbox().into_iter().find(|mail| mail.kind == Kind::Access).expect("a mail");
    let text = mail.text.unwrap();
    assert_eq!(mail.subject, "Come in");
    // What stands around them is ours.
    assert!(text.contains("Enter:\nhttp") && text.contains("Auf einem anderen Gerät?"), "{text}");
}

#[tokio::test]
async fn programs_read_english() {
    let app = TestApp::start().await;
    app.submit(&app.owner, "/account/language", &[("language", "de")]).await;
    let request =
        app.request(&Caller::Nobody, Method::GET, "/api/v2/organization/invites").header("accept-language", "de");
    let refused = Answer::of(request).await;
    let request =
        app.request(&Caller::Nobody, Method::GET, "/api/v2/organization/invites").header("accept-language", "en");
    assert_eq!(refused.text(), Answer::of(request).await.text());
    assert_eq!(refused.status, 401);
    // What is kept is English too, whoever did it.
    app.submit(&app.owner, SETTINGS, &[("name", "Acme Inc"), ("website", ""), ("accent", ""), ("language", "fr")])
        .await;
    let noted: Vec<(Option<String>, Option<String>)> = app
        .db
        .read(|view| {
            view.all(
                "select before, after from audit where organization_id = ?1 and subject = 'Language'",
                [&app.organization],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
        })
        .unwrap();
    assert_eq!(noted, [(Some("English".to_owned()), Some("Français".to_owned()))]);
}
