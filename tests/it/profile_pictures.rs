//! Profile pictures in an organization's look, and the public address of a favourite.

use std::time::Duration;

use headroom::{
    ids::ShootId,
    members::{Actor, Role},
    offboarding,
};
use image::GenericImageView;
use reqwest::Method;

use crate::{
    app::{Answer, Caller, TestApp},
    studio::{headshots, with_headshots},
};

const SETTINGS: &str = "/app/admin/settings/profile-pictures";
const TAB: &str = "/team-member/profile-picture";

/// A template as its form posts it.
const ROUND: [(&str, &str); 8] = [
    ("name", "Round"),
    ("shape", "circle"),
    ("size", "300"),
    ("ground", "own"),
    ("background", "#112233"),
    ("border", "6"),
    ("border_colour", "#ff0000"),
    ("logo", ""),
];

fn with<'a>(form: &[(&'a str, &'a str)], name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    form.iter().map(|&(key, was)| (key, if key == name { value } else { was })).collect()
}

/// Someone whose favourite is their first headshot, in an organization with one template.
async fn kim(app: &TestApp) -> (Caller, ShootId) {
    let (kim, shoot) = with_headshots(app, "kim@acme.test").await;
    app.submit(&app.owner, SETTINGS, &ROUND).await.redirects();
    let first = headshots(app, &shoot).remove(0).id;
    app.submit(&kim, &format!("/team-member/headshots/{first}/favourite"), &[]).await.redirects();
    (kim, shoot)
}

/// Where the first template of the list is changed.
fn editor_in(list: &str) -> String {
    let id = list.split(&format!("class=\"button quiet\" href=\"{SETTINGS}/")).nth(1).expect("a template");
    format!("{SETTINGS}/{}", id.split('"').next().unwrap())
}

/// The path of the address that the member's tab shows.
async fn address(app: &TestApp, who: &Caller) -> String {
    let page = app.get(who, TAB).await.text();
    let found = page.split("/avatars/").nth(1).expect("an address").split(['"', '<', '&', '?']).next().unwrap();
    format!("/avatars/{found}")
}

async fn asked(app: &TestApp, path: &str) -> Answer {
    app.get(&Caller::Nobody, path).await
}

#[tokio::test]
async fn a_template_is_what_the_tab_shows_and_the_files_are() {
    let app = TestApp::start().await;
    let (kim, shoot) = with_headshots(&app, "kim@acme.test").await;
    assert_eq!(app.get(&kim, TAB).await.status, 404, "without templates there is no tab");
    assert!(!app.get(&kim, "/team-member").await.text().contains(TAB));

    app.submit(&app.owner, SETTINGS, &ROUND).await.redirects();
    let dashboard = app.get(&kim, "/team-member").await.text();
    assert!(dashboard.contains(TAB) && dashboard.contains("Profile Picture"), "{dashboard}");
    let page = app.get(&kim, TAB).await.text();
    assert!(page.contains("Round"), "{page}");
    let file = |ending: &str| {
        let at = page.split("href=\"").find(|rest| rest.starts_with(&format!("{TAB}/")) && rest.contains(ending));
        at.expect(ending).split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")
    };
    let png = app.get(&kim, &file(".png")).await;
    assert_eq!(png.header("content-type"), Some("image/png"));
    let picture = image::load_from_memory(&png.body).unwrap();
    assert_eq!(picture.dimensions(), (300, 300));
    assert_eq!(picture.get_pixel(0, 0).0[3], 0, "nothing outside of the circle");
    assert_eq!(picture.get_pixel(150, 2).0, [255, 0, 0, 255], "the border");
    assert_eq!(picture.get_pixel(150, 150).0[3], 255);
    for (ending, kind) in [(".jpg", "image/jpeg"), (".webp", "image/webp")] {
        assert_eq!(app.get(&kim, &file(ending)).await.header("content-type"), Some(kind));
    }
    let (_, other) = with_headshots(&app, "lee@acme.test").await;
    let theirs = headshots(&app, &other).remove(0).id;
    assert_eq!(app.get(&kim, &format!("{TAB}?headshot={theirs}")).await.status, 404);
    let own = headshots(&app, &shoot).remove(1).id;
    assert_eq!(app.get(&kim, &format!("{TAB}?headshot={own}")).await.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_template_is_said_and_nothing_is_lost() {
    let app = TestApp::start().await;
    for (field, value) in
        [("name", ""), ("size", "127"), ("size", "1025"), ("size", "big"), ("shape", "star"), ("border_colour", "red")]
    {
        let refused = app.submit(&app.owner, SETTINGS, &with(&ROUND, field, value)).await;
        assert_eq!(refused.status, 400, "{field} {value}");
        assert!(refused.text().contains("#112233"), "what was typed stays: {}", refused.text());
    }
    app.submit(&app.owner, SETTINGS, &ROUND).await.redirects();
    let again = app.submit(&app.owner, SETTINGS, &with(&ROUND, "name", "ROUND")).await;
    assert_eq!(again.status, 400, "one of this name is there");
    let member = app.browser(&app.organization, "lee@acme.test", Role::Member).await;
    assert_eq!(app.submit(&member, SETTINGS, &ROUND).await.status, 403);
    assert_eq!(app.get(&Caller::Nobody, SETTINGS).await.status, 401);
    app.stop().await;
}

#[tokio::test]
async fn an_address_shows_the_favourite_to_anyone_for_as_long_as_it_may() {
    let app = TestApp::start().await;
    let (kim, shoot) = kim(&app).await;
    assert!(!app.get(&kim, TAB).await.text().contains("/avatars/"), "off unless it is switched on");
    app.set("avatars", "true").await;
    let path = address(&app, &kim).await;

    let shown = asked(&app, &format!("{path}?size=64")).await;
    assert_eq!(shown.status, 200);
    assert_eq!(shown.header("cache-control"), Some("public, max-age=30, stale-while-revalidate=30"));
    assert_eq!(shown.header("access-control-allow-origin"), Some("*"));
    assert_eq!(shown.header("cross-origin-resource-policy"), Some("cross-origin"));
    assert_eq!(shown.header("set-cookie"), None);
    assert_eq!(image::load_from_memory(&shown.body).unwrap().dimensions(), (64, 64));
    let tag = shown.header("etag").unwrap().to_owned();
    let request = app.request(&Caller::Nobody, Method::GET, &format!("{path}?size=64")).header("if-none-match", &tag);
    assert_eq!(Answer::of(request).await.status, 304);
    for wrong in ["", "-1", "64px", "x"] {
        assert_eq!(asked(&app, &format!("{path}?size={wrong}")).await.status, 400, "{wrong}");
    }
    let plain = asked(&app, &format!("{path}?plain=1")).await;
    assert_eq!(plain.header("content-type"), Some("image/jpeg"), "without the look there is nothing to see through");

    // Another favourite is another picture at the same address.
    let second = headshots(&app, &shoot).remove(1).id;
    app.submit(&kim, &format!("/team-member/headshots/{second}/favourite"), &[]).await.redirects();
    let changed = asked(&app, &format!("{path}?size=64")).await;
    assert!(changed.header("etag") != Some(&tag) && changed.body != shown.body);

    // A new address ends the old one.
    app.submit(&kim, &format!("{TAB}/address"), &[]).await.redirects();
    let renewed = address(&app, &kim).await;
    assert!(renewed != path);
    assert_eq!(asked(&app, &path).await.status, 404);
    assert_eq!(asked(&app, &renewed).await.status, 200);

    app.set("avatars", "false").await;
    assert_eq!(asked(&app, &renewed).await.status, 404);
    app.set("avatars", "true").await;

    // With the headshots the picture is gone, at once.
    let operator = Actor::operator(app.organization.clone());
    let deleted = app.db.write(move |tx| offboarding::delete_shoot(tx, &operator, headroom::shoots::get(tx, &shoot)?));
    deleted.await.unwrap();
    assert_eq!(asked(&app, &format!("{renewed}?fallback=404")).await.status, 404);
    let nobody = asked(&app, &renewed).await;
    assert!(nobody.status == 200 && nobody.body != changed.body, "a silhouette");
    app.advance(Duration::from_secs(60)).await;
    assert_eq!(asked(&app, "/avatars/00000000000000000000000000000000").await.status, 404);
    assert_eq!(asked(&app, "/avatars/x").await.status, 404);
    app.stop().await;
}

#[tokio::test]
async fn who_has_an_address_sees_it_also_where_there_are_no_templates() {
    let app = TestApp::start().await;
    let (kim, shoot) = with_headshots(&app, "kim@acme.test").await;
    assert!(!app.get(&kim, "/team-member").await.text().contains(TAB), "neither templates nor addresses");
    app.set("avatars", "on").await;
    assert!(app.get(&kim, "/team-member").await.text().contains(TAB));
    let page = app.get(&kim, TAB).await.text();
    assert!(page.contains("No favourite yet") && page.contains("The headshot as it is"), "{page}");
    let first = headshots(&app, &shoot).remove(0).id;
    let square = format!("/team-member/headshots/{first}/square.jpg");
    assert!(page.contains(&format!("src=\"{square}\"")), "{page}");
    for format in ["png", "jpeg", "webp"] {
        let file = format!("/team-member/headshots/{first}/download?size=square&format={format}");
        assert!(page.replace("&#38;", "&").replace("&amp;", "&").contains(&file), "{page}");
        assert_eq!(app.get(&kim, &file).await.header("content-type"), Some(&*format!("image/{format}")));
    }
    app.submit(&kim, &format!("/team-member/headshots/{first}/favourite"), &[]).await.redirects();
    let before = address(&app, &kim).await;
    assert_eq!(asked(&app, &before).await.status, 200);
    app.submit(&kim, &format!("{TAB}/address"), &[]).await.redirects();
    assert_ne!(address(&app, &kim).await, before);
    assert_eq!(asked(&app, &before).await.status, 404);

    app.set("avatars", "off").await;
    assert_eq!(app.get(&kim, TAB).await.status, 404);
    assert_eq!(app.submit(&kim, &format!("{TAB}/address"), &[]).await.status, 404);
    app.stop().await;
}

#[tokio::test]
async fn a_new_look_waits_until_it_is_wanted() {
    let app = TestApp::start().await;
    let (kim, shoot) = kim(&app).await;
    app.set("avatars", "on").await;
    let path = address(&app, &kim).await;
    let tag = async || asked(&app, &path).await.header("etag").unwrap().to_owned();
    let old = tag().await;
    let list = app.page(SETTINGS).await;
    let editor = editor_in(&list);
    assert!(app.page(&editor).await.contains("1 public picture in the look there is"));

    // Only new ones: the one there is keeps its look, until another favourite is chosen.
    let square = [&with(&ROUND, "shape", "square")[..], &[("then", "new")]].concat();
    app.submit(&app.owner, &editor, &square).await.redirects();
    app.run_jobs().await;
    assert_eq!(tag().await, old);
    assert!(app.page(SETTINGS).await.contains("1 public picture keeps an older look."));
    let second = headshots(&app, &shoot).remove(1).id;
    app.submit(&kim, &format!("/team-member/headshots/{second}/favourite"), &[]).await.redirects();
    let corner = image::load_from_memory(&asked(&app, &path).await.body).unwrap().to_rgba8().get_pixel(0, 0).0;
    assert_eq!(corner[3], 255, "a new favourite is square");
    let first = headshots(&app, &shoot).remove(0).id;
    app.submit(&kim, &format!("/team-member/headshots/{first}/favourite"), &[]).await.redirects();
    assert_eq!(tag().await, old, "the same favourite again has the look it was given");

    // Brought up to date by hand, one by one; a second press says that there is nothing to do.
    let asked_for = app.submit(&app.owner, &format!("{SETTINGS}/update"), &[]).await;
    assert_eq!(TestApp::flash(&asked_for), "1 public picture will have the new look in a moment.");
    app.run_jobs().await;
    let new = tag().await;
    assert_ne!(new, old);
    let list = app.page(SETTINGS).await;
    assert!(list.contains("Brought 1 public picture up to date.") && !list.contains("older look"), "{list}");
    let again = app.submit(&app.owner, &format!("{SETTINGS}/update"), &[]).await;
    assert!(TestApp::flash(&again).contains("All public pictures are up to date"));

    // All at once, with the change; and with the template gone, the headshot as it is.
    app.submit(&app.owner, &editor, &with(&ROUND, "border", "0")).await.redirects();
    app.run_jobs().await;
    let bare = tag().await;
    assert_ne!(bare, new);
    let question = app.page(&format!("{SETTINGS}?remove={}", editor.rsplit('/').next().unwrap())).await;
    assert!(question.contains("1 public picture in this look") && question.contains("Only new ones"), "{question}");
    app.submit(&app.owner, &format!("{editor}/remove"), &[("then", "new")]).await.redirects();
    app.run_jobs().await;
    assert_eq!(tag().await, bare, "a look outlives its template");
    app.submit(&app.owner, &format!("{SETTINGS}/update"), &[]).await.redirects();
    app.run_jobs().await;
    let plain = asked(&app, &path).await;
    assert_eq!(plain.header("content-type"), Some("image/jpeg"));
    app.stop().await;
}

#[tokio::test]
async fn a_look_that_comes_back_and_addresses_that_go_leave_nothing_to_do() {
    let app = TestApp::start().await;
    let (kim, _) = kim(&app).await;
    app.set("avatars", "on").await;
    let path = address(&app, &kim).await;
    let list = app.page(SETTINGS).await;
    let editor = editor_in(&list);
    let new_only = |form: &[(&'static str, &'static str)]| [form, &[("then", "new")]].concat();
    app.submit(&app.owner, &editor, &new_only(&with(&ROUND, "shape", "square"))).await.redirects();
    assert!(app.page(SETTINGS).await.contains("older look"));
    app.submit(&app.owner, &editor, &new_only(&ROUND)).await.redirects();
    assert!(!app.page(SETTINGS).await.contains("older look"), "it looks as everyone's does again");
    app.submit(&app.owner, &editor, &new_only(&with(&ROUND, "shape", "square"))).await.redirects();
    app.submit(&app.owner, &format!("{SETTINGS}/avatars"), &[]).await.redirects();
    app.submit(&app.owner, &format!("{SETTINGS}/avatars"), &[("avatars", "on")]).await.redirects();
    assert!(!app.page(SETTINGS).await.contains("older look"));
    assert_eq!(asked(&app, &path).await.status, 200);
    app.stop().await;
}
