//! One person's page, and what leads do there.

use headroom::{
    ids::MemberId,
    members::{self, Email, NewManaged, PersonName, Role, Title},
    shoots::{self, State},
};

use super::scene::At;
use crate::{
    app::{Caller, TestApp},
    studio::{headshots, with_rows_of_headshots},
};

fn id_of(app: &TestApp, email: &str) -> MemberId {
    let email: Email = email.parse().unwrap();
    app.db.read(|view| members::named(view, &app.organization, &email)).unwrap().id
}

fn href(id: &MemberId) -> String {
    format!("/app/admin/members/{id}")
}

async fn managed(app: &TestApp, name: &str) -> MemberId {
    let new = NewManaged { name: PersonName::parse(name).unwrap(), email: None, title: Title::none(), team: None };
    let by = app.by();
    app.db.write(move |tx| shoots::add_on_behalf(tx, &by, &new)).await.unwrap().id
}

#[tokio::test]
async fn it_shows_who_they_are_and_what_happened() {
    let app = TestApp::start().await;
    let (kim, shoot) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let first = headshots(&app, &shoot)[0].id.clone();
    app.submit(&kim, &format!("/team-member/headshots/{first}/favourite"), &[]).await.redirects();
    let id = id_of(&app, "kim@acme.test");
    assert!(app.page("/app/admin/members").await.contains(&format!("href=\"{}\"", href(&id))));
    let html = app.page(&href(&id)).await;
    for known in [
        "Kim Lee",
        "kim@acme.test",
        "Signs in by themselves",
        "Favourite chosen",
        "Headshots ready",
        "Photos submitted",
        "1 photo added",
        "Joined",
        "Invited",
    ] {
        assert!(html.contains(known), "{known} is missing: {html}");
    }
    let order: Vec<_> = ["Favourite chosen", "Headshots ready", "Photos submitted", "Invited"]
        .map(|words| html.find(words).unwrap())
        .into();
    assert!(order.is_sorted(), "newest first");
    assert_eq!(
        html.matches("/thumbnail.jpg").count(),
        headshots(&app, &shoot).len() + 1,
        "all of them, and one in the head"
    );
    assert!(!html.contains("/team-member/for/"), "nobody acts for someone who signs in");
}

#[tokio::test]
async fn details_are_changed_and_what_is_wrong_stays() {
    let app = TestApp::start().await;
    let team = app.team(&app.organization, "Design").await;
    let (globex, _) = app.stranger().await;
    let foreign = app.team(&globex, "Theirs").await;
    let kim = managed(&app, "Kim Lee").await;
    app.person("sam@acme.test", Some("Sam"), At::Joined).await;
    let sam = id_of(&app, "sam@acme.test");

    let saved = app
        .submit(&app.owner, &href(&kim), &[("name", "Kim Roe"), ("title", "Painter"), ("team", team.as_str())])
        .await;
    assert_eq!(
        (saved.redirects(), TestApp::flash(&saved).as_str()),
        (href(&kim).as_str(), "Saved the details of Kim Roe.")
    );
    let html = app.page(&href(&kim)).await;
    assert!(
        html.contains("value=\"Painter\"")
            && html.contains("Changed the team of")
            && html.contains("Changed the details of")
    );
    let wrong = app.submit(&app.owner, &href(&kim), &[("name", " "), ("title", "Sculptor")]).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text().contains("Enter a name of up to 200") && wrong.text().contains("value=\"Sculptor\""));
    assert_eq!(app.submit(&app.owner, &href(&kim), &[("name", "Kim"), ("team", foreign.as_str())]).await.status, 404);
    // Who signs in says their own name.
    app.submit(&app.owner, &href(&sam), &[("name", "Eve"), ("title", "")]).await.redirects();
    assert_eq!(app.db.read(|view| members::get(view, &sam)).unwrap().name.as_deref(), Some("Sam"));
}

#[tokio::test]
async fn an_address_can_be_given_later_once() {
    let app = TestApp::start().await;
    let kim = managed(&app, "Kim Lee").await;
    let address = format!("{}/address", href(&kim));
    for (email, words) in
        [("ada@acme.test", "is a member of your organization already"), ("kim", "is not an e-mail address")]
    {
        let refused = app.submit(&app.owner, &address, &[("email", email)]).await;
        assert!(refused.status.is_client_error() && refused.text().contains(words), "{}", refused.text());
        assert!(refused.text().contains(&format!("value=\"{email}\"")));
    }
    let given = app.submit(&app.owner, &address, &[("email", "Kim@acme.test")]).await;
    assert_eq!(TestApp::flash(&given), "Kim Lee can sign in by this address now.");
    assert_eq!(id_of(&app, "kim@acme.test"), kim);
    assert_eq!(app.submit(&app.owner, &address, &[("email", "kim2@acme.test")]).await.status, 400);
    app.submit(&Caller::Nobody, "/team-access", &[("email", "kim@acme.test")]).await;
    app.run_jobs().await;
    assert_eq!(app.mails(), ["kim@acme.test: Sign in to Acme"]);
}

#[tokio::test]
async fn a_retry_costs_nothing_and_is_told() {
    let app = TestApp::start().await;
    let (kim, _) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let (id, credits) = (id_of(&app, "kim@acme.test"), app.credits());
    let asked = app.page(&format!("{}?ask=retry", href(&id))).await;
    assert!(asked.contains("It costs no credit. The headshots made so far are kept."), "{asked}");
    let granted = app.submit(&app.owner, &format!("{}/retry", href(&id)), &[]).await;
    assert_eq!(TestApp::flash(&granted), "Kim Lee can make headshots once more.");
    let again = app.submit(&app.owner, &format!("{}/retry", href(&id)), &[]).await;
    assert!(TestApp::flash(&again).contains("still adding photos"));
    app.run_jobs().await;
    let mail = app.outbox().into_iter().find(|mail| mail.subject == "You can make new headshots").unwrap();
    assert!(mail.text.unwrap().contains("/auth/link/"));
    assert_eq!(app.get(&kim, "/team-member").await.redirects(), "/team-member/onboarding");
    assert_eq!(app.credits(), credits);
    assert!(!app.page(&href(&id)).await.contains("?ask=retry"));
}

#[tokio::test]
async fn removal_says_what_goes_and_asks_for_the_name() {
    let app = TestApp::start().await;
    let (kim, shoot) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let id = id_of(&app, "kim@acme.test");
    let asked = app.page(&format!("{}?ask=remove", href(&id))).await;
    assert!(
        asked.contains("1 shoot with 6 headshots and all uploaded photos are deleted for good.")
            && asked.contains("Their account stays theirs"),
        "{asked}"
    );
    let remove = format!("{}/remove", href(&id));
    let wrong = app.submit(&app.owner, &remove, &[("confirm", "Kim")]).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text().contains("nothing was removed"));
    let removed = app.submit(&app.owner, &remove, &[("confirm", " kim lee ")]).await;
    assert_eq!(removed.redirects(), "/app/admin/members");
    let going = app.page(&href(&id)).await;
    assert!(going.contains("Kim Lee is being removed") && !going.contains("?ask=remove"), "{going}");
    app.let_go().await;
    assert_eq!(crate::studio::shoot(&app, &shoot).state, State::Deleted);
    assert_eq!(app.get(&kim, "/team-member").await.status, 403);
    assert_eq!(app.get(&app.owner, &href(&id)).await.status, 404);

    let lee = managed(&app, "Lee Roe").await;
    assert!(app.page(&format!("{}?ask=remove", href(&lee))).await.contains("Their account is deleted."));
    app.submit(&app.owner, &format!("{}/remove", href(&lee)), &[]).await.redirects();
    app.let_go().await;
    assert_eq!(app.get(&app.owner, &href(&lee)).await.status, 404);
}

#[tokio::test]
async fn more_than_three_shoots_are_for_the_operator() {
    let app = TestApp::start().await;
    let lee = managed(&app, "Lee Roe").await;
    let (organization, member) = (app.organization.clone(), lee.clone());
    app.db
        .write(move |tx| (0..3).try_for_each(|_| shoots::begin(tx, &organization, &member, true).map(drop)))
        .await
        .unwrap();
    let html = app.page(&format!("{}?ask=remove", href(&lee))).await;
    assert!(html.contains(&format!("headroom member remove --org {} {lee} --force", app.organization)), "{html}");
    assert!(!html.contains("<dialog open"));
    let refused = app.submit(&app.owner, &format!("{}/remove", href(&lee)), &[]).await;
    assert!(TestApp::flash(&refused).contains("has 4 shoots"));
}

#[tokio::test]
async fn another_organizations_people_are_like_none() {
    let app = TestApp::start().await;
    let kim = managed(&app, "Kim Lee").await;
    let (globex, _) = app.stranger().await;
    let hank = app.browser(&globex, "hank@globex.test", Role::Owner).await;
    let (member, _) = app.member("sam@acme.test").await;
    for id in [&kim, &MemberId::new()] {
        assert_eq!(app.get(&hank, &href(id)).await.status, 404);
        for form in ["", "/address", "/retry", "/remove"] {
            let path = format!("{}{form}", href(id));
            let fields = [("name", "x"), ("email", "x@globex.test"), ("confirm", "Kim Lee")];
            assert_eq!(app.submit(&hank, &path, &fields).await.status, 404, "{path}");
            assert_eq!(app.submit(&member, &path, &fields).await.status, 403, "{path}");
        }
    }
}

#[tokio::test]
async fn someone_looked_after_is_told_of_a_retry_where_they_have_an_address() {
    let app = TestApp::start().await;
    let kim = managed(&app, "Kim Lee").await;
    app.submit(&app.owner, &format!("{}/address", href(&kim)), &[("email", "kim@acme.test")]).await;
    let shoot = app.db.read(|view| shoots::latest(view, &kim)).unwrap().unwrap().id;
    crate::studio::pack(&app, &shoot).await;
    crate::studio::finish_packed(&app, &shoot).await;
    app.submit(&app.owner, &format!("{}/retry", href(&kim)), &[]).await;
    app.run_jobs().await;
    let told = app.mails();
    assert!(told.contains(&"kim@acme.test: You can make new headshots".to_owned()), "{told:?}");
}
