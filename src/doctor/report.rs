//! A report to hand on to whoever helps: how the server is, and nothing of where it is or whose.

use std::{fmt::Write, time::Duration};

use url::Url;

use super::{Sizes, Taken, spoken};
use crate::{config::Config, redaction};

/// Settings whose values say where something is, or whose.
const PLACES: [&str; 9] = [
    "data",
    "base_url",
    "whitelabel_url",
    "mail_from",
    "generator_url",
    "generator_graph",
    "storage",
    "backup_dir",
    "dns",
];

/// The report. `schema` is the database's; `sizes` are nothing where everything is in memory.
pub fn report(config: &Config, schema: i32, up: Duration, sizes: Option<&Sizes>, findings: &[Taken]) -> String {
    let mut text = format!(
        "Headroom {}, schema {schema}, up for {}, {}-{}\n",
        env!("CARGO_PKG_VERSION"),
        spoken(up),
        std::env::consts::OS,
        std::env::consts::ARCH,
    );
    if let Some(sizes) = sizes {
        let _ = writeln!(
            text,
            "database {} MB, write-ahead log {} MB, free for photos {} MB",
            sizes.database >> 20,
            sizes.log >> 20,
            sizes.free >> 20,
        );
    }
    for taken in findings {
        let _ = writeln!(text, "{}", taken.found.line());
    }
    redaction::for_report(&text, &known(config))
}

/// Names that could stand in a finding and don't look like any.
fn known(config: &Config) -> Vec<String> {
    let printed = config.printed();
    let mut known: Vec<String> = Vec::new();
    for value in PLACES.iter().filter_map(|name| printed.get(name)) {
        known.push((*value).to_owned());
        known.extend(Url::parse(value).ok().and_then(|url| url.host_str().map(ToOwned::to_owned)));
    }
    known.extend(config.mail.from.name.clone());
    if let Some(url) = config.mail.smtp.as_ref().and_then(|url| Url::parse(url.reveal()).ok()) {
        known.extend(url.host_str().map(ToOwned::to_owned));
        known.push(url.username().to_owned());
        known.extend(url.password().map(ToOwned::to_owned));
    }
    known.push(rustix::system::uname().nodename().to_string_lossy().into_owned());
    // Everybody's, which give nothing away and stand in sentences.
    known.retain(|name| !["", "data", "Headroom", "localhost"].contains(&name.as_str()));
    // The longest first: one may be part of another.
    known.sort_by_key(|name| std::cmp::Reverse(name.len()));
    known
}
