//! From a push to the run.

use std::time::Duration;

use headroom::{
    clock::Clock,
    error::Error,
    ids::{InviteId, MagicLinkId},
    jobs::worker::Workers,
    queue::{self, Job, Queue},
};

use super::kit::{
    Gate, a_mail, a_shoot, count, in_memory, on_file, push, push_at, push_with_key, soon, until, until_some,
};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_job_exists_if_and_only_if_its_cause_does() {
    let db = in_memory();
    let gate = Gate::open();
    let workers = gate.workers(&db).await;

    let refused = db
        .write(|tx| {
            queue::push(tx, a_mail())?;
            Err::<(), _>(Error::invalid(headroom::i18n::Message::plain("changed my mind")))
        })
        .await;
    assert!(refused.is_err());
    let kept = a_mail();
    push(&db, kept.clone()).await;

    assert_eq!(gate.next().await.0, kept);
    workers.stop(Workers::GRACE).await;
    assert!(gate.nothing_more().await);
    assert_eq!((count(&db, "done"), count(&db, "waiting")), (1, 0));
}

#[tokio::test]
async fn a_delayed_job_runs_when_its_moment_comes() {
    let db = in_memory();
    let gate = Gate::open();
    let _workers = gate.workers(&db).await;

    let tomorrow = push_at(&db, a_mail(), db.clock().now() + 24 * HOUR).await;
    let today = push(&db, a_mail()).await;
    assert_eq!(gate.next().await.1.job, today);
    assert!(gate.nothing_more().await);

    db.clock().advance(25 * HOUR);
    assert_eq!(gate.next().await.1.job, tomorrow);
}

#[tokio::test]
async fn a_job_pushed_before_the_one_awaited_is_not_overslept() {
    let db = in_memory();
    let gate = Gate::open();
    let _workers = gate.workers(&db).await;

    let now = db.clock().now();
    push_at(&db, a_mail(), now + 3 * HOUR).await;
    let sooner = push_at(&db, a_mail(), now + HOUR).await;

    db.clock().advance(2 * HOUR);
    assert_eq!(gate.next().await.1.job, sooner);
    assert!(gate.nothing_more().await);
}

#[tokio::test]
async fn a_key_is_good_for_one_job_until_that_is_done() {
    let db = in_memory();
    let gate = Gate::closed();
    let _workers = gate.workers(&db).await;

    let first = push_with_key(&db, a_shoot(), "a key").await.unwrap();
    assert_eq!(push_with_key(&db, a_shoot(), "a key").await, None);
    assert!(push_with_key(&db, a_shoot(), "another key").await.is_some());
    gate.next().await;
    gate.next().await;
    assert_eq!(push_with_key(&db, a_shoot(), "a key").await, None, "while it runs");
    gate.let_pass(2);
    until(&db, &first, |job| job.is("done", 1)).await;
    assert!(push_with_key(&db, a_shoot(), "a key").await.is_some());
}

#[tokio::test]
async fn a_sign_in_link_overtakes_a_pile_of_invites() {
    let db = in_memory();
    db.write(|tx| (0..100).try_for_each(|_| queue::push(tx, Job::InviteMail(InviteId::new())).map(drop)))
        .await
        .unwrap();
    push(&db, Job::AccessMail(MagicLinkId::new())).await;

    let gate = Gate::open();
    let _workers = gate.workers(&db).await;
    let (first, _) = gate.next().await;
    assert!(matches!(first, Job::AccessMail(_)), "{first:?}");
}

#[tokio::test]
async fn an_idle_queue_is_not_polled() {
    let db = in_memory();
    let gate = Gate::open();
    let workers = gate.workers(&db).await;
    push_at(&db, a_mail(), db.clock().now() + HOUR).await;
    // It looks once at its start and at most once for the push; then it knows when the next one is due.
    until_some(|| (workers.claims(Queue::Mail) > 0).then_some(())).await;
    soon(db.write(|_| Ok(()))).await.unwrap();

    for _ in 0..500 {
        push(&db, a_shoot()).await;
        gate.next().await;
    }
    assert!(workers.claims(Queue::Mail) <= 2, "looked {} times", workers.claims(Queue::Mail));
    assert!(workers.claims(Queue::Shoots) <= 1 + 500 * 2, "looked {} times", workers.claims(Queue::Shoots));
}

#[tokio::test(start_paused = true)]
async fn an_idle_queue_is_not_polled_for_a_day() {
    let db = in_memory();
    let gate = Gate::open();
    let workers = gate.workers(&db).await;
    until_some(|| (workers.claims(Queue::Mail) > 0).then_some(())).await;

    // A day of the runtime's time, in which every timer fires that anybody has set.
    tokio::time::sleep(24 * HOUR).await;
    assert_eq!(workers.claims(Queue::Mail), 1);
}

#[tokio::test]
async fn every_hour_has_one_housekeeping_whoever_schedules_it() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::system();
    let (db, other) = (on_file(&directory, clock.clone()), on_file(&directory, clock.clone()));
    let (ran, mut runs) = tokio::sync::mpsc::unbounded_channel();
    let handle = move |job, _| {
        let ran = ran.clone();
        async move {
            ran.send(job).unwrap();
            Ok(())
        }
    };
    let slots = |state: &'static str| {
        let sql = "select count(*) from jobs where unique_key like 'housekeeping@%' and state = ?1";
        db.read(|view| view.one(sql, [state], |row| row.get::<_, u32>(0))).unwrap()
    };

    let workers = Workers::start(db.clone(), handle.clone()).await.unwrap();
    let others = Workers::start(other, handle).await.unwrap();
    for hour in 1..=3 {
        until_some(|| (slots("waiting") == 1).then_some(())).await;
        clock.advance(HOUR);
        assert_eq!(soon(runs.recv()).await, Some(Job::Housekeeping));
        until_some(|| (slots("done") == hour).then_some(())).await;
    }
    workers.stop(Workers::GRACE).await;
    others.stop(Workers::GRACE).await;
    assert!(runs.try_recv().is_err());
}

#[test]
fn it_runs_on_the_runtime_of_the_web_server() {
    actix_web::rt::System::new().block_on(async {
        let db = in_memory();
        let gate = Gate::open();
        let workers = gate.workers(&db).await;
        let id = push(&db, a_mail()).await;
        assert_eq!(gate.next().await.1.job, id);
        workers.stop(Workers::GRACE).await;
        assert_eq!(count(&db, "done"), 1);
    });
}
