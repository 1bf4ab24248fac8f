//! How many shoots a minute there are with the server's own studio, with one worker and with two, all on this machine, and what a
//! shoot costs the server that others make it for.
//!
//! `cargo bench --bench scaling -- --shoots 12 --photos 6`. The workers share this machine's processors, so two of them are a gain only
//! where there are processors left; what a machine of its own would add is what one worker does here.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program that measures and prints"
)]

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

mod waiting;

use waiting::{Size, seed};

const HEADROOM: &str = env!("CARGO_BIN_EXE_headroom");
const TOKEN: &str = "a-token-that-nobody-else-has-0123456789";
/// How often it is looked whether all headshots are there.
const LOOK: Duration = Duration::from_millis(100);
/// Nobody waits for longer than this for one shoot.
const PATIENCE: Duration = Duration::from_secs(300);

/// A process that ends with this.
struct Process(Child);

impl Process {
    /// One that has said its line, and that line.
    fn start(command: &mut Command) -> (Self, serde_json::Value) {
        let mut process = command.env("HEADROOM_LOG", "error").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        (Self(process), serde_json::from_str(&line).expect("a line of JSON"))
    }

    /// Seconds of the processors it took so far, its children aside. Of Linux's clock ticks there are a hundred a second.
    fn took(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn headroom() -> Command {
    let mut command = Command::new(HEADROOM);
    command.env_clear().env("HEADROOM_WORKER_TOKEN", TOKEN).env("HEADROOM_RATE_LIMIT", "0");
    command
}

/// Has the shoots made by the server (`here`) and so many workers, and prints what it took.
async fn measure(what: &str, size: Size, here: usize, workers: usize) {
    let data = tempfile::tempdir().unwrap();
    seed(data.path(), size).await;
    let (server, said) = Process::start(
        headroom()
            .env("HEADROOM_STUDIO_SHOOTS", here.to_string())
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(data.path()),
    );
    let (begun, before) = (Instant::now(), server.took());
    let url = said["url"].as_str().unwrap();
    let workers: Vec<Process> = (0..workers)
        .map(|nth| {
            let name = format!("worker-{nth}");
            let mut worker = headroom();
            worker.current_dir(data.path()).args([
                "worker",
                "--json",
                "--at-once",
                "1",
                "--name",
                &name,
                "--server",
                url,
            ]);
            Process::start(&mut worker).0
        })
        .collect();
    let file = data.path().join("headroom.db");
    let rows = rusqlite::Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let count = |sql| rows.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap();
    while (count("select count(*) from shoots where state = 'ready'") as usize) < size.shoots {
        assert_eq!(count("select count(*) from shoots where state = 'failed'"), 0, "a shoot failed");
        assert!(begun.elapsed() < PATIENCE * u32::try_from(size.shoots).unwrap(), "it takes too long");
        std::thread::sleep(LOOK);
    }
    let (took, cost) = (begun.elapsed().as_secs_f64(), server.took() - before);
    let shoots = size.shoots as f64;
    let brought = workers.iter().fold(0.0, |sum, worker| sum + worker.took());
    let cutouts = f64::from(count("select count(*) from cutouts")) / shoots;
    println!(
        "{what:<36} {:>7.2} shoots/min   CPU a shoot: server {:>5.2} s, workers beside their studios {:>5.2} s   {cutouts:.1} cut-outs",
        shoots * 60.0 / took,
        cost / shoots,
        brought / shoots
    );
}

fn main() {
    let given: Vec<String> = std::env::args().collect();
    let number = |name: &str, usual: usize| {
        let at = given.iter().position(|word| word == name);
        at.map_or(usual, |at| given.get(at + 1).and_then(|value| value.parse().ok()).expect("a number"))
    };
    let size = Size { shoots: number("--shoots", 12), photos: number("--photos", 6) };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{cores} processors; {} shoots of {} photos each, 12 headshots\n", size.shoots, size.photos);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        measure("the server's own studio, 1 at once", size, 1, 0).await;
        measure("1 worker", size, 0, 1).await;
        measure("2 workers", size, 0, 2).await;
        measure("own studio and 1 worker", size, 1, 1).await;
    });
}
