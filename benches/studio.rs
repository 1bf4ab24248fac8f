//! What making headshots costs, and what it costs everyone else, in one run beside what is aimed at.
//!
//! `cargo bench --bench studio`, or with pictures beside it `cargo bench --workspace --no-fail-fast --bench studio --bench photos`. Times are
//! of this machine; the aims are for two cores that have nothing else to do. Ends with 1 if one was missed.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a program that measures and prints")]

use std::{
    collections::HashMap,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, ExitCode, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use headroom::{
    config::{Config, Sources},
    images,
    priority::{self, Metronome},
    studio::{Behind, Drawn, Look, Scenery, Workshop},
};
use headroom_studio::{Photo, Studio, Thresholds};
use image::{ImageFormat, imageops::FilterType};

mod waiting;

use waiting::{Size, seed};

const HEADROOM: &str = env!("CARGO_BIN_EXE_headroom");
/// Times each thing is done; the median counts.
const TIMES: usize = 5;
/// A calm load, well below what the server can do.
const CLIENTS: usize = 4;
const PAUSE: Duration = Duration::from_millis(10);
const LOADED: Duration = Duration::from_secs(10);
/// No shoot waits longer than this for a server that has just started.
const PATIENCE: Duration = Duration::from_secs(60);
/// Times it is measured without and with shoots, in turns: what else the machine does comes and goes.
const TURNS: usize = 5;

/// A portrait of twelve megapixels.
fn photo() -> Bytes {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pictures/astronaut.jpg");
    let small = image::load_from_memory(&fs::read(file).unwrap()).unwrap();
    let mut large = Vec::new();
    let picture = small.resize_exact(3_464, 3_464, FilterType::CatmullRom);
    picture.write_to(&mut std::io::Cursor::new(&mut large), ImageFormat::Jpeg).unwrap();
    large.into()
}

/// What the children of this process take, watched from outside.
struct Watch {
    peaks: Arc<Mutex<HashMap<String, u64>>>,
    over: Arc<AtomicBool>,
}

impl Watch {
    fn start() -> Self {
        let (peaks, over) = (Arc::new(Mutex::new(HashMap::new())), Arc::new(AtomicBool::new(false)));
        let (into, end) = (peaks.clone(), over.clone());
        thread::spawn(move || {
            let own = format!("PPid:\t{}", std::process::id());
            while !end.load(Ordering::Relaxed) {
                for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
                    let Ok(status) = fs::read_to_string(entry.path().join("status")) else { continue };
                    if let Some(peak) =
                        status.lines().find(|line| line.starts_with("VmHWM")).filter(|_| status.contains(&own))
                    {
                        let kb = peak.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0);
                        let name = entry.file_name().to_string_lossy().into_owned();
                        let mut peaks = into.lock().unwrap();
                        let known = peaks.entry(name).or_insert(0);
                        *known = kb.max(*known);
                    }
                }
                thread::sleep(Duration::from_millis(5));
            }
        });
        Self { peaks, over }
    }

    /// Megabytes of the largest child since the start.
    fn peak(self) -> f64 {
        self.over.store(true, Ordering::Relaxed);
        self.peaks.lock().unwrap().values().copied().max().unwrap_or(0) as f64 / 1024.0
    }
}

/// What children took of the processors until they ended, in seconds. Of Linux's clock ticks there are a hundred a second.
fn children_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    (fields[13].parse::<f64>().unwrap() + fields[14].parse::<f64>().unwrap()) / 100.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// What was measured beside what is aimed at.
#[derive(Default)]
struct Figures {
    missed: u32,
}

impl Figures {
    fn row(&mut self, what: &str, value: f64, unit: &str, aim: f64) {
        let is_met = value <= aim;
        self.missed += u32::from(!is_met);
        println!("{what:<52} {value:>8.2} {unit:<3} aim {aim:>6.2}   {}", if is_met { "met" } else { "MISSED" });
    }
}

async fn headshots(figures: &mut Figures, workshop: &Workshop, file: &Bytes) {
    let upload = Instant::now();
    let developed = workshop.develop(async { Ok(file.clone()) }, true).await.unwrap();
    println!("{:<52} {:>8.2} s", "an upload of 12 megapixels, in a child of its own", upload.elapsed().as_secs_f64());

    let watch = Watch::start();
    let (mut first, mut cpu, mut further, mut edits) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for nth in 0..TIMES {
        // The one before has to be over, or it would be counted here.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let (begun, before) = (Instant::now(), children_cpu());
        let mut child = workshop.shoot().await.unwrap();
        let cut = child.cut_out(developed.master.clone()).await.unwrap();
        child.lay(cut.number, Behind::Drawn(Drawn::Grey), Look::default()).await.unwrap();
        first.push(begun.elapsed().as_secs_f64());
        if nth % 2 == 0 {
            drop(child);
            while children_cpu() == before {
                thread::sleep(Duration::from_millis(5));
            }
            cpu.push(children_cpu() - before);
            continue;
        }
        for drawn in Drawn::ALL {
            let begun = Instant::now();
            let look = Look { zoom: 1.1, turn: 1.0, ..Look::default() };
            child.lay(cut.number, Behind::Drawn(drawn), look).await.unwrap();
            further.push(begun.elapsed().as_secs_f64());
        }
        drop(child);
        let begun = Instant::now();
        workshop.retouch(cut.file.clone(), cut.head, Scenery::Drawn(Drawn::Navy), Look::default()).await.unwrap();
        edits.push(begun.elapsed().as_secs_f64());
        println!("{:<52} {:>8.2} MB", "a cut-out as it is kept", cut.file.len() as f64 / 1e6);
    }
    figures.row("first headshot, from nothing", median(first), "s", 1.9);
    figures.row("  of the processors", median(cpu), "s", 2.5);
    figures.row("each further backdrop", median(further), "s", 0.1);
    figures.row("an edit of a kept cut-out", median(edits), "s", 0.3);
    figures.row("memory of a child at most", watch.peak(), "MB", 350.0);
}

/// As an upload does it: the file decoded as it is kept, and looked at.
fn check(figures: &mut Figures, file: &[u8]) {
    let studio = Studio::open(Thresholds::default()).unwrap();
    let check = || {
        let begun = Instant::now();
        let picture = images::decode(file).unwrap();
        let size = picture.size();
        let photo = Photo::new(size.width as usize, size.height as usize, picture.rgb().to_vec()).unwrap();
        studio.check(&photo).unwrap();
        begun.elapsed().as_secs_f64()
    };
    let times = (0..TIMES).map(|_| check()).collect();
    figures.row("a look at a photo of 12 megapixels, from its file", median(times), "s", 0.45);
}

struct Server {
    process: Child,
    url: String,
}

impl Server {
    /// One that makes so many shoots at once of those that wait.
    fn start(data: &Path, shoots: usize) -> Self {
        let mut process = Command::new(HEADROOM)
            .env_clear()
            .env("HEADROOM_RATE_LIMIT", "0")
            .env("HEADROOM_LOG", "error")
            .env("HEADROOM_STUDIO_SHOOTS", shoots.to_string())
            // Without them it could not do without a studio of its own.
            .env("HEADROOM_WORKER_TOKEN", "a-token-that-nobody-else-has-0123456789")
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: serde_json::Value = serde_json::from_str(&line).unwrap();
        Self { process, url: said["url"].as_str().unwrap().to_owned() }
    }

    /// The time that 99 of 100 requests take at most, in milliseconds. Each client has a thread that does nothing else.
    fn p99(&self, key: &str) -> f64 {
        let begun = Instant::now();
        let client = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let url = format!("{}/api/v2/organization/invites?limit=50", self.url);
            runtime.block_on(async {
                let (client, mut times) = (reqwest::Client::new(), Vec::new());
                while begun.elapsed() < LOADED {
                    let sent = Instant::now();
                    let answer = client.get(&url).bearer_auth(key).send().await.unwrap();
                    assert!(answer.status().is_success());
                    answer.bytes().await.unwrap();
                    times.push(sent.elapsed().as_secs_f64() * 1e3);
                    tokio::time::sleep(PAUSE).await;
                }
                times
            })
        };
        let mut times: Vec<f64> = thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
            clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
        });
        times.sort_by(f64::total_cmp);
        times[times.len() * 99 / 100]
    }

    /// Ends it as an operator would: what it was making goes back into the line.
    fn stop(mut self) {
        let pid = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.process.wait().unwrap();
    }
}

/// What this program is called as to copy memory behind everyone else.
const COPY: &str = "--copy-memory";

/// A process that waits for everyone else, as a child of the studio does, and copies memory on all processors: what that costs
/// others is the machine's, and nothing a studio could do better.
struct Copier {
    process: Child,
    _metronome: Arc<Metronome>,
}

impl Copier {
    fn start() -> Self {
        let process = Command::new(std::env::current_exe().unwrap()).arg(COPY).spawn().unwrap();
        Self { process, _metronome: Metronome::hold() }
    }

    fn copy() -> ! {
        priority::stand_behind();
        let cores = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for _ in 0..cores {
                scope.spawn(|| {
                    let (from, mut into) = (vec![1_u8; 32 << 20], vec![0_u8; 32 << 20]);
                    loop {
                        std::hint::black_box(&mut into).copy_from_slice(std::hint::black_box(&from));
                    }
                });
            }
        });
        unreachable!("they copy until they are killed")
    }
}

impl Drop for Copier {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The API of a server that makes shoots, beside the same server that leaves them to others.
async fn neighbours(figures: &mut Figures) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let data = tempfile::tempdir().unwrap();
    let key = seed(data.path(), Size { shoots: 3 * TURNS, photos: 6 }).await;
    let rows = rusqlite::Connection::open_with_flags(
        data.path().join("headroom.db"),
        rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY,
    );
    let rows = rows.unwrap();
    let count = |which: &str| {
        let sql = format!("select count(*) from shoots where state in ({which})");
        rows.query_row(&sql, [], |row| row.get::<_, u32>(0)).unwrap()
    };
    let (mut alone, mut copying, mut beside) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let quiet = Server::start(data.path(), 0);
        alone.push(quiet.p99(&key));
        let copier = Copier::start();
        copying.push(quiet.p99(&key));
        drop(copier);
        quiet.stop();
        let busy = Server::start(data.path(), 1);
        let begun = Instant::now();
        while count("'training', 'generating'") == 0 {
            assert!(begun.elapsed() < PATIENCE, "no shoot has begun");
            thread::sleep(Duration::from_millis(20));
        }
        beside.push(busy.p99(&key));
        busy.stop();
    }
    let times = |with: &[f64]| median(alone.iter().zip(with).map(|(alone, with)| with / alone).collect());
    let (by_shoots, by_copies) = (times(&beside), times(&copying));
    println!(
        "p99 of requests: {:.2} ms alone; beside {} shoots {:.2} ms",
        median(alone),
        count("'ready'"),
        median(beside)
    );
    figures.row("  times as long", by_shoots, "", 1.5);
    println!("{:<52} {by_copies:>8.2}", "  and beside nothing but copies of memory, as idle");
}

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == COPY) {
        Copier::copy();
    }
    println!("{} cores\n", thread::available_parallelism().map_or(1, usize::from));
    let mut settings = Config::load(&Sources::default()).unwrap().studio;
    settings.program = HEADROOM.into();
    let mut figures = Figures::default();
    let (workshop, file) = (Arc::new(Workshop::new(settings)), photo());
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(async {
        headshots(&mut figures, &workshop, &file).await;
        check(&mut figures, &file);
        neighbours(&mut figures).await;
    });
    let size = |program: &Path| fs::metadata(program).map(|file| file.len() as f64 / 1024.0 / 1024.0);
    println!("{:<52} {:>8.2} MB", "size of this program", size(Path::new(HEADROOM)).unwrap());
    match size(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/target/dist/headroom"))) {
        Ok(size) => figures.row("size of the one that is handed out", size, "MB", 40.0),
        Err(_) => println!("`packaging/release` makes the one that is handed out, which should have 40 MB at most."),
    }
    if figures.missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
