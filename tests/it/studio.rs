//! What a member does in the browser, from the first photo on.

use std::path::{Path, PathBuf};

use futures::StreamExt;
use headroom::{
    config::PhotoChecks,
    db::Topic,
    generator::{Backdrop, Handle, Look},
    ids::{PhotoId, ResultId, ShootId},
    photos::{self, NewPhoto, Photo},
    results::{self, Headshot, NewHeadshot, Stored},
    secrets::Digest,
    shoots::{self, Gender, Shoot, State, Whereabouts},
    storage::{Key, PhotoFile},
};
use reqwest::{Method, multipart};
use serde_json::Value;

use crate::app::{Answer, Caller, PATIENCE, TestApp};

pub(crate) const PHOTOS: &str = "/team-member/photos";
pub(crate) const REVIEW: &str = "/team-member/onboarding/review";

/// A portrait as a camera wrote it. What follows the end of a JPEG is of no account, so each number makes a file of its own.
pub(crate) fn portrait(number: u8) -> Vec<u8> {
    let mut file = std::fs::read(pictures().join("astronaut.jpg")).unwrap();
    file.push(number);
    file
}

fn pictures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures")
}

fn part(name: &str, file: Vec<u8>) -> multipart::Part {
    multipart::Part::bytes(file).file_name(name.to_owned()).mime_str("image/jpeg").unwrap()
}

/// Uploads a file as the page's script does.
pub(crate) async fn upload(app: &TestApp, who: &Caller, name: &str, file: Vec<u8>) -> Answer {
    let form = multipart::Form::new().part("photo", part(name, file));
    Answer::of(app.request(who, Method::POST, PHOTOS).header("accept", "application/json").multipart(form)).await
}

/// Uploads files as the form does without a script.
pub(crate) async fn upload_form(app: &TestApp, who: &Caller, files: Vec<(&str, Vec<u8>)>) -> Answer {
    let form =
        files.into_iter().fold(multipart::Form::new(), |form, (name, file)| form.part("photo", part(name, file)));
    Answer::of(app.request(who, Method::POST, PHOTOS).multipart(form)).await
}

/// Everything up to the review, with one photo.
pub(crate) async fn gather(app: &TestApp, who: &Caller) {
    let you = app.submit(who, "/team-member/onboarding/you", &[("name", "Kim Lee"), ("gender", "person")]).await;
    assert_eq!(you.redirects(), "/team-member/onboarding/photos");
    upload(app, who, "me.jpg", portrait(1)).await.ok();
    let style = [("backdrop", "navy"), ("backdrop", "office")];
    assert_eq!(app.submit(who, "/team-member/onboarding/style", &style).await.redirects(), REVIEW);
}

/// Hands in what was gathered.
pub(crate) async fn submit(app: &TestApp, who: &Caller) -> Answer {
    submit_at(app, who, REVIEW).await
}

/// The same on another review page: with the words it shows.
pub(crate) async fn submit_at(app: &TestApp, who: &Caller, page: &str) -> Answer {
    let review = app.get(who, page).await;
    let words = review
        .text()
        .split("name=\"words\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .map(str::to_owned);
    let mut form = vec![("consent", "yes")];
    form.extend(words.as_deref().map(|words| ("words", words)));
    app.submit(who, page, &form).await
}

/// Everything the waiting page is told, until the stream ends.
pub(crate) async fn told(app: &TestApp, who: &Caller) -> Vec<Value> {
    let request = app.request(who, Method::GET, "/team-member/waiting/events");
    let answer = request.timeout(4 * PATIENCE).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let (mut text, mut pieces) = (String::new(), answer.bytes_stream());
    while let Some(piece) = pieces.next().await {
        text.push_str(std::str::from_utf8(&piece.unwrap()).unwrap());
    }
    text.lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

/// Someone with finished headshots, and their shoot. Made by the generator, which takes its time.
pub(crate) async fn with_headshots(app: &TestApp, email: &str) -> (Caller, ShootId) {
    let (who, shoot) = app.member(email).await;
    gather(app, &who).await;
    submit(app, &who).await.redirects();
    told(app, &who).await;
    (who, shoot)
}

/// Someone with the rows of finished headshots, and their shoot; nobody took the pictures.
pub(crate) async fn with_rows_of_headshots(app: &TestApp, email: &str) -> (Caller, ShootId) {
    let (who, shoot) = app.member(email).await;
    finish(app, &who, &shoot).await;
    (who, shoot)
}

/// Everything up to the review, for someone who is in front of no browser.
pub(crate) async fn pack(app: &TestApp, shoot: &ShootId) {
    let (shoot, file) = (shoot.clone(), portrait(1));
    let photo = NewPhoto {
        id: PhotoId::new(),
        name: "me.jpg".to_owned(),
        width: 512,
        height: 512,
        bytes: file.len(),
        digest: Digest::of(shoot.as_str()),
        looked: None,
    };
    app.storage.put(Key::Photo(&photo.id, PhotoFile::Master), file.into()).await.unwrap();
    let packed = app.db.write(move |tx| {
        photos::add(tx, &shoot, &photo, 8)?;
        let open = shoots::get(tx, &shoot)?;
        shoots::choose_gender(tx, &open, Gender::Person)?;
        shoots::choose_backdrops(tx, &open, &[Backdrop::Navy.into()])
    });
    packed.await.unwrap();
}

/// Hands in what was packed, and keeps it from the generator.
pub(crate) async fn hand_in(app: &TestApp, shoot: &ShootId) {
    let shoot = shoot.clone();
    let handed_in = app.db.write(move |tx| {
        let member = shoots::get(tx, &shoot)?.member.unwrap();
        shoots::submit(tx, &shoot, &member, PhotoChecks::On, &Whereabouts::default())?;
        // Whoever takes it up would begin with it at once.
        tx.execute("delete from jobs where queue = 'shoots'", [])
    });
    handed_in.await.unwrap();
}

/// Has headshots made by the generator out of what was packed, which takes its time.
pub(crate) async fn make(app: &TestApp, shoot: &ShootId) {
    let (id, mut told) = (shoot.clone(), app.db.listen(Topic::Shoot(shoot.clone())));
    let submitted = app.db.write(move |tx| {
        let member = shoots::get(tx, &id)?.member.unwrap();
        shoots::submit(tx, &id, &member, PhotoChecks::On, &Whereabouts::default())
    });
    submitted.await.unwrap();
    while crate::studio::shoot(app, shoot).state != State::Ready {
        tokio::time::timeout(4 * PATIENCE, told.changed()).await.expect("news of the shoot").unwrap();
    }
}

/// Takes a shoot to its end before the generator hears of it.
pub(crate) async fn finish(app: &TestApp, who: &Caller, shoot: &ShootId) {
    gather(app, who).await;
    finish_packed(app, shoot).await;
}

/// The same for what was packed.
pub(crate) async fn finish_packed(app: &TestApp, shoot: &ShootId) {
    hand_in(app, shoot).await;
    deliver_rows(app, shoot).await;
}

/// Rows of headshots for what was handed in.
pub(crate) async fn deliver_rows(app: &TestApp, shoot: &ShootId) {
    let shoot = shoot.clone();
    let rows = Backdrop::ALL.iter().map(|&backdrop| NewHeadshot {
        id: ResultId::new(),
        backdrop: backdrop.into(),
        width: 1024,
        height: 1280,
        cutout: None,
        look: Look::default(),
    });
    let rows = Stored { headshots: rows.collect(), ..Stored::default() };
    let delivered = app.db.write(move |tx| {
        shoots::begin_training(tx, &shoot, &Handle::new("nobody's"))?;
        results::deliver(tx, &shoot, &rows)
    });
    delivered.await.unwrap();
}

pub(crate) fn shoot(app: &TestApp, id: &ShootId) -> Shoot {
    app.db.read(|view| shoots::get(view, id)).unwrap()
}

pub(crate) fn photos(app: &TestApp, shoot: &ShootId) -> Vec<Photo> {
    app.db.read(|view| photos::of_shoot(view, shoot)).unwrap()
}

pub(crate) fn headshots(app: &TestApp, shoot: &ShootId) -> Vec<Headshot> {
    app.db.read(|view| results::of_shoot(view, shoot)).unwrap()
}

/// The files in a folder and those below it.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
