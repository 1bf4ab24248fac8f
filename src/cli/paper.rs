//! `headroom man` and `headroom completions`: what packages install beside the program, made from the command line itself.

use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use serde_json::json;

use super::{Cli, Common, Said};
use crate::error::{Error, Result};

/// What `man` takes.
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Write a page for every command into this directory, instead of printing the first one
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// What `completions` takes.
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// For which shell
    shell: Shell,
}

pub(super) fn man(args: &ManArgs) -> Result<Said> {
    match &args.out {
        Some(folder) => write_pages(folder),
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(commands()).render(&mut page)?;
            let page = String::from_utf8(page).map_err(Error::internal)?;
            Ok(Said::new(json!({ "page": page }), page))
        }
    }
}

fn write_pages(folder: &Path) -> Result<Said> {
    let cannot = |cause| {
        Error::invalid(plain!("{} can't be written: {cause}. Name another directory with --out.", folder.display()))
    };
    std::fs::create_dir_all(folder).map_err(cannot)?;
    clap_mangen::generate_to(commands(), folder).map_err(cannot)?;
    Ok(Said::new(json!({ "directory": folder }), format!("Wrote the manual pages to {}.", folder.display())))
}

pub(super) fn completions(args: &CompletionsArgs) -> Result<Said> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut commands(), "headroom", &mut script);
    let script = String::from_utf8(script).map_err(Error::internal)?;
    Ok(Said::new(json!({ "script": script }), script))
}

/// Those that people give: what only the server starts is in no list.
fn commands() -> Command {
    let all = Cli::command();
    let shown: Vec<_> = all.get_subcommands().filter(|one| !one.is_hide_set()).cloned().collect();
    let bare = Command::new("headroom").disable_help_subcommand(true).version(env!("CARGO_PKG_VERSION"));
    // What all commands take brings words of its own along.
    Common::augment_args(bare).about(all.get_about().cloned().unwrap_or_default()).subcommands(shown)
}
