//! Real headshots, made by children of the server, and what happens when one of those goes wrong.

use std::{
    fs,
    io::Cursor,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures::FutureExt;
use headroom::{
    config::{Config, PhotoChecks, Priority, Sources},
    db::Topic,
    error::Error,
    ids::ShootId,
    images,
    results::{self, Headshot},
    shoots::{self, Shoot, State, Whereabouts},
    studio::{Behind, Drawn, Look, Scenery, Workshop},
};
use image::{DynamicImage, ImageFormat, RgbImage};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::{
    app::{Caller, PATIENCE, TestApp, Wishes},
    studio::{gather, hand_in, headshots, make, pack, portrait, shoot, submit, upload},
};

/// The program children are.
const HEADROOM: &str = env!("CARGO_BIN_EXE_headroom");

/// A script that stands in for the program, and says which processes it was.
struct Script {
    folder: tempfile::TempDir,
}

impl Script {
    /// `first` is what its first process does; later ones do `then`. Uploads are done as usual.
    fn new(first: &str, then: &str) -> Self {
        Self::beginning(&format!("if [ \"$2\" = upload ]; then exec {HEADROOM} \"$@\"; fi"), first, then)
    }

    /// The same for uploads too.
    fn always(does: &str) -> Self {
        Self::beginning("", does, does)
    }

    fn beginning(begin: &str, first: &str, then: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = Self { folder };
        let pids = script.pids_file().display().to_string();
        let text = format!(
            "#!/bin/sh\n{begin}\nif [ -e {pids} ]; then again=1; fi\necho $$ >> {pids}\nif [ -z \"$again\" ]; then {first}; fi\n{then}\n"
        );
        fs::write(script.path(), text).unwrap();
        fs::set_permissions(script.path(), fs::Permissions::from_mode(0o755)).unwrap();
        script
    }

    /// One that never answers.
    fn silent() -> Self {
        Self::new("exec /bin/sleep 600", "exec /bin/sleep 600")
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("child")
    }

    fn pids_file(&self) -> PathBuf {
        self.folder.path().join("pids")
    }

    fn pids(&self) -> Vec<Pid> {
        let text = fs::read_to_string(self.pids_file()).unwrap_or_default();
        text.lines().filter_map(|line| Pid::from_raw(line.parse().unwrap())).collect()
    }

    fn wishes(&self) -> Wishes {
        Wishes { program: Some(self.path()), ..studio() }
    }
}

fn studio() -> Wishes {
    Wishes { settings: vec![("generator", "studio".to_owned())], ..Wishes::default() }
}

pub(crate) async fn until(what: &str, mut is: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < 4 * PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn until_gone(pids: &[Pid]) {
    until("the children are gone", || pids.iter().all(|pid| test_kill_process(*pid).is_err())).await;
}

/// Waits for news of a shoot until it is as it should be.
async fn until_it(app: &TestApp, id: &ShootId, is: impl Fn(&Shoot) -> bool) -> Shoot {
    let mut told = app.db.listen(Topic::Shoot(id.clone()));
    loop {
        let now = shoot(app, id);
        if is(&now) {
            return now;
        }
        tokio::time::timeout(4 * PATIENCE, told.changed()).await.expect("news of the shoot").unwrap();
    }
}

/// Someone who has just handed in one photo.
async fn with_submitted(app: &TestApp, email: &str) -> (Caller, ShootId) {
    let (who, id) = app.member(email).await;
    gather(app, &who).await;
    submit(app, &who).await.redirects();
    (who, id)
}

/// The states told of a shoot, in their order.
fn events(app: &TestApp, id: &ShootId) -> Vec<String> {
    let told = app.db.read(|view| {
        view.all("select state from events where shoot_id = ?1 and kind = 'moved' order by place", [id], |row| {
            row.get(0)
        })
    });
    told.unwrap()
}

#[tokio::test]
async fn a_child_that_is_killed_costs_one_try_and_the_next_makes_headshots() {
    let script = Script::new("exec /bin/sleep 600", &format!("exec {HEADROOM} \"$@\""));
    let app = TestApp::start_with(script.wishes()).await;
    let (_, id) = with_submitted(&app, "kim@acme.test").await;
    until_it(&app, &id, |shoot| shoot.working_at.is_some()).await;
    until("the child runs", || !script.pids().is_empty()).await;
    kill_process(script.pids()[0], Signal::KILL).unwrap();

    let failed = until_it(&app, &id, |shoot| shoot.state == State::Failed).await;
    assert_eq!((failed.restarts, failed.working_at, failed.handle), (0, None, None));
    assert_eq!(failed.failure.as_deref(), Some("The generator is not available right now."));
    app.db.clock().advance(Duration::from_secs(11));
    let ready = until_it(&app, &id, |shoot| shoot.state == State::Ready).await;
    assert_eq!(ready.restarts, 1);
    let steps = ["submitted", "training", "failed", "submitted", "training", "generating", "ready"];
    assert_eq!(events(&app, &id), steps);

    let made = headshots(&app, &id);
    assert_eq!(made.len(), 12);
    let proportion = |headshot: &Headshot| f64::from(headshot.width) / f64::from(headshot.height);
    assert!(made.iter().all(|headshot| (proportion(headshot) - 0.8).abs() < 0.005 && headshot.height > 300));
    let scenes: Vec<String> = made.iter().take(4).map(|headshot| headshot.backdrop.to_string()).collect();
    assert_eq!(scenes, ["navy", "office", "navy", "office"]);
    until_gone(&script.pids()).await;
    app.stop().await;
}

#[tokio::test]
async fn a_shoot_goes_on_after_a_restart_of_the_server_as_if_nothing_had_been() {
    let (data, script) = (tempfile::tempdir().unwrap(), Script::silent());
    let wishes = || Wishes { data: Some(data.path().to_owned()), ..script.wishes() };
    let app = TestApp::start_with(wishes()).await;
    let (_, id) = app.member("kim@acme.test").await;
    pack(&app, &id).await;
    let submitted = id.clone();
    let handed_in = app.db.write(move |tx| {
        let member = shoots::get(tx, &submitted)?.member.unwrap();
        shoots::submit(tx, &submitted, &member, PhotoChecks::On, &Whereabouts::default())
    });
    handed_in.await.unwrap();
    let before = until_it(&app, &id, |shoot| shoot.working_at.is_some()).await;
    until("the child runs", || script.pids().len() == 1).await;

    let stopping = Instant::now();
    let app = app.restart(wishes()).await;
    assert!(stopping.elapsed() < Duration::from_secs(10), "{:?}", stopping.elapsed());
    until_gone(&script.pids()[..1]).await;
    let after = until_it(&app, &id, |shoot| shoot.handle != before.handle && shoot.working_at.is_some()).await;
    assert_eq!((after.state, after.restarts, after.stage_at), (State::Training, 0, before.stage_at));
    assert_eq!(events(&app, &id), ["submitted", "training"]);

    // What is heard of the earlier handle moves nothing.
    let seen = before.clone();
    let outcome = app.db.write(move |tx| shoots::report(tx, &seen, headroom::generator::Stage::Generating, 50)).await;
    assert_eq!(outcome.unwrap(), shoots::Outcome::Elsewhere);
    app.stop().await;
    until_gone(&script.pids()).await;
}

#[tokio::test]
async fn who_waits_sees_how_many_are_before_them() {
    let script = Script::silent();
    let app = TestApp::start_with(script.wishes()).await;
    let at_once = (std::thread::available_parallelism().unwrap().get() / 2).max(1);
    let mut first = Vec::new();
    for number in 0..at_once {
        let (_, id) = with_submitted(&app, &format!("first{number}@acme.test")).await;
        until_it(&app, &id, |shoot| shoot.working_at.is_some()).await;
        first.push(id);
    }
    let (kim, id) = with_submitted(&app, "kim@acme.test").await;
    let waiting = until_it(&app, &id, |shoot| shoot.ahead > 0).await;
    assert_eq!((waiting.ahead as usize, waiting.working_at), (at_once, None));
    let page = app.get(&kim, "/team-member/waiting").await.text();
    let line = if at_once == 1 { "1 shoot is".to_owned() } else { format!("{at_once} shoots are") };
    assert!(page.contains(&format!("{line} ahead of yours")) && page.contains("waiting for their turn"), "{page}");

    // Time in the line isn't held against it; time at work is.
    app.advance(Duration::from_secs(7 * 3600)).await;
    until_it(&app, &first[0], |shoot| shoot.state == State::Failed || shoot.restarts > 0).await;
    assert!(shoot(&app, &id).restarts == 0 && shoot(&app, &id).state != State::Failed);

    // One that is deleted makes room.
    let begun = until_it(&app, &id, |shoot| shoot.working_at.is_some()).await;
    let running = script.pids().len();
    assert_eq!((begun.ahead, running), (0, at_once + 1));
    let gone = id.clone();
    app.db.write(move |tx| shoots::delete(tx, &shoots::get(tx, &gone)?, "Asked for")).await.unwrap();
    until_gone(&script.pids()[at_once..=at_once]).await;
    until("the handle is forgotten", || shoot(&app, &id).handle.is_none()).await;
    app.stop().await;
    until_gone(&script.pids()).await;
}

#[tokio::test]
async fn a_child_that_takes_too_long_is_ended() {
    let script = Script::silent();
    let mut wishes = script.wishes();
    wishes.settings.push(("studio_time", "1s".to_owned()));
    let app = TestApp::start_with(wishes).await;
    let (_, id) = with_submitted(&app, "kim@acme.test").await;
    let failed = until_it(&app, &id, |shoot| shoot.state == State::Failed).await;
    assert_eq!(failed.failure.as_deref(), Some("The generator took too long."));
    until_gone(&script.pids()).await;
    app.stop().await;
}

#[tokio::test]
async fn test_data_is_the_sample_generators_whatever_makes_the_real_ones() {
    let script = Script::silent();
    let app = TestApp::start_with(script.wishes()).await;
    let (_, invited) = app.member("kim@acme.test").await;
    let Shoot { organization, member, .. } = shoot(&app, &invited);
    let begun = app.db.write(move |tx| shoots::begin(tx, &organization, &member.unwrap(), true)).await.unwrap();
    pack(&app, &begun.id).await;
    make(&app, &begun.id).await;
    assert_eq!(headshots(&app, &begun.id).len(), 12);
    assert!(script.pids().is_empty(), "no child was needed");
    app.stop().await;
}

#[tokio::test]
async fn what_a_stopped_try_delivers_goes_nowhere() {
    let app = TestApp::start().await;
    let (_, id) = app.member("kim@acme.test").await;
    pack(&app, &id).await;
    hand_in(&app, &id).await;
    let handle = headroom::generator::Handle::new("first");
    let begun = id.clone();
    app.db.write(move |tx| shoots::begin_training(tx, &begun, &handle)).await.unwrap();
    let seen = shoot(&app, &id);
    let failing = id.clone();
    app.db.write(move |tx| shoots::fail(tx, &failing, "It took too long.", false)).await.unwrap();
    let again = seen.clone();
    let queued = app.db.write(move |tx| shoots::queued(tx, &again, 3)).await.unwrap();
    assert_eq!((queued, shoot(&app, &id).ahead), (shoots::Outcome::Elsewhere, 0));
    assert!(!app.db.read(|view| shoots::is_still(view, &seen)).unwrap());
    assert!(app.db.read(|view| results::of_shoot(view, &id)).unwrap().is_empty());
    app.stop().await;
}

/// A workshop beside any server, whose children are this program and may take so many megabytes for an upload.
fn workshop(program: &Path, upload_megabytes: u64) -> Arc<Workshop> {
    let mut settings = Config::load(&Sources::default()).unwrap().studio;
    settings.program = program.to_owned();
    settings.priority = Priority::Normal;
    settings.upload_memory = upload_megabytes << 20;
    Arc::new(Workshop::new(settings))
}

/// A file that is at hand.
fn ready(file: impl Into<Bytes>) -> impl Future<Output = Result<Bytes, Error>> {
    std::future::ready(Ok(file.into()))
}

#[tokio::test]
async fn an_upload_is_developed_and_looked_at() {
    let workshop = workshop(Path::new(HEADROOM), 1024);
    let developed = workshop.develop(ready(portrait(1)), true).await.unwrap();
    assert_eq!(images::measure(&developed.master).unwrap(), developed.size);
    assert_eq!(images::measure(&developed.thumbnail).unwrap().width.max(developed.size.width), developed.size.width);
    let (check, likeness) = developed.seen.unwrap();
    assert!(check.findings.iter().all(|finding| finding.name() != "no_face"), "{check:?}");
    let again = workshop.develop(ready(developed.master), true).await.unwrap();
    assert!((again.seen.unwrap().1 ^ likeness).count_ones() < 8);
    assert_eq!(workshop.develop(ready(again.master), false).await.unwrap().seen, None);

    let upright = image::load_from_memory(&portrait(1)).unwrap().crop_imm(30, 0, 400, 500);
    let stands = workshop.develop(ready(file(upright.clone())), true).await.unwrap();
    for lying in [upright.rotate90(), upright.rotate180(), upright.rotate270()] {
        let turned = workshop.develop(ready(file(lying)), true).await.unwrap();
        assert_eq!(turned.size, stands.size, "kept as people see it");
        assert!((turned.seen.unwrap().1 ^ stands.seen.as_ref().unwrap().1).count_ones() < 8);
    }

    let refused = workshop.develop(ready("<svg/>"), true).await.unwrap_err();
    assert!(matches!(refused, Error::Unsupported(_)), "{refused}");
    let mut half = portrait(1);
    half.truncate(half.len() / 2);
    assert!(workshop.develop(ready(half), true).await.unwrap_err().to_string().contains("damaged"));
}

#[tokio::test]
async fn what_tells_a_whole_service_to_stop_stops_no_child() {
    let script = Script::always(&format!("exec {HEADROOM} \"$@\""));
    let workshop = workshop(&script.path(), 1024);
    let mut child = workshop.shoot().await.unwrap();
    child.check(portrait(1).into()).await.unwrap();
    let told = || {
        for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
            kill_process(script.pids()[0], signal).unwrap();
        }
    };
    told();
    let (cut, ()) = tokio::join!(child.cut_out(portrait(1).into()), async { told() });
    assert_eq!(cut.unwrap().number, 0);
    drop(child);
    until_gone(&script.pids()).await;
}

#[tokio::test]
async fn a_picture_that_needs_too_much_memory_costs_one_child() {
    let mut bomb = Vec::new();
    let large = DynamicImage::ImageRgb8(RgbImage::new(6_000, 6_000));
    large.write_to(&mut Cursor::new(&mut bomb), ImageFormat::Png).unwrap();
    let workshop = workshop(Path::new(HEADROOM), 80);
    let words = workshop.develop(ready(bomb), true).await.unwrap_err();
    assert!(matches!(words, Error::TooHard(_)) && words.to_string().contains("Make it smaller"), "{words}");
}

#[tokio::test]
async fn who_is_to_blame_for_a_photo_that_is_not_read_is_told_apart() {
    let app = TestApp::start_with(Script::always("kill -KILL $$").wishes()).await;
    let (kim, _) = app.member("kim@acme.test").await;
    let killed = upload(&app, &kim, "me.jpg", portrait(1)).await;
    assert_eq!(killed.status, 503);
    assert!(killed.text().contains("our fault") && killed.text().contains("again in a moment"), "{}", killed.text());
    app.stop().await;

    let script = Script::always("exec /bin/sleep 600");
    let mut wishes = script.wishes();
    wishes.settings.push(("upload_time", "1s".to_owned()));
    let app = TestApp::start_with(wishes).await;
    let (kim, _) = app.member("kim@acme.test").await;
    let slow = upload(&app, &kim, "me.jpg", portrait(1)).await;
    assert_eq!(slow.status, 422);
    assert!(slow.text().contains("takes more work") && slow.text().contains("Make it smaller"), "{}", slow.text());
    until_gone(&script.pids()).await;
    app.stop().await;
}

#[tokio::test]
async fn a_child_that_talks_nonsense_is_not_believed() {
    for says in ["exec /bin/cat", "echo Hello", "exit 0", "/bin/head -c 20000 /dev/zero"] {
        let script = Script::always(says);
        let refused = workshop(&script.path(), 1024).develop(ready(portrait(1)), true).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid(_)), "{says}: {refused}");
        until_gone(&script.pids()).await;
    }
    let refused = workshop(Path::new("/nowhere/headroom"), 1024).develop(ready(portrait(1)), true).await.unwrap_err();
    assert!(matches!(refused, Error::Unavailable(_)), "{refused}");
}

#[tokio::test]
async fn an_edit_of_a_kept_cut_out_is_what_the_shoot_made() {
    let workshop = workshop(Path::new(HEADROOM), 1024);
    let mut child = workshop.shoot().await.unwrap();
    let cut = child.cut_out(portrait(1).into()).await.unwrap();
    let look = Look { zoom: 1.1, turn: 1.5, ..Look::default() };
    let laid = child.lay(cut.number, Behind::Drawn(Drawn::Navy), look).await.unwrap();
    let backdrop = child.picture(portrait(1).into()).await.unwrap();
    let own = child.lay(cut.number, backdrop, Look::default()).await.unwrap();
    drop(child);
    let again = workshop.retouch(cut.file.clone(), cut.head, Scenery::Drawn(Drawn::Navy), look).await.unwrap();
    assert!(again.file == laid.file && again.head == laid.head);
    let scenery = Scenery::Picture(portrait(1).into());
    let own_again = workshop.retouch(cut.file, cut.head, scenery, Look::default()).await.unwrap();
    assert!(own_again.file == own.file && own.file != laid.file);
}

fn file(picture: impl Into<DynamicImage>) -> Bytes {
    let mut file = Cursor::new(Vec::new());
    picture.into().write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner().into()
}

/// Someone cut out, more or less: nobody is in the left half.
fn person() -> Bytes {
    let alpha = |x| if x < 128 { 0 } else { 255 };
    file(image::RgbaImage::from_fn(256, 320, |x, _| image::Rgba([90, 80, 70, alpha(x)])))
}

/// Whoever moves on to another backdrop, or closes the page, hangs up.
#[tokio::test]
async fn a_look_that_is_given_up_leaves_no_wrong_backdrop_behind() {
    let workshop = workshop(Path::new(HEADROOM), 1024);
    let [red, blue] = [[200, 0, 0], [0, 0, 200]].map(|colour| file(RgbImage::from_pixel(256, 320, image::Rgb(colour))));
    let mut easel = workshop.easel("a").await;
    easel.set(person(), (0.75, 0.4)).await.unwrap();
    assert!(easel.add_picture("red", red).now_or_never().is_none(), "the child has it, and hasn't answered");
    if !easel.is_set() {
        easel.set(person(), (0.75, 0.4)).await.unwrap();
    }
    assert_eq!(easel.picture("red"), None);
    let behind = easel.add_picture("blue", blue).await.unwrap();
    let laid = easel.lay(behind, Look::default()).await.unwrap();
    let corner = image::load_from_memory(&laid.file).unwrap().to_rgb8().get_pixel(2, 2).0;
    assert!(corner[2] > 100 && corner[0] < 50, "{corner:?}");
}

/// Whoever tries out how an edit would look has a child of their own for a while. There are few of them, and none stays for long.
#[tokio::test]
async fn children_that_wait_are_few_and_do_not_wait_for_long() {
    let script = Script::always(&format!("exec {HEADROOM} \"$@\""));
    let workshop = workshop(&script.path(), 1024);
    let file = person();
    for name in ["a", "b", "c", "d", "a", "e", "a"] {
        let mut easel = workshop.easel(name).await;
        if !easel.is_set() {
            easel.set(file.clone(), (0.5, 0.4)).await.unwrap();
        }
        let laid = easel.lay(Behind::Drawn(Drawn::Navy), Look::default()).await.unwrap();
        let laid = image::load_from_memory(&laid.file).unwrap();
        assert_eq!((laid.width(), laid.height()), (128, 160));
    }
    let pids = script.pids();
    assert_eq!(pids.len(), 5, "one for each, and the first was still there when it came again");
    until_gone(&pids[1..2]).await;
    let alive = |pid: &&Pid| test_kill_process(**pid).is_ok();
    assert_eq!(pids.iter().filter(alive).count(), 4, "the one that was not used for longest made room");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
    until_gone(&pids).await;
    assert!(!workshop.easel("a").await.is_set());
}
