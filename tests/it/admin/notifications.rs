//! What leads hear of: each at once, once a day or never, and no one twice.

use std::time::Duration;

use headroom::{
    mail::{Delivery, Kind, Mail},
    members::Role,
    notifications::About,
    results, shoots,
};

use super::scene::At;
use crate::{
    app::{Caller, TestApp},
    studio::{headshots, with_rows_of_headshots},
};

const PAGE: &str = "/app/admin/settings/notifications";
const HOUR: Duration = Duration::from_secs(3600);

impl TestApp {
    async fn hears(&self, who: &Caller, choices: &[(&str, &str)]) {
        assert_eq!(self.submit(who, PAGE, choices).await.redirects(), PAGE);
    }

    fn of_kind(&self, kind: Kind) -> Vec<Mail> {
        let mut mails: Vec<Mail> = self.outbox().into_iter().filter(|mail| mail.kind == kind).collect();
        mails.reverse();
        mails
    }

    /// Submits for as many people as it takes to bring the balance down by so much.
    async fn spend(&self, count: usize) {
        let organization = self.organization.clone();
        self.db
            .write(move |tx| {
                let member = headroom::members::leads(tx, &organization)?.remove(0);
                for _ in 0..count {
                    let shoot = shoots::begin(tx, &organization, &member.id, false)?;
                    headroom::credits::take(tx, &organization, &shoot.id)?;
                }
                Ok(())
            })
            .await
            .unwrap();
        self.run_jobs().await;
    }
}

#[tokio::test]
async fn low_credits_are_told_once_a_crossing() {
    let app = TestApp::start().await;
    app.set_credits(7).await;
    app.spend(1).await;
    assert_eq!(app.of_kind(Kind::Credits).len(), 0);
    app.spend(3).await;
    let told = app.of_kind(Kind::Credits);
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].to.as_str(), told[0].subject.as_str()), ("ada@acme.test", "Acme has 5 credits left"));
    let text = told[0].text.clone().unwrap();
    assert!(text.contains("because you lead Acme") && text.contains(PAGE), "{text}");
    // Above again, and down again.
    app.grant(10).await;
    app.spend(8).await;
    assert_eq!(app.of_kind(Kind::Credits).len(), 2);

    let answer = app.submit(&app.owner, &format!("{PAGE}/credits"), &[("threshold", "2")]).await;
    assert_eq!(TestApp::flash(&answer), "Leads are told once the balance falls to 2.");
    app.grant(1).await;
    app.spend(1).await;
    assert_eq!(app.of_kind(Kind::Credits).len(), 2, "not at five any more");
    app.submit(&app.owner, &format!("{PAGE}/credits"), &[("threshold", "0")]).await.redirects();
    app.spend(5).await;
    assert_eq!(app.of_kind(Kind::Credits).len(), 2, "never");
    let wrong = app.submit(&app.owner, &format!("{PAGE}/credits"), &[("threshold", "many")]).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text().contains("no number of credits") && wrong.text().contains("value=\"many\""));
}

#[tokio::test]
async fn each_lead_chooses_for_themselves() {
    let app = TestApp::start().await;
    let bo = app.browser(&app.organization, "bo@acme.test", Role::Admin).await;
    app.hears(&bo, &[("failed", "never"), ("credits", "never")]).await;
    let page = app.page_of(&bo, PAGE).await;
    assert!(page.contains("name=\"failed\" value=\"never\" checked"), "{page}");
    assert!(page.contains("name=\"endpoint\" value=\"at-once\" checked"), "{page}");
    app.person("kim@acme.test", Some("Kim Lee"), At::Failed).await;
    app.run_jobs().await;
    let told: Vec<String> = app.of_kind(Kind::Failed).iter().map(|mail| mail.to.to_string()).collect();
    assert_eq!(told, ["ada@acme.test"]);
    assert!(app.page("/app/admin/settings/audit").await.contains("Notifications of bo@acme.test"));
    let nonsense = app.submit(&bo, PAGE, &[("failed", "hourly")]).await;
    assert_eq!(nonsense.status, 400);
    let member = app.browser(&app.organization, "ann@acme.test", Role::Member).await;
    assert_eq!(app.get(&member, PAGE).await.status, 403);
}

#[tokio::test]
async fn the_daily_mail_comes_in_the_morning_and_only_with_something_to_tell() {
    let app = TestApp::start().await;
    app.in_the_morning().await;
    app.person("kim@acme.test", Some("Kim Lee"), At::Finished).await;
    app.person("bo@acme.test", Some("Bo Adams"), At::Finished).await;
    let ann = app.person("ann@acme.test", None, At::Invited).await;
    app.refuse_mail(ann, Delivery::Refused("550 no such user".to_owned())).await;
    app.advance(HOUR).await;
    app.house_is_kept().await;
    // Ten in the morning is past eight: it is due at once, and then not before the next morning.
    let first = app.of_kind(Kind::Digest);
    assert_eq!(first.len(), 1, "{:?}", app.mails());
    let text = first[0].text.clone().unwrap();
    assert!(text.contains("- 2 people's headshots are ready: Kim Lee, Bo Adams"), "{text}");
    assert!(text.contains("- 1 mail could not be delivered: ann@acme.test") && text.contains(PAGE), "{text}");
    app.person("eva@acme.test", Some("Eva Ng"), At::Finished).await;
    for _ in 0..20 {
        app.advance(HOUR).await;
    }
    app.house_is_kept().await;
    assert_eq!(app.of_kind(Kind::Digest).len(), 1, "not before eight");
    for _ in 0..2 {
        app.advance(HOUR).await;
        app.house_is_kept().await;
    }
    let second = app.of_kind(Kind::Digest);
    assert_eq!(second.len(), 2);
    let text = second[1].text.clone().unwrap();
    assert!(text.contains("1 person's headshots are ready: Eva Ng") && !text.contains("Kim Lee"), "{text}");
    for _ in 0..30 {
        app.advance(HOUR).await;
        app.house_is_kept().await;
    }
    assert_eq!(app.of_kind(Kind::Digest).len(), 2, "there was nothing to tell");
}

#[tokio::test]
async fn a_favourite_is_told_once_it_is_settled() {
    let app = TestApp::start().await;
    app.hears(&app.owner, &[("favorite", "at-once"), ("ready", "at-once")]).await;
    let (_, shoot) = with_rows_of_headshots(&app, "kim@acme.test").await;
    app.run_jobs().await;
    let ready =
        app.of_kind(Kind::Ready).into_iter().filter(|mail| mail.to.as_str() == "ada@acme.test").collect::<Vec<_>>();
    assert_eq!(ready.len(), 1);
    assert_eq!(ready[0].subject, "Kim Lee's headshots are ready");
    let all = headshots(&app, &shoot);
    for headshot in &all[..3] {
        let id = headshot.id.clone();
        app.db.write(move |tx| results::choose(tx, &id)).await.unwrap();
    }
    app.run_jobs().await;
    assert_eq!(app.of_kind(Kind::Favorite).len(), 0, "they may try another one");
    app.advance(11 * HOUR / 60).await;
    let told = app.of_kind(Kind::Favorite);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].subject == "Kim Lee chose a favourite"
            && told[0].text.as_ref().unwrap().contains("/app/admin/members/")
    );
    // Test data is nobody's news.
    let (_, dev) = app.member("dev@acme.test").await;
    let told = app
        .db
        .write(move |tx| {
            tx.execute("update shoots set development = 1 where id = ?1", [&dev])?;
            shoots::tell_leads(tx, &shoots::get(tx, &dev)?, &About::Ready(dev.clone()))?;
            tx.one("select count(*) from happenings where shoot_id = ?1", [&dev], |row| row.get::<_, i64>(0))
        })
        .await
        .unwrap();
    assert_eq!(told, 0);
}

#[tokio::test]
async fn a_bounce_is_told_and_a_bounce_of_that_is_not() {
    let app = TestApp::start().await;
    app.hears(&app.owner, &[("bounced", "at-once")]).await;
    let ann = app.person("ann@acme.test", None, At::Invited).await;
    app.refuse_mail(ann, Delivery::Refused("550 no such user".to_owned())).await;
    app.run_jobs().await;
    let told = app.of_kind(Kind::Bounced);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].subject, "A mail to ann@acme.test could not be delivered");
    assert!(told[0].text.as_ref().unwrap().contains("550 no such user"));
    let id = told[0].id.clone();
    app.db
        .write(move |tx| headroom::mail::record(tx, &id, &Delivery::Refused("550 nor here".to_owned())))
        .await
        .unwrap();
    app.run_jobs().await;
    assert_eq!(app.of_kind(Kind::Bounced).len(), 1);
}
