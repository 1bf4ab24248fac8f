//! Links that show headshots to whoever has them: what they show, until when, and to whom nothing.

use std::time::Duration;

use headroom::{
    audit::{self, Action},
    db::{Part, Topic},
    ids::{ResultId, ShareId, ShootId},
    shares, shoots,
    storage::{HeadshotFile, Key},
};

use crate::{
    app::{Answer, Caller, TestApp},
    studio::{headshots, with_rows_of_headshots},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes a link on the page, and returns what it shows below the server's own address.
async fn link(app: &TestApp, who: &Caller, shoot: &ShootId, what: &str, days: &str) -> String {
    let made = app.submit(who, &format!("/team-member/shoots/{shoot}/share"), &[("what", what), ("days", days)]).await;
    address(&app.get(who, made.redirects()).await)
}

fn address(made: &Answer) -> String {
    let text = made.text();
    let token = text.split("/share/").nth(1).expect("a link").split('<').next().unwrap();
    format!("/share/{token}")
}

/// A picture for each headshot: the rows alone have none.
async fn with_pictures(app: &TestApp, shoot: &ShootId) -> Vec<ResultId> {
    let ids: Vec<ResultId> = headshots(app, shoot).into_iter().map(|headshot| headshot.id).collect();
    let portrait = std::fs::read("tests/pictures/astronaut.jpg").unwrap();
    for id in &ids {
        for file in [HeadshotFile::Portrait, HeadshotFile::Square] {
            app.storage.put(Key::Headshot(id, file), portrait.clone().into()).await.unwrap();
        }
    }
    ids
}

async fn is_over(app: &TestApp, link: &str, id: &ResultId, status: u16) {
    for path in ["", "/headshots.zip", &format!("/{id}"), &format!("/{id}/320.webp"), &format!("/{id}/download")] {
        let answer = app.get(&Caller::Nobody, &format!("{link}{path}")).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.text().contains("This link shows nothing any more"), "{path}");
        assert!(!answer.text().contains("Acme"), "{path}");
    }
}

#[tokio::test]
async fn whoever_has_the_link_sees_the_headshots_and_nothing_else() {
    let app = TestApp::start().await;
    let (kim, shoot) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let ids = with_pictures(&app, &shoot).await;
    let all = link(&app, &kim, &shoot, "all", "7").await;
    let token = all.rsplit('/').next().unwrap().to_owned();

    let page = app.get(&Caller::Nobody, &all).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("x-robots-tag"), Some("noindex, nofollow"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("set-cookie"), None);
    let html = page.text();
    assert!(html.contains("Headshots of Kim Lee") && html.contains("Acme") && html.contains("noindex"), "{html}");
    assert!(!html.contains("kim@acme.test") && !html.contains("ada@") && !html.contains("/team-member"), "{html}");
    for id in &ids {
        assert!(html.contains(&format!("{all}/{id}/480.webp")), "{html}");
    }
    let large = app.get(&Caller::Nobody, &format!("{all}/{}", ids[1])).await.text();
    assert!(large.contains("2 of 6") && large.contains(&format!("{all}/{}/download", ids[1])), "{large}");
    let small = app.get(&Caller::Nobody, &format!("{all}/{}/320.webp", ids[0])).await;
    assert_eq!((small.status.as_u16(), small.header("cache-control")), (200, Some("no-store")));
    let square = app.get(&Caller::Nobody, &format!("{all}/{}/download?size=square&format=png", ids[0])).await;
    assert!(square.header("content-disposition").unwrap().contains("kim-lee-headshot-01-"), "{:?}", square.headers);
    let zip = app.get(&Caller::Nobody, &format!("{all}/headshots.zip")).await;
    assert_eq!((zip.status.as_u16(), zip.header("content-type")), (200, Some("application/zip")));
    for path in [format!("{all}/{}", ResultId::new()), format!("{all}/{}/secret.jpg", ids[0])] {
        assert_eq!(app.get(&Caller::Nobody, &path).await.status, 404);
    }

    // One alone shows none of the others.
    let one = link(&app, &kim, &shoot, ids[2].as_str(), "1").await;
    let html = app.get(&Caller::Nobody, &one).await.text();
    assert!(html.contains("Headshot of Kim Lee") && html.contains(&format!("{one}/{}/portrait.jpg", ids[2])), "{html}");
    assert_eq!(html.matches(ids[1].as_str()).count(), 0);
    assert_eq!(app.get(&Caller::Nobody, &format!("{one}/{}/portrait.jpg", ids[1])).await.status, 404);
    assert_eq!(app.get(&Caller::Nobody, &format!("{one}/{}/portrait.jpg", ids[2])).await.status, 200);

    // Its maker sees how often it was opened, and never the link again.
    let listed = app.get(&kim, &format!("/team-member/shoots/{shoot}/share")).await.text();
    assert_eq!(listed.matches("Opened once").count(), 2, "{listed}");
    assert!(!listed.contains(&token), "{listed}");
    let kept: Vec<u8> = app
        .db
        .read(|view| view.one("select group_concat(hex(digest)) from shares", [], |row| row.get::<_, String>(0)))
        .unwrap()
        .into_bytes();
    assert!(!String::from_utf8(kept).unwrap().contains(&token));
    app.stop().await;
}

#[tokio::test]
async fn a_link_ends_by_itself_or_at_once_and_is_forgotten_later() {
    let app = TestApp::start().await;
    let (kim, shoot) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let ids = with_pictures(&app, &shoot).await;
    let (short, long, revoked) = (
        link(&app, &kim, &shoot, "all", "1").await,
        link(&app, &kim, &shoot, "all", "30").await,
        link(&app, &kim, &shoot, "all", "7").await,
    );
    let share = app.db.read(|view| shares::of_shoot(view, &shoot)).unwrap().remove(0);
    let page = format!("/team-member/shoots/{shoot}/share");
    let press = format!("/team-member/shares/{}/revoke", share.id);
    let (lee, _) = app.member("lee@acme.test").await;
    for other in [&lee, &app.owner] {
        assert_eq!(app.submit(other, &press, &[]).await.status, 404);
    }
    assert_eq!(app.get(&Caller::Nobody, &revoked).await.status, 200);
    assert_eq!(app.submit(&kim, &press, &[]).await.redirects(), page);
    // At once, although it can be undone.
    is_over(&app, &revoked, &ids[0], 410).await;
    app.let_go().await;
    is_over(&app, &revoked, &ids[0], 410).await;
    is_over(&app, "/share/nonsense", &ids[0], 404).await;

    app.db.clock().advance(DAY);
    is_over(&app, &short, &ids[0], 410).await;
    assert_eq!(app.get(&Caller::Nobody, &long).await.status, 200);
    // Long after its end nobody remembers it.
    app.db.clock().advance(31 * DAY);
    app.db.write(shares::expire).await.unwrap();
    is_over(&app, &short, &ids[0], 404).await;
    is_over(&app, &long, &ids[0], 410).await;
    app.stop().await;
}

#[tokio::test]
async fn a_link_ends_with_the_shoot() {
    let app = TestApp::start().await;
    let (kim, shoot) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let ids = with_pictures(&app, &shoot).await;
    let all = link(&app, &kim, &shoot, "all", "7").await;
    let gone = shoot.clone();
    app.db.write(move |tx| shoots::delete(tx, &shoots::get(tx, &gone)?, "Asked for")).await.unwrap();
    is_over(&app, &all, &ids[0], 410).await;
    app.stop().await;
}

#[tokio::test]
async fn links_are_made_by_the_person_and_not_without_end() {
    let app = TestApp::start().await;
    let (kim, shoot) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let (lee, other) = with_rows_of_headshots(&app, "lee@acme.test").await;
    let page = format!("/team-member/shoots/{shoot}/share");
    for who in [&lee, &app.owner] {
        assert_eq!(app.get(who, &page).await.status, 404);
        assert_eq!(app.submit(who, &page, &[("what", "all"), ("days", "7")]).await.status, 404);
    }
    assert_eq!(app.get(&Caller::Nobody, &page).await.status, 401);
    let foreign = headshots(&app, &other)[0].id.to_string();
    assert_eq!(app.submit(&kim, &page, &[("what", &foreign), ("days", "7")]).await.status, 404);
    assert_eq!(app.submit(&kim, &page, &[("what", "nonsense")]).await.status, 404);
    assert_eq!(app.submit(&kim, &format!("/team-member/shares/{}/revoke", ShareId::new()), &[]).await.status, 404);

    // Days that aren't offered are a week.
    app.submit(&kim, &page, &[("what", "all"), ("days", "3650")]).await;
    let share = app.db.read(|view| shares::of_shoot(view, &shoot)).unwrap().remove(0);
    assert_eq!(share.expires_at, share.created_at + 7 * DAY);
    for _ in 1..20 {
        app.submit(&kim, &page, &[("what", "all"), ("days", "30")]).await.redirects();
    }
    let refused = app.submit(&kim, &page, &[("what", "all"), ("days", "30")]).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("20 links work at the same time at most"), "{}", refused.text());
    assert!(refused.text().contains("value=\"30\" checked"), "what was chosen stays: {}", refused.text());
    app.stop().await;
}

#[tokio::test]
async fn the_favourite_is_told_to_the_pages_of_leads() {
    let app = TestApp::start().await;
    let (kim, shoot) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let id = headshots(&app, &shoot)[0].id.clone();
    for set in ["true", "false"] {
        let told = app.db.listen(Topic::Organization(app.organization.clone()));
        app.submit(&kim, &format!("/team-member/headshots/{id}/favourite"), &[("set", set)]).await.redirects();
        assert!(told.has_changed().unwrap(), "favourite: {set}");
    }
    let page = app.db.read(|view| audit::page(view, &app.organization, None, &Part::Newest, 50)).unwrap();
    assert!(
        page.rows.iter().all(|row| row.action != Action::SharedFor),
        "what one does for oneself is nobody's business"
    );
    app.stop().await;
}

#[tokio::test]
async fn the_page_of_a_new_link_can_be_loaded_again_and_by_nobody_else() {
    let app = TestApp::start().await;
    let (kim, shoot) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let (lee, other) = with_rows_of_headshots(&app, "lee@acme.test").await;
    let form = |shoot: &ShootId| format!("/team-member/shoots/{shoot}/share");
    let one = headshots(&app, &shoot)[0].id.to_string();
    let made = app.submit(&kim, &form(&shoot), &[("what", &one), ("days", "7")]).await;
    let page = made.redirects().to_owned();
    let shown = address(&app.get(&kim, &page).await);
    let token = shown.rsplit('/').next().unwrap();
    assert!(!page.contains(token), "nothing of the link is in the address of the page: {page}");
    assert_eq!(made.header("set-cookie"), None);

    assert_eq!(address(&app.get(&kim, &page).await), shown, "it can be loaded again");
    assert!(
        app.get(&kim, &page).await.text().contains(&format!("value=\"{one}\"")),
        "what was chosen is still offered"
    );
    assert_eq!(app.db.read(|view| shares::of_shoot(view, &shoot)).unwrap().len(), 1, "without making another link");
    let query = page.split_once('?').unwrap().1;
    for (who, shoot, query) in [(&lee, &other, query.to_owned()), (&kim, &shoot, query.replace("made=", "made=A"))] {
        let text = app.get(who, &format!("{}?{query}", form(shoot))).await.text();
        assert!(!text.contains("The link is ready") && !text.contains(token), "{text}");
    }
    assert_eq!(app.get(&lee, &page).await.status, 404);

    app.db.clock().advance(Duration::from_secs(10 * 60));
    let late = app.get(&kim, &page).await;
    assert_eq!(late.status, 200);
    assert!(!late.text().contains(token), "{}", late.text());
    app.stop().await;
}
