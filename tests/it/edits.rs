//! Edits of headshots: laid anew by the real generator from kept cut-outs, as versions beside the original.

use std::{
    io::Cursor,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bytes::Bytes;
use headroom::{
    audit::Action,
    config::Priority,
    edits::{self, Credits, MadeBy},
    generator::{Backdrop, Cutout, Handle, Image, Look, Made, Scene},
    ids::{BackdropId, ResultId, ShootId},
    images::{self, Area, Picture, Size},
    members::{self, Actor, Member},
    results::{self, Headshot, Stored},
    shoots,
    storage::{BackdropFile, HeadshotFile, Key},
    styles::{self, Whose},
};
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use tempfile::TempDir;

use crate::{
    app::{Answer, Caller, PATIENCE, TestApp, Wishes},
    behalf::{deeds, managed, stays_under},
    studio::{files, finish_packed, gather, hand_in, headshots, pack, photos},
};

mod sliders;

const SIZE: Size = Size { width: 400, height: 500 };

pub(crate) async fn started(wishes: Wishes) -> (TestApp, TempDir) {
    let data = tempfile::tempdir().unwrap();
    let settings = vec![("generator", "studio".to_owned())];
    let app = TestApp::start_with(Wishes { data: Some(data.path().to_owned()), settings, ..wishes }).await;
    (app, data)
}

fn stored(data: &TempDir) -> usize {
    files(&data.path().join("photos/headshots")).len()
}

/// Someone's head and shoulders, more or less: what lies outside of an ellipse can be seen through.
fn cutout(app: &TestApp, shoot: &ShootId) -> Cutout {
    let photo = images::decode(&crate::studio::portrait(0)).unwrap();
    let person = images::crop(&photo, Area { left: 40, top: 0, size: SIZE });
    let alpha = |x: u32, y: u32| {
        let (x, y) = ((x as f32 - 200.0) / 150.0, (y as f32 - 280.0) / 240.0);
        (((1.15 - x.hypot(y)) / 0.15).clamp(0.0, 1.0) * 255.0) as u8
    };
    let pixel = |x: u32, y: u32| {
        let at = ((y * SIZE.width + x) * 3) as usize;
        let [r, g, b] = person.rgb()[at..at + 3] else { unreachable!() };
        Rgba([r, g, b, alpha(x, y)])
    };
    let mut file = Cursor::new(Vec::new());
    let picture: DynamicImage = RgbaImage::from_fn(SIZE.width, SIZE.height, pixel).into();
    picture.write_to(&mut file, ImageFormat::Png).unwrap();
    let photo = photos(app, shoot).remove(0).id;
    Cutout { photo, bytes: file.into_inner().into(), head: (0.5, 0.35) }
}

/// Two headshots for what was handed in, the first of which was laid from a cut-out.
async fn deliver(app: &TestApp, shoot: &ShootId) -> Vec<Headshot> {
    hand_in(app, shoot).await;
    let photo = images::decode(&crate::studio::portrait(0)).unwrap();
    let portrait = images::crop(&photo, Area { left: 40, top: 0, size: SIZE });
    let bytes = Bytes::from(images::encode_jpeg(&portrait, 80).unwrap());
    let image = |cutout| Image {
        scene: Scene::Drawn(Backdrop::Navy),
        bytes: bytes.clone(),
        head: Some((0.5, 0.35)),
        cutout,
        look: Look { zoom: 1.0433, ..Look::default() },
    };
    let made = Made { images: vec![image(Some(0)), image(None)], cutouts: vec![cutout(app, shoot)] };
    let mut kept = Stored::default();
    results::store_all(&app.storage, made, Priority::Normal, &mut kept).await.unwrap();
    let id = shoot.clone();
    let delivered = app.db.write(move |tx| {
        shoots::begin_training(tx, &id, &Handle::new("theirs"))?;
        results::deliver(tx, &id, &kept)
    });
    assert_eq!(delivered.await.unwrap(), shoots::Outcome::Done);
    headshots(app, shoot)
}

pub(crate) async fn kim(app: &TestApp) -> (Caller, ShootId, Vec<Headshot>) {
    let (who, shoot) = app.member("kim@acme.test").await;
    gather(app, &who).await;
    let made = deliver(app, &shoot).await;
    (who, shoot, made)
}

fn member(app: &TestApp) -> Member {
    app.db.read(|view| members::named(view, &app.organization, &"kim@acme.test".parse()?)).unwrap()
}

fn credits(app: &TestApp, of: &Member, by: MadeBy) -> Credits {
    app.db.read(|view| edits::credits(view, of, by)).unwrap()
}

pub(crate) const WISH: [(&str, &str); 4] = [("backdrop", "white"), ("zoom", "125"), ("turn", "2.5"), ("light", "40")];

pub(crate) async fn edit(app: &TestApp, who: &Caller, of: &Headshot, wish: &[(&str, &str)]) -> Answer {
    app.submit(who, &format!("/team-member/edit/{}", of.id), wish).await
}

/// The id at the end of where an answer leads.
#[track_caller]
pub(crate) fn version_of(answer: &Answer) -> ResultId {
    let to = answer.redirects();
    to.rsplit('/').next().unwrap().parse().unwrap_or_else(|_| panic!("{to}"))
}

async fn portrait(app: &TestApp, id: &ResultId) -> Bytes {
    app.storage.get(Key::Headshot(id, HeadshotFile::Portrait)).await.unwrap().expect("a portrait")
}

#[tokio::test]
async fn an_edit_is_a_version_beside_its_original() {
    let (app, data) = started(Wishes::default()).await;
    let (who, shoot, made) = kim(&app).await;
    let before = portrait(&app, &made[0].id).await;
    let large = app.get(&who, &format!("/team-member/headshots/{}", made[0].id)).await.text();
    assert!(large.contains(&format!("/team-member/edit/{}\"", made[0].id)) && !large.contains("Versions"), "{large}");
    let page = app.get(&who, &format!("/team-member/edit/{}", made[0].id)).await.text();
    assert!(page.contains("10 of 10 edits left") && page.contains("value=\"104\""), "{page}");

    let first = version_of(&edit(&app, &who, &made[0], &WISH).await);
    let all = headshots(&app, &shoot);
    let order: Vec<_> = all.iter().map(|headshot| &headshot.id).collect();
    assert_eq!(order, [&made[0].id, &first, &made[1].id], "beside its original");
    let version = &all[1];
    assert_eq!((version.position, version.original.as_ref()), (3, Some(&made[0].id)));
    assert_eq!((version.cutout.as_ref(), version.favorite), (made[0].cutout.as_ref(), false));
    assert_eq!(version.backdrop, Scene::Drawn(Backdrop::White));
    assert_eq!(version.look, Look { zoom: 1.25, turn: 2.5, light: 0.4, ..Look::default() });
    assert!(portrait(&app, &first).await != before && portrait(&app, &made[0].id).await == before);
    assert_eq!(stored(&data), 15, "five files each");

    // An edit of an edit goes on from there, and is of the same original.
    let second = version_of(&edit(&app, &who, version, &[("zoom", "125"), ("warmth", "-30")]).await);
    let again = app.db.read(|view| results::get(view, &second)).unwrap();
    assert_eq!(again.original.as_ref(), Some(&made[0].id));
    assert_eq!((again.look.zoom, again.look.turn, again.look.warmth), (1.25, 2.5, -0.3));
    assert_eq!(again.backdrop, Scene::Drawn(Backdrop::White), "what isn't said stays");
    assert_eq!(credits(&app, &member(&app), MadeBy::Member), Credits { made: 2, allowed: 10 });
    let large = app.get(&who, &format!("/team-member/headshots/{second}")).await.text();
    for words in ["Original, Navy", "Version 2, White", "Version 3, White", "Undo this version"] {
        assert!(large.contains(words), "{words}: {large}");
    }
    let grid = app.get(&who, "/team-member").await.text();
    assert!(grid.contains("Headshot 3, edited, white backdrop"), "{grid}");
    let listed = app.get(&app.lead, &format!("/api/v2/organization/models/{shoot}/photos")).await.ok();
    assert!(listed.to_string().contains(second.as_str()), "{listed}");
    // Each is a headshot like any other.
    for file in ["portrait", "square", "thumbnail"] {
        assert_eq!(app.get(&who, &format!("/team-member/headshots/{second}/{file}.jpg")).await.status, 200);
    }
    assert_eq!(deeds(&app, &member(&app).id), [], "what one does for oneself is nobody's business");
}

#[tokio::test]
async fn undoing_is_free_and_leaves_no_file() {
    let (app, data) = started(Wishes::default()).await;
    let (who, shoot, made) = kim(&app).await;
    let version = version_of(&edit(&app, &who, &made[0], &WISH).await);
    app.submit(&who, &format!("/team-member/headshots/{version}/favourite"), &[]).await.redirects();
    let address = format!("/team-member/edit/{version}");
    let asked = app.get(&who, &format!("{address}?undo=1")).await.text();
    assert!(asked.contains("Undo version 2") && asked.contains("becomes the favourite in its place"), "{asked}");

    let undone = app.submit(&who, &format!("{address}/undo"), &[]).await;
    assert_eq!(undone.redirects(), format!("/team-member/headshots/{}", made[0].id));
    app.run_jobs().await;
    assert_eq!(stored(&data), 10);
    let left = headshots(&app, &shoot);
    assert_eq!((left.len(), left[0].favorite), (2, true), "the original is the favourite");
    assert_eq!(credits(&app, &member(&app), MadeBy::Member).left(), 9, "it stays spent");
    for gone in [
        &address,
        &format!("/team-member/headshots/{version}"),
        &format!("/team-member/headshots/{version}/portrait.jpg"),
    ] {
        assert_eq!(app.get(&who, gone).await.status, 404, "{gone}");
    }
    assert_eq!(app.submit(&who, &format!("{address}/undo"), &[]).await.status, 404, "once");
    let original = app.submit(&who, &format!("/team-member/edit/{}/undo", made[0].id), &[]).await;
    assert_eq!(original.status, 400);
    assert_eq!(headshots(&app, &shoot).len(), 2);

    // The next one doesn't take its number.
    let next = version_of(&edit(&app, &who, &made[0], &WISH).await);
    let page = app.get(&who, &format!("/team-member/edit/{next}")).await.text();
    assert!(page.contains("Version 3, White"), "{page}");
}

#[tokio::test]
async fn two_edits_at_once_with_one_left_make_one() {
    let (app, data) = started(Wishes::default()).await;
    let (who, shoot, made) = kim(&app).await;
    app.set("edits", "1").await;
    let (one, other) = tokio::join!(edit(&app, &who, &made[0], &WISH), edit(&app, &who, &made[0], &WISH));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 400]);
    assert_eq!((headshots(&app, &shoot).len(), stored(&data)), (3, 15));
    let page = app.get(&who, &format!("/team-member/edit/{}", made[0].id)).await.text();
    assert!(page.contains("No edits left") && page.contains("1 of 1 were made"), "{page}");
    assert!(page.contains("ask ada@acme.test") && !page.contains("Save as a new version"), "{page}");
    // The table itself holds the limit.
    let (organization, id) = (app.organization.clone(), member(&app).id);
    let forced = app.db.write(move |tx| {
        tx.execute(
            "insert into edits (organization_id, member_id, made_by, created_at) values (?1, ?2, 'member', 0)",
            (&organization, &id),
        )
    });
    assert!(forced.await.is_err());
}

#[tokio::test]
async fn the_organization_may_have_no_edits() {
    let (app, _data) = started(Wishes::default()).await;
    let (who, _, made) = kim(&app).await;
    let address = format!("/team-member/edit/{}", made[0].id);
    let settings = "/app/admin/settings/headshots";
    let wrong = app.submit(&app.owner, &format!("{settings}/edits"), &[("edits", "101"), ("lead_edits", "3")]).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text().contains("value=\"101\"") && wrong.text().contains("from 0 to 100"), "{}", wrong.text());
    assert_eq!(
        app.submit(&who, &format!("{settings}/edits"), &[("edits", "5"), ("lead_edits", "5")]).await.status,
        403
    );
    let saved = app.submit(&app.owner, &format!("{settings}/edits"), &[("edits", "0"), ("lead_edits", "3")]).await;
    assert_eq!(saved.redirects(), settings);
    let log = app.get(&app.owner, "/app/admin/settings/audit").await.text();
    assert!(log.contains("0 by each member, 3 by leads for each member"), "{log}");

    for gone in [address.clone(), format!("{address}/preview.jpg")] {
        assert_eq!(app.get(&who, &gone).await.status, 404);
    }
    assert_eq!(edit(&app, &who, &made[0], &WISH).await.status, 404);
    assert_eq!(app.submit(&who, &format!("{address}/undo"), &[]).await.status, 404);
    let large = app.get(&who, &format!("/team-member/headshots/{}", made[0].id)).await.text();
    assert!(!large.contains("/edit/"), "{large}");
    app.set("edits", "2").await;
    assert_eq!(app.get(&who, &address).await.status, 200);
    let person = app.get(&app.owner, &format!("/app/admin/members/{}", member(&app).id)).await.text();
    assert!(person.contains("Edits made</dt><dd>0 of 2"), "{person}");
}

#[tokio::test]
async fn what_cannot_be_edited_says_so() {
    let (app, _data) = started(Wishes::default()).await;
    let (who, _, made) = kim(&app).await;
    let page = app.get(&who, &format!("/team-member/edit/{}", made[1].id)).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text().contains("This headshot can&#39;t be edited") && !page.text().contains("<input"),
        "{}",
        page.text()
    );
    assert_eq!(edit(&app, &who, &made[1], &WISH).await.status, 400);
    let large = app.get(&who, &format!("/team-member/headshots/{}", made[1].id)).await.text();
    assert!(!large.contains("/edit/"), "{large}");
    // One whose generator makes no edits at all.
    let sample = TestApp::start().await;
    let (lee, shoot) = crate::studio::with_headshots(&sample, "lee@acme.test").await;
    let first = headshots(&sample, &shoot).remove(0);
    let page = sample.get(&lee, &format!("/team-member/edit/{}", first.id)).await.text();
    assert!(page.contains("can&#39;t be edited"), "{page}");
    assert_eq!(edit(&sample, &lee, &first, &WISH).await.status, 400);
    assert_eq!(sample.get(&lee, &format!("/team-member/edit/{}/preview.jpg", first.id)).await.status, 400);
}

#[tokio::test]
async fn a_lead_edits_for_whom_they_look_after_with_edits_of_their_own() {
    let (app, _data) = started(Wishes::default()).await;
    let kim = managed(&app, "Kim Lee", None).await;
    let shoot = app.db.read(|view| shoots::latest(view, &kim)).unwrap().unwrap().id;
    pack(&app, &shoot).await;
    let made = deliver(&app, &shoot).await;
    app.set("edits", "0").await;
    app.set("lead_edits", "1").await;
    let base = format!("/team-member/for/{kim}");
    let address = format!("{base}/edit/{}", made[0].id);
    stays_under(&base, &app.get(&app.owner, &address).await.text());
    let saved = app.submit(&app.owner, &address, &WISH).await;
    let version = version_of(&saved);
    assert_eq!(saved.redirects(), format!("{base}/headshots/{version}"));
    stays_under(&base, &app.get(&app.owner, &format!("{base}/headshots/{version}")).await.text());
    assert_eq!(deeds(&app, &kim).last(), Some(&("ada@acme.test".to_owned(), Action::EditedFor)));
    let of = app.db.read(|view| members::get(view, &kim)).unwrap();
    assert_eq!(credits(&app, &of, MadeBy::Lead), Credits { made: 1, allowed: 1 });
    assert_eq!(credits(&app, &of, MadeBy::Member), Credits { made: 0, allowed: 0 });
    let none = app.submit(&app.owner, &address, &WISH).await;
    assert_eq!(none.status, 400);
    assert!(none.text().contains("Settings, Headshots"), "{}", none.text());
    stays_under(&base, &none.text());
    let undone = app.submit(&app.owner, &format!("{base}/edit/{version}/undo"), &[]).await;
    assert_eq!(undone.redirects(), format!("{base}/headshots/{}", made[0].id));
    app.set("lead_edits", "0").await;
    assert_eq!(app.get(&app.owner, &address).await.status, 404);
}

#[tokio::test]
async fn to_everyone_else_there_is_nothing_to_edit() {
    let (app, _data) = started(Wishes::default()).await;
    let (who, shoot, made) = kim(&app).await;
    let version = version_of(&edit(&app, &who, &made[0], &WISH).await);
    let (lee, _) = app.member("lee@acme.test").await;
    let (globex, _) = app.stranger().await;
    let hank = app.browser(&globex, "hank2@globex.test", members::Role::Admin).await;
    for stranger in [&lee, &hank, &app.owner] {
        for id in [&made[0].id, &version, &ResultId::new()] {
            let address = format!("/team-member/edit/{id}");
            assert_eq!(app.get(stranger, &address).await.status, 404);
            assert_eq!(app.get(stranger, &format!("{address}/preview.jpg")).await.status, 404);
            assert_eq!(app.submit(stranger, &address, &WISH).await.status, 404);
            assert_eq!(app.submit(stranger, &format!("{address}/undo"), &[]).await.status, 404);
        }
    }
    assert_eq!(app.get(&Caller::Nobody, &format!("/team-member/edit/{version}")).await.status, 401);
    assert_eq!(headshots(&app, &shoot).len(), 3);
}

#[tokio::test]
async fn someone_embedded_edits_too() {
    let (app, _data) = started(Wishes::default()).await;
    let (ida, shoot) = app.real_guest("ida@lumen.test").await;
    gather(&app, &ida).await;
    let made = deliver(&app, &shoot).await;
    let page = app.get(&ida, &format!("/team-member/edit/{}", made[0].id)).await;
    assert!(!page.text().to_lowercase().contains("headroom"), "{}", page.text());
    assert!(page.header("content-security-policy").unwrap().contains("https://lumen.test"));
    let preview = app.get(&ida, &format!("/team-member/edit/{}/preview.jpg?zoom=120", made[0].id)).await;
    assert_eq!(preview.header("content-type"), Some("image/jpeg"));
    version_of(&edit(&app, &ida, &made[0], &WISH).await);
    app.set("edits", "1").await;
    let none = app.get(&ida, &format!("/team-member/edit/{}", made[0].id)).await.text();
    assert!(none.contains("ask the people you came from") && !none.contains("ada@acme.test"), "{none}");
}

/// A picture of any size: those that people upload may not be so small.
fn read(file: &[u8]) -> Picture {
    let rgb = image::load_from_memory(file).unwrap().into_rgb8();
    Picture::new(Size { width: rgb.width(), height: rgb.height() }, rgb.into_raw()).unwrap()
}

/// How far two pictures of one size are from each other: on average, in 255ths.
fn difference(one: &Picture, other: &Picture) -> f64 {
    assert_eq!(one.size(), other.size());
    let total: u64 = one.rgb().iter().zip(other.rgb()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    total as f64 / one.rgb().len() as f64
}

#[tokio::test]
async fn what_is_shown_is_what_is_saved() {
    let (app, _data) = started(Wishes::default()).await;
    let (who, _, made) = kim(&app).await;
    let own = BackdropId::new();
    app.storage.put(Key::Backdrop(&own, BackdropFile::Picture), crate::studio::portrait(1).into()).await.unwrap();
    let (organization, id) = (app.organization.clone(), own.clone());
    let added = app.db.write(move |tx| {
        tx.execute(
            "insert into backdrops (id, organization_id, name, width, height, created_at) values (?1, ?2, 'Lobby', 1024, 1280, 0)",
            (&id, &organization),
        )
    });
    added.await.unwrap();
    let base = ["grey", "charcoal", "white", "navy", "office", "garden", own.as_str()];
    let mut wishes: Vec<Vec<(&str, &str)>> = base.iter().map(|scene| vec![("backdrop", *scene)]).collect();
    wishes.push(vec![("zoom", "150"), ("x", "20"), ("y", "-10"), ("turn", "-6.5")]);
    wishes.push(vec![("backdrop", "office"), ("light", "80"), ("warmth", "-70"), ("turn", "3")]);
    app.set("edits", "20").await;
    for wish in wishes {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&wish).finish();
        let address = format!("/team-member/edit/{}/preview.jpg?{query}", made[0].id);
        let preview = app.get(&who, &address).await;
        assert_eq!(preview.status, 200, "{}", preview.text());
        assert_eq!(app.get(&who, &address).await.body, preview.body, "the same to the last bit, each time");
        let small = read(&preview.body);
        assert_eq!(small.size(), Size { width: 200, height: 250 });
        let version = version_of(&edit(&app, &who, &made[0], &wish).await);
        let saved = images::decode(&portrait(&app, &version).await).unwrap();
        // Small enough that the grain, which is as fine as the pixels, is no difference.
        let coarse = |picture: &Picture| images::scale(picture, Size { width: 50, height: 62 }).unwrap();
        let same = difference(&coarse(&saved), &coarse(&small));
        assert!(same < 1.5, "{wish:?}: {same}");
    }
    // What is no backdrop here, or no number, changes nothing.
    let odd = app
        .get(
            &who,
            &format!("/team-member/edit/{}/preview.jpg?backdrop={}&zoom=NaN&light=x", made[0].id, BackdropId::new()),
        )
        .await;
    let plain = app.get(&who, &format!("/team-member/edit/{}/preview.jpg", made[0].id)).await;
    assert!(odd.status == 200 && odd.body == plain.body);
    // Without a script, the page shows what the button asked for, and keeps it.
    let page = app.get(&who, &format!("/team-member/edit/{}?backdrop=white&zoom=130&x=0", made[0].id)).await.text();
    assert!(
        page.contains("preview.jpg?backdrop=white&#38;zoom=130&#38;x=0")
            || page.contains("preview.jpg?backdrop=white&amp;zoom=130&amp;x=0"),
        "{page}"
    );
    assert!(page.contains("value=\"130\"") && page.contains("value=\"white\" checked"), "{page}");
}

/// A program that waits before an edit until it may go on.
struct Gate(TempDir);

impl Gate {
    fn new() -> Self {
        let gate = Self(tempfile::tempdir().unwrap());
        let (came, open) = (gate.path("came"), gate.path("open"));
        let text = format!(
            "#!/bin/sh\nif [ \"$2\" = edit ]; then echo $$ >> {}; while [ ! -e {} ]; do /bin/sleep 0.05; done; fi\nexec {} \"$@\"\n",
            came.display(),
            open.display(),
            env!("CARGO_BIN_EXE_headroom")
        );
        std::fs::write(gate.path("program"), text).unwrap();
        std::fs::set_permissions(gate.path("program"), std::fs::Permissions::from_mode(0o755)).unwrap();
        gate
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::new(self.0.path()).join(name)
    }
}

/// A program that says which child has the cut-outs of previews, by its number.
fn naming_previews(folder: &Path) -> PathBuf {
    let (program, pids) = (folder.join("program"), folder.join("pids"));
    let text = format!(
        "#!/bin/sh\nif [ \"$2\" = preview ]; then echo $$ >> {}; fi\nexec {} \"$@\"\n",
        pids.display(),
        env!("CARGO_BIN_EXE_headroom")
    );
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    program
}

#[tokio::test]
async fn a_deleted_cut_out_leaves_the_memory_of_the_child_that_kept_it() {
    let folder = tempfile::tempdir().unwrap();
    let program = naming_previews(folder.path());
    let (app, _data) = started(Wishes { program: Some(program), ..Wishes::default() }).await;
    let (who, shoot, made) = kim(&app).await;
    let preview = format!("/team-member/edit/{}/preview.jpg", made[0].id);
    assert_eq!(app.get(&who, &preview).await.status, 200);
    assert_eq!(app.get(&who, &preview).await.status, 200);
    let pids = std::fs::read_to_string(folder.path().join("pids")).unwrap();
    let [pid] = pids.split_whitespace().collect::<Vec<_>>()[..] else { panic!("one child stays for both: {pids}") };
    let process = Path::new("/proc").join(pid);
    assert!(process.exists(), "it waits for the next look");

    app.submit(&who, &format!("/team-member/privacy/shoots/{shoot}/delete"), &[]).await.redirects();
    app.let_go().await;
    let begun = Instant::now();
    while process.exists() {
        assert!(begun.elapsed() < PATIENCE, "the child still has the cut-out");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    app.stop().await;
}

#[tokio::test]
async fn a_shoot_deleted_meanwhile_takes_the_edit_with_it() {
    let gate = Gate::new();
    let (app, data) = started(Wishes { program: Some(gate.path("program")), ..Wishes::default() }).await;
    let (who, shoot, made) = kim(&app).await;
    let deleting = async {
        let begun = Instant::now();
        while !gate.path("came").exists() {
            assert!(begun.elapsed() < PATIENCE, "the edit never began");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        app.submit(&who, &format!("/team-member/privacy/shoots/{shoot}/delete"), &[]).await.redirects();
        app.let_go().await;
        assert_eq!(stored(&data), 0);
        std::fs::write(gate.path("open"), "").unwrap();
    };
    let (edited, ()) = tokio::join!(edit(&app, &who, &made[0], &WISH), deleting);
    assert_eq!(edited.status, 404);
    assert_eq!((headshots(&app, &shoot).len(), stored(&data)), (0, 0), "nothing is left on disk");
    assert_eq!(credits(&app, &member(&app), MadeBy::Member).made, 0);
}

#[tokio::test]
async fn an_undone_version_goes_with_its_shoot_also_before_its_own_job() {
    let (app, data) = started(Wishes::default()).await;
    let (who, shoot, made) = kim(&app).await;
    let version = version_of(&edit(&app, &who, &made[0], &WISH).await);
    let (by, id) = (member(&app), version.clone());
    let undone = app.db.write(move |tx| {
        edits::undo(tx, &by, &by, &id)?;
        // As if it had given up on a broken disk.
        tx.execute("delete from jobs where payload like '%purge_version%'", [])
    });
    assert_eq!(undone.await.unwrap(), 1);
    assert_eq!(stored(&data), 15);
    app.submit(&who, &format!("/team-member/privacy/shoots/{shoot}/delete"), &[]).await.redirects();
    app.let_go().await;
    assert_eq!(stored(&data), 0, "the receipt is about all of it");
}

#[tokio::test]
async fn backdrops_are_those_the_organization_lists() {
    let (app, _data) = started(Wishes::default()).await;
    let (who, _, made) = kim(&app).await;
    let organization = app.organization.clone();
    let listed = app.db.write(move |tx| {
        tx.execute("update organizations set backdrops = '[\"white\",\"office\"]' where id = ?1", [&organization])
    });
    listed.await.unwrap();
    let page = app.get(&who, &format!("/team-member/edit/{}", made[0].id)).await.text();
    for (scene, there) in [("white", true), ("office", true), ("navy", true), ("garden", false)] {
        assert_eq!(page.contains(&format!("name=\"backdrop\" value=\"{scene}\"")), there, "{scene}: {page}");
    }
    let version = version_of(&edit(&app, &who, &made[0], &[("backdrop", "garden")]).await);
    let kept = app.db.read(|view| results::get(view, &version)).unwrap().backdrop;
    assert_eq!(kept, Scene::Drawn(Backdrop::Navy), "what stands there already may stay; nothing else");
    let (lee, shoot) = app.member("lee@acme.test").await;
    gather(&app, &lee).await;
    finish_packed(&app, &shoot).await;
}

#[tokio::test]
async fn members_edit_with_what_they_are_offered_and_leads_with_all() {
    let (app, _data) = started(Wishes::default()).await;
    let (who, _, made) = kim(&app).await;
    let by = Actor::operator(app.organization.clone());
    let allowed = [Backdrop::Grey.into(), Backdrop::White.into()];
    app.db.write(move |tx| styles::allow(tx, &by, &Whose::Everyone, &allowed)).await.unwrap();
    let page = app.get(&who, &format!("/team-member/edit/{}", made[0].id)).await.text();
    for (scene, there) in [("navy", true), ("grey", true), ("white", true), ("garden", false)] {
        assert_eq!(page.contains(&format!("value=\"{scene}\"")), there, "{scene}: {page}");
    }
    let kept = version_of(&edit(&app, &who, &made[0], &[("backdrop", "garden"), ("light", "10")]).await);
    let kept = app.db.read(|view| results::get(view, &kept)).unwrap();
    assert_eq!(kept.backdrop, Scene::Drawn(Backdrop::Navy), "what isn't offered is left as it stands");
    let (kims, lead) = (member(&app), app.db.read(|view| members::leads(view, &app.organization)).unwrap().remove(0));
    let all = app.db.read(|view| edits::backdrops(view, &lead, &kims, &made[0])).unwrap();
    assert_eq!(all.len(), Backdrop::ALL.len());
}
