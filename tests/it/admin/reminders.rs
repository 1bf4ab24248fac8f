//! Reminders by schedule: on the days an organization has chosen, outside its quiet hours, and only as long as they make sense.

use std::time::Duration;

use headroom::{
    clock::Timestamp,
    ids::InviteId,
    invites,
    mail::{Delivery, Kind},
    members::Role,
    organizations::{self, Reminders},
};

use super::scene::At;
use crate::app::{Caller, TestApp};

const PAGE: &str = "/app/admin/settings/reminders";
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

impl TestApp {
    fn now(&self) -> Timestamp {
        self.db.clock().now()
    }

    /// Moves to a moment hour by hour, as time passes, and does what is due meanwhile.
    async fn live_until(&self, moment: Timestamp) {
        while self.now() < moment {
            self.advance(HOUR.min(moment.since(self.now()))).await;
        }
        self.house_is_kept().await;
    }

    /// Waits until the next hour's housekeeping is planned: the last one is over by then.
    pub(super) async fn house_is_kept(&self) {
        for _ in 0..2000 {
            let waiting: i64 = self
                .db
                .read(|view| {
                    view.one(
                        "select count(*) from jobs where queue = 'housekeeping' and state = 'waiting' and run_at > ?1",
                        [view.now],
                        |row| row.get(0),
                    )
                })
                .unwrap();
            if waiting > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.run_jobs().await;
    }

    /// Moves the clock to ten in the morning of a day on which no clock changes.
    pub(super) async fn in_the_morning(&self) {
        let now = self.now().date_time();
        let day = Timestamp::from_millis(now.timestamp_millis() - now.timestamp_millis().rem_euclid(86_400_000));
        let ten = day + DAY + 10 * HOUR;
        self.db.clock().advance(ten.since(self.now()));
        self.house_is_kept().await;
    }

    async fn invited(&self, email: &str) -> InviteId {
        let invite = self.person(email, None, At::Invited).await;
        self.run_jobs().await;
        invite.id
    }

    /// The reminders written so far: to whom and when, oldest first.
    fn reminded(&self) -> Vec<(String, Timestamp)> {
        let all = self.outbox();
        let mails = all.iter().rev().filter(|mail| mail.kind == Kind::Reminder);
        mails.map(|mail| (mail.to.to_string(), mail.created_at)).collect()
    }

    /// The owner's browser: an older session does not live as long as these tests do.
    pub(super) async fn ada(&self) -> Caller {
        self.browser(&self.organization, "ada@acme.test", Role::Owner).await
    }
}

#[tokio::test]
async fn whoever_does_not_answer_is_reminded_on_the_days_chosen_and_no_more() {
    let app = TestApp::start().await;
    app.set("quiet_hours", "off").await;
    app.in_the_morning().await;
    let begun = app.now();
    app.invited("kim@acme.test").await;
    let joined = app.invited("ann@acme.test").await;
    let revoked = app.invited("bob@acme.test").await;
    let lost = app.person("lost@acme.test", None, At::Invited).await;
    app.run_jobs().await;
    app.refuse_mail(lost, Delivery::Refused("550 No such user".to_owned())).await;
    app.live_until(begun + 2 * DAY).await;
    assert_eq!(app.reminded(), []);
    app.accept(&joined).await;
    let by = app.by();
    app.db.write(move |tx| headroom::offboarding::revoke_one(tx, &by, &revoked)).await.unwrap();

    app.live_until(begun + 3 * DAY + 2 * HOUR).await;
    let first = app.reminded();
    assert_eq!(first.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["kim@acme.test"]);
    assert!(first[0].1 >= begun + 3 * DAY);
    app.live_until(begun + 7 * DAY + 2 * HOUR).await;
    assert_eq!(app.reminded().len(), 2);
    assert!(app.reminded()[1].1 >= begun + 7 * DAY);
    app.live_until(begun + 9 * DAY).await;
    assert_eq!(app.reminded().len(), 2, "there are two days, so there are two reminders");

    let text = app.outbox().into_iter().find(|mail| mail.kind == Kind::Reminder).unwrap().text.unwrap();
    assert!(text.contains("Acme invited you") && text.contains("/auth/link/"), "{text}");
}

#[tokio::test]
async fn at_night_it_waits_for_the_morning() {
    let app = TestApp::start().await;
    app.set("reminders", "1").await;
    app.set("timezone", "Asia/Kathmandu").await;
    app.in_the_morning().await;
    // Ten in the morning of UTC is a quarter to four in the afternoon in Kathmandu; five hours later it is night.
    app.advance(5 * HOUR).await;
    let begun = app.now();
    app.invited("kim@acme.test").await;
    let zone = organizations::timezone("Asia/Kathmandu").unwrap();
    let quiet = organizations::Quiet { from: 20, to: 8, zone };
    let morning = quiet.end(begun + DAY);
    assert!(morning > begun + DAY, "it would be due at night");
    app.live_until(morning - Duration::from_secs(60)).await;
    assert_eq!(app.reminded(), []);
    app.live_until(morning + 2 * HOUR).await;
    assert_eq!(app.reminded().len(), 1);
    assert!(!quiet.hold(app.reminded()[0].1));
}

#[tokio::test]
async fn after_a_long_sleep_there_is_one_not_three() {
    let app = TestApp::start().await;
    app.set("reminders", "2,4,6").await;
    app.set("quiet_hours", "off").await;
    app.in_the_morning().await;
    app.invited("kim@acme.test").await;
    app.db.clock().advance(8 * DAY);
    app.house_is_kept().await;
    assert_eq!(app.reminded().len(), 1);
    for _ in 0..3 {
        app.db.clock().advance(HOUR);
        app.house_is_kept().await;
    }
    assert_eq!(app.reminded().len(), 1);
}

#[tokio::test]
async fn one_that_was_begun_is_looked_at_again_before_it_goes() {
    let app = TestApp::start().await;
    app.set("quiet_hours", "off").await;
    app.in_the_morning().await;
    let ids = [app.invited("kim@acme.test").await, app.invited("ann@acme.test").await];
    app.db.clock().advance(4 * DAY);
    // Begun, and accepted before the mail was written: in one transaction, so that no worker comes between.
    let (by, begun) = (app.by(), ids.clone());
    app.db
        .write(move |tx| {
            let reminders: Reminders = organizations::get(tx, &by.organization)?.reminders;
            assert_eq!(invites::begin_due(tx, &reminders, &begun)?, []);
            // A second look, by another server, begins nothing.
            invites::begin_due(tx, &reminders, &begun)?;
            let waiting: i64 =
                tx.one("select count(*) from jobs where payload like '%scheduled_reminder%'", [], |row| row.get(0))?;
            assert_eq!(waiting, 2);
            invites::accept(tx, &begun[0])?;
            headroom::offboarding::revoke_one(tx, &by, &begun[1])
        })
        .await
        .unwrap();
    app.house_is_kept().await;
    assert_eq!(app.reminded(), []);
}

#[tokio::test]
async fn a_reminder_by_hand_goes_at_any_hour_once_a_day_and_stands_for_the_automatic_one() {
    let app = TestApp::start().await;
    app.set("quiet_hours", "0-23").await;
    app.in_the_morning().await;
    let ada = app.ada().await;
    let begun = app.now();
    let kim = app.invited("kim@acme.test").await;
    let path = format!("/app/admin/invites/{kim}/remind?q=kim");
    let answer = app.submit(&ada, &path, &[]).await;
    assert_eq!(answer.redirects(), "/app/admin/invites?q=kim");
    assert_eq!(TestApp::flash(&answer), "Reminded kim@acme.test.");
    app.run_jobs().await;
    assert_eq!(app.reminded().len(), 1);
    let again = app.submit(&ada, &path, &[]).await;
    assert!(TestApp::flash(&again).contains("One reminder a day is enough."));
    let html = app.page_of(&ada, "/app/admin/invites").await;
    assert!(html.contains("Reminder: <time") && !html.contains("/remind\""), "{html}");
    assert!(app.page_of(&ada, "/app/admin/settings/audit").await.contains("Sent a reminder to"));

    app.set("quiet_hours", "off").await;
    app.live_until(begun + 3 * DAY - 2 * HOUR).await;
    let ada = app.ada().await;
    assert_eq!(TestApp::flash(&app.submit(&ada, &path, &[]).await), "Reminded kim@acme.test.");
    app.live_until(begun + 4 * DAY).await;
    assert_eq!(app.reminded().len(), 2, "the one by hand stood for that of the third day");
}

#[tokio::test]
async fn several_invites_are_reminded_of_at_once() {
    let app = TestApp::start().await;
    let kim = app.invited("kim@acme.test").await;
    let ann = app.invited("ann@acme.test").await;
    let gone = app.person("bob@acme.test", None, At::Joined).await.id;
    let path = "/app/admin/invites/selected?tab=pending";
    let all = [("invite", kim.as_str()), ("invite", ann.as_str()), ("invite", gone.as_str())];
    let answer = app.submit(&app.owner, path, &all).await;
    assert_eq!(TestApp::flash(&answer), "Reminded 2 people. Left out 1 no longer pending.");
    let answer = app.submit(&app.owner, path, &all[..1]).await;
    assert_eq!(TestApp::flash(&answer), "Reminded nobody. Left out 1 reminded within the last day.");
    assert_eq!(TestApp::flash(&app.submit(&app.owner, path, &[]).await), "Select at least one invite first.");

    let (globex, _) = app.stranger().await;
    let foreign = app.invite_into(&globex, "hal@globex.test").await;
    for id in [foreign.as_str(), "507f1f77bcf86cd799439011", "nonsense"] {
        assert_eq!(app.submit(&app.owner, path, &[("invite", id)]).await.status, 404, "{id}");
        let one = format!("/app/admin/invites/{id}/remind");
        assert_eq!(app.submit(&app.owner, &one, &[]).await.status, 404, "{id}");
    }
}

#[tokio::test]
async fn the_settings_say_what_will_happen_and_keep_what_was_typed() {
    let app = TestApp::start().await;
    let html = app.page(PAGE).await;
    assert!(html.contains("reminded 3 and 7 days after the invite") && html.contains("(UTC)"), "{html}");
    assert!(html.contains("Still open: your headshots at Acme"));
    assert!(app.page("/app/admin/settings/mail/reminder/preview").await.contains("ada@acme.test invited you"));

    let form = [("on", "on"), ("days", "5, 2"), ("quiet_from", "22"), ("quiet_to", "7"), ("timezone", "europe/berlin")];
    let answer = app.submit(&app.owner, PAGE, &form).await;
    assert_eq!(answer.redirects(), PAGE);
    let html = app.page(PAGE).await;
    assert!(html.contains("reminded 2 and 5 days") && html.contains("22:00 and 07:00 (Europe/Berlin)"), "{html}");
    assert!(app.page("/app/admin/settings/audit").await.contains("Changed settings"));

    let wrong = [("on", "on"), ("days", "40"), ("quiet_from", "1"), ("quiet_to", "2"), ("timezone", "Berlin")];
    let answer = app.submit(&app.owner, PAGE, &wrong).await;
    assert_eq!(answer.status, 400);
    let html = answer.text();
    assert!(
        html.contains("no list of days") && html.contains("no time zone") && html.contains("value=\"40\""),
        "{html}"
    );
    assert!(html.contains("reminded 2 and 5 days"), "nothing was saved");

    let off = [("days", "2, 5"), ("quiet_from", "22"), ("quiet_to", "7"), ("timezone", "Europe/Berlin")];
    app.submit(&app.owner, PAGE, &off).await.redirects();
    assert!(app.page(PAGE).await.contains("Nobody is reminded by itself."));
}
