//! Backups: beside a server that is written to, back into service, and every file that is none.

use std::{
    collections::BTreeSet,
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use headroom::{
    backup::{self, Counts, Kept, Losses, Source},
    clock::Clock,
    config::Location,
    db::{Db, Place, View},
    error::Result,
    ids::{PhotoId, ShootId},
    photos,
    queue::{self, Job},
    storage::{Folder, Key, PhotoFile, Storage},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Handle;

use crate::{
    app::{PATIENCE, TestApp, Wishes},
    studio::{files, with_headshots},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A directory for all that a test needs, with a data directory in it.
struct Ground(TempDir);

impl Ground {
    fn new() -> Self {
        let ground = Self(tempfile::tempdir().unwrap());
        fs::create_dir(ground.at("data")).unwrap();
        ground
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    async fn server(&self, settings: Vec<(&'static str, String)>) -> TestApp {
        TestApp::start_with(Wishes { data: Some(self.at("data")), settings, ..Wishes::default() }).await
    }

    /// Makes a backup of the data directory.
    async fn back_up(&self, file: &Path) -> Result<Counts> {
        self.back_up_with(file, self.pictures(), none(), &|| false).await
    }

    fn pictures(&self) -> Storage {
        Storage::directory(self.at("data/photos")).unwrap()
    }

    async fn back_up_with(
        &self,
        file: &Path,
        pictures: Storage,
        losses: Losses,
        stop: &'static (dyn Fn() -> bool + Sync),
    ) -> Result<Counts> {
        let (database, key) = (self.at("data/headroom.db"), self.at("data/headroom.key"));
        let place = Location::Directory(self.at("data/photos"));
        let source = Source { database, key, pictures, place, runtime: Handle::current() };
        let file = file.to_owned();
        let made = move || backup::make(&source, &file, Clock::system().now(), true, &losses, stop);
        tokio::task::spawn_blocking(made).await.unwrap()
    }
}

/// No loss that anybody knows of.
fn none() -> Losses {
    Losses::Known(BTreeSet::new())
}

async fn verify(file: &Path) -> Result<Counts> {
    let file = file.to_owned();
    tokio::task::spawn_blocking(move || backup::verify(&file, Clock::system().now())).await.unwrap()
}

async fn restore(file: &Path, data: &Path, elsewhere: Option<Storage>) -> Result<(Counts, Kept)> {
    let (file, data, runtime) = (file.to_owned(), data.to_owned(), Handle::current());
    let restored = move || backup::restore(&file, &data, elsewhere.as_ref(), Clock::system().now(), &runtime);
    tokio::task::spawn_blocking(restored).await.unwrap()
}

fn count(db: &Db, sql: &str) -> i64 {
    db.read(|view: &View| view.one(sql, [], |row| row.get(0))).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_beside_eight_writers_holds_none_up_and_is_served_again() {
    let ground = Ground::new();
    let app = ground.server(vec![]).await;
    let (kim, _) = with_headshots(&app, "kim@acme.test").await;
    // A database that takes its time to be copied.
    let (bulk, _) = app.organization("Bulk", "bob@bulk.test").await;
    app.db
        .write(move |tx| {
            tx.execute("update organizations set description = hex(zeroblob(5000000)) where id = ?1", [&bulk])
        })
        .await
        .unwrap();
    let begun = app.credits();

    let done = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let (db, organization, done) = (app.db.clone(), app.organization.clone(), done.clone());
            tokio::spawn(async move {
                let mut writes = Vec::new();
                while !done.load(Ordering::Relaxed) {
                    let (organization, from) = (organization.clone(), Instant::now());
                    db.write(move |tx| headroom::credits::grant(tx, &organization, 1, "Test")).await.unwrap();
                    writes.push((from, Instant::now()));
                }
                writes
            })
        })
        .collect();
    let file = ground.at("backup.zip");
    let from = Instant::now();
    let made = ground.back_up(&file).await.unwrap();
    let to = Instant::now();
    done.store(true, Ordering::Relaxed);
    let mut all = Vec::new();
    for writer in writers {
        let writes = writer.await.unwrap();
        assert!(writes.iter().filter(|(began, ended)| *began > from && *ended < to).count() > 1, "each one went on");
        all.extend(writes);
    }
    let longest = all.iter().map(|(began, ended)| *ended - *began).max().unwrap();
    assert!(longest < (to - from) / 2, "one waited {longest:?} beside a backup of {:?}", to - from);
    let acknowledged = i64::try_from(all.len()).unwrap();
    assert_eq!(app.credits(), begun + acknowledged, "none was lost");

    assert_eq!((made.pictures, made.missing), (2 + 12 * 3, 0));
    assert_eq!(verify(&file).await.unwrap(), made);
    let fresh = ground.at("fresh");
    fs::create_dir(&fresh).unwrap();
    assert_eq!(restore(&file, &fresh, None).await.unwrap(), (made, None));
    let restored = files(&fresh.join("photos"));
    assert_eq!(restored.len(), made.pictures);
    for picture in restored {
        let original = ground.at("data").join(picture.strip_prefix(&fresh).unwrap());
        assert_eq!(fs::read(&picture).unwrap(), fs::read(original).unwrap());
    }

    let app = app.restart(Wishes { data: Some(fresh), ..Wishes::default() }).await;
    let credits = app.get(&app.lead, "/api/v2/organization/credits").await.ok()["credits"].as_i64().unwrap();
    assert!((begun..=begun + acknowledged).contains(&credits), "{credits}");
    assert_eq!(count(&app.db, "select count(*) from ledger where reason = 'Test'"), credits - begun);
    // Previews are in no backup; they are made when somebody looks.
    let headshot: String =
        app.db.read(|view: &View| view.one("select min(id) from results", [], |row| row.get(0))).unwrap();
    assert_eq!(app.get(&kim, &format!("/team-member/headshots/{headshot}/320.webp")).await.status, 200);
}

#[tokio::test]
async fn what_was_there_before_is_kept_and_a_second_restore_changes_nothing() {
    let ground = Ground::new();
    let app = ground.server(vec![]).await;
    let file = ground.at("backup.zip");
    ground.back_up(&file).await.unwrap();
    app.grant(7).await;
    app.stop().await;
    let data = ground.at("data");
    fs::create_dir(data.join(".headroom.db-litestream")).unwrap();
    let (_, kept) = restore(&file, &data, None).await.unwrap();
    let kept = kept.unwrap();
    assert!(kept.starts_with(&data) && kept.join(".headroom.db-litestream").is_dir());
    assert!(!data.join(".headroom.db-litestream").exists(), "it knows the other database");
    let credits = |path: PathBuf| {
        let db = Db::open(&Place::File(path), Clock::system()).unwrap();
        count(&db, "select credits from organizations")
    };
    assert_eq!((credits(data.join("headroom.db")), credits(kept.join("headroom.db"))), (100, 107));
    assert_eq!(fs::read(data.join("headroom.key")).unwrap(), fs::read(kept.join("headroom.key")).unwrap());
    assert_eq!(backup::kept_by_restores(&data), [kept]);
    assert!(!backup::is_restoring(&data));
}

#[tokio::test]
async fn pictures_that_are_deleted_meanwhile_are_told_and_no_error() {
    let ground = Ground::new();
    let app = ground.server(vec![]).await;
    let (_, shoot) = with_headshots(&app, "kim@acme.test").await;
    let (_, other) = with_headshots(&app, "lou@acme.test").await;
    let photo = app.db.read(|view| photos::of_shoot(view, &shoot)).unwrap().remove(0).id;
    let all = ground.back_up(&ground.at("all.zip")).await.unwrap();

    // Of one shoot the deletion is under way: its rows are there until its files are gone. A photo of the other is deleted for
    // good right after the database was copied, as the key is read.
    let (_, key) = (mark_deleted(&app, &other).await, ground.at("data/headroom.key"));
    let bytes = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&key).status().unwrap().success());
    let file = ground.at("backup.zip");
    let deleting = async {
        let (app, id) = (&app, photo.clone());
        // Opening a pipe waits for whoever reads it.
        let opened = tokio::task::spawn_blocking(move || fs::File::options().write(true).open(&key).unwrap());
        let mut pipe = opened.await.unwrap();
        app.db.write(move |tx| tx.execute("delete from photos where id = ?1", [&id])).await.unwrap();
        app.storage.delete_all(Folder::Photo(&photo)).await.unwrap();
        pipe.write_all(&bytes).unwrap();
    };
    let (made, ()) = tokio::join!(ground.back_up(&file), deleting);
    let made = made.unwrap();
    assert_eq!((made.missing, made.lost), (2, 0), "{made:?}");
    assert_eq!(made.pictures, all.pictures / 2 - 2, "nothing of what is being deleted is in it");
    assert_eq!(verify(&file).await.unwrap(), made);
}

/// As when somebody wishes that a shoot goes and none of its files went yet.
async fn mark_deleted(app: &TestApp, shoot: &ShootId) {
    let id = shoot.clone();
    let marked = move |tx: &headroom::db::Tx| {
        tx.execute("update shoots set state = 'deleted', deleted_at = 1 where id = ?1", [&id]).map(drop)
    };
    app.db.write(marked).await.unwrap();
}

#[tokio::test]
async fn pictures_that_are_lost_end_a_backup_unless_somebody_goes_on_without_them() {
    let ground = Ground::new();
    let app = ground.server(vec![]).await;
    with_headshots(&app, "kim@acme.test").await;
    let file = ground.at("backup.zip");
    ground.back_up(&file).await.unwrap();
    let before = fs::read(&file).unwrap();
    let lost = app.storage.ids().await.unwrap().photos.remove(0);
    app.storage.delete(Key::Photo(&lost, PhotoFile::Thumbnail)).await.unwrap();

    let refused = ground.back_up(&file).await.unwrap_err().to_string();
    assert!(refused.starts_with("A file of a picture that the database knows is not in /"), "{refused}");
    assert!(refused.contains(lost.as_str()) && refused.contains("backup.zip --allow-missing"), "{refused}");
    let nowhere = ground.back_up_with(&file, Storage::memory(), none(), &|| false).await.unwrap_err().to_string();
    assert!(nowhere.starts_with("38 files of pictures that the database knows are not in /"), "{nowhere}");
    assert_eq!(fs::read(&file).unwrap(), before, "the good one stays");
    assert_eq!(files(ground.0.path()).iter().filter(|path| path.display().to_string().contains("partial")).count(), 0);

    let made = ground.back_up_with(&file, ground.pictures(), Losses::Any, &|| false).await.unwrap();
    assert_eq!((made.pictures, made.missing, made.lost), (37, 0, 1));
    assert_eq!(verify(&file).await.unwrap(), made);
    app.stop().await;
}

#[tokio::test]
async fn backups_by_the_clock_go_without_what_the_newest_one_does_and_no_more() {
    let ground = Ground::new();
    let folder = ground.at("backups");
    let settings = vec![("backup_dir", folder.display().to_string()), ("backup_keep", "9".to_owned())];
    let app = ground.server(settings).await;
    let first = until_there_are(&folder, 1).await.remove(0);
    app.run_jobs().await;
    with_headshots(&app, "kim@acme.test").await;
    let photo = app.storage.ids().await.unwrap().photos.remove(0);
    app.storage.delete(Key::Photo(&photo, PhotoFile::Thumbnail)).await.unwrap();

    let failed = async || {
        let begun = Instant::now();
        loop {
            let failure = app.db.read(|view| queue::last_failure(view, &Job::Backup)).unwrap();
            if let Some(why) = failure {
                return why;
            }
            assert!(begun.elapsed() < PATIENCE);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    app.advance(DAY).await;
    assert!(failed().await.contains("--allow-missing"));
    assert_eq!(until_there_are(&folder, 1).await, [first], "the older one stays");

    // Somebody takes the loss, with the command that the refusal names.
    let taken = folder.join(backup::name_at(app.db.clock().now()));
    ground.back_up_with(&taken, ground.pictures(), Losses::Any, &|| false).await.unwrap();
    app.advance(Duration::from_secs(20 * 60)).await;
    let newest = folder.join(&until_there_are(&folder, 3).await[2]);
    assert_eq!(verify(&newest).await.unwrap().lost, 1);
    app.stop().await;
}

#[tokio::test]
async fn pictures_nobody_knows_wait_while_what_a_restore_replaced_may_know_them() {
    let ground = Ground::new();
    let app = ground.server(vec![("storage", ground.at("elsewhere").display().to_string())]).await;
    let stray = PhotoId::new();
    app.storage.put(Key::Photo(&stray, PhotoFile::Master), vec![1].into()).await.unwrap();
    let kept = ground.at("data/before-restore-2026-11-22T030000Z");
    fs::create_dir(&kept).unwrap();
    let tidied = async || {
        app.db.write(|tx| queue::push(tx, Job::Housekeeping).map(drop)).await.unwrap();
        app.run_jobs().await;
    };
    app.db.clock().advance(2 * DAY);
    tidied().await;
    assert!(app.storage.holds(Folder::Photo(&stray)).await.unwrap());
    fs::remove_dir(&kept).unwrap();
    tidied().await;
    assert!(!app.storage.holds(Folder::Photo(&stray)).await.unwrap());
    app.stop().await;
}

#[test]
fn what_was_set_aside_is_not_served_beside_the_restored_one() {
    let place = Location::Directory("/mnt/photos".into());
    let refused = backup::must_not_be_set_aside(Path::new("data/before-restore-2026-11-22T030000Z"), &place);
    assert!(refused.unwrap_err().to_string().contains("its pictures are in /mnt/photos"));
    backup::must_not_be_set_aside(Path::new("data"), &place).unwrap();
}

#[tokio::test]
async fn pictures_may_be_elsewhere_than_in_the_data_directory() {
    let ground = Ground::new();
    let app = ground.server(vec![]).await;
    with_headshots(&app, "kim@acme.test").await;
    let stored: Vec<PhotoId> = app.storage.ids().await.unwrap().photos;
    let elsewhere = Storage::memory();
    let picture =
        |storage: Storage, id: PhotoId| async move { storage.get(Key::Photo(&id, PhotoFile::Master)).await.unwrap() };
    for id in &stored {
        let bytes = picture(app.storage.clone(), id.clone()).await.unwrap();
        elsewhere.put(Key::Photo(id, PhotoFile::Master), bytes).await.unwrap();
    }
    let file = ground.at("backup.zip");
    let made = ground.back_up_with(&file, elsewhere, Losses::Any, &|| false).await.unwrap();
    assert_eq!(made.pictures, 1);
    let (fresh, target) = (ground.at("fresh"), Storage::memory());
    fs::create_dir(&fresh).unwrap();
    restore(&file, &fresh, Some(target.clone())).await.unwrap();
    assert!(!fresh.join("photos").exists());
    assert_eq!(picture(target, stored[0].clone()).await, picture(app.storage.clone(), stored[0].clone()).await);
}

#[tokio::test]
async fn a_backup_that_is_given_up_leaves_nothing() {
    let ground = Ground::new();
    let app = ground.server(vec![]).await;
    let folder = ground.at("backups");
    fs::create_dir(&folder).unwrap();
    assert!(ground.back_up_with(&folder.join("a.zip"), ground.pictures(), none(), &|| true).await.is_err());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    app.stop().await;
}

/// The entries of an archive.
fn entries(file: &Path) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(fs::File::open(file).unwrap()).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            (entry.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

fn write(file: &Path, entries: &[(String, Vec<u8>)]) {
    let mut archive = zip::ZipWriter::new(fs::File::create(file).unwrap());
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in entries {
        archive.start_file(name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
}

/// The same archive with another manifest.
fn with_manifest(entries: &[(String, Vec<u8>)], change: impl Fn(&mut Value)) -> Vec<(String, Vec<u8>)> {
    let mut changed = entries.to_vec();
    let (_, bytes) = changed.iter_mut().find(|(name, _)| name == "manifest.json").unwrap();
    let mut manifest: Value = serde_json::from_slice(bytes).unwrap();
    change(&mut manifest);
    *bytes = serde_json::to_vec(&manifest).unwrap();
    changed
}

#[tokio::test]
async fn what_is_no_good_is_refused_with_the_reason() {
    let ground = Ground::new();
    let app = ground.server(vec![]).await;
    with_headshots(&app, "kim@acme.test").await;
    let good = ground.at("good.zip");
    ground.back_up(&good).await.unwrap();
    app.stop().await;
    let bytes = fs::read(&good).unwrap();
    let parts = entries(&good);
    let bad = ground.at("bad.zip");
    let fresh = ground.at("fresh");
    fs::create_dir(&fresh).unwrap();
    let said = async |what: &str| -> String {
        let refused = verify(&bad).await.err().unwrap_or_else(|| panic!("{what} passed")).to_string();
        let again = restore(&bad, &fresh, None).await.unwrap_err().to_string();
        assert_eq!(again, refused, "{what}");
        assert_eq!(fs::read_dir(&fresh).unwrap().count(), 0, "{what}");
        refused
    };

    for part in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&bad, &bytes[..part]).unwrap();
        assert!(said("a part").await.contains("not all of one"));
    }
    fs::write(&bad, "a letter").unwrap();
    assert!(said("a letter").await.contains("no ZIP archive"));

    // One bit in each entry's content, and in the list of entries at the end.
    for (name, content) in parts.iter().filter(|(_, content)| content.len() > 64) {
        let at = bytes.windows(64).position(|window| *window == content[..64]).unwrap() + content.len() / 2;
        let mut flipped = bytes.clone();
        flipped[at] ^= 4;
        fs::write(&bad, &flipped).unwrap();
        let words = said(name).await;
        assert!(words.contains("damaged") || words.contains("manifest"), "{name}: {words}");
    }
    let listed = bytes.windows(12).rposition(|window| window == b"headroom.key").unwrap();
    let mut flipped = bytes.clone();
    flipped[listed] ^= 1;
    fs::write(&bad, &flipped).unwrap();
    said("another name").await;

    for name in ["../evil", "/etc/passwd", "photos/../../evil", "notes.txt", "photos/photos/00/x/master.jpg"] {
        let entry = json!({ "bytes": 4, "sha256": "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589" });
        let mut more = with_manifest(&parts, |manifest| manifest["entries"][name] = entry.clone());
        more.push((name.to_owned(), b"abcd".to_vec()));
        write(&bad, &more);
        assert!(said(name).await.contains("does not belong in it"));
    }
    let mut unknown = parts.clone();
    unknown.push(("photos/photos/4f/018bcfe568004f1c2d3e4a5b/master.jpg".to_owned(), b"abcd".to_vec()));
    write(&bad, &unknown);
    assert!(said("an entry that the manifest lacks").await.contains("does not belong in it"));
    for gone in ["headroom.db", "headroom.key", "manifest.json"] {
        write(&bad, &parts.iter().filter(|(name, _)| name != gone).cloned().collect::<Vec<_>>());
        assert!(said(gone).await.contains(if gone == "manifest.json" { "no manifest" } else { gone }));
    }

    write(&bad, &with_manifest(&parts, |manifest| manifest["format"] = json!(2)));
    assert!(said("a later format").await.contains("newer Headroom"));
    write(&bad, &with_manifest(&parts, |manifest| manifest["rows"]["members"] = json!(77)));
    assert!(said("another count").await.contains("members has other rows"));
    let (picture, _) = parts.iter().find(|(name, _)| name.starts_with("photos/")).unwrap();
    let without = with_manifest(&parts, |manifest| drop(manifest["entries"].as_object_mut().unwrap().remove(picture)));
    write(&bad, &without.into_iter().filter(|(name, _)| name != picture).collect::<Vec<_>>());
    assert!(said("a picture less").await.contains("knows a picture that is not in it"));

    // The database itself, as somebody would forge it: the sums are right.
    let forged = |sql: &str| {
        let path = ground.at("forged.db");
        fs::write(&path, &parts.iter().find(|(name, _)| name == "headroom.db").unwrap().1).unwrap();
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch(sql).unwrap();
        drop(connection);
        fs::read(&path).unwrap()
    };
    let with_database = |database: &[u8], schema: Option<i64>| {
        let mut sum = headroom::secrets::Digesting::default();
        sum.add(database);
        let entry = json!({ "bytes": database.len(), "sha256": sum.finish().hex() });
        let mut changed = with_manifest(&parts, |manifest| {
            manifest["entries"]["headroom.db"] = entry.clone();
            if let Some(schema) = schema {
                manifest["schema"] = json!(schema);
            }
        });
        changed.iter_mut().find(|(name, _)| name == "headroom.db").unwrap().1 = database.to_vec();
        write(&bad, &changed);
    };
    with_database(&forged("pragma user_version = 99"), Some(99));
    assert!(said("a newer schema").await.contains("newer Headroom (schema 99"));
    with_database(&forged("pragma user_version = 99"), None);
    assert!(said("another schema than said").await.contains("not the one that its manifest tells of"));
    with_database(
        &forged(
            "pragma foreign_keys = off; update members set account_id = 'nobody' where id = (select min(id) from members)",
        ),
        None,
    );
    assert!(said("an orphan").await.contains("refers to a row of"));
    let mut torn = forged("select 1");
    let page = torn.len() / 2 / 4096 * 4096;
    torn[page..page + 4096].fill(0xff);
    with_database(&torn, None);
    assert!(said("a torn page").await.contains("damaged"));
}

#[tokio::test]
async fn a_backup_of_the_first_version_is_brought_up_to_date_when_it_is_served() {
    let ground = Ground::new();
    let old = rusqlite::Connection::open(ground.at("data/headroom.db")).unwrap();
    old.execute_batch(include_str!("../schemas/1.sql")).unwrap();
    old.execute_batch(
        "pragma application_id = 0x4844524d; pragma user_version = 1;
         insert into organizations (id, name, created_at) values ('org_018bcfe568004f1c2d3e4a5b', 'Acme', 1);",
    )
    .unwrap();
    drop(old);
    headroom::secrets::ServerKey::kept_in(&ground.at("data/headroom.key")).unwrap();
    let file = ground.at("old.zip");
    let made = ground.back_up(&file).await.unwrap();
    assert_eq!((made.schema, verify(&file).await.unwrap().schema), (1, 1));
    let fresh = ground.at("fresh");
    fs::create_dir(&fresh).unwrap();
    restore(&file, &fresh, None).await.unwrap();
    let db = Db::open(&Place::File(fresh.join("headroom.db")), Clock::system()).unwrap();
    assert_eq!(count(&db, "select count(*) from organizations where name = 'Acme'"), 1);
}

/// The names of the backups in a directory, oldest first, once there are as many as expected.
async fn until_there_are(folder: &Path, expected: usize) -> Vec<String> {
    let begun = Instant::now();
    loop {
        let stored = backup::stored(folder).unwrap();
        if stored.len() == expected {
            return stored.iter().rev().map(|one| one.file.file_name().unwrap().to_str().unwrap().to_owned()).collect();
        }
        assert!(begun.elapsed() < PATIENCE, "{stored:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn backups_are_made_by_the_clock_and_old_ones_go() {
    let ground = Ground::new();
    let folder = ground.at("backups");
    let settings = || vec![("backup_dir", folder.display().to_string()), ("backup_keep", "2d".to_owned())];
    let app = ground.server(settings()).await;
    let first = until_there_are(&folder, 1).await.remove(0);
    app.run_jobs().await;
    fs::write(folder.join("before-the-move.zip"), "made by hand").unwrap();

    app.advance(DAY).await;
    let both = until_there_are(&folder, 2).await;
    assert_eq!(both[0], first);
    let newest = &backup::stored(&folder).unwrap()[0];
    verify(&newest.file).await.unwrap();

    // Of each of two days the newest stays.
    app.advance(DAY).await;
    let begun = Instant::now();
    while folder.join(&first).exists() {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    app.run_jobs().await;
    assert_eq!(until_there_are(&folder, 2).await[0], both[1]);
    assert!(folder.join("before-the-move.zip").exists(), "it is not ours");

    // The next one is planned, at 03:00, and a start makes none while the newest is young.
    let planned = "select count(*) from jobs where payload like '%\"backup\"%' and state = 'waiting'";
    assert_eq!(count(&app.db, planned), 1);
    let at: i64 = app
        .db
        .read(|view: &View| {
            view.one("select run_at from jobs where payload like '%\"backup\"%' and state = 'waiting'", [], |row| {
                row.get(0)
            })
        })
        .unwrap();
    assert_eq!(at.rem_euclid(DAY.as_millis() as i64), 3 * 60 * 60 * 1000);
    app.stop().await;
}

#[tokio::test]
async fn a_backup_that_fails_is_tried_again_and_then_parked_with_its_reason() {
    let ground = Ground::new();
    fs::write(ground.at("backups"), "a file where a directory belongs").unwrap();
    let app = ground.server(vec![("backup_dir", ground.at("backups").join("in").display().to_string())]).await;
    let parked = || app.db.read(|view| queue::parked(view, 10)).unwrap();
    let begun = Instant::now();
    while parked().is_empty() {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
        app.advance(Duration::from_secs(20 * 60)).await;
    }
    let why = parked().remove(0).last_error.unwrap();
    assert!(why.contains("can't be written") && why.contains("backups/in"), "{why}");
    app.stop().await;
}
