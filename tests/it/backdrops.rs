//! An organization's own backdrops, and how many headshots it wants: what leads set, what people choose from, what is made of it.

use std::{path::PathBuf, time::Duration};

use headroom::{
    audit,
    db::Part,
    generator::{Backdrop, Scene},
    ids::{BackdropId, CutoutId, OrganizationId},
    images::{self, Picture, Size},
    members::Role,
    organizations, shoots,
    shoots::State,
    storage::{BackdropFile, Key},
    styles::{self, OwnBackdrop},
};
use reqwest::{Method, multipart};
use tempfile::TempDir;

use crate::{
    app::{Answer, Caller, TestApp, Wishes},
    studio::{self, REVIEW, files, gather, headshots, shoot, told},
};

const PAGE: &str = "/app/admin/settings/headshots";
const ADD: &str = "/app/admin/settings/headshots/backdrops";
const STYLE: &str = "/team-member/onboarding/style";

/// A picture of one colour, as a file.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let size = Size { width, height };
    let rgb = [200, 30, 60].repeat(size.area() as usize);
    images::encode_jpeg(&Picture::new(size, rgb).unwrap(), 80).unwrap()
}

async fn post(app: &TestApp, who: &Caller, name: &str, file: Option<(&str, Vec<u8>)>) -> Answer {
    let mut form = multipart::Form::new().text("name", name.to_owned());
    if let Some((called, bytes)) = file {
        form = form.part("picture", multipart::Part::bytes(bytes).file_name(called.to_owned()));
    }
    Answer::of(app.request(who, Method::POST, ADD).multipart(form)).await
}

/// Adds a backdrop as a lead does.
pub(crate) async fn add(app: &TestApp, name: &str) -> OwnBackdrop {
    let added = post(app, &app.owner, name, Some(("wall.jpg", picture(1200, 1300)))).await;
    assert_eq!(added.redirects(), PAGE);
    own(app).into_iter().find(|own| own.name == name).expect("the backdrop")
}

fn own(app: &TestApp) -> Vec<OwnBackdrop> {
    app.db.read(|view| styles::list(view, &app.organization)).unwrap()
}

fn on_disk() -> (Wishes, TempDir) {
    let data = tempfile::tempdir().unwrap();
    (Wishes { data: Some(data.path().to_owned()), ..Wishes::default() }, data)
}

fn stored(data: &TempDir) -> Vec<PathBuf> {
    files(&data.path().join("photos"))
}

fn noted(app: &TestApp) -> Vec<(String, String)> {
    let page = app.db.read(|view| audit::page(view, &app.organization, None, &Part::Newest, 20)).unwrap();
    let told = page.rows.into_iter().filter(|deed| deed.action == audit::Action::SettingsChanged);
    let how = |before: Option<String>, after: Option<String>| {
        [before, after].map(Option::unwrap_or_default).join(" > ").trim().to_owned()
    };
    told.map(|deed| (deed.subject.unwrap_or_default(), how(deed.before, deed.after))).collect()
}

/// The browser of another organization's owner.
async fn stranger(app: &TestApp) -> (OrganizationId, Caller) {
    let (globex, _) = app.stranger().await;
    let hank = app.browser(&globex, "hank@globex.test", Role::Owner).await;
    (globex, hank)
}

#[tokio::test]
async fn a_lead_adds_renames_and_removes_a_picture() {
    let (wishes, data) = on_disk();
    let app = TestApp::start_with(wishes).await;
    let added = post(&app, &app.owner, " <b>Lobby</b> ", Some(("wall.jpg", picture(3000, 2000)))).await;
    assert_eq!((added.redirects(), TestApp::flash(&added).as_str()), (PAGE, "Added the backdrop <b>Lobby</b>."));
    let lobby = own(&app).remove(0);
    assert_eq!((lobby.width, lobby.height), (1024, 1280));
    let kept = app.storage.get(Key::Backdrop(&lobby.id, BackdropFile::Picture)).await.unwrap().unwrap();
    assert_eq!(images::measure(&kept).unwrap(), styles::SIZE);
    assert_eq!(stored(&data).len(), 2);
    let page = app.page(PAGE).await;
    assert!(page.contains("&#60;b&#62;Lobby&#60;/b&#62;") && !page.contains("<b>Lobby"), "{page}");
    for drawn in Backdrop::ALL {
        assert!(page.contains(drawn.label()), "{drawn}");
    }
    assert!(page.contains("<strong>sample</strong>"));
    let seen = app.get(&app.owner, &format!("{ADD}/{}/thumbnail.jpg", lobby.id)).await;
    assert_eq!((seen.status.as_u16(), seen.header("content-type")), (200, Some("image/jpeg")));
    assert!(seen.header("cache-control").unwrap().contains("private"));

    assert!(app.page(&format!("{PAGE}?rename={}", lobby.id)).await.contains("name=\"rename\""));
    let renamed = app.submit(&app.owner, &format!("{ADD}/{}", lobby.id), &[("rename", "Hall")]).await;
    assert_eq!(TestApp::flash(&renamed), "Renamed the backdrop to Hall.");
    let nameless = app.submit(&app.owner, &format!("{ADD}/{}", lobby.id), &[("rename", " ")]).await;
    assert_eq!(nameless.status, 400);
    assert!(nameless.text().contains("A backdrop needs a name of 1 to 60 characters."));

    assert!(app.page(&format!("{PAGE}?remove={}", lobby.id)).await.contains("Remove the backdrop Hall"));
    let removed = app.submit(&app.owner, &format!("{ADD}/{}/remove", lobby.id), &[]).await;
    assert_eq!(removed.redirects(), PAGE);
    assert_eq!(stored(&data).len(), 2, "both files are there as long as it can be undone");
    app.let_go().await;
    assert!(own(&app).is_empty() && stored(&data).is_empty());
    assert_eq!(app.get(&app.owner, &format!("{ADD}/{}/thumbnail.jpg", lobby.id)).await.status, 404);
    let told: Vec<String> = noted(&app).into_iter().map(|(what, how)| format!("{what}: {how}")).collect();
    assert_eq!(told, ["Backdrops: Hall >", "Backdrops: <b>Lobby</b> > Hall", "Backdrops: > <b>Lobby</b>"]);
}

#[tokio::test]
async fn what_is_no_backdrop_is_refused_in_words_and_leaves_nothing() {
    let (wishes, data) = on_disk();
    let app = TestApp::start_with(wishes).await;
    for (file, status, words) in [
        (Some(("a.jpg", picture(1000, 1300))), 400, "of its 1000 × 1300 pixels"),
        (Some(("a.jpg", picture(1500, 1200))), 400, "it needs 1024 × 1280 pixels"),
        (Some(("a.jpg", b"no picture".to_vec())), 415, "JPEG"),
        (None, 400, "Choose a picture first."),
    ] {
        let refused = post(&app, &app.owner, "The wall", file).await;
        assert_eq!(refused.status.as_u16(), status, "{words}: {}", refused.text());
        assert!(refused.text().contains(words), "{words}: {}", refused.text());
        assert!(refused.text().contains("value=\"The wall\""), "what was typed is kept");
    }
    let unnamed = post(&app, &app.owner, "  ", Some(("North wall.png", picture(1024, 1280)))).await;
    assert_eq!(unnamed.redirects(), PAGE);
    assert_eq!(own(&app)[0].name, "North wall");
    let again = post(&app, &app.owner, "NORTH WALL", Some(("b.jpg", picture(1024, 1280)))).await;
    assert_eq!(again.status, 400);
    assert!(again.text().contains("There is already a backdrop called"));
    assert_eq!(stored(&data).len(), 2, "nothing is left of those that were refused");
    let (kim, _) = app.member("kim@acme.test").await;
    assert_eq!(post(&app, &kim, "Mine", Some(("a.jpg", picture(1024, 1280)))).await.status, 403);
    for number in 2..=12 {
        add(&app, &format!("Wall {number}")).await;
    }
    let full = post(&app, &app.owner, "One more", Some(("a.jpg", picture(1024, 1280)))).await;
    assert_eq!(full.status, 400);
    assert!(full.text().contains("You have 12, the most there can be."), "{}", full.text());
    assert_eq!((own(&app).len(), stored(&data).len()), (12, 24));
}

#[tokio::test]
async fn another_organizations_backdrop_is_none() {
    let app = TestApp::start().await;
    let lobby = add(&app, "Lobby").await;
    let (kim, _) = app.member("kim@acme.test").await;
    let seen = format!("/team-member/backdrops/{}", lobby.id);
    for file in ["thumbnail.jpg", "picture.jpg"] {
        assert_eq!(app.get(&kim, &format!("{seen}/{file}")).await.status, 200);
        assert_eq!(app.get(&Caller::Nobody, &format!("{seen}/{file}")).await.status, 401);
    }
    let (globex, hank) = stranger(&app).await;
    let hers = app.browser(&globex, "mia@globex.test", Role::Member).await;
    let random = BackdropId::new();
    for caller in [&hank, &hers] {
        let foreign = app.get(caller, &format!("{seen}/thumbnail.jpg")).await;
        let nowhere = app.get(caller, &format!("/team-member/backdrops/{random}/thumbnail.jpg")).await;
        assert_eq!((foreign.status.as_u16(), nowhere.status.as_u16()), (404, 404));
        let words = |answer: &Answer| answer.text().split("Request <code>").next().unwrap().to_owned();
        assert_eq!(words(&foreign), words(&nowhere));
    }
    for id in [&lobby.id, &random] {
        assert_eq!(app.get(&hank, &format!("{ADD}/{id}/thumbnail.jpg")).await.status, 404);
        assert_eq!(app.get(&hank, &format!("{PAGE}?rename={id}")).await.status, 404);
        assert_eq!(app.get(&hank, &format!("{PAGE}?remove={id}")).await.status, 404);
        assert_eq!(app.submit(&hank, &format!("{ADD}/{id}"), &[("rename", "Ours")]).await.status, 404);
        assert_eq!(app.submit(&hank, &format!("{ADD}/{id}/remove"), &[]).await.status, 404);
    }
    assert_eq!(own(&app)[0].name, "Lobby");
    // Nor does anybody get it behind them by naming it.
    let foreign = app.db.write({
        let globex = globex.clone();
        move |tx| {
            let member = headroom::members::leads(tx, &globex)?.remove(0);
            let shoot = shoots::begin(tx, &globex, &member.id, true)?;
            shoots::choose_backdrops(tx, &shoot, &[Scene::Own(lobby.id)])
        }
    });
    assert!(foreign.await.unwrap_err().to_string().contains("not there any more"));
}

#[tokio::test]
async fn people_are_offered_the_own_ones_first_and_lose_what_is_removed() {
    let app = TestApp::start().await;
    let (lobby, hall) = (add(&app, "Lobby & <i>bar</i>").await, add(&app, "Hall").await);
    let (kim, kims) = app.member("kim@acme.test").await;
    let (lee, lees) = app.member("lee@acme.test").await;
    for who in [&kim, &lee] {
        gather(&app, who).await;
    }
    let offered = app.get(&kim, STYLE).await.text();
    let at = |words: &str| offered.find(words).unwrap_or_else(|| panic!("{words}: {offered}"));
    assert!(at(lobby.id.as_str()) < at(hall.id.as_str()) && at(hall.id.as_str()) < at("value=\"grey\""));
    assert!(offered.contains("Lobby &#38; &#60;i&#62;bar") && !offered.contains("<i>bar"), "{offered}");
    assert!(offered.contains(&format!("/team-member/backdrops/{}/thumbnail.jpg", lobby.id)));

    let random = BackdropId::new();
    let only_lobby = [("backdrop", lobby.id.as_str())];
    let both = [("backdrop", lobby.id.as_str()), ("backdrop", "navy"), ("backdrop", random.as_str())];
    assert_eq!(app.submit(&kim, STYLE, &only_lobby).await.redirects(), REVIEW);
    assert_eq!(app.submit(&lee, STYLE, &both).await.redirects(), REVIEW);
    assert_eq!(shoot(&app, &lees).backdrops.len(), 2, "what is none was left out");
    assert!(app.get(&kim, REVIEW).await.text().contains("Lobby &#38; &#60;i&#62;bar"));
    let (_, sams) = app.member("sam@acme.test").await;
    studio::pack(&app, &sams).await;
    let (id, chosen) = (sams.clone(), [Scene::Own(lobby.id.clone()), Backdrop::Grey.into()]);
    app.db.write(move |tx| shoots::choose_backdrops(tx, &shoots::get(tx, &id)?, &chosen)).await.unwrap();
    studio::hand_in(&app, &sams).await;

    let asked = app.page(&format!("{PAGE}?remove={}", lobby.id)).await;
    assert!(asked.contains("2 people chose it and have not submitted yet"), "{asked}");
    assert!(asked.contains("One person&#39;s headshots are being made: they get light grey instead."), "{asked}");
    app.submit(&app.owner, &format!("{ADD}/{}/remove", lobby.id), &[]).await.redirects();
    app.let_go().await;
    assert_eq!(shoot(&app, &kims).backdrops, []);
    assert_eq!(shoot(&app, &lees).backdrops, [Backdrop::Navy.into()]);
    assert_eq!(app.get(&kim, REVIEW).await.redirects(), STYLE, "the choice is open again");
    assert_eq!(app.get(&lee, REVIEW).await.status, 200);
    let handed_in = shoot(&app, &sams);
    assert_eq!(handed_in.state, State::Submitted);
    let scenes = app.db.read(|view| shoots::scenes(view, &handed_in)).unwrap();
    assert_eq!(scenes, [Backdrop::Grey.into()], "light grey in its place, and once");
    let too_late = app.submit(&kim, STYLE, &only_lobby).await;
    assert_eq!(too_late.status, 400);
}

#[tokio::test]
async fn headshots_before_an_own_picture_carry_its_name_wherever_they_go() {
    let app = TestApp::start().await;
    let lobby = add(&app, "Łódź / ../Lobby").await;
    app.set("headshots", "13").await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    let style = [("backdrop", lobby.id.as_str()), ("backdrop", "navy")];
    app.submit(&kim, STYLE, &style).await.redirects();
    studio::submit(&app, &kim).await.redirects();
    told(&app, &kim).await;
    let made = headshots(&app, &id);
    assert_eq!(made.len(), 13, "as many as the organization wants");
    assert_eq!(made[0].backdrop, Scene::Own(lobby.id.clone()));
    // What stands behind the person is the picture: its colour, in the upper corner.
    let file = app.get(&kim, &format!("/team-member/headshots/{}/portrait.jpg", made[0].id)).await.body;
    let corner = images::decode(&file).unwrap().rgb()[..3].to_vec();
    assert!(corner[0] > 120 && corner[1] < 90, "{corner:?}");

    let grid = app.get(&kim, "/team-member").await.text();
    assert!(
        grid.contains("Headshot 1, Łódź / ../Lobby backdrop") && grid.contains("Headshot 2, navy backdrop"),
        "{grid}"
    );
    let one = app.get(&kim, &format!("/team-member/headshots/{}", made[0].id)).await.text();
    assert!(one.contains("<h1>Łódź / ../Lobby</h1>"), "{one}");
    let taken = app.get(&kim, &format!("/team-member/headshots/{}/square.jpg?download=1", made[0].id)).await;
    let said = taken.header("content-disposition").unwrap();
    assert!(said.contains("filename=\"kim-lee-headshot-01-lobby-square.jpg\""), "{said}");
    assert!(said.contains("%C5%82%C3%B3d%C5%BA"), "{said}");
    let zip = app.get(&kim, &format!("/team-member/shoots/{id}/headshots.zip")).await;
    let names: Vec<String> = zip::ZipArchive::new(std::io::Cursor::new(&zip.body))
        .unwrap()
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    assert!(names.contains(&"kim-lee-headshot-01-łódź-lobby.jpg".to_owned()), "{names:?}");
    assert!(names.iter().all(|name| !name.contains("..")), "{names:?}");

    // Its picture goes, theirs stay.
    app.submit(&app.owner, &format!("{ADD}/{}/remove", lobby.id), &[]).await.redirects();
    app.let_go().await;
    assert_eq!(app.get(&kim, &format!("/team-member/headshots/{}/portrait.jpg", made[0].id)).await.body, file);
    assert!(app.get(&kim, "/team-member").await.text().contains("Headshot 1, removed backdrop"));
}

#[tokio::test]
async fn an_organization_says_how_many_headshots_a_shoot_makes() {
    let app = TestApp::start().await;
    assert!(app.page(PAGE).await.contains("min=\"12\" max=\"24\" value=\"12\""));
    let saved = app.submit(&app.owner, PAGE, &[("headshots", " 16 ")]).await;
    assert_eq!(
        (saved.redirects(), TestApp::flash(&saved).as_str()),
        (PAGE, "Saved. The next shoots make 16 headshots.")
    );
    let count = || app.db.read(|view| organizations::headshots_in_a_shoot(view, &app.organization)).unwrap();
    assert_eq!(count(), 16);
    assert_eq!(noted(&app), [("Headshots".to_owned(), "12 in a shoot > 16 in a shoot".to_owned())]);
    for wrong in ["11", "25", "many", ""] {
        let refused = app.submit(&app.owner, PAGE, &[("headshots", wrong)]).await;
        assert_eq!(refused.status, 400, "{wrong}");
        assert!(refused.text().contains("A shoot makes 12 to 24 headshots."), "{wrong}");
    }
    assert_eq!(count(), 16);
    let (kim, _) = app.member("kim@acme.test").await;
    assert_eq!(app.get(&kim, PAGE).await.status, 403);
    assert_eq!(app.submit(&kim, PAGE, &[("headshots", "20")]).await.status, 403);
    // Someone on their own has the usual number, whatever their books say.
    let alone = app.db.write(|tx| {
        let alone = organizations::create_for_one(tx, "Kim")?;
        organizations::set(tx, &alone.id, "headshots", "20")?;
        organizations::headshots_in_a_shoot(tx, &alone.id)
    });
    assert_eq!(alone.await.unwrap(), 12);
}

#[tokio::test]
async fn files_that_nobody_knows_go_after_a_day() {
    let (wishes, data) = on_disk();
    let app = TestApp::start_with(wishes).await;
    let lobby = add(&app, "Lobby").await;
    let (cutout, stray, nobody) = (CutoutId::new(), BackdropId::new(), OrganizationId::new());
    // A logo of nobody; one that was taken away by a server killed before it removed the file; and one that is shown.
    let (shown, _) = app.organization("Globex", "hank@globex.test").await;
    for id in [&nobody, &app.organization, &shown] {
        app.storage.put(Key::Logo(id), "picture".into()).await.unwrap();
    }
    let id = shown.clone();
    app.db.write(move |tx| organizations::set_logo(tx, &id, Some("1"), None)).await.unwrap();
    app.storage.put(Key::Cutout(&cutout), "picture".into()).await.unwrap();
    app.storage.put(Key::Backdrop(&stray, BackdropFile::Thumbnail), "picture".into()).await.unwrap();
    assert_eq!(stored(&data).len(), 7);
    app.advance(Duration::from_secs(2 * 60 * 60)).await;
    assert_eq!(stored(&data).len(), 7, "their rows may be on their way");
    app.advance(Duration::from_secs(24 * 60 * 60)).await;
    assert_eq!(stored(&data).len(), 3);
    assert!(app.storage.get(Key::Logo(&shown)).await.unwrap().is_some());
    assert!(app.storage.get(Key::Backdrop(&lobby.id, BackdropFile::Picture)).await.unwrap().is_some());
}
