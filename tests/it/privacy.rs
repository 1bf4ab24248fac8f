//! Consent, what people see of what is kept about them, what they take along, and what they delete: that it is gone, and that
//! the receipt says so.

use std::{
    io::{Cursor, Read},
    path::PathBuf,
    time::Duration,
};

use headroom::{
    audit, auth,
    config::PhotoChecks,
    db::{Part, View},
    ids::{PhotoId, ReceiptId, ResultId, ShootId},
    invites,
    members::{self, Actor, Member},
    offboarding,
    queue::{self, Job},
    receipts::{self, AskedBy, Receipt, What},
    shares,
    shoots::{self, CONSENT, State, Whereabouts, version_of},
    storage::{HeadshotFile, Key, PhotoFile},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    app::{Caller, INVITES, TestApp, Wishes},
    studio::{self, files, gather, headshots, photos, shoot, submit, with_rows_of_headshots},
};

const PAGE: &str = "/team-member/privacy";
const LEADS: &str = "/app/admin/settings/privacy";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A Headroom with files on a disk.
async fn on_disk() -> (TestApp, TempDir) {
    let data = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(Wishes { data: Some(data.path().to_owned()), ..Wishes::default() }).await;
    (app, data)
}

fn stored(data: &TempDir) -> Vec<PathBuf> {
    files(&data.path().join("photos"))
}

/// Someone with an uploaded photo and six headshots, the files of all of them in the storage.
async fn with_files(app: &TestApp, email: &str) -> (Caller, ShootId) {
    let (who, shoot) = with_rows_of_headshots(app, email).await;
    store_headshots(app, &shoot).await;
    (who, shoot)
}

async fn store_headshots(app: &TestApp, shoot: &ShootId) {
    for headshot in headshots(app, shoot) {
        for file in HeadshotFile::ALL {
            app.storage.put(Key::Headshot(&headshot.id, file), "picture".into()).await.unwrap();
        }
    }
}

fn member(app: &TestApp, email: &str) -> Member {
    app.db.read(|view| members::named(view, &app.organization, &email.parse().unwrap())).unwrap()
}

fn receipts(app: &TestApp) -> Vec<Receipt> {
    app.db.read(|view| Ok(receipts::page(view, &app.organization, &Part::Newest, 100)?.rows)).unwrap()
}

fn the_receipt(app: &TestApp) -> Receipt {
    let mut all = receipts(app);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn count(app: &TestApp, sql: &str) -> i64 {
    app.db.read(|view: &View| view.one(sql, [], |row| row.get(0))).unwrap()
}

/// Nothing is left of a shoot but its tombstone.
fn is_gone(app: &TestApp, data: &TempDir, id: &ShootId) {
    assert_eq!(stored(data), Vec::<PathBuf>::new(), "no file is left");
    assert_eq!(shoot(app, id).state, State::Deleted);
    assert!(photos(app, id).is_empty() && headshots(app, id).is_empty());
    assert_eq!(count(app, "select count(*) from photos"), 0);
    let receipt = the_receipt(app);
    assert!(receipt.purged_at.is_some() && receipt.what == What::Shoot, "{receipt:?}");
    assert_eq!((receipt.photos, receipt.headshots), (1, 6));
}

fn deleted_mails(app: &TestApp) -> usize {
    app.mails().iter().filter(|mail| mail.contains("deleted")).count()
}

#[tokio::test]
async fn consent_is_recorded_word_for_word_with_its_version_and_its_time() {
    let app = TestApp::start().await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    let review = app.get(&kim, "/team-member/onboarding/review").await.text();
    assert!(review.contains("for 30 days after the headshots are ready"), "{review}");
    let before = app.db.clock().now();
    submit(&app, &kim).await.redirects();
    let kim_herself = member(&app, "kim@acme.test");
    let consents = app.db.read(|view| shoots::consents_of(view, &kim_herself.account)).unwrap();
    assert_eq!(consents.len(), 1);
    assert_eq!((&consents[0].shoot, consents[0].text.as_str()), (&id, CONSENT));
    assert_eq!(consents[0].version, version_of(CONSENT));
    assert_eq!(consents[0].given_by, shoots::Giver::Person);
    assert!(consents[0].created_at >= before);
    let page = app.get(&kim, PAGE).await.text();
    assert!(page.contains(&format!("Version {}", version_of(CONSENT))) && page.contains("may see and use them"));
}

#[tokio::test]
async fn a_lead_who_agrees_for_someone_is_told_apart_from_them() {
    let app = TestApp::start().await;
    let (_, id) = app.member("kim@acme.test").await;
    studio::pack(&app, &id).await;
    let (ada, submitted) = (member(&app, "ada@acme.test"), id.clone());
    app.db
        .write(move |tx| shoots::submit(tx, &submitted, &ada.id, PhotoChecks::On, &Whereabouts::default()))
        .await
        .unwrap();
    let kim = member(&app, "kim@acme.test");
    let consents = app.db.read(|view| shoots::consents_of(view, &kim.account)).unwrap();
    assert_eq!(consents[0].given_by, shoots::Giver::Lead);
}

#[tokio::test]
async fn the_page_says_what_is_kept_and_who_sees_it() {
    let app = TestApp::start().await;
    let (kim, id) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let page = app.get(&kim, PAGE).await.text();
    for words in [
        "Kim Lee",
        "kim@acme.test",
        "me.jpg",
        "6 headshots",
        "1 browser signed in",
        "ada@acme.test",
        "deleted automatically on",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(app.get(&kim, "/team-member").await.text().contains("href=\"/team-member/privacy\""));
    let asked = app.get(&kim, &format!("{PAGE}?delete=shoot&shoot={id}")).await.text();
    assert!(
        asked.contains("1 photo and 6 headshots will be gone for good, for Acme too. The credit is spent."),
        "{asked}"
    );
    // A shoot of someone else's is asked about as little as one that never was.
    let (lee, _) = app.member("lee@acme.test").await;
    assert!(!app.get(&lee, &format!("{PAGE}?delete=shoot&shoot={id}")).await.text().contains("<dialog"));
    assert_eq!(app.get(&Caller::Nobody, PAGE).await.status, 401);
}

#[tokio::test]
async fn everything_is_taken_along_and_nothing_that_lets_anyone_in() {
    let (app, _data) = on_disk().await;
    let (kim, id) = with_files(&app, "kim@acme.test").await;
    with_files(&app, "lee@acme.test").await;
    // Two links: one to all of them, opened once; one to the second headshot, taken back.
    let second = headshots(&app, &id)[1].id.to_string();
    let sharing = format!("/team-member/shoots/{id}/share");
    let mut tokens = Vec::new();
    for (what, days) in [("all", "7"), (second.as_str(), "1")] {
        let made = app.submit(&kim, &sharing, &[("what", what), ("days", days)]).await;
        let page = app.get(&kim, made.redirects()).await.text();
        tokens.push(page.split("/share/").nth(1).unwrap().split('<').next().unwrap().to_owned());
    }
    assert_eq!(app.get(&Caller::Nobody, &format!("/share/{}", tokens[0])).await.status, 200);
    let revoked = app.db.read(|view| shares::of_shoot(view, &id)).unwrap();
    let revoked = revoked.into_iter().find(|share| share.headshot.is_some()).unwrap().id;
    app.submit(&kim, &format!("/team-member/shares/{revoked}/revoke"), &[]).await.redirects();
    app.let_go().await;
    let answer = app.submit(&kim, &format!("{PAGE}/export"), &[]).await;
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"kim-lee-my-data.zip\""));
    let mut archive = zip::ZipArchive::new(Cursor::new(&answer.body)).unwrap();
    let names: Vec<String> =
        (0..archive.len()).map(|at| archive.by_index(at).unwrap().name().unwrap().into_owned()).collect();
    assert_eq!(names.len(), 1 + 1 + 2 * 6);
    assert!(names.contains(&"photos/shoot-1/01-me.jpg".to_owned()), "{names:?}");
    assert!(names.contains(&"headshots/shoot-1/01-grey.jpg".to_owned()), "{names:?}");
    let mut text = String::new();
    archive.by_name("data.json").unwrap().read_to_string(&mut text).unwrap();
    let data: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(data["person"]["name"], "Kim Lee");
    assert_eq!(data["shoots"][0]["id"], json!(id));
    assert_eq!(data["shoots"][0]["photos"][0]["originalName"], "me.jpg");
    assert_eq!(data["shoots"][0]["headshots"].as_array().unwrap().len(), 6);
    assert_eq!(data["consents"][0]["text"], CONSENT);
    assert_eq!(data["signIn"]["sessions"].as_array().unwrap().len(), 1);
    let links = data["shoots"][0]["links"].as_array().unwrap();
    let all = links.iter().find(|link| link["shows"] == "all").unwrap();
    let one = links.iter().find(|link| link["shows"] == data["shoots"][0]["headshots"][1]["file"]).unwrap();
    assert_eq!((links.len(), &all["opened"], &one["opened"]), (2, &json!(1), &json!(0)));
    assert!(all["revokedAt"].is_null() && one["revokedAt"].is_string() && all["lastOpenedAt"].is_string(), "{links:?}");
    assert!(all["until"].as_str() > all["madeAt"].as_str(), "{all}");
    assert!(tokens.iter().all(|token| !text.contains(token.as_str())), "nothing in it opens anything");
    for file in names.iter().filter(|name| name.ends_with(".jpg")) {
        assert!(text.contains(file), "{file} is told of");
    }
    for others in ["lee@acme.test", "ada@acme.test"] {
        assert!(!text.contains(others), "{text}");
    }
    let Caller::Browser(session) = &kim else { unreachable!() };
    assert!(!text.contains(session) && !text.contains("$argon2") && !text.contains("digest"));
    let noted = app.db.read(|view| audit::page(view, &app.organization, None, &Part::Newest, 10)).unwrap();
    assert_eq!((noted.rows[0].action, noted.rows[0].who.as_str()), (audit::Action::DataExported, "Kim Lee"));
}

#[tokio::test]
async fn uploaded_photos_go_and_headshots_stay() {
    let (app, data) = on_disk().await;
    let (kim, id) = with_files(&app, "kim@acme.test").await;
    let photo = photos(&app, &id).remove(0);
    let thumbnail = format!("/team-member/photos/{}/thumbnail", photo.id);
    assert_eq!(app.get(&kim, &thumbnail).await.status, 200);
    assert_eq!(stored(&data).len(), 2 + 18);
    let done = app.submit(&kim, &format!("{PAGE}/shoots/{id}/photos/delete"), &[]).await;
    assert_eq!(done.redirects(), PAGE);
    assert_eq!(app.get(&kim, &thumbnail).await.status, 200, "it can be undone");
    app.let_go().await;
    assert_eq!(app.get(&kim, &thumbnail).await.status, 404);
    assert_eq!(stored(&data).len(), 18);
    assert!(photos(&app, &id).is_empty() && headshots(&app, &id).len() == 6);
    assert_eq!((shoot(&app, &id).state, shoot(&app, &id).photos), (State::Ready, 0));
    let receipt = the_receipt(&app);
    assert_eq!((receipt.what, receipt.asked_by), (What::Photos, AskedBy::Person));
    assert_eq!((receipt.photos, receipt.headshots), (1, 0));
    assert!(receipt.purged_at.is_some() && receipt.email.is_none(), "told, so the address is needed no more");
    assert!(app.mails().contains(&"kim@acme.test: Your uploaded photos are deleted".to_owned()), "{:?}", app.mails());
    let mail = app.outbox().remove(0).text.unwrap();
    assert!(
        mail.contains(receipt.id.as_str()) && mail.contains("1 photo at Acme") && mail.contains("You asked for it")
    );

    let page = app.get(&kim, PAGE).await.text();
    assert!(page.contains("Every file was gone") && !page.contains("?delete=photos"), "{page}");
    let kept = app.get(&kim, &format!("{PAGE}/receipts/{}.txt", receipt.id)).await;
    assert!(kept.text().contains("Gone on") && kept.text().contains("none was found"), "{}", kept.text());
    // Once more does nothing more.
    app.submit(&kim, &format!("{PAGE}/shoots/{id}/photos/delete"), &[]).await.redirects();
    app.let_go().await;
    assert_eq!((receipts(&app).len(), deleted_mails(&app)), (1, 1));
}

#[tokio::test]
async fn photos_stay_while_something_is_made_of_them() {
    let app = TestApp::start().await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    for handed_in in [false, true] {
        if handed_in {
            studio::hand_in(&app, &id).await;
        }
        let refused = app.submit(&kim, &format!("{PAGE}/shoots/{id}/photos/delete"), &[]).await;
        assert_eq!(refused.redirects(), PAGE);
        assert!(receipts(&app).is_empty() && photos(&app, &id).len() == 1);
    }
    let (lee, _) = app.member("lee@acme.test").await;
    for what in ["photos/delete", "delete"] {
        assert_eq!(app.submit(&lee, &format!("{PAGE}/shoots/{id}/{what}"), &[]).await.status, 404);
    }
}

#[tokio::test]
async fn a_person_deletes_all_of_it() {
    let (app, data) = on_disk().await;
    let (kim, id) = with_files(&app, "kim@acme.test").await;
    assert_eq!(app.submit(&kim, &format!("{PAGE}/shoots/{id}/delete"), &[]).await.redirects(), PAGE);
    app.let_go().await;
    is_gone(&app, &data, &id);
    assert_eq!(the_receipt(&app).asked_by, AskedBy::Person);
    assert!(app.mails().contains(&"kim@acme.test: Your photos and headshots are deleted".to_owned()));
    assert!(app.get(&kim, "/team-member").await.text().contains("Your headshots were deleted"));
    let page = app.page(LEADS).await;
    assert!(
        page.contains("Kim Lee") && page.contains("1 photo and 6 headshots") && page.contains("The person"),
        "{page}"
    );
    assert!(page.contains(&version_of(CONSENT)));
    let model = app.get(&app.lead, &format!("/api/v2/organization/models/{id}")).await.ok();
    assert_eq!(model["model"]["status"], "deleted");
    // The consent of what was made stays on record.
    assert_eq!(count(&app, "select count(*) from consents where account_id is not null"), 1);
}

#[tokio::test]
async fn deleting_stops_what_is_being_made_and_gives_the_credit_back() {
    let app = TestApp::start_with(Wishes { settings: vec![("dev_shoot", "1h".to_owned())], ..Wishes::default() }).await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    submit(&app, &kim).await.redirects();
    app.run_jobs().await;
    assert_eq!((shoot(&app, &id).state, app.credits()), (State::Training, 99));
    let asked = app.get(&kim, &format!("{PAGE}?delete=shoot&shoot={id}")).await.text();
    assert!(asked.contains("the credit goes back to Acme"), "{asked}");
    app.submit(&kim, &format!("{PAGE}/shoots/{id}/delete"), &[]).await.redirects();
    app.let_go().await;
    assert_eq!(app.credits(), 100);
    app.advance(Duration::from_secs(2 * 3600)).await;
    assert_eq!(shoot(&app, &id).state, State::Deleted);
    assert!(the_receipt(&app).purged_at.is_some());
}

#[tokio::test]
async fn each_other_way_of_deletion_leaves_a_receipt_and_no_file() {
    let ways: [(&str, AskedBy); 4] = [
        ("model", AskedBy::Program),
        ("revoke", AskedBy::Program),
        ("remove", AskedBy::Program),
        ("operator", AskedBy::Operator),
    ];
    for (way, asked_by) in ways {
        let (app, data) = on_disk().await;
        let (_, id) = with_files(&app, "kim@acme.test").await;
        match way {
            "model" => drop(app.delete(&app.lead, &format!("/api/v2/organization/models/{id}")).await.ok()),
            "revoke" => {
                let body = json!({ "email": "kim@acme.test" });
                app.post(&app.lead, &format!("{INVITES}/revoke"), &body).await.ok();
            }
            "remove" => drop(app.delete(&app.lead, "/api/v2/organization/members/kim@acme.test").await.ok()),
            _ => {
                let (by, kim) = (Actor::operator(app.organization.clone()), member(&app, "kim@acme.test"));
                app.db.write(move |tx| offboarding::remove(tx, &by, &kim, true)).await.unwrap();
            }
        }
        app.run_jobs().await;
        is_gone(&app, &data, &id);
        assert_eq!(the_receipt(&app).asked_by, asked_by, "{way}");
        assert_eq!(deleted_mails(&app), 1, "{way}: {:?}", app.mails());
        assert!(the_receipt(&app).email.is_none());
        app.stop().await;
    }
}

#[tokio::test]
async fn an_anonymous_person_deletes_and_is_forgotten() {
    let (app, data) = on_disk().await;
    app.switch_whitelabel_on().await;
    let made = app.post(&app.lead, "/api/v2/organization/models", &json!({ "email": "kim@shop.test" })).await.ok();
    let id: ShootId = made["modelId"].as_str().unwrap().parse().unwrap();
    studio::pack(&app, &id).await;
    studio::finish_packed(&app, &id).await;
    store_headshots(&app, &id).await;
    let account = member(&app, "kim@shop.test");
    let entered = app.db.write(move |tx| {
        let url = auth::mint_signed_url(tx, &account.id)?;
        auth::use_signed_url(tx, url.reveal(), &auth::Device::default())
    });
    let kim = Caller::Embedded(entered.await.unwrap().session.reveal().to_owned());
    let page = app.get(&kim, PAGE).await.text();
    assert!(!page.contains("Headroom") && !page.contains("Delete my account"), "{page}");
    let gone = app.submit(&kim, &format!("{PAGE}/shoots/{id}/delete"), &[]).await;
    assert!(gone.status == 200 && gone.text().contains("Your photos and headshots are deleted"), "{}", gone.text());
    assert!(gone.text().contains(the_receipt(&app).id.as_str()) && !gone.text().contains("Headroom"));
    app.run_jobs().await;
    is_gone(&app, &data, &id);
    assert_eq!(app.mails(), Vec::<String>::new(), "the product they came from tells them");
    assert_eq!(app.get(&kim, PAGE).await.status, 401);
    assert_eq!(count(&app, "select count(*) from accounts where kind = 'anonymous'"), 0);
    app.delete(&app.lead, &format!("/api/v2/organization/models/{id}")).await.refused(400, "ALREADY_DELETED");
}

#[tokio::test]
async fn who_leaves_is_forgotten_and_leads_cannot() {
    let (app, data) = on_disk().await;
    let (kim, id) = with_files(&app, "kim@acme.test").await;
    assert!(app.get(&app.owner, PAGE).await.text().contains("You lead Acme."));
    assert_eq!(app.submit(&app.owner, &format!("{PAGE}/leave"), &[]).await.redirects(), PAGE);
    assert!(app.get(&kim, &format!("{PAGE}?delete=leave")).await.text().contains("You leave Acme."));
    let gone = app.submit(&kim, &format!("{PAGE}/leave"), &[]).await;
    assert!(
        gone.text().contains("Your account is deleted") && gone.text().contains("you get a mail"),
        "{}",
        gone.text()
    );
    app.run_jobs().await;
    is_gone(&app, &data, &id);
    assert_eq!(deleted_mails(&app), 1);
    assert_eq!(app.get(&kim, PAGE).await.status, 401);
    for left in [
        "select count(*) from accounts where email = 'kim@acme.test'",
        "select count(*) from sessions s join accounts a on a.id = s.account_id where a.email != 'ada@acme.test'",
        "select count(*) from magic_links where email = 'kim@acme.test'",
        "select count(*) from receipts where email is not null or account_id is not null",
        "select count(*) from consents where account_id is not null or given_by is not null",
    ] {
        assert_eq!(count(&app, left), 0, "{left}");
    }
    assert!(app.page(LEADS).await.contains("Former member"));
    // The mails to them go as well: the last one is the receipt, and is kept for a day.
    app.advance(2 * DAY).await;
    assert_eq!(count(&app, "select count(*) from mails where recipient = 'kim@acme.test'"), 0);
}

#[tokio::test]
async fn what_was_told_of_a_deleted_shoot_is_forgotten_too() {
    let app = TestApp::start().await;
    app.switch_whitelabel_on().await;
    let (kim, id) = with_rows_of_headshots(&app, "kim@acme.test").await;
    app.submit(&kim, &format!("{PAGE}/shoots/{id}/delete"), &[]).await.redirects();
    app.let_go().await;
    app.advance(DAY).await;
    app.advance(DAY).await;
    assert_eq!(count(&app, "select count(*) from events where title is not null and told = 1"), 0);
    assert_eq!(count(&app, "select count(*) from deliveries where body is not null and state != 'waiting'"), 0);
    assert_eq!(count(&app, "select count(*) from idempotency"), 0);
    assert!(count(&app, "select count(*) from deliveries where event = 'model.deleted'") > 0, "it was told");
}

#[tokio::test]
async fn photos_go_by_themselves_thirty_days_after_the_headshots() {
    let (app, data) = on_disk().await;
    let (_, id) = with_files(&app, "kim@acme.test").await;
    app.advance(29 * DAY).await;
    assert_eq!(photos(&app, &id).len(), 1);
    app.advance(2 * DAY).await;
    app.run_jobs().await;
    assert!(photos(&app, &id).is_empty() && stored(&data).len() == 18, "{:?}", stored(&data));
    let receipt = the_receipt(&app);
    assert_eq!((receipt.what, receipt.asked_by), (What::Photos, AskedBy::Server));
    assert!(receipt.purged_at.is_some() && deleted_mails(&app) == 1);
}

/// A disk that fails where a photo lies: a file stands where its directory belongs. Works for root too, whom no permission stops.
struct Broken {
    folder: PathBuf,
    aside: PathBuf,
}

impl Broken {
    fn disk(data: &TempDir, photo: &PhotoId) -> Self {
        let folder = data.path().join("photos/photos").join(&photo.as_str()[12..14]);
        let aside = data.path().join("aside");
        std::fs::rename(&folder, &aside).unwrap();
        std::fs::write(&folder, "").unwrap();
        Self { folder, aside }
    }

    fn repair(self) {
        std::fs::remove_file(&self.folder).unwrap();
        std::fs::rename(&self.aside, &self.folder).unwrap();
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_removed_keeps_the_receipt_open_until_it_is() {
    let (app, data) = on_disk().await;
    let (kim, id) = with_files(&app, "kim@acme.test").await;
    let broken = Broken::disk(&data, &photos(&app, &id)[0].id);
    app.submit(&kim, &format!("{PAGE}/shoots/{id}/delete"), &[]).await.redirects();
    app.let_go().await;
    assert!(the_receipt(&app).purged_at.is_none());
    assert!(app.get(&kim, PAGE).await.text().contains("The files are being removed."));
    assert!(app.page(LEADS).await.contains("Still going"));
    let mut tries = 0;
    while app.db.read(|view| queue::parked(view, 10)).unwrap().is_empty() {
        tries += 1;
        assert!(tries < 10, "it is parked after its attempts");
        app.advance(Duration::from_secs(20 * 60)).await;
    }
    assert!(the_receipt(&app).purged_at.is_none() && deleted_mails(&app) == 0);
    assert!(app.page("/app/admin").await.contains("1 job gave up") && app.page(LEADS).await.contains("Delayed"));
    assert!(app.get(&kim, PAGE).await.text().contains("could not be removed yet"));

    broken.repair();
    app.advance(DAY).await;
    app.advance(Duration::from_secs(2 * 3600)).await;
    is_gone(&app, &data, &id);
    assert_eq!(deleted_mails(&app), 1);
}

#[tokio::test]
async fn a_kill_between_the_files_and_the_note_changes_nothing() {
    let (app, data) = on_disk().await;
    let (kim, id) = with_files(&app, "kim@acme.test").await;
    let broken = Broken::disk(&data, &photos(&app, &id)[0].id);
    app.submit(&kim, &format!("{PAGE}/shoots/{id}/delete"), &[]).await.redirects();
    app.let_go().await;
    // What a run leaves that is killed right after the last file: no file, every row, the receipt open.
    broken.repair();
    for file in stored(&data) {
        std::fs::remove_file(file).unwrap();
    }
    let open = the_receipt(&app);
    assert!(open.purged_at.is_none() && !headshots(&app, &id).is_empty());
    for _ in 0..2 {
        let again = Job::PurgeFiles(id.clone());
        app.db.write(move |tx| queue::push(tx, again)).await.unwrap();
        app.run_jobs().await;
        app.advance(Duration::from_secs(3600)).await;
        is_gone(&app, &data, &id);
        assert_eq!((the_receipt(&app).id, deleted_mails(&app)), (open.id.clone(), 1));
    }
    let (told, id) = (the_receipt(&app), open.id);
    let mail = Job::DeletedMail(id);
    app.db.write(move |tx| queue::push(tx, mail)).await.unwrap();
    app.run_jobs().await;
    assert_eq!((deleted_mails(&app), the_receipt(&app).purged_at), (1, told.purged_at));
}

#[tokio::test]
async fn files_that_no_row_knows_of_go_after_a_day() {
    let (app, data) = on_disk().await;
    let (_, id) = with_files(&app, "kim@acme.test").await;
    let (photo, headshot) = (PhotoId::new(), ResultId::new());
    app.storage.put(Key::Photo(&photo, PhotoFile::Master), "killed half-way".into()).await.unwrap();
    app.storage.put(Key::Headshot(&headshot, HeadshotFile::Portrait), "killed half-way".into()).await.unwrap();
    // Older than anything here: of another database, say one that is to be restored yet.
    let foreign: PhotoId = "018bcfe568004f1c2d3e4a5b".parse().unwrap();
    app.storage.put(Key::Photo(&foreign, PhotoFile::Master), "of another database".into()).await.unwrap();
    app.advance(Duration::from_secs(2 * 3600)).await;
    assert_eq!(stored(&data).len(), 20 + 3);
    app.advance(DAY).await;
    assert_eq!(stored(&data).len(), 20 + 1);
    assert!(app.storage.get(Key::Photo(&foreign, PhotoFile::Master)).await.unwrap().is_some());
    assert_eq!((photos(&app, &id).len(), headshots(&app, &id).len()), (1, 6));
}

#[tokio::test]
async fn mails_are_kept_for_ninety_days() {
    let app = TestApp::start().await;
    app.post(&app.lead, INVITES, &json!({ "email": "kim@acme.test" })).await.ok();
    app.run_jobs().await;
    let first = app.mails().len();
    assert!(first > 0);
    app.advance(89 * DAY).await;
    assert_eq!(app.mails().len(), first);
    app.advance(2 * DAY).await;
    assert!(app.mails().is_empty(), "{:?}", app.mails());
}

#[tokio::test]
async fn receipts_of_others_are_not_there() {
    let app = TestApp::start().await;
    let (kim, id) = with_rows_of_headshots(&app, "kim@acme.test").await;
    app.submit(&kim, &format!("{PAGE}/shoots/{id}/delete"), &[]).await.redirects();
    app.let_go().await;
    let receipt = the_receipt(&app).id;
    let (lee, _) = app.member("lee@acme.test").await;
    let mine = format!("{PAGE}/receipts/{receipt}.txt");
    let leads = format!("{LEADS}/receipts/{receipt}.txt");
    assert_eq!(app.get(&kim, &mine).await.status, 200);
    assert_eq!(app.get(&lee, &mine).await.status, 404);
    assert_eq!(app.get(&app.owner, &leads).await.status, 200);
    assert_eq!(app.get(&lee, &leads).await.status, 403);
    assert_eq!(app.get(&lee, LEADS).await.status, 403);
    let nobodys = ReceiptId::new();
    assert_eq!(app.get(&app.owner, &format!("{LEADS}/receipts/{nobodys}.txt")).await.status, 404);
    let (globex, _) = app.stranger().await;
    let seen = app.db.read(|view| receipts::of_organization(view, &globex, &receipt));
    assert!(seen.is_err());
}

#[tokio::test]
async fn someone_who_only_accepted_leaves_a_receipt_and_gets_no_mail() {
    let app = TestApp::start().await;
    let (_, id) = app.member("kim@acme.test").await;
    let by = Actor::operator(app.organization.clone());
    app.db.write(move |tx| offboarding::revoke(tx, &by, &"kim@acme.test".parse()?)).await.unwrap();
    app.run_jobs().await;
    let receipt = the_receipt(&app);
    assert_eq!((receipt.photos, receipt.headshots, receipt.shoot), (0, 0, id));
    assert!(receipt.purged_at.is_some());
    assert_eq!(deleted_mails(&app), 0);
    let left = app.db.read(|view| invites::list(view, &app.organization)).unwrap();
    assert_eq!(left.len(), 1, "the invite stays as revoked");
}
