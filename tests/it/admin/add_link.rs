use std::time::Duration;

use headroom::{
    ids::LinkId,
    links,
    members::{self, Role},
    offboarding,
};

use crate::app::TestApp;

const PAGE: &str = "/app/admin/links";

async fn create(app: &TestApp, fields: &[(&str, &str)]) -> String {
    let answer = app.submit(&app.owner, PAGE, fields).await;
    answer.redirects().rsplit_once("made=").expect("the link that was made").1.to_owned()
}

#[tokio::test]
async fn a_link_is_made_and_shown_to_copy_at_once() {
    let app = TestApp::start().await;
    let team = app.team(&app.organization, "Design").await;
    let acme = app.organization.clone();
    app.db
        .write(move |tx| tx.execute("update organizations set timezone = 'Europe/Berlin' where id = ?1", [&acme]))
        .await
        .unwrap();
    assert!(app.page("/app/admin?add=link").await.contains("Date and time in Europe/Berlin."));
    let form = [
        ("domains", "acme.test, @Acme.example"),
        ("limit", "50"),
        ("expires", "2036-07-01T18:00"),
        ("team", team.as_str()),
        ("from", "/app/admin/members?q=kim"),
    ];
    let answer = app.submit(&app.owner, PAGE, &form).await;
    let back = answer.redirects().to_owned();
    let id = back.strip_prefix("/app/admin/members?q=kim&add=link&made=").unwrap();
    let html = app.page(&back).await;
    let url = format!("{}/organization/join/{id}", app.url);
    assert!(
        html.contains("Your link is ready") && html.contains(&format!("<code id=\"made-link\">{url}</code>")),
        "{html}"
    );
    assert!(
        html.contains("acme.test or acme.example · 0 of 50 joined · open until Jul 1, 2036, 18:00 (Europe/Berlin)"),
        "{html}"
    );

    let made = app.db.read(|view| links::get(view, &id.parse().unwrap())).unwrap();
    assert_eq!((made.limit, made.team.unwrap().id), (Some(50), team));
    assert_eq!(made.expires_at.unwrap().to_string(), "2036-07-01T16:00:00.000Z");
    assert!(made.created_by.is_some());
}

#[tokio::test]
async fn everything_may_be_left_out() {
    let app = TestApp::start().await;
    let id = create(&app, &[("from", "/app/admin")]).await;
    let html = app.page(&format!("/app/admin?add=link&made={id}")).await;
    assert!(html.contains("Anyone with the link · 0 joined"), "{html}");
}

#[tokio::test]
async fn every_slip_is_said_beside_its_field_and_nothing_is_lost() {
    let app = TestApp::start().await;
    let form = [("domains", "acme"), ("limit", "0"), ("expires", "soon"), ("from", "/app/admin")];
    let answer = app.submit(&app.owner, PAGE, &form).await;
    assert_eq!(answer.status, 400);
    let html = answer.text();
    for kept in [
        "value=\"acme\"",
        "value=\"0\"",
        "value=\"soon\"",
        "id=\"domains-error\"",
        "id=\"limit-error\"",
        "id=\"expires-error\"",
    ] {
        assert!(html.contains(kept), "{kept}: {html}");
    }
    let past = app.submit(&app.owner, PAGE, &[("expires", "2020-01-01T10:00"), ("domains", "acme.test")]).await;
    assert!(past.status == 400 && past.text().contains("The expiry lies in the past."));
    assert!(past.text().contains("value=\"acme.test\""));
    let many = (0..21).map(|nth| format!("acme{nth}.test")).collect::<Vec<_>>().join(" ");
    let answer = app.submit(&app.owner, PAGE, &[("domains", &many)]).await;
    assert!(answer.status == 400 && answer.text().contains("at most 20 domains"));
    assert_eq!(app.db.read(|view| links::count(view, &app.organization)).unwrap(), 0);
}

#[tokio::test]
async fn a_second_press_makes_no_second_link() {
    let app = TestApp::start().await;
    let html = app.page("/app/admin?add=link").await;
    let once = html.split("name=\"once\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = [("once", once.as_str()), ("limit", "5"), ("from", "/app/admin")];
    let both = futures::future::join(app.submit(&app.owner, PAGE, &form), app.submit(&app.owner, PAGE, &form)).await;
    assert_eq!(both.0.redirects(), both.1.redirects());
    assert_eq!(app.db.read(|view| links::count(view, &app.organization)).unwrap(), 1);
    // Back on the same page, and something else filled in: that is another link.
    create(&app, &[("once", once.as_str()), ("limit", "6"), ("from", "/app/admin")]).await;
    assert_eq!(app.db.read(|view| links::count(view, &app.organization)).unwrap(), 2);
}

#[tokio::test]
async fn the_dialog_lists_the_newest_and_the_page_has_them_all() {
    let app = TestApp::start().await;
    for nth in 0..60 {
        create(&app, &[("domains", &format!("acme{nth}.test"))]).await;
        app.db.clock().advance(Duration::from_secs(1));
    }
    let html = app.page("/app/admin?add=link").await;
    assert!(html.contains("acme59.test") && html.contains("acme55.test") && !html.contains("acme54.test"));
    assert!(html.contains("<a href=\"/app/admin/invites?tab=links\">See all 60 links</a>"), "{html}");
    let html = app.page("/app/admin/invites?tab=links").await;
    assert!(html.contains("acme59.test") && !html.contains("acme9.test") && html.contains("60 links"));
    let next = html.split("rel=\"next\"").next().unwrap().rsplit("href=\"").next().unwrap().split('"').next().unwrap();
    let html = app.page(&next.replace("&#38;", "&")).await;
    assert!(html.contains("acme9.test") && html.contains("acme0.test") && !html.contains("acme10.test"));
    let back = html.split("rel=\"prev\"").next().unwrap().rsplit("href=\"").next().unwrap().split('"').next().unwrap();
    assert!(app.page(&back.replace("&#38;", "&")).await.contains("acme59.test"));
}

#[tokio::test]
async fn a_links_page_has_its_code_and_who_joined_also_those_who_left() {
    let app = TestApp::start().await;
    let id = create(&app, &[("limit", "5")]).await;
    let page = format!("{PAGE}/{id}");
    assert!(app.page(&page).await.contains("Nobody yet."));
    let link: LinkId = id.parse().unwrap();
    for email in ["kim@acme.test", "sam@acme.test", "ann@acme.test"] {
        let (link, email) = (link.clone(), email.parse().unwrap());
        app.db.write(move |tx| links::accept(tx, &link, &email)).await.unwrap();
    }
    let by = app.by();
    app.db
        .write(move |tx| {
            let ann = members::named(tx, &by.organization, &"ann@acme.test".parse()?)?;
            offboarding::remove(tx, &by, &ann, true)
        })
        .await
        .unwrap();
    let html = app.page(&page).await;
    assert!(
        html.contains("3 of 5 joined") && html.contains("kim@acme.test") && html.contains("sam@acme.test"),
        "{html}"
    );
    assert!(!html.contains("ann@acme.test") && html.contains("1 more joined and has left since."), "{html}");
    assert!(html.contains(&format!("<img src=\"{page}/qr.svg\"")));

    let code = app.get(&app.owner, &format!("{page}/qr.svg")).await;
    assert_eq!((code.status.as_u16(), code.header("content-type")), (200, Some("image/svg+xml")));
    assert!(code.text().contains("<svg") && code.header("content-disposition").is_none());
    let file = app.get(&app.owner, &format!("{page}/qr.svg?download=1")).await;
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"invite-link.svg\""));
}

#[tokio::test]
async fn a_link_is_revoked() {
    let app = TestApp::start().await;
    let id = create(&app, &[]).await;
    let link: LinkId = id.parse().unwrap();
    let joined = link.clone();
    app.db.write(move |tx| links::accept(tx, &joined, &"kim@acme.test".parse()?)).await.unwrap();
    let answer = app.submit(&app.owner, &format!("{PAGE}/{id}/revoke"), &[]).await;
    assert_eq!(answer.redirects(), "/app/admin/invites?tab=links");
    let going = app.page(&format!("{PAGE}/{id}")).await;
    assert!(going.contains("Revoking the link for anyone. Who joined by it stays."), "{going}");
    app.let_go().await;
    let html = app.page(&format!("{PAGE}/{id}")).await;
    assert!(html.contains("Nobody can join by this link any more") && !html.contains("qr.svg"), "{html}");
    assert!(app.page("/app/admin/invites?tab=links").await.contains("Revoked"));
    assert_eq!(app.member_ids().len(), 2);
    assert_eq!(app.submit(&app.owner, &format!("{PAGE}/{id}/revoke"), &[]).await.status, 400);
}

#[tokio::test]
async fn another_organizations_link_is_like_none() {
    let app = TestApp::start().await;
    let (globex, _) = app.stranger().await;
    let hank = app.browser(&globex, "hank@globex.test", Role::Owner).await;
    let answer = app.submit(&hank, PAGE, &[]).await;
    let id = answer.redirects().rsplit_once("made=").unwrap().1.to_owned();
    for id in [id.as_str(), "507f1f77bcf86cd799439011", "nonsense"] {
        for path in [format!("{PAGE}/{id}"), format!("{PAGE}/{id}/qr.svg"), format!("/app/admin?add=link&made={id}")] {
            assert_eq!(app.get(&app.owner, &path).await.status, 404, "{path}");
        }
        assert_eq!(app.submit(&app.owner, &format!("{PAGE}/{id}/revoke"), &[]).await.status, 404);
    }
    let theirs = app.team(&globex, "Theirs").await;
    let answer = app.submit(&app.owner, PAGE, &[("team", theirs.as_str()), ("domains", "acme.test")]).await;
    assert!(answer.status == 404 && answer.text().contains("This team is not there any more."));
    assert!(answer.text().contains("value=\"acme.test\""));
    assert_eq!(app.db.read(|view| links::count(view, &app.organization)).unwrap(), 0);
}

#[tokio::test]
async fn members_make_no_links() {
    let app = TestApp::start().await;
    let (kim, _) = app.member("kim@acme.test").await;
    for path in [PAGE, "/app/admin/managed", "/app/admin/invites"] {
        assert_eq!(app.submit(&kim, path, &[("name", "X"), ("emails", "x@acme.test")]).await.status, 403, "{path}");
    }
}
