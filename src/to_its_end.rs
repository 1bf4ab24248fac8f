//! Work that is done to its end, whoever waits for it.
//!
//! A handler is dropped in the middle when its sender hangs up, but a file on its way to the disk gets there all the same. Whatever
//! stores a file and then sees to it that somebody knows of it, or takes it away again, is done with [`to_its_end`]: stopped
//! half-way, it would leave behind what nobody knows and nobody ever deletes.

use tracing::Instrument;

use crate::error::{Error, Result};

/// Does this to its end, also if whoever waits for it goes meanwhile.
///
/// # Errors
/// The work's own; it panicked.
pub async fn to_its_end<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    tokio::spawn(work.in_current_span()).await.map_err(Error::internal)?
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn what_was_begun_is_ended_when_whoever_waited_has_gone() {
        let (go_on, told) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let work = to_its_end(async move {
            told.await.map_err(Error::internal)?;
            end.send("the end").map_err(Error::internal)
        });
        assert!(work.now_or_never().is_none());
        go_on.send(()).unwrap();
        assert_eq!(ended.await.unwrap(), "the end");
    }
}
