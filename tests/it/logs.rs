//! What the log of the real binary says of requests, mails and webhooks, and what it never does.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use regex::Regex;
use reqwest::{Method, header::COOKIE};
use serde_json::{Value, json};

use crate::app::{INVITES, PATIENCE, client};

/// What must not be in the log, by parts that would be in any way of writing it down.
const NEVER: [&str; 9] = ["acme.test", "acme%40", "hunter2", "HUNTER2", "sesame", "kim", "Kim", "513370", "whsec_"];

/// A server with its log in a file, and an organization.
struct Logged {
    process: Child,
    url: String,
    log: PathBuf,
    key: String,
}

fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_headroom"));
    command.env_clear().current_dir(data).args(["--data", &data.display().to_string(), "--json"]);
    command
}

fn made(data: &Path, args: &[&str]) -> Value {
    let output = command(data).args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

impl Logged {
    fn start(data: &Path, settings: &[(&str, &str)]) -> Self {
        let organization =
            made(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test", "--credits", "9"]);
        let organization = organization["organization"].as_str().unwrap().to_owned();
        let key = made(data, &["key", "create", "--org", &organization])["apiKey"].as_str().unwrap().to_owned();
        let log = data.join("log");
        let mut process = command(data)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .envs([("HEADROOM_RATE_LIMIT", "0"), ("HEADROOM_WEBHOOK_ALLOW", "127.0.0.0/8")])
            .env("HEADROOM_WEBHOOK_SCHEDULE", "0s,1h")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(process.stdout.take().unwrap()), &mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        Self { process, url: said["url"].as_str().unwrap().to_owned(), log, key }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Waits until the log says this.
    async fn says(&self, words: &str) {
        let begun = Instant::now();
        while !self.log().contains(words) {
            assert!(begun.elapsed() < PATIENCE, "not in the log: {words}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Logged {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A mail server that can't take any mail now, and says to whom.
fn forgetful_mail_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                let mut lines = std::io::BufReader::new(stream.try_clone().unwrap());
                let say = |words: &str| (&stream).write_all(format!("{words}\r\n").as_bytes());
                let _ = say("220 mail.test");
                let mut line = String::new();
                while std::io::BufRead::read_line(&mut lines, &mut line).is_ok_and(|read| read > 0) {
                    let answer = match line.split([' ', ':']).next().unwrap_or_default() {
                        "EHLO" => "250-mail.test\r\n250 AUTH PLAIN".to_owned(),
                        "AUTH" => "235 well".to_owned(),
                        "RCPT" => format!("451 4.2.0 {} is not at home", line.trim().trim_start_matches("RCPT TO:")),
                        _ => "250 well".to_owned(),
                    };
                    let _ = say(&answer);
                    line.clear();
                }
            });
        }
    });
    address
}

/// An endpoint that fails, and how often it was asked.
fn failing_endpoint() -> (SocketAddr, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, asked) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(0)));
    let count = asked.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 8192]);
            *count.lock().unwrap() += 1;
            let _ = stream.write_all(b"HTTP/1.1 500 hunter2\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    (address, asked)
}

fn token() -> String {
    BASE64_URL_SAFE_NO_PAD.encode([0xa5_u8; 32])
}

/// Requests of all kinds that carry what must not be told on. The ids their answers named.
async fn ask(server: &Logged, endpoint: SocketAddr) -> BTreeSet<String> {
    let client = client();
    let to = |method: Method, path: &str| client.request(method, format!("{}{path}", server.url));
    let get = |path: &str| to(Method::GET, path);
    let post = |path: &str| to(Method::POST, path);
    let token = token();
    let hook = format!("http://{endpoint}/in/{token}?key=sesame");
    let requests = vec![
        get("/livez"),
        get("/kim@acme.test/sesame?token=hunter2"),
        get(&format!("/auth/link/{token}")),
        get(&format!("/share/{token}?a=hunter2")),
        get("/api/v2/organization/invites/kim@acme.test?note=hunter2").bearer_auth(&server.key),
        get("/api/v2/organization/invites/kim%40acme.test").bearer_auth("hr_507f1f77bcf86cd799439011_sesame"),
        to(Method::DELETE, "/api/v2/organization/members/kim@acme.test").bearer_auth(&server.key),
        post(INVITES).bearer_auth(&server.key).json(&json!({ "email": "kim@acme.test" })),
        post(INVITES).bearer_auth(&server.key).json(&json!({ "email": "kim@acme.test, hunter2" })),
        post(INVITES)
            .bearer_auth(&server.key)
            .header("content-type", "application/json")
            .body("{\"email\": hunter2 kim"),
        post("/api/v2/organization/webhooks/endpoints").bearer_auth(&server.key).json(&json!({ "url": hook })),
        post("/api/v2/organization/webhooks/test").bearer_auth(&server.key).json(&json!({})),
        get("/app/admin").header(COOKIE, format!("headroom={token}; other=hunter2")),
        get("/app/admin").header("x-request-id", "kim@acme.test").header("x-forwarded-for", "hunter2"),
        post("/signin")
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body("email=kim%40acme.test&password=hunter2&code=513370"),
        post("/signin").header("sec-fetch-site", "cross-site").body("email=kim%40acme.test"),
        to(Method::from_bytes(b"HUNTER2").unwrap(), "/livez"),
        post("/app/admin/invites").body(vec![b'k'; 3 << 20]),
    ];
    let mut ids = BTreeSet::new();
    for request in requests {
        let answer = request.send().await.unwrap();
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert!(ids.insert(id), "two answers with one id");
        answer.bytes().await.unwrap();
    }
    // Not HTTP at all, or nearly.
    for bad in ["GET / HTTP/1.1\r\nkim@acme.test hunter2\r\n\r\n", "hunter2\r\n\r\n"] {
        let mut stream = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).unwrap();
        stream.write_all(bad.as_bytes()).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    }
    ids
}

/// Asks everything of a server that logs like this, and gives its log and the ids of the requests.
async fn logged(settings: &[(&str, &str)]) -> (String, BTreeSet<String>) {
    let data = tempfile::tempdir().unwrap();
    let (endpoint, asked) = failing_endpoint();
    let smtp = format!("smtp://user:sesame@{}", forgetful_mail_server());
    let settings: Vec<(&str, &str)> = settings.iter().copied().chain([("HEADROOM_SMTP_URL", smtp.as_str())]).collect();
    let server = Logged::start(data.path(), &settings);
    let ids = ask(&server, endpoint).await;
    server.says("a job failed and will be tried again").await;
    let begun = Instant::now();
    while *asked.lock().unwrap() == 0 {
        assert!(begun.elapsed() < PATIENCE, "no webhook came");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let log = server.log();
    let key = server.key.splitn(3, '_').nth(2).unwrap().to_owned();
    for never in NEVER.iter().copied().chain([token().as_str(), key.as_str()]) {
        let told: Vec<&str> = log.lines().filter(|line| line.contains(never)).collect();
        assert!(told.is_empty(), "{never} is in the log: {told:#?}");
    }
    (log, ids)
}

#[tokio::test]
async fn each_request_is_a_line_with_its_id_and_nothing_private() {
    let (log, ids) = logged(&[]).await;
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("headroom::access")).collect();
    // A look at the server's health is told of only where somebody wants to know everything.
    assert_eq!(lines.len(), ids.len() - 2, "{log}");
    for line in &lines {
        assert_eq!(ids.iter().filter(|id| line.contains(&format!("request{{id={id}}}"))).count(), 1, "{line}");
        assert!(line.contains(" INFO ") && line.contains("ms="), "{line}");
    }
    let said = |words: &str| lines.iter().filter(|line| line.contains(words)).count();
    assert_eq!(said("method=\"GET\" route=\"/api/v2/organization/invites/{email}\" status=404"), 1, "{log}");
    assert_eq!(said("method=\"GET\" route=\"/api/v2/organization/invites/{email}\" status=401"), 1, "{log}");
    assert_eq!(said("method=\"GET\" route=\"none\" status=404"), 1, "{log}");
    assert_eq!(said("route=\"/livez\""), 0, "health is quiet");
    assert!(!log.contains("actix_http"), "a client's broken request is no error of ours: {log}");
}

#[tokio::test]
async fn each_attempt_to_sign_in_is_a_line_that_names_nobody() {
    let data = tempfile::tempdir().unwrap();
    let server = Logged::start(data.path(), &[]);
    let client = client();
    let post = |path: &str, body: String| {
        let request = client.post(format!("{}{path}", server.url)).body(body);
        request
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .send()
    };
    let none = token();
    for (path, body, status) in [
        ("/signin/password", "email=ada@acme.test&password=hunter2".to_owned(), 401),
        ("/signin/password", "email=kim@acme.test&password=hunter2".to_owned(), 401),
        ("/auth/code", "email=ada@acme.test&code=513370".to_owned(), 401),
        ("/setup", format!("token={none}"), 200),
        ("/auth/phone", format!("token={none}"), 200),
        ("/signin/passkey", "ceremony=hunter2&credential=sesame".to_owned(), 401),
    ] {
        assert_eq!(post(path, body).await.unwrap().status(), status, "{path}");
    }
    let link = made(data.path(), &["signin", "ada@acme.test"])["link"].as_str().unwrap().to_owned();
    // A command beside the server doesn't know on which port that is.
    let path = link.split_once("/auth/").unwrap().1;
    let page = client.get(format!("{}/auth/{path}", server.url)).send().await.unwrap();
    let cookie = page.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let page = page.text().await.unwrap();
    let hidden = |name: &str| {
        let field = Regex::new(&format!(r#"name="{name}" value="([^"]+)""#)).unwrap();
        field.captures(&page).unwrap()[1].to_owned()
    };
    let pressed = client
        .post(format!("{}/auth/link", server.url))
        .header("sec-fetch-site", "same-origin")
        .header(COOKIE, cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("token={}&nonce={}", hidden("token"), hidden("nonce")));
    assert_eq!(pressed.send().await.unwrap().status(), 303);

    let log = server.log();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("headroom::sign_in: ")).collect();
    let told = |words: &str| lines.iter().filter(|line| line.contains(words)).count();
    let known = Regex::new(r#"account="[0-9a-f]{24}""#).unwrap();
    assert_eq!((lines.len(), told("sign_in: refused"), told("sign_in: accepted by=\"link\"")), (7, 6, 1), "{log}");
    assert_eq!((told("by=\"password\""), told("by=\"code\""), told("by=\"passkey\"")), (2, 1, 1), "{log}");
    assert_eq!((told("by=\"setup\""), told("by=\"handoff\"")), (1, 1), "{log}");
    let of_ada = lines.iter().filter(|line| known.is_match(line)).count();
    assert_eq!((of_ada, told("account=\"unknown\"")), (3, 4), "{log}");
    assert!(lines.iter().all(|line| line.contains("request{id=")), "{log}");
    assert!(NEVER.iter().all(|never| !lines.concat().contains(never)), "{log}");
}

#[tokio::test]
async fn as_json_each_line_is_an_object_that_says_the_same() {
    let (log, ids) = logged(&[("HEADROOM_LOG_FORMAT", "json"), ("HEADROOM_LOG", "debug")]).await;
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: BTreeSet<String> = lines
        .iter()
        .filter(|line| line["target"] == "headroom::access")
        .map(|line| line["span"]["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(told, ids);
    let one = lines.iter().find(|line| line["fields"]["route"] == "/api/v2/organization/members/{email}").unwrap();
    assert_eq!((&one["fields"]["method"], &one["level"]), (&json!("DELETE"), &json!("INFO")), "{one}");
    assert!(one["fields"]["ms"].as_f64().unwrap() >= 0.0);
}

#[tokio::test]
async fn a_trusted_proxy_names_the_request_and_nobody_else_does() {
    let data = tempfile::tempdir().unwrap();
    let server = Logged::start(data.path(), &[("HEADROOM_TRUSTED_PROXIES", "127.0.0.0/8")]);
    let ask = |id: &'static str| client().get(format!("{}/nowhere", server.url)).header("x-request-id", id);
    let answer = ask("from-the-proxy-0001").send().await.unwrap();
    assert_eq!(answer.headers()["x-request-id"], "from-the-proxy-0001");
    server.says("request{id=from-the-proxy-0001}").await;
    for wrong in ["short", "with space and more", "<script>alert(1)</script>"] {
        assert_ne!(ask(wrong).send().await.unwrap().headers()["x-request-id"], wrong);
    }
}
