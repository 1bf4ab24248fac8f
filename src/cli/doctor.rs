//! `headroom doctor`: whether this server can work, check by check.

use serde_json::json;

use super::Said;
use crate::{
    clock::Clock,
    config::Config,
    doctor::{Bench, Check, Found},
    error::Result,
    server,
};

pub(super) fn run(config: &Config) -> Result<Said> {
    let bench = Bench::new(config, Clock::system().now(), server::is_running(config))?;
    let found: Vec<Found> = Check::ALL.iter().map(|check| bench.look(*check)).collect();
    let failed = found.iter().filter(|found| !found.ok).count();
    let warned = found.iter().any(|found| found.warning);
    let lines: Vec<String> = found.iter().map(Found::line).collect();
    let end = match failed {
        0 if warned => "No check failed; see to what has a warning.".to_owned(),
        0 => "All is well.".to_owned(),
        1 => "1 check failed.".to_owned(),
        more => format!("{more} checks failed."),
    };
    let json =
        |one: &Found| json!({ "check": one.check.word(), "ok": one.ok, "warning": one.warning, "detail": one.detail });
    let list = found.iter().map(json).collect();
    Ok(Said { failed: failed > 0, ..Said::new(list, format!("{}\n{end}", lines.join("\n"))) })
}
