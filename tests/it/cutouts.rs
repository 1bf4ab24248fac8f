//! The cut-outs a generator hands over: kept with the headshots, gone with them, and what edits are made from.

use std::{
    io::{Cursor, Read},
    path::PathBuf,
    time::Duration,
};

use bytes::Bytes;
use headroom::{
    config::Priority,
    error::Error,
    generator::{Backdrop, Cutout, Handle, Image, Look, Made, Scene},
    ids::{BackdropId, PhotoId, ShootId},
    images::{self, Area, Size},
    members::Role,
    results::{self, KeptCutout, Stored},
    shoots,
    storage::{HeadshotFile, Key},
};
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use tempfile::TempDir;

use crate::{
    app::{Caller, TestApp, Wishes},
    studio::{files, gather, hand_in, headshots, photos},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn on_disk() -> (TestApp, TempDir) {
    let data = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(Wishes { data: Some(data.path().to_owned()), ..Wishes::default() }).await;
    (app, data)
}

/// The files below one of the storage's folders.
fn stored(data: &TempDir, kind: &str) -> Vec<PathBuf> {
    files(&data.path().join("photos").join(kind))
}

fn cutout(photo: &PhotoId, head: (f32, f32)) -> Cutout {
    let person = |x: u32, _| if x < 128 { Rgba([9, 8, 7, 0]) } else { Rgba([9, 8, 7, 255]) };
    let mut file = Cursor::new(Vec::new());
    let person: DynamicImage = RgbaImage::from_fn(256, 320, person).into();
    person.write_to(&mut file, ImageFormat::Png).unwrap();
    Cutout { photo: photo.clone(), bytes: file.into_inner().into(), head }
}

fn image(cutout: Option<usize>, head: Option<(f32, f32)>, look: Look) -> Image {
    let photo = images::decode(&crate::studio::portrait(0)).unwrap();
    let cut = images::crop(&photo, Area { left: 0, top: 0, size: Size { width: 400, height: 500 } });
    let bytes = Bytes::from(images::encode_jpeg(&cut, 80).unwrap());
    Image { scene: Scene::Drawn(Backdrop::Navy), bytes, head, cutout, look }
}

/// Someone whose generator has handed over three headshots, two of them laid from a cut-out.
async fn delivered(app: &TestApp, email: &str) -> (Caller, ShootId) {
    let (who, shoot) = app.member(email).await;
    gather(app, &who).await;
    hand_in(app, &shoot).await;
    let photo = photos(app, &shoot).remove(0).id;
    let closer = Look { zoom: 9.0, ..Look::default() };
    let made = Made {
        images: vec![
            image(Some(0), Some((0.5, 0.4)), Look::default()),
            image(Some(0), Some((0.9, f32::NAN)), closer),
            image(Some(7), None, Look::default()),
        ],
        cutouts: vec![cutout(&photo, (0.5, 0.25)), cutout(&PhotoId::new(), (0.0, 1.0))],
    };
    let mut stored = Stored::default();
    results::store_all(&app.storage, made, Priority::Normal, &mut stored).await.unwrap();
    let id = shoot.clone();
    let delivered = app.db.write(move |tx| {
        shoots::begin_training(tx, &id, &Handle::new("theirs"))?;
        results::deliver(tx, &id, &stored)
    });
    assert_eq!(delivered.await.unwrap(), shoots::Outcome::Done);
    (who, shoot)
}

fn kept(app: &TestApp, shoot: &ShootId) -> Vec<KeptCutout> {
    app.db.read(|view| results::cutouts_of(view, shoot)).unwrap()
}

#[tokio::test]
async fn cut_outs_are_kept_with_the_headshots_they_became() {
    let (app, data) = on_disk().await;
    let (_, id) = delivered(&app, "kim@acme.test").await;
    let (cutouts, made) = (kept(&app, &id), headshots(&app, &id));
    assert_eq!((cutouts.len(), made.len()), (2, 3));
    assert_eq!((stored(&data, "cutouts").len(), stored(&data, "headshots").len()), (2, 15));
    assert_eq!((cutouts[0].head, cutouts[0].photo.as_ref()), ((0.5, 0.25), Some(&photos(&app, &id)[0].id)));
    assert_eq!(cutouts[1].photo, None, "a photo that was never this shoot's");
    let laid: Vec<_> = made.iter().map(|headshot| headshot.cutout.as_ref()).collect();
    assert_eq!(laid, [Some(&cutouts[0].id), Some(&cutouts[0].id), None], "an index of nothing is none");
    assert_eq!((made[0].look, made[1].look.zoom), (Look::default(), 1.6), "within bounds");
    // Made anew: what was transparent hides nothing.
    let file = app.storage.get(Key::Cutout(&cutouts[0].id)).await.unwrap().unwrap();
    assert_eq!(image::load_from_memory(&file).unwrap().into_rgba8().get_pixel(0, 0).0, [0; 4]);
    for headshot in &made {
        let square = app.storage.get(Key::Headshot(&headshot.id, HeadshotFile::Square)).await.unwrap().unwrap();
        let Size { width, height } = images::measure(&square).unwrap();
        assert_eq!((width, height), (400, 400));
    }
}

#[tokio::test]
async fn what_is_no_cut_out_is_refused_and_leaves_what_it_has_stored_to_be_removed() {
    let (app, data) = on_disk().await;
    let photo = PhotoId::new();
    let fine = || cutout(&photo, (0.5, 0.25));
    for wrong in [
        Cutout { bytes: "no picture".into(), ..fine() },
        Cutout { bytes: image(None, None, Look::default()).bytes, ..fine() },
        Cutout { head: (0.5, 1.1), ..fine() },
        Cutout { head: (f32::NAN, 0.5), ..fine() },
    ] {
        let made = Made { images: Vec::new(), cutouts: vec![fine(), wrong] };
        let mut kept = Stored::default();
        let refused = results::store_all(&app.storage, made, Priority::Normal, &mut kept).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid(_)), "{refused}");
        assert_eq!((kept.cutouts.len(), stored(&data, "cutouts").len()), (1, 1));
        app.storage.delete_all(headroom::storage::Folder::Cutout(&kept.cutouts[0].id)).await.unwrap();
    }
}

#[tokio::test]
async fn cut_outs_go_with_the_headshots_and_not_with_the_photos() {
    let (app, data) = on_disk().await;
    let (kim, id) = delivered(&app, "kim@acme.test").await;
    let (_, other) = delivered(&app, "lee@acme.test").await;
    let page = app.get(&kim, "/team-member/privacy").await.text();
    assert!(page.contains("3 headshots, and 2 cut-outs they were made of, for edits"), "{page}");

    app.advance(31 * DAY).await;
    app.advance(Duration::from_secs(2 * 60 * 60)).await;
    assert!(photos(&app, &id).is_empty() && stored(&data, "photos").is_empty(), "the photos had their time");
    assert_eq!((kept(&app, &id).len(), stored(&data, "cutouts").len()), (2, 4));
    assert_eq!(kept(&app, &id)[0].photo, None);
    let kim = app.browser(&app.organization, "kim@acme.test", Role::Member).await;

    app.submit(&kim, &format!("/team-member/privacy/shoots/{id}/delete"), &[]).await.redirects();
    app.let_go().await;
    assert_eq!(kept(&app, &id), []);
    assert_eq!(
        (stored(&data, "cutouts").len(), stored(&data, "headshots").len()),
        (2, 15),
        "only the other's are left"
    );
    let open: i64 = app
        .db
        .read(|view| view.one("select count(*) from receipts where purged_at is null", [], |row| row.get(0)))
        .unwrap();
    assert_eq!(open, 0, "and the receipts say so");
    assert_eq!(kept(&app, &other).len(), 2);
}

/// A cut-out that can't be removed keeps the receipt open: it says nothing that isn't so.
#[tokio::test]
async fn a_receipt_waits_for_the_cut_outs() {
    let (app, data) = on_disk().await;
    let (kim, id) = delivered(&app, "kim@acme.test").await;
    for folder in stored(&data, "cutouts").iter().filter_map(|file| file.parent()) {
        std::fs::remove_dir_all(folder).unwrap();
        // Nobody can remove a directory where a file of this name lies in between.
        std::fs::write(folder, "a file where a directory belongs").unwrap();
    }
    app.submit(&kim, &format!("/team-member/privacy/shoots/{id}/delete"), &[]).await.redirects();
    app.let_go().await;
    let open: i64 = app
        .db
        .read(|view| view.one("select count(*) from receipts where purged_at is null", [], |row| row.get(0)))
        .unwrap();
    assert_eq!((open, kept(&app, &id).len()), (1, 2));
}

#[tokio::test]
async fn cut_outs_are_taken_along() {
    let (app, _data) = on_disk().await;
    let (kim, _) = delivered(&app, "kim@acme.test").await;
    let answer = app.submit(&kim, "/team-member/privacy/export", &[]).await;
    let mut archive = zip::ZipArchive::new(Cursor::new(&answer.body)).unwrap();
    let mut text = String::new();
    archive.by_name("data.json").unwrap().read_to_string(&mut text).unwrap();
    for name in ["cut-outs/shoot-1/01.png", "cut-outs/shoot-1/02.png"] {
        assert!(archive.by_name(name).is_ok() && text.contains(name), "{name}: {text}");
    }
}

#[tokio::test]
async fn a_headshot_is_laid_anew_from_its_cut_out() {
    let (app, _data) = on_disk().await;
    let (_, id) = delivered(&app, "kim@acme.test").await;
    let made = headshots(&app, &id);
    let (globex, _) = app.stranger().await;
    let own = [(app.organization.clone(), BackdropId::new()), (globex, BackdropId::new())];
    let ids = own.clone();
    let added = app.db.write(move |tx| {
        for (organization, id) in &ids {
            tx.execute(
                "insert into backdrops (id, organization_id, name, width, height, created_at) values (?1, ?2, 'Lobby', 1024, 1280, 0)",
                (id, organization),
            )?;
        }
        Ok(())
    });
    added.await.unwrap();
    let retouch = |headshot: usize, scene: Scene, look: Look| {
        app.db.read(|view| results::retouch_of(view, &made[headshot], &scene, look))
    };
    let wild = Look { light: 7.0, turn: f32::NAN, ..Look::default() };
    let asked = retouch(1, Scene::Drawn(Backdrop::White), wild).unwrap();
    assert_eq!((Some(&asked.cutout), asked.head), (made[1].cutout.as_ref(), (0.5, 0.25)));
    assert_eq!((asked.look.light, asked.look.turn), (1.0, 0.0));
    assert_eq!(retouch(0, Scene::Own(own[0].1.clone()), Look::default()).unwrap().scene, Scene::Own(own[0].1.clone()));
    for none in [&own[1].1, &BackdropId::new()] {
        let refused = retouch(0, Scene::Own(none.clone()), Look::default()).unwrap_err();
        assert!(matches!(refused, Error::NotFound("Backdrop")), "{refused}");
    }
    let refused = retouch(2, Scene::Drawn(Backdrop::White), Look::default()).unwrap_err();
    assert!(refused.to_string().contains("can't be edited"), "{refused}");
}
