//! The log: on standard error, because standard output belongs to results.

use std::io::{self, IsTerminal, Write};

use crate::{
    config::Config,
    error::{Error, Result, panic_words},
    redaction,
};

/// Libraries that tell of what is nobody's fault here: each worker that starts, each client that speaks no HTTP. A filter can ask
/// for it again.
const QUIET: &str = "actix_server=warn,actix_http::h1=off,apalis_core=warn";

/// Begins to log, as configured.
///
/// # Errors
/// A filter that can't be read.
pub(super) fn begin(config: &Config) -> Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(format!("{QUIET},{}", config.log.filter)).map_err(|_| {
        Error::invalid(plain!("Setting \"log\" can't be \"{}\"; an example that works: info.", config.log.filter))
    })?;
    let logger = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| Redacted(io::stderr()))
        // Where standard error can't be written, such as a file on a full disk, it would be told there, and panic.
        .log_internal_errors(false)
        .with_ansi(io::stderr().is_terminal());
    let done = if config.log.json { logger.json().try_init() } else { logger.try_init() };
    done.map_err(Error::internal)?;
    // A panic is a line like any other, of the request that it ended.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, why = panic_words(panic.payload()), "something panicked");
    }));
    Ok(())
}

/// Writes without addresses of people and without secrets, whoever said them. The formatter hands over a whole line at once.
struct Redacted<W>(W);

impl<W: Write> Write for Redacted<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_all(redaction::for_log(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
