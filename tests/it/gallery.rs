//! Choosing among many headshots: previews, filters, comparing, other formats.

use std::io::Cursor;

use headroom::{
    ids::ResultId,
    members::Actor,
    offboarding,
    results::Liked,
    storage::{HeadshotFile, Key, Preview},
};
use image::ImageFormat;

use crate::{
    app::{Answer, Caller, TestApp},
    studio::{headshots, with_headshots, with_rows_of_headshots},
};

fn kind(answer: &Answer) -> (ImageFormat, u32, u32) {
    let format = image::guess_format(&answer.body).unwrap();
    let picture = image::load_from_memory(&answer.body).unwrap();
    (format, picture.width(), picture.height())
}

#[tokio::test]
async fn headshots_are_shown_small_and_taken_along_in_any_format() {
    let app = TestApp::start().await;
    let (kim, shoot) = with_headshots(&app, "kim@acme.test").await;
    let third = headshots(&app, &shoot).remove(2);
    let base = format!("/team-member/headshots/{}", third.id);

    // Kept with the headshot, and made again where a headshot has none.
    for (preview, height) in [(Preview::Small, 400), (Preview::Large, 600)] {
        let key = Key::Preview(&third.id, preview);
        assert!(app.storage.get(key).await.unwrap().is_some(), "kept when it was delivered");
        app.storage.delete(key).await.unwrap();
        let shown = app.get(&kim, &format!("{base}/{}", preview.name())).await;
        assert_eq!(kind(&shown), (ImageFormat::WebP, preview.width(), height));
        assert_eq!(shown.header("content-type"), Some("image/webp"));
        assert_eq!(app.storage.get(key).await.unwrap().unwrap(), shown.body, "kept from now on");
    }
    let jpeg = app.get(&kim, &format!("{base}/thumbnail.jpg")).await;
    let webp = app.get(&kim, &format!("{base}/320.webp")).await;
    assert!(webp.body.len() < jpeg.body.len() && webp.body.len() < 12_000, "{} bytes", webp.body.len());

    // Both sizes in three formats, by names that say what they are.
    for (size, high, name) in
        [("portrait", third.height, ""), ("original", third.height, ""), ("square", third.width, "-square")]
    {
        for (format, found, ending) in
            [("jpeg", ImageFormat::Jpeg, "jpg"), ("png", ImageFormat::Png, "png"), ("webp", ImageFormat::WebP, "webp")]
        {
            let file = app.get(&kim, &format!("{base}/download?size={size}&format={format}")).await;
            assert_eq!(kind(&file), (found, third.width, high), "{size} {format}");
            let name = format!("attachment; filename=\"kim-lee-headshot-03-{}{name}.{ending}\"", third.backdrop);
            assert_eq!(file.header("content-disposition"), Some(name.as_str()));
        }
    }
    for wrong in ["size=huge", "format=gif"] {
        assert_eq!(app.get(&kim, &format!("{base}/download?{wrong}")).await.status, 400, "{wrong}");
    }

    // An archive of the chosen ones, in one format.
    let zip = format!("/team-member/shoots/{shoot}/headshots.zip");
    let first = headshots(&app, &shoot).remove(0).id;
    let chosen = app.get(&kim, &format!("{zip}?pick={}&pick={first}&format=webp", third.id)).await;
    let mut archive = zip::ZipArchive::new(Cursor::new(&chosen.body)).unwrap();
    let names: Vec<String> =
        (0..archive.len()).map(|at| archive.by_index(at).unwrap().name().unwrap().into_owned()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    assert!(
        names[0].starts_with("kim-lee-headshot-01-") && names[3].starts_with("square/kim-lee-headshot-03-"),
        "{names:?}"
    );
    assert!(names.iter().all(|name| name.ends_with(".webp")), "{names:?}");
    assert_eq!(app.get(&kim, &format!("{zip}?pick={}", ResultId::new())).await.status, 404);
    app.stop().await;
}

#[tokio::test]
async fn a_preview_never_brings_back_what_was_deleted() {
    let app = TestApp::start().await;
    let (kim, shoot) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let id = headshots(&app, &shoot)[0].id.clone();
    let (lee, _) = app.member("lee@acme.test").await;
    let portrait = std::fs::read("tests/pictures/astronaut.jpg").unwrap();
    app.storage.put(Key::Headshot(&id, HeadshotFile::Portrait), portrait.into()).await.unwrap();
    for path in ["320.webp", "download?format=png"] {
        let path = format!("/team-member/headshots/{id}/{path}");
        assert_eq!(app.get(&kim, &path).await.status, 200);
        assert_eq!(app.get(&app.owner, &path).await.status, 200, "leads see the pictures");
        assert_eq!(app.get(&lee, &path).await.status, 404);
        assert_eq!(app.get(&Caller::Nobody, &path).await.status, 401);
    }
    let operator = Actor::operator(app.organization.clone());
    let deleted = app.db.write(move |tx| offboarding::delete_shoot(tx, &operator, headroom::shoots::get(tx, &shoot)?));
    deleted.await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.get(&kim, &format!("/team-member/headshots/{id}/480.webp")).await.status, 404);
    assert_eq!(app.storage.get(Key::Preview(&id, Preview::Small)).await.unwrap(), None);
    app.stop().await;
}

#[tokio::test]
async fn the_page_shows_those_that_are_asked_for_and_forms_lead_back_to_them() {
    let app = TestApp::start().await;
    let (kim, shoot) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let made = headshots(&app, &shoot);
    let shown =
        |html: &str| -> Vec<String> { html.split("<li id=\"h").skip(1).map(|rest| rest[..24].to_owned()).collect() };
    let liked = app.get(&kim, "/team-member?show=liked").await.text();
    assert!(shown(&liked).is_empty() && liked.contains("Show all headshots"), "{liked}");

    let press = format!("/team-member/headshots/{}/like", made[2].id);
    let back = app.submit(&kim, &press, &[("from", "grid?show=liked&next=https://evil.test")]).await;
    assert_eq!(back.redirects(), format!("/team-member?show=liked#h{}", made[2].id));
    assert_eq!(headshots(&app, &shoot)[2].liked, Liked::Liked);
    app.submit(&kim, &format!("/team-member/headshots/{}/favourite", made[4].id), &[]).await.redirects();
    let liked = app.get(&kim, "/team-member?show=liked").await.text();
    assert_eq!(shown(&liked), [made[2].id.to_string(), made[4].id.to_string()]);
    // Neighbours are among those shown.
    let large = app.get(&kim, &format!("/team-member/headshots/{}?show=liked", made[2].id)).await.text();
    assert!(large.contains("1 of 2") && large.contains(&format!("/headshots/{}?show=liked", made[4].id)), "{large}");
    assert!(large.contains(&format!("/team-member?show=liked#h{}", made[2].id)), "{large}");

    let navy = app.get(&kim, "/team-member?backdrop=navy").await.text();
    assert_eq!(shown(&navy).len(), made.iter().filter(|headshot| headshot.backdrop.to_string() == "navy").count());
    // Six are looked through as they are.
    let all = app.get(&kim, "/team-member").await.text();
    assert!(!all.contains("class=\"sieves\"") && all.contains("?select=1"), "{all}");
    let selecting = app.get(&kim, "/team-member?select=1&show=liked").await.text();
    assert_eq!(selecting.matches("name=\"pick\"").count(), 2);
    assert!(selecting.contains("formaction=\"/team-member/compare\""), "{selecting}");
    app.stop().await;
}

#[tokio::test]
async fn two_are_compared_and_one_of_them_chosen() {
    let app = TestApp::start().await;
    let (kim, shoot) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let made = headshots(&app, &shoot);
    let (a, b) = (&made[0].id, &made[3].id);
    let pair = format!("/team-member/compare?a={a}&b={b}");
    let picked = app.get(&kim, &format!("/team-member/compare?pick={a}&pick={b}&format=jpeg")).await;
    assert_eq!(picked.redirects(), pair);
    let page = app.get(&kim, &pair).await.text();
    assert!(
        page.contains(&format!("/team-member/compare?a={b}&amp;b={a}"))
            || page.contains(&format!("/team-member/compare?a={b}&b={a}"))
            || page.contains(&format!("a={b}&#38;b={a}")),
        "{page}"
    );
    let with = app.get(&kim, &format!("/team-member/compare?a={a}")).await.text();
    assert_eq!(with.matches("/480.webp").count(), made.len() - 1);

    let chosen = app
        .submit(
            &kim,
            &format!("/team-member/headshots/{b}/favourite"),
            &[("from", &format!("compare?a={a}&b={b}")), ("set", "true")],
        )
        .await;
    assert_eq!(chosen.redirects(), pair);
    assert!(headshots(&app, &shoot)[3].favorite);

    for too_many in ["", &format!("?pick={a}&pick={b}&pick={}", made[1].id)] {
        assert_eq!(app.get(&kim, &format!("/team-member/compare{too_many}")).await.redirects(), "/team-member");
    }
    let (lee, _) = app.member("lee@acme.test").await;
    for who in [&lee, &app.owner] {
        assert_eq!(app.get(who, &pair).await.status, 404);
    }
    assert_eq!(app.get(&kim, &format!("/team-member/compare?a={a}&b={}", ResultId::new())).await.status, 404);
    assert_eq!(app.get(&kim, "/team-member/compare?a=nonsense").await.status, 404);
    app.stop().await;
}
