//! The command line: one more door to the same functions. Sentences go to standard error, results to standard output.

use std::{io::Write, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use serde_json::Value;
use url::Url;

use crate::{
    api::openapi,
    clock::Clock,
    config::{Config, Sources, Urls},
    db::{Db, Place},
    error::{Error, Result},
    outbound::{Means, Outbound},
    secrets::ServerKey,
    server, studio as workshop,
};

mod audit;
mod backdrops;
mod backup;
mod consent;
mod credits;
mod doctor;
#[cfg(test)]
mod documented;
mod fields;
mod health;
mod invites;
mod jobs;
mod keys;
mod links;
mod logging;
mod mails;
mod members;
mod notify;
mod organizations;
mod paper;
mod privacy;
mod serve;
mod sign_on;
mod storage;
mod studio;
mod styles;
mod supervisor;
mod two_factor;
mod webhooks;
mod worker;

/// Self-hosted professional headshots for a whole organization.
#[derive(Debug, Parser)]
#[command(name = "headroom", version, about, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
struct Common {
    /// Directory of the database and the photos [default: data]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Configuration file [default: headroom.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print one JSON object on standard output
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve API, pages and jobs until stopped; `headroom` alone does the same
    Serve(serve::ServeArgs),
    /// The same on an in-memory database with a demo organization, for trying and for tests
    Dev(serve::DevArgs),
    /// Make, list and change organizations
    #[command(subcommand)]
    Org(organizations::Command),
    /// Make, list and revoke API keys
    #[command(subcommand)]
    Key(keys::Command),
    /// Grant credits and read the ledger
    #[command(subcommand)]
    Credits(credits::Command),
    /// Send, list, remind of and revoke invites
    #[command(subcommand)]
    Invite(invites::Command),
    /// List people, change roles, grant retries, and remove people
    #[command(subcommand)]
    Member(members::Command),
    /// Make, list and revoke open invite links
    #[command(subcommand)]
    Link(links::Command),
    /// Add, list, rename and remove an organization's own backdrops, and say which ones people choose from
    #[command(subcommand, alias = "backdrops")]
    Backdrop(backdrops::Command),
    /// Set what an organization asks its people besides their photos
    #[command(subcommand, alias = "fields")]
    Field(fields::Command),
    /// Write what is set for headshots to a file, and set what such a file says
    #[command(subcommand, alias = "styles")]
    Style(styles::Command),
    /// Set where events are posted to, try it out, and see what was delivered
    #[command(subcommand)]
    Webhook(webhooks::Command),
    /// Look at the queues, and let jobs that gave up run again
    #[command(subcommand)]
    Jobs(jobs::Command),
    /// Look whether the audit logs are as they were written, and take one out
    #[command(subcommand)]
    Audit(audit::Command),
    /// Take out what is kept about a member, and list the receipts of deletions
    #[command(subcommand)]
    Privacy(privacy::Command),
    /// See an organization's mails, and have them say what it wants in its name
    #[command(subcommand)]
    Mail(mails::Command),
    /// See and change what leads hear of by mail
    #[command(subcommand)]
    Notify(notify::Command),
    /// See and change what people agree to before photos are handed in
    #[command(subcommand)]
    Consent(consent::Command),
    /// Set and change how an organization's people sign in at its identity provider
    #[command(subcommand)]
    Sso(sign_on::Command),
    /// Name, prove and give up the mail domains of an organization
    #[command(subcommand)]
    Domain(sign_on::DomainCommand),
    /// Print a sign-in link, for a locked-out owner or an instance without mail
    Signin {
        /// Whose
        email: String,
    },
    /// Take second factors off, for someone who has lost them
    #[command(subcommand)]
    Twofactor(two_factor::Command),
    /// Write database and photos into one file, beside a running server or without one, and look whether such a file is whole
    Backup(backup::BackupArgs),
    /// Put a backup in place of what the data directory holds, which is kept; no server may run on it
    Restore(backup::RestoreArgs),
    /// Check whether this server can work, and say what to do where it can't; leaves everything as it was
    Doctor,
    /// Ask a running server whether it can work; ends with 1 if it can't
    Health(health::HealthArgs),
    /// Move photos from a directory to S3, or back
    #[command(subcommand)]
    Storage(storage::Command),
    /// Make headshots out of photos here and now, without a server
    Studio(studio::StudioArgs),
    /// Make headshots on this machine for a server on another one
    Worker(worker::WorkerArgs),
    /// Work on pictures for a server, which alone starts this
    #[command(name = workshop::COMMAND, hide = true)]
    Workbench {
        /// On what: for whoever looks at the list of processes
        purpose: String,
    },
    /// Print the OpenAPI document of the API
    Openapi,
    /// Print the manual page, or write one for every command
    Man(paper::ManArgs),
    /// Print what lets a shell complete these commands
    Completions(paper::CompletionsArgs),
    /// Show the effective configuration, or begin a file
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print the effective configuration, secrets hidden
    Print,
    /// Write a commented headroom.toml
    Init,
}

/// What a command has to say.
struct Said {
    /// For `--json`.
    json: Value,
    /// For people.
    words: String,
    /// Whether the command ends as one that failed, although it has something to say.
    failed: bool,
}

impl Said {
    fn new(json: Value, words: impl Into<String>) -> Self {
        Self { json, words: words.into(), failed: false }
    }
}

/// Runs the command line. Exit status: 0 done, 1 refused or failed, 2 wrong usage.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Some(Command::Workbench { .. })) {
        return workshop::work();
    }
    let json = cli.common.json;
    if let Some(Command::Studio(args)) = &cli.command {
        return match studio::run(&cli.common, args) {
            Ok((said, well)) => {
                say(json, &said);
                if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
            }
            Err(error) => failed(&error),
        };
    }
    match run(cli) {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(said)) => {
            say(json, &said);
            if said.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &Error) -> ExitCode {
    // With nowhere to write to there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "{}", explained(error));
    ExitCode::FAILURE
}

/// A failure of ours comes with its cause here: who sits at the command line is who can do something about it.
fn explained(error: &Error) -> String {
    match error {
        Error::Internal(_) => error.trail(),
        _ => error.to_string(),
    }
}

fn say(json: bool, said: &Said) {
    let mut out = std::io::stdout().lock();
    let _ = if json { writeln!(out, "{}", said.json) } else { writeln!(out, "{}", said.words.trim_end()) };
    let _ = out.flush();
}

fn run(cli: Cli) -> Result<Option<Said>> {
    let common = cli.common;
    let command = cli.command.unwrap_or(Command::Serve(serve::ServeArgs::default()));
    match command {
        Command::Serve(args) => serve::serve(&common, args).map(|()| None),
        Command::Dev(args) => serve::dev(&common, args).map(|()| None),
        Command::Backup(args) => backup::run(&common, &args).map(Some),
        Command::Restore(args) => backup::restore(&common, &args).map(Some),
        Command::Worker(args) => worker::run(&common, args).map(|()| None),
        Command::Doctor => doctor::run(&load(&common, &Sources::default())?).map(Some),
        // Seen to before: the one reads no configuration, and the other may fail in part.
        Command::Workbench { .. } | Command::Studio(_) => Ok(None),
        Command::Health(args) => health::run(&common, args).map(Some),
        Command::Openapi => openapi(&common).map(Some),
        Command::Man(args) => paper::man(&args).map(Some),
        Command::Completions(args) => paper::completions(&args).map(Some),
        Command::Config(command) => config(&common, &command).map(Some),
        Command::Org(command) => organizations::run(&Station::open(&common)?, command).map(Some),
        Command::Key(command) => keys::run(&Station::open(&common)?, command).map(Some),
        Command::Credits(command) => credits::run(&Station::open(&common)?, command).map(Some),
        Command::Invite(command) => invites::run(&Station::open(&common)?, command).map(Some),
        Command::Member(command) => members::run(&Station::open(&common)?, command).map(Some),
        Command::Link(command) => links::run(&Station::open(&common)?, command).map(Some),
        Command::Backdrop(command) => backdrops::run(&Station::open(&common)?, command).map(Some),
        Command::Field(command) => fields::run(&Station::open(&common)?, command).map(Some),
        Command::Style(command) => styles::run(&Station::open(&common)?, command).map(Some),
        Command::Webhook(command) => webhooks::run(&Station::open(&common)?, command).map(Some),
        Command::Jobs(command) => jobs::run(&Station::open(&common)?, command).map(Some),
        Command::Audit(command) => audit::run(&Station::open(&common)?, command),
        Command::Privacy(command) => privacy::run(&Station::open(&common)?, command).map(Some),
        Command::Mail(command) => mails::run(&Station::open(&common)?, command).map(Some),
        Command::Notify(command) => notify::run(&Station::open(&common)?, command).map(Some),
        Command::Consent(command) => consent::run(&Station::open(&common)?, command).map(Some),
        Command::Sso(command) => sign_on::run(&Station::open(&common)?, command).map(Some),
        Command::Domain(command) => sign_on::run_domain(&Station::open(&common)?, command).map(Some),
        Command::Twofactor(command) => two_factor::run(&Station::open(&common)?, command).map(Some),
        Command::Storage(command) => storage::run(&Station::open(&common)?, command).map(Some),
        Command::Signin { email } => organizations::sign_in(&Station::open(&common)?, &email).map(Some),
    }
}

/// As a server with this configuration serves it.
fn openapi(common: &Common) -> Result<Said> {
    let config = load(common, &Sources::default())?;
    let urls = Urls::new(&config.http, config.http.listen)?;
    Ok(Said::new(openapi::document(urls.base()), openapi::printed(urls.base())))
}

fn config(common: &Common, command: &ConfigCommand) -> Result<Said> {
    match command {
        ConfigCommand::Print => {
            let config = load(common, &Sources::default())?;
            let printed = config.printed();
            let words: Vec<String> = printed.iter().map(|(name, value)| format!("{name} = \"{value}\"")).collect();
            Ok(Said::new(serde_json::to_value(&printed)?, words.join("\n")))
        }
        ConfigCommand::Init => {
            let path = common.config.clone().unwrap_or_else(|| "headroom.toml".into());
            let shown = path.display();
            let mut file = std::fs::File::create_new(&path).map_err(|cause| {
                Error::invalid(plain!(
                    "{shown} can't be made: {cause}. Move the old one away, or name another with --config."
                ))
            })?;
            file.write_all(Config::example().as_bytes())?;
            Ok(Said::new(serde_json::json!({ "file": path }), format!("Wrote {shown}.")))
        }
    }
}

fn load(common: &Common, more: &Sources) -> Result<Config> {
    let mut sources = more.clone();
    sources.file = common.config.clone();
    if let Some(data) = &common.data {
        sources.flags.push(("data", data.display().to_string()));
    }
    Config::load(&sources)
}

/// Where a command works: on the data directory, beside a running server or without one.
struct Station {
    db: Db,
    urls: Urls,
    config: Config,
}

impl Station {
    fn open(common: &Common) -> Result<Self> {
        let config = load(common, &Sources::default())?;
        config.make_data()?;
        backup::finish_restoring(&config)?;
        let urls = Urls::new(&config.http, config.http.listen)?;
        let db = Db::open(&Place::File(config.database()), Clock::system())?;
        Ok(Self { db, urls, config })
    }

    /// The server's key, which is the first thing a server makes; a command may come before it.
    fn key(&self) -> Result<ServerKey> {
        ServerKey::kept_in(&self.config.key_file())
    }

    /// Refuses an address that a server with this configuration would post nothing to.
    fn must_be_allowed(&self, url: &Url) -> Result<()> {
        let outbound = self.outbound()?;
        self.wait(outbound.must_be_allowed(url))?
    }

    /// The way out of a server with this configuration.
    fn outbound(&self) -> Result<Outbound> {
        let own = [self.urls.base().to_owned(), self.urls.whitelabel_origin()];
        Outbound::new(&self.config, &own.each_ref().map(String::as_str), false, Means::default())
    }

    /// Waits for something that only the network knows.
    fn wait<T>(&self, work: impl Future<Output = T>) -> Result<T> {
        Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work))
    }

    /// Whether a server works on the same data directory.
    fn has_server(&self) -> bool {
        server::is_running(&self.config)
    }
}

/// Columns under their headings, as wide as they need to be.
fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([headings[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(headings.to_vec())];
    lines.extend(rows.iter().map(|row| line(row.iter().map(String::as_str).collect())));
    lines.join("\n")
}
