//! Looking after the queues.

use std::time::Duration;

use headroom::{
    db::Db,
    error::Error,
    ids::JobId,
    jobs::worker::Workers,
    queue::{self, Job, Load, Queue},
};

use super::kit::{Gate, a_mail, a_shoot, count, in_memory, push, push_at, push_with_key, row, soon, until};

const MINUTE: Duration = Duration::from_secs(60);

async fn parked_job(db: &Db) -> JobId {
    let gives_up =
        |job, _| async move { if job == Job::Housekeeping { Ok(()) } else { Err(queue::give_up("no such user")) } };
    let workers = Workers::start(db.clone(), gives_up).await.unwrap();
    let id = push_with_key(db, a_shoot(), "a key").await.unwrap();
    until(db, &id, |job| job.is("parked", 1)).await;
    workers.stop(Workers::GRACE).await;
    id
}

#[tokio::test]
async fn the_load_of_each_queue_is_told() {
    let db = in_memory();
    parked_job(&db).await;
    push_at(&db, a_mail(), db.clock().now() + 10 * MINUTE).await;
    push(&db, a_mail()).await;
    db.clock().advance(5 * MINUTE);

    let loads = db.read(queue::loads).unwrap();
    let [mail, _, shoots, _] = loads.as_slice() else { panic!("{loads:?}") };
    assert_eq!((mail.queue, mail.waiting, mail.running, mail.parked), (Queue::Mail, 2, 0, 0));
    assert!(mail.overdue.is_some_and(|overdue| (5 * MINUTE..6 * MINUTE).contains(&overdue)), "{mail:?}");
    assert_eq!(*shoots, Load { queue: Queue::Shoots, waiting: 0, running: 0, done: 0, parked: 1, overdue: None });
}

#[tokio::test]
async fn a_parked_job_is_shown_with_its_error_and_can_be_run_again() {
    let db = in_memory();
    let id = parked_job(&db).await;
    let parked = db.read(|view| queue::parked(view, 10)).unwrap();
    assert_eq!(parked.len(), 1);
    assert_eq!((&parked[0].id, parked[0].last_error.as_deref()), (&id, Some("no such user")));

    let gate = Gate::open();
    let _workers = gate.workers(&db).await;
    let again = id.clone();
    db.write(move |tx| queue::run_again(tx, &again)).await.unwrap();
    assert_eq!(gate.next().await.1.number, 1);
    until(&db, &id, |job| job.is("done", 1)).await;

    let again = id.clone();
    let refused = db.write(move |tx| queue::run_again(tx, &again)).await;
    assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
}

#[tokio::test]
async fn a_parked_job_whose_key_is_taken_stays_parked() {
    let db = in_memory();
    let id = parked_job(&db).await;
    push_with_key(&db, a_shoot(), "a key").await.unwrap();
    let again = id.clone();
    let refused = db.write(move |tx| queue::run_again(tx, &again)).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert!(row(&db, &id).is("parked", 1));
}

#[tokio::test]
async fn done_jobs_are_forgotten_in_small_batches_and_parked_ones_are_not() {
    let db = in_memory();
    parked_job(&db).await;
    let gate = Gate::open();
    let workers = gate.workers(&db).await;
    for _ in 0..5 {
        push(&db, a_mail()).await;
        gate.next().await;
    }
    workers.stop(Workers::GRACE).await;

    let forget = |before| soon(db.write(move |tx| queue::forget_finished(tx, before, 2)));
    let now = db.clock().now();
    assert_eq!(forget(now - 10 * MINUTE).await.unwrap(), 0);
    for forgotten in [2, 2, 1, 0] {
        assert_eq!(forget(now + MINUTE).await.unwrap(), forgotten);
    }
    assert_eq!(count(&db, "done"), 0);
    assert_eq!(db.read(|view| queue::parked(view, 10)).unwrap().len(), 1);
}
