//! Headshots that have their time: the date, the two warnings, and that the files are really gone.

use std::{path::PathBuf, time::Duration};

use headroom::{
    audit, auth,
    clock::Timestamp,
    db::{Part, View},
    ids::{OrganizationId, ShootId},
    members, organizations,
    queue::{self, Job},
    receipts::{self, AskedBy},
    shoots::{self, State},
    storage::{HeadshotFile, Key},
};
use serde_json::json;
use tempfile::TempDir;

use crate::{
    app::{Caller, TestApp, Wishes},
    studio::{deliver_rows, files, finish_packed, hand_in, headshots, pack, shoot, with_rows_of_headshots},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const SETTINGS: &str = "/app/admin/settings/headshots";
const KEEPING: &str = "/app/admin/settings/headshots/keeping";

/// A Headroom that sends mail at any hour, and keeps headshots for so many days.
async fn keeping(days: Option<u16>, wishes: Wishes) -> TestApp {
    let app = TestApp::start_with(wishes).await;
    app.set("quiet_hours", "off").await;
    keep(&app, days).await;
    app
}

async fn keep(app: &TestApp, days: Option<u16>) -> bool {
    let organization = app.organization.clone();
    app.db.write(move |tx| shoots::keep_results(tx, &organization, days)).await.unwrap()
}

/// Moves the clock, and lets the house be kept then.
async fn later(app: &TestApp, span: Duration) {
    app.db.clock().advance(span);
    app.db.write(|tx| queue::push(tx, Job::Housekeeping)).await.unwrap();
    app.run_jobs().await;
}

fn warnings(app: &TestApp, to: &str) -> usize {
    app.mails().iter().filter(|mail| mail.starts_with(to) && mail.contains("headshots are deleted on")).count()
}

fn goes_at(app: &TestApp, id: &ShootId) -> Timestamp {
    shoot(app, id).goes_at().expect("a date")
}

fn count(app: &TestApp, sql: &str) -> i64 {
    app.db.read(|view: &View| view.one(sql, [], |row| row.get(0))).unwrap()
}

#[tokio::test]
async fn headshots_are_gone_from_the_disk_after_two_warnings() {
    let data: TempDir = tempfile::tempdir().unwrap();
    let app = keeping(Some(14), Wishes { data: Some(data.path().to_owned()), ..Wishes::default() }).await;
    let (kim, id) = with_rows_of_headshots(&app, "kim@acme.test").await;
    for headshot in headshots(&app, &id) {
        for file in HeadshotFile::ALL {
            app.storage.put(Key::Headshot(&headshot.id, file), "picture".into()).await.unwrap();
        }
    }
    app.run_jobs().await;
    let stored = || files(&data.path().join("photos"));
    assert_eq!(stored().len(), 2 + 18);
    let ready = shoot(&app, &id);
    assert_eq!(ready.expires_at, ready.finished_at.map(|finished| finished + DAY * 14));
    let day = organizations::Zone::day("UTC".parse().unwrap(), goes_at(&app, &id));
    let told = app.outbox().into_iter().find(|mail| mail.subject == "Your headshots are ready").unwrap();
    assert!(told.text.unwrap().contains(&format!("They are deleted on {day}.")));
    let page = app.get(&kim, "/team-member").await.text();
    assert!(page.contains("Kept until <time") && page.contains("Download what you want to keep."), "{page}");
    let kims = app.db.read(|view| members::named(view, &app.organization, &"kim@acme.test".parse().unwrap())).unwrap();
    let leads = app.get(&app.owner, &format!("/app/admin/members/{}", kims.id)).await.text();
    assert!(leads.contains("kept until <time"), "{leads}");

    later(&app, DAY * 6).await;
    assert_eq!(warnings(&app, "kim@acme.test"), 0);
    later(&app, DAY).await;
    assert_eq!(warnings(&app, "kim@acme.test"), 1);
    let overview = app.get(&app.owner, "/app/admin").await.text();
    assert!(
        overview.contains("Headshots of 1 person are deleted soon") && overview.contains("6 headshots"),
        "{overview}"
    );
    let mail = app.outbox().remove(0);
    assert_eq!(mail.subject, format!("Your headshots are deleted on {day}"));
    let text = mail.text.unwrap();
    assert!(text.contains("your 6 headshots") && text.contains("/team-member\n") && text.contains(&day), "{text}");
    later(&app, HOUR).await;
    later(&app, DAY * 5).await;
    assert_eq!(warnings(&app, "kim@acme.test"), 1, "once each");
    later(&app, DAY - HOUR).await;
    assert_eq!(warnings(&app, "kim@acme.test"), 2);
    later(&app, DAY - HOUR * 2).await;
    assert_eq!((shoot(&app, &id).state, stored().len()), (State::Ready, 20), "there is an hour left");

    later(&app, HOUR * 3).await;
    assert_eq!(stored(), Vec::<PathBuf>::new(), "no file is left");
    let gone = shoot(&app, &id);
    assert!(gone.state == State::Deleted && gone.expired && gone.gender.is_none(), "{gone:?}");
    assert!(headshots(&app, &id).is_empty());
    let receipts = app.db.read(|view| receipts::page(view, &app.organization, &Part::Newest, 9)).unwrap().rows;
    assert_eq!((receipts.len(), receipts[0].asked_by, receipts[0].headshots), (1, AskedBy::Server, 6));
    assert!(receipts[0].purged_at.is_some());
    assert_eq!(count(&app, "select count(*) from events where kind = 'deleted'"), 1, "programs are told");
    let noted = app.db.read(|view| audit::page(view, &app.organization, None, &Part::Newest, 9)).unwrap().rows;
    assert!(noted.iter().any(|entry| entry.via == audit::Via::Server && entry.action == audit::Action::PhotosDeleted));
    // Nobody stays signed in for so long without coming by.
    let again = app.db.write(move |tx| {
        let account = members::account(tx, &kims.account)?;
        auth::begin_session(tx, &account, auth::Method::Link, &auth::Device::default())
    });
    let kim = Caller::Browser(again.await.unwrap().session.reveal().to_owned());
    let page = app.get(&kim, "/team-member").await.text();
    assert!(page.contains("Your headshots have expired") && page.contains("ask ada@acme.test"), "{page}");
    assert_eq!(warnings(&app, "kim@acme.test"), 2);
    assert!(app.mails().iter().any(|mail| mail == "kim@acme.test: Your photos and headshots are deleted"));
}

#[tokio::test]
async fn a_server_that_stood_still_moves_the_date_so_that_both_warnings_have_their_time() {
    let app = keeping(Some(14), Wishes::default()).await;
    let (_, id) = with_rows_of_headshots(&app, "kim@acme.test").await;
    later(&app, DAY * 40).await;
    assert_eq!((shoot(&app, &id).state, warnings(&app, "kim@acme.test")), (State::Ready, 1));
    let left = goes_at(&app, &id).since(app.db.clock().now());
    assert!(left > DAY * 7 - HOUR && left <= DAY * 7, "{left:?}");
    later(&app, DAY * 20).await;
    assert_eq!((shoot(&app, &id).state, warnings(&app, "kim@acme.test")), (State::Ready, 2));
    let left = goes_at(&app, &id).since(app.db.clock().now());
    assert!(left > DAY - HOUR && left <= DAY, "{left:?}");
    later(&app, DAY).await;
    assert!(shoot(&app, &id).expired);
}

#[tokio::test]
async fn a_setting_dates_what_is_there_and_takes_the_dates_away() {
    let app = keeping(None, Wishes::default()).await;
    let (_, old) = with_rows_of_headshots(&app, "kim@acme.test").await;
    assert_eq!(shoot(&app, &old).expires_at, None);
    app.db.clock().advance(DAY * 100);
    let (_, new) = with_rows_of_headshots(&app, "lee@acme.test").await;
    assert!(keep(&app, Some(90)).await);
    let soonest = goes_at(&app, &old);
    assert!(soonest > app.db.clock().now() + DAY * 7, "both warnings can be sent");
    assert_eq!(Some(goes_at(&app, &new)), shoot(&app, &new).finished_at.map(|finished| finished + DAY * 90));
    app.db.clock().advance(DAY);
    assert!(!keep(&app, Some(90)).await);
    assert_eq!(goes_at(&app, &old), soonest, "the same once more moves nothing");
    assert!(keep(&app, None).await);
    later(&app, DAY * 400).await;
    assert_eq!((shoot(&app, &old).expires_at, shoot(&app, &old).state), (None, State::Ready));
    assert_eq!(warnings(&app, ""), 0);
}

#[tokio::test]
async fn leads_are_asked_before_headshots_go_by_a_setting() {
    let app = keeping(None, Wishes::default()).await;
    let refused = app.submit(&app.owner, KEEPING, &[("days", "6")]).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("7 to 3,650 days") && refused.text().contains("value=\"6\""));
    assert_eq!(
        app.submit(&app.owner, KEEPING, &[("days", "30")]).await.redirects(),
        SETTINGS,
        "there is nothing to ask"
    );
    assert_eq!(app.submit(&app.owner, KEEPING, &[("days", "")]).await.redirects(), SETTINGS);
    let (kim, id) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let asked = app.submit(&app.owner, KEEPING, &[("days", "30")]).await;
    assert_eq!(asked.redirects(), format!("{SETTINGS}?keep=30"));
    assert_eq!(shoot(&app, &id).expires_at, None, "not yet");
    let page = app.get(&app.owner, asked.redirects()).await.text();
    assert!(page.contains("6 headshots of 1 person will be deleted for good, on"), "{page}");
    assert_eq!(app.submit(&kim, &format!("{KEEPING}/30"), &[]).await.status, 403);
    assert_eq!(app.submit(&app.owner, &format!("{KEEPING}/30"), &[]).await.redirects(), SETTINGS);
    assert!(shoot(&app, &id).expires_at.is_some());
    assert!(
        app.get(&app.owner, SETTINGS)
            .await
            .text()
            .contains("name=\"days\" type=\"number\" inputmode=\"numeric\" min=\"7\" max=\"3650\" value=\"30\"")
    );
    let noted = app.db.read(|view| audit::page(view, &app.organization, None, &Part::Newest, 1)).unwrap().rows;
    assert_eq!(noted[0].before.as_deref(), Some("kept until someone deletes them"));
    assert_eq!(noted[0].after.as_deref(), Some("deleted after 30 days"));
    assert!(!app.get(&app.owner, &format!("{SETTINGS}?keep=1")).await.text().contains("<dialog open"));
    // Nobody else's are dated.
    let (globex, _): (OrganizationId, Caller) = app.stranger().await;
    assert_eq!(app.db.read(|view| organizations::get(view, &globex)).unwrap().results_days, None);
}

#[tokio::test]
async fn the_leads_are_told_for_those_without_an_address_and_products_by_their_webhook() {
    let app = keeping(Some(14), Wishes::default()).await;
    app.switch_whitelabel_on().await;
    let added = app.post(&app.lead, "/api/v2/organization/members", &json!({ "name": "Mo Ray" })).await.ok();
    let mo: ShootId = added["modelId"].as_str().or(added["member"]["modelId"].as_str()).unwrap().parse().unwrap();
    let made = app
        .post(
            &app.lead,
            "/api/v2/organization/whitelabel/model/create",
            &json!({ "email": "ida@lumen.test", "isDevelopment": true }),
        )
        .await
        .ok();
    let ida: ShootId = made["modelId"].as_str().unwrap().parse().unwrap();
    for id in [&mo, &ida] {
        pack(&app, id).await;
        finish_packed(&app, id).await;
    }
    later(&app, DAY * 7).await;
    later(&app, DAY * 6).await;
    assert_eq!((warnings(&app, "ada@acme.test: Mo Ray's"), warnings(&app, "ida@lumen.test")), (2, 0));
    assert_eq!((shoot(&app, &mo).warnings, shoot(&app, &ida).warnings), (2, 2));
    later(&app, DAY + HOUR).await;
    assert!(shoot(&app, &mo).expired && shoot(&app, &ida).expired);
    assert_eq!(count(&app, "select count(*) from members where contact is not null"), 0, "nothing else was hers here");
    assert_eq!(count(&app, "select count(*) from events where kind = 'deleted'"), 2);
}

#[tokio::test]
async fn nobody_is_warned_at_night() {
    let app = keeping(Some(14), Wishes::default()).await;
    let (_, id) = with_rows_of_headshots(&app, "kim@acme.test").await;
    // Quiet from this hour on, for six hours.
    let hour = app.db.clock().now().millis() / 3_600_000 % 24;
    let hours: &'static str = Box::leak(format!("{hour}-{}", (hour + 6) % 24).into_boxed_str());
    app.set("quiet_hours", hours).await;
    later(&app, DAY * 7).await;
    assert_eq!(warnings(&app, "kim@acme.test"), 0);
    later(&app, HOUR * 7).await;
    assert_eq!((warnings(&app, "kim@acme.test"), shoot(&app, &id).warnings), (1, 1));
}

#[tokio::test]
async fn several_shoots_each_show_their_date() {
    let app = keeping(Some(60), Wishes::default()).await;
    let (kim, _) = with_rows_of_headshots(&app, "kim@acme.test").await;
    app.post(&app.lead, "/api/v2/organization/members/kim@acme.test/retry", &json!({})).await.ok();
    let member =
        app.db.read(|view| members::named(view, &app.organization, &"kim@acme.test".parse().unwrap())).unwrap();
    let second = app.db.read(|view| shoots::latest(view, &member.id)).unwrap().unwrap().id;
    pack(&app, &second).await;
    hand_in(&app, &second).await;
    deliver_rows(&app, &second).await;
    let page = app.get(&kim, "/team-member").await.text();
    assert_eq!(page.matches("Kept until <time").count(), 2, "{page}");
}
