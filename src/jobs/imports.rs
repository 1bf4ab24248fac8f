//! Invites people out of a table, a piece of it at a time.

use crate::{app::App, error::Result, ids::ImportId, imports, queue::Next};

/// One piece a run: a server that is killed in between has lost nothing, and another organization's import takes turns with it.
pub(super) async fn go_on(app: &App, id: ImportId) -> Result<Next> {
    let more = app.db.write(move |tx| imports::work(tx, &id)).await?;
    Ok(if more { Next::Again(app.db.clock().now()) } else { Next::Done })
}
