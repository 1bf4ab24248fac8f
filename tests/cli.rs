//! The command line, as a person or a script meets it: the real binary on a data directory of its own.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on panics, its helpers included")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

fn headroom(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_headroom"));
    command.current_dir(data).env_clear().arg("--data").arg(data.join("data"));
    command
}

fn run(data: &Path, args: &[&str]) -> Output {
    headroom(data).args(args).output().unwrap()
}

#[track_caller]
fn json(data: &Path, args: &[&str]) -> Value {
    let output = run(data, &[args, &["--json"]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {said}");
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

#[track_caller]
fn refused(data: &Path, args: &[&str]) -> String {
    let output = run(data, args);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
    assert_eq!(said.trim().lines().count(), 1, "one sentence, not: {said}");
    assert!(output.stdout.is_empty());
    said.trim().to_owned()
}

/// A server that is ended with the test.
struct Server {
    process: Child,
    said: Value,
}

impl Server {
    fn start(data: &Path, args: &[&str]) -> Self {
        Self::start_logging_to(data, args, Stdio::null())
    }

    fn start_logging_to(data: &Path, args: &[&str], log: Stdio) -> Self {
        let mut process = headroom(data)
            .args(args)
            .args(["--listen", "127.0.0.1:0", "--json"])
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said = serde_json::from_str(&line).expect("a line of JSON once it accepts connections");
        Self { process, said }
    }

    fn url(&self) -> &str {
        self.said["url"].as_str().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn get(url: &str, key: &str) -> Value {
    // The client asks for one even where it speaks plain HTTP. Whoever comes first installs it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        reqwest::Client::new().get(url).bearer_auth(key).send().await.unwrap().json().await.unwrap()
    })
}

#[test]
fn an_organization_is_made_listed_and_changed() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    let made = json(
        data,
        &["org", "create", "--name", "Acme", "--owner", "Ada@acme.test", "--credits", "25", "--website", "acme.test"],
    );
    let id = made["organization"].as_str().unwrap();
    assert!(id.starts_with("org_"));
    assert!(made["ownerSignIn"].as_str().unwrap().starts_with("http://127.0.0.1:8080/auth/link/"));

    json(data, &["org", "set", "acme", "description=Anvils", "whitelabel=on"]);
    let all = json(data, &["org", "list"]);
    let one = &all["organizations"][0];
    assert_eq!(
        (&one["name"], &one["website"], &one["description"]),
        (&"Acme".into(), &"https://acme.test".into(), &"Anvils".into())
    );
    assert_eq!((&one["credits"], &one["whitelabel"]), (&25.into(), &true.into()));
    let words = String::from_utf8(run(data, &["org", "list"]).stdout).unwrap();
    assert!(words.starts_with("ID ") && words.contains("Acme"), "{words}");

    assert!(
        refused(data, &["org", "create", "--name", "Other", "--owner", "ada@acme.test"]).contains("already belongs")
    );
    assert!(refused(data, &["org", "set", "acme", "colour=red"]).contains("There are: name"));
    assert!(refused(data, &["org", "set", "nobody", "name=X"]).contains("headroom org list"));
    assert_eq!(
        json(data, &["org", "list"])["organizations"].as_array().unwrap().len(),
        1,
        "what was refused left nothing"
    );
}

#[test]
fn a_log_that_can_not_be_written_ends_nothing() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test", "--credits", "5"]);
    let key = json(data, &["key", "create", "--org", "Acme"]);
    std::fs::write(data.join("headroom.toml"), "log = \"debug\"").unwrap();
    // A device that is always full.
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let server = Server::start_logging_to(data, &["serve"], full.into());
    let credits = get(&format!("{}/api/v2/organization/credits", server.url()), key["apiKey"].as_str().unwrap());
    assert_eq!(credits["credits"], 5);
}

#[test]
fn keys_credits_and_invites_work_beside_a_running_server() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test"]);
    let server = Server::start(data, &["serve"]);
    let organization = format!("{}/api/v2/organization", server.url());

    let key = json(data, &["key", "create", "--org", "Acme", "--scope", "organization:read", "invites:write"]);
    let text = key["apiKey"].as_str().unwrap();
    assert_eq!(get(&format!("{organization}/credits"), text)["credits"], 0);
    assert!(refused(data, &["invite", "send", "--org", "Acme", "kim@acme.test"]).contains("credits"));
    json(data, &["credits", "grant", "--org", "Acme", "5", "--reason", "A gift"]);
    assert_eq!(get(&format!("{organization}/credits"), text)["credits"], 5);
    let ledger = json(data, &["credits", "ledger", "--org", "Acme"]);
    assert_eq!((&ledger["ledger"][0]["reason"], &ledger["ledger"][0]["balance"]), (&"A gift".into(), &5.into()));

    let sent = json(data, &["invite", "send", "--org", "Acme", "kim@acme.test", "lee@acme.test"]);
    assert_eq!(sent["invites"].as_array().unwrap().len(), 2);
    assert!(
        refused(data, &["invite", "send", "--org", "Acme", "new@acme.test", "kim@acme.test"])
            .contains("already invited")
    );
    json(data, &["invite", "revoke", "--org", "Acme", "lee@acme.test"]);
    let listed = get(&format!("{organization}/invites"), text);
    let of = |email: &str| {
        listed["invites"].as_array().unwrap().iter().find(|one| one["email"] == email).map(|one| one["status"].clone())
    };
    assert_eq!(
        (of("kim@acme.test"), of("lee@acme.test"), of("new@acme.test")),
        (Some("pending".into()), Some("revoked".into()), None)
    );

    json(data, &["key", "revoke", key["id"].as_str().unwrap()]);
    assert_eq!(get(&format!("{organization}/credits"), text)["code"], "UNAUTHORIZED");
}

#[test]
fn backdrops_are_added_listed_renamed_and_removed() {
    let dir = TempDir::new().unwrap();
    let data = dir.path();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test"]);
    let set = json(data, &["org", "set", "Acme", "headshots=16"]);
    assert_eq!(set["organization"]["headshots"], 16);
    assert!(refused(data, &["org", "set", "Acme", "headshots=25"]).contains("12 to 24"));
    let set = json(data, &["org", "set", "Acme", "resultsDays=90"]);
    assert_eq!(set["organization"]["resultsDays"], 90);
    assert!(refused(data, &["org", "set", "Acme", "resultsDays=6"]).contains("7 to 3,650"));
    assert!(json(data, &["org", "set", "Acme", "resultsDays=off"])["organization"]["resultsDays"].is_null());

    let wall = image::RgbImage::from_pixel(1100, 1300, image::Rgb([90, 120, 140]));
    wall.save_with_format(data.join("Front desk.png"), image::ImageFormat::Png).unwrap();
    let added = json(data, &["backdrop", "add", "--org", "Acme", "Front desk.png"]);
    assert_eq!(added["name"], "Front desk");
    let again = refused(data, &["backdrop", "add", "--org", "Acme", "--name", "front DESK", "Front desk.png"]);
    assert!(again.contains("already a backdrop"), "{again}");
    assert!(refused(data, &["backdrop", "add", "--org", "Acme", "none.png"]).contains("none.png can't be read"));
    json(data, &["backdrop", "rename", "--org", "Acme", "front desk", "Lobby"]);
    let listed = json(data, &["backdrop", "list", "--org", "Acme"]);
    assert_eq!((&listed["backdrops"][0]["name"], &listed["backdrops"][0]["id"]), (&"Lobby".into(), &added["id"]));
    assert!(refused(data, &["backdrop", "remove", "--org", "Acme", "Front desk"]).contains("not found"));
    let shown = json(data, &["backdrop", "allow", "--org", "Acme"]);
    assert_eq!((&shown["set"], shown["backdrops"].as_array().unwrap().len()), (&false.into(), 7));
    let allowed = json(data, &["backdrop", "allow", "--org", "Acme", "light grey", "LOBBY"]);
    assert_eq!((&allowed["set"], &allowed["backdrops"][0]["name"]), (&true.into(), &"Lobby".into()));
    assert!(refused(data, &["backdrop", "allow", "--org", "Acme", "moat"]).contains("no backdrop called \"moat\""));
    json(data, &["style", "export", "--org", "Acme", "acme.json"]);
    json(data, &["backdrop", "allow", "--org", "Acme", "--reset"]);
    let would = json(data, &["style", "import", "--org", "Acme", "--dry-run", "acme.json"]);
    assert_eq!((&would["applied"], &would["changes"][0]["then"]), (&false.into(), &"Lobby, Light grey".into()));
    assert_eq!(json(data, &["backdrop", "allow", "--org", "Acme"])["set"], false);
    json(data, &["style", "import", "--org", "Acme", "acme.json"]);
    assert_eq!(json(data, &["backdrop", "allow", "--org", "Acme"])["set"], true);
    assert!(refused(data, &["style", "import", "--org", "Acme", "Front desk.png"]).contains("no JSON file"));
    assert!(refused(data, &["style", "import", "--org", "Acme", "none.json"]).contains("none.json can't be read"));
    json(data, &["backdrop", "remove", "--org", "Acme", "Lobby"]);
    assert_eq!(json(data, &["backdrop", "list", "--org", "Acme"])["backdrops"], serde_json::json!([]));
    let stored = std::fs::read_dir(data.join("data/photos/backdrops")).unwrap();
    let left = stored.flat_map(|spread| std::fs::read_dir(spread.unwrap().path()).unwrap()).count();
    assert_eq!(left, 0, "its files are gone");
}

#[test]
fn photos_move_to_another_directory_and_take_out_what_went_meanwhile() {
    let directory = TempDir::new().unwrap();
    let data = directory.path();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test"]);
    let wall = image::RgbImage::from_pixel(1100, 1300, image::Rgb([90, 120, 140]));
    for name in ["Lobby", "Garden"] {
        wall.save_with_format(data.join(format!("{name}.png")), image::ImageFormat::Png).unwrap();
        json(data, &["backdrop", "add", "--org", "Acme", &format!("{name}.png")]);
    }
    let (old, new) = (data.join("data/photos"), data.join("elsewhere/faces"));
    let files = |place: &Path| -> Vec<std::path::PathBuf> {
        let found = listing(place).into_iter().map(|(path, _)| path).filter(|path| path.is_file());
        found.map(|path| path.strip_prefix(place).unwrap().to_owned()).collect()
    };
    assert!(refused(data, &["storage", "move", "--to", "data/photos/new"]).contains("one within the other"));
    assert!(refused(data, &["storage", "move", "--to", "s3:faces"]).contains("an example that works"));

    let to = ["storage", "move", "--to", "elsewhere/faces"];
    let first = json(data, &to);
    assert_eq!((&first["copied"], &first["same"], &first["complete"]), (&4.into(), &0.into(), &true.into()), "{first}");
    assert_eq!(first["setting"]["storage"], new.display().to_string());
    assert_eq!(files(&old), files(&new));
    json(data, &["backdrop", "remove", "--org", "Acme", "Lobby"]);
    let server = Server::start(data, &["serve"]);
    let beside = json(data, &to);
    assert_eq!((&beside["removed"], &beside["complete"]), (&0.into(), &false.into()), "{beside}");
    let both = [&to[..], &["--delete"]].concat();
    let output = run(data, &both);
    assert!(String::from_utf8_lossy(&output.stderr).contains("Stop it first") && output.status.code() == Some(1));
    drop(server);
    let last = json(data, &both);
    assert_eq!((&last["same"], &last["removed"], &last["deleted"]), (&2.into(), &2.into(), &2.into()), "{last}");
    assert_eq!((files(&old).len(), files(&new).len()), (0, 2));

    // With yesterday's setting again: what is in use now stays.
    let stale = json(data, &to);
    assert_eq!((&stale["removed"], &stale["onlyThere"]), (&0.into(), &2.into()), "{stale}");
    let back = headroom(data)
        .args(["storage", "move", "--to", "data/photos", "--delete", "--json"])
        .env("HEADROOM_STORAGE", &new)
        .output()
        .unwrap();
    let back: Value = serde_json::from_slice(&back.stdout).unwrap();
    assert_eq!((&back["copied"], &back["setting"]["storage"]), (&2.into(), &"".into()), "{back}");

    let other = TempDir::new().unwrap();
    json(other.path(), &["org", "create", "--name", "Other", "--owner", "ada@other.test"]);
    let mut wrong = headroom(other.path());
    let wrong =
        wrong.args(["storage", "move", "--to", "x", "--delete"]).env("HEADROOM_STORAGE", &old).output().unwrap();
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("Is --data the right directory"));
    assert_eq!(files(&old).len(), 2, "what another database knows stays");
}

#[test]
fn what_is_kept_about_someone_is_taken_out() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test"]);
    let export = ["privacy", "export", "--org", "Acme", "ada@acme.test", "--out", "ada.zip"];
    let said = json(data, &export);
    let bytes = std::fs::read(data.join("ada.zip")).unwrap();
    assert_eq!(said["bytes"], bytes.len());
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("data.json") && text.contains("\"email\": \"ada@acme.test\""), "{text}");
    assert!(refused(data, &export).contains("ada.zip can't be made"), "what is there is left alone");
    let nobody = ["privacy", "export", "--org", "Acme", "kim@acme.test", "--out", "kim.zip"];
    assert!(refused(data, &nobody).contains("not found") && !data.join("kim.zip").exists());
    assert_eq!(json(data, &["privacy", "receipts", "--org", "Acme"])["receipts"], serde_json::json!([]));
}

#[test]
fn people_are_reminded_and_removed_and_reminders_are_scheduled() {
    let dir = TempDir::new().unwrap();
    let data = dir.path();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test", "--credits", "5"]);
    let set = ["org", "set", "Acme", "reminders=7,3", "quiet-hours=20-8", "timezone=europe/berlin"];
    let acme = &json(data, &set)["organization"];
    assert_eq!(acme["days"], serde_json::json!([3, 7]));
    assert_eq!((&acme["quiet_from"], &acme["quiet_to"]), (&20.into(), &8.into()));
    assert_eq!(acme["timezone"], "Europe/Berlin");
    assert!(refused(data, &["org", "set", "Acme", "timezone=Berlin"]).contains("no time zone"));

    json(data, &["invite", "send", "--org", "Acme", "kim@acme.test"]);
    let remind = ["invite", "remind", "--org", "Acme", "kim@acme.test"];
    assert_eq!(json(data, &remind)["reminded"], serde_json::json!(["kim@acme.test"]));
    assert!(refused(data, &remind).contains("One reminder a day is enough."));
    assert!(refused(data, &["invite", "remind", "--org", "Acme", "sam@acme.test"]).contains("has no invite"));
    let remove = ["member", "remove", "--org", "Acme", "ada@acme.test", "--force"];
    assert!(refused(data, &remove).contains("leads your organization"));
}

#[test]
fn embedding_is_set_up_beside_a_running_server_or_before_one() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test"]);
    let set = [
        "org",
        "set",
        "Acme",
        "whitelabel=on",
        "embed_origins=https://app.acme.test, http://localhost:3000",
        "cors_origins=https://tools.acme.test",
    ];
    let organization = json(data, &set)["organization"].take();
    assert_eq!(organization["embed_origins"], serde_json::json!(["https://app.acme.test", "http://localhost:3000"]));
    assert_eq!(organization["cors_origins"], serde_json::json!(["https://tools.acme.test"]));
    assert!(refused(data, &["org", "set", "Acme", "embed_origins=acme.test"]).contains("such as https://app.acme.com"));

    let made = json(data, &["webhook", "set", "--org", "acme", "https://acme.test/hooks"]);
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"), "{made}");
    let server = Server::start(data, &["serve"]);
    let moved = json(data, &["webhook", "set", "--org", "Acme", "https://acme.test/other"]);
    assert_eq!(moved["id"], made["id"]);
    assert_ne!(moved["secret"], made["secret"]);
    drop(server);
    let words = run(data, &["webhook", "set", "--org", "Acme", "https://acme.test/other"]).stdout;
    let words = String::from_utf8(words).unwrap();
    assert!(words.contains("whsec_") && words.contains("(shown only now)"), "{words}");
    assert!(refused(data, &["webhook", "set", "--org", "Acme", "acme.test"]).contains("is not a web address"));
}

/// Answers every request with 500 until `failures` of them are answered, and then with 200. Where it listens.
fn receiver(failures: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for (nth, connection) in listener.incoming().enumerate() {
            let mut connection = connection.unwrap();
            let mut request = BufReader::new(connection.try_clone().unwrap());
            let mut length = 0;
            for line in request.by_ref().lines().map(Result::unwrap).take_while(|line| !line.is_empty()) {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
            }
            request.read_exact(&mut vec![0; length]).unwrap();
            let status = if nth < failures { "500 Oh no" } else { "200 OK" };
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 4\r\nconnection: close\r\n\r\nwell");
            connection.write_all(answer.as_bytes()).unwrap();
        }
    });
    format!("http://{address}/hooks")
}

/// The newest delivery, once it is over.
fn newest(data: &Path) -> Value {
    let begun = Instant::now();
    loop {
        let newest = json(data, &["webhook", "log", "--org", "Acme"])["deliveries"][0].take();
        if newest["status"] != "waiting" {
            return newest;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "still on its way: {newest}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn webhooks_are_tried_out_followed_and_replayed() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    std::fs::write(data.join("headroom.toml"), "webhook_allow = \"127.0.0.1/32\"\nwebhook_schedule = \"0s\"\n")
        .unwrap();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test"]);
    assert!(refused(data, &["webhook", "test", "--org", "Acme"]).contains("There is no webhook URL yet"));
    json(data, &["webhook", "set", "--org", "Acme", &receiver(1), "--event", "model.created", "model.deleted"]);

    // Without a server it waits; with one it goes out.
    let words = String::from_utf8(run(data, &["webhook", "test", "--org", "Acme"]).stdout).unwrap();
    assert!(words.contains("as soon as a server runs") && words.contains("headroom webhook show"), "{words}");
    let _server = Server::start(data, &["serve"]);
    let failed = newest(data);
    assert_eq!((&failed["event"], &failed["status"]), (&"webhook.test".into(), &"failed".into()));
    assert_eq!(json(data, &["webhook", "log", "--org", "Acme", "--failed"])["deliveries"][0], failed);

    let id = failed["id"].as_str().unwrap();
    assert_eq!(json(data, &["webhook", "replay", id])["delivery"]["status"], "waiting");
    assert_eq!(newest(data)["status"], "delivered");
    assert_eq!(json(data, &["webhook", "log", "--org", "Acme", "--failed"])["deliveries"], Value::Array(Vec::new()));
    let whole = json(data, &["webhook", "show", id])["delivery"].take();
    let history = whole["history"].as_array().unwrap();
    assert_eq!(history.iter().map(|attempt| &attempt["status"]).collect::<Vec<_>>(), [500, 200]);
    assert_eq!((&whole["body"]["event"], &history[1]["reply"]), (&"webhook.test".into(), &"well".into()));
    let words = String::from_utf8(run(data, &["webhook", "show", id]).stdout).unwrap();
    assert!(words.contains("\"webhook.test\"") && words.contains("well"), "{words}");

    let sent = json(data, &["webhook", "test", "--org", "Acme"]);
    assert_eq!(newest(data)["id"], sent["delivery"]["id"]);
    let words = String::from_utf8(run(data, &["webhook", "log", "--org", "Acme"]).stdout).unwrap();
    assert!(words.starts_with("ID ") && words.lines().count() == 3, "{words}");
    let words = String::from_utf8(run(data, &["webhook", "test", "--org", "Acme"]).stdout).unwrap();
    assert!(!words.contains("as soon as"), "{words}");
}

#[test]
fn all_webhooks_that_failed_lately_are_replayed_at_once() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    std::fs::write(data.join("headroom.toml"), "webhook_allow = \"127.0.0.1/32\"\nwebhook_schedule = \"0s\"\n")
        .unwrap();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test"]);
    json(data, &["webhook", "set", "--org", "Acme", &receiver(2)]);
    let _server = Server::start(data, &["serve"]);
    for _ in 0..2 {
        json(data, &["webhook", "test", "--org", "Acme"]);
        assert_eq!(newest(data)["status"], "failed");
    }
    let replay = ["webhook", "replay", "--org", "Acme", "--failed-since", "2h"];
    assert_eq!(json(data, &replay)["count"], 2);
    assert_eq!(newest(data)["status"], "delivered");
    let begun = Instant::now();
    while json(data, &replay)["count"] != 0 {
        assert!(begun.elapsed() < Duration::from_secs(30), "they go on failing");
    }
}

#[test]
fn a_webhook_url_is_checked_before_it_is_set() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test"]);
    let set = |url: &str, more: &[&str]| refused(data, &[&["webhook", "set", "--org", "Acme", url], more].concat());
    assert!(set("http://10.0.0.1/hooks", &[]).contains("10.0.0.1 is a private or reserved address"));
    assert!(set("http://127.0.0.1:8080/hooks", &[]).contains("this server's own"));
    assert!(set("http://1.1.1.1/hooks", &["--event", "created"]).contains("There are: model.created, "));
    assert_eq!(json(data, &["webhook", "log", "--org", "Acme"])["deliveries"], Value::Array(Vec::new()));
    assert!(refused(data, &["webhook", "show", "nonsense"]).contains("is no delivery id"));
    for args in [
        &["webhook", "replay"][..],
        &["webhook", "replay", "--org", "Acme"],
        &["webhook", "replay", "x", "--failed-since", "2h"],
    ] {
        assert_eq!(run(data, args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn a_locked_out_owner_gets_a_link() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test", "--credits", "5"]);
    assert!(json(data, &["signin", "ada@acme.test"])["link"].as_str().unwrap().contains("/auth/link/"));
    // Who was invited and never came has no account yet, and gets in all the same.
    json(data, &["invite", "send", "--org", "Acme", "kim@acme.test"]);
    assert!(json(data, &["signin", "kim@acme.test"])["link"].as_str().unwrap().contains("/auth/link/"));
    assert!(refused(data, &["signin", "nobody@acme.test"]).contains("Nobody here"));
    assert!(refused(data, &["signin", "ada"]).contains("not an e-mail address"));
}

#[test]
fn an_empty_instance_offers_its_setup_once_per_start() {
    let data = TempDir::new().unwrap();
    let server = Server::start(data.path(), &["serve"]);
    assert!(server.said["setup"].as_str().unwrap().starts_with(&format!("{}/setup?token=", server.url())));
    drop(server);
    json(data.path(), &["org", "create", "--name", "Acme", "--owner", "ada@acme.test"]);
    assert!(Server::start(data.path(), &["serve"]).said.get("setup").is_none());
}

#[test]
fn a_second_server_a_taken_port_and_a_wrong_directory_are_told_in_a_sentence() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    let server = Server::start(data, &["serve"]);
    assert!(refused(data, &["serve", "--listen", "127.0.0.1:0"]).contains("Another Headroom server"));
    let address = server.url().trim_start_matches("http://").to_owned();
    let elsewhere = TempDir::new().unwrap();
    assert!(refused(elsewhere.path(), &["serve", "--listen", &address]).contains("--listen"));

    let file = elsewhere.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let output =
        headroom(elsewhere.path()).args(["--data"]).arg(&file).args(["serve", "--listen", "127.0.0.1:0"]).output();
    // Given twice, --data is wrong usage; so the directory is named by the environment here.
    assert_eq!(output.unwrap().status.code(), Some(2));
    let mut command = Command::new(env!("CARGO_BIN_EXE_headroom"));
    let output = command
        .current_dir(elsewhere.path())
        .env_clear()
        .env("HEADROOM_DATA", &file)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("can't be written") && said.contains("--data"), "{said}");
}

#[test]
fn a_newer_or_foreign_database_is_left_alone() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test"]);
    let database = rusqlite::Connection::open(data.join("data/headroom.db")).unwrap();
    database.pragma_update(None, "user_version", 999).unwrap();
    drop(database);
    let said = refused(data, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(said.contains("newer Headroom (schema 999") && said.contains("restore a backup"), "{said}");

    std::fs::write(data.join("data/headroom.db"), "this is no database, but long enough to be one").unwrap();
    for rest in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(data.join(format!("data/headroom.db{rest}")));
    }
    assert!(refused(data, &["org", "list"]).contains("is not a database"));
}

#[test]
fn configuration_is_printed_begun_and_checked() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    let printed = json(data, &["config", "print"]);
    assert_eq!((&printed["listen"], &printed["rate_limit"]), (&"127.0.0.1:8080".into(), &"300".into()));

    json(data, &["config", "init"]);
    assert!(refused(data, &["config", "init"]).contains("headroom.toml"));
    std::fs::write(data.join("headroom.toml"), "rate_limit = 7\nsmtp_url = \"smtp://me:hunter2@mail.test\"\n").unwrap();
    let printed = json(data, &["config", "print"]);
    assert_eq!((&printed["rate_limit"], &printed["smtp_url"]), (&"7".into(), &"********".into()));
    let output = headroom(data).env("HEADROOM_RATE_LIMIT", "9").args(["config", "print", "--json"]).output().unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["rate_limit"],
        "9",
        "the environment goes first"
    );

    std::fs::write(data.join("secret"), "smtp://mail.test:2525\n").unwrap();
    std::fs::write(data.join("headroom.toml"), "smtp_url_file = \"secret\"\n").unwrap();
    assert_eq!(json(data, &["config", "print"])["smtp_url"], "********");
    std::fs::write(data.join("headroom.toml"), "lisen = \"127.0.0.1:1\"\n").unwrap();
    assert!(refused(data, &["config", "print"]).contains("Did you mean \"listen\""));
    std::fs::write(data.join("headroom.toml"), "listen = [").unwrap();
    let output = run(data, &["config", "print"]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn wrong_usage_is_told_apart_from_refusal() {
    let data = TempDir::new().unwrap();
    for args in
        [&["nonsense"][..], &["org"], &["org", "create", "--name", "x"], &["credits", "grant", "--org", "x", "many"]]
    {
        assert_eq!(run(data.path(), args).status.code(), Some(2), "{args:?}");
    }
    assert_eq!(run(data.path(), &["--help"]).status.code(), Some(0));
    assert_eq!(run(data.path(), &["--version"]).status.code(), Some(0));
}

#[test]
fn development_mode_says_where_everything_is() {
    let data = TempDir::new().unwrap();
    let server = Server::start(data.path(), &["dev", "--seconds", "2"]);
    for key in ["url", "organization", "apiKey", "ownerSignIn", "outbox", "clock", "signedUrl"] {
        assert!(server.said[key].is_string(), "{key}");
    }
    let credits =
        get(&format!("{}/api/v2/organization/credits", server.url()), server.said["apiKey"].as_str().unwrap());
    assert_eq!(credits["credits"], 25);
    assert!(!data.path().join("data").exists(), "nothing is left on disk");
}

#[test]
fn a_stopped_server_ends_well_and_leaves_one_file() {
    let data = TempDir::new().unwrap();
    let mut server = Server::start(data.path(), &["serve"]);
    let id = server.process.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(server.process.wait().unwrap().success());
    let log = std::fs::metadata(data.path().join("data/headroom.db-wal")).map_or(0, |log| log.len());
    assert_eq!(log, 0, "the write-ahead log is merged into the database");
}

#[test]
fn a_new_data_directory_is_nobody_elses_to_look_into() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    json(directory.path(), &["org", "list"]);
    let mode = std::fs::metadata(directory.path().join("data")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn people_are_listed_given_roles_and_removed() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test", "--credits", "5"]);
    json(data, &["org", "create", "--name", "Globex", "--owner", "hank@globex.test"]);
    let database = rusqlite::Connection::open(data.join("data/headroom.db")).unwrap();
    let kim = "507f1f77bcf86cd799439011";
    database
        .execute_batch(&format!(
            "insert into accounts (id, email, name, kind, created_at) values ('{kim}', 'kim@acme.test', 'Kim Lee', 'managed', 1);
             insert into members (id, organization_id, account_id, role, created_at)
             select '{kim}', id, '{kim}', 'member', 1 from organizations where name = 'Acme';"
        ))
        .unwrap();
    for nth in 0..4 {
        let shoot = "insert into shoots (id, uid, organization_id, member_id, created_at, stage_at)
                     select printf('507f1f77bcf86cd79943902%d', ?1), ?1, organization_id, id, 1, 1 from members where role = 'member'";
        database.execute(shoot, [nth]).unwrap();
    }
    drop(database);
    let listed = json(data, &["member", "list", "--org", "Acme"])["members"].take();
    assert_eq!((&listed[0]["email"], &listed[1]["email"]), (&"ada@acme.test".into(), &"kim@acme.test".into()));

    assert_eq!(json(data, &["member", "role", "--org", "Acme", "kim@acme.test", "admin"])["role"], "admin");
    assert!(
        refused(data, &["member", "remove", "--org", "Acme", "kim@acme.test", "--force"]).contains("Change their role")
    );
    assert!(
        refused(data, &["member", "role", "--org", "Acme", "kim@acme.test", "boss"]).contains("owner, admin, member")
    );
    assert!(refused(data, &["member", "role", "--org", "Acme", "ada@acme.test", "member"]).contains("one owner"));
    json(data, &["member", "role", "--org", "Acme", "kim@acme.test", "owner"]);
    json(data, &["member", "role", "--org", "Acme", "ada@acme.test", "owner"]);
    json(data, &["member", "role", "--org", "Acme", kim, "member"]);

    assert!(refused(data, &["member", "retry", "--org", "Acme", "kim@acme.test"]).contains("still adding photos"));
    let allowed = refused(data, &["member", "allow-photos", "--org", "Acme", "kim@acme.test"]);
    assert!(allowed.contains("nothing to allow"), "{allowed}");
    let taken_back = refused(data, &["member", "allow-photos", "--org", "Acme", "kim@acme.test", "--undo"]);
    assert!(taken_back.contains("nothing to take back"), "{taken_back}");
    assert!(refused(data, &["member", "remove", "--org", "Globex", kim]).contains("headroom member list"));
    assert!(refused(data, &["member", "remove", "--org", "Acme", "kim@acme.test"]).contains("add --force"));
    assert_eq!(json(data, &["member", "remove", "--org", "Acme", "kim@acme.test", "--force"])["shoots"], 4);
    assert_eq!(json(data, &["member", "list", "--org", "Acme"])["members"].as_array().unwrap().len(), 1);
}

#[test]
fn open_links_are_made_listed_and_revoked() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test"]);
    assert!(refused(data, &["link", "create", "--org", "Acme"]).contains("credits"));
    json(data, &["credits", "grant", "--org", "Acme", "5"]);
    let made = json(
        data,
        &[
            "link",
            "create",
            "--org",
            "acme",
            "--domain",
            "acme.test",
            "acme.example",
            "--limit",
            "50",
            "--expires",
            "30d",
        ],
    )["link"]
        .take();
    assert_eq!((&made["limit"], &made["uses"], &made["status"]), (&50.into(), &0.into(), &"open".into()));
    assert_eq!(made["domains"], serde_json::json!(["acme.test", "acme.example"]));
    assert!(made["expiresAt"].is_string());
    let words = String::from_utf8(run(data, &["link", "create", "--org", "Acme"]).stdout).unwrap();
    assert!(
        words.starts_with("http://127.0.0.1:8080/organization/join/") && words.trim().lines().count() == 1,
        "{words}"
    );

    let id = made["id"].as_str().unwrap();
    assert_eq!(json(data, &["link", "list", "--org", "Acme"])["links"][1]["id"], made["id"]);
    let words = String::from_utf8(run(data, &["link", "list", "--org", "Acme"]).stdout).unwrap();
    assert!(
        words.starts_with("ID ") && words.contains("acme.test or acme.example") && words.contains("0 of 50"),
        "{words}"
    );
    assert_eq!(json(data, &["link", "revoke", id])["link"]["status"], "revoked");
    assert!(refused(data, &["link", "revoke", id]).contains("already revoked"));
    assert!(refused(data, &["link", "revoke", "nonsense"]).contains("not found"));
    assert!(refused(data, &["link", "create", "--org", "Acme", "--expires", "soon"]).contains("such as 30d"));
    assert!(refused(data, &["link", "create", "--org", "Acme", "--domain", "acme"]).contains("is not a domain"));
}

#[test]
fn invites_are_sent_to_the_addresses_of_a_file() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test", "--credits", "25"]);
    let file = data.join("people.csv");
    let file = file.to_str().unwrap();
    std::fs::write(file, "Name;E-mail\r\nKim;kim@acme.test\r\nSam;sam@acme\r\nAda;ada@acme.test\r\n").unwrap();
    let sent = json(data, &["invite", "send", "--org", "Acme", "--file", file]);
    assert_eq!(sent["invites"].as_array().unwrap().len(), 1);
    let left_out = serde_json::json!([
        { "line": 3, "text": "sam@acme", "why": "bad" },
        { "line": 4, "text": "ada@acme.test", "why": "member" },
    ]);
    assert_eq!(sent["leftOut"], left_out);
    assert!(refused(data, &["invite", "send", "--org", "Acme", "--file", file]).contains("Nobody was invited"));
    assert!(refused(data, &["invite", "send", "--org", "Acme", "--file", "missing.csv"]).contains("can't be read"));
    assert_eq!(run(data, &["invite", "send", "--org", "Acme"]).status.code(), Some(2));

    let mut process = headroom(data)
        .args(["invite", "send", "--org", "Acme", "--file", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(b"lee@acme.test\nlee@acme.test\n").unwrap();
    let words = String::from_utf8(process.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(words, "Invited lee@acme.test.\nLeft out line 2, lee@acme.test: already in this file.\n");
}

#[test]
fn a_file_is_looked_at_before_and_its_people_go_into_their_teams() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test", "--credits", "1"]);
    let file = data.join("people.csv");
    let file = file.to_str().unwrap();
    let table = "Vorname;Nachname;E-Mail;Abteilung\nKim;Lee;kim@acme.test;Einkauf\nSam;Roe;sam@acme.test;Vertrieb\nAnn;;ann@acme.test;\n";
    std::fs::write(file, table).unwrap();
    let send = |more: &[&'static str]| [&["invite", "send", "--org", "Acme", "--file", file], more].concat();
    let check = json(data, &send(&["--check"]));
    assert_eq!((&check["check"]["new"], &check["check"]["credits"]), (&Value::from(2), &Value::from(1)));
    assert_eq!(check["newTeams"], serde_json::json!(["Einkauf", "Vertrieb"]));
    assert_eq!(json(data, &["invite", "list", "--org", "Acme"])["invites"], serde_json::json!([]));

    let sent = json(data, &send(&["--known-teams"]));
    let left_out = serde_json::json!([
        { "line": 2, "text": "kim@acme.test", "why": "team" },
        { "line": 3, "text": "sam@acme.test", "why": "team" },
    ]);
    assert_eq!((sent["invites"].as_array().unwrap().len(), &sent["leftOut"]), (1, &left_out));
    let words = String::from_utf8(run(data, &send(&[])).stdout).unwrap();
    assert_eq!(
        words,
        "Invited kim@acme.test.\nLeft out line 3, sam@acme.test: over the credits.\nLeft out line 4, ann@acme.test: already invited.\n"
    );
    assert!(refused(data, &send(&[])).contains("as many invites are open as the credits allow"));
}

/// What the doctor says of a check.
fn checked(said: &Value, check: &str) -> (bool, String) {
    let found = said.as_array().unwrap().iter().find(|one| one["check"] == check).expect("the check");
    (found["ok"].as_bool().unwrap(), found["detail"].as_str().unwrap().to_owned())
}

/// Every file below a directory, with its size.
fn listing(folder: &Path) -> Vec<(std::path::PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            found.extend(listing(&entry.path()));
        }
        found.push((entry.path(), entry.metadata().unwrap().len()));
    }
    found.sort();
    found
}

#[test]
fn a_worker_starts_with_a_token_and_where_photos_are_safe_on_their_way() {
    let directory = TempDir::new().unwrap();
    let data = directory.path();
    assert!(refused(data, &["worker", "--server", "https://headshots.test"]).contains("--token-file"));
    std::fs::write(data.join("token"), "0123456789abcdef0123456789abcdef\n").unwrap();
    let worker = |server: &str| refused(data, &["worker", "--token-file", "token", "--server", server]);
    assert!(worker("http://10.1.2.3:8080").contains("--allow-http"));
    assert!(worker("http://203.0.113.7").contains("begins with https://"));
    std::fs::write(data.join("token"), "short").unwrap();
    assert!(worker("https://headshots.test").contains("32 letters and digits"));
    assert_eq!(run(data, &["worker"]).status.code(), Some(2));
}

#[test]
fn the_doctor_looks_and_writes_nothing() {
    let directory = TempDir::new().unwrap();
    let data = directory.path();
    let before = headroom(data).args(["doctor", "--json"]).output().unwrap();
    assert_eq!(before.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&before.stdout).unwrap();
    assert!(checked(&said, "data").1.contains("There is no data directory"));
    assert!(!data.join("data").exists(), "it makes none");

    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test"]);
    let kept = listing(data);
    let said = json(data, &["doctor"]);
    assert!(said.as_array().unwrap().iter().all(|one| one["ok"] == true), "{said}");
    assert_eq!(listing(data), kept);

    // As of a copy onto a full disk.
    let path = data.join("data/headroom.db");
    let whole = rusqlite::Connection::open(&path).unwrap();
    whole.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())).unwrap();
    drop(whole);
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    let cut_short = headroom(data).args(["doctor", "--json"]).output().unwrap();
    let (ok, detail) = checked(&serde_json::from_slice(&cut_short.stdout).unwrap(), "integrity");
    assert!(!ok && detail.contains("The database is damaged") && detail.contains("restore a backup"), "{detail}");
}

#[test]
fn the_doctor_says_what_is_wrong_and_what_to_do_beside_a_running_server() {
    let directory = TempDir::new().unwrap();
    let data = directory.path();
    let server = Server::start(data, &["serve"]);
    let address = server.url().strip_prefix("http://").unwrap().to_owned();
    let doctor = |environment: &[(&str, &str)]| -> Value {
        let output = headroom(data)
            .args(["doctor", "--json"])
            .env("HEADROOM_LISTEN", &address)
            .envs(environment.iter().copied())
            .output()
            .unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let well = doctor(&[]);
    assert_eq!(checked(&well, "url"), (true, format!("http://{address} answers.")));
    assert!(checked(&well, "database").0 && checked(&well, "queue").0);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ill = doctor(&[
        ("HEADROOM_SMTP_URL", &format!("smtp://{nobody}")),
        ("HEADROOM_BASE_URL", &format!("http://{nobody}")),
        ("HEADROOM_GENERATOR", "http"),
        ("HEADROOM_GENERATOR_URL", &format!("http://{nobody}")),
    ]);
    for (check, words) in [("mail", "Check smtp_url"), ("url", "Check base_url"), ("generator", "check generator_url")]
    {
        let (ok, detail) = checked(&ill, check);
        assert!(!ok && detail.contains(words), "{detail}");
    }
    let token = ("HEADROOM_WORKER_TOKEN", "0123456789abcdef0123456789abcdef");
    let (ok, detail) = checked(&doctor(&[token]), "workers");
    assert!(ok && detail.contains("this server makes headshots alone"), "{detail}");
    let (ok, detail) = checked(&doctor(&[token, ("HEADROOM_STUDIO_SHOOTS", "0")]), "workers");
    assert!(!ok && detail.contains("nobody makes headshots. Start one"), "{detail}");
    let database = data.join("data").join("headroom.db");
    let newer = rusqlite::Connection::open(&database).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    let (ok, detail) = checked(&doctor(&[]), "database");
    assert!(!ok && detail.contains("newer Headroom (schema 99"), "{detail}");
}

/// A portrait of so many pixels a side, as a file in the folder.
fn a_photo(folder: &Path, name: &str, side: u32) -> std::path::PathBuf {
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures/astronaut.jpg");
    let portrait = image::open(original).unwrap().resize_exact(side, side, image::imageops::FilterType::Triangle);
    let path = folder.join(name);
    portrait.save(&path).unwrap();
    path
}

#[test]
fn headshots_are_made_of_files_without_a_server() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    std::fs::create_dir(data.join("photos")).unwrap();
    a_photo(&data.join("photos"), "kim.jpg", 640);
    std::fs::write(data.join("photos/lee.png"), "no picture").unwrap();
    std::fs::write(data.join("photos/notes.txt"), "not looked at").unwrap();
    let args = ["studio", "photos", "--backdrop", "navy,photos/kim.jpg", "--out", "made", "--cutout", "--turn", "-2"];

    let output = run(data, &[&args[..], &["--json"]].concat());
    assert_eq!(output.status.code(), Some(1), "one of them is no picture");
    let said: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    let (kim, lee) = (&said["photos"][0], &said["photos"][1]);
    assert_eq!((kim["ok"].as_bool(), lee["ok"].as_bool()), (Some(true), Some(false)), "{said}");
    assert!(lee["error"].as_str().unwrap().contains("not a photo"), "{said}");
    assert!(kim["verdict"].is_string() && kim["findings"].is_array(), "{said}");
    for name in ["kim-navy.jpg", "kim-kim.jpg", "kim-cutout.png"] {
        let picture = image::open(data.join("made").join(name)).unwrap();
        let proportion = f64::from(picture.width()) / f64::from(picture.height());
        assert!((proportion - 0.8).abs() < 0.005, "{name}: {proportion}");
    }
    assert_eq!(std::fs::read_dir(data.join("made")).unwrap().count(), 3);
    assert!(!data.join("data").exists(), "there is no database");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("1 of 2  photos/") && told.contains("2 of 2  photos/"), "each as soon as it is made: {told}");
    let corner = *image::open(data.join("made/kim-navy.jpg")).unwrap().into_rgb8().get_pixel(8, 8);
    assert!(corner[2] > corner[0] + 20, "navy: {corner:?}");
    let alone = image::open(data.join("made/kim-cutout.png")).unwrap().into_rgba8();
    assert!(alone.pixels().any(|pixel| pixel[3] == 0) && alone.pixels().any(|pixel| pixel[3] == 255));

    let again = run(data, &args);
    let words = String::from_utf8(again.stdout).unwrap();
    assert!(
        again.status.code() == Some(1) && words.contains("is there already") && words.contains("--force"),
        "{words}"
    );
    let on = run(data, &[&args[..], &["--resume"]].concat());
    let words = String::from_utf8(on.stdout).unwrap();
    assert!(words.contains("there already") && words.contains("not a photo"), "{words}");
    let on = run(data, &[&args[..], &["photos/kim.jpg", "--resume", "--json"]].concat());
    let said: Value = serde_json::from_slice(&on.stdout).unwrap();
    let kept: Vec<&Value> = said["photos"].as_array().unwrap().iter().filter(|one| one["kept"] == true).collect();
    assert_eq!((kept.len(), kept[0]["files"].as_array().unwrap().len()), (1, 3), "named twice: {said}");
    let check = run(data, &["studio", "photos/kim.jpg", "--check"]);
    let words = String::from_utf8(check.stdout).unwrap();
    assert!(check.status.success() && words.starts_with("Photo ") && words.contains("photos/kim.jpg"), "{words}");
    assert!(refused(data, &["studio", "photos/kim.jpg", "--backdrop", "purple", "--out", "x"]).contains("charcoal"));
    assert_eq!(run(data, &["studio", "photos/kim.jpg"]).status.code(), Some(2), "headshots have to go somewhere");
}

#[test]
fn light_makes_headshots_lighter_and_photos_that_are_not_usable_can_be_left_out() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    a_photo(data, "kim.jpg", 640);
    let made = |folder: &str, options: &[&str]| {
        let output = run(data, &[&["studio", "kim.jpg", "--out", folder], options].concat());
        assert!(output.status.success(), "{output:?}");
        let picture = image::open(data.join(folder).join("kim-grey.jpg")).unwrap().into_luma8();
        picture.pixels().map(|pixel| f64::from(pixel[0])).sum::<f64>() / f64::from(picture.width() * picture.height())
    };
    let (plain, lighter) = (made("plain", &[]), made("lighter", &["--light", "1"]));
    assert!(lighter > plain + 10.0, "{plain} {lighter}");

    let small = run(data, &["studio", "kim.jpg", "--out", "none", "--skip-unusable", "--json"]);
    let said: Value = serde_json::from_slice(&small.stdout).unwrap();
    assert_eq!((small.status.code(), said["photos"][0]["verdict"].as_str()), (Some(1), Some("not usable")), "{said}");
    assert!(said["photos"][0]["error"].as_str().unwrap().starts_with("Face too small."), "{said}");
    assert_eq!(std::fs::read_dir(data.join("none")).unwrap().count(), 0);
}

#[test]
fn what_headshots_can_not_be_made_with_is_told_before_any_is_made() {
    let data = TempDir::new().unwrap();
    let data = data.path();
    a_photo(data, "kim.jpg", 640);
    let whole = std::fs::read(data.join("kim.jpg")).unwrap();
    std::fs::write(data.join("torn.jpg"), &whole[..whole.len() / 2]).unwrap();
    for (options, words) in [
        (["--zoom", "9"], "--zoom must be between 1 and 1.6, not 9"),
        (["--turn", "90"], "between -10 and 10"),
        (["--light", "nan"], "between -1 and 1, not NaN"),
        (["--backdrop", "grey,"], "a comma with nothing beside it"),
        (["--backdrop", "torn.jpg"], "torn can't stand behind anyone"),
    ] {
        let told = refused(data, &[&["studio", "kim.jpg", "--out", "made"], &options[..]].concat());
        assert!(told.contains(words), "{options:?}: {told}");
    }
    assert_eq!(std::fs::read_dir(data.join("made")).map_or(0, Iterator::count), 0);
    let twice = run(data, &["studio", "kim.jpg", "--backdrop", "grey,grey", "--out", "made"]);
    assert!(twice.status.success(), "{twice:?}");
    assert_eq!(std::fs::read_dir(data.join("made")).unwrap().count(), 1);
}

/// The processes whose parent this is.
#[cfg(target_os = "linux")]
fn children(parent: u32) -> Vec<u32> {
    let parent = format!("PPid:\t{parent}\n");
    let numbers =
        std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    numbers
        .filter(|number: &u32| {
            std::fs::read_to_string(format!("/proc/{number}/status")).is_ok_and(|status| status.contains(&parent))
        })
        .collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_server_leaves_no_child_behind() {
    let data = TempDir::new().unwrap();
    a_photo(data.path(), "large.png", 3_000);
    let mut parent =
        headroom(data.path()).args(["studio", "large.png", "--out", "made"]).stdout(Stdio::null()).spawn().unwrap();
    let patience = Instant::now() + Duration::from_secs(60);
    let child = loop {
        if let Some(child) = children(parent.id()).first() {
            break *child;
        }
        assert!(Instant::now() < patience, "no child was started");
    };
    parent.kill().unwrap();
    parent.wait().unwrap();
    let is_alive = || {
        let status = std::fs::read_to_string(format!("/proc/{child}/status")).unwrap_or_default();
        status.contains("headroom") && !status.contains("State:\tZ")
    };
    while is_alive() {
        assert!(Instant::now() < patience, "the child outlived its parent");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(!data.path().join("made/large-grey.jpg").exists());
}

#[test]
fn a_log_that_was_changed_by_hand_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test", "--credits", "5"]);
    json(data, &["org", "set", "Acme", "accent=#112233", "edits=3"]);
    json(data, &["key", "create", "--org", "Acme", "--name", "Payroll"]);
    let well = json(data, &["audit", "verify"]);
    assert_eq!((&well["holds"], &well["logs"][0]["check"]["entries"]), (&true.into(), &5.into()), "{well}");
    let exported = run(data, &["audit", "export", "--organization", "Acme", "--format", "jsonl"]);
    let lines: Vec<Value> =
        String::from_utf8(exported.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> =
        lines.iter().map(|line| (line["action"].as_str().unwrap(), &line["before"], &line["after"])).collect();
    assert_eq!(told[2], ("organization.settings", &"none".into(), &"#112233".into()), "{told:?}");
    assert_eq!(told[4].0, "key.made");
    let csv = run(data, &["audit", "export", "--org", "Acme", "--format", "csv"]);
    assert!(String::from_utf8(csv.stdout).unwrap().lines().count() == 6);

    let file = rusqlite::Connection::open(data.join("data").join("headroom.db")).unwrap();
    file.execute_batch("drop trigger audit_is_never_changed; update audit set who = 'Nobody' where id = 2").unwrap();
    let broken = headroom(data).args(["audit", "verify", "--json"]).output().unwrap();
    assert_eq!(broken.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&broken.stdout).unwrap();
    assert_eq!(said["logs"][0]["check"]["fault"]["number"], 2, "{said}");
    assert_eq!(json(data, &["jobs", "list"])["parked"], serde_json::json!([]));
    assert!(refused(data, &["jobs", "run-again", "nonsense"]).contains("Parked job"));
}

#[test]
fn a_backup_is_made_beside_a_server_looked_at_and_restored_without_one() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let data = folder.path();
    assert!(refused(data, &["backup", "b.zip"]).contains("to back up. Point --data"));
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test", "--credits", "5"]);
    let server = Server::start(data, &["serve"]);
    let made = json(data, &["backup", "b.zip"]);
    assert_eq!((&made["file"], &made["pictures"], &made["missing"]), (&"b.zip".into(), &0.into(), &0.into()));
    assert!(made["rows"].as_u64().unwrap() > 0 && made["tables"].as_u64().unwrap() > 10);
    let mode = std::fs::metadata(data.join("b.zip")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "the server's key is in it");
    assert!(refused(data, &["backup", "b.zip"]).contains("--force"));
    json(data, &["backup", "b.zip", "--force"]);
    assert_eq!(json(data, &["backup", "verify", "b.zip"])["tables"], made["tables"]);
    assert!(refused(data, &["backup", "nowhere/b.zip"]).contains("can't be written"));
    assert!(refused(data, &["backup", "verify", "none.zip"]).contains("can't be read"));
    std::fs::write(data.join("letter.zip"), "Dear all").unwrap();
    assert!(refused(data, &["backup", "verify", "letter.zip"]).contains("no ZIP archive"));
    assert_eq!(run(data, &["backup"]).status.code(), Some(2));

    json(data, &["credits", "grant", "--org", "Acme", "7"]);
    assert!(refused(data, &["restore", "b.zip"]).contains("Another Headroom server"));
    drop(server);
    let restored = json(data, &["restore", "b.zip"]);
    assert_eq!(restored["rows"], json(data, &["backup", "verify", "b.zip"])["rows"]);
    let kept = Path::new(restored["kept"].as_str().unwrap()).to_owned();
    assert!(kept.join("headroom.db").exists());
    let credits = |of: &Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_headroom"))
            .env_clear()
            .current_dir(data)
            .args(["credits", "ledger", "--org", "Acme", "--json", "--data"])
            .arg(of)
            .output()
            .unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["credits"].clone()
    };
    assert_eq!((credits(&data.join("data")), credits(&kept)), (5.into(), 12.into()));
    let (ok, words) = checked(&json(data, &["doctor"]), "backup");
    assert!(ok && words.contains("Set backup_dir") && words.contains("what a restore replaced"), "{words}");
    Server::start(data, &["serve"]);

    let elsewhere = data.join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let empty = Command::new(env!("CARGO_BIN_EXE_headroom"))
        .env_clear()
        .args(["restore", "--json", "--data"])
        .arg(&elsewhere)
        .arg(data.join("b.zip"))
        .output()
        .unwrap();
    let said: Value = serde_json::from_slice(&empty.stdout).unwrap();
    assert_eq!(said["kept"], Value::Null);
    assert_eq!(credits(&elsewhere), 5);
}

#[test]
fn a_restore_that_was_killed_is_finished_by_whoever_comes_next() {
    let folder = TempDir::new().unwrap();
    let data = folder.path();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test"]);
    json(data, &["backup", "b.zip"]);
    json(data, &["org", "create", "--name", "Globex", "--owner", "hank@globex.test"]);
    // As it is killed just when everything is unpacked.
    let ready = data.join("data/restore-2026-11-22T030000Z.ready");
    std::fs::create_dir_all(ready.join("photos")).unwrap();
    let mut archive = zip::ZipArchive::new(std::fs::File::open(data.join("b.zip")).unwrap()).unwrap();
    for name in ["headroom.db", "headroom.key"] {
        let mut bytes = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        std::fs::write(ready.join(name), bytes).unwrap();
    }
    let all = json(data, &["org", "list"]);
    assert_eq!(all["organizations"].as_array().unwrap().len(), 1, "the backup's");
    assert!(!ready.exists());
    let kept = rusqlite::Connection::open(data.join("data/before-restore-2026-11-22T030000Z/headroom.db")).unwrap();
    let before: i64 = kept.query_row("select count(*) from organizations", [], |row| row.get(0)).unwrap();
    assert_eq!(before, 2, "with what was only in its log");
}

/// A data directory with a picture whose file never comes to its end: a pipe that nobody writes to.
fn with_an_endless_picture(data: &Path) {
    let made = json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test"]);
    let id = made["organization"].as_str().unwrap();
    let database = rusqlite::Connection::open(data.join("data/headroom.db")).unwrap();
    database.execute("update organizations set logo = 'x'", []).unwrap();
    let folder = data.join("data/photos/logos").join(&id[id.len() - 12..id.len() - 10]).join(id);
    std::fs::create_dir_all(&folder).unwrap();
    assert!(Command::new("mkfifo").arg(folder.join("logo.png")).status().unwrap().success());
}

#[test]
fn a_backup_that_is_killed_leaves_no_file_of_its_name() {
    let folder = TempDir::new().unwrap();
    let data = folder.path();
    with_an_endless_picture(data);
    let mut backup = headroom(data).args(["backup", "b.zip"]).spawn().unwrap();
    let partial = data.join("b.zip.partial");
    let patience = Instant::now() + Duration::from_secs(30);
    // The database is in it, and the picture keeps it waiting.
    while std::fs::metadata(&partial).map_or(0, |file| file.len()) < 100_000 {
        assert!(Instant::now() < patience && backup.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(refused(data, &["backup", "b.zip"]).contains("Another backup is being written"));
    backup.kill().unwrap();
    backup.wait().unwrap();
    assert!(!data.join("b.zip").exists() && partial.exists());

    std::fs::remove_dir_all(data.join("data/photos")).unwrap();
    assert!(refused(data, &["backup", "b.zip"]).contains("go on without them: headroom backup b.zip --allow-missing"));
    let made = json(data, &["backup", "b.zip", "--allow-missing"]);
    assert_eq!((&made["pictures"], &made["missing"], &made["lost"]), (&0.into(), &0.into(), &1.into()));
    json(data, &["backup", "verify", "b.zip"]);
    let left: Vec<_> =
        listing(data).into_iter().filter(|(path, _)| path.to_string_lossy().contains("partial")).collect();
    assert_eq!(left, []);
}

#[test]
fn a_disk_without_room_is_told_in_a_sentence_and_nothing_is_left() {
    let folder = TempDir::new().unwrap();
    let data = folder.path();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test"]);
    let size = json(data, &["backup", "good.zip"])["bytes"].as_u64().unwrap();
    std::fs::create_dir(data.join("backups")).unwrap();
    // No file may grow beyond so much: first the copy of the database has no room, then the archive that it goes into.
    for kilobytes in [size / 1024 / 2, size / 1024 - 1] {
        let limited = format!("trap '' XFSZ; ulimit -f {}; exec \"$@\"", kilobytes * 2);
        let output = Command::new("sh")
            .current_dir(data)
            .env_clear()
            .args(["-c", &limited, "sh", env!("CARGO_BIN_EXE_headroom"), "--data", "data", "backup", "backups/b.zip"])
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("ake room") && said.trim().lines().count() == 1, "{said}");
        assert_eq!(listing(&data.join("backups")), []);
    }
}

#[test]
fn the_doctor_knows_how_old_the_newest_backup_is() {
    let folder = TempDir::new().unwrap();
    let data = folder.path();
    json(data, &["org", "create", "--name", "Acme", "--owner", "ada@acme.test"]);
    let backups = data.join("backups");
    let doctor = || -> (bool, String) {
        let output = headroom(data).env("HEADROOM_BACKUP_DIR", &backups).args(["doctor", "--json"]).output().unwrap();
        checked(&serde_json::from_slice(&output.stdout).unwrap(), "backup")
    };
    let (ok, words) = doctor();
    assert!(!ok && words.contains("no backup in"), "{words}");
    std::fs::create_dir(&backups).unwrap();
    json(data, &["backup", "backups/headroom-2020-01-01T0300Z.zip"]);
    let (ok, words) = doctor();
    assert!(!ok && words.contains("and one is due every 1day"), "{words}");
    let now = chrono::Utc::now().format("headroom-%Y-%m-%dT%H%MZ.zip").to_string();
    json(data, &["backup", &format!("backups/{now}")]);
    let (ok, words) = doctor();
    assert!(ok && words.contains(&now), "{words}");
    std::fs::write(backups.join(&now), "half of it").unwrap();
    let (ok, words) = doctor();
    assert!(!ok && words.contains("no good"), "{words}");
}
