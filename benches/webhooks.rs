//! How many deliveries a second reach a local receiver, on a database on disk, alone and beside a host that hangs:
//! `cargo bench --bench webhooks`.
#![expect(clippy::unwrap_used, reason = "a measurement that can't go on says so by panicking")]

use std::{
    io::Write,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use headroom::{
    config::{Config, Sources},
    db::Db,
    error::Result,
    ids::EventId,
    members::{self, Actor},
    organizations::{self, NewOrganization, OrganizationName},
    server::{Mode, Server},
    webhooks::{self, Endpoint, Message, Target},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

const DELIVERIES: usize = 20_000;
/// What waits for the host that hangs.
const STUCK: usize = 500;
const BODY: usize = 500;

#[tokio::main(worker_threads = 2)]
async fn main() {
    let alone = measure(0).await;
    let beside = measure(STUCK).await;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{DELIVERIES} deliveries to one host:               {alone:.0}/s").unwrap();
    writeln!(out, "the same while {STUCK} wait for one that hangs: {beside:.0}/s, {:.2} of it", beside / alone)
        .unwrap();
}

async fn measure(stuck: usize) -> f64 {
    let data = tempfile::tempdir().unwrap();
    let flags = vec![
        ("listen", "127.0.0.1:0".to_owned()),
        ("data", data.path().display().to_string()),
        ("webhook_allow", "127.0.0.0/8".to_owned()),
    ];
    let config = Config::load(&Sources { flags, ..Sources::default() }).unwrap();
    let server = Server::build(config, Mode::Serve).unwrap();
    let (quick, mut arrived) = receiver(true).await;
    let (deaf, _) = receiver(false).await;
    let db = server.app().db.clone();
    let [quick, deaf] = endpoints(&server, [quick, deaf]).await;
    add(&db, &deaf, stuck).await;
    add(&db, &quick, DELIVERIES).await;

    let began = Instant::now();
    let serving = tokio::spawn(server.run_until(std::future::pending()));
    arrived.wait_for(|count| *count >= DELIVERIES).await.unwrap();
    while left(&db, &quick) > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let took = began.elapsed().as_secs_f64();
    serving.abort();
    DELIVERIES as f64 / took
}

/// One that answers everything at once, or nothing ever; and how much it got.
async fn receiver(answers: bool) -> (SocketAddr, watch::Receiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (count, counted) = watch::channel(0);
    let count = Arc::new(count);
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(serve(connection, answers, count.clone()));
        }
    });
    (address, counted)
}

async fn serve(mut connection: TcpStream, answers: bool, count: Arc<watch::Sender<usize>>) {
    let mut read = Vec::with_capacity(8192);
    while connection.read_buf(&mut read).await.is_ok_and(|bytes| bytes > 0) {
        // The body ends with the only closing brace at the end of a request.
        if answers && read.ends_with(b"}") {
            read.clear();
            count.send_modify(|count| *count += 1);
            if connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.is_err() {
                return;
            }
        }
    }
}

async fn endpoints(server: &Server, at: [SocketAddr; 2]) -> [Endpoint; 2] {
    let key = server.app().key.clone();
    let made = server.app().db.write(move |tx| {
        let new = NewOrganization {
            name: OrganizationName::parse("Acme")?,
            website: None,
            unlimited: false,
            whitelabel: false,
        };
        let organization = organizations::create(tx, &new)?.id;
        members::add_owner(tx, &organization, &"ada@acme.test".parse()?)?;
        let by = Actor::operator(organization);
        let make = |address: SocketAddr| -> Result<Endpoint> {
            let target = Target::parse(&format!("http://{address}/hooks"))?;
            Ok(webhooks::create(tx, &by, &key, &target, &[])?.endpoint)
        };
        Ok([make(at[0])?, make(at[1])?])
    });
    made.await.unwrap()
}

async fn add(db: &Db, endpoint: &Endpoint, count: usize) {
    let endpoint = endpoint.clone();
    let added = db.write(move |tx| {
        (0..count).try_for_each(|_| {
            let body = format!("{{\"text\":\"{}\"}}", "x".repeat(BODY));
            let message = Message { event: EventId::new(), name: "webhook.test", shoot: None, place: 0, body };
            webhooks::add(tx, &endpoint, &message, tx.now).map(drop)
        })
    });
    added.await.unwrap();
}

fn left(db: &Db, endpoint: &Endpoint) -> i64 {
    let sql = "select count(*) from deliveries where host = ?1 and state = 'waiting'";
    db.read(|view| view.one(sql, [endpoint.host()], |row| row.get(0))).unwrap()
}
