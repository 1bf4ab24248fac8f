//! Processes that are killed, and processes beside each other. The worker process is this test binary again, running only
//! `worker_process`; it and the test talk through its output.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, channel},
    },
    time::{Duration, Instant},
};

use headroom::{
    clock::Clock,
    db::{Db, Place},
    error::Result,
    ids::JobId,
    jobs::worker::Workers,
    queue::{self, Attempt, Job, Queue},
};

use super::kit::{Gate, LONG, a_mail, a_shoot, on_file, push, row, until_some};

const FILE: &str = "HEADROOM_TEST_FILE";
const ROLE: &str = "HEADROOM_TEST_ROLE";
const AHEAD: &str = "HEADROOM_TEST_SECONDS_AHEAD";

/// Where a worker process stops to be killed. The number is how many jobs it does before.
const ROLES: [(&str, Halt, usize); 5] = [
    ("work", Halt::Never, 0),
    ("halt in the middle", Halt::InTheMiddle, 40),
    ("halt at once", Halt::InTheMiddle, 0),
    ("halt after the effect", Halt::AfterTheEffect, 30),
    ("halt while stopping", Halt::WhileStopping, 20),
];

#[derive(Clone, Copy, PartialEq)]
enum Halt {
    Never,
    InTheMiddle,
    AfterTheEffect,
    WhileStopping,
}

/// A worker process and the lines it says.
struct Worker {
    process: Child,
    lines: Receiver<String>,
}

impl Worker {
    fn start(file: &Path, role: &str, seconds_ahead: u64) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "queue::crash::worker_process", "--nocapture"])
            .env(FILE, file)
            .env(ROLE, role)
            .env(AHEAD, seconds_ahead.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (said, lines) = channel();
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| said.send(line)));
        Self { process, lines }
    }

    /// Waits for a line that begins so.
    fn says(&self, beginning: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(LONG).expect("the worker process says nothing more");
            if line.starts_with(beginning) {
                return line;
            }
        }
    }
}

impl Drop for Worker {
    /// With SIGKILL: nothing in the process gets a last word.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{line}").unwrap();
    out.flush().unwrap();
}

#[test]
#[ignore = "not a test: the worker process of the others"]
fn worker_process() {
    let (Ok(file), Ok(role)) = (std::env::var(FILE), std::env::var(ROLE)) else { return };
    let clock = Clock::system();
    clock.advance(Duration::from_secs(std::env::var(AHEAD).unwrap().parse().unwrap()));
    let db = Db::open(&Place::File(file.into()), clock).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        if role == "push" {
            push(&db, a_mail()).await;
            return;
        }
        let (_, halt, after) = *ROLES.iter().find(|(name, ..)| *name == role).unwrap();
        let (worker, stop) = (db.clone(), Arc::new(tokio::sync::Notify::new()));
        let (stopping, begun) = (stop.clone(), Arc::new(AtomicUsize::new(0)));
        let handle =
            move |job, attempt| work(worker.clone(), job, attempt, halt, after, begun.clone(), stopping.clone());
        let workers = Workers::start(db, handle).await.unwrap();
        stop.notified().await;
        say("stopping");
        workers.stop(LONG).await;
    });
}

/// Leaves a mark for each job, and says what it is doing.
async fn work(
    db: Db,
    job: Job,
    attempt: Attempt,
    halt: Halt,
    after: usize,
    begun: Arc<AtomicUsize>,
    stop: Arc<tokio::sync::Notify>,
) -> Result<()> {
    if job == Job::Housekeeping {
        return Ok(());
    }
    let halts = begun.fetch_add(1, Ordering::SeqCst) >= after;
    say(&format!("begun {} {}", attempt.job, attempt.number));
    if halts && halt == Halt::WhileStopping {
        stop.notify_one();
    }
    if halts && matches!(halt, Halt::InTheMiddle | Halt::WhileStopping) {
        say("halted");
        std::future::pending::<()>().await;
    }
    db.write(move |tx| tx.execute("insert into marks (job) values (?1)", [&attempt.job])).await?;
    if halts && halt == Halt::AfterTheEffect {
        say("halted");
        std::future::pending::<()>().await;
    }
    Ok(())
}

fn database(directory: &tempfile::TempDir) -> Db {
    let db = on_file(directory, Clock::system());
    db.write_and_wait(|tx| tx.execute("create table marks (job text not null) strict", [])).unwrap();
    db
}

fn push_now(db: &Db, job: Job) -> JobId {
    db.write_and_wait(|tx| queue::push(tx, job)).unwrap()
}

fn wait_until(arrived: impl Fn() -> bool) {
    let began = Instant::now();
    while !arrived() {
        assert!(began.elapsed() < LONG, "it never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_killed_servers_job_runs_again_within_seconds_and_the_attempt_is_counted() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("headroom.db");
    let db = database(&directory);
    let id = push_now(&db, a_mail());

    let first = Worker::start(&file, "halt at once", 0);
    assert_eq!(first.says("begun"), format!("begun {id} 1"));
    drop(first);
    assert!(row(&db, &id).is("running", 1));

    let restarted = Instant::now();
    let second = Worker::start(&file, "work", 0);
    assert_eq!(second.says("begun"), format!("begun {id} 2"));
    assert!(restarted.elapsed() < Duration::from_secs(10), "{:?}", restarted.elapsed());
    wait_until(|| row(&db, &id).is("done", 2));
}

#[test]
fn a_job_that_takes_the_process_down_each_time_is_parked_in_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("headroom.db");
    let db = database(&directory);
    let poison = push_now(&db, a_shoot());
    let attempts = Queue::Shoots.policy().attempts;
    for attempt in 1..=attempts {
        // Each time a little later, because orphans come back spread over some seconds.
        let worker = Worker::start(&file, "halt at once", u64::from(attempt) * 10);
        assert_eq!(worker.says("begun"), format!("begun {poison} {attempt}"));
    }
    let next = push_now(&db, a_shoot());
    let worker = Worker::start(&file, "work", 100);
    assert_eq!(worker.says("begun"), format!("begun {next} 1"));
    let parked = row(&db, &poison);
    assert!(parked.is("parked", attempts), "{parked:?}");
    assert_eq!(parked.last_error.as_deref(), Some("The server ended while it ran."));
}

#[test]
fn two_hundred_jobs_survive_being_killed_at_every_stage() {
    const JOBS: u32 = 200;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("headroom.db");
    let db = database(&directory);
    db.write_and_wait(|tx| (0..JOBS).try_for_each(|_| queue::push(tx, a_mail()).map(drop))).unwrap();

    for (role, halt, _) in ROLES.into_iter().filter(|(_, halt, _)| *halt != Halt::Never) {
        let worker = Worker::start(&file, role, 0);
        worker.says(if halt == Halt::WhileStopping { "stopping" } else { "halted" });
    }
    let _last = Worker::start(&file, "work", 0);
    let number = |sql: &str| db.read(|view| view.one(sql, [], |row| row.get::<_, u32>(0))).unwrap();
    wait_until(|| number("select count(*) from jobs where queue = 'mail' and state = 'done'") == JOBS);
    assert_eq!(number("select count(distinct job) from marks"), JOBS, "a job was lost");
    // What was between its effect and its end when the process was killed ran twice; everything else once.
    let twice = number("select count(*) from marks") - JOBS;
    assert!(twice as usize <= Queue::Mail.policy().concurrency * (ROLES.len() - 1), "{twice} ran twice");
}

#[tokio::test]
async fn a_push_by_another_process_is_noticed_and_its_process_takes_nobodys_jobs() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("headroom.db");
    let db = on_file(&directory, Clock::system());
    let gate = Gate::closed();
    let _workers = gate.workers(&db).await;
    let mine = push(&db, a_mail()).await;
    gate.next().await;

    let pushed = Instant::now();
    let _command = Worker::start(&file, "push", 0);
    let (_, attempt) = gate.next().await;
    assert_ne!(attempt.job, mine);
    assert!(pushed.elapsed() < Duration::from_secs(10), "{:?}", pushed.elapsed());
    assert!(row(&db, &mine).is("running", 1));
    gate.let_pass(2);
    until_some(|| row(&db, &attempt.job).is("done", 1).then_some(())).await;
}
