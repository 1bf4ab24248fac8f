//! The end of a server.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use headroom::{jobs::worker::Workers, queue::Queue};

use super::kit::{Gate, LONG, a_mail, count, in_memory, push, row, until_some};

#[tokio::test]
async fn what_runs_is_finished_and_what_was_only_claimed_is_handed_back() {
    let db = in_memory();
    let policy = Queue::Mail.policy();
    assert!(policy.batch > policy.concurrency);
    let jobs = policy.batch + 10;
    for _ in 0..jobs {
        push(&db, a_mail()).await;
    }
    let gate = Gate::closed();
    let workers = gate.workers(&db).await;
    for _ in 0..policy.concurrency {
        gate.next().await;
    }
    assert_eq!(count(&db, "running") as usize, policy.batch);

    let stopped = tokio::spawn(workers.stop(LONG));
    tokio::task::yield_now().await;
    gate.let_pass(jobs);
    stopped.await.unwrap();
    assert_eq!(count(&db, "done") as usize, policy.concurrency);
    assert_eq!(count(&db, "waiting") as usize, jobs - policy.concurrency);
    let begun =
        db.read(|view| view.one("select max(attempts) from jobs where state = 'waiting'", [], |row| row.get(0)));
    assert_eq!(begun.ok(), Some(0));
}

#[tokio::test]
async fn what_does_not_finish_in_time_is_cut_off_and_handed_back_with_all_its_attempts() {
    struct Cut(Arc<AtomicBool>);
    impl Drop for Cut {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let db = in_memory();
    let gate = Gate::closed();
    let (inside, cut) = (gate.clone(), Arc::new(AtomicBool::new(false)));
    let inner = cut.clone();
    let handle = move |job, attempt| {
        let (gate, cut) = (inside.clone(), Cut(inner.clone()));
        async move {
            let _cut = cut;
            gate.pass(job, attempt).await
        }
    };
    let workers = Workers::start(db.clone(), handle).await.unwrap();
    let id = push(&db, a_mail()).await;
    gate.next().await;

    workers.stop(Duration::from_millis(20)).await;
    assert!(row(&db, &id).is("waiting", 0));
    until_some(|| cut.load(Ordering::SeqCst).then_some(())).await;

    let _next = gate.workers(&db).await;
    assert_eq!(gate.next().await.1.number, 1);
}

#[tokio::test]
async fn nothing_is_begun_after_the_stop() {
    let db = in_memory();
    let gate = Gate::open();
    gate.workers(&db).await.stop(Workers::GRACE).await;
    let id = push(&db, a_mail()).await;
    assert!(gate.nothing_more().await);
    assert!(row(&db, &id).is("waiting", 0));
}
