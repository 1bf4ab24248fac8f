//! A receiver that answers as a test wants it to, well or badly.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinHandle,
};

use crate::app::PATIENCE;

/// What to do with a request.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    /// Answers with a status and nothing else.
    Status(u16),
    /// Answers with a status, one header, and a body.
    Full(u16, &'static str, String),
    /// Takes the request and says nothing.
    HangBeforeHeaders,
    /// Promises a body that never comes.
    HangAfterHeaders,
    /// Sends a body byte by byte, and never ends.
    Drip,
    /// Ends the connection in the middle of the body.
    Tear,
    /// Resets the connection.
    Reset,
    /// Ends the connection without a word.
    Close,
    /// Says something that is not HTTP.
    NoHttp,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) path: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) text: String,
    /// Which try of its event this is here; the first is 1.
    pub(super) nth: usize,
}

impl Received {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(super) fn id(&self) -> String {
        self.json()["id"].as_str().unwrap().to_owned()
    }

    pub(super) fn event(&self) -> String {
        self.json()["event"].as_str().unwrap().to_owned()
    }

    pub(super) fn title(&self) -> String {
        self.json()["object"]["title"].as_str().unwrap_or_default().to_owned()
    }

    /// The event and the status it tells, as in `model.status.updated deleted`.
    pub(super) fn said(&self) -> String {
        format!("{} {}", self.event(), self.json()["object"]["status"].as_str().unwrap_or_default())
    }

    /// Whether one of the signatures of each family was made with this secret.
    pub(super) fn is_signed_with(&self, secret: &str) -> bool {
        let header = |name: &str| self.headers.get(name).map_or("", String::as_str);
        let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let timestamp = header("webhook-timestamp");
        let signed = sign(&key, &format!("{}.{timestamp}.{}", header("webhook-id"), self.text));
        let standard = format!("v1,{}", BASE64_STANDARD.encode(signed));
        let signed = sign(secret.as_bytes(), &format!("{}.{}", header("x-headshotpro-timestamp"), self.text));
        let legacy = format!("sha256={}", signed.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        let names = ["x-headshotpro-signature", "x-headshotpro-signature-previous"];
        let either = [
            header("webhook-signature").split(' ').any(|one| one == standard),
            names.iter().any(|name| header(name) == legacy),
        ];
        assert_eq!(either[0], either[1], "the two families disagree: {:?}", self.headers);
        either[0]
    }
}

fn sign(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// A receiver on a port of its own, until it is dropped.
pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    answer: Box<dyn Fn(&Received) -> Reply + Send + Sync>,
    received: Mutex<Vec<Received>>,
    count: watch::Sender<usize>,
    connections: watch::Sender<usize>,
    /// What lets answers go out.
    gate: Semaphore,
}

impl Receiver {
    /// Answers everything with 200.
    pub(super) async fn happy() -> Self {
        Self::start(|_| Reply::Status(200)).await
    }

    pub(super) async fn start(answer: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1:0", Semaphore::MAX_PERMITS, answer).await
    }

    /// One that takes requests, and answers none before [`Receiver::let_go`].
    pub(super) async fn gated(answer: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1:0", 0, answer).await
    }

    pub(super) async fn start_at(
        address: &str,
        passes: usize,
        answer: impl Fn(&Received) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let shared = Arc::new(Shared {
            answer: Box::new(answer),
            received: Mutex::default(),
            count: watch::Sender::new(0),
            connections: watch::Sender::new(0),
            gate: Semaphore::new(passes),
        });
        let (address, own) = (listener.local_addr().unwrap(), shared.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                own.connections.send_modify(|count| *count += 1);
                tokio::spawn(serve(own.clone(), connection));
            }
        });
        Self { address, shared, accepting }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// All that came, in the order it came in.
    pub(super) fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// The same as [`Received::said`].
    pub(super) fn said(&self) -> Vec<String> {
        self.received().iter().map(Received::said).collect()
    }

    pub(super) fn connections(&self) -> usize {
        *self.shared.connections.borrow()
    }

    /// Returns once so many requests have come.
    pub(super) async fn has(&self, count: usize) -> Vec<Received> {
        let mut counted = self.shared.count.subscribe();
        let come = tokio::time::timeout(PATIENCE, counted.wait_for(|come| *come >= count)).await;
        assert!(come.is_ok(), "{} of {count} requests came", self.received().len());
        self.received()
    }

    /// Lets so many answers out of the gate.
    pub(super) fn let_go(&self, answers: usize) {
        self.shared.gate.add_permits(answers);
    }

    pub(super) fn open(&self) {
        self.let_go(Semaphore::MAX_PERMITS / 2);
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(shared: Arc<Shared>, mut connection: TcpStream) {
    let mut read = Vec::new();
    while let Ok(Some(mut request)) = next_request(&mut connection, &mut read).await {
        let count = {
            let mut received = shared.received.lock().unwrap();
            let id = request.headers.get("webhook-id");
            request.nth = 1 + received.iter().filter(|one| one.headers.get("webhook-id") == id).count();
            received.push(request.clone());
            received.len()
        };
        shared.count.send_modify(|known| *known = (*known).max(count));
        shared.gate.acquire().await.unwrap().forget();
        let reply = (shared.answer)(&request);
        if !matches!(say(&mut connection, reply).await, Ok(true)) {
            return;
        }
    }
}

/// Reads a request; nothing if there is no further one.
async fn next_request(connection: &mut TcpStream, read: &mut Vec<u8>) -> io::Result<Option<Received>> {
    loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&read[..end]).into_owned();
            let mut lines = head.lines();
            let path = lines.next().unwrap().split(' ').nth(1).unwrap().to_owned();
            let pair = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
            let headers: BTreeMap<String, String> = lines.filter_map(pair).collect();
            let length: usize = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
            if read.len() >= end + 4 + length {
                let body = read.drain(..end + 4 + length).skip(end + 4).collect();
                return Ok(Some(Received { path, headers, text: String::from_utf8(body).unwrap(), nth: 0 }));
            }
        }
        if connection.read_buf(read).await? == 0 {
            return Ok(None);
        }
    }
}

/// Answers; whether the connection is good for more.
async fn say(connection: &mut TcpStream, reply: Reply) -> io::Result<bool> {
    let promising = "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n";
    match reply {
        Reply::Status(status) => {
            let length = if status == 204 { "" } else { "content-length: 0\r\n" };
            connection.write_all(format!("HTTP/1.1 {status} So\r\n{length}\r\n").as_bytes()).await?;
            return Ok(true);
        }
        Reply::Full(status, header, body) => {
            let head = format!("HTTP/1.1 {status} So\r\ncontent-length: {}\r\n{header}\r\n\r\n", body.len());
            connection.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await?;
            return Ok(true);
        }
        Reply::HangBeforeHeaders => until_closed(connection).await?,
        Reply::HangAfterHeaders => {
            connection.write_all(promising.as_bytes()).await?;
            until_closed(connection).await?;
        }
        Reply::Drip => {
            connection.write_all(promising.as_bytes()).await?;
            let mut drops = tokio::time::interval(Duration::from_millis(20));
            loop {
                drops.tick().await;
                connection.write_all(b".").await?;
            }
        }
        Reply::Tear => connection.write_all(format!("{promising}torn").as_bytes()).await?,
        Reply::Reset => connection.set_zero_linger()?,
        Reply::Close => {}
        Reply::NoHttp => connection.write_all(b"220 mail.test ESMTP ready\r\n").await?,
    }
    Ok(false)
}

async fn until_closed(connection: &mut TcpStream) -> io::Result<()> {
    while connection.read_buf(&mut Vec::new()).await? > 0 {}
    Ok(())
}
