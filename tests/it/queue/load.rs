//! Many jobs.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use headroom::{
    jobs::worker::Workers,
    queue::{self, Attempt, Job},
};

use super::kit::{a_mail, count, in_memory, until_some};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_due_jobs_at_boot_run_once_each() {
    const JOBS: u32 = 10_000;
    let db = in_memory();
    db.write(|tx| (0..JOBS).try_for_each(|_| queue::push(tx, a_mail()).map(drop))).await.unwrap();

    let runs: Arc<Mutex<HashMap<_, u32>>> = Arc::default();
    let counted = runs.clone();
    let handle = move |job, attempt: Attempt| {
        if job != Job::Housekeeping {
            *counted.lock().unwrap().entry(attempt.job).or_default() += 1;
        }
        async { Ok(()) }
    };
    let workers = Workers::start(db.clone(), handle).await.unwrap();
    until_some(|| (count(&db, "done") == JOBS).then_some(())).await;
    workers.stop(Workers::GRACE).await;

    let runs = runs.lock().unwrap();
    assert_eq!(runs.len(), JOBS as usize);
    assert!(runs.values().all(|runs| *runs == 1));
}
