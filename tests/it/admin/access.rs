//! Who leads: promoted, demoted, handed over, and signed out with it.

use headroom::{
    auth,
    ids::MemberId,
    members::{self, Email, Role},
};

use super::scene::At;
use crate::app::{Caller, TestApp};

const PAGE: &str = "/app/admin/settings/access";

fn member(app: &TestApp, email: &str) -> members::Member {
    let email: Email = email.parse().unwrap();
    app.db.read(|view| members::named(view, &app.organization, &email)).unwrap()
}

fn renewed(answer: &crate::app::Answer) -> Caller {
    let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let value = cookies.filter_map(|cookie| cookie.strip_prefix("headroom=")).next().expect("a new cookie");
    Caller::Browser(value.split(';').next().unwrap().to_owned())
}

#[tokio::test]
async fn the_owner_makes_admins_and_members() {
    let app = TestApp::start().await;
    app.person("kim@acme.test", Some("Kim Lee"), At::Joined).await;
    let kim = app.browser(&app.organization, "kim@acme.test", Role::Member).await;
    assert!(app.page(PAGE).await.contains("There is no other admin yet"));
    let unknown = app.submit(&app.owner, PAGE, &[("email", "nobody@acme.test")]).await;
    assert_eq!(unknown.status, 400);
    assert!(
        unknown.text().contains("Nobody here has this address")
            && unknown.text().contains("value=\"nobody@acme.test\"")
    );

    let made = app.submit(&app.owner, PAGE, &[("email", "kim@acme.test")]).await;
    assert_eq!(TestApp::flash(&made), "Kim Lee is an admin now. They have to sign in again.");
    assert_eq!(app.get(&kim, "/team-member").await.status, 401, "signed out with the old privilege");
    let kim = app.browser(&app.organization, "kim@acme.test", Role::Member).await;
    let page = app.page_of(&kim, PAGE).await;
    assert!(page.contains("Step down") && !page.contains("Make someone an admin"), "{page}");

    // Only the owner changes the roles of others.
    app.person("sam@acme.test", None, At::Joined).await;
    assert_eq!(app.submit(&kim, PAGE, &[("email", "sam@acme.test")]).await.status, 403);
    let ada = member(&app, "ada@acme.test").id;
    let id = member(&app, "kim@acme.test").id;
    for path in [format!("{PAGE}/{ada}/demote"), format!("{PAGE}/{id}/owner")] {
        assert_eq!(app.submit(&kim, &path, &[("confirm", "Acme")]).await.status, 403, "{path}");
    }
    // The owner stays one, so there is always somebody who leads.
    let own = app.submit(&app.owner, &format!("{PAGE}/{ada}/demote"), &[]).await;
    assert!(TestApp::flash(&own).contains("one owner"));

    assert!(app.page(&format!("{PAGE}?demote={id}")).await.contains("Make Kim Lee a member"));
    app.submit(&app.owner, &format!("{PAGE}/{id}/demote"), &[]).await.redirects();
    assert_eq!(
        (member(&app, "kim@acme.test").role, app.get(&kim, "/team-member").await.status.as_u16()),
        (Role::Member, 401)
    );
    let log = app.page("/app/admin/settings/audit").await;
    assert!(log.contains("admin</ins>") && log.contains("member</ins>"), "{log}");
}

#[tokio::test]
async fn an_admin_steps_down_and_goes_on_under_a_new_cookie() {
    let app = TestApp::start().await;
    let ann = app.browser(&app.organization, "ann@acme.test", Role::Admin).await;
    let id = member(&app, "ann@acme.test").id;
    let down = app.submit(&ann, &format!("{PAGE}/{id}/demote"), &[]).await;
    assert_eq!(down.redirects(), "/team-member");
    assert_eq!(app.get(&ann, "/team-member").await.status, 401);
    let ann = renewed(&down);
    assert_eq!(app.get(&ann, "/team-member").await.redirects(), "/team-member/onboarding");
    assert_eq!(app.get(&ann, PAGE).await.status, 403);
}

#[tokio::test]
async fn an_organization_is_handed_over() {
    let app = TestApp::start().await;
    let ann = app.browser(&app.organization, "ann@acme.test", Role::Admin).await;
    let id = member(&app, "ann@acme.test").id;
    let asked = app.page(&format!("{PAGE}?owner={id}")).await;
    assert!(asked.contains("Hand Acme over to ann@acme.test"), "{asked}");
    let hand_over = format!("{PAGE}/{id}/owner");
    let wrong = app.submit(&app.owner, &hand_over, &[("confirm", "Globex")]).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text().contains("nothing was handed over"));
    let done = app.submit(&app.owner, &hand_over, &[("confirm", "acme")]).await;
    assert_eq!(TestApp::flash(&done), "Handed Acme over. You are an admin now.");
    let roles = ["ada@acme.test", "ann@acme.test"].map(|email| member(&app, email).role);
    assert_eq!(roles, [Role::Admin, Role::Owner]);
    for old in [&app.owner, &ann] {
        assert_eq!(app.get(old, PAGE).await.status, 401);
    }
    assert!(app.page_of(&renewed(&done), PAGE).await.contains("Step down"));
    app.run_jobs().await;
    let mut mails = app.mails();
    mails.sort();
    assert_eq!(mails, ["ada@acme.test: Acme has a new owner", "ann@acme.test: You own Acme now"]);
}

#[tokio::test]
async fn two_who_are_handed_it_at_once_make_one_owner() {
    let app = TestApp::start().await;
    for email in ["ann@acme.test", "bob@acme.test"] {
        app.browser(&app.organization, email, Role::Admin).await;
    }
    let ada = member(&app, "ada@acme.test").actor();
    let to = |email: &str| -> MemberId { member(&app, email).id };
    let hand = |id: MemberId| {
        let by = ada.clone();
        app.db.write(move |tx| auth::hand_over(tx, &by, None, &id))
    };
    let (one, two) = tokio::join!(hand(to("ann@acme.test")), hand(to("bob@acme.test")));
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|done| **done).count(), 1);
    let leads = app.db.read(|view| members::leads(view, &app.organization)).unwrap();
    assert_eq!(leads.iter().filter(|lead| lead.role == Role::Owner).count(), 1);
}

#[tokio::test]
async fn who_has_no_address_cannot_lead_and_strangers_are_like_none() {
    let app = TestApp::start().await;
    let by = app.by();
    let new = members::NewManaged {
        name: members::PersonName::parse("Kim Lee").unwrap(),
        email: None,
        title: members::Title::none(),
        team: None,
    };
    let kim = app.db.write(move |tx| headroom::shoots::add_on_behalf(tx, &by, &new)).await.unwrap().id;
    for role in [Role::Admin, Role::Owner] {
        let (by, kim) = (app.by(), kim.clone());
        let refused = app.db.write(move |tx| match role {
            Role::Owner => auth::hand_over(tx, &by, None, &kim),
            _ => auth::change_role(tx, &by, None, &kim, role),
        });
        assert!(refused.await.unwrap_err().to_string().contains("no address to sign in by"));
    }
    let (globex, _) = app.stranger().await;
    let hank = app.db.read(|view| members::leads(view, &globex)).unwrap().remove(0).id;
    for id in [hank, MemberId::new()] {
        assert_eq!(app.get(&app.owner, &format!("{PAGE}?demote={id}")).await.status, 404);
        assert_eq!(app.submit(&app.owner, &format!("{PAGE}/{id}/demote"), &[]).await.status, 404);
        assert_eq!(app.submit(&app.owner, &format!("{PAGE}/{id}/owner"), &[("confirm", "Acme")]).await.status, 404);
    }
}
