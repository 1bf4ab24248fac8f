//! What a test tried, counted for the table of `docs/reliability.md`; `tests/faults/tallies` puts it there.

use std::{fs, path::PathBuf};

use serde_json::json;

/// A count in the making. Only a test that passes ends it, so one that fails leaves none.
pub(crate) struct Tally(PathBuf);

impl Tally {
    /// Forgets what an earlier run of the same test counted.
    pub(crate) fn begin(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("tallies");
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("{name}.json"));
        let _ = fs::remove_file(&file);
        Self(file)
    }

    /// Keeps what was tried, how often, how often it got through, and which test it was.
    pub(crate) fn end(self, what: &str, tried: usize, through: usize, test: &str) {
        let count = json!({ "what": what, "tried": tried, "through": through, "test": test });
        fs::write(self.0, count.to_string()).unwrap();
    }
}
