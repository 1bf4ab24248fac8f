//! Every uploaded photo gets a verdict in words; what can't become a headshot isn't handed in, unless a lead allows it.

use std::{io::Cursor, sync::LazyLock, time::Duration};

use headroom::{
    audit::{self, Action},
    config::PhotoChecks,
    db::{Part, Topic},
    generator::Backdrop,
    ids::{MemberId, PhotoId, ShootId},
    members::{self, Actor, Role},
    photos::{self, Looked, NewPhoto, Verdict},
    secrets::Digest,
    shoots::{self, Gender, State, Whereabouts},
};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, imageops};
use reqwest::{Method, multipart};
use serde_json::Value;

use crate::{
    app::{Answer, Caller, PATIENCE, TestApp, Wishes},
    behalf::managed,
    studio::{PHOTOS, REVIEW, gather, photos as photos_of, portrait, shoot, submit, upload},
};

const STEP: &str = "/team-member/onboarding/photos";

async fn with(settings: &[(&'static str, &str)]) -> TestApp {
    LazyLock::force(&FINE);
    let settings = settings.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    TestApp::start_with(Wishes { settings, ..Wishes::default() }).await
}

/// As in production: what is no good is turned down.
async fn checking() -> TestApp {
    with(&[("photo_checks", "on"), ("dev_shoot", "1h")]).await
}

/// The astronaut so many times as large: from 3 on it is a fine photo.
fn astronaut(times: u32) -> DynamicImage {
    let small = image::load_from_memory(&portrait(0)).unwrap();
    small.resize_exact(small.width() * times, small.height() * times, imageops::FilterType::CatmullRom)
}

fn jpeg(picture: &DynamicImage) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.to_rgb8().write_to(&mut file, ImageFormat::Jpeg).unwrap();
    file.into_inner()
}

/// Made once, before a test speaks to its server: drawing takes so long here that a waiting connection is closed meanwhile.
static FINE: LazyLock<Vec<u8>> = LazyLock::new(|| jpeg(&astronaut(3)));

fn fine() -> Vec<u8> {
    FINE.clone()
}

/// Too few pixels for a face.
fn tiny() -> Vec<u8> {
    portrait(1)
}

fn dark() -> Vec<u8> {
    let mut picture = astronaut(3).to_rgb8();
    picture.pixels_mut().flat_map(|pixel| &mut pixel.0).for_each(|value| *value /= 10);
    jpeg(&picture.into())
}

fn two_people() -> Vec<u8> {
    let one = astronaut(2).to_rgb8();
    let mut both = RgbImage::new(one.width() * 2, one.height());
    imageops::replace(&mut both, &one, 0, 0);
    imageops::replace(&mut both, &one, i64::from(one.width()), 0);
    jpeg(&both.into())
}

fn nobody() -> Vec<u8> {
    jpeg(&RgbImage::from_fn(800, 800, |x, y| Rgb([(x / 4) as u8, (y / 4) as u8, 120])).into())
}

async fn ready_for_photos(app: &TestApp, email: &str) -> (Caller, ShootId) {
    let (who, shoot) = app.member(email).await;
    app.submit(&who, "/team-member/onboarding/you", &[("name", "Kim Lee"), ("gender", "person")]).await.redirects();
    (who, shoot)
}

fn said(answer: &Value) -> (&str, &str) {
    (answer["verdict"].as_str().unwrap(), answer["words"].as_str().unwrap())
}

#[tokio::test]
async fn what_a_better_photo_means_for_those_like_it_is_told_with_it() {
    let (small, large) = (jpeg(&astronaut(2).fliph()), jpeg(&astronaut(3).fliph()));
    let app = checking().await;
    let (kim, _) = ready_for_photos(&app, "kim@acme.test").await;
    let first = upload(&app, &kim, "small.jpg", small).await.ok();
    assert_eq!((said(&first).0, first["others"].as_array().unwrap().len()), ("usable", 0));
    let other = upload(&app, &kim, "head.jpg", jpeg(&astronaut(3).rotate180())).await.ok();
    assert!(other["others"].as_array().unwrap().is_empty());
    let better = upload(&app, &kim, "large.jpg", large).await.ok();
    let others = better["others"].as_array().unwrap();
    assert_eq!((said(&better), others.len(), &others[0]["id"]), (("fine", "Good"), 1, &first["id"]));
    assert!(others[0]["words"].as_str().unwrap().starts_with("Almost the same as another photo"));
    assert!(others[0]["html"].as_str().unwrap().contains("Almost the same"));
    app.stop().await;
}

#[tokio::test]
async fn each_photo_gets_its_verdict_in_words_at_once() {
    let tries = [
        ("fine.jpg", fine(), "fine", "Good"),
        ("small.jpg", jpeg(&astronaut(2).fliph()), "usable", "Small face. A closer photo"),
        ("head.jpg", jpeg(&astronaut(3).crop_imm(200, 0, 1_300, 1_300).rotate180()), "fine", "Good"),
        ("tiny.jpg", tiny(), "unusable", "Face too small. Come closer"),
        ("blurred.jpg", jpeg(&astronaut(3).blur(12.0)), "unusable", "Blurred. Hold still"),
        ("dark.jpg", dark(), "unusable", "oo dark"),
        ("two.jpg", two_people(), "unusable", "More than one person. Use a photo of one person alone."),
        ("nobody.jpg", nobody(), "unusable", "No face found. Take it from the front"),
    ];
    let app = checking().await;
    let (kim, _) = ready_for_photos(&app, "kim@acme.test").await;
    for (name, file, verdict, words) in &tries {
        let told = upload(&app, &kim, name, file.clone()).await.ok();
        let (said, why) = said(&told);
        assert_eq!(said, *verdict, "{name}: {why}");
        assert!(why.contains(words), "{name}: {why}");
        let card = told["html"].as_str().unwrap();
        assert!(card.contains(&format!("Remove {name}")), "{told}");
        assert_eq!(card.contains(&format!("Replace {name}")), *words != "Good", "{told}");
    }
    // Also without a script, after a reload; what needs another photo comes first.
    let page = app.get(&kim, STEP).await.text();
    assert!(page.contains("3 of 8 photos can be used. 6 to 12 good ones give the best result."), "{page}");
    for (name, _, verdict, words) in &tries {
        assert!(*verdict == "fine" || page.contains(words), "{name}: {words}");
    }
    let place = |name: &str| page.find(&format!("alt=\"{name}\"")).unwrap();
    assert!(place("nobody.jpg") < place("fine.jpg") && place("tiny.jpg") < place("nobody.jpg"));
    assert!(!page.contains("Use it anyway"), "nobody allows their own");
    app.stop().await;
}

#[tokio::test]
async fn almost_the_same_counts_once_until_the_first_goes() {
    let size = astronaut(3).width() * 9 / 10;
    let again = astronaut(3).resize_exact(size, size, imageops::FilterType::Triangle);
    let again = jpeg(&again);
    let app = checking().await;
    let (kim, id) = ready_for_photos(&app, "kim@acme.test").await;
    let first = upload(&app, &kim, "one.jpg", fine()).await.ok();
    let second = upload(&app, &kim, "again.jpg", again).await.ok();
    assert!(said(&second).1.contains("Almost the same as another photo"), "{second}");
    assert_eq!(second["standing"]["summary"], "1 of 2 photos can be used. 6 to 12 good ones give the best result.");
    let used = app.db.read(|view| photos::best_first(view, &id)).unwrap();
    assert_eq!(used.len(), 1);

    let first = first["id"].as_str().unwrap();
    let removal =
        app.request(&kim, Method::POST, &format!("{PHOTOS}/{first}/remove")).header("accept", "application/json");
    let left = Answer::of(removal).await.ok();
    assert_eq!(left["photos"].as_array().unwrap().len(), 1);
    assert!(!said(&left["photos"][0]).1.contains("Almost the same"), "{left}");
    assert_eq!(left["standing"]["photos"], 1);
    assert_eq!(photos_of(&app, &id)[0].twin, None);
    app.stop().await;
}

#[tokio::test]
async fn only_photos_that_were_turned_down_are_not_handed_in() {
    let app = checking().await;
    let (kim, id) = ready_for_photos(&app, "kim@acme.test").await;
    let told = upload(&app, &kim, "tiny.jpg", tiny()).await.ok();
    assert_eq!(told["standing"]["enough"], false);
    let page = app.get(&kim, STEP).await.text();
    assert!(page.contains("This photo can&#39;t be used. Add one that can, to go on."), "{page}");
    assert!(page.contains("aria-disabled=\"true\""), "{page}");
    for later in ["/team-member/onboarding/style", REVIEW] {
        assert_eq!(app.get(&kim, later).await.redirects(), STEP);
    }
    let open = shoot(&app, &id);
    app.db.write(move |tx| shoots::choose_backdrops(tx, &open, &[Backdrop::Navy.into()])).await.unwrap();
    assert_eq!(submit(&app, &kim).await.redirects(), "/team-member/onboarding");
    assert_eq!((shoot(&app, &id).state, shoot(&app, &id).photos, app.credits()), (State::Onboarding, 1, 100));

    // A good one in one window; gone in another, before the first one submits.
    let good = upload(&app, &kim, "fine.jpg", fine()).await.ok()["id"].as_str().unwrap().to_owned();
    let review = app.get(&kim, REVIEW).await.text();
    assert!(review.contains("1 of them used") && review.contains("tiny.jpg, not used"), "{review}");
    app.submit(&kim, &format!("{PHOTOS}/{good}/remove"), &[]).await.redirects();
    assert_eq!(submit(&app, &kim).await.redirects(), "/team-member/onboarding");
    assert_eq!(app.credits(), 100);

    upload(&app, &kim, "fine.jpg", fine()).await.ok();
    assert_eq!(submit(&app, &kim).await.redirects(), "/team-member");
    assert_eq!((shoot(&app, &id).state != State::Onboarding, app.credits()), (true, 99));
    app.stop().await;
}

#[tokio::test]
async fn who_only_advises_blocks_nothing() {
    let app = with(&[("photo_checks", "advise"), ("dev_shoot", "1h")]).await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    assert_eq!(photos_of(&app, &id)[0].verdict, Some(Verdict::Unusable));
    let page = app.get(&kim, STEP).await.text();
    assert!(page.contains("Face too small.") && page.contains("You can go on all the same."), "{page}");
    assert!(page.contains("Not a good one") && !page.contains("Can&#39;t be used"), "it is used: {page}");
    assert_eq!(submit(&app, &kim).await.redirects(), "/team-member");
    assert_eq!(app.credits(), 99);
    assert_eq!(app.db.read(|view| photos::best_first(view, &id)).unwrap().len(), 1, "the generator gets what there is");
    app.stop().await;
}

#[tokio::test]
async fn a_shoot_goes_by_what_was_seen_when_its_photos_came() {
    let app = with(&[("photo_checks", "advise"), ("generator", "studio")]).await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    upload(&app, &kim, "other.jpg", jpeg(&astronaut(1).fliph())).await.ok();
    // There is somebody on both: whoever looked again would see them.
    let saw_nobody = "update photos set findings = '[\"no_face\"]', score = -100";
    app.db.write(|tx| tx.execute(saw_nobody, [])).await.unwrap();
    let mut told = app.db.listen(Topic::Shoot(id.clone()));
    assert_eq!(submit(&app, &kim).await.redirects(), "/team-member");
    while !matches!(shoot(&app, &id).state, State::Failed | State::Ready) {
        tokio::time::timeout(4 * PATIENCE, told.changed()).await.expect("news of the shoot").unwrap();
    }
    let failure = shoot(&app, &id).failure.unwrap();
    assert!(failure.contains("face"), "{failure}");
    app.stop().await;
}

#[tokio::test]
async fn thresholds_are_the_operators() {
    let app = with(&[("photo_checks", "on"), ("check_eye_distance", "20,30")]).await;
    let (kim, _) = ready_for_photos(&app, "kim@acme.test").await;
    let told = upload(&app, &kim, "tiny.jpg", tiny()).await.ok();
    assert_ne!(said(&told).0, "unusable", "{told}");
    app.stop().await;
}

/// A photo whose row says this; there is no picture.
fn row(seed: &str, looked: Looked) -> NewPhoto {
    NewPhoto {
        id: PhotoId::new(),
        name: format!("{seed}.jpg"),
        width: 800,
        height: 800,
        bytes: 1000,
        digest: Digest::of(seed),
        looked: Some(looked),
    }
}

fn looked(verdict: Verdict, likeness: u64) -> Looked {
    let findings = if verdict == Verdict::Unusable { vec![headroom_studio::Finding::Blurred] } else { Vec::new() };
    Looked { verdict, findings, score: if verdict == Verdict::Unusable { -99.0 } else { 1.0 }, likeness }
}

/// Photos as rows, and all that a submission needs besides.
async fn pack(app: &TestApp, shoot: &ShootId, rows: Vec<NewPhoto>) {
    for row in rows {
        let shoot = shoot.clone();
        app.db.write(move |tx| photos::add(tx, &shoot, &row, 8)).await.unwrap();
        app.db.clock().advance(Duration::from_millis(1));
    }
    let shoot = shoot.clone();
    let packed = app.db.write(move |tx| {
        let open = shoots::get(tx, &shoot)?;
        shoots::choose_gender(tx, &open, Gender::Person)?;
        shoots::choose_backdrops(tx, &open, &[Backdrop::Navy.into()])
    });
    packed.await.unwrap();
}

#[tokio::test]
async fn test_data_may_be_anything() {
    let app = TestApp::start().await;
    let (_, real) = app.member("kim@acme.test").await;
    let member = shoot(&app, &real).member.unwrap();
    let organization = app.organization.clone();
    let of = member.clone();
    let test = app.db.write(move |tx| Ok(shoots::begin(tx, &organization, &of, true)?.id)).await.unwrap();
    for (id, refused) in [(&real, true), (&test, false)] {
        pack(&app, id, vec![row(id.as_str(), looked(Verdict::Unusable, 0))]).await;
        let (id, member) = (id.clone(), member.clone());
        let submitted =
            app.db.write(move |tx| shoots::submit(tx, &id, &member, PhotoChecks::On, &Whereabouts::default())).await;
        assert_eq!(submitted.is_err(), refused, "{submitted:?}");
    }
    assert_eq!(app.credits(), 100);
    app.stop().await;
}

#[tokio::test]
async fn twins_are_found_among_photos_in_use_only() {
    let app = TestApp::start().await;
    let (_, id) = app.member("kim@acme.test").await;
    let rows = vec![
        row("blurred", looked(Verdict::Unusable, 0)),
        row("sharp", looked(Verdict::Fine, 0b1)),
        row("again", looked(Verdict::Fine, 0xff)),
        row("once more", looked(Verdict::Fine, 0xff0)),
        row("other", looked(Verdict::Fine, u64::MAX)),
    ];
    pack(&app, &id, rows).await;
    let twins = || -> Vec<Option<String>> {
        let all = photos_of(&app, &id);
        let name = |twin: &PhotoId| all.iter().find(|photo| photo.id == *twin).unwrap().name.clone();
        all.iter().map(|photo| photo.twin.as_ref().map(name)).collect()
    };
    let sharp = || Some("sharp.jpg".to_owned());
    // 9 bits apart from the sharp one, the fourth is a photo of its own.
    assert_eq!(twins(), [None, None, sharp(), None, None]);
    let (gone, of) = (photos_of(&app, &id)[1].id.clone(), id.clone());
    app.db.write(move |tx| photos::remove(tx, &of, &gone, 8)).await.unwrap();
    assert_eq!(twins(), [None, None, None, None]);
    app.stop().await;
}

fn deeds(app: &TestApp, about: &MemberId) -> Vec<(Action, Option<String>)> {
    let page = app.db.read(|view| audit::page(view, &app.organization, Some(about), &Part::Newest, 50)).unwrap();
    let about_photos = |action| matches!(action, Action::PhotosAllowed | Action::PhotosBarred);
    page.rows.into_iter().rev().filter(|row| about_photos(row.action)).map(|row| (row.action, row.detail)).collect()
}

#[tokio::test]
async fn a_lead_who_acts_for_someone_has_the_last_word() {
    let app = checking().await;
    let lee = managed(&app, "Lee Roe", Some("lee@acme.test")).await;
    let base = format!("/team-member/for/{lee}");
    let you = [("name", "Lee Roe"), ("gender", "person")];
    app.submit(&app.owner, &format!("{base}/onboarding/you"), &you).await.redirects();
    let part = multipart::Part::bytes(tiny()).file_name("tiny.jpg").mime_str("image/jpeg").unwrap();
    let request = app.request(&app.owner, Method::POST, &format!("{base}/photos")).header("accept", "application/json");
    let told = Answer::of(request.multipart(multipart::Form::new().part("photo", part))).await.ok();
    let id = told["id"].as_str().unwrap().to_owned();
    assert!(told["html"].as_str().unwrap().contains("Use it anyway"), "{told}");
    assert_eq!(
        app.get(&app.owner, &format!("{base}/onboarding/style")).await.redirects(),
        format!("{base}/onboarding/photos")
    );

    let allow = format!("{base}/photos/{id}/allow");
    let theirs = app.browser(&app.organization, "lee@acme.test", Role::Member).await;
    let (globex, _) = app.stranger().await;
    let hank = app.browser(&globex, "hank@globex.test", Role::Owner).await;
    for (who, path) in [(&theirs, &allow), (&hank, &allow), (&theirs, &format!("{PHOTOS}/{id}/allow"))] {
        assert_eq!(app.submit(who, path, &[("allowed", "yes")]).await.status, 404);
    }
    let random = format!("{base}/photos/{}/allow", PhotoId::new());
    assert_eq!(app.submit(&app.owner, &random, &[("allowed", "yes")]).await.status, 404);
    assert_eq!(deeds(&app, &lee), []);

    for _ in 0..2 {
        let back = app.submit(&app.owner, &allow, &[("allowed", "yes")]).await;
        assert_eq!(back.redirects(), format!("{base}/onboarding/photos"));
    }
    let page = app.get(&theirs, STEP).await.text();
    assert!(page.contains("Allowed by your organization") && !page.contains("Don't use it"), "{page}");
    app.submit(&app.owner, &allow, &[]).await.redirects();
    assert!(app.get(&theirs, STEP).await.text().contains("Can&#39;t be used"));
    app.submit(&app.owner, &allow, &[("allowed", "yes")]).await.redirects();
    let detail = Some("1 photo: face too small".to_owned());
    let said =
        [Action::PhotosAllowed, Action::PhotosBarred, Action::PhotosAllowed].map(|action| (action, detail.clone()));
    assert_eq!(deeds(&app, &lee), said);

    app.submit(&app.owner, &format!("{base}/onboarding/style"), &[("backdrop", "navy")]).await.redirects();
    let submitted = app.submit(&app.owner, &format!("{base}/onboarding/review"), &[("consent", "yes")]).await;
    assert_eq!(submitted.redirects(), base);
    assert_eq!(app.credits(), 99);
    app.submit(&app.owner, &allow, &[]).await.redirects();
    assert_eq!(deeds(&app, &lee).len(), 3, "what is handed in stays");
    app.stop().await;
}

#[tokio::test]
async fn a_lead_may_have_both_of_two_photos_alike() {
    let app = checking().await;
    let lee = managed(&app, "Lee Roe", None).await;
    let id = app.db.read(|view| shoots::latest(view, &lee)).unwrap().unwrap().id;
    pack(&app, &id, vec![row("one", looked(Verdict::Fine, 0)), row("two", looked(Verdict::Fine, 1))]).await;
    let base = format!("/team-member/for/{lee}");
    let page = || async { app.get(&app.owner, &format!("{base}/onboarding/photos")).await.text() };
    let used = || app.db.read(|view| photos::best_first(view, &id)).unwrap().len();
    let first = page().await;
    assert!(first.contains("Only the better one is used.") && used() == 1, "{first}");
    assert_eq!(first.matches("Use it anyway").count(), 1, "{first}");

    let other = photos_of(&app, &id).into_iter().find(|photo| photo.twin.is_some()).unwrap().id;
    let allow = format!("{base}/photos/{other}/allow");
    app.submit(&app.owner, &allow, &[("allowed", "yes")]).await.redirects();
    let both = page().await;
    assert!(both.contains("It is used although it is almost the same as another.") && used() == 2, "{both}");
    assert!(both.contains("2 photos can be used"), "{both}");
    app.submit(&app.owner, &allow, &[]).await.redirects();
    assert!(page().await.contains("Only the better one is used.") && used() == 1);
    let detail = Some("1 photo: almost the same as another".to_owned());
    let said = [Action::PhotosAllowed, Action::PhotosBarred].map(|action| (action, detail.clone()));
    assert_eq!(deeds(&app, &lee), said);
    app.stop().await;
}

#[tokio::test]
async fn a_lead_allows_photos_without_seeing_them() {
    let app = checking().await;
    let (kim, id) = app.member("kim@acme.test").await;
    let member = shoot(&app, &id).member.unwrap();
    let bad = |seed: &str| row(seed, looked(Verdict::Unusable, 0));
    pack(&app, &id, vec![bad("one"), bad("two")]).await;
    let page = format!("/app/admin/members/{member}");
    let text = app.get(&app.owner, &page).await.text();
    assert!(text.contains("2 photos, not submitted yet. None can be used."), "{text}");
    assert!(text.contains("2 were turned down: blurred.") && !text.contains("/photos/507"), "{text}");
    assert!(!text.contains("thumbnail"), "{text}");

    let (globex, _) = app.stranger().await;
    let hank = app.browser(&globex, "hank@globex.test", Role::Owner).await;
    let allow = format!("{page}/photos");
    assert_eq!(app.submit(&hank, &allow, &[("allowed", "yes")]).await.status, 404);
    assert_ne!(app.submit(&kim, &allow, &[("allowed", "yes")]).await.status, 303);
    app.submit(&app.owner, &allow, &[("allowed", "yes")]).await.redirects();
    assert_eq!(deeds(&app, &member), [(Action::PhotosAllowed, Some("2 photos: blurred".to_owned()))]);
    let text = app.get(&app.owner, &page).await.text();
    assert!(
        text.contains("2 were turned down and may be used all the same.") && text.contains("Take this back"),
        "{text}"
    );
    app.submit(&app.owner, &allow, &[]).await.redirects();
    assert!(photos_of(&app, &id).iter().all(photos::Photo::is_turned_down));

    // The operator can, too; a mere member can't.
    let (by, of) = (Actor::operator(app.organization.clone()), member.clone());
    let allowed = app.db.write(move |tx| photos::allow_all(tx, &by, &members::get(tx, &of)?, true, 8)).await.unwrap();
    assert_eq!(allowed, 2);
    let of = member.clone();
    let refused = app.db.write(move |tx| {
        let kim = members::get(tx, &of)?;
        photos::allow_all(tx, &kim.actor(), &kim, false, 8)
    });
    assert!(refused.await.is_err());
    app.stop().await;
}
