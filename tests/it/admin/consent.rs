//! Words of consent of an organization's own: each change is a version, which stays with whoever agreed to it.

use headroom::{
    members::Role,
    shoots::{self, CONSENT, version_of},
};

use crate::{
    app::{Answer, Caller, TestApp},
    studio::{gather, submit},
};

const LIST: &str = "/app/admin/settings/privacy";
const PAGE: &str = "/app/admin/settings/privacy/consent";
const REVIEW: &str = "/team-member/onboarding/review";
const FIRST: &str = "I agree that Acme has headshots made of me.\n\nThey are kept for a year & shown <inside> only.";
const SECOND: &str = "I agree that Acme has headshots made of me. They are kept for two years.";

impl TestApp {
    async fn agrees_to(&self, text: &str) -> Answer {
        self.submit(&self.owner, PAGE, &[("text", text)]).await
    }

    async fn submits(&self, who: &Caller) {
        gather(self, who).await;
        submit(self, who).await.redirects();
    }
}

#[tokio::test]
async fn people_agree_to_the_newest_and_it_stays_with_them() {
    let app = TestApp::start().await;
    let (ann, _) = app.member("ann@acme.test").await;
    app.submits(&ann).await;
    let saved = app.agrees_to(FIRST).await;
    assert!(TestApp::flash(&saved).starts_with("Version 1 is in force."));
    let (kim, _) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    let review = app.get(&kim, REVIEW).await.text();
    assert!(review.contains("kept for a year &#38; shown &#60;inside&#62; only."), "{review}");
    assert!(review.contains("I agree to these words, version 1.") && !review.contains("have changed"), "{review}");
    submit(&app, &kim).await.redirects();

    app.agrees_to(SECOND).await.redirects();
    let privacy = app.get(&kim, "/team-member/privacy").await.text();
    assert!(
        privacy.contains(&format!("Version 1 ({})", version_of(FIRST))) && privacy.contains("for a year"),
        "{privacy}"
    );
    let kim_herself = app
        .db
        .read(|view| headroom::members::named(view, &app.organization, &"kim@acme.test".parse().unwrap()))
        .unwrap();
    let person = app.page(&format!("/app/admin/members/{}", kim_herself.id)).await;
    assert!(person.contains(&format!("<a href=\"{PAGE}/1\">version 1</a>")), "{person}");
    assert!(app.page(&format!("{PAGE}/1")).await.contains("kept for a year"));
    let agreed = app.db.read(|view| shoots::agreed(view, &app.organization)).unwrap();
    let counts: Vec<_> = agreed.iter().map(|one| (one.number, one.people, one.text.as_str())).collect();
    assert_eq!(counts, [(Some(1), 1, FIRST), (None, 1, CONSENT)]);
    let list = app.page(LIST).await;
    assert!(list.contains("Version 2</strong></a> <span class=\"status good\">In force"), "{list}");
    assert!(list.contains(&format!("Ours, {}", version_of(CONSENT))) && list.contains("1 person"), "{list}");
    assert!(app.page(&format!("{PAGE}/{}", version_of(CONSENT))).await.contains("may see and use them"));
}

#[tokio::test]
async fn who_agreed_to_older_words_is_asked_before_the_next_submission_and_not_before() {
    let app = TestApp::start().await;
    app.agrees_to(FIRST).await.redirects();
    let (kim, id) = app.member("kim@acme.test").await;
    app.submits(&kim).await;
    app.agrees_to(SECOND).await.redirects();
    // What is under way goes on.
    assert!(app.get(&kim, "/team-member/waiting").await.status.is_success());
    let by = headroom::members::Actor::operator(app.organization.clone());
    app.db
        .write(move |tx| {
            shoots::fail(tx, &id, "no face", true)?;
            let member = headroom::members::of_shoot(tx, &id)?.unwrap();
            shoots::grant_retry(tx, &by, &member)
        })
        .await
        .unwrap();
    gather(&app, &kim).await;
    let review = app.get(&kim, REVIEW).await.text();
    assert!(
        review.contains("The words have changed since you agreed to them on") && review.contains("version 2."),
        "{review}"
    );
    // Words that were shown before the change are not agreed to by it.
    let stale = [("consent", "yes"), ("words", &*version_of(FIRST))];
    let answer = app.submit(&kim, REVIEW, &stale).await;
    assert_eq!(answer.status, 409);
    submit(&app, &kim).await.redirects();
    let agreed = app.db.read(|view| shoots::agreed(view, &app.organization)).unwrap();
    assert_eq!(agreed.iter().map(|one| (one.number, one.people)).collect::<Vec<_>>(), [(Some(2), 1), (Some(1), 1)]);
}

#[tokio::test]
async fn a_version_is_never_changed_and_a_draft_is_none() {
    let app = TestApp::start().await;
    let short = app.agrees_to("I agree.").await;
    assert_eq!(short.status, 400);
    assert!(short.text().contains("too few to agree to") && short.text().contains(">I agree.</textarea>"));
    let draft = app.submit(&app.owner, PAGE, &[("text", FIRST), ("preview", "yes")]).await;
    assert_eq!(draft.status, 200);
    assert!(
        draft.text().contains("Nothing is saved yet.") && draft.text().contains("I agree to these words, version 1.")
    );
    assert!(app.db.read(|view| shoots::wordings(view, &app.organization)).unwrap().is_empty());

    app.agrees_to(FIRST).await.redirects();
    assert_eq!(TestApp::flash(&app.agrees_to(FIRST).await), "These words are in force already.");
    for sql in ["update consent_texts set text = 'x'", "delete from consent_texts"] {
        assert!(app.db.write(move |tx| tx.execute(sql, [])).await.is_err(), "{sql}");
    }
    let back = app.submit(&app.owner, &format!("{PAGE}/reset"), &[]).await;
    assert_eq!(TestApp::flash(&back), "Our words are in force again.");
    assert!(app.page(LIST).await.contains("Version 1</strong></a></td>"));
    let (kim, _) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    assert!(app.get(&kim, REVIEW).await.text().contains("may see and use them"));
    let audit = app.page("/app/admin/settings/audit").await;
    assert!(audit.contains("Consent text") && audit.contains("version 1") && audit.contains("our words"), "{audit}");
    // With the organization, its words go.
    let organization = app.organization.clone();
    app.db.write(move |tx| headroom::organizations::forget(tx, &organization)).await.unwrap();
}

#[tokio::test]
async fn another_organizations_versions_are_not_there() {
    let app = TestApp::start().await;
    app.agrees_to(FIRST).await.redirects();
    let (globex, _) = app.stranger().await;
    let hank = app.browser(&globex, "hank@globex.test", Role::Owner).await;
    for version in ["1", "2", "abcdefabcdef", "ffffffffffff"] {
        assert_eq!(app.get(&hank, &format!("{PAGE}/{version}")).await.status, 404, "{version}");
    }
    assert!(!app.page_of(&hank, LIST).await.contains("for a year"));
    let kim = app.browser(&app.organization, "kim@acme.test", Role::Member).await;
    assert_eq!(app.submit(&kim, PAGE, &[("text", SECOND)]).await.status, 403);
}
