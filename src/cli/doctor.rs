//! `headroom doctor`: whether this server can work, check by check. Looks only, beside a running server or without one.
//!
//! A check is a function that takes a [`Bench`] and says what it found; it stands once, in [`CHECKS`].

use serde_json::json;

use super::Said;
use crate::{
    clock::{Clock, Timestamp},
    config::Config,
    error::{Error, Result},
};

mod database;
mod files;
mod network;

/// All checks, in the order they are said in.
const CHECKS: &[(&str, Check)] = &[
    ("data", files::data),
    ("photos", files::photos),
    ("disk", files::disk),
    ("database", database::schema),
    ("integrity", database::integrity),
    ("clock", database::clock),
    ("queue", database::queue),
    ("audit", database::audit),
    ("generator", network::generator),
    ("workers", database::workers),
    ("mail", network::mail),
    ("url", network::url),
];

/// What is checked, and who waits for the network.
struct Bench<'c> {
    config: &'c Config,
    now: Timestamp,
    runtime: tokio::runtime::Runtime,
}

/// One check.
type Check = fn(&Bench) -> Result<Finding>;

/// What a check found.
enum Finding {
    /// It is well.
    Fine(String),
    /// It is not: what it is, and what to do about it.
    Bad(String),
}

pub(super) fn run(config: &Config) -> Result<Said> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let bench = Bench { config, now: Clock::system().now(), runtime };
    let found: Vec<(&str, bool, String)> = CHECKS
        .iter()
        .map(|(name, check)| match check(&bench) {
            Ok(Finding::Fine(words)) => (*name, true, words),
            Ok(Finding::Bad(words)) => (*name, false, words),
            Err(error) => (*name, false, explained(&error)),
        })
        .collect();
    let failed = found.iter().filter(|(_, ok, _)| !ok).count();
    let lines: Vec<String> = found
        .iter()
        .map(|(check, ok, detail)| format!("{:<4}  {check:<10}  {detail}", if *ok { "ok" } else { "FAIL" }))
        .collect();
    let end = match failed {
        0 => "All is well.".to_owned(),
        1 => "1 check failed.".to_owned(),
        more => format!("{more} checks failed."),
    };
    let list = found.iter().map(|(check, ok, detail)| json!({ "check": check, "ok": ok, "detail": detail })).collect();
    Ok(Said { failed: failed > 0, ..Said::new(list, format!("{}\n{end}", lines.join("\n"))) })
}

/// A check that could not be made has failed, and whoever sits here is who can do something about it.
fn explained(error: &Error) -> String {
    match error {
        Error::Internal(_) => format!("This could not be checked: {}.", error.trail().trim_end_matches('.')),
        _ => error.to_string(),
    }
}

/// Seconds as people say them.
fn spoken(span: std::time::Duration) -> String {
    let whole = std::time::Duration::from_secs(span.as_secs());
    humantime::format_duration(whole).to_string().split(' ').take(2).collect::<Vec<_>>().join(" ")
}
