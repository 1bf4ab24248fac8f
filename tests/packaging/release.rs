//! What is handed out of a release, made without building one.

use std::{collections::BTreeSet, fs, process::Command};

use tempfile::TempDir;

use super::{printed, root};

#[test]
fn a_release_holds_what_it_says() {
    let folder = TempDir::new().unwrap();
    let made = Command::new(root().join("packaging/release"))
        .arg("--dry-run")
        .env("DIST", folder.path())
        .env("TESTED_BINARY", env!("CARGO_BIN_EXE_headroom"))
        .output()
        .unwrap();
    let archive = printed(made).trim().to_owned();
    assert!(archive.contains(&format!("headroom-{}-", env!("CARGO_PKG_VERSION"))), "{archive}");
    let inside = archive.trim_end_matches(".tar.gz");
    let checked = Command::new("sha256sum").args(["--check", "--quiet", "SHA256SUMS"]).current_dir(inside).output();
    assert_eq!(printed(checked.unwrap()), "");
    let sums = fs::read_to_string(format!("{inside}/SHA256SUMS")).unwrap();
    let files: BTreeSet<&str> = sums.lines().filter_map(|line| line.split("  ").nth(1)).collect();
    for name in [
        "headroom",
        "man/headroom.1",
        "man/headroom-serve.1",
        "completions/headroom.bash",
        "completions/headroom.zsh",
        "completions/headroom.fish",
        "systemd/headroom.service",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "CHANGELOG.md",
        "SECURITY.md",
    ] {
        assert!(files.contains(name), "{name} is not in {files:?}");
    }
    let listed = Command::new("tar").args(["--list", "--file", &archive]).output().unwrap();
    let listed = printed(listed);
    assert!(files.iter().all(|name| listed.contains(name)), "{listed}");
    // The bill of materials takes a tool from elsewhere; its line has to be there all the same.
    let script = fs::read_to_string(root().join("packaging/release")).unwrap();
    assert!(script.contains("cargo cyclonedx --format json") && script.contains("--locked --profile dist"));
}
