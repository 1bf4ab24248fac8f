//! Who holds a job, and who may end it.

use std::time::Duration;

use headroom::{clock::Clock, error::Error, jobs::worker::Workers, queue::Queue};

use super::kit::{Gate, a_mail, in_memory, on_file, push, push_at, row, until};

#[tokio::test]
async fn the_lease_of_a_long_job_is_renewed() {
    let db = in_memory();
    let gate = Gate::closed();
    let workers = gate.workers(&db).await;
    let id = push(&db, a_mail()).await;
    gate.next().await;

    for _ in 0..3 {
        db.clock().advance(Queue::Mail.policy().lease * 2);
        let now = db.clock().now();
        until(&db, &id, |job| job.lease_until.is_some_and(|lease| lease > now)).await;
    }
    gate.let_pass(1);
    until(&db, &id, |job| job.is("done", 1)).await;
    workers.stop(Workers::GRACE).await;
    assert!(gate.nothing_more().await);
}

#[tokio::test]
async fn a_lease_that_ran_out_is_taken_over_and_its_old_holder_can_not_end_the_job() {
    let directory = tempfile::tempdir().unwrap();
    let (clocks, gates) = ([Clock::system(), Clock::system()], [Gate::closed(), Gate::closed()]);
    let dbs = clocks.clone().map(|clock| on_file(&directory, clock));
    let first = gates[0].workers(&dbs[0]).await;
    let second = gates[1].workers(&dbs[1]).await;

    let id = push(&dbs[0], a_mail()).await;
    let (old, new) = tokio::select! {
        _ = gates[0].next() => (0, 1),
        _ = gates[1].next() => (1, 0),
    };
    // By the other's clock, and by nobody's fault, the lease is over.
    clocks[new].advance(Queue::Mail.policy().lease + Duration::from_secs(1));
    assert_eq!(gates[new].next().await.1.number, 2);

    let [old_workers, new_workers] = if old == 0 { [first, second] } else { [second, first] };
    gates[old].let_pass(1);
    old_workers.stop(Workers::GRACE).await;
    let job = row(&dbs[new], &id);
    assert!(job.is("running", 2), "the old run ended a job that is not its own any more: {job:?}");

    gates[new].let_pass(1);
    until(&dbs[new], &id, |job| job.is("done", 2)).await;
    new_workers.stop(Workers::GRACE).await;
}

#[tokio::test]
async fn the_error_of_an_old_holder_is_ignored_too() {
    let db = in_memory();
    let gate = Gate::closed();
    let (inside, fails) = (gate.clone(), || Err::<(), _>(Error::internal("too late")));
    let handle = move |job, attempt: headroom::queue::Attempt| {
        let gate = inside.clone();
        async move {
            let first = attempt.number == 1;
            gate.pass(job, attempt).await?;
            if first { fails() } else { Ok(()) }
        }
    };
    let workers = Workers::start(db.clone(), handle).await.unwrap();
    let id = push(&db, a_mail()).await;
    gate.next().await;
    // As if the lease had been lost, whyever.
    db.write(|tx| {
        tx.execute("update jobs set state = 'waiting', worker = null, lease_until = null where state = 'running'", [])?;
        tx.ring(headroom::db::Topic::Queue("mail"));
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(gate.next().await.1.number, 2);
    gate.let_pass(2);
    workers.stop(Workers::GRACE).await;
    let job = row(&db, &id);
    assert!(job.is("done", 2) && job.last_error.is_none(), "{job:?}");
}

#[tokio::test]
async fn a_server_takes_over_at_once_what_its_predecessor_was_running() {
    let directory = tempfile::tempdir().unwrap();
    let db = on_file(&directory, Clock::system());
    let gate = Gate::closed();
    let dead = gate.workers(&db).await;
    let id = push(&db, a_mail()).await;
    gate.next().await;
    drop(dead);
    assert!(row(&db, &id).is("running", 1), "nobody handed it back");

    let _workers = gate.workers(&db).await;
    assert_eq!(gate.next().await.1.number, 2);
}

#[tokio::test]
async fn a_claim_that_got_lost_inside_the_process_comes_back_when_its_lease_is_over() {
    let db = in_memory();
    let gate = Gate::closed();
    let _workers = gate.workers(&db).await;
    let held = push(&db, a_mail()).await;
    gate.next().await;
    // Claimed by the same workers, yet none of them knows of it.
    let lost = push_at(&db, a_mail(), db.clock().now() + Duration::from_secs(3600)).await;
    let (model, id) = (held.clone(), lost.clone());
    db.write(move |tx| {
        tx.execute(
            "update jobs
             set state = 'running', attempts = 1, (worker, lease_until, claimed_at) =
                 (select worker, lease_until, claimed_at from jobs where id = ?1)
             where id = ?2",
            [&model, &id],
        )
    })
    .await
    .unwrap();

    db.clock().advance(Queue::Mail.policy().lease * 2);
    let (_, attempt) = gate.next().await;
    assert_eq!((attempt.job, attempt.number), (lost, 2));
    assert!(row(&db, &held).is("running", 1));
}
