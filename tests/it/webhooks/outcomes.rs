//! What receivers can do to a delivery, and what the log says of it.

use std::sync::atomic::{AtomicUsize, Ordering};

use headroom::{
    events::Kind,
    outbound::Limits,
    webhooks::{self, Attempt, Delivery, State, Why},
};

use super::{
    kit::{DAY, HOUR, MINUTE, SECOND, SHORT, add_many, impatient, states},
    receiver::{Received, Receiver, Reply},
};
use crate::app::TestApp;

/// Who is told of, and what happens then.
type Outcome = (&'static str, Reply, Result<u16, &'static str>, usize, bool);

/// What a receiver does, the status or the words that the log has for it, what it keeps of the reply, and whether it counts.
const OUTCOMES: [Outcome; 12] = [
    ("ok", Reply::Status(200), Ok(200), 0, true),
    ("empty", Reply::Status(204), Ok(204), 0, true),
    ("moved", Reply::Status(301), Ok(301), 0, false),
    ("broken", Reply::Status(500), Ok(500), 0, false),
    ("hangs", Reply::HangBeforeHeaders, Err("No answer within"), 0, false),
    ("hangs-later", Reply::HangAfterHeaders, Ok(200), 0, true),
    ("torn", Reply::Tear, Ok(200), 4, true),
    ("reset", Reply::Reset, Err("The connection broke: "), 0, false),
    ("closed", Reply::Close, Err("The connection broke: "), 0, false),
    ("mail", Reply::NoHttp, Err("The connection broke: "), 0, false),
    ("early", Reply::Full(200, "x: y", String::new()), Ok(200), 0, true),
    ("odd", Reply::Status(999), Ok(999), 0, false),
];

/// The delivery about a person, and its only attempt.
fn about(app: &TestApp, name: &str) -> (Delivery, Attempt) {
    let title = format!("\"title\":\"{name}@acme.test\"");
    let mut log = app.log().into_iter();
    let delivery = log.find(|one| one.body.as_ref().unwrap().contains(&title)).expect("a delivery");
    let [attempt] = app.attempts(&delivery.id).try_into().expect("one attempt");
    (delivery, attempt)
}

#[tokio::test]
async fn each_outcome_is_written_down_as_it_was() {
    let app = impatient().await;
    let receiver = Receiver::start(|request| {
        let title = request.title();
        let name = title.split('@').next().unwrap();
        OUTCOMES.iter().find(|(known, ..)| *known == name).unwrap().1.clone()
    })
    .await;
    app.listens(&receiver).await;
    for (name, ..) in OUTCOMES {
        app.member(&format!("{name}@acme.test")).await;
    }
    app.deliver_first().await;

    for (name, _, expected, kept, arrived) in OUTCOMES {
        let (delivery, attempt) = about(&app, name);
        assert_eq!(attempt.status, expected.ok(), "{name}: {attempt:?}");
        let trouble = attempt.trouble.clone().unwrap_or_default();
        assert!(trouble.starts_with(expected.err().unwrap_or_default()), "{name}: {trouble}");
        assert_eq!(trouble.is_empty(), expected.is_ok(), "{name}: {trouble}");
        assert_eq!(attempt.reply.as_ref().map(Vec::len), expected.ok().map(|_| kept), "{name}");
        let (state, again) = if arrived { (State::Delivered, None) } else { (State::Waiting, delivery.next_at) };
        assert_eq!((delivery.state, delivery.next_at), (state, again), "{name}");
        assert_eq!(delivery.finished_at.is_some(), arrived, "{name}");
        if let Some(next) = delivery.next_at {
            let pause = next.since(attempt.created_at);
            assert!((5 * MINUTE..=6 * MINUTE).contains(&pause), "{name}: {pause:?}");
        }
        // One that hangs is given up in time, but for what a busy machine needs on top.
        assert!(attempt.took < SHORT.whole + 2 * SECOND, "{name}: {:?}", attempt.took);
    }
    let (_, hung) = about(&app, "hangs");
    assert!(hung.took >= SHORT.whole, "{:?}", hung.took);
    assert_eq!(receiver.received().len(), OUTCOMES.len());
    assert_eq!(app.failed_jobs(), Vec::<String>::new());
}

/// [docs]
#[test]
fn an_attempt_takes_ten_seconds_at_most() {
    assert_eq!(Limits::default().whole, 10 * SECOND);
    assert!(Limits::default().connect < Limits::default().whole);
}

#[tokio::test]
async fn the_first_four_kilobytes_of_a_reply_are_kept() {
    let app = impatient().await;
    let bodies = |title: &str| match title {
        "huge@acme.test" => Reply::Full(200, "x: y", "0123456789".repeat(1 << 20)),
        "some@acme.test" => Reply::Full(500, "x: y", "Not today: \u{1F4A5}".to_owned()),
        _ => Reply::Drip,
    };
    let receiver = Receiver::start(move |request| bodies(&request.title())).await;
    app.listens(&receiver).await;
    for name in ["huge", "some", "drip"] {
        app.member(&format!("{name}@acme.test")).await;
    }
    app.deliver_first().await;
    let reply = |name: &str| about(&app, name).1.reply.unwrap();
    assert_eq!(reply("huge"), "0123456789".repeat(410).as_bytes()[..4096]);
    assert_eq!(reply("some"), "Not today: \u{1F4A5}".as_bytes());
    let dripped = reply("drip");
    assert!(!dripped.is_empty() && dripped.len() < 4096 && dripped.iter().all(|byte| *byte == b'.'), "{dripped:?}");
    let (delivery, attempt) = about(&app, "drip");
    assert_eq!((delivery.state, attempt.status), (State::Delivered, Some(200)));
    assert!(attempt.took < SHORT.whole + 2 * SECOND, "{:?}", attempt.took);
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let app = TestApp::start().await;
    let elsewhere = Receiver::happy().await;
    let to = elsewhere.url("/");
    let header: &'static str = Box::leak(format!("location: {to}").into_boxed_str());
    let receiver =
        Receiver::start(move |request| Reply::Full([301, 302, 303, 307, 308][request.nth - 1], header, String::new()))
            .await;
    app.listens(&receiver).await;
    app.member("kim@acme.test").await;
    app.deliver_first().await;
    for _ in 0..3 {
        app.come_to(app.next_attempt()).await;
    }
    let statuses: Vec<_> = app.attempts(&app.delivery().id).iter().map(|attempt| attempt.status).collect();
    assert_eq!(statuses, [301, 302, 303, 307].map(Some));
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn where_nobody_listens_the_log_says_so() {
    let app = TestApp::start().await;
    let gone = Receiver::happy().await.url("/");
    app.endpoint(&gone, &[]).await;
    app.member("kim@acme.test").await;
    app.deliver_first().await;
    let words = app.delivery().trouble.unwrap();
    assert!(words.starts_with("Could not connect: "), "{words}");
}

#[tokio::test]
async fn a_receiver_may_say_when_to_come_back() {
    let app = TestApp::start().await;
    let header = |title: &str| match title {
        "later@acme.test" => "retry-after: 7200",
        "date@acme.test" => "retry-after: Fri, 31 Dec 2077 23:59:59 GMT",
        "sooner@acme.test" => "retry-after: 10",
        _ => "retry-after: whenever you like",
    };
    let receiver = Receiver::start(move |request| Reply::Full(429, header(&request.title()), String::new())).await;
    app.listens(&receiver).await;
    for name in ["later", "date", "sooner", "nonsense"] {
        app.member(&format!("{name}@acme.test")).await;
    }
    app.deliver_first().await;
    let pause = |name: &str| {
        let (delivery, attempt) = about(&app, name);
        assert_eq!(attempt.status, Some(429));
        delivery.next_at.unwrap().since(attempt.created_at)
    };
    assert_eq!(pause("later"), 2 * HOUR);
    assert_eq!(pause("date"), DAY, "not in fifty years");
    for usual in ["sooner", "nonsense"] {
        assert!((5 * MINUTE..=6 * MINUTE).contains(&pause(usual)), "{usual}: {:?}", pause(usual));
    }
}

#[tokio::test]
async fn who_answers_410_is_switched_off_and_others_hear_of_it() {
    let app = TestApp::start().await;
    let gone = Receiver::start(|_| Reply::Status(410)).await;
    let (other, choosy) = (Receiver::happy().await, Receiver::happy().await);
    let off = app.listens(&gone).await.endpoint;
    app.listens(&other).await;
    app.endpoint(&choosy.url("/"), &[Kind::Created]).await;
    app.member("kim@acme.test").await;
    app.deliver_first().await;
    app.run_jobs().await;

    let disabled = app.endpoint_now(&off.id).disabled.unwrap();
    assert_eq!(disabled.1, Why::Gone);
    let told: Vec<_> = other.received().iter().map(Received::event).collect();
    assert_eq!(told, ["model.created", "endpoint.disabled"]);
    let notice = other.received()[1].json();
    assert_eq!((&notice["objectType"], &notice["object"]["_id"]), (&"endpoint".into(), &off.id.to_string().into()));
    assert_eq!(notice["object"]["url"], gone.url("/hooks"));
    assert_eq!(choosy.said().len(), 1, "who wants to hear of new models only");
    let mails = app.mails();
    assert_eq!(mails.iter().filter(|mail| mail.starts_with("ada@acme.test: ")).count(), 1, "{mails:?}");

    app.member("lee@acme.test").await;
    app.deliver_first().await;
    assert_eq!(gone.received().len(), 1, "nothing comes once it is off");
    assert_eq!(other.received().len(), 3);
    let log = app.log();
    let kept: Vec<_> = log.into_iter().filter(|one| one.endpoint == off.id).collect();
    assert_eq!(states(&kept), [State::Failed]);
}

#[tokio::test]
async fn a_whole_lane_full_of_410_switches_off_once() {
    let app = TestApp::start().await;
    let gone = Receiver::gated(|_| Reply::Status(410)).await;
    let other = Receiver::happy().await;
    let off = app.listens(&gone).await.endpoint;
    app.listens(&other).await;
    add_many(&app.db, &off, 12).await;
    gone.has(12).await;
    gone.open();
    app.run_jobs().await;
    let told: Vec<_> = other.received().iter().map(Received::event).collect();
    assert_eq!(told, ["endpoint.disabled"]);
    assert_eq!(app.mails().len(), 1, "{:?}", app.mails());
    assert_eq!(app.failed_jobs(), Vec::<String>::new());
    let log = app.log();
    let tried = log.iter().filter(|one| one.endpoint == off.id).map(|one| one.attempts).sum::<u32>();
    assert_eq!(tried, 12, "each attempt is in the log");
}

#[tokio::test]
async fn what_comes_back_late_from_an_endpoint_that_is_off_is_written_down_all_the_same() {
    let app = TestApp::start().await;
    let answers = AtomicUsize::new(0);
    let gated = Receiver::gated(move |_| Reply::Status([200, 500, 410][answers.fetch_add(1, Ordering::Relaxed)])).await;
    let off = app.listens(&gated).await.endpoint;
    add_many(&app.db, &off, 3).await;
    gated.has(3).await;
    let id = off.id.clone();
    app.with(move |tx, by| webhooks::switch_off(tx, by, &id)).await;
    assert_eq!(states(&app.log()), [State::Failed; 3]);
    gated.open();
    app.run_jobs().await;
    let log = app.log();
    let mut came: Vec<_> = log.iter().map(|one| (one.status.unwrap(), one.state, one.attempts)).collect();
    came.sort_by_key(|one| one.0);
    assert_eq!(came, [(200, State::Delivered, 1), (410, State::Failed, 1), (500, State::Failed, 1)]);
    assert_eq!(app.endpoint_now(&off.id).disabled.unwrap().1, Why::Lead);
    assert_eq!((app.mails(), app.failed_jobs()), (Vec::new(), Vec::new()));
}
