//! Finished headshots: looking, liking, choosing, taking along.

use std::io::{Cursor, Read};

use headroom::{
    ids::ResultId,
    results::{self, Headshot, Liked},
    shoots,
};
use reqwest::Method;

use crate::{
    app::{Answer, Caller, TestApp},
    studio::{finish, headshots, with_headshots, with_rows_of_headshots},
};

#[tokio::test]
async fn the_whole_way_from_the_invite_to_the_archive() {
    let app = TestApp::start().await;
    let (kim, shoot) = with_headshots(&app, "kim@acme.test").await;
    let made = headshots(&app, &shoot);
    assert_eq!(made.len(), 12);

    // The page has them in their order.
    let page = app.get(&kim, "/team-member").await.text();
    let shown: Vec<&str> = page.split("<li id=\"h").skip(1).map(|rest| &rest[..24]).collect();
    assert_eq!(shown, made.iter().map(|headshot| headshot.id.as_str()).collect::<Vec<_>>());
    assert!(page.contains("Headshot 1, ") && page.contains("12 headshots."), "{page}");

    // Each can be seen large, with its neighbours.
    let second = app.get(&kim, &format!("/team-member/headshots/{}", made[1].id)).await.text();
    for near in [&made[0].id, &made[2].id] {
        assert!(second.contains(&format!("href=\"/team-member/headshots/{near}\"")), "{second}");
    }
    assert!(second.contains("2 of 12"));
    let first = app.get(&kim, &format!("/team-member/headshots/{}", made[0].id)).await.text();
    assert!(!first.contains("rel=\"prev\"") && first.contains("rel=\"next\""));

    // The archive has each one as it was made, and as a square.
    let answer = app.get(&kim, &format!("/team-member/shoots/{shoot}/headshots.zip")).await;
    assert_eq!(answer.header("content-type"), Some("application/zip"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"kim-lee-headshots.zip\""));
    assert_eq!(answer.body[6..8], [0, 0], "the length of an entry stands in front of it");
    let mut archive = zip::ZipArchive::new(Cursor::new(&answer.body)).unwrap();
    let names: Vec<String> =
        (0..archive.len()).map(|at| archive.by_index(at).unwrap().name().unwrap().into_owned()).collect();
    let expected: Vec<String> = made
        .iter()
        .flat_map(|headshot| {
            let name = format!("kim-lee-headshot-{:02}-{}", headshot.position, headshot.backdrop);
            [format!("{name}.jpg"), format!("square/{name}-square.jpg")]
        })
        .collect();
    assert_eq!(names, expected);
    let mut third = Vec::new();
    archive.by_name(&names[4]).unwrap().read_to_end(&mut third).unwrap();
    let portrait = app.get(&kim, &format!("/team-member/headshots/{}/portrait.jpg", made[2].id)).await;
    assert!(portrait.body == third, "the archive holds what is shown");

    files_are_shown_or_taken_along(&app, &kim, &made[2]).await;
    leads_see_the_pictures(&app, &made[2]).await;
    app.stop().await;
}

async fn files_are_shown_or_taken_along(app: &TestApp, kim: &Caller, headshot: &Headshot) {
    let base = format!("/team-member/headshots/{}", headshot.id);
    let size = |answer: &Answer| {
        let picture = image::load_from_memory(&answer.body).unwrap();
        (picture.width(), picture.height())
    };
    let portrait = app.get(kim, &format!("{base}/portrait.jpg")).await;
    assert_eq!(size(&portrait), (headshot.width, headshot.height));
    assert_eq!(portrait.header("content-disposition"), None);
    assert_eq!(portrait.header("cache-control"), Some("private, max-age=86400, immutable"));
    assert_eq!(portrait.header("content-security-policy"), Some("default-src 'none'; sandbox"));
    let square = app.get(kim, &format!("{base}/square.jpg?download=1")).await;
    assert_eq!(size(&square), (headshot.width, headshot.width));
    let name = format!("attachment; filename=\"kim-lee-headshot-03-{}-square.jpg\"", headshot.backdrop);
    assert_eq!(square.header("content-disposition"), Some(name.as_str()));
    assert_eq!(size(&app.get(kim, &format!("{base}/thumbnail.jpg")).await).1, 480);
}

/// Their pages show the pictures, and nothing else of it.
async fn leads_see_the_pictures(app: &TestApp, headshot: &Headshot) {
    let base = format!("/team-member/headshots/{}", headshot.id);
    for file in ["thumbnail", "portrait"] {
        assert_eq!(app.get(&app.owner, &format!("{base}/{file}.jpg")).await.status, 200);
    }
    assert_eq!(app.get(&app.owner, &base).await.status, 404);
}

#[tokio::test]
async fn one_headshot_is_the_favourite_until_it_is_pressed_again() {
    let app = TestApp::start().await;
    let (kim, shoot) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let made = headshots(&app, &shoot);
    let press = |at: usize, what: &'static str| format!("/team-member/headshots/{}/{what}", made[at].id);
    let favourites = || -> Vec<ResultId> {
        headshots(&app, &shoot).into_iter().filter(|headshot| headshot.favorite).map(|headshot| headshot.id).collect()
    };
    let large = format!("/team-member/headshots/{}", made[3].id);
    assert_eq!(app.submit(&kim, &press(3, "favourite"), &[]).await.redirects(), large);
    assert_eq!(favourites(), [made[3].id.clone()]);
    let grid = app.submit(&kim, &press(5, "favourite"), &[("from", "grid"), ("set", "true")]).await;
    assert_eq!(grid.redirects(), format!("/team-member#h{}", made[5].id));
    assert_eq!(favourites(), [made[5].id.clone()]);
    // An old window takes back what isn't chosen any more: nothing happens.
    app.submit(&kim, &press(3, "favourite"), &[("set", "false")]).await.redirects();
    assert_eq!(favourites(), [made[5].id.clone()]);
    app.submit(&kim, &press(5, "favourite"), &[]).await.redirects();
    assert!(favourites().is_empty());

    for liked in [true, false] {
        let request = app.request(&kim, Method::POST, &press(0, "like")).header("accept", "application/json");
        let request = request.header("content-type", "application/x-www-form-urlencoded").body("");
        assert_eq!(Answer::of(request).await.ok()["liked"], liked);
        let expected = if liked { Liked::Liked } else { Liked::None };
        assert_eq!(headshots(&app, &shoot)[0].liked, expected);
    }
    app.stop().await;
}

#[tokio::test]
async fn headshots_of_others_are_not_there() {
    let app = TestApp::start().await;
    let (_, shoot) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let (lee, _) = app.member("lee@acme.test").await;
    let id = headshots(&app, &shoot)[0].id.clone();
    let base = format!("/team-member/headshots/{id}");
    for path in [
        base.clone(),
        format!("{base}/portrait.jpg"),
        format!("{base}/square.jpg"),
        format!("{base}/thumbnail.jpg?download=1"),
        format!("/team-member/shoots/{shoot}"),
        format!("/team-member/shoots/{shoot}/headshots.zip"),
    ] {
        assert_eq!(app.get(&lee, &path).await.status, 404, "{path}");
        assert_eq!(app.get(&Caller::Nobody, &path).await.status, 401, "{path}");
    }
    for what in ["like", "favourite"] {
        for other in [&lee, &app.owner] {
            assert_eq!(app.submit(other, &format!("{base}/{what}"), &[]).await.status, 404, "{what}");
        }
    }
    assert!(headshots(&app, &shoot).iter().all(|headshot| !headshot.favorite && headshot.liked == Liked::None));
    app.stop().await;
}

#[tokio::test]
async fn deleted_headshots_leave_a_page_that_says_so() {
    let app = TestApp::start().await;
    let (kim, shoot) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let id = headshots(&app, &shoot)[0].id.clone();
    let gone = shoot.clone();
    app.db.write(move |tx| shoots::delete(tx, &shoots::get(tx, &gone)?, "Asked for")).await.unwrap();
    assert_eq!(app.get(&kim, &format!("/team-member/headshots/{id}/portrait.jpg")).await.status, 404);
    let page = app.get(&kim, "/team-member").await;
    assert!(
        page.text().contains("Your headshots were deleted") && page.text().contains("ask ada@acme.test"),
        "{}",
        page.text()
    );
    assert_eq!(app.get(&kim, "/team-member/onboarding").await.redirects(), "/team-member");
    app.stop().await;
}

#[tokio::test]
async fn several_shoots_are_cards() {
    let app = TestApp::start().await;
    let (kim, first) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let second = {
        let shoot = crate::studio::shoot(&app, &first);
        let begun = app.db.write(move |tx| shoots::begin(tx, &shoot.organization, &shoot.member.unwrap(), false));
        begun.await.unwrap().id
    };
    finish(&app, &kim, &second).await;
    let page = app.get(&kim, "/team-member").await.text();
    for shoot in [&first, &second] {
        assert!(page.contains(&format!("href=\"/team-member/shoots/{shoot}\"")), "{page}");
        let one = app.get(&kim, &format!("/team-member/shoots/{shoot}")).await.text();
        assert!(one.contains(&format!("/team-member/shoots/{shoot}/headshots.zip")) && one.contains("All shoots"));
    }
    app.stop().await;
}

#[tokio::test]
async fn files_of_a_deleted_shoot_are_to_go_while_its_headshots_are_still_known() {
    let app = TestApp::start().await;
    let (_, id) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let first = headshots(&app, &id).remove(0).id;
    let stays = || app.db.read(|view| results::stays(view, &first)).unwrap();
    assert!(stays());
    app.db.write(move |tx| shoots::delete(tx, &shoots::get(tx, &id)?, "Asked for")).await.unwrap();
    assert!(app.db.read(|view| results::get(view, &first)).is_ok());
    assert!(!stays());
    assert!(!app.db.read(|view| results::stays(view, &ResultId::new())).unwrap());
    app.stop().await;
}
