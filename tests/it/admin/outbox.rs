use headroom::members::Role;

use super::scene::At;
use crate::app::TestApp;

const PAGE: &str = "/app/admin/outbox";

#[tokio::test]
async fn the_owner_reads_what_could_not_be_sent() {
    let app = TestApp::start().await;
    assert!(app.page(PAGE).await.contains("The outbox is empty"));
    app.person("kim@acme.test", None, At::Invited).await;
    app.run_jobs().await;
    let list = app.page(PAGE).await;
    assert!(list.contains("kim@acme.test") && list.contains("1 mail"));
    let href = format!("{PAGE}/{}", app.outbox()[0].id);
    assert!(list.contains(&href));
    let open = app.page(&href).await;
    assert!(open.contains(&format!("<iframe src=\"{href}/body\"")) && open.contains("/auth/link/"));
    let body = app.get(&app.owner, &format!("{href}/body")).await;
    let policy = body.header("content-security-policy").unwrap();
    assert!(
        policy.contains("default-src 'none'")
            && policy.contains("sandbox")
            && policy.contains("frame-ancestors 'self'")
    );
    // Its links open beside, as themselves; it runs nothing, sends nothing and leads the page nowhere.
    let allowed: Vec<&str> = policy.split([' ', ';']).filter(|word| word.starts_with("allow-")).collect();
    assert_eq!(allowed, ["allow-popups", "allow-popups-to-escape-sandbox"]);
    assert!(!policy.contains("script-src"));
    assert!(body.text().contains("Acme"));
}

#[tokio::test]
async fn nobody_else_does() {
    let app = TestApp::start().await;
    let (globex, _) = app.stranger().await;
    app.person("kim@acme.test", None, At::Invited).await;
    app.run_jobs().await;
    let href = format!("{PAGE}/{}", app.outbox()[0].id);
    let admin = app.browser(&app.organization, "ann@acme.test", Role::Admin).await;
    let hank = app.browser(&globex, "hank@globex.test", Role::Owner).await;
    for path in [href.clone(), format!("{href}/body")] {
        assert_eq!(app.get(&admin, &path).await.status, 403, "{path}");
        assert_eq!(app.get(&hank, &path).await.status, 404, "{path}");
    }
    assert!(!app.page_of(&hank, PAGE).await.contains("kim@acme.test"));
    assert!(!app.page_of(&admin, "/app/admin").await.contains("href=\"/app/admin/outbox\"><svg"));
    assert!(app.page("/app/admin").await.contains("href=\"/app/admin/outbox\""));
}
