//! An account of one's own becomes a member's: its headshots go first, and only when its person says so. And people who come
//! from another organization. [000]

use std::time::Duration;

use headroom::{
    invites::{self, NewInvite},
    members::{self, Actor, Role},
    organizations,
    shoots::{self, State},
};
use serde_json::{Value, json};

use super::{
    alone::{on_their_own, open_to_all, place, with_a_photo},
    factors::enrol,
    joining::{ask, follow, link, revoke, uses},
    open, press, signed_in,
};
use crate::{
    app::{Answer, Caller, INVITES, TestApp},
    studio,
};

const CONVERT: &str = "/team-member/convert";

async fn convert(app: &TestApp, who: &Caller) -> Answer {
    app.submit(who, CONVERT, &[]).await
}

/// Kim with finished headshots of their own.
async fn kim_with_headshots(app: &TestApp) -> headroom::ids::ShootId {
    on_their_own(app, "kim@home.test").await;
    let shoot = with_a_photo(app, "kim@home.test").await;
    studio::finish_packed(app, &shoot).await;
    shoot
}

fn state(app: &TestApp, shoot: &headroom::ids::ShootId) -> State {
    studio::shoot(app, shoot).state
}

#[tokio::test]
async fn an_account_without_headshots_is_converted_on_the_way_in() {
    let app = open_to_all().await;
    on_their_own(&app, "kim@home.test").await;
    let own = place(&app, "kim@home.test").unwrap().organization;
    let (_, path) = link(&app, &json!({ "limit": 1 })).await;
    ask(&app, &path, "kim@home.test").await;
    assert_eq!(follow(&app, "kim@home.test").await.redirects(), "/team-member/onboarding");
    assert_eq!(place(&app, "kim@home.test").unwrap().organization, app.organization);
    assert_eq!(uses(&app).await, 1);
    let left = app.db.read(|view| members::count(view, &own, &members::Filter::default())).unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn headshots_of_ones_own_go_first_and_only_by_the_button() {
    let app = open_to_all().await;
    let mine = kim_with_headshots(&app).await;
    let (_, path) = link(&app, &json!({ "limit": 1 })).await;
    ask(&app, &path, "kim@home.test").await;
    let token = app.token_for("kim@home.test");
    let shown = open(&app, &Caller::Nobody, &token).await;
    assert!(shown.page.contains("You have headshots of your own"), "{}", shown.page);
    let entered = press(&app, &Caller::Nobody, &token, &shown, &[]).await;
    assert_eq!(entered.redirects(), CONVERT);
    let kim = signed_in(&entered);
    let page = app.get(&kim, CONVERT).await.text();
    assert!(page.contains("<h1>Join Acme</h1>") && page.contains("Remove and join"), "{page}");
    assert!(page.contains(&format!("/team-member/shoots/{mine}/headshots.zip")), "{page}");
    assert!(page.contains(" headshots</dd>"), "{page}");
    assert_eq!((uses(&app).await, state(&app, &mine)), (json!(0), State::Ready), "signing in alone joins nothing");
    assert_eq!(app.get(&kim, "/team-member").await.status, 200, "not now");

    // Later, by the same open link: the same page again.
    ask(&app, &path, "kim@home.test").await;
    let entered = follow(&app, "kim@home.test").await;
    assert_eq!(entered.redirects(), CONVERT);
    let kim = signed_in(&entered);
    assert_eq!(convert(&app, &kim).await.redirects(), "/team-member/onboarding");
    app.run_jobs().await;
    assert_eq!((uses(&app).await, state(&app, &mine)), (json!(1), State::Deleted));
    assert!(studio::headshots(&app, &mine).is_empty(), "their files are gone");
    let member = place(&app, "kim@home.test").unwrap();
    assert_eq!((member.organization, member.role), (app.organization.clone(), Role::Member));
    // Pressed twice, or in another window.
    assert_eq!(convert(&app, &kim).await.redirects(), "/team-member");
    assert_eq!(app.get(&kim, CONVERT).await.redirects(), "/team-member");
    assert_eq!(app.db.read(|view| shoots::of_member(view, &member.id)).unwrap().len(), 1);
    assert_eq!(uses(&app).await, 1);
}

#[tokio::test]
async fn an_invite_waits_as_long_as_its_person_wants() {
    let app = open_to_all().await;
    let mine = kim_with_headshots(&app).await;
    app.post(&app.lead, INVITES, &json!({ "email": "kim@home.test" })).await.ok();
    app.run_jobs().await;
    assert_eq!(follow(&app, "kim@home.test").await.redirects(), CONVERT);
    // Days later, back by the door of everyone: the invite is still offered.
    app.advance(Duration::from_secs(10 * 24 * 60 * 60)).await;
    app.submit(&Caller::Nobody, "/team-access", &[("email", "kim@home.test")]).await;
    app.run_jobs().await;
    let back = follow(&app, "kim@home.test").await;
    assert_eq!(back.redirects(), "/team-member", "an invite neither moves nor locks out");
    let kim = signed_in(&back);
    let page = app.get(&kim, "/team-member").await.text();
    assert!(page.contains("Acme has invited you") && page.contains(CONVERT), "{page}");
    assert_eq!(convert(&app, &kim).await.redirects(), "/team-member/onboarding");
    assert_eq!(state(&app, &mine), State::Deleted);
    let invite = app.get(&app.lead, &format!("{INVITES}/kim@home.test")).await.ok()["invite"].clone();
    assert_eq!(invite["status"], "accepted");
}

#[tokio::test]
async fn a_way_in_that_closes_meanwhile_costs_nothing() {
    let app = open_to_all().await;
    let mine = kim_with_headshots(&app).await;
    let lost_nothing = |answer: Answer, title: &str| {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(
            answer.text().contains(title) && answer.text().contains("Nothing of yours was touched"),
            "{}",
            answer.text()
        );
        assert_eq!(state(&app, &mine), State::Ready);
        assert_ne!(place(&app, "kim@home.test").unwrap().organization, app.organization);
    };
    // Revoked.
    let (made, path) = link(&app, &json!({})).await;
    ask(&app, &path, "kim@home.test").await;
    let kim = signed_in(&follow(&app, "kim@home.test").await);
    revoke(&app, &made).await;
    lost_nothing(convert(&app, &kim).await, "This invite link was revoked");
    assert!(app.get(&kim, CONVERT).await.text().contains("This invite link was revoked"));
    // Used up by someone else.
    let (_, path) = link(&app, &json!({ "limit": 1 })).await;
    ask(&app, &path, "kim@home.test").await;
    let kim = signed_in(&follow(&app, "kim@home.test").await);
    ask(&app, &path, "lee@acme.test").await;
    assert_eq!(follow(&app, "lee@acme.test").await.redirects(), "/team-member/onboarding");
    lost_nothing(convert(&app, &kim).await, "This invite link is used up");
    // Its time is over.
    let end = app.db.clock().now() + Duration::from_secs(60 * 60);
    let (_, path) = link(&app, &json!({ "expiresAt": end })).await;
    ask(&app, &path, "kim@home.test").await;
    let kim = signed_in(&follow(&app, "kim@home.test").await);
    app.advance(Duration::from_secs(61 * 60)).await;
    lost_nothing(convert(&app, &kim).await, "This invite link has expired");
    // A personal invite, revoked.
    app.post(&app.lead, INVITES, &json!({ "email": "kim@home.test" })).await.ok();
    app.run_jobs().await;
    let kim = signed_in(&follow(&app, "kim@home.test").await);
    app.post(&app.lead, &format!("{INVITES}/revoke"), &json!({ "email": "kim@home.test" })).await.ok();
    lost_nothing(convert(&app, &kim).await, "This invite was revoked");
}

#[tokio::test]
async fn nobody_converts_without_a_way_in() {
    let app = open_to_all().await;
    let mine = kim_with_headshots(&app).await;
    let kim = on_their_own(&app, "kim@home.test").await;
    assert_eq!(app.get(&kim, CONVERT).await.redirects(), "/team-member");
    assert_eq!(convert(&app, &kim).await.redirects(), "/team-member");
    assert_eq!(state(&app, &mine), State::Ready);
    let (lee, _) = app.member("lee@acme.test").await;
    assert_eq!(convert(&app, &lee).await.redirects(), "/team-member");
    assert_eq!(convert(&app, &Caller::Nobody).await.status, 401);
}

/// Ida of Globex, with this role there.
async fn ida(app: &TestApp, role: Role) -> (members::Member, headroom::ids::ShootId) {
    let (globex, _) = app.stranger().await;
    let by = Actor::operator(globex);
    app.db
        .write(move |tx| {
            let invite = invites::invite(tx, &by, &NewInvite { email: "ida@globex.test".parse()?, team: None })?;
            let (_, member) = invites::accept(tx, &invite.id)?;
            tx.execute("update members set role = ?2 where id = ?1", (&member.id, role))?;
            let shoot = shoots::latest(tx, &member.id)?.expect("a shoot").id;
            Ok((members::get(tx, &member.id)?, shoot))
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn someone_elses_lead_is_told_what_they_give_up() {
    let app = open_to_all().await;
    let (before, shoot) = ida(&app, Role::Admin).await;
    studio::pack(&app, &shoot).await;
    studio::finish_packed(&app, &shoot).await;
    let (_, path) = link(&app, &json!({})).await;
    ask(&app, &path, "ida@globex.test").await;
    let token = app.token_for("ida@globex.test");
    let page = open(&app, &Caller::Nobody, &token).await.page;
    assert!(page.contains("You will leave Globex") && page.contains("part in leading Globex"), "{page}");
    assert!(page.contains("The headshots made there stay with Globex"), "{page}");
    assert!(!page.contains("not submitted are deleted"), "{page}");
    assert_eq!(follow(&app, "ida@globex.test").await.redirects(), "/team-member/onboarding");
    let kept = studio::shoot(&app, &shoot);
    assert_eq!((kept.state, kept.organization, kept.member), (State::Ready, before.organization.clone(), None));
    let after = place(&app, "ida@globex.test").unwrap();
    assert_eq!((after.organization, after.role), (app.organization.clone(), Role::Member));
}

#[tokio::test]
async fn what_was_only_begun_elsewhere_goes_with_leaving() {
    let app = open_to_all().await;
    let (_, shoot) = ida(&app, Role::Member).await;
    studio::pack(&app, &shoot).await;
    let (_, path) = link(&app, &json!({})).await;
    ask(&app, &path, "ida@globex.test").await;
    let page = open(&app, &Caller::Nobody, &app.token_for("ida@globex.test")).await.page;
    assert!(page.contains("membership of Globex") && page.contains("not submitted are deleted"), "{page}");
    assert_eq!(follow(&app, "ida@globex.test").await.redirects(), "/team-member/onboarding");
    app.run_jobs().await;
    assert_eq!(studio::shoot(&app, &shoot).state, State::Deleted);
    assert!(studio::photos(&app, &shoot).is_empty());
}

#[tokio::test]
async fn an_owner_is_told_what_to_do_first_and_the_link_stays_good() {
    let app = open_to_all().await;
    let (before, _) = ida(&app, Role::Admin).await;
    let (owner, globex) = (before.id.clone(), before.organization.clone());
    let swap = move |first: Role, second: Role| {
        let (owner, globex) = (owner.clone(), globex.clone());
        move |tx: &headroom::db::Tx| -> headroom::error::Result<()> {
            let (hank, ida) = ("hank@globex.test".parse()?, owner.clone());
            let hank = members::named(tx, &globex, &hank)?.id;
            tx.execute("update members set role = 'member' where organization_id = ?1", [&globex])?;
            tx.execute("update members set role = ?2 where id = ?1", (&hank, first))?;
            tx.execute("update members set role = ?2 where id = ?1", (&ida, second))?;
            Ok(())
        }
    };
    app.db.write(swap(Role::Admin, Role::Owner)).await.unwrap();
    let (_, path) = link(&app, &json!({ "limit": 1 })).await;
    ask(&app, &path, "ida@globex.test").await;
    let token = app.token_for("ida@globex.test");
    let page = open(&app, &Caller::Nobody, &token).await.page;
    assert!(page.contains("You own Globex") && page.contains("People with access"), "{page}");
    assert!(!page.contains("name=\"nonce\""), "there is nothing to press: {page}");
    let code = super::words::code_for(&app, "ida@globex.test");
    let by_code = app.submit(&Caller::Nobody, "/auth/code", &[("email", "ida@globex.test"), ("code", &code)]).await;
    assert!(by_code.status == 403 && by_code.text().contains("Hand it over"), "{}", by_code.text());
    assert_eq!(uses(&app).await, 0);
    // Handed over, the same link works.
    app.db.write(swap(Role::Owner, Role::Admin)).await.unwrap();
    assert_eq!(follow(&app, "ida@globex.test").await.redirects(), "/team-member/onboarding");
    let globex: Value = app.db.read(|view| Ok(json!(organizations::get(view, &before.organization)?.name))).unwrap();
    assert_eq!((uses(&app).await, globex), (json!(1), json!("Globex")));
}

#[tokio::test]
async fn showing_who_one_is_again_joins_nothing_and_works_when_the_way_is_closed() {
    let app = open_to_all().await;
    let mine = kim_with_headshots(&app).await;
    let phone = enrol(&app, &on_their_own(&app, "kim@home.test").await).await;
    let (made, path) = link(&app, &json!({})).await;
    ask(&app, &path, "kim@home.test").await;
    let half = signed_in(&follow(&app, "kim@home.test").await);
    let entered = app.submit(&half, "/signin/second", &[("code", &phone.digits(&app))]).await;
    assert_eq!(entered.redirects(), CONVERT);
    let kim = signed_in(&entered);
    let gone = app.submit(&kim, &format!("/team-member/privacy/shoots/{mine}/delete"), &[]).await;
    assert_eq!(gone.status, 303, "{}", gone.text());
    app.let_go().await;

    app.db.clock().advance(Duration::from_secs(60));
    let proven = app.submit(&kim, "/account/prove", &[("code", &phone.digits(&app))]).await;
    assert_eq!(proven.redirects(), "/account", "{}", proven.text());
    assert_ne!(place(&app, "kim@home.test").unwrap().organization, app.organization, "nobody asked to join");
    let kim = signed_in(&proven);
    assert!(app.get(&kim, CONVERT).await.text().contains("<h1>Join Acme</h1>"), "it still waits");

    revoke(&app, &made).await;
    app.db.clock().advance(Duration::from_secs(60));
    let proven = app.submit(&kim, "/account/prove", &[("code", &phone.digits(&app))]).await;
    assert_eq!(proven.redirects(), "/account", "{}", proven.text());
}
