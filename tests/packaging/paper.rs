//! Manual pages and completions, read by the programs they are for.

use std::{fs, process::Command};

use tempfile::TempDir;

use super::{headroom, printed, tool};

fn pages() -> TempDir {
    let folder = TempDir::new().unwrap();
    printed(headroom(folder.path()).args(["man", "--out", "man"]).output().unwrap());
    folder
}

#[test]
fn every_command_has_a_page_but_what_only_the_server_starts() {
    let folder = pages();
    let mut names: Vec<String> = fs::read_dir(folder.path().join("man"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for expected in ["headroom.1", "headroom-serve.1", "headroom-org-create.1", "headroom-health.1", "headroom-man.1"] {
        assert!(names.iter().any(|name| name == expected), "{expected} is not among {names:?}");
    }
    assert!(!names.iter().any(|name| name.contains("workbench")), "{names:?}");
    let one = printed(headroom(folder.path()).arg("man").output().unwrap());
    assert_eq!(one.trim_end(), fs::read_to_string(folder.path().join("man/headroom.1")).unwrap().trim_end());
    assert!(one.contains("Self\\-hosted professional headshots") && !one.contains("workbench"), "{one}");
}

#[test]
fn groff_and_mandoc_have_nothing_against_the_pages() {
    let folder = pages();
    let files: Vec<_> = fs::read_dir(folder.path().join("man")).unwrap().map(|entry| entry.unwrap().path()).collect();
    if tool("groff").is_some() {
        let read =
            Command::new("groff").args(["-K", "utf8", "-man", "-Tutf8", "-ww", "-z"]).args(&files).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&read.stderr), "");
    }
    if tool("mandoc").is_some() {
        // What is worse than style: a page that can't be read as it is meant.
        let read = Command::new("mandoc").args(["-T", "lint", "-W", "error"]).args(&files).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&read.stdout), "");
    }
}

#[test]
fn each_shell_reads_its_completions() {
    let folder = TempDir::new().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let script = printed(headroom(folder.path()).args(["completions", shell]).output().unwrap());
        assert!(script.contains("twofactor") && !script.contains("workbench"), "{shell}");
        let file = folder.path().join(shell);
        fs::write(&file, script).unwrap();
        if tool(shell).is_some() {
            let read = Command::new(shell).arg("-n").arg(&file).output().unwrap();
            assert!(read.status.success(), "{shell}: {}", String::from_utf8_lossy(&read.stderr));
        }
    }
    if tool("bash").is_some() {
        let asked = "source ./bash; COMP_WORDS=(headroom cred); COMP_CWORD=1; _headroom headroom cred headroom; echo ${COMPREPLY[@]}";
        let offered = Command::new("bash").current_dir(folder.path()).args(["-c", asked]).output().unwrap();
        assert_eq!(printed(offered).trim(), "credits");
    }
    let wrong = headroom(folder.path()).args(["completions", "tcsh"]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
}
