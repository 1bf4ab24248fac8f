//! Headshots made by workers: the program itself as one, and requests like its own where it would not misbehave.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::Duration,
};

use headroom::{
    config::Priority,
    db::Topic,
    generator::{Generator, Handle, Progress, Request, studio::Studio},
    ids::ShootId,
    organizations, photos,
    receipts::{self, AskedBy},
    results::{self, Stored},
    secrets::Token,
    shoots::{self, Shoot, State},
    storage::{Folder, HeadshotFile, Key, Storage},
    studio::Workshop,
    workers::{LEASE, Seen, protocol, seen},
};
use reqwest::{Method, RequestBuilder, StatusCode};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::{
    app::{PATIENCE, TestApp, Wishes},
    studio::{gather, headshots, photos as uploaded, portrait, shoot, submit, upload},
};

mod away;
mod waiting;

const HEADROOM: &str = env!("CARGO_BIN_EXE_headroom");
const TOKEN: &str = "5f1d6c0a9b8e7d6c5b4a39281706f5e4";

fn with(shoots: &str) -> Wishes {
    let settings = [("generator", "studio"), ("worker_token", TOKEN), ("studio_shoots", shoots)];
    Wishes { settings: settings.map(|(name, value)| (name, value.to_owned())).into(), ..Wishes::default() }
}

/// A worker as people start it.
struct Worker {
    process: Child,
    /// Told once its log says that it makes a shoot. The shoot itself may hear of that only when it is made.
    begins: oneshot::Receiver<()>,
}

impl Worker {
    fn command(server: &str, name: &str, token: &str) -> Command {
        let mut command = Command::new(HEADROOM);
        command
            .env_clear()
            .env("HEADROOM_WORKER_TOKEN", token)
            // Other tests keep the processors busy.
            .env("HEADROOM_STUDIO_PRIORITY", "normal")
            .args(["worker", "--json", "--at-once", "1", "--name", name, "--server", server])
            .stdin(Stdio::null())
            .stderr(Stdio::piped());
        command
    }

    /// One that the server knows by now. The server runs on this thread too, so another one waits for the worker's line.
    async fn start(app: &TestApp, name: &str) -> Self {
        Self::start_at(&app.url, name).await
    }

    async fn start_at(server: &str, name: &str) -> Self {
        let mut process = Self::command(server, name, TOKEN).stdout(Stdio::piped()).spawn().unwrap();
        let said = process.stdout.take().unwrap();
        let line = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(said).read_line(&mut line).map(|_| line)
        });
        let line = line.await.unwrap().unwrap();
        let said: Value = serde_json::from_str(&line).expect("a line of JSON once it is connected");
        assert_eq!((&said["name"], &said["atOnce"]), (&json!(name), &json!(1)));
        let log = process.stderr.take().unwrap();
        let (tell, begins) = oneshot::channel();
        std::thread::spawn(move || {
            let mut tell = Some(tell);
            for line in BufReader::new(log).lines().map_while(Result::ok) {
                if let Some(tell) = tell.take_if(|_| line.contains("makes a shoot")) {
                    let _ = tell.send(());
                }
            }
        });
        Self { process, begins }
    }

    async fn begins(&mut self) {
        tokio::time::timeout(PATIENCE, &mut self.begins).await.expect("a shoot that is made").unwrap();
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    async fn ends(mut self) -> ExitStatus {
        tokio::task::spawn_blocking(move || self.process.wait().unwrap()).await.unwrap()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Someone who speaks like a worker, about one shoot.
struct Hand {
    request: RequestBuilder,
    lease: Token,
}

impl Hand {
    fn new(app: &TestApp) -> Self {
        let request = app.client.request(Method::POST, format!("{}/worker/", app.url)).bearer_auth(TOKEN);
        Self { request: request.header(protocol::VERSION_HEADER, protocol::VERSION), lease: Token::new() }
    }

    async fn asks(&self, method: Method, path: &str, body: Vec<u8>) -> (StatusCode, Vec<u8>) {
        let request = self.request.try_clone().unwrap().header(protocol::LEASE_HEADER, self.lease.reveal());
        let (client, request) = request.body(body).build_split();
        let mut request = request.unwrap();
        *request.method_mut() = method;
        let url = request.url().join(path).unwrap();
        *request.url_mut() = url;
        let answer = client.execute(request).await.unwrap();
        (answer.status(), answer.bytes().await.unwrap().to_vec())
    }

    async fn tells(&self, path: &str, body: &Value) -> u16 {
        self.asks(Method::POST, path, serde_json::to_vec(body).unwrap()).await.0.as_u16()
    }

    async fn claims(&self) -> Value {
        let (status, body) = self.asks(Method::POST, "claim", serde_json::to_vec(&hello()).unwrap()).await;
        assert_eq!(status, StatusCode::OK);
        serde_json::from_slice::<Value>(&body).unwrap()["wanted"].take()
    }

    /// Brings a picture for each headshot that is wanted, and says so. What is said to the last word.
    async fn makes(&self, wanted: &Value) -> u16 {
        let count = wanted["count"].as_u64().unwrap();
        for place in 0..count {
            let (status, _) = self.asks(Method::PUT, &format!("headshots/{place}"), portrait(1)).await;
            if status != StatusCode::NO_CONTENT {
                return status.as_u16();
            }
        }
        self.tells("ended", &all_made(wanted)).await
    }
}

fn hello() -> Value {
    json!({ "name": "hand", "version": "1", "atOnce": 1 })
}

fn all_made(wanted: &Value) -> Value {
    let look = json!({ "zoom": 1.0, "x": 0.0, "y": 0.0, "turn": 0.0, "light": 0.0, "warmth": 0.0 });
    let image = json!({ "scene": wanted["scenes"][0], "head": [0.5, 0.4], "cutout": null, "look": look });
    let images = vec![image; usize::try_from(wanted["count"].as_u64().unwrap()).unwrap()];
    json!({ "made": { "images": images, "cutouts": [] } })
}

async fn until(app: &TestApp, id: &ShootId, is: impl Fn(&Shoot) -> bool) -> Shoot {
    let mut told = app.db.listen(Topic::Shoot(id.clone()));
    loop {
        let now = shoot(app, id);
        if is(&now) {
            return now;
        }
        tokio::time::timeout(4 * PATIENCE, told.changed()).await.expect("news of the shoot").unwrap();
    }
}

async fn handed_in(app: &TestApp) -> ShootId {
    let (kim, id) = app.member("kim@acme.test").await;
    gather(app, &kim).await;
    submit(app, &kim).await.redirects();
    id
}

fn workers(app: &TestApp) -> Vec<Seen> {
    app.db.read(seen).unwrap()
}

/// How often headshots of a shoot were told to be there, and what it cost.
fn delivered(app: &TestApp, id: &ShootId) -> (i64, i64) {
    let told = app.db.read(|view| {
        let sql = "select count(*) from events where shoot_id = ?1 and kind = 'moved' and state = 'ready'";
        view.one(sql, [id], |row| row.get(0))
    });
    (told.unwrap(), 100 - app.credits())
}

async fn no_file_is_left(app: &TestApp, id: &ShootId) {
    app.run_jobs().await;
    assert!(!app.storage.holds(Folder::Made(id)).await.unwrap());
    let up: i64 = app.db.read(|view| view.one("select count(*) from work", [], |row| row.get(0))).unwrap();
    assert_eq!(up, 0);
}

/// What this machine makes of a shoot by itself.
async fn made_here(app: &TestApp, id: &ShootId) -> (Storage, Stored) {
    let request = app.db.read(|view| {
        let shoot = shoots::get(view, id)?;
        Ok(Request {
            shoot: id.clone(),
            inputs: photos::best_first(view, id)?.into_iter().map(|photo| photo.id).collect(),
            insisted: Vec::new(),
            seen: Vec::new(),
            scenes: shoots::scenes(view, &shoot)?,
            count: organizations::headshots_in_a_shoot(view, &shoot.organization)?,
            gender: None,
        })
    });
    let sources = headroom::config::Sources::default();
    let mut settings = headroom::config::Config::load(&sources).unwrap().studio;
    settings.program = HEADROOM.into();
    settings.priority = Priority::Normal;
    let studio = Studio::new(Workshop::new(settings).into(), app.storage.clone());
    let handle: Handle = studio.submit(&request.unwrap()).await.unwrap();
    let made = loop {
        let status = studio.poll(&handle).await.unwrap();
        match status.progress {
            Progress::Done(made) => break made,
            _ => tokio::time::sleep(status.next_poll).await,
        }
    };
    let (storage, mut stored) = (Storage::memory(), Stored::default());
    results::store_all(&storage, made, Priority::Normal, &mut stored).await.unwrap();
    (storage, stored)
}

#[tokio::test]
async fn a_worker_makes_to_the_byte_what_the_server_would_make() {
    let app = TestApp::start_with(with("0")).await;
    let page = app.page("/app/admin/settings/generator").await;
    assert!(
        page.contains("No worker has reported in during the last minutes")
            && page.contains("No worker has reported in."),
        "{page}"
    );
    let mut worker = Worker::start(&app, "box-1").await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    upload(&app, &kim, "again.jpg", portrait(2)).await.ok();
    submit(&app, &kim).await.redirects();
    worker.begins().await;
    let page = app.page("/app/admin/settings/generator").await;
    assert!(
        page.contains("box-1") && page.contains("Makes headshots for 1 person") && page.contains("Ready"),
        "{page}"
    );
    until(&app, &id, |shoot| shoot.state == State::Ready).await;

    let theirs = headshots(&app, &id);
    let (storage, ours) = made_here(&app, &id).await;
    assert_eq!((theirs.len(), ours.headshots.len()), (12, 12));
    for (theirs, ours) in theirs.iter().zip(&ours.headshots) {
        assert_eq!((&theirs.backdrop, theirs.look), (&ours.backdrop, ours.look));
        let brought = app.storage.get(Key::Headshot(&theirs.id, HeadshotFile::Portrait)).await.unwrap().unwrap();
        let made = storage.get(Key::Headshot(&ours.id, HeadshotFile::Portrait)).await.unwrap().unwrap();
        assert!(brought == made, "headshot {} differs", theirs.position);
    }
    let cutout = theirs[0].cutout.as_ref().expect("a kept cut-out");
    let brought = app.storage.get(Key::Cutout(cutout)).await.unwrap().unwrap();
    assert!(brought == storage.get(Key::Cutout(&ours.cutouts[0].id)).await.unwrap().unwrap());
    assert_eq!((workers(&app)[0].made, delivered(&app, &id)), (1, (1, 1)));
    no_file_is_left(&app, &id).await;
    app.stop().await;
}

#[tokio::test]
async fn a_worker_that_is_killed_costs_its_lease_and_another_one_makes_the_shoot() {
    let app = TestApp::start_with(with("0")).await;
    let mut first = Worker::start(&app, "first").await;
    let id = handed_in(&app).await;
    first.begins().await;
    first.signal(Signal::KILL);
    assert!(!first.ends().await.success());
    let _second = Worker::start(&app, "second").await;
    app.db.clock().advance(LEASE);
    let ready = until(&app, &id, |shoot| shoot.state == State::Ready).await;
    assert_eq!((ready.restarts, headshots(&app, &id).len(), delivered(&app, &id)), (0, 12, (1, 1)));
    let made: Vec<(String, u32)> = workers(&app).into_iter().map(|worker| (worker.name, worker.made)).collect();
    assert!(made.contains(&("second".to_owned(), 1)), "{made:?}");
    no_file_is_left(&app, &id).await;
    app.stop().await;
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_hands_its_shoot_back_at_once() {
    let app = TestApp::start_with(with("0")).await;
    let mut worker = Worker::start(&app, "box-1").await;
    let id = handed_in(&app).await;
    worker.begins().await;
    worker.signal(Signal::TERM);
    assert!(worker.ends().await.success());
    // No clock was moved: the lease would hold for half a minute.
    let wanted = Hand::new(&app).claims().await;
    assert_eq!(wanted["shoot"], id.as_str());
    app.stop().await;
}

#[tokio::test]
async fn the_server_takes_shoots_itself_while_nobody_else_does() {
    let data = tempfile::tempdir().unwrap();
    let wishes = |shoots| Wishes { data: Some(data.path().to_owned()), ..with(shoots) };
    let app = TestApp::start_with(wishes("0")).await;
    let id = handed_in(&app).await;
    let hand = Hand::new(&app);
    hand.claims().await;
    // A worker goes on over a restart of the server, which waits for it as long as for any other.
    let app = app.restart(wishes("1")).await;
    let hand = Hand { lease: hand.lease, ..Hand::new(&app) };
    assert_eq!(hand.tells("progress", &json!({ "generating": true, "percent": 50 })).await, 204);
    until(&app, &id, |shoot| shoot.progress == 75).await;
    assert_eq!(hand.tells("hand-back", &json!({})).await, 204);
    until(&app, &id, |shoot| shoot.state == State::Ready).await;
    assert_eq!((headshots(&app, &id).len(), delivered(&app, &id)), (12, (1, 1)));
    no_file_is_left(&app, &id).await;
    app.stop().await;
}

#[tokio::test]
async fn what_comes_from_a_worker_that_lost_its_shoot_is_refused() {
    let app = TestApp::start_with(with("0")).await;
    let (late, quick) = (Hand::new(&app), Hand::new(&app));
    // Asked before there is anything: who waits is told when there is.
    let (wanted, id) = tokio::join!(late.claims(), handed_in(&app));
    assert_eq!(wanted["shoot"], id.as_str());
    assert_eq!(late.claims().await, wanted, "the answer may have got lost");
    assert_eq!(late.asks(Method::PUT, "headshots/0", portrait(9)).await.0, 204);

    app.db.clock().advance(LEASE);
    assert_eq!(quick.claims().await, wanted);
    let photo = format!("photos/{}", uploaded(&app, &id)[0].id);
    for (method, path) in [(Method::GET, photo.as_str()), (Method::PUT, "headshots/0"), (Method::PUT, "cutouts/0")] {
        assert_eq!(late.asks(method, path, portrait(9)).await.0, 410, "{path}");
    }
    assert_eq!(late.tells("progress", &json!({ "generating": true, "percent": 99 })).await, 410);
    assert_eq!(late.tells("ended", &all_made(&wanted)).await, 410);
    assert_eq!(late.tells("ended", &json!({ "failed": { "kind": "rejected", "words": "No." } })).await, 410);
    assert_eq!(late.tells("hand-back", &json!({})).await, 204, "there is nothing to hand back");

    assert_eq!(quick.makes(&wanted).await, 204);
    assert_eq!(quick.tells("ended", &all_made(&wanted)).await, 204, "said again, because the answer got lost");
    until(&app, &id, |shoot| shoot.state == State::Ready).await;
    assert_eq!((headshots(&app, &id).len(), delivered(&app, &id)), (12, (1, 1)));
    no_file_is_left(&app, &id).await;
    app.stop().await;
}

#[tokio::test]
async fn a_worker_sees_the_photos_of_its_shoot_and_no_others() {
    let app = TestApp::start_with(with("0")).await;
    let id = handed_in(&app).await;
    let (lee, other) = app.member("lee@acme.test").await;
    gather(&app, &lee).await;
    let hand = Hand::new(&app);
    let photo = |id: &ShootId| format!("photos/{}", uploaded(&app, id)[0].id);
    assert_eq!(hand.asks(Method::GET, &photo(&id), Vec::new()).await.0, 410, "nothing is held");
    hand.claims().await;
    let (status, body) = hand.asks(Method::GET, &photo(&id), Vec::new()).await;
    let master = Key::Photo(&uploaded(&app, &id)[0].id, headroom::storage::PhotoFile::Master);
    assert_eq!((status, Some(body.into())), (StatusCode::OK, app.storage.get(master).await.unwrap()));
    for foreign in [photo(&other), "photos/../../headroom.key".to_owned(), "backdrops/bd_1".to_owned()] {
        assert_eq!(hand.asks(Method::GET, &foreign, Vec::new()).await.0, 404, "{foreign}");
    }
    // One that was deleted is told by an answer that no proxy gives.
    app.storage.delete(master).await.unwrap();
    assert_eq!(hand.asks(Method::GET, &photo(&id), Vec::new()).await.0, 204);

    // More than was asked for is not kept, and a body that goes on and on is cut off.
    assert_eq!(hand.asks(Method::PUT, "headshots/12", portrait(1)).await.0, 400);
    assert_eq!(hand.asks(Method::PUT, "headshots/0", vec![0; protocol::LARGEST + 1]).await.0, 413);

    // Deleted, the shoot is nobody's any more, and nothing of it stays.
    assert_eq!(hand.asks(Method::PUT, "headshots/0", portrait(1)).await.0, 204);
    app.delete(&app.lead, &format!("/api/v2/organization/models/{id}")).await.ok();
    app.run_jobs().await;
    assert_eq!(hand.tells("progress", &json!({ "generating": false, "percent": 1 })).await, 410);
    no_file_is_left(&app, &id).await;
    app.stop().await;
}

#[tokio::test]
async fn whoever_makes_a_shoot_brings_nothing_of_it_once_its_files_are_gone() {
    let app = TestApp::start_with(with("0")).await;
    let id = handed_in(&app).await;
    let hand = Hand::new(&app);
    hand.claims().await;
    let gone = id.clone();
    let deleted = app.db.write(move |tx| {
        let receipt = receipts::take_down(tx, AskedBy::Person, &shoots::get(tx, &gone)?, "Asked for")?;
        // As if the generator could not be told.
        tx.execute("delete from jobs where payload like '%cancel%'", [])?;
        Ok(receipt)
    });
    let receipt = deleted.await.unwrap();
    app.run_jobs().await;
    let purged = app.db.read(|view| receipts::receipt(view, &receipt.id)).unwrap().purged_at;
    assert!(purged.is_some(), "the person is told that all of it is gone");
    assert_eq!(hand.asks(Method::PUT, "headshots/0", portrait(1)).await.0, 410);
    no_file_is_left(&app, &id).await;
    app.stop().await;
}

#[tokio::test]
async fn a_shoot_that_fails_on_a_worker_fails_as_it_would_here() {
    let app = TestApp::start_with(with("0")).await;
    let id = handed_in(&app).await;
    let hand = Hand::new(&app);
    hand.claims().await;
    assert_eq!(
        hand.tells("ended", &json!({ "failed": { "kind": "rejected", "words": "There is nobody." } })).await,
        204
    );
    let failed = until(&app, &id, |shoot| shoot.state == State::Failed).await;
    assert_eq!((failed.failure.as_deref(), failed.gave_up(), app.credits()), (Some("There is nobody."), true, 100));
    no_file_is_left(&app, &id).await;
    app.stop().await;
}

#[tokio::test]
async fn a_shoot_that_brings_each_worker_down_is_not_given_to_all() {
    let app = TestApp::start_with(with("0")).await;
    let id = handed_in(&app).await;
    for _ in 0..5 {
        Hand::new(&app).claims().await;
        app.db.clock().advance(LEASE);
    }
    // Whoever asks next has it noticed, and waits for another one.
    let waiting = Hand::new(&app);
    let failed = tokio::select! {
        wanted = waiting.claims() => panic!("{wanted} was given once more"),
        failed = until(&app, &id, |shoot| shoot.state == State::Failed) => failed,
    };
    assert_eq!((failed.restarts, failed.gave_up()), (0, false), "it is tried again later, like after any failure");
    app.stop().await;
}

#[tokio::test]
async fn who_does_not_know_the_token_or_speaks_another_version_is_sent_away() {
    let alone = TestApp::start().await;
    assert_eq!(Hand::new(&alone).tells("hello", &json!({})).await, 404);
    alone.stop().await;

    let app = TestApp::start_with(with("0")).await;
    let ask = || app.client.post(format!("{}/worker/claim", app.url)).json(&json!({ "name": "x" }));
    for request in [ask(), ask().bearer_auth("5f1d6c0a9b8e7d6c5b4a39281706f5e5")] {
        let request = request.header(protocol::VERSION_HEADER, protocol::VERSION);
        assert_eq!(request.send().await.unwrap().status(), 401);
    }
    let other = ask().bearer_auth(TOKEN).header(protocol::VERSION_HEADER, 99).header("accept", "application/json");
    let other = other.send().await.unwrap();
    assert_eq!(other.status(), 400);
    assert!(other.text().await.unwrap().contains("this worker speaks version 99. Install the same Headroom"));

    let mut stranger = Worker::command(&app.url, "box-1", "0123456789abcdef0123456789abcdef");
    let Output { status, stderr, .. } = tokio::task::spawn_blocking(move || stranger.output().unwrap()).await.unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!((status.code(), said.trim().lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains("refuses the token. Set HEADROOM_WORKER_TOKEN here to what it is there."), "{said}");
    assert_eq!(workers(&app).len(), 0);
    app.stop().await;
}

#[tokio::test]
async fn a_worker_that_is_idle_is_told_of_work_and_not_polled_for() {
    let app = TestApp::start_with(with("0")).await;
    let hand = Hand::new(&app);
    assert_eq!(hand.tells("hello", &hello()).await, 200);
    let asks = serde_json::to_vec(&hello()).unwrap();
    let waiting = hand.asks(Method::POST, "claim", asks);
    // Nothing comes of it while there is nothing, whatever else is written.
    let (silent, ()) = tokio::join!(tokio::time::timeout(Duration::from_millis(700), waiting), async {
        app.grant(1).await;
    });
    assert!(silent.is_err());
    assert_eq!(workers(&app)[0].makes, 0);
    app.stop().await;
}
