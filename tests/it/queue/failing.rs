//! What happens to jobs that don't work out.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use headroom::{
    clock::Clock,
    db::Db,
    error::{Error, Result},
    ids::JobId,
    jobs::worker::Workers,
    queue::{self, Job, Next, Queue},
};

use super::kit::{Gate, Row, a_mail, a_shoot, in_memory, on_file, push, push_at, row, until, until_some};

/// Workers that do the same for every job, except for the hourly one, which may come at any time.
async fn workers(db: &Db, end: impl Fn() -> Result<Next> + Clone + Send + Sync + 'static) -> Workers {
    let handle = move |job, _| {
        let end = end.clone();
        async move { if job == Job::Housekeeping { Ok(Next::Done) } else { end() } }
    };
    Workers::start(db.clone(), handle).await.unwrap()
}

async fn run_again_at_its_time(db: &Db, waiting: &Row) {
    db.clock().advance(waiting.run_at.since(db.clock().now()));
}

#[tokio::test]
async fn a_failing_job_is_tried_again_at_growing_pauses_and_then_parked() {
    let db = in_memory();
    let _workers = workers(&db, || Err(Error::internal("no route to host"))).await;
    let policy = Queue::Shoots.policy();

    let before = db.clock().now();
    let id = push(&db, a_shoot()).await;
    let mut earliest = before;
    for attempt in 1..policy.attempts {
        let failed = until(&db, &id, |job| job.is("waiting", attempt)).await;
        let latest = db.clock().now();
        let pause = policy.pause(attempt);
        assert!(failed.run_at >= earliest + pause, "attempt {attempt}: {failed:?}");
        assert!(failed.run_at <= latest + pause + pause / 4, "attempt {attempt}: {failed:?}");
        earliest = failed.run_at;
        run_again_at_its_time(&db, &failed).await;
    }
    let parked = until(&db, &id, |job| job.is("parked", policy.attempts)).await;
    assert_eq!(parked.last_error.as_deref(), Some("no route to host"));
}

#[tokio::test]
async fn a_poison_job_keeps_nobody_waiting() {
    let db = in_memory();
    let poison = a_mail();
    let bad = poison.clone();
    let handle = move |job, _| {
        let fails = job == bad;
        async move { if fails { Err(Error::internal("poison")) } else { Ok(()) } }
    };
    let bad = push(&db, poison).await;
    let good: Vec<JobId> = futures::future::join_all((0..50).map(|_| push(&db, a_mail()))).await;
    let _workers = Workers::start(db.clone(), handle).await.unwrap();
    for id in &good {
        until(&db, id, |job| job.is("done", 1)).await;
    }
    until(&db, &bad, |job| job.is("waiting", 1)).await;
}

#[tokio::test]
async fn who_gives_up_is_parked_at_once() {
    let db = in_memory();
    let _workers = workers(&db, || Err(queue::give_up("550 no such user"))).await;
    let id = push(&db, a_mail()).await;
    let parked = until(&db, &id, |job| job.is("parked", 1)).await;
    assert_eq!(parked.last_error.as_deref(), Some("550 no such user"));
}

#[tokio::test]
async fn who_is_told_when_to_come_back_comes_back_then() {
    let wait = Duration::from_secs(1234);
    let too_many: fn() -> Error = || Error::TooMany { retry_after: Duration::from_secs(1234) };
    let retry_after: fn() -> Error = || queue::retry_after("451 later", Duration::from_secs(1234));
    for error in [too_many, retry_after] {
        let db = in_memory();
        let _workers = workers(&db, move || Err(error())).await;
        let before = db.clock().now();
        let id = push(&db, a_mail()).await;
        let failed = until(&db, &id, |job| job.is("waiting", 1)).await;
        assert!((before + wait..=db.clock().now() + wait).contains(&failed.run_at), "{failed:?}");
    }
}

#[tokio::test]
async fn a_panic_is_an_error_like_any_other() {
    let db = in_memory();
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    let _workers = workers(&db, move || match counted.fetch_add(1, Ordering::SeqCst) {
        0 => panic!("out of range"),
        _ => Ok(Next::Done),
    })
    .await;
    let id = push(&db, a_mail()).await;
    let failed = until(&db, &id, |job| job.is("waiting", 1)).await;
    assert_eq!(failed.last_error.as_deref(), Some("panicked: out of range"));
    run_again_at_its_time(&db, &failed).await;
    until(&db, &id, |job| job.is("done", 2)).await;
}

/// The runtime's time stands still and jumps to the next timer whenever everybody waits.
#[tokio::test(start_paused = true)]
async fn a_job_that_hangs_is_given_up_and_tried_again() {
    let db = in_memory();
    let handle = |_, attempt: queue::Attempt| async move {
        match attempt.number {
            1 => std::future::pending().await,
            _ => Ok(()),
        }
    };
    let _workers = Workers::start(db.clone(), handle).await.unwrap();
    let id = push(&db, a_mail()).await;
    let failed = until(&db, &id, |job| job.is("waiting", 1)).await;
    assert_eq!(failed.last_error.as_deref(), Some("took longer than it may"));
    run_again_at_its_time(&db, &failed).await;
    until(&db, &id, |job| job.is("done", 2)).await;
}

#[tokio::test]
async fn who_goes_on_later_has_not_failed() {
    let db = in_memory();
    let rounds = Queue::Shoots.policy().attempts * 3;
    let (clock, runs) = (db.clock().clone(), Arc::new(AtomicU32::new(0)));
    let counted = runs.clone();
    let _workers = workers(&db, move || match counted.fetch_add(1, Ordering::SeqCst) + 1 {
        run if run <= rounds => Ok(Next::Again(clock.now() + Duration::from_secs(60))),
        _ => Ok(Next::Done),
    })
    .await;
    let id = push(&db, a_shoot()).await;
    for round in 1..=rounds {
        let waiting = until(&db, &id, |job| job.is("waiting", 0) && runs.load(Ordering::SeqCst) == round).await;
        assert_eq!(waiting.last_error, None);
        run_again_at_its_time(&db, &waiting).await;
    }
    until(&db, &id, |job| job.is("done", 1)).await;
}

#[tokio::test]
async fn who_ends_in_vain_is_done_and_says_why() {
    let db = in_memory();
    let _workers = workers(&db, || Ok(Next::InVain("no graphics card".repeat(200)))).await;
    let id = push(&db, a_shoot()).await;
    let done = until(&db, &id, |job| job.is("done", 1)).await;
    let why = done.last_error.unwrap();
    assert!(why.starts_with("no graphics card") && why.len() == 2000, "{why}");
}

#[tokio::test]
async fn who_is_done_in_the_end_keeps_no_error() {
    let db = in_memory();
    let runs = Arc::new(AtomicU32::new(0));
    let _workers = workers(&db, move || match runs.fetch_add(1, Ordering::SeqCst) {
        0 => Err(Error::internal("no route to host")),
        _ => Ok(Next::Done),
    })
    .await;
    let id = push(&db, a_shoot()).await;
    let failed = until(&db, &id, |job| job.is("waiting", 1)).await;
    assert_eq!(failed.last_error.as_deref(), Some("no route to host"));
    run_again_at_its_time(&db, &failed).await;
    assert_eq!(until(&db, &id, |job| job.is("done", 2)).await.last_error, None);
}

#[tokio::test]
async fn a_job_from_another_version_is_parked_and_the_next_one_runs() {
    let db = in_memory();
    let _workers = workers(&db, || Ok(Next::Done)).await;
    let unreadable = db
        .write(|tx| {
            let id = queue::push(tx, a_mail())?;
            tx.execute("update jobs set payload = '{\"job\":\"carrier_pigeon\"}' where id = ?1", [&id])?;
            Ok(id)
        })
        .await
        .unwrap();
    let parked = until(&db, &unreadable, |job| job.is("parked", 1)).await;
    assert!(parked.last_error.unwrap().contains("carrier_pigeon"));
    let next = push(&db, a_mail()).await;
    until(&db, &next, |job| job.is("done", 1)).await;
}

#[tokio::test]
async fn a_database_that_refuses_for_a_while_ends_no_worker_and_loses_no_end() {
    let directory = tempfile::tempdir().unwrap();
    let db = on_file(&directory, Clock::system());
    let gate = Gate::closed();
    let workers = gate.workers(&db).await;
    let running = push(&db, a_mail()).await;
    gate.next().await;
    let hour = Duration::from_secs(3600);
    let later = push_at(&db, a_mail(), db.clock().now() + hour).await;

    let blocker = rusqlite::Connection::open(directory.path().join("headroom.db")).unwrap();
    blocker.execute_batch("begin immediate").unwrap();
    let looks = workers.claims(Queue::Mail);
    gate.let_pass(2);
    db.clock().advance(hour);
    // It only looks again when it was refused; so was the end of the first job, which was ready before.
    until_some(|| (workers.claims(Queue::Mail) >= looks + 2).then_some(())).await;
    assert_eq!(row(&db, &running).state, "running");
    blocker.execute_batch("rollback").unwrap();

    until(&db, &running, |job| job.is("done", 1)).await;
    until(&db, &later, |job| job.is("done", 1)).await;
}

#[tokio::test]
async fn a_worker_that_is_given_nonsense_as_a_time_goes_on() {
    let db = in_memory();
    let _workers = workers(&db, || Err(queue::retry_after("never", Duration::MAX))).await;
    let id = push(&db, a_shoot()).await;
    until(&db, &id, |job| job.is("waiting", 1)).await;
    let next = push(&db, a_mail()).await;
    until(&db, &next, |job| job.is("waiting", 1)).await;
}
