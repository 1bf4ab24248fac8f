use headroom::members::Role;

use super::scene::At;
use crate::app::TestApp;

#[tokio::test]
async fn members_are_searched_and_filtered_by_the_address_bar() {
    let app = TestApp::start().await;
    let team = app.team(&app.organization, "Design & Co").await;
    app.person("kim_lee@acme.test", Some("Kim Lee"), At::Finished).await;
    app.person("kimxlee@acme.test", Some("<script>alert(1)</script>"), At::Joined).await;
    let html = app.page("/app/admin/members").await;
    assert!(html.contains("3 members") && html.contains("Kim Lee") && html.contains("Design &#38; Co"));
    assert!(html.contains("&#60;script&#62;alert(1)") && !html.contains("<script>alert"));

    let found = app.page("/app/admin/members?q=kim_lee").await;
    assert!(found.contains("1 of 3 members") && found.contains("Kim Lee") && !found.contains("kimxlee"));
    assert!(found.contains(r#"value="kim_lee""#));
    let found = app.page("/app/admin/members?state=joined&q=").await;
    assert!(found.contains("kimxlee@acme.test") && !found.contains("Kim Lee"));
    let found = app.page(&format!("/app/admin/members?team={team}")).await;
    assert!(found.contains("Nobody matches") && found.contains("Clear filters"));
}

#[tokio::test]
async fn long_lists_are_walked_in_parts() {
    let app = TestApp::start().await;
    app.set_credits(1000).await;
    let by = app.by();
    app.db
        .write(move |tx| {
            for nth in 0..120 {
                super::scene::person(tx, &by, &format!("p{nth:03}@acme.test"), None, None, At::Joined)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let href = |html: &str, rel: &str| {
        let before = html.split(&format!("rel=\"{rel}\"")).next().filter(|before| before.len() < html.len())?;
        Some(before.rsplit("href=\"").next()?.split('"').next()?.replace("&#38;", "&"))
    };
    let people = |html: &str| html.matches("class=\"person\"").count();
    let first = app.page("/app/admin/members?q=acme.test").await;
    assert!(first.contains("121 of 121 members"));
    assert_eq!((people(&first), href(&first, "prev")), (50, None));
    let second = app.page(&href(&first, "next").unwrap()).await;
    assert_eq!(people(&second), 50);
    let third = app.page(&href(&second, "next").unwrap()).await;
    assert_eq!((people(&third), href(&third, "next")), (21, None));
    let back = app.page(&href(&third, "prev").unwrap()).await;
    assert_eq!(people(&back), 50);
    let start = app.page(&href(&back, "prev").unwrap()).await;
    assert_eq!((people(&start), href(&start, "prev")), (50, None));
}

#[tokio::test]
async fn nobody_sees_another_organizations_people() {
    let app = TestApp::start().await;
    let (globex, _) = app.stranger().await;
    app.person("kim@acme.test", None, At::Joined).await;
    let hank = app.browser(&globex, "hank@globex.test", Role::Owner).await;
    let foreign = app.member_ids().pop().unwrap();
    for path in
        ["/app/admin/members".to_owned(), format!("/app/admin/members?before={foreign}"), "/app/admin".to_owned()]
    {
        assert!(!app.page_of(&hank, &path).await.contains("acme.test"), "{path}");
    }
}
