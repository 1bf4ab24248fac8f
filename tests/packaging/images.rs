//! The image and what is composed of it, as far as they can be checked without building one.

use std::{collections::BTreeSet, fs, path::Path};

use regex::Regex;
use tempfile::TempDir;

use super::{headroom, printed, root};

fn file(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|cause| unreachable!("{name}: {cause}"))
}

/// Lines that go on behind a backslash, as one.
fn instructions(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    joined.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn what_the_image_takes_along_is_there_and_not_ignored() {
    let ignored: Vec<String> = file(".dockerignore").lines().map(str::to_owned).collect();
    assert_eq!(ignored.first().map(String::as_str), Some("*"), "everything is left out but what is named");
    let dockerfile = file("Dockerfile");
    let stages: BTreeSet<&str> =
        dockerfile.lines().filter_map(|line| line.strip_prefix("FROM ")?.split(" AS ").nth(1)).collect();
    let mut taken = 0;
    for copy in instructions(&dockerfile).iter().filter(|line| line.starts_with("COPY ")) {
        let words: Vec<&str> = copy.split_whitespace().skip(1).collect();
        if let Some(stage) = words.iter().find_map(|word| word.strip_prefix("--from=")) {
            assert!(stages.contains(stage), "{copy}: there is no stage {stage}");
            continue;
        }
        for path in words.iter().filter(|word| !word.starts_with("--")).take(words.len() - 1) {
            assert!(root().join(path).exists(), "{copy}: there is no {path}");
            let kept =
                ignored.iter().filter_map(|line| line.strip_prefix('!')).any(|kept| Path::new(path).starts_with(kept));
            assert!(kept, "{copy}: .dockerignore leaves {path} out");
            taken += 1;
        }
    }
    assert!(taken > 5, "the instructions were not found");
}

/// What is compiled in from outside `src` has to be in the image's context as well.
#[test]
fn what_the_program_is_built_of_is_taken_along() {
    let dockerfile = file("Dockerfile");
    let manifest = file("Cargo.toml");
    for needed in ["src", "assets", "schema.sql", "pictures", "studio", "Cargo.lock", "benches", "astronaut.jpg"] {
        assert!(
            instructions(&dockerfile).iter().any(|line| line.starts_with("COPY ") && line.contains(needed)),
            "{needed}"
        );
    }
    let profile = Regex::new(r"--profile (\w+)").unwrap().captures(&dockerfile).unwrap()[1].to_owned();
    assert!(manifest.contains(&format!("[profile.{profile}]")), "there is no profile {profile}");
    let version = Regex::new(r"rust:(\d+\.\d+)").unwrap().captures(&dockerfile).unwrap()[1].to_owned();
    assert!(manifest.contains(&format!("rust-version = \"{version}\"")), "built with Rust {version}");
}

#[test]
fn settings_and_commands_are_the_programs() {
    let folder = TempDir::new().unwrap();
    let printed_settings = printed(headroom(folder.path()).args(["config", "print", "--json"]).output().unwrap());
    let known: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&printed_settings).unwrap();
    let commands = printed(headroom(folder.path()).arg("--help").output().unwrap());
    let setting = Regex::new(r"HEADROOM_([A-Z_]+)").unwrap();
    let mut found = 0;
    let unit = ["headroom.service", "mail.conf", "directories.conf"].map(|name| format!("packaging/systemd/{name}"));
    for name in ["Dockerfile", "compose.yaml"].into_iter().chain(unit.iter().map(String::as_str)) {
        for named in setting.captures_iter(&file(name)) {
            let key = named[1].to_lowercase();
            assert!(known.contains_key(key.trim_end_matches("_file")), "{name}: {key} is no setting");
            found += 1;
        }
    }
    assert!(found > 6, "only {found} found");
    let healthcheck =
        instructions(&file("Dockerfile")).into_iter().find(|line| line.starts_with("HEALTHCHECK")).unwrap();
    assert!(healthcheck.contains("\"health\"") && commands.contains("  health "), "{healthcheck}");
    assert!(file("Dockerfile").contains("\nUSER "), "it would run as root");
}

#[test]
fn the_composed_proxy_is_the_documented_one() {
    let compose = file("compose.yaml");
    let mounted = Regex::new(r"\./(packaging/[\w./-]+):").unwrap().captures(&compose).unwrap()[1].to_owned();
    let caddyfile = file(&mounted);
    let here =
        |text: &str| text.replace("{$DOMAIN}", "headshots.example.com").replace("headroom:8080", "127.0.0.1:8080");
    let bare: String =
        caddyfile.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    assert!(file("docs/proxies.md").contains(&here(&bare)), "{bare}");
}
