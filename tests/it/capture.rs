//! Photos from anywhere: in pieces that go on where they broke off, and from a phone that was handed a screen's session.

use std::{
    io::Write,
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};

use headroom::{
    auth,
    clock::Clock,
    db::{Db, Place as At},
    ids::ShootId,
    members::{self, Email, NewManaged, PersonName, Title},
    queue::{self, Job},
    secrets::{Digest, Digesting},
    shoots, uploads,
};
use reqwest::Method;
use serde_json::json;

use crate::{
    app::{Answer, Caller, PATIENCE, TestApp, Wishes},
    process::Process,
    studio::{PHOTOS, files, gather, photos, portrait, submit},
};

const UPLOADS: &str = "/team-member/uploads";
const HANDOFF: &str = "/team-member/handoff";
const STEP: &str = "/team-member/onboarding/photos";
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn ready(app: &TestApp, email: &str) -> (Caller, ShootId) {
    let (who, shoot) = app.member(email).await;
    app.submit(&who, "/team-member/onboarding/you", &[("name", "Kim Lee"), ("gender", "person")]).await.redirects();
    (who, shoot)
}

async fn announce(app: &TestApp, who: &Caller, mark: &str, size: usize) -> Answer {
    let file = json!({ "name": "me.jpg", "size": size, "mark": mark });
    Answer::of(app.request(who, Method::POST, UPLOADS).header("accept", "application/json").json(&file)).await
}

/// The address of an upload, and how much of it is there.
async fn begin(app: &TestApp, who: &Caller, mark: &str, size: usize) -> (String, u64) {
    let begun = announce(app, who, mark, size).await.ok();
    (format!("{UPLOADS}/{}", begun["id"].as_str().unwrap()), begun["received"].as_u64().unwrap())
}

async fn piece(app: &TestApp, who: &Caller, place: &str, offset: usize, bytes: &[u8]) -> Answer {
    let request = app.request(who, Method::PATCH, &format!("{place}?offset={offset}"));
    Answer::of(request.header("accept", "application/json").body(bytes.to_vec())).await
}

fn wishes(data: &Path) -> Wishes {
    Wishes { data: Some(data.to_owned()), ..Wishes::default() }
}

fn stored(data: &Path) -> Vec<u64> {
    let mut sizes: Vec<u64> = files(&data.join("uploads")).iter().map(|file| file.metadata().unwrap().len()).collect();
    sizes.sort_unstable();
    sizes
}

#[tokio::test]
async fn a_photo_in_pieces_goes_on_after_a_restart_and_is_one_like_any() {
    let directory = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(wishes(directory.path())).await;
    let (kim, shoot) = ready(&app, "kim@acme.test").await;
    let photo = portrait(1);
    let (place, here) = begin(&app, &kim, "me", photo.len()).await;
    assert_eq!(here, 0);
    assert_eq!(piece(&app, &kim, &place, 0, &photo[..20_000]).await.ok()["received"], 20_000);
    let file = files(&directory.path().join("uploads")).remove(0);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    // What doesn't follow on what is there is refused, with where it would.
    for wrong in [0, 19_999, 20_001] {
        let refused = piece(&app, &kim, &place, wrong, &photo[20_000..21_000]).await;
        assert_eq!((refused.status.as_u16(), refused.json()["received"].as_u64()), (409, Some(20_000)));
        assert_eq!(refused.json()["code"], "UPLOAD_OFFSET");
    }
    let page = app.get(&kim, STEP).await.text();
    assert!(page.contains("<strong>me.jpg</strong>: 0 of 1 MB have arrived."), "{page}");

    let app = app.restart(wishes(directory.path())).await;
    assert_eq!(begin(&app, &kim, "me", photo.len()).await, (place.clone(), 20_000), "the same file is the same upload");
    assert_ne!(begin(&app, &kim, "me", photo.len() + 1).await.0, place, "another size is another file");
    // Whatever the row says, the file is right.
    std::fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(15_000).unwrap();
    assert_eq!(begin(&app, &kim, "me", photo.len()).await.1, 15_000);
    assert_eq!(piece(&app, &kim, &place, 15_000, &photo[15_000..]).await.ok()["name"], "me.jpg");
    assert_eq!(photos(&app, &shoot).len(), 1);
    assert_eq!(stored(directory.path()), Vec::<u64>::new());
    piece(&app, &kim, &place, photo.len(), b"").await.refused(404, "NOT_FOUND");
    // The very same bytes as a whole are the same photo.
    let again = begin(&app, &kim, "other", photo.len()).await.0;
    piece(&app, &kim, &again, 0, &photo).await.refused(400, "INVALID_REQUEST");
    assert_eq!(stored(directory.path()), Vec::<u64>::new(), "what is refused is removed");
    app.stop().await;
}

#[tokio::test]
async fn what_came_of_a_piece_that_was_cut_off_stays() {
    let directory = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(wishes(directory.path())).await;
    let (kim, shoot) = ready(&app, "kim@acme.test").await;
    let photo = portrait(1);
    let (place, _) = begin(&app, &kim, "me", photo.len()).await;
    let Caller::Browser(session) = &kim else { panic!("a browser") };
    let mut connection = TcpStream::connect(app.url.trim_start_matches("http://")).unwrap();
    write!(
        connection,
        "PATCH {place}?offset=0 HTTP/1.1\r\nhost: x\r\ncookie: headroom={session}\r\naccept: application/json\r\ncontent-length: {}\r\n\r\n",
        photo.len()
    )
    .unwrap();
    connection.write_all(&photo[..10_000]).unwrap();
    let begun = Instant::now();
    while stored(directory.path()) != [10_000] {
        assert!(begun.elapsed() < PATIENCE, "the piece never came");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(connection);
    assert_eq!(begin(&app, &kim, "me", photo.len()).await.1, 10_000);
    piece(&app, &kim, &place, 10_000, &photo[10_000..]).await.ok();
    assert_eq!(photos(&app, &shoot).len(), 1);
    app.stop().await;
}

/// A request of a browser to a server in a process of its own.
fn ask(server: &Process, session: &str, method: Method, path: &str) -> reqwest::RequestBuilder {
    let request = reqwest::Client::new().request(method, format!("{}{path}", server.url));
    request.header("cookie", format!("headroom={session}")).header("accept", "application/json")
}

/// What is there of an upload, as the server says.
async fn received(server: &Process, session: &str, mark: &str, size: usize) -> (String, u64) {
    let file = json!({ "name": "me.jpg", "size": size, "mark": mark });
    let begun = Answer::of(ask(server, session, Method::POST, UPLOADS).json(&file)).await.ok();
    (format!("{UPLOADS}/{}", begun["id"].as_str().unwrap()), begun["received"].as_u64().unwrap())
}

async fn go_on(server: &Process, session: &str, place: &str, offset: usize, bytes: &[u8]) -> Answer {
    let request = ask(server, session, Method::PATCH, &format!("{place}?offset={offset}"));
    Answer::of(request.body(bytes.to_vec())).await
}

#[tokio::test]
async fn a_server_that_is_killed_in_the_middle_of_a_piece_goes_on_from_there() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let app = TestApp::start_with(wishes(data)).await;
    let (kim, shoot) = ready(&app, "kim@acme.test").await;
    let Caller::Browser(session) = kim else { panic!("a browser") };
    app.stop().await;
    let settings = [("HEADROOM_PHOTO_CHECKS", "off")];
    let (first, second) = (portrait(1), portrait(2));

    let server = Process::start(data, &settings);
    let (place, here) = received(&server, &session, "first", first.len()).await;
    assert_eq!(here, 0);
    assert_eq!(go_on(&server, &session, &place, 0, &first[..4_000]).await.ok()["received"], 4_000);
    let mut connection = TcpStream::connect(server.url.trim_start_matches("http://")).unwrap();
    write!(
        connection,
        "PATCH {place}?offset=4000 HTTP/1.1\r\nhost: x\r\ncookie: headroom={session}\r\naccept: application/json\r\ncontent-length: {}\r\n\r\n",
        first.len() - 4_000
    )
    .unwrap();
    connection.write_all(&first[4_000..10_000]).unwrap();
    let begun = Instant::now();
    while stored(data) != [10_000] {
        assert!(begun.elapsed() < PATIENCE, "the piece never came");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(server);
    drop(connection);

    let server = Process::start(data, &settings);
    assert_eq!(received(&server, &session, "first", first.len()).await, (place.clone(), 10_000));
    let elsewhere = go_on(&server, &session, &place, 4_000, &first[4_000..]).await;
    assert_eq!(elsewhere.status, 409, "what is there is not sent again");
    assert_eq!(go_on(&server, &session, &place, 10_000, &first[10_000..]).await.ok()["name"], "me.jpg");

    // Killed after the last byte came, and before it was made a photo.
    let (place, _) = received(&server, &session, "second", second.len()).await;
    go_on(&server, &session, &place, 0, &second[..second.len() - 1]).await.ok();
    drop(server);
    let file = files(&data.join("uploads")).remove(0);
    let mut file = std::fs::OpenOptions::new().append(true).open(file).unwrap();
    file.write_all(&second[second.len() - 1..]).unwrap();
    let server = Process::start(data, &settings);
    assert_eq!(received(&server, &session, "second", second.len()).await, (place.clone(), second.len() as u64));
    go_on(&server, &session, &place, second.len(), b"").await.ok();
    drop(server);

    assert_eq!(stored(data), Vec::<u64>::new());
    let db = Db::open(&At::File(data.join("headroom.db")), Clock::system()).unwrap();
    let kept = db
        .read(|view| {
            view.all(
                "select digest, bytes from photos where shoot_id = :shoot order by created_at",
                rusqlite::named_params! { ":shoot": shoot },
                |row| Ok((row.get::<_, Digest>(0)?, row.get::<_, u32>(1)?)),
            )
        })
        .unwrap();
    let whole = |photo: &[u8]| {
        let mut sum = Digesting::default();
        sum.add(photo);
        (sum.finish(), u32::try_from(photo.len()).unwrap())
    };
    assert_eq!(kept, [whole(&first), whole(&second)], "both are whole, and there once");
}

#[tokio::test]
async fn lengths_are_not_believed_and_limits_hold() {
    let app = TestApp::start().await;
    let (kim, _) = ready(&app, "kim@acme.test").await;
    for (size, status, code) in [(0, 400, "INVALID_REQUEST"), (25 * 1024 * 1024 + 1, 413, "PAYLOAD_TOO_LARGE")] {
        announce(&app, &kim, "me", size).await.refused(status, code);
    }
    announce(&app, &kim, "", 1000).await.refused(400, "INVALID_REQUEST");
    announce(&app, &kim, &"x".repeat(1001), 1000).await.refused(400, "INVALID_REQUEST");
    let (place, _) = begin(&app, &kim, "me", 1000).await;
    let more = piece(&app, &kim, &place, 0, &[7; 1001]).await;
    assert!(more.refused(413, "PAYLOAD_TOO_LARGE").contains("announced"));
    // What is no photo is over with its last piece.
    piece(&app, &kim, &place, 0, &[7; 1000]).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    piece(&app, &kim, &place, 1000, b"").await.refused(404, "NOT_FOUND");

    for number in 0..30 {
        begin(&app, &kim, &format!("{number}"), 1000).await;
    }
    assert!(announce(&app, &kim, "one more", 1000).await.refused(400, "INVALID_REQUEST").contains("unfinished"));
    begin(&app, &kim, "0", 1000).await;
    let (ida, _) = ready(&app, "ida@acme.test").await;
    for number in 0..12 {
        begin(&app, &ida, &format!("{number}"), 25 * 1024 * 1024).await;
    }
    announce(&app, &ida, "one more", 1000).await.refused(400, "INVALID_REQUEST");
    app.stop().await;
}

#[tokio::test]
async fn what_begins_as_no_photo_is_over_with_its_first_piece() {
    let directory = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(wishes(directory.path())).await;
    let (kim, shoot) = ready(&app, "kim@acme.test").await;
    let film = [&b"\0\0\0\x20ftypisom"[..], &[0; 1000]].concat();
    let (place, _) = begin(&app, &kim, "film", 20 * 1024 * 1024).await;
    let refused = piece(&app, &kim, &place, 0, &film).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    assert_eq!(refused, "This file is not a photo we can read. Upload a JPEG, PNG, WebP or HEIC.");
    assert_eq!((stored(directory.path()), open(&app, &shoot)), (Vec::new(), 0));
    piece(&app, &kim, &place, film.len(), &film).await.refused(404, "NOT_FOUND");

    // Too little to tell by is no reason; whatever it is called, a photo is one.
    for (mark, file, taken) in [("gif", b"GIF89a and whatever".to_vec(), false), ("me.gif", portrait(1), true)] {
        let (place, _) = begin(&app, &kim, mark, file.len()).await;
        assert_eq!(piece(&app, &kim, &place, 0, &file[..5]).await.ok()["received"], 5);
        assert_eq!(piece(&app, &kim, &place, 5, &file[5..]).await.status == 200, taken, "{mark}");
    }
    assert_eq!((photos(&app, &shoot).len(), open(&app, &shoot)), (1, 0));
    app.stop().await;
}

#[tokio::test]
async fn an_upload_is_its_own_persons_alone() {
    let app = TestApp::start().await;
    let (kim, _) = ready(&app, "kim@acme.test").await;
    let (ida, _) = ready(&app, "ida@acme.test").await;
    let (place, _) = begin(&app, &kim, "me", 1000).await;
    for who in [&ida, &app.owner.clone()] {
        app.submit(who, "/team-member/onboarding/you", &[("name", "Someone"), ("gender", "person")]).await;
        piece(&app, who, &place, 0, b"x").await.refused(404, "NOT_FOUND");
        assert_eq!(app.submit(who, &format!("{place}/discard"), &[]).await.status, 404);
    }
    piece(&app, &Caller::Nobody, &place, 0, b"x").await.refused(401, "UNAUTHORIZED");
    assert_ne!(begin(&app, &ida, "me", 1000).await.0, place, "the same mark in another shoot is another upload");
    assert_eq!(app.submit(&kim, &format!("{place}/discard"), &[]).await.redirects(), STEP);
    piece(&app, &kim, &place, 0, b"x").await.refused(404, "NOT_FOUND");
    app.stop().await;
}

/// Has everything of the hour done.
async fn tidy(app: &TestApp) {
    app.db.write(|tx| queue::push(tx, Job::Housekeeping).map(drop)).await.unwrap();
    app.run_jobs().await;
}

#[tokio::test]
async fn what_nobody_goes_on_with_is_tidied_away() {
    let directory = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(wishes(directory.path())).await;
    let (kim, shoot) = ready(&app, "kim@acme.test").await;
    let (place, _) = begin(&app, &kim, "me", 1000).await;
    piece(&app, &kim, &place, 0, b"some").await.ok();
    std::fs::write(directory.path().join("uploads").join(uploads_id()), b"nobody's").unwrap();
    tidy(&app).await;
    assert_eq!(stored(directory.path()), [4], "what nobody knows is gone, what is under way is not");
    app.advance(DAY - MINUTE).await;
    piece(&app, &kim, &place, 4, b"more").await.ok();
    app.advance(DAY - MINUTE).await;
    tidy(&app).await;
    assert_eq!(stored(directory.path()), [8]);
    app.advance(2 * MINUTE).await;
    tidy(&app).await;
    assert_eq!(stored(directory.path()), Vec::<u64>::new());
    piece(&app, &kim, &place, 8, b"late").await.refused(404, "NOT_FOUND");

    // With the submission it is over as well.
    gather(&app, &kim).await;
    let (place, _) = begin(&app, &kim, "me", 1000).await;
    piece(&app, &kim, &place, 0, b"some").await.ok();
    submit(&app, &kim).await.redirects();
    piece(&app, &kim, &place, 4, b"more").await.refused(400, "INVALID_REQUEST");
    tidy(&app).await;
    assert_eq!((stored(directory.path()), open(&app, &shoot)), (Vec::new(), 0));
    app.stop().await;
}

fn uploads_id() -> String {
    headroom::ids::UploadId::new().to_string()
}

fn open(app: &TestApp, shoot: &ShootId) -> usize {
    app.db.read(|view| uploads::of_shoot(view, shoot)).unwrap().len()
}

#[tokio::test]
async fn what_is_deleted_takes_its_pieces_along() {
    let directory = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(wishes(directory.path())).await;
    let (kim, shoot) = ready(&app, "kim@acme.test").await;
    let (place, _) = begin(&app, &kim, "me", 1000).await;
    piece(&app, &kim, &place, 0, b"some").await.ok();
    app.delete(&app.lead, &format!("/api/v2/organization/models/{shoot}")).await;
    let gone = app.db.read(|view| shoots::get(view, &shoot)).unwrap();
    assert!(gone.deleted_at.is_some());
    app.run_jobs().await;
    assert_eq!((stored(directory.path()), open(&app, &shoot)), (Vec::new(), 0));
    app.stop().await;
}

/// The path of the link a code leads to.
async fn code(app: &TestApp, who: &Caller, base: &str) -> String {
    let request = app.request(who, Method::POST, &format!("{base}/handoff")).header("accept", "application/json");
    let offered = Answer::of(request).await.ok();
    assert!(offered["picture"].as_str().unwrap().starts_with("data:image/svg+xml;base64,"));
    let address = offered["address"].as_str().unwrap();
    address.strip_prefix(&app.url).expect("an address of ours").to_owned()
}

async fn press(app: &TestApp, link: &str) -> Answer {
    app.submit(&Caller::Nobody, "/auth/phone", &[("token", link.rsplit('/').next().unwrap())]).await
}

/// The browser an answer signs in.
fn cookie(answer: &Answer, name: &str) -> String {
    let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let mut values = cookies.filter_map(|cookie| cookie.strip_prefix(&format!("{name}=")));
    values.next().expect("a cookie").split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_code_signs_one_phone_in_once_and_only_by_its_button() {
    let app = TestApp::start().await;
    let (kim, _) = ready(&app, "kim@acme.test").await;
    let link = code(&app, &kim, "/team-member").await;
    for method in [Method::HEAD, Method::GET, Method::GET] {
        let looked = Answer::of(app.request(&Caller::Nobody, method, &link)).await;
        assert_eq!((looked.status.as_u16(), looked.header("set-cookie")), (200, None));
    }
    let page = app.get(&Caller::Nobody, &link).await.text();
    assert!(page.contains("Continue as Kim Lee on this phone") && page.contains("· Acme</title>"), "{page}");
    assert!(app.get(&app.owner, &link).await.text().contains("will be signed out"));

    let entered = press(&app, &link).await;
    assert_eq!(entered.redirects(), STEP);
    let phone = Caller::Browser(cookie(&entered, "headroom"));
    assert_eq!(app.get(&phone, STEP).await.status, 200);
    assert_eq!(app.get(&kim, STEP).await.status, 200, "the screen stays signed in");
    let again = press(&app, &link).await;
    assert_eq!((again.status.as_u16(), again.header("set-cookie")), (200, None));
    assert!(again.text().contains("This code works no more"));
    assert!(app.get(&Caller::Nobody, &link).await.text().contains("This code works no more"));
    // A code can be photographed: its person hears of the phone.
    app.run_jobs().await;
    assert!(app.mails().iter().any(|mail| mail.starts_with("kim@acme.test: New sign-in")), "{:?}", app.mails());

    let late = code(&app, &kim, "/team-member").await;
    app.db.clock().advance(10 * MINUTE);
    assert!(press(&app, &late).await.text().contains("This code works no more"));
    // A fresh one takes the place of the one before, and none outlives the session.
    let (first, second) = (code(&app, &kim, "/team-member").await, code(&app, &kim, "/team-member").await);
    assert!(press(&app, &first).await.text().contains("This code works no more"));
    app.submit(&kim, "/signout", &[]).await;
    assert!(press(&app, &second).await.text().contains("This code works no more"));
    assert_eq!(app.get(&phone, STEP).await.status, 200, "the phone has a session of its own");
    app.stop().await;
}

#[tokio::test]
async fn a_handed_on_session_is_no_better_than_the_one_it_comes_from() {
    let app = TestApp::start().await;
    let (kim, _) = ready(&app, "kim@acme.test").await;
    let Caller::Browser(session) = kim.clone() else { panic!("a browser") };
    app.db.clock().advance(20 * MINUTE);
    let parent = app.db.read(|view| auth::browser(view, &session)).unwrap().unwrap();
    assert!(!parent.fresh);
    let link = code(&app, &kim, "/team-member").await;
    let phone = cookie(&press(&app, &link).await, "headroom");
    let begun = app.db.read(|view| auth::browser(view, &phone)).unwrap().unwrap();
    assert_eq!((begun.fresh, begun.method, begun.embedded), (false, parent.method, false));
    // It ends when the first one would have, however late it was begun.
    for _ in 0..8 {
        app.db.clock().advance(10 * DAY);
        app.get(&Caller::Browser(phone.clone()), STEP).await;
        tokio::task::yield_now().await;
    }
    app.db.clock().advance(10 * DAY);
    assert!(app.db.read(|view| auth::browser(view, &phone)).unwrap().is_none());

    let (ida, _) = ready(&app, "ida@acme.test").await;
    let Caller::Browser(session) = ida else { panic!("a browser") };
    for path in ["/app/admin", "/team-members", "//team-member", "/team-member/../app", "/team-member\\x", ""] {
        let (session, path) = (session.clone(), path.to_owned());
        let refused = app.db.write(move |tx| auth::hand_off(tx, &session, &path)).await;
        assert!(refused.is_err(), "leads out of the member's pages");
    }
    assert_eq!(app.submit(&Caller::Nobody, HANDOFF, &[]).await.status, 401);
    app.stop().await;
}

#[tokio::test]
async fn a_lead_goes_on_for_the_same_person() {
    let app = TestApp::start().await;
    let new = NewManaged {
        name: PersonName::parse("Ines Duarte").unwrap(),
        email: None::<Email>,
        title: Title::none(),
        team: None,
    };
    let ada = app.db.read(|view| members::leads(view, &app.organization)).unwrap().remove(0).actor();
    let ines = app.db.write(move |tx| shoots::add_on_behalf(tx, &ada, &new)).await.unwrap().id;
    let base = format!("/team-member/for/{ines}");
    let link = code(&app, &app.owner, &base).await;
    assert_eq!(press(&app, &link).await.redirects(), format!("{base}/onboarding/photos"));
    // Without a script it is a page.
    let page = app.submit(&app.owner, &format!("{base}/handoff"), &[]).await;
    assert!(page.text().contains("the photos of Ines Duarte") && page.text().contains("data:image/svg+xml"));
    let (kim, _) = ready(&app, "kim@acme.test").await;
    assert_eq!(app.submit(&kim, &format!("{base}/handoff"), &[]).await.status, 404);
    app.stop().await;
}

#[tokio::test]
async fn only_the_step_of_photos_may_use_the_camera() {
    let app = TestApp::start().await;
    let (kim, _) = ready(&app, "kim@acme.test").await;
    let policy = |answer: Answer| answer.header("permissions-policy").unwrap().to_owned();
    assert!(policy(app.get(&kim, STEP).await).starts_with("camera=(self)"));
    for page in ["/team-member/onboarding/you", "/signin", "/account"] {
        assert!(policy(app.get(&kim, page).await).starts_with("camera=()"), "{page}");
    }
    app.stop().await;
}

#[tokio::test]
async fn what_a_phone_adds_is_told_to_the_screen() {
    let app = TestApp::start().await;
    let (kim, _) = ready(&app, "kim@acme.test").await;
    let mut events = app.request(&kim, Method::GET, &format!("{PHOTOS}/events")).send().await.unwrap();
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    assert_eq!(&events.chunk().await.unwrap().unwrap()[..], b"data: {\"photos\":[]}\n\n");
    let link = code(&app, &kim, "/team-member").await;
    let phone = Caller::Browser(cookie(&press(&app, &link).await, "headroom"));
    let added = crate::studio::upload(&app, &phone, "me.jpg", portrait(1)).await.ok();
    let id = added["id"].as_str().unwrap();
    let told = String::from_utf8(events.chunk().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(told.contains(id), "{told}");
    let all = Answer::of(app.request(&kim, Method::GET, PHOTOS).header("accept", "application/json")).await.ok();
    assert_eq!((all["photos"][0]["id"].as_str(), all["standing"]["photos"].as_u64()), (Some(id), Some(1)));
    app.submit(&phone, &format!("{PHOTOS}/{id}/remove"), &[]).await.redirects();
    assert_eq!(&events.chunk().await.unwrap().unwrap()[..], b"data: {\"photos\":[]}\n\n");
    app.stop().await;
}
