//! Second factors of the leads: needed, listed, reset.

use headroom::members::{self, Role};

use crate::{
    app::{Caller, INVITES, TestApp},
    signing_in::factors::{enrol, halfway},
};

const PAGE: &str = "/app/admin/settings/two-factor";

#[tokio::test]
async fn leads_without_one_see_only_where_to_add_it() {
    let app = TestApp::start().await;
    let first = app.submit(&app.owner, PAGE, &[("required", "on")]).await;
    assert_eq!(TestApp::flash(&first), "Add a second factor to your own account first, under Account.");
    enrol(&app, &app.owner).await;
    let lee = app.browser(&app.organization, "lee@acme.test", Role::Admin).await;
    let (kim, _) = app.member("kim@acme.test").await;
    assert_eq!(app.submit(&lee, PAGE, &[("required", "on")]).await.status, 403, "only the owner decides");
    let on = app.submit(&app.owner, PAGE, &[("required", "on")]).await;
    assert_eq!(TestApp::flash(&on), "Leads need a second factor from now on.");

    for path in ["/app/admin", "/app/admin/members", "/app/admin/api", PAGE, "/team-member"] {
        assert_eq!(app.get(&lee, path).await.redirects(), "/account", "{path}");
    }
    let posted = app.submit(&lee, "/app/admin/teams", &[("name", "Sales")]).await;
    assert_eq!(posted.redirects(), "/account");
    assert!(!app.page("/app/admin/teams").await.contains("Sales"));
    assert!(app.page_of(&lee, "/account").await.contains("Acme asks its leads for one"));
    assert_eq!(app.get(&kim, "/team-member").await.status, 303, "members are not asked");
    assert!(app.get(&kim, "/team-member").await.redirects().starts_with("/team-member/"));
    app.get(&app.lead, INVITES).await.ok();

    enrol(&app, &lee).await;
    assert_eq!(app.get(&lee, "/app/admin").await.status, 200);
    let refused = app.submit(&lee, "/account/authenticator/remove", &[]).await;
    assert!(TestApp::flash(&refused).contains("this is your only one"));
    assert_eq!(app.get(&lee, "/app/admin").await.status, 200);
    let audit = app.page("/app/admin/settings/audit").await;
    assert!(audit.contains("Changed two-factor for leads"), "{audit}");
}

#[tokio::test]
async fn the_owner_resets_what_a_lead_has_lost() {
    let app = TestApp::start().await;
    let lee = app.browser(&app.organization, "lee@acme.test", Role::Admin).await;
    assert!(app.page(PAGE).await.contains("None"));
    enrol(&app, &lee).await;
    let page = app.page(PAGE).await;
    assert!(page.contains("authenticator app") && page.contains("lee@acme.test"), "{page}");
    let id = page.split("?reset=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(app.page(&format!("{PAGE}?reset={id}")).await.contains("every browser of theirs is signed out"));
    let path = format!("{PAGE}/{id}/reset");
    assert_eq!(app.submit(&lee, &path, &[]).await.status, 403);
    let reset = app.submit(&app.owner, &path, &[]).await;
    assert_eq!(TestApp::flash(&reset), "Reset two-factor of lee@acme.test.");
    assert_eq!(app.get(&lee, "/app/admin").await.status, 401);
    assert!(app.page("/app/admin/settings/audit").await.contains("Reset two-factor of"));

    let (globex, _) = app.stranger().await;
    let hank = app.db.read(|view| members::leads(view, &globex)).unwrap().remove(0);
    for id in [hank.id.as_str(), "507f1f77bcf86cd799439011", "nonsense"] {
        assert_eq!(app.submit(&app.owner, &format!("{PAGE}/{id}/reset"), &[]).await.status, 404, "{id}");
        assert_eq!(app.get(&Caller::Nobody, PAGE).await.status, 401);
    }
}

#[tokio::test]
async fn an_operators_link_still_asks_for_it() {
    let app = TestApp::start().await;
    enrol(&app, &app.owner).await;
    halfway(&app, "ada@acme.test").await;
}

#[tokio::test]
async fn nobody_takes_their_own_off_by_the_back_door() {
    let app = TestApp::start().await;
    enrol(&app, &app.owner).await;
    let ada = app.db.read(|view| members::leads(view, &app.organization)).unwrap().remove(0).id;
    let refused = app.submit(&app.owner, &format!("{PAGE}/{ada}/reset"), &[]).await;
    assert_eq!(TestApp::flash(&refused), "This is your own. Remove your second factors under Account.");
    assert_eq!(app.get(&app.owner, "/app/admin").await.status, 200);
    assert!(app.page(PAGE).await.contains("authenticator app"));
}
