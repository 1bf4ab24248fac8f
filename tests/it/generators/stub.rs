//! A server elsewhere that answers as a test wants it to, well or badly.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// Like `GET /v1/health`.
    pub(super) what: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Asked {
    pub(super) fn holds(&self, text: &str) -> bool {
        self.body.windows(text.len()).any(|window| window == text.as_bytes())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The text of a part of a form.
    pub(super) fn part(&self, name: &str) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let rest = text.split(&format!("name=\"{name}\"")).nth(1).unwrap_or_else(|| panic!("a part {name}"));
        rest.split("\r\n\r\n").nth(1).unwrap().split("\r\n").next().unwrap().to_owned()
    }
}

#[derive(Clone, Debug)]
pub(super) enum Reply {
    Json(u16, Value),
    /// With a header.
    With(u16, &'static str, String, Value),
    File(Vec<u8>),
    /// Takes the request and says nothing.
    Hang,
    /// Sends a body byte by byte, and never ends.
    Drip,
    /// Resets the connection.
    Reset,
    /// The same once it is told to.
    ResetAfter(Arc<Notify>),
    /// Promises more than it may send, and goes on sending.
    Huge,
    /// The same without a word about how much.
    Endless,
}

pub(super) struct Stub {
    pub(super) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    accepting: JoinHandle<()>,
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Stub {
    pub(super) async fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(answer));
        let accepting = tokio::spawn({
            let asked = asked.clone();
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let (asked, answer) = (asked.clone(), answer.clone());
                    tokio::spawn(async move {
                        let mut stream = stream;
                        let Some(request) = read(&mut stream).await else { return };
                        asked.lock().unwrap().push(request.clone());
                        // Whoever hangs up is no concern of ours.
                        let _ = say(stream, answer(&request)).await;
                    });
                }
            }
        });
        Self { url, asked, accepting }
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(super) fn count(&self, what: &str) -> usize {
        self.asked().iter().filter(|asked| asked.what.starts_with(what)).count()
    }

    pub(super) fn port(&self) -> u16 {
        self.url.rsplit(':').next().unwrap().parse().unwrap()
    }
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.lines();
    let first: Vec<&str> = lines.next()?.split(' ').collect();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head + 4 + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(Asked { what: format!("{} {}", first[0], first[1]), headers, body: bytes.split_off(head + 4) })
}

async fn say(mut stream: TcpStream, reply: Reply) -> std::io::Result<()> {
    let head = |status: u16, more: &str, length: usize| {
        format!("HTTP/1.1 {status} Said\r\nconnection: close\r\n{more}content-length: {length}\r\n\r\n")
    };
    match reply {
        Reply::Json(status, value) => {
            let body = value.to_string();
            stream
                .write_all((head(status, "content-type: application/json\r\n", body.len()) + &body).as_bytes())
                .await?;
        }
        Reply::With(status, name, value, body) => {
            let body = body.to_string();
            stream.write_all((head(status, &format!("{name}: {value}\r\n"), body.len()) + &body).as_bytes()).await?;
        }
        Reply::File(bytes) => {
            stream.write_all(head(200, "content-type: image/jpeg\r\n", bytes.len()).as_bytes()).await?;
            stream.write_all(&bytes).await?;
        }
        Reply::Hang => std::future::pending().await,
        Reply::Drip => {
            stream.write_all(head(200, "", 1_000_000).as_bytes()).await?;
            loop {
                stream.write_all(b" ").await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Reply::Reset => return stream.set_zero_linger(),
        Reply::ResetAfter(told) => {
            told.notified().await;
            return stream.set_zero_linger();
        }
        Reply::Huge => stream.write_all(head(200, "", 900 << 20).as_bytes()).await?,
        Reply::Endless => {
            stream.write_all(b"HTTP/1.1 200 Said\r\nconnection: close\r\n\r\n").await?;
            let chunk = vec![b' '; 1 << 20];
            loop {
                stream.write_all(&chunk).await?;
            }
        }
    }
    stream.shutdown().await
}
