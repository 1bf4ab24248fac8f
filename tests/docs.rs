//! The documentation is true: its commands run, its settings exist, its links lead somewhere.
//!
//! A block of commands says after its language what becomes of it: `sh run` is run here; `sh run, after: COMMAND` likewise, once
//! that command has made what the block is about; `sh example, REASON` can't be run here, and says why. Each page's blocks run
//! one after the other in one directory, in which `tests/docs/scene.sh` and, where there is one, a script named like the page
//! have made organizations, people and files. A page without such marks is only read: `src/cli/documented.rs` parses the
//! commands of every page, run or not.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on panics, its helpers included")]
#![expect(clippy::print_stderr, reason = "what is skipped is said")]

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
};

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

struct Page {
    /// Beside the manifest.
    path: PathBuf,
    text: String,
}

fn pages() -> Vec<Page> {
    let mut folders = vec![root().join("docs")];
    let mut files: Vec<PathBuf> = ["README.md", "SECURITY.md", "CHANGELOG.md"].map(|name| root().join(name)).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "md") {
                files.push(path);
            }
        }
    }
    files.sort();
    let page = |file: PathBuf| Page {
        text: fs::read_to_string(&file).unwrap(),
        path: file.strip_prefix(root()).unwrap().to_owned(),
    };
    let all: Vec<Page> = files.into_iter().map(page).collect();
    assert!(all.len() > 20, "the pages were not found");
    all
}

/// What becomes of a block.
#[derive(PartialEq)]
enum Mark {
    Run { after: Option<String> },
    Example,
    None,
}

struct Block {
    line: usize,
    mark: Mark,
    text: String,
}

impl Page {
    /// The blocks of shell commands, and what is wrong with their marks.
    fn blocks(&self) -> Result<Vec<Block>, String> {
        let mut found: Vec<Block> = Vec::new();
        let mut inside = None;
        for (at, line) in self.text.lines().enumerate() {
            let bare = line.trim_start();
            match (inside, bare.strip_prefix("```")) {
                (None, Some(info)) => {
                    let shell = info == "sh" || info.starts_with("sh ");
                    inside = Some(shell);
                    if shell {
                        let mark = mark(info).map_err(|why| format!("{}:{}: {why}", self.path.display(), at + 1))?;
                        found.push(Block { line: at + 1, mark, text: String::new() });
                    }
                }
                (Some(_), Some("")) => inside = None,
                (Some(true), _) => {
                    let text = &mut found.last_mut().unwrap().text;
                    text.push_str(bare);
                    text.push('\n');
                }
                _ => {}
            }
        }
        let unmarked = found.iter().filter(|block| block.mark == Mark::None).count();
        if unmarked > 0 && unmarked < found.len() {
            return Err(format!("{}: either all blocks say what becomes of them, or none", self.path.display()));
        }
        Ok(found)
    }
}

fn mark(info: &str) -> Result<Mark, String> {
    match info.split_once(' ').map(|(_, rest)| rest.trim()) {
        None | Some("") => Ok(Mark::None),
        Some("run") => Ok(Mark::Run { after: None }),
        Some(rest) => match (rest.strip_prefix("run, after: "), rest.strip_prefix("example, ")) {
            (Some(command), _) if !command.is_empty() => Ok(Mark::Run { after: Some(command.to_owned()) }),
            (_, Some(reason)) if reason.len() > 3 => Ok(Mark::Example),
            _ => Err(format!("\"{info}\" is none of: sh run; sh run, after: COMMAND; sh example, REASON")),
        },
    }
}

/// A development server for the pages that ask one, ended with this.
struct Server {
    process: Child,
    said: Value,
}

impl Server {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_headroom"))
            .env_clear()
            .args(["dev", "--listen", "127.0.0.1:0", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { process, said: serde_json::from_str(&line).expect("a line of JSON") }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a page's blocks, and says where it stopped.
fn run(page: &Page, blocks: &[Block], server: &LazyLock<Server>) -> Result<(), String> {
    let folder = TempDir::new().unwrap();
    let tools = folder.path().join("bin");
    let work = folder.path().join("work");
    fs::create_dir(&tools).unwrap();
    fs::create_dir(&work).unwrap();
    symlink(env!("CARGO_BIN_EXE_headroom"), tools.join("headroom")).unwrap();
    let lobby = folder.path().join("lobby.jpg");
    image::RgbImage::from_fn(1200, 1500, |x, y| image::Rgb([(x / 5) as u8, (y / 6) as u8, 120])).save(&lobby).unwrap();
    let mut script = "set -euo pipefail\n".to_owned();
    let own = root().join("tests/docs").join(page.path.file_stem().unwrap()).with_extension("sh");
    for scene in [root().join("tests/docs/scene.sh"), own] {
        if scene.is_file() {
            script.push_str(&format!("at='{0}'; . '{0}'\n", scene.display()));
        }
    }
    for block in blocks {
        if let Mark::Run { after } = &block.mark {
            let before = after.as_deref().unwrap_or(":");
            let text = block.text.replace("http://127.0.0.1:8080/", "$HEADROOM_URL/");
            script.push_str(&format!("at='{}:{}'\n{before} > /dev/null\n{text}", page.path.display(), block.line));
        }
    }
    script.insert_str(0, "at=; trap '[ $? = 0 ] || echo \"failed: $at\" >&2' EXIT\n");
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap_or_default());
    let mut shell = Command::new("bash");
    shell.current_dir(&work).env_clear().env("PATH", path).env("HOME", &work).env("LC_ALL", "C.UTF-8");
    shell
        .env("HEADROOM_DATA", folder.path().join("data"))
        .env("PICTURES", root().join("tests/pictures"))
        .env("LOBBY", lobby);
    if script.contains("HEADROOM_URL") {
        shell.env("HEADROOM_URL", server.said["url"].as_str().unwrap());
        shell.env("HEADROOM_KEY", server.said["apiKey"].as_str().unwrap());
    }
    let done = shell.arg("-c").arg(&script).stdin(Stdio::null()).output().unwrap();
    if done.status.success() {
        return Ok(());
    }
    let said = [done.stdout, done.stderr].concat();
    Err(format!("{}:\n{}", page.path.display(), String::from_utf8_lossy(&said)))
}

#[test]
fn the_commands_run() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    let server = LazyLock::new(Server::start as fn() -> Server);
    let curl = Command::new("curl").arg("--version").output().is_ok();
    for page in pages() {
        let mut blocks = match page.blocks() {
            Ok(blocks) => blocks,
            Err(why) => {
                wrong.push(why);
                continue;
            }
        };
        if !curl {
            eprintln!("skipped: there is no curl here for {}", page.path.display());
            blocks.retain(|block| !block.text.contains("curl "));
        }
        let runs = blocks.iter().filter(|block| matches!(block.mark, Mark::Run { .. })).count();
        if runs > 0 {
            count += runs;
            wrong.extend(run(&page, &blocks, &server).err());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(count > 25, "only {count} blocks were run");
}

#[test]
fn the_settings_exist() {
    let folder = TempDir::new().unwrap();
    let printed = Command::new(env!("CARGO_BIN_EXE_headroom"))
        .current_dir(folder.path())
        .env_clear()
        .args(["config", "print", "--json"])
        .output()
        .unwrap();
    let known: serde_json::Map<String, Value> = serde_json::from_slice(&printed.stdout).unwrap();
    // Of people's own programs, in the guides of the API.
    let others = ["url", "key"];
    let setting = Regex::new(r"HEADROOM_([A-Z][A-Z_]*)").unwrap();
    let (mut wrong, mut seen) = (BTreeSet::new(), 0);
    for page in pages() {
        for named in setting.captures_iter(&page.text) {
            let name = named[1].to_lowercase();
            seen += 1;
            if !known.contains_key(name.trim_end_matches("_file")) && !others.contains(&name.as_str()) {
                wrong.insert(format!("{}: HEADROOM_{}", page.path.display(), &named[1]));
            }
        }
        // And those in files: `[name] = value` of a block of TOML, as far as it is the configuration's.
        for block in page.text.split("```toml\n").skip(1) {
            let block = block.split("```").next().unwrap();
            for line in block.lines().filter(|line| !line.starts_with(['#', '[', ' ']) && line.contains('=')) {
                let name = line.split('=').next().unwrap().trim();
                seen += 1;
                if !known.contains_key(name.trim_end_matches("_file")) {
                    wrong.insert(format!("{}: {line}", page.path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these are no settings: {wrong:#?}");
    assert!(seen > 30, "only {seen} were found");
}

#[test]
fn the_links_lead_somewhere() {
    let link = Regex::new(r"\]\(([^)\s#]*)(#[^)\s]*)?\)").unwrap();
    let heading = |text: &str, anchor: &str| {
        text.lines().filter_map(|line| Some(line.strip_prefix('#')?.trim_start_matches('#').trim())).any(|title| {
            let plain: String =
                title.to_lowercase().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect();
            plain.replace(' ', "-") == anchor
        })
    };
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for page in pages() {
        let here = root().join(&page.path);
        for found in link.captures_iter(&page.text) {
            let (to, anchor) = (&found[1], found.get(2).map(|anchor| &anchor.as_str()[1..]));
            if to.contains(':') {
                continue;
            }
            seen += 1;
            let target = if to.is_empty() { here.clone() } else { here.parent().unwrap().join(to) };
            let there = match anchor {
                None => target.exists(),
                Some(anchor) => fs::read_to_string(&target).is_ok_and(|text| heading(&text, anchor)),
            };
            if !there {
                wrong.push(format!("{}: {}", page.path.display(), &found[0]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 60, "only {seen} links were found");
}

#[test]
fn the_index_names_every_page() {
    let index = fs::read_to_string(root().join("docs/README.md")).unwrap();
    let missing: Vec<String> = pages()
        .iter()
        .filter_map(|page| Some(page.path.strip_prefix("docs").ok()?.display().to_string()))
        .filter(|name| name != "README.md" && !name.starts_with("api/") && !index.contains(&format!("({name})")))
        .collect();
    assert!(missing.is_empty(), "docs/README.md leads to none of {missing:?}");
}

#[test]
fn marks_are_what_they_say() {
    assert!(mark("sh").unwrap() == Mark::None);
    assert!(mark("sh run").unwrap() == Mark::Run { after: None });
    assert!(mark("sh run, after: touch x").unwrap() == Mark::Run { after: Some("touch x".to_owned()) });
    assert!(mark("sh example, it serves until it is stopped").unwrap() == Mark::Example);
    for nonsense in ["sh example", "sh example, ", "sh runs", "sh run, after: "] {
        assert!(mark(nonsense).is_err(), "{nonsense}");
    }
    // What is no page of ours shows that a failure is one.
    let page = Page { path: "none.md".into(), text: "```sh run\ntrue\nfalse\n```\n".to_owned() };
    let failed = run(&page, &page.blocks().unwrap(), &LazyLock::new(Server::start as fn() -> Server)).unwrap_err();
    assert!(failed.contains("failed: none.md:1"), "{failed}");
    let mixed = Page { path: "mixed.md".into(), text: "```sh run\ntrue\n```\n```sh\nfalse\n```\n".to_owned() };
    assert!(mixed.blocks().is_err());
    if let Ok(blocks) = page.blocks() {
        assert_eq!((blocks.len(), blocks[0].line), (1, 1));
    } else {
        panic!("the page could not be read");
    }
}
