use std::time::Duration;

use headroom::{invites, mail::Delivery, members::Role};

use super::scene::At;
use crate::app::TestApp;

const PAGE: &str = "/app/admin/invites";
const MONTH: Duration = Duration::from_secs(31 * 24 * 60 * 60);

#[tokio::test]
async fn every_tab_says_what_it_is_for_while_it_is_empty() {
    let app = TestApp::start().await;
    for (tab, words) in [
        ("pending", "No pending invites"),
        ("accepted", "Nobody has accepted yet"),
        ("expired", "No invite has expired"),
        ("not-delivered", "Nothing was refused"),
        ("revoked", "No invite was revoked"),
    ] {
        assert!(app.page(&format!("{PAGE}?tab={tab}")).await.contains(words), "{tab}");
    }
    assert!(app.page(&format!("{PAGE}?q=kim")).await.contains("No invite matches"));
}

#[tokio::test]
async fn invites_are_listed_by_what_became_of_them() {
    let app = TestApp::start().await;
    app.person("old@acme.test", None, At::Invited).await;
    app.advance(MONTH).await;
    let owner = app.browser(&app.organization, "ada@acme.test", Role::Owner).await;
    app.person("ann@acme.test", None, At::Joined).await;
    let lost = app.person("lost@acme.test", None, At::Invited).await;
    let kim = app.person("kim@acme.test", None, At::Invited).await;
    app.run_jobs().await;
    app.refuse_mail(lost, Delivery::Deferred("451 Try later".to_owned())).await;

    let pending = app.page_of(&owner, PAGE).await;
    assert!(
        pending.contains("kim@acme.test") && pending.contains("lost@acme.test") && !pending.contains("old@acme.test")
    );
    // No job is left that would try it again, so that is not said.
    assert!(pending.contains("The mail did not arrive.") && pending.contains("<q>451 Try later</q>"), "{pending}");
    assert!(pending.contains("Send again <") && pending.contains("Correct <"));
    assert!(pending.contains(&format!("/auth/signup?invite={}", kim.id)));
    for (words, count) in [("Pending", 2), ("Accepted", 1), ("Expired", 1), ("Not delivered", 1), ("Revoked", 0)] {
        assert!(pending.contains(&format!("{words}<span class=\"count\">{count}</span>")), "{words}");
    }
    let lost = app.page_of(&owner, &format!("{PAGE}?tab=not-delivered")).await;
    assert!(lost.contains("lost@acme.test") && !lost.contains("kim@acme.test"));
    let expired = app.page_of(&owner, &format!("{PAGE}?tab=expired")).await;
    assert!(expired.contains("old@acme.test") && expired.contains("Invite again") && !expired.contains("Revoke <"));
    let found = app.page_of(&owner, &format!("{PAGE}?q=KIM@")).await;
    assert!(found.contains("kim@acme.test") && !found.contains("lost@acme.test"));
}

#[tokio::test]
async fn an_invite_is_sent_again() {
    let app = TestApp::start().await;
    let kim = app.person("kim@acme.test", None, At::Invited).await;
    app.run_jobs().await;
    let answer = app.submit(&app.owner, &format!("{PAGE}/{}/resend?q=kim", kim.id), &[]).await;
    assert_eq!(answer.redirects(), "/app/admin/invites?q=kim");
    assert_eq!(TestApp::flash(&answer), "Wrote the invite to kim@acme.test again; it is in the outbox.");
    app.run_jobs().await;
    assert_eq!(app.mails().len(), 2);
    let gone = app.person("ann@acme.test", None, At::Joined).await;
    assert_eq!(app.submit(&app.owner, &format!("{PAGE}/{}/resend", gone.id), &[]).await.status, 400);
}

#[tokio::test]
async fn a_pending_invite_is_revoked() {
    let app = TestApp::start().await;
    let kim = app.person("kim@acme.test", None, At::Invited).await;
    let answer = app.submit(&app.owner, &format!("{PAGE}/{}/revoke", kim.id), &[]).await;
    assert_eq!(answer.redirects(), PAGE);
    assert!(app.page(PAGE).await.contains("Revoking the invite of kim@acme.test."));
    app.let_go().await;
    assert!(app.page(&format!("{PAGE}?tab=revoked")).await.contains("kim@acme.test"));
    assert_eq!(app.submit(&app.owner, &format!("{PAGE}/{}/revoke", kim.id), &[]).await.status, 400);
}

#[tokio::test]
async fn someone_who_joined_goes_only_when_the_address_is_typed() {
    let app = TestApp::start().await;
    let kim = app.person("kim@acme.test", Some("Kim"), At::Uploading).await;
    let asked = app.page(&format!("{PAGE}?tab=accepted&revoke={}", kim.id)).await;
    assert!(
        asked.contains("They have joined.")
            && asked.contains("the photos they added")
            && asked.contains("To confirm, type")
    );
    let path = format!("{PAGE}/{}/revoke?tab=accepted", kim.id);
    let refused = app.submit(&app.owner, &path, &[("confirm", "kim@acme")]).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("What you typed is not the address, so nothing was revoked."));
    assert_eq!(app.member_ids().len(), 2);
    let answer = app.submit(&app.owner, &path, &[("confirm", " Kim@acme.test")]).await;
    assert_eq!(answer.redirects(), "/app/admin/invites?tab=accepted");
    app.let_go().await;
    assert_eq!(app.member_ids().len(), 1);
}

#[tokio::test]
async fn an_old_invite_is_revoked_without_the_newer_one_of_its_address() {
    let app = TestApp::start().await;
    let old = app.person("kim@acme.test", None, At::Invited).await;
    app.advance(MONTH).await;
    let owner = app.browser(&app.organization, "ada@acme.test", Role::Owner).await;
    let new = app.person("kim@acme.test", None, At::Invited).await;
    app.submit(&owner, &format!("{PAGE}/{}/revoke", old.id), &[]).await.redirects();
    app.let_go().await;
    let state = |id| app.db.read(|view| invites::get(view, id)).unwrap().state;
    assert_eq!((state(&old.id), state(&new.id)), (invites::State::Revoked, invites::State::Pending));
}

#[tokio::test]
async fn another_organizations_invite_is_like_none() {
    let app = TestApp::start().await;
    let (globex, _) = app.stranger().await;
    let foreign = app.invite_into(&globex, "kim@globex.test").await;
    for verb in ["resend", "revoke"] {
        let path = |id: &str| format!("{PAGE}/{id}/{verb}");
        let theirs = app.submit(&app.owner, &path(foreign.as_str()), &[]).await;
        let random = app.submit(&app.owner, &path("507f1f77bcf86cd799439011"), &[]).await;
        assert_eq!((theirs.status, random.status), (random.status, reqwest::StatusCode::NOT_FOUND), "{verb}");
        assert_eq!(app.submit(&app.owner, &path("nonsense"), &[]).await.status, 404);
    }
    assert_eq!(app.get(&app.owner, &format!("{PAGE}?revoke={foreign}")).await.status, 404);
}

#[tokio::test]
async fn a_wrong_address_is_corrected_in_one_go() {
    let app = TestApp::start().await;
    let team = app.team(&app.organization, "Design").await;
    let (by, into) = (app.by(), team.clone());
    let lost = app
        .db
        .write(move |tx| super::scene::person(tx, &by, "kim@acme.tset", None, Some(&into), At::Invited))
        .await
        .unwrap();
    app.person("ann@acme.test", None, At::Joined).await;
    app.run_jobs().await;
    app.refuse_mail(lost.clone(), Delivery::Refused("550 No such host".to_owned())).await;
    let tab = format!("{PAGE}?tab=not-delivered");
    assert!(app.page(&tab).await.contains(&format!("correct={}", lost.id)));
    let asked = app.page(&format!("{tab}&correct={}", lost.id)).await;
    assert!(asked.contains("Correct the address") && asked.contains("into Design as well"), "{asked}");

    let path = format!("{PAGE}/{}/correct?tab=not-delivered", lost.id);
    for (typed, why) in [
        ("kim@acme", "is not an e-mail address"),
        ("ann@acme.test", "is a member of your organization"),
        ("kim@acme.tset", "This is the address the invite went to"),
    ] {
        let refused = app.submit(&app.owner, &path, &[("email", typed)]).await;
        assert_eq!(refused.status, 400, "{typed}");
        assert!(refused.text().contains(why) && refused.text().contains(&format!("value=\"{typed}\"")), "{typed}");
    }
    let still = app.db.read(|view| invites::get(view, &lost.id)).unwrap();
    assert_eq!(still.state, invites::State::Pending, "a refusal takes nothing back");
    let answer = app.submit(&app.owner, &path, &[("email", " Kim@acme.test ")]).await;
    assert_eq!(answer.redirects(), tab);
    assert_eq!(TestApp::flash(&answer), "Invited kim@acme.test instead.");
    let pending = app.page(PAGE).await;
    assert!(pending.contains("kim@acme.test") && pending.contains("Design</td>") && !pending.contains("tset"));
    assert!(app.page(&format!("{PAGE}?tab=revoked")).await.contains("kim@acme.tset"));
    assert_eq!(app.submit(&app.owner, &path, &[("email", "sam@acme.test")]).await.status, 400);
}

#[tokio::test]
async fn after_a_retry_an_invite_follows_the_new_shoot() {
    let app = TestApp::start().await;
    let invite = app.person("kim@acme.test", Some("Kim"), At::Finished).await;
    let first = app.get(&app.lead, "/api/v2/organization/invites/kim@acme.test").await.ok();
    assert_eq!(first["invite"]["status"], "completed");
    let (by, old) = (app.by(), first["invite"]["modelId"].as_str().unwrap().to_owned());
    app.db.write(move |tx| headroom::shoots::let_retry(tx, &by, &"kim@acme.test".parse()?)).await.unwrap();

    let again = app.get(&app.lead, "/api/v2/organization/invites/kim@acme.test").await.ok();
    assert_eq!(again["invite"]["status"], "accepted");
    assert_ne!(again["invite"]["modelId"], old);
    let members = app.get(&app.lead, "/api/v2/organization/team").await.ok();
    let kim = members["members"].as_array().unwrap().iter().find(|one| one["email"] == "kim@acme.test").unwrap();
    assert_eq!(again["invite"]["modelId"], kim["modelId"]);
    for path in ["/api/v2/organization/invites", "/api/v2/organization/invites?limit=5"] {
        let listed = app.get(&app.lead, path).await.ok();
        assert_eq!(listed["invites"][0]["modelId"], kim["modelId"], "{path}");
    }
    let v1 = app.get(&app.lead, &format!("/api/v1/organization/invite/id/{}", invite.id)).await.ok();
    assert_eq!(v1["invite"]["status"], "waiting-for-upload");
}
