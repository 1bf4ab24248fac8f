//! What the kernel holds the server's children to while they live, kind by kind: the promises of `docs/studio.md`.
#![cfg(target_os = "linux")]

use std::{
    collections::BTreeSet,
    fs,
    io::Cursor,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use bytes::Bytes;
use headroom::{
    config::{CORES_A_SHOOT, Config, Priority, Sources, cores},
    studio::Workshop,
};
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{
    app::{PATIENCE, TestApp, Wishes},
    isolation::until,
    studio::portrait,
};

/// `SCHED_IDLE`, as the kernel counts policies.
const IDLE: i64 = 5;

/// All that a child finds in its environment: how many threads it may have, and how it keeps its memory.
const ENVIRONMENT: &str =
    "GLIBC_TUNABLES MALLOC_ARENA_MAX MALLOC_MMAP_THRESHOLD_ MALLOC_TRIM_THRESHOLD_ RAYON_NUM_THREADS RTEN_NUM_THREADS";

/// The program under a name of its own: its children are told by it from those of other tests.
struct Program(TempDir);

impl Program {
    fn new() -> Self {
        // A second name can only be had where the first one is.
        let program = Self(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap());
        fs::hard_link(env!("CARGO_BIN_EXE_headroom"), program.path()).unwrap();
        program
    }

    fn path(&self) -> PathBuf {
        self.0.path().canonicalize().unwrap().join("headroom")
    }

    /// One whose shoots get a processor like this.
    fn workshop(&self, priority: Priority) -> Workshop {
        let mut settings = Config::load(&Sources::default()).unwrap().studio;
        (settings.program, settings.priority) = (self.path(), priority);
        Workshop::new(settings)
    }

    /// The child of this kind, if there is one.
    fn child(&self, kind: &str) -> Option<Process> {
        let (path, line) = (self.path(), format!("headroom\0workbench\0{kind}\0"));
        let is_it = |Process(process): &Process| {
            fs::read_link(process.join("exe")).is_ok_and(|exe| exe == path)
                && fs::read(process.join("cmdline")).is_ok_and(|words| words == line.as_bytes())
        };
        fs::read_dir("/proc").unwrap().map(|entry| Process(entry.unwrap().path())).find(is_it)
    }

    /// Waits until the child of this kind is held like this, and no longer than it may take.
    async fn holds(&self, kind: &str, wanted: &Held) {
        let begun = Instant::now();
        let held = || self.child(kind).map(|child| child.held());
        while held().as_ref() != Some(wanted) && begun.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(held().as_ref(), Some(wanted), "{kind}");
    }

    async fn until_gone(&self, kind: &str) {
        until("the child is gone", || self.child(kind).is_none()).await;
    }
}

/// What a process has and may do, and what the kernel says of it.
type Held = Vec<(&'static str, String)>;

/// A process or a thread, by its folder in `/proc`.
struct Process(PathBuf);

impl Process {
    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).unwrap_or_default()
    }

    fn list(&self, folder: &str) -> impl Iterator<Item = PathBuf> {
        fs::read_dir(self.0.join(folder)).into_iter().flatten().flatten().map(|entry| entry.path())
    }

    /// The fields of `proc_pid_stat(5)` from the third on: those before it are a number and a name.
    fn stat(&self) -> Vec<String> {
        let stat = self.read("stat");
        stat.rsplit(") ").next().unwrap_or_default().split(' ').map(str::to_owned).collect()
    }

    /// Niceness and policy.
    fn turn(&self) -> (i64, i64) {
        let stat = self.stat();
        let field = |number: usize| stat.get(number - 3).and_then(|field| field.parse().ok()).unwrap_or(-1);
        (field(19), field(41))
    }

    /// The limit that it has, and the one that it may have.
    fn limit(&self, name: &str) -> String {
        let limits = self.read("limits");
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    }

    /// The files and sockets that it has open. Devices, such as the one that is nothing, come from whoever started the tests.
    fn opened(&self) -> BTreeSet<PathBuf> {
        let links = self.list("fd").filter_map(|fd| fs::read_link(fd).ok());
        let is_file = |link: &Path| link.is_absolute() && !link.starts_with("/dev");
        links.filter(|link| is_file(link) || link.to_string_lossy().starts_with("socket:")).collect()
    }

    fn held(&self) -> Held {
        let limit = |name| (name, self.limit(name));
        let environ = self.read("environ");
        let names: BTreeSet<&str> = environ.split_terminator('\0').filter_map(|set| set.split('=').next()).collect();
        let turns: BTreeSet<(i64, i64)> = self.list("task").map(|thread| Process(thread).turn()).collect();
        let ours: Vec<PathBuf> = this_process().opened().intersection(&self.opened()).cloned().collect();
        vec![
            limit("Max data size"),
            limit("Max cpu time"),
            limit("Max file size"),
            limit("Max core file size"),
            limit("Max open files"),
            ("environment", names.into_iter().collect::<Vec<_>>().join(" ")),
            ("folder", fs::read_link(self.0.join("cwd")).unwrap_or_default().display().to_string()),
            ("open with us", format!("{ours:?}")),
            ("niceness and policy", format!("{turns:?}")),
        ]
    }
}

fn this_process() -> Process {
    Process("/proc/self".into())
}

/// How a child is held that may take so many megabytes and seconds, whose threads all have this niceness and policy.
fn wanted(megabytes: u64, seconds: u64, turn: (i64, i64)) -> Held {
    let both = |value: u64| format!("{value} {value}");
    let threads = cores().min(CORES_A_SHOOT) as u64;
    vec![
        ("Max data size", both(megabytes << 20)),
        // A little more than the server's own clock gives it, on each of its threads.
        ("Max cpu time", both((seconds + 5) * threads)),
        ("Max file size", both(0)),
        ("Max core file size", both(0)),
        ("Max open files", both(32)),
        ("environment", ENVIRONMENT.to_owned()),
        ("folder", "/".to_owned()),
        ("open with us", "[]".to_owned()),
        ("niceness and policy", format!("{:?}", BTreeSet::from([turn]))),
    ]
}

fn someone() -> Bytes {
    let mut file = Cursor::new(Vec::new());
    let person: DynamicImage = RgbaImage::from_pixel(256, 320, Rgba([90, 80, 70, 255])).into();
    person.write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner().into()
}

#[tokio::test]
async fn a_child_has_nothing_of_the_servers_and_may_do_what_its_kind_needs() {
    let data = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(Wishes { data: Some(data.path().to_owned()), ..Wishes::default() }).await;
    let ours = this_process().opened();
    let is_the_servers = |path: &PathBuf| path.starts_with(data.path().canonicalize().unwrap());
    assert!(ours.iter().any(is_the_servers) && ours.iter().any(|path| !path.is_absolute()), "{ours:?}");

    let (niceness, policy) = Process("/proc/thread-self".into()).turn();
    let nicer = |by: i64| ((niceness + by).min(19), policy);
    let program = Program::new();
    for (priority, turn) in
        [(Priority::Idle, (19, IDLE)), (Priority::Low, (19, policy)), (Priority::Normal, (niceness, policy))]
    {
        let workshop = program.workshop(priority);
        let child = workshop.shoot().await.unwrap();
        program.holds("shoot", &wanted(512, 600, turn)).await;
        drop(child);
        program.until_gone("shoot").await;
    }

    let workshop = program.workshop(Priority::Idle);
    let file = async {
        // Before it has a byte of the file.
        program.holds("upload", &wanted(1024, 30, nicer(10))).await;
        Ok(portrait(1).into())
    };
    workshop.develop(file, false).await.unwrap();
    program.until_gone("upload").await;

    // A preview's waits for the next one.
    workshop.easel("someone").await.set(someone(), (0.5, 0.4)).await.unwrap();
    program.holds("preview", &wanted(512, 60, nicer(5))).await;
    workshop.clear_easel("someone");
    program.until_gone("preview").await;
    app.stop().await;
}

/// A child that was told to stop where it stands. Whatever comes of the test, it doesn't stay.
struct Told(Process, Pid);

impl Told {
    fn to_stop(child: Process) -> Option<Self> {
        let pid = Pid::from_raw(child.0.file_name()?.to_str()?.parse().ok()?)?;
        kill_process(pid, Signal::STOP).ok().map(|()| Self(child, pid))
    }

    /// Whether it stands, once it does or was done before it heard; nothing as long as it runs.
    fn stands(&self) -> Option<bool> {
        match self.0.stat()[0].as_str() {
            "T" => Some(true),
            "" | "Z" | "X" => Some(false),
            _ => None,
        }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        let _ = kill_process(self.1, Signal::KILL);
    }
}

#[tokio::test]
async fn the_kernel_ends_a_child_whose_server_was_killed() {
    let program = Program::new();
    let photos = program.0.path().join("photos");
    fs::create_dir(&photos).unwrap();
    for number in 0..8 {
        fs::write(photos.join(format!("{number}.jpg")), portrait(number)).unwrap();
    }
    let mut server = Command::new(program.path())
        .env_clear()
        .current_dir(program.0.path())
        .args(["studio", "photos", "--check"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // One that stands does nothing more by itself: neither end its work nor hear that nobody asks any more. Each photo has a child
    // of its own; after one that was done too soon comes the next.
    let confined = || program.child("upload").filter(|child| child.limit("Max open files") == "32 32");
    let _standing = loop {
        until("a child is at work", || confined().is_some()).await;
        let Some(told) = confined().and_then(Told::to_stop) else { continue };
        until("it stands or is done", || told.stands().is_some()).await;
        if told.stands() == Some(true) {
            break told;
        }
    };
    server.kill().unwrap();
    server.wait().unwrap();
    program.until_gone("upload").await;
}
