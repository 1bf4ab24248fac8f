//! Photos on their way in: what is taken, what is refused and why, and that nothing else stays behind.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    time::{Duration, Instant},
};

use headroom::{auth, members};
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use reqwest::Method;

use crate::{
    app::{Caller, PATIENCE, TestApp, Wishes},
    studio::{PHOTOS, files, photos, portrait, upload, upload_form},
};

async fn ready_for_photos(app: &TestApp, email: &str) -> (Caller, headroom::ids::ShootId) {
    let (who, shoot) = app.member(email).await;
    app.submit(&who, "/team-member/onboarding/you", &[("name", "Kim Lee"), ("gender", "person")]).await.redirects();
    (who, shoot)
}

#[tokio::test]
async fn a_photo_is_shown_small_and_can_be_removed() {
    let directory = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(Wishes { data: Some(directory.path().to_owned()), ..Wishes::default() }).await;
    let (kim, shoot) = ready_for_photos(&app, "kim@acme.test").await;
    let added = upload(&app, &kim, "C:\\fakepath\\me.jpg", portrait(1)).await.ok();
    let [id, thumbnail] = ["id", "thumbnail"].map(|key| added[key].as_str().unwrap().to_owned());
    assert_eq!((added["name"].as_str(), photos(&app, &shoot).len()), (Some("me.jpg"), 1));

    let small = app.get(&kim, &thumbnail).await;
    assert_eq!(small.header("content-type"), Some("image/jpeg"));
    assert_eq!(small.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(small.header("content-security-policy"), Some("default-src 'none'; sandbox"));
    assert_eq!(small.header("cache-control"), Some("private, max-age=86400, immutable"));
    assert_eq!(image::load_from_memory(&small.body).unwrap().width(), 480);
    assert_eq!(files(&directory.path().join("photos")).len(), 2);

    let removed = app.submit(&kim, &format!("{PHOTOS}/{id}/remove"), &[]).await;
    assert_eq!(removed.redirects(), "/team-member/onboarding/photos");
    assert_eq!(app.get(&kim, &thumbnail).await.status, 404);
    assert!(photos(&app, &shoot).is_empty() && files(&directory.path().join("photos")).is_empty());
    app.stop().await;
}

#[tokio::test]
async fn what_is_no_photo_is_refused_in_words() {
    let directory = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(Wishes { data: Some(directory.path().to_owned()), ..Wishes::default() }).await;
    let (kim, shoot) = ready_for_photos(&app, "kim@acme.test").await;
    let refused = |name: &'static str, file: Vec<u8>, status, code| {
        let (app, kim) = (&app, &kim);
        async move { upload(app, kim, name, file).await.refused(status, code) }
    };
    let page = b"<!doctype html><script>alert(1)</script>".to_vec();
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec();
    let gif = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;".to_vec();
    assert!(refused("me.jpg", page, 415, "UNSUPPORTED_MEDIA_TYPE").await.contains("Upload a JPEG, PNG, WebP or HEIC."));
    assert!(refused("me.heic", heic, 400, "INVALID_REQUEST").await.contains("damaged or incomplete"));
    refused("me.gif", gif, 415, "UNSUPPORTED_MEDIA_TYPE").await;
    refused("me.jpg", Vec::new(), 415, "UNSUPPORTED_MEDIA_TYPE").await;
    let mut cut = portrait(1);
    cut.truncate(cut.len() / 2);
    assert!(refused("me.jpg", cut, 400, "INVALID_REQUEST").await.contains("damaged or incomplete"));
    let mut large = portrait(1);
    large.resize(26 * 1024 * 1024, 0);
    assert!(refused("me.jpg", large, 413, "PAYLOAD_TOO_LARGE").await.contains("larger than 25 MB"));
    assert!(refused("me.png", bomb(), 400, "INVALID_REQUEST").await.contains("80 megapixels"));

    assert!(photos(&app, &shoot).is_empty());
    nothing_left(directory.path());
    app.stop().await;
}

/// 81 million pixels in 80 KB.
fn bomb() -> Vec<u8> {
    let mut file = Vec::new();
    PngEncoder::new(&mut file).write_image(&vec![0; 81_000_000], 9_000, 9_000, ExtendedColorType::L8).unwrap();
    assert!(file.len() < 1_000_000);
    file
}

#[track_caller]
fn nothing_left(data: &Path) {
    assert_eq!(files(&data.join("photos")), Vec::<std::path::PathBuf>::new());
    assert_eq!(unnamed_files(data), 0);
}

/// Files of this process in a directory that have no name (any more).
fn unnamed_files(data: &Path) -> usize {
    let open = std::fs::read_dir("/proc/self/fd").unwrap();
    let places = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    places.filter(|place| place.starts_with(data) && place.to_string_lossy().ends_with("(deleted)")).count()
}

#[tokio::test]
async fn an_upload_cut_in_the_middle_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(Wishes { data: Some(directory.path().to_owned()), ..Wishes::default() }).await;
    let (kim, shoot) = ready_for_photos(&app, "kim@acme.test").await;
    let Caller::Browser(session) = &kim else { panic!("a browser") };
    let photo = portrait(1);
    let mut connection = TcpStream::connect(app.url.trim_start_matches("http://")).unwrap();
    write!(
        connection,
        "POST {PHOTOS} HTTP/1.1\r\nhost: x\r\ncookie: headroom={session}\r\naccept: application/json\r\n\
         content-type: multipart/form-data; boundary=b\r\ncontent-length: {}\r\n\r\n\
         --b\r\ncontent-disposition: form-data; name=\"photo\"; filename=\"me.jpg\"\r\n\r\n",
        photo.len() + 200
    )
    .unwrap();
    connection.write_all(&photo[..photo.len() / 2]).unwrap();
    until(|| unnamed_files(directory.path()) == 1).await;

    drop(connection);
    until(|| unnamed_files(directory.path()) == 0).await;
    assert!(photos(&app, &shoot).is_empty());
    nothing_left(directory.path());
    upload(&app, &kim, "me.jpg", photo).await.ok();
    app.stop().await;
}

async fn until(mut true_: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !true_() {
        assert!(begun.elapsed() < PATIENCE, "still not true after {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn of_many_at_once_thirty_are_taken() {
    let directory = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(Wishes { data: Some(directory.path().to_owned()), ..Wishes::default() }).await;
    let (kim, shoot) = ready_for_photos(&app, "kim@acme.test").await;
    let answers = futures::future::join_all((0..33).map(|number| upload(&app, &kim, "me.jpg", portrait(number)))).await;
    let (taken, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((taken.len(), refused.len()), (30, 3));
    for answer in refused {
        assert!(answer.refused(400, "INVALID_REQUEST").contains("30 photos, the most there can be"));
    }
    assert_eq!(photos(&app, &shoot).len(), 30);
    assert_eq!(files(&directory.path().join("photos")).len(), 60);
    let page = app.get(&kim, "/team-member/onboarding/photos").await.text();
    assert!(page.contains("<div class=\"notice\" data-upload-full>") && page.contains("You have 30 photos"), "{page}");
    // Nothing can be chosen, and what changes elsewhere is still told.
    let form = page.split("<form class=\"drop\" hidden").nth(1).expect("the form, hidden").split('>').next().unwrap();
    assert!(form.contains(&format!("data-upload-events=\"{PHOTOS}/events\"")), "{form}");

    // One goes, one comes.
    let one = &photos(&app, &shoot)[0].id;
    app.submit(&kim, &format!("{PHOTOS}/{one}/remove"), &[]).await.redirects();
    let page = app.get(&kim, "/team-member/onboarding/photos").await.text();
    assert!(
        page.contains("<form class=\"drop\" data-upload-room") && page.contains("data-upload-full hidden"),
        "{page}"
    );
    upload(&app, &kim, "me.jpg", portrait(99)).await.ok();
    app.stop().await;
}

#[tokio::test]
async fn the_same_photo_is_taken_once() {
    let directory = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(Wishes { data: Some(directory.path().to_owned()), ..Wishes::default() }).await;
    let (kim, shoot) = ready_for_photos(&app, "kim@acme.test").await;
    let (one, other) =
        tokio::join!(upload(&app, &kim, "me.jpg", portrait(1)), upload(&app, &kim, "copy of me.jpg", portrait(1)));
    let (taken, refused) = if one.status == 200 { (one, other) } else { (other, one) };
    taken.ok();
    assert_eq!(refused.refused(400, "INVALID_REQUEST"), "You have added this photo already.");
    assert_eq!((photos(&app, &shoot).len(), files(&directory.path().join("photos")).len()), (1, 2));
    app.stop().await;
}

#[tokio::test]
async fn without_a_script_the_page_says_which_files_were_not_taken() {
    let app = TestApp::start().await;
    let (kim, shoot) = ready_for_photos(&app, "kim@acme.test").await;
    let files = vec![("one.jpg", portrait(1)), ("notes.txt", b"milk, eggs".to_vec()), ("two.jpg", portrait(2))];
    let answer = upload_form(&app, &kim, files).await;
    assert_eq!(answer.redirects(), "/team-member/onboarding/photos");
    let names: Vec<String> = photos(&app, &shoot).into_iter().map(|photo| photo.name).collect();
    assert_eq!(names, ["one.jpg", "two.jpg"]);

    let said = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let Caller::Browser(session) = &kim else { panic!("a browser") };
    let page = app.request(&Caller::Nobody, Method::GET, "/team-member/onboarding/photos");
    let page = page.header("cookie", format!("headroom={session}; {said}")).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("notes.txt: This file is not a photo we can read."), "{page}");

    // A form that was sent before anything was chosen.
    assert_eq!(upload_form(&app, &kim, vec![("", Vec::new())]).await.redirects(), "/team-member/onboarding/photos");
    assert_eq!(photos(&app, &shoot).len(), 2);
    app.stop().await;
}

#[tokio::test]
async fn a_photo_is_seen_by_its_member_and_the_leads_only() {
    let app = TestApp::start().await;
    let (kim, shoot) = ready_for_photos(&app, "kim@acme.test").await;
    let (lee, _) = ready_for_photos(&app, "lee@acme.test").await;
    app.stranger().await;
    let hank = app
        .db
        .write(|tx| {
            let account = members::account_for(tx, &"hank@globex.test".parse()?)?;
            Ok(Caller::Browser(
                auth::begin_session(tx, &account, auth::Method::Link, &auth::Device::default())?
                    .session
                    .reveal()
                    .to_owned(),
            ))
        })
        .await
        .unwrap();
    let id = upload(&app, &kim, "me.jpg", portrait(1)).await.ok()["id"].as_str().unwrap().to_owned();
    let thumbnail = format!("{PHOTOS}/{id}/thumbnail");
    assert_eq!(app.get(&app.owner, &thumbnail).await.status, 200);

    let random = format!("{PHOTOS}/{}/thumbnail", headroom::ids::PhotoId::new());
    for other in [&lee, &hank] {
        let [theirs, none] = [app.get(other, &thumbnail).await, app.get(other, &random).await];
        assert_eq!((theirs.status, none.status), (reqwest::StatusCode::NOT_FOUND, reqwest::StatusCode::NOT_FOUND));
        let plain = |answer: &crate::app::Answer| answer.text().replace(answer.header("x-request-id").unwrap(), "");
        assert_eq!(plain(&theirs), plain(&none));
    }
    assert_eq!(app.get(&Caller::Nobody, &thumbnail).await.status, 401);
    for other in [&lee, &app.owner] {
        assert_ne!(app.submit(other, &format!("{PHOTOS}/{id}/remove"), &[]).await.status, 303);
    }
    assert_eq!(photos(&app, &shoot).len(), 1);
    app.stop().await;
}

#[tokio::test]
async fn a_photo_that_is_refused_early_is_still_answered() {
    let app = TestApp::start().await;
    let (kim, _) = ready_for_photos(&app, "kim@acme.test").await;
    // Not a multipart form at all.
    let request = app.request(&kim, Method::POST, PHOTOS).header("accept", "application/json").body("hello");
    crate::app::Answer::of(request).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    // A request from another site.
    let request = app.request(&kim, Method::POST, PHOTOS).header("accept", "application/json");
    let request = request.header("sec-fetch-site", "cross-site").body("hello");
    crate::app::Answer::of(request).await.refused(403, "FORBIDDEN");
    // A body that only promises to come.
    let mut connection = TcpStream::connect(app.url.trim_start_matches("http://")).unwrap();
    write!(connection, "POST {PHOTOS} HTTP/1.1\r\nhost: x\r\naccept: application/json\r\ncontent-length: 9\r\n\r\n")
        .unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 401");
    app.stop().await;
}
