//! For tests of what becomes of files whose sender goes while they are on their way to the disk.

use std::{sync::mpsc, time::Duration};

use tokio::{
    runtime::{Builder, Runtime},
    task::{spawn_blocking, yield_now},
    time::timeout,
};

use super::{Key, Storage};

/// How long a file that should go may stay, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Holds up all work on files until it is opened.
pub(crate) struct Gate(mpsc::Sender<()>);

impl Gate {
    /// Where there can be one: work on files is done there in the order it was asked for, one after the other.
    pub(crate) fn runtime() -> Runtime {
        Builder::new_current_thread().enable_all().max_blocking_threads(1).build().unwrap()
    }

    /// Has all that is asked for from now on wait.
    pub(crate) fn close() -> Self {
        let (gate, opened) = mpsc::channel();
        spawn_blocking(move || opened.recv());
        Self(gate)
    }

    /// Lets through what was asked for, also by what was spawned a moment ago.
    pub(crate) async fn open(self) {
        yield_now().await;
        drop(self.0);
    }
}

/// Waits until there is no such file. What was let through before is at its place by then.
pub(crate) async fn until_gone(storage: &Storage, key: Key<'_>) {
    let gone = async { while storage.get(key).await.unwrap().is_some() {} };
    timeout(PATIENCE, gone).await.expect("the file is taken away again");
}
