//! The real server in a process of its own, for tests that kill it.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

pub(crate) struct Process {
    process: Child,
    pub(crate) url: String,
}

impl Process {
    /// One that serves this data directory, with more settings in its environment.
    pub(crate) fn start(data: &Path, settings: &[(&str, &str)]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_headroom"))
            .env_clear()
            .current_dir(data)
            .args(["--data", &data.display().to_string(), "serve", "--listen", "127.0.0.1:0", "--json"])
            .env("HEADROOM_RATE_LIMIT", "0")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).expect("a line of JSON once it accepts connections");
        Self { process, url: said["url"].as_str().unwrap().to_owned() }
    }
}

impl Drop for Process {
    /// With SIGKILL: nothing in the process gets a last word.
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}
