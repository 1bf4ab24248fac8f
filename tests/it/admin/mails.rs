//! Mails in an organization's own name and words: what may be in them, how they are looked at, and the test to oneself.

use headroom::{
    mail::{Kind, Letter},
    members::Role,
};

use super::scene::At;
use crate::app::{Answer, Caller, TestApp};

const PAGE: &str = "/app/admin/settings/mail";
const OURS: &str = "invites you to professional headshots";

fn words<'a>(subject: &'a str, body: &'a str) -> [(&'a str, &'a str); 4] {
    [("subject", subject), ("heading", "Hello from {organization}"), ("body", body), ("button", "Let me in")]
}

impl TestApp {
    fn audited(&self, what: &str) -> Vec<(Option<String>, Option<String>)> {
        self.db
            .read(|view| {
                view.all(
                    "select before, after from audit where organization_id = ?1 and subject = ?2 order by id",
                    (&self.organization, what),
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
            })
            .unwrap()
    }

    async fn saves(&self, letter: &str, fields: &[(&str, &str)]) -> Answer {
        self.submit(&self.owner, &format!("{PAGE}/{letter}"), fields).await
    }
}

#[tokio::test]
async fn people_get_the_words_of_their_organization_until_it_goes_back_to_ours() {
    let app = TestApp::start().await;
    let text = "Dear colleague,\nphotos are due. <b>Now</b>\n\n{button}\n\nUntil {valid_until}.\n\n{code}";
    let answer = app.saves("invite", &words("Photos for {organization}", text)).await;
    assert_eq!(TestApp::flash(&answer), "Saved the mail.");
    app.person("kim@acme.test", None, At::Invited).await;
    app.run_jobs().await;
    let mail = app.outbox().remove(0);
    assert_eq!(mail.subject, "Photos for Acme");
    let (text, html) = (mail.text.unwrap(), mail.html.unwrap());
    assert!(
        text.starts_with("Hello from Acme\n\nDear colleague,\nphotos are due. <b>Now</b>\n\nLet me in:\nhttp"),
        "{text}"
    );
    assert!(text.contains("/auth/link/") && !text.contains(OURS), "{text}");
    assert!(
        html.contains("Dear colleague,<br>photos are due. &#60;b&#62;Now") && html.contains(">Let me in</a>"),
        "{html}"
    );
    // Why somebody gets it is ours to say.
    assert!(text.contains("You get this mail because Acme entered your address."), "{text}");

    let page = app.page(PAGE).await;
    assert!(page.contains("Photos for Acme") && page.contains("Yours, <time"), "{page}");
    let same = app.saves("invite", &words("Photos for {organization}", "Dear colleague,\r\nphotos are due. <b>Now</b>\r\n\r\n{button}\r\n\r\nUntil {valid_until}.\r\n\r\n{code}")).await;
    assert_eq!(TestApp::flash(&same), "The mail is as it was.");
    let back = app.submit(&app.owner, &format!("{PAGE}/invite/reset"), &[]).await;
    assert_eq!(TestApp::flash(&back), "The mail has our text again.");
    app.person("ann@acme.test", None, At::Invited).await;
    app.run_jobs().await;
    let mail = app.outbox().into_iter().find(|mail| mail.to.as_str() == "ann@acme.test").unwrap();
    assert_eq!(mail.subject, "Your headshots at Acme");
    assert!(mail.text.unwrap().contains(OURS));

    let audited = app.audited("Mail: Someone is invited");
    assert_eq!(audited.len(), 2);
    assert!(audited[0].0.as_ref().unwrap().starts_with("Your headshots at {organization}"), "{audited:?}");
    assert!(audited[0].1.as_ref().unwrap().starts_with("Photos for {organization}"), "{audited:?}");
    assert_eq!(audited[1].1.as_deref(), Some("our text"));
}

#[tokio::test]
async fn what_cannot_be_is_told_at_its_field_and_nothing_is_lost() {
    let app = TestApp::start().await;
    let wrong = app.saves("invite", &words("Hello {nmae}", "Come & see. {button}")).await;
    assert_eq!(wrong.status, 400);
    let page = wrong.text();
    assert!(page.contains("There is no {nmae} in this mail."), "{page}");
    assert!(page.contains("Put {button} on a line of its own"), "{page}");
    assert!(page.contains("value=\"Hello {nmae}\"") && page.contains("Come &#38; see. {button}</textarea>"), "{page}");
    for (body, said) in [
        ("Hello", "{button} is missing"),
        ("{button}", "{code} is missing"),
        ("", "can&#39;t be empty"),
        ("{button}\n{code}\n{list}", "There is no {list}"),
        ("{button}\n{button}\n{code}", "twice"),
    ] {
        let page = app.saves("invite", &words("Hello", body)).await;
        assert_eq!(page.status, 400, "{body}");
        assert!(page.text().contains(said), "{body}: {}", page.text());
    }
    let header = app.saves("invite", &words("Hello\r\nBcc: all@acme.test", "{button}\n{code}")).await;
    assert!(header.text().contains("one line of up to 150"), "{}", header.text());
    // What tells people that something happened to their account can't be hidden in other words.
    let hidden = app.saves("security", &words("{title}", "Nothing happened.\n\n{button}")).await;
    assert!(hidden.text().contains("{sentence} is missing"), "{}", hidden.text());
    // The words of leads' mails are ours.
    let leads = app.saves("failed", &words("Hello", "{button}")).await;
    assert_eq!(leads.status, 400);
    assert!(!app.page(PAGE).await.contains("Yours, <time"), "nothing was saved");
}

#[tokio::test]
async fn every_mail_is_looked_at_in_a_frame_that_can_do_nothing() {
    let app = TestApp::start().await;
    app.set("accent", "#7a1f5c").await;
    for letter in Letter::ALL {
        let path = format!("{PAGE}/{letter}");
        let page = app.page(&path).await;
        assert!(page.contains(&format!("<iframe src=\"{path}/preview?look=light\"")), "{letter}");
        assert_eq!(page.contains("name=\"body\""), !letter.for_leads(), "{letter}");
        let shown = app.get(&app.owner, &format!("{path}/preview?look=dark")).await;
        let policy = shown.header("content-security-policy").unwrap().to_owned();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("sandbox") && !policy.contains("script"),
            "{policy}"
        );
        let html = shown.text();
        assert!(html.contains("Acme") && html.contains("@media all"), "{letter}: {html}");
        assert!(!html.contains("{organization}") && !html.contains("<script"), "{letter}");
        assert_eq!(html.contains("#7a1f5c"), letter.has_button(), "{letter}");
        let text = app.get(&app.owner, &format!("{path}/preview?as=text")).await;
        assert!(text.header("content-type").unwrap().starts_with("text/plain"));
        assert!(text.text().starts_with("From: ") && text.text().contains("\nSubject: "), "{}", text.text());
    }
    assert_eq!(app.get(&app.owner, &format!("{PAGE}/nonsense")).await.status, 404);
    assert_eq!(app.get(&app.owner, &format!("{PAGE}/nonsense/preview")).await.status, 404);
    assert_eq!(app.submit(&app.owner, &format!("{PAGE}/nonsense/test"), &[]).await.status, 404);
}

#[tokio::test]
async fn a_draft_is_looked_at_without_being_saved() {
    let app = TestApp::start().await;
    let path = format!("{PAGE}/invite/preview");
    let mut draft = words("A draft", "Look at <this>.\n\n{button}\n\n{code}").to_vec();
    draft.push(("look", "dark"));
    let html = app.submit(&app.owner, &path, &draft).await.text();
    assert!(html.contains("Look at &#60;this&#62;.") && html.contains("@media all"), "{html}");
    let json = app.submit(&app.owner, &format!("{path}?as=json"), &draft).await.json();
    assert_eq!((json["subject"].as_str(), &json["errors"]), (Some("A draft"), &serde_json::json!({})));
    assert!(json["text"].as_str().unwrap().contains("Look at <this>."));
    draft[2].1 = "No button";
    let json = app.submit(&app.owner, &format!("{path}?as=json"), &draft).await.json();
    assert!(
        json["errors"]["body"].as_str().unwrap().contains("{button} is missing") && json["errors"]["subject"].is_null()
    );
    let wrong = app.submit(&app.owner, &path, &draft).await;
    assert!(
        wrong.text().contains("There is nothing to see yet") && wrong.text().contains("Text: {button}"),
        "{}",
        wrong.text()
    );
    assert!(app.page(&format!("{PAGE}/invite")).await.contains("This mail is in our words."));
}

#[tokio::test]
async fn the_sender_is_a_name_and_an_address_for_answers() {
    let app = TestApp::start().await;
    let page = app.page(PAGE).await;
    assert!(page.contains("SPF and DMARC") && page.contains("No mail server is set up"), "{page}");
    let new = [("name", "Acme People"), ("reply_to", "People@acme.test"), ("signature", "Kind regards\r\n<Acme>")];
    assert_eq!(TestApp::flash(&app.submit(&app.owner, PAGE, &new).await), "Saved the sender.");
    let page = app.page(PAGE).await;
    assert!(page.contains("value=\"Acme People\"") && page.contains("value=\"people@acme.test\""), "{page}");
    let text = app.get(&app.owner, &format!("{PAGE}/ready/preview?as=text")).await.text();
    assert!(text.starts_with("From: Acme People <") && text.contains("Answers to: people@acme.test"), "{text}");
    assert!(text.contains("\n\nKind regards\n<Acme>\n\n--\n"), "{text}");
    let html = app.get(&app.owner, &format!("{PAGE}/ready/preview")).await.text();
    assert!(html.contains("Kind regards<br>&#60;Acme&#62;"), "{html}");

    let wrong = [("name", "boss@bank.test"), ("reply_to", "nobody"), ("signature", "as typed")];
    let refused = app.submit(&app.owner, PAGE, &wrong).await;
    assert_eq!(refused.status, 400);
    let page = refused.text();
    assert!(
        page.contains("A name holds no @") && page.contains("value=\"nobody\"") && page.contains("as typed"),
        "{page}"
    );
    let audited = app.audited("Sender of mails");
    assert_eq!(audited.len(), 1);
    assert!(audited[0].1.as_ref().unwrap().contains("name Acme People, replies to people@acme.test"), "{audited:?}");
}

#[tokio::test]
async fn a_test_goes_to_whoever_asked_for_it_and_not_too_often() {
    let app = TestApp::start().await;
    app.saves("ready", &[("subject", "Done"), ("heading", "Done"), ("body", "See\n\n{button}"), ("button", "See")])
        .await
        .redirects();
    let admin = app.browser(&app.organization, "bo@acme.test", Role::Admin).await;
    let answer = app.submit(&admin, &format!("{PAGE}/ready/test"), &[]).await;
    assert_eq!(TestApp::flash(&answer), "No mail server is set up, so the test to bo@acme.test stays in the outbox.");
    app.run_jobs().await;
    let mail = app.outbox().remove(0);
    assert_eq!((mail.kind, mail.to.as_str(), mail.subject.as_str()), (Kind::Test, "bo@acme.test", "Test: Done"));
    assert!(!mail.text.unwrap().contains("/auth/link/"), "nothing in it opens anything");
    assert!(app.page("/app/admin/outbox").await.contains("Test: Done"));
    for _ in 1..20 {
        app.submit(&admin, &format!("{PAGE}/invite/test"), &[]).await.redirects();
    }
    app.run_jobs().await;
    let flood = app.submit(&admin, &format!("{PAGE}/invite/test"), &[]).await;
    assert_eq!(flood.status, 429);
    app.submit(&app.owner, &format!("{PAGE}/invite/test"), &[]).await.redirects();
}

#[tokio::test]
async fn one_organizations_words_are_no_others() {
    let app = TestApp::start().await;
    let (globex, _) = app.stranger().await;
    app.saves("invite", &words("Acme only", "{button}\n{code}")).await.redirects();
    app.invite_into(&globex, "hal@globex.test").await;
    app.run_jobs().await;
    assert_eq!(app.outbox().remove(0).subject, "Your headshots at Globex");
    let member = app.browser(&app.organization, "kim@acme.test", Role::Member).await;
    for path in [PAGE.to_owned(), format!("{PAGE}/invite"), format!("{PAGE}/invite/preview")] {
        assert_eq!(app.get(&member, &path).await.status, 403, "{path}");
        assert_eq!(app.get(&Caller::Nobody, &path).await.status, 401, "{path}");
    }
    assert_eq!(app.submit(&member, &format!("{PAGE}/invite"), &words("x", "{button}\n{code}")).await.status, 403);
}
