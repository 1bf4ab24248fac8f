//! The audit log tells who did what, and to nobody else.

use headroom::{
    links::{self, NewLink},
    members::Actor,
};

use super::scene::{self, At};
use crate::app::TestApp;

const PAGE: &str = "/app/admin/settings/audit";

#[tokio::test]
async fn deeds_are_listed_with_who_did_them() {
    let app = TestApp::start().await;
    assert!(app.page(app.get(&app.owner, "/app/admin/settings").await.redirects()).await.contains(PAGE));
    assert!(app.page(PAGE).await.contains("Nothing yet"));
    let (by, operator) = (app.by(), Actor::operator(app.organization.clone()));
    app.db
        .write(move |tx| {
            scene::person(tx, &by, "kim@acme.test", None, None, At::Invited)?;
            headroom::offboarding::revoke(tx, &by, &"kim@acme.test".parse()?)?;
            links::create(tx, &operator, &NewLink { domains: vec!["acme.test".parse()?], ..NewLink::default() })
        })
        .await
        .unwrap();
    let page = app.page(PAGE).await;
    let made = page.find("Made an invite link").unwrap();
    let revoked = page.find("Revoked the invite of").unwrap();
    assert!(made < revoked, "newest first");
    assert!(page.contains("The operator") && page.contains("Command line") && page.contains("for acme.test"), "{page}");
    assert!(page[revoked..].contains("<strong>kim@acme.test</strong>"));
}
