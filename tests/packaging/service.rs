//! The unit for systemd: as closed as it can be, and what it expects of the program.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::net::UnixDatagram,
    process::{Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use super::{headroom, printed, root, tool};

/// What `systemd-analyze security` says of the unit, times ten: 0 is nothing exposed, 100 everything.
const EXPOSURE: &str = "12";

/// What systemd has to hear within.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn the_unit_exposes_no_more_than_it_says() {
    let Some(_) = tool("systemd-analyze") else { return };
    let unit = root().join("packaging/systemd/headroom.service");
    let judged = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager", &format!("--threshold={EXPOSURE}")])
        .arg(unit)
        .output()
        .unwrap();
    assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stdout));
}

#[test]
fn systemd_understands_the_unit_with_its_drop_ins() {
    let Some(_) = tool("systemd-analyze") else { return };
    let folder = TempDir::new().unwrap();
    let from = root().join("packaging/systemd");
    let unit = fs::read_to_string(from.join("headroom.service")).unwrap();
    let here = unit.replace("/usr/local/bin/headroom", env!("CARGO_BIN_EXE_headroom"));
    assert_ne!(unit, here, "the unit starts another program");
    fs::write(folder.path().join("headroom.service"), here).unwrap();
    fs::create_dir(folder.path().join("headroom.service.d")).unwrap();
    for name in ["mail.conf", "directories.conf"] {
        fs::copy(from.join(name), folder.path().join("headroom.service.d").join(name)).unwrap();
    }
    let read = Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .arg(folder.path().join("headroom.service"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&read.stderr);
    assert!(read.status.success() && said.is_empty(), "{said}");
}

#[test]
fn its_user_can_be_made() {
    let Some(_) = tool("systemd-sysusers") else { return };
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("etc")).unwrap();
    let wanted = fs::File::open(root().join("packaging/systemd/headroom.sysusers")).unwrap();
    let at = format!("--root={}", folder.path().display());
    let made = Command::new("systemd-sysusers").args([at.as_str(), "-"]).stdin(wanted).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let users = fs::read_to_string(folder.path().join("etc/passwd")).unwrap();
    assert!(users.lines().any(|line| line.starts_with("headroom:") && line.contains("nologin")), "{users}");
}

#[test]
fn it_is_told_of_the_beginning_of_life_and_of_the_end() {
    let folder = TempDir::new().unwrap();
    let address = folder.path().join("notify");
    let supervisor = UnixDatagram::bind(&address).unwrap();
    supervisor.set_read_timeout(Some(PATIENCE)).unwrap();
    let hears = || {
        let mut said = [0; 64];
        let length = supervisor.recv(&mut said).expect("nothing was said in time");
        String::from_utf8_lossy(&said[..length]).into_owned()
    };
    let mut server = headroom(folder.path())
        .args(["serve", "--data", "data", "--listen", "127.0.0.1:0", "--json"])
        .env("NOTIFY_SOCKET", &address)
        .env("WATCHDOG_USEC", "200000")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(hears(), "READY=1");
    let url = serde_json::from_str::<serde_json::Value>(&line).unwrap()["url"].as_str().unwrap().to_owned();
    let well = headroom(folder.path()).args(["health", "--url", &url]).output().unwrap();
    assert_eq!(printed(well).trim(), "The server can work.");
    assert_eq!([hears(), hears()], ["WATCHDOG=1", "WATCHDOG=1"]);
    let ended = Command::new("kill").arg(server.id().to_string()).status().unwrap();
    assert!(ended.success());
    while hears() != "STOPPING=1" {}
    assert_eq!(server.wait().unwrap().code(), Some(0));

    let gone = headroom(folder.path()).args(["health", "--url", &url]).output().unwrap();
    assert_eq!(gone.status.code(), Some(1));
    let words = String::from_utf8(gone.stdout).unwrap();
    assert!(words.contains("/readyz doesn't answer"), "{words}");
}

#[test]
fn health_asks_where_the_configuration_listens() {
    let folder = TempDir::new().unwrap();
    let nobody = headroom(folder.path()).arg("health").env("HEADROOM_LISTEN", "0.0.0.0:1").output().unwrap();
    let words = String::from_utf8(nobody.stdout).unwrap();
    assert!(words.starts_with("http://127.0.0.1:1/readyz doesn't answer"), "{words}");
    let free = headroom(folder.path()).arg("health").env("HEADROOM_LISTEN", "127.0.0.1:0").output().unwrap();
    assert!(String::from_utf8(free.stderr).unwrap().contains("--url"));
}
