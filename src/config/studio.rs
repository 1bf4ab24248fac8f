//! Who makes the headshots, and what the processes are allowed that do it here.

use std::{path::PathBuf, thread, time::Duration};

use headroom_studio::Thresholds;

/// Who makes the headshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// This server, out of the photos.
    Studio,
    /// Nobody: they are test data.
    Sample,
    /// Another server.
    Elsewhere,
}

/// When a shoot gets a processor that others on the machine want too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// When nobody else wants it, and for so long. Nothing else on the machine gets slower.
    Idle,
    /// Now and then: also where something else never rests.
    Low,
    /// As everyone else.
    Normal,
}

/// What the children that work on pictures are allowed.
#[derive(Clone, Debug)]
pub struct Studio {
    /// The program they are: this one, as it runs.
    pub program: PathBuf,
    /// Bytes of memory for a shoot or an edit.
    pub memory: u64,
    /// How long a shoot may be worked on.
    pub time: Duration,
    /// Shoots that are made at the same time, if that is said; otherwise one for every two processors.
    pub shoots: Option<usize>,
    /// When a shoot gets a processor.
    pub priority: Priority,
    /// Bytes of memory for an upload: a large photo has to be unpacked whole.
    pub upload_memory: u64,
    /// How long an upload may take.
    pub upload_time: Duration,
    /// Where findings about photos begin.
    pub thresholds: Thresholds,
}

/// The processors a shoot has for itself.
pub const CORES_A_SHOOT: usize = 2;

impl Studio {
    /// Shoots that are made at the same time.
    pub fn at_once(&self) -> usize {
        self.shoots.unwrap_or_else(|| (cores() / CORES_A_SHOOT).max(1))
    }
}

/// The processors of this machine.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// With fewer megabytes, no ordinary photo could be worked on.
pub(super) const LEAST_MEMORY: u64 = 300;

/// Where this program is, also after its file was replaced by a newer one.
pub(super) fn this_program() -> PathBuf {
    if cfg!(target_os = "linux") {
        PathBuf::from("/proc/self/exe")
    } else {
        std::env::current_exe().unwrap_or_else(|_| PathBuf::from("headroom"))
    }
}
