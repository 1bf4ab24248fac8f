//! How fast the queue is, beside what its database can do on this machine: `cargo bench --bench queue`.
#![expect(clippy::unwrap_used, reason = "a measurement that can't go on says so by panicking")]

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use headroom::{
    clock::Clock,
    db::{Db, Place},
    ids::ShootId,
    jobs::worker::Workers,
    queue::{self, Job},
};
use tokio::sync::{Notify, mpsc};

const JOBS: usize = 50_000;
const PRODUCERS: usize = 32;
const LATENCIES: usize = 500;

#[tokio::main(worker_threads = 2)]
async fn main() {
    let bare = bare_writes().await;
    let backlog = backlog().await;
    let stream = stream().await;
    let mut latencies = latencies().await;
    latencies.sort();
    let percentile = |percent: usize| latencies[latencies.len() * percent / 100];
    let mut out = std::io::stdout().lock();
    writeln!(out, "bare inserts, one a transaction, {PRODUCERS} producers: {bare:.0}/s").unwrap();
    writeln!(out, "a backlog of {JOBS} jobs, run and acknowledged:     {backlog:.0}/s, {:.2} of bare", backlog / bare)
        .unwrap();
    writeln!(
        out,
        "pushed by {PRODUCERS} producers, run, acknowledged:      {stream:.0}/s, {:.2} of bare",
        stream / bare
    )
    .unwrap();
    writeln!(out, "push to start, idle: p50 {:?}, p99 {:?}", percentile(50), percentile(99)).unwrap();
}

fn a_job() -> Job {
    Job::SubmittedMail(ShootId::new())
}

fn database() -> (tempfile::TempDir, Db) {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(&Place::File(directory.path().join("headroom.db")), Clock::system()).unwrap();
    (directory, db)
}

/// Workers that do nothing `jobs` times, and what tells that they have.
async fn idle_hands(db: &Db, jobs: usize) -> (Workers, Arc<Notify>) {
    let (finished, left) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(jobs)));
    let told = finished.clone();
    let handle = move |_, _| {
        if left.fetch_sub(1, Ordering::Relaxed) == 1 {
            told.notify_one();
        }
        async { Ok(()) }
    };
    (Workers::start(db.clone(), handle).await.unwrap(), finished)
}

fn per_second(began: Instant) -> f64 {
    JOBS as f64 / began.elapsed().as_secs_f64()
}

async fn produce(db: &Db, write: impl Fn(&headroom::db::Tx) -> headroom::error::Result<()> + Copy + Send + 'static) {
    let producers = (0..PRODUCERS).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            for _ in 0..JOBS / PRODUCERS {
                // A full channel is the writer's way to say: later.
                while db.write(write).await.is_err() {
                    tokio::task::yield_now().await;
                }
            }
        })
    });
    futures::future::join_all(producers).await;
}

async fn bare_writes() -> f64 {
    let (_directory, db) = database();
    db.write(|tx| tx.execute("create table bare (id integer primary key, word text) strict", [])).await.unwrap();
    let began = Instant::now();
    produce(&db, |tx| tx.execute("insert into bare (word) values ('word')", []).map(drop)).await;
    per_second(began)
}

async fn backlog() -> f64 {
    let (_directory, db) = database();
    db.write(|tx| (0..JOBS).try_for_each(|_| queue::push(tx, a_job()).map(drop))).await.unwrap();
    let began = Instant::now();
    let (workers, finished) = idle_hands(&db, JOBS).await;
    finished.notified().await;
    workers.stop(Workers::GRACE).await;
    per_second(began)
}

async fn stream() -> f64 {
    let (_directory, db) = database();
    let (workers, finished) = idle_hands(&db, JOBS / PRODUCERS * PRODUCERS).await;
    let began = Instant::now();
    produce(&db, |tx| queue::push(tx, a_job()).map(drop)).await;
    finished.notified().await;
    workers.stop(Workers::GRACE).await;
    per_second(began)
}

async fn latencies() -> Vec<Duration> {
    let (_directory, db) = database();
    let (started, mut starts) = mpsc::unbounded_channel();
    let handle = move |_, _| {
        started.send(Instant::now()).unwrap();
        async { Ok(()) }
    };
    let workers = Workers::start(db.clone(), handle).await.unwrap();
    let mut latencies = Vec::new();
    for _ in 0..LATENCIES {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let pushed = Instant::now();
        db.write(|tx| queue::push(tx, a_job())).await.unwrap();
        latencies.push(starts.recv().await.unwrap() - pushed);
    }
    workers.stop(Workers::GRACE).await;
    latencies
}
