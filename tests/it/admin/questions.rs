//! What an organization asks its people: set by leads, answered in the onboarding, changed later, and taken along.

use std::io::{Cursor, Read};

use headroom::{
    audit::Action,
    fields::{self, Asks, Choices, Kind, Label, NewQuestion, Question},
    ids::{FieldId, OrganizationId},
    members::{self, Actor, Email},
    shoots::State,
};
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    behalf::{deeds, managed},
    studio::{REVIEW, portrait, shoot, submit, upload},
};

const PAGE: &str = "/app/admin/settings/questions";
const YOU: &str = "/team-member/onboarding/you";

fn new(label: &str, kind: Kind, required: bool) -> NewQuestion {
    let asks = Asks::new(kind, Some(Choices::parse("Berlin\nLisbon").unwrap())).unwrap();
    NewQuestion { label: Label::parse(label).unwrap(), asks, required }
}

async fn ask_in(app: &TestApp, organization: &OrganizationId, new: NewQuestion) -> FieldId {
    let by = Actor::operator(organization.clone());
    app.db.write(move |tx| fields::add(tx, &by, &new)).await.unwrap().id
}

async fn ask(app: &TestApp, label: &str, kind: Kind, required: bool) -> FieldId {
    ask_in(app, &app.organization, new(label, kind, required)).await
}

fn listed(app: &TestApp) -> Vec<Question> {
    app.db.read(|view| fields::list(view, &app.organization)).unwrap()
}

fn labels(app: &TestApp) -> Vec<String> {
    listed(app).into_iter().map(|question| question.label).collect()
}

fn about<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("name", "Kim Lee"), ("gender", "person")], more].concat()
}

#[tokio::test]
async fn questions_are_added_changed_moved_and_removed() {
    let app = TestApp::start().await;
    let empty = app.page(PAGE).await;
    assert!(empty.contains("No questions yet") && empty.contains("href=\"/app/admin/settings/questions?add\""));
    let choice = [
        ("label", " Which <i>office</i>? "),
        ("kind", "choice"),
        ("choices", "Berlin\n Lisbon \n"),
        ("required", "on"),
    ];
    let added = app.submit(&app.owner, PAGE, &choice).await;
    assert_eq!((added.redirects(), TestApp::flash(&added).as_str()), (PAGE, "Added \"Which <i>office</i>?\"."));
    ask(&app, "Start date", Kind::Text, false).await;
    let html = app.page(PAGE).await;
    assert!(html.contains("Which &#60;i&#62;office&#60;/i&#62;?") && html.contains("Berlin, Lisbon"), "{html}");
    let [office, date] = &listed(&app)[..] else { panic!("two questions") };
    assert!(office.required && office.asks.choices() == ["Berlin", "Lisbon"]);

    app.submit(&app.owner, &format!("{PAGE}/{}/move", date.id), &[("way", "up")]).await.redirects();
    assert_eq!(labels(&app), ["Start date", "Which <i>office</i>?"]);
    app.submit(&app.owner, &format!("{PAGE}/{}/move", date.id), &[("way", "up")]).await.redirects();
    assert_eq!(labels(&app)[0], "Start date", "the first one stays");

    assert!(app.page(&format!("{PAGE}?edit={}", office.id)).await.contains("Berlin\nLisbon</textarea>"));
    let changed = [("label", "Office"), ("choices", "Berlin\nPorto")];
    assert_eq!(app.submit(&app.owner, &format!("{PAGE}/{}", office.id), &changed).await.redirects(), PAGE);
    let after = listed(&app).remove(1);
    assert_eq!(
        (after.label.as_str(), after.asks.choices(), after.required),
        ("Office", &["Berlin".to_owned(), "Porto".to_owned()][..], false)
    );

    assert!(app.page(&format!("{PAGE}?remove={}", office.id)).await.contains("Nobody has answered it yet"));
    app.submit(&app.owner, &format!("{PAGE}/{}/remove", office.id), &[]).await.redirects();
    app.let_go().await;
    assert_eq!(labels(&app), ["Start date"]);
    let log = app.page("/app/admin/settings/audit").await;
    for deed in ["added", "moved", "changed", "removed"] {
        assert!(log.contains(&format!("{deed} &#34;")), "{deed} is missing: {log}");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_stays_in_its_form() {
    let app = TestApp::start().await;
    let id = ask(&app, "Office", Kind::Choice, false).await;
    ask(&app, "Floor", Kind::Text, false).await;
    for (typed, words) in [
        ([("label", " "), ("kind", "text"), ("choices", "")], "A question needs 1 to 100 characters."),
        ([("label", "office"), ("kind", "text"), ("choices", "")], "You ask &#34;office&#34; already."),
        ([("label", "Size"), ("kind", "choice"), ("choices", "S")], "at least 2 answers"),
        ([("label", "Size"), ("kind", "choice"), ("choices", "S\ns")], "is there twice"),
    ] {
        let answer = app.submit(&app.owner, PAGE, &typed).await;
        let html = answer.text();
        assert_eq!(answer.status, 400);
        assert!(html.contains(words) && html.contains(&format!("value=\"{}\"", typed[0].1)), "{words}: {html}");
    }
    let taken = app.submit(&app.owner, &format!("{PAGE}/{id}"), &[("label", "FLOOR"), ("choices", "A\nB")]).await;
    assert_eq!(taken.status, 400);
    assert!(taken.text().contains("value=\"FLOOR\"") && taken.text().contains("A\nB</textarea>"));

    for number in 2..20 {
        ask(&app, &format!("Question {number}"), Kind::Text, false).await;
    }
    let full = app.submit(&app.owner, PAGE, &[("label", "One more"), ("kind", "text")]).await;
    assert_eq!(full.status, 400);
    assert!(app.page(PAGE).await.contains("You have 20, the most there can be."));
    assert_eq!(listed(&app).len(), 20);
}

#[tokio::test]
async fn another_organizations_question_is_like_none() {
    let app = TestApp::start().await;
    let (globex, _) = app.stranger().await;
    let foreign = ask_in(&app, &globex, new("Theirs", Kind::Text, true)).await;
    for id in [foreign.as_str(), "cf_507f1f77bcf86cd799439011"] {
        for (path, form) in [("", [("label", "Mine")]), ("/move", [("way", "up")]), ("/remove", [("way", "")])] {
            assert_eq!(app.submit(&app.owner, &format!("{PAGE}/{id}{path}"), &form).await.status, 404, "{id}{path}");
        }
        assert_eq!(app.get(&app.owner, &format!("{PAGE}?edit={id}")).await.status, 404);
        assert_eq!(app.get(&app.owner, &format!("{PAGE}?remove={id}")).await.status, 404);
    }
    // Their required question holds up nobody here, and nobody here answers it.
    let (kim, _) = app.member("kim@acme.test").await;
    let answered = app.submit(&kim, YOU, &about(&[(foreign.as_str(), "mine")])).await;
    assert_eq!(answered.redirects(), "/team-member/onboarding/photos");
    assert_eq!(app.db.read(|view| fields::count(view, &foreign)).unwrap(), 0);
}

#[tokio::test]
async fn a_required_answer_comes_before_the_photos_are_submitted() {
    let app = TestApp::start().await;
    let office = ask(&app, "Which office?", Kind::Choice, true).await;
    let agree = ask(&app, "On the website", Kind::Checkbox, true).await;
    let desk = ask(&app, "Desk", Kind::Text, false).await;
    let (kim, id) = app.member("kim@acme.test").await;
    let refused = app.submit(&kim, YOU, &about(&[(agree.as_str(), "no"), (desk.as_str(), "4 <b>")])).await;
    assert_eq!(refused.status, 400);
    let html = refused.text();
    for words in ["Choose an answer.", "Tick this box to go on.", "value=\"4 &#60;b&#62;\"", "value=\"Kim Lee\""] {
        assert!(html.contains(words), "{words} is missing: {html}");
    }
    let answers = [(office.as_str(), "Lisbon"), (agree.as_str(), "no"), (agree.as_str(), "yes"), (desk.as_str(), "")];
    assert_eq!(app.submit(&kim, YOU, &about(&answers)).await.redirects(), "/team-member/onboarding/photos");
    upload(&app, &kim, "me.jpg", portrait(1)).await.ok();
    app.submit(&kim, "/team-member/onboarding/style", &[("backdrop", "navy")]).await.redirects();
    let review = app.get(&kim, REVIEW).await.text();
    assert!(review.contains("<dt>Which office?</dt><dd>Lisbon</dd>") && review.contains("<dd>Yes</dd>"), "{review}");
    let you = app.get(&kim, YOU).await.text();
    assert!(you.contains("<option value=\"Lisbon\" selected>"), "{you}");

    // One more is asked while they look at the review.
    let late = ask(&app, "Badge", Kind::Text, true).await;
    assert_eq!(submit(&app, &kim).await.redirects(), "/team-member/onboarding");
    assert_eq!(app.get(&kim, "/team-member/onboarding").await.redirects(), YOU, "where it is asked");
    assert_eq!(shoot(&app, &id).state, State::Onboarding);
    assert_eq!(app.credits(), 100);
    app.submit(&kim, YOU, &about(&[(late.as_str(), "A7")])).await.redirects();
    assert_eq!(submit(&app, &kim).await.redirects(), "/team-member");
    assert_ne!(shoot(&app, &id).state, State::Onboarding);

    // Afterwards they change what they like, and take back nothing that is required.
    let page = "/team-member/answers";
    assert!(app.get(&kim, "/team-member/privacy").await.text().contains("<dt>Badge</dt><dd>A7</dd>"));
    let back = app.submit(&kim, page, &[(late.as_str(), " "), (desk.as_str(), "9")]).await;
    assert_eq!(back.status, 400);
    assert!(back.text().contains("This needs an answer.") && back.text().contains("value=\"9\""));
    assert_eq!(app.submit(&kim, page, &[(late.as_str(), "B8")]).await.redirects(), page);
    let member =
        app.db.read(|view| members::named(view, &app.organization, &"kim@acme.test".parse::<Email>()?)).unwrap();
    assert!(!deeds(&app, &member.id).iter().any(|(_, action)| *action == Action::MemberChanged), "their own business");

    let export = app.submit(&kim, "/team-member/privacy/export", &[]).await;
    let mut text = String::new();
    let mut archive = zip::ZipArchive::new(Cursor::new(&export.body)).unwrap();
    archive.by_name("data.json").unwrap().read_to_string(&mut text).unwrap();
    let data: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        data["answers"],
        json!([
            { "question": "Which office?", "answer": "Lisbon" }, { "question": "On the website", "answer": "Yes" },
            { "question": "Desk", "answer": null }, { "question": "Badge", "answer": "B8" },
        ])
    );
}

#[tokio::test]
async fn leads_answer_for_others_and_the_log_says_so() {
    let app = TestApp::start().await;
    let office = ask(&app, "Which office?", Kind::Choice, true).await;
    let desk = ask(&app, "=Desk", Kind::Text, false).await;
    let kim = managed(&app, "Kim Lee", None).await;
    let base = format!("/team-member/for/{kim}");
    assert_eq!(app.submit(&app.owner, &format!("{base}/onboarding/you"), &about(&[])).await.status, 400);
    let answered =
        app.submit(&app.owner, &format!("{base}/onboarding/you"), &about(&[(office.as_str(), "Berlin")])).await;
    assert_eq!(answered.redirects(), format!("{base}/onboarding/photos"));

    let person = format!("/app/admin/members/{kim}");
    let wrong = app.submit(&app.owner, &format!("{person}/answers"), &[(office.as_str(), "Rome")]).await;
    assert_eq!(wrong.status, 400);
    let form = [(office.as_str(), "Lisbon"), (desk.as_str(), "=1+1")];
    assert_eq!(app.submit(&app.owner, &format!("{person}/answers"), &form).await.redirects(), person);
    let html = app.page(&person).await;
    assert!(html.contains("value=\"=1+1\"") && html.contains("<option value=\"Lisbon\" selected>"), "{html}");
    assert!(html.contains("answers to &#34;Which office?&#34;, &#34;=Desk&#34;"), "{html}");
    let changes = deeds(&app, &kim).into_iter().filter(|(_, action)| *action == Action::MemberChanged).count();
    assert_eq!(changes, 2);

    let csv = app.get(&app.owner, "/app/admin/members.csv?sort=name&q=Kim").await.text();
    let mut lines = csv.lines();
    assert!(lines.next().unwrap().ends_with(",Headshots,Which office?,'=Desk"), "{csv}");
    assert!(lines.next().unwrap().ends_with(",0,Lisbon,'=1+1"), "{csv}");

    // A choice that is no longer offered stays readable, and can be kept.
    let change = [("label", "Which office?"), ("choices", "Berlin\nPorto"), ("required", "on")];
    let saved = app.submit(&app.owner, &format!("{PAGE}/{office}"), &change).await;
    assert!(TestApp::flash(&saved).contains("One person chose an answer that is no longer offered"));
    assert!(app.page(&person).await.contains("Lisbon (no longer offered)"));
    assert_eq!(app.submit(&app.owner, &format!("{person}/answers"), &form).await.redirects(), person);

    assert!(app.page(&format!("{PAGE}?remove={office}")).await.contains("The one answer that was given to it"));
    let gone = app.submit(&app.owner, &format!("{PAGE}/{office}/remove"), &[]).await;
    assert_eq!(gone.redirects(), PAGE);
    assert!(app.page(PAGE).await.contains("Removing &#34;Which office?&#34; and 1 answer."));
    app.let_go().await;
    assert!(!app.get(&app.owner, "/app/admin/members.csv").await.text().contains("Lisbon"));
}
