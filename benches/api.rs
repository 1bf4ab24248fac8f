//! The API beside the same two calls on Bun and bun:sqlite, in one run, on whatever machine this is: ratios, not seconds.
//!
//! `cargo bench --bench api`; for the comparison `npm install --prefix target/bench bun` first.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program that measures and prints"
)]

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use headroom::{
    auth::{self, Lifetime, NewKey, Scopes},
    clock::Clock,
    credits,
    db::{Db, Place},
    members::{self, Actor},
    organizations::{self, NewOrganization, OrganizationName},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const CONNECTIONS: usize = 32;
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(5);
const LIST: &str = "/api/v2/organization/invites?limit=50";

struct Data {
    folder: tempfile::TempDir,
    key: String,
}

/// A data directory with an organization of so many invites.
fn seed(invites: u64) -> Data {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("headroom.db");
    let (organization, key) = {
        let db = Db::open(&Place::File(file.clone()), Clock::system()).unwrap();
        db.write_and_wait(|tx| {
            let new = NewOrganization {
                name: OrganizationName::parse("Acme")?,
                website: None,
                unlimited: false,
                whitelabel: false,
            };
            let organization = organizations::create(tx, &new)?;
            members::add_owner(tx, &organization.id, &"ada@acme.test".parse()?)?;
            credits::grant(tx, &organization.id, 100_000_000, "To measure with")?;
            let new = NewKey { name: "Benchmark".into(), scopes: Scopes::all(), lifetime: Lifetime::Unlimited };
            let key = auth::make_key(tx, &Actor::operator(organization.id.clone()), &new)?;
            Ok((organization.id.to_string(), key.text))
        })
        .unwrap()
    };
    // Written past the domain: a million invites through it would take minutes and mean the same to the list.
    let mut connection = rusqlite::Connection::open(file).unwrap();
    let tx = connection.transaction().unwrap();
    {
        let mut insert = tx
            .prepare(
                "insert into invites (id, organization_id, email, created_at, expires_at) values (?1, ?2, ?3, ?4, ?5)",
            )
            .unwrap();
        let now = Clock::system().now().millis();
        for nth in 0..invites {
            let at = now - 1_000_000_000 + i64::try_from(nth).unwrap();
            insert
                .execute(rusqlite::params![
                    format!("{nth:024x}"),
                    organization,
                    format!("p{nth}@acme.test"),
                    at,
                    now + 2_000_000_000
                ])
                .unwrap();
        }
    }
    tx.commit().unwrap();
    connection.execute_batch("pragma wal_checkpoint(truncate); analyze").unwrap();
    Data { folder, key }
}

struct Server {
    process: Child,
    address: String,
    started_in: Duration,
}

impl Server {
    fn headroom(data: &Data) -> Self {
        let begun = Instant::now();
        let mut process = Command::new(env!("CARGO_BIN_EXE_headroom"))
            .env_clear()
            .env("HEADROOM_RATE_LIMIT", "0")
            .env("HEADROOM_LOG", "error")
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(data.folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = first_line(&mut process);
        let said: serde_json::Value = serde_json::from_str(&said).unwrap();
        let address = said["url"].as_str().unwrap().trim_start_matches("http://").to_owned();
        let runtime = runtime();
        runtime.block_on(async { Client::connect(&address).await.call(&get(&data.key, LIST)).await });
        Self { process, address, started_in: begun.elapsed() }
    }

    fn bun(bun: &Path, data: &Data) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let begun = Instant::now();
        let mut process = Command::new(bun)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/api/bun.ts"))
            .arg(data.folder.path().join("headroom.db"))
            .arg(port.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        first_line(&mut process);
        Self { process, address: format!("127.0.0.1:{port}"), started_in: begun.elapsed() }
    }

    /// Resident memory in MB, as the system counts it.
    fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or("0 0");
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn first_line(process: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    line
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn get(key: &str, path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n\r\n")
}

fn post(key: &str, email: &str) -> String {
    let body = format!("{{\"email\":\"{email}\"}}");
    let length = body.len();
    format!(
        "POST /api/v2/organization/invites HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// One connection, kept alive; just enough HTTP to be no bottleneck.
struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    async fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: vec![0; 64 * 1024] }
    }

    async fn call(&mut self, request: &str) -> usize {
        self.stream.write_all(request.as_bytes()).await.unwrap();
        let mut read = 0;
        loop {
            let count = self.stream.read(&mut self.buffer[read..]).await.unwrap();
            assert!(count > 0, "the server closed the connection");
            read += count;
            let text = &self.buffer[..read];
            let Some(end) = text.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
            let head = std::str::from_utf8(&text[..end]).unwrap();
            assert!(head.starts_with("HTTP/1.1 200"), "{head}\n{}", String::from_utf8_lossy(&text[end..]));
            let length = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            let length: usize = length.expect("a length").1.trim().parse().unwrap();
            if read >= end + 4 + length {
                return length;
            }
        }
    }
}

struct Rate {
    per_second: f64,
    p50: Duration,
    p99: Duration,
}

/// As many calls as a number of connections get through; `request` makes the nth one.
fn measure(address: &str, request: impl Fn(u64) -> String + Send + Sync + 'static) -> Rate {
    let (request, count) = (Arc::new(request), Arc::new(AtomicU64::new(0)));
    runtime().block_on(async {
        let begun = Instant::now();
        let calls = (0..CONNECTIONS).map(|_| {
            let (request, count, address) = (request.clone(), count.clone(), address.to_owned());
            tokio::spawn(async move {
                let mut client = Client::connect(&address).await;
                let mut times = Vec::new();
                while begun.elapsed() < WARM_UP + MEASURED {
                    let call = request(count.fetch_add(1, Ordering::Relaxed));
                    let sent = Instant::now();
                    client.call(&call).await;
                    if begun.elapsed() > WARM_UP {
                        times.push(sent.elapsed());
                    }
                }
                times
            })
        });
        let mut times: Vec<Duration> =
            futures::future::join_all(calls).await.into_iter().flat_map(Result::unwrap).collect();
        times.sort_unstable();
        let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
        Rate { per_second: times.len() as f64 / MEASURED.as_secs_f64(), p50: at(0.5), p99: at(0.99) }
    })
}

fn row(what: &str, rate: &Rate) {
    println!("{what:<58} {:>8.0}/s   p50 {:>7.2?}   p99 {:>7.2?}", rate.per_second, rate.p50, rate.p99);
}

fn find_bun() -> Option<PathBuf> {
    let local = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench/node_modules/.bin/bun");
    let here = local.is_file().then_some(local);
    here.or_else(|| Command::new("bun").arg("--version").stdout(Stdio::null()).status().is_ok().then(|| "bun".into()))
}

/// Pages at many depths, no two alike, so that no kept reply can answer.
fn deep_page(key: &str, invites: u64) -> impl Fn(u64) -> String + Send + Sync + use<> {
    let key = key.to_owned();
    move |nth| {
        let scattered = nth.wrapping_mul(0x9e37_79b9_7f4a_7c15) % (invites - 60) + 55;
        // A cursor goes before an offset, which here only makes each query a new one.
        get(&key, &format!("{LIST}&cursor={scattered:024x}&offset={nth}"))
    }
}

fn main() {
    println!("{CONNECTIONS} connections, {} s each, client on the same machine\n", MEASURED.as_secs());

    let few = seed(1_000);
    let server = Server::headroom(&few);
    println!("start to first answer: {:.1?}", server.started_in);
    std::thread::sleep(Duration::from_secs(1));
    println!("memory when idle: {:.1} MB\n", server.memory());
    let (key, list) = (few.key.clone(), get(&few.key, LIST));
    let listed = measure(&server.address, move |_| list.clone());
    row("headroom: list of 50", &listed);
    let shallow = measure(&server.address, deep_page(&few.key, 1_000));
    row("headroom: page of 50 at any depth of 1,000, none kept", &shallow);
    let created = measure(&server.address, move |nth| post(&key, &format!("new{nth}@acme.test")));
    row("headroom: create", &created);
    drop(server);

    if let Some(bun) = find_bun() {
        let data = seed(1_000);
        let server = Server::bun(&bun, &data);
        let (key, list) = (data.key.clone(), get(&data.key, LIST));
        let bun_listed = measure(&server.address, move |_| list.clone());
        row("bun: list of 50", &bun_listed);
        let bun_created = measure(&server.address, move |nth| post(&key, &format!("new{nth}@acme.test")));
        row("bun: create", &bun_created);
        let ratio = |ours: &Rate, theirs: &Rate| ours.per_second / theirs.per_second;
        println!("\nlist:   {:.2} times bun's requests a second", ratio(&listed, &bun_listed));
        println!("        {:.2} times with no reply kept", ratio(&shallow, &bun_listed));
        println!(
            "create: {:.2} times bun's requests a second, the mails written beside it\n",
            ratio(&created, &bun_created)
        );
    } else {
        println!("bun is not installed; for the comparison: npm install --prefix target/bench bun\n");
    }

    let many = seed(1_000_000);
    let server = Server::headroom(&many);
    let deep = measure(&server.address, deep_page(&many.key, 1_000_000));
    row("headroom: page of 50 at any depth of 1,000,000, none kept", &deep);
    println!("\na page of 1,000,000 costs {:.2} times one of 1,000", shallow.per_second / deep.per_second);
}
