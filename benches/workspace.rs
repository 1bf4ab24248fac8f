//! The lead's pages in a large organization: 10,000 members, 72,000 headshots, 100,000 rows in the ledger and in the audit log.
//! Every page is asked for over HTTP, as a browser does, also deep into lists, searched and filtered; each has an aim.
//!
//! `cargo bench --bench workspace`. The data is kept under `target/bench` only while it runs.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program that measures and prints"
)]

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use futures::StreamExt;
use headroom::{
    auth::{self, Device, Method},
    clock::Clock,
    db::{Db, Place},
    members,
    organizations::{self, NewOrganization, OrganizationName},
};
use reqwest::header::{ACCEPT, COOKIE};
use rusqlite::{Connection, params};

const MEMBERS: i64 = 10_000;
const TEAMS: i64 = 40;
const HEADSHOTS: i64 = 12;
const LEDGER: i64 = 100_000;
const AUDIT: i64 = 100_000;
const DELIVERIES: i64 = 50_000;
const MAILS: i64 = 30_000;
/// How often each page is asked for.
const TIMES: usize = 15;
/// Within which it answers, in the middle of those times. [001]
const AIM: Duration = Duration::from_millis(50);
/// Within which an export begins, and what the server may need of memory for it beyond what it had.
const BEGINS: Duration = Duration::from_millis(250);
const DAY: i64 = 86_400_000;

struct Data {
    folder: tempfile::TempDir,
    /// Of a lead's browser.
    cookie: String,
    organization: String,
}

/// An id that is no other's, of one kind of rows.
fn id(kind: u8, nth: i64) -> String {
    format!("{kind:02x}{nth:022x}")
}

fn seed() -> Data {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    std::fs::create_dir_all(&root).unwrap();
    let folder = tempfile::tempdir_in(root).unwrap();
    let file = folder.path().join("headroom.db");
    let (organization, session) = {
        let db = Db::open(&Place::File(file.clone()), Clock::system()).unwrap();
        db.write_and_wait(|tx| {
            let name = OrganizationName::parse("Acme")?;
            let new = NewOrganization { name, website: None, unlimited: false, whitelabel: false };
            let organization = organizations::create(tx, &new)?;
            let owner = members::add_owner(tx, &organization.id, &"ada@acme.test".parse()?)?;
            let account = members::account(tx, &owner.account)?;
            let device = Device::default();
            let entered = auth::begin_session(tx, &account, Method::Link, &device)?;
            Ok((organization.id.to_string(), entered.session.reveal().to_owned()))
        })
        .unwrap()
    };
    fill(&file, &organization);
    Data { folder, cookie: format!("headroom={session}"), organization }
}

/// Written past the domain: through it, this would take an hour and mean the same to the pages.
fn fill(file: &Path, organization: &str) {
    let mut connection = Connection::open(file).unwrap();
    connection.execute_batch("pragma foreign_keys = on; pragma synchronous = off").unwrap();
    let now = Clock::system().now().millis();
    let tx = connection.transaction().unwrap();
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        tx.prepare_cached(sql).unwrap().execute(values).unwrap();
    };
    for nth in 0..TEAMS {
        let name = format!("Team {nth}");
        run(
            "insert into teams (id, organization_id, name, created_at) values (?1, ?2, ?3, ?4)",
            params![id(1, nth), organization, name, now],
        );
    }
    for nth in 0..MEMBERS {
        let joined = now - 90 * DAY + nth * DAY / 200;
        let (email, name) =
            (format!("person{nth}@acme.test"), format!("{} Person {nth}", FIRST[nth as usize % FIRST.len()]));
        run(
            "insert into accounts (id, email, name, created_at) values (?1, ?2, ?3, ?4)",
            params![id(2, nth), email, name, joined],
        );
        run(
            "insert into members (id, organization_id, account_id, team_id, role, created_at) values (?1, ?2, ?3, ?4, 'member', ?5)",
            params![id(3, nth), organization, id(2, nth), id(1, nth % TEAMS), joined],
        );
        run(
            "insert into invites (id, organization_id, team_id, email, state, member_id, created_at, expires_at, accepted_at)
             values (?1, ?2, ?3, ?4, 'accepted', ?5, ?6, ?6 + 1, ?6)",
            params![id(4, nth), organization, id(1, nth % TEAMS), email, id(3, nth), joined],
        );
        if nth % 5 != 0 {
            shoot(&run, organization, nth, joined);
        }
        run(
            "insert into invites (id, organization_id, email, created_at, expires_at) values (?1, ?2, ?3, ?4, ?5)",
            params![id(5, nth), organization, format!("asked{nth}@acme.test"), joined, now + 30 * DAY],
        );
    }
    let mut balance = 0;
    for nth in 0..LEDGER {
        let (kind, amount) = if nth % 100 == 0 { ("grant", 120) } else { ("consume", -1) };
        balance += amount;
        run(
            "insert into ledger (organization_id, kind, amount, balance, reason, created_at) values (?1, ?2, ?3, ?4, 'To measure with', ?5)",
            params![organization, kind, amount, balance, now - 300 * DAY + nth * DAY / 350],
        );
    }
    for nth in 0..AUDIT {
        run(
            "insert into audit (organization_id, via, who, action, subject, created_at) values (?1, 'session', 'Ada', ?2, ?3, ?4)",
            params![
                organization,
                ACTIONS[nth as usize % ACTIONS.len()],
                format!("person{nth}@acme.test"),
                now - 90 * DAY + nth * 70_000
            ],
        );
    }
    run(
        "insert into webhook_endpoints (id, organization_id, url, secret, created_at) values (?1, ?2, 'https://hooks.acme.test/in', x'00', ?3)",
        params![id(6, 0), organization, now],
    );
    for nth in 0..DELIVERIES {
        run(
            "insert into deliveries (id, endpoint_id, host, event_id, event, place, state, attempts, created_at, finished_at)
             values (?1, ?2, 'hooks.acme.test', ?1, 'model.created', ?3, ?4, 1, ?5, ?5)",
            params![
                id(7, nth),
                id(6, 0),
                nth,
                if nth % 50 == 0 { "failed" } else { "delivered" },
                now - 10 * DAY + nth * 15_000
            ],
        );
    }
    for nth in 0..MAILS {
        run(
            "insert into mails (id, job_id, organization_id, kind, recipient, subject, state, created_at, sent_at)
             values (?1, ?1, ?2, 'invite', ?3, 'Your headshots at Acme', ?4, ?5, ?5)",
            params![
                id(8, nth),
                organization,
                format!("person{nth}@acme.test"),
                if nth % 500 == 0 { "refused" } else { "sent" },
                now - 20 * DAY + nth * 50_000
            ],
        );
    }
    tx.commit().unwrap();
    connection.execute_batch("pragma wal_checkpoint(truncate); analyze").unwrap();
}

const FIRST: [&str; 8] = ["Ada", "Grace", "Kim", "Alan", "Edsger", "Barbara", "Niklaus", "Radia"];
const ACTIONS: [&str; 4] = ["member.changed", "member.moved", "photos.allowed", "behalf.chose"];

/// A person's shoot, in whatever state it has come to: most are ready.
fn shoot(run: &impl Fn(&str, &[&dyn rusqlite::ToSql]), organization: &str, nth: i64, at: i64) {
    let shoot = id(9, nth);
    run(
        "insert into shoots (id, uid, organization_id, member_id, created_at, stage_at) values (?1, ?1, ?2, ?3, ?4, ?4)",
        params![shoot, organization, id(3, nth), at],
    );
    let steps: &[&str] = match nth % 10 {
        1 => &[],
        2 => &["submitted", "training"],
        3 => &["submitted", "failed"],
        _ => &["submitted", "training", "generating", "ready"],
    };
    for state in steps {
        run(
            "update shoots set state = ?2, submitted_at = ?3, consent = 'Yes', stage_at = ?3, finished_at = ?3 where id = ?1",
            params![shoot, state, at + DAY],
        );
        run(
            "insert into events (id, organization_id, shoot_id, kind, state, created_at) values (lower(hex(randomblob(12))), ?1, ?2, 'moved', ?3, ?4)",
            params![organization, shoot, state, at + DAY],
        );
    }
    if steps.len() == 4 {
        for position in 0..HEADSHOTS {
            run(
                "insert into results (id, shoot_id, position, backdrop, width, height, favorite, created_at)
                 values (?1, ?2, ?3, 'grey', 1600, 2000, ?4, ?5)",
                params![id(10, nth * 100 + position), shoot, position, position == 3 && nth % 2 == 0, at + DAY],
            );
        }
    }
}

struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    fn start(data: &Data) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_headroom"))
            .env_clear()
            .env("HEADROOM_RATE_LIMIT", "0")
            .env("HEADROOM_LOG", "error")
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(data.folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: serde_json::Value = serde_json::from_str(&line).unwrap();
        let address = said["url"].as_str().unwrap().trim_start_matches("http://").parse().unwrap();
        Self { process, address }
    }

    /// Megabytes that it has needed at most so far.
    fn most_memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or_default() / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Lead<'d> {
    client: reqwest::Client,
    address: SocketAddr,
    data: &'d Data,
}

impl Lead<'_> {
    async fn ask(&self, path: &str) -> reqwest::Response {
        let asked = self.client.get(format!("http://{}{path}", self.address));
        let answer = asked.header(COOKIE, &self.data.cookie).header(ACCEPT, "text/html").send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer
    }

    async fn page(&self, path: &str) -> String {
        self.ask(path).await.text().await.unwrap()
    }

    /// How long a page takes, and whether that is within the aim.
    async fn measure(&self, what: &str, path: &str) -> bool {
        let mut times = Vec::new();
        let mut size = 0;
        for _ in 0..TIMES {
            let begun = Instant::now();
            size = self.page(path).await.len();
            times.push(begun.elapsed());
        }
        times.sort_unstable();
        let (middle, most) = (times[times.len() / 2], times[times.len() - 1]);
        let met = middle <= AIM;
        let verdict = if met { "met" } else { "MISSED" };
        println!("{what:<52} {middle:>8.1?}  at most {most:>8.1?}  {:>5} KB   {verdict}", size / 1024);
        met
    }

    /// The page a number of times further on in a list.
    async fn further(&self, path: &str, times: usize) -> String {
        let mut path = path.to_owned();
        for _ in 0..times {
            let page = self.page(&path).await;
            let before = page.find(r#"rel="next""#).expect("a next page");
            let link = &page[page[..before].rfind("href=\"").unwrap() + 6..before];
            path = link[..link.find('"').unwrap()].replace("&#38;", "&").replace("&amp;", "&");
        }
        path
    }

    async fn export(&self, what: &str, path: &str) {
        let begun = Instant::now();
        let mut body = self.ask(path).await.bytes_stream();
        let (mut first, mut size) = (None, 0);
        while let Some(piece) = body.next().await {
            first.get_or_insert_with(|| begun.elapsed());
            size += piece.unwrap().len();
        }
        let first = first.unwrap_or_default();
        let verdict = if first <= BEGINS { "met" } else { "MISSED" };
        println!("{what:<52} {first:>8.1?}  all in  {:>8.1?}  {:>5} KB   {verdict}", begun.elapsed(), size / 1024);
    }
}

fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let begun = Instant::now();
    let data = seed();
    println!(
        "{MEMBERS} members of {}, {LEDGER} rows in the ledger, made in {:.0?}\n",
        data.organization,
        begun.elapsed()
    );
    let server = Server::start(&data);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let lead = Lead { client, address: server.address, data: &data };
        println!("aim: {AIM:?} in the middle of {TIMES} times");
        let mut met = true;
        for (what, path) in PAGES {
            met &= lead.measure(what, path).await;
        }
        for (what, path) in [
            ("members, 20 pages further", "/app/admin/members"),
            ("members by name, 20 pages further", "/app/admin/members?sort=name"),
            ("invites, 20 pages further", "/app/admin/invites"),
            ("credits, 20 pages further", "/app/admin/credits"),
            ("audit log, 20 pages further", "/app/admin/settings/audit"),
        ] {
            met &= lead.measure(what, &lead.further(path, 20).await).await;
        }
        println!("\naim: begins within {BEGINS:?}");
        let before = server.most_memory();
        for (what, path) in EXPORTS {
            lead.export(what, path).await;
        }
        println!("memory: {before:.0} MB at most for the pages, {:.0} MB for the exports", server.most_memory());
        println!("\n{}", if met { "every page within the aim" } else { "not every page within the aim" });
    });
}

const PAGES: &[(&str, &str)] = &[
    ("overview", "/app/admin"),
    ("members", "/app/admin/members"),
    ("members, searched", "/app/admin/members?q=person+77"),
    ("members, searched in vain", "/app/admin/members?q=nobody+has+this+name"),
    ("members of a team", "/app/admin/members?team=010000000000000000000007"),
    ("members by name", "/app/admin/members?sort=name"),
    ("members by state", "/app/admin/members?sort=state"),
    ("a person", "/app/admin/members/030000000000000000000018"),
    ("invites", "/app/admin/invites"),
    ("invites, searched", "/app/admin/invites?q=asked99"),
    ("teams", "/app/admin/teams"),
    ("credits", "/app/admin/credits"),
    ("API", "/app/admin/api"),
    ("webhooks", "/app/admin/webhooks"),
    ("an endpoint's deliveries", "/app/admin/webhooks?endpoint=060000000000000000000000"),
    ("audit log", "/app/admin/settings/audit"),
    ("jobs", "/app/admin/jobs"),
    ("outbox", "/app/admin/outbox"),
];

const EXPORTS: &[(&str, &str)] =
    &[("people as CSV", "/app/admin/members.csv"), ("audit log as CSV", "/app/admin/settings/audit/log.csv")];
