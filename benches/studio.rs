//! What making headshots costs, and what it costs everyone else, in one run beside what is aimed at.
//!
//! `cargo bench --bench studio`. Times are of this machine; the aims are for two cores that have nothing else to do.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program that measures and prints"
)]

use std::{
    collections::HashMap,
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use headroom::{
    auth::{self, Lifetime, NewKey, Scopes},
    clock::Clock,
    config::{Config, Sources},
    db::{Db, Place},
    images,
    members::{self, Actor},
    organizations::{self, NewOrganization, OrganizationName},
    studio::{Behind, Drawn, Look, Scenery, Workshop},
};
use headroom_studio::{Photo, Studio, Thresholds};
use image::{ImageFormat, imageops::FilterType};

const HEADROOM: &str = env!("CARGO_BIN_EXE_headroom");
/// Times each thing is done; the median counts.
const TIMES: usize = 5;
/// A calm load, well below what the server can do.
const CLIENTS: usize = 4;
const PAUSE: Duration = Duration::from_millis(10);
const LOADED: Duration = Duration::from_secs(3);
/// Times it is measured without and with shoots, in turns: what else the machine does comes and goes.
const TURNS: usize = 7;

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

fn row(what: &str, value: f64, unit: &str, aim: f64) {
    println!("{what:<52} {value:>8.2} {unit:<3} aim {aim:>6.2}   {}", if value <= aim { "met" } else { "MISSED" });
}

async fn headshots(workshop: &Workshop, file: &Bytes) {
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
    row("first headshot, from nothing", median(first), "s", 1.9);
    row("  of the processors", median(cpu), "s", 2.5);
    row("each further backdrop", median(further), "s", 0.1);
    row("an edit of a kept cut-out", median(edits), "s", 0.3);
    row("memory of a child at most", watch.peak(), "MB", 350.0);
}

fn check(file: &[u8]) {
    let picture = images::decode(file).unwrap();
    let size = picture.size();
    let photo = Photo::new(size.width as usize, size.height as usize, picture.rgb().to_vec()).unwrap();
    let studio = Studio::open(Thresholds::default()).unwrap();
    let check = || {
        let begun = Instant::now();
        studio.check(&photo, 1.0).unwrap();
        begun.elapsed().as_secs_f64()
    };
    row("a look at a photo of 12 megapixels", median((0..TIMES).map(|_| check()).collect()), "s", 0.45);
}

struct Server {
    process: Child,
    url: String,
    key: String,
    _data: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let key = {
            let db = Db::open(&Place::File(data.path().join("headroom.db")), Clock::system()).unwrap();
            db.write_and_wait(|tx| {
                let name = OrganizationName::parse("Acme")?;
                let new = NewOrganization { name, website: None, unlimited: false, whitelabel: false };
                let organization = organizations::create(tx, &new)?;
                members::add_owner(tx, &organization.id, &"ada@acme.test".parse()?)?;
                let new = NewKey { name: "Benchmark".into(), scopes: Scopes::all(), lifetime: Lifetime::Unlimited };
                Ok(auth::make_key(tx, &Actor::operator(organization.id), &new)?.text)
            })
            .unwrap()
        };
        let mut process = Command::new(HEADROOM)
            .env_clear()
            .env("HEADROOM_RATE_LIMIT", "0")
            .env("HEADROOM_LOG", "error")
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(data.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: serde_json::Value = serde_json::from_str(&line).unwrap();
        let url = said["url"].as_str().unwrap().to_owned();
        Self { process, url, key, _data: data }
    }

    /// The time that 99 of 100 requests take at most, in milliseconds.
    async fn p99(&self) -> f64 {
        let begun = Instant::now();
        let clients = (0..CLIENTS).map(|_| {
            let (url, key) = (format!("{}/api/v2/organization/invites?limit=50", self.url), self.key.clone());
            tokio::spawn(async move {
                let (client, mut times) = (reqwest::Client::new(), Vec::new());
                while begun.elapsed() < LOADED {
                    let sent = Instant::now();
                    let answer = client.get(&url).bearer_auth(&key).send().await.unwrap();
                    assert!(answer.status().is_success());
                    answer.bytes().await.unwrap();
                    times.push(sent.elapsed().as_secs_f64() * 1e3);
                    tokio::time::sleep(PAUSE).await;
                }
                times
            })
        });
        let mut times: Vec<f64> =
            futures::future::join_all(clients).await.into_iter().flat_map(Result::unwrap).collect();
        times.sort_by(f64::total_cmp);
        times[times.len() * 99 / 100]
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Shoots, one after the other, until this is dropped.
async fn shoot_on(workshop: Arc<Workshop>, file: Bytes) {
    loop {
        let mut child = workshop.shoot().await.expect("a child");
        let cut = child.cut_out(file.clone()).await.unwrap();
        for drawn in Drawn::ALL.into_iter().cycle().take(12) {
            child.lay(cut.number, Behind::Drawn(drawn), Look::default()).await.unwrap();
        }
    }
}

async fn neighbours(workshop: &Arc<Workshop>, file: &Bytes) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = tokio::task::spawn_blocking(Server::start).await.unwrap();
    server.p99().await;
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        alone.push(server.p99().await);
        let busy = tokio::spawn(shoot_on(workshop.clone(), file.clone()));
        beside.push(server.p99().await);
        busy.abort();
        let _ = busy.await;
    }
    let ratios = alone.iter().zip(&beside).map(|(alone, beside)| beside / alone).collect();
    println!("p99 of requests: {:.2} ms alone, {:.2} ms beside shoots", median(alone), median(beside));
    row("  times as long", median(ratios), "", 1.5);
}

fn main() {
    println!("{} cores\n", thread::available_parallelism().map_or(1, usize::from));
    let mut settings = Config::load(&Sources::default()).unwrap().studio;
    settings.program = HEADROOM.into();
    let (workshop, file) = (Arc::new(Workshop::new(settings)), photo());
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(async {
        headshots(&workshop, &file).await;
        check(&file);
        neighbours(&workshop, &file).await;
    });
    row("size of the program", fs::metadata(HEADROOM).unwrap().len() as f64 / 1024.0 / 1024.0, "MB", 40.0);
}
