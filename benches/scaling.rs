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
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use headroom::{
    clock::Clock,
    config::PhotoChecks,
    credits,
    db::{Db, Place},
    generator::Backdrop,
    ids::PhotoId,
    images, members,
    organizations::{self, NewOrganization, OrganizationName},
    photos::{self, NewPhoto},
    secrets::Digest,
    shoots::{self, Gender},
    storage::{Key, PhotoFile, Storage},
};

const HEADROOM: &str = env!("CARGO_BIN_EXE_headroom");
const TOKEN: &str = "a-token-that-nobody-else-has-0123456789";
/// How often it is looked whether all headshots are there.
const LOOK: Duration = Duration::from_millis(100);
/// Nobody waits for longer than this for one shoot.
const PATIENCE: Duration = Duration::from_secs(300);

/// What is measured.
#[derive(Clone, Copy)]
struct Size {
    shoots: usize,
    photos: usize,
}

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

/// A data directory with shoots that wait to be made, each of these photos.
async fn seed(data: &Path, size: Size) {
    let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures");
    let original = images::decode(&fs::read(pictures.join("astronaut.jpg")).unwrap()).unwrap();
    // Of one person, each from another distance and side: those that are nearly the same would be left out.
    let masters: Vec<bytes::Bytes> = (0..u32::try_from(size.photos).unwrap())
        .map(|nth| {
            let side = 512 - 28 * (nth % 6);
            let left = if nth % 2 == 0 { 0 } else { 512 - side };
            let area = images::Area { left, top: 0, size: images::Size { width: side, height: side } };
            // As large as masters of a phone's photos are.
            let master = images::scale(&images::crop(&original, area), images::Size { width: 2_000, height: 2_000 });
            images::encode_jpeg(&master.unwrap(), images::FINE).unwrap().into()
        })
        .collect();
    let storage = Storage::directory(data.join("photos")).unwrap();
    let mut ids = Vec::new();
    for master in masters.iter().cycle().take(size.shoots * size.photos) {
        let id = PhotoId::new();
        storage.put(Key::Photo(&id, PhotoFile::Master), master.clone()).await.unwrap();
        ids.push(id);
    }
    let db = Db::open(&Place::File(data.join("headroom.db")), Clock::system()).unwrap();
    let bytes = masters[0].len();
    let seeded = db.write(move |tx| {
        let name = OrganizationName::parse("Acme")?;
        let new = NewOrganization { name, website: None, unlimited: false, whitelabel: false };
        let organization = organizations::create(tx, &new)?.id;
        let owner = members::add_owner(tx, &organization, &"ada@acme.test".parse()?)?.id;
        credits::grant(tx, &organization, i64::try_from(size.shoots).unwrap(), "Benchmark")?;
        for photos in ids.chunks(size.photos) {
            let shoot = shoots::begin(tx, &organization, &owner, false)?.id;
            for id in photos {
                let new = NewPhoto {
                    id: id.clone(),
                    name: "me.jpg".to_owned(),
                    width: 2_000,
                    height: 2_000,
                    bytes,
                    digest: Digest::of(id.as_str()),
                    looked: None,
                };
                photos::add(tx, &shoot, &new)?;
            }
            let open = shoots::get(tx, &shoot)?;
            shoots::choose_gender(tx, &open, Gender::Person)?;
            shoots::choose_backdrops(tx, &open, &[Backdrop::Navy.into(), Backdrop::Office.into()])?;
            shoots::submit(tx, &shoot, &owner, PhotoChecks::Off, None)?;
        }
        Ok(())
    });
    seeded.await.unwrap();
    db.close().await;
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
