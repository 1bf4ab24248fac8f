//! What is installed beside the program: manual pages, completions, the unit for systemd, images.
#![expect(clippy::unwrap_used, reason = "a test that can't go on panics, its helpers included")]

mod packaging {
    mod images;
    mod paper;
    mod release;
    mod security;
    mod service;

    use std::{
        path::{Path, PathBuf},
        process::{Command, Output, Stdio},
    };

    pub(crate) fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    pub(crate) fn headroom(folder: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_headroom"));
        command.current_dir(folder).env_clear().stdin(Stdio::null());
        command
    }

    /// What it prints, if it is well.
    #[track_caller]
    pub(crate) fn printed(output: Output) -> String {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Where a program is, or nothing: said, so that nobody takes a check for made that was not.
    #[expect(clippy::print_stderr, reason = "what is skipped is said")]
    pub(crate) fn tool(name: &str) -> Option<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
        if found.is_none() {
            eprintln!("skipped: there is no {name} here");
        }
        found
    }
}
