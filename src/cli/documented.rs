//! What the documentation tells people to type is what this program takes: every `headroom …` in it is parsed here as the
//! command line would. `tests/docs.rs` runs those that can be run.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{Parser, error::ErrorKind};

use super::Cli;

/// Every page that people read.
fn documents() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("docs")];
    let mut files: Vec<PathBuf> = ["README.md", "SECURITY.md"].map(|name| root.join(name)).to_vec();
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
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).ok()?;
        Some((path.strip_prefix(root).unwrap().to_owned(), text))
    };
    files.into_iter().filter_map(read).collect()
}

/// The fenced blocks of shell commands.
fn blocks(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in text.lines() {
        let bare = line.trim_start();
        match (&mut open, bare.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.split([' ', ',']).next() == Some("sh"), String::new())),
            (Some(_), Some("")) => {
                if let Some((true, block)) = open.take() {
                    found.push(block);
                }
            }
            (Some((_, block)), _) => {
                block.push_str(bare);
                block.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

/// Simple commands, each as its words: as much of a shell as our documentation uses.
fn commands(script: &str) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let (mut word, mut begun, mut redirected) = (String::new(), false, false);
    let mut letters = script.chars().peekable();
    let end = |all: &mut Vec<Vec<String>>, word: &mut String, begun: &mut bool, redirected: &mut bool| {
        if std::mem::take(begun) {
            let done = std::mem::take(word);
            if !std::mem::take(redirected) {
                all.last_mut().unwrap().push(done);
            }
        }
    };
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                if letters.next_if_eq(&'\n').is_none() {
                    word.extend(letters.next());
                    begun = true;
                }
            }
            '\'' | '"' => {
                begun = true;
                while let Some(inside) = letters.next_if(|next| *next != letter) {
                    word.push(inside);
                    if inside == '\\' && letter == '"' {
                        word.pop();
                        word.extend(letters.next());
                    }
                }
                letters.next();
            }
            '#' if !begun => while letters.next_if(|next| *next != '\n').is_some() {},
            '>' | '<' => {
                // The number of what is redirected is no word.
                if begun && word.chars().all(|digit| digit.is_ascii_digit()) {
                    word.clear();
                    begun = false;
                }
                end(&mut all, &mut word, &mut begun, &mut redirected);
                while letters.next_if(|next| matches!(next, '>' | '&' | '<')).is_some() {}
                redirected = true;
            }
            '\n' | ';' | '|' | '&' | '(' | ')' => {
                end(&mut all, &mut word, &mut begun, &mut redirected);
                redirected = false;
                all.push(Vec::new());
            }
            ' ' | '\t' => end(&mut all, &mut word, &mut begun, &mut redirected),
            other => {
                word.push(other);
                begun = true;
            }
        }
    }
    end(&mut all, &mut word, &mut begun, &mut redirected);
    all.retain(|words| !words.is_empty());
    all
}

/// What the program is given, if it is the program that is called: by itself, as another user, in a container, out of the source.
fn given(words: &[String]) -> Option<Vec<String>> {
    let first = words.first()?;
    let after = |name: &str| words.iter().position(|word| word == name).map(|at| &words[at + 1..]);
    let assigns =
        first.split_once('=').is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
    match first.rsplit('/').next()? {
        _ if assigns => given(&words[1..]),
        "headroom" => Some(words.to_vec()),
        "do" | "then" | "else" | "if" | "while" | "!" | "{" | "env" | "exec" | "time" => given(&words[1..]),
        "sudo" => given(&words[if words.get(1)? == "-u" { 3 } else { 1 }..]),
        "docker" => {
            let rest = after("exec").or_else(|| after("run"))?;
            let service = rest.iter().position(|word| !word.starts_with('-'))?;
            given(&rest[service + 1..])
        }
        "cargo" if words.get(1)? == "run" && after("--example").is_none() => {
            Some([&["headroom".to_owned()], after("--").unwrap_or_default()].concat())
        }
        _ => None,
    }
}

/// A synopsis as one of the commands it stands for: with what may be left out, by the first of what can be chosen.
fn bare(synopsis: &str) -> String {
    let word = |word: &str| {
        word.trim_matches(['[', ']', '…'])
            .split(['|', '\\'])
            .next()
            .unwrap_or_default()
            .trim_matches(['[', ']'])
            .to_owned()
    };
    synopsis.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_command_in_a_block_is_taken() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (path, text) in documents() {
        for words in blocks(&text).iter().flat_map(|block| commands(block)).filter_map(|words| given(&words)) {
            seen += 1;
            if let Err(refused) = Cli::try_parse_from(&words)
                && !matches!(refused.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion)
            {
                wrong.push(format!("{}: {}\n{refused}", path.display(), words.join(" ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 50, "only {seen} commands were found");
}

#[test]
fn every_command_that_is_mentioned_exists() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (path, text) in documents() {
        for span in
            text.split('`').skip(1).step_by(2).filter(|span| span.starts_with("headroom ") && !span.contains('\n'))
        {
            for words in commands(&bare(span)).iter().filter_map(|words| given(words)) {
                seen += 1;
                // A mention may leave out what is not its subject; what it names has to be there.
                if let Err(refused) = Cli::try_parse_from(&words)
                    && matches!(refused.kind(), ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand)
                {
                    wrong.push(format!("{}: {span}\n{refused}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 30, "only {seen} mentions were found");
}

#[test]
fn a_shell_is_read_as_far_as_it_is_used() {
    let words = |script: &str| commands(script).iter().filter_map(|words| given(words)).collect::<Vec<_>>();
    assert_eq!(words("A=1 headroom org list # all\nls"), [["headroom", "org", "list"]]);
    assert_eq!(
        words("cut -f3 x | headroom invite send \\\n  --file - > out 2>&1"),
        [["headroom", "invite", "send", "--file", "-"]]
    );
    assert_eq!(words("sudo -u headroom headroom doctor; journalctl -u headroom -f"), [["headroom", "doctor"]]);
    assert_eq!(
        words("docker compose exec headroom /usr/local/bin/headroom doctor"),
        [["/usr/local/bin/headroom", "doctor"]]
    );
    assert_eq!(words("key=$(headroom key create --org 'A B')"), [["headroom", "key", "create", "--org", "A B"]]);
    assert_eq!(words("cargo run --release -- dev --json"), [["headroom", "dev", "--json"]]);
    assert_eq!(words("cargo run --release"), [["headroom"]]);
    assert_eq!(words("systemctl restart headroom"), Vec::<Vec<String>>::new());
}
